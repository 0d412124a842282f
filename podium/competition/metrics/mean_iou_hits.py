"""Mean share of the thresholds of the IoU that a mask passes: the score of one object an image.

    mean over images × classes of mean over t = 0.50, 0.55 … 0.95 of [IoU > t]

The score of TGS Salt Identification, where the salt of an image is one object; `iou_precision` is
that of several. An IoU passes above a threshold, with `strict: false` at it, too; they are compared
in whole numbers. Both masks empty counts one; `empty` is one, zero, skip or error. `over` selects
the average and `background` whether background is a class, see `_mask_ratios.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._mask_ratios import mean_ratio
from podium.competition.metrics._matching import SWEEP, is_hit, limits_of

__all__ = ["METRIC"]


def _share(
    both: NDArray[Any],
    predicted: NDArray[Any],
    true: NDArray[Any],
    *,
    thresholds: Sequence[float],
    strict: bool,
) -> NDArray[np.float64]:
    limits = limits_of("mean_iou_hits", thresholds)
    either = predicted + true - both
    passed = is_hit(both, either, limits, strict=strict).mean(axis=-1)
    return np.where(either > 0, passed, np.nan)


METRIC = mean_ratio(
    "mean_iou_hits",
    _share,
    over="pair",
    empty="one",
    options={"thresholds": SWEEP, "strict": True},
)
