"""Geometric mean: exp of the mean of logarithms, scaled to sum 1 where classes exclude each other.

A member that finds a class impossible vetoes it, which the arithmetic mean does not let it. The
logarithms are taken of probabilities of at least 1e-7, in float64: a product of many small
float32 numbers would be 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.ensembling.method import BlendMethod, BlendObjective, Fitted, Members
from podium.ensembling.methods._means import (
    at_least_smallest,
    needs_probs,
    sum_to_one,
    weighted_sum,
)

__all__ = ["METHOD"]


def _fit(members: Members, objective: BlendObjective, *, seed: int) -> Fitted:
    params = {"sum_to_one": objective.kind.is_exclusive}
    return Fitted(Fitted.equal(len(members)).weights, params)


def _combine(members: Any, fitted: Fitted) -> NDArray[np.float32]:
    probs = np.exp(weighted_sum(members, fitted, lambda one: np.log(at_least_smallest(one))))
    return (sum_to_one(probs) if fitted.params["sum_to_one"] else probs).astype(np.float32)


METHOD = BlendMethod(
    fit=_fit, combine=_combine, n_fitted=lambda n_members, n_outputs: 0, refuses=needs_probs
)
