# ruff: noqa: E501  # rows of tables as their files have them
"""A tenth set of real competitions and public data sets, written without a look at what is read.

A layout is never bent toward what podium reads; where podium is mended because of one, it has become
one of development.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import tifffile
from numpy.typing import NDArray

from layouts.drawing import draw_class_map, draw_objects, draw_plane, save_pixels
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
)
from layouts.real.eighth_set import _rectangle, _save_tiff, _with_and_without
from layouts.real.made import Builder, hex_name, union
from layouts.real.ninth_set import _copied, _void_or_class, _whole
from layouts.real.second_set import MULTI, _json, _numbered
from layouts.real.third_set import NUMBER, RANKS, SEVERAL
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["TENTH_COMPETITIONS", "TENTH_DATA_SETS"]

ANY = "."
"""Any refusal is right: there is nothing in the data that podium is for."""


def _grey(made: Builder, path: str, true: TrueSample, part: str = "train") -> None:
    """Write a picture of one channel."""
    pixels = made.random.integers(0, 255, true.size).astype(np.uint8)
    made.image(path, true, part=part, pixels=pixels)


def _book(path: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Write a spreadsheet."""
    import openpyxl

    book = openpyxl.Workbook()
    for row in (header, *rows):
        book.active.append(list(row))
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def _uuid(*parts: object) -> str:
    name = hex_name("tenth", *parts, length=32)
    return "-".join((name[:8], name[8:12], name[12:16], name[16:20], name[20:]))


def _ending(*ends: str) -> Callable[[str], bool]:
    return lambda path: path.endswith(ends)


# Competitions


HALLUCINATIONS = ("0", "1", "2", "3", "4")


