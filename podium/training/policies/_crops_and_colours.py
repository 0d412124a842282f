"""What self-supervised policies have in common: a random window, and what changes its colours."""

from __future__ import annotations

import albumentations as A
import cv2

from podium.competition.pixels import Pixels
from podium.training.policies._light import Light

__all__ = ["blur", "colours", "jitter", "window"]

Size = tuple[int, int]

SIGMA = (0.1, 2.0)  # pixels, as all the papers have it


def window(size: Size, scale: tuple[float, float]) -> list[A.BasicTransform]:
    """Return a window with a share of the image's area in `scale`, its sides 3:4 to 4:3; a flip.

    Bicubic where it grows, as in the papers; where it shrinks pixels are averaged.
    """
    crop = A.RandomResizedCrop(
        size, scale=scale, interpolation=cv2.INTER_CUBIC, area_for_downscale="image"
    )
    return [crop, A.HorizontalFlip(p=0.5)]


def colours(
    brightness: float, contrast: float, saturation: float, hue: float, pixels: Pixels
) -> list[A.BasicTransform]:
    """Return a colour jitter of these strengths for 4 of 5 images, and grey for 1 of 5.

    Images that are not of red, green and blue have no hue and are never made grey: their
    brightness and contrast change.
    """
    jittered = jitter(brightness, contrast, saturation, hue, pixels)
    return [jittered, A.ToGray(p=0.2)] if pixels.channels == 3 else [jittered]


def jitter(
    brightness: float, contrast: float, saturation: float, hue: float, pixels: Pixels
) -> A.BasicTransform:
    """Return a colour jitter of these strengths for 4 of 5 images.

    Of images that are not of red, green and blue it changes brightness and contrast alone.
    """
    if pixels.channels != 3:
        return Light(brightness, contrast, p=0.8)
    return A.ColorJitter(
        brightness=brightness, contrast=contrast, saturation=saturation, hue=hue, p=0.8
    )


def blur(size: Size, *, p: float, side: int) -> A.BasicTransform:
    """Return a Gaussian blur for a share `p` of the images.

    Args:
        size: (height, width) of the view.
        p: share.
        side: of the views in the paper; the blur is in proportion to it, so that an image of 32
            pixels is as good as not blurred.
    """
    shrunk = min(size) / side
    return A.GaussianBlur(sigma_limit=(SIGMA[0] * shrunk, SIGMA[1] * shrunk), p=p)
