"""Pinball loss of quantiles, and its mean over levels (Koenker and Bassett 1978).

    l_iq = max(τ_q (y_i - z_iq), (τ_q - 1) (y_i - z_iq)),   L = Σ_iq w_i l_iq / Σ_iq w_i

τ are the levels, z the predicted quantiles, y the truth, w the sample weights. Its expectation is
least where z is the quantile of y: a share τ of the truths lies below.
"""

from __future__ import annotations

import torch
from torch import Tensor

from podium.training.losses._loss import Loss, LossContext, weighted_mean

__all__ = ["LOSS"]


def _pinball(logits: Tensor, target: Tensor, given: LossContext) -> Tensor:
    level = logits.new_tensor(given.kind.levels)  # (Q,)
    apart = target - logits
    return weighted_mean(torch.maximum(level * apart, (level - 1) * apart), given.weight)


LOSS = Loss(_pinball, kinds=frozenset({"quantiles"}))
