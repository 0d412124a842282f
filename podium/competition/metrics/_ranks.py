"""Hits of a ranking: of each true class only its first place counts.

And the metrics that count the rows whose true class is among the first k places.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._metric import Metric
from podium.errors import DataError

__all__ = ["are_found", "hits", "places", "top_k_metric"]

CELLS_AT_ONCE = 4_000_000  # of places × names that are compared at a time: 4 MB


def places(metric: str, ranking: NDArray[Any], k: int) -> NDArray[Any]:
    """Return the first `k` places of `ranking` `(N, places)`.

    Raises:
        DataError: `k` is no whole number from 1 on.
    """
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
        raise DataError(f"{metric}: k must be a whole number of at least 1, got {k!r}")
    return ranking[:, :k]


def are_found(
    metric: str, truth: NDArray[Any], ranking: NDArray[Any], *, k: int, n_classes: int | None
) -> NDArray[np.float64]:
    """Return `(N,)`: 1 where the first `k` places of `ranking` name the true class, else 0.

    Raises:
        DataError: as `places`.
    """
    each = hits(truth, places(metric, ranking, k), n_classes=n_classes)
    return np.asarray(each.any(axis=1), dtype=np.float64)


def hits(
    truth: NDArray[Any], ranking: NDArray[Any], *, n_classes: int | None = None
) -> NDArray[np.bool_]:
    """Return bool `(N, k)`: the place has a true class that no earlier place has.

    Args:
        truth: classes `(N,)`, or sets `(N, M)` padded with -1.
        ranking: `(N, k)`, -1 for an empty place.
        n_classes: C, the index in a ranking that predicts "none of the classes", which a true class
            of -1 is. None: it cannot be predicted.
    """
    right = truth if truth.ndim == 2 else truth[:, None]
    if truth.ndim == 1 and n_classes is not None:
        right = np.where(right == -1, n_classes, right)
    found = np.empty(ranking.shape, dtype=bool)
    block = max(1, CELLS_AT_ONCE // (ranking.shape[1] * max(right.shape[1], ranking.shape[1])))
    for start in range(0, len(ranking), block):
        rows = slice(start, start + block)
        predicted = ranking[rows]
        is_true = (predicted[:, :, None] == right[rows, None, :]).any(axis=2) & (predicted >= 0)
        earlier = np.tril(np.ones((predicted.shape[1], predicted.shape[1]), dtype=bool), k=-1)
        is_repeat = ((predicted[:, :, None] == predicted[:, None, :]) & earlier).any(axis=2)
        found[rows] = is_true & ~is_repeat
    return found


def top_k_metric(name: str, *, is_error: bool, k: int) -> Metric:
    """Return the share of rows whose true class is among the first `k` places, or is not.

    Args:
        name: of the metric.
        is_error: whether it counts the rows whose true class is not there.
        k: default of the option.
    """
    return Metric.from_sums(
        name,
        needs="ranking",
        greater_is_better=not is_error,
        perfect=float(not is_error),
        worst=float(is_error),
        kinds=frozenset({"multiclass"}),
        sums=partial(_top_k_sums, name, is_error),
        options={"k": k, "n_classes": None},
    )


def _top_k_sums(
    name: str,
    is_error: bool,
    truth: NDArray[Any],
    ranking: NDArray[Any],
    *,
    k: int,
    n_classes: int | None,
) -> NDArray[np.float64]:
    found = are_found(name, truth, ranking, k=k, n_classes=n_classes)
    return np.column_stack([1 - found if is_error else found, np.ones(len(found))])
