"""The loop of `rle.encode`: where runs begin and end, and their numbers as characters.

A pixel is set where its byte is not 0, and a run begins or ends where two neighbours differ.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.codecs._kernels import (
    FLAG,
    NUMBER,
    READABLE_IMAGE,
    STEP,
    bits_of_set,
    compiled,
    compiled_for,
    inlined,
    lowest_bit,
    store_word,
)

__all__ = ["edges_along", "edges_down", "encode"]

_U = np.uint64  # numba turns signed with unsigned into signed: constants are typed explicitly
_EIGHT_DIGITS = 10**8
_ZEROS = _U(0x30303030_30303030)  # "00000000"
_MOST_CHARACTERS = 11  # of a number: ten digits, as 2^31 has, and a space
_SLACK = 8  # bytes that a word may reach beyond the last number
_SPACE, _ZERO = 32, 48
_FIRST_ROOM = 4096  # edges


@compiled
def edges_along(pixels: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Return where pixels begin to be set and cease to be, by turns: an even number of places."""
    edges = np.empty(_FIRST_ROOM, dtype=np.int32)
    at, n = _scan_along(pixels, 0, edges, 0)
    while at < pixels.size:
        edges = _doubled(edges, n)
        at, n = _scan_along(pixels, at, edges, n)
    if n % 2:
        # Past the last pixel all bits are 0; a word that is full to its end has no such bit.
        edges[n] = pixels.size
        n += 1
    return edges[:n]


@compiled
def _scan_along(
    pixels: NDArray[np.uint8], at: int, edges: NDArray[np.int32], n: int
) -> tuple[int, int]:
    """Write edges from pixel `at` on while there is room; return the pixel reached, and `n`.

    Growing `edges` in this loop would count references to it at every word.
    """
    last = _U(at > 0 and pixels[at - 1] != 0)
    room = edges.size - STEP - 1
    while at < pixels.size and n <= room:
        bits = bits_of_set(pixels, at) if at + STEP <= pixels.size else _last_bits(pixels, at)
        changes = bits ^ ((bits << _U(1)) | last)
        last = bits >> _U(STEP - 1)
        while changes:
            edges[n] = at + lowest_bit(changes)
            n += 1
            changes &= changes - _U(1)
        at += STEP
    return at, n


@compiled
def edges_down(pixels: NDArray[np.uint8], height: int, width: int) -> NDArray[np.int32]:
    """Return the same for pixels counted down the columns, without a transpose.

    Rows are compared with the rows above them, so changes are found row by row; a counting sort
    puts them in the order of columns.
    """
    above = _last_row_shifted(pixels, height, width)
    columns = np.empty(_FIRST_ROOM + width, dtype=np.int32)
    n_until = np.zeros(height + 1, dtype=np.int64)
    row = _scan_down(pixels, 0, above, columns, n_until)
    while row < height:
        columns = _doubled(columns, n_until[row])
        row = _scan_down(pixels, row, above, columns, n_until)
    n = n_until[height]
    begin = np.zeros(width + 1, dtype=np.int64)
    for i in range(n):
        begin[columns[i] + 1] += 1
    for column in range(width):
        begin[column + 1] += begin[column]
    edges = np.empty(n + n % 2, dtype=np.int32)
    for row in range(height):
        for i in range(n_until[row], n_until[row + 1]):
            column = columns[i]
            edges[begin[column]] = column * height + row
            begin[column] += 1
    if n % 2:
        edges[n] = pixels.size
    return edges


@compiled
def _scan_down(
    pixels: NDArray[np.uint8],
    row: int,
    above: NDArray[np.uint64],
    columns: NDArray[np.int32],
    n_until: NDArray[np.int64],
) -> int:
    """Write where rows from `row` on differ from the row above, while there is room.

    Args:
        pixels: `(H * W,)`.
        row: the first row to scan.
        above: the row before it, in bits; afterwards the last row scanned.
        columns: the columns of all changes, row after row.
        n_until: `(H + 1,)`, the number of changes before each row.

    Returns:
        The row reached, H if all were scanned.
    """
    height = n_until.size - 1
    width = pixels.size // height
    n, tail = n_until[row], ~_U(0) >> _U(above.size * STEP - width)
    while row < height and n + width <= columns.size:
        at = row * width
        for word in range(above.size):
            bits = bits_of_set(pixels, at) if at + STEP <= pixels.size else _last_bits(pixels, at)
            changes = bits ^ above[word]
            if changes:
                above[word] = bits
                if word == above.size - 1:
                    changes &= tail  # what is beyond the row belongs to the next one
                while changes:
                    columns[n] = word * STEP + lowest_bit(changes)
                    n += 1
                    changes &= changes - _U(1)
            at += STEP
        row += 1
        n_until[row] = n
    return row


