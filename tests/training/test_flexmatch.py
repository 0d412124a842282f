from __future__ import annotations

import copy
import math
from collections import Counter
from collections.abc import Mapping, Sequence
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
from podium.tasks.protocols.kind import Kind
from podium.training.method import PoolSizes
from podium.training.methods.flexmatch import METHOD, LatestPseudoLabels

POOL = 12
KINDS: tuple[Kind, ...] = ("multiclass", "binary", "multilabel")
LABELS: Mapping[str, Kind] = {"classify": "multiclass"}
MASKS: Mapping[str, Kind] = {"segment": "multiclass"}
BOTH: Mapping[str, Kind] = {"classify": "multiclass", "segment": "multiclass"}


def logits(n: int, kind: Kind, seed: int, *pixels: int) -> Tensor:
    draw = torch.Generator().manual_seed(seed)
    return 2 * torch.randn(n, n_outputs(kind), *pixels, generator=draw)


def rows(n: int, seed: int) -> list[int]:
    """Return rows of the pool, some of them more than once."""
    draw = torch.Generator().manual_seed(100 + seed)
    drawn: list[int] = torch.randint(0, POOL, (n,), generator=draw).tolist()
    return drawn


def built(kinds: Mapping[str, Kind], **options: Any) -> tuple[Any, Any]:
    of = method(METHOD, kinds, **options)
    return of, of.build(Echo(), PoolSizes(labelled=1, unlabelled=POOL))


class Plain:
    """One question, in plain Python: the memory as a list, which is counted anew every time."""

    def __init__(self, n_answers: int, threshold: float, *, warmup: bool) -> None:
        self.n, self.threshold, self.warmup = n_answers, threshold, warmup
        self.memory = [-1] * POOL

    def thresholds(self) -> list[float]:
        counts = Counter(self.memory)
        most = max(counts[c] for c in range(self.n))
        if self.warmup:
            most = max(most, counts[-1])
        learnt = [counts[c] / most if most else 0.0 for c in range(self.n)]
        return [self.threshold * one / (2 - one) for one in learnt]

    def step(
        self, index: Sequence[int], weak: list[list[float]], strong: list[list[float]]
    ) -> tuple[list[float], list[bool]]:
        thresholds, each, kept = self.thresholds(), [], []
        for i, q, p in zip(index, weak, strong, strict=True):
            label = q.index(max(q))
            kept.append(q[label] >= thresholds[label])
            each.append(-math.log(p[label]) if kept[-1] else 0.0)
            if q[label] >= self.threshold:
                self.memory[i] = label
        return each, kept


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("warmup", [True, False])
def test_losses_and_memory_are_those_of_the_paper_step_by_step(kind: Kind, warmup: bool) -> None:
    kinds, n = {"classify": kind}, 8
    of, own = built(kinds, threshold=0.8, warmup=warmup, weight=0.6)
    n_questions = len(answers_of(torch.zeros(n_outputs(kind)), kind))
    n_answers = C if kind == "multiclass" else 2
    plain = [Plain(n_answers, 0.8, warmup=warmup) for _ in range(n_questions)]
    shares, again = [], 0
    for i in range(12):
        weak, strong, index = logits(n, kind, 2 * i), logits(n, kind, 2 * i + 1), rows(n, i)
        again += n - len(set(index))
        found = of.losses(batches(kinds, weak, strong, index=index), step(i))
        each, kept = [], []
        for k, question in enumerate(plain):
            q, p = ([answers_of(one, kind)[k] for one in of] for of in (weak, strong))
            by_hand = question.step(index, q, p)
            each += by_hand[0]
            kept += by_hand[1]
        shares.append(sum(kept) / len(kept))
        unlabelled = sum(each) / len(each)
        assert found["unlabelled"].item() == pytest.approx(unlabelled, rel=1e-5)
        assert found["kept"].item() == pytest.approx(shares[-1])
        total = found["labelled"].item() + 0.6 * unlabelled
        assert found["total"].item() == pytest.approx(total, rel=1e-5)
        memory = own["memory"]
        kept_rows = memory.answers[:-1].reshape(POOL, n_questions)
        assert kept_rows.T.tolist() == [one.memory for one in plain]
        counts = [[Counter(one.memory)[c] for c in range(-1, n_answers)] for one in plain]
        assert memory.counts.tolist() == counts
        wanted = [one.thresholds() for one in plain]
        thresholds = memory.thresholds(0.8, warmup=warmup)
        assert thresholds.tolist() == [pytest.approx(one) for one in wanted]
    assert again, "the test must see a sample twice in a batch"
    assert shares[0] == 1
    assert min(shares) < 1, "the test must see both"


