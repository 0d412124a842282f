"""Class folders beside tables that tell further facts of the same images."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.errors import DataError
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


@pytest.mark.parametrize("is_each", [True, False])
def test_folders_with_a_table_each_are_parts_and_no_classes(tmp_path: Path, is_each: bool) -> None:
    """What rows name is not that of the files; tables of other sizes are of something else."""
    data = tmp_path / "data"
    for year in (2022, 2023):
        for n in range(12):
            put(data / f"images/harvest {year}/leaf_{n}.png", year + n)
        rows = [
            (f"L{n}b", f"P{n // 3}", ("low", "high")[n % 2]) for n in range(12 if is_each else 40)
        ]
        table(data / f"sheet_{year}.csv", ("leaf", "plant", "rust"), *rows)
    for n in range(6):
        put(data / f"images/test/leaf_{n}.png", 50 + n)
    table(data / "sample_submission.csv", ("id", "grade"), *((f"test-{n}", 0) for n in range(6)))
    if is_each:
        with pytest.raises(DataError, match=r"have a table each, 'sheet_2022.csv', 'sheet_2023"):
            begin(tmp_path)
    else:
        assert len(begin(tmp_path)[0].classes) == 2
