"""Layouts of competitions and data sets of leaves and their diseases."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from layouts.drawing import draw_plane, save_pixels
from layouts.real.files import write_json, write_lines, write_workbook
from layouts.real.kinds import LABELS, NUMBER, ONE_MASK, RANKS, SEVERAL, TWO
from layouts.real.made import BROAD, SIZE, Builder, DataSet, Readings, RealLayout
from layouts.real.masks import save_grey_mask
from layouts.real.names import hex_name, hex_names, part_by_number, uuid_name
from layouts.real.photos import paint_other_photo, write_photos
from layouts.real.readings import (
    in_folders,
    reading_of,
    with_and_without,
    with_class_names,
    with_train_labels,
)
from layouts.real.tables import FIVE, label_sets, label_text, write_competition, write_multilabel
from layouts.truth import Label, LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]


def _cassava(data: Path) -> LayoutTruth:
    def more(made: Builder) -> None:
        names = dict(zip(FIVE, ("CBB", "CBSD", "CGM", "CMD", "Healthy"), strict=True))
        made.text("label_num_to_disease_map.json", json.dumps(names))
        made.text("train_tfrecords/ld_train00-1338.tfrec", "x")

    return write_competition(
        data, images=("train_images/{name}.jpg", "test_images/{name}.jpg"),
        names=lambda part, number: str((1000015157, 2216849948)[part == "test"] + 7919 * number),
        labels=["3", "0", "3", "1", "3", "2", "3", "4"], classes=FIVE,
        kind=["multiclass"], header=["image_id", "label"], more=more,
        row=lambda name, label: [f"{name}.jpg", str(label)],
        columns={"image_id": "key", "label": "text"}, shown=lambda name: [f"{name}.jpg", "4"],
        answer=lambda name, true: [f"{name}.jpg", label_text(true)],
    )  # fmt: skip


PADDY = ("bacterial_leaf_blight", "blast", "brown_spot", "hispa", "normal", "tungro")


def _paddy(data: Path) -> LayoutTruth:
    """Class folders and a table that says the same; the sample's labels are blank."""
    places = ["train_images/{label}/{name}.jpg", "test_images/{name}.jpg"]
    return write_competition(
        data, images=(places[0], places[1]),
        names=lambda part, number: f"{(100330, 200001)[part == 'test'] + number}",
        labels=PADDY, classes=PADDY, kind="multiclass",
        header=["image_id", "label", "variety", "age"],
        row=lambda name, label: [f"{name}.jpg", str(label), "ADT45", str(45 + int(name) % 9)],
        columns={"image_id": "key", "label": "text"}, shown=lambda name: [f"{name}.jpg", ""],
        answer=lambda name, true: [f"{name}.jpg", label_text(true)],
    )  # fmt: skip


LEAVES = ("Acer_Capillipes", "Acer_Circinatum", "Betula_Pendula", "Cornus_Controversa")


