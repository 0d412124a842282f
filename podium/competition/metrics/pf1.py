"""Probabilistic F1: F-beta with probabilities in place of counts (RSNA breast cancer 2022).

    p = Σ_{t=1} p_i / Σ p_i,   r = Σ_{t=1} p_i / #(t = 1),   pF = (1 + β²) p r / (β² p + r)
      = (1 + β²) Σ_{t=1} p_i / (Σ p_i + β² #(t = 1))

All zeros score 0. It rewards extreme probabilities: decisions at a threshold, written as 0 and 1,
mostly score better than the probabilities. Without a positive row it is undefined. Option: `beta`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._metric import Metric, refuse_improper_probs
from podium.errors import DataError

__all__ = ["METRIC"]


def _sums(truth: NDArray[Any], probs: NDArray[Any], *, beta: float) -> NDArray[np.float64]:
    if not beta > 0:
        raise DataError(f"pf1: beta must be above 0, got {beta!r}", fix="1 weighs both alike")
    if probs.ndim != 1:
        raise DataError(f"pf1 needs one probability a row, got {probs.shape[1]} columns")
    probs = probs.astype(np.float64)
    refuse_improper_probs("pf1", truth, probs)
    return np.column_stack([probs * truth, probs, truth])


def _value(sums: NDArray[np.float64], *, beta: float) -> float:
    of_positives, of_all, n_positive = sums.sum(axis=0)
    if n_positive == 0:
        raise DataError(
            "pf1 is undefined: no positive row in the truth",
            fix="score the pooled rows of all folds",
        )
    return float((1 + beta**2) * of_positives / (of_all + beta**2 * n_positive))


METRIC = Metric.from_sums(
    "pf1",
    needs="probs",
    greater_is_better=True,
    perfect=1.0,
    worst=0.0,
    kinds=frozenset({"binary"}),
    sums=_sums,
    value=_value,
    options={"beta": 1.0},
)
