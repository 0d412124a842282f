"""Histograms of pixels' probabilities: they hold the counts of a mask at every threshold.

A threshold compares `p >= t` on float32. So of T thresholds only how many of them a pixel reaches
matters: its bin, from 0 to T. Stored values are looked up: a float16 by its 16 bits, a quantised
uint8 by itself. Pixels that no view covered reach no threshold, and those that nobody knows are
left out. Images are read once, a band of rows at a time and several at once in threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from podium.errors import DataError, UsageError
from podium.predictions.decide_masks import in_order
from podium.predictions.mask_probs import MaskArrays, OofMasks
from podium.predictions.mask_reading import PROBS, UNCOVERED, MaskFold
from podium.tuning.masks.table import PIXELS_AT_ONCE, Budget, known, naming_image
from podium.workspace.cores import n_cores
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    from podium.competition.masks import Mask
    from podium.predictions.mask_probs import MaskProbs

__all__ = ["Bins", "Histograms", "are_stored", "every_threshold", "histograms"]

Floats = NDArray[np.float32]
Histograms = NDArray[np.int64]
"""`(n, C, T + 1, 2)`: pixels of a class by bin, false ones and true ones; of n images, or of all
images of a block together, n = 1."""
Taken = TypeVar("Taken")

MOST_THRESHOLDS = 2**16 - 1
BAND_VALUES = 1 << 21  # read at a time by a thread
BLOCK_PIXELS = 1 << 20  # of the images that a thread counts in turn: a task costs more than a small
BLOCK_CELLS = 1 << 18  # of their histograms, where each image has its own: 1 MB
ONE = np.float32(1)


@dataclass(frozen=True)
class Bins:
    """Thresholds, and what says how many of them a value reaches.

    Attributes:
        thresholds: `(T,)`, float32, ascending, 0 or more.
    """

    thresholds: Floats

    @classmethod
    def of(cls, thresholds: Sequence[float] | NDArray[np.floating[Any]]) -> Bins:
        """Return the bins of thresholds in any order.

        Raises:
            UsageError: there is none, there are too many, or one is no finite number from 0 on.
        """
        given = np.unique(np.asarray(thresholds, dtype=np.float32))
        if not 0 < len(given) <= MOST_THRESHOLDS:
            raise UsageError(f"there are {len(given):,} thresholds, not 1 to {MOST_THRESHOLDS:,}")
        if not np.isfinite(given).all() or given[0] < 0:
            raise UsageError("a threshold is no finite number from 0 on", fix="give probabilities")
        return cls(np.abs(given))  # of the zeros the one without a sign

    def __len__(self) -> int:
        return len(self.thresholds) + 1

    def count(self, values: NDArray[Any], truth: Mask, counts: NDArray[np.int32]) -> None:
        """Add to `counts` `(LANES, C, T + 1, 2)` the pixels of a band.

        Args:
            values: `(h, W, C)`: float16, uint8 as it is stored, else as float32.
            truth: of as many pixels.

        Raises:
            DataError: the truth holds what is neither 0, 1 nor IGNORE.
        """
        from podium.tuning.masks._curve_kernels import count_floats, count_looked_up

        flat = np.ascontiguousarray(values).reshape(-1, values.shape[2])
        true = np.ascontiguousarray(truth).reshape(flat.shape)
        if flat.dtype == np.uint8:
            wrong = count_looked_up(flat, true, self._of_levels, counts)
        elif flat.dtype == np.float16:
            wrong = count_looked_up(flat.view(np.uint16), true, self._of_halves, counts)
        else:
            bits = flat.astype(np.float32, copy=False).view(np.uint32)
            wrong = count_floats(bits, true, self._patterns, self._below, counts)
        if wrong:
            raise DataError(f"the truth holds {wrong}, where 0 … 1 are known")

    @cached_property
    def _of_levels(self) -> NDArray[np.uint16]:
        return self._reached(PROBS)

    @cached_property
    def _of_halves(self) -> NDArray[np.uint16]:
        return self._reached(np.arange(2**16, dtype=np.uint16).view(np.float16).astype(np.float32))

    def _reached(self, values: Floats) -> NDArray[np.uint16]:
        found = np.searchsorted(self.thresholds, values, side="right")
        found[np.isnan(values)] = 0
        return found.astype(np.uint16)

    @cached_property
    def _patterns(self) -> NDArray[np.uint32]:
        """The bits of the thresholds, and a number above the bits of every value."""
        return np.append(self.thresholds.view(np.uint32), np.uint32(2**32 - 1))

    @cached_property
    def _below(self) -> NDArray[np.uint16]:
        """How many thresholds are at most the lowest value of each cell of a float32's bits."""
        from podium.tuning.masks._curve_kernels import CELL, ONE

        patterns = self.thresholds.view(np.uint32).astype(np.int64)
        cells = -(-patterns >> CELL)  # rounded up: in which cell it is the lowest, or below it
        last = ONE >> CELL
        return np.bincount(cells[cells <= last], minlength=last + 1).cumsum().astype(np.uint16)


def every_threshold(probs: MaskProbs) -> Floats:
    """Return all thresholds in [0, 1] at which a decision can change, and one above 1.

    For masks kept as uint8 these are their 255 levels, as float16 its 15,361 values in [0, 1]. Of
    others, the means of several, say, it is these values, too: no threshold is more than 2^-11 of
    itself away.
    """
    dtypes = _dtypes(probs)
    parts = [np.nextafter(ONE, np.float32(2))[None]]
    if np.dtype(np.uint8) in dtypes:
        parts.append(PROBS[:UNCOVERED])
    if dtypes != {np.dtype(np.uint8)}:
        halves = np.arange(np.float16(1).view(np.uint16) + 1, dtype=np.uint16).view(np.float16)
        parts.append(halves.astype(np.float32))
    return np.unique(np.concatenate(parts))


