"""Layouts of real competitions as they are given out, each in miniature, with its truth."""

from __future__ import annotations

from layouts.real.labels import LABELLED
from layouts.real.made import RealLayout
from layouts.real.masks import MASKED

__all__ = ["REAL_LAYOUTS", "RealLayout"]

REAL_LAYOUTS: tuple[RealLayout, ...] = (*LABELLED, *MASKED)
