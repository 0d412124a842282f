from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from command_line import podium
from PIL import Image
from search_workspaces import RECIPE, workspace
from sklearn.metrics import log_loss

from podium.competition.spec import Competition, load_competition
from podium.errors import DataError, RunError, UsageError
from podium.models import checkpoints
from podium.predictions import PredictionSet
from podium.training.data.pools import LABELLED
from podium.training.fit import fold as fitting
from podium.training.recipe import load_recipe
from podium.training.runs.job import TrainingData
from podium.training.runs.train import train
from podium.workflows.blends.blending import blend_runs
from podium.workflows.tuning.recipe_plan import RecipeStudy
from podium.workflows.tuning.recipe_result import FoundRecipe, conclude_recipe_study
from podium.workflows.tuning.recipe_trials import plan_recipe_study, run_recipe_trials
from podium.workspace.layout import Workspace
from podium.workspace.records import read_record

Made = tuple[Workspace, Competition]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return workspace(tmp_path)


def search(made: Made, trials: int, **options: Any) -> tuple[RecipeStudy, FoundRecipe]:
    study = plan_recipe_study(*made, "base", made[0].root / "space.yaml", **options)
    assert run_recipe_trials(study, trials=trials) is None
    return study, conclude_recipe_study(study)


@pytest.mark.slow
def test_the_honest_score_is_that_of_trials_which_the_other_folds_chose(made: Made) -> None:
    _, found = search(made, 4, pruner="none")
    table = np.array([[one.folds[k] for k in (0, 1, 2)] for one in found.trials])
    by_hand, picks = [], {}
    for k in range(3):
        others = [j for j in range(3) if j != k]
        picks[k] = min(range(4), key=lambda one: table[one, others].mean())
        by_hand.append(table[picks[k], k])
    assert found.honest is not None
    assert found.honest.score == pytest.approx(np.mean(by_hand))
    assert found.honest.picks == picks
    assert found.honest.own == pytest.approx(table[0].mean())
    assert found.best.score == min(one.score for one in found.trials)
    assert found.own is found.trials[0]
    assert found.outer is None


def test_one_fold_gives_no_honest_score(made: Made) -> None:
    _, found = search(made, 2, folds=[1])
    assert found.honest is None
    assert "with one fold the choice has no honest score" in found.notes[0]


@pytest.mark.slow
def test_trials_from_weights_of_unknown_origin_are_noted(made: Made) -> None:
    root = made[0].root
    run = train(*made, root / "recipes/base.yaml", folds=[0]).run
    torch.save(checkpoints.load(run / "fold-0/last.pt")["network"], root / "bare.pt")
    for overrides, is_unknown in ((), False), (("model.weights=bare.pt",), True):
        _, found = search(made, 1, folds=[1], overrides=overrides)
        assert ("unknown origin" in " ".join(found.notes)) == is_unknown


@pytest.mark.slow
def test_the_best_recipe_is_in_a_file_that_trains_the_same_run(made: Made) -> None:
    study, found = search(made, 3, folds=[0])
    assert found.recipe == made[0].recipes / "base-tuned.yaml"
    text = found.recipe.read_text()
    comments = [line for line in text.splitlines() if line.startswith("#")]
    assert comments[0] == "# base.yaml with the values that a search found best."
    assert comments[1] == f"# study: {study.name} in studies.db"
    assert comments[2] == f"# trial: {found.best.number} of 3, run {found.best.run}"
    assert f"# log_loss {found.best.score:.4f} on folds 0, on which it was chosen" in comments
    run = train(*made, found.recipe, folds=[0]).run.name
    assert run.rpartition("-")[2] == str(found.best.run).rpartition("-")[2]
    assert conclude_recipe_study(study) == found
    assert found.recipe.read_text() == text


@pytest.mark.slow
def test_overrides_are_in_the_trials_and_not_in_the_file(made: Made) -> None:
    (made[0].recipes / "base.yaml").write_text(RECIPE.replace("epochs: 1", "epochs: 7"))
    _, found = search(made, 2, folds=[0], overrides=["phases[0].epochs=1"])
    recipe = load_recipe(found.recipe)
    assert recipe.phases[0].epochs == 7
    assert recipe.optimizer.lr == found.best.values["optimizer.lr"]
    trained = load_recipe(made[0].runs / str(found.best.run) / "recipe.yaml")
    assert trained.phases[0].epochs == 1
    output = "the trials had -o phases[0].epochs=1, which is not in this file"
    assert f"# {output}\n" in found.recipe.read_text()
    assert output.replace("this", "the written") in found.notes


@pytest.mark.slow
def test_an_override_that_values_need_is_in_the_file(made: Made) -> None:
    (made[0].root / "space.yaml").write_text("phases[1].epochs: [1, 2]\n")
    two = "phases=[{name: one, epochs: 1}, {name: two, epochs: 1}]"
    _, found = search(made, 2, folds=[0], overrides=[two])
    assert len(load_recipe(found.recipe).phases) == 2
    assert "which is in this file, too" in found.recipe.read_text()


@dataclass(frozen=True)
class OuterSearch:
    """A search that left fold 1 out, and the ids of each training, by its title."""

    made: Made
    found: FoundRecipe
    learnt: dict[str, set[str]]
    validated: dict[str, set[str]]


