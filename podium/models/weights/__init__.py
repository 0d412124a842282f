"""Start weights of a network: which file they are, how they are loaded, and a report of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.workspace.lazy import lazy_attributes

if TYPE_CHECKING:
    from podium.models.weights import matching

__all__ = ["matching"]

# Torch is loaded where a file is matched with a network, and not where it is only found.
__getattr__ = lazy_attributes(__name__, {name: name for name in __all__})
