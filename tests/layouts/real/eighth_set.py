# ruff: noqa: E501  # rows of tables as their files have them
"""An eighth set of real competitions and public data sets, written without a look at what is read.

A layout is never bent toward what podium reads; where podium is mended because of one, it has become
one of development.
"""

from __future__ import annotations

import base64
import io
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from dicom_files import dicom_bytes
from numpy.typing import NDArray
from PIL import Image

from layouts.drawing import Size, draw_class_map, draw_objects, draw_plane, save_pixels
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
    _matlab,
    _photos,
    _planes_of,
    _reading,
)
from layouts.real.made import Builder, hex_name, union
from layouts.real.second_set import MULTI, _json, _numbered, _sorted_places
from layouts.real.third_set import NUMBER, RANKS, SEVERAL
from layouts.runs import Codec, Plane
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["EIGHTH_COMPETITIONS", "EIGHTH_DATA_SETS"]


def _uuid(*parts: object) -> str:
    text = hex_name(*parts, length=32)
    return "-".join([text[:8], text[8:12], text[12:16], text[16:20], text[20:]])


def _rectangle(size: Size, left: int, top: int, wide: int, tall: int) -> Plane:
    plane = np.zeros(size, dtype=bool)
    plane[top : top + tall, left : left + wide] = True
    return plane


def _ring(left: int, top: int, wide: int, tall: int) -> list[float]:
    """Return the outline of a rectangle as COCO has it."""
    right, below = left + wide, top + tall
    return [float(one) for one in (left, top, right, top, right, below, left, below)]


