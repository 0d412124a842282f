from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pytest
import torch
from torch import Tensor
from training.echo import (
    WAITS,
    C,
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
from podium.training.data.sampling import UNLABELLED
from podium.training.method import PoolSizes
from podium.training.methods.softmatch import METHOD, ConfidenceGaussian

SIZES = PoolSizes(labelled=1, unlabelled=50)
KINDS: tuple[Kind, ...] = ("multiclass", "binary", "multilabel")
LABELS: Mapping[str, Kind] = {"classify": "multiclass"}
MASKS: Mapping[str, Kind] = {"segment": "multiclass"}


def logits(n: int, kind: Kind, seed: int, *pixels: int) -> Tensor:
    draw = torch.Generator().manual_seed(seed)
    return 2 * torch.randn(n, n_outputs(kind), *pixels, generator=draw)


def built(kinds: Mapping[str, Kind], **options: Any) -> tuple[Any, Any]:
    of = method(METHOD, kinds, **options)
    return of, of.build(Echo(), SIZES)


class Plain:
    """One question, in plain Python: what it remembers, and its losses."""

    def __init__(self, n_answers: int, decay: float, n_sigma: float, align: str | None) -> None:
        self.n, self.decay, self.n_sigma, self.align = n_answers, decay, n_sigma, align
        self.mean, self.variance = 1 / n_answers, 1.0
        self.said, self.wanted = ([1 / n_answers] * n_answers for _ in range(2))

    def moved(self, old: float, new: float) -> float:
        return self.decay * old + (1 - self.decay) * new

    def weights(self, weak: list[list[float]], labelled: list[list[float]]) -> list[float]:
        u = len(weak)
        if self.align != "none":
            for c in range(self.n):
                self.said[c] = self.moved(self.said[c], sum(q[c] for q in weak) / u)
                if self.align == "labelled":
                    mean = sum(q[c] for q in labelled) / len(labelled)
                    self.wanted[c] = self.moved(self.wanted[c], mean)
            raw = [[q[c] * self.wanted[c] / self.said[c] for c in range(self.n)] for q in weak]
            weak = [[one / sum(q) for one in q] for q in raw]
        sure = [max(q) for q in weak]
        mean = sum(sure) / u
        self.mean = self.moved(self.mean, mean)
        variance = sum((one - mean) ** 2 for one in sure) / (u - 1)
        self.variance = self.moved(self.variance, variance)
        below = [min(one - self.mean, 0) for one in sure]
        return [math.exp(-(one**2) * self.n_sigma**2 / (2 * self.variance)) for one in below]


CASES: list[tuple[Kind, str | None, str]] = [
    ("multiclass", None, "uniform"),
    ("multiclass", "uniform", "uniform"),
    ("multiclass", "labelled", "labelled"),
    ("multiclass", "none", "none"),
    ("binary", None, "none"),
    ("multilabel", None, "none"),
    ("multilabel", "none", "none"),
]


@pytest.mark.parametrize(("kind", "written", "align"), CASES)
def test_the_losses_are_those_of_the_paper_step_by_step(
    kind: Kind, written: str | None, align: str
) -> None:
    kinds, n = {"classify": kind}, 7
    options = {} if written is None else {"align": written}
    of, own = built(kinds, decay=0.7, weight=0.6, n_sigma=1.5, **options)
    n_answers = C if kind == "multiclass" else 2
    questions = answers_of(torch.zeros(n_outputs(kind)), kind)
    plain = [Plain(n_answers, 0.7, 1.5, align) for _ in questions]
    partly = 0
    for i in range(6):
        weak, strong = logits(n, kind, 2 * i), logits(n, kind, 2 * i + 1)
        labelled = logits(4, kind, 100 + i)
        found = of.losses(batches(kinds, weak, strong, labelled=labelled), step(i))
        each, weights = [], []
        for k, question in enumerate(plain):
            q, p, known = ([answers_of(z, kind)[k] for z in of] for of in (weak, strong, labelled))
            by_hand = question.weights(q, known)
            # The answer is that of the raw probabilities, whatever aligned ones say.
            labels = [one.index(max(one)) for one in q]
            losses = [-math.log(one[label]) for one, label in zip(p, labels, strict=True)]
            each += [w * loss for w, loss in zip(by_hand, losses, strict=True)]
            weights += by_hand
        partly += sum(0.01 < one < 0.99 for one in weights)
        assert found["unlabelled"].item() == pytest.approx(sum(each) / len(each), rel=1e-5)
        assert found["kept"].item() == pytest.approx(sum(weights) / len(weights), rel=1e-5)
        total = found["labelled"].item() + 0.6 * sum(each) / len(each)
        assert found["total"].item() == pytest.approx(total, rel=1e-5)
    assert partly > 5, "the test must see answers that count in part"
    assert ("alignment" in dict(own.named_children())) is (align != "none")
    for k, question in enumerate(plain):
        assert own["classify"].mean[k].item() == pytest.approx(question.mean, rel=1e-5)
        assert own["classify"].variance[k].item() == pytest.approx(question.variance, rel=1e-5)


def test_alignment_changes_the_weight_and_never_the_predicted_class() -> None:
    weak = torch.tensor([[0.0, 0.4, 0.0]] + [[0.0, 3.0, 0.0]] * 5)  # class 1 is predicted too often
    strong = torch.tensor([[4.0, 0.0, 0.0]] * 6, requires_grad=True)
    of, _ = built(LABELS, decay=0.0)
    of.losses(batches(LABELS, weak, strong), step())["unlabelled"].backward()
    assert strong.grad is not None
    # Aligned, the first one is no more of class 1; what it is taught is class 1 all the same.
    assert strong.grad[0, 1] < 0
    assert strong.grad[0, 0] > 0


def test_every_prediction_has_full_weight_at_the_start() -> None:
    of, _ = built(LABELS)
    weak, strong = logits(40, "multiclass", 0), logits(40, "multiclass", 1)
    assert of.losses(batches(LABELS, weak, strong), step())["kept"].item() > 0.99


def test_predictions_above_the_mean_have_full_weight() -> None:
    spread = ConfidenceGaussian(1, 2)
    sure = torch.tensor([[0.5], [0.6], [0.9], [1.0]])
    spread.follow(sure, torch.ones(4, 1, dtype=torch.bool), decay=0.0)
    assert spread.mean.item() == pytest.approx(0.75)
    assert spread.variance.item() == pytest.approx((2 * 0.25**2 + 2 * 0.15**2) / 3)
    weights = spread.weights(sure, 2.0)
    assert weights[2:].tolist() == [[1.0], [1.0]]
    assert (weights[:2] < 1).all()


def test_a_batch_of_one_mind_is_weighed_without_dividing_by_zero() -> None:
    of, _ = built(LABELS, decay=0.0, align="none")
    weak = torch.tensor([[2.0, 0.0, 0.0]] * 4)
    found = of.losses(batches(LABELS, weak, weak), step())
    assert found["kept"].item() == 1
    assert found["total"].isfinite()


def test_moving_averages_stay_after_a_batch_of_one_prediction() -> None:
    of, own = built(LABELS, decay=0.5, align="none")
    weak = logits(1, "multiclass", 0)
    of.losses(batches(LABELS, weak, weak), step())
    assert own["classify"].mean.item() == pytest.approx(1 / 3)
    assert own["classify"].variance.item() == 1


def test_of_masks_only_pixels_that_are_shown_are_counted() -> None:
    of, own = built(MASKS, decay=0.0)
    weak, strong = (logits(3, "multiclass", seed, 2, 4) for seed in (0, 1))
    made = batches(MASKS, weak, strong)
    made[UNLABELLED].shown["weak"][:, 0, :] = False
    found = of.losses(made, step())
    sure = [max(answers_of(weak[i, :, 1, x], "multiclass")[0]) for i in range(3) for x in range(4)]
    mean = sum(sure) / 12
    variance = sum((one - mean) ** 2 for one in sure) / 11
    assert own["segment"].mean.item() == pytest.approx(mean, rel=1e-5)
    assert own["segment"].variance.item() == pytest.approx(variance, rel=1e-5)
    each = []
    for i in range(3):
        for x in range(4):
            q, p = (answers_of(one[i, :, 1, x], "multiclass")[0] for one in (weak, strong))
            weight = math.exp(-(min(max(q) - mean, 0) ** 2) * 4 / (2 * variance))
            each.append(-weight * math.log(p[q.index(max(q))]))
    assert found["unlabelled"].item() == pytest.approx(sum(each) / 12, rel=1e-5)


def test_no_gradient_flows_through_the_weak_view() -> None:
    weak, strong = (logits(6, "multiclass", seed).requires_grad_() for seed in (0, 1))
    of, _ = built(LABELS)
    of.losses(batches(LABELS, weak, strong), step())["total"].backward()
    assert weak.grad is None or not weak.grad.any()
    assert strong.grad is not None
    assert strong.grad.any()


def test_a_step_waits_for_no_value() -> None:
    of, _ = built(LABELS)
    made = batches(LABELS, logits(6, "multiclass", 0), logits(6, "multiclass", 1))
    with Operations(large=10**9) as seen:
        of.losses(made, step())
    assert not WAITS & seen.names


@pytest.mark.parametrize("kinds", [{"classify": "multilabel"}, {"segment": "multiclass"}])
def test_to_align_what_has_no_classes_that_exclude_each_other_is_refused(
    kinds: Mapping[str, Kind],
) -> None:
    with pytest.raises(RecipeError, match="multiclass") as raised:
        method(METHOD, kinds, align="uniform")
    assert raised.value.where == "method.align"


def test_a_regression_is_refused() -> None:
    with pytest.raises(RecipeError, match="regression"):
        method(METHOD, {"classify": "regression"})
