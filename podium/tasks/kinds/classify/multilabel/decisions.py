"""Yes or no for each class: whether its probability reaches a threshold."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from podium.predictions.decisions.kinds import LabelDecisions, LabelStep
from podium.tasks.kinds.classify._rows.thresholds import PLAIN, are_reached, check_threshold


def _threshold(probs: NDArray[np.float32], threshold: ArrayLike) -> NDArray[np.uint8]:
    return are_reached(probs, threshold).astype(np.uint8)


DECISIONS = LabelDecisions({"threshold": LabelStep(_threshold, PLAIN, check_threshold)})
