# ruff: noqa: E501  # rows of tables as their files have them
"""A fourteenth set of real competitions and public data sets, written by one who had not seen the code that reads them.

No layout is changed to fit a reading; one that leads to a mend belongs to development from then on.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

from layouts.drawing import Size, draw_class_map, draw_objects, draw_plane, save_pixels
from layouts.real.data_sets import (
    LABELS,
    ONE_MASK,
    TWO,
    DataSet,
    Readings,
    _grey_mask,
    _inside,
    _lines,
    _photos,
    _planes_of,
    _reading,
)
from layouts.real.eleventh_set import OBJECTS, WIDE, _any_of, _boxes, _grounded
from layouts.real.made import Builder, hex_name
from layouts.real.second_set import MULTI, _json
from layouts.real.tenth_set import _book, _grey
from layouts.real.third_set import NUMBER, RANKS, SEVERAL
from layouts.real.twelfth_set import Rows, _labelled
from layouts.runs import Plane
from layouts.truth import Label, LayoutTruth, TrueSample

__all__ = ["FOURTEENTH_COMPETITIONS", "FOURTEENTH_DATA_SETS"]

TARGETS = {"classify": "multitarget"}
LAYERS = {"segment": ["multilabel", "multiclass"]}


def _without_labels(truth: LayoutTruth) -> LayoutTruth:
    """Return the truth of the masks alone."""
    return replace(_labelled(truth, {}), kinds={"segment": truth.kinds["segment"]}, classes=())


def _without_masks(truth: LayoutTruth) -> LayoutTruth:
    """Return the truth of the labels alone."""
    train = {
        path: replace(one, planes=None, objects=None, ignored=None)
        for path, one in truth.train.items()
    }
    kinds = {"classify": truth.kinds["classify"]}
    return replace(truth, train=train, kinds=kinds, mask_classes=())


def _masked(
    truth: LayoutTruth,
    planes: Mapping[str, tuple[Plane, ...]],
    names: Sequence[str],
    *,
    ignored: Mapping[str, Plane] | None = None,
    kind: Mapping[str, str | list[str]] = MULTI,
) -> LayoutTruth:
    """Return the truth with these masks of train, and no others."""
    train = {
        path: replace(
            one, planes=planes.get(path), objects=None, ignored=(ignored or {}).get(path)
        )
        for path, one in truth.train.items()
    }
    of_masks = kind["segment"]
    wanted = frozenset({of_masks} if isinstance(of_masks, str) else of_masks)
    return replace(
        truth, train=train, mask_classes=tuple(names), kinds={**truth.kinds, "segment": wanted}
    )


def _painted(made: Builder, path: str, numbers: NDArray[np.uint8], colours: NDArray[np.uint8]) -> None:  # fmt: skip
    """Write a mask in which each number has its colour."""
    save_pixels(made.data / path, colours[numbers])


def _in_code(made: Builder, name: str, rows: Sequence[Sequence[str]], encoding: str) -> None:
    """Write a CSV in another encoding than UTF-8."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    path = made.data / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.getvalue().encode(encoding))


# Competitions


SYNSETS = {
    "n01440764": "tench, Tinca tinca",
    "n01443537": "goldfish, Carassius auratus",
    "n01484850": "great white shark, white shark, man-eater, man-eating shark, Carcharodon carcharias",
    "n01514668": "cock",
    "n01530575": "brambling, Fringilla montifringilla",
    "n01614925": "bald eagle, American eagle, Haliaeetus leucocephalus",
}


