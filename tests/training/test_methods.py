from __future__ import annotations

import copy

import pytest
import torch
from pydantic import ValidationError
from torch import nn
from training.handmade import TRANSFORMER

from podium.errors import RecipeError
from podium.models.network import Network, build_network
from podium.models.spec import ModelSpec
from podium.tasks.protocols.find import image_kind
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES
from podium.training import methods
from podium.training.data.mixing import mix, soft_targets
from podium.training.fit.phase_run import _Learner
from podium.training.method import (
    LABELLED,
    Batch,
    Method,
    PhaseSetting,
    PoolSizes,
    SolvedMethod,
    Step,
)
from podium.training.objective import build_objective
from podium.training.recipe import Mix
from podium.workspace import extensions

# What a method without steps promises is tested in test_linear_probe.py.
NAMES = [
    name
    for name in extensions.names(methods)
    if not issubclass(extensions.load(methods, name, "METHOD"), SolvedMethod)
]
SIZES = PoolSizes(labelled=9, unlabelled=40)
TRANSFORMERS = ("mae",)
# The papers' 8192 features and 65,536 outputs are layers of hundreds of megabytes.
SMALLER = {
    "barlow_twins": {"hidden": 64, "size": 32},
    "dino": {"hidden": 32, "size": 64},
    "mae": {"width": 16, "attention_heads": 2},
}


def network(name: str = "") -> Network:
    """Return eight channels and a head, or a transformer for a method that has no other."""
    torch.manual_seed(0)
    spec = ModelSpec(backbone="cnn", pretrained=False, options={"widths": [8]})
    if name in TRANSFORMERS:
        spec = ModelSpec.model_validate(TRANSFORMER)
    return build_network(spec, n_outputs={"classify": 3}, image_size=(16, 16)).train()


NO_ODDS = Kind("vectors", IMAGES, is_continuous=True, is_circular=True, fixed_outputs=2)


@pytest.mark.parametrize(
    "name",
    [
        "comatch",
        "fixmatch",
        "flexmatch",
        "freematch",
        "pseudo_label",
        "softmatch",
        "unimatch",
        "unimatch_v2",
    ],
)
def test_methods_of_confident_labels_refuse_a_kind_without_probabilities(name: str) -> None:
    kind = extensions.load(methods, name, "METHOD")
    objective = build_objective(None, kinds={"classify": image_kind("multiclass")})
    setting = PhaseSetting({"classify": NO_ODDS}, {"classify": 2}, objective, 4, "shuffle", Mix())
    with pytest.raises(RecipeError) as raised:
        kind(kind.Options(), setting)
    assert raised.value.fix == "write method: {name: supervised}"


def method(name: str, mixing: Mix | None = None) -> Method:
    kind = extensions.load(methods, name, "METHOD")
    kinds = {"classify": image_kind("multiclass")}
    objective = build_objective(None, kinds=kinds)
    setting = PhaseSetting(
        kinds,
        {"classify": 3},
        objective,
        4,
        "shuffle",
        mixing or Mix(),
        size=(16, 16),
    )
    return kind(kind.Options(**SMALLER.get(name, {})), setting)


def step(index: int = 0) -> Step:
    return Step(seed=0, phase=0, epoch=0, index=index, micro=0, per_epoch=5, total=10)


def batches(of: Method, at: Step | None = None, seed: int = 1) -> dict[str, Batch]:
    """Return the loop's batches; samples without labels have none in their batch."""
    draw = torch.Generator().manual_seed(seed)
    made = {}
    for stream in of.streams(at or step()):
        n = stream.batch_size
        views = {}
        for view in stream.views:
            size = view.size or (16, 16)
            views[view.name] = torch.randn(n, 3, *size, generator=draw)
        target = torch.randint(0, 3, (n,), generator=draw)
        if LABELLED not in stream.pools:
            target = torch.full((n,), -1)
        made[stream.name] = Batch(views, {"classify": target}, torch.ones(n), torch.arange(n))
    return made


