"""Layouts of real competitions whose answers are labels, numbers or rankings."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from dicom_files import dicom_bytes

from layouts.real.made import Builder, RealLayout, hex_name
from layouts.truth import Label, LayoutTruth, TrueSample

__all__ = ["LABELLED"]

SIZE = (20, 28)
Names = Callable[[str, int], str]


def _hex(length: int) -> Names:
    return lambda part, number: hex_name(part, number, length=length)


def _write(
    data: Path,
    *,
    images: tuple[str, str],
    names: Names,
    labels: Sequence[Label],
    classes: Sequence[str] = (),
    kind: str | Sequence[str],
    table: str = "train.csv",
    header: Sequence[str] = (),
    row: Callable[[str, Label], Sequence[str]] | None = None,
    sample: str = "sample_submission.csv",
    columns: dict[str, str],
    shown: Callable[[str], Sequence[str]],
    answer: Callable[[str, TrueSample], Sequence[str]],
    n: tuple[int, int] = (30, 8),
    test_table: Sequence[str] = (),
    more: Callable[[Builder], None] | None = None,
    test_name: Callable[[str], str] = str,
) -> LayoutTruth:
    """Write a competition of one label an image, and return its truth.

    Args:
        data: the folder.
        images: paths of the images of train and of test; `{name}`, and `{label}` of a folder.
        names: from part and number to a name without extension.
        labels: of train and test by turns.
        classes: in order.
        kind: of the task, or those that are right.
        table, header, row: of train; none where folders are the labels.
        sample: the sample submission. columns: its columns and their contents.
        shown, answer: from a name (and the truth) to the cells of a row.
        n: images of train and test.
        test_table: header of `test.csv`, [] where there is none.
        more: writes what else is there.
        test_name: from a name to the id in test.csv.
    """
    made = Builder(data)
    rows, answers, tests = [], list[tuple[str, ...]](), []
    for part, count, path in zip(("train", "test"), n, images, strict=True):
        for number in range(count):
            name, label = names(part, number), labels[(number * 7 + number // 5) % len(labels)]
            if part == "train":
                label = labels[number % len(labels)]
            true = TrueSample(SIZE, label, made.probs(classes))
            made.image(path.format(name=name, label=label), true, part=part)
            if part == "train" and row is not None:
                rows.append(row(name, label))
            elif part == "test":
                answers.append(tuple(answer(name, true)))
                tests.append(name)
    if header:
        made.table(table, header, rows)
    if test_table:
        made.table("test.csv", test_table, [[test_name(one), *[""] * 0] for one in tests])
    made.table(sample, list(columns), [shown(name) for name in tests])
    if more is not None:
        more(made)
    return made.truth({"classify": kind}, columns, answers, classes=classes)


def _label(true: TrueSample) -> str:
    label = true.label
    if isinstance(label, frozenset):
        return " ".join(sorted(label, key=lambda one: (len(one), one)))
    return f"{label:g}" if isinstance(label, float) else str(label)


def _wide(classes: Sequence[str], ending: str = "") -> Callable[[str, TrueSample], Sequence[str]]:
    return lambda name, true: [name + ending, *(repr(true.probs[one]) for one in classes)]


FIVE = tuple("01234")


def _aptos(data: Path) -> LayoutTruth:
    return _write(
        data, images=("train_images/{name}.png", "test_images/{name}.png"), names=_hex(12),
        labels=["0", "2", "0", "1", "0", "3", "0", "4"], classes=FIVE, kind="ordinal",
        header=["id_code", "diagnosis"], row=lambda name, label: [name, str(label)],
        columns={"id_code": "key", "diagnosis": "text"}, test_table=["id_code"],
        shown=lambda name: [name, "0"], answer=lambda name, true: [name, _label(true)],
    )  # fmt: skip


def _retinopathy(data: Path) -> LayoutTruth:
    def name(part: str, number: int) -> str:
        patient = 10 + 3 * (number // 2) + (part == "test")
        return f"{patient}_{('left', 'right')[number % 2]}"

    return _write(
        data, images=("train/{name}.jpeg", "test/{name}.jpeg"), names=name,
        labels=["0", "0", "1", "0", "2", "0", "3", "4"], classes=FIVE, kind=["ordinal"],
        table="trainLabels.csv", header=["image", "level"], n=(32, 8),
        row=lambda name, label: [name, str(label)], sample="sampleSubmission.csv",
        columns={"image": "key", "level": "text"}, shown=lambda name: [name, "0"],
        answer=lambda name, true: [name, _label(true)],
    )  # fmt: skip


def _cassava(data: Path) -> LayoutTruth:
    def more(made: Builder) -> None:
        names = dict(zip(FIVE, ("CBB", "CBSD", "CGM", "CMD", "Healthy"), strict=True))
        made.text("label_num_to_disease_map.json", json.dumps(names))
        made.text("train_tfrecords/ld_train00-1338.tfrec", "x")

    return _write(
        data, images=("train_images/{name}.jpg", "test_images/{name}.jpg"),
        names=lambda part, number: str((1000015157, 2216849948)[part == "test"] + 7919 * number),
        labels=["3", "0", "3", "1", "3", "2", "3", "4"], classes=FIVE,
        kind=["multiclass"], header=["image_id", "label"], more=more,
        row=lambda name, label: [f"{name}.jpg", str(label)],
        columns={"image_id": "key", "label": "text"}, shown=lambda name: [f"{name}.jpg", "4"],
        answer=lambda name, true: [f"{name}.jpg", _label(true)],
    )  # fmt: skip


CIFAR = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def _cifar(data: Path) -> LayoutTruth:
    return _write(
        data, images=("train/{name}.png", "test/{name}.png"),
        names=lambda part, number: str(number + 1), labels=CIFAR, classes=CIFAR,
        kind="multiclass", table="trainLabels.csv", header=["id", "label"], n=(40, 8),
        row=lambda name, label: [name, str(label)], sample="sampleSubmission.csv",
        columns={"id": "key", "label": "text"}, shown=lambda name: [name, "cat"],
        answer=lambda name, true: [name, _label(true)],
    )  # fmt: skip


PADDY = ("bacterial_leaf_blight", "blast", "brown_spot", "hispa", "normal", "tungro")


def _paddy(data: Path) -> LayoutTruth:
    """Class folders and a table that says the same; the sample's labels are blank."""
    places = ["train_images/{label}/{name}.jpg", "test_images/{name}.jpg"]
    return _write(
        data, images=(places[0], places[1]),
        names=lambda part, number: f"{(100330, 200001)[part == 'test'] + number}",
        labels=PADDY, classes=PADDY, kind="multiclass",
        header=["image_id", "label", "variety", "age"],
        row=lambda name, label: [f"{name}.jpg", str(label), "ADT45", str(45 + int(name) % 9)],
        columns={"image_id": "key", "label": "text"}, shown=lambda name: [f"{name}.jpg", ""],
        answer=lambda name, true: [f"{name}.jpg", _label(true)],
    )  # fmt: skip


