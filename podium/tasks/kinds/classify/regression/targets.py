"""Labels that are numbers without bounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.truths.targets import Lines
from podium.tasks.kinds.classify._rows.numbers import (
    as_array,
    format_label,
    parse_number,
    read_numbers,
)

if TYPE_CHECKING:
    from podium.competition.spec import Competition

__all__ = ["as_array", "format_label", "parse_label", "read_cells"]


def read_cells(
    cells: Sequence[str],
    competition: Competition,
    lines: Lines,
    problems: list[str],
    may_lack: NDArray[np.bool_],
) -> list[Any]:
    """Return the number in each cell."""
    return read_numbers(cells, lines, problems, may_lack)


def parse_label(competition: Competition, text: str) -> Any:
    """Return the number; DataError: it is none."""
    return parse_number(text)
