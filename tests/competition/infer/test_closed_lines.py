"""Masks that are outlines are told of; filled areas, roads and rings are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.infer.files import ImageFile
from podium.competition.infer.masks.closed_lines import closed_lines

Y, X = np.mgrid[:48, :60]


def shape_of(kind: str, n: int) -> np.ndarray:
    far = ((Y - 24) / (15 + n % 3)) ** 2 + ((X - 30) / 20) ** 2
    if kind == "outline":
        return (far > 0.9) & (far < 1.1)
    if kind == "ring":  # a thick one, as a cup
        return (far > 0.3) & (far < 1.0)
    if kind == "area":
        return far < 1
    y, x = Y - n % 5, X - n % 7
    return (y % 16 == 0) | (x % 20 == 0)  # roads, which close in many areas


@pytest.mark.parametrize("kind", ["outline", "ring", "area", "roads"])
def test_lines_around_one_area_are_noted(tmp_path: Path, kind: str) -> None:
    masks = [ImageFile(f"{n}_Annotation.png", "mask") for n in range(9)]
    for n, one in enumerate(masks):
        Image.fromarray(np.uint8(255 * shape_of(kind, n))).save(tmp_path / one.path)
    found = closed_lines(tmp_path, masks)
    assert ("0_Annotation.png" in found) == (kind == "outline")
    assert bool(found) == (kind == "outline")
