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
from podium.competition.infer.image_tables import ImageTable, match_of_train
from podium.competition.infer.labels.cells import numbers_of
from podium.competition.infer.labels.negatives import is_called_none
from podium.competition.infer.readme.claims import readme_no_classes
from podium.competition.infer.sample.runs import split_keys
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.shares import NEARLY_ALL
from podium.competition.languages import is_called
from podium.competition.truths.targets import MISSING_NUMBERS
from podium.errors import plural, some

__all__ = ["PresentRows", "classes_in_rows"]

_MOST_CLASSES = 500
_FEW_WORDS = 6  # of a column that may say of a row whether its class is there

_MOST_TWICE = 0.1
"""The largest share of rows that stand twice by mistake: more may be votes."""


@dataclass(frozen=True)
class PresentRows:
    """A row an image with 0 and 1 for each class that the sample asks for."""

    made: MadeTable
    path: str
    """The table that it stands for: of the images, or without one of the classes."""


@dataclass(frozen=True)
class _Found:
    """A table of classes found, its column of these, and those that the sample asks for."""

    match: ImageTable
    column: str
    asked: list[str]
    sent: frozenset[str]
    """What the sample calls its images."""
    people: str
    """The column that names who found a class; "" without."""


def classes_in_rows(data: CompetitionData) -> PresentRows | None:
    """Return a table of train with a column for each class that rows say is in an image, or None.

    The sample submission has a row, or a column, for each image and class, with what may be a
    probability. One column of a table holds all of these classes, and some images have several. No
    other column tells of a row that its class is not there. What several people found counts where
    one of them did. Classes that the sample does not ask for are left out.

    Images without a row have none of the classes where another table has a row for each image of
    train; without one, they are not in the table.
    """
    folder, sample = data.folder, data.sample
    if sample is None or not _are_probabilities(sample):
        return None
    found = [
        one
        for path, table in data.tables.items()
        if may_be_train_table(path) and (one := _found_in(folder, path, table, sample)) is not None
    ]
    if len(found) != 1 or found[0].match.id in found[0].asked:
        return None
    return _with_columns(data, found[0])


def _are_probabilities(sample: SampleSubmission) -> bool:
    """Return whether all values of a sample are numbers from 0 to 1."""
    numbers = [numbers_of(sample.table[one]) for one in sample.values]
    return bool(numbers) and all(one is not None and one.between(0, 1).all() for one in numbers)


def _found_in(
    folder: DataFolder, path: str, table: pd.DataFrame, sample: SampleSubmission
) -> _Found | None:
    """Return the classes that rows of a table say are in its images; None where they do not."""
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
    if any(_may_deny(table[one]) for one in others):
        return None
    if not _are_findings(table, match.id, column, others, has_places=bool(places)):
        return None
    people = next((one for one in others if _names_people(one)), "")
    return _Found(match, column, asked, sent, people)


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


def _may_deny(cells: pd.Series[str]) -> bool:
    """Return whether a column may say of a row that its class is not there: by 0, or by a word."""
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
    people = [one for one in others if _names_people(one)]
    if people and not table.duplicated([image, *people]).any():
        return False
    if people and not has_places:
        return not table.duplicated([image, *people, column]).any()
    is_again = table.duplicated([image, column])
    is_twice = table.duplicated().eq(is_again).all() and is_again.mean() <= _MOST_TWICE
    return has_places or bool(is_twice)


def _names_people(column: str) -> bool:
    return is_called(column, "annotator", "voter")


def _with_columns(data: CompetitionData, found: _Found) -> PresentRows | None:
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
    made = base.table.assign(**bits).astype(object)
    reader = _note(data.folder, found, base, n_without=sum(not names for names in has))
    is_joined = base.path != own.path
    sources = (base.path, own.path) if is_joined else (own.path,)
    return PresentRows(MadeTable(sources, reader, made), base.path)


def _table_of_images(
    data: CompetitionData, sent_ids: Collection[str], own: ImageTable
) -> ImageTable | None:
    """Return the one table with a row for each image of train, or None.

    It names nearly all images that have a class, and none that the sample submission has.
    """
    sent = {image.path for one in sent_ids for image in data.folder.named(one)}
    found = []
    for path, table in data.tables.items():
        match = match_of_train(data.folder, path, table) if may_be_train_table(path) else None
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


def _note(folder: DataFolder, found: _Found, base: ImageTable, *, n_without: int) -> str:
    """Return what was made of the tables, what was left out, and what to do where it is wrong."""
    own, column = found.match, found.column
    told = (
        f"{base.path} with 0 and 1 for each of the {plural(len(found.asked), 'value')} of {column} "
    )
    told += f"that the sample submission asks for, 1 where {own.path} has a row"
    if found.people:
        told += f" by any {found.people}"
    if left := sorted({*own.table[column]} - {*found.asked, ""}):
        told += f"; rows of {some(left)}, which it does not ask for, are left out"
    if n_without and base.path != own.path:
        why = readme_no_classes(folder, column)
        beside = f", as {why}" if why else ": where nobody looked at these, take out their rows"
        has = "has" if n_without == 1 else "have"
        told += f"; {plural(n_without, 'image')} without such a row {has} 0 in all{beside}"
    return told
