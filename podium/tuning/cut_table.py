"""Counts of each class below each rating: all that cut points can change, looked up at once.

Cut points lie between neighbouring ratings, at places 0 to m for m distinct ones: a cut at place p
has p of them below it. The rows of class k that are decided as d are those of class k below cut
d + 1 less those below cut d, so any number of sets of cut points is scored in a few operations.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.tuning.scoring import Scorer

__all__ = ["CutTable"]

MAX_SETS = 20_000  # of cut points that are all scored
MAX_SETS_SLOWLY = 500  # where a metric has no formula for many sets at once
MAX_MOVES_SLOWLY = 64  # of one cut point, there

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class CutTable:
    """Counts of classes below every place, and the sums that they are worth.

    Attributes:
        scorer: the metric, one with sums, and its options.
        ratings: `(m,)`, float32, ascending and distinct.
        below: `(m + 1, K)`: rows of each of the K true classes below each place.
        worth: `(K, C, S)`: the sums of one row of each true class, decided as each of C classes.
    """

    scorer: Scorer
    ratings: NDArray[np.float32]
    below: Floats
    worth: Floats

    @classmethod
    def of(cls, values: NDArray[np.float32], scorer: Scorer, n_classes: int) -> CutTable | None:
        """Return the table of rows; None where the metric is no function of sums of rows.

        Args:
            values: `(N,)`, finite ratings.
            scorer: the metric and the truth of the rows.
            n_classes: C.
        """
        if scorer.metric.sums is None or scorer.metric.value is None:
            return None
        classes, kinds = np.unique(scorer.truth.reshape(-1), return_inverse=True)
        each = [
            metrics.sums(scorer.metric, classes, np.full_like(classes, d), **scorer.options)
            for d in range(n_classes)
        ]
        worth = [np.asarray(one, dtype=np.float64) for one in each]
        if len({one.shape for one in worth}) > 1:  # columns for the classes that were seen
            return None
        ratings, places = np.unique(values, return_inverse=True)
        counts = np.bincount(
            places * len(classes) + kinds, minlength=len(ratings) * len(classes)
        ).reshape(len(ratings), -1)
        below = np.concatenate([np.zeros((1, len(classes))), np.cumsum(counts, axis=0)])
        return cls(scorer, ratings, below, np.stack(worth, axis=1))

    def scores(self, places: Ints) -> Floats:
        """Return the score of each set of cut points, the greater the better; -inf if undefined.

        Args:
            places: `(Q, C - 1)`, ascending along the second axis.
        """
        last = len(self.ratings)
        edges = np.pad(places, ((0, 0), (1, 1)), constant_values=((0, 0), (0, last)))
        totals = np.zeros((len(places), self.worth.shape[2]))
        lower = self.below[edges[:, 0]]
        for d in range(self.worth.shape[1]):
            upper = self.below[edges[:, d + 1]]
            totals += (upper - lower) @ self.worth[:, d]
            lower = upper
        found = metrics.values(self.scorer.metric, totals, **self.scorer.options)
        signed = found if self.scorer.metric.greater_is_better else -found
        return np.where(np.isnan(signed), -np.inf, signed)

    def places_of(self, cuts: Floats) -> Ints:
        """Return how many distinct ratings lie below each cut point, `(C - 1,)`."""
        return np.searchsorted(self.ratings, cuts.astype(np.float32), side="left")

    def best_move(self, places: Ints, k: int) -> tuple[Ints, float]:
        """Return the best places `(C - 1,)` in which only cut point k has moved, and their score.

        Where each set is scored by itself, not all are: those near the best of some.
        """
        tried = self.moves(places, k)
        while self.scorer.metric.values is None and len(tried) > MAX_MOVES_SLOWLY:
            some = np.unique(np.linspace(0, len(tried) - 1, MAX_MOVES_SLOWLY).astype(np.int64))
            at = int(np.argmax(self.scores(tried[some])))
            tried = tried[some[max(0, at - 1)] : some[min(len(some) - 1, at + 1)] + 1]
        scores = self.scores(tried)
        at = int(np.argmax(scores))
        return tried[at], float(scores[at])

    def moves(self, places: Ints, k: int) -> Ints:
        """Return the sets `(Q, C - 1)` in which cut point k stands anywhere between the others."""
        first = places[k - 1] if k else 0
        last = places[k + 1] if k + 1 < len(places) else len(self.ratings)
        found = np.tile(places, (int(last - first) + 1, 1))
        found[:, k] = np.arange(first, last + 1)
        return found

    def sets(self) -> tuple[Ints, bool]:
        """Return sets of cut points `(Q, C - 1)`, and whether these are all that there are.

        Where there are too many, those of some places, which lie evenly by rows.
        """
        n_cuts, n_places = self.worth.shape[1] - 1, len(self.ratings) + 1
        most = MAX_SETS_SLOWLY if self.scorer.metric.values is None else MAX_SETS
        few = next(n for n in _downwards(n_places) if _n_sets(n, n_cuts) <= most)
        chosen = np.arange(n_places)
        if few < n_places:
            n_rows = self.below.sum(axis=1)
            chosen = np.unique(np.searchsorted(n_rows, np.linspace(0, n_rows[-1], few)))
        return chosen[_sets(len(chosen), n_cuts)], few == n_places


def _downwards(n: int) -> Iterator[int]:
    """Yield n, and below it ever smaller numbers down to 1, each about 1 % smaller."""
    while n > 1:
        yield n
        n -= max(1, n // 100)
    yield 1


def _n_sets(n_places: int, n_cuts: int) -> int:
    return math.comb(n_places + n_cuts - 1, n_cuts)


@lru_cache(maxsize=8)
def _sets(n_places: int, n_cuts: int) -> Ints:
    found = list(combinations_with_replacement(range(n_places), n_cuts))
    return np.array(found, dtype=np.int64).reshape(-1, n_cuts)
