"""Optimiser groups follow the recipe; schedules equal values worked out by hand."""

from __future__ import annotations

import copy
import itertools
import math
from typing import Any

import pytest
import timm
import torch
from timm.optim import param_groups_layer_decay
from torch import nn

from podium.errors import RecipeError
from podium.models.network import Network, build_network, set_frozen
from podium.models.spec import ModelSpec
from podium.training.fit.optim import build_optimizer, schedule, set_lr, set_weight_decay
from podium.training.recipe import OptimizerSpec


def network(backbone: str = "cnn", pool: str = "avg", **options: Any) -> Network:
    spec = ModelSpec.model_validate(
        {
            "backbone": backbone,
            "pretrained": False,
            "options": options,
            "heads": {"classify": {"pool": pool}},
        }
    )
    return build_network(spec, n_outputs={"classify": 3}, image_size=(64, 64))


def settings(net: Network, optimizer: torch.optim.Optimizer) -> dict[str, tuple[float, float]]:
    """Return (learning rate, weight decay) by parameter name."""
    name_of = {id(p): name for name, p in net.named_parameters()}
    return {
        name_of[id(p)]: (group["lr"], group["weight_decay"])
        for group in optimizer.param_groups
        for p in group["params"]
    }


def test_norms_and_biases_are_not_decayed_and_all_else_is() -> None:
    net = network(pool="gem")
    found = settings(net, build_optimizer(net, OptimizerSpec(lr=0.1, weight_decay=0.3)))
    assert set(found) == {name for name, _ in net.named_parameters()}
    for name, parameter in net.named_parameters():
        decayed = name.endswith("weight") and parameter.ndim > 1
        assert found[name] == (0.1, 0.3 if decayed else 0.0), name


def test_what_a_backbone_exempts_from_decay_is_exempt() -> None:
    net = network("vit_tiny_patch16_224", depth=2)
    found = settings(net, build_optimizer(net, OptimizerSpec(weight_decay=0.3)))
    assert found["backbone.pos_embed"][1] == found["backbone.cls_token"][1] == 0
    assert found["backbone.blocks.0.attn.qkv.weight"][1] == 0.3


def test_frozen_parts_are_left_out_and_nothing_to_train_is_refused() -> None:
    net = network()
    set_frozen(net, ["backbone"])
    names = settings(net, build_optimizer(net, OptimizerSpec()))
    assert set(names) == {"heads.classify.linear.weight", "heads.classify.linear.bias"}
    for parameter in net.parameters():
        parameter.requires_grad_(False)
    with pytest.raises(RecipeError, match="nothing is left to train"):
        build_optimizer(net, OptimizerSpec())


@pytest.mark.parametrize(
    ("name", "kind", "own"),
    [
        ("adamw", torch.optim.AdamW, {}),
        ("adam", torch.optim.Adam, {}),
        ("sgd", torch.optim.SGD, {"momentum": 0.8, "nesterov": True}),
    ],
)
def test_the_optimiser_is_the_named_one(name: Any, kind: type, own: dict[str, Any]) -> None:
    optimizer = build_optimizer(network(), OptimizerSpec(name=name, momentum=0.8))
    assert type(optimizer) is kind
    assert all(
        group[key] == value for group in optimizer.param_groups for key, value in own.items()
    )


@pytest.mark.parametrize("name", ["adam", "adamw"])
def test_a_fused_step_is_the_plain_one_and_goes_on_from_its_state(name: Any) -> None:
    spec = OptimizerSpec(name=name, lr=0.1, weight_decay=0.3)
    nets = [network().eval().double()]
    nets.append(copy.deepcopy(nets[0]))
    plain, fused = (
        build_optimizer(net, spec, is_fused=one)
        for net, one in zip(nets, (False, True), strict=True)
    )
    assert [one.param_groups[0]["fused"] for one in (plain, fused)] == [None, True]
    images = torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(0)).double()
    for step in range(6):
        if step == 3:  # as a GPU goes on with the checkpoint of a processor
            fused.load_state_dict(copy.deepcopy(plain.state_dict()))
        for net, optimizer in zip(nets, (plain, fused), strict=True):
            net(images)["classify"].square().sum().backward()
            optimizer.step()
            optimizer.zero_grad()
    for one, other in zip(*(net.parameters() for net in nets), strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-9)


def test_sgd_without_momentum_is_plain() -> None:
    optimizer = build_optimizer(network(), OptimizerSpec(name="sgd", momentum=0.0))
    assert not optimizer.param_groups[0]["nesterov"]


