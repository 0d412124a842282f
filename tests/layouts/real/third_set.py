# ruff: noqa: E501  # rows of tables as their files have them
"""A third set of real competitions and public data sets, each in miniature, that podium never saw.

It measures whether what was mended because of the sets before reads others, too. A layout is never
bent toward what podium reads; where podium is mended because of one, it has become one of
development. Of a mask that is a JPEG, the truth is what its pixels are nearest to.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from layouts.drawing import Size, draw_class_map, draw_plane, save_pixels
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
    _workbook,
)
from layouts.real.labels import SIZE, _label, _write
from layouts.real.made import Builder, hex_name
from layouts.real.second_set import MULTI, _by_colour, _json, _no_file, _sorted_places
from layouts.runs import Codec, Plane
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["THIRD_COMPETITIONS", "THIRD_DATA_SETS"]

SEVERAL = {"classify": "multilabel"}
RANKS = {"classify": ["ordinal", "multiclass"]}
NUMBER = {"classify": "regression"}


def _with_labels(truth: LayoutTruth, labels: dict[str, Any]) -> LayoutTruth:
    """Return the truth with the labels of these paths."""
    return replace(
        truth,
        train={path: replace(one, label=labels.get(path)) for path, one in truth.train.items()},
        test={path: replace(one, label=labels.get(path)) for path, one in truth.test.items()},
    )


def _as_jpeg(path: Path, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Write a mask as a JPEG of the usual quality, and return its pixels as they are then."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, format="JPEG")
    with Image.open(path) as image:
        return np.asarray(image).copy()


def _red_and_green(
    random: np.random.Generator, size: Size, path: Path | None
) -> tuple[Plane, Plane]:
    """Write a JPEG of red and green, and return where it is which, however one tells."""
    while True:
        one, other = draw_plane(random, size), draw_plane(random, size)
        kind = int(random.integers(0, 4))
        planes = (one & (kind != 1), other & ~one & (kind in (0, 1)))
        if path is None:
            return planes
        colours = np.zeros((*size, 3), dtype=np.uint8)
        colours[..., 0], colours[..., 1] = planes[0] * 255, planes[1] * 255
        seen = _as_jpeg(path, colours).astype(int)
        far = [
            ((seen - colour) ** 2).sum(axis=-1) for colour in ((0, 0, 0), (255, 0, 0), (0, 255, 0))
        ]
        nearest = np.argmin(far, axis=0)
        above = (seen[..., 0] > 127, seen[..., 1] > 127)
        if all(np.array_equal(nearest == n + 1, above[n]) for n in range(2)):
            return nearest == 1, nearest == 2


# Competitions of labels


def _places_and_patches(data: Path) -> Readings:
    """Tables of two countries with semicolons; four files an observation; thirty ids are sent."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    # The ids that the sample lists are those of species, as in the real one.
    species = tuple(str(n) for n in range(32))
    for country, first in (("fr", 10000000), ("us", 20000000)):
        lines = {"train": ["observation_id;latitude;longitude;species_id;subset"],
                 "test": ["observation_id;latitude;longitude"]}  # fmt: skip
        for number in range(40):
            part, label = "train" if number < 32 else "test", species[number * 3 % 32]
            name = str(first + 171444 + 3119 * number)
            path = f"patches-{country}/{name[-2:]}/{name[-4:-2]}/{name}"
            made.image(f"{path}_rgb.jpg", TrueSample(SIZE, label), part=part)
            for end, kind in (
                ("near_ir.jpg", np.uint8),
                ("altitude.tif", np.int16),
                ("landcover.tif", np.uint8),
            ):
                values = made.random.integers(0, 30, SIZE).astype(kind)
                Image.fromarray(values).save(data / f"{path}_{end}")
            facts = f"{name};{43.1 + number / 100:.5f};{3.2 + number / 50:.5f}"
            if part == "train":
                lines[part].append(f"{facts};{label};{('train', 'val')[number % 8 == 5]}")
            else:
                lines[part].append(facts)
                rows.append((name, label))
        for part, each in lines.items():
            _lines(made, f"observations/observations_{country}_{part}.csv", each)
    _lines(made, "metadata/species_details.csv",
           ["species_id;GBIF_species_id;GBIF_species_name;GBIF_kingdom_name",
            *(f"{one};{2430567 + n};Species {one};Plantae" for n, one in enumerate(species))])  # fmt: skip
    _lines(
        made,
        "metadata/landcover_suggested_alignment.csv",
        ["landcover_code;label", "1;Forest", "2;Water"],
    )
    _lines(made, "pre-extracted/environmental_vectors.csv",
           ["observation_id;bio_1;bio_2", *(f"{one.split('/')[-1][:8]};9.5;7.1" for one in made.train)])  # fmt: skip
    columns = {"Id": "key", "Predicted": "ranking"}
    shown = " ".join(str(n) for n in range(30))
    made.table("sample_submission.csv", list(columns), [[one, shown] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=species),)


VEHICLES = ("Barge", "Bicycle", "Boat", "Car", "Motorcycle")


def _vehicles(data: Path) -> Readings:
    """Images of test are 000000.jpg, ids of the sample 0."""
    truth = _write(
        data, images=("train/train/{label}/{name}.jpg", "test/testset/{name}.jpg"),
        names=lambda part, number: (
            f"{hex_name('vehicle', number, length=16)}_{number % 7:02d}" if part == "train" else f"{number:06d}"
        ),
        labels=VEHICLES, classes=VEHICLES, kind="multiclass", columns={"Id": "key", "Category": "text"},
        shown=lambda name: [str(int(name)), "Car"],
        answer=lambda name, true: [str(int(name)), _label(true)],
    )  # fmt: skip
    return (truth,)


LESION_CODES = ("MEL", "NV", "BCC", "AK", "BKL", "DF", "VASC", "SCC", "UNK")


def _isic_2019(data: Path) -> Readings:
    """A column a class, the last of which train never has; two tables of facts with blanks."""
    made, rows = Builder(data), []
    about: dict[str, list[list[str]]] = {"Training": [], "Test": []}
    for part, n in (("Training", 32), ("Test", 8)):
        for number in range(n):
            name = f"ISIC_{13 * number + (0 if part == 'Training' else 34321):07d}"
            ending = "_downsampled" if number % 5 == 2 and part == "Training" else ""
            label = LESION_CODES[number * 3 % 8]
            path = f"ISIC_2019_{part}_Input/ISIC_2019_{part}_Input/{name}{ending}.jpg"
            made.image(path, TrueSample(SIZE, label if part == "Training" else None), part="train")
            facts = [f"{name}{ending}", f"{30 + 5 * (number % 9)}.0" if number % 6 else "",
                     ("anterior torso", "head/neck", "")[number % 3]]  # fmt: skip
            sex = ("female", "male")[number % 2]
            if part == "Training":
                rows.append(
                    [f"{name}{ending}", *(f"{float(one == label)}" for one in LESION_CODES)]
                )
                lesion = f"BCN_{number // 2:07d}" if number % 4 else ""
                about[part].append([*facts, lesion, sex])
            else:
                about[part].append([*facts, sex])
    made.table("ISIC_2019_Training_GroundTruth.csv", ["image", *LESION_CODES], rows)
    made.table("ISIC_2019_Training_Metadata.csv",
               ["image", "age_approx", "anatom_site_general", "lesion_id", "sex"], about["Training"])  # fmt: skip
    made.table("ISIC_2019_Test_Metadata.csv",
               ["image", "age_approx", "anatom_site_general", "sex"], about["Test"])  # fmt: skip
    for folder in ("ISIC_2019_Training_Input", "ISIC_2019_Test_Input"):
        made.text(
            f"{folder}/{folder}/ATTRIBUTION.txt",
            "BCN_20000 Dataset: (c) Department of Dermatology\n",
        )
        made.text(f"{folder}/{folder}/LICENSE.txt", "CC BY-NC 4.0\n")
    return (_reading(made, LABELS, test=_inside("ISIC_2019_Test_Input"), classes=LESION_CODES),)


def _foods_2021(data: Path) -> Readings:
    """Class folders of some of train, a folder 00 of the others, which have no class."""
    made, top, classes = Builder(data), "food-11", ("00", "01", "02", "10")
    for label in classes:
        _photos(
            made,
            [f"{top}/training/labeled/{label}/{int(label)}_{37 * k}.jpg" for k in range(7)],
            label,
        )
        _photos(made, [f"{top}/validation/{label}/{int(label)}_{k}.jpg" for k in range(3)], label)
    _photos(made, [f"{top}/training/unlabeled/00/{k}.jpg" for k in range(12)], None)
    _photos(made, [f"{top}/testing/00/{k:04d}.jpg" for k in range(8)], None)
    is_test = _inside(f"{top}/testing")
    return (
        _reading(made, LABELS, test=is_test, classes=classes),
        _reading(made, LABELS, test=is_test, out=_inside(f"{top}/validation"), classes=classes),
    )


def _foods_2022(data: Path) -> Readings:
    """The class stands before the number in the names of train and validation."""
    made, top, classes = Builder(data), "food11", ("0", "1", "2", "10")
    for label in classes:
        _photos(made, [f"{top}/training/{label}_{31 * k}.jpg" for k in range(8)], label)
        _photos(made, [f"{top}/validation/{label}_{17 * k}.jpg" for k in range(3)], label)
    _photos(made, [f"{top}/test/{k:04d}.jpg" for k in range(1, 9)], None)
    is_test = _inside(f"{top}/test")
    return (
        _reading(made, LABELS, test=is_test, classes=classes),
        _reading(made, LABELS, test=is_test, out=_inside(f"{top}/validation"), classes=classes),
    )


