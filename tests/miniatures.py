"""Miniature competitions in the layouts of real ones; the answer is known by construction.

An image is noise with a bright square. The square's colour says the class (or its corners the
classes, where an image may have several), the background's tint says the group. `truth` has the
answer of every test image.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = [
    "Miniature",
    "class_folders",
    "multilabel_with_groups",
    "small_recipe",
    "table_and_images",
    "write_table",
]

CLASSES = ("cat", "dog", "fox")
COLOURS = {"cat": (230, 40, 40), "dog": (40, 220, 40), "fox": (60, 60, 240), "owl": (230, 220, 40)}


@dataclass(frozen=True)
class Miniature:
    """A written competition.

    Attributes:
        data: the folder as a competitor would download it.
        truth: the label of every test image by id: a class name, or names separated by a space.
        group: the group of every train image by id, where there are groups.
    """

    data: Path
    truth: dict[str, str]
    group: dict[str, str]


def small_recipe(side: int, **more: Any) -> dict[str, Any]:
    """Return a recipe of a small network for labels of images of so many pixels a side."""
    return {
        "model": {"backbone": "cnn", "pretrained": False, "options": {"widths": [8, 16]},
                  "heads": {"classify": {}}},
        "optimizer": {"name": "adamw", "lr": 1e-2, "schedule": "constant"},
        "input": {"size": side, "train": "none"},
        "batch_size": 8,
        "phases": [{"name": "all", "epochs": 3}],
        **more,
    }  # fmt: skip


def class_folders(data: Path, *, n: int = 30, size: int = 32, n_test: int = 12) -> Miniature:
    """Write `train/<class>/…` and `test/…`; there is no table and no sample submission."""
    rng = np.random.default_rng(1)
    for number in range(n):
        label = CLASSES[number % len(CLASSES)]
        save(data / f"train/{label}/{label}{number:04d}.png", draw([label], size, rng))
    truth = {}
    for number in range(n_test):
        truth[f"{number:04d}"] = CLASSES[number % len(CLASSES)]
        save(data / f"test/{number:04d}.png", draw([truth[f"{number:04d}"]], size, rng))
    return Miniature(data, truth, {})


def table_and_images(
    data: Path,
    *,
    n: int = 40,
    size: int = 32,
    n_test: int = 12,
    n_unlabelled: int = 6,
    classes: Sequence[str] = CLASSES,
    groups: bool = True,
    probabilities: bool = False,
    suffix: str = ".jpg",
) -> Miniature:
    """Write `train.csv`, `train_images/`, `test_images/`, `unlabelled/`, the sample submission.

    Args:
        data: the folder to make.
        n: labelled images; with `groups`, four of them show one animal (the column `animal_id`).
        size: side in pixels.
        n_test: images to predict.
        n_unlabelled: images in `unlabelled/`; 0 for none.
        classes: two to four names of `COLOURS`.
        groups: whether rows belong together.
        probabilities: whether the sample has a column a class instead of one label.
        suffix: of the image files; ids are without.
    """
    rng = np.random.default_rng(2)
    rows, group = [], {}
    for number in range(n):
        label = classes[(number // 4 if groups else number) % len(classes)]
        name = f"{number:06d}"
        group[name] = f"a{number // 4:03d}"
        tint = (number // 4) * 37 % 60
        save(data / f"train_images/{name}{suffix}", draw([label], size, rng, tint))
        rows.append([name, label, group[name]] if groups else [name, label])
    write_table(data / "train.csv", ["image_id", "species", "animal_id"][: 2 + groups], rows)
    for number in range(n_unlabelled):
        label = classes[number % len(classes)]
        save(data / f"unlabelled/{900000 + number}{suffix}", draw([label], size, rng))
    truth = {f"{500000 + number}": classes[number % len(classes)] for number in range(n_test)}
    for name, label in truth.items():
        save(data / f"test_images/{name}{suffix}", draw([label], size, rng))
    header = ["image_id", *classes] if probabilities else ["image_id", "species"]
    share = [f"{1 / len(classes):.4f}"] * len(classes) if probabilities else [classes[0]]
    write_table(data / "sample_submission.csv", header, ([name, *share] for name in truth))
    return Miniature(data, truth, group if groups else {})


def multilabel_with_groups(
    data: Path, *, n: int = 48, size: int = 32, n_test: int = 12, in_one_cell: bool = False
) -> Miniature:
    """Write `train.csv` with a patient column and several labels, `images/train/`, `images/test/`.

    Args:
        data: the folder to make.
        n: labelled images, four of each patient.
        size: side in pixels.
        n_test: images to predict.
        in_one_cell: labels as `cat fox` in the column `labels`; else one 0/1 column a class.
    """
    rng = np.random.default_rng(3)
    rows, group = [], {}
    for number in range(n):
        labels = _subset(number)
        name = f"scan_{number:03d}.png"
        group[name] = f"P{number // 4:02d}"
        save(data / f"images/train/{name}", draw(labels, size, rng, (number // 4) * 29 % 60))
        rows.append([name, group[name], *_cells(labels, in_one_cell)])
    columns = ["labels"] if in_one_cell else list(CLASSES)
    write_table(data / "train.csv", ["StudyInstanceUID", "PatientID", *columns], rows)
    truth = {f"scan_{n + number:03d}.png": " ".join(_subset(number)) for number in range(n_test)}
    for name, text in truth.items():
        save(data / f"images/test/{name}", draw(text.split(), size, rng))
    share = ["cat"] if in_one_cell else ["0.5"] * len(CLASSES)
    rows = [[name, *share] for name in truth]
    write_table(data / "sample_submission.csv", ["StudyInstanceUID", *columns], rows)
    return Miniature(data, truth, group)


def draw(
    labels: Iterable[str], size: int, rng: np.random.Generator, tint: int = 0
) -> NDArray[np.uint8]:
    """Return `(size, size, 3)`: noise on a tint, and a square in the colour of each label."""
    image = rng.integers(60, 110, (size, size, 3))
    image[..., tint % 3] += tint
    side = size // 3
    for place, label in enumerate(labels):
        top, left = (divmod(place, 2)[0] * size // 2, divmod(place, 2)[1] * size // 2)
        jitter_y, jitter_x = rng.integers(0, size // 2 - side + 1, 2)
        rows = slice(top + jitter_y, top + jitter_y + side)
        columns = slice(left + jitter_x, left + jitter_x + side)
        image[rows, columns] = COLOURS[label]
    return image.clip(0, 255).astype(np.uint8)


def save(path: Path, image: NDArray[np.uint8]) -> None:
    """Write the image, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(path, **({"quality": 95} if path.suffix == ".jpg" else {}))


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a CSV file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _subset(number: int) -> list[str]:
    """Return between one and three classes, every class in about half of the numbers."""
    chosen = [name for bit, name in enumerate(CLASSES) if (number * 5 + 3) >> bit & 1]
    return chosen or [CLASSES[number % len(CLASSES)]]


def _cells(labels: Sequence[str], in_one_cell: bool) -> list[str]:
    if in_one_cell:
        return [" ".join(labels)]
    return [str(int(name in labels)) for name in CLASSES]
