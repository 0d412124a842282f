"""A direction in degrees, from 0 and below 360."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.submissions.format.csv_text import CellError, number_text, parse_number
from podium.submissions.values._value import LabelValue

__all__ = ["VALUE"]


def _degrees(text: str) -> float:
    found = parse_number(text)
    if not 0 <= found < 360:
        raise CellError("directions outside 0 to 360", f"write {found % 360:g}, the same direction")
    return found


def _in_range(each: NDArray[Any]) -> Any:
    return ((each >= 0) & (each < 360)).all(axis=1)


VALUE = LabelValue(
    "degrees",
    "the direction in degrees, from 0 and below 360 (angle)",
    lambda kind: kind.is_circular,
    source=lambda form: "decisions",
    dtype=lambda form: np.dtype(np.float64),
    parser=lambda form: _degrees,
    writer=lambda form: number_text,
    allowed=lambda form: ("numbers from 0 and below 360", _in_range),
)
