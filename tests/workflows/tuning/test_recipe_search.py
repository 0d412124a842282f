from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pandas as pd
import pytest
from search_workspaces import RECIPE, workspace
from sklearn.metrics import log_loss

from podium.competition.spec import Competition
from podium.errors import RecipeError, RunError, UsageError
from podium.models.weights import reach
from podium.predictions import PredictionSet
from podium.training.recipe import load_recipe
from podium.training.runs.job import Deadline
from podium.training.runs.train import train
from podium.workflows.tuning.recipe_plan import RecipeStudy
from podium.workflows.tuning.recipe_trials import (
    plan_recipe_study,
    run_lock,
    run_recipe_trials,
    seed_study,
)
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT
from podium.workspace.records import read_record

Made = tuple[Workspace, Competition]


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Made]:
    return lambda name="ws", **options: workspace(tmp_path / name, **options)


class TrialEnds:
    """Progress that calls a function with the line of each trial that ended."""

    bar = SILENT.bar

    def __init__(self, ended: Callable[[str], None]) -> None:
        self.ended = ended

    def say(self, message: str) -> None:
        if message.startswith("trial "):
            self.ended(message)


def planned(made: Made, **options: Any) -> RecipeStudy:
    return plan_recipe_study(*made, "base", made[0].root / "space.yaml", **options)


def search(made: Made, trials: int, **options: Any) -> RecipeStudy:
    study = planned(made, **options)
    assert run_recipe_trials(study, trials=trials) is None
    return study


def trials_of(study: RecipeStudy) -> list[optuna.trial.FrozenTrial]:
    with study.opened() as opened:
        return list(opened.study.trials)


def states(study: RecipeStudy) -> list[str]:
    return [one.state.name for one in trials_of(study)]


def run_of(study: RecipeStudy, trial: optuna.trial.FrozenTrial) -> Path:
    return study.workspace.runs / trial.user_attrs["run"]


def score_by_sklearn(study: RecipeStudy, run: Path, folds: list[int]) -> float:
    """Return the log loss of the OOF rows of `folds`, as files have them."""
    oof = PredictionSet(run / "predictions" / read_record(run).details["predictions"]).oof()
    table = pd.read_csv(study.workspace.root / "data/train.csv", dtype=str).set_index("id")
    rows = np.isin(oof.folds, folds)
    right = [table.label[one] for one in np.array(oof.ids)[rows]]
    return float(log_loss([one == "green" for one in right], oof.probs[rows, 1]))


@pytest.mark.slow
def test_a_trial_is_a_run_of_the_recipe_with_its_values_scored_on_all_its_folds(
    make: Callable[..., Made],
) -> None:
    study = search(make(), 3, folds=[2, 0])
    own, *others = trials_of(study)
    assert own.params == {"optimizer.lr": 0.01, "model.heads.classify.dropout": 0.1}
    assert len({one.user_attrs["run"] for one in (own, *others)}) == 3
    for trial in (own, *others):
        run = run_of(study, trial)
        record, recipe = read_record(run), load_recipe(run / "recipe.yaml")
        assert record.name == "base-t"
        assert recipe.optimizer.lr == trial.params["optimizer.lr"]
        assert recipe.model.heads.classify.dropout == trial.params["model.heads.classify.dropout"]
        assert sorted(record.scores["folds"]) == ["0", "2"]
        assert trial.value == pytest.approx(score_by_sklearn(study, run, [0, 2]), rel=1e-6)
        each = {str(k): score_by_sklearn(study, run, [k]) for k in (2, 0)}
        assert trial.user_attrs["folds"] == pytest.approx(each, rel=1e-6)
        assert trial.intermediate_values == pytest.approx({0: each["2"], 1: each["0"]}, rel=1e-6)
        assert not {"warm", "same_as"} & set(trial.user_attrs)


def test_folds_that_another_study_trained_do_not_count(make: Callable[..., Made]) -> None:
    made = make()
    search(made, 1, folds=[1])
    study = search(made, 1, folds=[2, 0])
    (trial,) = trials_of(study)
    run = run_of(study, trial)
    assert sorted(read_record(run).scores["folds"]) == ["0", "1", "2"]
    assert trial.value == pytest.approx(score_by_sklearn(study, run, [0, 2]), rel=1e-6)
    assert trial.value != pytest.approx(read_record(run).scores["oof"], rel=1e-6)