def _save_tiff(path: Path, values: NDArray[Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(values).save(path)


def _with_ground(truth: LayoutTruth, name: str = "0") -> LayoutTruth:
    """Return the truth with the pixels of no class as a class before the others."""
    train = {
        path: replace(one, planes=(~union(one.planes), *one.planes)) if one.planes else one
        for path, one in truth.train.items()
    }
    return replace(truth, train=train, mask_classes=(name, *truth.mask_classes))


def _with_and_without(
    read: Callable[[Callable[[str], bool]], Sequence[LayoutTruth]], out: Callable[[str], bool]
) -> list[LayoutTruth]:
    """Return readings in which a part for validation is used, and those in which it is not."""
    return [*read(lambda path: False), *read(out)]


# Competitions


def _pot_holes(data: Path) -> Readings:
    """Images of both parts in one folder, a few of other endings; a probability is sent."""
    made, cells, tests, rows = Builder(data), [], [], list[tuple[str, ...]]()
    for k in range(42):
        part, label = "train" if k < 32 else "test", str(int(k % 3 == 0))
        digest = base64.b64encode(bytes.fromhex(hex_name("pothole", k, length=40))).decode()
        name = digest.replace("+", "x").replace("/", "Q")[:15]
        prob = round(float(made.random.uniform(0.01, 0.99)), 3)
        true = TrueSample(SIZE, label, {"0": round(1 - prob, 3), "1": prob})
        made.image(f"all_data/{name}.JPG", true, part=part)
        if part == "train":
            cells.append([name, label])
        else:
            tests.append([name])
            rows.append((name, repr(prob)))
    made.table("train_ids_labels.csv", ["Image_ID", "Label"], cells)
    made.table("test_ids_only.csv", ["Image_ID"], tests)
    columns = {"Image_ID": "key", "Label": "number"}
    made.table("SampleSubmission.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth({"classify": "binary"}, columns, rows, classes=("0", "1")),)


def _solar_roofs(data: Path) -> Readings:
    """A row an outline, so that counts of an image are sums; a row an image and a count is sent."""
    made, cells, tests, rows = Builder(data), [], [], list[tuple[str, ...]]()
    for k in range(40):
        part, name = "train" if k < 30 else "test", f"ID{hex_name('roof', k, length=8)}"
        facts = [("D", "S")[k % 4 == 1], ("roof", "openspace", "r_openspace", "S-unknown")[k % 4]]
        each = [((k + n) % 3, (k * 5 + n) % 7) for n in range(1 + k % 3)]
        sums = (float(sum(one for one, _ in each)), float(sum(one for _, one in each)))
        made.image(f"images/{name}.jpg", TrueSample(SIZE, sums), part=part)
        if part == "train":
            cells += [
                [name, str(boilers), str(panels), *facts,
                 f"[({1233 + n}.0, {885 + k}.0), ({1400 + n}.0, {901 + k}.0), ({1390 + n}.0, 990.0)]"]
                for n, (boilers, panels) in enumerate(each)
            ]  # fmt: skip
        else:
            tests.append([name, *facts])
            rows += [(f"{name}_boil", str(sums[0])), (f"{name}_pan", str(sums[1]))]
    made.table(
        "Train.csv", ["ID", "boil_nbr", "pan_nbr", "img_origin", "placement", "polygon"], cells
    )
    made.table("Test.csv", ["ID", "img_origin", "placement"], tests)
    columns = {"ID": "key", "Target": "number"}
    made.table("SampleSubmission.csv", list(columns), [[one, "0"] for one, _ in rows])
    kinds = {"classify": "multitarget"}
    return tuple(
        made.truth(kinds, columns, rows, classes=names)
        for names in (("boil_nbr", "pan_nbr"), ("boil", "pan"))
    )


def _quality_of_octa(data: Path) -> Readings:
    """Numbers and letters before the names of folders; blanks in the names of columns."""
    made, cells, top = Builder(data), [], "B. Image Quality Assessment"
    for k in range(32):
        level = str((2, 2, 1, 2, 0, 1, 2)[k % 7])
        name = f"{1 + k * 23}.png"
        grey = made.random.integers(0, 255, SIZE).astype(np.uint8)
        made.image(
            f"{top}/1. Original Images/a. Training Set/{name}",
            TrueSample(SIZE, level),
            part="train",
            pixels=grey,
        )
        cells.append([name, level])
    for k in range(10):
        grey = made.random.integers(0, 255, SIZE).astype(np.uint8)
        name = f"{top}/1. Original Images/b. Testing Set/{5 + k * 31}.png"
        made.image(name, TrueSample(SIZE), part="train", pixels=grey)
    made.table(
        f"{top}/2. Groundtruths/a. DRAC2022_ Image Quality Assessment_Training Labels.csv",
        ["image name", "image quality level"],
        cells,
    )
    made.text("CC BY 4.0 (Attribution 4.0 International).txt", "Creative Commons\n")
    is_test = _inside(f"{top}/1. Original Images/b. Testing Set")
    return (_reading(made, RANKS, test=is_test, classes=("0", "1", "2")),)


def _ulcers_of_feet(data: Path) -> Readings:
    """Images and labels of train and of validation, images of test; some labels are empty."""
    made, top = Builder(data), "Foot Ulcer Segmentation Challenge"
    for part, n in (("train", 22), ("validation", 6), ("test", 8)):
        for k in range(n):
            plane, name = draw_plane(made.random, SIZE) & (k % 9 != 4), f"{11 + k * 29 + n:04d}.png"
            true = TrueSample(SIZE, planes=(plane,) if part != "test" else None)
            made.image(f"{top}/{part}/images/{name}", true, part="train")
            if part != "test":
                _grey_mask(data / f"{top}/{part}/labels/{name}", plane)
    made.text(f"{top}/README.md", "# Foot Ulcer Segmentation Challenge\n\n1010 images of wounds.\n")
    is_test = _inside(f"{top}/test")
    return tuple(
        _with_and_without(
            lambda out: [_reading(made, ONE_MASK, test=is_test, out=out, mask_classes=[""])],
            _inside(f"{top}/validation"),
        )
    )


def _vessels_of_infrared(data: Path) -> Readings:
    """Arteries are 128 and veins 255 in masks of the same names; names of classes nowhere."""
    made, top = Builder(data), "RAVIR Dataset"
    values = np.array([0, 255, 128], dtype=np.uint8)
    for k in range(23):
        places, name = draw_class_map(made.random, SIZE, 2, fill=False), f"IMG_{1 + k * 7:04d}.png"
        planes = (places == 2, places == 1)
        grey = made.random.integers(0, 255, SIZE).astype(np.uint8)
        path = f"{top}/train/training_images/{name}"
        made.image(path, TrueSample(SIZE, planes=planes), part="train", pixels=grey)
        save_pixels(data / f"{top}/train/training_masks/{name}", values[places])
    for k in range(19):
        grey = made.random.integers(0, 255, SIZE).astype(np.uint8)
        made.image(
            f"{top}/test/IMG_{4 + k * 7:04d}.png", TrueSample(SIZE), part="train", pixels=grey
        )
    truth = _reading(made, MULTI, test=_inside(f"{top}/test"), mask_classes=("128", "255"))
    return truth, _with_ground(truth)


def _scenes_of_intel(data: Path) -> Readings:
    """Images of train and of test together in a folder train; tables elsewhere."""
    made, cells, tests, rows = Builder(data), [], [], list[tuple[str, ...]]()
    for k in range(44):
        part, label, name = ("test" if k % 4 == 3 else "train"), str(k * 5 % 6), f"{k * 3}.jpg"
        path = f"train-scene classification/train/{name}"
        made.image(path, TrueSample(SIZE, label), part=part)
        if part == "train":
            cells.append([name, label])
        else:
            tests.append([name])
            rows.append((name, label))
    columns = {"image_name": "key", "label": "text"}
    made.table("train-scene classification/train.csv", list(columns), cells)
    made.table("test_WyRytb0.csv", ["image_name"], tests)
    made.table("sample_submission_HLCj3I4.csv", list(columns), [[one, "1"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=tuple("012345")),)


FEELINGS = ("angry", "happy", "neutral", "sad")


def _feelings_of_faces(data: Path) -> Readings:
    """Of four columns one is to be predicted; the sample has no header, and tells which."""
    made, lines, shown = Builder(data), ["file_name\tuserid\tpose\texpression\teyes"], []
    people = ("an2i", "at33", "boland", "choon", "kawamura", "saavik")
    for k in range(44):
        part, label = "train" if k < 32 else "test", FEELINGS[k * 3 % 4]
        name = f"{part}_{k % 32:04d}.jpg"
        grey = made.random.integers(0, 255, SIZE).astype(np.uint8)
        made.image(f"{part}/{name}", TrueSample(SIZE, label), part="train", pixels=grey)
        if part == "train":
            pose, eyes = (
                ("left", "right", "straight", "up")[k // 4 % 4],
                ("open", "sunglasses")[k % 5 % 2],
            )
            lines.append("\t".join([name, people[k % 6], pose, label, eyes]))
        else:
            shown.append(f"{name},{FEELINGS[k * 7 % 4]}")
    _lines(made, "train_master.tsv", lines)
    _lines(made, "sample_submit.csv", shown)
    return (_reading(made, LABELS, test=_inside("test"), classes=FEELINGS),)


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
            name = f"{_uuid(folder, k)}___RS_{('GLSp', 'Rust', 'HL')[k % 3]} {4337 + k * 7}.JPG"
            known = label if part else None
            _photos(made, [f"{top}/images/{name}"], known)
            notes.append({"disease_class": int(label), "image_id": name})
        if part:
            _json(made, f"{top}/AgriculturalDisease_{part}_annotations.json", notes)
    is_test = _inside("AgriculturalDisease_testA")
    return tuple(
        _with_and_without(
            lambda out: [_reading(made, LABELS, test=is_test, out=out, classes=classes)],
            _inside("AgriculturalDisease_validationset"),
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
            _json(made, f"train/{name}/{name}.json", about)
            cells.append([name, label])
        else:
            rows.append((name, label))
    columns = {"image": "key", "label": "text"}
    made.table("train.csv", list(columns), cells)
    made.table("sample_submission.csv", list(columns), [[one, classes[0]] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=classes),)


def _parts_of_bodies(data: Path) -> Readings:
    """DICOM below the folders of study and of series; names end with more than the ids do."""
    made, cells, rows = Builder(data), list[tuple[str, ...]](), list[tuple[str, ...]]()
    sets = (("3",), ("14",), ("0",), ("7", "8"), ("3",), ("2", "21"), ("8",), ("14",), ("2",), ("7",), ("21",))  # fmt: skip
    for k in range(44):
        part, found = "train" if k < 33 else "test", sets[k * 3 % 11]
        study, series, one = (
            f"1.2.826.0.1.3680043.8.498.{int(hex_name(what, k, length=16), 16)}"
            for what in ("study", "series", "image")
        )
        path = f"{part}/{part}/{study}/{series}/{one}-c.dcm"
        (data / path).parent.mkdir(parents=True, exist_ok=True)
        pixels = made.random.integers(0, 4000, SIZE).astype(np.uint16)
        (data / path).write_bytes(dicom_bytes(pixels))
        true = TrueSample(SIZE, frozenset(found))
        (made.train if part == "train" else made.test)[path] = true
        text = " ".join(found) + " "
        (cells if part == "train" else rows).append((one, text))
    columns = {"SOPInstanceUID": "key", "Target": "labels"}
    made.table("train.csv", list(columns), cells)
    made.table("sample_submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(SEVERAL, columns, rows, classes=("0", "14", "2", "21", "3", "7", "8")),)


SPECIES = (
    ("Lumbricus terrestris", "Animalia_Annelida_Clitellata_Haplotaxida_Lumbricidae"),
    ("Sabella spallanzanii", "Animalia_Annelida_Polychaeta_Sabellida_Sabellidae"),
    ("Amanita muscaria", "Fungi_Basidiomycota_Agaricomycetes_Agaricales_Amanitaceae"),
    ("Quercus alba", "Plantae_Tracheophyta_Magnoliopsida_Fagales_Fagaceae"),
)


def _species_of_2021(data: Path) -> Readings:
    """Folders of lineages; COCO without outlines; numbers of images of test stand in a JSON alone."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    folders = [
        f"{n:05d}_{above}_{name.replace(' ', '_')}" for n, (name, above) in enumerate(SPECIES)
    ]
    kinds = [
        {"id": n, "name": name, "common_name": f"Common {n}", "supercategory": ("Animalia", "Fungi", "Plants")[n % 3],
         "kingdom": above.split("_")[0], "phylum": above.split("_")[1], "genus": name.split()[0],
         "specific_epithet": name.split()[1], "image_dir_name": folders[n]}
        for n, (name, above) in enumerate(SPECIES)
    ]  # fmt: skip
    for part, first, n in (("train", 0, 32), ("val", 2686843, 8), ("public_test", 2786843, 10)):
        images, notes = [], []
        for k in range(n):
            place, name = k * 3 % 4, f"{_uuid(part, k)}.jpg"
            path = f"{part}/{name}" if part == "public_test" else f"{part}/{folders[place]}/{name}"
            true = TrueSample(SIZE, str(place))
            made.image(path, true, part="test" if part == "public_test" else "train")
            images.append({"id": first + k, "width": 24, "height": 20, "file_name": path, "license": 0,
                           "rights_holder": "Ken-ichi Ueda", "date": "2010-07-14 20:19:00+00:00",
                           "latitude": 43.83, "longitude": -71.22 + k, "location_uncertainty": 77})  # fmt: skip
            notes.append({"id": first + k, "image_id": first + k, "category_id": place})
            if part == "public_test":
                rows.append((str(first + k), str(place)))
        about: dict[str, Any] = {"info": {"year": 2021}, "images": images, "licenses": [{"id": 0}]}
        if part != "public_test":
            about |= {"annotations": notes, "categories": kinds}
        _json(made, f"{part}.json", about)
    columns = {"id": "key", "predictions": "text"}
    made.table("sample_submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    both = made.truth(LABELS, columns, rows, classes=tuple("0123"))
    train = {path: one for path, one in both.train.items() if path.startswith("train/")}
    found = list[LayoutTruth]()
    for one in (both, replace(both, train=train)):
        names = [name for name, _ in SPECIES]
        found += [one, *(_numbered(one, tuple("0123"), other) for other in (folders, names))]
    return tuple(found)


def _coco(
    made: Builder,
    size: Size,
    names: Iterable[str],
    kinds: Sequence[tuple[int, str]],
    *,
    first: int = 1,
    more: Callable[[int], dict[str, Any]] = lambda k: {},
) -> dict[str, Any]:
    """Write photos with one to three rectangles each, and return them as COCO has them."""
    images, notes = [], list[dict[str, Any]]()
    for k, name in enumerate(names):
        objects = []
        for place in range(1 + k % 3):
            box = (1 + 15 * place, 3 + k % 7 + place, 9 + k % 4, 8 + (k + place) % 5)
            kind = (k * 3 + place * 2) % len(kinds)
            objects.append((kind, _rectangle(size, *box)))
            notes.append({
                "id": 100 + len(notes) + 1000 * first, "image_id": first + k, "category_id": kinds[kind][0],
                "segmentation": [_ring(*box)], "area": float(box[2] * box[3]),
                "bbox": [float(one) for one in box], "iscrowd": 0,
            })  # fmt: skip
        file_name = name.rpartition("//")[2]
        path = name.replace("//", "/")
        made.image(path, TrueSample(size, objects=tuple(objects)), part="train")
        images.append(
            {
                "id": first + k,
                "width": size[1],
                "height": size[0],
                "file_name": file_name,
                **more(k),
            }
        )
    return {
        "images": images,
        "annotations": notes,
        "categories": [
            {"id": number, "name": name, "supercategory": name} for number, name in kinds
        ],
    }


def _by_class(truth: LayoutTruth, size: Size, names: Sequence[str]) -> LayoutTruth:
    """Return the truth of objects as that of a mask of classes, as they do not overlap."""

    def planes(objects: Iterable[tuple[int, Plane]]) -> tuple[Plane, ...]:
        found = [np.zeros(size, dtype=bool) for _ in names]
        for place, plane in objects:
            found[place] |= plane
        return tuple(found)

    train = {
        path: replace(one, planes=planes(one.objects), objects=None)
        if one.objects is not None
        else one
        for path, one in truth.train.items()
    }
    return replace(truth, kinds={"segment": frozenset({"multiclass", "multilabel"})}, train=train)


DISHES = (
    (1026, "tea"),
    (1040, "jam"),
    (1085, "bread-wholemeal"),
    (2578, "water"),
    (1311, "carrot-raw"),
)


def _dishes(data: Path) -> Readings:
    """COCO outlines of dishes in train and validation; images of test alone."""
    made, size, names = Builder(data), (40, 48), [name for _, name in DISHES]
    for folder, n, first in (
        ("public_training_set_release_2.0", 20, 65000),
        ("public_validation_set_2.0", 6, 8000),
    ):
        photos = [f"{folder}/images//{first // 10 + k * 37:06d}.jpg" for k in range(n)]
        content = _coco(made, size, photos, DISHES, first=first)
        for one in content["categories"]:
            one |= {"supercategory": "food", "name_readable": one["name"].title()}
        _json(
            made, f"{folder}/annotations.json", {"info": {"contributor": "Food"}, "type": "instances", **content}
        )  # fmt: skip
    for k in range(8):
        true = TrueSample(size, objects=((0, _rectangle(size, 4, 5, 10, 12)),))
        made.image(f"public_test_release_2.0/images/{9000 + k * 3:06d}.jpg", true, part="train")
    is_test = _inside("public_test_release_2.0")

    def read(out: Callable[[str], bool]) -> list[LayoutTruth]:
        single = _reading(made, {"segment": "instance"}, test=is_test, out=out, mask_classes=names)
        return [single, _by_class(single, size, names)]

    return tuple(_with_and_without(read, _inside("public_validation_set_2.0")))


CROP_AND_WEED = ((216, 67, 82), (255, 255, 255), (0, 0, 0), (254, 124, 18))


def _crop_and_weed(data: Path) -> Readings:
    """Four teams, two crops; masks of colours, in which two mean background; a JSON is sent."""
    made = Builder(data)
    colours = np.array(CROP_AND_WEED, dtype=np.uint8)
    for part, n in (("Development_Dataset/Training", 4), ("Test_Dev", 2)):
        for team, end in (("Bipbip", "jpg"), ("Pead", "jpg"), ("Roseau", "png"), ("Weedelec", "jpg")):  # fmt: skip
            for crop in ("Haricot", "Mais"):
                top = f"{part}/{team}/{crop}"
                for k in range(n):
                    name = f"{team}_{crop.lower()}_im_{k * 37 + 1191 * (n < 4):05d}"
                    places = draw_class_map(made.random, SIZE, 2, fill=False)
                    places[places == 0] = 3
                    places[:, :2][places[:, :2] == 3] = 4
                    planes = _planes_of(places, 4) if n > 2 else None
                    true = TrueSample(SIZE, planes=planes)
                    made.image(f"{top}/Images/{name}.{end}", true, part="train")
                    if n > 2:
                        save_pixels(data / f"{top}/Masks/{name}.png", colours[places - 1])
    made.text(
        "Development_Dataset/README.txt",
        "Masks are RGB images with the following colours:\n"
        "- background: [0, 0, 0] and [254, 124, 18] (to be taken for the same class 0)\n"
        "- crop: [255, 255, 255] (class 1)\n- weed: [216, 67, 82] (class 2)\n",
    )
    every = _reading(made, MULTI, test=_inside("Test_Dev"), mask_classes=tuple("1234"))
    plants = {
        path: replace(one, planes=one.planes[:2]) if one.planes else one
        for path, one in every.train.items()
    }
    two = replace(every, train=plants, mask_classes=("1", "2"))
    turned = {
        path: replace(one, planes=one.planes[::-1]) if one.planes else one
        for path, one in plants.items()
    }
    named = replace(two, train=turned, mask_classes=("crop", "weed"))
    known = replace(two, train=turned)
    return two, known, named, _with_ground(two), _with_ground(known), *_sorted_places(every, CROP_AND_WEED)  # fmt: skip


def _roads_in_patches(data: Path) -> Readings:
    """Masks with a few greys; a row for each square of 16 pixels, and whether it is road."""
    made, size, rows = Builder(data), (64, 64), list[tuple[str, ...]]()
    for k in range(34):
        part = "training" if k < 24 else "test"
        plane, number = draw_plane(made.random, size), k if part == "training" else 120 + k
        true = TrueSample(size, planes=(plane,))
        path = f"{part}/images/satimage_{number}.png"
        made.image(path, true, part="train" if k < 24 else "test")
        if part == "training":
            grey = np.where(plane, 255, 0).astype(np.uint8)
            rim = plane & ~np.roll(plane, 1, axis=0)
            near = ~plane & np.roll(plane, 1, axis=0)
            grey[rim] = made.random.integers(130, 255, int(rim.sum()))
            grey[near] = made.random.integers(1, 120, int(near.sum()))
            save_pixels(data / f"training/groundtruth/satimage_{number}.png", grey)
            continue
        for left in range(0, size[1], 16):
            for above in range(0, size[0], 16):
                square = plane[above : above + 16, left : left + 16]
                rows.append((f"{number:03d}_{left}_{above}", str(int(square.mean() > 0.25))))
    columns = {"id": "key", "prediction": "number"}
    made.table("sample_submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    made.text(
        "mask_to_submission.py",
        "foreground_threshold = 0.25  # percentage of pixels > 1 required to assign a foreground label to a patch\n",
    )
    made.text("submission_to_mask.py", "label_file = 'submission.csv'\nh = 16\nw = h\n")
    return (made.truth(ONE_MASK, columns, rows, mask_classes=[""]),)


def _cells_of_all_kinds(data: Path) -> Readings:
    """Images of several formats; a number for each cell in a TIFF; many images without labels."""
    made, size, ends = Builder(data), (40, 48), ("bmp", "png", "tif", "tiff")
    for k in range(1, 25):
        name, end = f"cell_{k:05d}", ends[k // 7]
        objects = tuple((0, one) for one in draw_objects(made.random, size, 2 + k % 3))
        true = TrueSample(size, objects=objects)
        made.image(f"Training-labeled/images/{name}.{end}", true, part="train")
        numbers = np.zeros(size, dtype=np.uint16)
        for place, (_, plane) in enumerate(objects):
            numbers[plane] = place + 1
        _save_tiff(data / f"Training-labeled/labels/{name}_label.tiff", numbers)
    more = [f"Training-unlabeled/unlabeled_cell_{k:05d}.png" for k in range(6)]
    tests = [f"Tuning/images/cell_{k:05d}.{ends[k % 4]}" for k in range(1, 9)]
    _photos(made, [*more, *tests], None, size)
    single = _reading(made, {"segment": "instance"}, test=_inside("Tuning"), mask_classes=[""])
    whole = {
        path: replace(one, planes=(union([plane for _, plane in one.objects]),), objects=None)
        if one.objects
        else one
        for path, one in single.train.items()
    }
    return single, replace(single, kinds={"segment": frozenset({"binary"})}, train=whole)


def _fish_eyes(data: Path) -> Readings:
    """Source images with masks, target images without; a row an image and class; 12 is no class."""
    made, size, codec = Builder(data), (40, 48), Codec("C", 1)
    rows = list[tuple[str, ...]]()
    tables: dict[str, list[list[str]]] = {"train_source": [], "val_source": [], "train_target": [], "test": []}  # fmt: skip
    for part, n in (("train_source", 18), ("val_source", 5), ("train_target", 12), ("test", 8)):
        for k in range(n):
            places = draw_class_map(made.random, size, 12, fill=True)
            while len(np.unique(places)) < 12:
                places = draw_class_map(made.random, size, 12, fill=True)
            if part != "train_target":
                places[0] = np.where(np.arange(size[1]) % 9 == 4, 13, places[0])
            name = f"{part.upper()}_{k:04d}"
            planes = _planes_of(places, 12) if part != "train_target" else None
            path = f"{part}_image/{name}.png"
            true = TrueSample(size, planes=planes)
            made.image(path, true, part="test" if part == "test" else "train")
            row = [name, f"./{path}"]
            if part.endswith("source"):
                save_pixels(data / f"{part}_gt/{name}.png", places - 1)
                row.append(f"./{part}_gt/{name}.png")
            tables[part].append(row)
            if part == "test" and planes:
                rows += [
                    (f"{name}_class_{place}", codec.encode(plane))
                    for place, plane in enumerate(planes)
                ]
    for part, cells in tables.items():
        header = ["id", "img_path", *(["gt_path"] if part.endswith("source") else [])]
        made.table(f"{part}.csv", header, cells)
    columns = {"id": "key", "mask_rle": "rle"}
    made.table("sample_submission.csv", list(columns), [[one, "1 1"] for one, _ in rows])
    names = [str(n) for n in range(12)]
    plain = made.truth(MULTI, columns, rows, mask_classes=names, codec=codec)
    void = {
        path: replace(one, ignored=~union(one.planes)) if one.planes else one
        for path, one in plain.train.items()
    }
    found = list[LayoutTruth]()
    for truth in (plain, replace(plain, train=void)):
        fewer = {path: one for path, one in truth.train.items() if not path.startswith("val_")}
        found += [truth, replace(truth, train=fewer)]
    return tuple(found)


# Data sets: labels


def _beans(data: Path) -> Readings:
    """Names of files tell the class and the part, as the folders do."""
    made, classes = Builder(data), ("angular_leaf_spot", "bean_rust", "healthy")
    for part, short, n in (("train", "train", 10), ("validation", "val", 3), ("test", "test", 3)):
        for label in classes:
            names = [f"{part}/{label}/{label}_{short}.{k}.jpg" for k in range(n)]
            _photos(made, names, label)
    return tuple(
        _with_and_without(
            lambda out: [_reading(made, LABELS, test=_inside("test"), out=out, classes=classes)],
            _inside("validation"),
        )
    )


CLOTHES = {"3": "Blouse", "6": "Cardigan", "32": "Shorts", "41": "Dress"}
TOUCHES = ("a-line", "abstract print", "button-front", "denim", "floral", "lace", "pleated")


def _clothes_and_touches(data: Path) -> Readings:
    """Texts that begin with a count and a header; categories, attributes of 1 and -1, and parts."""
    made, lines = Builder(data), dict[str, list[str]]()
    parts, several = {}, {}
    for k in range(44):
        number = list(CLOTHES)[k * 3 % 4]
        item = f"{('Sheer_Pleated-Front', 'Abstract_Brushstroke', 'Faded_Denim')[k // 4 % 3]}_{CLOTHES[number]}"
        path = f"img/{item}/img_{1 + k:08d}.jpg"
        _photos(made, [f"Img/{path}"], number)
        has = [(k * 3 + 5 * n) % 7 < 2 or n == k % 7 for n in range(len(TOUCHES))]
        several[f"Img/{path}"] = frozenset(
            one for one, bit in zip(TOUCHES, has, strict=True) if bit
        )
        parts[f"Img/{path}"] = part = ("train", "train", "val", "test")[k // 4 % 4]
        for name, cell in (
            ("Anno_coarse/list_category_img", number),
            ("Anno_coarse/list_attr_img", " ".join(f"{1 if bit else -1:2d}" for bit in has)),
            ("Anno_coarse/list_bbox", "003 002 021 017"),
            ("Eval/list_eval_partition", part),
        ):
            lines.setdefault(name, []).append(f"{path:<70} {cell}")
    heads = {
        "Anno_coarse/list_category_img": "image_name  category_label",
        "Anno_coarse/list_attr_img": "image_name  attribute_labels",
        "Anno_coarse/list_bbox": "image_name  x_1  y_1  x_2  y_2",
        "Eval/list_eval_partition": "image_name  evaluation_status",
    }
    for name, rows in lines.items():
        _lines(made, f"{name}.txt", [str(len(rows)), heads[name], *rows])
    every = [CLOTHES.get(str(n), f"Category{n}") for n in range(1, 51)]
    _lines(
        made, "Anno_coarse/list_category_cloth.txt",
        ["50", "category_name  category_type", *(f"{one:<14} {1 + n // 20}" for n, one in enumerate(every))],
    )  # fmt: skip
    _lines(
        made, "Anno_coarse/list_attr_cloth.txt",
        [str(len(TOUCHES)), "attribute_name  attribute_type", *(f"{one:<30} {1 + n % 5}" for n, one in enumerate(TOUCHES))],
    )  # fmt: skip
    made.text("README.txt", "Large-scale Fashion (DeepFashion) Database\nCategory and Attribute Prediction Benchmark\n")  # fmt: skip
    found = list[LayoutTruth]()
    for left in ((), ("val",)):
        of: dict[str, Any] = {
            "test": lambda path: parts[path] == "test",
            "out": lambda path, left=left: parts[path] in left,
        }
        single = _reading(made, LABELS, classes=CLOTHES, **of)
        named = _reading(made, LABELS, classes=CLOTHES.values(), label=lambda one: CLOTHES[str(one)], **of)  # fmt: skip
        many = _reading(made, SEVERAL, classes=TOUCHES, **of)
        labels = {
            side: {path: replace(one, label=several[path]) for path, one in each.items()}
            for side, each in (("train", many.train), ("test", many.test))
        }
        found += [named, single, replace(many, **labels)]  # type: ignore[arg-type]
    return tuple(found)


def _artworks(data: Path) -> Readings:
    """Folders of artists, one of them once more with a broken name; smaller copies in one folder."""
    made, artists = Builder(data), ("Albrecht_Dürer", "Albrecht_DuΓòá├¬rer", "Edgar_Degas", "Frida_Kahlo", "Vincent_van_Gogh")  # fmt: skip
    for label in artists:
        for k in range(1, 9):
            _photos(made, [f"images/images/{label}/{label}_{k}.jpg"], label, (40, 48))
            _photos(made, [f"resized/resized/{label}_{k}.jpg"], label)
    made.table(
        "artists.csv",
        ["id", "name", "years", "genre", "nationality", "bio", "wikipedia", "paintings"],
        [[str(n), one.replace("_", " "), "1834 - 1917", "Impressionism", "French",
          "Edgar Degas (born Hilaire-Germain-Edgar De Gas, pronounced [ilɛːʁ ʒɛʁmɛ̃]) was an artist.",
          f"http://en.wikipedia.org/wiki/{one}", "8"]
         for n, one in enumerate(artists) if "Γ" not in one],
    )  # fmt: skip
    spaced = [one.replace("_", " ") for one in artists]
    named = lambda one: str(one).replace("_", " ")  # noqa: E731
    found = list[LayoutTruth]()
    for out in (_inside("resized"), _inside("images"), _inside()):
        found += [
            _reading(made, LABELS, out=out, classes=artists),
            _reading(made, LABELS, out=out, classes=spaced, label=named),
        ]
    return tuple(found)


def _five_flowers(data: Path) -> Readings:
    made, classes = Builder(data), ("daisy", "dandelion", "rose", "sunflower", "tulip")
    for place, label in enumerate(classes):
        names = [f"{100080576 + k * 977773 + place}_{hex_name(label, k)}" for k in range(8)]
        ends = ("_n", "_m", "")
        _photos(
            made, [f"flowers/{label}/{one}{ends[k % 3]}.jpg" for k, one in enumerate(names)], label
        )
    return (_reading(made, LABELS, classes=classes),)


def _objects_of_caltech(data: Path) -> Readings:
    """Class folders, one of the background; boxes and outlines in files of MATLAB elsewhere."""
    made, top = Builder(data), "caltech-101"
    classes = ("BACKGROUND_Google", "Faces_easy", "Motorbikes", "accordion", "airplanes")
    folders = {"Faces_easy": "Faces_3", "Motorbikes": "Motorbikes_16", "airplanes": "Airplanes_Side_2"}  # fmt: skip
    for label in classes:
        for k in range(1, 9):
            _photos(made, [f"{top}/101_ObjectCategories/{label}/image_{k:04d}.jpg"], label)
            if label != classes[0]:
                _matlab(
                    data / f"{top}/Annotations/{folders.get(label, label)}/annotation_{k:04d}.mat",
                    box_coord=np.array([[2, 18, 3, 21]], dtype=np.uint16),
                    obj_contour=made.random.uniform(0, 20, (2, 17)),
                )
    made.text(f"{top}/101_ObjectCategories/BACKGROUND_Google/tmp", "")
    made.text(f"{top}/show_annotation.m", "function show_annotation(imgfile, annotation_file)\n")
    return (
        _reading(made, LABELS, classes=classes),
        _reading(
            made,
            LABELS,
            out=_inside(f"{top}/101_ObjectCategories/{classes[0]}"),
            classes=classes[1:],
        ),
    )


PATHOLOGY = ("BENIGN", "BENIGN_WITHOUT_CALLBACK", "MALIGNANT")


def _mammograms(data: Path) -> Readings:
    """Tables of masses and of calcifications, whose paths are of DICOM; JPEG in folders of series."""
    made, about = Builder(data), list[list[str]]()
    tables: dict[tuple[str, str], list[list[str]]] = {}
    tests, cropped = set(), set()
    number = 0
    for kind in ("mass", "calc"):
        for part, n in (("train", 16), ("test", 6)):
            for k in range(n):
                number += 1
                label, side = PATHOLOGY[number * 2 % 3], ("LEFT", "RIGHT")[k % 2]
                view, patient = ("CC", "MLO")[k // 2 % 2], f"P_{1 + number * 7:05d}"
                study, whole, crop = (
                    f"1.3.6.1.4.1.9590.100.1.2.{int(hex_name(what, number, length=28), 16)}"
                    for what in ("study", "whole", "crop")
                )
                name = f"{kind.title()}-{'Training' if part == 'train' else 'Test'}_{patient}_{side}_{view}"
                images = {
                    f"jpeg/{whole}/1-{k * 17 % 250:03d}.jpg": "full mammogram images",
                    f"jpeg/{crop}/1-{k * 13 % 250:03d}.jpg": "cropped images",
                    f"jpeg/{crop}/2-{k * 19 % 250:03d}.jpg": "ROI mask images",
                }
                for path, what in images.items():
                    grey = made.random.integers(0, 255, SIZE).astype(np.uint8)
                    if what.startswith("ROI"):
                        grey = draw_plane(made.random, SIZE).astype(np.uint8) * 255
                        save_pixels(data / path, grey)
                    else:
                        made.image(path, TrueSample(SIZE, label), part="train", pixels=grey)
                        if what.startswith("cropped"):
                            cropped.add(path)
                        if part == "test":
                            tests.add(path)
                    series = path.split("/")[1]
                    about.append([f"CBIS-DDSM/dicom/{series}/1-1.dcm", f"CBIS-DDSM/{path}", "16", "MONOCHROME2", "MG",
                                  name if what.startswith("full") else f"{name}_1", what, series, study])  # fmt: skip
                shape = ["IRREGULAR", "SPICULATED"] if kind == "mass" else ["PLEOMORPHIC", "CLUSTERED"]  # fmt: skip
                tables.setdefault((kind, part), []).append(
                    [patient, str(1 + k % 4), side, view, "1", "mass" if kind == "mass" else "calcification", *shape,
                     str(2 + k % 4), label, str(1 + k % 5), f"{name}/{study}/{whole}/000000.dcm",
                     f"{name}_1/{study}/{crop}/000000.dcm", f"{name}_1/{study}/{crop}/000001.dcm\n"]
                )  # fmt: skip
    for (kind, part), cells in tables.items():
        traits = ["mass shape", "mass margins"] if kind == "mass" else ["calc type", "calc distribution"]  # fmt: skip
        density = "breast_density" if kind == "mass" else "breast density"
        header = ["patient_id", density, "left or right breast", "image view", "abnormality id", "abnormality type",
                  *traits, "assessment", "pathology", "subtlety", "image file path", "cropped image file path",
                  "ROI mask file path"]  # fmt: skip
        made.table(f"csv/{kind}_case_description_{part}_set.csv", header, cells)
    header = ["file_path", "image_path", "BitsAllocated", "PhotometricInterpretation", "Modality", "PatientID",
              "SeriesDescription", "SeriesInstanceUID", "StudyInstanceUID"]  # fmt: skip
    made.table("csv/dicom_info.csv", header, about)
    made.table(
        "csv/meta.csv", ["SeriesInstanceUID", "StudyInstanceUID", "Modality", "SeriesDescription", "ImageCount"],
        [[one[7], one[8], "MG", one[6], "1"] for one in about],
    )  # fmt: skip
    is_test = lambda path: path in tests  # noqa: E731
    is_crop = lambda path: path in cropped  # noqa: E731
    return tuple(
        _reading(made, LABELS, test=is_test, out=out, classes=PATHOLOGY)
        for out in (is_crop, lambda path: path not in cropped)
    )


STAGES = {"Mild": "1", "Moderate": "2", "No_DR": "0", "Proliferate_DR": "4", "Severe": "3"}


def _filtered_retinas(data: Path) -> Readings:
    """Folders of stages by name, and a table of their numbers; a model of others beside."""
    made, cells = Builder(data), []
    for k in range(40):
        label = list(STAGES)[k * 3 % 5]
        name = hex_name("filtered", k, length=12)
        _photos(
            made, [f"gaussian_filtered_images/gaussian_filtered_images/{label}/{name}.png"], label
        )
        cells.append([name, STAGES[label]])
    made.table("train.csv", ["id_code", "diagnosis"], cells)
    (data / "gaussian_filtered_images/gaussian_filtered_images/export.pkl").write_bytes(
        b"\x80\x04."
    )
    numbers = sorted(STAGES.values())
    return (
        _reading(made, RANKS, classes=tuple(STAGES)),
        _reading(made, RANKS, classes=numbers, label=lambda one: STAGES[str(one)]),
    )


def _acne(data: Path) -> Readings:
    """Five folds in texts of name, severity and number of lesions, two blanks between."""
    made, folds = Builder(data), {}
    names = dict[str, tuple[str, str]]()
    for k in range(40):
        level = (0, 1, 0, 1, 2, 0, 1, 3)[k % 8]
        path = f"Classification/JPEGImages/levle{level}_{k * 7}.jpg"
        _photos(made, [path], str(level))
        folds[path] = k * 3 % 5
        names[path] = (str(level), str((1, 8, 24, 55)[level] + k % 6))
    for fold in range(5):
        for part in ("trainval", "test"):
            _lines(
                made, f"Classification/NNEW_{part}_{fold}.txt",
                [f"{Path(path).name}  {level}  {count}" for path, (level, count) in names.items()
                 if (folds[path] == fold) == (part == "test")],
            )  # fmt: skip
    made.text("readme.txt", "ACNE04: NNEW_trainval_x.txt and NNEW_test_x.txt are for fold x; each row has image name, severity level and lesion number.\n")  # fmt: skip
    found = list[LayoutTruth]()
    for fold in range(5):
        is_test = lambda path, fold=fold: folds[path] == fold  # noqa: E731
        ranks = _reading(made, RANKS, test=is_test, classes=tuple("0123"))
        counts = replace(
            ranks, classes=(), kinds={"classify": frozenset({"regression"})},
            train={path: replace(one, label=float(names[path][1])) for path, one in ranks.train.items()},
            test={path: replace(one, label=float(names[path][1])) for path, one in ranks.test.items()},
        )  # fmt: skip
        found += [ranks, counts]
    return tuple(found)


def _crowds(data: Path) -> Readings:
    """A text of each part: number of the image, count, scene, weather; points in other texts."""
    made = Builder(data)
    for part, n in (("train", 24), ("val", 6), ("test", 8)):
        lines = []
        for k in range(1, n + 1):
            number, count = f"{k * 11 + len(part) * 400:04d}", k * 37 % 23 + (300 if k % 5 == 0 else 0)  # fmt: skip
            _photos(made, [f"jhu_crowd_v2.0/{part}/images/{number}.jpg"], float(count))
            _lines(
                made, f"jhu_crowd_v2.0/{part}/gt/{number}.txt",
                [f"{1 + one % 20} {1 + one % 17} 3 4 {1 + one % 3} 0" for one in range(count)],
            )  # fmt: skip
            scene = ("street", "stadium", "rally", "unclear")[k % 4]
            lines.append(f"{number},{count},{scene},{int(k % 9 == 4)},{int(count == 0)}")
        _lines(made, f"jhu_crowd_v2.0/{part}/image_labels.txt", lines)
    made.text("jhu_crowd_v2.0/README.txt",
              "image_labels.txt: filename, total-count, scene-type, weather-condition (0: no weather degradation, 1: fog, 2: rain, 3: snow), distractor\n")  # fmt: skip
    return tuple(
        _with_and_without(
            lambda out: [_reading(made, NUMBER, test=_inside("jhu_crowd_v2.0/test"), out=out)],
            _inside("jhu_crowd_v2.0/val"),
        )
    )


def _ages_in_names(data: Path) -> Readings:
    """A number, the name of a person, an age and a letter of the sex in each name."""
    made, sexes, people = Builder(data), {}, ("MariaCallas", "GlennClose", "GoldieHawn", "MarlonBrando", "PaulNewman")  # fmt: skip
    for k in range(40):
        age = 18 + k * 29 % 67
        sex = "f" if k % 5 < 3 else "m"
        path = f"AgeDB/{k * 401}_{people[k % 5]}_{age}_{sex}.jpg"
        _photos(made, [path], float(age))
        sexes[path] = sex
    ages = _reading(made, NUMBER)
    two = {path: replace(one, label=sexes[path]) for path, one in ages.train.items()}
    return ages, replace(_reading(made, TWO, classes=("f", "m")), train=two)


def _chinese_signs(data: Path) -> Readings:
    """Two texts with semicolons between and behind: name, size, box, class; zeros in names."""
    made, classes = Builder(data), ("0", "3", "17", "54")
    texts = {"TSRD-Train": "TsignRecgTrain4170Annotation.txt", "TSRD-Test": "TsignRecgTest1994Annotation.txt"}  # fmt: skip
    for folder, n in (("TSRD-Train", 36), ("TSRD-Test", 12)):
        lines = []
        for k in range(n):
            label = classes[k * 3 % 4]
            name = f"{int(label):03d}_{1 + k:04d}.png"
            if folder == "TSRD-Test":
                name = f"{int(label):03d}_1_{1 + k:04d}_1_j.png"
            _photos(made, [f"{folder}/{name}"], label)
            lines.append(f"{name};24;20;3;2;21;17;{label};")
        _lines(made, texts[folder], lines)
    is_test, padded = _inside("TSRD-Test"), [f"{int(one):03d}" for one in classes]
    return (
        _reading(made, LABELS, test=is_test, classes=classes),
        _reading(
            made, LABELS, test=is_test, classes=padded, label=lambda one: f"{int(str(one)):03d}"
        ),
    )


SHOES = (
    ("Boots", "Ankle", "Frye"), ("Boots", "Knee High", "UGG"), ("Sandals", "Flat", "Teva"),
    ("Shoes", "Oxfords", "Bostonian"), ("Shoes", "Heels", "Nine West"), ("Slippers", "Slipper Flats", "Acorn"),
)  # fmt: skip


def _shoes(data: Path) -> Readings:
    """Folders of category, kind and brand; ids of the table with a dash in place of the dot."""
    made, cells, of = Builder(data), [], {}
    for k in range(42):
        category, kind, brand = SHOES[k * 5 % 6]
        number = f"{100627 + k * 31}.{72 + k * 997}"
        path = f"ut-zap50k-images/{category}/{kind}/{brand}/{number}.jpg"
        _photos(made, [path], category)
        of[path] = (category, kind, brand)
        heel = "" if k % 3 else "Under 1in"
        cells.append([number.replace(".", "-"), category, kind.replace(" ", "."), heel, "Leather", "Lace up",
                      ("Men", "Women")[k % 2], "Leather;Rubber" if k % 4 else "", ""])  # fmt: skip
    header = ["CID", "Category", "SubCategory", "HeelHeight", "Insole", "Closure", "Gender", "Material", "ToeStyle"]  # fmt: skip
    made.table("ut-zap50k-data/meta-data.csv", header, cells)
    _matlab(
        data / "ut-zap50k-data/image-path.mat", imagepath=np.array(list(of), dtype=object)[:, None]
    )
    made.text("ut-zap50k-data/readme.txt", "UT Zappos50K: a large shoe dataset of 50,025 catalog images.\n")  # fmt: skip
    found = list[LayoutTruth]()
    for depth in range(3):
        labels = {path: each[depth] for path, each in of.items()}
        for named in (str, lambda one: str(one).replace(" ", ".")):
            truth = _reading(made, LABELS, classes=sorted({named(one) for one in labels.values()}))
            train = {
                path: replace(one, label=named(labels[path])) for path, one in truth.train.items()
            }
            found.append(replace(truth, train=train))
    return tuple(found)


# Data sets: masks


COMMON = ((1, "person"), (3, "car"), (18, "dog"), (44, "bottle"), (62, "chair"))


def _common_objects(data: Path) -> Readings:
    """Outlines, crowds as runs, key points and captions of train and val; images of test alone."""
    made, size, names = Builder(data), (40, 48), [name for _, name in COMMON]
    crowds = set[bytes]()
    for part, n, first in (("train2017", 20, 9), ("val2017", 6, 139)):
        photos = [f"{part}//{first + 7 * k:012d}.jpg" for k in range(n)]
        content = _coco(made, size, photos, COMMON, first=1)
        about = {"info": {"description": "COCO 2017 Dataset", "year": 2017}, "licenses": [{"id": 1, "name": "CC"}]}  # fmt: skip
        for k, one in enumerate(content["images"]):
            plane = _rectangle(size, 5, 29, 34, 7)
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
        _json(made, f"annotations/instances_{part}.json", {**about, **content})
        points = [
            {**one, "num_keypoints": 2, "keypoints": [9, 8, 2, 12, 8, 2, *[0] * 45]}
            for one in content["annotations"]
            if one["category_id"] == 1
        ]
        people = [{"supercategory": "person", "id": 1, "name": "person", "keypoints": ["nose", "left_eye"], "skeleton": [[1, 2]]}]  # fmt: skip
        _json(made, f"annotations/person_keypoints_{part}.json",
              {**about, **content, "annotations": points, "categories": people})  # fmt: skip
        said = [
            {"image_id": one["id"], "id": n, "caption": "A man with a dog near a car."}
            for n, one in enumerate(content["images"])
        ]
        _json(made, f"annotations/captions_{part}.json",
              {**about, "images": content["images"], "annotations": said})  # fmt: skip
    tests = [f"test2017/{1 + 11 * k:012d}.jpg" for k in range(8)]
    _photos(made, tests, None, size)
    kinds = [{"supercategory": one, "id": number, "name": one} for number, one in COMMON]
    for name in ("test2017", "test-dev2017"):
        images = [
            {"license": 1, "file_name": Path(one).name, "height": 40, "width": 48, "id": 1 + 11 * k}
            for k, one in enumerate(tests)
        ]
        _json(made, f"annotations/image_info_{name}.json", {"images": images, "categories": kinds})

    def read(out: Callable[[str], bool]) -> list[LayoutTruth]:
        every = _reading(
            made, {"segment": "instance"}, test=_inside("test2017"), out=out, mask_classes=names
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
        classes = _by_class(alone, size, names)
        crowded = {
            path: replace(one, ignored=_rectangle(size, 5, 29, 34, 7))
            if len(every.train[path].objects or ()) > len(single[path].objects or ())
            else one
            for path, one in classes.train.items()
        }
        return [alone, every, classes, _by_class(every, size, names), replace(classes, train=crowded)]  # fmt: skip

    return tuple(_with_and_without(read, _inside("val2017")))


VISTAS = (
    ("animal--bird", "Bird", (165, 42, 42)), ("construction--flat--road", "Road", (128, 64, 128)),
    ("human--person", "Person", (220, 20, 60)), ("nature--sky", "Sky", (70, 130, 180)),
    ("object--vehicle--car", "Car", (0, 0, 142)), ("void--unlabeled", "Unlabeled", (0, 0, 0)),
)  # fmt: skip


def _vistas(data: Path) -> Readings:
    """Palettes whose colours a JSON has, in the order of the numbers; objects in masks of 16 bits."""
    made, n_classes = Builder(data), len(VISTAS)
    palette = [value for _, _, colour in VISTAS for value in colour]
    for part, n in (("training", 20), ("validation", 6), ("testing", 8)):
        for k in range(n):
            digest = base64.urlsafe_b64encode(bytes.fromhex(hex_name(part, k, length=32)))
            name, places = digest.decode()[:22], draw_class_map(made.random, SIZE, n_classes, fill=True)  # fmt: skip
            planes = _planes_of(places, n_classes) if part != "testing" else None
            made.image(f"{part}/images/{name}.jpg", TrueSample(SIZE, planes=planes), part="train")
            if part == "testing":
                continue
            path = data / f"{part}/labels/{name}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            mask = Image.fromarray((places - 1).astype(np.uint8), mode="P")
            mask.putpalette([*palette, *[0] * (768 - len(palette))])
            mask.save(path)
            objects = (places.astype(np.uint16) - 1) * 256 + (places == 5)
            _save_tiff(data / f"{part}/instances/{name}.png", objects.astype(np.uint16))
            ids = np.zeros((*SIZE, 3), dtype=np.uint8)
            ids[..., 0], ids[..., 1] = places, 7
            save_pixels(data / f"{part}/panoptic/{name}.png", ids)
    _json(made, "config.json", {
        "labels": [{"color": list(colour), "instances": n in (0, 2, 4), "readable": readable, "name": name,
                    "evaluate": n < 5} for n, (name, readable, colour) in enumerate(VISTAS)],
        "version": "1.1", "mapping": "public", "folder_structure": "{split}/{content}/{image:s}.{extension:s}",
    })  # fmt: skip
    made.text("README", "Mapillary Vistas Dataset v1.1, research edition\n")
    made.text("LICENSE", "CC BY-NC-SA 4.0\n")

    def read(out: Callable[[str], bool]) -> list[LayoutTruth]:
        found = list[LayoutTruth]()
        for names in ([one[1] for one in VISTAS], [one[0] for one in VISTAS], list("012345")):
            every = _reading(made, MULTI, test=_inside("testing"), out=out, mask_classes=names)
            void = {
                path: replace(one, planes=one.planes[:-1], ignored=one.planes[-1])
                if one.planes
                else one
                for path, one in every.train.items()
            }
            ground = {path: replace(one, ignored=None) for path, one in void.items()}
            fewer = tuple(names[:-1])
            found += [replace(every, train=each, mask_classes=fewer) for each in (void, ground)]
            found.append(every)
        return found

    return tuple(_with_and_without(read, _inside("validation")))


DRIVABLE = {0: ("road", (128, 64, 128)), 2: ("building", (70, 70, 70)), 8: ("vegetation", (107, 142, 35)),
            10: ("sky", (70, 130, 180)), 13: ("car", (0, 0, 142))}  # fmt: skip


def _berkeley(data: Path) -> Readings:
    """Images far from labels, which are numbers, colours and outlines; 255 is unknown."""
    made, top, size = Builder(data), "bdd100k", (24, 40)
    values = np.array([*DRIVABLE, 255], dtype=np.uint8)
    colours = np.array([*(colour for _, colour in DRIVABLE.values()), (0, 0, 0)], dtype=np.uint8)
    for part, n in (("train", 20), ("val", 6), ("test", 8)):
        frames = []
        for k in range(n):
            name = f"{hex_name(part, k, length=8)}-{hex_name(k, part, length=8)}"
            places = draw_class_map(made.random, size, 5, fill=True)
            places[:3][:, : 5 + k] = 6
            true = TrueSample(size, planes=_planes_of(places, 6) if part != "test" else None)
            made.image(f"{top}/images/10k/{part}/{name}.jpg", true, part="train")
            if part == "test":
                continue
            save_pixels(data / f"{top}/labels/sem_seg/masks/{part}/{name}.png", values[places - 1])
            save_pixels(
                data / f"{top}/labels/sem_seg/colormaps/{part}/{name}.png", colours[places - 1]
            )
            frames.append({"name": f"{name}.jpg", "labels": [
                {"id": f"{n}", "category": kind, "poly2d": [{"vertices": [[1, 2], [9, 2], [9, 8]], "types": "LLL", "closed": True}]}
                for n, (kind, _) in enumerate(DRIVABLE.values())]})  # fmt: skip
        if frames:
            _json(made, f"{top}/labels/sem_seg/polygons/sem_seg_{part}.json", frames)
    numbers = [str(one) for one in DRIVABLE]

    def read(out: Callable[[str], bool]) -> list[LayoutTruth]:
        is_test = _inside(f"{top}/images/10k/test")
        every = _reading(made, MULTI, test=is_test, out=out, mask_classes=[*numbers, "255"])
        void = {
            path: replace(one, planes=one.planes[:-1], ignored=one.planes[-1])
            if one.planes
            else one
            for path, one in every.train.items()
        }
        ground = {path: replace(one, ignored=None) for path, one in void.items()}
        fewer = [replace(every, train=each, mask_classes=tuple(numbers)) for each in (void, ground)]
        every_colour = [*(colour for _, colour in DRIVABLE.values()), (0, 0, 0)]
        return [*fewer, every, *_sorted_places(every, every_colour)]

    return tuple(_with_and_without(read, _inside(f"{top}/images/10k/val")))


def _bitmap(plane: Plane) -> tuple[str, list[int]]:
    """Return a mask as Supervisely writes it, a PNG within zlib within letters, and its place."""
    rows, columns = np.flatnonzero(plane.any(axis=1)), np.flatnonzero(plane.any(axis=0))
    part = plane[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    content = io.BytesIO()
    pixels = np.zeros((*part.shape, 4), dtype=np.uint8)
    pixels[part] = 255
    Image.fromarray(pixels).save(content, format="PNG")
    text = base64.b64encode(zlib.compress(content.getvalue())).decode()
    return text, [int(columns[0]), int(rows[0])]


def _persons(data: Path) -> Readings:
    """A JSON an image, named after it with its ending: bitmaps and outlines; names in another."""
    made, size, names = Builder(data), (40, 48), ("person_bmp", "person_poly")
    closed = {}
    for k in range(30):
        top, name = f"ds{1 + k // 10}", f"pexels-photo-{23711 + k * 977}.{('png', 'jpeg')[k % 3 == 1]}"  # fmt: skip
        planes = draw_objects(made.random, (size[0], 24), 1 + k % 2)
        objects, wide = list[dict[str, Any]](), []
        for plane in planes:
            whole = np.zeros(size, dtype=bool)
            whole[:, :24] = plane
            text, origin = _bitmap(whole)
            objects.append({
                "description": "", "tags": [], "bitmap": {"data": text, "origin": origin}, "type": "bitmap",
                "classTitle": names[0], "points": {"interior": [], "exterior": []},
            })  # fmt: skip
            wide.append((0, whole))
        true, edges = list(wide), list(wide)
        if k % 3 == 0:
            left, below = 29, 6 + k % 5
            ring = [[left, below], [left + 12, below], [left + 12, below + 15], [left, below + 15]]
            objects.append({"description": "", "tags": [], "bitmap": None, "type": "polygon", "classTitle": names[1],
                            "points": {"interior": [], "exterior": ring}})  # fmt: skip
            true.append((1, _rectangle(size, left, below, 12, 15)))
            edges.append((1, _rectangle(size, left, below, 13, 16)))
        path = f"Supervisely Person Dataset/{top}/img/{name}"
        made.image(path, TrueSample(size, objects=tuple(true)), part="train")
        closed[path] = tuple(edges)
        _json(made, f"Supervisely Person Dataset/{top}/ann/{name}.json",
              {"description": "", "name": Path(name).stem, "tags": ["train"] if k % 4 else [],
               "size": {"width": size[1], "height": size[0]}, "objects": objects})  # fmt: skip
    _json(made, "Supervisely Person Dataset/meta.json", {
        "tags": ["train", "val"], "tags_images": [], "tags_objects": [],
        "classes": [{"title": one, "shape": shape, "color": colour} for one, shape, colour in
                    ((names[0], "bitmap", "#62E9B4"), (names[1], "polygon", "#DC143C"))],
    })  # fmt: skip
    return _outlined(made, size, names, closed)


def _outlined(
    made: Builder,
    size: Size,
    names: Sequence[str],
    closed: dict[str, tuple[tuple[int, Plane], ...]],
) -> Readings:
    """Return readings of outlines with their right and lower edges, and without."""
    found = list[LayoutTruth]()
    for with_edges in (False, True):
        single = _reading(made, {"segment": "instance"}, mask_classes=names)
        if with_edges:
            train = {path: replace(one, objects=closed[path]) for path, one in single.train.items()}
            single = replace(single, train=train)
        whole = {
            path: replace(one, planes=(union([plane for _, plane in one.objects]),), objects=None)
            if one.objects
            else replace(one, planes=(np.zeros(size, dtype=bool),), objects=None)
            for path, one in single.train.items()
        }
        found += [
            single,
            _by_class(single, size, names),
            replace(
                single, kinds={"segment": frozenset({"binary"})}, mask_classes=("",), train=whole
            ),
        ]
    return tuple(found)


def _outlines_of_labelme(data: Path) -> Readings:
    """A JSON beside each image, some with the image within; paths from Windows; a few are missing."""
    made, size, names = Builder(data), (40, 52), ("dent", "scratch")
    closed = {}
    for k in range(30):
        name = f"IMG_20210{3 + k % 3}1{k % 9}_{102233 + k * 61}"
        shapes, objects, edges = list[dict[str, Any]](), [], []
        for place in range(1 + k % 3):
            left, top, wide, tall = 1 + 17 * place, 3 + k % 9, 8 + k % 5, 9 + (k + place) % 7
            kind = (k + place) % 2
            ring = [[float(left), float(top)], [float(left + wide), float(top)],
                    [float(left + wide), float(top + tall)], [float(left), float(top + tall)]]  # fmt: skip
            shapes.append({"label": names[kind], "points": ring, "group_id": None, "shape_type": "polygon", "flags": {}})  # fmt: skip
            objects.append((kind, _rectangle(size, left, top, wide, tall)))
            edges.append((kind, _rectangle(size, left, top, wide + 1, tall + 1)))
        made.image(f"car_damage/{name}.jpg", TrueSample(size, objects=tuple(objects)), part="train")
        closed[f"car_damage/{name}.jpg"] = tuple(edges)
        content = (data / f"car_damage/{name}.jpg").read_bytes() if k % 3 else b""
        _json(made, f"car_damage/{name}.json", {
            "version": "4.5.7", "flags": {}, "shapes": shapes, "imagePath": f"..\\raw\\{name}.jpg" if k % 2 else f"{name}.jpg",
            "imageData": base64.b64encode(content).decode() or None, "imageHeight": size[0], "imageWidth": size[1],
        })  # fmt: skip
    _lines(made, "labels.txt", ["__ignore__", "_background_", *names])
    return _outlined(made, size, names, closed)


def _look_into_person(data: Path) -> Readings:
    """Images, numbers of parts of clothes and lists of ids, each from another archive."""
    made, size = Builder(data), (40, 28)
    for part, n in (("train", 20), ("val", 6), ("test", 8)):
        first = {"train": 77, "val": 100034, "test": 100012}[part]
        ids = [f"{first + 100 * k}_{471474 + 31 * k}" for k in range(n)]
        for one in ids:
            places = draw_class_map(made.random, size, 19, fill=False)
            folder = "Testing_images/testing_images" if part == "test" else f"TrainVal_images/{part}_images"  # fmt: skip
            true = TrueSample(size, planes=_planes_of(places, 19) if part != "test" else None)
            made.image(f"{folder}/{one}.jpg", true, part="train")
            if part != "test":
                save_pixels(
                    data / f"TrainVal_parsing_annotations/{part}_segmentations/{one}.png",
                    places,
                )
        folder = "Testing_images" if part == "test" else "TrainVal_images"
        _lines(made, f"{folder}/{part}_id.txt", ids)
        if part != "test":
            cells = [[f"{one}.jpg", *(str(3 + n) for n in range(6))] for one in ids]
            made.text(
                f"TrainVal_pose_annotations/lip_{part}_set.csv",
                "".join(",".join(row) + "\n" for row in cells),
            )
    names = [str(n) for n in range(1, 20)]

    def read(out: Callable[[str], bool]) -> list[LayoutTruth]:
        truth = _reading(made, MULTI, test=_inside("Testing_images"), out=out, mask_classes=names)
        return [truth, _with_ground(truth)]

    return tuple(_with_and_without(read, _inside("TrainVal_images/val_images")))


def _scenes_as_text(data: Path) -> Readings:
    """Masks are rows of numbers in texts, three an image; -1 is unknown."""
    made, top = Builder(data), "iccv09Data"
    horizons = []
    for k in range(30):
        name = f"{(47, 51, 9000002)[k % 3] + 59 * k:07d}"
        places = draw_class_map(made.random, SIZE, 8, fill=True).astype(int)
        places[:2, : k % 4] = 0
        true = TrueSample(SIZE, planes=tuple(places == n + 1 for n in range(8)), ignored=places == 0)  # fmt: skip
        made.image(f"{top}/images/{name}.jpg", true, part="train")
        for kind, values in (
            ("regions", places - 1),
            ("surfaces", np.minimum(places, 3) - 1),
            ("layers", places * 3),
        ):
            _lines(
                made,
                f"{top}/labels/{name}.{kind}.txt",
                [" ".join(map(str, row)) for row in values.tolist()],
            )
        horizons.append(f"{name} {SIZE[1]} {SIZE[0]} {7 + k % 5}")
    _lines(made, f"{top}/horizons.txt", horizons)
    made.text(
        f"{top}/README",
        "Stanford Background Dataset\n\nimages/: the images\nlabels/*.regions.txt: integer matrix indicating each pixel's semantic class "
        "(sky, tree, road, grass, water, building, mountain, or foreground object). A negative number indicates unknown.\n",
    )  # fmt: skip
    known = _reading(made, MULTI, mask_classes=tuple("01234567"))
    plain = {path: replace(one, ignored=None) for path, one in known.train.items()}
    return known, replace(known, train=plain)


def _open_earth(data: Path) -> Readings:
    """A folder a place, with images and labels of the same names; lists of names; test has none."""
    made, top, parts = Builder(data), "OpenEarthMap_wo_xBD", {}
    lists: dict[str, list[str]] = {"train": [], "val": [], "test": []}
    for place in ("aachen", "chincha", "kyoto", "zanzibar"):
        for k in range(1, 12):
            part = "test" if k % 4 == 0 else "val" if k == 7 else "train"
            places, name = draw_class_map(made.random, SIZE, 8, fill=k % 3 > 0), f"{place}_{k}.tif"
            known = part != "test"
            true = TrueSample(
                SIZE,
                planes=_planes_of(places, 8) if known else None,
                ignored=places == 0 if known else None,
            )
            path = f"{top}/{place}/images/{name}"
            made.image(path, true, part="train")
            if known:
                save_pixels(data / f"{top}/{place}/labels/{name}", places)
            parts[path] = part
            lists[part].append(name)
    for part, each in lists.items():
        _lines(made, f"{top}/{part}.txt", each)

    def read(out: Callable[[str], bool]) -> list[LayoutTruth]:
        void = _reading(
            made, MULTI, test=lambda path: parts[path] == "test", out=out,
            mask_classes=tuple("12345678"),
        )  # fmt: skip
        ground = {path: replace(one, ignored=None) for path, one in void.train.items()}
        plain = replace(void, train=ground)
        return [void, plain, _with_ground(plain)]

    return tuple(_with_and_without(read, lambda path: parts[path] == "val"))


def _visual_anomalies(data: Path) -> Readings:
    """Folders of normal and of not; masks of the latter with low values; three tables of parts."""
    made, size, top = Builder(data), (24, 32), "VisA"
    tables: dict[str, list[list[str]]] = {"1cls": [], "2cls_fewshot": [], "2cls_highshot": []}
    tests = {one: set[str]() for one in tables}
    empty = np.zeros(size, dtype=bool)
    for thing in ("candle", "pcb1"):
        notes = []
        for kind, n in (("Normal", 16), ("Anomaly", 10)):
            for k in range(n):
                name = f"{k:04d}" if kind == "Normal" else f"{k:03d}"
                image, mask = f"{thing}/Data/Images/{kind}/{name}.JPG", ""
                plane = draw_plane(made.random, size) if kind == "Anomaly" else empty
                true = TrueSample(size, kind, planes=(plane,))
                made.image(f"{top}/{image}", true, part="train")
                said = "normal"
                if kind == "Anomaly":
                    mask = f"{thing}/Data/Masks/Anomaly/{name}.png"
                    _grey_mask(data / f"{top}/{mask}", plane, 1 + (k % 4 == 3))
                    said = ("chunk of wax missing", "damaged corner of packaging,different colour spot", "other")[k % 3]  # fmt: skip
                notes.append([image, said, mask])
                for split, cells in tables.items():
                    is_test = k % 5 == 0 if split != "2cls_fewshot" else k % 2 == 0
                    is_test = is_test or (split == "1cls" and kind == "Anomaly")
                    label = kind.lower()
                    cells.append([thing, "test" if is_test else "train", label, image, mask])
                    if is_test:
                        tests[split].add(f"{top}/{image}")
        made.table(f"{top}/{thing}/image_anno.csv", ["image", "label", "mask"], notes)
    for split, cells in tables.items():
        made.table(f"{top}/split_csv/{split}.csv", ["object", "split", "label", "image", "mask"], cells)  # fmt: skip
    made.text(f"{top}/LICENSE-DATASET", "CC BY 4.0\n")
    found = list[LayoutTruth]()
    kinds = {**TWO, **ONE_MASK}
    for split in ("2cls_highshot", "2cls_fewshot", "1cls"):
        for names in (("anomaly", "normal"), ("Anomaly", "Normal")):
            full = _reading(
                made, kinds, test=lambda path, split=split: path in tests[split],  # type: ignore[misc]
                classes=names, mask_classes=[""], label=str.lower if names[0] == "anomaly" else None,  # type: ignore[arg-type]
            )  # fmt: skip
            fewer = {
                path: replace(one, planes=None) if "/Normal/" in path else one
                for path, one in full.train.items()
            }
            found += [full, replace(full, train=fewer)]
    return tuple(found)


KNOTS = {"Live_Knot": (0, 255, 0), "Dead_Knot": (255, 0, 0), "Crack": (255, 0, 100), "Resin": (255, 0, 255)}  # fmt: skip


def _wood(data: Path) -> Readings:
    """Photos in several folders, masks of colours in one, and a text of the colours."""
    made = Builder(data)
    colours = np.array([(0, 0, 0), *KNOTS.values()], dtype=np.uint8)
    for k in range(32):
        name = f"{99100001 + k * 3 + 800000 * (k // 16)}"
        places = draw_class_map(made.random, SIZE, 4, fill=False)
        if k % 8 == 5:
            places[:] = 0
        true = TrueSample(SIZE, planes=_planes_of(places, 4))
        made.image(f"Images{1 + k // 16}/{name}.bmp", true, part="train")
        save_pixels(data / f"Semantic Maps/{name}_segm.bmp", colours[places])
        lines = [f"{one}\t0,{112 + n}\t0,2\t0,4\t0,5" for n, one in enumerate(KNOTS) if (places == n + 1).any()]  # fmt: skip
        _lines(made, f"Bouding Boxes/{name}_anno.txt", lines)
    _lines(
        made, "Semantic Map Specification.txt",
        [f"{one}\tRGB({r}, {g}, {b})" for one, (r, g, b) in KNOTS.items()],
    )  # fmt: skip
    named = _reading(made, MULTI, mask_classes=tuple(KNOTS))
    every = _with_ground(named, "background")
    black = [(0, 0, 0), *KNOTS.values()]
    return named, every, *_sorted_places(every, black)


EIGHTH_COMPETITIONS = (
    DataSet("zindi-miia-pothole", "memory", _pot_holes, doubt="the numbers of the sample"),
    DataSet(
        "lacuna-solar-survey-challenge",
        "code of columns, memory",
        _solar_roofs,
        doubt="words of the placements, form of the outlines",
    ),
    DataSet("drac-2022-image-quality", "memory", _quality_of_octa),
    DataSet("fusc-2021", "memory", _ulcers_of_feet),
    DataSet("ravir", "memory", _vessels_of_infrared, doubt="names of the images"),
    DataSet(
        "analytics-vidhya-scene-classification",
        "memory",
        _scenes_of_intel,
        doubt="letters behind the name of the sample",
    ),
    DataSet(
        "signate-404-facial-expressions", "page", _feelings_of_faces, doubt="names of the images"
    ),
    DataSet("ai-challenger-2018-crop-diseases", "memory", _diseases_of_crops),
    DataSet("dacon-crop-disease-diagnosis", "memory", _crops_and_climate),
    DataSet("unifesp-x-ray-body-part-classifier", "code, memory", _parts_of_bodies),
    DataSet("inaturalist-2021", "memory", _species_of_2021, doubt="columns of the sample"),
    DataSet("aicrowd-food-recognition-2022", "memory", _dishes),
    DataSet("codalab-acre-crop-and-weed", "memory", _crop_and_weed, doubt="words of the README"),
    DataSet("ethz-cil-road-segmentation-2023", "memory", _roads_in_patches),
    DataSet("neurips-2022-cell-segmentation", "memory", _cells_of_all_kinds, doubt="folders"),
    DataSet("dacon-samsung-camera-invariant", "memory", _fish_eyes, doubt="the runs of the sample"),
)
"""Competitions of `DataSet` form, so that several readings may be right, and nothing need be sent."""

EIGHTH_DATA_SETS = (
    DataSet("iBeans", "memory", _beans),
    DataSet("DeepFashion attributes", "memory", _clothes_and_touches),
    DataSet("Best artworks", "memory", _artworks, has_test=False),
    DataSet("Flowers recognition", "memory", _five_flowers, has_test=False),
    DataSet("Caltech-101", "memory", _objects_of_caltech, has_test=False),
    DataSet("CBIS-DDSM (Kaggle)", "memory", _mammograms, doubt="columns of dicom_info.csv"),
    DataSet("Diabetic retinopathy (Gaussian)", "memory", _filtered_retinas, has_test=False),
    DataSet("ACNE04", "memory", _acne),
    DataSet("JHU-CROWD++", "memory", _crowds),
    DataSet("AgeDB", "memory", _ages_in_names, has_test=False),
    DataSet("TSRD", "memory", _chinese_signs),
    DataSet("UT Zappos50K", "memory", _shoes, has_test=False),
    DataSet("COCO 2017", "memory", _common_objects),
    DataSet("Mapillary Vistas", "memory", _vistas),
    DataSet("BDD100K", "memory", _berkeley),
    DataSet("Supervisely persons", "memory", _persons, has_test=False),
    DataSet("LabelMe outlines", "memory", _outlines_of_labelme, has_test=False),
    DataSet("LIP", "memory", _look_into_person),
    DataSet("Stanford background", "memory", _scenes_as_text, has_test=False),
    DataSet("OpenEarthMap", "memory", _open_earth),
    DataSet("VisA", "memory", _visual_anomalies),
    DataSet("Wood defects", "memory", _wood, has_test=False, doubt="the text of the colours"),
)
