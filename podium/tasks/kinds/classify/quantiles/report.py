"""Quantiles by level; beside the truth stands the median of the quantiles, its middle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.predictions.store.fold_reader import Probs
from podium.predictions.top_k import require_dense
from podium.reporting.shown_answers import MistakeSizes
from podium.tasks.kinds.classify._rows.report import errors


def text(label: Any, names: Sequence[str]) -> str:
    """Return a true number as text, or quantiles with their levels.

    Example:
        >>> text(1234.56, ["0.1", "0.9"]), text([2.5, 7.25], ["0.1", "0.9"])
        ('1235', '0.1: 2.5, 0.9: 7.25')
    """
    if np.ndim(label) == 0:
        return f"{float(label):.4g}"
    return ", ".join(f"{name}: {one:.4g}" for name, one in zip(names, label, strict=True))


def values(probs: Probs) -> NDArray[np.float64]:
    """Return the median of each row's quantiles `(N,)`: the middle one, or between the two."""
    return np.median(require_dense(probs, who="a value").astype(np.float64), axis=1)


def mistakes(truth: NDArray[Any], probs: Probs, decisions: NDArray[Any]) -> MistakeSizes:
    """Return how far the median of each row's quantiles is off, and which are not exact."""
    size = np.abs(errors(truth, np.median(decisions, axis=1)))
    return size, size > 0