@pytest.mark.slow
def test_a_finished_study_trains_nothing_and_more_trials_are_added(
    make: Callable[..., Made],
) -> None:
    made = make()
    study = search(made, 2, folds=[0])
    files = {one: one.stat().st_mtime_ns for one in made[0].runs.rglob("*") if one.is_file()}
    assert search(made, 2, folds=[0]).name == study.name
    after = {one: one.stat().st_mtime_ns for one in made[0].runs.rglob("*") if one.is_file()}
    assert after == files
    search(made, 3, folds=[0])
    assert states(study) == ["COMPLETE"] * 3
    points = {tuple(one.params.values()) for one in trials_of(study)}
    assert len(points) == 3


@pytest.mark.parametrize(
    "other", [{"seed": 1}, {"folds": [1]}, {"overrides": ["batch_size=4"]}, {"pruner": "asha"}]
)
def test_another_question_is_another_study(
    make: Callable[..., Made], other: dict[str, Any]
) -> None:
    made = make()
    usual = {"folds": [0]}
    assert planned(made, **usual).name == planned(made, **usual, pruner="none").name
    assert planned(made, **usual).name != planned(made, **usual | other).name


@pytest.mark.slow
def test_values_that_were_drawn_before_are_not_trained_again(make: Callable[..., Made]) -> None:
    study = search(make(space="model.heads.classify.dropout: [0.1, 0.4]\n"), 6, folds=[0, 1])
    trials = trials_of(study)
    assert [one.state.name for one in trials] == ["COMPLETE"] * 6
    assert len(list(study.workspace.runs.iterdir())) <= 2
    first = {one.params["model.heads.classify.dropout"]: one for one in reversed(trials)}
    for trial in trials:
        same = first[trial.params["model.heads.classify.dropout"]]
        assert trial.value == same.value
        assert trial.user_attrs.get("same_as") == (None if trial is same else same.number)
        assert trial.user_attrs["folds"] == same.user_attrs["folds"]


@pytest.mark.slow
def test_a_trial_that_fails_is_kept_with_its_reason_and_the_study_goes_on(
    make: Callable[..., Made],
) -> None:
    study = search(make(space="optimizer.lr: [1e-2, 1e30]\n"), 5, folds=[0])
    failed = [one for one in trials_of(study) if one.state.name == "FAIL"]
    assert failed
    assert states(study).count("COMPLETE") == 5 - len(failed) > 0
    for one in failed:
        assert one.params["optimizer.lr"] == 1e30
        assert "the loss became nan" in one.user_attrs["reason"]
        assert "lower optimizer.lr" in one.user_attrs["reason"]


def test_weights_out_of_reach_of_every_trial_stop_the_study_before_the_first(
    make: Callable[..., Made], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "are_within_reach", lambda *_: False)
    study = planned(make(), overrides=["model.backbone=resnet18", "model.pretrained=true"])
    with pytest.raises(RecipeError, match="resnet18"):
        run_recipe_trials(study, trials=2)
    assert {*states(study)} <= {"WAITING"}


@pytest.mark.slow
def test_a_study_whose_first_trials_all_fail_stops_with_the_reason(
    make: Callable[..., Made],
) -> None:
    study = planned(make(recipe=RECIPE.replace("lr: 1e-2", "lr: 1e30")), folds=[0])
    with pytest.raises(RunError, match=r"first 3 trials all failed.*the loss became nan"):
        run_recipe_trials(study_with(study, "model.heads.classify.dropout"), trials=50)
    assert len(list(study.workspace.runs.iterdir())) == 3


def study_with(study: RecipeStudy, name: str) -> RecipeStudy:
    from dataclasses import replace

    from podium.tuning.space import SearchSpace

    kept = tuple(one for one in study.space.parameters if one.name == name)
    return replace(study, space=SearchSpace(kept))


