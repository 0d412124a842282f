"""Counts of every candidate decision on every image: later, deciding and scoring is looking up.

The images are read once, a band of rows at a time and several at once in threads. What is kept of
an image while its candidates are decided is 8 bits a pixel and channel: how many of the candidates'
thresholds its probability reaches (multiclass: which class wins, and against how many weights of
the background). That decides every candidate exactly, and an image of 12,000 × 12,000 pixels takes
144 MB instead of the 576 MB of its probabilities. All thresholds and least areas are then counted
in one pass over it, see `masks/level_images.py`; of a user's steps, too, but for those where a mask
at one threshold does not determine that at another.

The table of counts has the shape (A, N, K, 4): candidate, image, class, and the four counts of
`metrics.mask_counts`, in 4 bytes each. What of a user's grid is decided step by step reads large
images again for each decision on single pixels.

Of a multiclass mask a component that is dropped takes its pixels from its class and gives them to
the background. So the components of a class are found once, the true values under each are counted,
and the counts for any least area are those of the whole mask, changed by the components below it.
Components are those of `mask_regions.min_area`: pixels that touch by a side or a corner.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics import mask_counts
from podium.competition.truths.masks import IGNORE, Mask
from podium.errors import DataError, UsageError, naming_place, plural
from podium.predictions.decisions.candidates import decide_candidates
from podium.predictions.decisions.regions import median
from podium.predictions.store.masks import row_bands
from podium.tuning.masks.level_images import (
    LevelDecision,
    LevelImage,
    counts_of_decisions,
    level_decisions,
    levels_of,
)
from podium.tuning.masks.space import MaskCandidate, MaskSpace, StepSpace
from podium.tuning.step_grid import StepCandidate
from podium.workspace.machine import n_cores
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    from podium.predictions.store.masks import MaskProbs
    from podium.tasks.protocols.kind import Kind

__all__ = [
    "CountTable",
    "PixelBudget",
    "count_candidates",
    "known_truth",
    "of_each",
]


BAND_PIXELS = 1 << 16  # whose true values are counted at a time

OTHER, BACKGROUND, HIT, UNKNOWN = range(4)  # what is true of a pixel


def counts_by_area(
    decision: Mask, truth: Mask, areas: Sequence[int], *, kind: Kind, n_outputs: int
) -> NDArray[np.int64]:
    """Return the counts `(len(areas), K, 4)` of `decision` with no component below each of `areas`.

    Args:
        decision: a decision `(H, W)`.
        truth: of the same form.
        areas: in pixels; 0 and 1 drop nothing.
        kind, n_outputs: as `metrics.mask_counts` has them; of a decision by classes.

    Raises:
        DataError: as `metrics.mask_counts`.
    """
    whole = mask_counts(truth, decision, kind=kind, n_outputs=n_outputs)
    counts = np.repeat(whole[None], len(areas), axis=0)
    if max(areas) <= 1:
        return counts
    for label in np.unique(decision).tolist():
        if not label:
            continue
        sizes, under = _components((decision == label).view(np.uint8), truth, label)
        for a, least in enumerate(areas):
            background, hit = under[sizes < least, BACKGROUND:].sum(axis=0)
            known = under[sizes < least].sum()
            counts[a, label, :2] -= hit, known
            counts[a, 0, :2] += background, known
    return counts


def _components(
    is_class: NDArray[np.uint8], truth: Mask, label: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return pixels of each component `(n,)`, and `(n, 3)` how many are OTHER, BACKGROUND, HIT."""
    n, labels, stats, _ = cv2.connectedComponentsWithStats(
        np.ascontiguousarray(is_class), connectivity=8, ltype=cv2.CV_32S
    )
    meaning = np.full(256, OTHER, np.int32)
    meaning[[0, label, IGNORE]] = BACKGROUND, HIT, UNKNOWN
    under = np.zeros(4 * n, np.int64)
    rows = max(1, BAND_PIXELS // max(1, labels.shape[1]))
    for top in range(0, len(labels), rows):
        inside = is_class[top : top + rows].view(np.bool_)
        codes = labels[top : top + rows][inside] * 4 + meaning[truth[top : top + rows][inside]]
        under += np.bincount(codes, minlength=4 * n)
    return stats[1:, cv2.CC_STAT_AREA].astype(np.int64), under.reshape(n, 4)[1:, :UNKNOWN]


BAND_VALUES = 1 << 21  # probabilities read at a time by a thread: 8 MB
PIXELS_AT_ONCE = 1 << 24  # pixels × channels that all threads hold; a larger image is held alone
EMPTY = -1  # in `CountTable.where`

Counts = NDArray[np.int64]
Keep = NDArray[np.bool_]
Truth = TypeVar("Truth")
Found = TypeVar("Found")


@dataclass(frozen=True)
class CountTable:
    """The counts of A candidates on N images.

    Attributes:
        kind: of the task.
        candidates: `(A,)`, the plain decision first.
        counts: `(A, V, K, 4)`, int32 or int64: the first N of the V are the images as they are; a
            multiclass task has more for images of which a gate takes some of the classes.
        empty: `(N, K, 4)`, of empty masks.
        variants: (image, which classes are left as bytes) → place among the V.
    """

    kind: Kind
    candidates: tuple[MaskCandidate | StepCandidate, ...]
    counts: NDArray[np.signedinteger[Any]]
    empty: Counts
    variants: Mapping[tuple[int, bytes], int] = field(default_factory=dict)

    @property
    def n_images(self) -> int:
        return len(self.empty)

    def where(self, keep: Keep | None = None) -> NDArray[np.int64]:
        """Return where the counts of each image stand when a gate leaves the classes `keep`.

        Args:
            keep: `(N, C)`, bool, for the C mask classes; None leaves all.

        Returns:
            `(N,)`; multilabel `(N, C)`, since there each class is gated by itself. -1: empty.
        """
        images = np.arange(self.n_images, dtype=np.int64)
        if keep is None:
            n_classes = self.empty.shape[1]
            return np.repeat(images[:, None], n_classes, 1) if self._is_by_class else images
        if self._is_by_class:
            return np.where(keep, images[:, None], EMPTY)
        some, every = keep.any(axis=1), keep.all(axis=1)
        found = np.where(some, images, EMPTY)
        for i in np.flatnonzero(some & ~every).tolist():
            found[i] = self.variants[i, keep[i].tobytes()]
        return found

    def look_up(self, candidate: int, where: NDArray[np.int64], rows: NDArray[np.int64]) -> Counts:
        """Return the counts `(n, K, 4)` of a candidate on the images `rows`.

        Args:
            candidate: its number.
            where: what `where` returned, of all images.
            rows: `(n,)`.
        """
        at = where[rows]
        table = self.counts[candidate]
        if at.ndim == 1:
            return np.where((at == EMPTY)[:, None, None], self.empty[rows], table[at])
        found = table[at, np.arange(at.shape[1])]
        return np.where((at == EMPTY)[..., None], self.empty[rows], found)

    @property
    def _is_by_class(self) -> bool:
        return self.kind.is_by_class


def count_candidates(
    probs: MaskProbs,
    truths: Sequence[Mask | None],
    space: MaskSpace | StepSpace,
    *,
    n_outputs: int,
    keeps: Sequence[Keep] = (),
    workers: int | None = None,
    progress: Progress = SILENT,
) -> CountTable:
    """Return the counts of every candidate of `space` on every image of `probs`.

    Args:
        probs: probabilities of N images.
        truths: `(N,)`, in the frame of `probs`; each is read once, by a thread.
        space: the candidates.
        n_outputs: channels of the network.
        keeps: arrays `(N, C)` of the classes that the gates will leave; only a multiclass task
            needs them beforehand.
        workers: threads; None: one a core.
        progress: gets a bar.

    Raises:
        DataError: an image has no truth, or one of another size.
    """
    n = len(probs.ids)
    if len(truths) != n:
        raise UsageError(f"{plural(len(truths), 'mask')} for {plural(n, 'image')}")
    patterns = _patterns(keeps, n) if space.kind.is_exclusive else [[] for _ in range(n)]
    first = n + np.concatenate([[0], np.cumsum([len(one) for one in patterns])])
    n_classes = 2 if space.kind.is_yes_no else n_outputs
    largest = max((height * width for height, width in probs.sizes), default=0)
    counts = np.zeros(
        (len(space.candidates), int(first[-1]), n_classes, 4),
        np.int32 if largest <= np.iinfo(np.int32).max else np.int64,
    )
    empty = np.zeros((n, n_classes, 4), np.int64)
    budget = PixelBudget(PIXELS_AT_ONCE)
    by_level, others = _by_level(space, n_outputs)

    def of_image(i: int, truth: Mask, pattern: Keep | None) -> Counts:
        return _of_image(probs, i, truth, space, by_level, others, n_outputs, pattern)

    def work(i: int) -> None:
        height, width = probs.sizes[i]
        with budget.of(height * width * n_outputs), naming_place(probs.ids[i]):
            truth = known_truth(truths[i])
            empty[i] = _count(truth, np.zeros_like(truth), space.kind, n_outputs)
            counts[:, i] = of_image(i, truth, None)
            for place, pattern in enumerate(patterns[i], start=int(first[i])):
                counts[:, place] = of_image(i, truth, pattern)

    of_each("deciding masks in every way", work, n, workers=workers, progress=progress)
    places = {
        (i, pattern.tobytes()): int(first[i]) + p
        for i, each in enumerate(patterns)
        for p, pattern in enumerate(each)
    }
    return CountTable(space.kind, space.candidates, counts, empty, places)


def of_each(
    label: str,
    work: Callable[[int], Found],
    n: int,
    *,
    workers: int | None,
    progress: Progress,
) -> list[Found]:
    """Return the results of `work` for each of `n` images, in threads: `workers`, or one a core."""
    found = []
    with (
        progress.bar(label, n) as advance,
        ThreadPoolExecutor(n_cores() if workers is None else workers) as pool,
    ):
        for one in pool.map(work, range(n)):
            found.append(one)
            advance(1)
    return found


def _patterns(keeps: Sequence[Keep], n: int) -> list[list[Keep]]:
    """Return, for each image, the different sets of classes that gates leave; some, not all."""
    found: list[dict[bytes, Keep]] = [{} for _ in range(n)]
    for keep in keeps:
        for i in np.flatnonzero(keep.any(axis=1) & ~keep.all(axis=1)).tolist():
            found[i].setdefault(keep[i].tobytes(), keep[i])
    return [list(one.values()) for one in found]


def _by_level(
    space: MaskSpace | StepSpace, n_outputs: int
) -> tuple[dict[int, list[LevelDecision]], list[int]]:
    """Return the candidates, by number, that levels decide, and the numbers of the others."""
    if space.kind.is_exclusive:
        return {}, list(range(len(space.candidates)))
    found = {}
    candidates: tuple[MaskCandidate | StepCandidate, ...] = space.candidates
    for a, one in enumerate(candidates):
        decision = level_decisions(one.steps, space.kind, n_outputs)
        if decision is not None:
            found[a] = decision
    return found, [a for a in range(len(space.candidates)) if a not in found]


def _of_image(
    probs: MaskProbs,
    i: int,
    truth: Mask,
    space: MaskSpace | StepSpace,
    by_level: Mapping[int, list[LevelDecision]],
    others: Sequence[int],
    n_outputs: int,
    pattern: Keep | None,
) -> Counts:
    """Return the counts `(A, K, 4)` of one image; `by_level` and `others` are of all images."""
    n_classes = 2 if space.kind.is_yes_no else n_outputs
    counts = np.zeros((len(space.candidates), n_classes, 4), np.int64)
    if by_level:
        counts[list(by_level)] = counts_of_decisions(
            lambda thresholds: _levels(probs, i, thresholds),
            truth,
            list(by_level.values()),
            kind=space.kind,
            n_outputs=n_outputs,
        )
    if not others:
        return counts
    if isinstance(space, MaskSpace):
        return _of_classes(probs, i, truth, space, n_outputs, pattern)
    steps = [space.candidates[a].steps for a in others]
    for number, decision in decide_candidates(probs, i, steps, space.kind, is_open=pattern):
        counts[others[number]] = _count(truth, decision, space.kind, n_outputs)
    return counts


def _levels(probs: MaskProbs, i: int, thresholds: Sequence[float]) -> LevelImage:
    """Return the level image `(H, W, C)` of an image; what is not covered reaches no threshold."""
    found = np.empty((*probs.sizes[i], probs.channels), np.uint8)
    for rows, band in row_bands(probs, i, BAND_VALUES):
        found[rows] = levels_of(band, thresholds)
    return found


def _of_classes(
    probs: MaskProbs,
    i: int,
    truth: Mask,
    space: MaskSpace,
    n_outputs: int,
    pattern: Keep | None,
) -> Counts:
    """Return the counts `(A, K, 4)` of one multiclass image."""
    pixels_of = _read_winners(probs, i, space, pattern)
    counts = np.zeros((len(space.candidates), n_outputs, 4), np.int64)
    for number, level in enumerate(space.levels):
        pixels = pixels_of(number)
        at_level = [(a, one) for a, one in enumerate(space.candidates) if one.level == level]
        for side in {one.median for _, one in at_level}:
            places, areas = zip(
                *((a, one.min_area) for a, one in at_level if one.median == side), strict=True
            )
            decision = _filtered(pixels, side)
            counts[list(places)] = counts_by_area(
                decision, truth, areas, kind=space.kind, n_outputs=n_outputs
            )
    return counts


def _filtered(pixels: Mask, side: int) -> Mask:
    """Return the mask after a median filter; 0: no filter."""
    return median(pixels, side) if side else pixels


def _read_winners(
    probs: MaskProbs, i: int, space: MaskSpace, pattern: Keep | None
) -> Callable[[int], Mask]:
    """Return the function from a background weight's number to the class of each pixel.

    The larger the weight, the more pixels are background: it is enough to store which class is the
    strongest and to how many of the weights it loses.
    """
    winner = np.zeros(probs.sizes[i], np.uint8)
    lost = np.zeros(probs.sizes[i], np.uint8)
    kept = range(1, probs.channels)
    for rows, band in row_bands(probs, i, BAND_VALUES):
        best = np.zeros(band.shape[:2], np.float32)
        for c in kept if pattern is None else [c for c in kept if pattern[c - 1]]:
            wins = band[..., c] > best  # of equals the first, as argmax has it
            best[wins], winner[rows][wins] = band[..., c][wins], c
        # In double precision, as `decide` weighs probabilities.
        background = np.nan_to_num(band[..., 0]).astype(np.float64)
        for weight in space.levels:
            lost[rows] += background * weight >= best
    n = len(space.levels)
    return lambda number: np.where(lost >= n - number, 0, winner).astype(np.uint8)


def _count(truth: Mask, decision: Mask, kind: Kind, n_outputs: int) -> Counts:
    return mask_counts(truth, decision, kind=kind, n_outputs=n_outputs)


def known_truth(truth: Truth | None) -> Truth:
    """Return the truth of an image.

    Raises:
        DataError: it is None.
    """
    if truth is None:
        raise DataError("this image has no mask", fix="score images that have one")
    return truth


class PixelBudget:
    """Lets threads hold so many pixels at once; an image of more waits until it is alone."""

    def __init__(self, limit: int) -> None:
        self._limit, self._used = limit, 0
        self._changed = threading.Condition()

    @contextmanager
    def of(self, pixels: int) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: not self._used or self._used + pixels <= self._limit)
            self._used += pixels
        try:
            yield
        finally:
            with self._changed:
                self._used -= pixels
                self._changed.notify_all()
