"""A table of measurements beside each image is no table of images, and costs no time of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.infer.conversions.tables.pieces import replaced_tables
from tests.competition.infer.test_odd_labels import begin, put, table

N = 24


def _cases(data: Path, columns: tuple[str, ...], *rows: tuple[object, ...]) -> None:
    for n in range(N):
        case = data / ("train" if n < 18 else "test") / f"{n:03}"
        put(case / f"{n:03}.png", n)
        table(case / f"{n:03}.csv", columns, *rows)
    table(data / "train.csv", ("case", "kind"), *((f"{n:03}", "ab"[n % 2]) for n in range(18)))
    table(
        data / "sample_submission.csv", ("case", "kind"), *((f"{n:03}", "a") for n in range(18, N))
    )


def test_series_are_told_of_once(tmp_path: Path) -> None:
    _cases(tmp_path / "data", ("hour", "degrees"), (0, 12.5), (1, 13.0))
    found, notes = begin(tmp_path)
    assert found.data.train.label == "kind"
    assert "24 tables beside images, as test/018/018.csv, have several rows of one image each" in (
        notes.replace("data/", "")
    )
    assert "read and not used" not in notes


@pytest.mark.parametrize(("columns", "rows"), [
    (("hour", "label"), [(0, "a"), (1, "b")]),  # perhaps of objects
    (("hour", "degrees"), [(0, 12.5)]),  # a row an image
], ids=["labels", "one row"])  # fmt: skip
def test_other_tables_beside_images_are_no_series(
    tmp_path: Path, columns: tuple[str, ...], rows: list[tuple[object, ...]]
) -> None:
    _cases(tmp_path / "data", columns, *rows)
    _, notes = begin(tmp_path)
    assert "have several rows of one image each" not in notes


def test_what_replaces_what_is_looked_for_among_tables_that_texts_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, asked = tmp_path / "data", []
    _cases(data, ("hour", "label"), (0, "a"), (1, "b"))
    (data / "README.md").write_text("Measured hour by hour.\nUse train.csv.\n", encoding="utf-8")
    real = replaced_tables._is_replaced
    monkeypatch.setattr(replaced_tables, "_is_replaced", lambda *a: asked.append(a) or real(*a))
    begin(tmp_path)
    assert asked == []


def _apart(data: Path, columns: tuple[str, ...], *rows: tuple[object, ...]) -> None:
    for n in range(N):
        part = data / ("train" if n < 18 else "test")
        put(part / f"photos/{n:03}.png", n)
        (part / "climate").mkdir(exist_ok=True)
        table(part / f"climate/{n:03}.csv", columns, *rows)
    table(data / "train.csv", ("photo", "grams"), *((f"{n:03}", 3.5 * n) for n in range(18)))
    table(
        data / "sample_submission.csv", ("photo", "grams"), *((f"{n:03}", 0) for n in range(18, N))
    )


def test_series_lie_in_a_folder_beside_that_of_images_too(tmp_path: Path) -> None:
    times = [(f"2022-03-19 00:{n:02}:00", 21.4 + n / 7, 463) for n in range(5)]
    _apart(tmp_path / "data", ("time", "degrees", "co2"), *times)
    found, notes = begin(tmp_path)
    assert found.data.train.label == "grams"
    assert "24 tables beside images, as test/climate/018.csv, have several rows" in (
        notes.replace("data/", "")
    )


@pytest.mark.parametrize("rows", [
    [(12, 30.5), (40, 13.0)],
    [("2022-03-19 00:05", 30.5), ("2022-03-19 00:01", 13.0)],
], ids=["points", "times in no order"])  # fmt: skip
def test_rows_in_a_folder_beside_that_do_not_follow_in_time_may_be_of_objects(
    tmp_path: Path, rows: list[tuple[object, ...]]
) -> None:
    _apart(tmp_path / "data", ("x", "y"), *rows)
    _, notes = begin(tmp_path)
    assert "have several rows of one image each" not in notes
