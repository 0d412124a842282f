"""The watershed of an area from seeds, compiled: numba is loaded when somebody floods.

Meyer 1994 ("Topographic distance and watershed lines", §4), without lines between the basins: the
highest level is flooded first, pixels of a level in the order in which the flood reached them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.codecs._kernels import compiled

__all__ = ["flood"]


def flood(levels: NDArray[np.int32], labels: NDArray[np.int32], *, by_corners: bool) -> None:
    """Give each pixel of the area the label of the seed whose flood reaches it first.

    Args:
        levels: `(H, W)`, C-contiguous; 0 is outside of the area, and higher is flooded earlier.
        labels: `(H, W)`, C-contiguous: the seeds, all inside, and 0; changed. What no flood reaches
            stays 0.
        by_corners: whether pixels touch by a corner, too.
    """
    _compiled(levels, labels, by_corners)


def _flood(levels: Any, labels: Any, by_corners: Any) -> None:
    height, width = levels.shape
    n_levels = levels.max() + 1
    # A queue for each level, linked through `following`.
    first = np.full(n_levels, -1, np.int64)
    last = np.full(n_levels, -1, np.int64)
    following = np.full(height * width, -1, np.int32)
    for pixel in range(height * width):
        row, column = pixel // width, pixel % width
        if labels[row, column] != 0:
            level = levels[row, column]
            if first[level] < 0:
                first[level] = pixel
            else:
                following[last[level]] = pixel
            last[level] = pixel
    for level in range(n_levels - 1, 0, -1):
        while first[level] >= 0:
            pixel = first[level]
            first[level] = following[pixel]
            row, column = pixel // width, pixel % width
            label = labels[row, column]
            for down in range(-1, 2):
                for right in range(-1, 2):
                    if not by_corners and down != 0 and right != 0:
                        continue
                    r, c = row + down, column + right
                    if r < 0 or r >= height or c < 0 or c >= width:
                        continue
                    if levels[r, c] == 0 or labels[r, c] != 0:
                        continue
                    labels[r, c] = label
                    reached = min(levels[r, c], level)  # a flood does not run uphill
                    other = r * width + c
                    if first[reached] < 0:
                        first[reached] = other
                    else:
                        following[last[reached]] = other
                    last[reached] = other


_compiled = compiled(_flood)
