"""Labels that are numbers: read from cells and from what people write, as array and as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.truths.labels import cells_at
from podium.competition.truths.targets import MISSING_NUMBERS, Lines
from podium.errors import DataError, either

if TYPE_CHECKING:
    from podium.competition.spec import Competition

__all__ = ["as_array", "format_label", "parse_number", "read_numbers"]


def read_numbers(
    cells: Sequence[str], lines: Lines, problems: list[str], may_lack: NDArray[np.bool_]
) -> list[Any]:
    """Return the number in each cell, None where it is missing and may be; add to `problems`."""
    numbers = pd.to_numeric(pd.Series(cells, dtype=str), errors="coerce").to_numpy(np.float64)
    is_lacking = may_lack & np.array([cell in MISSING_NUMBERS for cell in cells], dtype=bool)
    rows = np.flatnonzero(~np.isfinite(numbers) & ~is_lacking)
    if len(rows):
        problems.append(
            f"{either(len(rows), 'label is', 'labels are')} no numbers: "
            f"{cells_at(cells, rows, lines)}"
        )
    huge = np.flatnonzero(np.isfinite(numbers) & (np.abs(numbers) > np.finfo(np.float32).max))
    if len(huge):
        at = cells_at(cells, huge, lines)
        problems.append(
            f"{either(len(huge), 'label is', 'labels are')} too large for a network (float32): {at}"
        )
    return [None if lacks else number for number, lacks in zip(numbers, is_lacking, strict=True)]


def parse_number(text: str) -> float:
    """Return the number that a person wrote; DataError: it is none, or too large."""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not np.isfinite(value):
        raise DataError(
            f"{text!r} is no number",
            fix="write one, with a point before its decimals, or leave the cell empty",
        )
    if abs(value) > np.finfo(np.float32).max:
        raise DataError(f"{text!r} is too large for a network (float32)", fix="mend the number")
    return value


def as_array(labels: pd.Series[Any], n_classes: int) -> NDArray[Any]:
    """Return float64 `(N,)`, nan where there is no label."""
    return labels.to_numpy().astype(np.float64)


def format_label(competition: Competition, label: Any) -> str:
    """Return a number as float32 holds it, the dtype of training targets."""
    return f"{float(label):.9g}"
