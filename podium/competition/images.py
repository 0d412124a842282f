"""Image files as arrays: always upright, always RGB, always 8 bits a channel."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from podium.competition.readers import IMAGE, Reader
from podium.errors import DataError

__all__ = ["Bands", "bands_of", "exif_turn", "image_size", "read_bands", "read_image"]

# What Pillow raises on damaged files, depending on the format and on where the damage is.
_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error)
_BAND_ROWS = 1024
_LARGE_PX = 2**24
# Pillow takes 90 million pixels for an attack; slides and satellite images have more. Memory for 1
# billion is 4 GB, and what is larger is refused.
Image.MAX_IMAGE_PIXELS = 2**29
_ORIENTATION, _FIRST_TURNED = 0x0112, 5  # EXIF
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHUNK_HEAD, _CHECKSUM_BYTES = struct.Struct(">I4s"), 4  # length of the content, name
_TAG_CHUNKS = (b"eXIf", b"tEXt", b"zTXt", b"iTXt")
_BROKEN_FIX = "download the file again, or take its row out of the table"


@dataclass(frozen=True)
class Bands:
    """A decoded image, whose pixels are brought to RGB a band at a time.

    A large image is in memory once then, in what Pillow holds it in, and not a second time.
    """

    _image: Image.Image
    _path: Path

    @property
    def shape(self) -> tuple[int, int, int]:
        """(H, W, 3)."""
        return self._image.height, self._image.width, 3

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        """Give the rows from top to bottom, `(rows, W, 3)` uint8."""
        height, width, _ = self.shape
        for top in range(0, height, _BAND_ROWS):
            part = self._image.crop((0, top, width, min(top + _BAND_ROWS, height)))
            yield np.asarray(_to_rgb(part, self._path))

    def whole(self) -> NDArray[np.uint8]:
        """Return all rows, `(H, W, 3)` uint8, C-contiguous and writable."""
        pixels, top = np.empty(self.shape, dtype=np.uint8), 0
        for band in self:
            pixels[top : top + len(band)] = band
            top += len(band)
        return pixels

    def resized(self, size: tuple[int, int]) -> NDArray[np.uint8]:
        """Return the image at (height, width) `size`, each pixel the average of its area."""
        whole = _to_rgb(self._image, self._path)
        return np.array(whole.resize((size[1], size[0]), Image.Resampling.BOX), dtype=np.uint8)

    def reduced(self, side: int) -> NDArray[np.uint8]:
        """Return all rows; of a large image a smaller picture, to be shrunk to `side` pixels.

        It has a power of two as scale, the area's average in each pixel, and a shorter side of at
        least `side`; edges that do not fill a pixel are left out. The decoded image is then the
        only large thing in memory.
        """
        height, width, _ = self.shape
        scale = 1
        while min(height, width) >= 2 * scale * side and 2 * scale <= _BAND_ROWS:
            scale *= 2
        if scale == 1 or height * width <= _LARGE_PX:
            return self.whole()
        import cv2

        columns = width // scale
        small = [
            cv2.resize(
                band[: rows * scale, : columns * scale],
                (columns, rows),
                interpolation=cv2.INTER_AREA,
            )
            for band in self
            if (rows := len(band) // scale)
        ]
        return np.asarray(np.concatenate(small), dtype=np.uint8)


def read_image(path: Path, reader: Reader = IMAGE) -> NDArray[np.uint8]:
    """Return the image as `(H, W, 3)` uint8 in RGB, C-contiguous.

    The EXIF orientation is applied. Transparent pixels are shown on black, because the colour
    behind them is arbitrary. Grey is repeated to three channels; 16-bit grey is divided by 257,
    whatever the image's own range is, so that equal values stay equal across images.

    Raises:
        DataError: the file is missing, empty, truncated, no image, or has pixels of another kind.
        OSError: the disk failed.
    """
    return read_bands(path, reader).whole()


def read_bands(path: Path, reader: Reader = IMAGE) -> Bands:
    """Return the image as `read_image` does, in bands; all that can be wrong is raised here."""
    try:
        if reader.is_foreign:
            return Bands(Image.fromarray(reader.read(path)), path)
        with Image.open(path) as opened:
            return bands_of(opened, path)
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


def bands_of(opened: Image.Image, path: Path) -> Bands:
    """Return what an opened file shows; Pillow's errors and those of `read_image` pass."""
    opened.load()
    ImageOps.exif_transpose(opened, in_place=True)
    _to_rgb(opened.crop((0, 0, 1, 1)), path)
    return Bands(opened, path)


def image_size(path: Path, reader: Reader = IMAGE) -> tuple[int, int]:
    """Return (height, width) as `read_image` would, from the file's header alone.

    A user's own reader knows no headers: it reads the file.

    Raises:
        DataError: the header cannot be read.
    """
    if reader.is_foreign:
        return _size_by(reader, path)
    try:
        with Image.open(path) as opened:
            width, height = opened.size
            turned = _orientation(opened, path) >= _FIRST_TURNED
    except (UnidentifiedImageError, Image.DecompressionBombError, *_DAMAGE) as cause:
        raise DataError(f"no image can be read: {cause}", where=path, fix=_BROKEN_FIX) from cause
    return (width, height) if turned else (height, width)


def _size_by(reader: Reader, path: Path) -> tuple[int, int]:
    try:
        return reader.size(path)
    except OSError as cause:
        raise DataError(f"no image can be read: {cause}", where=path, fix=_BROKEN_FIX) from cause


def exif_turn(path: Path) -> int:
    """Return the EXIF orientation of an image file: 1 upright, 5 to 8 with its sides exchanged.

    1 also where the file cannot be read: whoever reads the image says what is wrong with it.
    """
    try:
        with Image.open(path) as opened:
            return _orientation(opened, path)
    except Exception:  # Pillow raises what it likes on damage
        return 1


def _orientation(opened: Image.Image, path: Path) -> int:
    # Pillow decodes a whole PNG to look for tags behind its pixels: 200 times as slow as a header,
    # and half a gigabyte for 144 megapixels. Where there are none, those in front are all.
    is_all_in_front = opened.format == "PNG" and not _has_tags_behind_pixels(path)
    tags = Image.Image.getexif(opened) if is_all_in_front else opened.getexif()
    return int(tags.get(_ORIENTATION, 1))


def _has_tags_behind_pixels(png: Path) -> bool:
    """Return whether a PNG has EXIF or text after its first pixels; only chunk heads are read."""
    is_behind = False
    with png.open("rb") as file:
        file.seek(len(_PNG_SIGNATURE))
        while len(head := file.read(_CHUNK_HEAD.size)) == _CHUNK_HEAD.size:
            length, name = _CHUNK_HEAD.unpack(head)
            if is_behind and name in _TAG_CHUNKS:
                return True
            is_behind = is_behind or name == b"IDAT"
            file.seek(length + _CHECKSUM_BYTES, os.SEEK_CUR)
    return False


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
