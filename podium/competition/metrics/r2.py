"""R², the share of the truth's variance that the values explain; below 0 where its mean is better.

    R² = 1 - Σ_i (p_i - t_i)² / Σ_i (t_i - mean t)²

A constant truth has no variance: undefined, also where it varies by less than a millionth of its
size, which sums in float64 cannot resolve.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._metric import Metric
from podium.errors import DataError

__all__ = ["METRIC"]

LEAST_VARIANCE = 1e-12  # of the mean square: a thousand times the rounding of the sums


def _sums(truth: NDArray[Any], values: NDArray[Any]) -> NDArray[np.float64]:
    if truth.ndim == 2:
        raise DataError(f"r2 needs one value a row, got {truth.shape[1]} columns")
    right, predicted = truth.astype(np.float64), values.astype(np.float64)
    return np.column_stack([(predicted - right) ** 2, right**2, right, np.ones(len(right))])


def _value(sums: NDArray[np.float64]) -> float:
    squared, squares, total, n = sums.sum(axis=0)
    variance = squares - total**2 / n
    if variance <= LEAST_VARIANCE * squares:
        raise DataError(
            "r2 is undefined: the truth is constant", fix="score the pooled rows of all folds"
        )
    return float(1 - squared / variance)


METRIC = Metric.from_sums(
    "r2",
    needs="probs",
    greater_is_better=True,
    perfect=1.0,
    kinds=frozenset({"regression"}),
    sums=_sums,
    value=_value,
)

CALLED = (
    "r squared", "coefficient of determination", "r²", "决定系数", "決定係數", "決定係数",
    "결정 계수", "결정계수", "коэффициент детерминации", "coefficient de détermination",
    "bestimmtheitsmass", "coeficiente de determinación",
)  # fmt: skip
