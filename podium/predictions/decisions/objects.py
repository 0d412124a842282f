"""Objects from probabilities of pixels: a mask is decided, split into objects, each scored.

Objects of one class share no pixel; those of two may. The score of an object is the mean
probability of its class over its pixels, one that no view covered counting 0. A mask may be split
in several ways, by connected areas or by a watershed from peaks of the distance to the edge; what
these share is computed once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from podium.competition.truths.instances import Instances
from podium.predictions import _kernels
from podium.predictions.decisions.labels import Step
from podium.predictions.decisions.masks import (
    NamedStep,
    ObjectSplit,
    checked_presence,
    decide_mask,
    mask_classes,
    object_steps,
    ordered_results,
    sorted_steps,
    with_mask_name,
)
from podium.predictions.decisions.parameters import one_per_class, per_class
from podium.predictions.store.masks import MaskArrays, row_bands
from podium.tasks.protocols.find import pixel_kind
from podium.workspace.machine import n_cores

if TYPE_CHECKING:
    from podium.competition.truths.masks import Mask
    from podium.predictions.store.masks import MaskProbs

__all__ = [
    "class_planes",
    "decide_instances",
    "filter_objects",
    "instances_by_split",
    "instances_of",
    "split_planes",
    "union_mask",
]


_BAND_VALUES = 2**20
_SHARED_VALUES = 2**22  # a larger image is read band by band, for each split by itself

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]


def instances_of(
    probs: MaskProbs,
    i: int,
    steps: Sequence[Step] | None,
    kind: str,
    *,
    presence: Floats | None = None,
) -> Instances:
    """Return the objects that `steps` make of the probabilities of image `i`.

    Args:
        probs: C channels, one a class.
        i: which image.
        steps: what to do, see `mask_steps`; where none is `objects`, areas of touching pixels are.
        kind: of the pixel predictions: binary or multilabel.
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
    return filter_objects(split_mask(probs, i, mask, split), after, probs.channels)