@pytest.mark.parametrize(
    ("name", "options"),
    [("resnet18", {}), ("vit_tiny_patch16_224", {"depth": 3}), ("convnext_atto", {})],
)
def test_layer_wise_rates_are_timms_for_the_whole_network(
    name: str, options: dict[str, Any]
) -> None:
    net = network(name, **options)
    spec = OptimizerSpec(lr=1.0, layer_decay=0.5)
    found = settings(net, build_optimizer(net, spec))
    size = {"img_size": 64} if name.startswith("vit") else {}
    whole = timm.create_model(name, num_classes=3, **size, **options)
    name_of = {id(p): n for n, p in whole.named_parameters()}
    expected = {
        name_of[id(p)]: group["lr_scale"]
        for group in param_groups_layer_decay(whole, layer_decay=0.5)
        for p in group["params"]
    }
    compared = 0
    for key, (lr, _) in found.items():
        inner = key.removeprefix("backbone.")
        if inner in expected:
            assert lr == pytest.approx(expected[inner]), key
            compared += 1
    assert compared > 20
    assert found["heads.classify.linear.weight"][0] == 1.0


def test_a_decoder_counts_as_head_and_its_norms_are_not_decayed() -> None:
    heads = {"classify": {}, "segment": {"decoder": "fpn", "options": {"pyramid_channels": 8}}}
    spec = ModelSpec.model_validate({"backbone": "cnn", "pretrained": False, "heads": heads})
    net = build_network(spec, n_outputs={"classify": 3, "segment": 2}, image_size=(64, 64))
    settled = OptimizerSpec(lr=1.0, layer_decay=0.5, weight_decay=0.3)
    found = settings(net, build_optimizer(net, settled))
    assert set(found) == {name for name, _ in net.named_parameters()}
    for name, parameter in net.named_parameters():
        if name.startswith("heads."):
            assert found[name] == (1.0, 0.3 if parameter.ndim > 1 else 0.0), name
    set_frozen(net, ["backbone", "segment"])
    assert set(settings(net, build_optimizer(net, settled))) == {
        "heads.classify.linear.weight",
        "heads.classify.linear.bias",
    }


def test_our_own_backbone_learns_more_slowly_towards_the_image() -> None:
    net = network(widths=[4, 8, 8])
    found = settings(net, build_optimizer(net, OptimizerSpec(lr=1.0, layer_decay=0.5)))
    rates = [found[f"backbone.stages.{k}.0.weight"][0] for k in range(3)]
    assert rates == [0.125, 0.25, 0.5]
    assert found["heads.classify.linear.weight"][0] == 1.0


def test_a_methods_own_modules_get_their_groups() -> None:
    projector = nn.Linear(2, 2)
    extra = [
        {"params": projector.parameters(), "lr_scale": 0.1},
        {"params": [nn.Parameter(torch.zeros(1))], "norms": True},
    ]
    spec = OptimizerSpec(lr=0.5, weight_decay=0.2)
    groups = build_optimizer(network(), spec, extra_groups=extra).param_groups
    assert [(g["lr"], g["weight_decay"]) for g in groups[-2:]] == [(0.05, 0.2), (0.5, 0.0)]


def test_set_lr_multiplies_each_groups_initial_rate_and_not_the_last_one() -> None:
    optimizer = build_optimizer(network(), OptimizerSpec(lr=0.5, layer_decay=0.5))
    initial = [group["lr"] for group in optimizer.param_groups]
    set_lr(optimizer, 0.1)
    set_lr(optimizer, 0.2)
    assert [g["lr"] for g in optimizer.param_groups] == pytest.approx([0.2 * lr for lr in initial])


def factors(steps: int, per_epoch: int, **options: Any) -> list[float]:
    spec = OptimizerSpec(**{"lr": 0.1, **options})
    return [schedule(spec, step, steps, per_epoch) for step in range(steps)]


def test_constant_after_a_linear_warm_up() -> None:
    found = factors(6, 2, schedule="constant", warmup_epochs=2)
    assert found == [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]


def test_cosine_worked_by_hand() -> None:
    # t = 0, 1/4, 1/2, 3/4 of the way from 1 down to min_lr / lr = 0.2
    half = math.sqrt(0.5)
    expected = [1, 0.2 + 0.4 * (1 + half), 0.6, 0.2 + 0.4 * (1 - half)]
    assert factors(4, 1, schedule="cosine", min_lr=0.02) == pytest.approx(expected)
    warm = factors(6, 1, schedule="cosine", min_lr=0.02, warmup_epochs=2)
    assert warm == pytest.approx([0.5, 1.0, *expected])


def test_cosine_equals_torchs_annealing_with_a_floor() -> None:
    parameter = nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=0.1)
    theirs = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=10, eta_min=0.01)
    for factor in factors(10, 2, schedule="cosine", min_lr=0.01):
        assert 0.1 * factor == pytest.approx(optimizer.param_groups[0]["lr"])
        optimizer.step()
        theirs.step()


