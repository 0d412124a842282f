"""Ids that are made of the cells of several columns: `Clos-7_20240718_1`.

A part of an id may be spelt otherwise than in its column: dates in another form, numbers with zeros
in front, capitals as small letters.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from podium.competition.ids.patterns import without_zeros
from podium.competition.infer.ids.dates import DATE_FORMS, DateForm, date_forms
from podium.competition.infer.ids.keys import SIGNS, common_start

__all__ = ["JoinedCells", "Spelling", "find_joined_cells", "find_spelt_column"]

_MOST_COLUMNS = 12
_MOST_PARTS = 4
_WIDTHS = (2, 3, 4, 5, 6)
_MOST_TRIED = 200


@dataclass(frozen=True)
class Spelling:
    """How the cells of a column are written elsewhere; without attributes, as they are.

    Attributes:
        read: the form of the column's dates, and
        write: that of the dates elsewhere.
        width: of numbers with zeros in front; 0 without.
        lower: whether capitals are small letters.
    """

    read: DateForm | None = None
    write: DateForm | None = None
    width: int = 0
    lower: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether cells stand there as they are."""
        return self.read is None and not self.width and not self.lower

    def of(self, cell: str) -> str:
        """Return how a cell is written there.

        Example:
            >>> Spelling(width=3).of("7")
            '007'
        """
        if self.read is not None and self.write is not None:
            day = self.read.read(cell)
            return cell if day is None else self.write.write(day)
        if self.lower:
            return cell.lower()
        return cell.zfill(self.width) if self.width else cell


