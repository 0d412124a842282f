"""A table of test whose columns of answers are to be filled in: these together are predicted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from competition.infer.test_odd_labels import begin, put, table

from podium.competition.spec import Competition


def of_ponds(root: Path, blanks: Sequence[object], *, more: bool = False) -> Competition:
    """Return what is inferred of ponds: depth and warmth in train, and these cells in test."""
    data = root / "data"
    header: list[object] = ["pond", "depth", "y", *["plant"] * more]
    rows: list[list[object]] = []
    for n in range(24):
        plant = [("reed", "moss")[n % 2]] * more
        rows.append([f"p{n}", n % 7 * 3 + 2.5, n * 5 % 11 + 1.5, *plant])
    for n in range(30):
        put(data / f"ponds/p{n}.png", n)
    table(data / "train.csv", header, *rows)
    table(data / "test.csv", header[:3], *([f"p{n}", *blanks] for n in range(24, 30)))
    return begin(root)[0]


@pytest.mark.parametrize("blank", ["", 0, -1])
def test_columns_to_fill_in_are_predicted_together(tmp_path: Path, blank: object) -> None:
    found = of_ponds(tmp_path, [blank, blank])
    assert found.data.train.label == ["depth", "y"]
    assert list(found.submission.columns) == ["pond", "depth", "y"]
    assert found.submission.sample == "data/test.csv"
    assert found.data.test.table == "data/test.csv"


def test_columns_of_one_value_each_are_known_of_test(tmp_path: Path) -> None:
    found = of_ponds(tmp_path, [4.5, 7.5])
    assert found.submission.sample is None


def test_blank_columns_beside_a_label_that_test_lacks_are_not_predicted(tmp_path: Path) -> None:
    found = of_ponds(tmp_path, ["", ""], more=True)
    assert found.data.train.label == "plant"