def test_steps_fall_by_gamma_after_whole_epochs_down_to_the_floor() -> None:
    found = factors(8, 2, schedule="step", step_epochs=1, gamma=0.5, min_lr=0.02)
    assert found == pytest.approx([1, 1, 0.5, 0.5, 0.25, 0.25, 0.2, 0.2])


@pytest.mark.parametrize("steps", [10, 37, 100])
def test_one_cycle_equals_torchs(steps: int) -> None:
    parameter = nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=0.1)
    theirs = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=0.1, total_steps=steps, cycle_momentum=False
    )
    for step, factor in enumerate(factors(steps, 1, schedule="one_cycle")):
        assert 0.1 * factor == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-6), step
        optimizer.step()
        if step < steps - 1:
            theirs.step()


def test_one_cycle_peaks_where_the_warm_up_ends() -> None:
    found = factors(10, 2, schedule="one_cycle", warmup_epochs=2)
    assert found[0] == pytest.approx(1 / 25)
    assert found.index(max(found)) == 3
    assert max(found) == pytest.approx(1.0)
    assert found[-1] == pytest.approx(1 / 25e4)


@pytest.mark.parametrize("name", ["constant", "cosine", "cosine_7_16", "poly", "step", "one_cycle"])
def test_every_factor_lies_between_nothing_and_one(name: Any) -> None:
    for warmup, steps in itertools.product([0, 0.5, 1, 99], [1, 2, 3, 10]):
        found = factors(steps, 2, schedule=name, warmup_epochs=warmup)
        assert all(0 < factor <= 1 + 1e-12 for factor in found), (warmup, steps)


@pytest.mark.parametrize("step", [-1, 10])
def test_a_step_outside_the_phase_is_refused(step: int) -> None:
    with pytest.raises(ValueError, match=r"\[0, 10\)"):
        schedule(OptimizerSpec(), step, 10, 1)


@pytest.mark.parametrize("spread", [1, 3])
def test_a_cosine_that_rises_again_is_torchs_epoch_by_epoch(spread: int) -> None:
    spec = OptimizerSpec(lr=0.2, min_lr=0.05, schedule="cosine", cosine_epochs=4)
    peer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=spec.lr)
    course = torch.optim.lr_scheduler.CosineAnnealingLR(peer, T_max=4, eta_min=spec.min_lr)
    for epoch in range(11):  # beyond one rise
        for step in range(epoch * spread, (epoch + 1) * spread):
            found = spec.lr * schedule(spec, step, 11 * spread, spread)
            assert found == pytest.approx(peer.param_groups[0]["lr"]), (epoch, step)
        peer.step()
        course.step()


def test_falling_in_steps_is_torchs_step_lr() -> None:
    spec = OptimizerSpec(lr=0.1, schedule="step", step_epochs=3, gamma=0.1)
    peer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=spec.lr)
    course = torch.optim.lr_scheduler.StepLR(peer, step_size=3, gamma=0.1)
    for epoch in range(8):
        found = spec.lr * schedule(spec, 2 * epoch + 1, 16, 2)
        assert found == pytest.approx(peer.param_groups[0]["lr"])
        peer.step()
        course.step()


def test_weight_decay_follows_its_cosine_and_leaves_norms_alone() -> None:
    spec = OptimizerSpec(weight_decay=0.04, weight_decay_end=0.4)
    optimizer = build_optimizer(network(), spec)
    decaying = [group for group in optimizer.param_groups if group["weight_decay"]]
    assert 0 < len(decaying) < len(optimizer.param_groups)
    for step, wanted in ((0, 0.04), (5, 0.22), (10, 0.4)):  # DINO's, at the ends and half way
        set_weight_decay(optimizer, spec, step, 10)
        for group in optimizer.param_groups:
            assert group["weight_decay"] == pytest.approx(wanted if group in decaying else 0.0)
    still = OptimizerSpec(weight_decay=0.04)
    optimizer = build_optimizer(network(), still)
    set_weight_decay(optimizer, still, 9, 10)
    assert {group["weight_decay"] for group in optimizer.param_groups} == {0.04, 0.0}


def test_norms_and_biases_may_have_a_rate_and_a_decay_of_their_own() -> None:
    net = network(pool="gem")
    spec = OptimizerSpec(name="lars", lr=0.2, norm_lr=0.0048, weight_decay=1e-6, trust=0.02)
    optimizer = build_optimizer(net, spec)
    found = settings(net, optimizer)
    for name, parameter in net.named_parameters():
        assert found[name] == ((0.2, 1e-6) if parameter.ndim > 1 else (0.0048, 0.0)), name
    for group in optimizer.param_groups:
        assert group["is_adapted"] == (group["params"][0].ndim > 1)
        assert group["trust"] == 0.02
    every = settings(net, build_optimizer(net, OptimizerSpec(weight_decay=0.3, decay_norms=True)))
    assert {decay for _, decay in every.values()} == {0.3}


