"""Tversky loss of masks, which weighs false positives and false negatives apart, and focal Tversky.

    V_g = 1 - (I_g + smooth) / (I_g + alpha (P_g - I_g) + beta (T_g - I_g) + smooth)
    L   = mean over g of V_g^gamma

I, P, T are the soft areas of `_regions.py`; g is a class of the batch, or of each image. alpha is
the weight of false positives, beta of false negatives (Salehi et al. 2017, arXiv:1706.05721, eq. 3,
who find 0.3 and 0.7 good for small things); both 0.5 is Dice with half of its `smooth`. gamma below
1 weighs what is nearly right more, above 1 what is wrong (Abraham and Khan 2018, arXiv:1810.07842,
eq. 4, write 1/gamma for this exponent and use 4/3, so 0.75 here). Absent classes and the background
are left out unless `classes` and `background` include them.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from torch import Tensor

from podium.training.losses._loss import Loss, LossContext, NonNegative, safely
from podium.training.losses._regions import SEGMENT_KINDS, Classes, mean, overlaps

__all__ = ["LOSS"]


def _tversky(
    logits: Tensor,
    target: Tensor,
    given: LossContext,
    *,
    alpha: NonNegative = 0.3,
    beta: NonNegative = 0.7,
    gamma: Annotated[float, Field(gt=0)] = 1.0,
    smooth: NonNegative = 1.0,
    per_image: bool = False,
    classes: Classes = "present",
    background: bool = False,
) -> Tensor:
    areas, of = overlaps(
        logits, target, given, per_image=per_image, classes=classes, background=background
    )
    hit = areas.intersection
    priced = hit + alpha * (areas.predicted - hit) + beta * (areas.true - hit)
    each = 1 - (hit + smooth) / safely(priced + smooth)
    if gamma != 1:
        # A slope of x^gamma at 0 is infinite for gamma < 1, hence the clamp.
        each = each.clamp(min=1e-7).pow(gamma)
    return mean(each, of.counted)


LOSS = Loss(_tversky, kinds=SEGMENT_KINDS, form="region")
