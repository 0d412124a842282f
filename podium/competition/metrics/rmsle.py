"""Root mean squared logarithmic error: sqrt(Σ_i (ln(1 + p_i) - ln(1 + t_i))² / N).

It weighs ratios, not differences. A value of -1 or less has no logarithm, and is refused.
`mcrmsle` is the mean of that of each column, of several.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._metric import Metric
from podium.competition.metrics.rmse import root_of_mean
from podium.errors import DataError

__all__ = ["METRIC", "error_of_logarithms"]


def error_of_logarithms(
    name: str, truth: NDArray[Any], values: NDArray[Any]
) -> NDArray[np.float64]:
    """Return ln(1 + p) - ln(1 + t) of each number; nan where there is no truth.

    Args:
        name: of the metric.
        truth: t.
        values: p.

    Raises:
        DataError: a number is -1 or less.
    """
    for what, numbers in (("true", truth), ("predicted", values)):
        if (numbers <= -1).any():
            row = int(np.flatnonzero((numbers <= -1).reshape(len(numbers), -1).any(axis=1))[0])
            raise DataError(
                f"{name} is undefined: the {what} value of row {row} is {numbers[row]}",
                fix="it needs values above -1; clip predictions at 0",
            )
    found: NDArray[np.float64] = np.log1p(values.astype(np.float64))
    return found - np.log1p(truth.astype(np.float64))


def _sums(truth: NDArray[Any], values: NDArray[Any]) -> NDArray[np.float64]:
    error = error_of_logarithms("rmsle", truth, values)
    return np.column_stack([(error**2).reshape(len(error), -1).mean(axis=1), np.ones(len(error))])


METRIC = Metric.from_sums(
    "rmsle",
    needs="probs",
    greater_is_better=False,
    perfect=0.0,
    kinds=frozenset({"regression"}),
    sums=_sums,
    value=root_of_mean,
    usual_loss={"msle": 1.0},
)

CALLED = (
    "root mean squared logarithmic error", "root mean squared log error", "均方根对数误差",
    "对数均方根误差", "均方根對數誤差", "二乗平均平方根対数誤差", "対数平均二乗誤差平方根",
    "평균 제곱근 로그 오차",
)  # fmt: skip
