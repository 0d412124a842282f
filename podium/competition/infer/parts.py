"""The train, test and unlabelled part of a data folder: the location and content of each.

Labels, and perhaps groups, come from a table or from the names of the folders that hold the images
(class folders). Images that are several files each are recognised by the endings of their names:
`7_red`, `7_green`.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from podium.competition.ids.patterns import Pattern
from podium.competition.ids.rows import NUMBERED_ID
from podium.competition.infer.classes.names import is_class_list
from podium.competition.infer.conversions.parts.samples_by_content import unnamed_samples
from podium.competition.infer.conversions.tables.files_of_one_row import file_of_label
from podium.competition.infer.files import (
    IN_DATA,
    DataFolder,
    FolderPart,
    ImageFile,
    ImageTable,
    JoinedTable,
    PathIds,
    common_folder,
    folders_between,
    guess_part,
    is_test_table,
    match_images,
    may_be_train_table,
    named_as_images,
    possible_image_names,
    split_field,
    unread_masks,
)
from podium.competition.infer.ids.keys import common_start, splits_of
from podium.competition.infer.ids.paths import SharedNames, find_shared_names
from podium.competition.infer.labels.columns import (
    GroupColumn,
    InferredLabels,
    columns_in_rows,
    find_labels,
    find_named_group,
    is_fact_or_group,
    is_group_name,
    is_label_name,
    known_cells,
    positive_class,
    possible_labels,
    sort_classes,
    without_common_start,
)
from podium.competition.infer.labels.evidence import holder_of_words, label_evidence
from podium.competition.infer.languages import is_called
from podium.competition.infer.masks.files import mask_array, train_masks
from podium.competition.infer.sample.rows import (
    find_numbered_rows,
    find_rows,
    numbers_in_order,
)
from podium.competition.infer.sample.runs import MaskRuns
from podium.competition.infer.sample.submission import SAMPLE_NAME, SampleSubmission, unit_template
from podium.competition.infer.unread_forms import how_to_convert
from podium.competition.spelling import name_words
from podium.errors import DataError, plural, some
from podium.tasks.protocols.find import image_kind

__all__ = [
    "PartImages",
    "PlainImages",
    "TrainPart",
    "channel_pattern",
    "find_test",
    "find_train",
    "find_unlabelled",
    "listed_images",
    "part_by_stems",
    "part_of_table",
    "with_channel_folders",
    "with_channels",
    "with_folder_samples",
]


Tables = Mapping[str, pd.DataFrame]
_PLAIN_IDS = ("{stem}", "{name}", "{path}")


@dataclass(frozen=True)
class PartImages:
    """The location of a part's images, as `data.test` or `data.unlabelled` writes it."""

    images: str
    id: str | None
    n: int
    why: str
    table: str | None = None
    cells: pd.DataFrame | None = None
    notes: list[str] = field(default_factory=list)
    ids: tuple[str, ...] = ()
    """Of the images, as the competition has them."""
    several: Mapping[str, str] = field(default_factory=dict)
    """As `ImageTable.several`."""


@dataclass(frozen=True)
class TrainPart:
    """The training part: rows of a table, class folders, or plain images that have masks."""

    labels: InferredLabels | None
    match: ImageTable | None = None
    folders: ClassFolders | None = None
    plain: PlainImages | None = None
    notes: tuple[str, ...] = ()
    other_tables: tuple[tuple[str, str], ...] = ()
    """Tables of the same form that label some images otherwise, and how many."""
    join: tuple[str, str] | None = None
    """Of images that a pattern finds: the table that groups them, and `data.train.join.key`."""

    @property
    def pattern(self) -> str:
        """The pattern of the images, relative to the data folder."""
        if self.match is not None:
            return self.match.template
        if self.folders is not None:
            return self.folders.pattern
        assert self.plain is not None
        return self.plain.pattern

    @property
    def n_by_class(self) -> dict[str, int]:
        """Number of images of each class; empty where an image has several labels or a number."""
        if self.labels is None:
            return {}
        if self.folders is not None:
            return dict(Counter(self.folders.labels))
        column = self.labels.column
        if self.match is None or not isinstance(column, str) or not self.labels.classes:
            return {}
        if self.labels.kind.is_by_class:
            return {}
        return dict(Counter(known_cells(self.match.table[column])))

    @property
    def images(self) -> list[ImageFile]:
        """The images that were found, one a sample."""
        images = self.match.images if self.match is not None else self._in_folders()
        return [image for image in images if image is not None]

    @cached_property
    def ids(self) -> frozenset[str]:
        """The ids of the images, as the competition has them."""
        if self.match is not None:
            return frozenset(map(str, self.match.table[self.match.id]))
        if self.plain is not None and self.plain.ids:
            return frozenset(self.plain.ids)
        found = self.folders if self.plain is None else self.plain
        if found is None or found.id not in _PLAIN_IDS:
            return frozenset()
        return frozenset(_id_of(image, found.id, found.pattern) for image in found.images)

    @cached_property
    def used(self) -> frozenset[str]:
        """The paths of the images, relative to the data folder."""
        return frozenset(image.path for image in self.images)

    @property
    def ids_of_images(self) -> list[str] | None:
        """The id of each image that a pattern finds; None where paths do not tell it."""
        found = self.folders if self.plain is None else self.plain
        if self.match is not None or found is None:
            return None
        if self.plain is not None and self.plain.ids:
            return list(self.plain.ids)
        if found.id in _PLAIN_IDS:
            return [_id_of(image, found.id, found.pattern) for image in found.images]
        return None

    @property
    def label_of_id(self) -> dict[str, str]:
        """The label of each id, where each image has one class; else {}."""
        if self.folders is not None:
            return dict(zip(self.ids_of_images or (), self.folders.labels, strict=False))
        if self.match is None or not self.n_by_class:
            return {}
        assert self.labels is not None
        assert isinstance(self.labels.column, str)
        cells = self.match.table[[self.match.id, self.labels.column]].astype(str)
        return dict(zip(*(cells[one] for one in cells), strict=True))

    def _in_folders(self) -> Sequence[ImageFile]:
        if self.plain is not None:
            return self.plain.images
        return () if self.folders is None else self.folders.images


