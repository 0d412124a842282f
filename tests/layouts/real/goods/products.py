"""Layouts of competitions and data sets of products, furniture and kitchenware."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from layouts.real.files import write_json, write_lines
from layouts.real.kinds import LABELS, NUMBER, RANKS, TARGETS
from layouts.real.made import BROAD, SIZE, Builder, DataSet, Readings, RealLayout, Rows
from layouts.real.names import hex_name, word_name
from layouts.real.outlines import draw_boxes
from layouts.real.photos import write_photos
from layouts.real.readings import (
    beyond_scope,
    in_folders,
    reading_of,
    with_labels,
    with_train_labels,
)
from layouts.real.tables import label_text, write_competition
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]


def _furniture(data: Path) -> LayoutTruth:
    """Lists of addresses; pictures as the participants' script downloads them."""
    made, rows, shown = Builder(data), list[tuple[str, ...]](), []
    classes = ("1", "3", "5", "20", "127", "128")
    for part, n in (("train", 24), ("validation", 6), ("test", 8)):
        images, notes = [], []
        for number in range(1, n + 1):
            label = classes[number % 6]
            images.append(
                {"image_id": number, "url": [f"https://img.example.com/{part}{number}a.jpg"]}
            )
            notes.append({"image_id": number, "label_id": int(label)})
            to = "test" if part == "test" else "train"
            made.image(f"{part}/{number}.jpg", TrueSample(BROAD, label), part=to)
            if part == "test":
                rows.append((str(number), label))
                shown.append([str(number), classes[number * 5 % 6]])
        known = {} if part == "test" else {"annotations": notes}
        write_json(made, f"{part}.json", {"images": images, **known})
    made.table("sample_submission_randomlabel.csv", ["id", "predicted"], shown)
    columns = {"id": "key", "predicted": "text"}
    return made.truth({"classify": "multiclass"}, columns, rows, classes=classes)


KITCHEN = ("cup", "fork", "glass", "knife", "plate", "spoon")


_kitchenware = partial(
    write_competition, images=("images/{name}.jpg", "images/{name}.jpg"),
    names=lambda part, number: f"{number * 5 + (part == 'test'):04d}", labels=KITCHEN,
    classes=KITCHEN, kind="multiclass", header=["Id", "label"],
    row=lambda name, label: [name, str(label)], columns={"Id": "key", "label": "text"},
    test_table=["Id"], shown=lambda name: [name, "fork"],
    answer=lambda name, true: [name, str(true.label)], n=(24, 8),
)  # fmt: skip


def _plates(data: Path) -> Readings:
    truth = write_competition(
        data, images=("plates/train/{label}/{name}.jpg", "plates/test/{name}.jpg"),
        names=lambda part, number: f"{number // 2 if part == 'train' else number:04d}",
        labels=("cleaned", "dirty"), classes=("cleaned", "dirty"), kind=["binary", "multiclass"],
        columns={"id": "key", "label": "text"}, n=(32, 10), shown=lambda name: [name, "dirty"],
        answer=lambda name, true: [name, label_text(true)],
    )  # fmt: skip
    made = Builder(data)
    for path in truth.train:
        made.text(f"__MACOSX/{path.rpartition('/')[0]}/._{Path(path).name}", "Mac OS X")
    for folder in ("train", "train/cleaned", "train/dirty", "test"):
        made.text(f"plates/{folder}/.DS_Store", "x")
    return (truth,)


def _products(data: Path) -> Readings:
    """Folders thrice in each other; folders 03, and 3 in the table; all of the sample is 43."""
    made, rows, cells, classes = Builder(data), list[tuple[str, ...]](), [], ("3", "9", "11", "41")
    for number in range(40):
        part, label = "train" if number < 32 else "test", classes[number * 3 % 4]
        name = f"{hex_name('product', number, length=32)}.jpg"
        folder = f"train/train/train/{int(label):02d}" if part == "train" else "test/test/test"
        made.image(f"{folder}/{name}", TrueSample(BROAD, label), part=part)
        (cells if part == "train" else rows).append((name, label))
    columns = {"filename": "key", "category": "text"}
    made.table("train.csv", list(columns), cells)
    made.table("test.csv", list(columns), [[one, "43"] for one, _ in rows])
    truth = made.truth(LABELS, columns, rows, classes=classes)
    padded = {
        path: f"{int(str(one.label)):02d}" for path, one in {**truth.train, **truth.test}.items()
    }
    of_two = [(name, f"{int(label):02d}") for name, label in rows]
    other = with_labels(truth, padded)
    file = replace(truth.file, rows=of_two) if truth.file is not None else None
    return truth, replace(other, file=file, classes=tuple(f"{int(one):02d}" for one in classes))


GOODS = ("BabyBibs", "BabyHat", "BabyPants", "WomanChiffonTop")