def are_stored(probs: MaskProbs) -> bool:
    """Return whether every value is one of `every_threshold`."""
    return np.dtype(np.float32) not in _dtypes(probs)


def histograms(
    probs: MaskProbs,
    truths: Sequence[Mask | None],
    bins: Bins,
    take: Callable[[Histograms], Taken],
    *,
    by_image: bool,
    workers: int | None = None,
    progress: Progress = SILENT,
) -> Iterator[Taken]:
    """Give what `take` makes of the histograms of each block of images, in order.

    Args:
        probs: probabilities of N images.
        truths: `(N,)`, in the frame of `probs`; each is read once, by a thread.
        bins: of the thresholds.
        take: is called in the threads.
        by_image: whether each image of a block has a histogram of its own.
        workers: threads; None: one a core.
        progress: gets a bar.

    Raises:
        UsageError: there are more truths than images, or fewer.
        DataError: an image has no truth, or one of another size.
    """
    if len(truths) != len(probs.ids):
        raise UsageError(f"{len(truths)} masks for {len(probs.ids)} images")
    from podium.tuning.masks._curve_kernels import LANES

    sizes, channels = probs.sizes, probs.channels
    cells = LANES * channels * len(bins) * 2
    blocks = list(_blocks(sizes, channels, max(1, BLOCK_CELLS // cells) if by_image else None))
    budget = Budget(PIXELS_AT_ONCE)

    def work(number: int) -> Taken:
        block = blocks[number]
        n_each = len(block) if by_image else 1
        counts = np.zeros((n_each, LANES, channels, len(bins), 2), np.int32)
        for place, i in enumerate(block):
            height, width = sizes[i]
            with budget.of(height * width * channels), naming_image(probs.ids[i]):
                right = _checked(known(truths[i]), (height, width, channels))
                _count_image(probs, i, right, bins, counts[place if by_image else 0])
        return take(counts.sum(axis=1, dtype=np.int64))

    names = [probs.ids[block[0]] for block in blocks]
    waiting = [8 * cells * (len(block) if by_image else 1) // LANES for block in blocks]
    n_workers = min(len(blocks), n_cores() if workers is None else workers)
    with progress.bar("counting pixels at every threshold", len(sizes)) as advance:
        found = in_order(names, waiting, work, n_workers)
        for (_, taken), block in zip(found, blocks, strict=True):
            yield taken
            advance(len(block))


def _count_image(
    probs: MaskProbs, i: int, truth: Mask, bins: Bins, counts: NDArray[np.int32]
) -> None:
    height, width = truth.shape[:2]
    step = max(1, BAND_VALUES // max(1, width * probs.channels))
    read = _reader(probs, i)
    for top in range(0, height, step):
        bottom = min(height, top + step)
        bins.count(read(top, bottom), truth[top:bottom], counts)


def _checked(truth: Mask, shape: tuple[int, int, int]) -> Mask:
    """Return a truth as uint8 that fits probabilities of this shape."""
    right = np.asarray(truth)
    if right.shape != shape and not (right.shape == shape[:2] and shape[2] == 1):
        raise DataError(
            f"shapes do not match: truth {right.shape}, probabilities {shape}",
            fix="bring both to the competition's frame",
        )
    if right.dtype == np.bool_:
        return right.view(np.uint8)
    if right.dtype != np.uint8:
        raise DataError(f"the truth must be a uint8 mask, got dtype {right.dtype}")
    return right


def _reader(probs: MaskProbs, i: int) -> Callable[[int, int], NDArray[Any]]:
    """Return what reads rows of image `i`, as they are kept where one file keeps them."""
    if isinstance(probs, OofMasks):
        fold, row = probs.stored_at(i)
        return lambda top, bottom: fold.stored(row, top, bottom)
    if isinstance(probs, MaskFold):
        return lambda top, bottom: probs.stored(i, top, bottom)
    if isinstance(probs, MaskArrays) and probs.arrays[i].dtype == np.float16:
        return lambda top, bottom: probs.arrays[i][top:bottom]
    return lambda top, bottom: probs.band(i, top, bottom)


def _dtypes(probs: MaskProbs) -> set[np.dtype[Any]]:
    """Return the types in which the values that `_reader` gives may be."""
    if isinstance(probs, OofMasks):
        return {np.dtype(probs.stored_at(i)[0].dtype) for i in range(len(probs.ids))}
    if isinstance(probs, MaskFold):
        return {np.dtype(probs.dtype)}
    if isinstance(probs, MaskArrays):
        halves = {one.dtype == np.float16 for one in probs.arrays}
        return {np.dtype(np.float16 if halves == {True} else np.float32)}
    return {np.dtype(np.float32)}


def _blocks(
    sizes: Sequence[tuple[int, int]], channels: int, most: int | None
) -> Iterator[list[int]]:
    """Give the numbers of the images of each block, in order."""
    block: list[int] = []
    pixels = 0
    for i, (height, width) in enumerate(sizes):
        one = height * width * channels
        if block and (pixels + one > BLOCK_PIXELS or len(block) == most):
            yield block
            block, pixels = [], 0
        block.append(i)
        pixels += one
    if block:
        yield block
