"""Thresholds: the metric at every threshold that makes a difference, from one sorting of the rows.

Between two neighbouring values no threshold changes a decision, so a curve over all distinct values
is exact. With rows sorted by probability, the sums of a metric at a threshold are those of "all no"
below it plus those of "all yes" from it on: two cumulative sums give every point of the curve.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.errors import UsageError
from podium.tuning.scoring import Scorer

if TYPE_CHECKING:
    from podium.competition.spec import TaskKind

__all__ = ["Curve", "fit_thresholds", "threshold_curve"]

MAX_SWEEPS = 5  # of all classes, for metrics in which the classes' thresholds depend on each other
MAX_POINTS_SCORED = 64  # of a curve in turn with others, where each point is scored by itself
MAX_POINTS = 512  # of a curve inside such a sweep, or where a metric has no sums

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """A metric at every threshold that makes a difference.

    Attributes:
        thresholds: `(T,)`, float32, ascending: the distinct values, and one above all of them.
        scores: `(T,)`: the score of `p >= threshold`.
        greater_is_better: the metric's direction.
    """

    thresholds: NDArray[np.float32]
    scores: Floats
    greater_is_better: bool = True

    def best(self, *, within: float = 0.0, low: float = 0.0, high: float = 1.0) -> float:
        """Return the centre of the widest plateau of best scores.

        A threshold at the edge of the plateau would turn with the next row; its centre is as far
        from both edges as can be. The first plateau begins at `low` and the last one ends at
        `high`: where "never" is best, the threshold does not lie a hair above the largest value
        that was seen.

        Args:
            within: scores at most this much worse than the best count as equal to it.
            low, high: between which values may lie.
        """
        signed = self.scores if self.greater_is_better else -self.scores
        is_good = signed >= signed.max() - within
        # Every real threshold in (lows[i], thresholds[i]] decides as thresholds[i] does.
        lows = np.concatenate([[min(low, float(self.thresholds[0]))], self.thresholds[:-1]])
        edges = np.flatnonzero(np.diff(np.concatenate([[0], is_good.astype(np.int8), [0]])))
        firsts, lasts = edges[::2], edges[1::2] - 1
        highs = self.thresholds[lasts].astype(np.float64)
        highs[lasts == len(self.thresholds) - 1] = max(high, float(self.thresholds[-1]))
        widest = int(np.argmax(highs - lows[firsts]))
        left, right = lows[firsts[widest]], highs[widest]
        centre = float(np.float32((left + right) / 2))
        return centre if centre > left else float(right)

    def score_at(self, threshold: float) -> float:
        """Return the score of `p >= threshold`."""
        at = int(np.searchsorted(self.thresholds, np.float32(threshold), side="left"))
        return float(self.scores[min(at, len(self.scores) - 1)])


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
    scorer = Scorer.of(metric, truth, n_outputs=values.shape[1], kind="binary", options=options)
    _refuse(values, scorer)
    if values.shape[1] != 1:
        raise UsageError(f"a curve is of one column, got {values.shape}", fix="use fit_thresholds")
    return _binary_curve(values[:, 0], scorer)


def fit_thresholds(
    probs: NDArray[Any],
    truth: NDArray[Any],
    metric: str | Metric,
    kind: TaskKind,
    *,
    within: float = 0.0,
    options: Mapping[str, Any] | None = None,
) -> Floats:
    """Return the best threshold of each class, `(C,)`; `(1,)` for a binary task.

    Where a metric is a mean over classes, each class has its own exact optimum. Otherwise (rows
    that must be right in every label) classes are tuned in turn, the others held, until nothing
    changes.

    Args:
        probs: `(N, C)`, binary `(N,)` or `(N, 1)`.
        truth: `(N,)` or `(N, C)`, 0 or 1.
        metric: one that needs decisions.
        kind: "binary" or "multilabel".
        within: see `Curve.best`.
        options: options of the metric.

    Raises:
        UsageError: the task has no thresholds, the metric needs none, or a value is not finite.
    """
    if kind not in ("binary", "multilabel"):
        raise UsageError(f"a {kind} task has no thresholds", fix="use fit_class_weights")
    values = np.asarray(probs, dtype=np.float32).reshape(len(probs), -1)
    scorer = Scorer.of(metric, truth, n_outputs=values.shape[1], kind=kind, options=options)
    _refuse(values, scorer)
    if kind == "binary":
        return np.array([_binary_curve(values[:, 0], scorer).best(within=within)])
    one_class = _metric_of_one_class(scorer)
    if one_class is None:
        return _in_turn(values, scorer, within)
    columns = zip(values.T, scorer.truth.T, strict=True)
    return np.array([threshold_curve(p, t, one_class).best(within=within) for p, t in columns])


def best_between(
    values: NDArray[np.float32],
    scorer: Scorer,
    yes: NDArray[np.int64],
    no: NDArray[np.int64],
    limits: tuple[float, float],
) -> float:
    """Return the best threshold from which on rows are decided as in `yes`, below it as in `no`.

    All values that make a difference are looked at, coarsely first where they are many.

    Args:
        values: `(N,)`.
        scorer: the metric and the truth.
        yes, no: decisions `(N,)`; rows in which they are equal make no difference.
        limits: between which values the threshold may lie.
    """
    order = np.argsort(values, kind="stable")
    thresholds, starts = _cuts(values[order])
    matters = np.flatnonzero((yes != no)[order])
    first = int(np.searchsorted(starts, matters[0], side="right")) - 1
    last = int(np.searchsorted(starts, matters[-1], side="right"))
    at = np.arange(first, last + 1)
    n_points = MAX_POINTS_SCORED if scorer.metric.sums is None else MAX_POINTS
    while len(at) > n_points:
        some_of_them = np.unique(np.linspace(0, len(at) - 1, n_points).round().astype(np.int64))
        scores = _at_starts(scorer, values, order, thresholds, starts, at[some_of_them], yes, no)
        best = int(np.argmax(scores if scorer.metric.greater_is_better else -scores))
        left = some_of_them[max(0, best - 1)]
        right = some_of_them[min(len(some_of_them) - 1, best + 1)]
        at = at[left : right + 1]
    scores = _at_starts(scorer, values, order, thresholds, starts, at, yes, no)
    low = limits[0] if at[0] == first else float(thresholds[at[0] - 1])
    high = limits[1] if at[-1] == last else float(thresholds[at[-1]])
    return Curve(thresholds[at], scores, scorer.metric.greater_is_better).best(low=low, high=high)


def _at_starts(
    scorer: Scorer,
    values: NDArray[np.float32],
    order: NDArray[np.int64],
    thresholds: NDArray[np.float32],
    starts: NDArray[np.int64],
    at: NDArray[np.int64],
    yes: NDArray[np.int64],
    no: NDArray[np.int64],
) -> Floats:
    scores = _from_sums(scorer, order, starts[at], yes, no)
    if scores is not None:
        return scores
    return np.array([scorer.score(np.where(values >= t, yes, no)) for t in thresholds[at]])


def _refuse(values: NDArray[np.float32], scorer: Scorer) -> None:
    if not scorer.needs_decisions:
        raise UsageError(
            f"{scorer.metric.name} scores probabilities: there is no threshold to tune"
        )
    if not np.isfinite(values).all():
        row = int(np.flatnonzero(~np.isfinite(values).all(axis=1))[0])
        raise UsageError(f"row {row} is not a finite number", fix="predict again")


def _binary_curve(values: NDArray[np.float32], scorer: Scorer) -> Curve:
    order = np.argsort(values, kind="stable")
    thresholds, starts = _cuts(values[order])
    scores = _from_counts(scorer, order, starts)
    if scores is None:
        yes, no = np.ones(len(values), np.int64), np.zeros(len(values), np.int64)
        scores = _from_sums(scorer, order, starts, yes, no)
    if scores is None:
        scores = np.array([scorer.score((values >= t).astype(np.int64)) for t in thresholds])
    return Curve(thresholds, scores, scorer.metric.greater_is_better)


def _cuts(ascending: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the thresholds and, for each, how many rows lie below it."""
    starts = np.flatnonzero(np.concatenate([[True], ascending[1:] != ascending[:-1]]))
    above_all = np.nextafter(ascending[-1], np.float32(np.inf))
    thresholds = np.concatenate([ascending[starts], [above_all]]).astype(np.float32)
    return thresholds, np.concatenate([starts, [len(ascending)]])


