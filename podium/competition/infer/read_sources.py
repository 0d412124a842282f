"""The steps from the files of a data folder to what an inference reads, in their order."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from podium.competition.infer.conversions.masks.object_folders import scan_data
from podium.competition.infer.files import DataFolder
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.sources import Sources
from podium.competition.infer.steps.annotations import with_annotations
from podium.competition.infer.steps.ids import with_ids, with_instants, with_lookup, with_spelt_ids
from podium.competition.infer.steps.masks import (
    with_circles,
    with_cut_outs,
    with_drawn_masks,
    with_number_masks,
    with_objects,
    with_painted_copies,
)
from podium.competition.infer.steps.parts import (
    with_class_paths,
    with_labels_by_look,
    with_listed_parts,
    with_one_row_of_folds,
    with_parts_of_folders,
    with_parts_of_rows,
    with_pool_to_predict,
)
from podium.competition.infer.steps.rows import (
    with_dotted_copies,
    with_row_an_image,
    with_runs,
)
from podium.competition.infer.steps.tables import (
    with_labels_corrected,
    with_made_tables,
    with_names_in_cells,
    with_rows_of_matrices,
    with_rows_of_ranges,
    with_sample_by_class,
    with_sample_of_ranks,
    with_sample_of_records,
    with_tables,
    without_rows_left_out,
)
from podium.competition.infer.unread_forms import how_to_unpack
from podium.errors import DataError, some

__all__ = ["read_plainly", "read_sources"]


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
    found = with_cut_outs(with_number_masks(_list_sources(data, root)))
    found = with_names_in_cells(
        without_rows_left_out(with_labels_corrected(with_tables(found, has_test=has_test)))
    )
    found = with_one_row_of_folds(found)
    found = with_rows_of_ranges(with_rows_of_matrices(with_sample_of_ranks(found)))
    found = with_dotted_copies(with_painted_copies(found))
    found = with_labels_by_look(with_instants(with_spelt_ids(found)))
    found = with_parts_of_rows(with_parts_of_folders(found, has_test=has_test))
    found = with_annotations(with_sample_by_class(with_sample_of_records(found)))
    found = with_lookup(with_objects(with_circles(found)))
    found = with_class_paths(with_made_tables(found))
    found = with_drawn_masks(with_listed_parts(found) if has_test else found)
    found = with_row_an_image(found, label, found.sample if has_test or label is None else None)
    label = label if found.rows is None else found.rows.label
    if label is not None:
        of_label = _sample_of_label(found.tables, label, data)
        found = found if has_test else replace(found, sample=of_label)
    found = with_runs(with_ids(found), label)
    return with_pool_to_predict(found) if has_test else found


def read_plainly(data: Path, root: Path) -> Sources | None:
    """Return the images under `data` with their tables alone, where `read_sources` refuses them.

    Tables whose cells list several images have a row an image.

    Args:
        data: the folder as downloaded and unpacked.
        root: where `competition.yaml` will lie.

    Returns:
        The files, without tables where one of them cannot be read; None where there is no image.
    """
    try:
        found = _list_sources(data, root)
    except DataError:
        return None
    try:
        return with_names_in_cells(with_tables(found, has_test=True))
    except DataError:
        return found


def _list_sources(data: Path, root: Path) -> Sources:
    folder = _list_files(data, root)
    return Sources(root, folder, notes=folder.copies)


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
        if folder.archives:
            pass
        elif unpacking := how_to_unpack(folder):
            fix += f"; {unpacking}"
        elif folder.unread:
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
