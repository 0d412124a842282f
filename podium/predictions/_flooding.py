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
        levels: `(H, W)`; 0 is outside of the area, and higher is flooded earlier.
        labels: `(H, W)`: the seeds, all inside, and 0; changed. What no flood reaches stays 0.
        by_corners: whether pixels touch by a corner, too.
    """
    # A frame of what is outside, so that no pixel's neighbours have to be looked for in the image.
    dry, basins = np.pad(levels, 1), np.pad(labels, 1)
    width = dry.shape[1]
    sides = [-width, -1, 1, width]
    corners = [-width - 1, -width + 1, width - 1, width + 1]
    around = np.array(sorted(sides + corners if by_corners else sides), dtype=np.int64)
    _compiled(dry.ravel(), basins.ravel(), around)
    labels[...] = basins[1:-1, 1:-1]


def _flood(dry: Any, labels: Any, around: Any) -> None:
    n_levels = dry.max() + 1
    # A queue for each level, linked through `following`.
    first = np.full(n_levels, -1, np.int32)
    last = np.full(n_levels, -1, np.int32)
    following = np.full(len(dry), -1, np.int32)
    for pixel in range(len(dry)):
        if labels[pixel] != 0:
            level = dry[pixel]
            if first[level] < 0:
                first[level] = pixel
            else:
                following[last[level]] = pixel
            last[level] = pixel
            dry[pixel] = 0
    for level in range(n_levels - 1, 0, -1):
        while first[level] >= 0:
            pixel = first[level]
            first[level] = following[pixel]
            label = labels[pixel]
            for step in around:
                other = pixel + step
                if dry[other] == 0:
                    continue
                labels[other] = label
                reached = min(dry[other], level)  # a flood does not run uphill
                dry[other] = 0
                if first[reached] < 0:
                    first[reached] = other
                else:
                    following[last[reached]] = other
                last[reached] = other


_compiled = compiled(_flood)
