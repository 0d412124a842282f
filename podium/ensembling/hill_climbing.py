"""Hill climbing, and bounds that spare it scoring; one file a metric, found by the metric's name.

Hill climbing (Caruana et al. 2004, "Ensemble selection from libraries of models", ICML) starts with
the best member and adds, round after round, the member that makes the mean of all picks score best;
a member may be picked again. The weights are the shares of the picks after the best round. With
bags, each bag climbs over a random half of the members and the weights of all bags are averaged
(section 2.3 there), which keeps a lucky member from taking everything.

The picks are those of the plain loop that makes and scores every mean. A file of `climbing/` spares
most of that work: it exports `additions`, which scores the mean of all picks and one more member
without making every such mean: bounds that often leave one candidate, and the score of any picks,
the very number that the plain way gives. It returns None for what it cannot compute exactly (an
option, a kind of task, values that the metric refuses); a metric without a file, and `TopKMembers`,
go the plain way, too. An objective that is not of labels may have `additions` of its own.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.ensembling import climbing
from podium.errors import DataError, UsageError, plural, some
from podium.predictions.top_k import TopKMembers, mean_top_k
from podium.tuning.scoring import LabelScorer
from podium.workspace import extensions

if TYPE_CHECKING:
    from podium.ensembling.method import BlendObjective

__all__ = [
    "EPS",
    "Additions",
    "PlainAdditions",
    "RunningSum",
    "additions_of",
    "check_members",
    "climb",
    "hill_climb",
    "known_dtype",
    "mean_weights",
]


EPS = float(np.finfo(np.float64).eps)

Picks = tuple[int, ...]
Bounds = tuple[NDArray[np.float64], NDArray[np.float64]]


class Additions(Protocol):
    """Scores of the mean of some picks, in which a member may stand several times."""

    def bounds(self, picks: Picks, allowed: NDArray[np.int64]) -> Bounds | None:
        """Return bounds of what `score((*picks, m))` is for each m of `allowed`, `(K,)` each.

        Where the two are equal they are the score. None: there are no bounds without scoring.
        """

    def score(self, picks: Picks) -> float:
        """Return the objective's score of the mean of one pick or more, to the last bit."""


class RunningSum:
    """The sum of members' predictions, in the order of the picks."""

    def __init__(self, values: Any, dtype: type[np.floating[Any]] = np.float64) -> None:
        self._values = values  # (M, …)
        self._picks: list[int] = []
        self._total = np.zeros(np.shape(values)[1:], dtype)

    def of(self, picks: Picks) -> NDArray[Any]:
        """Return the sum, which the next call may change; picks that go on cost one addition."""
        if tuple(self._picks) != picks[: len(self._picks)]:
            self._picks.clear()
            self._total[...] = 0
        for pick in picks[len(self._picks) :]:
            self._total += self._values[pick]
            self._picks.append(pick)
        return self._total


class PlainAdditions:
    """Every mean is made and scored: for any metric, and for `TopKMembers`."""

    def __init__(self, members: Any, objective: BlendObjective) -> None:
        self._members, self._objective = members, objective
        self._sum: RunningSum | None = None

    def bounds(self, picks: Picks, allowed: NDArray[np.int64]) -> Bounds | None:
        return None

    def score(self, picks: Picks) -> float:
        return self._objective.of_probs(self._mean(picks))

    def _mean(self, picks: Picks) -> Any:
        members = self._members
        if isinstance(members, TopKMembers):
            counts = np.bincount(picks, minlength=len(members))
            return mean_top_k(list(members), counts / counts.sum())
        if self._sum is None:  # float64 (N, C): much, and bounds may never need it
            self._sum = RunningSum(members)
        return (self._sum.of(picks[:-1]) + members[picks[-1]]) / len(picks)


def known_dtype(members: NDArray[Any]) -> NDArray[Any]:
    """Return members as float32 or float64, side by side, for compiled loops; none is rounded."""
    if members.dtype in (np.float32, np.float64):
        return np.ascontiguousarray(members)
    return members.astype(np.float32 if members.dtype == np.float16 else np.float64, order="C")


_SHARED = {
    "accuracy": "_confusion",
    "balanced_accuracy": "_confusion",
    "brier": "_squared",
    "f1": "_confusion",
    "fbeta": "_confusion",
    "macro_f1": "_confusion",
    "mae": "_confusion",
    "mcc": "_confusion",
    "qwk": "_confusion",
    "rmse": "_squared",
}
"""The module of metrics that share one with others; any other has a file of its name, or none."""


def additions_of(members: Any, objective: BlendObjective) -> Additions:
    """Return the additions for `climb` of checked members, `(M, N, C)` or `TopKMembers`."""
    metric = objective.metric
    plain = PlainAdditions(members, objective)
    if isinstance(members, TopKMembers):
        return plain
    if not isinstance(objective, LabelScorer):
        own: Callable[[Any], Additions | None] | None = getattr(objective, "additions", None)
        return (None if own is None else own(members)) or plain
    # A function may have the name of a metric, and a metric another direction than its own.
    known = {*extensions.names(climbing), *_SHARED}
    if metric.name not in known or metric != metrics.get(metric.name):
        return plain
    module = importlib.import_module(f"{climbing.__name__}.{_SHARED.get(metric.name, metric.name)}")
    found: Additions | None = module.additions(members, objective)
    return plain if found is None else found


BAG_SHARE = 0.5  # of the members in each bag

