"""Strips and tiles of a TIFF page, from compressed bytes to numbers (TIFF 6.0, Adobe supplements).

Uncompressed, LZW, Deflate, PackBits, LZMA, Zstandard, and JPEG. Pillow's libtiff undoes what is not
in Python's library: the bytes are handed over as the one strip of a grey picture as wide as they
are, because these compressions know nothing of pixels.
"""

from __future__ import annotations

import io
import lzma
import struct
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["Coding", "decoded", "known_compression"]

NONE, LZW, JPEG, PACKBITS = 1, 5, 7, 32773
_DEFLATE = (8, 32946)
_LZMA, _ZSTD = 34925, 50000
_BY_LIBTIFF = (LZW, PACKBITS, _ZSTD)
_YCBCR = 6
_SHORT, _LONG = 3, 4
_RESET = bytes.fromhex("ffd8")  # JPEG: start of image
_ADOBE = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00"  # APP14; the colour transform follows


@dataclass(frozen=True)
class Coding:
    """How the segments of a page are written.

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
    data: bytes, coding: Coding, rows: int, width: int, *, may_be_longer: bool = False
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


def _of_float_bytes(raw: bytes, coding: Coding, shape: tuple[int, int, int]) -> NDArray[Any]:
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


def _jpeg(data: bytes, coding: Coding, shape: tuple[int, int, int]) -> NDArray[Any]:
    tables = b"" if coding.tables is None else coding.tables[2:-2]  # without start and end
    if data[:2] != _RESET:
        raise ValueError("a segment is no JPEG")
    marks = b""
    if coding.samples == 3:  # else who reads it guesses by the names of the components
        marks = _ADOBE + (b"\x01" if coding.photometric == _YCBCR else b"\x00")
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
