"""Shares of images, cells or names from which on they count as all, or as most of them.

Of real files and cells a few are damaged, lacking or misnamed.
"""

from __future__ import annotations

__all__ = ["ALL_BUT_FEW", "HALF", "NEARLY_ALL"]

HALF = 0.5
NEARLY_ALL = 0.9
ALL_BUT_FEW = 0.95
