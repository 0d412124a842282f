"""All that is wrong with a file of pixels; some thousand rows in memory at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from podium.submissions.blocks import Block
from podium.submissions.format import Format
from podium.submissions.keys import KeyCheck
from podium.submissions.lines import Line
from podium.submissions.pixel_cells import PixelCells
from podium.submissions.pixel_keys import Part, places_of
from podium.submissions.problems import Problem, Problems
from podium.submissions.read import read_body_in_blocks

__all__ = ["Visitor", "check_pixels", "inspect_pixels"]

Visitor = Callable[[Part, NDArray[np.float32]], None]
"""Gets pixels of one image, and what their cells say, `(n,)`."""

_LONGEST_ROW = 1 << 16
_LINES_AT_ONCE = 4096


def check_pixels(
    path: Path, form: Format, expected: Iterable[str] | None, *, said_by: str
) -> list[Problem]:
    """Return every problem of the file at `path`, errors first.

    Args:
        path: the submission file.
        form: its format, with `rows: pixel`.
        expected: the names of the rows that must be there, gone through more than once, as
            `expected_pixels` returns them; None when nobody says which.
        said_by: who says what is expected.
    """
    return inspect_pixels(path, form, expected, None, said_by=said_by)


def inspect_pixels(
    path: Path,
    form: Format,
    expected: Iterable[str] | None,
    visit: Visitor | None,
    *,
    said_by: str,
) -> list[Problem]:
    """Return every problem of the file; `visit` gets the rows that have none, as they come."""
    problems = Problems()
    keys = KeyCheck(expected, said_by, problems)
    cells = PixelCells(form)
    (id_column,) = form.key_columns
    column = form.header[form.value_column]
    parts = read_body_in_blocks(path, form, problems, longest=_LONGEST_ROW)
    for rows in _batches(parts, id_column, form.value_column):
        firsts = _seen(rows, keys)
        values, faults = cells.numbers(rows.cells)
        for i, fault in faults:
            title, line = f"column {column!r}: {fault.title}", rows.line(i)
            offender = f"{rows.names[i]!r} {rows.cells[i][:40]!r}"
            problems.add(title, offender, line=line, fix=fault.fix)
        found, wrong = places_of(form, rows.names) if expected is None or visit else ([], [])
        for i in wrong if expected is None else ():
            problems.add(
                "ids that are no pixel's",
                repr(rows.names[i]),
                line=rows.line(i),
                fix=f"write {form.id}, counted from {form.index_base}",
            )
        if visit is not None and firsts is None and not wrong:
            for part in found:
                visit(part, values[part.at : part.at + len(part.names)])
    if not problems.unread:
        keys.finish()
    return problems.listed()


@dataclass(frozen=True)
class _Rows:
    """Rows of the file that follow one another: their names and value cells, and their lines."""

    names: Sequence[str]
    cells: Sequence[str]
    lines: range | list[int]

    def line(self, i: int) -> int:
        return self.lines[i]


def _seen(rows: _Rows, keys: KeyCheck) -> list[int] | None:
    """Note the names of rows; return which are the first of their name, or None for all."""
    n = len(rows.names)
    follow = rows.lines[-1] - rows.lines[0] == n - 1
    if follow and list(rows.names) == list(keys.peek(n)):
        keys.advance(n, rows.lines[0])
        return None
    firsts = [i for i, name in enumerate(rows.names) if keys.see(name, rows.line(i))]
    return None if len(firsts) == n else firsts


def _batches(parts: Iterable[Block | Line], id_column: int, value_column: int) -> Iterator[_Rows]:
    alone: list[Line] = []

    def gathered() -> _Rows:
        rows = _Rows(
            [line.cells[id_column] for line in alone],
            [line.cells[value_column] for line in alone],
            [line.number for line in alone],
        )
        alone.clear()
        return rows

    for part in parts:
        if isinstance(part, Line):
            alone.append(part)
            if len(alone) == _LINES_AT_ONCE:
                yield gathered()
            continue
        if alone:
            yield gathered()
        lines = range(part.number, part.number + len(part))
        yield _Rows(part.column(id_column), part.column(value_column), lines)
    if alone:
        yield gathered()
