"""Masks as run-length text, "start length start length …": the format of most mask competitions.

    encode(mask) -> "2 3 9 1"        decode("2 3 9 1", (4, 3)) -> bool (4, 3)

Three switches cover every variant: `order` ("F" counts pixels down the columns, "C" along the
rows), `base` (number of the first pixel, 0 or 1) and `relative`: a start counts from the end of the
run before it, as in the SIIM-ACR pneumothorax competition; the first one is a plain pixel number.
"""

from __future__ import annotations

import re
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from podium.errors import CodecError

__all__ = ["AxisOrder", "RleError", "decode", "encode"]

AxisOrder = Literal["F", "C"]


class RleError(CodecError):
    """A text is not a valid list of runs.

    Args:
        message: what is wrong, one sentence.
        column: the 1-based character of the text where it goes wrong.
    """

    def __init__(self, message: str, *, column: int) -> None:
        self.column = column
        super().__init__(message, where=f"column {column}")


def encode(
    mask: NDArray[Any], *, order: AxisOrder = "F", base: int = 1, relative: bool = False
) -> str:
    """Return the runs of the pixels of `mask` that are set, as "start length start length …"."""
    if mask.ndim != 2 or mask.dtype not in (np.bool_, np.uint8):
        raise CodecError(
            f"expected a mask (H, W) of bool or uint8, got {mask.dtype} {mask.shape}",
            fix="pass probs >= threshold, one class at a time",
        )
    flat = np.pad((mask != 0).ravel(order=order), 1).view(np.int8)
    edges = np.flatnonzero(np.diff(flat))
    starts, lengths = edges[::2] + base, edges[1::2] - edges[::2]
    if relative:
        starts[1:] = edges[2::2] - edges[1:-1:2]
    return " ".join(map(str, np.stack([starts, lengths], axis=1).ravel().tolist()))


def decode(
    text: str,
    shape: tuple[int, int],
    *,
    order: AxisOrder = "F",
    base: int = 1,
    relative: bool = False,
) -> NDArray[np.bool_]:
    """Return the mask `(H, W)` that `text` describes; an empty text is an empty mask."""
    if not isinstance(text, str):
        raise RleError(f"expected text, got {text!r}", column=1)
    n_pixels = shape[0] * shape[1]
    flat = np.zeros(n_pixels, dtype=np.bool_)
    numbers = []
    for token in re.finditer(r"[^ \t\r\n]+", text):
        if not re.fullmatch(r"[0-9]{1,18}", token[0]):
            raise RleError(f"{token[0][:20]!r} is no pixel number", column=token.start() + 1)
        numbers.append((int(token[0]), token.start() + 1))
    if len(numbers) % 2:
        raise RleError("the last start has no length", column=numbers[-1][1])
    end = 0
    for i in range(0, len(numbers), 2):
        (start, column), (length, length_column) = numbers[i : i + 2]
        first = end + start if relative and i else start - base
        if first < 0 or first >= n_pixels:
            raise RleError(f"the start {start} is outside the image", column=column)
        if first < end:
            raise RleError(f"the start {start} is inside or before the last run", column=column)
        if length == 0 or first + length > n_pixels:
            raise RleError(f"the length {length} is impossible", column=length_column)
        end = first + length
        flat[first:end] = True
    return flat.reshape(shape, order=order)
