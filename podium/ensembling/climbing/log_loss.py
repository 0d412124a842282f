"""Log loss of one more member: of each row only the probability of what is true is looked at.

Logarithms are of products: Π x_i of 16 rows lies far above the smallest float64, so that it can be
multiplied out; its exponent is taken off then, and one logarithm is left for some hundred rows.
Rows that are divided by their sum s_i = 1 + d_i change the loss by the mean of ln s_i, which is the
mean of the d_i, up to d²: one number a member.

The bounds hold what rounding can do to this sum and to the plain one, which adds row by row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.metrics import known_cells
from podium.ensembling.climbing._kernels import completed, minus_logs, of_the_true_class
from podium.ensembling.hill_climbing import (
    EPS,
    Bounds,
    Picks,
    PlainAdditions,
    RunningSum,
    known_dtype,
)
from podium.tuning.scoring import LabelScorer

__all__ = ["additions"]

LEAST_EPS = 1e-18  # 16 factors of it are no zero
MOST_OFF = 0.01  # a row's sum from 1
SURE = 1e-9  # more than this does not become 0 by rounding


def additions(members: NDArray[Any], scorer: LabelScorer) -> _LogLoss | None:
    """Return the additions for `climb`; None where a value, option or truth would be refused."""
    options = scorer.metric.complete(scorer.options)
    eps = options["eps"]
    truth, prediction = metrics.arguments(scorer.metric, scorer.truth, members[0])
    if not LEAST_EPS <= eps < 0.5 or options["class_weights"] is not None:
        return None
    plain, members = PlainAdditions(members, scorer), known_dtype(members)
    if truth.ndim == 1 and prediction.ndim == 2:
        if not np.isin(truth, np.arange(prediction.shape[1])).all():
            return None
        return _of_classes(members, truth.astype(np.int64), plain, eps, options["rescale"])
    is_known = known_cells(truth)
    cells = truth.reshape(-1) if is_known is None else truth[is_known]
    if not np.isin(cells, (0, 1)).all() or members.min() < 0 or members.max() > 1:
        return None
    is_false = cells == 0
    values = members.reshape(len(members), -1)
    values = values if is_known is None else values[:, is_known.reshape(-1)]
    # What is false is right as 1 - p: minus p is kept, which takes no more bits than p.
    right = values * np.where(is_false, -1, 1).astype(members.dtype)
    none = np.zeros(len(members))
    return _LogLoss(right, RunningSum(right), plain, eps, 1 - eps, none, 0.0, 0, is_false)


def _of_classes(
    members: NDArray[Any],
    truth: NDArray[np.int64],
    plain: PlainAdditions,
    eps: float,
    rescale: bool,
) -> _LogLoss | None:
    n_classes = members.shape[2]
    right = np.empty(members.shape[:2], members.dtype)
    off, most_off = np.zeros(len(members)), 0.0
    for m, member in enumerate(members):
        off[m], largest, least, most = of_the_true_class(member, truth, right[m])
        most_off = max(most_off, largest)
        if least < 0 or (not rescale and most > 1) or (rescale and most_off > MOST_OFF):
            return None
    if not rescale:
        off[:], most_off = 0, 0
    # Of rows that are divided by their sum the bounds hold what clipping does.
    most = np.inf if most_off else 1 - eps
    return _LogLoss(right, RunningSum(right), plain, eps, most, off, most_off, n_classes, None)


@dataclass(frozen=True)
class _LogLoss:
    """The loss of what is true of each row, or cell.

    Attributes:
        right: `(M, R)`, the probability p of what is true of each row or cell; -p of what is false.
        total: the sum over picks of it.
        plain: the plain way.
        eps, most: what probabilities are clipped to.
        off, most_off: `(M,)`, the mean distance of the rows' sums from 1, and their largest.
        n_summed: the numbers in a row's sum.
        is_false: `(R,)`: cells that are right as 1 - p; None: none is.
    """

    right: NDArray[Any]
    total: RunningSum
    plain: PlainAdditions
    eps: float
    most: float
    off: NDArray[np.float64]
    most_off: float
    n_summed: int
    is_false: NDArray[np.bool_] | None

    def bounds(self, picks: Picks, allowed: NDArray[np.int64]) -> Bounds:
        n = len(picks) + 1
        total, least, inverses = self.total.of(picks), self.eps * n, 0.0
        if self.is_false is None:
            lowest, highest = float(total.min()), float(total.max()) + 1
        else:
            sums, total = total, np.empty(len(total))
            lowest, highest, inverses = completed(sums, self.is_false, float(n), least, total)
        if lowest > max(least, SURE * n) and highest < self.most * n:
            least = lowest / 2  # rounding takes less
        found = np.empty(len(allowed))
        minus_logs(self.right, total, allowed, float(n), (self.eps, self.most), least, found)
        found += (self.off[list(picks)].sum() + self.off[allowed]) / n
        n_rows = self.right.shape[1]
        margin = found * (n_rows + 64) * EPS + (n + self.n_summed + 256) * 4 * EPS
        if self.most_off:
            # Rows that are clipped are not divided; and ln(1 + d) is d up to d².
            is_clipped = np.count_nonzero(total < 2 * self.eps * n) / len(total)
            margin += 2 * self.eps + self.most_off**2 + 2 * self.most_off * is_clipped
        if n > 1:
            # A rounded mean is subtracted from 1, which matters where little is left.
            margin += 4 * n**2 * EPS * inverses
        return found - margin, found + margin

    def score(self, picks: Picks) -> float:
        return self.plain.score(picks)
