"""Losses, one file each, found by file name; a file exports `LOSS`, a `Loss` (see `_loss.py`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.workspace.lazy import lazy_attributes

if TYPE_CHECKING:
    from podium.training.losses._loss import Fraction, Loss, LossContext, NonNegative, weighted_mean

__all__ = ["Fraction", "Loss", "LossContext", "NonNegative", "weighted_mean"]

__getattr__ = lazy_attributes(__name__, dict.fromkeys(__all__, "_loss"))
