"""Compiled loops over pixels: sums of stored probabilities, and masks taken apart into objects.

numba loads in half a second, so the package imports this file on first use.

- Weighted sums of stored probabilities. numpy takes 5 ns to make a half a float, more than reading
  it from the disk's cache takes. Most processors have an instruction that does it for eight at
  once; elsewhere the float is looked up in a table of all 65,536 halves, as that of a byte is in
  one of 256.
- Boxes, areas and sums of all objects of a map in one pass over its pixels.
- Squared distances from the edge of a mask, as whole numbers, so that equal ones are equal:
  Meijster et al. 2000 ("A general algorithm for computing distance transforms in linear time").
  Distances of OpenCV differ from call to call in their last bit, and with them which of two pixels
  that are equally far becomes the seed of an object.
- The watershed of an area from seeds: Meyer 1994 ("Topographic distance and watershed lines", §4),
  without lines between the basins: the highest level is flooded first, pixels of a level in the
  order in which the flood reached them.
- Peaks: pixels that are higher than all around them. A pixel is compared with those around it from
  the nearest on, until one is higher. Most pixels have such a neighbour, so that this costs a few
  comparisons a pixel however large the surroundings are.
"""

from __future__ import annotations

import platform
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from llvmlite import binding, ir  # type: ignore[import-untyped]  # it has no stubs
from numba.core import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from podium.codecs._kernels import compiled

if TYPE_CHECKING:
    from podium.competition.truths.masks import Mask

__all__ = [
    "add_weighted",
    "boxes_of",
    "divide_sums",
    "find_peaks",
    "flood",
    "mean_values",
    "squared_distances",
]


_HALVES = np.arange(2**16, dtype=np.uint16).view(np.float16).astype(np.float32)
_HAS_HALVES = platform.machine().lower() in ("arm64", "aarch64") or bool(
    binding.get_host_cpu_features().get("f16c", False)
)


def add_weighted(
    total: NDArray[np.float64],
    stored: NDArray[Any],
    weight: float,
    levels: NDArray[np.float32],
) -> None:
    """Add `weight` times what is stored to `total`, as numpy does it of floats in float64.

    Args:
        total: `(n,)`, changed.
        stored: `n` values, contiguous: float16, or uint8 that point into `levels`.
        weight: of what is stored.
        levels: `(256,)`, what the numbers of uint8 mean; nan of a pixel makes the total nan.
    """
    flat = stored.reshape(-1)
    if stored.dtype.itemsize == 1:
        _add_from(total, flat, weight, levels)
        return
    # Of the host's byte order: what is stored is little-endian everywhere.
    halves = flat.astype(np.float16, copy=False).view(np.uint16)
    if _HAS_HALVES:
        _add_halves(total, halves, weight)
    else:
        _add_from(total, halves, weight, _HALVES)


def divide_sums(total: NDArray[np.float64], by: float, quotient: NDArray[np.float32]) -> bool:
    """Put `total / by` into `quotient`, and return whether all of it are numbers."""
    return bool(_divide(total, by, quotient))


@intrinsic  # type: ignore[untyped-decorator]
def _float_of(_: Any, bits: Any) -> Any:
    """Return the float32 of a half, given as its 16 bits."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.fpext(builder.bitcast(arguments[0], ir.HalfType()), ir.FloatType())

    return types.float32(types.uint16), generate


def _add_halves_one_by_one(total: Any, halves: Any, weight: Any) -> None:
    for i in range(halves.size):
        total[i] += np.float64(_float_of(halves[i])) * weight


def _add_one_by_one(total: Any, stored: Any, weight: Any, table: Any) -> None:
    for i in range(stored.size):
        total[i] += np.float64(table[stored[i]]) * weight


def _divide_one_by_one(total: Any, by: Any, quotient: Any) -> bool:
    n_bare = 0
    for i in range(total.size):
        quotient[i] = np.float32(total[i] / by)
        n_bare += total[i] != total[i]
    return n_bare == 0


_add_halves = compiled(_add_halves_one_by_one)
_add_from = compiled(_add_one_by_one)
_divide = compiled(_divide_one_by_one)


Labels = NDArray[np.int32]
Bands = Iterable[tuple[slice, NDArray[np.float32]]]


def boxes_of(labels: Labels) -> NDArray[np.int64]:
    """Return (top, left, bottom, right) of each number of a map `(H, W)`, `(n + 1, 4)`.

    Row 0 is of no object. Of a number that no pixel has, bottom and right are 0.
    """
    boxes = np.zeros((int(labels.max(initial=0)) + 1, 4), np.int64)
    boxes[:, :2] = labels.shape
    _compiled_boxes(labels, boxes)
    return boxes


def mean_values(labels: list[Labels], bands: Bands) -> list[NDArray[np.float64]]:
    """Return for each of C maps `(H, W)` the mean value of each number, `(n + 1,)`.

    Args:
        labels: whole numbers from 0.
        bands: rows, and their values `(h, W, C)`; a value that is nan counts 0.
    """
    n = [int(one.max(initial=0)) + 1 for one in labels]
    totals, pixels = [np.zeros(one) for one in n], [np.zeros(one, np.int64) for one in n]
    for rows, band in bands:
        for c, one in enumerate(labels):
            # Added up band by band, as rounding depends on the order.
            of_band = np.zeros(n[c])
            _compiled_sums(one[rows], band, c, of_band, pixels[c])
            totals[c] += of_band
    return [total / np.maximum(count, 1) for total, count in zip(totals, pixels, strict=True)]


def _boxes(labels: Any, boxes: Any) -> None:
    for row in range(labels.shape[0]):
        for column in range(labels.shape[1]):
            number = labels[row, column]
            if number == 0:
                continue
            boxes[number, 0] = min(boxes[number, 0], row)
            boxes[number, 1] = min(boxes[number, 1], column)
            boxes[number, 2] = max(boxes[number, 2], row + 1)
            boxes[number, 3] = max(boxes[number, 3], column + 1)


def _sums(labels: Any, values: Any, channel: Any, totals: Any, pixels: Any) -> None:
    for row in range(labels.shape[0]):
        for column in range(labels.shape[1]):
            number = labels[row, column]
            if number == 0:
                continue
            value = values[row, column, channel]
            pixels[number] += 1
            if not np.isnan(value):
                totals[number] += value


_compiled_boxes = compiled(_boxes)
_compiled_sums = compiled(_sums)


_FARTHEST = 2**31 - 1


def squared_distances(plane: Mask) -> NDArray[np.int32]:
    """Return how far each pixel is from the nearest 0, squared, in pixels; 0 for those of 0.

    Where the image ends, there may or may not be a 0. A plane without one has no edge: it is 1.

    Args:
        plane: uint8 `(H, W)`, C-contiguous.
    """
    found = np.ones(plane.shape, np.int32)
    if not plane.all():
        _compiled_squares(plane, found)
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


_compiled_squares = compiled(_squares)


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
    _compiled_flood(dry.ravel(), basins.ravel(), around)
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


_compiled_flood = compiled(_flood)


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
    _compiled_peaks(areas, heights, steps, peaks, groups)
    return peaks, groups


def _find_peaks(areas: Any, heights: Any, steps: Any, peaks: Any, groups: Any) -> None:
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
    # Each group is walked through from its first pixel on; 2: not yet visited.
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


_compiled_peaks = compiled(_find_peaks)
