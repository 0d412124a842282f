"""What means of transformed probabilities have in common: geometric, power and logit means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.ensembling.log_odds import SMALLEST
from podium.ensembling.method import Fitted, Objective

__all__ = ["at_least_smallest", "needs_probs", "sum_to_one", "weighted_sum"]

Floats = NDArray[np.float64]


def weighted_sum(members: Any, fitted: Fitted, transform: Callable[[Any], Floats]) -> Floats:
    """Return Σ w · transform(p) over the members, of the shape of one of them.

    Args:
        members: M arrays of one shape, one read at a time.
        fitted: their weights `(M,)`.
        transform: from what a member says to a new array, which is changed here.
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


def needs_probs(objective: Objective) -> str:
    """Return why a method of probabilities refuses a task; "" where it does not."""
    if objective.kind in ("regression", "ordinal"):
        return f"a {objective.kind} task has no probabilities"
    return ""
