"""The pixels of an image: their form (channels, type, range), and images read a band at a time.

A large image is never in memory twice: it is converted, cropped and downscaled in bands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from podium.errors import DataError, plural

__all__ = [
    "BROKEN_FIX",
    "RGB8",
    "ArrayBands",
    "Dtype",
    "EnlargedBands",
    "ImageBands",
    "Pixels",
    "StackedBands",
    "refuse_too_large",
]

BROKEN_FIX = "download the file again, or leave its sample out, with the command of `podium check`"
"""How to mend an image that no reader can read."""


Dtype = Literal["uint8", "uint16", "float32"]


@dataclass(frozen=True)
class Pixels:
    """The form of every image of a competition, `(H, W, channels)` of `dtype`.

    Args:
        channels: number of values of a pixel.
        dtype: of a value.
        low: the value that becomes 0 in a network's input.
        high: the value that becomes 1, before mean and standard deviation.
    """

    channels: int = 3
    dtype: Dtype = "uint8"
    low: float = 0.0
    high: float = 255.0

    @property
    def is_rgb8(self) -> bool:
        """True for RGB images of 8 bits, which every viewer can show."""
        return self == RGB8

    @property
    def n_bytes(self) -> int:
        """Number of bytes of a pixel."""
        return self.channels * np.dtype(self.dtype).itemsize

    @property
    def network_form(self) -> Pixels:
        """The form in which augmentation and networks get these images.

        Whole 8 bits stay as they are; all else is float32, 0 to 1, so that nothing is rounded.
        """
        if (self.dtype, self.low, self.high) == ("uint8", 0.0, 255.0):
            return self
        return Pixels(self.channels, "float32", 0.0, 1.0)

    def in_network_form(self, image: NDArray[Any]) -> NDArray[Any]:
        """Return `image` in the `network_form`: itself where that is its own, else `unit` of it."""
        return np.asarray(image) if self.network_form.dtype == "uint8" else self.unit(image)

    def unit(self, image: NDArray[Any]) -> NDArray[np.float32]:
        """Return `image` as float32, `low` as 0 and `high` as 1; values outside are clipped."""
        scaled = (image.astype(np.float32) - self.low) / (self.high - self.low)
        return np.asarray(np.clip(scaled, 0, 1, out=scaled))

    def shown(self, image: NDArray[Any]) -> NDArray[np.uint8]:
        """Return `image` `(H, W, channels)` as people see it, `(H, W, 3)` uint8.

        One or two channels are shown as grey (the first), more as red, green and blue (the first
        three).
        """
        if self.is_rgb8:
            return np.asarray(image)
        chosen = image[:, :, :3] if self.channels >= 3 else image[:, :, :1]
        grey_or_rgb = np.round(self.unit(chosen) * 255).astype(np.uint8)
        return np.asarray(np.broadcast_to(grey_or_rgb, (*image.shape[:2], 3)).copy())


RGB8 = Pixels()


LARGEST_PX = 2**30
"""Pixels of the largest image that is opened; a file that declares more may be a bomb."""
_LARGEST_BYTES = 2**34  # of an image that is read whole
_BAND_ROWS = 1024
_LARGE_PX = 2**24
_CHANNELS_AT_ONCE = 4  # cv2.resize averages areas of so many

Array = NDArray[Any]
Size = tuple[int, int]


class ImageBands:
    """An image `(H, W, C)` whose pixels are computed on access.

    A subclass sets `shape` and `dtype` and implements `rows`. It can be sliced like an array, by
    rows and columns: `image[100:200, 300:400]`.

    Attributes:
        shape: (H, W, C).
        dtype: of the numbers.
        is_lazy: whether a window is read from the file without decoding the rest.
    """

    shape: tuple[int, int, int]
    dtype: np.dtype[Any]
    is_lazy = False

    def rows(self, top: int, bottom: int) -> Array:
        """Return the rows from `top` to before `bottom`, `(rows, W, C)`."""
        raise NotImplementedError

    def window(self, top: int, left: int, height: int, width: int) -> Array:
        """Return a part of the image, `(height, width, C)`."""
        return self.rows(top, top + height)[:, left : left + width]

    def __getitem__(self, part: tuple[slice, slice]) -> Array:
        """Return the rows and columns of two slices without a step, cut off as numpy does."""
        (top, bottom, _), (left, right, _) = (
            one.indices(side) for one, side in zip(part, self.shape, strict=False)
        )
        return self.window(top, left, max(0, bottom - top), max(0, right - left))

    def __len__(self) -> int:
        return self.shape[0]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.asarray(self.whole(), dtype=dtype)

    def __iter__(self) -> Iterator[Array]:
        """Give the rows from top to bottom, `(rows, W, C)`."""
        height = self.shape[0]
        for top in range(0, height, _BAND_ROWS):
            yield self.rows(top, min(top + _BAND_ROWS, height))

    def whole(self) -> Array:
        """Return all rows, `(H, W, C)`, C-contiguous and writable."""
        pixels, top = np.empty(self.shape, dtype=self.dtype), 0
        for band in self:
            pixels[top : top + len(band)] = band
            top += len(band)
        return pixels

    def resized(self, size: Size) -> Array:
        """Return the image at (height, width) `size`, each pixel the average of its area."""
        return area_resized(self.whole(), size)

    def reduced(self, side: int) -> Array:
        """Return all rows; of a large image a smaller picture, to be shrunk to `side` pixels.

        It has a power of two as scale, the area's average in each pixel, and a shorter side of at
        least `side`; edges that do not fill a pixel are left out. The decoded image is then the
        only large thing in memory.
        """
        height, width, _ = self.shape
        scale = 1
        while min(height, width) >= 2 * scale * side and 2 * scale <= _BAND_ROWS:
            scale *= 2
        if scale == 1 or height * width <= _LARGE_PX:
            return self.whole()
        columns = width // scale
        small = [
            _by_area(band[: rows * scale, : columns * scale], (rows, columns))
            for band in self
            if (rows := len(band) // scale)
        ]
        return np.concatenate(small)


@dataclass(frozen=True, eq=False)
class ArrayBands(ImageBands):
    """An array `(H, W, C)`, in memory or mapped, brought to its form a band at a time.

    Args:
        array: the values as they are kept.
        dtype: of the values that are given.
        form: from values as they are kept to those; default: as they are.
        is_lazy: whether `array` is mapped.
    """

    array: Array
    dtype: np.dtype[Any]
    form: Callable[[Array], Array] = np.asarray
    is_lazy: bool = False

    @property
    def shape(self) -> tuple[int, int, int]:  # type: ignore[override]  # known once it is made
        height, width, channels = self.array.shape
        return height, width, channels

    def rows(self, top: int, bottom: int) -> Array:
        return self.form(self.array[top:bottom])

    def window(self, top: int, left: int, height: int, width: int) -> Array:
        return self.form(self.array[top : top + height, left : left + width])


class StackedBands(ImageBands):
    """Images of one size, the channels of one after those of the other."""

    def __init__(self, parts: Sequence[ImageBands]) -> None:
        first = parts[0]
        self._parts = list(parts)
        self.shape = (*first.shape[:2], sum(part.shape[2] for part in parts))
        self.dtype = first.dtype
        self.is_lazy = all(part.is_lazy for part in parts)

    def rows(self, top: int, bottom: int) -> Array:
        return np.concatenate([part.rows(top, bottom) for part in self._parts], axis=2)

    def window(self, top: int, left: int, height: int, width: int) -> Array:
        at = (top, left, height, width)
        return np.concatenate([part.window(*at) for part in self._parts], axis=2)

    def resized(self, size: Size) -> Array:
        return np.concatenate([part.resized(size) for part in self._parts], axis=2)


class EnlargedBands(ImageBands):
    """A smaller image of the same view, at the size of a larger one; bilinear, edges coincide.

    As a satellite's bands of 20 m beside those of 10 m.
    """

    def __init__(self, part: ImageBands, size: Size) -> None:
        """Take the larger image's (height, width) as `size`."""
        self._part = part
        self.shape = (*size, part.shape[2])
        self.dtype = part.dtype
        self.is_lazy = part.is_lazy

    def rows(self, top: int, bottom: int) -> Array:
        return self.window(top, 0, bottom - top, self.shape[1])

    def window(self, top: int, left: int, height: int, width: int) -> Array:
        down = _between(self._part.shape[0], self.shape[0], top, top + height)
        across = _between(self._part.shape[1], self.shape[1], left, left + width)
        pixels = self._part.window(down.first, across.first, down.n, across.n)
        pixels = _weighted(pixels.astype(np.float32), down, axis=0)
        pixels = _weighted(pixels, across, axis=1)
        if self.dtype.kind in "iu":
            pixels = np.rint(pixels)
        return pixels.astype(self.dtype)

    def resized(self, size: Size) -> Array:
        """Return it at (height, width) `size`: shrunk from the pixels that there are."""
        height, width, _ = self._part.shape
        if size[0] <= height and size[1] <= width:
            return self._part.resized(size)
        return EnlargedBands(self._part, size).whole()


