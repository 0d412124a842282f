"""What a blending method is: how members get weights, and how weighted members become one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from podium.predictions.top_k import TopK, mean_top_k
from podium.tuning.scoring import Scorer

__all__ = ["Fit", "Members", "Method", "weighted_mean"]

Members = NDArray[np.floating[Any]]
Weights = NDArray[np.float64]


class Fit(Protocol):
    """From members `(M, N, C)` and the scorer of their N rows to weights `(M,)`, >= 0 with sum 1.

    Members of thousands of classes are `TopKMembers`. It may look at nothing else, must not change
    its arguments, and returns the same weights for the same arguments.
    """

    def __call__(self, members: Members, scorer: Scorer, *, seed: int) -> Weights: ...


def weighted_mean(members: Any, weights: Weights) -> Any:
    """Return Σ_m w_m · p_m, `(N, C)`, summed in float64 and stored as float32.

    Args:
        members: M arrays `(N, C)`, or of thousands of classes `TopK`, which it is then;
            those with weight 0 are not read.
        weights: `(M,)`.
    """
    if isinstance(members[0], TopK):
        return mean_top_k(list(members), np.asarray(weights))
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
        combine: makes one prediction `(N, C)` of weighted members; rows do not depend on each
            other, so that it can be applied to any block of rows.
    """

    fit: Fit
    combine: Callable[[Any, Weights], Any] = weighted_mean
