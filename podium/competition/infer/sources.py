"""The sources of an inference: the files of a data folder, and the tables and masks made of them.

Some competitions write tables, samples or masks in a way that training does not read: in another
dialect, in workbooks, as records of JSON, outlines, pages of a file. They are written to the
workspace once more, as CSV files and PNGs, and are read from there like all others.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Literal

import pandas as pd

from podium.competition.ids.rows import ids_of_rows
from podium.competition.infer.conversions.ids.columns_together import (
    NamedTogether,
    find_named_together,
    with_first_columns_joined,
)
from podium.competition.infer.conversions.ids.joined_ids import with_joined_ids
from podium.competition.infer.conversions.ids.spelt_ids import files_of_sample, with_spelt_files
from podium.competition.infer.conversions.ids.units_of_columns import (
    images_of_units,
    sample_of_units,
)
from podium.competition.infer.conversions.labels.counted_rows import count_rows
from podium.competition.infer.conversions.labels.directions import find_directions
from podium.competition.infer.conversions.labels.further_columns import (
    with_classes_of_sample,
    with_labels_of_groups,
)
from podium.competition.infer.conversions.labels.label_cells import (
    sample_of_plain_numbers,
    with_plain_bits,
    with_plain_numbers,
    with_shares,
)
from podium.competition.infer.conversions.labels.list_cells import sample_of_lists, with_plain_lists
from podium.competition.infer.conversions.labels.mark_tables import MarkedTable, find_marks
from podium.competition.infer.conversions.labels.missing_codes import without_missing_codes
from podium.competition.infer.conversions.labels.votes import labels_by_vote
from podium.competition.infer.conversions.masks.coco_objects import (
    CocoObjects,
    objects_of_outlines,
    read_coco_objects,
)
from podium.competition.infer.conversions.masks.look_folders import without_masks_by_look
from podium.competition.infer.conversions.masks.number_grids import write_number_masks
from podium.competition.infer.conversions.masks.object_folders import scan_data
from podium.competition.infer.conversions.masks.outlines import Outlines, write_outlines
from podium.competition.infer.conversions.masks.pages import write_mask_pages
from podium.competition.infer.conversions.masks.spans import write_spans
from podium.competition.infer.conversions.parts.copied_files import (
    labels_of_copies,
    labels_of_sample,
)
from podium.competition.infer.conversions.parts.folders_to_predict import with_folders_to_predict
from podium.competition.infer.conversions.parts.one_pool import (
    with_pool_of_sample,
    with_pool_parted,
)
from podium.competition.infer.conversions.parts.part_column import (
    tables_by_sample,
    tables_of_parts,
    without_masks,
)
from podium.competition.infer.conversions.parts.samples_by_content import (
    samples_by_content,
    with_images_to_predict,
)
from podium.competition.infer.conversions.parts.validation import with_validation_part
from podium.competition.infer.conversions.tables.columns_of_sample import with_columns_of_sample
from podium.competition.infer.conversions.tables.files_of_one_row import RowAnImage, rows_of_files
from podium.competition.infer.conversions.tables.made_tables import (
    MadeTable,
    made_tables,
    of_other_dialect,
    sample_of_class_columns,
    sample_of_list,
    sample_of_records,
    sheets_of_book,
    test_of_sample,
    with_decimal_points,
    with_header,
    with_tabs,
    without_index,
)
from podium.competition.infer.conversions.tables.number_rows import numbers_in_rows
from podium.competition.infer.conversions.tables.several_rows import labels_in_rows, refuse_boxes
from podium.competition.infer.conversions.tables.sides import rows_of_sides
from podium.competition.infer.conversions.tables.table_pieces import with_pieces_joined
from podium.competition.infer.conversions.tables.unit_rows import rows_of_pool, without_repeats
from podium.competition.infer.encodings import FoundPage, page_of_tables
from podium.competition.infer.files import (
    DataFolder,
    is_test_table,
    match_images,
    named_as_images,
)
from podium.competition.infer.labels import is_label_name
from podium.competition.infer.masks import train_masks
from podium.competition.infer.parts import with_channel_folders, with_channels, with_folder_samples
from podium.competition.infer.path_ids import with_joined_columns, with_path_ids
from podium.competition.infer.runs import MaskRuns, find_runs, runs_column
from podium.competition.infer.submission import (
    SampleSubmission,
    is_like_a_sample,
    is_sample_submission,
    may_be_sample_submission,
    read_sample_submission,
    sample_submissions,
)
from podium.competition.made_files import MADE, MadeFile
from podium.competition.tables import read_table
from podium.competition.truths.turns import Directions
from podium.errors import DataError, some
from podium.workspace.atomic import write_text

__all__ = ["Sources", "read_plainly", "read_sources"]


@dataclass(frozen=True)
class Sources:
    """The files of a data folder, with what was made of them in the workspace."""

    root: Path
    """The workspace."""
    folder: DataFolder
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    """Cells as text, by path; without sample submissions."""
    sample: SampleSubmission | None = None
    coco: CocoObjects | None = None
    outlines: Outlines | None = None
    """Masks that were drawn of vertices, or taken out of pages."""
    runs: MaskRuns | None = None
    rows: RowAnImage | None = None
    """What tables were made of, whose rows named several images."""
    marks: MarkedTable | None = None
    """The table whose marks are labels."""
    directions: Directions | Literal[""] = ""
    """The unit of the directions of train, which a made table has in degrees; "" without."""
    counted: str = ""
    """The table that was made of the number of rows of each image; "" without."""
    made: tuple[MadeFile, ...] = ()
    notes: tuple[str, ...] = ()
    pool: str = ""
    """Why images of one pool without a mask are to be predicted, where no sample names them."""

    def with_note(self, note: str) -> Sources:
        """Return the sources with a point for a person to check."""
        return replace(self, notes=(*self.notes, note))

    def written(self, name: str, table: MadeTable) -> tuple[Sources, str]:
        """Write a table of this name to the workspace; return the sources with it, and its path."""
        path, folder = f"{MADE}/tables/{name}", self.folder
        write_text(self.root / path, table.table.to_csv(index=False, lineterminator="\n"))
        sources = [
            (self.root if one in folder.made else folder.path.absolute()) / one
            for one in table.sources
        ]
        made = (*self.made, MadeFile(path, tuple(sources), table.reader))
        return replace(self, folder=replace(folder, made=folder.made | {path}), made=made), path

    def with_table(self, name: str, one: MadeTable, *, instead_of: str = "") -> Sources:
        """Return the sources with a made table of this name and a note, in place of another one.

        Its path is that of the last one that was made.
        """
        found, made = self.written(name, one)
        rest = {path: table for path, table in found.tables.items() if path != instead_of}
        found = replace(found, tables={**rest, made: one.table})
        return found.with_note(f"{made} is {one.reader}")


def read_sources(
    data: Path, root: Path, *, label: str | None = None, has_test: bool = True
) -> Sources:
    """Return the files under `data`, and what was made of them in the workspace `root`.

    Args:
        data: the folder as downloaded and unpacked.
        root: where `competition.yaml` will lie.
        label: the column to predict, where a person names it.
        has_test: whether there must be images to predict; if False, the sample submission does not
            count where a column is named.

    Raises:
        DataError: there is no image, a file cannot be read, or no table has the column.
    """
    found = _with_number_masks(Sources(root, _list_files(data, root)))
    found = _with_labels_by_look(_with_spelt_ids(_with_tables(found, has_test=has_test)))
    folder = with_images_to_predict(found.folder, found.tables, found.sample)
    folder = with_pool_of_sample(folder, found.sample)
    folder = with_folders_to_predict(folder, found.sample) if has_test else folder
    folder, note = with_validation_part(folder, found.tables, found.sample)
    found = replace(found, folder=folder).with_note(note) if note else replace(found, folder=folder)
    found = _with_parts_of_rows(found)
    found = _with_lookup(_with_objects(_with_sample_by_class(_with_sample_of_records(found))))
    found = _with_drawn_masks(_with_made_tables(found))
    found = _with_row_an_image(found, label, found.sample if has_test or label is None else None)
    label = label if found.rows is None else found.rows.label
    if label is not None:
        of_label = _sample_of_label(found.tables, label, data)
        found = found if has_test else replace(found, sample=of_label)
    found = _with_runs(_with_ids(found), label)
    return _with_pool_parted(found) if has_test else found


def _with_pool_parted(found: Sources) -> Sources:
    """Return the sources; where nothing else is to be predicted, images without a mask are."""
    is_other = any(map(is_test_table, found.tables)) or found.runs is not None
    if is_other or found.coco is not None:
        return found
    drawn = () if found.outlines is None else found.outlines.files.keys()
    folder = with_pool_parted(found.folder, found.sample, drawn=drawn)
    if folder is found.folder:
        return found
    n = f"{len(folder.of_part('test')):,} images without a mask"
    why = "there is no sample submission, and no other image to predict"
    if found.sample is not None:
        why = f"{found.sample.path} has as many ids, and names no image"
    found = replace(found, folder=folder, pool=why)
    return found.with_note(f"{n} are taken for those to predict: {why}")


def read_plainly(data: Path, root: Path) -> Sources | None:
    """Return the images under `data` with their tables alone, where `read_sources` refuses them.

    Args:
        data: the folder as downloaded and unpacked.
        root: where `competition.yaml` will lie.

    Returns:
        The files, without tables where one of them cannot be read; None where there is no image.
    """
    try:
        found = Sources(root, _list_files(data, root))
    except DataError:
        return None
    try:
        return _with_tables(found, has_test=True)
    except DataError:
        return found


def _with_number_masks(found: Sources) -> Sources:
    """Return the sources with the mask files of masks that come as numbers, which are no tables."""
    outlines = write_number_masks(found.folder, found.root / MADE / "masks")
    if outlines is None:
        return found
    found = _with_outlines(found, outlines)
    used, folder = set(outlines.sources), found.folder
    tables = tuple(path for path in folder.tables if path not in used)
    texts = tuple(path for path in folder.texts if path not in used)
    return replace(found, folder=replace(folder, tables=tables, texts=texts))


def _with_tables(found: Sources, *, has_test: bool) -> Sources:
    """Return the sources with their tables; of other dialects and books, those that are made.

    Where there is nothing to predict, a sample submission is one by its name alone.
    """
    folder = found.folder
    tables: dict[str, pd.DataFrame] = {}
    spelt: dict[str, MadeTable] = {}
    of_images = {path: one for one in named_as_images(folder) for path in one.paths.values()}
    left_out: dict[str, str] = {}
    page: FoundPage | None = None
    for path in folder.tables:
        name = f"{path.replace('/', '_').rpartition('.')[0]}.csv"
        try:
            tables[path] = read_table(folder.path / path, where=path)
        except DataError as error:
            page = page or page_of_tables(folder)
            other = of_other_dialect(folder, path, page)
            if other is None:
                what = str(of_images.get(path, error.where))
                left_out.setdefault(what, f"left out {what}: {error.message}")
                continue
            spelt[f"{MADE}/tables/{name}"] = other
        else:
            numbered = without_index(folder, path, tables[path])
            other = numbered or _in_own_signs(folder, path, tables[path])
            if other is None:
                continue
            if numbered is None:
                spelt[f"{MADE}/tables/{name}"] = other
            del tables[path]
            if numbered is not None and is_sample_submission(path):
                found = found.with_note(
                    f"files to send are written without the first column of {path}: ask the host "
                    "whether it must be there"
                )
        found, made = found.written(name, other)
        tables[made] = other.table
        found = found.with_note(f"{made} is {path}, which has {other.reader}")
    for note in left_out.values():
        found = found.with_note(note)
    for path in folder.books:
        try:
            sheets = sheets_of_book(folder, path)
        except DataError as error:
            if not any(not is_sample_submission(one) for one in tables):
                raise DataError(error.message, where=folder.path / path, fix=error.fix) from error
            found = found.with_note(f"left out {path}: {error.message}: {error.fix}")
            continue
        for name, sheet in sheets.items():
            found, made = found.written(name, sheet)
            tables[made] = sheet.table
            found = found.with_note(f"{made} is {sheet.reader}, {path}")
            if is_sample_submission(name):
                found = found.with_note(
                    f"files to send are written as CSV, and {path} is a workbook: ask the host "
                    "whether it takes these"
                )
    tables, sample, why = _without_sample(folder, tables, spelt, by_content=has_test)
    if sample is not None and sample.path in folder.tables and ".tsv" in sample.path.lower():
        own = with_tabs(sample.path, sample.table)
        name = f"{sample.path.replace('/', '_').rpartition('.')[0]}.csv"
        found, made = found.written(name, own)
        sample = _in_dialect(replace(sample, path=made), {**spelt, made: own})
        found = found.with_note(f"{made} is {own.sources[0]}, which has {own.reader}")
    found = replace(found, tables=tables, sample=sample)
    foreign = [one for one in spelt.values() if one.encoding != "utf-8"]
    if sample is not None and foreign and not {"encoding", "kind"} & sample.file.keys():
        first = foreign[0]
        found = found.with_note(
            f"files to send are UTF-8, and {first.sources[0]} is {first.encoding}: ask the host "
            f"whether it reads letters as {_word_with_letters(first.table)}"
        )
    elif sample is not None and sample.file.get("encoding") and not _has_letters(sample.table):
        found = found.with_note(
            f"files to send are {sample.file['encoding']}, as {foreign[0].sources[0]} is: the "
            "sample has no letter that shows it"
        )
    if sample is None or not why:
        return found
    return found.with_note(f"{sample.path} is taken as the sample submission: {why}")


def _in_own_signs(folder: DataFolder, path: str, table: pd.DataFrame) -> MadeTable | None:
    """Return a table without a header, or with tabs and decimal commas, as others are; or None."""
    bare = with_header(folder, path, table)
    if bare is None and ";" in str(table.columns[0]):
        # The comma of `7.png;0,5` parts cells, too, where no header tells otherwise.
        other = of_other_dialect(folder, path, FoundPage("utf-8"))
        return None if other is None or other.header else other
    pointed = with_decimal_points(path, table if bare is None else bare.table)
    if bare is None or pointed is None:
        return bare or pointed
    return pointed._replace(reader=f"{pointed.reader}, {bare.reader}", header=False)


def _with_spelt_ids(found: Sources) -> Sources:
    """Return the sources; tables have the files of ids that differ from their names by signs."""
    for path, table in found.tables.items():
        if (one := with_spelt_files(found.folder, path, table, found.sample)) is not None:
            found = found.with_table(f"{Path(path).stem}_files.csv", one, instead_of=path)
    return found


def _with_labels_by_look(found: Sources) -> Sources:
    """Return the sources; what looks like masks is a class where the sample asks for labels."""
    folder, sample = found.folder, found.sample
    has_masks = bool(folder.masks_by_look or train_masks(folder))
    if has_masks and sample is not None and _is_blank_answer(sample, found.tables):
        sample = replace(sample, runs=sample.values[0])
        found = replace(found, sample=sample)
    if not folder.masks_by_look:
        return found
    asks_masks = sample is None or runs_column(sample) is not None
    if not asks_masks and sample is not None and sample_of_class_columns(sample) is None:
        return replace(found, folder=without_masks_by_look(folder))
    told = some(sorted(folder.masks_by_look), 3)
    return found.with_note(
        f"the files in {told} are taken for masks, by their look: each has the name and the size "
        "of an image, and few values"
    )


def _is_blank_answer(sample: SampleSubmission, tables: Mapping[str, pd.DataFrame]) -> bool:
    """Return whether a sample has one answer, always blank, that no table has and no label is."""
    if len(sample.values) != 1 or is_label_name(sample.values[0]):
        return False
    column = sample.values[0]
    is_known = any(column in table for table in tables.values())
    return not is_known and bool(sample.table[column].eq("").all())


def _with_parts_of_rows(found: Sources) -> Sources:
    """Return the sources with a table for each part, where one has rows of train and of test."""
    for path, table in found.tables.items():
        of_images = without_masks(found.folder, path, table)
        each = {} if of_images is None else {f"{Path(path).stem}_images.csv": of_images}
        rows = table if of_images is None else of_images.table
        each = (
            tables_of_parts(found.folder, path, rows)
            or tables_by_sample(found.folder, path, {**found.tables, path: rows}, found.sample)
            or each
        )
        for name, made in each.items():
            found = found.with_table(name, made, instead_of=path)
    return found


def _with_sample_of_records(found: Sources) -> Sources:
    """Return the sources with the sample submission that is a list of records, as a table."""
    records = None if found.sample is not None else sample_of_records(found.folder)
    if records is None:
        return found if found.sample is not None else _with_sample_of_list(found)
    found = _with_records(found, *records)
    assert found.sample is not None
    made = records[0]
    return found.with_note(f"{found.sample.path} is {made.sources[0]}, {made.reader}")


def _with_sample_of_list(found: Sources) -> Sources:
    """Return the sources with the sample submission that is a text, a row a line."""
    listed = sample_of_list(found.folder)
    if listed is None:
        return found
    [path] = listed.sources
    found, made = found.written(f"{Path(path).stem}.csv", listed)
    return _as_sample(found, made, listed)


def _as_sample(found: Sources, made: str, listed: MadeTable) -> Sources:
    """Return the sources with a made table as the sample submission, and a note on its form."""
    sample = read_sample_submission(made, listed.table)
    told = "CSV with a header, which it has not: ask the host whether it takes these"
    if sample is not None and listed.sep and not listed.header:
        sample = _in_dialect(sample, {made: listed})
        told = f"without a header and with {listed.sep!r} between the cells, as it is"
    return replace(found, sample=sample).with_note(
        f"{some(listed.sources)} is taken as the sample submission; files to send are {told}"
    )


def _with_sample_by_class(found: Sources) -> Sources:
    """Return the sources with a row a class for the columns of a sample of masks."""
    sample, folder = found.sample, found.folder
    has_masks = sample is not None and (
        found.outlines or train_masks(folder) or folder.jsons or find_runs(folder, found.tables)
    )
    by_class = sample_of_class_columns(sample) if has_masks and sample is not None else None
    if by_class is None or sample is None:
        return found
    return _with_records(found, by_class[0], {**sample.file, **by_class[1]}, "rle")


def _with_records(
    found: Sources, made: MadeTable, form: dict[str, object], counts: str | None
) -> Sources:
    """Return the sources with a sample submission that is written as a table to the workspace."""
    found, path = found.written(f"{Path(made.sources[0]).stem}.csv", made)
    return replace(found, sample=SampleSubmission(path, made.table, runs=counts, file=form))


def _with_objects(found: Sources) -> Sources:
    """Return the sources with the objects of COCO's JSON, or of outlines."""
    if train_masks(found.folder) or found.outlines is not None:
        return found
    folder, sample = found.folder, found.sample
    coco = read_coco_objects(folder, sample) or objects_of_outlines(folder, found.tables, sample)
    return found if coco is None else replace(found, coco=coco, folder=coco.folder)


