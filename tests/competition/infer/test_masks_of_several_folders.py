"""Masks in one folder, by their look, of images that lie in several folders of any name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from podium.competition.infer.spec import infer
from podium.errors import DataError
from tests.competition.infer.test_odd_masks import box, photo, read, save

RUST = (180, 60, 20)


def plates(data: Path, *, end: str, photos: bool = False) -> None:
    for number in range(24):
        name = f"plate{number:03}"
        photo(data / f"photos_{1 + number // 12}/{name}.png", number)
        if photos:
            photo(data / f"polished/{name}{end}.png", 500 + number)
            continue
        pixels = np.zeros((12, 16, 3), np.uint8)
        pixels[box(number + 1)] = RUST
        save(data / f"where it rusts/{name}{end}.png", pixels)
    for number in range(6):
        photo(data / f"test/new{number:03}.png", 100 + number)


def test_a_mask_is_named_as_an_image_of_one_of_several_folders(tmp_path: Path) -> None:
    plates(tmp_path / "data", end="_rust")
    found, masks = read(tmp_path / "data")
    assert found.competition.tasks == {"segment": "binary"}
    assert len(masks) == 24
    assert all(np.array_equal(masks[f"plate{n:03}"], box(n + 1)) for n in range(24))


def test_masks_with_a_number_in_their_names_are_no_class(tmp_path: Path) -> None:
    plates(tmp_path / "data", end="_v2")
    with pytest.raises(DataError, match="look like masks of those in"):
        infer(tmp_path / "data", tmp_path)


def test_photos_with_an_end_more_are_a_class(tmp_path: Path) -> None:
    plates(tmp_path / "data", end="_after", photos=True)
    found = infer(tmp_path / "data", tmp_path).competition
    assert found.tasks == {"classify": "multiclass"}
    assert "polished" in found.classes