@pytest.mark.slow
def test_after_a_fold_a_trial_stops_that_is_worse_than_the_median_of_those_before(
    make: Callable[..., Made],
) -> None:
    study = search(make(), 8, folds=[0, 1])
    trials = trials_of(study)
    assert {one.state.name for one in trials} == {"COMPLETE", "PRUNED"}
    for at, trial in enumerate(trials):
        first = float(next(iter(trial.user_attrs["folds"].values())))
        before = [
            float(one.user_attrs["folds"]["0"])
            for one in trials[:at]
            if one.state.name == "COMPLETE"
        ]
        run = run_of(study, trial)
        if trial.state.name == "PRUNED" and len(trial.user_attrs["folds"]) == 1:
            assert len(before) >= 5
            assert first > np.median(before)
            assert trial.user_attrs["reason"] == "hopeless after fold 0"
            assert read_record(run).status == "unfinished"
            assert sorted(one.name for one in run.glob("fold-*")) == ["fold-0"]
        elif len(before) >= 5:
            assert first <= np.median(before)


@pytest.mark.slow
def test_after_an_epoch_a_trial_stops_which_its_history_shows(make: Callable[..., Made]) -> None:
    long = RECIPE.replace("epochs: 1", "epochs: 4")
    study = search(make(recipe=long), 6, folds=[1, 0], pruner="asha")
    trials = trials_of(study)
    assert {one.state.name for one in trials} == {"COMPLETE", "PRUNED"}
    for trial in trials:
        history = pd.read_csv(run_of(study, trial) / "fold-1/metrics.csv")
        told = [trial.intermediate_values[step] for step in sorted(trial.intermediate_values)]
        assert told == pytest.approx(list(history.log_loss), rel=1e-9)
        if trial.state.name == "PRUNED":
            n = len(told)
            assert n < 4
            assert trial.user_attrs["reason"] == f"hopeless after epoch {n} of fold 1"
            assert not (run_of(study, trial) / "fold-0").exists()
        else:
            assert len(told) == 4
            assert sorted(trial.user_attrs["folds"]) == ["0", "1"]


@pytest.mark.slow
def test_without_time_nothing_is_lost_and_the_same_call_goes_on(make: Callable[..., Made]) -> None:
    study = planned(make(), folds=[0, 1])
    stopped = run_recipe_trials(study, trials=2, max_time_s=0.0)
    assert stopped is not None
    assert stopped.startswith("out of time: ")
    assert run_recipe_trials(study, trials=2) is None
    complete = [one for one in trials_of(study) if one.state.name == "COMPLETE"]
    assert len(complete) == 2
    assert complete[0].params["optimizer.lr"] == 0.01


def test_a_recipe_that_is_edited_meanwhile_stops_the_study(make: Callable[..., Made]) -> None:
    made = make()
    study, file = planned(made, folds=[0]), made[0].recipes / "base.yaml"

    def edit(_: str) -> None:
        file.write_text(RECIPE.replace("batch_size: 8", "batch_size: 4"))

    with pytest.raises(RunError, match=r"base\.yaml has changed since this command began"):
        run_recipe_trials(study, trials=3, progress=TrialEnds(edit))
    assert states(study) == ["COMPLETE", "FAIL", "WAITING"]
    file.write_text(RECIPE)
    assert run_recipe_trials(planned(made, folds=[0]), trials=3) is None
    assert states(study).count("COMPLETE") == 3


@pytest.mark.slow
def test_folds_that_are_made_anew_meanwhile_stop_the_study(make: Callable[..., Made]) -> None:
    made = make()
    study, folds = planned(made, folds=[0]), made[0].root / "folds.csv"

    def deal(_: str) -> None:
        table = pd.read_csv(folds, dtype=str)
        table["fold"] = table["fold"].to_numpy()[::-1]
        table.to_csv(folds, index=False)

    with pytest.raises(RunError, match="the data, their folds or the recipe have changed"):
        run_recipe_trials(study, trials=3, progress=TrialEnds(deal))
    assert states(study) == ["COMPLETE", "FAIL", "WAITING"]


@pytest.mark.slow
def test_the_trial_of_another_worker_is_not_waited_for_beyond_the_time(
    make: Callable[..., Made],
) -> None:
    study = planned(make(), folds=[0])
    with study.opened() as opened:
        seed_study(study, opened, SILENT)
        opened.study.ask()  # by a worker that lives
    begun = time.monotonic()
    stopped = run_recipe_trials(study, trials=1, max_time_s=1.5)
    assert stopped is not None
    assert time.monotonic() - begun < 60  # another that died is found after 90