def _with_made_tables(found: Sources) -> Sources:
    """Return the sources with the tables that are made of other files, in parts as others are."""
    coco = found.coco
    made = made_tables(found.folder, found.tables) if coco is None else coco.tables
    used = {source for one in made.values() for source in one.sources}
    tables = {path: table for path, table in found.tables.items() if path not in used}
    for name, one in made.items():
        found, path = found.written(name, one)
        tables[path] = one.table
        tell = f"{some(one.sources)} tell{'s' * (len(one.sources) == 1)}"
        found = found.with_note(f"{path} has the {len(one.table):,} rows that {tell}")
    for name in made if found.sample is None else ():
        path = f"{MADE}/tables/{name}"
        if is_sample_submission(path) or is_like_a_sample(path, tables):
            tables.pop(path)
            found = _as_sample(found, path, made[name])
            break
    found = replace(found, tables=tables)
    return _with_parts_of_rows(found) if made else found


def _with_drawn_masks(found: Sources) -> Sources:
    """Return the sources with the mask files that are drawn of outlines, or are pages of a file."""
    if found.coco is not None or found.outlines is not None:
        return found
    target, folder = found.root / MADE / "masks", found.folder
    if train_masks(folder):
        outlines = write_mask_pages(folder, target)
    else:
        tables = found.tables
        outlines = write_outlines(folder, target, tables)
        outlines = outlines or write_spans(folder, target, tables, found.sample)
    return found if outlines is None else _with_outlines(found, outlines)


