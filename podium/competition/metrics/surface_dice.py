"""Surface Dice: the share of two surfaces that lies within a tolerance of the other one.

    (|S_T near S_P| + |S_P near S_T|) / (|S_T| + |S_P|),    |·| area, near: distance <= tolerance

Nikolov et al. 2018 (arXiv:1809.04430), as DeepMind's `surface-distance` computes it: areas are
those of marching cubes, distances those of the centres of the cubes that the surface cuts; at the
border of the volume an object ends. The score of SenNet + HOA (blood vessels) is that of tolerance
0 with the surfaces of all kidneys in one ratio.

`tolerance` is in the unit of `spacing`, the distance of neighbouring voxels along depth, height and
width. `over` selects the average: all (one ratio of all volumes and classes), class (one of each
class), volume (the mean of each volume's classes, then of the volumes), pair (the mean of volumes
and classes). One surface without the other scores 0; for neither, `empty` is one, zero, skip or
error.

The corners of a marching cube are the centres of 2 × 2 × 2 voxels; where a set corner and an unset
one share an edge, the surface cuts it in the middle (Lorensen & Cline 1987). Of the set and the
unset corners the fewer count, and every group of them that hangs together by edges is cut off for
itself, so a group has one of six forms:

    one corner: a triangle          two: a rectangle            three in an L: triangle, trapezium
    four in a square: a square      a corner and its three neighbours: a hexagon
    four in a path that turns twice: four triangles

`surface-distance` has the same areas as a table of normals, and the scores made with it follow from
them.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._mask_ratios import (
    OPTIONS,
    dice,
    kind_and_outputs,
    ratio_sums,
    ratio_value,
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
from podium.tasks.protocols.find import pixel_kind

if TYPE_CHECKING:
    from podium.tasks.protocols.kind import Kind

__all__ = ["METRIC"]


VOXELS_AT_ONCE = 1 << 21
"""Of a slab; with a large tolerance a voxel takes some 60 bytes while distances are measured."""
STEPS_AT_MOST = 20_000
"""Offsets that are compared around a cube; above this a distance transform is faster."""
OVER = ("pair", "volume", "class", "all")


def _sums(
    truth: Sequence[Volume],
    prediction: Sequence[Volume],
    *,
    tolerance: float,
    spacing: Sequence[float],
    over: str,
    empty: str,
    kind: Kind | None,
    n_classes: int | None,
) -> NDArray[np.float64]:
    """Return `ratio_sums` of the areas by class: near (mean of both), predicted, true."""
    apart = _spacing(spacing)
    is_number = isinstance(tolerance, int | float) and not isinstance(tolerance, bool)
    if not is_number or not 0 <= tolerance < np.inf:
        raise DataError(f"surface_dice: tolerance must be a number from 0 on, got {tolerance!r}")
    kind, size = kind_and_outputs(truth, prediction, kind, n_classes, n_dims=3)
    areas = surfel_areas(apart)
    rows = []
    for right, decision in each_volume("surface_dice", truth, prediction, kind=kind, size=size):
        counts = np.zeros((n_classes_of(kind, size), 2, 2, 256), dtype=np.int64)
        for slab, inner in _slabs(
            right, decision, kind=kind, size=size, tolerance=tolerance, z=apart[0]
        ):
            for c in range(len(counts)):
                pair = [of_class(part, c, kind) for part in slab]
                counts[c] += _counts(pair, inner, tolerance, apart)
        (_, true), (_, predicted) = found = np.moveaxis(counts @ areas, 0, 2)  # each (C,)
        near = (found[0][0] + found[1][0]) / 2
        rows.append(np.stack([near, predicted, true, np.ones_like(near)], axis=1))
    return np.asarray(ratio_sums(np.stack(rows), **_shared(over, empty)))


def _value(sums: NDArray[Any], *, over: str, empty: str, **_: Any) -> float:
    return ratio_value(sums, **_shared(over, empty))


def _score(truth: Sequence[Volume], prediction: Sequence[Volume], **given: Any) -> float:
    return _value(_sums(truth, prediction, **given), **given)


def _shared(over: str, empty: str) -> dict[str, Any]:
    if over not in OVER:
        raise DataError(f"surface_dice: over must be one of {', '.join(OVER)}, got {over!r}")
    return {
        "name": "surface_dice",
        "ratio": dice,
        "kind": pixel_kind("multilabel"),  # the rows of areas are classes, none is background
        "over": "image" if over == "volume" else over,
        "empty": empty,
        "background": False,
        "n_classes": None,
        "unit": "volume",
    }


def _spacing(given: Sequence[float]) -> tuple[float, float, float]:
    apart = np.asarray(given)
    is_number = apart.dtype.kind in "if" and apart.shape == (3,)
    if not is_number or not ((apart > 0) & np.isfinite(apart)).all():
        raise DataError(
            f"surface_dice: spacing must be three numbers above 0, got {given!r}",
            fix="write the distances of voxels along depth, height and width: [2.5, 1, 1]",
        )
    depth, height, width = (float(one) for one in apart)
    return depth, height, width


def _slabs(
    truth: Volume,
    decision: Volume,
    *,
    kind: Kind,
    size: int,
    tolerance: float,
    z: float,
) -> Iterator[tuple[tuple[Volume, Volume], slice]]:
    """Give parts of the two volumes with something in them, and which of their cubes are new.

    Cubes lie between slices: D + 1 layers of them, the outer ones half outside. A part has so many
    layers beside its own that every surface within the tolerance is in it.
    """
    depth, plane = len(truth), max(1, math.prod(truth.shape[1:3]))
    halo = min(math.ceil(tolerance / z), depth)
    step = max(1 + 2 * halo, VOXELS_AT_ONCE // plane)
    for start in range(0, depth + 1, step):
        stop = min(start + step, depth + 1)
        low, high = max(start - halo, 0), min(stop + halo, depth + 1)  # layers
        parts = []
        for what, volume in (("truth", truth), ("decision", decision)):
            part = volume[max(low - 1, 0) : high]  # slices low - 1 … high - 1
            refuse_values("surface_dice", part, kind=kind, size=size, what=what)
            parts.append(part)
        box = _box_of(*parts)
        if box is None:
            continue
        ends = [(int(low == 0), int(high == depth + 1)), *[(0, 0)] * (truth.ndim - 1)]
        one, other = (np.pad(part[(slice(None), *box)], ends) for part in parts)
        yield (one, other), slice(start - low, stop - low)


def _box_of(*parts: Volume) -> tuple[slice, slice] | None:
    """Return the rows and columns in which one of the parts has something, None for none."""
    found = []
    for axis in (1, 2):
        others = tuple(one for one in range(parts[0].ndim) if one != axis)
        used = np.flatnonzero(np.any([part.any(axis=others) for part in parts], axis=0))
        if not len(used):
            return None
        found.append(slice(int(used[0]), int(used[-1]) + 1))
    return found[0], found[1]


def _counts(
    pair: Sequence[NDArray[np.bool_]],
    inner: slice,
    tolerance: float,
    spacing: tuple[float, float, float],
) -> NDArray[np.int64]:
    """Return how often each code is near the other surface, and at all: `(2, 2, 256)`."""
    codes = [codes_of(one) for one in pair]
    surfaces = [(one != 0) & (one != 255) for one in codes]
    found = []
    for code, mine, other in zip(codes, surfaces, surfaces[::-1], strict=True):
        own = code[inner][mine[inner]]
        at = np.argwhere(mine[inner]) + np.array([inner.start, 0, 0])
        near = own[_is_near(at, other, tolerance, spacing)]
        found.append([np.bincount(one, minlength=256) for one in (near, own)])
    return np.array(found, dtype=np.int64)


def _is_near(
    cubes: NDArray[np.int64],
    surface: NDArray[np.bool_],
    tolerance: float,
    spacing: tuple[float, float, float],
) -> NDArray[np.bool_]:
    """Return bool `(n,)`: which cubes, given by `(n, 3)` places, lie within the tolerance."""
    reach = np.ceil(tolerance / np.array(spacing)).astype(np.int64)
    if np.prod(2.0 * reach + 1) > STEPS_AT_MOST:
        if not surface.any():
            return np.zeros(len(cubes), dtype=np.bool_)
        from scipy.ndimage import distance_transform_edt

        distances = distance_transform_edt(~surface, sampling=spacing)
        return np.asarray(distances[tuple(cubes.T)] <= tolerance)
    padded = np.pad(surface, [(int(one), int(one)) for one in reach])
    strides = np.array([padded[0].size, padded.shape[2], 1])
    flat, places = padded.ravel(), (cubes + reach) @ strides
    near, left = np.zeros(len(cubes), dtype=np.bool_), np.arange(len(cubes))
    # Nearest places first: most cubes of a good prediction are done after a few.
    for step in _steps(tolerance, spacing, reach) @ strides:
        is_there = flat[places[left] + step]
        near[left[is_there]] = True
        left = left[~is_there]
    return near


def _steps(
    tolerance: float, spacing: tuple[float, float, float], reach: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the steps `(k, 3)` from a cube to those within the tolerance, shortest first."""
    steps = np.argwhere(np.ones(2 * reach + 1, dtype=np.bool_)) - reach
    lengths = np.sqrt(((steps * spacing) ** 2).sum(axis=1))
    order = np.argsort(lengths, kind="stable")
    return np.asarray(steps[order][lengths[order] <= tolerance])


