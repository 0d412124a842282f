"""The loops of `coco`: counts of a mask, counts as characters and back, and pixels from counts.

A count is written as its difference from the one two before it (from the fourth count on), five
bits a character, the lowest first; bit 5 is set where more follow, and the sign is that of the
highest bit written. 48 is added to make it printable.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from podium.codecs._kernels import (
    FLAG,
    NUMBER,
    PIXELS,
    READABLE,
    READABLE_IMAGE,
    STEP,
    compiled_for,
)
from podium.codecs._loops.decoder import fill_down
from podium.codecs._loops.encoder import edges_along, edges_down

__all__ = [
    "CUT",
    "LENGTH_IS_ZERO",
    "NOT_ALL",
    "NOT_A_CHARACTER",
    "NOT_SHORTEST",
    "TOO_MANY",
    "VALID",
    "counts_of",
    "paint",
    "read",
    "write",
]

VALID, NOT_A_CHARACTER, CUT, NOT_SHORTEST, LENGTH_IS_ZERO, TOO_MANY, NOT_ALL = range(7)
"""Status codes of `read`."""

_U = np.uint64  # numba turns signed with unsigned into signed: constants are typed explicitly
_FIRST, _LAST = 48, 111  # characters
_SIGN, _MORE = 16, 32  # bits of a character
_MOST_CHARACTERS = 7  # of a number: 35 bits, where a difference of counts has 32
_MOST_BITS = 5 * _MOST_CHARACTERS


@compiled_for(READABLE_IMAGE, FLAG)
def counts_of(mask: NDArray[np.uint8], down: bool) -> NDArray[np.int64]:
    """Return how many pixels in turn are not set and are, down the columns of `(H, W)` or along."""
    (height, width), pixels = mask.shape, mask.reshape(-1)
    edges = edges_down(pixels, height, width) if down else edges_along(pixels)
    n, n_pixels = edges.size, mask.size
    if n and edges[n - 1] == n_pixels:  # the last run ends with the image: nothing is after it
        n -= 1
    counts = np.empty(n + 1, dtype=np.int64)
    before = 0
    for i in range(n):
        counts[i] = edges[i] - before
        before = edges[i]
    counts[n] = n_pixels - before
    return counts


@compiled_for(NUMBER[::1])
def write(counts: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return counts as ASCII bytes."""
    text = np.empty(counts.size * _MOST_CHARACTERS, dtype=np.uint8)
    at = 0
    for i in range(counts.size):
        rest = counts[i] - (counts[i - 2] if i > 2 else 0)
        more = True
        while more:
            bits = rest & 31
            rest >>= 5
            more = rest != -1 if bits & _SIGN else rest != 0
            text[_U(at)] = _FIRST + bits + _MORE * more
            at += 1
    return text[:at]


@compiled_for(READABLE, NUMBER)
def read(text: NDArray[np.uint8], n_pixels: int) -> tuple[int, int, NDArray[np.int64]]:
    """Return VALID or the status of the error, the byte of the wrong count, and the counts.

    Args:
        text: bytes.
        n_pixels: required sum of the counts; negative: at most that many, for a mask of unknown
            size.
    """
    most = abs(n_pixels)
    counts = np.empty(text.size, dtype=np.int64)  # growing it would count references at each step
    at, n, total = 0, 0, np.int64(0)
    while at < text.size:
        begin, shift, number = at, 0, np.int64(0)
        before, bits = np.int64(0), np.int64(_MORE)
        while bits & _MORE:
            if at == text.size:
                return CUT, begin, counts[:n]
            character = np.int64(text[_U(at)])
            if not _FIRST <= character <= _LAST:
                return NOT_A_CHARACTER, at, counts[:n]
            if shift == _MOST_BITS:
                return TOO_MANY, begin, counts[:n]
            before, bits = bits, character - _FIRST
            number |= (bits & 31) << shift
            shift += 5
            at += 1
        if bits & _SIGN:
            number -= 1 << shift
        # A last character of nothing but sign bits is redundant: the count has a shorter form.
        if shift > 5 and bits == (31 if before & _SIGN else 0):
            return NOT_SHORTEST, begin, counts[:n]
        if n > 2:
            number += counts[_U(n - 2)]
        if number <= 0 and (n > 0 or number < 0):
            return LENGTH_IS_ZERO, begin, counts[:n]
        total += number
        if total > most:
            return TOO_MANY, begin, counts[:n]
        counts[_U(n)] = number
        n += 1
    if n == 0 or (n_pixels >= 0 and total < most):
        return NOT_ALL, at, counts[:n]
    return VALID, at, counts[:n]


@compiled_for(NUMBER[::1], PIXELS, NUMBER, NUMBER)
def paint(counts: NDArray[np.int64], pixels: NDArray[np.uint8], height: int, width: int) -> None:
    """Set the pixels that the second, fourth … counts name in `(H * W,)` zeros, row after row.

    Pixels at which a column begins or ceases to be set are flipped first, then each row is added to
    the one above it; so a run costs the same however long it is.
    """
    tops = np.full((width + STEP - 1) // STEP, height, dtype=np.int64)
    bottoms = np.zeros(tops.size, dtype=np.int64)
    end, column, next_column = 0, 0, height
    for i in range(1, counts.size, 2):
        first = end + counts[i - 1]
        end = first + counts[i]
        while first >= next_column:
            column, next_column = column + 1, next_column + height
        row, strip = first + height - next_column, column // STEP
        tops[strip] = min(tops[strip], row)
        pixels[_U(row * width + column)] ^= 1
        while end >= next_column:  # set to the foot of this column, and on at the top of the next
            bottoms[strip] = height - 1
            column, next_column = column + 1, next_column + height
            if column == width:
                break
            strip = column // STEP
            tops[strip] = 0
            pixels[_U(column)] ^= 1
        if column < width:
            row = end + height - next_column
            bottoms[strip] = max(bottoms[strip], row)
            pixels[_U(row * width + column)] ^= 1
    fill_down(pixels, width, tops, bottoms)
