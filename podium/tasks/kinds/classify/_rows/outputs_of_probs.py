"""Outputs that are yes or no each, of images or pixels: sigmoid."""

from __future__ import annotations

import math

from torch import Tensor

from podium.competition.truths.masks import IGNORE

__all__ = ["activate", "with_nan", "without_missing"]


def activate(logits: Tensor) -> Tensor:
    """Return the probability of each output."""
    return logits.sigmoid()


def without_missing(target: Tensor, logits: Tensor) -> tuple[Tensor, Tensor]:
    """Return the target, 0 where it is missing (nan or -1), and where it is there."""
    target = target.float().reshape(logits.shape)
    there = target.isfinite()
    there = there & (target >= 0)
    return target.where(there, target.new_zeros(())), there


def with_nan(masks: Tensor) -> Tensor:
    """Return uint8 masks of 0 and 1 as float32, nan where unknown."""
    return masks.float().masked_fill_(masks == IGNORE, math.nan)
