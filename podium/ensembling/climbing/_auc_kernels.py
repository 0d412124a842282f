"""Pairs of rows in the right order, counted and compiled: numba is loaded when somebody climbs.

The bin of a value comes from the upper half of its bits as a float64: an octave has 256 cells of
like width, and a cell as many bins as it has rows of the mean of the picks, in proportion. A larger
value has the same bin or a higher one, whatever rounding does, and equal values have the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from podium.codecs._kernels import compiled

__all__ = ["CELLS", "count_pairs", "divide_cells", "half_pairs"]

OCTAVES = 16  # below the largest value; whatever is smaller has one bin
CELLS = OCTAVES * 256
FEWEST, MOST = 1 << 15, 1 << 16  # bins, beside the one that each cell has
_LEVELS = 1 << 12  # in a cell


def _divide_cells(mean: Any, least: float, top: float, bins: Any) -> None:
    """Write the first bin of each cell, and how many it has, to `bins` `(2, CELLS)`.

    Args:
        mean: `(N,)`.
        least: the lowest value there can be; the difference from it is what is binned.
        top: more than the largest difference.
        bins: written.
    """
    words = np.empty(1)
    words[0] = top
    base = (words.view(np.int64)[0] >> 44) - CELLS + 1
    first, width = bins[0], bins[1]
    width[:] = 0
    bits = words.view(np.int64)
    for i in range(len(mean)):
        words[0] = max(mean[i] - least, 0.0)
        cell = (bits[0] >> 44) - base
        width[min(max(cell, 0), CELLS - 1)] += 1
    start, n_bins = 0, min(max(len(mean), FEWEST), MOST)
    for cell in range(CELLS):
        width[cell] = min(1 + width[cell] * n_bins // len(mean), _LEVELS)
        if cell == 0 or cell == CELLS - 1:
            width[cell] = 1  # other cells are as wide as they look
        first[cell] = start
        start += width[cell]


def _count_pairs(
    values: Any,
    total: Any,
    n: float,
    n_positive: int,
    least: float,
    top: float,
    bins: Any,
    allowed: Any,
    found: Any,
) -> None:
    """Write how many pairs surely are in the right order, and how many may be: `(K, 2)`."""
    words = np.empty(1)
    words[0] = top
    base = (words.view(np.int64)[0] >> 44) - CELLS + 1
    first, width = bins[0], bins[1]
    n_bins = first[CELLS - 1] + 1
    # How many positive rows have this bin or a higher one.
    reaching = np.empty(n_bins + 1, np.int32)
    block = 1024
    means = np.empty(block)
    bits = means.view(np.int64)
    at = np.empty(block, np.int32)
    for k in range(len(allowed)):
        member = values[allowed[k]]
        reaching[:] = 0
        sure, possible = 0, 0
        start = 0
        is_positive = True
        while start < len(total):
            end = n_positive if is_positive else len(total)
            size = min(block, end - start)
            ours, theirs = total[start : start + size], member[start : start + size]
            for j in range(size):
                x = (ours[j] + theirs[j]) / n - least
                means[j] = x if x > 0.0 else 0.0
            for j in range(size):
                word = np.int32(bits[j] >> 32)
                cell = (word >> 12) - np.int32(base)
                cell = max(np.int32(0), min(cell, np.int32(CELLS - 1)))
                at[j] = first[cell] + (((word & np.int32(_LEVELS - 1)) * width[cell]) >> 12)
            if is_positive:
                for j in range(size):
                    reaching[at[j]] += 1
            else:
                for j in range(size):
                    sure += reaching[at[j] + 1]
                    possible += reaching[at[j]]
            start += size
            if is_positive and start == n_positive:
                is_positive = False
                for b in range(n_bins - 1, -1, -1):
                    reaching[b] += reaching[b + 1]
        found[k, 0], found[k, 1] = sure, possible


def _half_pairs(positive: Any, negative: Any) -> int:
    """Return twice the pairs in the right order and once those that tie; both are sorted."""
    found, below, upto = 0, 0, 0
    for i in range(len(positive)):
        x = positive[i]
        while below < len(negative) and negative[below] < x:
            below += 1
        upto = max(upto, below)
        while upto < len(negative) and negative[upto] == x:
            upto += 1
        found += below + upto
    return found


divide_cells = compiled(_divide_cells)
count_pairs = compiled(_count_pairs)
half_pairs = compiled(_half_pairs)