def _with_outlines(found: Sources, outlines: Outlines) -> Sources:
    """Return the sources with mask files that were written to the workspace."""
    folder = found.folder
    sources = tuple(folder.path.absolute() / one for one in outlines.sources)
    paths = [f"{MADE}/{name}" for name in ("masks", *(name for name, _ in outlines.others))]
    ends = (".png", "_{class}.png")
    drawn = {f"{path}/{one}{end}" for path in paths for one in ("{id}", "{stem}") for end in ends}
    return replace(
        found,
        folder=replace(folder, made=folder.made | drawn),
        tables={name: one for name, one in found.tables.items() if name not in outlines.sources},
        outlines=outlines,
        made=(*found.made, *(MadeFile(path, sources, outlines.reader) for path in paths)),
    )


def _with_row_an_image(
    found: Sources, label: str | None, sample: SampleSubmission | None
) -> Sources:
    """Return the sources with a row for each image that rows name, where each has its own label."""
    folder, tables = found.folder, found.tables
    if found.coco is not None or found.outlines is not None or train_masks(folder):
        return found
    rows = rows_of_files(folder, tables, sample, label)
    if rows is None or find_runs(folder, tables) is not None:
        return found
    for path, one in rows.tables.items():
        found = found.with_table(f"{Path(path).stem}_images.csv", one, instead_of=path)
    return replace(found, rows=rows)


