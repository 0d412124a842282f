"""Members against a truth in the same numbers: one column, or one a class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from podium.ensembling.method import Members


def errors(members: Members, truth: NDArray[Any]) -> NDArray[np.float64]:
    """Return the differences from the truth, `(M, R)`."""
    right = np.asarray(truth, dtype=np.float64)
    is_known = np.isfinite(right)
    predictions = np.stack(
        [np.asarray(one, dtype=np.float64).reshape(right.shape) for one in members]
    )
    return np.asarray(predictions[:, is_known] - right[is_known])


def comparable(
    members: Members, truth: NDArray[Any], *, in_units: bool
) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Return members and truth as they are."""
    return np.asarray(members), columns(truth)


def columns(truth: NDArray[Any]) -> NDArray[np.float64]:
    """Return the truth itself, `(N, C)`."""
    return np.asarray(truth, dtype=np.float64).reshape(len(truth), -1)
