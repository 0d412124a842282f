"""Lovász losses, which follow the Jaccard index itself (Berman et al. 2018, arXiv:1705.08790).

    m_i = |y_i - p_i|                        multiclass: Lovász-softmax, eq. 8
    m_i = max(0, 1 - z_i (2 y_i - 1))        binary, multilabel: Lovász hinge, eq. 10, on logits z
    L_g = sum_k m_(k) (J_k - J_(k-1))        m_(1) >= m_(2) >= …, eq. 9
    J_k = 1 - (T - y_(1) - … - y_(k)) / (T + (1 - y_(1)) + … + (1 - y_(k)))
    L   = mean over g of L_g

J_k is the Jaccard loss if just the k worst pixels are wrong, and T is the true area. g is a class
of the batch, or with `per_image` of each image. Absent classes and the background are left out
unless `classes` and `background` include them; "all" with `per_image` is how the hinge is used
where many images are empty.

The steps J_k - J_(k-1) come from their own formula: as differences of float32 numbers near 1, as
usually computed, they lose all their digits once a batch has some million pixels. With weights w,
areas are sums of w; a pixel with unknown truth has w = 0 and no step.
"""

from __future__ import annotations

import torch
from torch import Tensor

from podium.training.losses._loss import Loss, LossContext
from podium.training.losses._regions import SEGMENT_KINDS, Classes, groups, mean, truth

__all__ = ["LOSS"]


def _lovasz(
    logits: Tensor,
    target: Tensor,
    given: LossContext,
    *,
    per_image: bool = False,
    classes: Classes = "present",
    background: bool = False,
) -> Tensor:
    true = truth(logits, target)
    of = groups(true, given, per_image=per_image, classes=classes, background=background)
    probs = logits.softmax(dim=1) if given.kind.is_exclusive else logits
    n, c = logits.shape[:2]
    pixels = of.pixels.expand(n, c, -1, -1)
    each = []
    for index, (scores, hard, weight) in enumerate(
        zip(probs.unbind(1), (true > 0.5).unbind(1), pixels.unbind(1), strict=True)
    ):
        if index == 0 and given.kind.is_exclusive and not background:
            each.append(of.counted.new_zeros(len(of.counted)))
            continue
        if given.kind.is_exclusive:
            errors = (hard.float() - scores).abs()
        else:
            errors = (1 - scores * (2 * hard.float() - 1)).relu()
        shape = (n if per_image else 1, -1)
        errors, hard, weight = (x.reshape(shape) for x in (errors, hard, weight))
        each.append((errors * _steps(errors.detach(), hard, weight)).sum(dim=1))
    return mean(torch.stack(each, dim=1), of.counted)  # (G, C)


@torch.no_grad()
def _steps(errors: Tensor, hard: Tensor, weight: Tensor) -> Tensor:
    """Return J_k - J_(k-1) `(G, P)` of each pixel, in the order in which the pixels stand.

    The loss is the scalar product of errors and steps, and the steps are its gradient: nothing of
    the sorting is kept.
    """
    order = errors.argsort(dim=1, descending=True)
    weight, hard = weight.gather(1, order), hard.gather(1, order)
    area = (weight * hard).sum(dim=1, keepdim=True)
    left = area - (weight * hard).cumsum(dim=1)  # of the true area, the part not yet wrong
    alarms = (weight * ~hard).cumsum(dim=1)
    union, before = area + alarms, area + alarms - weight * ~hard
    # Without a true pixel J jumps from 0 to 1 at the first false alarm.
    share = (left.clamp(min=0) / before.clamp(min=1e-12)).where(before > 0, left.new_ones(()))
    steps = weight / union.clamp(min=1e-12) * share.where(~hard, left.new_ones(()))
    return torch.empty_like(steps).scatter_(1, order, steps)


LOSS = Loss(_lovasz, kinds=SEGMENT_KINDS, form="region")