def _with_ids(found: Sources) -> Sources:
    """Return the sources with what images are called by tables and by the sample submission."""
    for path, one in with_columns_of_sample(found.folder, found.tables, found.sample).items():
        found = found.with_table(f"{Path(path).stem}_columns.csv", one, instead_of=path)
    sample = found.sample
    together = find_named_together(found.folder, found.tables, sample)
    if together is None:
        found = _with_units(found)
        sample = found.sample
    else:
        found = replace(found, folder=together.folder, tables=together.tables)
        found = _with_test_of(found, together)
        if sample is None or together.sample is None or together.sample is sample:
            return found
        return _with_joined_ids(found, sample, together.sample)
    joined = None if sample is None else with_first_columns_joined(found.folder, sample)
    if sample is not None and joined is not None:
        found = _with_joined_ids(found, sample, joined)
        sample = found.sample
    folder = with_channel_folders(with_channels(found.folder, found.tables, sample), sample)
    folder = with_folder_samples(folder, found.tables, sample)
    tables = with_joined_columns(folder, found.tables)
    folder = with_path_ids(folder, tables, None if sample is None else sample.table[sample.id])
    found = replace(found, folder=folder, tables=tables)
    listed = test_of_sample(folder, tables, sample) or files_of_sample(folder, tables, sample)
    if listed is None:
        return found
    found, path = found.written("test.csv", listed)
    found = replace(found, tables={**tables, path: listed.table})
    return found.with_note(f"{path} has {listed.reader}")


