"""Tables with a row for each label of a folder of images, where the sample has a row a folder.

seen.csv: visit,kind      visits.csv: visit,place      train/v1/1.png, 2.png …    sample: visit,kind
          v1,fox                      v1,bay       →   visits.csv with kind: v1,bay,fox;hare
          v1,hare                     v2,hill                                v2,hill,
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import pandas as pd

from podium.competition.infer.classes.lists import read_class_lists
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.conversions.tables.rows.present_rows import may_deny, names_people
from podium.competition.infer.conversions.tables.rows.several_rows import NUMBER
from podium.competition.infer.files import may_be_train_table
from podium.competition.infer.ids.paths import names_units
from podium.competition.infer.image_tables import match_of_train
from podium.competition.infer.labels.column_names import column_spelt_as, named_columns
from podium.competition.infer.labels.lists import unused_sign
from podium.competition.infer.labels.negatives import is_called_none
from podium.competition.infer.readme.claims import readme_absent_rows, readme_no_classes
from podium.competition.infer.sample.shown_cells import shown_cells
from podium.competition.infer.sample.submission import SampleSubmission
from podium.errors import DataError, plural, some

__all__ = ["LabelsOfFolders", "labels_of_folders"]

_MOST_LABELS = 500
_LEAST_SHARE = 0.1  # of the folders that have several labels: fewer may be mistakes
_SIGNS = (";", ",", "|", " ")


class LabelsOfFolders(NamedTuple):
    """A table with a row a folder, and its labels in one cell.

    Attributes:
        path: of the table that it stands for: of the folders, or without one of the labels.
        rows: the path of the table with a row for each label.
        made: the table; a folder without a label has a blank cell.
        note: that the sign between labels to send is shown nowhere; "" where it is.
    """

    path: str
    rows: str
    made: MadeTable
    note: str


class _Rows(NamedTuple):
    """A table with a row for each label of a folder, with its columns of folders and of labels."""

    path: str
    table: pd.DataFrame
    key: str
    label: str


def labels_of_folders(data: CompetitionData, named: str | None) -> LabelsOfFolders | None:
    """Return a table with a row a folder, where another has one for each of its labels; or None.

    The sample submission has a row a folder and one column, of labels. No row of a folder and a
    label stands twice, as one of two opinions may, and no other column may deny that a label is
    there. A tenth of the folders have several labels, or cells to send show some.

    A table with a row for each folder of train, and no labels, has those without a label, too.

    Args:
        data: without masks.
        named: the column of the labels, where a person names it.

    Raises:
        DataError: folders have no row of a label, and nothing tells that these show none.
    """
    sample = data.sample
    if sample is None or len(sample.values) != 1 or not sample.table[sample.id].is_unique:
        return None
    found = []
    for path, table in data.tables.items():
        if not may_be_train_table(path) or match_of_train(data.folder, path, table) is not None:
            continue
        label = _label_column(table, sample, named)
        keys = [str(one) for one in table if one != label] if label else []
        sent = {*sample.table[sample.id]}
        found += [
            _Rows(path, table, key, label)
            for key in keys
            if not table[key].is_unique and sent.isdisjoint(table[key])
            if _are_labels(table, key, label) and not _may_be_opinions(table, key, label)
        ]
    rows = [(one, register) for one in found if (register := _register(data, one)) is not None]
    return _joined(data, sample, *rows[0]) if len(rows) == 1 else None


def _label_column(table: pd.DataFrame, sample: SampleSubmission, named: str | None) -> str:
    """Return the column of the labels that are to be sent; "" without one."""
    if named is not None:
        return next(iter(named_columns(named, table.columns)), "")
    return column_spelt_as(sample.values[0], [str(one) for one in table])


def _are_labels(table: pd.DataFrame, key: str, label: str) -> bool:
    """Return whether cells are a few names, each once for a key, of which some have several."""
    cells = table[label]
    if not 1 < cells.nunique() <= min(_MOST_LABELS, len(table) // 2) or cells.eq("").any():
        return False
    if cells.str.fullmatch(NUMBER).any() or table.duplicated([key, label]).any():
        return False
    # All labels of all folders are what is known of each, as its sides are.
    return bool(cells.nunique() * table[key].nunique() != len(table))


def _may_be_opinions(table: pd.DataFrame, key: str, label: str) -> bool:
    """Return whether rows may be votes on one label, or deny theirs."""
    others = [str(one) for one in table if one not in (key, label)]
    return any(names_people(one) or may_deny(table[one]) for one in others)


def _register(data: CompetitionData, rows: _Rows) -> str | None:
    """Return the path of the table with a row for each folder of train, or of the rows themselves.

    None where the keys are no folders of train.
    """
    assert data.sample is not None
    own, sent = {*rows.table[rows.key]}, {*data.sample.table[data.sample.id]}
    known = [
        path
        for path, table in data.tables.items()
        if path != rows.path and may_be_train_table(path) and rows.key in table
        if rows.label not in table and table[rows.key].is_unique
        if own <= {*table[rows.key]} and sent.isdisjoint(table[rows.key])
    ]
    path = known[0] if len(known) == 1 else rows.path
    return path if names_units(data.folder, data.tables[path][rows.key]) else None


def _joined(
    data: CompetitionData, sample: SampleSubmission, rows: _Rows, register: str
) -> LabelsOfFolders | None:
    """Return the table of the folders with their labels in one cell, or None."""
    path, table, key, label = rows
    names = [str(one) for one in table[label].unique()]
    cells = [*sample.table[sample.values[0]], *shown_cells(data.folder, sample)[1]]
    lists = read_class_lists(cells, names)
    by_key = table.groupby(key, sort=False)
    if by_key.size().gt(1).mean() < _LEAST_SHARE and lists.sep is None:
        return None
    sign = unused_sign(names, _SIGNS)
    if sign is None:
        return None
    joined = by_key[label].agg(sign.join)
    asked = sample.values[0]
    if register == path:
        rest = [str(one) for one in table if one not in (key, label)]
        kept = [one for one in rest if by_key[one].nunique().eq(1).all()]
        base = table.drop_duplicates(key)[[key, *kept]].reset_index(drop=True)
        left = [one for one in rest if one not in kept]
    else:
        base, left = data.tables[register], [str(one) for one in table if one not in (key, label)]
        left = [one for one in left if one not in base]
    if asked in base:
        return None
    wide = base.assign(**{asked: base[key].map(joined).fillna("")}).astype(object)
    told = f"{register} with the {label} of each {key} in one cell"
    told += f", of {path}" if register != path else ""
    told += f", without {some(left)}" if left else ""
    if n := int(wide[asked].eq("").sum()):
        why = _why_none(data, rows, cells)
        if not why:
            raise _no_labels(data, rows, register, [*base[key][wide[asked].eq("")]])
        told += f"; {plural(n, key)} without such a row {'has' if n == 1 else 'have'} none: {why}"
    sources = (register,) if register == path else (register, path)
    note = "" if lists.sep is not None else _note_of_sign(sample, sign)
    return LabelsOfFolders(register, path, MadeTable(sources, told, wide), note)


def _note_of_sign(sample: SampleSubmission, sign: str) -> str:
    """Return that nothing shows the sign between labels of a cell to send."""
    return (
        f"no cell of {sample.path} has several labels, and no text shows a row that has: write "
        f"what stands between two as submission.sep, where it is not {sign!r}"
    )


def _why_none(data: CompetitionData, rows: _Rows, cells: Sequence[str]) -> str:
    """Return what tells that a folder may have none of the labels; "" where nothing does."""
    told = readme_absent_rows(data.folder, [rows.path])
    told = told or readme_no_classes(data.folder, rows.label)
    word = _word_for_none({*cells}, {*rows.table[rows.label]})
    return told or (f"{word!r} is sent for such" if word else "")


def _word_for_none(cells: Collection[str], names: Collection[str]) -> str:
    """Return the one cell to send that is called as none of the labels; "" without one."""
    found = [one for one in cells if one and one not in names and is_called_none(one)]
    return found[0] if len(found) == 1 else ""


def _no_labels(
    data: CompetitionData, rows: _Rows, register: str, without: Sequence[str]
) -> DataError:
    """Return the error that folders have no label, and may have none or be unlabelled."""
    has, show = ("has", "it shows") if len(without) == 1 else ("have", "they show")
    return DataError(
        f"{plural(len(without), rows.key)} of {register} {has} no row in {rows.path}, as "
        f"{without[0]!r}: nothing tells whether {show} none of its {rows.label}, or nobody looked",
        where=data.folder.path / rows.path,
        fix=f"leave these out of {register}, or write in a text beside the data that what is not "
        f"in {rows.path.rpartition('/')[2]} shows none",
    )
