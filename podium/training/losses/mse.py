"""Squared error, for regression; of several columns in units of their deviations.

    L = sum_i w_i (z_i - y_i)^2 / sum_i w_i

w are the sample weights.
"""

from __future__ import annotations

from torch import Tensor

from podium.training.losses._loss import Loss, LossContext, weighted_mean

__all__ = ["LOSS"]


def _squared_error(logits: Tensor, target: Tensor, given: LossContext) -> Tensor:
    return weighted_mean((logits - target).square(), given.weight)


LOSS = Loss(_squared_error, kinds=frozenset({"regression", "multitarget"}))
