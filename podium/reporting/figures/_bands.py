"""Several curves of one quantity as their mean and spread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Band", "band_of"]

Curve = NDArray[np.float64]


class Band(NamedTuple):
    """What several curves are by epoch, each `(epochs,)`; nan where none has a value.

    Attributes:
        low, high: of them.
        mean: of them.
        std: deviation around it, with n - 1; nan of a single value.
    """

    low: Curve
    mean: Curve
    high: Curve
    std: Curve


def band_of(curves: Sequence[ArrayLike]) -> Band:
    """Return the spread of `curves`, `(epochs,)` each, which may end early and have gaps (nan)."""
    rows = [np.asarray(one, dtype=np.float64) for one in curves]
    table = np.full((len(rows), max(map(len, rows), default=0)), np.nan)
    for at, row in zip(table, rows, strict=True):
        at[: len(row)] = row
    known = np.isfinite(table)
    n = known.sum(axis=0)
    mean = np.where(known, table, 0).sum(axis=0) / np.maximum(n, 1)
    squares = (np.where(known, table - mean, 0) ** 2).sum(axis=0)
    std = np.where(n > 1, np.sqrt(squares / np.maximum(n - 1, 1)), np.nan)
    low = np.where(known, table, np.inf).min(axis=0, initial=np.inf)
    high = np.where(known, table, -np.inf).max(axis=0, initial=-np.inf)
    low, mean, high = (np.where(n > 0, one, np.nan) for one in (low, mean, high))
    return Band(low, mean, high, std)
