"""Masks that are lines around what they show: whether the areas inside are to be learnt is asked.

training_set/000_HC_Annotation.png    the outline of a head, a pixel or two wide
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy import ndimage

from podium.competition.infer.files import ImageFile
from podium.competition.infer.pictures import read_picture

__all__ = ["closed_lines"]

_PROBED, _FEWEST = 8, 4
_LARGER = 3  # times the area of a line at least is that inside it


def closed_lines(root: Path, masks: Sequence[ImageFile]) -> str:
    """Return a note where each mask is a thin line around one area; "" else.

    Args:
        root: the data folder.
        masks: of train, all.
    """
    probe = masks[:: max(1, len(masks) // _PROBED)]
    if len(probe) < _FEWEST or not all(_is_closed_line(root / one.path) for one in probe):
        return ""
    return (
        f"masks are lines around areas, as {probe[0].path}: the lines are learnt; where the areas "
        "are meant, write them filled (scipy.ndimage.binary_fill_holes) and repeat podium init"
    )


def _is_closed_line(path: Path) -> bool:
    """Return whether foreground is thin, and closes in as many areas as it has pieces."""
    pixels = read_picture(path, lambda image: np.asarray(image.convert("L")) > 0)
    if pixels is None or not pixels.any():
        return False
    around = np.ones((3, 3), bool)
    inside = ndimage.binary_fill_holes(pixels) & ~pixels
    n_pieces, n_areas = ndimage.label(pixels, around)[1], ndimage.label(inside)[1]
    is_thin = not ndimage.binary_erosion(pixels, around, iterations=2).any()
    return is_thin and n_pieces == n_areas and inside.sum() >= _LARGER * pixels.sum()
