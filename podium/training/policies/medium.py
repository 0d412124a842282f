"""What most image competitions start from: a random window, a flip, a little light and colour."""

from __future__ import annotations

import albumentations as A
import cv2

__all__ = ["POLICY"]


def medium(size: tuple[int, int]) -> list[A.BasicTransform]:
    """Return a crop of half to all of the image, a flip, brightness, contrast, hue, saturation."""
    return [
        A.RandomResizedCrop(
            size, scale=(0.5, 1.0), interpolation=cv2.INTER_LINEAR, area_for_downscale="image"
        ),
        A.HorizontalFlip(p=0.5),
        A.ColorJitter(brightness=0.2, contrast=0.2, saturation=0.2, hue=0.02, p=0.8),
    ]


POLICY = medium
