"""Pictures of a data folder, of which some are damaged: what cannot be read is no evidence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import tifffile
from PIL import Image

from podium.competition.images import exif_orientation

__all__ = ["picture_size", "read_picture", "read_pixels", "size_as_seen"]

_Read = TypeVar("_Read")
_MOST_PIXELS = 50_000_000
_TIFFS = (".tif", ".tiff")
_SIDEWAYS = (5, 6, 7, 8)  # EXIF orientations that exchange the sides


def read_picture(path: Path, read: Callable[[Image.Image], _Read]) -> _Read | None:
    """Return what `read` makes of a picture; None where it cannot be read."""
    try:
        with Image.open(path) as image:
            return read(image)
    except Exception:  # Pillow raises what it likes
        return None


def picture_size(path: Path) -> tuple[int, int] | None:
    """Return the (height, width) in the header of a picture; None where it cannot be read."""
    size = read_picture(path, lambda image: (image.height, image.width))
    if size is not None or path.suffix.lower() not in _TIFFS:
        return size
    try:  # bands that Pillow has no colours for
        with tifffile.TiffFile(path) as file:
            page = file.pages[0]
            return int(page.imagelength), int(page.imagewidth)
    except Exception:  # tifffile raises what it likes
        return None


def size_as_seen(path: Path) -> tuple[int, int] | None:
    """Return the (height, width) of a picture with its EXIF turn; None where it cannot be read.

    So tools show it in which people draw, and so it is read.
    """
    size = picture_size(path)
    if size is not None and exif_orientation(path) in _SIDEWAYS:
        return size[1], size[0]
    return size


def read_pixels(path: Path) -> np.ndarray | None:
    """Return the pixels of a picture, of the first page of a TIFF, or of an array.

    None where there are too many. Pillow raises what it likes where it cannot be read.
    """
    if path.suffix.lower() in _TIFFS:
        with tifffile.TiffFile(path) as file:
            page = file.pages[0]
            too_large = page.shape[0] * page.shape[1] > _MOST_PIXELS
            return None if too_large else page.asarray()
    if path.suffix.lower() == ".npy":
        array = np.squeeze(np.load(path, mmap_mode="r", allow_pickle=False))
        return None if array.size > _MOST_PIXELS else np.asarray(array)
    with Image.open(path) as image:
        if image.width * image.height > _MOST_PIXELS:
            return None
        return np.asarray(image.convert("L") if image.mode == "1" else image)
