# ruff: noqa: E501  # rows of tables as their files have them
"""A seventh set of real competitions and public data sets, written without a look at what is read.

A layout is never bent toward what podium reads; where podium is mended because of one, it has become
one of development.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image

from layouts.drawing import draw_class_map, draw_objects, draw_plane, paint_photo, save_pixels
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
    _workbook,
)
from layouts.real.made import Builder, hex_name, union
from layouts.real.second_set import MULTI, _json, _sorted_places
from layouts.real.third_set import NUMBER, RANKS, SEVERAL
from layouts.runs import Codec
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["SEVENTH_COMPETITIONS", "SEVENTH_DATA_SETS"]


def _with_rows(truth: LayoutTruth, rows: list[tuple[str, ...]]) -> LayoutTruth:
    """Return the truth with other rows in the file that is sent."""
    assert truth.file is not None
    return replace(truth, file=replace(truth.file, rows=rows))


# Competitions


PAINTERS = ("Albrecht Du rer", "Diego Velazquez", "Edgar Degas", "Henri de Toulouse-Lautrec")


def _painters(data: Path) -> Readings:
    """Numbers and paths in the table of train, names as ids in that of test."""
    made, cells, tests, rows = Builder(data), [], [], list[tuple[str, ...]]()
    for k in range(32):
        label = PAINTERS[k * 3 % 4]
        made.image(f"train/{k:04d}.jpg", TrueSample(SIZE, label), part="train")
        cells.append([str(k), f"./train/{k:04d}.jpg", label])
    for k in range(10):
        label, name = PAINTERS[(k + 1) * 3 % 4], f"TEST_{k:05d}"
        made.image(f"test/{name}.jpg", TrueSample(SIZE, label), part="test")
        tests.append([name, f"./test/{name}.jpg"])
        rows.append((name, label))
    made.table("train.csv", ["id", "img_path", "artist"], cells)
    made.table("test.csv", ["id", "img_path"], tests)
    made.table(
        "artists_info.csv",
        ["name", "years", "genre", "nationality"],
        [[one, "1834 - 1917", "Impressionism", "French"] for one in PAINTERS],
    )
    columns = {"id": "key", "artist": "text"}
    made.table("sample_submission.csv", list(columns), [[one, PAINTERS[2]] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=PAINTERS),)


SEEN_BIRDS = ("Asian Green Bee-Eater", "Coppersmith Barbet", "Hoopoe", "Ruddy Shelduck")


def _small_birds(data: Path) -> Readings:
    """Each image of train twice, small and large; those of test are small."""
    made, cells, tests, rows = Builder(data), [], [], list[tuple[str, ...]]()
    large = (4 * SIZE[0], 4 * SIZE[1])
    for k in range(32):
        label, name = SEEN_BIRDS[k * 3 % 4], f"TRAIN_{k:05d}.png"
        made.image(f"train/{name}", TrueSample(SIZE, label), part="train")
        made.image(f"upscale_train/{name}", TrueSample(large, label), part="train")
        cells.append([f"./train/{name}", f"./upscale_train/{name}", label])
    for k in range(10):
        label, name = SEEN_BIRDS[(k + 2) * 3 % 4], f"TEST_{k:05d}"
        made.image(f"test/{name}.png", TrueSample(SIZE, label), part="test")
        tests.append([name, f"./test/{name}.png"])
        rows.append((name, label))
    made.table("train.csv", ["img_path", "upscale_img_path", "label"], cells)
    made.table("test.csv", ["id", "img_path"], tests)
    columns = {"id": "key", "label": "text"}
    made.table("sample_submission.csv", list(columns), [[one, SEEN_BIRDS[3]] for one, _ in rows])
    both = made.truth(LABELS, columns, rows, classes=SEEN_BIRDS)
    parts = [
        {path: one for path, one in both.train.items() if path.startswith(f"{folder}/")}
        for folder in ("train", "upscale_train")
    ]
    return replace(both, train=parts[0]), replace(both, train=parts[1]), both


def _states_of_things(data: Path) -> Readings:
    """The label joins two columns, the thing and its state; the index is what is sent."""
    made, cells, tests, rows = Builder(data), [], [], list[tuple[str, ...]]()
    kinds = (
        ("bottle", "good"),
        ("transistor", "good"),
        ("tile", "glue_strip"),
        ("capsule", "crack"),
        ("tile", "good"),
        ("bottle", "broken_large"),
    )
    for k in range(42):
        thing, state = kinds[k * 5 % 6]
        made.image(f"train/{10000 + k}.png", TrueSample(SIZE, f"{thing}-{state}"), part="train")
        cells.append([str(k), f"{10000 + k}.png", thing, state, f"{thing}-{state}"])
    for k in range(10):
        label = "-".join(kinds[k * 5 % 6])
        made.image(f"test/{20000 + k}.png", TrueSample(SIZE, label), part="test")
        tests.append([str(k), f"{20000 + k}.png"])
        rows.append((str(k), label))
    made.table("train_df.csv", ["index", "file_name", "class", "state", "label"], cells)
    made.table("test_df.csv", ["index", "file_name"], tests)
    columns = {"index": "key", "label": "text"}
    made.table(
        "sample_submission.csv", list(columns), [[one, "tile-glue_strip"] for one, _ in rows]
    )
    classes = sorted("-".join(one) for one in kinds)
    return (made.truth(LABELS, columns, rows, classes=classes),)


USED_CARS = (
    "1시리즈_F20_2013_2015",
    "3008_2세대_2018_2023",
    "EQE_V295_2022_2024",
    "K5_3세대_하이브리드_2020_2022",
    "더_뉴_아반떼_2014_2016",
)


def _used_cars(data: Path) -> Readings:
    """Class folders; a column a class is sent, scored by log loss."""
    made, tests, rows = Builder(data), [], list[tuple[str, ...]]()
    for label in USED_CARS:
        _photos(made, [f"train/{label}/{label}_{k:04d}.jpg" for k in range(7)], label)
    for k in range(10):
        name, probs = f"TEST_{k:05d}", made.probs(USED_CARS)
        true = TrueSample(SIZE, USED_CARS[k * 2 % 5], probs)
        made.image(f"test/{name}.jpg", true, part="test")
        tests.append([name, f"./test/{name}.jpg"])
        rows.append((name, *(repr(probs[one]) for one in USED_CARS)))
    made.table("test.csv", ["ID", "img_path"], tests)
    columns = {"ID": "key", **dict.fromkeys(USED_CARS, "number")}
    made.table("sample_submission.csv", list(columns), [[one[0], *["0"] * 5] for one in rows])
    return (made.truth(LABELS, columns, rows, classes=USED_CARS),)


RETINA = (
    "opacity",
    "diabetic retinopathy",
    "glaucoma",
    "macular edema",
    "macular degeneration",
    "retinal vascular occlusion",
    "normal",
)


def _seven_findings(data: Path) -> Readings:
    """A column a finding, with blanks in their names; folders twice in each other."""
    made, cells = Builder(data), []
    rows: list[tuple[str, ...]] = []
    guesses: list[tuple[str, ...]] = []
    for k in range(42):
        part = "train" if k < 32 else "test"
        ill = {one for n, one in enumerate(RETINA[:-1]) if (k * 5 + 3 * n) % 7 < 2}
        found = ill if k % 4 else set[str]()
        label = frozenset(found or {"normal"})
        name, probs = f"{hex_name('retina', k, length=12)}.jpg", made.probs(RETINA)
        made.image(f"{part}/{part}/{name}", TrueSample(SIZE, label, probs), part=part)
        bits = [str(int(one in label)) for one in RETINA]
        if part == "train":
            cells.append([name, *bits])
        else:
            rows.append((name, *bits))
            guesses.append((name, *(repr(probs[one]) for one in RETINA)))
    columns = {"filename": "key", **dict.fromkeys(RETINA, "number")}
    made.table("train.csv", list(columns), cells)
    made.table("sample_submission.csv", list(columns), [[one[0], *["0"] * 7] for one in rows])
    truth = made.truth(SEVERAL, columns, rows, classes=RETINA)
    return truth, _with_rows(truth, guesses)


def _ages_of_chests(data: Path) -> Readings:
    """Ids without the zeros that the names of the files have; ages are whole years."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    for k in range(42):
        part, age = "train" if k < 32 else "test", 18 + k * 29 % 71
        place = k if part == "train" else 10702 + k - 32
        made.image(f"kaggle/kaggle/{part}/{place:06d}.png", TrueSample(SIZE, float(age)), part=part)
        (cells if part == "train" else rows).append((str(place), str(age)))
    columns = {"imageId": "key", "age": "number"}
    made.table("train_age.csv", list(columns), cells)
    made.table("sample_submission_age.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(NUMBER, columns, rows),)


SKIN = {
    "acne-vulgaris": ("inflammatory", "non-neoplastic"),
    "basal-cell-carcinoma": ("malignant epidermal", "malignant"),
    "eczema": ("inflammatory", "non-neoplastic"),
    "seborrheic-keratosis": ("benign epidermal", "benign"),
}


def _skin_of_all_tones(data: Path) -> Readings:
    """Class folders and a table of the same, with coarser labels and tones of skin beside."""
    made, cells, tests, rows = Builder(data), [], [], list[tuple[str, ...]]()
    kinds = tuple(SKIN)
    for k in range(42):
        part, label = "train" if k < 32 else "test", kinds[(k + k // 4) % 4]
        name = hex_name("skin", k, length=32)
        folder = f"train/train/{label}" if part == "train" else "test/test"
        made.image(f"{folder}/{name}.jpg", TrueSample(SIZE, label), part=part)
        tone, other = str(1 + k % 6), str(1 + k * 5 % 6)
        quality = "1 Diagnostic" if k % 9 == 4 else ""
        scale = ("12", "34", "56")[k % 6 // 2]
        if part == "train":
            cells.append([name, tone, other, label, *SKIN[label], quality, scale])
        else:
            tests.append([name, tone, other, quality, scale])
            rows.append((name, label))
    scales = ["fitzpatrick_scale", "fitzpatrick_centaur"]
    coarse = ["nine_partition_label", "three_partition_label"]
    made.table("train.csv", ["md5hash", *scales, "label", *coarse, "qc", "ddi_scale"], cells)
    made.table("test.csv", ["md5hash", *scales, "qc", "ddi_scale"], tests)
    columns = {"md5hash": "key", "label": "text"}
    made.table("sample_submission.csv", list(columns), [[one, kinds[1]] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=kinds),)


def _scans_of_chests(data: Path) -> Readings:
    """Ids of rows that no file has; names of files in another column, facts beside."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    tables: dict[str, list[list[str]]] = {"train": [], "test": []}
    classes = ("class_1", "class_3", "class_7", "class_14")
    for k in range(42):
        part, label = "train" if k < 32 else "test", classes[k * 3 % 4]
        row, name = f"id_{k}", f"scan_{k:04d}.png"
        made.image(f"{part}_/{name}", TrueSample(SIZE, label), part=part)
        facts = [row, f"{20 + k * 7 % 60}.0", "MF"[k % 2], str(k // 3 % 2), name]
        tables[part].append([*facts, label] if part == "train" else facts)
        if part == "test":
            rows.append((row, label))
    header = ["row_id", "age", "gender", "view_position", "image_name"]
    made.table("train.csv", [*header, "detected"], tables["train"])
    made.table("test.csv", header, tables["test"])
    columns = {"row_id": "key", "detected": "text"}
    made.table("sample_submission.csv", list(columns), [[one, "class_3"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=classes),)


def _apparels(data: Path) -> Readings:
    """An archive a part, with a table and a folder of images; ids go on from train to test."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    classes = tuple("0123456789")
    for k in range(40):
        true = TrueSample((28, 28), str((k * 3 + k // 10) % 10))
        made.image(f"train_LbELtWX/train/{k + 1}.png", true, part="train")
        cells.append([str(k + 1), str(true.label)])
    for k in range(12):
        true = TrueSample((28, 28), str(k * 7 % 10))
        made.image(f"test_ScVgIM0/test/{60001 + k}.png", true, part="test")
        rows.append((str(60001 + k), str(true.label)))
    columns = {"id": "key", "label": "text"}
    made.table("train_LbELtWX/train.csv", list(columns), cells)
    made.table("test_ScVgIM0/test.csv", ["id"], [[one] for one, _ in rows])
    made.table("sample_submission_I5njJSF.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=classes),)


DAMAGE = ("DR", "G", "ND", "WD", "other")


def _damaged_crops(data: Path) -> Readings:
    """All images in one folder, their names and ids in two columns; a column a class is sent."""
    made, cells, tests, rows = Builder(data), [], [], list[tuple[str, ...]]()
    for k in range(45):
        part, label, probs = "train" if k < 35 else "test", DAMAGE[k * 3 % 5], made.probs(DAMAGE)
        key = f"ID_{hex_name('crop', k, length=10).upper()}"
        name = f"L{427 + k * 13}F{1330 + k:05d}C{k % 40:02d}S{3961 + 7 * k:05d}{('Rp', 'Ip')[k % 2]}{2052 + k:05d}.jpg"
        made.image(f"images/{name}", TrueSample(SIZE, label, probs), part=part)
        if part == "train":
            cells.append([key, name, label])
        else:
            tests.append([key, name])
            rows.append((key, *(repr(probs[one]) for one in DAMAGE)))
    made.table("Train.csv", ["ID", "filename", "damage"], cells)
    made.table("Test.csv", ["ID", "filename"], tests)
    columns = {"ID": "key", **dict.fromkeys(DAMAGE, "number")}
    made.table("SampleSubmission.csv", list(columns), [[one[0], *["0"] * 5] for one in rows])
    return (made.truth(LABELS, columns, rows, classes=DAMAGE),)


ATTRIBUTES = ("globules", "milia_like_cyst", "negative_network", "pigment_network", "streaks")


def _attributes_of_lesions(data: Path) -> Readings:
    """Five masks an image, the attribute in the name of each; most are empty."""
    made = Builder(data)
    for part, first, n in (("Training", 0, 22), ("Validation", 12255, 5), ("Test", 12169, 8)):
        folder = f"ISIC2018_Task1-2_{part}_Input"
        for k in range(n):
            name = f"ISIC_{first + 3 * k:07d}"
            planes = tuple(
                draw_plane(made.random, SIZE) & ((k + 2 * place) % 5 < 2)
                for place in range(len(ATTRIBUTES))
            )
            known = part == "Training"
            true = TrueSample(SIZE, planes=planes if known else None)
            made.image(f"{folder}/{name}.jpg", true, part="train")
            for one, plane in zip(ATTRIBUTES, planes if known else (), strict=False):
                top = "ISIC2018_Task2_Training_GroundTruth_v3"
                _grey_mask(data / f"{top}/{name}_attribute_{one}.png", plane)
        made.text(f"{folder}/LICENSE.txt", "CC-0\n")
        made.text(f"{folder}/ATTRIBUTION.txt", "ISIC\n")
    is_test = _inside("ISIC2018_Task1-2_Test_Input")
    kind = {"segment": "multilabel"}
    return tuple(
        _reading(made, kind, test=is_test, mask_classes=[f"{front}{one}" for one in ATTRIBUTES])
        for front in ("", "attribute_")
    )


STREETS = {
    0: (0, 0, 0),
    7: (128, 64, 128),
    11: (70, 70, 70),
    21: (107, 142, 35),
    26: (0, 0, 142),
}


def _kitti_pixels(data: Path) -> Readings:
    """Numbers, colours and objects of each image in three folders; names of classes nowhere."""
    made, top = Builder(data), "data_semantics"
    values = np.array(list(STREETS), dtype=np.uint8)
    colours = np.array(list(STREETS.values()), dtype=np.uint8)
    for k in range(24):
        places, name = draw_class_map(made.random, SIZE, 4, fill=False), f"{k:06d}_10.png"
        true = TrueSample(SIZE, planes=_planes_of(places + 1, 5))
        made.image(f"{top}/training/image_2/{name}", true, part="train")
        numbers = values[places]
        save_pixels(data / f"{top}/training/semantic/{name}", numbers)
        save_pixels(data / f"{top}/training/semantic_rgb/{name}", colours[places])
        objects = (numbers.astype(np.uint16) * 256 + (numbers == 26)).astype(np.uint16)
        path = data / f"{top}/training/instance/{name}"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(objects).save(path)
    _photos(made, [f"{top}/testing/image_2/{k:06d}_10.png" for k in range(8)], None)
    is_test, names = _inside(f"{top}/testing"), [str(one) for one in STREETS]
    every = _reading(made, MULTI, test=is_test, mask_classes=names)
    known = {
        path: replace(one, planes=one.planes[1:], ignored=one.planes[0]) if one.planes else one
        for path, one in every.train.items()
    }
    void = replace(every, train=known, mask_classes=tuple(names[1:]))
    ground = replace(void, train={path: replace(one, ignored=None) for path, one in known.items()})
    return ground, void, every, *_sorted_places(every, list(STREETS.values()))


def _twelve_classes_from_drones(data: Path) -> Readings:
    """Images of both parts in one folder; a row for each image and class, runs along the rows."""
    made, rows, codec, size = Builder(data), list[tuple[str, ...]](), Codec("C", 1), (40, 48)
    tables: dict[str, list[list[str]]] = {"train": [], "test": []}
    for k in range(34):
        part, name = "test" if k % 4 == 3 else "train", str(k * 37 % 101)
        places = draw_class_map(made.random, size, 12, fill=True)
        planes = _planes_of(places, 12)
        made.image(f"imgs/imgs/{name}.jpg", TrueSample(size, planes=planes), part=part)
        tables[part].append([name])
        if part == "train":
            save_pixels(data / f"masks/masks/{name}.png", places - 1)
        else:
            rows += [(f"{name}_{n}", codec.encode(plane)) for n, plane in enumerate(planes)]
    for part, cells in tables.items():
        made.table(f"{part}.csv", ["ImageID"], cells)
    columns = {"ImageID": "key", "EncodedPixels": "rle"}
    made.table("sample_submission.csv", list(columns), [[one, "1 1"] for one, _ in rows])
    names = [str(n) for n in range(12)]
    return (made.truth(MULTI, columns, rows, mask_classes=names, codec=codec),)


def _doodles(data: Path) -> Readings:
    """Strokes in tables, a table a class; no images."""
    made, words = Builder(data), ("airplane", "alarm clock", "zigzag")
    drawing = "[[[167, 109, 80, 69], [140, 194, 227, 232]], [[12, 40], [200, 255]]]"
    for place, word in enumerate(words):
        cells = [
            ["US", drawing, str(5152802093400064 + 977 * k + place), "True", f"2017-03-0{1 + k % 9} 20:52:18.{k}", word]
            for k in range(12)
        ]  # fmt: skip
        header = ["countrycode", "drawing", "key_id", "recognized", "timestamp", "word"]
        made.table(f"train_simplified/{word}.csv", header, cells)
    keys = [str(9000003627287624 + 31 * k) for k in range(10)]
    made.table(
        "test_simplified.csv",
        ["key_id", "countrycode", "drawing"],
        [[one, "DE", drawing] for one in keys],
    )
    guess = "The_Eiffel_Tower airplane donut"
    made.table("sample_submission.csv", ["key_id", "word"], [[one, guess] for one in keys])
    return (_reading(made, {}),)


# Data sets: labels


def _lungs_in_slices(data: Path) -> Readings:
    """Folders of test have shorter names than those of train and valid."""
    made, short = (
        Builder(data),
        {
            "adenocarcinoma_left.lower.lobe_T2_N0_M0_Ib": "adenocarcinoma",
            "large.cell.carcinoma_left.hilum_T2_N2_M0_IIIa": "large.cell.carcinoma",
            "normal": "normal",
            "squamous.cell.carcinoma_left.hilum_T1_N2_M0_IIIa": "squamous.cell.carcinoma",
        },
    )
    for part, n in (("train", 8), ("valid", 3), ("test", 3)):
        for place, (label, name) in enumerate(short.items()):
            folder = name if part == "test" else label
            first = {"train": 0, "valid": 108, "test": 114}[part]
            names = [f"{first + k // 2:06d} ({2 + k + 9 * place}).png" for k in range(n)]
            _photos(made, [f"Data/{part}/{folder}/{one}" for one in names], label)
    is_test = _inside("Data/test")
    return (
        _reading(made, LABELS, test=is_test, classes=short),
        _reading(made, LABELS, test=is_test, out=_inside("Data/valid"), classes=short),
    )


def _optic_discs(data: Path) -> Readings:
    """The same images twice, parted by hospital and at random."""
    made, top, classes = Builder(data), "RIM-ONE_DL_images", ("glaucoma", "normal")
    for place, label in enumerate(classes):
        for k in range(18):
            photo = paint_photo(made.random, SIZE)
            name = f"r{1 + k % 3}_Im{1 + 7 * k + 200 * place:03d}.png"
            parts = {"partitioned_by_hospital": k % 3 == 0, "partitioned_randomly": k % 4 == 1}
            for folder, is_test in parts.items():
                part = "test_set" if is_test else "training_set"
                path = f"{top}/{folder}/{part}/{label}/{name}"
                made.image(path, TrueSample(SIZE, label), part="train", pixels=photo)
    folders = [f"{top}/{one}" for one in ("partitioned_by_hospital", "partitioned_randomly")]
    return tuple(
        _reading(made, TWO, test=_inside(f"{one}/test_set"), out=_inside(other), classes=classes)
        for one, other in (folders, folders[::-1])
    )


def _blood_in_an_archive(data: Path) -> Readings:
    """One archive of six arrays: images and labels of train, val and test."""
    made, arrays = Builder(data), {}
    for part, n in (("train", 32), ("val", 8), ("test", 10)):
        labels = np.arange(n) % 8
        arrays[f"{part}_images"] = made.random.integers(0, 255, (n, 28, 28, 3)).astype(np.uint8)
        arrays[f"{part}_labels"] = labels.astype(np.uint8)[:, None]
        for k, label in enumerate(labels):
            made.train[f"../made/images/{part}/{k}.png"] = TrueSample((28, 28), str(label))
    data.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(data / "bloodmnist.npz", **arrays)
    is_test, names = _inside("../made/images/test"), tuple("01234567")
    out = _reading(made, LABELS, test=is_test, out=_inside("../made/images/val"), classes=names)
    both = _reading(made, LABELS, test=is_test, classes=names)
    # The arrays have no names of files: val may be called otherwise where its images are made.
    other = {path.replace("/val/", "/holdout/"): one for path, one in both.train.items()}
    return both, replace(both, train=other), out


SYMBOLS = {"31": "A", "87": "\\pi", "107": "\\sum", "953": "\\mathds{R}"}


def _symbols(data: Path) -> Readings:
    """One table of all images, and ten folds whose tables point upward to the same files."""
    made, cells = Builder(data), []
    for k in range(40):
        number = list(SYMBOLS)[k * 3 % 4]
        path = f"hasy-data/v2-{k:05d}.png"
        _photos(made, [path], SYMBOLS[number], (32, 32))
        cells.append([path, number, SYMBOLS[number], str(16 + k % 7)])
    header = ["path", "symbol_id", "latex", "user_id"]
    made.table("hasy-data-labels.csv", header, cells)
    made.table(
        "symbols.csv",
        ["symbol_id", "latex", "training_samples", "test_samples"],
        [[number, latex, "9", "1"] for number, latex in SYMBOLS.items()],
    )
    for fold in range(10):
        tables: dict[str, list[list[str]]] = {"train": [], "test": []}
        for k, row in enumerate(cells):
            part = "test" if k % 10 == fold else "train"
            tables[part].append([f"../../{row[0]}", *row[1:]])
        for part, rows in tables.items():
            made.table(f"classification-task/fold-{fold + 1}/{part}.csv", header, rows)
    made.text(
        "README.txt",
        "## Contents\n\n* `hasy-data`: png images, each 32px x 32px\n* `hasy-data-labels.csv`: Labels for all images.\n"
        "* `classification-task`: 10 folders, each with a `train.csv` and a `test.csv`, for cross-validation.\n",
    )
    ids = {latex: number for number, latex in SYMBOLS.items()}
    return (
        _reading(made, LABELS, classes=SYMBOLS.values()),
        _reading(made, LABELS, classes=ids.values(), label=lambda one: ids[str(one)]),
    )


SCENERY = ("airplane", "bare soil", "buildings", "cars", "grass", "pavement", "trees", "water")


def _scenes_of_several(data: Path) -> Readings:
    """Folders of scenes, and a table a folder with a column for each of all classes."""
    made, scenes = Builder(data), ("airplane", "bareland", "parking_lot", "river")
    folders = {}
    for place, scene in enumerate(scenes):
        rows = []
        for k in range(1, 10):
            has = [(k * 3 + n * (place + 2)) % 5 < 2 for n in range(len(SCENERY))]
            has[2 * place] = True
            label = frozenset(one for one, bit in zip(SCENERY, has, strict=True) if bit)
            name = f"{scene}_{k:05d}.jpg"
            _photos(made, [f"Images/{scene}/{name}"], label)
            folders[f"Images/{scene}/{name}"] = scene
            rows.append([name, *(str(int(one)) for one in has)])
        made.table(f"Labels/{scene}.csv", ["image", *SCENERY], rows)
    _workbook(data / "Categories_names.xlsx", ["id", "category"],
              [[str(n), one] for n, one in enumerate(SCENERY)])  # fmt: skip
    several = _reading(made, SEVERAL, classes=SCENERY)
    single = {path: replace(one, label=folders[path]) for path, one in several.train.items()}
    one_each = _reading(made, LABELS, classes=scenes)
    return several, replace(one_each, train=single)


BIRD_NAMES = {
    "295": "Common Eider (Adult male)",
    "817": "Oak Titmouse",
    "860": "House Wren",
    "1010": "Dark-eyed Junco (Oregon)",
}


def _birds_of_america(data: Path) -> Readings:
    """Ids with dashes in the tables, names of files without; folders are numbers with zeros."""
    made, tests = Builder(data), set()
    tables: dict[str, list[str]] = {
        "images": [], "image_class_labels": [], "train_test_split": [], "bounding_boxes": [],
        "sizes": [], "photographers": [],
    }  # fmt: skip
    for k in range(40):
        number = list(BIRD_NAMES)[k * 3 % 4]
        name = hex_name("nabird", k, length=32)
        key = "-".join((name[:8], name[8:12], name[12:16], name[16:20], name[20:]))
        path = f"{int(number):04d}/{name}.jpg"
        _photos(made, [f"nabirds/images/{path}"], number)
        if k % 10 > 6:
            tests.add(f"nabirds/images/{path}")
        tables["images"].append(f"{key} {path}")
        tables["image_class_labels"].append(f"{key} {number}")
        tables["train_test_split"].append(f"{key} {int(k % 10 < 7)}")
        tables["bounding_boxes"].append(f"{key} 3 2 14 {11 + k % 4}")
        tables["sizes"].append(f"{key} 24 20")
        tables["photographers"].append(f"{key} Ruth {'ABC'[k % 3]}.")
    for name, lines in tables.items():
        _lines(made, f"nabirds/{name}.txt", lines)
    names = {"0": "Birds", "1": "Ducks, Geese, and Swans", "22": "Perching Birds", **BIRD_NAMES}
    _lines(made, "nabirds/classes.txt", [f"{number} {one}" for number, one in names.items()])
    above = {"1": "0", "22": "0", "295": "1", "817": "22", "860": "22", "1010": "22"}
    _lines(made, "nabirds/hierarchy.txt", [f"{one} {other}" for one, other in above.items()])
    made.text("nabirds/README", "The NABirds data set, version 1.0, for non-commercial research.\n")
    is_test = lambda path: path in tests  # noqa: E731
    return (
        _reading(made, LABELS, test=is_test, classes=BIRD_NAMES),
        _reading(made, LABELS, test=is_test, classes=[f"{int(one):04d}" for one in BIRD_NAMES],
                 label=lambda one: f"{int(str(one)):04d}"),
        _reading(made, LABELS, test=is_test, classes=BIRD_NAMES.values(),
                 label=lambda one: BIRD_NAMES[str(one)]),
    )  # fmt: skip


PESTS = ("rice leaf roller", "rice leaf caterpillar", "paddy stem maggot", "asiatic rice borer")


def _pests(data: Path) -> Readings:
    """Three texts of names and numbers from 0; a text of names with numbers from 1."""
    made, top = Builder(data), "Classification"
    lines: dict[str, list[str]] = {"train": [], "val": [], "test": []}
    parts = {}
    for k in range(44):
        part, label = ("train", "train", "test", "val")[k // 4 % 4], str(k * 3 % 4)
        name = f"{2 + 5 * k:05d}.jpg"
        path = f"{top}/ip102_v1.1/images/{name}"
        _photos(made, [path], label)
        parts[path] = part
        lines[part].append(f"{name} {label}")
    for part, each in lines.items():
        _lines(made, f"{top}/ip102_v1.1/{part}.txt", each)
    _lines(made, f"{top}/classes.txt", [f"{n + 1:<5}{one:<40}" for n, one in enumerate(PESTS)])
    is_test = lambda path: parts[path] == "test"  # noqa: E731
    is_val = lambda path: parts[path] == "val"  # noqa: E731
    named = lambda one: PESTS[int(str(one))]  # noqa: E731
    return (
        _reading(made, LABELS, test=is_test, classes=tuple("0123")),
        _reading(made, LABELS, test=is_test, out=is_val, classes=tuple("0123")),
        _reading(made, LABELS, test=is_test, classes=PESTS, label=named),
        _reading(made, LABELS, test=is_test, out=is_val, classes=PESTS, label=named),
    )


def _ten_women(data: Path) -> Readings:
    """Person, feeling with the number of the shot, and a running number in each name."""
    made, feelings = Builder(data), ("AN", "DI", "FE", "HA", "NE", "SA", "SU")
    number = 1
    for person in ("KA", "KL", "KM"):
        for feeling in feelings:
            for shot in (1, 2):
                path = f"jaffe/{person}.{feeling}{shot}.{number}.tiff"
                grey = made.random.integers(0, 255, SIZE).astype(np.uint8)
                made.image(path, TrueSample(SIZE, feeling), part="train", pixels=grey)
                number += 1
    made.text(
        "jaffe/README",
        "The Japanese Female Facial Expression (JAFFE) Database\n\n"
        "213 images of 7 facial expressions (6 basic facial expressions + 1 neutral) posed by 10 Japanese female models.\n",
    )
    return (_reading(made, LABELS, classes=feelings),)


def _castings(data: Path) -> Readings:
    """Parts of train and test, and beside them the larger originals without parts."""
    made, classes = Builder(data), ("def_front", "ok_front")
    for label in classes:
        short = label.split("_")[0]
        for part, n in (("train", 14), ("test", 5)):
            names = [f"cast_{short}_0_{7 + 13 * k + 500 * (part == 'test')}.jpeg" for k in range(n)]
            _photos(
                made, [f"casting_data/casting_data/{part}/{label}/{one}" for one in names], label
            )
        top = f"casting_512x512/casting_512x512/{label}"
        _photos(
            made, [f"{top}/cast_{short}_0_{7 + 13 * k}.jpeg" for k in range(8)], label, (34, 40)
        )
    return (
        _reading(
            made,
            TWO,
            test=_inside("casting_data/casting_data/test"),
            out=_inside("casting_512x512"),
            classes=classes,
        ),
    )


def _solar_cells(data: Path) -> Readings:
    """A table without a header, with blanks between: path, probability of a defect, kind of cell."""
    made, lines = Builder(data), []
    values = ("0.0", "0.3333333333333333", "0.6666666666666666", "1.0")
    for k in range(36):
        path, value = f"images/cell{k + 1:04d}.png", values[(0, 3, 0, 1, 3, 0, 2)[k % 7]]
        grey = made.random.integers(0, 255, SIZE).astype(np.uint8)
        made.image(path, TrueSample(SIZE, value), part="train", pixels=grey)
        lines.append(f"{path}  {value}  {('mono', 'poly')[k % 5 > 1]}")
    _lines(made, "labels.csv", lines)
    return (
        _reading(made, NUMBER, label=lambda one: float(str(one))),
        _reading(made, RANKS, classes=values),
    )


def _quality_of_images(data: Path) -> Readings:
    """The images as they were lie in the same folder, and have no number of their own."""
    made, cells, top = Builder(data), [], "kadid10k"
    for ref in range(1, 5):
        _photos(made, [f"{top}/images/I{ref:02d}.png"], None)
        for kind in (1, 7):
            for level in range(1, 6):
                name = f"I{ref:02d}_{kind:02d}_{level:02d}.png"
                score = round(4.57 - 0.7 * (level - 1) - 0.11 * ref + 0.05 * kind, 2)
                _photos(made, [f"{top}/images/{name}"], score)
                cells.append([name, f"I{ref:02d}.png", str(score), f"0.{40 + level * kind}"])
    made.table(f"{top}/dmos.csv", ["dist_img", "ref_img", "dmos", "var"], cells)
    return (_reading(made, NUMBER),)


def _steering(data: Path) -> Readings:
    """Three cameras a row, blanks behind the commas; the angle is to be predicted."""
    made = Builder(data)
    lines = ["center,left,right,steering,throttle,brake,speed"]
    for k in range(32):
        angle = round(((k * 7 % 32) - 16) * 0.0142, 7)
        stamp = f"2016_12_01_13_{30 + k // 10}_{(k * 7) % 60:02d}_{100 + 13 * k}"
        names = [f"IMG/{side}_{stamp}.jpg" for side in ("center", "left", "right")]
        made.image(f"data/{names[0]}", TrueSample(SIZE, float(angle)), part="train")
        for name in names[1:]:
            save_pixels(data / f"data/{name}", paint_photo(made.random, SIZE))
        lines.append(
            f"{names[0]}, {names[1]}, {names[2]}, {angle}, {k % 5 * 0.2:.1f}, 0, {22.14 + k / 7:.5f}"
        )
    _lines(made, "data/driving_log.csv", lines)
    return (_reading(made, NUMBER),)


# Data sets: masks


ORGANS = {
    11: (210, 140, 140),
    21: (255, 114, 114),
    22: (255, 160, 165),
    31: (170, 255, 0),
    50: (127, 127, 127),
}


def _gall_bladders(data: Path) -> Readings:
    """Four files a frame: the frame, two masks of numbers in three channels, one of colours."""
    made = Builder(data)
    values = np.array(list(ORGANS), dtype=np.uint8)
    colours = np.array(list(ORGANS.values()), dtype=np.uint8)
    for video, first in (("01", 80), ("01", 160), ("12", 15750)):
        top = f"video{video}/video{video}_{first:05d}"
        for k in range(8):
            places = draw_class_map(made.random, SIZE, 5, fill=True)
            name = f"{top}/frame_{first + k}_endo"
            true = TrueSample(SIZE, planes=_planes_of(places, 5))
            made.image(f"{name}.png", true, part="train")
            grey = np.repeat(values[places - 1][..., None], 3, axis=-1)
            save_pixels(data / f"{name}_mask.png", grey)
            save_pixels(data / f"{name}_watershed_mask.png", grey)
            save_pixels(data / f"{name}_color_mask.png", colours[places - 1])
    every = _reading(made, MULTI, mask_classes=[str(one) for one in ORGANS])
    return every, *_sorted_places(every, list(ORGANS.values()))


FISHES = ("Black Sea Sprat", "Gilt-Head Bream", "Red Mullet", "Trout")


def _fishes(data: Path) -> Readings:
    """In each class folder one of images and one of masks, named after it; other photos beside."""
    made, top, other = Builder(data), "Fish_Dataset/Fish_Dataset", "NA_Fish_Dataset"
    for label in FISHES:
        for k in range(1, 9):
            plane = draw_plane(made.random, SIZE)
            true = TrueSample(SIZE, label, planes=(plane,))
            made.image(f"{top}/{label}/{label}/{k:05d}.png", true, part="train")
            path = data / f"{top}/{label}/{label} GT/{k:05d}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(plane).save(path)
        _photos(made, [f"{other}/{label}/{k:05d}.png" for k in range(1, 4)], label, (30, 36))
    made.text(
        f"{top}/README.txt",
        "A Large Scale Fish Dataset\n\nGT folders hold the ground truth masks.\n",
    )
    made.text(f"{top}/license.txt", "For academic use.\n")
    made.text(f"{top}/Segmentation_example_script.m", "I = imread('00001.png');\n")
    kinds = {**LABELS, "segment": "binary"}
    return (
        _reading(made, kinds, out=_inside(other), classes=FISHES, mask_classes=[""]),
        _reading(made, kinds, classes=FISHES, mask_classes=[""]),
    )


def _apples(data: Path) -> Readings:
    """A number for each apple in the masks of train; test has images alone."""
    made, size, top = Builder(data), (40, 48), "detection"
    for k in range(22):
        name = f"{20150919 + k % 3}_174{151 + k * 7}_image{1 + k * 13}.png"
        objects = tuple((0, one) for one in draw_objects(made.random, size, 2 + k % 3))
        made.image(f"{top}/train/images/{name}", TrueSample(size, objects=objects), part="train")
        numbers = np.zeros(size, dtype=np.uint8)
        for place, (_, plane) in enumerate(objects):
            numbers[plane] = place + 1
        save_pixels(data / f"{top}/train/masks/{name}", numbers)
    tests = [f"{top}/test/images/dataset{1 + k % 4}_front_{101 + 50 * k}.png" for k in range(8)]
    _photos(made, tests, None, size)
    made.text("LICENSE.txt", "MinneApple: a benchmark for apple detection and segmentation.\n")
    is_test = _inside(f"{top}/test")
    single = _reading(made, {"segment": "instance"}, test=is_test, mask_classes=[""])
    whole = {
        path: replace(one, planes=(union([plane for _, plane in one.objects]),), objects=None)
        if one.objects
        else one
        for path, one in single.train.items()
    }
    return single, replace(single, kinds={"segment": frozenset({"binary"})}, train=whole)


RAILS = (
    "road", "sidewalk", "construction", "tram-track", "fence", "pole", "traffic-light",
    "traffic-sign", "vegetation", "terrain", "sky", "human", "rail-track", "car", "truck",
    "trackbed", "on-rails", "rail-raised", "rail-embedded",
)  # fmt: skip


def _rails(data: Path) -> Readings:
    """Folders jpgs, jsons and uint8; a JSON has names and colours in the order of the numbers."""
    made, size = Builder(data), (40, 60)
    for k in range(24):
        places = draw_class_map(made.random, size, len(RAILS), fill=True)
        unknown = np.zeros(size, dtype=bool)
        unknown[:3] = k % 3 == 1
        planes = tuple(plane & ~unknown for plane in _planes_of(places, len(RAILS)))
        name, true = f"rs{k:05d}", TrueSample(size, planes=planes, ignored=unknown)
        made.image(f"jpgs/rs19_val/{name}.jpg", true, part="train")
        save_pixels(
            data / f"uint8/rs19_val/{name}.png", np.where(unknown, 255, places - 1).astype(np.uint8)
        )
        about = {
            "frame": name,
            "imgHeight": size[0],
            "imgWidth": size[1],
            "objects": [{"label": "rail", "polyline": [[3, 39], [20, 5 + k % 7]]}],
        }
        _json(made, f"jsons/rs19_val/{name}.json", about)
    labels = [
        {"color": [7 * n + 3, 64, 128 - 5 * n], "instances": False, "readable": one, "name": one, "evaluate": True}
        for n, one in enumerate(RAILS)
    ]  # fmt: skip
    _json(made, "rs19-config.json", {"labels": labels, "version": 1.1, "folder_structure": "rs19"})
    made.text(
        "readme.txt", "RailSem19: dense labels in uint8/rs19_val, 255 marks pixels to ignore.\n"
    )
    return (
        _reading(made, MULTI, mask_classes=RAILS),
        _reading(made, MULTI, mask_classes=[str(n) for n in range(len(RAILS))]),
    )


def _save_bands(path: Path, bands: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if bands.ndim == 2:
        tifffile.imwrite(path, bands)
    else:
        tifffile.imwrite(path, bands, photometric="minisblack", planarconfig="contig")


def _floods_by_hand(data: Path) -> Readings:
    """Radar, optical bands and three masks a chip; lists of pairs of names for four parts."""
    made, size, top = Builder(data), (24, 24), "v1.1/data/flood_events/HandLabeled"
    lists: dict[str, list[str]] = {"train": [], "valid": [], "test": [], "bolivia": []}
    parts = {}
    for k in range(36):
        place = ("Ghana", "India", "Mekong", "Bolivia")[k % 4]
        chip = f"{place}_{103272 + 8191 * k}"
        part = "bolivia" if place == "Bolivia" else ("train", "train", "valid", "test")[k // 4 % 4]
        plane, unknown = draw_plane(made.random, size), np.zeros(size, dtype=bool)
        unknown[:, :3] = k % 3 == 2
        radar = made.random.normal(-14, 4, (*size, 2)).astype(np.float32)
        _save_bands(data / f"{top}/S1Hand/{chip}_S1Hand.tif", radar)
        optical = made.random.integers(200, 4000, (*size, 13)).astype(np.int16)
        _save_bands(data / f"{top}/S2Hand/{chip}_S2Hand.tif", optical)
        numbers = np.where(unknown, -1, plane).astype(np.int16)
        _save_bands(data / f"{top}/LabelHand/{chip}_LabelHand.tif", numbers)
        for kind, water in (
            ("JRCWaterHand", plane & (np.arange(24) % 2 > 0)),
            ("S1OtsuLabelHand", radar[..., 0] < -16),
        ):
            _save_bands(data / f"{top}/{kind}/{chip}_{kind}.tif", water.astype(np.uint8))  # fmt: skip
        made.train[chip] = TrueSample(size, planes=(plane & ~unknown,), ignored=unknown)
        parts[chip] = part
        lists[part].append(f"{chip}_S1Hand.tif,{chip}_LabelHand.tif")
    for part, lines in lists.items():
        _lines(made, f"v1.1/splits/flood_handlabeled/flood_{part}_data.csv", lines)
    made.text(
        "v1.1/Sen1Floods11_Metadata.geojson", '{"type": "FeatureCollection", "features": []}\n'
    )
    chips, found = dict(made.train), list[LayoutTruth]()
    for kind in ("S1Hand", "S2Hand"):
        for tests in (("test",), ("test", "bolivia")):
            for left in ((), ("valid",)):
                made.train = {f"{top}/{kind}/{one}_{kind}.tif": true for one, true in chips.items()}
                of = {f"{top}/{kind}/{one}_{kind}.tif": part for one, part in parts.items()}
                outs = [*left, *(() if "bolivia" in tests else ("bolivia",))]
                found.append(
                    _reading(
                        made,
                        ONE_MASK,
                        test=lambda path, of=of, tests=tests: of[path] in tests,  # type: ignore[misc]
                        out=lambda path, of=of, outs=outs: of[path] in outs,  # type: ignore[misc]
                        mask_classes=[""],
                    )
                )
    return tuple(found)


def _debris_at_sea(data: Path) -> Readings:
    """Eleven bands a patch, its classes and how sure they are beside it; most pixels have none."""
    made, size, values = Builder(data), (24, 24), np.array([0, 1, 5, 6, 7], dtype=np.float32)
    lists: dict[str, list[str]] = {"train": [], "val": [], "test": []}
    parts, about = {}, {}
    for scene, (day, tile) in enumerate(
        (("1-12-19", "48MYU"), ("12-12-20", "16PCC"), ("14-9-18", "16PCC"))
    ):
        for k in range(12):
            places = draw_class_map(made.random, size, 4, fill=False)
            short, part = f"{day}_{tile}_{k}", ("train", "train", "val", "test")[(k + scene) % 4]
            path = f"patches/S2_{day}_{tile}/S2_{short}"
            bands = made.random.uniform(0.01, 0.2, (*size, 11)).astype(np.float32)
            _save_bands(data / f"{path}.tif", bands)
            _save_bands(data / f"{path}_cl.tif", values[places])
            _save_bands(data / f"{path}_conf.tif", (places > 0).astype(np.float32) * (1 + k % 3))
            true = TrueSample(size, planes=_planes_of(places, 4), ignored=places == 0)
            made.train[f"{path}.tif"] = true
            parts[f"{path}.tif"] = part
            lists[part].append(short)
            here = {int(one) for one in values[places].ravel()}
            about[f"S2_{short}.tif"] = [int(n in here) for n in range(1, 16)]
    for part, lines in lists.items():
        _lines(made, f"splits/{part}_X.txt", lines)
    _json(made, "labels_mapping.txt", about)
    for end in ("dbf", "prj", "shp", "shx"):
        made.text(f"shapefiles/S2_1-12-19_48MYU.{end}", "x")
    found, names = list[LayoutTruth](), ("1", "5", "6", "7")
    for left in ((), ("val",)):
        unknown = _reading(
            made,
            MULTI,
            test=lambda path: parts[path] == "test",
            out=lambda path, left=left: parts[path] in left,  # type: ignore[misc]
            mask_classes=names,
        )
        known = {path: replace(one, ignored=None) for path, one in unknown.train.items()}
        every = {
            path: replace(one, planes=(one.ignored, *one.planes), ignored=None)
            for path, one in unknown.train.items()
            if one.planes is not None and one.ignored is not None
        }
        found += [
            unknown,
            replace(unknown, train=known),
            replace(unknown, train=every, mask_classes=("0", *names)),
        ]
    return tuple(found)


def _new_buildings(data: Path) -> Readings:
    """Two images of each place, before and after, and a mask of what has changed."""
    made = Builder(data)
    for part, n in (("train", 18), ("val", 5), ("test", 8)):
        for k in range(1, n + 1):
            plane, name = draw_plane(made.random, SIZE) & (k % 5 != 3), f"{part}_{k}.png"
            true = TrueSample(SIZE, planes=(plane,))
            made.image(
                f"{part}/A/{name}", true, part="train", pixels=paint_photo(made.random, SIZE)
            )
            save_pixels(data / f"{part}/B/{name}", paint_photo(made.random, SIZE, [plane]))
            _grey_mask(data / f"{part}/label/{name}", plane)
    is_test = _inside("test")
    return (
        _reading(made, ONE_MASK, test=is_test, mask_classes=[""]),
        _reading(made, ONE_MASK, test=is_test, out=_inside("val"), mask_classes=[""]),
    )


def _vegetation(data: Path) -> Readings:
    """Facts of each image between semicolons, with five columns of parts."""
    made, top, roles = Builder(data), "VegAnn_dataset", {}
    lines = ["Name;System;Orientation;latitude;longitude;date;LocAcc;Species;Owner;Dataset-Name;"
             + ";".join(f"TVT-split{n}" for n in range(1, 6))]  # fmt: skip
    for k in range(36):
        plane, name = draw_plane(made.random, SIZE), f"VegAnn_{k * 17}.png"
        path = f"{top}/images/{name}"
        made.image(path, TrueSample(SIZE, planes=(plane,)), part="train")
        _grey_mask(data / f"{top}/annotations/{name}", plane)
        each = [
            ("Training", "Training", "Training", "Validation", "Test")[(k + split * 3) % 5]
            for split in range(5)
        ]
        roles[path] = each
        facts = [name, ("Handeld Cameras", "DHP", "Phone Camera")[k % 3], ("Nadir", "45")[k % 2],
                 f"{43.5 + k / 50:.3f}", "1.5", f"2{k % 10}/05/2018", str(k % 2),
                 ("Wheat", "Maize", "Sunflower", "Mix")[k % 4], "Arvalis", "LITERAL"]  # fmt: skip
        lines.append(";".join([*facts, *each]))
    _lines(made, f"{top}/VegAnn_dataset.csv", lines)
    made.text(
        f"{top}/README.md",
        "# VegAnn\n\nVegetation annotation of images of crops: 0 is background, 255 vegetation.\n",
    )
    found = list[LayoutTruth]()
    for split in range(5):
        is_test = lambda path, split=split: roles[path][split] == "Test"  # noqa: E731
        is_val = lambda path, split=split: roles[path][split] == "Validation"  # noqa: E731
        found += [
            _reading(made, ONE_MASK, test=is_test, mask_classes=[""]),  # type: ignore[arg-type]
            _reading(made, ONE_MASK, test=is_test, out=is_val, mask_classes=[""]),  # type: ignore[arg-type]
        ]
    return tuple(found)


def _fabrics(data: Path) -> Readings:
    """Fabrics with defects and their masks; those without lie in folders by fabric, without masks."""
    made, size = Builder(data), (16, 64)
    for k in range(1, 21):
        name = f"{k:04d}_{(2, 6, 19, 30)[k % 4]:03d}_{k % 5:02d}"
        plane = draw_plane(made.random, size)
        grey = made.random.integers(0, 200, size).astype(np.uint8)
        true = TrueSample(size, "Defect_images", planes=(plane,))
        made.image(f"Defect_images/{name}.png", true, part="train", pixels=grey)
        _grey_mask(data / f"Mask_images/{name}_mask.png", plane)
    for place, fabric in enumerate(("2306881-210020u", "2608691-202020u")):
        for k in range(8):
            grey = made.random.integers(0, 200, size).astype(np.uint8)
            path = f"NODefect_images/{fabric}/{106 + k:04d}_000_{place * 2:02d}.png"
            made.image(path, TrueSample(size, "NODefect_images"), part="train", pixels=grey)
    kinds, names = {**TWO, **ONE_MASK}, ("Defect_images", "NODefect_images")
    none = np.zeros(size, dtype=bool)
    first = _reading(made, kinds, classes=names, mask_classes=[""])
    empty = {path: replace(one, planes=one.planes or (none,)) for path, one in first.train.items()}
    masks = _reading(made, ONE_MASK, out=_inside("NODefect_images"), mask_classes=[""])
    return replace(first, train=empty), first, masks


def _parts_of_faces(data: Path) -> Readings:
    """Images, labels and landmarks in folders of three parts; names of classes nowhere."""
    made, top = Builder(data), "LaPa"
    for part, n in (("train", 18), ("val", 5), ("test", 6)):
        for k in range(n):
            places, name = (
                draw_class_map(made.random, SIZE, 10, fill=k % 2 > 0),
                f"{10009865324 + 71 * k + 5000 * n}_{k % 2}",
            )
            true = TrueSample(SIZE, planes=_planes_of(places, 10))
            made.image(f"{top}/{part}/images/{name}.jpg", true, part="train")
            save_pixels(data / f"{top}/{part}/labels/{name}.png", places)
            points = [f"{3 + n % 18}.000000 {2 + n % 16}.000000" for n in range(106)]
            _lines(made, f"{top}/{part}/landmarks/{name}.txt", ["106", *points])
    is_test, names = _inside(f"{top}/test"), [str(n) for n in range(1, 11)]
    found = list[LayoutTruth]()
    for out in (_inside(), _inside(f"{top}/val")):
        ground = _reading(made, MULTI, test=is_test, out=out, mask_classes=names)
        every = {
            path: replace(one, planes=(~union(one.planes), *one.planes))
            for path, one in ground.train.items()
            if one.planes
        }
        found += [ground, replace(ground, train=every, mask_classes=("0", *names))]
    return tuple(found)


SEVENTH_COMPETITIONS = (
    DataSet("dacon-artists", "memory", _painters),
    DataSet("dacon-low-resolution-birds", "code of columns, memory", _small_birds),
    DataSet("dacon-anomaly-detection", "memory", _states_of_things),
    DataSet("dacon-used-car-models", "memory", _used_cars, doubt="the numbers of the sample"),
    DataSet(
        "vietai-advance-retinal-disease-detection-2020",
        "code of columns, memory",
        _seven_findings,
        doubt="the numbers of the sample",
    ),
    DataSet("spr-x-ray-age", "code", _ages_of_chests, doubt="numbers of the images of test"),
    DataSet("bttai-ajl-2025", "code of paths, memory", _skin_of_all_tones, doubt="columns of test"),
    DataSet("hackerearth-chest-x-rays", "memory", _scans_of_chests, doubt="names of the tables"),
    DataSet("analytics-vidhya-identify-the-apparels", "memory", _apparels),
    DataSet(
        "cgiar-crop-damage-classification-challenge",
        "memory",
        _damaged_crops,
        doubt="the numbers of the sample",
    ),
    DataSet("isic-2018-task-2", "memory", _attributes_of_lesions),
    DataSet("kitti-semantics", "memory", _kitti_pixels),
    DataSet(
        "opencv-pytorch-segmentation-project-round2",
        "code",
        _twelve_classes_from_drones,
        doubt="the runs of the sample",
    ),
    DataSet("quickdraw-doodle-recognition", "memory", _doodles, refusal=r"\S"),
)
"""Competitions of `DataSet` form, so that several readings may be right, and nothing need be sent."""

SEVENTH_DATA_SETS = (
    DataSet("Chest CT scans", "memory", _lungs_in_slices),
    DataSet("RIM-ONE DL", "memory", _optic_discs),
    DataSet("BloodMNIST", "memory", _blood_in_an_archive),
    DataSet("HASYv2", "README, memory", _symbols, has_test=False),
    DataSet(
        "MLRSNet", "memory", _scenes_of_several, has_test=False, doubt="columns of the workbook"
    ),
    DataSet("NABirds", "memory", _birds_of_america),
    DataSet("IP102", "memory", _pests),
    DataSet("JAFFE", "memory", _ten_women, has_test=False),
    DataSet("Casting products", "memory", _castings),
    DataSet("ELPV solar cells", "code", _solar_cells, has_test=False),
    DataSet("KADID-10k", "memory", _quality_of_images, has_test=False),
    DataSet("Udacity driving", "memory", _steering, has_test=False),
    DataSet("CholecSeg8k", "memory", _gall_bladders, has_test=False),
    DataSet(
        "Large scale fish", "memory", _fishes, has_test=False, doubt="names of the other photos"
    ),
    DataSet("MinneApple", "memory", _apples),
    DataSet("RailSem19", "memory", _rails, has_test=False),
    DataSet("Sen1Floods11", "code", _floods_by_hand),
    DataSet("MARIDA", "code", _debris_at_sea),
    DataSet("LEVIR-CD", "memory", _new_buildings),
    DataSet("VegAnn", "code of columns, memory", _vegetation, doubt="the words of the parts"),
    DataSet("AITEX fabrics", "memory", _fabrics, has_test=False),
    DataSet("LaPa", "memory", _parts_of_faces),
)