@pytest.fixture(scope="module")
def outer(tmp_path_factory: pytest.TempPathFactory) -> OuterSearch:
    """Three trials of two folds, of which nothing is changed here."""
    made = workspace(tmp_path_factory.mktemp("outer"))
    learnt: dict[str, set[str]] = {}
    validated: dict[str, set[str]] = {}
    real_pools, real_validation = fitting.fold_pools, fitting._validation

    def pools(job: Any, fold: Any, *rest: Any) -> Any:
        made = real_pools(job, fold, *rest)
        learnt[job.files(fold).title] = set(made.rows[LABELLED].ids)
        return made

    def validation(job: Any, rows: Any, *rest: Any) -> Any:
        validated[job.files(rest[-1]).title] = set(rows.ids)
        return real_validation(job, rows, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "fold_pools", pools)
        patch.setattr(fitting, "_validation", validation)
        _, found = search(made, 3, outer_fold=1, pruner="none")
    return OuterSearch(made, found, learnt, validated)


@pytest.mark.slow
def test_no_row_of_an_outer_fold_is_in_any_training(outer: OuterSearch) -> None:
    made, found, learnt, validated = outer.made, outer.found, outer.learnt, outer.validated
    data = TrainingData.load(*made)
    left_out = set(data.samples["id"][data.folds == 1])
    tuned = f"fold 1 of {found.outer.run if found.outer else ''}"
    trials = set(learnt) - {tuned}
    assert len(trials) == 6  # three of two folds
    for title in trials:
        assert learnt[title]
        assert not (learnt[title] | validated[title]) & left_out
    assert learnt[tuned] == set(data.samples["id"]) - left_out
    assert validated[tuned] == left_out
    for one in found.trials:
        run = made[0].runs / str(one.run)
        record = read_record(run)
        assert record.inputs["outer_fold"] == 1
        oof = PredictionSet(run / "predictions" / record.details["predictions"]).oof()
        assert not set(oof.ids) & left_out


def test_an_extra_image_that_tells_of_an_outer_row_is_refused_before_any_trial(made: Made) -> None:
    root = made[0].root
    file = root / "competition.yaml"
    extra = 'data:\n  extra: {more: {images: "data/more/{label}/*.png", label: "{label}"}}\n'
    file.write_text(file.read_text().replace("data:\n", extra, 1))
    data = TrainingData.load(*made)
    outer = str(data.samples["images"].iloc[int(np.flatnonzero(data.folds == 1)[0])][0])
    (root / "data/more/red").mkdir(parents=True)
    shutil.copy(root / outer, root / "data/more/red/one.png")
    (root / "space.yaml").write_text("optimizer.lr: {low: 1e-3, high: 1e-1}\n")
    competition = load_competition(root)
    words = (made[0], competition, "base", root / "space.yaml")
    with pytest.raises(DataError, match=r"fold 1 of base, .*one.png is the same file"):
        plan_recipe_study(*words, outer_fold=1, overrides=["extra={more: 1}"])
    assert plan_recipe_study(*words, outer_fold=1).outer_fold == 1  # it is not trained on
    pixels = np.zeros((16, 16, 3), np.uint8)
    Image.fromarray(pixels).save(root / "data/more/red/one.png")
    assert plan_recipe_study(*words, outer_fold=1, overrides=["extra={more: 1}"]).outer_fold == 1


@pytest.mark.slow
def test_optimism_is_what_the_outer_fold_has_worse_than_the_study(outer: OuterSearch) -> None:
    (made, _), found = outer.made, outer.found
    assert found.outer is not None
    run = made.runs / found.outer.run
    oof = PredictionSet(run / "predictions" / read_record(run).details["predictions"]).oof()
    table = pd.read_csv(made.root / "data/train.csv", dtype=str).set_index("id")
    right = [table.label[one] == "green" for one in oof.ids]
    assert set(oof.folds) == {1}
    score = log_loss(right, oof.probs[:, 1])
    assert found.outer.score == pytest.approx(score, rel=1e-6)
    assert found.outer.optimism == pytest.approx(score - found.best.score, abs=1e-6)  # a loss
    assert f"log_loss {score:.4f} on fold 1, which no trial used" in found.recipe.read_text()


@pytest.mark.slow
def test_runs_without_an_outer_fold_are_no_members_of_a_blend(outer: OuterSearch) -> None:
    with pytest.raises(UsageError, match="no finished run to blend"):
        blend_runs(*outer.made)


def test_nothing_is_concluded_from_no_trial(made: Made) -> None:
    study = plan_recipe_study(*made, "base", made[0].root / "space.yaml", folds=[0])
    with pytest.raises(RunError, match="none of 0 trials came to its end"):
        conclude_recipe_study(study)


@pytest.mark.slow
def test_the_command_prints_the_honest_score_first(made: Made) -> None:
    root = made[0].root
    words = ("tune", "recipe", "base", "--space", root / "space.yaml", "--trials", 2)
    predicted = podium(root, *words, "--folds", "0,1", "--keep", "best:1").splitlines()
    printed = [
        line for line in predicted if line.startswith(("recipe-base", "honest", "best trial"))
    ]
    assert printed[0].endswith(": 2 trials, 2 complete, 0 pruned, 0 failed")
    assert printed[1].startswith("honest log_loss 0.")
    assert printed[2].endswith("on which it was chosen")
    assert any("as it stands" in line for line in predicted)
    assert sum("removed" in line for line in predicted) == 1
    stdout = podium(root, *words, "--folds", "0,1", "--json")
    answer = json.loads(stdout[stdout.index("{") :])
    assert answer["stopped"] is None
    assert len(answer["trials"]) == 2
    assert "--keep takes all or best:5" in podium(root, *words, "--keep", "5", code=2)
