"""How an image comes to the network's input size, and its mask exactly as the image does.

resize       bent to the size
centre_crop  scaled until it covers the size, then cut around the centre
pad          scaled until it fits into the size, then filled up on both sides
tile         never scaled: what is too large is cut around the centre, what is too small filled
"""

from __future__ import annotations

from typing import Any, Literal, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from podium.competition.masks import IGNORE

__all__ = ["Fit", "fit_image", "fit_mask"]

Size = tuple[int, int]
Value = TypeVar("Value", np.uint8, np.uint16, np.float32)
Fit = Literal["resize", "centre_crop", "pad", "tile"]

CV_LAYERS = 128  # that OpenCV resizes at once; masks have up to 254
CV_AVERAGED = 4  # that it averages over areas at once


def _scaled_size(shape: Size, size: Size, fit: Fit) -> Size:
    (height, width), (high, wide) = shape, size
    if fit == "resize":
        return size
    if fit == "tile":
        return shape
    choose = max if fit == "centre_crop" else min
    scale = choose(high / height, wide / width)
    return max(1, round(height * scale)), max(1, round(width * scale))


def fit_image(image: NDArray[Value], size: Size, fit: Fit, *, black: float = 0) -> NDArray[Value]:
    """Return `image` `(H, W, C)` of uint8, uint16 or float32 brought to `size`, of the same dtype.

    Args:
        image: as it is kept.
        size: (height, width).
        fit: how.
        black: the value of what is filled up.
    """
    scaled = _scaled_size((image.shape[0], image.shape[1]), size, fit)
    return _centred(_resized(image, scaled), size, black)


def fit_mask(mask: NDArray[Value], size: Size, fit: Fit) -> NDArray[Value]:
    """Return `mask` `(H, W)` or `(H, W, C)` as `fit_image` brings its image to `size`.

    Of each new pixel it takes the one value at its centre; where the image is filled up, it is
    `IGNORE`. Numbers of pixels, float32, go the same way.
    """
    scaled = _scaled_size((mask.shape[0], mask.shape[1]), size, fit)
    return _centred(_nearest(mask, scaled), size, IGNORE)


def _resized(image: NDArray[Value], size: Size) -> NDArray[Value]:
    height, width = size
    if image.shape[:2] == size:
        return image
    shrinks = height < image.shape[0] or width < image.shape[1]
    # Area averaging is the one that does not alias when it shrinks.
    how, at_once = (cv2.INTER_AREA, CV_AVERAGED) if shrinks else (cv2.INTER_LINEAR, CV_LAYERS)
    return _in_layers(image, size, how, at_once)


def _nearest(mask: NDArray[Value], size: Size) -> NDArray[Value]:
    if mask.shape[:2] == size:
        return mask
    return _in_layers(mask, size, cv2.INTER_NEAREST_EXACT, CV_LAYERS)


def _in_layers(array: NDArray[Value], size: Size, how: int, at_once: int) -> NDArray[Value]:
    """Return `array` `(H, W)` or `(H, W, C)` resized by OpenCV, `at_once` of its layers a call."""
    if array.ndim == 3 and array.shape[2] > at_once:
        starts = range(0, array.shape[2], at_once)
        parts = [
            _in_layers(array[..., start : start + at_once], size, how, at_once) for start in starts
        ]
        return np.concatenate(parts, axis=2)
    height, width = size
    resized = cv2.resize(array, (width, height), interpolation=how)
    return np.asarray(resized, dtype=array.dtype).reshape(height, width, *array.shape[2:])


def _centred(array: NDArray[Value], size: Size, fill: float) -> NDArray[Value]:
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
