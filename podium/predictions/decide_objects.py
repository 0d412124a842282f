"""From probabilities of pixels to objects: a mask is decided, taken apart, and each part scored.

Objects of one class share no pixel; those of two may. How sure an object is, its score, is the mean
probability of its class over its pixels, one that no view covered counting 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from podium.competition.instances import Instances
from podium.predictions.decide import Step
from podium.predictions.decide_masks import checked_presence, decide_mask, in_order, naming
from podium.predictions.mask_steps import (
    NamedStep,
    ObjectSplit,
    mask_classes,
    object_steps,
    per_class,
    sorted_steps,
)
from podium.workspace.cores import n_cores

if TYPE_CHECKING:
    from podium.competition.masks import Mask
    from podium.competition.spec import TaskKind
    from podium.predictions.mask_probs import MaskProbs

__all__ = ["decide_instances", "instances_of", "parts_of", "union_of"]

_BAND_VALUES = 2**20
_STEPS_A_PIXEL = 8  # levels of the flood for a pixel's distance from the edge

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]
Labels = NDArray[np.int32]


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


def parts_of(probs: MaskProbs, i: int, mask: Mask, split: ObjectSplit) -> Instances:
    """Return the objects into which `split` takes `mask`, the decided mask of image `i`, apart."""
    planes = mask[..., None] if mask.ndim == 2 else mask
    n_classes = planes.shape[2]
    strong = _strong(probs, i, split, n_classes)
    labels = [
        _labels(np.ascontiguousarray(planes[..., c]), None if strong is None else strong[c], split)
        for c in range(n_classes)
    ]
    boxes, crops, classes, scores = [], [], [], []
    for c, (means, of_class) in enumerate(zip(_means(probs, i, labels), labels, strict=True)):
        for number, found in enumerate(ndimage.find_objects(of_class), start=1):
            if found is None:
                continue
            rows, columns = found
            boxes.append((rows.start, columns.start, rows.stop, columns.stop))
            crops.append(np.asarray(of_class[found] == number))
            classes.append(c)
            scores.append(means[number])
    height, width = planes.shape[:2]
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
            keep = np.zeros(len(objects), np.bool_)
            for number in np.unique(objects.classes):
                of_class = np.flatnonzero(objects.classes == number)
                keep[of_class[np.argsort(-areas[of_class], kind="stable")[:parameter]]] = True
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


def _labels(plane: Mask, strong: Bools | None, split: ObjectSplit) -> Labels:
    """Return the number of the object of each pixel of one class, 0 for the rest."""
    connectivity = 8 if split.connectivity == 2 else 4
    if split.split == "none":
        return _components(plane, connectivity)
    labels = np.zeros(plane.shape, np.int32)
    found = ndimage.find_objects(plane)
    if not found or found[0] is None:
        return labels
    # With a pixel of background around it, where the image goes on, to be far from.
    box = tuple(slice(max(0, one.start - 1), one.stop + 1) for one in found[0])
    part = np.ascontiguousarray(plane[box])
    could_be = part if strong is None else part & strong[box].view(np.uint8)
    seeds = (
        _peaks(could_be, split.distance, connectivity)
        if split.distance
        else _components(could_be, connectivity)
    )
    from podium.predictions._flooding import flood

    levels = np.ceil(_distances(part) * _STEPS_A_PIXEL).astype(np.int32)
    flood(levels, seeds, by_corners=connectivity == 8)
    labels[box] = seeds
    return labels


def _components(plane: Mask, connectivity: int) -> Labels:
    _, labels = cv2.connectedComponents(plane, connectivity=connectivity, ltype=cv2.CV_32S)
    return np.asarray(labels, dtype=np.int32)


def _distances(plane: Mask) -> NDArray[np.float32]:
    """Return how far each pixel is from background; where the image ends, the object goes on."""
    if plane.all():  # there is no background to be far from
        return np.ones(plane.shape, np.float32)
    return np.asarray(cv2.distanceTransform(plane, cv2.DIST_L2, cv2.DIST_MASK_PRECISE))


def _peaks(plane: Mask, apart: float, connectivity: int) -> Labels:
    """Return the numbered pixels that are farthest from the edge among those around them.

    Those of one area that lie at most `apart` pixels from each other are one seed.
    """
    areas, distances = _components(plane, connectivity), _distances(plane)
    seeds = np.zeros(plane.shape, np.int32)
    reach = max(1, int(apart))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    half = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach | 1, reach | 1))
    n_seeds = 0
    # Area by area: the peak of a small one is none beside that of a large neighbour.
    for number, box in enumerate(ndimage.find_objects(areas), start=1):
        inside = areas[box] == number
        heights = np.where(inside, distances[box], 0)
        is_peak = inside & (heights >= cv2.dilate(heights, disc))
        # Near ones touch when they are made broad.
        broad = cv2.dilate(is_peak.view(np.uint8), half) & inside.view(np.uint8)
        numbers = _components(broad, 8)
        seeds[box][is_peak] = numbers[is_peak] + n_seeds
        n_seeds += int(numbers.max())
    return seeds


def _means(probs: MaskProbs, i: int, labels: Sequence[Labels]) -> list[NDArray[np.float64]]:
    """Return for each class the mean probability of each of its objects, by number."""
    n = [int(one.max(initial=0)) + 1 for one in labels]
    totals, pixels = [np.zeros(one) for one in n], [np.zeros(one) for one in n]
    for rows, band in _bands(probs, i):
        for c, one in enumerate(labels):
            inside = one[rows].ravel()
            values = np.nan_to_num(band[..., c]).ravel()
            totals[c] += np.bincount(inside, weights=values, minlength=n[c])
            pixels[c] += np.bincount(inside, minlength=n[c])
    return [total / np.maximum(count, 1) for total, count in zip(totals, pixels, strict=True)]


def _bands(probs: MaskProbs, i: int) -> Iterator[tuple[slice, NDArray[np.float32]]]:
    height, width = probs.sizes[i]
    step = max(1, _BAND_VALUES // (width * probs.channels))
    for top in range(0, height, step):
        bottom = min(height, top + step)
        yield slice(top, bottom), probs.band(i, top, bottom)
