# ruff: noqa: E501  # rows of tables as their files have them
"""A thirteenth set of real competitions and public data sets, written without a look at what is read.

A layout is never bent toward what podium reads; where podium is mended because of one, it has become
one of development.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

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
from layouts.real.eleventh_set import WIDE, _any_of, _boxes, _grounded
from layouts.real.made import Builder, hex_name
from layouts.real.second_set import MULTI, _json
from layouts.real.tenth_set import _book, _grey
from layouts.real.third_set import NUMBER, RANKS, SEVERAL
from layouts.real.twelfth_set import Rows, _labelled
from layouts.runs import Plane
from layouts.truth import Label, LayoutTruth, TrueSample

__all__ = ["THIRTEENTH_COMPETITIONS", "THIRTEENTH_DATA_SETS"]

TARGETS = {"classify": "multitarget"}


def _as_jpeg(path: Path, plane: Plane) -> Plane:
    """Write a mask as JPEG, and return what is white in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(plane.astype(np.uint8) * 255).save(path, quality=95)
    with Image.open(path) as opened:
        return np.asarray(np.array(opened) > 127)


def _masks_alone(truth: LayoutTruth) -> LayoutTruth:
    """Return the truth without labels, so that images without a mask need not be read."""
    kinds = {"segment": truth.kinds["segment"]}
    return replace(_labelled(truth, {}), kinds=kinds, classes=())


def _with_planes(truth: LayoutTruth, planes: Mapping[str, tuple[Plane, ...] | None]) -> LayoutTruth:
    """Return the truth with other masks of some images of train."""
    train = {
        path: replace(one, planes=planes[path]) if path in planes else one
        for path, one in truth.train.items()
    }
    return replace(truth, train=train)


# Competitions


def _brains(data: Path) -> Readings:
    """One folder of all parts; texts with commas and a header; numbers go on from part to part; from memory and code."""
    made, rows = Builder(data), Rows()
    tables: dict[str, Rows] = {"train": [], "validation": []}
    size, validation = (44, 44), set[str]()
    for part, first, n in (("train", 1, 36), ("validation", 15001, 10), ("test", 17001, 14)):
        for k in range(n):
            name, label = f"{first + k:06d}", str(int(k % 7 in (2, 5)))
            path = f"data/data/{name}.png"
            _grey(made, path, TrueSample(size, label), "test" if part == "test" else "train")
            if part == "test":
                rows.append((name, label))
                continue
            tables[part].append((name, label))
            if part == "validation":
                validation.add(path)
    columns = {"id": "key", "class": "text"}
    for part, cells in tables.items():
        made.table(f"{part}_labels.txt", list(columns), cells)
    made.table("sample_submission.txt", list(columns), [[one, "0"] for one, _ in rows])
    every = made.truth(TWO, columns, rows, classes=("0", "1"))
    train = {path: one for path, one in every.train.items() if path not in validation}
    return every, replace(every, train=train)