def _hallucinations(data: Path) -> Readings:
    """A folder and a table for each part; numbers of classes."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    for part, n in (("train", 30), ("val", 8), ("test", 10)):
        cells = list[tuple[str, ...]]()
        for k in range(n):
            label, name = HALLUCINATIONS[k * 3 % 5], f"{_uuid(part, k)}.png"
            side = "test" if part == "test" else "train"
            made.image(f"{part}_images/{name}", TrueSample(SIZE, label), part=side)
            cells.append((name, label))
        if part == "test":
            rows = cells
            made.table("test.csv", ["Image"], [[one] for one, _ in rows])
        else:
            made.table(f"{part}.csv", ["Image", "Class"], cells)
    columns = {"Image": "key", "Class": "text"}
    made.table("sample_submission.csv", list(columns), [[one, "1"] for one, _ in rows])
    every = made.truth(LABELS, columns, rows, classes=HALLUCINATIONS)
    train = {path: one for path, one in every.train.items() if path.startswith("train_images/")}
    return every, replace(every, train=train)


def _cars_of_a_course(data: Path) -> Readings:
    """Class folders of numbers, and a table of the same; the folder of test has a name of its own."""
    made, cells, rows = Builder(data), [], list[tuple[str, ...]]()
    classes = tuple("0123456789")
    for k in range(40):
        label, name = classes[k * 3 % 10], f"{100155 + k * 4519}.jpg"
        made.image(f"train/{label}/{name}", TrueSample((20, 24 + k % 3), label), part="train")
        cells.append([name, label])
    for k in range(12):
        label, name = classes[k * 7 % 10], f"{400009 + k * 1373}.jpg"
        made.image(f"test_upload/{name}", TrueSample((20, 24 + k % 3), label), part="test")
        rows.append((name, label))
    columns = {"Id": "key", "Category": "text"}
    made.table("train.csv", list(columns), cells)
    made.table("sample-submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=classes),)


def _landmarks_of_vietnam(data: Path) -> Readings:
    """Class folders of numbers, and the same in a JSON that is a text of another; no file to send."""
    made, classes, known = Builder(data), ("0", "1", "5", "37", "64", "102"), list[dict[str, int]]()
    for place, label in enumerate(classes):
        names = [f"{1 + place * 641 + k * 17}.jpg" for k in range(6)]
        _photos(made, [f"TrainVal/{label}/{one}" for one in names], label, (20 + place, 24))
        known += [{"id": int(one[:-4]), "category": int(label)} for one in names]
    _json(made, "train_val2018.json", json.dumps(known))
    _photos(made, [f"Public/{11 + k * 53}.jpg" for k in range(12)], None)
    return (_reading(made, LABELS, test=_inside("Public"), classes=classes),)


FEELINGS = ("angry", "disgusted", "fearful", "happy", "neutral", "sad", "surprised")


def _feelings_of_iflytek(data: Path) -> Readings:
    """Class folders of grey faces, whose names begin anew in each; a list of test with a label."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    for label in FEELINGS:
        for k in range(5):
            _grey(made, f"train/{label}/im{k * 3}.png", TrueSample(SIZE, label))
    (data / "train/.DS_Store").write_bytes(b"\0\0\0\1Bud1" + b"\0" * 60)
    for k in range(12):
        label, name = FEELINGS[k * 3 % 7], f"{6 + k * 31:05d}.png"
        _grey(made, f"test/{name}", TrueSample(SIZE, label), "test")
        rows.append((name, label))
    columns = {"name": "key", "label": "text"}
    made.table("sample_submit.csv", list(columns), [[one, "sad"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=FEELINGS),)


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


TEAMS = ("ferrari", "mclaren", "mercedes", "redbull", "renault")


def _teams_of_racing(data: Path) -> Readings:
    """Numbers of images that begin anew in each part; a table of train and of val."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    for part, n in (("train", 30), ("val", 8), ("test", 10)):
        cells = list[tuple[str, ...]]()
        for k in range(n):
            label = TEAMS[k * 3 % 5]
            side = "test" if part == "test" else "train"
            made.image(f"{part}/{k}.jpg", TrueSample(SIZE, label), part=side)
            cells.append((str(k), label))
        if part == "test":
            rows = cells
        else:
            made.table(f"{part}.csv", ["ImageID", "label"], cells)
    columns = {"ImageID": "key", "label": "text"}
    shown = [[one, TEAMS[(k * 2 + 1) % 5]] for k, (one, _) in enumerate(rows)]
    made.table("sample_submission.csv", list(columns), shown)
    every = made.truth(LABELS, columns, rows, classes=TEAMS)
    train = {path: one for path, one in every.train.items() if path.startswith("train/")}
    return every, replace(every, train=train)


ON_THE_ROAD = ((0, 0, 255), (255, 0, 0), (0, 152, 225), (0, 203, 151), (69, 47, 142), (86, 62, 67))
"""Cars, pedestrians, the sky, buildings, the lane, and the own car."""


def _streets_of_signate(data: Path) -> Readings:
    """Masks of colours, whose names are on the page alone; a JSON of each image's day and route."""
    made, size = Builder(data), (24, 36)
    colours = np.array(ON_THE_ROAD, dtype=np.uint8)
    for k in range(28):
        places, name = draw_class_map(made.random, size, 6, fill=True), f"train_{k * 37:04d}"
        true = TrueSample(size, planes=_planes_of(places, 6))
        made.image(f"seg_train_images/{name}.jpg", true, part="train")
        save_pixels(data / f"seg_train_annotations/{name}.png", colours[places - 1])
        about = {
            "route": ("urban", "residential", "highway")[k % 3],
            "timeofday": ("day", "night", "morning")[k % 3],
        }
        _json(made, f"seg_train_annotations/{name}.json", {"attributes": about})
    for k in range(10):
        made.image(f"seg_test_images/test_{k * 7:03d}.jpg", TrueSample(size), part="train")
    order = sorted(range(6), key=lambda place: ON_THE_ROAD[place])
    test = _inside("seg_test_images")
    found = list[LayoutTruth]()
    for wanted in (order, list(range(6))):
        truth = _reading(made, MULTI, test=test, mask_classes=[""] * 6)
        train = {
            path: replace(one, planes=tuple(one.planes[place] for place in wanted))
            for path, one in truth.train.items()
            if one.planes is not None
        }
        found.append(replace(truth, train=train))
    return tuple(found)


ULCERS = ("none", "infection", "ischaemia", "both")


def _ulcers_of_2021(data: Path) -> Readings:
    """A column of ones a class; images without a label in the same folder, with empty cells."""
    made, cells = Builder(data), []
    for k in range(44):
        label = ULCERS[(0, 1, 1, 0, 2, 3, 0, 1)[k * 3 % 8]] if k % 5 != 3 else None
        name = f"{100001 + k * 37}.jpg"
        _photos(made, [f"DFUC2021_train/images/{name}"], label)
        ones = [f"{float(one == label)}" if label else "" for one in ULCERS]
        cells.append([name, *ones])
    made.table("DFUC2021_train/train.csv", ["image", *ULCERS], cells)
    _photos(made, [f"DFUC2021_test/{200003 + k * 29}.jpg" for k in range(12)], None)
    return (_reading(made, LABELS, test=_inside("DFUC2021_test"), classes=ULCERS),)


def _myopia(data: Path) -> Readings:
    """Numbers before the names of folders; facts of the patients with gaps beside the grade."""
    made, cells, top = Builder(data), [], "1. Classification of Myopic Maculopathy"
    for k in range(1, 35):
        grade, name = (
            str((0, 1, 1, 2, 0, 3, 1, 4)[k * 3 % 8]),
            f"mmac_task_1_train_{k * 31:04d}.png",
        )
        _photos(made, [f"{top}/1. Images/1. Training Set/{name}"], grade)
        body = ["", ""] if k % 4 else [f"{1.55 + k / 100:.2f}", f"{51.0 + k}"]
        cells.append(
            [name, grade, str(31 + k), ("Male", "Female")[k * 3 % 5 % 2], *body, str(1 + k % 3)]
        )
    names = [f"mmac_task_1_val_{k * 23:04d}.png" for k in range(1, 11)]
    _photos(made, [f"{top}/1. Images/2. Validation Set/{one}" for one in names], None)
    made.table(
        f"{top}/2. Groundtruths/1. MMAC2023_Myopic_Maculopathy_Classification_Training_Labels.csv",
        ["image", "myopic_maculopathy_grade", "age", "sex", "height", "weight", "data_center"],
        cells,
    )
    made.text("LICENSE.txt", "Attribution-NonCommercial-NoDerivatives 4.0 International\n")
    is_test = _inside(f"{top}/1. Images/2. Validation Set")
    return (_reading(made, RANKS, test=is_test, classes=tuple("01234")),)


LESIONS = ("drusen", "exudate", "hemorrhage", "others", "scars")


def _macula(data: Path) -> Readings:
    """Two folders of classes; masks of the disc and of five lesions elsewhere, black on white."""
    made, points, lesions = (
        Builder(data),
        list[list[str | float]](),
        dict[str, list[NDArray[np.bool_]]](),
    )
    top, disc = (
        "AMD-Training400/Training400",
        "AMD-Training400-Annotation-DF/Annotation-DF-Training400",
    )
    spots = "AMD-Training400-Annotation-Lesion/Annotation-Lesion-Training400/Lesion_Masks"
    empty = np.zeros(SIZE, dtype=bool)
    for folder, letter, n in (("AMD", "A", 14), ("Non-AMD", "N", 24)):
        for k in range(1, n + 1):
            name, plane = f"{letter}{k:04d}", draw_plane(made.random, SIZE)
            path = f"{top}/{folder}/{name}.jpg"
            made.image(path, TrueSample(SIZE, folder, planes=(plane,)), part="train")
            save_pixels(
                data / f"{disc}/Disc_Masks/{folder}/{name}.bmp",
                np.where(plane, 0, 255).astype(np.uint8),
            )
            points.append([len(points) + 1, f"{name}.jpg", 11.25 + k, 9.5 + k / 2])
            lesions[path] = [empty] * 5
            for place, one in enumerate(LESIONS):
                if letter == "A" and (k + place) % 3 == 0:
                    spot = draw_plane(made.random, SIZE)
                    lesions[path][place] = spot
                    save_pixels(
                        data / f"{spots}/{one}/{name}.bmp", np.where(spot, 0, 255).astype(np.uint8)
                    )
    _book(data / f"{top}/Fovea_location.xlsx", ["ID", "imgName", "Fovea_X", "Fovea_Y"], points)
    names = [f"V{k * 7:04d}.jpg" for k in range(1, 11)]
    _photos(made, [f"AMD-Validation400/Validation-400-images/{one}" for one in names], None)
    test = _inside("AMD-Validation400")
    classes = ("AMD", "Non-AMD")
    of_disc = _reading(made, {**TWO, **ONE_MASK}, test=test, classes=classes, mask_classes=[""])
    kinds = {**TWO, "segment": "multilabel"}
    of_lesions = _reading(made, kinds, test=test, classes=classes, mask_classes=LESIONS)
    train = {
        path: replace(one, planes=tuple(lesions[path])) for path, one in of_lesions.train.items()
    }
    return of_disc, replace(of_lesions, train=train)


def _tuberculosis_of_runmila(data: Path) -> Readings:
    """Ids and paths in columns; a probability is sent."""
    made, cells, tests, rows = Builder(data), [], [], list[tuple[str, ...]]()
    for k in range(46):
        part, label = "train" if k < 34 else "test", str(k * 3 % 5 % 2)
        number = hex_name("runmila", k, length=8).upper()
        prob = round(float(made.random.uniform(0.01, 0.99)), 3)
        true = TrueSample(SIZE, label, {"0": round(1 - prob, 3), "1": prob})
        _grey(made, f"{part}/{number}.png", true, part)
        if part == "train":
            cells.append([number, f"{part}/{number}.png", label])
        else:
            tests.append([number, f"{part}/{number}.png"])
            rows.append((number, repr(prob)))
    made.table("Train.csv", ["ID", "filename", "LABEL"], cells)
    made.table("Test.csv", ["ID", "filename"], tests)
    columns = {"ID": "key", "LABEL": "number"}
    made.table("SampleSubmission.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth({"classify": "binary"}, columns, rows, classes=("0", "1")),)


def _parasites(data: Path) -> Readings:
    """Boxes of a class, a row each; an image without any has a row of zeros."""
    made, cells, names = Builder(data), list[list[str]](), list[str]()
    for k in range(40):
        part, name = "train" if k < 28 else "test", f"id_{hex_name('lacuna', k)}.jpg"
        made.image(f"images/{name}", TrueSample((40, 48)), part=part)
        if part == "test":
            names.append(name)
        elif k % 5 == 4:
            cells.append([name, "NEG", "1.0", "0.0", "0.0", "0.0", "0.0"])
        else:
            for n in range(1 + k % 3):
                box = [f"{2 + n * 9}.0", f"{3 + k % 9}.0", f"{9 + n * 9}.0", f"{14 + k % 9}.0"]
                cells.append([name, ("Trophozoite", "WBC")[(k + n) % 3 % 2], "1.0", *box])
    header = ["Image_ID", "class", "confidence", "ymin", "xmin", "ymax", "xmax"]
    made.table("Train.csv", header, cells)
    made.table("Test.csv", ["Image_ID"], [[one] for one in names])
    made.table(
        "SampleSubmission.csv",
        header,
        [[one, "Trophozoite", "0.5", "0", "0", "0", "0"] for one in names],
    )
    return (_reading(made, {}),)


def _painters(data: Path) -> Readings:
    """Pairs of images are to be told of one hand or not; train has artists, styles and genres."""
    made, cells = Builder(data), list[list[str]]()
    for k in range(32):
        made.image(f"train/{1 + k * 29}.jpg", TrueSample((20 + k % 4, 24)), part="train")
        artist = hex_name("hand", k % 5, length=32)
        style = ("Impressionism", "Realism", "Cubism", "")[k % 4]
        cells.append(
            [
                f"{1 + k * 29}.jpg",
                artist,
                f"Study no. {k}",
                style,
                ("portrait", "landscape", "still life")[k % 3],
                f"{1870 + k}.0" if k % 3 else "",
            ]
        )
    for k in range(12):
        made.image(f"test/{4 + k * 17}.jpg", TrueSample((20 + k % 4, 24)), part="test")
    header = ["filename", "artist", "title", "style", "genre", "date"]
    made.table("train_info.csv", header, cells)
    pairs = [(4 + a * 17, 4 + b * 17) for a in range(6) for b in range(a + 1, 6)]
    made.table(
        "submission_info.csv",
        ["index", "img1", "img2"],
        [[str(n), f"{one}.jpg", f"{other}.jpg"] for n, (one, other) in enumerate(pairs)],
    )
    made.table(
        "sample_submission.csv", ["index", "sameArtist"], [[str(n), "1"] for n in range(len(pairs))]
    )
    return (_reading(made, {}),)


def _poses_of_cars(data: Path) -> Readings:
    """Seven numbers a car in one cell; masks hide the cars that do not count."""
    made, cells, names, size = Builder(data), list[list[str]](), list[str](), (30, 40)
    for k in range(36):
        part, name = "train" if k < 26 else "test", f"ID_{hex_name('pku', k, length=9)}"
        made.image(f"{part}_images/{name}.jpg", TrueSample(size), part=part)
        if k % 3:
            pixels = np.where(draw_plane(made.random, size), 255, 0).astype(np.uint8)
            save_pixels(data / f"{part}_masks/{name}.jpg", np.stack([pixels] * 3, axis=-1))
        if part == "test":
            names.append(name)
            continue
        cars = [
            f"{(16, 5, 46)[n % 3]} {0.1548 + n / 17:.6g} {-2.574 - k / 90:.6g} -3.1{n}02 {7.96 + n * 3:.6g} {3.2 + n:.6g} {11.02 + k:.6g}"
            for n in range(1 + k % 4)
        ]
        cells.append([name, " ".join(cars)])
    made.table("train.csv", ["ImageId", "PredictionString"], cells)
    shown = "0.0 0.0 0.0 0.0 0.0 0.0 1.0"
    made.table(
        "sample_submission.csv", ["ImageId", "PredictionString"], [[one, shown] for one in names]
    )
    (data / "car_models").mkdir()
    (data / "car_models/baojun-310-2017.pkl").write_bytes(b"\x80\x03}q\0." * 4)
    made.text(
        "camera/camera_intrinsic.txt",
        "fx = 2304.5479\nfy = 2305.8757\ncx = 1686.2379\ncy = 1354.9849\n",
    )
    return (_reading(made, {}),)


def _scans_of_singapore(data: Path) -> Readings:
    """Ids are the numbers of the images, which begin anew in each part."""
    made, cells, rows = Builder(data), [], list[tuple[str, ...]]()
    for k in range(46):
        part, label = "train" if k < 34 else "test", str(k * 5 % 3)
        number = str(k if k < 34 else k - 34)
        made.image(f"{part}_image/{part}_image/{number}.png", TrueSample(SIZE, label), part=part)
        if part == "train":
            cells.append([number, label])
        else:
            rows.append((number, label))
    columns = {"ID": "key", "Label": "text"}
    made.table("train_label.csv", list(columns), cells)
    made.table("sample_submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=tuple("012")),)


COVERS = (
    "no_data",
    "clouds",
    "artificial",
    "cultivated",
    "broadleaf",
    "coniferous",
    "herbaceous",
    "natural",
    "snow",
    "water",
)


def _covers_of_land(data: Path) -> Readings:
    """Four channels of 16 bits; masks of numbers in train; the share of each class is sent."""
    made, cells, rows, top = Builder(data), [], list[tuple[str, ...]](), "dataset_UNZIPPED"
    size = (20, 20)
    for k in range(40):
        part = "test" if k % 4 == 3 else "train"
        name = str(10000 + k)
        used = [n for n in range(2, 10) if (n + k) % 4]
        used += [1] * (k % 7 == 3) + [0] * (k % 9 == 5)
        values = np.array(used, dtype=np.uint8)[
            draw_class_map(made.random, size, len(used), fill=True) - 1
        ]
        shares = tuple(round(float((values == n).mean()), 4) for n in range(10))
        planes = tuple(values == n for n in range(10)) if part == "train" else None
        deep = made.random.integers(120, 2600, (*size, 4)).astype(np.uint16)
        path = f"{top}/{part}/images/{name}.tif"
        (data / path).parent.mkdir(parents=True, exist_ok=True)
        tifffile.imwrite(data / path, deep, photometric="rgb", extrasamples=["unspecified"])
        side = made.train if part == "train" else made.test
        side[path] = TrueSample(size, shares, planes=planes)
        texts = [str(one) for one in shares]
        if part == "train":
            _save_tiff(data / f"{top}/train/masks/{name}.tif", values)
            cells.append([name, *texts])
        else:
            rows.append((name, *texts))
    columns = {"sample_id": "key", **dict.fromkeys(COVERS, "number")}
    made.table("train_labels.csv", list(columns), cells)
    made.table("train_images.csv", ["sample_id"], [one[:1] for one in cells])
    made.table("test_images.csv", ["sample_id"], [one[:1] for one in rows])
    made.table(
        "random_submission_example.csv",
        list(columns),
        [[one[0], *(repr(made.probs([n])[n]) for n in COVERS)] for one in rows],
    )
    kinds = {"classify": "multitarget", **MULTI}
    found = list[LayoutTruth]()
    for first, names in ((0, COVERS), (2, COVERS), (2, tuple(map(str, range(10))))):
        truth = made.truth(kinds, columns, rows, classes=COVERS, mask_classes=names[first:])
        train = {
            path: replace(one, planes=one.planes[first:] if one.planes else None)
            for path, one in truth.train.items()
        }
        found.append(replace(truth, train=train))
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


# Data sets: labels


RICES = ("Arborio", "Basmati", "Ipsala", "Jasmine", "Karacadag")


def _rices(data: Path) -> Readings:
    """Class folders whose images have a blank and a number in brackets; a text to be cited."""
    made, top = Builder(data), "Rice_Image_Dataset"
    for label in RICES:
        stem = "basmati" if label == "Basmati" else label
        _photos(made, [f"{top}/{label}/{stem} ({k * 7 + 1}).jpg" for k in range(8)], label)
    made.text(
        f"{top}/Rice_Citation_Request.txt",
        "Citation Request :\n\nKOKLU, M., CINAR, I. and TASPINAR, Y. S. (2021). Classification of rice varieties.\n",
    )
    return (_reading(made, LABELS, classes=RICES),)


CARDS = ("ace of clubs", "ace of hearts", "five of spades", "joker", "queen of diamonds")


def _cards(data: Path) -> Readings:
    """Class folders of three parts; a table of them all, with blanks in its header; a network beside."""
    made, cells = Builder(data), list[list[str]]()
    for part, n in (("train", 7), ("test", 2), ("valid", 2)):
        for place, label in enumerate(CARDS):
            for k in range(1, n + 1):
                path = f"{part}/{label}/{k if n == 2 else f'{k:03d}'}.jpg"
                _photos(made, [path], label)
                cells.append([str(place), path, label, label.split()[0], part])
    header = ["class index", "filepaths", "labels", "card type", "data set"]
    made.table("cards.csv", header, cells)
    (data / "53cards-53-(200 X 200)-100.00.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + b"\0" * 90)
    is_test = _inside("test")
    found = _with_and_without(
        lambda out: [_reading(made, LABELS, test=is_test, out=out, classes=CARDS)],
        _inside("valid"),
    )
    numbers = tuple(map(str, range(5)))
    return (*found, *(_numbered(one, CARDS, numbers) for one in found))


SKINS = (
    "Acne and Rosacea Photos",
    "Eczema Photos",
    "Melanoma Skin Cancer Nevi and Moles",
    "Urticaria Hives",
)


def _skins(data: Path) -> Readings:
    """Class folders of two parts, with blanks in their names; names of the lesions in those of images."""
    made, stems = (
        Builder(data),
        ("07Acne", "03EczemaAreola", "malignant-melanoma", "hives-Urticaria-Acute"),
    )
    for part, n in (("train", 8), ("test", 3)):
        for label, stem in zip(SKINS, stems, strict=True):
            names = [f"{stem}{'-' if k % 2 else ''}{k * 13 + n}.jpg" for k in range(n)]
            _photos(made, [f"{part}/{label}/{one}" for one in names], label, (20 + n, 24))
    return (_reading(made, LABELS, test=_inside("test"), classes=SKINS),)


def _fake_images(data: Path) -> Readings:
    """Names of both classes and both parts are the same, ten times over, with numbers in brackets."""
    made, classes = Builder(data), ("FAKE", "REAL")
    for part, n in (("train", 16), ("test", 5)):
        for label in classes:
            names = [
                f"{k // 3 * 11:04d}{'' if k % 3 == 0 else f' ({k % 3 + 1})'}.jpg" for k in range(n)
            ]
            _photos(made, [f"{part}/{label}/{one}" for one in names], label)
    return (_reading(made, TWO, test=_inside("test"), classes=classes),)


def _carcinomas(data: Path) -> Readings:
    """A folder a patient, in it one of each class; all of it once more in a folder."""
    made, inner = Builder(data), "IDC_regular_ps50_idx5"
    for patient in (8863, 8864, 8955, 9036, 9346, 10253):
        for label in ("0", "1"):
            for k in range(3 + patient % 2):
                spot = f"idx5_x{51 + k * 50}_y{1251 + patient % 7 * 50 + 50 * k}_class{label}"
                path = f"{patient}/{label}/{patient}_{spot}.png"
                _photos(made, [path], label, (20, 20))
                _copied(made, path, f"{inner}/{path}")
    patients = sorted({path.split("/")[0] for path in made.train} - {inner})
    return tuple(
        _reading(made, TWO, out=_inside(*out), classes=("0", "1")) for out in ((inner,), patients)
    )


def _masked(data: Path) -> Readings:
    """Class folders of three parts with a blank in the name of the folder above."""
    made, top = Builder(data), "Face Mask Dataset"
    for part, n in (("Train", 14), ("Validation", 4), ("Test", 5)):
        for label in ("WithMask", "WithoutMask"):
            names = [
                f"Augmented_{k * 37 + n}_{4511421 + k * 90001}" if k % 3 else f"{k * 41 + n}"
                for k in range(n)
            ]
            _photos(
                made, [f"{top}/{part}/{label}/{one}.png" for one in names], label, (20 + n % 3, 20)
            )
    return tuple(
        _with_and_without(
            lambda out: [
                _reading(
                    made,
                    TWO,
                    test=_inside(f"{top}/Test"),
                    out=out,
                    classes=("WithMask", "WithoutMask"),
                )
            ],
            _inside(f"{top}/Validation"),
        )
    )


RETINAS = (
    "DR",
    "NORMAL",
    "MH",
    "ODC",
    "TSLN",
    "ARMD",
    "DN",
    "MYA",
    "BRVO",
    "ODP",
    "CRVO",
    "CNV",
    "RS",
    "ODE",
    "LS",
    "CSR",
    "HTR",
    "ASR",
    "CRS",
    "OTHER",
)


def _retinas_of_many_ills(data: Path) -> Readings:
    """A table of train and one of val, whose images lie in one folder, with two endings."""
    made, tests = Builder(data), set[str]()
    for part, n in (("train", 40), ("val", 12)):
        cells = []
        for k in range(n):
            has = made.random.random(20) < 0.12
            has[1] = False
            has[1] = not has.any()
            label = frozenset(one for one, bit in zip(RETINAS, has, strict=True) if bit)
            kind = k % 3
            name = (f"{k * 7 + n}", f"aria_c_{k}_{n}", f"im{k * 11 + n:04d}")[kind]
            path = f"images/{name}.{('png', 'tif', 'png')[kind]}"
            _photos(made, [path], label, (20 + kind, 24))
            cells.append([name, *(str(int(bit)) for bit in has)])
            if part == "val":
                tests.add(path)
        made.table(f"{part}_data.csv", ["ID", *RETINAS], cells)
    return (_reading(made, SEVERAL, test=lambda path: path in tests, classes=RETINAS),)


QUALITIES = ("MOS", "Brightness", "Colorfulness", "Contrast", "Noisiness", "Sharpness")
PLACES = (
    "Animal",
    "Cityscape",
    "Human",
    "Indoor scene",
    "Landscape",
    "Night scene",
    "Plant",
    "Still-life",
    "Others",
)


def _quality_of_phones(data: Path) -> Readings:
    """Spreadsheets of scores, of the scene and of the camera beside; no parts."""
    made, scores, scenes, tags = Builder(data), [], [], []
    true, found = dict[str, tuple[float, ...]](), dict[str, frozenset[str]]()
    for k in range(36):
        name, size = f"{k * 97 + 1:05d}.jpg", (20 + k % 3, 24 + k % 4)
        numbers = tuple(round(float(one), 2) for one in made.random.uniform(9, 92, 6))
        path = f"TestImage/{name}"
        _photos(made, [path], numbers[0], size)
        true[path] = numbers
        has = [int(n in (k % 9, k * 5 % 9)) for n in range(9)]
        found[path] = frozenset(one for one, bit in zip(PLACES, has, strict=True) if bit)
        scores.append([name, *numbers])
        scenes.append([name, *has])
        tags.append([name, -1.5 + k / 9, f"1/{30 + k}", 1.8, k % 2])
    top = data / "Annotations"
    _book(top / "MOS and Image attribute scores.xlsx", ["Image name", *QUALITIES], scores)
    _book(top / "Scene category labels.xlsx", ["Image name", *PLACES], scenes)
    _book(
        top / "EXIF_tags.xlsx",
        ["Image name", "Brightness", "Exposure time", "F number", "Flash"],
        tags,
    )
    one = _reading(made, NUMBER)
    all_six = _reading(made, {"classify": "multitarget"}, classes=QUALITIES)
    train = {path: replace(each, label=true[path]) for path, each in all_six.train.items()}
    kinds = _reading(made, SEVERAL, classes=PLACES)
    of_scene = {path: replace(each, label=found[path]) for path, each in kinds.train.items()}
    return one, replace(all_six, train=train), replace(kinds, train=of_scene)


def _grades_of_ddr(data: Path) -> Readings:
    """A folder and a text for each part; a name and a number a line, without a header."""
    made, top = Builder(data), "DDR-dataset/DR_grading"
    for part, n in (("train", 28), ("valid", 8), ("test", 10)):
        lines = []
        for k in range(n):
            name, grade = (
                f"007-{1000 + k * 37 + n:04d}-{k % 3}00.jpg",
                str((0, 2, 0, 1, 4, 3, 5)[k * 3 % 7]),
            )
            _photos(made, [f"{top}/{part}/{name}"], grade, (20 + k % 3, 24))
            lines.append(f"{name} {grade}")
        _lines(made, f"{top}/{part}.txt", lines)
    return tuple(
        _with_and_without(
            lambda out: [
                _reading(made, RANKS, test=_inside(f"{top}/test"), out=out, classes=tuple("012345"))
            ],
            _inside(f"{top}/valid"),
        )
    )


LETTERS = ("А", "Б", "Ж", "Й", "Ъ", "Э", "I")


def _letters_of_russia(data: Path) -> Readings:
    """Folders of Cyrillic letters and one of a Latin one; the stroke is in the alpha channel."""
    made = Builder(data)
    for label in LETTERS:
        for k in range(6):
            pixels = np.zeros((*SIZE, 4), dtype=np.uint8)
            pixels[..., 3] = draw_plane(made.random, SIZE) * 255
            path = f"Cyrillic/{label}/{hex_name('comnist', label, k, length=13)}.png"
            made.image(path, TrueSample(SIZE, label), part="train", pixels=pixels)
    return (_reading(made, LABELS, classes=LETTERS),)


STRESSES = ("healthy", "miner", "rust", "phoma", "cercospora")


def _leaves_of_coffee(data: Path) -> Readings:
    """Ids without endings; the chief stress, each of four, and how severe it is; names in a text."""
    made, cells, top = Builder(data), [], "coffee-datasets/coffee-datasets/leaf"
    levels, several = dict[str, str](), dict[str, frozenset[str]]()
    for k in range(44):
        stress = (0, 2, 1, 3, 2, 4, 1, 5)[k * 3 % 8]
        has = [int(stress == n or (stress == 5 and n in (2, 4))) for n in range(1, 5)]
        severity = str(0 if stress == 0 else 1 + k % 4)
        path = f"{top}/images/{k}.jpg"
        _photos(made, [path], str(stress), (20, 30 + k % 3))
        levels[path] = severity
        several[path] = frozenset(one for one, bit in zip(STRESSES[1:], has, strict=True) if bit)
        cells.append([str(k), str(stress), *map(str, has), severity])
    header = ["id", "predominant_stress", "miner", "rust", "phoma", "cercospora", "severity"]
    made.table(f"{top}/dataset.csv", header, cells)
    _lines(
        made,
        f"{top}/legend.txt",
        [
            "predominant_stress",
            "0 - healthy",
            "1 - miner",
            "2 - rust",
            "3 - phoma",
            "4 - cercospora",
            "5 - undetermined",
            "",
            "severity",
            "0 - healthy (< 0.1%)",
            "1 - very low (0.1% - 5%)",
            "2 - low (5.1% - 10%)",
            "3 - high (10.1% - 15%)",
            "4 - very high (> 15%)",
        ],
    )
    numbers = tuple("012345")
    chief = _reading(made, LABELS, classes=numbers)
    named = _numbered(chief, numbers, (*STRESSES, "undetermined"))
    severe = _reading(made, RANKS, classes=numbers[:5])
    ills = _reading(made, SEVERAL, classes=STRESSES[1:])
    return (
        chief,
        named,
        replace(
            severe,
            train={path: replace(one, label=levels[path]) for path, one in severe.train.items()},
        ),
        replace(
            ills,
            train={path: replace(one, label=several[path]) for path, one in ills.train.items()},
        ),
    )


PEOPLE = ("an2i", "boland", "ch4f", "karyadi", "saavik")


def _faces_of_cmu(data: Path) -> Readings:
    """A folder a person; each image in three sizes, told by the end of its name."""
    made = Builder(data)
    poses, moods, eyes = (
        ("left", "right", "straight", "up"),
        ("angry", "happy", "neutral", "sad"),
        ("open", "sunglasses"),
    )
    for person in PEOPLE:
        for k in range(5):
            name = f"{person}_{poses[k % 4]}_{moods[k * 3 % 4]}_{eyes[k % 2]}"
            for end, size in (("", (40, 42)), ("_2", (20, 21)), ("_4", (10, 11))):
                _grey(made, f"faces/{person}/{name}{end}.pgm", TrueSample(size, person))
    found = list[LayoutTruth]()
    for ends in ((), ("_2.pgm", "_4.pgm")):
        every = _reading(
            made,
            LABELS,
            out=_ending(*ends),
            classes=PEOPLE,
        )
        found.append(every)
        for place, names in ((1, poses), (2, moods), (3, eyes)):
            train = {
                path: replace(one, label=Path(path).stem.split("_")[place])
                for path, one in every.train.items()
            }
            found.append(replace(every, classes=names, train=train))
    return tuple(found)


MARKS_OF_MARS = (
    "other",
    "crater",
    "dark dune",
    "slope streak",
    "bright dune",
    "impact ejecta",
    "swiss cheese",
    "spider",
)


def _marks_of_mars(data: Path) -> Readings:
    """A text of names and numbers; a table of numbers and names; turned copies of each image."""
    made, lines, top = Builder(data), [], "hirise-map-proj-v3"
    for k in range(8):
        label, stem = str(k), f"ESP_{11623 + k * 913:06d}_{950 + k * 35:04d}_RED-{17 + k:04d}"
        for end in ("", "-r90", "-r180", "-fh", "-fv", "-brt"):
            _grey(made, f"{top}/map-proj-v3/{stem}{end}.jpg", TrueSample((20, 20), label))
            lines.append(f"{stem}{end}.jpg {label}")
    _lines(made, f"{top}/labels-map-proj-v3.txt", lines)
    _lines(
        made,
        f"{top}/landmarks_map-proj-v3_classmap.csv",
        [f"{n},{one}" for n, one in enumerate(MARKS_OF_MARS)],
    )
    made.text(
        f"{top}/README.txt",
        "Mars orbital image (HiRISE) labeled data set, version 3\n\n- map-proj-v3: cropped landmark images\n"
        "- labels-map-proj-v3.txt: class labels (ids) for each landmark image\n"
        "- landmarks_map-proj-v3_classmap.csv: dictionary that maps class ids to semantic names\n",
    )
    numbers = tuple(map(str, range(8)))
    truth = _reading(made, LABELS, classes=numbers)
    return truth, _numbered(truth, numbers, MARKS_OF_MARS)


# Data sets: masks


def _nuclei_of_organs(data: Path) -> Readings:
    """A folder an organ, with blanks, and in it ten of images, masks, numbers, distances and the like."""
    made, size = Builder(data), (40, 40)
    for organ in (
        "human bladder",
        "human liver",
        "mouse fat (white and brown)_subscapula",
        "mouse spleen",
    ):
        for k in range(1, 9):
            name = f"{organ.replace(' ', '_')}_{k:02d}"
            planes = draw_objects(made.random, size, 2 + k % 3)
            objects = tuple((0, plane) for plane in planes)
            made.image(
                f"{organ}/tissue images/{name}.png", TrueSample(size, objects=objects), part="train"
            )
            numbers = np.zeros(size, dtype=np.uint16)
            for place, plane in enumerate(planes):
                numbers[plane] = place + 1
            for folder in ("label masks", "label masks modify"):
                _save_tiff(data / f"{organ}/{folder}/{name}.tif", numbers)
            for folder in (
                "mask binary",
                "mask binary without border",
                "mask binary without border erode",
            ):
                mask = numbers > 0
                if "erode" in folder:
                    mask = mask & np.roll(mask, 1, axis=0) & np.roll(mask, 1, axis=1)
                save_pixels(data / f"{organ}/{folder}/{name}.png", mask.astype(np.uint8) * 255, "1")
            save_pixels(
                data / f"{organ}/distance maps/{name}.png", (numbers > 0).astype(np.uint8) * 101
            )
            vague = draw_plane(made.random, size) & (numbers == 0)
            save_pixels(
                data / f"{organ}/vague areas/mask binary/{name}.png",
                vague.astype(np.uint8) * 255,
                "1",
            )
            over = made.random.integers(0, 90, (*size, 3)).astype(np.uint8)
            over[numbers > 0, 1] = 255
            save_pixels(data / f"{organ}/overlay/{name}.png", over)
            (data / organ / "Imagej_zips").mkdir(exist_ok=True)
            with zipfile.ZipFile(data / f"{organ}/Imagej_zips/{name}.zip", "w") as archive:
                for place in range(len(planes)):
                    archive.writestr(f"{place + 1:04d}-{k * 7:04d}.roi", b"Iout\0\xe4" + b"\0" * 58)
    single = _reading(made, {"segment": "instance"}, mask_classes=[""])
    return single, _whole(single)


def _cells_in_time(data: Path) -> Readings:
    """Two films of frames; numbers of cells of a few frames, of all by machines, and marks of tracks."""
    made, size, top = Builder(data), (40, 44), "DIC-C2DH-HeLa"
    gold, silver = dict[str, TrueSample](), dict[str, TrueSample]()
    for film in ("01", "02"):
        tracks = []
        for k in range(18):
            planes = draw_objects(made.random, size, 2 + k % 3)
            path = f"{top}/{film}/t{k:03d}.tif"
            grey = made.random.integers(90, 160, size).astype(np.uint8)
            made.image(path, TrueSample(size), part="train", pixels=grey)
            numbers, marks = np.zeros(size, dtype=np.uint16), np.zeros(size, dtype=np.uint16)
            for place, plane in enumerate(planes):
                numbers[plane] = place + 1
                row, column = np.argwhere(plane)[len(np.argwhere(plane)) // 2]
                marks[row : row + 2, column : column + 2] = place + 1
            objects = tuple((0, plane) for plane in planes)
            gold[path] = TrueSample(size, objects=objects if k % 3 == 1 else None)
            silver[path] = TrueSample(size, objects=objects)
            if k % 3 == 1:
                _save_tiff(data / f"{top}/{film}_GT/SEG/man_seg{k:03d}.tif", numbers)
            _save_tiff(data / f"{top}/{film}_GT/TRA/man_track{k:03d}.tif", marks)
            _save_tiff(data / f"{top}/{film}_ST/SEG/man_seg{k:03d}.tif", numbers)
            tracks.append(f"{k + 1} {k} {k} 0")
        _lines(made, f"{top}/{film}_GT/TRA/man_track.txt", tracks)
    single = _reading(made, {"segment": "instance"}, mask_classes=[""])
    first, second = replace(single, train=gold), replace(single, train=silver)
    return first, second, _whole(first), _whole(second)


RUGD = (
    ("void", 0, 0, 0),
    ("dirt", 108, 64, 20),
    ("sand", 255, 229, 204),
    ("grass", 0, 102, 0),
    ("tree", 0, 255, 0),
    ("pole", 0, 153, 153),
    ("water", 0, 128, 255),
    ("sky", 0, 0, 255),
    ("vehicle", 255, 255, 0),
    ("container/generic-object", 255, 0, 127),
    ("asphalt", 64, 64, 64),
    ("gravel", 255, 128, 0),
    ("building", 255, 0, 0),
    ("mulch", 153, 76, 0),
    ("rock-bed", 102, 102, 0),
    ("log", 102, 0, 0),
    ("bicycle", 0, 255, 128),
    ("person", 204, 153, 255),
    ("fence", 102, 0, 204),
    ("bush", 255, 153, 204),
    ("sign", 0, 102, 102),
    ("rock", 153, 204, 255),
    ("bridge", 102, 255, 255),
    ("concrete", 101, 101, 11),
    ("picnic-table", 114, 85, 47),
)


def _off_the_road(data: Path) -> Readings:
    """Folders of scenes; masks of 25 colours, of which each image has a few; a text of the colours."""
    made, size = Builder(data), (28, 34)
    colours = np.array([one[1:] for one in RUGD], dtype=np.uint8)
    for place, scene in enumerate(("creek", "park-1", "trail-3", "village")):
        for k in range(9):
            used = [0, 3, 4, 7, *(1 + (n * 5 + k * 3 + place * 7) % 24 for n in range(4))]
            used = list(dict.fromkeys(used))
            numbers = np.array(used)[draw_class_map(made.random, size, len(used), fill=True) - 1]
            name = f"{scene}/{scene}_{1 + k * 60:05d}.png"
            planes = tuple(numbers == n for n in range(25))
            made.image(
                f"RUGD_frames-with-annotations/{name}",
                TrueSample(size, planes=planes),
                part="train",
            )
            save_pixels(data / f"RUGD_annotations/{name}", colours[numbers])
    _lines(
        made,
        "RUGD_annotations/RUGD_annotation-colormap.txt",
        [f"{n} {' '.join(map(str, one))}" for n, one in enumerate(RUGD)],
    )
    names = [one[0] for one in RUGD]
    every = _reading(made, MULTI, mask_classes=[*names[1:], "void"])
    train = {
        path: replace(one, planes=(*one.planes[1:], one.planes[0]))
        for path, one in every.train.items()
        if one.planes
    }
    every = replace(every, train=train)
    return tuple(_void_or_class(every))


def _skies_of_singapore(data: Path) -> Readings:
    """Masks with an end of their own in a folder beside; a table of the days."""
    made, cells = Builder(data), []
    for k in range(1, 33):
        plane = draw_plane(made.random, (24, 24))
        made.image(
            f"SWIMSEG/images/{k * 29:04d}.png", TrueSample((24, 24), planes=(plane,)), part="train"
        )
        _grey_mask(data / f"SWIMSEG/GTmaps/{k * 29:04d}_GT.png", plane)
        cells.append(
            [
                f"{k * 29:04d}",
                f"2014-{1 + k % 12:02d}-{1 + k % 28:02d}",
                f"{9 + k % 8:02d}:{k:02d}",
                str(k * 11 % 90),
            ]
        )
    made.table("SWIMSEG/metadata.csv", ["Number", "Date", "Time", "Azimuth"], cells)
    made.text(
        "SWIMSEG/README.txt",
        "Singapore Whole sky IMaging SEGmentation database\n\nimages: 1013 patches; GTmaps: binary ground truth\n",
    )
    return (_reading(made, ONE_MASK, mask_classes=[""]),)


SMEARS = (
    "carcinoma_in_situ",
    "light_dysplastic",
    "moderate_dysplastic",
    "normal_columnar",
    "normal_intermediate",
    "normal_superficiel",
    "severe_dysplastic",
)
OF_CELL = ((0, 0, 128), (0, 0, 255), (128, 128, 128), (255, 0, 0))
"""Cytoplasm, nucleus, what is not known, and the ground, as the masks have them."""


def _smears(data: Path) -> Readings:
    """Class folders with masks of four colours among the images, told by the end of their names."""
    made, top = Builder(data), "smear2005/New database pictures"
    colours = np.array(OF_CELL, dtype=np.uint8)
    for place, label in enumerate(SMEARS):
        for k in range(1, 6):
            size = (20 + k, 22 + place)
            places = np.full(size, 4, dtype=np.uint8)
            plane = draw_plane(made.random, size)
            places[plane] = 1
            places[plane & np.roll(plane, 2, axis=1)] = 2
            places[:, :2] = 3
            stem = f"{top}/{label}/{149056321 + k * 7919 + place * 104729}-{149056335 + k * 7919 + place * 104729}-{k:03d}"
            made.image(
                f"{stem}.BMP", TrueSample(size, label, planes=_planes_of(places, 4)), part="train"
            )
            save_pixels(data / f"{stem}-d.bmp", colours[places - 1])
    (data / "smear2005/new_database_results.xls").write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 60)
    found = list[LayoutTruth]()
    for kept, ignored in (
        ((0, 1, 2, 3), ()),
        ((0, 1, 2), ()),
        ((0, 1), ()),
        ((0, 1, 3), (2,)),
        ((0, 1), (2,)),
    ):
        truth = _reading(made, {**LABELS, **MULTI}, classes=SMEARS, mask_classes=[""] * len(kept))
        train = {
            path: replace(
                one,
                planes=tuple(one.planes[n] for n in kept),
                ignored=union([one.planes[n] for n in ignored]) if ignored else None,
            )
            for path, one in truth.train.items()
            if one.planes
        }
        found.append(replace(truth, train=train))
    return tuple(found)


def _glaucoma(data: Path) -> Readings:
    """A table of both classes; masks of the disc and the cup; all of it again, square, and outlines."""
    made, cells = Builder(data), []
    for k in range(34):
        label, name, size = str(int(k % 4 == 3)), f"image_{k * 3}", (24, 30)
        places = np.zeros(size, dtype=np.uint8)
        left, top, wide, tall = 3 + k % 6, 4 + k % 4, 12 + k % 3, 11 + k % 5
        disc, cup = (left, top, wide, tall), (left + 3, top + 4, wide - 6, tall - 7)
        outlines = [("disc", disc), *([("cup", cup)] if k % 5 else [])]
        for place, (_, box) in enumerate(outlines):
            places[_rectangle(size, *box)] = place + 1
        shapes: list[tuple[str, str, list[list[int]]]] = [
            (one, "polygon", [[x, y], [x + w, y], [x + w, y + h], [x, y + h]])
            for one, (x, y, w, h) in outlines
        ]
        shapes.append(
            ("discLoc", "rectangle", [[left - 2, top - 3], [left + wide + 2, top + tall + 1]])
        )
        for end, across in (("", 30), ("_Square", 24)):
            part = places[:, :across]
            true = TrueSample(part.shape, label, planes=_planes_of(part, 2))
            made.image(f"G1020/Images{end}/{name}.jpg", true, part="train")
            save_pixels(data / f"G1020/Masks{end}/{name}.png", part)
        photo = made.random.integers(0, 90, (*size, 3)).astype(np.uint8)
        save_pixels(data / f"G1020/NerveRemoved_Images/{name}.jpg", photo)
        made.text(
            f"G1020/Images/{name}.json",
            json.dumps(
                {
                    "version": "3.6.16",
                    "flags": {},
                    "shapes": [
                        {
                            "label": one,
                            "line_color": None,
                            "fill_color": None,
                            "points": points,
                            "shape_type": kind,
                        }
                        for one, kind, points in shapes
                    ],
                    "imagePath": f"{name}.jpg",
                    "imageData": None,
                    "imageHeight": size[0],
                    "imageWidth": size[1],
                }
            ),
        )
        cells.append([f"{name}.jpg", label])
    made.table("G1020/G1020.csv", ["imageID", "binaryLabels"], cells)
    found = list[LayoutTruth]()
    for out in ("G1020/Images_Square", "G1020/Images"):
        every = _reading(
            made, {**TWO, **MULTI}, out=_inside(out), classes=("0", "1"), mask_classes=["1", "2"]
        )
        ground = {
            path: replace(one, planes=(~union(one.planes), *one.planes))
            for path, one in every.train.items()
            if one.planes
        }
        found += [every, replace(every, mask_classes=("0", "1", "2"), train=ground)]
    return tuple(found)


def _boxes_of_kitti(data: Path) -> Readings:
    """Boxes of objects in a text for each image, in pixels and in metres."""
    made, kinds = Builder(data), ("Car", "Pedestrian", "Cyclist", "DontCare")
    for k in range(30):
        made.image(f"training/image_2/{k:06d}.png", TrueSample((20, 40)), part="train")
        lines = []
        for n in range(1 + k % 4):
            kind = kinds[(k + n) % 4]
            place = f"{3 + n * 8}.00 {4 + k % 5}.00 {10 + n * 8}.41 {15 + k % 4}.83"
            deep = (
                "-1 -1 -1 -1000 -1000 -1000 -10"
                if kind == "DontCare"
                else f"1.89 0.48 1.20 1.84 1.47 {8 + k}.41 0.01"
            )
            lines.append(
                f"{kind} {'-1 -1 -10' if kind == 'DontCare' else f'0.00 {n % 3} -0.20'} {place} {deep}"
            )
        _lines(made, f"training/label_2/{k:06d}.txt", lines)
        _lines(
            made,
            f"training/calib/{k:06d}.txt",
            ["P0: 7.07e+02 0.0 6.04e+02 0.0 0.0 7.07e+02 1.80e+02 0.0 0.0 0.0 1.0 0.0"],
        )
    for k in range(10):
        made.image(f"testing/image_2/{k:06d}.png", TrueSample((20, 40)), part="test")
        _lines(
            made,
            f"testing/calib/{k:06d}.txt",
            ["P0: 7.21e+02 0.0 6.09e+02 0.0 0.0 7.21e+02 1.72e+02 0.0 0.0 0.0 1.0 0.0"],
        )
    return (_reading(made, {}),)


TENTH_COMPETITIONS = (
    DataSet("unibuc-dhc-2023", "code (notebooks of participants)", _hallucinations),
    DataSet("sf-dl-car-classification", "code and memory", _cars_of_a_course),
    DataSet("zalo-ai-landmark-2018", "code", _landmarks_of_vietnam),
    DataSet(
        "iflytek-facial-emotion-recognition", "code", _feelings_of_iflytek, doubt="names of images"
    ),
    DataSet(
        "baidu-lemon-classification", "code and memory", _lemons, doubt="columns of test_images.csv"
    ),
    DataSet("hackerearth-deep-learning-challenge-1", "memory", _groceries, doubt="test.csv"),
    DataSet(
        "aicrowd-f1-team-classification", "memory", _teams_of_racing, doubt="words of the labels"
    ),
    DataSet(
        "signate-ai-edge-contest-segmentation",
        "code",
        _streets_of_signate,
        doubt="attributes of the JSON",
    ),
    DataSet("dfuc-2021", "code and memory", _ulcers_of_2021),
    DataSet("mmac-2023-task-1", "code", _myopia),
    DataSet("ichallenge-amd", "memory", _macula, doubt="columns of the fovea"),
    DataSet("runmila-tuberculosis", "memory", _tuberculosis_of_runmila, doubt="columns of train"),
    DataSet("lacuna-malaria-detection-challenge", "memory", _parasites, refusal=ANY),
    DataSet("painter-by-numbers", "memory", _painters, refusal=ANY),
    DataSet("pku-autonomous-driving", "memory", _poses_of_cars, refusal=ANY),
    DataSet("nus-cs5242", "code and memory", _scans_of_singapore, doubt="names of columns"),
    DataSet(
        "ens-challenge-data-land-cover", "code", _covers_of_land, doubt="tables beside the images"
    ),
    DataSet("count-the-paperclips", "memory", _paper_clips, doubt="value of the sample"),
)
"""Competitions of `DataSet` form, so that several readings may be right, and nothing need be sent."""

TENTH_DATA_SETS = (
    DataSet("Rice images", "memory", _rices, has_test=False),
    DataSet("Playing cards", "code", _cards),
    DataSet("Dermnet", "memory", _skins),
    DataSet("CIFAKE", "memory", _fake_images),
    DataSet("Breast histopathology images", "memory", _carcinomas, has_test=False),
    DataSet("Face mask 12K", "memory", _masked),
    DataSet("MuReD", "memory", _retinas_of_many_ills),
    DataSet("SPAQ", "code", _quality_of_phones, has_test=False),
    DataSet("DDR grading", "code", _grades_of_ddr),
    DataSet("CoMNIST", "memory", _letters_of_russia, has_test=False),
    DataSet(
        "BRACOL coffee leaves",
        "code",
        _leaves_of_coffee,
        has_test=False,
        doubt="words of the legend",
    ),
    DataSet("CMU face images", "memory", _faces_of_cmu, has_test=False),
    DataSet("HiRISE landmarks", "code", _marks_of_mars, has_test=False),
    DataSet("NuInsSeg", "code", _nuclei_of_organs, has_test=False, doubt="values of distances"),
    DataSet("Cell Tracking Challenge: HeLa", "memory", _cells_in_time, has_test=False),
    DataSet("RUGD", "code", _off_the_road, has_test=False),
    DataSet(
        "SWIMSEG",
        "code and memory",
        _skies_of_singapore,
        has_test=False,
        doubt="columns of the days",
    ),
    DataSet("Herlev smears", "memory", _smears, has_test=False, doubt="colours of the masks"),
    DataSet("G1020 (Kaggle)", "memory", _glaucoma, has_test=False),
    DataSet("KITTI objects", "memory", _boxes_of_kitti, refusal=ANY),
)
