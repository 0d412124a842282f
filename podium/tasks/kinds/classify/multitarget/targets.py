"""Labels that are several numbers: one a column, nan where a cell is empty."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.truths.annotator_labels import class_separator
from podium.competition.truths.labels import cells_at
from podium.competition.truths.targets import Lines
from podium.errors import DataError, either, plural
from podium.tasks.kinds.classify._rows.numbers import parse_number, read_numbers

if TYPE_CHECKING:
    from podium.competition.spec import Competition


def read_columns(
    cells: pd.DataFrame, competition: Competition, lines: Lines, problems: list[str]
) -> list[Any]:
    """Return float64 `(C,)` of each row; a row has a number in one column at least."""
    found = np.empty(cells.shape)
    for place, name in enumerate(cells.columns):
        own: list[str] = []
        numbers = read_numbers(list(cells[name]), lines, own, np.ones(len(cells), dtype=bool))
        problems += [f"column {name!r}: {one}" for one in own]
        found[:, place] = [np.nan if one is None else one for one in numbers]
    blank = np.flatnonzero(np.isnan(found).all(axis=1))
    if len(blank) and not problems:
        at = "" if lines is None else f": lines {', '.join(str(lines[row]) for row in blank[:5])}"
        problems.append(
            f"{either(len(blank), 'row has', 'rows have')} no number in any column{at}; "
            "move images without labels to data.unlabelled"
        )
    return list(found)


def read_cells(
    cells: Sequence[str],
    competition: Competition,
    lines: Lines,
    problems: list[str],
    may_lack: NDArray[np.bool_],
) -> list[Any]:
    """Return float64 `(C,)` of each cell, which holds all numbers of a row in the order of classes.

    None where the cell is empty and may be.
    """
    n, separator = len(competition.classes), competition.data.train.label_sep
    parts = [cell.split(separator) for cell in cells]
    is_lacking = may_lack & np.array([cell == "" for cell in cells], dtype=bool)
    wrong = np.array([len(one) != n for one in parts], dtype=bool) & ~is_lacking
    if wrong.any():
        at = cells_at(cells, np.flatnonzero(wrong), lines)
        problems.append(
            f"{either(int(wrong.sum()), 'cell does', 'cells do')} not hold "
            f"{plural(n, 'number')}, split at {separator!r} "
            f"(data.train.label_sep): {at}"
        )
        return [None] * len(cells)
    known = np.flatnonzero(~is_lacking)
    table = pd.DataFrame(
        [[part.strip() for part in parts[row]] for row in known], columns=competition.classes
    )
    found: list[Any] = [None] * len(cells)
    own_lines = None if lines is None else lines[known]
    for row, label in zip(
        known, read_columns(table, competition, own_lines, problems), strict=True
    ):
        found[row] = label
    return found


def as_array(labels: pd.Series[Any], n_classes: int) -> NDArray[Any]:
    """Return float64 `(N, C)`, nan where a number, or a label, is missing."""
    nothing = np.full(n_classes, np.nan)
    rows = [nothing if label is None else label for label in labels]
    return np.array(rows, dtype=np.float64).reshape(len(rows), n_classes)


def format_label(competition: Competition, label: Any) -> str:
    """Return the numbers as float32 holds them, in the order of classes; nothing of a missing one.

    Between them stands what separates classes.
    """
    separator = class_separator(competition)
    return separator.join("" if np.isnan(one) else f"{float(one):.9g}" for one in label)


def parse_label(competition: Competition, text: str) -> Any:
    """Return float64 `(C,)`; DataError: there are more or fewer numbers, or none."""
    separator, names = class_separator(competition), competition.classes
    parts = [part.strip() for part in text.split(separator)]
    if len(parts) != len(names) or not any(parts):
        raise DataError(
            f"{text!r} does not hold {plural(len(names), 'number')}",
            fix=f"write one for each of {', '.join(names[:5])}{' …' if len(names) > 5 else ''}, "
            f"in this order, with {separator} between; leave out a number that is unknown",
        )
    return np.array([parse_number(part) if part else np.nan for part in parts])
