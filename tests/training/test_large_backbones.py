"""Runs that train a part of a large backbone: resumed, started from each other, and predicted."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from training import handmade
from training.fold_fits import fit, fit_in_steps, job_on, left_behind
from typer.testing import CliRunner

from podium.cli.app import app
from podium.errors import DataError, RecipeError
from podium.models.lora import is_lora
from podium.models.network import Network, build_network, set_frozen
from podium.models.spec import ModelSpec
from podium.predictions import PredictionSet
from podium.training.fit.optim import build_optimizer
from podium.training.method import PoolSizes
from podium.training.methods.byol import METHOD as BYOL
from podium.training.recipe import OptimizerSpec, load_recipe
from podium.training.runs.soup import make_soup
from podium.training.runs.train import Trained, train
from podium.workspace.records import read_record

VIT = {"patch_size": 8, "embed_dim": 24, "depth": 3, "num_heads": 2}
RECIPE = """\
seed: 3
model:
  backbone: vit_tiny_patch16_224
  pretrained: false
  options: {patch_size: 8, embed_dim: 24, depth: 3, num_heads: 2}
  drop_path: 0.1
input: {size: 32, train: weak}
optimizer: {lr: 1e-2, layer_decay: 0.7}
batch_size: 12
phases:
  - {name: only, epochs: 1}
