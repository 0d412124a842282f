"""The decided mask of one class, taken apart into objects in several ways.

What the ways share, distances from the edge and connected areas, is found once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from podium.predictions.mask_steps import ObjectSplit

if TYPE_CHECKING:
    from podium.competition.masks import Mask

__all__ = ["ClassPlane"]

_STEPS_A_PIXEL = 8  # levels of the flood for a pixel's distance from the edge

Bools = NDArray[np.bool_]
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
        from podium.predictions._distances import squared_distances
        from podium.predictions._flooding import flood

        could_be, distances = self._part, self._distances
        if strong is not None:
            could_be = could_be & strong[self._box].view(np.uint8)
            distances = squared_distances(could_be) if split.distance else distances
        seeds = _components(could_be, connectivity)
        if split.distance:
            seeds = _peaks(seeds, distances, split.distance)
        flood(self._levels, seeds, by_corners=connectivity == 8)
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
        from podium.predictions._distances import squared_distances

        return squared_distances(self._part)

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
    from podium.predictions._label_sums import boxes_of
    from podium.predictions._peaks import find_peaks

    reach = max(1, int(apart))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    half = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach | 1, reach | 1))
    peaks, groups = find_peaks(areas, distances, disc.view(np.bool_))
    seeds = peaks.astype(np.int32)
    n_seeds = np.minimum(groups, 1)  # peaks that touch are one seed, however wide it is
    boxes = boxes_of(areas)
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