SEEDLINGS = ("Black-grass", "Charlock", "Common wheat", "Fat Hen", "Loose Silky-bent")


def _seedlings(data: Path) -> LayoutTruth:
    return _write(
        data, images=("train/{label}/{name}.png", "test/{name}.png"), names=_hex(9),
        labels=SEEDLINGS, classes=SEEDLINGS, kind="multiclass",
        columns={"file": "key", "species": "text"},
        shown=lambda name: [f"{name}.png", "Loose Silky-bent"],
        answer=lambda name, true: [f"{name}.png", _label(true)],
    )  # fmt: skip


DRIVERS = tuple(f"c{n}" for n in range(10))


def _state_farm(data: Path) -> LayoutTruth:
    def more(made: Builder) -> None:
        rows = [
            [f"p{2 + number // 10:03d}", str(true.label), path.rpartition("/")[2]]
            for number, (path, true) in enumerate(made.train.items())
        ]
        made.table("driver_imgs_list.csv", ["subject", "classname", "img"], rows)

    return _write(
        data, images=("imgs/train/{label}/{name}.jpg", "imgs/test/{name}.jpg"),
        names=lambda part, number: f"img_{number * 13 + (7 if part == 'test' else 0)}",
        labels=DRIVERS, classes=DRIVERS, kind="multiclass", n=(50, 8), more=more,
        columns={"img": "key", **dict.fromkeys(DRIVERS, "number")},
        shown=lambda name: [f"{name}.jpg", *["0.1"] * 10], answer=_wide(DRIVERS, ".jpg"),
    )  # fmt: skip


