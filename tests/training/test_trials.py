from __future__ import annotations

from pathlib import Path
from typing import Any

import mask_miniatures
import pytest
import yaml

from podium.competition.spec import load_competition
from podium.errors import DataError, RecipeError
from podium.training.fold_files import FoldFiles
from podium.training.recipe import Recipe
from podium.training.trials import trial_score
from podium.workspace.layout import Workspace

RECIPE: dict[str, Any] = {
    "model": {"backbone": "cnn", "pretrained": False, "options": {"widths": [4, 8]}},
    "input": {"size": 16},
    "batch_size": 8,
    "phases": [{"name": "only", "epochs": 1}],
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    miniature = mask_miniatures.pictures_and_masks(tmp_path / "data", n=12, n_test=1, size=16)
    (tmp_path / "competition.yaml").write_text(yaml.safe_dump(miniature.spec, sort_keys=False))
    return tmp_path


def score(root: Path, metric: dict[str, Any] | None = None, **model: Any) -> float:
    spec = yaml.safe_load((root / "competition.yaml").read_text())
    if metric is not None:
        spec["metric"] = metric
        (root / "competition.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
    recipe = Recipe.model_validate({**RECIPE, "model": {**RECIPE["model"], **model}})
    competition = load_competition(root)
    return trial_score(Workspace(root), competition, recipe, name="trial", fold=0)


def test_a_trial_that_ran_is_not_run_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = score(root)
    monkeypatch.setattr("podium.training.fitting.fit_fold", None)
    assert score(root) == first


def test_another_metric_scores_anew(root: Path) -> None:
    dice = score(root)
    strict = score(root, {"name": "mean_dice", "task": "segment", "background": True})
    iou = score(root, {"name": "mean_iou", "task": "segment"})
    assert len({dice, strict, iou}) == 3


def test_a_network_that_does_not_answer_what_is_scored_is_refused(root: Path) -> None:
    with pytest.raises(RecipeError, match="mean_dice, and the network has no head for segment"):
        score(root, heads={"classify": {}})
    assert not list(root.glob(".podium/trials/*/fold-0/done.json"))


def test_an_undefined_score_is_no_number(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = {"stages": [{"scores": {"mean_dice": None}}]}
    monkeypatch.setattr(FoldFiles, "is_done", property(lambda self: True))
    monkeypatch.setattr(FoldFiles, "read_done", lambda self: done)
    with pytest.raises(DataError, match="mean_dice is undefined"):
        score(root)
