"""Cohen's kappa of classes, without weights: agreement beyond chance (Cohen 1960).

    κ = (N H - Σ_c T_c D_c) / (N² - Σ_c T_c D_c)

H rows are right; T_c rows are of class c, D_c are decided so. Each mistake counts alike, where
`qwk` weighs those of ratings by how far they miss. A constant decision scores 0. One class only, in
truth and decisions alike, is 0/0: an error, or with `undefined: one` or `zero` that score.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._counts import SparseOnes, margins_and_hits, metric_of_ones
from podium.competition.metrics._metric import pooled
from podium.errors import DataError

__all__ = ["METRIC"]


def _find(
    truth: NDArray[Any], decisions: NDArray[Any], *, n_classes: int | None, undefined: str
) -> SparseOnes:
    if undefined not in ("error", "one", "zero"):
        raise DataError(f"kappa: undefined must be error, one or zero, got {undefined!r}")
    return margins_and_hits("kappa", truth, decisions, n_classes)


def _values(sums: NDArray[Any], *, n_classes: int | None, undefined: str) -> NDArray[np.float64]:
    of_class, as_class, hits = sums.reshape(len(sums), 3, -1).swapaxes(0, 1).astype(np.float64)
    n = of_class.sum(axis=1)
    by_chance = (of_class * as_class).sum(axis=1)
    is_defined = n**2 > by_chance
    found = (n * hits.sum(axis=1) - by_chance) / np.where(is_defined, n**2 - by_chance, 1.0)
    return np.where(is_defined, found, {"one": 1.0, "zero": 0.0}.get(undefined, np.nan))


METRIC = metric_of_ones(
    "kappa",
    kinds=frozenset({"multiclass", "binary", "ordinal"}),
    find=_find,
    value=pooled(
        "kappa",
        _values,
        undefined="one class only, in truth and decisions alike",
        fix="score the pooled rows of all folds, or set undefined: one, or zero",
    ),
    values=_values,
    options={"n_classes": None, "undefined": "error"},
    worst=-1.0,
)

CALLED = ("unweighted kappa", "unweighted cohen's kappa", "unweighted cohen kappa")