def _from_counts(
    scorer: Scorer, order: NDArray[np.int64], starts: NDArray[np.int64]
) -> Floats | None:
    """Return accuracy, F1 or macro F1 from the four counts at each threshold; None for others."""
    options = scorer.metric.complete(scorer.options)
    name = scorer.metric.name
    if name not in metrics.names() or scorer.metric is not metrics.get(name):
        return None  # somebody's own metric of the same name
    positive = np.concatenate([[0], np.cumsum(scorer.truth.reshape(-1)[order] == 1)])
    n, n_positive = len(order), int(positive[-1])
    missed = positive[starts].astype(np.float64)
    hit = n_positive - missed
    false_alarm = (n - starts) - hit
    right_no = starts - missed
    wrong = missed + false_alarm
    if name == "accuracy":
        return np.asarray((hit + right_no) / n)
    if name == "f1" and options["average"] == "binary":
        return _f1(hit, wrong, options["zero_division"])
    if name == "macro_f1" and options["labels"] == "union":
        each = np.stack([_f1(right_no, wrong, np.nan), _f1(hit, wrong, np.nan)])
        return np.asarray(np.nanmean(each, axis=0))
    return None


def _f1(hit: Floats, wrong: Floats, zero_division: float) -> Floats:
    below = 2 * hit + wrong
    return np.where(below > 0, 2 * hit / np.where(below > 0, below, 1.0), zero_division)


