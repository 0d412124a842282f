# ruff: noqa: E501  # rows of tables as their files have them
"""A fourth set of real competitions and public data sets, each in miniature, that podium never saw.

It measures whether what was mended because of the sets before reads others, too. A layout is never
bent toward what podium reads; where podium is mended because of one, it has become one of
development.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import tifffile

from layouts.drawing import draw_class_map, draw_plane, save_pixels
from layouts.real.data_sets import (
    LABELS,
    ONE_MASK,
    SIZE,
    TWO,
    DataSet,
    Readings,
    _grey_mask,
    _inside,
    _lines,
    _photos,
    _planes_of,
    _reading,
    _workbook,
)
from layouts.real.made import Builder, hex_name
from layouts.real.second_set import MULTI, _json, _no_file
from layouts.real.third_set import NUMBER, RANKS, SEVERAL
from layouts.truth import TrueSample

__all__ = ["FOURTH_COMPETITIONS", "FOURTH_DATA_SETS"]

# Competitions


def _kelp(data: Path) -> Readings:
    """Seven bands of 16 bits an image; masks are TIFFs of 0 and 1, and TIFFs are sent."""
    made, rows, size = Builder(data), [], (32, 32)
    for number in range(34):
        part = "train" if number < 26 else "test"
        name = hex_name("kelp", number, length=8).upper()
        plane = draw_plane(made.random, size) & (number % 5 != 2)
        bands = made.random.integers(6000, 12000, (7, *size)).astype(np.int16)
        path = data / f"{part}_satellite/{name}_satellite.tif"
        path.parent.mkdir(parents=True, exist_ok=True)
        tifffile.imwrite(
            path, bands.transpose(1, 2, 0), photometric="minisblack", planarconfig="contig"
        )
        made.train[f"{part}_satellite/{name}_satellite.tif"] = (
            TrueSample(size, planes=(plane,)) if part == "train" else TrueSample(size)
        )
        if part == "train":
            save_pixels(data / f"train_kelp/{name}_kelp.tif", plane.astype(np.uint8))
            rows.append(
                [
                    name,
                    f"{name}_kelp.tif",
                    hex_name("md5", number, length=32),
                    "2451",
                    "kelp",
                    "True",
                ]
            )
        rows.append(
            [
                name,
                f"{name}_satellite.tif",
                hex_name("md5s", number, length=32),
                "857222",
                "satellite",
                str(part == "train"),
            ]
        )
    made.table(
        "metadata_fTq0l2T.csv",
        ["tile_id", "filename", "md5_hash", "filesize_bytes", "type", "in_train"],
        rows,
    )
    return (_reading(made, ONE_MASK, test=_inside("test_satellite"), mask_classes=[""]),)


GARMENTS = ("Apparel Set", "Bags", "Shoes", "Topwear", "Watches")


def _shuffled_fashion(data: Path) -> Readings:
    """Facts and a noisy description beside each image; images of both parts lie in one folder."""
    made, rows, cells, tests = Builder(data), list[tuple[str, ...]](), [], []
    for number in range(40):
        part, label = "train" if number < 32 else "test", GARMENTS[number * 3 % 5]
        name = str(17 * number + 3)
        made.image(f"suffled-images/shuffled-images/{name}.jpg", TrueSample(SIZE, label), part=part)
        facts = [name, ("Men", "Women", "Boys")[number % 3], ("Black", "Navy Blue", "White")[number // 3 % 3],
                 ("Summer", "Fall")[number % 2], ("Casual", "Sports")[number // 2 % 2],
                 f"inkfruit mens {('chain', 'reaction', 'tee')[number % 3]} zqe {number}"]  # fmt: skip
        if part == "train":
            cells.append([*facts, label])
        else:
            tests.append(facts)
            rows.append((name, label))
    header = ["id", "gender", "baseColour", "season", "usage", "noisyTextDescription"]
    made.table("train.csv", [*header, "category"], cells)
    made.table("test.csv", header, tests)
    columns = {"id": "key", "category": "text"}
    made.table("sample_submission.csv", list(columns), [[one, GARMENTS[1]] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=GARMENTS),)


DANCES = ("bharatanatyam", "kathak", "kuchipudi", "manipuri", "odissi")


def _two_tables(
    data: Path,
    top: str,
    tables: tuple[str, str],
    header: tuple[str, str],
    named: Iterable[tuple[str, str, str]],
    classes: Sequence[str],
    *,
    has_ending: bool = True,
) -> Readings:
    """Write a table of train and one of test, and no sample of what is sent.

    Args:
        data: the folder. top: of all files in it.
        tables: what the tables of train and of test are called. header: of that of train.
        named: part, name and label of each image.
        classes: in order.
        has_ending: whether names in the tables end as the files do.
    """
    made, cells = Builder(data), {"train": list[list[str]](), "test": list[list[str]]()}
    for part, stem, label in named:
        made.image(f"{top}/{part}/{stem}.jpg", TrueSample(SIZE, label), part=part)
        name = f"{stem}.jpg" if has_ending else stem
        cells[part].append([name, label] if part == "train" else [name])
    for table, columns, rows in zip(tables, (header, header[:1]), cells.values(), strict=True):
        made.table(f"{top}/{table}", columns, rows)
    columns_of_file = dict(zip(header, ("key", "text"), strict=True))
    return (_no_file(made.truth(LABELS, columns_of_file, [], classes=classes)),)


def _dances(data: Path) -> Readings:
    named = (
        ("train" if number < 32 else "test", f"{7 + 13 * number}", DANCES[number * 2 % 5])
        for number in range(40)
    )
    tables = ("train.csv", "test.csv")
    return _two_tables(data, "dataset", tables, ("Image", "target"), named, DANCES)


def _armyworm(data: Path) -> Readings:
    """All images in one folder; the sample asks for a probability of 1."""
    made, cells, tests, rows = Builder(data), [], [], list[tuple[str, ...]]()
    for number in range(44):
        part, label = "train" if number < 34 else "test", str(int(number % 3 == 0))
        name = f"id_{hex_name('worm', number, length=14)}.jpg"
        true = TrueSample(SIZE, label, made.probs(("0", "1")))
        made.image(f"Images/{name}", true, part=part)
        if part == "train":
            cells.append([name, label])
        else:
            tests.append([name])
            rows.append((name, repr(true.probs["1"])))
    made.table("Train.csv", ["Image_id", "Label"], cells)
    made.table("Test.csv", ["Image_id"], tests)
    columns = {"Image_id": "key", "Label": "number"}
    made.table("Sample_submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    made.text("README.txt", "The error metric for this competition is the Area Under the Curve.\n"
              "For every image, predict the probability that the plant is affected by fall armyworm.\n")  # fmt: skip
    return (made.truth({"classify": "binary"}, columns, rows, classes=("0", "1")),)


def _cats_and_dogs(data: Path) -> Readings:
    """The class stands in front of the number; test is numbered anew."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    for label in ("cat", "dog"):
        _photos(made, [f"train/train/{label}.{k}.jpg" for k in range(16)], label)
    for k in range(1, 11):
        true = TrueSample(SIZE, ("cat", "dog")[k % 3 > 0], made.probs(("cat", "dog")))
        made.image(f"test1/test1/{k}.jpg", true, part="test")
        rows.append((str(k), str(int(true.label == "dog"))))
    columns = {"id": "key", "label": "text"}
    made.table("sampleSubmission.csv", list(columns), [[one, "0"] for one, _ in rows])
    truth = made.truth(TWO, columns, rows, classes=("cat", "dog"))
    probs = [
        (one, repr(true.probs["dog"]))
        for (one, _), true in zip(rows, made.test.values(), strict=True)
    ]
    file = truth.file
    assert file is not None
    number = {
        name: replace(column, content="number") if name == "label" else column
        for name, column in file.columns.items()
    }
    return replace(truth, file=replace(file, columns=number, rows=probs)), truth