@pytest.mark.parametrize("name", NAMES)
class TestEveryMethod:
    """The contract of `method.py`, for every file of the folder."""

    def test_its_docstring_describes_it(self, name: str) -> None:
        module = __import__(f"podium.training.methods.{name}", fromlist=["METHOD"])
        assert module.__doc__
        assert "=" in module.__doc__, "the formula"
        assert issubclass(module.METHOD, Method)

    def test_unknown_options_are_refused(self, name: str) -> None:
        with pytest.raises(ValidationError):
            extensions.load(methods, name, "METHOD").Options(no_such_option=1)

    def test_streams_are_a_pure_function_of_the_step(self, name: str) -> None:
        one, other = method(name), method(name)
        one.build(network(name), SIZES)
        one.losses(batches(one), step())
        assert [tuple(one.streams(step(i))) for i in range(5)] == [
            tuple(other.streams(step(i))) for i in range(5)
        ]

    def test_the_total_carries_a_gradient_to_the_network(self, name: str) -> None:
        of, net = method(name), network(name)
        of.build(net, SIZES)
        losses = of.losses(batches(of), step())
        assert all(value.ndim == 0 for value in losses.values())
        losses["total"].backward()
        # Without labels there is nothing for a head to learn.
        learnt = net if LABELLED in of.needs else net.backbone
        assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in learnt.parameters())

    def test_a_restored_method_gives_the_same_losses_to_the_bit(self, name: str) -> None:
        def two_steps(of: Method, net: nn.Module, own: nn.Module, first: int) -> dict[str, object]:
            """Move all weights, so that a copy which is not restored is no copy any more."""
            for index in (first, first + 1):
                torch.manual_seed(index)
                losses = of.losses(batches(of, step(index), seed=index), step(index))
                for weight in [*net.parameters(), *own.parameters()]:
                    if weight.requires_grad:
                        weight.data.mul_(1 + 0.1 * (index + 1))
                of.after_step(step(index))
            values = {key: float(value.detach()) for key, value in losses.items()}
            state = of.evaluation_network().state_dict()
            return {**values, **{key: tensor.tolist() for key, tensor in state.items()}}

        net, unbroken = network(name), method(name)
        own = unbroken.build(net, SIZES)
        two_steps(unbroken, net, own, 0)
        kept = copy.deepcopy((net.state_dict(), own.state_dict(), unbroken.state_dict()))
        # A new process has a network of its own, into which the saved one is read.
        again, restored = network(name), method(name)
        fresh = restored.build(again, SIZES)
        again.load_state_dict(kept[0])
        fresh.load_state_dict(kept[1])
        restored.load_state_dict(kept[2])
        assert two_steps(restored, again, fresh, 2) == two_steps(unbroken, net, own, 2)


def test_modules_of_a_method_lie_where_the_network_does() -> None:
    of = method("byol")
    net, build = network(), of.build
    of.build = lambda *given: build(net, given[1])  # type: ignore[method-assign]
    learner = _Learner(network().to("meta"), of, SIZES)
    assert {p.device.type for p in learner.parameters()} == {"meta"}


def test_supervised_is_the_cross_entropy_of_the_labelled_batch() -> None:
    of, net = method("supervised"), network()
    of.build(net, SIZES)
    made = batches(of)
    logits = net(made["labelled"].images)["classify"]
    target = made["labelled"].targets["classify"]
    by_hand = -torch.stack([logits[i].log_softmax(0)[target[i]] for i in range(4)]).mean()
    total = of.losses(made, step())["total"]
    torch.testing.assert_close(total, by_hand)


def test_supervised_leaves_out_what_has_no_label_and_weighs_the_rest() -> None:
    of, net = method("supervised"), network()
    of.build(net, SIZES)
    made = batches(of)
    batch = made["labelled"]
    batch.targets["classify"][0] = -1
    batch.weight = torch.tensor([5.0, 1.0, 2.0, 3.0])
    logits = net(batch.images)["classify"].log_softmax(1)
    losses = [-logits[i, batch.targets["classify"][i]] for i in (1, 2, 3)]
    by_hand = (losses[0] + 2 * losses[1] + 3 * losses[2]) / 6
    torch.testing.assert_close(of.losses(made, step())["total"], by_hand)


def test_supervised_mixes_by_the_step_and_not_by_what_ran_before() -> None:
    mixing = Mix(mixup=1.0)
    of, net = method("supervised", mixing), network()
    of.build(net, SIZES)
    made = batches(of)["labelled"]
    soft = soft_targets(made.targets["classify"], kind=image_kind("multiclass"), n_outputs=3)
    images, target = mix(made.images, soft, mixing, step(7).rng("mix"))
    by_hand = -(target * net(images)["classify"].log_softmax(1)).sum(1).mean()
    of.losses(batches(of), step(3))
    torch.testing.assert_close(of.losses(batches(of), step(7))["total"], by_hand)
    assert not torch.equal(of.losses(batches(of), step(8))["total"], by_hand)
