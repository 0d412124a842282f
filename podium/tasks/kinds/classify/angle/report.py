"""A direction with its degrees; the worst mistakes are the widest arcs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.predictions.store.fold_reader import Probs
from podium.predictions.top_k import require_dense
from podium.reporting.shown_answers import MistakeSizes
from podium.tasks.kinds.classify.angle.vectors import apart, direction_of


def text(label: Any, names: Sequence[str]) -> str:
    """Return the direction as text.

    Example:
        >>> text(271.44, [])
        '271.4°'
    """
    return f"{float(label):.1f}°"


def values(probs: Probs) -> NDArray[np.float64]:
    """Return the predicted directions in degrees."""
    return direction_of(require_dense(probs, who="a direction"))


def errors(truth: NDArray[Any], values: NDArray[Any]) -> NDArray[np.float64]:
    """Return the signed arcs from the truth, in degrees."""
    return apart(values, truth)


def mistakes(truth: NDArray[Any], probs: Probs, decisions: NDArray[Any]) -> MistakeSizes:
    """Return how far apart each decided direction and the truth are, and which are not exact."""
    size = np.abs(apart(decisions, truth))
    return size, size > 0
