"""Labels of a table that names no image, joined by the key that it shares with one of images.

lesions:   lesion,clinical photo,dermoscopy photo     →  lesion,clinical photo,…,histology
diagnoses: lesion,histology

frames: herd,image    labels: herd,hen,duck     →  herd,image,hen,duck

x_train: number,image    y_train: number,kind    x_test: number,image    →  number,image,kind

photos: photo,find    finds: find,species,split    species: species,family   →  photo,find,…,family

photos: photo,farm,pear    pears: farm,pear,grade    grades: grade,code   →  photo,farm_pear,code
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import FolderPart, is_test_table, may_be_train_table
from podium.competition.infer.ids.keys import without_common_start
from podium.competition.infer.image_tables import match_images
from podium.competition.infer.labels.cells import is_bits
from podium.competition.infer.labels.column_names import is_label_name, named_columns
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.languages import is_called
from podium.errors import some

__all__ = [
    "CodesByKeys",
    "with_codes_by_keys",
    "with_labels_by_key",
    "with_labels_by_two_keys",
]

_ANY: tuple[FolderPart, ...] = ("train", "other", "test", "holdout")


def with_labels_by_key(data: CompetitionData, label: str | None) -> tuple[str, MadeTable] | None:
    """Return a table of images with the columns of the one that labels its keys, or None.

    A row names several images, as photographs of one lesion by two devices, or a person named the
    column, or all answers of train lie in a table of their own. Each key stands once in the table
    of labels, which has no row of what is to be predicted, and one of all others: where some of
    train had no label, blank cells would be read.

    Args:
        label: the column to predict, where a person named it.

    Returns:
        The path of the table of images, and the wider table as it is to be written.
    """
    tables, sample = data.tables, data.sample
    of_images = {
        path: match
        for path, table in tables.items()
        if (match := match_images(data.folder, path, table, _ANY)) is not None
    }
    sent = set[str]() if sample is None else set(sample.table[sample.id])
    for path, labels in tables.items():
        column = _label_column(labels, sample, label)
        if path in of_images or column is None or not may_be_train_table(path):
            continue
        for by, match in of_images.items():
            images = match.table
            if column in images or (label is None and not match.several):
                continue
            for key in map(str, labels):
                if key not in images or key == column or not labels[key].is_unique:
                    continue
                known = set(labels[key])
                rest = images[~images[key].isin(known)]
                is_of_rows = images[key].is_unique or label is not None
                if not is_of_rows or not known <= set(images[key]) or known & sent:
                    continue
                if not _are_to_predict(rest, sent):
                    continue
                new = [key, *(one for one in labels if one not in images)]
                return by, _joined(by, images, path, labels[new], key, column)
    is_told = sample is not None or label is not None
    for path, answers in tables.items():
        if path in of_images or len(answers.columns) != 2 or not may_be_train_table(path):
            continue
        if is_told and _label_column(answers, sample, label) != answers.columns[1]:
            continue
        if (found := _with_answers_apart(path, answers, tables)) is not None:
            return found
    of_rows = {by: match.table for by, match in of_images.items() if not match.several}
    return None if is_told else _with_labels_of_series(of_rows, tables)


def with_labels_by_two_keys(data: CompetitionData) -> tuple[str, MadeTable] | None:
    """Return a table of images with the answers that a third table has for keys of a second one.

    Rows of the first have the images, and all ids of the sample submission. The second has a row
    for each key of theirs, and the third one for each key of that row; those of rows to predict are
    blank. Whole numbers may be written as 7.0.

    Args:
        data: as of `with_labels_by_key`.

    Returns:
        The path of the table of images, and the wider table as it is to be written.
    """
    tables, sample = data.tables, data.sample
    if sample is None or len(sample.values) != 1:
        return None
    answer, sent = sample.values[0], set(sample.table[sample.id])
    third = {path: one for path, one in tables.items() if answer in one}
    for by, images in tables.items() if third else ():
        if sample.id not in images or by in third or not sent <= set(images[sample.id]):
            continue
        match = match_images(data.folder, by, images, _ANY)
        if match is None or match.several:
            continue
        images = images.reset_index(drop=True)
        is_sent = images[sample.id].isin(sent)
        for second, rows in tables.items():
            first_key = _shared_key(images, rows) if second not in (by, *third) else None
            if first_key is None:
                continue
            new = [first_key, *(one for one in rows if one not in images)]
            wide = _by_plain_key(images, rows[new], first_key)
            for path, answers in third.items():
                key = _shared_key(wide[~is_sent], answers)
                if key is None or key in images or wide[key][is_sent].any():
                    continue
                # What the key groups are images of one answer.
                table = _by_plain_key(wide, answers[[key, answer]], key).drop(columns=key)
                reader = (
                    f"{by} with {answer} of {path} for each {key} of {second}, which has one for "
                    f"each {first_key}"
                )
                return by, MadeTable((by, second, path), reader, table.astype(object))
    return None


@dataclass(frozen=True)
class CodesByKeys:
    """A table of images with the codes of a legend for what a second table has for their keys.

    Attributes:
        path: of the table of images.
        made: as it is to be written.
        key: the column of it by which images have one answer.
    """

    path: str
    made: MadeTable
    key: str


def with_codes_by_keys(data: CompetitionData, label: str | None) -> CodesByKeys | None:
    """Return a table of images with the codes that are sent for what a table has for their keys.

    That one has a row for each key, which is one column, or several together, as pears have numbers
    of their own on each farm; a few images may have none. What it has for them, in a column that no
    table of test has, are the words that a third table has codes for, those of the sample among
    them. Where a person named the column, or several keys lead to the sample's own, its cells are
    taken as they are.

    Args:
        data, label: as of `with_labels_by_key`.

    Returns:
        The table, where one alone is possible; None else.
    """
    tables, sample = data.tables, data.sample
    if label is None and (sample is None or len(sample.values) != 1):
        return None
    legends = _legends_of_columns(data, label)
    found = []
    for by, images in tables.items() if legends else ():
        match = match_images(data.folder, by, images, ("train", "other"))
        if match is None or match.several or not may_be_train_table(by) or is_test_table(by):
            continue
        for path, each in legends.items():
            own = [one for one in each if one.column not in images and one.path != by]
            if path != by and own and (keys := _keys_together(images, tables[path])):
                # Labels of one key are joined above, or by `data.train.join`.
                is_new = label is not None or len(keys) > 1
                found += [(by, path, keys, *one) for one in own if one.path or is_new]
    if len(found) != 1:
        return None
    by, path, keys, column, legend, codes = found[0]
    key, images = "_".join(keys), tables[by]
    asked = column if label is not None or sample is None else sample.values[0]
    if asked in images or (len(keys) > 1 and key in images):
        return None
    cells = dict(zip(_joined_cells(tables[path], keys), tables[path][column], strict=True))
    joined = _joined_cells(images, keys)
    wide = images.assign(**{key: joined})
    wide[asked] = [codes.get(cells.get(one, ""), "") for one in joined]
    told = f"{by} with {column} of {path} for each {' and '.join(keys)}"
    if legend:
        shown = some([f"{code} for {name}" for name, code in codes.items()])
        told += f", by the codes of {legend}: {shown}"
    sources = (by, path, *([legend] if legend else []))
    return CodesByKeys(by, MadeTable(sources, told, wide.astype(object)), key)


def _keys_together(images: pd.DataFrame, answers: pd.DataFrame) -> list[str]:
    """Return the fewest columns by which another table has one row for nearly each image; or []."""
    shared = [str(one) for one in images if one in answers]
    for n in range(1, min(len(shared), _MOST_KEYS) + 1):
        for keys in map(list, combinations(shared, n)):
            theirs = _joined_cells(answers, keys)
            own = _joined_cells(images, keys)
            if theirs.is_unique and not own.is_unique and own.isin(theirs).mean() >= _NEARLY_ALL:
                return keys
    return []


_MOST_KEYS = 3
_NEARLY_ALL = 0.9


def _joined_cells(table: pd.DataFrame, keys: Sequence[str]) -> pd.Series[str]:
    """Return the cells of columns as one text, with `_` between; 7.0 is 7."""
    first, *rest = (_plain_numbers(table[one].astype(str)) for one in keys)
    for one in rest:
        first = first.str.cat(one, sep="_")
    return first


class _Legend(NamedTuple):
    """What is sent for the words of a column.

    Attributes:
        column: that has the words.
        path: of the table that has a code for each word; empty: the words themselves are sent.
        codes: by word.
    """

    column: str
    path: str
    codes: dict[str, str]


def _legends_of_columns(data: CompetitionData, label: str | None) -> dict[str, list[_Legend]]:
    """Return the legends of columns that no table of test has, by table.

    The column that is asked for is sent as it is.
    """
    of_test = {str(column) for one in data.test_tables.values() for column in one}
    asked = label or (data.sample.values[0] if data.sample is not None else "")
    tables = {path: one for path, one in data.tables.items() if not is_test_table(path)}
    coded = _columns_of_codes(tables, data.sample) if label is None else []
    found = {}
    for path, table in tables.items():
        each = list[_Legend]()
        for column in map(str, table):
            if column in of_test:
                continue
            if column == asked:
                words = {*table[column]} - {""}
                each.append(_Legend(column, "", dict(zip(words, words, strict=True))))
            else:
                rest = [one for one in coded if one[0] != path and one[1] != column]
                each += _legends(column, table[column], tables, rest)
        if each:
            found[path] = each
    return found


def _columns_of_codes(
    tables: Mapping[str, pd.DataFrame], sample: SampleSubmission | None
) -> list[tuple[str, str]]:
    """Return the columns, each after its table, that have all that the sample sends once each."""
    if sample is None:
        return []
    asked, sent = sample.values[0], {*sample.table[sample.values[0]]}
    is_any = is_label_name(asked)
    return [
        (path, str(key))
        for path, table in tables.items()
        if len(table) <= _MOST_CODES
        for key in table
        if (is_any or key == asked) and sent <= {*table[key]}
        if table[key].is_unique and table[key].str.isalnum().all()
    ]


def _legends(
    column: str,
    cells: pd.Series[str],
    tables: Mapping[str, pd.DataFrame],
    coded: Sequence[tuple[str, str]],
) -> Iterator[_Legend]:
    """Yield the legends, of tables with a column of codes, that have each word of a column."""
    if not coded:
        return
    words = {*cells} - {""}
    for path, key in coded if len(words) >= _FEWEST else ():
        legend = tables[path]
        if column in legend and legend[column].is_unique and words <= {*legend[column]}:
            yield _Legend(column, path, dict(zip(legend[column], legend[key], strict=True)))


_FEWEST, _MOST_CODES = 2, 100  # words, and rows of a legend


def _by_plain_key(rows: pd.DataFrame, others: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return rows with the columns that others have for their keys; 7.0 is the key 7."""
    plain = others.assign(**{key: _plain_numbers(others[key])}).set_index(key)
    found = plain.reindex(_plain_numbers(rows[key])).fillna("").set_axis(rows.index)
    return pd.concat([rows, found], axis=1)


