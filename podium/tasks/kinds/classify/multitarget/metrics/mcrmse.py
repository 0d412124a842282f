"""MCRMSE, the mean over columns of their root mean squared error.

    MCRMSE = Σ_c w_c sqrt(Σ_i (p_ic - t_ic)² / N_c) / s_c / Σ_c w_c

N_c rows have a truth in column c; a column without any is left out of both sums. Options, each a
list with a number for each column, in the order of `classes`: `scales` s, by which the error of a
column is divided (`scales: [1.6, 38]`), and `weights` w; default: 1 each. No column's best value
hangs on its divisor or weight, so networks learn the squared errors of columns in units of their
deviations, whatever these are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._columns import numbers_of_columns
from podium.competition.metrics._metric import Metric
from podium.errors import DataError
from podium.tasks.protocols.kind import Kind

__all__ = ["METRIC", "OPTIONS", "mean_over_columns", "refuse_misfits", "sums_by_column"]

OPTIONS: Mapping[str, Any] = MappingProxyType({"scales": None, "weights": None})
"""Those of a mean over columns."""


def sums_by_column(cost: NDArray[np.float64], truth: NDArray[Any]) -> NDArray[np.float64]:
    """Return the cost of each row by column, then whether there is a truth: (N, 2 C)."""
    cost, is_known = cost.reshape(len(cost), -1), np.isfinite(truth).reshape(len(cost), -1)
    return np.concatenate([np.where(is_known, cost, 0.0), is_known], axis=1)


def mean_over_columns(name: str, of_column: Callable[..., Any]) -> Callable[..., float]:
    """Return the function from sums to the mean over columns of the metric `name`.

    That is the mean of `of_column(Σ cost / Σ n)` over the rows of the sums, by `scales` and
    `weights`.
    """

    def value(
        sums: NDArray[np.float64],
        *,
        scales: Sequence[float] | None,
        weights: Sequence[float] | None,
    ) -> float:
        total, n = sums.sum(axis=0).reshape(2, -1)
        scale, weight = _of_columns(name, len(n), scales=scales, weights=weights)
        there = n > 0
        if not weight[there].any():
            raise DataError(
                f"{name} is undefined: no column with a weight has a truth",
                fix="score the pooled rows of all folds",
            )
        each = of_column(total[there] / n[there]) / scale[there]
        return float(np.average(each, weights=weight[there]))

    return value


def refuse_misfits(name: str) -> Callable[[Kind, int, Mapping[str, Any]], None]:
    """Return what refuses options of the metric `name` that do not fit the number of columns."""

    def refuse(kind: Kind, n_classes: int, options: Mapping[str, Any]) -> None:
        del kind
        _of_columns(name, n_classes, **options)

    return refuse


def _of_columns(
    name: str, n_columns: int, *, scales: Any, weights: Any
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the divisor and the weight of each column.

    Raises:
        DataError: they are not numbers, one a column, divisors above 0 and some weight.
    """
    scale = numbers_of_columns(name, "scales", scales, n_columns)
    weight = numbers_of_columns(name, "weights", weights, n_columns)
    if (scale <= 0).any():
        raise DataError(
            f"{name}: scales must be above 0, got {scales!r}",
            fix="give what the error of each column is divided by; 1 leaves it as it is",
        )
    if (weight < 0).any() or not weight.any():
        raise DataError(
            f"{name}: weights must be >= 0 and not all 0, got {weights!r}",
            fix="give how much each column counts; 0 leaves it out",
        )
    return scale, weight


def _sums(truth: NDArray[Any], values: NDArray[Any], **_: Any) -> NDArray[np.float64]:
    return sums_by_column((values.astype(np.float64) - truth.astype(np.float64)) ** 2, truth)


METRIC = Metric.from_sums(
    "mcrmse",
    needs="probs",
    greater_is_better=False,
    perfect=0.0,
    kinds=frozenset({"multitarget"}),
    sums=_sums,
    value=mean_over_columns("mcrmse", np.sqrt),
    options=OPTIONS,
    refuse=refuse_misfits("mcrmse"),
    skips_missing=True,
)

CALLED = (
    "mean columnwise rmse", "mean columnwise root mean squared error", "columnwise rmse",
    "mean column wise rmse", "mean column wise root mean squared error", "column wise rmse",
)  # fmt: skip
