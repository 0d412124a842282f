"""A folder of discs whose masks are rows of runs, written in plain Python in any order and base."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

HEIGHT, WIDTH = 24, 36
EMPTY = (3, 11, 19)
"""Numbers of the images without a disc."""


def disc(n: int) -> np.ndarray:
    """Return the mask of image `n`, bool `(H, W)`: a disc that may leave the picture."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    centre = 2 + n * 7 % (HEIGHT - 2), 3 + n * 11 % (WIDTH - 3)
    return (rows - centre[0]) ** 2 + (columns - centre[1]) ** 2 <= (5 + n % 3) ** 2


def runs(mask: np.ndarray, order: str, base: int) -> str:
    """Return start and length of each run, pixel by pixel."""
    flat = [False, *mask.flatten(order), False]
    starts = [k for k in range(1, len(flat)) if flat[k] and not flat[k - 1]]
    ends = [k for k in range(1, len(flat)) if flat[k - 1] and not flat[k]]
    return " ".join(f"{a - 1 + base} {b - a}" for a, b in zip(starts, ends, strict=True))


def write_discs(
    data: Path,
    *,
    order: str = "F",
    base: int = 1,
    empty: str = "-1",
    without_row: Collection[int] = (),
    more: Collection[tuple[int, str]] = (),
    n: int = 24,
) -> dict[str, Any]:
    """Write images, `runs.csv`, a table of the cases of both parts, and a sample; return the spec.

    Args:
        data: the folder.
        order, base: of the runs.
        empty: the cell of an empty mask.
        without_row: numbers of images that `runs.csv` does not name.
        more: further rows of it, number and cell.
        n: images of train; 6 more are to be predicted.
    """
    for k in range(n + 6):
        path = data / ("train" if k < n else "test") / f"d{k:02d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        grey = np.where(disc(k) & (k not in EMPTY), 200, 60) + np.arange(WIDTH) % 7 + k
        Image.fromarray(np.stack([grey] * 3, -1).astype(np.uint8)).save(path)
    rows = [
        (k, empty if k in EMPTY else runs(disc(k), order, base))
        for k in range(n)
        if k not in without_row
    ]
    lines = [f"d{k:02d},{cell}" for k, cell in [*rows, *more]]
    (data / "runs.csv").write_text("\n".join(["image,rle", *lines]) + "\n")
    cases = [f"d{k:02d},case{k // 2}" for k in range(n + 6)]
    (data / "cases.csv").write_text("\n".join(["image,patient", *cases]) + "\n")
    sent = [f"d{k:02d},-1" for k in range(n, n + 6)]
    (data / "sample_submission.csv").write_text("\n".join(["image,rle", *sent]) + "\n")
    return {
        "name": "discs",
        "tasks": {"segment": "binary"},
        "data": {
            "train": {
                "images": "data/train/*.png",
                "mask": {"table": "data/runs.csv", "id": "image", "rle": "rle"},
            },
            "test": {"images": "data/test/*.png"},
        },
        "metric": {"name": "mean_dice"},
        "submission": {"columns": {"image": "id", "rle": "value"}, "value": "rle", "empty": "-1"},
    }