def _leaf(data: Path) -> LayoutTruth:
    """One folder of images; train.csv and test.csv have numbers measured of each leaf, too."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    tables: dict[str, list[list[str]]] = {"train": [], "test": []}
    for number in range(1, 37):
        part = "test" if number % 5 == 0 else "train"
        true = TrueSample(BROAD, LEAVES[number * 3 % 4], made.probs(LEAVES))
        made.image(f"images/{number}.jpg", true, part=part)
        margins = [f"{one:.6f}" for one in made.random.random(3)]
        label = [str(true.label)] if part == "train" else []
        tables[part].append([str(number), *label, *margins])
        if part == "test":
            rows.append((str(number), *(repr(true.probs[one]) for one in LEAVES)))
    measured = ["margin1", "shape1", "texture1"]
    made.table("train.csv", ["id", "species", *measured], tables["train"])
    made.table("test.csv", ["id", *measured], tables["test"])
    columns = {"id": "key", **dict.fromkeys(LEAVES, "number")}
    made.table("sample_submission.csv", list(columns), [[one[0], *["0.25"] * 4] for one in rows])
    return made.truth({"classify": "multiclass"}, columns, rows, classes=LEAVES)


ILLS = ("healthy", "multiple_diseases", "rust", "scab")


def _plants_2020(data: Path) -> LayoutTruth:
    """All images in one folder; a column of 0 and 1 a class."""
    made, rows, bits = Builder(data), list[tuple[str, ...]](), []
    for number in range(32):
        part = "train" if number < 24 else "test"
        name = f"{part.capitalize()}_{number if part == 'train' else number - 24}"
        label = ILLS[number * 3 % 4]
        true = TrueSample(BROAD, label, made.probs(ILLS))
        made.image(f"images/{name}.jpg", true, part=part)
        if part == "train":
            bits.append([name, *(str(int(one == label)) for one in ILLS)])
        else:
            rows.append((name, *(repr(true.probs[one]) for one in ILLS)))
    made.table("train.csv", ["image_id", *ILLS], bits)
    made.table("test.csv", ["image_id"], [[one[0]] for one in rows])
    columns = {"image_id": "key", **dict.fromkeys(ILLS, "number")}
    made.table("sample_submission.csv", list(columns), [[one[0], *["0.25"] * 4] for one in rows])
    return made.truth(
        {"classify": ["multiclass", "multilabel"]}, columns, rows, classes=ILLS
    )  # fmt: skip


CASSAVA = ("cbb", "cbsd", "cgm", "cmd", "healthy")


def _cassava_2019(data: Path) -> LayoutTruth:
    """The label stands before the id; further images without labels."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    for number in range(33):
        part, label = part_by_number(number, 25), CASSAVA[number % 5]
        name = (
            f"train-{label}-{number // 5}.jpg" if part == "train" else f"test-img-{number - 25}.jpg"
        )
        folder = f"train/train/{label}" if part == "train" else "test/test/0"
        made.image(f"{folder}/{name}", TrueSample(BROAD, label), part=part)
        if part == "test":
            rows.append((label, name))
    for number in range(6):
        paint_other_photo(made, f"extraimages/extraimages/extra-image-{number}.jpg")
    shown = [["healthy", name] for _, name in rows]
    made.table("sample_submission_file.csv", ["Category", "Id"], shown)
    columns = {"Category": "text", "Id": "key"}
    return made.truth({"classify": "multiclass"}, columns, rows, classes=CASSAVA)


PLANTS = (
    "Apple___Apple_scab",
    "Apple___healthy",
    "Corn_(maize)___Common_rust_",
    "Tomato___healthy",
)


def _plant_village(data: Path) -> Readings:
    made = Builder(data)
    for label in PLANTS:
        for n in range(8):
            name = f"{hex_name(label, n, length=8)}-a2fa-4d2e___FREC_Scab {3335 + n}"
            for copy, end in (("color", ".JPG"), ("grayscale", ".JPG"),
                              ("segmented", "_final_masked.jpg")):  # fmt: skip
                write_photos(made, [f"plantvillage dataset/{copy}/{label}/{name}{end}"], label)
    colour = lambda path: "/color/" not in path  # noqa: E731
    return (reading_of(made, LABELS, out=colour, classes=PLANTS),)


def _new_plants(data: Path) -> Readings:
    made = Builder(data)
    root = "New Plant Diseases Dataset(Augmented)/New Plant Diseases Dataset(Augmented)"
    for label in PLANTS:
        for part, n in (("train", 6), ("valid", 2)):
            ends = ("", "_90deg", "_new30degFlipLR")
            names = [f"{hex_name(label, part, k // 3, length=8)}-42d0___RS_HL {7900 + k // 3}"
                     f"{ends[k % 3]}.JPG" for k in range(n)]  # fmt: skip
            write_photos(made, [f"{root}/{part}/{label}/{one}" for one in names], label)
    names = ["AppleScab1", "AppleScab2", "AppleCedarRust1", "CornCommonRust1", "CornCommonRust2",
             "PotatoHealthy1", "TomatoHealthy1", "TomatoHealthy2"]  # fmt: skip
    write_photos(made, [f"test/test/{one}.JPG" for one in names], None)
    return (
        reading_of(made, LABELS, test=in_folders("test"), classes=PLANTS),
        reading_of(
            made, LABELS, test=in_folders("test"), out=in_folders(f"{root}/valid"), classes=PLANTS
        ),
    )


