"""Several folders of masks, of which some are drawn of others: outlines, and numbers in colours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from layouts.judging import readings_of
from numpy.typing import NDArray

from podium.competition.infer.spec import infer
from tests.competition.infer.test_odd_masks import photo, read, save, text

SIZE = (40, 52)


def area(number: int) -> NDArray[np.bool_]:
    """Return a box of 14 by 18 pixels in another place for each number; every fifth is empty."""
    plane = np.zeros(SIZE, np.bool_)
    top, left = np.random.default_rng(number).integers(1, [SIZE[0] - 15, SIZE[1] - 19])
    plane[top : top + 14, left : left + 18] = number % 5 > 0
    return plane


def outline(plane: NDArray[np.bool_]) -> NDArray[np.bool_]:
    rows, columns = np.nonzero(plane)
    line = plane.copy()
    if len(rows):
        line[rows.min() + 1 : rows.max(), columns.min() + 1 : columns.max()] = False
    return line


def hunt(data: Path, *, lines: str = "outline", readme: str = "") -> None:
    """Write animals of train and test, each with an area, a line and a colour of its own."""
    for number in range(36):
        part = "Train" if number < 24 else "Test"
        name, plane = f"{part}/{{}}/beast-{number:02}.png", area(number)
        photo(data / f"{part}/Image/beast-{number:02}.jpg", number, SIZE)
        line = outline(plane) if lines == "outline" else area(100 + number)
        save(data / name.format("GT_Whole"), plane * np.uint8(255))
        save(data / name.format("GT_Rim"), line * np.uint8(255))
        colour = np.array([190, 60 + number % 4, 30], np.uint8)
        save(data / name.format("GT_Painted"), plane[..., None] * colour)
    if readme:
        text(data / "README.md", readme)


def test_masks_of_a_labelled_test_are_no_regions_and_outlines_are_not_the_truth(
    tmp_path: Path,
) -> None:
    hunt(tmp_path / "data")
    found, masks = read(tmp_path / "data")
    assert found.competition.tasks == {"segment": "binary"}
    assert found.competition.data.train.mask == "data/Train/GT_Whole/{id}.png"
    assert len(masks) == 24
    assert all(np.array_equal(mask, area(int(name[-2:]))) for name, mask in masks.items())
    told = "masks in Train/GT_Rim are not used: they draw the outlines of those of Train/GT_Whole"
    assert told in found.notes


def test_outlines_that_a_text_calls_the_truth_are_learnt(tmp_path: Path) -> None:
    hunt(tmp_path / "data", readme="Train/GT_Rim is the ground truth that we score against.")
    found, masks = read(tmp_path / "data")
    assert found.competition.data.train.mask == "data/Train/GT_Rim/{id}.png"
    assert np.array_equal(masks["beast-03"], outline(area(3)))


def test_masks_of_other_places_are_a_question(tmp_path: Path) -> None:
    hunt(tmp_path / "data", lines="others")
    found = infer(tmp_path / "data", tmp_path)
    assert not any("outlines" in note for note in found.notes)
    given = {found.competition.data.train.mask, *readings_of(found.text)["data.train.mask"]}
    assert {f"data/Train/GT_{one}/{{id}}.png" for one in ("Rim", "Whole")} <= given


@pytest.mark.parametrize("ground", [0, 90])
def test_colours_of_numbers_in_another_folder_are_no_truth(tmp_path: Path, ground: int) -> None:
    data = tmp_path / "data"
    colours = np.array([[ground, ground // 2, 0], [200, 9, 9], [9, 9, 200], [9, 200, 9]], np.uint8)
    for number in range(24):
        numbers = np.zeros(SIZE, np.uint8)
        numbers[area(number + 1)] = 1 + number % 3
        numbers[:3, :4] = 1 + (number + 1) % 3
        photo(data / f"train/pictures/{number:02}.jpg", number, SIZE)
        save(data / f"train/parts_ids/{number:02}.png", numbers)
        save(data / f"train/parts/{number:02}.png", colours[numbers])
    for number in range(6):
        photo(data / f"test/pictures/new{number}.jpg", 100 + number, SIZE)
    found, masks = read(data)
    told = "masks in train/parts are not used: they draw those of train/parts_ids in colours"
    if ground:  # a class of its own, which the numbers do not tell
        assert told not in found.notes
        assert "data.train.mask" in found.competition.to_choose
    else:
        assert told in found.notes
        assert found.competition.data.train.mask == "data/train/parts_ids/{id}.png"
        assert not found.competition.to_choose
        assert np.array_equal(masks["02"][5:] > 0, area(3)[5:])
