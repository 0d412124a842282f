"""Losses of masks are their formulas in plain loops, and smp's where the definitions agree."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest
import segmentation_models_pytorch as smp
import torch
from torch import Tensor

from podium.tasks.protocols.find import kind_names, pixel_kind
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import PIXELS
from podium.training import losses
from podium.training.losses._loss import Loss, LossContext
from podium.workspace import extensions

N, C, H, W = 3, 4, 5, 6
KINDS: list[Kind] = ["binary", "multiclass", "multilabel"]
REGION = ["dice", "jaccard", "lovasz", "tversky"]
PIXELWISE: dict[str, list[Kind]] = {
    "ce": ["multiclass"],
    "bce": ["binary", "multilabel"],
    "focal": ["binary", "multiclass", "multilabel"],
}
SMP = {
    "dice": smp.losses.DiceLoss,
    "jaccard": smp.losses.JaccardLoss,
    "tversky": smp.losses.TverskyLoss,
}


def context(kind: str, *given: Any) -> LossContext:
    return LossContext(pixel_kind(kind), *given)


def loss(name: str) -> Loss:
    found: Loss = extensions.load(losses, name, "LOSS")
    return found


def masks(kind: Kind, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Return logits and a truth in which every class is present."""
    generator = torch.Generator().manual_seed(seed)
    channels = 1 if kind == "binary" else C
    logits = torch.randn(N, channels, H, W, generator=generator) * 2
    if kind == "multiclass":
        target = torch.randint(0, C, (N, H, W), generator=generator)
        target[0, 0, :C] = torch.arange(C)
        return logits, target
    target = (torch.rand(N, channels, H, W, generator=generator) < 0.4).float()
    target[0, :, 0, 0] = 1
    return logits, target


def one_hot(target: Tensor, kind: Kind) -> Tensor:
    if kind != "multiclass":
        return target
    return torch.nn.functional.one_hot(target, C).permute(0, 3, 1, 2).float()


def score_by_hand(name: str, hit: float, predicted: float, true: float, o: dict[str, Any]) -> float:
    s = o.get("smooth", 1.0)
    if name == "dice":
        return 1 - (2 * hit + s) / (predicted + true + s)
    if name == "jaccard":
        return 1 - (hit + s) / (predicted + true - hit + s)
    alarms, misses = o.get("alpha", 0.3) * (predicted - hit), o.get("beta", 0.7) * (true - hit)
    return float((1 - (hit + s) / (hit + alarms + misses + s)) ** o.get("gamma", 1.0))


def region_by_hand(
    name: str, logits: Tensor, target: Tensor, kind: Kind, weight: Tensor, **o: Any
) -> float:
    """Sum over pixels one by one; `weight` is `(N, C, H, W)`."""
    probs = logits.softmax(1) if kind == "multiclass" else logits.sigmoid()
    y = one_hot(target, kind)
    channels = logits.shape[1]
    images = [[n] for n in range(N)] if o.get("per_image") else [list(range(N))]
    first = 1 if kind == "multiclass" and not o.get("background") else 0
    total, norm = 0.0, 0.0
    for group, c in itertools.product(images, range(first, channels)):
        hit = predicted = true = heaviest = 0.0
        for n, i, j in itertools.product(group, range(H), range(W)):
            w = weight[n, c, i, j].item()
            heaviest = max(heaviest, w)
            if o.get("per_image"):
                w = float(w > 0)
            hit += w * probs[n, c, i, j].item() * y[n, c, i, j].item()
            predicted += w * probs[n, c, i, j].item()
            true += w * y[n, c, i, j].item()
        counts = heaviest if o.get("per_image") else float(heaviest > 0)
        if o.get("classes", "present") == "present" and true == 0:
            counts = 0.0
        total += counts * score_by_hand(name, hit, predicted, true, o) if counts else 0.0
        norm += counts
    return total / norm


