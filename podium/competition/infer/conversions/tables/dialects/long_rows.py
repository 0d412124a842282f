"""Rows with more cells than the header, as a text in one of them has a separator in it.

id,kind,title                          id,kind,title
7,shirt,Blue shirt for men      →      7,shirt,Blue shirt for men
8,shirt,Checked, blue shirt            8,shirt,"Checked,blue shirt"
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import median

from podium.errors import plural

__all__ = ["form_of_cell", "with_texts_joined"]

_MOST_LONG = 0.05  # of all rows
_FEWEST_ROWS = 20
_WORDS_OF_TEXT = 3  # of a cell in the middle of a column of texts
_SHARE_OF_IDS = 0.9  # different cells of a column that names rows


def with_texts_joined(rows: list[list[str]], sign: str) -> tuple[list[list[str]], str]:
    """Return the rows with the parts of a text in one cell, and what was done; "" for nothing.

    Few rows are longer than the header, and all others as long. Of each there is one column of
    texts whose cell it may be: with it joined, every other cell stands in its column elsewhere, or
    looks as those of a column of ids. Where a row fits in two ways, or in none, all stay.

    Args:
        rows: the header, and the cells of each row.
        sign: what separates them.
    """
    width = len(rows[0]) if rows else 0
    body = [row for row in rows[1:] if len(row) == width]
    long = [row for row in rows[1:] if len(row) != width]
    if not long or len(body) < _FEWEST_ROWS or len(long) > max(1, _MOST_LONG * len(body)):
        return rows, ""
    if min(map(len, long)) < width or width < 2:
        return rows, ""
    columns = [_Column([row[place] for row in body]) for place in range(width)]
    found = {id(row): _joined(row, columns, sign) for row in long}
    if any(one is None for one in found.values()):
        return rows, ""
    kept = [found.get(id(row)) or row for row in rows]
    return kept, f", {plural(len(long), 'row')} with {sign!r} in a text, which is one cell again"


class _Column:
    """The cells of a column of rows that are as long as the header."""

    def __init__(self, cells: Sequence[str]) -> None:
        self.values = frozenset(cells)
        known = [cell for cell in cells if cell]
        self.is_text = bool(known) and median(len(one.split()) for one in known) >= _WORDS_OF_TEXT
        self.are_ids = len(self.values) >= _SHARE_OF_IDS * len(cells)
        self.forms = frozenset(map(form_of_cell, self.values)) if self.are_ids else frozenset[str]()

    def may_hold(self, cell: str) -> bool:
        return (
            self.is_text
            or cell in self.values
            or (self.are_ids and form_of_cell(cell) in self.forms)
        )


def _joined(row: list[str], columns: Sequence[_Column], sign: str) -> list[str] | None:
    """Return the row with a text of several parts in one cell; None: no column fits, or several."""
    more = len(row) - len(columns)
    ways = []
    for place, column in enumerate(columns):
        if not column.is_text:
            continue
        text = sign.join(row[place : place + more + 1])
        cells = [*row[:place], text, *row[place + more + 1 :]]
        if all(one.may_hold(cell) for one, cell in zip(columns, cells, strict=True)):
            ways.append(cells)
    return ways[0] if len(ways) == 1 else None


def form_of_cell(cell: str) -> str:
    """Return a cell with A for letters in a run, and 0 for digits."""
    return re.sub(r"\d+", "0", re.sub(r"[^\W\d_]+", "A", cell))
