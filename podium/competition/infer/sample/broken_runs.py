"""Cells of a table of runs that are no runs: a person mends them, and nothing is guessed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from podium.competition.infer.files import may_be_train_table
from podium.competition.infer.sample.runs import EMPTY_CELLS, are_runs, is_runs_name
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.shares import NEARLY_ALL
from podium.errors import DataError, plural

__all__ = ["BrokenRunsError", "refuse_broken_runs"]

_SHOWN = 5
_FEWEST = 2  # filled cells that are runs


class BrokenRunsError(DataError):
    """A few cells of a table of runs are none: all else of the data may be understood."""


def refuse_broken_runs(
    folder: Path, path: str, table: pd.DataFrame, sample: SampleSubmission | None
) -> None:
    """Refuse a table of train with a column of runs of which a few cells are none.

    The column is called as runs are, or the sample submission asks for it and for runs.

    Args:
        path: of the table, below it.
        table: its cells as text.

    Raises:
        BrokenRunsError: nearly all filled cells are runs; the message names the others.
    """
    if not may_be_train_table(path):
        return
    for column in map(str, table.columns):
        cells = table[column]
        if not is_runs_name(column) and not _is_sent_as_runs(column, sample):
            continue
        faults = {
            row: fault
            for row, cell in enumerate(cells)
            if cell not in EMPTY_CELLS and (fault := _fault_of(cell))
        }
        good = [
            cell for row, cell in enumerate(cells) if cell not in EMPTY_CELLS and row not in faults
        ]
        are_few = 0 < len(faults) <= (1 - NEARLY_ALL) * (len(good) + len(faults))
        if are_few and len(good) >= _FEWEST and _are_surely_runs(good):
            raise _error(folder, path, table, column, faults)


def _is_sent_as_runs(column: str, sample: SampleSubmission | None) -> bool:
    """Return whether a sample has the column, and shows runs in it."""
    return (
        sample is not None
        and column in sample.values
        and are_runs(sample.table[column], by_name=True)
    )


def _are_surely_runs(cells: Sequence[str]) -> bool:
    return are_runs(cells, by_name=True) and any(len(cell.split()) > 2 for cell in cells)


def _fault_of(cell: str) -> str:
    """Return why a cell is no list of starts and lengths, and "" where it is one.

    Example:
        >>> [_fault_of(cell) for cell in ("1 3 10 2", "1 3 10", "x1 3")]
        ['', 'start 10 has no length', "'x1' is not a whole number"]
    """
    words = cell.split()
    for word in words:
        if not (word.isascii() and word.isdecimal()):
            return f"{word[:20]!r} is not a whole number"
    return f"start {words[-1]} has no length" if len(words) % 2 else ""


def _error(
    folder: Path, path: str, table: pd.DataFrame, column: str, faults: dict[int, str]
) -> BrokenRunsError:
    ids = next((table[one] for one in table.columns if one != column), None)
    lines = _lines(folder / path)
    shown = []
    for row, fault in [*faults.items()][:_SHOWN]:
        is_line = row + 1 < len(lines) and table[column].iloc[row] in lines[row + 1]
        place = f"line {row + 2}" if is_line else f"row {row + 1}"
        name = "" if ids is None else f" ({ids.iloc[row]})"
        shown.append(f"{place}{name}: {fault}")
    rest = len(faults) - len(shown)
    n_filled = int((~table[column].isin(EMPTY_CELLS)).sum())
    are_none = "is no run" if len(faults) == 1 else "are no runs"
    return BrokenRunsError(
        f"{len(faults):,} of {plural(n_filled, 'mask')} in {column} {are_none} of start and "
        f"length: {'; '.join(shown)}{f'; and {rest:,} more' if rest > 0 else ''}",
        where=folder / path,
        fix="mend the cell" if len(faults) == 1 else "mend these cells",
    )


def _lines(file: Path) -> list[str]:
    """Return the lines of a plain text; [] where the table is none of the data's files."""
    return file.read_text(encoding="utf-8", errors="replace").split("\n") if file.is_file() else []
