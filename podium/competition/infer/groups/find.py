"""The group whose rows must not cross folds: what tables, paths and names of images tell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from podium.competition.ids.patterns import Pattern, file_stem
from podium.competition.infer.conversions.labels.columns.further_columns import (
    find_further_group,
    find_group_of_paths,
    find_group_table,
    with_cells_of_tables,
)
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.conversions.tables.records.facts_of_images import (
    IMAGE,
    facts_of_images,
)
from podium.competition.infer.files import DataFolder, ImageFile, folder_levels, is_test_table
from podium.competition.infer.groups.columns import GroupColumn, find_group, find_named_group
from podium.competition.infer.groups.links import find_linked_rows
from podium.competition.infer.groups.names import find_group_in_names
from podium.competition.infer.groups.pairs import find_paired_columns
from podium.competition.infer.groups.places import PLACE, with_places
from podium.competition.infer.groups.sides import find_things_of_sides
from podium.competition.infer.groups.unnamed import coarser_columns, find_unnamed_group
from podium.competition.infer.image_tables import ImageTable, JoinedTable
from podium.competition.infer.labels.kinds import InferredLabels
from podium.competition.infer.parts.folders import go_on_in_test
from podium.competition.infer.parts.to_predict import PartImages
from podium.competition.infer.parts.train import TrainPart
from podium.competition.infer.readme.things_apart import (
    ThingApart,
    column_apart,
    readme_apart,
)
from podium.competition.infer.sample.runs import MaskRuns
from podium.competition.infer.sources import Sources
from podium.competition.infer.tasks.settle import InferredTasks
from podium.errors import plural, some

__all__ = ["FoundGroup", "find_groups"]


@dataclass(frozen=True)
class FoundGroup:
    """The group that was found, with the sources and the part of train that have its column."""

    sources: Sources
    train: TrainPart
    column: GroupColumn | None = None
    notes: tuple[str, ...] = ()
    """What may be a group, and is none here, and what images to predict have of it."""

    def noted(self, notes: Iterable[str]) -> FoundGroup:
        """Return the group with more points for a person to check."""
        return replace(self, notes=(*self.notes, *notes))

    def told(self, what: str) -> FoundGroup:
        """Return the group with a note on the table of train: what it is, or has."""
        path = "" if self.train.match is None else self.train.match.path
        return replace(self, sources=self.sources.with_note(f"{path} {what}"))


@dataclass(frozen=True)
class _TestCells:
    """The cells of the rows to predict, with those of further tables."""

    table: pd.DataFrame | None
    sources: Mapping[str, str]
    """The table that a further column is from, by its name."""


def find_groups(
    sources: Sources, train: TrainPart, test: PartImages, tasks: InferredTasks
) -> FoundGroup:
    """Return the group whose rows must not cross folds, as far as the data show one.

    Each place is asked only where those before it show none: the table of train, tables that lead
    from its rows to others, tables of images, names of images, unnamed columns. A table of what
    paths name may show a coarser one.
    """
    cells = _cells_of_test(sources, train, test)
    apart = readme_apart(sources.folder)
    found = _in_tables(FoundGroup(sources, train), test, cells, apart)
    if found.column is None and found.train.match is None:
        found = _of_image_table(found, apart)
    if found.column is None and found.train.match is None:
        found = _of_facts(found, apart)
    if found.column is None and not found.notes:
        column, notes = _group_in_names(found.sources.folder, found.train, test, apart)
        found = replace(found, column=column, notes=tuple(notes))
    if found.column is None and not found.notes and found.train.plain is not None:
        found = found.noted(_folders_that_go_on(found.sources.folder, found.train.plain.images))
    match = found.train.match
    if found.column is None and match is not None and match.join is None:
        column, notes = find_unnamed_group(
            _without_parts(match),
            match.id,
            found.train.labels,
            cells.table,
            folders=["" if one is None else one.folder for one in match.images],
            scheme="shared_files" if match.n_shared else "stratified_group",
        )
        found = replace(found, column=column).noted(notes)
        found = _of_sides(found, match, cells.table) if column is None else found
    found = _of_shared_files(_of_paths(found, tasks))
    return _held_against_test(found, cells)


def _cells_of_test(sources: Sources, train: TrainPart, test: PartImages) -> _TestCells:
    match, sample, tables = train.match, sources.sample, sources.tables
    if sample is None or test.table != sample.path:
        if test.cells is None or match is None:
            return _TestCells(test.cells, {})
        return _TestCells(*with_cells_of_tables(test.cells, match, tables))
    if match is None:
        return _TestCells(None, {})
    cells, of_tables = with_cells_of_tables(sample.table[[sample.id]], match, tables)
    return _TestCells(cells if of_tables else None, of_tables)


def _in_tables(
    found: FoundGroup, test: PartImages, cells: _TestCells, apart: Sequence[ThingApart]
) -> FoundGroup:
    """Return the group that the table of train has, or one that its rows lead to."""
    sources, train = found.sources, found.train
    match, of_row = train.match, None if sources.rows is None else sources.rows.group
    if of_row is not None and match is not None and of_row.column in match.table:
        return replace(found, column=of_row)
    if (paired := _of_pair(found, cells.table, apart)) is not None:
        return paired
    column, notes = _find_group(train, cells.table, sources.tables, apart)
    found = replace(found, column=column, notes=tuple(notes))
    if column is None and match is not None and match.join is None:
        found = _of_places(found, match, cells.table)
        column = found.column
    if (linked := _of_links(found, cells.table)) is not None:
        return linked
    if match is None or train.labels is None or match.join is not None:
        return found
    if column is not None and column_apart(column.column, apart):
        return found
    wider, further_notes = find_further_group(
        match, train.labels, sources.tables, test.ids, test=cells.table, group=column, apart=apart
    )
    found = found.noted(further_notes)
    if wider is None:
        return found
    sources, path = sources.written(_name_of_made(wider.made), wider.made)
    return FoundGroup(
        sources.with_note(f"{path} is {wider.made.reader}, which names the group"),
        replace(train, match=replace(wider.match, path=path)),
        wider.group,
        tuple(wider.notes),
    )


def _of_pair(
    found: FoundGroup, test: pd.DataFrame | None, apart: Sequence[ThingApart]
) -> FoundGroup | None:
    """Return the group of two columns that a text names together; None where none does."""
    match, labels = found.train.match, found.train.labels
    if match is None or match.join is not None or match.several:
        return None
    used = {match.id, *([] if labels is None else labels.column_names)}
    paired = find_paired_columns(match.table, used, test, apart)
    if paired is None:
        return None
    if not paired.joined:
        return replace(found, column=paired.group)
    reader = f"{match.path} with {paired.joined} of each row, which two columns name together"
    return _with_made_column(found, match, paired.table, paired.group, reader).told(f"is {reader}")


def _with_made_column(
    found: FoundGroup, match: ImageTable, table: pd.DataFrame, group: GroupColumn, reader: str
) -> FoundGroup:
    """Return the group, with the table of train that has its column written in place of the own.

    Columns that patterns made stay out of the file.
    """
    columns = [one for one in table if "{" not in str(one)]
    made = MadeTable((match.path,), reader, table[columns])
    sources, path = found.sources.written(_name_of_made(made), made)
    train = replace(found.train, match=replace(match, table=table, path=path))
    return FoundGroup(sources, train, group, found.notes)


def _of_links(found: FoundGroup, test: pd.DataFrame | None) -> FoundGroup | None:
    """Return the group of rows that name each other; None without, or where they lie in another.

    Beside a column that groups the rows otherwise, the links are the first choice: all there is to
    decide where a text states that linked rows belong together.
    """
    match, labels, before = found.train.match, found.train.labels, found.column
    if match is None or match.join is not None or match.several:
        return None
    of_labels = [] if labels is None else labels.column_names
    linked = find_linked_rows(found.sources.folder, match.table, match.id, of_labels, test)
    if linked is None:
        return None
    group, notes = linked.group, list[str]()
    if before is not None and before.column in match.table:
        cells = match.table[before.column]
        if (cells.groupby(linked.cells).nunique() == 1).all():
            return None
        is_inside = (linked.cells.groupby(cells).nunique() == 1).all()
        if linked.told:
            notes.append(f"{before.column} could be the group as well; {group.column} was taken")
        elif not is_inside:
            group = replace(group, others=(before.column,))
    reader = f"{match.path} with the {group.column} of each row that {linked.link} links"
    return (
        _with_made_column(found, match, linked.table, group, reader)
        .told(f"is {reader}")
        .noted(notes)
    )


def _of_sides(found: FoundGroup, match: ImageTable, test: pd.DataFrame | None) -> FoundGroup:
    """Return the group of things that columns name together, where each has rows of its sides."""
    labels = found.train.labels
    if labels is None or match.several:
        return found
    seen = find_things_of_sides(match.table, [match.id], labels.column_names, test)
    if seen is None:
        return found
    reader = f"{match.path} with {seen.group.column} of each row"
    made = _with_made_column(found, match, seen.table, seen.group, reader)
    return made.told(f"has {seen.group.column} of each row")


def _of_places(found: FoundGroup, match: ImageTable, test: pd.DataFrame | None) -> FoundGroup:
    """Return the group of rows of one latitude and longitude, where train has such columns."""
    table, labels = with_places(match.table), found.train.labels
    if PLACE not in table or PLACE in match.table or labels is None:
        return found
    of_test = None if test is None else with_places(test)
    group, notes = find_group(table, [match.id], labels, of_test, named=(PLACE,))
    if group is None or group.column != PLACE:
        return found
    made = MadeTable((match.path,), f"{match.path} with the {PLACE} of each row", table)
    sources, path = found.sources.written(_name_of_made(made), made)
    train = replace(found.train, match=replace(match, table=table, path=path))
    return FoundGroup(sources, train, group, found.notes).noted(notes)


def _of_shared_files(found: FoundGroup) -> FoundGroup:
    """Return the column that names files, where rows of other ids share some, and nothing groups.

    Else one file would be in training and in validation.
    """
    match = found.train.match
    if found.column is not None or match is None or match.join is not None or match.several:
        return found
    column = match.file_column
    if column is None or column == match.id or len(Pattern(match.template).fields) != 1:
        return found
    rows = match.table[[image is not None for image in match.images]]
    if rows[column].is_unique or not rows[match.id].is_unique:
        return found
    n = rows[column].nunique()
    why = (
        f"{plural(n, 'file')} over {plural(len(rows), 'row')}: rows of one file must not cross "
        "folds"
    )
    return replace(found, column=GroupColumn(column, why, n))


def _of_image_table(found: FoundGroup, apart: Sequence[ThingApart]) -> FoundGroup:
    """Return the group that a table has of images without a table of labels."""
    sources, train = found.sources, found.train
    of_images = find_group_table(sources, train.images, train.pattern, apart)
    if of_images is None:
        return found
    path = of_images.path
    if of_images.made is not None:
        sources, path = sources.written(_name_of_made(of_images.made), of_images.made)
    train = replace(train, join=(path, of_images.key))
    return replace(found, sources=sources, train=train, column=of_images.group)


def _of_facts(found: FoundGroup, apart: Sequence[ThingApart]) -> FoundGroup:
    """Return the group that records of images tell, a file each, without a table of labels.

    An image without a record is a group of its own.
    """
    sources, train = found.sources, found.train
    if train.join is not None or sources.annotations is not None or sources.outlines is not None:
        return found
    folder = sources.folder
    read = {path for one in sources.made for path in map(str, one.sources)}
    known = [one for one in folder.others if str(folder.path.absolute() / one) in read]
    facts = facts_of_images(folder, train.images, known=known)
    if facts is None:
        return found
    of_test = facts_of_images(folder, folder.of_part("test"), known=known)
    test = None if of_test is None else of_test.table
    table = facts.table
    is_there = ~table[IMAGE].isin([file_stem(path) for path in facts.without])
    group = find_named_group(table[is_there], [IMAGE], test, apart=apart)
    if group is None or "=" in group.column or not table[is_there][group.column].all():
        return found
    cells = table[group.column].where(is_there, table[IMAGE])
    where = f"{facts.sources[0]} and {len(facts.sources) - 1:,} more"
    made = MadeTable(
        facts.sources,
        f"the facts of images in {where}",
        table.assign(**{group.column: cells}),
    )
    sources, path = sources.written("facts_of_images.csv", made)
    sources = sources.with_note(f"{path} is {made.reader}, which names the group")
    notes = []
    if facts.without:
        own = (
            f"{path} has each as a {group.column} of its own: fill in the right one if you know it"
        )
        n = plural(len(facts.without), "image")
        notes.append(f"{n} without a record ({some(facts.without, 3)}): {own}")
    train = replace(train, join=(path, f"{IMAGE}={{stem}}"))
    return replace(found, sources=sources, train=train, column=group).noted(notes)


def _held_against_test(found: FoundGroup, cells: _TestCells) -> FoundGroup:
    """Return the group with what rows to predict have of it, and with coarser columns."""
    group, match = found.column, found.train.match
    if group is None or match is None:
        return found
    rows, column = match.table, group.column
    if cells.table is not None and column in cells.sources and column in rows:
        n = cells.table[column].isin(set(rows[column])).sum()
        which = f"and {n:,} are of those" if n else "and these are others than those"
        which = f"{which} of train"
        where = f"{cells.sources[column]} has the {column} of the images to predict"
        found = found.noted([f"{where}, {which}"])
    told = list(found.notes)
    sample = found.sources.sample
    asked = [] if sample is None else sample.values
    return found.noted(
        coarser_columns(rows, group, found.train.labels, cells.table, told=told, asked=asked)
    )


def _find_group(
    train: TrainPart,
    test: pd.DataFrame | None,
    tables: Mapping[str, pd.DataFrame],
    apart: Sequence[ThingApart],
) -> tuple[GroupColumn | None, list[str]]:
    if train.folders is not None:
        return train.folders.group, []
    if train.plain is not None:
        return train.plain.group, []
    assert train.match is not None
    if train.match.join is not None:
        return _joined_group(train.match, train.match.join, train.labels, tables, apart)
    if train.labels is None:
        rows = _without_parts(train.match)
        return find_named_group(rows, [train.match.id], apart=apart), []
    group, notes = find_group(train.match.table, [train.match.id], train.labels, test, apart=apart)
    if not train.match.n_shared:
        return group, notes
    # Every photograph lies in one animal, which is a group; folds keep the files apart themselves.
    files = {one for one in train.match.several if one != train.match.id}
    notes = [one for one in notes if not files.intersection(re.findall(r"\w+", one))]
    return None if group is None or group.column in files else group, notes


def _without_parts(match: ImageTable) -> pd.DataFrame:
    """Return the table without columns that name files of several rows."""
    if not match.n_shared:
        return match.table
    return match.table.drop(columns=[one for one in match.several if one != match.id])


def _name_of_made(made: MadeTable) -> str:
    return f"{'_and_'.join(Path(one).stem for one in made.sources)}.csv"


def _of_paths(before: FoundGroup, tasks: InferredTasks) -> FoundGroup:
    """Return the group that a table has for what paths name, or that of before."""
    sources, train = before.sources, before.train
    match, folder = train.match, sources.folder
    images = train.images
    is_whole = match is None or (match.join is None and len(images) == len(match.table))
    ids = train.ids_of_images
    own = match is not None or (ids is not None and len(set(ids)) == len(images))
    if train.join is not None or not is_whole or not own:
        return before
    used = set() if match is None else {match.path}
    if isinstance(tasks.masks, MaskRuns):
        used.add(tasks.masks.path)
    if match is not None and match.path in used and isinstance(tasks.masks, MaskRuns):
        return before
    found = find_group_of_paths(
        [image.path for image in images],
        [one.path for one in folder.of_part("test", "other") if one.path not in train.used],
        {path: table for path, table in sources.tables.items() if path not in used},
        classes=tasks.classes,
        group=before.column,
    )
    if found is None or (match is not None and found.group.column in match.table):
        return before
    column = found.group.column
    groups = pd.DataFrame({column: list(found.of_train)}, dtype=object)
    where = " and ".join(found.sources)
    reader = f"{column} of {where} for the {found.key} in each image's path"
    name = f"{Path(found.sources[0]).stem}_of_images.csv"
    if match is not None:
        wide = pd.concat([match.table.reset_index(drop=True), groups], axis=1)
        columns = [one for one in wide if "{" not in str(one)]
        paths = (match.path, *found.sources)
        made = MadeTable(paths, f"{match.path} with {reader}", wide[columns])
        sources, path = sources.written(_name_of_made(made), made)
        train = replace(train, match=replace(match, table=wide, path=path))
    else:
        table = pd.concat([pd.DataFrame({"image": ids}, dtype=object), groups], axis=1)
        sources, path = sources.written(name, MadeTable(found.sources, reader, table))
        train = replace(train, join=(path, "image={id}"))
    sources = sources.with_note(f"{path} is {reader}, which names the group")
    return FoundGroup(sources, train, found.group, before.notes).noted(found.notes)


def _group_in_names(
    folder: DataFolder, train: TrainPart, test: PartImages, apart: Sequence[ThingApart]
) -> tuple[GroupColumn | None, list[str]]:
    ids = train.ids or {folder.spell(image.path) for image in train.images}
    column, columns = "id", [] if train.match is None else list(train.match.table.columns)
    if train.match is not None and train.match.id in columns and "{" not in train.match.id:
        column = train.match.id
    elif column in columns:
        return None, []  # of something else
    folders = train.folders
    return find_group_in_names(
        ids,
        test.ids,
        column=column,
        labels=train.label_of_id,
        are_in_classes=folders is not None and folders.pattern.count("{class}/") == 1,
        apart=apart,
    )


def _joined_group(
    match: ImageTable,
    join: JoinedTable,
    labels: InferredLabels | None,
    tables: Mapping[str, pd.DataFrame],
    apart: Sequence[ThingApart],
) -> tuple[GroupColumn | None, list[str]]:
    """Return the column that groups the rows of a joined table, or the field that names a row.

    The field is one where images share rows.
    """
    names = match.table[join.unit]
    field, n = join.unit.strip("{}"), names.nunique()
    notes: list[str] = []
    if labels is not None:
        test = next((table for path, table in tables.items() if is_test_table(path)), None)
        used = [match.id, join.unit, join.key.partition("=")[0]]
        rows = match.table.drop_duplicates(join.unit)
        group, notes = find_group(rows, used, labels, test, apart=apart)
        if group is not None and group.column in match.table:
            return group, notes
    if n == len(names) or "{" in field or n < 2 or _is_class(names, match, labels):
        return None, notes
    why = (
        f"{plural(n, 'row')} over {plural(len(names), 'image')}: images of one row must not "
        "cross folds"
    )
    return GroupColumn(field, why, n), notes


def _is_class(names: pd.Series[str], match: ImageTable, labels: InferredLabels | None) -> bool:
    """Return whether each row of a joined table is of a class, and each class of a row."""
    if labels is None or not isinstance(labels.column, str) or not labels.classes:
        return False
    pairs = pd.DataFrame({"row": names, "class": match.table[labels.column]}).drop_duplicates()
    return len(pairs) == names.nunique() == len(labels.classes) == pairs["class"].nunique()


def _folders_that_go_on(folder: DataFolder, images: Sequence[ImageFile]) -> list[str]:
    """Return a note on numbered folders of train where test has further numbers; [] without.

    The host split them, so images of one may be alike. A folder of a pattern is no group until the
    pattern has a field for it.

    Args:
        folder: with the images of all parts.
        images: of train, without labels of their own.
    """
    levels = folder_levels(images)
    if levels is None or not levels.names or not go_on_in_test(folder, levels.names):
        return []
    n = len(levels.names)
    return [
        f"{plural(n, 'folder')}, as {levels.names[0]!r}, hold the images of train, and test has "
        "others: to keep the images of each in one fold, let data.train.images end with "
        f"{levels.pattern!r} and write folds: "
        f"{{scheme: stratified_group, n: {min(n, _MOST_FOLDS)}, group: folder}}"
    ]


_MOST_FOLDS = 5