def _leaves(data: Path) -> Readings:
    """Classes of no name: c_0, c_1; a column each is sent."""
    classes = ("c_0", "c_1", "c_2", "c_10")
    truth = write_competition(
        data, images=("train/{label}/{name}.jpg", "test/{name}.jpg"),
        names=lambda part, number: hex_name("leaf", part, number, length=32), labels=classes, classes=classes,
        kind="multiclass", columns={"filename": "key", **dict.fromkeys(classes, "number")},
        shown=lambda name: [f"{name}.jpg", *["0.25"] * 4],
        answer=lambda name, true: [f"{name}.jpg", *(repr(true.probs[one]) for one in classes)],
    )  # fmt: skip
    return (truth,)


def _apple_leaves(data: Path) -> Readings:
    """Class folders d1 to d9, a sample whose name is Chinese."""
    made, rows, classes = Builder(data), list[tuple[str, ...]](), ("d1", "d2", "d3", "d9")
    for label in classes:
        write_photos(
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


def _diseases_of_crops(data: Path) -> Readings:
    """A JSON of classes and names beside the images of train and of validation; a JSON is sent."""
    made, classes = Builder(data), ("0", "2", "9", "15", "60")
    sets = (
        ("trainingset", "train", 30),
        ("validationset", "validation", 10),
        ("testA", "", 10),
    )
    for folder, part, n in sets:
        top, notes = f"AgriculturalDisease_{folder}", list[dict[str, Any]]()
        for k in range(n):
            label = classes[k * 3 % 5]
            name = f"{uuid_name(folder, k)}___RS_{('GLSp', 'Rust', 'HL')[k % 3]} {4337 + k * 7}.JPG"
            known = label if part else None
            write_photos(made, [f"{top}/images/{name}"], known)
            notes.append({"disease_class": int(label), "image_id": name})
        if part:
            write_json(made, f"{top}/AgriculturalDisease_{part}_annotations.json", notes)
    is_test = in_folders("AgriculturalDisease_testA")
    return tuple(
        with_and_without(
            lambda out: [reading_of(made, LABELS, test=is_test, out=out, classes=classes)],
            in_folders("AgriculturalDisease_validationset"),
        )
    )


def _crops_and_climate(data: Path) -> Readings:
    """A folder an image, with its climate in a CSV, and in train all of it in a JSON."""
    made, cells, rows = Builder(data), [], list[tuple[str, ...]]()
    classes = ("1_00_0", "2_a5_2", "3_00_0", "3_b6_1", "6_a12_1")
    header = ["측정시각", "내부 온도 1 평균", "내부 온도 1 최고", "내부 습도 1 평균", "내부 이슬점 평균", "외부 풍속 평균"]  # fmt: skip
    for k in range(42):
        part, label = "train" if k < 32 else "test", classes[k * 3 % 5]
        name = str(10027 + k * 11)
        made.image(f"{part}/{name}/{name}.jpg", TrueSample(SIZE, label), part=part)
        made.table(
            f"{part}/{name}/{name}.csv",
            header,
            [[f"2021-07-{1 + n:02d} 0{n}:00:00", f"{21.4 + n / 3:.1f}", "24.8", "82.1", "18.0", "-"] for n in range(4)],
        )  # fmt: skip
        if part == "train":
            crop, disease, risk = label.split("_")
            about = {
                "description": {"image": f"{name}.jpg", "date": "2021-07-13", "time": "18:00", "width": 24, "height": 20},
                "annotations": {"disease": disease, "crop": int(crop), "area": 3, "grow": 11 + k % 3, "risk": int(risk),
                                "bbox": [{"x": 3, "y": 4, "w": 11, "h": 9}], "part": []},
            }  # fmt: skip
            write_json(made, f"train/{name}/{name}.json", about)
            cells.append([name, label])
        else:
            rows.append((name, label))
    columns = {"image": "key", "label": "text"}
    made.table("train.csv", list(columns), cells)
    made.table("sample_submission.csv", list(columns), [[one, classes[0]] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=classes),)


def _beans(data: Path) -> Readings:
    """Names of files tell the class and the part, as the folders do."""
    made, classes = Builder(data), ("angular_leaf_spot", "bean_rust", "healthy")
    for part, short, n in (("train", "train", 10), ("validation", "val", 3), ("test", "test", 3)):
        for label in classes:
            names = [f"{part}/{label}/{label}_{short}.{k}.jpg" for k in range(n)]
            write_photos(made, names, label)
    return tuple(
        with_and_without(
            lambda out: [
                reading_of(made, LABELS, test=in_folders("test"), out=out, classes=classes)
            ],
            in_folders("validation"),
        )
    )


LEAVES_OF_CLASSIFY_LEAVES = (
    "abies_concolor",
    "betula_nigra",
    "maclura_pomifera",
    "quercus_montana",
    "ulmus_rubra",
)


def _leaves_of_a_course(data: Path) -> Readings:
    """All images in one folder, whose name is in the tables."""
    made, cells, rows = Builder(data), [], list[tuple[str, ...]]()
    for k in range(46):
        part, label, name = (
            ("train" if k < 34 else "test"),
            LEAVES_OF_CLASSIFY_LEAVES[k * 3 % 5],
            f"images/{k}.jpg",
        )
        made.image(name, TrueSample(SIZE, label), part=part)
        if part == "train":
            cells.append([name, label])
        else:
            rows.append((name, label))
    columns = {"image": "key", "label": "text"}
    made.table("train.csv", list(columns), cells)
    made.table("test.csv", ["image"], [[one] for one, _ in rows])
    made.table(
        "sample_submission.csv",
        list(columns),
        [[one, LEAVES_OF_CLASSIFY_LEAVES[2]] for one, _ in rows],
    )
    return (made.truth(LABELS, columns, rows, classes=LEAVES_OF_CLASSIFY_LEAVES),)


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
        write_photos(made, [path], str(stress), (20, 30 + k % 3))
        levels[path] = severity
        several[path] = frozenset(one for one, bit in zip(STRESSES[1:], has, strict=True) if bit)
        cells.append([str(k), str(stress), *map(str, has), severity])
    header = ["id", "predominant_stress", "miner", "rust", "phoma", "cercospora", "severity"]
    made.table(f"{top}/dataset.csv", header, cells)
    write_lines(
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
    chief = reading_of(made, LABELS, classes=numbers)
    named = with_class_names(chief, numbers, (*STRESSES, "undetermined"))
    severe = reading_of(made, RANKS, classes=numbers[:5])
    ills = reading_of(made, SEVERAL, classes=STRESSES[1:])
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
                write_photos(made, [path], None, (36, 48))
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
        found.append(with_train_labels(reading_of(made, kinds, classes=classes), dict(labels)))
    return tuple(found)


LEAVES_OF_PLANTDOC = ("Apple Scab Leaf", "Apple leaf", "Apple rust leaf", "Bell_pepper leaf", "Corn Gray leaf spot", "Tomato leaf mosaic virus", "Tomato two spotted spider mites leaf", "grape leaf black rot")  # fmt: skip


def _leaves_from_the_web(data: Path) -> Readings:
    """Names as the web gave them, with signs, blanks and several endings; a class that test lacks; a picture beside the readme."""
    made, top = Builder(data), "PlantDoc-Dataset-master"
    for place, label in enumerate(LEAVES_OF_PLANTDOC):
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
                write_photos(made, [path], label, (32 + k, 40 + place))
    example = made.random.integers(0, 255, (60, 90, 3)).astype(np.uint8)
    save_pixels(data / f"{top}/PlantDoc_Examples.png", example)
    made.text(f"{top}/README.md", "# PlantDoc: A Dataset for Visual Plant Disease Detection\n\nThis is the cropped data set for image classification.\n\n![examples](PlantDoc_Examples.png)\n")  # fmt: skip
    made.text(f"{top}/LICENSE.txt", "Attribution 4.0 International\n")
    return (reading_of(made, LABELS, test=in_folders(f"{top}/test"), classes=LEAVES_OF_PLANTDOC),)


def _leaves_of_robusta(data: Path) -> Readings:
    """A spreadsheet of two columns with dots in their names, of two classes and of six; the outlines in a CSV and in JSON of a tool."""
    made, cells, drawn = Builder(data), list[list[object]](), list[list[str]]()
    states = ("healthy", "rust_level_1", "rust_level_2", "rust_level_3", "rust_level_4", "red_spider_mite")  # fmt: skip
    fine, wide, notes = dict[str, str](), dict[str, str](), list[dict[str, Any]]()
    for k in range(48):
        state = states[k * 5 % 6]
        name = f"C{1 + k // 24}P{1 + k % 24 // 2}{'EH'[k % 2]}{1 + k // 12 % 2}.jpg"
        path = f"Photos/{name}"
        write_photos(made, [path], None, (36, 48) if k % 3 else (48, 36))
        fine[path], wide[path] = state, "healthy" if state == "healthy" else "unhealthy"
        cells.append([name, wide[path], state])
        corners = [{"x": 6, "y": 5}, {"x": 29, "y": 6}, {"x": 30, "y": 31}, {"x": 5, "y": 30}]
        shape = {"Leaf": [{"state": wide[path], "geometry": corners}], "classification": state}
        row = {"ID": hex_name("row", k, length=25), "DataRow ID": hex_name("data", k, length=25), "Labeled Data": f"https://storage.googleapis.com/labelbox/{name}", "Label": shape, "Created By": "jorge", "Project Name": "RoCoLe", "External ID": name}  # fmt: skip
        notes.append(row)
        drawn.append([str(one).replace("'", '"') if isinstance(one, dict) else one for one in row.values()])  # fmt: skip
    write_workbook(data / "Annotations/RoCoLe-classes.xlsx", ["File", "Binary.Label", "Multiclass.Label"], cells)  # fmt: skip
    made.table("Annotations/RoCoLE-csv.csv", list(notes[0]), drawn)
    write_json(made, "Annotations/RoCoLE-json.json", notes)
    return (
        with_train_labels(reading_of(made, LABELS, classes=states), dict(fine)),
        with_train_labels(reading_of(made, TWO, classes=("healthy", "unhealthy")), dict(wide)),
        with_train_labels(reading_of(made, RANKS, classes=states), dict(fine)),
    )


LEAVES_OF_ANNDL_2021_LEAVES = ("Apple", "Blueberry", "Cherry", "Corn", "Grape", "Orange", "Peach", "Pepper", "Potato", "Raspberry", "Soybean", "Squash", "Strawberry", "Tomato")  # fmt: skip


# ANNDL 2021 homework 1 (CodaLab, Politecnico di Milano): memory.
def _leaves_of_milan(data: Path) -> Readings:
    """Class folders in one folder; the images to predict stay with the host."""
    made, k = Builder(data), 0
    for label in LEAVES_OF_ANNDL_2021_LEAVES:
        for _ in range(5):
            write_photos(made, [f"training/{label}/{k:05d}.jpg"], label, (40, 40))
            k += 3
    return (reading_of(made, LABELS, classes=LEAVES_OF_ANNDL_2021_LEAVES),)


_plants_2021 = partial(
    write_multilabel, images=("train_images/{name}.jpg", "test_images/{name}.jpg"), names=hex_names(16),
    labels=label_sets("healthy", "scab frog_eye_leaf_spot complex", "scab", "complex", "rust complex",
                 "powdery_mildew", "rust", "frog_eye_leaf_spot"),
    header=["image", "labels"], columns=["image", "labels"], shown="healthy", ending=".jpg",
)  # fmt: skip


CLIMATE = (
    "시간",
    "내부온도관측치",
    "외부온도관측치",
    "내부습도관측치",
    "CO2관측치",
    "EC관측치",
    "총추정광량",
)


def _weights_of_leaves(data: Path) -> Readings:
    """A folder a case, with images, a table of weights, and a table of the climate for each image."""
    made, rows = Builder(data), list[tuple[str, ...]]()

    def climate(path: str, k: int) -> None:
        made.table(
            path, CLIMATE,
            [[f"2022-0{1 + k % 3}-19 00:{n:02d}:00", f"{21.4 + n / 7:.2f}", "8.1", f"{70.2 - k:.1f}", "463", "1.8", ""]
             for n in range(5)],
        )  # fmt: skip

    for case in range(1, 7):
        cells, top = [], f"train/CASE{case:02d}"
        for k in range(1, 7):
            name, weight = f"CASE{case:02d}_{k:02d}", round(3.1 + case * 1.7 + k * k * 2.313, 3)
            path = f"{top}/image/{name}.png"
            made.image(path, TrueSample(SIZE, weight), part="train")
            climate(f"{top}/meta/{name}.csv", case + k)
            cells.append([f"{name}.png", str(weight)])
        made.table(f"{top}/label.csv", ["img_name", "leaf_weight"], cells)
    for k in range(1, 11):
        weight = round(2.2 + k * 7.131, 3)
        made.image(f"test/image/{k:03d}.jpg", TrueSample(SIZE, weight), part="test")
        climate(f"test/meta/{k:03d}.csv", k)
        rows.append((f"{k:03d}.jpg", str(weight)))
    columns = {"img_name": "key", "leaf_weight": "number"}
    made.table("sample_submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(NUMBER, columns, rows),)


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
        save_grey_mask(data / f"dataset/segmented/{source}/{slug}/{name}.png", plane)
        lines.append(
            f"{55497 + k}\t{image}\tdataset/segmented/{source}/{slug}/{name}.png\t{label}\t{source}"
        )
    write_lines(made, "leafsnap-dataset-images.txt", lines)
    both = reading_of(made, LABELS | ONE_MASK, classes=classes, mask_classes=[""])
    none = {path: replace(one, planes=None) for path, one in both.train.items()}
    return both, replace(reading_of(made, LABELS, classes=classes), train=none)


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
            save_grey_mask(data / f"{top}/{top}/masks/{name}.png", mask, 38)
    every = reading_of(made, ONE_MASK, mask_classes=[""])
    plain = {path: one for path, one in every.train.items() if path.startswith("data/")}
    return replace(every, train=plain), every


def _passion_fruit(data: Path) -> Readings:
    made, cells, rows = Builder(data), [], []
    kinds = ("fruit_healthy", "fruit_brownspot", "fruit_woodiness")
    for number in range(32):
        part, name = (
            "train" if number < 24 else "test",
            f"ID_{hex_name('fruit', number, length=8).upper()}",
        )
        made.image(f"{part.capitalize()}_Images/{name}.jpg", TrueSample(BROAD), part=part)
        cells += [
            [name, kinds[(number + place) % 3], f"{3 + number}.0", "4.0", "107.5", "96.0"]
            for place in range(1 + number % 2 if part == "train" else 0)
        ]
        if part == "test":
            rows.append(name)
    made.table("Train.csv", ["Image_ID", "class", "xmin", "ymin", "width", "height"], cells)
    made.table("Test.csv", ["Image_ID"], [[one] for one in rows])
    header = ["Image_ID", "class", "confidence", "ymin", "xmin", "ymax", "xmax"]
    made.table("SampleSubmission.csv", header,
               [[one, "fruit_healthy", "0.5", "0", "0", "0", "0"] for one in rows])  # fmt: skip
    return (reading_of(made, {}),)


LAYOUTS = (
    RealLayout("cassava-leaf-disease-classification", "page, code", _cassava),
    RealLayout("paddy-disease-classification", "page, code", _paddy, by_slug=True),
    RealLayout("leaf-classification", "page, code", _leaf),
    RealLayout("plant-pathology-2020-fgvc7", "page, code", _plants_2020),
    RealLayout("cassava-disease", "memory", _cassava_2019),
    DataSet("PlantVillage", "memory", _plant_village, has_test=False),
    DataSet("New plant diseases", "memory", _new_plants),
    DataSet("crowdai-plant-disease", "memory", _leaves, doubt="that a sample is there"),
    DataSet("iflytek-apple-leaves", "memory", _apple_leaves, doubt="the name of the sample"),
    DataSet("ai-challenger-2018-crop-diseases", "memory", _diseases_of_crops),
    DataSet("dacon-crop-disease-diagnosis", "memory", _crops_and_climate),
    DataSet("iBeans", "memory", _beans),
    DataSet("classify-leaves", "memory", _leaves_of_a_course),
    DataSet(
        "BRACOL coffee leaves",
        "code",
        _leaves_of_coffee,
        has_test=False,
        doubt="words of the legend",
    ),
    DataSet("Plant leaves (Mendeley)", "code", _leaves_of_plants, has_test=False),
    DataSet("PlantDoc", "memory", _leaves_from_the_web),
    DataSet(
        "RoCoLe",
        "code and memory",
        _leaves_of_robusta,
        has_test=False,
        doubt="form of the outlines",
    ),
    DataSet("anndl-2021-leaves", "memory", _leaves_of_milan, has_test=False),
    RealLayout("plant-pathology-2021-fgvc8", "page, code", _plants_2021, by_slug=True),
    DataSet("dacon-leaf-weights", "memory", _weights_of_leaves, doubt="columns of the climate"),
    DataSet("Leafsnap", "memory", _leaves_in_lab, has_test=False),
    DataSet("Leaf disease segmentation", "memory", _leaf_spots, has_test=False),
    DataSet("makerere-passion-fruit-disease-detection", "memory", _passion_fruit, refusal=r"\bbox"),
)