def find_train(
    folder: DataFolder,
    tables: Tables,
    sample: SampleSubmission | None,
    *,
    runs: MaskRuns | None = None,
    has_masks: bool = False,
    names: Sequence[str] = (),
    listed: Collection[str] = (),
    no_labels: bool = False,
    label: str | None = None,
    of_rows: Collection[str] = (),
    marks: Sequence[str] = (),
) -> TrainPart:
    """Return the labelled part; without labels, the images that have masks.

    Args:
        folder: the images.
        tables: without the sample submission.
        sample: the sample submission, if it is of labels.
        runs: a table of masks; its columns are no labels of images.
        has_masks: whether there are mask files or runs, so that labels are not needed.
        names: of the classes, where a submission of masks shows them.
        listed: the paths of the images that the sample submission lists: they are to be predicted.
        no_labels: whether masks alone are to be sent.
        label: the column of labels, where a person named it.
        of_rows: columns that images share, where each has a label of its own.
        marks: the columns that the sample submission asks for as marks.

    Raises:
        DataError: neither a table with ids and labels nor class folders were found; the message
            lists what was found.
    """
    expected = [] if sample is None else sample.values
    fractions = sample is not None and sample.has_fractions
    numbers = sample is not None and sample.has_numbers
    candidates = []
    unexplained = list[str]()
    elsewhere = {
        column for path, table in tables.items() if is_test_table(path) for column in table.columns
    }
    for path, table in tables.items():
        if not may_be_train_table(path):
            continue
        if has_masks and is_class_list(path, table):
            continue
        of_runs = runs is not None and runs.path == path
        if of_runs and runs is not None and not runs.is_one_a_sample:
            continue
        match = match_images(folder, path, table, ("train", "other"))
        several = [*([] if match is None else match.several)]
        several += [name for name in table.columns if name.endswith(IN_DATA) or name in of_rows]
        used = (
            []
            if match is None
            else [match.id, *several, *(runs.columns if of_runs and runs else [])]
        )
        in_rows = list(marks) if set(marks) <= set(table.columns) else []
        if sample is not None and used and not in_rows:
            in_rows = columns_in_rows(sample.table, table, used, folder.named)
        holder = holder_of_words(table, used, sample)
        labels = (
            find_labels(
                table,
                used,
                in_rows or expected,
                fractions,
                by_name=has_masks,
                names=names,
                elsewhere=elsewhere,
                numbers=numbers,
                label=label,
                evidence={} if has_masks else label_evidence(folder, path, tables, used, sample),
                holder=holder,
            )
            if used
            else None
        )
        if match is not None and labels is not None and isinstance(labels.column, str):
            # Never the image of another side alone: `left_file` has the label `left_grade`. Where
            # the label is still to be chosen, the images of all sides may be stacked.
            is_stacked = match.are_parts and label is None and bool(labels.columns)
            own = None if is_stacked else file_of_label(folder, table, labels.column)
            if own is not None and (match.several or own != match.file_column):
                match = match_images(folder, path, table, ("train", "other"), column=own) or match
        name = path.rpartition("/")[2]
        called = int(guess_part(name) == "train") + ("labels" in name_words(name))
        if match is not None and labels is not None:
            # A table that has what the sample asks for comes before one of further facts.
            columns = labels.column_names
            is_asked = bool(expected) and set(in_rows or expected) <= set(columns)
            is_asked |= columns == [holder]
            is_fact = all(is_fact_or_group(one) and not is_label_name(one) for one in columns)
            candidates.append((is_asked, called, not is_fact, match.n_found, match, labels))
        elif match is not None and called:
            unexplained += possible_labels(table, used)
    folders = None
    if candidates and label is None and not has_masks and not any(map(_has_label, candidates)):
        folders = find_class_folders(folder, sample)  # of which the tables name patients
    if candidates and folders is None:
        *_, match, labels = max(candidates, key=lambda entry: entry[:4])
        rivals = [one for *_, one, other in candidates if other.column == labels.column]
        others = _with_other_labels(match, labels.column, rivals)
        return TrainPart(_as_sample_has_it(labels, sample), match=match, other_tables=others)
    if runs is not None and runs.images:
        return train_of_masks(folder, tables, runs, listed)
    if folders is None:
        folders = find_class_folders(folder, sample)
    joined = None if has_masks else find_joined(folder, tables, sample, folders)
    if joined is not None:
        return joined
    if folders is not None and not has_masks:
        _refuse_folders_of_units(folder, tables, folders)
    # Folders of images whose masks alone are sent are places or days, which nobody asks for.
    are_labels = folders is not None and not (
        has_masks
        and (no_labels or are_groups(folders.classes) or _go_on_in_test(folder, folders.classes))
    )
    if folders is not None and are_labels:
        # A table of labels beside class folders contradicts them, where a column may be the label.
        labels = replace(_labels_of_folders(folders, sample), columns=tuple(unexplained))
        return TrainPart(labels, folders=folders)
    if has_masks:
        return train_of_masks(folder, tables, runs, listed)
    named = find_named_classes(folder, sample)
    if named is not None:
        return TrainPart(_labels_of_folders(named, sample), folders=named)
    raise _no_train(folder, tables)


def _with_other_labels(
    match: ImageTable, column: str | list[str], rivals: Sequence[ImageTable]
) -> tuple[tuple[str, str], ...]:
    """Return the tables of the same columns that label images of `match` otherwise, and why not."""
    found = []
    columns = [column] if isinstance(column, str) else column
    if not match.table[match.id].is_unique:
        return ()
    own = match.table.set_index(match.id)[columns]
    for one in rivals:
        is_alike = (one.id, one.template) == (match.id, match.template)
        if one.path == match.path or not is_alike or not one.table[one.id].is_unique:
            continue
        if not {*columns} <= {*one.table.columns}:
            continue
        other = one.table.set_index(one.id)[columns]
        shared = own.index.intersection(other.index)
        differs = (own.loc[shared] != other.loc[shared]).to_numpy()
        if differs.any():
            row, k = np.argwhere(differs)[0]
            first, name = shared[row], columns[k]
            found.append(
                (
                    one.path,
                    f"{int(differs.any(axis=1).sum()):,} of {len(shared):,} images have another "
                    f"{name} there: {first} is {other.loc[first, name]!r} in place of "
                    f"{own.loc[first, name]!r}",
                )
            )
    return tuple(found)


def find_joined(
    folder: DataFolder,
    tables: Tables,
    sample: SampleSubmission | None,
    folders: ClassFolders | None,
) -> TrainPart | None:
    """Return the images with the labels of a table that has a row for several of them, or None.

    Folders, or parts of the names of files, are the rows' keys. Where the folders could be classes
    as well, the sample submission must have a row for each such folder of test.
    """
    train = folder.of_part("train") or folder.of_part("other")
    test = folder.of_part("test")
    found = []
    for path, table in tables.items():
        if not may_be_train_table(path):
            continue
        for column in table.columns:
            if not table[column].is_unique or len(table.columns) < 2:
                continue
            others = [name for name in map(str, table.columns) if name != column]
            shared = find_shared_names(train, test, table[column], others)
            if shared is None or not _are_units_of_test(shared, sample, folders):
                continue
            labels = find_labels(
                table,
                [column],
                [] if sample is None else sample.values,
                sample is not None and sample.has_fractions,
                numbers=sample is not None and sample.has_numbers,
            )
            if labels is not None:
                found.append((len(set(shared.of_train)), path, str(column), shared, labels))
    if not found:
        return None
    _, path, column, shared, labels = max(found, key=lambda one: one[0])
    table = tables[path]
    id_ = id_template(train)
    place = {cell: row for row, cell in enumerate(table[column])}
    kept = [row for row, name in enumerate(shared.of_train) if name in place]
    rows = table.iloc[[place[shared.of_train[row]] for row in kept]].reset_index(drop=True)
    ids = [_id_of(train[row], id_, shared.train) for row in kept]
    rows = rows.assign(**{shared.template: [shared.of_train[row] for row in kept], _IMAGE_ID: ids})
    join = JoinedTable(
        column if shared.template == f"{{{column}}}" else f"{column}={shared.template}",
        shared.template,
        id_,
        len(table),
        shared.test,
        shared.of_test,
    )
    images = tuple(train[row] for row in kept)
    match = ImageTable(path, rows, _IMAGE_ID, images, shared.train, join)
    return TrainPart(_as_sample_has_it(labels, sample), match=match)


_IMAGE_ID = "{image}"  # no column of a table is called so


def _are_units_of_test(
    shared: SharedNames, sample: SampleSubmission | None, folders: ClassFolders | None
) -> bool:
    """Return whether nothing speaks for classes in place of units."""
    if folders is None:
        return True
    if sample is None or not shared.of_test:
        return False
    return set(sample.table[sample.id]) <= set(shared.of_test)


