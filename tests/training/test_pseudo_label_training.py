"""Folds trained with pseudo-labels: selection, its record, and resuming."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mask_miniatures
import pytest
import yaml
from pydantic import ValidationError
from training import fold_fits
from training.fold_fits import StepClock, fit, fit_in_pieces, job_on, left_behind

from podium.competition.spec import load_competition
from podium.errors import RecipeError
from podium.training.fit import phase_run
from podium.training.fit.fold import fit_fold
from podium.training.fit.optim import schedule
from podium.training.inference.network import PoolPredictor
from podium.training.methods.pseudo_label import PseudoLabel
from podium.training.recipe import Phase, PredictSpec, Recipe, load_recipe
from podium.training.runs.job import Deadline, Job, OutOfTime
from podium.workspace.layout import Workspace

N_TEST = 9


def job_of(
    made: Any,
    *,
    epochs: int = 4,
    warm_up: int = 0,
    unlabelled: str = "test",
    epoch: str | None = None,
    **method: Any,
) -> Job:
    """Return a job on a miniature: perhaps a supervised phase, then one of pseudo-labels."""
    workspace, competition = made
    pseudo = {"name": "pseudo", "epochs": epochs, "method": {"name": "pseudo_label", **method}}
    pseudo["epoch"] = epoch
    phases = [{"name": "warm-up", "epochs": warm_up}] * bool(warm_up) + [pseudo]
    recipe = load_recipe(workspace.recipes / "tiny.yaml", (f"unlabelled=[{unlabelled}]",))
    recipe = recipe.model_copy(update={"phases": [Phase.model_validate(one) for one in phases]})
    return job_on(workspace, competition, recipe)


def fitted(job: Job) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Train fold 0; return the lines of its history, and of what was selected."""
    fit(job)
    return fold_fits.history(job), fold_fits.selected(job)


Make = Callable[..., Any]


def test_append_selects_once_and_learns_from_it_to_the_end(make: Make) -> None:
    job = job_of(make(n_test=N_TEST), warm_up=3, mode="append", threshold=0.4)
    history, selected = fitted(job)
    assert 0 < len(selected) <= N_TEST
    for line in selected:
        assert line["phase"] == "pseudo"
        assert line["source"] == "test"
        assert line["label"] in ("red", "green", "blue")
        assert 0.4 <= float(line["confidence"]) <= 1
        assert line["round"] == "1"
    assert [line["pseudo_n"] for line in history] == [""] * 3 + [str(len(selected))] * 4
    sure = sum(float(line["confidence"]) for line in selected) / len(selected)
    assert float(history[-1]["pseudo_confidence"]) == pytest.approx(sure, abs=1e-5)


def test_append_may_begin_in_the_middle_of_its_phase(make: Make) -> None:
    job = job_of(make(n_test=N_TEST), mode="append", threshold=0.4, after=2, epoch="all")
    history, selected = fitted(job)
    n = str(len(selected))
    assert n != "0"
    assert {line["round"] for line in selected} == {"3"}
    assert [line["pseudo_n"] for line in history] == ["", "", n, n]
    # One phase has one course of the rate, which goes on where the labels join.
    rates = [float(line["lr"]) for line in history]
    assert rates == sorted(rates, reverse=True)
    assert rates[2] < rates[1]


def test_permanent_adds_to_its_set_in_every_epoch(make: Make) -> None:
    job = job_of(make(n_test=N_TEST), mode="permanent", threshold=0.5, epochs=6)
    history, selected = fitted(job)
    counts = [int(line["pseudo_n"]) for line in history]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1] == len(selected)
    rounds = Counter(int(line["round"]) for line in selected)
    assert [sum(n for one, n in rounds.items() if one <= epoch) for epoch in range(1, 7)] == counts
    assert len({line["id"] for line in selected}) == len(selected)


def test_local_learns_from_the_selected_and_from_the_labelled_in_turn(make: Make) -> None:
    history, selected = fitted(job_of(make(n_test=N_TEST), mode="local", threshold=0.35))
    assert [bool(line["pseudo"]) for line in history] == [True, False] * 2
    assert [bool(line["classify/ce"]) for line in history] == [False, True] * 2
    assert {line["round"] for line in selected} == {"3"}
    assert all(line["train_loss"] and line["valid_loss"] for line in history)


