"""Masks as text, written pixel by pixel from the formats' definitions: the truth beside podium."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Codec", "Plane"]

Plane = NDArray[np.bool_]
"""A mask `(H, W)` of one class or one object."""


@dataclass(frozen=True)
class Codec:
    """How a mask is written as text.

    Attributes:
        order: F counts down the columns, C along the rows.
        base: number of the first pixel.
        relative: starts count from the end of the run before.
        coco: COCO's compressed counts in place of pairs.
    """

    order: str = "F"
    base: int = 1
    relative: bool = False
    coco: bool = False

    @property
    def name(self) -> str:
        if self.coco:
            return "COCO"
        return f"{self.order}{self.base}{' relative' if self.relative else ''}"

    def encode(self, plane: Plane) -> str:
        """Return the text of a mask; of an empty one "" (COCO has a text for it)."""
        if self.coco:
            return _coco_text(_lengths([bool(one) for one in plane.ravel(order="F")]))
        pairs, end = list[str](), 0
        for start, length in _pairs([bool(one) for one in plane.ravel(order=_axis(self.order))]):
            first = start - end if self.relative and pairs else start + self.base
            pairs += [str(first), str(length)]
            end = start + length
        return " ".join(pairs)

    def decode(self, text: str, size: tuple[int, int]) -> Plane | None:
        """Return the mask `(H, W)` that pairs mean, None where they mean none of that size."""
        if self.coco:
            return None
        numbers = [int(one) for one in text.split()]
        flat, end = np.zeros(size[0] * size[1], dtype=bool), 0
        for place in range(0, len(numbers), 2):
            start, length = numbers[place], numbers[place + 1]
            start = end + start if self.relative and place else start - self.base
            end = start + length
            if start < 0 or end > len(flat) or length < 1:
                return None
            flat[start:end] = True
        return flat.reshape(size, order=_axis(self.order))


def _axis(order: str) -> Any:
    return order


def _lengths(pixels: list[bool]) -> list[int]:
    """Return lengths of alternating runs, the first one of pixels that are not set."""
    lengths, current = [0], False
    for pixel in pixels:
        if pixel != current:
            lengths.append(0)
            current = pixel
        lengths[-1] += 1
    return lengths


def _pairs(pixels: list[bool]) -> list[tuple[int, int]]:
    pairs, at = [], 0
    for number, length in enumerate(_lengths(pixels)):
        if number % 2:
            pairs.append((at, length))
        at += length
    return pairs


def _coco_text(lengths: list[int]) -> str:
    """Return COCO's text: from the fourth on differences to the last but one, 5 bits a letter."""
    letters = []
    for place, length in enumerate(lengths):
        number = length - lengths[place - 2] if place > 2 else length
        while True:
            bits, number = number & 31, number >> 5
            # The last letter's highest bit is the sign of the whole.
            is_last = number == (-1 if bits & 16 else 0)
            letters.append(chr(48 + bits + (0 if is_last else 32)))
            if is_last:
                break
    return "".join(letters)
