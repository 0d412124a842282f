"""TIFF of any depth and number of channels: pages, tiles and strips; windows are read alone.

A file is one page, several stacked as channels, or those that `take` selects. Smaller versions of a
page (the levels of a pyramid) and transparency masks are skipped. An array (H, W, C) of more
channels than colours, which tifffile writes as H pages of W × C unless it is told that the last
axis is that of channels, is one image.

Strips and tiles are decoded as TIFF 6.0 and Adobe's supplements define: uncompressed, LZW, Deflate,
PackBits, LZMA, Zstandard, and JPEG. Pillow's libtiff decodes what Python's library cannot: the
bytes are passed as the one strip of a grey image as wide as they are, because these compressions
do not depend on pixels.
"""

from __future__ import annotations

import io
import json
import logging
import lzma
import struct
import zlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import Field

from podium.competition.readers._reader import (
    Conversion,
    FileReader,
    FrameOptions,
    conversion,
    describe_format,
    misfit,
    pixels_of,
    reading_errors,
)
from podium.competition.readers.image import upright
from podium.competition.truths.pixels import (
    ArrayBands,
    ImageBands,
    Pixels,
    StackedBands,
    refuse_too_large,
)
from podium.errors import DataError, plural

__all__ = ["page_shape_of_lines", "pages_of", "shape_of_lines"]


_WHITE_IS_ZERO, _PALETTE, _YCBCR = 0, 3, 6
_TURNED = 5  # orientations from here on have their sides exchanged
_KEPT_BYTES = 2**26  # of decoded segments
_LARGEST_SEGMENT = 2**31  # bytes
_MAGIC = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")


class TiffOptions(FrameOptions):
    """Options of the TIFF reader."""

    fill: float | None = Field(
        default=None, description="stands for nan; default: files with nan are refused"
    )

    @property
    def n_channels(self) -> int:
        """Number of channels of an image."""
        if self.channels is not None:
            return self.channels
        return 3 if self.n_taken in (None, 1) else int(self.n_taken or 1)


def _pixels(options: TiffOptions) -> Pixels:
    return pixels_of(options, options.n_channels)


@dataclass(frozen=True)
class _Page:
    """The tags of a page that podium uses.

    Args:
        size: (H, W), as stored.
        segment: (height, width) of a tile, or of a strip.
        offsets: where in the file each segment begins.
        lengths: bytes of each.
        n_planes: 1, or one plane of segments a channel.
        coding: the encoding of segments.
        n_channels: of a pixel.
        orientation: as EXIF has it.
        colours: of a palette `(n, 3)` uint8, else None.
    """

    size: tuple[int, int]
    segment: tuple[int, int]
    offsets: tuple[int, ...]
    lengths: tuple[int, ...]
    n_planes: int
    coding: SegmentCoding
    n_channels: int
    orientation: int
    colours: NDArray[np.uint8] | None

    @property
    def shown_channels(self) -> int:
        return self.n_channels if self.colours is None else 3

    @property
    def shown_dtype(self) -> np.dtype[Any]:
        return self.coding.dtype if self.colours is None else np.dtype(np.uint8)


