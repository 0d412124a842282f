"""Whole numbers of few values are amounts where a text scores them as such, else a question."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.spec import Competition
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table

N_TRAIN, N = 60, 66


def begun(root: Path, column: str, values: range, text: str = "", shown: object = 7) -> Competition:
    """Return what is inferred of whole numbers, each in several rows."""
    data = root / "data"
    for n in range(N):
        put(data / ("train" if n < N_TRAIN else "test") / f"s{n:02}.png", n)
    each = list(values)
    rows = ((f"s{n:02}", each[n * 7 % len(each)]) for n in range(N_TRAIN))
    table(data / "train.csv", ("id", column), *rows)
    sent = ((f"s{n:02}", shown) for n in range(N_TRAIN, N))
    table(data / "sample_submission.csv", ("id", column), *sent)
    (data / "README.md").write_text(text)
    return begin(root)[0]


RMSE = "Scored by the root mean squared error (RMSE) of the age."


@pytest.mark.parametrize(
    ("text", "metric", "shown"),
    [
        (RMSE, "rmse", 7),
        (RMSE, "rmse", "0.0"),
        (RMSE, "rmse", 5.0),
        (RMSE, "rmse", 6.4),
        ("Evaluation metric: mean absolute error.", "mae", 7),
        ("Submissions are evaluated by RMSLE.", "rmsle", 7),
    ],
)
@pytest.mark.parametrize("values", [range(3, 19), range(10), range(3)], ids=str)
def test_a_metric_of_numbers_makes_them_amounts(
    tmp_path: Path, text: str, metric: str, shown: object, values: range
) -> None:
    found = begun(tmp_path, "age", values, text, shown)
    assert (found.tasks, found.metric.name) == ({"classify": "regression"}, metric)
    assert (found.submission.value, found.classes) == ("scalar", [])
    assert not found.to_choose


def test_a_metric_of_classes_keeps_them_classes(tmp_path: Path) -> None:
    text = "Scored by accuracy; last year it was scored by the root mean squared error."
    found = begun(tmp_path, "age", range(3, 19), text)
    assert (found.tasks, found.to_choose) == ({"classify": "multiclass"}, [])


@pytest.mark.parametrize(
    ("column", "values", "is_asked"),
    [
        ("age", range(3, 19), True),
        ("eggs", range(15), True),
        ("age", range(10), False),  # as ten digits are
        ("label", range(3, 19), False),
        ("category", range(15), False),
        ("species_id", range(101, 116), False),
    ],
)
def test_without_a_metric_numbers_are_a_question_unless_they_are_called_classes(
    tmp_path: Path, column: str, values: range, is_asked: bool
) -> None:
    found = begun(tmp_path, column, values, shown=values[0])
    assert found.tasks == {"classify": "multiclass"}
    assert found.to_choose == (["tasks"] if is_asked else [])


@pytest.mark.parametrize(
    ("text", "is_class"),
    [("Evaluation: accuracy.", True), ("Evaluation: RMSE.", False), ("", False)],
)
def test_fractions_of_few_values_are_classes_where_a_text_scores_them_so(
    tmp_path: Path, text: str, is_class: bool
) -> None:
    for n in range(N):
        put(tmp_path / f"data/{'train' if n < N_TRAIN else 'test'}/s{n:02}.png", n)
    rows = ((f"s{n:02}", ("4.1", "4.2", "5.1")[n % 3]) for n in range(N_TRAIN))
    table(tmp_path / "data/train.csv", ("id", "type"), *rows)
    sent = ((f"s{n:02}", "4.1") for n in range(N_TRAIN, N))
    table(tmp_path / "data/sample_submission.csv", ("id", "type"), *sent)
    (tmp_path / "data/README.md").write_text(text)
    found = begin(tmp_path)[0]
    assert found.tasks == {"classify": "multiclass" if is_class else "regression"}
    assert found.classes == (["4.1", "4.2", "5.1"] if is_class else [])
    assert found.submission.value == ("name" if is_class else "scalar")


def test_runs_that_are_asked_for_are_no_numbers(tmp_path: Path) -> None:
    for n in range(N):
        put(tmp_path / f"data/{'train' if n < N_TRAIN else 'test'}/s{n:02}.png", n)
    rows = ((f"s{n:02}", 1.5 + n % 7, 3.5, 2.5) for n in range(N_TRAIN))
    table(tmp_path / "data/trees.csv", ("id", "height", "girth", "age"), *rows)
    sent = ((f"s{n:02}", "1 5") for n in range(N_TRAIN, N))
    table(tmp_path / "data/sample_submission.csv", ("id", "crown_rle"), *sent)
    with pytest.raises(DataError, match="asks for masks"):
        begin(tmp_path)
