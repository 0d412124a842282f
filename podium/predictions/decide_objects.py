"""From probabilities of pixels to objects: a mask is decided, taken apart, and each part scored.

Objects of one class share no pixel; those of two may. How sure an object is, its score, is the mean
probability of its class over its pixels, one that no view covered counting 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.instances import Instances
from podium.predictions.decide import Step
from podium.predictions.decide_masks import checked_presence, decide_mask, in_order, naming
from podium.predictions.mask_probs import MaskArrays
from podium.predictions.mask_steps import (
    NamedStep,
    ObjectSplit,
    mask_classes,
    object_steps,
    sorted_steps,
)
from podium.predictions.object_planes import ClassPlane
from podium.predictions.step_parameters import one_a_class, per_class
from podium.workspace.cores import n_cores

if TYPE_CHECKING:
    from podium.competition.masks import Mask
    from podium.competition.spec import TaskKind
    from podium.predictions.mask_probs import MaskProbs

__all__ = [
    "chosen",
    "decide_instances",
    "instances_by_split",
    "instances_of",
    "parts_of",
    "parts_of_planes",
    "planes_of",
    "union_of",
]

_BAND_VALUES = 2**20
_SHARED_VALUES = 2**22  # a larger image is read band by band, for each split by itself

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]


def instances_of(
    probs: MaskProbs,
    i: int,
    steps: Sequence[Step] | None,
    kind: TaskKind,
    *,
    presence: Floats | None = None,
) -> Instances:
    """Return the objects that `steps` make of the probabilities of image `i`.

    Args:
        probs: C channels, one a class.
        i: which image.
        steps: what to do, see `mask_steps`; where none is `objects`, areas of touching pixels are.
        kind: of what a network says of a pixel: binary or multilabel.
        presence: `(C,)`, how probable the classifier finds each class in this image; the step
            `gate` needs it.

    Returns:
        The objects, class by class, in reading order of their first pixels.

    Raises:
        UsageError: a step is unknown, does not fit, or stands in a wrong place; or a gate has no
            presence.
    """
    before, split, after = object_steps(steps, kind, probs.channels)
    mask = decide_mask(probs, i, before, kind, presence=presence)
    return chosen(parts_of(probs, i, mask, split), after, probs.channels)


def decide_instances(
    probs: MaskProbs,
    steps: Sequence[Step] | None,
    kind: TaskKind,
    *,
    presence: Floats | None = None,
    workers: int | None = None,
) -> Iterator[tuple[str, Instances]]:
    """Give the id and the objects of every image, in order, as `instances_of` makes them.

    Images are decided in threads, and few of them wait, as in `decide_masks`.

    Raises:
        UsageError: as `instances_of`.
        PodiumError: an image cannot be decided; names it.
    """
    before, _, _ = object_steps(steps, kind, probs.channels)
    plan = sorted_steps(before, kind, probs.channels)
    n_classes = mask_classes(kind, probs.channels)
    table = checked_presence(presence, plan, (len(probs.ids), n_classes))

    def work(i: int) -> Instances:
        row = None if table is None else table[i]
        return naming(probs.ids[i], lambda: instances_of(probs, i, steps, kind, presence=row))

    sizes = [height * width * n_classes for height, width in probs.sizes]
    return in_order(list(probs.ids), sizes, work, n_cores() if workers is None else workers)


def instances_by_split(
    probs: MaskProbs,
    i: int,
    before: Sequence[Step],
    splits: Sequence[Step],
    kind: TaskKind,
) -> Iterator[Instances]:
    """Give the objects that each of several steps `objects` makes of one mask, in their order.

    What they share is found once, where the image is not so large that it would fill the memory.

    Args:
        probs: as `instances_of` has it.
        i: which image.
        before: the steps of the mask.
        splits: steps `objects`.
        kind: as `instances_of` has it.

    Raises:
        UsageError: as `instances_of`.
    """
    found = [object_steps([*before, one], kind, probs.channels)[1] for one in splits]
    height, width = probs.sizes[i]
    are_shared = height * width * probs.channels <= _SHARED_VALUES
    if are_shared:
        probs, i = MaskArrays([probs.ids[i]], [probs.band(i, 0, height)]), 0
    mask = decide_mask(probs, i, before, kind)
    planes = planes_of(mask)
    for split in found:
        yield parts_of_planes(probs, i, planes if are_shared else planes_of(mask), split)


def parts_of(probs: MaskProbs, i: int, mask: Mask, split: ObjectSplit) -> Instances:
    """Return the objects into which `split` takes `mask`, the decided mask of image `i`, apart."""
    return parts_of_planes(probs, i, planes_of(mask), split)


def planes_of(mask: Mask) -> list[ClassPlane]:
    """Return the decided mask of each class."""
    planes = mask[..., None] if mask.ndim == 2 else mask
    return [ClassPlane(np.ascontiguousarray(planes[..., c])) for c in range(planes.shape[2])]


def parts_of_planes(
    probs: MaskProbs, i: int, planes: Sequence[ClassPlane], split: ObjectSplit
) -> Instances:
    """Return what `parts_of` does of a mask, by class."""
    from podium.predictions._label_sums import boxes_of, mean_values

    strong = _strong(probs, i, split, len(planes))
    labels = [
        one.labels(split, None if strong is None else strong[c]) for c, one in enumerate(planes)
    ]
    boxes, crops, classes, scores = [], [], [], []
    for c, (means, of_class) in enumerate(
        zip(mean_values(labels, _bands(probs, i)), labels, strict=True)
    ):
        for number, box in enumerate(boxes_of(of_class).tolist()[1:], start=1):
            top, left, bottom, right = box
            if not bottom:  # a number that was not used
                continue
            boxes.append((top, left, bottom, right))
            crops.append(of_class[top:bottom, left:right] == number)
            classes.append(c)
            scores.append(means[number])
    height, width = probs.sizes[i]
    return Instances(
        (height, width),
        tuple(boxes),
        tuple(crops),
        np.array(classes, dtype=np.int64),
        np.array(scores, dtype=np.float32),
    )


def chosen(objects: Instances, after: Sequence[NamedStep], n_classes: int) -> Instances:
    """Return the objects that the steps `after` the one that found them leave."""
    for name, parameter in after:
        areas = objects.areas
        if name == "min_area":
            keep = areas >= per_class(parameter, n_classes)[objects.classes]
        else:
            keep, most = np.zeros(len(objects), np.bool_), one_a_class(name, parameter, n_classes)
            for number in np.unique(objects.classes).tolist():
                of_class = np.flatnonzero(objects.classes == number)
                order = np.argsort(-areas[of_class], kind="stable")
                keep[of_class[order[: most[number]]]] = True
        if not keep.all():
            objects = objects.take(np.flatnonzero(keep))
    return objects


def union_of(objects: Instances, kind: TaskKind, probs: MaskProbs) -> Mask:
    """Return the pixels of any of `objects`, as a mask of `kind`, which `probs` has channels of."""
    planes = np.zeros((*objects.size, probs.channels), np.uint8)
    found = zip(objects.boxes, objects.crops, objects.classes.tolist(), strict=True)
    for (top, left, bottom, right), crop, number in found:
        planes[top:bottom, left:right, number] |= crop
    return planes if kind == "multilabel" else planes[..., 0]


def _strong(probs: MaskProbs, i: int, split: ObjectSplit, n_classes: int) -> list[Bools] | None:
    """Return the pixels of each class that may be seeds, `(H, W)`; None: all of the mask."""
    if split.seed is None:
        return None
    least = per_class(split.seed, n_classes).astype(np.float32)
    found = [np.zeros(probs.sizes[i], np.bool_) for _ in range(n_classes)]
    for rows, band in _bands(probs, i):
        for c in range(n_classes):
            found[c][rows] = band[..., c] >= least[c]  # nan, not covered, is none
    return found


def _bands(probs: MaskProbs, i: int) -> Iterator[tuple[slice, NDArray[np.float32]]]:
    height, width = probs.sizes[i]
    step = max(1, _BAND_VALUES // (width * probs.channels))
    for top in range(0, height, step):
        bottom = min(height, top + step)
        yield slice(top, bottom), probs.band(i, top, bottom)