def test_in_the_first_step_everything_counts_however_unsure() -> None:
    unsure = torch.zeros(6, C)
    of, own = built(LABELS)
    assert of.losses(batches(LABELS, unsure, unsure), step())["kept"].item() == 1
    assert (own["memory"].answers == -1).all()


def test_the_predictions_of_a_batch_change_only_the_next_thresholds() -> None:
    sure = torch.tensor([[9.0, 0, 0]]).repeat(POOL, 1)
    unsure = torch.tensor([[0.1, 0, 0]])
    of, _ = built(LABELS)
    first = of.losses(
        batches(
            LABELS, torch.cat([sure, unsure]), torch.zeros(POOL + 1, C), index=[*range(POOL), 0]
        ),
        step(),
    )
    assert first["kept"].item() == 1
    assert of.losses(batches(LABELS, unsure, unsure), step(1))["kept"].item() == 0


def test_labels_are_stored_by_the_fixed_threshold() -> None:
    half_sure = torch.tensor([[2.0, 0, 0]])  # 0.79: counts at first, and is not remembered
    of, own = built(LABELS)
    assert of.losses(batches(LABELS, half_sure, half_sure), step())["kept"].item() == 1
    assert own["memory"].counts.tolist() == [[POOL, 0, 0, 0]]


def test_a_sample_stays_what_it_was_until_it_is_sure_of_something_else() -> None:
    memory = LatestPseudoLabels(4, 1, C)
    for answer, sure in ((1, True), (2, False), (0, True)):
        memory.write(torch.tensor([3]), torch.tensor([[answer]]), torch.tensor([[sure]]))
        wanted = 1 if answer == 2 else answer
        assert memory.answers.tolist() == [-1, -1, -1, wanted, -1]
        assert memory.counts.tolist() == [[3, *(int(c == wanted) for c in range(C))]]


def test_of_several_labels_of_one_sample_the_last_confident_one_is_counted_once() -> None:
    memory = LatestPseudoLabels(4, 1, C)
    index, answer = torch.tensor([2, 0, 2, 2]), torch.tensor([[0], [1], [1], [2]])
    memory.write(index, answer, torch.tensor([[True], [True], [True], [False]]))
    assert memory.answers.tolist() == [1, -1, 1, -1, -1]
    assert memory.counts.tolist() == [[2, 0, 2, 0]]


def test_a_step_looks_up_its_own_samples_and_never_goes_through_the_pool() -> None:
    n = 50_000
    of = method(METHOD, LABELS, threshold=0.5)
    of.build(Echo(), PoolSizes(labelled=1, unlabelled=n))
    made = batches(LABELS, logits(9, "multiclass", 0), logits(9, "multiclass", 1))
    with Operations(large=n) as done:
        of.losses(made, step())
    assert done.on_large == {"index", "index_put_"}
    assert not done.names & WAITS


@pytest.mark.parametrize(("n_answers", "dtype"), [(1000, torch.int16), (40_000, torch.int32)])
def test_the_memory_uses_the_smallest_integer_type(n_answers: int, dtype: torch.dtype) -> None:
    memory = LatestPseudoLabels(3, 1, n_answers)
    memory.write(torch.tensor([1]), torch.tensor([[n_answers - 1]]), torch.tensor([[True]]))
    assert memory.answers.dtype == dtype
    assert memory.answers.tolist() == [-1, n_answers - 1, -1, -1]
    assert memory.counts[0, -1] == 1


def test_what_is_remembered_is_in_the_checkpoint() -> None:
    def run(of: Any, indices: range) -> list[float]:
        made = [logits(8, "multiclass", i) for i in range(12)]
        return [
            of.losses(batches(LABELS, made[i], made[i + 1], index=rows(8, i)), step(i))[
                "total"
            ].item()
            for i in indices
        ]

    options = {"threshold": 0.8}
    unbroken, own = built(LABELS, **options)
    run(unbroken, range(5))
    resumed, fresh = built(LABELS, **options)
    fresh.load_state_dict(copy.deepcopy(own.state_dict()))
    wanted = run(unbroken, range(5, 10))
    assert run(resumed, range(5, 10)) == wanted
    assert run(built(LABELS, **options)[0], range(5, 10)) != wanted


