"""Masks as run-length text, "start length start length …": the format of most mask competitions.

    encode(mask) -> "2 3 9 1"        decode("2 3 9 1", (4, 3)) -> bool (4, 3)

Three switches cover every variant: `order` ("F" counts pixels down the columns, "C" along the
rows), `base` (number of the first pixel, 0 or 1) and `relative`: a start counts from the end of the
run before it, as in the SIIM-ACR pneumothorax competition; the first start is a pixel's number.
"""

from __future__ import annotations

import operator
import re
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from podium.codecs import _loops
from podium.errors import CodecError, UsageError

__all__ = ["AxisOrder", "RleError", "are_valid", "decode", "encode"]

AxisOrder = Literal["F", "C"]

_MOST_PIXELS = 2**31 - 1
_SHOWN_CHARACTERS = 20
_TO_A_BLANK = re.compile(r"[^ \t\n\r]*")  # the decoder's blanks; `str.split` has more


class RleError(CodecError):
    """A text is not a valid list of runs.

    Args:
        message: the error, one sentence.
        column: the character of the text at which the wrong number begins, from 1.
    """

    column: int

    def __init__(self, message: str, *, column: int) -> None:
        super().__init__(message, column=column)


def encode(mask: Any, *, order: AxisOrder = "F", base: int = 1, relative: bool = False) -> str:
    """Return the runs of the pixels of `mask` that are set, as "start length start length …".

    Args:
        mask: `(H, W)`, bool or uint8, in which every value but 0 is set; any memory layout, of
            which rows or columns without gaps are fastest. Not changed. Other types are refused: a
            map of probabilities has to meet its threshold first. A tensor or a frame of these, and
            a list of rows of whole numbers or truth values, are taken, too.
        order: "F" counts down the columns, "C" along the rows.
        base: number of the first pixel, 0 or 1.
        relative: write each start but the first as the number of pixels since the last run.

    Returns:
        Runs with ascending starts, none touching the next; `""` for an empty mask.

    Raises:
        CodecError: the mask has another type or shape, or an option is unknown.
        UsageError: it is no array at all, or its rows have different lengths.

    Example:
        >>> import numpy as np
        >>> import podium
        >>> mask = np.array([[0, 1], [1, 1]], dtype=bool)
        >>> podium.rle.encode(mask)
        '2 3'
        >>> podium.rle.encode(mask, order="C", base=0)
        '1 3'
    """
    down = _counts_down(order, base)
    if not isinstance(mask, np.ndarray):
        mask = _array(mask)
    if mask.ndim != 2 or mask.dtype.char not in "?B":
        raise CodecError(
            f"expected a mask (H, W) of bool or uint8, got {mask.dtype} {mask.shape}",
            fix="pass probs >= threshold, one class at a time",
        )
    if not mask.flags.c_contiguous:
        if mask.flags.f_contiguous:
            mask, down = mask.T, not down  # down the columns is along the rows of the transpose
        else:
            mask = np.ascontiguousarray(mask)
    if not 0 < mask.size <= _MOST_PIXELS:
        if not mask.size:
            return ""
        raise CodecError(f"a mask of {mask.size:,} pixels is too large to encode")
    pixels = mask.view(np.uint8) if mask.dtype.char == "?" else mask
    text = _loops.encoder.encode(pixels, down, int(base), bool(relative))
    return str(text.data, "ascii")


def decode(
    text: str,
    shape: tuple[int, int],
    *,
    order: AxisOrder = "F",
    base: int = 1,
    relative: bool = False,
) -> NDArray[np.bool_]:
    """Return the mask that `text` describes; an empty text is an empty mask.

    Numbers stand between blanks. Runs ascend and may touch but not overlap: what another reader
    could take for another mask is an error here.

    Args:
        text: as `encode` returns it; ASCII digits only.
        shape: `(H, W)` of the mask.
        order, base, relative: as for `encode`.

    Returns:
        `(H, W)`, bool, row after row in memory.

    Raises:
        RleError: a number that is none (a sign, a fraction, a name), a start without a length, a
            length of 0, or a run that is outside the image or not after the run before it.
        CodecError: a negative shape, or an unknown option.
        UsageError: `shape` is not two whole numbers.

    Example:
        >>> import podium
        >>> podium.rle.decode("2 3", (2, 2)).astype(int)
        array([[0, 1],
               [1, 1]])
    """
    down = _counts_down(order, base)
    try:
        height, width = map(operator.index, shape)
    except (TypeError, ValueError):
        raise UsageError(
            f"shape must be two whole numbers, (height, width), got {shape!r}",
            fix="rle.decode(text, (height, width)): the text comes first, and it is of one mask",
        ) from None
    if height < 0 or width < 0:
        raise CodecError(f"a mask cannot have the shape {shape}", fix="give (height, width)")
    data = _ascii(text)
    mask = np.zeros((height, width), dtype=np.bool_)
    pixels = mask.reshape(-1).view(np.uint8)
    code, at = _loops.decoder.decode(data, pixels, height, width, down, int(base), bool(relative))
    if code:
        raise _error(text, code, at, shape)
    return mask