FISH = ("ALB", "BET", "DOL", "LAG", "NoF", "OTHER", "SHARK", "YFT")


def _fisheries(data: Path) -> LayoutTruth:
    shares = ["0.455003", "0.052938", "0.030968", "0.017739", "0.123081", "0.079142", "0.046585",
              "0.194544"]  # fmt: skip
    return _write(
        data, images=("train/{label}/{name}.jpg", "test_stg1/{name}.jpg"),
        names=lambda part, number: f"img_{number * 17 + (5 if part == 'test' else 0):05d}",
        labels=FISH, classes=FISH, kind="multiclass", sample="sample_submission_stg1.csv",
        columns={"image": "key", **dict.fromkeys(FISH, "number")}, n=(40, 8),
        shown=lambda name: [f"{name}.jpg", *shares], answer=_wide(FISH, ".jpg"),
    )  # fmt: skip


CERVIX = ("Type_1", "Type_2", "Type_3")


def _cervix(data: Path) -> LayoutTruth:
    return _write(
        data, images=("train/{label}/{name}.jpg", "test/{name}.jpg"),
        names=lambda part, number: str(number + (0 if part == "test" else 100)), labels=CERVIX,
        classes=CERVIX, kind="multiclass",
        columns={"image_name": "key", **dict.fromkeys(CERVIX, "number")},
        shown=lambda name: [f"{name}.jpg", "0.17", "0.53", "0.30"], answer=_wide(CERVIX, ".jpg"),
    )  # fmt: skip


def _binary(
    data: Path,
    *,
    images: tuple[str, str],
    names: Names,
    header: Sequence[str],
    columns: Sequence[str],
    shown: str,
    table: str = "train_labels.csv",
    sample: str = "sample_submission.csv",
    id_ending: str = "",
    row: Callable[[str, Label], Sequence[str]] | None = None,
) -> LayoutTruth:
    """Write a competition of one probability an image."""
    return _write(
        data, images=images, names=names, labels=["0", "1", "0", "0", "1"], classes=("0", "1"),
        kind="binary", table=table, header=header, sample=sample,
        row=row or (lambda name, label: [name + id_ending, str(label)]),
        columns={columns[0]: "key", columns[1]: "number"},
        shown=lambda name: [name + id_ending, shown],
        answer=lambda name, true: [name + id_ending, repr(true.probs["1"])],
    )  # fmt: skip


_histopathologic = partial(
    _binary, images=("train/{name}.tif", "test/{name}.tif"), names=_hex(40),
    header=["id", "label"], columns=["id", "label"], shown="0",
)  # fmt: skip
_cactus = partial(
    _binary, images=("train/{name}.jpg", "test/{name}.jpg"), names=_hex(32), table="train.csv",
    header=["id", "has_cactus"], columns=["id", "has_cactus"], shown="0.5", id_ending=".jpg",
)  # fmt: skip
_invasive = partial(
    _binary, images=("train/{name}.jpg", "test/{name}.jpg"),
    names=lambda part, number: str(number + 1), header=["name", "invasive"],
    columns=["name", "invasive"], shown="0.5",
)  # fmt: skip


def _isic(data: Path) -> LayoutTruth:
    header = ["image_name", "patient_id", "sex", "age_approx", "anatom_site_general_challenge",
              "diagnosis", "benign_malignant", "target"]  # fmt: skip

    def row(name: str, label: Label) -> list[str]:
        place = int(name.rpartition("_")[2])
        kind = ["benign", "malignant"][int(str(label))]
        found = ["nevus", "melanoma"][int(str(label))]
        return [name, f"IP_{place // 3:07d}", "male", "45.0", "torso", found, kind, str(label)]

    return _binary(
        data, images=("jpeg/train/{name}.jpg", "jpeg/test/{name}.jpg"),
        names=lambda part, number: f"ISIC_{(15719, 52060)[part == 'test'] + number:07d}",
        table="train.csv", header=header, row=row, columns=["image_name", "target"], shown="0",
    )  # fmt: skip


