"""Cells of several levels, of which the sample asks for some in a column each.

determination                          family     species
Plantae > Rosaceae > Rosa canina   →   Rosaceae   Rosa canina
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import pandas as pd

from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.labels.cells import numbers_of
from podium.competition.infer.sample.submission import SampleSubmission
from podium.errors import some

__all__ = ["with_levels_of_sample"]

_SIGNS = (">", "::", "/", "|")
"""What stands between a level and the one below it; lists have other signs."""
_FEWEST_LEVELS = 2


class _Levels(NamedTuple):
    """A column of levels: the sign between them, and the cells of each level."""

    column: str
    sign: str
    levels: list[pd.Series[str]]


def with_levels_of_sample(
    tables: Mapping[str, pd.DataFrame], sample: SampleSubmission | None
) -> dict[str, MadeTable]:
    """Return the tables with a column for each answer that one of their columns has as a level.

    No table has a column called as an answer of the sample. All cells of one column of a table have
    as many levels, each of which lies in one above; what the sample has in a column are cells of
    one level alone.
    """
    if sample is None or any(name in table for table in tables.values() for name in sample.values):
        return {}
    shown = {name: set(sample.table[name]) - {""} for name in sample.values}
    are_words = all(
        cells and numbers_of(sample.table[name]) is None for name, cells in shown.items()
    )
    if not are_words:
        return {}
    found = {}
    for path, table in tables.items():
        for one in _columns_of_levels(table):
            of_answer = {
                name: [level for level in one.levels if cells <= set(level)]
                for name, cells in shown.items()
            }
            if any(len(levels) != 1 for levels in of_answer.values()):
                continue
            answers = {name: levels[0] for name, levels in of_answer.items()}
            if len({id(level) for level in answers.values()}) < len(answers):
                continue
            reader = f"{path} with {some(list(answers))}, as {one.column} has them between "
            rest = table.drop(columns=one.column).assign(**answers)
            found[path] = MadeTable((path,), f"{reader}{one.sign!r}", rest)
            break
    return found


def _columns_of_levels(table: pd.DataFrame) -> Iterator[_Levels]:
    """Yield the columns whose cells have as many levels each, every one below one other alone."""
    for column in map(str, table.columns):
        cells = table[column]
        known = cells[cells != ""]
        for sign in _SIGNS:
            parts = known.str.split(sign, regex=False)
            n = 0 if known.empty else len(parts.iloc[0])
            if n < _FEWEST_LEVELS or (parts.map(len) != n).any():
                continue
            levels = [
                parts.map(lambda one, k=k: one[k].strip()).reindex(cells.index, fill_value="")
                for k in range(n)
            ]
            if all(_lies_in(lower, upper) for upper, lower in itertools.pairwise(levels)):
                yield _Levels(column, sign, levels)


def _lies_in(lower: pd.Series[str], upper: pd.Series[str]) -> bool:
    """Return whether each of several values of a level comes with one of the level above."""
    is_below = bool((upper.groupby(lower).nunique() == 1).all())
    return is_below and 1 < lower.nunique() < len(lower)