def test_local_skips_an_epoch_without_selected_samples(make: Make) -> None:
    history, selected = fitted(job_of(make(), mode="local", threshold=0.999, epochs=2))
    assert selected == []
    assert [line["pseudo_n"] for line in history] == ["0", "0"]
    assert "pseudo_confidence" not in history[0]
    assert [bool(line["train_loss"]) for line in history] == [False, True]


@pytest.mark.parametrize("schedule", ["joint", "alternate"])
def test_classical_selects_nothing_and_records_the_kept_share(make: Make, schedule: str) -> None:
    method = {"mode": "classical", "schedule": schedule, "ratio": 2, "threshold": 0.5}
    history, selected = fitted(job_of(make(n_test=N_TEST), ramp=[1, 3], **method))
    assert selected == []
    assert "pseudo_n" not in history[0]
    last = history[-1]
    assert 0 < float(last["classify/pseudo_kept"]) <= 1
    assert float(last["labelled"]) > 0
    assert float(last["pseudo"]) > 0
    if schedule == "joint":
        assert [float(line["pseudo"]) > 0 for line in history] == [False, True, True, True]
    else:
        assert history[0]["pseudo"] == "", "no step is done while the weight is 0"


def test_images_that_have_a_label_get_none_of_the_network(make: Make) -> None:
    job = job_of(
        make(n_test=N_TEST), epochs=1, mode="append", threshold=0, unlabelled="train, test"
    )
    _, selected = fitted(job)
    assert [line["source"] for line in selected] == ["test"] * N_TEST


@pytest.mark.other_cases("long", of="quick")
@pytest.mark.parametrize(
    "method",
    [
        {"mode": "append", "after": 1, "every": 2, "threshold": 0.4},
        {"mode": "permanent", "threshold": {"start": 0.4, "step": 0.02}, "epoch": "all"},
        pytest.param(
            {"mode": "classical", "schedule": "alternate", "ratio": 2, "epochs": 2},
            marks=pytest.mark.slow,
        ),
        pytest.param({"mode": "local", "threshold": 0.4, "epoch": "all"}, marks=pytest.mark.slow),
    ],
    ids=lambda method: f"{method['mode']}-{method.get('epoch', '')}",
)
def test_a_training_interrupted_everywhere_ends_as_the_unbroken_one(
    make: Make, method: dict[str, Any]
) -> None:
    unbroken = job_of(make("a", n_test=N_TEST), **method)
    broken = job_of(make("b", n_test=N_TEST), **method)
    fit(unbroken)
    assert 3 <= fit_in_pieces(broken, 4) < 40
    assert left_behind(broken) == left_behind(unbroken)


