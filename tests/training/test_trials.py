"""Short trainings of a search: one a fold, scored on it, and nothing else kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import mask_miniatures
import pytest
import yaml

from podium.competition.spec import load_competition
from podium.errors import DataError, RecipeError
from podium.training.fit import fold as fitting
from podium.training.loss_search import trial_metrics, trial_scores
from podium.training.recipe import Recipe
from podium.training.runs.train import train
from podium.workspace import atomic
from podium.workspace.layout import Workspace
from podium.workspace.records import read_record

TINY = {
    "model": {"backbone": "cnn", "pretrained": False, "options": {"widths": [4, 8]}},
    "input": {"size": 16, "train": "none"},
    "batch_size": 4,
    "phases": [
        {"name": "only", "epochs": 1, "loss": {"classify": {"ce": 1}, "segment": {"dice": 1}}}
    ],
}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    root = tmp_path_factory.mktemp("trials")
    miniature = mask_miniatures.pictures_and_masks(root / "data", n=18, n_test=1, size=16)
    (root / "competition.yaml").write_text(yaml.safe_dump(miniature.spec, sort_keys=False))
    (root / "recipes").mkdir()
    (root / "recipes" / "tiny.yaml").write_text(yaml.safe_dump(TINY))
    return Workspace(root)


def scores(workspace: Workspace, fold: int = 0, **options: Any) -> tuple[float, ...]:
    settings = {"by": ("mean_dice", "accuracy"), "name": "tiny-trial", **options}
    recipe = settings.pop("recipe", Recipe.model_validate(TINY))
    return trial_scores(workspace, load_competition(workspace.root), recipe, fold=fold, **settings)


def test_a_fold_is_trained_once_and_only_its_scores_are_kept(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = scores(workspace)
    monkeypatch.setattr(fitting, "fit_fold", None)  # to train again would be an error
    assert scores(workspace) == first
    assert scores(workspace, by=("accuracy",)) == first[1:]
    [folder] = (workspace.private / "trials").glob("tiny-trial-*")
    kept = {file.name for file in (folder / "fold-0").iterdir()}
    assert kept <= {".lock", "done.json", "metrics.csv", "SHA256SUMS"}
    answer = json.loads((folder / "fold-0" / "done.json").read_text())["stages"][-1]["scores"]
    assert first == (answer["mean_dice"], answer["accuracy"])
    assert not workspace.runs.exists() or not any(workspace.runs.glob("tiny-trial-*"))


def test_one_image_with_one_value_for_batch_norm_is_refused(workspace: Workspace) -> None:
    deep = {**TINY["model"], "options": {"widths": [4, 4, 4, 8]}}  # 16 pixels become one
    alone = Recipe.model_validate({**TINY, "model": deep, "batch_size": 1})
    with pytest.raises(RecipeError, match="batch_size: batch norm sees") as caught:
        scores(workspace, name="alone", recipe=alone)
    assert caught.value.fix.startswith("write batch_size: 2")


def test_a_trial_keeps_no_features_either(workspace: Workspace) -> None:
    keep = {"epochs": ["last"], "features": 2}
    scores(workspace, name="keeping", recipe=Recipe.model_validate({**TINY, "keep": keep}))
    assert not list((workspace.private / "trials").glob("keeping-*/fold-0/kept"))


def test_the_scores_are_those_of_an_ordinary_run_of_the_recipe(workspace: Workspace) -> None:
    competition = load_competition(workspace.root)
    run = train(workspace, competition, workspace.recipes / "tiny.yaml", folds=[1])
    tasks = read_record(run.run).scores["tasks"]
    dice, accuracy = scores(workspace, fold=1)
    assert accuracy == pytest.approx(tasks["classify"]["folds"]["1"])
    # Masks of a run are scored in the competition's frame, which is the network's size here; they
    # are stored in steps of 1/254.
    assert dice == pytest.approx(tasks["segment"]["folds"]["1"], abs=0.02)


def test_what_was_left_when_a_training_was_killed_is_removed(workspace: Workspace) -> None:
    scores(workspace)
    [fold] = (workspace.private / "trials").glob("tiny-trial-*/fold-0")
    for name in ("last.pt", "resume.pt"):
        (fold / name).write_bytes(b"killed after done.json was written")
    scores(workspace)
    assert not list(fold.glob("*.pt"))


def test_a_damaged_score_is_found_by_training_again(workspace: Workspace) -> None:
    first = scores(workspace)
    [done] = (workspace.private / "trials").glob("tiny-trial-*/fold-0/done.json")
    whole = done.read_text()
    done.write_text(whole.replace(f"{first[1]}", f"{first[1] + 1}"))
    assert done.read_text() != whole
    assert scores(workspace) == first


def test_an_undefined_score_is_refused(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores(workspace)
    [done] = (workspace.private / "trials").glob("tiny-trial-*/fold-0/done.json")
    before = done.read_text()
    facts = json.loads(before)
    facts["stages"][-1]["scores"]["accuracy"] = None
    atomic.write_text(done, json.dumps(facts))
    try:
        assert len(scores(workspace, by=("mean_dice",))) == 1
        with pytest.raises(DataError, match=r"fold 0 of tiny-trial.*: accuracy is undefined"):
            scores(workspace)
    finally:
        atomic.write_text(done, before)


def test_trials_are_scored_by_a_metric_of_each_task(tmp_path: Path, workspace: Workspace) -> None:
    competition = load_competition(workspace.root)
    assert trial_metrics(competition, Recipe.model_validate(TINY)) == {
        "mean_dice": True,
        "accuracy": True,
    }
    masks = {**TINY, "model": {"heads": {"segment": {"decoder": "linear"}}}}
    assert trial_metrics(competition, Recipe.model_validate(masks)) == {"mean_dice": True}
    labels = {**TINY, "model": {"heads": {"classify": {"pool": "avg"}}}}
    with pytest.raises(RecipeError, match="scored by mean_dice, and the network has no head for s"):
        trial_metrics(competition, Recipe.model_validate(labels))
    spec = yaml.safe_load(workspace.competition_file.read_text())
    spec["metric"] = {"name": "log_loss", "task": "classify"}
    (tmp_path / "competition.yaml").write_text(yaml.safe_dump(spec))
    other = load_competition(tmp_path)
    assert trial_metrics(other, Recipe.model_validate(TINY)) == {
        "log_loss": False,
        "mean_dice": True,
    }
