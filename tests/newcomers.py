"""Odd downloads as a newcomer has them: each is written with its truth, which `podium` never sees.

A class is a colour of a square, which any network can learn in a minute.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image, ImageDraw

__all__ = [
    "Newcomer",
    "ObjectOfCoco",
    "course_of_a_spreadsheet",
    "cups_of_coco",
    "faces_in_cells",
    "lost_zeros",
    "outlined_tiles",
    "pages_of_a_volume",
    "paths_of_windows",
    "pets_of_lists",
    "two_cameras",
    "weights_with_commas",
]

COLOURS = ((220, 40, 40), (40, 200, 40), (50, 60, 230))


@dataclass(frozen=True)
class Newcomer:
    """A download.

    Attributes:
        source: a folder, or a zip.
        train: the answer of each image of train, by the name of its file.
        test: the answer of each image to predict, by its id in the file to send.
        masks: of train, by the name of the image's file.
    """

    source: Path
    train: Mapping[str, object]
    test: Mapping[str, object]
    masks: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)


def _square(rng: np.random.Generator, *kinds: int) -> Image.Image:
    image = Image.fromarray(rng.integers(90, 150, (32, 32, 3), dtype=np.uint8))
    draw = ImageDraw.Draw(image)
    for kind in kinds:
        x, y = 10 * kind, int(rng.integers(0, 20))
        draw.rectangle((x, y, x + 9, y + 11), fill=COLOURS[kind])
    return image


def _inside(corners: Sequence[tuple[float, float]], size: tuple[int, int]) -> NDArray[np.bool_]:
    """Return the pixels on the inner side of every edge of a convex outline."""
    rows, columns = np.indices(size)
    inside = np.ones(size, dtype=bool)
    for (x, y), (next_x, next_y) in zip(corners, [*corners[1:], corners[0]], strict=True):
        inside &= (next_x - x) * (rows + 0.5 - y) - (next_y - y) * (columns + 0.5 - x) >= 0
    return inside


def _table(rows: Sequence[Sequence[str]], sign: str = ",") -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=sign, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def course_of_a_spreadsheet(folder: Path, n: int = 60) -> Newcomer:
    """A zip with a zip of images, and what a German Excel wrote: semicolons, commas, umlauts."""
    rng, names = np.random.default_rng(1), ("grün", "reif", "überreif")
    images, train, test = io.BytesIO(), {}, {}
    with zipfile.ZipFile(images, "w") as archive:
        for number in range(n):
            kind = int(rng.integers(3))
            part = "lernen" if number < 2 * n // 3 else "pruefung"
            content = io.BytesIO()
            _square(rng, kind).save(content, "PNG")
            archive.writestr(f"{part}/bild {number:03}.png", content.getvalue())
            (train if part == "lernen" else test)[f"bild {number:03}"] = names[kind]
    rows = [["Bildname", "Gewicht (kg)", "Reifegrad", "Größe"]]
    rows += [
        [one, f"{rng.uniform(0.1, 2):.2f}".replace(".", ","), name, "12"]
        for one, name in train.items()
    ]
    sample = [["Bildname", "Reifegrad"], *([one, "reif"] for one in test)]
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "kurs.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("Aufgabe 3/bilder.zip", images.getvalue())
        archive.writestr("Aufgabe 3/etiketten.csv", _table(rows, ";").encode("cp1252"))
        archive.writestr("Aufgabe 3/abgabe_muster.csv", _table(sample, ";").encode("cp1252"))
        archive.writestr("__MACOSX/Aufgabe 3/._etiketten.csv", b"\0\5")
    return Newcomer(file, {f"{one}.png": name for one, name in train.items()}, test)


def outlined_tiles(data: Path, n: int = 30) -> Newcomer:
    """Tiles of 16 bits by area, outlines in a JSON beside each; test tiles lie less deep."""
    rng, masks, test = np.random.default_rng(2), {}, {}
    for number in range(n):
        pixels = rng.integers(300, 900, (48, 40), dtype=np.uint16)
        shapes, mask = [], np.zeros((48, 40), dtype=bool)
        for _ in range(int(rng.integers(1, 3))):
            x, y = rng.uniform(2, 24), rng.uniform(2, 30)
            corners = [(x, y), (x + 12.5, y + 1.0), (x + 9.0, y + 13.5), (x - 1.5, y + 8.0)]
            mask |= _inside(corners, mask.shape)
            points = [list(map(float, corner)) for corner in corners]
            shapes.append({"label": "Dach", "shape_type": "polygon", "points": points})
        pixels[mask] += 2500
        name = f"tile_{number:02}"
        if number >= 2 * n // 3:
            path, test[name] = data / f"test/{name}.tif", mask
        else:
            path, masks[f"{name}.tif"] = data / f"train/area_{number % 3}/{name}.tif", mask
        path.parent.mkdir(parents=True, exist_ok=True)
        tifffile.imwrite(path, pixels)
        if number < 2 * n // 3:
            content = {"imagePath": path.name, "imageHeight": 48, "imageWidth": 40}
            path.with_suffix(".json").write_text(json.dumps({**content, "shapes": shapes}))
    sample = [["tile", "rle"], *([one, ""] for one in test)]
    (data / "sample_submission.csv").write_text(_table(sample))
    return Newcomer(data, {}, test, masks)


def lost_zeros(data: Path, n: int = 72) -> Newcomer:
    """All images in one folder; a table that lost the zeros of its ids, a column for each class."""
    rng, train, test = np.random.default_rng(3), {}, {}
    classes = ("brick", "roof", "tree")
    (data / "images").mkdir(parents=True)
    for number in range(n):
        kinds = [k for k in range(3) if rng.random() < 0.5]
        place = 37 * number % 997
        _square(rng, *kinds).save(data / f"images/{place:06}.png")
        named = frozenset(classes[k] for k in kinds)
        if number < 2 * n // 3:
            train[f"{place:06}.png"] = named
        else:
            test[str(place)] = named
    rows = [["img_id", "camera", *classes]]
    for number, (file, named) in enumerate(train.items()):
        cells = ["01"[name in named] for name in classes]
        rows.append([str(int(file[:6])), f"cam{number % 4}", *cells])
    (data / "labels.csv").write_text(_table(rows))
    sample = [["img_id", *classes], *([one, "0.5", "0.5", "0.5"] for one in test)]
    (data / "sample_submission.csv").write_text(_table(sample))
    return Newcomer(data, train, test)


def paths_of_windows(data: Path, n: int = 60) -> Newcomer:
    """Paths of another machine with backslashes, endings in other letters, a column of numbers."""
    rng, train, test = np.random.default_rng(4), {}, {}
    names = ("Cat", "Dog", "Fox")
    rows, left = [["", "image_path", "breed", "photographer"]], [["", "image_path"]]
    for number in range(n):
        kind = int(rng.integers(3))
        part = "training" if number < 2 * n // 3 else "evaluation"
        file = data / f"pets/{part}/IMG_{1000 + number}.JPG"
        file.parent.mkdir(parents=True, exist_ok=True)
        _square(rng, kind).save(file, quality=95)
        path = f"C:\\Users\\Ann\\pets\\{part}\\IMG_{1000 + number}.jpg"
        if part == "training":
            train[file.name] = names[kind]
            rows.append([str(len(rows) - 1), path, names[kind], ["ann", "bo"][number % 2]])
        else:
            test[path] = names[kind]
            left.append([str(len(left) - 1), path])
    (data / "training_labels.csv").write_text(_table(rows))
    (data / "test_images.csv").write_text(_table(left))
    return Newcomer(data, train, test)


def weights_with_commas(folder: Path, n: int = 60) -> Newcomer:
    """Numbers with a decimal comma, which are to be predicted, and a zip for each part."""
    rng, train, test = np.random.default_rng(5), {}, {}
    parts = {"train": io.BytesIO(), "test": io.BytesIO()}
    archives = {name: zipfile.ZipFile(one, "w") for name, one in parts.items()}
    rows = [["Probe", "Labor", "Gewicht"]]
    for number in range(n):
        weight = round(float(rng.uniform(0.5, 9.5)), 1)
        pixels = rng.integers(0, 30, (32, 32, 3), dtype=np.uint8)
        pixels[..., 0] += np.uint8(20 * weight)
        image = Image.fromarray(pixels)
        part = "train" if number < 2 * n // 3 else "test"
        content = io.BytesIO()
        image.save(content, "PNG")
        archives[part].writestr(f"P-{number:03}.png", content.getvalue())
        (train if part == "train" else test)[f"P-{number:03}"] = weight
        if part == "train":
            text = str(weight).replace(".", ",")
            rows.append([f"P-{number:03}", "Köln" if number % 3 else "Bonn", text])
    for one in archives.values():
        one.close()
    sample = [["Probe", "Gewicht"], *([one, "0,0"] for one in test)]
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "waage.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(f"{name}.zip", content.getvalue())
        archive.writestr("gewichte.csv", _table(rows, ";").encode("utf-8-sig"))
        archive.writestr("sample_submission.csv", _table(sample, ";"))
    return Newcomer(file, {f"{one}.png": value for one, value in train.items()}, test)


@dataclass(frozen=True)
class ObjectOfCoco:
    """An object: its category's id, its pixels, and whether it is a crowd."""

    category: int
    pixels: NDArray[np.bool_]
    is_crowd: bool


