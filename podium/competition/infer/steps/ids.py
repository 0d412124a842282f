"""Steps of ids: of several columns, of units, of a lookup table, or spelt unlike the files."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pandas as pd

from podium.competition.ids.rows import ids_of_rows
from podium.competition.infer.conversions.ids.columns_together import (
    NamedTogether,
    find_named_together,
    with_first_columns_joined,
)
from podium.competition.infer.conversions.ids.files_by_table import find_files_by_table
from podium.competition.infer.conversions.ids.instants import find_named_by_instants
from podium.competition.infer.conversions.ids.joined_ids import with_joined_ids
from podium.competition.infer.conversions.ids.spelt_ids import files_of_sample, with_spelt_files
from podium.competition.infer.conversions.ids.units_of_columns import (
    images_of_units,
    sample_of_units,
)
from podium.competition.infer.conversions.ids.units_of_folders import tables_of_folders_sent
from podium.competition.infer.conversions.masks.object_folders import with_folders_as_ids
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.conversions.tables.samples.columns_of_sample import (
    sample_called_as_train,
    with_columns_of_sample,
)
from podium.competition.infer.conversions.tables.samples.made_samples import test_of_sample
from podium.competition.infer.ids.paths import with_joined_columns, with_path_ids
from podium.competition.infer.masks.files import train_masks
from podium.competition.infer.parts.channels import (
    with_channel_folders,
    with_channels,
    with_folder_samples,
    with_largest_first,
)
from podium.competition.infer.sample.runs import find_runs
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.sources import Sources
from podium.errors import some

__all__ = ["with_ids", "with_instants", "with_lookup", "with_spelt_ids"]


def with_spelt_ids(found: Sources) -> Sources:
    """Return the sources; tables have the files of ids that differ from their names by signs.

    So they have of ids whose files another table names.
    """
    if (by := find_files_by_table(found)) is not None:
        for path, made in by.tables.items():
            found = found.with_table_instead(path, "files", made)
        found = found.with_table("test.csv", by.test)
    for path, table in found.tables.items():
        if (one := with_spelt_files(found, path, table)) is not None:
            found = found.with_table_instead(path, "files", one)
    return found


def with_instants(found: Sources) -> Sources:
    """Return the sources; tables and the sample have the files that dates and times name."""
    named = find_named_by_instants(found)
    if named is None:
        return found
    for path, one in named.tables.items():
        found = found.with_table_instead(path, "instants", one)
    if named.test is not None:
        found = found.with_table("test.csv", named.test)
    sample = found.sample
    if sample is None or named.sample is None or named.sample is sample:
        return found
    return _with_joined_ids(found, sample, named.sample)


def with_lookup(found: Sources) -> Sources:
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
        if len(of_images) == len(named) and not _is_numbered(table[named]):
            continue  # a row of two images, which may come back in other rows
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


def _is_numbered(table: pd.DataFrame) -> bool:
    """Return whether two columns of numbers have nearly each with each: numbers of one image."""
    is_number = all(table[name].str.isdecimal().all() for name in table)
    return is_number and 2 * len(table) > math.prod(table[name].nunique() for name in table)


def with_ids(found: Sources) -> Sources:
    """Return the sources with what images are called by tables and by the sample submission."""
    found = _with_names_of_train(found)
    for path, one in with_columns_of_sample(found).items():
        found = found.with_table_instead(path, "columns", one)
    sample = found.sample
    together = find_named_together(found)
    if together is None:
        found = _with_units(found)
        sample = found.sample
    else:
        found = replace(found, folder=together.folder, tables=together.tables)
        found = _with_ids_of_columns(_with_test_of(found, together))
        if sample is None or together.sample is None or together.sample is sample:
            return found
        return _with_joined_ids(found, sample, together.sample)
    joined = None if sample is None else with_first_columns_joined(found.folder, sample)
    if sample is not None and joined is not None:
        found = _with_joined_ids(found, sample, joined)
        sample = found.sample
    found = found.with_folder(with_channels(found))
    found = found.with_folder(with_channel_folders(found))
    found = found.with_folder(with_folder_samples(found))
    found = found.with_folder(*with_largest_first(found.folder))
    found = replace(found, tables=with_joined_columns(found))
    folder = with_path_ids(found, None if sample is None else sample.table[sample.id])
    found = found.with_folder(with_folders_as_ids(folder) if sample is None else folder)
    listed = test_of_sample(found) or files_of_sample(found)
    if listed is None:
        return found
    found, path = found.written("test.csv", listed)
    found = replace(found, tables={**found.tables, path: listed.table})
    return found.with_note(f"{path} has {listed.reader}")


def _with_names_of_train(found: Sources) -> Sources:
    """Return the sources; the columns of a sample without a header are called as those of train."""
    named = sample_called_as_train(found)
    if named is None:
        return found
    sample, of_train = named
    table = sample.table[list(sample.order)] if sample.order else sample.table
    reader = f"{sample.path} with its columns called as those of {of_train}, in the same order"
    made = MadeTable((sample.path,), reader, table)
    found, path = found.written(f"{Path(sample.path).stem}_columns.csv", made)
    return replace(found, sample=replace(sample, path=path)).with_note(f"{path} is {reader}")


def _with_units(found: Sources) -> Sources:
    """Return the sources with rows, and ids, of units that several columns name together.

    Masks are those of images.
    """
    if found.coco is not None or found.outlines is not None or train_masks(found.folder):
        return found
    if found.sample is None or find_runs(found) is not None:
        return found
    units = images_of_units(found)
    if units is not None:
        stem = Path(units.path).stem
        found = found.with_table_instead(units.path, "images", units.train)
        if units.test is not None:
            found = found.with_table(f"{stem}_test.csv", units.test, instead_of=units.test_path)
    sample = found.sample
    own = sample_of_units(found)
    if sample is not None and own is not None:
        found = _with_joined_ids(found, sample, own)
    sample = found.sample
    of_folders, to_predict = tables_of_folders_sent(found)
    for path, one in of_folders.items():
        found = found.with_table_instead(path, "units", one)
    if sample is not None and of_folders:
        found = found if to_predict is None else found.with_table("test.csv", to_predict)
        return replace(found, unit=sample.id)
    return _with_ids_of_columns(found)


def _with_ids_of_columns(found: Sources) -> Sources:
    """Return the sources; tables have the ids that the sample makes of several of their columns.

    Of a register of all images the rows that the sample names are of test then, where another table
    has rows of other images alone: those to learn from.
    """
    joined = with_joined_ids(found)
    for path, one in joined.items():
        found = found.with_table_instead(path, "ids", one)
    sample = found.sample if joined else None
    if sample is None or found.test_tables or found.folder.of_part("test"):
        return found
    ids = set(sample.table[sample.id])
    having = {path: set(one[sample.id]) for path, one in found.tables.items() if sample.id in one}
    registers = [path for path, known in having.items() if ids < known]
    if len(registers) != 1 or not any(known.isdisjoint(ids) for known in having.values()):
        return found
    [path] = registers
    rows = found.tables[path]
    rows = rows[rows[sample.id].isin(ids)].reset_index(drop=True)
    if len(rows) > len(ids):
        return found
    made = MadeTable((path,), f"the rows of {path} that {sample.path} names", rows)
    return found.with_table(f"{Path(path).stem}_test.csv", made, instead_of=path)


def _with_joined_ids(found: Sources, sample: SampleSubmission, joined: SampleSubmission) -> Sources:
    """Return the sources with the sample whose first columns are one of ids."""
    reader = f"ids {joined.file['id_of']} in one column"
    made = MadeTable((sample.path,), reader, joined.table)
    return found.with_sample(made, dict(joined.file), sample.runs)


def _with_test_of(found: Sources, together: NamedTogether) -> Sources:
    """Return the sources with the table of images to predict, where the sample alone names them."""
    sample, cells = found.sample, together.to_predict
    if sample is None or cells is None or cells.empty or found.test_tables:
        return found
    reader = f"the images that {sample.path} names, as {some(list(cells.columns))} of train"
    found, path = found.written("test.csv", MadeTable((sample.path,), reader, cells))
    ids = cells.assign(**{together.template: ids_of_rows(cells, together.template)})
    found = replace(found, tables={**found.tables, path: ids})
    return found.with_note(f"{path} has {reader}")
