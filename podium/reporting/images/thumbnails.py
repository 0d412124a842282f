"""Images as small pictures inside a page."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from podium.competition.images import read_bands
from podium.competition.readers import IMAGE, Reader
from podium.competition.spec import Competition

__all__ = [
    "LARGEST_PX",
    "as_uri",
    "as_webp",
    "data_uri",
    "enlarged",
    "files_of",
    "shrunk",
    "thumbnail",
]

Files = Path | Sequence[Path | None]

LARGEST_PX = 256  # the larger side, in pixels
_QUALITY, _QUALITY_OF_DRAWN = 82, 92  # flat colours show what the format loses


def files_of(competition: Competition, paths: Sequence[str]) -> list[Path | None]:
    """Return the files of a sample's image, in the order of its channels."""
    return [competition.root / path if path else None for path in paths]


def shrunk(files: Files, reader: Reader = IMAGE, *, largest: int = LARGEST_PX) -> NDArray[np.uint8]:
    """Return the image for display, `(h, w, 3)`, its larger side at most `largest` pixels.

    It is never enlarged. Images of 16 bits, of numbers or of other channels than three are
    converted by `Pixels.shown`.

    Args:
        files: one, or several whose channels are concatenated; None: zeros.
        reader: of each.
        largest: in pixels.

    Raises:
        DataError: the image cannot be read.
    """
    bands = read_bands(files, reader)
    pixels = replace(reader.pixels, channels=bands.shape[2])
    image = Image.fromarray(pixels.shown(bands.reduced(4 * largest)))
    image.thumbnail((largest, largest), Image.Resampling.LANCZOS)
    return np.asarray(image)


def enlarged(image: NDArray[np.uint8], *, largest: int = LARGEST_PX) -> NDArray[np.uint8]:
    """Return a tiny image as many times larger as fits: outlines stay thinner than objects."""
    times = max(1, largest // max(image.shape[:2]))
    return image.repeat(times, axis=0).repeat(times, axis=1)


def as_uri(pixels: NDArray[np.uint8], *, is_drawn: bool = False) -> str:
    """Return pixels `(h, w, 3)` as a data URI; `is_drawn`: with edges that should stay sharp."""
    quality = _QUALITY_OF_DRAWN if is_drawn else _QUALITY
    return data_uri(as_webp(pixels, quality=quality))


def data_uri(webp: bytes) -> str:
    """Return a WebP file as the address of a picture inside a page."""
    return "data:image/webp;base64," + base64.b64encode(webp).decode("ascii")


def as_webp(pixels: NDArray[np.uint8], *, quality: int = _QUALITY, lossless: bool = False) -> bytes:
    """Return pixels `(h, w, 3)` as a WebP file."""
    stream = io.BytesIO()
    image = Image.fromarray(pixels)
    image.save(stream, format="WEBP", quality=quality, method=4, lossless=lossless)
    return stream.getvalue()


def thumbnail(files: Files, reader: Reader = IMAGE, *, largest: int = LARGEST_PX) -> str:
    """Return the image as a data URI, as small as `shrunk` makes it.

    Raises:
        DataError: the image cannot be read.
    """
    return as_uri(shrunk(files, reader, largest=largest))
