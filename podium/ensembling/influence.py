"""Shares of members whose weights may be negative, so that a table can show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["influence"]


def influence(coefficients: NDArray[np.floating[Any]] | Sequence[Any]) -> NDArray[np.float64]:
    """Return `(M,)`, the shares of Σ |w| of each member, with sum 1; equal where all weights are 0.

    Args:
        coefficients: `(M,)`, or `(M, C)` with a weight for each output.
    """
    sizes = np.abs(np.asarray(coefficients, dtype=np.float64)).reshape(len(coefficients), -1)
    total = sizes.sum()
    return sizes.sum(axis=1) / total if total > 0 else np.full(len(sizes), 1 / len(sizes))
