"""Mean R² of columns: the share of the truth's variance that the values explain, by column.

    mean R² = Σ_c w_c (1 - Σ_i (p_ic - t_ic)² / Σ_i (t_ic - mean t_c)²) / Σ_c w_c

The sums are over the rows whose truth in column c is known; a column in which none is known is left
out of the mean. A column whose truth is constant has no variance: undefined. The option `weights` w
is a list with a number for each column, in the order of `classes`; default: 1 each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._columns import weights_of_columns
from podium.competition.metrics._metric import Metric
from podium.competition.metrics.r2 import CALLED as CALLED_FOR_ONE
from podium.competition.metrics.r2 import LEAST_VARIANCE
from podium.errors import DataError
from podium.tasks.protocols.kind import Kind

__all__ = ["METRIC"]


def _sums(truth: NDArray[Any], values: NDArray[Any], **_: Any) -> NDArray[np.float64]:
    right, predicted = (one.astype(np.float64).reshape(len(truth), -1) for one in (truth, values))
    is_known = np.isfinite(right)
    right = np.where(is_known, right, 0.0)
    squared = np.where(is_known, predicted - right, 0.0) ** 2
    return np.concatenate([squared, right**2, right, is_known], axis=1)


def _value(sums: NDArray[np.float64], *, weights: Sequence[float] | None) -> float:
    squared, squares, total, n = sums.sum(axis=0).reshape(4, -1)
    weight = weights_of_columns("mean_r2", weights, len(n))
    there = (n > 0) & (weight > 0)
    if not there.any():
        raise DataError(
            "mean_r2 is undefined: no column with a weight has a truth",
            fix="score the pooled rows of all folds",
        )
    squared, squares, total, n = (one[there] for one in (squared, squares, total, n))
    variance = squares - total**2 / n
    if (variance <= LEAST_VARIANCE * squares).any():
        raise DataError(
            "mean_r2 is undefined: the truth of a column is constant",
            fix="score the pooled rows of all folds",
        )
    return float(np.average(1 - squared / variance, weights=weight[there]))


def _refuse(kind: Kind, n_classes: int, options: Mapping[str, Any]) -> None:
    del kind
    weights_of_columns("mean_r2", options["weights"], n_classes)


METRIC = Metric.from_sums(
    "mean_r2",
    needs="probs",
    greater_is_better=True,
    perfect=1.0,
    kinds=frozenset({"multitarget"}),
    sums=_sums,
    value=_value,
    options={"weights": None},
    refuse=_refuse,
    skips_missing=True,
)

CALLED = CALLED_FOR_ONE  # of several columns that is the mean of theirs
