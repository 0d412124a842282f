from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from torch import Tensor, nn
from training import handmade

from podium.errors import RecipeError
from podium.models.network import Network
from podium.tasks.protocols.find import image_kind
from podium.training.data.sampling import LABELLED, UNLABELLED, Batch, ViewSpec
from podium.training.fit.optim import build_optimizer
from podium.training.inference.images import evaluation_mode
from podium.training.method import PhaseSetting, PoolSizes, Step
from podium.training.methods.dino import METHOD, cross_entropy, teacher_temperature
from podium.training.objective import build_objective
from podium.training.recipe import Mix, OptimizerSpec
from podium.training.self_supervised import spread

N, SIZE, SMALL, K = 3, (16, 16), (8, 8), 7
SIZES = PoolSizes(labelled=0, unlabelled=30)
N_SMALL = 2
TINY = {"local_views": N_SMALL, "local_size": 8, "hidden": 10, "bottleneck": 4, "size": K}


def method(size: tuple[int, int] = SIZE, **options: Any) -> Any:
    kinds = {"classify": image_kind("multiclass")}
    objective = build_objective(None, kinds=kinds)
    setting = PhaseSetting(kinds, {"classify": 3}, objective, N, "shuffle", Mix(), size=size)
    return METHOD(METHOD.Options(**{**TINY, **options}), setting)


def step(index: int = 0, epoch: int = 0, micro: int = 0) -> Step:
    return Step(seed=0, phase=0, epoch=epoch, index=index, micro=micro, per_epoch=5, total=10)


def batches(seed: int = 1) -> dict[Any, Batch]:
    draw = torch.Generator().manual_seed(seed)
    sizes = {"large0": SIZE, "large1": SIZE, "small0": SMALL, "small1": SMALL}
    views = {
        name: torch.randn(N, 3, *size, generator=draw) + shift
        for shift, (name, size) in enumerate(sizes.items())
    }
    return {UNLABELLED: Batch(views, {}, torch.ones(N), torch.arange(N))}


def built(**options: Any) -> tuple[Any, Any, Network]:
    of, net = method(**options), handmade.network("classify")
    own: Any = of.build(net, SIZES)
    with torch.no_grad():  # a teacher equal to the network would hide which one is run
        own.head.project[4].weight.mul_(20)
        own.teacher_head.project[4].weight.mul_(20)
        for parameter in (*own.teacher.parameters(), *own.teacher_head.parameters()):
            parameter.add_(0.1 * torch.randn_like(parameter))
        own.centre.copy_(torch.linspace(-0.5, 0.5, K))
    return of, own, net


def outputs(net: Network, head: Any, images: list[Tensor]) -> list[Tensor]:
    """Return the outputs of images that go through the backbone together, put together anew."""
    deepest: Any = net.backbone(torch.cat(images))
    z = deepest.flatten(2).sum(dim=2) / deepest[0, 0].numel()
    for layer in head.project:
        z = layer(z)
    z = z / z.square().sum(dim=1, keepdim=True).sqrt()
    rows = head.last.weight
    rows = rows / rows.square().sum(dim=1, keepdim=True).sqrt()
    return list((z @ rows.T).split(N))


def softmax(values: list[float]) -> list[float]:
    raised = [math.exp(x - max(values)) for x in values]
    return [x / sum(raised) for x in raised]


def loss_in_loops(
    taught: list[Tensor], predicted: list[Tensor], centre: list[float], t: float, s: float
) -> float:
    losses = []
    for x, large in enumerate(taught):
        for y, view in enumerate(predicted):
            if x == y:
                continue
            for i in range(N):
                numbers = large[i].tolist()
                p = softmax([(g - c) / t for g, c in zip(numbers, centre, strict=True)])
                q = softmax([g / s for g in view[i].tolist()])
                losses.append(-sum(a * math.log(b) for a, b in zip(p, q, strict=True)))
    return sum(losses) / len(losses)