def _dogs_cats(data: Path) -> LayoutTruth:
    """The label is the beginning of a file's name; the test images are numbers."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    for number in range(24):
        label = ("cat", "dog")[number % 2]
        true = TrueSample(SIZE, label, {})
        made.image(f"train/{label}.{number // 2}.jpg", true, part="train")
    for number in range(8):
        probs = made.probs(("cat", "dog"))
        label = ("cat", "dog")[number % 2]
        made.image(f"test/{number + 1}.jpg", TrueSample(SIZE, label, probs), part="test")
        rows.append((str(number + 1), repr(probs["dog"])))
    made.table("sample_submission.csv", ["id", "label"], [[one, "0.5"] for one, _ in rows])
    columns = {"id": "key", "label": "number"}
    return made.truth({"classify": "binary"}, columns, rows, classes=("cat", "dog"))


BREEDS = ("affenpinscher", "afghan_hound", "airedale", "akita", "basenji", "beagle")


def _dog_breed(data: Path) -> LayoutTruth:
    return _write(
        data, images=("train/{name}.jpg", "test/{name}.jpg"), names=_hex(32), labels=BREEDS,
        classes=BREEDS, kind="multiclass", table="labels.csv", header=["id", "breed"],
        row=lambda name, label: [name, str(label)],
        columns={"id": "key", **dict.fromkeys(BREEDS, "number")},
        shown=lambda name: [name, *["0.008333333333333333"] * 6], answer=_wide(BREEDS),
    )  # fmt: skip


LEAVES = ("Acer_Capillipes", "Acer_Circinatum", "Betula_Pendula", "Cornus_Controversa")


def _leaf(data: Path) -> LayoutTruth:
    """One folder of images; train.csv and test.csv have numbers measured of each leaf, too."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    tables: dict[str, list[list[str]]] = {"train": [], "test": []}
    for number in range(1, 37):
        part = "test" if number % 5 == 0 else "train"
        true = TrueSample(SIZE, LEAVES[number * 3 % 4], made.probs(LEAVES))
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


def _pawpularity(data: Path) -> LayoutTruth:
    made, rows = Builder(data), list[tuple[str, ...]]()
    traits = ["Subject Focus", "Eyes", "Face", "Near"]
    tables: dict[str, list[list[str]]] = {"train": [], "test": []}
    for number in range(48):
        part = "train" if number < 40 else "test"
        name, score = hex_name(part, number, length=32), float(made.random.integers(1, 101))
        made.image(f"{part}/{name}.jpg", TrueSample(SIZE, score), part=part)
        bits = [str(int(made.random.integers(2))) for _ in traits]
        tables[part].append([name, *bits, *([f"{score:g}"] if part == "train" else [])])
        if part == "test":
            rows.append((name, f"{score:g}"))
    made.table("train.csv", ["Id", *traits, "Pawpularity"], tables["train"])
    made.table("test.csv", ["Id", *traits], tables["test"])
    shown = [[one, f"{made.random.uniform(1, 99):.2f}"] for one, _ in rows]
    made.table("sample_submission.csv", ["Id", "Pawpularity"], shown)
    columns = {"Id": "key", "Pawpularity": "number"}
    return made.truth({"classify": "regression"}, columns, rows)


