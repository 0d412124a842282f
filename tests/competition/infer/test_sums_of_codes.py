"""Cells that are the sum of a code for each label are read as labels, and sent so again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from competition.infer.test_codes_of_labels import coded, is_read_and_sent
from competition.infer.test_odd_labels import begin, table

from podium.submissions.format.checking import check

NAMES = ["rice", "soup", "kimchi", "fried egg"]
LISTED = "Trays.\n\n  code  food\n   1    rice\n   2    soup\n   4    kimchi\n   8    fried egg\n"


def total(places: Sequence[int]) -> str:
    return str(sum(1 << k for k in places))


@pytest.mark.parametrize(
    "text",
    [
        LISTED,
        "- 1: rice\n- 2: soup\n- 4: kimchi\n- 8: fried egg\n",
        "| food | code |\n|---|---|\n"
        "| rice | 1 |\n| soup | 2 |\n| kimchi | 4 |\n| fried egg | 8 |\n",
        "1 = rice\n2 = soup\n4 = kimchi\n8 = fried egg\nMacro F1 counts.\n",
    ],
    ids=["columns", "items", "table", "equations"],
)
def test_sums_of_listed_codes_are_labels(text: str, tmp_path: Path) -> None:
    damages = coded(tmp_path, total, text)
    assert is_read_and_sent(tmp_path, total, damages) == NAMES


def test_a_table_lists_codes_too(tmp_path: Path) -> None:
    damages = coded(tmp_path, total)
    listed = ((1 << k, name) for k, name in enumerate(NAMES))
    table(tmp_path / "data/classes.csv", ("id", "name"), *listed)
    assert is_read_and_sent(tmp_path, total, damages) == NAMES


@pytest.mark.parametrize(
    "text",
    [
        "",  # nothing tells what 5 is
        "1 rice\n2 soup\n3 kimchi\n4 fried egg\n",  # names of classes
        "1 rice\n2 soup\n",  # 5 is beyond their sum
        "1 rice\n2 soup\n4 kimchi\n8 fried egg\n9 fruit\n14 fish\n",  # 3 is not among these
    ],
    ids=["no list", "classes", "too few", "classes with gaps"],
)
def test_numbers_without_their_codes_are_no_sums(text: str, tmp_path: Path) -> None:
    coded(tmp_path, total, text)
    found, _ = begin(tmp_path)
    assert found.tasks != {"classify": "multilabel"}


def test_codes_alone_are_classes(tmp_path: Path) -> None:
    coded(tmp_path, lambda places: str(1 << len(places)), LISTED)
    found, _ = begin(tmp_path)
    assert found.tasks == {"classify": "multiclass"}


@pytest.mark.parametrize("cell", ["16", "-1", "1.5", "rice", ""])
def test_a_cell_that_is_no_sum_is_told_with_its_line(cell: str, tmp_path: Path) -> None:
    coded(tmp_path, total, LISTED)
    found, _ = begin(tmp_path)
    path = tmp_path / "sent.csv"
    sample = (tmp_path / "data/sample_submission.csv").read_text().splitlines()
    ids = [line.partition(",")[0] for line in sample[1:]]
    rows = zip(ids, ["5", cell, *["0"] * (len(ids) - 2)], strict=True)
    table(path, ("print", "damage"), *rows)
    (fault,) = check(path, found)
    assert "line 3" in str(fault)
    assert "no sum of codes" in str(fault)
