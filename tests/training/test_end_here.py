"""A fold that ends at its checkpoint is the one that would have been trained for as many epochs."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import yaml

from podium.competition.spec import load_competition
from podium.errors import RunError
from podium.predictions import PredictionSet
from podium.training.fit.loop import Loop
from podium.training.runs.train import Trained, end_here, train
from podium.workspace.layout import Workspace

SPEC = """
name: ended
tasks: {classify: multiclass}
classes: [cat, dog, fox]
data:
  train: {images: "data/train/{class}/*.png"}
  test: {images: "data/test/*.png"}
folds: {n: 2}
metric: {name: accuracy}
"""
N_DONE = 3


def recipe(root: Path, name: str, epochs: int, **changes: Any) -> Path:
    """Write a recipe of a rate that stays as it is, so that its length changes no step."""
    file = root / f"recipes/{name}.yaml"
    file.parent.mkdir(exist_ok=True)
    made = {
        "model": {"backbone": "cnn", "pretrained": False, "options": {"widths": [8]}},
        "input": {"size": 16, "train": "none"},
        "optimizer": {"name": "adamw", "lr": 1e-2, "schedule": "constant"},
        "batch_size": 8,
        "phases": [{"name": "network", "epochs": epochs}],
    }
    file.write_text(yaml.safe_dump(made | changes))
    return file


@pytest.fixture
def workspace(tmp_path: Path, miniatures: ModuleType) -> Workspace:
    miniatures.class_folders(tmp_path / "data", n=24, size=16, n_test=6)
    (tmp_path / "competition.yaml").write_text(SPEC)
    return Workspace(tmp_path)


def out_of_time(monkeypatch: pytest.MonkeyPatch, epochs: int) -> None:
    """Let the time be over after so many epochs of any phase."""
    whole = Loop._require

    def required(self: Loop, seconds: float, what: str) -> None:
        is_over = what == "an epoch" and self.state.epoch >= epochs
        whole(self, 1e9 if is_over else seconds, what)

    monkeypatch.setattr(Loop, "_require", required)


def stopped(workspace: Workspace, file: Path, monkeypatch: pytest.MonkeyPatch) -> Trained:
    """Train fold 0 until the time is over after `N_DONE` epochs."""
    competition = load_competition(workspace.competition_file)
    with monkeypatch.context() as patch:
        out_of_time(patch, N_DONE)
        found = train(workspace, competition, file, folds=[0], max_time_s=1e6)
    assert found.stopped is not None
    assert not found.finished
    return found


@pytest.mark.other_cases("slow")
@pytest.mark.parametrize("changes", [
    {}, {"ema_decay": 0.9}, {"checkpoint": "best"},
], ids=["last", "EMA", "best"])  # fmt: skip
def test_a_fold_that_ends_early_equals_one_of_as_many_epochs(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    competition = load_competition(workspace.competition_file)
    long = recipe(workspace.root, "long", 50, **changes)
    run = stopped(workspace, long, monkeypatch).run
    ended = end_here(workspace, competition, long, folds=[0])
    assert ended.run == run
    assert (ended.finished, ended.missing, ended.stopped) == ((0,), (1,), None)
    short = recipe(workspace.root, "short", N_DONE, **changes)
    plain = train(workspace, competition, short, folds=[0])
    assert ended.scores["oof"] == plain.scores["oof"]
    sets = [PredictionSet(next((one.run / "predictions").iterdir())) for one in (ended, plain)]
    for split in ("oof", "test"):
        made, expected = (one.fold(split, "classify", 0).probs() for one in sets)
        np.testing.assert_array_equal(made, expected)
    # What it was trained for is in the record, and the same command trains it no further.
    again = train(workspace, competition, long, folds=[0])
    assert again.stopped is None
    assert again.scores["oof"] == ended.scores["oof"]
    rows = (run / "fold-0/metrics.csv").read_text().splitlines()
    assert len(rows) == 1 + N_DONE


def test_a_fold_whose_last_phase_has_no_epoch_cannot_end_and_goes_on(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    competition = load_competition(workspace.competition_file)
    phases = [
        {"name": "heads", "epochs": N_DONE + 1, "freeze": ["backbone"]},
        {"name": "network", "epochs": 1},
    ]
    file = recipe(workspace.root, "two", 1, phases=phases)
    stopped(workspace, file, monkeypatch)
    with pytest.raises(RunError, match="no epoch of its last phase is over"):
        end_here(workspace, competition, file, folds=[0])
    assert train(workspace, competition, file, folds=[0]).finished == (0,)
