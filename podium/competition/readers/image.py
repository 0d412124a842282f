"""Images that Pillow reads: JPEG, PNG, WebP, BMP, GIF, TIFF …; upright, in 8 bits and RGB.

Other forms are chosen by `mode`: `grey` and `rgba` are converted to 8 bits as `rgb` is; `native`
keeps the channels and bits of the file, which must equal `channels` and `dtype`.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError
from pydantic import Field, model_validator

from podium.competition.readers._reader import (
    FileReader,
    PixelOptions,
    describe_format,
    misfit,
    pixels_of,
)
from podium.competition.truths.pixels import (
    BROKEN_FIX,
    ArrayBands,
    ImageBands,
    Pixels,
    refuse_too_large,
)
from podium.errors import DataError, plural

__all__ = ["PNG_HEADER", "PNG_SIGNATURE", "READER", "bands_of", "orientation"]

# Pillow takes 90 million pixels for an attack; slides and satellite images have more. Memory for 1
# billion is 4 GB, and what is larger is refused.
Image.MAX_IMAGE_PIXELS = 2**29
_ORIENTATION, _FIRST_TURNED = 0x0112, 5  # EXIF
_SUBFILE_TYPE = 254  # of a TIFF's page; bit 0: a smaller copy of another one
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_HEADER = struct.Struct(">8s4x4sIIBB")  # signature, IHDR, width, height, bits, colour type
_PNG_COLOURED = (2, 4, 6)  # RGB, grey and alpha, RGB and alpha
_CHUNK_HEAD, _CHECKSUM_BYTES = struct.Struct(">I4s"), 4  # length of the content, name
_TAG_CHUNKS = (b"eXIf", b"tEXt", b"zTXt", b"iTXt")
_CHANNELS = {"rgb": 3, "grey": 1, "rgba": 4}


class ImageOptions(PixelOptions):
    """Options of the image reader."""

    mode: Literal["rgb", "grey", "rgba", "native"] = Field(
        default="rgb",
        description="rgb: transparent pixels on grey; grey: as eyes weigh the colours; rgba; "
        "native: as in the file, of `channels` and `dtype`",
    )

    @model_validator(mode="after")
    def _form_is_that_of_the_mode(self) -> Self:
        if self.mode == "native":
            if self.channels is None:
                raise ValueError("mode native needs channels, and dtype unless it is uint8")
            return self
        known = _CHANNELS[self.mode]
        if self.channels not in (None, known):
            raise ValueError(f"mode {self.mode} has {known} channels, got {self.channels}")
        if self.dtype != "uint8":
            raise ValueError(f"mode {self.mode} has 8 bits: write mode: native for {self.dtype}")
        return self


def _pixels(options: ImageOptions) -> Pixels:
    return pixels_of(options, options.channels or _CHANNELS[options.mode])


@dataclass(frozen=True, eq=False)
class PillowBands(ImageBands):
    """A decoded picture, brought to its mode a band at a time.

    A large image is in memory once then, in what Pillow holds it in, and not a second time.
    """

    image: Image.Image
    path: Path
    options: ImageOptions

    @property
    def shape(self) -> tuple[int, int, int]:  # type: ignore[override]  # of the picture
        return self.image.height, self.image.width, _pixels(self.options).channels

    @property
    def dtype(self) -> np.dtype[Any]:  # type: ignore[override]  # of the mode
        return np.dtype(self.options.dtype)

    def rows(self, top: int, bottom: int) -> NDArray[Any]:
        return self._array(self.image.crop((0, top, self.image.width, bottom)))

    def window(self, top: int, left: int, height: int, width: int) -> NDArray[Any]:
        return self._array(self.image.crop((left, top, left + width, top + height)))

    def resized(self, size: tuple[int, int]) -> NDArray[Any]:
        if self.options.mode in ("rgba", "native"):
            return super().resized(size)
        # From what is decoded to the smaller picture, with no large array between the two.
        shown = _shown(self.image, self.options, self.path)
        small = shown.resize((size[1], size[0]), Image.Resampling.BOX)
        return np.array(small, dtype=np.uint8).reshape(*size, -1)

    def _array(self, part: Image.Image) -> NDArray[Any]:
        if self.options.mode == "native":
            return _native(part, self.options, self.path)
        found = np.asarray(_shown(part, self.options, self.path))
        return found if found.ndim == 3 else found[:, :, None]


def _open(path: Path, options: ImageOptions) -> ImageBands:
    try:
        if options.mode == "native" and options.dtype == "uint16" and _is_deep_colour(path):
            return _deep_png(path, options)
        with Image.open(path) as opened:
            _refuse_pages(opened, path)
            _refuse_bomb(opened, path)
            return bands_of(opened, path, options)
    except UnidentifiedImageError as cause:
        raise describe_format(path, "image", "no image format that Pillow reads") from cause
    except Image.DecompressionBombError as cause:
        fix = "cut the image into tiles, or shrink it"
        raise DataError(f"the image is too large: {cause}", where=path, fix=fix) from cause


LARGEST_VARIABLE = "PODIUM_LARGEST_IMAGE"
"""The environment variable that raises the limit of pixels in a file that has next to no bytes."""
_MOST_PIXELS = 2**28
_MOST_PER_BYTE = 500  # a photograph has 1 to 50; empty slides stored as PNG up to 200


def _refuse_bomb(opened: Image.Image, path: Path) -> None:
    """Refuse a file of few bytes that becomes an image of gigabytes in memory."""
    width, height = opened.size
    n, n_bytes = width * height, path.stat().st_size
    largest = int(os.environ.get(LARGEST_VARIABLE, "") or _MOST_PIXELS)
    if n > largest and n > _MOST_PER_BYTE * n_bytes:
        raise DataError(
            f"{n_bytes:,} bytes become {height:,} × {plural(width, 'pixel')}, "
            f"{3 * n / 2**30:.1f} GiB in memory",
            where=path,
            fix=f"if this is no mistake, set {LARGEST_VARIABLE}={n}",
        )


def _refuse_pages(opened: Image.Image, path: Path) -> None:
    """Refuse a TIFF whose second page is as large as the first: it may hold another channel."""
    if opened.format != "TIFF":
        return
    size = opened.size
    try:
        opened.seek(1)
    except EOFError:
        return  # Pillow stays at the first page
    is_page = opened.size == size and not opened.tag_v2.get(_SUBFILE_TYPE, 0) & 1  # type: ignore[attr-defined]
    opened.seek(0)
    if is_page:
        raise DataError(
            "the TIFF has several pages of one size, and only the first would be read",
            where=path,
            fix="write data.reader: {name: tiff, channels: …}, where pages are channels; with "
            "take: 0 the first page alone",
        )


def bands_of(opened: Image.Image, path: Path, options: ImageOptions | None = None) -> ImageBands:
    """Return the image of an opened file; Pillow's errors are not caught."""
    opened.load()
    ImageOps.exif_transpose(opened, in_place=True)
    bands = PillowBands(opened, path, options or _RGB)
    bands.window(0, 0, 1, 1)  # raises what is wrong with the kind of the pixels
    return bands


