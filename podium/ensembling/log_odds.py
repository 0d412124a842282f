"""Probabilities as log odds, log(p / (1 - p)), and back, in float64.

A probability counts as at least 1e-7 and at most 1 - 1e-7, so that no member is infinitely sure: a
mask that is stored in 8 or 16 bits holds exact zeros and ones.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["SMALLEST", "log_odds", "of_log_odds"]

SMALLEST = 1e-7

Floats = NDArray[np.float64]


def log_odds(probs: ArrayLike) -> Floats:
    """Return log(p / (1 - p)) of each value, in a new array."""
    odds: Floats = np.asarray(probs, dtype=np.float64)
    odds = np.clip(odds, SMALLEST, 1 - SMALLEST)
    odds /= 1 - odds
    return np.log(odds, out=odds)


def of_log_odds(values: Floats, *, sum_to_one: bool) -> NDArray[np.float32]:
    """Return the probabilities 1 / (1 + exp(-v)); `values` are overwritten.

    Args:
        values: `(…, C)`.
        sum_to_one: scale the probabilities of each row to sum 1.
    """
    np.negative(values, out=values)
    np.exp(values, out=values)
    values += 1
    np.reciprocal(values, out=values)
    if sum_to_one:
        values /= values.sum(axis=-1, keepdims=True)
    return values.astype(np.float32)
