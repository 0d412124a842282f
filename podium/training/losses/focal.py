"""Focal loss: cross-entropy that down-weights easy samples (Lin et al. 2017, arXiv:1708.02002).

    multiclass:          l_i  = - sum_c v_c y'_ic (1 - p_ic)^gamma log p_ic           p = softmax(z)
    binary, multilabel:  l_ic = - v1 y' (1 - p)^gamma log p
                                - v0 (1 - y') p^gamma log(1 - p)                      p = s(z)
    L = weighted mean of l                          (eq. 4; with class weights v = alpha, eq. 5)

i are samples, or the pixels of masks. gamma = 0 is cross-entropy. Not divided by the class weights'
sum: alpha scales, as in the paper.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from podium.training.losses._loss import (
    Loss,
    LossContext,
    NonNegative,
    along_classes,
    weighted_mean,
)
from podium.training.losses.bce import absent_and_present

__all__ = ["LOSS"]


def _focal(
    logits: Tensor, target: Tensor, given: LossContext, *, gamma: NonNegative = 2.0
) -> Tensor:
    if given.kind.is_exclusive:
        return weighted_mean(_softmax_focal(logits, target, given, gamma), given.weight)
    smooth = target * (1 - given.label_smoothing) + given.label_smoothing / 2
    v = given.class_weights
    absent, present = (1.0, 1.0) if v is None else absent_and_present(v, logits)
    hit, miss = F.logsigmoid(logits), F.logsigmoid(-logits)  # log p, log(1 - p)
    # Powers from logarithms: p near 0 or 1 keeps its digits and its gradient.
    each = -present * smooth * (gamma * miss).exp() * hit
    each = each - absent * (1 - smooth) * (gamma * hit).exp() * miss
    return weighted_mean(each, given.weight)  # each: (N, C, …)


def _softmax_focal(logits: Tensor, target: Tensor, given: LossContext, gamma: float) -> Tensor:
    """Return the loss of each sample `(N, 1)`, or of each pixel `(N, 1, H, W)`."""
    n_classes, v = logits.shape[1], given.class_weights
    log_probs = logits.log_softmax(dim=1)
    is_hard = target.ndim < logits.ndim
    if is_hard and given.label_smoothing == 0:
        # The true class alone: a mask needs no one-hot copy.
        chosen = target.unsqueeze(1)
        log_probs = log_probs.gather(1, chosen)
        share = log_probs.new_ones(()) if v is None else v[chosen]
    else:
        soft = F.one_hot(target, n_classes).movedim(-1, 1) if is_hard else target
        share = soft * (1 - given.label_smoothing) + given.label_smoothing / n_classes
        share = share if v is None else share * along_classes(v, logits)
    # A slope of (1 - p)^gamma at p = 1 is infinite for gamma < 1, hence the clamp.
    focus = (1 - log_probs.exp()).clamp(min=1e-7).pow(gamma)
    return -(share * focus * log_probs).sum(dim=1, keepdim=True)


LOSS = Loss(_focal, kinds=frozenset({"multiclass", "binary", "multilabel"}))