OPTIONS: list[dict[str, Any]] = [
    {},
    {"background": True, "smooth": 0.0},
    {"per_image": True, "classes": "all"},
    {"per_image": True, "smooth": 0.1},
]


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["dice", "jaccard", "tversky"])
def test_losses_of_regions_are_their_formulas(
    name: str, kind: Kind, options: dict[str, Any]
) -> None:
    logits, target = masks(kind)
    if kind == "multiclass":
        target[target == 2] = 0  # absent everywhere
    else:
        target[1] = 0  # an image with nothing
    weight = torch.tensor([1.0, 0.5, 2.0]).reshape(N, 1, 1, 1).repeat(1, logits.shape[1], H, W)
    weight[:, :, 1, 2:] = 0  # unknown
    given = context(kind, weight[:, :1] if kind == "multiclass" else weight)
    value = loss(name)(logits, target, given, **options)
    expected = region_by_hand(name, logits, target, kind, weight, **options)
    assert value.item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_focal_tversky_is_its_formula(kind: Kind) -> None:
    logits, target = masks(kind)
    options = {"alpha": 0.6, "beta": 0.4, "gamma": 0.75, "smooth": 0.5, "per_image": True}
    ones = torch.ones(logits.shape)
    expected = region_by_hand("tversky", logits, target, kind, ones, **options)
    value = loss("tversky")(logits, target, context(kind), **options)
    assert value.item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("smooth", [0.0, 1.0])
@pytest.mark.parametrize("ignored", [False, True])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["dice", "jaccard", "tversky"])
def test_losses_of_regions_are_those_of_smp(
    name: str, kind: Kind, ignored: bool, smooth: float
) -> None:
    logits, target = masks(kind)
    options = {"alpha": 0.3, "beta": 0.7} if name == "tversky" else {}
    theirs = SMP[name](kind, smooth=smooth, ignore_index=-1 if ignored else None, **options)
    known = torch.ones(target.shape)
    if ignored:
        known[..., 2:4, 1:] = 0
    expected = theirs(logits, target.where(known > 0, torch.tensor(-1).to(target.dtype)))
    weight = known.unsqueeze(1) if kind == "multiclass" else known
    if name == "dice":
        smooth *= 2  # theirs divides the formula by 2, except for this
    given = context(kind, weight)
    value = loss(name)(logits, target, given, smooth=smooth, background=True, **options)
    torch.testing.assert_close(value, expected)


def test_tversky_of_halves_is_dice_with_half_the_smoothing() -> None:
    logits, target = masks("multilabel")
    tversky = loss("tversky")(
        logits, target, context("multilabel"), alpha=0.5, beta=0.5, smooth=0.5
    )
    torch.testing.assert_close(tversky, loss("dice")(logits, target, context("multilabel")))


@pytest.mark.parametrize("per_image", [False, True])
@pytest.mark.parametrize("ignored", [False, True])
def test_lovasz_softmax_is_that_of_smp(per_image: bool, ignored: bool) -> None:
    logits, target = masks("multiclass")
    known = torch.ones(N, 1, H, W)
    if ignored:
        known[:, :, 2:, 3:] = 0
    theirs = smp.losses.LovaszLoss("multiclass", per_image, ignore_index=-1)
    expected = theirs(logits, target.where(known[:, 0] > 0, torch.tensor(-1)))
    given = context("multiclass", known)
    if not per_image:
        value = loss("lovasz")(logits, target, given, background=True)
        torch.testing.assert_close(value, expected)
        return
    # smp means over the classes of an image first: one image at a time is the same thing.
    each = [
        loss("lovasz")(
            logits[n : n + 1],
            target[n : n + 1],
            context("multiclass", known[n : n + 1]),
            background=True,
            per_image=True,
        )
        for n in range(N)
    ]
    torch.testing.assert_close(torch.stack(each).mean(), expected)


@pytest.mark.parametrize("per_image", [False, True])
def test_lovasz_hinge_is_that_of_smp(per_image: bool) -> None:
    logits, target = masks("binary")
    target[1] = 0
    expected = smp.losses.LovaszLoss("binary", per_image)(logits, target)
    value = loss("lovasz")(logits, target, context("binary"), per_image=per_image, classes="all")
    torch.testing.assert_close(value, expected)