def _shared_key(rows: pd.DataFrame, others: pd.DataFrame) -> str | None:
    """Return the one column by which another table has a row for each of these; None without it."""
    found = []
    for key in map(str, rows):
        if key not in others:
            continue
        theirs = _plain_numbers(others[key])
        if theirs.is_unique and set(_plain_numbers(rows[key])) <= set(theirs) - {""}:
            found.append(key)
    return found[0] if len(found) == 1 else None


def _plain_numbers(cells: pd.Series[str]) -> pd.Series[str]:
    """Return cells whose whole numbers have no point, as 7.0 has."""
    return cells.str.replace(r"^(-?\d+)\.0+$", r"\1", regex=True)


def _with_labels_of_series(
    of_images: Mapping[str, pd.DataFrame], tables: Mapping[str, pd.DataFrame]
) -> tuple[str, MadeTable] | None:
    """Return a table of images with what the one table called as labels has for each series.

    That one has a row a series, of which rows of images have several: its key, and columns of 0 and
    1 alone, or one column. It has all series and no other, and no column of the images is called as
    a label. Tables by other names tell what is known of a patient, or of a place.

    Args:
        of_images: the tables whose rows name an image each, by path.
    """
    found = []
    for path, labels in tables.items():
        if path in of_images or not is_called(Path(path).stem, "label"):
            continue
        for by, images in of_images.items():
            shared = [str(one) for one in labels if one in images]
            rest = [str(one) for one in labels if one not in images]
            if len(shared) != 1 or not rest or any(map(is_label_name, map(str, images))):
                continue
            [key] = shared
            are_marks = len(rest) > 1 and all(is_bits(labels[one]) for one in rest)
            is_of_series = labels[key].is_unique and not images[key].is_unique
            if not is_of_series or not (are_marks or len(rest) == 1):
                continue
            if may_be_train_table(by) and set(labels[key]) == set(images[key]):
                found.append((by, _joined(by, images, path, labels, key, some(rest))))
    return found[0] if len(found) == 1 else None


