"""Masks of numbers beside drawings of them: what the drawings tell, and what is no drawing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from podium.competition.infer.spec import infer
from tests.competition.infer.test_odd_masks import SIZE, photo, read, save

NUMBERS = np.array([0, 4, 7, 255], np.uint8)
COLOURS = {
    "ground": ((90, 60, 30), (200, 10, 10), (10, 10, 200), (0, 0, 0)),
    "black": ((0, 0, 0), (200, 10, 10), (10, 10, 200), (250, 250, 250)),
}


def places(number: int) -> np.ndarray:
    return np.random.default_rng(number).integers(0, 4, SIZE)


def floors(data: Path, colours: tuple[tuple[int, int, int], ...], *, is_drawn: bool) -> None:
    for number in range(24):
        part = "train" if number < 16 else "val"
        name = f"{part}/floor{number:02}.png"
        photo(data / f"rooms/photos/{part}/floor{number:02}.jpg", number)
        found = places(number)
        save(data / f"rooms/labels/parts/ids/{name}", NUMBERS[found])
        other = found if is_drawn else places(1_000 + number)
        save(data / f"rooms/labels/parts/paint/{name}", np.array(colours, np.uint8)[other])
    for number in range(6):
        photo(data / f"rooms/photos/test/new{number}.jpg", 100 + number)


@pytest.mark.parametrize("ground", ["ground", "black"])
def test_numbers_are_learnt_and_no_drawing_of_them(tmp_path: Path, ground: str) -> None:
    floors(tmp_path / "data", COLOURS[ground], is_drawn=True)
    found, masks = read(tmp_path / "data")
    train = found.competition.data.train
    assert train.mask == "data/rooms/labels/parts/ids/{split}/{id}.png"
    assert train.ignore == 255
    assert any("they draw the others in colours" in note for note in found.notes)
    if ground == "ground":  # what is drawn in a colour is a class
        assert found.competition.classes == ["class 0", "class 4", "class 7"]
        known = masks["floor03"] != np.uint8(255)
        assert np.array_equal(known, places(3) < 3)
        assert np.array_equal(masks["floor03"][known], places(3)[known] + 1)
    else:
        assert "class 0" not in found.competition.classes


def test_other_masks_of_colours_are_no_drawing(tmp_path: Path) -> None:
    floors(tmp_path / "data", COLOURS["ground"], is_drawn=False)
    found = infer(tmp_path / "data", tmp_path)
    assert not any("they draw the others in colours" in note for note in found.notes)
    assert any("lead to several files" in note for note in found.notes)
