"""What probabilities, and the truth of 0 and 1 beside them, must be."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.errors import DataError

__all__ = ["refuse_values"]


def refuse_values(metric: str, truth: NDArray[Any], probs: NDArray[np.float64]) -> None:
    """Raise DataError for a truth that is not 0 or 1, or a probability outside [0, 1]."""
    if not np.isin(truth, (0, 1)).all():
        raise DataError(f"{metric}: the truth of a binary or multilabel task must be 0 or 1")
    is_outside = ((probs < 0) | (probs > 1)).reshape(len(probs), -1).any(axis=1)
    if is_outside.any():
        row = int(np.flatnonzero(is_outside)[0])
        raise DataError(
            f"{metric}: row {row} has a probability outside [0, 1]", fix="pass probs, not logits"
        )
