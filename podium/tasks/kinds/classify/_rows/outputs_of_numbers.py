"""Outputs whose targets are numbers in the shape of the logits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

__all__ = ["activate", "stored", "target", "without_missing"]


def activate(logits: Tensor) -> Tensor:
    """Return the numbers as they are."""
    return logits


def target(truth: NDArray[Any]) -> NDArray[Any]:
    """Return the truth in float32; -1 or nan where it is missing."""
    return truth.astype(np.float32)


def without_missing(target: Tensor, logits: Tensor) -> tuple[Tensor, Tensor]:
    """Return the target, 0 where it is missing (nan), and where it is there."""
    target = target.float().reshape(logits.shape)
    there = target.isfinite()
    return target.where(there, target.new_zeros(())), there


def stored(values: Tensor) -> Tensor:
    """Return the values as they are."""
    return values
