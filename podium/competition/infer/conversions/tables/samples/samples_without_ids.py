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

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder, is_test_table
from podium.competition.infer.image_tables import names_images
from podium.competition.infer.labels.cells import has_fractions

__all__ = ["SampleInOrder", "find_sample_in_order"]


class SampleInOrder(NamedTuple):
    """A sample submission with the ids of its rows, and the table that has them in this order."""

    made: MadeTable
    test: str
    id: str


def find_sample_in_order(
    data: CompetitionData, samples: Mapping[str, pd.DataFrame]
) -> SampleInOrder | None:
    """Return the sample of answers alone with the ids of the list of test; None without one.

    A table of train has all its columns, which the list lacks; the list has as many rows, and a
    column of it names an image a row, or the folder of its images. No other list has so. The first
    of several columns is no id: its cells repeat, or have fractions.

    Args:
        data: without samples.
        samples: those that are called so.
    """
    tables = data.tables
    for path, sample in samples.items():
        answers = list(map(str, sample.columns))
        if len(sample) < 2 or (len(answers) > 1 and _may_be_ids(sample[answers[0]])):
            continue
        lists = [
            one
            for one, table in tables.items()
            if is_test_table(one) and len(table) == len(sample)
            if not {*answers} & {*table.columns}
        ]
        if len(lists) != 1 or not any({*answers} <= {*table.columns} for table in tables.values()):
            continue
        table = tables[lists[0]]
        named = [name for name in table if _names_an_image_each(data.folder, table[[name]])]
        if not named:
            continue
        whole = pd.DataFrame({named[0]: [*table[named[0]]]})
        whole = pd.concat([whole, sample.reset_index(drop=True)], axis=1)
        reader = f"{path} with the ids of {lists[0]}, which has as many rows"
        made = MadeTable((path, lists[0]), reader, whole.astype(object))
        return SampleInOrder(made, lists[0], str(named[0]))
    return None


def _may_be_ids(cells: pd.Series[str]) -> bool:
    """Return whether the cells of a first column may name rows."""
    return bool(cells.is_unique) and not has_fractions(cells)


def _names_an_image_each(folder: DataFolder, column: pd.DataFrame) -> bool:
    """Return whether the cells of a column name an image each, or the folders of images."""
    cells = column.iloc[:, 0]
    if not cells.is_unique:
        return False
    return names_images(folder, column) or {*cells} <= folder.folder_names
