"""Columns that another table has of the images of train, or of their classes.

A second table is joined where it has one row for each image of the first, or for each value of a
column of it, as for each session, and names what must not cross folds, as a patient. One with a row
a class is joined where it has the numbers that the sample submission names classes by.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from pathlib import PurePosixPath
from typing import NamedTuple

import pandas as pd

from podium.competition.ids.patterns import bare_name
from podium.competition.infer.classes.names import find_class_names
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder, ImageFile, guess_part, may_be_train_table
from podium.competition.infer.groups.columns import GroupColumn, find_group, find_named_group
from podium.competition.infer.groups.places import PLACE, with_places
from podium.competition.infer.groups.repeats import are_apart, are_shared_ids, is_group_name
from podium.competition.infer.ids.joined import find_joined_cells
from podium.competition.infer.image_tables import (
    ImageTable,
    match_if_of_train,
    match_images,
    match_of_train,
)
from podium.competition.infer.labels.column_names import is_known_fact
from podium.competition.infer.labels.kinds import InferredLabels
from podium.competition.infer.masks.values import ClassNames
from podium.competition.infer.readme.things_apart import ThingApart, column_apart
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.shares import NEARLY_ALL
from podium.competition.spelling import name_words
from podium.errors import plural, some

__all__ = [
    "FurtherGroup",
    "LabelsOfGroups",
    "find_further_group",
    "holds_no_codes",
    "with_cells_of_tables",
    "with_classes_of_sample",
    "with_labels_of_groups",
]

_PROBED = 200
_MOST_PIECES = 8
_MOST_LINKS = 2
"""Tables behind a table that train leads to."""


@dataclass(frozen=True)
class FurtherGroup:
    """The column of another table that groups the rows of train.

    Attributes:
        match: the table of train with the columns of the other one.
        group: the column.
        made: the wider table, as it is to be written.
        notes: on columns that could be the group as well.
    """

    match: ImageTable
    group: GroupColumn
    made: MadeTable
    notes: list[str]


def find_further_group(
    match: ImageTable,
    labels: InferredLabels,
    tables: Mapping[str, pd.DataFrame],
    test_ids: Sequence[str],
    *,
    test: pd.DataFrame | None = None,
    group: GroupColumn | None = None,
    apart: Sequence[ThingApart] = (),
) -> tuple[FurtherGroup | None, list[str]]:
    """Return the column of another table that groups the rows of train, and notes on others.

    The other table has a row for each image, or for each value of a column of train: for each
    session its patient.

    Args:
        match: the table of train.
        labels: of train.
        test_ids: of the images to predict; a group that most of them share with train is none.
        test: their rows, where there are such.
        group: that the table of train has; another one must be coarser.
        apart: things of which test has others than train, as texts state.
    """
    notes: list[str] = []
    for path, table in tables.items():
        if path == match.path or not may_be_train_table(path):
            continue
        linked = _Linked(table, (path,))
        if _is_joined(match, labels, table):
            linked = _with_linked_columns(path, tables, {match.path})
        linked = linked._replace(table=with_places(linked.table))
        of_images = partial(_rows_of_test, test_ids, linked.table, tables)
        rows = list(_further_rows(match, labels, linked.table, of_images, test, group))
        notes += [] if rows else _unmatched(match, path, table)
        for one in rows:
            wide = pd.concat([match.table.reset_index(drop=True), one.of_train], axis=1)
            # Images of one date are no group, even where test has other dates.
            facts = [
                name
                for name in map(str, one.of_train)
                if is_known_fact(name, one.of_train[name]) and not column_apart(name, apart)
            ]
            found, told = find_group(
                wide.drop(columns=facts),
                [match.id],
                labels,
                one.of_test,
                named=one.named,
                apart=apart,
            )
            if found is None or found.column not in one.of_train:
                notes += [f"{path}: {note}" for note in told if _names_column(note, one.of_train)]
                continue
            if group is not None and found.n >= group.n:
                notes.append(
                    f"{path}: {found.column} could be the group as well; {group.column} was taken"
                )
                continue
            paths = linked.paths
            own_columns = set(with_places(table))
            if found.column in own_columns:  # it needs no other one
                paths = (path,)
                wide = wide.drop(columns=[name for name in one.of_train if name not in own_columns])
            of_key = f" for each {one.key}" if one.key else ""
            new = [name for name in one.of_train if name in wide]
            columns = some(new) if one.key else "the columns"
            reader = f"{match.path} with {columns} of {' and '.join(paths)}{of_key}"
            written = wide[[name for name in wide if "{" not in str(name)]]
            made = MadeTable((match.path, *paths), reader, written)
            own = [f"{path}: {one.own}"] if one.own else []
            return FurtherGroup(replace(match, table=wide), found, made, [*told, *own]), []
    return None, notes


def with_cells_of_tables(
    test: pd.DataFrame, match: ImageTable, tables: Mapping[str, pd.DataFrame]
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the rows of test with columns of train that other tables have for them, and whose.

    As where train names the dairy of each cheese, test the cheese, and a list the dairy of both.

    Args:
        test: rows of the images to predict.
        match: the table of train.

    Returns:
        The wider rows, and the path of the table of each new column.
    """
    absent = [str(one) for one in match.table if one not in test]
    found, paths = dict[str, list[str]](), dict[str, str]()
    for path, table in tables.items():
        wanted = [one for one in absent if one in table and one not in found]
        for key in (str(one) for one in test if wanted and one in table and path != match.path):
            by_key = _rows_of_key(test[key], table[[key, *wanted]], repeats=False)
            if by_key is not None:
                rows = by_key.reindex(list(test[key])).fillna("")
                found |= {str(one): list(rows[one]) for one in rows}
                paths |= {str(one): path for one in rows}
    return (test.assign(**found) if found else test), paths


