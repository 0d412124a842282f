"""Losses, one file each, found by file name; a file exports `LOSS`, a `Loss` (see `_loss.py`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.tasks.protocols.find import with_kinds
from podium.workspace.lazy import lazy_attributes

if TYPE_CHECKING:
    from podium.training.losses._loss import Loss, LossContext, NonNegative, weighted_mean

__all__ = ["Loss", "LossContext", "NonNegative", "weighted_mean"]

__path__ = with_kinds(__path__, "losses")

__getattr__ = lazy_attributes(__name__, dict.fromkeys(__all__, "_loss"))
