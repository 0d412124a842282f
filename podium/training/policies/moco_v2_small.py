"""MoCo v2's views without blur, as SimSiam has them for CIFAR-10 (arXiv:2011.10566, appendix D).

A window of 20 to 100 % of the image, a flip, colour jitter (0.4, 0.4, 0.4, 0.1), and grey.
"""

from __future__ import annotations

import albumentations as A

from podium.competition.truths.pixels import RGB8, Pixels
from podium.training.policies._crops_and_colours import colours, window

__all__ = ["POLICY"]


def moco_v2_small(size: tuple[int, int], pixels: Pixels = RGB8) -> list[A.BasicTransform]:
    """Return a window, a flip, and colours."""
    return [*window(size, (0.2, 1.0)), *colours(0.4, 0.4, 0.4, 0.1, pixels)]


POLICY = moco_v2_small