class Moves:
    """What each optimiser step of a training was: its epoch, its index and the rate."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.epochs: list[int] = []
        self.indices: list[int] = []
        self.within: list[int] = []
        move = phase_run.PhaseRun._move

        def noted(run: Any, step: Any) -> None:
            self.epochs.append(step.epoch)
            self.indices.append(step.index)
            self.within.append(step.within)
            assert step.index < step.total
            move(run, step)

        monkeypatch.setattr(phase_run.PhaseRun, "_move", noted)

    def of_each_epoch(self, epochs: int) -> list[int]:
        return [self.epochs.count(epoch) for epoch in range(epochs)]


def labelled_of(job: Job) -> int:
    return len(job.data.rows(0)[0])


@pytest.mark.parametrize(("mode", "threshold"), [("append", 0.0), ("permanent", 0.5)])
def test_an_epoch_of_all_grows_with_what_joined(
    make: Make, monkeypatch: pytest.MonkeyPatch, mode: str, threshold: float
) -> None:
    job = job_of(make(n_test=40), mode=mode, threshold=threshold, epoch="all", epochs=6)
    moves = Moves(monkeypatch)
    history, _ = fitted(job)
    n, size = labelled_of(job), job.recipe.batch_size
    joined = [int(line["pseudo_n"]) for line in history]
    assert joined[-1] > 0
    steps = [max(1, round((n + one) / size)) for one in joined]
    assert moves.of_each_epoch(6) == steps
    assert max(steps) > round(n / size), "nothing joined that would lengthen an epoch"
    assert moves.indices == list(range(sum(steps)))
    assert moves.within == [at for of_epoch in steps for at in range(of_epoch)]
    # The course of the rate is that of the share of the epochs that is done.
    spec = job.recipe.optimizer
    for epoch, line in enumerate(history):
        last = schedule(spec, (epoch + 1) * steps[epoch] - 1, 6 * steps[epoch], steps[epoch])
        assert float(line["lr"]) == pytest.approx(spec.lr * last)


def test_a_round_of_local_is_a_pass_over_all_that_passed_then_over_the_labelled(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job_of(make(n_test=N_TEST), mode="local", threshold=0, epoch="all")
    moves = Moves(monkeypatch)
    fitted(job)
    size = job.recipe.batch_size
    selected = max(1, round(N_TEST / min(size, N_TEST)))
    labelled = max(1, round(labelled_of(job) / size))
    assert selected != labelled
    assert moves.of_each_epoch(4) == [selected, labelled] * 2


@pytest.mark.parametrize("schedule_", ["joint", "alternate"])
def test_an_epoch_of_the_unlabelled_is_a_pass_over_them(
    make: Make, monkeypatch: pytest.MonkeyPatch, schedule_: str
) -> None:
    method = {"mode": "classical", "schedule": schedule_, "ratio": 2, "threshold": 0}
    job = job_of(make(n_test=40), epoch="unlabelled", epochs=2, **method)
    moves = Moves(monkeypatch)
    fitted(job)
    size = job.recipe.batch_size
    # In turn: two batches of unlabelled images and one of labelled; jointly all at once.
    turns = max(1, round(40 / (2 * size)))
    assert moves.of_each_epoch(2) == [turns * (3 if schedule_ == "alternate" else 1)] * 2


@pytest.mark.parametrize(
    ("epoch", "method", "complaint"),
    [
        ("unlabelled", {"mode": "permanent"}, "draws no batches of unlabelled"),
        ("all", {"mode": "classical"}, "nothing joins"),
    ],
)
def test_an_epoch_of_what_the_method_does_not_draw_is_refused(
    make: Make, epoch: str, method: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(RecipeError, match=complaint) as raised:
        fitted(job_of(make(n_test=N_TEST), epoch=epoch, **method))
    assert raised.value.where == "phase pseudo"


def test_an_epoch_has_one_length() -> None:
    with pytest.raises(ValidationError, match="steps_per_epoch"):
        Phase.model_validate({"name": "a", "epochs": 1, "steps_per_epoch": 3, "epoch": "labelled"})


def test_an_option_that_the_mode_has_not_is_named(make: Make) -> None:
    with pytest.raises(RecipeError, match=r"method pseudo_label: every: only mode: append has it"):
        fitted(job_of(make(), mode="local", every=2))


def two_heads(root: Path, phase: dict[str, Any], **recipe: Any) -> Job:
    """Return a job on a miniature of labels and masks, with a head for each."""
    miniature = mask_miniatures.pictures_and_masks(root / "data")
    (root / "competition.yaml").write_text(yaml.safe_dump(miniature.spec, sort_keys=False))
    given = {
        "model": {
            "backbone": "cnn",
            "pretrained": False,
            "options": {"widths": [8, 16]},
            "heads": {"classify": {}, "segment": {"decoder": "linear"}},
        },
        "input": {"size": 32, "train": "weak"},
        "batch_size": 4,
        "unlabelled": ["test"],
        "phases": [{"name": "pseudo", "epochs": 2, **phase}],
        **recipe,
    }
    return job_on(Workspace(root), load_competition(root), Recipe.model_validate(given))


WINDOWS: dict[str, Any] = {
    "input": {"size": 32, "train": "weak", "fit": "tile"},
    "model": {
        "backbone": "cnn",
        "pretrained": False,
        "options": {"widths": [8, 16]},
        "heads": {"segment": {"decoder": "linear"}},
    },
}


# A set that grows is learnt from as one that is chosen once: the modes below leave it out.
@pytest.mark.other_cases("long", of="quick")
@pytest.mark.parametrize("mode", ["append", "local", "classical"])
def test_both_heads_learn_from_the_labels_and_masks_of_the_network(
    tmp_path: Path, mode: str
) -> None:
    method = {"name": "pseudo_label", "mode": mode, "threshold": 0.4}
    history, selected = fitted(two_heads(tmp_path, {"method": method}))
    assert all(float(line["valid_loss"]) > 0 for line in history)
    if mode == "classical":
        assert 0 < float(history[0]["segment/pseudo_kept"]) <= 1
        assert 0 < float(history[0]["classify/pseudo_kept"]) <= 1
    else:
        assert 0 < len(selected) <= 8
        assert {line["label"] for line in selected} <= {"coat", "dress", ""}


@pytest.mark.other_cases("long", of="quick", every=3)
@pytest.mark.parametrize("task", ["classify", "segment"])
@pytest.mark.parametrize("mode", ["append", "classical"])
def test_the_predictions_of_one_task_alone_may_be_pseudo_labels(
    tmp_path: Path, mode: str, task: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    learnt: list[dict[str, tuple[int, int]]] = []
    losses = PseudoLabel.losses

    def noted(self: Any, batches: Any, step: Any) -> Any:
        for batch in batches.values():
            of_pseudo = batch.index >= self.sizes.labelled
            known = {
                name: (one.isfinite() & (one >= 0)).flatten(1).any(1) if one.ndim > 1 else one >= 0
                for name, one in batch.targets.items()
            }
            learnt.append(
                {
                    name: (int((~of_pseudo & k).sum()), int((of_pseudo & k).sum()))
                    for name, k in known.items()
                }
            )
        return losses(self, batches, step)

    monkeypatch.setattr(PseudoLabel, "losses", noted)
    method = {"name": "pseudo_label", "mode": mode, "threshold": 0, "tasks": [task]}
    history, selected = fitted(two_heads(tmp_path, {"method": method}))
    other = {"classify": "segment", "segment": "classify"}[task]
    if mode == "classical":
        assert float(history[0][f"{task}/pseudo_kept"]) == 1
        assert f"{other}/pseudo_kept" not in history[0]
        return
    assert len(selected) == 8
    assert all(bool(line["label"]) == (task == "classify") for line in selected)
    for name in (task, other):
        of_labelled = sum(one.get(name, (0, 0))[0] for one in learnt)
        of_pseudo = sum(one.get(name, (0, 0))[1] for one in learnt)
        assert of_labelled > 0
        assert (of_pseudo > 0) == (name == task)


def test_pseudo_labels_of_a_task_that_the_phase_does_not_learn_are_refused(tmp_path: Path) -> None:
    method = {"name": "pseudo_label", "tasks": ["segment"]}
    phase = {"method": method, "loss": {"classify": {"ce": 1}}}
    with pytest.raises(RecipeError, match="segment, and this phase learns classify") as raised:
        fitted(two_heads(tmp_path, phase))
    assert raised.value.where == "method.tasks"


def test_classes_of_masks_are_balanced_with_those_that_the_network_drew(tmp_path: Path) -> None:
    method = {"name": "pseudo_label", "mode": "append", "threshold": 0.4}
    _, selected = fitted(two_heads(tmp_path, {"method": method}, sampling="balanced"))
    assert selected


def test_how_a_run_predicts_changes_nothing_of_what_it_selects(tmp_path: Path) -> None:
    def trained(name: str, **predict: Any) -> list[dict[str, str]]:
        method = {"name": "pseudo_label", "threshold": 0}
        job = two_heads(tmp_path / name, {"method": method, "epochs": 1}, **WINDOWS)
        recipe = job.recipe.model_copy(update={"predict": PredictSpec(**predict)})
        return fitted(dataclasses.replace(job, recipe=recipe))[1]

    assert trained("a") == trained("b", overlap=0, weights="flat")


def test_the_pool_is_not_predicted_when_the_time_is_too_short(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: Any) -> None:
        raise AssertionError("the network was asked")

    job = job_of(make(n_test=20), warm_up=1, epochs=1, threshold=0)
    monkeypatch.setattr(PoolPredictor, "__call__", never)
    clock = StepClock()
    # After three steps of a second each: two batches are to be validated, three to be predicted.
    with pytest.raises(OutOfTime, match="predicting the pool"):
        fit_fold(job, 0, deadline=Deadline(5.5, clock=clock), progress=clock)
    monkeypatch.undo()
    _, selected = fitted(job)
    assert selected


@pytest.mark.other_cases("long", of="quick")
@pytest.mark.parametrize("mode", ["append", "classical"])
def test_windows_learn_from_the_masks_of_the_network(tmp_path: Path, mode: str) -> None:
    method = {"name": "pseudo_label", "mode": mode, "threshold": 0.3}
    job = two_heads(tmp_path, {"method": method}, **WINDOWS)
    history, selected = fitted(job)
    assert all(float(line["valid_loss"]) > 0 for line in history)
    assert mode == "classical" or len(selected) == 8
