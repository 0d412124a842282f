"""The small windows of DINO's multi-crop (Caron et al. 2021, arXiv:2104.14294, §3.2).

5 to 25 % of the image, with BYOL's colours; in the paper 96 pixels beside global windows of 224.
"""

from __future__ import annotations

import albumentations as A

from podium.competition.truths.pixels import RGB8, Pixels
from podium.training.policies._crops_and_colours import blur, colours, window

__all__ = ["POLICY"]


def local_crop(size: tuple[int, int], pixels: Pixels = RGB8) -> list[A.BasicTransform]:
    """Return a small window, a flip, colours, and a blur in proportion to the size."""
    return [
        *window(size, (0.05, 0.25)),
        *colours(0.4, 0.4, 0.2, 0.1, pixels),
        blur(size, p=0.5, side=96),
    ]


POLICY = local_crop
