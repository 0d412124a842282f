"""Cross-entropy over classes that exclude each other, of hard or soft targets.

    y' = (1 - e) y + e / C            l_i = - sum_c v_c y'_ic log softmax(z_i)_c
    L  = sum_i w_i l_i / sum_i w_i v(y_i),        v(y_i) = sum_c v_c y_ic

i are samples, or the pixels of masks; v are the class weights, w the sample weights, e the label
smoothing (Szegedy et al. 2016, arXiv:1512.00567, §7). For class indices this equals
`torch.nn.functional.cross_entropy`; a soft target that is one-hot gives the same number, where
torch divides by N instead.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from podium.training.losses._loss import Loss, LossContext, along_classes, safely

__all__ = ["LOSS"]


def _cross_entropy(logits: Tensor, target: Tensor, given: LossContext) -> Tensor:
    v = given.class_weights
    each = F.cross_entropy(
        logits, target, weight=v, label_smoothing=given.label_smoothing, reduction="none"
    )  # (N,) or (N, H, W)
    norm = torch.ones_like(each)
    if v is not None:
        is_soft = target.ndim == logits.ndim
        norm = (target * along_classes(v, logits)).sum(dim=1) if is_soft else v[target]
    if given.weight is not None:
        each, norm = each * given.weight[:, 0], norm * given.weight[:, 0]
    return each.sum() / safely(norm.sum())


LOSS = Loss(_cross_entropy, kinds=frozenset({"multiclass"}))
