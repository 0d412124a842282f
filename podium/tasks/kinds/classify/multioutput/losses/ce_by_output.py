"""Cross-entropy of each output, and their mean, or their mean under `weights` of the outputs.

    y' = (1 - e) y + e / C_o        l_io = - sum_{c in o} v_c y'_ic log softmax(z_io)_c
    L_o = sum_i w_io l_io / sum_i w_io v(y_io),    v(y_io) = sum_{c in o} v_c y_ic
    L  = sum_o u_o L_o / sum_o u_o

o are the outputs, of C_o classes each; v are the class weights, w the sample weights, which are 0
where the answer of an output is unknown, e the label smoothing, u the weights of the outputs. An
output of which a batch has no answer has a loss of 0 there.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from podium.errors import RecipeError, plural
from podium.training.losses._loss import Loss, LossContext, safely

__all__ = ["LOSS"]


def _ce_by_output(
    logits: Tensor, target: Tensor, given: LossContext, *, weights: list[float] | None = None
) -> Tensor:
    sizes = list(given.kind.sizes)
    if weights is not None and (len(weights) != len(sizes) or min(weights) < 0 or not any(weights)):
        raise RecipeError(
            f"ce_by_output: weights must be {plural(len(sizes), 'number')} of at least 0, got "
            f"{weights}",
            fix="write one an output, in the order of classes",
        )
    v = given.class_weights
    of_class = torch.ones_like(logits) if v is None else v.expand_as(logits)
    of_row = torch.ones_like(logits) if given.weight is None else given.weight.expand_as(logits)
    found = []
    split = (torch.split(one, sizes, dim=1) for one in (logits, target, of_class, of_row))
    for z, y, u, w in zip(*split, strict=True):
        smooth = y * (1 - given.label_smoothing) + given.label_smoothing / z.shape[1]
        each = -(u * smooth * F.log_softmax(z, dim=1)).sum(dim=1) * w[:, 0]
        found.append(each.sum() / safely(((u * y).sum(dim=1) * w[:, 0]).sum()))
    share = logits.new_tensor(weights or [1.0] * len(sizes))
    return (torch.stack(found) * share).sum() / share.sum()


LOSS = Loss(_ce_by_output, kinds=frozenset({"multioutput"}))
