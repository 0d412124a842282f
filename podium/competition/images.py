"""Image files as arrays: always upright, always RGB, always 8 bits a channel."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from podium.errors import DataError

__all__ = ["Reader", "image_size", "read_image"]

Reader = Literal["image"]

# What Pillow raises on damaged files, depending on the format and on where the damage is.
_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error)
_BAND_ROWS = 1024
# Pillow takes 90 million pixels for an attack; slides and satellite images have more. Memory for 1
# billion is 4 GB, and what is larger is refused.
Image.MAX_IMAGE_PIXELS = 2**29
_BROKEN_FIX = "download the file again, or take its row out of the table"


def read_image(path: Path, reader: Reader = "image") -> NDArray[np.uint8]:
    """Return the image as `(H, W, 3)` uint8 in RGB, C-contiguous.

    The EXIF orientation is applied. Transparent pixels are shown on black, because the colour
    behind them is arbitrary. Grey is repeated to three channels; 16-bit grey is divided by 257,
    whatever the image's own range is, so that equal values stay equal across images.

    Raises:
        DataError: the file is missing, empty, truncated, no image, or has pixels of another kind.
        OSError: the disk failed.
    """
    try:
        with Image.open(path) as opened:
            opened.load()
            ImageOps.exif_transpose(opened, in_place=True)
            return _pixels(_to_rgb(opened, path))
    except FileNotFoundError as cause:
        fix = "mend the path in the table or in competition.yaml, or download the file again"
        raise DataError("the image is missing", where=path, fix=fix) from cause
    except PermissionError as cause:
        fix = "give this user the right to read it"
        raise DataError("the image may not be read", where=path, fix=fix) from cause
    except UnidentifiedImageError as cause:
        raise DataError(_what_is_it(path), where=path, fix=_BROKEN_FIX) from cause
    except Image.DecompressionBombError as cause:
        fix = "cut the image into tiles, or shrink it"
        raise DataError(f"the image is too large: {cause}", where=path, fix=fix) from cause
    except _DAMAGE as cause:
        if isinstance(cause, OSError) and cause.errno is not None:
            raise  # of the disk or the mount, not of the file
        message = f"the image is truncated or damaged: {cause}"
        raise DataError(message, where=path, fix=_BROKEN_FIX) from cause


def image_size(path: Path) -> tuple[int, int]:
    """Return (height, width) as `read_image` would, from the file's header alone.

    Raises:
        DataError: the header cannot be read.
    """
    try:
        with Image.open(path) as opened:
            width, height = opened.size
            turned = opened.getexif().get(0x0112, 1) >= 5
    except (UnidentifiedImageError, Image.DecompressionBombError, *_DAMAGE) as cause:
        raise DataError(f"no image can be read: {cause}", where=path, fix=_BROKEN_FIX) from cause
    return (width, height) if turned else (height, width)


def _pixels(image: Image.Image) -> NDArray[np.uint8]:
    """Return the pixels, copied a band at a time: Pillow would hold a large image three times."""
    pixels = np.empty((image.height, image.width, 3), dtype=np.uint8)
    for top in range(0, image.height, _BAND_ROWS):
        below = min(top + _BAND_ROWS, image.height)
        pixels[top:below] = np.asarray(image.crop((0, top, image.width, below)))
    return pixels


def _to_rgb(image: Image.Image, path: Path) -> Image.Image:
    if image.mode == "RGB":
        return image
    if image.mode.startswith("I"):
        return Image.fromarray(_eight_bits(np.asarray(image))).convert("RGB")
    if image.mode == "F":
        raise DataError(
            "the pixels are floating-point numbers, whose range the file does not say",
            where=path,
            fix="convert the image to 8 or 16 bits",
        )
    if image.has_transparency_data:
        shown = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", shown.size, "black"), shown).convert("RGB")
    return image.convert("RGB")


def _eight_bits(grey: NDArray[np.integer]) -> NDArray[np.uint8]:
    """Return 16-bit grey as 8 bits, rounded: 0 -> 0, 65535 -> 255."""
    clipped = np.clip(grey, 0, 65535).astype(np.uint32)
    rounded: NDArray[np.uint8] = ((clipped + 128) // 257).astype(np.uint8)
    return rounded


def _what_is_it(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(16)
    if not start:
        return "the file is empty"
    if start.lstrip().lower().startswith((b"<!doc", b"<html")):
        return "this is a web page, not an image: the download needed a login"
    if start.startswith(b"DICM") or path.suffix.lower() in (".dcm", ".dicom"):
        return "this is a DICOM file, which the reader 'image' does not read"
    return f"no image format that Pillow knows; the file begins with {start[:8]!r}"
