"""Masks as arrays, from image files or run-length text; read when asked for, one at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["IGNORE", "Mask", "MaskRef"]

IGNORE = 255

Mask = NDArray[np.uint8]
"""binary: (H, W) of 0 and 1; multiclass: (H, W) of 0 (background) and class index + 1; multilabel:
(H, W, C) of 0 and 1. `IGNORE` where nobody knows: such pixels are neither learnt nor scored."""


@dataclass(frozen=True)
class MaskRef:
    """Where the mask of one sample lies.

    Attributes:
        files: one file, or one a class ("" for a class without a file); relative to the workspace.
        runs: (class index, run-length text, line of the table) of each row; an empty mask has none.
        is_table: whether the mask is written as runs.
    """

    files: tuple[str, ...] = ()
    runs: tuple[tuple[int, str, int], ...] = ()
    is_table: bool = False
