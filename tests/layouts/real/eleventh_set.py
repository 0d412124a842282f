# ruff: noqa: E501  # rows of tables as their files have them
"""An eleventh set of real competitions and public data sets, written without a look at what is read.

A layout is never bent toward what podium reads; where podium is mended because of one, it has become
one of development.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image

from layouts.drawing import Size, draw_class_map, draw_objects, draw_plane, save_pixels
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
    _reading,
)
from layouts.real.eighth_set import _rectangle, _save_tiff, _with_and_without
from layouts.real.made import Builder, hex_name
from layouts.real.ninth_set import _whole
from layouts.real.second_set import MULTI, _json, _no_file
from layouts.real.third_set import NUMBER, RANKS, SEVERAL
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["ELEVENTH_COMPETITIONS", "ELEVENTH_DATA_SETS"]

ANY = "."
"""Any refusal is right: there is nothing in the data that podium is for."""
WIDE = (40, 48)
OBJECTS = {"segment": "instance"}


def _uuid(*parts: object) -> str:
    name = hex_name("eleventh", *parts, length=32)
    return "-".join((name[:8], name[8:12], name[12:16], name[16:20], name[20:]))


def _any_of(*tests: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda path: any(test(path) for test in tests)


def _boxes(made: Builder, size: Size, n: int) -> list[tuple[int, int, int, int]]:
    """Return (left, top, wide, tall) of rectangles that do not touch: one in each cell of a grid."""
    half_tall, half_wide = size[0] // 2, size[1] // 2
    cells = [(top, left) for top in (0, half_tall) for left in (0, half_wide)]
    found = []
    for place in made.random.permutation(4)[:n]:
        top, left = cells[place]
        wide, tall = (int(made.random.integers(5, edge - 4)) for edge in (half_wide, half_tall))
        found.append(
            (
                left + int(made.random.integers(1, half_wide - wide - 1)),
                top + int(made.random.integers(1, half_tall - tall - 1)),
                wide,
                tall,
            )
        )
    return found


def _corners(box: tuple[int, int, int, int]) -> list[tuple[int, int]]:
    left, top, wide, tall = box
    return [(left, top), (left + wide, top), (left + wide, top + tall), (left, top + tall)]


def _bands(made: Builder, path: str, size: Size, n: int, true: TrueSample, part: str) -> None:
    """Write a TIFF of many channels of real numbers."""
    deep = made.random.uniform(0, 4000, (*size, n)).astype(np.float32)
    (made.data / path).parent.mkdir(parents=True, exist_ok=True)
    tifffile.imwrite(made.data / path, deep, photometric="minisblack", planarconfig="contig")
    (made.train if part == "train" else made.test)[path] = true


def _without_the_first(truth: LayoutTruth) -> LayoutTruth:
    """Return the truth with the complement of its one mask."""
    train = {
        path: replace(one, planes=(~one.planes[0],)) if one.planes else one
        for path, one in truth.train.items()
    }
    return replace(truth, train=train)


def _grounded(truth: LayoutTruth) -> LayoutTruth:
    """Return the truth with the pixels of no class as a class before the others."""
    train = {
        path: replace(one, planes=(~np.any(one.planes, axis=0), *one.planes)) if one.planes else one
        for path, one in truth.train.items()
    }
    return replace(truth, train=train, mask_classes=("0", *truth.mask_classes))


# Competitions


def _feathers(data: Path) -> Readings:
    """Paths that begin with a slash, in folders twice the same; a table of test with dummy labels."""
    made, cells, tests, rows = Builder(data), [], [], list[tuple[str, ...]]()
    classes = tuple(str(n) for n in range(1, 9))
    for k in range(40):
        label = classes[k // 5]
        _photos(made, [f"train_images/train_images/{k + 1}.jpg"], label, (36 + k % 5, 48))
        cells.append([f"/train_images/{k + 1}.jpg", label])
    for k in range(16):
        label = classes[k * 3 % 8]
        true = TrueSample((36 + k % 3, 48), label)
        made.image(f"test_images/test_images/{k + 1}.jpg", true, part="test")
        tests.append([str(k + 1), f"/test_images/{k + 1}.jpg", "1"])
        rows.append((str(k + 1), label))
    made.table("train_images.csv", ["image_path", "label"], cells)
    made.table("test_images_path.csv", ["id", "image_path", "label"], tests)
    columns = {"id": "key", "label": "text"}
    made.table("test_images_sample.csv", list(columns), [[one, "1"] for one, _ in rows])
    birds = [f"{one}_Albatross" for one in ("Black_footed", "Laysan", "Sooty")]
    birds += ["Groove_billed_Ani"]
    birds += [f"{one}_Auklet" for one in ("Crested", "Least", "Parakeet", "Rhinoceros")]
    names = {f"{n:03d}.{one}": n for n, one in enumerate(birds, start=1)}
    np.save(data / "class_names.npy", np.array(names, dtype=object), allow_pickle=True)
    np.save(data / "attributes.npy", made.random.random((8, 312)))
    kinds = ("dagger", "hooked", "needle", "cone")
    _lines(
        made,
        "attributes.txt",
        [f"{n + 1} has_bill_shape::{kinds[n % 4]}_{n}" for n in range(312)],
    )
    return (made.truth(LABELS, columns, rows, classes=classes),)


def _hindi(data: Path) -> Readings:
    """The class is a vowel and a consonant in the names of images; numbers in test."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    classes = tuple(f"V{vowel}_C{consonant}" for vowel in range(3) for consonant in range(4))
    for place, label in enumerate(classes):
        _photos(
            made,
            [f"train/train/{label}_{k * 13 + place}.png" for k in range(4)],
            label,
            (48, 48),
        )
    for k in range(14):
        label = classes[k * 5 % 12]
        made.image(f"test/test/{k}.png", TrueSample((48, 48), label), part="test")
        rows.append((f"{k}.png", label))
    columns = {"ImageId": "key", "Class": "text"}
    made.table("sample_submission.csv", list(columns), [[one, "V0_C0"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=classes),)


def _fake_scenes(data: Path) -> Readings:
    """Words for labels, one of them Spanish; the probability of the real is sent."""
    made, cells, rows = Builder(data), [], list[tuple[str, ...]]()
    classes = ("editada", "real")
    for k in range(36):
        label = classes[k * 3 % 7 % 2]
        _photos(made, [f"Train/{k + 1}.jpg"], label, WIDE)
        cells.append([f"{k + 1}.jpg", label])
    for k in range(14):
        prob = round(float(made.random.uniform(0.01, 0.99)), 3)
        true = TrueSample(WIDE, classes[k % 2], {"editada": round(1 - prob, 3), "real": prob})
        made.image(f"Test/{k + 1}.jpg", true, part="test")
        rows.append((f"{k + 1}.jpg", repr(prob)))
    columns = {"image": "key", "label": "number"}
    made.table("train.csv", list(columns), cells)
    made.table("sample_submission.csv", list(columns), [[one, "1"] for one, _ in rows])
    return (made.truth({"classify": "binary"}, columns, rows, classes=classes),)


def _defects_of_aidea(data: Path) -> Readings:
    """The table of test has an empty column of labels, and is what is to be filled and sent."""
    made, cells, rows = Builder(data), [], list[tuple[str, ...]]()
    for k in range(50):
        part, label = "train" if k < 36 else "test", str((0, 1, 3, 5, 0, 2, 4)[k * 3 % 7])
        name = f"{part}_{k if k < 36 else k - 36:05d}.png"
        pixels = made.random.integers(60, 190, (48, 48)).astype(np.uint8)
        made.image(f"{part}_images/{name}", TrueSample((48, 48), label), part=part, pixels=pixels)
        if part == "train":
            cells.append([name, label])
        else:
            rows.append((name, label))
    columns = {"ID": "key", "Label": "text"}
    made.table("train.csv", list(columns), cells)
    made.table("test.csv", list(columns), [[one, ""] for one, _ in rows])
    truth = made.truth(LABELS, columns, rows, classes=tuple("012345"))
    return truth, _no_file(truth)


def _landmarks_of_seoul(data: Path) -> Readings:
    """Names of both parts are the same; endings in capitals."""
    made, cells, rows = Builder(data), [], list[tuple[str, ...]]()
    classes = tuple("0123456789")
    for k in range(40):
        label = classes[k * 7 % 10]
        _photos(made, [f"train/{k + 1:03d}.PNG"], label, (48, 48))
        cells.append([f"{k + 1:03d}.PNG", label])
    for k in range(14):
        label = classes[k * 3 % 10]
        made.image(f"test/{k + 1:03d}.PNG", TrueSample((48, 48), label), part="test")
        rows.append((f"{k + 1:03d}.PNG", label))
    columns = {"file_name": "key", "label": "text"}
    made.table("train.csv", list(columns), cells)
    made.table("test.csv", ["file_name"], [[one] for one, _ in rows])
    made.table("sample_submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=classes),)


PLACES_OF_KOREA = (
    ("가평시", "가평자라섬"),
    ("부산시", "사직야구장"),
    ("부산시", "광안대교"),
    ("서울시", "남산서울타워"),
    ("서울시", "경복궁"),
    ("대전시", "엑스포과학공원"),
)


def _landmarks_of_korea(data: Path) -> Readings:
    """A folder a town and in it one a landmark, in Korean; numbers in a table; a confidence is sent."""
    made, cells, rows = Builder(data), [], list[tuple[str, ...]]()
    for place, (town, landmark) in enumerate(PLACES_OF_KOREA):
        for k in range(7):
            name = f"{landmark}_{k * 3 + 1:03d}_{16010000 + place * 977 + k * 31}"
            _photos(made, [f"train/{town}/{landmark}/{name}.JPG"], str(place), (36, 48))
            cells.append([name, str(place)])
    for k in range(14):
        name, label = hex_name("korea", k), str(k * 5 % 6)
        made.image(f"test/{k % 3}/{name}.JPG", TrueSample((36, 48), label), part="test")
        rows.append((name, label, "0"))
    made.table("train.csv", ["id", "landmark_id"], cells)
    names = [one for _, one in PLACES_OF_KOREA]
    made.table(
        "category.csv",
        ["landmark_id", "landmark_name"],
        [[str(n), one] for n, one in enumerate(names)],
    )
    _json(made, "category.json", {one: n for n, one in enumerate(names)})
    columns = {"id": "key", "landmark_id": "text", "conf": "free"}
    made.table("sample_submission.csv", list(columns), [[one, "0", "0"] for one, *_ in rows])
    return (made.truth(LABELS, columns, rows, classes=tuple("012345")),)


def _landslides(data: Path) -> Readings:
    """Arrays of twelve channels of two satellites, the channels last."""
    made, cells, rows, size = Builder(data), [], list[tuple[str, ...]](), (32, 32)
    for k in range(46):
        part, label = "train" if k < 34 else "test", str(int(k * 3 % 11 < 3))
        name = f"ID_{hex_name('landslide', k, length=6).upper()}"
        path = f"{part}_data/{name}.npy"
        (data / path).parent.mkdir(parents=True, exist_ok=True)
        np.save(data / path, made.random.normal(size=(*size, 12)).astype(np.float32))
        (made.train if part == "train" else made.test)[path] = TrueSample(size, label)
        if part == "train":
            cells.append([name, label])
        else:
            rows.append((name, label))
    columns = {"ID": "key", "label": "text"}
    made.table("Train.csv", list(columns), cells)
    made.table("Test.csv", ["ID"], [[one] for one, _ in rows])
    made.table("SampleSubmission.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(TWO, columns, rows, classes=("0", "1")),)


def _traits_of_animals(data: Path) -> Readings:
    """Eighty-five columns of 0 and 1, which have numbers and no names."""
    made, cells, rows = Builder(data), [], list[tuple[str, ...]]()
    top, classes = "DL3 Dataset", tuple(f"attrib_{n:02d}" for n in range(1, 86))
    kinds = made.random.random((9, 85)) < 0.35
    for n in range(85):
        kinds[n % 9, n], kinds[(n + 1) % 9, n] = True, False
    for k in range(50):
        part = "train" if k < 36 else "test"
        has = kinds[k * 4 % 9]
        label = frozenset(one for one, bit in zip(classes, has, strict=True) if bit)
        name = f"Image-{k * 3 + 1}.jpg"
        made.image(f"{top}/{part}_img/{name}", TrueSample((36 + k % 4, 48), label), part=part)
        row = (name, *(str(int(bit)) for bit in has))
        if part == "train":
            cells.append(row)
        else:
            rows.append(row)
    columns = {"Image_name": "key", **dict.fromkeys(classes, "number")}
    made.table(f"{top}/meta-data/train.csv", list(columns), cells)
    made.table(f"{top}/meta-data/test.csv", ["Image_name"], [one[:1] for one in rows])
    made.table(
        f"{top}/meta-data/sample_submission.csv",
        list(columns),
        [[one[0], *("0" if n % 3 else "1" for n in range(85))] for one in rows],
    )
    return (made.truth(SEVERAL, columns, rows, classes=classes),)


FASHIONS = ("8", "17", "53", "62", "66", "95", "105", "137", "153", "171")


def _fashions_of_2018(data: Path) -> Readings:
    """JSON of lists of labels and of addresses; the numbers of images begin anew in each part."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    for part, n in (("train", 34), ("validation", 8), ("test", 12)):
        images, known = [], []
        for k in range(1, n + 1):
            label = [one for one in FASHIONS if made.random.random() < 0.35] or ["66"]
            true = TrueSample((48, 36 + k % 3), frozenset(label))
            side = "test" if part == "test" else "train"
            made.image(f"{part}/{k}.jpg", true, part=side)
            address = (
                f"https://contestimg.wish.com/api/webimage/{hex_name(part, k, length=24)}-large"
            )
            images.append({"url": address, "imageId": str(k)})
            known.append({"labelId": label, "imageId": str(k)})
            if part == "test":
                rows.append((str(k), " ".join(label)))
        content: dict[str, Any] = {"images": images}
        if part != "test":
            content["annotations"] = known
            content["info"] = {"version": 1, "year": 2018, "url": "fgvc5", "contributor": "iMat"}
        _json(made, f"{part}.json", content)
    columns = {"image_id": "key", "label_id": "labels"}
    shown = "95 66 137 17"
    made.table("sample_submission.csv", list(columns), [[one, shown] for one, _ in rows])
    every = made.truth(SEVERAL, columns, rows, classes=FASHIONS)
    train = {path: one for path, one in every.train.items() if path.startswith("train/")}
    return every, replace(every, train=train)


ANIMALS_OF_DEPTH = (
    ("1", "Actiniaria", "Anemone"),
    ("9", "Asteroidea", "Sea star"),
    ("11", "Benthocodon pedunculata", "Worm"),
    ("37", "Chionoecetes tanneri", "Crab"),
    ("51", "Elpidia", "Sea cucumber"),
    ("88", "Funiculina", "Sea pen"),
    ("119", "Heterochone calyx", "Glass sponge"),
)


def _animals_of_the_deep(data: Path) -> Readings:
    """Lists of real numbers in a cell; boxes beside; a number for what is out of the sample."""
    made, cells, rows = Builder(data), [], list[tuple[str, ...]]()
    numbers = tuple(one for one, _, _ in ANIMALS_OF_DEPTH)
    kinds = [
        {"id": int(one), "name": name, "supercategory": kind}
        for one, name, kind in ANIMALS_OF_DEPTH
    ]
    for part, n in (("train", 38), ("eval", 14)):
        images, boxes = list[dict[str, Any]](), list[dict[str, Any]]()
        for k in range(n):
            label = [one for one in numbers if made.random.random() < 0.35] or ["51"]
            name = _uuid("fathomnet", part, k)
            true = TrueSample(WIDE, frozenset(label))
            made.image(f"images/{part}/{name}.png", true, part="test" if part == "eval" else part)
            images.append(
                {
                    "id": k + 1,
                    "width": 48,
                    "height": 40,
                    "file_name": f"{name}.png",
                    "coco_url": f"https://fathomnet.org/static/m3/framegrabs/{name}.png",
                }
            )
            if part == "eval":
                rows.append((name, " ".join(label), "0"))
                continue
            cells.append([name, str([float(one) for one in label])])
            for box, one in zip(_boxes(made, WIDE, 4), label, strict=False):
                boxes.append(
                    {
                        "id": len(boxes) + 1,
                        "image_id": k + 1,
                        "category_id": int(one),
                        "segmentation": [],
                        "area": float(box[2] * box[3]),
                        "bbox": [float(edge) for edge in box],
                        "iscrowd": 0,
                    }
                )
        content = {"info": {"year": "2023"}, "images": images, "annotations": boxes}
        _json(made, f"object_detection/{part}.json", {**content, "categories": kinds})
    made.table("multilabel_classification/train.csv", ["id", "categories"], cells)
    made.table(
        "category_key.csv",
        ["id", "name", "supercat"],
        [list(one) for one in ANIMALS_OF_DEPTH],
    )
    made.text("metric.py", "def score(solution, submission, k=20):\n    return 0.0\n")
    columns = {"id": "key", "categories": "labels", "osd": "free"}
    shown = [[one[0], "1 51 119", "0.5"] for one in rows]
    made.table("sample_submission.csv", list(columns), shown)
    return (made.truth(SEVERAL, columns, rows, classes=numbers),)


DRIVERS = ("plantation", "logging", "mining", "grassland_shrubland")


def _drivers_of_deforestation(data: Path) -> Readings:
    """TIFFs of twelve channels; outlines by name in a JSON, flat lists; a JSON is sent."""
    made, size, known = Builder(data), WIDE, []
    whole = dict[str, TrueSample]()
    for k in range(30):
        boxes = _boxes(made, size, 1 + k % 4)
        shapes = [((k + n * 3) % 4, box) for n, box in enumerate(boxes)]
        planes = [np.zeros(size, dtype=bool) for _ in DRIVERS]
        for kind, box in shapes:
            planes[kind] |= _rectangle(size, *box)
        path = f"train_images/train_{k}.tif"
        _bands(made, path, size, 12, TrueSample(size, planes=tuple(planes)), "train")
        objects = tuple((kind, _rectangle(size, *box)) for kind, box in shapes)
        whole[path] = TrueSample(size, objects=objects)
        known.append(
            {
                "file_name": f"train_{k}.tif",
                "annotations": [
                    {
                        "class": DRIVERS[kind],
                        "segmentation": [float(one) for xy in _corners(box) for one in xy],
                    }
                    for kind, box in shapes
                ],
            }
        )
    _json(made, "train_annotations.json", {"images": known})
    answers = []
    for k in range(10):
        _bands(made, f"evaluation_images/evaluation_{k}.tif", size, 12, TrueSample(size), "test")
        shape = {"class": DRIVERS[k % 4], "segmentation": [3.0, 3.0, 20.0, 3.0, 20.0, 19.0]}
        answers.append({"file_name": f"evaluation_{k}.tif", "annotations": [shape]})
    _json(made, "sample_answer.json", {"images": answers})
    kinds = {"segment": ["multiclass", "multilabel"]}
    by_pixel = _no_file(made.truth(kinds, {}, [], mask_classes=DRIVERS))
    single = _no_file(made.truth(OBJECTS, {}, [], mask_classes=DRIVERS))
    return by_pixel, replace(single, train=whole)


DAMAGES = ("no-damage", "minor-damage", "major-damage", "destroyed")


def _damages(data: Path) -> Readings:
    """Each place before and after; numbers of damages in masks with an end of their own, and outlines."""
    made, size = Builder(data), WIDE
    disasters = ("hurricane-harvey", "santa-rosa-wildfire", "mexico-earthquake")
    for k in range(18):
        stem = f"{disasters[k % 3]}_{k * 37:08d}"
        boxes = _boxes(made, size, 1 + k % 4)
        kinds = [(k + n * 3) % 4 for n in range(len(boxes))]
        for time in ("pre", "post"):
            numbers, shapes = np.zeros(size, dtype=np.uint8), []
            for n, (kind, box) in enumerate(zip(kinds, boxes, strict=True)):
                numbers[_rectangle(size, *box)] = kind + 1 if time == "post" else 1
                about = {"feature_type": "building", "uid": _uuid("xbd", k, n)}
                if time == "post":
                    about["subtype"] = DAMAGES[kind]
                ring = [*_corners(box), _corners(box)[0]]
                text = ", ".join(f"{x}.0 {y}.0" for x, y in ring)
                shapes.append({"properties": about, "wkt": f"POLYGON (({text}))"})
            name = f"{stem}_{time}_disaster"
            planes = tuple(numbers == n for n in range(1, 5))
            made.image(f"train/images/{name}.png", TrueSample(size, planes=planes), part="train")
            save_pixels(data / f"train/targets/{name}_target.png", numbers)
            about_image = {
                "sensor": "GEOEYE01",
                "width": 48,
                "height": 40,
                "disaster": disasters[k % 3],
                "img_name": f"{name}.png",
            }
            content = {"features": {"lng_lat": [], "xy": shapes}, "metadata": about_image}
            _json(made, f"train/labels/{name}.json", content)
    for k in range(7):
        for time in ("pre", "post"):
            path = f"test/images/test_{time}_{k * 13:05d}.png"
            made.image(path, TrueSample(size), part="train")
    found = list[LayoutTruth]()
    for out in (_any_of(), lambda path: "_pre_" in path):
        truth = _reading(
            made, MULTI, test=_inside("test"), out=out, mask_classes=[str(n) for n in range(1, 5)]
        )
        found += [truth, _grounded(truth)]
    return tuple(found)


def _course_of_tsinghua(data: Path) -> Readings:
    """All images in one folder; masks of two of the three parts; texts of numbers for each part."""
    made, size, lists = Builder(data), WIDE, dict[str, list[str]]()
    tests = set[str]()
    for k in range(52):
        part = ("train", "train", "train", "val", "test")[k % 5]
        name = f"{k * 7 + 1:04d}"
        lists.setdefault(part, []).append(name)
        path = f"dataset/images/{name}.jpg"
        if part == "test":
            tests.add(path)
            made.image(path, TrueSample(size), part="train")
            continue
        used = np.array([0, *((k * 3 + n * 7) % 20 + 1 for n in range(3))], dtype=np.uint8)
        numbers = used[draw_class_map(made.random, size, 3, fill=False)]
        planes = tuple(numbers == n for n in range(1, 21))
        made.image(path, TrueSample(size, planes=planes), part="train")
        save_pixels(data / f"dataset/annotations_trainval/{name}.png", numbers)
    for part, names in lists.items():
        _lines(made, f"{part}.txt", names)
    made.text(
        "eval.py", "import numpy as np\n\n\ndef miou(hist):\n    return np.diag(hist).mean()\n"
    )
    numbers_of = [str(n) for n in range(1, 21)]
    vals = {f"dataset/images/{one}.jpg" for one in lists["val"]}
    found = _with_and_without(
        lambda out: [
            _reading(made, MULTI, test=lambda path: path in tests, out=out, mask_classes=numbers_of)
        ],
        lambda path: path in vals,
    )
    return (*found, *(_grounded(one) for one in found))


def _nuclei_of_2018(data: Path) -> Readings:
    """Outlines in an XML beside each image; the folder of test has both in one."""
    made, size = Builder(data), (48, 48)
    for k in range(42):
        is_test = k >= 30
        name = f"TCGA-{18 + k}-{5592 + k * 7}-01{'A-01-TS1' if is_test else 'Z-00-DX1'}"
        boxes = _boxes(made, size, 2 + k % 3)
        objects = tuple((0, _rectangle(size, *box)) for box in boxes)
        if is_test:
            image, marks = f"MoNuSegTestData/{name}.tif", f"MoNuSegTestData/{name}.xml"
        else:
            top = "MoNuSeg 2018 Training Data"
            image, marks = f"{top}/Tissue Images/{name}.tif", f"{top}/Annotations/{name}.xml"
        made.image(image, TrueSample(size, objects=objects), part="train")
        regions = "".join(
            f'<Region Id="{n + 1}" Type="0" Zoom="1" Selected="0" ImageLocation="" ImageFocus="-1" Length="{2 * (box[2] + box[3])}.0" Area="{box[2] * box[3]}.0" Text="" NegativeROA="0" InputRegionId="0" Analyze="1" DisplayId="{n + 1}">\n<Attributes/>\n<Vertices>\n'
            + "".join(f'<Vertex X="{x}.0" Y="{y}.0" Z="0"/>\n' for x, y in _corners(box))
            + "</Vertices>\n</Region>\n"
            for n, box in enumerate(boxes)
        )
        made.text(
            marks,
            '<?xml version="1.0" encoding="UTF-8"?>\n<Annotations MicronsPerPixel="0.252000">\n<Annotation Id="1" Name="" ReadOnly="0" NameReadOnly="0" LineColorReadOnly="0" Incremental="0" Type="4" LineColor="65280" Visible="1" Selected="1" MarkupImagePath="" MacroName="">\n<Attributes>\n<Attribute Name="Description" Id="0" Value=""/>\n</Attributes>\n<Regions>\n<RegionAttributeHeaders>\n<AttributeHeader Id="9999" Name="Region" ColumnWidth="-1"/>\n</RegionAttributeHeaders>\n'
            + regions
            + "</Regions>\n<Plots/>\n</Annotation>\n</Annotations>\n",
        )
    single = _reading(made, OBJECTS, test=_inside("MoNuSegTestData"), mask_classes=[""])
    return single, _whole(single)


POINTS = (
    "neckline_left",
    "neckline_right",
    "center_front",
    "shoulder_left",
    "shoulder_right",
    "armpit_left",
    "armpit_right",
    "waistline_left",
    "waistline_right",
    "cuff_left_in",
    "cuff_left_out",
    "cuff_right_in",
    "cuff_right_out",
    "top_hem_left",
    "top_hem_right",
    "waistband_left",
    "waistband_right",
    "hemline_left",
    "hemline_right",
    "crotch",
    "bottom_left_in",
    "bottom_left_out",
    "bottom_right_in",
    "bottom_right_out",
)


def _points_of_clothes(data: Path) -> Readings:
    """Points with a sign of being seen, three numbers in a cell; a folder a kind of garment."""
    made, kinds = Builder(data), ("blouse", "dress", "outwear", "skirt", "trousers")
    for part, n in (("train", 35), ("test", 15)):
        cells = []
        for k in range(n):
            kind, name = kinds[k % 5], hex_name("fashionai", part, k, length=32)
            path = f"Images/{kind}/{name}.jpg"
            made.image(f"{part}/{path}", TrueSample((48, 48)), part=part)
            marks = [
                f"{3 + place}_{5 + k % 9 + place % 7}_{(k + place) % 2}"
                if (place + k % 5) % 3
                else "-1_-1_-1"
                for place in range(24)
            ]
            cells.append([path, kind, *(marks if part == "train" else [])])
        header = ["image_id", "image_category"]
        if part == "train":
            made.table("train/Annotations/train.csv", [*header, *POINTS], cells)
        else:
            made.table("test/test.csv", header, cells)
    return (_reading(made, {}),)


def _film_of_a_cartoon(data: Path) -> Readings:
    """Two films, and emotions of their frames, which have to be cut out first."""
    made = Builder(data)
    feelings = ("angry", "happy", "sad", "surprised", "Unknown")
    for name in ("Train Tom and jerry.mp4", "Test Tom and Jerry.mp4"):
        (data / "Dataset").mkdir(parents=True, exist_ok=True)
        (data / "Dataset" / name).write_bytes(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0" * 400)
    cells = [[f"frame{k}.jpg", feelings[k * 3 % 5]] for k in range(60)]
    made.table("Dataset/Train.csv", ["Frame_ID", "Emotion"], cells)
    tests = [f"test{k}.jpg" for k in range(30)]
    made.table("Dataset/Test.csv", ["Frame_ID"], [[one] for one in tests])
    made.table(
        "Dataset/Sample_Submission.csv", ["Frame_ID", "Emotion"], [[one, "angry"] for one in tests]
    )
    return (_reading(made, {}),)


def _depths(data: Path) -> Readings:
    """An array of metres for each photo; a text of pairs; packed arrays are sent."""
    made, pairs, tests = Builder(data), [], []
    for k in range(30):
        stem = f"sample_{k * 17:06d}"
        made.image(f"train/train/{stem}_rgb.png", TrueSample(WIDE), part="train")
        depth = made.random.uniform(0.4, 9, WIDE).astype(np.float32)
        np.save(data / f"train/train/{stem}_depth.npy", depth)
        pairs.append(f"{stem}_rgb.png {stem}_depth.npy")
    for k in range(10):
        stem = f"sample_{k * 11:06d}"
        made.image(f"test/test/{stem}_rgb.png", TrueSample(WIDE), part="test")
        tests.append(stem)
    _lines(made, "train_list.txt", pairs)
    _lines(made, "test_list.txt", [f"{one}_rgb.png" for one in tests])
    made.table(
        "sample_submission.csv",
        ["id", "Depths"],
        [[f"{one}_depth", "eJzt0DEBAAAAwqD1T20ND4hAYcCAAQMGDBgwYMCAAQMG"] for one in tests],
    )
    return (_reading(made, {}),)


# Data sets: labels and numbers


def _distortions(data: Path) -> Readings:
    """A score and a name a line; the references have none; more texts of numbers without names."""
    made, lines, top = Builder(data), [], "tid2013"
    scores = []
    for place in (1, 4, 12, 25):
        pixels = made.random.integers(0, 255, (*WIDE, 3)).astype(np.uint8)
        path = f"{top}/reference_images/I{place:02d}.BMP"
        made.image(path, TrueSample(WIDE), part="train", pixels=pixels)
        for kind in (1, 8, 17):
            for level in range(1, 5):
                score = round(float(made.random.uniform(0.3, 7.2)), 5)
                name = f"i{place:02d}_{kind:02d}_{level}.bmp"
                _photos(made, [f"{top}/distorted_images/{name}"], score, WIDE)
                lines.append(f"{score:.5f} {name}")
                scores.append(f"{score:.5f}")
    _lines(made, f"{top}/mos_with_names.txt", lines)
    _lines(made, f"{top}/mos.txt", scores)
    _lines(made, f"{top}/mos_std.txt", [f"{0.1 + n / 400:.5f}" for n in range(len(scores))])
    made.text(
        f"{top}/readme",
        "Tampere image database 2013\n\n25 reference images, 24 types of distortions, 5 levels of each.\nThe number of an image, of a distortion and of its level make up the name of a file.\nmos.txt holds the mean opinion scores.\n",
    )
    return (_reading(made, NUMBER),)


def _soiled_panels(data: Path) -> Readings:
    """The loss and the light are numbers in the names of images, behind a letter each."""
    made, both = Builder(data), dict[str, tuple[float, ...]]()
    days = ("Fri_Jun_16", "Sat_Jun_17", "Mon_Jun_19")
    for k in range(40):
        loss, light = (round(float(one), 12) for one in made.random.uniform(0.01, 0.98, 2))
        clock = f"{8 + k % 10}__{k * 7 % 60}__{k * 11 % 60}"
        path = f"Solar_Panel_Soiling_Image_dataset/PanelImages/solar_{days[k % 3]}_{clock}_2017_L_{loss}_I_{light}.jpg"
        _photos(made, [path], loss, (48, 48))
        both[path] = (loss, light)
    one = _reading(made, NUMBER)
    two = _reading(made, {"classify": "multitarget"}, classes=("L", "I"))
    train = {path: replace(each, label=both[path]) for path, each in two.train.items()}
    return one, replace(two, train=train)


VEGETABLES = ("Bean", "Bitter_Gourd", "Bottle_Gourd", "Brinjal", "Papaya", "Tomato")


def _vegetables(data: Path) -> Readings:
    """Class folders of three parts; the numbers of images go on from part to part."""
    made, top = Builder(data), "Vegetable Images"
    for place, label in enumerate(VEGETABLES):
        for part, first, n in (("train", 26, 6), ("validation", 1201, 2), ("test", 1, 2)):
            paths = [f"{top}/{part}/{label}/{first + k * 9 + place:04d}.jpg" for k in range(n)]
            _photos(made, paths, label, (48, 48))
    return tuple(
        _with_and_without(
            lambda out: [
                _reading(made, LABELS, test=_inside(f"{top}/test"), out=out, classes=VEGETABLES)
            ],
            _inside(f"{top}/validation"),
        )
    )


BUTTERFLIES = (
    "ADONIS",
    "BROWN SIPROETA",
    "MONARCH",
    "RED POSTMAN",
    "SOUTHERN DOGFACE",
    "AN 88",
)


def _butterflies(data: Path) -> Readings:
    """Names of both parts are the same; tables of each, and no file to send."""
    made, cells, tests = Builder(data), [], []
    for k in range(42):
        label = BUTTERFLIES[k * 5 % 6]
        _photos(made, [f"train/Image_{k + 1}.jpg"], label, (48, 48))
        cells.append([f"Image_{k + 1}.jpg", label])
    for k in range(14):
        _photos(made, [f"test/Image_{k + 1}.jpg"], None, (48, 48))
        tests.append([f"Image_{k + 1}.jpg"])
    made.table("Training_set.csv", ["filename", "label"], cells)
    made.table("Testing_set.csv", ["filename"], tests)
    return (_reading(made, LABELS, test=_inside("test"), classes=BUTTERFLIES),)


CLOTHES = ("Dress", "Not sure", "Pants", "Shoes", "Skip", "T-Shirt", "Undershirt")


def _clothes(data: Path) -> Readings:
    """Ids without endings; the images twice, whole and small; two classes that are none."""
    made, cells, of_kids = Builder(data), [], dict[str, str]()
    for k in range(44):
        label, name = CLOTHES[k * 5 % 7], _uuid("clothing", k)
        kids = str(k * 3 % 8 == 1)
        for folder, size in (("original", (48, 36 + k % 3)), ("compressed", (24, 18 + k % 3))):
            path = f"images_{folder}/{name}.jpg"
            _photos(made, [path], label, size)
            of_kids[path] = kids
        cells.append([name, str(4 + k * 11 % 300), label, kids])
    made.table("images.csv", ["image", "sender_id", "label", "kids"], cells)
    found = list[LayoutTruth]()
    for out in ("images_compressed", "images_original"):
        truth = _reading(made, LABELS, out=_inside(out), classes=CLOTHES)
        found.append(truth)
        kids_of = _reading(made, TWO, out=_inside(out), classes=("False", "True"))
        train = {path: replace(one, label=of_kids[path]) for path, one in kids_of.train.items()}
        found.append(replace(kids_of, train=train))
    return tuple(found)


MOODS = (
    "centerlight",
    "glasses",
    "happy",
    "leftlight",
    "noglasses",
    "normal",
    "rightlight",
    "sad",
    "sleepy",
    "surprised",
    "wink",
)


def _faces_of_yale(data: Path) -> Readings:
    """What is an ending in the names is the expression; GIFs all of them, two of which say so."""
    made, people = Builder(data), tuple(f"subject{n:02d}" for n in (1, 2, 3, 4, 5))
    for person in people:
        moods = MOODS if person != "subject01" else ("gif", *MOODS[1:], "glasses.gif")
        for mood in moods:
            pixels = made.random.integers(0, 255, WIDE).astype(np.uint8)
            path = data / f"yalefaces/{person}.{mood}"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(path, format="GIF")
            made.train[f"yalefaces/{person}.{mood}"] = TrueSample(WIDE, person)
    made.text(
        "yalefaces/Readme.txt",
        "The Yale face database: 165 GIF images of 15 people, eleven of each, one for each expression or light.\n",
    )
    who = _reading(made, LABELS, classes=people)
    how = _reading(made, LABELS, out=lambda path: path.endswith(".gif"), classes=MOODS)
    train = {path: replace(one, label=path.split(".")[-1]) for path, one in how.train.items()}
    return who, replace(how, train=train)


def _cracks(data: Path) -> Readings:
    """Two class folders; a part of the names of one has an end."""
    made, classes = Builder(data), ("Negative", "Positive")
    for k in range(20):
        _photos(made, [f"Negative/{k * 37 + 1:05d}.jpg"], "Negative", (48, 48))
        number = k * 37 + 1 if k < 10 else 10001 + k * 43
        _photos(made, [f"Positive/{number:05d}{'_1' if k >= 10 else ''}.jpg"], "Positive", (48, 48))
    return (_reading(made, TWO, classes=classes),)


BLOOD = {
    "basophil": ("BA",),
    "eosinophil": ("EO",),
    "erythroblast": ("ERB",),
    "ig": ("MY", "PMY", "MMY", "IG"),
    "lymphocyte": ("LY",),
    "monocyte": ("MO",),
    "neutrophil": ("SNE", "BNE", "NEUTROPHIL"),
    "platelet": ("PLATELET",),
}


def _cells_of_blood(data: Path) -> Readings:
    """Class folders with more than one beginning of names in some; a hidden file that is no image."""
    made, top = Builder(data), "PBC_dataset_normal_DIB"
    for place, (label, stems) in enumerate(BLOOD.items()):
        names = [f"{stems[k % len(stems)]}_{100102 + k * 4217 + place}.jpg" for k in range(6)]
        _photos(made, [f"{top}/{label}/{one}" for one in names], label, (44, 44))
    (data / f"{top}/neutrophil/.DS_169665.jpg").write_bytes(b"\0\0\0\1Bud1" + b"\0" * 99)
    return (_reading(made, LABELS, classes=tuple(BLOOD)),)


def _slides_of_chaoyang(data: Path) -> Readings:
    """Lists in JSON of names and numbers, in train with the numbers of three doctors."""
    made = Builder(data)
    for part, n in (("train", 36), ("test", 14)):
        known = []
        for k in range(n):
            label = (0, 2, 1, 3, 2)[k * 3 % 5]
            name = (
                f"{part}/{534034 + k * 211}_{1 + k % 3}-IMG{k % 7:03d}x{k * 5 % 40:03d}-{k % 4}.JPG"
            )
            _photos(made, [name], str(label), (48, 48))
            row: dict[str, str | int] = {"name": name, "label": label}
            if part == "train":
                row |= {"label_A": label, "label_B": label, "label_C": (label + (k % 4 == 1)) % 4}
            known.append(row)
        _json(made, f"{part}.json", known)
    return (_reading(made, LABELS, test=_inside("test"), classes=tuple("0123")),)


def _knees(data: Path) -> Readings:
    """Folders of grades in four parts, two of which are of test; left and right in the names."""
    made = Builder(data)
    for part, n in (("train", 6), ("val", 2), ("test", 2), ("auto_test", 2)):
        for grade in "01234":
            for k in range(n):
                number = 9001695 + k * 7919 + int(grade) * 1013 + len(part) * 101
                pixels = made.random.integers(0, 255, (44, 44)).astype(np.uint8)
                path = f"{part}/{grade}/{number}{'LR'[k % 2]}.png"
                made.image(path, TrueSample((44, 44), grade), part="train", pixels=pixels)
    is_val, is_auto, is_test = _inside("val"), _inside("auto_test"), _inside("test")
    found = list[LayoutTruth]()
    for test, outs in (
        (is_test, ((is_auto,), (is_auto, is_val), (), (is_val,))),
        (_any_of(is_test, is_auto), ((), (is_val,))),
        (is_auto, ((is_test,), (is_test, is_val), ())),
    ):
        found += [
            _reading(made, RANKS, test=test, out=_any_of(*out), classes=tuple("01234"))
            for out in outs
        ]
    return tuple(found)


SEWERS = (
    "RB",
    "OB",
    "PF",
    "DE",
    "FS",
    "IS",
    "RO",
    "IN",
    "AF",
    "BE",
    "FO",
    "GR",
    "PH",
    "PB",
    "OS",
    "OP",
    "OK",
)


def _sewers(data: Path) -> Readings:
    """A column a defect, one of whether there is any, one of the water; images in parts of parts."""
    made, of_water, of_any = Builder(data), dict[str, str](), dict[str, str]()
    all_of = dict[str, frozenset[str]]()
    header = ["Filename", "WaterLevel", "VA", *SEWERS, "ND", "Defect"]
    for part, name, n in (("train", "Train", 40), ("valid", "Val", 10), ("test", "Test", 12)):
        cells = []
        for k in range(n):
            has = [int(made.random.random() < 0.12) for _ in SEWERS]
            if k % 3 == 0:
                has = [0] * 17
            elif k < 34:
                has[k // 2 % 17] = 1
            number = f"{k * 29 + {'train': 1, 'valid': 7, 'test': 13}[part]:08d}.png"
            path = f"{part}{k % 2:02d}/{number}"
            label = frozenset(one for one, bit in zip(SEWERS, has, strict=True) if bit)
            _photos(made, [path], label if part != "test" else None, WIDE)
            water, drawn = str((0, 5, 15, 30)[k * 7 % 4]), int(k % 4 == 1)
            of_water[path], of_any[path] = water, str(int(any(has)))
            extra = [("VA", drawn), ("ND", int(not any(has))), ("Defect", int(any(has)))]
            all_of[path] = label | {one for one, bit in extra if bit}
            row = [number, water, str(drawn), *map(str, has), str(extra[1][1]), of_any[path]]
            cells.append(row if part != "test" else row[:1])
        made.table(f"SewerML_{name}.csv", header if part != "test" else header[:1], cells)
    found = list[LayoutTruth]()
    for out in (_any_of(), _inside("valid00", "valid01")):
        test = _inside("test00", "test01")
        plain = _reading(made, SEVERAL, test=test, out=out, classes=SEWERS)
        found.append(plain)
        for names in (
            ("VA", *SEWERS),
            ("VA", *SEWERS, "ND"),
            (*SEWERS, "Defect"),
            ("VA", *SEWERS, "ND", "Defect"),
        ):
            kept = {
                path: replace(one, label=all_of[path] & frozenset(names))
                for path, one in plain.train.items()
            }
            found.append(replace(plain, train=kept, classes=names))
        for kinds, labels, classes in (
            (TWO, of_any, ("0", "1")),
            (RANKS, of_water, ("0", "5", "15", "30")),
        ):
            truth = _reading(made, kinds, test=test, out=out, classes=classes)
            train = {path: replace(one, label=labels[path]) for path, one in truth.train.items()}
            found.append(replace(truth, train=train))
    return tuple(found)


# Data sets: masks


def _membranes(data: Path) -> Readings:
    """Numbers for names; in the folder of test lie predictions, too; white is the inside of cells."""
    made, top = Builder(data), "data/membrane"
    for k in range(30):
        inside = ~draw_plane(made.random, (48, 48))
        pixels = made.random.integers(0, 255, (48, 48)).astype(np.uint8)
        true = TrueSample((48, 48), planes=(inside,))
        made.image(f"{top}/train/image/{k}.png", true, part="train", pixels=pixels)
        _grey_mask(data / f"{top}/train/label/{k}.png", inside)
    for k in range(12):
        pixels = made.random.integers(0, 255, (48, 48)).astype(np.uint8)
        path = f"{top}/test/{k}.png"
        made.image(path, TrueSample((48, 48)), part="train", pixels=pixels)
        vague = made.random.integers(0, 255, (32, 32)).astype(np.uint8)
        save_pixels(data / f"{top}/test/{k}_predict.png", vague)
    truth = _reading(made, ONE_MASK, test=_inside(f"{top}/test"), mask_classes=[""])
    return truth, _without_the_first(truth)


def _polyps(data: Path) -> Readings:
    """One folder of train, five of test, whose folders have names in the plural; sizes differ."""
    made = Builder(data)
    for k in range(34):
        size, name = (36 + k % 5, 48), f"{k * 17 + 1}" if k % 3 else f"cju{hex_name('polyp', k)}"
        plane = draw_plane(made.random, size)
        path = f"TrainDataset/image/{name}.png"
        made.image(path, TrueSample(size, planes=(plane,)), part="train")
        _grey_mask(data / f"TrainDataset/mask/{name}.png", plane)
    for place, one in enumerate(
        ("CVC-300", "CVC-ClinicDB", "CVC-ColonDB", "ETIS-LaribPolypDB", "Kvasir")
    ):
        for k in range(4):
            size = (36 + place, 48)
            name = f"{k * 5 + 2}" if one != "Kvasir" else f"cju{hex_name('kvasir', k)}"
            plane = draw_plane(made.random, size)
            path = f"TestDataset/{one}/images/{name}.png"
            made.image(path, TrueSample(size, planes=(plane,)), part="train")
            _grey_mask(data / f"TestDataset/{one}/masks/{name}.png", plane)
    return (_reading(made, ONE_MASK, test=_inside("TestDataset"), mask_classes=[""]),)


def _shadows(data: Path) -> Readings:
    """Letters tell the photos, the masks and the photos without shadows; the same names in all."""
    made, top = Builder(data), "ISTD_Dataset"
    for part, n in (("train", 32), ("test", 12)):
        for k in range(n):
            name = f"{k // 4 + (1 if part == 'train' else 90)}-{k % 4 + 1}.png"
            plane = draw_plane(made.random, WIDE)
            true = TrueSample(WIDE, planes=(plane,))
            made.image(f"{top}/{part}/{part}_A/{name}", true, part="train")
            _grey_mask(data / f"{top}/{part}/{part}_B/{name}", plane)
            bright = made.random.integers(90, 250, (*WIDE, 3)).astype(np.uint8)
            save_pixels(data / f"{top}/{part}/{part}_C/{name}", bright)
    return (_reading(made, ONE_MASK, test=_inside(f"{top}/test"), mask_classes=[""]),)


def _horses(data: Path) -> Readings:
    """Masks of 0 and 1, with the names of the images."""
    made, top = Builder(data), "weizmann_horse_db"
    for k in range(34):
        name, size = f"horse{k * 9 + 1:03d}.png", (34 + k % 6, 48)
        plane = draw_plane(made.random, size)
        made.image(f"{top}/horse/{name}", TrueSample(size, planes=(plane,)), part="train")
        _grey_mask(data / f"{top}/mask/{name}", plane, value=1)
    return (_reading(made, ONE_MASK, mask_classes=[""]),)


WASTES = ("rigid_plastic", "cardboard", "metal", "soft_plastic")


def _wastes(data: Path) -> Readings:
    """Three parts with images, masks of numbers and the same as outlines; endings in capitals."""
    made, top = Builder(data), "zerowaste-f-final/splits_final_deblurred"
    objects = dict[str, TrueSample]()
    for part, n in (("train", 30), ("val", 8), ("test", 10)):
        images, shapes = list[dict[str, Any]](), list[dict[str, Any]]()
        for k in range(n):
            name = f"{1 + k % 12:02d}_frame_{k * 300 + len(part) * 7:06d}.PNG"
            boxes = _boxes(made, WIDE, 1 + k % 4)
            kinds = [(k * 3 + place) % 4 for place in range(len(boxes))]
            numbers = np.zeros(WIDE, dtype=np.uint8)
            images.append({"id": k + 1, "file_name": name, "width": 48, "height": 40})
            for kind, box in zip(kinds, boxes, strict=True):
                numbers[_rectangle(WIDE, *box)] = kind + 1
                shapes.append(
                    {
                        "id": len(shapes) + 1,
                        "image_id": k + 1,
                        "category_id": kind + 1,
                        "segmentation": [[float(one) for xy in _corners(box) for one in xy]],
                        "area": float(box[2] * box[3]),
                        "bbox": [float(one) for one in box],
                        "iscrowd": 0,
                    }
                )
            path = f"{top}/{part}/data/{name}"
            planes = tuple(numbers == place for place in range(1, 5))
            made.image(path, TrueSample(WIDE, planes=planes), part="train")
            save_pixels(data / f"{top}/{part}/sem_seg/{name}", numbers)
            each = [(kind, _rectangle(WIDE, *box)) for kind, box in zip(kinds, boxes, strict=True)]
            objects[path] = TrueSample(WIDE, objects=tuple(each))
        kinds_of = [{"id": place + 1, "name": one} for place, one in enumerate(WASTES)]
        content = {"info": {"description": "ZeroWaste"}, "licenses": [], "images": images}
        _json(
            made,
            f"{top}/{part}/labels.json",
            {**content, "annotations": shapes, "categories": kinds_of},
        )
    found = list[LayoutTruth]()
    for out in (_any_of(), _inside(f"{top}/val")):
        test = _inside(f"{top}/test")
        truth = _reading(made, MULTI, test=test, out=out, mask_classes=tuple("1234"))
        single = _reading(made, OBJECTS, test=test, out=out, mask_classes=WASTES)
        train = {path: objects[path] for path in single.train}
        found += [truth, _grounded(truth), replace(single, train=train)]
    return tuple(found)


def _cells_of_cellpose(data: Path) -> Readings:
    """Image and numbers of cells lie in one folder, told by the ends of their names."""
    made = Builder(data)
    for part, n in (("train", 32), ("test", 12)):
        for k in range(n):
            size = (40 + k % 4, 48)
            planes = draw_objects(made.random, size, 2 + k % 3)
            numbers = np.zeros(size, dtype=np.uint16)
            for place, plane in enumerate(planes):
                numbers[plane] = place + 1
            objects = tuple((0, plane) for plane in planes)
            made.image(f"{part}/{k:03d}_img.png", TrueSample(size, objects=objects), part="train")
            _save_tiff(data / f"{part}/{k:03d}_masks.png", numbers)
    single = _reading(made, OBJECTS, test=_inside("test"), mask_classes=[""])
    return single, _whole(single)


def _tampered(data: Path) -> Readings:
    """Two class folders, one of them with masks; photos in three formats."""
    made, top = Builder(data), "CASIA2"
    kinds = ("ani", "arc", "art", "cha", "nat", "pla", "sec", "txt")
    for k in range(24):
        ending = "bmp" if k % 8 == 5 else "jpg"
        path = f"{top}/Au/Au_{kinds[k % 8]}_{k * 31 + 1:05d}.{ending}"
        _photos(made, [path], "Au", (36, 48))
    for k in range(18):
        size, ending = (36, 48 + k % 3), "tif" if k % 3 else "jpg"
        one, other = kinds[k * 3 % 8], kinds[k * 5 % 8]
        name = f"Tp_{'DS'[k % 2]}_{('CND', 'CRN', 'NRN')[k % 3]}_{'SM'[k % 2]}_{'NBO'[k % 3]}_{one}{k * 13:05d}_{other}{k * 17:05d}_{138 + k * 97:05d}"
        plane = draw_plane(made.random, size)
        made.image(
            f"{top}/Tp/{name}.{ending}", TrueSample(size, "Tp", planes=(plane,)), part="train"
        )
        _grey_mask(data / f"{top}/CASIA 2 Groundtruth/{name}_gt.png", plane)
    return (_reading(made, {**TWO, **ONE_MASK}, classes=("Au", "Tp"), mask_classes=[""]),)


def _dark_photos(data: Path) -> Readings:
    """Pairs of a dark photo and a bright one: what is to be found is an image."""
    made, top = Builder(data), "LOLdataset"
    for part, first, n in (("our485", 2, 28), ("eval15", 1, 10)):
        for k in range(n):
            for folder, high in (("low", 30), ("high", 255)):
                pixels: NDArray[np.uint8] = made.random.integers(0, high, (*WIDE, 3)).astype(
                    np.uint8
                )
                path = f"{top}/{part}/{folder}/{first + k * 17}.png"
                made.image(path, TrueSample(WIDE), part="train", pixels=pixels)
    return (_reading(made, {}),)


ELEVENTH_COMPETITIONS = (
    DataSet("uva-aml-2025-feathers-in-focus", "code", _feathers, doubt="dummy labels of test"),
    DataSet("padhai-hindi-vowel-consonant", "code", _hindi, doubt="placeholder of the sample"),
    DataSet(
        "cidaut-ai-fake-scene-classification-2024",
        "code",
        _fake_scenes,
        doubt="numbers of the images of test",
    ),
    DataSet(
        "aidea-aoi-defects", "code and memory", _defects_of_aidea, doubt="empty labels of test"
    ),
    DataSet("dacon-seoul-landmarks", "code and memory", _landmarks_of_seoul),
    DataSet(
        "dacon-korean-landmarks",
        "code and memory",
        _landmarks_of_korea,
        doubt="names of images, and category.json",
    ),
    DataSet("zindi-classification-for-landslide-detection", "code and memory", _landslides),
    DataSet(
        "hackerearth-deep-learning-challenge-3",
        "code and memory",
        _traits_of_animals,
        doubt="names of folders",
    ),
    DataSet("imaterialist-challenge-fashion-2018", "code and memory", _fashions_of_2018),
    DataSet(
        "fathomnet-out-of-sample-detection",
        "page and memory",
        _animals_of_the_deep,
        doubt="folders of the images, cells of the sample",
    ),
    DataSet(
        "solafune-drivers-of-deforestation",
        "code",
        _drivers_of_deforestation,
        doubt="sample_answer.json",
    ),
    DataSet("xview2", "code", _damages, doubt="names of the images of test"),
    DataSet(
        "tsinghua-cv21b-segmentation", "page", _course_of_tsinghua, doubt="names of the images"
    ),
    DataSet("monuseg-2018", "code and memory", _nuclei_of_2018),
    DataSet("tianchi-fashionai-keypoints", "code", _points_of_clothes, refusal=ANY),
    DataSet("hackerearth-tom-and-jerry", "code and memory", _film_of_a_cartoon, refusal=ANY),
    DataSet(
        "ethz-cil-monocular-depth-estimation",
        "code and memory",
        _depths,
        refusal=ANY,
        doubt="sample_submission.csv",
    ),
)
"""Competitions of `DataSet` form, so that several readings may be right, and nothing need be sent."""

ELEVENTH_DATA_SETS = (
    DataSet("TID2013", "code", _distortions, has_test=False, doubt="text of the readme"),
    DataSet("Soiled solar panels", "code and memory", _soiled_panels, has_test=False),
    DataSet("Vegetable images", "memory", _vegetables),
    DataSet("Butterflies", "memory", _butterflies),
    DataSet("Clothing (full)", "code and memory", _clothes, has_test=False),
    DataSet("Yale faces", "code and memory", _faces_of_yale, has_test=False),
    DataSet("Concrete cracks (Mendeley)", "memory", _cracks, has_test=False),
    DataSet("Peripheral blood cells", "code and memory", _cells_of_blood, has_test=False),
    DataSet("Chaoyang", "code", _slides_of_chaoyang, doubt="names of images"),
    DataSet("Knee osteoarthritis (Kaggle)", "code and memory", _knees),
    DataSet("Sewer-ML", "code and memory", _sewers, doubt="folders of the parts"),
    DataSet("U-Net membranes", "memory", _membranes),
    DataSet("Polyps (five test sets)", "code", _polyps),
    DataSet("ISTD shadows", "memory", _shadows),
    DataSet(
        "Weizmann horses", "code and memory", _horses, has_test=False, doubt="values of the masks"
    ),
    DataSet("ZeroWaste-f", "code", _wastes, doubt="names of images"),
    DataSet("Cellpose", "memory", _cells_of_cellpose),
    DataSet("CASIA 2.0 tampering", "code", _tampered, has_test=False),
    DataSet("LOL: low light", "memory", _dark_photos, refusal=ANY),
)
