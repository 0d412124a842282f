"""Labels that are directions: degrees from 0 and below 360; 360 is read as 0."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.folds.strata import Strata
from podium.competition.truths.labels import cells_at
from podium.competition.truths.targets import Lines
from podium.competition.truths.turns import is_called_direction, is_whole_turn
from podium.errors import DataError, either
from podium.tasks.kinds.classify._rows.numbers import (
    as_array,
    format_label,
    parse_number,
    read_numbers,
)

if TYPE_CHECKING:
    from podium.competition.spec import Competition

__all__ = ["as_array", "format_label", "parse_label", "read_cells", "recognises", "strata"]

_NAMES = re.compile(r"(^|_)(angle|direction|heading|bearing|degrees?)(_|$)", re.IGNORECASE)
_UNITS = re.compile(r"(^|_)deg(_|$)", re.IGNORECASE)
_SECTORS = 8


def read_cells(
    cells: Sequence[str],
    competition: Competition,
    lines: Lines,
    problems: list[str],
    may_lack: NDArray[np.bool_],
) -> list[Any]:
    """Return the direction in each cell."""
    found = read_numbers(cells, lines, problems, may_lack)
    degrees = np.array([np.nan if one is None else one for one in found])
    outside = np.flatnonzero((degrees < 0) | (degrees > 360))
    if len(outside):
        problems.append(
            f"{either(len(outside), 'label is', 'labels are')} no directions from 0 to 360 "
            "degrees: "
            f"{cells_at(cells, outside, lines)}; add or take away whole turns"
        )
    return [None if one is None else one % 360 for one in found]


def parse_label(competition: Competition, text: str) -> Any:
    """Return the direction; DataError: it is none."""
    degrees = parse_number(text)
    if not 0 <= degrees <= 360:
        raise DataError(
            f"{text!r} is no direction from 0 to 360 degrees", fix=f"write {degrees % 360:g}"
        )
    return degrees % 360


def strata(samples: pd.DataFrame, classes: Sequence[str]) -> Strata:
    """Return eight sectors, the first around 0, so that 359 and 1 are in the same."""
    degrees = samples["label"].to_numpy().astype(np.float64)
    width = 360 / _SECTORS
    sector = np.floor((np.nan_to_num(degrees) / width + 0.5) % _SECTORS).astype(np.int64)
    codes = np.where(np.isfinite(degrees), sector, -1)
    names = [f"around {n * width:g} degrees" for n in range(_SECTORS)]
    return Strata("numbers", codes, tuple(names))


def recognises(column: str, cells: pd.Series[str]) -> bool:
    """Return whether the column's name is of directions, or of degrees of whole turns.

    Of names that mean other things, too, the numbers must be directions all around.

    Example:
        >>> cells = pd.Series(["12.5", "359.9", "90.1"])
        >>> recognises("wind_direction", cells), recognises("age", cells)
        (True, False)
    """
    degrees = pd.to_numeric(cells[cells != ""], errors="coerce")
    if not len(degrees) or not degrees.between(0, 360).all():
        return False
    if _NAMES.search(column) is not None:
        return True
    # A tilt in degrees is no direction: the sectors on both sides of 0 are there.
    width = 360 / _SECTORS
    has_ends = bool((degrees < width).any() and (degrees > 360 - width).any())
    if has_ends and _UNITS.search(column) is not None:
        return True
    return is_called_direction(column) and is_whole_turn(degrees.to_numpy(dtype=np.float64))
