"""Class folders beside tables that tell further facts of the same images."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from tests.competition.infer.test_odd_labels import begin, put, table

CROPS = ("betel", "maize", "onion")


def fields(data: Path, column: str, cells: list[object], *, is_sent: bool) -> None:
    """Write a folder a crop, and a table with a further fact of each image of train."""
    for n in range(24):
        put(data / f"training/{CROPS[n % 3]}/f{n}.png", n)
    for n in range(6):
        put(data / f"test/t{n}.png", 50 + n)
    rows = [(f"f{n}.png", cells[n]) for n in range(24)]
    table(data / "training/places.csv", ("image", column), *rows)
    if is_sent:
        sent = [(f"t{n}.png", CROPS[n % 3]) for n in range(6)]
        table(data / "sample_submission.csv", ("image", "crop"), *sent)


def crops_read(found: Competition) -> dict[str, str]:
    train = load_samples(found, "train")
    return {
        Path(paths[0]).stem: found.classes[label]
        for paths, label in zip(train["images"], train["label"], strict=True)
    }


TRUE = {f"f{n}": CROPS[n % 3] for n in range(24)}


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        ("TARGET_FID", [41 * n for n in range(24)]),
        ("town", [f"T{n * 5 % 4}" for n in range(24)]),
        ("class_level", [n * 7 % 5 for n in range(24)]),
        ("age", [30 + n * 7 % 40 for n in range(24)]),
    ],
)
def test_folders_called_as_the_answers_of_the_sample_come_before_a_table(
    tmp_path: Path, column: str, cells: list[object]
) -> None:
    fields(tmp_path / "data", column, cells, is_sent=True)
    found, _ = begin(tmp_path)
    assert crops_read(found) == TRUE
    assert found.to_choose == []


def test_a_number_of_each_row_is_no_label_beside_class_folders(tmp_path: Path) -> None:
    fields(tmp_path / "data", "TARGET_FID", [41 * n for n in range(24)], is_sent=False)
    found, _ = begin(tmp_path)
    assert crops_read(found) == TRUE
    assert found.to_choose == []


def test_a_label_by_its_name_comes_before_folders(tmp_path: Path) -> None:
    fields(tmp_path / "data", "class_level", [n * 7 % 5 for n in range(24)], is_sent=False)
    found, _ = begin(tmp_path)
    assert found.data.train.label == "class_level"
