"""MCRMSE, the mean over columns of their root mean squared error.

    MCRMSE = Σ_c w_c sqrt(Σ_i (p_ic - t_ic)² / N_c) / s_c / Σ_c w_c

N_c is the number of rows whose truth in column c is known; a column in which none is known is left
out of both sums over c. Options, each a list with a number for each column, in the order of
`classes`: `scales` s, by which the error of a column is divided (`scales: [1.6, 38]`), and
`weights` w; default: 1 each. Which answer is best for a column does not depend on these two. So
networks learn without them: from the squared error of each column, divided by the variance of its
truths.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._columns import numbers_of_columns, weights_of_columns
from podium.competition.metrics._metric import Metric
from podium.errors import DataError
from podium.tasks.protocols.kind import Kind

__all__ = ["METRIC", "mean_of_columns"]

_OPTIONS: Mapping[str, Any] = MappingProxyType({"scales": None, "weights": None})


def mean_of_columns(
    name: str,
    cost: Callable[..., NDArray[np.float64]],
    of_column: Callable[..., NDArray[np.float64]],
    *,
    usual_loss: Mapping[str, Any] | None = None,
) -> Metric:
    """Return a metric that is the mean over columns of `of_column(Σ_i cost_ic / N_c)`.

    Args:
        name: of the metric.
        cost: of truth and prediction, both float64 `(N, C)`, to the cost of each cell.
        of_column: of the mean cost of each column, to its error.
        usual_loss: as `Metric` has it.
    """

    def sums(truth: NDArray[Any], values: NDArray[Any], **_: Any) -> NDArray[np.float64]:
        """Return the cost of each row by column, then whether there is a truth: (N, 2 C)."""
        costs = cost(truth.astype(np.float64), values.astype(np.float64)).reshape(len(truth), -1)
        is_known = np.isfinite(truth).reshape(len(truth), -1)
        return np.concatenate([np.where(is_known, costs, 0.0), is_known], axis=1)

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

    def refuse(kind: Kind, n_classes: int, options: Mapping[str, Any]) -> None:
        del kind
        _of_columns(name, n_classes, **options)

    return Metric.from_sums(
        name,
        needs="probs",
        greater_is_better=False,
        perfect=0.0,
        kinds=frozenset({"multitarget"}),
        sums=sums,
        value=value,
        options=_OPTIONS,
        refuse=refuse,
        skips_missing=True,
        usual_loss=usual_loss,
    )


def _of_columns(
    name: str, n_columns: int, *, scales: Any, weights: Any
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the divisor and the weight of each column.

    Raises:
        DataError: they are not numbers, one a column, divisors above 0 and some weight.
    """
    scale = numbers_of_columns(name, "scales", scales, n_columns)
    weight = weights_of_columns(name, weights, n_columns)
    if (scale <= 0).any():
        raise DataError(
            f"{name}: scales must be above 0, got {scales!r}",
            fix="give what the error of each column is divided by; 1 leaves it as it is",
        )
    return scale, weight


METRIC = mean_of_columns("mcrmse", lambda truth, values: (values - truth) ** 2, np.sqrt)

CALLED = (
    "mean columnwise rmse", "mean columnwise root mean squared error", "columnwise rmse",
    "mean column wise rmse", "mean column wise root mean squared error", "column wise rmse",
)  # fmt: skip
