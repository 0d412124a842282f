"""Samples with a column for each place of a ranking: they get one column that lists the answers.

id  guess_1  guess_2  guess_3          id  species
7   oak      elm      ash        →     7   oak elm ash

Files to send have the columns again (`submission.file.ranked`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import may_be_train_table
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.spelling import numbered_names

__all__ = ["RankedSample", "sample_of_ranks"]

_SIGNS = " ;|,\t"


class RankedSample(NamedTuple):
    """A sample whose answers stand in one column.

    Attributes:
        table: with the ids and this column.
        columns: those of the file, the likeliest first.
        sep: what stands between the answers.
    """

    table: MadeTable
    columns: list[str]
    sep: str


def sample_of_ranks(
    sample: SampleSubmission, tables: Mapping[str, pd.DataFrame]
) -> RankedSample | None:
    """Return the sample with one column of answers; None where its columns are no places.

    They are numbered from 1 behind one word, no table of train has one of them, and all that stands
    in them are values of one column of train, which has more values than there are places. One word
    beside them may mean none of these, as `new_turtle`, where no column of train has it.

    Args:
        tables: all, by path, without it.
    """
    numbered = numbered_names(sample.values)
    if len(sample.values) < 2 or len(numbered) != 1:
        return None
    [(word, columns)] = numbered.items()
    are_places = [int(one) for one in columns] == list(range(1, len(columns) + 1))
    if list(columns.values()) != sample.values or not are_places:
        return None
    cells = {cell for name in sample.values for cell in sample.table[name]} - {""}
    of_train = [table for path, table in tables.items() if may_be_train_table(path)]
    if not cells or any(set(sample.values) & set(table) for table in of_train):
        return None
    columns_of_train = [
        (str(column), set(table[column]) - {""}) for table in of_train for column in table
    ]
    strange = cells - set[str]().union(*(values for _, values in columns_of_train))
    if len(strange) > 1 or strange == cells:
        return None
    labels = {
        column: values | strange
        for column, values in columns_of_train
        if cells - strange <= values and len(values) > len(columns)
    }
    label = word if word in labels else next(iter(labels), None)
    if label is None or label == sample.id:
        return None
    sep = next((sign for sign in _SIGNS if not any(sign in name for name in labels[label])), "")
    if not sep:
        return None
    rows = sample.table[sample.values].itertuples(index=False)
    lists = [sep.join(filter(None, row)) for row in rows]
    table = pd.DataFrame({sample.id: sample.table[sample.id], label: lists}, dtype=object)
    reader = f"{sample.path} with the answers of {sample.values[0]} to {sample.values[-1]} in a row"
    for one in strange:
        reader += f"; {one!r} is no {label} of train: where it means none of them, write"
        reader += f" open_set: {one} above classes"
    return RankedSample(MadeTable((sample.path,), reader, table), sample.values, sep)
