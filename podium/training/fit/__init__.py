"""Fitting one fold model: phases, the loop, optimisers, validation and callbacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.workspace.lazy import lazy_attributes

if TYPE_CHECKING:
    from podium.training.fit import phase_plans, timed_steps

__all__ = ["phase_plans", "timed_steps"]

# Torch is loaded where parts are built or steps are timed, and not where a recipe, or a kept
# measurement, is read.
__getattr__ = lazy_attributes(__name__, {name: name for name in __all__})
