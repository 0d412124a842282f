"""Cross-entropy over classes that exclude each other, of hard or soft targets.

    y' = (1 - e) y + e / C            l_i = - sum_c v_c y'_ic log softmax(z_i)_c
    L  = sum_i w_i l_i / sum_i w_i v(y_i),        v(y_i) = sum_c v_c y_ic

v are the class weights, w the sample weights, e the label smoothing (Szegedy et al. 2016,
arXiv:1512.00567, §7). For class indices this equals `torch.nn.functional.cross_entropy`; a soft
target that is one-hot gives the same number, where torch divides by N instead.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from podium.competition.spec import TaskKind
from podium.training.losses._loss import Loss

__all__ = ["LOSS"]


def _cross_entropy(
    logits: Tensor,
    target: Tensor,
    *,
    kind: TaskKind,
    weight: Tensor | None,
    class_weights: Tensor | None,
    label_smoothing: float,
) -> Tensor:
    each = F.cross_entropy(
        logits, target, weight=class_weights, label_smoothing=label_smoothing, reduction="none"
    )  # (N,)
    norm = logits.new_ones(len(logits))
    if class_weights is not None:
        norm = class_weights[target] if target.ndim == 1 else target @ class_weights
    if weight is not None:
        each, norm = each * weight[:, 0], norm * weight[:, 0]
    total = norm.sum()
    # A batch without a single answer gives 0 and a zero gradient, and no division by zero.
    return each.sum() / total.where(total > 0, total.new_ones(()))


LOSS = Loss(_cross_entropy, kinds=frozenset({"multiclass"}))
