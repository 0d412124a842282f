"""Numbers as images: the size that rows of pixels have, and files of whole numbers.

The size of a row of pixels is told by two numbers near each other in a text, whose product it is;
else it is a square. Which of two numbers is the height is told by the images: pixels above each
other are alike.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image

from podium.errors import DataError, plural

__all__ = [
    "FEWEST_PIXELS",
    "HIGHEST",
    "PIXEL",
    "SIDES",
    "NumberScale",
    "save_pixels",
    "scales",
    "shape_of_rows",
    "sizes_in_texts",
]

PIXEL = re.compile(r"(?:pixel|px|p)?_?(\d+)(?:[x_]\d+)?", re.I)
"""What the column of a pixel is called."""
FEWEST_PIXELS = 16
SIDES = (1, 3, 4)
"""How many channels images have."""
HIGHEST = 65535
_NEAR = 40  # signs between the two numbers of a size
_ALIKE = 0.9
_OBLONG = 4
_PROBED = 64


def sizes_in_texts(texts: Iterable[str]) -> list[tuple[int, int]]:
    """Return the whole numbers that stand near each other in texts, in their order.

    Example:
        >>> sizes_in_texts(["Rows of 28x40 pixels.", "36 high and 48 wide"])
        [(28, 40), (36, 48)]
    """
    found = []
    for text in texts:
        numbers = list(re.finditer(r"(?<![\d.,])\d{1,5}(?![\d]|[.,]\d)", text))
        found += [
            (int(a[0]), int(b[0])) for a, b in pairwise(numbers) if b.start() - a.end() <= _NEAR
        ]
    return list(dict.fromkeys(found))


def shape_of_rows(
    rows: NDArray[Any], told: Iterable[tuple[int, int]], where: str
) -> tuple[int, int, int]:
    """Return height, width and channels of rows of pixels, line by line.

    Args:
        rows: `(N, H·W·C)`, the first of which are looked at.
        told: sizes that texts tell, in either order.
        where: the file.

    Raises:
        DataError: no size of so many pixels is told, and none is a square.
    """
    n_pixels = rows.shape[1]
    each = [(*one, channels) for one in told for channels in SIDES]
    found = [one for one in each if math.prod(one) == n_pixels and min(one[:2]) > 1]
    found += [(width, height, channels) for height, width, channels in found]
    sides = [(math.isqrt(n_pixels // channels), channels) for channels in SIDES]
    found += [(one, one, c) for one, c in sides if one * one * c == n_pixels][:1]
    probe = rows[:_PROBED].astype(np.float64)
    if not found:
        pairs = [(n, n_pixels // n) for n in range(2, n_pixels) if n_pixels % n == 0]
        pairs = [one for one in pairs if max(one) <= _OBLONG * min(one)]
        pairs.sort(key=lambda one: _unlikeness(probe, (*one, 1)))
        may_be = ", ".join(f"{height} × {width}" for height, width in pairs[:4])
        first = pairs[0] if pairs else ("H", "W")
        raise DataError(
            f"rows of {plural(n_pixels, 'pixel')} are no square image, and no text "
            "beside the data tells their height and width"
            + (f"; they may be {may_be} (height × width, the likeliest first)" if pairs else ""),
            where=where,
            fix=f"write a text into the data folder, size.txt, that says: images of {first[0]} × "
            f"{first[1]} pixels, height × width; or write the images as files",
        )
    shapes = {one: _unlikeness(probe, one) for one in dict.fromkeys(found)}
    best = min(shapes, key=lambda one: shapes[one])
    return best if shapes[best] < _ALIKE * shapes[found[0]] else found[0]


def _unlikeness(rows: NDArray[np.float64], shape: tuple[int, int, int]) -> float:
    """Return the mean difference of pixels above each other, where images are of such a shape."""
    return float(np.nanmean(np.abs(np.diff(rows.reshape(-1, *shape), axis=1))))


class NumberScale(NamedTuple):
    """How numbers become whole numbers: `(x - low) * factor`, up to `highest`.

    Attributes:
        note: what is lost; "" where nothing is.
    """

    low: float
    factor: float
    highest: int
    note: str


def scales(arrays: Mapping[str, NDArray[Any]]) -> dict[str, NumberScale]:
    """Return the scale of each part: fractions of one become bytes, whole numbers up to 65535 stay.

    Other numbers are stretched over 16 bits, those of all parts alike.
    """
    ends = {name: (float(np.nanmin(one)), float(np.nanmax(one))) for name, one in arrays.items()}
    fractions = {
        name
        for name, one in arrays.items()
        if one.dtype.kind == "f" and ends[name][0] >= 0 and ends[name][1] <= 1
    }
    rest = [one for name, one in arrays.items() if name not in fractions]
    found = {name: NumberScale(0.0, 255.0, 255, "") for name in fractions}
    if not rest:
        return found
    low = min(ends[name][0] for name in arrays.keys() - fractions)
    high = max(ends[name][1] for name in arrays.keys() - fractions)
    are_whole = all(one.dtype.kind in "uib" or not np.any(one % 1) for one in rest)
    if low >= 0 and high <= 255:
        common = NumberScale(0.0, 1.0, 255, "")
    elif low >= 0 and are_whole and high <= HIGHEST:
        common = NumberScale(0.0, 1.0, HIGHEST, "")
    else:
        note = f"; numbers from {low:.4g} to {high:.4g} are written as 0 to {HIGHEST:,}"
        common = NumberScale(low, HIGHEST / ((high - low) or 1.0), HIGHEST, note)
    return {name: found.get(name, common) for name in arrays}


def save_pixels(path: Path, pixels: NDArray[Any], scale: NumberScale) -> None:
    """Write an image without its ending: a PNG, of several channels of 16 bits a TIFF."""
    pixels = pixels[..., 0] if pixels.ndim == 3 and pixels.shape[-1] == 1 else pixels
    scaled = np.rint((np.nan_to_num(pixels.astype(np.float64)) - scale.low) * scale.factor)
    dtype = np.uint8 if scale.highest == 255 else np.uint16
    whole = np.clip(scaled, 0, scale.highest).astype(dtype)
    if dtype == np.uint16 and whole.ndim == 3:
        tifffile.imwrite(path.with_name(f"{path.name}.tif"), whole)
    else:
        Image.fromarray(whole).save(path.with_name(f"{path.name}.png"))