def _refuse_folders_of_units(folder: DataFolder, tables: Tables, folders: ClassFolders) -> None:
    """Raise where a table has a row for each folder: these are units, and no classes."""
    names = set(folders.classes)
    for path, table in tables.items():
        for column in table.columns:
            cells = table[column]
            is_key = cells.is_unique and len(table.columns) > 1
            if is_key and len(names & set(cells)) >= 0.9 * max(len(names), len(cells)):
                raise DataError(
                    f"the rows of {path} are of folders of images ({some(sorted(names), 2)}), and "
                    "nothing tells which of these are to be predicted",
                    where=folder.path,
                    fix=f"add a table test.csv with the {column} of each folder to predict, or a "
                    "sample submission with a row for each; or write train.csv and test.csv with "
                    f"a row an image, the columns image and {column}, and the label in train.csv: "
                    f"{column} is data.train.unit then",
                )


def train_of_masks(
    folder: DataFolder, tables: Tables, runs: MaskRuns | None, listed: Collection[str] = ()
) -> TrainPart:
    """Return the images that have masks: rows of a table with further columns, or plain files."""
    images = folder.of_part("train") or folder.of_part("other")
    images = [image for image in images if image.path not in listed]
    to_predict = _listed_by_test(folder, tables)
    n_before = len(images)
    images = [image for image in images if image.path not in to_predict]
    if train_masks(folder) and (runs is None or not runs.images):
        runs = None  # of a few images, perhaps, as an example
    ids = set() if runs is None else set(runs.ids)
    made = folder.path_ids.get(images[0].part) if images else None
    if runs is not None and runs.images:
        match = match_images(folder, runs.images, tables[runs.images], ("train", "other"))
        if match is not None:
            return TrainPart(None, match=match)
    found = []
    notes = []
    for path, table in tables.items():
        match = match_images(folder, path, table, ("train", "other"))
        if match is None:
            continue
        if (
            made is not None
            and not made.is_one_field
            and match.table[match.id].isin(made.ids).any()
        ):
            continue  # no pattern leads from such a cell to its image
        if not table[match.id].is_unique or match.n_found < 0.9 * len(images):
            continue
        group = find_named_group(table, [match.id])
        of_runs = runs is not None and runs.path == path
        if runs is not None and len(ids & set(table[match.id])) < 0.9 * len(ids):
            if group is not None:
                cell = table[match.id].iloc[0]
                notes.append(
                    f"{group.column} of {path} groups images ({group.why}), but its ids ({cell!r}) "
                    f"are not written as those of {runs.path} ({runs.ids[0]!r}): write them alike, "
                    "take it for data.train.table, and name the column in folds.group"
                )
        elif group or of_runs or len(images) < n_before:
            found.append((group is not None, of_runs, match))
    if found:
        match = max(found, key=lambda entry: entry[:2])[2]
        rest = [name for name in match.table if name not in (match.id, *match.several)]
        if len(images) < n_before and rest and runs is None:
            notes.append(
                f"{some(rest)} of {match.path} are not used, as there are masks: for labels, name "
                "one as data.train.label and write tasks: {classify: multiclass}"
            )
        return TrainPart(None, match=match, notes=tuple(notes))
    if not images:
        raise _no_train(folder, tables)
    plain = plain_images(images, list(ids)) if made is None else images_of_path_ids(made)
    return TrainPart(None, plain=plain, notes=tuple(notes))


def _listed_by_test(folder: DataFolder, tables: Tables) -> set[str]:
    """Return the paths of the images that tables of test name, in a folder shared with train."""
    found: set[str] = set()
    for path, table in tables.items():
        if is_test_table(path):
            match = match_images(folder, path, table, ("test", "other", "holdout"))
            found |= {image.path for image in match.images if image} if match else set()
    return found


def _has_label(candidate: tuple[bool, int, bool, int, ImageTable, InferredLabels]) -> bool:
    """Return whether the sample asks for what a table labels, or it is no group by its name."""
    is_asked, *_, labels = candidate
    return is_asked or not all(map(is_group_name, labels.column_names))


def find_test(
    folder: DataFolder, tables: Tables, sample: SampleSubmission | None, train: TrainPart
) -> PartImages:
    """Return the part to predict.

    Raises:
        DataError: there is no test table, no test folder, and the sample's ids are no images.
    """
    expected = [] if sample is None else list(map(str, sample.table[sample.id]))
    found = [
        part_of_table(match, f"the rows of {path}")
        for path, table in tables.items()
        if is_test_table(path)
        and (match := _match_test(folder, path, table, train.match)) is not None
    ]
    images = folder.of_part("test")
    join = None if train.match is None else train.match.join
    if images and join is not None and join.test:
        why = f"the image files in {common_folder(images)}"
        ids = [_id_of(image, join.id, join.test) for image in images]
        cells = pd.DataFrame({join.unit: list(join.of_test), _IMAGE_ID: ids}, dtype=object)
        return PartImages(join.test, join.id, len(images), why, cells=cells, ids=tuple(ids))
    if images:
        template = id_template(images)
        if template == "{stem}" and _has_names_of_files(train):
            template = "{name}"
        templates = [template, *(one for one in _PLAIN_IDS if one != template)]
        found += [_of_folder(images, one) for one in (templates if expected else templates[:1])]
        found += _of_numbers(folder, images) if expected else []
        found += _of_folder_and_stem(images) if expected else []
        made = folder.path_ids.get("test")
        if made is not None:
            why = f"the image files in {common_folder(images)}"
            of_paths = PartImages(
                made.pattern, made.template, len(made.ids), why, ids=tuple(made.ids)
            )
            is_of_train = train.match is not None and train.match.id == made.template
            found.insert(0 if is_of_train else len(found), of_paths)
    listed = None if sample is None else listed_images(folder, sample)
    if listed is not None and not {i.path for i in listed[0].images if i is not None} & train.used:
        match, key = listed
        why = "there is no test folder, but the sample submission names images"
        found.append(replace(part_of_table(match, why), id=key))
    if found:
        return min(found, key=lambda one: _strangeness(one, expected))
    images = [image for image in folder.of_part("holdout") if image.path not in train.used]
    if images:
        ways = [_of_folder(images, one) for one in (id_template(images), *_PLAIN_IDS)]
        best = min(ways, key=lambda one: _strangeness(one, expected))
        where = pattern_of(images)
        note = f"there is no test part: the {len(images):,} images of {where} stand for it"
        return replace(best, notes=[note])
    ids = [] if sample is None or train.folders is None else list(sample.table[sample.id])
    if any(one.path in train.used for cell in ids for one in folder.named(cell)):
        raise _no_train(folder, tables)  # folders that hold images to predict are no classes
    raise _no_test(folder, tables, sample, train)


def _has_names_of_files(train: TrainPart) -> bool:
    """Return whether every id of the table of train is the name of its file, with its ending."""
    match = train.match
    return match is not None and all(
        image is not None and cell == image.name
        for cell, image in zip(match.table[match.id], match.images, strict=True)
    )


