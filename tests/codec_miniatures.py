"""Miniatures of competitions whose masks are runs, each in the codec that its real data have.

Objects are ellipses, brighter than the noise around them; many touch the borders. Runs are written
pixel by pixel, without podium.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from miniatures import save, write_table
from numpy.typing import NDArray
from PIL import Image
from plain_runs import runs_of

__all__ = [
    "clouds",
    "pneumothorax",
    "sartorius",
    "severstal",
    "take_for_real_sizes",
    "uw_madison",
    "vesuvius",
]

Mask = NDArray[np.bool_]


def take_for_real_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the small pictures of a miniature be no evidence against the competition it is of."""
    for module in ("calibrate.calibration", "infer.findings.calibrated"):
        monkeypatch.setattr(f"podium.competition.{module}.sizes_of_files", lambda *_: {})


def blobs(size: tuple[int, int], n: int, rng: np.random.Generator) -> list[Mask]:
    """Return `n` ellipses, `(H, W)` each."""
    rows, columns = np.mgrid[: size[0], : size[1]]
    found = []
    for _ in range(n):
        centre = [rng.integers(0, side) for side in size]
        radii = [rng.uniform(side / 12, side / 5) for side in size]
        found.append(
            ((rows - centre[0]) / radii[0]) ** 2 + ((columns - centre[1]) / radii[1]) ** 2 <= 1
        )
    return found


def picture(path: Path, masks: Sequence[Mask], size: tuple[int, int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    grey = rng.normal(80, 12, size)
    for mask in masks:
        grey[mask] += 70
    save(path, np.stack([grey.clip(0, 255).astype(np.uint8)] * 3, axis=2))


def _table(data: Path, name: str, header: list[str], rows: list[list[str]]) -> None:
    write_table(data / name, header, rows)


def severstal(data: Path, *, n: int = 24) -> None:
    """Steel of 32 x 200: ImageId_ClassId, four rows an image, F from 1."""
    rng = np.random.default_rng(1)
    rows = []
    for number in range(n):
        masks = blobs((32, 200), 2, rng)
        picture(data / f"train_images/{number:04x}.jpg", masks, (32, 200), number)
        cells = {1 + (number + k) % 4: runs_of(mask) for k, mask in enumerate(masks)}
        rows += [[f"{number:04x}.jpg_{c}", cells.get(c, "")] for c in range(1, 5)]
    _table(data, "train.csv", ["ImageId_ClassId", "EncodedPixels"], rows)
    sample = []
    for number in range(4):
        picture(data / f"test_images/t{number:03x}.jpg", [], (32, 200), number)
        sample += [[f"t{number:03x}.jpg_{c}", "1 1"] for c in range(1, 5)]
    _table(data, "sample_submission.csv", ["ImageId_ClassId", "EncodedPixels"], sample)


def pneumothorax(data: Path, *, n: int = 30) -> None:
    """Square chests: relative runs from 0, -1 for nothing, a blank before a header and a cell."""
    rng = np.random.default_rng(2)
    rows = []
    for number in range(n):
        masks = blobs((64, 64), 1 + number % 2 * (number % 3 == 0), rng) if number % 3 else []
        picture(data / f"train/1.2.{number}.png", masks, (64, 64), number)
        texts = [runs_of(one, base=0, relative=True) for one in masks]
        rows += [[f"1.2.{number}", f" {text}"] for text in texts or ["-1"]]
    _table(data, "train-rle.csv", ["ImageId", " EncodedPixels"], rows)
    for number in range(4):
        picture(data / f"test/1.3.{number}.png", [], (64, 64), number)
    sample = [[f"1.3.{number}", "-1"] for number in range(4)]
    _table(data, "sample_submission.csv", ["ImageId", "EncodedPixels"], sample)


def sartorius(data: Path, *, n: int = 12) -> None:
    """Cells, a row each and none over another: along the rows from 1; the page says columns."""
    rng = np.random.default_rng(3)
    rows = []
    for number in range(n):
        taken = np.zeros((52, 70), dtype=bool)
        masks = []
        for mask in blobs((52, 70), 6, rng):
            alone = mask & ~taken
            taken |= mask
            if alone.sum() > 20:
                masks.append(alone)
        picture(data / f"train/{number:012x}.png", masks, (52, 70), number)
        rows += [[f"{number:012x}", runs_of(one, order="C"), "70", "52", "astro"] for one in masks]
    _table(data, "train.csv", ["id", "annotation", "width", "height", "cell_type"], rows)
    for number in range(3):
        picture(data / f"test/f{number:011x}.png", [], (52, 70), number)
    sample = [[f"f{number:011x}", ""] for number in range(3)]
    _table(data, "sample_submission.csv", ["id", "predicted"], sample)


def vesuvius(data: Path, *, n: int = 4) -> None:
    """Fragments with masks as files and as runs along the rows."""
    rng = np.random.default_rng(4)
    rows = []
    for number in range(n):
        masks = blobs((90, 60), 5, rng)
        whole = np.any(masks, axis=0)
        picture(data / f"train/{number}.png", [whole], (90, 60), number)
        (data / "train_masks").mkdir(exist_ok=True)
        Image.fromarray(whole.astype(np.uint8) * 255).save(data / f"train_masks/{number}.png")
        rows.append([str(number), runs_of(whole, order="C")])
    _table(data, "inklabels_rle.csv", ["Id", "Predicted"], rows)
    for name in "ab":
        picture(data / f"test/{name}.png", [], (90, 60), 7)
    sample = [["a", "1 1 5 1"], ["b", "1 1 5 1"]]
    _table(data, "sample_submission.csv", ["Id", "Predicted"], sample)


def uw_madison(data: Path, *, n: int = 30) -> None:
    """Slices: id and class name a row, runs along the rows; most are empty."""
    rng = np.random.default_rng(5)
    classes = ("large_bowel", "small_bowel", "stomach")
    rows = []
    for number in range(n):
        name = f"case{number // 10}_day0_slice_{number:04d}"
        masks = blobs((44, 60), 2, rng) if number % 2 else []
        picture(data / f"train/{name}.png", masks, (44, 60), number)
        texts = [runs_of(one, order="C") for one in masks] + [""] * 3
        rows += [[name, label, text] for label, text in zip(classes, texts, strict=False)]
    _table(data, "train.csv", ["id", "class", "segmentation"], rows)
    sample = []
    for number in range(4):
        name = f"case9_day0_slice_{number:04d}"
        picture(data / f"test/{name}.png", [], (44, 60), number)
        sample += [[name, label, ""] for label in classes]
    _table(data, "sample_submission.csv", ["id", "class", "predicted"], sample)


def clouds(data: Path, *, n: int = 10) -> None:
    """Clouds: train at the images' size, F from 1; what is sent is of 350 x 525."""
    rng = np.random.default_rng(6)
    classes = ("Fish", "Flower", "Gravel", "Sugar")
    rows = []
    for number in range(n):
        masks = blobs((56, 84), 2, rng)
        picture(data / f"train_images/{number:07x}.jpg", masks, (56, 84), number)
        texts = {classes[(number + k) % 4]: runs_of(one) for k, one in enumerate(masks)}
        rows += [[f"{number:07x}.jpg_{label}", texts.get(label, "")] for label in classes]
    _table(data, "train.csv", ["Image_Label", "EncodedPixels"], rows)
    sample = []
    for number in range(3):
        picture(data / f"test_images/f{number:06x}.jpg", [], (56, 84), number)
        sample += [[f"f{number:06x}.jpg_{label}", "1 1"] for label in classes]
    _table(data, "sample_submission.csv", ["Image_Label", "EncodedPixels"], sample)