def _from_sums(
    scorer: Scorer,
    order: NDArray[np.int64],
    starts: NDArray[np.int64],
    yes: NDArray[Any],
    no: NDArray[Any],
) -> Floats | None:
    """Return the scores from the metric's sums, given the decisions "all yes" and "all no"."""
    metric, options = scorer.metric, scorer.metric.complete(scorer.options)
    above = metrics.sums(metric, scorer.truth, yes, **scorer.options)
    below = metrics.sums(metric, scorer.truth, no, **scorer.options)
    if above is None or below is None or metric.value is None or above.shape != below.shape:
        return None
    first = np.zeros((1, above.shape[1]))
    above_until = np.concatenate([first, np.cumsum(above[order], axis=0, dtype=np.float64)])
    below_until = np.concatenate([first, np.cumsum(below[order], axis=0, dtype=np.float64)])
    totals = below_until[starts] + (above_until[-1] - above_until[starts])  # (T, S)
    return np.array([metric.value(total[None], **options) for total in totals])


def _metric_of_one_class(scorer: Scorer) -> Metric | None:
    """Return the metric of one class whose mean the multilabel metric is; None if it is not one."""
    name, options = scorer.metric.name, scorer.metric.complete(scorer.options)
    if name not in metrics.names() or scorer.metric is not metrics.get(name):
        return None
    is_macro = name == "macro_f1" or (name == "f1" and options["average"] == "macro")
    if is_macro and isinstance(options["labels"], str) and options["zero_division"] == 0:
        return metrics.get("f1")
    if name == "accuracy" and options["over"] == "cell":
        return metrics.get("accuracy")
    return None


def _in_turn(values: NDArray[np.float32], scorer: Scorer, within: float) -> Floats:
    thresholds = np.full(values.shape[1], 0.5)
    decisions = (values >= np.float32(0.5)).astype(np.uint8)
    for _ in range(MAX_SWEEPS):
        before = thresholds.copy()
        for c in range(values.shape[1]):
            curve = _curve_of_class(values, decisions, c, scorer)
            signed = curve.scores if curve.greater_is_better else -curve.scores
            held = scorer.score(decisions)
            held = held if curve.greater_is_better else -held
            if signed.max() > held:
                thresholds[c] = curve.best(within=within)
                decisions[:, c] = values[:, c] >= np.float32(thresholds[c])
        if (before == thresholds).all():
            break
    return thresholds


def _curve_of_class(
    values: NDArray[np.float32], decisions: NDArray[np.uint8], c: int, scorer: Scorer
) -> Curve:
    order = np.argsort(values[:, c], kind="stable")
    thresholds, starts = _cuts(values[order, c])
    if len(thresholds) > MAX_POINTS:
        chosen = np.linspace(0, len(thresholds) - 1, MAX_POINTS).round().astype(np.int64)
        thresholds, starts = thresholds[chosen], starts[chosen]
    yes, no = decisions.copy(), decisions.copy()
    yes[:, c], no[:, c] = 1, 0
    scores = _from_sums(scorer, order, starts, yes, no)
    if scores is None:
        scores = np.array(
            [_score_with(scorer, decisions, c, values[:, c] >= t) for t in thresholds]
        )
    return Curve(thresholds, scores, scorer.metric.greater_is_better)


def _score_with(
    scorer: Scorer, decisions: NDArray[np.uint8], c: int, column: NDArray[np.bool_]
) -> float:
    tried = decisions.copy()
    tried[:, c] = column
    return scorer.score(tried)
