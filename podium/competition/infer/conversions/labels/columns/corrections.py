"""Labels that a second table corrects: `corrections.csv` with leaf, was, should_be.

The labels of train are written once more as the second table has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import may_be_train_table
from podium.competition.infer.labels.cells import numbers_of
from podium.competition.languages import is_called
from podium.errors import plural

__all__ = ["Corrected", "correct_labels"]

_MOST = 0.5
"""The largest share of the rows of train that corrections are of."""
_CHANGED = 0.8
"""The least share of corrections that change something."""


class Corrected(NamedTuple):
    """A table of train with the corrections of another one, and both paths.

    `table` is None where train has them already.
    """

    path: str
    corrections: str
    table: MadeTable | None


def correct_labels(tables: Mapping[str, pd.DataFrame]) -> Corrected | None:
    """Return a table of train as another one corrects it; None where none does.

    The other table names rows of train by a column of ids, and has for each a new value of a
    column. It has the old value, too, equal to train's in every row; or the column's own name. It,
    or the column, is called a correction.
    """
    for path, other in tables.items():
        # Asked first: the ids of each table of train are sought in each column of this one.
        is_correction = any(is_called(str(one), "correction") for one in (Path(path).stem, *other))
        if len(other.columns) < 2 or not len(other) or not is_correction:
            continue
        for of_train, train in tables.items():
            fits = of_train != path and len(other) <= _MOST * len(train)
            if fits and may_be_train_table(of_train):
                found = _corrected(of_train, train, path, other)
                if found is not None:
                    return found
    return None


def _corrected(
    of_train: str, train: pd.DataFrame, path: str, other: pd.DataFrame
) -> Corrected | None:
    stem = Path(path).stem
    keys = _keys(train, other)
    if keys is None:
        return None
    key, of_other = keys
    rows = train.set_index(key, drop=False).loc[list(other[of_other])].reset_index(drop=True)
    other = other.reset_index(drop=True)
    for column in train.columns.drop([key]):
        old, new = _old_and_new(rows[column], other.drop(columns=of_other), stem)
        if new is None or not _may_be(train[column], other[new]):
            continue
        if old is None and column == new and rows[column].equals(other[new]):
            return Corrected(of_train, path, None)
        if float((other[new] != rows[column]).mean()) < _CHANGED:
            continue
        made = train.set_index(key, drop=False)
        made.loc[list(other[of_other]), column] = list(other[new])
        what = f"{of_train} with {plural(len(other), 'cell')} of {column} as {path} has them"
        told = "" if new == column else f" ({new}" + (f" in place of {old})" if old else ")")
        table = MadeTable((of_train, path), f"{what}{told}", made.reset_index(drop=True))
        return Corrected(of_train, path, table)
    return None


def _keys(train: pd.DataFrame, other: pd.DataFrame) -> tuple[str, str] | None:
    """Return the columns of ids in which each row of the other table is one of train; or None."""
    for name in map(str, other.columns):
        cells = other[name]
        if not cells.is_unique or cells.eq("").any():
            continue
        same_first = sorted(map(str, train.columns), key=lambda one: one != name)
        for column in same_first:
            if train[column].is_unique and cells.isin(train[column]).all():
                return column, name
    return None


def _old_and_new(
    known: pd.Series[str], others: pd.DataFrame, stem: str
) -> tuple[str | None, str | None]:
    """Return the columns of the old and the new values of a column of train; None for neither.

    Args:
        known: its values, of the rows that the other table names.
        others: the other table without its ids.
        stem: the name of its file.
    """
    columns = list(map(str, others))
    equal = [one for one in columns if list(others[one]) == list(known)]
    rest = [one for one in columns if one not in equal]
    called = is_called(stem, "correction")
    if len(equal) == 1 and not is_called(equal[0], "correction"):
        named = [one for one in rest if is_called(one, "correction")]
        if len(named) == 1:
            return equal[0], named[0]
        if called and len(rest) == 1:
            return equal[0], rest[0]
    if called and str(known.name) in columns:
        return None, str(known.name)
    return None, None


def _may_be(train: pd.Series[str], new: pd.Series[str]) -> bool:
    """Return whether new values are such as train has: its classes, or numbers."""
    if new.eq("").any():
        return False
    return set(new) <= set(train) or (numbers_of(train) is not None and numbers_of(new) is not None)
