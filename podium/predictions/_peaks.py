"""The pixels of areas that are higher than all around them, compiled: loaded when they are asked.

A pixel is compared with those around it from the nearest on, until one is higher. Most pixels have
such a neighbour, so that this costs a few looks a pixel however large the surroundings are.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.codecs._kernels import compiled

__all__ = ["find_peaks"]


def find_peaks(
    areas: NDArray[np.int32], heights: NDArray[np.int32], around: NDArray[np.bool_]
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return which pixels are peaks, and how many groups of touching peaks each area has.

    Args:
        areas: `(H, W)`, the number of each pixel's area; 0: none.
        heights: `(H, W)`, above 0 in areas.
        around: `(2r + 1, 2r + 1)`, with which pixels of its area one is compared that lies in the
            middle. Equal ones are both peaks.

    Returns:
        `(H, W)` of 0 and 1; and by number of the area, 0 for what is none. Peaks touch by a side or
        a corner.
    """
    steps = np.argwhere(around) - len(around) // 2
    steps = steps[np.argsort((steps**2).sum(axis=1), kind="stable")]
    peaks = np.zeros(areas.shape, np.uint8)
    groups = np.zeros(int(areas.max(initial=0)) + 1, np.int64)
    _compiled(areas, heights, steps, peaks, groups)
    return peaks, groups


def _find(areas: Any, heights: Any, steps: Any, peaks: Any, groups: Any) -> None:
    height, width = areas.shape
    highest = np.zeros(len(groups), np.int32)
    for row in range(height):
        for column in range(width):
            area = areas[row, column]
            if area != 0 and heights[row, column] > highest[area]:
                highest[area] = heights[row, column]
    n_peaks = 0
    for row in range(height):
        for column in range(width):
            area = areas[row, column]
            if area == 0:
                continue
            mine = heights[row, column]
            is_peak = True
            if mine < highest[area]:
                for step in range(len(steps)):
                    r, c = row + steps[step, 0], column + steps[step, 1]
                    if r < 0 or r >= height or c < 0 or c >= width:
                        continue
                    if heights[r, c] > mine and areas[r, c] == area:
                        is_peak = False
                        break
            if is_peak:
                peaks[row, column] = 1
                n_peaks += 1
    # Each group is walked through from its first pixel on; 2: not yet seen.
    waiting = np.empty(n_peaks, np.int64)
    for row in range(height):
        for column in range(width):
            if peaks[row, column] != 0:
                peaks[row, column] = 2
    for first_row in range(height):
        for first_column in range(width):
            if peaks[first_row, first_column] != 2:
                continue
            area = areas[first_row, first_column]
            groups[area] += 1
            peaks[first_row, first_column] = 1
            waiting[0] = first_row * width + first_column
            n_waiting = 1
            while n_waiting > 0:
                n_waiting -= 1
                row, column = waiting[n_waiting] // width, waiting[n_waiting] % width
                for r in range(max(0, row - 1), min(height, row + 2)):
                    for c in range(max(0, column - 1), min(width, column + 2)):
                        if peaks[r, c] == 2 and areas[r, c] == area:
                            peaks[r, c] = 1
                            waiting[n_waiting] = r * width + c
                            n_waiting += 1


_compiled = compiled(_find)