class _Linked(NamedTuple):
    """A table with columns of others, and the paths of all."""

    table: pd.DataFrame
    paths: tuple[str, ...]


def _with_linked_columns(
    path: str, tables: Mapping[str, pd.DataFrame], without: Collection[str]
) -> _Linked:
    """Return a table with the columns that others have for values of its own, as for each visit.

    A group may stand some tables away: of a session the visit, of a visit the patient.

    Args:
        without: the paths of those that are not to be joined.
    """
    table, paths = tables[path], tuple[str, ...]([path])
    for _ in range(_MOST_LINKS):
        before = paths
        for other, further in tables.items():
            if other in (*without, *paths) or not may_be_train_table(other):
                continue
            columns = list(map(str, table))
            # Those of the same name come first.
            keys = [one for is_in in (True, False) for one in columns if (one in further) == is_in]
            found = ((key, _rows_of_key(table[key], further, repeats=False)) for key in keys)
            key, by_key = next(((k, rows) for k, rows in found if rows is not None), ("", None))
            if by_key is None:
                continue
            new = by_key[[one for one in by_key if one not in table]]
            new = new.reindex(list(table[key])).fillna("").reset_index(drop=True)
            table = pd.concat([table.reset_index(drop=True), new], axis=1)
            paths = (*paths, other)
        if paths == before:
            break
    return _Linked(table, paths)


def _names_column(note: str, rows: pd.DataFrame) -> bool:
    """Return whether a note names a column of these rows."""
    return any(re.search(rf"(?<!\w){re.escape(str(name))}(?!\w)", note) for name in rows)


def _unmatched(match: ImageTable, path: str, table: pd.DataFrame) -> list[str]:
    """Return a note where a table names groups for a column of train, and has few of its values."""
    groups = [one for one in table if is_group_name(str(one)) and one not in match.table]
    for key in (one for one in table if one in match.table and one != match.id):
        cells, known = match.table[key], set(table[key])
        n = len(set(cells) - known)
        if groups and n and not cells.is_unique and is_group_name(str(key)):
            return [
                f"{path} has {some(groups)} for each {key}, but not for {n:,} of the "
                f"{cells.nunique():,} that train has, such as {min(set(cells) - known)!r}: it is "
                "not used; write them alike if images of one must not cross folds"
            ]
    return []


@dataclass(frozen=True)
class _FurtherRows:
    """The further columns of a table, for the rows of another one.

    Attributes:
        of_train: for each row of train.
        of_test: rows of the images to predict, where they are known.
        named: columns that group rows.
        key: the column of train by which rows were found; "" where they are of images.
        own: a note on the keys that are a group of their own.
    """

    of_train: pd.DataFrame
    of_test: pd.DataFrame | None
    named: tuple[str, ...] = ()
    key: str = ""
    own: str = ""


