"""Steps of tables: made of other files, joined, corrected, and with a row an image."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from podium.competition.infer.conversions.labels.cells.levels_of_cells import with_levels_of_sample
from podium.competition.infer.conversions.labels.columns.columns_of_ends import (
    with_columns_of_ends,
)
from podium.competition.infer.conversions.labels.columns.corrections import correct_labels
from podium.competition.infer.conversions.labels.columns.joined_columns import (
    labels_of_joined_columns,
)
from podium.competition.infer.conversions.labels.columns.labels_of_units import labels_of_units
from podium.competition.infer.conversions.labels.names.lists_of_classes import lists_of_classes
from podium.competition.infer.conversions.labels.names.matched_names import (
    LABEL,
    table_of_matched_names,
)
from podium.competition.infer.conversions.parts.left_out import (
    describe_left_out,
    leave_out_marked_rows,
    leave_out_rows,
    leave_out_values,
    without_withdrawn_folders,
)
from podium.competition.infer.conversions.parts.validation import with_validation_part
from podium.competition.infer.conversions.tables.dialects.turned_tables import with_a_row_an_image
from podium.competition.infer.conversions.tables.made_tables import made_tables
from podium.competition.infer.conversions.tables.measurements import measurements_of_images
from podium.competition.infer.conversions.tables.pieces.replaced_tables import replaced_tables
from podium.competition.infer.conversions.tables.pieces.split_lists import lists_of_split
from podium.competition.infer.conversions.tables.pieces.tables_of_folders import (
    OF_TEST,
    with_called_folders_joined,
    with_folders_joined,
)
from podium.competition.infer.conversions.tables.records.lines_of_records import (
    find_lines_of_records,
)
from podium.competition.infer.conversions.tables.rows.matrices import rows_of_matrices
from podium.competition.infer.conversions.tables.rows.names_in_cells import rows_of_name_cells
from podium.competition.infer.conversions.tables.rows.number_ranges import rows_of_number_ranges
from podium.competition.infer.conversions.tables.rows.ranges import rows_of_ranges
from podium.competition.infer.conversions.tables.series import series_beside_images
from podium.competition.infer.conversions.tables.texts.joined_texts import table_of_texts
from podium.competition.infer.files import OF_TRAIN, is_test_table
from podium.competition.infer.image_tables import names_images
from podium.competition.infer.masks.files import train_masks
from podium.competition.infer.sample.submission import is_like_a_sample, is_sample_submission
from podium.competition.infer.sources import Sources
from podium.competition.infer.steps.parts import with_parts_of_rows
from podium.competition.infer.steps.samples import as_sample
from podium.competition.made_files import MADE
from podium.errors import plural, some

__all__ = [
    "with_columns_called_as_ends",
    "with_joined_labels",
    "with_labels_corrected",
    "with_labels_of_units",
    "with_levels_of_cells",
    "with_lines_of_records",
    "with_made_tables",
    "with_matched_names",
    "with_names_in_cells",
    "with_rows_of_matrices",
    "with_rows_of_ranges",
    "with_tables_of_folders",
    "without_measurements",
    "without_replaced_tables",
    "without_rows_left_out",
    "without_series",
]


def with_lines_of_records(found: Sources) -> Sources:
    """Return the sources with tables of lines of 0 and 1 in the order of records of JSON.

    Such lines have no header, and are no tables by themselves.
    """
    lines = find_lines_of_records(found.folder) if found.has_test else None
    if lines is None:
        return found
    rest = [path for path in found.folder.tables if path not in lines.paths]
    found = replace(found, folder=replace(found.folder, tables=tuple(rest)))
    stem = Path(lines.train.sources[0]).stem
    found = found.with_table(f"{stem}_records.csv", lines.train)
    found = found.with_table("test.csv", lines.test)
    test = list(found.tables)[-1]
    ids = {"table": found.folder.spell(test), "id": lines.id}
    found = found.with_sample(lines.sample, {"header": False, "ids": ids}, None)
    return found.with_note(lines.note)


def with_labels_corrected(found: Sources) -> Sources:
    """Return the sources with the labels of train as tables of corrections have them."""
    while (one := correct_labels(found.tables)) is not None:
        if one.table is None:
            found = found.with_note(f"{one.path} has the values of {one.corrections} already")
        else:
            found = found.with_table_instead(one.path, "corrected", one.table)
        found = found.without_tables([one.corrections])
    return found


def with_levels_of_cells(found: Sources) -> Sources:
    """Return the sources with a column for each answer that train has as a level of one column."""
    for path, one in with_levels_of_sample(found.tables, found.sample).items():
        found = found.with_table_instead(path, "levels", one)
    return found


def with_columns_called_as_ends(found: Sources) -> Sources:
    """Return the sources with labels in columns that the ends of rows of the sample name."""
    if found.label is not None:
        return found
    for path, one in with_columns_of_ends(found).items():
        found = found.with_table_instead(path, "ends", one)
    return found


def without_series(found: Sources) -> Sources:
    """Return the sources without the tables of what was measured beside each image."""
    for one in list(series_beside_images(found)):
        found = found.without_tables(one.paths).with_note(one.note)
    return found


def without_measurements(found: Sources) -> Sources:
    """Return the sources without columns of what was measured on each image."""
    for one in list(measurements_of_images(found)) if found.label is None else ():
        found = replace(found, tables={**found.tables, one.path: one.rest}).with_note(one.note)
    return found


def without_replaced_tables(found: Sources) -> Sources:
    """Return the sources without the tables that others replace, as a text states."""
    for one in list(replaced_tables(found, _one_source(found))):
        found = found.without_tables([one.path]).with_note(one.note)
    return found


def _one_source(found: Sources) -> dict[str, str]:
    """Return the file of the data folder that each made table is of, where it is of one alone."""
    root = found.folder.path.absolute()
    return {
        one.path: one.sources[0].relative_to(root).as_posix()
        for one in found.made
        if len(one.sources) == 1 and one.sources[0].is_relative_to(root)
    }


def with_joined_labels(found: Sources) -> Sources:
    """Return the sources with labels that are the cells of several columns of train, joined."""
    if found.label is not None or train_masks(found.folder) or found.coco or found.outlines:
        return found
    joined = labels_of_joined_columns(found)
    if joined is None or joined.made is None:
        return found if joined is None else found.with_note(joined.note)
    stem = Path(joined.path).stem if joined.path else "labels_of_images"
    name = f"{stem}_joined.csv" if joined.path else f"{stem}.csv"
    return found.with_table(name, joined.made, instead_of=joined.path)


def without_rows_left_out(found: Sources) -> Sources:
    """Return the sources without the rows of train that lists, or texts, name as left out."""
    for path, made in list(leave_out_marked_rows(found)):
        if path in found.tables:
            found = found.with_table_instead(path, "used", made)
    while used := next(leave_out_values(found), None):
        path, made = used
        found = found.with_table_instead(path, "used", made)
    found = without_withdrawn_folders(found)
    read: set[str] = set()
    while True:
        lists = leave_out_rows(found)
        one = next((one for one in lists if one.path not in read), None)
        if one is None:
            return found
        read.add(one.path)
        if one.table is None or one.of_train is None:
            found = found.with_note(describe_left_out(one))
            continue
        found = found.with_table_instead(one.of_train, "kept", one.table)
        found = found.without_tables([one.path])


def with_names_in_cells(found: Sources) -> Sources:
    """Return the sources with a row an image for tables whose cells list several; not of masks."""
    if train_masks(found.folder):
        return found
    rows = rows_of_name_cells(found)
    if rows is None:
        return found
    for path, one in rows.tables.items():
        is_of_test = path in rows.to_predict and not is_test_table(path)
        found = found.with_table_instead(path, "test" if is_of_test else "images", one)
    found = found.with_note(*rows.notes).without_tables(rows.used)
    return replace(found, unit=rows.unit, bare_units=rows.bare)


def with_rows_of_matrices(found: Sources) -> Sources:
    """Return the sources with a row an image for tables whose columns, or cells, are of images."""
    for path, table in found.tables.items():
        if (one := with_a_row_an_image(found.folder, path, table, found.sample)) is not None:
            found = found.with_table_instead(path, "turned", one)
    rows = rows_of_matrices(found)
    if rows is None:
        return found
    return found.without_tables(rows.sources).with_table("cells.csv", rows)


def with_rows_of_ranges(found: Sources) -> Sources:
    """Return the sources with a row an image for tables whose rows are of several in order."""
    for path, one in rows_of_number_ranges(found).items():
        found = found.with_table_instead(path, "rows", one)
    for path, table in found.tables.items():
        if (rows := rows_of_ranges(found.folder, path, table)) is not None:
            found = found.with_table_instead(path, "rows", rows)
    return found


def with_matched_names(found: Sources) -> Sources:
    """Return the sources with a table of what a person's expression finds in names of images."""
    if not found.expression:
        return found
    table, rest = table_of_matched_names(found.folder, found.expression)
    found = replace(found.with_table("names.csv", table), label=found.label or LABEL)
    if not rest:
        return found
    of_one = len(rest) == 1
    which = "1 image whose name" if of_one else f"{plural(len(rest), 'image')} whose names"
    return found.with_note(
        f"{which} the expression does not match {'has' if of_one else 'have'} no label: "
        f"{some(rest)}"
    )


