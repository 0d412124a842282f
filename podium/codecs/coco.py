"""Masks as COCO's run lengths: counts of unset and of set pixels, alternating.

    counts(mask) -> [1, 3]           encode(mask) -> "13"        decode("13", (2, 2)) -> bool (2, 2)

Pixels count down the columns; the first count is of unset pixels, and 0 where the first pixel is
set. The counts sum to the pixels of the image. `encode` and `decode` use the compressed text that
COCO's annotation files and tools call `counts`, characters from "0" to "o".
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.codecs import _loops
from podium.codecs.rle import RleError
from podium.errors import CodecError, plural

__all__ = [
    "checked_shape",
    "counts",
    "decode",
    "encode",
    "encode_counts",
    "longest",
    "n_pixels",
]

_MOST_PIXELS = 2**31 - 1


def encode(mask: NDArray[Any]) -> str:
    """Return the compressed counts of `mask`, the same text as `pycocotools.mask.encode`.

    Args:
        mask: `(H, W)`, bool or uint8, in which every value but 0 is set; any memory layout.

    Raises:
        CodecError: the mask has another type or shape, or more than 2^31 - 1 pixels.

    Example:
        >>> encode(np.array([[0, 1], [1, 1]], dtype=bool))
        '13'
    """
    return str(_loops.coco.write(_counts(mask)).data, "ascii")


def encode_counts(numbers: NDArray[np.int64]) -> str:
    """Return the compressed text of counts, of which only the first may be 0.

    Example:
        >>> encode_counts(np.array([1, 3]))
        '13'
    """
    return str(_loops.coco.write(np.ascontiguousarray(numbers, dtype=np.int64)).data, "ascii")


def decode(text: str, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Return the mask `(H, W)`, bool, that a compressed text describes, row after row in memory.

    Only what `encode` returns for some mask of that shape is read: what another reader could take
    for another mask is an error.

    Raises:
        RleError: a character that is none of the 64, a count that is cut off, not written as short
            as it can be, 0 or less (the first may be 0), or counts that are not all the pixels.
        CodecError: an impossible shape.

    Example:
        >>> decode("13", (2, 2)).astype(int)
        array([[0, 1],
               [1, 1]])
    """
    height, width = checked_shape(shape)
    return _painted(_read(text, height * width, shape), (height, width))


def counts(mask: NDArray[Any]) -> list[int]:
    """Return the counts of `mask`, uncompressed; errors are as in `encode`.

    Example:
        >>> counts(np.array([[1, 0], [1, 0]], dtype=bool))
        [0, 2, 2]
    """
    found: list[int] = _counts(mask).tolist()
    return found


def n_pixels(text: str, *, at_most: int) -> int:
    """Return the number of pixels of a mask in compressed text, where its size is unknown.

    Raises:
        RleError: as `decode`; or there are more than `at_most`.
    """
    return int(_read(text, -at_most, None).sum())


def longest(n_pixels: int) -> int:
    """Return how many characters the counts of a mask of so many pixels have at most.

    There are at most a count a pixel and one more. A count takes a further character only where it
    differs by 16 from an earlier one, and all these differences sum to twice the pixels at most.
    """
    return n_pixels + n_pixels // 8 + 2


def _counts(mask: NDArray[Any]) -> NDArray[np.int64]:
    if mask.ndim != 2 or mask.dtype.char not in "?B":
        raise CodecError(
            f"expected a mask (H, W) of bool or uint8, got {mask.dtype} {mask.shape}",
            fix="pass probs >= threshold, one class at a time",
        )
    if mask.size > _MOST_PIXELS:
        raise CodecError(f"a mask of {plural(mask.size, 'pixel')} is too large to encode")
    if not mask.size:
        return np.zeros(1, dtype=np.int64)
    down = True
    if not mask.flags.c_contiguous:
        if mask.flags.f_contiguous:
            mask, down = mask.T, False  # down the columns is along the rows of the transpose
        else:
            mask = np.ascontiguousarray(mask)
    found: NDArray[np.int64] = _loops.coco.counts_of(mask.view(np.uint8), down)
    return found


def _painted(numbers: NDArray[np.int64], shape: tuple[int, int]) -> NDArray[np.bool_]:
    mask = np.zeros(shape, dtype=np.bool_)
    if mask.size:
        _loops.coco.paint(numbers, mask.reshape(-1).view(np.uint8), *shape)
    return mask


def _read(text: str, n_pixels: int, shape: tuple[int, int] | None) -> NDArray[np.int64]:
    """Return the counts of a text; a negative number of pixels is the most that there may be."""
    if not isinstance(text, str):
        raise RleError(f"expected the text of counts, got {text!r}", column=1)
    try:
        data = np.frombuffer(text.encode("ascii"), dtype=np.uint8)
    except UnicodeEncodeError as error:
        raise _not_a_character(text, error.start) from None
    loops = _loops.coco
    code, at, numbers = loops.read(data, n_pixels)
    if not code:
        found: NDArray[np.int64] = numbers
        return found
    if code == loops.NOT_A_CHARACTER:
        raise _not_a_character(text, at)
    message = {
        loops.CUT: "the last count is cut off",
        loops.NOT_SHORTEST: "a count is not written as short as it can be",
        loops.LENGTH_IS_ZERO: "a count is 0 or less; only the first may be 0",
        loops.TOO_MANY: _too_many(shape),
        loops.NOT_ALL: _too_few(int(numbers.sum()), shape),
    }[code]
    raise RleError(message, column=at + 1)


def _not_a_character(text: str, at: int) -> RleError:
    return RleError(f"{text[at]!r} is none of the characters '0' to 'o'", column=at + 1)


def _too_many(shape: tuple[int, int] | None) -> str:
    return f"the counts go beyond {_pixels_of(shape)}"


def _too_few(total: int, shape: tuple[int, int] | None) -> str:
    return f"the counts end after {total:,} of {_pixels_of(shape)}"


def _pixels_of(shape: tuple[int, int] | None) -> str:
    return "any image" if shape is None else f"the {shape[0]} x {shape[1]} pixels (height x width)"


def checked_shape(shape: tuple[int, int]) -> tuple[int, int]:
    """Return (height, width) of a mask as ints.

    Raises:
        CodecError: one of them is negative, or there are more than 2^31 - 1 pixels.
    """
    height, width = map(operator.index, shape)
    if height < 0 or width < 0 or height * width > _MOST_PIXELS:
        raise CodecError(f"a mask cannot have the shape {shape}", fix="give (height, width)")
    return height, width
