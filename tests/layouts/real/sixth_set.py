# ruff: noqa: E501  # rows of tables as their files have them
"""A sixth set of real competitions and public data sets, written when the fifth had served mends.

A layout is never bent toward what podium reads; where podium is mended because of one, it has become
one of development.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image

from layouts.drawing import draw_class_map, draw_plane, paint_photo, save_pixels
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
    _matlab,
    _photos,
    _planes_of,
    _reading,
    _save_palette,
)
from layouts.real.fourth_set import _two_tables
from layouts.real.made import Builder, hex_name
from layouts.real.second_set import MULTI, _json, _no_file
from layouts.real.third_set import NUMBER, _as_jpeg
from layouts.runs import Codec
from layouts.truth import TrueSample

__all__ = ["SIXTH_COMPETITIONS", "SIXTH_DATA_SETS"]

# Competitions


def _heads(data: Path) -> Readings:
    """The number of faces in a table, their boxes in another; all images in one folder."""
    made, cells, boxes, tests = Builder(data), [], [], []
    for k in range(40):
        part, n, name = "train" if k < 30 else "test", 1 + k * 5 % 7, f"{10004 + 17 * k}.jpg"
        made.image(f"image_data/{name}", TrueSample(SIZE, float(n)), part=part)
        if part == "train":
            cells.append([name, str(n)])
            boxes += [
                [name, str(SIZE[1]), str(SIZE[0]), str(1 + b), str(2 + b), str(4 + b), str(5 + b)]
                for b in range(n)
            ]
        else:
            tests.append([name])
    made.table("train.csv", ["Name", "HeadCount"], cells)
    made.table("bbox_train.csv", ["Name", "width", "height", "xmin", "ymin", "xmax", "ymax"], boxes)
    made.table("test.csv", ["Name"], tests)
    return (_no_file(made.truth(NUMBER, {"Name": "key", "HeadCount": "number"}, [])),)


def _roofs_of_china(data: Path) -> Readings:
    """Tables of a name and runs between tabs, without a header; blank where there is none."""
    made, rows, cells, codec = Builder(data), list[tuple[str, ...]](), [], Codec("F", 1)
    for k in range(36):
        part, plane = "train" if k < 26 else "test", draw_plane(made.random, SIZE) & (k % 6 != 4)
        name = f"{hex_name('roof', k, length=10).upper()}.jpg"
        made.image(
            f"{part if part == 'train' else 'test_a'}/{name}",
            TrueSample(SIZE, planes=(plane,)),
            part=part,
        )
        if part == "train":
            cells.append(f"{name}\t{codec.encode(plane)}")
        else:
            rows.append((name, codec.encode(plane)))
    _lines(made, "train_mask.csv", cells)
    _lines(made, "test_a_samplesubmit.csv", [f"{name}\t1 1" for name, _ in rows])
    truth = made.truth(
        ONE_MASK, {"name": "key", "mask": "rle"}, rows, mask_classes=[""], codec=codec
    )
    return truth, _no_file(truth)


def _apple_leaves(data: Path) -> Readings:
    """Class folders d1 to d9, a sample whose name is Chinese."""
    made, rows, classes = Builder(data), list[tuple[str, ...]](), ("d1", "d2", "d3", "d9")
    for label in classes:
        _photos(
            made,
            [f"train/{label}/{hex_name('apple', label, k, length=12)}.jpg" for k in range(8)],
            label,
        )
    for k in range(10):
        name, label = f"{hex_name('apple test', k, length=12)}.jpg", classes[k * 3 % 4]
        made.image(f"test/{name}", TrueSample(SIZE, label), part="test")
        rows.append((name, label))
    columns = {"uuid": "key", "label": "text"}
    made.table("提交示例.csv", list(columns), [[one, "d1"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=classes),)


def _parcels(data: Path) -> Readings:
    """Folders img_train, lab_train and img_testA; values 0 to 3, and 255 for what is not labelled."""
    made = Builder(data)
    for k in range(1, 25):
        places = draw_class_map(made.random, SIZE, 4, fill=True)
        unknown = np.zeros(SIZE, dtype=bool)
        unknown[:2] = k % 3 == 0
        planes = tuple(plane & ~unknown for plane in _planes_of(places, 4))
        name = f"T{k * 37:06d}"
        made.image(
            f"img_train/{name}.jpg", TrueSample(SIZE, planes=planes, ignored=unknown), part="train"
        )
        save_pixels(
            data / f"lab_train/{name}.png", np.where(unknown, 255, places - 1).astype(np.uint8)
        )
    _photos(made, [f"img_testA/{k}.jpg" for k in range(1, 9)], None)
    is_test = _inside("img_testA")
    found = [_reading(made, MULTI, test=is_test, mask_classes=names) for names in (("0", "1", "2", "3"), ("1", "2", "3", "4"),
             ("class 0", "class 1", "class 2", "class 3"))]  # fmt: skip
    ground = {
        path: replace(one, planes=one.planes[1:] if one.planes else None)
        for path, one in found[0].train.items()
    }
    found += [
        replace(found[0], train=ground, mask_classes=names)
        for names in (("1", "2", "3"), ("class 1", "class 2", "class 3"))
    ]
    return tuple(found)


def _digit_behind_letter(data: Path) -> Readings:
    """A table of pixels with the digit to predict and a letter that lies over it."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    for part, n in (("train", 40), ("test", 10)):
        cells = []
        for k in range(n):
            digit, name = str(k * 3 % 10), str(k + 1 if part == "train" else 2049 + k)
            pixels = [*map(str, made.random.integers(0, 255, 784))]
            cells.append([name, *([digit] if part == "train" else []), "LBJX"[k % 4], *pixels])
            path = f"../made/images/{part}/{name}.png"
            (made.train if part == "train" else made.test)[path] = TrueSample((28, 28), digit)
            if part == "test":
                rows.append((name, digit))
        made.table(
            f"{part}.csv",
            ["id", *(["digit"] if part == "train" else []), "letter", *map(str, range(784))],
            cells,
        )
    columns = {"id": "key", "digit": "text"}
    made.table("submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=tuple("0123456789")),)


def _glaucoma(data: Path) -> Readings:
    """Images in folders 0, 1 and 2, which are pieces; no images to predict."""
    made, cells = Builder(data), []
    for k in range(36):
        label = "RG" if k % 4 == 0 else "NRG"
        _photos(made, [f"{k // 12}/TRAIN{k * 311:06d}.jpg"], label)
        cells.append([f"TRAIN{k * 311:06d}", label])
    made.table("train_labels.csv", ["challenge_id", "class"], cells)
    return (_reading(made, TWO, classes=("NRG", "RG")),)


def _numbers_in_streets(data: Path) -> Readings:
    """Several digits an image, with the box of each, in a JSON."""
    made, found = Builder(data), {}
    for k in range(24):
        _photos(made, [f"mchar_train/{k:06d}.png"], None)
        n = 1 + k % 3
        found[f"{k:06d}.png"] = {"height": [9] * n, "label": [(k * 7 + d * (k // 3 % 3)) % 10 for d in range(n)], "left": [2 + 6 * d for d in range(n)],
                                 "top": [5] * n, "width": [5] * n}  # fmt: skip
    _json(made, "mchar_train.json", found)
    _photos(made, [f"mchar_test_a/{k:06d}.png" for k in range(8)], None)
    made.table(
        "mchar_sample_submit_A.csv",
        ["file_name", "file_code"],
        [[f"{k:06d}.png", "1"] for k in range(8)],
    )
    return (_reading(made, LABELS),)


def _garden_flowers(data: Path) -> Readings:
    """Numbers as names, without an ending, and as classes."""
    classes, header = ("1", "23", "77", "102"), ("image_id", "category")
    named = (
        ("train", str(k), classes[k * 3 % 4])
        if k < 32
        else ("test", str(18540 + k), classes[k * 3 % 4])
        for k in range(42)
    )
    tables = ("train.csv", "test.csv")
    return _two_tables(data, "data", tables, header, named, classes, has_ending=False)


# Data sets: labels


def _old_letters(data: Path) -> Readings:
    """Four archives of an array each, and a table of the classes."""
    made = Builder(data)
    for part, n in (("train", 36), ("test", 12)):
        labels = np.arange(n) % 6
        for k, label in enumerate(labels):
            made.train[f"../made/images/{part}/{k}.png"] = TrueSample((28, 28), str(label))
        data.mkdir(parents=True, exist_ok=True)
        np.savez(
            data / f"k49-{part}-imgs.npz",
            arr_0=made.random.integers(0, 255, (n, 28, 28)).astype(np.uint8),
        )
        np.savez(data / f"k49-{part}-labels.npz", arr_0=labels.astype(np.uint8))
    made.table(
        "k49_classmap.csv",
        ["index", "codepoint", "char"],
        [[str(n), f"U+30{42 + n}", "あいうえおか"[n]] for n in range(6)],
    )
    return (_reading(made, LABELS, test=_inside("../made/images/test"), classes=tuple("012345")),)


def _house_numbers(data: Path) -> Readings:
    """MATLAB files with the images along the last axis; 10 stands for 0."""
    made = Builder(data)
    data.mkdir(parents=True, exist_ok=True)
    for part, n in (("train", 30), ("test", 10)):
        labels = 1 + np.arange(n) % 10
        for k, label in enumerate(labels):
            made.train[f"../made/images/{part}/{k}.png"] = TrueSample((32, 32), str(label))
        _matlab(
            data / f"{part}_32x32.mat",
            X=made.random.integers(0, 255, (32, 32, 3, n)).astype(np.uint8),
            y=labels.astype(np.uint8)[:, None],
        )
    return (
        _reading(
            made,
            LABELS,
            test=_inside("../made/images/test"),
            classes=[str(n) for n in range(1, 11)],
        ),
    )


def _hands_by_person(data: Path) -> Readings:
    """Folders of people, in each those of the gestures; all of it a second time inside."""
    made, top, classes = Builder(data), "leapGestRecog", ("01_palm", "02_l", "03_fist", "10_down")
    for person in range(5):
        for place, label in enumerate(classes):
            for k in range(1, 4):
                path = f"{top}/{person:02d}/{label}/frame_{person:02d}_{place + 1:02d}_{k:04d}.png"
                _photos(made, [path], label)
                copy = data / path.replace(f"{top}/", f"{top}/{top}/", 1)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes((data / path).read_bytes())
    outer = _reading(made, LABELS, classes=classes)
    inner = {path.replace(f"{top}/", f"{top}/{top}/", 1): one for path, one in outer.train.items()}
    return outer, replace(outer, train=inner)


def _digits_by_hands(data: Path) -> Readings:
    """X.npy of images from 0 to 1, Y.npy with a column a class."""
    made, n = Builder(data), 40
    labels = np.arange(n) % 10
    for k, label in enumerate(labels):
        made.train[f"../made/images/train/{k}.png"] = TrueSample((64, 64), str(label))
    folder = data / "Sign-language-digits-dataset"
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "X.npy", made.random.random((n, 64, 64)).astype(np.float32))
    np.save(folder / "Y.npy", np.eye(10)[labels])
    return (_reading(made, LABELS, classes=tuple("0123456789")),)


def _kidneys(data: Path) -> Readings:
    """Class folders, and a table with paths of another machine and three names of the label."""
    made, cells, top = Builder(data), [], "CT-KIDNEY-DATASET-Normal-Cyst-Tumor-Stone"
    classes = ("Cyst", "Normal", "Stone", "Tumor")
    for place, label in enumerate(classes):
        for k in range(1, 9):
            name = f"{label}- ({k})"
            _photos(made, [f"{top}/{top}/{label}/{name}.jpg"], label)
            cells.append(
                [
                    str(len(cells)),
                    name,
                    f"/content/data/{top}/{label}/{name}.jpg",
                    label,
                    str(place),
                    label,
                ]
            )
    made.table("kidneyData.csv", ["", "image_id", "path ", "diag", "target", "Class"], cells)
    numbers = [str(n) for n in range(4)]
    return (
        _reading(made, LABELS, classes=classes),
        _reading(made, LABELS, classes=numbers, label=lambda one: str(classes.index(str(one)))),
    )


def _many_eye_diseases(data: Path) -> Readings:
    made, classes = (
        Builder(data),
        ("0.0.Normal", "0.1.Tessellated fundus", "1.0.DR2", "29.1.Blur fundus with suspected PDR"),
    )
    for label in classes:
        _photos(
            made,
            [f"1000images/{label}/{hex_name('eye', label, k, length=9)}_{k}.JPG" for k in range(8)],
            label,
        )
    made.text(
        "1000images/README.txt",
        "1000 fundus images with 39 categories, from the Joint Shantou International Eye Centre.\n",
    )
    return (_reading(made, LABELS, classes=classes),)


def _all_bands(data: Path) -> Readings:
    """13 bands an image in class folders; a table for each part, with an index, and a map of names."""
    made, classes = Builder(data), ("AnnualCrop", "Forest", "River")
    parts: dict[str, list[list[str]]] = {"train": [], "validation": [], "test": []}
    for k in range(36):
        label, size = classes[k % 3], (24, 24)
        name, part = f"{label}/{label}_{k + 1}.tif", ("train", "train", "validation", "test")[k % 4]
        path = data / f"EuroSATallBands/{name}"
        path.parent.mkdir(parents=True, exist_ok=True)
        bands = made.random.integers(200, 4000, (*size, 13)).astype(np.uint16)
        tifffile.imwrite(path, bands, photometric="minisblack", planarconfig="contig")
        made.train[f"EuroSATallBands/{name}"] = TrueSample(size, label)
        parts[part].append([str(len(parts[part])), name, str(classes.index(label)), label])
    for part, cells in parts.items():
        made.table(f"EuroSATallBands/{part}.csv", ["", "Filename", "Label", "ClassName"], cells)
    _json(made, "EuroSATallBands/label_map.json", {one: n for n, one in enumerate(classes)})
    tests = {f"EuroSATallBands/{row[1]}" for row in parts["test"]}
    vals = {f"EuroSATallBands/{row[1]}" for row in parts["validation"]}
    is_test = lambda path: path in tests  # noqa: E731
    found = []
    for out in ((lambda path: False), (lambda path: path in vals)):
        found += [
            _reading(made, LABELS, test=is_test, out=out, classes=classes),
            _reading(
                made,
                LABELS,
                test=is_test,
                out=out,
                classes=tuple("012"),
                label=lambda one: str(classes.index(str(one))),
            ),
        ]
    return tuple(found)


# Data sets: masks


def _mattes(data: Path) -> Readings:
    """Folders clip_img and matting, in them clip_ and matting_; masks are the alpha of PNGs."""
    made = Builder(data)
    for day, shot in (
        ("1803151818", "00000000"),
        ("1803151818", "00000100"),
        ("1803201916", "00000000"),
    ):
        for k in range(8):
            plane, photo = draw_plane(made.random, SIZE), paint_photo(made.random, SIZE)
            name = f"{day}-{shot[-3:]}{k:05d}"
            made.image(
                f"clip_img/{day}/clip_{shot}/{name}.jpg",
                TrueSample(SIZE, planes=(plane,)),
                part="train",
                pixels=photo,
            )
            path = data / f"matting/{day}/matting_{shot}/{name}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(
                np.dstack([photo * plane[..., None], plane.astype(np.uint8) * 255]).astype(
                    np.uint8
                ),
                "RGBA",
            ).save(path)
    return (_reading(made, ONE_MASK, mask_classes=[""]),)


def _clouds_of_landsat(data: Path) -> Readings:
    """A folder a band and one of the truth; names begin with the band; test has no truth."""
    made, cells = Builder(data), []
    for k in range(32):
        part, plane = "train" if k < 24 else "test", draw_plane(made.random, SIZE)
        top = "38-Cloud_training" if part == "train" else "38-Cloud_test"
        name = f"patch_{1 + 13 * k}_{1 + k // 4}_by_{1 + k % 4}_LC08_L1TP_00{2 + k % 3}053_20160520_20170324_01_T1"
        for band in ("red", "green", "blue", "nir"):
            path = data / f"{top}/{part}_{band}/{band}_{name}.TIF"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(made.random.integers(6000, 30000, SIZE).astype(np.uint16)).save(path)
        first = f"{top}/{part}_red/red_{name}.TIF"
        made.train[first] = (
            TrueSample(SIZE, planes=(plane,)) if part == "train" else TrueSample(SIZE)
        )
        if part == "train":
            _grey_mask(data / f"{top}/train_gt/gt_{name}.TIF", plane)
            cells.append([name])
    made.table("38-Cloud_training/training_patches_38-Cloud.csv", ["name"], cells)
    return (_reading(made, ONE_MASK, test=_inside("38-Cloud_test"), mask_classes=[""]),)


def _woods(data: Path) -> Readings:
    """The word stands inside the name: 10452_sat_08.jpg and 10452_mask_08.jpg; a table has both."""
    made, top, cells = Builder(data), "Forest Segmented/Forest Segmented", []
    for k in range(24):
        size, one, two = (
            (48, 64),
            f"{10452 + 37 * (k // 3)}_sat_{k % 3:02d}.jpg",
            f"{10452 + 37 * (k // 3)}_mask_{k % 3:02d}.jpg",
        )
        plane = (
            _as_jpeg(
                data / f"{top}/masks/{two}", draw_plane(made.random, size).astype(np.uint8) * 255
            )
            > 127
        )
        made.image(f"{top}/images/{one}", TrueSample(size, planes=(plane,)), part="train")
        cells.append([one, two])
    made.table("meta_data.csv", ["image", "mask"], cells)
    return (_reading(made, ONE_MASK, mask_classes=[""]),)


def _oil_spills(data: Path) -> Readings:
    """Labels twice, in colours and in numbers; a text has the colours."""
    made, names = Builder(data), ("Sea Surface", "Oil Spill", "Look-alike", "Ship", "Land")
    colours = np.array(
        [(0, 0, 0), (0, 255, 255), (255, 0, 0), (153, 76, 0), (0, 153, 0)], dtype=np.uint8
    )
    top = "oil-spill"
    for part, n in (("train", 18), ("test", 6)):
        for k in range(1, n + 1):
            places = draw_class_map(made.random, SIZE, 4, fill=False)
            name = f"img_{k:04d}"
            made.image(
                f"{top}/{part}/images/{name}.jpg",
                TrueSample(SIZE, planes=_planes_of(places, 4)),
                part="train",
            )
            save_pixels(data / f"{top}/{part}/labels/{name}.png", colours[places])
            save_pixels(data / f"{top}/{part}/labels_1D/{name}.png", places)
    _lines(
        made,
        f"{top}/label_colors.txt",
        [
            " ".join([*map(str, rgb), name])
            for rgb, name in zip(colours.tolist(), names, strict=True)
        ],
    )
    is_test = _inside(f"{top}/test")
    ground = _reading(made, MULTI, test=is_test, mask_classes=names[1:])
    every = {
        path: replace(
            one, planes=(~np.any(one.planes, axis=0), *one.planes) if one.planes else None
        )
        for path, one in ground.train.items()
    }
    numbers = [
        replace(ground, mask_classes=one)
        for one in (tuple("1234"), tuple(f"class {n}" for n in range(1, 5)))
    ]
    return ground, replace(ground, train=every, mask_classes=names), *numbers


def _from_drones(data: Path) -> Readings:
    """VOC's folders with pictures of the masks beside, and two lists."""
    made, parts = Builder(data), {"trn": [], "val": []}
    for k in range(28):
        places = draw_class_map(made.random, SIZE, 3, fill=False)
        name = f"0000{k // 7 + 1:02d}_{k % 7 * 12:03d}"
        made.image(
            f"aeroscapes/JPEGImages/{name}.jpg",
            TrueSample(SIZE, planes=_planes_of(places, 3)),
            part="train",
        )
        save_pixels(data / f"aeroscapes/SegmentationClass/{name}.png", places)
        _save_palette(data / f"aeroscapes/Visualizations/{name}.png", places)
        parts["val" if k % 7 > 4 else "trn"].append(name)
    for part, names in parts.items():
        _lines(made, f"aeroscapes/ImageSets/{part}.txt", names)
    vals = {f"aeroscapes/JPEGImages/{one}.jpg" for one in parts["val"]}
    found = []
    for names in (tuple("123"), tuple(f"class {n}" for n in range(1, 4))):
        found += [
            _reading(made, MULTI, mask_classes=names),
            _reading(made, MULTI, out=lambda path: path in vals, mask_classes=names),
            _reading(made, MULTI, test=lambda path: path in vals, mask_classes=names),
        ]
    return tuple(found)


def _varied_drones(data: Path) -> Readings:
    """Folders src and gt in each of three parts."""
    made = Builder(data)
    for part, n in (("train", 16), ("val", 5), ("test", 5)):
        for k in range(n):
            places, name = draw_class_map(made.random, SIZE, 3, fill=False), f"{part}_{k:03d}"
            made.image(
                f"VDD/{part}/src/{name}.JPG",
                TrueSample(SIZE, planes=_planes_of(places, 3)),
                part="train",
            )
            save_pixels(data / f"VDD/{part}/gt/{name}.png", places)
    found = []
    for names in (tuple("123"), tuple(f"class {n}" for n in range(1, 4))):
        found += [
            _reading(made, MULTI, test=_inside("VDD/test"), mask_classes=names),
            _reading(
                made, MULTI, test=_inside("VDD/test"), out=_inside("VDD/val"), mask_classes=names
            ),
        ]
    return tuple(found)


def _fields_from_above(data: Path) -> Readings:
    """Images in colours and near infrared; a folder of masks a class; where a field is, in two more."""
    made, kinds = Builder(data), ("cloud_shadow", "planter_skip", "weed_cluster")
    for part, n in (("train", 18), ("val", 6), ("test", 6)):
        for k in range(n):
            name = f"{hex_name('field', part, k, length=9).upper()}_{k * 512}-0-{k * 512 + 512}-512"
            planes = tuple(draw_plane(made.random, SIZE) for _ in kinds)
            made.image(
                f"{part}/images/rgb/{name}.jpg",
                TrueSample(SIZE, planes=planes if part != "test" else None),
                part="train",
            )
            save_pixels(
                data / f"{part}/images/nir/{name}.jpg",
                made.random.integers(0, 255, SIZE).astype(np.uint8),
            )
            for folder in ("boundaries", "masks"):
                whole = np.ones(SIZE, dtype=bool)
                whole[:, : k % 5] = False
                _grey_mask(data / f"{part}/{folder}/{name}.png", whole)
            if part != "test":
                for kind, plane in zip(kinds, planes, strict=True):
                    _grey_mask(data / f"{part}/labels/{kind}/{name}.png", plane)
    is_test = _inside("test")
    kind = {"segment": "multilabel"}
    return (
        _reading(made, kind, test=is_test, mask_classes=kinds),
        _reading(made, kind, test=is_test, out=_inside("val"), mask_classes=kinds),
    )


def _beets(data: Path) -> Readings:
    """Semantics, plants and leaves of each image in folders beside; test has images alone."""
    made = Builder(data)
    for part, n in (("train", 16), ("val", 5), ("test", 5)):
        for k in range(n):
            places, name = (
                draw_class_map(made.random, SIZE, 2, fill=False),
                f"05-15_{k:05d}_P0030{k:03d}",
            )
            made.image(
                f"PhenoBench/{part}/images/{name}.png",
                TrueSample(SIZE, planes=None if part == "test" else _planes_of(places, 2)),
                part="train",
            )
            if part != "test":
                save_pixels(data / f"PhenoBench/{part}/semantics/{name}.png", places)
                numbers = np.where(places > 0, 1 + np.arange(SIZE[1])[None, :] // 6, 0).astype(
                    np.uint8
                )
                save_pixels(data / f"PhenoBench/{part}/plant_instances/{name}.png", numbers)
                save_pixels(
                    data / f"PhenoBench/{part}/leaf_instances/{name}.png",
                    np.where(places == 1, numbers * 2, 0).astype(np.uint8),
                )
    is_test, found = _inside("PhenoBench/test"), []
    for names in (tuple("12"), ("class 1", "class 2")):
        found += [
            _reading(made, MULTI, test=is_test, mask_classes=names),
            _reading(made, MULTI, test=is_test, out=_inside("PhenoBench/val"), mask_classes=names),
        ]
    return tuple(found)


SIXTH_COMPETITIONS = (
    DataSet("analytics-vidhya-face-counting", "memory", _heads),
    DataSet("tianchi-buildings-datawhale", "memory", _roofs_of_china),
    DataSet("iflytek-apple-leaves", "memory", _apple_leaves, doubt="the name of the sample"),
    DataSet("ccf-parcels", "memory", _parcels),
    DataSet("dacon-digit-behind-letter", "memory", _digit_behind_letter),
    DataSet("airogs", "memory", _glaucoma, has_test=False),
    DataSet("tianchi-street-digits", "memory", _numbers_in_streets, refusal=r"\S"),
    DataSet("hackerearth-garden-nerd", "memory", _garden_flowers),
)
"""Competitions of `DataSet` form, so that several readings may be right, and nothing need be sent."""

SIXTH_DATA_SETS = (
    DataSet("Kuzushiji-49", "memory", _old_letters),
    DataSet("SVHN (cropped)", "memory", _house_numbers),
    DataSet("LeapGestRecog", "memory", _hands_by_person, has_test=False),
    DataSet("Sign language digits", "memory", _digits_by_hands, has_test=False),
    DataSet("CT kidneys", "memory", _kidneys, has_test=False),
    DataSet("JSIEC fundus", "memory", _many_eye_diseases, has_test=False),
    DataSet("EuroSAT (all bands)", "memory", _all_bands),
    DataSet("Matting of people", "memory", _mattes, has_test=False),
    DataSet("38-Cloud", "memory", _clouds_of_landsat),
    DataSet("Forest aerial images", "memory", _woods, has_test=False),
    DataSet("Oil spills", "memory", _oil_spills),
    DataSet("AeroScapes", "memory", _from_drones),
    DataSet("VDD", "memory", _varied_drones),
    DataSet("Agriculture-Vision", "memory", _fields_from_above),
    DataSet("PhenoBench", "memory", _beets),
)
