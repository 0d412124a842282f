"""Outputs of foreground or not for each pixel: one probability."""

from __future__ import annotations

from torch import Tensor

from podium.tasks.kinds.classify._rows.outputs_of_probs import activate, with_nan, without_missing

__all__ = ["activate", "decided", "target", "without_missing"]


def target(masks: Tensor) -> Tensor:
    """Return float32 `(N, 1, H, W)`, nan where unknown."""
    return with_nan(masks).unsqueeze(1)


def decided(logits: Tensor) -> Tensor:
    """Return which pixels `(N, H, W)` are foreground: where the sigmoid is at least one half."""
    return (logits >= 0)[:, 0]
