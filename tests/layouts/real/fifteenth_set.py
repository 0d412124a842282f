# ruff: noqa: E501  # rows of tables as their files have them
"""A fifteenth set of real competitions and public data sets, by one who knows nothing of the code that reads them.

What a layout is was settled before any of it was read; one that leads to a mend is of development from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import tifffile

from layouts.drawing import draw_plane, save_pixels
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
from layouts.real.eighth_set import _rectangle
from layouts.real.eleventh_set import WIDE, _any_of, _boxes, _corners
from layouts.real.fourteenth_set import TARGETS
from layouts.real.made import Builder, hex_name
from layouts.real.second_set import _json
from layouts.real.tenth_set import _book, _grey
from layouts.real.third_set import NUMBER, RANKS, SEVERAL
from layouts.real.thirteenth_set import _as_jpeg
from layouts.real.twelfth_set import Rows, _labelled
from layouts.runs import Codec, Plane
from layouts.truth import Label, LayoutTruth, TrueSample

__all__ = ["FIFTEENTH_COMPETITIONS", "FIFTEENTH_DATA_SETS"]

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def _word(*parts: object, length: int = 15) -> str:
    """Return a name of letters of both cases and digits, the same each time."""
    number, letters = int(hex_name("fifteenth", *parts, length=40), 16), list[str]()
    for _ in range(length):
        number, place = divmod(number, len(LETTERS))
        letters.append(LETTERS[place])
    return "".join(letters)


def _named(truth: LayoutTruth, names: Mapping[str, str]) -> LayoutTruth:
    """Return the truth whose classes have other names, and whose file stays as it is."""

    def other(part: Mapping[str, TrueSample]) -> dict[str, TrueSample]:
        return {
            path: one if one.label is None else replace(one, label=names[str(one.label)])
            for path, one in part.items()
        }

    classes = tuple(names[one] for one in truth.classes)
    return replace(truth, train=other(truth.train), test=other(truth.test), classes=classes)


def _apart(truth: LayoutTruth, out: Callable[[str], bool]) -> LayoutTruth:
    """Return the truth without these images of train."""
    return replace(truth, train={path: one for path, one in truth.train.items() if not out(path)})


# Competitions


# unibuc-deep-hallucination-classification: a participant's README.
def _hallucinations(data: Path) -> Readings:
    """One folder for two parts, its name with a plus; tables are texts with commas."""
    made, rows, classes = Builder(data), Rows(), tuple("0123456")
    tables: dict[str, Rows] = {"train": Rows(), "validation": Rows()}
    validation = set[str]()
    for k in range(84):
        part = "train" if k < 56 else "validation" if k < 66 else "test"
        name, label = f"{_word('hallucination', k)}.png", classes[k * 3 % 7]
        folder = "test" if part == "test" else "train+validation"
        path = f"{folder}/{name}"
        made.image(path, TrueSample((32, 32), label), part="test" if part == "test" else "train")
        if part == "test":
            rows.append((name, label))
            continue
        tables[part].append((name, label))
        if part == "validation":
            validation.add(path)
    columns = {"id": "key", "label": "text"}
    for part, cells in tables.items():
        made.table(f"{part}.txt", list(columns), cells)
    made.table("test.txt", ["id"], [[one] for one, _ in rows])
    made.table("sample_submission.txt", list(columns), [[one, "0"] for one, _ in rows])
    every = made.truth(LABELS, columns, rows, classes=classes)
    return every, _apart(every, lambda path: path in validation)


# ift6135h19: a participant's README, and memory of the sample.
def _cats_of_montreal(data: Path) -> Readings:
    """Each part lies in a folder of its own name; test has one folder in it; names of classes are sent."""
    made, rows, classes = Builder(data), Rows(), ("Cat", "Dog")
    for label in classes:
        for k in range(1, 21):
            true = TrueSample((40, 40), label)
            made.image(f"trainset/trainset/{label}/{k}.{label}.jpg", true, part="train")
    for k in range(1, 17):
        label = classes[k * 5 % 3 % 2]
        made.image(f"testset/testset/test/{k}.jpg", TrueSample((40, 40), label), part="test")
        rows.append((str(k), label))
    columns = {"id": "key", "label": "text"}
    made.table("sample_submission.csv", list(columns), [[one, "Cat"] for one, _ in rows])
    return (made.truth(TWO, columns, rows, classes=classes),)


# AI Challenge 2020 (Korea), deepfakes: the host's README.
def _fakes_of_korea(data: Path) -> Readings:
    """Texts of a name and a number with a blank between, without a header, in the folder of the images."""
    made = Builder(data)
    for part, n in (("train", 36), ("validate", 12), ("test", 14)):
        lines = list[str]()
        for k in range(n):
            name, label = f"{hex_name('fake', part, k, length=32)}.jpg", str(int(k * 5 % 7 < 4))
            _photos(made, [f"{part}/{name}"], None if part == "test" else label, (36, 36))
            lines.append(f"{name} {label}")
        if part != "test":
            _lines(made, f"{part}/{part}_label.txt", lines)
    test, classes = _inside("test"), ("0", "1")
    return (
        _reading(made, TWO, test=test, classes=classes),
        _reading(made, TWO, test=test, out=_inside("validate"), classes=classes),
    )


# SIGNATE 1106, TechnoPro Design food packages: a participant's README.
def _packages(data: Path) -> Readings:
    """A sample without a header that holds probabilities."""
    made, cells, shown = Builder(data), list[list[str]](), list[str]()
    for k in range(60):
        part, n = ("train", k) if k < 44 else ("test", k - 44)
        name, label = f"{n:04d}.png", str(k * 3 % 5 // 2 % 2)
        _photos(made, [f"{part}/{name}"], None if part == "test" else label, (44, 40 + k % 5))
        if part == "train":
            cells.append([name, label])
        else:
            shown.append(f"{name},0.5")
    made.table("train.csv", ["image_name", "label"], cells)
    _lines(made, "sample_submit.csv", shown)
    return (_reading(made, TWO, test=_inside("test"), classes=("0", "1")),)


PAPERS = ("account_number", "application_for_payment_of_pregnancy_medical_expenses", "car_dashboard", "confirmation_of_admission_and_discharge", "diagnosis", "driver_license", "medical_bill_receipts", "medical_outpatient_certificate", "national_id_card", "passport", "payment_confirmation", "pharmaceutical_receipt", "prescription", "resume", "statement_of_opinion", "vehicle_registration_certificate", "vehicle_registration_plate")  # fmt: skip


# AI Stages, document type classification: participants' READMEs and code.
def _papers_of_korea(data: Path) -> Readings:
    """Numbers of classes, whose names stand in another table."""
    made, cells, rows = Builder(data), list[list[str]](), Rows()
    classes = tuple(str(n) for n in range(17))
    for k in range(102):
        part, label = "train" if k < 68 else "test", classes[k * 5 % 17]
        name = f"{hex_name('paper', k, length=16)}.jpg"
        made.image(f"{part}/{name}", TrueSample((48, 36), label), part=part)
        if part == "train":
            cells.append([name, label])
        else:
            rows.append((name, label))
    columns = {"ID": "key", "target": "text"}
    made.table("train.csv", list(columns), cells)
    made.table("meta.csv", ["target", "class_name"], [[str(n), one] for n, one in enumerate(PAPERS)])  # fmt: skip
    made.table("sample_submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    plain = made.truth(LABELS, columns, rows, classes=classes)
    return plain, _named(plain, dict(zip(classes, PAPERS, strict=True)))


THINGS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


# DACON 235874, objects: memory, and participants' notes.
def _things_of_dacon(data: Path) -> Readings:
    """Class folders with the same names of images in each; names of classes are sent."""
    made, rows = Builder(data), Rows()
    for label in THINGS:
        for k in range(5):
            made.image(f"train/{label}/{k:04d}.jpg", TrueSample((32, 32), label), part="train")
    for k in range(20):
        label = THINGS[k * 7 % 10]
        made.image(f"test/{k:04d}.jpg", TrueSample((32, 32), label), part="test")
        rows.append((f"{k:04d}.jpg", label))
    columns = {"id": "key", "target": "text"}
    made.table("sample_submission.csv", list(columns), [[one, "airplane"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=THINGS),)


# atmaCup #11: participants' READMEs.
def _works_of_art(data: Path) -> Readings:
    """The century of a work as 0 to 3, scored as a number; the file to send has no ids, in the order of the test table."""
    made, cells, tests, rows = Builder(data), list[list[str]](), list[list[str]](), Rows()
    matter, ways = list[list[str]](), list[list[str]]()
    for k in range(64):
        name, century = hex_name("art", k, length=20), k * 7 % 10 % 4
        part = "train" if k < 46 else "test"
        made.image(f"photos/{name}.jpg", TrueSample((40 + k % 5, 36), float(century)), part=part)
        matter.extend([name, one] for one in ("paper", "ink", "pencil")[: 1 + k % 3])
        if k % 3:
            ways.append([name, ("etching", "engraving", "counterproof")[k % 3]])
        if part == "train":
            year = 1520 + 100 * century + k
            cells.append([name, str(year), hex_name("series", k // 2, length=20), str(century)])
        else:
            tests.append([name])
            rows.append((str(century),))
    made.table("train.csv", ["object_id", "sorting_date", "art_series_id", "target"], cells)
    made.table("test.csv", ["object_id"], tests)
    made.table("materials.csv", ["object_id", "name"], matter)
    made.table("techniques.csv", ["object_id", "name"], ways)
    made.table("atmaCup#11_sample_submission.csv", ["target"], [["0"] for _ in rows])
    columns = {"target": "number"}
    number = made.truth(NUMBER, columns, rows)
    ranks = made.truth(RANKS, columns, rows, classes=tuple("0123"))
    texts = {
        path: replace(one, label=str(int(float(str(one.label)))))
        for path, one in made.train.items()
    }
    tested = {
        path: replace(one, label=str(int(float(str(one.label))))) for path, one in made.test.items()
    }
    return number, replace(ranks, train=texts, test=tested)


# multi-FFDI (Global Multimedia Deepfake Detection, images): participants' READMEs, and memory of the tables.
def _fakes_of_many_kinds(data: Path) -> Readings:
    """Tables with commas are texts; the names of test stand in another."""
    made = Builder(data)
    for part, n in (("trainset", 36), ("valset", 14)):
        cells = list[list[str]]()
        for k in range(n):
            name, label = f"{hex_name('ffdi', part, k, length=32)}.jpg", str(int(k * 3 % 5 < 3))
            _photos(made, [f"phase1/{part}/{name}"], label, (40, 40))
            cells.append([name, label])
        made.table(f"phase1/{part}_label.txt", ["img_name", "target"], cells)
    names = [f"{hex_name('ffdi', 'test', k, length=32)}.jpg" for k in range(14)]
    _photos(made, [f"phase2/testset1_seen/{one}" for one in names], None, (40, 40))
    made.table("phase2/testset1_seen_nolabel.txt", ["img_name"], [[one] for one in names])
    test, classes = _inside("phase2"), ("0", "1")
    return (
        _reading(made, TWO, test=test, classes=classes),
        _reading(made, TWO, test=test, out=_inside("phase1/valset"), classes=classes),
    )


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
        left, top, wide, tall = _boxes(made, size, 1)[0]
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


# HSE deep learning, big homework 1: participants' code.
def _homework_of_hse(data: Path) -> Readings:
    """Each part lies in a folder of its own name; names say their part; no sample."""
    made, cells = Builder(data), list[list[str]]()
    classes = tuple(str(n) for n in range(12))
    for k in range(72):
        label, name = classes[k * 5 % 12], f"trainval_{k:05d}.jpg"
        _photos(made, [f"trainval/trainval/{name}"], label, (40, 40))
        cells.append([name, label])
    _photos(made, [f"test/test/test_{k:05d}.jpg" for k in range(20)], None, (40, 40))
    made.table("labels.csv", ["Id", "Category"], cells)
    return (_reading(made, LABELS, test=_inside("test"), classes=classes),)


# DrivenData 67, TissueNet: winners' repositories, and memory of the columns.
def _slides_of_biopsies(data: Path) -> Readings:
    """A column a grade, with one 1; outlines in another table; the images to predict are not given out."""
    made, cells, about, drawn = Builder(data), list[list[str]](), list[list[str]](), list[list[str]]()  # fmt: skip
    classes = ("0", "1", "2", "3")
    for k in range(44):
        name, grade = f"C{1 + k % 14:02d}_B{k * 7 % 400:03d}_S{1 + k % 3}1.tif", k * 3 % 8 % 4
        true = TrueSample((56, 48 + k % 5), classes[grade])
        made.image(f"train/{name}", true, part="train")
        cells.append([name, *(str(int(n == grade)) for n in range(4))])
        link = f"drivendata-competition-67-{{0}}-public/train/{name}"
        about.append([name, f"10.5072/{k * 91}", "143360", "98304", "0.121399", "40", hex_name("sum", k, length=32), str(1_000_000 + k), *(f"s3://{link.format(one)}" for one in ("us", "eu", "asia"))])  # fmt: skip
        if grade:
            shape = "POLYGON ((56160.5 -44157.4, 56160.5 -42823.9, 57494.0 -42823.9, 57494.0 -44157.4, 56160.5 -44157.4))"
            drawn.append([f"{k:04d}", name, shape, str(grade), f"s3://drivendata/annot_{k}.jpg"])
    made.table("train_labels.csv", ["filename", *classes], cells)
    header = ["filename", "doi_url", "width", "height", "resolution", "magnification", "tif_cksum", "tif_size", "us_tif_url", "eu_tif_url", "asia_tif_url"]  # fmt: skip
    made.table("train_metadata.csv", header, about)
    made.table("train_annotations.csv", ["annotation_id", "filename", "geometry", "annotation_class", "us_jpeg_url"], drawn)  # fmt: skip
    return (_reading(made, RANKS, classes=classes),)


# DrivenData 148, VisioMel: the host's and winners' repositories, and memory of the columns.
def _slides_of_moles(data: Path) -> Readings:
    """A yes or no a slide in a table, and what a doctor knows in another; the images to predict are not given out."""
    made, cells, about = Builder(data), list[list[str]](), list[list[str]]()
    for k in range(48):
        name, label = f"{_word('mole', k, length=8).lower()}.tif", str(int(k * 5 % 6 < 2))
        made.image(f"train/{name}", TrueSample((52, 44 + k % 4), label), part="train")
        cells.append([name, label])
        age = 30 + 2 * (k % 26)
        about.append([name, f"[{age}:{age + 2}[", str(1 + k % 2), ("trunc", "thigh", "face", "arm")[k % 4], ("NO", "YES", "")[k % 3], ("<0.8", "[0.8 : 1[", "[1 : 2[", "[2 : 4[", ">=4")[k % 5], ("NO", "YES")[k % 2], str(k * 7919), str(k * 104_729), f"s3://drivendata-competition-visiomel-public-us/images/{name}"])  # fmt: skip
    made.table("train_labels.csv", ["filename", "relapse"], cells)
    header = ["filename", "age", "sex", "body_site", "melanoma_history", "breslow", "ulceration", "tif_cksum", "tif_size", "us_tif_url"]  # fmt: skip
    made.table("train_metadata.csv", header, about)
    return (_reading(made, TWO, classes=("0", "1")),)


SIGNS = ("ANRS", "ANRI", "RNFLDS", "RNFLDI", "BCLVS", "BCLVI", "NVT", "DH", "LD", "LC")


# JustRAIGS (Grand Challenge): participants' code.
def _eyes_to_refer(data: Path) -> Readings:
    """Images in numbered folders, endings in capitals; a table with semicolons, marks of three graders with gaps; some rows have no image."""
    made, lines = Builder(data), list[str]()
    graded = [f"G{n} {one}" for n in (1, 2, 3) for one in SIGNS]
    lines.append(";".join(["Eye ID", "Final Label", "Fellow Eye ID", "Age", "Label G1", "Label G2", "Label G3", *graded]))  # fmt: skip
    labels = dict[str, Label]()
    for k in range(60):
        name = f"TRAIN{k:06d}"
        label = "RG" if k * 5 % 8 < 2 else "NRG"
        third = label if k % 9 == 4 else ""
        other = ("RG" if label == "NRG" else "NRG") if third else label
        fellow = f"TRAIN{k + 1:06d}" if k % 4 == 0 else ""
        marks = list[str]()
        for n, said in enumerate((label, other, third)):
            has = said == "RG"
            marks.extend(str(float((k + j + n) % 3 == 0)) if has else "" for j in range(len(SIGNS)))
        age = "" if k % 11 == 5 else f"{41 + k * 7 % 40}.0"
        lines.append(";".join([name, label, fellow, age, label, other, third, *marks]))
        if k % 26 == 9:
            continue
        path = f"train_{k // 10}/{name}.JPG"
        _photos(made, [path], label, (44, 44 + k % 5))
        labels[path] = label
    _lines(made, "JustRAIGS_Train_labels.csv", lines)
    return (_reading(made, TWO, classes=("NRG", "RG")),)


# DFUC 2022 (Grand Challenge): memory.
def _ulcers_of_2022(data: Path) -> Readings:
    """Three parts in folders with the year in their names; masks of train alone."""
    made, size = Builder(data), (40, 52)
    for k in range(1, 33):
        plane = draw_plane(made.random, size)
        path = f"DFUC2022_train_release/DFUC2022_train_images/{100000 + k}.jpg"
        made.image(path, TrueSample(size, planes=(plane,)), part="train")
        _grey_mask(data / f"DFUC2022_train_release/DFUC2022_train_masks/{100000 + k}.png", plane)
    top, later = "DFUC2022_val_release", "DFUC2022_test_release"
    _photos(made, [f"{top}/{200000 + k}.jpg" for k in range(1, 11)], None, size)
    _photos(made, [f"{later}/{300000 + k}.jpg" for k in range(1, 15)], None, size)
    return (
        _reading(made, ONE_MASK, test=_inside(later), mask_classes=[""]),
        _reading(made, ONE_MASK, test=_inside(top, later), mask_classes=[""]),
        _reading(made, ONE_MASK, test=_inside(later), out=_inside(top), mask_classes=[""]),
    )


# EndoCV 2021, polyps: memory, and what a user notes of its folders.
def _polyps_of_five_clinics(data: Path) -> Readings:
    """Folders of a clinic with its number in each name; masks are JPEGs with a word behind; drawings and texts of boxes beside."""
    made, size, top = Builder(data), (44, 52), "EndoCV2021"
    for clinic in range(1, 6):
        base = f"{top}/data_C{clinic}"
        for k in range(1, 9):
            name = (
                f"C{clinic}_EndoCV2021_{k * 13:05d}"
                if clinic > 2
                else f"{99 + clinic}H{k * 11:04d}"
            )
            plane = _as_jpeg(data / f"{base}/masks_C{clinic}/{name}_mask.jpg", draw_plane(made.random, size))  # fmt: skip
            path = f"{base}/images_C{clinic}/{name}.jpg"
            made.image(path, TrueSample(size, planes=(plane,)), part="train")
            down, right = np.nonzero(plane)
            _lines(made, f"{base}/bbox_C{clinic}/{name}_mask.txt", [f"polyp {right.min()} {down.min()} {right.max()} {down.max()}"])  # fmt: skip
            drawn = made.random.integers(0, 255, (*size, 3)).astype(np.uint8)
            save_pixels(data / f"{base}/bbox_image_C{clinic}/{name}_mask_bbox.jpg", drawn)
    return (_reading(made, ONE_MASK, mask_classes=[""]),)


# MapAI 2022 (NORA): the host's template, its README.
def _buildings_of_norway(data: Path) -> Readings:
    """Folders of images, heights of a laser and masks, each with its parts; masks of 0 and 1 for two parts."""
    made, size = Builder(data), (48, 48)
    for part, n in (("train", 28), ("val", 8), ("test", 12)):
        for k in range(n):
            name = f"{6051 + k % 4}_{560 + k}_{k % 3}.tif"
            if part == "test":
                _photos(made, [f"data/images/{part}/{name}"], None, size)
            else:
                plane = draw_plane(made.random, size)
                true = TrueSample(size, planes=(plane,))
                made.image(f"data/images/{part}/{name}", true, part="train")
                _grey_mask(data / f"data/masks/{part}/{name}", plane, 1)
            high = data / f"data/lidar/{part}/{name}"
            high.parent.mkdir(parents=True, exist_ok=True)
            tifffile.imwrite(high, made.random.uniform(0, 30, size).astype(np.float32))
    test, out = _inside("data/images/test"), _inside("data/images/val")
    return tuple(
        _reading(made, ONE_MASK, test=test, out=one, mask_classes=[""]) for one in (_any_of(), out)
    )


# Baidu 2018, shop signs: memory.
def _signs_of_shops(data: Path) -> Readings:
    """A text of a name and a number with a blank between, without a header; the names of test stand nowhere."""
    made, lines = Builder(data), list[str]()
    classes = tuple(str(n) for n in range(1, 11))
    for k in range(60):
        label, name = classes[k * 3 % 10], f"{hex_name('shop', k, length=40)}.jpg"
        _photos(made, [f"datasets/train/{name}"], label, (36 + k % 5, 48))
        lines.append(f"{name} {label}")
    _lines(made, "datasets/train.txt", lines)
    names = [f"{hex_name('shop', 'test', k, length=40)}.jpg" for k in range(16)]
    _photos(made, [f"datasets/test/{one}" for one in names], None, (36, 48))
    return (_reading(made, LABELS, test=_inside("datasets/test"), classes=classes),)


# TinyMind, Chinese calligraphy: a participant's README, and memory of the folders.
def _brush_strokes(data: Path) -> Readings:
    """Class folders of one Chinese sign; two folders to predict."""
    made, signs = Builder(data), tuple("且世丘中云亦")
    for sign in signs:
        for k in range(8):
            name = hex_name("brush", sign, k, length=40)
            _grey(made, f"train/{sign}/{name}.jpg", TrueSample((40, 36 + k % 4), sign))
    for part in ("test1", "test2"):
        for k in range(10):
            name = hex_name("brush", part, k, length=40)
            _grey(made, f"{part}/{name}.jpg", TrueSample((40, 38)))
    first, second = _inside("test1"), _inside("test2")
    return (
        _reading(made, LABELS, test=_any_of(first, second), classes=signs),
        _reading(made, LABELS, test=second, out=first, classes=signs),
        _reading(made, LABELS, test=first, out=second, classes=signs),
    )


SIGHTS = ("Amusement park", "Animals", "Bench", "Building", "Castle", "Cave", "Church", "City", "Cross", "Cultural institution", "Food", "Footpath", "Forest", "Furniture", "Grass", "Graveyard", "Lake", "Landscape", "Mine", "Monument", "Motor vehicle", "Mountains", "Museum", "Open-air museum", "Park", "Person", "Plants", "Reservoir", "River", "Road", "Rocks", "Snow", "Sport", "Sports facility", "Stairs", "Trees", "Watercraft", "Windows")  # fmt: skip


# SkyHacks 2020: the host's README, and participants' code.
def _sights_of_silesia(data: Path) -> Readings:
    """A column of True and False for each of 38 things, some with blanks in their names; no sample."""
    made, cells, top = Builder(data), list[list[str]](), "skyhacks_hackathon_dataset"
    for k in range(56):
        has = [(k * 7 + n * 5) % 11 < 2 or (k + n) % 38 == 0 for n in range(38)]
        label = frozenset(one for one, seen in zip(SIGHTS, has, strict=True) if seen)
        name = f"{hex_name('sight', k, length=12)}.jpg"
        _photos(made, [f"{top}/training_images/{name}"], label, (40, 48 + k % 4))
        cells.append([name, *map(str, has)])
    made.table(f"{top}/training_labels.csv", ["Name", *SIGHTS], cells)
    names = [f"{hex_name('sight', 'live', k, length=12)}.jpg" for k in range(16)]
    _photos(made, [f"{top}/live_test_images/{one}" for one in names], None, (40, 48))
    return (_reading(made, SEVERAL, test=_inside(f"{top}/live_test_images"), classes=SIGHTS),)


CARS = ("아우디 A4", "BMW 3시리즈", "쉐보레 콜벳", "크라이슬러 300", "닷지 차저", "페라리 458", "포드 F-150", "현대 쏘나타")  # fmt: skip


# 2019-3rd-ml-month-with-kakr: participants' code and READMEs.
def _cars_of_kakr(data: Path) -> Readings:
    """Boxes beside the class in the table, and in that of test; names of classes in another table."""
    made, rows = Builder(data), Rows()
    tables: dict[str, list[list[str]]] = {"train": [], "test": []}
    classes = tuple(str(n) for n in range(1, 9))
    for k in range(64):
        part, n = ("train", k + 1) if k < 46 else ("test", k - 45)
        label, name = classes[k * 5 % 8], f"{part}_{n:05d}.jpg"
        made.image(f"{part}/{name}", TrueSample(WIDE, label), part=part)
        row = [name, "3", str(4 + k % 3), "44", str(35 - k % 4)]
        tables[part].append([*row, label] if part == "train" else row)
        if part == "test":
            rows.append((name, label))
    header = ["img_file", "bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2"]
    made.table("train.csv", [*header, "class"], tables["train"])
    made.table("test.csv", header, tables["test"])
    made.table("class.csv", ["id", "name"], [[str(n), one] for n, one in enumerate(CARS, 1)])
    columns = {"img_file": "key", "class": "text"}
    made.table("sample_submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    plain = made.truth(LABELS, columns, rows, classes=classes)
    return plain, _named(plain, dict(zip(classes, CARS, strict=True)))


PLANTS = (
    ("30269", "Rosaceae", "Prunus", "Prunus spinosa L."),
    ("6291", "Rosaceae", "Rubus", "Rubus idaeus L."),
    ("4350", "Fagaceae", "Quercus", "Quercus ilex L."),
    ("171", "Betulaceae", "Alnus", "Alnus glutinosa (L.) Gaertn."),
    ("5518", "Aceraceae", "Acer", "Acer campestre L."),
    ("2808", "Fabaceae", "Cercis", "Cercis siliquastrum L."),
)


# PlantCLEF 2016: memory.
def _plants_of_clef(data: Path) -> Readings:
    """An XML beside each image tells its class, and in test much else; numbers for names."""
    made, of = Builder(data), dict[str, tuple[str, str, str, str]]()
    views = ("Flower", "Leaf", "Fruit", "Entire", "Branch", "Stem", "LeafScan")
    for k in range(66):
        part = "train" if k < 48 else "test"
        name, plant = str(k * 7 + 3), PLANTS[k * 5 % 6]
        path = f"{part}/{name}.jpg"
        _photos(made, [path], None, (44, 36 + k % 6))
        kind = ""
        if part == "train":
            of[path] = plant
            kind = f"<ClassId>{plant[0]}</ClassId><Family>{plant[1]}</Family><Genus>{plant[2]}</Genus><Species>{plant[3]}</Species>"
        made.text(
            f"{part}/{name}.xml",
            f'<?xml version="1.0" encoding="UTF-8"?>\n<Image><ObservationId>{14660 + k // 2}</ObservationId><MediaId>{name}</MediaId><Vote>{1 + k % 5}</Vote><Content>{views[k % 7]}</Content>{kind}<Author>author {k % 9}</Author><Date>2013-{1 + k % 12}-{1 + k % 27}</Date><Location>Montpellier</Location><Latitude>43.{k}</Latitude><Longitude>3.{k}</Longitude><YearInCLEF>PlantCLEF2016</YearInCLEF><LearnTag>{part.capitalize()}</LearnTag></Image>\n',
        )
    found = list[LayoutTruth]()
    for place in (0, 3, 2, 1):
        classes = dict.fromkeys(one[place] for one in PLANTS)
        truth = _reading(made, LABELS, test=_inside("test"), classes=classes)
        found.append(_labelled(truth, {path: one[place] for path, one in of.items()}))
    return tuple(found)


LEAVES = ("Apple", "Blueberry", "Cherry", "Corn", "Grape", "Orange", "Peach", "Pepper", "Potato", "Raspberry", "Soybean", "Squash", "Strawberry", "Tomato")  # fmt: skip


# ANNDL 2021 homework 1 (CodaLab, Politecnico di Milano): memory.
def _leaves_of_milan(data: Path) -> Readings:
    """Class folders in one folder; the images to predict stay with the host."""
    made, k = Builder(data), 0
    for label in LEAVES:
        for _ in range(5):
            _photos(made, [f"training/{label}/{k:05d}.jpg"], label, (40, 40))
            k += 3
    return (_reading(made, LABELS, classes=LEAVES),)


BONES = (*(f"finger-{n}" for n in range(1, 20)), "Trapezium", "Trapezoid", "Capitate", "Hamate", "Scaphoid", "Lunate", "Triquetrum", "Pisiform", "Radius", "Ulna")  # fmt: skip


# AI Stages, hand bone segmentation: participants' READMEs, and memory of the baseline.
def _bones_of_hands(data: Path) -> Readings:
    """A folder a person with two hands; outlines of 29 bones that overlap in a JSON each; a row an image and bone is sent."""
    made, rows, shown, size = Builder(data), Rows(), list[list[str]](), (72, 72)
    codec, closed = Codec(order="C"), dict[str, tuple[Plane, ...]]()
    for person in range(1, 25):
        part = "train" if person < 18 else "test"
        for hand in "LR":
            name = f"image{1661130828152 + person * 91_337 + (hand == 'R') * 17}"
            name += f"_{hand}" if part == "train" and person % 3 else ""
            path = f"{part}/DCM/ID{person:03d}/{name}.png"
            planes, edges, notes = list[Plane](), list[Plane](), list[dict[str, object]]()
            for n, bone in enumerate(BONES):
                row, column = divmod(n, 6)
                left, top = 2 + column * 11 + int(made.random.integers(0, 3)), 2 + row * 13
                wide, tall = int(made.random.integers(5, 8)), int(made.random.integers(6, 10))
                if bone in ("Trapezoid", "Pisiform"):  # before another one, as seen from above
                    left -= 8
                box = (max(0, left), top, wide, tall)
                planes.append(_rectangle(size, *box))
                edges.append(_rectangle(size, box[0], top, wide + 1, tall + 1))
                notes.append({"id": f"{bone}_{hex_name('bone', person, hand, n)}", "type": "poly_seg", "attributes": {}, "points": [list(one) for one in _corners(box)], "label": bone})  # fmt: skip
            true = TrueSample(size, planes=tuple(planes))
            _grey(made, path, true, part)
            if part == "train":
                closed[path] = tuple(edges)
                about = {"annotations": notes, "attributes": {}, "file_id": f"{name}.png", "filename": f"{name}.png", "parent_path": "/hand", "last_modifier_id": "", "metadata": {"height": 72, "width": 72}}  # fmt: skip
                _json(made, f"{part}/outputs_json/ID{person:03d}/{name}.json", about)
                continue
            for bone, plane in zip(BONES, planes, strict=True):
                rows.append((f"{name}.png", bone, codec.encode(plane)))
                shown.append([f"{name}.png", bone, codec.encode(draw_plane(made.random, size))])
    people = [[f"ID{n:03d}", 20 + n * 7 % 45, "남" if n % 2 else "여", 155 + n % 30, 48 + n] for n in range(1, 25)]  # fmt: skip
    _book(data / "meta_data.xlsx", ["ID", "나이", "성별", "키(신장)", "체중(몸무게)"], people)
    columns = {"image_name": "key", "class": "key", "rle": "rle"}
    made.table("sample_submission.csv", list(columns), shown)
    plain = made.truth(
        {"segment": "multilabel"}, columns, rows, mask_classes=BONES, codec=codec,
        undecided={"submission.rle"},
    )  # fmt: skip
    train = {path: replace(one, planes=closed[path]) for path, one in plain.train.items()}
    return plain, replace(plain, train=train)


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


# Data sets


BLOOMS = {"1": "pink primrose", "10": "globe thistle", "21": "fire lily", "43": "sword lily", "77": "passion flower", "102": "blackberry lily"}  # fmt: skip


# PyTorch challenge flowers (Kaggle): memory.
def _blooms(data: Path) -> Readings:
    """Class folders of numbers whose names are in a JSON; a flat folder of test, and a sample of names and numbers."""
    made, rows, validation, k = Builder(data), Rows(), set[str](), 6734
    for label in BLOOMS:
        for part, n in (("train", 6), ("valid", 2)):
            for _ in range(n):
                path = f"dataset/{part}/{label}/image_{k:05d}.jpg"
                made.image(path, TrueSample((40, 44 + k % 4), label), part="train")
                k += 1
                if part == "valid":
                    validation.add(path)
    for n in range(14):
        label = list(BLOOMS)[n * 5 % 6]
        name = f"image_{5 + n * 7:05d}.jpg"
        made.image(f"dataset/test/{name}", TrueSample((40, 44), label), part="test")
        rows.append((name, label))
    _json(made, "cat_to_name.json", BLOOMS)
    columns = {"file_name": "key", "id": "text"}
    made.table("sample_submission.csv", list(columns), [[one, "1"] for one, _ in rows])
    plain = made.truth(LABELS, columns, rows, classes=tuple(BLOOMS))
    found = (plain, _named(plain, BLOOMS))
    return (*found, *(_apart(one, lambda path: path in validation) for one in found))


# Glasses or no glasses (course T81-558): a user's README, and memory of the names.
def _glasses(data: Path) -> Readings:
    """Numbers that made each face stand between its number and its label; ids are in the names of images behind a word."""
    made, top = Builder(data), "faces-spring-2020/faces-spring-2020"
    header = ["id", *(f"v{n}" for n in range(1, 513))]
    cells: dict[str, list[list[str]]] = {"train": [], "test": []}
    test = set[str]()
    for k in range(1, 57):
        part, label = ("train", str(int(k * 5 % 7 < 4))) if k <= 40 else ("test", None)
        path = f"{top}/face-{k}.png"
        _photos(made, [path], label, (40, 40))
        row = [str(k), *(f"{one:.5f}" for one in made.random.normal(size=512))]
        cells[part].append(row if label is None else [*row, label])
        if label is None:
            test.add(path)
    made.table("train.csv", [*header, "glasses"], cells["train"])
    made.table("test.csv", header, cells["test"])
    return (_reading(made, TWO, test=lambda path: path in test, classes=("0", "1")),)


# Hymenoptera, of PyTorch's tutorial on transfer learning: memory.
def _ants_and_bees(data: Path) -> Readings:
    """Two parts with class folders; names of no form."""
    made, classes = Builder(data), ("ants", "bees")
    for part, n in (("train", 18), ("val", 8)):
        for label in classes:
            for k in range(n):
                number = 6240329 + 7919 * (k + n * len(label) + (label == "bees") * 400)
                name = f"{number}_{hex_name(label, part, k)}.jpg"
                if k == 5:
                    name = f"{'Ant_1' if label == 'ants' else 'Bee_2'}_{part}.jpg"
                _photos(made, [f"hymenoptera_data/{part}/{label}/{name}"], label, (36 + k % 7, 48))
    return (
        _reading(made, TWO, test=_inside("hymenoptera_data/val"), classes=classes),
        _reading(made, TWO, classes=classes),
    )


# Horses or humans (TensorFlow): memory.
def _horses(data: Path) -> Readings:
    """Two archives unpacked side by side: class folders in each."""
    made, classes = Builder(data), ("horses", "humans")
    for part, n in (("horse-or-human", 20), ("validation-horse-or-human", 8)):
        for label in classes:
            word = label[:-1]
            for k in range(1, n + 1):
                name = (
                    f"{word}{k:02d}-{k % 10}.png"
                    if n == 20
                    else f"{word}{1 + k // 4}-{100 + k * 13}.png"
                )
                if n == 20 and label == "humans":
                    name = f"human{1 + k // 10:02d}-{k:02d}.png"
                _photos(made, [f"{part}/{label}/{name}"], label, (40, 40))
    return (
        _reading(made, TWO, test=_inside("validation-horse-or-human"), classes=classes),
        _reading(made, TWO, classes=classes),
    )


FEATHERS = {"ABBOTTS BABBLER": "babbler", "ALBATROSS": "albatross", "AMERICAN COOT": "coot", "BALD EAGLE": "eagle", "GOLDEN EAGLE": "eagle", "LAYSAN ALBATROSS": "albatross"}  # fmt: skip


# Meta-Album, mini: the README of its format.
def _album(data: Path) -> Readings:
    """Columns in capitals with two sizes of classes; a JSON tells which column is what."""
    made, cells, top = Builder(data), list[list[str]](), "BRD_Mini"
    of: dict[str, tuple[str, str]] = {}
    for k in range(48):
        bird = list(FEATHERS)[k * 5 % 6]
        name = f"{k * 37 + 100:06d}.jpg"
        path = f"{top}/images/{name}"
        _photos(made, [path], None, (64, 64))
        of[path] = (bird, FEATHERS[bird])
        cells.append([name, bird, FEATHERS[bird]])
    made.table(f"{top}/labels.csv", ["FILE_NAME", "CATEGORY", "SUPER_CATEGORY"], cells)
    about = {"dataset_name": "BRD", "dataset_description": "Birds", "total_categories": 6, "total_super_categories": 4, "uniform_number_of_images_per_category": True, "images_per_category": 8, "has_super_categories": True, "image_column_name": "FILE_NAME", "category_column_name": "CATEGORY", "super_category_column_name": "SUPER_CATEGORY"}  # fmt: skip
    _json(made, f"{top}/info.json", about)
    found = list[LayoutTruth]()
    for place in (0, 1):
        truth = _reading(made, LABELS, classes=dict.fromkeys(one[place] for one in of.values()))
        found.append(_labelled(truth, {path: one[place] for path, one in of.items()}))
    return tuple(found)


# Products-10K: users' code, and memory of the table of test.
def _products(data: Path) -> Readings:
    """Numbers for names, which both parts have; a class and a group of classes; the table of test tells the class too."""
    made, of = Builder(data), dict[str, tuple[str, str]]()
    tables: dict[str, list[list[str]]] = {"train": [], "test": []}
    for k in range(72):
        part, n = ("train", k + 1) if k < 54 else ("test", (k - 54) * 5 + 2)
        place = k // 6 if part == "train" else (k - 54) // 2
        label, group = str(place), str(place // 3)
        path = f"{part}/{n}.jpg"
        _photos(made, [path], None, (40, 40))
        of[path] = (label, group)
        last = group if part == "train" else ("Public", "Private")[k % 2]
        tables[part].append([f"{n}.jpg", label, last])
    made.table("train.csv", ["name", "class", "group"], tables["train"])
    made.table("test_kaggletest.csv", ["name", "class", "Usage"], tables["test"])
    found = list[LayoutTruth]()
    for place in (0, 1):
        classes = dict.fromkeys(one[place] for one in of.values())
        truth = _reading(made, LABELS, test=_inside("test"), classes=classes)
        found.append(_labelled(truth, {path: one[place] for path, one in of.items()}))
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
                    _photos(made, [path], None, (36 + view, 44))
                    lists[part].append(f"{number} {product} {n} {inner}")
                    of[path] = (str(n), f"{ware}_final", str(product))
                    if part == "test":
                        tested.add(path)
    header = "image_id class_id super_class_id path"
    for part, lines in lists.items():
        _lines(made, f"{top}/Ebay_{part}.txt", [header, *lines])
    _lines(made, f"{top}/Ebay_info.txt", [header, *lists["train"], *lists["test"]])
    for ware in WARES:
        made.text(f"{top}/{ware}_final.txt", "http://example.org/item 111085122871\n")
    found = list[LayoutTruth]()
    for place in (0, 1, 2):
        known = {path: one[place] for path, one in of.items() if path not in tested}
        classes = dict.fromkeys(known.values())
        truth = _reading(made, LABELS, test=lambda path: path in tested, classes=classes)
        found.append(_labelled(truth, dict(known)))
    return tuple(found)


# Crack segmentation dataset (Kaggle): memory.
def _cracks_of_many(data: Path) -> Readings:
    """All images once in one folder and once more in two parts; masks are JPEGs of the same names."""
    made, size, top = Builder(data), (44, 44), "crack_segmentation_dataset"
    sources = ("CFD_{0:03d}", "CRACK500_20160222_08{0:04d}_1281_721", "DeepCrack_{0:05d}", "noncrack_noncrack_concrete_wall_{0}_{0}", "forest_{0:03d}")  # fmt: skip
    for k in range(50):
        part, name = "train" if k < 38 else "test", sources[k % 5].format(k + 1)
        plane = np.zeros(size, dtype=bool) if k % 5 == 3 else draw_plane(made.random, size)
        pixels = made.random.integers(0, 90, (*size, 3)).astype(np.uint8)
        read = plane
        for base in (f"{top}/{part}", top):
            read = _as_jpeg(data / f"{base}/masks/{name}.jpg", plane)
        path = f"{top}/{part}/images/{name}.jpg"
        made.image(path, TrueSample(size, planes=(read,)), part="train", pixels=pixels)
        save_pixels(data / f"{top}/images/{name}.jpg", pixels)
    made.text(f"{top}/readme.txt", "images and masks contain all images; train and test are split by stratified sampling.\n")  # fmt: skip
    return (_reading(made, ONE_MASK, test=_inside(f"{top}/test/images"), mask_classes=[""]),)


# Segmentation of dancers (TikTok, Kaggle): memory.
def _dancers(data: Path) -> Readings:
    """Two folders with the same names of images and of masks, in a folder of a long name."""
    made, size, top = Builder(data), (56, 36), "segmentation_full_body_tik_tok_2615_img"
    for k in range(1, 37):
        plane, name = draw_plane(made.random, size), f"{k:05d}.png"
        made.image(f"{top}/images/{name}", TrueSample(size, planes=(plane,)), part="train")
        _grey_mask(data / f"{top}/masks/{name}", plane)
    return (_reading(made, ONE_MASK, mask_classes=[""]),)


# Amazon bin images: memory.
def _bins(data: Path) -> Readings:
    """A JSON an image in a folder of its own, with the number of things in the bin under what the things are."""
    made, of = Builder(data), dict[str, int]()
    for k in range(1, 61):
        name, count = f"{k * 17:05d}", k * 7 % 6
        path = f"bin-images/{name}.jpg"
        _photos(made, [path], None, (48, 40 + k % 4))
        of[path] = count
        things = dict[str, object]()
        for n in range(min(count, 3)):
            code, own = f"B0{_word('thing', k, n, length=8).upper()}", 1 if n < 2 else count - 2
            sides = {one: {"unit": "IN", "value": round(1.5 + (k + n) % 9 / 2, 3)} for one in ("height", "length", "width")}  # fmt: skip
            things[code] = {"asin": code, **sides, "name": f"Thing {k % 9}, pack of {n + 1}", "normalizedName": f"Thing {k % 9}, pack of {n + 1}", "quantity": own, "weight": {"unit": "pounds", "value": 0.35 + n}}  # fmt: skip
        _json(made, f"metadata/{name}.json", {"BIN_FCSKU_DATA": things, "EXPECTED_QUANTITY": count})
    number = _labelled(_reading(made, NUMBER), {path: float(n) for path, n in of.items()})
    classes = tuple(str(n) for n in range(6))
    ranks = _labelled(_reading(made, RANKS, classes=classes), {path: str(n) for path, n in of.items()})  # fmt: skip
    return number, ranks


TRAITS = ("Female", "AgeOver60", "Age18-60", "AgeLess18", "Front", "Side", "Back", "Hat", "Glasses", "HandBag", "ShoulderBag", "Backpack", "HoldObjectsInFront", "ShortSleeve", "LongSleeve", "UpperStride", "UpperLogo", "UpperPlaid", "UpperSplice", "LowerStripe", "LowerPattern", "LongCoat", "Trousers", "Shorts", "Skirt&Dress", "boots")  # fmt: skip


# PA-100K (Kaggle): memory.
def _people_by_trait(data: Path) -> Readings:
    """A table a part, with columns of 0 and 1; all images in one folder within a folder of the same name."""
    made, part_of = Builder(data), dict[str, str]()
    tables: dict[str, list[list[str]]] = {"train": [], "val": [], "test": []}
    for k in range(1, 67):
        part = "train" if k <= 44 else "val" if k <= 54 else "test"
        has = [(k * 5 + n * 3) % 7 < 2 or (k + n) % 26 == 0 for n in range(26)]
        label = frozenset(one for one, seen in zip(TRAITS, has, strict=True) if seen)
        name = f"{k:06d}.jpg"
        path = f"data/data/{name}"
        _photos(made, [path], label, (56, 28 + k % 5))
        part_of[path] = part
        tables[part].append([name, *(str(int(one)) for one in has)])
    for part, cells in tables.items():
        made.table(f"{part}.csv", ["Image", *TRAITS], cells)
    test: Callable[[str], bool] = lambda path: part_of[path] == "test"  # noqa: E731
    val: Callable[[str], bool] = lambda path: part_of[path] == "val"  # noqa: E731
    return tuple(
        _reading(made, SEVERAL, test=test, out=out, classes=TRAITS) for out in (_any_of(), val)
    )


# Belgian traffic signs (BelgiumTSC): its Readme, and memory of the tables.
def _signs_of_belgium(data: Path) -> Readings:
    """Class folders of five digits with a table with semicolons in each, in both parts; PPM files."""
    made, folders = Builder(data), tuple(f"{n:05d}" for n in (0, 1, 7, 19, 32, 61))
    for top, n in (("BelgiumTSC_Training/Training", 7), ("BelgiumTSC_Testing/Testing", 3)):
        for folder in folders:
            lines = ["Filename;Width;Height;Roi.X1;Roi.Y1;Roi.X2;Roi.Y2;ClassId"]
            for k in range(n):
                pole = 25 + int(folder) * 61 + n * 3 + k // 3  # of one pole, and of no other class
                name, size = f"{pole:05d}_{k % 3:05d}.ppm", (36 + k % 4, 34)
                _photos(made, [f"{top}/{folder}/{name}"], folder, size)
                lines.append(f"{name};{size[1]};{size[0]};4;4;30;31;{int(folder)}")
            _lines(made, f"{top}/{folder}/GT-{folder}.csv", lines)
        made.text(f"{top}/Readme.txt", "The structure of the directory and the format of the annotations follow those of the GTSRB.\n")  # fmt: skip
    test = _inside("BelgiumTSC_Testing")
    numbers = {one: str(int(one)) for one in folders}
    return (
        _reading(made, LABELS, test=test, classes=folders),
        _reading(made, LABELS, test=test, classes=numbers.values(), label=lambda one: numbers[str(one)]),
    )  # fmt: skip


FIFTEENTH_COMPETITIONS = (
    DataSet("unibuc-deep-hallucination-classification", "code and memory", _hallucinations),
    DataSet("ift6135h19", "code and memory", _cats_of_montreal, doubt="the sample"),
    DataSet("ai-challenge-2020-deepfake", "page", _fakes_of_korea),
    DataSet("signate-techpro-food-packages", "code", _packages),
    DataSet("aistages-document-types", "code", _papers_of_korea),
    DataSet("dacon-basic-objects", "code and memory", _things_of_dacon, doubt="the sample"),
    DataSet("atmacup-11", "code and memory", _works_of_art),
    DataSet("multi-ffdi", "code", _fakes_of_many_kinds),
    DataSet("flipkart-grid-2019", "code and memory", _goods_in_a_box, doubt="the table of test"),
    DataSet("hse-bhw1", "code", _homework_of_hse),
    DataSet(
        "drivendata-tissuenet",
        "code and memory",
        _slides_of_biopsies,
        has_test=False,
        doubt="form of the names",
    ),
    DataSet("drivendata-visiomel", "code and memory", _slides_of_moles, has_test=False),
    DataSet("justraigs", "code", _eyes_to_refer, has_test=False, doubt="marks of graders"),
    DataSet("dfuc-2022", "memory", _ulcers_of_2022, doubt="names of outer folders"),
    DataSet("endocv-2021", "memory", _polyps_of_five_clinics, has_test=False),
    DataSet("mapai-2022", "page", _buildings_of_norway, doubt="names of images"),
    DataSet("baidu-shop-signs", "memory", _signs_of_shops),
    DataSet("tinymind-calligraphy", "code and memory", _brush_strokes),
    DataSet("skyhacks-2020", "page and memory", _sights_of_silesia, doubt="True and False, or 1 and 0"),
    DataSet("2019-3rd-ml-month-with-kakr", "code and memory", _cars_of_kakr),
    DataSet("plantclef-2016", "memory", _plants_of_clef),
    DataSet("anndl-2021-leaves", "memory", _leaves_of_milan, has_test=False),
    DataSet("aistages-hand-bones", "code and memory", _bones_of_hands, doubt="runs of the sample"),
    DataSet("comp-90086-nutrition-5-k", "code", _dishes_of_melbourne, doubt="place of the tables"),
)  # fmt: skip
"""Competitions of `DataSet` form: several readings may be right, and a file to send need not be shown."""

FIFTEENTH_DATA_SETS = (
    DataSet("Flowers (PyTorch challenge)", "memory", _blooms),
    DataSet("Glasses or no glasses", "code and memory", _glasses),
    DataSet("Ants and bees", "memory", _ants_and_bees),
    DataSet("Horses or humans", "memory", _horses),
    DataSet("Meta-Album", "page", _album, has_test=False),
    DataSet("Products-10K", "code and memory", _products),
    DataSet("Stanford Online Products", "memory", _wares),
    DataSet("Crack segmentation", "memory", _cracks_of_many),
    DataSet("Dancers (TikTok)", "memory", _dancers, has_test=False),
    DataSet("Amazon bins", "memory", _bins, has_test=False),
    DataSet("PA-100K", "memory", _people_by_trait),
    DataSet("Belgian traffic signs", "memory", _signs_of_belgium),
)
