# ruff: noqa: E501  # rows of tables as their files have them
"""A fifth set of real competitions and public data sets, written when the fourth had served mends.

A layout is never bent toward what podium reads; where podium is mended because of one, it has become
one of development.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

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
    _photos,
    _planes_of,
    _reading,
    _save_palette,
    _workbook,
)
from layouts.real.made import Builder, hex_name
from layouts.real.second_set import MULTI, _json
from layouts.real.third_set import NUMBER, RANKS, _as_jpeg
from layouts.runs import Codec
from layouts.truth import TrueSample

__all__ = ["FIFTH_COMPETITIONS", "FIFTH_DATA_SETS"]

# Competitions

ROOMS = ("bedroom", "coast", "forest", "highway", "kitchen")


def _thirteen_scenes(data: Path) -> Readings:
    """Class folders, twice below each other; ids of the sample have no ending."""
    made, rows, top = Builder(data), list[tuple[str, ...]](), "dataset/dataset"
    for label in ROOMS:
        _photos(made, [f"{top}/train/{label}/image_{k:04d}.jpg" for k in range(1, 8)], label)
    for k in range(1, 11):
        label = ROOMS[k * 2 % 5]
        made.image(f"{top}/test/image_{k:04d}.jpg", TrueSample(SIZE, label), part="test")
        rows.append((f"image_{k:04d}", label))
    columns = {"id": "key", "label": "text"}
    made.table("sameple_submission.csv", list(columns), [[one, "bedroom"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=ROOMS),)


def _seven_feelings(data: Path) -> Readings:
    """All pixels of an image in one cell, called feature."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    for part, n in (("train", 35), ("test", 9)):
        cells = []
        for k in range(n):
            pixels = " ".join(map(str, made.random.integers(0, 255, 48 * 48)))
            cells.append([str(k * 3 % 7), pixels] if part == "train" else [str(k), pixels])
            true = TrueSample((48, 48), str(k * 3 % 7))
            (made.train if part == "train" else made.test)[f"../made/images/{part}/{k}.png"] = true
            if part == "test":
                rows.append((str(k), str(k * 3 % 7)))
        made.table(f"{part}.csv", ["label" if part == "train" else "id", "feature"], cells)
    columns = {"id": "key", "label": "text"}
    made.table("sample.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=tuple("0123456")),)


def _feelings_in_files(data: Path) -> Readings:
    """Folders train_img and test_img of numbers; the table has an odd header."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    for part, n in (("train", 35), ("test", 10)):
        for k in range(n):
            label = str((k * 3 + k // 7) % 7)
            made.image(f"{part}_img/{k:05d}.jpg", TrueSample(SIZE, label), part=part)
            if part == "train":
                cells.append([f"{k:05d}.jpg", label])
            else:
                rows.append((str(k), label))
    made.table("train.csv", ["picture id", "label"], cells)
    columns = {"id": "key", "label": "text"}
    made.table("sample_submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=tuple("0123456")),)


def _eyes_by_patient(data: Path) -> Readings:
    """Two eyes a patient, a row each, with a grade; the evaluation set's rows come without."""
    made, cells, tests, rows = Builder(data), [], [], list[tuple[str, ...]]()
    for patient in range(1, 21):
        part = "train" if patient < 16 else "test"
        for side in "lr":
            for k in (1, 2):
                name, grade = f"{patient}_{side}{k}", (patient + (side == "l")) % 5
                path = f"{part}/Images/{patient}/{name}.jpg"
                made.image(path, TrueSample(SIZE, str(grade)), part=part)
                if part == "train":
                    cells.append(
                        [str(patient), name, f"Images/{patient}/{name}.jpg", str(k % 2), str(grade)]
                    )
                else:
                    tests.append([str(patient), name, f"Images/{patient}/{name}.jpg"])
                    rows.append((name, str(grade)))
    made.table(
        "train/train.csv",
        ["patient_id", "image_id", "image_path", "Overall quality", "DR_Level"],
        cells,
    )
    made.table("test/test.csv", ["patient_id", "image_id", "image_path"], tests)
    columns = {"image_id": "key", "DR_Levels": "text"}
    made.table("Challenge1_upload.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(RANKS, columns, rows, classes=tuple("01234")),)


def _one_table_of_paths(data: Path) -> Readings:
    """A course's table with path, split and label; the rows of test have no label."""
    made, cells, kinds = Builder(data), [], ("algae", "coral", "sand")
    for k in range(40):
        part, label = ("train", "val", "test")[(k > 25) + (k > 31)], kinds[k * 2 % 3]
        path = f"images/{hex_name('reef', k, length=6)}.png"
        _photos(made, [path], None if part == "test" else label)
        cells.append([path, part, "" if part == "test" else label])
    made.table("metadata.csv", ["filepath", "split", "label"], cells)
    tests = {path for path, part, _ in cells if part == "test"}
    vals = {path for path, part, _ in cells if part == "val"}
    return (
        _reading(made, LABELS, test=lambda path: path in tests, classes=kinds),
        _reading(
            made,
            LABELS,
            test=lambda path: path in tests,
            out=lambda path: path in vals,
            classes=kinds,
        ),
    )


def _weights_of_fish(data: Path) -> Readings:
    """A workbook with the weight among other measures; the sample asks for it by another name."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    for k in range(40):
        weight = 120.5 + 7.25 * (k * 11 % 40)
        part, name = ("train" if k < 30 else "test"), f"fish_{k + 1:03d}"
        made.image(f"{part}/{name}.jpg", TrueSample(SIZE, weight), part=part)
        if part == "train":
            cells.append(
                [name, ("bream", "perch")[k % 2], f"{20 + weight / 30:.1f}", f"{weight:.2f}"]
            )
        else:
            rows.append((name, f"{weight:.2f}"))
    _workbook(data / "train_data.xlsx", ["Fish ID", "Species", "Length (cm)", "Weight (g)"], cells)
    columns = {"fish_id": "key", "weight": "number"}
    made.table("sample_submission.csv", list(columns), [[one, "0.0"] for one, _ in rows])
    made.text(
        "description.txt",
        "Predict the weight of each fish in grams.\nThe metric is the mean absolute error.\n",
    )
    return (made.truth(NUMBER, columns, rows),)


def _roads_as_runs(data: Path) -> Readings:
    """PNG masks in train; the sample has runs, and a row for each image."""
    made, rows, codec = Builder(data), list[tuple[str, ...]](), Codec("F", 1)
    for k in range(34):
        part, plane = "train" if k < 25 else "test", draw_plane(made.random, SIZE)
        name = f"tile_{k:03d}"
        folder = "train/sat" if part == "train" else "test"
        made.image(f"{folder}/{name}.png", TrueSample(SIZE, planes=(plane,)), part=part)
        if part == "train":
            _grey_mask(data / f"train/map/{name}.png", plane)
        else:
            rows.append((name, codec.encode(plane)))
    columns = {"tile": "key", "rle": "rle"}
    made.table("sample_submission.csv", list(columns), [[one, "1 1"] for one, _ in rows])
    made.text("evaluation.md", "Submissions are scored by the mean Dice coefficient.\n\n"
              "Use run-length encoding: pairs of start and length, one-indexed, numbered from top to bottom, then left to right.\n")  # fmt: skip
    return (made.truth(ONE_MASK, columns, rows, mask_classes=[""], codec=codec),)


# Data sets: labels


def _devanagari(data: Path) -> Readings:
    made, top = Builder(data), "DevanagariHandwrittenCharacterDataset"
    classes = ("character_1_ka", "character_2_kha", "character_10_yna", "digit_0")
    for part, n in (("Train", 8), ("Test", 3)):
        for label in classes:
            _photos(
                made,
                [f"{top}/{part}/{label}/{3300 + 17 * k}.png" for k in range(n)],
                label,
                (32, 32),
            )
    return (_reading(made, LABELS, test=_inside(f"{top}/Test"), classes=classes),)


def _arabic_letters(data: Path) -> Readings:
    """The label stands in the name; tables of pixels without a header lie beside."""
    made, classes = Builder(data), [str(n) for n in range(1, 6)]
    for part, n, count in (("train", 30, 13440), ("test", 10, 3360)):
        title = part.title()
        pixels, labels = [], []
        for k in range(1, n + 1):
            label = classes[k % 5]
            _photos(
                made,
                [f"{title} Images {count}x32x32/{part}/id_{k}_label_{label}.png"],
                label,
                (32, 32),
            )
            pixels.append(",".join(map(str, made.random.integers(0, 255, 1024))))
            labels.append(label)
        _lines(made, f"csv{title}Images {count}x1024.csv", pixels)
        _lines(made, f"csv{title}Label {count}x1.csv", labels)
    return (_reading(made, LABELS, test=_inside("Test Images 3360x32x32"), classes=classes),)


def _english_letters(data: Path) -> Readings:
    made, cells, classes = Builder(data), [], ("0", "9", "A", "z")
    for place, label in enumerate(classes, 1):
        for k in range(1, 9):
            path = f"Img/img{place:03d}-{k:03d}.png"
            _photos(made, [path], label)
            cells.append([path, label])
    made.table("english.csv", ["image", "label"], cells)
    return (_reading(made, LABELS, classes=classes),)


def _forty_people(data: Path) -> Readings:
    made, people = Builder(data), [f"s{k}" for k in (1, 2, 10, 40)]
    for label in people:
        for k in range(1, 9):
            save_pixels(
                data / f"{label}/{k}.pgm", made.random.integers(0, 255, SIZE).astype(np.uint8)
            )
            made.train[f"{label}/{k}.pgm"] = TrueSample(SIZE, label)
    made.text(
        "README",
        "The ORL Database of Faces\n\nThere are ten different images of each of 40 distinct subjects.\n",
    )
    return (_reading(made, LABELS, classes=people),)


def _collapsed_lungs(data: Path) -> Readings:
    """A first column without a name; folders twice in each other."""
    made, cells = Builder(data), []
    for k in range(30):
        name = (
            f"1.2.276.0.7230010.3.1.4.8323329.{1000 + 37 * k}.1517875{160 + k}.{k * 811 % 997}.png"
        )
        _photos(made, [f"small_train_data_set/small_train_data_set/{name}"], str(int(k % 4 == 0)))
        cells.append([str(k), name, str(int(k % 4 == 0))])
    made.table("train_data.csv", ["", "file_name", "target"], cells)
    return (_reading(made, TWO, classes=("0", "1")),)


def _two_kinds_of_people(data: Path) -> Readings:
    """Training and Validation; names end twice in .jpg."""
    made, kinds = Builder(data), ("female", "male")
    for part, n in (("Training", 14), ("Validation", 6)):
        for label in kinds:
            _photos(
                made,
                [f"{part}/{label}/{90544 + 17 * k + (label == 'male')}.jpg.jpg" for k in range(n)],
                label,
            )
    valid = _inside("Validation")
    return (
        _reading(made, TWO, test=valid, classes=kinds),
        _reading(made, TWO, classes=kinds),
        _reading(made, TWO, out=valid, classes=kinds),
    )


def _satellite_kinds(data: Path) -> Readings:
    """Names of files begin with train in two of four folders."""
    made, names = (
        Builder(data),
        {
            "cloudy": "train_{}",
            "desert": "desert({})",
            "green_area": "Forest_{}",
            "water": "SeaLake_{}",
        },
    )
    for label, form in names.items():
        _photos(made, [f"data/{label}/{form.format(11 * k + 1)}.jpg" for k in range(8)], label)
    return (_reading(made, LABELS, classes=sorted(names)),)


def _land_uses(data: Path) -> Readings:
    made, classes = Builder(data), ("agricultural", "airplane", "denseresidential", "tenniscourt")
    for label in classes:
        _photos(
            made, [f"UCMerced_LandUse/Images/{label}/{label}{k:02d}.tif" for k in range(8)], label
        )
    made.text(
        "UCMerced_LandUse/readme.txt",
        "This is a 21 class land use image dataset meant for research purposes.\n",
    )
    return (_reading(made, LABELS, classes=classes),)


def _fires(data: Path) -> Readings:
    made = Builder(data)
    for label, form, n in (("fire_images", "fire.{}", 18), ("non_fire_images", "non_fire.{}", 10)):
        _photos(
            made, [f"fire_dataset/{label}/{form.format(k)}.png" for k in range(1, n + 1)], label
        )
    return (_reading(made, TWO, classes=("fire_images", "non_fire_images")),)


def _ships_from_space(data: Path) -> Readings:
    """The label is the first field of the name; whole scenes lie beside."""
    made, top = Builder(data), "shipsnet/shipsnet"
    for k in range(34):
        label = str(int(k % 4 == 0))
        _photos(
            made,
            [f"{top}/{label}__20150718_{184300 + k}_090b__-122.3{k:02d}_37.7{k:02d}.png"],
            label,
        )
    _photos(made, [f"scenes/scenes/lb_{k}.png" for k in range(1, 5)], None, (60, 90))
    _json(made, "shipsnet.json", {"data": [[1, 2, 3]] * 34, "labels": [int(k % 4 == 0) for k in range(34)],
                                  "locations": [[-122.3, 37.7]] * 34, "scene_ids": ["20150718_184300_090b"] * 34})  # fmt: skip
    scenes = _inside("scenes")
    return (
        _reading(made, TWO, test=scenes, classes=("0", "1")),
        _reading(made, TWO, out=scenes, classes=("0", "1")),
    )


def _marrow(data: Path) -> Readings:
    """Folders of numbers inside the class folders."""
    made, top, classes = Builder(data), "BM_cytomorphology_data", ("ABE", "ART", "BAS", "BLA")
    for label in classes:
        for first, names in ((1, range(1, 6)), (1001, range(1001, 1006))):
            folder = f"{top}/{label}/{first:04d}-{first + 999:04d}"
            _photos(made, [f"{folder}/{label}_{k:05d}.jpg" for k in names], label)
    made.text(
        "abbreviations.csv", "ABE;Abnormal eosinophil\nART;Artefact\nBAS;Basophil\nBLA;Blast\n"
    )
    return (_reading(made, LABELS, classes=classes),)


# Data sets: masks


def _concrete(data: Path) -> Readings:
    """Masks are JPEGs in a folder BW, beside a folder rgb."""
    made, top = Builder(data), "concreteCrackSegmentationDataset"
    for k in range(1, 27):
        size = (48, 64)
        drawn = draw_plane(made.random, size).astype(np.uint8) * 255
        plane = _as_jpeg(data / f"{top}/BW/{k:03d}.jpg", drawn) > 127
        made.image(f"{top}/rgb/{k:03d}.jpg", TrueSample(size, planes=(plane,)), part="train")
    made.text(
        f"{top}/readme.txt",
        "458 hi-res images together with their alpha maps (BW) indicating the crack presence.\n",
    )
    return (_reading(made, ONE_MASK, mask_classes=[""]),)


def _instruments(data: Path) -> Readings:
    """Two texts tell the parts; boxes in a JSON say no more than the masks."""
    made, boxes, parts = Builder(data), {}, {"train": [], "test": []}
    for k in range(28):
        plane, name = (
            draw_plane(made.random, SIZE),
            f"ckcu8ty6l00063b5y{hex_name('tool', k, length=8)}",
        )
        made.image(
            f"kvasir-instrument/images/{name}.jpg", TrueSample(SIZE, planes=(plane,)), part="train"
        )
        _grey_mask(data / f"kvasir-instrument/masks/{name}.png", plane)
        boxes[name] = {
            "height": SIZE[0],
            "width": SIZE[1],
            "bbox": [{"label": "instrument", "xmin": 3, "ymin": 3, "xmax": 9, "ymax": 9}],
        }
        parts["train" if k % 5 else "test"].append(name)
    _json(made, "kvasir-instrument/bboxes.json", boxes)
    for part, names in parts.items():
        _lines(made, f"kvasir-instrument/{part}.txt", names)
    tests = {f"kvasir-instrument/images/{one}.jpg" for one in parts["test"]}
    return (_reading(made, ONE_MASK, test=lambda path: path in tests, mask_classes=[""]),)


def _side_by_side(data: Path) -> Readings:
    """A photo and its colours are the two halves of one picture."""
    made = Builder(data)
    for part, n in (("train", 16), ("val", 6)):
        for k in range(1, n + 1):
            left = paint_photo(made.random, SIZE)
            places = draw_class_map(made.random, SIZE, 3, fill=True)
            right = np.array([(128, 64, 128), (70, 130, 180), (0, 0, 142)], dtype=np.uint8)[
                places - 1
            ]
            save_pixels(
                data / f"cityscapes_data/{part}/{k}.jpg", np.concatenate([left, right], axis=1)
            )
            made.train[f"cityscapes_data/{part}/{k}.jpg"] = TrueSample((SIZE[0], 2 * SIZE[1]))
    return (_reading(made, MULTI),)


CLOTHES = ("null", "accessories", "bag", "blazer")


def _clothes(data: Path) -> Readings:
    """img_ and seg_ before the number; the same once more as JPEGs; a table of the classes."""
    made = Builder(data)
    for k in range(1, 25):
        places = draw_class_map(made.random, SIZE, 3, fill=False)
        photo = paint_photo(made.random, SIZE)
        made.image(
            f"png_images/IMAGES/img_{k:04d}.png",
            TrueSample(SIZE, planes=_planes_of(places, 3)),
            part="train",
            pixels=photo,
        )
        save_pixels(data / f"png_masks/MASKS/seg_{k:04d}.png", places)
        save_pixels(data / f"jpeg_images/IMAGES/img_{k:04d}.jpeg", photo)
        save_pixels(data / f"jpeg_masks/MASKS/seg_{k:04d}.jpeg", places)
    made.table("labels.csv", ["", "label_list"], [[str(n), name] for n, name in enumerate(CLOTHES)])
    return (_reading(made, MULTI, mask_classes=CLOTHES[1:]),)


def _carrots(data: Path) -> Readings:
    """A mask of all green, an annotation of two colours, and a YAML with the parts."""
    made, top, split = Builder(data), "dataset-1.0", {"train": [], "test": []}
    colours = np.array([(0, 0, 0), (255, 0, 0), (0, 255, 0)], dtype=np.uint8)
    for k in range(1, 27):
        places = draw_class_map(made.random, SIZE, 2, fill=False)
        made.image(
            f"{top}/images/{k:03d}_image.png",
            TrueSample(SIZE, planes=_planes_of(places, 2)),
            part="train",
        )
        save_pixels(data / f"{top}/annotations/{k:03d}_annotation.png", colours[places])
        _grey_mask(data / f"{top}/masks/{k:03d}_mask.png", places == 0)
        split["train" if k % 4 else "test"].append(k)
    made.text(
        f"{top}/train_test_split.yaml",
        "".join(f"{part}: {names}\n" for part, names in split.items()),
    )
    made.text(
        f"{top}/README.md",
        "# Crop/Weed Field Image Dataset\n\nannotations: red are weeds, green is crop. masks: vegetation is black.\n",
    )
    every = _reading(made, MULTI, mask_classes=("1", "2"))
    named = replace(every, mask_classes=("weeds", "crop"))
    swapped = {
        path: replace(one, planes=one.planes[::-1] if one.planes else None)
        for path, one in every.train.items()
    }
    other = replace(every, train=swapped)
    green = {
        path: replace(one, planes=(one.planes[0] | one.planes[1],) if one.planes else None)
        for path, one in every.train.items()
    }
    return every, named, other, replace(other, mask_classes=("crop", "weeds")), replace(
        _reading(made, ONE_MASK, mask_classes=[""]), train=green)  # fmt: skip


def _videos(data: Path) -> Readings:
    """Frames and masks in folders of videos; texts of videos tell the parts."""
    made, top, parts = (
        Builder(data),
        "DAVIS",
        {"train": ("bear", "bmx-bumps", "boat"), "val": ("blackswan", "camel")},
    )
    for part, videos in parts.items():
        _lines(made, f"{top}/ImageSets/2016/{part}.txt", videos)
        for video in videos:
            for k in range(8):
                plane = draw_plane(made.random, SIZE)
                made.image(
                    f"{top}/JPEGImages/480p/{video}/{k:05d}.jpg",
                    TrueSample(SIZE, planes=(plane,)),
                    part="train",
                )
                _save_palette(
                    data / f"{top}/Annotations/480p/{video}/{k:05d}.png", plane.astype(np.uint8)
                )
    made.text(f"{top}/SOURCES.md", "# Sources\n")
    valid = _inside(*(f"{top}/JPEGImages/480p/{one}" for one in parts["val"]))
    return (
        _reading(made, ONE_MASK, mask_classes=[""]),
        _reading(made, ONE_MASK, out=valid, mask_classes=[""]),
        _reading(made, ONE_MASK, test=valid, mask_classes=[""]),
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
            _grey_mask(data / f"fewshot_data/{label}/{k}.png", plane)
    both = _reading(made, LABELS | ONE_MASK, classes=classes, mask_classes=[""])
    alone = {path: replace(one, label=None) for path, one in both.train.items()}
    return both, replace(_reading(made, ONE_MASK, mask_classes=[""]), train=alone)


def _foods_in_masks(data: Path) -> Readings:
    """The folders of a well-known library; names of the numbers in a text with tabs."""
    made, top, foods = Builder(data), "FoodSeg103", ("candy", "egg tart", "french fries")
    for part, n in (("train", 20), ("test", 7)):
        names = []
        for k in range(n):
            places = draw_class_map(made.random, SIZE, 3, fill=False)
            name = f"{k * 7 + (part == 'test'):08d}"
            made.image(
                f"{top}/Images/img_dir/{part}/{name}.jpg",
                TrueSample(SIZE, planes=_planes_of(places, 3)),
                part="train",
            )
            save_pixels(data / f"{top}/Images/ann_dir/{part}/{name}.png", places)
            names.append(f"{name}.jpg")
        _lines(made, f"{top}/ImageSets/{part}.txt", names)
    _lines(
        made,
        f"{top}/category_id.txt",
        ["0\tbackground", *(f"{n}\t{one}" for n, one in enumerate(foods, 1))],
    )
    return (_reading(made, MULTI, test=_inside(f"{top}/Images/img_dir/test"), mask_classes=foods),)


def _vessels_of_kaggle(data: Path) -> Readings:
    made = Builder(data)
    for part, n in (("train", 18), ("test", 6)):
        for k in range(n):
            plane = draw_plane(made.random, SIZE)
            made.image(
                f"Data/{part}/image/{k}.png", TrueSample(SIZE, planes=(plane,)), part="train"
            )
            _grey_mask(data / f"Data/{part}/mask/{k}.png", plane)
    return (_reading(made, ONE_MASK, test=_inside("Data/test"), mask_classes=[""]),)


def _boxes_of_yolo(data: Path) -> Readings:
    made = Builder(data)
    for part, n in (("train", 14), ("valid", 5), ("test", 5)):
        for k in range(n):
            _photos(
                made,
                [
                    f"{part}/images/IMG_{2274 + k}_jpeg_jpg.rf.{hex_name('yolo', part, k, length=32)}.jpg"
                ],
                None,
            )
            _lines(made, f"{part}/labels/IMG_{2274 + k}_jpeg_jpg.rf.{hex_name('yolo', part, k, length=32)}.txt",
                   ["0 0.5123 0.4312 0.1250 0.2031", "3 0.2123 0.6312 0.0950 0.1031"][: 1 + k % 2])  # fmt: skip
    made.text(
        "data.yaml",
        "train: ../train/images\nval: ../valid/images\n\nnc: 4\nnames: ['fish', 'jellyfish', 'penguin', 'puffin']\n",
    )
    return (_reading(made, MULTI),)


def _boxes_of_voc(data: Path) -> Readings:
    made = Builder(data)
    for k in range(24):
        _photos(made, [f"images/maksssksksss{k}.png"], None)
        made.text(f"annotations/maksssksksss{k}.xml", f"<annotation><folder>images</folder><filename>maksssksksss{k}.png</filename>"
                  f"<size><width>{SIZE[1]}</width><height>{SIZE[0]}</height><depth>3</depth></size><object><name>with_mask</name>"
                  "<bndbox><xmin>3</xmin><ymin>5</ymin><xmax>10</xmax><ymax>12</ymax></bndbox></object></annotation>\n")  # fmt: skip
    return (_reading(made, MULTI),)


FIFTH_COMPETITIONS = (
    DataSet("cs-ioc5008-hw1", "memory", _thirteen_scenes),
    DataSet("ntu-ml-2018-hw3", "memory", _seven_feelings),
    DataSet("ml2019fall-hw3", "memory", _feelings_in_files, doubt="the header of the table"),
    DataSet("deepdrid-challenge-1", "memory", _eyes_by_patient, doubt="columns, cut to one grade"),
    DataSet("course: reefs", "memory", _one_table_of_paths, doubt="a course's own"),
    DataSet("course: fish", "memory", _weights_of_fish, doubt="a course's own"),
    DataSet("course: roads", "memory", _roads_as_runs, doubt="a course's own"),
)
"""Competitions of `DataSet` form, so that several readings may be right, and nothing need be sent."""

FIFTH_DATA_SETS = (
    DataSet("Devanagari characters", "memory", _devanagari),
    DataSet("Arabic handwritten letters", "memory", _arabic_letters),
    DataSet("Handwritten English letters", "memory", _english_letters, has_test=False),
    DataSet("ORL faces", "memory", _forty_people, has_test=False),
    DataSet("Pneumothorax (small)", "memory", _collapsed_lungs, has_test=False),
    DataSet("Gender classification", "memory", _two_kinds_of_people),
    DataSet("RSI-CB256", "memory", _satellite_kinds, has_test=False),
    DataSet("UC Merced land use", "memory", _land_uses, has_test=False),
    DataSet("Fire images", "memory", _fires, has_test=False),
    DataSet("Ships in satellite imagery", "memory", _ships_from_space, has_test=False),
    DataSet("Bone marrow cells", "memory", _marrow, has_test=False),
    DataSet("Concrete crack segmentation", "memory", _concrete, has_test=False),
    DataSet("Kvasir-Instrument", "memory", _instruments),
    DataSet("Cityscapes (pairs)", "memory", _side_by_side, refusal=r"\S"),
    DataSet("Clothing segmentation", "memory", _clothes, has_test=False),
    DataSet("CWFID carrots", "memory", _carrots, has_test=False),
    DataSet("DAVIS 2016", "memory", _videos, has_test=False),
    DataSet("FSS-1000", "memory", _thousand_classes, has_test=False),
    DataSet("FoodSeg103", "memory", _foods_in_masks),
    DataSet("Retina vessels (Kaggle)", "memory", _vessels_of_kaggle),
    DataSet("YOLO boxes", "memory", _boxes_of_yolo, refusal=r"\bbox"),
    DataSet("VOC boxes", "memory", _boxes_of_voc, refusal=r"\bbox"),
)
