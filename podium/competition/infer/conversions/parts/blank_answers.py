"""Rows of the one table whose answer is blank: they are to be predicted where nothing else is.

photo    batch  sugar          photo    batch  sugar        photo    batch
w1.png   A      11.5     →     w1.png   A      11.5         w2.png   B
w2.png   B                     a table of train             a table of test
"""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from podium.competition.infer.conversions.parts.part_column import rows_in_parts
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.labels.cells import known_cells
from podium.competition.infer.labels.kinds import InferredLabels
from podium.competition.infer.parts.train import TrainPart
from podium.competition.infer.readme.claims import readme_blank_answers
from podium.competition.infer.sources import Sources
from podium.errors import some

__all__ = ["BlankAnswers", "rows_without_answers"]

_FEWEST = 10  # rows: of fewer nobody may know the answer


class BlankAnswers(NamedTuple):
    """The table of train, and what is made of it."""

    path: str
    tables: dict[str, MadeTable]
    """Of train and of test, by their names."""
    told: str
    """Which text states that rows with a blank answer are to be predicted; "" where none does."""


def rows_without_answers(
    sources: Sources, train: TrainPart, labels: InferredLabels | None
) -> BlankAnswers | None:
    """Return a table whose rows without an answer may be those to predict, in two; None without.

    It is the one table of images, and names all of them. A blank list may be an image without a
    class, and a unit of several images has its answer in all of its rows, or in none.

    Args:
        sources: of the data, where nothing is to be predicted.
        train: with the table.
        labels: its answers.
    """
    match, folder = train.match, sources.folder
    if match is None or match.join is not None or labels is None or sources.sample is not None:
        return None
    table = sources.tables.get(match.path)
    is_list = labels.separator is not None or labels.as_lists is not None
    if table is None or is_list or sources.marks is not None or match.path == sources.counted:
        return None
    if sources.test_tables or folder.of_part("mask", "unlabelled"):
        return None
    if any(image.path not in train.used for image in folder.images):
        return None
    known = {row for one in labels.column_names for row in known_cells(table[one]).index}
    is_blank = pd.Series([row not in known for row in table.index], table.index)
    unit = sources.unit if sources.unit in table else ""
    if not _FEWEST <= is_blank.sum() < len(table):
        return None
    if unit and not {*table[unit][is_blank]}.isdisjoint(table[unit][~is_blank]):
        return None
    told = readme_blank_answers(folder)
    why = f"as {some(labels.column_names)} is blank in those of test"
    parts = is_blank.map({True: "test", False: "train"})
    return BlankAnswers(match.path, rows_in_parts(match.path, table, parts, why), told)