def lovasz_by_hand(errors: list[float], true: list[bool], weight: list[float]) -> float:
    """Sum error times step of the Jaccard loss, from the worst pixel on."""

    def jaccard(wrong: list[int]) -> float:
        area = sum(w for w, y in zip(weight, true, strict=True) if y)
        missed = sum(weight[i] for i in wrong if true[i])
        union = area + sum(weight[i] for i in wrong if not true[i])
        return 1 - (area - missed) / union if union else 0.0

    order = sorted(range(len(errors)), key=lambda i: -errors[i])
    return sum(
        errors[i] * (jaccard(order[: k + 1]) - jaccard(order[:k])) for k, i in enumerate(order)
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("classes", ["present", "all"])
def test_lovasz_is_its_formula_also_under_weights(kind: Kind, classes: str) -> None:
    logits, target = masks(kind, seed=3)
    if kind == "multiclass":
        target[target == 3] = 1
    weight = torch.tensor([1.0, 0.25, 3.0]).reshape(N, 1, 1, 1).repeat(1, 1, H, W)
    weight[:, :, :, 4] = 0
    value = loss("lovasz")(logits, target, context(kind, weight), classes=classes)
    y, w = one_hot(target, kind) > 0.5, weight.flatten().tolist()
    each = []
    for c in range(1 if kind == "multiclass" else 0, logits.shape[1]):
        hard = y[:, c].flatten().tolist()
        if kind == "multiclass":
            p = logits.softmax(1)[:, c].flatten().tolist()
            errors = [abs(h - q) for h, q in zip(hard, p, strict=True)]
        else:
            z = logits[:, c].flatten().tolist()
            errors = [max(0.0, 1 - s * (2 * h - 1)) for h, s in zip(hard, z, strict=True)]
        if classes == "all" or any(h and v > 0 for h, v in zip(hard, w, strict=True)):
            each.append(lovasz_by_hand(errors, hard, w))
    assert value.item() == pytest.approx(sum(each) / len(each), rel=1e-5)


def test_steps_of_lovasz_keep_their_digits_over_millions_of_pixels() -> None:
    # One true pixel among 4 million, all wrong by the same: the loss is that error, exactly.
    logits = torch.zeros(1, 1, 2000, 2000)
    target = torch.zeros_like(logits)
    target[0, 0, 7, 7] = 1
    logits.requires_grad_()
    value = loss("lovasz")(logits, target, context("binary"))
    value.backward()
    assert value.item() == pytest.approx(1, rel=1e-4)
    assert logits.grad is not None
    assert logits.grad.abs().sum().item() == pytest.approx(1, rel=1e-4)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", REGION)
@pytest.mark.parametrize("per_image", [False, True])
def test_gradients_are_those_of_finite_differences(name: str, kind: Kind, per_image: bool) -> None:
    logits, target = masks(kind)
    weight = torch.ones(2, 1, H, 2)
    weight[0, 0, 1] = 0
    part = logits[:2, ..., :2].double().requires_grad_()  # each number costs two evaluations
    where = target[:2, ..., :2]
    options: dict[str, Any] = {"per_image": per_image, "classes": "all", "background": True}
    if name == "tversky":
        options["gamma"] = 0.75
    torch.autograd.gradcheck(
        lambda z: loss(name).compute(z, where, context(kind, weight), **options),
        (part,),
    )


def every_loss() -> list[tuple[str, Kind]]:
    pixelwise = [(name, kind) for name, kinds in PIXELWISE.items() for kind in kinds]
    return pixelwise + [(name, kind) for name in REGION for kind in KINDS]


@pytest.mark.parametrize(("name", "kind"), every_loss())
class TestEveryLossOfMasks:
    def test_unknown_pixels_count_as_if_cut_off(self, name: str, kind: Kind) -> None:
        logits, target = masks(kind)
        weight = torch.ones(N, 1, H, W)
        weight[..., 4:] = 0
        whole = loss(name)(logits, target, context(kind, weight))
        rest = loss(name)(logits[..., :4], target[..., :4], context(kind))
        torch.testing.assert_close(whole, rest)

    def test_a_weight_of_two_is_the_image_twice(self, name: str, kind: Kind) -> None:
        logits, target = masks(kind)
        weight = torch.tensor([2.0, 0.0, 1.0]).reshape(N, 1, 1, 1).expand(N, 1, H, W)
        weighted = loss(name)(logits, target, context(kind, weight))
        rows = [0, 0, 2]
        twice = loss(name)(logits[rows], target[rows], context(kind))
        torch.testing.assert_close(weighted, twice)
        if name in REGION:
            value = loss(name)(logits, target, context(kind, weight), per_image=True)
            expected = loss(name)(logits[rows], target[rows], context(kind), per_image=True)
            torch.testing.assert_close(value, expected)

    def test_without_any_answer_it_is_zero_and_has_no_gradient(self, name: str, kind: Kind) -> None:
        logits, target = masks(kind)
        every: list[dict[str, Any]] = [{}]
        if name in REGION:
            every.append({"per_image": True, "classes": "all", "background": True})
        if name in SMP:
            every.append({"smooth": 0.0, "classes": "all"})
        for options in every:
            logits = logits.detach().requires_grad_()
            value = loss(name)(logits, target, context(kind, torch.zeros(N, 1, H, W)), **options)
            value.backward()
            assert value.item() == 0
            assert logits.grad is not None
            assert torch.equal(logits.grad, torch.zeros_like(logits))

    @pytest.mark.parametrize("scale", [0.0, 60.0, 1e4])
    def test_extreme_logits_give_finite_losses_and_gradients(
        self, name: str, kind: Kind, scale: float
    ) -> None:
        logits, target = masks(kind)
        logits = (logits.sign() * scale).requires_grad_()
        value = loss(name)(logits, target, context(kind))
        value.backward()
        assert logits.grad is not None
        assert math.isfinite(value.item())
        assert torch.isfinite(logits.grad).all()

    def test_it_is_the_same_in_half_precision_and_under_autocast(
        self, name: str, kind: Kind
    ) -> None:
        logits, target = masks(kind)
        half = logits.to(torch.bfloat16)
        expected = loss(name)(half.float(), target, context(kind))
        with torch.autocast("cpu", torch.bfloat16):
            value = loss(name)(half, target, context(kind))
        assert value.dtype == torch.float32
        torch.testing.assert_close(value, expected)

    def test_what_is_right_everywhere_costs_nothing(self, name: str, kind: Kind) -> None:
        _, target = masks(kind)
        logits = 60 * (2 * one_hot(target, kind) - 1)
        assert loss(name)(logits, target, context(kind)).item() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("name", "kind"), [(name, kind) for name, kinds in PIXELWISE.items() for kind in kinds]
)
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("weighted", [False, True])
def test_a_pixelwise_loss_is_that_of_labels_on_all_pixels(
    name: str, kind: Kind, smoothing: float, weighted: bool
) -> None:
    logits, target = masks(kind)
    channels = logits.shape[1]
    weight = torch.rand(N, 1, H, W, generator=torch.Generator().manual_seed(1))
    v = None
    if weighted:
        v = torch.tensor([0.5, 2.0]) if kind == "binary" else torch.arange(1.0, channels + 1)
    value = loss(name)(logits, target, context(kind, weight, v, smoothing))
    flat = logits.movedim(1, -1).reshape(-1, channels)
    rows = target.flatten() if kind == "multiclass" else target.movedim(1, -1).reshape(-1, channels)
    expected = loss(name)(flat, rows, context(kind, weight.reshape(-1, 1), v, smoothing))
    torch.testing.assert_close(value, expected)


