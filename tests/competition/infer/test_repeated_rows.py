"""Rows of a table of train that stand twice by mistake are left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from tests.competition.infer.test_odd_labels import begin, put, table


def photos(data: Path, n: int) -> list[str]:
    names = [f"p{one:02}.png" for one in range(n)]
    files = [*(f"train/{name}" for name in names), "test/q0.png", "test/q1.png"]
    for seed, one in enumerate(files):
        put(data / one, seed)
    return names


@pytest.mark.parametrize(("again", "n_rows"), [
    ([("0", "red;round")], 20),
    ([("0", "round;red"), ("1", "flat")], 20),
    ([("0", "red;flat")], None),  # another label: a person decides
])  # fmt: skip
def test_a_few_rows_that_stand_twice_are_left_out(
    tmp_path: Path, again: list[tuple[str, str]], n_rows: int | None
) -> None:
    data = tmp_path / "data"
    names = photos(data, 20)
    labels = ["red;round", "flat", "red", "round;flat"] * 5
    rows = [*zip(names, labels, strict=True), *((names[int(n)], one) for n, one in again)]
    table(data / "train.csv", ("image", "tags"), *rows)
    found, notes = begin(tmp_path)
    if n_rows is None:
        assert "1 ids stand more than once" in notes
        return
    assert len(load_samples(found, "train")) == n_rows
    assert "stood twice" in notes


def test_a_row_an_object_is_no_mistake(tmp_path: Path) -> None:
    data = tmp_path / "data"
    names = photos(data, 20)
    fruits = ["apple", "pear", "plum", "pear"] * 5
    rows = [one for n, one in enumerate(zip(names, fruits, strict=True)) for _ in range(1 + n % 3)]
    table(data / "train.csv", ("image", "label"), *rows)
    _, notes = begin(tmp_path)
    assert "stood twice" not in notes
