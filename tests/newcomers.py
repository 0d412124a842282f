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
    "course_of_a_spreadsheet",
    "lost_zeros",
    "outlined_tiles",
    "paths_of_windows",
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
