"""A class by its name; the worst mistakes are those whose rating is furthest from the truth."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.predictions.store.fold_reader import Probs
from podium.reporting.shown_answers import MistakeSizes
from podium.tasks.kinds.classify._rows.report import errors, values


def mistakes(truth: NDArray[Any], probs: Probs, decisions: NDArray[Any]) -> MistakeSizes:
    """Return the absolute error of each rating, and which decisions are wrong."""
    return np.abs(errors(truth, values(probs))), decisions != truth
