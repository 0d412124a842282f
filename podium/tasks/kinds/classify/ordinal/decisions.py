"""A class of an order, from a rating: the nearest, or how many cut points the rating reaches."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from podium.errors import UsageError
from podium.predictions.decisions.kinds import LabelDecisions, LabelStep


def _round(ratings: NDArray[np.float32], _: None) -> NDArray[np.int64]:
    # In float32 the number below 0.5 plus a half is 1.
    nearest = np.floor(ratings[:, 0].astype(np.float64) + 0.5)
    return np.maximum(nearest, 0).astype(np.int64)


def _cuts(ratings: NDArray[np.float32], cuts: ArrayLike) -> NDArray[np.int64]:
    return np.searchsorted(np.asarray(cuts, dtype=np.float32), ratings[:, 0], side="right")


def _check_cuts(parameter: Any, _: int) -> None:
    try:
        cuts = np.asarray(parameter, dtype=np.float64)
    except (TypeError, ValueError):
        cuts = np.array(np.nan)
    is_list = cuts.ndim == 1 and len(cuts) > 0
    if not is_list or not np.isfinite(cuts).all() or (np.diff(cuts) < 0).any():
        raise UsageError(
            f"decide: cuts needs finite numbers in ascending order, got {parameter!r}",
            fix="give one number less than there are classes, as [0.5, 1.5]",
        )


DECISIONS = LabelDecisions(
    {"round": LabelStep(_round), "cuts": LabelStep(_cuts, check=_check_cuts)}
)
