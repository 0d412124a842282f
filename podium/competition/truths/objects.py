"""The true objects of samples: scored whole, trained on with a border so that touching ones part.

A network is trained on the union of all objects. Objects that touch would form one area, which no
threshold can separate again. So the training target has background where two objects of a class
meet, as the cell borders of U-Net (Ronneberger et al. 2015, §3, there as weights): each pixel with
two of them within `data.train.border` pixels to any side.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podium.competition.images import image_size
from podium.competition.sections.frame import fixed_size
from podium.competition.spec import Competition
from podium.competition.truths.instances import Box, Instances
from podium.competition.truths.masks import (
    LazyTruths,
    Mask,
    MaskRef,
    ObjectPart,
    read_mask,
    read_object_parts,
    union_of_objects,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "border_pixels",
    "objects_of_parts",
    "read_objects",
    "read_target",
    "resize_objects",
    "shared_pixels",
    "truth_instances",
]

_MOST_NUMBERS = 2**24  # integers up to this are exact in float32, in which OpenCV dilates


def read_instances(
    ref: MaskRef, competition: Competition, size: tuple[int, int], *, image: Path | None = None
) -> Instances:
    """Return the objects of a sample at the size of its image, in the order of files or rows.

    An object without a pixel is left out; unlabelled pixels belong to none.

    Args:
        ref: their location: a file or row an object, or files whose values number them.
        competition: defines the meaning of pixel values and the format of runs.
        size: (height, width) of the image, upright.
        image: its file, to explain a size that does not fit.

    Raises:
        MaskError: as `read_mask`.
    """
    parts = read_object_parts(ref, competition, size, image)
    return objects_of_parts(size, [_objects_of(ref, competition, one) for one in parts])


def read_objects(
    ref: MaskRef, competition: Competition, size: tuple[int, int], *, image: Path | None = None
) -> tuple[Mask, Instances]:
    """Return the mask and the objects of a sample, reading each file once.

    Arguments and errors are those of `read_mask` and `read_instances`.
    """
    found: list[Instances] = []

    def noting() -> Iterator[ObjectPart]:
        for one in read_object_parts(ref, competition, size, image):
            found.append(_objects_of(ref, competition, one))
            yield one

    return union_of_objects(noting(), competition, size), objects_of_parts(size, found)


def _objects_of(ref: MaskRef, competition: Competition, part: ObjectPart) -> Instances:
    number, numbers, _ = part
    if ref.is_table or competition.masks_by_object:
        plane = numbers > 0
        objects = Instances.from_planes(plane.shape, [plane] if plane.any() else [])
    else:
        objects = Instances.from_labels(np.maximum(numbers, 0))
    return replace(objects, classes=np.full(len(objects), number, np.int64))


def objects_of_parts(size: tuple[int, int], parts: Sequence[Instances]) -> Instances:
    """Return the objects of all `parts` of one image, in order."""
    return Instances(
        (int(size[0]), int(size[1])),
        tuple(box for part in parts for box in part.boxes),
        tuple(crop for part in parts for crop in part.crops),
        np.concatenate([np.zeros(0, np.int64), *(part.classes for part in parts)]),
        np.concatenate([np.zeros(0, np.float32), *(part.scores for part in parts)]),
    )


def resize_objects(instances: Instances, size: tuple[int, int]) -> Instances:
    """Return the objects at another (height, width), each pixel that of its centre, as `nearest`.

    Objects that no pixel is left of are left out.
    """
    if instances.size == tuple(size):
        return instances
    rows, columns = (
        (2 * np.arange(new) + 1) * old // (2 * new)  # ascending: the pixel that each one shows
        for new, old in zip(size, instances.size, strict=True)
    )
    boxes: list[Box] = []
    crops, kept = [], []
    for number, ((top, left, bottom, right), crop) in enumerate(
        zip(instances.boxes, instances.crops, strict=True)
    ):
        first, stop = np.searchsorted(rows, [top, bottom]).tolist()
        start, end = np.searchsorted(columns, [left, right]).tolist()
        inside = crop[rows[first:stop, None] - top, columns[None, start:end] - left]
        if inside.any():
            one = Instances.from_planes((stop - first, end - start), [inside])
            (above, before, below, after) = one.boxes[0]
            boxes.append((above + first, before + start, below + first, after + start))
            crops.append(one.crops[0])
            kept.append(number)
    return Instances(
        (int(size[0]), int(size[1])),
        tuple(boxes),
        tuple(crops),
        instances.classes[kept],
        instances.scores[kept],
    )


def read_target(
    ref: MaskRef, competition: Competition, size: tuple[int, int], *, image: Path | None = None
) -> Mask:
    """Return the training target of a sample's mask: of objects, their union without borders.

    Raises:
        MaskError: as `read_mask`.
    """
    border = competition.data.train.border
    if not competition.has_objects or border == 0:
        return read_mask(ref, competition, size, image=image)
    return remove_borders(*read_objects(ref, competition, size, image=image), border)


def remove_borders(mask: Mask, objects: Instances, reach: int) -> Mask:
    """Return `mask`, the union of `objects`, with background where two of a class meet; changed."""
    planes = mask[..., None] if mask.ndim == 2 else mask
    for number in np.unique(objects.classes).tolist():
        of_class = objects.take(np.flatnonzero(objects.classes == number))
        plane = planes[..., number]
        plane[border_pixels(of_class, reach) & (plane == 1)] = 0  # unlabelled pixels stay IGNORE
    return mask


def border_pixels(instances: Instances, reach: int) -> NDArray[np.bool_]:
    """Return bool `(H, W)`: pixels with two objects within `reach` pixels to any side.

    The window around a pixel is of 2 · reach + 1 pixels a side; a pixel of two objects is one.
    """
    import cv2

    assert len(instances) < _MOST_NUMBERS
    labels = instances.labels().astype(np.float32)
    window = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    highest = cv2.dilate(labels, window)
    # The lowest number that is one: background counts as more than any.
    labels[labels == 0] = _MOST_NUMBERS
    lowest = cv2.erode(labels, window)
    return np.asarray((highest > lowest) | shared_pixels(instances))


def shared_pixels(instances: Instances) -> NDArray[np.bool_]:
    """Return `(H, W)`: pixels of more than one object."""
    seen = np.zeros(instances.size, np.bool_)
    twice = np.zeros(instances.size, np.bool_)
    for (top, left, bottom, right), crop in zip(instances.boxes, instances.crops, strict=True):
        twice[top:bottom, left:right] |= seen[top:bottom, left:right] & crop
        seen[top:bottom, left:right] |= crop
    return twice


def truth_instances(competition: Competition, samples: pd.DataFrame) -> LazyTruths[Instances]:
    """Return the true objects of `samples` in the competition's frame, each read on access."""
    return LazyTruths(competition, samples, _objects_in_frame)


def _objects_in_frame(ref: MaskRef, competition: Competition, image: Path) -> Instances:
    native = image_size(image, competition.reader)
    objects = read_instances(ref, competition, native, image=image)
    size = fixed_size(competition.frame)
    return objects if size is None else resize_objects(objects, size)
