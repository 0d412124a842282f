"""Brier score: the mean squared distance of the probabilities from the truth.

    multiclass: Σ_i Σ_c (p_ic - 1[t_i = c])² / N, in [0, 2] (Brier 1950)
    binary: Σ_i (p_i - t_i)² / N, in [0, 1];   multilabel: the mean of that over all known cells

So a binary task scored as two columns has twice the score of one column. Rows of a multiclass task
are not rescaled to the sum 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._metric import (
    Metric,
    known_cells,
    means_of_cells,
    refuse_improper_probs,
)
from podium.errors import DataError

__all__ = ["METRIC"]


def _sums(truth: NDArray[Any], probs: NDArray[Any]) -> NDArray[np.float64]:
    probs = probs.astype(np.float64)
    if truth.ndim == 1 and probs.ndim == 2:
        if not np.isin(truth, np.arange(probs.shape[1])).all():
            raise DataError(f"brier: a true class is not among the {probs.shape[1]} columns")
        refuse_improper_probs("brier", np.zeros(0), probs)
        each = ((probs - (truth[:, None] == np.arange(probs.shape[1]))) ** 2).sum(axis=1)
    else:
        refuse_improper_probs("brier", truth, probs)
        return means_of_cells((probs - truth) ** 2, known_cells(truth))
    return np.column_stack([each, np.ones(len(each))])


METRIC = Metric.from_sums(
    "brier",
    needs="probs",
    greater_is_better=False,
    perfect=0.0,
    is_proper=True,
    kinds=frozenset({"multiclass", "multilabel", "binary"}),
    sums=_sums,
    skips_missing=True,
)

CALLED = ("brier score",)
