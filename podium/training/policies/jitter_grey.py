"""Colour jitter and grey, as the strong views of CoMatch (Li et al. 2021, arXiv:2011.11183).

Without its random windows: for images that are small, or whose object fills them.
"""

from __future__ import annotations

import albumentations as A

from podium.competition.truths.pixels import RGB8, Pixels
from podium.training.policies._crops_and_colours import colours

__all__ = ["POLICY"]


def jitter_grey(size: tuple[int, int], pixels: Pixels = RGB8) -> list[A.BasicTransform]:
    """Return a flip, colour jitter (0.4, 0.4, 0.4, 0.1), and grey."""
    return [A.HorizontalFlip(p=0.5), *colours(0.4, 0.4, 0.4, 0.1, pixels)]


POLICY = jitter_grey
