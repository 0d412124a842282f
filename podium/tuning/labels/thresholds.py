"""Thresholds: the metric at every threshold that makes a difference, from one sorting of the rows.

Between two neighbouring values no threshold changes a decision, so the distinct values are all that
is tried. Each row has two decisions, from the threshold on and below it; as the threshold passes a
row's value, the row moves from the one to the other, and the sums of the metric with it. One count
of moves a distinct value, added up from above, gives the sums at every threshold
(`ThresholdSweep`); the same count over rows that are drawn again gives the result of a bootstrap
there. Cut points and the threshold of "none of the classes" are swept in the same way.

Rows that have the same truth and the same two decisions have the same sums: of a yes-or-no task
there are two kinds of rows, and the counts of positives and negatives at each value suffice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.metrics import Metric, known_cells
from podium.errors import UsageError
from podium.tasks.protocols.find import image_kind
from podium.tuning.curves import DRAWS, Curve, error_of_draws, group_codes, unit_draws
from podium.tuning.scoring import LabelScorer

__all__ = [
    "BootstrapDraws",
    "ThresholdSweep",
    "fit_thresholds",
    "shrunk_thresholds",
    "threshold_curve",
]


MAX_DRAWN = 64  # thresholds at which errors are drawn, more or less
MAX_DRAWN_SLOWLY = 24  # where a metric has no formula for many sets at once
BESIDE = 4  # thresholds on each side of the best that are drawn one by one
FEW_KINDS = 256  # above it rows are drawn one by one, not counts of kinds of rows
FEW_UNITS = 5_000  # up to it one set of resamples serves all classes and folds of this size

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class BootstrapDraws:
    """The rows of a bootstrap's resamples.

    Attributes:
        n_rows: N.
        groups: `(N,)`: rows that are drawn together; None: each by itself.
        n: how many resamples.
        seed: of the draws.
    """

    n_rows: int
    groups: NDArray[np.generic] | None = None
    n: int = DRAWS
    seed: int = 0

    @cached_property
    def units(self) -> tuple[Ints, int]:
        """The number of each row's unit `(N,)`, and how many units there are."""
        return group_codes(self.groups, self.n_rows)

    @cached_property
    def by_unit(self) -> Floats:
        """The number of times that each unit is in each resample, `(U, B)`."""
        draw = _kept_draws if self.units[1] <= FEW_UNITS else _draws_by_unit
        return draw(self.units[1], self.n, self.seed)

    def counts(self, cells: Ints, n_cells: int) -> Floats:
        """Return how many rows of each cell are in each resample, `(B, n_cells)`.

        Args:
            cells: `(N,)`: the cell of each row.
            n_cells: how many there are.
        """
        if self.groups is None and len(cells) > FEW_UNITS:
            # Rows of one cell are alike: their numbers can be drawn without the rows.
            shares = np.bincount(cells, minlength=n_cells) / len(cells)
            rng = np.random.default_rng(self.seed)
            return rng.multinomial(len(cells), shares, size=self.n).astype(np.float64)
        return self._added(np.ones(len(cells)), cells, n_cells)

    def totals(self, weights: Floats) -> Floats:
        """Return the sums of `weights` `(N, S)` over all rows of each resample, `(B, S)`."""
        codes, n_units = self.units
        ones = (np.ones(len(codes)), (codes, np.arange(len(codes))))
        by_unit = scipy.sparse.csr_array(ones, shape=(n_units, len(codes))) @ weights
        return np.asarray(self.by_unit.T @ by_unit)

    def sums(self, cells: Ints, n_cells: int, weights: Floats) -> Floats:
        """Return the sums of `weights` `(N, S)` in each cell of each resample, `(B, n_cells, S)`.

        Arguments are those of `counts`.
        """
        found = np.empty((self.n, n_cells, weights.shape[1]))
        for s, column in enumerate(weights.T):
            found[:, :, s] = self._added(column, cells, n_cells)
        return found

    def _added(self, weights: Floats, cells: Ints, n_cells: int) -> Floats:
        """Return the sums of `weights` `(N,)` in each cell of each resample, `(B, n_cells)`."""
        shape = n_cells, self.units[1]
        table = scipy.sparse.csr_array((weights, (cells, self.units[0])), shape=shape)
        return np.asarray(table @ self.by_unit).T


