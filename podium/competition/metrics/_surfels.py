"""Areas of the pieces of surface that marching cubes puts between eight voxels.

The corners of a cube are the centres of 2 × 2 × 2 voxels; where a set corner and an unset one share
an edge, the surface cuts it in the middle (Lorensen & Cline 1987). Of the set and the unset corners
the fewer count, and every group of them that hangs together by edges is cut off for itself, so a
group has one of six forms:

    one corner: a triangle          two: a rectangle            three in an L: triangle, trapezium
    four in a square: a square      a corner and its three neighbours: a hexagon
    four in a path that turns twice: four triangles

DeepMind's `surface-distance` (Nikolov et al. 2018, arXiv:1809.04430) has the same areas as a table
of normals, and the scores made with it follow from them.
"""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["codes_of", "surfel_areas"]

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
