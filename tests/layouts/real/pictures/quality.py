"""Layouts of competitions and data sets of the quality of photos, and photos to be mended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layouts.drawing import draw_plane, save_pixels
from layouts.real.files import write_lines, write_workbook
from layouts.real.kinds import ANY, NUMBER, ONE_MASK, RANKS, SEVERAL, TARGETS
from layouts.real.made import WIDE, Builder, DataSet, Readings, Rows
from layouts.real.masks import save_grey_mask
from layouts.real.names import hex_name
from layouts.real.photos import write_photos
from layouts.real.readings import any_of, in_folders, reading_of, with_labels, with_train_labels
from layouts.truth import Label, LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]


def _image_quality(data: Path) -> Readings:
    """A mean opinion beside its distribution; a table of other measures."""
    made, rows, others, means = Builder(data), [], [], dict[str, tuple[float, float]]()
    for k in range(30):
        name, other = f"{10004473376 + 91237 * k}.jpg", k * 11 % 30
        counts = [30 - other, 25, 20 + k % 3, 9 + other, 21 - k % 3]  # 105 people
        mean = round(sum(grade * n for grade, n in enumerate(counts, 1)) / 105, 12)
        spread = round(66.3591005565178 + 1.21 * other, 12)
        means[f"1024x768/{name}"] = (mean, spread)
        write_photos(made, [f"1024x768/{name}"], mean)
        rows.append([name, *map(str, counts), "105", str(mean), f"0.5{k}", str(spread)])
        others.append([name, f"0.{300 + k}", f"0.{12 + k}", f"{5 + k}.{k}"])
    made.table("koniq10k_scores_and_distributions.csv",
               ["image_name", "c1", "c2", "c3", "c4", "c5", "c_total", "MOS", "SD", "MOS_zscore"], rows)  # fmt: skip
    made.table(
        "koniq10k_indicators.csv", ["image_name", "brightness", "contrast", "colorfulness"], others
    )
    return tuple(
        with_labels(reading_of(made, NUMBER), {path: one[place] for path, one in means.items()})
        for place in (0, 1)
    )


def _quality_of_images(data: Path) -> Readings:
    """The images as they were lie in the same folder, and have no number of their own."""
    made, cells, top = Builder(data), [], "kadid10k"
    for ref in range(1, 5):
        write_photos(made, [f"{top}/images/I{ref:02d}.png"], None)
        for kind in (1, 7):
            for level in range(1, 6):
                name = f"I{ref:02d}_{kind:02d}_{level:02d}.png"
                score = round(4.57 - 0.7 * (level - 1) - 0.11 * ref + 0.05 * kind, 2)
                write_photos(made, [f"{top}/images/{name}"], score)
                cells.append([name, f"I{ref:02d}.png", str(score), f"0.{40 + level * kind}"])
    made.table(f"{top}/dmos.csv", ["dist_img", "ref_img", "dmos", "var"], cells)
    return (reading_of(made, NUMBER),)


QUALITIES = ("MOS", "Brightness", "Colorfulness", "Contrast", "Noisiness", "Sharpness")


PLACES = (
    "Animal",
    "Cityscape",
    "Human",
    "Indoor scene",
    "Landscape",
    "Night scene",
    "Plant",
    "Still-life",
    "Others",
)


def _quality_of_phones(data: Path) -> Readings:
    """Spreadsheets of scores, of the scene and of the camera beside; no parts."""
    made, scores, scenes, tags = Builder(data), [], [], []
    true, found = dict[str, tuple[float, ...]](), dict[str, frozenset[str]]()
    for k in range(36):
        name, size = f"{k * 97 + 1:05d}.jpg", (20 + k % 3, 24 + k % 4)
        numbers = tuple(round(float(one), 2) for one in made.random.uniform(9, 92, 6))
        path = f"TestImage/{name}"
        write_photos(made, [path], numbers[0], size)
        true[path] = numbers
        has = [int(n in (k % 9, k * 5 % 9)) for n in range(9)]
        found[path] = frozenset(one for one, bit in zip(PLACES, has, strict=True) if bit)
        scores.append([name, *numbers])
        scenes.append([name, *has])
        tags.append([name, -1.5 + k / 9, f"1/{30 + k}", 1.8, k % 2])
    top = data / "Annotations"
    write_workbook(top / "MOS and Image attribute scores.xlsx", ["Image name", *QUALITIES], scores)
    write_workbook(top / "Scene category labels.xlsx", ["Image name", *PLACES], scenes)
    write_workbook(
        top / "EXIF_tags.xlsx",
        ["Image name", "Brightness", "Exposure time", "F number", "Flash"],
        tags,
    )
    one = reading_of(made, NUMBER)
    all_six = reading_of(made, {"classify": "multitarget"}, classes=QUALITIES)
    train = {path: replace(each, label=true[path]) for path, each in all_six.train.items()}
    kinds = reading_of(made, SEVERAL, classes=PLACES)
    of_scene = {path: replace(each, label=found[path]) for path, each in kinds.train.items()}
    return one, replace(all_six, train=train), replace(kinds, train=of_scene)


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
                write_photos(made, [f"{top}/distorted_images/{name}"], score, WIDE)
                lines.append(f"{score:.5f} {name}")
                scores.append(f"{score:.5f}")
    write_lines(made, f"{top}/mos_with_names.txt", lines)
    write_lines(made, f"{top}/mos.txt", scores)
    write_lines(made, f"{top}/mos_std.txt", [f"{0.1 + n / 400:.5f}" for n in range(len(scores))])
    made.text(
        f"{top}/readme",
        "Tampere image database 2013\n\n25 reference images, 24 types of distortions, 5 levels of each.\nThe number of an image, of a distortion and of its level make up the name of a file.\nmos.txt holds the mean opinion scores.\n",
    )
    return (reading_of(made, NUMBER),)


def _decades(data: Path) -> Readings:
    """Class folders of decades, deep below; names with brackets and the like; from memory of the readme."""
    made, top = Builder(data), "HistoricalColor-ECCV2012"
    classes = tuple(f"19{n}0s" for n in range(3, 8))
    for place, label in enumerate(classes):
        for k in range(8):
            name = f"{2179000 + k * 911 + place}_{hex_name('decade', place, k)}_o.jpg"
            path = f"{top}/data/imgs/decade_database/{label}/{name}"
            write_photos(made, [path], label, (34 + k % 5, 48))
    made.text(
        f"{top}/README.txt",
        "Dating historical color images (ECCV 2012)\n\nThe data set has 1325 images of the five decades from the 1930s to the 1970s, 265 of each.\n",
    )
    return (reading_of(made, RANKS, classes=classes),)


def _photos_with_marks(data: Path) -> Readings:
    """A mark of quality and a sentence about each image, both of which are sent; a column of the name, and one of the path."""
    made, cells, tests, rows = Builder(data), list[list[str]](), list[list[str]](), Rows()
    words = ("The lighting is good, the subject is sharp.", "nice colors but a bit too dark", "Great shot!", 'I like the "mood", though it is grainy')  # fmt: skip
    for k in range(56):
        part = "train" if k < 42 else "test"
        name, mark = hex_name("mark", k), round(2.1 + k * 37 % 65 / 10 + k / 1000, 10)
        made.image(f"{part}/{name}.jpg", TrueSample((40, 36 + k % 6), mark), part=part)
        row = [name, f"./{part}/{name}.jpg"]
        if part == "train":
            cells.append([*row, repr(mark), words[k % 4]])
        else:
            tests.append(row)
            rows.append((name, repr(mark), words[k % 4]))
    made.table("train.csv", ["img_name", "img_path", "mos", "comments"], cells)
    made.table("test.csv", ["img_name", "img_path"], tests)
    columns = {"img_name": "key", "mos": "number", "comments": "free"}
    made.table("sample_submission.csv", list(columns), [[one[0], "1", "Nice Image."] for one in rows])  # fmt: skip
    return (made.truth(NUMBER, columns, rows),)


def _photos_by_taste(data: Path) -> Readings:
    """Texts of a name and a number without a header, one an attribute and part; an attribute's name has a slip; all images in one folder."""
    made, top, of = Builder(data), "AADB", dict[str, dict[str, Label]]()
    attributes = ("BalacingElements", "ColorHarmony", "Content", "DoF", "Light", "MotionBlur", "Object", "Repetition", "RuleOfThirds", "Symmetry", "VividColor", "score")  # fmt: skip
    parts, part_of = {"Train": 30, "Validation": 8, "TestNew": 12}, dict[str, str]()
    number = 0
    for part, n in parts.items():
        lines: dict[str, list[str]] = {one: [] for one in attributes}
        for _k in range(n):
            number += 1
            name = f"farm{1 + number % 9}_{255 + number * 7}_{19452343093 + number * 7919}_{hex_name('taste', number)}_b.jpg"
            path = f"{top}/datasetImages_warp256/{name}"
            write_photos(made, [path], None, (40, 40))
            part_of[path] = part
            for place, one in enumerate(attributes):
                value = (number * (place + 3) % 11 - 5) / 5
                if one in ("score", "Repetition", "Symmetry"):
                    value = round((number * (place + 3) % 21) / 20, 2)
                of.setdefault(one, {})[path] = value
                lines[one].append(f"{name} {value:.4f}")
        for one, each in lines.items():
            write_lines(made, f"{top}/imgListFiles_label/imgList{part}Regression_{one}.txt", each)
    test: Callable[[str], bool] = lambda path: part_of[path] == "TestNew"  # noqa: E731
    out: Callable[[str], bool] = lambda path: part_of[path] == "Validation"  # noqa: E731
    found = list[LayoutTruth]()
    for one in ("score", *attributes[:-1]):
        for left in (any_of(), out):
            found.append(with_train_labels(reading_of(made, NUMBER, test=test, out=left), of[one]))
    every: dict[str, Any] = {path: tuple(of[one][path] for one in attributes) for path in part_of}
    for left in (any_of(), out):
        many = reading_of(made, TARGETS, test=test, out=left, classes=attributes)
        found.append(with_train_labels(many, every))
    return tuple(found)


