"""Root mean squared error: sqrt(Σ_i (p_i - t_i)² / N), of values.

Of an ordinal task the expected ratings are scored, before they are decided. Of several columns i
runs over all cells that have a truth; `mcrmse` is the mean over columns instead.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._metric import Metric

__all__ = ["METRIC", "root_of_mean"]


def _sums(truth: NDArray[Any], values: NDArray[Any]) -> NDArray[np.float64]:
    error = values.astype(np.float64) - truth.astype(np.float64)
    if error.ndim == 1:
        return np.column_stack([error**2, np.ones(len(error))])
    is_known = np.isfinite(truth)
    return np.column_stack([(np.where(is_known, error, 0) ** 2).sum(axis=1), is_known.sum(axis=1)])


def root_of_mean(sums: NDArray[np.float64]) -> float:
    """Return the root of Σ squares / Σ n over the rows of `sums`, `(N, 2)`."""
    squared, n = sums.sum(axis=0)
    return float(np.sqrt(squared / n))


METRIC = Metric.from_sums(
    "rmse",
    needs="probs",
    greater_is_better=False,
    perfect=0.0,
    kinds=frozenset({"regression", "ordinal", "multitarget"}),
    sums=_sums,
    value=root_of_mean,
    skips_missing=True,
)

CALLED = (
    "root mean squared error", "root mean square error",
    "wurzel des mittleren quadratischen fehlers", "均方根误差", "均方根誤差",
    "二乗平均平方根誤差", "平均二乗誤差平方根", "평균 제곱근 오차", "평균제곱근오차",
    "корень из среднеквадратичной ошибки", "racine de l'erreur quadratique moyenne",
    "raíz del error cuadrático medio", "raiz do erro quadrático médio",
    "radice dell'errore quadratico medio", "kök ortalama kare hata",
)  # fmt: skip