def _baby_goods(data: Path) -> Readings:
    """Numbers are sent for folders, and a text beside says which."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    for label in GOODS:
        write_photos(
            made,
            [f"Training Images/Training Images/{label}/{label}_{k}.jpg" for k in range(1, 9)],
            label,
        )
    for k in range(1, 11):
        label = GOODS[k * 3 % 4]
        made.image(f"Test Images/Test Images/Test_{k}.jpg", TrueSample(SIZE, label), part="test")
        rows.append((str(k), str(GOODS.index(label))))
    columns = {"id": "key", "category": "text"}
    made.table("sample_submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    made.text(
        "data.txt",
        "Categories:\n\n" + "".join(f"{one}: {place}\n" for place, one in enumerate(GOODS)),
    )
    return (made.truth(LABELS, columns, rows, classes=GOODS),)


GOODS_OF_NDSC_BEGINNER = {
    "Mobile": {"Others Mobile & Tablet": 35, "Iphone": 31, "Samsung": 32},
    "Fashion": {"Others": 17, "Party Dress": 19, "Maxi Dress": 20},
    "Beauty": {"Foundation": 1, "Lip Tint": 12, "Blush On": 2},
}


def _goods(data: Path) -> Readings:
    """Three folders of images, of both parts; a title in words; some paths without their ending; from memory and code."""
    made, cells, tests, rows = Builder(data), [], [], Rows()
    every = [
        (kind, name, n)
        for kind, names in GOODS_OF_NDSC_BEGINNER.items()
        for name, n in names.items()
    ]
    words = ("promo", "original", "murah", "import", "ready stock", "free ongkir")
    for k in range(66):
        kind, name, number = every[k * 4 % 9]
        part = "train" if k < 50 else "test"
        path = f"{kind.lower()}_image/{hex_name('goods', k, length=32)}.jpg"
        made.image(path, TrueSample((40, 36 + k % 4), str(number)), part=part)
        item, title = (
            str(307504 + k * 1171),
            f"{name.lower()} {words[k % 6]} {words[k * 5 % 6]} {k}",
        )
        shown = path[:-4] if kind == "Mobile" else path
        if part == "train":
            cells.append([item, title, str(number), shown])
        else:
            tests.append([item, title, shown])
            rows.append((item, str(number)))
    made.table("train.csv", ["itemid", "title", "Category", "image_path"], cells)
    made.table("test.csv", ["itemid", "title", "image_path"], tests)
    columns = {"itemid": "key", "Category": "text"}
    made.table(
        "data_info_val_sample_submission.csv",
        list(columns),
        [[one, str(every[k % 9][2])] for k, (one, _) in enumerate(rows)],
    )
    write_json(made, "categories.json", GOODS_OF_NDSC_BEGINNER)
    classes = [str(n) for _, _, n in every]
    return (made.truth(LABELS, columns, rows, classes=classes),)


GOODS_OF_FRANCE = (
    ("10", "Olivia: Personalisiertes Notizbuch / 150 Seiten / Punktraster / Ca Din A5 / Rosen-Design", ""),
    ("2280", "Journal Des Arts (Le) N° 133 Du 28/09/2001 - L'art Et Son Marche Salon D'art Asiatique A Paris", ""),
    ("50", "Grand Stylet Ergonomique Bleu Gamepad Nintendo Wii U - Speedlink Pilot Style", "PILOT STYLE Touch Pen de marque Speedlink est 1 stylet ergonomique pour GamePad Nintendo Wii U.<br> Pour un confort optimal"),
    ("1280", "Peluche Donald - Europe - Disneyland 2000 (Marionnette À Doigt)", ""),
    ("2705", "La Guerre Des Tuques", "Luc a des id&eacute;es de grandeur. Il veut organiser un jeu de guerre de boules de neige.\nSes amis, eux, veulent la paix."),
    ("2583", "Piscine \"Zodiac\" hors sol, ronde", "<p>Dimensions : 4,60 x 1,20 m</p>\n<ul><li>Pompe incluse</li></ul>"),
    ("1560", "Lot De 2 Chaises, bois massif", ""),
)  # fmt: skip


def _goods_of_france(data: Path) -> Readings:
    """Names of images are made of two columns; texts with new lines; a first column without a name; answers in a table of their own."""
    made, known = Builder(data), list[list[str]]()
    tables: dict[str, list[list[str]]] = {"train": [], "test": []}
    for k in range(60):
        part = "train" if k < 44 else "test"
        code, title, text = GOODS_OF_FRANCE[k * 3 % 7]
        image, product = str(938777978 + k * 7_211_113), str(201115110 + k * 31_337_777)
        write_photos(
            made, [f"images/image_{part}/image_{image}_product_{product}.jpg"], code, (44, 44)
        )
        number = str(k if part == "train" else 84872 + k)
        tables[part].append([number, f"{title} {k}", text, product, image])
        if part == "train":
            known.append([number, code])
    for part, cells in tables.items():
        made.table(f"X_{part}_update.csv", ["", "designation", "description", "productid", "imageid"], cells)  # fmt: skip
    made.table("Y_train_CVw08PX.csv", ["", "prdtypecode"], known)
    classes = [code for code, *_ in GOODS_OF_FRANCE]
    return (reading_of(made, LABELS, test=in_folders("images/image_test"), classes=classes),)


# Products-10K: users' code, and memory of the table of test.
def _products_10k(data: Path) -> Readings:
    """Numbers for names, which both parts have; a class and a group of classes; the table of test tells the class too."""
    made, of = Builder(data), dict[str, tuple[str, str]]()
    tables: dict[str, list[list[str]]] = {"train": [], "test": []}
    for k in range(72):
        part, n = ("train", k + 1) if k < 54 else ("test", (k - 54) * 5 + 2)
        place = k // 6 if part == "train" else (k - 54) // 2
        label, group = str(place), str(place // 3)
        path = f"{part}/{n}.jpg"
        write_photos(made, [path], None, (40, 40))
        of[path] = (label, group)
        last = group if part == "train" else ("Public", "Private")[k % 2]
        tables[part].append([f"{n}.jpg", label, last])
    made.table("train.csv", ["name", "class", "group"], tables["train"])
    made.table("test_kaggletest.csv", ["name", "class", "Usage"], tables["test"])
    found = list[LayoutTruth]()
    for place in (0, 1):
        classes = dict.fromkeys(one[place] for one in of.values())
        truth = reading_of(made, LABELS, test=in_folders("test"), classes=classes)
        found.append(with_train_labels(truth, {path: one[place] for path, one in of.items()}))
    return tuple(found)


WARES = ("bicycle", "cabinet", "chair", "coffee_maker")


# Stanford Online Products: memory.
def _wares(data: Path) -> Readings:
    """Texts with blanks and a header, and four numbers of which the last but one is a class; folders of classes; products of test are others."""
    made, top, number, product = Builder(data), "Stanford_Online_Products", 0, 0
    lists: dict[str, list[str]] = {"train": [], "test": []}
    of, tested = dict[str, tuple[str, str, str]](), set[str]()
    for part in ("train", "test"):
        for n, ware in enumerate(WARES, 1):
            for _ in range(4 if part == "train" else 2):
                product += 1
                for view in range(3):
                    number += 1
                    inner = f"{ware}_final/{111085122871 + product * 9_001}_{view}.JPG"
                    path = f"{top}/{inner}"
                    write_photos(made, [path], None, (36 + view, 44))
                    lists[part].append(f"{number} {product} {n} {inner}")
                    of[path] = (str(n), f"{ware}_final", str(product))
                    if part == "test":
                        tested.add(path)
    header = "image_id class_id super_class_id path"
    for part, lines in lists.items():
        write_lines(made, f"{top}/Ebay_{part}.txt", [header, *lines])
    write_lines(made, f"{top}/Ebay_info.txt", [header, *lists["train"], *lists["test"]])
    for ware in WARES:
        made.text(f"{top}/{ware}_final.txt", "http://example.org/item 111085122871\n")
    found = list[LayoutTruth]()
    for place in (0, 1, 2):
        known = {path: one[place] for path, one in of.items() if path not in tested}
        classes = dict.fromkeys(known.values())
        truth = reading_of(made, LABELS, test=lambda path: path in tested, classes=classes)
        found.append(with_train_labels(truth, dict(known)))
    return tuple(found)


def _paper_clips(data: Path) -> Readings:
    """Numbers in the tables, behind which stand the names of the images; a folder of both parts."""
    made, cells, rows = Builder(data), [], list[tuple[str, ...]]()
    for k in range(46):
        part, count, number = "train" if k < 34 else "test", float(k * 7 % 23), str(25001 + k * 13)
        path = f"clips-data-2020/clips/clips-{number}.png"
        made.image(path, TrueSample(SIZE, count), part=part)
        if part == "train":
            cells.append([number, str(int(count))])
        else:
            rows.append((number, str(count)))
    columns = {"id": "key", "clip_count": "number"}
    made.table("train.csv", list(columns), cells)
    made.table("test.csv", ["id"], [[one] for one, _ in rows])
    made.table("sample_submission.csv", list(columns), [[one, "10"] for one, _ in rows])
    return (made.truth(NUMBER, columns, rows),)


# Flipkart GRiD 2019, level 2: participants' READMEs, and memory of the tables.
def _goods_in_a_box(data: Path) -> Readings:
    """One box an image as four columns, x before y; all images in one folder; the table of test is to be filled."""
    made, cells, rows, size = Builder(data), list[list[str]](), Rows(), (48, 64)
    sides = ("x1", "x2", "y1", "y2")
    for k in range(58):
        part = "train" if k < 42 else "test"
        name = f"JPEG_2016{7 + k % 5:02d}{1 + k % 28:02d}_{123440 + k * 97}_{1000518778437 + k * 7919}.png"
        if k % 4 == 3:
            name = f"{147444927203311 + k * 101}{k}-Roadster-Men-Navy-Printed-Tshirt-{k * 37 + 11}-1.png"
        left, top, wide, tall = draw_boxes(made, size, 1)[0]
        box = (left, left + wide, top, top + tall)
        made.image(f"images/{name}", TrueSample(size, tuple(float(one) for one in box)), part=part)
        row = (name, *map(str, box))
        if part == "train":
            cells.append(list(row))
        else:
            rows.append(row)
    columns = {"image_name": "key", **dict.fromkeys(sides, "number")}
    made.table("training_set.csv", list(columns), cells)
    made.table("test.csv", list(columns), [[one[0], "", "", "", ""] for one in rows])
    return (made.truth(TARGETS, columns, rows, classes=sides),)


# Amazon bin images: memory.
def _bins(data: Path) -> Readings:
    """A JSON an image in a folder of its own, with the number of things in the bin under what the things are."""
    made, of = Builder(data), dict[str, int]()
    for k in range(1, 61):
        name, count = f"{k * 17:05d}", k * 7 % 6
        path = f"bin-images/{name}.jpg"
        write_photos(made, [path], None, (48, 40 + k % 4))
        of[path] = count
        things = dict[str, object]()
        for n in range(min(count, 3)):
            code, own = f"B0{word_name('thing', k, n, length=8).upper()}", 1 if n < 2 else count - 2
            sides = {one: {"unit": "IN", "value": round(1.5 + (k + n) % 9 / 2, 3)} for one in ("height", "length", "width")}  # fmt: skip
            things[code] = {"asin": code, **sides, "name": f"Thing {k % 9}, pack of {n + 1}", "normalizedName": f"Thing {k % 9}, pack of {n + 1}", "quantity": own, "weight": {"unit": "pounds", "value": 0.35 + n}}  # fmt: skip
        write_json(
            made, f"metadata/{name}.json", {"BIN_FCSKU_DATA": things, "EXPECTED_QUANTITY": count}
        )
    number = with_train_labels(reading_of(made, NUMBER), {path: float(n) for path, n in of.items()})
    classes = tuple(str(n) for n in range(6))
    ranks = with_train_labels(reading_of(made, RANKS, classes=classes), {path: str(n) for path, n in of.items()})  # fmt: skip
    return number, ranks


def _cdiscount_image_classification_challenge(data: Path) -> LayoutTruth:
    """BSON alone."""
    made = Builder(data)
    data.mkdir(parents=True)
    for name in ("train.bson", "train_example.bson", "test.bson"):
        (data / name).write_bytes(b"\x40\x00\x00\x00\x10_id\x00" + b"\0" * 400)
    header = ["category_id", "category_level1", "category_level2", "category_level3"]
    made.table(
        "category_names.csv",
        header,
        [["1000021794", "ABONNEMENT / SERVICES", "CARTE PREPAYEE", "CARTE MULTIMEDIA"]],
    )
    rows = [[str(10 + number), "1000010653"] for number in range(12)]
    made.table("sample_submission.csv", ["_id", "category_id"], rows)
    return beyond_scope(made)


LAYOUTS = (
    RealLayout("imaterialist-challenge-furniture-2018", "code", _furniture),
    RealLayout("kitchenware-classification", "memory", _kitchenware),
    DataSet("platesv2", "memory", _plates),
    DataSet(
        "shopee-product-detection-open", "code, memory", _products, doubt="3 or 03 in the table"
    ),
    DataSet(
        "shopee-iet-machine-learning-competition",
        "memory",
        _baby_goods,
        doubt="the list of numbers",
    ),
    DataSet("ndsc-beginner", "code and memory", _goods, doubt="which paths lack the ending"),
    DataSet("ens-rakuten-france", "code and memory", _goods_of_france),
    DataSet("Products-10K", "code and memory", _products_10k),
    DataSet("Stanford Online Products", "memory", _wares),
    DataSet("count-the-paperclips", "memory", _paper_clips, doubt="value of the sample"),
    DataSet("flipkart-grid-2019", "code and memory", _goods_in_a_box, doubt="the table of test"),
    DataSet("Amazon bins", "memory", _bins, has_test=False),
    RealLayout(
        "cdiscount-image-classification-challenge",
        "memory",
        _cdiscount_image_classification_challenge,
    ),
)
