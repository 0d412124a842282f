"""Hausdorff distance of two sets of voxels: how far the farthest voxel of either is from the other.

max(max over p ∈ P of min over t ∈ T of |p - t|, max over t ∈ T of min over p ∈ P of |t - p|)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["hausdorff"]

POINTS_AT_ONCE = 1 << 20


def hausdorff(
    one: NDArray[np.bool_], other: NDArray[np.bool_], *, spacing: Sequence[float]
) -> float:
    """Return the distance of two sets that are not empty, in the unit of `spacing`.

    Args:
        one: `(D, H, W)`.
        other: of the same shape.
        spacing: distance of neighbouring voxels along each axis.
    """
    return max(_directed(one, other, spacing), _directed(other, one, spacing))


def _directed(one: NDArray[np.bool_], other: NDArray[np.bool_], spacing: Sequence[float]) -> float:
    """Return how far the farthest voxel of `one` is from `other`.

    Only voxels outside `other` have a distance, and the nearest of `other` lies at its edge. A tree
    of the edge takes a tenth of the time of a distance transform where the two sets are alike.
    """
    from scipy.spatial import cKDTree

    outside = one & ~other
    if not outside.any():
        return 0.0
    scale = np.asarray(spacing, dtype=np.float64)
    tree = cKDTree(np.argwhere(_edge(other)) * scale)
    farthest = 0.0
    points = np.flatnonzero(outside)
    for at in range(0, len(points), POINTS_AT_ONCE):
        part = np.unravel_index(points[at : at + POINTS_AT_ONCE], outside.shape)
        farthest = max(farthest, float(tree.query(np.column_stack(part) * scale)[0].max()))
    return farthest


def _edge(voxels: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the voxels of which a neighbour along an axis is not set, or outside."""
    from scipy.ndimage import binary_erosion

    return np.asarray(voxels & ~binary_erosion(voxels))