def _plant_traits(data: Path) -> LayoutTruth:
    """The sample has the traits without the ending that train has behind them."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    traits = ["X4", "X11", "X18", "X26", "X50", "X3112"]
    climate = ["WORLDCLIM_BIO1_annual_mean_temperature", "MODIS_2000.2020_monthly_mean_surface"]
    tables: dict[str, list[list[str]]] = {"train": [], "test": []}
    for number in range(40):
        part = "train" if number < 32 else "test"
        name, scale = str(182_000_000 + 37 * number), [1, 10, 1, 9, 3, 500]
        true = tuple(round(float(made.random.uniform(0.2, 1) * one), 4) for one in scale)
        made.image(f"{part}_images/{name}.jpeg", TrueSample(SIZE, true), part=part)
        cells = [f"{made.random.uniform(1, 30):.6f}" for _ in climate]
        if part == "train":
            cells += [str(one) for one in true]
            cells += [f"{made.random.uniform(0, 0.2):.6f}" for _ in traits]
        else:
            rows.append((name, *map(str, true)))
        tables[part].append([name, *cells])
    ends = [f"{one}_{end}" for end in ("mean", "sd") for one in traits]
    made.table("train.csv", ["id", *climate, *ends], tables["train"])
    made.table("test.csv", ["id", *climate], tables["test"])
    shown = [[one[0], *["0.5"] * len(traits)] for one in rows]
    made.table("sample_submission.csv", ["id", *traits], shown)
    columns = {"id": "key", **dict.fromkeys(traits, "number")}
    return made.truth({"classify": "multitarget"}, columns, rows, classes=traits)


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
        made.image(path, TrueSample(SIZE, true), part="train" if is_train else "test")
        (train if is_train else rows).append((name, *map(str, true)))  # type: ignore[arg-type]
    made.table("training_solutions_rev1.csv", ["GalaxyID", *answers], train)
    for name, cell in (("all_zeros", "0"), ("all_ones", "1")):
        shown = [[one[0], *[cell] * len(answers)] for one in rows]
        made.table(f"{name}_benchmark.csv", ["GalaxyID", *answers], shown)
    columns = {"GalaxyID": "key", **dict.fromkeys(answers, "number")}
    return made.truth({"classify": "multitarget"}, columns, rows, classes=answers)


def _keypoints(data: Path, *, by_row: bool = False) -> LayoutTruth:
    """Coordinates of keypoints, of which most faces lack some."""
    made, rows, train = Builder(data), list[tuple[str, ...]](), list[list[str]]()
    points = [f"{one}_{axis}" for one in ("left_eye_center", "nose_tip", "mouth") for axis in "xy"]
    names = []
    for number in range(36):
        part, name = "train" if number < 28 else "test", f"face{number:04d}"
        true: list[float | None] = [round(float(made.random.uniform(2, 18)), 3) for _ in points]
        if part == "train" and number % 3:
            true[number % 2 + 2] = None
            true[-1] = None
        made.image(f"{part}/{name}.png", TrueSample(SIZE, tuple(true)), part=part)
        cells = ["" if one is None else str(one) for one in true]
        if part == "train":
            train.append([name, *cells])
            continue
        names.append(name)
        one_each = [(f"{name}_{point}", cell) for point, cell in zip(points, cells, strict=True)]
        rows += one_each if by_row else [(name, *cells)]
    made.table("training.csv", ["ImageId", *points], train)
    header = ["RowId", "Location"] if by_row else ["ImageId", *points]
    zeros = [[one[0], *["0"] * (len(header) - 1)] for one in rows]
    made.table("SampleSubmission.csv", header, zeros)
    columns = {header[0]: "key", **dict.fromkeys(header[1:], "number")}
    return made.truth({"classify": "multitarget"}, columns, rows, classes=points)


def _adoption(data: Path) -> LayoutTruth:
    """A pet has several photos, or none: PetID-1.jpg, PetID-2.jpg; a row is a pet."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    tables: dict[str, list[list[str]]] = {"train": [], "test": []}
    for number in range(28):
        part = "train" if number < 20 else "test"
        name, label = hex_name(part, number, length=9), str((number * 2) % 5)
        for photo in range(1, 2 + number % 3):
            true = TrueSample(SIZE, label, unit=name)
            made.image(f"{part}_images/{name}-{photo}.jpg", true, part=part)
        tables[part].append(["2", str(number % 12), name, *([label] if part == "train" else [])])
        if part == "test":
            rows.append((name, label))
    made.table("train/train.csv", ["Type", "Age", "PetID", "AdoptionSpeed"], tables["train"])
    made.table("test/test.csv", ["Type", "Age", "PetID"], tables["test"])
    made.table(
        "test/sample_submission.csv", ["PetID", "AdoptionSpeed"], [[one, "4"] for one, _ in rows]
    )
    columns = {"PetID": "key", "AdoptionSpeed": "text"}
    return made.truth({"classify": "ordinal"}, columns, rows, classes=FIVE)


def _sets(*cells: str) -> list[Label]:
    return [frozenset(cell.split()) for cell in cells]


