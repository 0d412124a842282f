"""Vectors of images, as methods compare them: a backbone's last map, pooled, for a projector."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from podium.models.features import Features
from podium.models.network import Network
from podium.training.evaluation import evaluating

__all__ = ["n_pooled", "parameter_groups", "pooled"]


def pooled(features: Features) -> Tensor:
    """Return the deepest map of images, averaged: `(N, F)`."""
    return features.deepest.mean(dim=(2, 3))


def n_pooled(network: Network, size: tuple[int, int]) -> int:
    """Return F of `pooled` for images of (height, width) `size`."""
    device = next(network.parameters()).device
    # Batch norm must not learn from emptiness.
    with evaluating(network), torch.no_grad():
        empty = torch.zeros(1, network.in_chans, *size, device=device)
        return int(pooled(network.features(empty)).shape[1])


def parameter_groups(module: nn.Module, **settings: Any) -> Iterable[dict[str, Any]]:
    """Return optimiser groups of what is learnt in `module`: kernels, then biases and norms.

    `settings` are those of both, as `is_constant`.
    """
    learnt = [one for one in module.parameters() if one.requires_grad]
    kernels = [one for one in learnt if one.ndim > 1]
    others = [one for one in learnt if one.ndim <= 1]
    return {"params": kernels, **settings}, {"params": others, "norms": True, **settings}
