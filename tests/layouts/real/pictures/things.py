"""Layouts of competitions and data sets of things of all kinds: ImageNet, CIFAR, VOC, COCO and the like."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from layouts.drawing import draw_class_map, draw_plane
from layouts.real.files import write_json, write_lines, write_matlab
from layouts.real.kinds import LABELS, ONE_MASK, SEVERAL, TARGETS, TWO
from layouts.real.made import BROAD, SIZE, Builder, DataSet, Readings, RealLayout, Rows
from layouts.real.masks import planes_of, save_grey_mask, save_palette
from layouts.real.names import hex_name, uuid_name, word_name
from layouts.real.outlines import corners_of, draw_boxes, rectangle, write_coco
from layouts.real.photos import copy_photo, write_class_folders, write_photos
from layouts.real.readings import (
    in_folders,
    never,
    objects_as_classes,
    reading_of,
    readings_by_kind,
    with_and_without,
    with_class_names,
    with_train_labels,
    without_images,
)
from layouts.real.tables import label_text, write_competition
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]

CIFAR = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def _cifar(data: Path) -> LayoutTruth:
    return write_competition(
        data, images=("train/{name}.png", "test/{name}.png"),
        names=lambda part, number: str(number + 1), labels=CIFAR, classes=CIFAR,
        kind="multiclass", table="trainLabels.csv", header=["id", "label"], n=(40, 8),
        row=lambda name, label: [name, str(label)], sample="sampleSubmission.csv",
        columns={"id": "key", "label": "text"}, shown=lambda name: [name, "cat"],
        answer=lambda name, true: [name, label_text(true)],
    )  # fmt: skip


def _textures(data: Path) -> Readings:
    """Ten splits as lists; the first is the usual one."""
    made, classes, tests = Builder(data), ("banded", "blotchy", "braided"), set()
    lists: dict[str, list[str]] = {}
    for label in classes:
        for n in range(12):
            name = f"{label}/{label}_{2 + 5 * n:04d}.jpg"
            write_photos(made, [f"dtd/images/{name}"], label)
            for split in (1, 2, 3):
                part = ("train", "val", "test")[(n + split - 1) % 3]
                lists.setdefault(f"{part}{split}", []).append(name)
                if part == "test" and split == 1:
                    tests.add(f"dtd/images/{name}")
            lists.setdefault("labels_joint_anno", []).append(f"{name} {label} ")
    for name, lines in lists.items():
        write_lines(made, f"dtd/labels/{name}.txt", lines)
    return (reading_of(made, LABELS, test=lambda path: path in tests, classes=classes),)


def _tiny_imagenet(data: Path) -> Readings:
    made, root = Builder(data), "tiny-imagenet-200"
    classes = ("n01443537", "n01629819", "n01641577")
    for label in classes:
        names = [f"{label}_{n}.JPEG" for n in range(8)]
        write_photos(made, [f"{root}/train/{label}/images/{one}" for one in names], label)
        write_lines(
            made,
            f"{root}/train/{label}/{label}_boxes.txt",
            [f"{one}\t0\t2\t19\t18" for one in names],
        )
    rows = []
    for n in range(6):
        write_photos(made, [f"{root}/val/images/val_{n}.JPEG"], classes[n % 3])
        rows.append(f"val_{n}.JPEG\t{classes[n % 3]}\t0\t3\t19\t18")
    write_lines(made, f"{root}/val/val_annotations.txt", rows)
    write_photos(made, [f"{root}/test/images/test_{n}.JPEG" for n in range(8)], None)
    write_lines(made, f"{root}/wnids.txt", classes)
    write_lines(made, f"{root}/words.txt", ["n00001740\tentity", "n01443537\tgoldfish, Carassius auratus",
           "n01629819\tEuropean fire salamander", "n01641577\tbullfrog, Rana catesbeiana"])  # fmt: skip
    is_test = in_folders(f"{root}/test")
    return (
        reading_of(made, LABELS, test=is_test, classes=classes),
        reading_of(made, LABELS, test=is_test, out=in_folders(f"{root}/val"), classes=classes),
    )


WNIDS = ("n01440764", "n02102040", "n02979186", "n03028079")


def _imagenette(data: Path) -> Readings:
    """A table beside has more and more wrong labels; the part of validation is labelled."""
    made, rows, top = Builder(data), [], "imagenette2-160"
    for place, label in enumerate(WNIDS):
        for part, n in (("train", 7), ("val", 3)):
            for k in range(n):
                ending = f"{10026 + 31 * k}" if part == "train" else f"val_{9 + 31 * k:08d}"
                name = f"{label}_{ending}" if part == "train" else f"ILSVRC2012_{ending}"
                path = f"{part}/{label}/{name}.JPEG"
                write_photos(made, [f"{top}/{path}"], label)
                wrong = WNIDS[(place + 1) % 4]
                noisy = [label, *(wrong if k == 0 and part == "train" else label for _ in range(4))]
                rows.append([path, *noisy, str(part == "val")])
    made.table(f"{top}/noisy_imagenette.csv",
               ["path", *(f"noisy_labels_{n}" for n in (0, 1, 5, 25, 50)), "is_valid"], rows)  # fmt: skip
    return (reading_of(made, LABELS, test=in_folders(f"{top}/val"), classes=WNIDS),)


def _caltech(data: Path) -> Readings:
    made, top = Builder(data), "256_ObjectCategories"
    classes = ("001.ak47", "002.american-flag", "159.people", "257.clutter")
    write_class_folders(made, lambda name, k: f"{top}/{name}/{name[:3]}_{k:04d}.jpg", classes, 8)
    # One stray file is in the real download, too.
    made.text(f"{top}/159.people/RENAME2", "mv\n")
    return (reading_of(made, LABELS, classes=classes),)


def _small_images(data: Path) -> Readings:
    """The class stands behind the number in each name, in train and in test."""
    made, classes = Builder(data), ("airplane", "bird", "cat", "frog")
    for part, n in (("train", 32), ("test", 10)):
        for k in range(n):
            label = classes[k * 3 % 4]
            write_photos(made, [f"cifar/{part}/{k}_{label}.png"], label)
    write_lines(made, "cifar/labels.txt", classes)
    return (reading_of(made, LABELS, test=in_folders("cifar/test"), classes=classes),)


def _coil(data: Path) -> Readings:
    """The object and its turn stand in the name."""
    made, classes = Builder(data), [f"obj{k}" for k in (1, 2, 10, 34)]
    for label in classes:
        write_photos(
            made, [f"coil-100/coil-100/{label}__{turn}.png" for turn in range(0, 360, 45)], label
        )
    made.text("coil-100/coil-100/convertGroupppm2png.pl", "#!/usr/bin/perl\n")
    return (reading_of(made, LABELS, classes=classes),)


def _objects_of_caltech(data: Path) -> Readings:
    """Class folders, one of the background; boxes and outlines in files of MATLAB elsewhere."""
    made, top = Builder(data), "caltech-101"
    classes = ("BACKGROUND_Google", "Faces_easy", "Motorbikes", "accordion", "airplanes")
    folders = {"Faces_easy": "Faces_3", "Motorbikes": "Motorbikes_16", "airplanes": "Airplanes_Side_2"}  # fmt: skip
    for label in classes:
        for k in range(1, 9):
            write_photos(made, [f"{top}/101_ObjectCategories/{label}/image_{k:04d}.jpg"], label)
            if label != classes[0]:
                write_matlab(
                    data / f"{top}/Annotations/{folders.get(label, label)}/annotation_{k:04d}.mat",
                    box_coord=np.array([[2, 18, 3, 21]], dtype=np.uint16),
                    obj_contour=made.random.uniform(0, 20, (2, 17)),
                )
    made.text(f"{top}/101_ObjectCategories/BACKGROUND_Google/tmp", "")
    made.text(f"{top}/show_annotation.m", "function show_annotation(imgfile, annotation_file)\n")
    return (
        reading_of(made, LABELS, classes=classes),
        reading_of(
            made,
            LABELS,
            out=in_folders(f"{top}/101_ObjectCategories/{classes[0]}"),
            classes=classes[1:],
        ),
    )


HALLUCINATIONS = ("0", "1", "2", "3", "4")


def _hallucinations(data: Path) -> Readings:
    """A folder and a table for each part; numbers of classes."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    for part, n in (("train", 30), ("val", 8), ("test", 10)):
        cells = list[tuple[str, ...]]()
        for k in range(n):
            label, name = HALLUCINATIONS[k * 3 % 5], f"{uuid_name('tenth', part, k)}.png"
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


