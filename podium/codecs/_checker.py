"""The loop of `rle.are_valid`: the numbers of many texts in one buffer, checked but not painted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from podium.codecs._decoder import _number, _read_run
from podium.codecs._kernels import (
    FLAG,
    FLAGS,
    NUMBER,
    NUMBERS,
    READABLE,
    STEP,
    bits_of_others,
    bits_of_spaces,
    compiled_for,
    load_word,
    lowest_bit,
)

__all__ = ["check"]

_U = np.uint64


@compiled_for(READABLE, NUMBERS, NUMBERS, NUMBERS, NUMBER, FLAG, FLAGS)
def check(
    data: NDArray[np.uint8],
    starts: NDArray[np.int64],
    stops: NDArray[np.int64],
    n_pixels: NDArray[np.int64],
    base: int,
    relative: bool,
    answers: NDArray[np.bool_],
) -> None:
    """Set in `answers` which texts `decode` would take; arguments are those of `rle.are_valid`."""
    for i in range(starts.size):
        at, stop, end = starts[i], stops[i], 0
        window, separators = at, _U(0)
        is_valid = True
        while True:
            rest = separators & (separators - _U(1))
            if rest == 0 and at + STEP <= data.size:
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
        answers[i] = is_valid
