"""Numbers in several units of one dimension, and the unit that is asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from podium.competition.infer.conversions.tables.rows.number_rows import (
    numbers_in_rows,
    numbers_of_one_unit,
)
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.scan import scan_folder
from podium.competition.infer.units_of_measure import converted, find_measure, header_unit
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table

TRAIN = [f"HB-{n:03}" for n in range(24)]
TEST = [f"HB-{n:03}" for n in range(24, 32)]
ASKED = "Submissions: both in millimetres."
Row = tuple[str, str, str, str]


def in_mm(n: int, k: int) -> Decimal:
    """Return the length (`k` 0) or width of leaf `n` in millimetres, with one decimal."""
    return Decimal(200 + (n * 37 + k * 11) % 240) / 10


def measured() -> list[Row]:
    """Return a row for each number: every third leaf in centimetres, all others in millimetres."""
    rows = []
    for n, name in enumerate(TRAIN):
        for k, trait in enumerate(("leaf_length", "leaf_width")):
            number, unit = (in_mm(n, k), "mm") if n % 3 else (in_mm(n, k) / 10, "cm")
            rows.append((name, trait, str(number), unit))
    return rows


def leaves(
    data: Path,
    text: str,
    rows: Sequence[Row] | None = None,
    sent: Sequence[str] = ("leaf_length", "leaf_width"),
) -> None:
    for n, name in enumerate(TRAIN):
        put(data / f"train/{name}.png", n)
    for n, name in enumerate(TEST):
        put(data / f"test/{name}.png", 50 + n)
    table(data / "measurements.csv", ("sheet", "trait", "value", "unit"), *(rows or measured()))
    table(data / "sample_submission.csv", ("sheet", *sent), *((one, 0.5, 0.5) for one in TEST))
    (data / "README.md").write_text(text, encoding="utf-8")


def read(data: Path) -> tuple[pd.DataFrame, str]:
    """Return the table that is made of the numbers, and what a person is told of it."""
    cells = {
        name: pd.read_csv(data / name, dtype=str, keep_default_na=False)
        for name in ("measurements.csv", "sample_submission.csv")
    }
    sample = SampleSubmission("sample_submission.csv", cells["sample_submission.csv"])
    found = numbers_in_rows(
        scan_folder(data, "data"), "measurements.csv", cells["measurements.csv"], sample
    )
    assert found is not None
    return found.table, found.reader


def numbers(made: pd.DataFrame, column: str) -> list[Decimal]:
    return list(map(Decimal, made[column]))


MM = [[in_mm(n, k) for n in range(24)] for k in range(2)]
CM = [[in_mm(n, k) / 10 for n in range(24)] for k in range(2)]


@pytest.mark.parametrize(("number", "unit", "to", "told"), [
    ("1.2", "cm", "mm", "12"), ("3.61", "cm", "mm", "36.1"), ("0.1", "m", "cm", "10"),
    ("1", "inch", "mm", "25.4"), ("12.70", "mm", "in", "0.5"), ("2.5", "km", "m", "2500"),
    ("750", "g", "kg", "0.75"), ("1", "min", "h", "0.0166666666667"), ("1.5", "h", "min", "90"),
    ("2", "d", "h", "48"), ("0.33", "l", "ml", "330"), ("2.5", "m²", "cm^2", "25000"),
    ("12", "ha", "m2", "120000"), ("37", "%", "share", "0.37"), ("0.5", "fraction", "%", "50"),
    ("100", "°C", "F", "212"), ("-40", "°F", "°C", "-40"), ("0", "K", "C", "-273.15"),
    ("1e3", "mm", "m", "1"), ("7.10", "mm", "Millimeter", "7.10"), ("-0.07", "m", "mm", "-70"),
    ("123456.7890123456", "cm", "mm", "1234567.890123456"),
])  # fmt: skip
def test_numbers_are_converted_without_errors_of_binary_fractions(
    number: str, unit: str, to: str, told: str
) -> None:
    before, behind = find_measure(unit), find_measure(to)
    assert before is not None
    assert behind is not None
    assert converted(number, before, behind) == told


@pytest.mark.parametrize("spelt", ["Mg", "Mm", "x", "", "mm/s", "arm", "none"])
def test_what_is_no_unit_or_one_of_two_is_none(spelt: str) -> None:
    assert find_measure(spelt) is None


@pytest.mark.parametrize(("name", "rest", "unit"), [
    ("leaf_length_mm", "leaf_length", "mm"), ("width (cm)", "width", "cm"),
    ("weight_in_kg", "weight", "kg"), ("area[m2]", "area", "m2"),
])  # fmt: skip
def test_a_header_ends_in_its_unit(name: str, rest: str, unit: str) -> None:
    found = header_unit(name)
    assert found is not None
    assert (found[0], found[1].name) == (rest, unit)


@pytest.mark.parametrize("text", [
    ASKED,
    "- `sample_submission.csv`: the form of a submission. One line per test sheet with the length\n"
    "  and the width of its leaf, both **in millimetres**.\n",
    "leaf_length and leaf_width: mm",
    "The error is scored in mm. On train the unit of each row counts, mm or cm.",
    "Abgabe: Länge und Breite in Millimetern.",
    "Odpověď: délka a šířka v milimetrech.",
    "提出する値: ミリメートル (sample_submission.csv)",
    "A ruler of 10 cm lies on each sheet. Predict both numbers in millimeters.",
])  # fmt: skip
def test_numbers_are_converted_to_the_unit_that_a_text_asks_for(tmp_path: Path, text: str) -> None:
    leaves(tmp_path / "data", text)
    made, told = read(tmp_path / "data")
    assert list(made.columns) == ["sheet", "leaf_length", "leaf_width"]
    assert [numbers(made, "leaf_length"), numbers(made, "leaf_width")] == MM
    assert "8 of 24 numbers of leaf_length are converted to mm, as README.md says" in told


def test_a_competition_has_the_converted_numbers(tmp_path: Path) -> None:
    leaves(tmp_path / "data", "Score: MAE.", sent=("leaf_length_mm", "leaf_width_cm"))
    found, notes = begin(tmp_path)
    assert str(found.tasks["classify"]) == "multitarget"
    assert found.data.train.label == ["leaf_length_mm", "leaf_width_cm"]
    made = pd.read_csv(tmp_path / "made/tables/measurements_rows.csv", dtype=str)
    assert numbers(made, "leaf_length_mm") == MM[0]
    assert numbers(made, "leaf_width_cm") == CM[1]
    assert (
        "8 of 24 numbers of leaf_length_mm are converted to mm, as sample_submission.csv" in notes
    )


@pytest.mark.parametrize("text", [
    "",
    "Submissions are scored by RMSE.",
    "Do not submit centimetres.",
    "A submission has a row for each sheet of 30 cm.",
    "The lengths of train, to predict from, are in cm.",
    "Submit what measurements.csv has, in cm.",
    "Submissions: in grams. Areas are scored in mm².",
    "Scores are rounded to 1 mm/s.",
])  # fmt: skip
def test_a_unit_that_nothing_tells_is_asked_for(tmp_path: Path, text: str) -> None:
    leaves(tmp_path / "data", text)
    with pytest.raises(DataError) as error:
        read(tmp_path / "data")
    for part in (
        "several units in the column unit: 16 in mm, 8 in cm", "write all numbers of leaf_length",
        "or write the unit of the answers into a text beside the data",
    ):  # fmt: skip
        assert part in str(error.value)


def test_two_units_of_what_is_sent_are_to_be_one(tmp_path: Path) -> None:
    leaves(tmp_path / "data", "Submissions: in millimetres or centimetres.")
    with pytest.raises(DataError) as error:
        read(tmp_path / "data")
    assert "README.md says 'in millimetres' and README.md says 'centimetres'" in str(error.value)
    assert "mend the text beside the data, as README.md says 'centimetres'" in str(error.value)


@pytest.mark.parametrize("text", [
    "Submissions: leaf_length in mm\nSubmissions: leaf_width in mm",
    "Predict leaf_length and leaf_width, in millimetres.",
    "Predict the leaf_length and the leaf_width, in millimetres. Scored by the MAE in millimetres.",
])  # fmt: skip
def test_what_is_asked_for_counts_and_no_unit_that_is_mentioned(tmp_path: Path, text: str) -> None:
    mention = "Two teams note leaf_length and leaf_width in centimetres."
    leaves(tmp_path / "data", f"{mention}\n\n{text}\n")
    made, _ = read(tmp_path / "data")
    assert [numbers(made, "leaf_length"), numbers(made, "leaf_width")] == MM


def test_a_unit_that_is_mentioned_is_no_reason_against_the_fix(tmp_path: Path) -> None:
    data = tmp_path / "data"
    leaves(data, "The leaf_length is noted in cm. The leaf_length of some is in mm.")
    with pytest.raises(DataError) as error:
        read(data)
    fix = re.search(r"as '(Submissions: [^']*)' in README\.md", str(error.value))
    assert fix is not None
    with (data / "README.md").open("a") as file:
        file.write(f"\n{fix[1]}\n{fix[1].replace('length', 'width')}\n")
    made, _ = read(data)
    assert [numbers(made, "leaf_length"), numbers(made, "leaf_width")] == MM


@pytest.mark.parametrize("text", [
    "Submissions: leaf_length in mm\nSubmissions: leaf_width in cm\n",
    "Send leaf_length in mm and leaf_width in cm.",
])  # fmt: skip
def test_each_quantity_has_its_own_unit(tmp_path: Path, text: str) -> None:
    leaves(tmp_path / "data", text)
    made, _ = read(tmp_path / "data")
    assert [numbers(made, "leaf_length"), numbers(made, "leaf_width")] == [MM[0], CM[1]]


def test_a_text_and_a_header_that_differ_are_told(tmp_path: Path) -> None:
    leaves(tmp_path / "data", "Submissions: in cm", sent=("leaf_length_mm", "leaf_width_mm"))
    with pytest.raises(DataError, match=r"column 'leaf_length_mm' and README\.md says 'in cm'"):
        read(tmp_path / "data")


def test_numbers_of_one_unit_are_converted_to_another_that_is_sent(tmp_path: Path) -> None:
    rows = [(a, b, str(Decimal(c) if d == "cm" else Decimal(c) / 10), "cm")
            for a, b, c, d in measured()]  # fmt: skip
    leaves(tmp_path / "data", ASKED, rows)
    made, told = read(tmp_path / "data")
    assert numbers(made, "leaf_width") == MM[1]
    assert "24 of 24 numbers of leaf_width are converted to mm" in told


@pytest.mark.parametrize("unit", ["", "kg", "Mm", "furlong"])
def test_a_unit_that_cannot_be_converted_is_refused(tmp_path: Path, unit: str) -> None:
    rows = [(a, b, c, unit if d == "cm" else d) for a, b, c, d in measured()]
    leaves(tmp_path / "data", ASKED, rows)
    with pytest.raises(DataError, match=f"16 in mm, 8 in {unit or 'none'}") as error:
        read(tmp_path / "data")
    assert "podium converts" not in str(error.value)


def test_one_number_in_two_units_is_no_repeat(tmp_path: Path) -> None:
    mm = [(a, b, f"{Decimal(c) * 10:.2f}", "mm") for a, b, c, d in measured() if d == "cm"]
    leaves(tmp_path / "data", ASKED, [*measured(), *mm])
    made, _ = read(tmp_path / "data")
    assert numbers(made, "leaf_length") == MM[0]
    mm[0] = (*mm[0][:2], "99.9", "mm")
    leaves(tmp_path / "data", ASKED, [*measured(), *mm])
    with pytest.raises(DataError, match="have several numbers"):
        read(tmp_path / "data")


def of_one_unit(
    data: Path, text: str, header: Sequence[str], rows: Sequence[Sequence[object]], *sent: str
) -> tuple[pd.DataFrame, str] | None:
    """Return the table that is made of one with a row an image, and what is told, or None."""
    leaves(data, text, sent=sent)
    table(data / "train.csv", header, *rows)
    cells = pd.read_csv(data / "train.csv", dtype=str, keep_default_na=False)
    sample = pd.DataFrame({"sheet": TEST, **{one: ["0.5"] * len(TEST) for one in sent}})
    found = numbers_of_one_unit(
        scan_folder(data, "data"), "train.csv", cells, SampleSubmission("sample.csv", sample)
    )
    return None if found is None else (found.table, found.reader)


LENGTHS = [row for row in measured() if row[1] == "leaf_length"]
FORMS: dict[str, tuple[Sequence[str], Sequence[Sequence[object]]]] = {
    "cells": (("sheet", "size"), [(a, f"{c} {d}") for a, _, c, d in LENGTHS]),
    "column": (("sheet", "size", "unit"), [(a, c, d) for a, _, c, d in LENGTHS]),
    "column without a name": (("sheet", "size", "of"), [(a, c, d) for a, _, c, d in LENGTHS]),
    "column elsewhere": (
        ("sheet", "size_unit", "n", "size"),
        [(a, d, n * 7 % 24, c) for n, (a, _, c, d) in enumerate(LENGTHS)],
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_unit_of_a_row_or_cell_is_taken_into_account(tmp_path: Path, form: str) -> None:
    found = of_one_unit(tmp_path, "Submissions: in mm", *FORMS[form], "size")
    assert found is not None
    assert numbers(found[0], "size") == MM[0]
    assert "8 of 24 numbers of size are converted to mm, as README.md says 'in mm'" in found[1]
    with pytest.raises(DataError, match="16 in mm, 8 in cm"):
        of_one_unit(tmp_path, "Submissions: one row a sheet", *FORMS[form], "size")


@pytest.mark.parametrize(("header", "units"), [
    (("sheet", "age", "size", "unit"), ("mm", "cm")),  # of the size, for all that is known
    (("sheet", "age", "sex"), ("m", "f")), (("sheet", "age", "unit"), ("ward A", "ward B")),
    (("sheet", "age", "unit"), ("mm", "mm")),
])  # fmt: skip
def test_what_is_no_unit_of_the_numbers_to_predict_is_left(
    tmp_path: Path, header: Sequence[str], units: tuple[str, str]
) -> None:
    rows = [
        (name, *[n * 7 % 24 + 20.5] * (len(header) - 2), units[n % 2])
        for n, name in enumerate(TRAIN)
    ]
    assert of_one_unit(tmp_path, "Submissions: in mm", header, rows, "age") is None


def test_mixed_units_that_may_be_of_either_column_are_refused(tmp_path: Path) -> None:
    rows = [(a, c, "7.5", d) for a, _, c, d in LENGTHS]
    with pytest.raises(DataError, match="16 in mm, 8 in cm"):
        of_one_unit(tmp_path, ASKED, ("sheet", "size", "age", "unit"), rows, "size", "age")


def test_a_table_with_a_unit_a_row_is_read_in_the_unit_that_is_sent(tmp_path: Path) -> None:
    leaves(tmp_path / "data", "Score: MAE in mm.", sent=("size",))
    (tmp_path / "data/measurements.csv").unlink()
    table(tmp_path / "data/train.csv", *(FORMS["column"][0], *FORMS["column"][1]))
    table(tmp_path / "data/sample_submission.csv", ("sheet", "size"), *((a, 0.5) for a in TEST))
    found, _ = begin(tmp_path)
    assert str(found.tasks["classify"]) == "regression"
    made = pd.read_csv(tmp_path / "made/tables/train_rows.csv", dtype=str)
    assert numbers(made, "size") == MM[0]
