"""Pictures and masks of made-up competitions: a few dozen pixels, shapes without symmetry."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from layouts.runs import Plane

__all__ = ["Size", "draw_class_map", "draw_objects", "draw_plane", "paint_photo", "save_pixels"]

Size = tuple[int, int]
"""(height, width)."""
Random = np.random.Generator


def draw_plane(random: Random, size: Size, corner: str = "") -> Plane:
    """Return one shape: a slanted wedge on a foot, never the same when turned or flipped.

    With `corner` it has the "first" or the "last" pixel of the image.
    """
    height, width = size
    tall = int(random.integers(height // 3, height // 2 + 1))
    wide = int(random.integers(width // 3, width // 2 + 1))
    top, left = (
        int(random.integers(0, height - tall + 1)),
        int(random.integers(0, width - wide + 1)),
    )
    if corner:
        top, left = (0, 0) if corner == "first" else (height - tall, width - wide)
    plane = np.zeros(size, dtype=bool)
    for row in range(tall):
        reach = 1 + (wide - 1) * row // max(1, tall - 1)
        plane[top + row, left : left + reach] = True
    plane[top : top + max(1, tall // 2), left : left + max(2, wide // 4)] = True
    return plane


def draw_class_map(random: Random, size: Size, n_classes: int, *, fill: bool) -> NDArray[np.uint8]:
    """Return `(H, W)` of 0 (none) and class index + 1.

    With `fill` no pixel is of no class, and every class has some pixels: slanted bands.
    """
    height, width = size
    classes = np.zeros(size, dtype=np.uint8)
    if fill:
        rows, columns = np.mgrid[0:height, 0:width]
        slope = float(random.uniform(0.2, 0.6))
        place = (columns + slope * rows) / (width + slope * height)
        classes = (1 + np.minimum(place * n_classes, n_classes - 1)).astype(np.uint8)
        order = random.permutation(n_classes) + 1
        classes = order[classes - 1].astype(np.uint8)
    for number in random.permutation(n_classes):
        if fill or random.random() < 0.75:
            shape = draw_plane(random, size)
            classes[shape] = number + 1
    return classes


def draw_objects(random: Random, size: Size, n: int) -> list[Plane]:
    """Return at most `n` shapes that neither overlap nor touch: one in each cell of a grid."""
    height, width = size
    cells = [(top, left) for top in (0, height // 2) for left in (0, width // 2)]
    found = []
    for place in random.permutation(len(cells))[:n]:
        top, left = cells[place]
        cell = (height // 2 - 1, width // 2 - 1)
        plane = np.zeros(size, dtype=bool)
        plane[top : top + cell[0], left : left + cell[1]] = draw_plane(random, cell)
        found.append(plane)
    return found


def paint_photo(random: Random, size: Size, planes: Sequence[Plane] = ()) -> NDArray[np.uint8]:
    """Return `(H, W, 3)` of noise, brighter where a mask is."""
    photo = random.integers(0, 90, (*size, 3))
    for number, plane in enumerate(planes):
        photo[plane] += 60 + 20 * (number % 5)
    return photo.astype(np.uint8)


def save_pixels(path: Path, pixels: NDArray[np.uint8], mode: str | None = None) -> None:
    """Write a picture or a mask; JPEG only of photos."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(pixels)
    if mode is not None:
        image = image.convert(mode)
    image.save(path)
