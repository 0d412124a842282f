"""Masks as run-length text, "start length start length …": the format of most mask competitions.

    encode(mask) -> "2 3 9 1"        decode("2 3 9 1", (4, 3)) -> bool (4, 3)

Six switches cover every variant of pairs: `order` ("F" counts pixels down the columns, "C" along
the rows), `base` (number of the first pixel, 0 or 1) and `relative`: a start counts from the end of
the run before it, as in the SIIM-ACR pneumothorax competition; the first start is a pixel's number.
`second` is what stands behind a start: the length, the last pixel, or the one behind it (stop), and
`join` the sign between the two: "2-4 9-9" are the same runs by their last pixels. `between` is the
sign between two runs: "2-4;9-9".

With `counts` a text has no starts: "1 3 5 1 2" are a pixel that is not set, three that are, and so
on in turn, as COCO's uncompressed counts are. All of them sum to the pixels of the image.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from podium.codecs import _loops
from podium.errors import CodecError, UsageError, plural

__all__ = [
    "AxisOrder",
    "RleError",
    "Second",
    "are_valid",
    "decode",
    "encode",
    "last_pixel",
    "n_counted",
]

AxisOrder = Literal["F", "C"]
Second = Literal["length", "last", "stop"]
"""The second number of a run: how many pixels it has, its last one, or the one behind it."""

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


def encode(
    mask: Any,
    *,
    order: AxisOrder = "F",
    base: int = 1,
    relative: bool = False,
    second: Second = "length",
    join: str = " ",
    between: str = " ",
    counts: bool = False,
) -> str:
    """Return the runs of the pixels of `mask` that are set, as "start length start length …".

    Args:
        mask: `(H, W)`, bool or uint8, in which every value but 0 is set; any memory layout, of
            which rows or columns without gaps are fastest. Not changed. Other types are refused: a
            map of probabilities has to meet its threshold first. A tensor or a frame of these, and
            a list of rows of whole numbers or truth values, are taken, too.
        order: "F" counts down the columns, "C" along the rows.
        base: number of the first pixel, 0 or 1.
        relative: write each start but the first as the number of pixels since the last run.
        second: what follows a start: the run's length, its last pixel, or the pixel behind it.
        join: the sign between the two numbers of a run.
        between: the sign between two runs.
        counts: write how many pixels in turn are not set and are set, in place of runs. The first
            number is 0 where the first pixel is set, and no other one is; all sum to the pixels.

    Returns:
        Runs with ascending starts, none touching the next; `""` for an empty mask. Of counts, an
        empty mask is one number, that of its pixels.

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
        >>> podium.rle.encode(mask, order="C", base=0, second="last", join="-")
        '1-3'
        >>> podium.rle.encode(mask, join=":", between=";")
        '2:3'
        >>> podium.rle.encode(mask, counts=True), podium.rle.encode(~mask, counts=True)
        ('1 3', '0 1 3')
    """
    _check_pairs(second, join, between, relative, counts)
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
        raise CodecError(f"a mask of {plural(mask.size, 'pixel')} is too large to encode")
    pixels = mask.view(np.uint8) if mask.dtype.char == "?" else mask
    if counts:
        return " ".join(map(str, _loops.coco.counts_of(pixels, down).tolist()))
    text = str(_loops.encoder.encode(pixels, down, int(base), bool(relative)).data, "ascii")
    is_plain = second == "length" and join == between == " "
    return text if is_plain else _respelt(text, second, join, between)


def decode(
    text: str,
    shape: tuple[int, int],
    *,
    order: AxisOrder = "F",
    base: int = 1,
    relative: bool = False,
    second: Second = "length",
    join: str = " ",
    between: str = " ",
    counts: bool = False,
) -> NDArray[np.bool_]:
    """Return the mask that `text` describes; an empty text without counts is an empty mask.

    Numbers stand between blanks, or the signs given. Runs ascend and may touch but not overlap:
    what another reader could take for another mask is an error here.

    Args:
        text: as `encode` returns it; ASCII digits only.
        shape: `(H, W)` of the mask.
        order, base, relative, second, join, between, counts: as for `encode`.

    Returns:
        `(H, W)`, bool, row after row in memory.

    Raises:
        RleError: a number that is none (a sign, a fraction, a name), a start without a length, a
            length of 0, or a run that is outside the image or not after the run before it; counts
            that do not sum to the pixels, or one behind the first that is 0.
        CodecError: a negative shape, or an unknown option.
        UsageError: `shape` is not two whole numbers.

    Example:
        >>> import podium
        >>> podium.rle.decode("2 3", (2, 2)).astype(int)
        array([[0, 1],
               [1, 1]])
    """
    _check_pairs(second, join, between, relative, counts)
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
    if counts:
        numbers = _read_counts(text, height * width, f"{height} x {width} (height x width)")
        pixels_in_turn = np.repeat(np.arange(len(numbers)) % 2 == 1, numbers)
        if down:
            return np.ascontiguousarray(pixels_in_turn.reshape(width, height).T)
        return pixels_in_turn.reshape(height, width)
    if second != "length" or join != " " or between != " ":
        plain, columns = _as_lengths(text, second, join, between)
        try:
            return decode(plain, (height, width), order=order, base=base, relative=relative)
        except RleError as error:
            at = columns[len(plain[: error.column].split()) - 1] if columns else 1
            raise RleError(error.message, column=at) from None
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


def last_pixel(
    text: str,
    *,
    base: int = 1,
    second: Second = "length",
    join: str = " ",
    between: str = " ",
) -> int:
    """Return the number of pixels up to the end of the last run of a text; 0 where it has none.

    Only the end of the text is read. Of relative runs it is what the last one tells alone.
    """
    tail = text[-4 * _MOST_DIGITS :].replace(join, " ").replace(between, " ").split()[-2:]
    if len(tail) < 2 or not all(map(_is_number, tail)):
        return 0
    start, end = map(int, tail)
    return {"length": start - base + end, "last": end - base + 1, "stop": end - base}[second]


_MOST_DIGITS = 15


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS


def n_counted(text: str, *, at_most: int) -> int:
    """Return the number of pixels that a text of counts has, where the size of its mask is unknown.

    Raises:
        RleError: it is none, or it has more than `at_most` pixels.
    """
    found = sum(_read_counts(text, None, ""))
    if found > at_most:
        raise RleError(f"the counts sum to {found:,}, and a mask has {at_most:,} at most", column=1)
    return found


def _read_counts(text: str, n_pixels: int | None, shown: str) -> list[int]:
    """Return the counts of a text, which sum to `n_pixels` if that is known.

    Raises:
        RleError: as `decode`.
    """
    _ascii(text)
    found: list[int] = []
    n = last = 0
    for match in _TO_A_BLANK.finditer(text):
        if not match[0]:
            continue
        last = match.start() + 1
        if not _is_number(match[0]):
            is_long = len(match[0]) > _SHOWN_CHARACTERS
            one = match[0][:_SHOWN_CHARACTERS] + "…" * is_long
            raise RleError(f"{one!r} is not a whole number of digits 0 to 9", column=last)
        found.append(int(match[0]))
        if not found[-1] and len(found) > 1:
            raise RleError("a count is 0, and only the first may be", column=last)
        n += found[-1]
    if n_pixels is not None and n != n_pixels:
        raise RleError(
            f"the counts sum to {n:,}, and the image has {n_pixels:,} pixels, {shown}",
            column=max(last, 1),
        )
    return found


def _check_pairs(second: str, join: str, between: str, relative: bool, counts: bool) -> None:
    if counts and (relative or second != "length" or join != " " or between != " "):
        raise CodecError(
            "counts have no starts",
            fix="leave out relative, second, join and between, or take counts=False",
        )
    if second not in ("length", "last", "stop"):
        raise CodecError(f"the second number of a run is length, last or stop, got {second!r}")
    if second != "length" and relative:
        raise CodecError("runs with their ends are not relative", fix="take relative: false")
    for sign, where in ((join, "numbers"), (between, "runs")):
        if sign != " " and (not sign or re.search(r"\d|\s", sign)):
            raise CodecError(
                f"the sign between two {where} has no digit and no blank, got {sign!r}"
            )
    if join != " " and (join in between or between in join):
        raise CodecError(
            f"the signs in a run and between two must differ, got {join!r} and {between!r}"
        )


def _respelt(text: str, second: Second, join: str, between: str) -> str:
    """Return runs of start and length, written with another second number, or other signs."""
    numbers = [int(one) for one in text.split()]
    add = {"length": None, "last": -1, "stop": 0}[second]
    pairs = zip(numbers[::2], numbers[1::2], strict=True)
    return between.join(f"{a}{join}{b if add is None else a + b + add}" for a, b in pairs)


def _as_lengths(text: str, second: Second, join: str, between: str) -> tuple[str, list[int]]:
    """Return the runs as start and length, and the character of `text` where each number begins.

    Raises:
        RleError: a run is no pair of numbers, or ends before it starts.
    """
    numbers: list[str] = []
    columns: list[int] = []
    # Between blanks, numbers that blanks join stand alone, in any number of these.
    are_pairs = join != " " or between != " "
    for at, run in _split_runs(text, between):
        cells = run.split(join) if are_pairs else [run]
        if are_pairs and (len(cells) != 2 or any(cell != cell.strip() for cell in cells)):
            shown = run[:_SHOWN_CHARACTERS]
            raise RleError(f"{shown!r} is not two numbers with {join!r} between", column=at)
        for cell in cells:
            numbers.append(cell)
            columns.append(at)
            at += len(cell) + len(join)
    if second != "length":
        for i in range(1, len(numbers), 2):
            pair = numbers[i - 1 : i + 1]
            if all(map(_is_number, pair)):
                start, end = map(int, pair)
                length = end - start + (second == "last")
                if length < 1:
                    raise RleError(
                        f"the run from {start} ends at {end}, before it starts", column=columns[i]
                    )
                numbers[i] = str(length)
    return " ".join(numbers), columns


def _split_runs(text: str, between: str) -> Iterator[tuple[int, str]]:
    """Yield where each run of a text begins, from 1, and the run; each number where both are blank.

    An empty text has none; two signs side by side have an empty one between.
    """
    if between == " ":
        yield from ((one.start() + 1, one[0]) for one in _TO_A_BLANK.finditer(text) if one[0])
        return
    at = 1
    for run in text.split(between) if text else ():
        yield at, run
        at += len(run) + len(between)


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
