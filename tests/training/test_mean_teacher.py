from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from training import handmade
from training.echo import (
    WAITS,
    Echo,
    Operations,
    answers_of,
    batches,
    method,
    n_outputs,
    step,
)

from podium.errors import RecipeError
from podium.tasks.protocols.kind import Kind
from podium.training.data.mixing import draw_boxes
from podium.training.data.sampling import UNLABELLED
from podium.training.method import PoolSizes
from podium.training.methods import fixmatch
from podium.training.methods.mean_teacher import METHOD, share_of_weight

SIZES = PoolSizes(labelled=1, unlabelled=50)
LABELS: Mapping[str, Kind] = {"classify": "multiclass"}
MASKS: Mapping[str, Kind] = {"segment": "multiclass"}
BOTH: Mapping[str, Kind] = {"classify": "multiclass", "segment": "multiclass"}


def logits(n: int, kind: Kind, seed: int, *pixels: int) -> Tensor:
    draw = torch.Generator().manual_seed(seed)
    return 2 * torch.randn(n, n_outputs(kind), *pixels, generator=draw)


def built(kinds: Mapping[str, Kind], **options: Any) -> tuple[Any, Any]:
    of = method(METHOD, kinds, **options)
    network = Echo()
    teacher = of.build(network, SIZES)
    with torch.no_grad():
        teacher.scale.fill_(0.5)  # its outputs differ
    return of, teacher


def probs_of(one: Tensor, kind: Kind) -> list[float]:
    """Return what is compared of one sample or pixel `(C,)`."""
    if kind == "regression":
        return [float(z) for z in one.tolist()]
    answers = answers_of(one, kind)
    return answers[0] if kind == "multiclass" else [yes for _, yes in answers]


@pytest.mark.parametrize("kind", ["multiclass", "binary", "multilabel", "regression"])
def test_the_loss_is_the_squared_difference_to_the_teacher(kind: Kind) -> None:
    kinds: Mapping[str, Kind] = {"classify": kind}
    of, _ = built(kinds, weight=7.0, warmup_share=0.5)
    weak, strong = logits(5, kind, 0), logits(5, kind, 1)
    each = []
    for w, s in zip(weak, strong, strict=True):
        aim, own = probs_of(0.5 * w, kind), probs_of(s, kind)
        each += [(a - b) ** 2 for a, b in zip(own, aim, strict=True)]
    found = of.losses(batches(kinds, weak, strong), step(2))
    assert found["unlabelled"].item() == pytest.approx(sum(each) / len(each), rel=1e-5)
    rising = math.exp(-5 * (1 - 2 / 5) ** 2)  # of 10 steps half
    total = found["labelled"].item() + 7 * rising * found["unlabelled"].item()
    assert found["total"].item() == pytest.approx(total, rel=1e-5)
    assert found["unlabelled"].item() > 0  # views are compared, not one with itself


def test_equal_views_and_equal_weights_agree() -> None:
    of, teacher = built(LABELS)
    weak = logits(4, "multiclass", 0)
    with torch.no_grad():
        teacher.scale.fill_(1.0)
    assert of.losses(batches(LABELS, weak, weak), step())["unlabelled"].item() == 0


def test_the_weight_rises_to_the_whole() -> None:
    assert share_of_weight(0, 10) == pytest.approx(math.exp(-5))
    assert share_of_weight(5, 10) == pytest.approx(math.exp(-1.25))
    assert share_of_weight(10, 10) == share_of_weight(99, 10) == share_of_weight(0, 0) == 1


def test_no_gradient_flows_to_the_teacher() -> None:
    of, teacher = built(LABELS)
    weak, strong = (logits(6, "multiclass", seed).requires_grad_() for seed in (0, 1))
    of.losses(batches(LABELS, weak, strong), step())["total"].backward()
    assert weak.grad is None
    assert teacher.scale.grad is None
    assert strong.grad is not None
    assert strong.grad.any()


@pytest.mark.parametrize(("index", "decay"), [(0, 0.1), (8, 0.5), (100_000, 0.9)])
def test_the_teacher_follows_the_weights_and_keeps_its_own_statistics(
    index: int, decay: float
) -> None:
    network = handmade.network("classify")
    of = handmade.method(METHOD, "classify", decay=0.9)
    teacher: Any = of.build(network, SIZES)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(1.0)
        for norm in network.modules():
            if isinstance(norm, nn.BatchNorm2d):
                norm.running_mean.add_(5.0)
    before = copy.deepcopy(teacher)
    of.after_step(handmade.step(index))
    for new, old, theirs in zip(
        teacher.parameters(), before.parameters(), network.parameters(), strict=True
    ):
        torch.testing.assert_close(new, decay * old + (1 - decay) * theirs)
    for new, old in zip(teacher.buffers(), before.buffers(), strict=True):
        assert torch.equal(new, old)