@dataclass(frozen=True)
class JoinedCells:
    """The columns that ids are made of, how each is spelt there, and the signs between.

    Attributes:
        columns: in the order of the id.
        spellings: of each.
        signs: behind each but the last.
        start: what all ids begin with.
    """

    columns: tuple[str, ...]
    spellings: tuple[Spelling, ...]
    signs: tuple[str, ...]
    start: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether all cells stand in the ids as they are."""
        return all(one.is_plain for one in self.spellings)

    @property
    def template(self) -> str:
        """The ids as `{plot}_{date}`."""
        fields = [f"{{{one}}}" for one in self.columns]
        pairs = zip(fields, (*self.signs, ""), strict=True)
        return self.start + "".join(field + sign for field, sign in pairs)

    def ids(self, table: pd.DataFrame) -> pd.Series[str]:
        """Return the id of each row of a table with these columns."""
        found = pd.Series(self.start, table.index, dtype=object)
        parts = zip(self.columns, self.spellings, (*self.signs, ""), strict=True)
        for column, spelling, sign in parts:
            texts = {cell: spelling.of(cell) for cell in table[column].unique()}
            found = found + table[column].map(texts) + sign
        return found


def find_joined_cells(
    ids: Collection[str], table: pd.DataFrame, *, only_plain: bool = False
) -> JoinedCells | None:
    """Return of which columns of `table` all ids are made, or None where they are of none.

    All may begin with the same word, unless `only_plain`.

    Args:
        ids: of which each is of a row, or of several.
        table: cells as text.
        only_plain: whether the cells must stand in the ids as they are.

    Example:
        >>> table = pd.DataFrame({"plot": ["Clos-7"], "day": ["18/07/2024"], "n": ["1"]})
        >>> find_joined_cells(["Clos-7_20240718_1"], table).template
        '{plot}_{day}_{n}'
    """
    if not ids or table.empty:
        return None
    found = _find_joined(set(ids), table, only_plain=only_plain)
    start = _START.match(common_start(ids))
    if found is not None or only_plain or start is None:
        return found
    found = _find_joined({one.removeprefix(start[0]) for one in ids}, table, only_plain=False)
    return None if found is None else replace(found, start=start[0])


_START = re.compile(r".*[^\W_][\W_]+")
"""A word that ids begin with, and the signs behind it."""


def _find_joined(wanted: set[str], table: pd.DataFrame, *, only_plain: bool) -> JoinedCells | None:
    named = [str(one) for one in table.columns if "{" not in str(one)]
    columns = [one for one in named if not table[one].eq("").any()][:_MOST_COLUMNS]
    spelt = {one: _spellings(table[one], only_plain=only_plain) for one in columns}
    first = min(wanted)
    tried = 0
    for n in range(2, _MOST_PARTS + 1):
        for found in _ways(first, table, spelt, n):
            if wanted <= set(found.ids(table)):
                return found
            tried += 1
            if tried >= _MOST_TRIED:
                return None
    return None


def find_spelt_column(ids: Collection[str], table: pd.DataFrame) -> JoinedCells | None:
    """Return the one column whose cells all ids are, but for zeros, a date and a common beginning.

    Each row has another cell, and is of an id. Numbers without a gap are those of any rows.

    Example:
        >>> table = pd.DataFrame({"key": ["7", "31"], "camera": ["north", "south"]})
        >>> find_spelt_column(["EST_0007", "EST_0031"], table)
        JoinedCells(columns=('key',), spellings=(Spelling(read=None, write=None, width=4, \
lower=False),), signs=(), start='EST_')
    """
    start = common_start(ids).rstrip("0123456789")
    wanted = {one.removeprefix(start) for one in ids}
    found = []
    for column in map(str, table.columns):
        cells = table[column]
        if not cells.is_unique or len(cells) != len(wanted) or (cells == "").any():
            continue
        if all(map(str.isdecimal, cells)) and len(cells) > int(max(cells, key=int)) - int(
            min(cells, key=int)
        ):
            continue
        for spelling, texts in _spellings(cells, only_plain=False):
            if {*texts.values()} == wanted:
                found.append(JoinedCells((column,), (spelling,), (), start))
    return found[0] if len(found) == 1 else None


_Spelt = Mapping[str, Sequence[tuple[Spelling, Mapping[str, str]]]]


def _spellings(cells: pd.Series[str], *, only_plain: bool) -> list[tuple[Spelling, dict[str, str]]]:
    """Return how cells may be written in ids, and the texts of each, without repeats."""
    each = list(cells.unique())
    found = [Spelling()]
    if not only_plain:
        forms = date_forms(each)
        found += [Spelling(read, write) for read in forms for write in DATE_FORMS]
        found += [Spelling(lower=True)]
        if all(one.isdecimal() and without_zeros(one) == one for one in each):
            longest = max(map(len, each))
            found += [Spelling(width=one) for one in _WIDTHS if one >= longest]
    texts: dict[tuple[str, ...], tuple[Spelling, dict[str, str]]] = {}
    for spelling in found:
        written = {cell: spelling.of(cell) for cell in each}
        texts.setdefault(tuple(written.values()), (spelling, written))
    return list(texts.values())


def _ways(rest: str, rows: pd.DataFrame, spelt: _Spelt, n: int) -> Iterator[JoinedCells]:
    """Yield the ways to make the text of cells of one row, of n columns."""
    for column in spelt:
        for spelling, texts in spelt[column]:
            for cell in rows[column].unique():
                text = texts[cell]
                if not text or not rest.startswith(text):
                    continue
                behind = rest[len(text) :]
                if n == 1:
                    if not behind:
                        yield JoinedCells((column,), (spelling,), ())
                    continue
                sign = SIGNS.match(behind)
                # A number and a letter need no sign between them.
                if sign is None and not _meet(text, behind):
                    continue
                between = sign[0] if sign else ""
                others = {name: one for name, one in spelt.items() if name != column}
                own = rows[rows[column] == cell]
                for found in _ways(behind[len(between) :], own, others, n - 1):
                    yield JoinedCells(
                        (column, *found.columns),
                        (spelling, *found.spellings),
                        (between, *found.signs),
                    )


def _meet(one: str, other: str) -> bool:
    """Return whether a number and a letter meet where the one text ends and the other begins."""
    return bool(other) and one[-1].isdecimal() != other[0].isdecimal()