def _no_test(
    folder: DataFolder, tables: Tables, sample: SampleSubmission | None, train: TrainPart
) -> DataError:
    """Return the error that there is no image to predict, with what may be the sample submission.

    Without the sample, images in a folder called test would get a file of another form.
    """
    looked = (
        "no images to predict: looked for a table or a folder called test (test.csv, test/, "
        "test_images/, …), and for images named by the sample submission"
    )
    into = f"put the images to predict into {folder.path / 'test'}"
    named, way = _further_images(folder, tables, sample, train)
    into = way or into
    if sample is not None:
        first = str(sample.table[sample.id].iloc[0])
        why = "it names none beside those of train"
        if not any(folder.named(cell) for cell in sample.table[sample.id]):
            why = f"none of its ids, as {first!r}, is the name of an image"
            if any(first in image.folder.split("/") for image in folder.images):
                why = (
                    f"its ids, as {first!r}, are of folders of images, and train has a row an image"
                )
                row = f"add test.csv with a row an image to predict, its image and {sample.id}"
                into = way or row
        looked = f"{looked}, {sample.path}: {why}{named}"
        return DataError(looked, where=folder.path, fix=f"{into}; found: {folder.listed()}")
    looked = f"{looked}, and no table is called {SAMPLE_NAME}, or is one by what it holds"
    may_be = unnamed_samples(folder, tables)
    fix = f"if one of the tables is the sample submission, name it {SAMPLE_NAME}"
    if may_be:
        told = "; ".join(f"{one.path} names {one.told}" for one in may_be[:_SHOWN])
        looked, fix = f"{looked}; {told}", f"name the sample submission {SAMPLE_NAME}"
    else:
        looked = f"{looked}{named}"
    fix = f"{fix}: podium init takes a table called so; without a sample submission, {into}"
    return DataError(looked, where=folder.path, fix=f"{fix}; found: {folder.listed()}")


def _further_images(
    folder: DataFolder, tables: Tables, sample: SampleSubmission | None, train: TrainPart
) -> tuple[str, str]:
    """Return that a table names images that train has not, and how to predict them; "" for none.

    A table with the ids of the sample comes first, then the one with the most such images.
    """
    asked = set() if sample is None else set(sample.table[sample.id])
    found = []
    for path, table in tables.items():
        match = match_images(folder, path, table, ("test", "other", "holdout", "train"))
        if match is None:
            continue
        rest = [one is not None and one.path not in train.used for one in match.images]
        rows = table[rest]
        of_sample = [one for one in map(str, table) if asked and asked <= set(rows[one])]
        if any(rest):
            found.append((bool(of_sample), len(rows), path, match, of_sample))
    if not found:
        return "", ""
    _, n, path, match, of_sample = max(found, key=lambda one: one[:2])
    example = match.table[match.id][[one is not None for one in match.images]].iloc[0]
    named = f"; {path} names {plural(n, 'image')} that train does not have ({match.id}: {example})"
    units = [one for one in of_sample if one != match.id]
    is_whole = n == len(match.table)
    entries = [
        f"table: {folder.spell(path) if is_whole else _TEST_TABLE}",
        f"id: {match.id}",
        f"images: '{folder.spell(match.template)}'",
        *(f"unit: {one}" for one in units[:1]),
    ]
    entry = f"data: {{test: {{{', '.join(entries)}}}}}"
    way = f"if these are to be predicted, write {entry} into competition.yaml"
    if not is_whole:
        way = f"{way}, and the {plural(n, 'row')} of them into {_TEST_TABLE} beside it"
    return named, way


def _match_test(
    folder: DataFolder, path: str, table: pd.DataFrame, of_train: ImageTable | None
) -> ImageTable | None:
    """Return the match of a table of test, by the column that names the images of train, too.

    Where another one names other images, as of a right eye, and train is of left ones, that is not
    taken for it.
    """
    parts: tuple[FolderPart, ...] = ("test", "other", "holdout")
    match = match_images(folder, path, table, parts)
    own = None if of_train is None else of_train.file_column
    if match is None or own is None or own not in table or own == match.file_column:
        return match
    other = match_images(folder, path, table, parts, column=own)
    if other is None:
        return match
    pairs = zip(match.images, other.images, strict=True)
    if all(a == b for a, b in pairs if a is not None and b is not None):
        return match
    return replace(other, several=match.several)


def listed_images(folder: DataFolder, sample: SampleSubmission) -> tuple[ImageTable, str] | None:
    """Return the images that the sample submission names, a row each, and `data.test.id`, or None.

    Its rows may be of an image and a class, or number the objects of an image: such a key names the
    part of a cell that is the image's id.
    """
    if sample.table[sample.id].is_unique:
        # The answer 0 does not name the image `00000.tif`.
        keys = sample.table.drop(columns=list(sample.values))
        match = match_images(folder, sample.path, keys, _LISTED)
        if match is not None:
            return replace(match, table=sample.table), match.id
    cells = list(sample.table[sample.id])
    known = splits_of(cells, lambda name: any(i.part in _LISTED for i in folder.named(name)))
    splits = [one for one in known if not one.n_other]
    if not splits:
        return None
    # `10.png_0` is object 0 of image 10, and not a row of image 0.
    split = next(filter(numbers_in_order, splits), splits[0])
    numbered = all(name.isdecimal() for name in split.names)
    key = f"{sample.id}={split.template(NUMBERED_ID if numbered else '{class}')}"
    rows = pd.DataFrame({"id": list(dict.fromkeys(split.ids))}, dtype=object)
    match = match_images(folder, sample.path, rows, _LISTED)
    return None if match is None else (match, key)


_LISTED: tuple[FolderPart, ...] = ("other", "holdout")


def _strangeness(found: PartImages, expected: Sequence[str]) -> tuple[float, bool, int]:
    """Return how many of the sample's ids are not those of a part, and how much text is added."""
    ids, has_table = frozenset(found.ids), found.table is not None
    if len(ids) < len(found.ids):
        return float("inf"), not has_table, 0
    if ids.issuperset(expected):  # perhaps some of them alone
        return 0, not has_table, 0
    if found.cells is not None and _are_units(expected, found.cells):
        return 0, not has_table, 0
    # Images may have more and fewer objects.
    numbered = find_numbered_rows(expected, found.ids)
    if numbered is not None:
        return len(ids) - numbered.n_images, not has_table, _n_around(numbered.id)
    rows = find_rows(expected, found.ids, (), repeats=True)
    if rows is None:
        return len(expected), not has_table, 0
    return rows.chosen.n_against, not has_table, _n_around(rows.chosen.value.id)


def _n_around(template: str) -> int:
    """Return the length of the text around the fields of a template."""
    return len(re.sub(r"\{\w+\}", "", template))


def _are_units(expected: Sequence[str], cells: pd.DataFrame) -> bool:
    """Return whether the sample's ids are of several rows each: cells of columns, or of two."""
    names = set(expected)
    units = any(
        names <= set(cells[column]) and cells[column].nunique() < len(cells) for column in cells
    )
    return units or unit_template(list(dict.fromkeys(expected)), cells) is not None


def find_unlabelled(folder: DataFolder) -> PartImages | None:
    """Return the unlabelled part, or None."""
    images = folder.of_part("unlabelled")
    if not images:
        return None
    found = _of_folder(images, id_template(images))
    return found if found.id != "{stem}" else replace(found, id=None)


def part_of_table(match: ImageTable, why: str) -> PartImages:
    """Return the images of a table as a part, with a note on rows that have none."""
    notes = []
    missing = len(match.images) - match.n_found
    if missing:
        rows = [
            cell
            for cell, image in zip(match.table[match.id], match.images, strict=True)
            if not image
        ]
        notes.append(f"{missing:,} rows of {match.path} have no image: {some(rows)}")
    ids = tuple(map(str, match.table[match.id]))
    n, several = len(match.table), match.several
    return PartImages(
        match.template, match.id, n, why, match.path, match.table, notes, ids, several
    )


def _of_folder(images: Sequence[ImageFile], template: str) -> PartImages:
    pattern = pattern_of(images)
    why = f"the image files in {common_folder(images)}"
    ids = tuple(_id_of(image, template, pattern) for image in images)
    return PartImages(pattern, template, len(images), why, ids=ids)


