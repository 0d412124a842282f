"""Folders of masks that are called after a part of the data, as those of images are, or not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from layouts.judging import readings_of

from tests.competition.infer.test_odd_masks import box, photo, read, save


@pytest.mark.parametrize(
    ("kind", "words", "end"),
    [
        ("{}_maps", ("train", "val"), "maps/{split}_maps/{id}.png"),
        ("of_{}", ("train", "valid"), "maps/**/{id}.png"),
        ("deep/of/{}_maps", ("train", "val"), "maps/deep/of/{split}_maps/{id}.png"),
    ],
)
def test_a_field_of_masks_has_the_part_alone(
    tmp_path: Path, kind: str, words: tuple[str, str], end: str
) -> None:
    data, drawn = tmp_path / "data", {}
    for number in range(24):
        part, word = ("train", words[0]) if number < 16 else ("val", words[1])
        photo(data / f"pictures/{part}_pictures/leaf{number:02}.jpg", number)
        drawn[f"leaf{number:02}"] = box(number + 1)
        folder = kind.format(word)
        save(
            data / f"annotation maps/{folder}/leaf{number:02}.png",
            drawn[f"leaf{number:02}"] * np.uint8(255),
        )
    for number in range(6):
        photo(data / f"testing/new{number}.jpg", 100 + number)
    found, masks = read(data)
    train = found.competition.data.train
    assert train.mask is not None
    assert train.mask.endswith(end)
    assert masks.keys() == drawn.keys()
    assert all(np.array_equal(masks[one], plane) for one, plane in drawn.items())


def test_folders_of_several_kinds_of_masks_have_the_field_of_the_part(tmp_path: Path) -> None:
    data, drawn = tmp_path / "data", {}
    for number in range(24):
        part = "Training" if number < 18 else "Validation"
        photo(data / f"{part}/Images/{number:04}.jpg", number)
        drawn[f"{number:04}"] = box(number + 1)
        save(data / f"{part}/Things/{number:04}.png", drawn[f"{number:04}"] * np.uint8(255))
        save(data / f"{part}/Whole things/{number:04}.png", box(number, shift=3) * np.uint8(255))
    for number in range(6):
        photo(data / f"Testing/Images/{100 + number:04}.jpg", 100 + number)
    found, masks = read(data)
    assert found.competition.data.train.mask == "data/{split}/Things/{id}.png"
    assert readings_of(found.text)["data.train.mask"] == ["data/{split}/Whole things/{id}.png"]
    assert masks.keys() == drawn.keys()
    assert all(np.array_equal(masks[one], plane) for one, plane in drawn.items())
