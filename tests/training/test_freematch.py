from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from typing import Any

import pytest
import torch
from pydantic import ValidationError
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
from podium.tasks.protocols.find import image_kind
from podium.tasks.protocols.kind import Kind
from podium.training.data.sampling import UNLABELLED
from podium.training.method import PoolSizes
from podium.training.methods.freematch import METHOD, AdaptiveThresholds, fairness
from podium.training.semi_supervised import hard_labels, probabilities

SIZES = PoolSizes(labelled=1, unlabelled=50)
KINDS = tuple(map(image_kind, ("multiclass", "binary", "multilabel")))
LABELS: Mapping[str, Kind] = {"classify": "multiclass"}
MASKS: Mapping[str, Kind] = {"segment": "multiclass"}
BOTH: Mapping[str, Kind] = {"classify": "multiclass", "segment": "multiclass"}


def logits(n: int, kind: Kind, seed: int, *pixels: int) -> Tensor:
    draw = torch.Generator().manual_seed(seed)
    return 2 * torch.randn(n, n_outputs(kind), *pixels, generator=draw)


def built(kinds: Mapping[str, Kind], **options: Any) -> tuple[Any, Any]:
    of = method(METHOD, kinds, **options)
    return of, of.build(Echo(), SIZES)


def follow(usual: AdaptiveThresholds, probs: Tensor, kind: Kind = KINDS[0], **given: Any) -> None:
    usual.follow(probs, hard_labels(probs, kind, threshold=0), **given)


class Plain:
    """One question, in plain Python: what it remembers, and its losses."""

    def __init__(self, n_answers: int, decay: float) -> None:
        self.n, self.decay = n_answers, decay
        self.level = 1 / n_answers
        self.mean_probs = [1 / n_answers] * n_answers
        self.chosen = [1 / n_answers] * n_answers

    def moved(self, old: float, new: float) -> float:
        return self.decay * old + (1 - self.decay) * new

    def follow(self, weak: list[list[float]]) -> None:
        u = len(weak)
        self.level = self.moved(self.level, sum(max(q) for q in weak) / u)
        for c in range(self.n):
            self.mean_probs[c] = self.moved(self.mean_probs[c], sum(q[c] for q in weak) / u)
            count = sum(q.index(max(q)) == c for q in weak)
            self.chosen[c] = self.moved(self.chosen[c], count / u)

    def thresholds(self) -> list[float]:
        return [self.level * one / max(self.mean_probs) for one in self.mean_probs]

    def step(
        self, weak: list[list[float]], strong: list[list[float]]
    ) -> tuple[list[float], list[bool], float]:
        """Return the loss of each pseudo-label, which are kept, and the term for diversity."""
        self.follow(weak)
        thresholds = self.thresholds()
        each, kept = [], []
        for q, p in zip(weak, strong, strict=True):
            label = q.index(max(q))
            kept.append(q[label] >= thresholds[label])
            each.append(-math.log(p[label]) if kept[-1] else 0.0)
        return each, kept, self.fairness([p for p, one in zip(strong, kept, strict=True) if one])

    def fairness(self, kept: list[list[float]]) -> float:
        if not kept:
            return 0.0
        n = len(kept)
        usual, seen = [0.0] * self.n, [0.0] * self.n
        for c in range(self.n):
            share = sum(p.index(max(p)) == c for p in kept) / n
            if self.chosen[c] > 0:
                usual[c] = self.mean_probs[c] / self.chosen[c]
            if share > 0:
                seen[c] = sum(p[c] for p in kept) / n / share
        a, b = ([one / sum(of) for one in of] for of in (usual, seen))
        return sum(x * math.log(y) for x, y in zip(a, b, strict=True) if y > 0)


