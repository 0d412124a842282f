"""Mean R² of columns: the share of the truth's variance that the values explain, by column.

    mean R² = 1/C Σ_c (1 - Σ_i (p_ic - t_ic)² / Σ_i (t_ic - mean t_c)²)

The sums are over the rows whose truth in column c is known; a column in which none is known is left
out of the mean. A column whose truth is constant has no variance: undefined.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._metric import Metric
from podium.competition.metrics.r2 import CALLED as CALLED_FOR_ONE
from podium.competition.metrics.r2 import LEAST_VARIANCE
from podium.errors import DataError

__all__ = ["METRIC"]


def _sums(truth: NDArray[Any], values: NDArray[Any]) -> NDArray[np.float64]:
    right, predicted = (one.astype(np.float64).reshape(len(truth), -1) for one in (truth, values))
    is_known = np.isfinite(right)
    right = np.where(is_known, right, 0.0)
    squared = np.where(is_known, predicted - right, 0.0) ** 2
    return np.concatenate([squared, right**2, right, is_known], axis=1)


def _value(sums: NDArray[np.float64]) -> float:
    squared, squares, total, n = sums.sum(axis=0).reshape(4, -1)
    there = n > 0
    squared, squares, total, n = (one[there] for one in (squared, squares, total, n))
    variance = squares - total**2 / n
    if (variance <= LEAST_VARIANCE * squares).any():
        raise DataError(
            "mean_r2 is undefined: the truth of a column is constant",
            fix="score the pooled rows of all folds",
        )
    return float((1 - squared / variance).mean())


METRIC = Metric.from_sums(
    "mean_r2",
    needs="probs",
    greater_is_better=True,
    perfect=1.0,
    kinds=frozenset({"multitarget"}),
    sums=_sums,
    value=_value,
    skips_missing=True,
)

CALLED = CALLED_FOR_ONE  # of several columns that is the mean of theirs