def with_lists_of_classes(found: Sources) -> Sources:
    """Return the sources with a table of images, where each class has a list of its own."""
    if found.label is not None or train_masks(found.folder) or found.coco or found.outlines:
        return found
    listed = lists_of_classes(found)
    if listed is None:
        return found
    name = "classes_of_lists.csv"
    found = found.with_table(name, listed.table, instead_of=listed.instead_of)
    if listed.test is not None:
        found = found.with_table("test_of_lists.csv", listed.test)
    return found.with_note(*listed.notes)


def with_made_tables(found: Sources) -> Sources:
    """Return the sources with the tables that are made of other files, in parts as others are."""
    found = _with_lists_of_split(found)
    coco = found.coco
    is_told = any(names_images(found.folder, one) for one in found.tables.values())
    joined = None if is_told or coco is not None else table_of_texts(found.folder)
    if joined is not None:
        found = with_parts_of_rows(found.with_table(f"{Path(joined.sources[0]).stem}.csv", joined))
    read = {source for one in found.made for source in one.sources}
    known = [path for path in found.folder.others if found.folder.path.absolute() / path in read]
    known += () if found.annotations is None else found.annotations.sources
    known += () if found.unwritten is None else [found.unwritten.path]
    sent = frozenset[str]() if found.sample is None else found.sample.listed
    asked = [] if found.sample is None else list(found.sample.values)
    asked = asked if found.label is None else [one.strip() for one in found.label.split(",")]
    made = made_tables(found, known=known, sent=sent, asked=asked) if coco is None else coco.tables
    used = {source for one in made.values() for source in one.sources}
    tables = {path: table for path, table in found.tables.items() if path not in used}
    for name, one in made.items():
        found, path = found.written(name, one)
        tables[path] = one.table
        tell = f"{some(one.sources)} tell{'s' * (len(one.sources) == 1)}"
        found = found.with_note(f"{path} has the {plural(len(one.table), 'row')} that {tell}")
    for name in made if found.sample is None else ():
        path = f"{MADE}/tables/{name}"
        if is_sample_submission(path) or is_like_a_sample(path, tables):
            tables.pop(path)
            found = as_sample(found, path, made[name])
            break
    found = replace(found, tables=tables)
    if not made:
        return found
    found = with_parts_of_rows(found)
    # Rows that JSON has of validation are known now.
    return found.with_folder(*with_validation_part(found))


