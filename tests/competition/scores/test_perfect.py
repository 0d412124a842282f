"""A perfect score of many rows is doubted wherever it is shown, and has no interval."""

import json

import numpy as np
import pytest
from cli.test_status import COMPETITION
from command_line import podium

from podium import blend
from podium.competition import metrics
from podium.competition.scores.estimates import ExpectedScore
from podium.competition.scores.perfect import perfect_score_warning

WHY = "none of 60 rows is wrong: often the folds leak"


@pytest.mark.parametrize(
    ("metric", "score", "n_rows", "is_doubted"),
    [
        ("accuracy", 1.0, 50, True),
        ("accuracy", 1.0, 49, False),
        ("accuracy", 0.98, 50, False),
        ("accuracy", None, 50, False),
        ("rmse", 0.0, 50, True),
        ("rmse", 1.0, 50, False),
    ],
)
def test_only_a_perfect_score_of_many_rows_is_doubted(metric, score, n_rows, is_doubted):
    assert bool(perfect_score_warning(metrics.get(metric), score, n_rows)) == is_doubted


@pytest.mark.parametrize("n_wrong", [0, 1])
def test_a_blend_doubts_it_and_shows_no_interval(n_wrong):
    truth = np.arange(60) % 2
    told = truth.copy()
    told[:n_wrong] = 1 - told[:n_wrong]
    members = {"a": np.where(told == 1, 0.9, 0.1)}
    text = repr(blend(truth, members, "accuracy", np.arange(60) // 20))
    assert (WHY in text) == (n_wrong == 0)
    assert ("95 %" in text) == (n_wrong > 0)


def test_no_range_is_told_of_rows_that_score_the_same():
    line = str(ExpectedScore(1.0, (1.0, 1.0), 0.0, 1, 70))
    assert "(95 %" not in line
    assert line.endswith("; no range: all rows score the same")


def test_status_and_board_doubt_the_best_blend(tmp_path):
    (tmp_path / "competition.yaml").write_text(COMPETITION)
    scores = {"honest": 1.0, "honest_interval": [1.0, 1.0], "metric": "accuracy"}
    for kind, own in (("run", {"metric": "accuracy", "oof": 1.0, "folds": {}}), ("blend", scores)):
        folder = tmp_path / f"{kind}s" / f"{kind}-00000001"
        folder.mkdir(parents=True)
        content = {
            "kind": kind,
            "id": folder.name,
            "name": kind,
            "created": "2026-11-20T06:00:00Z",
            "status": "finished",
            "scores": {**own, "scored_rows": 60},
            "parents": ["run-00000001"] if kind == "blend" else [],
            "details": {"members": ["run-00000001"], "weights": [1.0]} if kind == "blend" else {},
        }
        (folder / "record.json").write_text(json.dumps(content))
    for command in ("status", "board"):
        text = " ".join(podium(tmp_path, command).split())
        assert WHY in text
        assert "1.000 to 1.000" not in text
