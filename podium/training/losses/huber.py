"""Huber's loss (smooth L1), for numbers with outliers (Huber 1964).

    l = d^2 / 2 where |d| <= delta, else delta (|d| - delta / 2),   d = z - y
    L = sum_i w_i l_i / sum_i w_i

w are the sample weights, delta the option of that name; d and delta are in units of the deviation
of the numbers that are learnt from, column by column.
"""

from __future__ import annotations

from typing import Annotated

import torch.nn.functional as F
from pydantic import Field
from torch import Tensor

from podium.training.losses._loss import Loss, LossContext, weighted_mean

__all__ = ["LOSS"]


def _huber(
    logits: Tensor,
    target: Tensor,
    given: LossContext,
    *,
    delta: Annotated[float, Field(gt=0)] = 1.0,
) -> Tensor:
    return weighted_mean(F.huber_loss(logits, target, reduction="none", delta=delta), given.weight)


LOSS = Loss(_huber, kinds=frozenset({"regression", "multitarget"}))
