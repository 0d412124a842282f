"""Any metric of decisions whose score follows from how often a class was decided as another.

Only rows whose decision one more member can flip are looked at member by member; the others are
counted once. The counts are whole numbers, so that the score is the plain one to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.ensembling.climbing._kernels import (
    count_classes,
    count_halves,
    count_ratings,
    highest,
    lead,
)
from podium.ensembling.hill_climbing import Bounds, Picks, RunningSum, known_dtype
from podium.errors import DataError
from podium.tuning.scoring import LabelScorer

__all__ = ["additions"]

MOST_PAIRS = 4096  # of true and decided classes
SLACK = 1e-6  # of the largest number: float32 rounds by less than 6e-8 of it, sums by far less


class _Counter(Protocol):
    """Counts how often a true class is decided as another."""

    def counts(self, picks: Picks, allowed: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return `(K, C·C)`, row t·C + d: rows of class t that picks and one more decide as d."""


@dataclass(frozen=True)
class _FromConfusion:
    """Scores that follow from how often each class is decided as each other.

    Attributes:
        value: from sums to the score.
        counter: how often what is decided as what.
        table: `(C·C, S)`, the metric's sums of a row of class t that is decided as d.
    """

    value: Callable[..., float]
    counter: _Counter
    table: NDArray[np.float64]

    def bounds(self, picks: Picks, allowed: NDArray[np.int64]) -> Bounds:
        totals = self.counter.counts(picks, allowed) @ self.table
        scores = np.array([self.value(one[None]) for one in totals])
        return scores, scores

    def score(self, picks: Picks) -> float:
        return float(self.bounds(picks[:-1], np.array(picks[-1:]))[0][0])


def additions(members: NDArray[Any], scorer: LabelScorer) -> _FromConfusion | None:
    """Return the additions for `climb`; None where labels are several, or a class is unknown."""
    n_outputs = members.shape[2]
    options = scorer.metric.complete(scorer.options)
    n_classes = _n_classes(scorer, n_outputs)
    truth = np.asarray(scorer.truth)
    if (
        scorer.kind.is_continuous
        or truth.size != len(truth)
        or options.get("n_classes", n_classes) != n_classes
        or n_classes**2 > MOST_PAIRS
        or (n_outputs > 1) != scorer.kind.is_exclusive
        or not np.isin(truth, np.arange(n_classes)).all()
        or (scorer.kind.is_ordered and not (members < n_classes - 0.75).all())
    ):
        return None
    table = _table(scorer, n_classes)
    if table is None:
        return None
    truth = truth.reshape(-1).astype(np.int64)
    values = known_dtype(members)
    counter: _Counter
    if n_outputs == 1:
        counter = _OfRatings.of(values[:, :, 0], truth, n_classes, scorer.kind.is_ordered)
    else:
        counter = _OfClasses.of(values, truth)
    assert scorer.metric.value is not None  # it has sums
    return _FromConfusion(partial(scorer.metric.value, **options), counter, table)


def _n_classes(scorer: LabelScorer, n_outputs: int) -> int:
    if scorer.kind.is_ordered:
        return scorer.n_classes or 0
    return n_outputs if scorer.kind.is_exclusive else 2


def _table(scorer: LabelScorer, n_classes: int) -> NDArray[np.float64] | None:
    """Return the sums of each pair of classes; None where the metric has none, or refuses one."""
    true, decided = np.divmod(np.arange(n_classes**2), n_classes)
    try:
        found = metrics.sums(scorer.metric, true, decided, **scorer.options)
    except DataError:
        return None
    if found is None or (found != np.floor(found)).any():
        return None
    return found.astype(np.float64)


@dataclass(frozen=True)
class _OfRatings:
    """One number a row, which a threshold decides, or rounding: neither ever falls as it grows.

    Attributes:
        values: `(N, M)`: members stand side by side.
        least, most: `(N,)` of the members.
        total: the sum over picks.
        truth: `(N,)`.
        n_classes: C.
        is_rounded: whether it is no threshold of 0.5.
    """

    values: NDArray[Any]
    least: NDArray[Any]
    most: NDArray[Any]
    total: RunningSum
    truth: NDArray[np.int64]
    n_classes: int
    is_rounded: bool

    @classmethod
    def of(
        cls, values: NDArray[Any], truth: NDArray[np.int64], n_classes: int, is_rounded: bool
    ) -> _OfRatings:
        return cls(
            np.ascontiguousarray(values.T),
            values.min(axis=0),
            values.max(axis=0),
            RunningSum(values),
            truth,
            n_classes,
            is_rounded,
        )

    def counts(self, picks: Picks, allowed: NDArray[np.int64]) -> NDArray[np.int64]:
        found = np.zeros((self.values.shape[1], self.n_classes**2), dtype=np.int64)
        means = (self.values, self.least, self.most, self.total.of(picks), float(len(picks) + 1))
        if self.is_rounded:
            count_ratings(*means, self.truth, self.n_classes, found)
        else:
            count_halves(*means, self.truth, found)
        return found[allowed]


@dataclass(frozen=True)
class _OfClasses:
    """Several numbers a row, of which the largest decides, the first of equal ones.

    Attributes:
        values: `(M, N, C)`.
        total: the sum over picks.
        truth: `(N,)`.
        highest: `(M, N)`, the largest number of a member.
        leader: `(N,)`, the class for which `gain` holds, -1 before there is one.
        gain: `(M, N)`, by how much that exceeds the member's value of the leader.
        most_gain: `(N,)`, the largest of these.
        largest: the largest number of all, by size.
    """

    values: NDArray[Any]
    total: RunningSum
    truth: NDArray[np.int64]
    highest: NDArray[np.float32]
    leader: NDArray[np.int64]
    gain: NDArray[np.float32]
    most_gain: NDArray[np.float32]
    largest: float

    @classmethod
    def of(cls, values: NDArray[Any], truth: NDArray[np.int64]) -> _OfClasses:
        m, n, _ = values.shape
        largest = np.empty((m, n), dtype=np.float32)
        highest(values, largest)
        return cls(
            values,
            RunningSum(values),
            truth,
            largest,
            np.full(n, -1, dtype=np.int64),
            np.zeros((m, n), dtype=np.float32),
            np.zeros(n, dtype=np.float32),
            float(max(values.max(), -values.min())),
        )

    def counts(self, picks: Picks, allowed: NDArray[np.int64]) -> NDArray[np.int64]:
        total, n = self.total.of(picks), len(picks) + 1
        lead(self.values, total, self.highest, self.leader, self.gain, self.most_gain)
        found = np.zeros((len(allowed), self.values.shape[2] ** 2), dtype=np.int64)
        count_classes(
            self.values,
            total,
            float(n),
            self.truth,
            self.leader,
            self.gain,
            self.most_gain,
            n * self.largest * SLACK,
            allowed,
            found,
        )
        return found