def _face_classes(data: Path) -> Readings:
    """Folders are people; the place of the folder in their order is sent."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    top, people = (
        "11-785-f22-hw2p2-classification/classification",
        ("n000002", "n000003", "n000012", "n009294"),
    )
    for place, label in enumerate(people):
        for part, n in (("train", 7), ("dev", 2), ("test", 2)):
            for k in range(n):
                name = f"{label}/{10 + 7 * k:04d}_0{1 + k % 3}.jpg"
                path = f"{top}/{part}/{name}"
                if part == "test":
                    name = f"{place + 4 * k:08d}.jpg"
                    path = f"{top}/test/{name}"
                    rows.append((name, str(place)))
                made.image(path, TrueSample(SIZE, label), part=part)
                if part == "dev":
                    made.train[path] = made.test.pop(path)
    for label in people[:2]:
        for path in [one for one in made.train if f"/train/{label}/" in one][:4]:
            copy = path.replace("/train/", "/train_subset/")
            (data / copy).parent.mkdir(parents=True, exist_ok=True)
            (data / copy).write_bytes((data / path).read_bytes())
            made.train[copy] = made.train[path]
    columns = {"id": "key", "label": "text"}
    made.table(
        f"{top}/classification_sample_submission.csv",
        list(columns),
        [[one, "0"] for one, _ in sorted(rows)],
    )
    truth = made.truth(LABELS, columns, rows, classes=people)
    found = []
    for out in (("train_subset",), (), ("dev", "train_subset"), ("dev",)):
        inside = tuple(f"{top}/{one}/" for one in out)
        kept = {
            path: one for path, one in truth.train.items() if not path.startswith(inside or "?")
        }
        found.append(replace(truth, train=kept))
    return tuple(found)


CAR_NAMES = (
    "AM General Hummer SUV 2000",
    "Acura TL Sedan 2012",
    "BMW M3 Coupe 2012",
    "Ram C/V Cargo Van Minivan 2012",
)


def _car_brands(data: Path) -> Readings:
    """Folders twice in each other; ids with zeros; a class with a slash."""
    truth = _write(
        data,
        images=("training_data/training_data/{name}.jpg", "testing_data/testing_data/{name}.jpg"),
        names=lambda part, number: f"{1 + 137 * number + 5 * (part == 'test'):06d}", labels=CAR_NAMES,
        classes=CAR_NAMES, kind="multiclass", table="training_labels.csv", header=["id", "label"],
        row=lambda name, label: [name, str(label)], columns={"id": "key", "label": "text"},
        shown=lambda name: [name, CAR_NAMES[0]], answer=lambda name, true: [name, _label(true)],
    )  # fmt: skip
    (data / "sample_submission.csv").unlink()
    return (_no_file(truth),)


BIRDS = ("001.Black_footed_Albatross", "002.Laysan_Albatross", "017.Cardinal", "115.Brewer_Sparrow")


def _birds(data: Path) -> Readings:
    """Texts without a header; a text has the order of the images of test, another the classes."""
    made, lines, order = Builder(data), [], []
    for number in range(1, 37):
        name, label = f"{3 * number:04d}.jpg", BIRDS[(number + number // 4) % 4]
        if number % 4:
            _photos(made, [f"training_images/{name}"], label)
            lines.append(f"{name} {label}")
        else:
            _photos(made, [f"testing_images/{name}"], None)
            order.append(name)
    _lines(made, "training_labels.txt", sorted(lines, key=lambda one: one[::-1]))
    _lines(made, "testing_img_order.txt", sorted(order, key=lambda one: hex_name(one)))
    _lines(made, "classes.txt", BIRDS)
    return (_reading(made, LABELS, test=_inside("testing_images"), classes=BIRDS),)


def _products(data: Path) -> Readings:
    """Folders thrice in each other; folders 03, and 3 in the table; all of the sample is 43."""
    made, rows, cells, classes = Builder(data), list[tuple[str, ...]](), [], ("3", "9", "11", "41")
    for number in range(40):
        part, label = "train" if number < 32 else "test", classes[number * 3 % 4]
        name = f"{hex_name('product', number, length=32)}.jpg"
        folder = f"train/train/train/{int(label):02d}" if part == "train" else "test/test/test"
        made.image(f"{folder}/{name}", TrueSample(SIZE, label), part=part)
        (cells if part == "train" else rows).append((name, label))
    columns = {"filename": "key", "category": "text"}
    made.table("train.csv", list(columns), cells)
    made.table("test.csv", list(columns), [[one, "43"] for one, _ in rows])
    truth = made.truth(LABELS, columns, rows, classes=classes)
    padded = {
        path: f"{int(str(one.label)):02d}" for path, one in {**truth.train, **truth.test}.items()
    }
    of_two = [(name, f"{int(label):02d}") for name, label in rows]
    other = _with_labels(truth, padded)
    file = replace(truth.file, rows=of_two) if truth.file is not None else None
    return truth, replace(other, file=file, classes=tuple(f"{int(one):02d}" for one in classes))


def _digit_sums(data: Path) -> Readings:
    """The sum of several digits in an image, 0 to 27."""
    sums = ("0", "27", "13", "5", "9", "21", "13")
    truth = _write(
        data, images=("train/{name}.jpeg", "test/{name}.jpeg"),
        names=lambda part, number: "".join(chr(97 + int(one, 16)) for one in hex_name(part, number, length=10)),
        labels=sums, classes=("0", "5", "9", "13", "21", "27"), kind=["multiclass", "regression", "ordinal"],
        header=["id", "digit_sum"], row=lambda name, label: [name, str(label)],
        columns={"id": "key", "digit_sum": "number"}, shown=lambda name: [name, "0"],
        answer=lambda name, true: [name, _label(true)],
    )  # fmt: skip
    return (truth,)


def _rice(data: Path) -> Readings:
    """A photograph and one of near infrared of each plant, each with a row; one folder."""
    made, rows, classes = Builder(data), list[tuple[str, ...]](), ("blast", "brown", "healthy")
    tables: dict[str, list[list[str]]] = {"train": [], "test": []}
    for number in range(26):
        part, label = (
            "train" if number < 20 else "test",
            classes[(number, number // 2)[number % 3 == 0] % 3],
        )
        probs = made.probs(classes)
        for end in ("", "_rgn"):
            name = f"id_{hex_name('rice', number)}{end}.jpg"
            made.image(f"Images/{name}", TrueSample(SIZE, label, probs), part=part)
            tables[part].append([name, label] if part == "train" else [name])
            if part == "test":
                rows.append((name, *(repr(probs[one]) for one in classes)))
    made.table("Train.csv", ["Image_id", "Label"], tables["train"])
    made.table("Test.csv", ["Image_id"], tables["test"])
    columns = {"Image_id": "key", **dict.fromkeys(classes, "number")}
    made.table("SampleSubmission.csv", list(columns), [[one, "0", "0", "0"] for one, *_ in rows])
    return (made.truth(LABELS, columns, rows, classes=classes),)


SIGNED = ("Church", "Enough/Satisfied", "Friend", "Love", "Me", "Mosque", "Seat", "Temple", "You")


def _kenyan_signs(data: Path) -> Readings:
    """Images of both parts in one folder; a class with a slash."""
    truth = _write(
        data, images=("Images/{name}.jpg", "Images/{name}.jpg"),
        names=lambda part, number: f"ImageID_{hex_name('sign', part, number, length=8).upper()}", labels=SIGNED,
        classes=SIGNED, kind="multiclass", table="Train.csv", header=["img_IDS", "Label"], n=(36, 9),
        row=lambda name, label: [name, str(label)], sample="SampleSubmission.csv",
        columns={"img_IDS": "key", **dict.fromkeys(SIGNED, "number")},
        shown=lambda name: [name, *["0"] * 9],
        answer=lambda name, true: [name, *(repr(true.probs[one]) for one in SIGNED)],
        more=lambda made: made.table("Test.csv", ["img_IDS"], [[Path(one).stem] for one in made.test]),
    )  # fmt: skip
    return (truth,)


def _plantations(data: Path) -> Readings:
    """Numbers of trees, of which many are none."""
    counts = [float(n * 17 % 71) if n % 3 else 0.0 for n in range(30)]
    truth = _write(
        data, images=("TreeImages/{name}.png", "TreeImages/{name}.png"),
        names=lambda part, number: f"Id_{hex_name('tree', part, number)}",
        labels=counts, kind="regression", table="Train.csv",
        header=["ImageId", "Target"], row=lambda name, label: [f"{name}.png", f"{label:g}"],
        sample="SampleSubmission.csv", columns={"ImageId": "key", "Target": "number"},
        shown=lambda name: [f"{name}.png", "0"], answer=lambda name, true: [f"{name}.png", _label(true)],
        more=lambda made: made.table("Test.csv", ["ImageId"], [[Path(one).name] for one in made.test]),
    )  # fmt: skip
    return (truth,)


def _memes(data: Path) -> Readings:
    """Lines of JSON with the path and a text; a probability and a label are sent."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    lines: dict[str, list[str]] = {"train": [], "dev": [], "test": []}
    texts = (
        "its their character not their color that matters",
        "when you run out of fingers",
        'she said "no" again',
    )
    for number in range(44):
        part = "train" if number < 28 else "dev" if number < 34 else "test"
        name, label = 1235 + 2017 * number % 98000, str(number * 3 % 7 % 2)
        path, probs = f"img/{name:05d}.png", made.probs(("0", "1"))
        # The label that is sent goes with the probability.
        label = str(int(probs["1"] > 0.5)) if part == "test" else label
        probs = {"0": round(1 - probs["1"], 3), "1": probs["1"]}
        made.image(
            f"data/{path}",
            TrueSample(SIZE, label, probs),
            part="test" if part == "test" else "train",
        )
        row = {"id": name, "img": path, "label": int(label), "text": texts[number % 3]}
        if part == "test":
            del row["label"]
            rows.append((str(name), repr(probs["1"]), label))
        lines[part].append(json.dumps(row))
    for part, each in lines.items():
        _lines(made, f"data/{part}.jsonl", each)
    made.text("data/README.md", "# The Hateful Memes Challenge README\n")
    made.text("data/LICENSE.txt", "Hateful Memes Dataset License Agreement\n")
    columns = {"id": "key", "proba": "number", "label": "text"}
    made.table("submission_format.csv", list(columns), [[one, "0.5", "1"] for one, *_ in rows])
    truth = made.truth(TWO, columns, rows, classes=("0", "1"))
    dev = {f"data/{json.loads(one)['img']}" for one in lines["dev"]}
    fewer = {path: one for path, one in truth.train.items() if path not in dev}
    return truth, replace(truth, train=fewer)


def _leaves(data: Path) -> Readings:
    """Classes of no name: c_0, c_1; a column each is sent."""
    classes = ("c_0", "c_1", "c_2", "c_10")
    truth = _write(
        data, images=("train/{label}/{name}.jpg", "test/{name}.jpg"),
        names=lambda part, number: hex_name("leaf", part, number, length=32), labels=classes, classes=classes,
        kind="multiclass", columns={"filename": "key", **dict.fromkeys(classes, "number")},
        shown=lambda name: [f"{name}.jpg", *["0.25"] * 4],
        answer=lambda name, true: [f"{name}.jpg", *(repr(true.probs[one]) for one in classes)],
    )  # fmt: skip
    return (truth,)


def _digits(data: Path) -> Readings:
    """Images of test lie beside those of train, in the folder of train."""
    classes, top = tuple("0123456789"), "Train_UQcUa52"
    truth = _write(
        data, images=(f"{top}/Images/train/{{name}}.png", f"{top}/Images/test/{{name}}.png"),
        names=lambda part, number: str(number if part == "train" else 49000 + number), labels=classes,
        classes=classes, kind="multiclass", table=f"{top}/train.csv", header=["filename", "label"], n=(40, 10),
        row=lambda name, label: [f"{name}.png", str(label)], sample="Sample_Submission_lxuyBuB.csv",
        columns={"filename": "key", "label": "text"}, shown=lambda name: [f"{name}.png", "0"],
        answer=lambda name, true: [f"{name}.png", _label(true)],
        more=lambda made: made.table(
            "Test_fCbTej3.csv", ["filename"], [[Path(one).name] for one in made.test]
        ),
    )  # fmt: skip
    return (truth,)


def _box_file(made: Builder, path: str, name: str) -> None:
    made.text(path, f"<annotation><filename>{Path(path).stem}.jpg</filename><size><width>28</width><height>20"
              f"</height><depth>3</depth></size><object><name>{name}</name><bndbox><xmin>3</xmin><ymin>2</ymin>"
              "<xmax>12</xmax><ymax>11</ymax></bndbox></object></annotation>")  # fmt: skip


FABRICS = ("吊经", "扎洞", "正常", "毛斑")


def _fabrics(data: Path) -> Readings:
    """Three parts of train with the same class folders; boxes beside; two tests."""
    made, n = Builder(data), 0
    parts = ("part1_20180628", "part2_20180705", "part3_20180709")
    for part in parts:
        for label in FABRICS:
            for _ in range(6 if label == "正常" else 3):
                n += 1
                path = f"xuelang_round1_train_{part}/{label}/J01_2018.06.{13 + n % 15} {8 + n % 10:02d}_{n % 60:02d}_35"
                _photos(made, [f"{path}.jpg"], label)
                if label != "正常":
                    _box_file(made, f"{path}.xml", label)
    tests = ("xuelang_round1_test_a_20180709", "xuelang_round1_test_b")
    for place, folder in enumerate(tests):
        _photos(
            made,
            [f"{folder}/J01_2018.06.{11 + k} 1{place}_03_{10 + k}.jpg" for k in range(6)],
            None,
        )
    found = []
    for test, out in ((tests, ()), (tests[1:], tests[:1]), (tests[:1], tests[1:])):
        left = _inside(*out) if out else (lambda path: False)
        found.append(_reading(made, LABELS, test=_inside(*test), out=left, classes=FABRICS))
        found.append(_reading(made, TWO, test=_inside(*test), out=left, classes=("正常", "瑕疵"),
                              label=lambda label: label if label == "正常" else "瑕疵"))  # fmt: skip
    return tuple(found)


def _aluminium(data: Path) -> Readings:
    """One part of train has the class in names, the other in folders, of two depths."""
    made, labels, inner = Builder(data), dict[str, str](), dict[str, str]()
    one_part, other = "guangdong_round1_train1_20180903", "guangdong_round1_train2_20180916"
    n = 0
    for label in ("擦花", "漏底", "正常"):
        for _ in range(5):
            n += 1
            labels[f"{one_part}/{label}201808301{72530 + 37 * n}对照样本.jpg"] = label
    for label in ("不导电", "擦花", "漏底"):
        for _ in range(6):
            n += 1
            labels[f"{other}/瑕疵样本/{label}/{label}201809011{4310 + 41 * n}对照样本.jpg"] = label
    for name in ("粘接", "返底"):
        for _ in range(3):
            n += 1
            path = f"{other}/瑕疵样本/其他/{name}/{name}201809051{1310 + 43 * n}对照样本.jpg"
            labels[path], inner[path] = "其他", name
    for _ in range(8):
        n += 1
        labels[f"{other}/无瑕疵样本/正常201809071{2210 + 47 * n}对照样本.jpg"] = "正常"
    for path, label in labels.items():
        _photos(made, [path], label)
    _photos(made, [f"guangdong_round1_test_a_20180916/{k}.jpg" for k in range(8)], None)
    found = []
    for out in ((), (one_part,)):
        for every in (labels, {**labels, **inner}):
            for normal in ("正常", "无瑕疵样本"):
                named = {
                    path: normal if label == "正常" else label for path, label in every.items()
                }
                truth = _reading(
                    made, LABELS, test=_inside("guangdong_round1_test_a_20180916"),
                    out=_inside(*out) if out else (lambda path: False), classes=sorted(set(named.values())),
                )  # fmt: skip
                found.append(_with_labels(truth, named))
    return tuple(found)


def _cats(data: Path) -> Readings:
    """A text of train without a header; some images of train are not in it."""
    made, lines, classes = Builder(data), [], ("0", "1", "2", "11")
    for number in range(34):
        letters = "".join(
            chr((65, 97)[int(one, 16) % 2] + int(one, 16))
            for one in hex_name("cat", number, length=32)
        )
        label = classes[number * 3 % 4] if number % 11 != 10 else None
        _photos(made, [f"cat_12_train/{letters}.jpg"], label)
        if label is not None:
            lines.append(f"cat_12_train/{letters}.jpg\t{label}")
    for number in range(9):
        letters = "".join(
            chr((65, 97)[int(one, 16) % 2] + int(one, 16))
            for one in hex_name("puss", number, length=32)
        )
        _photos(made, [f"cat_12_test/{letters}.jpg"], None)
    _lines(made, "train_list.txt", lines)
    return (_reading(made, LABELS, test=_inside("cat_12_test"), classes=classes),)


WALLS = ("가구수정", "걸레받이수정", "곰팡이", "꼬임", "훼손")


