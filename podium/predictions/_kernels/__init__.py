"""Compiled loops over pixels, loaded at the first use of one: numba takes half a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.workspace.lazy import lazy_attributes

if TYPE_CHECKING:
    from podium.predictions._kernels.loops import (
        add_weighted,
        boxes_of,
        divide_sums,
        find_peaks,
        flood,
        mean_values,
        squared_distances,
    )

__all__ = [
    "add_weighted",
    "boxes_of",
    "divide_sums",
    "find_peaks",
    "flood",
    "mean_values",
    "squared_distances",
]

__getattr__ = lazy_attributes(__name__, dict.fromkeys(__all__, "loops"))
