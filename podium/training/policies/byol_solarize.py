"""The second view of BYOL (Grill et al. 2020, arXiv:2006.07733, table 6): seldom blurred.

As the first, but a tenth of the views is blurred, and of a fifth what is brighter than half is
inverted.
"""

from __future__ import annotations

import albumentations as A

from podium.competition.truths.pixels import RGB8, Pixels
from podium.training.policies._crops_and_colours import blur, colours, window

__all__ = ["POLICY"]


def byol_solarize(size: tuple[int, int], pixels: Pixels = RGB8) -> list[A.BasicTransform]:
    """Return a window, a flip, colours, a blur in proportion to the size, and solarisation."""
    return [
        *window(size, (0.08, 1.0)),
        *colours(0.4, 0.4, 0.2, 0.1, pixels),
        blur(size, p=0.1, side=224),
        A.Solarize(threshold_range=(0.5, 0.5), p=0.2),
    ]


POLICY = byol_solarize
