"""Layouts of competitions and data sets of space, physics, chemistry and games."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from layouts.drawing import draw_class_map, save_pixels
from layouts.real.files import write_lines
from layouts.real.kinds import LABELS, MULTI, SEVERAL, TARGETS, TWO
from layouts.real.made import BROAD, SIZE, Builder, DataSet, Readings, RealLayout, Rows
from layouts.real.names import hex_name, part_by_number
from layouts.real.outlines import draw_boxes
from layouts.real.photos import write_grey, write_photos
from layouts.real.readings import (
    beyond_scope,
    in_folders,
    reading_of,
    with_class_names,
    with_train_labels,
)
from layouts.truth import Label, LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]


def _seti(data: Path) -> LayoutTruth:
    """Arrays `(6, 273, 256)` of half floats, in folders by the first letter of their names."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    for number in range(28):
        part, label = "train" if number < 20 else "test", str(int(number % 4 == 0))
        name = hex_name(part, number, length=15)
        true = TrueSample((27, 25), label, made.probs(("0", "1")))
        path = data / f"{part}/{name[0]}/{name}.npy"
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, made.random.normal(size=(6, 27, 25)).astype(np.float16))
        (made.train if part == "train" else made.test)[f"{part}/{name[0]}/{name}.npy"] = true
        cell: Any = label if part == "train" else repr(true.probs["1"])
        (cells if part == "train" else rows).append((name, cell))
    made.table("train_labels.csv", ["id", "target"], cells)
    made.table("sample_submission.csv", ["id", "target"], [[one, "0.5"] for one, _ in rows])
    columns = {"id": "key", "target": "number"}
    # Which of the six arrays a network sees, nothing in the files tells.
    return made.truth(
        {"classify": "binary"}, columns, rows, classes=("0", "1"), undecided=["data.reader"]
    )


