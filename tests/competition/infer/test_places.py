"""Rows of one latitude and longitude are of one place, and must not cross folds."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from tests.competition.infer.test_odd_labels import begin, put, table


def ponds(data: Path, *, apart: bool, n_places: int = 12) -> None:
    for n in range(36):
        put(data / f"{'train' if n < 30 else 'test'}/{n}.png", n)
    rows = [(n, n * 7 % 3, 40.5 + n % n_places, -90 - n % n_places / 8) for n in range(36)]
    if apart:
        table(data / "train.csv", ("id", "grade"), *(one[:2] for one in rows[:30]))
        where = [(n, lat, lon) for n, _, lat, lon in rows]
        table(data / "where.csv", ("id", "latitude", "longitude"), *where[:30])
    else:
        table(data / "train.csv", ("id", "grade", "lat", "lon"), *rows[:30])
    table(data / "sample_submission.csv", ("id", "grade"), *((n, 0) for n in range(30, 36)))


@pytest.mark.parametrize("apart", [True, False], ids=["another table", "the table of labels"])
def test_rows_of_one_place_are_a_group(tmp_path: Path, apart: bool) -> None:
    ponds(tmp_path / "data", apart=apart)
    found, _ = begin(tmp_path)
    assert (found.folds.scheme, found.folds.group) == ("stratified_group", "place")
    samples = load_samples(found, "train")
    assert samples["group"].nunique() == 12


def test_places_of_one_row_each_group_nothing(tmp_path: Path) -> None:
    ponds(tmp_path / "data", apart=False, n_places=40)
    assert begin(tmp_path)[0].folds.group is None


def test_a_column_that_differs_beside_placeholders_is_taken_from_the_sample(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    for n in range(36):
        put(data / f"{'train' if n < 30 else 'test'}/{n}.png", n)
    rows = [(n, ("north", "south")[n % 2], n * 7 % 3) for n in range(36)]
    table(data / "train.csv", ("id", "region", "grade"), *rows[:30])
    sent = ((n, region, 1) for n, region, _ in rows[30:])
    table(data / "sample_submission.csv", ("id", "region", "grade"), *sent)
    found, notes = begin(tmp_path, "grade")
    columns = {"id": "id", "region": "file[data/sample_submission.csv]", "grade": "value"}
    assert found.submission.columns == columns
    assert not found.to_choose
    assert "'region' differs by row" in notes
    assert "second workspace" not in notes
