"""Steps on the regions of a decided mask, one function each.

A mask is uint8 `(H, W)` of 0 (background) and class numbers from 1, as `Mask` has it; a multilabel
mask is one such mask a class. A component is a set of pixels of one class that touch by a side or a
corner (8-connected); a hole is a set of pixels that touch by a side (4-connected), so that a ring
which is closed only over corners encloses something. Each function works in the box around a class,
with about 7 bytes a pixel of it, and returns the mask that it was given, changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from podium.competition.masks import Mask

__all__ = ["fill_holes", "largest", "median", "min_area"]

_STRIP_PIXELS = 2**20

Areas = NDArray[np.int64]
Labels = NDArray[np.int32]
Bools = NDArray[np.bool_]


def fill_holes(mask: Mask, at_most: int | None = None) -> Mask:
    """Give background that one class encloses to that class.

    Args:
        mask: `(H, W)`, uint8.
        at_most: pixels of a hole that is filled; None fills them all. Background that touches the
            image's border, or more than one class, is no hole.
    """
    for label, part in _classes(mask):
        labels, areas = _components(part != label, connectivity=4)
        # What touches an edge of the box goes on outside of it, or at the image's border.
        is_open = np.zeros(len(areas), np.bool_)
        for edge in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
            is_open[edge] = True
        for rows in _strips(part):
            is_open[labels[rows][part[rows] != 0]] = True
        is_hole = ~is_open if at_most is None else ~is_open & (areas <= at_most)
        is_hole[0] = False
        _set(part, labels, is_hole, label)
    return mask


def min_area(mask: Mask, areas: Sequence[float]) -> Mask:
    """Make background of the components that have fewer pixels than `areas`.

    Args:
        mask: `(H, W)`, uint8.
        areas: the least pixels of a component of each class.
    """
    for label, part in _classes(mask):
        if areas[label - 1] > 1:
            labels, pixels = _components(part == label, connectivity=8)
            _keep(part, labels, pixels >= areas[label - 1])
    return mask


def largest(mask: Mask, n: int) -> Mask:
    """Make background of all but the `n` components of each class that have most pixels.

    Of components of equal size, the one whose first pixel comes first in reading order stays.
    """
    for label, part in _classes(mask):
        labels, areas = _components(part == label, connectivity=8)
        if len(areas) - 1 > n:
            _keep(part, labels, _n_largest(labels, areas, n))
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


def _components(pixels: Bools, *, connectivity: int) -> tuple[Labels, Areas]:
    """Return the component of each pixel, 0 for the rest, and how many pixels each has."""
    n, labels = cv2.connectedComponents(
        np.ascontiguousarray(pixels).view(np.uint8), connectivity=connectivity, ltype=cv2.CV_32S
    )
    # cv2 counts them, too, but takes ten times as long as for the labels.
    areas = np.zeros(n, np.int64)
    for rows in _strips(labels):
        areas += np.bincount(labels[rows].ravel(), minlength=n)
    return labels, areas


def _n_largest(labels: Labels, areas: Areas, n: int) -> Bools:
    """Return which components are the `n` largest."""
    least = np.partition(areas[1:], -n)[-n]
    keep: Bools = areas > least
    is_tied: Bools = areas == least
    keep[0] = is_tied[0] = False
    tied, first = np.unique(labels[is_tied[labels]], return_index=True)
    keep[tied[np.argsort(first)[: n - int(keep.sum())]]] = True
    return keep


def _keep(part: Mask, labels: Labels, keep: Bools) -> None:
    drop = ~keep
    drop[0] = False  # what is not of this class
    _set(part, labels, drop, 0)


def _set(part: Mask, labels: Labels, chosen: Bools, value: int) -> None:
    """Set the pixels of the chosen components to `value`."""
    if chosen.any():
        for rows in _strips(part):
            part[rows][chosen[labels[rows]]] = value


def _strips(array: NDArray[np.integer[Any]]) -> Iterator[slice]:
    """Give rows a few at a time: what numpy computes on the way takes up to 8 bytes a pixel."""
    step = max(1, _STRIP_PIXELS // array.shape[1])
    for top in range(0, len(array), step):
        yield slice(top, top + step)