@compiled
def _last_row_shifted(pixels: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint64]:
    """Return, in bits, what stands before row 0 down the columns: the end of the column before."""
    shifted = np.empty((width + STEP - 1) // STEP, dtype=np.uint64)
    last = _U(0)
    for word in range(shifted.size):
        at = (height - 1) * width + word * STEP
        bits = bits_of_set(pixels, at) if at + STEP <= pixels.size else _last_bits(pixels, at)
        shifted[word] = (bits << _U(1)) | last
        last = bits >> _U(STEP - 1)
    return shifted


@compiled
def _last_bits(pixels: NDArray[np.uint8], at: int) -> np.uint64:
    """Return which of the last pixels, from `at` on, are set, where fewer than 64 are left."""
    bits = _U(0)
    for i in range(pixels.size - at):
        bits |= _U(pixels[at + i] != 0) << _U(i)
    return bits


@compiled
def _doubled(numbers: NDArray[Any], n: int) -> NDArray[Any]:
    grown = np.empty(2 * numbers.size, dtype=numbers.dtype)
    for i in range(n):
        grown[i] = numbers[i]
    return grown


@inlined
def _digits(number: np.uint64) -> tuple[np.uint64, int]:
    """Return the digits of a number below 10^8 as characters in a word, and how many they are.

    Halves, quarters and then digits are parted in the bytes of one word, by a multiplication with a
    rounded 1/100 and 1/10, which is exact for so few digits.
    """
    front = number // _U(10_000)
    word = front | ((number - front * _U(10_000)) << _U(32))
    hundreds = ((word * _U(5243)) >> _U(19)) & _U(0x0000007F_0000007F)
    word = hundreds | ((word - hundreds * _U(100)) << _U(16))
    tens = ((word * _U(103)) >> _U(10)) & _U(0x000F000F_000F000F)
    word = tens | ((word - tens * _U(10)) << _U(8))
    # Zeros in front are the low bytes; of the number 0 the last one stays.
    n_skipped = lowest_bit(word | _U(1 << 56)) >> 3
    return (word | _ZEROS) >> _U(8 * n_skipped), 8 - n_skipped


@compiled
def _write_slowly(text: NDArray[np.uint8], at: int, number: int) -> int:
    """Write a number of any size and a space; return where they end."""
    n, rest = 1, number // 10
    while rest > 0:
        n, rest = n + 1, rest // 10
    for i in range(n):
        text[at + n - 1 - i] = _ZERO + number % 10
        number //= 10
    text[at + n] = _SPACE
    return at + n + 1


@compiled_for(READABLE_IMAGE, FLAG, NUMBER, FLAG)
def encode(mask: NDArray[np.uint8], down: bool, base: int, relative: bool) -> NDArray[np.uint8]:
    """Return the runs of the pixels that are set, as ASCII bytes.

    Args:
        mask: `(H, W)`, row after row, with 1 to 2^31 - 1 pixels.
        down: count pixels down the columns, not along the rows.
        base: number of the first pixel.
        relative: a start counts from the end of the run before it.
    """
    (height, width), pixels = mask.shape, mask.reshape(-1)
    edges = edges_down(pixels, height, width) if down else edges_along(pixels)
    text = np.empty(edges.size * _MOST_CHARACTERS + _SLACK, dtype=np.uint8)
    at, before = 0, -base
    for i in range(edges.size):
        number = edges[i] - before
        if number < _EIGHT_DIGITS:
            word, n = _digits(_U(number))
            store_word(text, at, word)
            text[at + n] = _SPACE
            at += n + 1
        else:
            at = _write_slowly(text, at, number)
        before = edges[i] if relative or i % 2 == 0 else -base
    return text[: max(at - 1, 0)]
