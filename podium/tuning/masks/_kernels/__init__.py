"""Compiled loops over pixels, a module loaded at its first use: numba takes half a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.workspace.lazy import lazy_attributes

if TYPE_CHECKING:
    from podium.tuning.masks._kernels import histograms, levels

__all__ = ["histograms", "levels"]

__getattr__ = lazy_attributes(__name__, {name: name for name in __all__})
