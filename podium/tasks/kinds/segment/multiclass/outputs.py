"""Outputs of one class a pixel, or background: softmax."""

from __future__ import annotations

from torch import Tensor

from podium.competition.truths.masks import IGNORE
from podium.tasks.kinds.classify.multiclass.outputs import activate, without_missing

__all__ = ["activate", "decided", "target", "without_missing"]


def target(masks: Tensor) -> Tensor:
    """Return int64 classes `(N, H, W)`, 0 for background, -1 where unknown."""
    return masks.long().masked_fill_(masks == IGNORE, -1)


def decided(logits: Tensor) -> Tensor:
    """Return the likeliest class of each pixel, `(N, H, W)`."""
    return logits.argmax(dim=1)
