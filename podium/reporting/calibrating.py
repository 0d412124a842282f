"""Calibration by bins: what was said against how often it came true."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Reliability", "reliability"]

Floats = NDArray[np.float64]
ROWS_AT_ONCE = 2**20  # labels of many classes are many millions
_Z = 1.959963984540054  # 95 % of a normal distribution


@dataclass(frozen=True)
class Reliability:
    """Bins of confidence, all arrays `(B,)`.

    Attributes:
        low, high: the bin's bounds.
        count: rows in it.
        confidence: their mean confidence; nan where there is none.
        share: how many of them came true; nan where there is none.
        error: `(2, B)`: from `share` down and up to the bounds of Wilson's 95 % interval.
        ece: expected calibration error (Guo et al. 2017, arXiv:1706.04599, eq. 3).
    """

    low: Floats
    high: Floats
    count: NDArray[np.int64]
    confidence: Floats
    share: Floats
    error: Floats
    ece: float


def reliability(confidence: ArrayLike, is_right: ArrayLike, *, n_bins: int = 10) -> Reliability:
    """Return bins of equal width over [0, 1]; the upper bound belongs to a bin.

    Example:
        >>> reliability([0.9, 0.8], [True, False], n_bins=1).ece
        0.35
    """
    p, right = np.ravel(np.asarray(confidence)), np.ravel(np.asarray(is_right))
    count = np.zeros(n_bins, dtype=np.int64)
    said, came_true = np.zeros(n_bins), np.zeros(n_bins)
    for start in range(0, len(p), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        some = p[rows].astype(np.float64)
        at = np.clip(np.ceil(some * n_bins).astype(np.int64) - 1, 0, n_bins - 1)
        count += np.bincount(at, minlength=n_bins)
        said += np.bincount(at, weights=some, minlength=n_bins)
        came_true += np.bincount(at, weights=right[rows].astype(np.float64), minlength=n_bins)
    edges = np.linspace(0, 1, n_bins + 1)
    with np.errstate(invalid="ignore"):
        mean, share = said / count, came_true / count
        error = np.abs(_wilson(share, count) - share)
    gap = np.abs(np.nan_to_num(share - mean))
    ece = float((count * gap).sum() / max(count.sum(), 1))
    return Reliability(edges[:-1], edges[1:], count, mean, share, error, round(ece, 12))


def _wilson(share: Floats, count: NDArray[np.int64]) -> Floats:
    """Return the bounds `(2, B)` of Wilson's score interval (1927)."""
    n = np.maximum(count, 1)
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * np.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    return np.stack([middle - half, middle + half])