@pytest.mark.parametrize("kind", KINDS)
def test_the_losses_are_those_of_the_paper_step_by_step(kind: Kind) -> None:
    kinds, n = {"classify": kind}, 7
    of, own = built(kinds, decay=0.7, weight=0.6, fairness_weight=0.3)
    n_answers = C if kind == "multiclass" else 2
    plain = [Plain(n_answers, 0.7) for _ in answers_of(torch.zeros(n_outputs(kind)), kind)]
    shares = []
    for i in range(6):
        weak, strong = logits(n, kind, 2 * i), logits(n, kind, 2 * i + 1)
        found = of.losses(batches(kinds, weak, strong), step(i))
        each, kept, diversity = [], [], []
        for k, question in enumerate(plain):
            q, p = ([answers_of(one, kind)[k] for one in of] for of in (weak, strong))
            by_hand = question.step(q, p)
            each += by_hand[0]
            kept += by_hand[1]
            diversity.append(by_hand[2])
        shares.append(sum(kept) / len(kept))
        unlabelled, term = sum(each) / len(each), sum(diversity) / len(diversity)
        assert found["unlabelled"].item() == pytest.approx(unlabelled, rel=1e-5)
        assert found["kept"].item() == pytest.approx(shares[-1])
        assert found["fairness"].item() == pytest.approx(term, rel=1e-5)
        total = found["labelled"].item() + 0.6 * unlabelled + 0.3 * term
        assert found["total"].item() == pytest.approx(total, rel=1e-5)
    assert 0 < min(shares) < 1, "the test must see both"
    usual = own["classify"]
    assert usual.level.tolist() == pytest.approx([one.level for one in plain])
    for k, one in enumerate(plain):
        assert usual.mean_probs[k].tolist() == pytest.approx(one.mean_probs)
        assert usual.chosen[k].tolist() == pytest.approx(one.chosen)


def test_thresholds_include_the_present_batch() -> None:
    # All are equally confident: of thresholds with them none is above them, of 1/C neither; but
    # with a mean that forgets all else, one less sure than the mean is left out in the first step.
    weak = torch.tensor([[4.0, 0, 0], [0.5, 0, 0]])
    of, _ = built(LABELS, decay=0.0)
    assert of.losses(batches(LABELS, weak, weak), step())["kept"].item() == 0.5


def test_a_class_has_its_share_of_the_threshold_by_probability_and_not_by_count() -> None:
    usual = AdaptiveThresholds(image_kind("multiclass"), C)
    probs = torch.tensor([[0.6, 0.4, 0.0], [0.6, 0.2, 0.2]])
    follow(usual, probs, decay=0.0)
    level = 0.6
    wanted = [level, level * 0.3 / 0.6, level * 0.1 / 0.6]
    assert usual.thresholds()[0].tolist() == pytest.approx(wanted)
    assert usual.chosen.tolist() == [[1, 0, 0]]


def test_the_term_moves_a_batch_away_from_what_is_usual() -> None:
    # Class 0 has a higher mean probability than share. Downhill its probability falls.
    predicted, chosen = torch.tensor([[0.8, 0.1, 0.1]]), torch.full((1, C), 1 / 3)
    strong = torch.tensor([[1.0, 0.5, 0], [0.4, 1, 0], [0, 0.3, 1]], requires_grad=True)
    kept = torch.ones(3, dtype=torch.bool)
    fairness(strong, kept, predicted, chosen, image_kind("multiclass")).backward()
    assert strong.grad is not None
    with torch.no_grad():
        moved = strong - 0.1 * strong.grad
    assert moved.softmax(1).mean(0)[0] < strong.softmax(1).mean(0)[0]


def test_only_the_strong_views_that_are_kept_take_a_gradient_of_the_term() -> None:
    made = batches(LABELS, logits(6, "multiclass", 0), logits(6, "multiclass", 1))
    views = made[UNLABELLED].views
    for view in views.values():
        view.requires_grad_()
    of, own = built(LABELS, decay=0.0)
    of.losses(made, step())["fairness"].backward()
    weak, strong = views["weak"].grad, views["strong"].grad
    assert weak is None or not weak.any()
    assert strong is not None
    probs = probabilities(views["weak"].detach()[:, :, 0, 0], image_kind("multiclass"))
    sure, label = probs.max(1)
    kept = sure >= own["classify"].thresholds()[0][label]
    assert 0 < kept.sum() < 6, "the test must see both"
    assert strong.flatten(1).any(dim=1).tolist() == kept.tolist()
    assert not any(one.requires_grad for one in own.state_dict().values())


