"""Cut points of an ordinal task: from which rating on a row is of the next class.

Between two neighbouring ratings no cut point changes a decision. So cut points lie at places 0 to m
for m distinct ratings; a cut at place p has p of them below it. The rows of class k that are
decided as d are those of class k below cut d + 1 less those below cut d: any number of sets of cut
points is scored in a few operations on the counts of each class below each rating (`CutTable`).

Where there are few sets of places, all are scored, and the best is the best there is. Else cut
points are moved in turn until none gains, each along its exact curve, from several starts, since a
metric such as kappa has more than one summit: rounding; the points that give every class the share
that it has in the truth (quantile matching); halfway between these two; and the best of all sets of
some places.

Of each curve then the robust cut point is taken, as thresholds are (`tuning/curves.py`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.errors import UsageError
from podium.tuning.curves import Curve
from podium.tuning.labels.thresholds import (
    MAX_POINTS,
    MAX_SWEEPS,
    MIN_OF_CLASS,
    ROWS_OF_HALF,
    BootstrapDraws,
    ThresholdSweep,
    curve_between,
)
from podium.tuning.scoring import LabelScorer

__all__ = ["fit_cuts", "matching_cuts", "shrunk_cuts"]


MAX_SETS = 20_000  # of cut points that are all scored
MAX_SETS_SLOWLY = 500  # where a metric has no formula for many sets at once
MAX_MOVES_SLOWLY = 64  # of one cut point, there

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class CutTable:
    """Counts of classes below every place, and the metric's sums of each class.

    Attributes:
        scorer: the metric, one with sums, and its options.
        ratings: `(m,)`, float32, ascending and distinct.
        below: `(m + 1, K)`: rows of each of the K true classes below each place.
        sums_by_class: `(K, C, S)`: the sums of one row of each true class, decided as each of
            C classes.
    """

    scorer: LabelScorer
    ratings: NDArray[np.float32]
    below: Floats
    sums_by_class: Floats

    @classmethod
    def of(
        cls, values: NDArray[np.float32], scorer: LabelScorer, n_classes: int
    ) -> CutTable | None:
        """Return the table of rows; None where the metric is no function of sums of rows.

        Args:
            values: `(N,)`, finite ratings.
            scorer: the metric and the truth of the rows.
            n_classes: C.
        """
        if not scorer.metric.has_sums:
            return None
        classes, kinds = np.unique(scorer.truth.reshape(-1), return_inverse=True)
        each = [
            metrics.sums(scorer.metric, classes, np.full_like(classes, d), **scorer.options)
            for d in range(n_classes)
        ]
        sums_by_class = [np.asarray(one, dtype=np.float64) for one in each]
        if len({one.shape for one in sums_by_class}) > 1:  # columns for the classes that occur
            return None
        ratings, places = np.unique(values, return_inverse=True)
        counts = np.bincount(
            places * len(classes) + kinds, minlength=len(ratings) * len(classes)
        ).reshape(len(ratings), -1)
        below = np.concatenate([np.zeros((1, len(classes))), np.cumsum(counts, axis=0)])
        return cls(scorer, ratings, below, np.stack(sums_by_class, axis=1))

    def scores(self, places: Ints) -> Floats:
        """Return the score of each set of cut points, the greater the better; -inf if undefined.

        Args:
            places: `(Q, C - 1)`, ascending along the second axis.
        """
        last = len(self.ratings)
        edges = np.pad(places, ((0, 0), (1, 1)), constant_values=((0, 0), (0, last)))
        totals = np.zeros((len(places), self.sums_by_class.shape[2]))
        lower = self.below[edges[:, 0]]
        for d in range(self.sums_by_class.shape[1]):
            upper = self.below[edges[:, d + 1]]
            totals += (upper - lower) @ self.sums_by_class[:, d]
            lower = upper
        found = metrics.values(self.scorer.metric, totals, **self.scorer.options)
        return self.scorer.metric.goodness(found)

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
        n_cuts, n_places = self.sums_by_class.shape[1] - 1, len(self.ratings) + 1
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


MAX_POINTS_SCORED = 64  # of a curve in turn with others, where each point is scored by itself

Ratings = NDArray[np.float32]


def fit_cuts(
    ratings: NDArray[Any],
    truth: NDArray[Any],
    metric: str | Metric,
    *,
    n_classes: int,
    raw: bool = False,
    groups: NDArray[Any] | None = None,
    seed: int = 0,
    options: Mapping[str, Any] | None = None,
) -> Floats:
    """Return cut points `(C - 1,)`, ascending: a row's class is how many of them it reaches.

    Args:
        ratings: `(N,)` or `(N, 1)`, in [0, C - 1]; compared as float32, as they are stored.
        truth: `(N,)`, class indices.
        metric: one that needs decisions.
        n_classes: C.
        raw: take the cut points that score best, never worse than rounding; equal scores keep
            rounding. Else, near these, the centres of what is within chance of them.
        groups: `(N,)`: rows that are drawn together where a standard error is; None: each by
            itself.
        seed: of these draws.
        options: options of the metric.

    Raises:
        UsageError: the metric needs no decisions, or a rating is not finite.

    Example:
        >>> ratings = np.array([0.1, 0.2, 0.4, 1.2, 1.3])
        >>> truth = np.array([0, 0, 1, 1, 2])
        >>> fit_cuts(ratings, truth, "accuracy", n_classes=3, raw=True).round(2).tolist()
        [0.3, 1.25]
    """
    values = np.asarray(ratings, dtype=np.float32).reshape(-1)
    scorer = LabelScorer.of(
        metric, truth, n_outputs=1, kind="ordinal", n_classes=n_classes, options=options
    )
    if not scorer.needs_decisions:
        raise UsageError(f"{scorer.metric.name} scores ratings: there is no cut point to tune")
    if not np.isfinite(values).all():
        row = int(np.flatnonzero(~np.isfinite(values))[0])
        raise UsageError(f"row {row} is not a finite number", fix="predict again")
    _, scorer = scorer.for_decisions()
    table = CutTable.of(values, scorer, n_classes)
    if table is None:
        return _by_scoring(values, scorer, n_classes)
    rounding = _rounding(n_classes)
    places, is_rounding = _best_places(table, _starts(values, scorer.truth, n_classes))
    if raw and is_rounding:
        return rounding
    cuts = rounding if is_rounding else _centred(table, places)
    return (
        cuts
        if raw
        else _robust(values, scorer, cuts, BootstrapDraws(len(values), groups, seed=seed))
    )


def shrunk_cuts(cuts: Floats, truth: NDArray[Any]) -> Floats:
    """Return cut points `(C - 1,)`, the nearer to halves the fewer rows are behind them.

    By n / (n + `ROWS_OF_HALF`), where n is how many rows the rarer of the two neighbouring classes
    has; with fewer than `MIN_OF_CLASS` of both together it is the half itself.

    Args:
        cuts: `(C - 1,)`, ascending, as they were fitted.
        truth: `(N,)`, class indices.

    Example:
        >>> shrunk_cuts(np.array([0.8, 1.5]), np.repeat([0, 1, 2], [10, 20, 20])).tolist()
        [0.7, 1.5]
    """
    counts = np.bincount(truth.reshape(-1).astype(np.int64), minlength=len(cuts) + 1)
    together = counts[:-1] + counts[1:]
    rarer = np.minimum(counts[:-1], counts[1:])[: len(cuts)]
    share = np.where(together[: len(cuts)] < MIN_OF_CLASS, 0.0, rarer / (rarer + ROWS_OF_HALF))
    halves = _rounding(len(cuts) + 1)
    return _ascending(halves + share * (cuts - halves))


def matching_cuts(ratings: NDArray[Any], truth: NDArray[Any], *, n_classes: int) -> Floats:
    """Return the cut points `(C - 1,)` that give each class as many rows as it has in `truth`.

    Example:
        >>> matching_cuts(np.array([0.0, 0.25, 0.5, 1.0]), np.array([0, 0, 0, 1]), n_classes=2)
        array([0.75])
    """
    ascending = np.sort(np.asarray(ratings, dtype=np.float32).reshape(-1)).astype(np.float64)
    counts = np.bincount(np.asarray(truth).astype(np.int64), minlength=n_classes)[:n_classes]
    below = np.cumsum(counts)[:-1]
    # Halfway between the last row below and the first one from the cut point on.
    left = ascending[below - 1]
    right = ascending[np.minimum(below, len(ascending) - 1)]
    middle = np.where(below == 0, min(0.0, ascending[0]), (left + right) / 2)
    middle = np.where(below == len(ascending), max(n_classes - 1.0, ascending[-1] + 1), middle)
    return _ascending(middle)


def _rounding(n_classes: int) -> Floats:
    return np.arange(n_classes - 1, dtype=np.float64) + np.float64(0.5)


def _starts(values: Ratings, truth: NDArray[Any], n_classes: int) -> Iterator[Floats]:
    rounding = _rounding(n_classes)
    matching = matching_cuts(values, truth, n_classes=n_classes)
    yield rounding
    yield matching
    yield _ascending((rounding + matching) / 2)


def _best_places(table: CutTable, starts: Iterator[Floats]) -> tuple[Ints, bool]:
    """Return the best places `(C - 1,)`, and whether rounding has nothing above it."""
    rounding, *others = (table.places_of(cuts) for cuts in starts)
    plain = best = table.scores(rounding[None])[0]
    sets, are_all = table.sets()
    scores = table.scores(sets)
    found = sets[int(np.argmax(scores))]
    if are_all:
        return (found, False) if scores.max() > plain else (rounding, True)
    places = rounding
    for start in (rounding, *others, found):
        moved = _moved_in_turn(table, start)
        score = table.scores(moved[None])[0]
        if score > best:
            places, best = moved, score
    return places, bool(best == plain)


def _moved_in_turn(table: CutTable, start: Ints) -> Ints:
    places = start
    held = table.scores(places[None])[0]
    for _ in range(MAX_SWEEPS):
        before = held
        for k in range(len(places)):
            tried, score = table.best_move(places, k)
            if score > held:
                places, held = tried, score
        if held == before:
            break
    return places


def _centred(table: CutTable, places: Ints) -> Floats:
    """Return cut points at these places, each at the centre of what scores as well."""
    padded = np.concatenate(
        [[min(0.0, table.ratings[0])], table.ratings, [_top(table.ratings, len(places))]]
    )
    cuts: Floats = (padded[places] + padded[places + 1]) / 2
    cuts[places == len(table.ratings)] = padded[-1]  # halfway may be rounded down to a rating
    for k in range(len(cuts)):
        tried = table.moves(places, k)
        if table.scorer.metric.values is None and len(tried) > MAX_POINTS:
            continue  # too many to score each by itself: the middle of the gap is left
        low, high = _limits(cuts, k, table.ratings)
        inside = table.ratings[tried[0, k] : tried[-1, k]]
        if len(inside):
            cuts[k] = np.clip(
                _curve(inside, table.scores(tried)).best(low=low, high=high), low, high
            )
            places = np.concatenate([places[:k], table.places_of(cuts[k : k + 1]), places[k + 1 :]])
    return cuts


def _curve(inside: Ratings, scores: Floats) -> Curve:
    thresholds = np.append(inside, np.nextafter(inside[-1], np.float32(np.inf)))
    return Curve(thresholds.astype(np.float32), scores)


def _robust(values: Ratings, scorer: LabelScorer, cuts: Floats, draws: BootstrapDraws) -> Floats:
    """Return each cut point at the centre of the places within chance of its best one."""
    cuts = cuts.copy()
    for k in range(len(cuts)):
        low, high = _limits(cuts, k, values)
        found = _curve_of_cut(values, scorer, cuts, k, MAX_POINTS)
        curve, sweep = (None, None) if found is None else found
        if curve is None or sweep is None or np.isnan(curve.scores).all():
            continue
        errors = sweep.errors(curve.scores, draws)
        cuts[k] = np.clip(curve.robust(errors, low=low, high=high, by_odds=False), low, high)
    return cuts


def _by_scoring(values: Ratings, scorer: LabelScorer, n_classes: int) -> Floats:
    """Return the best cut points that are found where every set of them is scored by itself."""
    sign = 1.0 if scorer.metric.greater_is_better else -1.0
    best, best_score = _rounding(n_classes), -np.inf
    for start in _starts(values, scorer.truth, n_classes):
        cuts = start
        held = sign * scorer.score(_decided(values, cuts))
        for _ in range(MAX_SWEEPS):
            before = held
            for k in range(len(cuts)):
                tried = _scored_best(values, scorer, cuts, k)
                score = sign * scorer.score(_decided(values, tried))
                if score > held:
                    cuts, held = tried, score
            if held == before:
                break
        if held > best_score:
            best, best_score = cuts, held
    return best


def _scored_best(values: Ratings, scorer: LabelScorer, cuts: Floats, k: int) -> Floats:
    low, high = _limits(cuts, k, values)
    found = _curve_of_cut(values, scorer, cuts, k, MAX_POINTS_SCORED)
    tried = cuts.copy()
    if found is not None:
        tried[k] = np.clip(found[0].best(low=low, high=high), low, high)
    return tried


def _curve_of_cut(
    values: Ratings, scorer: LabelScorer, cuts: Floats, k: int, n_points: int | None
) -> tuple[Curve, ThresholdSweep | None] | None:
    """Return the curve of cut point k between its neighbours; None where no rating lies there."""
    low, high = _limits(cuts, k, values)
    inside = (values >= np.float32(low)) & (values < np.float32(high))
    if not inside.any():
        return None
    rest = _decided(values, cuts)
    yes, no = np.where(inside, k + 1, rest), np.where(inside, k, rest)
    # Rows outside are decided alike on either side: their ratings are no places of this cut point.
    moving = np.where(inside, values, values[inside].min())
    return curve_between(moving, scorer, yes, no, n_points=n_points)


def _limits(cuts: Floats, k: int, ratings: Ratings) -> tuple[float, float]:
    low = cuts[k - 1] if k else min(0.0, float(ratings.min()))
    high = cuts[k + 1] if k + 1 < len(cuts) else _top(ratings, len(cuts))
    return float(low), float(high)


def _top(ratings: Ratings, n_cuts: int) -> float:
    """Return a cut point that no rating reaches: C - 1, or just above the highest of them."""
    return max(float(n_cuts), float(np.nextafter(ratings.max(), np.float32(np.inf))))


def _decided(values: Ratings, cuts: Floats) -> Ints:
    return np.searchsorted(cuts.astype(np.float32), values, side="right")


def _ascending(cuts: Floats) -> Floats:
    return np.maximum.accumulate(cuts)