def test_no_gradient_flows_through_the_weak_view() -> None:
    weak, strong = logits(6, "multiclass", 0), logits(6, "multiclass", 1)
    for view in (weak, strong):
        view.requires_grad_()
    built(LABELS)[0].losses(batches(LABELS, weak, strong), step())["total"].backward()
    assert weak.grad is None or not weak.grad.any()
    assert strong.grad is not None
    assert strong.grad.any()


@pytest.mark.parametrize("to", ["uniform", "labelled"])
def test_aligned_labels_are_stored_and_used_in_the_loss(to: str) -> None:
    weak = torch.tensor([[2.0, 1.9, 0], [3, 0, 0], [2, 0, 1.8], [2.2, 0, 2]])
    strong, labelled = logits(4, "multiclass", 1), logits(2, "multiclass", 2)
    of, own = built(LABELS, threshold=0.45, align=to, align_decay=0.2)
    q, known = ([answers_of(one, "multiclass")[0] for one in of] for of in (weak, labelled))
    usual = [0.2 / C + 0.8 * sum(one[c] for one in q) / 4 for c in range(C)]
    wanted = [0.2 / C + 0.8 * sum(one[c] for one in known) / 2 for c in range(C)]
    if to == "uniform":
        wanted = [1 / C] * C
    moved = [[one[c] * wanted[c] / usual[c] for c in range(C)] for one in q]
    aligned = [[x / sum(one) for x in one] for one in moved]
    answers = [one.index(max(one)) for one in aligned]
    found = of.losses(batches(LABELS, weak, strong, labelled=labelled), step())
    assert answers != weak.argmax(1).tolist(), "the test must see the difference"
    p = [answers_of(one, "multiclass")[0] for one in strong]
    loss = -sum(math.log(one[label]) for one, label in zip(p, answers, strict=True)) / 4
    assert found["unlabelled"].item() == pytest.approx(loss, rel=1e-5)
    remembered = [
        label if max(one) >= 0.45 else -1 for one, label in zip(aligned, answers, strict=True)
    ]
    assert own["memory"].answers[:4].tolist() == remembered
    assert {"alignment.unlabelled", "alignment.labelled"} < set(own.state_dict())


@pytest.mark.parametrize("kind", ["binary", "multilabel"])
def test_alignment_without_classes_that_exclude_each_other_is_refused(kind: Kind) -> None:
    with pytest.raises(RecipeError, match="multiclass") as raised:
        method(METHOD, {"classify": kind}, align="uniform")
    assert raised.value.where == "method.align"


def test_masks_beside_labels_have_a_fixed_threshold() -> None:
    weak = torch.zeros(2, C, 2, 2)
    weak[:, 0, 1] = 2.0  # half of the pixels are sure of it by 0.79
    of, own = built(BOTH, threshold=0.95, mask_threshold=0.7)
    found = of.losses(batches(BOTH, weak, weak), step())
    assert found["classify/kept"].item() == 1
    assert found["segment/kept"].item() == 0.5
    sure = -math.log(math.exp(2) / (math.exp(2) + 2)) / 2
    assert found["segment/unlabelled"].item() == pytest.approx(sure)
    assert set(own.state_dict()) == {"memory.answers", "memory.counts"}
    of, _ = built(BOTH, threshold=0.95)
    assert of.losses(batches(BOTH, weak, weak), step())["segment/kept"].item() == 0


def test_masks_alone_are_refused_with_what_to_write() -> None:
    with pytest.raises(RecipeError, match="every pixel") as raised:
        method(METHOD, MASKS)
    assert "freematch" in str(raised.value.fix)


def test_a_regression_is_refused_with_what_to_write() -> None:
    with pytest.raises(RecipeError, match="regression") as raised:
        method(METHOD, {"classify": "regression"})
    assert "supervised" in str(raised.value.fix)


@pytest.mark.parametrize("wrong", [{"threshold": 80}, {"weight": -1}, {"warmup": "later"}])
def test_impossible_options_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        METHOD.Options(**wrong)
