"""A number with four digits; the worst mistakes are the largest errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.predictions.store.fold_reader import Probs
from podium.reporting.shown_answers import MistakeSizes
from podium.tasks.kinds.classify._rows.report import errors


def text(label: Any, names: Sequence[str]) -> str:
    """Return the number as text.

    Example:
        >>> text(1234.56, [])
        '1235'
    """
    return f"{float(label):.4g}"


def mistakes(truth: NDArray[Any], probs: Probs, decisions: NDArray[Any]) -> MistakeSizes:
    """Return the absolute error of each decided number, and which are not exact."""
    size = np.abs(errors(truth, decisions))
    return size, size > 0
