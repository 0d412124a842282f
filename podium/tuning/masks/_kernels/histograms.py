"""Histograms of the values of pixels, false and true ones apart: compiled.

A value becomes the number of thresholds that it reaches, its bin; nan reaches none. Where that is
more than a look-up (float32), the upper bits of a value determine how many thresholds lie below all
values with these bits, and the few beyond are compared one by one: what counts is `p >= t` of
float32, as where masks are decided.

Neighbouring pixels are often of one bin, and a processor waits until its last count is written. So
there are LANES histograms, which take turns and are added up later.
"""

from __future__ import annotations

from typing import Any

from podium.codecs._kernels import compiled, inlined

__all__ = ["CELL", "LANES", "ONE", "count_floats", "count_looked_up"]

LANES = 4
CELL = 13
"""Lower bits of a float32 that are not looked up: those that no float16 from 2^-14 on has, so that
at most one of them begins in a cell."""
ONE = 0x3F800000
"""The bits of 1.0; those of every value in [0, 1] are no greater."""

INFINITY, SIGN = 0x7F800000, 0x80000000
IGNORE = 255


def _search(thresholds: Any, pattern: Any) -> int:
    """Return how many thresholds a value reaches that is nan, below 0, or above 1."""
    if pattern & SIGN:  # of the values below 0 only -0.0 reaches one, that is 0
        return int(pattern == SIGN and thresholds[0] == 0)
    if pattern > INFINITY:
        return 0
    reached = len(thresholds) - 1
    while reached and thresholds[reached - 1] > pattern:
        reached -= 1
    return reached


_reached = inlined(_search)


def _count_looked_up(values: Any, truth: Any, bins: Any, counts: Any) -> int:
    """Add to `counts` `(LANES, C, bins, 2)`, and return the highest truth that means nothing.

    Args:
        values: `(P, C)`, whole numbers.
        truth: `(P, C)`: 0, 1 or IGNORE, which is left out.
        bins: the bin of each number.
        counts: of false and of true pixels.
    """
    n_pixels, n_classes = values.shape
    wrong = 0
    for c in range(n_classes):
        for p in range(n_pixels):
            is_true = truth[p, c]
            if is_true <= 1:
                counts[p % LANES, c, bins[values[p, c]], is_true] += 1
            elif is_true != IGNORE:
                wrong = max(wrong, is_true)
    return wrong


def _count_floats(bits: Any, truth: Any, thresholds: Any, below: Any, counts: Any) -> int:
    """Add to `counts` as above.

    Args:
        bits: `(P, C)`, uint32, of float32; those of numbers from 0 on ascend as the numbers do.
        truth: as above.
        thresholds: `(T + 1,)`, uint32, the bits of the thresholds, ascending, and a higher number.
        below: how many thresholds are at most the lowest value of each cell.
        counts: as above.
    """
    n_pixels, n_classes = bits.shape
    wrong = 0
    for c in range(n_classes):
        for p in range(n_pixels):
            is_true = truth[p, c]
            if is_true <= 1:
                pattern = bits[p, c]
                if pattern <= ONE:
                    reached = below[pattern >> CELL]
                    while thresholds[reached] <= pattern:
                        reached += 1
                else:
                    reached = _reached(thresholds, pattern)
                counts[p % LANES, c, reached, is_true] += 1
            elif is_true != IGNORE:
                wrong = max(wrong, is_true)
    return wrong


def _compiled() -> tuple[Any, Any]:
    """Return both, for arrays that may be read-only: those of a memory map are."""
    from numba.core import types

    def readable(dtype: Any, n_axes: int) -> Any:
        return types.Array(dtype, n_axes, "C", readonly=True)

    truth, bins = readable(types.uint8, 2), readable(types.uint16, 1)
    counts = types.int32[:, :, :, ::1]
    looked_up = [(readable(one, 2), truth, bins, counts) for one in (types.uint8, types.uint16)]
    floats = (readable(types.uint32, 2), truth, readable(types.uint32, 1), bins, counts)
    return compiled(_count_looked_up, looked_up), compiled(_count_floats, floats)


count_looked_up, count_floats = _compiled()