def part_by_stems(folder: DataFolder, part: PartImages) -> PartImages | None:
    """Return the images to predict with names without endings as ids, where they have these.

    None where the ids are other ones, or not of all the images in the part's folder.
    """
    images = folder.of_part("test")
    names, stems = {one.name for one in images}, {one.stem for one in images}
    if not images or len(stems) < len(images) or names != {*part.ids}:
        return None
    return replace(_of_folder(images, "{stem}"), notes=part.notes)


def _of_numbers(folder: DataFolder, images: Sequence[ImageFile]) -> list[PartImages]:
    """Return the part with numbers for ids where files have zeros in front of these, else []."""
    ids = {one.path: number for number, each in folder.by_number.items() for one in each}
    if not all(image.path in ids for image in images):
        return []
    where, _, name = pattern_of(images).rpartition("/")
    field = f"{{number:0{len(images[0].stem)}}}"
    pattern = "/".join(filter(None, (where, name.replace("*", field, 1))))
    why = f"the image files in {common_folder(images)}"
    names = tuple(ids[image.path] for image in images)
    return [PartImages(pattern, "{number}", len(images), why, ids=names)]


def _of_folder_and_stem(images: Sequence[ImageFile]) -> list[PartImages]:
    """Return the part with `vid_e/0005` for ids, where each image lies in a folder below, or []."""
    common = common_folder(images)
    start = f"{common}/" if common else ""
    below = [image.folder[len(start) :] for image in images]
    if any("/" in one or not one for one in below):
        return []
    pattern = f"{start}{{folder}}/*{_one_suffix(images)}"
    ids = tuple(f"{one}/{image.stem}" for one, image in zip(below, images, strict=True))
    why = f"the image files in {common}"
    return [PartImages(pattern, "{folder}/{stem}", len(images), why, ids=ids)]


def _id_of(image: ImageFile, template: str, pattern: str) -> str:
    if template == "{path}":
        return image.path[len(Pattern(pattern).fixed_part) :].lstrip("/")
    return image.stem if template == "{stem}" else image.name


def _labels_of_folders(folders: ClassFolders, sample: SampleSubmission | None) -> InferredLabels:
    kind = image_kind("binary" if len(folders.classes) == 2 else "multiclass")
    why = f"each image lies in one of {len(folders.classes)} class folders"
    if "{class}" in folders.pattern.rpartition("/")[2]:
        why = f"the name of each file has one of {len(folders.classes)} words beside a number"
    return _as_sample_has_it(InferredLabels(kind, "class", folders.classes, why), sample)


def _as_sample_has_it(labels: InferredLabels, sample: SampleSubmission | None) -> InferredLabels:
    """Return the labels with the sample's classes; two columns make two classes, not one.

    Of two classes with one column of probabilities the second is the one that these are of.
    """
    if sample is None:
        return labels
    if len(sample.values) == 1 and labels.kind.is_yes_no and sample.has_numbers:
        positive = positive_class(labels.classes, sample.values[0])
        ordered = sorted(labels.classes, key=lambda one: one == positive)
        return labels if positive is None else replace(labels, classes=ordered)
    if len(sample.values) < 2:
        return labels
    kind = image_kind("multiclass") if labels.kind.is_yes_no else labels.kind
    same = set(sample.values) == set(labels.classes)
    return replace(labels, kind=kind, classes=sample.values if same else labels.classes)


_SHOWN = 4
_TEST_TABLE = "test_rows.csv"
"""In the workspace, as a fix proposes it."""


def _no_train(folder: DataFolder, tables: Tables) -> DataError:
    named = {path for one in named_as_images(folder) for path in one.paths.values()}
    plain = {path: table for path, table in tables.items() if path not in named}
    seen = [
        f"{path} (columns {', '.join(map(str, table.columns[:8]))})"
        for path, table in [*plain.items()][:_SHOWN]
    ]
    seen += [f"{len(plain) - _SHOWN:,} more"] if len(plain) > _SHOWN else []
    looked = (
        "no labels: looked for a table with a column that names image files and a label column "
        "(train.csv, labels.csv, …), and for class folders (train/cat/1.jpg); no masks: looked for "
        "mask files (masks/1.png of images/1.png, 17/masks/1.png of 17/scan.png) and tables of runs"
    )
    if folder.archives:
        fix = f"unpack {', '.join(folder.archives[:5])} first; images inside archives are not read"
    elif plain:
        fix = "let a column hold file names (with or without .jpg), or write the spec yourself"
    else:
        fix = (
            "sort the images into class folders, or add a table; or write competition.yaml by hand"
        )
    tables_seen = f"; tables: {'; '.join(seen)}" if seen else ""
    unread, convert = unread_masks(folder), how_to_convert(folder)
    if convert:
        fix = f"{convert}\n  or {fix}"
    elif unread:
        fix = (
            "write masks as PNG files into a folder called masks, each named as its image; or "
            f"{fix}"
        )
    tables_seen += unread
    train = folder.of_part("train")
    n_parts = {len(re.split(r"[_-]", image.stem)) for image in train}
    if not tables and len(n_parts) == 1 and max(n_parts) > 1:
        fix = (
            f"where the parts of names as {train[0].name} hold the label, write train.csv with the "
            f"columns image and label; else {fix}"
        )
    return DataError(f"{looked}; found: {folder.listed()}{tables_seen}", where=folder.path, fix=fix)


@dataclass(frozen=True)
class ClassFolders:
    """Images sorted into a folder for each class."""

    images: tuple[ImageFile, ...]
    labels: list[str]
    """The class of each image."""
    pattern: str
    """Relative to the data folder: `train/{class}/*.jpg`, `train/{class}/{folder}/*.jpg`."""
    id: str
    classes: list[str]
    group: GroupColumn | None
    """The folders inside (or around) the class folders, where they are groups."""
    notes: list[str]
    other: tuple[str, list[str]] | None = None
    """The pattern and the classes where the other level of folders is the class, if that fits."""


@dataclass(frozen=True)
class PlainImages:
    """Images without labels."""

    images: tuple[ImageFile, ...]
    pattern: str
    """Relative to the data folder: `train/*.jpg`, `train/{folder}/*.jpg`."""
    id: str
    group: GroupColumn | None
    """The field of the pattern that holds the images' folders, where these are groups."""
    ids: tuple[str, ...] = ()
    """Of the images, where they are made of several parts of the paths."""


def are_groups(names: Sequence[str]) -> bool:
    """Return whether folders are called as patients or scenes are: many, with numbers in them."""
    numbered = sum(bool(re.search(r"\d", name)) for name in names)
    return len(names) > 10 and numbered >= 0.8 * len(names)


def _go_on_in_test(folder: DataFolder, names: Sequence[str]) -> bool:
    """Return whether folders are numbered, and test has further numbers alone: no classes are so.

    As `train/plate_17`, `train/plate_18` and `test/plate_20`.
    """
    front = re.sub(r"\d+$", "", common_start(names))
    others = {
        one
        for image in folder.of_part("test")
        for one in image.folder.split("/")
        if re.fullmatch(rf"{re.escape(front)}\d+", one)
    }
    are_numbered = all(re.fullmatch(rf"{re.escape(front)}\d+", one) for one in names)
    return bool(front and others) and are_numbered and others.isdisjoint(names)


def _have_group_word(names: Sequence[str]) -> bool:
    """Return whether the names of folders begin with a word for a group: `Patient1`, `scene_07`."""
    return is_called(common_start(names), "group")


