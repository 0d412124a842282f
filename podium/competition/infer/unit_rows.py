"""Tables with a row for several images, which the folders of these name: a session, a patient."""

from __future__ import annotations

import pandas as pd

from podium.competition.infer.files import DataFolder, match_images, may_be_train_table
from podium.competition.infer.made_tables import MadeTable
from podium.competition.infer.path_ids import names_units
from podium.competition.infer.submission import SampleSubmission
from podium.errors import DataError, some

__all__ = ["without_repeats"]


def without_repeats(
    folder: DataFolder, path: str, table: pd.DataFrame, sample: SampleSubmission | None
) -> MadeTable | None:
    """Return a table of train without the rows that stand twice, where its rows are of folders.

    None where no row does, or the rows are of images.

    Args:
        folder: with the images.
        path: of the table.
        table: its cells, as text.
        sample: the sample submission.

    Raises:
        DataError: rows of one folder differ, and the sample submission has a row for each folder.
    """
    if not may_be_train_table(path):
        return None
    if match_images(folder, path, table, ("train", "other")) is not None:
        return None
    once = table.drop_duplicates().reset_index(drop=True)
    for column in map(str, table.columns):
        is_id = sample is not None and sample.id == column
        if table[column].is_unique or not (once[column].is_unique or is_id):
            continue
        if not names_units(folder, once[column]):
            continue
        if once[column].is_unique:
            n = len(table) - len(once)
            return MadeTable((path,), f"{path} without {n:,} rows that stand twice", once)
        counts = once[column].value_counts()
        several = counts[counts > 1]
        first = once[once[column] == several.index[0]]
        differ = [one for one in map(str, once.columns) if first[one].nunique() > 1]
        raise DataError(
            f"{len(several):,} cells of {column} have several rows that differ, as "
            f"{several.index[0]!r} in {some(differ)}: its images are in one folder",
            where=folder.path / path,
            fix=f"leave one row for each {column}",
        )
    return None