class _Tiles(ImageBands):
    """A page whose segments are decoded when a window touches them."""

    is_lazy = True

    def __init__(self, path: Path, page: _Page, dtype: np.dtype[Any], form: Conversion) -> None:
        self._path, self._page, self._form = path, page, form
        self.shape = (*page.size, page.shown_channels)
        self.dtype = dtype
        self._kept: OrderedDict[int, NDArray[Any]] = OrderedDict()

    def rows(self, top: int, bottom: int) -> NDArray[Any]:
        return self.window(top, 0, bottom - top, self.shape[1])

    def window(self, top: int, left: int, height: int, width: int) -> NDArray[Any]:
        page = self._page
        (high, wide), per_row = page.segment, -(-page.size[1] // page.segment[1])
        found = np.zeros((height, width, page.n_channels), page.coding.dtype.newbyteorder("="))
        with reading_errors(self._path), self._path.open("rb") as file:
            for plane in range(page.n_planes):
                channels = slice(plane, plane + 1) if page.n_planes > 1 else slice(None)
                first = plane * (len(page.offsets) // page.n_planes)
                for down in range(top // high, -(-(top + height) // high)):
                    for across in range(left // wide, -(-(left + width) // wide)):
                        number = first + down * per_row + across
                        part = self._segment(file, number, down * high)
                        if part is not None:
                            at = (down * high - top, across * wide - left)
                            _put(part, found[:, :, channels], at)
        return np.asarray(self._form(_coloured(found, page)))

    def _segment(self, file: Any, number: int, start: int) -> NDArray[Any] | None:
        """Return a segment; None for one that was never written, which is zeros."""
        page = self._page
        if number in self._kept:
            self._kept.move_to_end(number)
            return self._kept[number]
        if not page.offsets[number] and not page.lengths[number]:
            return None
        file.seek(page.offsets[number])
        data = file.read(page.lengths[number])
        if len(data) < page.lengths[number]:
            raise ValueError("the file ends before its pixels do")
        high, wide = page.segment
        is_strip = wide == page.size[1] and high <= page.size[0]
        rows = min(high, page.size[0] - start) if is_strip else high
        found = decoded(data, page.coding, rows, wide, may_be_longer=rows < high)
        # Neighbouring windows and bands share segments; a strip may be the whole image.
        self._kept[number] = found
        while len(self._kept) > 1 and len(self._kept) * found.nbytes > _KEPT_BYTES:
            self._kept.popitem(last=False)
        return found


def _put(part: NDArray[Any], into: NDArray[Any], at: tuple[int, int]) -> None:
    """Copy the overlap of `part`, whose corner is at (row, column) `at` of `into`."""
    spans = []
    for start, length, room in zip(at, part.shape, into.shape, strict=False):
        low, high = max(0, start), min(room, start + length)
        spans.append((slice(low, high), slice(low - start, high - start)))
    (rows, of_rows), (columns, of_columns) = spans
    into[rows, columns] = part[of_rows, of_columns]


def _coloured(found: NDArray[Any], page: _Page) -> NDArray[Any]:
    if page.colours is not None:
        return np.asarray(page.colours[found[:, :, 0]])
    if page.coding.photometric == _WHITE_IS_ZERO and found.dtype.kind == "u":
        return np.asarray(np.iinfo(found.dtype).max - found)
    return found


def _open(path: Path, options: TiffOptions) -> ImageBands:
    pages = [_bands(path, page, options) for page in _pages(path, options)]
    for page in pages[1:]:
        if page.shape[:2] != pages[0].shape[:2]:
            raise misfit(
                path,
                f"its pages are of several sizes, as {pages[0].shape[:2]} and {page.shape[:2]}",
                "write data.reader: {name: tiff, take: 0}, the page to read",
            )
    bands = pages[0] if len(pages) == 1 else StackedBands(pages)
    if bands.shape[2] != options.n_channels:
        pages_of = f" in {plural(len(pages), 'page')}" if len(pages) > 1 else ""
        raise misfit(
            path,
            f"{bands.shape[2]} channels{pages_of}, competition.yaml declares {options.n_channels}",
            f"write data.reader: {{name: tiff, channels: {pages[0].shape[2]}, take: 0}} for the "
            "first page, or the channels of all"
            if pages_of
            else None,
        )
    return bands


def _size(path: Path, options: TiffOptions) -> tuple[int, int]:
    page = _pages(path, options)[0]
    height, width = page.size
    return (width, height) if page.orientation >= _TURNED else (height, width)


def _bands(path: Path, page: _Page, options: TiffOptions) -> ImageBands:
    form = conversion(page.shown_dtype, options.dtype, path, fill=options.fill)
    dtype = np.dtype(options.dtype)
    mapped = _mapped(path, page)
    bands: ImageBands = _Tiles(path, page, dtype, form)
    if mapped is not None:
        bands = ArrayBands(mapped, dtype, lambda part: form(_coloured(part, page)), is_lazy=True)
    if page.orientation != 1:
        bands = ArrayBands(upright(bands.whole(), page.orientation), dtype)
    bands.window(0, 0, 1, 1)
    return bands


def _mapped(path: Path, page: _Page) -> NDArray[Any] | None:
    """Return the pixels `(H, W, C)` in the file itself, where they lie there as they are."""
    height, width = page.size
    row = width * page.n_channels * page.coding.dtype.itemsize
    is_plain = (
        page.coding.compression == NONE and page.coding.predictor == 1 and page.colours is None
    )
    # Strips of whole rows, one behind the other.
    starts = np.arange(len(page.offsets)) * page.segment[0] * row + page.offsets[0]
    is_whole = page.segment[1] == width and page.n_planes == 1
    if not (is_plain and is_whole and np.array_equal(starts, page.offsets)):
        return None
    shape = (height, width, page.n_channels)
    return np.memmap(path, page.coding.dtype, mode="r", offset=page.offsets[0], shape=shape)


def _pages(path: Path, options: TiffOptions) -> list[_Page]:
    """Return the pages that are read, from their tags; pixels are located but not read."""
    import tifffile

    # It logs each damaged tag; what matters of them is raised below.
    logging.getLogger("tifffile").setLevel(logging.CRITICAL)
    with path.open("rb") as file:
        if file.read(4) not in _MAGIC:
            raise describe_format(path, "tiff", "no TIFF file")
    with tifffile.TiffFile(path) as opened:
        pages = pages_of(opened)
        if options.take is not None:
            numbers = [options.take] if isinstance(options.take, int) else list(options.take)
            n, most = len(pages), max(numbers)
            if most >= n:
                raise misfit(path, f"it has {plural(n, 'page')}, take has number {most} (from 0)")
            chosen = [pages[number] for number in numbers]
        else:
            chosen = [one for one in pages if not (one.is_reduced or one.is_mask)]
            if not chosen:
                raise ValueError("it has no page")
        n_bytes = path.stat().st_size
        shape = shape_of_lines(pages) if options.take is None else None
        if shape is not None:
            return [_of_lines([_facts(page, path, n_bytes) for page in chosen], shape)]
        return [_facts(page, path, n_bytes) for page in chosen]


def pages_of(opened: Any) -> list[Any]:
    """Return the pages of a `tifffile.TiffFile`.

    Raises:
        ValueError: the last one leads back to one before it.
    """
    pages: list[Any] = []
    seen: set[int] = set()
    while True:
        try:
            page = opened.pages[len(pages)].aspage()
        except IndexError:
            return pages
        if page.offset in seen:
            raise ValueError("its pages lead back to one another")
        seen.add(page.offset)
        pages.append(page)


def shape_of_lines(pages: Sequence[Any]) -> tuple[int, int, int] | None:
    """Return the (H, W, C) of the one image whose lines `pages` are; None where they are others."""
    first = pages[0]
    shape = page_shape_of_lines(first.description, (first.imagelength, first.imagewidth))
    is_one = shape is not None and len(pages) == shape[0] and int(first.samplesperpixel) == 1
    is_plain = all(
        not one.is_tiled and len(one.dataoffsets) == 1 and int(one.predictor) == 1 for one in pages
    )
    return shape if is_one and is_plain else None


def page_shape_of_lines(description: str, size: tuple[int, int]) -> tuple[int, int, int] | None:
    """Return the (H, W, C) that the first page's description has; None where it has none.

    Args:
        description: as tifffile writes it.
        size: (height, width) of the page.

    Example:
        >>> page_shape_of_lines('{"shape": [64, 48, 7]}', (48, 7))
        (64, 48, 7)
        >>> page_shape_of_lines('{"shape": [7, 64, 48]}', (64, 48))
    """
    try:
        found = json.loads(description)
    except ValueError:
        return None
    shape = found.get("shape") if isinstance(found, dict) else None
    if not isinstance(shape, list) or len(shape) != 3 or tuple(shape[1:]) != tuple(size):
        return None
    height, width, channels = shape
    # Pages as narrow as this are no pictures.
    if not isinstance(height, int) or not channels <= min(_MOST_CHANNELS, height - 1, width - 1):
        return None
    return height, width, channels


_MOST_CHANNELS = 32  # of an image of which each line is a page


def _of_lines(pages: Sequence[_Page], shape: tuple[int, int, int]) -> _Page:
    """Return the image of this shape whose lines the pages are."""
    height, width, channels = shape
    first = pages[0]
    return replace(
        first,
        size=(height, width),
        segment=(1, width),
        offsets=tuple(one.offsets[0] for one in pages),
        lengths=tuple(one.lengths[0] for one in pages),
        coding=replace(first.coding, samples=channels),
        n_channels=channels,
    )


def _facts(page: Any, path: Path, n_bytes: int) -> _Page:
    """Return the tags of a page that podium uses.

    Raises:
        DataError: it is of a kind that podium does not read, or declares what cannot be.
    """
    height, width = int(page.imagelength), int(page.imagewidth)
    dtype = page.dtype
    if dtype is None or dtype.kind not in "uif" or page.bitspersample != 8 * dtype.itemsize:
        raise _unread(path, f"its numbers have {page.bitspersample} bits")
    samples = int(page.samplesperpixel)
    refuse_too_large((height, width, samples), dtype.itemsize, path)
    if int(page.imagedepth) != 1:
        raise _unread(path, "it is a volume of one page")
    compression, photometric = int(page.compression), int(page.photometric)
    if not known_compression(compression):
        raise _unread(path, f"its compression is {compression}")
    if photometric == _YCBCR and compression != JPEG:
        raise _unread(path, "its colours are YCbCr")
    if page.fillorder != 1:
        raise _unread(path, "its bits are reversed")
    n_planes = samples if int(page.planarconfig) == 2 and samples > 1 else 1
    segment = (int(page.tilelength), int(page.tilewidth)) if page.is_tiled else None
    if segment is None:
        segment = (min(height, int(page.rowsperstrip)), width)
    tables = page.jpegtables if compression == JPEG else None
    order = dtype.newbyteorder(page.parent.byteorder)
    coding = SegmentCoding(
        compression, int(page.predictor), order, samples // n_planes, photometric, tables
    )
    facts = _Page(
        size=(height, width),
        segment=segment,
        offsets=tuple(int(one) for one in page.dataoffsets),
        lengths=tuple(int(one) for one in page.databytecounts),
        n_planes=n_planes,
        coding=coding,
        n_channels=samples,
        orientation=_orientation(page),
        colours=_palette(page, dtype) if photometric == _PALETTE else None,
    )
    _check_segments(facts, n_bytes)
    return facts


def _check_segments(page: _Page, n_bytes: int) -> None:
    """Raise where segments are not there, or could not be."""
    (height, width), (high, wide) = page.size, page.segment
    if min(high, wide) < 1:
        raise ValueError(f"segments of {high} × {wide} pixels")
    number = -(-height // high) * -(-width // wide) * page.n_planes
    if len(page.offsets) != number or len(page.lengths) != number:
        raise ValueError(f"it has {plural(len(page.offsets), 'segment')} of {number}")
    size = high * wide * page.coding.samples * page.coding.dtype.itemsize
    if size > _LARGEST_SEGMENT:
        raise ValueError(f"a segment of {high:,} × {plural(wide, 'pixel')} is too large")
    ends = max(map(sum, zip(page.offsets, page.lengths, strict=True)))
    if min(page.offsets) < 0 or min(page.lengths) < 0 or ends > n_bytes:
        raise ValueError(f"its pixels end at byte {ends:,}, the file has {n_bytes:,}")


def _orientation(page: Any) -> int:
    tag = page.tags.get(274)
    return int(tag.value) if tag is not None and tag.value in range(1, 9) else 1


def _palette(page: Any, dtype: np.dtype[Any]) -> NDArray[np.uint8]:
    colours = np.asarray(page.colormap)
    if colours.shape != (3, 2 ** (8 * dtype.itemsize)):
        raise ValueError(f"its palette is {colours.shape}")
    return np.ascontiguousarray((colours.T >> 8).astype(np.uint8))


def _unread(path: Path, why: str) -> DataError:
    return DataError(
        f"this TIFF is of a kind that the reader 'tiff' does not read: {why}",
        where=path,
        fix="convert it, as `tiffcp -c zip in.tif out.tif` does, or write a reader of your own",
    )


READER = FileReader(TiffOptions, _pixels, _open, _size)


NONE, LZW, JPEG, PACKBITS = 1, 5, 7, 32773
_DEFLATE = (8, 32946)
_LZMA, _ZSTD = 34925, 50000
_BY_LIBTIFF = (LZW, PACKBITS, _ZSTD)
_PHOTOMETRIC_YCBCR = 6
_SHORT, _LONG = 3, 4
_RESET = bytes.fromhex("ffd8")  # JPEG: start of image
_ADOBE = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00"  # APP14; the colour transform follows


@dataclass(frozen=True)
class SegmentCoding:
    """The encoding of the segments of a page.

    Args:
        compression: the tag's number.
        predictor: 1 none, 2 differences of neighbours, 3 those of the bytes of floats.
        dtype: of a number, in the file's byte order.
        samples: numbers of a pixel in a segment.
        photometric: the tag's number.
        tables: of JPEG, quantisation and Huffman tables that segments share.
    """

    compression: int
    predictor: int
    dtype: np.dtype[Any]
    samples: int
    photometric: int
    tables: bytes | None


def known_compression(number: int) -> bool:
    """Return whether segments of this compression can be decoded."""
    return number in (NONE, JPEG, _LZMA, *_DEFLATE, *_BY_LIBTIFF)


def decoded(
    data: bytes, coding: SegmentCoding, rows: int, width: int, *, may_be_longer: bool = False
) -> NDArray[Any]:
    """Return a segment `(rows, width, samples)` in this machine's byte order.

    Args:
        data: as it stands in the file.
        coding: how.
        rows: of the segment.
        width: of the segment.
        may_be_longer: of the last strip, which some programs fill up to the length of the others.

    Raises:
        ValueError: it is cut off, or larger or smaller than it should be.
        Exception: whatever the decoder raises on damage.
    """
    shape = (rows, width, coding.samples)
    if coding.compression == JPEG:
        return _jpeg(data, coding, shape)
    row_bytes = width * coding.samples * coding.dtype.itemsize
    raw = _bytes(data, coding.compression, rows, row_bytes)
    if len(raw) < rows * row_bytes:
        raise ValueError(f"a segment has {len(raw):,} bytes of {rows * row_bytes:,}")
    if len(raw) > rows * row_bytes and not may_be_longer:
        raise ValueError(f"a segment has more than its {rows * row_bytes:,} bytes")
    if coding.predictor == 3:
        return _of_float_bytes(raw, coding, shape)
    found = np.frombuffer(raw, dtype=coding.dtype, count=rows * width * coding.samples)
    native = found.astype(coding.dtype.newbyteorder("=")).reshape(shape)
    if coding.predictor == 2:
        if native.dtype.kind not in "ui":
            raise ValueError("differences (predictor 2) of floating-point numbers")
        np.cumsum(native, axis=1, dtype=native.dtype, out=native)
    return native


def _bytes(data: bytes, compression: int, rows: int, row_bytes: int) -> bytes:
    needed = rows * row_bytes
    if compression == NONE:
        return data[:needed]
    if compression in _DEFLATE:
        return zlib.decompressobj().decompress(data, needed + 1)
    if compression == _LZMA:
        return lzma.LZMADecompressor().decompress(data, needed + 1)
    if compression in _BY_LIBTIFF:
        with Image.open(io.BytesIO(_grey_tiff(data, compression, rows, row_bytes))) as opened:
            return opened.tobytes()
    raise ValueError(f"compression {compression} is not known")


def _grey_tiff(data: bytes, compression: int, rows: int, row_bytes: int) -> bytes:
    """Return a TIFF of 8-bit grey with `data` as its one strip."""
    entries = [
        (256, _LONG, row_bytes),
        (257, _LONG, rows),
        (258, _SHORT, 8),
        (259, _SHORT, compression),
        (262, _SHORT, 1),  # black is zero
        (273, _LONG, 0),  # where the strip begins, set below
        (277, _SHORT, 1),
        (278, _LONG, rows),
        (279, _LONG, len(data)),
    ]
    start = 8 + 2 + 12 * len(entries) + 4
    table = b"".join(
        struct.pack("<HHII", tag, kind, 1, start if tag == 273 else value)
        for tag, kind, value in entries
    )
    head = struct.pack("<2sHIH", b"II", 42, 8, len(entries))
    return head + table + struct.pack("<I", 0) + data


def _of_float_bytes(raw: bytes, coding: SegmentCoding, shape: tuple[int, int, int]) -> NDArray[Any]:
    """Undo the floating-point predictor (Adobe Photoshop TIFF technical note 3)."""
    rows, width, samples = shape
    size = coding.dtype.itemsize
    n_bytes = rows * width * samples * size
    # Differences run along the row, of bytes as far apart as a pixel has samples.
    bytes_of = np.frombuffer(raw, dtype=np.uint8, count=n_bytes).reshape(rows, -1, samples)
    summed = np.cumsum(bytes_of, axis=1, dtype=np.uint8).reshape(rows, size, width * samples)
    # The first byte of every number comes first, and that is the most significant one.
    whole = np.ascontiguousarray(summed.transpose(0, 2, 1))
    found = whole.view(coding.dtype.newbyteorder(">"))
    return found.astype(coding.dtype.newbyteorder("=")).reshape(shape)


def _jpeg(data: bytes, coding: SegmentCoding, shape: tuple[int, int, int]) -> NDArray[Any]:
    tables = b"" if coding.tables is None else coding.tables[2:-2]  # without start and end
    if data[:2] != _RESET:
        raise ValueError("a segment is no JPEG")
    marks = b""
    if coding.samples == 3:  # else who reads it guesses by the names of the components
        marks = _ADOBE + (b"\x01" if coding.photometric == _PHOTOMETRIC_YCBCR else b"\x00")
    if coding.samples not in (1, 3, 4):
        raise ValueError(f"JPEG of {coding.samples} channels")
    with Image.open(io.BytesIO(_RESET + marks + tables + data[2:])) as opened:
        found = np.asarray(opened)
    if coding.samples == 4:
        found = 255 - found  # Pillow takes four channels for inverted ink, as Adobe writes it
    found = found.reshape(*found.shape[:2], -1)
    rows, width, samples = shape
    if found.shape[2] != samples or found.shape[0] < rows or found.shape[1] < width:
        raise ValueError(f"a segment is {found.shape}, not {shape}")
    return found[:rows, :width]