def _with_answers_apart(
    path: str, answers: pd.DataFrame, tables: Mapping[str, pd.DataFrame]
) -> tuple[str, MadeTable] | None:
    """Return a table of train with its answers, which lie in a table of their own; or None.

    That one has a key and one more column, and a row for each row of train. A table of test has the
    same columns as that of train, and other keys.
    """
    key, column = map(str, answers.columns)
    of_test = [table for one, table in tables.items() if is_test_table(one)]
    for by, own in tables.items():
        if key not in own or column in own or is_test_table(by) or not own[key].is_unique:
            continue
        alike = [one[key] for one in of_test if list(one.columns) == list(own.columns)]
        are_apart = bool(alike) and all(set(one).isdisjoint(own[key]) for one in alike)
        if are_apart and sorted(own[key]) == sorted(answers[key]):
            return by, _joined(by, own, path, answers, key, column)
    return None


def _joined(
    by: str, rows: pd.DataFrame, path: str, labels: pd.DataFrame, key: str, column: str
) -> MadeTable:
    """Return the rows of a table with the columns that another one has for their keys."""
    wide = rows.merge(labels, on=key, how="left", validate="m:1").fillna("")
    reader = f"{by} with {column} of {path} for each {key or 'row'}"
    return MadeTable((by, path), reader, wide.astype(object))


