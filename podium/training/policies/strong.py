"""RandAugment (Cubuk et al. 2020, arXiv:1909.13719) and Cutout, the strong view of FixMatch.

The weak view, then 2 of 13 operations, each with a magnitude of its own draw, then always one grey
hole: as in FixMatch's code half as high and as wide as the image, but never cut off at its border.
"""

from __future__ import annotations

import albumentations as A
import cv2

from podium.training.policies.weak import weak

__all__ = ["POLICY"]


def strong(size: tuple[int, int]) -> list[A.BasicTransform | A.BaseCompose]:
    """Return the weak policy, two random operations, and a hole of half the image's sides."""
    return [*weak(size), A.SomeOf(_operations(), n=2, replace=True, p=1.0), _cutout()]


POLICY = strong


def _operations() -> list[A.BasicTransform]:
    every = {"p": 1.0}
    border = {"border_mode": cv2.BORDER_CONSTANT, "fill": 128, **every}
    return [
        A.NoOp(**every),
        A.AutoContrast(**every),
        A.Equalize(**every),
        A.Posterize(num_bits=(4, 8), **every),
        A.Solarize(threshold_range=(0.0, 1.0), **every),
        A.RandomBrightnessContrast(brightness_limit=0.9, contrast_limit=0.0, **every),
        A.RandomBrightnessContrast(brightness_limit=0.0, contrast_limit=0.9, **every),
        A.ColorJitter(brightness=0, contrast=0, saturation=(0.1, 1.9), hue=0, **every),
        A.Sharpen(alpha=(0.0, 0.9), **every),
        A.Affine(rotate=(-30, 30), **border),
        A.Affine(shear={"x": (-17, 17), "y": (0, 0)}, **border),
        A.Affine(shear={"x": (0, 0), "y": (-17, 17)}, **border),
        A.Affine(translate_percent=(-0.3, 0.3), **border),
    ]


def _cutout() -> A.CoarseDropout:
    half = (0.5, 0.5)
    return A.CoarseDropout(
        num_holes_range=(1, 1), hole_height_range=half, hole_width_range=half, fill=128, p=1.0
    )
