"""Predictions of networks for their training rows, against predicting each by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from training.test_inside import cli, facts, seen

from podium.errors import RunError, UsageError
from podium.predictions import PredictionSet
from podium.predictions.explanations import read_training_decisions, training_decisions_file
from podium.workflows.blends.blending import newest_set
from podium.workflows.explaining import explain, predict_training_rows

__all__ = ["seen"]


def test_each_fold_predicts_rows_that_it_was_trained_on(seen: Any) -> None:
    workspace, competition, run = seen
    ids, folds, labels = facts(workspace, run)
    before = {file: file.read_bytes() for file in (run / "predictions").rglob("*.*")}
    each = predict_training_rows(workspace, competition, run, 3)
    assert [one.fold for one in each] == [0, 1]
    kept = read_training_decisions(run)
    for one in each:
        rows = [ids.index(name) for name in kept[one.fold].ids]
        assert len(set(rows)) == 3
        assert all(folds[row] != one.fold and labels[row] >= 0 for row in rows)
        looked = explain(workspace, competition, run, kept[one.fold].ids, fold=one.fold)
        predicted = [competition.classes.index(other.inside.predicted) for other in looked]
        assert kept[one.fold].classes == [[one] for one in predicted]
        right = sum(c == labels[row] for c, row in zip(predicted, rows, strict=True))
        assert (one.training.n, one.training.right) == (3, right)
        oof = PredictionSet(newest_set(run)).oof("classify")
        unseen = [
            (labels[ids.index(name)], int(np.argmax(probs)))
            for name, probs, fold in zip(oof.ids, np.asarray(oof.probs), oof.folds, strict=True)
            if fold == one.fold and labels[ids.index(name)] >= 0
        ]
        assert (one.unseen.n, one.unseen.right) == (len(unseen), sum(a == b for a, b in unseen))
    after = {file: file.read_bytes() for file in (run / "predictions").rglob("*.*")}
    assert after == before, "nothing that is tuned on has changed"
    bytes_before = training_decisions_file(run, 0).read_bytes()
    predict_training_rows(workspace, competition, run, 3, fold=0)
    assert training_decisions_file(run, 0).read_bytes() == bytes_before


def test_all_rows_with_a_label_are_predicted_where_there_are_no_more(seen: Any) -> None:
    workspace, competition, run = seen
    _, folds, labels = facts(workspace, run)
    (one,) = predict_training_rows(workspace, competition, run, 10_000, fold=1)
    assert one.training.n == int(((folds != 1) & (labels >= 0)).sum())


def test_the_command_prints_both_shares(seen: Any) -> None:
    workspace, _, _ = seen
    found = json.loads(cli(workspace, "tiny", "t001", "--learnt", "4", "--json").stdout)
    assert [one["id"] for one in found["images"]] == ["t001"]
    assert [one["fold"] for one in found["learnt"]] == [0, 1]
    rows, right = (found["learnt"][0]["learnt"][name] for name in ("rows", "right"))
    assert rows == 4
    printed = cli(workspace, "tiny", "t001", "--learnt", "4").stdout
    assert f"fold 0: right of 4 rows that it was trained on {100 * right / 4:.1f} %, of " in printed


def test_what_cannot_be_compared_is_refused(
    seen: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, competition, run = seen
    with pytest.raises(UsageError, match="there is no fold 7"):
        predict_training_rows(workspace, competition, run, 3, fold=7)
    with pytest.raises(UsageError, match="at least one row"):
        predict_training_rows(workspace, competition, run, 0)
    assert cli(workspace, "tiny", "--learnt", "0").exit_code == 2
    monkeypatch.setattr("podium.training.runs.fold_files.FoldFiles.is_done", False)
    with pytest.raises(RunError, match=r"no fold of .* is trained"):
        predict_training_rows(workspace, competition, run, 3)
    monkeypatch.setattr("podium.training.runs.job.Job.tasks", ("segment",))
    with pytest.raises(UsageError, match="predicts no classes"):
        predict_training_rows(workspace, competition, run, 3)
