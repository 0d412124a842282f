"""A network that several processes train together is the network that one trains.

The truth is the same recipe on one device; of batch norm torch's own. What is rounded differs, by
the order of sums.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mask_miniatures
import numpy as np
import pytest
import torch
import yaml
from torch import nn
from torch.nn import functional as F
from training.method_recipes import RECIPES
from training.test_streams import rows_of as labelled_rows
from training.test_streams import step
from training.test_validation import PLAIN, Colours, competition, objective, rows_of, validation

import podium.training.fit.fold as fitting
from podium.competition.spec import load_competition
from podium.errors import RecipeError, RunError
from podium.models.network import build_network
from podium.models.spec import ModelSpec
from podium.models.summarise import has_idle_parameters
from podium.predictions import PredictionSet
from podium.training import processes
from podium.training.data.augment import StreamAugmentations
from podium.training.data.streams import Feed
from podium.training.fit import devices
from podium.training.method import LABELLED, Stream, ViewSpec
from podium.training.processes import Processes
from podium.training.recipe import Input
from podium.training.runs.train import train
from podium.workspace.layout import Workspace

RECIPE = """\
seed: 3
model:
  backbone: resnet10t
  pretrained: false
  heads: {classify: {}}
input: {size: 32, train: medium}
optimizer: {name: adamw, lr: 1e-3, schedule: one_cycle, clip_norm: 1.0}
batch_size: 7
accumulate: 2
ema_decay: 0.9
class_weights: balanced
mix: {mixup: 0.4, cutmix: 1.0}
checkpoint: best
phases:
  - {name: head, epochs: 1, freeze: [backbone], optimizer: {name: sgd, lr: 1e-2}}
  - {name: whole, epochs: 3, early_stopping: {patience: 3}}
