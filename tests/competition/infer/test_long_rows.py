"""Rows with a separator in a text, and columns without a name and without a cell."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.infer.conversions.tables.dialects.spreadsheets import with_texts_joined
from podium.competition.tables import read_table
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table

KINDS = ("shirt", "shoe", "watch")


def rows_with(*odd: list[str]) -> list[list[str]]:
    """Return a header, thirty rows of three cells, and the odd ones."""
    rows = [[f"{100 + n}", KINDS[n % 3], "Blue wear for all men"] for n in range(30)]
    return [["id", "kind", "title"], *rows, *odd]


def test_a_comma_in_a_text_makes_no_cell(tmp_path: Path) -> None:
    data = tmp_path / "data"
    rows = rows_with(["130", "shoe", "Nice and checked", " blue shoe"])
    for n in range(31):
        put(data / f"images/{100 + n}.png", n)
    for n in range(6):
        put(data / f"test/t{n}.png", 50 + n)
    table(data / "styles.csv", *rows)
    found, notes = begin(tmp_path, "kind")
    assert sorted(found.classes) == sorted(KINDS)
    assert "1 row with ',' in a text, which is one cell again" in notes
    made = read_table(tmp_path / "made/tables/styles.csv")
    assert len(made) == 31
    assert list(made.iloc[-1]) == ["130", "shoe", "Nice and checked,blue shoe"]


@pytest.mark.parametrize("odd", [
    ["130", "red", "shoe", "Blue wear for all men"],  # of a kind that stands nowhere else
    ["x", "shoe", "Blue wear", "for all"],  # an id of another form
    ["130", "shoe"],
])  # fmt: skip
def test_a_row_that_fits_in_another_way_too_or_in_none_stays(odd: list[str]) -> None:
    rows = rows_with(odd)
    assert with_texts_joined(rows, ",") == (rows, "")


def test_two_columns_of_texts_leave_open_which_has_the_comma() -> None:
    rows = [[*row, "Worn by all people"] for row in rows_with()]
    odd = ["130", "shoe", "Blue wear", "for all", "Worn by all people"]
    assert with_texts_joined([*rows, odd], ",") == ([*rows, odd], "")


def test_many_long_rows_are_another_table() -> None:
    odd = [[f"{130 + n}", "shoe", "Blue", "wear"] for n in range(5)]
    rows = rows_with(*odd)
    assert with_texts_joined(rows, ",") == (rows, "")


def test_columns_without_a_name_and_without_a_cell_are_none(tmp_path: Path) -> None:
    table(tmp_path / "train.csv", ("image", "grade", "", ""), (1, 0, "", ""), (2, 1, "", " "))
    assert read_table(tmp_path / "train.csv").columns.tolist() == ["image", "grade"]
    table(tmp_path / "train.csv", ("image", "grade", "", ""), (1, 0, "", ""), (2, 1, "x", ""))
    assert read_table(tmp_path / "train.csv").columns.tolist() == ["image", "grade", ""]
    table(tmp_path / "train.csv", ("image", "grade", "", ""), (1, 0, "", "y"), (2, 1, "x", ""))
    with pytest.raises(DataError, match="columns stand twice"):
        read_table(tmp_path / "train.csv")
