"""The strong view of UniMatch (Yang et al. 2023, arXiv:2208.09910): colours alone, no geometry.

To be drawn on top of a weak view, whose pseudo-masks fit it as they are.
"""

from __future__ import annotations

import albumentations as A

from podium.competition.truths.pixels import RGB8, Pixels
from podium.training.policies._crops_and_colours import blur, colours

__all__ = ["POLICY"]


def photometric(size: tuple[int, int], pixels: Pixels = RGB8) -> list[A.BasicTransform]:
    """Return colour jitter (0.5, 0.5, 0.5, 0.25), grey, and a blur in proportion to the size."""
    return [*colours(0.5, 0.5, 0.5, 0.25, pixels), blur(size, p=0.5, side=321)]


POLICY = photometric