METRIC = Metric(
    "surface_dice",
    needs="volumes",
    greater_is_better=True,
    perfect=1.0,
    worst=0.0,
    kinds=frozenset({"binary", "multiclass", "multilabel"}),
    score=_score,
    options=MappingProxyType(
        {"tolerance": 0.0, "spacing": (1.0, 1.0, 1.0), "over": "all", "empty": "error", **OPTIONS}
    ),
    sums=_sums,
    value=_value,
    task="segment",
)


Corner = tuple[int, int, int]
CORNERS: tuple[Corner, ...] = tuple((z, y, x) for z in (0, 1) for y in (0, 1) for x in (0, 1))
"""Corner i is bit i of a code."""

# Polygons of each form, all of them flat. Their points are middles of edges, in halves of an edge.
FORMS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("000",), ("100 010 001",)),
    (("000", "001"), ("100 010 012 102",)),
    (("000", "001", "010"), ("100 102 120", "102 012 021 120")),
    (("000", "001", "010", "011"), ("100 102 122 120",)),
    (("000", "001", "010", "100"), ("012 021 120 210 201 102",)),
    (("011", "111", "110", "100"), ("100 201 212", "212 012 021", "100 212 021", "100 021 120")),
)


def codes_of(voxels: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Return the code of every 2 × 2 × 2 voxels, `(D - 1, H + 1, W + 1)`; 0 and 255: no surface.

    Args:
        voxels: `(D, H, W)`. Along H and W it is taken to end in unset ones, along D it is not.
    """
    padded = np.pad(voxels, ((0, 0), (1, 1), (1, 1))).view(np.uint8)
    pairs = padded[:, :, :-1] | padded[:, :, 1:] << 1
    squares = pairs[:, :-1] | pairs[:, 1:] << 2
    return np.asarray(squares[:-1] | squares[1:] << 4, dtype=np.uint8)


@cache
def surfel_areas(spacing: tuple[float, float, float]) -> NDArray[np.float64]:
    """Return the area of the surface in a cube of each code, `(256,)`.

    Args:
        spacing: distance of neighbouring voxels along D, H and W; areas are in its square.
    """
    cut_off = _cut_off(np.array(spacing))
    areas = np.zeros(256)
    for code in range(256):
        chosen = {corner for bit, corner in enumerate(CORNERS) if code >> bit & 1}
        fewer = chosen if len(chosen) <= 4 else set(CORNERS) - chosen
        areas[code] = sum(cut_off[group] for group in _groups(fewer))
    areas.flags.writeable = False
    return areas


def _cut_off(spacing: NDArray[np.float64]) -> dict[frozenset[Corner], float]:
    """Return the area that cuts off each group of corners: the six forms, turned and mirrored."""
    found: dict[frozenset[Corner], float] = {}
    for axes in itertools.permutations(range(3)):
        for flips in itertools.product((False, True), repeat=3):
            for corners, polygons in FORMS:
                turned = _turned(_points(corners), axes, flips, size=1)
                group = frozenset((int(z), int(y), int(x)) for z, y, x in turned)
                found[group] = sum(
                    _area(_turned(_points(polygon.split()), axes, flips, size=2) * spacing / 2)
                    for polygon in polygons
                )
    return found


def _points(digits: tuple[str, ...] | list[str]) -> NDArray[np.int64]:
    return np.array([[int(digit) for digit in point] for point in digits], dtype=np.int64)


def _turned(
    points: NDArray[np.int64], axes: tuple[int, ...], flips: tuple[bool, ...], *, size: int
) -> NDArray[np.int64]:
    moved = points[:, axes]
    return np.where(flips, size - moved, moved)


def _area(polygon: NDArray[np.float64]) -> float:
    """Return the area of a flat polygon in space, points `(n, 3)`."""
    return float(np.linalg.norm(np.cross(polygon, np.roll(polygon, -1, axis=0)).sum(axis=0)) / 2)


def _groups(corners: set[Corner]) -> list[frozenset[Corner]]:
    """Return the corners by groups that hang together by edges of the cube."""
    left, groups = set(corners), []
    while left:
        group = {left.pop()}
        while near := {one for one in left if any(_differ(one, other) == 1 for other in group)}:
            group |= near
            left -= near
        groups.append(frozenset(group))
    return groups


def _differ(one: Corner, other: Corner) -> int:
    return sum(a != b for a, b in zip(one, other, strict=True))
