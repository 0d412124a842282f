"""Steps of rows: tables of train get a row an image, with a label that training reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd

from podium.competition.infer.classes.names import find_class_names
from podium.competition.infer.conversions.ids.instants import find_named_by_instants
from podium.competition.infer.conversions.labels.cells.codes_of_no_class import (
    without_codes_of_no_class,
)
from podium.competition.infer.conversions.labels.cells.directions import find_directions
from podium.competition.infer.conversions.labels.cells.flag_cells import (
    note_of_letters,
    sample_of_flags,
    with_flags_apart,
)
from podium.competition.infer.conversions.labels.cells.label_cells import (
    sample_of_plain_numbers,
    with_findings_as_bits,
    with_plain_bits,
    with_plain_numbers,
    with_shares,
)
from podium.competition.infer.conversions.labels.cells.letter_codes import (
    sample_of_letters,
    with_letters_apart,
)
from podium.competition.infer.conversions.labels.cells.list_cells import (
    sample_of_lists,
    with_plain_lists,
)
from podium.competition.infer.conversions.labels.cells.missing_codes import without_missing_codes
from podium.competition.infer.conversions.labels.cells.numbered_words import (
    with_numbers_of_words,
)
from podium.competition.infer.conversions.labels.cells.one_spelling import (
    notes_of_blanks,
    with_one_spelling,
)
from podium.competition.infer.conversions.labels.cells.sums_of_codes import (
    sample_of_sums,
    with_sums_apart,
)
from podium.competition.infer.conversions.labels.cells.words_of_probabilities import (
    with_words_of_probabilities,
)
from podium.competition.infer.conversions.labels.columns.coalesced_columns import (
    with_coalesced_columns,
)
from podium.competition.infer.conversions.labels.columns.further_columns import (
    with_classes_of_sample,
    with_labels_of_groups,
)
from podium.competition.infer.conversions.labels.columns.labels_by_key import (
    with_codes_by_keys,
    with_labels_by_key,
    with_labels_by_two_keys,
)
from podium.competition.infer.conversions.labels.columns.labels_by_legend import labels_by_legend
from podium.competition.infer.conversions.labels.columns.mark_tables import find_marks
from podium.competition.infer.conversions.labels.columns.replaced_codes import with_current_codes
from podium.competition.infer.conversions.labels.counts.counted_rows import count_rows
from podium.competition.infer.conversions.labels.counts.dotted_copies import count_dots
from podium.competition.infer.conversions.labels.counts.shares_of_masks import shares_of_masks
from podium.competition.infer.conversions.labels.names.codes_of_folders import labels_of_codes
from podium.competition.infer.conversions.labels.pairs import refuse_pairs, refuse_retrieval
from podium.competition.infer.conversions.labels.unpredicted import (
    refuse_boxes_in_cells,
    refuse_keypoints,
)
from podium.competition.infer.conversions.labels.votes.last_readings import last_readings
from podium.competition.infer.conversions.labels.votes.majority_votes import (
    labels_by_vote,
    means_of_columns,
    opinions_of_tables,
)
from podium.competition.infer.conversions.labels.votes.vote_shares import shares_of_votes
from podium.competition.infer.conversions.masks.coco_objects import CocoObjects
from podium.competition.infer.conversions.parts.copied_files import (
    labels_of_copies,
    labels_of_sample,
)
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.conversions.tables.pieces.table_pieces import (
    with_kinds_joined,
    with_pieces_joined,
    with_validation_joined,
)
from podium.competition.infer.conversions.tables.rows.files_of_one_row import (
    RowAnImage,
    rows_of_files,
)
from podium.competition.infer.conversions.tables.rows.labels_of_folders import labels_of_folders
from podium.competition.infer.conversions.tables.rows.melted_rows import columns_of_melted_rows
from podium.competition.infer.conversions.tables.rows.nearest_times import DAY, find_nearest_rows
from podium.competition.infer.conversions.tables.rows.number_rows import (
    numbers_in_rows,
    numbers_of_one_unit,
)
from podium.competition.infer.conversions.tables.rows.present_rows import (
    classes_in_rows,
    with_images_without_rows,
)
from podium.competition.infer.conversions.tables.rows.quantities_by_key import quantities_by_key
from podium.competition.infer.conversions.tables.rows.repeated_rows import (
    without_repeated_rows,
    without_rows_measured_again,
)
from podium.competition.infer.conversions.tables.rows.several_rows import (
    labels_in_rows,
    refuse_boxes,
)
from podium.competition.infer.conversions.tables.rows.sides import (
    rows_of_side_tables,
    rows_of_sides,
)
from podium.competition.infer.conversions.tables.rows.unit_rows import rows_of_pool, without_repeats
from podium.competition.infer.conversions.tables.samples.columns_of_sample import (
    with_columns_of_rows,
)
from podium.competition.infer.files import DataFolder, guess_part
from podium.competition.infer.groups.columns import GroupColumn
from podium.competition.infer.image_tables import match_of_train
from podium.competition.infer.masks.files import train_masks
from podium.competition.infer.readme.claims import readme_absent_rows, readme_no_classes
from podium.competition.infer.readme.things_apart import day_apart, readme_apart
from podium.competition.infer.sample.runs import MaskRuns, find_runs
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.sources import Sources
from podium.competition.made_files import MADE
from podium.errors import DataError, plural

__all__ = [
    "with_dotted_copies",
    "with_keyed_labels",
    "with_labels_of_folders",
    "with_nearest_rows",
    "with_quantities_by_key",
    "with_row_an_image",
    "with_runs",
    "with_shares_of_masks",
]


def with_dotted_copies(found: Sources) -> Sources:
    """Return the sources with the number of dots in the copy of each image, without these copies.

    Raises:
        DataError: nothing tells of which colour the dots of a column are.
    """
    if found.outlines is not None:
        return found
    counts = count_dots(found)
    if counts is None:
        return found
    found = replace(found, folder=counts.folder).with_table("counts.csv", counts.table)
    return replace(found, counted=found.made[-1].path).with_note(*counts.notes)


def with_shares_of_masks(found: Sources) -> Sources:
    """Return the sources with a table of the shares of each mask of train, where these are asked.

    Where a person asks for masks, or for a column, it is not made.
    """
    if found.sample is None or found.masks_alone or found.label is not None:
        return found
    names = find_class_names(found) if train_masks(found.folder) else None
    if names is None:
        return found
    made = shares_of_masks(found, found.sample, names)
    if made is None:
        return found
    return found.without_tables(made.sources).with_table("shares_of_masks.csv", made)


def with_quantities_by_key(found: Sources) -> Sources:
    """Return the sources with one table of the quantities of each key, in place of one a row."""
    made = quantities_by_key(found)
    if made is None:
        return found
    return found.without_tables(made.sources).with_table("quantities.csv", made)


def with_labels_of_folders(found: Sources) -> Sources:
    """Return the sources with the labels of folders of images in a cell each, as rows have them."""
    if found.coco is not None or found.outlines is not None or train_masks(found.folder):
        return found
    labels = labels_of_folders(found, found.label)
    if labels is None:
        return found
    found = found.without_tables([labels.rows] if labels.rows != labels.path else [])
    return found.with_table_instead(labels.path, "labels", labels.made).with_note(labels.note)


def with_keyed_labels(found: Sources) -> Sources:
    """Return the sources with a table of images that has the labels of its keys, which another has.

    Masks are those of images.
    """
    if train_masks(found.folder):
        return found
    joined = with_labels_by_key(found, found.label) or with_labels_by_two_keys(found)
    if joined is not None:
        path, one = joined
        rest = found.without_tables([one for one in one.sources if one != path])
        return rest.with_table_instead(path, "labels", one)
    coded = with_codes_by_keys(found, found.label)
    if coded is None:
        return found
    rest = found.without_tables([one for one in coded.made.sources if one != coded.path])
    rest = rest.with_table_instead(coded.path, "labels", coded.made)
    n = coded.made.table[coded.key].nunique()
    group = GroupColumn(coded.key, f"images of one {coded.key} have one answer", n)
    return replace(rest, rows=RowAnImage({}, group, frozenset(), found.label))


def with_nearest_rows(found: Sources) -> Sources:
    """Return the sources with the row nearest in time as that of each photo."""
    if found.coco is not None or found.outlines is not None or train_masks(found.folder):
        return found
    if find_named_by_instants(found) is not None:
        return found
    near = find_nearest_rows(found)
    if near is None:
        return found
    found = found.with_table_instead(near.path, "nearest", near.train).with_note(*near.notes)
    path, train = found.made[-1].path, near.train
    found = replace(found, folder=replace(found.folder, stations=near.stations))
    others = []
    for n, (other, why) in enumerate(near.others, start=2):
        found, made = found.written(f"{Path(near.path).stem}_nearest_{n}.csv", other)
        others.append((made, why))
    found = replace(found, other_rows={path: tuple(others)})
    if near.test is not None:
        found = found.with_table("test.csv", near.test)
    sample = found.sample
    if near.sample is not None:
        found = found.with_made_sample(*near.sample)
    elif near.joined is not None and sample is not None:
        reader = f"ids {near.joined.file['id_of']} in one column"
        made_sample = MadeTable((sample.path,), reader, near.joined.table)
        found = found.with_sample(made_sample, dict(near.joined.file), sample.runs)
    told = day_apart(readme_apart(found.folder))
    if not told:
        return found
    n_days = train.table[DAY].nunique()
    group = GroupColumn(DAY, f"{told}: photos of one day must not cross folds", n_days)
    return replace(found, rows=RowAnImage({}, group, frozenset(), found.label))


def with_row_an_image(found: Sources) -> Sources:
    """Return the sources with a row for each image that rows name, where each has its own label."""
    # Where a person names the label and nothing is to be predicted, the sample does not count.
    data = found if found.has_test or found.label is None else replace(found, sample=None)
    if found.coco is not None or found.outlines is not None or train_masks(found.folder):
        return found
    rows = rows_of_files(data, found.label)
    if rows is None or find_runs(found) is not None:
        return found
    for path, one in rows.tables.items():
        found = found.with_table_instead(path, "images", one)
    return replace(found, rows=rows, label=rows.label)


def with_runs(found: Sources) -> Sources:
    """Return the sources with their table of runs; without masks, with a row an image in tables."""
    coco, sample, label = found.coco, found.sample, found.label
    has_pieces = False
    while coco is None and (joined := _with_pieces(found)) is not None:
        # Each kind of labels may have its own: concepts of train and of validation, and captions.
        found, has_pieces = joined, True
    if coco is None and not has_pieces:
        found = _with_validation(found if sample is not None else _with_kinds(found))
    folder = found.folder
    runs = find_runs(found) if coco is None else _runs_of_coco(found, coco)
    if runs is None and found.outlines is None and not train_masks(folder):
        if (counted := count_rows(found)) is not None:
            path, table = counted
            found = found.with_table_instead(path, "counts", table)
            found = replace(found, counted=found.made[-1].path)
        refuse_boxes(found)
        refuse_boxes_in_cells(found, label)
        if label is None:
            refuse_keypoints(found)
        refuse_pairs(folder, sample if label is None else None)
        refuse_retrieval(found if label is None else replace(found, sample=None))
        found = _with_rows_of_images(found)
    if sample is not None and runs is not None:
        found = replace(found, sample=replace(sample, runs=_column_of_runs(sample, runs)))
    return replace(found, runs=runs)


def _column_of_runs(sample: SampleSubmission, runs: MaskRuns) -> str | None:
    """Return the column of a sample that holds runs as train does, by its name.

    The one column of a sample without a header has none: it is blank in each row then.
    """
    if runs.rle in sample.values:
        return runs.rle
    if sample.file.get("header", True) or len(sample.values) != 1:
        return sample.runs
    [column] = sample.values
    return column if sample.table[column].eq("").all() else sample.runs


def _with_pieces(found: Sources) -> Sources | None:
    """Return the sources with one table of train for several that are its pieces, or None."""
    has_sample = found.sample is not None
    sent = [] if found.sample is None else found.sample.values
    pieces = with_pieces_joined(found, has_sample=has_sample, sent=sent)
    if pieces is None:
        return None
    paths, joined = pieces
    names = "_and_".join(Path(path).stem for path in paths[:2])
    found, made = found.written(f"{names}.csv", joined)
    rest = {path: table for path, table in found.tables.items() if path not in paths}
    found = replace(found, tables={**rest, made: joined.table})
    return found.with_note(f"{made} has {joined.reader}")


def _runs_of_coco(found: Sources, coco: CocoObjects) -> MaskRuns:
    """Return the objects as masks, of the tables without the rows of images to predict."""
    runs = coco.runs(f"{MADE}/tables")

    def as_written(path: str) -> str:
        if path in found.tables:
            return path
        of_it = (one.path for one in found.made if found.root.absolute() / path in one.sources)
        return next((one for one in of_it if one in found.tables), path)

    objects, images = as_written(runs.path), as_written(runs.images)
    ids = runs.ids
    if objects != runs.path:
        ids = tuple(dict.fromkeys(found.tables[objects][runs.id]))
    return replace(runs, path=objects, images=images, ids=ids)


def _with_kinds(found: Sources) -> Sources:
    """Return the sources with one table of train, and one of test, for those of several kinds."""
    for part, one in with_kinds_joined(found).items():
        paths = [path for path in found.tables if path in one.sources]
        found = found.without_tables(paths).with_table(f"{part}_of_kinds.csv", one)
    return found


def _with_validation(found: Sources) -> Sources:
    """Return the sources with rows of validation as those of train, where their names repeat."""
    joined = with_validation_joined(found)
    if joined is None or train_masks(found.folder):
        return found
    paths, table, folder = joined
    found = replace(found, folder=folder).without_tables(paths)
    return found.with_table(f"{_name_of(paths)}.csv", table)


def _name_of(paths: Sequence[str]) -> str:
    """Return what a table of these is called: as all, or as the first where all would be test."""
    first, *_ = stems = [Path(path).stem for path in paths]
    joined = "_and_".join(stems)
    is_of_train = guess_part(first) in ("train", "other")
    return first if is_of_train and guess_part(joined) not in ("train", "other") else joined


_OfTable = Callable[[DataFolder, str, pd.DataFrame, SampleSubmission | None], MadeTable | None]
"""Of a folder, with the path and the cells of a table and the sample: what is made of the table."""


def _with_rows_of_images(found: Sources) -> Sources:
    """Return the sources; tables of train have a row an image and numbered classes."""
    if (current := with_current_codes(found)) is not None:
        found = found.without_tables([current.legend]).with_note(current.note)
        found = found.with_table_instead(current.path, "current", current.made)
    if (mapped := labels_by_legend(found, found.label)) is not None:
        _, legend = mapped.made.sources
        found = found.without_tables([legend])
        found = found.with_table_instead(mapped.path, "mapped", mapped.made)
    if (opinions := opinions_of_tables(found)) is not None:
        found = found.without_tables(opinions.sources).with_table("opinions.csv", opinions)
    if found.label is None:
        found = _with_classes_in_rows(found)
    found = _with_plain_sample(found)
    if found.label is None:
        found = _with_each(
            found, with_findings_as_bits, with_numbers_of_words, with_words_of_probabilities
        )
    found = _with_marks(found)
    found = found.with_note(*notes_of_blanks(found))
    plain = (*_of_values(found), *_of_rows(found))
    for path, table in found.tables.items():
        readings = last_readings(found.folder, path, table, found.sample, found.tables)
        if readings is not None:
            found = _with_rows(found.without_tables(readings.sources[1:]), path, readings)
    found = _with_labels_in_rows(_with_each(found, *plain))
    if (coded := labels_of_codes(found)) is not None:
        # The legend is no table of images, though it may name one of each class by chance.
        found = found.without_tables([one for one in coded.sources if one in found.tables])
        found = found.with_table("labels_of_images.csv", coded)
    if not any(match_of_train(found.folder, *one) for one in found.tables.items()):
        found = _with_table_of_images(found)
    found = _with_directions(_with_labels_of_groups(found))
    numbered = with_classes_of_sample(found)
    return found if numbered is None else _with_rows(found, *numbered)


def _with_classes_in_rows(found: Sources) -> Sources:
    """Return the sources with columns of 0 and 1 for classes that rows name in an image."""
    present = classes_in_rows(found)
    if present is None or found.counted:
        return found
    names = found.origins_of(present.rows)
    why = readme_absent_rows(found.folder, names)
    why = why or readme_no_classes(found.folder, present.column)
    rest = [one for one in present.made.sources if one != present.path]
    found = found.without_tables(rest).with_table_instead(present.path, "classes", present.made)
    found = replace(found, found_in=found.found_in | {present.rows})
    if present.found is None:
        return found
    n, path = plural(present.n_without, "image"), found.made[-1].path
    has = "has" if present.n_without == 1 else "have"
    if why:
        return found.with_note(f"{n} of {path} without such a row {has} 0 in all, as {why}")
    found, other = found.written(f"{Path(present.path).stem}_classes_found.csv", present.found)
    unknown = f"where nobody looked at the {n} that {present.rows} has no row of: without them"
    return replace(found, other_rows={**found.other_rows, path: ((other, unknown),)}).with_note(
        f"{n} of {path} without such a row {has} 0 in all there, and no text says that they show "
        "none of the classes: choose data.train.table"
    )


def _with_labels_in_rows(found: Sources) -> Sources:
    """Return the sources with the labels that several rows of an image hold in one cell.

    A table of images has those without such a row, too.
    """
    for path, table in found.tables.items():
        made = _made_of(found, path, table, partial(labels_in_rows, named=found.label))
        if made is None:
            continue
        found = replace(found, found_in=found.found_in | {path})
        wider = with_images_without_rows(found, path, made)
        if wider is None:
            found = _with_rows(found, path, made)
            continue
        base, one = wider
        found = found.without_tables([path]).with_table_instead(base, "labels", one)
    return found


def _with_plain_sample(found: Sources) -> Sources:
    """Return the sources; cells of the sample are plain lists, numbers or letters of labels."""
    found = _in_form(found, sample_of_lists(found.tables, found.sample))
    flags = sample_of_flags(found)
    found = _in_form(_in_form(found, flags), sample_of_sums(found))
    if flags is None:
        found = found.with_note(note_of_letters(found.tables, found.sample))
    if (letters := sample_of_letters(found)) is not None:
        found = replace(found, sample=letters)
    return _in_form(found, sample_of_plain_numbers(found))


def _in_form(found: Sources, plain: tuple[MadeTable, Mapping[str, object]] | None) -> Sources:
    """Return the sources with a sample of plain cells, and the form that a file to send has."""
    if plain is None or found.sample is None:
        return found
    made, form = plain
    return found.with_sample(made, {**found.sample.file, **form}, found.sample.runs)


def _of_values(found: Sources) -> Sequence[_OfTable]:
    """Return what makes plain labels of cells, in the order in which tables are asked for them."""
    return (
        partial(with_coalesced_columns, label=found.label),
        with_plain_lists,
        with_letters_apart,
        with_flags_apart,
        partial(with_sums_apart, tables=found.tables),
        partial(with_plain_numbers, label=found.label),
        without_missing_codes,
        partial(without_codes_of_no_class, tables=found.tables),
        partial(with_columns_of_rows, tables=found.tables),
        partial(with_one_spelling, tables=found.tables),
        with_plain_bits,
        partial(with_shares, tables=found.tables),
    )


def _of_rows(found: Sources) -> Sequence[_OfTable]:
    """Return what makes a row an image of several rows, in the order of asking."""
    by_vote = partial(labels_by_vote, named=found.label)
    asks_several = found.sample is not None and len(found.sample.values) > 1
    return (
        columns_of_melted_rows,
        without_repeats,
        without_repeated_rows,
        without_rows_measured_again,
        numbers_of_one_unit,
        # Who voted for one of the sample's columns may be called by a number, which measures none.
        *([shares_of_votes] if found.label is None else []),
        means_of_columns,
        *([by_vote] if asks_several else []),
        numbers_in_rows,
        by_vote,
    )


def _with_each(found: Sources, *of_tables: _OfTable) -> Sources:
    """Return the sources with what each of these makes of any table, one after the other."""
    for of_table in of_tables:
        for path, table in found.tables.items():
            if (one := _made_of(found, path, table, of_table)) is not None:
                found = _with_rows(found, path, one)
    return found


def _with_rows(found: Sources, path: str, one: MadeTable, name: str = "") -> Sources:
    """Return the sources with a table of other rows in place of one, called as its sources."""
    name = name or _name_of(one.sources)
    return found.with_table(f"{name}_rows.csv", one, instead_of=path)


def _with_table_of_images(found: Sources) -> Sources:
    """Return the sources with a table of images where none is one: of a pool, sides or copies."""
    for path, one in (rows_of_pool(found) or {}).items():
        found = _with_rows(found, path, one, "" if path in found.tables else "test")
    if (sides := rows_of_sides(found)) is not None:
        found = _with_rows(found, *sides)
    if (of_sides := rows_of_side_tables(found)) is not None:
        found = found.without_tables(of_sides.paths)
        found = found.with_table("rows_of_sides.csv", of_sides.table)
        n = of_sides.table.table[of_sides.key].nunique()
        group = GroupColumn(of_sides.key, f"rows of the same {of_sides.key} are sides of one", n)
        found = replace(found, rows=RowAnImage({}, group, frozenset(), found.label))
    folder, sample = found.folder, found.sample
    copies = labels_of_copies(folder, sample) or labels_of_sample(folder, sample)
    return found if copies is None else found.with_table("labels_of_images.csv", copies)


def _with_labels_of_groups(found: Sources) -> Sources:
    """Return the sources with the labels of groups, as of patients, for each of their images."""
    of_groups = with_labels_of_groups(found)
    if of_groups is None:
        return found
    found = _with_rows(found, of_groups.path, of_groups.train)
    if of_groups.test is not None:
        found = found.with_table(f"{Path(of_groups.path).stem}_test.csv", of_groups.test)
    # The table of groups had no images before.
    return found if found.marks is not None else _with_marks(found)


def _made_of(
    found: Sources, path: str, table: pd.DataFrame, of_table: _OfTable
) -> MadeTable | None:
    """Return what is made of a table.

    Raises:
        DataError: as of `of_table`; a made table is named where it lies, in the workspace.
    """
    try:
        return of_table(found.folder, path, table, found.sample)
    except DataError as error:
        is_made = path in found.folder.made and error.where == str(found.folder.path / path)
        where = str(found.root / path) if is_made else error.where
        raise DataError(error.message, where=where, fix=error.fix) from error


def _with_directions(found: Sources) -> Sources:
    """Return the sources with directions in degrees, and notes on columns that may hold some."""
    told = find_directions(found, label=found.label)
    found = found.with_note(*told.notes)
    if told.table is None:
        return found
    found = found.with_table_instead(told.path, "degrees", told.table)
    return replace(found, directions=told.unit)


def _with_marks(found: Sources) -> Sources:
    """Return the sources with 0 and 1 in place of marks that are labels."""
    try:
        # Beside 0 and 1 of these a blank cell is known to be none.
        tables = {path: one for path, one in found.tables.items() if path not in found.with_unknown}
        marks = find_marks(replace(found, tables=tables), found.label)
    except DataError as error:
        of_made = {one.path: str(one.sources[0]) for one in found.made}
        where = of_made.get(str(error.where), error.where)
        raise DataError(error.message, where=where, fix=error.fix) from error
    if marks is None or marks.made is None:
        return replace(found, marks=marks)
    marked = ""
    if marks.marked is not None:
        found, marked = found.written(f"{Path(marks.path).stem}_marked.csv", marks.marked)
    found = found.with_table_instead(marks.path, "marks", marks.made)
    path = found.made[-1].path
    return replace(found, marks=replace(marks, path=path, marked_path=marked))
