"""Focal loss: cross-entropy that turns from what is right (Lin et al. 2017, arXiv:1708.02002).

    multiclass:          l_i  = - sum_c v_c y'_ic (1 - p_ic)^gamma log p_ic           p = softmax(z)
    binary, multilabel:  l_ic = - v1 y' (1 - p)^gamma log p
                                - v0 (1 - y') p^gamma log(1 - p)                      p = s(z)
    L = weighted mean of l                          (eq. 4; with class weights v = alpha, eq. 5)

gamma = 0 is cross-entropy. Not divided by the class weights' sum: alpha scales, as in the paper.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from podium.competition.spec import TaskKind
from podium.training.losses._loss import Loss, weighted_mean
from podium.training.losses.bce import absent_and_present

__all__ = ["LOSS"]


def _focal(
    logits: Tensor,
    target: Tensor,
    *,
    kind: TaskKind,
    weight: Tensor | None,
    class_weights: Tensor | None,
    label_smoothing: float,
    gamma: float = 2.0,
) -> Tensor:
    if kind == "multiclass":
        return _softmax_focal(logits, target, weight, class_weights, label_smoothing, gamma)
    smooth = target * (1 - label_smoothing) + label_smoothing / 2
    absent, present = (
        (1.0, 1.0) if class_weights is None else absent_and_present(class_weights, logits.shape[1])
    )
    hit, miss = F.logsigmoid(logits), F.logsigmoid(-logits)  # log p, log(1 - p)
    # Powers from logarithms: p near 0 or 1 keeps its digits and its gradient.
    each = -present * smooth * (gamma * miss).exp() * hit
    each = each - absent * (1 - smooth) * (gamma * hit).exp() * miss
    return weighted_mean(each, weight)  # each: (N, C)


def _softmax_focal(
    logits: Tensor,
    target: Tensor,
    weight: Tensor | None,
    class_weights: Tensor | None,
    label_smoothing: float,
    gamma: float,
) -> Tensor:
    n_classes = logits.shape[1]
    soft = F.one_hot(target, n_classes) if target.ndim == 1 else target
    smooth = soft * (1 - label_smoothing) + label_smoothing / n_classes
    if class_weights is not None:
        smooth = smooth * class_weights
    log_probs = logits.log_softmax(dim=1)
    # A slope of (1 - p)^gamma at p = 1 is infinite for gamma < 1, hence the clamp.
    focus = (1 - log_probs.exp()).clamp(min=1e-7).pow(gamma)
    each = -(smooth * focus * log_probs).sum(dim=1, keepdim=True)
    return weighted_mean(each, weight)  # each: (N, 1)


LOSS = Loss(_focal, kinds=frozenset({"multiclass", "binary", "multilabel"}))