def _letters_of_arabic(data: Path) -> Readings:
    """Names of five digits, and ids that are plain numbers; classes from 1 on; from memory."""
    made, cells, rows = Builder(data), [], Rows()
    classes = tuple(str(n) for n in range(1, 15))
    for k in range(72):
        part, number = ("train", k) if k < 56 else ("test", k - 56)
        label = classes[k * 5 % 14]
        _grey(made, f"{part}/{number:05d}.png", TrueSample((32, 32), label), part)
        if part == "train":
            cells.append([str(number), label])
        else:
            rows.append((str(number), label))
    columns = {"id": "key", "label": "text"}
    made.table("train.csv", list(columns), cells)
    made.table("test.csv", ["id"], [[one] for one, _ in rows])
    made.table("sample_submission.csv", list(columns), [[one, "1"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=classes),)


def _foods_of_a_course(data: Path) -> Readings:
    """The class stands before a low line in the name; both parts with classes have the same names; from code of the course."""
    made, top, classes = Builder(data), "food-11", tuple(str(n) for n in range(11))
    for part, n in (("training", 5), ("validation", 2)):
        for label in classes:
            paths = [f"{top}/{part}/{label}_{k}.jpg" for k in range(n)]
            _photos(made, paths, label, (40, 36 + n))
    _photos(made, [f"{top}/testing/{k:04d}.jpg" for k in range(16)], None, (40, 40))
    test, out = _inside(f"{top}/testing"), _inside(f"{top}/validation")
    return tuple(
        _reading(made, LABELS, test=test, out=one, classes=classes) for one in (_any_of(), out)
    )


def _drawings_of_a_course(data: Path) -> Readings:
    """Class folders of numbers; all of test lies in a folder that is named as one of them; BMPs; from code of the course."""
    made, top, classes = Builder(data), "real_or_drawing", tuple("0123456789")
    for place, label in enumerate(classes):
        paths = [f"{top}/train_data/{label}/{place * 500 + k}.bmp" for k in range(5)]
        _photos(made, paths, label, (32, 32))
    for k in range(18):
        _grey(made, f"{top}/test_data/0/{k:05d}.bmp", TrueSample((28, 28)))
    test = _inside(f"{top}/test_data")
    return (_reading(made, LABELS, test=test, classes=classes),)


def _bollworms(data: Path) -> Readings:
    """A row of an image and a kind of worm, with a count; boxes as text; one folder of images; from memory and code."""
    made, cells, rows, boxes = Builder(data), [], Rows(), []
    kinds = ("abw", "pbw")
    for k in range(50):
        part = "train" if k < 36 else "test"
        name = f"id_{hex_name('bollworm', k, length=24)}.jpg"
        counts = ((k * 7 % 5) * (k % 3 > 0), (k * 11 % 8) * (k % 4 > 1))
        true = TrueSample((48, 40), tuple(float(one) for one in counts))
        made.image(f"images/{name}", true, part=part)
        for kind, count in zip(kinds, counts, strict=True):
            row = (f"{name}_{kind}", str(count))
            if part == "test":
                rows.append(row)
                continue
            cells.append(row)
            for n in range(count):
                x, y = 20 + 310 * n, 40 + 170 * n
                corners = ((x, y), (x, y + 120), (x + 90, y + 120), (x + 90, y), (x, y))
                shape = ", ".join(f"{a}.0 {b}.0" for a, b in corners)
                boxes.append([name, kind, f"POLYGON (({shape}))"])
    columns = {"image_id_worm": "key", "number_of_worms": "number"}
    made.table("Train.csv", list(columns), cells)
    made.table("Test.csv", ["image_id_worm"], [[one] for one, _ in rows])
    made.table("images_bboxes.csv", ["image_id", "worm_type", "geometry"], boxes)
    made.table("SampleSubmission.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(TARGETS, columns, rows, classes=kinds),)


INSURERS = ("AC", "A", "B", "AA", "BB", "C", "BC", "RE", "O", "DC")


def _insured_cars(data: Path) -> Readings:
    """A class of 0 and 1 and a sum of money, both sent; a table of much else, with gaps; from memory of the data page."""
    made, cells, tests, rows = Builder(data), [], [], Rows()
    for k in range(52):
        part = "train" if k < 38 else "test"
        name = f"img_{4513976 + k * 37}.jpg" if part == "train" else f"img_{4538519 + k * 41}.jpg"
        damaged = int(k % 9 != 4)
        amount: float | None = float(damaged * (k * 977 % 7000 + 340))
        if part == "train" and k % 12 == 5:
            amount = None
        true = TrueSample((40, 48), (float(damaged), amount))
        made.image(f"Fast_Furious_Insured/{part}Images/{name}", true, part=part)
        cost, least, most = 29900 + k * 710 % 21000, 746.5 + k * 17.75, 20000.6 + k * 352.1
        row = [
            name,
            INSURERS[k * 3 % 10],
            "" if k % 11 == 3 else f"{cost}.0",
            "" if k % 11 == 3 else repr(least),
            f"20{25 + k % 6}-{1 + k % 12:02d}-{1 + k * 5 % 28:02d}",
            "" if k % 11 == 3 else repr(round(most, 2)),
        ]
        if part == "train":
            cells.append([*row, str(damaged), "" if amount is None else repr(amount)])
        else:
            tests.append(row)
            rows.append((name, str(damaged), repr(amount)))
    about = ["Insurance_company", "Cost_of_vehicle", "Min_coverage", "Expiry_date", "Max_coverage"]
    header = ["Image_path", *about]
    top = "Fast_Furious_Insured"
    made.table(f"{top}/train.csv", [*header, "Condition", "Amount"], cells)
    made.table(f"{top}/test.csv", header, tests)
    columns = {"Image_path": "key", "Condition": "number", "Amount": "number"}
    shown = [[one[0], "0", "0"] for one in rows[:5]]
    made.table(f"{top}/sample_submission.csv", list(columns), shown)
    return (made.truth(TARGETS, columns, rows, classes=("Condition", "Amount")),)


JOINTS = [
    "nose",
    "left_eye",
    "right_eye",
    "left_ear",
    "right_ear",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
    "neck",
    "left_palm",
    "right_palm",
    "spine2(back)",
    "spine1(waist)",
    "left_instep",
    "right_instep",
]


def _motions(data: Path) -> Readings:
    """Forty-eight coordinates a frame, with brackets in names of columns; long names of frames; from code."""
    made, cells, rows = Builder(data), [], Rows()
    points = [f"{one}_{axis}" for one in JOINTS for axis in "xy"]
    for k in range(48):
        part = "train" if k < 34 else "test"
        number = k // 3 * 2 + 1
        name = f"{number:03d}-1-{1 + k % 2}-{number:02d}-Z{17 + k % 5}_{'ABCDE'[k % 5]}-{k * 8 + 1:07d}.jpg"
        places = [round(float(made.random.uniform(2, 46)), 6) for _ in points]
        made.image(f"{part}_imgs/{name}", TrueSample((40, 64), tuple(places)), part=part)
        row = (name, *map(repr, places))
        if part == "train":
            cells.append(row)
        else:
            rows.append(row)
    columns = {"image": "key", **dict.fromkeys(points, "number")}
    made.table("train_df.csv", list(columns), cells)
    made.table("sample_submission.csv", list(columns), [[one[0], *"0" * 48] for one in rows])
    return (made.truth(TARGETS, columns, rows, classes=points),)


PLACES = (
    ("航站楼", "airport_terminal"),
    ("停机坪", "landing_field"),
    ("机舱", "airplane_cabin"),
    ("游乐场", "amusement_park"),
    ("冰场", "skating_rink"),
    ("舞台", "arena/performance"),
    ("艺术室", "art_room"),
    ("流水线", "assembly_line"),
)


def _scenes_of_a_challenge(data: Path) -> Readings:
    """Three folders with days in their names; lists of classes in JSON; a table of names without a header; from code."""
    made, numbers = Builder(data), tuple(str(n) for n in range(8))
    day = {"train": "20170904", "validation": "20170908", "test_a": "20170922"}
    for part, n in (("train", 40), ("validation", 12), ("test_a", 14)):
        top = f"ai_challenger_scene_{part}_{day[part]}"
        content = []
        for k in range(n):
            label, name = numbers[k * 3 % 8], f"{hex_name('scene', part, k, length=40)}.jpg"
            path = f"{top}/scene_{part}_images_{day[part]}/{name}"
            _photos(made, [path], None if part == "test_a" else label, (36 + k % 4, 48))
            url = f"http://www.5ilog.com/cgi-bin/sys/link/view.aspx/{63000000 + k * 91}.jpg"
            content.append({"image_url": url, "label_id": label, "image_id": name})
        if part != "test_a":
            _json(made, f"{top}/scene_{part}_annotations_{day[part]}.json", content)
        if part == "train":
            lines = [f"{n},{chinese},{english}" for n, (chinese, english) in enumerate(PLACES)]
            _lines(made, f"{top}/scene_classes.csv", lines)
    test = _inside(f"ai_challenger_scene_test_a_{day['test_a']}")
    out = _inside(f"ai_challenger_scene_validation_{day['validation']}")
    found = list[LayoutTruth]()
    for one in (_any_of(), out):
        for names in (numbers, *zip(*PLACES, strict=True)):
            found.append(
                _reading(
                    made,
                    LABELS,
                    test=test,
                    out=one,
                    classes=names,
                    label=lambda label, names=names: names[int(str(label))],  # type: ignore[misc]
                )
            )
    return tuple(found)


TISSUES = ("tumor", "stroma", "normal")


def _lungs_with_few_labels(data: Path) -> Readings:
    """Three bits in square brackets end each name; validation and test have masks instead, or none; from memory and code."""
    made, size = Builder(data), (44, 44)
    colours = [0, 64, 128, 64, 128, 0, 243, 152, 0, 255, 255, 255]
    bits_of, masked = dict[str, list[int]](), dict[str, tuple[Plane, ...]]()
    for k in range(42):
        bits = [int((k + n) % 3 == 0 or (k * 5 + n) % 7 == 1) for n in range(3)]
        name = f"{1009981 + k // 6 * 311}-{k * 4817 % 60000}-{k * 7919 % 60000}-[{', '.join(map(str, bits))}].png"
        path = f"1.training/{name}"
        _photos(made, [path], None, size)
        bits_of[path] = bits
    for part, n in (("2.validation", 10), ("3.testing", 12)):
        for k in range(n):
            places = draw_class_map(made.random, size, 4, fill=True) - 1
            path = f"{part}/img/{k:02d}.png"
            _photos(made, [path], None, size)
            background = (places == 3).astype(np.uint8)
            save_pixels(data / f"{part}/background-mask/{k:02d}.png", background)
            if part == "3.testing":
                continue
            masked[path] = tuple(places == number for number in range(4))
            image = Image.fromarray(places.astype(np.uint8), mode="P")
            image.putpalette(colours)
            (data / f"{part}/mask").mkdir(parents=True, exist_ok=True)
            image.save(data / f"{part}/mask/{k:02d}.png")
    made.text(
        "readme.txt",
        "WSSS4LUAD\n\nTraining: the name of a patch ends with its image-level label, [tumor, stroma, normal].\nValidation: mask has 0 (tumor), 1 (stroma), 2 (normal) and 3 (background); background-mask has 1 where nothing is scored.\n",
    )
    test, masks_too = _inside("3.testing"), _inside("2.validation")
    whole = _reading(made, {**SEVERAL, **MULTI}, test=test, mask_classes=[""] * 4)
    whole = _with_planes(whole, masked)
    three = _with_planes(whole, {path: planes[:3] for path, planes in masked.items()})
    three = replace(three, mask_classes=("",) * 3)
    ignoring = {
        path: replace(one, ignored=masked[path][3]) if path in masked else one
        for path, one in three.train.items()
    }
    found = list[LayoutTruth]()
    for names in (TISSUES, ("0", "1", "2"), ("1", "2", "3")):
        labels: dict[str, Any] = {
            path: frozenset(name for name, bit in zip(names, bits, strict=True) if bit)
            for path, bits in bits_of.items()
        }
        truth = _reading(made, SEVERAL, test=test, out=masks_too, classes=names)
        # Labels alone, or masks alone, or both at once: the parts that are not read do not count.
        for one in (truth, replace(three, train=ignoring), three, whole):
            found.append(_labelled(replace(one, classes=names), labels))
    masks = (replace(three, train=ignoring), three, whole)
    return (*found, *map(_masks_alone, masks))


GLAUCOMA = ("non", "early", "mid_advanced")


def _eyes_of_two_kinds(data: Path) -> Readings:
    """A folder an eye: a photo, and below a folder of slices of the same name; a spreadsheet of ones; from memory and code."""
    made, cells = Builder(data), list[list[object]]()
    photos, slices = dict[str, str](), dict[str, str]()
    tests = list[str]()
    for k in range(1, 43):
        part, number = ("training", k) if k <= 30 else ("testing", k + 70)
        label = GLAUCOMA[(0, 1, 2, 0)[k % 4]]
        folder = f"{part}/multi-modality_images/{number:04d}"
        path = f"{folder}/{number:04d}.jpg"
        _photos(made, [path], None, (40, 40 + k % 4))
        inner = [f"{folder}/{number:04d}/{n}_image.jpg" for n in range(5)]
        for one in inner:
            _grey(made, one, TrueSample((48, 32)))
        if part == "testing":
            tests += [path, *inner]
            continue
        photos[path] = label
        slices.update(dict.fromkeys(inner, label))
        cells.append([number, *(int(one == label) for one in GLAUCOMA)])
    _book(data / "training/glaucoma_grading_training_GT.xlsx", ["data", *GLAUCOMA], cells)
    every = _reading(made, RANKS, test=_inside("testing"), classes=GLAUCOMA)
    by_photo = _labelled(every, dict(photos))
    test = {path: one for path, one in every.test.items() if not path.endswith("_image.jpg")}
    return replace(by_photo, test=test), by_photo, _labelled(every, {**photos, **slices})


def _placentas(data: Path) -> Readings:
    """A folder a video, with frames and masks of four numbers in two folders each; from memory of the challenge's data."""
    made, size = Builder(data), (44, 44)
    for video in (1, 2, 3, 4, 6):
        top = f"FetReg2021_Task1_Segmentation/Video{video:03d}"
        for k in range(7):
            numbers = draw_class_map(made.random, size, 3, fill=False)
            name = f"anon{video:03d}_{k * 450 + video:05d}.png"
            true = TrueSample(size, planes=_planes_of(numbers, 3))
            made.image(f"{top}/images/{name}", true, part="train")
            save_pixels(data / f"{top}/labels/{name}", numbers)
    made.text(
        "FetReg2021_Task1_Segmentation/README.txt",
        "FetReg: Placental Vessel Segmentation and Registration in Fetoscopy\n\nLabels: 0 background, 1 vessel, 2 tool, 3 fetus\n",
    )
    plain = _reading(made, MULTI, mask_classes=("1", "2", "3"))
    return plain, _grounded(plain)


def _cells_and_tissues(data: Path) -> Readings:
    """Two images a sample: cells with points in a table without a header, and tissue with a mask of 1, 2 and 255; from memory and code."""
    made, size = Builder(data), (44, 44)
    pairs, numbers_of = dict[str, Any](), dict[str, Any]()
    first = 1
    for part, n in (("train", 28), ("val", 8), ("test", 10)):
        for k in range(first, first + n):
            name = f"{k:03d}"
            places = draw_class_map(made.random, size, 3, fill=True)
            numbers = np.array([1, 2, 255], dtype=np.uint8)[places - 1]
            cells = f"images/{part}/cell/{name}.jpg"
            tissue = f"images/{part}/tissue/{name}.jpg"
            _photos(made, [cells, tissue], None, size)
            numbers_of[tissue] = numbers
            save_pixels(data / f"annotations/{part}/tissue/{name}.png", numbers)
            points = [
                f"{k * 13 * (n + 3) % 44},{k * 7 * (n + 2) % 44},{1 + (k + n) % 2}"
                for n in range(k % 6)
            ]
            made.text(f"annotations/{part}/cell/{name}.csv", "".join(f"{one}\n" for one in points))
            pairs[name] = {
                "slide_name": f"TCGA-{k:02d}",
                "mpp_x": 0.2527,
                "mpp_y": 0.2527,
                "cell": {"x_start": 38912, "y_start": 12288, "x_end": 39936, "y_end": 13312},
                "tissue": {"x_start": 38400, "y_start": 11776, "x_end": 42496, "y_end": 15872},
                "patch_x_offset": 0.25,
                "patch_y_offset": 0.25,
                "organ": ("kidney", "bladder", "prostate")[k % 3],
                "subset": part,
            }
        first += n
    content = {"version": "1.0.1", "license": "CC BY-NC-SA 4.0", "sample_pairs": pairs}
    _json(made, "metadata.json", content)
    made.text(
        "README.md",
        "# OCELOT\n\nCell annotations: x, y, label (1: background cell, 2: tumor cell).\nTissue annotations: 1: background (BG), 2: cancer area (CA), 255: unknown (UNK).\n",
    )
    found = list[LayoutTruth]()
    for test in (_inside("images/test/tissue"), _inside("images/test")):
        for out in (_inside("images/test"), _inside("images/test", "images/val")):
            # Cells of test are out of train, and among the test images only in the second case.
            keep: Callable[[str], bool] = lambda path, test=test, out=out: (  # noqa: E731
                out(path) and not test(path)
            )  # type: ignore[misc]
            base = _reading(made, MULTI, test=test, out=keep, mask_classes=("1", "2"))
            both, scored, cancer = {}, {}, {}
            for path, one in base.train.items():
                if path not in numbers_of:
                    both[path] = scored[path] = cancer[path] = one
                    continue
                numbers = numbers_of[path]
                unknown = numbers == 255
                planes = (numbers == 1, numbers == 2)
                both[path] = replace(one, planes=planes)
                scored[path] = replace(one, planes=planes, ignored=unknown)
                cancer[path] = replace(one, planes=planes[1:], ignored=unknown)
            found += [
                replace(base, train=scored),
                replace(base, train=both),
                replace(
                    base,
                    train=cancer,
                    kinds={"segment": frozenset({"binary"})},
                    mask_classes=("",),
                ),
            ]
    return tuple(found)


def _land_of_suichang(data: Path) -> Readings:
    """Images of four bands and masks by the same names in one folder, TIFF and PNG; test begins anew at 1; from memory and code."""
    made, size = Builder(data), WIDE
    for part, n in (("train_210120", 32), ("test_partA_210120", 12)):
        for k in range(1, n + 1):
            used = np.array([1 + (k * 3 + n * 7) % 10 for n in range(4)], dtype=np.uint8)
            numbers = used[draw_class_map(made.random, size, 4, fill=True) - 1]
            folder, name = f"suichang_round1_{part}", f"{k:06d}"
            planes = tuple(numbers == place for place in range(1, 11))
            pixels = made.random.integers(0, 255, (*size, 4)).astype(np.uint8)
            is_test = part != "train_210120"
            true = TrueSample(size, planes=None if is_test else planes)
            made.image(f"{folder}/{name}.tif", true, part="train", pixels=pixels)
            if not is_test:
                save_pixels(data / f"{folder}/{name}.png", numbers)
    names = [str(place) for place in range(1, 11)]
    test = _inside("suichang_round1_test_partA_210120")
    return (_reading(made, MULTI, test=test, mask_classes=names),)


def _birds_with_few_labels(data: Path) -> Readings:
    """Few images with classes, two folders without; JSONs of each part; five guesses a cell; from the readme and memory."""
    made, rows = Builder(data), Rows()
    classes = tuple(str(n) for n in range(8))
    contents = dict[str, dict[str, Any]]()
    for part, n, size in (("l_train", 32, 40), ("val", 8, 42), ("u_train_in", 24, 44),
                          ("u_train_out", 20, 36), ("test", 14, 40)):  # fmt: skip
        images, notes = [], []
        for k in range(n):
            number = k + (32 if part == "val" else 0)
            label = classes[k * 3 % 8]
            name = f"{part}/{number}.jpg"
            if part in ("l_train", "val"):
                name = f"trainval_images/{label}/{number}.jpg"
            is_known = not part.startswith("u_")
            true = TrueSample((size, 48), label if is_known else None)
            made.image(name, true, part="test" if part == "test" else "train")
            images.append({"id": number, "width": 48, "height": size, "file_name": name})
            category = int(label) if is_known else -1
            if part == "test":
                rows.append((str(number), label))
                continue
            notes.append({"id": number, "image_id": number, "category_id": category})
        info = {"year": 2020, "version": "2", "description": "Semi-Supervised iNat Aves"}
        contents[part] = {"info": info, "images": images, "annotations": notes}
    for part, content in contents.items():
        _json(made, f"annotation/anno_{part}.json", content)
    columns = {"Id": "key", "Category": "ranking"}
    shown = [[one, " ".join(classes[(k + n) % 8] for n in range(5))]
             for k, (one, _) in enumerate(rows)]  # fmt: skip
    made.table("solution_sample.csv", list(columns), shown)
    every = made.truth(LABELS, columns, rows, classes=classes)
    val = {str(one["file_name"]) for one in contents["val"]["images"]}
    train = {path: one for path, one in every.train.items() if path not in val}
    return every, replace(every, train=train)


def _tumours_of_whole_bodies(data: Path) -> Readings:
    """Patients with masks of another word than the images, and controls that have none; code of the hosts; from a listing."""
    made, top = Builder(data), "tumor-segmentation/data"
    empty = dict[str, tuple[Plane, ...] | None]()
    for k in range(26):
        size = (64, 26 + k % 5)
        plane = draw_plane(made.random, size)
        path = f"{top}/patients/imgs/patient_{k:03d}.png"
        made.image(path, TrueSample(size, planes=(plane,)), part="train")
        white = np.repeat(plane[..., None].astype(np.uint8) * 255, 3, axis=2)
        save_pixels(data / f"{top}/patients/labels/segmentation_{k:03d}.png", white)
    for k in range(30):
        size, path = (64, 26 + k % 5), f"{top}/controls/imgs/control_{k:03d}.png"
        _photos(made, [path], None, size)
        empty[path] = (np.zeros(size, dtype=bool),)
    made.text(
        "tumor-segmentation/README.md",
        "# Tumor Segmentation\nIn this use case, your task is to detect tumors on medical images.\n\nYou will receive 182 MIP-PET images and ground truth segmentations of patients with cancer (```data/patients```). In addition, you will also receive 426 MIP-PET images of healthy controls that have NO cancer (```data/controls```).\n",
    )
    for name in ("api", "router", "utils", "test_fun"):
        made.text(f"tumor-segmentation/{name}.py", "import numpy as np\n")
    made.text("tumor-segmentation/requirements.txt", "numpy\nopencv-python\nfastapi\nuvicorn\n")
    plain = _reading(made, ONE_MASK, mask_classes=[""])
    return _with_planes(plain, empty), plain


GOODS = {
    "Mobile": {"Others Mobile & Tablet": 35, "Iphone": 31, "Samsung": 32},
    "Fashion": {"Others": 17, "Party Dress": 19, "Maxi Dress": 20},
    "Beauty": {"Foundation": 1, "Lip Tint": 12, "Blush On": 2},
}


def _goods(data: Path) -> Readings:
    """Three folders of images, of both parts; a title in words; some paths without their ending; from memory and code."""
    made, cells, tests, rows = Builder(data), [], [], Rows()
    every = [(kind, name, n) for kind, names in GOODS.items() for name, n in names.items()]
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
    _json(made, "categories.json", GOODS)
    classes = [str(n) for _, _, n in every]
    return (made.truth(LABELS, columns, rows, classes=classes),)


def _faces_of_indonesia(data: Path) -> Readings:
    """A folder a person with three photos; sex and age in a table of persons, with blanks in names; both are sent; from memory."""
    made, cells, rows = Builder(data), [], Rows()
    for k in range(1, 17):
        sex, age = k * 3 % 7 % 2, 15 + k * 7 % 31
        cells.append([str(k), str(sex), str(age)])
        for n in (1, 2, 3):
            true = TrueSample((44, 40 + n), (float(sex), float(age)), unit=str(k))
            made.image(f"Training/{k}/{k}_{n}.jpg", true, part="train")
    for k in range(14):
        sex, age, name = k * 5 % 3 % 2, 18 + k * 11 % 29, hex_name("bdc", k, length=32)
        true = TrueSample((44, 40), (float(sex), float(age)))
        made.image(f"Testing/{name}.jpg", true, part="test")
        rows.append((f"{name}.jpg", str(sex), str(age)))
    made.table("train.csv", ["nomor", "jenis kelamin", "usia"], cells)
    columns = {"id": "key", "jenis kelamin": "number", "usia": "number"}
    made.table("submission.csv", list(columns), [[one[0], "0", "0"] for one in rows])
    return (made.truth(TARGETS, columns, rows, classes=("jenis kelamin", "usia")),)


def _faces_of_turtles(data: Path) -> Readings:
    """One box an image as four shares of its size, which are sent too; one folder; endings in capitals; from memory."""
    made, cells, rows = Builder(data), [], Rows()
    for k in range(52):
        part, name = "train" if k < 38 else "test", f"ID_{hex_name('turtle', k, length=8).upper()}"
        left, top = (float(made.random.uniform(0.05, 0.4)) for _ in "xy")
        wide, tall = (float(made.random.uniform(0.2, 0.5)) for _ in "wh")
        shares = tuple(round(one, 9) for one in (left, top, wide, tall))
        made.image(f"IMAGES_512/{name}.JPG", TrueSample((40, 48), shares), part=part)
        row = (name, *map(repr, shares))
        if part == "train":
            cells.append(row)
        else:
            rows.append(row)
    columns = {"Image_ID": "key", **dict.fromkeys("xywh", "number")}
    made.table("Train.csv", list(columns), cells)
    made.table("SampleSubmission.csv", list(columns), [[one[0], *"0" * 4] for one in rows])
    return (made.truth(TARGETS, columns, rows, classes=tuple("xywh")),)


def _colons(data: Path) -> Readings:
    """Two folders: with a mask as JPEG beside each image, and of the sound without; blanks in names; from memory."""
    made, sides = Builder(data), ("tissue-train-neg", "tissue-train-pos-v1")
    empty = dict[str, tuple[Plane, ...] | None]()
    for k in range(44):
        size, label = (40, 44 + k % 4), sides[int(k < 24)]
        corner = f"{k * 911 + 2100}-{k * 577 + 5300}-{3864 + k}-{4149 - k}"
        name = f"{'18' if k % 2 else 'D2018'}-{530 + k:05d}B_2019-05-0{1 + k % 7} {10 + k % 12}_{k:02d}_22-lv1-{corner}"
        path, planes = f"{label}/{name}.jpg", None
        if k < 24:
            plane = draw_plane(made.random, size)
            planes = (_as_jpeg(data / f"{label}/{name}_mask.jpg", plane),)
        else:
            empty[path] = (np.zeros(size, dtype=bool),)
        made.image(path, TrueSample(size, label, planes=planes), part="train")
    plain = _reading(made, {**TWO, **ONE_MASK}, classes=sides, mask_classes=[""])
    return _with_planes(plain, empty), plain, _masks_alone(plain)


# Data sets: labels and numbers


def _polyps_by_vote(data: Path) -> Readings:
    """A table with the class by vote, the votes, and a column of train and test; long names of columns; from memory and code."""
    made, cells, tests = Builder(data), [], set[str]()
    votes_of = dict[str, float]()
    for k in range(48):
        letters = (chr(97 + k * 61 // place % 26) for place in (676, 26, 1))
        name = f"MHIST_{''.join(letters)}.png"
        votes = k * 3 % 8
        part = "test" if k % 5 == 3 else "train"
        path = f"images/{name}"
        _photos(made, [path], "SSA" if votes > 3 else "HP", (44, 44))
        votes_of[path] = float(votes)
        if part == "test":
            tests.add(path)
        cells.append([name, "SSA" if votes > 3 else "HP", str(votes), part])
    header = [
        "Image Name",
        "Majority Vote Label",
        "Number of Annotators who Selected SSA (Out of 7)",
        "Partition",
    ]
    made.table("annotations.csv", header, cells)
    _lines(made, "MD5SUMs.txt", [f"{hex_name('mhist', n, length=32)}  images.zip" for n in (1, 2)])
    test: Callable[[str], bool] = lambda path: path in tests  # noqa: E731
    by_vote = _reading(made, TWO, test=test, classes=("HP", "SSA"))
    count = _labelled(_reading(made, NUMBER, test=test), dict(votes_of))
    ranks = {path: str(int(one)) for path, one in votes_of.items()}
    ranked = _labelled(_reading(made, RANKS, test=test, classes=map(str, range(8))), dict(ranks))
    return by_vote, count, ranked


def _modules_in_infrared(data: Path) -> Readings:
    """A JSON of a path and a class by number; from the readme."""
    kinds = ("Cell", "Cell-Multi", "Cracking", "Diode", "Hot-Spot", "No-Anomaly", "Offline-Module", "Soiling")  # fmt: skip
    made, content, top = Builder(data), dict[str, Any](), "InfraredSolarModules"
    for k in range(48):
        label = "No-Anomaly" if k % 2 else kinds[k // 2 % 8]
        number = str(k * 417)
        _grey(made, f"{top}/images/{number}.jpg", TrueSample((40, 24), label))
        content[number] = {"image_filepath": f"images/{number}.jpg", "anomaly_class": label}
    _json(made, f"{top}/module_metadata.json", content)
    made.text(f"{top}/LICENSE", "MIT License\n\nCopyright (c) 2020 Raptor Maps Inc.\n")
    made.text(
        f"{top}/README.md",
        '# InfraredSolarModules\n\nThe file contains the `images` directory and `module_metadata.json` that describes each image.\n\n```\n{\n  "<image_number>": {\n    "image_filepath": "images/<image_number>.jpg", \n    "anomaly_class": "<class_name>"\n  },\n  ...\n}\n```\n',
    )
    return (_reading(made, LABELS, classes=kinds),)


GROCERIES = (
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


def _groceries(data: Path) -> Readings:
    """Folders of two or three levels; texts of paths and two numbers; a clean picture of each class elsewhere; from a listing and code."""
    made, top, number = Builder(data), "GroceryStoreDataset-master/dataset", {}
    coarse = list(dict.fromkeys(one for _, one, _ in GROCERIES))
    lists: dict[str, list[str]] = {}
    for part, n in (("train", 5), ("val", 2), ("test", 3)):
        for fine_at, (kind, wide, fine) in enumerate(GROCERIES):
            inner = f"{kind}/{fine}" if wide == fine else f"{kind}/{wide}/{fine}"
            for k in range(1, n + 1):
                below = f"{part}/{inner}/{fine}_{k:03d}.jpg"
                path = f"{top}/{below}"
                _photos(made, [path], fine, (36 + k, 48))
                number[path] = (fine_at, coarse.index(wide))
                lists.setdefault(part, []).append(f"{below}, {fine_at}, {coarse.index(wide)}")
    for part, lines in lists.items():
        _lines(made, f"{top}/{part}.txt", lines)
    cells = []
    for fine_at, (kind, wide, fine) in enumerate(GROCERIES):
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
    fines = tuple(one for *_, one in GROCERIES)
    for out in (_any_of(), _inside(f"{top}/val")):
        for names, level in ((fines, 0), (None, 0), (tuple(coarse), 1), (None, 1)):
            used = names or tuple(map(str, range(len(fines) if level == 0 else len(coarse))))
            truth = _reading(made, LABELS, test=_inside(f"{top}/test"), out=out, classes=used)
            labels = {path: used[places[level]] for path, places in number.items()}
            found.append(_labelled(truth, dict(labels)))
    return tuple(found)


def _things_of_an_office(data: Path) -> Readings:
    """A folder of each source, in it one of images, in it the classes; the same names in all; from code of loaders."""
    made, classes = (
        Builder(data),
        ("back_pack", "bike", "bookcase", "calculator", "laptop_computer", "mug"),
    )
    for source, n, size in (("amazon", 5, (48, 48)), ("dslr", 3, (40, 48)), ("webcam", 3, (36, 36))):  # fmt: skip
        for label in classes:
            paths = [f"office31/{source}/images/{label}/frame_{k + 1:04d}.jpg" for k in range(n)]
            _photos(made, paths, label, size)
    return (_reading(made, LABELS, classes=classes),)


def _bees(data: Path) -> Readings:
    """A table of much about each bee, of which several columns can be the class; from memory of the data page."""
    made, cells = Builder(data), []
    races = ("-1", "Italian honey bee", "Russian honey bee", "Carniolan honey bee", "1 Mixed local stock 2")  # fmt: skip
    states = ("healthy", "few varrao, hive beetles", "Varroa, Small Hive Beetles", "ant problems", "hive being robbed", "missing queen")  # fmt: skip
    towns = (
        ("Alvin, TX, USA", "77511"),
        ("Saratoga, CA, USA", "95070"),
        ("Athens, GA, USA", "30607"),
    )
    of: dict[str, dict[str, str]] = {"subspecies": {}, "health": {}, "pollen_carrying": {}}
    for k in range(48):
        name = f"{41 + k // 8 * 3:03d}_{66 + k * 11:03d}.png"
        path = f"bee_imgs/bee_imgs/{name}"
        _photos(made, [path], None, (40 + k % 7, 36 + k % 5))
        race, state, pollen = races[k % 5], states[k * 5 % 6], "TRUE" if k % 8 == 3 else "FALSE"
        for column, cell in zip(of, (race, state, pollen), strict=True):
            of[column][path] = cell
        town, post = towns[k % 3]
        hour = f"{9 + k % 9}:{k * 7 % 60:02d}"
        cells.append([name, f"8/{1 + k % 28}/18", hour, town, post, race, state, pollen, "worker"])
    header = ["file", "date", "time", "location", "zip code", *of, "caste"]
    made.table("bee_data.csv", header, cells)
    found = list[LayoutTruth]()
    for column, classes in (
        ("health", states),
        ("subspecies", races),
        ("pollen_carrying", ("FALSE", "TRUE")),
        ("pollen_carrying", ("False", "True")),
    ):
        labels = {path: cell if cell in classes else cell.title() for path, cell in of[column].items()}  # fmt: skip
        kinds = TWO if len(classes) == 2 else LABELS
        found.append(_labelled(_reading(made, kinds, classes=classes), dict(labels)))
    return tuple(found)


def _hands(data: Path) -> Readings:
    """A table of people and of each hand, with the image neither first nor last; the same as text; from memory of the data page."""
    made, cells = Builder(data), []
    columns: dict[str, tuple[str, ...]] = {
        "gender": ("female", "male"),
        "skinColor": ("dark", "fair", "medium", "very fair"),
        "accessories": ("0", "1"),
        "nailPolish": ("0", "1"),
        "aspectOfHand": ("dorsal left", "dorsal right", "palmar left", "palmar right"),
        "irregularities": ("0", "1"),
    }
    of: dict[str, dict[str, str]] = {one: {} for one in columns}
    ages = dict[str, float]()
    for k in range(48):
        person, name = k // 6, f"Hand_{k * 17 + 2:07d}.jpg"
        path = f"Hands/{name}"
        _photos(made, [path], None, (36, 48))
        # What tells of a person is the same in all of its rows.
        cell = {
            "gender": columns["gender"][person * 3 % 2],
            "skinColor": columns["skinColor"][person % 4],
            "accessories": str(int(person % 3 == 1)),
            "nailPolish": str(int(person % 4 == 2)),
            "aspectOfHand": columns["aspectOfHand"][k % 4],
            "irregularities": str(int(person == 5)),
        }
        for one, value in cell.items():
            of[one][path] = value
        ages[path] = float(20 + person * 7 % 23)
        first = [str(person + 1_000 * (person % 2)), str(int(ages[path]))]
        middle = [cell[one] for one in list(columns)[:5]]
        cells.append([*first, *middle, name, cell["irregularities"]])
    header = ["id", "age", *list(columns)[:5], "imageName", "irregularities"]
    made.table("HandInfo.csv", header, cells)
    made.table("HandInfo.txt", header, cells)
    found = list[LayoutTruth]()
    for one, classes in columns.items():
        kinds = TWO if len(classes) == 2 else LABELS
        found.append(_labelled(_reading(made, kinds, classes=classes), dict(of[one])))
    return (*found, _labelled(_reading(made, NUMBER), dict(ages)))


def _ages_by_line(data: Path) -> Readings:
    """Names in one text and ages in another, line by line; both parts begin at 1; from memory and code of loaders."""
    made, top, years = Builder(data), "megaage_asian", dict[str, float]()
    for part, n in (("train", 44), ("test", 14)):
        names, ages = [], []
        for k in range(1, n + 1):
            age, path = (k + n) * 13 % 70 + 1, f"{top}/{part}/{k}.jpg"
            _photos(made, [path], float(age), (46, 40))
            years[path] = float(age)
            names.append(f"{k}.jpg")
            ages.append(str(age))
        _lines(made, f"{top}/list/{part}_name.txt", names)
        _lines(made, f"{top}/list/{part}_age.txt", ages)
    made.text(f"{top}/README.txt", "MegaAge-Asian: cropped and aligned faces with ages from 0 to 70.\n")  # fmt: skip
    test = _inside(f"{top}/test")
    ranks = _reading(made, RANKS, test=test, classes=sorted({str(int(one)) for one in years.values()}, key=int))  # fmt: skip
    ranked = _labelled(ranks, {path: str(int(one)) for path, one in years.items()})
    return _reading(made, NUMBER, test=test), ranked


def _drives(data: Path) -> Readings:
    """A text of a name, an angle, and after a comma the time, among the images; from code."""
    made, lines, top = Builder(data), [], "driving_dataset"
    for k in range(46):
        angle = 0.0 if k < 4 else round(float(made.random.normal(0, 30)), 2)
        _photos(made, [f"{top}/{k}.jpg"], angle, (36, 64))
        moment = f"2018-07-01 17:{9 + k // 20:02d}:{k * 3 % 60:02d}:{k * 37 % 1000:03d}"
        lines.append(f"{k}.jpg {angle:.6f},{moment}")
    _lines(made, f"{top}/data.txt", lines)
    return (_reading(made, NUMBER),)


def _leaves_of_plants(data: Path) -> Readings:
    """Folders of plants, and in them of the sound and the ill, some of one only; brackets in names; endings in capitals; from code."""
    made, both = Builder(data), dict[str, tuple[str, str]]()
    plants = (
        ("Mango (P0)", "healthy", "diseased"),
        ("Arjun (P1)", "healthy", "diseased"),
        ("Alstonia Scholaris (P2)", "healthy", "diseased"),
        ("Bael (P4)", "diseased", ""),
        ("Basil (P8)", "healthy", ""),
        ("Lemon (P10)", "healthy", "diseased"),
    )
    place = 0
    for plant, *states in plants:
        for state in filter(None, states):
            place += 1
            for k in range(5):
                path = f"{plant}/{state}/{place:04d}_{k + 1:04d}.JPG"
                _photos(made, [path], None, (36, 48))
                both[path] = (plant, state)
    found = list[LayoutTruth]()
    choices: list[tuple[dict[str, str], Callable[[tuple[str, str]], Label]]] = [
        (LABELS, lambda one: one[0]),
        (TWO, lambda one: one[1]),
        (LABELS, lambda one: f"{one[0]}/{one[1]}"),
        (LABELS, lambda one: f"{one[0]}_{one[1]}"),
        (LABELS, lambda one: f"{one[0]} {one[1]}"),
        (SEVERAL, frozenset),
    ]  # type: ignore[assignment]
    for kinds, name in choices:
        labels = {path: name(one) for path, one in both.items()}
        classes = sorted(
            {part for one in labels.values() for part in ([one] if isinstance(one, str) else one)}  # type: ignore[union-attr]
        )
        found.append(_labelled(_reading(made, kinds, classes=classes), dict(labels)))
    return tuple(found)


DISHES = ("rice", "eels on rice", "pilaf", "chicken-'n'-egg on rice", "pork cutlet on rice", "beef curry")  # fmt: skip


def _dishes_in_boxes(data: Path) -> Readings:
    """Class folders of numbers, and in each a text of boxes; names of classes in a table with tabs; from memory of the readme."""
    made, top = Builder(data), "UECFOOD100"
    numbers = tuple(str(n) for n in range(1, 7))
    for place, label in enumerate(numbers):
        lines = ["img x1 y1 x2 y2"]
        for k in range(7):
            number = place * 977 + k * 31 + 1
            _photos(made, [f"{top}/{label}/{number}.jpg"], label, (36 + k % 4, 48))
            left, up, wide, tall = _boxes(made, WIDE, 1)[0]
            lines.append(f"{number} {left} {up} {left + wide} {min(up + tall, 35)}")
        _lines(made, f"{top}/{label}/bb_info.txt", lines)
    names = [f"{number}\t{name}" for number, name in zip(numbers, DISHES, strict=True)]
    _lines(made, f"{top}/category.txt", ["id\tname", *names])
    made.text(
        f"{top}/README.txt",
        "UEC FOOD 100\n\n[1-100]: the directory names correspond to food ID.\n[1-100]/*.jpg: food photo files (some photos are duplicated in two or more directories, since they includes two or more foods.)\n[1-100]/bb_info.txt: bounding box information for the photo files in each directory\ncategory.txt: food list including the correspondences between food IDs and food names\n",
    )
    by_number = _reading(made, LABELS, classes=numbers)
    name_of = dict(zip(numbers, DISHES, strict=True))
    named = {path: name_of[str(one.label)] for path, one in by_number.train.items()}
    return by_number, _labelled(_reading(made, LABELS, classes=DISHES), dict(named))


PROBLEMS = ("normal", "Cardiomegaly", "Calcified Granuloma", "Pulmonary Atelectasis", "Emphysema", "Opacity")  # fmt: skip


def _chests_of_indiana(data: Path) -> Readings:
    """Two tables: of the images with their side, and of the reports, joined by a number; two endings in a name; from memory of the data page."""
    made, sides, reports = Builder(data), [], []
    side_of, found_in = dict[str, str](), dict[str, frozenset[str]]()
    for k in range(1, 27):
        has = ["normal"] if k % 3 == 0 else [PROBLEMS[1 + k % 5]]
        if k % 4 == 1 and k % 3:
            has = list(dict.fromkeys([*has, PROBLEMS[1 + (k + 2) % 5]]))
        for n, side in enumerate(("Frontal", "Lateral")[: 1 if k % 9 == 4 else 2]):
            name = f"{k}_IM-{k * 123 % 3999:04d}-{'4001' if n == 0 else '3001'}.dcm.png"
            path = f"images/images_normalized/{name}"
            _grey(made, path, TrueSample((44, 40 + k % 4)))
            sides.append([str(k), name, side])
            side_of[path], found_in[path] = side, frozenset(has)
        mesh = ";".join(one if one == "normal" else f"{one}/lung/{'base' if k % 2 else 'hilum'}" for one in has)  # fmt: skip
        text = "The cardiac silhouette and mediastinum size are within normal limits. There is no pulmonary edema."
        about = ["Xray Chest PA and Lateral", "Positive TB test", "None.", text, "Normal chest x-XXXX."]  # fmt: skip
        reports.append([str(k), mesh, ";".join(has), *about])
    made.table("indiana_projections.csv", ["uid", "filename", "projection"], sides)
    header = ["uid", "MeSH", "Problems", "image", "indication", "comparison", "findings"]
    made.table("indiana_reports.csv", [*header, "impression"], reports)
    views = _reading(made, TWO, classes=("Frontal", "Lateral"))
    several = _reading(made, SEVERAL, classes=PROBLEMS)
    return _labelled(views, dict(side_of)), _labelled(several, dict(found_in))


# Data sets: masks


def _prostates(data: Path) -> Readings:
    """Patches with masks, spreadsheets of ones for the parts of test and of four validations; one more of whole slides; from listings and code."""
    made, top, size = Builder(data), "SICAPv2", (44, 44)
    header = ("NC", "G3", "G4", "G5", "G4C")
    rows, slides = dict[str, list[object]](), list[list[object]]()
    grade_of, cribriform, tests = dict[str, str](), set[str](), set[str]()
    for slide in range(10):
        slide_name = f"{16 + slide % 3}B000{1851 + slide * 611}"
        slides.append([slide_name, 90 + slide // 2, (0, 3, 4, 5)[slide % 4], (0, 3, 4, 4)[slide % 4]])  # fmt: skip
        for k in range(5):
            name = f"{slide_name}_Block_Region_{k % 3}_{k}_{slide}_xini_{6803 + 512 * k}_yini_{59786 - 300 * slide}.jpg"
            grade = (slide * 3 + k) % 4
            numbers = np.zeros(size, dtype=np.uint8)
            if grade:
                numbers[draw_plane(made.random, size)] = grade
            path = f"{top}/images/{name}"
            true = TrueSample(size, planes=tuple(numbers == n for n in (1, 2, 3)))
            made.image(path, true, part="train")
            save_pixels(data / f"{top}/masks/{name[:-4]}.png", numbers)
            grade_of[path] = header[grade]
            is_cribriform = grade == 2 and k % 2 == 0
            if is_cribriform:
                cribriform.add(path)
            if slide >= 8:
                tests.add(path)
            ones = [int(n == grade) for n in range(4)]
            rows[path] = [name, *ones, int(is_cribriform)]
    known = [path for path in rows if path not in tests]

    def put(folder: str, first: Sequence[str], second: Sequence[str]) -> None:
        for name, paths in (("Train", first), ("Test", second)):
            book = data / f"{top}/partition/{folder}/{name}.xlsx"
            _book(book, ["image_name", *header], [rows[path] for path in paths])

    put("Test", known, sorted(tests))
    for n in range(4):
        of = [path for place, path in enumerate(known) if place // 5 % 4 == n]
        put(f"Validation/Val{n + 1}", [path for path in known if path not in of], of)
    _book(data / f"{top}/wsi_labels.xlsx", ["slide_id", "patient_id", "Gleason_primary", "Gleason_secondary"], slides)  # fmt: skip
    made.text(f"{top}/readme.txt", "SICAPv2 - Prostate Whole Slide Images with Gleason Grades Annotations\n")  # fmt: skip
    test: Callable[[str], bool] = lambda path: path in tests  # noqa: E731
    four, names = header[:4], ("1", "2", "3")
    one_each = _reading(made, {**RANKS, **MULTI}, test=test, classes=four, mask_classes=names)
    one_each = _labelled(one_each, dict(grade_of))
    flags = {
        path: frozenset({grade, "G4C"} if path in cribriform else {grade})
        for path, grade in grade_of.items()
    }
    many = _reading(made, {**SEVERAL, **MULTI}, test=test, classes=header, mask_classes=names)
    many = _labelled(many, dict(flags))
    return one_each, many, _grounded(one_each), _grounded(many)


def _infected_lungs(data: Path) -> Readings:
    """Folders with blanks and lines in their names; masks begin with a word of their own; two parts; from code of loaders."""
    made, top = Builder(data), "QaTa-COV19/QaTa-COV19-v2"
    for part, n in (("Train", 32), ("Test", 10)):
        for k in range(n):
            name = (
                f"covid_{k * 29 + 1}"
                if k % 3
                else f"sub-S{9345 + k:05d}_ses-E{24330 + k}_run-1_bp-chest_vp-ap_dx"
            )
            plane = draw_plane(made.random, (44, 44))
            path = f"{top}/{part} Set/Images/{name}.png"
            _grey(made, path, TrueSample((44, 44), planes=(plane,)))
            _grey_mask(data / f"{top}/{part} Set/Ground-truths/mask_{name}.png", plane)
    return (_reading(made, ONE_MASK, test=_inside(f"{top}/Test Set"), mask_classes=[""]),)


def _made_up_cells(data: Path) -> Readings:
    """The count and the blur of an image stand in its name; few have a mask, of the same name; endings in capitals; from memory of the data page."""
    made, size = Builder(data), (44, 48)
    top, counts = "BBBC005_v1_images", dict[str, float]()
    blur = dict[str, str]()
    for k in range(48):
        count = (1, 5, 10, 14, 18, 23)[k // 8]
        focus = (1, 1, 4, 7, 10, 13, 17, 20)[k % 8]
        name = f"SIMCEPImages_{'ABCDEF'[k // 8]}{1 + k % 8:02d}_C{count}_F{focus}_s{1 + k * 3 % 25:02d}_w{1 + k % 2}.TIF"
        path, planes = f"{top}/{name}", None
        if focus == 1:
            plane = draw_plane(made.random, size)
            planes = (plane,)
            _grey_mask(data / f"BBBC005_v1_ground_truth/{name}", plane)
        _grey(made, path, TrueSample(size, float(count), planes=planes))
        counts[path], blur[path] = float(count), str(focus)
    both = _reading(made, {**NUMBER, **ONE_MASK}, mask_classes=[""])
    of_count = sorted({str(int(one)) for one in counts.values()}, key=int)
    ranks = _reading(made, {**RANKS, **ONE_MASK}, classes=of_count, mask_classes=[""])
    ranks = _labelled(ranks, {path: str(int(one)) for path, one in counts.items()})
    of_blur = sorted(set(blur.values()), key=int)
    blurs = _reading(made, {**RANKS, **ONE_MASK}, classes=of_blur, mask_classes=[""])
    return both, ranks, _labelled(blurs, dict(blur)), _masks_alone(both)


def _nuclei_of_breasts(data: Path) -> Readings:
    """A folder a patient, with one of the masks beside by another word; the same names in both; from code."""
    made, top = Builder(data), "TNBC_NucleiSegmentation"
    for patient in range(1, 12):
        for k in range(1, 4 + patient % 3):
            size, name = (44, 44), f"{patient:02d}_{k}.png"
            plane = np.any(draw_objects(made.random, size, 4), axis=0)
            true = TrueSample(size, planes=(plane,))
            made.image(f"{top}/Slide_{patient:02d}/{name}", true, part="train")
            _grey_mask(data / f"{top}/GT_{patient:02d}/{name}", plane)
    made.text(f"{top}/README.txt", "Each folder Slide_XX has the images of one patient, GT_XX the annotations.\n")  # fmt: skip
    return (_reading(made, ONE_MASK, mask_classes=[""]),)


BUTTERFLIES = ("Danaus plexippus", "Heliconius charitonius", "Heliconius erato", "Junonia coenia", "Lycaena phlaeas", "Papilio cresphontes")  # fmt: skip


def _butterflies_of_leeds(data: Path) -> Readings:
    """The first three digits of a name are the class; masks with an end of their own; a text a class; from memory of the readme."""
    made, top = Builder(data), "leedsbutterfly"
    codes = tuple(f"{n:03d}" for n in range(1, 7))
    for place, code in enumerate(codes):
        for k in range(7):
            size, name = (36 + k % 4, 48), f"{code}{k * 13 + 1:04d}"
            plane = draw_plane(made.random, size)
            true = TrueSample(size, code, planes=(plane,))
            made.image(f"{top}/images/{name}.png", true, part="train")
            _grey_mask(data / f"{top}/segmentations/{name}_seg0.png", plane)
        common = ("Monarch", "Zebra Longwing", "Crimson-patched Longwing", "Buckeye", "Small Copper", "Giant Swallowtail")[place]  # fmt: skip
        _lines(made, f"{top}/descriptions/{code}.txt", [BUTTERFLIES[place], common, "Wing span: 3 3/8 - 4 7/8 inches (8.6 - 12.4 cm)."])  # fmt: skip
    made.text(
        f"{top}/README.txt",
        "Leeds Butterfly Dataset\n\nimages: the first three digits of each filename are the category.\nsegmentations: a mask of each image.\ndescriptions: a textual description of each category, the scientific name first.\n",
    )
    found = list[LayoutTruth]()
    for names in (codes, tuple(str(int(one)) for one in codes), BUTTERFLIES):
        name_of = dict(zip(codes, names, strict=True))
        truth = _reading(made, {**LABELS, **ONE_MASK}, classes=names, mask_classes=[""])
        labels = {path: name_of[str(one.label)] for path, one in truth.train.items()}
        found.append(_labelled(truth, dict(labels)))
    return tuple(found)


def _panels_from_above(data: Path) -> Readings:
    """Folders of a resolution and of a ground; BMPs, each with its mask beside; from memory of the data page."""
    made = Builder(data)
    folders = (
        "PV01/PV01_Rooftop_Brick",
        "PV01/PV01_Rooftop_FlatConcrete",
        "PV03/PV03_Ground_Cropland",
        "PV03/PV03_Ground_WaterSurface",
        "PV03/PV03_Rooftop",
        "PV08/PV08_Ground",
        "PV08/PV08_Rooftop",
    )
    for place, folder in enumerate(folders):
        size: Size = (44, 44) if place > 1 else (36, 36)
        for k in range(6):
            name = f"{folder[:4]}_{315173 + k * 911 + place}_{1194743 + k * 577}"
            plane = draw_plane(made.random, size)
            label = folder.split("/")[1]
            true = TrueSample(size, label, planes=(plane,))
            made.image(f"{folder}/{name}.bmp", true, part="train")
            _grey_mask(data / f"{folder}/{name}_label.bmp", plane)
    classes = tuple(one.split("/")[1] for one in folders)
    fine = _reading(made, {**LABELS, **ONE_MASK}, classes=classes, mask_classes=[""])
    wide = _reading(made, {**LABELS, **ONE_MASK}, classes=("PV01", "PV03", "PV08"), mask_classes=[""])  # fmt: skip
    return fine, _labelled(wide, {path: path[:4] for path in wide.train})


def _rails(data: Path) -> Readings:
    """Two kinds of narrow images, of the same names, with masks as JPEG in a folder beside; blanks in names; from memory and code."""
    made = Builder(data)
    for kind, n, size in (("Type-I", 20, (80, 24)), ("Type-II", 24, (96, 16))):
        top = f"RSDDs dataset/{kind} RSDDs dataset"
        for k in range(1, n + 1):
            plane = _as_jpeg(
                data / f"{top}/GroundTruth/rail_{k}.jpg", draw_plane(made.random, size)
            )
            path = f"{top}/Rail surface images/rail_{k}.jpg"
            _grey(made, path, TrueSample(size, planes=(plane,)))
    return (_reading(made, ONE_MASK, mask_classes=[""]),)


def _meters(data: Path) -> Readings:
    """A number of each meter, and a mask as JPEG by the same name; the outline as text; both side by side once more; from memory of the data page."""
    made, cells, top = Builder(data), [], "WaterMeters"
    for k in range(38):
        whole, part = k * 173 % 1400 + 11, k * 377 % 1000
        size, value = (48, 36 + k % 4), whole + part / 1000
        name = f"id_{k * 37 + 3}_value_{whole}_{part}.jpg"
        plane = np.zeros(size, dtype=bool)
        left, up = 4 + k % 7, 12 + k % 9
        plane[up : up + 10, left : left + 22] = True
        plane = _as_jpeg(data / f"{top}/masks/{name}", plane)
        true = TrueSample(size, value, planes=(plane,))
        made.image(f"{top}/images/{name}", true, part="train")
        with Image.open(data / f"{top}/images/{name}") as opened:
            photo = np.array(opened)
        shaded = photo.copy()
        shaded[~plane] //= 2
        save_pixels(data / f"{top}/collage/{name}", np.concatenate([photo, shaded], axis=1))
        corners = [
            {"x": round(x / size[1], 5), "y": round(y / size[0], 5)}
            for x, y in ((left, up), (left + 22, up), (left + 22, up + 10), (left, up + 10))
        ]
        cells.append([name, repr(value), str({"type": "polygon", "data": corners})])
    made.table(f"{top}/data.csv", ["photo_name", "value", "location"], cells)
    return (_reading(made, {**NUMBER, **ONE_MASK}, mask_classes=[""]),)


SKIES = ("Shadow", "Shadow over Water", "Water", "Snow", "Land", "Cloud", "Flooded")


def _clouds_of_landsat(data: Path) -> Readings:
    """Five files a scene in one folder: ten bands, a photo, a mask with a palette, one of flags, and a text; from memory of the data page."""
    import tifffile

    made, top, size = Builder(data), "sending", (48, 48)
    colours = [0, 0, 0, 0, 0, 128, 0, 0, 255, 0, 255, 255, 128, 128, 128, 255, 255, 255, 128, 128, 0]  # fmt: skip
    photos, bands = dict[str, TrueSample](), dict[str, TrueSample]()
    for k in range(30):
        name = f"LC8{k * 37 % 230 + 1:03d}{k * 11 % 80 + 1:03d}2013{100 + k * 9:03d}LGN0{k % 2}_{k * 7 % 60 + 1:02d}"
        used = np.array([4, 5, 0, *((k + n) % 7 for n in range(2))], dtype=np.uint8)
        numbers = used[draw_class_map(made.random, size, 5, fill=True) - 1]
        planes = tuple(numbers == place for place in range(7))
        path = f"{top}/{name}_photo.png"
        made.image(path, TrueSample(size, planes=planes), part="train")
        photos[path] = bands[f"{top}/{name}_data.tif"] = TrueSample(size, planes=planes)
        deep = made.random.integers(5000, 30000, (*size, 10)).astype(np.uint16)
        tifffile.imwrite(
            data / f"{top}/{name}_data.tif", deep, photometric="minisblack", planarconfig="contig"
        )
        flags = made.random.integers(20480, 61440, size).astype(np.uint16)
        tifffile.imwrite(data / f"{top}/{name}_qmask.tif", flags)
        image = Image.fromarray(numbers.astype(np.uint8), mode="P")
        image.putpalette(colours)
        image.save(data / f"{top}/{name}_mask.png")
        made.text(f"{top}/{name}_mtl.txt", f'GROUP = L1_METADATA_FILE\n  LANDSAT_SCENE_ID = "{name[:21]}"\nEND\n')  # fmt: skip
    made.text(
        f"{top}/readme.txt",
        "Spatial Procedures for Automated Removal of Cloud and Shadow (SPARCS): validation data\n\nEach scene: data.tif (bands 1 to 7, 9, 10, 11), mask.png (the labels), qmask.tif (quality band), photo.png (false colour), mtl.txt\n\nClass values of mask.png\n"
        + "".join(f"{n}\t{one}\n" for n, one in enumerate(SKIES)),
    )
    found = list[LayoutTruth]()
    for names in (tuple(map(str, range(7))), SKIES):
        truth = _reading(made, MULTI, mask_classes=names)
        found += [replace(truth, train=photos), replace(truth, train=bands)]
    return tuple(found)


THIRTEENTH_COMPETITIONS = (
    DataSet("unibuc-brain-ad", "code and memory", _brains),
    DataSet("arabic-hwr-ai-pro-intake1", "memory", _letters_of_arabic, doubt="the sample"),
    DataSet("ml2020spring-hw3", "code", _foods_of_a_course),
    DataSet("ml2021spring-hw11", "code", _drawings_of_a_course),
    DataSet(
        "wadhwani-ai-bollworm-counting-challenge",
        "code and memory",
        _bollworms,
        doubt="whether ids have the ending",
    ),
    DataSet(
        "hackerearth-fast-furious-and-insured",
        "memory",
        _insured_cars,
        doubt="number of rows of the sample",
    ),
    DataSet("dacon-motion-keypoints", "code", _motions, doubt="values of the sample"),
    DataSet("ai-challenger-2017-scenes", "code", _scenes_of_a_challenge),
    DataSet("wsss4luad-2021", "code and memory", _lungs_with_few_labels, doubt="the readme"),
    DataSet("gamma-2021", "code and memory", _eyes_of_two_kinds, doubt="names of folders"),
    DataSet("fetreg-2021", "memory", _placentas, has_test=False, doubt="names of the images"),
    DataSet("ocelot-2023", "code and memory", _cells_and_tissues),
    DataSet("tianchi-suichang-land-cover", "code and memory", _land_of_suichang),
    DataSet("semi-inat-2020", "page and memory", _birds_with_few_labels, doubt="names of folders"),
    DataSet("dm-i-ai-2023-tumor-segmentation", "page", _tumours_of_whole_bodies, has_test=False),
    DataSet("ndsc-beginner", "code and memory", _goods, doubt="which paths lack the ending"),
    DataSet("satria-data-bdc-2021", "memory", _faces_of_indonesia, doubt="names of columns"),
    DataSet(
        "zindi-sea-turtle-face-detection", "memory", _faces_of_turtles, doubt="endings of the ids"
    ),
    DataSet("digestpath-2019", "memory", _colons, has_test=False, doubt="names of the images"),
)
"""Competitions of `DataSet` form, so that several readings may be right, and nothing need be sent."""

THIRTEENTH_DATA_SETS = (
    DataSet("MHIST", "code and memory", _polyps_by_vote),
    DataSet("Infrared solar modules", "page", _modules_in_infrared, has_test=False),
    DataSet("Grocery store", "page and code", _groceries),
    DataSet("Office-31", "code", _things_of_an_office, has_test=False),
    DataSet("Annotated honey bees", "memory", _bees, has_test=False),
    DataSet("11k hands", "memory", _hands, has_test=False),
    DataSet("MegaAge-Asian", "code and memory", _ages_by_line),
    DataSet("Sully Chen's drives", "code", _drives, has_test=False),
    DataSet("Plant leaves (Mendeley)", "code", _leaves_of_plants, has_test=False),
    DataSet("UECFOOD-100", "memory", _dishes_in_boxes, has_test=False),
    DataSet("Indiana chest X-rays", "memory", _chests_of_indiana, has_test=False),
    DataSet("SICAPv2", "code and memory", _prostates, doubt="numbers of the masks"),
    DataSet("QaTa-COV19", "code", _infected_lungs),
    DataSet("BBBC005", "memory", _made_up_cells, has_test=False),
    DataSet("TNBC nuclei", "code", _nuclei_of_breasts, has_test=False),
    DataSet("Leeds butterflies", "memory", _butterflies_of_leeds, has_test=False),
    DataSet("Solar panels from above", "memory", _panels_from_above, has_test=False),
    DataSet("RSDDs rails", "code and memory", _rails, has_test=False),
    DataSet("Water meters", "memory", _meters, has_test=False),
    DataSet("SPARCS", "memory", _clouds_of_landsat, has_test=False),
)