def _rows_of_test(
    ids: Sequence[str], table: pd.DataFrame, tables: Mapping[str, pd.DataFrame]
) -> pd.DataFrame | None:
    """Return the rows of these images in a table, or in one of its columns; None without.

    As where a table of all images was written once more for each of its parts; a table of test may
    lack columns that are known of train alone.
    """
    alike = [one for one in tables.values() if set(one.columns) <= set(table.columns)]
    widest_first = sorted(alike, key=lambda one: -len(one.columns))
    found = (_rows_of(ids, one) for one in (table, *widest_first))
    return next((with_places(rows) for rows in found if rows is not None), None)


def _is_joined(match: ImageTable, labels: InferredLabels, table: pd.DataFrame) -> bool:
    """Return whether a table has a row for each image, or each value of a column of train."""
    if _rows_of(list(match.table[match.id]), table) is not None:
        return True
    return any(_rows_of_key(match.table[key], table) is not None for key in _keys(match, labels))


def _keys(match: ImageTable, labels: InferredLabels) -> list[str]:
    """Return the columns of train by whose values another table may have rows."""
    named = (match.id, *labels.column_names)
    return [one for one in map(str, match.table) if one not in named and "{" not in one]


def _further_rows(
    match: ImageTable,
    labels: InferredLabels,
    table: pd.DataFrame,
    of_images: Callable[[], pd.DataFrame | None],
    test: pd.DataFrame | None,
    group: GroupColumn | None,
) -> Iterator[_FurtherRows]:
    """Yield the rows of a table for those of train: by the image, or else by a column of train.

    Args:
        match, labels, table, test, group: as they are.
        of_images: returns its rows of the images to predict, where there are such.
    """
    rows = _rows_of(list(match.table[match.id]), table)
    if rows is not None:
        of_train = rows.drop(columns=[one for one in rows if one in match.table])
        named = (PLACE,) if PLACE in of_train else ()
        yield _FurtherRows(of_train, of_images(), named)
        return
    for key in _keys(match, labels):
        keys = match.table[key]
        by_key = _rows_of_key(keys, table)
        if by_key is None:
            continue
        by_key = by_key.drop(columns=[one for one in by_key if one in match.table])
        by_key = by_key[_columns_of_all(by_key, key, match)]
        # The images of a row group it, as what they show does.
        is_group = is_group_name(key) or (group is not None and group.column == key)
        is_group |= key in match.several
        of_test = by_key[~by_key.index.isin(set(keys))]
        if test is not None and key in test:
            of_test = by_key.loc[[one for one in test[key] if one in by_key.index]]
            is_whole = len(of_test) >= NEARLY_ALL * len(test)
        else:
            is_whole = len(of_test) > 0
        own_keys = by_key.reindex(list(keys.unique()))
        columns = _grouping_columns(
            own_keys, by_ids=is_group, test=of_test if is_whole and is_group else None
        )
        if not columns:
            continue
        known, own = _with_own_groups(by_key[columns], keys)
        of_test = known.loc[list(of_test.index)]
        yield _FurtherRows(
            known.loc[list(keys)].reset_index(drop=True),
            of_test.reset_index(drop=True) if len(of_test) else None,
            tuple(columns),
            key,
            own,
        )


def _columns_of_all(by_key: pd.DataFrame, key: str, match: ImageTable) -> list[str]:
    """Return the columns that are equal for all images of a row, where the key names one of them.

    As the plant of two photographs, and not their dates.
    """
    if key not in match.several:
        return list(map(str, by_key))
    first, *others = (
        by_key.reindex(list(match.table[one])).reset_index(drop=True)
        for one in (key, *(one for one in match.several if one != key))
    )
    return [
        name for name in map(str, by_key) if all(first[name].equals(one[name]) for one in others)
    ]


def _with_own_groups(by_key: pd.DataFrame, keys: pd.Series[str]) -> tuple[pd.DataFrame, str]:
    """Return the columns with the key itself where a cell is blank, and a note on these keys."""
    columns = list(map(str, by_key))
    absent = sorted({*keys, *by_key.index} - set(by_key.index))
    by_key = by_key.reindex([*by_key.index, *absent]).fillna("")
    blank = [name for name in keys.unique() if (by_key.loc[name] == "").any()]
    own = pd.Series(by_key.index, by_key.index)
    filled = {one: by_key[one].where(by_key[one] != "", own) for one in columns}
    where = "" if keys.name is None else f" of {keys.name}"
    note = f"{some(blank)}{where} without {some(columns)}: each is a group of its own"
    return pd.DataFrame(filled), note if blank else ""