@dataclass(frozen=True)
class _Between:
    """Of a range of pixels along one side, the two neighbours of each in the smaller image.

    Attributes:
        first, n: the range of the smaller image that holds all of them.
        before, behind: `(length,)` numbers of the neighbours, counted from `first`.
        weight: `(length,)` of the one behind, 0 to 1.
    """

    first: int
    n: int
    before: NDArray[np.int64]
    behind: NDArray[np.int64]
    weight: NDArray[np.float32]


def _between(n_small: int, n_large: int, start: int, stop: int) -> _Between:
    centre = (np.arange(start, stop) + 0.5) * (n_small / n_large) - 0.5
    centre = np.clip(centre, 0, n_small - 1)
    before = np.floor(centre).astype(np.int64)
    behind = np.minimum(before + 1, n_small - 1)
    weight = (centre - before).astype(np.float32)
    if stop <= start:
        return _Between(0, 0, before, behind, weight)
    first = int(before[0])
    return _Between(first, int(behind[-1]) + 1 - first, before - first, behind - first, weight)


def _weighted(pixels: Array, at: _Between, *, axis: int) -> Array:
    weight = at.weight.reshape(-1, 1, 1) if axis == 0 else at.weight.reshape(1, -1, 1)
    before, behind = (np.take(pixels, one, axis=axis) for one in (at.before, at.behind))
    return np.asarray(before + (behind - before) * weight)


