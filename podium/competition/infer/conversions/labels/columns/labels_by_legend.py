"""Labels of train that another table maps to the classes that the sample submission asks for.

field,taxon                     taxon,family                     field,family
7,Alnus glutinosa     and       Alnus glutinosa,Betulaceae   →   7,Betulaceae
7,Betula pendula                Betula pendula,Betulaceae        7,Poaceae
7,Lolium perenne                Lolium perenne,Poaceae           for field,Betulaceae,Poaceae
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.conversions.tables.rows.present_rows import (
    are_probabilities,
    may_deny,
    names_people,
)
from podium.competition.infer.files import is_test_table
from podium.competition.infer.image_tables import ImageTable, match_if_of_train
from podium.competition.infer.labels.cells import numbers_of
from podium.competition.infer.labels.lists import separator_between, split_cells
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.shares import HALF
from podium.errors import DataError, plural, some

__all__ = ["MappedLabels", "labels_by_legend"]

_MOST_LABELS = 1000
_FEWEST_LABELS = 2


@dataclass(frozen=True)
class MappedLabels:
    """A table of train whose labels are those of a legend.

    Attributes:
        path: of the table that it stands for.
        made: with a column of the legend in place of the labels.
    """

    path: str
    made: MadeTable


@dataclass(frozen=True)
class _Legend:
    """The columns of a table by which labels of train have other names."""

    match: ImageTable
    label: str
    """The column of train."""
    sep: str
    """The sign between the labels of a cell; "" where a cell holds one."""
    path: str
    key: str
    value: str
    names: Mapping[str, str]
    """What each key of the legend is mapped to."""
    lacking: tuple[str, ...]
    """Labels of train that are no keys."""


def labels_by_legend(data: CompetitionData, label: str | None) -> MappedLabels | None:
    """Return a table of train whose labels are mapped to the classes that are asked for, or None.

    A legend has a row for each label, and in another column, in which some stand several times, all
    classes of the sample submission: its columns of probabilities or of 0 and 1, or the cells of
    its one column. A label may be such a class itself. Rows of an image that have one class then
    become one, without the columns in which they differ; who gave a label stays.

    Args:
        data: with the tables of train and the legend.
        label: the column to predict, where a person named it: one of a legend.

    Raises:
        DataError: most labels have a row in the legend, and others have none.
    """
    found = list(_legends(data, label))
    if not (whole := [one for one in found if not one.lacking]):
        if len(found) == 1:
            raise _without_row(data, found[0])
        return None
    return _mapped(whole[0]) if len(whole) == 1 else None


def _legends(data: CompetitionData, label: str | None) -> Iterator[_Legend]:
    """Yield each legend of a column of train that has all classes that are asked for."""
    sent = None if label is not None else _classes_sent(data.sample)
    if sent is None and label is None:
        return
    named = {
        path: columns
        for path, table in data.tables.items()
        if not is_test_table(path) and (columns := _columns_with(table, sent, label))
    }
    of_test = {str(one) for table in data.test_tables.values() for one in table}
    for path, table in data.tables.items() if named else ():
        match = match_if_of_train(data.folder, path, table)
        if match is None or match.several:
            continue
        for column in map(str, table):
            cells = {*table[column]} - {""}
            is_few = _FEWEST_LABELS <= len(cells) <= _MOST_LABELS
            if column == match.id or column in of_test or not is_few:
                continue
            for other, columns in named.items():
                if other != path:
                    for value, asked in columns.items():
                        found = _Column(match, column, frozenset(cells), value, asked)
                        yield from _with_keys(found, other, data.tables[other])


def _columns_with(
    table: pd.DataFrame, sent: frozenset[str] | None, label: str | None
) -> dict[str, frozenset[str]]:
    """Return the columns of a table that have all classes that are asked for, with these."""
    found = dict[str, frozenset[str]]()
    for one in map(str, table):
        if label is not None:
            found |= {one: frozenset[str]()} if one == label else {}
        elif sent is not None:
            values = {*table[one]}
            _, asked = _labels_in(sent, values)
            found |= {one: frozenset(asked)} if asked <= values else {}
    return found


@dataclass(frozen=True)
class _Column:
    """A column of train, and one of another table with the classes that are asked for."""

    match: ImageTable
    label: str
    cells: frozenset[str]
    value: str
    asked: frozenset[str]


def _with_keys(found: _Column, path: str, table: pd.DataFrame) -> Iterator[_Legend]:
    """Yield each column of a table by which labels have the classes of another one there."""
    value, asked = found.value, found.asked
    if value in found.match.table:
        return
    for key in (str(one) for one in table if one != value):
        sep, labels = _labels_in(found.cells, {*table[key], *asked} - {""})
        lacking = tuple(sorted(labels - {*table[key], *asked}))
        # A class may be a label, too, and has then no other name.
        if len(lacking) > (1 - HALF) * len(labels) or labels <= asked:
            continue
        rows = table.loc[table[key].ne(""), [key, value]].drop_duplicates()
        is_legend = rows[key].is_unique and not rows[value].is_unique
        if not is_legend or rows[value].eq("").any():
            continue
        names = {one: one for one in asked} | dict(zip(rows[key], rows[value], strict=True))
        if all(names[one] == one for one in asked):
            yield _Legend(found.match, found.label, sep, path, key, value, names, lacking)


def _labels_in(cells: Collection[str], keys: Collection[str]) -> tuple[str, set[str]]:
    """Return the sign by which cells list keys, "" where each is one label, and the labels."""
    sign = None if {*cells} <= {*keys} else separator_between(cells, keys)
    if sign is None:
        return "", {*cells}
    return sign, {part for one in split_cells(cells, sign) for part in one}


def _classes_sent(sample: SampleSubmission | None) -> frozenset[str] | None:
    """Return the classes that a sample asks for: its columns, or the cells of its one column."""
    if sample is None:
        return None
    if len(sample.values) > 1:
        return frozenset(sample.values) if are_probabilities(sample) else None
    cells = sample.table[sample.values[0]]
    known = {*cells} - {""}
    if len(known) < _FEWEST_LABELS or numbers_of(cells) is not None:
        return None
    return frozenset(known)


def _mapped(found: _Legend) -> MappedLabels | None:
    """Return the table of train with the classes of a legend; None where rows may deny one."""
    match, sep = found.match, found.sep
    name = found.value
    given = match.table[found.label]
    cells = [found.names.get(cell, "") for cell in given]
    if sep:
        labels = split_cells(given, sep)
        cells = [sep.join(dict.fromkeys(found.names[one] for one in row)) for row in labels]
    is_once = not sep and match.table[match.id].is_unique
    # A label of each image may be a place or a person, whose rows are to stay together.
    table = match.table if is_once else match.table.rename(columns={found.label: name})
    table = table.assign(**{name: cells})
    told = f"{match.path} with {name} of {found.path} for each {found.label}"
    if not sep and table.duplicated([match.id, name]).any():
        others = [str(one) for one in table if one not in (match.id, name)]
        if any(may_deny(table[one]) for one in others):
            return None
        by_class = table.groupby([match.id, name])
        differ = [
            one for one in others if not names_people(one) and by_class[one].nunique().max() > 1
        ]
        once = table.drop(columns=differ).drop_duplicates().reset_index(drop=True)
        told += f": {plural(len(table) - len(once), 'row')} of one image and one {name} less"
        told += f", without {some(differ)}" if differ else ""
        table = once
    return MappedLabels(match.path, MadeTable((match.path, found.path), told, table))


def _without_row(data: CompetitionData, found: _Legend) -> DataError:
    """Return the refusal of labels that have no row in the legend of all others."""
    n = plural(len(found.lacking), "label")
    has = "has" if len(found.lacking) == 1 else "have"
    return DataError(
        f"{n} of {found.label} in {found.match.path} {has} no row in {found.path}, whose "
        f"{found.value} has the classes to predict: {some(found.lacking)}",
        where=data.folder.path / found.path,
        fix=f"write their rows of {found.key} and {found.value} in a copy of the data, or spell "
        "them alike in both tables; rows of what is no class are to be left out of "
        f"{found.match.path}",
    )
