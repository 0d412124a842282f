"""The compiled loops of `rle.decode` and `rle.are_valid`: numbers from text, then pixels from runs.

A text is checked as it is read. `decode` paints the runs of one text; `check` validates many texts
in one buffer and paints nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from podium.codecs._kernels import (
    FLAG,
    FLAGS,
    NUMBER,
    NUMBERS,
    PIXELS,
    READABLE,
    STEP,
    bits_of_others,
    bits_of_spaces,
    compiled,
    compiled_for,
    inlined,
    load_word,
    lowest_bit,
    xor_into,
)

__all__ = ["fill_down"]


VALID, NOT_A_NUMBER, HAS_NO_LENGTH, OUTSIDE, NOT_AFTER_THE_LAST, LENGTH_IS_ZERO, TOO_LONG = range(7)
"""Status codes of `decode`."""

_U = np.uint64  # numba turns signed with unsigned into signed: constants are typed explicitly
_HUGE = 10**15  # pixels; a number stops growing here, far from the overflow of 64 bits
_SPACE, _TAB, _NEWLINE, _RETURN, _ZERO, _NINE = 32, 9, 10, 13, 48, 57
_AHEAD = STEP + 8  # bytes: a word that is a number may begin near the end of a step
_SPARSE = 2  # strips by themselves pay where they hold less than half of the pixels


@inlined
def _number(word: np.uint64, n: int) -> np.int64:
    """Return the number that the `n` lowest characters of a word are, 1 to 7 digits.

    Pairs, quarters and halves of the word are joined by a multiplication each.
    """
    word = (word & _U(0x0F0F0F0F_0F0F0F0F)) << _U(64 - 8 * n)
    word = (word * _U(10) + (word >> _U(8))) & _U(0x00FF00FF_00FF00FF)
    word = (word * _U(100) + (word >> _U(16))) & _U(0x0000FFFF_0000FFFF)
    word = (word * _U(10_000) + (word >> _U(32))) & _U(0xFFFFFFFF)
    return np.int64(word)


@compiled
def _read_run(text: NDArray[np.uint8], at: int) -> tuple[int, int, int, int, int]:
    """Return where a run ends, where its start begins, the start, and both for its length.

    Numbers may have any size and any blanks between them. The length is -1 where there is no run:
    one of the numbers is none, or the text ends.
    """
    at, start_at, start = _read_number(text, at)
    if start < 0:
        return at, start_at, start, start_at, -1
    at, length_at, length = _read_number(text, at)
    return at, start_at, start, length_at, length


@compiled
def _read_number(text: NDArray[np.uint8], at: int) -> tuple[int, int, int]:
    """Return the end and the start of a number, and its value: -1 for none."""
    while at < text.size and _is_blank(text[at]):
        at += 1
    begin, number = at, 0
    while at < text.size and _ZERO <= text[at] <= _NINE:
        if number < _HUGE:
            number = 10 * number + (text[at] - _ZERO)
        at += 1
    if at == begin or (at < text.size and not _is_blank(text[at])):
        number = -1
    return at, begin, number


@inlined
def _is_blank(character: int) -> bool:
    return character in (_SPACE, _TAB, _NEWLINE, _RETURN)


@compiled
def fill_down(
    pixels: NDArray[np.uint8], width: int, tops: NDArray[np.int64], bottoms: NDArray[np.int64]
) -> None:
    """Turn flips into pixels that are set: XOR each row, from the top down, with the one above it.

    Args:
        pixels: `(H * W,)`.
        width: W.
        tops, bottoms: the rows between which there are flips, for each strip of 64 columns.
    """
    n_rows = 0
    for strip in range(tops.size):
        n_rows += max(bottoms[strip] - tops[strip], 0)
    if _SPARSE * n_rows * STEP < pixels.size:
        for strip in range(tops.size):
            left = strip * STEP
            for row in range(tops[strip] + 1, bottoms[strip] + 1):
                at = row * width + left
                if left + STEP <= width:
                    xor_into(pixels, at - width, at)
                else:
                    _xor_with_above(pixels, at, width - left, width)
    else:
        _xor_with_above(pixels, width, pixels.size - width, width)


@compiled
def _xor_with_above(pixels: NDArray[np.uint8], at: int, n: int, width: int) -> None:
    """XOR the `n` pixels from `at` on with those `width` before them."""
    stop = at + n
    if width >= STEP:
        while at + STEP <= stop:
            xor_into(pixels, at - width, at)
            at += STEP
    while at < stop:
        pixels[at] ^= pixels[at - width]
        at += 1


@compiled_for(READABLE, PIXELS, NUMBER, NUMBER, FLAG, NUMBER, FLAG)
def decode(
    text: NDArray[np.uint8],
    pixels: NDArray[np.uint8],
    height: int,
    width: int,
    down: bool,
    base: int,
    relative: bool,
) -> tuple[int, int]:
    """Set in `pixels` what the runs of `text` name; return VALID, or what is wrong and where.

    Args:
        text: ASCII bytes.
        pixels: `(H * W,)` zeros, row after row; of no meaning afterwards if the text is wrong.
        height, width: in pixels.
        down: pixels are counted down the columns, not along the rows.
        base: number of the first pixel.
        relative: a start counts from the end of the run before it.

    Returns:
        One of the constants above, and the byte at which the wrong number begins.
    """
    n_pixels = pixels.size
    at, end = 0, 0
    window, separators = 0, _U(0)
    column, next_column = 0, height
    # The rows between which flips lie, for each strip of 64 columns.
    tops = np.empty((width + STEP - 1) // STEP, dtype=np.int64)
    bottoms = np.empty(tops.size, dtype=np.int64)
    for strip in range(tops.size):
        tops[strip], bottoms[strip] = height, 0
    while True:
        # The separators of several runs are found at once, so that a run need not wait for where
        # the one before it ends.
        rest = separators & (separators - _U(1))
        if rest == 0 and at + _AHEAD <= text.size:
            window, separators = at, bits_of_others(text, at)
            if separators != bits_of_spaces(text, at):
                separators = _U(0)
            rest = separators & (separators - _U(1))
        n_start, n_length, stop = 0, 0, at
        if rest:
            n_start = window + lowest_bit(separators) - at
            stop = window + lowest_bit(rest)
            n_length = stop - at - n_start - 1
        if 0 < n_start < 8 and 0 < n_length < 8:
            start_at, length_at = at, at + n_start + 1
            start = _number(load_word(text, start_at), n_start)
            length = _number(load_word(text, length_at), n_length)
            at, separators = stop + 1, rest & (rest - _U(1))
        else:
            at, start_at, start, length_at, length = _read_run(text, at)
            separators = _U(0)
        if length < 0:
            if start_at == text.size:
                break
            if length_at == text.size:
                return HAS_NO_LENGTH, start_at
            return NOT_A_NUMBER, length_at
        first = end + start if relative and end > 0 else start - base
        if first < 0 or first >= n_pixels:
            return OUTSIDE, start_at
        if first < end:
            return NOT_AFTER_THE_LAST, start_at
        if length == 0:
            return LENGTH_IS_ZERO, length_at
        end = first + length
        if end > n_pixels:
            return TOO_LONG, length_at
        if not down:
            pixels[first:end] = 1
            continue
        # Flip the pixels at which a column begins or ceases to be set; a run that begins where the
        # last one ended flips a pixel twice, and so not at all.
        while first >= next_column:
            column += 1
            next_column += height
        strip = column // STEP
        row = first + height - next_column
        tops[strip] = min(tops[strip], row)
        pixels[_U(row * width + column)] ^= 1
        while end >= next_column:  # set to the foot of this column, and on at the top of the next
            bottoms[strip] = height - 1
            column += 1
            next_column += height
            if column == width:
                break
            strip = column // STEP
            tops[strip] = 0
            pixels[_U(column)] ^= 1
        if column < width:
            row = end + height - next_column
            bottoms[strip] = max(bottoms[strip], row)
            pixels[_U(row * width + column)] ^= 1
    if down:
        fill_down(pixels, width, tops, bottoms)
    return VALID, 0


@compiled_for(READABLE, NUMBERS, NUMBERS, NUMBERS, NUMBER, FLAG, FLAGS)
def check(
    data: NDArray[np.uint8],
    starts: NDArray[np.int64],
    stops: NDArray[np.int64],
    n_pixels: NDArray[np.int64],
    base: int,
    relative: bool,
    valid: NDArray[np.bool_],
) -> None:
    """Set in `valid` which texts `decode` would accept; arguments are those of `rle.are_valid`."""
    for i in range(starts.size):
        at, stop, end = starts[i], stops[i], 0
        window, separators = at, _U(0)
        is_valid = True
        while True:
            rest = separators & (separators - _U(1))
            if rest == 0 and at + _AHEAD <= data.size:
                window, separators = at, bits_of_others(data, at)
                spaces = bits_of_spaces(data, at)
                if at + STEP > stop:
                    # What lies behind the text is not read; its end ends a number as a space does.
                    inside = (_U(1) << _U(stop - at)) - _U(1)
                    separators, spaces = separators & inside, spaces & inside
                    if separators == spaces:
                        separators |= inside + _U(1)
                    else:
                        separators = _U(0)
                elif separators != spaces:
                    separators = _U(0)
                rest = separators & (separators - _U(1))
            n_start, n_length, after = 0, 0, at
            if rest:
                n_start = window + lowest_bit(separators) - at
                after = window + lowest_bit(rest)
                n_length = after - at - n_start - 1
            if 0 < n_start < 8 and 0 < n_length < 8 and after <= stop:
                start = _number(load_word(data, at), n_start)
                length = _number(load_word(data, at + n_start + 1), n_length)
                at, separators = after + 1, rest & (rest - _U(1))
            else:
                if at >= stop:
                    break
                at, start_at, start, _, length = _read_run(data[:stop], at)
                separators = _U(0)
                if length < 0:
                    is_valid = start_at == stop
                    break
            first = end + start if relative and end > 0 else start - base
            if first < end or first >= n_pixels[i] or length == 0:
                is_valid = False
                break
            end = first + length
            if end > n_pixels[i]:
                is_valid = False
                break
            if at >= stop:
                break
        valid[i] = is_valid
