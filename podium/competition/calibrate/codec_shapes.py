"""What runs look like under a codec: how many pieces an object falls into, and where lines end.

Nothing is painted: a mask of any size costs as much as it has runs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["READINGS", "Reading", "Runs", "fault_of", "n_pieces", "n_stubs", "painted", "runs_of"]

_TEXT = re.compile(r"[0-9]{1,10}(?:[ \t\r\n]+[0-9]{1,10})*")  # sums of these are exact
Fault = Literal["", "starts below", "ends beyond", "descends"]


@dataclass(frozen=True)
class Runs:
    """The pairs of a text as they are written.

    Attributes:
        starts, lengths: `(R,)` int64, R at least 1; lengths are at least 1.
    """

    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]


class Reading(NamedTuple):
    """What says which pixels runs are of, order aside."""

    base: int
    relative: bool

    def first_pixels(self, runs: Runs) -> NDArray[np.int64]:
        """Return the place of each run's first pixel, `(R,)`, from 0."""
        if not self.relative:
            return runs.starts - self.base
        steps = runs.starts.copy()
        steps[1:] += runs.lengths[:-1]
        steps[0] -= self.base
        return np.cumsum(steps)


READINGS = tuple(Reading(base, relative) for relative in (False, True) for base in (1, 0))


def runs_of(text: str) -> Runs | None:
    """Return the runs that a text is of under any codec, or None where it is none of pairs."""
    if not _TEXT.fullmatch(text.strip()):
        return None
    numbers = np.array(text.split(), dtype=np.int64)
    if numbers.size % 2 or not (numbers[1::2] > 0).all():
        return None
    return Runs(numbers[::2], numbers[1::2])


def fault_of(runs: Runs, reading: Reading, n_pixels: int) -> Fault:
    """Return why the runs cannot be meant so in a mask of `n_pixels`; "" where they can be."""
    first = reading.first_pixels(runs)
    ends = first + runs.lengths
    if int(first[0]) < 0:
        return "starts below"
    if (first[1:] < ends[:-1]).any():
        return "descends"
    return "ends beyond" if int(ends[-1]) > n_pixels else ""


def n_pieces(runs: Runs, reading: Reading, line: int) -> int:
    """Return how many pieces, whose pixels touch at a side, the mask falls into.

    Args:
        runs: that ascend under `reading`.
        reading: base and relative.
        line: pixels of a line: the height where runs go down the columns, the width along the rows.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    first, last = _segments(runs, reading, line)
    n = len(first)
    # Segments stand apart and in order, so those that touch one from the next line are neighbours.
    low = np.searchsorted(last, first + line, side="right")
    high = np.searchsorted(first, last + line, side="left")
    counts = np.maximum(high - low, 0)
    above = np.repeat(np.arange(n), counts)
    below = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + low[above]
    beside = np.flatnonzero((last[:-1] == first[1:]) & (first[:-1] // line == first[1:] // line))
    rows, columns = np.concatenate([above, beside]), np.concatenate([below, beside + 1])
    graph = coo_matrix((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(n, n))
    return int(connected_components(graph, directed=False, return_labels=False))


def n_stubs(runs: Runs, reading: Reading, line: int) -> int:
    """Return how many runs leave a line by a single pixel, at its end or at its beginning.

    An object that is cut off by the border ends with the line. Counted from the wrong first pixel,
    it reaches over by one.
    """
    first = reading.first_pixels(runs)
    last = first + runs.lengths - 1
    crosses = (first // line != last // line) & (runs.lengths > 2)
    return int((crosses & ((first % line == line - 1) | (last % line == 0))).sum())


def painted(
    texts: list[Runs], reading: Reading, size: tuple[int, int], order: str
) -> NDArray[np.bool_] | None:
    """Return the pixels `(H, W)` that any of the texts sets, or None where one does not fit."""
    height, width = size
    flips = np.zeros(height * width + 1, dtype=np.int32)
    for runs in texts:
        if fault_of(runs, reading, height * width):
            return None
        first = reading.first_pixels(runs)
        np.add.at(flips, first, 1)
        np.add.at(flips, first + runs.lengths, -1)
    flat = np.cumsum(flips[:-1]) > 0
    return flat.reshape(width, height).T if order == "F" else flat.reshape(height, width)


def _segments(
    runs: Runs, reading: Reading, line: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the runs cut at the ends of lines: first pixels and ends."""
    first = reading.first_pixels(runs)
    ends = first + runs.lengths
    lines = first // line
    counts = (ends - 1) // line - lines + 1
    which = np.repeat(np.arange(len(first)), counts)
    nth = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    start = (lines[which] + nth) * line
    return np.maximum(first[which], start), np.minimum(ends[which], start + line)
