"""Compiled loops over the pixels of a batch, loaded at the first use: numba takes half a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.workspace.lazy import lazy_attributes

if TYPE_CHECKING:
    from podium.training.data._kernels.views import (
        contrast_tables,
        equal_tables,
        gather_pixels,
        use_tables,
    )

__all__ = ["contrast_tables", "equal_tables", "gather_pixels", "use_tables"]

__getattr__ = lazy_attributes(__name__, dict.fromkeys(__all__, "views"))