_FEWEST_KEYS = 4


def _rows_of_key(
    keys: pd.Series[str], table: pd.DataFrame, *, repeats: bool = True
) -> pd.DataFrame | None:
    """Return the columns that have one value for each of these keys, by key, or None.

    The key's column is called as that of train, or has a row for each of its values, which are no
    mere numbers. Nearly all keys must be there.

    Args:
        keys: of the rows of a table; several rows share some.
        table: with their rows.
        repeats: whether keys must stand in several rows.
    """
    wanted = set(keys)
    if len(wanted) < _FEWEST_KEYS or (repeats and keys.is_unique):
        return None
    are_numbers = all(one.isdecimal() for one in wanted)
    for column in sorted(map(str, table.columns), key=lambda name: name != keys.name):
        if column != keys.name and (are_numbers or not table[column].is_unique):
            continue
        if len(wanted & set(table[column])) < NEARLY_ALL * len(wanted):
            continue
        values = table.drop(columns=column).groupby(table[column], sort=False)
        is_single = (values.nunique() == 1).all()
        single = [str(one) for one in is_single.index[is_single]]
        if single:
            return values.first()[single]
    return None


def _grouping_columns(
    by_key: pd.DataFrame, *, by_ids: bool, test: pd.DataFrame | None = None
) -> list[str]:
    """Return the columns that may group keys, by their names; or as ids that several keys share.

    A column may be called anything where the images to predict have none of its values of train.

    Args:
        by_key: a row for each key of train.
        by_ids: whether ids are enough, as the keys themselves group images.
        test: rows of the images to predict, where these are evidence.
    """
    found = []
    for column in map(str, by_key):
        cells = by_key[column].fillna("")
        known = cells[cells != ""]
        is_full = len(known) >= NEARLY_ALL * len(cells)
        is_named = is_group_name(column) or (by_ids and are_shared_ids(known))
        is_named = is_named or (test is not None and are_apart(cells, test[column].fillna("")))
        if is_full and is_named and not is_known_fact(column, cells):
            found.append(column)
    return found


@dataclass(frozen=True)
class GroupTable:
    """A table with a row for each image that a pattern finds, and its column that groups them.

    Attributes:
        path: of the table, relative to the data folder.
        key: how a row is found, as `data.train.join.key` has it.
        group: the column.
        made: the table with the column, where another table has it.
    """

    path: str
    key: str
    group: GroupColumn
    made: MadeTable | None = None


def find_group_table(
    data: CompetitionData,
    images: Sequence[ImageFile],
    pattern: str,
    apart: Sequence[ThingApart] = (),
) -> GroupTable | None:
    """Return the table with a row for each of these images whose column groups them, or None.

    Rows of no image, as of one that was withdrawn, are none of those to predict.

    Args:
        images: of train.
        pattern: that finds them, relative to the data folder.
        apart: things of which test has others, as texts state.
    """
    folder = data.folder
    called = _names(images, pattern)
    for of_part in folder.path_ids.values():
        if of_part.pattern == pattern and len(of_part.ids) == len(images):
            called["{id}"] = frozenset(of_part.ids)
    for path, every in data.tables.items():
        for column, template, names in _naming_columns(every, called):
            own = every if every[column].is_unique else _row_an_image(every, column)
            cells = own[column]
            table, paths = _with_linked_columns(path, {**data.tables, path: own}, ())
            of_train = cells.isin(names).to_numpy()
            of_test = ~of_train & cells.map(lambda cell: bool(folder.named(cell))).to_numpy()
            test = table[of_test]
            if test.empty:  # rows of test may be a table of their own
                test = _named_alike(data, path, column)
            group = find_named_group(table[of_train], [column], test, apart=apart)
            if group is not None and "=" not in group.column:
                made = None
                if group.column not in own:
                    made = MadeTable(paths, f"{path} with columns of {some(paths[1:])}", table)
                elif own is not every:
                    made = MadeTable((path,), f"{path} with one row for each {column}", own)
                # Files of a part each have its end in their names.
                key = template.replace("{stem}", "{id}") if folder.channels else template
                return GroupTable(path, f"{column}={key}", group, made)
    return None


