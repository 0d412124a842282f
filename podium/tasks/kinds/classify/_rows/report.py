"""Answers as text and the worst mistakes: of one class by name, and of yes and no by confidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.predictions.store.fold_reader import Probs
from podium.predictions.top_k import require_dense
from podium.reporting.shown_answers import MistakeSizes

_CELLS_AT_ONCE = 1_000_000  # of labels that are processed together: 8 MB


def text(label: Any, names: Sequence[str]) -> str:
    """Return the name of a class; of an open set, a row may be of none."""
    return names[int(label)] if int(label) >= 0 else "none of them"


def mistakes(truth: NDArray[Any], probs: Probs, decisions: NDArray[Any]) -> MistakeSizes:
    """Return the confidence in the worst wrong label of each row, -1 without one, and which are.

    Args:
        truth: `(N,)` or `(N, C)`, of 0 and 1; -1 where it is unknown.
        probs: `(N, C)`.
        decisions: as `truth`.
    """
    p = require_dense(probs, who="a mistake")
    right, decided = (one.reshape(len(p), -1) for one in (truth, decisions))
    block = max(1, _CELLS_AT_ONCE // p.shape[1])
    confidence = np.full(len(p), -1.0)
    for start in range(0, len(p), block):
        some = slice(start, start + block)
        of_yes, is_yes = p[some].astype(np.float64), decided[some] == 1
        is_wrong = (is_yes != (right[some] == 1)) & (right[some] >= 0)
        confidence[some] = np.where(is_wrong, np.where(is_yes, of_yes, 1 - of_yes), -1).max(axis=1)
    return confidence, confidence >= 0


def values(probs: Probs) -> NDArray[np.float64]:
    """Return the first output."""
    return require_dense(probs, who="a value")[:, 0].astype(np.float64)


def errors(truth: NDArray[Any], values: NDArray[Any]) -> NDArray[np.float64]:
    """Return the differences."""
    return np.asarray(values - truth, dtype=np.float64)
