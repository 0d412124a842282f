"""Steps on the regions of a decided mask, one function each.

A mask is uint8 `(H, W)` of 0 (background) and class numbers from 1, as `Mask` has it; a multilabel
mask is one such mask a class. A component is a set of pixels of one class that touch by a side or a
corner (8-connected); a hole is a set of pixels that touch by a side (4-connected), so that a ring
which is closed only over corners encloses something. Each function works in the box around a class,
with about 6 bytes a pixel of it, and returns the mask that it was given, changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from podium.competition.masks import Mask

__all__ = ["fill_holes", "largest", "median", "min_area"]

_STRIP_PIXELS = 2**20

Stats = NDArray[np.int32]
Bools = NDArray[np.bool_]


def fill_holes(mask: Mask, at_most: int | None = None) -> Mask:
    """Give background that one class encloses to that class.

    Args:
        mask: `(H, W)`, uint8.
        at_most: pixels of a hole that is filled; None fills them all. Background that touches the
            image's border, or more than one class, is no hole.
    """
    for label, part in _classes(mask):
        outside = part != label
        n, labels, stats = _components(outside, connectivity=4)
        is_hole = _is_inside(stats, part.shape)
        is_hole[0] = False
        if at_most is not None:
            is_hole &= stats[:, cv2.CC_STAT_AREA] <= at_most
        if n > 1 and is_hole.any():
            is_hole[np.unique(labels[outside & (part != 0)])] = False
            part[is_hole[labels]] = label
    return mask


def min_area(mask: Mask, areas: Sequence[float]) -> Mask:
    """Make background of the components that have fewer pixels than `areas`.

    Args:
        mask: `(H, W)`, uint8.
        areas: the least pixels of a component of each class.
    """
    for label, part in _classes(mask):
        if areas[label - 1] > 1:
            _, labels, stats = _components(part == label, connectivity=8)
            _keep(part, labels, stats[:, cv2.CC_STAT_AREA] >= areas[label - 1])
    return mask


def largest(mask: Mask, n: int) -> Mask:
    """Make background of all but the `n` components of each class that have most pixels.

    Of components of equal size, the one whose first pixel comes first in reading order stays.
    """
    for label, part in _classes(mask):
        count, labels, stats = _components(part == label, connectivity=8)
        if count - 1 > n:
            _keep(part, labels, _n_largest(labels, stats, n))
    return mask


def median(mask: Mask, side: int) -> Mask:
    """Return a mask in which each pixel has the most frequent value of the window around it.

    With one class this is the median filter. With more, a median of class numbers would favour
    classes whose number lies in the middle. Of values that are equally frequent the pixel's own
    stays, else the lowest is taken. Beyond the border, the border's pixels repeat.

    Args:
        mask: `(H, W)`, uint8.
        side: of the window, odd, at most 99.
    """
    if side == 1:
        return mask
    out, reach = np.empty_like(mask), side // 2
    height, width = mask.shape
    rows = max(side, _STRIP_PIXELS // width)
    for top in range(0, height, rows):
        bottom, first = min(height, top + rows), max(0, top - reach)
        modes = _modes(mask[first : bottom + reach], side)
        out[top:bottom] = modes[top - first : bottom - first]
    return out


def _modes(strip: Mask, side: int) -> Mask:
    values = np.flatnonzero(np.bincount(strip.ravel()))
    if len(values) == 1:
        return strip
    out = np.zeros_like(strip)
    # Twice the count, and one more for the pixel's own value: 2 · 99² + 1 fits in 16 bits.
    most = np.zeros(strip.shape, np.uint16)
    for value in values:
        is_value = (strip == value).view(np.uint8)
        votes = 2 * _counts(is_value, side) + is_value
        wins = votes > most
        np.maximum(most, votes, out=most)
        # Values rise, so that the larger of the two is the winner's.
        np.maximum(out, wins.view(np.uint8) * np.uint8(value), out=out)
    return out


def _counts(is_value: NDArray[np.uint8], side: int) -> NDArray[np.uint16]:
    """Return how many ones the window around each pixel has."""
    counts = cv2.boxFilter(
        is_value, cv2.CV_16U, (side, side), normalize=False, borderType=cv2.BORDER_REPLICATE
    )
    return np.asarray(counts, dtype=np.uint16)


def _classes(mask: Mask) -> Iterator[tuple[int, Mask]]:
    """Give each class that is there, and the part of `mask` around it, a view."""
    for index, box in enumerate(ndimage.find_objects(mask)):
        if box is not None:
            yield index + 1, mask[box]


def _components(pixels: Bools, *, connectivity: int) -> tuple[int, NDArray[np.int32], Stats]:
    """Return how many components there are with 0, the rest; their labels; their statistics."""
    n, labels, stats, _ = cv2.connectedComponentsWithStats(
        np.ascontiguousarray(pixels).view(np.uint8), connectivity=connectivity, ltype=cv2.CV_32S
    )
    return n, labels, stats


def _is_inside(stats: Stats, shape: tuple[int, ...]) -> Bools:
    """Return which components touch no edge of the box; those at an edge go on outside of it."""
    left, top = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_TOP]
    right, bottom = left + stats[:, cv2.CC_STAT_WIDTH], top + stats[:, cv2.CC_STAT_HEIGHT]
    inside = (left > 0) & (top > 0) & (right < shape[1]) & (bottom < shape[0])
    return np.asarray(inside, dtype=np.bool_)


def _n_largest(labels: NDArray[np.int32], stats: Stats, n: int) -> Bools:
    """Return which components are the `n` largest."""
    areas = stats[1:, cv2.CC_STAT_AREA]
    least = np.partition(areas, -n)[-n]
    keep = np.append(False, areas > least)
    tied = np.flatnonzero(np.append(False, areas == least))
    wanted = n - int(keep.sum())
    tops = stats[tied, cv2.CC_STAT_TOP]
    last_top = np.partition(tops, wanted - 1)[wanted - 1]
    keep[tied[tops < last_top]] = True
    # Those that begin in one row stand in it in the order of their first pixels.
    in_row, first = np.unique(labels[last_top], return_index=True)
    in_row = in_row[np.argsort(first)]
    begin_here = in_row[np.isin(in_row, tied[tops == last_top])]
    keep[begin_here[: n - int(keep.sum())]] = True
    return keep


def _keep(part: Mask, labels: NDArray[np.int32], keep: Bools) -> None:
    drop = ~keep
    drop[0] = False  # what is not of this class
    if drop.any():
        part[drop[labels]] = 0
