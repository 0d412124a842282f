"""Cosine distance of two directions: 1 minus the cosine of the angle between them.

    l_i = 1 - z_i · y_i / |z_i|,   L = sum_i w_i l_i / sum_i w_i

z is the network's vector and y the unit vector of the truth, w are the sample weights. l lies in
[0, 2]; near the truth it is half the squared angle in radians.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from podium.training.losses._loss import Loss, LossContext, weighted_mean

__all__ = ["LOSS"]


def _cosine_distance(logits: Tensor, target: Tensor, given: LossContext) -> Tensor:
    alike = F.cosine_similarity(logits, target, dim=1, eps=1e-6)[:, None]
    weight = None if given.weight is None else given.weight[:, :1]
    return weighted_mean(1 - alike, weight)


LOSS = Loss(_cosine_distance, kinds=frozenset({"angle"}))