def _thousand_things(data: Path) -> Readings:
    """Class folders for train, a flat folder for validation with a table, boxes in every answer; lists and XMLs beside."""
    made, rows = Builder(data), Rows()
    top, wnids = "ILSVRC/Data/CLS-LOC", tuple(SYNSETS)
    lists: dict[str, list[str]] = {"train_cls": [], "train_loc": [], "val": [], "test": []}
    solutions: dict[str, Rows] = {"train": Rows(), "val": Rows()}
    drawn = "<annotation><folder>{0}</folder><filename>{1}</filename><source><database>ILSVRC_2012</database></source><size><width>48</width><height>40</height><depth>3</depth></size><segmented>0</segmented><object><name>{2}</name><pose>Unspecified</pose><truncated>0</truncated><difficult>0</difficult><bndbox><xmin>5</xmin><ymin>6</ymin><xmax>30</xmax><ymax>33</ymax></bndbox></object></annotation>"
    number = 0
    for place, wnid in enumerate(wnids):
        for k in range(6):
            number += 1
            name = f"{wnid}_{k * 1709 + place * 37 + 10}"
            true = TrueSample((40, 48), wnid)
            made.image(f"{top}/train/{wnid}/{name}.JPEG", true, part="train")
            lists["train_cls"].append(f"{wnid}/{name} {number}")
            if k % 2 == 0:
                lists["train_loc"].append(f"{wnid}/{name} {number}")
                made.text(f"ILSVRC/Annotations/CLS-LOC/train/{wnid}/{name}.xml", drawn.format(wnid, name, wnid))  # fmt: skip
                solutions["train"].append((name, f"{wnid} 5 6 30 33 "))
    validation = set[str]()
    for part, n in (("val", 14), ("test", 14)):
        for k in range(1, n + 1):
            wnid, name = wnids[k * 5 % 6], f"ILSVRC2012_{part}_{k:08d}"
            path = f"{top}/{part}/{name}.JPEG"
            made.image(path, TrueSample((44, 40 + k % 4), wnid), part=part if part == "test" else "train")  # fmt: skip
            lists[part].append(f"{name} {k}")
            if part == "test":
                rows.append((name, wnid))
                continue
            validation.add(path)
            made.text(f"ILSVRC/Annotations/CLS-LOC/val/{name}.xml", drawn.format("val", name, wnid))
            solutions["val"].append((name, f"{wnid} 5 6 30 33 "))
    for name, lines in lists.items():
        _lines(made, f"ILSVRC/ImageSets/CLS-LOC/{name}.txt", lines)
    _lines(made, "LOC_synset_mapping.txt", [f"{one} {words}" for one, words in SYNSETS.items()])
    header = ["ImageId", "PredictionString"]
    for part, cells in solutions.items():
        made.table(f"LOC_{part}_solution.csv", header, cells)
    made.table("LOC_sample_submission.csv", header, [[one, f"{wnids[0]} 0 0 10 10"] for one, _ in rows])  # fmt: skip
    columns = {"ImageId": "key", "PredictionString": "ranking"}
    every = made.truth(LABELS, columns, rows, classes=wnids)
    train = {path: one for path, one in every.train.items() if path not in validation}
    return replace(every, train=train), every


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
        _photos(made, [f"images/image_{part}/image_{image}_product_{product}.jpg"], code, (44, 44))
        number = str(k if part == "train" else 84872 + k)
        tables[part].append([number, f"{title} {k}", text, product, image])
        if part == "train":
            known.append([number, code])
    for part, cells in tables.items():
        made.table(f"X_{part}_update.csv", ["", "designation", "description", "productid", "imageid"], cells)  # fmt: skip
    made.table("Y_train_CVw08PX.csv", ["", "prdtypecode"], known)
    classes = [code for code, *_ in GOODS_OF_FRANCE]
    return (_reading(made, LABELS, test=_inside("images/image_test"), classes=classes),)


def _rules_against_a_virus(data: Path) -> Readings:
    """Three columns of yes and no with gaps, of which the last is asked for; the first column is a number that is no name."""
    made, cells, tests = Builder(data), list[list[str]](), list[list[str]]()
    columns = ("mask", "distancing", "5K")
    of: dict[str, dict[str, float | None]] = {one: {} for one in columns}
    for k in range(1, 61):
        part, n = ("train", k) if k <= 44 else ("public_test", k - 44)
        path = f"{part}/images/{n}.jpg"
        _photos(made, [path], None, (36 + k % 5, 48))
        if part == "public_test":
            tests.append([str(n), f"{n}.jpg"])
            continue
        mask = None if k % 11 == 4 else float(k % 3 > 0)
        apart = None if k % 7 == 3 else float(k % 4 > 1)
        whole: float | None = None
        if 0.0 in (mask, apart):
            whole = 0.0
        elif None not in (mask, apart):
            whole = 1.0
        for one, value in zip(columns, (mask, apart, whole), strict=True):
            of[one][path] = value
        cells.append([str(n), f"{n}.jpg", *("" if one is None else repr(one) for one in (mask, apart, whole))])  # fmt: skip
    made.table("train/train_meta.csv", ["image_id", "fname", *columns], cells)
    made.table("public_test/public_test_meta.csv", ["image_id", "fname"], tests)
    test, found = _inside("public_test"), list[LayoutTruth]()
    for one in ("5K", "mask", "distancing"):
        for names in (("0.0", "1.0"), ("0", "1")):
            labels = {path: names[int(v)] for path, v in of[one].items() if v is not None}
            found.append(_labelled(_reading(made, TWO, test=test, classes=names), dict(labels)))
    many = {path: tuple(of[one][path] for one in columns) for path in of["5K"]}
    found.append(_labelled(_reading(made, TARGETS, test=test, classes=columns), dict(many)))
    return tuple(found)


FIELDS = ("asparagus", "bambooshoots", "betel", "broccoli", "cauliflower", "chinesecabbage", "others", "waterbamboo")  # fmt: skip


