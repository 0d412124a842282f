"""Columns that another table has of the images of train, as a patient where labels are elsewhere.

A second table is joined where it has one row for each image of the first, and names what must not
cross folds. Its other columns come along.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from podium.competition.ids.patterns import is_image
from podium.competition.infer.files import ImageTable, guess_part
from podium.competition.infer.labels import GroupColumn, InferredLabels, find_group
from podium.competition.infer.made_tables import MadeTable

__all__ = ["find_further_group"]


def find_further_group(
    match: ImageTable,
    labels: InferredLabels,
    tables: Mapping[str, pd.DataFrame],
    test_ids: Sequence[str],
) -> tuple[ImageTable, GroupColumn, MadeTable] | None:
    """Return the table of train with the columns of another one that groups its rows, or None.

    Args:
        match: the table of train, in which no column groups rows.
        labels: of train.
        tables: all, by path, without the sample submission.
        test_ids: of the images to predict; a group that most of them share with train is none.

    Returns:
        The wider table, its group, and the table as it is to be written.
    """
    for path, table in tables.items():
        name = path.rpartition("/")[2]
        if path == match.path or guess_part(name) in ("test", "unlabelled", "holdout"):
            continue
        rows = _rows_of(list(match.table[match.id]), table)
        if rows is None:
            continue
        rows = rows.drop(columns=[one for one in rows if one in match.table])
        test = _rows_of(test_ids, table)
        wide = pd.concat([match.table.reset_index(drop=True), rows], axis=1)
        group, _ = find_group(wide, [match.id], labels, test)
        if group is not None and group.column in rows:
            sources = (match.path, path)
            written = wide[[one for one in wide if "{" not in str(one)]]
            made = MadeTable(sources, f"{match.path} with the columns of {path}", written)
            return replace(match, table=wide), group, made
    return None


def _rows_of(ids: Sequence[str], table: pd.DataFrame) -> pd.DataFrame | None:
    """Return the rows of a table for these images, in this order; None where one has none."""
    names = [_bare(one) for one in ids]
    for column in table.columns:
        cells = [_bare(one) for one in table[column]]
        place = {cell: row for row, cell in enumerate(cells)}
        if names and len(place) == len(cells) and place.keys() >= set(names):
            return table.iloc[[place[one] for one in names]].reset_index(drop=True)
    return None


def _bare(cell: str) -> str:
    """Return the last name of a path without the ending of an image."""
    name = cell.rpartition("/")[2]
    return os.path.splitext(name)[0] if is_image(name) else name  # noqa: PTH122 — of many cells
