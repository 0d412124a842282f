"""Distances from the edge of a mask, squared: whole numbers, so that equal ones are equal.

Meijster et al. 2000 ("A general algorithm for computing distance transforms in linear time").
Distances as OpenCV has them differ from call to call in their last bit, and with them which of two
pixels that are equally far would be the seed of an object. Compiled: numba is loaded when asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.codecs._kernels import compiled

if TYPE_CHECKING:
    from podium.competition.masks import Mask

__all__ = ["squared_distances"]

_FARTHEST = 2**31 - 1


def squared_distances(plane: Mask) -> NDArray[np.int32]:
    """Return how far each pixel is from the nearest 0, squared, in pixels; 0 for those of 0.

    Where the image ends, nothing is known of a 0. A plane without one has no edge: it is 1.

    Args:
        plane: uint8 `(H, W)`, C-contiguous.
    """
    found = np.ones(plane.shape, np.int32)
    if not plane.all():
        _compiled(plane, found)
    return found


def _squares(plane: Any, found: Any) -> None:
    height, width = plane.shape
    none = height + width  # farther than anything in the image
    # First the distance to a 0 in the same column.
    for column in range(width):
        found[0, column] = 0 if plane[0, column] == 0 else none
    for row in range(1, height):
        for column in range(width):
            above = found[row - 1, column]
            found[row, column] = 0 if plane[row, column] == 0 else min(above + 1, none)
    for row in range(height - 2, -1, -1):
        for column in range(width):
            found[row, column] = min(found[row, column], found[row + 1, column] + 1)
    # Then, in each row, the lowest of the parabolas that stand on these distances. Nothing beyond
    # a 0 in the same row is nearer than that 0: a run of pixels is looked at with those beside it.
    feet = np.empty(width, np.int64)  # which column's parabola is lowest, and from where on
    starts = np.empty(width, np.int64)
    bases = np.empty(width, np.int64)
    for row in range(height):
        end = 0
        while end < width:
            if found[row, end] == 0:
                end += 1
                continue
            first = max(0, end - 1)
            while end < width and found[row, end] != 0:
                end += 1
            stop = min(end + 1, width)
            for column in range(first, stop):
                bases[column] = np.int64(found[row, column]) ** 2
            n = 1
            feet[0], starts[0] = first, first
            for column in range(first + 1, stop):
                while n > 0:
                    at, foot = starts[n - 1], feet[n - 1]
                    if (at - foot) ** 2 + bases[foot] <= (at - column) ** 2 + bases[column]:
                        break
                    n -= 1
                if n == 0:
                    feet[0], starts[0] = column, first
                    n = 1
                    continue
                foot = feet[n - 1]
                up = column * column - foot * foot + bases[column] - bases[foot]
                at = 1 + up // (2 * (column - foot))
                if at < stop:
                    feet[n], starts[n] = column, at
                    n += 1
            for column in range(stop - 1, first - 1, -1):
                foot = feet[n - 1]
                found[row, column] = min((column - foot) ** 2 + bases[foot], _FARTHEST)
                if column == starts[n - 1]:
                    n -= 1


_compiled = compiled(_squares)
