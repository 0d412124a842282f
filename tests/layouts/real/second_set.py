# ruff: noqa: E501  # rows of tables as their files have them
"""A second set of real competitions and public data sets, each in miniature, that podium never saw.

It measures whether what was mended because of the first ones (`held_out_competitions`, `data_sets`)
reads others, too. A layout is never bent toward what podium reads; where podium is mended because
of one, it has become one of development.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from layouts.drawing import draw_class_map, draw_objects, draw_plane, save_pixels
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
from layouts.real.labels import SIZE, _label, _write
from layouts.real.made import Builder, hex_name
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["SECOND_COMPETITIONS", "SECOND_DATA_SETS"]

MULTI = {"segment": "multiclass"}


def _json(made: Builder, name: str, content: Any) -> None:
    made.text(name, json.dumps(content))


def _no_file(truth: LayoutTruth) -> LayoutTruth:
    """Return the truth where nothing shows the file to send."""
    return replace(truth, file=None)


def _numbered(truth: LayoutTruth, names: Sequence[str], others: Sequence[str]) -> LayoutTruth:
    """Return the truth with other names of classes, in the same order."""
    of = dict(zip(names, others, strict=True))

    def renamed(true: TrueSample) -> TrueSample:
        probs = {of[one]: value for one, value in true.probs.items()}
        return replace(true, label=of.get(str(true.label), true.label), probs=probs)

    return replace(
        truth, classes=tuple(others),
        train={path: renamed(one) for path, one in truth.train.items()},
        test={path: renamed(one) for path, one in truth.test.items()},
    )  # fmt: skip


# Competitions of labels


SNAKES = ("Morelia viridis", "Vipera berus", "Naja naja", "Natrix natrix")


def _snakes(data: Path) -> Readings:
    """Rows of images; answers of observations of one to three images each."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    tables: dict[str, list[list[str]]] = {"Train": [], "Test": []}
    for number in range(24):
        part, kind = "Train" if number < 18 else "Test", number * 3 % 4
        name = SNAKES[kind]
        country, code = (("Australia", "AU"), ("Germany", "DE"), ("India", "IN"))[number % 3]
        observation = str(63506 + 17 * number)
        for image in range(1 + number % 3):
            place = 52420771 + 977 * number + image
            file = f"{1990 + number}/{name.replace(' ', '_')}/{place}.jpg"
            if part == "Test":
                file = f"{place}.jpg"
            folder = "SnakeCLEF2022-large_size"
            if part == "Test":
                folder = "SnakeCLEF2022-test_images/SnakeCLEF2022-large_size"
            true = TrueSample(SIZE, str(kind), unit=observation)
            made.image(f"{folder}/{file}", true, part=part.lower())
            is_endemic = ("False", "True")[number % 5 == 0]
            if part == "Train":
                tables[part].append([observation, is_endemic, name, country, code, str(kind), file])
            else:
                tables[part].append([observation, is_endemic, country, code, file])
        if part == "Test":
            rows.append((observation, str(kind)))
    made.table("SnakeCLEF2022-TrainMetadata.csv", ["observation_id", "endemic", "binomial_name",
               "country", "code", "class_id", "file_path"], tables["Train"])  # fmt: skip
    made.table("SnakeCLEF2022-TestMetadata.csv",
               ["observation_id", "endemic", "country", "code", "file_path"], tables["Test"])  # fmt: skip
    made.table("SnakeCLEF2022-ISOxSpeciesMapping.csv", ["binomial", "DE", "IN"],
               [[one, str(n % 2), str(n // 2)] for n, one in enumerate(SNAKES)])  # fmt: skip
    columns = {"ObservationId": "key", "class_id": "text"}
    made.table("sample_submission.csv", list(columns), [[one, "1"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=tuple("0123")),)


def _herbarium_2020(data: Path) -> Readings:
    """COCO in a folder of each part; names of files are below that folder."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    images: dict[str, list[dict[str, Any]]] = {"train": [], "test": []}
    notes, classes = [], ("0", "1", "2", "3")
    names = ("Aa mathewsii", "Abarema jupunba", "Zinnia acerosa", "Zygia latifolia")
    for number in range(32):
        part, label = "train" if number < 24 else "test", classes[number * 3 % 4]
        name = 354106 + 831 * number if part == "train" else number - 24
        file = f"images/{number % 4:03d}/{number % 6:02d}/{name}.jpg"
        if part == "test":
            file = f"images/{name // 4:03d}/{name}.jpg"
            rows.append((str(name), label))
        images[part].append(
            {"file_name": file, "height": SIZE[0], "id": name, "license": 1, "width": SIZE[1]}
        )
        if part == "train":
            notes.append({"category_id": int(label), "id": 800000 + number, "image_id": name,
                          "region_id": 1 + number % 2})  # fmt: skip
        made.image(f"nybg2020/{part}/{file}", TrueSample(SIZE, label), part=part)
    kinds = [{"family": "Orchidaceae", "genus": one.split()[0], "id": place, "name": one}
             for place, one in enumerate(names)]  # fmt: skip
    about = {"info": {"year": 2020}, "licenses": [{"id": 1, "name": "CC BY-NC-ND", "url": ""}]}
    _json(made, "nybg2020/train/metadata.json", {
        "annotations": notes, "categories": kinds, "images": images["train"], **about,
        "regions": [{"id": 1, "name": "North America"}, {"id": 2, "name": "Brazil"}],
    })  # fmt: skip
    _json(made, "nybg2020/test/metadata.json", {"images": images["test"], **about})
    columns = {"Id": "key", "Predicted": "text"}
    made.table("sample_submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    truth = made.truth(LABELS, columns, rows, classes=classes)
    return truth, _numbered(truth, classes, names)


def _wildcam_2019(data: Path) -> Readings:
    made, rows = Builder(data), list[tuple[str, ...]]()
    tables: dict[str, list[list[str]]] = {"train": [], "test": []}
    classes = ("0", "1", "8", "19")
    for number in range(40):
        part = "train" if number < 32 else "test"
        label, name = classes[number // 2 % 4], hex_name(part, number, length=32)
        name = "-".join([name[:8], name[8:12], name[12:16], name[16:20], name[20:]])
        sequence = hex_name("sequence", part, number // 3, length=12)
        facts = [f"2011-05-{1 + number % 28:02d} 23:43:18", f"{name}.jpg", str(1 + number % 3), name,
                 str(33 + number // 4), "Erin Boydston", sequence, "3", str(SIZE[1]), str(SIZE[0])]  # fmt: skip
        tables[part].append([label, *facts] if part == "train" else facts)
        made.image(f"{part}_images/{name}.jpg", TrueSample(SIZE, label), part=part)
        if part == "test":
            rows.append((name, label))
    header = ["date_captured", "file_name", "frame_num", "id", "location", "rights_holder", "seq_id",
              "seq_num_frames", "width", "height"]  # fmt: skip
    made.table("train.csv", ["category_id", *header], tables["train"])
    made.table("test.csv", header, tables["test"])
    columns = {"Id": "key", "Predicted": "text"}
    made.table("sample_submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=classes),)


def _bees(data: Path) -> Readings:
    """Classes are 0.0 and 1.0; a probability is sent."""
    truth = _write(
        data, images=("images/train/{name}.jpg", "images/test/{name}.jpg"),
        names=lambda part, number: str(519 + 13 * number + 7 * (part == "test")),
        labels=["1.0", "1.0", "0.0", "1.0", "1.0"], classes=("0.0", "1.0"), kind="binary",
        table="train_labels.csv", header=["id", "genus"], row=lambda name, label: [name, str(label)],
        sample="SubmissionFormat.csv", columns={"id": "key", "genus": "number"},
        shown=lambda name: [name, "0.5"], answer=lambda name, true: [name, repr(true.probs["1.0"])],
    )  # fmt: skip
    return truth, _numbered(truth, ("0.0", "1.0"), ("0", "1"))


def _storms(data: Path) -> Readings:
    """Storms are in train and in test, by time; features and labels of train are two tables."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    features: dict[str, list[list[str]]] = {"training": [], "test": []}
    labels = []
    for storm in ("abs", "acd", "bdr", "cgj"):
        for number in range(10):
            part = "training" if number < 8 else "test"
            name, speed = f"{storm}_{number:03d}", 34 + 5 * number + len(rows) % 3
            folder = "train" if part == "training" else "test"
            true = TrueSample(SIZE, float(speed))
            grey = made.random.integers(0, 255, SIZE).astype(np.uint8)
            made.image(f"{folder}/{name}.jpg", true, part=folder, pixels=grey)
            features[part].append([name, storm, str(1800 * number), str(1 + (storm < "b"))])
            if part == "training":
                labels.append([name, str(speed)])
            else:
                rows.append((name, str(speed)))
    header = ["image_id", "storm_id", "relative_time", "ocean"]
    made.table("training_set_features.csv", header, features["training"])
    made.table("test_set_features.csv", header, features["test"])
    columns = {"image_id": "key", "wind_speed": "number"}
    made.table("training_set_labels.csv", list(columns), labels)
    made.table("submission_format.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth({"classify": ["regression", "ordinal"]}, columns, rows),)


def _ships(data: Path) -> Readings:
    """Images of train and of test are in one folder."""
    classes = ("1", "2", "3", "4", "5")
    truth = _write(
        data, images=("train/images/{name}.jpg", "train/images/{name}.jpg"),
        names=lambda part, number: str(2823870 + 41 * number + 17 * (part == "test")),
        labels=["1", "1", "3", "2", "1", "5", "4"], classes=classes, kind="multiclass",
        table="train/train.csv", header=["image", "category"],
        row=lambda name, label: [f"{name}.jpg", str(label)], sample="sample_submission_ns2btKE.csv",
        columns={"image": "key", "category": "text"}, shown=lambda name: [f"{name}.jpg", "1"],
        answer=lambda name, true: [f"{name}.jpg", _label(true)],
    )  # fmt: skip
    rows = "".join(f"{Path(one).name}\n" for one in truth.test)
    (data / "test_ApKoW4T.csv").write_text(f"image\n{rows}")
    return (truth,)


AGES = ("MIDDLE", "OLD", "YOUNG")


def _actors(data: Path) -> Readings:
    """Tables and images are together in a folder of each part."""
    truth = _write(
        data, images=("train_DETg9GD/Train/{name}.jpg", "test_Bh8pGW3/Test/{name}.jpg"),
        names=lambda part, number: str(377 + 37 * number + 5 * (part == "test")),
        labels=["MIDDLE", "YOUNG", "MIDDLE", "OLD", "YOUNG"], classes=AGES, kind="multiclass",
        table="train_DETg9GD/train.csv", header=["ID", "Class"],
        row=lambda name, label: [f"{name}.jpg", str(label)],
        sample="sample_submission_sDO3m7O.csv", columns={"ID": "key", "Class": "text"},
        shown=lambda name: [f"{name}.jpg", "YOUNG"],
        answer=lambda name, true: [f"{name}.jpg", _label(true)],
    )  # fmt: skip
    rows = "".join(f"{Path(one).name}\n" for one in truth.test)
    (data / "test_Bh8pGW3/test.csv").write_text(f"ID\n{rows}")
    return (truth,)


ANIMALS = ("antelope", "blue+whale", "giant+panda", "grizzly+bear", "squirrel")


def _species(data: Path) -> Readings:
    """The id of the sample begins with a small letter, that of train does not."""
    top = "DL# Beginner"
    truth = _write(
        data, images=(f"{top}/train/{{name}}.jpg", f"{top}/test/{{name}}.jpg"),
        names=lambda part, number: f"Img-{2 * number + 1 + (part == 'test')}",
        labels=ANIMALS, classes=ANIMALS, kind="multiclass", table=f"{top}/meta-data/train.csv",
        header=["Image_id", "Animal"], row=lambda name, label: [f"{name}.jpg", str(label)],
        sample=f"{top}/meta-data/sample_submission.csv",
        columns={"image_id": "key", **dict.fromkeys(ANIMALS, "number")},
        shown=lambda name: [f"{name}.jpg", "1.0", *["0.0"] * 4],
        answer=lambda name, true: [f"{name}.jpg", *(repr(true.probs[one]) for one in ANIMALS)],
    )  # fmt: skip
    rows = "".join(f"{Path(one).name}\n" for one in truth.test)
    (data / f"{top}/meta-data/test.csv").write_text(f"Image_id\n{rows}")
    return (truth,)


HOLIDAY = ("Airplane", "Candle", "Christmas_Tree", "Jacket", "Miscellaneous", "Snowman")


def _holiday(data: Path) -> Readings:
    """Nothing shows the file to send."""
    truth = _write(
        data, images=("dataset/train/{name}.jpg", "dataset/test/{name}.jpg"),
        names=lambda part, number: f"image{3476 + 29 * number + (part == 'test')}", labels=HOLIDAY,
        classes=HOLIDAY, kind="multiclass", table="dataset/train.csv", header=["Image", "Class"],
        row=lambda name, label: [f"{name}.jpg", str(label)], columns={"Image": "key", "Class": "text"},
        shown=lambda name: [f"{name}.jpg", ""], answer=lambda name, true: [f"{name}.jpg", _label(true)],
    )  # fmt: skip
    (data / "sample_submission.csv").unlink()
    return (_no_file(truth),)


def _traffic_signs(data: Path) -> Readings:
    """Folders are 00002, and 2 is sent."""
    signs = ("00000", "00001", "00002", "00003")
    truth = _write(
        data, images=("train_images/{label}/{name}.ppm", "test_images/{name}.ppm"),
        names=lambda part, number: (
            f"{number // 12:05d}_{number:05d}" if part == "train" else f"{number:05d}"
        ),
        labels=signs, classes=signs, kind="multiclass", columns={"Filename": "key", "ClassId": "text"},
        shown=lambda name: [name, "0"], answer=lambda name, true: [name, str(int(str(true.label)))],
    )  # fmt: skip
    return truth, _numbered(truth, signs, [str(int(one)) for one in signs])


def _plates(data: Path) -> Readings:
    truth = _write(
        data, images=("plates/train/{label}/{name}.jpg", "plates/test/{name}.jpg"),
        names=lambda part, number: f"{number // 2 if part == 'train' else number:04d}",
        labels=("cleaned", "dirty"), classes=("cleaned", "dirty"), kind=["binary", "multiclass"],
        columns={"id": "key", "label": "text"}, n=(32, 10), shown=lambda name: [name, "dirty"],
        answer=lambda name, true: [name, _label(true)],
    )  # fmt: skip
    made = Builder(data)
    for path in truth.train:
        made.text(f"__MACOSX/{path.rpartition('/')[0]}/._{Path(path).name}", "Mac OS X")
    for folder in ("train", "train/cleaned", "train/dirty", "test"):
        made.text(f"plates/{folder}/.DS_Store", "x")
    return (truth,)


SIMPSONS = ("abraham_grampa_simpson", "bart_simpson", "charles_montgomery_burns", "homer_simpson")


def _springfield(data: Path) -> Readings:
    """Each class counts its pictures from 0; the sample names files `img0.jpg`."""
    counts: dict[int, int] = {}

    def name(part: str, number: int) -> str:
        if part == "test":
            return f"img{number}"
        counts[number % 4] = counts.get(number % 4, -1) + 1
        return f"pic_{counts[number % 4]:04d}"

    return (_write(
        data, images=("train/simpsons_dataset/{label}/{name}.jpg", "testset/testset/{name}.jpg"),
        names=name, labels=SIMPSONS, classes=SIMPSONS, kind="multiclass", n=(32, 12),
        columns={"Id": "key", "Expected": "text"}, shown=lambda name: [f"{name}.jpg", "bart_simpson"],
        answer=lambda name, true: [f"{name}.jpg", _label(true)],
    ),)  # fmt: skip


def _spot_the_mask(data: Path) -> Readings:
    """Images of both parts in one folder, of several endings."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    for number in range(36):
        part, label = "train" if number < 26 else "test", str(number * 3 % 4 % 2)
        letters = "".join(chr(97 + int(one, 16)) for one in hex_name("mask", number, length=30))
        name = f"{letters}.{('jpg', 'jpg', 'jpeg', 'png')[number % 4]}"
        true = TrueSample(SIZE, label, made.probs(("0", "1")))
        made.image(f"images/{name}", true, part=part)
        if part == "train":
            cells.append([name, label])
        else:
            rows.append((name, repr(true.probs["1"])))
    columns = {"image": "key", "target": "number"}
    made.table("train_labels.csv", list(columns), cells)
    made.table("sample_sub_v2.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth({"classify": "binary"}, columns, rows, classes=("0", "1")),)


def _wheat_stages(data: Path) -> Readings:
    """Stages 1 to 7, scored by RMSE; a column tells how sure a label is."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    for number in range(40):
        part, stage = "train" if number < 30 else "test", 1 + number * 3 % 7
        name = hex_name("wheat", number, length=9).upper()
        made.image(f"Images/{name}.jpeg", TrueSample(SIZE, str(stage)), part=part)
        if part == "train":
            cells.append([name, str(stage), str(1 + number % 4 // 3)])
        else:
            rows.append((name, str(stage)))
    made.table("Train.csv", ["UID", "growth_stage", "label_quality"], cells)
    columns = {"UID": "key", "growth_stage": "number"}
    made.table("SampleSubmission.csv", list(columns), [[one, "0"] for one, _ in rows])
    kinds = ["regression", "ordinal"]
    return (made.truth({"classify": kinds}, columns, rows, classes=tuple("1234567")),)


def _isic_2016(data: Path) -> Readings:
    """Tables without a header; that of test has 0.0 and 1.0."""
    made, names = Builder(data), ("benign", "malignant")
    front = "ISBI2016_ISIC_Part3"
    for part, n in (("Training", 28), ("Test", 10)):
        lines = []
        for number in range(n):
            name, label = f"ISIC_{3 * number + (part == 'Test'):07d}", names[number % 4 == 1]
            _photos(made, [f"{front}_{part}_Data/{name}.jpg"], label)
            shown = label if part == "Training" else f"{float(label == 'malignant')}"
            lines.append(f"{name},{shown}")
        _lines(made, f"{front}_{part}_GroundTruth.csv", lines)
    return (_reading(made, TWO, test=_inside(f"{front}_Test_Data"), classes=names),)


def _isic_2017(data: Path) -> Readings:
    """Superpixels beside each image; masks of part 1 and two columns of part 3."""
    made, rows = Builder(data), []
    names = ("melanoma", "seborrheic_keratosis")
    for part, n in (("Training", 24), ("Test_v2", 8)):
        about, folder = [], f"ISIC-2017_{part}_Data"
        for number in range(n):
            name = f"ISIC_{(0 if part == 'Training' else 12086) + 2 * number:07d}"
            plane, bits = draw_plane(made.random, SIZE), (number % 5 == 0, number % 5 == 1)
            label = frozenset(one for one, bit in zip(names, bits, strict=True) if bit)
            true = TrueSample(SIZE, label, planes=(plane,))
            known = true if part == "Training" else TrueSample(SIZE)
            made.image(f"{folder}/{name}.jpg", known, part="train")
            coded = made.random.integers(0, 255, (*SIZE, 3)).astype(np.uint8)
            save_pixels(data / f"{folder}/{name}_superpixels.png", coded)
            about.append([name, str(30 + 5 * (number % 9)), ("female", "male")[number % 2]])
            if part == "Training":
                _grey_mask(
                    data / f"ISIC-2017_Training_Part1_GroundTruth/{name}_segmentation.png", plane
                )
                rows.append([name, *(f"{float(bit)}" for bit in bits)])
        made.table(f"{folder}/{folder}_metadata.csv", ["image_id", "age_approximate", "sex"], about)
    made.table("ISIC-2017_Training_Part3_GroundTruth.csv", ["image_id", *names], rows)
    is_test, several = _inside("ISIC-2017_Test_v2_Data"), {"classify": "multilabel"}
    return (
        _reading(made, {**several, **ONE_MASK}, test=is_test, classes=names, mask_classes=[""]),
        _reading(made, ONE_MASK, test=is_test, mask_classes=[""]),
        _reading(made, several, test=is_test, classes=names),
    )


def _circuit_boards(data: Path) -> Readings:
    """Tables with tabs; the sample has no header."""
    made, lines, shown = Builder(data), ["file_name\tflag"], []
    for number in range(36):
        part, label = "train" if number < 26 else "test", str(int(number % 3 == 0))
        place = number if part == "train" else number - 26
        name = f"{part}_{place:04d}.jpeg"
        made.image(f"{part}/{name}", TrueSample(SIZE, label), part="train")
        if part == "train":
            lines.append(f"{name}\t{label}")
        else:
            shown.append(f"{name}\t0")
    _lines(made, "train_master.tsv", lines)
    _lines(made, "sample_submit.tsv", shown)
    return (_reading(made, {"classify": "binary"}, test=_inside("test"), classes=("0", "1")),)


def _garbage(data: Path) -> Readings:
    """A text beside each image has its name and its class; names of classes in a JSON."""
    made = Builder(data)
    rule = {"0": "其他垃圾/一次性快餐盒", "6": "厨余垃圾/剩饭剩菜", "19": "可回收物/洗发水瓶",
            "37": "有害垃圾/干电池"}  # fmt: skip
    for number in range(1, 33):
        label = list(rule)[number * 3 % 4]
        _photos(made, [f"garbage_classify/train_data/img_{number}.jpg"], label)
        made.text(f"garbage_classify/train_data/img_{number}.txt", f"img_{number}.jpg, {label}")
    made.text("garbage_classify/garbage_classify_rule.json", json.dumps(rule, ensure_ascii=False))
    return (
        _reading(made, LABELS, classes=tuple(rule)),
        _reading(made, LABELS, classes=tuple(rule.values()), label=lambda label: rule[str(label)]),
    )


BIOMASS = ("Dry_Clover_g", "Dry_Dead_g", "Dry_Green_g", "Dry_Total_g", "GDM_g")


def _biomass(data: Path) -> Readings:
    """A row for each image and target, in train, in test and in the sample."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    tables: dict[str, list[list[str]]] = {"train": [], "test": []}
    for number in range(34):
        part, name = "train" if number < 26 else "test", f"ID{1011485656 + 7741 * number}"
        true = tuple(round(float(made.random.uniform(0, 40)), 4) for _ in BIOMASS)
        made.image(f"{part}/{name}.jpg", TrueSample(SIZE, true), part=part)
        facts = [f"2015/{1 + number % 12}/4", ("Tas", "Vic", "NSW")[number % 3], "Ryegrass_Clover",
                 f"0.{50 + number}", f"{2 + number % 9}.6667"]  # fmt: skip
        for one, value in zip(BIOMASS, true, strict=True):
            key, path = f"{name}__{one}", f"{part}/{name}.jpg"
            if part == "train":
                tables[part].append([key, path, *facts, one, str(value)])
            else:
                tables[part].append([key, path, one])
                rows.append((key, str(value)))
    made.table("train.csv", ["sample_id", "image_path", "Sampling_Date", "State", "Species",
               "Pre_GSHH_NDVI", "Height_Ave_cm", "target_name", "target"], tables["train"])  # fmt: skip
    made.table("test.csv", ["sample_id", "image_path", "target_name"], tables["test"])
    columns = {"sample_id": "key", "target": "number"}
    made.table("sample_submission.csv", list(columns), [[one, "0.0"] for one, _ in rows])
    return (made.truth({"classify": "multitarget"}, columns, rows, classes=BIOMASS),)


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
        made.image(f"data/{number}.jpg", TrueSample(SIZE, frozenset(label.split())), part=part)
        caption = captions[number % 3]
        if part == "train":
            tables[part].append(f"{number}.jpg,{label},{caption}")
        else:
            tables[part].append(f"{number}.jpg,{caption}")
            rows.append((f"{number}.jpg", label))
    for part, lines in tables.items():
        _lines(made, f"{part}.csv", lines)
    columns = {"ImageID": "key", "Labels": "labels"}
    made.table("sample_submission.csv", list(columns), [[one, "1"] for one, _ in rows])
    classes = ("1", "2", "3", "8", "13", "18", "19")
    return (made.truth({"classify": "multilabel"}, columns, rows, classes=classes),)


def _made_by_machine(data: Path) -> Readings:
    """Paths in both tables; a first column without a name; no sample."""
    made, tables = Builder(data), {"train": [], "test": []}
    for number in range(38):
        part, label = "train" if number < 28 else "test", str(1 - number % 2)
        folder = "train_data" if part == "train" else "test_data_v2"
        path = f"{folder}/{hex_name('ai', part, number, length=32)}.jpg"
        made.image(path, TrueSample(SIZE, label), part="train")
        tables[part].append([str(number), path, label] if part == "train" else [path])
    made.table("train.csv", ["", "file_name", "label"], tables["train"])
    made.table("test.csv", ["id"], tables["test"])
    return (
        _reading(made, {"classify": "binary"}, test=_inside("test_data_v2"), classes=("0", "1")),
    )


# Competitions of masks


def _floating(path: Path, values: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(values).save(path)


def _floods(data: Path) -> Readings:
    """Two polarizations an image, in decibels; 255 is of no known class. TIFFs are sent."""
    made, rows, size = Builder(data), [], (32, 32)
    for number in range(32):
        part = "train" if number < 24 else "test"
        name = f"{('awc', 'coz', 'hbe')[number % 3]}{number:02d}"
        plane, unknown = draw_plane(made.random, size), np.zeros(size, dtype=bool)
        unknown[:, :2] = number % 4 == 0
        known = TrueSample(size, planes=(plane & ~unknown,), ignored=unknown)
        for kind in ("vh", "vv"):
            path = f"{part}_features/{name}_{kind}.tif"
            _floating(data / path, made.random.normal(-15, 4, size).astype(np.float32))
            if part == "train":
                rows.append(
                    [f"{name}_{kind}", name, name[:3], kind, "Bolivia", "512", "2018-02-15"]
                )
        first = f"{part}_features/{name}_vh.tif"
        made.train[first] = known if part == "train" else TrueSample(size)
        if part == "train":
            mask = np.where(unknown, 255, plane).astype(np.uint8)
            save_pixels(data / f"train_labels/{name}.tif", mask)
    made.table("flood-training-metadata.csv", ["image_id", "chip_id", "flood_id", "polarization",
               "location", "resolution", "scene_start"], rows)  # fmt: skip
    return (_reading(made, ONE_MASK, test=_inside("test_features"), mask_classes=[""]),)


def _clouds(data: Path) -> Readings:
    """A folder of four bands an image, a TIFF of 0 and 1 each. TIFFs are sent."""
    made, size = Builder(data), (32, 32)
    rows: dict[str, list[list[str]]] = {"train": [], "test": []}
    for number in range(32):
        part = "train" if number < 24 else "test"
        name = "".join(chr(97 + int(one, 16)) for one in hex_name("chip", number, length=4))
        plane = draw_plane(made.random, size)
        for band in ("B02", "B03", "B04", "B08"):
            values = made.random.integers(0, 9000, size).astype(np.uint16)
            _floating(data / f"{part}_features/{name}/{band}.tif", values)
        true = TrueSample(size, planes=(plane,)) if part == "train" else TrueSample(size)
        made.train[f"{part}_features/{name}/B02.tif"] = true
        if part == "train":
            save_pixels(data / f"train_labels/{name}.tif", plane.astype(np.uint8))
        facts = [name, ("Lusaka", "Chifunfu")[number % 2], "2020-04-29T08:20:47Z"]
        rows[part].append([*facts, f"az://./train_features/{name}"] if part == "train" else facts)
    made.table(
        "train_metadata.csv", ["chip_id", "location", "datetime", "cloudpath"], rows["train"]
    )
    made.table("test_metadata.csv", ["chip_id", "location", "datetime"], rows["test"])
    return (_reading(made, ONE_MASK, test=_inside("test_features"), mask_classes=[""]),)


def _refuge(data: Path) -> Readings:
    """Class folders of images and of masks: 0 is the cup, 128 the rim, 255 all else."""
    made, size, classes = Builder(data), (32, 32), ("Glaucoma", "Non-Glaucoma")
    for number in range(24):
        label = classes[number % 4 != 0]
        name = f"{'gn'[label == classes[1]]}{1 + number:04d}"
        disc = draw_plane(made.random, size)
        cup = disc & (np.arange(32)[:, None] % 3 > 0)
        true = TrueSample(size, label, planes=(cup, disc & ~cup))
        made.image(f"Training400/{label}/{name}.jpg", true, part="train")
        mask = np.where(cup, 0, np.where(disc, 128, 255)).astype(np.uint8)
        save_pixels(data / f"Annotation-Training400/Disc_Cup_Masks/{label}/{name}.bmp", mask)
    for number in range(1, 9):
        made.image(f"REFUGE-Validation400/V{number:04d}.jpg", TrueSample(size), part="train")
    is_test = _inside("REFUGE-Validation400")
    both = _reading(
        made, {**TWO, **MULTI}, test=is_test, classes=classes, mask_classes=("0", "128")
    )
    masks = replace(both, kinds={"segment": frozenset(["multiclass"])}, classes=())
    every = {
        path: replace(one, planes=(*one.planes, ~np.any(one.planes, axis=0)))
        for path, one in both.train.items() if one.planes
    }  # fmt: skip
    three = replace(both, train=every, mask_classes=("0", "128", "255"))
    labels = _reading(made, TWO, test=is_test, classes=classes)
    return both, three, masks, replace(three, kinds=masks.kinds, classes=()), labels


def _kitti_road(data: Path) -> Readings:
    """Colours of road, of what is none, and black where nothing counts; lanes beside."""
    made, size, top = Builder(data), (24, 48), "data_road"
    for part, n in (("training", 10), ("testing", 4)):
        for kind in ("um", "umm", "uu"):
            for number in range(n):
                name, true = f"{kind}_{number:06d}", TrueSample(size)
                if part == "training":
                    for what in ("lane", "road") if kind == "um" else ("road",):
                        road = draw_plane(made.random, size)
                        outside = np.zeros(size, dtype=bool)
                        outside[:3] = True
                        road &= ~outside
                        colours = np.zeros((*size, 3), dtype=np.uint8)
                        colours[~outside, 0] = 255
                        colours[road, 2] = 255
                        path = f"{top}/{part}/gt_image_2/{kind}_{what}_{number:06d}.png"
                        save_pixels(data / path, colours)
                        # The road is drawn last, and is what is scored of every kind.
                        true = TrueSample(size, planes=(road,), ignored=outside)
                made.image(f"{top}/{part}/image_2/{name}.png", true, part="train")
                made.text(f"{top}/{part}/calib/{name}.txt", "P0: 7.215377e+02 0.000000e+00\n")
    is_test = _inside(f"{top}/testing")
    scored = _reading(made, ONE_MASK, test=is_test, mask_classes=[""])
    known = lambda true, planes: replace(true, planes=planes, ignored=None)  # noqa: E731
    plain = {
        path: known(one, one.planes) for path, one in scored.train.items() if one.planes
    }  # fmt: skip
    of_two, of_three = {}, {}
    for path, one in scored.train.items():
        if one.planes and one.ignored is not None:
            none = ~one.ignored & ~one.planes[0]
            of_two[path] = known(one, (none, one.planes[0]))
            of_three[path] = known(one, (one.ignored, none, one.planes[0]))
    kinds = {"segment": frozenset(["multiclass"])}
    return (
        scored,
        replace(scored, train=plain),
        replace(scored, train=of_two, kinds=kinds, mask_classes=("1", "2")),
        replace(scored, train=of_three, kinds=kinds, mask_classes=("1", "2", "3")),
    )


# Competitions beyond podium's scope


def _passion_fruit(data: Path) -> Readings:
    made, cells, rows = Builder(data), [], []
    kinds = ("fruit_healthy", "fruit_brownspot", "fruit_woodiness")
    for number in range(32):
        part, name = (
            "train" if number < 24 else "test",
            f"ID_{hex_name('fruit', number, length=8).upper()}",
        )
        made.image(f"{part.capitalize()}_Images/{name}.jpg", TrueSample(SIZE), part=part)
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
    return (_reading(made, {}),)


def _families(data: Path) -> Readings:
    """Pairs of images are asked."""
    made, pairs = Builder(data), []
    for family in range(6):
        for person in range(2):
            for face in range(2):
                folder = f"train/F{2 + family:04d}/MID{1 + person}"
                name = f"P{family * 20 + person:05d}_face{face}.jpg"
                made.image(f"{folder}/{name}", TrueSample(SIZE), part="train")
        pairs.append([f"F{2 + family:04d}/MID1", f"F{2 + family:04d}/MID2"])
    for number in range(8):
        made.image(f"test/face{number * 31:05d}.jpg", TrueSample(SIZE), part="test")
    made.table("train_relationships.csv", ["p1", "p2"], pairs)
    faces = sorted(Path(one).name for one in made.test)
    rows = [[f"{one}-{other}", "0"] for one in faces for other in faces if one < other]
    made.table("sample_submission.csv", ["img_pair", "is_related"], rows)
    return (_reading(made, {}),)


# Data sets of labels


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
                _photos(made, [f"{top}/{path}"], label)
                wrong = WNIDS[(place + 1) % 4]
                noisy = [label, *(wrong if k == 0 and part == "train" else label for _ in range(4))]
                rows.append([path, *noisy, str(part == "val")])
    made.table(f"{top}/noisy_imagenette.csv",
               ["path", *(f"noisy_labels_{n}" for n in (0, 1, 5, 25, 50)), "is_valid"], rows)  # fmt: skip
    return (_reading(made, LABELS, test=_inside(f"{top}/val"), classes=WNIDS),)


def _of_folders(
    made: Builder, paths: Callable[[str, int], str], names: Iterable[str], n: int
) -> None:
    for name in names:
        _photos(made, [paths(name, k) for k in range(1, n + 1)], name)


def _caltech(data: Path) -> Readings:
    made, top = Builder(data), "256_ObjectCategories"
    classes = ("001.ak47", "002.american-flag", "159.people", "257.clutter")
    _of_folders(made, lambda name, k: f"{top}/{name}/{name[:3]}_{k:04d}.jpg", classes, 8)
    # One stray file is in the real download, too.
    made.text(f"{top}/159.people/RENAME2", "mv\n")
    return (_reading(made, LABELS, classes=classes),)


CARS = ("AM General Hummer SUV 2000", "Acura Integra Type R 2001", "BMW M3 Coupe 2012")


def _cars(data: Path) -> Readings:
    """Tables without a header: a file, a box and the number of its class, from 1."""
    made = Builder(data)
    rows: dict[str, list[str]] = {"train": [], "test": []}
    for place, label in enumerate(CARS):
        for part, n in (("train", 8), ("test", 4)):
            for k in range(n):
                name = f"{1 + place + 3 * k:05d}.jpg"
                _photos(made, [f"car_data/car_data/{part}/{label}/{name}"], label)
                rows[part].append(f"{name},3,{2 + k % 3},20,15,{place + 1}")
    for part, lines in rows.items():
        _lines(made, f"anno_{part}.csv", sorted(lines))
    _lines(made, "names.csv", CARS)
    is_test = _inside("car_data/car_data/test")
    return (
        _reading(made, LABELS, test=is_test, classes=CARS),
        _reading(made, LABELS, test=is_test, classes=tuple("123"),
                 label=lambda label: str(1 + CARS.index(str(label)))),
    )  # fmt: skip


def _indoor(data: Path) -> Readings:
    """Two lists name some of the images; the others are in neither."""
    made, classes = Builder(data), ("airport_inside", "bookstore", "tv_studio", "winecellar")
    lists: dict[str, list[str]] = {"Train": [], "Test": [], "": []}
    for label in classes:
        for k in range(12):
            name = f"{label}/{label}_{k + 1:04d}.jpg" if k % 2 else f"{label}/{k}inside_{k * 7}.jpg"
            _photos(made, [f"Images/{name}"], label)
            lists["Train" if k < 7 else "Test" if k < 10 else ""].append(name)
    for part in ("Train", "Test"):
        _lines(made, f"{part}Images.txt", lists[part])
    for name in lists["Train"][:5]:
        made.text(
            f"Annotations/{name[:-4]}.xml", f"<annotation><filename>{name}</filename></annotation>"
        )
    tests, rest = ({f"Images/{one}" for one in lists[part]} for part in ("Test", ""))
    is_test, is_rest = (lambda path: path in tests), (lambda path: path in rest)
    return (
        _reading(made, LABELS, test=is_test, out=is_rest, classes=classes),
        _reading(made, LABELS, test=is_test, classes=classes),
    )


WEEDS = ("Chinee apple", "Lantana", "Parkinsonia", "Snake weed", "Negative")


def _weeds(data: Path) -> Readings:
    """A table with the number and the name of each class."""
    made, rows, numbers = Builder(data), [], ("0", "1", "2", "7", "8")
    for n in range(30):
        name = f"201{6 + n % 2}09{28 - n % 9:02d}-14{10 + n}14-{n % 4}.jpg"
        _photos(made, [f"images/{name}"], WEEDS[n % 5])
        rows.append([name, numbers[n % 5], WEEDS[n % 5]])
    made.table("labels.csv", ["Filename", "Label", "Species"], rows)
    of = dict(zip(WEEDS, numbers, strict=True))
    return (
        _reading(made, LABELS, classes=WEEDS),
        _reading(made, LABELS, classes=numbers, label=lambda label: of[str(label)]),
    )


TISSUES = {"adenosis": ("benign", "B_A"), "fibroadenoma": ("benign", "B_F"),
           "ductal_carcinoma": ("malignant", "M_DC"), "mucinous_carcinoma": ("malignant", "M_MC")}  # fmt: skip


def _breast_tissue(data: Path) -> Readings:
    """A deep tree; a table has five folds with every image in each."""
    made, rows = Builder(data), []
    top = "BreaKHis_v1/histology_slides/breast"
    for kind, (side, short) in TISSUES.items():
        for patient in range(2):
            slide = f"14-{4659 + 113 * patient}{'AB' if patient else ''}"
            for zoom in ("40X", "100X", "200X"):
                for k in range(1, 3):
                    name = f"SOB_{short}-{slide}-{zoom[:-1]}-{k:03d}.png"
                    path = f"{top}/{side}/SOB/{kind}/SOB_{short}_{slide}/{zoom}/{name}"
                    _photos(made, [f"BreaKHis_v1/{path}"], kind)
                    rows += [[str(fold), zoom[:-1], ("train", "test")[(fold + k) % 2], path]
                             for fold in range(1, 6)]  # fmt: skip
    made.table("Folds.csv", ["fold", "mag", "grp", "filename"], sorted(rows))
    return (
        _reading(made, TWO, classes=("benign", "malignant"),
                 label=lambda label: TISSUES[str(label)][0]),
        _reading(made, LABELS, classes=tuple(TISSUES)),
    )  # fmt: skip


def _textures(data: Path) -> Readings:
    """Names of files hold two endings; larger images lie beside, without a class."""
    made, classes = Builder(data), ("01_TUMOR", "02_STROMA", "05_DEBRIS", "08_EMPTY")
    tiles, large = "Kather_texture_2016_image_tiles_5000", "Kather_texture_2016_larger_images_10"
    path = f"{tiles}/{tiles}/{{}}/{{:X}}_CRC-Prim-HE-0{{}}_0{{}}.tif_Row_301_Col_{{}}.tif"
    _of_folders(
        made, lambda name, k: path.format(name, 66371 + 91 * k, 1 + k % 9, 10 + k, 150 * k + 1),
        classes, 8,
    )  # fmt: skip
    others = [f"{large}/{large}/CRC-Prim-HE-{k:02d}_APPLICATION.tif" for k in range(2, 10)]
    _photos(made, others, None, (48, 48))
    return (
        _reading(made, LABELS, out=_inside(large), classes=classes),
        _reading(made, LABELS, test=_inside(large), classes=classes),
    )


def _lungs_and_colons(data: Path) -> Readings:
    made = Builder(data)
    folders = {"colon_aca": "colonca", "colon_n": "colonn", "lung_aca": "lungaca", "lung_n": "lungn",
               "lung_scc": "lungscc"}  # fmt: skip
    for label, name in folders.items():
        organ = label.partition("_")[0]
        top = f"lung_colon_image_set/{organ}_image_sets/{label}"
        _photos(made, [f"{top}/{name}{k}.jpeg" for k in range(1, 8)], label)
    return (_reading(made, LABELS, classes=tuple(folders)),)


def _retina_scans(data: Path) -> Readings:
    """A blank at the end of a folder's name; patients in the names; a second copy."""
    made, classes = Builder(data), ("CNV", "DME", "DRUSEN", "NORMAL")
    for place, label in enumerate(classes):
        for part, n in (("train", 9), ("val", 2), ("test", 3)):
            base = {"train": 1016042, "val": 6294785, "test": 5556376}[part] + 7919 * place
            names = [f"{label}-{base + 311 * (k // 3)}-{1 + k % 3}.jpeg" for k in range(n)]
            _photos(made, [f"OCT2017 /{part}/{label}/{one}" for one in names], label)
        made.text(f"OCT2017 /train/{label}/.DS_Store", "x")
    first = dict(made.train)
    for path, true in first.items():
        (data / "oct2017" / path).parent.mkdir(parents=True, exist_ok=True)
        (data / "oct2017" / path).write_bytes((data / path).read_bytes())
        made.train[f"oct2017/{path}"] = true
    is_test = lambda path: "/test/" in path  # noqa: E731
    copy, outer = _inside("oct2017"), (lambda path: path in first)
    return (
        _reading(made, LABELS, test=is_test, out=copy, classes=classes),
        _reading(made, LABELS, test=is_test, out=outer, classes=classes),
        _reading(made, LABELS, test=is_test, out=lambda path: copy(path) or "/val/" in path,
                 classes=classes),
    )  # fmt: skip


LESIONS = ("ACK", "BCC", "MEL", "NEV", "SCC", "SEK")


def _lesions(data: Path) -> Readings:
    """Many columns, of which `diagnostic` is the class; folders of parts."""
    made, rows = Builder(data), []
    for n in range(36):
        label = LESIONS[n * 5 % 6]
        patient, lesion = 8 + n // 3, 15 + n // 2
        name = f"PAT_{patient}_{lesion}_{820 + 7 * n}.png"
        part = f"imgs_part_{1 + n // 12}"
        _photos(made, [f"images/{part}/{part}/{name}"], label)
        full = n % 3 > 0
        habits = [("False", "True")[(n // 3 + k) % 2] if full else "" for k in range(7)]
        asked = [("True", "False", "UNK")[(n + k) % 7 // 3] for k in range(6)]
        rows.append([
            f"PAT_{patient}", str(lesion), *habits[:2], *(["POMERANIA", "GERMANY"] if full else [""] * 2),
            str(40 + n), habits[2], ("FEMALE", "MALE")[patient % 2] if full else "", *habits[3:7],
            f"{1 + n % 4}.0" if full else "", ("ARM", "FACE", "BACK", "NECK")[n % 4],
            *([f"{5 + n % 6}.0", f"{4 + n % 5}.0"] if full else [""] * 2), label, *asked, name,
            ("False", "True")[n % 2],
        ])  # fmt: skip
    header = ["patient_id", "lesion_id", "smoke", "drink", "background_father", "background_mother",
              "age", "pesticide", "gender", "skin_cancer_history", "cancer_history",
              "has_piped_water", "has_sewage_system", "fitspatrick", "region", "diameter_1",
              "diameter_2", "diagnostic", "itch", "grew", "hurt", "changed", "bleed", "elevation",
              "img_id", "biopsed"]  # fmt: skip
    made.table("metadata.csv", header, rows)
    return (_reading(made, LABELS, classes=LESIONS),)


def _hands(data: Path) -> Readings:
    """Three folders; the last has no class folders, and is for a try."""
    made, classes = Builder(data), ("paper", "rock", "scissors")
    for label in classes:
        names = [f"rps/{label}/{label}{1 + k // 4:02d}-{k:03d}.png" for k in range(9)]
        names += [f"rps-test-set/{label}/test{label}01-{k:02d}.png" for k in range(4)]
        _photos(made, names, label)
        _photos(made, [f"rps-validation/{label}{k}.png" for k in range(1, 4)], None)
    tests, shown = _inside("rps-test-set"), _inside("rps-validation")
    return (
        _reading(made, LABELS, test=tests, out=shown, classes=classes),
        _reading(made, LABELS, test=shown, classes=classes),
        _reading(made, LABELS, test=shown, out=tests, classes=classes),
    )


def _fair_faces(data: Path) -> Readings:
    """Three answers of an image beside each other, and the part in the path."""
    made = Builder(data)
    ages = ("0-2", "20-29", "3-9", "30-39", "more than 70")
    races = ("Black", "East Asian", "Indian", "White")
    labels: dict[str, tuple[str, str, str]] = {}
    for part, n in (("train", 30), ("val", 10)):
        rows = []
        for k in range(1, n + 1):
            path = f"{part}/{k}.jpg"
            labels[path] = (ages[k * 3 % 5], ("Female", "Male")[k % 2], races[k // 2 % 4])
            _photos(made, [path], path)
            rows.append([path, *labels[path], ("False", "True")[k % 3 == 0]])
        made.table(
            f"fairface_label_{part}.csv", ["file", "age", "gender", "race", "service_test"], rows
        )
    readings = []
    for place, (kinds, classes) in enumerate(
        ((LABELS, ages), (TWO, ("Female", "Male")), (LABELS, races))
    ):
        readings.append(_reading(
            made, kinds, test=_inside("val"), classes=classes,
            label=lambda label, place=place: labels[str(label)][place],  # type: ignore[misc]
        ))  # fmt: skip
    return tuple(readings)


def _wild_faces(data: Path) -> Readings:
    """Many people have one picture alone."""
    made = Builder(data)
    people = {"Aaron_Eckhart": 1, "Abel_Pacheco": 4, "Adrien_Brody": 12, "Aaron_Guiel": 1, "Zico": 3,
              "George_W_Bush": 9, "AJ_Cook": 1}  # fmt: skip
    for name, n in people.items():
        _photos(made, [f"lfw/{name}/{name}_{k:04d}.jpg" for k in range(1, n + 1)], name)
    return (_reading(made, LABELS, classes=tuple(people)),)


ACTIONS = ("applauding", "blowing_bubbles", "riding_a_bike", "walking_the_dog")


def _forty_actions(data: Path) -> Readings:
    """The class is in the names; a list of train and of test for each class."""
    made, tests = Builder(data), set()
    every: dict[str, list[str]] = {"train": [], "test": []}
    for label in ACTIONS:
        lists: dict[str, list[str]] = {"train": [], "test": []}
        for k in range(1, 11):
            name = f"{label}_{k:03d}.jpg"
            _photos(made, [f"JPEGImages/{name}"], label)
            part = "train" if k <= 6 else "test"
            lists[part].append(name)
            if part == "test":
                tests.add(f"JPEGImages/{name}")
            made.text(f"XMLAnnotations/{name[:-4]}.xml",
                      f"<annotation><filename>{name}</filename><object><name>person</name><action>{label}"
                      "</action><bndbox><xmin>2</xmin><ymin>2</ymin><xmax>9</xmax><ymax>9</ymax></bndbox>"
                      "</object></annotation>")  # fmt: skip
        for part, lines in lists.items():
            _lines(made, f"ImageSplits/{label}_{part}.txt", lines)
            every[part] += lines
    for part, lines in every.items():
        _lines(made, f"ImageSplits/{part}.txt", lines)
    _lines(made, "ImageSplits/actions.txt",
           ["action_name\tnumber_of_images", *(f"{one}\t10" for one in ACTIONS)])  # fmt: skip
    return (_reading(made, LABELS, test=lambda path: path in tests, classes=ACTIONS),)


def _small_images(data: Path) -> Readings:
    """The class stands behind the number in each name, in train and in test."""
    made, classes = Builder(data), ("airplane", "bird", "cat", "frog")
    for part, n in (("train", 32), ("test", 10)):
        for k in range(n):
            label = classes[k * 3 % 4]
            _photos(made, [f"cifar/{part}/{k}_{label}.png"], label)
    _lines(made, "cifar/labels.txt", classes)
    return (_reading(made, LABELS, test=_inside("cifar/test"), classes=classes),)


def _chinese_digits(data: Path) -> Readings:
    """Three columns make the name of a file; its value is told by another, and by a sign."""
    made, rows = Builder(data), []
    values = (("0", "零"), ("1", "一"), ("10", "十"), ("10000", "万"))
    for suite in range(1, 4):
        for sample in range(1, 4):
            for code, (value, sign) in enumerate(values, 1):
                _photos(made, [f"data/data/input_{suite}_{sample}_{code}.jpg"], value)
                rows.append([str(suite), str(sample), str(code), value, sign])
    made.table("chinese_mnist.csv", ["suite_id", "sample_id", "code", "value", "character"], rows)
    numbers, signs = zip(*values, strict=True)
    to = {value: (str(code), sign) for code, (value, sign) in enumerate(values, 1)}
    return (
        _reading(made, LABELS, classes=numbers),
        _reading(made, LABELS, classes=signs, label=lambda label: to[str(label)][1]),
        _reading(made, LABELS, classes=tuple("1234"), label=lambda label: to[str(label)][0]),
    )


def _scenes(data: Path) -> Readings:
    """Folders of letters above the classes, and some classes with a folder inside."""
    made = Builder(data)
    classes = ("a/abbey", "a/apartment_building/outdoor", "c/church/indoor", "c/church/outdoor")
    for label in classes:
        names = [f"sun_{'ab'[k % 2]}{hex_name(label, k, length=15)}" for k in range(8)]
        _photos(made, [f"SUN397/{label}/{one}.jpg" for one in names], label)
    _lines(made, "SUN397/ClassName.txt", [f"/{one}" for one in classes])
    made.text("SUN397/README.txt", "Scene UNderstanding (SUN) database\n")
    named = lambda label: str(label)[2:].replace("/", "_")  # noqa: E731
    return (
        _reading(made, LABELS, classes=classes),
        _reading(made, LABELS, classes=[named(one) for one in classes], label=named),
        _reading(
            made, LABELS, classes=[one[2:] for one in classes], label=lambda label: str(label)[2:]
        ),
    )


def _steel_defects(data: Path) -> Readings:
    """Class folders of images, boxes in XML; validation beside train."""
    made, classes = Builder(data), ("crazing", "inclusion", "patches", "rolled-in_scale")
    for label in classes:
        for part, ks in (("train", range(1, 8)), ("validation", range(241, 244))):
            for k in ks:
                _photos(made, [f"NEU-DET/{part}/images/{label}/{label}_{k}.jpg"], label)
                made.text(f"NEU-DET/{part}/annotations/{label}_{k}.xml",
                          f"<annotation><folder>{label}</folder><filename>{label}_{k}.jpg</filename><size>"
                          "<width>24</width><height>20</height><depth>1</depth></size><object><name>"
                          f"{label}</name><bndbox><xmin>2</xmin><ymin>2</ymin><xmax>15</xmax><ymax>12</ymax>"
                          "</bndbox></object></annotation>")  # fmt: skip
    validation = _inside("NEU-DET/validation")
    return (
        _reading(made, LABELS, test=validation, classes=classes),
        _reading(made, LABELS, classes=classes),
    )


# Data sets of masks


def _carla(data: Path) -> Readings:
    """Masks are RGB with the number of the class in red; images have the same names."""
    made = Builder(data)
    for part in "AB":
        for n in range(14):
            classes = draw_class_map(made.random, SIZE, 4, fill=True)
            numbers = np.array([0, 6, 7, 10], dtype=np.uint8)[classes - 1]
            name = f"{'0F'[part == 'B']}{2 + n // 7}_00_{n:03d}.png"
            top = f"data{part}/data{part}"
            true = TrueSample(SIZE, planes=_planes_of(classes, 4))
            made.image(f"{top}/CameraRGB/{name}", true, part="train")
            zero = np.zeros_like(numbers)
            save_pixels(data / f"{top}/CameraSeg/{name}", np.stack([numbers, zero, zero], axis=-1))
    every = _reading(made, MULTI, mask_classes=("0", "6", "7", "10"))
    some = {path: replace(one, planes=(one.planes or ())[1:]) for path, one in every.train.items()}
    return replace(every, train=some, mask_classes=("6", "7", "10")), every


def _land_cover(data: Path) -> Readings:
    """0 is no data, 1 the ground, up to 7; names come back in both landscapes and parts."""
    made = Builder(data)
    for part, n in (("Train", 10), ("Val", 4), ("Test", 4)):
        for land, first in (("Rural", 0), ("Urban", 1366)):
            for k in range(n):
                classes = draw_class_map(made.random, SIZE, 4, fill=True)
                classes[:1] = 0
                name = f"{first + k + {'Train': 0, 'Val': 2522, 'Test': 4191}[part]}.png"
                true = (
                    TrueSample(SIZE, planes=_planes_of(classes, 4))
                    if part != "Test"
                    else TrueSample(SIZE)
                )
                made.image(f"{part}/{land}/images_png/{name}", true, part="train")
                if part != "Test":
                    save_pixels(data / f"{part}/{land}/masks_png/{name}", classes)
    found = []
    for out in (lambda path: False, _inside("Val")):
        plain = _reading(made, MULTI, test=_inside("Test"), out=out, mask_classes=tuple("1234"))
        void = {
            path: replace(one, ignored=~np.any(one.planes, axis=0)) if one.planes else one
            for path, one in plain.train.items()
        }
        found += [replace(plain, train=void), plain]
    return tuple(found)


GROUND = {"Impervious surfaces": (255, 255, 255), "Building": (0, 0, 255),
          "Low vegetation": (0, 255, 255), "Tree": (0, 255, 0), "Car": (255, 255, 0),
          "Clutter": (255, 0, 0)}  # fmt: skip


def _by_colour(
    made: Builder, colours: Sequence[tuple[int, ...]], pairs: Iterable[tuple[str, str | None]]
) -> None:
    every = np.array(colours, dtype=np.uint8)
    for image, mask in pairs:
        classes = draw_class_map(made.random, SIZE, len(colours), fill=True)
        planes = _planes_of(classes, len(colours)) if mask else None
        made.image(image, TrueSample(SIZE, planes=planes), part="train")
        if mask:
            save_pixels(made.data / mask, every[classes - 1])


def _sorted_places(truth: LayoutTruth, colours: Sequence[tuple[int, ...]]) -> Readings:
    """Return the truth with classes of no name in the order of their colours, with black and without."""
    order = sorted(range(len(colours)), key=lambda place: colours[place])
    found = []
    for kept in (order, [place for place in order if any(colours[place])]):
        train = {
            path: replace(one, planes=tuple(one.planes[place] for place in kept))
            if one.planes
            else one
            for path, one in truth.train.items()
        }
        names = tuple(str(n + 1) for n in range(len(kept)))
        found.append(replace(truth, train=train, mask_classes=names))
    return tuple(found)


def _potsdam(data: Path) -> Readings:
    """Colours that nothing beside explains; tiles without labels are for the benchmark."""
    made = Builder(data)
    tiles = [
        (f"{row}_{column}", row * 3 + column < 18) for row in range(2, 8) for column in range(7, 13)
    ]
    pairs = [
        (f"2_Ortho_RGB/top_potsdam_{name}_RGB.tif",
         f"5_Labels_for_participants/top_potsdam_{name}_label.tif" if n % 3 else None)
        for n, (name, _) in enumerate(tiles)
    ]  # fmt: skip
    _by_colour(made, list(GROUND.values()), pairs)
    tests = {image for image, mask in pairs if mask is None}
    truth = _reading(made, MULTI, test=lambda path: path in tests, mask_classes=tuple("123456"))
    return _sorted_places(truth, list(GROUND.values()))


DRONE = {"Clutter": (0, 0, 0), "Building": (128, 0, 0), "Road": (128, 64, 128),
         "Static car": (192, 0, 192), "Tree": (0, 128, 0)}  # fmt: skip


def _uavid(data: Path) -> Readings:
    """Numbers start anew in each sequence; those of test have no labels."""
    made, pairs = Builder(data), []
    for part, sequences, n in (
        ("train", range(1, 5), 5),
        ("val", range(16, 18), 3),
        ("test", range(21, 23), 4),
    ):
        for sequence in sequences:
            top = f"uavid_{part}/seq{sequence}"
            for k in range(n):
                mask = f"{top}/Labels/{100 * k:06d}.png" if part != "test" else None
                pairs.append((f"{top}/Images/{100 * k:06d}.png", mask))
    _by_colour(made, list(DRONE.values()), pairs)
    found: list[LayoutTruth] = []
    for out in (lambda path: False, _inside("uavid_val")):
        truth = _reading(
            made, MULTI, test=_inside("uavid_test"), out=out, mask_classes=tuple("12345")
        )
        found += _sorted_places(truth, list(DRONE.values()))
    return tuple(found)


def _good_and_bad(data: Path) -> Readings:
    """Train has good ones alone: defects are to be found without labels."""
    made, top = Builder(data), "bottle"
    paths = [f"{top}/train/good/{k:03d}.png" for k in range(24)]
    _photos(made, [*paths, *(f"{top}/test/good/{k:03d}.png" for k in range(4))], None)
    for kind in ("broken_large", "broken_small", "contamination"):
        for k in range(4):
            _photos(made, [f"{top}/test/{kind}/{k:03d}.png"], None)
            _grey_mask(
                data / f"{top}/ground_truth/{kind}/{k:03d}_mask.png", draw_plane(made.random, SIZE)
            )
    made.text(f"{top}/readme.txt", "MVTec Anomaly Detection Dataset: object category bottle\n")
    made.text(f"{top}/license.txt", "CC BY-NC-SA 4.0\n")
    return (_reading(made, {}),)


def _surfaces(data: Path) -> Readings:
    """The mask lies beside each image, in train and in test; most are empty."""
    made, size = Builder(data), (48, 20)
    for part, first, n in (("train", 10000, 26), ("test", 20000, 8)):
        for k in range(n):
            plane = draw_plane(made.random, size) & (k % 4 == 0)
            path = f"{part}/{first + k}"
            made.image(f"{path}.png", TrueSample(size, planes=(plane,)), part="train")
            _grey_mask(data / f"{path}_GT.png", plane)
    return (_reading(made, ONE_MASK, test=_inside("test"), mask_classes=[""]),)


def _lesion_folders(data: Path) -> Readings:
    """A folder an image, with folders of the image, of the lesion and of colours."""
    made, top = Builder(data), "PH2Dataset/PH2 Dataset images"
    for n in range(24):
        name = f"IMD{2 + 7 * n:03d}"
        plane = draw_plane(made.random, SIZE)
        made.image(f"{top}/{name}/{name}_Dermoscopic_Image/{name}.bmp",
                   TrueSample(SIZE, planes=(plane,)), part="train")  # fmt: skip
        path = data / f"{top}/{name}/{name}_lesion/{name}_lesion.bmp"
        path.parent.mkdir(parents=True)
        Image.fromarray(plane).save(path)
        if n % 3 == 0:
            part = data / f"{top}/{name}/{name}_roi/{name}_R1_Label{1 + n % 4}.bmp"
            part.parent.mkdir(parents=True)
            Image.fromarray(plane & (np.arange(SIZE[1]) > 9)).save(part)
    rows = [f"|| IMD{2 + 7 * n:03d} ||      || 0  || {n % 3}" for n in range(24)]
    _lines(made, "PH2Dataset/PH2_dataset.txt",
           ["|| Name || Histological Diagnosis || Clinical Diagnosis || Asymmetry ||", *rows])  # fmt: skip
    return (_reading(made, ONE_MASK, mask_classes=[""]),)


def _chase(data: Path) -> Readings:
    """Images and masks of two people, all in one folder."""
    made = Builder(data)
    for n in range(1, 15):
        for side in "LR":
            first, second = draw_plane(made.random, SIZE), draw_plane(made.random, SIZE)
            name = f"Image_{n:02d}{side}"
            made.image(f"{name}.jpg", TrueSample(SIZE, planes=(first,)), part="train")
            for end, plane in (("1stHO", first), ("2ndHO", second)):
                Image.fromarray(plane).save(data / f"{name}_{end}.png")
    return (_reading(made, ONE_MASK, mask_classes=[""]),)


def _fundus(data: Path) -> Readings:
    """The group stands in the names; masks of the field of view beside those of vessels."""
    made, view = Builder(data), np.ones((*SIZE, 3), dtype=np.uint8) * 255
    view[:2] = view[-2:] = 0
    for n in range(1, 10):
        for kind in ("dr", "g", "h"):
            plane, name = draw_plane(made.random, SIZE), f"{n:02d}_{kind}"
            end = ".JPG" if kind == "dr" else ".jpg"
            made.image(f"images/{name}{end}", TrueSample(SIZE, planes=(plane,)), part="train")
            _grey_mask(data / f"manual1/{name}.tif", plane)
            save_pixels(data / f"mask/{name}_mask.tif", view)
    return (_reading(made, ONE_MASK, mask_classes=[""]),)


SIGNS = {"MA": "1. Microaneurysms", "HE": "2. Haemorrhages", "EX": "3. Hard Exudates",
         "SE": "4. Soft Exudates", "OD": "5. Optic Disc"}  # fmt: skip


def _exudates(data: Path) -> Readings:
    """A folder of masks for each sign of disease; not every image has one of each."""
    made, top = Builder(data), "A. Segmentation"
    for number in range(1, 33):
        part = "a. Training Set" if number <= 24 else "b. Testing Set"
        name, planes = f"IDRiD_{number:02d}", []
        for place, (short, folder) in enumerate(SIGNS.items()):
            plane = draw_plane(made.random, SIZE)
            if short == "SE" and number % 2:
                plane = np.zeros(SIZE, dtype=bool)
            else:
                red = np.zeros((*SIZE, 3), dtype=np.uint8)
                red[plane, 0] = 255
                picture = Image.fromarray((plane * (place + 1)).astype(np.uint8), mode="P")
                picture.putpalette([0, 0, 0] + [255, 0, 0] * 255)
                path = (
                    data
                    / f"{top}/2. All Segmentation Groundtruths/{part}/{folder}/{name}_{short}.tif"
                )
                path.parent.mkdir(parents=True, exist_ok=True)
                picture.save(path)
            planes.append(plane)
        true = TrueSample(SIZE, planes=tuple(planes))
        made.image(f"{top}/1. Original Images/{part}/{name}.jpg", true, part="train")
    made.text(f"{top}/CC-BY-4.0.txt", "Creative Commons\n")
    kinds, is_test = {"segment": "multilabel"}, (lambda path: "b. Testing Set" in path)
    return tuple(
        _reading(made, kinds, test=is_test, mask_classes=names)
        for names in (tuple(SIGNS), tuple(SIGNS.values()), tuple(one[3:] for one in SIGNS.values()))
    )


def _cracks(data: Path) -> Readings:
    """The mask has the name of its image and another ending; a list has both."""
    made = Builder(data)
    for part, n in (("train", 20), ("val", 6), ("test", 8)):
        lines = []
        for k in range(n):
            name = f"{part}crop/2016022{k % 9}_081{k:03d}_{1 + 640 * (k % 3)}_361"
            plane = draw_plane(made.random, SIZE)
            made.image(f"{name}.jpg", TrueSample(SIZE, planes=(plane,)), part="train")
            _grey_mask(data / f"{name}.png", plane)
            lines.append(f"{name}.jpg {name}.png")
        _lines(made, f"{part}.txt", lines)
    is_test, validation = _inside("testcrop"), _inside("valcrop")
    return (
        _reading(made, ONE_MASK, test=is_test, mask_classes=[""]),
        _reading(made, ONE_MASK, test=is_test, out=validation, mask_classes=[""]),
    )


def _glands(data: Path) -> Readings:
    """Numbers of objects beside each image, of train and of two tests; a table of grades."""
    made, top, rows = Builder(data), "Warwick QU Dataset (Released 2016_07_08)", []
    size = (32, 40)
    for part, n in (("train", 24), ("testA", 6), ("testB", 4)):
        for k in range(1, n + 1):
            objects = draw_objects(made.random, size, 1 + k % 4)
            numbers = np.zeros(size, dtype=np.uint8)
            for place, one in enumerate(objects, 1):
                numbers[one] = place
            name = f"{part}_{k}"
            true = TrueSample(size, objects=tuple((0, one) for one in objects))
            made.image(f"{top}/{name}.bmp", true, part="train")
            save_pixels(data / f"{top}/{name}_anno.bmp", numbers)
            rows.append(
                [name, str(1 + k), (" benign", " malignant")[k % 2], " moderately differentiated"]
            )
    made.table(f"{top}/Grade.csv", ["name", " patient ID", " grade (GlaS)", " grade (Sirinukunwattana et al. 2015)"],
               rows)  # fmt: skip
    is_test = lambda path: "/test" in path  # noqa: E731
    objects_of = _reading(made, {"segment": "instance"}, test=is_test, mask_classes=[""])
    unions = {
        path: replace(
            one, planes=(np.any([plane for _, plane in one.objects or ()], axis=0),), objects=None
        )
        for path, one in objects_of.train.items()
    }
    return objects_of, replace(objects_of, kinds={"segment": frozenset(["binary"])}, train=unions)


SECOND_COMPETITIONS = (
    DataSet("snakeclef2022", "code of columns, memory", _snakes, doubt="names of files of test"),
    DataSet("herbarium-2020-fgvc7", "memory", _herbarium_2020),
    DataSet("iwildcam-2019-fgvc6", "page, memory", _wildcam_2019),
    DataSet("drivendata-naive-bees", "memory", _bees),
    DataSet("drivendata-wind-dependent-variables", "code, memory", _storms),
    DataSet("analytics-vidhya-ships", "code", _ships),
    DataSet(
        "analytics-vidhya-age-of-actors", "memory", _actors, doubt="order of the sample's columns"
    ),
    DataSet(
        "hackerearth-identify-the-animal", "code, memory", _species, doubt="name of the sample"
    ),
    DataSet("hackerearth-holiday-season", "code, memory", _holiday),
    DataSet("nyu-cv-fall-2018", "code", _traffic_signs, doubt="name of the sample"),
    DataSet("platesv2", "memory", _plates),
    DataSet("journey-springfield", "memory", _springfield),
    DataSet("zindi-spot-the-mask", "memory", _spot_the_mask),
    DataSet(
        "cgiar-wheat-growth-stage-challenge", "memory", _wheat_stages, doubt="numbers of the sample"
    ),
    DataSet("isic-2016-part-3", "memory", _isic_2016),
    DataSet("isic-2017", "memory", _isic_2017),
    DataSet("signate-printed-circuit-boards", "page", _circuit_boards, doubt="names of images"),
    DataSet("huawei-garbage-classification", "code, memory", _garbage, has_test=False),
    DataSet("csiro-biomass", "page, code", _biomass),
    DataSet("comp5329-multi-label", "page, code", _captions, doubt="name of the sample"),
    DataSet("detect-ai-vs-human-generated-images", "memory", _made_by_machine),
    DataSet(
        "drivendata-stac-overflow-floods",
        "code",
        _floods,
        doubt="images of test as the runtime has them",
    ),
    DataSet(
        "drivendata-on-cloud-n",
        "code, memory",
        _clouds,
        doubt="images of test as the runtime has them",
    ),
    DataSet("refuge-2018", "code", _refuge),
    DataSet("kitti-road", "memory", _kitti_road),
    DataSet("makerere-passion-fruit-disease-detection", "memory", _passion_fruit, refusal=r"\bbox"),
    DataSet("recognizing-faces-in-the-wild", "memory", _families, refusal=r"\S"),
)
"""Competitions of `DataSet` form, so that several readings may be right, and nothing need be sent."""

SECOND_DATA_SETS = (
    DataSet("Imagenette", "code", _imagenette),
    DataSet("Caltech-256", "code (torchvision)", _caltech, has_test=False),
    DataSet("Stanford cars (Kaggle)", "memory", _cars),
    DataSet("MIT indoor 67", "code", _indoor, doubt="the lists lie beside the tar, not in it"),
    DataSet("DeepWeeds", "code (tensorflow-datasets)", _weeds, has_test=False),
    DataSet("BreakHis (Kaggle)", "memory", _breast_tissue, has_test=False),
    DataSet("Kather 2016 textures", "memory", _textures, has_test=False),
    DataSet("LC25000", "memory", _lungs_and_colons, has_test=False),
    DataSet("OCT2017", "memory", _retina_scans, doubt="that all is there twice"),
    DataSet("PAD-UFES-20", "code, memory", _lesions, has_test=False),
    DataSet("Rock, paper, scissors", "code (tensorflow-datasets)", _hands),
    DataSet("FairFace", "code", _fair_faces),
    DataSet("LFW", "code (torchvision)", _wild_faces, has_test=False),
    DataSet("Stanford 40 actions", "code", _forty_actions),
    DataSet("CIFAR-10 (class in names)", "memory", _small_images),
    DataSet("Chinese MNIST", "memory", _chinese_digits, has_test=False),
    DataSet("SUN397", "code (torchvision)", _scenes, has_test=False),
    DataSet("NEU-DET", "memory", _steel_defects),
    DataSet("Carla (Lyft)", "memory", _carla, has_test=False),
    DataSet("LoveDA", "code", _land_cover),
    DataSet("ISPRS Potsdam", "memory", _potsdam),
    DataSet("UAVid", "memory", _uavid),
    DataSet("MVTec AD", "memory", _good_and_bad, refusal=r"\S"),
    DataSet("KolektorSDD2", "memory", _surfaces),
    DataSet("PH2", "memory", _lesion_folders, has_test=False, doubt="the text is longer"),
    DataSet("CHASE-DB1", "memory", _chase, has_test=False),
    DataSet("HRF", "memory", _fundus, has_test=False),
    DataSet("IDRiD segmentation", "page, code", _exudates, doubt="palette of the masks"),
    DataSet("CRACK500", "code", _cracks),
    DataSet("GlaS", "memory", _glands),
)
