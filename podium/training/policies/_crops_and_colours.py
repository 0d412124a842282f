"""What self-supervised policies have in common: a random window, and what changes its colours."""

from __future__ import annotations

import albumentations as A
import cv2

__all__ = ["blur", "colours", "window"]

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
    brightness: float, contrast: float, saturation: float, hue: float
) -> list[A.BasicTransform]:
    """Return a colour jitter of these strengths for 4 of 5 images, and grey for 1 of 5."""
    jitter = A.ColorJitter(
        brightness=brightness, contrast=contrast, saturation=saturation, hue=hue, p=0.8
    )
    return [jitter, A.ToGray(p=0.2)]


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
