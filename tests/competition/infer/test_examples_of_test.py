"""Examples of a table of test and of its answers show the form of a file to send, and no more."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
from competition.infer.test_odd_labels import begin, put, table

from podium.competition.folds.file import ensure_folds
from podium.competition.infer.conversions.tables.samples.examples_of_test import (
    is_example_with_answers,
)
from podium.competition.samples import load_samples
from podium.submissions.format.expected import expected_of_test
from podium.workspace.layout import Workspace

TEST = [str(4000 + 7 * n) for n in range(12)]
EXAMPLE = TEST[3:7]
SHARED = {5: 4, 17: 16}
"""Rows of train whose photograph is that of another row."""


def link(n: int) -> str:
    return f"https://photos.example.org/a/{SHARED.get(n, n):02}xQ{SHARED.get(n, n)}.png"


def of_loaves(
    root: Path,
    names: Sequence[str] = ("test_example.csv", "test_example_out.csv"),
    *,
    n_changed: int = 0,
) -> None:
    """Write loaves by their links: 30 to learn from, 12 to predict, and an example of four."""
    data = root / "data"
    for n in range(42):
        if n not in SHARED:
            put(data / f"photos/{n:02}xQ{n}.png", n)
    learnt = [[str(900 + n), f"bread {n}", link(n), f"{n * 37 % 100 / 8:.2f}"] for n in range(30)]
    asked = [[loaf, f"roll {n}", link(30 + n)] for n, loaf in enumerate(TEST)]
    table(data / "train.csv", ["loaf", "text", "photo", "pence"], *learnt)
    table(data / "test.csv", ["loaf", "text", "photo"], *asked)
    some = [one for one in asked if one[0] in EXAMPLE]
    some = [[a, f"other {b}" if k < n_changed else b, c] for k, (a, b, c) in enumerate(some)]
    table(data / names[0], ["loaf", "text", "photo"], *some)
    if len(names) > 1:
        table(
            data / names[1], ["loaf", "pence"], *([one, 4.5 + k] for k, one in enumerate(EXAMPLE))
        )


def test_an_example_of_test_and_its_answers_shows_the_form_alone(tmp_path: Path) -> None:
    of_loaves(tmp_path)
    found, notes = begin(tmp_path)
    assert list(load_samples(found, "test")["id"]) == TEST
    expected = expected_of_test(found)
    assert expected.form.header == ["loaf", "pence"]
    assert [*(expected.rows or ())] == TEST
    assert "the 4 rows of test_example.csv are among the 12 of test.csv" in notes
    assert found.to_choose == []


def test_answers_alone_of_some_rows_of_test_show_the_form(tmp_path: Path) -> None:
    of_loaves(tmp_path, ("test_example.csv", "test_example_out.csv"))
    (tmp_path / "data/test_example.csv").unlink()
    found, _ = begin(tmp_path)
    assert list(load_samples(found, "test")["id"]) == TEST
    assert [*(expected_of_test(found).rows or ())] == TEST


def test_a_piece_of_test_is_not_predicted_where_no_sample_is(tmp_path: Path) -> None:
    of_loaves(tmp_path, ("a_test.csv",))
    found, notes = begin(tmp_path)
    assert found.data.test is not None
    assert len(load_samples(found, "test")) == len(TEST)
    assert "a_test.csv is not used" in notes


def test_a_table_of_other_cells_is_no_piece_of_test(tmp_path: Path) -> None:
    of_loaves(tmp_path, ("a_test.csv",), n_changed=2)
    assert "is not used" not in begin(tmp_path)[1]


def test_rows_of_a_sample_submission_may_be_all_that_is_scored(tmp_path: Path) -> None:
    of_loaves(tmp_path, ("a_test.csv", "sample_submission.csv"))
    assert "if all are to be predicted, take a_test.csv out of the data" in begin(tmp_path)[1]


def test_rows_that_share_a_photograph_lie_in_one_fold(tmp_path: Path) -> None:
    of_loaves(tmp_path)
    found, _ = begin(tmp_path)
    assert found.folds.group == "photo"
    samples = load_samples(found, "train")
    assert list(samples["id"]) == [str(900 + n) for n in range(30)]
    made = ensure_folds(Workspace(tmp_path), found, samples)
    folds = dict(zip(samples["id"], made, strict=True))
    for one, other in SHARED.items():
        assert folds[str(900 + one)] == folds[str(900 + other)]


def test_answers_called_random_are_a_sample_and_not_facts_of_test(tmp_path: Path) -> None:
    of_loaves(tmp_path, ("x_test_k3.csv", "y_test_random_9Qz.csv"))
    data = tmp_path / "data"
    (data / "x_test_k3.csv").unlink()
    answers = ([one, f"{n * 31 % 50 / 4}"] for n, one in enumerate(TEST))
    table(data / "y_test_random_9Qz.csv", ["loaf", "pence"], *answers)
    found, notes = begin(tmp_path)
    assert found.to_choose == []
    assert found.data.train is not None
    assert found.data.train.label == "pence"
    assert [*(expected_of_test(found).rows or ())] == TEST
    assert "y_test_random_9Qz.csv is taken as the sample submission: it is called random" in notes


@pytest.mark.parametrize("name", ["y_test_aleatoire_3.csv", "y_test_zufaellig.csv", "y_test.csv"])
def test_random_numbers_that_no_table_of_train_has_are_a_sample(tmp_path: Path, name: str) -> None:
    of_loaves(tmp_path, ("x_test_k3.csv",))
    (tmp_path / "data/x_test_k3.csv").unlink()
    answers = ([one, f"{n * 31 % 50 / 4}"] for n, one in enumerate(TEST))
    table(tmp_path / "data" / name, ["loaf", "crust_mm"], *answers)
    tables = {path.name: pd.read_csv(path, dtype=str) for path in (tmp_path / "data").glob("*.csv")}
    assert bool(is_example_with_answers(name, tables)) == (name != "y_test.csv")