def _with_units(found: Sources) -> Sources:
    """Return the sources with rows, and ids, of units that several columns name together.

    Masks are those of images.
    """
    if found.coco is not None or found.outlines is not None or train_masks(found.folder):
        return found
    if found.sample is None or find_runs(found.folder, found.tables) is not None:
        return found
    units = images_of_units(found.folder, found.tables, found.sample)
    if units is not None:
        stem = Path(units.path).stem
        found = found.with_table(f"{stem}_images.csv", units.train, instead_of=units.path)
        if units.test is not None:
            found = found.with_table(f"{stem}_test.csv", units.test, instead_of=units.test_path)
    sample = found.sample
    own = sample_of_units(found.folder, found.tables, sample)
    if sample is not None and own is not None:
        found = _with_joined_ids(found, sample, own)
    joined = with_joined_ids(found.folder, found.tables, found.sample)
    for path, one in joined.items():
        found = found.with_table(f"{Path(path).stem}_ids.csv", one, instead_of=path)
    return found


def _with_joined_ids(found: Sources, sample: SampleSubmission, joined: SampleSubmission) -> Sources:
    """Return the sources with the sample whose first columns are one of ids."""
    reader = f"ids {joined.file['id_of']} in one column"
    made = MadeTable((sample.path,), reader, joined.table)
    return _with_records(found, made, dict(joined.file), sample.runs)


