"""What a builder returns, and the names that several builders make up."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Made", "hex_name"]


@dataclass(frozen=True)
class Made:
    """A written competition.

    Attributes:
        data: the folder as a competitor would download and unpack it.
        truth: the true answer of each test image, slice or breast, in the order of the sample
            submission: masks bool `(H, W)`, or `(C, H, W)` of several classes or objects; a label,
            a number, or a set of labels.
        classes: of the masks' layers, where there are several; the names of whales.
    """

    data: Path
    truth: dict[str, Any]
    classes: tuple[str, ...] = ()


def hex_name(*parts: object, length: int = 10) -> str:
    """Return a name as many competitions give to their files: hexadecimal, without a meaning."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:length]
