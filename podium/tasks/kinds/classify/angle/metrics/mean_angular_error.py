"""Mean angular error: the mean over images of the smaller arc between two directions, in degrees.

    e_i = min(d_i, 360 - d_i),   d_i = |p_i - t_i| mod 360

It lies in [0, 180]; a direction drawn at random has an error of 90 on average.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._metric import Metric

__all__ = ["METRIC"]


def _sums(truth: NDArray[Any], degrees: NDArray[Any]) -> NDArray[np.float64]:
    apart = np.abs(degrees.astype(np.float64) - truth.astype(np.float64)) % 360
    return np.column_stack([np.minimum(apart, 360 - apart), np.ones(len(apart))])


METRIC = Metric.from_sums(
    "mean_angular_error",
    needs="decisions",
    greater_is_better=False,
    perfect=0.0,
    kinds=frozenset({"angle"}),
    sums=_sums,
)
