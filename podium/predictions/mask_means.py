"""Means of masks in bounded memory: what is held does not grow with a band, nor with the members.

A band is made a block of rows at a time, and for a mean one member's block is read after the other.
Sums are of float64, rounded once to float32.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from podium.predictions.mask_reading import LEVELS, PROBS, UNCOVERED, as_floats

__all__ = [
    "COMBINED_VALUES",
    "Combine",
    "Part",
    "Read",
    "band_of",
    "combined",
    "levels_mean",
    "mean_of_covered",
    "weighted_mean",
]

Floats = NDArray[np.float32]


class Read(Protocol):
    """Reads a mask."""

    def __call__(
        self, top: int, bottom: int, room: NDArray[np.uint8] | None = None, /
    ) -> NDArray[Any]:
        """Return rows `top` to `bottom`, `(h, W, C)`, as floats or as they are kept.

        They may be read into `room`.
        """


Part = tuple[Read, float]
"""How a member's mask is read, and its weight."""

Combine = Callable[[list[Floats]], Floats]
"""From M arrays of pixels `(P, C)` to one, float32."""

BLOCK_VALUES = 2**16  # of a member, summed at a time: the sums, 512 KB, stay in a core's cache
COMBINED_VALUES = 2**20  # of all members together, combined at a time: 4 MB


class _Desk(threading.local):
    """What a thread sums on; asking for new memory for each block costs more than the sums."""

    def __init__(self) -> None:
        self.room = np.empty(2 * BLOCK_VALUES, np.uint8)
        self._free: list[NDArray[np.float64]] = []

    @contextmanager
    def sums(self, n: int) -> Iterator[NDArray[np.float64]]:
        """Give `n` zeros; a mean of means asks twice at once."""
        if n > BLOCK_VALUES:
            yield np.zeros(n)
            return
        sums = self._free.pop() if self._free else np.empty(BLOCK_VALUES, np.float64)
        sums[:n] = 0
        yield sums[:n]
        self._free.append(sums)


_desk = _Desk()


def band_of(
    make: Callable[[int, int], Floats],
    top: int,
    bottom: int,
    *,
    row_values: int,
    most: int | None = None,
) -> Floats:
    """Return the rows that `make` gives from one row to another, made a few at a time.

    Args:
        make: from two numbers of rows to what stands between them, `(h, W, C)`.
        top, bottom: the rows.
        row_values: values of a row.
        most: values that are made at a time; a row is not cut. None: what a core's cache holds.
    """
    step = max(1, (BLOCK_VALUES if most is None else most) // row_values)
    if bottom - top <= step:
        return make(top, bottom)
    first = make(top, top + step)
    found = np.empty((bottom - top, *first.shape[1:]), np.float32)
    found[:step] = first
    for start in range(top + step, bottom, step):
        stop = min(bottom, start + step)
        found[start - top : stop - top] = make(start, stop)
    return found


def weighted_mean(parts: Sequence[Part], top: int, bottom: int) -> Floats:
    """Return the mean of rows `top` to `bottom`, of the members that cover a pixel.

    Args:
        parts: the members, added in this order.
        top, bottom: the rows.
    """
    from podium.predictions._weighted_sums import add_weighted, divide

    first = parts[0][0](top, bottom, _desk.room)
    weight_sum = 0.0
    with _desk.sums(first.size) as total:
        for m, (read, weight) in enumerate(parts):
            kept = read(top, bottom, _desk.room) if m else first
            if kept.dtype.itemsize > 2:
                total += np.multiply(kept, weight, dtype=np.float64).reshape(-1)
            else:
                add_weighted(total, kept, weight, PROBS)
            weight_sum += weight
        found = np.empty(first.shape, np.float32)
        is_covered = divide(total, weight_sum, found.reshape(-1))
    if is_covered:
        return found
    return mean_of_covered((as_floats(read(top, bottom)), weight) for read, weight in parts)


def mean_of_covered(bands: Iterable[tuple[Floats, float]]) -> Floats:
    """Return the weighted mean of bands where they are not nan; nan where all are."""
    total: NDArray[np.float64] | None = None
    weight_sum: NDArray[np.float64] | float = 0.0
    for band, weight in bands:
        bare = np.isnan(band)
        if bare.any():
            band = np.where(bare, np.float32(0), band)
            weight_sum = weight_sum + weight * ~bare
        else:
            weight_sum = weight_sum + weight
        part = np.multiply(band, weight, dtype=np.float64)
        total = part if total is None else np.add(total, part, out=total)
    assert total is not None
    with np.errstate(invalid="ignore"):
        return np.asarray(total / weight_sum, dtype=np.float32)


def levels_mean(reads: Sequence[Read], top: int, bottom: int) -> Floats:
    """Return the mean of rows that are kept as uint8: sums of whole numbers, divided once."""
    total: NDArray[np.uint16] | None = None
    for read in reads:
        band = read(top, bottom, _desk.room)
        if band.max(initial=0) == UNCOVERED:
            return _levels_mean_of_covered([one(top, bottom) for one in reads])
        total = np.zeros(band.shape, np.uint16) if total is None else total
        total += band
    assert total is not None
    return total.astype(np.float32) / np.float32(LEVELS * len(reads))


def _levels_mean_of_covered(bands: Sequence[NDArray[np.uint8]]) -> Floats:
    total, count = (np.zeros(bands[0].shape, np.uint16) for _ in range(2))
    for band in bands:
        covered = band != UNCOVERED
        total += band * covered
        count += covered
    with np.errstate(invalid="ignore"):  # 0 / 0 is the nan of a pixel that nobody covered
        return total.astype(np.float32) / (count.astype(np.float32) * np.float32(LEVELS))


def combined(parts: Sequence[Part], combine: Combine, top: int, bottom: int) -> Floats:
    """Return what `combine` makes of the pixels of rows `top` to `bottom`.

    A member that does not cover a pixel says there what the weighted mean of the others says. A
    pixel that nobody covers stays nan, as does one that only members of weight 0 cover.
    """
    bands = [as_floats(read(top, bottom)) for read, _ in parts]
    shape = bands[0].shape
    pixels = [band.reshape(-1, shape[-1]) for band in bands]
    bare = [np.isnan(one) for one in pixels]
    if not any(one.any() for one in bare):
        return combine(pixels).reshape(shape)
    mean = mean_of_covered(zip(pixels, (weight for _, weight in parts), strict=True))
    nobody: NDArray[np.bool_] = np.asarray(np.isnan(mean).any(axis=1))
    mean[nobody] = 0
    filled = [np.where(gap, mean, one) for one, gap in zip(pixels, bare, strict=True)]
    found = combine(filled)
    found[nobody] = np.nan
    return found.reshape(shape)
