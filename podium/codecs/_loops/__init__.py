"""Compiled loops, a module loaded at its first use: numba takes half a second.

Most commands encode nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.workspace.lazy import lazy_attributes

if TYPE_CHECKING:
    from podium.codecs._loops import coco, decoder, encoder

__all__ = ["coco", "decoder", "encoder"]

__getattr__ = lazy_attributes(__name__, {name: name for name in __all__})
