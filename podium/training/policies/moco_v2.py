"""Both views of MoCo v2 (Chen et al. 2020, arXiv:2003.04297), used by SimSiam, too.

A window of 20 to 100 % of the image, a flip, colour jitter (0.4, 0.4, 0.4, 0.1), grey, and a blur
of every other image.
"""

from __future__ import annotations

import albumentations as A

from podium.competition.truths.pixels import RGB8, Pixels
from podium.training.policies._crops_and_colours import blur, colours, window

__all__ = ["POLICY"]


def moco_v2(size: tuple[int, int], pixels: Pixels = RGB8) -> list[A.BasicTransform]:
    """Return a window, a flip, colours, and a blur in proportion to the size."""
    return [
        *window(size, (0.2, 1.0)),
        *colours(0.4, 0.4, 0.4, 0.1, pixels),
        blur(size, p=0.5, side=224),
    ]


POLICY = moco_v2
