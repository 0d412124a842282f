"""Tables with a row for each object of an image, whose number the sample submission asks for.

photo,x,y           photo,count
p1,12,30       →    p1,2
p1,14,44            p2,0

photo,bbox,kind               photo,1,2
p1,"[1, 2, 8, 9]",1.0    →    p1,1,0         for p9_1,0
p2,,                          p2,0,0             p9_2,0
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.labels.counts.annotated_labels import (
    classes_of_rows,
    labels_of_columns,
    text_asks_how_many,
)
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.conversions.tables.rows.number_rows import measured_rows
from podium.competition.infer.conversions.tables.rows.several_rows import (
    NUMBER,
    box_columns,
    place_columns,
    unnamed_box_columns,
)
from podium.competition.infer.files import DataFolder, may_be_train_table
from podium.competition.infer.image_tables import ImageTable, match_of_train
from podium.competition.infer.labels.cells import has_fractions
from podium.competition.infer.labels.columns import possible_labels
from podium.competition.infer.parts.train import TrainPart
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.shares import HALF
from podium.competition.languages import is_called
from podium.competition.spelling import name_words, plain_spelling, singular_words
from podium.competition.truths.marks import read_marks
from podium.errors import DataError, plural, some
from podium.tasks.protocols.find import image_kind

__all__ = ["as_counts", "count_rows"]

_MOST_AGAIN = 0.1
"""The largest share of rows that stand twice: of more, equal rows may be meant."""


def count_rows(data: CompetitionData) -> tuple[str, MadeTable] | None:
    """Return the path of a table of places in images, and the number of its rows by image; or None.

    The sample submission asks for one number that no table has and that is called a count or as the
    objects are, or has a column, or rows, for each class of the objects. One that is called as a
    class is the number of its objects: `n_seals` beside seals and gulls. Ids of the sample may end
    with the class, where a text states that the number is a count. Images without a row, that the
    sample does not name, have none of them; nobody annotated these where others have a row without
    a place.

    Raises:
        DataError: nothing tells that the number asked for is that of the rows.
    """
    folder, tables, sample = data.folder, data.tables, data.sample
    if sample is None or not sample.values:
        return None
    if (by_class := _count_rows_by_class(data, sample)) is not None:
        return by_class
    if not sample.has_numbers:
        return None
    if any(set(sample.values) & {*table.columns} for table in tables.values()):
        return None
    by_row, sent = classes_of_rows(folder, sample)
    names = by_row or sample.values
    for path, table in tables.items():
        places = place_columns(table)
        may_be_counted = may_be_train_table(path) and (places or not sample.has_fractions)
        match = match_of_train(folder, path, table) if may_be_counted else None
        if match is None or match.several or table[match.id].is_unique:
            continue
        rest = [str(one) for one in table.columns if str(one) not in (match.id, *places)]
        classes = _class_column(table, rest, names, places)
        if by_row and not (classes and places and _is_called_count(folder, sample.values[0])):
            classes = None
        if classes is None and (len(sample.values) > 1 or not places):
            continue
        if not places and (classes is None or not _are_objects(table, match.id, classes.column)):
            continue
        if classes is None and not _is_count(sample.values[0], path, table, rest):
            if any(
                other != path and _may_have_labels(folder, other, one)
                for other, one in tables.items()
            ):
                continue  # the boxes stand beside the labels
            raise DataError(
                f"{path} has {', '.join(places)} in each of {plural(len(table), 'row')}, and the "
                f"sample submission asks for {sample.values[0]}: nothing tells that it is the "
                "number of the rows of an image",
                where=folder.path / path,
                fix=f"write train.csv with the columns {sample.id} and {sample.values[0]}",
            )
        bare = _not_annotated(folder, {one: tables[one] for one in tables if one != path})
        return path, _counted(folder, match, classes, names, sent, bare)
    return None


def _is_called_count(folder: DataFolder, column: str) -> bool:
    """Return whether a column is called a count, or a text states that it is one."""
    return is_called(column, "count", "number") or text_asks_how_many(folder, column)


def _count_rows_by_class(
    data: CompetitionData, sample: SampleSubmission
) -> tuple[str, MadeTable] | None:
    """Return the number of boxes of each class, where the sample has a row of each; else None.

    All numbers of the table are the sides of a box, by their names or by themselves, and the number
    that the sample asks for has no fractions.
    """
    folder, tables = data.folder, data.tables
    if len(sample.values) != 2 or sample.table[sample.id].is_unique:
        return None
    for path, table in tables.items():
        measured = measured_rows(folder, path, table, sample)
        match = None if measured is None else match_of_train(folder, path, table)
        if measured is None or match is None or measured.quantity not in match.table:
            continue
        numbers = [one for one in sample.values if not set(sample.table[one]) <= {*measured.names}]
        if len(numbers) != 1 or any(numbers[0] in other for other in tables.values()):
            continue
        cells = sample.table[numbers[0]]
        if not cells.str.fullmatch(NUMBER).all() or has_fractions(cells):
            continue
        box = box_columns(table) or unnamed_box_columns(match, measured.numeric, folder)
        if box and set(measured.numeric) <= set(box):
            bare = _not_annotated(folder, {one: tables[one] for one in tables if one != path})
            names, sent = measured.names, list(sample.table[sample.id])
            classes = _CountedClasses(measured.quantity, dict(zip(names, names, strict=True)))
            return path, _counted(folder, match, classes, names, sent, bare)
    return None


def as_counts(train: TrainPart, path: str) -> TrainPart:
    """Return the part with labels that are numbers, where these are counts of rows or of dots.

    Args:
        train: with labels that may be taken for classes.
        path: of the table that was made of the counts; "" without.
    """
    labels, match = train.labels, train.match
    if labels is None or match is None or match.path != path or labels.kind.is_by_column:
        return train
    why = "what was counted for each image"
    counts = replace(labels, kind=image_kind("regression"), classes=[], why=why, other=None)
    return replace(train, labels=counts)


def _may_have_labels(folder: DataFolder, path: str, table: pd.DataFrame) -> bool:
    """Return whether a table of train has a row for each image, or folder of images, and labels."""
    if not may_be_train_table(path) or place_columns(table):
        return False
    match = match_of_train(folder, path, table)
    keys = [one for one in map(str, table) if table[one].isin(folder.folder_names).all()]
    keys = keys if match is None else [match.id, *match.several, *keys]
    is_row_each = any(table[one].is_unique for one in keys)
    return is_row_each and bool(possible_labels(table, keys))


def _are_objects(table: pd.DataFrame, image: str, classes: str) -> bool:
    """Return whether rows are objects without places: many of a class in one image, and no more.

    Further columns number the rows; one that has a name several times may tell whose answer it is.
    """
    others = [one for one in map(str, table) if one not in (image, classes)]
    is_again = table.duplicated([image, classes], keep=False)
    return bool(is_again.mean() >= HALF) and all(table[one].is_unique for one in others)


@dataclass(frozen=True)
class _CountedClasses:
    """The column of the classes of objects, and the class that each number is of, by its name."""

    column: str
    of: Mapping[str, str]


def _class_column(
    table: pd.DataFrame, columns: Sequence[str], names: Sequence[str], places: Sequence[str]
) -> _CountedClasses | None:
    """Return the column whose cells are called as the classes of the sample; None without.

    A single name may be called as one of several classes of objects in places.
    """
    wanted = {*map(_class_key, names)}
    objects = table[~_without_place(table, places)]
    for one in columns:
        if {*map(_class_key, objects[one])} == wanted:
            return _CountedClasses(one, {name: name for name in names})
    for one in columns if places and len(names) == 1 else ():
        labels = sorted(cell for cell in set(table[one]) if name_words(cell))
        own = labels_of_columns(names, labels) or {}
        for name, called in own.items():
            if len(called) == 1 < len(labels):
                return _CountedClasses(one, {name: called[0]})
    return None


def _class_key(cell: str) -> str:
    """Return a name of a class as others may spell it; a whole number without a point."""
    return plain_spelling(re.sub(r"^(\d+)\.0+$", r"\1", cell))


def _without_place(table: pd.DataFrame, places: Sequence[str]) -> pd.Series[bool]:
    """Return which rows are of an image in which no object is: their places are blank."""
    columns = list(places)
    blank = (table[columns] == "").all(axis="columns")
    return blank if columns else pd.Series(False, index=table.index)


def _equal_boxes(table: pd.DataFrame, places: Sequence[str]) -> pd.Series[bool]:
    """Return which rows are there already, where they are boxes; none where many are.

    Two objects of a kind do not have one box, but may be in one place.
    """
    is_again = table.duplicated() & ~_without_place(table, places)
    is_box = bool(places) and list(places) == box_columns(table)
    return is_again if is_box and is_again.mean() <= _MOST_AGAIN else is_again & False


def _is_count(name: str, path: str, table: pd.DataFrame, rest: Sequence[str]) -> bool:
    """Return whether a column is called a count, or as the objects or their table are."""
    objects = singular_words(Path(path).name)
    for one in rest:
        if table[one].nunique() == 1:
            objects |= singular_words(table[one].iloc[0])
    return is_called(name, "count", "number") or not objects.isdisjoint(singular_words(name))


def _not_annotated(
    folder: DataFolder, tables: Mapping[str, pd.DataFrame]
) -> dict[str, frozenset[str]]:
    """Return the images marked as not annotated in a column of yes and no, by that column."""
    found = dict[str, frozenset[str]]()
    for path, table in tables.items():
        for column in [one for one in map(str, table) if is_called(one, "labelled")]:
            marks, match = read_marks(table[[column]]), match_of_train(folder, path, table)
            if marks is None or match is None or match.several:
                continue
            bits = marks.bits.loc[match.table.index, column]
            pairs = zip(match.images, bits, strict=True)
            bare = frozenset(image.path for image, bit in pairs if image and bit == "0")
            if bare:
                found[f"{column} of {path}"] = bare
    return found


def _counted(
    folder: DataFolder,
    match: ImageTable,
    classes: _CountedClasses | None,
    names: Sequence[str],
    sent: Sequence[str],
    bare: Mapping[str, frozenset[str]],
) -> MadeTable:
    """Return a row an image, with its number of rows, or of rows of each class.

    Args:
        match: of the table of objects.
        classes: its classes, if the sample has a column or a row for each, or is of one.
        names: of the numbers, as of these classes.
        sent: how the sample submission names its images.
        bare: the images that nobody annotated, by what tells it: they get no row.
    """
    counts = pd.DataFrame(index=list(dict.fromkeys(match.table[match.id])))
    places = place_columns(match.table)
    has_none = _without_place(match.table, places)
    is_again = _equal_boxes(match.table, places)
    table = match.table[~has_none & ~is_again]
    for name in names:
        own = table
        if classes is not None:
            called = _class_key(classes.of[name])
            own = table[table[classes.column].map(_class_key) == called]
        counts[name] = own.groupby(match.id).size().reindex(counts.index, fill_value=0)
    left = {why: images for why, images in bare.items() if match.paths.isdisjoint(images)}
    unknown = frozenset[str]().union(*left.values())
    without = _images_without(folder, match, sent, unknown)
    rest = pd.DataFrame("" if has_none.any() else 0, index=without, columns=counts.columns)
    whole = pd.concat([counts, rest]).astype(str).rename_axis(match.id).reset_index()
    of_class = "" if classes is None else f", by {classes.column}"
    if classes is not None and {*classes.of} != {*classes.of.values()}:
        of_class = f", of {some(list(classes.of.values()))} in {classes.column} alone"
    zero = "blank, as others have a row without a place" if has_none.any() else "0"
    none = f"; {plural(len(without), 'image')} without a row: {zero}" if without else ""
    if n_again := int(is_again.sum()):
        none += f"; {plural(n_again, 'row')} that stand twice count once"
    none += "".join(f"; {len(of)} are left out, as {why} says so" for why, of in left.items())
    reader = f"the number of rows of {match.path} for each {match.id}{of_class}{none}"
    return MadeTable((match.path,), reader, whole.astype(object))


def _images_without(
    folder: DataFolder, match: ImageTable, cells: Sequence[str], unknown: frozenset[str]
) -> list[str]:
    """Return the cells that would name the images beside those of the table, not of the sample.

    Those of which the objects are `unknown` are left out.
    """
    named = match.paths | unknown
    folders = {one.folder for one in match.images if one is not None}
    sent = {one.path for cell in cells for one in folder.named(cell)}
    first, image = next(
        (cell, one)
        for cell, one in zip(match.table[match.id], match.images, strict=True)
        if one is not None
    )
    rest = [
        one
        for one in folder.of_part("train", "other")
        if one.path not in named | sent and one.folder in folders
    ]
    spelt = next(
        (kind for kind in ("path", "name", "stem") if getattr(image, kind) == first), "stem"
    )
    return [str(getattr(one, spelt)) for one in rest]
