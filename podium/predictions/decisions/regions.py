"""Steps on the regions of a decided mask, one function each.

A mask is uint8 `(H, W)` of 0 (background) and class numbers from 1, as `Mask` has it; a multilabel
mask is one such mask a class. A component is a set of pixels of one class that touch by a side or a
corner (8-connected); a hole is a set of pixels that touch by a side (4-connected), so that a ring
which is closed only over corners encloses something. A disc of radius r is all pixels (y, x) with
y² + x² <= r². Each function works in the box around a class, with about 7 bytes a pixel of it, and
returns the mask that it was given, changed. Where a parameter may differ by class, it is one value
or a sequence of one a class.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from podium.competition.truths.masks import Mask

__all__ = [
    "close",
    "components",
    "disc",
    "fill_holes",
    "largest",
    "median",
    "min_area",
    "open",
    "spread",
    "strips",
]

_STRIP_PIXELS = 2**20
_CONTESTED = 255  # no class: those end at 254

Areas = NDArray[np.int64]
Labels = NDArray[np.int32]
Bools = NDArray[np.bool_]
Box = tuple[slice, slice]


def fill_holes(mask: Mask, at_most: int | Sequence[int | None] | None = None) -> Mask:
    """Give background that one class encloses to that class.

    Args:
        mask: `(H, W)`, uint8.
        at_most: pixels of a hole that is filled; None fills them all. Background that touches the
            image's border, or more than one class, is no hole.
    """
    for label, part in _classes(mask):
        labels, areas = components(part != label, connectivity=4)
        most = _of(at_most, label)
        # What touches an edge of the box goes on outside of it, or at the image's border.
        is_open = np.zeros(len(areas), np.bool_)
        for edge in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
            is_open[edge] = True
        for rows in strips(part):
            is_open[labels[rows][part[rows] != 0]] = True
        is_hole = ~is_open if most is None else ~is_open & (areas <= most)
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
            labels, pixels = components(part == label, connectivity=8)
            _keep(part, labels, pixels >= areas[label - 1])
    return mask


def largest(mask: Mask, n: int | Sequence[int]) -> Mask:
    """Make background of all but the `n` components of each class that have most pixels.

    Of components of equal size, the one whose first pixel comes first in reading order stays.
    """
    for label, part in _classes(mask):
        labels, areas = components(part == label, connectivity=8)
        if len(areas) - 1 > (kept := _of(n, label)):
            _keep(part, labels, _n_largest(labels, areas, kept))
    return mask


def open(mask: Mask, radius: int | Sequence[int]) -> Mask:
    """Keep of each class the pixels that a disc covers which lies in the class.

    The rest becomes background. Of a disc only what is inside the image counts, so that the
    image's border takes nothing away.

    Args:
        mask: `(H, W)`, uint8.
        radius: of the disc, in pixels; 0 changes nothing.
    """
    for label, box in _boxes(mask):
        if reach := _of(radius, label):
            # A pixel more: beyond the box is no class, beyond the image nothing is defined.
            part = mask[_wider(box, 1)]
            is_class = part == label
            opened = cv2.morphologyEx(is_class.view(np.uint8), cv2.MORPH_OPEN, disc(reach))
            part[is_class & (opened == 0)] = 0
    return mask


def close(mask: Mask, radius: int | Sequence[int]) -> Mask:
    """Give a class the background of which every disc through it meets the class.

    That is: a background pixel stays background if some disc that covers it, as far as it lies in
    the image, touches no pixel of the class. All classes are closed as they are in `mask`; what
    more than one of them would take stays background.

    Args:
        mask: `(H, W)`, uint8.
        radius: of the disc, in pixels; 0 changes nothing.
    """
    taken = np.zeros_like(mask)
    for label, box in _boxes(mask):
        if reach := _of(radius, label):
            # The class grows by the disc, and one pixel more is surely outside.
            wide = _wider(box, reach + 1)
            part, claims = mask[wide], taken[wide]
            is_class = (part == label).view(np.uint8)
            closed = cv2.morphologyEx(is_class, cv2.MORPH_CLOSE, disc(reach)).view(np.bool_)
            closed &= part == 0
            is_contested = closed & (claims > 0)
            claims[closed] = label
            claims[is_contested] = _CONTESTED
    is_taken = (taken > 0) & (taken != _CONTESTED)
    mask[is_taken] = taken[is_taken]
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
    """Yield each class that is there, and the part of `mask` around it, a view."""
    for label, box in _boxes(mask):
        yield label, mask[box]


def _boxes(mask: Mask) -> Iterator[tuple[int, Box]]:
    """Yield each class that is there, and the rows and columns that it has."""
    for index, box in enumerate(ndimage.find_objects(mask)):
        if box is not None:
            yield index + 1, box


def _wider(box: Box, by: int) -> Box:
    """Return `box` with `by` more pixels on each side; what is outside the image counts not."""
    rows, columns = (slice(max(0, one.start - by), one.stop + by) for one in box)
    return rows, columns


def disc(radius: int) -> NDArray[np.uint8]:
    """Return the pixels within `radius` of the middle one."""
    steps = np.arange(-radius, radius + 1) ** 2
    return (steps[:, None] + steps <= radius**2).astype(np.uint8)


def _of(parameter: Any, label: int) -> Any:
    """Return the value for a class of `parameter`, which has one value or one a class."""
    return parameter[label - 1] if isinstance(parameter, Sequence) else parameter


def components(pixels: Bools, *, connectivity: int) -> tuple[Labels, Areas]:
    """Return the component of each pixel, 0 for the rest, and how many pixels each has."""
    n, labels = cv2.connectedComponents(
        np.ascontiguousarray(pixels).view(np.uint8), connectivity=connectivity, ltype=cv2.CV_32S
    )
    # cv2 counts them, too, but takes ten times as long as for the labels.
    areas = np.zeros(n, np.int64)
    for rows in strips(labels):
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
        for rows in strips(part):
            part[rows][chosen[labels[rows]]] = value


def spread(keep: Bools, labels: Labels) -> Bools:
    """Return which pixels are of the components `keep`, `(H, W)`."""
    out = np.empty(labels.shape, np.bool_)
    for rows in strips(labels):
        np.take(keep, labels[rows], out=out[rows], mode="clip")  # which skips checks
    return out


def strips(array: NDArray[np.integer[Any]]) -> Iterator[slice]:
    """Yield rows a few at a time: what numpy computes on the way takes up to 8 bytes a pixel."""
    step = max(1, _STRIP_PIXELS // array.shape[1])
    for top in range(0, len(array), step):
        yield slice(top, top + step)
