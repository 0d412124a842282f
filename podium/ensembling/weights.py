"""Weights of blended members.

Hill climbing (Caruana et al. 2004, "Ensemble selection from libraries of models", ICML) starts with
the best member and adds, round after round, the member that makes the mean of all picks score best;
a member may be picked again. The weights are the shares of the picks after the best round. With
bags, each bag climbs over a random half of the members and the weights of all bags are averaged
(section 2.3 there), which keeps a lucky member from taking everything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics import Metric
from podium.errors import DataError, UsageError, some
from podium.predictions.top_k import TopK, TopKMembers, mean_top_k
from podium.tuning.scoring import Scorer

if TYPE_CHECKING:
    from podium.competition.spec import TaskKind

__all__ = ["check_members", "climb", "hill_climb", "mean_weights"]

BAG_SHARE = 0.5  # of the members in each bag

Members = NDArray[np.floating[Any]]
Weights = NDArray[np.float64]
MeanWith = Callable[[tuple[int, ...], int], Any]


def mean_weights(n_members: int) -> Weights:
    """Return `(M,)` equal weights with sum 1."""
    if n_members < 1:
        raise UsageError("there is no member to blend", fix="name at least one run")
    return np.full(n_members, 1 / n_members)


def hill_climb(
    members: Members,
    truth: NDArray[Any],
    metric: str | Metric | Callable[..., float],
    *,
    rounds: int = 50,
    bags: int = 1,
    patience: int | None = None,
    seed: int = 0,
    greater_is_better: bool | None = None,
    kind: TaskKind | None = None,
    options: Mapping[str, Any] | None = None,
) -> Weights:
    """Return the weights `(M,)`, >= 0 with sum 1, that hill climbing finds.

    Of members, or rounds, with equal scores the first is taken.

    Args:
        members: `(M, N, C)` or `(M, N)`, finite.
        truth: `(N,)` or `(N, C)`.
        metric: a metric's name, a Metric, or `f(truth, probs) -> float`. Where decisions are
            scored, the mean is decided by argmax or 0.5 first.
        rounds: number of picks, the first included.
        bags: 1 climbs over all members; more climb over random halves.
        patience: stop after so many rounds without a better score; None goes on to the last.
        seed: of the halves.
        greater_is_better: None asks the metric; True for a plain function.
        kind: of the task; None sees it from truth and C.
        options: options of the metric.

    Raises:
        DataError: a value is not finite, or the shapes do not fit.
        UsageError: `rounds`, `bags` or `patience` is below 1.
    """
    values = check_members(members)
    scorer = Scorer.of(
        metric,
        truth,
        n_outputs=values.shape[2],
        kind=kind,
        options=options,
        greater_is_better=greater_is_better,
    )
    if len(scorer.truth) != values.shape[1]:
        raise DataError(f"members have {values.shape[1]} rows, the truth has {len(scorer.truth)}")
    return climb(values, scorer, rounds=rounds, bags=bags, patience=patience, seed=seed)


def climb(
    members: Members,
    scorer: Scorer,
    *,
    rounds: int,
    bags: int = 1,
    patience: int | None = None,
    seed: int = 0,
) -> Weights:
    """Return what `hill_climb` does, of members that were checked."""
    given = {"rounds": rounds, "bags": bags, "patience": rounds if patience is None else patience}
    for name, value in given.items():
        if value < 1:
            raise UsageError(f"{name} must be at least 1, got {value}")
    n_members = len(members)
    limits = (rounds, given["patience"])
    if bags == 1:
        return _climb_one(members, scorer, np.arange(n_members), *limits)
    rng = np.random.default_rng(seed)
    size = max(1, round(BAG_SHARE * n_members))
    chosen = [np.sort(rng.permutation(n_members)[:size]) for _ in range(bags)]
    each = [_climb_one(members, scorer, bag, *limits) for bag in chosen]
    return np.asarray(np.mean(each, axis=0))


def check_members(members: Any, names: tuple[str, ...] | None = None) -> Any:
    """Return `members` as `(M, N, C)`; `TopKMembers` as they are.

    Args:
        members: `(M, N, C)` or `(M, N)`.
        names: `(M,)`, for the message.

    Raises:
        DataError: there is none, the shape is another, or a value is not finite.
    """
    if isinstance(members, TopKMembers):
        return members
    values = np.asarray(members)
    values = values[..., None] if values.ndim == 2 else values
    if values.ndim != 3 or 0 in values.shape:
        raise DataError(f"members must have shape (M, N, C), got {np.shape(members)}")
    for m, member in enumerate(values):
        bad = np.flatnonzero(~np.isfinite(member).all(axis=1))
        if bad.size:
            name = f"member {m}" if names is None else names[m]
            raise DataError(
                f"{name} has values that are not finite in {bad.size} rows: {some(bad.tolist())}",
                fix="predict with this member again, or leave it out",
            )
    return values


def _climb_one(
    members: Members,
    scorer: Scorer,
    allowed: NDArray[np.int64],
    rounds: int,
    patience: int,
) -> Weights:
    if isinstance(members, TopKMembers):
        mean_with = _mean_of_top_k(members)
    else:
        mean_with = _mean_of_all(members)
    picks: list[int] = []
    best_score, best_length = None, 0
    # A lone member is its own mean, however often it is picked.
    for n_picked in range(1, (rounds if len(allowed) > 1 else 1) + 1):
        pick, score = _best_addition(scorer, allowed, mean_with, tuple(picks))
        picks.append(pick)
        if best_score is None or scorer.metric.is_better(score, best_score):
            best_score, best_length = score, n_picked
        elif n_picked - best_length >= patience:
            break
    counts = np.bincount(picks[:best_length], minlength=len(members))
    return np.asarray(counts / counts.sum())


def _mean_of_all(members: Members) -> MeanWith:
    """Return the mean of some picks and one more member, which keeps the sum of the picks."""
    total = np.zeros(members.shape[1:], dtype=np.float64)  # (N, C)
    added: list[int] = []

    def mean_with(picks: tuple[int, ...], m: int) -> NDArray[np.float64]:
        nonlocal total
        for pick in picks[len(added) :]:
            total += members[pick]
            added.append(pick)
        return np.asarray((total + members[m]) / (len(picks) + 1))

    return mean_with


def _mean_of_top_k(members: TopKMembers) -> MeanWith:
    def mean_with(picks: tuple[int, ...], m: int) -> TopK:
        counts = np.bincount([*picks, m], minlength=len(members))
        return mean_top_k(list(members), counts / counts.sum())

    return mean_with


def _best_addition(
    scorer: Scorer, allowed: NDArray[np.int64], mean_with: MeanWith, picks: tuple[int, ...]
) -> tuple[int, float]:
    """Return the member that makes the best mean with `picks`, and its score."""
    best: tuple[int, float] | None = None
    for m in allowed.tolist():
        score = scorer.of_probs(mean_with(picks, m))
        if best is None or scorer.metric.is_better(score, best[1]):
            best = (m, score)
    assert best is not None  # a bag has at least one member
    return best
