"""Average precision: the area below precision over recall, scored objects taken surest first.

With n objects in the truth, TP_k and k hits and objects among the k surest:

    recall r_k = TP_k / n,   precision p_k = TP_k / k,   p(r) = max of p_k over r_k >= r

    "all_points": ∫ p(r) dr               Pascal VOC since 2010 and Open Images
    "101_points": mean of p(r) over r = 0, 0.01 … 1           COCO
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["INTERPOLATIONS", "average_precision"]

INTERPOLATIONS = ("all_points", "101_points")
POINTS = np.linspace(0, 1, 101)
CELLS_AT_ONCE = 1_000_000  # draws × objects: some arrays of 8 MB each


def average_precision(
    hits: NDArray[np.bool_],
    copies: NDArray[np.int64],
    n_true: NDArray[np.int64],
    *,
    interpolation: str,
) -> NDArray[np.float64]:
    """Return the average precision of B samples of objects, `(B,)`; nan where n is 0.

    Args:
        hits: `(n,)`, which predicted objects hit a true one; surest first.
        copies: `(B, n)`, how often each stands in each sample. Copies of an object stand side by
            side, and a row of equal hits or misses changes no p(r) but by its end: so the result is
            that of the objects written out.
        n_true: `(B,)`, objects of the truth in each sample.
        interpolation: "all_points" or "101_points".
    """
    rows = max(1, CELLS_AT_ONCE // max(1, len(hits)))
    parts = [
        _some(hits, copies[at : at + rows], n_true[at : at + rows], interpolation)
        for at in range(0, len(copies), rows)
    ]
    return np.concatenate(parts)


def _some(
    hits: NDArray[np.bool_], copies: NDArray[np.int64], n_true: NDArray[np.int64], points: str
) -> NDArray[np.float64]:
    # Precision is largest behind a hit, so p(r) needs no other place.
    taken = np.cumsum(copies, axis=1)[:, hits]  # (B, hits)
    each = copies[:, hits]
    right = np.cumsum(each, axis=1)
    precision = right / np.maximum(taken, 1)
    best = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]  # p(r_k)
    n = np.where(n_true > 0, n_true, 1)
    if points == "all_points":
        area = (each * best).sum(axis=1) / n
    else:
        padded = np.pad(best, ((0, 0), (0, 1)))  # 0 beyond the last recall
        # Recall is a quotient of floats here, too, as pycocotools compares it with these points.
        found = [np.searchsorted(row, POINTS) for row in right / n[:, None]]
        area = np.array([row[at].mean() for row, at in zip(padded, found, strict=True)])
    return np.asarray(np.where(n_true > 0, area, np.nan), dtype=np.float64)