def plain_images(images: Sequence[ImageFile], expected: Sequence[str]) -> PlainImages:
    """Return a pattern for images without labels; ids as `expected` has them where it has any."""
    common = common_folder(images)
    start = f"{common}/" if common else ""
    below = [image.folder[len(start) :] for image in images if image.folder != common]
    levels = [one.split("/") for one in below]
    group, pattern = None, pattern_of(images)
    if len(levels) == len(images) and len({len(level) for level in levels}) == 1:
        # A level that all share, as in `{folder}/images/*.png`, tells no image from others.
        fields = [
            place for place, names in enumerate(zip(*levels, strict=True)) if len({*names}) > 1
        ]
        names = sorted({level[fields[0]] for level in levels}) if len(fields) == 1 else []
        if are_groups(names) or _have_group_word(names):
            group = _group_of_folders(levels, fields[0], fields[0])
        if group is not None or len({image.stem for image in images}) < len(images):
            # Where names repeat, the folders tell an image, and its mask, from others.
            spelt = list(levels[0])
            for number, place in enumerate(fields, start=1):
                spelt[place] = "{folder}" if number == 1 else f"{{folder{number}}}"
            pattern = f"{start}{'/'.join(spelt)}/*{_one_suffix(images)}"
    return PlainImages(tuple(images), pattern, id_template(images, expected), group)


_IN_FRONT = re.compile(r"(?P<name>.*[A-Za-z][^-_. ]*)(?P<sign>[-_. ]+)\d+")
_BEHIND = re.compile(r"\d+(?P<sign>[-_. ]+)(?P<name>.*[A-Za-z].*)")
_FEWEST_IN_NAMES = 2