def _size(path: Path, options: ImageOptions) -> tuple[int, int]:
    try:
        with Image.open(path) as opened:
            width, height = opened.size
            is_turned = orientation(opened, path) >= _FIRST_TURNED
    except Image.DecompressionBombError as cause:
        raise DataError(f"no image can be read: {cause}", where=path, fix=BROKEN_FIX) from cause
    return (width, height) if is_turned else (height, width)


def orientation(opened: Image.Image, path: Path) -> int:
    """Return the EXIF orientation, 1 to 8; damaged tags raise as in Pillow."""
    # Pillow decodes a whole PNG to find tags behind its pixels: 200 times as slow as a header,
    # and half a gigabyte for 144 megapixels. Where there are none, those in front are all.
    is_all_in_front = opened.format == "PNG" and not _has_tags_behind_pixels(path)
    tags = Image.Image.getexif(opened) if is_all_in_front else opened.getexif()
    return int(tags.get(_ORIENTATION, 1))


def _has_tags_behind_pixels(png: Path) -> bool:
    """Return whether a PNG has EXIF or text after its first pixels; only chunk heads are read."""
    is_behind = False
    with png.open("rb") as file:
        file.seek(len(PNG_SIGNATURE))
        while len(head := file.read(_CHUNK_HEAD.size)) == _CHUNK_HEAD.size:
            length, name = _CHUNK_HEAD.unpack(head)
            if is_behind and name in _TAG_CHUNKS:
                return True
            is_behind = is_behind or name == b"IDAT"
            file.seek(length + _CHECKSUM_BYTES, os.SEEK_CUR)
    return False


_BACKDROP = (128, 128, 128, 255)
"""Behind transparent pixels: on black, black drawings would be lost, and on white, white ones."""