def _winners_of_chess(data: Path) -> Readings:
    """Numbers of images that begin anew in each part; a table of each."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    for part, n in (("train", 28), ("val", 8), ("test", 10)):
        cells = []
        for k in range(n):
            label = ("black", "white")[k * 5 % 7 % 2]
            true = TrueSample(SIZE, label)
            made.image(f"{part}/{k}.jpg", true, part="test" if part == "test" else "train")
            cells.append((str(k), label))
        if part == "test":
            rows = cells
        else:
            made.table(f"{part}.csv", ["ImageID", "label"], [list(one) for one in cells])
    columns = {"ImageID": "key", "label": "text"}
    shown = [[one, ("white", "black")[k % 2]] for k, (one, _) in enumerate(rows)]
    made.table("sample_submission.csv", list(columns), shown)
    every = made.truth(TWO, columns, rows, classes=("black", "white"))
    train = {path: one for path, one in every.train.items() if path.startswith("train/")}
    return every, replace(every, train=train)


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
            write_grey(made, f"{top}/map-proj-v3/{stem}{end}.jpg", TrueSample((20, 20), label))
            lines.append(f"{stem}{end}.jpg {label}")
    write_lines(made, f"{top}/labels-map-proj-v3.txt", lines)
    write_lines(
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
    truth = reading_of(made, LABELS, classes=numbers)
    return truth, with_class_names(truth, numbers, MARKS_OF_MARS)


ROCKS = (
    "Andesite",
    "Basalt",
    "Etc",
    "Gneiss",
    "Granite",
    "Mud_Sandstone",
    "Weathered_Rock",
)


def _rocks(data: Path) -> Readings:
    """Class folders, and the same in a table of ids and paths; numbers go on from class to class; from a listing."""
    made, cells, tests, rows = Builder(data), [], [], Rows()
    for k in range(42):
        label, name = ROCKS[k // 6], f"TRAIN_{k * 9:05d}"
        write_photos(made, [f"train/{label}/{name}.jpg"], label, (36 + k % 5, 48))
        cells.append([name, f"./train/{label}/{name}.jpg", label])
    for k in range(14):
        label, name = ROCKS[k * 3 % 7], f"TEST_{k:05d}"
        made.image(f"test/{name}.jpg", TrueSample((36 + k % 4, 48), label), part="test")
        tests.append([name, f"./test/{name}.jpg"])
        rows.append((name, label))
    made.table("train.csv", ["ID", "img_path", "rock_type"], cells)
    made.table("test.csv", ["ID", "img_path"], tests)
    columns = {"ID": "key", "rock_type": "text"}
    made.table("sample_submission.csv", list(columns), [[one, "Andesite"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=ROCKS),)


# IDAO 2021, track 1: participants' code, and memory.
def _recoils(data: Path) -> Readings:
    """Pictures of a detector in folders of two kinds of recoil, the energy within the name; both tests lie apart; kind and energy are sent in one row."""
    made, top, shown = Builder(data), "idao_dataset", list[list[str]]()
    for k in range(44):
        kind = ("ER", "NR")[k % 2]
        energy = ((3, 10, 30) if kind == "ER" else (1, 6, 20))[k // 2 % 3]
        name = f"0.{k * 7919 % 10000:04d}__CYGNO_60_40_{kind}_{energy}_keV_{930 if kind == 'ER' else 800}V_30cm_IDAO_iso_crop_hist_pe_box_{k}.png"
        write_grey(made, f"{top}/train/{kind}/{name}", TrueSample((48, 48), kind))
    for part, n in (("public_test", 10), ("private_test", 14)):
        for k in range(n):
            name = hex_name("recoil", part, k, length=40)
            write_grey(made, f"{top}/{part}/{name}.png", TrueSample((48, 48)))
            shown.append([name, "0", "0"])
    made.table("track1_predictions_example.csv", ["id", "classification_predictions", "regression_predictions"], shown)  # fmt: skip
    test = in_folders(f"{top}/public_test", f"{top}/private_test")
    return (reading_of(made, TWO, test=test, classes=("ER", "NR")),)


def _blocks(data: Path) -> Readings:
    """A column of 0 and 1 for each of ten letters; ids and paths; from code and memory."""
    made, cells, tests, rows = Builder(data), [], [], Rows()
    for k in range(50):
        part = "train" if k < 36 else "test"
        name = f"{part.upper()}_{k if k < 36 else k - 36:05d}"
        has = [int(made.random.random() < 0.3) for _ in range(10)]
        has[k % 10] = 1
        label = frozenset(one for one, bit in zip("ABCDEFGHIJ", has, strict=True) if bit)
        made.image(f"{part}/{name}.jpg", TrueSample((48, 48), label), part=part)
        path = f"./{part}/{name}.jpg"
        if part == "train":
            cells.append([name, path, *map(str, has)])
        else:
            tests.append([name, path])
            rows.append((name, *map(str, has)))
    made.table("train.csv", ["id", "img_path", *"ABCDEFGHIJ"], cells)
    made.table("test.csv", ["id", "img_path"], tests)
    columns = {"id": "key", **dict.fromkeys("ABCDEFGHIJ", "number")}
    made.table("sample_submission.csv", list(columns), [[one[0], *"0" * 10] for one in rows])
    return (made.truth(SEVERAL, columns, rows, classes=tuple("ABCDEFGHIJ")),)


def _galaxies(data: Path) -> LayoutTruth:
    """Shares of answers; the samples are benchmarks by name."""
    made, rows, train = Builder(data), list[tuple[str, ...]](), list[list[str]]()
    answers = [f"Class{one}.{each}" for one in range(1, 5) for each in range(1, 4)]
    for number in range(36):
        part = "training" if number < 30 else "test"
        name = str(100_008 + 15 * number)
        shares = [made.random.dirichlet((1, 1, 1)) for _ in range(4)]
        true = tuple(round(float(one), 6) for one in np.concatenate(shares))
        is_train = part == "training"
        path = f"images_{part}_rev1/{name}.jpg"
        made.image(path, TrueSample(BROAD, true), part="train" if is_train else "test")
        (train if is_train else rows).append((name, *map(str, true)))  # type: ignore[arg-type]
    made.table("training_solutions_rev1.csv", ["GalaxyID", *answers], train)
    for name, cell in (("all_zeros", "0"), ("all_ones", "1")):
        shown = [[one[0], *[cell] * len(answers)] for one in rows]
        made.table(f"{name}_benchmark.csv", ["GalaxyID", *answers], shown)
    columns = {"GalaxyID": "key", **dict.fromkeys(answers, "number")}
    return made.truth({"classify": "multitarget"}, columns, rows, classes=answers)


def _craft_in_orbit(data: Path) -> Readings:
    """One box an image, in a table of four numbers beside another of the craft; pictures without ground in a folder of their own."""
    made, boxes, about, plain = Builder(data), list[list[str]](), list[list[str]](), list[str]()
    targets = dict[str, Label]()
    for k in range(46):
        name = hex_name("craft", k, length=32)
        path = f"images/{name}.png"
        write_photos(made, [path], None, (40, 50))
        left, up, wide, tall = draw_boxes(made, (40, 50), 1)[0]
        box = (left, up, left + wide, up + tall)
        targets[path] = tuple(float(one) for one in box)
        boxes.append([name, *map(str, box)])
        about.append([name, str(k % 6), str(k * 7 % 5)])
    for k in range(6):
        path = f"no_background/{hex_name('plain', k, length=32)}.png"
        write_photos(made, [path], None, (40, 50))
        plain.append(path)
    corners = ("xmin", "ymin", "xmax", "ymax")
    made.table("train_labels.csv", ["image_id", *corners], boxes)
    made.table("train_metadata.csv", ["image_id", "spacecraft_id", "background_id"], about)
    made.table("no_background/no_background.csv", ["image_id", "spacecraft_id"], [[Path(one).stem, str(k)] for k, one in enumerate(plain)])  # fmt: skip
    alone = reading_of(made, TARGETS, out=in_folders("no_background"), classes=corners)
    return with_train_labels(alone, targets), with_train_labels(
        reading_of(made, TARGETS, classes=corners), targets
    )


def _mars(data: Path) -> Readings:
    """Images of both parts in one folder, three folders of masks for test; 255 is not known."""
    made, top = Builder(data), "ai4mars-dataset-merged-0.1/msl"
    tests = set()
    for k in range(32):
        name = f"NL{'AB'[k % 2]}_{397586934 + 7171 * k}EDR_F0{20 + k}AUT_04096M1"
        numbers = draw_class_map(made.random, BROAD, 4, fill=True) - 1
        numbers[:2] = 255
        if k % 5 == 0:
            numbers[numbers == 3] = 0
        planes = tuple(numbers == one for one in range(4))
        path = f"{top}/images/edr/{name}.JPG"
        made.image(path, TrueSample(BROAD, planes=planes, ignored=numbers == 255), part="train")
        for folder, short in (("mxy", "MXY"), ("rng-30m", "RNG")):
            other = name.replace("EDR", short)
            save_pixels(
                data / f"{top}/images/{folder}/{other}.png",
                (made.random.random(BROAD) < 0.4).astype(np.uint8),
            )
        if k >= 24:
            tests.add(path)
            for agreed in (1, 2, 3):
                fewer = numbers.copy()
                fewer[:, : 2 * agreed] = 255
                save_pixels(
                    data / f"{top}/labels/test/masked-gold-min{agreed}-100agree/{name}_merged.png",
                    fewer,
                )
        else:
            save_pixels(data / f"{top}/labels/train/{name}.png", numbers)
    made.text(
        "ai4mars-dataset-merged-0.1/info.txt",
        "0 - soil, 1 - bedrock, 2 - sand, 3 - big rock, 255 - NULL\n",
    )
    void = reading_of(made, MULTI, test=lambda path: path in tests, mask_classes=tuple("0123"))
    fewer_of = {
        path: replace(one, planes=(one.planes or ())[1:]) for path, one in void.train.items()
    }
    all_of = {path: replace(one, planes=(*(one.planes or ()), one.ignored), ignored=None)  # type: ignore[arg-type]
              for path, one in void.train.items()}  # fmt: skip
    return (
        void,
        replace(void, train=fewer_of, mask_classes=tuple("123")),
        replace(void, train=all_of, mask_classes=("0", "1", "2", "3", "255")),
    )


def _molecules(data: Path) -> LayoutTruth:
    """The answer is a text that no other image has."""
    made, cells, rows = Builder(data), [], []
    for number in range(32):
        part, name = part_by_number(number), hex_name(number, length=12)
        path = f"{part}/{name[0]}/{name[1]}/{name[2]}/{name}.png"
        grey = made.random.integers(0, 255, BROAD).astype(np.uint8)
        made.image(path, TrueSample(BROAD), part=part, pixels=grey)
        text = (
            f"InChI=1S/C{13 + number}H{20 + number}OS/c1-9(2)8-15-13-6-5-10(3)7-12(13)11(4)14/h5-7"
        )
        if part == "train":
            cells.append([name, text])
        else:
            rows.append([name, "InChI=1S/H2O/h1H2"])
    made.table("train_labels.csv", ["image_id", "InChI"], cells)
    made.table("extra_approved_InChIs.csv", ["InChI"], [[f"InChI=1S/C{n}H4"] for n in range(9)])
    made.table("sample_submission.csv", ["image_id", "InChI"], rows)
    return beyond_scope(made)


LAYOUTS = (
    RealLayout("seti-breakthrough-listen", "page, code", _seti),
    DataSet(
        "aicrowd-chess-win-prediction", "memory", _winners_of_chess, doubt="words of the labels"
    ),
    DataSet("HiRISE landmarks", "code", _marks_of_mars, has_test=False),
    DataSet("dacon-rock-classification", "code and memory", _rocks),
    DataSet("idao-2021-track-1", "code and memory", _recoils, doubt="the sample"),
    DataSet("dacon-4d-block-structure", "code and memory", _blocks),
    RealLayout("galaxy-zoo-the-galaxy-challenge", "page", _galaxies),
    DataSet(
        "drivendata-spacecraft-detection",
        "memory",
        _craft_in_orbit,
        has_test=False,
        doubt="folder without background",
    ),
    DataSet("AI4MARS", "code", _mars),
    RealLayout("bms-molecular-translation", "memory", _molecules),
)