def test_a_group_without_schedule_keeps_its_rate() -> None:
    own = [{"params": [nn.Parameter(torch.zeros(2, 2))], "lr_scale": 0.5, "is_constant": True}]
    optimizer = build_optimizer(network(), OptimizerSpec(lr=0.1), extra_groups=own)
    set_lr(optimizer, 0.01)
    assert [group["lr"] for group in optimizer.param_groups] == pytest.approx([1e-3, 1e-3, 0.05])


def test_the_rates_of_layers_are_lars_too() -> None:
    net = network(widths=[4, 8, 8])
    spec = OptimizerSpec(name="lars", lr=1.0, layer_decay=0.5)
    found = settings(net, build_optimizer(net, spec))
    assert [found[f"backbone.stages.{k}.0.weight"][0] for k in range(3)] == [0.125, 0.25, 0.5]


def test_sgd_uses_nesterov_unless_turned_off() -> None:
    for nesterov in (True, False):
        spec = OptimizerSpec(name="sgd", momentum=0.9, nesterov=nesterov)
        assert build_optimizer(network(), spec).param_groups[0]["nesterov"] is nesterov


def test_fixmatchs_cosine_is_seven_sixteenths_of_a_turn_and_never_reaches_zero() -> None:
    found = factors(8, 4, schedule="cosine_7_16")
    expected = [math.cos(7 * math.pi * step / (16 * 8)) for step in range(8)]
    assert found == pytest.approx(expected)
    end = schedule(OptimizerSpec(schedule="cosine_7_16"), 9999, 10000, 1)
    assert end == pytest.approx(math.cos(7 * math.pi / 16), abs=1e-3)  # 0.195


def test_polynomial_decay_equals_torchs() -> None:
    spec = OptimizerSpec(lr=0.2, schedule="poly", power=0.9)
    peer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=spec.lr)
    course = torch.optim.lr_scheduler.PolynomialLR(peer, total_iters=10, power=0.9)
    for step in range(10):
        assert spec.lr * schedule(spec, step, 10, 5) == pytest.approx(peer.param_groups[0]["lr"])
        peer.step()
        course.step()


@pytest.mark.parametrize("name", ["cosine_7_16", "poly"])
def test_the_new_courses_begin_after_the_warm_up_and_have_a_floor(name: Any) -> None:
    found = factors(10, 2, schedule=name, warmup_epochs=1, min_lr=0.05)
    assert found[:3] == pytest.approx([0.5, 1.0, 1.0])
    assert min(found[2:]) >= 0.5
    assert found[2:] == sorted(found[2:], reverse=True)


def test_parts_of_the_network_have_rates_of_their_own() -> None:
    heads = {"classify": {}, "segment": {"decoder": "fpn", "options": {"pyramid_channels": 8}}}
    spec = ModelSpec.model_validate({"backbone": "cnn", "pretrained": False, "heads": heads})
    net = build_network(spec, n_outputs={"classify": 3, "segment": 2}, image_size=(64, 64))
    rates = {"heads": 4, "heads.segment": 10, "backbone.stages.0": 0.5}
    found = settings(net, build_optimizer(net, OptimizerSpec(lr=0.1, rates=rates)))
    for name, (lr, _) in found.items():
        wanted = 0.1
        if name.startswith("heads.segment."):
            wanted = 1.0  # the longest name counts, not the product
        elif name.startswith("heads."):
            wanted = 0.4
        elif name.startswith("backbone.stages.0."):
            wanted = 0.05
        assert lr == pytest.approx(wanted), name


def test_rates_of_parts_and_of_layers_multiply() -> None:
    net = network(widths=[4, 8, 8])
    spec = OptimizerSpec(lr=1.0, layer_decay=0.5, rates={"backbone": 0.1})
    found = settings(net, build_optimizer(net, spec))
    assert found["backbone.stages.0.0.weight"][0] == pytest.approx(0.0125)
    assert found["heads.classify.linear.weight"][0] == 1.0


def test_a_rate_of_a_part_that_the_network_lacks_is_refused_with_those_it_has() -> None:
    with pytest.raises(RecipeError, match=r"no part heads\.segment") as raised:
        build_optimizer(network(), OptimizerSpec(rates={"heads.segment": 10}))
    assert raised.value.where == "optimizer.rates"
    assert "heads.classify" in str(raised.value.fix)


def test_a_rate_of_a_frozen_part_changes_nothing() -> None:
    net = network()
    set_frozen(net, ["backbone"])
    found = settings(net, build_optimizer(net, OptimizerSpec(lr=0.1, rates={"backbone": 0.1})))
    assert {lr for lr, _ in found.values()} == {0.1}
