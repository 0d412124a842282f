"""Miniature mask competitions in the layouts of real ones; the answer is known by construction.

An image is noise with bright discs; the colour of a disc says its class, and the disc is the mask.
Each function writes a folder as a competitor would download it. `truth` has the mask of every test
image by id: bool `(C, H, W)`, one layer a class.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from miniatures import save, write_table
from numpy.typing import NDArray
from PIL import Image
from plain_runs import runs_of

__all__ = [
    "MaskMiniature",
    "cells",
    "defects",
    "pictures_and_masks",
    "salt",
    "ships",
    "tissue",
]

COLOURS = ((230, 50, 50), (50, 220, 50), (70, 70, 240), (230, 220, 50))
Layers = NDArray[np.bool_]


@dataclass(frozen=True)
class MaskMiniature:
    """A written competition.

    Attributes:
        data: the folder as a competitor would download it.
        classes: of the masks' layers.
        truth: the mask of every test image by id, bool `(C, H, W)`.
        train: the mask of every train image that has one, by id.
        labels: the label of every test image by id, where there are labels.
        spec: the content of a `competition.yaml` beside the folder, as a person would write it.
    """

    data: Path
    classes: tuple[str, ...]
    truth: dict[str, Layers]
    train: dict[str, Layers]
    labels: dict[str, str] = field(default_factory=dict)
    spec: dict[str, Any] = field(default_factory=dict)


def pictures_and_masks(
    data: Path, *, n: int = 24, n_test: int = 8, size: int = 48
) -> MaskMiniature:
    """Write mask PNGs beside images, and a table of labels: two tasks at once.

    `train.csv` (image_id, garment), `images/<id>.jpg`, `masks/<id>.png` (indexed: 0 background,
    1 coat, 2 dress) for three of four images, `test/<id>.jpg`, `sample_submission.csv` (image_id,
    class, rle). The label is the class of the one object; every eighth label is missing.
    """
    rng = np.random.default_rng(11)
    classes = ("coat", "dress")
    rows, train = [], {}
    for number in range(n):
        name, label = f"g{number:03d}", number % 2
        image, layers = draw((size, size), [label], 2, rng)
        save(data / f"images/{name}.jpg", image)
        if number % 4 != 3:
            train[name] = layers
            save_indexed(data / f"masks/{name}.png", layers)
        rows.append([name, "" if number % 8 == 5 else classes[label]])
    write_table(data / "train.csv", ["image_id", "garment"], rows)
    truth, labels = {}, {}
    for number in range(n_test):
        name, label = f"t{number:03d}", number % 2
        image, truth[name] = draw((size, size), [label], 2, rng)
        labels[name] = classes[label]
        save(data / f"test/{name}.jpg", image)
    _sample(data, ["image_id", "class", "rle"], ([n, c, ""] for n in truth for c in classes))
    at = data.name
    mask = f"{at}/masks/{{id}}.png"
    images = f"{at}/images/{{image_id}}.jpg"
    table = {"table": f"{at}/train.csv", "id": "image_id", "label": "garment"}
    columns = {"image_id": "id", "class": "class_name", "rle": "value"}
    spec = _spec(
        tasks={"classify": "multiclass", "segment": "multiclass"},
        classes=list(classes),
        data={"train": {**table, "images": images, "mask": mask}, "test": _images(data, "test")},
        metric={"name": "mean_dice", "task": "segment"},
        submission=_submission(data, columns, rows="image_class"),
    )
    return MaskMiniature(data, classes, truth, train, labels, spec)


def defects(
    data: Path,
    *,
    n: int = 24,
    n_test: int = 8,
    size: tuple[int, int] = (32, 64),
    all_rows: bool = False,
) -> MaskMiniature:
    """Write run-length rows of four classes, as steel defects are: one row of an image and class.

    `train.csv` (ImageId, ClassId from 1 to 4, EncodedPixels), `train_images/`, `test_images/`,
    `sample_submission.csv` (ImageId_ClassId, EncodedPixels; four rows an image). Half of the images
    have no defect; they have no row, or, with `all_rows`, every image has four and most are blank.
    """
    rng = np.random.default_rng(12)
    classes = ("1", "2", "3", "4")
    rows, train = [], {}
    for number in range(n):
        name = f"{number * 7919 % 100003:08x}.jpg"
        image, train[name] = draw(size, _some_classes(number), 4, rng)
        save(data / f"train_images/{name}", image)
        for number_of_class, layer in enumerate(train[name], start=1):
            if all_rows or layer.any():
                rows.append([name, str(number_of_class), runs_of(layer)])
    write_table(data / "train.csv", ["ImageId", "ClassId", "EncodedPixels"], rows)
    truth = {}
    for number in range(n_test):
        name = f"f{number:07x}.jpg"
        image, truth[name] = draw(size, _some_classes(number), 4, rng)
        save(data / f"test_images/{name}", image)
    cells = ([f"{name}_{c}", "1 1"] for name in truth for c in classes)
    _sample(data, ["ImageId_ClassId", "EncodedPixels"], cells)
    table = {"table": f"{data.name}/train.csv", "id": "ImageId"}
    mask = {**table, "rle": "EncodedPixels", "label": "ClassId"}
    columns = {"ImageId_ClassId": "id", "EncodedPixels": "value"}
    spec = _spec(
        tasks={"segment": "multilabel"},
        classes=list(classes),
        data={
            "train": {**_images(data, "train_images", "{name}"), "mask": mask},
            "test": _images(data, "test_images", "{name}"),
        },
        metric={"name": "mean_dice"},
        submission=_submission(data, columns, rows="image_class", id="{id}_{class}"),
    )
    return MaskMiniature(data, classes, truth, train, spec=spec)


def salt(data: Path, *, n: int = 24, n_test: int = 8, size: int = 33) -> MaskMiniature:
    """Write one row an image, half of them blank, and images whose side no network likes.

    `train.csv` (id, rle_mask), `train/images/<id>.png`, `train/masks/<id>.png` (0 and 65535 in 16
    bits, the same masks), `test/images/<id>.png`, `sample_submission.csv` (id, rle_mask).
    """
    rng = np.random.default_rng(13)
    rows, train = [], {}
    for number in range(n):
        name = f"{number:03x}a{number * 31 % 97:02d}"
        image, train[name] = draw((size, size), [0] * (number % 2), 1, rng)
        save(data / f"train/images/{name}.png", image)
        save(data / f"train/masks/{name}.png", train[name][0].astype(np.uint16) * 65535)
        rows.append([name, runs_of(train[name][0])])
    write_table(data / "train.csv", ["id", "rle_mask"], rows)
    truth = {}
    for number in range(n_test):
        name = f"e{number:03x}{number * 31 % 97:02d}"
        image, truth[name] = draw((size, size), [0] * (number % 2), 1, rng)
        save(data / f"test/images/{name}.png", image)
    _sample(data, ["id", "rle_mask"], ([name, "1 1"] for name in truth))
    table = {"table": f"{data.name}/train.csv", "id": "id"}
    images = f"{data.name}/train/images/{{id}}.png"
    spec = _spec(
        tasks={"segment": "binary"},
        data={
            "train": {**table, "images": images, "mask": {**table, "rle": "rle_mask"}},
            "test": _images(data, "test/images"),
        },
        metric={"name": "mean_iou"},
        submission=_submission(data, {"id": "id", "rle_mask": "value"}),
    )
    return MaskMiniature(data, ("salt",), truth, train, spec=spec)


def tissue(data: Path, *, n: int = 24, n_test: int = 6) -> MaskMiniature:
    """Write images of sizes that differ, each with an object, and a table of donors.

    `train.csv` (id, organ, donor, rle), `train_images/<id>.png`, `test_images/<id>.png`,
    `sample_submission.csv` (id, rle).
    """
    rng = np.random.default_rng(14)
    rows, train = [], {}
    for number in range(n):
        name = str(10044 + number * 13)
        image, train[name] = draw(_size(number), [0], 1, rng)
        save(data / f"train_images/{name}.png", image)
        organ, donor = ("kidney", "lung")[number % 2], f"d{number // 3}"
        rows.append([name, organ, donor, runs_of(train[name][0])])
    write_table(data / "train.csv", ["id", "organ", "donor", "rle"], rows)
    truth = {}
    for number in range(n_test):
        name = str(20078 + number)
        image, truth[name] = draw(_size(number + 1), [0], 1, rng)
        save(data / f"test_images/{name}.png", image)
    _sample(data, ["id", "rle"], ([name, ""] for name in truth))
    table = {"table": f"{data.name}/train.csv", "id": "id"}
    images = f"{data.name}/train_images/{{id}}.png"
    spec = _spec(
        tasks={"segment": "binary"},
        data={
            "train": {**table, "images": images, "mask": {**table, "rle": "rle"}},
            "test": _images(data, "test_images"),
        },
        folds={"scheme": "stratified_group", "n": 3, "group": "donor"},
        metric={"name": "mean_dice"},
        submission=_submission(data, {"id": "id", "rle": "value"}),
    )
    return MaskMiniature(data, ("tissue",), truth, train, spec=spec)


def cells(data: Path, *, n: int = 24, n_test: int = 6) -> MaskMiniature:
    """Write one mask file a cell, of images of two sizes; some cells touch.

    `train/<id>/images/<id>.png`, `train/<id>/masks/<number>.png`, `test/<id>/images/<id>.png`,
    `sample_submission.csv` (ImageId, EncodedPixels: a row a cell, a blank one an image). `truth`
    and `train` have a layer a cell.
    """
    rng = np.random.default_rng(15)
    train = {}
    for number in range(n):
        name = f"c{number:03d}"
        image, train[name] = scatter((40, 40) if number % 2 else (32, 56), rng)
        save(data / f"train/{name}/images/{name}.png", image)
        for cell, layer in enumerate(train[name]):
            save(data / f"train/{name}/masks/{cell:02d}.png", layer.astype(np.uint8) * 255)
    truth = {}
    for number in range(n_test):
        name = f"t{number:03d}"
        image, truth[name] = scatter((40, 40) if number % 2 else (32, 56), rng)
        save(data / f"test/{name}/images/{name}.png", image)
    _sample(data, ["ImageId", "EncodedPixels"], ([name, ""] for name in truth))
    at = data.name
    spec = _spec(
        tasks={"segment": "instance"},
        data={
            "train": {
                "images": f"{at}/train/*/images/*.png",
                "id": "{stem}",
                "mask": f"{at}/train/{{id}}/masks/*.png",
            },
            "test": {"images": f"{at}/test/*/images/*.png", "id": "{stem}"},
        },
        metric={"name": "iou_precision"},
        submission=_submission(
            data, {"ImageId": "id", "EncodedPixels": "value"}, rows="instance", overlap="forbid"
        ),
    )
    return MaskMiniature(data, ("cell",), truth, train, spec=spec)


def ships(data: Path, *, n: int = 24, n_test: int = 6, size: int = 40) -> MaskMiniature:
    """Write a row of runs a ship, of images half of which have none.

    `train/<id>.png`, `train.csv` (ImageId, EncodedPixels; blank where there is none),
    `test/<id>.png`, `sample_submission.csv`. `truth` and `train` have a layer a ship.
    """
    rng = np.random.default_rng(16)
    rows, train = [], {}
    for number in range(n):
        name = f"s{number:03d}.png"
        image, train[name] = scatter((size, size), rng, most=3 * (number % 2))
        save(data / f"train/{name}", image)
        rows += [[name, runs_of(layer)] for layer in train[name]] or [[name, ""]]
    write_table(data / "train.csv", ["ImageId", "EncodedPixels"], rows)
    truth = {}
    for number in range(n_test):
        name = f"t{number:03d}.png"
        image, truth[name] = scatter((size, size), rng, most=3 * (number % 2))
        save(data / f"test/{name}", image)
    _sample(data, ["ImageId", "EncodedPixels"], ([name, ""] for name in truth))
    table = {"table": f"{data.name}/train.csv", "id": "ImageId", "rle": "EncodedPixels"}
    spec = _spec(
        tasks={"segment": "instance"},
        data={
            "train": {**_images(data, "train", "{name}"), "mask": table},
            "test": _images(data, "test", "{name}"),
        },
        metric={"name": "iou_f2"},
        submission=_submission(
            data, {"ImageId": "id", "EncodedPixels": "value"}, rows="instance", overlap="forbid"
        ),
    )
    return MaskMiniature(data, ("ship",), truth, train, spec=spec)


def scatter(
    size: tuple[int, int], rng: np.random.Generator, *, most: int = 4
) -> tuple[NDArray[np.uint8], Layers]:
    """Return an image with up to `most` discs, some side by side, and a layer a disc `(n, H, W)`.

    No two share a pixel. With `most` there is one disc at least.
    """
    height, width = size
    image = rng.integers(60, 110, (height, width, 3))
    rows, columns = np.indices(size)
    layers: list[Layers] = []
    last = (0.0, 0.0, 0.0)
    for number in range(int(rng.integers(1, most + 1)) if most else 0):
        radius = rng.uniform(4, 7)
        middle = rng.uniform(radius, height - radius), rng.uniform(radius, width - radius)
        if number % 2:  # beside the one before
            middle = last[0], last[1] + last[2] + radius - 1
        distance = np.hypot(rows + 0.5 - middle[0], columns + 0.5 - middle[1])
        disc = (distance < radius) & ~np.any([np.zeros(size, bool), *layers], axis=0)
        last = (*middle, radius)
        if disc.sum() > 12:
            layers.append(disc)
            image[disc] = np.array(COLOURS[1]) + rng.integers(-20, 20, (int(disc.sum()), 3))
    stack = np.array(layers, dtype=bool).reshape(-1, height, width)
    return image.clip(0, 255).astype(np.uint8), stack


def draw(
    size: tuple[int, int], classes: Sequence[int], n_classes: int, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], Layers]:
    """Return an image `(H, W, 3)` with a disc of each of `classes`, and its masks `(C, H, W)`.

    The first half of the image's longer side holds the first disc, the second half the second.
    """
    height, width = size
    image = rng.integers(60, 110, (height, width, 3))
    layers = np.zeros((n_classes, height, width), dtype=bool)
    rows, columns = np.indices(size)
    for place, number in enumerate(classes):
        share = width / max(len(classes), 1)
        radius = rng.uniform(0.2, 0.3) * min(height, share)
        middle = (
            rng.uniform(radius, height - radius),
            rng.uniform(place * share + radius, (place + 1) * share - radius),
        )
        disc = (rows + 0.5 - middle[0]) ** 2 + (columns + 0.5 - middle[1]) ** 2 < radius**2
        layers[number] |= disc
        image[disc] = np.array(COLOURS[number]) + rng.integers(-20, 20, (int(disc.sum()), 3))
    return image.clip(0, 255).astype(np.uint8), layers


def save_indexed(path: Path, layers: Layers) -> None:
    """Write masks `(C, H, W)` as an indexed PNG whose palette says nothing of the values."""
    path.parent.mkdir(parents=True, exist_ok=True)
    indices = np.zeros(layers.shape[1:], dtype=np.uint8)
    for number, layer in enumerate(layers, start=1):
        indices[layer] = number
    image = Image.fromarray(indices).convert("P")
    image.putpalette([90, 0, 0, 0, 128, 0, 255, 255, 255, 1, 2, 3])
    image.putdata(indices.ravel().tolist())
    image.save(path)


def _spec(**keys: Any) -> dict[str, Any]:
    return {"name": "miniature", "folds": {"n": 3}, **keys}


def _images(data: Path, folder: str, name: str = "{stem}") -> dict[str, str]:
    return {"images": f"{data.name}/{folder}/*.*", "id": name}


def _submission(data: Path, columns: dict[str, str], **keys: str) -> dict[str, Any]:
    sample = f"{data.name}/sample_submission.csv"
    return {"sample": sample, "columns": columns, "value": "rle", **keys}


def _some_classes(number: int) -> list[int]:
    """Return no class for every other image, else one or two of four."""
    return [] if number % 2 else sorted({number // 2 % 4, number // 3 % 4})


def _size(number: int) -> tuple[int, int]:
    return 36 + number * 5 % 28, 40 + number * 11 % 24


def _sample(data: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    write_table(data / "sample_submission.csv", header, rows)
