"""Soft Dice loss of masks (Milletari et al. 2016, arXiv:1606.04797, with areas not squared).

    D_g = 1 - (2 I_g + smooth) / (P_g + T_g + smooth)          L = mean over g of D_g

I, P, T are the soft areas of `_regions.py`; g is a class of the batch, or of each image. Absent
classes and the background are left out unless `classes` and `background` include them: most
competitions score the foreground, and the cross-entropy beside this loss covers every pixel anyway.
"""

from __future__ import annotations

from torch import Tensor

from podium.training.losses._loss import Loss, LossContext, NonNegative, safely
from podium.training.losses._regions import SEGMENT_KINDS, Classes, mean, overlaps

__all__ = ["LOSS"]


def _dice(
    logits: Tensor,
    target: Tensor,
    given: LossContext,
    *,
    smooth: NonNegative = 1.0,
    per_image: bool = False,
    classes: Classes = "present",
    background: bool = False,
) -> Tensor:
    areas, of = overlaps(
        logits, target, given, per_image=per_image, classes=classes, background=background
    )
    both = safely(areas.predicted + areas.true + smooth)
    return mean(1 - (2 * areas.intersection + smooth) / both, of.counted)


LOSS = Loss(_dice, kinds=SEGMENT_KINDS, form="region")
