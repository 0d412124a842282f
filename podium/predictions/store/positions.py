"""Where rows stand: the ids of a prediction set are looked up, never taken by their order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from podium.errors import DataError, plural, some

__all__ = ["positions", "require_positions"]


def positions(have: Sequence[str], expected: Sequence[str]) -> NDArray[np.int64]:
    """Return where each of `expected` stands in `have`, -1 for those that do not."""
    at = {one: i for i, one in enumerate(have)}
    return np.fromiter((at.get(one, -1) for one in expected), dtype=np.int64, count=len(expected))


def require_positions(
    have: Sequence[str], expected: Sequence[str], what: str, *, where: Path | None
) -> NDArray[np.int64]:
    """Return where each of `expected` stands in `have`.

    Raises:
        DataError: one of them does not; `what` names the owner of `have`.
    """
    take = positions(have, expected)
    if (take < 0).any():
        lost = [expected[int(i)] for i in np.flatnonzero(take < 0)]
        raise DataError(
            f"{what} lacks {len(lost)} of {plural(len(expected), 'row')}: {some(lost)}",
            where=where,
            fix="train the missing folds, or predict again where files came since",
        )
    return take
