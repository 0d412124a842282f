"""Sample submissions of answers alone: their rows are in the order of the list of test.

test.csv   sample_submission.csv        file   target
work       target                   →   a17    0        submission.file.ids: {table: test.csv, …}
a17        0                            b02    0
b02        0
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from podium.competition.infer.conversions.tables.made_tables import MadeTable, names_images
from podium.competition.infer.files import DataFolder, is_test_table

__all__ = ["SampleInOrder", "find_sample_in_order"]


class SampleInOrder(NamedTuple):
    """A sample submission with the ids of its rows, and the table that has them in this order."""

    made: MadeTable
    test: str
    id: str


def find_sample_in_order(
    folder: DataFolder,
    tables: Mapping[str, pd.DataFrame],
    samples: Mapping[str, pd.DataFrame],
) -> SampleInOrder | None:
    """Return the sample of one column with the ids of the list of test; None without one.

    A table of train has that column, which the list lacks; the list has as many rows, and a column
    of it names an image a row. No other list has so.

    Args:
        folder: with the images.
        tables: by path, without samples.
        samples: those that are called so.
    """
    for path, sample in samples.items():
        if len(sample.columns) != 1 or len(sample) < 2:
            continue
        [answer] = sample.columns
        lists = [
            one
            for one, table in tables.items()
            if is_test_table(one) and answer not in table and len(table) == len(sample)
        ]
        if len(lists) != 1 or not any(answer in table for table in tables.values()):
            continue
        table = tables[lists[0]]
        named = [name for name in table if _names_an_image_each(folder, table[[name]])]
        if not named:
            continue
        whole = pd.DataFrame({named[0]: [*table[named[0]]], answer: [*sample[answer]]})
        reader = f"{path} with the ids of {lists[0]}, which has as many rows"
        made = MadeTable((path, lists[0]), reader, whole.astype(object))
        return SampleInOrder(made, lists[0], str(named[0]))
    return None


def _names_an_image_each(folder: DataFolder, column: pd.DataFrame) -> bool:
    return bool(column.iloc[:, 0].is_unique) and names_images(folder, column)