@pytest.mark.parametrize("kind", KINDS)
def test_where_nothing_is_kept_there_is_no_term(kind: Kind) -> None:
    strong = logits(4, kind, 0).requires_grad_()
    usual = AdaptiveThresholds(kind, n_outputs(kind))
    kept = torch.zeros(4 if kind == "multiclass" else strong.shape, dtype=torch.bool)
    term = fairness(strong, kept, usual.mean_probs, usual.chosen, kind)
    term.backward()
    assert term.item() == 0
    assert strong.grad is not None
    assert not strong.grad.any()


def test_classes_never_predicted_leave_the_term_finite() -> None:
    usual = AdaptiveThresholds(image_kind("multiclass"), C)
    follow(usual, torch.tensor([[0.9, 0.1, 0.0]]), decay=0.0)
    assert usual.chosen.tolist() == [[1, 0, 0]]
    strong = torch.tensor([[90.0, 0, 0], [0, 90.0, 0]], requires_grad=True)
    kept = torch.ones(2, dtype=torch.bool)
    term = fairness(strong, kept, usual.mean_probs, usual.chosen, image_kind("multiclass"))
    term.backward()
    assert term.item() == pytest.approx(math.log(0.5))  # a = (1, 0, 0), b = (1/2, 1/2, 0)
    assert strong.grad is not None
    assert strong.grad.isfinite().all()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("quantile", [None, 0.8])
def test_of_masks_the_pixels_that_are_shown_are_the_samples(
    kind: Kind, quantile: float | None
) -> None:
    kinds, pixels = {"segment": kind}, (4, 5)
    weak, strong = logits(2, kind, 0, *pixels), logits(2, kind, 1, *pixels)
    made = batches(kinds, weak, strong)
    shown = made[UNLABELLED].shown["weak"]
    shown[:, :2] = False
    of, own = built(kinds, decay=0.3, quantile=quantile)
    found = of.losses(made, step())
    of_pixels, alone = AdaptiveThresholds(kind, n_outputs(kind)), weak.movedim(1, -1)[shown]
    follow(of_pixels, probabilities(alone, kind), kind, decay=0.3, quantile=quantile)
    for name, value in of_pixels.state_dict().items():
        torch.testing.assert_close(own["segment"].get_buffer(name), value)
    assert "fairness" not in found
    of_labels, _ = built({"classify": kind}, decay=0.3, quantile=quantile)
    as_labels = batches({"classify": kind}, alone, strong.movedim(1, -1)[shown])
    wanted = of_labels.losses(as_labels, step())
    for name in ("unlabelled", "kept"):
        torch.testing.assert_close(found[name], wanted[name])


@pytest.mark.parametrize("quantile", [None, 0.8])
def test_masks_without_a_shown_pixel_change_nothing(quantile: float | None) -> None:
    made = batches(MASKS, logits(2, "multiclass", 0, 3, 3), logits(2, "multiclass", 1, 3, 3))
    made[UNLABELLED].shown["weak"][:] = False
    of, own = built(MASKS, quantile=quantile)
    before = copy.deepcopy(own.state_dict())
    found = of.losses(made, step())
    assert found["unlabelled"].item() == found["kept"].item() == 0
    assert all(torch.equal(before[name], one) for name, one in own.state_dict().items())


@pytest.mark.parametrize("share", [0.0, 0.3, 0.8, 1.0])
def test_the_quantile_is_that_of_torch(share: float) -> None:
    probs = probabilities(logits(9, "multilabel", 0), image_kind("multilabel"))
    usual = AdaptiveThresholds(image_kind("multilabel"), C)
    follow(usual, probs, image_kind("multilabel"), decay=0.0, quantile=share)
    wanted = torch.maximum(probs, 1 - probs).quantile(share, dim=0)
    torch.testing.assert_close(usual.level, wanted)