def _shown(image: Image.Image, options: ImageOptions, path: Path) -> Image.Image:
    """Return a picture in the mode "RGB", "L" or "RGBA"."""
    if image.mode == "F":
        raise DataError(
            "the pixels are floating-point numbers, whose range the file does not define",
            where=path,
            fix="convert the image to 8 or 16 bits, or write data.reader: {name: tiff, dtype: "
            "float32, range: [lowest, highest]}",
        )
    if options.mode == "rgb" and image.mode == "RGB":
        return image
    if image.mode.startswith("I"):
        image = Image.fromarray(_eight_bits(np.asarray(image)))
    if options.mode == "rgba":
        return image.convert("RGBA")
    if image.has_transparency_data:
        seen = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", seen.size, _BACKDROP), seen).convert("RGB")
    return image.convert("RGB" if options.mode == "rgb" else "L")


def _eight_bits(grey: NDArray[np.integer]) -> NDArray[np.uint8]:
    """Return 16-bit grey as 8 bits, rounded: 0 -> 0, 65535 -> 255."""
    clipped = np.clip(grey, 0, 65535).astype(np.uint32)
    rounded: NDArray[np.uint8] = ((clipped + 128) // 257).astype(np.uint8)
    return rounded


def _native(image: Image.Image, options: ImageOptions, path: Path) -> NDArray[Any]:
    """Return the numbers of a picture `(h, w, C)` as its file has them.

    Indices into a palette are no numbers that mean anything: what they stand for is.
    """
    if image.mode in ("P", "PA"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    elif image.mode == "1":
        image = image.convert("L")
    found = np.asarray(image)
    if found.dtype == np.int32 and found.min() >= 0 and found.max() < 2**16:
        found = found.astype(np.uint16)
    found = found.astype(found.dtype.newbyteorder("="))
    found = found if found.ndim == 3 else found[:, :, None]
    if found.dtype != options.dtype or found.shape[2] != options.channels:
        raise misfit(
            path,
            f"{found.shape[2]} channels of {found.dtype}, competition.yaml declares "
            f"{options.channels} of {options.dtype}",
        )
    return found


def _is_deep_colour(path: Path) -> bool:
    """Return whether this is a PNG of 16 bits and several channels, of which Pillow keeps 8."""
    with path.open("rb") as file:
        head = file.read(PNG_HEADER.size)
    if len(head) < PNG_HEADER.size:
        return False
    signature, chunk, _, _, bits, colour = PNG_HEADER.unpack(head)
    is_png = signature == PNG_SIGNATURE and chunk == b"IHDR"
    return bool(is_png and bits == 16 and colour in _PNG_COLOURED)


def _deep_png(path: Path, options: ImageOptions) -> ImageBands:
    import cv2

    content = path.read_bytes()
    _, _, width, height, _, colour = PNG_HEADER.unpack(content[: PNG_HEADER.size])
    refuse_too_large((height, width, 4), 2, path)
    with Image.open(path) as opened:
        opened.verify()  # checksums, which OpenCV does not mind
    with Image.open(path) as opened:
        opened.load()  # cut off pixels, too
        turn = orientation(opened, path)
    found = cv2.imdecode(np.frombuffer(content, dtype=np.uint8), cv2.IMREAD_UNCHANGED)
    if found is None or found.dtype != np.uint16 or found.ndim != 3:
        raise DataError("the image is truncated or damaged", where=path, fix=BROKEN_FIX)
    order = {2: [2, 1, 0], 4: [0, 3], 6: [2, 1, 0, 3]}[colour]  # of blue, green, red, alpha
    picture = upright(np.ascontiguousarray(found[:, :, order]), turn)
    if options.channels != len(order):
        raise misfit(
            path, f"it has {plural(len(order), 'channel')}, data.reader declares {options.channels}"
        )
    return ArrayBands(picture, np.dtype(np.uint16))


def upright(image: NDArray[Any], turn: int) -> NDArray[Any]:
    """Return `image` `(H, W, C)`, stored with EXIF orientation `turn`, as it is meant."""
    if turn >= _FIRST_TURNED:
        image = image.swapaxes(0, 1)
        turn = {5: 1, 6: 2, 7: 3, 8: 4}.get(turn, 1)
    if turn in (2, 3):
        image = image[:, ::-1]
    if turn in (3, 4):
        image = image[::-1]
    return image


_RGB = ImageOptions()
READER = FileReader(ImageOptions, _pixels, _open, _size)
