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

from layouts.drawing import draw_class_map, draw_objects, draw_plane, save_pixels
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
    _reading,
)
from layouts.real.eleventh_set import OBJECTS, WIDE, _any_of, _boxes
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
    train, test = (
        {path: replace(one, planes=None, objects=None, ignored=None) for path, one in part.items()}
        for part in (truth.train, truth.test)
    )
    kinds = {"classify": truth.kinds["classify"]}
    return replace(truth, train=train, test=test, kinds=kinds, mask_classes=())


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
        path: replace(one, planes=planes.get(path), objects=None, ignored=(ignored or {}).get(path))
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


# Data sets: labels and numbers


def _digits_of_bengal(data: Path) -> Readings:
    """A folder and a table a source, with blanks in names of columns; test folders have no table and the same names."""
    made, digits = Builder(data), tuple("0123456789")
    header = ["filename", "original filename", "scanid", "digit", "database name original", "contributing team", "database name"]  # fmt: skip
    teams = {"a": "Buet_Broncos", "b": "Buet_Synesthesia", "e": "Sust_Hackers"}
    for place, (letter, team) in enumerate(teams.items()):
        cells = list[list[str]]()
        for k in range(16):
            name, digit = f"{letter}{k:05d}.png", digits[(k * 3 + place) % 10]
            _grey(made, f"training-{letter}/{name}", TrueSample((36, 36), digit))
            cells.append([name, f"Scan_{58 + k}_digit_{digit}_num_{k % 9}.png", str(58 + k), digit, "BHDDB", team, f"training-{letter}"])  # fmt: skip
        made.table(f"training-{letter}.csv", header, cells)
        for k in range(8):
            _grey(made, f"testing-{letter}/{letter}{k:05d}.png", TrueSample((36, 36)))
    for k in range(6):
        _photos(made, [f"testing-auga/a{k:05d}.png"], None, (36, 36))
    folders = [*(f"testing-{one}" for one in teams), "testing-auga"]
    return (_reading(made, LABELS, test=_inside(*folders), classes=digits),)


def _signs_of_old_books(data: Path) -> Readings:
    """Class folders named by code point, with a plus; few images in most, one in some."""
    made = Builder(data)
    counts = {"U+4E00": 14, "U+4E03": 9, "U+4E09": 8, "U+4E0A": 6, "U+5B50": 4, "U+5C71": 2, "U+9F8D": 1}  # fmt: skip
    for label, n in counts.items():
        for k in range(n):
            name = hex_name(label, k, length=16)
            _grey(made, f"kkanji2/{label}/{name}.png", TrueSample((64, 64), label))
    return (_reading(made, LABELS, classes=counts),)


def _photos_by_taste(data: Path) -> Readings:
    """Texts of a name and a number without a header, one an attribute and part; an attribute's name has a slip; all images in one folder."""
    made, top, of = Builder(data), "AADB", dict[str, dict[str, Label]]()
    attributes = ("BalacingElements", "ColorHarmony", "Content", "DoF", "Light", "MotionBlur", "Object", "Repetition", "RuleOfThirds", "Symmetry", "VividColor", "score")  # fmt: skip
    parts, part_of = {"Train": 30, "Validation": 8, "TestNew": 12}, dict[str, str]()
    number = 0
    for part, n in parts.items():
        lines: dict[str, list[str]] = {one: [] for one in attributes}
        for _k in range(n):
            number += 1
            name = f"farm{1 + number % 9}_{255 + number * 7}_{19452343093 + number * 7919}_{hex_name('taste', number)}_b.jpg"
            path = f"{top}/datasetImages_warp256/{name}"
            _photos(made, [path], None, (40, 40))
            part_of[path] = part
            for place, one in enumerate(attributes):
                value = (number * (place + 3) % 11 - 5) / 5
                if one in ("score", "Repetition", "Symmetry"):
                    value = round((number * (place + 3) % 21) / 20, 2)
                of.setdefault(one, {})[path] = value
                lines[one].append(f"{name} {value:.4f}")
        for one, each in lines.items():
            _lines(made, f"{top}/imgListFiles_label/imgList{part}Regression_{one}.txt", each)
    test: Callable[[str], bool] = lambda path: part_of[path] == "TestNew"  # noqa: E731
    out: Callable[[str], bool] = lambda path: part_of[path] == "Validation"  # noqa: E731
    found = list[LayoutTruth]()
    for one in ("score", *attributes[:-1]):
        for left in (_any_of(), out):
            found.append(_labelled(_reading(made, NUMBER, test=test, out=left), of[one]))
    every: dict[str, Any] = {path: tuple(of[one][path] for one in attributes) for path in part_of}
    for left in (_any_of(), out):
        many = _reading(made, TARGETS, test=test, out=left, classes=attributes)
        found.append(_labelled(many, every))
    return tuple(found)


SKINS = ("psoriasis", "squamous cell carcinoma", "lichen planus", "nematode infection", "acanthosis nigricans", "basal cell carcinoma")  # fmt: skip
NINTHS = ("inflammatory", "malignant epidermal", "inflammatory", "inflammatory", "benign dermal", "malignant epidermal")  # fmt: skip
THIRDS = ("non-neoplastic", "malignant", "non-neoplastic", "non-neoplastic", "benign", "malignant")


