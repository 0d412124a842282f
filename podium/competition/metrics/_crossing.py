"""The pixels that objects of two sets share, compiled: numba is loaded when they are compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.codecs._kernels import compiled
from podium.competition.truths.instances import Instances

__all__ = ["crossings"]

Numbers = NDArray[np.int64]


def crossings(first: Instances, second: Instances) -> tuple[Numbers, Numbers, Numbers]:
    """Return the pairs of one class whose boxes meet, and how many pixels each pair shares.

    Returns:
        Their numbers in `first`, ascending, those in `second`, ascending within one of `first`, and
        the pixels, all `(M,)`.
    """
    # From above to below: who may meet an object stand side by side.
    mine, its = _Packed.of(first), _Packed.of(second)
    order = np.argsort(its.boxes[:, 0], kind="stable")
    its = its.ordered(order)
    tallest = int((its.boxes[:, 2] - its.boxes[:, 0]).max(initial=0))
    start = np.searchsorted(its.boxes[:, 0], mine.boxes[:, 0] - tallest)
    stop = np.searchsorted(its.boxes[:, 0], mine.boxes[:, 2])
    pairs = np.zeros((int(np.maximum(stop - start, 0).sum()), 2), np.int64)
    n = _compiled_meet(mine.boxes, its.boxes, mine.classes, its.classes, start, stop, pairs)
    pairs = pairs[:n]
    shared = np.zeros(n, np.int64)
    _compiled_share(
        mine.boxes, mine.starts, mine.pixels, its.boxes, its.starts, its.pixels, pairs, shared
    )
    true, predicted = pairs[:, 0], order[pairs[:, 1]]
    sorted_ = np.lexsort((predicted, true))
    return true[sorted_], predicted[sorted_], shared[sorted_]


@dataclass(frozen=True)
class _Packed:
    """Objects without Python around them.

    Attributes:
        boxes: `(n, 4)`.
        starts: `(n,)`, where each crop begins in `pixels`.
        pixels: uint8 `(P,)`, those of all crops.
        classes: `(n,)`.
    """

    boxes: Numbers
    starts: Numbers
    pixels: NDArray[np.uint8]
    classes: Numbers

    @classmethod
    def of(cls, objects: Instances) -> _Packed:
        boxes = np.array(objects.boxes, dtype=np.int64).reshape(-1, 4)
        areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
        crops = [np.zeros(0, np.bool_), *(crop.ravel() for crop in objects.crops)]
        pixels = np.concatenate(crops).view(np.uint8)
        return cls(boxes, np.cumsum(areas) - areas, pixels, objects.classes)

    def ordered(self, order: Numbers) -> _Packed:
        return _Packed(self.boxes[order], self.starts[order], self.pixels, self.classes[order])


def _meet(mine: Any, its: Any, classes: Any, other: Any, start: Any, stop: Any, pairs: Any) -> int:
    n = 0
    for i in range(len(mine)):
        for j in range(start[i], stop[i]):
            if (
                mine[i, 0] < its[j, 2]
                and mine[i, 2] > its[j, 0]
                and mine[i, 1] < its[j, 3]
                and mine[i, 3] > its[j, 1]
                and classes[i] == other[j]
            ):
                pairs[n, 0], pairs[n, 1] = i, j
                n += 1
    return n


def _share(
    mine: Any,
    starts: Any,
    pixels: Any,
    its: Any,
    other_starts: Any,
    other_pixels: Any,
    pairs: Any,
    shared: Any,
) -> None:
    for pair in range(len(pairs)):
        i, j = pairs[pair, 0], pairs[pair, 1]
        top, bottom = max(mine[i, 0], its[j, 0]), min(mine[i, 2], its[j, 2])
        left, right = max(mine[i, 1], its[j, 1]), min(mine[i, 3], its[j, 3])
        width, other_width = mine[i, 3] - mine[i, 1], its[j, 3] - its[j, 1]
        n = 0
        for row in range(top, bottom):
            at = starts[i] + (row - mine[i, 0]) * width + left - mine[i, 1]
            other_at = other_starts[j] + (row - its[j, 0]) * other_width + left - its[j, 1]
            for column in range(right - left):
                n += pixels[at + column] & other_pixels[other_at + column]
        shared[pair] = n


_compiled_meet = compiled(_meet)
_compiled_share = compiled(_share)