"""
PHASES = (
    "phases=[{name: a, epochs: 1, freeze: ['backbone[:-1]']},"
    "{name: b, epochs: 1, freeze: ['backbone[:2]', classify]}, {name: c, epochs: 1}]"
)
CNN = ("model.backbone=cnn", "model.options={widths: [8, 8, 8]}")


def go(made: tuple, *overrides: str, **options: Any) -> Trained:
    workspace, competition = made
    path = workspace.recipes / "tiny.yaml"
    return train(workspace, competition, path, overrides=overrides, folds=[0], **options)


def shown(made: tuple, trained: Trained, *options: str) -> str:
    """Return what `podium show` prints, in one line."""
    asked = ["-w", str(made[0].root), "show", trained.run.name, *options]
    return " ".join(CliRunner().invoke(app, asked).stdout.split())


def weights(trained: Trained) -> dict[str, Tensor]:
    found = torch.load(trained.run / "fold-0/last.pt", weights_only=True)
    return dict(found["network"])


FROZEN_STATISTICS = (
    "phases=[{name: a, epochs: 1}, {name: b, epochs: 1, freeze_statistics: true},"
    "{name: c, epochs: 1, freeze: ['backbone[:1]'], freeze_statistics: true}]"
)


@pytest.mark.slow
def test_phases_with_frozen_statistics_go_on_as_if_never_stopped(make: Callable) -> None:
    found = []
    for name in ("whole", "pieces"):
        workspace, competition = make(name=name, recipe=RECIPE)
        given = (*CNN, "ema_decay=0.9", FROZEN_STATISTICS)
        job = job_on(workspace, competition, load_recipe(workspace.recipes / "tiny.yaml", given))
        if name == "whole":
            fit(job)
        else:
            assert fit_in_steps(job) >= 5
        found.append(left_behind(job))
    assert found[0] == found[1]


@pytest.mark.slow
@pytest.mark.parametrize(
    "model",
    [
        (),
        pytest.param(CNN, marks=[pytest.mark.slow, pytest.mark.long]),
        pytest.param(("model.lora={rank: 2}", "ema_decay=0.9"), marks=pytest.mark.slow),
    ],
)
def test_phases_that_freeze_differently_go_on_as_if_never_stopped(
    make: Callable, model: tuple[str, ...]
) -> None:
    found = []
    for name in ("whole", "pieces"):
        workspace, competition = make(name=name, recipe=RECIPE)
        recipe = load_recipe(workspace.recipes / "tiny.yaml", (*model, PHASES))
        job = job_on(workspace, competition, recipe)
        if name == "whole":
            fit(job)
        else:
            assert fit_in_steps(job) >= 5
        found.append(left_behind(job))
    assert found[0] == found[1]


def test_frozen_layers_of_a_run_keep_weights_and_statistics(make: Callable) -> None:
    made, phase = make(recipe=RECIPE), "phases=[{name: a, epochs: %d, freeze: ['backbone[:-1]']}]"
    short, long = (weights(go(made, *CNN, phase % n)) for n in (1, 2))
    for key, one in short.items():
        is_free = key.startswith(("backbone.stages.2", "heads"))
        assert torch.equal(one, long[key]) != is_free, key


def test_frozen_statistics_of_a_run_are_those_of_the_phase_before(make: Callable) -> None:
    made = make(recipe=RECIPE)
    frozen = "{name: b, epochs: 1, freeze_statistics: true}"
    short = weights(go(made, *CNN, "phases=[{name: a, epochs: 1}]"))
    long = weights(go(made, *CNN, f"phases=[{{name: a, epochs: 1}}, {frozen}]"))
    for key, one in short.items():
        is_kept = "running" in key or "num_batches" in key
        assert torch.equal(one, long[key]) == is_kept, key
    with pytest.raises(RecipeError, match="phase b: freeze_statistics keeps what batch norms"):
        go(made, *CNN, f"phases=[{frozen}]")


def test_a_slice_that_cannot_be_is_refused_before_an_epoch(make: Callable) -> None:
    with pytest.raises(RecipeError, match=r"backbone\[:7\] is all of the backbone's 4 layers"):
        go(make(recipe=RECIPE), "phases=[{name: a, epochs: 1, freeze: ['backbone[:7]']}]")


@pytest.mark.slow
def test_lora_starts_from_a_plain_run_and_from_its_like_and_predicts(make: Callable) -> None:
    made = make(recipe=RECIPE)
    plain = go(made)
    lora = go(made, "model.lora={rank: 2}", f"model.from={plain.run.name}")
    before, after = weights(plain), weights(lora)
    for key, one in after.items():
        if key.startswith("backbone.") and not is_lora(key):
            assert torch.equal(one, before[key]), key
    moved = [one.any() for key, one in after.items() if key.endswith("lora_b")]
    assert len(moved) == 6
    assert all(moved)
    learnt = sum(one.numel() for key, one in after.items() if is_lora(key))
    total = sum(one.numel() for key, one in after.items() if key.startswith("backbone."))
    wanted = {"rank": 2, "layers": {"proj": 3, "qkv": 3}, "learnt": learnt, "weights": total}
    assert json.loads(shown(made, lora, "--json"))["lora"] == wanted
    assert f"of rank 2 in proj (3), qkv (3): 864 of the backbone's {total:,} " in shown(made, lora)
    assert json.loads(shown(made, plain, "--json"))["lora"] is None
    assert "LoRA" not in shown(made, plain)
    stored = PredictionSet(lora.run / "predictions" / read_record(lora.run).details["predictions"])
    assert stored.fold("test", "classify", 0).probs().shape == (6, 3)
    again = go(
        made,
        "model.lora={rank: 2}",
        f"model.from={lora.run.name}",
        "phases=[{name: head, epochs: 1, freeze: [backbone]}]",
    )
    for key, one in weights(again).items():
        if key.startswith("backbone."):
            assert torch.equal(one, after[key]), key
    for other in ("null", "{rank: 2, alpha: 4}", "{rank: 4}"):
        with pytest.raises(RecipeError, match=r"another model\.lora"):
            go(made, f"model.lora={other}", f"model.from={lora.run.name}")
    with pytest.raises(RecipeError, match="trained LoRA weights, which would be lost"):
        go(made, f"model.weights={lora.run}/fold-0/last.pt")


def test_a_soup_of_lora_is_refused(make: Callable) -> None:
    made = make(recipe=RECIPE, folds=2)
    workspace, competition = made
    path, runs = workspace.recipes / "tiny.yaml", []
    for rate in ("1e-2", "1e-3"):
        overrides = ("model.lora={rank: 2}", f"optimizer.lr={rate}")
        runs.append(train(workspace, competition, path, overrides=overrides).run.name)
    with pytest.raises(DataError, match="learnt by LoRA"):
        make_soup(workspace, competition, runs, method="uniform")


@pytest.mark.slow
def test_checkpointing_is_no_other_run_and_no_other_result(make: Callable) -> None:
    model = ("model.backbone=test_resnet", "model.options={}")
    found = []
    for name, more in (("plain", ()), ("less", ("model.checkpointing=true",))):
        found.append(go(make(name=name, recipe=RECIPE), *model, *more))
    assert found[0].run.name == found[1].run.name
    for key, one in weights(found[0]).items():
        assert torch.equal(one, weights(found[1])[key]), key


def two_heads(lora: dict[str, Any] | None) -> Network:
    heads = {"classify": {}, "segment": {"decoder": "linear"}}
    spec = ModelSpec.model_validate(
        {"backbone": "vit_tiny_patch16_224", "pretrained": False, "options": VIT}
        | {"heads": heads, "lora": lora}
    )
    return build_network(spec, n_outputs={"classify": 3, "segment": 2}, image_size=(32, 32))


@pytest.mark.parametrize("lora", [None, {"layers": ["qkv", "fc1"]}])
@pytest.mark.parametrize("frozen", [[], ["backbone[:2]"], ["backbone[:-1]", "segment"]])
def test_the_optimiser_holds_exactly_what_learns_at_the_rate_of_its_layer(
    lora: dict[str, Any] | None, frozen: list[str]
) -> None:
    net = two_heads(lora)
    set_frozen(net, frozen)
    optimizer = build_optimizer(net, OptimizerSpec(lr=1.0, layer_decay=0.5))
    name_of = {id(p): name for name, p in net.named_parameters()}
    held = [(name_of[id(p)], g["lr"]) for g in optimizer.param_groups for p in g["params"]]
    expected = {}
    for name in name_of.values():
        part, inner = name.split(".")[:2]
        layer = 0  # tokens, positions and patches; then a block each, the norm with the last
        if part == "backbone" and inner in ("blocks", "norm"):
            layer = int(name.split(".")[2]) + 1 if inner == "blocks" else 3
        is_kept = {"[:2]": layer < 2, "[:-1]": layer < 3}
        if part == "heads":
            is_free, rate = inner not in frozen, 1.0
        else:
            kept = any(is_kept[one[8:]] for one in frozen if one.startswith("backbone"))
            is_free, rate = not kept and (lora is None or "lora_" in name), 0.5 ** (4 - layer)
        if is_free:
            expected[name] = rate
    assert len(held) == len(dict(held))
    assert dict(held) == pytest.approx(expected)


def test_byols_target_keeps_the_statistics_of_frozen_layers() -> None:
    net = handmade.network("classify")
    net.freeze_only(["backbone[:1]"])
    of = handmade.method(BYOL, "classify", hidden=8, size=4)
    own: Any = of.build(net, PoolSizes(labelled=0, unlabelled=30))
    norms = [m for m in own.target.backbone.modules() if isinstance(m, nn.BatchNorm2d)]
    assert [one.training for one in norms] == [False, True]
    before = [one.running_mean.clone() for one in norms]
    of.losses(handmade.batches(of, handmade.step(), seed=0), handmade.step())
    assert [torch.equal(a, b.running_mean) for a, b in zip(before, norms, strict=True)] == [
        True,
        False,
    ]


def test_slice_without_quotes_is_refused_with_the_quoted_form(make: Callable) -> None:
    workspace, _ = make(recipe=RECIPE.replace("epochs: 1", "epochs: 1, freeze: [backbone[:-2]]"))
    with pytest.raises(RecipeError, match=r"put quotes around .* as 'backbone\[:-2\]'"):
        load_recipe(workspace.recipes / "tiny.yaml")
