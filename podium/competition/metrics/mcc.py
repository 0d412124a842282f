"""Matthews correlation coefficient, of two classes or more (Gorodkin 2004).

    MCC = (N H - Σ_c T_c D_c) / sqrt((N² - Σ_c T_c²) · (N² - Σ_c D_c²))

H rows are right; T_c rows are of class c, D_c are decided so. Decisions of one class only, where
the truth has several, score 0: they say nothing of it. A truth of one class is 0/0: an error, or 0
with `undefined: zero`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._ones import Ones, class_indices, metric_of_ones
from podium.errors import DataError

__all__ = ["METRIC"]


def _find(
    truth: NDArray[Any], decisions: NDArray[Any], *, n_classes: int | None, undefined: str
) -> Ones:
    if undefined not in ("error", "zero"):
        raise DataError(f"mcc: undefined must be error or zero, got {undefined!r}")
    try:
        right, said, c = class_indices(truth, decisions, n_classes)
    except DataError as error:
        raise DataError(f"mcc: {error.message}", fix=error.fix) from None
    rows, hit = np.arange(len(right)), np.flatnonzero(right == said)
    return Ones.of_blocks([(rows, right), (rows, said), (hit, right[hit])], len(rows), c)


def _value(sums: NDArray[Any], *, n_classes: int | None, undefined: str) -> float:
    of_class, as_class, hits = sums.sum(axis=0, dtype=np.float64).reshape(3, -1)
    n = of_class.sum()
    spread_of_truth, spread = n**2 - (of_class**2).sum(), n**2 - (as_class**2).sum()
    if spread_of_truth == 0 and undefined == "error":
        raise DataError(
            "mcc is undefined: one class only in the truth",
            fix="score the pooled rows of all folds, or set undefined: zero",
        )
    if spread_of_truth == 0 or spread == 0:
        return 0.0
    agreement = n * hits.sum() - of_class @ as_class
    return float(agreement / np.sqrt(spread_of_truth) / np.sqrt(spread))


METRIC = metric_of_ones(
    "mcc",
    kinds=frozenset({"multiclass", "binary", "ordinal"}),
    find=_find,
    value=_value,
    options={"n_classes": None, "undefined": "error"},
)