def _named_alike(data: CompetitionData, path: str, column: str) -> pd.DataFrame:
    """Return the rows of tables with the columns of another whose cells name images to predict."""
    table = data.tables[path]
    alike = [
        one for other, one in data.tables.items() if other != path and list(one) == list(table)
    ]
    rows = pd.concat(alike) if alike else table.iloc[:0]
    named = map(data.folder.named, rows[column])
    return rows[[any(image.part == "test" for image in images) for images in named]]


def _naming_columns(
    table: pd.DataFrame, called: Mapping[str, frozenset[str]]
) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Yield each column that names all images, with the template and the names that it has."""
    for column in map(str, table.columns):
        known = set(table[column])
        for template, names in called.items():
            if names <= known:
                yield column, template, names


def _row_an_image(table: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return a table of several rows an image, as of objects, with one: columns that agree in all.

    Args:
        table: with the rows.
        key: the column that names the image.
    """
    agree = (table.groupby(key, sort=False).nunique() == 1).all()
    return table.drop_duplicates(key)[[key, *agree.index[agree]]].reset_index(drop=True)


def _names(images: Sequence[ImageFile], pattern: str) -> dict[str, frozenset[str]]:
    """Return what a table may call images, by templates of the fields of their pattern."""
    paths = [image.path for image in images]
    levels = pattern.split("/")
    suffix = levels[-1].removeprefix("*")
    found = {"{stem}": [image.stem for image in images]}
    if levels[-1].startswith("*") and "*" not in suffix:
        found[f"{{stem}}{suffix}"] = [image.name for image in images]
        n_fixed = next((n for n, one in enumerate(levels) if "{" in one or "*" in one), 0)
        for n in range(n_fixed + 1) if "**" not in levels else ():
            template = "/".join([*levels[n:-1], "{stem}"])
            texts = ["/".join(path.split("/")[n:]) for path in paths]
            found[f"{template}{suffix}"] = texts
            found[template] = [text.removesuffix(suffix) for text in texts]
    each = {template: frozenset(texts) for template, texts in found.items()}
    return {template: texts for template, texts in each.items() if len(texts) == len(images)}


def _rows_of(ids: Sequence[str], table: pd.DataFrame) -> pd.DataFrame | None:
    """Return the rows of a table for these images, in this order; None where one has none."""
    bare = [bare_name(one) for one in ids]
    for column, is_bare in product(table.columns, (False, True)):
        names = bare if is_bare else list(ids)
        if len(set(names)) < len(names):
            continue  # of `5/1` and `7/1` there is more than a last name
        cells = [bare_name(one) if is_bare else one for one in table[column]]
        place = {cell: row for row, cell in enumerate(cells)}
        if names and len(place) == len(cells) and place.keys() >= set(names):
            return table.iloc[[place[one] for one in names]].reset_index(drop=True)
    return None


@dataclass(frozen=True)
class GroupOfPaths:
    """The column of a table that groups images by what their paths name, as a session.

    Attributes:
        sources: the paths of the table, and of those that it leads to.
        key: its column of these names.
        group: the column that groups them.
        of_train: the group of each image.
        notes: for a person to check.
    """

    sources: tuple[str, ...]
    key: str
    group: GroupColumn
    of_train: tuple[str, ...]
    notes: list[str]


class _PartOfPath(NamedTuple):
    """A folder, or pieces of its name, or of the name of the file, between signs.

    Attributes:
        level: from the end; -1 is the name of the file.
        sign: between the pieces; "" for the whole name.
        start, end: of the pieces.
        n: all pieces.
    """

    level: int
    sign: str = ""
    start: int = 0
    end: int = 1
    n: int = 1

    def of(self, path: str) -> str:
        """Return the part of a path; "" where it has none."""
        levels = path.rpartition(".")[0].split("/")
        if len(levels) < -self.level:
            return ""
        name = levels[self.level]
        if not self.sign:
            return name
        pieces = name.split(self.sign)
        return self.sign.join(pieces[self.start : self.end]) if len(pieces) == self.n else ""


