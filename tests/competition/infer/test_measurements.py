"""Hundreds of columns of numbers that were measured on images cost no time, and are no labels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.competition.infer.test_odd_labels import begin, put, table

N = 24


def _features(data: Path, names: Sequence[str], *, sent: Sequence[str] = ("kind",)) -> None:
    """Write images with a table of numbers beside their labels, and what is to be sent."""
    for n in range(N):
        put(data / f"{'train' if n < 18 else 'test'}/{n:03}.png", n)
    cells = [
        (f"{n:03}", "ab"[n % 2], *(n * 7 % 31 + k / 8 for k in range(len(names))))
        for n in range(18)
    ]
    table(data / "train.csv", ("id", "kind", *names), *cells)
    answers = ("a",) if list(sent) == ["kind"] else (0.5,) * len(sent)
    rows = [(f"{n:03}", *answers) for n in range(18, N)]
    table(data / "sample_submission.csv", ("id", *sent), *rows)


def test_measurements_are_told_of_once_and_not_used(tmp_path: Path) -> None:
    names = [f"{name}{n}" for name in ("margin", "shape") for n in range(1, 33)]
    _features(tmp_path / "data", names)
    found, notes = begin(tmp_path)
    assert (found.data.train.label, found.tasks) == ("kind", {"classify": "binary"})
    assert (
        "64 columns of numbers of train.csv ('margin1', 'margin2', 'margin3' and 61 more) are not "
        "used: a network sees the image alone"
    ) in notes.replace("data/", "")


@pytest.mark.parametrize("sent", [
    [f"gene{n}" for n in range(60)],  # all are to predict
    ["gene7", "gene9"],
], ids=["all", "two"])  # fmt: skip
def test_numbers_that_are_to_be_sent_are_no_measurements(sent: list[str], tmp_path: Path) -> None:
    _features(tmp_path / "data", [f"gene{n}" for n in range(60)], sent=sent)
    found, notes = begin(tmp_path)
    assert (found.tasks, found.classes) == ({"classify": "multitarget"}, sent)
    assert "are not used: a network sees the image alone" not in notes


def test_columns_of_few_numbers_may_be_labels(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(N):
        put(data / f"{'train' if n < 18 else 'test'}/{n:03}.png", n)
    names = [f"attribute{k}" for k in range(60)]
    cells = [(f"{n:03}", *((n + k) % 2 for k in range(60))) for n in range(18)]
    table(data / "train.csv", ("id", *names), *cells)
    rows = [(f"{n:03}", "attribute1 attribute4") for n in range(18, N)]
    table(data / "sample_submission.csv", ("id", "attributes"), *rows)
    _, notes = begin(tmp_path)
    assert "are not used: a network sees the image alone" not in notes
