"""What a file holds follows the metric that a text names: decisions where it scores these."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.infer.spec import Inferred, infer
from podium.workflows.checking import check_format
from tests.competition.infer.test_odd_masks import photo, text

PLANTS = ("thrift", "fescue", "sedum")


def host(root: Path, metric: str, cell: str, columns: tuple[str, ...] = PLANTS) -> Inferred:
    """Write plots with a column of 0 and 1, or of numbers, for each plant."""
    data = root / "data"
    for number in range(20):
        photo(data / ("train" if number < 16 else "test") / f"p{number:02}.png", number, (8, 8))
    is_number = "." in cell and cell != "0.5"
    rows = (
        [
            f"p{n:02}",
            *(f"{n * (k + 1) / 7 + 0.1:.2f}" if is_number else f"{n >> k & 1}" for k in range(3)),
        ]
        for n in range(16)
    )
    text(data / "train.csv", ",".join(("plot", *columns)), *(",".join(row) for row in rows))
    sent = (f"p{n},{cell},{cell},{cell}" for n in range(16, 20))
    text(data / "sample_submission.csv", ",".join(("plot", *columns)), *sent)
    text(data / "README.md", "# Plants", "", "## Scoring", "", metric)
    return infer(data, root)


def test_decisions_are_sent_where_they_are_scored(tmp_path: Path) -> None:
    competition = host(tmp_path, "The score is the macro F1.", "0").competition
    assert competition.metric.name == "macro_f1"
    assert competition.submission.value == "label"
    assert not competition.to_choose
    assert not check_format(competition)


def test_probabilities_are_sent_where_they_are_scored(tmp_path: Path) -> None:
    competition = host(tmp_path, "The score is the mean AUC.", "0").competition
    assert competition.submission.value == "prob"
    assert not check_format(competition)


def test_fractions_for_a_metric_of_decisions_are_a_question(tmp_path: Path) -> None:
    competition = host(tmp_path, "The score is the macro F1.", "0.5").competition
    assert competition.submission.value == "prob"
    assert competition.to_choose == ["submission.value"]


def test_check_warns_of_probabilities_for_decisions(tmp_path: Path) -> None:
    competition = host(tmp_path, "The score is the macro F1.", "0").competition
    submission = competition.submission.model_copy(update={"value": "prob"})
    [finding] = check_format(competition.model_copy(update={"submission": submission}))
    assert finding.level == "warning"
    assert "scores decisions" in finding.title


@pytest.mark.parametrize(
    ("sentence", "first"),
    [
        ("Scored by the RMSE of the columns.", "mcrmse"),
        ("Submissions are scored by the RMSE.", "rmse"),
    ],
)
def test_an_error_of_several_columns_is_asked_for(
    tmp_path: Path, sentence: str, first: str
) -> None:
    found = host(tmp_path, sentence, "0.00")
    assert found.competition.metric.name == first
    assert found.competition.to_choose == ["metric.name"]
    assert {"mcrmse", "rmse"} - {first} <= set(found.text.split())
