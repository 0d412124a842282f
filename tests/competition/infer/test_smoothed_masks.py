"""Masks with greys between black and white at borders."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from podium.competition.infer.masks.content import read_content
from tests.competition.infer.test_odd_masks import photo, read, save

WIDE = (48, 64)


def roof(number: int, *, n_times: int = 8) -> NDArray[np.uint8]:
    """Return an ellipse of white on black, drawn larger and made smaller with smooth borders."""
    image = Image.new("L", (WIDE[1] * n_times, WIDE[0] * n_times))
    left, top, right, below = 3 + number, 5, 40 + number % 20, 30 + number % 9
    box = tuple(n_times * one for one in (left, top, right, below))
    ImageDraw.Draw(image).ellipse(box, fill=255)
    return np.asarray(image.resize(WIDE[::-1], Image.Resampling.BOX))


def roofs(data: Path) -> None:
    for number in range(16):
        photo(data / f"training/air/roof_{number}.png", number, WIDE)
        save(data / f"training/groundtruth/roof_{number}.png", roof(number))
    for number in range(16, 22):
        photo(data / f"test/air/roof_{number}.png", number, WIDE)


def test_greys_at_borders_are_parted_in_the_middle(tmp_path: Path) -> None:
    roofs(tmp_path / "data")
    found, masks = read(tmp_path / "data")
    assert found.competition.tasks == {"segment": "binary"}
    assert any("smoothed at borders" in note for note in found.notes)
    assert len(masks) == 16
    for number, mask in enumerate(masks[f"roof_{n}"] for n in range(16)):
        assert np.array_equal(mask, roof(number) > 127)


@pytest.mark.parametrize("grey", [90, 128])
def test_even_areas_of_grey_are_not_smoothed(tmp_path: Path, grey: int) -> None:
    paths = []
    for number in range(12):
        pixels = roof(number).copy()
        pixels[36:44, 2:8] = grey
        save(tmp_path / f"{number}.png", pixels)
        paths.append(tmp_path / f"{number}.png")
    content = read_content(paths)
    assert content is None or not content.clear