def test_the_teacher_trains_and_predicts() -> None:
    network = handmade.network("classify")
    of = handmade.method(METHOD, "classify")
    teacher: Any = of.build(network.eval(), SIZES)
    assert of.evaluation_network() is teacher
    assert teacher.training
    norm = next(one for one in teacher.modules() if isinstance(one, nn.BatchNorm2d))
    before = norm.running_mean.clone()
    of.losses(handmade.batches(of, handmade.step(), seed=0), handmade.step())
    assert not torch.equal(norm.running_mean, before)


def test_of_masks_the_pixels_that_both_views_show_count() -> None:
    of, _ = built(MASKS)
    weak, strong = (logits(3, "multiclass", seed, 2, 4) for seed in (0, 1))
    made = batches(MASKS, weak, strong)
    unlabelled = made[UNLABELLED]
    unlabelled.shown["weak"][:, 0, 1] = False
    unlabelled.shown["strong"][:, 1, 2] = False
    # The strong view is the mirror image of the weak one.
    mirrored = torch.arange(8).reshape(2, 4).flip(1).expand(3, 2, 4)
    unlabelled.places = {"strong": mirrored}
    each = []
    for i in range(3):
        for y in range(2):
            for x in range(4):
                if (y, 3 - x) == (0, 1) or (y, x) == (1, 2):
                    continue
                aim = probs_of(0.5 * weak[i, :, y, 3 - x], "multiclass")
                own = probs_of(strong[i, :, y, x], "multiclass")
                each += [(a - b) ** 2 for a, b in zip(own, aim, strict=True)]
    assert len(each) == 3 * 6 * 3
    found = of.losses(made, step())
    assert found["unlabelled"].item() == pytest.approx(sum(each) / len(each), rel=1e-5)


@pytest.mark.parametrize("kind", [METHOD, fixmatch.METHOD])
def test_a_pasted_box_has_its_pseudo_labels(kind: Any) -> None:
    """Every pixel is compared with its own target, wherever it was pasted."""
    n, size = 4, (6, 8)
    weak = logits(n, "multiclass", 0, *size)
    made = batches(MASKS, weak, weak)
    made[UNLABELLED].shown["weak"][1] = False  # nothing of it is known, wherever it is pasted
    boxes = draw_boxes(n, size, step().rng("cutmix"), probability=1.0)
    assert (boxes[:, 1] > boxes[:, 0]).all()
    threshold = 0.7
    of = method(kind, MASKS, cutmix=1.0, **({} if kind is METHOD else {"threshold": threshold}))
    network = Echo()
    own = of.build(network, SIZES)
    if kind is METHOD:
        with torch.no_grad():
            own.scale.fill_(0.5)
    seen: list[Tensor] = []
    network.register_forward_hook(lambda _, given, __: seen.append(given[0]))
    found = of.losses(made, step())
    strong = seen[-1][-n:]
    for i, (top, bottom, left, right) in enumerate(boxes.tolist()):
        inside = np.zeros(size, dtype=bool)
        inside[top:bottom, left:right] = True
        inside = torch.from_numpy(inside)
        assert torch.equal(strong[i][:, inside], weak[i - 1][:, inside])
        assert torch.equal(strong[i][:, ~inside], weak[i][:, ~inside])
    each: list[float] = []
    kept: list[bool] = []
    for i in range(n):
        top, bottom, left, right = boxes[i].tolist()
        for y in range(size[0]):
            for x in range(size[1]):
                source = (i - 1) % n if top <= y < bottom and left <= x < right else i
                if source == 1:
                    continue
                pixel = weak[source, :, y, x]
                q = answers_of(pixel, "multiclass")[0]
                if kind is METHOD:
                    aim = probs_of(0.5 * pixel, "multiclass")
                    each += [(a - b) ** 2 for a, b in zip(q, aim, strict=True)]
                else:
                    kept.append(max(q) >= threshold)
                    each.append(-math.log(max(q)) if kept[-1] else 0.0)
    if kept:
        assert 0.2 < sum(kept) / len(kept) < 0.8, "the test must see both, in boxes and beside them"
        assert found["kept"].item() == pytest.approx(sum(kept) / len(kept))
    assert found["unlabelled"].item() == pytest.approx(sum(each) / len(each), rel=1e-5)


@pytest.mark.parametrize(
    ("kinds", "options"), [(BOTH, {}), ({"classify": "regression"}, {}), (MASKS, {"cutmix": 0.5})]
)
def test_a_step_waits_for_no_value(kinds: Mapping[str, Kind], options: Mapping[str, float]) -> None:
    of, _ = built(kinds, **options)
    n_pixels = (6, 8) if "segment" in kinds else ()
    kind = next(iter(kinds.values()))
    made = batches(kinds, logits(4, kind, 0, *n_pixels), logits(4, kind, 1, *n_pixels))
    with Operations(large=10**9) as seen:
        of.losses(made, step())["total"].backward()
        of.after_step(step())
    assert not WAITS & seen.names


def test_labels_are_not_pasted() -> None:
    with pytest.raises(RecipeError, match="two labels"):
        method(METHOD, LABELS, cutmix=0.5)
