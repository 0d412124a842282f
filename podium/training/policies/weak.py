"""The weak view of FixMatch (Sohn et al. 2020, §2.3): a flip, and a shift of up to an eighth."""

from __future__ import annotations

import albumentations as A
import cv2

__all__ = ["POLICY"]


def weak(size: tuple[int, int]) -> list[A.BasicTransform]:
    """Return a horizontal flip and a translation whose border mirrors the image."""
    high, wide = size[0] // 8, size[1] // 8
    return [
        A.HorizontalFlip(p=0.5),
        A.Affine(
            translate_px={"x": (-wide, wide), "y": (-high, high)},
            interpolation=cv2.INTER_NEAREST,
            border_mode=cv2.BORDER_REFLECT_101,
            p=1.0,
        ),
    ]


POLICY = weak
