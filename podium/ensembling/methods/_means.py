"""Means of transformed probabilities: what the geometric, the power and the logit mean share.

Log odds are log(p / (1 - p)), in float64. A probability counts as at least 1e-7 and at most
1 - 1e-7, so that no member is infinitely sure: a mask that is stored in 8 or 16 bits holds exact
zeros and ones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from podium.ensembling.method import BlendObjective, Fitted

__all__ = [
    "at_least_smallest",
    "log_odds",
    "needs_probs",
    "of_log_odds",
    "sum_to_one",
    "weighted_sum",
]


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


def weighted_sum(members: Any, fitted: Fitted, transform: Callable[[Any], Floats]) -> Floats:
    """Return Σ w · transform(p) over the members, of the shape of one of them.

    Args:
        members: M arrays of one shape, one read at a time.
        fitted: their weights `(M,)`.
        transform: from a member's prediction to a new array, which is changed here.
    """
    total = np.zeros(np.shape(members[0]), dtype=np.float64)
    for member, weight in zip(members, fitted.weights, strict=True):
        values = transform(member)
        values *= weight
        total += values
    return total


def at_least_smallest(probs: Any) -> Floats:
    """Return a float64 copy in which no probability is below 1e-7, so that logarithms exist."""
    return np.maximum(np.asarray(probs, dtype=np.float64), SMALLEST)


def sum_to_one(values: Floats) -> Floats:
    """Return `values`, changed: each row scaled to sum 1 over its last axis."""
    values /= values.sum(axis=-1, keepdims=True)
    return values


def needs_probs(objective: BlendObjective) -> str:
    """Return why a method of probabilities refuses a task; "" where it does not."""
    if not objective.kind.is_prob:
        return f"{objective.kind.named} task has no probabilities"
    return ""
