"""Cells that say when a row was made: numbers, or ISO dates, which no locale reads otherwise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.errors import DataError, some

__all__ = ["read_moments"]


def read_moments(values: pd.Series[Any]) -> NDArray[Any]:
    """Return numbers, or ISO dates as nanoseconds, in an array that sorts in time order.

    Raises:
        DataError: a value is neither.
    """
    if pd.api.types.is_datetime64_any_dtype(values):
        return values.to_numpy(dtype="datetime64[ns]").astype(np.int64)
    numbers = pd.to_numeric(values, errors="coerce")
    if np.isfinite(numbers.to_numpy(dtype=float)).all():
        return np.asarray(numbers)
    dates = pd.to_datetime(values.astype(str), errors="coerce", format="ISO8601", utc=True)
    if dates.isna().any():
        bad = values[dates.isna() & numbers.isna()]
        raise DataError(
            f"{values.name}: not numbers or ISO dates: {some(bad if len(bad) else values)}",
            fix="write dates as 2024-03-31 or 2024-03-31T12:00, or give a column of numbers",
        )
    return dates.dt.tz_localize(None).to_numpy(dtype="datetime64[ns]").astype(np.int64)
