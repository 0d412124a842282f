"""Options of a metric that are a number for each column."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.errors import DataError, plural

__all__ = ["numbers_of_columns", "weights_of_columns"]

_SHOWN = 4


def numbers_of_columns(name: str, option: str, given: Any, n_columns: int) -> NDArray[np.float64]:
    """Return the numbers `(C,)` that an option of the metric `name` gives; 1 each without it.

    Raises:
        DataError: they are not finite numbers, one a column.
    """
    if given is None:
        return np.ones(n_columns)
    try:
        found = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        found = np.array(np.nan)
    if found.shape != (n_columns,) or not np.isfinite(found).all():
        raise DataError(
            f"{name}: {option} must be {plural(n_columns, 'number')}, got {given!r}",
            fix=f"give one a column, in the order of `classes`, as {option}: "
            f"[{', '.join(['1'] * min(n_columns, _SHOWN))}{', …' * (n_columns > _SHOWN)}]",
        )
    return found


def weights_of_columns(name: str, given: Any, n_columns: int) -> NDArray[np.float64]:
    """Return the option `weights` of the metric `name` as numbers `(C,)`; 1 each without it.

    Raises:
        DataError: they are not numbers, one a column, or one is below 0, or all are 0.
    """
    weights = numbers_of_columns(name, "weights", given, n_columns)
    if (weights < 0).any() or not weights.any():
        raise DataError(
            f"{name}: weights must be >= 0 and not all 0, got {given!r}",
            fix="give how much each column counts; 0 leaves it out",
        )
    return weights