def _skins_of_six_types(data: Path) -> Readings:
    """A table with a type of skin of -1 to 6 and three sizes of classes; names are hashes; links; some rows have no image."""
    made, cells, top = Builder(data), list[list[str]](), "fitzpatrick17k"
    of: dict[str, dict[str, Any]] = {one: {} for one in ("label", "nine", "three", "scale")}
    for k in range(52):
        name, place = hex_name("skin", k, length=32), k * 5 % 6
        scale = str((k * 3 + k // 6) % 7) if k % 8 else "-1"
        scale = "2" if scale == "0" else scale
        quality = "1 Diagnostic" if k % 13 == 2 else ""
        link = f"https://www.dermaamin.com/site/images/clinical-pic/{SKINS[place][:4]}{k}.jpg"
        second = str(max(1, int(scale)) if k % 5 else 3)
        cells.append([name, scale, second, SKINS[place], NINTHS[place], THIRDS[place], quality, link, f"httpwwwdermaamincomsiteimagesclinicalpic{k}.jpg"])  # fmt: skip
        if k % 17 == 9:
            continue  # the link of it is dead
        path = f"{top}/data/finalfitz17k/{name}.jpg"
        _photos(made, [path], None, (40 + k % 5, 36 + k % 7))
        values = (SKINS[place], NINTHS[place], THIRDS[place], scale)
        for one, value in zip(of, values, strict=True):
            of[one][path] = value
    header = ["md5hash", "fitzpatrick_scale", "fitzpatrick_centaur", "label", "nine_partition_label", "three_partition_label", "qc", "url", "url_alphanum"]  # fmt: skip
    made.table(f"{top}/fitzpatrick17k.csv", header, cells)
    made.text(f"{top}/README.md", "# Fitzpatrick17k\n\nClinical images with skin condition labels and Fitzpatrick skin types from 1 to 6; -1 stands for unknown.\n")  # fmt: skip
    found = list[LayoutTruth]()
    for one, labels in of.items():
        classes = sorted(set(labels.values()), key=lambda name: (len(name) > 2, name))
        kinds = RANKS if one == "scale" else LABELS
        found.append(_labelled(_reading(made, kinds, classes=classes), labels))
    known = {path: one for path, one in of["scale"].items() if one != "-1"}
    six = _reading(made, RANKS, classes=sorted(set(known.values())))
    numbers: dict[str, Any] = {path: float(one) for path, one in of["scale"].items()}
    return (*found, _labelled(six, known), _labelled(_reading(made, NUMBER), numbers))


MOLES = ("basal cell carcinoma", "blue nevus", "clark nevus", "melanoma (in situ)", "reed or spitz nevus", "seborrheic keratosis")  # fmt: skip


def _moles_by_seven_points(data: Path) -> Readings:
    """A row a case with two images in two columns; the parts are tables of places of rows; endings in capitals."""
    made, top, cells = Builder(data), "release_v0", list[list[str]]()
    sides: dict[str, dict[str, int]] = {"derm": {}, "clinic": {}}
    diagnosis, score, care = list[str](), list[int](), list[str]()
    managed = ("excision", "clinical follow up", "no further examination")
    for k in range(40):
        folder = ("NEL", "FAL", "NGL", "Aal")[k % 4]
        names = {"clinic": f"{folder}/{folder}{k + 25:03d}.JPG", "derm": f"{folder}/{folder}{k + 26 + 40:03d}.JPG"}  # fmt: skip
        for side, name in names.items():
            path = f"{top}/images/{name}"
            _photos(made, [path], None, (40, 48 + k % 3))
            sides[side][path] = k
        diagnosis.append(MOLES[k * 5 % 6])
        score.append(k * 3 % 8)
        care.append(managed[k * 2 % 3])
        cells.append([
            str(k + 1), diagnosis[-1], str(score[-1]), ("absent", "typical", "atypical")[k % 3],
            ("absent", "regular", "irregular")[k % 3], "diffuse irregular", "absent", "irregular", "absent",
            "absent", ("low", "medium", "high")[k % 3], ("flat", "palpable", "nodular")[k % 3],
            ("back", "abdomen", "lower limbs")[k % 3], ("female", "male")[k % 2], care[-1],
            names["clinic"], names["derm"], "" if k % 4 else str(k), "",
        ])  # fmt: skip
    header = ["case_num", "diagnosis", "seven_point_score", "pigment_network", "streaks", "pigmentation", "regression_structures", "dots_and_globules", "blue_whitish_veil", "vascular_structures", "level_of_diagnostic_difficulty", "elevation", "location", "sex", "management", "clinic", "derm", "case_id", "notes"]  # fmt: skip
    made.table(f"{top}/meta/meta.csv", header, cells)
    part = {"train": (0, 2, 4), "valid": (3,), "test": (1,)}
    for name, ends in part.items():
        lines = [str(k) for k in range(40) if k % 5 in ends]
        _lines(made, f"{top}/meta/{name}_indexes.csv", ["indexes", *lines])
    case = {**sides["derm"], **sides["clinic"]}
    test: Callable[[str], bool] = lambda path: case[path] % 5 == 1  # noqa: E731
    choices: list[tuple[Mapping[str, Any], Sequence[str], Callable[[int], Label]]] = [
        (LABELS, MOLES, lambda k: diagnosis[k]),
        (NUMBER, (), lambda k: float(score[k])),
        (RANKS, tuple(map(str, range(8))), lambda k: str(score[k])),
        (LABELS, managed, lambda k: care[k]),
    ]
    found = list[LayoutTruth]()
    for used in ({"derm"}, {"clinic"}, {"derm", "clinic"}):
        left: Callable[[str], bool] = lambda path, used=used: not any(path in sides[one] for one in used)  # type: ignore[misc]  # noqa: E731  # fmt: skip
        valid: Callable[[str], bool] = lambda path, left=left: left(path) or case[path] % 5 == 3  # type: ignore[misc]  # noqa: E731  # fmt: skip
        for out in (left, valid):
            for kinds, classes, label_of in choices:
                one = _reading(made, kinds, test=test, out=out, classes=classes)
                found.append(_labelled(one, {path: label_of(k) for path, k in case.items()}))
    return tuple(found)


def _bowels_by_grade(data: Path) -> Readings:
    """Grades with a blank in two folders of parts; every image once more below its patient; BMPs."""
    made, grades = Builder(data), tuple(f"Mayo {n}" for n in range(4))
    for k in range(52):
        patient, grade = 1 + k // 4, grades[(0, 1, 0, 2, 0, 3, 1)[k % 7]]
        part = "test_set" if patient % 5 == 0 else "train_and_validation_sets"
        name = f"UC_patient_{patient}_{1 + k % 4}.bmp"
        path = f"{part}/{grade}/{name}"
        _photos(made, [path], grade, (36, 44))
        copy = data / f"patient_based_classified_images/{patient}/{grade}/{name}"
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((data / path).read_bytes())
    test = _inside("test_set")
    names = {grade: grade[-1] for grade in grades}
    return (
        _reading(made, RANKS, test=test, classes=grades),
        _reading(made, RANKS, test=test, classes="0123", label=lambda one: names[str(one)]),
    )


STEELS = ("1_chongkong", "2_hanfeng", "3_yueyawan", "4_shuiban", "5_youban", "6_siban", "7_yiwu", "8_yahen", "9_zhehen", "10_yaozhe")  # fmt: skip


def _faults_of_steel(data: Path) -> Readings:
    """Folders of one to ten, and one of XMLs whose name has a slip; boxes may be of other classes than the folder."""
    made, top = Builder(data), "GC10-DET"
    numbers, inner = tuple(str(n) for n in range(1, 11)), dict[str, frozenset[str]]()
    size = (40, 80)
    for place, label in enumerate(numbers):
        for k in range(5):
            name = f"img_{1 + k % 8:02d}_{425391100 + place * 97_300 + k * 100}_{k + 1:05d}"
            path = f"{top}/{label}/{name}.jpg"
            _grey(made, path, TrueSample(size, label))
            has = [STEELS[place], *([STEELS[(place + 3) % 10]] if k == 4 else [])]
            inner[path] = frozenset(has)
            boxes = "".join(
                f"<object><name>{one}</name><pose>Unspecified</pose><truncated>0</truncated><difficult>0</difficult><bndbox><xmin>{left}</xmin><ymin>{up}</ymin><xmax>{left + wide}</xmax><ymax>{up + tall}</ymax></bndbox></object>"
                for one, (left, up, wide, tall) in zip(has, _boxes(made, size, len(has)), strict=True)
            )  # fmt: skip
            made.text(f"{top}/lable/{name}.xml", f"<annotation><folder>{label}</folder><filename>{name}.jpg</filename><path>D:\\GC10\\{label}\\{name}.jpg</path><size><width>80</width><height>40</height><depth>1</depth></size><segmented>0</segmented>{boxes}</annotation>")  # fmt: skip
    words = dict(zip(numbers, STEELS, strict=True))
    several = _reading(made, SEVERAL, classes=STEELS)
    return (
        _reading(made, LABELS, classes=numbers),
        _labelled(several, dict(inner)),
        _reading(made, LABELS, classes=STEELS, label=lambda one: words[str(one)]),
    )


LEAVES = ("Apple Scab Leaf", "Apple leaf", "Apple rust leaf", "Bell_pepper leaf", "Corn Gray leaf spot", "Tomato leaf mosaic virus", "Tomato two spotted spider mites leaf", "grape leaf black rot")  # fmt: skip


def _leaves_from_the_web(data: Path) -> Readings:
    """Names as the web gave them, with signs, blanks and several endings; a class that test lacks; a picture beside the readme."""
    made, top = Builder(data), "PlantDoc-Dataset-master"
    for place, label in enumerate(LEAVES):
        for part, n in (("train", 6), ("test", 0 if "mites" in label else 2)):
            for k in range(n):
                web = label.replace(" ", "+").lower()
                name = (
                    f"{web}+{k}.jpg",
                    f"{hex_name(label, k, length=8)}--{hex_name(k, label, length=8)}.jpg",
                    f"DSC{5032 + k * 7 + place:05d}.JPG",
                    f"{label} ({k}) %28{part}%29.png",
                    f"{part}_{place}=resize=600,0.jpeg",
                    f"00{k}fungus-{place}{part}.jpg",
                )[(k + place) % 6]
                path = f"{top}/{part}/{label}/{name}"
                _photos(made, [path], label, (32 + k, 40 + place))
    example = made.random.integers(0, 255, (60, 90, 3)).astype(np.uint8)
    save_pixels(data / f"{top}/PlantDoc_Examples.png", example)
    made.text(f"{top}/README.md", "# PlantDoc: A Dataset for Visual Plant Disease Detection\n\nThis is the cropped data set for image classification.\n\n![examples](PlantDoc_Examples.png)\n")  # fmt: skip
    made.text(f"{top}/LICENSE.txt", "Attribution 4.0 International\n")
    return (_reading(made, LABELS, test=_inside(f"{top}/test"), classes=LEAVES),)


def _leaves_of_robusta(data: Path) -> Readings:
    """A spreadsheet of two columns with dots in their names, of two classes and of six; the outlines in a CSV and in JSON of a tool."""
    made, cells, drawn = Builder(data), list[list[object]](), list[list[str]]()
    states = ("healthy", "rust_level_1", "rust_level_2", "rust_level_3", "rust_level_4", "red_spider_mite")  # fmt: skip
    fine, wide, notes = dict[str, str](), dict[str, str](), list[dict[str, Any]]()
    for k in range(48):
        state = states[k * 5 % 6]
        name = f"C{1 + k // 24}P{1 + k % 24 // 2}{'EH'[k % 2]}{1 + k // 12 % 2}.jpg"
        path = f"Photos/{name}"
        _photos(made, [path], None, (36, 48) if k % 3 else (48, 36))
        fine[path], wide[path] = state, "healthy" if state == "healthy" else "unhealthy"
        cells.append([name, wide[path], state])
        corners = [{"x": 6, "y": 5}, {"x": 29, "y": 6}, {"x": 30, "y": 31}, {"x": 5, "y": 30}]
        shape = {"Leaf": [{"state": wide[path], "geometry": corners}], "classification": state}
        row = {"ID": hex_name("row", k, length=25), "DataRow ID": hex_name("data", k, length=25), "Labeled Data": f"https://storage.googleapis.com/labelbox/{name}", "Label": shape, "Created By": "jorge", "Project Name": "RoCoLe", "External ID": name}  # fmt: skip
        notes.append(row)
        drawn.append([str(one).replace("'", '"') if isinstance(one, dict) else one for one in row.values()])  # fmt: skip
    _book(data / "Annotations/RoCoLe-classes.xlsx", ["File", "Binary.Label", "Multiclass.Label"], cells)  # fmt: skip
    made.table("Annotations/RoCoLE-csv.csv", list(notes[0]), drawn)
    _json(made, "Annotations/RoCoLE-json.json", notes)
    return (
        _labelled(_reading(made, LABELS, classes=states), dict(fine)),
        _labelled(_reading(made, TWO, classes=("healthy", "unhealthy")), dict(wide)),
        _labelled(_reading(made, RANKS, classes=states), dict(fine)),
    )


def _papers_of_tobacco(data: Path) -> Readings:
    """Class folders of scanned pages; names are numbers with lines, and some with letters before them."""
    made, top = Builder(data), "Tobacco3482-jpg"
    kinds = ("ADVE", "Email", "Form", "Letter", "Memo", "News", "Note", "Report", "Resume", "Scientific")  # fmt: skip
    for place, label in enumerate(kinds):
        for k in range(5):
            name = (f"{504443 + k * 977 + place:010d}", f"{50603750 + k * 31 + place}-{3751 + k}", f"ti{16670389 + place}_{392 + k:04d}")[k % 3]  # fmt: skip
            _grey(made, f"{top}/{label}/{name}.jpg", TrueSample((56, 40 + k), label))
    return (_reading(made, LABELS, classes=kinds),)


def _faces_in_the_wild(data: Path) -> Readings:
    """A list of faces: name, number, box, sureness and class, without a header; a word in a name is not its class; two faces in some."""
    made, lines = Builder(data), list[str]()
    words = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
    first, last, every = dict[str, str](), dict[str, str](), dict[str, frozenset[str]]()
    for k in range(52):
        word = ("angry", "afraid", "happy", "excited", "sad", "astonished", "calm")[k % 7]
        name = f"{word}_{('actor', 'child', 'asian', 'worker')[k % 4]}_{k * 13 + 4}.jpg"
        path = f"image/origin/{name}"
        _photos(made, [path], None, (40, 52))
        classes = [str((k * 3 + k // 7) % 7)]
        if k % 9 == 5:
            classes.append(str((k * 3 + 2) % 7))
        boxes = _boxes(made, (40, 52), len(classes))
        for n, (label, (left, up, wide, tall)) in enumerate(zip(classes, boxes, strict=True)):
            sure = f"{20 + (k * 7 + n) % 60}.{k * 37 % 10000:04d}"
            lines.append(f"{name} {n} {up} {left} {left + wide} {up + tall} {sure} {label}")
        first[path], last[path], every[path] = classes[0], classes[-1], frozenset(classes)
    _lines(made, "label/label.lst", lines)
    made.text("readme.txt", "Expression in-the-Wild (ExpW)\n\nEach line of label.lst:\nimage_name face_id_in_image face_box_top face_box_left face_box_right face_box_bottom face_box_cofidence expression_label\n\nexpression label:\n" + "".join(f'"{n}" "{one}"\n' for n, one in enumerate(words)))  # fmt: skip
    numbers, found = tuple("0123456"), list[LayoutTruth]()
    for names in (numbers, words):
        name_of = dict(zip(numbers, names, strict=True))
        several = _reading(made, SEVERAL, classes=names)
        one = _reading(made, LABELS, classes=names)
        found.append(_labelled(several, {path: frozenset(map(name_of.__getitem__, has)) for path, has in every.items()}))  # fmt: skip
        found.append(_labelled(one, {path: name_of[label] for path, label in first.items()}))
        found.append(_labelled(one, {path: name_of[label] for path, label in last.items()}))
    return tuple(found)


def _paintings(data: Path) -> Readings:
    """Folders of styles; lists of three kinds of classes for two parts, without a header; those of artists and genres name but some images."""
    made, top = Builder(data), "wikiart"
    styles = ("Abstract_Expressionism", "Art_Nouveau_Modern", "Baroque", "Impressionism", "Ukiyo_e")
    artists = ("Albrecht_Durer", "Claude_Monet", "Hokusai", "Rembrandt")
    genres = ("genre_painting", "landscape", "portrait")
    known: dict[str, tuple[str, ...]] = {"style": styles, "artist": artists, "genre": genres}
    of: dict[str, dict[str, int]] = {one: {} for one in known}
    lists = dict[str, list[str]]()
    validation = set[str]()
    for place, style in enumerate(styles):
        for k in range(11):
            artist = (place * 3 + k) % 5
            who = artists[artist].replace("_", "-").lower() if artist < 4 else "edvard-munch"
            below = f"{style}/{who}_the-garden-no-{k}-{1870 + place * 11 + k}.jpg"
            path = f"{top}/{below}"
            _photos(made, [path], None, (36 + k % 5, 40 + place))
            places: dict[str, int] = {"style": place}
            if artist < 4:
                places["artist"] = artist
            if k % 4:
                places["genre"] = (k + place) % 3
            part = "val" if k % 4 == 3 else "train"
            if part == "val":
                validation.add(path)
            for one, number in places.items():
                of[one][path] = number
                lists.setdefault(f"{one}_{part}.csv", []).append(f"{below},{number}")
    for name, lines in lists.items():
        _lines(made, f"wikiart_csv/{name}", lines)
    for one, names in known.items():
        _lines(made, f"wikiart_csv/{one}_class.txt", [f"{n} {word}" for n, word in enumerate(names)])  # fmt: skip
    found = list[LayoutTruth]()
    for out in (_any_of(), lambda path: path in validation):
        for one, names in known.items():
            for used in (names, tuple(map(str, range(len(names))))):
                truth = _reading(made, LABELS, out=out, classes=used)
                found.append(_labelled(truth, {path: used[n] for path, n in of[one].items()}))
    return tuple(found)


PLACES = ("/a/airfield", "/a/airplane_cabin", "/a/apartment_building/outdoor", "/b/bow_window/indoor", "/b/bow_window/outdoor", "/l/lake/natural")  # fmt: skip


def _places(data: Path) -> Readings:
    """Folders of letters, and of one or two levels below; lists of paths that begin with a stroke; validation is flat, with a list."""
    made, lists, number = Builder(data), dict[str, list[str]](), dict[str, int]()
    for place, folder in enumerate(PLACES):
        for k in range(1, 8):
            below = f"{folder}/{k * 71:08d}.jpg"
            path = f"data_256{below}"
            _photos(made, [path], None, (40, 40))
            number[path] = place
            lists.setdefault("places365_train_standard", []).append(f"{below} {place}")
    for part, n in (("val", 14), ("test", 14)):
        for k in range(1, n + 1):
            name = f"Places365_{part}_{k:08d}.jpg"
            path = f"{part}_256/{name}"
            _photos(made, [path], None, (40, 40))
            if part == "val":
                number[path] = k * 5 % 6
            ending = f" {k * 5 % 6}" if part == "val" else ""
            lists.setdefault(f"places365_{part}", []).append(f"{name}{ending}")
    for name, lines in lists.items():
        _lines(made, f"{name}.txt", lines)
    _lines(made, "categories_places365.txt", [f"{one} {n}" for n, one in enumerate(PLACES)])
    _lines(made, "IO_places365.txt", [f"{one} {2 if n in (0, 2, 4, 5) else 1}" for n, one in enumerate(PLACES)])  # fmt: skip
    found = list[LayoutTruth]()
    spelled = (
        tuple(map(str, range(6))),
        PLACES,
        tuple(one[1:] for one in PLACES),
        tuple(one[3:] for one in PLACES),
        tuple(one[3:].replace("/", "_") for one in PLACES),
    )
    for out in (_any_of(), _inside("val_256")):
        for names in spelled:
            truth = _reading(made, LABELS, test=_inside("test_256"), out=out, classes=names)
            found.append(_labelled(truth, {path: names[n] for path, n in number.items()}))
    return tuple(found)


def _eyes_of_both_sides(data: Path) -> Readings:
    """Two spreadsheets, of right and of left eyes, with a header of two rows and numbers after a hash; outlines by two experts as texts."""
    made, top = Builder(data), "PapilaDB-PAPILA"
    labels = dict[str, str]()
    upper = ["", "Age", "Gender", "Diagnosis", "Refractive_Defect", "", "", "Phakic/Pseudophakic", "Pneumatic", "Perkins", "Pachymetry", "Axial_Length", "VF_MD"]  # fmt: skip
    lower = ["ID", "", "", "", "dioptre_1", "dioptre_2", "astigmatism", "", "", "", "", "", ""]
    for side in ("OD", "OS"):
        cells = list[list[object]]()
        for k in range(1, 25):
            number = 2 * k + k // 5
            name, grade = f"RET{number:03d}{side}", (0, 0, 1, 0, 2, 0)[(k + (side == "OS")) % 6]
            path = f"{top}/FundusImages/{name}.jpg"
            _photos(made, [path], None, (40, 52))
            labels[path] = str(grade)
            cells.append([f"#{number:03d}", 40 + k * 7 % 45, k % 2, grade, 0.25 * (k % 9), -0.75, 80 + k, k % 2, 14 + k % 8, "", 520 + k * 3, 23.5, -1.2 * grade])  # fmt: skip
            for part, around in (("cup", 3), ("disc", 6)):
                for expert in (1, 2):
                    points = [(26 + around * x, 20 + around * y + expert) for x, y in ((-1, 0), (0, 1), (1, 0), (0, -1))]  # fmt: skip
                    _lines(made, f"{top}/ExpertsSegmentations/Contours/{name}_{part}_exp{expert}.txt", [f"   {x:.7e}   {y:.7e}" for x, y in points])  # fmt: skip
        _book(data / f"{top}/ClinicalData/patient_data_{side.lower()}.xlsx", upper, [lower, *cells])
    made.text(f"{top}/HelpCode/utils.py", "import numpy as np\n")
    made.text(f"{top}/README.md", "# PAPILA\n\nDiagnosis: 0 stands for healthy, 1 for glaucoma, and 2 for suspicious.\n")  # fmt: skip
    eyes = _reading(made, LABELS, classes="012")
    ranks = _reading(made, RANKS, classes="012")
    return _labelled(eyes, dict(labels)), _labelled(ranks, dict(labels))


# Data sets: masks


STREETS = {0: (7, (128, 64, 128)), 2: (11, (70, 70, 70)), 8: (21, (107, 142, 35)), 10: (23, (70, 130, 180)), 13: (26, (0, 0, 142))}  # fmt: skip


def _streets_in_bad_weather(data: Path) -> Readings:
    """A folder of each weather above those of parts; three masks an image by ends of names; images of clear days have none."""
    made, size, rgb, gt = Builder(data), WIDE, "rgb_anon", "gt"
    ids, colours = list(STREETS), [one for _, one in STREETS.values()]
    places_of, voids = dict[str, NDArray[np.uint8]](), dict[str, Plane]()
    films = {"fog": "GOPR0475", "night": "GOPR0351", "rain": "GP010402", "snow": "GOPR0606"}
    for weather, film in films.items():
        for part, n in (("train", 7), ("val", 3), ("test", 3)):
            for k in range(n):
                name = f"{film}_frame_{k * 37 + len(part):06d}"
                path = f"{rgb}/{weather}/{part}/{film}/{name}_rgb_anon.png"
                clear = f"{rgb}/{weather}/{part}_ref/{film}/{name}_rgb_ref_anon.png"
                _photos(made, [path, clear], None, size)
                if part == "test":
                    continue
                place = draw_class_map(made.random, size, 5, fill=True) - 1
                void = draw_plane(made.random, size)
                places_of[path], voids[path] = place, void
                train_ids = np.where(void, 255, np.array(ids, dtype=np.uint8)[place])
                label_ids = np.where(void, 0, np.array([a for a, _ in STREETS.values()])[place])
                painted = np.where(void[..., None], 0, np.array(colours, dtype=np.uint8)[place])
                stem = f"{gt}/{weather}/{part}/{film}/{name}_gt"
                save_pixels(data / f"{stem}_labelTrainIds.png", train_ids.astype(np.uint8))
                save_pixels(data / f"{stem}_labelIds.png", label_ids.astype(np.uint8))
                save_pixels(data / f"{stem}_labelColor.png", painted.astype(np.uint8))
    test: Callable[[str], bool] = lambda path: "/test/" in path  # noqa: E731
    clear_test: Callable[[str], bool] = lambda path: "/test_ref/" in path  # noqa: E731
    clear_all: Callable[[str], bool] = lambda path: "_ref/" in path  # noqa: E731
    val: Callable[[str], bool] = lambda path: "/val/" in path or "_ref/" in path  # noqa: E731
    drawn = {path: tuple((place == n) & ~voids[path] for n in range(5)) for path, place in places_of.items()}  # fmt: skip
    with_void = {path: (voids[path], *planes) for path, planes in drawn.items()}
    void_last = {path: (*planes, voids[path]) for path, planes in drawn.items()}
    names = tuple(map(str, ids))
    found = list[LayoutTruth]()
    for out in (clear_test, clear_all, val):
        base = _reading(made, MULTI, test=test, out=out)
        found.append(_masked(base, drawn, names, ignored=voids))
        found.append(_masked(base, drawn, names))
        found.append(_masked(base, with_void, ("0",) * 6))
        found.append(_masked(base, void_last, ("0",) * 6))
    return tuple(found)


def _land_of_france(data: Path) -> Readings:
    """A folder a region and year, and a zone below; five bands; masks of another word in another tree; metadata in JSON."""
    made, size, about = Builder(data), (40, 40), dict[str, Any]()
    planes, seen, number = dict[str, tuple[Plane, ...]](), set[int](), 0
    regions = (("train", "D004_2021"), ("train", "D017_2018"), ("train", "D063_2019"), ("test", "D012_2019"), ("test", "D022_2021"))  # fmt: skip
    numbers_of = dict[str, NDArray[np.uint8]]()
    for part, region in regions:
        images, masks = ("flair_aerial_train", "flair_labels_train") if part == "train" else ("flair_1_aerial_test", "")  # fmt: skip
        for zone in ("Z14_AU", "Z1_UN"):
            for _ in range(6):
                number += 1
                below, name = f"{region}/{zone}", f"{number:06d}"
                path = f"{images}/{below}/img/IMG_{name}.tif"
                (data / path).parent.mkdir(parents=True, exist_ok=True)
                bands = made.random.integers(0, 255, (*size, 5)).astype(np.uint8)
                tifffile.imwrite(data / path, bands, photometric="minisblack", planarconfig="contig")  # fmt: skip
                made.train[path] = TrueSample(size)
                about[f"IMG_{name}"] = {"domain": region, "zone": zone, "date": f"2021-0{5 + number % 4}-17", "time": "11h33", "patch_centroid_x": 489353.59 + number, "patch_centroid_y": 6587552.2, "patch_centroid_z": 95.1, "camera": "UCE-M3-f120-s07"}  # fmt: skip
                if not masks:
                    continue
                used = np.array([1 + (number * 3 + n * 5) % 13 for n in range(4)], dtype=np.uint8)
                if number % 7 == 3:
                    used[3] = 18
                numbers = used[draw_class_map(made.random, size, 4, fill=True) - 1]
                numbers_of[path] = numbers
                seen |= set(map(int, np.unique(numbers)))
                target = data / f"{masks}/{below}/msk/MSK_{name}.tif"
                target.parent.mkdir(parents=True, exist_ok=True)
                tifffile.imwrite(target, numbers)
    _json(made, "flair-1_metadata_aerial.json", about)
    present = sorted(seen)
    planes = {path: tuple(numbers == n for n in present) for path, numbers in numbers_of.items()}
    base = _reading(made, MULTI, test=_inside("flair_1_aerial_test"))
    return (_masked(base, planes, [str(n) for n in present]),)


def _lungs_in_two_sets(data: Path) -> Readings:
    """Each of two sets lies in a folder of its own name; in it parts, classes, and folders of images and of one or two masks."""
    made, size = Builder(data), (44, 44)
    kinds = ("COVID-19", "Non-COVID", "Normal")
    lung, ill = "Lung Segmentation Data", "Infection Segmentation Data"
    lungs, ills, label_of = dict[str, Plane](), dict[str, Plane](), dict[str, str]()
    for top in (lung, ill):
        for part, n in (("Train", 8), ("Val", 3), ("Test", 4)):
            for kind in kinds:
                for k in range(1, n + 1):
                    at = k + {"Train": 0, "Val": 20, "Test": 30}[part]
                    word = {"COVID-19": f"covid_{at}", "Non-COVID": f"non_COVID ({at})", "Normal": f"Normal ({at})"}[kind]  # fmt: skip
                    base = f"{top}/{top}/{part}/{kind}"
                    path = f"{base}/images/{word}.png"
                    whole = draw_plane(made.random, size)
                    sick = whole & (np.arange(44)[:, None] > 16) if kind == kinds[0] else np.zeros(size, dtype=bool)  # fmt: skip
                    _grey(made, path, TrueSample(size, kind))
                    _grey_mask(data / f"{base}/lung masks/{word}.png", whole)
                    lungs[path], label_of[path] = whole, kind
                    if top == ill:
                        _grey_mask(data / f"{base}/infection masks/{word}.png", sick)
                        ills[path] = sick
    test: Callable[[str], bool] = lambda path: "/Test/" in path  # noqa: E731
    val: Callable[[str], bool] = lambda path: "/Val/" in path  # noqa: E731
    found = list[LayoutTruth]()
    for left in (_any_of(), val):
        for other in (ill, lung, ""):
            out = _any_of(left, _inside(other)) if other else left
            base_truth = _reading(made, LABELS, test=test, out=out, classes=kinds)
            both: list[tuple[Mapping[str, tuple[Plane, ...]], Sequence[str]]] = [({path: (one,) for path, one in lungs.items()}, [""])]  # fmt: skip
            if other == lung:
                both.append(({path: (one,) for path, one in ills.items()}, [""]))
            for planes, names in both:
                truth = _masked(base_truth, planes, names, kind={"segment": "binary"})
                found += [truth, _without_labels(truth)]
            if other == lung:
                layers = {path: (one, lungs[path]) for path, one in ills.items()}
                for words in (("infection masks", "lung masks"), ("infection", "lung")):
                    truth = _masked(base_truth, layers, words, kind=LAYERS)
                    found += [truth, _without_labels(truth)]
            found.append(base_truth)
    return tuple(found)


TISSUES = ("Ganglioneuroblastoma_tissue", "HaCaT_human_keratinocyte", "Neuroblastoma_bone_marrow", "Neuroblastoma_tumor_touch")  # fmt: skip


def _nuclei_in_fluorescence(data: Path) -> Readings:
    """Masks with a number a nucleus, of the same names; drawings of them, and a table with semicolons; few nuclei alone once more."""
    made, top, size = Builder(data), "dataset", (48, 48)
    lines = ["Image_Name;Diagnosis;Preparation;Magnification;Modality;Signal_to_noise_ratio;Annotation"]  # fmt: skip
    for place, tissue in enumerate(TISSUES):
        for k in range(9):
            name = f"{tissue}_{k}"
            planes = draw_objects(made.random, size, 2 + k % 3)
            numbers = np.zeros(size, dtype=np.uint16)
            for n, plane in enumerate(planes, 1):
                numbers[plane] = n
            true = TrueSample(size, tissue, objects=tuple((0, plane) for plane in planes))
            _grey(made, f"{top}/rawimages/{name}.tif", true)
            for folder in ("groundtruth", "visualized_groundtruth"):
                (data / f"{top}/{folder}").mkdir(parents=True, exist_ok=True)
            tifffile.imwrite(data / f"{top}/groundtruth/{name}.tif", numbers)
            shades = made.random.integers(60, 255, (5, 3)).astype(np.uint8)
            shades[0] = 0
            save_pixels(data / f"{top}/visualized_groundtruth/{name}.tif", shades[numbers])
            grey = made.random.integers(0, 255, size).astype(np.uint8)
            save_pixels(data / f"{top}/groundtruth_svgs/{name}.jpg", grey)
            if k < 2:
                (data / f"{top}/singlecell_groundtruth").mkdir(parents=True, exist_ok=True)
                few = np.where(numbers == 1, numbers, 0).astype(np.uint16)
                tifffile.imwrite(data / f"{top}/singlecell_groundtruth/{name}.tif", few)
            made.text(f"{top}/groundtruth_svgs/{name}.svg", '<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48"></svg>\n')  # fmt: skip
            lines.append(f"{name};{tissue.split('_')[0]};{'cryosection' if place % 2 else 'cytospin'};{(10, 20, 63)[k % 3]}x;Zeiss Axioplan;{k % 4 + 1};{'annotator1' if k % 2 else 'annotator2'}")  # fmt: skip
    _lines(made, f"{top}/image_description.csv", lines)
    made.text(f"{top}/Readme.txt", "rawimages: Raw nuclear images in TIFF format\ngroundtruth: Annotated masks in TIFF format\n")  # fmt: skip
    whole = _reading(made, {**LABELS, **OBJECTS}, classes=TISSUES, mask_classes=[""])
    single = _without_labels(whole)
    unions = {path: (np.asarray(np.any([plane for _, plane in one.objects or ()], axis=0)),) for path, one in single.train.items()}  # fmt: skip
    return single, _masked(single, unions, [""], kind=ONE_MASK), whole


LIMBS = (0, 1, 2, 5, 9, 13)


def _many_people(data: Path) -> Readings:
    """Seven folders a part: images, and masks by class and by person in numbers and in colours; a list beside; test has images alone."""
    made, top, size = Builder(data), "instance-level_human_parsing", (44, 52)
    shades = made.random.integers(40, 255, (24, 3)).astype(np.uint8)
    shades[0] = 0
    drawn = dict[str, tuple[Plane, ...]]()
    people, limbs = (dict[str, tuple[tuple[int, Plane], ...]]() for _ in "pl")
    first = 5
    for part, n in (("Training", 30), ("Validation", 10), ("Testing", 12)):
        names = list[str]()
        for k in range(n):
            first += 1 + k % 3
            name = f"{first:07d}"
            names.append(name)
            path = f"{top}/{part}/Images/{name}.jpg"
            _photos(made, [path], None, size)
            if part == "Testing":
                continue
            numbers, whose = np.zeros(size, dtype=np.uint8), np.zeros(size, dtype=np.uint8)
            single = np.zeros(size, dtype=np.uint8)
            bodies = draw_objects(made.random, size, 1 + k % 3)
            for person, body in enumerate(bodies, 1):
                rows = np.nonzero(body.any(axis=1))[0]
                for n_part, band in enumerate(np.array_split(rows, 4)):
                    limb = np.zeros(size, dtype=bool)
                    limb[band] = body[band]
                    numbers[limb] = LIMBS[1 + (n_part + k) % 5]
                    single[limb] = (person - 1) * 4 + n_part + 1
                whose[body] = person
            for folder, pixels in (("Category_ids", numbers), ("Human_ids", whose), ("Instance_ids", single)):  # fmt: skip
                save_pixels(data / f"{top}/{part}/{folder}/{name}.png", pixels)
            for folder, pixels in (("Categories", numbers), ("Human", whose), ("Instances", single)):  # fmt: skip
                _painted(made, f"{top}/{part}/{folder}/{name}.png", pixels, shades)
            drawn[path] = tuple(numbers == one for one in LIMBS)
            people[path] = tuple((0, body) for body in bodies)
            limbs[path] = tuple((0, single == one) for one in np.unique(single) if one)
        list_name = {"Training": "train_id", "Validation": "val_id", "Testing": "test_id"}[part]
        _lines(made, f"{top}/{part}/{list_name}.txt", names)
    test = _inside(f"{top}/Testing")
    found = list[LayoutTruth]()
    fewer = {path: planes[1:] for path, planes in drawn.items()}
    for out in (_any_of(), _inside(f"{top}/Validation")):
        base = _reading(made, MULTI, test=test, out=out)
        found.append(_masked(base, fewer, [str(one) for one in LIMBS[1:]]))
        found.append(_masked(base, drawn, [str(one) for one in LIMBS]))
        for objects in (people, limbs):
            train = {path: replace(one, objects=objects[path]) for path, one in base.train.items()}
            kinds = {"segment": frozenset({"instance"})}
            found.append(replace(base, train=train, mask_classes=("",), kinds=kinds))
    return tuple(found)


HIDDEN = (("CAM", 1, "Aquatic", 1, "BatFish"), ("CAM", 3, "Flying", 53, "Bird"), ("CAM", 2, "Terrestrial", 23, "Cat"), ("NonCAM", 1, "Aquatic", 6, "Fish"), ("NonCAM", 2, "Terrestrial", 23, "Cat"))  # fmt: skip


def _hidden_animals(data: Path) -> Readings:
    """Names of six parts; three kinds of masks, black for what does not hide; a log as a list; no table."""
    made, top, size = Builder(data), "COD10K-v3", (40, 52)
    plane_of, words = dict[str, Plane](), dict[str, tuple[str, str, str]]()
    for part, n in (("Train", 7), ("Test", 3)):
        log = list[str]()
        for place, (hides, wide, kind, fine, animal) in enumerate(HIDDEN):
            for k in range(n):
                name = f"COD10K-{hides}-{wide}-{kind}-{fine}-{animal}-{k * 3 + 1 + (part == 'Test') + place * 40}"
                path = f"{top}/{part}/Image/{name}.jpg"
                plane = draw_plane(made.random, size) if hides == "CAM" else np.zeros(size, dtype=bool)  # fmt: skip
                made.image(path, TrueSample(size, planes=(plane,)), part="train")
                plane_of[path], words[path] = plane, (hides, kind, animal)
                edge = plane & ~(np.roll(plane, 1, 0) & np.roll(plane, -1, 0) & np.roll(plane, 1, 1) & np.roll(plane, -1, 1))  # fmt: skip
                _grey_mask(data / f"{top}/{part}/GT_Object/{name}.png", plane)
                _grey_mask(data / f"{top}/{part}/GT_Edge/{name}.png", edge)
                painted = np.zeros((*size, 3), dtype=np.uint8)
                painted[plane] = (192, 64 + k, 32)
                save_pixels(data / f"{top}/{part}/GT_Instance/{name}.png", painted)
                log.append(f"[INFO] {name}.jpg {int(hides == 'CAM')}")
        _lines(made, f"{top}/{part}/CAM-NonCAM_Instance_{part}.txt", log)
        stems = [Path(path).name for path in words if f"/{part}/" in path]
        for side in ("CAM", "NonCAM"):
            _lines(made, f"{top}/Info/{side}_{part.lower()}.txt", [one for one in stems if f"-{side}-" in one])  # fmt: skip
    made.text(f"{top}/Readme.txt", "COD10K\n\nName rule: COD10K-CAM(or NonCAM)-SuperNumber-SuperClass-SubNumber-SubClass-ImageNumber.jpg\n")  # fmt: skip
    test = _inside(f"{top}/Test/Image")
    alone = _reading(made, ONE_MASK, test=test, mask_classes=[""])
    found = [alone]
    for place, names in enumerate((("CAM", "NonCAM"), ("Aquatic", "Flying", "Terrestrial"), ("BatFish", "Bird", "Cat", "Fish"))):  # fmt: skip
        kinds = {**(TWO if place == 0 else LABELS), **ONE_MASK}
        truth = _reading(made, kinds, test=test, classes=names, mask_classes=[""])
        truth = _labelled(truth, {path: each[place] for path, each in words.items()})
        found += [truth, _without_masks(truth)]
    return tuple(found)


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
    DataSet(
        "endovis-2018-scene-segmentation", "memory", _robots_at_a_kidney, doubt="folder of test"
    ),
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

FOURTEENTH_DATA_SETS = (
    DataSet("NumtaDB", "memory", _digits_of_bengal),
    DataSet("Kuzushiji-Kanji", "memory", _signs_of_old_books, has_test=False),
    DataSet("AADB", "code", _photos_by_taste),
    DataSet("Fitzpatrick17k", "memory", _skins_of_six_types, has_test=False),
    DataSet("Derm7pt", "code and memory", _moles_by_seven_points),
    DataSet("LIMUC", "code and memory", _bowels_by_grade),
    DataSet("GC10-DET", "code and memory", _faults_of_steel, has_test=False),
    DataSet("PlantDoc", "memory", _leaves_from_the_web),
    DataSet(
        "RoCoLe",
        "code and memory",
        _leaves_of_robusta,
        has_test=False,
        doubt="form of the outlines",
    ),
    DataSet("Tobacco3482", "memory", _papers_of_tobacco, has_test=False),
    DataSet("ExpW", "memory", _faces_in_the_wild, has_test=False),
    DataSet("WikiArt", "memory", _paintings, has_test=False),
    DataSet("Places365", "memory", _places),
    DataSet("PAPILA", "code and memory", _eyes_of_both_sides, has_test=False),
    DataSet("ACDC streets", "memory", _streets_in_bad_weather),
    DataSet("FLAIR #1", "code and memory", _land_of_france),
    DataSet("COVID-QU-Ex", "code and memory", _lungs_in_two_sets),
    DataSet(
        "S-BSST265", "page and memory", _nuclei_in_fluorescence, has_test=False, doubt="the table"
    ),
    DataSet("CIHP", "memory", _many_people),
    DataSet("COD10K", "code and memory", _hidden_animals, doubt="lines of the log"),
)
