"""Tables with a row for each class that is in an image, of which the sample asks for some.

photo,who,taxon               photo,place,MICR,NAVI
p1,ann,MICR              →    p1,bay,1,0             for rows as p9_MICR,0.5
p1,bob,MICR                   p2,bay,0,0
p1,bob,COPE
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.conversions.tables.rows.several_rows import place_columns
from podium.competition.infer.files import DataFolder, may_be_train_table
from podium.competition.infer.image_tables import (
    ImageTable,
    match_if_of_train,
    match_images,
    match_of_train,
)
from podium.competition.infer.labels.cells import numbers_of
from podium.competition.infer.labels.negatives import is_called_none
from podium.competition.infer.sample.runs import split_keys
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.shares import NEARLY_ALL
from podium.competition.languages import is_called
from podium.competition.truths.targets import MISSING_NUMBERS
from podium.errors import plural, some

__all__ = [
    "PresentRows",
    "are_probabilities",
    "classes_in_rows",
    "may_deny",
    "names_people",
    "with_images_without_rows",
]

_MOST_CLASSES = 500
_FEW_WORDS = 6  # of a column that may say of a row whether its class is there

_MOST_TWICE = 0.1
"""The largest share of rows that stand twice by mistake: more may be votes."""


@dataclass(frozen=True)
class PresentRows:
    """A row an image with 0 and 1 for each class that the sample asks for.

    Attributes:
        made: the table.
        path: of the table that it stands for: of the images, or without one of the classes.
        rows: the path of the table with a row for each class.
        column: of the classes, there.
        n_without: images without such a row, which have 0 in all.
        found: the table without these images; None where all have a row.
    """

    made: MadeTable
    path: str
    rows: str
    column: str
    n_without: int = 0
    found: MadeTable | None = None


@dataclass(frozen=True)
class _ClassColumn:
    """A table of classes found, its column of these, and those that the sample asks for."""

    match: ImageTable
    column: str
    asked: list[str]
    sent: frozenset[str]
    """What the sample calls its images."""
    people: str
    """The column that names who found a class; "" without."""


def classes_in_rows(data: CompetitionData) -> PresentRows | None:
    """Return a table of train with a column for each class that rows name in an image, or None.

    The sample submission has a row, or a column, for each image and class, with what may be a
    probability. One column of a table holds all of these classes, and some images have several. No
    other column tells of a row that its class is not there. What several people found counts where
    one of them did. Classes that the sample does not ask for are left out.

    Images without a row have none of the classes where another table has a row for each image of
    train; without one, they are not in the table.
    """
    folder, sample = data.folder, data.sample
    if sample is None or not are_probabilities(sample):
        return None
    found = [
        one
        for path, table in data.tables.items()
        if may_be_train_table(path) and (one := _found_in(folder, path, table, sample)) is not None
    ]
    if len(found) != 1 or found[0].match.id in found[0].asked:
        return None
    return _with_columns(data, found[0])


def are_probabilities(sample: SampleSubmission) -> bool:
    """Return whether all values of a sample are numbers from 0 to 1."""
    numbers = [numbers_of(sample.table[one]) for one in sample.values]
    return bool(numbers) and all(one is not None and one.between(0, 1).all() for one in numbers)


def _found_in(
    folder: DataFolder, path: str, table: pd.DataFrame, sample: SampleSubmission
) -> _ClassColumn | None:
    """Return the classes that rows of a table name in its images; None where they name none."""
    match = match_of_train(folder, path, table)
    if match is None or match.several or table[match.id].is_unique:
        return None
    places = place_columns(table)
    rest = [str(one) for one in table.columns if str(one) not in (match.id, *places)]
    named = [(one, _classes_to_send(folder, list(table[one].unique()), sample)) for one in rest]
    held = [(column, *asked) for column, asked in named if asked is not None]
    if len(held) != 1:
        return None
    [(column, asked, sent)] = held
    others = [one for one in rest if one != column]
    if any(may_deny(table[one]) for one in others):
        return None
    if not _are_findings(table, match.id, column, others, has_places=bool(places)):
        return None
    people = next((one for one in others if names_people(one)), "")
    return _ClassColumn(match, column, asked, sent, people)


def _classes_to_send(
    folder: DataFolder, cells: Sequence[str], sample: SampleSubmission
) -> tuple[list[str], frozenset[str]] | None:
    """Return the classes, among `cells`, that a sample asks for of each image, and its images."""
    names = {one for one in cells if one}
    if not 1 < len(names) <= _MOST_CLASSES:
        return None
    ids = list(sample.table[sample.id])
    if len(sample.values) > 1:
        is_column = names.issuperset(sample.values)
        return (sample.values, frozenset(ids)) if is_column else None
    if not any(ids[0].endswith(one) or ids[0].startswith(one) for one in names):
        return None
    split = split_keys(ids, folder, sorted(names))
    if split is None or split.n_other or len(split.names) < 2 or not names.issuperset(split.names):
        return None
    images = frozenset(split.ids)
    return (split.names, images) if len(ids) == len(images) * len(split.names) else None


def may_deny(cells: pd.Series[str]) -> bool:
    """Return whether a column may deny that the class of a row is there: by 0, or by a word."""
    values = {*cells.unique()} - {"", *MISSING_NUMBERS}
    numbers = pd.to_numeric(pd.Series(sorted(values)), errors="coerce")
    has_zero = bool(numbers.eq(0).any())
    return has_zero or (len(values) <= _FEW_WORDS and any(map(is_called_none, values)))


def _are_findings(
    table: pd.DataFrame, image: str, column: str, others: Sequence[str], *, has_places: bool
) -> bool:
    """Return whether rows are of all classes of an image, and no opinions on its one class.

    A class that stands twice is what two people found, or is two objects in places. People who all
    have one row an image were asked for its one class. That nearly every image has all classes is
    no finding: they are what is known of each, as numbers are.
    """
    n_each = table.groupby(image)[column].nunique()
    if n_each.max() < 2 or n_each.eq(table[column].nunique()).mean() >= NEARLY_ALL:
        return False
    people = [one for one in others if names_people(one)]
    if people and not table.duplicated([image, *people]).any():
        return False
    if people and not has_places:
        return not table.duplicated([image, *people, column]).any()
    is_again = table.duplicated([image, column])
    is_twice = table.duplicated().eq(is_again).all() and is_again.mean() <= _MOST_TWICE
    return has_places or bool(is_twice)


def names_people(column: str) -> bool:
    """Return whether a column is called as one of who found a class."""
    return is_called(column, "annotator", "voter")


def _with_columns(data: CompetitionData, found: _ClassColumn) -> PresentRows | None:
    """Return the table of images, or without one of those with a class, with 0 and 1 by class."""
    own, column, asked = found.match, found.column, found.asked
    base = _table_of_images(data, found.sent, own) or _one_row_each(own)
    if {*asked} & {*map(str, base.table.columns)}:
        return None
    of_image: dict[str, set[str]] = {}
    for image, name in zip(own.images, own.table[column], strict=True):
        if image is not None:
            of_image.setdefault(image.path, set()).add(name)
    has = [of_image.get(image.path, set()) if image is not None else set() for image in base.images]
    bits = {name: ["01"[name in names] for names in has] for name in asked}
    table, told = base.table.assign(**bits).astype(object), _note(found, base)
    if base.path == own.path:
        return PresentRows(MadeTable((own.path,), told, table), own.path, own.path, column)
    present, sources = pd.Series([bool(names) for names in has], table.index), (base.path, own.path)
    made = MadeTable(sources, told, table)
    if not (n_without := int((~present).sum())):
        return PresentRows(made, base.path, own.path, column)
    some_rows = f"the {plural(int(present.sum()), 'row')} of it with one of these"
    alone = MadeTable(sources, f"{told}: {some_rows}", table[present].reset_index(drop=True))
    return PresentRows(made, base.path, own.path, column, n_without, alone)


def _table_of_images(
    data: CompetitionData, sent_ids: Collection[str], own: ImageTable
) -> ImageTable | None:
    """Return the one table with a row for each image of train, or None.

    It names nearly all images that have a class, and none that the sample submission has.
    """
    sent = {image.path for one in sent_ids for image in data.folder.named(one)}
    found = []
    for path, table in data.tables.items():
        match = match_if_of_train(data.folder, path, table)
        if path == own.path or match is None or match.several or not table[match.id].is_unique:
            continue
        n_shared = len(own.paths & match.paths)
        if n_shared >= NEARLY_ALL * len(own.paths) and match.paths.isdisjoint(sent):
            found.append(match)
    return found[0] if len(found) == 1 else None


def _one_row_each(own: ImageTable) -> ImageTable:
    """Return a table of classes with a row an image, and what is the same in all rows of it."""
    by_image = own.table.groupby(own.id, sort=False)
    kept = [
        one for one in map(str, own.table) if one != own.id and by_image[one].nunique().max() < 2
    ]
    first = ~own.table[own.id].duplicated()
    images = [image for image, is_first in zip(own.images, first, strict=True) if is_first]
    table = own.table.loc[first, [own.id, *kept]].reset_index(drop=True)
    return replace(own, table=table, images=tuple(images))


def _note(found: _ClassColumn, base: ImageTable) -> str:
    """Return what was made of the tables, and what was left out."""
    own, column = found.match, found.column
    told = (
        f"{base.path} with 0 and 1 for each of the {plural(len(found.asked), 'value')} of {column} "
    )
    told += f"that the sample submission asks for, 1 where {own.path} has a row"
    if found.people:
        told += f" by any {found.people}"
    if left := sorted({*own.table[column]} - {*found.asked, ""}):
        told += f"; rows of {some(left)}, which it does not ask for, are left out"
    return told


def with_images_without_rows(
    data: CompetitionData, path: str, made: MadeTable
) -> tuple[str, MadeTable] | None:
    """Return a table of images with the labels of one with a row for each label, or None.

    Images of train without such a row have blank cells: None where all have one, or no other table
    has a row for each image of train.

    Args:
        data: with both tables.
        path: of the table with a row for each label.
        made: a row an image of it, with the labels in the last column.

    Returns:
        The path of the table of images, and the wider one.
    """
    own = match_of_train(data.folder, path, data.tables[path])
    if own is None or not (data.sample is not None or data.test_tables):
        return None
    base = _table_of_images(data, _ids_to_predict(data), own)
    label = str(made.table.columns[-1])
    if base is None or base.paths <= own.paths or label in base.table:
        return None
    labels = dict(zip(made.table[own.id], made.table[label], strict=True))
    of_image = {
        image.path: labels[name]
        for image, name in zip(own.images, own.table[own.id], strict=True)
        if image is not None
    }
    cells = ["" if one is None else of_image.get(one.path, "") for one in base.images]
    n = sum(one is not None and one.path not in of_image for one in base.images)
    told = f"{base.path} with {made.reader}; {plural(n, 'image')} without such a row "
    told += f"{'has a blank cell' if n == 1 else 'have blank cells'}"
    wide = base.table.assign(**{label: cells}).astype(object)
    return base.path, MadeTable((base.path, path), told, wide)


def _ids_to_predict(data: CompetitionData) -> list[str]:
    """Return the names of what is to be predicted, as the sample, or else tables of test, have."""
    if data.sample is not None:
        return list(data.sample.table[data.sample.id])
    matches = [
        match_images(data.folder, path, table, ("test", "holdout", "train", "other"))
        for path, table in data.test_tables.items()
    ]
    return [name for one in matches if one is not None for name in one.table[one.id]]
