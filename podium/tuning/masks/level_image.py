"""Level images: for each pixel how many thresholds it reaches, and the steps that act on them.

A step on a mask is increasing if a larger mask never gives a smaller one. Of such a step it is the
same whether masks are made at every threshold and the step is done on each, or whether it is done
once on the level image, in its form for grey levels, and masks are made of that: the threshold
decomposition of stack filters (Wendt, Coyle & Gallagher 1986) and of morphology (Serra 1982). The
steps on regions in `mask_regions.py` are increasing but `largest`: of two areas, the one that stays
may be the one that grew. For a mask of one class they are, on levels:

    median       the median of the window
    open, close  the largest of the discs' smallest levels; the smallest of their largest
    fill_holes   every basin that does not reach the border, of at most so many pixels, is filled
    min_area     every peak is cut down to the level at which it has so many pixels
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["COMMUTING", "MOST_LEVELS", "LevelImage", "changes_nothing", "filtered", "levels_of"]

MOST_LEVELS = 254  # one value of a byte is left for what lies beyond the border

LevelImage = NDArray[np.uint8]
"""`(H, W)`, at most `MOST_LEVELS`: the mask at the threshold t, counted from 0, is `levels > t`."""


def levels_of(values: NDArray[np.floating[Any]], thresholds: Sequence[float]) -> LevelImage:
    """Return how many of the thresholds each value reaches, of the shape of `values`.

    Args:
        values: probabilities, compared as float32; nan reaches no threshold.
        thresholds: `(T,)`, ascending, 1 to `MOST_LEVELS` of them.

    Example:
        >>> levels_of(np.array([[0.2, 0.5, 0.9]]), [0.25, 0.5]).tolist()
        [[0, 2, 2]]
    """
    from podium.tuning.masks._level_kernels import CELLS, count_reached

    at = np.asarray(thresholds, dtype=np.float32)
    assert 1 <= len(at) <= MOST_LEVELS
    assert (np.diff(at) >= 0).all()
    cells = (at.clip(0, 1) * np.float32(CELLS)).astype(np.int64)
    starts = np.searchsorted(cells, np.arange(CELLS + 1)).astype(np.int32)
    found = np.empty(values.shape, np.uint8)
    flat = np.ascontiguousarray(values, dtype=np.float32).ravel()
    count_reached(flat, at, starts, found.reshape(-1))
    return found


def filtered(levels: LevelImage, steps: Sequence[tuple[str, Any]]) -> LevelImage:
    """Return a level image whose mask at every threshold is that of `levels` after `steps`.

    Args:
        levels: of one class.
        steps: names of `COMMUTING` and parameters of one class, as `mask_regions.py` takes them.
    """
    for name, parameter in steps:
        if not changes_nothing(name, parameter):
            levels = COMMUTING[name](levels, parameter)
    return levels


def changes_nothing(name: str, parameter: Any) -> bool:
    """Return whether a step leaves every mask as it is."""
    if name in ("median", "min_area"):
        return bool(parameter <= 1)
    return parameter is not None and not parameter


def _median(levels: LevelImage, side: int) -> LevelImage:
    return _bytes(cv2.medianBlur(np.ascontiguousarray(levels), side))


def _open(levels: LevelImage, radius: int) -> LevelImage:
    return _bytes(cv2.morphologyEx(levels, cv2.MORPH_OPEN, _disc(radius)))


def _close(levels: LevelImage, radius: int) -> LevelImage:
    return _bytes(cv2.morphologyEx(levels, cv2.MORPH_CLOSE, _disc(radius)))


def _fill_holes(levels: LevelImage, at_most: int | None) -> LevelImage:
    most = levels.size if at_most is None else min(at_most, levels.size)
    return _flooded(levels, most, has_corners=False, is_open_beyond=True)


def _min_area(levels: LevelImage, least: float) -> LevelImage:
    # Turned upside down, a peak of fewer pixels is a basin that is filled.
    most = min(int(np.ceil(least)) - 1, levels.size)
    turned = np.uint8(MOST_LEVELS) - levels
    found = _flooded(turned, most, has_corners=True, is_open_beyond=False)
    return np.uint8(MOST_LEVELS) - np.minimum(found, np.uint8(MOST_LEVELS))


def _flooded(
    levels: LevelImage, most: int, *, has_corners: bool, is_open_beyond: bool
) -> LevelImage:
    from podium.tuning.masks._level_kernels import BEYOND, flood

    found = np.empty(levels.shape, np.uint8)
    flood(np.pad(levels, 1, constant_values=BEYOND), most, has_corners, is_open_beyond, found)
    return found


def _disc(radius: int) -> NDArray[np.uint8]:
    steps = np.arange(-radius, radius + 1) ** 2
    return (steps[:, None] + steps <= radius**2).astype(np.uint8)


def _bytes(found: Any) -> LevelImage:
    return np.asarray(found, dtype=np.uint8)


COMMUTING: dict[str, Callable[[LevelImage, Any], LevelImage]] = {
    "fill_holes": _fill_holes,
    "min_area": _min_area,
    "open": _open,
    "close": _close,
    "median": _median,
}
"""Steps on regions that may be done on levels."""
