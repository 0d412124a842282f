"""Numbers by name; the worst mistakes are the largest errors in units of their columns' spread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.predictions.store.fold_reader import Probs
from podium.predictions.top_k import require_dense
from podium.reporting.shown_answers import MistakeSizes
from podium.tasks.kinds.classify._rows.report import errors

_SHOWN = 6


def text(label: Any, names: Sequence[str]) -> str:
    """Return the numbers with the names of their columns; a missing one is left out.

    Example:
        >>> text([0.25, 1234.56], ["share", "area"])
        'share 0.25, area 1235'
    """
    known = [
        f"{name} {float(one):.4g}"
        for name, one in zip(names, label, strict=True)
        if np.isfinite(one)
    ]
    return ", ".join(known[:_SHOWN]) + (" …" if len(known) > _SHOWN else "")


def values(probs: Probs) -> NDArray[np.float64]:
    """Return the numbers `(N, C)`."""
    return require_dense(probs, who="a value").astype(np.float64)


def mistakes(truth: NDArray[Any], probs: Probs, decisions: NDArray[Any]) -> MistakeSizes:
    """Return of each row the largest error, in standard deviations of its column's truth."""
    size = np.abs(errors(truth, decisions))
    spread = np.nanstd(np.asarray(truth, dtype=np.float64), axis=0)
    size = np.nan_to_num(size / np.where(spread > 0, spread, 1.0), nan=-1.0).max(axis=1)
    return size, size > 0
