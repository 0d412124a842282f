"""Pictures of a data folder, of which some are damaged: what cannot be read is no evidence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import tifffile
from PIL import Image

from podium.competition.images import exif_orientation
from podium.competition.readers.tiff import page_shape_of_lines, shape_of_lines

__all__ = [
    "displayed_size",
    "has_pages_of_lines",
    "picture_size",
    "read_picture",
    "read_pixels",
]

_Read = TypeVar("_Read")
_MOST_PIXELS = 50_000_000
_TIFFS = (".tif", ".tiff")


def read_picture(path: Path, read: Callable[[Image.Image], _Read]) -> _Read | None:
    """Return what `read` makes of a picture; None where it cannot be read."""
    try:
        with Image.open(path) as image:
            return read(image)
    except Exception:  # Pillow raises what it likes
        return None


def picture_size(path: Path) -> tuple[int, int] | None:
    """Return the (height, width) in the header of a picture; None where it cannot be read."""
    size = read_picture(path, _size_of)
    if size is not None or path.suffix.lower() not in _TIFFS:
        return size
    try:  # bands that Pillow has no colours for
        with tifffile.TiffFile(path) as file:
            page = file.pages[0]
            size = int(page.imagelength), int(page.imagewidth)
            lines = page_shape_of_lines(page.description, size)
            return size if lines is None else lines[:2]
    except Exception:  # tifffile raises what it likes
        return None


def displayed_size(path: Path) -> tuple[int, int] | None:
    """Return the (height, width) of a picture with its EXIF turn; None where it cannot be read.

    So tools show it in which people draw, and so it is read.
    """
    size = picture_size(path)
    if size is not None and exif_orientation(path) >= 5:  # its sides are exchanged
        return size[1], size[0]
    return size


def _size_of(image: Image.Image) -> tuple[int, int]:
    lines = _lines_of(image)
    return (image.height, image.width) if lines is None else lines[:2]


def has_pages_of_lines(image: Image.Image) -> bool:
    """Return whether a picture is a TIFF of many channels, with a page for each line of pixels."""
    return _lines_of(image) is not None


def _lines_of(image: Image.Image) -> tuple[int, int, int] | None:
    tags = getattr(image, "tag_v2", None)
    described = "" if tags is None else str(tags.get(_DESCRIPTION, ""))
    return page_shape_of_lines(described, (image.height, image.width)) if described else None


_DESCRIPTION = 270  # the tag of TIFF


def read_pixels(path: Path) -> np.ndarray | None:
    """Return the pixels of a picture, of the first page of a TIFF, or of an array.

    Of a TIFF with a page for each line, those of all. None where there are too many, or it cannot
    be read.
    """
    try:
        return _pixels(path)
    except Exception:  # Pillow and tifffile raise what they like
        return None


def _pixels(path: Path) -> np.ndarray | None:
    if path.suffix.lower() in _TIFFS:
        with tifffile.TiffFile(path) as file:
            page = file.pages[0]
            lines = page_shape_of_lines(page.description, page.shape[:2])
            if lines is not None and shape_of_lines(list(file.pages)) is not None:
                return None if lines[0] * lines[1] > _MOST_PIXELS else file.asarray()
            too_large = page.shape[0] * page.shape[1] > _MOST_PIXELS
            return None if too_large else page.asarray()
    if path.suffix.lower() == ".npy":
        array = np.squeeze(np.load(path, mmap_mode="r", allow_pickle=False))
        return None if array.size > _MOST_PIXELS else np.asarray(array)
    with Image.open(path) as image:
        if image.width * image.height > _MOST_PIXELS:
            return None
        return np.asarray(image.convert("L") if image.mode == "1" else image)
