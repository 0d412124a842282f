"""What a blending method is: how members get weights, and how weighted members become one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from podium.tuning.scoring import Scorer

__all__ = ["Fit", "Members", "Method", "weighted_mean"]

Members = NDArray[np.floating[Any]]
Weights = NDArray[np.float64]


class Fit(Protocol):
    """From members `(M, N, C)` and the scorer of their N rows to weights `(M,)`, >= 0 with sum 1.

    It may look at nothing else, must not change its arguments, and returns the same weights for the
    same arguments.
    """

    def __call__(self, members: Members, scorer: Scorer, *, seed: int) -> Weights: ...


def weighted_mean(members: Sequence[Members] | Members, weights: Weights) -> NDArray[np.float32]:
    """Return Σ_m w_m · p_m, `(N, C)`, summed in float64 and stored as float32.

    Args:
        members: M arrays `(N, C)`; those with weight 0 are not read.
        weights: `(M,)`.
    """
    total = np.zeros(np.shape(members[0]), dtype=np.float64)
    for member, weight in zip(members, weights, strict=True):
        if weight:
            total += np.multiply(member, weight, dtype=np.float64)
    return total.astype(np.float32)


@dataclass(frozen=True)
class Method:
    """One way to blend. A file of `podium.ensembling.methods` exports one as `METHOD`.

    Args:
        fit: finds the weights.
        combine: makes one prediction of weighted members; rows do not depend on each other, so that
            it can be applied to any block of rows.
    """

    fit: Fit
    combine: Callable[[Sequence[Members] | Members, Weights], NDArray[np.float32]] = weighted_mean
