"""Tables of images in which a few rows stand twice: by mistake."""

from __future__ import annotations

import pandas as pd

from podium.competition.infer.conversions.tables.made_tables import MadeTable
from podium.competition.infer.files import DataFolder, may_be_train_table
from podium.competition.infer.image_tables import match_of_train
from podium.competition.infer.labels.lists import PLAIN_SIGN
from podium.competition.infer.sample.submission import SampleSubmission
from podium.errors import plural, some

__all__ = ["without_repeated_rows"]

_MOST = 0.1
"""The largest share of images whose row stands twice: of more, a row may be an object."""


def without_repeated_rows(
    folder: DataFolder, path: str, table: pd.DataFrame, _sample: SampleSubmission | None
) -> MadeTable | None:
    """Return a table of train without rows that are there already; None where another is meant.

    Each image has one row then, and few had two; the names of a list may be in another order.

    Args:
        folder: with the images.
        path: of the table.
        table: its cells, as text.
    """
    match = match_of_train(folder, path, table) if may_be_train_table(path) else None
    if match is None or table[match.id].is_unique:
        return None
    is_again = table.map(_in_order).duplicated()
    once = table[~is_again].reset_index(drop=True)
    if not once[match.id].is_unique:
        return None
    again = table.loc[is_again, match.id]
    if not again.is_unique or len(again) > _MOST * len(once):
        return None
    told = f"{path} without {plural(len(again), 'row')} that stood twice ({some(again, 2)})"
    return MadeTable((path,), told, once)


def _in_order(cell: str) -> str:
    """Return a cell with the names of its list in alphabetical order."""
    return ";".join(sorted(PLAIN_SIGN.split(cell)))
