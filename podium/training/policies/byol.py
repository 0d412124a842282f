"""The first view of BYOL (Grill et al. 2020, arXiv:2006.07733, table 6): always blurred.

A window of 8 to 100 % of the image, a flip, colour jitter (0.4, 0.4, 0.2, 0.1), grey, blur.
"""

from __future__ import annotations

import albumentations as A

from podium.competition.truths.pixels import RGB8, Pixels
from podium.training.policies._crops_and_colours import blur, colours, window

__all__ = ["POLICY"]


def byol(size: tuple[int, int], pixels: Pixels = RGB8) -> list[A.BasicTransform]:
    """Return a window, a flip, colours, and a blur in proportion to the size."""
    return [
        *window(size, (0.08, 1.0)),
        *colours(0.4, 0.4, 0.2, 0.1, pixels),
        blur(size, p=1.0, side=224),
    ]


POLICY = byol
