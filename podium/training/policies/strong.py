"""RandAugment (Cubuk et al. 2020, arXiv:1909.13719) and Cutout, the strong view of FixMatch.

The weak view, then 2 of 13 operations, each with a magnitude of its own draw, then always one grey
hole: as in FixMatch's code half as high and as wide as the image, but never cut off at its border.

Images that are not RGB of 8 bits have fewer operations. Equalising and saturation need red, green
and blue; auto-contrast, equalising and posterising work in 8 bits, and would throw the others away.
"""

from __future__ import annotations

import albumentations as A
import cv2

from podium.competition.truths.pixels import RGB8, Pixels
from podium.training.policies.weak import weak

__all__ = ["POLICY"]

GREY = 128


def strong(size: tuple[int, int], pixels: Pixels = RGB8) -> list[A.BasicTransform | A.BaseCompose]:
    """Return the weak policy, two random operations, and a hole of half the image's sides."""
    grey = GREY if pixels.dtype == "uint8" else GREY / 255
    operations = A.SomeOf(_operations(pixels, grey), n=2, replace=True, p=1.0)
    return [*weak(size), operations, _cutout(grey)]


POLICY = strong


def _operations(pixels: Pixels, grey: float) -> list[A.BasicTransform]:
    is_rgb, has_8_bits = pixels.channels == 3, pixels.dtype == "uint8"
    every = {"p": 1.0}
    border = {"border_mode": cv2.BORDER_CONSTANT, "fill": grey, **every}
    found = [
        A.NoOp(**every),
        A.AutoContrast(**every) if has_8_bits else None,
        A.Equalize(**every) if has_8_bits and is_rgb else None,
        A.Posterize(num_bits=(4, 8), **every) if has_8_bits else None,
        A.Solarize(threshold_range=(0.0, 1.0), **every),
        A.RandomBrightnessContrast(brightness_limit=0.9, contrast_limit=0.0, **every),
        A.RandomBrightnessContrast(brightness_limit=0.0, contrast_limit=0.9, **every),
        A.ColorJitter(brightness=0, contrast=0, saturation=(0.1, 1.9), hue=0, **every)
        if is_rgb
        else None,
        A.Sharpen(alpha=(0.0, 0.9), **every),
        A.Affine(rotate=(-30, 30), **border),
        A.Affine(shear={"x": (-17, 17), "y": (0, 0)}, **border),
        A.Affine(shear={"x": (0, 0), "y": (-17, 17)}, **border),
        A.Affine(translate_percent=(-0.3, 0.3), **border),
    ]
    return [one for one in found if one is not None]


def _cutout(grey: float) -> A.CoarseDropout:
    half = (0.5, 0.5)
    return A.CoarseDropout(
        num_holes_range=(1, 1), hole_height_range=half, hole_width_range=half, fill=grey, p=1.0
    )