def _with_test_of(found: Sources, together: NamedTogether) -> Sources:
    """Return the sources with the table of images to predict, where the sample alone names them."""
    sample, cells, tables = found.sample, together.to_predict, found.tables
    has_table = any(is_test_table(path) for path in tables)
    if sample is None or cells is None or cells.empty or has_table:
        return found
    reader = f"the images that {sample.path} names, as {some(list(cells.columns))} of train"
    found, path = found.written("test.csv", MadeTable((sample.path,), reader, cells))
    ids = cells.assign(**{together.template: ids_of_rows(cells, together.template)})
    found = replace(found, tables={**tables, path: ids})
    return found.with_note(f"{path} has {reader}")


def _with_runs(found: Sources, label: str | None) -> Sources:
    """Return the sources with their table of runs; without masks, with a row an image in tables."""
    coco, sample = found.coco, found.sample
    pieces = None if coco is not None else with_pieces_joined(found.folder, found.tables)
    if pieces is not None:
        paths, joined = pieces
        names = "_and_".join(Path(path).stem for path in paths[:2])
        found, made = found.written(f"{names}.csv", joined)
        rest = {path: table for path, table in found.tables.items() if path not in paths}
        found = replace(found, tables={**rest, made: joined.table})
        found = found.with_note(f"{made} has {joined.reader}")
    folder = found.folder
    runs = find_runs(folder, found.tables) if coco is None else coco.runs(f"{MADE}/tables")
    if runs is None and found.outlines is None and not train_masks(folder):
        if (counted := count_rows(folder, found.tables, sample)) is not None:
            path, table = counted
            found = found.with_table(f"{Path(path).stem}_counts.csv", table, instead_of=path)
            found = replace(found, counted=found.made[-1].path)
        refuse_boxes(folder, found.tables, sample)
        found = _with_rows_of_images(found, label)
    if sample is not None and runs is not None and runs.rle in sample.values:
        found = replace(found, sample=replace(sample, runs=runs.rle))
    return replace(found, runs=runs)