@dataclass(frozen=True)
class ThresholdSweep:
    """Rows with one value and two decisions each.

    Attributes:
        scorer: the metric, one with sums, and its options.
        thresholds: `(T,)`, float32, ascending: the distinct values, and one above all of them.
        places: `(N,)`: which threshold is the row's own value.
        kinds: `(N,)`: which row of `below` and `moves` is of this row.
        below: `(K, S)`: sums of the metric where the threshold is above the row's value.
        moves: `(K, S)`: by how much they change once the row reaches it.
    """

    scorer: LabelScorer
    thresholds: NDArray[np.float32]
    places: Ints
    kinds: Ints
    below: Floats
    moves: Floats

    @classmethod
    def of(
        cls,
        values: NDArray[np.float32],
        scorer: LabelScorer,
        yes: NDArray[np.generic],
        no: NDArray[np.generic],
    ) -> ThresholdSweep | None:
        """Return the sweep over `values`; None where the metric is no function of sums.

        Args:
            values: `(N,)`, finite.
            scorer: the metric and the truth of the rows.
            yes, no: decisions `(N,)` or `(N, C)` from the threshold on, and below it.
        """
        if not scorer.metric.has_sums:
            return None
        truth = scorer.truth
        if yes.ndim == 1:
            truth = truth.reshape(-1)
            firsts, kinds = _kinds(truth, yes, no)
        else:
            firsts = kinds = np.arange(len(values))
        sums = [
            metrics.sums(scorer.metric, truth[firsts], decision[firsts], **scorer.options)
            for decision in (no, yes)
        ]
        below, above = (np.asarray(one, dtype=np.float64) for one in sums)
        if below.shape != above.shape:  # columns for the classes that occur
            return None
        distinct, places = np.unique(values, return_inverse=True)
        above_all = np.nextafter(distinct[-1], np.float32(np.inf))
        thresholds = np.append(distinct, above_all).astype(np.float32)
        return cls(scorer, thresholds, places.astype(np.int64), kinds, below, above - below)

    def thinned(self, chosen: Ints) -> ThresholdSweep:
        """Return the sweep over some thresholds, by their numbers, 0 among them."""
        places = np.searchsorted(chosen, self.places, side="right") - 1
        return replace(self, thresholds=self.thresholds[chosen], places=places)

    def scores(self) -> Floats:
        """Return the score at each threshold `(T,)`, nan where it is undefined."""
        n_thresholds, n_kinds = len(self.thresholds), len(self.below)
        changing = np.flatnonzero(self.moves.any(axis=0))
        if n_kinds <= FEW_KINDS:
            cells = np.bincount(
                self.places * n_kinds + self.kinds, minlength=n_thresholds * n_kinds
            ).reshape(n_thresholds, n_kinds)
            counts = _added_from_above(cells.astype(np.float64))
            moved = counts @ self.moves[:, changing]
        else:
            moves = self.moves[self.kinds]
            columns = [np.bincount(self.places, moves[:, s], n_thresholds) for s in changing]
            moved = _added_from_above(np.column_stack([np.zeros((n_thresholds, 0)), *columns]))
        totals = np.tile(np.bincount(self.kinds, minlength=n_kinds) @ self.below, (n_thresholds, 1))
        totals[:, changing] += moved
        found = self._values(totals)
        # Sums of thirds end differently by the order in which they were added: one plateau.
        return found if n_kinds <= FEW_KINDS else np.round(found, 12)

    def errors(self, scores: Floats, draws: BootstrapDraws) -> Floats:
        """Return the standard error `(T,)` of what each threshold loses against the best one.

        It is drawn at some thresholds, all of them where they are few. Between two of these its
        square is interpolated by the number of rows: of differences that rows bring one by one,
        variances add up.

        Args:
            scores: what `scores` returned.
            draws: how rows are drawn.

        Returns:
            Zeros where the score is undefined at every threshold.
        """
        signed = scores if self.scorer.metric.greater_is_better else -scores
        if np.isnan(signed).all():
            return np.zeros(len(scores))
        best = _middle_of_best(signed)
        n_reached = np.append(0, np.cumsum(np.bincount(self.places)))[: len(scores)]
        is_slow = self.scorer.metric.values is None
        points = _points(n_reached, best, MAX_DRAWN_SLOWLY if is_slow else MAX_DRAWN)
        drawn = self._drawn(points, draws)
        errors = error_of_draws(drawn, int(np.searchsorted(points, best)))
        squares = np.interp(n_reached, n_reached[points], errors**2)
        return np.asarray(np.sqrt(squares))

    def _drawn(self, points: Ints, draws: BootstrapDraws) -> Floats:
        """Return the scores of each draw at some thresholds, `(B, P)`."""
        n_points, n_kinds = len(points), len(self.below)
        cells = np.searchsorted(points, self.places, side="right") - 1
        if n_kinds <= FEW_KINDS:
            counts = draws.counts(cells * n_kinds + self.kinds, n_points * n_kinds)
            # Points first, draws last: each step passes over memory as it lies.
            reached = _added_from_above(counts.T.reshape(n_points, -1))
            reached = reached.reshape(n_points, n_kinds, -1)
            base = reached[0].T @ self.below
            totals = reached.transpose(0, 2, 1).reshape(-1, n_kinds) @ self.moves
            totals.reshape(n_points, *base.shape)[:] += base
            return self._values(totals).reshape(n_points, -1).T
        changing = np.flatnonzero(self.moves.any(axis=0))
        moved = draws.sums(cells, n_points, self.moves[self.kinds][:, changing])
        base = draws.totals(self.below[self.kinds])  # (B, S)
        totals = np.repeat(base[:, None], n_points, axis=1)
        totals[:, :, changing] += _added_from_above(moved)
        found = self._values(totals.reshape(-1, totals.shape[-1]))
        return found.reshape(-1, n_points)

    def _values(self, totals: Floats) -> Floats:
        return metrics.values(self.scorer.metric, totals, **self.scorer.options)