def _fields_of_taiwan(data: Path) -> Readings:
    """A folder a crop, names that are UUIDs; a table of places in Big5; test lies in folders of numbers, in two parts."""
    made, places, rows = Builder(data), list[list[str]](), Rows()
    towns = (("臺南市", "學甲區"), ("雲林縣", "二崙鄉"), ("彰化縣", "溪湖鎮"), ("屏東縣", "里港鄉"))
    of_test: dict[str, list[list[str]]] = {"public": [], "private": []}
    header = ["TARGET_FID", "Img", "target_x", "target_y", "COUNTYNAME", "TOWNNAME", "town_x", "town_y"]  # fmt: skip
    for k in range(72):
        part = "training" if k < 48 else "public" if k < 60 else "private"
        raw, crop = hex_name("field", k, length=32), FIELDS[k * 3 % 8]
        name = f"{raw[:8]}-{raw[8:12]}-4{raw[13:16]}-a{raw[17:20]}-{raw[20:]}.jpg"
        folder = crop if part == "training" else str(k % 3)
        made.image(f"{part}/{folder}/{name}", TrueSample((36 + k % 4, 48), crop), part="train" if part == "training" else "test")  # fmt: skip
        county, town = towns[k % 4]
        place = [str(k * 41), name, str(k * 17 % 300 - 150), str(k * 29 % 400 - 200), county, town, f"{120.1 + k / 100:.6f}", f"{22.9 + k / 60:.6f}"]  # fmt: skip
        if part == "training":
            places.append(place)
        else:
            of_test[part].append(place)
            rows.append((name, crop))
    _in_code(made, "training/tag_locCoor.csv", [header, *places], "big5")
    for part, cells in of_test.items():
        _in_code(made, f"{part}/tag_loccoor_{part}.csv", [header, *cells], "big5")
    columns = {"filename": "key", "label": "text"}
    made.table("submission_example.csv", list(columns), [[one, FIELDS[k % 8]] for k, (one, _) in enumerate(rows)])  # fmt: skip
    return (made.truth(LABELS, columns, rows, classes=FIELDS),)


def _signs_of_a_bank(data: Path) -> Readings:
    """The class of an image is a Chinese sign after a number in its name; a text has all signs; nothing to predict."""
    made, signs = Builder(data), tuple("經長戶業行銀")
    for k in range(48):
        label = signs[k * 5 % 6]
        _photos(made, [f"train/{k + 1}_{label}.jpg"], label, (28 + k % 5, 30 + k % 7))
    _lines(made, "training data dic.txt", signs)
    return (_reading(made, LABELS, classes=signs),)


def _photos_with_marks(data: Path) -> Readings:
    """A mark of quality and a sentence about each image, both of which are sent; a column of the name, and one of the path."""
    made, cells, tests, rows = Builder(data), list[list[str]](), list[list[str]](), Rows()
    words = ("The lighting is good, the subject is sharp.", "nice colors but a bit too dark", "Great shot!", 'I like the "mood", though it is grainy')  # fmt: skip
    for k in range(56):
        part = "train" if k < 42 else "test"
        name, mark = hex_name("mark", k), round(2.1 + k * 37 % 65 / 10 + k / 1000, 10)
        made.image(f"{part}/{name}.jpg", TrueSample((40, 36 + k % 6), mark), part=part)
        row = [name, f"./{part}/{name}.jpg"]
        if part == "train":
            cells.append([*row, repr(mark), words[k % 4]])
        else:
            tests.append(row)
            rows.append((name, repr(mark), words[k % 4]))
    made.table("train.csv", ["img_name", "img_path", "mos", "comments"], cells)
    made.table("test.csv", ["img_name", "img_path"], tests)
    columns = {"img_name": "key", "mos": "number", "comments": "free"}
    made.table("sample_submission.csv", list(columns), [[one[0], "1", "Nice Image."] for one in rows])  # fmt: skip
    return (made.truth(NUMBER, columns, rows),)