def _multilabel(
    data: Path,
    *,
    images: tuple[str, str],
    names: Names,
    labels: Sequence[Label],
    header: Sequence[str],
    columns: Sequence[str],
    shown: str,
    ending: str = "",
    table: str = "train.csv",
    sample: str = "sample_submission.csv",
) -> LayoutTruth:
    every: set[str] = set().union(*(one for one in labels if isinstance(one, frozenset)))
    classes = sorted(every, key=lambda one: (len(one), one) if one.isdecimal() else (0, one))

    def cell(name: str, label: Label) -> list[str]:
        return [name + ending, _label(TrueSample(SIZE, label))]

    return _write(
        data, images=images, names=names, labels=labels, classes=classes, kind="multilabel",
        table=table, header=header, row=cell, sample=sample,
        columns={columns[0]: "key", columns[1]: "labels"},
        shown=lambda name: [name + ending, shown],
        answer=lambda name, true: cell(name, true.label or ""),
    )  # fmt: skip


_planet = partial(
    _multilabel, images=("train-jpg/{name}.jpg", "test-jpg/{name}.jpg"),
    names=lambda part, number: f"{part}_{number}",
    labels=_sets("haze primary", "agriculture clear primary water", "clear primary",
                 "clear habitation primary road", "cloudy", "agriculture haze primary",
                 "clear primary water", "partly_cloudy primary", "agriculture clear primary road",
                 "clear primary road water", "habitation partly_cloudy primary",
                 "haze primary water"),
    table="train_v2.csv", sample="sample_submission_v2.csv", header=["image_name", "tags"],
    columns=["image_name", "tags"], shown="primary clear agriculture road water",
)  # fmt: skip
_imet_2019 = partial(
    _multilabel, images=("train/{name}.png", "test/{name}.png"), names=_hex(16),
    labels=_sets("147 616 813", "51 616 734", "616", "147 51", "813 734", "51 616", "813",
                 "147 734", "51 813 616", "734", "616 813"),
    header=["id", "attribute_ids"], columns=["id", "attribute_ids"], shown="0 1 2",
)  # fmt: skip
_imet_2020 = partial(_imet_2019, shown="616")
_plants_2021 = partial(
    _multilabel, images=("train_images/{name}.jpg", "test_images/{name}.jpg"), names=_hex(16),
    labels=_sets("healthy", "scab frog_eye_leaf_spot complex", "scab", "complex", "rust complex",
                 "powdery_mildew", "rust", "frog_eye_leaf_spot"),
    header=["image", "labels"], columns=["image", "labels"], shown="healthy", ending=".jpg",
)  # fmt: skip


