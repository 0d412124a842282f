"""MAP@k: the mean over rows of the average precision of a ranking's first k places.

    AP = 1 / min(|T|, k) · Σ_{r ≤ k} [place r names a new one of T] · (named so far, r included) / r

T is the truth: one class, for which AP is 1 / its rank, or a set, as in the retrieval of relevant
images. A class that stands twice counts once, and its second place is still used up: (x, x, w)
gives 1/3 where w is right; so is an empty place (-1). (Whale Categorization and Hotel-ID: k 5;
Landmark Retrieval: k 100, sets of images.)

Options: `k`, the places that count; `n_classes`, C: a true class of -1, which is none of the
classes, is hit where the ranking has C (without `n_classes` no place hits it); `empty`, the result
for a row whose set is empty: an error, `skip` (left out of the mean) or `zero`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._metric import Metric
from podium.competition.metrics._ranks import hits, places
from podium.errors import DataError, some

__all__ = ["METRIC"]


def _sums(
    truth: NDArray[Any], ranking: NDArray[Any], *, k: int, n_classes: int | None, empty: str
) -> NDArray[np.float64]:
    if empty not in ("error", "skip", "zero"):
        raise DataError(f"map_at_k: empty must be error, skip or zero, got {empty!r}")
    found = hits(truth, places("map_at_k", ranking, k), n_classes=n_classes)  # (N, places)
    n_right = np.ones(len(truth))
    if truth.ndim == 2:
        n_right = _set_sizes(truth).astype(np.float64)
    is_empty = n_right == 0
    if is_empty.any() and empty == "error":
        rows = some(np.flatnonzero(is_empty).tolist())
        raise DataError(
            f"map_at_k is undefined: nothing is right for row {rows}",
            fix="set empty: skip, or zero",
        )
    precision = np.cumsum(found, axis=1) / np.arange(1, found.shape[1] + 1)
    each = (precision * found).sum(axis=1) / np.maximum(np.minimum(n_right, k), 1)
    return np.column_stack([each, ~is_empty if empty == "skip" else np.ones(len(each))])


def _set_sizes(truth: NDArray[Any]) -> NDArray[np.int64]:
    """Return how many different names each row of `truth` `(N, M)` has; -1 is none."""
    ascending = np.sort(truth, axis=1)
    is_new = np.ones(truth.shape, dtype=bool)
    is_new[:, 1:] = ascending[:, 1:] != ascending[:, :-1]
    return np.asarray((is_new & (ascending >= 0)).sum(axis=1))


def _value(sums: NDArray[np.float64], *, k: int, n_classes: int | None, empty: str) -> float:
    total, n = sums.sum(axis=0)
    if n == 0:
        raise DataError("map_at_k is undefined: nothing is right for any row")
    return float(total / n)


METRIC = Metric.from_sums(
    "map_at_k",
    needs="ranking",
    greater_is_better=True,
    perfect=1.0,
    worst=0.0,
    kinds=frozenset({"multiclass"}),
    sums=_sums,
    value=_value,
    options={"k": 5, "n_classes": None, "empty": "error"},
)
