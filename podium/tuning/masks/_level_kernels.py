"""Level images made and flooded, compiled: numba is loaded when somebody asks."""

from __future__ import annotations

from typing import Any

import numpy as np

from podium.codecs._kernels import compiled

__all__ = ["BEYOND", "CELLS", "count_reached", "flood"]

CELLS = 1024  # of [0, 1], each with the first threshold in it
BEYOND = 255  # in the border around a level image: no level


def _count_reached(values: Any, thresholds: Any, starts: Any, found: Any) -> None:
    """Write to `found` `(n,)` how many of the ascending thresholds each value reaches.

    Args:
        values, thresholds: float32 `(n,)` and `(T,)`; nan reaches none.
        starts: `(CELLS + 1,)`: the thresholds in lower cells than this one.
    """
    n_thresholds = len(thresholds)
    for i in range(len(values)):
        value = values[i]
        n_reached = 0
        if value >= thresholds[0]:
            cell = min(max(value, np.float32(0)), np.float32(1)) * np.float32(CELLS)
            n_reached = starts[int(cell)]
            while n_reached < n_thresholds and value >= thresholds[n_reached]:
                n_reached += 1
        found[i] = n_reached


def _flood(levels: Any, most: int, has_corners: bool, is_open_beyond: bool, found: Any) -> None:
    """Write to `found` `(H, W)` the level from which water no longer stays in a basin of `most`.

    The pixels at most as high as a level are its basins. A pixel becomes as high as the lowest
    level at which its basin has more than `most` pixels, or reaches the edge of the image if that
    is open: an area closing, by a union-find forest (Meijster & Wilkinson 2002). `BEYOND` where
    there is no such level.

    Args:
        levels: uint8 `(H + 2, W + 2)`, below `BEYOND`, which is the border.
        most: pixels.
        has_corners: whether pixels that share a corner touch.
        is_open_beyond: whether water runs over the edge.
        found: uint8.
    """
    wide, flat = levels.shape[1], levels.ravel()
    around = np.array([-wide, -1, 1, wide, -wide - 1, 1 - wide, wide - 1, wide + 1])
    n_around = 8 if has_corners else 4
    # As in `_area_kernels`; of the pixel that stands for a basin: the basin's pixels, negative.
    parents = np.empty(len(flat), np.int32)
    first = np.full(256, -1, np.int32)
    for pixel in range(len(flat) - 1, -1, -1):
        parents[pixel] = first[flat[pixel]]
        first[flat[pixel]] = pixel
    for level in range(BEYOND):
        following = first[level]
        while following >= 0:
            pixel = following
            following = parents[pixel]
            parents[pixel] = -1
            area = 1
            for number in range(n_around):
                other = pixel + around[number]
                its_level = flat[other]
                if its_level == BEYOND:
                    if is_open_beyond:
                        area = most + 1
                elif its_level < level or (its_level == level and other < pixel):
                    root, above = other, parents[other]
                    while above >= 0:
                        beyond = parents[above]
                        if beyond >= 0:
                            parents[root] = beyond
                        root, above = above, beyond
                    its_area = int(-above)
                    if root == pixel:
                        continue
                    if its_area <= most or flat[root] == level:
                        area = min(area + its_area, most + 1)
                        parents[root] = pixel
                    else:  # it flows into what is open already
                        area = most + 1
            parents[pixel] = -area
    for row in range(len(found)):
        for column in range(found.shape[1]):
            root = (row + 1) * wide + column + 1
            while parents[root] >= 0:
                root = parents[root]
            found[row, column] = flat[root] if -parents[root] > most else BEYOND


count_reached = compiled(_count_reached)
flood = compiled(_flood)
