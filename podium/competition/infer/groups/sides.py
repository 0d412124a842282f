"""Rows of one thing, that several columns name together, seen from each of its sides.

farm  leaf  face  label
N     7     a     rust      →   leaf 7 of the farm N is in two rows, which must not cross folds
N     7     b     rust
S     7     a     healthy
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import combinations
from typing import NamedTuple

import pandas as pd

from podium.competition.infer.groups.columns import GroupColumn
from podium.competition.infer.ids.joined import JoinedCells, Spelling
from podium.errors import plural

__all__ = ["ThingsOfSides", "find_things_of_sides"]

_MOST_COLUMNS, _MOST_KEYS = 10, 3
_MOST_SIDES = 6
_FEWEST_THINGS = 20  # of several rows
_FEWEST_ROWS = 0.4  # of all, that are of such
_MOST_BY_CHANCE = 1e-4  # that rows of each thing have one label, whatever it is


class ThingsOfSides(NamedTuple):
    """The group, and the table of train with a column of it."""

    group: GroupColumn
    table: pd.DataFrame


def find_things_of_sides(
    table: pd.DataFrame, used: Collection[str], labels: Sequence[str], test: pd.DataFrame | None
) -> ThingsOfSides | None:
    """Return the fewest columns that name things of several rows together; None without such.

    With a further column of a few values, the side, they name each row. All rows of a thing have
    the same labels, those of fewer of the columns have not, and no thing is in train and in test.

    Args:
        table: of train.
        used: columns that name images.
        labels: columns of labels.
        test: rows of the images to predict.
    """
    if test is None or not labels:
        return None
    label = _joined(table, labels)
    free = [one for one in map(str, table) if one not in (*used, *labels) and one in test]
    columns = [one for one in free if 1 < table[one].nunique() < len(table)][:_MOST_COLUMNS]
    sides = [one for one in columns if table[one].nunique() <= _MOST_SIDES]
    for n in range(2, _MOST_KEYS + 1):
        for keys in combinations(columns, n):
            things = _joined(table, keys)
            rest = [one for one in sides if one not in keys]
            if not _are_things(things, label) or not any(
                not (things + "\t" + table[one]).duplicated().any() for one in rest
            ):
                continue
            of_fewer = [_joined(table, [one for one in keys if one != left]) for left in keys]
            name = "_".join(keys)
            if name in table or any(_are_alike(one, label) for one in of_fewer):
                continue
            if _joined(test, keys).isin({*things}).any():
                continue
            n_things = things.nunique()
            why = (
                f"{plural(n_things, 'value')} over {plural(len(table), 'row')}: what "
                f"{', '.join(keys)} name together has one label, and is in train or in test alone"
            )
            return ThingsOfSides(GroupColumn(name, why, n_things), table.assign(**{name: things}))
    return None


def _are_things(things: pd.Series[str], label: pd.Series[str]) -> bool:
    """Return whether enough rows are of things with several, of which no two labels differ."""
    sizes = things.map(things.value_counts())
    several = sizes > 1
    n_several = things[several].nunique()
    if sizes.max() > _MOST_SIDES or n_several < _FEWEST_THINGS:
        return False
    by_chance = float((label.value_counts(normalize=True) ** 2).sum()) ** n_several
    is_rare = several.mean() < _FEWEST_ROWS or by_chance > _MOST_BY_CHANCE
    return not is_rare and _are_alike(things, label)


def _are_alike(things: pd.Series[str], label: pd.Series[str]) -> bool:
    """Return whether all rows of each thing have one label."""
    return bool((label.groupby(things).nunique() == 1).all())


def _joined(table: pd.DataFrame, columns: Sequence[str]) -> pd.Series[str]:
    """Return the cells of columns as one text, with `_` between."""
    n = len(columns)
    return JoinedCells(tuple(columns), (Spelling(),) * n, ("_",) * (n - 1)).ids(table)
