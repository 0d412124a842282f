"""Both views of SimCLR for small images, as of CIFAR-10 (arXiv:2002.05709, appendix B.9).

A window of 8 to 100 % of the image, a flip, colour jitter (0.4, 0.4, 0.4, 0.1), which is strength
s = 0.5, and grey; no blur.
"""

from __future__ import annotations

import albumentations as A

from podium.competition.truths.pixels import RGB8, Pixels
from podium.training.policies._crops_and_colours import colours, window

__all__ = ["POLICY"]


def simclr_small(size: tuple[int, int], pixels: Pixels = RGB8) -> list[A.BasicTransform]:
    """Return a window, a flip, and colours."""
    return [*window(size, (0.08, 1.0)), *colours(0.4, 0.4, 0.4, 0.1, pixels)]


POLICY = simclr_small