CARDS = ("ace of clubs", "ace of hearts", "five of spades", "joker", "queen of diamonds")


def _cards(data: Path) -> Readings:
    """Class folders of three parts; a table of them all, with blanks in its header; a network beside."""
    made, cells = Builder(data), list[list[str]]()
    for part, n in (("train", 7), ("test", 2), ("valid", 2)):
        for place, label in enumerate(CARDS):
            for k in range(1, n + 1):
                path = f"{part}/{label}/{k if n == 2 else f'{k:03d}'}.jpg"
                write_photos(made, [path], label)
                cells.append([str(place), path, label, label.split()[0], part])
    header = ["class index", "filepaths", "labels", "card type", "data set"]
    made.table("cards.csv", header, cells)
    (data / "53cards-53-(200 X 200)-100.00.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + b"\0" * 90)
    is_test = in_folders("test")
    found = with_and_without(
        lambda out: [reading_of(made, LABELS, test=is_test, out=out, classes=CARDS)],
        in_folders("valid"),
    )
    numbers = tuple(map(str, range(5)))
    return (*found, *(with_class_names(one, CARDS, numbers) for one in found))


THINGS = ("airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck")


def _things_of_signate(data: Path) -> Readings:
    """Tables with tabs: of images and numbers, of names and numbers; the sample has commas and no header; from code and memory."""
    made, lines, shown = Builder(data), ["file_name\tlabel_id"], []
    numbers = tuple(map(str, range(10)))
    for k in range(40):
        name, label = f"train_{k}.png", numbers[k * 7 % 10]
        write_photos(made, [f"train_images/{name}"], label, (48, 48))
        lines.append(f"{name}\t{label}")
    for k in range(14):
        name = f"test_{k}.png"
        write_photos(made, [f"test_images/{name}"], numbers[k * 3 % 10], (48, 48))
        shown.append(f"{name},{k * 7 % 10}")
    write_lines(made, "train_master.tsv", lines)
    names = [f"{one}\t{n}" for n, one in enumerate(THINGS)]
    write_lines(made, "label_master.tsv", ["label_name\tlabel_id", *names])
    write_lines(made, "sample_submit.csv", shown)
    truth = reading_of(made, LABELS, test=in_folders("test_images"), classes=numbers)
    return truth, with_class_names(truth, numbers, THINGS)


NATURAL = ("airplane", "car", "cat", "dog", "flower", "fruit", "motorbike", "person")


def _natural_images(data: Path) -> Readings:
    """Class folders, twice: once more in a folder; from memory of the data page."""
    made = Builder(data)
    for label in NATURAL:
        for k in range(6):
            path = f"natural_images/{label}/{label}_{k * 3:04d}.jpg"
            write_photos(made, [path], label, (36 + k, 40))
            copy_photo(made, path, f"data/{path}")
    return tuple(
        reading_of(made, LABELS, out=in_folders(one), classes=NATURAL)
        for one in ("data", "natural_images")
    )


def _things_of_an_office(data: Path) -> Readings:
    """A folder of each source, in it one of images, in it the classes; the same names in all; from code of loaders."""
    made, classes = (
        Builder(data),
        ("back_pack", "bike", "bookcase", "calculator", "laptop_computer", "mug"),
    )
    for source, n, size in (("amazon", 5, (48, 48)), ("dslr", 3, (40, 48)), ("webcam", 3, (36, 36))):  # fmt: skip
        for label in classes:
            paths = [f"office31/{source}/images/{label}/frame_{k + 1:04d}.jpg" for k in range(n)]
            write_photos(made, paths, label, size)
    return (reading_of(made, LABELS, classes=classes),)


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
        write_lines(made, f"ILSVRC/ImageSets/CLS-LOC/{name}.txt", lines)
    write_lines(
        made, "LOC_synset_mapping.txt", [f"{one} {words}" for one, words in SYNSETS.items()]
    )
    header = ["ImageId", "PredictionString"]
    for part, cells in solutions.items():
        made.table(f"LOC_{part}_solution.csv", header, cells)
    made.table("LOC_sample_submission.csv", header, [[one, f"{wnids[0]} 0 0 10 10"] for one, _ in rows])  # fmt: skip
    columns = {"ImageId": "key", "PredictionString": "ranking"}
    every = made.truth(LABELS, columns, rows, classes=wnids)
    train = {path: one for path, one in every.train.items() if path not in validation}
    return replace(every, train=train), every


def _rules_against_a_virus(data: Path) -> Readings:
    """Three columns of yes and no with gaps, of which the last is asked for; the first column is a number that is no name."""
    made, cells, tests = Builder(data), list[list[str]](), list[list[str]]()
    columns = ("mask", "distancing", "5K")
    of: dict[str, dict[str, float | None]] = {one: {} for one in columns}
    for k in range(1, 61):
        part, n = ("train", k) if k <= 44 else ("public_test", k - 44)
        path = f"{part}/images/{n}.jpg"
        write_photos(made, [path], None, (36 + k % 5, 48))
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
    test, found = in_folders("public_test"), list[LayoutTruth]()
    for one in ("5K", "mask", "distancing"):
        for names in (("0.0", "1.0"), ("0", "1")):
            labels = {path: names[int(v)] for path, v in of[one].items() if v is not None}
            found.append(
                with_train_labels(reading_of(made, TWO, test=test, classes=names), dict(labels))
            )
    many = {path: tuple(of[one][path] for one in columns) for path in of["5K"]}
    found.append(
        with_train_labels(reading_of(made, TARGETS, test=test, classes=columns), dict(many))
    )
    return tuple(found)


# unibuc-deep-hallucination-classification: a participant's README.
def _unibuc_deep_hallucination_classification(data: Path) -> Readings:
    """One folder for two parts, its name with a plus; tables are texts with commas."""
    made, rows, classes = Builder(data), Rows(), tuple("0123456")
    tables: dict[str, Rows] = {"train": Rows(), "validation": Rows()}
    validation = set[str]()
    for k in range(84):
        part = "train" if k < 56 else "validation" if k < 66 else "test"
        name, label = f"{word_name('hallucination', k)}.png", classes[k * 3 % 7]
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
    return every, without_images(every, lambda path: path in validation)


THINGS_OF_DACON_BASIC_OBJECTS = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)


