"""Thresholds of probabilities, one for all outputs or one an output."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from podium.predictions.decisions.parameters import one_per_output

__all__ = ["PLAIN", "are_reached", "check_threshold"]


PLAIN = 0.5


def are_reached(probs: NDArray[np.float32], threshold: ArrayLike) -> NDArray[np.bool_]:
    """Return where probabilities `(N, C)` reach the threshold, compared as float32."""
    return np.asarray(probs >= np.asarray(threshold, dtype=np.float32))


def check_threshold(parameter: Any, n_outputs: int) -> None:
    """Raise UsageError unless `parameter` is one finite number, or one an output."""
    one_per_output("threshold", parameter, n_outputs, or_one=True)
