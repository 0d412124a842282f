"""Targets of masks whose pixels are yes or no in each layer."""

from __future__ import annotations

import math

from torch import Tensor

from podium.competition.truths.masks import IGNORE

__all__ = ["with_nan"]


def with_nan(masks: Tensor) -> Tensor:
    """Return uint8 masks as float32, nan where unknown."""
    return masks.float().masked_fill_(masks == IGNORE, math.nan)
