"""MCRMSE, the mean over columns of their root mean squared error.

    MCRMSE = 1/C Σ_c sqrt(Σ_i (p_ic - t_ic)² / N_c)

N_c rows have a truth in column c; a column without any is left out of the mean.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._metric import Metric

__all__ = ["METRIC", "mean_of_roots", "squares_by_column"]


def squares_by_column(error: NDArray[np.float64], truth: NDArray[Any]) -> NDArray[np.float64]:
    """Return the squared errors of each row by column, then whether there is a truth: (N, 2 C)."""
    error, is_known = error.reshape(len(error), -1), np.isfinite(truth).reshape(len(error), -1)
    return np.concatenate([np.where(is_known, error, 0.0) ** 2, is_known], axis=1)


def mean_of_roots(sums: NDArray[np.float64]) -> float:
    """Return the mean over columns of the root of Σ squares / Σ n over the rows of `sums`."""
    squared, n = sums.sum(axis=0).reshape(2, -1)
    there = n > 0
    return float(np.sqrt(squared[there] / n[there]).mean())


def _sums(truth: NDArray[Any], values: NDArray[Any]) -> NDArray[np.float64]:
    return squares_by_column(values.astype(np.float64) - truth.astype(np.float64), truth)


METRIC = Metric.from_sums(
    "mcrmse",
    needs="probs",
    greater_is_better=False,
    perfect=0.0,
    kinds=frozenset({"multitarget"}),
    sums=_sums,
    value=mean_of_roots,
    skips_missing=True,
)

CALLED = ("mean columnwise rmse", "mean columnwise root mean squared error", "columnwise rmse")
