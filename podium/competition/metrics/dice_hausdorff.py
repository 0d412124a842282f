"""Dice of slices and Hausdorff distance of volumes, weighted: organs in scans (UW-Madison).

    0.4 · mean over slices × classes of Dice + 0.6 · mean over volumes × classes of (1 - d / √3)

d is the Hausdorff distance of two sets of voxels whose coordinates are divided by the volume's
shape, so that no distance exceeds √3; with one set empty 1 - d / √3 counts 0, with both the volume
is left out. Slices that are empty in truth and decision are, by `empty`, left out (skip: as the
competition's scorer did) or count 0 (zero: as the competition's page defines it).
`hausdorff_weight` is the 0.6, the rest is that of Dice.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._mask_ratios import (
    OPTIONS,
    dice,
    kind_and_outputs,
    mask_counts,
    ratio_sums,
)
from podium.competition.metrics._metric import Metric
from podium.competition.metrics._volumes import (
    Volume,
    each_volume,
    n_classes_of,
    of_class,
    refuse_values,
)
from podium.errors import DataError

if TYPE_CHECKING:
    from podium.tasks.protocols.kind import Kind

__all__ = ["METRIC"]


EMPTY = ("skip", "zero")


def _sums(
    truth: Sequence[Volume],
    prediction: Sequence[Volume],
    *,
    empty: str,
    hausdorff_weight: float,
    kind: Kind | None,
    n_classes: int | None,
) -> NDArray[np.float64]:
    """Return `(N, 4)`: Dice added up, how many, 1 - distance added up, how many."""
    if empty not in EMPTY:
        raise DataError(f"dice_hausdorff: empty must be one of {', '.join(EMPTY)}, got {empty!r}")
    _refuse_weight(hausdorff_weight)
    kind, size = kind_and_outputs(truth, prediction, kind, n_classes, n_dims=3)
    rows = []
    for right, decision in each_volume("dice_hausdorff", truth, prediction, kind=kind, size=size):
        for what, volume in (("truth", right), ("decision", decision)):
            refuse_values("dice_hausdorff", volume, kind=kind, size=size, what=what)
        near = [
            _nearness(of_class(right, c, kind), of_class(decision, c, kind))
            for c in range(n_classes_of(kind, size))
        ]
        known = [one for one in near if one is not None]
        slices = [
            mask_counts(t, p, kind=kind, n_outputs=size)
            for t, p in zip(right, decision, strict=True)
        ]
        each = ratio_sums(
            np.stack(slices),
            name="dice_hausdorff",
            ratio=dice,
            kind=kind,
            over="pair",
            empty=empty,
            background=False,
            n_classes=None,
        )
        rows.append([*each.sum(axis=0), sum(known), len(known)])
    return np.array(rows, dtype=np.float64)


def _nearness(truth: NDArray[np.bool_], decision: NDArray[np.bool_]) -> float | None:
    """Return 1 - the distance in a cube of diagonal 1; None where both are empty."""
    is_there = truth.any(), decision.any()
    if not all(is_there):
        return 0.0 if any(is_there) else None
    apart = [1 / size for size in truth.shape]
    return 1 - hausdorff(truth, decision, spacing=apart) / float(np.sqrt(3))


def _value(sums: NDArray[Any], *, hausdorff_weight: float, **_: Any) -> float:
    _refuse_weight(hausdorff_weight)
    total, number, near, volumes = sums.sum(axis=0, dtype=np.float64)
    if volumes == 0:
        raise DataError(
            "dice_hausdorff is undefined: every volume and every decision is empty",
            fix="score the pooled volumes of all folds",
        )
    return float((1 - hausdorff_weight) * total / number + hausdorff_weight * near / volumes)


def _refuse_weight(weight: float) -> None:
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight <= 1:
        raise DataError(f"dice_hausdorff: hausdorff_weight must be in [0, 1], got {weight!r}")


def _score(truth: Sequence[Volume], prediction: Sequence[Volume], **given: Any) -> float:
    return _value(_sums(truth, prediction, **given), **given)


METRIC = Metric(
    "dice_hausdorff",
    needs="volumes",
    greater_is_better=True,
    perfect=1.0,
    kinds=frozenset({"binary", "multiclass", "multilabel"}),
    score=_score,
    options=MappingProxyType({"empty": "skip", "hausdorff_weight": 0.6, **OPTIONS}),
    sums=_sums,
    value=_value,
    task="segment",
)


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