def _draws_by_unit(n_units: int, n: int, seed: int) -> Floats:
    """Return how often each unit stands in each resample, `(U, B)`, not to be written to."""
    found = np.ascontiguousarray(unit_draws(n_units, n=n, seed=seed).T, dtype=np.float64)
    found.flags.writeable = False
    return found


@lru_cache(maxsize=8)  # of 4 MB at most: the folds of a fit have few sizes
def _kept_draws(n_units: int, n: int, seed: int) -> Floats:
    return _draws_by_unit(n_units, n, seed)


def _kinds(
    truth: NDArray[np.generic], yes: NDArray[np.generic], no: NDArray[np.generic]
) -> tuple[Ints, Ints]:
    """Return a row of each kind `(K,)`, and the kind of each row `(N,)`."""
    _, code = np.unique(truth, return_inverse=True)
    for decision in (yes, no):
        lowest = decision.min()
        code = code * int(decision.max() - lowest + 1) + (decision - lowest).astype(np.int64)
    _, firsts, kinds = np.unique(code, return_index=True, return_inverse=True)
    return firsts.astype(np.int64), kinds.astype(np.int64)


def _added_from_above(cells: Floats) -> Floats:
    """Return the sum of each cell and all after it, over the last axis but one."""
    return np.asarray(np.cumsum(cells[..., ::-1, :], axis=-2)[..., ::-1, :])


