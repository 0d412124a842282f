"""Curves of masks: the metric at every threshold, exactly, from one pass over the probabilities.

A metric that is a function of the counts of pixels (`Metric.of_counts`) needs at each threshold
only cumulative sums of histograms. Where its sums of images are counts themselves (global Dice, IoU
of classes), one histogram of all images serves; where a score of each image is averaged (mean
Dice), each image has its own, and its sums are added to those of the images before it, in the order
in which `metrics.value` adds them: the scores are those of `decide` and `metrics.score` to the bit,
in memory of T thresholds, not of N × T.

A threshold compares `p >= t` on float32. So of T thresholds only how many of them a pixel reaches
matters: its bin, from 0 to T. Stored values are looked up: a float16 by its 16 bits, a quantised
uint8 by itself. Pixels that no view covered reach no threshold, and those without truth are left
out. Images are read once, a band of rows at a time and several at once in threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.errors import DataError, UsageError, naming_place, plural
from podium.predictions.decisions.masks import ordered_results
from podium.predictions.store.masks import (
    PROBS_OF_LEVELS,
    UNCOVERED,
    MaskArrays,
    MaskFold,
    OofMasks,
)
from podium.tasks.protocols.find import pixel_kind
from podium.tuning.curves import Curve, plateau_error
from podium.tuning.masks import _kernels
from podium.tuning.masks.counts import PIXELS_AT_ONCE, PixelBudget, known_truth
from podium.workspace.machine import n_cores
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    from podium.competition.truths.masks import Mask
    from podium.predictions.store.masks import MaskProbs
    from podium.tasks.protocols.kind import Kind

__all__ = ["fit_mask_threshold", "mask_threshold_curve", "mask_unit_sums"]


Floats32 = NDArray[np.float32]
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
    """Thresholds, and the tables of how many of them a value reaches.

    Attributes:
        thresholds: `(T,)`, float32, ascending, 0 or more.
    """

    thresholds: Floats32

    @classmethod
    def of(cls, thresholds: Sequence[float] | NDArray[np.floating[Any]]) -> Bins:
        """Return the bins of thresholds in any order.

        Raises:
            UsageError: there is none, there are too many, or one is no finite number from 0 on.
        """
        given = np.unique(np.asarray(thresholds, dtype=np.float32))
        if not 0 < len(given) <= MOST_THRESHOLDS:
            raise UsageError(
                f"there are {plural(len(given), 'threshold')}, not 1 to {MOST_THRESHOLDS:,}"
            )
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
        loops = _kernels.histograms
        flat = np.ascontiguousarray(values).reshape(-1, values.shape[2])
        true = np.ascontiguousarray(truth).reshape(flat.shape)
        if flat.dtype == np.uint8:
            wrong = loops.count_looked_up(flat, true, self._of_levels, counts)
        elif flat.dtype == np.float16:
            wrong = loops.count_looked_up(flat.view(np.uint16), true, self._of_halves, counts)
        else:
            bits = flat.astype(np.float32, copy=False).view(np.uint32)
            wrong = loops.count_floats(bits, true, self._patterns, self._below, counts)
        if wrong:
            raise DataError(f"the truth holds {wrong}, where 0 … 1 are known")

    @cached_property
    def _of_levels(self) -> NDArray[np.uint16]:
        return self._reached(PROBS_OF_LEVELS)

    @cached_property
    def _of_halves(self) -> NDArray[np.uint16]:
        return self._reached(np.arange(2**16, dtype=np.uint16).view(np.float16).astype(np.float32))

    def _reached(self, values: Floats32) -> NDArray[np.uint16]:
        found = np.searchsorted(self.thresholds, values, side="right")
        found[np.isnan(values)] = 0
        return found.astype(np.uint16)

    @cached_property
    def _patterns(self) -> NDArray[np.uint32]:
        """The bits of the thresholds, and a number above the bits of every value."""
        return np.append(self.thresholds.view(np.uint32), np.uint32(2**32 - 1))

    @cached_property
    def _below(self) -> NDArray[np.uint16]:
        """How many thresholds are at most the lowest value of each cell of float32 bits."""
        patterns = self.thresholds.view(np.uint32).astype(np.int64)
        bits = _kernels.histograms.CELL
        cells = -(-patterns >> bits)  # rounded up: in which cell it is the lowest, or below it
        last = _kernels.histograms.ONE >> bits
        return np.bincount(cells[cells <= last], minlength=last + 1).cumsum().astype(np.uint16)


def every_threshold(probs: MaskProbs) -> Floats32:
    """Return all thresholds in [0, 1] at which a decision can change, and one above 1.

    For masks kept as uint8 these are their 255 levels, as float16 its 15,361 values in [0, 1]. Of
    others, such as means of several, it is these values, too: no threshold is more than 2^-11 of
    itself away.
    """
    dtypes = _dtypes(probs)
    parts = [np.nextafter(ONE, np.float32(2))[None]]
    if np.dtype(np.uint8) in dtypes:
        parts.append(PROBS_OF_LEVELS[:UNCOVERED])
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
    """Yield what `take` makes of the histograms of each block of images, in order.

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
        raise UsageError(f"{plural(len(truths), 'mask')} for {plural(len(probs.ids), 'image')}")
    sizes, channels, lanes = probs.sizes, probs.channels, _kernels.histograms.LANES
    cells = lanes * channels * len(bins) * 2
    blocks = list(_blocks(sizes, channels, max(1, BLOCK_CELLS // cells) if by_image else None))
    budget = PixelBudget(PIXELS_AT_ONCE)

    def work(number: int) -> Taken:
        block = blocks[number]
        n_each = len(block) if by_image else 1
        counts = np.zeros((n_each, lanes, channels, len(bins), 2), np.int32)
        for place, i in enumerate(block):
            height, width = sizes[i]
            with budget.of(height * width * channels), naming_place(probs.ids[i]):
                right = _checked(known_truth(truths[i]), (height, width, channels))
                _count_image(probs, i, right, bins, counts[place if by_image else 0])
        return take(counts.sum(axis=1, dtype=np.int64))

    names = [probs.ids[block[0]] for block in blocks]
    waiting = [8 * cells * (len(block) if by_image else 1) // lanes for block in blocks]
    n_workers = min(len(blocks), n_cores() if workers is None else workers)
    with progress.bar("counting pixels at every threshold", len(sizes)) as advance:
        found = ordered_results(names, waiting, work, n_workers)
        for (_, taken), block in zip(found, blocks, strict=True):
            yield taken
            advance(len(block))


def _count_image(
    probs: MaskProbs, i: int, truth: Mask, bins: Bins, counts: NDArray[np.int32]
) -> None:
    height, width = truth.shape[:2]
    step = max(1, BAND_VALUES // (width * probs.channels))
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
    """Return the reader of rows of image `i`, as they are kept where one file keeps them."""
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
    """Yield the numbers of the images of each block, in order."""
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


Counts = NDArray[np.int64]
Floats = NDArray[np.float64]
Thresholds = Sequence[float] | NDArray[np.floating[Any]]

MOST_UNITS_OF = 200  # thresholds for which the sums of every image may be requested
MOST_UNIT_SUMS = 1 << 24  # numbers that they may be together: 128 MB
FEWEST_DRAWN = 32  # thresholds with standard errors, however many images there are
BESIDE = 4  # thresholds on each side of the best one that have them
SLICE_CELLS = 1 << 16  # thresholds × images × classes whose sums are made at a time


@overload
def mask_threshold_curve(
    probs: MaskProbs,
    truths: Sequence[Mask | None],
    metric: str | Metric,
    *,
    kind: str = "binary",
    thresholds: Thresholds | None = None,
    options: Mapping[str, Any] | None = None,
    per_class: Literal[False] = False,
    workers: int | None = None,
    progress: Progress = SILENT,
) -> Curve: ...
@overload
def mask_threshold_curve(
    probs: MaskProbs,
    truths: Sequence[Mask | None],
    metric: str | Metric,
    *,
    kind: str = "binary",
    thresholds: Thresholds | None = None,
    options: Mapping[str, Any] | None = None,
    per_class: Literal[True],
    workers: int | None = None,
    progress: Progress = SILENT,
) -> list[Curve]: ...
def mask_threshold_curve(
    probs: MaskProbs,
    truths: Sequence[Mask | None],
    metric: str | Metric,
    *,
    kind: str = "binary",
    thresholds: Thresholds | None = None,
    options: Mapping[str, Any] | None = None,
    per_class: bool = False,
    workers: int | None = None,
    progress: Progress = SILENT,
) -> Curve | list[Curve]:
    """Return the score of masks `probs >= t` at every threshold t, nan where it is undefined.

    Args:
        probs: probabilities of N images; a pixel that no view covered reaches no threshold.
        truths: `(N,)`, in the frame of `probs`; each is read once, by a thread.
        metric: one of masks that needs decisions.
        kind: binary or multilabel.
        thresholds: numbers from 0 on. None: all that make a difference, which are the distinct
            values of masks kept as float16 or uint8; of others those float16 values between which
            there is a value, see `every_threshold`.
        options: of the metric.
        per_class: give a curve for each class, `(C,)`, as if there were no other; else one for a
            threshold that all classes share.
        workers: threads; None: one a core.
        progress: gets a bar.

    Raises:
        UsageError: the task has no thresholds, the metric needs none, or `thresholds` are wrong.
        DataError: an image has no truth, or one that does not fit; an option is impossible.

    Example:
        >>> from podium.predictions.store.masks import MaskArrays
        >>> probs = MaskArrays(["a"], [np.array([[[0.25], [0.5], [0.75]]], np.float16)])
        >>> truth = np.array([[0, 1, 1]], np.uint8)
        >>> curve = mask_threshold_curve(probs, [truth], "global_dice")
        >>> curve.thresholds.tolist(), curve.scores.round(3).tolist()
        ([0.25, 0.5, 0.75, 0.75048828125], [0.8, 1.0, 0.667, 0.0])
    """
    bound = _BoundMetric.of(metric, kind, options, channels=probs.channels)
    bins = Bins.of(every_threshold(probs) if thresholds is None else thresholds)
    columns = [slice(None)]
    if per_class:
        columns = [slice(c, c + 1) for c in range(probs.channels)]
    totals, seen = _totals(
        bound, probs, truths, bins, columns=columns, workers=workers, progress=progress
    )
    curves = []
    for one, total in zip(columns, totals, strict=True):
        at = slice(None) if thresholds is not None else _relevant_levels(seen[one])
        curves.append(bound.curve(bins.thresholds[at], total[at]))
    return curves if per_class else curves[0]


def fit_mask_threshold(
    probs: MaskProbs,
    truths: Sequence[Mask | None],
    metric: str | Metric,
    *,
    kind: str = "binary",
    options: Mapping[str, Any] | None = None,
    groups: NDArray[Any] | None = None,
    raw: bool = False,
    seed: int = 0,
    workers: int | None = None,
    progress: Progress = SILENT,
) -> float:
    """Return the threshold of pixels that all classes share: a robust one, see `Curve.robust`.

    Standard errors are drawn over images at some of the thresholds, for which the images are read
    once more, and their squares are interpolated between these by the pixels that lie between.

    Args:
        probs, truths, metric, kind, options: as `mask_threshold_curve` has them.
        groups: `(N,)`: images that are drawn together; None: each by itself.
        raw: take the centre of the best scores, which needs no standard errors.
        seed: of the draws.
        workers, progress: as there.

    Returns:
        In [0, 1] or just above; of masks that are not kept as float16 or uint8 one of the
        thresholds of the curve, since between these it has no points.

    Raises:
        UsageError: as `mask_threshold_curve`.
        DataError: as there, or the score is undefined at every threshold.
    """
    bound = _BoundMetric.of(metric, kind, options, channels=probs.channels)
    bins = Bins.of(every_threshold(probs))
    rows: dict[str, Any] = {"workers": workers, "progress": progress}
    (total,), counts = _totals(bound, probs, truths, bins, columns=[slice(None)], **rows)
    at = _relevant_levels(counts)
    curve = bound.curve(bins.thresholds[at], total[at])
    if raw or np.isnan(curve.scores).all():
        chosen = curve.best()
    else:
        reached = counts.sum(axis=(0, 2))[::-1].cumsum()[::-1][1:][at]
        most = MOST_UNIT_SUMS // (len(probs.ids) * total.shape[1])
        points = _points(curve, reached, max(FEWEST_DRAWN, min(most, MOST_UNITS_OF)))
        sums = mask_unit_sums(
            probs, truths, metric, curve.thresholds[points], kind=kind, options=options, **rows
        )
        errors = plateau_error(bound.metric, sums, options=bound.options, groups=groups, seed=seed)
        squares = np.interp(-reached, -reached[points], errors**2)
        chosen = curve.robust(np.sqrt(squares))
    if are_stored(probs):
        return chosen
    place = int(np.searchsorted(curve.thresholds, np.float32(chosen)))
    return float(curve.thresholds[min(place, len(curve.thresholds) - 1)])


def _points(curve: Curve, reached: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Return the numbers of some thresholds, ascending, the best and those beside it among them.

    Half of the others have as many pixels between them, half as many thresholds, which are closer
    the smaller they are.
    """
    n = len(reached)
    if n <= most:
        return np.arange(n)
    best = int(np.nanargmax(curve.scores if curve.greater_is_better else -curve.scores))
    beside = np.arange(max(0, best - BESIDE), min(n, best + BESIDE + 1))
    each = (most - len(beside)) // 2
    by_pixels = np.searchsorted(-reached, np.linspace(-reached[0], -reached[-1], each))
    by_number = np.linspace(0, n - 1, each).round().astype(np.int64)
    return np.unique(np.concatenate([beside, by_pixels, by_number]))


def mask_unit_sums(
    probs: MaskProbs,
    truths: Sequence[Mask | None],
    metric: str | Metric,
    thresholds: Thresholds,
    *,
    kind: str = "binary",
    options: Mapping[str, Any] | None = None,
    workers: int | None = None,
    progress: Progress = SILENT,
) -> Floats:
    """Return the metric's sums of every image at each threshold, `(T, N, S)`, float64.

    They are what a bootstrap over images draws from. Arguments are those of `mask_threshold_curve`.

    Args:
        probs, truths, metric: N images.
        thresholds: `(T,)`, ascending, at most 200, since all are kept.
        kind, options, workers, progress: as there.

    Raises:
        UsageError: there are more thresholds, they do not ascend, or as there.
        DataError: as there.
    """
    bound = _BoundMetric.of(metric, kind, options, channels=probs.channels)
    bins = Bins.of(thresholds)
    given = np.asarray(thresholds, dtype=np.float32)
    if not np.array_equal(given, bins.thresholds) or len(given) > MOST_UNITS_OF:
        raise UsageError(f"give at most {MOST_UNITS_OF} thresholds, ascending")
    each = histograms(
        probs, truths, bins, bound.sums, by_image=True, workers=workers, progress=progress
    )
    return np.concatenate(list(each)).swapaxes(0, 1)


def _totals(
    bound: _BoundMetric,
    probs: MaskProbs,
    truths: Sequence[Mask | None],
    bins: Bins,
    *,
    columns: Sequence[slice],
    workers: int | None,
    progress: Progress,
) -> tuple[list[Floats], Histograms]:
    """Return the sums of all images `(T, S)` for the classes of each of `columns`.

    And the histogram of all images, `(C, T + 1, 2)`.
    """
    totals: list[Floats | None] = [None] * len(columns)
    counts = np.zeros((probs.channels, len(bins), 2), np.int64)

    def take(found: Histograms) -> tuple[Histograms, list[Floats]]:
        whole = found.sum(axis=0)
        return whole, [] if bound.is_pooled else [bound.sums(found[:, one]) for one in columns]

    by_image = not bound.is_pooled
    blocks = histograms(
        probs, truths, bins, take, by_image=by_image, workers=workers, progress=progress
    )
    for whole, sums in blocks:
        counts += whole
        for c, block in enumerate(sums):
            totals[c] = _added(totals[c], block)
    if bound.is_pooled:
        return [bound.sums(counts[None, one])[0] for one in columns], counts
    return [one for one in totals if one is not None], counts


def _added(total: Floats | None, block: Floats) -> Floats:
    """Return the sums of images `(T, S)` with those of a block `(b, T, S)`, one after the other."""
    for one in block:
        total = one.copy() if total is None else np.add(total, one, out=total)
    assert total is not None
    return total


def _relevant_levels(counts: Histograms) -> NDArray[np.int64]:
    """Return the places of thresholds that some pixel reaches and the next not, and the next one.

    Args:
        counts: `(C, T + 1, 2)`.
    """
    there = np.flatnonzero(counts[:, 1:].any(axis=(0, 2)))
    last = counts.shape[1] - 2
    return np.append(there, min(there[-1] + 1, last) if len(there) else 0)


@dataclass(frozen=True)
class _BoundMetric:
    """A metric of masks, bound to a kind of task.

    Attributes:
        is_pooled: whether the sums of images are counts that add up before the metric is computed.
    """

    metric: Metric
    kind: Kind
    options: Mapping[str, Any]
    is_pooled: bool

    @classmethod
    def of(
        cls,
        metric: str | Metric,
        kind: str,
        options: Mapping[str, Any] | None,
        *,
        channels: int,
    ) -> _BoundMetric:
        task = pixel_kind(kind)
        if not task.is_thresholded:
            raise UsageError(
                f"masks of {task.named} task are not made by a threshold of each class"
            )
        if task.is_single and channels != 1:
            raise UsageError(f"binary masks have 1 channel, these have {channels} channels")
        given = {name: one for name, one in (options or {}).items() if name != "kind"}
        found = metrics.fitting(metric, task, given, task="segment")
        if not found.scores_decisions or found.of_counts is None:
            raise UsageError(f"{found.name} is no function of the pixels of decided masks")
        # A mask that is right in its one pixel: whatever the options, its sums are defined.
        sums = metrics.of_counts(found, np.ones((1, 2, 4), np.int64), kind=task, **given)
        is_known = ":" not in found.name and found is metrics.get(found.name)
        return cls(found, task, given, is_known and sums.dtype.kind == "i")

    def sums(self, found: Histograms) -> Floats:
        """Return the metric's sums of each image at each threshold, `(n, T, S)`."""
        counts = _counts(found, self.kind)
        rows = counts.reshape(-1, *counts.shape[2:])  # (n · T, K, 4)
        step = max(1, SLICE_CELLS // rows.shape[1])
        sums = [self._sums_of(rows[at : at + step]) for at in range(0, len(rows), step)]
        return np.concatenate(sums).reshape(*counts.shape[:2], -1)

    def _sums_of(self, counts: Counts) -> Floats:
        """Return the sums of counts `(n, K, 4)`, nan where a pair is undefined."""
        try:
            found = metrics.of_counts(self.metric, counts, kind=self.kind, **self.options)
            return np.asarray(found, dtype=np.float64)
        except DataError:
            if len(counts) == 1:
                one = np.ones_like(counts)
                return np.full_like(self._sums_of(one), np.nan)
        half = len(counts) // 2
        return np.concatenate([self._sums_of(part) for part in (counts[:half], counts[half:])])

    def curve(self, thresholds: NDArray[np.float32], totals: Floats) -> Curve:
        scores = metrics.values(self.metric, totals, **self.options)
        return Curve(thresholds, scores, self.metric.greater_is_better)


def _counts(found: Histograms, kind: Kind) -> Counts:
    """Return the counts `(n, T, K, 4)` of masks at each threshold, as `metrics.mask_counts`."""
    above = found[:, :, ::-1].cumsum(axis=2)[:, :, ::-1]  # (n, C, T + 1, 2): in a bin from here on
    above = above.swapaxes(1, 2)  # (n, T + 1, C, 2)
    both, predicted = above[:, 1:, :, 1], above[:, 1:].sum(axis=3)
    true, valid = above[:, :1, :, 1], above[:, :1].sum(axis=3)
    counts = np.empty((*both.shape, 4), np.int64)
    for place, one in enumerate((both, predicted, true, valid)):
        counts[..., place] = one
    if kind.is_by_class:
        return counts
    background = counts.copy()
    background[..., :3] = valid[..., None] - counts[..., [1, 1, 2]]
    background[..., 0] += both - true
    return np.concatenate([background, counts], axis=2)
