"""Squared error of logarithms, for numbers whose ratios count (rmsle).

    L = sum_i w_i (f(z_i) - f(y_i))^2 / sum_i w_i,   f(x) = ln(1 + x) for x >= 0, x below

w are the sample weights; z and y are in the numbers' own units. Below 0 the logarithm goes on as
its tangent: a network that begins there is led back.
"""

from __future__ import annotations

import torch
from torch import Tensor

from podium.training.losses._loss import Loss, LossContext, weighted_mean

__all__ = ["LOSS"]


def _squared_error_of_logarithms(logits: Tensor, target: Tensor, given: LossContext) -> Tensor:
    units = 1.0 if given.units is None else given.units
    each = _logarithm(logits * units) - _logarithm(target * units)
    return weighted_mean(each.square(), given.weight)


def _logarithm(x: Tensor) -> Tensor:
    return torch.where(x >= 0, torch.log1p(x.clamp_min(0)), x)


LOSS = Loss(_squared_error_of_logarithms, kinds=frozenset({"regression", "multitarget"}))
