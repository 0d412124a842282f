"""Cells with a yes or a no for each label, in one order, of train and of the sample submission.

sheet,damage          sheet,tear,mould,fold
7,YNY           →     7,1,0,1                  README.md: "1. tear", "2. mould", "3. fold"
8,NNN                 8,0,0,0
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.labels.columns.label_column import (
    first_of_train,
    label_column,
)
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder, may_be_train_table
from podium.competition.infer.labels.lists import unused_sign
from podium.competition.infer.readme.texts import texts_beside
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.truths.marks import read_marks
from podium.errors import plural

__all__ = ["note_of_letters", "sample_of_flags", "with_flags_apart"]

_FEWEST_PLACES = 3
_ROWS_A_PLACE = 3
_LETTERS = 2  # one for no and one for yes
_ITEM = re.compile(r"\s*(?P<n>\d{1,2})\s*[.)]\s*(?P<name>[^\W\d][^:;,.(–—=]*?)\s*(?:[:;,.(–—=].*)?")
_MOST_WORDS = 4


@dataclass(frozen=True)
class _Flags:
    no: str
    yes: str
    bits: pd.DataFrame
    """A column of `"0"` and `"1"` for each place."""


def with_flags_apart(
    folder: DataFolder, path: str, table: pd.DataFrame, sample: SampleSubmission | None
) -> MadeTable | None:
    """Return a table of train with a column of 0 and 1 for each place of its cells, or None.

    The sample submission has such cells in the same column, or it is the only one beside that of
    the images. A numbered list of a text, with an item for each place, names the columns.

    Args:
        sample: the sample submission, as it was or as `sample_of_flags` made it.
    """
    if sample is not None and "flags" not in sample.file:
        return None
    column = label_column(folder, path, table, sample)
    flags = None if column is None else _flags(table[column])
    if flags is None:
        return None
    rest = table.drop(columns=column)
    names, of_text = _names(folder, len(flags.bits.columns))
    if set(names) & set(rest.columns):
        return None
    reader = (
        f"{path} with a column of 0 and 1 for each of the {plural(len(names), 'place')} in {column}"
    )
    reader += f", {flags.yes!r} for 1, called as in the list of {of_text}" if of_text else ""
    bits = (flags.bits[place] for place in flags.bits.columns)
    return MadeTable((path,), reader, rest.assign(**dict(zip(names, bits, strict=True))))


def sample_of_flags(data: CompetitionData) -> tuple[MadeTable, dict[str, str]] | None:
    """Return the sample submission with plain lists, and the form of a file to send; or None.

    A table of train has cells of the same letters, and as many, in the one column that is asked
    for.
    """
    sample = data.sample
    column = None if sample is None else sample.plain_value
    found = None if column is None else first_of_train(data.tables, column, _flags)
    if sample is None or column is None or found is None:
        return None
    n = len(found.bits.columns)
    cells = sample.table[column]
    if not cells.str.fullmatch(f"[{re.escape(found.no + found.yes)}]{{{n}}}").all():
        return None
    names, _ = _names(data.folder, n)
    sign = unused_sign(names)
    if sign is None:
        return None
    each = [
        [name for name, one in zip(names, cell, strict=True) if one == found.yes] for cell in cells
    ]
    plain = sample.table.assign(**{column: [sign.join(one) for one in each]})
    reader = f"{sample.path} with plain lists of {column}"
    return MadeTable((sample.path,), reader, plain), {"flags": found.no + found.yes}


def _flags(cells: pd.Series[str]) -> _Flags | None:
    """Return the answers of cells as `YNNY`; None where they are none.

    All are as long, of one letter for yes and one for no, which stand in three rows at each place;
    there are more kinds of cells than places, so that they are no classes with a place each.

    Example:
        >>> found = _flags(pd.Series(["YNN", "NYN", "NNY", "YYN", "NYY", "YNY"] * 3))
        >>> found.no, found.yes, found.bits.iloc[3].tolist()
        ('N', 'Y', ['1', '1', '0'])
        >>> _flags(pd.Series(["100", "010", "001"] * 9)) is None
        True
    """
    n, letters = _places(cells)
    marks = None if not n else read_marks(pd.DataFrame({k: cells.str[k] for k in range(n)}))
    if marks is None:
        return None
    yes = {one for k in range(n) for one in cells.str[k][marks.bits[k] == "1"].unique()}
    enough = [(marks.bits[k] == bit).sum() >= _ROWS_A_PLACE for k in range(n) for bit in "01"]
    if len(yes) != 1 or not all(enough):
        return None
    return _Flags(no=(letters - yes).pop(), yes=yes.pop(), bits=marks.bits)


def _places(cells: pd.Series[str]) -> tuple[int, set[str]]:
    """Return the letters of each cell, and the two kinds; 0 where there are more, or few cells."""
    kinds = cells.unique()
    n = len(kinds[0]) if len(kinds) else 0
    letters = set("".join(kinds))
    if n < _FEWEST_PLACES or len(letters) != _LETTERS or len(kinds) <= n:
        return 0, letters
    return (n if all(len(one) == n for one in kinds) else 0), letters


def note_of_letters(tables: Mapping[str, pd.DataFrame], sample: SampleSubmission | None) -> str:
    """Return that cells to predict are of two letters, of which nothing shows that one is a yes.

    "" where there are none.
    """
    if sample is None or len(sample.values) != 1:
        return ""
    column = sample.values[0]
    for path, table in tables.items():
        if column not in table or not may_be_train_table(path):
            continue
        n, letters = _places(table[column])
        if n and _flags(table[column]) is None:
            first, second = sorted(letters)
            return (
                f"each cell of {column} in {path} has {plural(n, 'letter')}, {first!r} or "
                f"{second!r}, and is taken for the name of a class: where each place is a yes or "
                "no of its own, write Y and N in their place, in train and in the sample, or a "
                "column of 0 and 1 for each"
            )
    return ""


def _names(folder: DataFolder, n: int) -> tuple[list[str], str]:
    """Return what the `n` places are called, and the text whose list tells it, or ""."""
    found = dict[tuple[str, ...], str]()
    for path, text in texts_beside(folder, by_item=True):
        block: list[str] = []
        for line in [*text.split("\n"), "-"]:
            item = _ITEM.fullmatch(line)
            if not line.strip():
                continue
            if item is not None and int(item["n"]) == len(block) + 1:
                block.append(item["name"].strip())
                continue
            if len(set(block)) == n == len(block) and all(
                len(one.split()) <= _MOST_WORDS for one in block
            ):
                found[tuple(block)] = path
            block = []
    if len(found) != 1:
        return [f"place {k + 1}" for k in range(n)], ""
    (names, path), *_ = found.items()
    return list(names), path