def _wallpaper(data: Path) -> Readings:
    """Class folders with Korean names; ids of test are TEST_000, of files 000.png."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    for label in WALLS:
        _photos(made, [f"train/{label}/{k}.png" for k in range(7)], label)
    for k in range(10):
        made.image(f"test/{k:03d}.png", TrueSample(SIZE, WALLS[k * 3 % 5]), part="test")
        rows.append((f"TEST_{k:03d}", WALLS[k * 3 % 5]))
    made.table("test.csv", ["id", "img_path"], [[one, f"./test/{one[5:]}.png"] for one, _ in rows])
    columns = {"id": "key", "label": "text"}
    made.table("sample_submission.csv", list(columns), [[one, WALLS[0]] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=WALLS),)


def _dirty_digits(data: Path) -> Readings:
    """Letters of an image in columns a to z; ids are 0, files 00000.png; other data beside."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    letters = tuple("abcdefghijklmnopqrstuvwxyz")
    for number in range(40):
        place = number if number < 30 else 49970 + number
        has = [(place * 7 + 3 * n) % 5 < 2 for n in range(26)]
        bits = [str(int(one)) for one in has]
        probs = {one: float(bit) for one, bit in zip(letters, bits, strict=True)}
        label = frozenset(one for one, bit in zip(letters, has, strict=True) if bit)
        folder, part = (
            ("dirty_mnist_2nd", "train") if number < 30 else ("test_dirty_mnist_2nd", "test")
        )
        grey = made.random.integers(0, 255, SIZE).astype(np.uint8)
        made.image(
            f"{folder}/{place:05d}.png", TrueSample(SIZE, label, probs), part=part, pixels=grey
        )
        (cells if number < 30 else rows).append((str(place), *bits))
    columns = {"index": "key", **dict.fromkeys(letters, "number")}
    made.table("dirty_mnist_2nd_answer.csv", list(columns), cells)
    made.table("mnist_data/train.csv", ["id", "digit", "letter", *map(str, range(16))],
               [[str(n), str(n % 10), letters[n].upper(), *map(str, range(n, n + 16))] for n in range(1, 20)])  # fmt: skip
    made.table("sample_submission.csv", list(columns), [[one, *["0"] * 26] for one, *_ in rows])
    return (made.truth(SEVERAL, columns, rows, classes=letters),)


def _breast_photos(data: Path) -> Readings:
    """Class folders and a table without a header; slides beside; test in another download."""
    made, lines, top = Builder(data), [], "ICIAR2018_BACH_Challenge"
    for label, front in (("Benign", "b"), ("InSitu", "is"), ("Invasive", "iv"), ("Normal", "n")):
        for k in range(1, 8):
            _photos(made, [f"{top}/Photos/{label}/{front}{k:03d}.tif"], label)
            lines.append(f"{front}{k:03d}.tif,{label}")
    _lines(made, f"{top}/Photos/microscopy_ground_truth.csv", lines)
    for k in range(1, 4):
        made.text(f"{top}/WSI/A{k:02d}.svs", "II*")
        made.text(f"{top}/WSI/A{k:02d}.xml", '<Annotations MicronsPerPixel="0.467"></Annotations>')
    made.text(f"{top}/Readme.txt", "ICIAR 2018 Grand Challenge on BreAst Cancer Histology images\n")
    tests = f"{top}_TestDataset/Photos"
    _photos(made, [f"{tests}/test{k}.tif" for k in range(10)], None)
    classes = ("Benign", "InSitu", "Invasive", "Normal")
    return (_reading(made, LABELS, test=_inside(tests), classes=classes),)


def _myopia(data: Path) -> Readings:
    """The class is the first letter of a name; a workbook tells those of validation."""
    made, rows, known = Builder(data), [], dict[str, str]()
    for letter, n in (("H", 5), ("N", 9), ("P", 12)):
        _photos(
            made,
            [f"PALM-Training400/PALM-Training400/{letter}{k:04d}.jpg" for k in range(1, n + 1)],
            letter,
        )
    for k in range(1, 9):
        path = f"PALM-Validation400/V{k:04d}.jpg"
        _photos(made, [path], None)
        known[path] = str(k * 3 % 2)
        rows.append([k, f"V{k:04d}.jpg", int(known[path]), 1057.52 + k, 1030.15])
        _photos(made, [f"PALM-Testing400-Images/T{k:04d}.jpg"], None)
    (data / "PALM-Validation-GT").mkdir()
    _workbook(data / "PALM-Validation-GT/PM_Label_and_Fovea_Location.xlsx",
              ["ID", "imgName", "Label", "Fovea_X", "Fovea_Y"], rows)  # fmt: skip
    tests, validation = _inside("PALM-Testing400-Images"), _inside("PALM-Validation400")
    both = lambda path: tests(path) or validation(path)  # noqa: E731
    letters = ("H", "N", "P")
    ill = {path: str(int(one.label == "P")) for path, one in made.train.items() if one.label}
    binary = _reading(made, TWO, test=tests, classes=("0", "1"))
    return (
        _reading(made, LABELS, test=tests, out=validation, classes=letters),
        _reading(made, LABELS, test=both, classes=letters),
        _reading(made, LABELS, test=tests, classes=letters),
        _with_labels(binary, {**ill, **known}),
    )


def _heads(data: Path) -> Readings:
    """The outline beside each image; a table with a number that is asked, and one that is not."""
    made, size = Builder(data), (32, 40)
    rows: dict[str, list[list[str]]] = {"training": [], "test": []}
    for part, n in (("training", 24), ("test", 8)):
        for number in range(n):
            end = "_2HC" if number % 6 == 3 else "_HC"
            name = f"{number - (end == '_2HC'):03d}{end}"
            high, wide = 6 + number % 8, 9 + number % 7
            down, across = np.mgrid[: size[0], : size[1]]
            far = ((down - 16) / high) ** 2 + ((across - 20) / wide) ** 2
            outline = (far <= 1) & (
                ((down - 16) / (high - 1)) ** 2 + ((across - 20) / (wide - 1)) ** 2 > 1
            )
            grey = made.random.integers(0, 200, size).astype(np.uint8)
            spacing = round(0.0691 + 0.004 * (number % 13), 15)
            if part == "test":
                made.image(f"test_set/{name}.png", TrueSample(size), part="train", pixels=grey)
                rows[part].append([f"{name}.png", str(spacing)])
                continue
            around = round(44.3 + 3.17 * (number * 5 % 24), 2)
            true = TrueSample(size, around, planes=(outline,))
            made.image(f"training_set/{name}.png", true, part="train", pixels=grey)
            _grey_mask(data / f"training_set/{name}_Annotation.png", outline)
            rows[part].append([f"{name}.png", str(spacing), str(around)])
    header = ["filename", "pixel size(mm)"]
    made.table(
        "training_set_pixel_size_and_HC.csv", [*header, "head circumference (mm)"], rows["training"]
    )
    made.table("test_set_pixel_size.csv", header, rows["test"])
    return (_reading(made, {**NUMBER, **ONE_MASK}, test=_inside("test_set"), mask_classes=[""]),)


def _white_cells(data: Path) -> Readings:
    """Three folds with two class folders each; a table for one test, none for the other."""
    made, rows, labels = Builder(data), [], dict[str, str]()
    for fold in range(3):
        for k in range(1, 6):
            labels[f"C-NMC_training_data/fold_{fold}/all/UID_{1 + 9 * fold}_{k}_1_all.bmp"] = "all"
        for k in range(1, 4):
            labels[f"C-NMC_training_data/fold_{fold}/hem/UID_H{1 + 7 * fold}_{k}_1_hem.bmp"] = "hem"
    first, last = "C-NMC_test_prelim_phase_data", "C-NMC_test_final_phase_data"
    for k in range(1, 10):
        label = ("hem", "all")[k % 3 > 0]
        labels[f"{first}/{first}/{k}.bmp"] = label
        patient = f"UID_{'H' if label == 'hem' else ''}{40 + k}_{k}_1_{label}.bmp"
        rows.append([patient, f"{k}.bmp", str(int(label == "all"))])
    for path, label in labels.items():
        _photos(made, [path], label)
    _photos(made, [f"{last}/{last}/{k}.bmp" for k in range(1, 9)], None)
    made.table(f"{first}/{first}_labels.csv", ["Patient_ID", "new_names", "labels"], rows)
    return (
        _reading(made, TWO, test=_inside(last), out=_inside(first), classes=("all", "hem")),
        _reading(made, TWO, test=_inside(last), classes=("all", "hem")),
        _reading(made, TWO, test=_inside(first, last), classes=("all", "hem")),
        _reading(made, TWO, test=_inside(first), out=_inside(last), classes=("all", "hem")),
    )


