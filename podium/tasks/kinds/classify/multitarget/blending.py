"""Members against a truth of several columns, each in units of its own deviation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.tasks.kinds.classify._rows.blending import columns

if TYPE_CHECKING:
    from podium.ensembling.method import Members


def comparable(
    members: Members, truth: NDArray[Any], *, in_units: bool
) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Return members and truth, 0 where it is nan; not `in_units`, over the truth's deviations."""
    target = columns(truth)
    is_known = np.isfinite(target)
    deviation = 1.0 if in_units else _deviation(target)
    each = np.where(is_known, np.asarray(members, dtype=np.float64) / deviation, 0.0)
    return each, np.where(is_known, target / deviation, 0.0)


def errors(members: Members, truth: NDArray[Any]) -> NDArray[np.float64]:
    """Return the differences from the known cells of the truth `(M, R)`, in such units."""
    target = columns(truth)
    is_known = np.isfinite(target)
    deviation = np.broadcast_to(_deviation(target), target.shape)[is_known]
    each = [np.asarray(one, dtype=np.float64).reshape(target.shape)[is_known] for one in members]
    return (np.stack(each) - target[is_known]) / deviation


def _deviation(target: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the standard deviation of each column `(C,)`, 1 of one that does not vary."""
    is_known = np.isfinite(target)
    count = np.maximum(is_known.sum(axis=0), 1)
    centred = np.where(is_known, target, 0.0)
    centred = np.where(is_known, target - centred.sum(axis=0) / count, 0.0)
    found = np.sqrt((centred**2).sum(axis=0) / count)
    return np.where(found > 0, found, 1.0)