CUPS = {3: "cup", 18: "bowl", 40: "spoon"}
"""Categories with gaps in their ids; no object is a spoon."""


def cups_of_coco(data: Path, sample: str, n: int = 18) -> dict[str, list[ObjectOfCoco]]:
    """COCO's own layout: polygons, counts in both forms, a crowd; train, val, and test by a list.

    Returns:
        The objects of each image of train and val, by file name.

    Args:
        data: the folder.
        sample: `results` (JSON), `scores` (a CSV with a score), `classes` (a row a class), `none`.
        n: images.
    """
    rng, truth = np.random.default_rng(6), dict[str, list[ObjectOfCoco]]()
    images: dict[str, list[dict[str, object]]] = {"train": [], "val": [], "test": []}
    notes: dict[str, list[dict[str, object]]] = {"train": [], "val": []}
    for number in range(n):
        part = "train" if number < n // 2 else "val" if number < 2 * n // 3 else "test"
        name, own = f"{37 * number + 139:012}.png", 37 * number + 1007
        pixels, objects = rng.integers(90, 150, (24, 32, 3), dtype=np.uint8), []
        for place in range(0 if number == 1 else 1 + number % 3):
            top, left = int(rng.integers(0, 14)), 10 * place
            mask = np.zeros((24, 32), dtype=bool)
            mask[top : top + 8, left : left + 7] = True
            kind = (3, 18)[(number + place) % 2]
            pixels[mask] = COLOURS[kind // 18]
            objects.append((kind, mask, (left, top)))
        path = data / f"{part}2017/{name}"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
        images[part].append({"id": own, "file_name": name, "height": 24, "width": 32})
        if part == "test":
            continue
        truth[name] = [ObjectOfCoco(kind, mask, False) for kind, mask, _ in objects]
        found = [
            (kind, _outline(mask, x, y) if place != 1 else _lengths(mask), 0)
            for place, (kind, mask, (x, y)) in enumerate(objects)
        ]
        if number == 0:
            crowd = np.zeros((24, 32), dtype=bool)
            crowd[-2:] = True
            truth[name].append(ObjectOfCoco(3, crowd, True))
            found.append((3, _lengths(crowd), 1))
        for kind, segmentation, is_crowd in found:
            notes[part].append(
                {"id": len(notes[part]) + 1, "image_id": own, "category_id": kind, "bbox": [0] * 4}
                | {"segmentation": segmentation, "iscrowd": is_crowd}
            )
    categories = [{"id": key, "name": name} for key, name in CUPS.items()]
    (data / "annotations").mkdir()
    for part, each in images.items():
        content = {"images": each, "categories": categories}
        if part != "test":
            content |= {"annotations": notes[part]}
        name = f"instances_{part}2017" if part != "test" else "image_info_test2017"
        (data / f"annotations/{name}.json").write_text(json.dumps(content))
    ids = [one["id"] for one in images["test"]]
    names = [str(one["file_name"]) for one in images["test"]]
    if sample == "results":
        counts = {"size": [24, 32], "counts": "PPh0"}  # no pixel of 768
        record = {"image_id": ids[0], "category_id": 3, "segmentation": counts, "score": 0.5}
        (data / "sample_results.json").write_text(json.dumps([record]))
    elif sample == "scores":
        rows = [["image_id", "category_id", "segmentation", "score"]]
        rows += [[str(one), "3", "", "0.5"] for one in ids]
        (data / "sample_submission.csv").write_text(_table(rows))
    elif sample == "classes":
        rows = [["id", "rle"], *([f"{one[:-4]}_{name}", ""] for one in names for name in _USED)]
        (data / "sample_submission.csv").write_text(_table(rows))
    return truth


_USED = ("cup", "bowl")


def _outline(mask: NDArray[np.bool_], x: int, y: int) -> list[list[int]]:
    height, width = mask.any(axis=1).sum(), mask.any(axis=0).sum()
    right, bottom = int(x + width), int(y + height)
    return [[x, y, right, y, right, bottom, x, bottom]]


def _lengths(mask: NDArray[np.bool_]) -> dict[str, object]:
    """Return uncompressed counts, counted pixel by pixel down the columns."""
    counts, last = [0], False
    for pixel in mask.T.reshape(-1).tolist():
        if pixel != last:
            counts.append(0)
            last = pixel
        counts[-1] += 1
    return {"size": list(mask.shape), "counts": counts}


def faces_in_cells(data: Path, n: int = 30) -> Newcomer:
    """Facial Keypoints: pixels in a cell, missing points, rows that a table of ids asks for."""
    rng, train, test = np.random.default_rng(7), {}, {}
    points = [f"{name}_{axis}" for name in ("left_eye", "nose_tip", "mouth") for axis in "xy"]
    data.mkdir(parents=True)
    rows, left = [[*points, "Image"]], [["ImageId", "Image"]]
    known, sample = [["RowId", "ImageId", "FeatureName", "Location"]], [["RowId", "Location"]]
    for number in range(n):
        pixels = rng.integers(0, 200, (16, 16))
        places = rng.integers(2, 14, (3, 2))
        pixels[places[:, 1], places[:, 0]] = 255
        text = " ".join(map(str, pixels.reshape(-1).tolist()))
        values = [float(one) + 0.25 for one in places.reshape(-1)]
        if number < 2 * n // 3:
            cells = [f"{one:.2f}" for one in values]
            missing = 2 if number % 3 else 0
            cells[:missing] = [""] * missing
            train[f"{number}.png"] = [None] * missing + values[missing:]
            rows.append([*cells, text])
            continue
        image = str(len(left))
        left.append([image, text])
        for k in range(6) if number % 2 else range(2, 6):
            row = str(len(known))
            known.append([row, image, points[k], ""])
            sample.append([row, "0"])
            test[row] = (image, points[k], values[k])
    for name, table in (
        ("training.csv", rows),
        ("test.csv", left),
        ("IdLookupTable.csv", known),
        ("SampleSubmission.csv", sample),
    ):
        (data / name).write_text(_table(table))
    return Newcomer(data, train, test)


def two_cameras(data: Path, n: int = 36) -> Newcomer:
    """A folder a plot below a folder a day, with a picture of each camera; ids are both folders."""
    rng, train, test = np.random.default_rng(8), {}, {}
    soils = ("dry", "moist", "wet")
    for number in range(n):
        kind = int(rng.integers(3))
        part = "train" if number < 2 * n // 3 else "test"
        plot = f"day_{number % 4}/plot_{100 + number}"
        for camera in ("top", "side"):
            file = data / part / plot / f"cam_{camera}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            _square(rng, kind).save(file)
        (train if part == "train" else test)[plot] = soils[kind]
    (data / "train.csv").write_text(_table([["plot", "soil"], *map(list, train.items())]))
    sample = [["plot", "soil"], *([one, "dry"] for one in test)]
    (data / "sample_submission.csv").write_text(_table(sample))
    return Newcomer(data, train, test)


def pets_of_lists(data: Path, n: int = 12) -> Newcomer:
    """Oxford Pets: names with a breed and a counter, lists of four fields, a mask of each image."""
    rng, train, test = np.random.default_rng(9), {}, {}
    for folder in ("images", "annotations/trimaps"):
        (data / folder).mkdir(parents=True)
    lists: dict[str, list[str]] = {"trainval": [], "test": []}
    masks = {}
    for k, breed in enumerate(("Abyssinian", "american_bulldog", "Bengal")):
        for number in range(1, n + 1):
            name, part = f"{breed}_{number}", "trainval" if number <= 2 * n // 3 else "test"
            _square(rng, k).save(data / f"images/{name}.jpg", quality=95)
            mask = np.full((32, 32), 2, dtype=np.uint8)
            mask[8:24, 4:20] = 3
            mask[10:22, 6:18] = 1
            Image.fromarray(mask).save(data / f"annotations/trimaps/{name}.png")
            lists[part].append(f"{name} {k + 1} {1 + k % 2} {1 + k // 2}")
            (train if part == "trainval" else test)[name] = breed
            masks[f"{name}.jpg"] = mask == 1
    for part, lines in lists.items():
        (data / f"annotations/{part}.txt").write_text("\n".join(lines) + "\n")
    return Newcomer(data, train, test, masks)


def pages_of_a_volume(data: Path, n: int = 10) -> Newcomer:
    """ISBI 2012: three TIFF files, a page each slice: images, their masks, images to predict."""
    rng, masks = np.random.default_rng(10), {}
    data.mkdir(parents=True)
    volume = rng.integers(60, 200, (n, 24, 20), dtype=np.uint8)
    cells = rng.random((n, 24, 20)) < 0.4
    volume[cells] += 50
    tifffile.imwrite(data / "train-volume.tif", volume, photometric="minisblack")
    tifffile.imwrite(
        data / "train-labels.tif", cells.astype(np.uint8) * 255, photometric="minisblack"
    )
    tifffile.imwrite(data / "test-volume.tif", volume[: n - 4] // 2, photometric="minisblack")
    for page in range(n):
        masks[f"page_{page:03}.tif"] = cells[page]
    return Newcomer(data, {}, {f"page_{page:03}": None for page in range(n - 4)}, masks)
