"""Masks: drawn, and written as PNG, JPEG and colours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from layouts.drawing import Size, draw_class_map, draw_objects, draw_plane, save_pixels
from layouts.real.made import BROAD, SIZE, Builder
from layouts.runs import Plane
from layouts.truth import TrueSample

__all__ = [
    "draw_mask",
    "draw_masks_by_class",
    "draw_some_objects",
    "planes_of",
    "save_coloured_mask",
    "save_grey_mask",
    "save_jpeg",
    "save_jpeg_mask",
    "save_palette",
    "union",
    "voc_palette",
    "write_coloured_masks",
    "write_deepglobe",
]


def save_grey_mask(path: Path, plane: Plane, value: int = 255) -> None:
    save_pixels(path, plane.astype(np.uint8) * value)


def planes_of(classes: NDArray[np.uint8], n: int) -> tuple[Plane, ...]:
    return tuple(classes == place + 1 for place in range(n))


def voc_palette() -> list[int]:
    """Return the palette of VOC: bits of the number, by turns to red, green and blue."""
    found = []
    for number in range(256):
        colour, left = [0, 0, 0], number
        for bit in range(8):
            for channel in range(3):
                colour[channel] |= (left >> channel & 1) << 7 - bit
            left >>= 3
        found += colour
    return found


def save_palette(path: Path, numbers: NDArray[np.uint8]) -> None:
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(numbers, mode="P")
    image.putpalette(voc_palette())
    image.save(path)


def save_jpeg(path: Path, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Write a mask as a JPEG of the usual quality, and return its pixels as they are then."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, format="JPEG")
    with Image.open(path) as image:
        return np.asarray(image).copy()


def save_jpeg_mask(path: Path, plane: Plane) -> Plane:
    """Write a mask as JPEG, and return what is white in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(plane.astype(np.uint8) * 255).save(path, quality=95)
    with Image.open(path) as opened:
        return np.asarray(np.array(opened) > 127)


def save_coloured_mask(made: Builder, path: str, numbers: NDArray[np.uint8], colours: NDArray[np.uint8]) -> None:  # fmt: skip
    """Write a mask in which each number has its colour."""
    save_pixels(made.data / path, colours[numbers])


def write_coloured_masks(
    made: Builder, colours: Sequence[tuple[int, ...]], pairs: Iterable[tuple[str, str | None]]
) -> None:
    every = np.array(colours, dtype=np.uint8)
    for image, mask in pairs:
        classes = draw_class_map(made.random, BROAD, len(colours), fill=True)
        planes = planes_of(classes, len(colours)) if mask else None
        made.image(image, TrueSample(BROAD, planes=planes), part="train")
        if mask:
            save_pixels(made.data / mask, every[classes - 1])


def write_deepglobe(data: Path, colours: Mapping[str, tuple[int, int, int]]) -> Builder:
    made, rows, n_classes = Builder(data), [], len(colours)
    every = np.array(list(colours.values()), dtype=np.uint8)
    for n in range(36):
        part = "train" if n < 22 else "valid" if n < 28 else "test"
        name = 119 + 53 * n
        classes = draw_class_map(made.random, SIZE, n_classes, fill=True)
        if n_classes == 2:
            classes = (1 + draw_plane(made.random, SIZE)).astype(np.uint8)
        true = (
            TrueSample(SIZE, planes=planes_of(classes, n_classes))
            if part == "train"
            else TrueSample(SIZE)
        )
        image, mask = f"{part}/{name}_sat.jpg", f"{part}/{name}_mask.png"
        made.image(image, true, part="train")
        if part == "train":
            save_pixels(data / mask, every[classes - 1])
        rows.append([str(name), part, image, mask if part == "train" else ""])
    made.table("metadata.csv", ["image_id", "split", "sat_image_path", "mask_path"], rows)
    made.table("class_dict.csv", ["name", "r", "g", "b"],
               [[one, *map(str, colour)] for one, colour in colours.items()])  # fmt: skip
    return made


def draw_mask(made: Builder, size: Size, number: int) -> Plane:
    """Return one shape; of the first two images those at the corners, of some none."""
    if number < 2:
        return draw_plane(made.random, size, ("first", "last")[number])
    if number % 4 == 3:
        return np.zeros(size, dtype=bool)
    return draw_plane(made.random, size)


def draw_masks_by_class(made: Builder, size: Size, number: int, n: int) -> tuple[Plane, ...]:
    """Return masks that share no pixel; half of the images have none."""
    planes, taken = [], np.zeros(size, dtype=bool)
    for place in range(n):
        is_here = number < 2 or (number % 2 == 0 and (number + place) % 3)
        corner = ("first", "last")[number] if number < 2 and place == 0 else ""
        plane = draw_plane(made.random, size, corner) & bool(is_here) & ~taken
        taken |= plane
        planes.append(plane)
    return tuple(planes)


def draw_some_objects(made: Builder, size: Size, number: int) -> tuple[tuple[int, Plane], ...]:
    if number < 1:
        return tuple((0, draw_plane(made.random, size, one)) for one in ("first", "last"))
    return tuple((0, one) for one in draw_objects(made.random, size, 1 + number % 4))


def union(planes: Sequence[Plane]) -> Plane:
    """Return where any of the masks is."""
    return np.asarray(np.any(list(planes), axis=0))
