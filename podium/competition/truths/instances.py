"""The objects of one image: each a mask of its own, with its class and its confidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.errors import DataError, either

__all__ = ["Box", "Instances"]

Box = tuple[int, int, int, int]
"""(top, left, bottom, right) in pixels; bottom and right are the first that lie outside."""


@dataclass(frozen=True)
class Instances:
    """Objects of an image, in any order; two may share pixels.

    Attributes:
        size: (height, width) of the image.
        boxes: of each object, as tight as it is.
        crops: bool, one array `(bottom - top, right - left)` an object: its pixels in its box.
        classes: int64 `(n,)`, from 0; all 0 where the task has one class.
        scores: float32 `(n,)` in [0, 1]: how sure each is; 1 for a truth.
    """

    size: tuple[int, int]
    boxes: tuple[Box, ...]
    crops: tuple[NDArray[np.bool_], ...]
    classes: NDArray[np.int64]
    scores: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.boxes)

    @classmethod
    def from_planes(
        cls,
        size: tuple[int, int],
        planes: Sequence[NDArray[np.bool_]],
        classes: Sequence[int] | NDArray[Any] | None = None,
        scores: Sequence[float] | NDArray[Any] | None = None,
    ) -> Instances:
        """Return the objects whose whole masks `(H, W)` are `planes`.

        Raises:
            DataError: a plane has another size or no pixel, or the lengths differ.
        """
        boxes, crops = [], []
        for number, plane in enumerate(planes):
            if plane.shape != tuple(size):
                raise DataError(f"object {number} has the shape {plane.shape}, its image {size}")
            box = _box_of(plane)
            if box is None:
                raise DataError(f"object {number} has no pixel")
            boxes.append(box)
            crops.append(np.array(plane[box[0] : box[2], box[1] : box[3]], dtype=np.bool_))
        return cls._of(size, boxes, crops, classes, scores)

    @classmethod
    def from_labels(
        cls,
        labels: NDArray[np.integer[Any]],
        classes: Sequence[int] | NDArray[Any] | None = None,
        scores: Sequence[float] | NDArray[Any] | None = None,
    ) -> Instances:
        """Return the objects of a map `(H, W)` of whole numbers: 0 is background.

        Objects are in ascending order of their numbers, which need not be consecutive; `classes`
        and `scores` have one value an object in that order.
        """
        from scipy.ndimage import find_objects

        boxes, crops = [], []
        _, dense = np.unique(labels, return_inverse=True)
        dense = dense.reshape(labels.shape) + (0 if (labels == 0).any() else 1)
        for number, found in enumerate(find_objects(dense), start=1):
            rows, columns = found
            boxes.append((rows.start, columns.start, rows.stop, columns.stop))
            crops.append(np.asarray(dense[found] == number))
        return cls._of((labels.shape[0], labels.shape[1]), boxes, crops, classes, scores)

    @classmethod
    def _of(
        cls,
        size: tuple[int, int],
        boxes: Sequence[Box],
        crops: Sequence[NDArray[np.bool_]],
        classes: Sequence[int] | NDArray[Any] | None,
        scores: Sequence[float] | NDArray[Any] | None,
    ) -> Instances:
        n = len(boxes)
        kinds = np.zeros(n, np.int64) if classes is None else np.asarray(classes, np.int64)
        sure = np.ones(n, np.float32) if scores is None else np.asarray(scores, np.float32)
        if kinds.shape != (n,) or sure.shape != (n,):
            raise DataError(
                f"{either(n, 'object has', 'objects have')} classes {kinds.shape} and scores "
                f"{sure.shape}, not ({n},)"
            )
        return cls((int(size[0]), int(size[1])), tuple(boxes), tuple(crops), kinds, sure)

    @classmethod
    def nothing(cls, size: tuple[int, int]) -> Instances:
        """Return an image without objects."""
        return cls._of(size, (), (), None, None)

    @cached_property
    def areas(self) -> NDArray[np.int64]:
        """`(n,)`: pixels of each object."""
        return np.array([np.count_nonzero(crop) for crop in self.crops], dtype=np.int64)

    def plane(self, number: int) -> NDArray[np.bool_]:
        """Return the mask of one object in the whole image, `(H, W)`."""
        whole = np.zeros(self.size, dtype=np.bool_)
        top, left, bottom, right = self.boxes[number]
        whole[top:bottom, left:right] = self.crops[number]
        return whole

    def planes(self) -> Iterator[NDArray[np.bool_]]:
        """Give the mask of each object in the whole image, one at a time."""
        return (self.plane(number) for number in range(len(self)))

    def take(self, numbers: Sequence[int] | NDArray[Any]) -> Instances:
        """Return the objects `numbers`, in that order."""
        chosen = [int(one) for one in numbers]
        return Instances(
            self.size,
            tuple(self.boxes[one] for one in chosen),
            tuple(self.crops[one] for one in chosen),
            self.classes[chosen],
            self.scores[chosen],
        )

    def intersection(self, number: int, other: Instances, at: int) -> int:
        """Return how many pixels object `number` shares with object `at` of `other`."""
        top, left, bottom, right = self.boxes[number]
        top_, left_, bottom_, right_ = other.boxes[at]
        rows, columns = (
            (max(top, top_), min(bottom, bottom_)),
            (max(left, left_), min(right, right_)),
        )
        if rows[0] >= rows[1] or columns[0] >= columns[1]:
            return 0
        mine = self.crops[number][
            rows[0] - top : rows[1] - top, columns[0] - left : columns[1] - left
        ]
        its = other.crops[at][
            rows[0] - top_ : rows[1] - top_, columns[0] - left_ : columns[1] - left_
        ]
        return int(np.count_nonzero(mine & its))

    def without_overlap(self) -> Instances:
        """Return the same objects; of shared pixels the surer one keeps them, then the earlier one.

        What has no pixel left is left out.
        """
        taken = np.zeros(self.size, dtype=np.bool_)
        kept: dict[int, tuple[Box, NDArray[np.bool_]]] = {}
        for number in np.argsort(-self.scores, kind="stable").tolist():
            top, left, bottom, right = self.boxes[number]
            window = taken[top:bottom, left:right]
            crop = self.crops[number] & ~window
            window |= crop
            inner = _box_of(crop)
            if inner is None:
                continue
            tight = (top + inner[0], left + inner[1], top + inner[2], left + inner[3])
            kept[number] = tight, crop[inner[0] : inner[2], inner[1] : inner[3]]
        order = sorted(kept)
        return Instances(
            self.size,
            tuple(kept[one][0] for one in order),
            tuple(kept[one][1] for one in order),
            self.classes[order],
            self.scores[order],
        )

    def labels(self) -> NDArray[np.int32]:
        """Return a map `(H, W)`: 0 background, i + 1 object i; of shared pixels the last one."""
        numbers = np.zeros(self.size, dtype=np.int32)
        for number, (box, crop) in enumerate(zip(self.boxes, self.crops, strict=True), start=1):
            numbers[box[0] : box[2], box[1] : box[3]][crop] = number
        return numbers


def _box_of(plane: NDArray[np.bool_]) -> Box | None:
    rows = np.flatnonzero(plane.any(axis=1))
    if not len(rows):
        return None
    columns = np.flatnonzero(plane.any(axis=0))
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1