def _with_rows_of_images(found: Sources, label: str | None) -> Sources:
    """Return the sources; tables of train have a row an image and numbered classes."""

    def with_one(found: Sources, path: str, one: MadeTable, name: str = "") -> Sources:
        name = name or "_and_".join(Path(source).stem for source in one.sources)
        return found.with_table(f"{name}_rows.csv", one, instead_of=path)

    lists = sample_of_lists(found.tables, found.sample)
    if lists is not None and found.sample is not None:
        form = {**found.sample.file, **lists[1]}
        found = _with_records(found, lists[0], form, found.sample.runs)
    numbers = sample_of_plain_numbers(found.folder, found.tables, found.sample)
    if numbers is not None and found.sample is not None:
        form = {**found.sample.file, "unit": numbers[1]}
        found = _with_records(found, numbers[0], form, found.sample.runs)
    found = _with_marks(found, label)
    plain = partial(with_plain_numbers, label=label)
    of_rows = (without_repeats, numbers_in_rows, labels_by_vote, labels_in_rows)
    of_values = (with_plain_lists, plain, without_missing_codes, with_plain_bits, with_shares)
    for of_cells in (*of_values, *of_rows):
        for path, table in found.tables.items():
            if (one := of_cells(found.folder, path, table, found.sample)) is not None:
                found = with_one(found, path, one)
    if not any(
        match_images(found.folder, *one, ("train", "other")) for one in found.tables.items()
    ):
        for path, one in (rows_of_pool(found.folder, found.tables, found.sample) or {}).items():
            found = with_one(found, path, one, "" if path in found.tables else "test")
        if (sides := rows_of_sides(found.folder, found.tables)) is not None:
            found = with_one(found, *sides)
        copies = labels_of_copies(found.folder, found.sample) or labels_of_sample(
            found.folder, found.sample
        )
        if copies is not None:
            found = found.with_table("labels_of_images.csv", copies)
    of_groups = with_labels_of_groups(found.folder, found.tables, found.sample)
    if of_groups is not None:
        found = with_one(found, of_groups.path, of_groups.train)
    if of_groups is not None and of_groups.test is not None:
        found = found.with_table(f"{Path(of_groups.path).stem}_test.csv", of_groups.test)
    found = _with_directions(found)
    numbered = with_classes_of_sample(found.folder, found.tables, found.sample)
    return found if numbered is None else with_one(found, *numbered)


def _with_directions(found: Sources) -> Sources:
    """Return the sources with directions in degrees, and notes on columns that may hold some."""
    told = find_directions(found.folder, found.tables, found.sample)
    for note in told.notes:
        found = found.with_note(note)
    if told.table is None:
        return found
    stem = Path(told.path).stem
    found = found.with_table(f"{stem}_degrees.csv", told.table, instead_of=told.path)
    return replace(found, directions=told.unit)


def _with_marks(found: Sources, label: str | None) -> Sources:
    """Return the sources with 0 and 1 in place of marks that are labels."""
    try:
        marks = find_marks(found.folder, found.tables, found.sample, label)
    except DataError as error:
        of_made = {one.path: str(one.sources[0]) for one in found.made}
        where = of_made.get(str(error.where), error.where)
        raise DataError(error.message, where=where, fix=error.fix) from error
    if marks is None or marks.made is None:
        return replace(found, marks=marks)
    stem, marked = Path(marks.path).stem, ""
    if marks.marked is not None:
        found, marked = found.written(f"{stem}_marked.csv", marks.marked)
    found = found.with_table(f"{stem}_marks.csv", marks.made, instead_of=marks.path)
    path = found.made[-1].path
    return replace(found, marks=replace(marks, path=path, marked_path=marked))


def _with_lookup(found: Sources) -> Sources:
    """Return the sources with a sample that has the columns which its ids stand for by a table.

    As Facial Keypoints' `RowId`: the table names the image of a row, and which number of it.
    """
    sample, folder = found.sample, found.folder
    if (
        sample is None
        or len(sample.values) != 1
        or not sample.table[sample.id].is_unique
        or sample.file
    ):
        return found
    ids = list(sample.table[sample.id])
    for path, table in found.tables.items():
        if sample.id not in table or not table[sample.id].is_unique:
            continue
        blank = [name for name in table.columns if (table[name] == "").all()]
        named = [name for name in table.columns if name not in (sample.id, *sample.values, *blank)]
        if len(named) != 2 or not set(ids) <= set(table[sample.id]):
            continue
        # Of an image there are several rows, each with another word.
        of_images = [name for name in named if all(folder.named(cell) for cell in table[name])]
        if not of_images or table[named].duplicated().any():
            continue
        if any(table[name].is_unique for name in named):
            continue
        own = table.set_index(sample.id).loc[ids, named].reset_index(drop=True)
        own = own.assign(**{sample.values[0]: list(sample.table[sample.values[0]])})
        first = max(of_images, key=lambda name: own[name].nunique())
        second = next(name for name in named if name != first)
        own = own[[first, second, sample.values[0]]]
        reader = f"the rows that {path} gives the ids of"
        table_of_rows = MadeTable((sample.path, path), reader, own)
        found, made = found.written(f"{Path(sample.path).stem}_rows.csv", table_of_rows)
        form = {"lookup": {"table": folder.spell(path), "id": sample.id}}
        return replace(found, sample=SampleSubmission(made, own, file=form))
    return found


