"""The usual start of image competitions: a random window, a flip, a little light and colour."""

from __future__ import annotations

import albumentations as A
import cv2

from podium.competition.truths.pixels import RGB8, Pixels
from podium.training.policies._crops_and_colours import jitter

__all__ = ["POLICY"]


def medium(size: tuple[int, int], pixels: Pixels = RGB8) -> list[A.BasicTransform]:
    """Return a crop of half to all of the image, a flip, brightness, contrast, hue, saturation.

    Images that are not of red, green and blue have no hue and no saturation.
    """
    return [
        A.RandomResizedCrop(
            size, scale=(0.5, 1.0), interpolation=cv2.INTER_LINEAR, area_for_downscale="image"
        ),
        A.HorizontalFlip(p=0.5),
        jitter(0.2, 0.2, 0.2, 0.02, pixels),
    ]


POLICY = medium