def _middle_of_best(signed: Floats) -> int:
    at = np.flatnonzero(signed == np.nanmax(signed))
    return int(at[len(at) // 2])


def _points(n_below: Ints, best: int, most: int) -> Ints:
    """Return the numbers of some thresholds, as many rows between them; the best and those beside.

    Args:
        n_below: `(T,)`: how many rows lie below each threshold.
        best: the number of the best one.
        most: how many, those beside the best not counted.
    """
    n_thresholds = len(n_below)
    if n_thresholds <= most:
        return np.arange(n_thresholds)
    spread = np.searchsorted(n_below, np.linspace(0, n_below[-1], most).round())
    beside = np.arange(max(0, best - BESIDE), min(n_thresholds, best + BESIDE + 1))
    return np.unique(np.concatenate([spread, beside, [0, n_thresholds - 1]]))


MAX_SWEEPS = 5  # of all classes, for metrics in which the classes' thresholds depend on each other
MIN_OF_CLASS = 5  # rows of the rarer class: a bootstrap of fewer is meaningless (decision 0022)
ROWS_OF_HALF = 5.0  # rows of the rarer answer: with so many a threshold goes half its way from 0.5
OF_ONE_CLASS = ("accuracy", "f1", "fbeta", "macro_f1")  # metrics that may be means over classes
MAX_POINTS = 512  # of a curve, where each point is scored by itself and others are tuned, too


def threshold_curve(
    probs: NDArray[Any],
    truth: NDArray[Any],
    metric: str | Metric,
    **options: Any,
) -> Curve:
    """Return the score of `probs >= t` for every t that makes a difference.

    Args:
        probs: `(N,)` or `(N, 1)`, finite; compared as float32, the type in which they are stored.
        truth: `(N,)`, 0 or 1.
        metric: one that needs decisions.
        options: options of the metric.

    Raises:
        UsageError: the metric needs no decisions, or a value is not finite.

    Example:
        >>> curve = threshold_curve(np.array([0.1, 0.6, 0.7]), np.array([0, 0, 1]), "accuracy")
        >>> curve.scores.round(2).tolist(), round(curve.best(), 2)
        ([0.33, 0.67, 1.0, 0.67], 0.65)
    """
    values = np.asarray(probs, dtype=np.float32).reshape(len(probs), -1)
    scorer = LabelScorer.of(
        metric, truth, n_outputs=values.shape[1], kind="binary", options=options
    )
    _refuse(values, scorer)
    if values.shape[1] != 1:
        raise UsageError(f"a curve is of one column, got {values.shape}", fix="use fit_thresholds")
    factor, decided = scorer.for_decisions()
    curve = _curve_of_one_class(values[:, 0], decided, BootstrapDraws(len(values)))
    return curve if decided is scorer else curve.scaled(factor, scorer.of_other_terms(values))


def fit_thresholds(
    probs: NDArray[Any],
    truth: NDArray[Any],
    metric: str | Metric,
    kind: str,
    *,
    raw: bool = False,
    groups: NDArray[Any] | None = None,
    seed: int = 0,
    options: Mapping[str, Any] | None = None,
) -> Floats:
    """Return the threshold of each class, `(C,)`; `(1,)` for a binary task.

    Where a metric is a mean over classes, each class has its own exact curve. Otherwise (rows
    that must be right in every label) classes are tuned in turn, the others held, until nothing
    changes. Of a curve the centre of all thresholds is taken that are within chance of the best
    (`Curve.robust`); the best one of a metric that is no function of sums, and, where classes are
    by themselves, of one with fewer than five rows.

    Args:
        probs: `(N, C)`, binary `(N,)` or `(N, 1)`.
        truth: `(N,)` or `(N, C)`, 0 or 1; -1 where it is unknown if a row has a class.
        metric: one that needs decisions.
        kind: "binary" or "multilabel".
        raw: take the centre of the best scores themselves.
        groups: `(N,)`: rows that are drawn together where a standard error is; None: each by
            itself.
        seed: of these draws.
        options: options of the metric.

    Raises:
        UsageError: the task has no thresholds, the metric needs none, or a value is not finite.
        DataError: the metric is undefined at every threshold.
    """
    task = image_kind(kind)
    if not task.is_thresholded:
        raise UsageError(f"{task.named} task has no thresholds", fix="use fit_class_weights")
    values = np.asarray(probs, dtype=np.float32).reshape(len(probs), -1)
    scorer = LabelScorer.of(metric, truth, n_outputs=values.shape[1], kind=task, options=options)
    _refuse(values, scorer)
    _, scorer = scorer.for_decisions()
    draws = None if raw else BootstrapDraws(len(values), groups, seed=seed)
    if task.is_single:
        return np.array([_of_one_class(values[:, 0], scorer, draws)])
    alone = _one_class(scorer)
    if alone is None:
        return _in_turn(values, scorer, draws)
    one_class, own_options, listed = alone
    found = np.full(values.shape[1], 0.5)
    is_known = known_cells(scorer.truth)
    is_known = np.ones(values.shape, dtype=bool) if is_known is None else is_known
    for c in range(values.shape[1]) if listed is None else listed:
        column, right, of_rows = values[:, c], scorer.truth[:, c], draws
        if not is_known[:, c].all():
            column, right = column[is_known[:, c]], right[is_known[:, c]]
            own = None if groups is None else groups[is_known[:, c]]
            of_rows = None if raw else BootstrapDraws(len(column), own, seed=seed)
        if not len(column):
            continue
        of_class = LabelScorer.of(one_class, right, n_outputs=1, kind="binary", options=own_options)
        found[c] = _of_one_class(column, of_class, of_rows)
    return found


def shrunk_thresholds(thresholds: Floats, truth: NDArray[Any]) -> Floats:
    """Return thresholds `(C,)`, the nearer to 0.5 the fewer rows are behind them.

    By log odds, by n / (n + `ROWS_OF_HALF`), where n is how many rows the rarer answer has; with
    fewer than `MIN_OF_CLASS` of them 0.5 itself.

    Args:
        thresholds: `(C,)`, as they were fitted.
        truth: `(N,)` or `(N, C)`, 0 or 1; -1 where it is unknown.

    Example:
        >>> truth = np.repeat([0, 1], [90, 10])
        >>> shrunk_thresholds(np.array([0.2]), truth).round(3).tolist()
        [0.284]
    """
    cells = truth.reshape(len(truth), -1)
    rarer = np.minimum((cells == 1).sum(axis=0), (cells == 0).sum(axis=0))
    share = np.where(rarer < MIN_OF_CLASS, 0.0, rarer / (rarer + ROWS_OF_HALF))
    inside = np.clip(thresholds, 1e-6, 1 - 1e-6)
    return np.asarray(1 / (1 + np.exp(-share * np.log(inside / (1 - inside)))))


def curve_between(
    values: NDArray[np.float32],
    scorer: LabelScorer,
    yes: NDArray[Any],
    no: NDArray[Any],
    *,
    n_points: int | None = None,
) -> tuple[Curve, ThresholdSweep | None]:
    """Return the score of deciding as in `yes` from a threshold on and as in `no` below it.

    Args:
        values: `(N,)`.
        scorer: the metric and the truth.
        yes, no: decisions `(N,)`, or `(N, C)`.
        n_points: how many thresholds are looked at where each is scored by itself; None: all.

    Returns:
        The curve, and the function of its standard errors; None where the metric is no function of
        sums.
    """
    better = scorer.metric.greater_is_better
    sweep = ThresholdSweep.of(values, scorer, yes, no)
    if sweep is not None:
        n_all = len(sweep.thresholds)
        if n_points is not None and n_all > n_points and scorer.metric.values is None:
            sweep = sweep.thinned(spread(n_all, n_points))
        return Curve(sweep.thresholds, sweep.scores(), better), sweep
    distinct = np.unique(values)
    thresholds = np.append(distinct, np.nextafter(distinct[-1], np.float32(np.inf)))
    if n_points is not None and len(thresholds) > n_points:
        thresholds = thresholds[spread(len(thresholds), n_points)]
    reached = (values >= t for t in thresholds)
    decisions = (np.where(one if yes.ndim == 1 else one[:, None], yes, no) for one in reached)
    return Curve(thresholds, np.array([scorer.score(one) for one in decisions]), better), None


def spread(n: int, n_points: int) -> NDArray[np.int64]:
    """Return `n_points` of n numbers from 0, evenly, the first and the last among them."""
    return np.unique(np.linspace(0, n - 1, n_points).round().astype(np.int64))


def _of_one_class(
    values: NDArray[np.float32], scorer: LabelScorer, draws: BootstrapDraws | None
) -> float:
    curve = _curve_of_one_class(values, scorer, draws)
    return curve.best() if draws is None else curve.robust()


def _curve_of_one_class(
    values: NDArray[np.float32], scorer: LabelScorer, draws: BootstrapDraws | None
) -> Curve:
    """Return the curve, with its standard errors where there are `draws`, sums and enough rows."""
    ones = np.ones(len(values), np.int64)
    curve, sweep = curve_between(values, scorer, ones, np.zeros_like(ones))
    if draws is None or sweep is None or _n_of_rarer(scorer) < MIN_OF_CLASS:
        return curve
    return replace(curve, errors=sweep.errors(curve.scores, draws))


def _n_of_rarer(scorer: LabelScorer) -> int:
    n_positive = int((scorer.truth == 1).sum())
    return min(n_positive, len(scorer.truth) - n_positive)


def _refuse(values: NDArray[np.float32], scorer: LabelScorer) -> None:
    if not scorer.needs_decisions:
        raise UsageError(
            f"{scorer.metric.name} scores probabilities: there is no threshold to tune",
            fix="take a metric of decisions, as f1 or accuracy",
        )
    if not np.isfinite(values).all():
        row = int(np.flatnonzero(~np.isfinite(values).all(axis=1))[0])
        raise UsageError(f"row {row} is not a finite number", fix="predict again")


def _one_class(scorer: LabelScorer) -> tuple[Metric, dict[str, Any], list[int] | None] | None:
    """Return the metric of one class whose mean the multilabel metric is, if it is one.

    With it its options, and the classes that count; None for all.
    """
    name, options = scorer.metric.name, scorer.metric.complete(scorer.options)
    if name not in OF_ONE_CLASS or scorer.metric is not metrics.get(name):
        return None  # another metric, or a user's own of the same name
    if name == "accuracy" and options["over"] == "cell":
        return scorer.metric, {}, None
    if name == "accuracy" or options.get("average", "macro") != "macro":
        return None
    own_options = {"zero_division": options["zero_division"], "average": "binary"}
    own_options |= {"beta": options["beta"]} if name == "fbeta" else {}
    labels = options["labels"]
    listed = None if isinstance(labels, str) else [int(one) for one in labels]
    return metrics.get("fbeta" if name == "fbeta" else "f1"), own_options, listed


def _in_turn(
    values: NDArray[np.float32], scorer: LabelScorer, draws: BootstrapDraws | None
) -> Floats:
    thresholds = np.full(values.shape[1], 0.5)
    decisions = (values >= np.float32(0.5)).astype(np.uint8)
    for _ in range(MAX_SWEEPS):
        before = thresholds.copy()
        for c in range(values.shape[1]):
            curve, _ = _curve_of_class(values, decisions, c, scorer)
            if scorer.metric.is_better(_best_score(curve), scorer.score(decisions)):
                thresholds[c] = curve.best()
                decisions[:, c] = values[:, c] >= np.float32(thresholds[c])
        if (before == thresholds).all():
            break
    # Only now the centres: on the way each class is fitted to the best of the others.
    for c in range(values.shape[1]) if draws is not None else ():
        curve, sweep = _curve_of_class(values, decisions, c, scorer)
        if sweep is not None and draws is not None:
            thresholds[c] = curve.robust(sweep.errors(curve.scores, draws))
            decisions[:, c] = values[:, c] >= np.float32(thresholds[c])
    return thresholds


def _curve_of_class(
    values: NDArray[np.float32], decisions: NDArray[np.uint8], c: int, scorer: LabelScorer
) -> tuple[Curve, ThresholdSweep | None]:
    yes, no = decisions.copy(), decisions.copy()
    yes[:, c], no[:, c] = 1, 0
    return curve_between(values[:, c], scorer, yes, no, n_points=MAX_POINTS)


def _best_score(curve: Curve) -> float:
    return float(np.nanmax(curve.scores) if curve.greater_is_better else np.nanmin(curve.scores))
