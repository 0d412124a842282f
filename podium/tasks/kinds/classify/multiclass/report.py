"""A class by its name; the worst mistakes are the most confident."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.predictions.store.fold_reader import Probs
from podium.predictions.top_k import TopK, most_confident
from podium.reporting.shown_answers import MistakeSizes


def mistakes(truth: NDArray[Any], probs: Probs, decisions: NDArray[Any]) -> MistakeSizes:
    """Return the probability of each decided class, and which are wrong.

    Of `TopK` it is that of the likeliest class, which decides whatever the metric.
    """
    is_wrong = decisions != truth
    if isinstance(probs, TopK):
        return most_confident(probs)[:, 1], is_wrong
    return probs[np.arange(len(truth)), decisions].astype(np.float64), is_wrong
