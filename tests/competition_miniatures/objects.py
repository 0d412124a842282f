"""Competitions whose answer is a row an object."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from mask_miniatures import Layers, scatter
from miniatures import save, write_table
from numpy.typing import NDArray
from plain_runs import runs_of

from competition_miniatures.made import Made, hex_name

__all__ = ["airbus_ships", "dsb2018"]


def airbus_ships(data: Path) -> Made:
    """A row a ship; an image without one has a blank row; folders and tables have a version."""
    rng = np.random.default_rng(111)
    rows = []
    for number in range(28):
        name = f"{hex_name('ship', number, length=9)}.jpg"
        image, ships = scatter((48, 48), rng, most=3 * (number % 2))
        save(data / f"train_v2/{name}", image)
        rows += [[name, runs_of(ship)] for ship in ships] or [[name, ""]]
    truth = {}
    for number in range(8):
        name = f"{hex_name('ship test', number, length=9)}.jpg"
        image, truth[name] = scatter((48, 48), rng, most=3 * (number % 2))
        save(data / f"test_v2/{name}", image)
    header = ["ImageId", "EncodedPixels"]
    write_table(data / "train_ship_segmentations_v2.csv", header, rows)
    write_table(data / "sample_submission_v2.csv", header, [[name, "1 2"] for name in truth])
    return Made(data, truth)


def dsb2018(data: Path) -> Made:
    """A folder an image, a PNG a nucleus in it; images have an alpha channel and several sizes."""
    rng = np.random.default_rng(112)
    rows = []
    for number in range(24):
        name = hex_name("nuclei", number, length=64)
        image, nuclei = _nuclei(number, rng)
        save(data / f"stage1_train/{name}/images/{name}.png", image)
        for place, nucleus in enumerate(nuclei):
            other = hex_name("nucleus", number, place, length=64)
            mask = nucleus.astype(np.uint8) * 255
            save(data / f"stage1_train/{name}/masks/{other}.png", mask)
            rows.append([name, runs_of(nucleus)])
    truth = {}
    for number in range(6):
        name = hex_name("nuclei test", number, length=64)
        image, truth[name] = _nuclei(number, rng)
        save(data / f"stage1_test/{name}/images/{name}.png", image)
    header = ["ImageId", "EncodedPixels"]
    write_table(data / "stage1_train_labels.csv", header, rows)
    write_table(data / "stage1_sample_submission.csv", header, [[name, "1 1"] for name in truth])
    return Made(data, truth)


def _nuclei(number: int, rng: np.random.Generator) -> tuple[NDArray[np.uint8], Layers]:
    """Return an image `(H, W, 4)`, opaque, and a layer a nucleus."""
    image, nuclei = scatter((40, 40) if number % 2 else (32, 56), rng)
    return np.dstack([image, np.full(image.shape[:2], 255, dtype=np.uint8)]), nuclei
