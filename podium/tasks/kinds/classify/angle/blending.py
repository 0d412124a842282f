"""Members against a truth in degrees: they err by arcs, and are fitted as vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.tasks.kinds.classify.angle.vectors import apart, direction_of, vector_of

if TYPE_CHECKING:
    from podium.ensembling.method import Members


def errors(members: Members, truth: NDArray[Any]) -> NDArray[np.float64]:
    """Return the signed arcs `(M, R)` from the truth, in degrees."""
    right = np.asarray(truth, dtype=np.float64).reshape(-1)
    is_known = np.isfinite(right)
    predictions = np.stack([direction_of(np.asarray(one)) for one in members])
    return apart(predictions[:, is_known], right[is_known])


def comparable(
    members: Members, truth: NDArray[Any], *, in_units: bool
) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Return members, which are vectors, and those of the truth."""
    return np.asarray(members), columns(truth)


def columns(truth: NDArray[Any]) -> NDArray[np.float64]:
    """Return cosine and sine of the truth, `(N, 2)`."""
    return vector_of(np.asarray(truth).reshape(-1))
