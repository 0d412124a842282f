"""Columns of which each row has one, as each image is of one side: they are coalesced into one.

image,grade_left,grade_right        image,grade
1_l,0,                         →    1_l,0
1_r,,2                              1_r,2
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder
from podium.competition.infer.image_tables import match_if_of_train
from podium.competition.infer.labels.cells import known_cells
from podium.competition.infer.labels.column_names import named_columns
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.shares import ALL_BUT_FEW, HALF
from podium.competition.spelling import name_words
from podium.errors import some

__all__ = ["with_coalesced_columns"]

_MOST_VALUES = 60
_LABEL = "label"  # what columns become that have no word in common


def with_coalesced_columns(
    folder: DataFolder,
    path: str,
    table: pd.DataFrame,
    sample: SampleSubmission | None,
    *,
    label: str | None = None,
) -> MadeTable | None:
    """Return a table of train with one column for several of which a row has one; else None.

    No row has two of them, nearly all have one, each column is that of several rows, and they hold
    classes of one set. A row without any stays blank. The sample submission names none of them.

    Args:
        label: the column to predict, where a person names it: as one of `table` it stays.
    """
    match = match_if_of_train(folder, path, table)
    if (
        match is None
        or match.several
        or (label is not None and named_columns(label, table.columns))
    ):
        return None
    asked = set[str]() if sample is None else set(sample.values)
    known = {str(one): known_cells(table[one]) for one in table if str(one) != match.id}
    known = {
        one: cells
        for one, cells in known.items()
        if _FEWEST_ROWS <= len(cells) < len(table) and 1 < cells.nunique() <= _MOST_VALUES
        if one not in asked
    }
    for first in known:
        alike = [one for one in known if _are_of_one_set(known[first], known[one])]
        every = pd.concat([known[one] for one in alike])
        is_one_each = every.index.is_unique and len(every) >= ALL_BUT_FEW * len(table)
        if len(alike) < 2 or not is_one_each:
            continue
        name = _name_of(alike, [one for one in map(str, table) if one not in alike], sample)
        made = table.drop(columns=alike)
        made.insert(list(table).index(alike[0]), name, every.reindex(table.index, fill_value=""))
        reader = f"{path} with {name} for {some(alike)}, of which each row has one"
        return MadeTable((path,), reader, made)
    return None


_FEWEST_ROWS = 2


def _are_of_one_set(first: pd.Series[str], other: pd.Series[str]) -> bool:
    """Return whether most values of two columns are those of both."""
    values, others = set(first), set(other)
    return len(values & others) > max(1, HALF * len(values | others))


def _name_of(columns: Sequence[str], rest: Sequence[str], sample: SampleSubmission | None) -> str:
    """Return what columns become: the words that all have; else as the sample's only column.

    Args:
        columns: that become one.
        rest: the others, whose names are taken.
    """
    words = [name_words(one) for one in columns]
    pieces = re.split(r"[\W_]+", columns[0])
    shared = "_".join(
        one
        for one in pieces
        if name_words(one) and all({*name_words(one)} <= {*each} for each in words)
    )
    sent = sample.values if sample is not None and len(sample.values) == 1 else []
    names = (shared, *sent, _LABEL, "the label")
    return next(one for one in names if one and one not in rest)