def test_the_mean_goes_on_from_the_clipped_value() -> None:
    usual, by_hand = AdaptiveThresholds(image_kind("multiclass"), C), 1 / C
    for sure in (1.0, 1.0, 1.0, 0.4, 0.4, 0.4):
        probs = torch.tensor([[sure, 1 - sure, 0.0]])
        follow(usual, probs, decay=0.5, clip=(0.6, 0.8))
        by_hand = min(max(0.5 * by_hand + 0.5 * probs.max().item(), 0.6), 0.8)
        assert usual.level.item() == pytest.approx(by_hand)
    of, _ = built(LABELS, clip=[0.9, 0.95])
    weak = torch.tensor([[2.0, 0, 0]])  # 0.79
    assert of.losses(batches(LABELS, weak, weak), step())["kept"].item() == 0


def test_two_heads_have_statistics_of_their_own() -> None:
    weak, strong = logits(4, "multiclass", 0, 2, 2), logits(4, "multiclass", 1, 2, 2)
    of, own = built(BOTH)
    found = of.losses(batches(BOTH, weak, strong), step())
    apart = [built({task: kind})[0] for task, kind in sorted(BOTH.items())]
    labels = apart[0].losses(batches(LABELS, weak[..., 0, 0], strong[..., 0, 0]), step())
    masks = apart[1].losses(batches(MASKS, weak, strong), step())
    torch.testing.assert_close(found["classify/unlabelled"], labels["unlabelled"])
    torch.testing.assert_close(found["segment/unlabelled"], masks["unlabelled"])
    torch.testing.assert_close(found["fairness"], labels["fairness"])
    parts = found["labelled"] + found["unlabelled"] + 0.001 * found["fairness"]
    torch.testing.assert_close(found["total"], parts)
    assert {name.split(".")[0] for name in own.state_dict()} == {"classify", "segment"}


def test_statistics_are_kept_in_float32() -> None:
    of, own = built(LABELS)
    weak = logits(5, "multiclass", 0)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = of.losses(batches(LABELS, weak.bfloat16(), weak.bfloat16()), step())
    again, wanted = built(LABELS)
    again.losses(batches(LABELS, weak.bfloat16().float(), weak), step())
    assert all(value.dtype == torch.float32 for value in found.values())
    for name, value in wanted.state_dict().items():
        assert torch.equal(own.state_dict()[name], value)


@pytest.mark.parametrize("options", [{}, {"quantile": 0.8, "clip": [0.5, 0.9]}])
def test_a_step_never_waits_for_the_device(options: dict[str, Any]) -> None:
    of, _ = built(BOTH, **options)
    made = batches(BOTH, logits(2, "multiclass", 0, 2, 2), logits(2, "multiclass", 1, 2, 2))
    with Operations(large=1) as done:
        of.losses(made, step())
    assert "scatter_add_" in done.names
    assert not done.names & WAITS


def test_what_is_remembered_is_in_the_checkpoint() -> None:
    def run(of: Any, indices: range) -> list[float]:
        made = [logits(5, "multiclass", i) for i in range(10)]
        return [
            of.losses(batches(LABELS, made[i], made[i + 1]), step(i))["total"].item()
            for i in indices
        ]

    unbroken, own = built(LABELS, decay=0.8)
    run(unbroken, range(4))
    resumed, fresh = built(LABELS, decay=0.8)
    fresh.load_state_dict(copy.deepcopy(own.state_dict()))
    wanted = run(unbroken, range(4, 8))
    assert run(resumed, range(4, 8)) == wanted
    assert run(built(LABELS, decay=0.8)[0], range(4, 8)) != wanted


def test_a_regression_is_refused_with_what_to_write() -> None:
    with pytest.raises(RecipeError, match="regression") as raised:
        method(METHOD, {"classify": "regression"})
    assert "supervised" in str(raised.value.fix)


@pytest.mark.parametrize(
    "wrong", [{"decay": 2}, {"fairness_weight": -1}, {"clip": [0.95, 0.9]}, {"threshold": 0.95}]
)
def test_impossible_options_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        METHOD.Options(**wrong)
