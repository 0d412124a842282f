"""Fitting one fold model: phases, the loop, optimisers, validation and callbacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.workspace.lazy import lazy_attributes

if TYPE_CHECKING:
    from podium.training.fit import timed_steps

__all__ = ["timed_steps"]

# Torch is loaded where steps are timed, and not where a kept measurement is read.
__getattr__ = lazy_attributes(__name__, {name: name for name in __all__})
