"""Both views of SimCLR (Chen et al. 2020, arXiv:2002.05709, appendix A), at strength s = 1.

A window of 8 to 100 % of the image, a flip, colour jitter (0.8 s, 0.8 s, 0.8 s, 0.2 s), grey, and a
blur of every other image.
"""

from __future__ import annotations

import albumentations as A

from podium.competition.truths.pixels import RGB8, Pixels
from podium.training.policies._crops_and_colours import blur, colours, window

__all__ = ["POLICY"]


def simclr(size: tuple[int, int], pixels: Pixels = RGB8) -> list[A.BasicTransform]:
    """Return a window, a flip, strong colours, and a blur in proportion to the size."""
    return [
        *window(size, (0.08, 1.0)),
        *colours(0.8, 0.8, 0.8, 0.2, pixels),
        blur(size, p=0.5, side=224),
    ]


POLICY = simclr