def _without_sample(
    folder: DataFolder,
    tables: dict[str, pd.DataFrame],
    spelt: Mapping[str, MadeTable],
    *,
    by_content: bool,
) -> tuple[dict[str, pd.DataFrame], SampleSubmission | None, str]:
    """Return the tables but for sample submissions, the one that counts, and why.

    The reason is "" where it is called so.

    Args:
        folder: with the images.
        tables: by path.
        spelt: those of them that are in another dialect.
        by_content: whether what a table holds makes it a sample, too.
    """
    tables = dict(tables)
    samples = sample_submissions(tables)
    samples = samples or [
        path for path, table in tables.items() if may_be_sample_submission(path, table)
    ]
    why: dict[str, str] = {}
    if not samples:
        of_train = "it has columns of another table, one placeholder in each, and rows of its own"
        why = {path: of_train for path in tables if is_like_a_sample(path, tables)}
        samples = list(why)
    if not samples and by_content:
        why = dict(samples_by_content(folder, tables))
        samples = list(why)
    sample = None
    for path in samples:
        table = tables.pop(path)
        sample = sample or read_sample_submission(path, table)
        if sample is not None and sample.path == path and path in spelt:
            sample = _in_dialect(sample, spelt)
    return tables, sample, "" if sample is None else why.get(sample.path, "")


def _in_dialect(sample: SampleSubmission, spelt: Mapping[str, MadeTable]) -> SampleSubmission:
    """Return the sample with the form of a file to send: its own signs, as far as it shows them.

    Where it holds no fraction, the other tables of the same dialect may show their sign.
    """
    own = spelt[sample.path]
    alike = [one.decimal for one in spelt.values() if one.sep == own.sep and one.decimal]
    decimal = own.decimal or (alike[0] if alike else "")
    form: dict[str, object] = {} if own.header else {"header": False}
    form |= {} if own.sep == "," else {"sep": own.sep}
    # A sample without such letters is of the page of the tables that are written as it is.
    pages = [one.encoding for one in spelt.values() if one.sep == own.sep]
    foreign = [one for one in (own.encoding, *pages) if one != "utf-8"]
    if foreign and not (own.encoding == "utf-8" and _has_letters(own.table)):
        form |= {"encoding": foreign[0]}
    if decimal == ",":
        return replace(sample, file={**form, "decimal": ","})
    other = None
    if not decimal and own.sep == ";" and sample.has_numbers:
        other = ({**form, "decimal": ","}, "no table shows how fractions are written")
    return replace(sample, file=form, other_file=other)


def _word_with_letters(table: pd.DataFrame) -> str:
    """Return a cell, or a column, of a table with letters that encodings write otherwise."""
    cells = (cell for name in table.columns for cell in (str(name), *table[name]))
    return next((cell[:40] for cell in cells if not cell.isascii()), "é")


def _has_letters(table: pd.DataFrame) -> bool:
    """Return whether a table has letters that encodings write otherwise."""
    cells = (table[name].map(str.isascii).all() for name in table.columns)
    return not (all(map(str.isascii, map(str, table.columns))) and all(cells))


def _sample_of_label(
    tables: Mapping[str, pd.DataFrame], label: str, data: Path
) -> SampleSubmission:
    """Return a sample submission of the column `label`, as its table has it."""
    for path, table in tables.items():
        if label in table.columns[1:]:
            first = table.columns[0]
            return SampleSubmission(path, table[[first, label]])
    found = [f"{path} ({', '.join(map(str, table.columns))})" for path, table in tables.items()]
    raise DataError(
        f"no table has a column {label!r} behind its first; tables: {some(found) or 'none'}",
        where=data,
        fix="name the column with the labels",
    )


def _list_files(data: Path, workspace_root: Path) -> DataFolder:
    if not data.is_dir():
        what = "this is a file, not a folder" if data.exists() else "there is no such folder"
        raise DataError(what, where=data, fix="give the folder with the unpacked data")
    folder = scan_data(data, _spelt(data, workspace_root))
    if not folder.images:
        zips = [one for one in folder.archives if one.lower().endswith(".zip")]
        unpacking = f", or podium init {data / zips[0]}, which unpacks it" if len(zips) == 1 else ""
        fix = (
            f"unpack {', '.join(folder.archives[:5])} first{unpacking}; images inside archives are "
            "not read"
            if folder.archives
            else "give the folder that holds the images"
        )
        if folder.unread and not folder.archives:
            fix += (
                "; images inside files of MATLAB, HDF5 or pickles are not read: write them as "
                "train_images.npy, train_labels.npy and test_images.npy, or as PNG files"
            )
        raise DataError(f"there is no image; found: {folder.listed()}", where=data, fix=fix)
    return folder


def _spelt(data: Path, workspace_root: Path) -> str:
    """Return `data` relative to the workspace where it lies inside, by links too, else absolute."""
    # Not resolved: a link in the workspace to data elsewhere is spelt by its name in the workspace.
    data, root = (Path(os.path.normpath(path.absolute())) for path in (data, workspace_root))
    return data.relative_to(root).as_posix() if data.is_relative_to(root) else data.as_posix()
