from __future__ import annotations

import logging
from pathlib import Path

import mask_miniatures
import pytest
import yaml

from podium.competition.spec import load_competition
from podium.errors import RecipeError
from podium.workflows import tuning_losses
from podium.workflows.tuning_losses import TunedLosses, tune_losses
from podium.workspace.layout import Workspace

LOSS = {"classify": {"ce": 1}, "segment": {"ce": 1, "dice": 1}}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    miniature = mask_miniatures.pictures_and_masks(tmp_path / "data", n=12, n_test=1, size=16)
    (tmp_path / "competition.yaml").write_text(yaml.safe_dump(miniature.spec, sort_keys=False))
    recipe = {"phases": [{"name": "only", "epochs": 1, "loss": LOSS}]}
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes" / "joint.yaml").write_text(yaml.safe_dump(recipe))
    return Workspace(tmp_path)


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    scores: list[float] = []

    def score(*_: object, **__: object) -> float:
        scores.append(0.1 * len(scores))
        return scores[-1]

    monkeypatch.setattr(tuning_losses, "trial_score", score)
    return scores


def search(workspace: Workspace) -> TunedLosses:
    return tune_losses(workspace, load_competition(workspace.root), "joint", trials=1)


def test_a_finished_search_trains_nothing(workspace: Workspace, trained: list[float]) -> None:
    assert search(workspace) == search(workspace)
    assert len(trained) == 1


def test_other_folds_or_masks_are_another_search(
    workspace: Workspace, trained: list[float]
) -> None:
    first = search(workspace)
    header, *rows = workspace.folds_file.read_text().splitlines()
    turned = [f"{row[:-1]}{(int(row[-1]) + 1) % 3}" for row in rows]
    workspace.folds_file.write_text("\n".join([header, *turned, ""]))
    second = search(workspace)
    next(workspace.root.glob("data/masks/*.png")).unlink()
    third = search(workspace)
    assert len({first.study, second.study, third.study}) == len(trained) == 3


def test_a_training_that_fails_is_told_once(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = told.append  # type: ignore[method-assign]

    def fail(*_: object, **__: object) -> float:
        raise RecipeError("there is no such thing")

    monkeypatch.setattr(tuning_losses, "trial_score", fail)
    logging.getLogger("optuna").addHandler(handler)
    try:
        with pytest.raises(RecipeError, match="no such thing"):
            search(workspace)
    finally:
        logging.getLogger("optuna").removeHandler(handler)
    assert not [one for one in told if one.exc_info]
