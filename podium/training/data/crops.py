"""Crops from images that are larger than the network's input (`fit: tile`), cut on the fly.

An image `(H, W)` gives ceil(H / h) · ceil(W / w) windows `(h, w)` a pass, as many as are needed to
cover it. Their positions are drawn anew in every pass: anywhere, or, for a share of them, around a
pixel of some mask class. A side that is shorter than the window's is taken whole.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.truths.masks import IGNORE, Mask
from podium.training.data.sampling import generator

__all__ = [
    "ClassPixels",
    "CropPlan",
    "CropWindow",
    "covering_windows",
    "find_class_pixels",
    "n_windows",
]

KEPT = 256
"""Pixels of a mask class, of one image, among which windows find their centres."""
BAND_PIXELS = 2**22

Size = tuple[int, int]


@dataclass(frozen=True)
class CropWindow:
    """A part of an image: its first row and column, its height and width.

    Attributes:
        overlap: rows at its top, and columns at its left, that an earlier window had already.
    """

    top: int
    left: int
    height: int
    width: int
    overlap: tuple[int, int] = (0, 0)

    def of(self, array: NDArray[Any]) -> NDArray[Any]:
        """Return a copy of this part of `array` `(H, W, …)`."""
        rows = slice(self.top, self.top + self.height)
        return np.array(array[rows, self.left : self.left + self.width])

    def of_mask(self, mask: Mask) -> Mask:
        """Return a copy of this part of `mask`, `IGNORE` where it overlaps an earlier window."""
        part = self.of(mask)
        part[: self.overlap[0]] = IGNORE
        part[:, : self.overlap[1]] = IGNORE
        return part


@dataclass(frozen=True)
class ClassPixels:
    """Some pixels of every class that a mask shows.

    Attributes:
        width: of the mask; a pixel's number is row · width + column.
        pixels: numbers `(≤ KEPT,)` uint32 for each class that is there, drawn without preference.
    """

    width: int
    pixels: tuple[NDArray[np.uint32], ...]

    def draw(self, rng: np.random.Generator) -> tuple[int, int]:
        """Return (row, column) of a pixel; every class that is there comes as often."""
        of_class = self.pixels[int(rng.integers(len(self.pixels)))]
        return divmod(int(of_class[int(rng.integers(len(of_class)))]), self.width)


@dataclass(frozen=True)
class CropPlan:
    """Sizes and positions of the windows cut from the images of some rows.

    Attributes:
        size: (height, width) of a window.
        images: (height, width) of each row's image.
        foreground: share of the windows that lie around a pixel of a mask class.
        places: of each row's mask; None where it has no foreground, or is missing.
    """

    size: Size
    images: Sequence[Size]
    foreground: float = 0.0
    places: Sequence[ClassPixels | None] = ()

    @property
    def counts(self) -> NDArray[np.int64]:
        """Number of windows of each row in a pass, `(N,)`."""
        return np.array([n_windows(image, self.size) for image in self.images], dtype=np.int64)

    def subset(self, at: NDArray[np.int64]) -> CropPlan:
        """Return the same for the rows at these positions."""
        return replace(
            self,
            images=[self.images[row] for row in at],
            places=[self.places[row] for row in at] if self.places else (),
        )

    def draw(self, row: int, seed: int) -> CropWindow:
        """Return the window of `row` that belongs to `seed`."""
        rng = np.random.default_rng(seed)
        places = self.places[row] if self.foreground > 0 else None
        if places is not None and rng.random() < self.foreground:
            return _centred_window(places.draw(rng), self.images[row], self.size)
        (height, width), (high, wide) = self.images[row], self.size
        top = int(rng.integers(max(0, height - high) + 1))
        left = int(rng.integers(max(0, width - wide) + 1))
        return CropWindow(top, left, min(height, high), min(width, wide))


def n_windows(image: Size, size: Size) -> int:
    """Return how many windows of `size` cover an image.

    Example:
        >>> n_windows((100, 300), (128, 128))
        3
    """
    return math.ceil(image[0] / size[0]) * math.ceil(image[1] / size[1])


def covering_windows(image: Size, size: Size) -> list[CropWindow]:
    """Return windows that cover an image, each with its overlap with earlier ones.

    They lie side by side, row by row; the last of a row or column is moved back into the image.
    """
    return [
        CropWindow(top, left, high, wide, (above, before))
        for top, above, high in _steps(image[0], size[0])
        for left, before, wide in _steps(image[1], size[1])
    ]


def _steps(length: int, side: int) -> list[tuple[int, int, int]]:
    """Return (start, overlap with earlier windows, length) of the windows along one side."""
    if length <= side:
        return [(0, 0, length)]
    starts = [(min(new, length - side), new) for new in range(0, length, side)]
    return [(start, new - start, side) for start, new in starts]


def _centred_window(pixel: tuple[int, int], image: Size, size: Size) -> CropWindow:
    """Return the window whose centre is `pixel`, moved into the image where it would leave it."""
    high, wide = min(image[0], size[0]), min(image[1], size[1])
    top = min(max(0, pixel[0] - high // 2), image[0] - high)
    left = min(max(0, pixel[1] - wide // 2), image[1] - wide)
    return CropWindow(top, left, high, wide)


def find_class_pixels(mask: Mask, name: str) -> ClassPixels | None:
    """Return some pixels of every class of `mask`; None where there is no class.

    The mask is read twice, in bands, so that one that lies on disk is never in memory whole.

    Args:
        mask: `(H, W)` with class numbers from 1, or `(H, W, C)` of zeros and ones.
        name: the sample's id; the same mask and name give the same pixels.
    """
    height, width = mask.shape[:2]
    per_band = max(1, BAND_PIXELS // (width * (mask.shape[2] if mask.ndim == 3 else 1)))
    starts = range(0, height, per_band)
    counts = np.stack([_class_counts(mask[start : start + per_band]) for start in starts])
    chosen = _sampled_pixels(counts.sum(axis=0), generator("foreground", name))
    if not chosen:
        return None
    found: dict[int, list[NDArray[np.int64]]] = {layer: [] for layer in chosen}
    before = np.zeros_like(counts[0])
    for start, here in zip(starts, counts, strict=True):
        for layer, numbers in chosen.items():
            inside = numbers[(numbers >= before[layer]) & (numbers < before[layer] + here[layer])]
            if len(inside):
                at = np.flatnonzero(_of_class(mask[start : start + per_band], layer))
                found[layer].append(at[inside - before[layer]] + start * width)
        before += here
    return ClassPixels(
        width, tuple(np.concatenate(one).astype(np.uint32) for one in found.values())
    )


def _class_counts(band: Mask) -> NDArray[np.int64]:
    """Return how many pixels each class has, `(256,)` or `(C,)`."""
    if band.ndim == 3:
        return np.asarray((band == 1).sum(axis=(0, 1)), dtype=np.int64)
    counts = np.bincount(band.ravel(), minlength=256)
    counts[[0, IGNORE]] = 0
    return counts


def _of_class(band: Mask, layer: int) -> NDArray[np.bool_]:
    return np.asarray(band[..., layer] == 1 if band.ndim == 3 else band == layer)


def _sampled_pixels(
    totals: NDArray[np.int64], rng: np.random.Generator
) -> dict[int, NDArray[np.int64]]:
    """Return, for each class that is there, which of its pixels are kept, in rising order."""
    return {
        int(layer): np.sort(rng.choice(totals[layer], size=min(KEPT, totals[layer]), replace=False))
        for layer in np.flatnonzero(totals)
    }
