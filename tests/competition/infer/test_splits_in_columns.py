"""A column that says which part of the data a row is of is a split, and never the label."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.competition.infer.test_odd_labels import begin, put, table

SHELLS = ("cockle", "mussel", "whelk")


def _shells(data: Path, parts: tuple[str, str], *, answers: bool = True) -> None:
    """Write shells with a column of `parts`, and a table of test that lacks it."""
    rows, tests = [], []
    for n in range(36):
        put(data / f"beach/{n}.png", n)
        rows.append((f"beach/{n}.png", SHELLS[n % 3], parts[n % 4 == 3]))
    for n in range(36, 44):
        put(data / f"test/{n}.png", n)
        tests.append((f"test/{n}.png", *([SHELLS[n % 3]] if answers else [])))
    table(data / "shells.csv", ("file", "kind", "part"), *rows)
    table(data / "test.csv", ("file", *(["kind"] if answers else [])), *tests)


@pytest.mark.parametrize("parts", [("train", "valid"), ("Training", "VAL"), ("trening", "test")])
@pytest.mark.parametrize("answers", [True, False])
def test_a_column_of_parts_is_no_label(
    tmp_path: Path, parts: tuple[str, str], answers: bool
) -> None:
    _shells(tmp_path / "data", parts, answers=answers)
    found, _ = begin(tmp_path)
    assert found.classes == list(SHELLS)


@pytest.mark.parametrize("kinds", [("train", "bus"), ("valid", "invalid"), ("test", "no test")])
def test_words_among_others_are_classes(tmp_path: Path, kinds: tuple[str, str]) -> None:
    data = tmp_path / "data"
    for n in range(36):
        put(data / f"train/{n}.png", n)
        put(data / f"test/{n}.png", n + 50)
    table(data / "rows.csv", ("file", "part"), *((f"{n}.png", kinds[n % 2]) for n in range(36)))
    found, _ = begin(tmp_path)
    assert set(found.classes) == set(kinds)
