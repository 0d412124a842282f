"""Binary cross-entropy for each output on its own: binary and multilabel tasks.

    y' = (1 - e) y + e / 2      l_ic = - v1_c y' log s(z_ic) - v0_c (1 - y') log(1 - s(z_ic))
    L  = sum_ic w_ic l_ic / sum_ic w_ic

i are samples, or the pixels of masks; s is the sigmoid. Class weights are `(2,)`, of absent and
present, for a binary task, and `(C,)`, of present alone (torch's `pos_weight`), for a multilabel
one.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from podium.training.losses._loss import Loss, LossContext, along_classes, weighted_mean

__all__ = ["LOSS", "absent_and_present"]


def absent_and_present(class_weights: Tensor, like: Tensor) -> tuple[Tensor, Tensor]:
    """Return the weights of absent and of present labels, broadcastable to `like` `(N, C, …)`."""
    if like.shape[1] == 1 and class_weights.numel() == 2:
        return class_weights[0], class_weights[1]
    return class_weights.new_ones(()), along_classes(class_weights, like)


def _binary_cross_entropy(logits: Tensor, target: Tensor, given: LossContext) -> Tensor:
    smooth = target * (1 - given.label_smoothing) + given.label_smoothing / 2
    if given.class_weights is None:
        each = F.binary_cross_entropy_with_logits(logits, smooth, reduction="none")
    else:
        absent, present = absent_and_present(given.class_weights, logits)
        # log(1 - s(z)) = log s(-z), without the cancellation.
        each = -present * smooth * F.logsigmoid(logits)
        each = each - absent * (1 - smooth) * F.logsigmoid(-logits)
    return weighted_mean(each, given.weight)  # each: (N, C, …)


LOSS = Loss(_binary_cross_entropy, kinds=frozenset({"binary", "multilabel"}))
