"""Labels that are numbers without bounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.targets import Lines
from podium.tasks.kinds.classify._rows.numbers import parse_number, read_numbers
from podium.tasks.kinds.classify._rows.targets import recognises, strata

if TYPE_CHECKING:
    import pandas as pd

    from podium.competition.spec import Competition

__all__ = ["as_array", "format_label", "parse_label", "read_cells", "recognises", "strata"]


def read_cells(
    cells: Sequence[str],
    competition: Competition,
    lines: Lines,
    problems: list[str],
    may_lack: NDArray[np.bool_],
) -> list[Any]:
    """Return the number in each cell."""
    return read_numbers(cells, lines, problems, may_lack)


def as_array(labels: pd.Series[Any], n_classes: int) -> NDArray[Any]:
    """Return float64 `(N,)`, nan where there is no label."""
    return labels.to_numpy().astype(np.float64)


def format_label(competition: Competition, label: Any) -> str:
    """Return a number as float32 holds it, the dtype of training targets."""
    return f"{float(label):.9g}"


def parse_label(competition: Competition, text: str) -> Any:
    """Return the number; DataError: it is none."""
    return parse_number(text)