"""
EQUAL = 1e-5
"""Largest difference of a probability: float32 has 6e-8, and a few steps make more of it."""


@pytest.mark.parametrize("count", [1, 2, 3, 7])
@pytest.mark.parametrize("n", [7, 8, 30])
def test_parts_are_all_rows_once_and_in_order(n: int, count: int) -> None:
    parts = [list(range(n))[Processes(rank, count).part(n)] for rank in range(count)]
    assert [row for one in parts for row in one] == list(range(n))
    sizes = [len(one) for one in parts]
    assert max(sizes) - min(sizes) <= 1


def test_the_parts_of_a_batch_are_augmented_as_on_one_device() -> None:
    rows = labelled_rows(23)
    stream = Stream("labelled", 7, views=(ViewSpec("weak", "weak"), ViewSpec("strong", "strong")))

    def feed(part: Processes) -> Feed:
        views = StreamAugmentations(Input(size=16))
        return Feed({LABELLED: rows}, views, seed=0, phase=0, processes=part)

    for number in range(5):  # over the end of a pass
        whole = feed(Processes()).make(stream, step(number))
        parts = [feed(Processes(rank, 3)).make(stream, step(number)) for rank in range(3)]
        assert whole is not None
        for view, images in whole.views.images.items():
            made = [one.views.images[view] for one in parts if one is not None]
            assert [len(one) for one in made] == [3, 2, 2]
            assert torch.equal(torch.cat(made), images)
        for one in parts:
            assert one is not None
            assert np.array_equal(one.index, whole.index)
            assert torch.equal(one.targets["classify"], whole.targets["classify"])
    with pytest.raises(RecipeError, match="a batch of 7 cannot be divided among 8 devices"):
        feed(Processes(0, 8)).make(stream, step(0))


@pytest.mark.parametrize("shape", [(6, 3, 5, 4), (8, 3)])
@pytest.mark.parametrize("affine", [True, False])
def test_common_batch_norm_of_one_process_is_that_of_torch(
    shape: tuple[int, ...], affine: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "_sum", lambda own: own)
    torch.manual_seed(0)
    rows, weight, bias = torch.randn(shape) * 3 + 1, torch.rand(3), torch.rand(3)
    found = []
    for norm in (F.batch_norm, lambda *a, **k: processes._batch_norm(Processes(), *a, **k)):
        given = [one.clone().requires_grad_() for one in (rows, weight, bias)]
        mean, var = torch.zeros(3), torch.ones(3)
        named = {"weight": given[1] if affine else None, "bias": given[2] if affine else None}
        out = norm(given[0], mean, var, **named, training=True, momentum=0.3, eps=1e-5)
        (out**3).sum().backward()
        found.append([out, mean, var, *[one.grad for one in given if one.grad is not None]])
    for ours, theirs in zip(*found, strict=True):
        assert torch.allclose(ours, theirs, atol=1e-3, rtol=1e-4)


@pytest.mark.parametrize("tasks", [("classify", "segment"), ("segment",), ("classify",)])
def test_validation_in_parts_is_that_of_one_process(
    tasks: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, objectives = rows_of(), {task: objective(task) for task in tasks}

    def evaluate() -> Any:
        judged = validation(rows, competition(), tasks=tasks, batch_size=2)
        return judged.evaluate(Colours("multiclass"), objectives, PLAIN)

    alone = evaluate()
    passed: list[Any] = []

    class PassedError(Exception):
        pass

    def exchange(self: Processes, own: Any) -> list[Any]:
        if self.rank == 0:
            return [own, *passed]
        passed.append(own)
        raise PassedError

    monkeypatch.setattr(Processes, "exchange", exchange)
    for rank in (1, 2, 0):
        monkeypatch.setattr(Processes, "current", lambda rank=rank: Processes(rank, 3))
        if rank:
            with pytest.raises(PassedError):
                evaluate()
    together = evaluate()
    assert together.scores() == pytest.approx(alone.scores(), abs=1e-12)
    assert together.loss == pytest.approx(alone.loss, abs=1e-6)
    assert together.epoch_outputs() == alone.epoch_outputs()


def test_a_parameter_without_a_gradient_is_found() -> None:
    spec = ModelSpec.model_validate(
        {"backbone": "cnn", "pretrained": False, "options": {"widths": [4]}}
    )
    network = build_network(spec, n_outputs={"classify": 2, "segment": 2}, in_chans=3)
    assert not has_idle_parameters(network, (16, 16), ("classify", "segment"))
    assert has_idle_parameters(network, (16, 16), ("classify",))
    network.backbone.forgotten = nn.Parameter(torch.zeros(1))
    assert has_idle_parameters(network, (16, 16), ("classify", "segment"))


@pytest.mark.parametrize(
    ("phase", "change", "why"),
    [
        ("method: {name: byol}", "", "byol learns, and its batches cannot be divided"),
        ("method: {name: pseudo_label}", "", "pseudo_label learns, and its batches cannot"),
        ("freeze: [backbone], method: {name: linear_probe}", "", "is solved without steps"),
        ("method: {name: supervised}", "model.checkpointing=true", "computes activations again"),
        ("method: {name: supervised}", "model.heads.classify.dropout_samples=3", "dropout_samples"),
    ],
)
def test_what_cannot_be_divided_is_refused_before_a_process_starts(
    phase: str, change: str, why: str, make: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "_Helper", None)
    model = "{backbone: cnn, pretrained: false, options: {widths: [8]}}"
    text = f"model: {model}\nphases: [{{name: one, epochs: 1, {phase}}}]\n"
    workspace, of = make(recipe=text)
    overrides = ("devices=2", *[change][: bool(change)])
    with pytest.raises(RecipeError, match=why):
        train(workspace, of, workspace.root / "recipes/tiny.yaml", overrides=overrides)


def test_more_devices_than_gpus_are_refused(
    make: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, of = make(recipe=RECIPE)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(devices, "_Helper", None)
    file = workspace.root / "recipes/tiny.yaml"
    with pytest.raises(RecipeError, match="this machine has 1 GPU"):
        train(workspace, of, file, overrides=("devices=2",))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(devices, "n_cores", lambda: 4)
    with pytest.raises(RecipeError, match="this machine has 4 processors"):
        train(workspace, of, file, overrides=("devices=5",))
    with pytest.raises(RecipeError, match="a batch of 3 cannot be divided among 4 devices"):
        train(workspace, of, file, overrides=("devices=4", "batch_size=3"))


def weights(run: Path) -> dict[str, torch.Tensor]:
    state = torch.load(run / "fold-0/last.pt", weights_only=True)["network"]
    return {name: one.float() for name, one in state.items()}


def oof_of(run: Path) -> tuple[list[str], np.ndarray]:
    (folder,) = (run / "predictions").iterdir()
    found = PredictionSet(folder).oof()
    return found.ids, found.probs


@pytest.mark.slow
@pytest.mark.long
def test_a_fold_goes_on_with_another_number_of_devices(
    make: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(fitting.fit_fold.__kwdefaults__, "checkpoint_every_s", 0.0)
    found = []
    for name, counts in {"alone": (1,), "moved": (2, 1, 2)}.items():
        workspace, of = make(name, recipe=RECIPE, metric="log_loss")
        for number, count in enumerate(counts, start=1):

            class StoppedError(Exception):
                pass

            def watch(fold: Any, row: dict, at: int = number, last: bool = number == len(counts)):
                if row["phase"] == "whole" and row["epoch"] == at and not last:
                    raise StoppedError

            try:
                train(
                    workspace,
                    of,
                    workspace.root / "recipes/tiny.yaml",
                    folds=[0],
                    overrides=(f"devices={count}",),
                    watch=watch,
                )
            except StoppedError:
                continue
        (run,) = workspace.runs.iterdir()
        found.append(oof_of(run)[1])
    assert np.abs(found[0] - found[1]).max() < EQUAL


@pytest.mark.slow
def test_a_process_that_is_killed_ends_the_command_and_the_same_one_goes_on_as_one_process(
    make: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In real processes, as a command has them.

    Dropout apart: uneven parts, mixing, class weights, an average, phases, the best epoch.
    """
    started: list[int] = []
    popen = devices.processes.subprocess.Popen

    def noted(*given: Any, **named: Any) -> Any:
        one = popen(*given, **named)
        started.append(one.pid)
        return one

    monkeypatch.setattr(devices.processes.subprocess, "Popen", noted)
    monkeypatch.setitem(fitting.fit_fold.__kwdefaults__, "checkpoint_every_s", 0.0)

    def kill(fold: Any, row: dict[str, Any]) -> None:
        if row["phase"] == "whole" and row["epoch"] == 1:
            os.kill(started[-1], signal.SIGKILL)

    workspace, of = make(recipe=RECIPE, metric="log_loss")
    file, overrides = workspace.root / "recipes/tiny.yaml", ("devices=2",)
    with pytest.raises(RunError, match=r"process 2 of the 2 .* was ended by SIGKILL") as raised:
        train(workspace, of, file, folds=[0], overrides=overrides, watch=kill)
    assert "repeat the command" in str(raised.value)
    seen: list[tuple[str, int]] = []
    done = train(
        workspace,
        of,
        file,
        folds=[0],
        overrides=overrides,
        watch=lambda fold, row: seen.append((row["phase"], row["epoch"])),
    )
    assert done.finished == (0,)
    assert seen == [("head", 1), ("whole", 1), ("whole", 2), ("whole", 3)]
    plain, of = make("plain", recipe=RECIPE, metric="log_loss")
    alone = train(plain, of, plain.root / "recipes/tiny.yaml", folds=[0])
    assert alone.run.name == done.run.name
    left, expected = (
        sorted(p.name for p in (one.run / "fold-0").iterdir()) for one in (done, alone)
    )
    assert left == expected
    (ids, probs), (others, together) = oof_of(alone.run), oof_of(done.run)
    assert ids == others
    assert np.abs(probs - together).max() < EQUAL
    for (name, one), other in zip(
        weights(alone.run).items(), weights(done.run).values(), strict=True
    ):
        assert torch.allclose(one, other, atol=1e-4), name