@pytest.mark.slow
def test_the_run_of_another_worker_is_not_waited_for_beyond_the_time(
    make: Callable[..., Made], monkeypatch: pytest.MonkeyPatch
) -> None:
    study, predicted = planned(make(), folds=[0]), []

    class RecordedProgress:
        say, bar = predicted.append, SILENT.bar

    # The time is up once the other was waited for, however long a busy machine took until then.
    clock = lambda: 2.0 if any("being worked on" in one for one in predicted) else 0.0  # noqa: E731
    monkeypatch.setattr(
        "podium.workflows.tuning.recipe_trials.Deadline", partial(Deadline, clock=clock)
    )
    first = study.run_id(load_recipe(study.recipe_file))
    with run_lock(study, first, wait_s=0, progress=SILENT):
        stopped = run_recipe_trials(study, trials=1, max_time_s=1.5, progress=RecordedProgress())
    assert stopped is not None
    assert stopped.startswith("out of time: ")
    assert states(study) == ["FAIL", "WAITING"]


def test_invalid_plans_are_refused_before_anything_is_trained(
    make: Callable[..., Made],
) -> None:
    made = make()
    with pytest.raises(UsageError, match="there is no fold 9"):
        planned(made, folds=[9])
    with pytest.raises(UsageError, match="there is no fold 1"):
        planned(made, folds=[0, 1], outer_fold=1)
    with pytest.raises(UsageError, match="medain"):
        planned(made, pruner="medain")
    with pytest.raises(UsageError, match="tpee"):
        planned(made, sampler="tpee")
    with pytest.raises(UsageError, match="best:0"):
        planned(made, keep=0)
    with pytest.raises(UsageError, match="no recipe 'bass'"):
        plan_recipe_study(*made, "bass", made[0].root / "space.yaml")
    with pytest.raises(UsageError, match="at least one trial"):
        run_recipe_trials(planned(made), trials=0)
    with pytest.raises(RecipeError, match="the run to start from did"):
        planned(made, outer_fold=0, overrides=["model.from=base"])
    assert not made[0].runs.exists()


@pytest.mark.slow
def test_a_run_that_was_there_before_is_a_trial_from_the_beginning(
    make: Callable[..., Made],
) -> None:
    made = make(folds="{scheme: stratified, n: 2, seed: 1}")
    base = made[0].recipes / "base.yaml"

    def trained(*overrides: str, **options: Any) -> str:
        return train(*made, base, overrides=overrides, **options).run.name

    inside = trained("optimizer.lr=0.05")
    trained("optimizer.lr=0.06", "batch_size=4")  # another recipe elsewhere, too
    trained("optimizer.lr=0.5")  # outside of the space
    trained("optimizer.lr=0.07", folds=[0])  # not all folds
    trained("optimizer.lr=0.02", "predict.tta=[hflip]")  # scored otherwise
    study = search(made, 2)
    first, *others = trials_of(study)
    assert first.user_attrs["run"] == inside
    assert first.user_attrs["warm"] is True
    assert first.params["optimizer.lr"] == 0.05
    assert first.value == pytest.approx(
        score_by_sklearn(study, made[0].runs / inside, [0, 1]), rel=1e-6
    )
    assert sorted(first.intermediate_values) == [0, 1]
    assert [one.params["optimizer.lr"] for one in others[:1]] == [0.01]
    assert len(others) == 2
    search(made, 2)  # once
    assert len(trials_of(study)) == 3


@pytest.mark.slow
def test_a_study_whose_beginning_was_killed_begins_again(make: Callable[..., Made]) -> None:
    study = planned(make(), folds=[0])
    with study.opened() as opened:  # killed after its first trial was put in the queue
        opened.study.enqueue_trial({"optimizer.lr": 1e-2, "model.heads.classify.dropout": 0.1})
    assert run_recipe_trials(study, trials=1) is None
    assert states(study) == ["COMPLETE"]


@pytest.mark.slow
def test_the_recipe_as_it_stands_is_no_second_trial_where_it_was_trained_before(
    make: Callable[..., Made],
) -> None:
    made = make()
    train(*made, made[0].recipes / "base.yaml", folds=[0])
    trials = trials_of(search(made, 1, folds=[0]))
    assert [one.params["optimizer.lr"] == 0.01 for one in trials] == [True, False]
