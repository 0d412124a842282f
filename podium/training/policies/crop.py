"""A window and a flip, without colours: views of MAE (He et al. 2022, arXiv:2111.06377, §A.1).

20 to 100 % of the image.
"""

from __future__ import annotations

import albumentations as A

from podium.training.policies._crops_and_colours import window

__all__ = ["POLICY"]


def crop(size: tuple[int, int]) -> list[A.BasicTransform]:
    """Return a window and a flip."""
    return window(size, (0.2, 1.0))


POLICY = crop