def _car_turns(data: Path) -> Readings:
    """Train, val and test with a table each; the label is a class of directions."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    sides = ("back", "front", "left", "right")
    tables: dict[str, list[list[str]]] = {"train": [], "val": []}
    for part, n in (("train", 28), ("val", 8), ("test", 10)):
        for k in range(n):
            label = sides[(k + k // 4) % 4]
            made.image(
                f"{part}/{k}.jpg",
                TrueSample(SIZE, label),
                part="test" if part == "test" else "train",
            )
            if part == "test":
                rows.append((str(k), label))
            else:
                tables[part].append([str(k), label])
    for part, cells in tables.items():
        made.table(f"{part}.csv", ["ImageID", "label"], cells)
    columns = {"ImageID": "key", "label": "text"}
    made.table(
        "sample_submission.csv", list(columns), [[one, sides[int(one) % 4]] for one, _ in rows]
    )
    truth = made.truth(LABELS, columns, rows, classes=sides)
    fewer = {path: one for path, one in truth.train.items() if not path.startswith("val/")}
    return truth, replace(truth, train=fewer)


FLOWER_NAMES = ("Aster", "Daisy", "Iris", "Lavender", "Lily")


def _sprint_of_flowers(data: Path) -> Readings:
    """Tables Training_set and Testing_set, each part numbered from 1."""
    named = (
        (
            "train" if number < 30 else "test",
            f"Image_{number + 1 if number < 30 else number - 29}",
            FLOWER_NAMES[number * 2 % 5],
        )
        for number in range(38)
    )
    tables, top = ("Training_set.csv", "Testing_set.csv"), "flower_classification"
    return _two_tables(data, top, tables, ("filename", "label"), named, FLOWER_NAMES)


GOODS = ("BabyBibs", "BabyHat", "BabyPants", "WomanChiffonTop")


def _baby_goods(data: Path) -> Readings:
    """Numbers are sent for folders, and a text beside says which."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    for label in GOODS:
        _photos(
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


def _iris_of_wafers(data: Path) -> Readings:
    """A student's competition of defects: one-hot columns of train, a word in the sample."""
    made, rows, cells, classes = (
        Builder(data),
        list[tuple[str, ...]](),
        [],
        ("Center", "Donut", "Edge", "Scratch"),
    )
    for number in range(40):
        part, label = "train" if number < 30 else "test", classes[number * 3 % 4]
        name = f"wafer_{number:05d}"
        made.image(f"wafers/{part}/{name}.png", TrueSample(SIZE, label), part=part)
        if part == "train":
            cells.append([name, *(str(int(one == label)) for one in classes)])
        else:
            rows.append((name, label))
    made.table("train_labels.csv", ["wafer", *classes], cells)
    columns = {"wafer": "key", "defect": "text"}
    made.table("sample_submission.csv", list(columns), [[one, "Center"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=classes),)


def _severity(data: Path) -> Readings:
    """A course on X-rays: knees graded 0 to 4 in folders; files to send are scored by kappa."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    for grade in range(5):
        _photos(
            made,
            [
                f"knees/train/{grade}/{9000000 + 1417 * k + grade}{'LR'[k % 2]}.png"
                for k in range(7)
            ],
            str(grade),
        )
    for k in range(10):
        grade = k * 3 % 5
        name = f"{9600000 + 811 * k}{'LR'[k % 2]}.png"
        made.image(f"knees/test/{name}", TrueSample(SIZE, str(grade)), part="test")
        rows.append((name, str(grade)))
    columns = {"filename": "key", "KL": "text"}
    made.table("sample_submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    made.text("overview.md", "# Knee osteoarthritis\n\nPredict the Kellgren-Lawrence grade, 0 to 4.\n\n"
              "## Evaluation\n\nSubmissions are scored by quadratic weighted kappa.\n")  # fmt: skip
    return (made.truth(RANKS, columns, rows, classes=tuple("01234")),)


def _roofs(data: Path) -> Readings:
    """Masks are PNGs of 0 and 255 beside images in numbered folders; a ZIP of PNGs is sent."""
    made = Builder(data)
    for number in range(30):
        part = "train" if number < 22 else "test"
        plane = draw_plane(made.random, SIZE)
        folder = f"{part}/{number:03d}"
        made.image(
            f"{folder}/image.png",
            TrueSample(SIZE, planes=(plane,)) if part == "train" else TrueSample(SIZE),
            part="train",
        )
        if part == "train":
            _grey_mask(data / f"{folder}/roof.png", plane)
    made.text("README.md", "Segment the roofs. Submit a ZIP archive with a PNG for each image of test, named 022.png and so on, "
              "255 for roof and 0 for all else. The score is the mean IoU over images.\n")  # fmt: skip
    return (_reading(made, ONE_MASK, test=_inside("test"), mask_classes=[""]),)


# Data sets: labels


def _real_and_fake(data: Path) -> Readings:
    """Folders training_fake and training_real, and no images to predict."""
    made, top = Builder(data), "real_and_fake_face_detection/real_and_fake_face"
    _photos(
        made,
        [
            f"{top}/training_fake/{('easy', 'mid', 'hard')[k % 3]}_{k}_{('1110', '1010', '0001')[k % 3]}.jpg"
            for k in range(14)
        ],
        "training_fake",
    )
    _photos(made, [f"{top}/training_real/real_{k:05d}.jpg" for k in range(16)], "training_real")
    plain = _reading(made, TWO, classes=("training_fake", "training_real"))
    short = {
        path: replace(one, label=str(one.label).removeprefix("training_"))
        for path, one in plain.train.items()
    }
    return plain, replace(plain, train=short, classes=("fake", "real"))


def _fake_faces(data: Path) -> Readings:
    """Parts by folders, and a table of each part with paths of another machine."""
    made, top = Builder(data), "real_vs_fake/real-vs-fake"
    for part, n in (("train", 20), ("valid", 8), ("test", 8)):
        cells = []
        for k in range(n):
            label = ("fake", "real")[k % 2]
            name = (
                f"{hex_name('face', part, k).upper()}.jpg"
                if label == "fake"
                else f"{31355 + 7 * k + n}.jpg"
            )
            _photos(made, [f"{top}/{part}/{label}/{name}"], label)
            cells.append([str(k), f"/kaggle/input/flickrfaceshq-dataset-nvidia-resized-256px/resized/{name}", name.split(".")[0],
                          str(int(label == "real")), label, f"{part}/{label}/{name}"])  # fmt: skip
        made.table(f"{part}.csv", ["", "original_path", "id", "label", "label_str", "path"], cells)
    found = []
    for classes in (("fake", "real"), ("0", "1")):
        for out in ((), (f"{top}/valid",)):
            made_label = (
                (lambda one: {"fake": "0", "real": "1"}[str(one)]) if classes[0] == "0" else None
            )
            found.append(_reading(made, TWO, test=_inside(f"{top}/test"), out=_inside(*out) if out else (lambda path: False),
                                  classes=classes, label=made_label))  # fmt: skip
    return tuple(found)


def _signs_of_hands(data: Path) -> Readings:
    """Rows of pixels with the label first; the classes leave 9 out."""
    made, letters = Builder(data), [n for n in range(12) if n != 9]
    for part, n in (("train", 33), ("test", 11)):
        rows = []
        for k in range(n):
            label = str(letters[k * 4 % 11])
            rows.append([label, *map(str, made.random.integers(100, 220, 784))])
            made.train[f"../made/images/{part}/{k}.png"] = TrueSample((28, 28), label)
        header = ["label", *(f"pixel{k}" for k in range(1, 785))]
        for name in (f"sign_mnist_{part}.csv", f"sign_mnist_{part}/sign_mnist_{part}.csv"):
            made.table(name, header, rows)
    for name in ("amer_sign2.png", "amer_sign3.png", "american_sign_language.PNG"):
        save_pixels(data / name, made.random.integers(0, 255, (60, 90, 3)).astype(np.uint8))
    return (
        _reading(
            made,
            LABELS,
            test=_inside("../made/images/test"),
            classes=[str(n) for n in letters],
        ),
    )


def _coil(data: Path) -> Readings:
    """The object and its turn stand in the name."""
    made, classes = Builder(data), [f"obj{k}" for k in (1, 2, 10, 34)]
    for label in classes:
        _photos(
            made, [f"coil-100/coil-100/{label}__{turn}.png" for turn in range(0, 360, 45)], label
        )
    made.text("coil-100/coil-100/convertGroupppm2png.pl", "#!/usr/bin/perl\n")
    return (_reading(made, LABELS, classes=classes),)


def _signs_of_germany(data: Path) -> Readings:
    """PPM files, a table with semicolons in each class folder, and one for test."""
    made, classes, top = Builder(data), ("00000", "00001", "00014"), "GTSRB"
    header = "Filename;Width;Height;Roi.X1;Roi.Y1;Roi.X2;Roi.Y2;ClassId"
    for label in classes:
        lines = [header]
        for track in range(3):
            for k in range(4):
                name = f"{track:05d}_{k:05d}.ppm"
                _photos(made, [f"{top}/Final_Training/Images/{label}/{name}"], label)
                lines.append(f"{name};24;20;5;5;19;15;{int(label)}")
        _lines(made, f"{top}/Final_Training/Images/{label}/GT-{label}.csv", lines)
    lines = [header]
    for k in range(9):
        label = classes[k * 2 % 3]
        _photos(made, [f"{top}/Final_Test/Images/{k:05d}.ppm"], label)
        lines.append(f"{k:05d}.ppm;24;20;5;5;19;15;{int(label)}")
    _lines(made, "GT-final_test.csv", lines)
    made.text(f"{top}/Readme-Images.txt", "The German Traffic Sign Recognition Benchmark\n")
    is_test = _inside(f"{top}/Final_Test")
    of = {one: str(int(one)) for one in classes}
    return (
        _reading(made, LABELS, test=is_test, classes=classes),
        _reading(
            made, LABELS, test=is_test, classes=list(of.values()), label=lambda one: of[str(one)]
        ),
    )


def _covid_scans(data: Path) -> Readings:
    """Class folders; lists of train, val and test for each class in another folder."""
    made, classes = Builder(data), ("CT_COVID", "CT_NonCOVID")
    parts: dict[str, str] = {}
    for label in classes:
        lists: dict[str, list[str]] = {"train": [], "val": [], "test": []}
        for k in range(18):
            name = (
                f"{k}%{k + 3}.jpg"
                if label == "CT_NonCOVID"
                else f"2020.02.{10 + k}.20021162-p{k}-{k}_1.png"
            )
            part = "train" if k < 10 else "val" if k < 13 else "test"
            _photos(made, [f"{label}/{name}"], label)
            lists[part].append(name)
            parts[f"{label}/{name}"] = part
        for part, names in lists.items():
            _lines(made, f"Data-split/{label.removeprefix('CT_')}/{part}{label}.txt", names)
    is_test = lambda path: parts[path] == "test"  # noqa: E731
    return (
        _reading(made, TWO, test=is_test, classes=classes),
        _reading(made, TWO, test=is_test, out=lambda path: parts[path] == "val", classes=classes),
        _reading(made, TWO, classes=classes),
    )


def _covid_lines(data: Path) -> Readings:
    """A text of four words a line for each part."""
    made = Builder(data)
    for part, n in (("train", 26), ("test", 8)):
        lines = []
        for k in range(n):
            label = ("positive", "negative")[k % 3 == 0]
            name = f"{hex_name('cov', part, k, length=8)}-{k}.png"
            _photos(made, [f"{part}/{name}"], label)
            lines.append(
                f"{100 + k // 2 if part == 'train' else 900 + k} {name} {label} {('cohen', 'rsna', 'bimcv')[k % 3]}"
            )
        _lines(made, f"{part}.txt", lines)
    return (_reading(made, TWO, test=_inside("test"), classes=("negative", "positive")),)


def _tuberculosis(data: Path) -> Readings:
    """Class folders, and a workbook of each class beside."""
    made, top = Builder(data), "TB_Chest_Radiography_Database"
    for label in ("Normal", "Tuberculosis"):
        _photos(made, [f"{top}/{label}/{label}-{k}.png" for k in range(1, 15)], label)
        _workbook(data / f"{top}/{label}.metadata.xlsx", ["FILE NAME", "FORMAT", "SIZE", "URL"],
                  [[f"{label}-{k}", "PNG", "512*512", "https://example.org"] for k in range(1, 15)])  # fmt: skip
    made.text(
        f"{top}/README.md.txt",
        "***************\nTuberculosis chest X-ray database\n***************\n",
    )
    return (_reading(made, TWO, classes=("Normal", "Tuberculosis")),)


def _export_of_classes(data: Path) -> Readings:
    """Roboflow's export of several labels: a table in each part, with blanks before its names."""
    made, classes = Builder(data), ("bicycle", "bus", "car")
    for part, n in (("train", 22), ("valid", 6), ("test", 6)):
        lines = ["filename, bicycle, bus, car"]
        for k in range(n):
            marks = [int((k + c) % (c + 2) == 0) for c in range(3)]
            name = f"{k:04d}_jpg.rf.{hex_name('rf', part, k, length=32)}.jpg"
            label = frozenset(one for one, mark in zip(classes, marks, strict=True) if mark)
            _photos(made, [f"{part}/{name}"], label)
            lines.append(f"{name}, {', '.join(map(str, marks))}")
        _lines(made, f"{part}/_classes.csv", lines)
    made.text(
        "README.dataset.txt",
        "# vehicles > 2023-03-01\nProvided by a Roboflow user\nLicense: CC BY 4.0\n",
    )
    made.text("README.roboflow.txt", "\nvehicles - v1\n==============================\n\nThe dataset includes 34 images.\n"
              "Vehicles are annotated in Multi-Class Classification format.\n")  # fmt: skip
    is_test = _inside("test")
    return (
        _reading(made, SEVERAL, test=is_test, classes=classes),
        _reading(made, SEVERAL, test=is_test, out=_inside("valid"), classes=classes),
    )


def _ages_of_folders(data: Path) -> Readings:
    """Folders are ages."""
    made, ages = Builder(data), [1, 2, 3, 5, 8, 13, 21, 34, 55, 89]
    for age in ages:
        _photos(made, [f"face_age/{age:03d}/{7 * k + age}.png" for k in range(4)], float(age))
    number = _reading(made, NUMBER)
    as_class = {
        path: replace(one, label=f"{int(float(str(one.label))):03d}")
        for path, one in number.train.items()
    }
    ranks = _reading(
        made, {"classify": ["multiclass", "ordinal"]}, classes=[f"{one:03d}" for one in ages]
    )
    return number, replace(ranks, train=as_class)


def _homes(data: Path) -> Readings:
    """Four pictures a house, and a text of numbers without ids: line n is house n."""
    made, lines = Builder(data), []
    for k in range(1, 29):
        price = 250000 + 12500 * (k * 7 % 28)
        for room in ("bathroom", "bedroom", "frontal", "kitchen"):
            save_pixels(
                data / f"Houses Dataset/{k}_{room}.jpg",
                made.random.integers(0, 255, (*SIZE, 3)).astype(np.uint8),
            )
        made.train[f"Houses Dataset/{k}_bathroom.jpg"] = TrueSample(SIZE, float(price))
        lines.append(f"{2 + k % 4} {1 + k % 3}.5 {1500 + 37 * k} {85255 + k % 3} {price}")
    _lines(made, "Houses Dataset/HousesInfo.txt", lines)
    return (_reading(made, NUMBER),)


def _prices_of_houses(data: Path) -> Readings:
    """An image a house; a price among other numbers, and no images to predict."""
    made, cells = Builder(data), []
    for k in range(34):
        price = 195000 + 9100 * (k * 11 % 34)
        made.image(f"socal2/socal_pics/{k}.jpg", TrueSample(SIZE, float(price)), part="train")
        cells.append([str(k), f"{1300 + k} Van Buren Street", ("Salton City, CA", "Brawley, CA")[k % 2], str(317 - k % 2), str(2 + k % 3),
                      f"{1 + k % 3}.1", str(1560 + 13 * k), str(price)])  # fmt: skip
    made.table(
        "socal2.csv",
        ["image_id", "street", "citi", "n_citi", "bed", "bath", "sqft", "price"],
        cells,
    )
    return (_reading(made, NUMBER),)


def _counted_people(data: Path) -> Readings:
    """Numbers from 1 in the table, names with zeros in the folder; arrays of the same beside."""
    made, cells = Builder(data), []
    for k in range(1, 35):
        made.image(
            f"frames/frames/seq_{k:06d}.jpg", TrueSample(SIZE, float(20 + k * 5 % 23)), part="train"
        )
        cells.append([str(k), str(20 + k * 5 % 23)])
    made.table("labels.csv", ["id", "count"], cells)
    np.save(data / "images.npy", np.zeros((34, *SIZE, 3), dtype=np.uint8))
    np.save(data / "labels.npy", np.array([[int(one[1])] for one in cells]))
    return (_reading(made, NUMBER),)


def _crops(data: Path) -> Readings:
    """Class folders, copies of them with others, and a table of paths of another machine."""
    made, cells, classes = Builder(data), [], ("jute", "maize", "rice", "sugarcane", "wheat")
    for place, label in enumerate(classes):
        for k in range(1, 7):
            name = f"{label}{k:03d}a.jpeg"
            _photos(made, [f"kag2/{label}/{name}"], label)
            cells.append(
                [
                    str(len(cells)),
                    f"/kaggle/input/agriculture-crop-images/kag2/{label}/{name}",
                    label,
                    str(place),
                ]
            )
        _photos(made, [f"test_crop_image/{label}/{label}{k:03d}t.jpg" for k in range(2)], label)
    made.table("Crop_details.csv", ["", "path", "crop", "croplabel"], cells)
    is_test = _inside("test_crop_image")
    of = {one: str(place) for place, one in enumerate(classes)}
    return (
        _reading(made, LABELS, test=is_test, classes=classes),
        _reading(
            made, LABELS, test=is_test, classes=list(of.values()), label=lambda one: of[str(one)]
        ),
    )


def _leaves_in_lab(data: Path) -> Readings:
    """A table with tabs and two paths a row: the photo and where the leaf is."""
    made, classes = Builder(data), ("Abies concolor", "Acer rubrum", "Quercus alba")
    lines = ["file_id\timage_path\tsegmented_path\tspecies\tsource"]
    for k in range(30):
        label, source = classes[k * 2 % 3], ("lab", "field")[k % 4 == 3]
        slug, plane = label.lower().replace(" ", "_"), draw_plane(made.random, SIZE)
        name = f"{('ny', 'pi')[k % 2]}{1079 + k}-01-{1 + k % 4}"
        image = f"dataset/images/{source}/{slug}/{name}.jpg"
        made.image(image, TrueSample(SIZE, label, planes=(plane,)), part="train")
        _grey_mask(data / f"dataset/segmented/{source}/{slug}/{name}.png", plane)
        lines.append(
            f"{55497 + k}\t{image}\tdataset/segmented/{source}/{slug}/{name}.png\t{label}\t{source}"
        )
    _lines(made, "leafsnap-dataset-images.txt", lines)
    both = _reading(made, LABELS | ONE_MASK, classes=classes, mask_classes=[""])
    none = {path: replace(one, planes=None) for path, one in both.train.items()}
    return both, replace(_reading(made, LABELS, classes=classes), train=none)


# Data sets: masks


def _lungs(data: Path) -> Readings:
    """A mask of each lung in a folder of its own; the last digit of the name is the diagnosis."""
    made, top = Builder(data), "MontgomerySet"
    for k in range(1, 29):
        name, planes = f"MCUCXR_{k:04d}_{int(k % 3 == 0)}", []
        for side in ("left", "right"):
            planes.append(draw_plane(made.random, SIZE))
            _grey_mask(data / f"{top}/ManualMask/{side}Mask/{name}.png", planes[-1])
        made.image(
            f"{top}/CXR_png/{name}.png", TrueSample(SIZE, planes=tuple(planes)), part="train"
        )
        made.text(
            f"{top}/ClinicalReadings/{name}.txt",
            f"Patient's Sex: {'MF'[k % 2]}\nPatient's Age: {20 + k:03d}Y\n{'normal' if k % 3 else 'TB'}\n\n",
        )
    made.text(f"{top}/NLM-MontgomeryCXRSet-ReadMe.pdf", "%PDF-1.4\n")
    return tuple(
        _reading(made, {"segment": "multilabel"}, mask_classes=names)
        for names in (("left", "right"), ("leftMask", "rightMask"))
    )


def _chests_with_masks(data: Path) -> Readings:
    """Masks of some images, called _mask for one source and as the image for the other; test has none."""
    made, top = Builder(data), "Lung Segmentation"
    for k in range(1, 33):
        china = k % 2
        name = f"CHNCXR_{k:04d}_{k % 3 // 2}" if china else f"MCUCXR_{k:04d}_{k % 3 // 2}"
        plane, has = draw_plane(made.random, SIZE), k % 8 != 5
        made.image(
            f"{top}/CXR_png/{name}.png",
            TrueSample(SIZE, planes=(plane,) if has else None),
            part="train",
        )
        if has:
            _grey_mask(data / f"{top}/masks/{name}{'_mask' * china}.png", plane)
        made.text(f"{top}/ClinicalReadings/{name}.txt", f"male {20 + k}yrs\nnormal")
    _photos(made, [f"{top}/test/CHNCXR_{k:04d}_0.png" for k in range(400, 408)], None)
    made.text(f"{top}/NLM-ChinaCXRSet-ReadMe.docx", "PK")
    is_test = _inside(f"{top}/test")
    every = _reading(made, ONE_MASK, test=is_test, mask_classes=[""])
    masked = {path: one for path, one in every.train.items() if one.planes}
    return replace(every, train=masked), every


def _salient_objects(data: Path) -> Readings:
    """The image is a JPEG, its mask a PNG of the same name in the same folder."""
    made = Builder(data)
    for k in range(26):
        plane = draw_plane(made.random, SIZE)
        made.image(
            f"MSRA10K_Imgs_GT/Imgs/{733 + 811 * k}.jpg",
            TrueSample(SIZE, planes=(plane,)),
            part="train",
        )
        _grey_mask(data / f"MSRA10K_Imgs_GT/Imgs/{733 + 811 * k}.png", plane)
    made.text("MSRA10K_Imgs_GT/Readme.txt", "MSRA10K salient object database\n")
    return (_reading(made, ONE_MASK, mask_classes=[""]),)


def _landslides(data: Path) -> Readings:
    """Two folders: with landslides images, heights, masks and outlines; without them no masks."""
    made, top = Builder(data), "Bijie-landslide-dataset"
    for k in range(1, 17):
        plane, name = draw_plane(made.random, SIZE), f"qxg{k:03d}"
        made.image(
            f"{top}/landslide/image/{name}.png", TrueSample(SIZE, planes=(plane,)), part="train"
        )
        save_pixels(data / f"{top}/landslide/mask/{name}.png", plane.astype(np.uint8) * 255)
        save_pixels(
            data / f"{top}/landslide/dem/{name}.png",
            made.random.integers(40, 90, SIZE).astype(np.uint8),
        )
        made.text(
            f"{top}/landslide/polygon_coordinate/{name}.txt", "10 12 0\n14 12 0\n14 3 0\n10 3 0\n"
        )
    for k in range(1, 13):
        name = f"{'fxz' if k % 2 else 'zj'}{k:03d}"
        empty = np.zeros(SIZE, dtype=bool)
        made.image(
            f"{top}/non-landslide/image/{name}.png", TrueSample(SIZE, planes=(empty,)), part="train"
        )
        save_pixels(
            data / f"{top}/non-landslide/dem/{name}.png",
            made.random.integers(40, 90, SIZE).astype(np.uint8),
        )
    every = _reading(made, ONE_MASK, mask_classes=[""])
    some = {path: one for path, one in every.train.items() if "/landslide/" in path}
    return every, replace(every, train=some)


def _buildings(data: Path) -> Readings:
    """Images and labels as TIFFs in three parts."""
    made, top = Builder(data), "WHU building dataset"
    for part, n in (("train", 16), ("val", 5), ("test", 6)):
        for k in range(n):
            plane = draw_plane(made.random, SIZE)
            made.image(
                f"{top}/{part}/image/{k}.tif", TrueSample(SIZE, planes=(plane,)), part="train"
            )
            _grey_mask(data / f"{top}/{part}/label/{k}.tif", plane)
    is_test = _inside(f"{top}/test")
    return (
        _reading(made, ONE_MASK, test=is_test, mask_classes=[""]),
        _reading(made, ONE_MASK, test=is_test, out=_inside(f"{top}/val"), mask_classes=[""]),
    )


def _leaf_spots(data: Path) -> Readings:
    """Folders twice in each other, and a second set of the same images turned and cut."""
    made = Builder(data)
    for k in range(20):
        plane = draw_plane(made.random, SIZE)
        photo = made.random.integers(0, 255, (*SIZE, 3)).astype(np.uint8)
        for top, name, turn in (
            ("data", f"{k:05d}", 0),
            ("aug_data", f"{k:05d}_0", 1),
            ("aug_data", f"{k:05d}_1", 2),
        ):
            pixels, mask = np.rot90(photo, 2 * turn), np.rot90(plane, 2 * turn)
            if turn == 2:
                pixels, mask = pixels[:, ::-1], mask[:, ::-1]
            made.image(
                f"{top}/{top}/images/{name}.jpg",
                TrueSample(SIZE, planes=(mask,)),
                part="train",
                pixels=pixels.copy(),
            )
            _grey_mask(data / f"{top}/{top}/masks/{name}.png", mask, 38)
    every = _reading(made, ONE_MASK, mask_classes=[""])
    plain = {path: one for path, one in every.train.items() if path.startswith("data/")}
    return replace(every, train=plain), every


def _export_of_masks(data: Path) -> Readings:
    """Roboflow's export of masks: image and mask side by side in each part, and a table of values."""
    made, classes = Builder(data), ("crack", "spall")
    for part, n in (("train", 18), ("valid", 5), ("test", 5)):
        for k in range(n):
            places = draw_class_map(made.random, SIZE, 2, fill=False)
            name = f"img_{k:03d}_jpg.rf.{hex_name('mask', part, k, length=32)}"
            made.image(
                f"{part}/{name}.jpg", TrueSample(SIZE, planes=_planes_of(places, 2)), part="train"
            )
            save_pixels(data / f"{part}/{name}_mask.png", places)
        _lines(
            made,
            f"{part}/_classes.csv",
            ["Pixel Value, Class", "0, background", "1, crack", "2, spall"],
        )
    made.text("README.roboflow.txt", "\nconcrete - v2\n==============================\n\nThe dataset includes 28 images.\n"
              "Damage is annotated in Semantic Segmentation Masks format.\n")  # fmt: skip
    is_test = _inside("test")
    return (
        _reading(made, MULTI, test=is_test, mask_classes=classes),
        _reading(made, MULTI, test=is_test, out=_inside("valid"), mask_classes=classes),
    )


def _export_of_cvat(data: Path) -> Readings:
    """CVAT's segmentation masks: colours in a text with colons, a list of the names."""
    made, colours = (
        Builder(data),
        {"background": (0, 0, 0), "leaf": (50, 183, 250), "stem": (250, 50, 83)},
    )
    every, names = np.array(list(colours.values()), dtype=np.uint8), []
    for k in range(24):
        places = draw_class_map(made.random, SIZE, 2, fill=False)
        name = f"DSC_{2041 + k}"
        made.image(
            f"JPEGImages/{name}.jpg", TrueSample(SIZE, planes=_planes_of(places, 2)), part="train"
        )
        save_pixels(data / f"SegmentationClass/{name}.png", every[places])
        names.append(name)
    _lines(
        made,
        "labelmap.txt",
        [
            "# label:color_rgb:parts:actions",
            *(f"{one}:{','.join(map(str, rgb))}::" for one, rgb in colours.items()),
        ],
    )
    _lines(made, "ImageSets/Segmentation/default.txt", names)
    return (_reading(made, MULTI, mask_classes=("leaf", "stem")),)


def _export_of_outlines(data: Path) -> Readings:
    """COCO outlines in each part, with images beside them."""
    made = Builder(data)
    for part, n in (("train", 16), ("valid", 5), ("test", 5)):
        images, marks = [], []
        for k in range(n):
            name, plane = (
                f"{k}_jpg.rf.{hex_name('coco', part, k, length=32)}.jpg",
                np.zeros(SIZE, dtype=bool),
            )
            top, left = 3 + k % 5, 4 + k % 7
            plane[top : top + 8, left : left + 10] = True
            made.image(f"{part}/{name}", TrueSample(SIZE, planes=(plane,)), part="train")
            images.append(
                {"id": k, "license": 1, "file_name": name, "height": SIZE[0], "width": SIZE[1]}
            )
            outline = [left, top, left + 10, top, left + 10, top + 8, left, top + 8]
            marks.append({"id": k, "image_id": k, "category_id": 1, "bbox": [left, top, 10, 8], "area": 80,
                          "segmentation": [outline], "iscrowd": 0})  # fmt: skip
        _json(made, f"{part}/_annotations.coco.json", {
            "info": {"description": "exported"}, "categories": [{"id": 0, "name": "pothole", "supercategory": "none"},
            {"id": 1, "name": "pothole", "supercategory": "pothole"}], "images": images, "annotations": marks})  # fmt: skip
    found = []
    for out in ((), ("valid",)):
        is_out = _inside(*out) if out else lambda path: False
        found += [
            _reading(made, ONE_MASK, test=_inside("test"), out=is_out, mask_classes=[name])
            for name in ("", "pothole")
        ]
        objects = _reading(
            made,
            {"segment": "instance"},
            test=_inside("test"),
            out=is_out,
            mask_classes=["pothole"],
        )
        train = {
            path: replace(one, planes=None, objects=((0, one.planes[0]),) if one.planes else None)
            for path, one in objects.train.items()
        }
        found.append(replace(objects, train=train))
    return tuple(found)


def _dancers(data: Path) -> Readings:
    """Images and masks with a table of both paths from a folder of another machine."""
    made, top, cells = Builder(data), "segmentation_full_body_mads_dataset_1192_img", []
    for k in range(24):
        plane, name = (
            draw_plane(made.random, SIZE),
            f"HipHop_HipHop{1 + k // 8}_C{k % 3}_{180 + 45 * k:05d}.png",
        )
        made.image(f"{top}/{top}/images/{name}", TrueSample(SIZE, planes=(plane,)), part="train")
        _grey_mask(data / f"{top}/{top}/masks/{name}", plane)
        cells.append(
            [f"{top}/{top}/images/{name}", f"{top}/{top}/masks/{name}", str(int(plane.sum()))]
        )
    made.table("df.csv", ["images", "masks", "collages"], cells)
    return (_reading(made, ONE_MASK, mask_classes=[""]),)


def _heads_of_people(data: Path) -> Readings:
    """Heads as points in MATLAB's files: a crowd is counted by a map of density."""
    made = Builder(data)
    for part in ("train", "test"):
        for k in range(1, 9):
            _photos(made, [f"ShanghaiTech/part_A/{part}_data/images/IMG_{k}.jpg"], None)
            path = data / f"ShanghaiTech/part_A/{part}_data/ground-truth/GT_IMG_{k}.mat"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"MATLAB 5.0 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x01IM")
    return (_reading(made, NUMBER),)


def _cars_in_boxes(data: Path) -> Readings:
    """A table of boxes, and images to test."""
    made, cells = Builder(data), []
    for k in range(30):
        _photos(made, [f"data/training_images/vid_4_{1000 + 20 * k}.jpg"], None)
        if k % 3:
            cells.append(
                [
                    f"vid_4_{1000 + 20 * k}.jpg",
                    f"{3.5 + k / 7:.6f}",
                    f"{4.25 + k / 9:.6f}",
                    f"{14.5 + k / 7:.6f}",
                    "17.5",
                ]
            )
    _photos(made, [f"data/testing_images/vid_5_{25100 + 20 * k}.jpg" for k in range(6)], None)
    made.table(
        "data/train_solution_bounding_boxes (1).csv",
        ["image", "xmin", "ymin", "xmax", "ymax"],
        cells,
    )
    made.table(
        "data/sample_submission.csv",
        ["image", "bounds"],
        [["vid_5_25100.jpg", "0 0 10 10"], ["vid_5_25120.jpg", "0 0 10 10"]],
    )
    return (_reading(made, NUMBER),)


FOURTH_COMPETITIONS = (
    DataSet("drivendata-kelp-wanted", "memory", _kelp),
    DataSet("uwaterloo-cs480-fashion", "memory", _shuffled_fashion),
    DataSet("hackerearth-dance-form", "memory", _dances),
    DataSet("makerere-fall-armyworm-crop-challenge", "memory", _armyworm),
    DataSet("dogs-vs-cats", "memory", _cats_and_dogs),
    DataSet("aicrowd-f1-car-rotation", "memory", _car_turns),
    DataSet("dphi-data-sprint-flowers", "memory", _sprint_of_flowers),
    DataSet(
        "shopee-iet-machine-learning-competition",
        "memory",
        _baby_goods,
        doubt="the list of numbers",
    ),
    DataSet("course: wafers", "memory", _iris_of_wafers, doubt="a course's own"),
    DataSet("course: knees", "memory", _severity, doubt="a course's own"),
    DataSet("course: roofs", "memory", _roofs, doubt="a course's own"),
)
"""Competitions of `DataSet` form, so that several readings may be right, and nothing need be sent."""

FOURTH_DATA_SETS = (
    DataSet("Real and fake faces", "memory", _real_and_fake, has_test=False),
    DataSet("140k real and fake faces", "memory", _fake_faces),
    DataSet("Sign language MNIST", "memory", _signs_of_hands),
    DataSet("COIL-100", "memory", _coil, has_test=False),
    DataSet("GTSRB (original)", "memory", _signs_of_germany),
    DataSet("COVID-CT", "memory", _covid_scans),
    DataSet("COVIDx", "memory", _covid_lines),
    DataSet("Tuberculosis chest X-rays", "memory", _tuberculosis, has_test=False),
    DataSet("Roboflow: several labels", "memory", _export_of_classes),
    DataSet("Faces by age", "memory", _ages_of_folders, has_test=False),
    DataSet("Houses (four pictures)", "memory", _homes, has_test=False),
    DataSet("SoCal houses", "memory", _prices_of_houses, has_test=False),
    DataSet("Mall crowd counts", "memory", _counted_people, has_test=False),
    DataSet("Crop images", "memory", _crops),
    DataSet("Leafsnap", "memory", _leaves_in_lab, has_test=False),
    DataSet("Montgomery lungs", "memory", _lungs, has_test=False),
    DataSet("Chest X-ray masks and labels", "memory", _chests_with_masks),
    DataSet("MSRA10K", "memory", _salient_objects, has_test=False),
    DataSet("Bijie landslides", "memory", _landslides, has_test=False),
    DataSet("WHU buildings", "memory", _buildings),
    DataSet("Leaf disease segmentation", "memory", _leaf_spots, has_test=False),
    DataSet("Roboflow: masks", "memory", _export_of_masks),
    DataSet("CVAT: segmentation masks", "memory", _export_of_cvat, has_test=False),
    DataSet("Roboflow: COCO outlines", "memory", _export_of_outlines),
    DataSet("MADS dancers", "memory", _dancers, has_test=False),
    DataSet("ShanghaiTech", "memory", _heads_of_people, refusal=r"\S"),
    DataSet("Car boxes", "memory", _cars_in_boxes, refusal=r"\bbox"),
)