def _roofs_of_three_kinds(data: Path) -> Readings:
    """A row a house with its box and kind, or empty ones of an image without; the numbers of each kind are sent, a row a kind."""
    made, cells, tests, rows = Builder(data), list[list[str]](), list[list[str]](), Rows()
    for k in range(52):
        part, name = "train" if k < 38 else "test", f"id_{hex_name('roof', k, length=12)}"
        counts = [0, 0, 0] if k % 9 == 4 else [k * 5 % 3, 1 + k * 7 % 4, k * 11 % 3]
        true = TrueSample((40, 40), tuple(float(one) for one in counts))
        made.image(f"Images/{name}.tif", true, part=part)
        if part == "test":
            tests.append([name])
            rows.extend((f"{name}_{n}", str(one)) for n, one in enumerate(counts, 1))
            continue
        if not any(counts):
            cells.append(["", "", name])
        for n, count in enumerate(counts, 1):
            for j in range(count):
                box = f"[{3.0 + 9 * j}, {2.0 + 12 * (n - 1)}, {6.0 + n}, {7.0 + j % 2}]"
                cells.append([box, f"{n}.0", name])
    made.table("Train.csv", ["bbox", "category_id", "image_id"], cells)
    made.table("Test.csv", ["image_id"], tests)
    columns = {"image_id": "key", "target": "number"}
    made.table("SampleSubmission.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(TARGETS, columns, rows, classes=("1", "2", "3")),)


def _made_by_a_machine(data: Path) -> Readings:
    """Two tables, and names with their endings in both; a label of 0 and 1; a test table of ids alone."""
    made, cells, rows = Builder(data), list[list[str]](), Rows()
    for k in range(60):
        part, n = ("train", k) if k < 44 else ("test", k - 44)
        label = str(k * 5 % 8 // 4)
        made.image(f"{part}/{n}.jpg", TrueSample((40, 40), label), part=part)
        if part == "train":
            cells.append([f"{n}.jpg", label])
        else:
            rows.append((f"{n}.jpg", label))
    columns = {"id": "key", "label": "text"}
    made.table("train.csv", list(columns), cells)
    made.table("test.csv", ["id"], [[one] for one, _ in rows])
    made.table("sample_submission.csv", list(columns), [[one, str(k % 2)] for k, (one, _) in enumerate(rows)])  # fmt: skip
    return (made.truth(TWO, columns, rows, classes=("0", "1")),)


ILLS = ("BE", "suspicious", "HGD", "cancer", "polyp")


def _ills_of_the_gullet(data: Path) -> Readings:
    """A mask file a disease that an image has, its name as the last word; they overlap; boxes in texts; a list of classes."""
    made, top, size = Builder(data), "EDD2020_release-I_2020-01-15", (40, 44)
    labels = dict[str, frozenset[str]]()
    for k in range(1, 37):
        name = f"EDD2020_{('ACB', 'INC', 'ET')[k % 3]}{k * 7:04d}"
        has = {ILLS[k % 5], *([ILLS[(k + 2) % 5]] if k % 3 == 0 else [])}
        planes, boxes = list[Plane](), list[str]()
        for ill in ILLS:
            plane = draw_plane(made.random, size) if ill in has else np.zeros(size, dtype=bool)
            planes.append(plane)
            if ill not in has:
                continue
            (data / top / "masks").mkdir(parents=True, exist_ok=True)
            _grey_mask(data / f"{top}/masks/{name}_{ill}.tif", plane)
            down, right = np.nonzero(plane)
            boxes.append(f"{right.min()} {down.min()} {right.max()} {down.max()} {ill}")
        path = f"{top}/originalImages/{name}.jpg"
        made.image(path, TrueSample(size, planes=tuple(planes)), part="train")
        labels[path] = frozenset(has)
        _lines(made, f"{top}/bbox/{name}.txt", boxes)
    _lines(made, f"{top}/class_list.txt", ILLS)
    layers = {"segment": "multilabel"}
    alone = _reading(made, layers, mask_classes=ILLS)
    both = _labelled(_reading(made, {**SEVERAL, **layers}, classes=ILLS, mask_classes=ILLS), dict(labels))  # fmt: skip
    return alone, both


PARTS_OF_A_KIDNEY = {
    "background-tissue": (0, 0, 0),
    "instrument-shaft": (0, 255, 0),
    "instrument-clasper": (0, 255, 255),
    "instrument-wrist": (125, 255, 12),
    "kidney-parenchyma": (255, 55, 0),
    "covered-kidney": (24, 55, 125),
    "thread": (187, 155, 25),
    "clamps": (0, 255, 125),
    "suturing-needle": (255, 255, 125),
    "suction-instrument": (123, 15, 175),
    "small-intestine": (124, 155, 5),
    "ultrasound-probe": (12, 255, 141),
}


def _robots_at_a_kidney(data: Path) -> Readings:
    """A folder a film with the same names of frames; masks in colours, and a JSON of these; train unpacks in two folders."""
    made, size, names = Builder(data), WIDE, tuple(PARTS_OF_A_KIDNEY)
    colours = np.array(list(PARTS_OF_A_KIDNEY.values()), dtype=np.uint8)
    releases = (("miccai_challenge_2018_release_1", (1, 2, 3, 4)), ("miccai_challenge_release_2", (5, 6, 7)))  # fmt: skip
    for top, films in releases:
        for film in films:
            for k in range(6):
                picked = np.array([0, *sorted({1, 3, 4, 1 + (film + k) % 11, 1 + (film * 3 + k) % 11})], dtype=np.uint8)  # fmt: skip
                numbers = picked[draw_class_map(made.random, size, len(picked), fill=True) - 1]
                planes = tuple(numbers == n for n in range(12))
                frame = f"frame{k:03d}.png"
                made.image(f"{top}/seq_{film}/left_frames/{frame}", TrueSample(size, planes=planes), part="train")  # fmt: skip
                _painted(made, f"{top}/seq_{film}/labels/{frame}", numbers, colours)
            made.text(f"{top}/seq_{film}/camera_calibration.txt", "// left camera\nWidth: 1280\nHeight: 1024\nCamera-0-F: 1042.51 1042.44\n")  # fmt: skip
        table = [{"name": one, "color": list(rgb), "classid": n} for n, (one, rgb) in enumerate(PARTS_OF_A_KIDNEY.items())]  # fmt: skip
        _json(made, f"{top}/labels.json", table)
    for film in (1, 2):
        _photos(made, [f"test_data/seq_{film}/left_frames/frame{k:03d}.png" for k in range(6)], None, size)  # fmt: skip
        made.text(f"test_data/seq_{film}/camera_calibration.txt", "// left camera\nWidth: 1280\n")
    whole = _reading(made, MULTI, test=_inside("test_data"), mask_classes=names)
    fewer = {path: one.planes[1:] for path, one in whole.train.items() if one.planes is not None}
    return whole, _masked(whole, fewer, names[1:])


SNAKES = {
    "agkistrodon_contortrix": "204",
    "coluber_constrictor": "540",
    "crotalus_horridus": "37",
    "nerodia_sipedon": "635",
    "storeria_dekayi": "78",
    "thamnophis_sirtalis": "966",
}


def _snakes_of_a_crowd(data: Path) -> Readings:
    """Class folders of a word and a number; a table maps names to numbers; test is a folder of a round."""
    made, words = Builder(data), {f"class-{n}": name for name, n in SNAKES.items()}
    for label in words:
        paths = [f"train/{label}/{hex_name(label, k)}.jpg" for k in range(7)]
        _photos(made, paths, label, (36, 40 + len(label) % 5))
    _photos(made, [f"round1/{hex_name('round', k)}.jpg" for k in range(14)], None, (40, 44))
    made.table("class_idx_mapping.csv", ["original_class", "class_idx"], list(SNAKES.items()))
    test = _inside("round1")
    return (
        _reading(made, LABELS, test=test, classes=words),
        _reading(made, LABELS, test=test, classes=SNAKES, label=lambda one: words[str(one)]),
        _reading(made, LABELS, test=test, classes=SNAKES.values(), label=lambda one: str(one)[6:]),
    )


LESIONS = ("1. Intraretinal Microvascular Abnormalities", "2. Nonperfusion Areas", "3. Neovascularization")  # fmt: skip


def _vessels_in_layers(data: Path) -> Readings:
    """Folders with numbers, dots and blanks; one of masks for each lesion, by the name of the image, only where it has it."""
    made, top, size = Builder(data), "A. Segmentation", (44, 44)
    for k in range(1, 41):
        part = "a. Training Set" if k <= 30 else "b. Testing Set"
        path = f"{top}/1. Original Images/{part}/{k * 3 + 24}.png"
        if k > 30:
            _grey(made, path, TrueSample(size))
            continue
        planes = list[Plane]()
        for n, lesion in enumerate(LESIONS):
            has = (k % 3 != 0, True, k % 4 == 1)[n]
            plane = draw_plane(made.random, size) if has else np.zeros(size, dtype=bool)
            planes.append(plane)
            if has:
                _grey_mask(data / f"{top}/2. Groundtruths/{part}/{lesion}/{k * 3 + 24}.png", plane)
        _grey(made, path, TrueSample(size, planes=tuple(planes)))
    made.text(f"{top}/LICENSE.txt", "Attribution-NonCommercial-NoDerivatives 4.0 International\n")
    test = _inside(f"{top}/1. Original Images/b. Testing Set")
    return (_reading(made, {"segment": "multilabel"}, test=test, mask_classes=[""] * 3),)


PERIODS = ("Afternoon", "Dawn", "Dusk", "Morning")
WEATHERS = ("Cloudy", "Rainy", "Sunny")


def _skies_and_hours(data: Path) -> Readings:
    """A JSON of names with a backslash and two classes each; test has no table at all."""
    made, notes = Builder(data), list[dict[str, str]]()
    both = dict[str, tuple[str, str]]()
    for k in range(1, 57):
        part = "train" if k <= 42 else "test"
        name = f"{k if part == 'train' else k - 42:05d}.jpg"
        path = f"{part}_dataset/{part}_images/{name}"
        _photos(made, [path], None, (36, 56 + k % 3))
        if part == "train":
            both[path] = (PERIODS[k * 3 % 4], WEATHERS[k * 2 % 3])
            notes.append({"filename": f"train_images\\{name}", "period": both[path][0], "weather": both[path][1]})  # fmt: skip
    _json(made, "train_dataset/train.json", {"annotations": notes})
    test = _inside("test_dataset")
    found = list[LayoutTruth]()
    for place, names in ((1, WEATHERS), (0, PERIODS)):
        one = _reading(made, LABELS, test=test, classes=names)
        found.append(_labelled(one, {path: words[place] for path, words in both.items()}))
    several = _reading(made, SEVERAL, test=test, classes=(*PERIODS, *WEATHERS))
    return (*found, _labelled(several, {path: frozenset(words) for path, words in both.items()}))


def _pressed_plants(data: Path) -> Readings:
    """Names that are the same in every class folder, in two parts; rankings of classes, and names of test with their ending."""
    made, rows = Builder(data), Rows()
    classes, validation = tuple(str(n) for n in range(8)), set[str]()
    for label in classes:
        for part, n in (("small-train", 5), ("small-validation", 2)):
            for k in range(n):
                path = f"{part}/{label}/{k:05d}.jpg"
                made.image(path, TrueSample((48, 32 + k), label), part="train")
                if part == "small-validation":
                    validation.add(path)
    for k in range(14):
        label = classes[k * 3 % 8]
        made.image(f"small-test/{k:05d}.jpg", TrueSample((48, 34), label), part="test")
        rows.append((f"{k:05d}.jpg", label))
    columns = {"Id": "key", "Category": "ranking"}
    made.table("sample_submission.csv", list(columns), [[one, "0 1 2"] for one, _ in rows])
    every = made.truth(LABELS, columns, rows, classes=classes)
    train = {path: one for path, one in every.train.items() if path not in validation}
    return every, replace(every, train=train)


BIRDS = (
    ("BRCR", "Brown Creeper"),
    ("PAWR", "Pacific Wren"),
    ("PSFL", "Pacific-slope Flycatcher"),
    ("RBNU", "Red-breasted Nuthatch"),
    ("DEJU", "Dark-eyed Junco"),
    ("OSFL", "Olive-sided Flycatcher"),
    ("HETH", "Hermit Thrush"),
)


def _birds_that_sing(data: Path) -> Readings:
    """Pictures of sounds; three texts together tell names, folds and lists of classes of unequal length; a row an image and class, both in one number."""
    made, rows = Builder(data), Rows()
    names, folds, lists, shown = ["rec_id,filename"], ["rec_id,fold"], ["rec_id,[labels]"], list[list[str]]()  # fmt: skip
    classes, top = tuple(str(n) for n in range(7)), "mlsp_contest_dataset"
    for k in range(54):
        name = f"PC{1 + k % 5}_200906{1 + k % 28:02d}_{k * 3 % 24:02d}0000_{k * 7 % 90:04d}"
        has = sorted({k % 7, k * 3 % 7}) if k % 5 else []
        is_test = k % 4 == 1
        label = frozenset(classes[n] for n in has)
        probs = made.probs(classes) if is_test else {}
        true = TrueSample((32, 56), label, probs)
        path = f"{top}/supplemental_data/spectrograms/{name}.bmp"
        _grey(made, path, true, "test" if is_test else "train")
        other = made.random.integers(0, 255, (32, 56)).astype(np.uint8)
        save_pixels(data / f"{top}/supplemental_data/filtered_spectrograms/{name}.bmp", other)
        made.text(f"{top}/essential_data/src_wavs/{name}.wav", "RIFF")
        names.append(f"{k},{name}")
        folds.append(f"{k},{int(is_test)}")
        lists.append(f"{k},?" if is_test else ",".join([str(k), *map(str, has)]))
        if is_test:
            for n in range(7):
                rows.append((str(k * 100 + n), repr(probs[str(n)])))
                shown.append([str(k * 100 + n), "0"])
    for file, lines in (("rec_id2filename", names), ("CVfolds_2", folds), ("rec_labels_test_hidden", lists)):  # fmt: skip
        _lines(made, f"{top}/essential_data/{file}.txt", lines)
    _lines(made, f"{top}/essential_data/species_list.txt", ["class_id,code,species", *(f"{n},{code},{bird}" for n, (code, bird) in enumerate(BIRDS))])  # fmt: skip
    _lines(made, f"{top}/supplemental_data/histogram_of_segments.txt", ["rec_id,[histogram of segment features]", *(f"{k},{k % 3},{k % 2},0,1" for k in range(54))])  # fmt: skip
    columns = {"Id": "key", "Probability": "number"}
    made.table("sample_submission.csv", list(columns), shown)
    plain = made.truth(SEVERAL, columns, rows, classes=classes)

    def moved(truth: LayoutTruth) -> LayoutTruth:
        to = lambda path: path.replace("/spectrograms/", "/filtered_spectrograms/")  # noqa: E731
        return replace(
            truth,
            train={to(path): one for path, one in truth.train.items()},
            test={to(path): one for path, one in truth.test.items()},
        )

    found = [plain, moved(plain)]
    for place in (0, 1):
        words = {str(n): bird[place] for n, bird in enumerate(BIRDS)}

        def named(one: TrueSample, words: Mapping[str, str] = words) -> TrueSample:
            own = one.label if isinstance(one.label, frozenset) else frozenset()
            probs = {words[name]: value for name, value in one.probs.items()}
            return replace(one, label=frozenset(words[name] for name in own), probs=probs)

        other_names = replace(
            plain,
            classes=tuple(words.values()),
            train={path: named(one) for path, one in plain.train.items()},
            test={path: named(one) for path, one in plain.test.items()},
        )
        found += [other_names, moved(other_names)]
    return tuple(found)


def _craft_in_orbit(data: Path) -> Readings:
    """One box an image, in a table of four numbers beside another of the craft; pictures without ground in a folder of their own."""
    made, boxes, about, plain = Builder(data), list[list[str]](), list[list[str]](), list[str]()
    targets = dict[str, Label]()
    for k in range(46):
        name = hex_name("craft", k, length=32)
        path = f"images/{name}.png"
        _photos(made, [path], None, (40, 50))
        left, up, wide, tall = _boxes(made, (40, 50), 1)[0]
        box = (left, up, left + wide, up + tall)
        targets[path] = tuple(float(one) for one in box)
        boxes.append([name, *map(str, box)])
        about.append([name, str(k % 6), str(k * 7 % 5)])
    for k in range(6):
        path = f"no_background/{hex_name('plain', k, length=32)}.png"
        _photos(made, [path], None, (40, 50))
        plain.append(path)
    corners = ("xmin", "ymin", "xmax", "ymax")
    made.table("train_labels.csv", ["image_id", *corners], boxes)
    made.table("train_metadata.csv", ["image_id", "spacecraft_id", "background_id"], about)
    made.table("no_background/no_background.csv", ["image_id", "spacecraft_id"], [[Path(one).stem, str(k)] for k, one in enumerate(plain)])  # fmt: skip
    alone = _reading(made, TARGETS, out=_inside("no_background"), classes=corners)
    return _labelled(alone, targets), _labelled(_reading(made, TARGETS, classes=corners), targets)


def _forged_papers(data: Path) -> Readings:
    """Numbers for names, which begin again in test; masks as PNG of JPEGs in a folder beside; no table."""
    made, top = Builder(data), "s2_data/data"
    for k in range(1, 39):
        size = (40 + k % 5, 36 + k % 7)
        plane = draw_plane(made.random, size)
        made.image(f"{top}/train/{k}.jpg", TrueSample(size, planes=(plane,)), part="train")
        _grey_mask(data / f"{top}/train_mask/{k}.png", plane)
    for k in range(1, 15):
        _photos(made, [f"{top}/test/{k}.jpg"], None, (40 + k % 3, 38))
    return (_reading(made, ONE_MASK, test=_inside(f"{top}/test"), mask_classes=[""]),)


SIGHTS = {
    "C0040405": "X-Ray Computed Tomography",
    "C1306645": "Plain x-ray",
    "C0024485": "Magnetic Resonance Imaging",
    "C0041618": "Ultrasonography",
    "C0817096": "Chest",
    "C0000726": "Abdomen",
    "C0030797": "Pelvis",
}


def _sights_of_medicine(data: Path) -> Readings:
    """Lists of concepts by semicolons, in a table a part; captions in others; a table of names; long names of all."""
    made, kinds = Builder(data), tuple(SIGHTS)
    top, first = "ImageCLEFmedCaption_2022", 0
    for part, n in (("train", 36), ("valid", 12), ("test", 14)):
        concepts, captions = list[list[str]](), list[list[str]]()
        for k in range(1, n + 1):
            first += 1
            has = list(dict.fromkeys([kinds[first % 4], *([kinds[4 + first % 3]] if first % 2 else [])]))  # fmt: skip
            name = f"{top}_{part}_{first:06d}"
            path = f"{top}_{part}_images/{name}.jpg"
            _grey(made, path, TrueSample((40 + k % 5, 44), None if part == "test" else frozenset(has)))  # fmt: skip
            concepts.append([name, ";".join(has)])
            captions.append([name, f"{SIGHTS[has[0]]} shows a mass, with arrow."])
        if part != "test":
            made.table(f"{top}_concept_{part}.csv", ["ID", "cuis"], concepts)
            made.table(f"{top}_caption_prediction_{part}.csv", ["ID", "caption"], captions)
    made.table("concepts.csv", ["concept", "concept_name"], list(SIGHTS.items()))
    test, valid = _inside(f"{top}_test_images"), _inside(f"{top}_valid_images")
    found = list[LayoutTruth]()
    for out in (_any_of(), valid):
        found.append(_reading(made, SEVERAL, test=test, out=out, classes=kinds))
        found.append(_reading(made, SEVERAL, test=test, out=out, classes=SIGHTS.values(),
                              label=lambda one: frozenset(SIGHTS[name] for name in one)))  # type: ignore[union-attr]  # fmt: skip
    return tuple(found)


def _road_users(data: Path) -> Readings:
    """Masks of sixteen bits, a class times a thousand and a number; rows of one object each, in a form of the host's own."""
    made, rows, size = Builder(data), Rows(), (40, 56)
    classes = ("33", "36", "38")
    for k in range(48):
        is_test = k >= 36
        objects = tuple((int(classes.index(("33", "36", "33", "38")[(k + n) % 4])), plane)
                        for n, plane in enumerate(draw_objects(made.random, size, 1 + k % 4)))  # fmt: skip
        true = TrueSample(size, objects=objects)
        if is_test:
            name = hex_name("wad", k, length=32)
            made.image(f"test/{name}.jpg", true, part="test")
            rows.extend((name, classes[place], str(int(plane.sum())), "1", "") for place, plane in objects)  # fmt: skip
            continue
        name = f"170908_{61500 + k}{k * 137 % 1000:03d}_Camera_{5 + k % 2}"
        made.image(f"train_color/{name}.jpg", true, part="train")
        numbers, seen = np.full(size, 65535, dtype=np.uint16), dict[int, int]()
        for place, plane in objects:
            numbers[plane] = int(classes[place]) * 1000 + seen.get(place, 0)
            seen[place] = seen.get(place, 0) + 1
        save_pixels(data / f"train_label/{name}_instanceIds.png", numbers)  # type: ignore[arg-type]
    columns = {"ImageId": "key", "LabelId": "text", "PixelCount": "free", "Confidence": "free", "EncodedPixels": "free"}  # fmt: skip
    shown = [[one, "33", "100", "0.5", "10 50|110 50|"] for one in dict.fromkeys(row[0] for row in rows)]  # fmt: skip
    made.table("sample_submission.csv", list(columns), shown)
    return (made.truth(OBJECTS, columns, rows, mask_classes=classes),)


FOURTEENTH_COMPETITIONS = (
    DataSet(
        "imagenet-object-localization-challenge", "memory", _thousand_things, doubt="the sample"
    ),
    DataSet("ens-rakuten-france", "code and memory", _goods_of_france),
    DataSet("zalo-ai-2021-5k-compliance", "code and memory", _rules_against_a_virus),
    DataSet(
        "aicup-2022-crop-fields",
        "code and memory",
        _fields_of_taiwan,
        doubt="columns of the places, folders of test",
    ),
    DataSet("tbrain-handwriting-2021", "memory", _signs_of_a_bank, has_test=False),
    DataSet("dacon-image-quality-captioning", "memory", _photos_with_marks),
    DataSet(
        "zindi-arm-unicef-disaster-vulnerability",
        "memory",
        _roofs_of_three_kinds,
        doubt="form of the ids",
    ),
    DataSet("huggingface-aiornot", "memory", _made_by_a_machine, doubt="the test table"),
    DataSet("edd-2020", "code", _ills_of_the_gullet, has_test=False),
    DataSet("endovis-2018-scene-segmentation", "memory", _robots_at_a_kidney, doubt="folder of test"),
    DataSet("aicrowd-snake-species-2019", "page", _snakes_of_a_crowd),
    DataSet("drac-2022-segmentation", "memory", _vessels_in_layers),
    DataSet("datafountain-weather-and-time", "code and memory", _skies_and_hours),
    DataSet("herbarium-2019-fgvc6", "page", _pressed_plants, doubt="the sample"),
    DataSet("mlsp-2013-birds", "memory", _birds_that_sing),
    DataSet(
        "drivendata-spacecraft-detection",
        "memory",
        _craft_in_orbit,
        has_test=False,
        doubt="folder without background",
    ),
    DataSet("tianchi-tampered-documents", "code", _forged_papers),
    DataSet("imageclef-2022-concepts", "memory", _sights_of_medicine),
    DataSet("cvpr-2018-autonomous-driving", "memory", _road_users, doubt="pixels of no object"),
)
"""Competitions of `DataSet` form: several readings may be right, and a file to send need not be shown."""

FOURTEENTH_DATA_SETS: tuple[DataSet, ...] = ()
