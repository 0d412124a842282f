"""The search of loss weights over a workspace: what is trained, and the recipe that is written."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import mask_miniatures
import pytest
import torch
import yaml
from command_line import podium

from podium.competition.spec import load_competition
from podium.errors import RecipeError, UsageError
from podium.training.loss_search import loss_weights
from podium.training.recipe import Recipe, load_recipe
from podium.workflows.engines import Task, TaskEnd, local, run_task
from podium.workflows.tuning import losses
from podium.workflows.tuning.losses import TunedLosses, tune_losses
from podium.workspace.layout import Workspace

LOSS = {"classify": {"ce": 1}, "segment": {"ce": 1, "dice": 1}}
Trained = list[tuple[dict[str, float], int]]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    miniature = mask_miniatures.pictures_and_masks(tmp_path / "data", n=12, n_test=1, size=16)
    (tmp_path / "competition.yaml").write_text(yaml.safe_dump(miniature.spec, sort_keys=False))
    recipe = {
        "phases": [
            {"name": "labels", "epochs": 7, "loss": {"classify": {"ce": 2}}},
            {"name": "both", "epochs": 9, "loss": LOSS},
        ]
    }
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes" / "joint.yaml").write_text(yaml.safe_dump(recipe))
    return Workspace(tmp_path)


def good(weights: dict[str, float], fold: int) -> float:
    """Best where Dice weighs 3 and masks 2; the folds differ, and in the last bit of a gain."""
    dice, masks = math.log(weights["segment.dice"] / 3), math.log(weights["segment.weight"] / 2)
    return 0.5 - 0.01 * (dice**2 + masks**2) * (1 + 0.01 * fold) + 0.1 * fold


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> Trained:
    """Stands for the trainings: the weights and the fold of each, scored by `good`."""
    calls: Trained = []

    def scores(
        *given: Any, fold: int, by: Sequence[str], name: str, **options: object
    ) -> tuple[float, ...]:
        recipe: Recipe = given[2]
        calls.append((loss_weights(recipe), fold))
        assert name == "joint-trial"
        assert recipe.phases[0].loss == {"classify": {"ce": 2}}
        score = good(calls[-1][0], fold)
        return (score, -score)[: len(by)]

    monkeypatch.setattr(losses, "trial_scores", scores)
    return calls


def search(workspace: Workspace, **options: Any) -> TunedLosses:
    return tune_losses(
        workspace, load_competition(workspace.root), "joint", **{"trials": 1, **options}
    )


def test_a_finished_search_trains_nothing(workspace: Workspace, trained: Trained) -> None:
    first = search(workspace)
    written = first.recipe.read_bytes(), first.recipe.stat().st_mtime_ns
    assert search(workspace) == first
    assert (first.recipe.read_bytes(), first.recipe.stat().st_mtime_ns) == written
    assert [fold for _, fold in trained] == [0, 1, 2]


@pytest.mark.slow
def test_other_folds_masks_or_metrics_are_another_search(
    workspace: Workspace, trained: Trained
) -> None:
    found = [search(workspace), search(workspace, folds=(0, 1)), search(workspace, seed=1)]
    found.append(search(workspace, by=("mean_dice", "accuracy")))
    header, *rows = workspace.folds_file.read_text().splitlines()
    turned = [f"{row[:-1]}{(int(row[-1]) + 1) % 3}" for row in rows]
    workspace.folds_file.write_text("\n".join([header, *turned, ""]))
    found.append(search(workspace))
    next(workspace.root.glob("data/masks/*.png")).unlink()
    found.append(search(workspace))
    assert len({one.study for one in found}) == len(found) == 6
    assert len(trained) == 3 + 2 + 3 + 3 + 3 + 3


@pytest.mark.slow
def test_the_written_recipe_has_the_best_weights_and_none_of_the_overrides(
    workspace: Workspace, trained: Trained
) -> None:
    file = workspace.recipes / "joint.yaml"
    file.write_text(file.read_text().replace("dice: 1", "dice: 2"))
    short = ("phases[0].epochs=1", "phases[1].epochs=1", "phases[1].loss.segment.dice=1.5")
    found = search(workspace, trials=12, overrides=short, pruner="none")
    best = found.search.best
    top = max(range(12), key=lambda t: sum(good(*trained[3 * t + k]) for k in range(3)))
    assert best.number == top
    assert best.weights["segment.dice"] == pytest.approx(1.5 * best.factors["segment.dice"])
    written, source = load_recipe(found.recipe), load_recipe(file)
    assert [phase.epochs for phase in written.phases] == [7, 9]
    assert written.phases[0] == source.phases[0]
    loss = written.phases[1].loss
    assert loss is not None
    assert loss["classify"] == {"ce": 1}
    assert loss["segment"]["ce"] == 1
    assert loss["segment"]["dice"] == pytest.approx(best.weights["segment.dice"], rel=1e-3)
    assert loss["segment"]["weight"] == pytest.approx(best.weights["segment.weight"], rel=1e-3)
    assert written.model_copy(update={"phases": source.phases}) == source


@pytest.mark.slow
def test_the_written_recipe_names_its_study(workspace: Workspace, trained: Trained) -> None:
    found = search(workspace, trials=12)
    lines = found.recipe.read_text().split("\nseed:")[0].splitlines()
    assert all(line.startswith("# ") and len(line) <= 100 for line in lines)
    printed = " ".join(line.removeprefix("# ") for line in lines)
    one, counted = found.search, {s: found.search.count(s) for s in ("complete", "pruned")}
    assert counted["pruned"] > 0
    for part in (
        f"joint.yaml with the loss weights of trial {one.best.number} of study {found.study}, 2",
        "in studies.db.",
        f"Trials: {counted['complete']} complete, {counted['pruned']} pruned, 0 failed, on folds "
        "0, 1, 2.",
        f"mean_dice, honest: {one.honest:.4f}",
        f"the recipe as it stands: {one.own.means[0]:.4f}",
        f"optimistic: {one.best.means[0]:.4f}",
    ):
        assert part in printed
    assert "chance" not in printed  # the same gain on each fold, all but its last digits


def test_trials_from_weights_of_unknown_origin_are_noted(
    workspace: Workspace, trained: Trained
) -> None:
    torch.save({"backbone.stem.weight": torch.zeros(3)}, workspace.root / "bare.pt")
    assert not search(workspace, trials=1).notes
    (note,) = search(workspace, trials=1, overrides=("model.weights=bare.pt",)).notes
    assert "unknown origin" in note


def test_a_gain_within_one_standard_error_is_reported_as_chance(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def scores(*given: Any, fold: int, **_: object) -> tuple[float]:
        own = loss_weights(given[2])["segment.dice"] == 1
        return (0.5 if own else [0.5, 0.5, 0.8][fold],)  # gains 0, 0, 0.3: mean and error 0.1

    monkeypatch.setattr(losses, "trial_scores", scores)
    found = search(workspace, trials=2)
    assert found.search.gain == (pytest.approx(0.1), pytest.approx(0.1))
    printed = found.recipe.read_text().replace("\n# ", " ")
    assert "0.1000 over the recipe as it stands, no more than the standard error" in printed
    assert "it may be chance" in printed


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"folds": (0, 3)}, UsageError, "there is no fold 3"),
        ({"by": ("mean_iou",)}, UsageError, "not scored by mean_iou.*\n.*mean_dice, accuracy"),
        ({"sampler": "tpa"}, UsageError, "tpe"),
        ({"pruner": "wilcoxen"}, UsageError, "wilcoxon"),
        ({"pruner": "asha"}, UsageError, "asha halves the trials epoch by epoch"),
        ({"by": ("accuracy", "mean_dice"), "pruner": "median"}, UsageError, "compares one score"),
        ({"storage": "mysql://x/y"}, UsageError, "studies cannot be kept"),
        (
            {"overrides": ("phases[1].loss.segment.focal=1",)},
            RecipeError,
            "other loss terms: 'segment.focal'",
        ),
        (
            {"overrides": ("phases[1].loss={segment: {ce: 1}}",)},
            RecipeError,
            "no phase has two loss terms",
        ),
        ({"overrides": ("model.heads={classify: {}}",)}, RecipeError, "no head for segment"),
    ],
)
def test_invalid_options_are_refused_before_any_training(
    workspace: Workspace,
    trained: Trained,
    options: dict[str, Any],
    error: type[Exception],
    message: str,
) -> None:
    with pytest.raises(error, match=message):
        search(workspace, **options)
    assert not trained
    assert not (workspace.recipes / "joint-losses.yaml").exists()


@pytest.mark.slow
def test_two_metrics_write_the_best_by_the_competitions(
    workspace: Workspace, trained: Trained
) -> None:
    found = search(workspace, trials=10, by=("accuracy", "mean_dice"))
    assert found.search.goal.metrics == ("mean_dice", "accuracy")
    assert found.search.count("complete") == 10
    # The second score is the first one's opposite: nothing beats anything.
    assert len(found.search.front) == 10
    assert f"trial {found.search.best.number} of" in found.recipe.read_text()
    assert found.search.best.means[0] == max(one.means[0] for one in found.search.trials)


def test_a_failed_training_is_reported_once(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    predicted: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = predicted.append  # type: ignore[method-assign]

    def fail(*_: object, **__: object) -> float:
        raise RecipeError("there is no such thing")

    monkeypatch.setattr(losses, "trial_scores", fail)
    logging.getLogger("optuna").addHandler(handler)
    try:
        with pytest.raises(RecipeError, match="no such thing"):
            search(workspace)
    finally:
        logging.getLogger("optuna").removeHandler(handler)
    assert not [one for one in predicted if one.exc_info]


def test_the_study_records_its_recipe_and_losses(workspace: Workspace, trained: Trained) -> None:
    import optuna

    found = search(workspace, trials=3)
    kept = optuna.load_study(study_name=found.study, storage=found.storage)
    facts = kept.user_attrs
    assert facts["kind"] == "losses"
    assert facts["metric"] == ["mean_dice"]
    assert facts["recipe"].endswith("recipes/joint.yaml")
    assert facts["created"].startswith("20")
    first = kept.trials[0]
    assert first.params == {"factor segment.weight": 1.0, "factor segment.dice": 1.0}
    assert first.user_attrs["folds"] == {str(k): good(loss_weights_of(first), k) for k in range(3)}
    kept._storage.remove_session()


def loss_weights_of(trial: Any) -> dict[str, float]:
    return dict(trial.user_attrs["weights"])


@pytest.mark.slow
def test_the_command_prints_the_honest_score_first(workspace: Workspace, trained: Trained) -> None:
    printed = podium(workspace.root, "tune", "losses", "joint", "--trials", 12)
    lines = [line for line in printed.splitlines() if not line.startswith("  trial ")]
    assert lines[0].startswith("honest mean_dice: 0.")
    assert "the recipe as it stands: 0." in lines[0]
    assert lines[1].startswith("optimistic (trial ")
    assert lines[2].startswith("It gains 0.")
    assert lines[3].startswith("losses-joint-")
    assert "12 trials (" in lines[3]
    assert lines[-1] == f"recipe: {workspace.recipes / 'joint-losses.yaml'}"
    assert "as it stands" in "".join(lines[4:])


@pytest.mark.slow
def test_the_command_prints_a_front_and_json(workspace: Workspace, trained: Trained) -> None:
    two = (
        "tune",
        "losses",
        "joint",
        "--trials",
        4,
        "--metric",
        "mean_dice",
        "--metric",
        "accuracy",
    )
    printed = podium(workspace.root, *two)
    assert "the Pareto front of 4 trials" in printed or ": 4 trials (4 complete" in printed
    found = json.loads(podium(workspace.root, *two, "--json"))
    assert found["metrics"] == ["mean_dice", "accuracy"]
    assert sorted(found["front"]) == [0, 1, 2, 3]
    assert found["best"] == found["front"][0]
    assert len(trained) == 12


@pytest.mark.slow
def test_workers_get_the_plan_of_the_search_and_this_process_reads_its_trials(
    workspace: Workspace, trained: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Task] = []

    class Inline:
        """Runs tasks here, once all are there."""

        name, slots = "local", 3

        def __init__(self, address: str) -> None:
            assert address == "3"

        def submit(self, task: Task) -> None:
            given.append(task)

        def wait(self, timeout_s: float) -> list[TaskEnd]:
            return [run_task(one) for one in given] if len(given) == 2 else []

        def close(self) -> None:
            pass

    monkeypatch.setattr(local, "ENGINE", Inline)
    printed = podium(workspace.root, "tune", "losses", "joint", "--trials", 2, "--workers", 3)
    assert [one.name.rpartition(".")[2] for one in given] == ["worker-1", "worker-2"]  # 2 trials
    assert "worker 1: trial 0: " in printed
    assert "worker 1: trial 1: " in printed
    assert "2 trials" in printed


def test_one_fold_has_no_honest_choice(workspace: Workspace, trained: Trained) -> None:
    printed = podium(workspace.root, "tune", "losses", "joint", "--trials", 3, "--folds", 1)
    assert "one fold has no honest choice" in printed
    assert {fold for _, fold in trained} == {1}


def test_a_search_runs_beside_other_processes(workspace: Workspace, trained: Trained) -> None:
    order: list[str] = []
    told: Callable[[str], None] = order.append
    search(workspace, trials=2, on_trial_end=told, beside=lambda _: order.append("beside"))
    assert order[0] == "beside"
    assert order[1].startswith("  trial 0: segment.weight 1, segment.dice 1: mean_dice 0.")
