"""Thresholds: the metric at every threshold that makes a difference, from one sorting of the rows.

Between two neighbouring values no threshold changes a decision, so a curve over all distinct values
is exact (`sweep.py`). Of each curve the robust threshold is taken, or by request the raw maximum
(`curve.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.errors import UsageError
from podium.tuning.curve import Curve
from podium.tuning.scoring import Scorer
from podium.tuning.sweep import Draws, Sweep

if TYPE_CHECKING:
    from podium.competition.spec import TaskKind

__all__ = ["Curve", "fit_thresholds", "threshold_curve"]

MAX_SWEEPS = 5  # of all classes, for metrics in which the classes' thresholds depend on each other
MIN_OF_CLASS = 5  # rows of the rarer class: a bootstrap of fewer says nothing (decision 0022)
OF_ONE_CLASS = ("accuracy", "f1", "fbeta", "macro_f1")  # metrics that may be means over classes
MAX_POINTS = 512  # of a curve, where each point is scored by itself and others are tuned, too

Floats = NDArray[np.float64]


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
    ones = np.ones(len(values), np.int64)
    return curve_between(values[:, 0], scorer, ones, np.zeros_like(ones))[0]


def fit_thresholds(
    probs: NDArray[Any],
    truth: NDArray[Any],
    metric: str | Metric,
    kind: TaskKind,
    *,
    raw: bool = False,
    groups: NDArray[Any] | None = None,
    seed: int = 0,
    options: Mapping[str, Any] | None = None,
) -> Floats:
    """Return the threshold of each class, `(C,)`; `(1,)` for a binary task.

    Where a metric is a mean over classes, each class has its own exact curve. Otherwise (rows
    that must be right in every label) classes are tuned in turn, the others held, until nothing
    changes. Of a curve the centre of all thresholds is taken that cannot be told from the best
    (`Curve.robust`); the best one of a metric that is no function of sums, and, where classes are
    by themselves, of one with fewer than five rows.

    Args:
        probs: `(N, C)`, binary `(N,)` or `(N, 1)`.
        truth: `(N,)` or `(N, C)`, 0 or 1.
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
    if kind not in ("binary", "multilabel"):
        raise UsageError(f"a {kind} task has no thresholds", fix="use fit_class_weights")
    values = np.asarray(probs, dtype=np.float32).reshape(len(probs), -1)
    scorer = Scorer.of(metric, truth, n_outputs=values.shape[1], kind=kind, options=options)
    _refuse(values, scorer)
    draws = None if raw else Draws(len(values), groups, seed=seed)
    if kind == "binary":
        return np.array([_of_one_class(values[:, 0], scorer, draws)])
    alone = _one_class(scorer)
    if alone is None:
        return _in_turn(values, scorer, draws)
    one_class, given, listed = alone
    found = np.full(values.shape[1], 0.5)
    for c in range(values.shape[1]) if listed is None else listed:
        of_class = Scorer.of(
            one_class, scorer.truth[:, c], n_outputs=1, kind="binary", options=given
        )
        found[c] = _of_one_class(values[:, c], of_class, draws)
    return found


def curve_between(
    values: NDArray[np.float32],
    scorer: Scorer,
    yes: NDArray[Any],
    no: NDArray[Any],
    *,
    n_points: int | None = None,
) -> tuple[Curve, Sweep | None]:
    """Return the score of deciding as in `yes` from a threshold on and as in `no` below it.

    Args:
        values: `(N,)`.
        scorer: the metric and the truth.
        yes, no: decisions `(N,)`, or `(N, C)`.
        n_points: how many thresholds are looked at where each is scored by itself; None: all.

    Returns:
        The curve, and what can say its errors; None where the metric is no function of sums.
    """
    better = scorer.metric.greater_is_better
    sweep = Sweep.of(values, scorer, yes, no)
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
    said = (np.where(one if yes.ndim == 1 else one[:, None], yes, no) for one in reached)
    return Curve(thresholds, np.array([scorer.score(one) for one in said]), better), None


def spread(n: int, n_points: int) -> NDArray[np.int64]:
    """Return `n_points` of n numbers from 0, evenly, the first and the last among them."""
    return np.unique(np.linspace(0, n - 1, n_points).round().astype(np.int64))


def _of_one_class(values: NDArray[np.float32], scorer: Scorer, draws: Draws | None) -> float:
    ones = np.ones(len(values), np.int64)
    curve, sweep = curve_between(values, scorer, ones, np.zeros_like(ones))
    if draws is None or sweep is None or _n_of_rarer(scorer) < MIN_OF_CLASS:
        return curve.best()
    return curve.robust(sweep.errors(curve.scores, draws))


def _n_of_rarer(scorer: Scorer) -> int:
    n_positive = int((scorer.truth == 1).sum())
    return min(n_positive, len(scorer.truth) - n_positive)


def _refuse(values: NDArray[np.float32], scorer: Scorer) -> None:
    if not scorer.needs_decisions:
        raise UsageError(
            f"{scorer.metric.name} scores probabilities: there is no threshold to tune"
        )
    if not np.isfinite(values).all():
        row = int(np.flatnonzero(~np.isfinite(values).all(axis=1))[0])
        raise UsageError(f"row {row} is not a finite number", fix="predict again")


def _one_class(scorer: Scorer) -> tuple[Metric, dict[str, Any], list[int] | None] | None:
    """Return the metric of one class whose mean the multilabel metric is, if it is one.

    With it its options, and the classes that count; None for all.
    """
    name, options = scorer.metric.name, scorer.metric.complete(scorer.options)
    if name not in OF_ONE_CLASS or scorer.metric is not metrics.get(name):
        return None  # another metric, or somebody's own of the same name
    if name == "accuracy" and options["over"] == "cell":
        return scorer.metric, {}, None
    if name == "accuracy" or options.get("average", "macro") != "macro":
        return None
    given = {"zero_division": options["zero_division"], "average": "binary"}
    given |= {"beta": options["beta"]} if name == "fbeta" else {}
    labels = options["labels"]
    listed = None if isinstance(labels, str) else [int(one) for one in labels]
    return metrics.get("fbeta" if name == "fbeta" else "f1"), given, listed


def _in_turn(values: NDArray[np.float32], scorer: Scorer, draws: Draws | None) -> Floats:
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
    # Only now the centres: on the way each class answers to what is best of the others.
    for c in range(values.shape[1]) if draws is not None else ():
        curve, sweep = _curve_of_class(values, decisions, c, scorer)
        if sweep is not None and draws is not None:
            thresholds[c] = curve.robust(sweep.errors(curve.scores, draws))
            decisions[:, c] = values[:, c] >= np.float32(thresholds[c])
    return thresholds


def _curve_of_class(
    values: NDArray[np.float32], decisions: NDArray[np.uint8], c: int, scorer: Scorer
) -> tuple[Curve, Sweep | None]:
    yes, no = decisions.copy(), decisions.copy()
    yes[:, c], no[:, c] = 1, 0
    return curve_between(values[:, c], scorer, yes, no, n_points=MAX_POINTS)


def _best_score(curve: Curve) -> float:
    return float(np.nanmax(curve.scores) if curve.greater_is_better else np.nanmin(curve.scores))
