"""Columns of which each row has one are one label: the grade of the left eye, or of the right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from competition.infer.test_odd_labels import begin, put, table

from podium.competition.samples import load_samples

SIDES = {
    2: ("grade_left", "grade_right"),
    3: ("DR_grade_a", "DR_grade_b", "DR_grade_c"),
}
N = 24


def eyes(data: Path, names: tuple[str, ...], grades: np.ndarray, *further: str) -> None:
    """Write images with the grade of row and side, -1 for a blank cell, and further columns."""
    for n in range(N + 6):
        put(data / f"{'train' if n < N else 'test'}/eye{n:02}.png", n)
    rows = [
        (f"eye{n:02}", *("" if one < 0 else one for one in row), *[n // 6] * len(further))
        for n, row in enumerate(grades.tolist())
    ]
    table(data / "train.csv", ("image", *names, *further), *rows)
    table(
        data / "sample_submission.csv",
        ("image", "answer"),
        *((f"eye{n}", 0) for n in range(N, N + 6)),
    )
    (data / "README.md").write_text("Scored by quadratic weighted kappa.")


def one_each(n_sides: int) -> tuple[np.ndarray, list[int]]:
    """Return grades of which each row has one, and which."""
    truth = [n * 7 % 11 % 4 for n in range(N)]
    grades = np.full((N, n_sides), -1)
    grades[np.arange(N), np.arange(N) % n_sides] = truth
    return grades, truth


@pytest.mark.parametrize("further", [(), ("patient_grade",)], ids=["", "of the patient"])
@pytest.mark.parametrize("n_sides", [2, 3])
def test_the_one_cell_that_a_row_has_is_its_label(
    n_sides: int, further: tuple[str, ...], tmp_path: Path
) -> None:
    grades, truth = one_each(n_sides)
    eyes(tmp_path / "data", SIDES[n_sides], grades, *further)
    found, notes = begin(tmp_path)
    assert found.data.unlabelled is None
    assert found.data.train.label == {2: "grade", 3: "DR_grade"}[n_sides]
    assert "of which each row has one" in notes
    samples = load_samples(found, "train").sort_values("id")
    assert [int(found.classes[int(one)]) for one in samples["label"]] == truth


def test_a_row_without_any_of_the_columns_is_unlabelled(tmp_path: Path) -> None:
    grades, truth = one_each(2)
    grades[5] = -1
    eyes(tmp_path / "data", SIDES[2], grades)
    found, _ = begin(tmp_path)
    samples = load_samples(found, "train").sort_values("id")
    assert [int(found.classes[int(one)]) for one in samples["label"]] == truth[:5] + truth[6:]
    assert list(load_samples(found, "unlabelled")["id"]) == ["eye05"]


def test_columns_of_which_a_row_has_both_stay(tmp_path: Path) -> None:
    grades, _ = one_each(2)
    grades[0] = [1, 3]
    eyes(tmp_path / "data", SIDES[2], grades)
    assert "of which each row has one" not in begin(tmp_path)[1]


def test_a_person_may_name_one_of_the_columns(tmp_path: Path) -> None:
    eyes(tmp_path / "data", SIDES[2], one_each(2)[0])
    found, _ = begin(tmp_path, "grade_left")
    assert found.data.train.label == "grade_left"
    assert len(load_samples(found, "train")) == N // 2
