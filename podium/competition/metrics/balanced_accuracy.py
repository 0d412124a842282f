"""Balanced accuracy: the mean over classes of the share of their rows that is decided rightly.

    balanced accuracy = 1/|S| · Σ_{c ∈ S} #(t = c, d = c) / #(t = c)

S are the classes that the truth has; a decision for another one is a miss like any other. With
`undefined: error` each of the `n_classes` must have a row, or a class is named that has none;
`skip` leaves it out of the mean.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._counts import SparseOnes, class_indices, metric_of_ones
from podium.errors import DataError, some

__all__ = ["METRIC"]


def _find(
    truth: NDArray[Any], decisions: NDArray[Any], *, n_classes: int | None, undefined: str
) -> SparseOnes:
    if undefined not in ("error", "skip"):
        raise DataError(f"balanced_accuracy: undefined must be error or skip, got {undefined!r}")
    try:
        right, predicted, c = class_indices(truth, decisions, n_classes)
    except DataError as error:
        raise DataError(f"balanced_accuracy: {error.message}", fix=error.fix) from None
    rows, hit = np.arange(len(right)), np.flatnonzero(right == predicted)
    return SparseOnes.of_blocks([(hit, right[hit]), (rows, right)], len(rows), c)


def _values(sums: NDArray[Any], *, n_classes: int | None, undefined: str) -> NDArray[np.float64]:
    hit, n = sums.reshape(len(sums), 2, -1).swapaxes(0, 1).astype(np.float64)
    shares = np.where(n > 0, hit / np.where(n > 0, n, 1.0), 0.0)
    with np.errstate(invalid="ignore"):  # a set of no rows
        found = np.asarray(shares.sum(axis=1) / (n > 0).sum(axis=1))
    if undefined == "error" and n_classes is not None:
        return np.where((n == 0).any(axis=1), np.nan, found)
    return found


def _value(sums: NDArray[Any], *, n_classes: int | None, undefined: str) -> float:
    hit, n = sums.sum(axis=0, dtype=np.float64).reshape(2, -1)
    absent = np.flatnonzero(n == 0)
    if undefined == "error" and n_classes is not None and len(absent):
        raise DataError(
            f"balanced_accuracy is undefined: no row has the class {some(absent.tolist())}",
            fix="score the pooled rows of all folds, or set undefined: skip",
        )
    return float((hit[n > 0] / n[n > 0]).mean())


METRIC = metric_of_ones(
    "balanced_accuracy",
    kinds=frozenset({"multiclass", "binary", "ordinal"}),
    find=_find,
    value=_value,
    values=_values,
    options={"n_classes": None, "undefined": "skip"},
)

CALLED = (
    "mean per class recall", "macro recall", "macro averaged recall", "unweighted average recall",
    "uar", "mean per class accuracy", "mean class accuracy", "average per class accuracy",
    "average class accuracy", "per class accuracy", "class averaged accuracy",
    "class balanced accuracy", "macro accuracy", "macro averaged accuracy", "平衡准确率",
    "均衡准确率", "平衡準確率", "均衡正解率", "バランス正解率", "균형 정확도",
    "balancierte genauigkeit",
)  # fmt: skip
