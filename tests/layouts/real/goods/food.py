"""Layouts of competitions and data sets of food: dishes, fruits, groceries, restaurants."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from layouts.drawing import draw_class_map, save_pixels
from layouts.real.files import write_json, write_lines
from layouts.real.kinds import LABELS, MULTI, NUMBER, RANKS, TWO
from layouts.real.made import BROAD, SIZE, WIDE, Builder, DataSet, Readings, RealLayout, Rows
from layouts.real.masks import planes_of
from layouts.real.names import hex_name
from layouts.real.outlines import draw_boxes, rectangle, write_coco
from layouts.real.photos import write_photos
from layouts.real.readings import (
    any_of,
    in_folders,
    objects_as_classes,
    reading_of,
    with_and_without,
    with_class_names,
    with_train_labels,
    without_file,
)
from layouts.real.tables import label_text, write_competition
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]

FOODS = ("apple_pie", "baby_back_ribs", "baklava")


def _food(data: Path) -> Readings:
    made, tests = Builder(data), set()
    parts: dict[str, dict[str, list[str]]] = {"train": {}, "test": {}}
    for place, label in enumerate(FOODS):
        for n in range(12):
            name = f"{label}/{1005649 + 977 * n + place}"
            write_photos(made, [f"food-101/images/{name}.jpg"], label)
            part = "test" if n % 4 == 3 else "train"
            parts[part].setdefault(label, []).append(name)
            if part == "test":
                tests.add(f"food-101/images/{name}.jpg")
    for part, names in parts.items():
        write_lines(
            made, f"food-101/meta/{part}.txt", [one for each in names.values() for one in each]
        )
        made.text(f"food-101/meta/{part}.json", json.dumps(names))
    write_lines(made, "food-101/meta/classes.txt", FOODS)
    write_lines(made, "food-101/meta/labels.txt", ["Apple pie", "Baby back ribs", "Baklava"])
    made.text("food-101/README.txt", "The Food-101 Data Set\nFor each class, 250 manually reviewed "
              "test images are provided as well as 750 training images.\n")  # fmt: skip
    made.text("food-101/license_agreement.txt", "Food images are from Foodspotting.\n")
    return (reading_of(made, LABELS, test=lambda path: path in tests, classes=FOODS),)


def _fruits(data: Path) -> Readings:
    made, classes = Builder(data), ("Apple Braeburn 1", "Banana 1", "Cherry 2")
    root = "fruits-360_dataset/fruits-360"
    for label in classes:
        for part, step, n in (("Training", 0, 8), ("Test", 3, 3)):
            names = [f"{('', 'r_')[k % 2]}{step + k}_100.jpg" for k in range(n)]
            write_photos(made, [f"{root}/{part}/{label}/{one}" for one in names], label)
    several = [
        f"{root}/test-multiple_fruits/{one}.jpg" for one in ("apples1", "cherries_wax_not", "mix")
    ]
    write_photos(made, several, None, (32, 40))
    made.text(f"{root}/readme.md", "# Fruits-360: A dataset of images containing fruits\n\n"
              "Training set size: 24 images (one fruit per image).\n\nTest set size: 9 images.\n")  # fmt: skip
    made.text(f"{root}/LICENSE", "MIT License\n")
    is_test = in_folders(f"{root}/Test")
    several_out = in_folders(f"{root}/test-multiple_fruits")
    return (reading_of(made, LABELS, test=is_test, out=several_out, classes=classes),)


def _foods_2021(data: Path) -> Readings:
    """Class folders of some of train, a folder 00 of the others, which have no class."""
    made, top, classes = Builder(data), "food-11", ("00", "01", "02", "10")
    for label in classes:
        write_photos(
            made,
            [f"{top}/training/labeled/{label}/{int(label)}_{37 * k}.jpg" for k in range(7)],
            label,
        )
        write_photos(
            made, [f"{top}/validation/{label}/{int(label)}_{k}.jpg" for k in range(3)], label
        )
    write_photos(made, [f"{top}/training/unlabeled/00/{k}.jpg" for k in range(12)], None)
    write_photos(made, [f"{top}/testing/00/{k:04d}.jpg" for k in range(8)], None)
    is_test = in_folders(f"{top}/testing")
    return (
        reading_of(made, LABELS, test=is_test, classes=classes),
        reading_of(
            made, LABELS, test=is_test, out=in_folders(f"{top}/validation"), classes=classes
        ),
    )


def _foods_2022(data: Path) -> Readings:
    """The class stands before the number in the names of train and validation."""
    made, top, classes = Builder(data), "food11", ("0", "1", "2", "10")
    for label in classes:
        write_photos(made, [f"{top}/training/{label}_{31 * k}.jpg" for k in range(8)], label)
        write_photos(made, [f"{top}/validation/{label}_{17 * k}.jpg" for k in range(3)], label)
    write_photos(made, [f"{top}/test/{k:04d}.jpg" for k in range(1, 9)], None)
    is_test = in_folders(f"{top}/test")
    return (
        reading_of(made, LABELS, test=is_test, classes=classes),
        reading_of(
            made, LABELS, test=is_test, out=in_folders(f"{top}/validation"), classes=classes
        ),
    )


DISHES = ("bhaji", "chapati", "githeri", "kukuchoma", "ugali")


def _kenyan_food(data: Path) -> Readings:
    """Images of both parts in one folder, of their numbers."""
    truth = write_competition(
        data, images=("images/images/{name}.jpg", "images/images/{name}.jpg"),
        names=lambda part, number: str(7211 + 97 * number + 11 * (part == "test")), labels=DISHES, classes=DISHES,
        kind="multiclass", header=["id", "class"], row=lambda name, label: [name, str(label)],
        columns={"id": "key", "class": "text"}, test_table=["id"], shown=lambda name: [name, "githeri"],
        answer=lambda name, true: [name, label_text(true)],
    )  # fmt: skip
    return (truth,)


RECIPES = ("お寿司", "お弁当", "サンドイッチ", "チャーハン", "パスタ", "餃子")


def _recipes(data: Path) -> Readings:
    """Tables with tabs: names and numbers of classes in one; the sample has no header."""
    made, lines, shown = Builder(data), ["file_name\tcategory_id"], []
    for k in range(46):
        part, place = "train" if k < 34 else "test", k * 5 % 6
        name = f"{part}_{k % 34}.jpg"
        made.image(f"{part}/{name}", TrueSample(SIZE, str(place)), part="train")
        if part == "train":
            lines.append(f"{name}\t{place}")
        else:
            shown.append(f"{name}\t{k * 7 % 6}")
    write_lines(made, "train_master.tsv", lines)
    write_lines(made, "master.tsv", ["category_id\tcategory_name", *(f"{n}\t{one}" for n, one in enumerate(RECIPES))])  # fmt: skip
    write_lines(made, "sample_submit.tsv", shown)
    truth = reading_of(made, LABELS, test=in_folders("test"), classes=tuple("012345"))
    return truth, with_class_names(truth, tuple("012345"), RECIPES)


GROCERIES = ("cake", "candy", "cereal", "chips", "chocolate", "rice", "tomatosauce")


def _groceries(data: Path) -> Readings:
    """Ids end in a letter, and have no ending of a file."""
    made, cells, rows = Builder(data), [], list[tuple[str, ...]]()
    for k in range(46):
        part, label = "train" if k < 34 else "test", GROCERIES[k * 3 % 7]
        name = f"{part}_{(k if k < 34 else k - 34) // 4 + 1}{'abcd'[k % 4]}"
        if part == "test":
            name = f"test_{(k - 34) // 4 + 1}{'abcd'[(k - 34) % 4]}"
        made.image(f"{part}_img/{name}.png", TrueSample((20, 24 + k % 3), label), part=part)
        if part == "train":
            cells.append([name, label])
        else:
            rows.append((name, label))
    columns = {"image_id": "key", "label": "text"}
    made.table("train.csv", list(columns), cells)
    made.table("test.csv", ["image_id"], [[one] for one, _ in rows])
    made.table("sample_submission.csv", list(columns), [[one, "rice"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=GROCERIES),)


RICES = ("Arborio", "Basmati", "Ipsala", "Jasmine", "Karacadag")


def _rices(data: Path) -> Readings:
    """Class folders whose images have a blank and a number in brackets; a text to be cited."""
    made, top = Builder(data), "Rice_Image_Dataset"
    for label in RICES:
        stem = "basmati" if label == "Basmati" else label
        write_photos(made, [f"{top}/{label}/{stem} ({k * 7 + 1}).jpg" for k in range(8)], label)
    made.text(
        f"{top}/Rice_Citation_Request.txt",
        "Citation Request :\n\nKOKLU, M., CINAR, I. and TASPINAR, Y. S. (2021). Classification of rice varieties.\n",
    )
    return (reading_of(made, LABELS, classes=RICES),)


VEGETABLES = ("Bean", "Bitter_Gourd", "Bottle_Gourd", "Brinjal", "Papaya", "Tomato")


def _vegetables(data: Path) -> Readings:
    """Class folders of three parts; the numbers of images go on from part to part."""
    made, top = Builder(data), "Vegetable Images"
    for place, label in enumerate(VEGETABLES):
        for part, first, n in (("train", 26, 6), ("validation", 1201, 2), ("test", 1, 2)):
            paths = [f"{top}/{part}/{label}/{first + k * 9 + place:04d}.jpg" for k in range(n)]
            write_photos(made, paths, label, (48, 48))
    return tuple(
        with_and_without(
            lambda out: [
                reading_of(
                    made, LABELS, test=in_folders(f"{top}/test"), out=out, classes=VEGETABLES
                )
            ],
            in_folders(f"{top}/validation"),
        )
    )


FOODS_OF_IFOOD_2019_FGVC6 = (
    "macaron",
    "beignet",
    "cruller",
    "cockle_food",
    "samosa",
    "tiramisu",
    "tostada",
    "moussaka",
)


def _dishes(data: Path) -> Readings:
    """Flat folders of three parts, a table of two of them, names of classes in a text; three guesses a cell; from a listing."""
    made, rows = Builder(data), Rows()
    lists: dict[str, Rows] = {"train": [], "val": [], "test": []}
    for part, n in (("train", 34), ("val", 8), ("test", 12)):
        for k in range(n):
            label, name = str(k * 3 % 8), f"{part}_{k * 7:06d}.jpg"
            side = "test" if part == "test" else "train"
            made.image(f"{part}_set/{name}", TrueSample((40, 40 + k % 4), label), part=side)
            lists[part].append((name, label))
    rows = lists["test"]
    columns = {"img_name": "key", "label": "ranking"}
    for part in ("train", "val"):
        made.table(f"{part}_labels.csv", list(columns), lists[part])
    for name in ("sample_submission.csv", "ifood2019_sample_submission.csv"):
        made.table(name, list(columns), [[one, "0 1 2"] for one, _ in rows])
    write_lines(
        made, "class_list.txt", [f"{n} {one}" for n, one in enumerate(FOODS_OF_IFOOD_2019_FGVC6)]
    )
    every = made.truth(LABELS, columns, rows, classes=tuple("01234567"))
    train = {path: one for path, one in every.train.items() if path.startswith("train_set/")}
    return every, replace(every, train=train)


def _dishes_of_a_course(data: Path) -> Readings:
    """Names with the parts in front, a table, and a sample; numbers from 1 on; from a readme."""
    made, cells, rows = Builder(data), [], Rows()
    classes = tuple(str(n) for n in range(1, 11))
    for k in range(54):
        part, label = "train" if k < 40 else "test", classes[k * 3 % 10]
        name = f"{part}_{k * 11 if k < 40 else k - 40}.jpg"
        made.image(f"{part}_set/{name}", TrueSample((40, 44 + k % 4), label), part=part)
        if part == "train":
            cells.append([name, label])
        else:
            rows.append((name, label))
    columns = {"img_name": "key", "label": "text"}
    made.table("train_labels.csv", list(columns), cells)
    made.table(
        "sample.csv", list(columns), [[one, classes[k % 9]] for k, (one, _) in enumerate(rows)]
    )
    return (made.truth(LABELS, columns, rows, classes=classes),)


FRUITS = (
    "freshapples",
    "freshbanana",
    "freshoranges",
    "rottenapples",
    "rottenbanana",
    "rottenoranges",
)


def _fresh_and_rotten_fruits(data: Path) -> Readings:
    """Class folders of two parts; screen shots, turned by what the name says, with blanks in their names; from memory."""
    made, turns = Builder(data), ("", "rotated_by_15_", "rotated_by_45_", "vertical_flip_")
    for part, n in (("train", 8), ("test", 3)):
        for place, label in enumerate(FRUITS):
            names = [
                f"{turns[k % 4]}Screen Shot 2018-06-{8 + k % 5:02d} at {1 + place}.{k * 7 % 60:02d}.{n * 3 + k:02d} PM.png"
                for k in range(n)
            ]
            write_photos(
                made, [f"dataset/{part}/{label}/{one}" for one in names], label, (36, 36 + place)
            )
    return (reading_of(made, LABELS, test=in_folders("dataset/test"), classes=FRUITS),)


def _foods_of_a_course(data: Path) -> Readings:
    """The class stands before a low line in the name; both parts with classes have the same names; from code of the course."""
    made, top, classes = Builder(data), "food-11", tuple(str(n) for n in range(11))
    for part, n in (("training", 5), ("validation", 2)):
        for label in classes:
            paths = [f"{top}/{part}/{label}_{k}.jpg" for k in range(n)]
            write_photos(made, paths, label, (40, 36 + n))
    write_photos(made, [f"{top}/testing/{k:04d}.jpg" for k in range(16)], None, (40, 40))
    test, out = in_folders(f"{top}/testing"), in_folders(f"{top}/validation")
    return tuple(
        reading_of(made, LABELS, test=test, out=one, classes=classes) for one in (any_of(), out)
    )


GROCERIES_OF_GROCERY_STORE = (
    ("Fruit", "Apple", "Golden-Delicious"),
    ("Fruit", "Apple", "Granny-Smith"),
    ("Fruit", "Avocado", "Avocado"),
    ("Fruit", "Banana", "Banana"),
    ("Packages", "Juice", "Bravo-Apple-Juice"),
    ("Packages", "Juice", "Bravo-Orange-Juice"),
    ("Packages", "Milk", "Arla-Medium-Fat-Milk"),
    ("Vegetables", "Carrots", "Carrots"),
    ("Vegetables", "Pepper", "Red-Bell-Pepper"),
)


def _grocery_store(data: Path) -> Readings:
    """Folders of two or three levels; texts of paths and two numbers; a clean picture of each class elsewhere; from a listing and code."""
    made, top, number = Builder(data), "GroceryStoreDataset-master/dataset", {}
    coarse = list(dict.fromkeys(one for _, one, _ in GROCERIES_OF_GROCERY_STORE))
    lists: dict[str, list[str]] = {}
    for part, n in (("train", 5), ("val", 2), ("test", 3)):
        for fine_at, (kind, wide, fine) in enumerate(GROCERIES_OF_GROCERY_STORE):
            inner = f"{kind}/{fine}" if wide == fine else f"{kind}/{wide}/{fine}"
            for k in range(1, n + 1):
                below = f"{part}/{inner}/{fine}_{k:03d}.jpg"
                path = f"{top}/{below}"
                write_photos(made, [path], fine, (36 + k, 48))
                number[path] = (fine_at, coarse.index(wide))
                lists.setdefault(part, []).append(f"{below}, {fine_at}, {coarse.index(wide)}")
    for part, lines in lists.items():
        write_lines(made, f"{top}/{part}.txt", lines)
    cells = []
    for fine_at, (kind, wide, fine) in enumerate(GROCERIES_OF_GROCERY_STORE):
        inner = f"{kind}/{fine}" if wide == fine else f"{kind}/{wide}/{fine}"
        folder = f"iconic-images-and-descriptions/{inner}"
        pixels = made.random.integers(120, 255, (36, 36, 3)).astype(np.uint8)
        save_pixels(data / f"{top}/{folder}/{fine}_Iconic.jpg", pixels)
        made.text(f"{top}/{folder}/{fine}_Description.txt", f"{fine} is sold in this store.\n")
        ends = [f"/{folder}/{fine}_{one}" for one in ("Iconic.jpg", "Description.txt")]
        cells.append([fine, str(fine_at), wide, str(coarse.index(wide)), *ends])
    header = [
        "Class Name (str)",
        "Class ID (int)",
        "Coarse Class Name (str)",
        "Coarse Class ID (int)",
        "Iconic Image Path (str)",
        "Product Description Path (str)",
    ]
    made.table(f"{top}/classes.csv", header, cells)
    made.text(
        "GroceryStoreDataset-master/README.md",
        "# Grocery Store Dataset\n\nThe text files train.txt, val.txt and test.txt have a path, the fine-grained and the coarse-grained label of each image.\n",
    )
    found = list[LayoutTruth]()
    fines = tuple(one for *_, one in GROCERIES_OF_GROCERY_STORE)
    for out in (any_of(), in_folders(f"{top}/val")):
        for names, level in ((fines, 0), (None, 0), (tuple(coarse), 1), (None, 1)):
            used = names or tuple(map(str, range(len(fines) if level == 0 else len(coarse))))
            truth = reading_of(made, LABELS, test=in_folders(f"{top}/test"), out=out, classes=used)
            labels = {path: used[places[level]] for path, places in number.items()}
            found.append(with_train_labels(truth, dict(labels)))
    return tuple(found)


DISHES_OF_UECFOOD_100 = ("rice", "eels on rice", "pilaf", "chicken-'n'-egg on rice", "pork cutlet on rice", "beef curry")  # fmt: skip


def _dishes_in_boxes(data: Path) -> Readings:
    """Class folders of numbers, and in each a text of boxes; names of classes in a table with tabs; from memory of the readme."""
    made, top = Builder(data), "UECFOOD100"
    numbers = tuple(str(n) for n in range(1, 7))
    for place, label in enumerate(numbers):
        lines = ["img x1 y1 x2 y2"]
        for k in range(7):
            number = place * 977 + k * 31 + 1
            write_photos(made, [f"{top}/{label}/{number}.jpg"], label, (36 + k % 4, 48))
            left, up, wide, tall = draw_boxes(made, WIDE, 1)[0]
            lines.append(f"{number} {left} {up} {left + wide} {min(up + tall, 35)}")
        write_lines(made, f"{top}/{label}/bb_info.txt", lines)
    names = [
        f"{number}\t{name}" for number, name in zip(numbers, DISHES_OF_UECFOOD_100, strict=True)
    ]
    write_lines(made, f"{top}/category.txt", ["id\tname", *names])
    made.text(
        f"{top}/README.txt",
        "UEC FOOD 100\n\n[1-100]: the directory names correspond to food ID.\n[1-100]/*.jpg: food photo files (some photos are duplicated in two or more directories, since they includes two or more foods.)\n[1-100]/bb_info.txt: bounding box information for the photo files in each directory\ncategory.txt: food list including the correspondences between food IDs and food names\n",
    )
    by_number = reading_of(made, LABELS, classes=numbers)
    name_of = dict(zip(numbers, DISHES_OF_UECFOOD_100, strict=True))
    named = {path: name_of[str(one.label)] for path, one in by_number.train.items()}
    return by_number, with_train_labels(
        reading_of(made, LABELS, classes=DISHES_OF_UECFOOD_100), dict(named)
    )


# SIGNATE 1106, TechnoPro Design food packages: a participant's README.
def _packages(data: Path) -> Readings:
    """A sample without a header that holds probabilities."""
    made, cells, shown = Builder(data), list[list[str]](), list[str]()
    for k in range(60):
        part, n = ("train", k) if k < 44 else ("test", k - 44)
        name, label = f"{n:04d}.png", str(k * 3 % 5 // 2 % 2)
        write_photos(made, [f"{part}/{name}"], None if part == "test" else label, (44, 40 + k % 5))
        if part == "train":
            cells.append([name, label])
        else:
            shown.append(f"{name},0.5")
    made.table("train.csv", ["image_name", "label"], cells)
    write_lines(made, "sample_submit.csv", shown)
    return (reading_of(made, TWO, test=in_folders("test"), classes=("0", "1")),)


CHEESES = ("BRIE DE MELUN", "CAMEMBERT", "CHÈVRE", "COMTÉ", "FOURME D’AMBERT", "POULIGNY SAINT- PIERRE", "SAINT-NECTAIRE", "TÊTE DE MOINES")  # fmt: skip


# INF473V 2024 (École polytechnique), cheese: participants' code, and memory.
def _cheeses(data: Path) -> Readings:
    """Photos of cheese: the only labelled ones are a small folder for validation, since images to train on are to be generated; names have accents and blanks."""
    made, rows = Builder(data), Rows()
    for n, cheese in enumerate(CHEESES):
        for k in range(4):
            path = f"dataset/val/{cheese}/{n * 4 + k:06d}.jpg"
            made.image(path, TrueSample((44, 40 + k), cheese), part="train")
    for k in range(18):
        name, cheese = hex_name("cheese", k, length=16), CHEESES[k * 3 % 8]
        made.image(f"dataset/test/{name}.jpg", TrueSample((44, 40), cheese), part="test")
        rows.append((name, cheese))
    write_lines(made, "list_of_cheese.txt", CHEESES)
    columns = {"id": "key", "label": "text"}
    made.table("sample_submission.csv", list(columns), [[one, "CAMEMBERT"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=CHEESES),)


def _restaurants(data: Path) -> LayoutTruth:
    """Labels of businesses, several photos each; a table says whose a photo is; some have none."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    cells, photos = [], {"train": [], "test": []}
    classes = [str(n) for n in range(9)]
    for number in range(24):
        part = "train" if number < 18 else "test"
        business = str(1000 + 37 * number) if part == "train" else hex_name("biz", number, length=5)
        has = made.random.random(9) < 0.45
        label = [one for one in classes if has[int(one)] and number != 7]
        for photo in range(2 + number % 2):
            index = str(200017 + 131 * number + 17 * photo)
            # A business without a label is one that nobody answered for, as participants read it.
            true = TrueSample(BROAD, frozenset(label) if label else None, unit=business)
            made.image(f"{part}_photos/{index}.jpg", true, part=part)
            photos[part].append([index, business])
        if part == "train":
            cells.append([business, " ".join(label)])
        else:
            rows.append((business, " ".join(label)))
    made.table("train.csv", ["business_id", "labels"], cells)
    made.table("train_photo_to_biz_ids.csv", ["photo_id", "business_id"], photos["train"])
    made.table("test_photo_to_biz.csv", ["photo_id", "business_id"], photos["test"])
    shown = [[one, "1 2 3"] for one, _ in rows]
    made.table("sample_submission.csv", ["business_id", "labels"], shown)
    columns = {"business_id": "key", "labels": "labels"}
    return made.truth({"classify": "multilabel"}, columns, rows, classes=classes)


