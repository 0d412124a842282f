"""What the commands of `podium tune` do and print: one file each, loaded at its first use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.workspace.lazy import lazy_attributes

if TYPE_CHECKING:
    from podium.cli.tuning import losses, rate_and_batch, recipe, show, thresholds

__all__ = ["losses", "rate_and_batch", "recipe", "show", "thresholds"]

__getattr__ = lazy_attributes(__name__, {name: name for name in __all__})