METHODS = ("supervised", "fixmatch-align", "fixmatch-cutmix", "softmatch", "mean_teacher",
           "mean_teacher-cutmix", "flexmatch", "freematch")  # fmt: skip


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize(
    "name", [METHODS[0], *[pytest.param(one, marks=pytest.mark.long) for one in METHODS[1:]]]
)
def test_a_method_learns_the_same_of_labels_and_masks(name: str, tmp_path: Path) -> None:
    """Thresholds, running means and per-sample states too, which are in its checkpoint."""
    found = []
    for count in (1, 2):
        root = tmp_path / str(count)
        made = mask_miniatures.pictures_and_masks(root / "data", n=12, n_test=3)
        (root / "competition.yaml").write_text(yaml.safe_dump(made.spec, sort_keys=False))
        (root / "recipes").mkdir()
        (root / "recipes/tiny.yaml").write_text(yaml.safe_dump(recipe_of(name)))
        done = train(
            Workspace(root),
            load_competition(root),
            root / "recipes/tiny.yaml",
            folds=[0],
            overrides=(f"devices={count}",),
        )
        found.append(weights(done.run))
    for (key, alone), together in zip(found[0].items(), found[1].values(), strict=True):
        assert torch.allclose(alone, together, atol=1e-4), key


def recipe_of(name: str) -> dict[str, Any]:
    given = dict(RECIPES[name])
    heads = {task: {**head, "dropout": 0} for task, head in given.pop("heads").items()}
    return {
        "seed": 1,
        "model": {
            "backbone": "cnn",
            "pretrained": False,
            "options": {"widths": [8, 16]},
            "heads": heads,
        },
        "input": {"size": 32, "train": "weak"},
        "optimizer": {"name": "sgd", "lr": 1e-2},
        "batch_size": 4,
        **given,
    }