def test_the_loss_in_plain_loops() -> None:
    of, own, net = built(teacher_temperature=(0.3, 0.5), warmup_epochs=3, student_temperature=0.2)
    made = batches()
    views = list(made[UNLABELLED].views.values())
    again, reference, centre = copy.deepcopy(own), copy.deepcopy(net), own.centre.tolist()
    with torch.no_grad():
        taught = outputs(again.teacher, again.teacher_head, views[:2])
        predicted = outputs(reference, again.head, views[:2])
        predicted += outputs(reference, again.head, views[2:])
    wanted = loss_in_loops(taught, predicted, centre, t=0.4, s=0.2)
    found = float(of.losses(made, step(epoch=1))["total"].detach())
    assert found == pytest.approx(wanted, rel=1e-4)
    # The pairs are 2 x 4 less the two that are equal; another sign of the centre is another loss.
    other = loss_in_loops(taught, predicted, [-c for c in centre], t=0.4, s=0.2)
    assert abs(found - other) > 0.01


@pytest.mark.parametrize("n_views", [2, 5])
def test_the_loss_is_that_of_lightly(n_views: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIGHTLY_DID_VERSION_CHECK", "True")
    loss = pytest.importorskip("lightly.loss")
    taught, predicted = torch.randn(2, 4, K), torch.randn(n_views, 4, K)
    peer = loss.DINOLoss(
        output_dim=K, warmup_teacher_temp=0.04, teacher_temp=0.07, warmup_teacher_temp_epochs=5
    )
    centre = torch.zeros(K)
    for epoch in (0, 1, 4, 9):
        wanted = peer(list(taught), list(predicted), epoch=epoch)
        t = teacher_temperature(epoch, 0.04, 0.07, 5)
        targets = ((taught - centre) / t).softmax(dim=2)
        found = cross_entropy(targets, (predicted / 0.1).log_softmax(dim=2))
        torch.testing.assert_close(found, wanted)
        centre = 0.9 * centre + 0.1 * taught.mean(dim=(0, 1))
    torch.testing.assert_close(centre, peer.center.flatten())


def test_the_teachers_temperature_rises_in_a_straight_line_as_in_the_official_code() -> None:
    found = [teacher_temperature(epoch, 0.04, 0.07, 30) for epoch in range(40)]
    np.testing.assert_allclose(found, [*np.linspace(0.04, 0.07, 30), *[0.07] * 10])
    assert teacher_temperature(0, 0.04, 0.07, 0) == 0.07
    assert teacher_temperature(0, 0.04, 0.07, 1) == 0.04


def test_only_large_crops_go_to_the_teacher_all_of_them_together() -> None:
    of, own, net = built()
    asked: list[tuple[str, Tensor]] = []
    for name, module in (("teacher", own.teacher.backbone), ("student", net.backbone)):
        module.register_forward_pre_hook(lambda _, given, name=name: asked.append((name, given[0])))
    made = batches()
    of.losses(made, step())
    views = list(made[UNLABELLED].views.values())
    large, small = torch.cat(views[:2]), torch.cat(views[2:])
    assert [name for name, _ in asked] == ["teacher", "student", "student"]
    for (_, given), wanted in zip(asked, (large, large, small), strict=True):
        assert torch.equal(given, wanted)


def test_no_gradient_reaches_the_teacher() -> None:
    of, own, net = built()
    of.losses(batches(), step())["total"].backward()
    teachers = (*own.teacher.parameters(), *own.teacher_head.parameters())
    assert all(p.grad is None and not p.requires_grad for p in teachers)
    assert all(p.grad is not None for p in (*net.backbone.parameters(), *own.head.parameters()))


def test_the_centre_moves_after_the_step_towards_the_teachers_mean_output() -> None:
    of, own, _ = built(centre_decay=0.8)
    again, before = copy.deepcopy(own), own.centre.clone()
    predicted = []
    for micro in range(2):
        made = batches(seed=micro)
        large = list(made[UNLABELLED].views.values())[:2]
        with torch.no_grad():
            predicted += outputs(again.teacher, again.teacher_head, large)
        of.losses(made, step(micro=micro))
        assert torch.equal(own.centre, before)
    of.after_step(step(micro=1))
    mean = [
        sum(float(one[i, k]) for one in predicted for i in range(N)) / (4 * N) for k in range(K)
    ]
    wanted = [0.8 * float(c) + 0.2 * m for c, m in zip(before, mean, strict=True)]
    torch.testing.assert_close(own.centre, torch.tensor(wanted))
    # Outputs of an earlier step are not counted twice.
    of.losses(batches(seed=7), step(1))
    of.after_step(step(1))
    assert len(of._teacher_means) == 1


def test_the_teacher_follows_the_weights_that_have_moved() -> None:
    of, own, net = built(decay=0.9)
    pairs = [(own.teacher.backbone, net.backbone), (own.teacher_head, own.head)]
    olds = [[p.clone() for p in teacher.parameters()] for teacher, _ in pairs]
    optimizer = torch.optim.SGD([*net.parameters(), *own.head.parameters()], lr=0.5)
    of.losses(batches(), step(3))["total"].backward()
    for (teacher, _), old in zip(pairs, olds, strict=True):
        assert all(torch.equal(p, q) for p, q in zip(teacher.parameters(), old, strict=True))
    optimizer.step()
    of.after_step(step(3))
    decay = 1 - 0.1 * (1 + math.cos(math.pi * 3 / 10)) / 2
    for (teacher, student), old in zip(pairs, olds, strict=True):
        moved = zip(teacher.parameters(), student.parameters(), old, strict=True)
        for now, theirs, before in moved:
            torch.testing.assert_close(now, decay * before + (1 - decay) * theirs)


def test_the_last_layer_does_not_learn_in_the_first_epochs() -> None:
    of, own, net = built(frozen_epochs=2)
    spec = OptimizerSpec(lr=0.1, weight_decay=0.5)
    optimizer = build_optimizer(net, spec, extra_groups=list(of.parameter_groups()))
    moved = []
    for epoch in (0, 1, 2):
        last = own.head.last.weight.detach().clone()
        first = own.head.project[0].weight.detach().clone()
        of.losses(batches(), step(epoch, epoch=epoch))["total"].backward()
        assert own.head.last.weight.grad is not None
        of.before_step(step(epoch, epoch=epoch))
        optimizer.step()
        optimizer.zero_grad()
        assert not torch.equal(own.head.project[0].weight, first)
        moved.append(not torch.equal(own.head.last.weight, last))
    assert moved == [False, False, True]


def test_rows_of_the_last_layer_count_by_their_direction_alone() -> None:
    of, own, _ = built()
    total = float(of.losses(batches(), step())["total"].detach())
    with torch.no_grad():
        own.head.last.weight.mul_(torch.linspace(0.5, 3, K)[:, None])
    assert float(of.losses(batches(), step())["total"].detach()) == pytest.approx(total, rel=1e-5)


def test_batch_norm_of_the_teacher_trains_and_nothing_else_of_it() -> None:
    net = handmade.network("classify")
    stage: Any = net.backbone.stages
    stage[0].append(nn.Dropout(0.5))
    of = method()
    own: Any = of.build(net.eval(), SIZES)
    training = [type(one).__name__ for one in own.teacher.modules() if one.training]
    assert training == ["BatchNorm2d"] * 2
    norm = own.teacher.backbone.stages[0][1]
    before = norm.running_mean.clone()
    of.losses(batches(), step())
    assert not torch.equal(norm.running_mean, before)
    seen = norm.running_mean.clone()
    of.after_step(step())
    assert torch.equal(norm.running_mean, seen)
    # It predicts in evaluation mode, and goes on as it was.
    with evaluation_mode(of.evaluation_network()):
        assert not norm.training
    assert norm.training


def test_what_is_frozen_stays_as_it_is_in_the_teacher_too() -> None:
    net = handmade.network("classify")
    net.freeze_only(["backbone"])
    own: Any = method().build(net, SIZES)
    assert not any(one.training for one in own.teacher.modules())


def test_the_teacher_predicts_with_the_heads_that_the_network_has() -> None:
    of, own, net = built()
    heads = copy.deepcopy(net.heads.state_dict())
    spec = OptimizerSpec(lr=0.1, weight_decay=0.5)
    optimizer = build_optimizer(net, spec, extra_groups=list(of.parameter_groups()))
    of.losses(batches(), step())["total"].backward()
    optimizer.step()
    assert all(torch.equal(one, heads[key]) for key, one in net.heads.state_dict().items())
    assert of.evaluation_network() is own.teacher
    assert set(own.teacher.state_dict()) == set(net.state_dict())


def test_the_recorded_spread_is_of_the_students_outputs_for_large_crops() -> None:
    of, own, _ = built()
    predicted: list[Tensor] = []
    own.head.project.register_forward_hook(lambda module, given, made: predicted.append(made))
    losses = of.losses(batches(), step())
    wanted = spread(predicted[0][:N], predicted[0][N : 2 * N])
    assert float(losses["spread"]) == pytest.approx(float(wanted), rel=1e-5)


def test_half_precision_around_it_changes_the_outputs_little() -> None:
    of, _, _ = built(teacher_temperature=(0.04, 0.07))
    exact = float(of.losses(batches(), step())["total"].detach())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        total = of.losses(batches(), step())["total"]
        head = of._own.head(torch.randn(4, 4))
    assert total.dtype == head.dtype == torch.float32
    assert float(total.detach()) == pytest.approx(exact, rel=0.1)
    wanted, predicted = torch.rand(2, 4, K), torch.randn(3, 4, K)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = cross_entropy(wanted, predicted)
    assert float(found) == pytest.approx(float(cross_entropy(wanted, predicted)), rel=1e-5)


def test_large_crops_alone_are_enough() -> None:
    of = method(local_views=0)
    of.build(handmade.network("classify"), SIZES)
    made = batches()
    for name in ("small0", "small1"):
        del made[UNLABELLED].views[name]
    of.losses(made, step())["total"].backward()


@pytest.mark.parametrize(
    ("size", "given", "wanted"),
    [
        ((224, 224), None, (96, 96)),
        ((32, 64), None, (16, 32)),
        ((64, 64), 24, (24, 24)),
        ((64, 64), (24, 32), (24, 32)),
    ],
)
def test_its_stream_has_two_large_views_and_small_ones(
    size: tuple[int, int], given: Any, wanted: tuple[int, int]
) -> None:
    of = method(size, local_size=given, views=("byol", "global_crop"))
    [stream] = of.streams(step())
    assert METHOD.needs == (UNLABELLED,)
    assert (stream.pools, stream.batch_size, stream.masks) == ((UNLABELLED,), N, False)
    assert stream.views == (
        ViewSpec("large0", "byol"),
        ViewSpec("large1", "global_crop"),
        ViewSpec("small0", "local_crop", size=wanted),
        ViewSpec("small1", "local_crop", size=wanted),
    )
    assert of.epoch_steps({LABELLED: 0, UNLABELLED: 30}) == 10


def test_the_defaults_are_the_papers() -> None:
    options = METHOD.Options()
    assert (options.student_temperature, options.teacher_temperature) == (0.1, (0.04, 0.07))
    assert (options.centre_decay, options.decay, options.frozen_epochs) == (0.9, 0.996, 1)
    assert (options.hidden, options.bottleneck, options.size) == (2048, 256, 65536)


def test_only_kernels_are_decayed_and_no_teacher_learns() -> None:
    of, own, _ = built()
    kernels, others = of.parameter_groups()
    learnt = {id(p) for p in (*kernels["params"], *others["params"])}
    assert learnt == {id(p) for p in own.head.parameters()}
    assert all(p.ndim > 1 for p in kernels["params"])
    assert others["norms"]


def test_a_backbone_of_one_size_is_refused_with_the_way_out() -> None:
    fixed = handmade.network("classify", handmade.TRANSFORMER)
    with pytest.raises(RecipeError, match="does not take small crops of 8 x 8") as caught:
        method().build(fixed, SIZES)
    assert "dynamic_img_size: true" in str(caught.value.fix)
    assert "doesn't match" in caught.value.message  # the backbone's own reason
    method(local_size=16).build(fixed, SIZES)
    options = {**handmade.TRANSFORMER["options"], "dynamic_img_size": True}
    free = handmade.network("classify", {**handmade.TRANSFORMER, "options": options})
    of = method()
    of.build(free, SIZES)
    of.losses(batches(), step())["total"].backward()
    assert all(p.grad is not None for p in free.backbone.parameters())


@pytest.mark.parametrize(
    "wrong",
    [{"decay": 1.5}, {"views": ["byol"]}, {"teacher_temperature": [0, 0.07]}, {"local_size": 0}],
)
def test_impossible_options_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        METHOD.Options(**wrong)
