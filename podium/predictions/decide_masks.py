"""From probabilities of pixels to masks, image by image, with the steps of `mask_steps`.

Probabilities and thresholds are compared as float32, the type in which stored ones are read. What
looks at single pixels is done on bands of rows, so that no image's probabilities are in memory
whole. One image of H × W needs its mask (H · W bytes, times C where it is multilabel), a few bands
of 4 MiB, for steps on regions 7 bytes a pixel of the box around a class, and for hysteresis 9 bytes
a pixel of the image.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from podium.errors import PodiumError, UsageError
from podium.predictions.decide import Step
from podium.predictions.hysteresis import Rules
from podium.predictions.mask_steps import (
    NamedStep,
    check_mask_steps,
    default_mask_steps,
    finds_objects,
    mask_classes,
    sorted_steps,
)
from podium.predictions.step_parameters import one_a_class, per_class
from podium.workspace.cores import n_cores

if TYPE_CHECKING:
    from podium.competition.masks import Mask
    from podium.competition.spec import TaskKind
    from podium.predictions.mask_probs import MaskProbs

__all__ = [
    "check_mask_steps",
    "checked_presence",
    "decide_mask",
    "decide_masks",
    "decide_pixels",
    "decided_whole",
    "default_mask_steps",
    "gate_open",
    "in_order",
    "naming",
    "with_regions",
]

_BAND_VALUES = 2**20
_BYTES_IN_FLIGHT = 2**26  # of masks that wait for their turn; a larger one is decided alone

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]
Steps = tuple[list[NamedStep], NamedStep, list[NamedStep]]
Decided = TypeVar("Decided")


def decide_mask(
    probs: MaskProbs,
    i: int,
    steps: Sequence[Step] | None,
    kind: TaskKind,
    *,
    presence: Floats | None = None,
) -> Mask:
    """Return the mask that `steps` make of the probabilities of image `i`.

    Args:
        probs: C channels; multiclass has background as channel 0.
        i: which image.
        steps: what to do, see `mask_steps`; without a decision among them, the default one.
        kind: of the segmentation.
        presence: `(mask classes,)`, how probable the classifier finds each class in this image; the
            step `gate` needs it.

    Returns:
        uint8. binary `(H, W)` of 0 and 1; multiclass `(H, W)` of 0, background, and class index
        + 1; multilabel `(H, W, C)` of 0 and 1. A pixel that no view covered is background. Of steps
        that find objects, their union.

    Raises:
        UsageError: a step is unknown, does not fit, or stands in a wrong place; or a gate has no
            presence.
    """
    if finds_objects(steps):
        from podium.predictions.decide_objects import instances_of, union_of

        return union_of(instances_of(probs, i, steps, kind, presence=presence), kind, probs)
    plan = sorted_steps(steps, kind, probs.channels)
    shape = (1, mask_classes(kind, probs.channels))
    table = checked_presence(
        None if presence is None else np.reshape(presence, (1, -1)), plan, shape
    )
    return _decide(probs, i, plan, kind, None if table is None else table[0])


def decide_masks(
    probs: MaskProbs,
    steps: Sequence[Step] | None,
    kind: TaskKind,
    *,
    presence: Floats | None = None,
    workers: int | None = None,
) -> Iterator[tuple[str, Mask]]:
    """Give the id and the mask of every image, in order, as `decide_mask` makes it.

    Images are decided in threads. Few masks wait for whoever takes them: together 64 MiB, or one.

    Args:
        probs: C channels; multiclass has background as channel 0.
        steps: what to do, see `mask_steps`; without a decision among them, the default one.
        kind: of the segmentation.
        presence: `(N, mask classes)`, how probable the classifier finds each class; the step `gate`
            needs it.
        workers: threads; None takes one a core.

    Raises:
        UsageError: a step is unknown, does not fit, or stands in a wrong place; or a gate has no
            presence.
        PodiumError: an image cannot be decided; names it.
    """
    if finds_objects(steps):
        from podium.predictions.decide_objects import decide_instances, union_of

        found = decide_instances(probs, steps, kind, presence=presence, workers=workers)
        return ((one, union_of(objects, kind, probs)) for one, objects in found)
    plan = sorted_steps(steps, kind, probs.channels)
    n_planes = mask_classes(kind, probs.channels)
    table = checked_presence(presence, plan, (len(probs.ids), n_planes))

    def work(i: int) -> Mask:
        row = None if table is None else table[i]
        return naming(probs.ids[i], lambda: _decide(probs, i, plan, kind, row))

    planes = n_planes if kind == "multilabel" else 1
    sizes = [height * width * planes for height, width in probs.sizes]
    return in_order(list(probs.ids), sizes, work, n_cores() if workers is None else workers)


def decide_pixels(
    probs: Floats, before: Sequence[NamedStep], decision: NamedStep, kind: TaskKind, is_open: Bools
) -> Mask:
    """Return the decision on each pixel of `probs` `(h, W, C)`, without steps on regions.

    Args:
        probs: nan where no view covered the pixel, which makes it background.
        before: what `sorted_steps` put before the decision.
        decision: argmax or a threshold; hysteresis looks at more than a pixel.
        kind: of the segmentation.
        is_open: `(mask classes,)`, which classes may be there.
    """
    if kind == "multiclass":
        weights = dict(before).get("class_weights")
        return _argmax(probs, weights, is_open)
    values, width = probs.astype(np.float32, copy=False), probs.shape[1]
    thresholds = per_class(decision[1], probs.shape[2]).astype(np.float32)
    thresholds[~is_open] = np.inf
    # Whole rows at once: numpy is slow over a short last axis.
    bits = values.reshape(len(values), -1) >= np.tile(thresholds, width)
    mask = bits.view(np.uint8).reshape(values.shape)
    return mask[..., 0] if kind == "binary" else mask


def gate_open(presence: Floats | None, before: Sequence[NamedStep], n_classes: int) -> Bools:
    """Return which classes may be in an image, `(n_classes,)`: those with presence >= the gate."""
    gate = dict(before).get("gate")
    if gate is None or presence is None:
        return np.ones(n_classes, dtype=np.bool_)
    thresholds = per_class(gate, n_classes).astype(np.float32)
    return np.asarray(presence.astype(np.float32) >= thresholds, dtype=np.bool_)


def _decide(probs: MaskProbs, i: int, plan: Steps, kind: TaskKind, presence: Floats | None) -> Mask:
    before, decision, regions = plan
    n_classes = mask_classes(kind, probs.channels)
    is_open = gate_open(presence, before, n_classes)
    mask = decided_whole(probs, i, before, decision, kind, is_open)
    return with_regions(mask, regions, n_classes) if is_open.any() else mask


def decided_whole(
    probs: MaskProbs,
    i: int,
    before: Sequence[NamedStep],
    decision: NamedStep,
    kind: TaskKind,
    is_open: Bools,
) -> Mask:
    """Return the decision on every pixel of image `i`, without steps on regions.

    Arguments are those of `decide_pixels`.
    """
    height, width = probs.sizes[i]
    n_classes = mask_classes(kind, probs.channels)
    shape = (height, width, n_classes) if kind == "multilabel" else (height, width)
    mask = np.zeros(shape, np.uint8)
    if not is_open.any():
        return mask
    name, parameter = decision
    rules = Rules.of(parameter, n_classes) if name == "hysteresis" else None
    rows = max(1, _BAND_VALUES // (width * probs.channels))
    for top in range(0, height, rows):
        bottom = min(height, top + rows)
        band = probs.band(i, top, bottom)
        if rules is None:
            mask[top:bottom] = decide_pixels(band, before, decision, kind, is_open)
        else:
            mask[top:bottom] = rules.reached(band, is_open).reshape(bottom - top, *shape[1:])
    if rules is None:
        return mask
    if kind == "binary":
        return rules.mask(mask, 0)
    for c in range(n_classes):
        mask[..., c] = rules.mask(np.ascontiguousarray(mask[..., c]), c)
    return mask


def _argmax(probs: Floats, weights: Sequence[float] | None, is_open: Bools) -> Mask:
    """Return the first channel with the highest `w · p`, of those that are open."""
    # Plane by plane: over few channels numpy's argmax takes ten times as long.
    best = _plane(probs, 0, weights)
    out = np.zeros(best.shape, np.uint8)
    for channel in np.flatnonzero(is_open) + 1:
        plane = _plane(probs, int(channel), weights)
        wins = plane > best  # never where they are nan
        np.maximum(best, plane, out=best)
        # Channels rise, so that the larger of the two is the winner's.
        np.maximum(out, wins.view(np.uint8) * np.uint8(channel), out=out)
    return out


def _plane(probs: Floats, channel: int, weights: Sequence[float] | None) -> Floats:
    if weights is None:
        return np.array(probs[..., channel], dtype=np.float32)
    return np.multiply(probs[..., channel], weights[channel], dtype=np.float64)


def with_regions(mask: Mask, regions: Sequence[NamedStep], n_classes: int) -> Mask:
    """Return a decided mask after steps on regions; `mask` itself is changed, too."""
    if not regions:
        return mask
    if mask.ndim == 2:
        return _apply(mask, regions, n_classes, slice(None))
    for i in range(n_classes):
        plane = np.ascontiguousarray(mask[..., i])
        mask[..., i] = _apply(plane, regions, n_classes, slice(i, i + 1))
    return mask


def _apply(mask: Mask, regions: Sequence[NamedStep], n_classes: int, classes: slice) -> Mask:
    from podium.predictions import mask_regions  # cv2 and scipy: only for those who need them

    for name, parameter in regions:
        step: Callable[[Mask, Any], Mask] = getattr(mask_regions, name)
        values = one_a_class(name, parameter, n_classes)[classes]
        mask = step(mask, values[0] if name == "median" else values)
    return mask


def checked_presence(presence: Floats | None, plan: Steps, shape: tuple[int, int]) -> Floats | None:
    """Return `presence` in the `shape` (images, classes) that a gate of `plan` asks; None: no gate.

    Raises:
        UsageError: there is a gate, and nobody to ask, or an answer of another shape.
    """
    if "gate" not in dict(plan[0]):
        return None
    if presence is None:
        raise UsageError(
            "decide: gate needs a classifier's probabilities of the same images",
            fix="predict a classification, too, or remove the step gate",
        )
    table = np.asarray(presence)
    table = table[:, None] if table.ndim == 1 else table
    if table.shape != shape or not np.isfinite(table).all():
        raise UsageError(
            f"decide: gate needs finite probabilities {shape} of the classifier, got {table.shape}",
            fix="give one row an image, one column a class of the masks",
        )
    return table


def in_order(
    ids: Sequence[str], sizes: Sequence[int], work: Callable[[int], Decided], workers: int
) -> Iterator[tuple[str, Decided]]:
    """Give the results of `work`, of `sizes` in bytes, in order; few of them wait."""
    if workers <= 1:
        for i, one in enumerate(ids):
            yield one, work(i)
        return
    pool = ThreadPoolExecutor(workers, thread_name_prefix="decide")
    waiting: deque[tuple[int, Future[Decided]]] = deque()
    n_started = in_flight = 0
    try:
        while n_started < len(ids) or waiting:
            while (
                n_started < len(ids)
                and len(waiting) < 2 * workers
                and (not waiting or in_flight + sizes[n_started] <= _BYTES_IN_FLIGHT)
            ):
                waiting.append((n_started, pool.submit(work, n_started)))
                in_flight += sizes[n_started]
                n_started += 1
            i, future = waiting.popleft()
            decided = future.result()
            del future  # it holds what was decided
            in_flight -= sizes[i]
            yield ids[i], decided
    finally:
        pool.shutdown(cancel_futures=True)


def naming(name: str, work: Callable[[], Decided]) -> Decided:
    """Return what `work` returns; an error says whose mask it was."""
    try:
        return work()
    except PodiumError as error:
        message = f"the mask of {name!r}: {error.message}"
        raise type(error)(message, where=error.where, fix=error.fix) from error
    except Exception as error:
        error.add_note(f"while deciding the mask of {name!r}")
        raise
