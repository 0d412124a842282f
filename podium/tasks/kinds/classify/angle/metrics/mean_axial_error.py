"""Mean axial error: the mean over images of the smaller angle between two axes, in degrees.

    e_i = min(d_i, 180 - d_i),   d_i = |p_i - t_i| mod 180

An axis has no front: 1 and 179 are two degrees apart. Truth and prediction are directions of twice
the angles (`submission.directions: degrees of axes`), so that e_i is half of their angular error.
It lies in [0, 90]; an axis drawn at random has an error of 45 on average.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._metric import Metric
from podium.tasks.kinds.classify.angle.vectors import apart

__all__ = ["METRIC"]


def _sums(truth: NDArray[Any], degrees: NDArray[Any]) -> NDArray[np.float64]:
    return np.column_stack([np.abs(apart(degrees, truth)) / 2, np.ones(len(truth))])


METRIC = Metric.from_sums(
    "mean_axial_error",
    needs="decisions",
    greater_is_better=False,
    perfect=0.0,
    kinds=frozenset({"angle"}),
    sums=_sums,
)

CALLED = ("mean axial difference", "axial error", "axial difference", "axial distance")
