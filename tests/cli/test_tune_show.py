"""`podium tune show` says what is in the studies, how they are opened, and how one is made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest
from command_line import podium
from optuna.distributions import FloatDistribution
from optuna.trial import TrialState

LR = {"optimizer.lr": FloatDistribution(0, 1), "mix.mixup": FloatDistribution(0, 1)}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "competition.yaml").write_text("name: nothing\n")
    return tmp_path


def keep(
    root: Path,
    name: str,
    trials: list[dict[str, Any]],
    metrics: tuple[str, ...],
    distributions: dict[str, FloatDistribution] = LR,
) -> None:
    storage = optuna.storages.RDBStorage(f"sqlite:///{root}/studies.db")
    directions = ["maximize"] * len(metrics)
    study = optuna.create_study(storage=storage, study_name=name, directions=directions)
    for key, value in {"kind": "recipe", "metric": metrics, "recipe": "base.yaml"}.items():
        study.set_user_attr(key, value)
    for one in trials:
        study.add_trial(optuna.create_trial(distributions=distributions, **one))
    storage.remove_session()
    storage.engine.dispose()


def complete(lr: float, *scores: float, **facts: Any) -> dict[str, Any]:
    params = {"optimizer.lr": lr, "mix.mixup": 0.25}
    return {"params": params, "values": list(scores), "user_attrs": facts}


def ended(state: TrialState, **facts: Any) -> dict[str, Any]:
    return {**complete(0.5), "values": None, "state": state, "user_attrs": facts}


def cells(line: str) -> list[str]:
    return line.split()


def test_without_studies_the_command_that_makes_one_is_named(root: Path) -> None:
    assert podium(root, "tune", "show").splitlines() == [
        "there are no studies yet; these commands make one:",
        "  podium tune losses RECIPE",
        "  podium tune recipe RECIPE --space space.yaml",
    ]
    assert not (root / "studies.db").exists()


def test_all_studies_stand_in_a_line_each(root: Path) -> None:
    keep(root, "recipe-a", [complete(0.1, 0.5), ended(TrialState.PRUNED)], ("mean_dice",))
    keep(root, "recipe-b", [complete(0.1, 0.5, 0.25)], ("dice", "accuracy"))
    lines = podium(root, "tune", "show").splitlines()
    header, first, second = lines[1], lines[3], lines[4]
    assert cells(header) == ["study", "kind", "complete", "pruned", "best", "score"]
    assert cells(first) == ["recipe-a", "recipe", "1", "1", "mean_dice", "0.5000"]
    assert cells(second)[:4] == ["recipe-b", "recipe", "1", "0"]
    assert "dice 0.5000, accuracy 0.2500" in second
    assert lines[-1] == f"dashboard: optuna-dashboard sqlite:///{root}/studies.db"


def test_a_study_shows_its_best_trials_and_why_others_ended(root: Path) -> None:
    trials = [complete(at / 20, at / 100, run=f"base-t-{at:08x}") for at in range(12)]
    trials += [
        ended(TrialState.FAIL, reason="there is no backbone 'x'"),
        ended(TrialState.FAIL, reason="there is no backbone 'x'"),
        ended(TrialState.RUNNING, worker="there:9"),
    ]
    keep(root, "recipe-a", trials, ("mean_dice",))
    for at in range(11):
        (root / "runs" / f"base-t-{at:08x}").mkdir(parents=True)
    printed = podium(root, "tune", "show", "recipe-a")
    lines = printed.splitlines()
    assert lines[0] == "recipe-a: recipe of base.yaml; trials: 12 complete, 2 failed, 1 running"
    assert lines[1] == "the best 10 of 12 complete trials"
    assert "honest" not in printed  # which needs scores on folds
    assert cells(lines[3]) == ["trial", "mean_dice", "optimizer.lr", "mix.mixup", "run"]
    assert [cells(line) for line in lines[5:15]] == [
        [str(at), f"{at / 100:.4f}", f"{at / 20:.4g}", "0.25", run]
        for at in range(11, 1, -1)
        for run in ["removed" if at == 11 else f"base-t-{at:08x}"]
    ]
    assert "optimizer.lr   100%" in printed  # mix.mixup is the same in all trials
    assert ["14", "there:9"] in [cells(line)[:2] for line in lines]
    assert "failed, trial 12, 13: there is no backbone 'x'" in lines


def test_of_two_metrics_the_front_is_shown(root: Path) -> None:
    trials = [complete(0.1, 0.5, 0.5), complete(0.2, 0.4, 0.6), complete(0.3, 0.4, 0.5)]
    keep(root, "two", trials, ("dice", "accuracy"))
    lines = podium(root, "tune", "show", "two").splitlines()
    assert "Pareto front" in lines[1]
    assert [cells(line)[:3] for line in lines[5:7]] == [
        ["0", "0.5000", "0.5000"],
        ["1", "0.4000", "0.6000"],
    ]
    assert cells(lines[7]) == []
    assert (
        "which parameters matter for dice is not known: importance needs 10 complete trials"
        in lines
    )


def test_scripts_get_all_trials(root: Path) -> None:
    keep(root, "recipe-a", [complete(0.1 * at, 0.5 + at) for at in range(11)], ("dice",))
    answer = json.loads(podium(root, "tune", "show", "recipe-a", "--json"))
    assert answer["study"]["counts"]["complete"] == 11
    assert [one["scores"] for one in answer["trials"]] == [[0.5 + at] for at in range(11)]
    assert answer["dashboard"] == f"optuna-dashboard sqlite:///{root}/studies.db"
    every = json.loads(podium(root, "tune", "show", "--json"))
    assert [one["name"] for one in every["studies"]] == ["recipe-a"]


def test_a_wrong_name_is_refused_with_the_near_one(root: Path) -> None:
    keep(root, "recipe-a", [], ("dice",))
    printed = podium(root, "tune", "show", "recipe-b", code=2)
    assert "there is no study 'recipe-b'" in printed
    assert "did you mean recipe-a?" in printed


def test_the_parameters_that_matter_stay_where_not_all_have_room(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("podium.cli.tables.PLAIN_WIDTH", 60)
    rng = np.random.default_rng(0)
    names = [f"phases[{at}].method.threshold" for at in range(6)]
    distributions = {name: FloatDistribution(0, 1) for name in names}
    trials = []
    for _ in range(12):
        params = {name: float(rng.random()) for name in names}
        trials.append({"params": params, "values": [params[names[4]]]})
    keep(root, "wide", trials, ("dice",), distributions)
    lines = podium(root, "tune", "show", "wide").splitlines()
    assert cells(lines[3]) == ["trial", "dice", names[4]]
    assert max(map(len, lines[2:14])) <= 60
    assert "5 parameters more are in --json" in lines


def test_a_trial_that_runs_nowhere_is_freed_and_tried_again(root: Path) -> None:
    keep(root, "a", [complete(0.1, 0.5), ended(TrialState.RUNNING, worker="gone:1")], ("dice",))
    assert "1 running" in podium(root, "tune", "show", "a")
    printed = podium(root, "tune", "show", "a", "--free", 1)
    assert printed.startswith("a: recipe of base.yaml; trials: 1 complete, 1 failed, 1 waiting")
    again = json.loads(podium(root, "tune", "show", "a", "--json"))["trials"][2]
    assert (again["state"], again["values"]) == (
        "waiting", {"optimizer.lr": 0.5, "mix.mixup": 0.25},
    )  # fmt: skip
    printed = podium(root, "tune", "show", "a", "--free", 0, code=2)
    assert "these trials do not run: 0" in printed
    assert "--free is of one study" in podium(root, "tune", "show", "--free", 0, code=2)


def test_the_honest_score_comes_first(root: Path) -> None:
    # Folds 0 and 1 choose the first trial, of which fold 2 says 0.1; of the second 0 says 0.5,
    # which 1 and 2 choose, and 1 says 0.4, which 0 and 2 choose.
    trials = [complete(0.1, 0.6, folds={"0": 0.9, "1": 0.8, "2": 0.1})]
    trials += [complete(0.2, 0.5, folds={"0": 0.5, "1": 0.4, "2": 0.6}), ended(TrialState.PRUNED)]
    keep(root, "a", trials, ("dice",))
    lines = podium(root, "tune", "show", "a").splitlines()
    assert lines[1:3] == [
        "honest dice 0.3333: each fold scored by the trial that the other folds would have chosen",
        "the best 2 complete trials, by the folds that they are chosen by",
    ]
