"""Ids whose files another table names, as that of subjects or specimens does.

subjects.csv: subject,file    counts.csv: subject,penguins    →    counts: subject,subject_in_data,…
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from podium.competition.ids.patterns import is_image
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder
from podium.competition.infer.image_tables import IN_DATA, is_of_images
from podium.competition.infer.shares import NEARLY_ALL

__all__ = ["FilesByTable", "find_files_by_table"]


@dataclass(frozen=True)
class FilesByTable:
    """The tables with a column more, the file of each row.

    Attributes:
        test: the rows to predict, of the ids of the sample submission.
        tables: those that take the place of tables that have such ids and no file, by path.
    """

    test: MadeTable
    tables: Mapping[str, MadeTable]


def find_files_by_table(data: CompetitionData) -> FilesByTable | None:
    """Return the tables with the files of ids that a table names; None where none does.

    The ids of the sample submission name no images. One table has a row for each of them, and its
    one column of files names another image in each row, but for a few absent ones. Its own rows are
    of train where they hold what is to be predicted, and are no row of the sample.
    """
    folder, tables, sample = data.folder, data.tables, data.sample
    if sample is None or not sample.table[sample.id].is_unique:
        return None
    ids, key = list(map(str, sample.table[sample.id])), sample.id
    if any(folder.named(cell) for cell in ids):
        return None
    naming = [
        (path, column, files)
        for path, table in tables.items()
        if key in table
        for column, files in _columns_of_files(folder, table, key)
        if files.keys() >= set(ids) and all(folder.named(files[one]) for one in ids)
    ]
    if len(naming) != 1:
        return None
    [(by, column, files)] = naming
    test = tables[by].set_index(key).loc[ids].reset_index()
    if any((test[one] != "").any() for one in sample.values if one in test):
        return None  # the table answers for the images to predict, so they are of train
    # Where files are absent, a table without what is to be predicted may be of anything.
    is_whole, made = all(map(folder.named, files.values())), {}
    for path, table in tables.items():
        if not (is_whole or set(sample.values) <= set(table)):
            continue
        is_own = path == by and set(sample.values) <= set(table)
        if key not in table or (path == by and not is_own):
            continue
        if path != by and (is_of_images(folder, path, table) or not set(table[key]) <= set(files)):
            continue
        rows = table[~table[key].isin(ids)].drop(columns=column) if is_own else table
        made[path] = MadeTable(
            (path, by) if path != by else (path,),
            f"{path} with the file of each {key}, as {by} names it",
            _with_files(rows, key, files),
        )
    if not made:
        return None
    reader = f"the ids of {sample.path}, with their files as {by} names them"
    return FilesByTable(
        MadeTable((sample.path, by), reader, _with_files(test[[key]], key, files)), made
    )


def _with_files(rows: pd.DataFrame, key: str, files: Mapping[str, str]) -> pd.DataFrame:
    found = rows.assign(**{f"{key}{IN_DATA}": rows[key].map(files)})
    return found.reset_index(drop=True).astype(object)


def _columns_of_files(
    folder: DataFolder, table: pd.DataFrame, key: str
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each column that names another image in each row, and the image of each id.

    Of a few rows the file may be absent: these have the cell that names it, as others do, by its
    ending.
    """
    for column in table.columns if table[key].is_unique else ():
        cells = list(map(str, table[column])) if column != key else []
        named = [folder.named(cell) for cell in cells]
        paths = [one[0].path for one in named if len(one) == 1]
        is_file = all(one or is_image(cell) for one, cell in zip(named, cells, strict=True))
        is_each = len(paths) == len({*paths}) == sum(map(bool, named))
        if cells and is_file and is_each and len(paths) >= NEARLY_ALL * len(cells):
            files = [one[0].path if one else cell for one, cell in zip(named, cells, strict=True)]
            yield str(column), dict(zip(map(str, table[key]), files, strict=True))
