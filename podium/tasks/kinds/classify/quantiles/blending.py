"""Members against one number: they err by the distance of their medians."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.tasks.kinds.classify._rows.blending import columns

if TYPE_CHECKING:
    from podium.ensembling.method import Members


def errors(members: Members, truth: NDArray[Any]) -> NDArray[np.float64]:
    """Return the differences of the members' medians from the truth, `(M, N)`."""
    medians = [np.median(np.asarray(one, dtype=np.float64), axis=1) for one in members]
    right = np.asarray(truth, dtype=np.float64)
    return (np.stack(medians) - right)[:, np.isfinite(right)]


def comparable(
    members: Members, truth: NDArray[Any], *, in_units: bool
) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Return members, and the truth at each level."""
    each = np.asarray(members)
    return each, np.repeat(columns(truth), each.shape[2], axis=1)
