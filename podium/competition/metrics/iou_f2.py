"""F2 of an image's objects over thresholds of the IoU: finding them weighs more than false alarms.

    mean over images of mean over t = 0.50, 0.55 … 0.95 of 5 TP_t / (5 TP_t + 4 FN_t + FP_t)

The score of the Airbus Ship Detection Challenge: an image without ships scores 1 when none is
predicted and 0 else. Matching and options are those of `iou_precision`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._matching import swept_metric

__all__ = ["METRIC"]


def _f2(found: NDArray[Any], false: NDArray[Any], missed: NDArray[Any]) -> NDArray[np.float64]:
    return np.asarray(5 * found / (5 * found + 4 * missed + false))


METRIC = swept_metric("iou_f2", _f2)