def _proteins(data: Path) -> Readings:
    """Sets of numbers; the sample lies above the folder of all else."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    top = "Human protein atlas"
    sets = (
        "9",
        "4",
        "5 2",
        "0",
        "2",
        "4 5",
        "6 8 9",
        "3",
        "5",
        "8",
        "7",
        "1",
        "4 0",
        "6",
        "2 3",
        "5 7 0",
    )
    for number in range(42):
        part, label = "train" if number < 32 else "test", sets[number * 3 % 16]
        name = str(19567 + 311 * number % 9000)
        made.image(
            f"{top}/{part}/{name}.png", TrueSample(SIZE, frozenset(label.split())), part=part
        )
        (cells if part == "train" else rows).append((name, label))
    columns = {"Image": "key", "Label": "labels"}
    made.table(f"{top}/train.csv", list(columns), cells)
    made.table("submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(SEVERAL, columns, rows, classes=tuple("0123456789")),)


DISHES = ("bhaji", "chapati", "githeri", "kukuchoma", "ugali")


def _kenyan_food(data: Path) -> Readings:
    """Images of both parts in one folder, of their numbers."""
    truth = _write(
        data, images=("images/images/{name}.jpg", "images/images/{name}.jpg"),
        names=lambda part, number: str(7211 + 97 * number + 11 * (part == "test")), labels=DISHES, classes=DISHES,
        kind="multiclass", header=["id", "class"], row=lambda name, label: [name, str(label)],
        columns={"id": "key", "class": "text"}, test_table=["id"], shown=lambda name: [name, "githeri"],
        answer=lambda name, true: [name, _label(true)],
    )  # fmt: skip
    return (truth,)


def _two_grades(data: Path) -> Readings:
    """Two grades an image, columns without a name behind them; numbers begin anew in test."""
    made, top, found = Builder(data), "B. Disease Grading", []
    grades: dict[str, tuple[str, str]] = {}
    for part, n in (("a", 28), ("b", 9)):
        where, lines = (
            ("Training", "Testing")[part == "b"],
            ["Image name,Retinopathy grade,Risk of macular edema ,,,,,,,,,"],
        )
        if part == "b":
            lines = ["Image name,Retinopathy grade,Risk of macular edema "]
        for k in range(1, n + 1):
            path = f"{top}/1. Original Images/{part}. {where} Set/IDRiD_{k:03d}.jpg"
            grades[path] = (str(k * 3 % 5), str(k * 2 % 3))
            _photos(made, [path], "?")
            lines.append(f"IDRiD_{k:03d},{','.join(grades[path])}{',' * 9 * (part == 'a')}")
        _lines(
            made, f"{top}/2. Groundtruths/{part}. IDRiD_Disease Grading_{where} Labels.csv", lines
        )
    made.text(f"{top}/CC-BY-4.0.txt", "Creative Commons\n")
    for place, classes in enumerate((tuple("01234"), tuple("012"))):
        truth = _reading(made, RANKS, test=lambda path: "b. Testing" in path, classes=classes)
        found.append(_with_labels(truth, {path: one[place] for path, one in grades.items()}))
    return tuple(found)


# Competitions of masks


def _buildings_from_above(data: Path) -> Readings:
    """Runs in a table; images of train are larger than those of test; -1 where there is none."""
    made, rows, cells, codec = Builder(data), list[tuple[str, ...]](), [], Codec("C", 1)
    for number in range(36):
        part, n = ("train", number) if number < 26 else ("test", number - 26)
        size = (48, 48) if part == "train" else (24, 24)
        plane = draw_plane(made.random, size) & (n % 7 != 3)
        name = f"TRAIN_{n:04d}" if part == "train" else f"TEST_{n:05d}"
        made.image(f"{part}_img/{name}.png", TrueSample(size, planes=(plane,)), part=part)
        runs = codec.encode(plane) or "-1"
        if part == "train":
            cells.append([name, f"./train_img/{name}.png", runs])
        else:
            rows.append((name, runs))
    made.table("train.csv", ["img_id", "img_path", "mask_rle"], cells)
    made.table(
        "test.csv", ["img_id", "img_path"], [[one, f"./test_img/{one}.png"] for one, _ in rows]
    )
    columns = {"img_id": "key", "mask_rle": "rle"}
    made.table("sample_submission.csv", list(columns), [[one, "-1"] for one, _ in rows])
    return (made.truth(ONE_MASK, columns, rows, mask_classes=[""], codec=codec),)


def _polyps_of_two_colours(data: Path) -> Readings:
    """Masks are JPEGs of red and green; a row an image and channel."""
    made, rows, size, codec = Builder(data), list[tuple[str, ...]](), (64, 96), Codec("C", 1)
    for number in range(30):
        part, name = "train" if number < 22 else "test", hex_name("polyp", number, length=32)
        mask = data / f"train_gt/train_gt/{name}.jpeg" if part == "train" else None
        planes = _red_and_green(made.random, size, mask)
        path = f"{part}/{part}/{name}.jpeg"
        made.image(path, TrueSample(size, planes=planes), part=part)
        if part == "test":
            rows += [(f"{name}_{n}", codec.encode(one)) for n, one in enumerate(planes)]
    columns = {"Ids": "key", "Expected": "rle"}
    made.table("sample_submission.csv", list(columns), [[one, "1 1 5 1"] for one, _ in rows])
    kinds = {"segment": ["multiclass", "multilabel"]}
    return (made.truth(kinds, columns, rows, mask_classes=("0", "1"), codec=codec),)


def _flooded(data: Path) -> Readings:
    """Two class folders with folders of images and of masks; most of train has neither."""
    made, top = Builder(data), "FloodNet Challenge - Track 1"
    values = np.arange(10, dtype=np.uint8)
    for place, label in enumerate(("Flooded", "Non-Flooded")):
        for k in range(9 + 3 * place):
            numbers = values[draw_class_map(made.random, SIZE, 10, fill=True) - 1]
            planes = tuple(numbers == one for one in values)
            name = 6279 + 14 * k + 333 * place
            folder = f"{top}/Train/Labeled/{label}"
            made.image(
                f"{folder}/image/{name}.jpg", TrueSample(SIZE, label, planes=planes), part="train"
            )
            save_pixels(data / f"{folder}/mask/{name}_lab.png", numbers)
    _photos(made, [f"{top}/Train/Unlabeled/image/{10808 + k}.jpg" for k in range(14)], None)
    _photos(made, [f"{top}/Validation/image/{8600 + 11 * k}.jpg" for k in range(6)], None)
    _photos(made, [f"{top}/Test/image/{7301 + 9 * k}.jpg" for k in range(6)], None)
    found = []
    for test, out in (
        ((f"{top}/Test",), (f"{top}/Validation",)),
        ((f"{top}/Test", f"{top}/Validation"), ()),
    ):
        left = _inside(*out) if out else (lambda path: False)
        every = _reading(made, {**TWO, **MULTI}, test=_inside(*test), out=left,
                         classes=("Flooded", "Non-Flooded"), mask_classes=tuple("0123456789"))  # fmt: skip
        some = {
            path: replace(one, planes=one.planes[1:]) if one.planes else one
            for path, one in every.train.items()
        }
        found += [every, replace(every, train=some, mask_classes=tuple("123456789"))]
    return tuple(found)


def _six_experts(data: Path) -> Readings:
    """A folder of masks for each of six pathologists, of whom none marked every image."""
    made, size, values = Builder(data), (32, 32), np.array([0, 1, 3, 4, 5], dtype=np.uint8)
    marks: dict[str, dict[str, NDArray[np.uint8]]] = {f"Maps{n}_T": {} for n in range(1, 7)}
    for number in range(26):
        name = f"slide{1 + number % 7:03d}_core{3 + 5 * number:03d}"
        path = f"Train Imgs/{name}.jpg"
        made.image(path, TrueSample(size), part="train")
        for place, (folder, of) in enumerate(marks.items()):
            if (number + place) % 7 not in (0, *((2, 4) if place > 2 else ())):
                of[path] = values[draw_class_map(made.random, size, 4, fill=False)]
                save_pixels(data / f"{folder}/{name}_classimg_nonconvex.png", of[path])
    for number in range(8):
        made.image(
            f"Test_imgs/slide00{1 + number % 7}_core{4 + 6 * number:03d}.jpg",
            TrueSample(size),
            part="train",
        )
    plain = _reading(made, MULTI, test=_inside("Test_imgs"), mask_classes=("1", "3", "4", "5"))
    found = []
    for of in marks.values():
        for first in (1, 0):
            train = {path: replace(one, planes=tuple(of[path] == value for value in values[first:]))
                     if path in of else one for path, one in plain.train.items()}  # fmt: skip
            found.append(
                replace(plain, train=train, mask_classes=tuple(str(one) for one in values[first:]))
            )
    return tuple(found)


# Competitions beyond podium's scope


def _shapes_as_text(data: Path) -> Readings:
    """Polygons of ten classes as text, in coordinates of another table."""
    made, cells, sizes = Builder(data), [], []
    names = [f"6{n}10_{n % 5}_{n // 5}" for n in range(12)]
    for name in names:
        _photos(made, [f"three_band/{name}.tif"], None)
        for end in "AMP":
            save_pixels(
                data / f"sixteen_band/{name}_{end}.tif",
                made.random.integers(0, 255, SIZE).astype(np.uint8),
            )
        sizes.append([name, "0.009188", "-0.0090400000000000012"])
    for name in names[:6]:
        shape = "MULTIPOLYGON (((0.0046 -0.0047, 0.0048 -0.0047, 0.0048 -0.0049, 0.0046 -0.0047)))"
        cells += [[name, str(k), shape if k % 3 else "MULTIPOLYGON EMPTY"] for k in range(1, 11)]
    header = ["ImageId", "ClassType", "MultipolygonWKT"]
    made.table("train_wkt_v4.csv", header, cells)
    made.table("grid_sizes.csv", ["", "Xmax", "Ymin"], sizes)
    made.table("sample_submission.csv", header,
               [[name, str(k), "MULTIPOLYGON EMPTY"] for name in names[6:] for k in range(1, 11)])  # fmt: skip
    return (_reading(made, {}),)


def _starfish(data: Path) -> Readings:
    """Boxes in a cell of each frame of videos."""
    made, cells = Builder(data), []
    for video in range(3):
        for frame in range(10):
            _photos(made, [f"train_images/video_{video}/{frame}.jpg"], None)
            boxes = [{"x": 5 + k, "y": 3, "width": 6, "height": 5} for k in range(frame % 3)]
            cells.append(
                [
                    str(video),
                    str(40258 + video),
                    str(frame),
                    str(frame),
                    f"{video}-{frame}",
                    str(boxes),
                ]
            )
    header = ["video_id", "sequence", "video_frame", "sequence_frame", "image_id"]
    made.table("train.csv", [*header, "annotations"], cells)
    made.table("test.csv", header, [["3", "99999", str(n), str(n), f"3-{n}"] for n in range(3)])
    made.table(
        "example_sample_submission.csv",
        ["index", "annotations"],
        [[str(n), "0.5 0 0 100 100"] for n in range(3)],
    )
    made.text("greatbarrierreef/__init__.py", "from .competition import make_env\n")
    return (_reading(made, {}),)


def _days(data: Path) -> Readings:
    """The order of five images of a place is asked."""
    made = Builder(data)
    for number in range(1, 11):
        part = "train_sm" if number <= 6 else "test_sm"
        _photos(made, [f"{part}/set{number}_{k}.jpeg" for k in range(1, 6)], None)
    made.table(
        "sample_submission.csv", ["setId", "day"], [[str(n), "1 2 3 4 5"] for n in range(7, 11)]
    )
    return (_reading(made, {}),)


def _paintings(data: Path) -> Readings:
    """Paintings are to be made of photographs; everything is there twice, in two forms."""
    made = Builder(data)
    _photos(made, [f"monet_jpg/{hex_name('monet', k)}.jpg" for k in range(10)], None)
    _photos(made, [f"photo_jpg/{hex_name('photo', k)}.jpg" for k in range(24)], None)
    made.text("monet_tfrec/monet00-60.tfrec", "x")
    made.text("photo_tfrec/photo00-352.tfrec", "x")
    return (_reading(made, {}),)


# Data sets of labels


def _bees_and_wasps(data: Path) -> Readings:
    """Paths with a backslash; a column a class and one of names; two columns of parts."""
    made, rows, labels, top = Builder(data), [], dict[str, str](), "kaggle_bee_vs_wasp"
    folders = {"bee1": "bee", "bee2": "bee", "wasp1": "wasp", "wasp2": "wasp", "other_insect": "insect",
               "other_noinsect": "other"}  # fmt: skip
    columns = ("is_bee", "is_wasp", "is_otherinsect", "is_other")
    names, parts = ("bee", "wasp", "insect", "other"), dict[str, int]()
    for folder, label in folders.items():
        for k in range(8):
            name = (
                f"{10007154554 + 7717 * k + 31 * len(rows)}_{hex_name(folder, k)}_n.jpg"
                if k % 2
                else f"I{100 + k + len(rows):05d}.jpg"
            )
            path = f"{top}/{folder}/{name}"
            labels[path], parts[path] = label, k % 4
            _photos(made, [path], label)
            rows.append([
                str(len(rows) + 1), f"{folder}\\{name}", *(str(int(one == label)) for one in names),
                str(int(folder[-1] == "1")), str(int(k % 4 == 2)), str(int(k % 4 == 3)), label,
            ])  # fmt: skip
    made.table(f"{top}/labels.csv", ["id", "path", *columns, "photo_quality", "is_validation",
               "is_final_validation", "label"], rows)  # fmt: skip
    made.text(f"{top}/Readme.md", "# Bee or wasp\n")
    of = dict(zip(names, columns, strict=True))
    found = []
    for out in ((), (2,)):
        truth = _reading(made, LABELS, test=lambda path: parts[path] == 3, out=lambda path, out=out: parts[path] in out,  # type: ignore[misc]
                         classes=names)  # fmt: skip
        found += [truth, _with_labels(truth, {path: of[one] for path, one in labels.items()})]
    return tuple(found)


EYES = ("N", "D", "G", "C", "A", "H", "M", "O")


def _two_eyes(data: Path) -> Readings:
    """A row an eye of a patient, with lists as text; images are there twice; test has no rows."""
    made, rows, one_label, several = (
        Builder(data),
        [],
        dict[str, str](),
        dict[str, frozenset[str]](),
    )
    top = "ODIR-5K/ODIR-5K"
    words = {"N": "normal fundus", "D": "moderate non proliferative retinopathy", "G": "glaucoma", "C": "cataract",
             "A": "dry age-related macular degeneration", "H": "hypertensive retinopathy",
             "M": "pathological myopia", "O": "macular epiretinal membrane"}  # fmt: skip
    for patient in range(22):
        kinds = (EYES[patient * 3 % 8], EYES[patient * 3 % 8 if patient % 3 else patient * 5 % 8])
        whole = frozenset(kinds)
        bits = [str(int(one in whole)) for one in EYES]
        for side, label in zip(("left", "right"), kinds, strict=True):
            name = f"{patient}_{side}.jpg"
            path = f"{top}/Training Images/{name}"
            is_used = (patient, side) != (3, "left")
            for one in (path, f"preprocessed_images/{name}")[: 1 + is_used]:
                _photos(made, [one], label if is_used else None)
                if is_used:
                    one_label[one], several[one] = label, whole
            if is_used:
                target = [int(one == label) for one in EYES]
                rows.append([
                    str(patient), str(45 + patient), ("Female", "Male")[patient % 2], f"{patient}_left.jpg",
                    f"{patient}_right.jpg", words[kinds[0]], words[kinds[1]], *bits,
                    f"../input/ocular-disease-recognition-odir5k/ODIR-5K/Training Images/{name}", f"['{label}']",
                    str(target), name,
                ])  # fmt: skip
    for patient in range(937, 941):
        _photos(
            made, [f"{top}/Testing Images/{patient}_{side}.jpg" for side in ("left", "right")], None
        )
    header = ["ID", "Patient Age", "Patient Sex", "Left-Fundus", "Right-Fundus", "Left-Diagnostic Keywords",
              "Right-Diagnostic Keywords", *EYES]  # fmt: skip
    made.table("full_df.csv", [*header, "filepath", "labels", "target", "filename"], rows)
    _workbook(
        data / f"{top}/data.xlsx",
        header,
        [[int(one[0]), int(one[1]), *one[2:7], *map(int, one[7:15])] for one in rows[::2]],
    )  # type: ignore[misc]
    found = []
    for out in (f"{top}/Training Images", "preprocessed_images"):
        truth = _reading(
            made, LABELS, test=_inside(f"{top}/Testing Images"), out=_inside(out), classes=EYES
        )
        several_of = replace(truth, kinds={"classify": frozenset(["multilabel"])})
        found += [_with_labels(truth, dict(one_label)), _with_labels(several_of, dict(several))]
    return tuple(found)


FUNDUS = ("Disease_Risk", "DR", "ARMD", "MH", "DN")


def _retinas(data: Path) -> Readings:
    """Three parts, each with numbers from 1 and a table of its own; a column sums up the others."""
    made, labels = Builder(data), dict[str, frozenset[str]]()
    for part, folder, name, n in (("Training", "Training", "Training", 26), ("Evaluation", "Validation", "Validation", 7),
                                  ("Test", "Test", "Testing", 7)):  # fmt: skip
        rows, top = [], f"{part}_Set/{part}_Set"
        for k in range(1, n + 1):
            has = frozenset(
                one for place, one in enumerate(FUNDUS[1:]) if (k * 3 + place * 2) % 5 == 0
            )
            has |= frozenset(["Disease_Risk"] if has else [])
            path = f"{top}/{folder}/{k}.png"
            labels[path] = has
            _photos(made, [path], has)
            rows.append([str(k), *(str(int(one in has)) for one in FUNDUS)])
        made.table(f"{top}/RFMiD_{name}_Labels.csv", ["ID", *FUNDUS], rows)
    found = []
    for out in ((), ("Evaluation_Set",)):
        left = _inside(*out) if out else (lambda path: False)
        truth = _reading(made, SEVERAL, test=_inside("Test_Set"), out=left, classes=FUNDUS)
        found.append(truth)
        fewer = _with_labels(truth, {path: one - {"Disease_Risk"} for path, one in labels.items()})
        found.append(replace(fewer, classes=FUNDUS[1:]))
        risk = {path: str(int("Disease_Risk" in one)) for path, one in labels.items()}
        found.append(replace(_with_labels(truth, risk), kinds={"classify": frozenset(["binary"])}))
    return tuple(found)


def _graded_eyes(data: Path) -> Readings:
    """Blank cells where an image cannot be graded; endings of another case than in the table."""
    made, rows, cells = Builder(data), [], dict[str, tuple[str | None, str | None, str]]()
    for number in range(32):
        name = (
            f"20051020_{43808 + 61 * number}_0100_PP.png"
            if number % 2
            else f"IM{637 + 3 * number:06d}.JPG"
        )
        is_graded = number % 11 != 7
        grade, oedema = (
            (str(number * 3 % 5), str(number * 5 % 7 % 2)) if is_graded else (None, None)
        )
        cells[f"IMAGES/{name}"] = (grade, oedema, str(int(is_graded)))
        _photos(made, [f"IMAGES/{name}"], "?")
        rows.append([name.replace(".JPG", ".jpg"), grade or "", oedema or "", str(int(is_graded))])
    made.table("messidor_data.csv",
               ["image_id", "adjudicated_dr_grade", "adjudicated_dme", "adjudicated_gradable"], rows)  # fmt: skip
    made.text(
        "messidor_readme.txt", "Adjudicated DR severity, DME and gradability for Messidor-2.\n"
    )
    found = []
    for place, (kinds, classes) in enumerate(
        ((RANKS, tuple("01234")), (TWO, ("0", "1")), (TWO, ("0", "1")))
    ):
        truth = _reading(made, kinds, classes=classes)
        found.append(_with_labels(truth, {path: one[place] for path, one in cells.items()}))
    return tuple(found)


def _endoscopy(data: Path) -> Readings:
    """Folders of three depths above the classes; a table with names without endings."""
    made, rows, ways = Builder(data), [], dict[str, tuple[str, str, str]]()
    kinds = (("lower-gi-tract", "anatomical-landmarks", "cecum"), ("lower-gi-tract", "pathological-findings", "polyps"),
             ("lower-gi-tract", "quality-of-mucosal-views", "bbps-0-1"), ("upper-gi-tract", "anatomical-landmarks", "pylorus"),
             ("upper-gi-tract", "pathological-findings", "esophagitis-a"))  # fmt: skip
    for organ, group, finding in kinds:
        for k in range(7):
            one = hex_name(finding, k, length=32)
            name = "-".join([one[:8], one[8:12], one[12:16], one[16:20], one[20:]])
            path = f"labeled-images/{organ}/{group}/{finding}/{name}.jpg"
            ways[path] = (finding, {"l": "Lower GI", "u": "Upper GI"}[organ[0]], group)
            _photos(made, [path], finding)
            rows.append([name, ways[path][1], finding, group])
    made.table(
        "labeled-images/image-labels.csv",
        ["Video file", "Organ", "Finding", "Classification"],
        rows,
    )
    found = []
    for place in range(3):
        kinds_of = TWO if place == 1 else LABELS
        truth = _reading(made, kinds_of, classes=sorted({one[place] for one in ways.values()}))
        found.append(_with_labels(truth, {path: one[place] for path, one in ways.items()}))
    return tuple(found)


def _cracked_concrete(data: Path) -> Readings:
    """Folders of decks, pavements and walls, each with one of cracked and one of sound ones."""
    made = Builder(data)
    for part, first in zip("DPW", (7001, 1, 7069), strict=True):
        for state in "CU":
            names = [
                f"{part}/{state}{part}/{first + k // 3:04d}-{1 + 13 * k + (state == 'U')}.jpg"
                for k in range(6)
            ]
            _photos(made, names, f"{state}{part}")
    return (
        _reading(made, TWO, classes=("C", "U"), label=lambda label: str(label)[0]),
        _reading(made, LABELS, classes=("CD", "CP", "CW", "UD", "UP", "UW")),
    )


WASTE = ("glass", "paper", "cardboard", "plastic", "metal", "trash")


def _waste(data: Path) -> Readings:
    """Class folders; lists of parts with the number of a class, from 1; a list from 0 beside."""
    made, top, parts = (
        Builder(data),
        "Garbage classification/Garbage classification",
        dict[str, str](),
    )
    lists: dict[str, list[str]] = {"train": [], "val": [], "test": []}
    every = []
    for number, label in enumerate(WASTE):
        for k in range(1, 11):
            name = f"{label}{k * 7}.jpg"
            part = ("train", "train", "val", "train", "test")[k % 5]
            _photos(made, [f"{top}/{label}/{name}"], label)
            parts[f"{top}/{label}/{name}"] = part
            lists[part].append(f"{name} {number + 1}")
            every.append(f"{name} {number}")
    for part, lines in lists.items():
        _lines(made, f"one-indexed-files-notrash_{part}.txt", sorted(lines, key=hex_name))
    _lines(made, "zero-indexed-files.txt", every)
    found = []
    for out in ((), ("val",)):
        left = lambda path, out=out: parts[path] in out  # noqa: E731
        is_test = lambda path: parts[path] == "test"  # noqa: E731
        found.append(_reading(made, LABELS, test=is_test, out=left, classes=WASTE))
        found.append(_reading(made, LABELS, test=is_test, out=left, classes=tuple("123456"),
                              label=lambda label: str(1 + WASTE.index(str(label)))))  # fmt: skip
    return tuple(found)


def _documents(data: Path) -> Readings:
    """Deep folders that mean nothing; lists of paths below another folder; names in a text."""
    made, parts = Builder(data), dict[str, str]()
    lists: dict[str, list[str]] = {"train": [], "val": [], "test": []}
    names = {"0": "letter", "1": "form", "3": "handwritten", "15": "memo"}
    for number in range(44):
        letters = hex_name("page", number, length=4)
        part, label = (
            ("train", "train", "val", "train", "test")[number % 5],
            list(names)[number * 3 % 4],
        )
        folder = f"images{letters[0]}/{'/'.join(letters[:3])}/{letters}{number:02d}00"
        name = f"{folder}/{503210033 + 1177 * number}{'+-0034' if number % 4 == 0 else ''}.tif"
        grey = made.random.integers(0, 255, SIZE).astype(np.uint8)
        made.image(f"rvl-cdip/images/{name}", TrueSample(SIZE, label), part="train", pixels=grey)
        parts[f"rvl-cdip/images/{name}"] = part
        lists[part].append(f"{name} {label}")
    for part, lines in lists.items():
        _lines(made, f"rvl-cdip/labels/{part}.txt", lines)
    _lines(made, "rvl-cdip/readme.txt",
           ["RVL-CDIP Dataset", "The label files list the images and their categories, path/to/the/image.tif category",
            "where the categories are numbered 0 to 15, in the following order:", *(f"{one} {name}" for one, name in names.items())])  # fmt: skip
    found = []
    for out in ((), ("val",)):
        left = lambda path, out=out: parts[path] in out  # noqa: E731
        is_test = lambda path: parts[path] == "test"  # noqa: E731
        found.append(_reading(made, LABELS, test=is_test, out=left, classes=tuple(names)))
        found.append(_reading(made, LABELS, test=is_test, out=left, classes=tuple(names.values()),
                              label=lambda label: names[str(label)]))  # fmt: skip
    return tuple(found)


def _letters(data: Path) -> Readings:
    """A large part and a small one; a file of no bytes in each; names end in ==."""
    made, classes = Builder(data), tuple("ABCDE")
    for label in classes:
        for part, n in (("large", 8), ("small", 3)):
            names = [f"{hex_name(part, label, k, length=20)}{'=' * (k % 3)}" for k in range(n)]
            _photos(made, [f"notMNIST_{part}/{label}/{one}.png" for one in names], label)
    made.text("notMNIST_large/A/RnJlaWdodERpc3BCb29rSXRhbGljLnR0Zg==.png", "")
    made.text("notMNIST_small/A/RGVtb2NyYXRpY2FCb2xkT2xkc3R5bGUgQm9sZC50dGY=.png", "")
    # Nothing in the download says that the small part is for tests.
    return (
        _reading(made, LABELS, classes=classes),
        _reading(made, LABELS, out=_inside("notMNIST_small"), classes=classes),
    )


def _emotions(data: Path) -> Readings:
    """Class folders of numbers, and a table of each part that tells the same."""
    made, tables, classes = (
        Builder(data),
        {"train": list[list[str]](), "test": list[list[str]]()},
        tuple("1234567"),
    )
    for number in range(70):
        part, label = "test" if number % 5 == 4 else "train", classes[number % 7]
        name = f"{part}_{1 + number:0{5 if part == 'train' else 4}d}_aligned.jpg"
        _photos(made, [f"DATASET/{part}/{label}/{name}"], label)
        tables[part].append([name, label])
    for part, rows in tables.items():
        made.table(f"{part}_labels.csv", ["image", "label"], rows)
    return (_reading(made, LABELS, test=_inside("DATASET/test"), classes=classes),)


def _apparent_ages(data: Path) -> Readings:
    """A crop and a MAT beside each image; a table of means and one of each rating, for each part."""
    made, top = Builder(data), "appa-real-release"
    ages: dict[str, tuple[float, float]] = {}
    for part, first, n in (("train", 0, 22), ("valid", 4113, 7), ("test", 5613, 8)):
        means, ratings, kinds = [], [], []
        for k in range(n):
            name, real = f"{first + 3 * k:06d}.jpg", float(4 + (k * 17 + first) % 70)
            mean = round(real + (k % 7 - 3) * 0.81, 6)
            for path in (f"{top}/{part}/{name}", f"{top}/{part}/{name}_face.jpg"):
                ages[path] = (mean, real)
                _photos(made, [path], mean)
            made.text(f"{top}/{part}/{name}.mat", "MATLAB 5.0 MAT-file")
            means.append([name, str(32 + k % 9), str(mean), f"{0.3 + k / 50:.6f}", f"{real:.0f}"])
            ratings += [
                [
                    name,
                    f"{real:.0f}",
                    str(int(real) + j),
                    str(22 + (k * 7 + j * 11) % 33),
                    ("female", "male")[(k + j) % 2],
                ]
                for j in range(3)
            ]
            kinds.append(
                [name, ("female", "male")[k % 2], "caucasian", "slightlyhappy", "nomakeup"]
            )
        made.table(f"{top}/gt_avg_{part}.csv",
                   ["file_name", "num_ratings", "apparent_age_avg", "apparent_age_std", "real_age"], means)  # fmt: skip
        made.table(
            f"{top}/gt_{part}.csv",
            ["file_name", "real_age", "apparent_age", "worker_age", "worker_gender"],
            ratings,
        )
        made.table(
            f"{top}/allcategories_{part}.csv",
            ["file", "gender", "race", "happiness", "makeup"],
            kinds,
        )
    made.text(f"{top}/README.txt", "APPA-REAL (REAL and APPArent age) database\n")
    found = []
    for place in range(2):
        for is_face in (False, True):
            for valid in ((), (f"{top}/valid/",)):
                out = lambda path, face=is_face, valid=valid: (  # noqa: E731
                    path.endswith("_face.jpg") != face or path.startswith(valid or "?")
                )
                truth = _reading(made, NUMBER, test=_inside(f"{top}/test"), out=out)
                found.append(_with_labels(truth, {path: one[place] for path, one in ages.items()}))
    return tuple(found)


def _image_quality(data: Path) -> Readings:
    """A mean opinion beside its distribution; a table of other measures."""
    made, rows, others, means = Builder(data), [], [], dict[str, tuple[float, float]]()
    for k in range(30):
        name, other = f"{10004473376 + 91237 * k}.jpg", k * 11 % 30
        counts = [30 - other, 25, 20 + k % 3, 9 + other, 21 - k % 3]  # 105 people
        mean = round(sum(grade * n for grade, n in enumerate(counts, 1)) / 105, 12)
        spread = round(66.3591005565178 + 1.21 * other, 12)
        means[f"1024x768/{name}"] = (mean, spread)
        _photos(made, [f"1024x768/{name}"], mean)
        rows.append([name, *map(str, counts), "105", str(mean), f"0.5{k}", str(spread)])
        others.append([name, f"0.{300 + k}", f"0.{12 + k}", f"{5 + k}.{k}"])
    made.table("koniq10k_scores_and_distributions.csv",
               ["image_name", "c1", "c2", "c3", "c4", "c5", "c_total", "MOS", "SD", "MOS_zscore"], rows)  # fmt: skip
    made.table(
        "koniq10k_indicators.csv", ["image_name", "brightness", "contrast", "colorfulness"], others
    )
    return tuple(
        _with_labels(_reading(made, NUMBER), {path: one[place] for path, one in means.items()})
        for place in (0, 1)
    )


def _beauty(data: Path) -> Readings:
    """Lists without a header in folders whose names have a percent sign; five folds beside."""
    made, top, lines, labels = Builder(data), "SCUT-FBP5500_v2", [], dict[str, float]()
    for k in range(1, 11):
        for kind in ("AF", "AM", "CF", "CM"):
            score = round(1.6 + (k * 13 + ord(kind[0]) + ord(kind[1])) % 29 * 0.1, 6)
            path = f"{top}/Images/{kind}{k * 3}.jpg"
            labels[path] = score
            _photos(made, [path], score)
            lines.append(f"{kind}{k * 3}.jpg {score:.6f}")
            made.text(f"{top}/facial landmark/{kind}{k * 3}.pts", "version: 1")
    lists = f"{top}/train_test_files"
    lines = sorted(lines, key=hex_name)
    _lines(made, f"{lists}/All_labels.txt", lines)
    for name, each in (("train", lines[:24]), ("test", lines[24:])):
        _lines(made, f"{lists}/split_of_60%training and 40%testing/{name}.txt", each)
    for fold in range(1, 6):
        folder = f"{lists}/5_folders_cross_validations_files/cross_validation_{fold}"
        held = lines[8 * fold - 8 : 8 * fold]
        _lines(made, f"{folder}/test_{fold}.txt", held)
        _lines(made, f"{folder}/train_{fold}.txt", [one for one in lines if one not in held])
    _workbook(data / f"{top}/All_Ratings.xlsx", ["Rater", "Filename", "Rating", "original Rating"],
              [[str(n), lines[0].split()[0], 3 + n % 2, None] for n in range(1, 6)])  # type: ignore[list-item]  # fmt: skip
    made.text(f"{top}/README.txt", "SCUT-FBP5500-Database-Release v2\n")
    tests = {f"{top}/Images/{one.split()[0]}" for one in lines[24:]}
    return (_reading(made, NUMBER, test=lambda path: path in tests),)


AGES = ("(0, 2)", "(25, 32)", "(38, 43)", "(60, 100)")


def _album_faces(data: Path) -> Readings:
    """Five tables with tabs; three columns make the name of a file; some cells are blank."""
    made, found, of = Builder(data), [], dict[str, tuple[str | None, str | None]]()
    header = ["user_id", "original_image", "face_id", "age", "gender", "x", "y", "dx", "dy", "tilt_ang",
              "fiducial_yaw_angle", "fiducial_score"]  # fmt: skip
    for fold in range(5):
        lines = ["\t".join(header)]
        for k in range(9):
            user, face, picture = (
                f"{30601258 + fold * 7171 + k // 3}@N0{3 + fold}",
                1 + 13 * fold + k // 4,
                f"{10424815813 + 911 * k}_e94629b1ec_o.jpg",
            )
            age, sex = AGES[(k + fold) % 4], ("f", "m")[k * 3 % 5 % 2]
            shown = (age, "" if k == 7 else sex)
            path = f"faces/{user}/coarse_tilt_aligned_face.{face}.{picture}"
            of[path] = (shown[0], shown[1] or None)
            _photos(made, [path], "?")
            lines.append(
                "\t".join(
                    [
                        user,
                        picture,
                        str(face),
                        *shown,
                        "0",
                        "414",
                        "1086",
                        "1383",
                        "-115",
                        "30",
                        "17",
                    ]
                )
            )
        _lines(made, f"fold_{fold}_data.txt", lines)
        _lines(made, f"fold_frontal_{fold}_data.txt", lines[:5])
    made.text("LICENSE.txt", "Adience: unfiltered faces for gender and age classification\n")
    for place, (kinds, classes) in enumerate(
        (({"classify": ["multiclass", "ordinal"]}, AGES), (TWO, ("f", "m")))
    ):
        found.append(
            _with_labels(
                _reading(made, kinds, classes=classes),
                {path: one[place] for path, one in of.items()},
            )
        )
    return tuple(found)


def _monsters(data: Path) -> Readings:
    """Names without endings, of which there are two; the second type is often blank."""
    made, rows, types = Builder(data), [], dict[str, tuple[str, str]]()
    names = ("abomasnow", "abra", "absol", "accelgor", "bulbasaur", "charizard", "deoxys-normal", "ekans", "farfetchd",
             "gastly", "haunter", "igglybuff", "jolteon", "kabuto", "lapras", "magikarp", "natu", "oddish", "pidgey",
             "quagsire", "rattata", "seel", "tentacool", "umbreon", "vulpix", "wooper", "xatu", "yanma")  # fmt: skip
    kinds = ("Grass", "Psychic", "Bug", "Fire", "Water")
    for n, name in enumerate(names):
        first, second = kinds[n % 5], ("", kinds[(n + 2) % 5], "")[n % 3]
        path = f"images/images/{name}.{('png', 'jpg')[n >= 20]}"
        types[path] = (first, second)
        _photos(made, [path], first)
        rows.append([name, first, second])
    made.table("pokemon.csv", ["Name", "Type1", "Type2"], rows)
    both = {path: frozenset(one) - {""} for path, one in types.items()}
    return (
        _reading(made, LABELS, classes=kinds),
        _with_labels(_reading(made, SEVERAL, classes=kinds), dict(both)),
    )


GENRES = ("Action", "Comedy", "Documentary", "Drama", "N/A", "Thriller")


def _posters(data: Path) -> Readings:
    """A list as text and a column for each of its words."""
    made, rows, top = Builder(data), [], "Multi_Label_dataset"
    for k in range(32):
        has = [
            one for place, one in enumerate(GENRES) if (k * 3 + place * 5) % 7 < 2 and one != "N/A"
        ]
        has = has or [("Drama", "N/A")[k % 5 == 0]]
        name = f"tt{86425 + 9173 * k:07d}"
        _photos(made, [f"{top}/Images/{name}.jpg"], frozenset(has))
        rows.append([name, str(has), *(str(int(one in has)) for one in GENRES)])
    made.table(f"{top}/train.csv", ["Id", "Genre", *GENRES], rows)
    made.text(
        f"{top}/README.txt",
        "The images of movie posters are from IMDB; columns after Genre are of each.\n",
    )
    return (_reading(made, SEVERAL, classes=GENRES),)


LAND = ("Arable land", "Broad-leaved forest", "Coniferous forest", "Pastures", "Sea and ocean")


def _satellite_patches(data: Path) -> Readings:
    """A folder a patch with bands of three sizes and a JSON with its labels."""
    made, top = Builder(data), "BigEarthNet-v1.0"
    for k in range(24):
        has = frozenset(one for place, one in enumerate(LAND) if (k * 2 + place * 3) % 5 < 2)
        name = f"S2{'AB'[k % 2]}_MSIL2A_2017{6 + k % 4:02d}13T101031_{k * 3}_{45 + k}"
        for band, side in (
            ("B01", 4),
            ("B02", 24),
            ("B03", 24),
            ("B04", 24),
            ("B05", 12),
            ("B8A", 12),
        ):
            path = data / f"{top}/{name}/{name}_{band}.tif"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(made.random.integers(0, 3000, (side, side)).astype(np.uint16)).save(
                path
            )
        made.train[f"{top}/{name}/{name}_B01.tif"] = TrueSample((4, 4), has)
        _json(made, f"{top}/{name}/{name}_labels_metadata.json", {
            "labels": sorted(has), "coordinates": {"ulx": 354540, "uly": 5302440, "lrx": 355740, "lry": 5301240},
            "projection": 'PROJCS["WGS 84 / UTM zone 34N"]', "tile_source": "S2A_MSIL1C.SAFE",
            "acquisition_date": "2017-06-13 10:10:31",
        })  # fmt: skip
    return (_reading(made, SEVERAL, classes=LAND),)


def _hurricane(data: Path) -> Readings:
    """Two tests, one of as many of each class; names are coordinates."""
    made, classes = Builder(data), ("damage", "no_damage")
    for place, (part, n) in enumerate(
        (("train_another", 10), ("validation_another", 4), ("test_another", 5), ("test", 4))
    ):
        for label in classes:
            number = n + (3 if label == "damage" and part == "test_another" else 0)
            names = [
                f"-9{3 + k % 3}.{5301 + 97 * k + 11 * place}_{28 + k % 3}.{778806 + 1171 * k + len(label)}.jpeg"
                for k in range(number)
            ]
            _photos(made, [f"{part}/{label}/{one}" for one in names], label)
    found = []
    for tests, others in (
        (("test", "test_another"), ()),
        (("test",), ("test_another",)),
        (("test_another",), ("test",)),
    ):
        for validation in ((), ("validation_another",)):
            out = (*others, *validation)
            left = _inside(*out) if out else (lambda path: False)
            found.append(_reading(made, TWO, test=_inside(*tests), out=left, classes=classes))
    return tuple(found)


FINDINGS = (
    "No Finding",
    "Cardiomegaly",
    "Lung Opacity",
    "Edema",
    "Pleural Effusion",
    "Support Devices",
)


def _lung_findings(data: Path) -> Readings:
    """1.0, 0.0, -1.0 for not sure, and blank; a path below the folder of all."""
    made, top, cells = Builder(data), "CheXpert-v1.0-small", dict[str, list[str]]()
    for part, n in (("train", 26), ("valid", 8)):
        rows = []
        for k in range(n):
            front = k % 3 > 0
            first = 1 if part == "train" else 64541
            path = f"{top}/{part}/patient{first + k // 2:05d}/study{1 + k % 2}/view1_{'frontal' if front else 'lateral'}.jpg"
            each = [
                ("", "1.0", "", "0.0", "-1.0", "1.0", "")[(k * 5 + 2 * place) % 7]
                for place in range(6)
            ]
            each[0] = ("", "1.0")[k % 6 == 0]
            if part == "valid":
                each = [f"{float(one == '1.0')}" for one in each]
            cells[path] = each
            _photos(made, [path], "?")
            rows.append(
                [
                    path,
                    ("Female", "Male")[k % 2],
                    str(41 + k),
                    ("Lateral", "Frontal")[front],
                    ("", "AP")[front],
                    *each,
                ]
            )
        made.table(
            f"{top}/{part}.csv", ["Path", "Sex", "Age", "Frontal/Lateral", "AP/PA", *FINDINGS], rows
        )
    found = []
    for positive in (("1.0", "-1.0"), ("1.0",)):
        labels = {path: frozenset(name for name, one in zip(FINDINGS, each, strict=True) if one in positive)
                  for path, each in cells.items()}  # fmt: skip
        truth = _reading(made, SEVERAL, test=_inside(f"{top}/valid"), classes=FINDINGS)
        found.append(_with_labels(truth, dict(labels)))
    return tuple(found)


BLOOD = ("EOSINOPHIL", "LYMPHOCYTE", "MONOCYTE", "NEUTROPHIL")


def _blood(data: Path) -> Readings:
    """Two sets in folders twice in each other: boxes of one, class folders of the other."""
    made, one, other = (
        Builder(data),
        "dataset-master/dataset-master",
        "dataset2-master/dataset2-master",
    )
    for label in BLOOD:
        _photos(
            made,
            [f"{other}/images/TRAIN/{label}/_{k % 3}_{207 + 31 * k}.jpeg" for k in range(9)],
            label,
        )
        _photos(
            made,
            [f"{other}/images/TEST/{label}/_{k % 2}_{1390 + 71 * k}.jpeg" for k in range(4)],
            label,
        )
        _photos(
            made,
            [f"{other}/images/TEST_SIMPLE/{label}/_0_{187 + 53 * k}.jpeg" for k in range(2)],
            label,
        )
    lines = [",Image,Category"]
    for k in range(12):
        _photos(made, [f"{one}/JPEGImages/BloodImage_{k:05d}.jpg"], None)
        _box_file(made, f"{one}/Annotations/BloodImage_{k:05d}.xml", "RBC")
        lines.append(
            f'{k},{k},"{BLOOD[k % 4]}{", " + BLOOD[1] if k == 5 else ""}"'
            if k != 8
            else f"{k},{k},"
        )
    _lines(made, f"{one}/labels.csv", lines)
    _lines(made, f"{other}/labels.csv", lines)
    top, beside = f"{other}/images", f"{one}/JPEGImages"
    return (
        _reading(
            made,
            LABELS,
            test=_inside(f"{top}/TEST", f"{top}/TEST_SIMPLE"),
            out=_inside(beside),
            classes=BLOOD,
        ),
        _reading(
            made,
            LABELS,
            test=_inside(f"{top}/TEST"),
            out=_inside(beside, f"{top}/TEST_SIMPLE"),
            classes=BLOOD,
        ),
        _reading(
            made,
            LABELS,
            test=_inside(f"{top}/TEST_SIMPLE"),
            out=_inside(beside, f"{top}/TEST"),
            classes=BLOOD,
        ),
        _reading(
            made, LABELS, test=_inside(f"{top}/TEST_SIMPLE"), out=_inside(beside), classes=BLOOD
        ),
        _reading(made, LABELS, test=_inside(f"{top}/TEST"), out=_inside(beside), classes=BLOOD),
    )


def _mammograms(data: Path) -> Readings:
    """A text with lines of different lengths below an explanation; grey PGMs."""
    made, lines = Builder(data), []
    kinds = ("NORM", "CIRC", "NORM", "SPIC", "NORM", "CALC", "ASYM")
    of: dict[str, tuple[str, str, str]] = {}
    for k in range(1, 31):
        tissue, kind, name = "FGD"[k % 3], kinds[k * 3 % 7], f"mdb{k:03d}"
        side = "BM"[k % 2]
        grey = made.random.integers(0, 255, SIZE).astype(np.uint8)
        made.image(f"all-mias/{name}.pgm", TrueSample(SIZE, kind), part="train", pixels=grey)
        of[f"all-mias/{name}.pgm"] = (kind, tissue, "N" if kind == "NORM" else side)
        more = "" if kind == "NORM" else f" {side} {400 + 7 * k} {425 + k} {20 + k}"
        lines += [f"{name} {tissue} {kind}{more}"] * (1 + (k == 5))
    head = ["INFORMATION:", "", "This file lists the films in the MIAS database and provides appropriate details.", "",
            "1st column: MIAS database reference number.", "2nd column: Character of background tissue: F G D",
            "3rd column: Class of abnormality present: CALC CIRC SPIC MISC ARCH ASYM NORM", ""]  # fmt: skip
    _lines(made, "all-mias/Info.txt", [*head, *lines])
    made.text(
        "all-mias/README", "The Mammographic Image Analysis Society Digital Mammogram Database\n"
    )
    made.text("all-mias/Licence.txt", "MAMMOGRAPHIC IMAGE ANALYSIS SOCIETY LICENCE\n")
    return tuple(
        _with_labels(_reading(made, LABELS, classes=sorted({one[place] for one in of.values()})),
                     {path: one[place] for path, one in of.items()})
        for place in (0, 1)
    )  # fmt: skip


def _smear_cells(data: Path) -> Readings:
    """Class folders twice in each other; crops of cells in a folder inside, with outlines as text."""
    made, classes = (
        Builder(data),
        ("im_Dyskeratotic", "im_Koilocytotic", "im_Metaplastic", "im_Parabasal"),
    )
    for label in classes:
        for k in range(1, 6):
            _photos(made, [f"{label}/{label}/{k:03d}.bmp"], label, (28, 36))
            for cell in range(1, 3):
                _photos(made, [f"{label}/{label}/CROPPED/{k:03d}_{cell:02d}.bmp"], label)
                for end in ("cyt", "nuc"):
                    made.text(
                        f"{label}/{label}/CROPPED/{k:03d}_{cell:02d}_{end}.dat",
                        "2.1,3.0\n5.5,9.2\n",
                    )
    is_crop = lambda path: "/CROPPED/" in path  # noqa: E731
    return (
        _reading(made, LABELS, out=lambda path: not is_crop(path), classes=classes),
        _reading(made, LABELS, out=is_crop, classes=classes),
        _reading(made, LABELS, classes=classes),
    )


def _fashion(data: Path) -> Readings:
    """Many answers beside each other; a row has more cells than the header; images are missing."""
    made, top, of = Builder(data), "fashion-dataset", dict[str, tuple[str, ...]]()
    header = "id,gender,masterCategory,subCategory,articleType,baseColour,season,year,usage,productDisplayName"
    kinds = (("Apparel", "Topwear", "Shirts"), ("Apparel", "Bottomwear", "Jeans"), ("Accessories", "Watches", "Watches"),
             ("Footwear", "Shoes", "Casual Shoes"), ("Apparel", "Topwear", "Tshirts"))  # fmt: skip
    lines, links = [header], ["filename,link"]
    for k in range(40):
        name, kind = 15970 + 1163 * k, kinds[k * 3 % 5]
        facts = (("Men", "Women")[k * 5 % 7 % 2], *kind, ("Navy Blue", "Blue", "Silver", "Black")[k % 4],
                 ("Fall", "Summer", "Winter")[k // 2 % 3], f"{2011 + k % 3}.0" if k != 9 else "", ("Casual", "Formal", "")[k % 3])  # fmt: skip
        title = "Turtle Check Men Navy Blue Shirt"
        if k == 17:
            title = "United Colors of Benetton Men, Stripes Black Shirt"
        lines.append(",".join([str(name), *facts, title]))
        links.append(f"{name}.jpg,http://assets.myntassets.com/v1/images/style/{name}.jpg")
        _json(
            made,
            f"{top}/styles/{name}.json",
            {"notification": {}, "data": {"id": name, "price": 895}},
        )
        if k != 23:
            of[f"{top}/images/{name}.jpg"] = facts
            _photos(made, [f"{top}/images/{name}.jpg"], kind[2])
    _lines(made, f"{top}/styles.csv", lines)
    _lines(made, f"{top}/images.csv", links)
    found = []
    for place in (3, 1, 2, 0, 4, 5):
        classes = sorted({one[place] for one in of.values()})
        truth = _reading(made, TWO if place == 0 else LABELS, classes=classes)
        found.append(_with_labels(truth, {path: one[place] for path, one in of.items()}))
    return tuple(found)


# Data sets of masks


def _poland(data: Path) -> Readings:
    """Lists name tiles that a program beside cuts later; all is train."""
    made, size = Builder(data), (48, 48)
    lists: dict[str, list[str]] = {"train": [], "val": [], "test": []}
    for k in range(20):
        name = f"{'MN'[k % 2]}-{33 + k % 2}-{20 + 7 * k}-D-c-{1 + k % 4}-{1 + k % 3}"
        numbers = draw_class_map(made.random, size, 4, fill=False)
        made.image(
            f"images/{name}.tif", TrueSample(size, planes=_planes_of(numbers, 4)), part="train"
        )
        save_pixels(data / f"masks/{name}.tif", numbers)
        for tile in range(4):
            lists[("train", "train", "val", "test")[tile]].append(f"{name}_{tile}")
    for part, lines in lists.items():
        _lines(made, f"{part}.txt", lines)
    made.text("split.py", "import glob\n")
    some = _reading(made, MULTI, mask_classes=tuple("1234"))
    every = {path: replace(one, planes=(~np.any(one.planes or (), axis=0), *(one.planes or ())))
             for path, one in some.train.items()}  # fmt: skip
    return some, replace(some, train=every, mask_classes=tuple("01234"))


DUBAI = {"Building": (60, 16, 152), "Land": (132, 41, 246), "Road": (110, 193, 228), "Vegetation": (254, 221, 58),
         "Water": (226, 169, 41), "Unlabeled": (155, 155, 155)}  # fmt: skip


def _dubai(data: Path) -> Readings:
    """Names come back in each tile; the JSON beside has other colours than the masks."""
    made, top = Builder(data), "Semantic segmentation dataset"
    pairs = [(f"{top}/Tile {tile}/images/image_part_{k:03d}.jpg", f"{top}/Tile {tile}/masks/image_part_{k:03d}.png")
             for tile in range(1, 5) for k in range(1, 7)]  # fmt: skip
    _by_colour(made, list(DUBAI.values()), pairs)
    shown = {"Water": "#50E3C2", "Land (unpaved area)": "#F5A623", "Road": "#DE597F", "Building": "#D0021B",
             "Vegetation": "#417505", "Unlabeled": "#9B9B9B"}  # fmt: skip
    _json(made, f"{top}/classes.json", {"classes": [
        {"title": name, "shape": "polygon", "color": colour, "geometry_config": {}} for name, colour in shown.items()
    ], "tags": []})  # fmt: skip
    (every, *_) = _sorted_places(
        _reading(made, MULTI, mask_classes=tuple("123456")), list(DUBAI.values())
    )
    place = sorted(DUBAI.values()).index(DUBAI["Unlabeled"])
    fewer = {path: replace(one, planes=(*(one.planes or ())[:place], *(one.planes or ())[place + 1 :]),
                           ignored=(one.planes or ())[place]) for path, one in every.train.items()}  # fmt: skip
    ignored = replace(every, train=fewer, mask_classes=tuple("12345"))
    ground = replace(
        ignored, train={path: replace(one, ignored=None) for path, one in fewer.items()}
    )
    return every, ignored, ground


def _water_bodies(data: Path) -> Readings:
    """Masks are JPEGs of the names of the images."""
    made, top = Builder(data), "Water Bodies Dataset"
    for k in range(24):
        size = (48, 64) if k % 2 else (64, 48)
        drawn = draw_plane(made.random, size).astype(np.uint8) * 255
        plane = _as_jpeg(data / f"{top}/Masks/water_body_{1 + 7 * k}.jpg", drawn) > 127
        made.image(
            f"{top}/Images/water_body_{1 + 7 * k}.jpg",
            TrueSample(size, planes=(plane,)),
            part="train",
        )
    return (_reading(made, ONE_MASK, mask_classes=[""]),)


PARTS = ("hair", "l_eye", "nose", "skin", "u_lip")
LOOKS = ("Bald", "Eyeglasses", "Male", "Smiling", "Young")


def _face_parts(data: Path) -> Readings:
    """A file for each part that is there, of half the size; numbers with zeros in these alone."""
    made, top, lines = Builder(data), "CelebAMask-HQ", ["24", " ".join(LOOKS)]
    mapping, size = ["idx     orig_idx        orig_file"], (24, 24)
    for k in range(24):
        planes = []
        for place, part in enumerate(PARTS):
            plane = draw_plane(made.random, (12, 12)) & (place < 3 or (k + place) % 4 > 0)
            planes.append(np.kron(plane, np.ones((2, 2), dtype=bool)).astype(bool))
            if plane.any():
                picture = np.stack([plane.astype(np.uint8) * 255] * 3, axis=-1)
                save_pixels(
                    data / f"{top}/CelebAMask-HQ-mask-anno/{k // 12}/{k:05d}_{part}.png", picture
                )
        has = [(k * 3 + place * 2) % 5 < 2 for place in range(len(LOOKS))]
        label = frozenset(one for one, bit in zip(LOOKS, has, strict=True) if bit)
        made.image(
            f"{top}/CelebA-HQ-img/{k}.jpg",
            TrueSample(size, label, planes=tuple(planes)),
            part="train",
        )
        lines.append(f"{k}.jpg  " + " ".join("1" if bit else "-1" for bit in has))
        mapping.append(f"{k}       {119613 + 17 * k}          {119614 + 17 * k}.jpg")
    _lines(made, f"{top}/CelebAMask-HQ-attribute-anno.txt", lines)
    _lines(made, f"{top}/CelebA-HQ-to-CelebA-mapping.txt", mapping)
    _lines(
        made,
        f"{top}/CelebAMask-HQ-pose-anno.txt",
        ["24", "Yaw Pitch Raw", *(f"{k}.jpg {k}.5 -3.2 1.1" for k in range(24))],
    )
    made.text(f"{top}/README.txt", "CelebAMask-HQ: 30,000 images, masks of 19 facial attributes\n")
    return (
        _reading(made, {**SEVERAL, "segment": "multilabel"}, classes=LOOKS, mask_classes=PARTS),
    )


def _salient(data: Path) -> Readings:
    made = Builder(data)
    for part, front, n in (("TR", "ILSVRC2012_test", 22), ("TE", "ILSVRC2012_val", 8)):
        for k in range(n):
            plane, name = draw_plane(made.random, SIZE), f"{front}_{4 + 97 * k:08d}"
            made.image(
                f"DUTS-{part}/DUTS-{part}-Image/{name}.jpg",
                TrueSample(SIZE, planes=(plane,)),
                part="train",
            )
            _grey_mask(data / f"DUTS-{part}/DUTS-{part}-Mask/{name}.png", plane)
    return (_reading(made, ONE_MASK, test=_inside("DUTS-TE"), mask_classes=[""]),)


SEA = {"Background": (0, 0, 0), "Human divers": (0, 0, 255), "Plants": (0, 255, 0), "Reefs": (255, 0, 255),
       "Fish": (255, 255, 0), "Sea floor": (255, 255, 255)}  # fmt: skip


def _under_water(data: Path) -> Readings:
    """BMPs of colours; test has masks of all and, in folders, one of each class."""
    made, pairs = Builder(data), []
    for part, n in (("train_val", 22), ("TEST", 7)):
        for k in range(n):
            name = f"{'dfw'[k % 3]}_r_{1 + 7 * k}_"
            pairs.append((f"{part}/images/{name}.jpg", f"{part}/masks/{name}.bmp"))
    _by_colour(made, list(SEA.values()), pairs)
    for image, mask in pairs:
        if mask.startswith("TEST"):
            planes = made.train[image].planes or ()
            for place, folder in enumerate(("HD", "RI", "FV"), 1):
                path = data / f"TEST/masks/{folder}/{Path(mask).name}"
                path.parent.mkdir(exist_ok=True)
                _grey_mask(path, planes[(1, 3, 4)[place - 1]])
    truth = _reading(made, MULTI, test=_inside("TEST"), mask_classes=tuple("123456"))
    return _sorted_places(truth, list(SEA.values()))


def _deep_cracks(data: Path) -> Readings:
    made = Builder(data)
    for part, n in (("train", 22), ("test", 8)):
        for k in range(n):
            plane, name = (
                draw_plane(made.random, SIZE),
                f"11{k:03d}-{1 + k % 4}" if k % 2 else f"IMG_65{k:02d}-1",
            )
            made.image(f"{part}_img/{name}.jpg", TrueSample(SIZE, planes=(plane,)), part="train")
            _grey_mask(data / f"{part}_lab/{name}.png", plane)
    made.text(
        "README.md",
        "# DeepCrack: A Deep Hierarchical Feature Learning Architecture for Crack Segmentation\n",
    )
    return (_reading(made, ONE_MASK, test=_inside("test_img"), mask_classes=[""]),)


def _magnetic_tiles(data: Path) -> Readings:
    """The mask lies beside each image, with its name and another ending, in a folder of each class."""
    made, top, n = Builder(data), "Magnetic-tile-defect-datasets.-master", 0
    classes = ("MT_Blowhole", "MT_Break", "MT_Crack", "MT_Fray", "MT_Free", "MT_Uneven")
    for label in classes:
        for _ in range(8 if label == "MT_Free" else 4):
            n += 1
            size = (30 + n % 4, 20 + n % 5)
            plane = draw_plane(made.random, size) & (label != "MT_Free")
            path = f"{top}/{label}/Imgs/exp{1 + n % 6}_num_{4727 + 1013 * n}"
            grey = (made.random.integers(0, 90, size) + 90 * plane).astype(np.uint8)
            made.image(
                f"{path}.jpg", TrueSample(size, label, planes=(plane,)), part="train", pixels=grey
            )
            _grey_mask(data / f"{path}.png", plane)
    made.text(f"{top}/README.md", "# Magnetic-tile-defect-datasets.\n")
    return (_reading(made, {**LABELS, **ONE_MASK}, classes=classes, mask_classes=[""]),)


def _optical_inspection(data: Path) -> Readings:
    """A folder of masks inside that of images, of defects alone; a text names those; PNG in capitals."""
    made, labels = Builder(data), dict[str, str]()
    for kind in range(1, 4):
        for part, n in (("Train", 14), ("Test", 8)):
            lines = ["1"]
            for k in range(1, n + 1):
                number, folder = k * 5 + (part == "Test"), f"Class{kind}/{part}"
                is_bad = (k + kind) % 5 == 0
                plane = draw_plane(made.random, SIZE)
                grey = (made.random.integers(0, 90, SIZE) + 90 * (plane & is_bad)).astype(np.uint8)
                path = f"{folder}/{number:04d}.PNG"
                labels[path] = f"Class{kind}"
                true = TrueSample(SIZE, f"Class{kind}", planes=(plane,) if is_bad else None)
                made.image(path, true, part="train", pixels=grey)
                mask = f"{number:04d}_label.PNG" if is_bad else "0"
                lines.append(f"{number:04d}\t{int(is_bad)}\t{number:04d}.PNG\t0\t{mask}")
                (data / folder / "Label").mkdir(exist_ok=True)
                if is_bad:
                    _grey_mask(data / folder / "Label" / mask, plane)
            _lines(made, f"Class{kind}/{part}/Label/Labels.txt", lines)
    truth = _reading(made, {**LABELS, **ONE_MASK}, test=lambda path: "/Test/" in path,
                     classes=("Class1", "Class2", "Class3"), mask_classes=[""])  # fmt: skip
    bad = {path: str(int(one.planes is not None)) for path, one in made.train.items()}
    return truth, replace(
        _with_labels(truth, bad), kinds={key: frozenset(["binary"]) for key in truth.kinds}
    )


def _retinal_vessels(data: Path) -> Readings:
    """PPMs; masks of two people in folders."""
    made = Builder(data)
    for n in (1, 2, 3, 4, 5, 44, 77, 81, 82, 139, 162, 163, 235, 236, 239, 240, 255, 291, 319, 324):
        first, second, name = (
            draw_plane(made.random, SIZE),
            draw_plane(made.random, SIZE),
            f"im{n:04d}",
        )
        made.image(f"stare-images/{name}.ppm", TrueSample(SIZE, planes=(first,)), part="train")
        for who, plane in (("ah", first), ("vk", second)):
            path = data / f"labels-{who}/{name}.{who}.ppm"
            save_pixels(path, np.stack([plane.astype(np.uint8) * 255] * 3, axis=-1))
            made.test[f"{who}/{name}"] = TrueSample(SIZE, planes=(plane,))
    others = {one: made.test[f"vk/{Path(one).stem}"] for one in made.train}
    made.test.clear()
    one = _reading(made, ONE_MASK, mask_classes=[""])
    return one, replace(one, train=others)


def _five_diseases(data: Path) -> Readings:
    """The disease is the letter behind a number; a workbook of the quality; a folder with a blank."""
    made, top = Builder(data), "FIVES A Fundus Image Dataset for AI-based Vessel Segmentation"
    for part, n in (("train", 24), ("test", 8)):
        for k in range(1, n + 1):
            name, plane = f"{k}_{'ADGN'[(k - 1) * 4 // n]}", draw_plane(made.random, SIZE)
            made.image(
                f"{top}/{part}/Original/{name}.png",
                TrueSample(SIZE, name[-1], planes=(plane,)),
                part="train",
            )
            path = data / f"{top}/{part}/Ground truth/{name}.png"
            save_pixels(path, np.stack([plane.astype(np.uint8) * 255] * 3, axis=-1))
        made.text(f"{top}/{part}/Original/Thumbs.db", "x")
    _workbook(data / f"{top}/Quality Assessment.xlsx", ["Disease", "Number", "IC", "Blur", "LC"],
              [["ADGN"[(k - 1) * 4 // 24], k, 1, k % 2, 1] for k in range(1, 25)])  # type: ignore[list-item]  # fmt: skip
    truth = _reading(made, {**LABELS, **ONE_MASK}, test=lambda path: "/test/" in path, classes=tuple("ADGN"),
                     mask_classes=[""])  # fmt: skip
    return (truth,)


def _thyroid(data: Path) -> Readings:
    """Masks are JPEGs; JSONs of folds hold lists of numbers; numbers begin anew in test."""
    made, size = Builder(data), (48, 64)
    for part, n in (("trainval", 22), ("test", 8)):
        for k in range(n):
            drawn = np.stack([draw_plane(made.random, size).astype(np.uint8) * 255] * 3, axis=-1)
            plane = _as_jpeg(data / f"{part}-mask/{k:04d}.jpg", drawn)[..., 0] > 127
            made.image(f"{part}-image/{k:04d}.jpg", TrueSample(size, planes=(plane,)), part="train")
    for fold in range(2):
        _json(made, f"tn3k-trainval-fold{fold}.json", {"train": [k for k in range(22) if k % 5 != fold],
              "val": [k for k in range(22) if k % 5 == fold]})  # fmt: skip
    return (_reading(made, ONE_MASK, test=_inside("test-image"), mask_classes=[""]),)


def _mars(data: Path) -> Readings:
    """Images of both parts in one folder, three folders of masks for test; 255 is not known."""
    made, top = Builder(data), "ai4mars-dataset-merged-0.1/msl"
    tests = set()
    for k in range(32):
        name = f"NL{'AB'[k % 2]}_{397586934 + 7171 * k}EDR_F0{20 + k}AUT_04096M1"
        numbers = draw_class_map(made.random, SIZE, 4, fill=True) - 1
        numbers[:2] = 255
        if k % 5 == 0:
            numbers[numbers == 3] = 0
        planes = tuple(numbers == one for one in range(4))
        path = f"{top}/images/edr/{name}.JPG"
        made.image(path, TrueSample(SIZE, planes=planes, ignored=numbers == 255), part="train")
        for folder, short in (("mxy", "MXY"), ("rng-30m", "RNG")):
            other = name.replace("EDR", short)
            save_pixels(
                data / f"{top}/images/{folder}/{other}.png",
                (made.random.random(SIZE) < 0.4).astype(np.uint8),
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
    void = _reading(made, MULTI, test=lambda path: path in tests, mask_classes=tuple("0123"))
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


# Data sets beyond podium's scope


def _people_again(data: Path) -> Readings:
    """People are to be found again: those of train are not those of the queries."""
    made, top = Builder(data), "Market-1501-v15.09.15"
    for k in range(24):
        _photos(
            made,
            [
                f"{top}/bounding_box_train/{2 + 5 * (k // 4):04d}_c{1 + k % 4}s1_{451 + 25 * k:06d}_03.jpg"
            ],
            None,
        )
        _photos(
            made,
            [
                f"{top}/bounding_box_test/{1 + 3 * (k // 6):04d}_c{1 + k % 6}s1_{1051 + 25 * k:06d}_01.jpg"
            ],
            None,
        )
    _photos(made, [f"{top}/bounding_box_test/-1_c1s1_{401 + k:06d}_03.jpg" for k in range(3)], None)
    _photos(
        made,
        [
            f"{top}/query/{1 + 3 * (k % 4):04d}_c{1 + k}s1_{1051 + 75 * k:06d}_00.jpg"
            for k in range(6)
        ],
        None,
    )
    made.text(f"{top}/gt_query/0001_c1s1_001051_00_good.mat", "MATLAB 5.0 MAT-file")
    made.text(f"{top}/readme.txt", "The Market-1501 dataset\n")
    return (_reading(made, {}),)


def _sentences(data: Path) -> Readings:
    """Five sentences an image."""
    made, lines = Builder(data), ["image,caption"]
    says = ("A child in a pink dress is climbing up a set of stairs in an entry way .", "A girl going into a wooden building .",
            '"A black dog , and a spotted dog are fighting"', "A man in a blue shirt is standing on a ladder .",
            "Two dogs of different breeds looking at each other on the road .")  # fmt: skip
    for k in range(20):
        name = f"{1000268201 + 5113 * k}_{hex_name('flickr', k)}.jpg"
        _photos(made, [f"Images/{name}"], None)
        lines += [f"{name},{one[: 40 + k] if one[0] != chr(34) else one}" for one in says]
    _lines(made, "captions.txt", lines)
    return (_reading(made, {}),)


THIRD_COMPETITIONS = (
    DataSet(
        "geolifeclef-2022-lifeclef-2022-fgvc9",
        "memory",
        _places_and_patches,
        doubt="ids of the sample's lists",
    ),
    DataSet("vehicle", "code", _vehicles, doubt="ids of the sample without zeros"),
    DataSet("isic-2019", "memory", _isic_2019),
    DataSet("ml2021spring-hw3", "memory", _foods_2021, doubt="names of images of train"),
    DataSet("ml2022spring-hw3b", "memory", _foods_2022),
    DataSet(
        "11-785-f22-hw2p2-classification", "code", _face_classes, doubt="answers of the sample"
    ),
    DataSet("cs-t0828-2020-hw1", "code", _car_brands, doubt="zeros of the ids"),
    DataSet("nycu-vrdl-2021-hw1", "code", _birds),
    DataSet(
        "shopee-product-detection-open", "code, memory", _products, doubt="3 or 03 in the table"
    ),
    DataSet("ultra-mnist", "memory", _digit_sums),
    DataSet(
        "zindi-microsoft-rice-disease", "code", _rice, doubt="rows of infrared images in the sample"
    ),
    DataSet("kenyan-sign-language-classification-challenge", "memory", _kenyan_signs),
    DataSet("zindi-plantation-counting", "memory", _plantations, doubt="name of the folder"),
    DataSet("drivendata-hateful-memes", "memory", _memes, doubt="name of the sample"),
    DataSet("crowdai-plant-disease", "memory", _leaves, doubt="that a sample is there"),
    DataSet("analytics-vidhya-identify-the-digits", "code", _digits),
    DataSet("tianchi-xuelang", "code", _fabrics, doubt="names of images of test"),
    DataSet("tianchi-guangdong-aluminium", "code", _aluminium, doubt="names of the inner folders"),
    DataSet("baidu-cat-12", "code", _cats),
    DataSet("dacon-wallpaper-defects", "memory", _wallpaper, doubt="answers of the sample"),
    DataSet("dacon-dirty-mnist", "code, memory", _dirty_digits, doubt="what lies beside"),
    DataSet("bach-iciar-2018", "code, memory", _breast_photos, doubt="what lies in WSI"),
    DataSet("ichallenge-palm", "memory", _myopia),
    DataSet("hc18", "code", _heads),
    DataSet("c-nmc-2019", "code", _white_cells),
    DataSet("jovian-pytorch-z2g", "code", _proteins),
    DataSet("opencv-pytorch-dl-course-classification", "memory", _kenyan_food),
    DataSet("idrid-disease-grading", "memory", _two_grades),
    DataSet("dacon-satellite-buildings", "code", _buildings_from_above),
    DataSet(
        "bkai-igh-neopolyp", "code, memory", _polyps_of_two_colours, doubt="answers of the sample"
    ),
    DataSet("floodnet-2021-track-1", "memory", _flooded),
    DataSet("gleason-2019", "code", _six_experts, doubt="name of the folder of test"),
    DataSet("dstl-satellite-imagery-feature-detection", "memory", _shapes_as_text, refusal=r"\S"),
    DataSet("tensorflow-great-barrier-reef", "memory", _starfish, refusal=r"\bbox"),
    DataSet("draper-satellite-image-chronology", "memory", _days, refusal=r"\S"),
    DataSet("gan-getting-started", "memory", _paintings, refusal=r"\S"),
)
"""Competitions of `DataSet` form, so that several readings may be right, and nothing need be sent."""

THIRD_DATA_SETS = (
    DataSet("Bee or wasp", "code", _bees_and_wasps),
    DataSet("ODIR-5K", "memory", _two_eyes),
    DataSet("RFMiD", "memory", _retinas),
    DataSet("Messidor-2", "memory", _graded_eyes, has_test=False),
    DataSet("HyperKvasir", "memory", _endoscopy, has_test=False, doubt="header of the table"),
    DataSet("SDNET2018", "memory", _cracked_concrete, has_test=False),
    DataSet("Garbage classification", "code", _waste),
    DataSet("RVL-CDIP", "memory", _documents),
    DataSet("notMNIST", "memory", _letters, has_test=False),
    DataSet("RAF-DB (Kaggle)", "memory", _emotions),
    DataSet("APPA-REAL", "code", _apparent_ages, doubt="columns of gt_train.csv"),
    DataSet("KonIQ-10k", "code", _image_quality, has_test=False),
    DataSet("SCUT-FBP5500", "memory", _beauty),
    DataSet("Adience", "memory", _album_faces, has_test=False),
    DataSet("Pokemon images and types", "memory", _monsters, has_test=False),
    DataSet("Movie posters", "memory", _posters, has_test=False),
    DataSet("BigEarthNet", "memory", _satellite_patches, has_test=False),
    DataSet("Hurricane damage", "memory", _hurricane),
    DataSet("CheXpert (small)", "memory", _lung_findings),
    DataSet("Blood cells (Kaggle)", "memory", _blood),
    DataSet("MIAS", "memory", _mammograms, has_test=False),
    DataSet("SIPaKMeD", "memory", _smear_cells, has_test=False),
    DataSet("Fashion products", "memory", _fashion, has_test=False),
    DataSet("LandCover.ai", "memory", _poland, has_test=False),
    DataSet("Dubai aerial images", "memory", _dubai, has_test=False),
    DataSet("Water bodies", "memory", _water_bodies, has_test=False),
    DataSet("CelebAMask-HQ", "memory", _face_parts, has_test=False),
    DataSet("DUTS", "memory", _salient),
    DataSet("SUIM", "memory", _under_water, doubt="folders of single classes in test"),
    DataSet("DeepCrack", "memory", _deep_cracks),
    DataSet("Magnetic tile defects", "memory", _magnetic_tiles, has_test=False),
    DataSet("DAGM 2007", "memory", _optical_inspection),
    DataSet("STARE", "memory", _retinal_vessels, has_test=False),
    DataSet("FIVES", "memory", _five_diseases),
    DataSet("TN3K", "memory", _thyroid, doubt="endings of the masks"),
    DataSet("AI4MARS", "code", _mars),
    DataSet("Market-1501", "memory", _people_again, refusal=r"\S"),
    DataSet("Flickr8k", "memory", _sentences, refusal=r"\S"),
)
