"""Folders that look like classes, where nothing is to be classified by them."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table

KINDS = ("kale", "leek")


def photos(data: Path, *, test_in_folders: bool) -> None:
    for n in range(24):
        put(data / f"train/{KINDS[n % 2]}/a{n}.png", n)
    for n in range(24, 34):
        put(data / ("test/" + (f"{KINDS[n % 2]}/" if test_in_folders else "") + f"a{n}.png"), n)


def write_sample(data: Path, column: str, cells: list[object]) -> None:
    rows = [(f"a{n}", cells[n % len(cells)]) for n in range(24, 34)]
    table(data / "sample_submission.csv", ("image", column), *rows)


def test_a_number_of_images_whose_folder_is_known_is_not_that_of_their_folder(
    tmp_path: Path,
) -> None:
    photos(tmp_path / "data", test_in_folders=True)
    write_sample(tmp_path / "data", "days_grown", [1])
    with pytest.raises(DataError, match="asks for days_grown, a number: these folders are no") as e:
        begin(tmp_path)
    assert "columns image and days_grown" in str(e.value.fix)


@pytest.mark.parametrize(
    ("column", "cells", "test_in_folders"),
    [
        ("label", [0, 1], True),  # codes
        ("answer", list(KINDS), True),
        ("kale", [0.5], True),  # a probability
        ("is_wild", [0.5], False),  # nothing shows what images to predict are of
    ],
)
def test_other_answers_beside_the_same_folders_are_classes(
    tmp_path: Path, column: str, cells: list[object], test_in_folders: bool
) -> None:
    photos(tmp_path / "data", test_in_folders=test_in_folders)
    write_sample(tmp_path / "data", column, cells)
    found, _ = begin(tmp_path)
    assert sorted(found.classes) == list(KINDS)


def test_an_image_that_is_to_be_made_of_others_is_no_class(tmp_path: Path) -> None:
    data = tmp_path / "data"
    photos(data, test_in_folders=True)
    (data / "about.md").write_text("# Tiles\n\nA task of super-resolution, scored by PSNR.\n")
    with pytest.raises(DataError, match="an image is to be made of others") as e:
        begin(tmp_path)
    assert str(e.value.where).endswith("about.md")
    write_sample(data, "answer", list(KINDS))
    found, _ = begin(tmp_path)
    assert sorted(found.classes) == list(KINDS)