def area_resized(image: Array, size: Size) -> Array:
    """Return `image` `(H, W, C)` at a smaller (height, width), each pixel its area's average."""
    if image.dtype == np.uint8 and image.shape[2] == 3:
        resized = Image.fromarray(image).resize((size[1], size[0]), Image.Resampling.BOX)
        return np.array(resized, dtype=np.uint8)
    return _by_area(image, size)


def _by_area(image: Array, size: Size) -> Array:
    import cv2

    parts = [
        cv2.resize(
            np.ascontiguousarray(image[:, :, first : first + _CHANNELS_AT_ONCE]),
            (size[1], size[0]),
            interpolation=cv2.INTER_AREA,
        ).reshape(*size, -1)
        for first in range(0, image.shape[2], _CHANNELS_AT_ONCE)
    ]
    return np.concatenate(parts, axis=2) if len(parts) > 1 else np.asarray(parts[0])


def refuse_too_large(shape: Sequence[int], itemsize: int, path: Path) -> None:
    """Raise DataError where a file declares an image that no memory has, or an empty one.

    Args:
        shape: (H, W, C) or (H, W), as the file has it.
        itemsize: bytes of a number.
        path: of the file.
    """
    height, width, *rest = shape
    if min(shape) < 1:
        raise DataError(f"the image has no pixels: {height} × {width}", where=path, fix=BROKEN_FIX)
    n_numbers = height * width * int(np.prod(rest or [1], dtype=object))
    if height * width > LARGEST_PX or n_numbers * itemsize > _LARGEST_BYTES:
        raise DataError(
            f"the image is too large: {height:,} × {plural(width, 'pixel')} (height × width)",
            where=path,
            fix="cut the image into tiles, or shrink it",
        )
