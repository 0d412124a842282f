"""Decisions from probabilities: labels, masks and objects, by a list of named steps.

`masks` uses two modules of this package at their first use alone: `objects` imports it, and
`regions` needs scipy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.workspace.lazy import lazy_attributes

if TYPE_CHECKING:
    from podium.predictions.decisions import objects, regions

__all__ = ["objects", "regions"]

__getattr__ = lazy_attributes(__name__, {name: name for name in __all__})
