"""Labels that are the cells of two or three columns of train, joined by one sign.

sample: image,label        train: image,crop,disease,risk        image,…,label
        17,1_a9_2                 5,1,a9,2                    →  5,…,1_a9_2
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.conversions.tables.records.files_beside_images import fields_of_images
from podium.competition.infer.files import DataFolder
from podium.competition.infer.image_tables import match_if_of_train
from podium.competition.infer.readme.texts import texts_as_written
from podium.competition.infer.shares import HALF

__all__ = ["JoinedLabels", "labels_of_joined_columns"]

_SIGNS = "_-/:.+&"
"""Lists have other signs."""
_FEWEST, _MOST = 2, 3  # columns
_MOST_WAYS = 1_000  # of more, numbers fit by chance


class JoinedLabels(NamedTuple):
    """A table of train with the labels, or why there is none.

    Attributes:
        path: of the table that it is made of; "" of files beside images.
        made: the table; None where columns can be joined in several ways.
        note: for a person to check; "" without.
    """

    path: str
    made: MadeTable | None
    note: str = ""


def labels_of_joined_columns(data: CompetitionData) -> JoinedLabels | None:
    """Return a table of train with the cells of the sample's one column, joined of some of its own.

    Each cell of the sample stands in it then. No table, and no folder, has these cells as they are.
    Of several ways to join, which differ in some row, a text tells the one:
    `crop_disease_risk`.
    """
    folder, tables, sample = data.folder, data.tables, data.sample
    if sample is None or len(sample.values) != 1 or sample.has_numbers:
        return None
    [asked] = sample.values
    cells = sorted(set(sample.table[asked]) - {""})
    signs = [
        (sign, n)
        for sign in _SIGNS
        for n in range(_FEWEST, _MOST + 1)
        if cells and all(len(list(filter(None, cell.split(sign)))) == n for cell in cells)
    ]
    columns = [table[name] for table in tables.values() for name in table]
    is_known = folder.folder_names & {*cells} or any({*cells} & {*one} for one in columns)
    if not signs or is_known or any(asked in table for table in tables.values()):
        return None
    of_train = {
        path: MadeTable((path,), path, table)
        for path, table in tables.items()
        if match_if_of_train(folder, path, table) is not None
    }
    if not of_train and (fields := fields_of_images(folder)) is not None:
        of_train[""] = fields
    for path, one in of_train.items():
        for sign, n in signs:
            ways = list(_ways(one.table, cells, sign, n))
            labels = [_joined(one.table, way, sign) for way in ways]
            if not ways:
                continue
            told = _way_in_texts(folder, ways, sign)
            others = [way for way, each in zip(ways, labels, strict=True) if any(each != labels[0])]
            if told is None and others:
                note = (
                    f"{asked} of {sample.path}, as {cells[0]!r}, may join {_listed(ways[0])}, or "
                    f"{_listed(others[0])}: write train.csv with the columns {sample.id} and "
                    f"{asked}"
                )
                return JoinedLabels(path, None, note)
            k = 0 if told is None else told
            reader = f"{one.reader} with {asked}, which joins {_listed(ways[k])} by {sign!r}"
            table = one.table.assign(**{asked: labels[k]})
            return JoinedLabels(path, MadeTable(one.sources, reader, table))
    return None


def _ways(table: pd.DataFrame, cells: Sequence[str], sign: str, n: int) -> Iterator[Sequence[str]]:
    """Yield the columns of a table that give all cells, joined in this order."""
    most = max(2, HALF * len(table))
    several = {str(name): set(table[name]) for name in table}
    parts = [set(place) for place in zip(*(cell.split(sign) for cell in cells), strict=True)]
    fitting = [
        [name for name, own in several.items() if 1 < len(own) <= most and part <= own]
        for part in parts
    ]
    if math.prod(map(len, fitting)) > _MOST_WAYS:
        return
    for way in itertools.product(*fitting):
        if len({*way}) == n and {*cells} <= {*_joined(table, way, sign)}:
            yield way


def _joined(table: pd.DataFrame, way: Sequence[str], sign: str) -> pd.Series[str]:
    """Return the cells of columns, joined; blank where one of them is."""
    joined = table[way[0]].str.cat(table[list(way[1:])], sep=sign)
    return joined.where((table[list(way)] != "").all(axis=1), "")


def _listed(way: Sequence[str]) -> str:
    return f"{', '.join(way[:-1])} and {way[-1]}"


def _way_in_texts(folder: DataFolder, ways: Sequence[Sequence[str]], sign: str) -> int | None:
    """Return which of some ways a text has by the names of its columns, or by the ends of these."""
    texts = "\n".join(text for _, text in texts_as_written(folder))
    named = re.findall(rf"\w+(?:{re.escape(sign)}\w+)*", texts)
    found = [
        k
        for k, way in enumerate(ways)
        if any(all(_ends_of(way, one.split(sign), sign)) for one in named)
    ]
    return found[0] if len(found) == 1 else None


def _ends_of(way: Sequence[str], words: Sequence[str], sign: str) -> Iterator[bool]:
    """Yield whether each column is called as its word is, or ends so behind a sign."""
    yield len(way) == len(words)
    for name, word in zip(way, words, strict=False):
        yield name == word or name.endswith(f"_{word}")
