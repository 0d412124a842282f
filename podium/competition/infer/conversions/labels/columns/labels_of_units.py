"""Labels of folders of images that the sample submission has a row of each: studies, places.

train/s_01/7.png, 8.png …    labels.json: {"of": [{"study": "s_01", "found": {"tear": 1}}, …]}
test/s_90/3.png, 4.png …     patients.csv: study,patient      →  study,tear,patient
                             sample: study,tear

The table, or the records, with what is asked for gets the columns of tables that have its folders.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import LARGEST, MadeTable
from podium.competition.infer.conversions.tables.records.nested_records import tables_of_records
from podium.competition.infer.conversions.tables.records.record_files import (
    content_of,
    is_record_file,
)
from podium.competition.infer.files import DataFolder, FolderPart, is_test_table
from podium.competition.infer.shares import NEARLY_ALL
from podium.competition.truths.targets import MISSING_NUMBERS
from podium.errors import plural, some

__all__ = ["LabelsOfUnits", "labels_of_units"]

_BITS = frozenset({"0", "1"})


class LabelsOfUnits(NamedTuple):
    """A table of folders of images, with their labels.

    Attributes:
        stem: of the file that has the labels.
        made: the table, without rows of which some labels of 0 and 1 are unknown.
        with_zeros: the table with them, with 0 for what is unknown; None where there are none.
        used: paths of the tables that it is made of.
    """

    stem: str
    made: MadeTable
    with_zeros: MadeTable | None
    used: tuple[str, ...]


def labels_of_units(data: CompetitionData) -> LabelsOfUnits | None:
    """Return the labels of folders of images of train; None where one table has all there is.

    The ids to send are names of folders of test, of several images each.
    """
    tables, sample = data.tables, data.sample
    if sample is None or not sample.table[sample.id].is_unique:
        return None
    sent = {*sample.table[sample.id]}
    test, units = _names_of_folders(data.folder, "test"), _names_of_folders(data.folder, "train")
    if not units or not sent <= {*test} or sent & {*units} or len(test) <= len({*test}):
        return None
    names = {*units}
    for path, table in _candidates(data):
        key = _key_of(table, names)
        columns = None if key is None else _columns_to_send(table, sample.values)
        if key is None or columns is None or sent & {*table[key]}:
            continue
        labels = table[table[key].isin(names)].rename(columns=columns).reset_index(drop=True)
        wide, beside = _with_facts(labels, key, path, tables)
        if not beside and path in tables:
            return None
        return _labels(path, beside, wide, sample.values, tables)
    return None


def _names_of_folders(folder: DataFolder, part: FolderPart) -> list[str]:
    """Return the name of the folder of each image."""
    return [image.folder.rpartition("/")[2] for image in folder.of_part(part)]


def _candidates(data: CompetitionData) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the tables that may be of train, and those of records."""
    folder = data.folder
    yield from ((path, one) for path, one in data.tables.items() if not is_test_table(path))
    for path in filter(is_record_file, folder.others):
        file = folder.path / path
        if not is_test_table(path) and file.stat().st_size <= LARGEST:
            for one in tables_of_records(folder, content_of(file)).values():
                yield path, one


def _key_of(table: pd.DataFrame, units: set[str]) -> str | None:
    """Return the column with a row for nearly each folder; None without one."""
    for key in map(str, table):
        if table[key].is_unique and len(units & {*table[key]}) >= NEARLY_ALL * len(units):
            return key
    return None


def _columns_to_send(table: pd.DataFrame, asked: Sequence[str]) -> dict[str, str] | None:
    """Return what columns are called in the sample; None where it has one that is of none.

    That of a record in records may have the names of these in front: `found_tear`.
    """
    found = {}
    for name in asked:
        alike = [one for one in map(str, table) if one == name or one.endswith(f"_{name}")]
        alike = [name] if name in alike else alike
        if len(alike) != 1:
            return None
        found[alike[0]] = name
    return found if len(found) == len(asked) else None


def _with_facts(
    labels: pd.DataFrame, key: str, path: str, tables: Mapping[str, pd.DataFrame]
) -> tuple[pd.DataFrame, list[str]]:
    """Return labels with the columns that other tables have for their keys, and the paths."""
    beside = []
    for other, facts in tables.items():
        if other == path or key not in facts or not facts[key].is_unique:
            continue
        if {*labels[key]} <= {*facts[key]}:
            new = [key, *(one for one in facts if one not in labels)]
            labels = labels.merge(facts[new], on=key, how="left", validate="1:1")
            beside.append(other)
    return labels, beside


def _labels(
    path: str,
    beside: Sequence[str],
    table: pd.DataFrame,
    asked: Sequence[str],
    tables: Mapping[str, pd.DataFrame],
) -> LabelsOfUnits:
    cells = table[[*asked]]
    is_unknown = cells.isin(list(MISSING_NUMBERS))
    are_bits = (cells.isin(list(_BITS)) | is_unknown).all(axis=None)
    some_known = is_unknown.any(axis=1) & ~is_unknown.all(axis=1)
    reader = f"{path}, a row for each folder of images"
    if beside:
        reader += f", with the columns of {some(beside)}"
    sources = (path, *beside)
    used = tuple(one for one in sources if one in tables)
    stem = Path(path).stem
    if not are_bits or not some_known.any():
        return LabelsOfUnits(stem, MadeTable(sources, reader, table), None, used)
    columns = some([name for name in asked if is_unknown[name][some_known].any()])
    n = plural(int(some_known.sum()), "row")
    filled = cells.mask(is_unknown & some_known.to_numpy()[:, None], "0")
    zeros = table.assign(**{one: filled[one] for one in asked})
    kept = table[~some_known].reset_index(drop=True)
    without = f"{reader}; {n} without {columns}, which nobody may have looked for, left out"
    with_zeros = MadeTable(sources, f"{reader}; {n} with 0 for unknown {columns}", zeros)
    return LabelsOfUnits(stem, MadeTable(sources, without, kept), with_zeros, used)
