"""Outputs of yes or no for each class of a pixel: a probability each."""

from __future__ import annotations

from torch import Tensor

from podium.tasks.kinds.classify._rows.outputs_of_probs import activate, with_nan, without_missing

__all__ = ["activate", "decided", "target", "without_missing"]


def target(masks: Tensor) -> Tensor:
    """Return float32 `(N, C, H, W)` of masks `(N, H, W, C)`, nan where unknown."""
    return with_nan(masks).permute(0, 3, 1, 2)


def decided(logits: Tensor) -> Tensor:
    """Return the classes `(N, H, W, C)` of each pixel: where the sigmoid is at least one half."""
    return (logits >= 0).permute(0, 2, 3, 1)