def are_valid(
    data: NDArray[np.uint8],
    starts: NDArray[np.int64],
    stops: NDArray[np.int64],
    n_pixels: NDArray[np.int64],
    *,
    base: int = 1,
    relative: bool = False,
) -> NDArray[np.bool_]:
    """Return which of many texts `decode` would take, without making their masks.

    Args:
        data: bytes that hold the texts, such as a part of a file; those of the texts are ASCII.
        starts, stops: `(N,)`, where each text begins, and the byte after its last one.
        n_pixels: `(N,)`, of each mask, at least 1; the order of pixels does not matter here.
        base, relative: as for `encode`.

    Returns:
        `(N,)`.
    """
    _counts_down("F", base)
    valid = np.empty(len(starts), dtype=np.bool_)
    _loops.decoder.check(data, starts, stops, n_pixels, int(base), bool(relative), valid)
    return valid


def _counts_down(order: str, base: int) -> bool:
    if (order != "F" and order != "C") or (base != 0 and base != 1):
        raise CodecError(
            f"runs have order F or C and base 0 or 1, got order {order!r} and base {base!r}"
        )
    return order == "F"


def _array(mask: Any) -> NDArray[Any]:
    """Return the array of a mask in another container."""
    if hasattr(mask, "detach") and hasattr(mask, "cpu"):  # a tensor, without importing torch
        mask = mask.detach().cpu()
    try:
        found = np.asarray(mask)
    except (TypeError, ValueError):  # rows of different lengths, or a type that numpy has not
        found = np.empty(0, dtype=object)
    if found.ndim == 0 or found.dtype.kind not in "biuf":
        raise UsageError(
            f"mask must be an array (H, W) of bool or uint8, got {type(mask).__name__}",
            fix="pass an array, a tensor or a list of rows of one length",
        )
    # Nobody chose the type of a list's numbers, which numpy makes int64.
    is_list = isinstance(mask, list | tuple) and found.dtype.kind in "iu"
    if is_list and found.min(initial=0) >= 0 and found.max(initial=0) <= np.iinfo(np.uint8).max:
        return found.astype(np.uint8)
    return found


def _ascii(text: str) -> NDArray[np.uint8]:
    if not isinstance(text, str):
        raise RleError(f"expected the text of runs, got {text!r}", column=1)
    try:
        return np.frombuffer(text.encode("ascii"), dtype=np.uint8)
    except UnicodeEncodeError as error:
        odd = text[error.start]
        raise RleError(f"{odd!r} is no ASCII digit", column=error.start + 1) from None


def _error(text: str, code: int, at: int, shape: tuple[int, int]) -> RleError:
    kernel = _loops.decoder
    found = _TO_A_BLANK.match(text, at)[0]  # type: ignore[index]  # it may be empty
    if len(found) > _SHOWN_CHARACTERS:
        found = found[:_SHOWN_CHARACTERS] + "…"
    size = f"the {shape[0]} x {shape[1]} pixels (height x width)"
    message = {
        kernel.NOT_A_NUMBER: f"{found!r} is not a whole number of digits 0 to 9",
        kernel.HAS_NO_LENGTH: f"the start {found} has no length after it",
        kernel.OUTSIDE: f"the start {found} is outside {size}",
        kernel.NOT_AFTER_THE_LAST: f"the start {found} is not after the run before it",
        kernel.LENGTH_IS_ZERO: "a run has the length 0",
        kernel.TOO_LONG: f"a run of length {found} goes beyond {size}",
    }[code]
    return RleError(message, column=at + 1)
