"""Cells that mark what an image has: an x, a tick or a yes; blank, or a no, where it has not.

round  long  notes              round  long
x      x                        1      1
       X     blurred     →      0      1
                                0      0
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import pandas as pd

__all__ = ["Marks", "are_signed", "columns_of_marks", "is_mark", "read_marks"]

_CROSSES = frozenset("x×✕✖✗✘❌")
_TICKS = frozenset("✓✔☑✅√")
_NO_MARKS = frozenset({"-", "–", "—", "0"})
"""Beside any mark."""
_SIGNED = frozenset({"-1", "-1.0"})
"""No, beside 1 and nothing else: where cells are 0 or blank, too, -1 may be what is not sure."""
_PAIRS: tuple[tuple[frozenset[str], frozenset[str]], ...] = (
    (frozenset({"1", "1.0"}), frozenset({"0", "0.0"})),
    (frozenset({"1", "1.0"}), _SIGNED),
    (_CROSSES | {"☒"}, frozenset("☐")),
    (_TICKS, frozenset("☐☒") | _CROSSES),
    (frozenset("*"), frozenset()),
    (frozenset("+"), frozenset()),
    (frozenset("•●"), frozenset("○")),
    (frozenset({"yes", "y"}), frozenset({"no", "n"})),
    (frozenset({"ja", "j"}), frozenset({"nein", "nee", "nej", "nei", "n"})),
    (frozenset({"oui", "o"}), frozenset({"non", "n"})),
    (frozenset({"sí", "si", "sì", "s"}), frozenset({"no", "n"})),
    (frozenset({"sim", "s"}), frozenset({"não", "nao", "n"})),
    (frozenset({"да", "д"}), frozenset({"нет", "н"})),
    (frozenset({"tak"}), frozenset({"nie"})),
    (frozenset({"evet"}), frozenset({"hayır"})),
    (frozenset({"true", "t"}), frozenset({"false", "f"})),
    (frozenset({"wahr"}), frozenset({"falsch"})),
    (frozenset({"vrai"}), frozenset({"faux"})),
    (frozenset({"verdadero", "verdadeiro", "vero", "v"}), frozenset({"falso", "f"})),
    (frozenset({"はい"}), frozenset({"いいえ"})),
    (frozenset({"是", "有"}), frozenset({"否", "无", "無"})),
    (frozenset({"예", "네"}), frozenset({"아니오", "아니요"})),
)
"""Marks, or words for yes, and those for no beside them."""
_MOST = 12
"""Cells of a column of marks: small and capital letters, and several signs for no."""


@dataclass(frozen=True)
class Marks:
    """The marks of several columns as 0 and 1."""

    bits: pd.DataFrame
    """`"1"`, `"0"`, and `""` where a blank cell stands beside a word for no."""
    unmarked: pd.Series[bool]
    """Whether a row has neither a mark nor a word for no."""
    has_no: bool
    """Whether some cells are words for no, beside which a blank one is unknown."""
    are_bits: bool
    """Whether cells are 0 and 1 already, or blank."""


def is_mark(cell: str) -> bool:
    """Return whether a cell is a mark, or a word for yes or no."""
    text = _plain(cell)
    return text in _NO_MARKS or any(text in yes or text in no for yes, no in _PAIRS)


def columns_of_marks(table: pd.DataFrame) -> list[str]:
    """Return the columns whose cells are marks of one kind, the most that are; `[]` without one.

    A column of marks has one at least, and a row without it.
    """
    cells = {str(name): table[name].unique() for name in table.columns}
    values = {name: set(map(_plain, one)) for name, one in cells.items() if len(one) <= _MOST}
    found: list[str] = []
    for yes, no in _PAIRS:
        every = yes | _noes(no) | ({""} if no is not _SIGNED else set())
        its = [name for name, one in values.items() if one & yes and one <= every and one - yes]
        found = max(found, its, key=len)
    return found


def are_signed(cells: pd.DataFrame) -> bool:
    """Return whether all cells are 1 for yes and -1 for no, and both are there."""
    values = {cell for name in cells.columns for cell in map(str.strip, cells[name].unique())}
    return bool(values & _SIGNED) and values <= _SIGNED | {"1", "1.0"} and values != _SIGNED


def _noes(no: frozenset[str]) -> frozenset[str]:
    return no if no is _SIGNED else no | _NO_MARKS


def read_marks(cells: pd.DataFrame) -> Marks | None:
    """Return the marks of the columns `cells`, or None where a cell is something else.

    All columns have one kind of mark, or words of one language. Where no cell has a word for no, a
    blank one is that; beside such words a blank cell is unknown.

    Example:
        >>> read_marks(pd.DataFrame({"a": ["x", ""], "b": ["", "X"]})).bits.to_numpy().tolist()
        [['1', '0'], ['0', '1']]
    """
    each = {name: cells[name].unique() for name in cells.columns}
    if any(len(one) > _MOST for one in each.values()):
        return None
    plain = {cell: _plain(cell) for one in each.values() for cell in one}
    values = set(plain.values())
    for yes, no in _PAIRS:
        noes = _noes(no)
        blank_too = {""} if no is not _SIGNED else set[str]()
        if not values & yes or not values <= yes | noes | blank_too:
            continue
        has_blank, has_no = "" in values, bool(values & noes)
        if yes is _TICKS and has_blank and values & _CROSSES:
            return None  # a cross is no, or is another mark
        as_bits = dict.fromkeys(noes, "0") | dict.fromkeys(yes, "1")
        as_bits[""] = "" if has_no else "0"
        of_cell = {cell: as_bits[text] for cell, text in plain.items()}
        bits = cells.apply(lambda column, of_cell=of_cell: column.map(of_cell))
        blank = [cell for cell, text in plain.items() if not text]
        are_bits = values <= {"0", "1", "0.0", "1.0", ""}
        return Marks(bits, cells.isin(blank).all(axis=1), has_no, are_bits)
    return None


def _plain(cell: str) -> str:
    """Return a cell without what has no meaning: capitals, blanks, how an emoji is drawn."""
    return unicodedata.normalize("NFC", cell).replace("\ufe0f", "").strip().casefold()
