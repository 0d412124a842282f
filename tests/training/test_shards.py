"""A network whose weights are divided among processes learns as one that is whole.

The truth is the same recipe on one device, up to the order of sums; of how the weights lie, the
bytes that each process holds.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from training.test_devices import EQUAL, oof_of, weights

import podium.training.fit.fold as fitting
from podium.errors import RecipeError
from podium.models.network import build_network
from podium.models.spec import ModelSpec
from podium.training.fit import devices
from podium.training.fit.shards import Shards, parts_at_a_time
from podium.training.runs.job import Deadline
from podium.training.runs.train import train

RECIPE = """\
seed: 3
model:
  backbone: resnet10t
  pretrained: false
  heads: {classify: {}}
input: {size: 32, train: medium}
optimizer: {name: adamw, lr: 1e-4, schedule: one_cycle, clip_norm: 1.0, layer_decay: 0.8}
batch_size: 7
accumulate: 2
class_weights: balanced
mix: {mixup: 0.4, cutmix: 1.0}
checkpoint: best
phases:
  - {name: head, epochs: 1, freeze: [backbone], optimizer: {name: sgd, lr: 1e-2}}
  - {name: whole, epochs: 3, early_stopping: {patience: 3}}
"""


@pytest.mark.parametrize("backbone", ["resnet10t", "vit_tiny_patch16_224", "convnext_atto"])
def test_at_most_an_eighth_of_the_weights_is_whole_at_a_time(backbone: str) -> None:
    spec = ModelSpec.model_validate({"backbone": backbone, "pretrained": False})
    with torch.device("meta"):
        network = build_network(spec, n_outputs={"classify": 5}, in_chans=3)

    def size(module: nn.Module) -> int:
        return sum(one.numel() for one in module.parameters())

    parts = list(parts_at_a_time(network))
    seen = [id(one) for part in parts for one in part.parameters()]
    assert len(seen) == len(set(seen))
    assert all(size(one) <= size(network) / 8 or not [*one.children()] for one in parts)
    assert size(network) - sum(map(size, parts)) < size(network) / 20
    assert not any(isinstance(one, (nn.ModuleList, nn.ModuleDict)) for one in parts)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("ema_decay=0.9", "the averaged network follows whole weights"),
        ("precision=fp16", "the scaler of fp16 sees a device's own part"),
        ("phases.whole.method.name=mean_teacher", "mean_teacher keeps a copy of the network"),
    ],
)
def test_what_needs_whole_weights_is_refused_before_a_process_starts(
    change: str, why: str, make: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "_Helper", None)
    workspace, of = make(recipe=RECIPE)
    overrides = ("devices=2", "sharded=true", change)
    with pytest.raises(RecipeError, match=why) as raised:
        train(workspace, of, workspace.root / "recipes/tiny.yaml", overrides=overrides)
    assert "sharded: false" in str(raised.value)


@pytest.mark.slow
def test_a_fold_goes_on_with_its_weights_divided_and_then_whole(
    make: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Frozen parts, uneven batches, clipping, rates by layer, the best epoch, Adam's state.

    Divided, it runs out of time within an epoch.
    """
    monkeypatch.setitem(fitting.fit_fold.__kwdefaults__, "checkpoint_every_s", 0.0)

    class StoppedError(Exception):
        pass

    def stop(fold: Any, row: dict[str, Any]) -> None:
        if row["phase"] == "whole" and row["epoch"] == 2:
            raise StoppedError

    def fit(name: str, *overrides: str, **named: Any) -> Path:
        root = workspaces[name].root
        train(*made[name], root / "recipes/tiny.yaml", folds=[0], overrides=overrides, **named)
        (run,) = workspaces[name].runs.iterdir()
        return run

    gather = Shards.gather

    def share(shards: Shards) -> float:
        """Return the part of the weights that this process keeps."""
        own = [one.to_local().numel() for one in shards.network.parameters()]
        return sum(own) / sum(one.numel() for one in shards.network.parameters())

    made = {name: make(name, recipe=RECIPE, metric="log_loss") for name in ("alone", "moved")}
    workspaces = {name: workspace for name, (workspace, _) in made.items()}
    alone = fit("alone")
    with pytest.raises(StoppedError):
        fit("moved", watch=stop)
    asked: list[float] = []
    shares: list[float] = []
    with monkeypatch.context() as patch:
        patch.setattr(Shards, "gather", lambda self: shares.append(share(self)) or gather(self))
        patch.setattr(Deadline, "allows", lambda self, s: asked.append(s) or len(asked) < 3)
        run = fit("moved", "devices=2", "sharded=true")
    left = torch.load(run / "fold-0/resume.pt", weights_only=True)["training_state"]
    assert (left["phase"], left["epoch"], left["step"]) == (1, 1, 1)
    assert shares == pytest.approx([0.5] * len(shares), abs=0.01)
    assert shares
    moved = fit("moved")
    (ids, expected), (others, found) = oof_of(alone), oof_of(moved)
    assert ids == others
    assert np.abs(expected - found).max() < EQUAL
    for (name, one), other in zip(weights(alone).items(), weights(moved).values(), strict=True):
        assert torch.allclose(one, other, atol=1e-4), name