def _protein_atlas(data: Path) -> LayoutTruth:
    """Four grey PNGs a sample: one for each stain."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    labels = _sets(
        "0",
        "16 0",
        "7 1 2 0",
        "5",
        "1",
        "18",
        "25 2",
        "0 25",
        "2",
        "16",
        "25",
        "7 5",
        "0 5 1",
        "2 0",
        "18 25",
        "7",
    )
    every = set().union(*(one for one in labels if isinstance(one, frozenset)))
    classes = sorted(every, key=int)
    for number in range(32):
        part = "train" if number < 24 else "test"
        name, label = hex_name(part, number, length=36), labels[number % 16]
        true = TrueSample(SIZE, label)
        for place, stain in enumerate(("blue", "green", "red", "yellow")):
            path = f"{part}/{name}_{stain}.png"
            grey = made.random.integers(0, 255, SIZE).astype(np.uint8)
            if place == 0:
                made.image(path, true, part=part, pixels=grey)
            else:
                made.image(path, true, part="train", pixels=grey, key="of another file")
        cell = " ".join(sorted(label, key=int)) if isinstance(label, frozenset) else ""
        (cells if part == "train" else rows).append((name, cell))  # type: ignore[attr-defined]
    made.train.pop("of another file")
    made.table("train.csv", ["Id", "Target"], cells)
    made.table("sample_submission.csv", ["Id", "Predicted"], [[name, "0"] for name, _ in rows])
    columns = {"Id": "key", "Predicted": "labels"}
    return made.truth({"classify": "multilabel"}, columns, rows, classes=classes)


ILLS = ("healthy", "multiple_diseases", "rust", "scab")


def _plants_2020(data: Path) -> LayoutTruth:
    """All images in one folder; a column of 0 and 1 a class."""
    made, rows, bits = Builder(data), list[tuple[str, ...]](), []
    for number in range(32):
        part = "train" if number < 24 else "test"
        name = f"{part.capitalize()}_{number if part == 'train' else number - 24}"
        label = ILLS[number * 3 % 4]
        true = TrueSample(SIZE, label, made.probs(ILLS))
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


LINES = ("ETT - Abnormal", "ETT - Borderline", "ETT - Normal", "NGT - Normal", "CVC - Normal",
         "Swan Ganz Catheter Present")  # fmt: skip


def _ranzcr(data: Path) -> LayoutTruth:
    made, rows, bits = Builder(data), list[tuple[str, ...]](), []
    for number in range(32):
        part = "train" if number < 24 else "test"
        name = f"1.2.826.0.1.3680043.8.498.{hex_int(part, number)}"
        label = frozenset(one for place, one in enumerate(LINES) if (number + place) % 3 == 0)
        true = TrueSample(SIZE, label, made.probs(LINES))
        made.image(f"{part}/{name}.jpg", true, part=part)
        if part == "train":
            marks = [str(int(one in label)) for one in LINES]
            bits.append([name, *marks, hex_name(number // 3, length=9)])
        else:
            rows.append((name, *(repr(true.probs[one]) for one in LINES)))
    made.table("train.csv", ["StudyInstanceUID", *LINES, "PatientID"], bits)
    notes = [[one[0], one[1], "[[10, 12], [14, 18]]"] for one in bits[:6]]
    made.table("train_annotations.csv", ["StudyInstanceUID", "label", "data"], notes)
    columns = {"StudyInstanceUID": "key", **dict.fromkeys(LINES, "number")}
    made.table("sample_submission.csv", list(columns), [[one[0], *["0"] * 6] for one in rows])
    # Here 0 stands for probabilities, and elsewhere for decisions: the page alone tells it.
    asked = ["submission.value"]
    return made.truth({"classify": "multilabel"}, columns, rows, classes=LINES, undecided=asked)


def hex_int(*parts: object) -> int:
    """Return a number of many digits, the same each time."""
    return int(hex_name(*parts, length=24), 16)


def _ranking(
    data: Path,
    *,
    images: tuple[str, str],
    table: str,
    header: Sequence[str],
    classes: Sequence[str],
    open_set: str = "",
    shown: Sequence[str],
) -> LayoutTruth:
    """Write a competition whose cells rank five classes; only the first of a cell is judged."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    known = [*classes, *([open_set] if open_set else [])]
    for number in range(40):
        part = "train" if number < 32 else "test"
        label = known[number % len(known)]
        name = f"{hex_name(part, number, length=8)}.jpg"
        path = images[part == "test"].format(name=name, label=label)
        made.image(path, TrueSample(SIZE, label), part=part)
        (cells if part == "train" else rows).append((name, label))
    made.table(table, header, cells)
    made.table("sample_submission.csv", header, [[name, " ".join(shown)] for name, _ in rows])
    columns = {header[0]: "key", header[1]: "ranking"}
    return made.truth({"classify": "multiclass"}, columns, rows, classes=classes)


WHALES = tuple(f"w_{hex_name('whale', n, length=7)}" for n in range(6))
_humpback = partial(
    _ranking, images=("train/{name}", "test/{name}"), table="train.csv", header=["Image", "Id"],
    classes=WHALES, open_set="new_whale", shown=["new_whale", *WHALES[:4]],
)  # fmt: skip
_whales = partial(_humpback)
HOTELS = ("18807", "54181", "18742", "47363", "53586", "63246")
_hotels = partial(
    _ranking, images=("train_images/{label}/{name}", "test_images/{name}"), table="train.csv",
    header=["image", "hotel_id"], classes=HOTELS,
    shown=["36363", "53586", "18807", "64314", "60181"],
)  # fmt: skip