def find_group_of_paths(
    paths: Sequence[str],
    test: Sequence[str],
    tables: Mapping[str, pd.DataFrame],
    *,
    classes: Collection[str],
    group: GroupColumn | None,
) -> GroupOfPaths | None:
    """Return the column of a table that groups what the paths of images name, or None.

    As where images are called `S01_b1.jpg`, and a table has the patient of each session `S01`.

    Args:
        paths: of the images of train.
        test: those of the images to predict.
        tables: that may have it, by path, without the sample submission.
        classes: of the labels, which are no groups.
        group: that was found in the names; another one must be coarser.
    """
    probe = paths[:: max(1, len(paths) // _PROBED)]
    for path, table in tables.items():
        if not may_be_train_table(path):
            continue
        for column in map(str, table.columns):
            known = set(table[column])
            for part in _parts_of_path(paths[0]) if paths and table[column].is_unique else ():
                n = sum(part.of(one) in known for one in probe)
                if n < NEARLY_ALL * len(probe):
                    continue
                keys = pd.Series([part.of(one) for one in paths], name=column, dtype=object)
                linked = _with_linked_columns(path, tables, ())
                rows = linked.table[[column, *linked.table.columns.drop(column)]]
                found = _group_of_keys(keys, rows, part, test, are_groups=group is not None)
                if found is None or set(keys) <= set(classes):
                    continue
                if group is None or found.group.n < group.n:
                    of_group = linked.paths if found.group.column not in table else (path,)
                    return replace(found, sources=of_group)
    return None


def _parts_of_path(path: str) -> Iterator[_PartOfPath]:
    levels = path.rpartition(".")[0].split("/")
    for level in range(-1, -len(levels) - 1, -1):
        if level < -1:
            yield _PartOfPath(level)
        for sign in ("_", "-", " ", "."):
            n = levels[level].count(sign) + 1
            for start in range(n if n <= _MOST_PIECES else 0):
                for end in range(start + 1, n + 1):
                    if end - start < n:
                        yield _PartOfPath(level, sign, start, end, n)


def _group_of_keys(
    keys: pd.Series[str],
    table: pd.DataFrame,
    part: _PartOfPath,
    test: Sequence[str],
    *,
    are_groups: bool,
) -> GroupOfPaths | None:
    """Return the column that groups the keys of images; its table has no name yet.

    Args:
        keys: of each image.
        table: that has them.
        part: of paths that is a key.
        test: paths of the images to predict.
        are_groups: whether the names of images are grouped already.
    """
    column = str(keys.name)
    if all(one.isdecimal() for one in set(keys)):
        return None  # small numbers stand anywhere
    by_key = _rows_of_key(keys, table)
    if by_key is None:
        return None
    are_groups = are_groups or is_group_name(column)
    columns = _grouping_columns(by_key.reindex(keys.unique()), by_ids=are_groups)
    if not columns:
        return None
    by_key, own = _with_own_groups(by_key[columns], keys)
    of_test = by_key[~by_key.index.isin(set(keys))]
    named = [name for one in test if (name := part.of(one)) in by_key.index]
    of_test = by_key.loc[named] if named else of_test
    of_train = by_key.loc[list(keys)].reset_index(drop=True).assign(**{column: list(keys)})
    group = find_named_group(
        of_train, [], of_test if len(of_test) else None, named=[*columns, column]
    )
    if group is None or group.column == column:
        return None
    notes = [f"every {column} lies in one {group.column}, so {group.column} was taken as the group"]
    notes += [own] if own else []
    return GroupOfPaths((), column, group, tuple(of_train[group.column]), notes)


@dataclass(frozen=True)
class LabelsOfGroups:
    """A table of images, as it is to be written.

    Attributes:
        path: of the table.
        train: its rows of train, with their label.
        test: its other rows, of images to predict; None where there are none.
    """

    path: str
    train: MadeTable
    test: MadeTable | None = None


def with_labels_of_groups(data: CompetitionData) -> LabelsOfGroups | None:
    """Return a table of train with the labels that another table has for each group, or None.

    As where `images.csv` has `image` and `patient`, and `diagnoses.csv` has `patient`, or
    `Patient`, and all columns that the sample submission asks for; or both have `plot` and `visit`.
    """
    folder, tables, sample = data.folder, data.tables, data.sample
    asked = [] if sample is None else list(sample.values)
    of_images = {
        path: match
        for path, table in tables.items()
        if (match := match_if_of_train(folder, path, table)) is not None
        # Numbers of a visit name images that are numbered, too, but few of them.
        and 2 * table[match.id].nunique() >= len(table)
    }
    if not asked or any(not set(asked).isdisjoint(tables[path]) for path in of_images):
        return None
    to_predict, units = set[str](), set[str]()
    if sample is not None:
        units = set(sample.table[sample.id])
        to_predict = {one.path for cell in units for one in folder.named(cell)}
    for path, labels in tables.items():
        if not set(asked) <= set(labels) or path in of_images:
            continue
        for of_train, match in of_images.items():
            labels = _called_as_in(match.table, tables[path], asked)
            keys = _keys_of_groups(folder, match, labels.drop(columns=asked), to_predict, units)
            if not keys:
                continue
            reader = f"{of_train} with {some(asked)} of {path} for each {' and '.join(keys)}"
            wide = _with_columns_of_groups(match.table, labels, keys)
            rest = match.table[~match.table[match.id].isin(wide[match.id])]
            test = None
            if _named_images(folder, match, rest):
                reason = f"{of_train} without those that have {some(asked)} in {path}"
                test = MadeTable((of_train, path), f"the rows of {reason}", rest)
            return LabelsOfGroups(of_train, MadeTable((of_train, path), reader, wide), test)
    return None


def _only_value_column(sample: SampleSubmission | None) -> str | None:
    """Return the column to predict, or None where there is none or more than one."""
    return sample.values[0] if sample is not None and len(sample.values) == 1 else None


def _keys_of_groups(
    folder: DataFolder,
    match: ImageTable,
    labels: pd.DataFrame,
    to_predict: Collection[str],
    units: Collection[str],
) -> list[str]:
    """Return the columns by which groups of images, and no images, have a row of `labels`, or [].

    One column is preferred to all that both tables have. Only images to predict, or of the units
    that are, may be of groups without a row.
    """
    table = match.table
    shared = [str(one) for one in labels if one in table and one != match.id]
    ways = [[one] for one in shared if labels[one].is_unique and not table[one].is_unique]
    if len(shared) > 1 and not labels.duplicated(shared).any():
        ways.append(shared)
    for keys in ways:
        known = pd.MultiIndex.from_frame(labels[keys])
        is_known = pd.MultiIndex.from_frame(table[keys]).isin(known)
        rest = table[~is_known]
        # A column of its own may have the sample's ids, though no file is called so.
        ways_to_tell = (keys, *([str(one)] for one in rest))
        if is_known.any() and not rest.empty and any(_are_of(units, rest[x]) for x in ways_to_tell):
            return keys
        others = _named_images(folder, match, rest) if is_known.any() else []
        if is_known.any() and all(one.part == "test" or one.path in to_predict for one in others):
            return keys
    return []


def _called_as_in(table: pd.DataFrame, other: pd.DataFrame, asked: Sequence[str]) -> pd.DataFrame:
    """Return `other` with `CaseNo` called as the column `case_no` of the table, its words."""
    own = {tuple(name_words(str(one))): str(one) for one in table}
    called = {
        str(one): own[words]
        for one in other
        if one not in table and one not in asked and (words := tuple(name_words(str(one)))) in own
    }
    is_once = len(set(called.values())) == len(called) and not {*other.columns} & {*called.values()}
    return other.rename(columns=called) if is_once else other


def _named_images(folder: DataFolder, match: ImageTable, rows: pd.DataFrame) -> list[ImageFile]:
    """Return the images of any part that some rows of a table name."""
    every = [one for cell in rows[match.id] for one in folder.named(cell)]
    if every:
        return every
    found = match_images(folder, match.path, rows, ("test", "other", "holdout", "train"))
    return [] if found is None else [one for one in found.images if one is not None]


def _are_of(units: Collection[str], rows: pd.DataFrame) -> bool:
    """Return whether the rows are of all units, and of no others, by their columns together."""
    if len(rows.columns) == 1:
        return set(rows.iloc[:, 0]) == set(units)
    found = find_joined_cells(units, rows)
    return found is not None and set(found.ids(rows)) == set(units)


def _with_columns_of_groups(
    table: pd.DataFrame, labels: pd.DataFrame, keys: list[str]
) -> pd.DataFrame:
    """Return the rows of `table` whose group has a row of `labels`, with the columns of that."""
    new = [one for one in labels if one not in table]
    return table.merge(labels[[*keys, *new]], on=keys, validate="m:1")


def with_classes_of_sample(data: CompetitionData) -> tuple[str, MadeTable] | None:
    """Return a table of train whose classes are called as the sample calls them, or None.

    As where train has `species`, the sample numbers of `Category`, and a list both, whatever its
    columns are called; or train numbers, and the sample names. They then stand in a column that is
    called as that of the sample. So it is with a sample that has a column for each class.

    Args: as `with_labels_of_groups`.

    Returns:
        The path of the table of train, and the table as it is to be written.
    """
    tables, sample = data.tables, data.sample
    if sample is None:
        return None
    name = _only_value_column(sample)
    sent = {*sample.values} if name is None else {*sample.table[name]}
    if name is None and (len(sent) < 2 or any({*table} & sent for table in tables.values())):
        return None
    listed = find_class_names(replace(data, tables={}))
    for of_train, table in tables.items():
        if guess_part(of_train) in ("test", "unlabelled"):
            continue
        own = set(table[name]) if name in table else set()
        known = own if name else {cell for column in table for cell in table[column].unique()}
        if known & sent:
            continue  # train has the classes of the sample, as they are
        for path, one in _class_lists(listed, tables, of_train):
            columns = [str(other) for other in one.columns if one[other].is_unique]
            keys = [
                key for key in columns if sent <= set(one[key]) and not holds_no_codes(one[key])
            ]
            words = [key for key in columns if not own or own <= set(one[key])]
            for key in keys:
                asked = table[[name]] if name and own else table
                rest = [other for other in words if other != key and not holds_no_codes(one[other])]
                column, word = _column_of_words(asked, one[rest], path)
                if column is None or not _names_train(data.folder, of_train, table):
                    continue
                called = dict(zip(one[word], one[key], strict=True))
                free = (one for one in ("class", f"{key} of {path}") if one not in table)
                as_name = name or next(free)
                wide = table.assign(**{as_name: table[column].map(called)})
                reader = f"{of_train} with {key} of {path} for each {column}, as {as_name}"
                if name is None:
                    wide, told = _of_columns(wide, as_name, sent)
                    reader += told
                sources = (of_train, path)
                return of_train, MadeTable(sources, reader, wide)
    return None


def _of_columns(
    table: pd.DataFrame, column: str, sent: Collection[str]
) -> tuple[pd.DataFrame, str]:
    """Return the rows of the classes that a sample has a column of, and which others there are."""
    is_sent = table[column].isin(sent)
    others = sorted({*table[column][~is_sent]})
    if not others:
        return table, ""
    n = plural(int((~is_sent).sum()), "row")
    told = f", without {n} of {some(others)}, which the sample submission has no column for"
    return table[is_sent].reset_index(drop=True), told


def _names_train(folder: DataFolder, path: str, table: pd.DataFrame) -> bool:
    return match_of_train(folder, path, table) is not None


def holds_no_codes(cells: pd.Series[str]) -> bool:
    """Return whether cells are blank or fractions, which name no class."""
    return bool(cells.eq("").any() or cells.str.fullmatch(r"-?\d*\.\d+").any())


def _class_lists(
    listed: ClassNames | None, tables: Mapping[str, pd.DataFrame], of_train: str
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the tables that may list classes, and the numbers and names of texts and JSON."""
    for path, table in tables.items():
        if path != of_train and len(table) > 1 and len(table.columns) > 1:
            yield path, table
    if listed is not None and listed.named:
        pairs = [(str(number), name) for number, name in listed.named.items()]
        yield listed.path, pd.DataFrame(pairs, columns=["number", "name"], dtype=object)


def _column_of_words(table: pd.DataFrame, words: pd.DataFrame, path: str) -> tuple[str | None, str]:
    """Return the column of `table` whose cells are all in a column of `words`, and that column.

    Of numbers it is one alone, or the one that is called as the column or its table: those of folds
    are in many lists. Ids of images name no class.

    Args:
        table: of train.
        words: columns of a list.
        path: of the list.
    """
    found = [
        (column, word)
        for column in map(str, table.columns)
        if 1 < table[column].nunique() < len(table)
        for word in map(str, words.columns)
        if set(table[column]) <= set(words[word])
    ]
    named = [one for one in found if not table[one[0]].str.fullmatch(r"[\d.]*").any()]
    if named:
        return named[0]
    if len(found) > 1:
        of_list = {*name_words(PurePosixPath(path).stem)}
        found = [one for one in found if {*name_words(one[0])} & ({*name_words(one[1])} | of_list)]
    return found[0] if len(found) == 1 else (None, "")
