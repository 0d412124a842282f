"""Thresholds of an IoU, compared in whole numbers.

    hit:  10^6 I > k U    (`strict`; else >=),    k = the threshold in millionths

A quotient of floats is not to be trusted at a threshold: `np.arange(0.5, 1, 0.05)` lies above
k / 20 in eight of ten places, and 18 / 20 is not what `np.linspace` gives for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.errors import DataError

__all__ = ["SWEEP", "is_hit", "limits_of"]

SWEEP = tuple(k / 100 for k in range(50, 100, 5))
"""0.50, 0.55 … 0.95, as most competitions of objects have them."""
PARTS = 1_000_000


def limits_of(name: str, thresholds: Sequence[float] | float) -> NDArray[np.int64]:
    """Return `thresholds` in millionths, int64 `(T,)`.

    Args:
        name: of the metric, for the error.
        thresholds: one or several in [0, 1), six decimals of each.

    Raises:
        DataError: there is none, or one is no such number.
    """
    given = np.atleast_1d(np.asarray(thresholds))
    is_number = given.dtype.kind in "if" and given.ndim == 1 and len(given) > 0
    if not is_number or not ((given >= 0) & (given < 1)).all():
        raise DataError(
            f"{name}: thresholds must be numbers in [0, 1), got {thresholds!r}",
            fix="write thresholds: [0.5, 0.55, 0.6], for example",
        )
    return np.asarray(np.rint(given.astype(np.float64) * PARTS).astype(np.int64))


def is_hit(
    both: NDArray[Any], either: NDArray[Any], limits: NDArray[np.int64], *, strict: bool
) -> NDArray[np.bool_]:
    """Return bool `(…, T)`: which limits the IoU of each pair passes.

    Args:
        both: `(…)`, pixels of the intersection; whole numbers.
        either: `(…)`, pixels of the union.
        limits: of `limits_of`.
        strict: whether an IoU that equals a threshold misses it.
    """
    above = np.asarray(both).astype(np.int64)[..., None] * PARTS
    below = np.asarray(either).astype(np.int64)[..., None] * limits
    return np.asarray(above > below if strict else above >= below)