Members = NDArray[np.floating[Any]]
Weights = NDArray[np.float64]


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
    kind: str | None = None,
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
        bags: 1 climbs over all members; more climb over random halves, of two members at least.
        patience: stop after so many rounds without a better score; None goes on to the last.
        seed: of the halves.
        greater_is_better: None takes the metric's; True for a plain function.
        kind: of the task; None sees it from truth and C.
        options: options of the metric.

    Raises:
        DataError: a value is not finite, or the shapes do not fit.
        UsageError: `rounds`, `bags` or `patience` is below 1.
    """
    values = check_members(members)
    scorer = LabelScorer.of(
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
    scorer: BlendObjective,
    *,
    rounds: int,
    bags: int = 1,
    patience: int | None = None,
    seed: int = 0,
) -> Weights:
    """Return the weights of `hill_climb` for checked members."""
    patience = rounds if patience is None else patience
    for name, value in {"rounds": rounds, "bags": bags, "patience": patience}.items():
        if value < 1:
            raise UsageError(f"{name} must be at least 1, got {value}")
    n_members = len(members)
    chosen = [np.arange(n_members)]
    if bags > 1:
        rng = np.random.default_rng(seed)
        # A bag of one has nothing to climb: the seed, not the data, would decide the weights.
        size = min(n_members, max(2, round(BAG_SHARE * n_members)))
        chosen = [np.sort(rng.permutation(n_members)[:size]) for _ in range(bags)]
    additions, limits = additions_of(members, scorer), (rounds, patience)
    each = [_climb_one(additions, scorer.metric, n_members, bag, *limits) for bag in chosen]
    return np.asarray(np.mean(each, axis=0))


def check_members(
    members: Any, names: tuple[str, ...] | None = None, ids: Sequence[str] | None = None
) -> Any:
    """Return `members` as `(M, N, C)`; `TopKMembers` as they are.

    Args:
        members: `(M, N, C)` or `(M, N)`.
        names: `(M,)`, for the message.
        ids: `(N,)`, for the message; None: rows are numbered.

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
        if _is_finite(member):
            continue
        bad = np.flatnonzero(~np.isfinite(member).all(axis=1))
        if bad.size:
            name = f"member {m}" if names is None else names[m]
            rows: list[Any] = bad.tolist()
            if ids is not None and len(ids) == values.shape[1]:
                rows = [ids[row] for row in rows]
            raise DataError(
                f"{name} has values that are not finite in {plural(bad.size, 'row')}: {some(rows)}",
                fix="predict with this member again, or leave it out",
            )
    return values


def _is_finite(member: NDArray[Any]) -> bool:
    """Return whether all values are; False may also mean that their sum is not."""
    if member.dtype.kind != "f" or member.dtype.itemsize < 4:
        return False  # whole numbers are few, and the sum of halves soon is infinite
    with np.errstate(over="ignore", invalid="ignore"):
        return math.isfinite(member.sum())


def _climb_one(
    additions: Additions,
    metric: Metric,
    n_members: int,
    allowed: NDArray[np.int64],
    rounds: int,
    patience: int,
) -> Weights:
    best: _Ensemble | None = None
    picks: tuple[int, ...] = ()
    # A lone member is its own mean, however often it is picked.
    for _ in range(rounds if len(allowed) > 1 else 1):
        made = _best_addition(additions, metric, picks, allowed)
        picks = made.picks
        if best is None or made.is_better(best):
            best = made
        elif len(picks) - len(best.picks) >= patience:
            break
    assert best is not None  # there is a round, and a bag has at least one member
    counts = np.bincount(best.picks, minlength=n_members)
    return np.asarray(counts / counts.sum())


@dataclass
class _Ensemble:
    """Picks, and bounds of the score of their mean; the score is made where these do not decide."""

    picks: tuple[int, ...]
    low: float
    high: float
    additions: Additions
    metric: Metric

    @property
    def score(self) -> float:
        if self.low < self.high:
            self.low = self.high = self.additions.score(self.picks)
        return self.low

    def is_better(self, other: _Ensemble) -> bool:
        """Return whether it scores strictly better."""
        is_greater = self.metric.greater_is_better
        ahead, behind = (self, other) if is_greater else (other, self)
        if ahead.low > behind.high:
            return True
        if ahead.high <= behind.low:
            return False
        return self.metric.is_better(self.score, other.score)


def _best_addition(
    additions: Additions, metric: Metric, picks: tuple[int, ...], allowed: NDArray[np.int64]
) -> _Ensemble:
    """Return `picks` and the member that makes the best mean with them, of equal ones the first."""
    bounds = additions.bounds(picks, allowed)
    order = np.arange(len(allowed))
    if bounds is not None:
        # The likeliest first: a member that cannot reach it is not scored.
        least, most = bounds if metric.greater_is_better else (-bounds[1], -bounds[0])
        order = np.argsort(-most, kind="stable")
        order = order[~(most[order] < least.max())]  # a score that is no number rules out none
    first, best = 0, None
    for k in order.tolist():
        with_k = (*picks, int(allowed[k]))
        if bounds is None:
            low = high = additions.score(with_k)
        else:
            low, high = float(bounds[0][k]), float(bounds[1][k])
        made = _Ensemble(with_k, low, high, additions, metric)
        if (
            best is None
            or made.is_better(best)
            or (k < first and not best.is_better(made))  # they score alike
        ):
            first, best = k, made
    assert best is not None
    return best
