"""Steps of parts: which images and rows are train, and which are to be predicted."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from podium.competition.infer.conversions.labels.names.labels_in_names import (
    table_of_classes_in_names,
    table_of_labels_in_names,
)
from podium.competition.infer.conversions.labels.names.measured_names import table_of_measured_names
from podium.competition.infer.conversions.labels.names.named_numbers import table_of_named_numbers
from podium.competition.infer.conversions.labels.names.pieces_of_names import (
    table_of_bits,
    table_of_pieces,
)
from podium.competition.infer.conversions.masks.look_folders import without_masks_by_look
from podium.competition.infer.conversions.masks.region_folders import note_of_regions
from podium.competition.infer.conversions.parts.augmented_copies import without_augmented_copies
from podium.competition.infer.conversions.parts.class_paths import (
    rows_without_folds,
    table_of_class_paths,
)
from podium.competition.infer.conversions.parts.copies_of_kinds import without_copies_of_kinds
from podium.competition.infer.conversions.parts.drawings_beside_masks import without_drawings_beside
from podium.competition.infer.conversions.parts.example_answers import with_example_answers
from podium.competition.infer.conversions.parts.folders_beside_test import (
    without_folders_beside_test,
)
from podium.competition.infer.conversions.parts.folders_not_sent import (
    with_folder_of_sample,
    without_references_of_test,
)
from podium.competition.infer.conversions.parts.folders_to_predict import (
    with_folders_to_predict,
    with_unlabelled_to_predict,
)
from podium.competition.infer.conversions.parts.listed_parts import (
    listed_part,
    other_splits,
    trains_without_test,
    whole_lists,
)
from podium.competition.infer.conversions.parts.one_pool import (
    with_folder_beside_classes,
    with_folder_beside_masks,
    with_pool_of_masks,
    with_pool_of_sample,
    with_pool_parted,
)
from podium.competition.infer.conversions.parts.part_column import (
    are_of_parts,
    tables_by_sample,
    tables_of_parts,
    without_masks,
)
from podium.competition.infer.conversions.parts.pools_of_parts import without_pool_of_parts
from podium.competition.infer.conversions.parts.previews_beside import without_previews
from podium.competition.infer.conversions.parts.rasters_beside import without_rasters_beside
from podium.competition.infer.conversions.parts.records_of_folders import table_of_folder_records
from podium.competition.infer.conversions.parts.row_numbers import tables_by_row_numbers
from podium.competition.infer.conversions.parts.samples_by_content import with_images_to_predict
from podium.competition.infer.conversions.parts.several_tests import (
    with_one_part_to_predict,
    with_test_of_labels_apart,
)
from podium.competition.infer.conversions.parts.unlabelled_in_train import with_unlabelled_apart
from podium.competition.infer.conversions.parts.validation import (
    with_labelled_validation,
    with_validation_part,
)
from podium.competition.infer.conversions.parts.versions_of_images import (
    without_other_versions,
    without_versions_of_no_table,
)
from podium.competition.infer.conversions.tables.samples.made_samples import sample_of_class_columns
from podium.competition.infer.conversions.tables.samples.stated_columns import (
    sample_of_stated_columns,
)
from podium.competition.infer.conversions.tables.texts.tabbed_texts import table_of_tabbed_texts
from podium.competition.infer.files import guess_part
from podium.competition.infer.image_tables import match_of_train
from podium.competition.infer.labels.column_names import is_label_name
from podium.competition.infer.masks.files import train_masks
from podium.competition.infer.parts.folders import find_class_folders, find_named_classes
from podium.competition.infer.parts.test_in_train import with_test_beside_rows
from podium.competition.infer.sample.runs import runs_column
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.shares import NEARLY_ALL
from podium.competition.infer.sources import Sources
from podium.competition.spelling import name_words
from podium.errors import plural, some

__all__ = [
    "with_class_paths",
    "with_folder_to_predict",
    "with_labels_by_look",
    "with_labels_in_names",
    "with_listed_parts",
    "with_one_row_of_folds",
    "with_parts_of_folders",
    "with_parts_of_rows",
    "with_pool_to_predict",
    "with_rows_by_number",
    "without_references_to_predict",
    "without_unnamed_versions",
]


def without_unnamed_versions(found: Sources) -> Sources:
    """Return the sources without other versions of the images that tables name."""
    sample = {} if found.sample is None else {found.sample.path: found.sample.table}
    folder, note = without_versions_of_no_table(replace(found, tables={**found.tables, **sample}))
    return found.with_folder(folder, note) if note else found


def with_labels_by_look(found: Sources) -> Sources:
    """Return the sources; what looks like masks is a class where the sample asks for labels.

    A note tells of regions that come with the images.
    """
    folder, sample = found.folder, found.sample
    if told := note_of_regions(folder):
        found = found.with_note(told)
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
        f"the files in {told} are taken for masks, by their look: each has the name of an "
        "image, its size or a whole part of that, and few values"
    )


def _is_blank_answer(sample: SampleSubmission, tables: Mapping[str, pd.DataFrame]) -> bool:
    """Return whether a sample has one answer, always blank, that no table has and no label is."""
    if len(sample.values) != 1 or is_label_name(sample.values[0]):
        return False
    column = sample.values[0]
    is_known = any(column in table for table in tables.values())
    return not is_known and bool(sample.table[column].eq("").all())


def with_parts_of_folders(found: Sources) -> Sources:
    """Return the sources; images whose folder tells no part have the one that else is known."""
    sample = found.sample
    found = _without_what_lies_beside(found)
    found = found.with_folder(*without_other_versions(found.folder))
    found = found.with_folder(*without_augmented_copies(found.folder, sample))
    found = found.with_folder(*without_pool_of_parts(found.folder, sample))
    found = found.with_folder(*with_unlabelled_apart(found.folder, sample))
    folder = with_images_to_predict(found)
    folder = with_pool_of_sample(folder, sample)
    if found.has_test:
        folder = with_folders_to_predict(folder, sample)
        folder = with_unlabelled_to_predict(folder, sample)
        folder = with_test_beside_rows(replace(found, folder=folder))
    folder, notes = with_one_part_to_predict(folder, sample)
    found = found.with_folder(folder, *notes)
    folder, of_known, note = with_test_of_labels_apart(found)
    found = found.with_folder(folder, note).without_tables(of_known)
    found = found.with_folder(*with_labelled_validation(found))
    return found.with_folder(*with_validation_part(found))


def _without_what_lies_beside(found: Sources) -> Sources:
    """Return the sources without pictures beside the images: previews, examples, drawings."""
    sample = found.sample
    folder, notes = without_previews(found.folder, sample)
    found = found.with_folder(folder, *notes)
    # Beside a sample of labels they are examples where there are masks to learn from.
    if found.has_test and (sample is None or train_masks(found.folder)):
        found = found.with_folder(*with_example_answers(found.folder))
    folder, of_copies = without_copies_of_kinds(found.folder, sample)
    folder, of_rasters = without_rasters_beside(folder, sample)
    found = found.with_folder(folder, *of_copies, *of_rasters)
    found = found.with_folder(*without_drawings_beside(found.folder))
    folder, notes = without_folders_beside_test(found)
    return found.with_folder(folder, *notes)


def with_one_row_of_folds(found: Sources) -> Sources:
    """Return the sources with one row an image of tables that have each image once in each fold.

    Tables of train and of test in folders, or with names, that are numbered as folds are left out
    where another table has the images: they part its rows for a cross-validation.
    """
    found = _without_tables_of_folds(found)
    for path, table in found.tables.items():
        one = rows_without_folds(found.folder, path, table)
        if one is None:
            continue
        made, note = one
        if made is None:
            found = found.without_tables([path]).with_note(note)
        else:
            found = found.with_table_instead(path, "once", made)
    return found


def _without_tables_of_folds(found: Sources) -> Sources:
    """Return the sources without the tables of a cross-validation, where another has the images."""
    alike: dict[str, list[str]] = defaultdict(list)
    for path in found.tables:
        if {"fold", "folds", "split", "cv"} & set(name_words(path)) and re.search(r"\d", path):
            alike[re.sub(r"\d+", "#", path)].append(path)
    numbered = {form: paths for form, paths in alike.items() if len(paths) > 1}
    if {"train", "test"} - {guess_part(form.rpartition("/")[2]) for form in numbered}:
        return found
    dropped = [path for paths in numbered.values() for path in paths]
    rest = {path: table for path, table in found.tables.items() if path not in dropped}
    of_rest = (match_of_train(found.folder, path, table) for path, table in rest.items())
    n_images = len(found.folder.of_part("train", "other"))
    if not any(one is not None and one.n_found >= NEARLY_ALL * n_images for one in of_rest):
        return found
    shown = ", ".join(dropped[:2])
    return found.without_tables(dropped).with_note(
        f"{plural(len(dropped), 'table')} numbered as folds of a cross-validation ({shown} …) "
        "are not used"
    )


def with_class_paths(found: Sources) -> Sources:
    """Return the sources with a table of what lies beside images, where there is none.

    Of records in the folder of each sample, of texts that name folders and files by their columns,
    or of a text that lists the paths of class folders; the last resort are bits, or numbers, in
    names of files.
    """
    if found.tables or found.annotations is not None or found.runs is not None:
        return found
    if (records := table_of_folder_records(found.folder)) is not None:
        return found.with_table("records_of_folders.csv", records)
    if (rows := table_of_tabbed_texts(found.folder)) is not None:
        return found.with_table("rows_of_texts.csv", rows)
    if (made := table_of_class_paths(found.folder)) is not None:
        return found.with_table("class_paths.csv", made)
    if found.sample is not None or found.outlines or found.coco or train_masks(found.folder):
        return found
    if find_class_folders(found.folder, None) or find_named_classes(found.folder, None):
        return found
    if (bits := table_of_bits(found.folder)) is not None:
        return found.with_table("bits_of_names.csv", bits)
    pieces = table_of_pieces(found.folder)
    return found if pieces is None else found.with_table("pieces_of_names.csv", pieces)


def with_labels_in_names(found: Sources) -> Sources:
    """Return the sources with a table of the numbers, or words, to predict in names of train.

    Words are looked for where tables of other facts would be taken for those of the labels.
    """
    if found.annotations is not None or found.runs is not None or found.outlines or found.coco:
        return found
    if train_masks(found.folder) or found.label is not None:
        return found
    made = table_of_measured_names(found)
    if made is not None:
        return found.with_table("measured_names.csv", made)
    made = table_of_named_numbers(found)
    if made is not None:
        return found.with_table("names.csv", made)
    made = table_of_classes_in_names(found)
    if made is not None and find_class_folders(found.folder, found.sample) is None:
        is_plain = find_named_classes(found.folder, found.sample) is not None
        return found if is_plain else found.with_table("names.csv", made)
    words = table_of_labels_in_names(found)
    if words is None or not found.tables:
        return found
    return found.with_table("names.csv", words.table, instead_of=words.register)


def with_parts_of_rows(found: Sources) -> Sources:
    """Return the sources with a table for each part, where one has rows of train and of test."""
    tables = found.tables
    for path, table in tables.items():
        is_told = found.sample is not None or bool(found.test_tables)
        has_codes = not is_told and not found.folder.of_part("test", "holdout")
        of_images = without_masks(found.folder, path, table)
        each = {} if of_images is None else {f"{Path(path).stem}_images.csv": of_images}
        rows = table if of_images is None else of_images.table
        each = (
            tables_of_parts(
                found.folder,
                path,
                rows,
                has_codes=has_codes,
                is_of_part=are_of_parts(tables, path),
            )
            or tables_by_sample(replace(found, tables={**found.tables, path: rows}), path)
            or each
        )
        for name, made in each.items():
            found = found.with_table(name, made, instead_of=path)
    return found


def with_rows_by_number(found: Sources) -> Sources:
    """Return the sources with a table for each part, where lists tell the numbers of its rows."""
    if found.sample is not None or not found.has_test:
        return found
    numbered = tables_by_row_numbers(found)
    if numbered is None:
        return found
    found = found.without_tables([numbered.path, *numbered.lists])
    for name, one in numbered.tables.items():
        found = found.with_table(name, one)
    return found


def without_references_to_predict(found: Sources) -> Sources:
    """Return the sources without references among the images of test, as of train."""
    if not found.has_test or found.coco is not None or found.outlines or found.unit:
        return found
    return found.with_folder(*without_references_of_test(found))


def with_folder_to_predict(found: Sources) -> Sources:
    """Return the sources with the one folder of test that the sample submission names."""
    if not found.has_test or found.coco is not None or found.outlines or found.unit:
        return found
    return found.with_folder(*with_folder_of_sample(found))


def with_listed_parts(found: Sources) -> Sources:
    """Return the sources; images that lists name as to be predicted are in no table of train."""
    if not found.has_test:
        return found
    rest, note = other_splits(found)
    if rest:
        found = found.without_tables(rest).with_note(note)
    if found.sample is None:
        for whole in whole_lists(found):
            found = found.without_tables(whole.parts)
            if whole.table is not None:
                found = found.with_table(whole.name, whole.table)
            found = found.with_note(whole.note)
    listed = listed_part(found)
    if listed is not None:
        of_list = listed.table.sources[0]
        instead = of_list if of_list in found.tables else ""
        found = found.with_table(listed.name, listed.table, instead_of=instead)
        found = replace(found.with_note(listed.note), listed="" if listed.is_sure else of_list)
        stated = sample_of_stated_columns(found, listed.table)
        if stated is not None:
            found = found.with_made_sample(stated, {})
    for one in trains_without_test(found):
        if one.table is None:
            found = found.without_tables([one.path]).with_note(one.note)
            continue
        name, known = f"{Path(one.path).stem}_kept.csv", {Path(path).name for path in found.tables}
        if name in known:
            name = f"{one.path.replace('/', '_').rpartition('.')[0]}_kept.csv"
        found = found.with_table(name, one.table, instead_of=one.path)
    return found


def with_pool_to_predict(found: Sources) -> Sources:
    """Return the sources; where nothing else is to be predicted, images without a mask are.

    So are those of the one folder beside class folders of train, or beside its images with masks.
    """
    if not found.has_test:
        return found
    if found.test_tables or found.runs is not None or found.coco is not None:
        return found
    if found.sample is None and found.outlines is None and found.annotations is None:
        folder, place = with_folder_beside_classes(found)
        if place:
            note = f"{place} is taken for the images to predict: no others have no class"
            return replace(found, listed=place).with_folder(folder, note)
    if found.sample is None and found.outlines is None:
        folder, note = with_pool_of_masks(found.folder)
        if note:
            return found.with_folder(folder, note)
    drawn = frozenset[str]()
    if found.outlines is not None:
        drawn = frozenset(found.outlines.keys or found.outlines.files)
    if found.sample is None:
        folder, place = with_folder_beside_masks(found, drawn=drawn)
        if place:
            note = f"{place} is taken for the images to predict: no others have no mask"
            why = "they lie in the one folder beside train, and there is no sample submission"
            return replace(found, pool=why).with_folder(folder, note)
    if found.sample is None and not found.folder.of_part("train", "test", "holdout"):
        folder, note = with_example_answers(found.folder, is_called_so=False)
        if note:
            why = "blank masks have their names, and nothing calls these an example"
            return replace(found, pool=why).with_folder(folder, note)
    folder = with_pool_parted(found.folder, found.sample, drawn=drawn)
    if folder is found.folder:
        return found
    n = f"{plural(len(folder.of_part('test')), 'image')} without a mask"
    why = "there is no sample submission, and no other image to predict"
    if found.sample is not None:
        why = f"{found.sample.path} has as many ids, and names no image"
    note = f"{n} are taken for those to predict: {why}"
    return replace(found, pool=why).with_folder(folder, note)
