"""Masks as runs, "start length start length …", and back: pixel by pixel, nothing here is podium's.

`order` "F" counts down the columns, "C" along the rows; the first pixel is `base`; with `relative`
a start counts from the end of the run before it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["drawn", "runs_of"]

Mask = NDArray[np.bool_]


def runs_of(mask: Mask, *, order: str = "F", base: int = 1, relative: bool = False) -> str:
    """Return the runs of a mask `(H, W)`; "" for one without a pixel."""
    pixels = (mask.T if order == "F" else mask).ravel()
    numbers: list[int] = []
    end, place = 0, 0
    while place < pixels.size:
        if not pixels[place]:
            place += 1
            continue
        start = place
        while place < pixels.size and pixels[place]:
            place += 1
        first = not numbers
        numbers += [start + base if first or not relative else start - end, place - start]
        end = place
    return " ".join(map(str, numbers))


def drawn(
    text: str,
    shape: tuple[int, ...],
    *,
    order: str = "F",
    base: int = 1,
    relative: bool = False,
    empty: str = "",
) -> Mask:
    """Return the mask `(H, W)` of runs that must ascend, be apart and lie in the image.

    `empty` is the text of a mask without a pixel.
    """
    height, width = shape
    mask = np.zeros((height, width), dtype=bool)
    numbers = [int(word) for word in text.split(" ")] if text != empty else []
    assert len(numbers) % 2 == 0
    end = 0
    for start, length in zip(numbers[::2], numbers[1::2], strict=True):
        first = end + start if relative and end else start - base
        assert first >= end, "runs ascend and do not overlap"
        assert length > 0
        end = first + length
        assert end <= height * width
        for place in range(first, end):
            where = (place % height, place // height) if order == "F" else divmod(place, width)
            mask[where] = True
    return mask
