"""Pictures beside each image, of its name with a word more: no images to predict."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from podium.competition.infer.conversions.masks.object_folders import scan_data
from podium.competition.samples import load_samples
from tests.competition.infer.test_odd_masks import SIZE, box, photo, read, save, text

CODES = np.array([0, 7, 24], np.uint8)


def drives(
    data: Path, word: str = "dry", *, file: str = "_dry", has_masks: bool = True, n_images: int = 9
) -> list[str]:
    """Write wet days of three towns, each with a picture of a dry one; return the names of train.

    Args:
        data: the folder.
        word: of the folders of the pictures of dry days.
        file: what their names have more.
        has_masks: whether train has masks.
        n_images: of each part that have such a picture; the others have none.
    """
    names = []
    for number in range(27):
        part, town = ("train", "test")[number >= 18], f"town{number % 3}"
        name = f"{town}_{number:06}"
        if number % 9 < n_images:
            photo(data / f"shots/{town}/{part}/a/{name}_shot.png", number)
        photo(data / f"shots/{town}/{part}_{word}/a/{name}_shot{file}.png", 100 + number)
        if part == "train" and has_masks and number % 9 < n_images:
            names.append(name)
            drawn = CODES[box(number + 1) + box(number + 1, shift=7).astype(int)]
            save(data / f"gt/{town}/{part}/a/{name}_gt.png", drawn)
    return names


@pytest.mark.parametrize(("word", "file"), [("dry", "_dry"), ("ref", "_ref")])
def test_pictures_of_dry_days_are_neither_learnt_from_nor_predicted(
    tmp_path: Path, word: str, file: str
) -> None:
    names = drives(tmp_path / "data", word, file=file)
    found, masks = read(tmp_path / "data")
    assert {name.removesuffix("_shot") for name in masks} == {*names}
    test = load_samples(found.competition, "test")
    assert len(test) == 9
    assert not any(f"_{word}/" in path for paths in test["images"] for path in paths)
    assert found.competition.data.unlabelled is None
    assert any(note.startswith("27 pictures in ") for note in found.notes)


def test_pictures_that_are_no_further_ones_stay(tmp_path: Path) -> None:
    drives(tmp_path / "no masks", has_masks=False)
    assert len(scan_data(tmp_path / "no masks", "data").images) == 54
    drives(tmp_path / "some alone", n_images=7)
    found = scan_data(tmp_path / "some alone", "data")
    assert sum(one.path.endswith("_dry.png") for one in found.images) == 27
    drives(tmp_path / "listed")
    text(tmp_path / "listed/list.csv", "image,place", "town0_000000_shot_dry,a")
    found = scan_data(tmp_path / "listed", "data")
    assert sum(one.path.endswith("_dry.png") for one in found.images) == 27


def test_flat_pictures_beside_images_are_no_photographs(tmp_path: Path) -> None:
    data = tmp_path / "data"
    drives(data)
    for path in data.rglob("*_dry.png"):
        save(path, np.full((*SIZE, 3), 9, np.uint8))
    assert len([one for one in scan_data(data, "data").images if "_dry" in one.path]) == 27