# DACON 235874, objects: memory, and participants' notes.
def _things_of_dacon(data: Path) -> Readings:
    """Class folders with the same names of images in each; names of classes are sent."""
    made, rows = Builder(data), Rows()
    for label in THINGS_OF_DACON_BASIC_OBJECTS:
        for k in range(5):
            made.image(f"train/{label}/{k:04d}.jpg", TrueSample((32, 32), label), part="train")
    for k in range(20):
        label = THINGS_OF_DACON_BASIC_OBJECTS[k * 7 % 10]
        made.image(f"test/{k:04d}.jpg", TrueSample((32, 32), label), part="test")
        rows.append((f"{k:04d}.jpg", label))
    columns = {"id": "key", "target": "text"}
    made.table("sample_submission.csv", list(columns), [[one, "airplane"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=THINGS_OF_DACON_BASIC_OBJECTS),)


# HSE deep learning, big homework 1: participants' code.
def _homework_of_hse(data: Path) -> Readings:
    """Each part lies in a folder of its own name; names say their part; no sample."""
    made, cells = Builder(data), list[list[str]]()
    classes = tuple(str(n) for n in range(12))
    for k in range(72):
        label, name = classes[k * 5 % 12], f"trainval_{k:05d}.jpg"
        write_photos(made, [f"trainval/trainval/{name}"], label, (40, 40))
        cells.append([name, label])
    write_photos(made, [f"test/test/test_{k:05d}.jpg" for k in range(20)], None, (40, 40))
    made.table("labels.csv", ["Id", "Category"], cells)
    return (reading_of(made, LABELS, test=in_folders("test"), classes=classes),)


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
        write_photos(made, [path], None, (64, 64))
        of[path] = (bird, FEATHERS[bird])
        cells.append([name, bird, FEATHERS[bird]])
    made.table(f"{top}/labels.csv", ["FILE_NAME", "CATEGORY", "SUPER_CATEGORY"], cells)
    about = {"dataset_name": "BRD", "dataset_description": "Birds", "total_categories": 6, "total_super_categories": 4, "uniform_number_of_images_per_category": True, "images_per_category": 8, "has_super_categories": True, "image_column_name": "FILE_NAME", "category_column_name": "CATEGORY", "super_category_column_name": "SUPER_CATEGORY"}  # fmt: skip
    write_json(made, f"{top}/info.json", about)
    found = list[LayoutTruth]()
    for place in (0, 1):
        truth = reading_of(made, LABELS, classes=dict.fromkeys(one[place] for one in of.values()))
        found.append(with_train_labels(truth, {path: one[place] for path, one in of.items()}))
    return tuple(found)


SEEN = {"ZJL1": "goldfish", "ZJL10": "newt", "ZJL101": "trolleybus", "ZJL102": "tractor", "ZJL133": "butterfly", "ZJL25": "wolf"}  # fmt: skip


# Tianchi, Zhijiang Cup 2018, zero shots: participants' code.
def _never_seen(data: Path) -> Readings:
    """Small pictures of 190 classes, to be told apart from others of which there are only attributes and words; all tables are texts without a header."""
    made, lines, of = Builder(data), list[str](), dict[str, str]()
    top, later = "DatasetA_train_20180813", "DatasetA_test_20180813/DatasetA_test"
    for k in range(48):
        code, name = list(SEEN)[k * 5 % 6], f"{hex_name('shot', k, length=32)}.jpeg"
        write_photos(made, [f"{top}/train/{name}"], None, (32, 32))
        of[f"{top}/train/{name}"] = code
        lines.append(f"{name}\t{code}")
    write_lines(made, f"{top}/train.txt", lines)
    every = {**SEEN, "ZJL201": "drumstick", "ZJL217": "lemon"}
    write_lines(made, f"{top}/label_list.txt", [f"{code}\t{word}" for code, word in every.items()])
    write_lines(made, f"{top}/attribute_list.txt", [f"{n}\t{one}" for n, one in enumerate(("is animal", "is transportation", "has wings", "is red"), 1)])  # fmt: skip
    write_lines(made, f"{top}/attributes_per_class.txt", ["\t".join([code, *(str(round(float(n * m % 5) / 4, 2)) for m in range(4))]) for n, code in enumerate(every)])  # fmt: skip
    write_lines(made, f"{top}/class_wordembeddings.txt", [" ".join([word, *(f"{one:.5f}" for one in made.random.normal(size=20))]) for word in every.values()])  # fmt: skip
    names = [f"{hex_name('shot', 'test', k, length=32)}.jpeg" for k in range(14)]
    write_photos(made, [f"{later}/test/{one}" for one in names], None, (32, 32))
    write_lines(made, f"{later}/image.txt", names)
    words = {path: SEEN[code] for path, code in of.items()}
    return readings_by_kind(made, (of, words), test=in_folders(later))


def _captions(data: Path) -> Readings:
    """Sets of numbers as labels, a caption beside; all images in one folder."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    sets = ("1", "1 19", "8 3 13", "3", "18", "8", "1 2", "13 19", "2 18")
    tables: dict[str, list[str]] = {
        "train": ["ImageID,Labels,Caption"],
        "test": ["ImageID,Caption"],
    }
    captions = ("Woman in swim suit holding parasol on sunny day.",
                '"A couple of men riding bicycles down the road, on a sunny day."',
                "A row of parked motorcycles sitting in front of a tall building.")  # fmt: skip
    for number in range(40):
        part, label = "train" if number < 30 else "test", sets[number * 5 % 9]
        made.image(f"data/{number}.jpg", TrueSample(BROAD, frozenset(label.split())), part=part)
        caption = captions[number % 3]
        if part == "train":
            tables[part].append(f"{number}.jpg,{label},{caption}")
        else:
            tables[part].append(f"{number}.jpg,{caption}")
            rows.append((f"{number}.jpg", label))
    for part, lines in tables.items():
        write_lines(made, f"{part}.csv", lines)
    columns = {"ImageID": "key", "Labels": "labels"}
    made.table("sample_submission.csv", list(columns), [[one, "1"] for one, _ in rows])
    classes = ("1", "2", "3", "8", "13", "18", "19")
    return (made.truth({"classify": "multilabel"}, columns, rows, classes=classes),)


SUBJECTS = ("animals", "car", "clouds", "female", "flower", "indoor", "night", "tree")


def _photos_of_flickr(data: Path) -> Readings:
    """A text a class, with the numbers of its images; for some a second text of those that it stands out in; from memory of the readme."""
    made, known = Builder(data), dict[str, list[int]]()
    every = [*SUBJECTS, "animals_r1", "car_r1", "flower_r1"]
    of = dict[str, frozenset[str]]()
    for k in range(1, 49):
        has = [one for one in SUBJECTS if made.random.random() < 0.25]
        has += [f"{one}_r1" for n, one in enumerate(has) if f"{one}_r1" in every and (k + n) % 2]
        for one in has:
            known.setdefault(one, []).append(k)
        path = f"mirflickr/im{k}.jpg"
        write_photos(made, [path], frozenset(has) & frozenset(SUBJECTS), (36 + k % 4, 48))
        of[path] = frozenset(has)
        made.text(f"mirflickr/meta/tags/tags{k}.txt", "\n".join(("nikon", "sky", f"d{k}")) + "\n")
    for one in every:
        write_lines(made, f"mirflickr25k_annotations_v080/{one}.txt", map(str, known.get(one, [])))
    made.text(
        "mirflickr25k_annotations_v080/README.txt",
        "MIRFLICKR-25000 annotations, version 0.80\n\nEach file lists the numbers of the images in which the subject can be seen.\nThe files with _r1 list those in which it is salient.\n",
    )
    plain = reading_of(made, SEVERAL, classes=SUBJECTS)
    return plain, with_train_labels(replace(plain, classes=tuple(every)), of)


VOC = ("aeroplane", "bicycle", "cat")


def _voc(data: Path) -> Readings:
    """Half of the images have no mask; lists tell train and val; 255 is a border."""
    made, root = Builder(data), "VOCdevkit/VOC2012"
    lists: dict[str, list[str]] = {"train": [], "val": []}
    every: dict[str, list[str]] = {"train": [], "val": []}
    for n in range(40):
        name = f"2007_{32 + 7 * n:06d}"
        part = "train" if n % 3 else "val"
        every[part].append(name)
        classes = draw_class_map(made.random, SIZE, 3, fill=False)
        planes, has_mask = planes_of(classes, 3), n % 2 == 0
        numbers = classes.copy()
        numbers[:2] = 255
        kept = tuple(plane & (numbers != 255) for plane in planes)
        true = (
            TrueSample(SIZE, planes=kept, ignored=numbers == 255) if has_mask else TrueSample(SIZE)
        )
        made.image(f"{root}/JPEGImages/{name}.jpg", true, part="train")
        shown = [one for one, plane in zip(VOC, planes, strict=True) if plane.any()] or ["cat"]
        objects = "".join(
            f"<object><name>{one}</name><pose>Frontal</pose><truncated>0</truncated><difficult>0"
            "</difficult><bndbox><xmin>2</xmin><ymin>3</ymin><xmax>15</xmax><ymax>12</ymax></bndbox>"
            "</object>" for one in shown
        )  # fmt: skip
        made.text(f"{root}/Annotations/{name}.xml",
                  f"<annotation><folder>VOC2012</folder><filename>{name}.jpg</filename><size><width>24"
                  f"</width><height>20</height><depth>3</depth></size><segmented>{int(has_mask)}"
                  f"</segmented>{objects}</annotation>")  # fmt: skip
        if has_mask:
            lists[part].append(name)
            save_palette(data / f"{root}/SegmentationClass/{name}.png", numbers)
            save_palette(data / f"{root}/SegmentationObject/{name}.png", numbers)
    for part in ("train", "val"):
        write_lines(made, f"{root}/ImageSets/Segmentation/{part}.txt", lists[part])
        write_lines(made, f"{root}/ImageSets/Main/{part}.txt", every[part])
        for one in VOC:
            write_lines(made, f"{root}/ImageSets/Main/{one}_{part}.txt",
                   [f"{name} {(' 1', '-1', ' 0')[k % 3]}" for k, name in enumerate(every[part])])  # fmt: skip
    write_lines(
        made, f"{root}/ImageSets/Segmentation/trainval.txt", sorted(lists["train"] + lists["val"])
    )
    tests = {f"{root}/JPEGImages/{one}.jpg" for one in lists["val"]}
    kinds = {"segment": "multiclass"}
    numbers = ("1", "2", "3")
    return (
        reading_of(made, kinds, test=lambda path: path in tests, mask_classes=numbers),
        reading_of(made, kinds, mask_classes=numbers),
    )


def _salient(data: Path) -> Readings:
    made = Builder(data)
    for part, front, n in (("TR", "ILSVRC2012_test", 22), ("TE", "ILSVRC2012_val", 8)):
        for k in range(n):
            plane, name = draw_plane(made.random, BROAD), f"{front}_{4 + 97 * k:08d}"
            made.image(
                f"DUTS-{part}/DUTS-{part}-Image/{name}.jpg",
                TrueSample(BROAD, planes=(plane,)),
                part="train",
            )
            save_grey_mask(data / f"DUTS-{part}/DUTS-{part}-Mask/{name}.png", plane)
    return (reading_of(made, ONE_MASK, test=in_folders("DUTS-TE"), mask_classes=[""]),)


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
        save_grey_mask(data / f"MSRA10K_Imgs_GT/Imgs/{733 + 811 * k}.png", plane)
    made.text("MSRA10K_Imgs_GT/Readme.txt", "MSRA10K salient object database\n")
    return (reading_of(made, ONE_MASK, mask_classes=[""]),)


def _videos(data: Path) -> Readings:
    """Frames and masks in folders of videos; texts of videos tell the parts."""
    made, top, parts = (
        Builder(data),
        "DAVIS",
        {"train": ("bear", "bmx-bumps", "boat"), "val": ("blackswan", "camel")},
    )
    for part, videos in parts.items():
        write_lines(made, f"{top}/ImageSets/2016/{part}.txt", videos)
        for video in videos:
            for k in range(8):
                plane = draw_plane(made.random, SIZE)
                made.image(
                    f"{top}/JPEGImages/480p/{video}/{k:05d}.jpg",
                    TrueSample(SIZE, planes=(plane,)),
                    part="train",
                )
                save_palette(
                    data / f"{top}/Annotations/480p/{video}/{k:05d}.png", plane.astype(np.uint8)
                )
    made.text(f"{top}/SOURCES.md", "# Sources\n")
    valid = in_folders(*(f"{top}/JPEGImages/480p/{one}" for one in parts["val"]))
    return (
        reading_of(made, ONE_MASK, mask_classes=[""]),
        reading_of(made, ONE_MASK, out=valid, mask_classes=[""]),
        reading_of(made, ONE_MASK, test=valid, mask_classes=[""]),
    )


def _thousand_classes(data: Path) -> Readings:
    """A folder a class, in it photos and their masks of the same numbers."""
    made, classes = Builder(data), ("abacus", "ab_wheel", "zucchini")
    for label in classes:
        for k in range(1, 9):
            plane = draw_plane(made.random, SIZE)
            made.image(
                f"fewshot_data/{label}/{k}.jpg",
                TrueSample(SIZE, label, planes=(plane,)),
                part="train",
            )
            save_grey_mask(data / f"fewshot_data/{label}/{k}.png", plane)
    both = reading_of(made, LABELS | ONE_MASK, classes=classes, mask_classes=[""])
    alone = {path: replace(one, label=None) for path, one in both.train.items()}
    return both, replace(reading_of(made, ONE_MASK, mask_classes=[""]), train=alone)


def _salient_things(data: Path) -> Readings:
    """Photos and masks by the same numbers, in two folders; from memory of the loaders."""
    made, top = Builder(data), "ECSSD"
    for k in range(1, 37):
        size = (36, 48) if k % 3 else (48, 36)
        plane = draw_plane(made.random, size)
        true = TrueSample(size, planes=(plane,))
        made.image(f"{top}/images/{k * 7:04d}.jpg", true, part="train")
        save_grey_mask(data / f"{top}/ground_truth_mask/{k * 7:04d}.png", plane)
    return (reading_of(made, ONE_MASK, mask_classes=[""]),)


# VizWiz, salient objects (EvalAI): users' code, and memory of the archive of masks.
def _things_that_stand_out(data: Path) -> Readings:
    """Photos by blind people with the thing that stands out, as a mask and once more as an outline in a JSON a part; test has neither."""
    made, size = Builder(data), (48, 40)
    for part, n in (("train", 30), ("val", 10), ("test", 12)):
        about = dict[str, object]()
        for k in range(n):
            name = f"VizWiz_{part}_{k * 31:08d}.jpg"
            if part == "test":
                write_photos(made, [f"test/{name}"], None, size)
                continue
            box = draw_boxes(made, size, 1)[0]
            plane = rectangle(size, box[0], box[1], box[2] + 1, box[3] + 1)
            made.image(f"{part}/{name}", TrueSample(size, planes=(plane,)), part="train")
            save_grey_mask(data / f"binary-masks-png/{part}/{name[:-4]}.png", plane)
            about[name] = {"Full Screen": False, "Total Polygons": 1, "Ground Truth Dimensions": list(size), "Salient Object": [[list(one) for one in corners_of(box)]]}  # fmt: skip
        if about:
            write_json(made, f"annotations/VizWiz_SOD_{part}_challenge.json", about)
    return tuple(
        reading_of(made, ONE_MASK, test=in_folders("test"), out=out, mask_classes=[""])
        for out in (never, in_folders("val"))
    )


COMMON = ((1, "person"), (3, "car"), (18, "dog"), (44, "bottle"), (62, "chair"))


def _common_objects(data: Path) -> Readings:
    """Outlines, crowds as runs, key points and captions of train and val; images of test alone."""
    made, size, names = Builder(data), (40, 48), [name for _, name in COMMON]
    crowds = set[bytes]()
    for part, n, first in (("train2017", 20, 9), ("val2017", 6, 139)):
        photos = [f"{part}//{first + 7 * k:012d}.jpg" for k in range(n)]
        content = write_coco(made, size, photos, COMMON, first=1)
        about = {"info": {"description": "COCO 2017 Dataset", "year": 2017}, "licenses": [{"id": 1, "name": "CC"}]}  # fmt: skip
        for k, one in enumerate(content["images"]):
            plane = rectangle(size, 5, 29, 34, 7)
            number = first + 7 * k
            for note in content["annotations"]:
                if note["image_id"] == one["id"] and isinstance(note["segmentation"], list):
                    note["image_id"] = -number
            if k % 4 == 2:
                counts, last, length = list[int](), False, 0
                for bit in plane.ravel(order="F"):
                    if bool(bit) != last:
                        counts.append(length)
                        last, length = bool(bit), 0
                    length += 1
                content["annotations"].append({
                    "segmentation": {"counts": [*counts, length], "size": list(size)}, "area": int(plane.sum()),
                    "iscrowd": 1, "image_id": -number, "bbox": [5, 29, 34, 7], "category_id": 1,
                    "id": 900100000000 + number,
                })  # fmt: skip
                path = photos[k].replace("//", "/")
                true = made.train[path]
                made.train[path] = replace(true, objects=(*(true.objects or ()), (0, plane)))
                crowds.add(plane.tobytes())
            one |= {"id": number, "license": 1, "coco_url": f"http://images.cocodataset.org/{part}/{one['file_name']}",
                    "date_captured": "2013-11-14 17:02:52"}  # fmt: skip
        for note in content["annotations"]:
            note["image_id"] = abs(note["image_id"])
        write_json(made, f"annotations/instances_{part}.json", {**about, **content})
        points = [
            {**one, "num_keypoints": 2, "keypoints": [9, 8, 2, 12, 8, 2, *[0] * 45]}
            for one in content["annotations"]
            if one["category_id"] == 1
        ]
        people = [{"supercategory": "person", "id": 1, "name": "person", "keypoints": ["nose", "left_eye"], "skeleton": [[1, 2]]}]  # fmt: skip
        write_json(made, f"annotations/person_keypoints_{part}.json",
              {**about, **content, "annotations": points, "categories": people})  # fmt: skip
        said = [
            {"image_id": one["id"], "id": n, "caption": "A man with a dog near a car."}
            for n, one in enumerate(content["images"])
        ]
        write_json(made, f"annotations/captions_{part}.json",
              {**about, "images": content["images"], "annotations": said})  # fmt: skip
    tests = [f"test2017/{1 + 11 * k:012d}.jpg" for k in range(8)]
    write_photos(made, tests, None, size)
    kinds = [{"supercategory": one, "id": number, "name": one} for number, one in COMMON]
    for name in ("test2017", "test-dev2017"):
        images = [
            {"license": 1, "file_name": Path(one).name, "height": 40, "width": 48, "id": 1 + 11 * k}
            for k, one in enumerate(tests)
        ]
        write_json(
            made, f"annotations/image_info_{name}.json", {"images": images, "categories": kinds}
        )

    def read(out: Callable[[str], bool]) -> list[LayoutTruth]:
        every = reading_of(
            made, {"segment": "instance"}, test=in_folders("test2017"), out=out, mask_classes=names
        )
        single = {
            path: replace(
                one, objects=tuple(each for each in one.objects if each[1].tobytes() not in crowds)
            )
            if one.objects
            else one
            for path, one in every.train.items()
        }
        alone = replace(every, train=single)
        classes = objects_as_classes(alone, size, names)
        crowded = {
            path: replace(one, ignored=rectangle(size, 5, 29, 34, 7))
            if len(every.train[path].objects or ()) > len(single[path].objects or ())
            else one
            for path, one in classes.train.items()
        }
        return [alone, every, classes, objects_as_classes(every, size, names), replace(classes, train=crowded)]  # fmt: skip

    return tuple(with_and_without(read, in_folders("val2017")))


def _cifar_10_python(data: Path) -> Readings:
    """Pickles of arrays."""
    made, root = Builder(data), data / "cifar-10-batches-py"
    root.mkdir(parents=True)
    for name in ("data_batch_1", "data_batch_2", "test_batch"):
        pixels = made.random.integers(0, 255, (10, 3072)).astype(np.uint8)
        content = {b"data": pixels, b"labels": list(range(10)), b"batch_label": name.encode()}
        (root / name).write_bytes(pickle.dumps(content))
    (root / "batches.meta").write_bytes(pickle.dumps({b"label_names": [b"airplane", b"bird"]}))
    made.text("cifar-10-batches-py/readme.html", "<html></html>")
    return (reading_of(made, LABELS),)


LAYOUTS = (
    RealLayout("cifar-10", "page", _cifar),
    DataSet("DTD", "code (torchvision)", _textures, doubt="imdb.mat left out"),
    DataSet("Tiny ImageNet", "memory", _tiny_imagenet),
    DataSet("Imagenette", "code", _imagenette),
    DataSet("Caltech-256", "code (torchvision)", _caltech, has_test=False),
    DataSet("CIFAR-10 (class in names)", "memory", _small_images),
    DataSet("COIL-100", "memory", _coil, has_test=False),
    DataSet("Caltech-101", "memory", _objects_of_caltech, has_test=False),
    DataSet("unibuc-dhc-2023", "code (notebooks of participants)", _hallucinations),
    DataSet("Playing cards", "code", _cards),
    DataSet(
        "signate-image-labelling-10",
        "code and memory",
        _things_of_signate,
        doubt="names of folders",
    ),
    DataSet("Natural images", "memory", _natural_images, has_test=False),
    DataSet("Office-31", "code", _things_of_an_office, has_test=False),
    DataSet(
        "imagenet-object-localization-challenge", "memory", _thousand_things, doubt="the sample"
    ),
    DataSet("zalo-ai-2021-5k-compliance", "code and memory", _rules_against_a_virus),
    DataSet(
        "unibuc-deep-hallucination-classification",
        "code and memory",
        _unibuc_deep_hallucination_classification,
    ),
    DataSet("dacon-basic-objects", "code and memory", _things_of_dacon, doubt="the sample"),
    DataSet("hse-bhw1", "code", _homework_of_hse),
    DataSet("Meta-Album", "page", _album, has_test=False),
    DataSet("tianchi-zero-shot-2018", "code", _never_seen),
    DataSet("comp5329-multi-label", "page, code", _captions, doubt="name of the sample"),
    DataSet("MIRFLICKR-25000", "memory", _photos_of_flickr, has_test=False),
    DataSet("VOC 2012", "code (torchvision)", _voc),
    DataSet("DUTS", "memory", _salient),
    DataSet("MSRA10K", "memory", _salient_objects, has_test=False),
    DataSet("DAVIS 2016", "memory", _videos, has_test=False),
    DataSet("FSS-1000", "memory", _thousand_classes, has_test=False),
    DataSet("ECSSD", "memory", _salient_things, has_test=False),
    DataSet("vizwiz-salient-objects", "code and memory", _things_that_stand_out),
    DataSet("COCO 2017", "memory", _common_objects),
    DataSet(
        "CIFAR-10 (python)", "code (torchvision)", _cifar_10_python, refusal="pickles are not read"
    ),
)