def _shadows(data: Path) -> Readings:
    """Letters tell the photos, the masks and the photos without shadows; the same names in all."""
    made, top = Builder(data), "ISTD_Dataset"
    for part, n in (("train", 32), ("test", 12)):
        for k in range(n):
            name = f"{k // 4 + (1 if part == 'train' else 90)}-{k % 4 + 1}.png"
            plane = draw_plane(made.random, WIDE)
            true = TrueSample(WIDE, planes=(plane,))
            made.image(f"{top}/{part}/{part}_A/{name}", true, part="train")
            save_grey_mask(data / f"{top}/{part}/{part}_B/{name}", plane)
            bright = made.random.integers(90, 250, (*WIDE, 3)).astype(np.uint8)
            save_pixels(data / f"{top}/{part}/{part}_C/{name}", bright)
    return (reading_of(made, ONE_MASK, test=in_folders(f"{top}/test"), mask_classes=[""]),)


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
    write_lines(made, "train_list.txt", pairs)
    write_lines(made, "test_list.txt", [f"{one}_rgb.png" for one in tests])
    made.table(
        "sample_submission.csv",
        ["id", "Depths"],
        [[f"{one}_depth", "eJzt0DEBAAAAwqD1T20ND4hAYcCAAQMGDBgwYMCAAQMG"] for one in tests],
    )
    return (reading_of(made, {}),)


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
    return (reading_of(made, {}),)


LAYOUTS = (
    DataSet("KonIQ-10k", "code", _image_quality, has_test=False),
    DataSet("KADID-10k", "memory", _quality_of_images, has_test=False),
    DataSet("SPAQ", "code", _quality_of_phones, has_test=False),
    DataSet("TID2013", "code", _distortions, has_test=False, doubt="text of the readme"),
    DataSet(
        "Historical colour photos", "memory", _decades, has_test=False, doubt="names of images"
    ),
    DataSet("dacon-image-quality-captioning", "memory", _photos_with_marks),
    DataSet("AADB", "code", _photos_by_taste),
    DataSet("ISTD shadows", "memory", _shadows),
    DataSet(
        "ethz-cil-monocular-depth-estimation",
        "code and memory",
        _depths,
        refusal=ANY,
        doubt="sample_submission.csv",
    ),
    DataSet("LOL: low light", "memory", _dark_photos, refusal=ANY),
)
