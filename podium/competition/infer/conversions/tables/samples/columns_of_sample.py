"""Columns of the sample submission that stand elsewhere, or are spelt otherwise, than in train.

`Bild` in train is `BILD` to send; `Category,Id` has its ids behind the answers; a sample without a
header has the columns of train, in the same order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder, is_test_table, may_be_train_table
from podium.competition.infer.ids.keys import SIGNS
from podium.competition.infer.image_tables import match_if_of_train, match_of_train
from podium.competition.infer.labels.cells import numbers_of
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.spelling import plain_spelling

__all__ = [
    "sample_called_as_train",
    "with_columns_of_rows",
    "with_columns_of_sample",
    "with_ids_in_front",
]

_FEWEST_COLUMNS = 2  # columns that name an image together


def with_columns_of_sample(data: CompetitionData) -> dict[str, MadeTable]:
    """Return the tables of train with their columns called as in the sample submission.

    The sample's first columns, two or more, are columns of a table in another spelling, capitals
    or accents, and the first of them names no image alone. Columns of other tables that are called
    as those of this one go with them. {} where there is no such table.
    """
    sample = data.sample
    if sample is None or any(len(data.folder.named(cell)) == 1 for cell in sample.table[sample.id]):
        return {}
    called = {plain_spelling(name): str(name) for name in sample.table.columns}
    first = [str(name) for name in sample.table.columns[:_FEWEST_COLUMNS]]
    renamed: dict[str, str] = {}
    for path, table in data.tables.items():
        spelt = {plain_spelling(name): str(name) for name in table.columns}
        is_clear = len(called) == len(sample.table.columns) and len(spelt) == len(table.columns)
        others = {own: called[name] for name, own in spelt.items() if name in called}
        others = {own: name for own, name in others.items() if own != name}
        is_of_keys = {plain_spelling(name) for name in first} <= spelt.keys()
        if is_clear and is_of_keys and set(first) & {*others.values()} and may_be_train_table(path):
            renamed |= others
    made = {}
    for path, table in data.tables.items():
        own = {name: renamed[name] for name in map(str, table.columns) if name in renamed}
        if own and not set(own.values()) & {*table.columns}:
            told = ", ".join(f"{name} for {before}" for before, name in own.items())
            reader = f"{path} with its columns called as in {sample.path}: {told}"
            made[path] = MadeTable((path,), reader, table.rename(columns=own))
    return made


def sample_called_as_train(data: CompetitionData) -> tuple[SampleSubmission, str] | None:
    """Return a sample without a header with the names of the columns of train, and their table.

    One table of train has as many columns, its images where the sample has its ids, and numbers
    where that has numbers. None for another sample, and where several tables may give the names.
    """
    sample = data.sample
    if sample is None or sample.file.get("header", True) or len(sample.values) < _FEWEST_COLUMNS:
        return None
    found = []
    for path, table in data.tables.items():
        match = match_if_of_train(data.folder, path, table)
        if match is None or len(table.columns) != len(sample.table.columns):
            continue
        names = [str(name) for name in table.columns]
        ids_at = list(sample.order or map(str, sample.table.columns)).index(sample.id)
        if names.index(match.file_column or match.id) == ids_at:
            found.append((path, [name for k, name in enumerate(names) if k != ids_at]))
    if len(found) != 1:
        return None
    path, names = found[0]
    pairs = zip(names, sample.values, strict=True)
    are_numbers = [
        (numbers_of(data.tables[path][own]) is None, numbers_of(sample.table[sent]) is None)
        for own, sent in pairs
    ]
    if any(own != sent for own, sent in are_numbers) or sample.id in names:
        return None
    called = dict(zip(sample.values, names, strict=True))
    order = tuple(called.get(name, name) for name in sample.order)
    return replace(sample, table=sample.table.rename(columns=called), order=order), path


def with_columns_of_rows(
    folder: DataFolder,
    path: str,
    table: pd.DataFrame,
    sample: SampleSubmission | None,
    tables: Mapping[str, pd.DataFrame],
) -> MadeTable | None:
    """Return a table of train whose columns are called as the ends of the sample's ids, or None.

    Each id is an image, or what a table of test has rows of, a sign and one of a few ends, as
    `7_length`; one column of numbers alone has each end in its name, beside other words or a unit:
    `fork_length_mm`.
    """
    if sample is None or len(sample.values) != 1 or not may_be_train_table(path):
        return None
    ends = _ends_behind_images(CompetitionData(folder, tables), list(sample.table[sample.id]))
    columns = [str(name) for name in table.columns]
    if not 1 < len(ends) <= len(columns) or set(ends) <= set(columns):
        return None
    renamed = {}
    for end in ends:
        word = re.compile(rf"(?<![^\W_]){re.escape(end)}(?![^\W_])")
        longer = [one for one in columns if word.match(one)]
        longer = longer or [one for one in columns if word.search(one)]
        if len(longer) != 1 or numbers_of(table[longer[0]]) is None:
            return None
        renamed[longer[0]] = end
    if len(renamed) < len(ends) or is_test_table(path):
        return None
    if match_of_train(folder, path, table) is None and not _has_key_of_ids(table, sample, tables):
        return None
    told = ", ".join(f"{end} for {name}" for name, end in renamed.items() if end != name)
    reader = f"{path} with its columns called as in the ids of {sample.path}: {told}"
    return MadeTable((path,), reader, table.rename(columns=renamed))


def _has_key_of_ids(
    table: pd.DataFrame, sample: SampleSubmission, tables: Mapping[str, pd.DataFrame]
) -> bool:
    """Return whether a table has a column by which a table of test has what ids begin with."""
    of_test = [one for path, one in tables.items() if is_test_table(path)]
    ids = list(sample.table[sample.id])
    return any(
        all(any(one[: cut.start()] in cells for cut in SIGNS.finditer(one)) for one in ids)
        for other in of_test
        for cells in (set(other[name]) for name in other if name in table)
    )


def _ends_behind_images(data: CompetitionData, ids: Sequence[str]) -> list[str]:
    """Return what stands behind an image, or a cell of a table of test, and a sign in each id.

    [] where one of them has not all.
    """
    found = list[tuple[str, str]]()
    of_test = data.test_tables.values()
    cells = {cell for table in of_test for column in table for cell in table[column]}
    for one in ids:
        starts = ((cut, one[: cut.start()]) for cut in SIGNS.finditer(one))
        cuts = [cut for cut, name in starts if name in cells or data.folder.named(name)]
        if not cuts:
            return []
        found.append((one[: cuts[-1].start()], one[cuts[-1].end() :]))
    images, ends = (list(dict.fromkeys(pair[at] for pair in found)) for at in (0, 1))
    return ends if len(set(found)) == len(images) * len(ends) == len(ids) else []


def with_ids_in_front(folder: DataFolder, sample: SampleSubmission) -> SampleSubmission:
    """Return the sample with the column of ids as the first one, where another one has them.

    That one alone names an image in each row, each once; the first one names none, and repeats.
    """
    table, first = sample.table, sample.id
    if table[first].is_unique or any(folder.named(cell) for cell in table[first].unique()):
        return sample
    named = [
        name
        for name in sample.values
        if table[name].is_unique and all(folder.named(cell) for cell in table[name])
    ]
    if len(named) != 1:
        return sample
    order = tuple(map(str, table.columns))
    return replace(
        sample, table=table[[*named, *(x for x in order if x not in named)]], order=order
    )
