"""The one column of labels that is asked for: in a table of train, and in all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

import pandas as pd

from podium.competition.infer.files import DataFolder, may_be_train_table
from podium.competition.infer.image_tables import match_if_of_train
from podium.competition.infer.sample.submission import SampleSubmission

__all__ = ["first_of_train", "label_column"]

T = TypeVar("T")


def label_column(
    folder: DataFolder, path: str, table: pd.DataFrame, sample: SampleSubmission | None
) -> str | None:
    """Return the only column that the sample asks for, or, without one, that is not the images'.

    None where there are several, or the table is none of images of train.
    """
    match = match_if_of_train(folder, path, table)
    if match is None:
        return None
    columns = list(map(str, table.columns))
    asked = [one for one in columns if one != match.id] if sample is None else sample.values
    return asked[0] if len(asked) == 1 and asked[0] in columns else None


def first_of_train(
    tables: Mapping[str, pd.DataFrame], column: str, read: Callable[[pd.Series[str]], T | None]
) -> T | None:
    """Return what `read` makes of this column in the first table of train where it is not None."""
    cells = (
        one[column] for path, one in tables.items() if may_be_train_table(path) and column in one
    )
    return next((found for one in cells if (found := read(one)) is not None), None)
