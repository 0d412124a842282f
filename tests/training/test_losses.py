"""Each loss is its formula in plain loops, and the library's own loss where there is one."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from podium.tasks.protocols.find import image_kind, pixel_kind
from podium.tasks.protocols.kind import Kind
from podium.training import losses
from podium.training.losses._loss import Loss, LossContext
from podium.workspace import extensions

N, C = 5, 3
torch.manual_seed(0)
LOGITS = torch.randn(N, C, dtype=torch.float64) * 2
CLASSES = torch.tensor([0, 2, 1, 2, 2])
SOFT = torch.rand(N, C).softmax(dim=1)
MANY = (torch.rand(N, C) > 0.5).float()
WEIGHT = torch.tensor([1.0, 0.0, 2.0, 0.5, 1.0]).unsqueeze(1)
CLASS_WEIGHTS = torch.tensor([0.5, 1.0, 3.0])


def context(kind: str, *given: Any) -> LossContext:
    return LossContext(image_kind(kind), *given)


def loss(name: str) -> Loss:
    found: Loss = extensions.load(losses, name, "LOSS")
    return found


def log_softmax(row: list[float]) -> list[float]:
    total = math.log(sum(math.exp(z) for z in row))
    return [z - total for z in row]


def sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def ce_by_hand(
    target: list[list[float]], weight: list[float], v: list[float], smoothing: float, gamma: float
) -> tuple[float, float, float]:
    """Return the summed loss, the summed weights w v(y), and the summed weights w."""
    total, norm, plain = 0.0, 0.0, 0.0
    for i in range(N):
        log_p = log_softmax(LOGITS[i].tolist())
        for c in range(C):
            smooth = (1 - smoothing) * target[i][c] + smoothing / C
            focus = (1 - math.exp(log_p[c])) ** gamma
            total += -weight[i] * v[c] * smooth * focus * log_p[c]
            norm += weight[i] * v[c] * target[i][c]
        plain += weight[i]
    return total, norm, plain


GRID = list(itertools.product([None, WEIGHT], [None, CLASS_WEIGHTS], [0.0, 0.1]))


@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize(("weight", "class_weights", "smoothing"), GRID)
def test_cross_entropy_is_its_formula(
    weight: Tensor | None, class_weights: Tensor | None, smoothing: float, soft: bool
) -> None:
    value = loss("ce")(
        LOGITS,
        SOFT if soft else CLASSES,
        context("multiclass", weight, class_weights, smoothing),
    )
    target = (SOFT if soft else F.one_hot(CLASSES, C)).tolist()
    w = [1.0] * N if weight is None else weight[:, 0].tolist()
    v = [1.0] * C if class_weights is None else class_weights.tolist()
    total, norm, _ = ce_by_hand(target, w, v, smoothing, gamma=0)
    assert value.item() == pytest.approx(total / norm, rel=1e-5)


@pytest.mark.parametrize("class_weights", [None, CLASS_WEIGHTS])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_cross_entropy_of_classes_is_torchs_and_so_is_its_one_hot_form(
    class_weights: Tensor | None, smoothing: float
) -> None:
    given = context("multiclass", None, class_weights, smoothing)
    expected = F.cross_entropy(
        LOGITS.float(), CLASSES, weight=class_weights, label_smoothing=smoothing
    )
    hard = loss("ce")(LOGITS, CLASSES, given)
    one_hot = loss("ce")(LOGITS, F.one_hot(CLASSES, C).float(), given)
    torch.testing.assert_close(hard, expected)
    torch.testing.assert_close(one_hot, expected)


@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
@pytest.mark.parametrize(("weight", "class_weights", "smoothing"), GRID)
def test_focal_loss_of_classes_is_its_formula(
    weight: Tensor | None,
    class_weights: Tensor | None,
    smoothing: float,
    gamma: float,
    soft: bool,
) -> None:
    value = loss("focal")(
        LOGITS,
        SOFT if soft else CLASSES,
        context("multiclass", weight, class_weights, smoothing),
        gamma=gamma,
    )
    target = (SOFT if soft else F.one_hot(CLASSES, C)).tolist()
    w = [1.0] * N if weight is None else weight[:, 0].tolist()
    v = [1.0] * C if class_weights is None else class_weights.tolist()
    total, _, plain = ce_by_hand(target, w, v, smoothing, gamma)
    assert value.item() == pytest.approx(total / plain, rel=1e-4)


@pytest.mark.parametrize("gamma", [None, 0.0, 2.0])
@pytest.mark.parametrize(("weight", "class_weights", "smoothing"), GRID)
def test_binary_losses_are_their_formulas(
    weight: Tensor | None, class_weights: Tensor | None, smoothing: float, gamma: float | None
) -> None:
    value = loss("bce" if gamma is None else "focal")(
        LOGITS,
        MANY,
        context("multilabel", weight, class_weights, smoothing),
        **({} if gamma is None else {"gamma": gamma}),
    )
    total, norm = 0.0, 0.0
    for i, c in itertools.product(range(N), range(C)):
        w = 1.0 if weight is None else weight[i, 0].item()
        v = 1.0 if class_weights is None else class_weights[c].item()
        y = (1 - smoothing) * MANY[i, c].item() + smoothing / 2
        p = sigmoid(LOGITS[i, c].item())
        g = gamma or 0.0
        total -= w * v * y * (1 - p) ** g * math.log(p)
        total -= w * (1 - y) * p**g * math.log(1 - p)
        norm += w
    assert value.item() == pytest.approx(total / norm, rel=1e-4)


def test_bce_of_a_multilabel_task_is_torchs_with_pos_weight() -> None:
    value = loss("bce")(LOGITS, MANY, context("multilabel", None, CLASS_WEIGHTS))
    expected = F.binary_cross_entropy_with_logits(LOGITS.float(), MANY, pos_weight=CLASS_WEIGHTS)
    torch.testing.assert_close(value, expected)


@pytest.mark.parametrize("name", ["bce", "focal"])
def test_a_binary_task_weighs_absent_and_present_apart(name: str) -> None:
    options = {} if name == "bce" else {"gamma": 0.0}
    logits, target = LOGITS[:, :1], MANY[:, :1]
    given = context("binary", None, torch.tensor([0.25, 4.0]))
    value = loss(name)(logits, target, given, **options)
    expected = 0.0
    for i in range(N):
        p = sigmoid(logits[i, 0].item())
        expected -= 4 * math.log(p) if target[i, 0] == 1 else 0.25 * math.log(1 - p)
    assert value.item() == pytest.approx(expected / N, rel=1e-5)


@pytest.mark.parametrize(("name", "delta"), [("mse", None), ("huber", 1.0), ("huber", 0.3)])
@pytest.mark.parametrize("weight", [None, WEIGHT])
def test_losses_of_a_regression_are_their_formulas(
    name: str, delta: float | None, weight: Tensor | None
) -> None:
    logits, target = LOGITS[:, :1], torch.linspace(-2, 2, N).unsqueeze(1)
    options = {} if delta is None else {"delta": delta}
    value = loss(name)(logits, target, context("regression", weight), **options)
    total, norm = 0.0, 0.0
    for i in range(N):
        w = 1.0 if weight is None else weight[i, 0].item()
        d = abs(logits[i, 0].item() - target[i, 0].item())
        each = d * d
        if delta is not None:
            each = d * d / 2 if d <= delta else delta * (d - delta / 2)
        total, norm = total + w * each, norm + w
    assert value.item() == pytest.approx(total / norm, rel=1e-5)


@pytest.mark.parametrize("weight", [None, WEIGHT])
def test_msle_is_the_squared_error_of_logarithms_in_the_numbers_own_units(
    weight: Tensor | None,
) -> None:
    unit = 40.0
    logits, target = LOGITS[:, :1], torch.tensor([0.0, 0.1, 1.0, 5.0, 2.0]).unsqueeze(1)
    given = LossContext(image_kind("regression"), weight, units=torch.tensor([unit]))
    value, total, norm = loss("msle")(logits, target, given), 0.0, 0.0
    for i in range(N):
        w = 1.0 if weight is None else weight[i, 0].item()
        z = logits[i, 0].item() * unit
        logarithm = math.log(1 + z) if z >= 0 else z
        total += w * (logarithm - math.log(1 + target[i, 0].item() * unit)) ** 2
        norm += w
    assert value.item() == pytest.approx(total / norm, rel=1e-5)


def test_a_number_below_minus_one_is_led_back_by_msle() -> None:
    logits = torch.tensor([[-3.0]], requires_grad=True)
    loss("msle")(logits, torch.tensor([[2.0]]), context("regression")).backward()
    assert logits.grad is not None
    assert logits.grad.item() == pytest.approx(2 * (-3 - math.log(3)))


CASES: list[tuple[str, Any, Tensor]] = [
    ("ce", "multiclass", CLASSES),
    ("ce", "multiclass", SOFT),
    ("focal", "multiclass", CLASSES),
    ("focal", "multilabel", MANY),
    ("bce", "multilabel", MANY),
    ("mse", "regression", MANY),
    ("huber", "regression", MANY),
    ("msle", "regression", MANY),
]


@pytest.mark.parametrize(("name", "kind", "target"), CASES)
def test_a_batch_without_any_answer_gives_zero_and_no_gradient(
    name: str, kind: Any, target: Tensor
) -> None:
    logits = LOGITS.clone().requires_grad_()
    value = loss(name)(logits, target, context(kind, torch.zeros(N, 1)))
    value.backward()
    assert value.item() == 0
    assert logits.grad is not None
    assert torch.equal(logits.grad, torch.zeros_like(logits))


@pytest.mark.parametrize(("name", "kind", "target"), CASES)
@pytest.mark.parametrize("scale", [0.0, 60.0])
def test_extreme_logits_give_finite_losses_and_gradients(
    name: str, kind: Any, target: Tensor, scale: float
) -> None:
    logits = (LOGITS.sign().float() * scale).requires_grad_()
    loss(name)(logits, target, context(kind)).backward()
    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()


@pytest.mark.parametrize(("name", "kind", "target"), CASES)
def test_half_precision_logits_are_computed_in_full(name: str, kind: Any, target: Tensor) -> None:
    half = LOGITS.to(torch.float16)
    value = loss(name)(half, target, context(kind))
    assert value.dtype == torch.float32
    torch.testing.assert_close(value, loss(name)(half.float(), target, context(kind)))


ONE_OF_TWO = [[[1.0, 0.0]]]  # two pixels, of which the first is there
BOTH = [[[30.0, 30.0]]]  # both are predicted
# By hand: name, kind of task, logits of one row or image, its target, options, value.
WORKED: list[tuple[str, Kind, list[Any], Any, dict[str, Any], float]] = [
    ("ce", image_kind("multiclass"), [0.0, math.log(3)], 1, {}, -math.log(0.75)),
    ("focal", image_kind("multiclass"), [0.0, math.log(3)], 1, {"gamma": 2.0},
     -math.log(0.75) / 16),
    ("arcface", image_kind("multiclass"), [0.0, 0.0], 0, {"margin": 0.5},
     math.log(1 + math.exp(math.sin(0.5)))),
    ("bce", image_kind("multilabel"), [0.0], [1.0], {}, math.log(2)),
    ("ce_by_output", image_kind("multioutput[2,2]"), [0.0, math.log(3), 0.0, 0.0],
     [0.0, 1.0, 1.0, 0.0], {}, (math.log(2) - math.log(0.75)) / 2),
    ("mse", image_kind("regression"), [1.0], [3.0], {}, 4.0),
    ("huber", image_kind("regression"), [1.0], [3.0], {"delta": 1.0}, 1.5),
    ("msle", image_kind("regression"), [0.0], [math.e - 1], {}, 1.0),
    ("cosine_distance", image_kind("angle"), [1.0, 1.0], [1.0, 0.0], {}, 1 - math.sqrt(0.5)),
    # 2 too low at 0.1, and 5 too high at 0.9
    ("pinball", image_kind("quantiles[0.1,0.5,0.9]"), [8.0, 10.0, 15.0], [10.0, 10.0, 10.0], {},
     (0.2 + 0.5) / 3),
    # One pixel is hit, of two predicted and one true; each ratio has 1 above and below.
    ("dice", pixel_kind("binary"), BOTH, ONE_OF_TWO, {}, 1 - 3 / 4),
    ("jaccard", pixel_kind("binary"), BOTH, ONE_OF_TWO, {}, 1 - 2 / 3),
    ("tversky", pixel_kind("binary"), BOTH, ONE_OF_TWO, {"alpha": 0.3}, 1 - 2 / 2.3),
    # The wrong pixel is off by 2, and the Jaccard loss of it alone is 1/2.
    ("lovasz", pixel_kind("binary"), [[[1.0, 1.0]]], ONE_OF_TWO, {}, 1.0),
]  # fmt: skip


@pytest.mark.parametrize(("name", "kind", "logits", "target", "options", "expected"), WORKED)
def test_the_worked_values_come_out(
    name: str, kind: Kind, logits: list[Any], target: Any, options: dict[str, Any], expected: float
) -> None:
    given = LossContext(kind, units=torch.ones(1), scale=1.0)
    value = loss(name)(torch.tensor([logits]), torch.tensor([target]), given, **options)
    assert value.item() == pytest.approx(expected, rel=1e-5)


def test_every_loss_has_a_worked_value() -> None:
    assert {name for name, *_ in WORKED} == set(extensions.names(losses))
