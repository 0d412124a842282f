"""Masks as COCO's compressed counts, deflated (zlib, RFC 1950) and written in base64.

The format of a mask in a cell in Open Images 2019, Human Protein Atlas (single cell) and HuBMAP
2023.
"""

from __future__ import annotations

import base64
import re
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.codecs import coco
from podium.codecs.rle import RleError

__all__ = ["decode", "encode", "longest", "n_pixels"]

_ALPHABET = re.compile(r"[A-Za-z0-9+/]*")
_SLACK = 64  # bytes that deflating adds to little


def encode(mask: NDArray[Any]) -> str:
    """Return base64(zlib(compressed counts)) of `mask`; arguments and errors as `coco.encode`."""
    data = zlib.compress(coco.encode(mask).encode("ascii"), zlib.Z_BEST_COMPRESSION)
    return base64.b64encode(data).decode("ascii")


def decode(text: str, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Return the mask `(H, W)`, bool, in `text`.

    At most as many bytes are inflated as the counts of a mask of that shape can take.

    Raises:
        RleError: the text is no base64 or is not written as base64 writers do, its bytes are no
            zlib stream, the stream is cut off or something follows it; or the counts in it are
            wrong, with the message of `coco.decode`. `column` is a character of the text; 1 for an
            error in the stream.
        CodecError: an impossible shape.
    """
    height, width = coco.checked_shape(shape)
    inner = _inflated(text, coco.longest(height * width))
    try:
        return coco.decode(inner, shape)
    except RleError as error:
        raise _inside(error) from None


def n_pixels(text: str, *, at_most: int) -> int:
    """Return the number of pixels of the mask in `text`, where its size is unknown.

    Raises:
        RleError: as `decode`; or there are more than `at_most`.
    """
    inner = _inflated(text, coco.longest(at_most))
    try:
        return coco.n_pixels(inner, at_most=at_most)
    except RleError as error:
        raise _inside(error) from None


def longest(n_pixels: int) -> int:
    """Return how many characters a mask of so many pixels takes at most, for writers who deflate.

    Example:
        >>> longest(4) >= len(encode(np.array([[0, 1], [1, 0]], dtype=bool)))
        True
    """
    counts = coco.longest(n_pixels)
    return (counts + counts // 1000 + _SLACK) * 4 // 3 + 4


def _inside(error: RleError) -> RleError:
    return RleError(f"character {error.column} of the counts in it: {error.message}", column=1)


def _inflated(text: str, most: int) -> str:
    """Return the counts in `text`, of `most` characters or fewer."""
    stream = zlib.decompressobj()
    try:
        found = stream.decompress(_unpacked(text), most + 1)
    except zlib.error as error:
        raise RleError(f"no zlib stream: {error}", column=1) from None
    if len(found) > most:
        raise RleError("it holds more counts than a mask of this size can have", column=1)
    if not stream.eof:
        raise RleError("the zlib stream is cut off", column=max(len(text), 1))
    if stream.unused_data:
        raise RleError("something follows the zlib stream", column=len(text))
    return found.decode("latin-1")


def _unpacked(text: str) -> bytes:
    if not isinstance(text, str):
        raise RleError(f"expected base64, got {text!r}", column=1)
    n_plain = _ALPHABET.match(text).end()  # type: ignore[union-attr]  # it may be empty
    if text[n_plain:] not in ("", "=", "=="):
        raise RleError(f"{text[n_plain]!r} is no character of base64", column=n_plain + 1)
    if len(text) % 4 or n_plain % 4 == 1:
        raise RleError("base64 of a length that cannot be", column=len(text))
    data = base64.b64decode(text)
    # The last character may hold bits that are never read: two texts for one mask.
    if base64.b64encode(data).decode("ascii") != text:
        raise RleError(f"{text[n_plain - 1]!r} cannot be last in base64", column=n_plain)
    return data
