"""The large windows of DINO's multi-crop (Caron et al. 2021, arXiv:2104.14294, §3.2).

25 to 100 % of the image, with BYOL's colours. The paper blurs one of its two global windows always
and the other for a tenth; here each is blurred half of the time, as its local ones are.
"""

from __future__ import annotations

import albumentations as A

from podium.competition.truths.pixels import RGB8, Pixels
from podium.training.policies._crops_and_colours import blur, colours, window

__all__ = ["POLICY"]


def global_crop(size: tuple[int, int], pixels: Pixels = RGB8) -> list[A.BasicTransform]:
    """Return a large window, a flip, colours, and a blur in proportion to the size."""
    return [
        *window(size, (0.25, 1.0)),
        *colours(0.4, 0.4, 0.2, 0.1, pixels),
        blur(size, p=0.5, side=224),
    ]


POLICY = global_crop
