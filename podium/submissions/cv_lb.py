"""CV against LB: do honest scores say what public ones will be, and which submission is odd?"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["CvLb", "Point", "cv_lb"]

LEAST_POINTS = 3
_ODD = 3.0  # standard errors
_EXACT_UP_TO = 8  # points whose every order is tried for the p of a rank correlation
_WIDTHS_OF_95 = 2 * 1.959964


@dataclass(frozen=True)
class Point:
    """One submission.

    Attributes:
        id: its name.
        honest, public: its scores.
        expected: the honest score and the median gap of all from honest to public; None where there
            are too few.
        residual: public minus expected, in standard errors of both; None where these are unknown.
        flag: in words, why it is odd; else "".
    """

    id: str
    honest: float
    public: float
    expected: float | None = None
    residual: float | None = None
    flag: str = ""


@dataclass(frozen=True)
class CvLb:
    """Honest against public scores.

    Attributes:
        n: submissions that have both.
        points: these, in the order given.
        slope, intercept: of least squares, public on honest.
        robust_slope, robust_intercept: Theil–Sen: the median of the slopes of all pairs.
        rank_correlation: Spearman's.
        p: two-sided, that ranks that have nothing to do with each other correlate so much; exact up
            to 8 submissions.
        note: what cannot be said, and why; else "".
    """

    n: int
    points: tuple[Point, ...]
    slope: float | None = None
    intercept: float | None = None
    robust_slope: float | None = None
    robust_intercept: float | None = None
    rank_correlation: float | None = None
    p: float | None = None
    note: str = ""


def cv_lb(
    ids: Sequence[str],
    honest: Sequence[float | None],
    public: Sequence[float | None],
    *,
    intervals: Sequence[tuple[float, float] | None] | None = None,
    public_per_unit: float | None = None,
    greater_is_better: bool = True,
) -> CvLb:
    """Return how honest and public scores go together, over submissions that have both.

    Both are scores by one metric, so that what an honest score promises lies on a line of slope 1;
    a shift of the test set moves all alike. The standard error of a residual joins that of the
    honest score, a quarter of its 95 % interval, and that of the public score: the same, widened by
    √(units out of fold / public units), since the square of a standard error falls as one over the
    units.

    Args:
        ids, honest, public: `(K,)`, None where a score is not known.
        intervals: `(K,)`, of 95 % of the honest scores.
        public_per_unit: public units per unit out of fold; None: not known, and the public score
            is taken to be as wide as the honest one.
        greater_is_better: the metric's direction, for the words of a flag.
    """
    every = zip(ids, honest, public, intervals or [None] * len(ids), strict=True)
    both = [
        (Point(name, h, p), interval)
        for name, h, p, interval in every
        if h is not None and p is not None
    ]
    points, n = tuple(point for point, _ in both), len(both)
    if n < LEAST_POINTS:
        text = f"{n} submission{'s' * (n != 1)} with an honest and a public score: a line needs 3"
        return CvLb(n, points, note=text)
    x = np.array([point.honest for point in points])
    y = np.array([point.public for point in points])
    if np.ptp(x) == 0:
        return CvLb(n, points, note="all honest scores are equal: they say nothing of public ones")
    import scipy.stats

    slope, intercept = np.polyfit(x, y, 1)
    with np.errstate(invalid="ignore"):  # of the interval of few points with ties, not used here
        robust = float(scipy.stats.theilslopes(y, x).slope)
    middle = float(np.median(y - robust * x))
    rank, p = _spearman(x, y)
    widening = 1.0 if public_per_unit is None else 1 / public_per_unit
    gap = float(np.median(y - x))
    judged = []
    for point, interval in both:
        expected = point.honest + gap
        width = 0.0 if interval is None else (interval[1] - interval[0]) / _WIDTHS_OF_95
        error = width * math.sqrt(1 + widening)
        residual = (point.public - expected) / error if error > 0 else None
        judged.append(
            Point(
                point.id,
                point.honest,
                point.public,
                expected,
                residual,
                _flag(residual, greater_is_better=greater_is_better),
            )
        )
    return CvLb(
        n,
        tuple(judged),
        float(slope),
        float(intercept),
        robust,
        middle,
        rank,
        p,
        note="all public scores are equal" if rank is None else "",
    )


def _spearman(x: np.ndarray, y: np.ndarray) -> tuple[float | None, float | None]:
    """Return Spearman's rank correlation and its p; None where all of `y` are equal."""
    import scipy.stats

    if np.ptp(y) == 0:
        return None, None
    found = scipy.stats.spearmanr(x, y)
    rank = float(found.statistic)
    if len(x) > _EXACT_UP_TO:
        return rank, float(found.pvalue)
    ranks, others = scipy.stats.rankdata(x), scipy.stats.rankdata(y)
    orders = np.array(list(itertools.permutations(others - others.mean())))
    every = np.abs(orders @ (ranks - ranks.mean()))
    seen = abs(float((others - others.mean()) @ (ranks - ranks.mean())))
    return rank, float((every >= seen * (1 - 1e-9)).mean())


def _flag(residual: float | None, *, greater_is_better: bool) -> str:
    if residual is None or abs(residual) < _ODD:
        return ""
    is_worse = (residual < 0) == greater_is_better
    if is_worse:
        return (
            "its public score is much worse than its honest one promises: look for a leak across "
            "folds, or for another file than that of this blend"
        )
    return (
        "its public score is much better than its honest one promises: look for labels of test "
        "rows in the training, or for a lucky public part"
    )
