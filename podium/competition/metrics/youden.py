"""Youden's J of yes-or-no decisions: sensitivity + specificity - 1 (Youden 1950).

    J = TP / (TP + FN) + TN / (TN + FP) - 1

From -1 to 1; 0 for random decisions. Both classes count alike, however rare one is: J is twice the
balanced accuracy, less one. A truth of one class has only one of the two rates: an error.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._metric import Metric, pooled
from podium.errors import DataError

__all__ = ["METRIC"]


def _sums(truth: NDArray[Any], decisions: NDArray[Any]) -> NDArray[np.uint8]:
    """Return `(N, 4)`: hits, positives, negatives that are decided so, negatives."""
    if truth.ndim == 2:
        raise DataError(f"youden: it takes one label a row, got {truth.shape[1]} columns")
    for what, labels in (("truth", truth), ("decision", decisions)):
        wrong = ~np.isin(labels, (0, 1))
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise DataError(
                f"youden: the {what} of row {row} is {labels[row]}, not 0 or 1",
                fix="threshold the probs",
            )
    is_true, is_predicted = truth == 1, decisions == 1
    table = [is_true & is_predicted, is_true, ~is_true & ~is_predicted, ~is_true]
    return np.column_stack(table).astype(np.uint8)


def _values(sums: NDArray[Any]) -> NDArray[np.float64]:
    hit, positive, right_no, negative = sums.T.astype(np.float64)
    with np.errstate(invalid="ignore"):  # 0/0 of a class without a row
        return np.asarray(hit / positive + right_no / negative - 1)


METRIC = Metric.from_sums(
    "youden",
    needs="decisions",
    greater_is_better=True,
    perfect=1.0,
    worst=-1.0,
    kinds=frozenset({"binary"}),
    sums=_sums,
    value=pooled(
        "youden",
        _values,
        undefined="one class only in the truth",
        fix="score the pooled rows of all folds",
    ),
    values=_values,
)
