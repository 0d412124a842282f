"""The steps from the files of a data folder to what an inference reads, in their order."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from podium.competition.infer.conversions.masks.object_folders import scan_data
from podium.competition.infer.files import DataFolder
from podium.competition.infer.sources import MASKS_ALONE, Sources
from podium.competition.infer.steps.annotations import with_annotations
from podium.competition.infer.steps.ids import with_ids, with_instants, with_lookup, with_spelt_ids
from podium.competition.infer.steps.masks import (
    with_circles,
    with_columns_of_pixels,
    with_cut_outs,
    with_drawn_masks,
    with_example_runs,
    with_lengths_of_runs,
    with_masks_of_people,
    with_masks_of_sample,
    with_number_masks,
    with_objects,
    with_painted_copies,
    with_pairs_as_runs,
    with_pasted_pieces,
    with_runs_of_counts,
    with_whole_runs,
)
from podium.competition.infer.steps.parts import (
    with_class_paths,
    with_folder_to_predict,
    with_labels_by_look,
    with_labels_in_names,
    with_listed_parts,
    with_one_row_of_folds,
    with_parts_of_folders,
    with_parts_of_rows,
    with_pool_to_predict,
    with_rows_by_number,
    without_references_to_predict,
    without_unnamed_versions,
)
from podium.competition.infer.steps.read_tables import with_tables
from podium.competition.infer.steps.rows import (
    with_dotted_copies,
    with_keyed_labels,
    with_labels_of_folders,
    with_nearest_rows,
    with_quantities_by_key,
    with_row_an_image,
    with_runs,
    with_shares_of_masks,
)
from podium.competition.infer.steps.samples import (
    with_images_of_pixel_rows,
    with_rows_of_texts,
    with_sample_by_class,
    with_sample_in_order,
    with_sample_of_all,
    with_sample_of_label,
    with_sample_of_map,
    with_sample_of_ranks,
    with_sample_of_records,
    with_sample_of_text,
    with_shown_sample,
    without_pieces_of_test,
)
from podium.competition.infer.steps.tables import (
    with_columns_called_as_ends,
    with_joined_labels,
    with_labels_corrected,
    with_labels_of_units,
    with_levels_of_cells,
    with_lines_of_records,
    with_lists_of_classes,
    with_made_tables,
    with_matched_names,
    with_names_in_cells,
    with_rows_of_matrices,
    with_rows_of_ranges,
    with_tables_of_folders,
    without_measurements,
    without_replaced_tables,
    without_rows_left_out,
    without_series,
)
from podium.competition.infer.unread_forms import how_to_unpack
from podium.errors import DataError
from podium.workspace.progress import SILENT, Progress

__all__ = ["STEPS", "read_plainly", "read_sources"]

STEPS: tuple[Callable[[Sources], Sources], ...] = (
    # Files that look like tables, texts or images and are none leave the folder first: masks that
    # come as numbers, and then, where there are no such masks, copies of images without background.
    with_number_masks,
    with_cut_outs,
    # Nor are masks that each of several people drew those to learn.
    with_masks_of_people,
    # Lines without a header and ids are told from tables before these are read.
    with_lines_of_records,
    # All below reads tables, and the sample submission, which is parted from them.
    with_tables,
    # Worked rows of a few images of train tell of the sample, and are no table of train below.
    with_example_runs,
    # A sample that is a map of places has a row for each from here on.
    with_sample_of_map,
    # Numbers that sum to the pixels of an image are runs for all below.
    with_runs_of_counts,
    # A broken cell is named by its line, and before its column is taken for one of labels.
    with_whole_runs,
    # A table whose columns are masks of pixels is none of labels.
    with_columns_of_pixels,
    # Nor is one that places pieces of masks in images, and these are no images to learn from.
    with_pasted_pieces,
    # A table for each image would be asked of every other one below.
    without_series,
    # Of two versions of the images, all below sees the one that cells name.
    without_unnamed_versions,
    # What is to be predicted is the whole of test, as all below has it.
    without_pieces_of_test,
    # A sample of answers alone has the order of test as the host wrote it.
    with_sample_in_order,
    # What a person's expression finds in names is a table from the start.
    with_matched_names,
    # Rows of pixels stand for their images from here on.
    with_images_of_pixel_rows,
    # Replaced tables, corrections and lists of rows left out are told of files, and rows, as the
    # host wrote them: before any is made.
    without_replaced_tables,
    with_labels_corrected,
    without_rows_left_out,
    # Numbers of rows are those of the rows as the host wrote them, too.
    with_rows_by_number,
    # Hundreds of columns of numbers would be asked of every other thing below.
    without_measurements,
    # Answers that stand in one column of train get one each: labels are looked for by these below.
    with_levels_of_cells,
    with_columns_called_as_ends,
    # Now tables get rows that name an image each, so that the steps below can match them: of cells
    # that list images, and then of images that stand once in each fold.
    with_names_in_cells,
    with_one_row_of_folds,
    # A matrix may be told by the columns of the sample, which a ranking has in one column.
    with_sample_of_ranks,
    with_rows_of_matrices,
    with_rows_of_ranges,
    # Copies with marks are masks, or else counts of dots: the sample tells which are to send.
    with_painted_copies,
    with_dotted_copies,
    # So it does of the shares that classes of masks have.
    with_shares_of_masks,
    # Quantities of what images are of are columns before these are labels.
    with_quantities_by_key,
    # Of a row for each label of a folder, one a folder is made before its rows get images.
    with_labels_of_folders,
    # Rows of several images have labels of another table before the ids and parts of rows are read.
    with_keyed_labels,
    # Ids that are spelt unlike their files must mean these before rows and images get parts.
    with_spelt_ids,
    # Rows of a log get the photo of their very time, or else photos the row that is nearest.
    with_nearest_rows,
    with_instants,
    # Whether masks by look are masks is told by the sample; parts are asked of images alone.
    with_labels_by_look,
    # Parts of folders come first: rows are parted by column only where no folder tells a part.
    with_parts_of_folders,
    with_parts_of_rows,
    # A sample as JSON or text is looked for where no table is one, and then has a row a class.
    with_sample_of_records,
    with_sample_by_class,
    # The last one is what a text shows of the file to send.
    with_shown_sample,
    # Its runs are starts and lengths from here on, whatever they name.
    with_runs_of_counts,
    with_lengths_of_runs,
    # One of the first rows alone gets all of them, once the images to predict are known.
    with_sample_of_all,
    # What tools annotated becomes circles or objects, unless it gives labels or counts.
    with_annotations,
    with_circles,
    with_objects,
    # A lookup table explains the ids of the sample in whatever form this came.
    with_lookup,
    # Cells of the sample may join those of several columns of train, or of JSON beside images.
    with_joined_labels,
    # A list for each class is a table of them all before any of these is one of its own.
    with_lists_of_classes,
    # Texts and JSON that none of the above read may be tables, and the last resort are texts
    # beside images, where there is no table at all.
    with_made_tables,
    # Rows of train are known now: references beside its images are none to predict. A text called
    # an example may then name all the others, and the sample one of two folders.
    without_references_to_predict,
    with_sample_of_text,
    with_folder_to_predict,
    # Lists without a header are tables now, and rows of folders side by side become one.
    with_tables_of_folders,
    # Rows of folders that JSON has are looked for where no record names an image.
    with_labels_of_units,
    with_class_paths,
    # Names with a number and its unit, or with a word of the sample, tell what no table does.
    with_labels_in_names,
    # Lists of images to predict are tables by now.
    with_listed_parts,
    # Now that lists are tables, the classes of a ranking may stand in one.
    with_sample_of_ranks,
    # Outlines and spans are drawn where the tables are those of train, and no object has a mask.
    with_drawn_masks,
    # Rows of several images are parted only where there are no masks; a column that a person named
    # may be called otherwise then, and must be in a table.
    with_row_an_image,
    with_sample_of_label,
    # Ids are those of the final rows.
    with_ids,
    # Without masks, labels become such as training reads: with the ids that name the images.
    with_runs,
    # Beside masks of train, pairs of numbers in cells of the sample are runs, by any name.
    with_pairs_as_runs,
    # Only where all above found nothing to predict.
    with_pool_to_predict,
    # What a text shows of the file to send adds to the final sample.
    with_rows_of_texts,
    # Where a person asks for masks alone, the sample has them, whatever it shows.
    with_masks_of_sample,
)
"""What `read_sources` does, in this order; each step says of itself where it has nothing to do."""


def read_sources(
    data: Path,
    root: Path,
    *,
    label: str | None = None,
    expression: str = "",
    has_test: bool = True,
    progress: Progress = SILENT,
) -> Sources:
    """Return the files under `data`, and what was made of them in the workspace `root`.

    Args:
        data: the folder as downloaded and unpacked.
        root: where `competition.yaml` will lie.
        label: the column to predict, or `MASKS_ALONE`, where a person names it.
        expression: that reads the label from names of images, where a person gives one.
        has_test: whether there must be images to predict; if False, the sample submission does not
            count where a column is named.
        progress: of masks that are written.

    Raises:
        DataError: there is no image, a file cannot be read, or no table has the column.
    """
    found = _list_sources(data, root)
    alone = label == MASKS_ALONE
    label = None if alone else label
    found = replace(
        found,
        label=label,
        expression=expression,
        masks_alone=alone,
        has_test=has_test,
        progress=progress,
    )
    for step in STEPS:
        found = step(found)
    return found


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
        return with_names_in_cells(with_tables(found))
    except DataError:
        return found


def _list_sources(data: Path, root: Path) -> Sources:
    folder = _list_files(data, root)
    return Sources(folder, root=root, notes=folder.copies)


def _list_files(data: Path, workspace_root: Path) -> DataFolder:
    if not data.is_dir():
        what = "this is a file, not a folder" if data.exists() else "there is no such folder"
        raise DataError(what, where=data, fix="give the folder with the unpacked data")
    folder = scan_data(data, _spelt(data, workspace_root))
    if not folder.images:
        what = f"there is no image; found: {folder.listed()}"
        raise DataError(what, where=data, fix=_how_to_have_images(data, folder))
    return folder


def _how_to_have_images(data: Path, folder: DataFolder) -> str:
    """Return how to mend a data folder without an image."""
    if folder.archives:
        zips = [one for one in folder.archives if one.lower().endswith(".zip")]
        unpacking = f", or podium init {data / zips[0]}, which unpacks it" if len(zips) == 1 else ""
        some_of_them = ", ".join(folder.archives[:5])
        around = {one.rpartition("/")[0] for one in folder.archives}
        if len(around) == 1 and "" not in around:
            return f"podium init {data / around.pop()} unpacks {some_of_them}"
        return f"unpack {some_of_them} first{unpacking}; images inside archives are not read"
    fix = "give the folder that holds the images"
    if unpacking := how_to_unpack(folder):
        return f"{fix}; {unpacking}"
    if folder.unread:
        return (
            f"{fix}; images inside files of MATLAB, HDF5 or pickles are not read: write them as "
            "train_images.npy, train_labels.npy and test_images.npy, or as PNG files"
        )
    return fix


def _spelt(data: Path, workspace_root: Path) -> str:
    """Return `data` relative to the workspace where it lies inside, by links too, else absolute."""
    # Not resolved: a link in the workspace to data elsewhere is spelt by its name in the workspace.
    data, root = (Path(os.path.normpath(path.absolute())) for path in (data, workspace_root))
    return data.relative_to(root).as_posix() if data.is_relative_to(root) else data.as_posix()