def _label_column(
    labels: pd.DataFrame, sample: SampleSubmission | None, label: str | None
) -> str | None:
    """Return the column of a table that holds what is asked for, or None."""
    if label is not None:
        return next(iter(named_columns(label, labels.columns)), None)
    return None if sample is None else _answer_column(labels, sample)


def _answer_column(table: pd.DataFrame, sample: SampleSubmission) -> str | None:
    """Return the column whose values are the answers that a sample asks for, or None.

    It is called as the one column of the sample, or its values are those that the columns of the
    sample are called by.

    Example:
        >>> sample = SampleSubmission("s.csv", pd.DataFrame({"id": ["7"], "BCC": 1, "MEL": 0}))
        >>> _answer_column(pd.DataFrame({"lesion": ["1", "2"], "kind": ["mel", "bcc"]}), sample)
        'kind'
    """
    if len(sample.values) == 1:
        return sample.values[0] if sample.values[0] in table else None
    asked = [_as_set(sample.values), _as_set(without_common_start(sample.values))]
    return next((one for one in map(str, table) if _as_set(table[one]) in asked), None)


def _as_set(cells: pd.Series[str] | Sequence[str]) -> set[str]:
    """Return cells that are not blank, each once, in small letters."""
    return {str(cell).lower() for cell in cells if cell != ""}


def _are_to_predict(rows: pd.DataFrame, sent: set[str]) -> bool:
    """Return whether each row has an id of the sample, in one column, or there are none."""
    return rows.empty or any(set(rows[one]) <= sent for one in rows)
