# ruff: noqa: E501  # rows of tables as their files have them
"""A twelfth set of real competitions and public data sets, written without a look at what is read.

A layout is never bent toward what podium reads; where podium is mended because of one, it has become
one of development.
"""

from __future__ import annotations

from collections.abc import Sequence
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
from layouts.real.eighth_set import _rectangle, _save_tiff
from layouts.real.eleventh_set import ANY, OBJECTS, WIDE, _any_of, _boxes, _corners, _grounded
from layouts.real.made import Builder, hex_name
from layouts.real.ninth_set import _copied, _whole
from layouts.real.second_set import MULTI, _json, _no_file, _numbered
from layouts.real.tenth_set import _book, _grey
from layouts.real.third_set import NUMBER, RANKS, SEVERAL
from layouts.runs import Codec
from layouts.truth import Label, LayoutTruth, TrueSample

__all__ = ["TWELFTH_COMPETITIONS", "TWELFTH_DATA_SETS"]

Rows = list[tuple[str, ...]]


def _letters(*parts: object) -> str:
    """Return ten letters and digits, as some hosts name images."""
    alphabet = "0123456789abcdefghijklmnopqrstuvwxyz"
    number = int(hex_name("twelfth", *parts, length=16), 16)
    return "".join(alphabet[number // 36**place % 36] for place in range(10))


def _labelled(truth: LayoutTruth, labels: dict[str, Any]) -> LayoutTruth:
    """Return the truth with other labels of train."""
    train = {path: replace(one, label=labels.get(path)) for path, one in truth.train.items()}
    return replace(truth, train=train)


def _reordered(truth: LayoutTruth, order: Sequence[int]) -> LayoutTruth:
    """Return the truth with the classes of masks in another order, or with some of them."""
    train = {
        path: replace(one, planes=tuple(one.planes[place] for place in order))
        if one.planes
        else one
        for path, one in truth.train.items()
    }
    return replace(
        truth, train=train, mask_classes=tuple(truth.mask_classes[place] for place in order)
    )


# Competitions


FOODS = (
    "macaron",
    "beignet",
    "cruller",
    "cockle_food",
    "samosa",
    "tiramisu",
    "tostada",
    "moussaka",
)


def _dishes(data: Path) -> Readings:
    """Flat folders of three parts, a table of two of them, names of classes in a text; three guesses a cell; from a listing."""
    made, rows = Builder(data), Rows()
    lists: dict[str, Rows] = {"train": [], "val": [], "test": []}
    for part, n in (("train", 34), ("val", 8), ("test", 12)):
        for k in range(n):
            label, name = str(k * 3 % 8), f"{part}_{k * 7:06d}.jpg"
            side = "test" if part == "test" else "train"
            made.image(f"{part}_set/{name}", TrueSample((40, 40 + k % 4), label), part=side)
            lists[part].append((name, label))
    rows = lists["test"]
    columns = {"img_name": "key", "label": "ranking"}
    for part in ("train", "val"):
        made.table(f"{part}_labels.csv", list(columns), lists[part])
    for name in ("sample_submission.csv", "ifood2019_sample_submission.csv"):
        made.table(name, list(columns), [[one, "0 1 2"] for one, _ in rows])
    _lines(made, "class_list.txt", [f"{n} {one}" for n, one in enumerate(FOODS)])
    every = made.truth(LABELS, columns, rows, classes=tuple("01234567"))
    train = {path: one for path, one in every.train.items() if path.startswith("train_set/")}
    return every, replace(every, train=train)


def _chips(data: Path) -> Readings:
    """Two class folders with a number at the end; one inner folder of test; the probability of the bad is sent; from code."""
    made, rows = Builder(data), Rows()
    for k in range(40):
        label = "bad_1" if k % 4 == 1 else "good_0"
        _grey(made, f"train/{label}/{k * 37 + 11}.jpg", TrueSample(WIDE, label))
    for k in range(14):
        prob = round(float(made.random.uniform(0.01, 0.99)), 3)
        probs = {"bad_1": prob, "good_0": round(1 - prob, 3)}
        true = TrueSample(WIDE, "bad_1" if k % 4 == 1 else "good_0", probs)
        _grey(made, f"test/all_tests/{k * 53 + 4}.jpg", true, "test")
        rows.append((str(k * 53 + 4), repr(prob)))
    columns = {"id": "key", "defect_score": "number"}
    made.table("sample_submission.csv", list(columns), [[one, "0.5"] for one, _ in rows])
    return (made.truth({"classify": "binary"}, columns, rows, classes=("bad_1", "good_0")),)


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
        _photos(made, [f"train/{label}/{name}.jpg"], label, (36 + k % 5, 48))
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


SIGHTS = (
    ("자연", "자연관광지", "항구/포구"),
    ("자연", "자연관광지", "산"),
    ("인문(문화/예술/역사)", "문화시설", "미술관/화랑"),
    ("인문(문화/예술/역사)", "역사관광지", "사찰"),
    ("레포츠", "육상 레포츠", "골프"),
    ("음식", "음식점", "한식"),
)


def _sights_of_korea(data: Path) -> Readings:
    """Classes of three levels, of which the sample wants the last; a long text beside each image; from code."""
    made, cells, tests, rows = Builder(data), [], [], Rows()
    texts = (
        "소안항은 조용한 섬으로 인근해안이 청정해역으로, 일몰 때 섬의 정경은 바다의 아름다움을 담고 있다.<br>",
        '경기도 이천시 모가면에 있는 "골프장"으로, 대중제 18홀이다.<br /><br />',
        "금오산성숯불갈비는 한우고기만을 전문적으로 취급하는 식당이다.",
    )
    for k in range(48):
        part = "train" if k < 34 else "test"
        name, kinds = f"{part.upper()}_{k if k < 34 else k - 34:05d}", SIGHTS[k * 5 % 6]
        true = TrueSample((36 + k % 4, 48), kinds[2])
        made.image(f"image/{part}/{name}.jpg", true, part=part)
        row = [name, f"./image/{part}/{name}.jpg", f"{k}. {texts[k % 3]}"]
        if part == "train":
            cells.append([*row, *kinds])
        else:
            tests.append(row)
            rows.append((name, kinds[2]))
    made.table("train.csv", ["id", "img_path", "overview", "cat1", "cat2", "cat3"], cells)
    made.table("test.csv", ["id", "img_path", "overview"], tests)
    columns = {"id": "key", "cat3": "text"}
    made.table("sample_submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=tuple(one[2] for one in SIGHTS)),)


def _mangoes(data: Path) -> Readings:
    """Three folders and tables of ids with endings; grades in letters; from code and memory."""
    made, rows = Builder(data), Rows()
    columns = {"image_id": "key", "label": "text"}
    start = 0
    for part, folder, n in (
        ("train", "C1-P1_Train", 32),
        ("dev", "C1-P1_Dev", 9),
        ("test", "C1-P1_Test", 12),
    ):
        cells = Rows()
        for k in range(n):
            label, name = "ABCBA"[k * 3 % 5], f"{start + k * 7 + 2:05d}.jpg"
            side = "test" if part == "test" else "train"
            made.image(f"{folder}/{name}", TrueSample((36, 40 + k % 5), label), part=side)
            cells.append((name, label))
        start += n * 7
        if part == "test":
            rows = cells
        else:
            made.table(f"{part}.csv", list(columns), cells)
    made.table("test_example.csv", list(columns), [[one, "A"] for one, _ in rows])
    every = made.truth(RANKS, columns, rows, classes=tuple("ABC"))
    train = {path: one for path, one in every.train.items() if path.startswith("C1-P1_Train/")}
    found = [every, replace(every, train=train)]
    return (*found, *(_no_file(one) for one in found))


def _orchids(data: Path) -> Readings:
    """The table of train lies among its images; two folders of test, both in one template; from a listing."""
    made, cells, rows = Builder(data), [], Rows()
    classes = tuple(map(str, range(10)))
    for k in range(40):
        name, label = f"{_letters('orchid', k)}.jpg", classes[k // 4]
        made.image(f"training/{name}", TrueSample((48, 36 + k % 3), label), part="train")
        cells.append([name, label])
    for folder, n in (("orchid_public_set", 8), ("orchid_private_set", 8)):
        for k in range(n):
            name, label = f"{_letters(folder, k)}.jpg", classes[k * 3 % 10]
            made.image(f"{folder}/{name}", TrueSample((48, 36 + k % 3), label), part="test")
            rows.append((name, label))
    columns = {"filename": "key", "category": "text"}
    made.table("training/label.csv", list(columns), cells)
    rows.sort()
    made.table("submission_template.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=classes),)


THINGS = ("airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck")


def _things_of_signate(data: Path) -> Readings:
    """Tables with tabs: of images and numbers, of names and numbers; the sample has commas and no header; from code and memory."""
    made, lines, shown = Builder(data), ["file_name\tlabel_id"], []
    numbers = tuple(map(str, range(10)))
    for k in range(40):
        name, label = f"train_{k}.png", numbers[k * 7 % 10]
        _photos(made, [f"train_images/{name}"], label, (48, 48))
        lines.append(f"{name}\t{label}")
    for k in range(14):
        name = f"test_{k}.png"
        _photos(made, [f"test_images/{name}"], numbers[k * 3 % 10], (48, 48))
        shown.append(f"{name},{k * 7 % 10}")
    _lines(made, "train_master.tsv", lines)
    names = [f"{one}\t{n}" for n, one in enumerate(THINGS)]
    _lines(made, "label_master.tsv", ["label_name\tlabel_id", *names])
    _lines(made, "sample_submit.csv", shown)
    truth = _reading(made, LABELS, test=_inside("test_images"), classes=numbers)
    return truth, _numbered(truth, numbers, THINGS)


BIRDS = (
    "Acorn Woodpecker",
    "American Avocet",
    "American Bittern (Winter Plumage)",
    "Barn Owl",
    "Cedar Waxwing",
    "Downy Woodpecker",
)


def _birds_of_a_course(data: Path) -> Readings:
    """Class folders of numbers; the table of train has names, and the paths of the sample leave an inner folder out; from code."""
    made, cells, rows = Builder(data), [], Rows()
    for k in range(42):
        label, name = str(k % 6), hex_name("birds", "train", k, length=32)
        _photos(made, [f"birds/train/{label}/{name}.jpg"], label, (36 + k % 5, 48))
        cells.append([f"{name}.jpg", label])
    for k in range(14):
        label, name = str(k * 5 % 6), hex_name("birds", "test", k, length=32)
        made.image(f"birds/test/0/{name}.jpg", TrueSample((36 + k % 3, 48), label), part="test")
        rows.append((f"test/{name}.jpg", label))
    columns = {"path": "key", "class": "text"}
    made.table("birds/labels.csv", list(columns), cells)
    made.table("birds/sample.csv", list(columns), [[one, "4"] for one, _ in rows])
    _lines(made, "birds/names.txt", BIRDS)
    numbers = tuple("012345")
    truth = made.truth(LABELS, columns, rows, classes=numbers)
    return (truth,)


def _dishes_of_a_course(data: Path) -> Readings:
    """Names with the parts in front, a table, and a sample; numbers from 1 on; from a readme."""
    made, cells, rows = Builder(data), [], Rows()
    classes = tuple(str(n) for n in range(1, 11))
    for k in range(54):
        part, label = "train" if k < 40 else "test", classes[k * 3 % 10]
        name = f"{part}_{k * 11 if k < 40 else k - 40}.jpg"
        made.image(f"{part}_set/{name}", TrueSample((40, 44 + k % 4), label), part=part)
        if part == "train":
            cells.append([name, label])
        else:
            rows.append((name, label))
    columns = {"img_name": "key", "label": "text"}
    made.table("train_labels.csv", list(columns), cells)
    made.table(
        "sample.csv", list(columns), [[one, classes[k % 9]] for k, (one, _) in enumerate(rows)]
    )
    return (made.truth(LABELS, columns, rows, classes=classes),)


def _inpainted(data: Path) -> Readings:
    """Changed images, their masks, and the originals by the same names; runs along the rows are sent; from a readme and code."""
    made, rows, codec = Builder(data), Rows(), Codec("C", 1)
    for k in range(42):
        part, plane = "train" if k < 30 else "test", draw_plane(made.random, (48, 48))
        name = f"image_{k * 3 if k < 30 else k - 30}"
        path = f"{part}/{part}/images/{name}.png"
        made.image(path, TrueSample((48, 48), planes=(plane,)), part=part)
        if part == "test":
            rows.append((name, codec.encode(plane)))
            continue
        _grey_mask(data / f"train/train/masks/{name}.png", plane)
        with Image.open(data / path) as opened:
            pixels = np.array(opened)
        pixels[plane] = made.random.integers(0, 90, (int(plane.sum()), 3))
        save_pixels(data / f"train/train/originals/{name}.png", pixels)
    columns = {"ImageId": "key", "EncodedPixels": "rle"}
    made.table("sample_submission.csv", list(columns), [[one, "1 1"] for one, _ in rows])
    return (made.truth(ONE_MASK, columns, rows, mask_classes=[""], codec=codec),)


def _cellularity(data: Path) -> Readings:
    """The name of an image is two columns of the table; TIFFs; no file to send; from memory of the challenge's page."""
    made, top = Builder(data), "breastpathq/datasets"
    for part, folder, n in (("train", "train", 36), ("val", "validation", 9)):
        cells = []
        for k in range(n):
            slide, patch = 99788 + k // 3 * 13 + (0 if part == "train" else 700), k % 3 + 1
            share = round(float(made.random.integers(0, 21)) / 20, 2)
            _photos(made, [f"{top}/{folder}/{slide}_{patch}.tif"], share, (48, 48))
            cells.append([str(slide), str(patch), str(share)])
        made.table(f"{top}/{part}_labels.csv", ["slide", "rid", "y"], cells)
    tests = [f"breastpathq-test/test_patches/{102174 + k // 3}_{k % 3 + 1}.tif" for k in range(12)]
    _photos(made, tests, None, (48, 48))
    test = _inside("breastpathq-test")
    out = _inside(f"{top}/validation")
    return tuple(_reading(made, NUMBER, test=test, out=one) for one in (_any_of(), out))


def _layers_of_retinas(data: Path) -> Readings:
    """Masks of 0, 80 and 160, and white for all that is no layer; a spreadsheet of a class of each, by its number; from code and memory."""
    made, size, top = Builder(data), WIDE, "GOALS2022-Train/Train"
    greys, cells = np.array([255, 0, 80, 160], dtype=np.uint8), list[list[object]]()
    for k in range(1, 31):
        places = np.zeros(size, dtype=np.uint8)
        for column, row in enumerate(6 + np.arange(size[1]) // 6 + k % 4):
            places[row : row + 6, column] = 1
            places[row + 6 : row + 10, column] = 2
            places[row + 13 : row + 19, column] = 3
        name, label = f"{k:04d}.png", k * 3 % 7 % 2
        true = TrueSample(size, str(label), planes=(*_planes_of(places, 3), places == 0))
        _grey(made, f"{top}/Image/{name}", true)
        save_pixels(data / f"{top}/Layer_Masks/{name}", greys[places])
        cells.append([k, label])
    _book(data / f"{top}/Train_GC_GT.xlsx", ["ImgName", "GC_Label"], cells)
    for k in range(101, 113):
        path = f"GOALS2022-Validation/GOALS2022-Validation/Image/{k:04d}.png"
        _grey(made, path, TrueSample(size))
    whole = _reading(
        made,
        {**MULTI, **TWO},
        test=_inside("GOALS2022-Validation"),
        classes=("0", "1"),
        mask_classes=[""] * 4,
    )
    return _reordered(whole, (0, 1, 2)), whole


def _plasma_cells(data: Path) -> Readings:
    """A mask file a cell, in which the cytoplasm is 20 and the nucleus 40; BMPs; from memory of the challenge's data."""
    made, top = Builder(data), "TCIA_SegPC_dataset"
    by_part = dict[str, TrueSample]()
    for part, first, n in (("train", 1, 26), ("validation", 301, 7), ("test", 501, 10)):
        for k in range(n):
            size, name = ((40, 48), (48, 40))[k % 5 == 2], str(first + k * 3)
            path = f"{top}/{part}/{part}/x/{name}.bmp"
            if part == "test":
                made.image(path, TrueSample(size), part="train")
                continue
            cells = draw_objects(made.random, size, 1 + k % 3)
            objects = tuple((0, plane) for plane in cells)
            made.image(path, TrueSample(size, objects=objects), part="train")
            outer, inner = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
            for place, plane in enumerate(cells, start=1):
                numbers = plane.astype(np.uint8) * 20
                rows, columns = np.nonzero(plane)
                middle = rows < np.sort(rows)[len(rows) // 2]
                numbers[rows[middle], columns[middle]] = 40
                save_pixels(data / f"{top}/{part}/{part}/y/{name}_{place}.bmp", numbers)
                outer |= numbers == 20
                inner |= numbers == 40
            by_part[path] = TrueSample(size, planes=(outer, inner))
    found = list[LayoutTruth]()
    for out in (_any_of(), _inside(f"{top}/validation")):
        test = _inside(f"{top}/test")
        single = _reading(made, OBJECTS, test=test, out=out, mask_classes=[""])
        both = _reading(made, MULTI, test=test, out=out, mask_classes=["", ""])
        train = {path: by_part[path] for path in both.train}
        found += [single, _whole(single), replace(both, train=train)]
    return tuple(found)


def _thyroids(data: Path) -> Readings:
    """Masks by the names of the images, and a table of a class of each; endings in capitals; from memory and code."""
    made, cells, top = Builder(data), [], "TNSCUI2020_train"
    for k in range(36):
        size, name = (36 + k % 4, 48), f"{k * 91 + 4}.PNG"
        plane, label = draw_plane(made.random, size), str(k * 3 % 7 % 2)
        pixels = made.random.integers(0, 200, size).astype(np.uint8)
        true = TrueSample(size, label, planes=(plane,))
        made.image(f"{top}/image/{name}", true, part="train", pixels=pixels)
        _grey_mask(data / f"{top}/mask/{name}", plane)
        cells.append([name, label])
    made.table(f"{top}/train.csv", ["ID", "CATE"], cells)
    for k in range(12):
        _grey(made, f"TNSCUI2020_test/{k}.PNG", TrueSample((36 + k % 4, 48)))
    test = _inside("TNSCUI2020_test")
    return (_reading(made, {**TWO, **ONE_MASK}, test=test, classes=("0", "1"), mask_classes=[""]),)


FINDINGS = (
    "Angioectasia",
    "Bleeding",
    "Erosion",
    "Erythema",
    "Foreign Body",
    "Lymphangiectasia",
    "Normal",
    "Polyp",
    "Ulcer",
    "Worms",
)


def _capsules(data: Path) -> Readings:
    """Class folders, in them one of each source; spreadsheets of ones with backslashes in the paths; from readmes and code."""
    made, sources = Builder(data), ("KID", "KVASIR", "SEE-AI")
    for part, n in (("training", 4), ("validation", 1)):
        cells = list[list[object]]()
        for place, label in enumerate(FINDINGS):
            for k in range(n * (3 if label == "Normal" else 1)):
                source = "AIIMS" if label == "Worms" else sources[(k + place) % 3]
                name = f"{hex_name('capsule', part, place, k, length=12)}.jpg"
                _photos(made, [f"Dataset/{part}/{label}/{source}/{name}"], label, (44, 44))
                path = f"{part}\\{label}\\{source}\\{name}"
                cells.append([path, source, *(int(one == label) for one in FINDINGS)])
        _book(
            data / f"Dataset/{part}/{part}_data.xlsx", ["image_path", "Dataset", *FINDINGS], cells
        )
    tests = [f"Testing set/Images/{hex_name('capsule', k, length=14)}.jpg" for k in range(12)]
    _photos(made, tests, None, (44, 44))
    test, out = _inside("Testing set"), _inside("Dataset/validation")
    return tuple(
        _reading(made, LABELS, test=test, out=one, classes=FINDINGS) for one in (_any_of(), out)
    )


def _ground_from_drones(data: Path) -> Readings:
    """Grey images; masks of sixteen numbers from 0 on, and 255 for what is not known; distances of 16 bits beside; no test; from code."""
    made, size = Builder(data), WIDE
    void, known = dict[str, TrueSample](), dict[str, TrueSample]()
    for k in range(34):
        used = np.unique([(k * 3 + n * 5) % 16 for n in range(5)]).astype(np.uint8)
        numbers = used[draw_class_map(made.random, size, len(used), fill=True) - 1]
        numbers[:, k % 7 : k % 7 + 2] = 255
        name = f"{hex_name('suadd', k, length=32)}.png"
        planes = tuple(numbers == n for n in range(16))
        path = f"inputs/{name}"
        _grey(made, path, TrueSample(size, planes=planes))
        void[path] = TrueSample(size, planes=planes, ignored=numbers == 255)
        known[path] = TrueSample(size, planes=(*planes, numbers == 255))
        save_pixels(data / f"semantic_annotations/{name}", numbers)
        far = made.random.integers(600, 3200, size).astype(np.uint16)
        _save_tiff(data / f"depth_annotations/{name}", far)
    plain = _reading(made, MULTI, mask_classes=map(str, range(16)))
    return (
        replace(plain, train=void),
        plain,
        replace(plain, train=known, mask_classes=(*plain.mask_classes, "255")),
    )


GARMENTS = {
    "Men Tshirts": ("default", "round", "printed", "default", "short sleeves"),
    "Sarees": ("same as saree", "solid", "woven design", "no", "same as border"),
    "Kurtis": ("maroon", "straight", "calf length", "festive", "net"),
    "Women Tshirts": ("multicolor", "loose", "long", "crew neck", "default"),
    "Women Tops & Tunics": ("yellow", "fitted", "crop", "boxy", "solid"),
}


def _garments(data: Path) -> Readings:
    """Ten columns of words, which mean other things in each category, with gaps; from code."""
    import pandas as pd

    made, cells, tests, shown = Builder(data), [], [], []
    words = [f"attr_{n}" for n in range(1, 11)]
    for k in range(44):
        part, kind = "train" if k < 32 else "test", list(GARMENTS)[k * 2 % 5]
        number = k * 3 if k < 32 else k - 32
        path = f"{part}_images/{number:06d}.jpg"
        made.image(path, TrueSample((48, 36)), part=part)
        own = [*GARMENTS[kind], *[""] * 5]
        own = ["" if (k + n) % 6 == 0 else one for n, one in enumerate(own)]
        if part == "train":
            cells.append([str(number), kind, "5", *own])
        else:
            tests.append([str(number), kind])
            shown.append([str(number), kind, "10", *["dummy"] * 10])
    made.table("train.csv", ["id", "Category", "len", *words], cells)
    made.table("test.csv", ["id", "Category"], tests)
    made.table("sample_submission.csv", ["id", "Category", "len", *words], shown)
    pd.DataFrame({
        "Category": list(GARMENTS),
        "No_of_attribute": [5] * 5,
        "Attribute_list": [["color", "neck", "pattern", "print", "sleeve"]] * 5,
    }).to_parquet(data / "category_attributes.parquet")  # fmt: skip
    return (_reading(made, {}),)


def _prompts(data: Path) -> Readings:
    """Seven images and their prompts in words; a number of a vector a row is sent; from memory of the data page."""
    made, cells = Builder(data), []
    texts = (
        "hyper realistic photo of very friendly and dystopian crater",
        "ramen carved out of fractal rose ebony, in the style of hudson river school",
        "ultrasaurus holding a black bean taco in the woods, near an identical cheneosaurus",
        "a thundering retro robot crane inks on parchment with a droopy french bulldog",
        "portrait painting of a shimmering greek hero, next to a loud frill-necked lizard",
        "an astronaut standing on a engaging white rose, in the midst of by ivory cherry blossoms",
        "Kaggle employee Phil at a donut shop ordering all the best donuts, with a speech bubble",
    )
    shown = []
    for k, text in enumerate(texts):
        name = hex_name("prompt", k, length=9)
        made.image(f"images/{name}.png", TrueSample((48, 48)), part="test")
        cells.append([name, text])
        shown += [[f"{name}_{n}", f"{((n * 37 + k) % 90 - 45) / 1000}"] for n in range(384)]
    made.table("prompts.csv", ["imgId", "prompt"], cells)
    made.table("sample_submission.csv", ["imgId_eId", "val"], shown)
    return (_reading(made, {}),)


# Data sets: labels and numbers


NATURAL = ("airplane", "car", "cat", "dog", "flower", "fruit", "motorbike", "person")


def _natural_images(data: Path) -> Readings:
    """Class folders, twice: once more in a folder; from memory of the data page."""
    made = Builder(data)
    for label in NATURAL:
        for k in range(6):
            path = f"natural_images/{label}/{label}_{k * 3:04d}.jpg"
            _photos(made, [path], label, (36 + k, 40))
            _copied(made, path, f"data/{path}")
    return tuple(
        _reading(made, LABELS, out=_inside(one), classes=NATURAL)
        for one in ("data", "natural_images")
    )


def _animal_faces(data: Path) -> Readings:
    """Class folders of two parts, train and val; names begin with where a photo is from; from memory of the loaders."""
    made, classes = Builder(data), ("cat", "dog", "wild")
    for part, first, n in (("train", 2, 12), ("val", 8, 4)):
        for label in classes:
            for k in range(n):
                start = "pixabay" if k % 3 == 1 and label != "wild" else "flickr"
                path = f"afhq/{part}/{label}/{start}_{label}_{first + k * 31:06d}.jpg"
                _photos(made, [path], label, (48, 48))
    return (_reading(made, LABELS, test=_inside("afhq/val"), classes=classes),)


def _digits_as_jpeg(data: Path) -> Readings:
    """Folders in folders of their own names; a sample of train once more; test without classes; from memory of the data page."""
    made = Builder(data)
    for k in range(50):
        label, name = str(k * 3 % 10), f"img_{k * 17 + 1}.jpg"
        path = f"trainingSet/trainingSet/{label}/{name}"
        _grey(made, path, TrueSample((28, 28), label))
        if k % 4 == 0:
            _copied(made, path, f"trainingSample/trainingSample/{label}/{name}")
    for k in range(14):
        _grey(made, f"testSet/testSet/img_{k * 29 + 1}.jpg", TrueSample((28, 28)))
    test, classes = _inside("testSet"), tuple("0123456789")
    return (_reading(made, LABELS, test=test, out=_inside("trainingSample"), classes=classes),)


FRUITS = (
    "freshapples",
    "freshbanana",
    "freshoranges",
    "rottenapples",
    "rottenbanana",
    "rottenoranges",
)


def _fruits(data: Path) -> Readings:
    """Class folders of two parts; screen shots, turned by what the name says, with blanks in their names; from memory."""
    made, turns = Builder(data), ("", "rotated_by_15_", "rotated_by_45_", "vertical_flip_")
    for part, n in (("train", 8), ("test", 3)):
        for place, label in enumerate(FRUITS):
            names = [
                f"{turns[k % 4]}Screen Shot 2018-06-{8 + k % 5:02d} at {1 + place}.{k * 7 % 60:02d}.{n * 3 + k:02d} PM.png"
                for k in range(n)
            ]
            _photos(
                made, [f"dataset/{part}/{label}/{one}" for one in names], label, (36, 36 + place)
            )
    return (_reading(made, LABELS, test=_inside("dataset/test"), classes=FRUITS),)


def _lungs_of_iraq(data: Path) -> Readings:
    """Class folders of several words, one of them misspelt; a number in brackets; a text; from memory of the data page."""
    made, top = (
        Builder(data),
        "The IQ-OTHNCCD lung cancer dataset/The IQ-OTHNCCD lung cancer dataset",
    )
    kinds = ("Bengin", "Malignant", "Normal")
    classes = tuple(f"{one} cases" for one in kinds)
    for kind, label, n in zip(kinds, classes, (8, 18, 14), strict=True):
        names = [f"{kind} case ({k + 1}).jpg" for k in range(n)]
        _photos(made, [f"{top}/{label}/{one}" for one in names], label, (48, 48))
    made.text(
        f"{top}/IQ-OTH_NCCD lung cancer dataset.txt",
        "The Iraq-Oncology Teaching Hospital/National Center for Cancer Diseases lung cancer dataset was collected over a period of three months in fall 2019.\nThe cases are grouped into three classes: normal, benign, and malignant.\n",
    )
    return (_reading(made, LABELS, classes=classes),)


SCENES = (
    "airplane",
    "baseball_diamond",
    "circular_farmland",
    "dense_residential",
    "freeway",
    "sea_ice",
    "thermal_power_station",
)


def _scenes_of_nwpu(data: Path) -> Readings:
    """Class folders of words; the class is in the names of images, too; from code of loaders."""
    made = Builder(data)
    for label in SCENES:
        paths = [f"NWPU-RESISC45/{label}/{label}_{k * 11 + 1:03d}.jpg" for k in range(6)]
        _photos(made, paths, label, (48, 48))
    return (_reading(made, LABELS, classes=SCENES),)


def _glaucoma_by_name(data: Path) -> Readings:
    """One folder; a letter in the names of the ill, and none in those of the sound; two endings in capitals; from code."""
    made, ill = Builder(data), dict[str, bool]()
    for k in range(40):
        is_ill = k >= 18
        ending = "JPG" if k >= 38 else "jpg"
        path = f"ACRIMA/Images/Im{k * 17 + 1:03d}{'_g' if is_ill else ''}_ACRIMA.{ending}"
        _photos(made, [path], None, (44, 44 + k % 3))
        ill[path] = is_ill
    found = list[LayoutTruth]()
    for names in (
        ("normal", "glaucoma"),
        ("0", "1"),
        ("", "g"),
        ("ACRIMA", "g"),
        ("ACRIMA", "g_ACRIMA"),
    ):
        truth = _reading(made, TWO, classes=names)
        found.append(_labelled(truth, {path: names[one] for path, one in ill.items()}))
    return tuple(found)


OF_BODY = ("hand", "leg", "hip", "shoulder", "mixed")


def _fractures(data: Path) -> Readings:
    """Two class folders; a table of body parts, the class and more; outlines of the fractures as COCO, and a split of these alone; from memory of the data page and code."""
    made, cells, top = Builder(data), [], "FracAtlas"
    images, shapes = list[dict[str, Any]](), list[dict[str, Any]]()
    broken, whole = "Fractured", "Non_fractured"
    size, in_table = WIDE, dict[str, str]()
    for k in range(44):
        label, name = broken if k % 3 == 1 else whole, f"IMG{k * 93:07d}.jpg"
        boxes = _boxes(made, size, 1 + k % 2) if label == broken else []
        objects = tuple((0, _rectangle(size, *box)) for box in boxes) if boxes else None
        path = f"{top}/images/{label}/{name}"
        made.image(path, TrueSample(size, label, objects=objects), part="train")
        in_table[path] = str(int(label == broken))
        body = [int(n == k * 3 % 5) for n in range(5)]
        views = [int(n == k % 3) for n in range(3)]
        row = [*body, int(k % 11 == 4), int(k % 7 == 2), int(label == broken), len(boxes), *views]
        cells.append([name, *map(str, row)])
        if not boxes:
            continue
        images.append(
            {"id": len(images), "width": 48, "height": 40, "file_name": name, "license": None}
        )
        shapes += [
            {
                "id": len(shapes) + n,
                "image_id": len(images) - 1,
                "category_id": 1,
                "segmentation": [[float(one) for xy in _corners(box) for one in xy]],
                "area": float(box[2] * box[3]),
                "bbox": [float(one) for one in box],
                "iscrowd": 0,
            }
            for n, box in enumerate(boxes)
        ]
        _lines(
            made,
            f"{top}/Annotations/YOLO/{name[:-4]}.txt",
            [
                f"0 {(left + wide / 2) / 48:.6f} {(up + tall / 2) / 40:.6f} {wide / 48:.6f} {tall / 40:.6f}"
                for left, up, wide, tall in boxes
            ],
        )
    header = ["image_id", *OF_BODY, "hardware", "multiscan", "fractured", "fracture_count"]
    made.table(f"{top}/dataset.csv", [*header, "frontal", "lateral", "oblique"], cells)
    content = {"info": {"description": "FracAtlas"}, "images": images, "annotations": shapes}
    kinds_of = [{"id": 1, "name": "fractured"}]
    _json(
        made,
        f"{top}/Annotations/COCO JSON/COCO_fracture_masks.json",
        {**content, "categories": kinds_of},
    )
    split = dict[str, list[str]]()
    for n, one in enumerate(images):
        split.setdefault(("train", "train", "train", "valid", "test")[n % 5], []).append(
            str(one["file_name"])
        )
    for part, names in split.items():
        header = ["image_id"]
        made.table(f"{top}/Utilities/Fracture Split/{part}.csv", header, [[one] for one in names])
    found = list[LayoutTruth]()
    for classes, labels in (((broken, whole), None), (("0", "1"), in_table)):
        truth = _reading(made, {**TWO, **OBJECTS}, classes=classes, mask_classes=["fractured"])
        truth = _labelled(truth, labels) if labels else truth
        masks = _whole(truth)
        found += [truth, replace(masks, kinds={**truth.kinds, **masks.kinds})]
    single = _reading(
        made, OBJECTS, out=_inside(f"{top}/images/{whole}"), mask_classes=["fractured"]
    )
    return (*found, single, _whole(single))


def _ages_of_asia(data: Path) -> Readings:
    """A folder an age, and in it one of 111 for men and of 112 for women; a text of all paths; from a listing."""
    made, top, years = Builder(data), "AFAD-Full", range(15, 41, 3)
    ages, sexes, lines = dict[str, float](), dict[str, str](), []
    for age in years:
        for sex in ("111", "112"):
            for k in range(3):
                below = f"{age}/{sex}/{age * 13090 + k * 771 + int(sex)}-{k % 2}.jpg"
                path = f"{top}/{below}"
                _photos(made, [path], float(age), (36 + k, 40))
                ages[path], sexes[path] = float(age), sex
                lines.append(f"./{below}")
    _lines(made, f"{top}/AFAD-Full.txt", lines)
    made.text(
        f"{top}/README.md",
        "# The Asian Face Age Dataset (AFAD)\n\nThe first level of folders is the age, the second the gender: 111 is male and 112 is female.\n",
    )
    numbers = _reading(made, NUMBER)
    ranks = _reading(made, RANKS, classes=map(str, years))
    of_sex = _reading(made, TWO, classes=("111", "112"))
    return (
        numbers,
        _labelled(ranks, {path: str(int(one)) for path, one in ages.items()}),
        _labelled(of_sex, sexes),
    )


def _decades(data: Path) -> Readings:
    """Class folders of decades, deep below; names with brackets and the like; from memory of the readme."""
    made, top = Builder(data), "HistoricalColor-ECCV2012"
    classes = tuple(f"19{n}0s" for n in range(3, 8))
    for place, label in enumerate(classes):
        for k in range(8):
            name = f"{2179000 + k * 911 + place}_{hex_name('decade', place, k)}_o.jpg"
            path = f"{top}/data/imgs/decade_database/{label}/{name}"
            _photos(made, [path], label, (34 + k % 5, 48))
    made.text(
        f"{top}/README.txt",
        "Dating historical color images (ECCV 2012)\n\nThe data set has 1325 images of the five decades from the 1930s to the 1970s, 265 of each.\n",
    )
    return (_reading(made, RANKS, classes=classes),)


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
        _photos(made, [path], frozenset(has) & frozenset(SUBJECTS), (36 + k % 4, 48))
        of[path] = frozenset(has)
        made.text(f"mirflickr/meta/tags/tags{k}.txt", "\n".join(("nikon", "sky", f"d{k}")) + "\n")
    for one in every:
        _lines(made, f"mirflickr25k_annotations_v080/{one}.txt", map(str, known.get(one, [])))
    made.text(
        "mirflickr25k_annotations_v080/README.txt",
        "MIRFLICKR-25000 annotations, version 0.80\n\nEach file lists the numbers of the images in which the subject can be seen.\nThe files with _r1 list those in which it is salient.\n",
    )
    plain = _reading(made, SEVERAL, classes=SUBJECTS)
    return plain, _labelled(replace(plain, classes=tuple(every)), of)


APPARELS = (
    "black_dress",
    "black_pants",
    "black_shirt",
    "blue_dress",
    "blue_shirt",
    "red_dress",
    "red_pants",
    "white_shoes",
)


def _apparels(data: Path) -> Readings:
    """Class folders of a colour and a garment; names of hexadecimal letters; from memory of the data page."""
    made, both = Builder(data), dict[str, Label]()
    for label in APPARELS:
        for k in range(6):
            path = (
                f"{label}/{hex_name('apparel', label, k, length=40)}.{'png' if k == 5 else 'jpg'}"
            )
            _photos(made, [path], label, (44, 34 + k))
            both[path] = frozenset(label.split("_"))
    one = _reading(made, LABELS, classes=APPARELS)
    words = sorted({word for label in APPARELS for word in label.split("_")})
    return one, _labelled(_reading(made, SEVERAL, classes=words), both)


# Data sets: masks


def _pedestrians(data: Path) -> Readings:
    """Numbers of people in masks with an end of their own; a text of boxes an image; from a listing and memory."""
    made, top = Builder(data), "PennFudanPed"
    for k in range(34):
        name = f"{'FudanPed' if k < 15 else 'PennPed'}{k + 1:05d}"
        size = (40 + k % 4, 48)
        planes = draw_objects(made.random, size, 1 + k % 3)
        numbers = np.zeros(size, dtype=np.uint8)
        for place, plane in enumerate(planes, start=1):
            numbers[plane] = place
        objects = tuple((0, plane) for plane in planes)
        made.image(f"{top}/PNGImages/{name}.png", TrueSample(size, objects=objects), part="train")
        save_pixels(data / f"{top}/PedMasks/{name}_mask.png", numbers)
        lines = [
            "# Compatible with PASCAL Annotation Version 1.00",
            f'Image filename : "PennFudanPed/PNGImages/{name}.png"',
            f"Image size (X x Y x C) : {size[1]} x {size[0]} x 3",
            'Database : "The Penn-Fudan-Pedestrian Database"',
            f"Objects with ground truth : {len(planes)} {{ {' '.join(['PASpersonWalking'] * len(planes))} }}".replace(
                "PASpersonWalking", '"PASpersonWalking"'
            ),
        ]
        for place, plane in enumerate(planes, start=1):
            rows, columns = np.nonzero(plane)
            lines += [
                f'# Details for pedestrian {place} ("PASpersonWalking")',
                f'Bounding box for object {place} "PASpersonWalking" (Xmin, Ymin) - (Xmax, Ymax) : ({columns.min() + 1}, {rows.min() + 1}) - ({columns.max() + 1}, {rows.max() + 1})',
                f'Pixel mask for object {place} "PASpersonWalking" : "PennFudanPed/PedMasks/{name}_mask.png"',
            ]
        _lines(made, f"{top}/Annotation/{name}.txt", lines)
    _lines(made, f"{top}/added-object-list.txt", ["FudanPed00002 1", "PennPed00021 2"])
    made.text(
        f"{top}/readme.txt",
        "The Penn-Fudan pedestrian database\n\nPNGImages holds the images, PedMasks a mask of each: zeros are background, each other number a pedestrian.\n",
    )
    single = _reading(made, OBJECTS, mask_classes=[""])
    return single, _whole(single)


def _balloons(data: Path) -> Readings:
    """Outlines in a JSON of the VIA tool, in the folder of the images; two parts; from code."""
    made = Builder(data)
    for part, n in (("train", 30), ("val", 10)):
        content = dict[str, Any]()
        for k in range(n):
            name = f"{24631331976 + k * 91 + n}_{hex_name('balloon', part, k)}_b.jpg"
            boxes, path = _boxes(made, WIDE, 1 + k % 3), f"balloon/{part}/{name}"
            objects = tuple((0, _rectangle(WIDE, *box)) for box in boxes)
            made.image(path, TrueSample(WIDE, objects=objects), part="train")
            weight = (data / path).stat().st_size
            regions = {
                str(place): {
                    "shape_attributes": {
                        "name": "polygon",
                        "all_points_x": [x for x, _ in _corners(box)],
                        "all_points_y": [y for _, y in _corners(box)],
                    },
                    "region_attributes": {},
                }
                for place, box in enumerate(boxes)
            }
            content[f"{name}{weight}"] = {
                "fileref": "",
                "size": weight,
                "filename": name,
                "base64_img_data": "",
                "file_attributes": {},
                "regions": regions,
            }
        _json(made, f"balloon/{part}/via_region_data.json", content)
    single = _reading(made, OBJECTS, test=_inside("balloon/val"), mask_classes=[""])
    return single, _whole(single)


DRIVING = ((64, 32, 32), (255, 0, 0), (128, 128, 96), (0, 255, 102), (204, 0, 255))
"""The road, the lines on it, where no car can go, what moves, and the own car."""


def _drives_of_comma(data: Path) -> Readings:
    """Long names of frames, the same for masks of five colours; a readme tells the colours; from the readme and memory."""
    made, size = Builder(data), WIDE
    colours = np.array(DRIVING, dtype=np.uint8)
    for k in range(34):
        places = draw_class_map(made.random, size, 5, fill=True)
        day = f"2018-{1 + k % 12:02d}-{1 + k * 7 % 28:02d}--{k * 5 % 24:02d}-{k * 11 % 60:02d}-{k * 13 % 60:02d}"
        name = (
            f"{k * 29:04d}_{hex_name('comma', k % 7, length=16)}_{day}_{k % 40}_{k * 71 % 1200}.png"
        )
        made.image(f"imgs/{name}", TrueSample(size, planes=_planes_of(places, 5)), part="train")
        save_pixels(data / f"masks/{name}", colours[places - 1])
    made.text(
        "README.md",
        "# comma10k\n\nimgs/ -- the images\nmasks/ -- the segmentation masks\n\n## Categories of internal segnet\n\n 1 - #402020 - road (all parts, anywhere nobody would look at you funny for driving)\n 2 - #ff0000 - lane markings (don't include non lane markings like turn arrows and crosswalks)\n 3 - #808060 - undrivable\n 4 - #00ff66 - movable (vehicles and people/animals)\n 5 - #cc00ff - my car (and anything inside it, including wires, mounts, etc.)\n",
    )
    given = _reading(made, MULTI, mask_classes=[""] * 5)
    by_colour = sorted(range(5), key=lambda place: DRIVING[place])
    return _reordered(given, by_colour), given


OFF_ROAD = (
    (255, 255, 255),
    (178, 176, 153),
    (128, 255, 0),
    (156, 76, 30),
    (255, 0, 128),
    (255, 0, 0),
    (0, 160, 0),
    (40, 80, 0),
    (1, 88, 255),
)
"""Nothing, smooth trail, grass, rough trail, puddles, obstacles, low plants, high plants, the sky."""


def _trails_of_yamaha(data: Path) -> Readings:
    """A folder an image, with a photo and a mask of the same names in each, numbers with a palette; two parts; from a listing."""
    made, size, top = Builder(data), WIDE, "yamaha_v0"
    for part, first, n in (("train", 0, 28), ("valid", 839, 9)):
        for k in range(n):
            used = np.array([0, 7, 8, *((k * 3 + n) % 6 + 1 for n in range(3))], dtype=np.uint8)
            numbers = used[draw_class_map(made.random, size, 6, fill=True) - 1]
            folder = f"{top}/{part}/iid{first + k * 13:06d}"
            true = TrueSample(size, planes=tuple(numbers == place for place in range(1, 9)))
            made.image(f"{folder}/rgb.jpg", true, part="train")
            image = Image.fromarray(numbers, mode="P")
            image.putpalette([one for colour in OFF_ROAD for one in colour])
            image.save(data / f"{folder}/labels.png")
    names = [str(place) for place in range(1, 9)]
    plain = _reading(made, MULTI, test=_inside(f"{top}/valid"), mask_classes=names)
    void = {
        path: replace(one, ignored=~np.any(one.planes, axis=0)) if one.planes else one
        for path, one in plain.train.items()
    }
    return plain, replace(plain, train=void), _grounded(plain)


def _commutators(data: Path) -> Readings:
    """A folder an object, with eight surfaces and a mask of each, told by the end of its name; from memory of the data."""
    made = Builder(data)
    for item in range(1, 8):
        for k in range(8):
            plane = np.zeros(WIDE, dtype=bool)
            if k == item % 8:
                plane = draw_plane(made.random, WIDE)
            path = f"kos{item:02d}/Part{k}.jpg"
            _grey(made, path, TrueSample(WIDE, planes=(plane,)))
            _grey_mask(data / f"kos{item:02d}/Part{k}_label.bmp", plane)
    return (_reading(made, ONE_MASK, mask_classes=[""]),)


def _hair(data: Path) -> Readings:
    """Images and masks end in a word each; masks are PBM, one of them twice; from code."""
    made, top = Builder(data), "Figaro1k"
    for part, first, n in (("Training", 1, 30), ("Testing", 106, 10)):
        for k in range(n):
            name, size = f"Frame{first + k * 3:05d}", (40, 40 + k % 4)
            plane = draw_plane(made.random, size)
            path = f"{top}/Original/{part}/{name}-org.jpg"
            made.image(path, TrueSample(size, planes=(plane,)), part="train")
            ends = ("-gt", "-gt(1)") if part == "Training" and k == 7 else ("-gt",)
            for end in ends:
                to = data / f"{top}/GT/{part}/{name}{end}.pbm"
                to.parent.mkdir(parents=True, exist_ok=True)
                # White is 0 in a PBM, and hair is white.
                Image.fromarray(plane.astype(np.uint8) * 255).convert("1").save(to)
    return (_reading(made, ONE_MASK, test=_inside(f"{top}/Original/Testing"), mask_classes=[""]),)


def _fish_of_taiwan(data: Path) -> Readings:
    """Class folders of numbers, and those of masks beside, which begin with another word; from code."""
    made, classes = Builder(data), tuple(f"fish_{n:02d}" for n in (1, 2, 3, 7, 15))
    for place, label in enumerate(classes):
        for k in range(8):
            size = (24 + k, 26 + place)
            name = f"{9598 + k * 211 + place:012d}_{5281 + k * 17:05d}.png"
            plane = draw_plane(made.random, size)
            true = TrueSample(size, label, planes=(plane,))
            made.image(f"fish_image/{label}/fish_{name}", true, part="train")
            _grey_mask(data / f"mask_image/{label.replace('fish', 'mask')}/mask_{name}", plane)
    kinds = {**LABELS, **ONE_MASK}
    truth = _reading(made, kinds, classes=classes, mask_classes=[""])
    return (truth,)


def _salient_things(data: Path) -> Readings:
    """Photos and masks by the same numbers, in two folders; from memory of the loaders."""
    made, top = Builder(data), "ECSSD"
    for k in range(1, 37):
        size = (36, 48) if k % 3 else (48, 36)
        plane = draw_plane(made.random, size)
        true = TrueSample(size, planes=(plane,))
        made.image(f"{top}/images/{k * 7:04d}.jpg", true, part="train")
        _grey_mask(data / f"{top}/ground_truth_mask/{k * 7:04d}.png", plane)
    return (_reading(made, ONE_MASK, mask_classes=[""]),)


TWELFTH_COMPETITIONS = (
    DataSet("ifood-2019-fgvc6", "code", _dishes, doubt="values of the samples"),
    DataSet(
        "semi-conductor-image-classification-first",
        "code and memory",
        _chips,
        doubt="names of the images, and whether ids have an ending",
    ),
    DataSet("dacon-rock-classification", "code and memory", _rocks),
    DataSet("dacon-4d-block-structure", "code and memory", _blocks),
    DataSet("dacon-tourism-2022", "code", _sights_of_korea, doubt="value of the sample"),
    DataSet("aicup-2020-mango-grades", "code and memory", _mangoes, doubt="folder of test"),
    DataSet("tbrain-orchids-2022", "code", _orchids),
    DataSet(
        "signate-image-labelling-10",
        "code and memory",
        _things_of_signate,
        doubt="names of folders",
    ),
    DataSet("birds23sp", "code and memory", _birds_of_a_course, doubt="paths of labels.csv"),
    DataSet("uva-food-recognition", "page", _dishes_of_a_course, doubt="values of the sample"),
    DataSet(
        "aaltoes-2025-computer-vision-v-1", "page and code", _inpainted, doubt="names of the images"
    ),
    DataSet("breastpathq-2018", "memory", _cellularity, doubt="folder of test"),
    DataSet("goals-2022", "code and memory", _layers_of_retinas),
    DataSet("segpc-2021", "memory", _plasma_cells),
    DataSet("tn-scui-2020", "code and memory", _thyroids, doubt="names of folders"),
    DataSet("capsule-vision-2024", "page and code", _capsules, doubt="names of the images"),
    DataSet(
        "suadd-2023-semantic-segmentation",
        "page and memory",
        _ground_from_drones,
        has_test=False,
        doubt="names of the images",
    ),
    DataSet("visual-taxonomy-2024", "code", _garments, refusal=ANY, doubt="the sample"),
    DataSet("stable-diffusion-image-to-prompts", "memory", _prompts, refusal=ANY),
)
"""Competitions of `DataSet` form, so that several readings may be right, and nothing need be sent."""

TWELFTH_DATA_SETS = (
    DataSet("Natural images", "memory", _natural_images, has_test=False),
    DataSet("Animal faces", "memory", _animal_faces),
    DataSet("MNIST as JPEG", "memory", _digits_as_jpeg),
    DataSet("Fresh and rotten fruits", "memory", _fruits),
    DataSet("IQ-OTH/NCCD lungs", "memory", _lungs_of_iraq, has_test=False, doubt="text beside"),
    DataSet("NWPU-RESISC45", "code", _scenes_of_nwpu, has_test=False),
    DataSet("ACRIMA", "code", _glaucoma_by_name, has_test=False),
    DataSet("FracAtlas", "code and memory", _fractures, has_test=False),
    DataSet("AFAD", "code", _ages_of_asia, has_test=False, doubt="text of the paths"),
    DataSet(
        "Historical colour photos", "memory", _decades, has_test=False, doubt="names of images"
    ),
    DataSet("MIRFLICKR-25000", "memory", _photos_of_flickr, has_test=False),
    DataSet("Apparel images", "memory", _apparels, has_test=False),
    DataSet("Penn-Fudan pedestrians", "code and memory", _pedestrians, has_test=False),
    DataSet("Balloons", "code", _balloons),
    DataSet("comma10k", "page and memory", _drives_of_comma, has_test=False),
    DataSet("Yamaha off-road", "page", _trails_of_yamaha),
    DataSet("KolektorSDD", "memory", _commutators, has_test=False),
    DataSet("Figaro1k", "code", _hair),
    DataSet("Fish4Knowledge", "code", _fish_of_taiwan, has_test=False),
    DataSet("ECSSD", "memory", _salient_things, has_test=False),
)
