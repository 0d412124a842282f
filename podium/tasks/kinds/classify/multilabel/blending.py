"""Members against a truth of 0 and 1 for each class, where it is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.tasks.kinds.classify._rows import blending as of_rows

if TYPE_CHECKING:
    from podium.ensembling.method import Members


def errors(members: Members, truth: NDArray[Any]) -> NDArray[np.float64]:
    """Return the differences from the known cells of the truth, `(M, R)`."""
    return of_rows.errors(members, columns(truth))


def columns(truth: NDArray[Any]) -> NDArray[np.float64]:
    """Return the truth `(N, C)`, nan where it is unknown."""
    found = of_rows.columns(truth)
    return np.where(found < 0, np.nan, found)
