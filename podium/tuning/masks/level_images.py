"""Level images: how many thresholds each pixel reaches; counts at all thresholds in one pass.

A step on a mask is increasing if a larger mask never gives a smaller one. Of such a step it is the
same whether masks are made at every threshold and the step is done on each, or whether it is done
once on the level image, in its form for grey levels, and masks are made of that: the threshold
decomposition of stack filters (Wendt, Coyle & Gallagher 1986) and of morphology (Serra 1982). The
steps on regions (`decisions/regions.py`) are increasing but `largest`: of two areas, the one that
stays may be the one that grew. For a mask of one class they are, on levels:

    median       the median of the window
    open, close  the largest of the discs' smallest levels; the smallest of their largest
    fill_holes   every basin that does not reach the border, of at most so many pixels, is filled
    min_area     every peak is cut down to the level at which it has so many pixels

Masks at every threshold and every least area are then counted in one pass over the pixels:

    decide     threshold, steps on levels, min_area
    counts     of every such decision on one image, as `metrics.mask_counts` has them

Decisions with the same steps between share a level image. Its pixels are taken from the highest
level down, and the components that they make are followed while they grow and meet
(`masks/_kernels/levels.py`), so that a hundred thresholds and ten areas cost what two or three
labellings of one mask do. Components touch by a side or a corner, as in `mask_regions.min_area`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics import mask_counts
from podium.competition.truths.masks import Mask
from podium.predictions.decisions.labels import Step
from podium.predictions.decisions.masks import mask_classes, sorted_steps
from podium.predictions.decisions.parameters import one_per_class
from podium.predictions.decisions.regions import disc
from podium.tuning.masks import _kernels

if TYPE_CHECKING:
    from podium.tasks.protocols.kind import Kind

__all__ = [
    "COMMUTING",
    "MOST_LEVELS",
    "LevelDecision",
    "LevelImage",
    "area_curve",
    "changes_nothing",
    "counts_of_decisions",
    "filtered",
    "level_decisions",
    "levels_of",
]


MOST_LEVELS = 254  # one value of a byte is left for what lies beyond the border

LevelImage = NDArray[np.uint8]
"""`(H, W)`, at most `MOST_LEVELS`: the mask at the threshold t, counted from 0, is `levels > t`."""


def levels_of(values: NDArray[np.floating[Any]], thresholds: Sequence[float]) -> LevelImage:
    """Return how many of the thresholds each value reaches, of the shape of `values`.

    Args:
        values: probabilities, compared as float32; nan reaches no threshold.
        thresholds: `(T,)`, ascending, 1 to `MOST_LEVELS` of them.

    Example:
        >>> levels_of(np.array([[0.2, 0.5, 0.9]]), [0.25, 0.5]).tolist()
        [[0, 2, 2]]
    """
    loops = _kernels.levels
    at = np.asarray(thresholds, dtype=np.float32)
    assert 1 <= len(at) <= MOST_LEVELS
    assert (np.diff(at) >= 0).all()
    cells = (at.clip(0, 1) * np.float32(loops.CELLS)).astype(np.int64)
    starts = np.searchsorted(cells, np.arange(loops.CELLS + 1)).astype(np.int32)
    found = np.empty(values.shape, np.uint8)
    flat = np.ascontiguousarray(values, dtype=np.float32).ravel()
    loops.count_reached(flat, at, starts, found.reshape(-1))
    return found


def filtered(levels: LevelImage, steps: Sequence[tuple[str, Any]]) -> LevelImage:
    """Return a level image whose mask at every threshold is that of `levels` after `steps`.

    Args:
        levels: of one class.
        steps: names of `COMMUTING` and parameters of one class, as the steps take them.
    """
    for name, parameter in steps:
        if not changes_nothing(name, parameter):
            levels = COMMUTING[name](levels, parameter)
    return levels


def changes_nothing(name: str, parameter: Any) -> bool:
    """Return whether a step leaves every mask as it is."""
    if name in ("median", "min_area"):
        return bool(parameter <= 1)
    return parameter is not None and not parameter


def _median(levels: LevelImage, side: int) -> LevelImage:
    return _bytes(cv2.medianBlur(np.ascontiguousarray(levels), side))


def _open(levels: LevelImage, radius: int) -> LevelImage:
    return _bytes(cv2.morphologyEx(levels, cv2.MORPH_OPEN, disc(radius)))


def _close(levels: LevelImage, radius: int) -> LevelImage:
    return _bytes(cv2.morphologyEx(levels, cv2.MORPH_CLOSE, disc(radius)))


def _fill_holes(levels: LevelImage, at_most: int | None) -> LevelImage:
    most = levels.size if at_most is None else min(at_most, levels.size)
    return _flooded(levels, most, has_corners=False, is_open_beyond=True)


def _min_area(levels: LevelImage, least: float) -> LevelImage:
    # Turned upside down, a peak of fewer pixels is a basin that is filled.
    most = min(int(np.ceil(least)) - 1, levels.size)
    turned = np.uint8(MOST_LEVELS) - levels
    found = _flooded(turned, most, has_corners=True, is_open_beyond=False)
    return np.uint8(MOST_LEVELS) - np.minimum(found, np.uint8(MOST_LEVELS))


def _flooded(
    levels: LevelImage, most: int, *, has_corners: bool, is_open_beyond: bool
) -> LevelImage:
    found = np.empty(levels.shape, np.uint8)
    loops = _kernels.levels
    framed = np.pad(levels, 1, constant_values=loops.BEYOND)
    loops.flood(framed, most, has_corners, is_open_beyond, found)
    return found


def _bytes(found: Any) -> LevelImage:
    return np.asarray(found, dtype=np.uint8)


COMMUTING: dict[str, Callable[[LevelImage, Any], LevelImage]] = {
    "fill_holes": _fill_holes,
    "min_area": _min_area,
    "open": _open,
    "close": _close,
    "median": _median,
}
"""Steps on regions that may be done on levels."""


FEW_SLOTS = 1024  # components of an image that are followed at a time, before there are more
MOST_PIXELS = 2**31  # more than an image has

Counts = NDArray[np.int64]
Read = Callable[[Sequence[float]], LevelImage]
"""The function from ascending thresholds to the level image `(H, W, C)` of an image."""


@dataclass(frozen=True)
class LevelDecision:
    """A decision on the pixels of one class.

    Attributes:
        threshold: p >= threshold.
        steps: of `level_image.COMMUTING`, in order; none that changes nothing.
        least: pixels of a component that stays, at least; 1 keeps all.
    """

    threshold: float
    steps: tuple[tuple[str, Any], ...] = ()
    least: int = 1


def area_curve(levels: LevelImage, truth: Mask, areas: Sequence[float], *, n_levels: int) -> Counts:
    """Return true and predicted pixels of the mask of each threshold without its small areas.

    Args:
        levels: of one class, at most `n_levels`.
        truth: `(H, W)`: 0, 1 or `IGNORE`, whose pixels are counted nowhere, but belong to areas.
        areas: `(A,)`, pixels that a component has at least.
        n_levels: T thresholds.

    Returns:
        `(T, A, 2)`: pixels that are both predicted and true, and pixels that are predicted.

    Example:
        >>> levels, truth = np.array([[2, 2, 0, 1]], np.uint8), np.array([[1, 0, 0, 1]], np.uint8)
        >>> area_curve(levels, truth, [0, 2], n_levels=2).tolist()
        [[[2, 3], [1, 2]], [[1, 2], [1, 2]]]
    """
    loops = _kernels.levels
    requested = np.array([_whole(one) for one in areas], np.int64)
    different, places = np.unique(requested, return_inverse=True)
    found = np.zeros((n_levels, len(different), 2), np.int64)
    planes = np.ascontiguousarray(levels), np.ascontiguousarray(truth)
    # Of four pixels that touch no two are of different components; but only noise has so many.
    for n_slots in (FEW_SLOTS + levels.size // 64, FEW_SLOTS + levels.size // 2):
        if loops.count_components(*planes, different, loops.APART, n_slots, found):
            break
    return found[:, places.reshape(-1)]


def level_decisions(
    steps: Sequence[Step], kind: Kind, n_outputs: int
) -> list[LevelDecision] | None:
    """Return the steps of `decide` as decisions on levels by class; None: levels do not suffice.

    Args:
        steps: without a gate; of binary or multilabel masks.
        kind: of the segmentation.
        n_outputs: channels of the network.

    Raises:
        UsageError: the steps cannot be meant.
    """
    before, (name, threshold), regions = sorted_steps(steps, kind, n_outputs)
    n_classes = mask_classes(kind, n_outputs)
    if before or name != "threshold" or any(one not in COMMUTING for one, _ in regions):
        return None
    each = [one_per_class(one, parameter, n_classes) for one, parameter in regions]
    found = []
    for c, at in enumerate(one_per_class(name, threshold, n_classes)):
        done = [(one, values[c]) for (one, _), values in zip(regions, each, strict=True)]
        done = [one for one in done if not changes_nothing(*one)]
        least = 1
        if done and done[-1][0] == "min_area":
            least = _whole(done.pop()[1])
        found.append(LevelDecision(float(at), tuple(done), least))
    return found


def counts_of_decisions(
    read: Read,
    truth: Mask,
    decisions: Sequence[Sequence[LevelDecision]],
    *,
    kind: Kind,
    n_outputs: int,
) -> Counts:
    """Return the counts `(A, K, 4)` of A decisions on one image, each a `LevelDecision` a class.

    Args:
        read: returns the image's levels; called once for every `MOST_LEVELS` thresholds.
        truth: binary `(H, W)`, multilabel `(H, W, C)`.
        decisions: `(A,)` of `(C,)`.
        kind, n_outputs: as `metrics.mask_counts` has them.

    Raises:
        DataError: as `metrics.mask_counts`.
    """
    n_classes = mask_classes(kind, n_outputs)
    predicted = np.zeros((len(decisions), n_classes, 2), np.int64)
    thresholds = sorted({one.threshold for each in decisions for one in each})
    whole: Counts | None = None
    for start in range(0, len(thresholds), MOST_LEVELS):
        some = thresholds[start : start + MOST_LEVELS]
        levels = read(some)
        if whole is None:  # before pixels are compared: sizes and values are checked here
            shape = levels.shape if kind.is_by_class else levels.shape[:2]
            nothing = np.zeros(shape, np.uint8)
            whole = mask_counts(truth, nothing, kind=kind, n_outputs=n_outputs)
        numbers = {at: number for number, at in enumerate(some)}
        for c in range(n_classes):
            of_class = [
                (a, each[c]) for a, each in enumerate(decisions) if each[c].threshold in numbers
            ]
            true = truth[..., c] if kind.is_by_class else truth
            plane = np.ascontiguousarray(levels[..., c])
            for steps, alike in _by_steps(of_class):
                areas = sorted({one.least for _, one in alike})
                image = filtered(plane, steps)
                curve = area_curve(image, true, areas, n_levels=len(some))
                for a, one in alike:
                    predicted[a, c] = curve[numbers[one.threshold], areas.index(one.least)]
    assert whole is not None
    return _counts(predicted, whole, kind)


def _by_steps(
    decisions: Sequence[tuple[int, LevelDecision]],
) -> Iterator[tuple[tuple[tuple[str, Any], ...], list[tuple[int, LevelDecision]]]]:
    """Yield the decisions that share a level image."""
    found: dict[tuple[tuple[str, Any], ...], list[tuple[int, LevelDecision]]] = {}
    for a, one in decisions:
        found.setdefault(one.steps, []).append((a, one))
    yield from found.items()


def _counts(predicted: Counts, whole: Counts, kind: Kind) -> Counts:
    """Return the counts of decisions `(A, K, 4)` from those of their classes `(A, C, 2)`.

    Args:
        predicted: pixels that are both predicted and true, and pixels that are predicted.
        whole: counts `(K, 4)` of an empty mask: what is true, and how many have a truth.
        kind: of the task.
    """
    counts = np.repeat(whole[None], len(predicted), axis=0)
    if kind.is_by_class:
        counts[..., :2] = predicted
        return counts
    hits, ours = predicted[:, 0, 0], predicted[:, 0, 1]
    counts[:, 1, 0], counts[:, 1, 1] = hits, ours
    # Taken from the background: all that is predicted, and of what is not true the false part.
    counts[:, 0, 0] -= ours - hits
    counts[:, 0, 1] -= ours
    return counts


def _whole(area: float) -> int:
    """Return the least whole number of pixels that is no fewer than `area`."""
    return max(1, int(np.ceil(min(area, MOST_PIXELS))))
