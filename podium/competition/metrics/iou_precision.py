"""Precision of an image's objects over thresholds of the IoU: TP / (TP + FP + FN).

    mean over images of mean over t = 0.50, 0.55 … 0.95 of TP_t / (TP_t + FP_t + FN_t)

The score of the 2018 Data Science Bowl and of Sartorius, whose objects do not overlap; with one
object an image at most, that of TGS Salt. A predicted object hits a true one of its class where
their IoU is above t; with `strict: false` also where it equals t. IoUs are compared in whole
numbers. Overlapping objects are matched one to one, as many as possible. `empty` is the score of an
image without true and predicted objects: one, zero, skip or error.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._matching import swept_metric

__all__ = ["METRIC"]


def _precision(
    found: NDArray[Any], false: NDArray[Any], missed: NDArray[Any]
) -> NDArray[np.float64]:
    return np.asarray(found / (found + false + missed))


CALLED = (
    "tp / (tp + fp + fn)",
    "tp/(tp+fp+fn)",
    "tp(t) / (tp(t) + fp(t) + fn(t))",
    "\\frac{tp(t)}{tp(t) + fp(t) + fn(t)}",
    "\\frac{tp}{tp + fp + fn}",
)
METRIC = swept_metric("iou_precision", _precision)
