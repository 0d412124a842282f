"""What is in the objects of one image: how large they are, what they share, which of them touch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from podium.competition.instances import Instances
from podium.competition.objects import borders, shared_pixels

__all__ = ["ObjectFact", "count_objects"]


@dataclass(frozen=True)
class ObjectFact:
    """The objects of one image.

    Attributes:
        areas: pixels of each object.
        shared: pixels of more than one object.
        touching: objects that touch another one of their class, by a side or a corner.
        in_pieces: objects of several areas that do not touch.
    """

    areas: tuple[int, ...] = ()
    shared: int = 0
    touching: int = 0
    in_pieces: int = 0

    def to_list(self) -> list[int]:
        """Return the same as numbers, for a cache."""
        return [self.shared, self.touching, self.in_pieces, *self.areas]

    @classmethod
    def from_list(cls, numbers: Sequence[int]) -> ObjectFact:
        """Return what `to_list` wrote."""
        shared, touching, in_pieces, *areas = numbers
        return cls(tuple(areas), shared, touching, in_pieces)


def count_objects(objects: Instances) -> ObjectFact:
    """Return the fact of the objects of an image."""
    pieces = [
        cv2.connectedComponents(np.ascontiguousarray(crop).view(np.uint8), connectivity=8)[0] - 1
        for crop in objects.crops
    ]
    return ObjectFact(
        areas=tuple(objects.areas.tolist()),
        shared=int(shared_pixels(objects).sum()),
        touching=sum(
            _touching(objects.take(np.flatnonzero(objects.classes == number)))
            for number in np.unique(objects.classes).tolist()
        ),
        in_pieces=sum(n > 1 for n in pieces),
    )


def _touching(objects: Instances) -> int:
    is_border = borders(objects, 1)
    return sum(
        bool((crop & is_border[top:bottom, left:right]).any())
        for (top, left, bottom, right), crop in zip(objects.boxes, objects.crops, strict=True)
    )