def find_named_classes(folder: DataFolder, sample: SampleSubmission | None) -> ClassFolders | None:
    """Return the classes that names of files show, as `cat.17.jpg` or `17_cat.jpg`, or None.

    Beside a number stands one of a few words, each in several names of train, and in none of test:
    what test images have, too, is a source, and no label.
    """
    images = folder.of_part("train") or folder.of_part("other")
    if not images or folder.of_part("mask"):
        return None
    for way in (_IN_FRONT, _BEHIND):
        found = [way.fullmatch(image.stem) for image in images]
        matches = [one for one in found if one is not None]
        counts = Counter(one["name"] for one in matches)
        signs = {one["sign"] for one in matches}
        if len(matches) < len(images) or len(signs) > 1 or len(counts) < 2:
            continue
        few = max(2, len(images) // 5)
        if len(counts) > few or min(counts.values()) < _FEWEST_IN_NAMES:
            continue
        others = folder.of_part("test", "unlabelled", "holdout")
        shown = {one["name"] for image in others if (one := way.fullmatch(image.stem))}
        if shown & set(counts) or not _may_be_sent(sample, list(counts)):
            continue
        common = common_folder(images)
        start = "/".join(filter(None, (common, "**/" if _is_deep(images, common) else "")))
        sign = signs.pop()
        file = f"{{class}}{sign}*" if way is _IN_FRONT else f"*{sign}{{class}}"
        path = f"{start.rstrip('/')}/{file}" if start else file
        labels = [one["name"] for one in matches]
        return ClassFolders(
            tuple(images),
            labels,
            f"{path}{_one_suffix(images)}",
            id_template(images),
            sort_classes(labels),
            None,
            [],
        )
    return None


def _is_deep(images: Sequence[ImageFile], common: str) -> bool:
    return any(image.folder != common for image in images)


def _may_be_sent(sample: SampleSubmission | None, classes: Sequence[str]) -> bool:
    """Return whether a sample submission can be of these classes: nothing in it names others."""
    if sample is None or not sample.values:
        return True
    if len(sample.values) > 1:
        return {*without_common_start(sample.values)} >= set(classes)
    return sample.has_numbers or set(sample.table[sample.values[0]]) <= set(classes)


def images_of_path_ids(made: PathIds) -> PlainImages:
    """Return images whose ids are parts of their paths; a folder that repeats is a group."""
    images = tuple(made.ids.values())
    group = None
    if "{" in made.pattern.rpartition("/")[0]:
        place = next(n for n, one in enumerate(made.pattern.split("/")) if "{" in one)
        levels = [[image.path.split("/")[place]] for image in images]
        group = _group_of_folders(levels, 0, 0, field=Pattern(made.pattern).fields[0])
    return PlainImages(images, made.pattern, made.template, group, tuple(made.ids))


_FEW_ELSEWHERE = 0.05  # images deeper, or less deep, than most: thumbnails, what was forgotten


def find_class_folders(
    folder: DataFolder, sample: SampleSubmission | None = None
) -> ClassFolders | None:
    """Return the class folders of the train part, or of all images that are in no other part.

    Of several levels of folders the class is the one whose names the sample submission can have.
    """
    images = _with_validation(folder) or folder.of_part("train") or folder.of_part("other")
    if not images:
        return None
    common = common_folder(images)
    start = f"{common}/" if common else ""
    levels = [
        image.folder[len(start) :].split("/") if image.folder != common else [] for image in images
    ]
    depths = Counter(map(len, levels))
    depth = depths.most_common(1)[0][0]
    if depth == 0:
        return None
    n_elsewhere = sum(n for one, n in depths.items() if one not in (0, depth))
    innermost = sorted({level[-1] for level in levels if len(level) == depth > 1})
    # Where they are called as patients are, folds need them more than images that lie elsewhere.
    if n_elsewhere > _FEW_ELSEWHERE * len(images) and not are_groups(innermost):
        return _folders_of_any_depth(folder, images, levels, start)
    kept = [
        (image, level) for image, level in zip(images, levels, strict=True) if len(level) == depth
    ]
    notes = []
    if len(kept) < len(images):
        left = len(images) - len(kept)
        notes.append(
            f"{left:,} images do not lie {depth} folders below {start or 'data'}: left out"
        )
    place, group_place, other = _class_level([level for _, level in kept], depth, sample)
    of_split = 0 if any(image.part == "holdout" for image, _ in kept) else None
    if of_split is not None:
        place, group_place, other = 1, None, None
    names = ["*"] * depth
    key = _common_key([level[place] for _, level in kept])
    names[place] = f"{key}{{class}}"
    group = None
    if group_place is not None:
        names[group_place] = "{folder}"
        group = _group_of_folders([level for _, level in kept], place, group_place)
    labels = [level[place].removeprefix(key) for _, level in kept]
    if of_split is not None:
        names[of_split] = "{split}"
        parts = Counter(level[of_split] for _, level in kept)
        told = " and ".join(f"{n:,} of {start}{name}" for name, n in parts.items())
        alone = f"{start}{next(iter(parts))}/{'{class}'}"
        notes.append(
            f"{told} are trained on together, as folds validate; for the first alone write images: "
            f"'{folder.spell(alone)}/*{_one_suffix([image for image, _ in kept])}'"
        )
    classes = sort_classes(labels)
    called = sorted({level[place] for _, level in kept})
    is_split = split_field(called) is not None  # parts of the data, and no classes
    if len(classes) < 2 or is_split or _are_of_test_too(folder, depth, place, called):
        return None
    chosen = tuple(image for image, _ in kept)
    suffix = _one_suffix(chosen)
    pattern = f"{start}{'/'.join(names)}/*{suffix}"
    otherwise = None
    if other is not None:
        names[place], names[other] = "{folder}", "{class}"
        others = sort_classes([level[other] for _, level in kept])
        otherwise = f"{start}{'/'.join(names)}/*{suffix}", others
    id_ = id_template(chosen)
    return ClassFolders(chosen, labels, pattern, id_, classes, group, notes, otherwise)


def _common_key(names: Sequence[str]) -> str:
    """Return what stands before the value in all names, as `label=` in `label=cat`, or ""."""
    keys = {found[0] if (found := re.match(r"[^=]+=(?=.)", one)) else "" for one in names}
    return keys.pop() if len(keys) == 1 else ""


def _folders_of_any_depth(
    folder: DataFolder, images: Sequence[ImageFile], levels: Sequence[list[str]], start: str
) -> ClassFolders | None:
    """Return class folders of which some have folders inside, or around, and others have none."""
    kept = [(image, level) for image, level in zip(images, levels, strict=True) if level]
    first, last = ({level[place] for _, level in kept} for place in (0, -1))
    is_inner = len(last) < len(first)
    labels = [level[-1 if is_inner else 0] for _, level in kept]
    classes = sort_classes(labels)
    if len(classes) < 2 or _are_of_test_too(folder, 1, 0, classes):
        return None
    chosen = tuple(image for image, _ in kept)
    suffix = _one_suffix(chosen)
    pattern = f"{start}{'**/{class}' if is_inner else '{class}/**'}/*{suffix}"
    where = "around" if is_inner else "inside"
    notes = [f"some class folders have folders {where}, others not: these are no groups of folds"]
    if len(kept) < len(images):
        left = len(images) - len(kept)
        notes.append(f"{left:,} images lie in no folder below {start or 'data'}: left out")
    return ClassFolders(chosen, labels, pattern, id_template(chosen), classes, None, notes)


def _with_validation(folder: DataFolder) -> list[ImageFile]:
    """Return the images of train and of validation, `{split}/{class}/…`, or [].

    Both have the same classes in folders of one depth, and there are others to predict: what a host
    calls validation is labelled, and folds validate.
    """
    train, more = folder.of_part("train"), folder.of_part("holdout")
    if not (train and more and folder.of_part("test")):
        return []
    every = [*train, *more]
    common = common_folder(every)
    below = {image.path: image.folder[len(common) :].strip("/").split("/") for image in every}
    ways = {tuple(below[image.path][:1]) for image in every}
    classes = [{tuple(below[image.path][1:]) for image in part} for part in (train, more)]
    is_split = len(ways) == 2 and all(len(one) == 2 for one in below.values())
    return every if is_split and classes[0] == classes[1] else []


def _are_of_test_too(folder: DataFolder, depth: int, place: int, classes: Sequence[str]) -> bool:
    """Return whether test images lie in such folders of other names: then these are no classes."""
    images = folder.of_part("test")
    common = common_folder(images)
    below = [image.folder[len(common) :].strip("/").split("/") for image in images]
    levels = {level[place] for level in below if len(level) == depth and level[0]}
    return len(levels) > 1 and levels.isdisjoint(classes)


def pattern_of(images: Sequence[ImageFile]) -> str:
    """Return a pattern that finds the images, relative to the data folder."""
    common = common_folder(images)
    between = _of_split(images, common) or folders_between(images, common)
    where = filter(None, (common, between))
    return "/".join((*where, f"*{_one_suffix(images)}"))


def _of_split(images: Sequence[ImageFile], common: str) -> str:
    """Return the folders below `common` where one is of train and one of validation, else ""."""
    below = {image.folder[len(common) :].strip("/") for image in images}
    field = split_field({one.partition("/")[0] for one in below})
    rests = {one.partition("/")[2] for one in below}
    if field is None:
        return ""
    return "/".join(filter(None, (field, rests.pop() if len(rests) == 1 else "**")))


def id_template(images: Sequence[ImageFile], expected: Sequence[str] = ()) -> str:
    """Return the id template of paths: that of the `expected` ids, else the shortest unique one."""
    if expected:
        ids = set(expected)
        for template, names in (
            ("{stem}", {image.stem for image in images}),
            ("{name}", {image.name for image in images}),
        ):
            if len(ids & names) >= 0.5 * min(len(ids), len(names)):
                return template
    for template, listed in (
        ("{stem}", [image.stem for image in images]),
        ("{name}", [image.name for image in images]),
    ):
        if len(set(listed)) == len(listed):
            return template
    return "{path}"


def _one_suffix(images: Sequence[ImageFile]) -> str:
    suffixes = {image.suffix for image in images}
    return suffixes.pop() if len(suffixes) == 1 else ""


_PIECE = re.compile(r"(part|piece|chunk|batch|fold|shard|subset|split|images?)[-_ ]*\d+")
_MOST_CLASSES = 20  # of a second level that may be the class as well


def _class_level(
    levels: list[list[str]], depth: int, sample: SampleSubmission | None
) -> tuple[int, int | None, int | None]:
    """Return which level of folders is the class, which one a group, and which may be the class.

    The class is the level that the sample submission can have; of those the one whose names come
    back under other parents; else the outer one. Where names of both come back, nothing tells.
    """
    if depth == 1:
        return 0, None, None
    names = [sorted({level[place] for level in levels}) for place in range(depth)]
    parents: dict[str, set[str]] = defaultdict(set)
    for level in levels:
        parents[level[1]].add(level[0])
    recurs = sum(len(found) > 1 for found in parents.values()) > 0.5 * len(parents)
    place, other = (1, 0) if recurs and len(names[1]) < len(names[0]) else (0, 1)
    possible = [n for n in range(depth) if _can_be_classes(names[n])]
    fitting = [n for n in possible if _may_be_sent(sample, names[n])] or possible
    if fitting and place not in fitting and len(names[place]) > 1:
        place, other = fitting[0], 1 - min(fitting[0], 1)
    group = other if len(names[other]) > 1 and not _are_pieces(names[other]) else None
    is_open = recurs and {place, other} <= {*fitting} and len(names[other]) <= _MOST_CLASSES
    return place, group, other if is_open else None


def _can_be_classes(names: Sequence[str]) -> bool:
    return len(names) > 1 and not are_groups(names) and not _are_pieces(names)


def _are_pieces(names: Sequence[str]) -> bool:
    """Return whether folders are called as the pieces of a part are: `part1`, `part2`."""
    return all(_PIECE.fullmatch(name.casefold()) for name in names)


def _group_of_folders(
    levels: list[list[str]], place: int, group_place: int, *, field: str = "folder"
) -> GroupColumn | None:
    """Return the folders of a level as groups of images; None where most hold a single image."""
    sizes = Counter(level[group_place] for level in levels)
    repeated = sum(size for size in sizes.values() if size > 1)
    if len(sizes) < 4 or repeated < 0.5 * len(levels):
        return None
    side = "inside the class folders" if group_place > place else "around the class folders"
    if group_place == place:
        side = "without class names"
    why = (
        f"{len(sizes):,} folders {side} over {len(levels):,} images: images "
        "of one folder are often one patient, scene or video, and must not cross folds"
    )
    return GroupColumn(field, why, len(sizes))


_MOST = 12
_ENOUGH = 0.9
_READ = 300  # cells of a column
_ORDER = ("red", "green", "blue", "yellow")


def with_channels(
    folder: DataFolder, tables: Mapping[str, pd.DataFrame], sample: SampleSubmission | None
) -> DataFolder:
    """Return the folder with one image for the files of a sample, where it has several.

    The ends of names are words, the same for nearly every image, and a table names what stands
    before them and never the whole (as `10_left` of a table of eyes is), or the sample submission
    has a row for each of that. The image is called as if the end were not there; `folder.channels`
    are the ends.
    """
    images = [image for image in folder.images if image.part != "mask"]
    of_base: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for image in images:
        base, sign, end = image.stem.rpartition("_")
        if sign and base and end.isalpha():
            of_base[image.folder, base, image.suffix].add(end)
    if not of_base or sum(map(len, of_base.values())) < _ENOUGH * len(images):
        return folder
    ends = max(of_base.values(), key=len)
    whole = [key for key, found in of_base.items() if found == ends]
    if not 2 <= len(ends) <= _MOST or len(whole) < _ENOUGH * len(of_base):
        return folder
    bases = {base for _, base, _ in of_base}
    named = set(_cells([*tables.values(), *([] if sample is None else [sample.table])]))
    whole_names = {name for image in images for name in (image.name, image.stem)}
    is_row = sample is not None and set(sample.table[sample.id]) <= bases
    if not named & bases or (named & whole_names and not is_row):
        return folder
    parts = {(image.folder, image.suffix): image.part for image in images}
    one_each = [
        ImageFile(f"{where}/{base}{suffix}" if where else f"{base}{suffix}", parts[where, suffix])
        for where, base, suffix in whole
    ]
    masks = [image for image in folder.images if image.part == "mask"]
    ordered = sorted(ends, key=lambda end: (_ORDER.index(end) if end in _ORDER else 99, end))
    return replace(folder, images=(*one_each, *masks), channels=tuple(ordered))


def with_channel_folders(folder: DataFolder, sample: SampleSubmission | None) -> DataFolder:
    """Return the folder with one image for the files of the same name in several folders.

    As `train/before/7.png` and `train/after/7.png`: train and test have the same two folders or
    more, which hold the same names, and the sample submission has a row for each name of test.
    """
    images = [image for image in folder.images if image.part != "mask"]
    if folder.channels or sample is None or not all("/" in image.folder for image in images):
        return folder
    of_parent: dict[tuple[str, FolderPart], dict[str, set[str]]] = defaultdict(
        lambda: defaultdict(set)
    )
    for image in images:
        parent, _, last = image.folder.rpartition("/")
        of_parent[parent, image.part][last].add(image.name)
    names = {tuple(sorted(one)) for one in of_parent.values()}
    if len(names) != 1 or {part for _, part in of_parent} != {"train", "test"}:
        return folder
    channels = names.pop()
    files = [list(one.values()) for one in of_parent.values()]
    if not 2 <= len(channels) <= _MOST or any(one != each[0] for each in files for one in each):
        return folder
    one_each = [
        ImageFile(f"{parent}/{name}", part)
        for (parent, part), found in of_parent.items()
        for name in sorted(found[channels[0]])
    ]
    test = [image for image in one_each if image.part == "test"]
    ways = ({image.stem for image in test}, {image.name for image in test})
    if len({image.stem for image in one_each}) < len(one_each):
        return folder
    if not any(set(sample.table[sample.id]) <= one for one in ways):
        return folder
    masks = [image for image in folder.images if image.part == "mask"]
    return replace(folder, images=(*one_each, *masks), channels=channels, by_folder=True)


def with_folder_samples(
    folder: DataFolder, tables: Mapping[str, pd.DataFrame], sample: SampleSubmission | None
) -> DataFolder:
    """Return the folder with one image for each folder of files that belong together.

    As `train/17/band_08.npy`, `train/17/band_09.npy`: the files have the same names in nearly every
    folder, and a table names the folders. A file that only folders of train have, and that is
    called so, is the mask. The image is called as its folder is; `folder.channels` are its files.

    Files of which several have a mask of their own (`A01.png`, `A01_labels.png`), or of which the
    sample names each in a column, are images.
    """
    of_folder: dict[str, dict[str, ImageFile]] = defaultdict(dict)
    for image in folder.images:
        # A folder of masks of a class has the names of the images, too: it is no sample.
        if not (image.part == "mask" and folder.mask_folders):
            of_folder[image.folder][image.name] = image
    counts = Counter(name for files in of_folder.values() for name in files)
    names = sorted(name for name, n in counts.items() if n >= _ENOUGH * len(of_folder))
    last = [one.rpartition("/")[2] for one in of_folder]
    if not 2 <= len(names) <= 2 * _MOST or "" in last or len(set(last)) < len(last):
        return folder
    whole = [where for where, files in of_folder.items() if files.keys() >= set(names)]
    listed = [*tables.values(), *([] if sample is None else [sample.table])]
    known = {str(cell) for table in listed for column in table.columns for cell in table[column]}
    test = {one for one in whole if of_folder[one][names[0]].part == "test"}
    if len(whole) < _ENOUGH * len(of_folder) or not known & {*last}:
        return folder
    if test and not known & {one.rpartition("/")[2] for one in test}:
        return folder
    images = tuple(
        ImageFile(f"{where}{_last_suffix(names[0])}", of_folder[where][names[0]].part)
        for where in whole
    )
    shown = {name for one in test for name in of_folder[one]}
    masks = [name for name in counts if name not in shown and is_called(name, "mask")]
    mask = min(masks, key=lambda name: (not _is_plane(folder, of_folder, name), name), default="")
    names = [name for name in names if name not in masks]
    if len(names) < 2 or (not mask and _count_up(names)):
        return folder
    with_mask = {one for name in masks for one, *_ in possible_image_names(_stem(name))}
    stems = {_stem(name) for name in names}
    cells = [] if sample is None else [set(sample.table[column]) for column in sample.table]
    if len(stems & with_mask) > 1 or any(stems <= each for each in cells):
        return folder
    return replace(
        folder,
        images=images,
        channels=tuple(names),
        in_folders=True,
        sample_mask=mask,
        mask_folders=frozenset(),
    )


def _count_up(names: Sequence[str]) -> bool:
    """Return whether names are numbered from 0 or 1: photographs or slices, each an image.

    Example:
        >>> _count_up(["1.jpg", "2.jpg"]), _count_up(["band_08.npy", "band_09.npy"])
        (True, False)
    """
    found = [re.fullmatch(r"(\D*)(\d+)\D*", name) for name in names]
    numbers = sorted(int(one[2]) for one in found if one is not None)
    words = {one[1] for one in found if one is not None}
    return len(numbers) == len(names) and len(words) == 1 and numbers[0] in (0, 1)


def _stem(name: str) -> str:
    return name.rpartition(".")[0]


def _last_suffix(name: str) -> str:
    return f".{name.rpartition('.')[2]}"


def _is_plane(
    folder: DataFolder, of_folder: Mapping[str, Mapping[str, ImageFile]], name: str
) -> bool:
    """Return whether the first file of this name holds one plane, and not one for each object."""
    first = next(files[name] for files in of_folder.values() if name in files)
    try:
        shape = mask_array(folder.path / first.path).shape
    except (OSError, ValueError):
        return False
    return len(shape) == 2


def channel_pattern(folder: DataFolder, pattern: str, channel: str) -> str:
    """Return the pattern of one of the files of an image: `train/{Id}.png`, `train/{id}/red.png`.

    Args:
        folder: whether the files have a folder of their own.
        pattern: of the images, as they are named without their channels.
        channel: the end of a file's name; of a folder of its own, the whole name; else the folder.
    """
    folders, slash, name = pattern.rpartition("/")
    stem, dot, suffix = name.rpartition(".")
    stem = "{id}" if stem == "*" else stem
    if folder.by_folder:
        return f"{folders}{slash}{channel}/{stem}{dot}{suffix}"
    if folder.in_folders:
        return f"{folders}{slash}{stem}/{channel}"
    return f"{folders}{slash}{stem}_{channel}{dot}{suffix}"


def _cells(tables: Iterable[pd.DataFrame]) -> Iterable[str]:
    for table in tables:
        shown = table.iloc[:: max(1, len(table) // _READ)]
        for column in table.columns:
            for cell in shown[column]:
                yield str(cell).rpartition("/")[2]