def _lemons(data: Path) -> Readings:
    """Grades of lemons in a table of ids with endings, in a folder of the lesson."""
    made, cells, rows, top = Builder(data), [], list[tuple[str, ...]](), "lemon_lesson"
    for k in range(46):
        part, label = "train" if k < 34 else "test", str((0, 0, 1, 2, 3, 1)[k * 5 % 6])
        name = f"{part}_{k if k < 34 else k - 34:04d}.jpg"
        made.image(f"{top}/{part}_images/{name}", TrueSample(SIZE, label), part=part)
        if part == "train":
            cells.append([name, label])
        else:
            rows.append((name, label))
    columns = {"id": "key", "class_num": "text"}
    made.table(f"{top}/train_images.csv", list(columns), cells)
    made.table(f"{top}/test_images.csv", ["id"], [[one] for one, _ in rows])
    made.table(f"{top}/sample_submit.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(RANKS, columns, rows, classes=tuple("0123")),)


def _mangoes(data: Path) -> Readings:
    """Three folders and tables of ids with endings; grades in letters; from code and memory."""
    made, rows = Builder(data), Rows()
    columns = {"image_id": "key", "label": "text"}
    start = 0
    for part, folder, n in (
        ("train", "C1-P1_Train", 32),
        ("dev", "C1-P1_Dev", 9),
        ("test", "C1-P1_Test", 12),
    ):
        cells = Rows()
        for k in range(n):
            label, name = "ABCBA"[k * 3 % 5], f"{start + k * 7 + 2:05d}.jpg"
            side = "test" if part == "test" else "train"
            made.image(f"{folder}/{name}", TrueSample((36, 40 + k % 5), label), part=side)
            cells.append((name, label))
        start += n * 7
        if part == "test":
            rows = cells
        else:
            made.table(f"{part}.csv", list(columns), cells)
    made.table("test_example.csv", list(columns), [[one, "A"] for one, _ in rows])
    every = made.truth(RANKS, columns, rows, classes=tuple("ABC"))
    train = {path: one for path, one in every.train.items() if path.startswith("C1-P1_Train/")}
    found = [every, replace(every, train=train)]
    return (*found, *(without_file(one) for one in found))


# comp-90086-nutrition-5-k (University of Melbourne): participants' code.
def _dishes_of_melbourne(data: Path) -> Readings:
    """A folder a dish, with the same name of file in each; its depth in two more folders; a number of calories."""
    made, cells, rows, top = Builder(data), list[list[str]](), Rows(), "Nutrition5K/Nutrition5K"
    size = (40, 48)
    for k in range(60):
        part, n = ("train", k) if k < 44 else ("test", 3301 + k - 44)
        dish, value = f"dish_{n:04d}", round(12.5 + k * 37 % 600 + k / 7, 6)
        true = TrueSample(size, value)
        made.image(f"{top}/{part}/color/{dish}/rgb.png", true, part=part)
        depth = made.random.integers(2000, 6000, size).astype(np.uint16)
        save_pixels(data / f"{top}/{part}/depth_raw/{dish}/depth_raw.png", depth)  # type: ignore[arg-type]
        shade = made.random.integers(0, 255, (*size, 3)).astype(np.uint8)
        save_pixels(data / f"{top}/{part}/depth_color/{dish}/depth_color.png", shade)
        if part == "train":
            cells.append([dish, repr(value)])
        else:
            rows.append((dish, repr(value)))
    columns = {"ID": "key", "Value": "number"}
    made.table(f"{top}/nutrition5k_train.csv", list(columns), cells)
    made.table("sample_submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(NUMBER, columns, rows),)


def _foods_in_masks(data: Path) -> Readings:
    """The folders of a well-known library; names of the numbers in a text with tabs."""
    made, top, foods = Builder(data), "FoodSeg103", ("candy", "egg tart", "french fries")
    for part, n in (("train", 20), ("test", 7)):
        names = []
        for k in range(n):
            places = draw_class_map(made.random, SIZE, 3, fill=False)
            name = f"{k * 7 + (part == 'test'):08d}"
            made.image(
                f"{top}/Images/img_dir/{part}/{name}.jpg",
                TrueSample(SIZE, planes=planes_of(places, 3)),
                part="train",
            )
            save_pixels(data / f"{top}/Images/ann_dir/{part}/{name}.png", places)
            names.append(f"{name}.jpg")
        write_lines(made, f"{top}/ImageSets/{part}.txt", names)
    write_lines(
        made,
        f"{top}/category_id.txt",
        ["0\tbackground", *(f"{n}\t{one}" for n, one in enumerate(foods, 1))],
    )
    return (
        reading_of(made, MULTI, test=in_folders(f"{top}/Images/img_dir/test"), mask_classes=foods),
    )


DISHES_OF_AICROWD_FOOD_RECOGNITION_2022 = (
    (1026, "tea"),
    (1040, "jam"),
    (1085, "bread-wholemeal"),
    (2578, "water"),
    (1311, "carrot-raw"),
)


def _aicrowd_food_recognition_2022(data: Path) -> Readings:
    """COCO outlines of dishes in train and validation; images of test alone."""
    made, size, names = (
        Builder(data),
        (40, 48),
        [name for _, name in DISHES_OF_AICROWD_FOOD_RECOGNITION_2022],
    )
    for folder, n, first in (
        ("public_training_set_release_2.0", 20, 65000),
        ("public_validation_set_2.0", 6, 8000),
    ):
        photos = [f"{folder}/images//{first // 10 + k * 37:06d}.jpg" for k in range(n)]
        content = write_coco(
            made, size, photos, DISHES_OF_AICROWD_FOOD_RECOGNITION_2022, first=first
        )
        for one in content["categories"]:
            one |= {"supercategory": "food", "name_readable": one["name"].title()}
        write_json(
            made, f"{folder}/annotations.json", {"info": {"contributor": "Food"}, "type": "instances", **content}
        )  # fmt: skip
    for k in range(8):
        true = TrueSample(size, objects=((0, rectangle(size, 4, 5, 10, 12)),))
        made.image(f"public_test_release_2.0/images/{9000 + k * 3:06d}.jpg", true, part="train")
    is_test = in_folders("public_test_release_2.0")

    def read(out: Callable[[str], bool]) -> list[LayoutTruth]:
        single = reading_of(
            made, {"segment": "instance"}, test=is_test, out=out, mask_classes=names
        )
        return [single, objects_as_classes(single, size, names)]

    return tuple(with_and_without(read, in_folders("public_validation_set_2.0")))


LAYOUTS = (
    DataSet("Food-101", "code (torchvision)", _food),
    DataSet("Fruits-360", "memory", _fruits),
    DataSet("ml2021spring-hw3", "memory", _foods_2021, doubt="names of images of train"),
    DataSet("ml2022spring-hw3b", "memory", _foods_2022),
    DataSet("opencv-pytorch-dl-course-classification", "memory", _kenyan_food),
    DataSet("signate-jsai-cup-2018", "memory", _recipes),
    DataSet("hackerearth-deep-learning-challenge-1", "memory", _groceries, doubt="test.csv"),
    DataSet("Rice images", "memory", _rices, has_test=False),
    DataSet("Vegetable images", "memory", _vegetables),
    DataSet("ifood-2019-fgvc6", "code", _dishes, doubt="values of the samples"),
    DataSet("uva-food-recognition", "page", _dishes_of_a_course, doubt="values of the sample"),
    DataSet("Fresh and rotten fruits", "memory", _fresh_and_rotten_fruits),
    DataSet("ml2020spring-hw3", "code", _foods_of_a_course),
    DataSet("Grocery store", "page and code", _grocery_store),
    DataSet("UECFOOD-100", "memory", _dishes_in_boxes, has_test=False),
    DataSet("signate-techpro-food-packages", "code", _packages),
    DataSet("inf473v-cheese-2024", "code and memory", _cheeses),
    RealLayout("yelp-restaurant-photo-classification", "code", _restaurants),
    DataSet(
        "baidu-lemon-classification", "code and memory", _lemons, doubt="columns of test_images.csv"
    ),
    DataSet("aicup-2020-mango-grades", "code and memory", _mangoes, doubt="folder of test"),
    DataSet("comp-90086-nutrition-5-k", "code", _dishes_of_melbourne, doubt="place of the tables"),
    DataSet("FoodSeg103", "memory", _foods_in_masks),
    DataSet("aicrowd-food-recognition-2022", "memory", _aicrowd_food_recognition_2022),
)
