"""Soft Jaccard (IoU) loss of masks (Rahman and Wang 2016, eq. 3 to 5).

    J_g = 1 - (I_g + smooth) / (P_g + T_g - I_g + smooth)          L = mean over g of J_g

I, P, T are the soft areas of `_regions.py`; g is a class of the batch, or of each image. Absent
classes and the background are left out unless `classes` and `background` include them.
"""

from __future__ import annotations

from torch import Tensor

from podium.training.losses._loss import Loss, LossContext, NonNegative, safely
from podium.training.losses._regions import SEGMENT_KINDS, Classes, mean, overlaps

__all__ = ["LOSS"]


def _jaccard(
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
    union = safely(areas.predicted + areas.true - areas.intersection + smooth)
    return mean(1 - (areas.intersection + smooth) / union, of.counted)


LOSS = Loss(_jaccard, kinds=SEGMENT_KINDS, form="region")
