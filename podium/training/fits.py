"""How an image comes to the network's input size, and its mask exactly as the image does.

resize       bent to the size
centre_crop  scaled until it covers the size, then cut around the centre
pad          scaled until it fits into the size, then filled up on both sides
tile         never scaled: what is too large is cut around the centre, what is too small filled
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Literal, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from podium.competition.masks import IGNORE

__all__ = ["FITS", "Fit", "fit_mask"]

Image = NDArray[np.uint8]
Size = tuple[int, int]
Value = TypeVar("Value", np.uint8, np.float32)
Fit = Literal["resize", "centre_crop", "pad", "tile"]

BLACK = 0
CV_LAYERS = 128  # that OpenCV resizes at once; masks have up to 254


def _scaled_size(shape: Size, size: Size, fit: Fit) -> Size:
    (height, width), (high, wide) = shape, size
    if fit == "resize":
        return size
    if fit == "tile":
        return shape
    choose = max if fit == "centre_crop" else min
    scale = choose(high / height, wide / width)
    return max(1, round(height * scale)), max(1, round(width * scale))


def _fit_image(fit: Fit, image: Image, size: Size) -> Image:
    scaled = _scaled_size((image.shape[0], image.shape[1]), size, fit)
    return _centred(_resized(image, scaled), size, BLACK)


def fit_mask(mask: NDArray[Value], size: Size, fit: Fit) -> NDArray[Value]:
    """Return `mask` `(H, W)` or `(H, W, C)` as `FITS[fit]` brings its image to `size`.

    Of each new pixel it takes the one value at its centre; where the image is filled up, it is
    `IGNORE`. Numbers of pixels, float32, go the same way.
    """
    scaled = _scaled_size((mask.shape[0], mask.shape[1]), size, fit)
    return _centred(_nearest(mask, scaled), size, IGNORE)


def _resized(image: Image, size: Size) -> Image:
    height, width = size
    if image.shape[:2] == size:
        return image
    shrinks = height < image.shape[0] or width < image.shape[1]
    # Area averaging is the one that does not alias when it shrinks.
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, (width, height), interpolation=how), dtype=np.uint8)


def _nearest(mask: NDArray[Value], size: Size) -> NDArray[Value]:
    if mask.shape[:2] == size:
        return mask
    if mask.ndim == 3 and mask.shape[2] > CV_LAYERS:
        starts = range(0, mask.shape[2], CV_LAYERS)
        parts = [_nearest(mask[..., start : start + CV_LAYERS], size) for start in starts]
        return np.concatenate(parts, axis=2)
    height, width = size
    resized = cv2.resize(mask, (width, height), interpolation=cv2.INTER_NEAREST_EXACT)
    return np.asarray(resized, dtype=mask.dtype).reshape(height, width, *mask.shape[2:])


def _centred(array: NDArray[Value], size: Size, fill: int) -> NDArray[Value]:
    """Return `array` cut or filled to `size`, alike on both sides."""
    (height, width), (high, wide) = array.shape[:2], size
    top, left = max(0, (height - high) // 2), max(0, (width - wide) // 2)
    array = array[top : top + high, left : left + wide]
    if array.shape[:2] == size:
        return array
    above, before = (high - array.shape[0]) // 2, (wide - array.shape[1]) // 2
    below, after = high - array.shape[0] - above, wide - array.shape[1] - before
    around: Any = [(above, below), (before, after), *[(0, 0)] * (array.ndim - 2)]
    return np.pad(array, around, constant_values=fill)


FITS: dict[Fit, Callable[[Image, Size], Image]] = {
    "resize": partial(_fit_image, "resize"),
    "centre_crop": partial(_fit_image, "centre_crop"),
    "pad": partial(_fit_image, "pad"),
    "tile": partial(_fit_image, "tile"),
}