def _breasts(data: Path) -> LayoutTruth:
    """DICOM files, a folder a patient; a row is a breast, of several views."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    about: dict[str, list[list[str]]] = {"train": [], "test": []}
    number = 462822612
    for patient in range(24):
        part = "train" if patient < 18 else "test"
        name = str(10006 + 5 * patient)
        for place, side in enumerate("LR"):
            cancer, probs = str(int((patient + place) % 3 == 0)), made.probs(("0", "1"))
            for view in ("CC", "MLO"):
                number += 37
                true = TrueSample(SIZE, cancer, probs, unit=f"{name}_{side}")
                path = f"{part}_images/{name}/{number}.dcm"
                (data / path).parent.mkdir(parents=True, exist_ok=True)
                pixels = made.random.integers(0, 4000, SIZE).astype(np.uint16)
                (data / path).write_bytes(dicom_bytes(pixels))
                (made.train if part == "train" else made.test)[path] = true
                more = [cancer, "0", "29"] if part == "train" else ["29", f"{name}_{side}"]
                about[part].append(["2", name, str(number), side, view, "61.0", *more])
            if part == "test":
                rows.append((f"{name}_{side}", repr(probs["1"])))
    header = ["site_id", "patient_id", "image_id", "laterality", "view", "age"]
    made.table("train.csv", [*header, "cancer", "implant", "machine_id"], about["train"])
    made.table("test.csv", [*header, "machine_id", "prediction_id"], about["test"])
    shown = [[one, "0.021168418"] for one, _ in rows]
    made.table("sample_submission.csv", ["prediction_id", "cancer"], shown)
    columns = {"prediction_id": "key", "cancer": "number"}
    return made.truth({"classify": "binary"}, columns, rows, classes=("0", "1"))


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


LABELLED = (
    RealLayout("aptos2019-blindness-detection", "page, code", _aptos),
    RealLayout("diabetic-retinopathy-detection", "memory", _retinopathy),
    RealLayout("cassava-leaf-disease-classification", "page, code", _cassava),
    RealLayout("cifar-10", "page", _cifar),
    RealLayout("paddy-disease-classification", "page, code", _paddy, by_slug=True),
    RealLayout("plant-seedlings-classification", "page, code", _seedlings),
    RealLayout("state-farm-distracted-driver-detection", "code", _state_farm),
    RealLayout("the-nature-conservancy-fisheries-monitoring", "code", _fisheries),
    RealLayout("intel-mobileodt-cervical-cancer-screening", "code", _cervix),
    RealLayout("dogs-vs-cats-redux-kernels-edition", "memory", _dogs_cats),
    RealLayout("histopathologic-cancer-detection", "page, code", _histopathologic, by_slug=True),
    RealLayout("aerial-cactus-identification", "page, code", _cactus),
    RealLayout("invasive-species-monitoring", "code", _invasive),
    RealLayout("siim-isic-melanoma-classification", "page", _isic, by_slug=True),
    RealLayout("dog-breed-identification", "page, code", _dog_breed),
    RealLayout("leaf-classification", "page, code", _leaf),
    RealLayout("planttraits2024", "page, code", _plant_traits),
    RealLayout("galaxy-zoo-the-galaxy-challenge", "page", _galaxies),
    RealLayout("facial-keypoints-detection", "memory, its pixels as files", _keypoints),
    RealLayout(
        "facial-keypoints-detection by row",
        "made up: a row of an image and a keypoint, as its lookup table has them",
        partial(_keypoints, by_row=True),
    ),
    RealLayout("petfinder-pawpularity-score", "page, code", _pawpularity),
    RealLayout("petfinder-adoption-prediction", "memory", _adoption),
    RealLayout("planet-understanding-the-amazon-from-space", "code", _planet),
    RealLayout("imet-2019-fgvc6", "page, code", _imet_2019),
    RealLayout("imet-2020-fgvc7", "page, code", _imet_2020),
    RealLayout("plant-pathology-2021-fgvc8", "page, code", _plants_2021, by_slug=True),
    RealLayout("human-protein-atlas-image-classification", "page", _protein_atlas),
    RealLayout("plant-pathology-2020-fgvc7", "page, code", _plants_2020),
    RealLayout("ranzcr-clip-catheter-line-classification", "page, code", _ranzcr),
    RealLayout("humpback-whale-identification", "page, code", _humpback),
    RealLayout("whale-categorization-playground", "page, code", _whales),
    RealLayout("hotel-id-2021-fgvc8", "page, code", _hotels),
    RealLayout("rsna-breast-cancer-detection", "page, code", _breasts),
    RealLayout("seti-breakthrough-listen", "page, code", _seti),
)
