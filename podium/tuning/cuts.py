"""Cut points of an ordinal task: from which rating on a row is of the next class.

Between two neighbouring ratings no cut point changes a decision, so with all others held, the
curve of one cut point over the ratings between its neighbours is exact (`thresholds.py`). The cut
points are moved in turn until none gains, from several starts, since a metric such as kappa has
more than one summit: rounding; the points that give every class the share that it has in the truth
(quantile matching); and halfway between these two.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics import Metric
from podium.errors import UsageError
from podium.tuning.scoring import Scorer
from podium.tuning.thresholds import MAX_SWEEPS, best_between

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["fit_cuts", "matching_cuts"]

Floats = NDArray[np.float64]
Ratings = NDArray[np.float32]


def fit_cuts(
    ratings: NDArray[Any],
    truth: NDArray[Any],
    metric: str | Metric,
    *,
    n_classes: int,
    options: Mapping[str, Any] | None = None,
) -> Floats:
    """Return the cut points `(C - 1,)`, ascending, that score best.

    A row's class is how many of them its rating reaches. On the rows given they are never worse
    than rounding, and equal scores keep rounding.

    Args:
        ratings: `(N,)` or `(N, 1)`, in [0, C - 1]; compared as float32, as they are stored.
        truth: `(N,)`, class indices.
        metric: one that needs decisions.
        n_classes: C.
        options: options of the metric.

    Raises:
        UsageError: the metric needs no decisions, or a rating is not finite.

    Example:
        >>> ratings = np.array([0.1, 0.2, 0.4, 1.2, 1.3])
        >>> fit_cuts(ratings, np.array([0, 0, 1, 1, 2]), "accuracy", n_classes=3).round(2).tolist()
        [0.3, 1.25]
    """
    values = np.asarray(ratings, dtype=np.float32).reshape(-1)
    scorer = Scorer.of(
        metric, truth, n_outputs=1, kind="ordinal", n_classes=n_classes, options=options
    )
    if not scorer.needs_decisions:
        raise UsageError(f"{scorer.metric.name} scores ratings: there is no cut point to tune")
    if not np.isfinite(values).all():
        row = int(np.flatnonzero(~np.isfinite(values))[0])
        raise UsageError(f"row {row} is not a finite number", fix="predict again")
    best: tuple[float, Floats] | None = None
    for start in _starts(values, scorer.truth, n_classes):
        found = _in_turn(values, scorer, start)
        score = _signed(scorer, scorer.score(_decided(values, found)))
        if best is None or score > best[0]:
            best = score, found
    assert best is not None  # rounding is always tried
    return best[1]


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
    left = ascending[np.clip(below - 1, 0, len(ascending) - 1)]
    right = ascending[np.clip(below, 0, len(ascending) - 1)]
    middle = np.where(below == 0, min(0.0, ascending[0]), (left + right) / 2)
    middle = np.where(below == len(ascending), max(n_classes - 1.0, ascending[-1] + 1), middle)
    return _ascending(middle)


def _starts(values: Ratings, truth: NDArray[Any], n_classes: int) -> Iterator[Floats]:
    rounding = np.arange(n_classes - 1, dtype=np.float64) + np.float64(0.5)
    matching = matching_cuts(values, truth, n_classes=n_classes)
    yield rounding
    yield matching
    yield _ascending((rounding + matching) / 2)


def _in_turn(values: Ratings, scorer: Scorer, start: Floats) -> Floats:
    cuts = start.copy()
    top = float(max(len(cuts), values.max()))
    held = _signed(scorer, scorer.score(_decided(values, cuts)))
    for _ in range(MAX_SWEEPS):
        before = cuts.copy()
        for k in range(len(cuts)):
            low = cuts[k - 1] if k else min(0.0, float(values.min()))
            high = cuts[k + 1] if k + 1 < len(cuts) else top
            found = _best_between(values, scorer, cuts, k, (low, high))
            if found is None:
                continue
            tried = cuts.copy()
            tried[k] = found
            score = _signed(scorer, scorer.score(_decided(values, tried)))
            if score > held:
                cuts, held = tried, score
        if (before == cuts).all():
            break
    return cuts


def _best_between(
    values: Ratings, scorer: Scorer, cuts: Floats, k: int, limits: tuple[float, float]
) -> float | None:
    """Return the best place of cut point `k` between `limits`; None where no rating lies there."""
    low, high = limits
    is_last = k + 1 == len(cuts)
    inside = (values >= np.float32(low)) & (is_last | (values < np.float32(high)))
    if not inside.any():
        return None
    rest = _decided(values, cuts)
    yes, no = np.where(inside, k + 1, rest), np.where(inside, k, rest)
    return min(max(best_between(values, scorer, yes, no, limits), low), high)


def _decided(values: Ratings, cuts: Floats) -> NDArray[np.int64]:
    return np.searchsorted(cuts.astype(np.float32), values, side="right")


def _signed(scorer: Scorer, score: float) -> float:
    return score if scorer.metric.greater_is_better else -score


def _ascending(cuts: Floats) -> Floats:
    return np.maximum.accumulate(cuts)
