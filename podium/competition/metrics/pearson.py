"""Pearson's correlation of values and truth, from -1 to 1 (of image quality: PLCC).

    r = Σ_i (p_i - mean p)(t_i - mean t) / √(Σ_i (p_i - mean p)² · Σ_i (t_i - mean t)²)

Neither scale nor offset of the values counts. Equal values go with nothing: they score 0. A
constant truth has no correlation: undefined, also where it varies by less than a millionth of its
size, which sums in float64 cannot resolve.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._metric import Metric
from podium.competition.metrics.r2 import LEAST_VARIANCE
from podium.errors import DataError

__all__ = ["METRIC", "correlations", "moments", "of_one_column"]


def _sums(truth: NDArray[Any], values: NDArray[Any]) -> NDArray[np.float64]:
    return moments(*of_one_column("pearson", truth, values))


def of_one_column(
    name: str, truth: NDArray[Any], values: NDArray[Any]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return truth and values as float64 `(N,)`; DataError where the metric `name` gets several."""
    right, predicted = (one.astype(np.float64).reshape(len(truth), -1) for one in (truth, values))
    if right.shape[1] != 1:
        raise DataError(f"{name} needs one value a row, got {right.shape[1]} columns")
    return right[:, 0], predicted[:, 0]


def moments(right: NDArray[np.float64], predicted: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what a correlation is of, `(…, 6)`; summed over rows it tells that of these rows."""
    ones = np.ones_like(right)
    every = (ones, right, predicted, right**2, predicted**2, right * predicted)
    return np.stack(every, axis=-1)


def correlations(totals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the correlation of each set of summed moments `(…, 6)`: `(…,)`.

    0 where the values are constant, nan where the truth is.
    """
    n, of_truth, of_values, truth_2, values_2, product = np.moveaxis(totals, -1, 0)
    n = np.maximum(n, 1)
    spread = truth_2 - of_truth**2 / n
    spread_of_values = values_2 - of_values**2 / n
    both = np.sqrt(np.maximum(spread * spread_of_values, 0))
    is_flat = (spread_of_values <= LEAST_VARIANCE * values_2) | (both == 0)
    found = np.where(is_flat, 0.0, (product - of_truth * of_values / n) / np.where(both, both, 1))
    return np.where(spread <= LEAST_VARIANCE * truth_2, np.nan, np.clip(found, -1.0, 1.0))


def _value(sums: NDArray[np.float64]) -> float:
    found = float(correlations(sums.sum(axis=0)))
    if np.isnan(found):
        raise DataError(
            "pearson is undefined: the truth is constant", fix="score the pooled rows of all folds"
        )
    return found


METRIC = Metric.from_sums(
    "pearson",
    needs="probs",
    greater_is_better=True,
    perfect=1.0,
    worst=-1.0,
    kinds=frozenset({"regression"}),
    sums=_sums,
    value=_value,
)

CALLED = (
    "pearson correlation", "pearson's correlation", "pearson correlation coefficient", "pearson r",
    "pearson's r", "plcc", "lcc", "linear correlation coefficient", "corrélation de pearson",
    "pearson-korrelation", "correlación de pearson", "correlação de pearson",
    "correlazione di pearson", "korelacja pearsona", "корреляция пирсона", "皮尔逊相关系数",
    "ピアソンの相関係数", "ピアソン相関係数", "피어슨 상관계수", "pearson korelasyonu",
)  # fmt: skip