def with_tables_of_folders(found: Sources) -> Sources:
    """Return the sources with one table for those of a folder of images each.

    They lie there, or are called so. So are tables of test that lie there, where no sample
    submission tells what is to be predicted.
    """
    if found.coco is not None:
        return found
    sources = _one_source(found)
    for parts in (OF_TRAIN, OF_TEST) if found.sample is None else (OF_TRAIN,):
        joined = with_folders_joined(found, sources, parts)
        if joined is None and parts == OF_TRAIN:
            joined = with_called_folders_joined(found, sources)
        if joined is None:
            continue
        paths, one = joined
        first = Path(sources.get(paths[0], paths[0])).stem
        called = first if parts == OF_TRAIN else f"{first}_test"
        found = found.without_tables(paths).with_table(f"{called}_of_folders.csv", one)
    return found


def with_labels_of_units(found: Sources) -> Sources:
    """Return the sources with one table of the folders of images that the sample has rows of."""
    if found.coco is not None or found.label is not None or train_masks(found.folder):
        return found
    labels = labels_of_units(found)
    if labels is None:
        return found
    found, zeros = found.without_tables(labels.used), ""
    if labels.with_zeros is not None:
        found, zeros = found.written(f"{labels.stem}_units_with_0.csv", labels.with_zeros)
    found = found.with_table(f"{labels.stem}_units.csv", labels.made)
    return replace(found, units_with_zeros=zeros)


def _with_lists_of_split(found: Sources) -> Sources:
    """Return the sources with the parts of a list, where nothing else tells what to predict."""
    is_told = found.sample is not None or bool(found.test_tables)
    if is_told or found.annotations is not None or found.folder.of_part("train", "test", "mask"):
        return found
    split = lists_of_split(found.folder)
    if split is None:
        return found
    for name, one in split.tables.items():
        found = found.with_table(name, one)
    return found.with_note(split.note)
