"""Several numbers of an image, whose rows the sample submission names by keys as `stk7|tilt`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table

TRAIN = [f"stk{n:05}" for n in range(24)]
TEST = [f"stk{n:05}" for n in range(24, 32)]


def stacks(data: Path, keys: Sequence[str], columns: Sequence[str] = ("diameter", "tilt")) -> None:
    for n, name in enumerate(TRAIN):
        put(data / f"train/{name}.png", n)
    for n, name in enumerate(TEST):
        put(data / f"test/{name}.png", 50 + n)
    rows = [[f"{(n * 7 + k * 5) % 24 + 0.5}" for k in range(len(columns))] for n in range(24)]
    table(
        data / "train.csv",
        ("stack", *columns),
        *([a, *b] for a, b in zip(TRAIN, rows, strict=True)),
    )
    table(data / "sample_submission.csv", ("id", "value"), *((key, 0.0) for key in keys))


@pytest.mark.parametrize(("template", "lacking"), [
    ("{id}|{class}", 1), ("{id}__{class}", 3), ("{class}:{id}", 0), ("{class}/{id}", 1),
])  # fmt: skip
def test_columns_that_keys_name_are_the_numbers(
    tmp_path: Path, template: str, lacking: int
) -> None:
    fields = [{"id": name, "class": one} for name in TEST for one in ("diameter", "tilt")]
    keys = [template.format(**one) for one in fields]
    stacks(tmp_path / "data", keys[lacking:])
    found, notes = begin(tmp_path)
    assert str(found.tasks["classify"]) == "multitarget"
    assert (found.classes, found.data.train.label) == (["diameter", "tilt"], ["diameter", "tilt"])
    assert (found.submission.rows, found.submission.id) == ("image_class", template)
    assert found.submission.value == "scalar"
    assert "submission.value" not in notes
    assert ("check submission.rows and id" in notes) == bool(lacking)


def test_a_name_that_ends_with_another_is_taken_whole(tmp_path: Path) -> None:
    keys = [f"{name}_{one}" for name in TEST for one in ("size_x", "x")]
    stacks(tmp_path / "data", keys[1:], ("x", "size_x", "age"))
    found, _ = begin(tmp_path)
    assert (found.data.train.label, found.submission.id) == (["x", "size_x"], "{id}_{class}")


@pytest.mark.parametrize(("column", "kind"), [("diameter", "regression"), ("kind", "multiclass")])
def test_the_one_column_that_keys_name_is_the_label(tmp_path: Path, column: str, kind: str) -> None:
    data = tmp_path / "data"
    stacks(data, [f"{name}|{column}" for name in TEST])
    rows = [(name, n + 0.5, "abc"[n % 3], n % 7 + 0.5) for n, name in enumerate(TRAIN)]
    table(data / "train.csv", ("stack", "diameter", "kind", "tilt"), *rows)
    found, _ = begin(tmp_path)
    assert str(found.tasks["classify"]) == kind
    assert found.data.train.label == column
    assert found.submission.id == f"{{id}}|{column}"


KEYS = [f"{name}|{one}" for name in TEST for one in ("diameter", "tilt")]
LONG = ("stack", "quantity", "value", "unit", "operator")
Row = tuple[str, str, str, str, str]


def long_rows() -> list[Row]:
    rows = []
    for n, name in enumerate(TRAIN):
        rows.append((name, "tilt", f"{n * 3 % 17 + 0.5}", "deg", "ko"))
        rows.append((name, "diameter", f"{n * 7 % 24 + 40.25}", "nm", "ann" if n % 3 else "ko"))
    return rows


def long(data: Path, rows: Sequence[Row], keys: Sequence[str] = KEYS) -> None:
    stacks(data, keys)
    (data / "train.csv").unlink()
    table(data / "measurements.tsv", LONG, *rows, sign="\t")


@pytest.mark.parametrize("lacking", [0, 2])
def test_a_row_for_each_number_becomes_a_column_each(tmp_path: Path, lacking: int) -> None:
    rows = long_rows()
    long(tmp_path / "data", [*rows[lacking:], rows[-1]])
    found, notes = begin(tmp_path)
    assert str(found.tasks["classify"]) == "multitarget"
    assert found.data.train.label == ["diameter", "tilt"]
    assert (found.submission.id, found.submission.value) == ("{id}|{class}", "scalar")
    made = (tmp_path / "made/tables/measurements_rows.csv").read_text().splitlines()
    assert made[0] == "stack,diameter,tilt"
    assert "stk00003,61.25,9.5" in made
    assert "with a column for each quantity: 'diameter', 'tilt', without unit, operator" in notes


def test_a_number_without_a_row_is_missing_and_a_count_is_refused(tmp_path: Path) -> None:
    rows = long_rows()
    long(tmp_path / "data", rows[1:])
    found, notes = begin(tmp_path)
    assert found.data.train.label == ["diameter", "tilt"]
    assert "1 of these numbers without a row" in notes
    whole = [(a, b, c.partition(".")[0], d, e) for a, b, c, d, e in rows]
    long(tmp_path / "data", whole[1:])
    with pytest.raises(DataError, match="no row is 0") as error:
        begin(tmp_path)
    assert "'stk00000' and 'tilt'" in str(error.value)
    long(tmp_path / "data", whole)
    assert begin(tmp_path)[0].data.train.label == ["diameter", "tilt"]


@pytest.mark.parametrize("column", ["unit", "in"])
def test_numbers_of_several_units_are_refused_by_name(tmp_path: Path, column: str) -> None:
    rows = long_rows()
    rows[7] = ("stk00003", "diameter", "0.0613", "um", "ko")
    long(tmp_path / "data", rows)
    header = [column if one == "unit" else one for one in LONG]
    table(tmp_path / "data/measurements.tsv", header, *rows, sign="\t")
    with pytest.raises(DataError) as error:
        begin(tmp_path)
    for part in (
        "measurements.tsv", f"column {column}", "23 in nm, 1 in um", "stk00003 diameter 0.0613 um",
        "write all numbers of diameter in one unit, nm",
    ):  # fmt: skip
        assert part in str(error.value)


def test_two_numbers_of_one_pair_are_refused_by_name(tmp_path: Path) -> None:
    long(tmp_path / "data", [*long_rows(), ("stk00003", "diameter", "9.5", "nm", "ko")])
    with pytest.raises(DataError) as error:
        begin(tmp_path)
    for part in ("measurements.tsv", "'stk00003' and 'diameter'", "'61.25', '9.5'", "mean"):
        assert part in str(error.value)


def test_the_one_name_that_the_sample_asks_for_is_the_label(tmp_path: Path) -> None:
    rows = long_rows()
    rows[0] = ("stk00000", "tilt", "0.3", "rad", "ko")  # nobody asks for it
    long(tmp_path / "data", rows, [key for key in KEYS if "diameter" in key])
    found, _ = begin(tmp_path)
    assert (found.data.train.label, found.submission.id) == ("diameter", "{id}|diameter")


def test_columns_of_the_sample_name_the_rows_of_a_long_table(tmp_path: Path) -> None:
    long(tmp_path / "data", long_rows())
    rows = [(name, 0.0, 0.0) for name in TEST]
    table(tmp_path / "data/sample_submission.csv", ("stack", "tilt", "diameter"), *rows)
    found, _ = begin(tmp_path)
    assert str(found.tasks["classify"]) == "multitarget"
    assert found.data.train.label == ["tilt", "diameter"]
