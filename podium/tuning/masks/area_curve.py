"""Counts of masks at every threshold and every least area, from one pass over the pixels.

    decide     threshold, steps on levels (see `level_image.py`), min_area
    counts     of every such decision on one image, as `metrics.mask_counts` has them

Decisions with the same steps between share a level image. Its pixels are taken from the highest
level down, and the components that they make are followed while they grow and meet
(`_area_kernels.py`), so that a hundred thresholds and ten areas cost what two or three labellings
of one mask do. Components touch by a side or a corner, as in `mask_regions.min_area`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.masks import Mask
from podium.competition.metrics import mask_counts
from podium.predictions.decide import Step
from podium.predictions.mask_steps import mask_classes, sorted_steps
from podium.predictions.step_parameters import one_a_class
from podium.tuning.masks.level_image import (
    COMMUTING,
    MOST_LEVELS,
    LevelImage,
    changes_nothing,
    filtered,
)

if TYPE_CHECKING:
    from podium.competition.spec import TaskKind

__all__ = ["LevelDecision", "area_curve", "counts_of_decisions", "level_decisions"]

FEW_SLOTS = 1024  # components of an image that are followed at a time, before there are more
MOST_PIXELS = 2**31  # more than an image has

Counts = NDArray[np.int64]
Read = Callable[[Sequence[float]], LevelImage]
"""From ascending thresholds to the level image `(H, W, C)` of an image."""


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
        `(T, A, 2)`: pixels that are both said and true, and pixels that are said.

    Example:
        >>> levels, truth = np.array([[2, 2, 0, 1]], np.uint8), np.array([[1, 0, 0, 1]], np.uint8)
        >>> area_curve(levels, truth, [0, 2], n_levels=2).tolist()
        [[[2, 3], [1, 2]], [[1, 2], [1, 2]]]
    """
    from podium.tuning.masks._area_kernels import APART, count_components

    asked = np.array([_whole(one) for one in areas], np.int64)
    different, places = np.unique(asked, return_inverse=True)
    found = np.zeros((n_levels, len(different), 2), np.int64)
    planes = np.ascontiguousarray(levels), np.ascontiguousarray(truth)
    # Of four pixels that touch no two are of different components; but only noise has so many.
    for n_slots in (FEW_SLOTS + levels.size // 64, FEW_SLOTS + levels.size // 2):
        if count_components(*planes, different, APART, n_slots, found):
            break
    return found[:, places.reshape(-1)]


def level_decisions(
    steps: Sequence[Step], kind: TaskKind, n_outputs: int
) -> list[LevelDecision] | None:
    """Return what steps of `decide` do to each class; None: more than levels can say.

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
    each = [one_a_class(one, parameter, n_classes) for one, parameter in regions]
    found = []
    for c, at in enumerate(one_a_class(name, threshold, n_classes)):
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
    kind: TaskKind,
    n_outputs: int,
) -> Counts:
    """Return the counts `(A, K, 4)` of A decisions on one image, each a `LevelDecision` a class.

    Args:
        read: gives the image's levels; asked once for every `MOST_LEVELS` thresholds.
        truth: binary `(H, W)`, multilabel `(H, W, C)`.
        decisions: `(A,)` of `(C,)`.
        kind, n_outputs: as `metrics.mask_counts` has them.

    Raises:
        DataError: as `metrics.mask_counts`.
    """
    n_classes = mask_classes(kind, n_outputs)
    said = np.zeros((len(decisions), n_classes, 2), np.int64)
    thresholds = sorted({one.threshold for each in decisions for one in each})
    whole: Counts | None = None
    for start in range(0, len(thresholds), MOST_LEVELS):
        some = thresholds[start : start + MOST_LEVELS]
        levels = read(some)
        if whole is None:  # before pixels are compared: sizes and values are checked here
            shape = levels.shape if kind == "multilabel" else levels.shape[:2]
            nothing = np.zeros(shape, np.uint8)
            whole = mask_counts(truth, nothing, kind=kind, n_outputs=n_outputs)
        numbers = {at: number for number, at in enumerate(some)}
        for c in range(n_classes):
            of_class = [
                (a, each[c]) for a, each in enumerate(decisions) if each[c].threshold in numbers
            ]
            true = truth[..., c] if kind == "multilabel" else truth
            plane = np.ascontiguousarray(levels[..., c])
            for steps, alike in _by_steps(of_class):
                areas = sorted({one.least for _, one in alike})
                image = filtered(plane, steps)
                curve = area_curve(image, true, areas, n_levels=len(some))
                for a, one in alike:
                    said[a, c] = curve[numbers[one.threshold], areas.index(one.least)]
    assert whole is not None
    return _counts(said, whole, kind)


def _by_steps(
    decisions: Sequence[tuple[int, LevelDecision]],
) -> Iterator[tuple[tuple[tuple[str, Any], ...], list[tuple[int, LevelDecision]]]]:
    """Give the decisions that share a level image."""
    found: dict[tuple[tuple[str, Any], ...], list[tuple[int, LevelDecision]]] = {}
    for a, one in decisions:
        found.setdefault(one.steps, []).append((a, one))
    yield from found.items()


def _counts(said: Counts, whole: Counts, kind: TaskKind) -> Counts:
    """Return the counts of decisions `(A, K, 4)` from those of their classes `(A, C, 2)`.

    Args:
        said: pixels that are both said and true, and pixels that are said.
        whole: counts `(K, 4)` of an empty mask: what is true, and how many are known.
        kind: of the task.
    """
    counts = np.repeat(whole[None], len(said), axis=0)
    if kind == "multilabel":
        counts[..., :2] = said
        return counts
    hits, ours = said[:, 0, 0], said[:, 0, 1]
    counts[:, 1, 0], counts[:, 1, 1] = hits, ours
    # What is taken from the background: all that is said, and of what is not true the false part.
    counts[:, 0, 0] -= ours - hits
    counts[:, 0, 1] -= ours
    return counts


def _whole(area: float) -> int:
    """Return the least whole number of pixels that is no fewer than `area`."""
    return max(1, int(np.ceil(min(area, MOST_PIXELS))))
