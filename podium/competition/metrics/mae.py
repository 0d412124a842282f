"""Mean absolute error: Σ_i |d_i - t_i| / N, of values or of ratings.

Of an ordinal task the decided ratings are scored, and a step between two classes counts 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._metric import Metric

__all__ = ["METRIC"]


def _sums(truth: NDArray[Any], decisions: NDArray[Any]) -> NDArray[np.float64]:
    error = np.abs(decisions.astype(np.float64) - truth.astype(np.float64))
    return np.column_stack([error.reshape(len(error), -1).mean(axis=1), np.ones(len(error))])


def _value(sums: NDArray[np.float64]) -> float:
    error, n = sums.sum(axis=0)
    return float(error / n)


METRIC = Metric.from_sums(
    "mae",
    needs="decisions",
    greater_is_better=False,
    perfect=0.0,
    kinds=frozenset({"regression", "ordinal"}),
    sums=_sums,
    value=_value,
)