@pytest.mark.parametrize("name", REGION)
def test_class_weights_weigh_the_classes_in_the_mean(name: str) -> None:
    logits, target = masks("multiclass")
    alone = []
    for c in range(C):
        only = torch.zeros(C)
        only[c] = 3.0
        given = context("multiclass", None, only)
        alone.append(loss(name)(logits, target, given, background=True))
    given = context("multiclass", None, torch.tensor([1.0, 0.0, 2.0, 5.0]))
    value = loss(name)(logits, target, given, background=True)
    torch.testing.assert_close(value, (alone[0] + 2 * alone[2] + 5 * alone[3]) / 8)


@pytest.mark.parametrize("name", REGION)
def test_an_empty_image_predicted_empty_costs_nothing_where_all_classes_count(
    name: str,
) -> None:
    options: dict[str, Any] = {"per_image": True, "classes": "all"}
    empty = torch.zeros(1, 1, H, W)
    right = loss(name)(torch.full_like(empty, -30.0), empty, context("binary"), **options)
    wrong = loss(name)(torch.full_like(empty, 30.0), empty, context("binary"), **options)
    assert right.item() == pytest.approx(0, abs=1e-6)
    assert wrong.item() > 0.85
    # By default absent classes do not count.
    assert loss(name)(torch.full_like(empty, 30.0), empty, context("binary")).item() == 0


def test_every_loss_of_masks_is_tested() -> None:
    of_masks = {*REGION, *PIXELWISE}
    of_pixels = [pixel_kind(kind) for kind in kind_names(PIXELS)]
    for name in extensions.names(losses):
        fits = any(map(loss(name).fits, of_pixels)) and not loss(name).of_cosines
        assert fits == (name in of_masks), name
        assert loss(name).form == ("region" if name in REGION else "pixelwise")
