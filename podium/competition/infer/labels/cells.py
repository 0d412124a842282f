"""What the cells of a column are: numbers, bits, grades, codes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.truths.targets import MISSING_NUMBERS

__all__ = [
    "MANY_OF_A_ROW",
    "MOST_GRADES",
    "are_codes",
    "are_ratings",
    "hardly_repeats",
    "has_fractions",
    "holds_numbers",
    "is_bits",
    "is_measure",
    "is_partly_bits",
    "known_cells",
    "may_number_classes",
    "numbers_of",
    "sort_classes",
]

_MOST_RATINGS = 20

MOST_GRADES = 12

_MANY_CLASSES = 100

MANY_OF_A_ROW = 0.45

_FEW_CELLS = 5_000
"""Cells of a column of which it is remembered what they are."""


def sort_classes(values: Sequence[str]) -> list[str]:
    """Return class names in order; numbers by size, so that 10 follows 9."""
    names = set(values)
    if all(re.fullmatch(r"-?\d+", name) for name in names):
        return sorted(names, key=int)
    return sorted(names)


def holds_numbers(cells: pd.Series[str]) -> bool:
    """Return whether a column has several numbers, and besides only empty cells."""
    numbers = numbers_of(cells)
    return numbers is not None and numbers.nunique() > 1


def may_number_classes(cells: pd.Series[str]) -> bool:
    """Return whether cells are few whole numbers without a gap, from 0 or 1, each in some rows."""
    known = known_cells(cells)
    values = set(known)
    if not 2 <= len(values) <= min(MOST_GRADES, len(known) // 3):
        return False
    return any(values == {str(first + n) for n in range(len(values))} for first in (0, 1))


def are_ratings(classes: Sequence[str]) -> bool:
    """Return whether the values are whole numbers without a gap, from 0 or 1, three at least.

    Example:
        >>> are_ratings(["0", "1", "2", "3", "4"]), are_ratings(["1", "2", "5"])
        (True, False)
    """
    if not 3 <= len(classes) <= _MOST_RATINGS or classes[0] not in ("0", "1"):
        return False
    first = int(classes[0])
    return list(classes) == [str(first + n) for n in range(len(classes))]


def is_bits(cells: pd.Series[str]) -> bool:
    """Return whether all cells are 0 or 1."""
    return set(cells.unique()) <= {"0", "1", "0.0", "1.0"}


def is_partly_bits(cells: pd.Series[str]) -> bool:
    """Return whether cells are 0 and 1, both of them, and some are blank."""
    known = set(cells.unique())
    return {"", "0", "1"} <= {one.removesuffix(".0") for one in known} and is_bits(
        cells[cells != ""]
    )


def is_measure(cells: pd.Series[str], fractions: bool) -> bool:
    """Return whether cells are measures: fractions, or whole numbers of very many values.

    Args:
        cells: of a column.
        fractions: whether fractions are expected, so that three values are enough.
    """
    numbers = numbers_of(cells)
    if numbers is None or are_codes(cells):
        return False
    if has_fractions(cells):
        return True
    n_values = int(numbers.nunique())
    if n_values <= 2:
        return False
    return fractions or (n_values > _MANY_CLASSES and n_values > 0.3 * len(cells))


def are_codes(cells: pd.Series[str]) -> bool:
    """Return whether cells look like numbers and are names: 4.1 and 4.10 are two of few values.

    Where each value has one form, as 4.10 in all rows, they are numbers.
    """
    numbers = numbers_of(cells)
    if numbers is None or not has_fractions(cells):
        return False
    known = known_cells(cells)
    ends = known.str.partition(".")[2]
    written_twice = known.nunique() - numbers.nunique()
    is_padded = ends.str.len().nunique() == 1
    few = known.nunique() <= min(_MANY_CLASSES, len(known) // 3)
    return written_twice > 0 and few and not is_padded and not (ends == "0").any()


def numbers_of(cells: pd.Series[str]) -> pd.Series[float] | None:
    """Return the cells with a label as numbers, or None where one is none."""
    is_known, numbers = _read(cells)
    if numbers is None:
        return None
    return pd.Series(numbers, index=cells.index[is_known], name=cells.name)


def known_cells(cells: pd.Series[str]) -> pd.Series[str]:
    """Return the cells with a label: not blank and, where all others are numbers, not `NA`."""
    return cells[_read(cells)[0]]


def _read(cells: pd.Series[str]) -> tuple[NDArray[np.bool_], NDArray[Any] | None]:
    """Return which cells have a label, and these as numbers; None where one is none."""
    # Each step of an inference asks this of the same columns, which are seldom long.
    return _read_few(tuple(cells)) if len(cells) <= _FEW_CELLS else _read_all(cells)


@lru_cache(maxsize=512)
def _read_few(cells: tuple[str, ...]) -> tuple[NDArray[np.bool_], NDArray[Any] | None]:
    return _read_all(pd.Series(cells, dtype=object))


def _read_all(cells: pd.Series[str]) -> tuple[NDArray[np.bool_], NDArray[Any] | None]:
    is_given = (cells != "").to_numpy(dtype=bool)
    is_known = is_given & ~cells.isin(MISSING_NUMBERS).to_numpy(dtype=bool)
    known = cells[is_known]
    # Most columns are of text, which the first cell shows.
    if not pd.to_numeric(known.iloc[:1], errors="coerce").notna().any():
        return is_given, None
    numbers = pd.to_numeric(known, errors="coerce")
    return (is_given, None) if numbers.isna().any() else (is_known, numbers.to_numpy())


def has_fractions(cells: pd.Series[str]) -> bool:
    """Return whether all cells with a label are numbers, and some no whole ones."""
    numbers = numbers_of(cells)
    return numbers is not None and bool((numbers % 1 != 0).any())


def hardly_repeats(cells: pd.Series[str]) -> bool:
    """Return whether cells are whole numbers of which most stand once or twice."""
    numbers = numbers_of(cells)
    return numbers is not None and numbers.nunique() > max(6, MANY_OF_A_ROW * len(numbers))