def decide_instances(
    probs: MaskProbs,
    steps: Sequence[Step] | None,
    kind: str,
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
        return with_mask_name(
            probs.ids[i], lambda: instances_of(probs, i, steps, kind, presence=row)
        )

    sizes = [height * width * n_classes for height, width in probs.sizes]
    return ordered_results(list(probs.ids), sizes, work, n_cores() if workers is None else workers)


def instances_by_split(
    probs: MaskProbs,
    i: int,
    before: Sequence[Step],
    splits: Sequence[Step],
    kind: str,
) -> Iterator[Instances]:
    """Yield the objects that each of several steps `objects` makes of one mask, in their order.

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
    planes = class_planes(mask)
    for split in found:
        yield split_planes(probs, i, planes if are_shared else class_planes(mask), split)


def split_mask(probs: MaskProbs, i: int, mask: Mask, split: ObjectSplit) -> Instances:
    """Return the objects into which `split` takes `mask`, the decided mask of image `i`, apart."""
    return split_planes(probs, i, class_planes(mask), split)


def class_planes(mask: Mask) -> list[ClassPlane]:
    """Return the decided mask of each class."""
    planes = mask[..., None] if mask.ndim == 2 else mask
    return [ClassPlane(np.ascontiguousarray(planes[..., c])) for c in range(planes.shape[2])]


def split_planes(
    probs: MaskProbs, i: int, planes: Sequence[ClassPlane], split: ObjectSplit
) -> Instances:
    """Return the `parts_of` a mask, by class."""
    strong = _seed_pixels(probs, i, split, len(planes))
    labels = [
        one.labels(split, None if strong is None else strong[c]) for c, one in enumerate(planes)
    ]
    boxes, crops, classes, scores = [], [], [], []
    for c, (means, of_class) in enumerate(
        zip(_kernels.mean_values(labels, row_bands(probs, i, _BAND_VALUES)), labels, strict=True)
    ):
        for number, box in enumerate(_kernels.boxes_of(of_class).tolist()[1:], start=1):
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


def filter_objects(objects: Instances, after: Sequence[NamedStep], n_classes: int) -> Instances:
    """Return the objects that the steps `after` the one that found them leave."""
    for name, parameter in after:
        areas = objects.areas
        if name == "min_area":
            keep = areas >= per_class(parameter, n_classes)[objects.classes]
        else:
            keep, most = np.zeros(len(objects), np.bool_), one_per_class(name, parameter, n_classes)
            for number in np.unique(objects.classes).tolist():
                of_class = np.flatnonzero(objects.classes == number)
                order = np.argsort(-areas[of_class], kind="stable")
                keep[of_class[order[: most[number]]]] = True
        if not keep.all():
            objects = objects.take(np.flatnonzero(keep))
    return objects


def union_mask(objects: Instances, kind: str, probs: MaskProbs) -> Mask:
    """Return the pixels of any of `objects`, as a mask of `kind`, which `probs` has channels of."""
    planes = np.zeros((*objects.size, probs.channels), np.uint8)
    found = zip(objects.boxes, objects.crops, objects.classes.tolist(), strict=True)
    for (top, left, bottom, right), crop, number in found:
        planes[top:bottom, left:right, number] |= crop
    return planes if pixel_kind(kind).is_by_class else planes[..., 0]


def _seed_pixels(
    probs: MaskProbs, i: int, split: ObjectSplit, n_classes: int
) -> list[Bools] | None:
    """Return the pixels of each class that may be seeds, `(H, W)`; None: all of the mask."""
    if split.seed is None:
        return None
    least = per_class(split.seed, n_classes).astype(np.float32)
    found = [np.zeros(probs.sizes[i], np.bool_) for _ in range(n_classes)]
    for rows, band in row_bands(probs, i, _BAND_VALUES):
        for c in range(n_classes):
            found[c][rows] = band[..., c] >= least[c]  # nan, not covered, is none
    return found


_STEPS_A_PIXEL = 8  # levels of the flood for a pixel's distance from the edge

Labels = NDArray[np.int32]
Squares = NDArray[np.int32]


@dataclass(frozen=True)
class ClassPlane:
    """The pixels of one class.

    Attributes:
        plane: uint8 `(H, W)` of 0 and 1, C-contiguous.
    """

    plane: Mask

    def labels(self, split: ObjectSplit, strong: Bools | None = None) -> Labels:
        """Return the number of the object of each pixel, `(H, W)`, 0 for the rest.

        Args:
            split: how the mask is taken apart.
            strong: `(H, W)`, the pixels that may be seeds; None: all.
        """
        connectivity = 8 if split.connectivity == 2 else 4
        if split.split == "none":
            return _components(self.plane, connectivity)
        labels = np.zeros(self.plane.shape, np.int32)
        if self._box is None:
            return labels
        could_be, distances = self._part, self._distances
        if strong is not None:
            could_be = could_be & strong[self._box].view(np.uint8)
            distances = _kernels.squared_distances(could_be) if split.distance else distances
        seeds = _components(could_be, connectivity)
        if split.distance:
            seeds = _peaks(seeds, distances, split.distance)
        _kernels.flood(self._levels, seeds, by_corners=connectivity == 8)
        labels[self._box] = seeds
        return labels

    @cached_property
    def _box(self) -> tuple[slice, slice] | None:
        """The class with a pixel of background around it, where the image goes on."""
        left, top, width, height = cv2.boundingRect(self.plane)
        if not width:
            return None
        rows = slice(max(0, top - 1), top + height + 1)
        return rows, slice(max(0, left - 1), left + width + 1)

    @cached_property
    def _part(self) -> Mask:
        return np.ascontiguousarray(self.plane[self._box])

    @cached_property
    def _distances(self) -> Squares:
        return _kernels.squared_distances(self._part)

    @cached_property
    def _levels(self) -> Labels:
        levels: Labels = np.ceil(np.sqrt(self._distances) * _STEPS_A_PIXEL).astype(np.int32)
        return levels


def _components(plane: Mask, connectivity: int) -> Labels:
    _, labels = cv2.connectedComponents(plane, connectivity=connectivity, ltype=cv2.CV_32S)
    return np.asarray(labels, dtype=np.int32)


def _peaks(areas: Labels, distances: Squares, apart: float) -> Labels:
    """Return the numbered pixels that are farthest from the edge among those around them.

    Those of one area that lie at most `apart` pixels from each other are one seed.
    """
    reach = max(1, int(apart))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    half = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach | 1, reach | 1))
    peaks, groups = _kernels.find_peaks(areas, distances, disc.view(np.bool_))
    seeds = peaks.astype(np.int32)
    n_seeds = np.minimum(groups, 1)  # peaks that touch are one seed, however wide it is
    boxes = _kernels.boxes_of(areas)
    for number in np.flatnonzero(groups > 1).tolist():
        top, left, bottom, right = boxes[number].tolist()
        box = slice(top, bottom), slice(left, right)
        inside = areas[box] == number
        is_peak = inside & peaks[box].view(np.bool_)
        # Near ones touch when they are made broad.
        broad = cv2.dilate(is_peak.view(np.uint8), half) & inside.view(np.uint8)
        numbers = _components(broad, 8)
        seeds[box][is_peak] = numbers[is_peak]
        n_seeds[number] = int(numbers.max())
    is_seed = seeds > 0
    seeds[is_seed] += (np.cumsum(n_seeds) - n_seeds)[areas[is_seed]].astype(np.int32)
    return seeds
