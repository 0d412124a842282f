"""The part of train: rows of a table, class folders, or plain images that have masks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from podium.competition.infer.classes.names import is_class_list
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.labels.cells.label_cells import adds_up
from podium.competition.infer.conversions.labels.names.matched_names import how_to_read_names
from podium.competition.infer.conversions.parts.one_pool import images_without_masks
from podium.competition.infer.conversions.tables.made_tables import unused_records
from podium.competition.infer.conversions.tables.records.files_beside_images import (
    fields_beside_images,
)
from podium.competition.infer.conversions.tables.rows.files_of_one_row import file_of_label
from podium.competition.infer.conversions.tables.rows.several_rows import box_columns
from podium.competition.infer.files import (
    DataFolder,
    ImageFile,
    guess_part,
    may_be_train_table,
    named_as_images,
    unread_masks,
)
from podium.competition.infer.groups.columns import find_named_group
from podium.competition.infer.groups.repeats import is_group_name
from podium.competition.infer.ids.keys import without_common_start
from podium.competition.infer.ids.paths import SharedNames, find_shared_names
from podium.competition.infer.image_tables import (
    IN_DATA,
    ImageTable,
    JoinedTable,
    match_images,
    match_of_train,
)
from podium.competition.infer.labels.cells import holds_numbers, known_cells, numbers_of
from podium.competition.infer.labels.column_names import (
    PLACE_WORDS,
    column_spelt_as,
    is_fact_or_group,
    is_label_name,
    numbers_rows,
)
from podium.competition.infer.labels.columns import find_labels, find_left_label, possible_labels
from podium.competition.infer.labels.evidence import (
    hints_of_sample,
    holder_of_words,
    label_evidence,
)
from podium.competition.infer.labels.free_texts import are_free_texts
from podium.competition.infer.labels.kinds import InferredLabels
from podium.competition.infer.labels.named_in_rows import columns_in_rows
from podium.competition.infer.labels.negatives import positive_class
from podium.competition.infer.labels.no_results import LabelsWithResults
from podium.competition.infer.labels.outputs import outputs_of_probabilities
from podium.competition.infer.masks.by_piece import cells_of_pieces
from podium.competition.infer.masks.files import is_called_example, train_masks
from podium.competition.infer.parts.channels import pictures_to_send
from podium.competition.infer.parts.folders import (
    IMAGE_ID,
    PLAIN_IDS,
    ClassFolders,
    PlainImages,
    are_groups,
    find_class_folders,
    find_named_classes,
    go_on_in_test,
    id_of,
    id_template,
    images_of_path_ids,
    plain_images,
    why_places,
)
from podium.competition.infer.parts.marked_copies import marked_folders
from podium.competition.infer.parts.no_class_folders import (
    BESIDE_MASKS,
    BY_WORDS,
    OF_LABELS,
    ClassFolderCandidate,
    refuse_no_classes,
)
from podium.competition.infer.parts.refusals import FolderContents, NotedError
from podium.competition.infer.sample.runs import MaskRuns
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.shares import HALF, NEARLY_ALL
from podium.competition.infer.unread_forms import how_to_convert
from podium.competition.spelling import name_words
from podium.errors import either, plural, some
from podium.tasks.protocols.find import image_kind

__all__ = [
    "SHOWN",
    "TrainPart",
    "TrainSearch",
    "find_train",
    "listed_by_test",
    "no_train",
]


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
    with_blank: str = ""
    """The table with the rows of blank lists, too, where these may be images without a class."""
    absent: tuple[str, ...] = ()
    """The ids of the few rows that are left out, as their image is not there."""
    listed: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Lists of a few images of train of which nothing tells what they are: paths and ids."""
    no_results: LabelsWithResults | None = None
    """The table with values that were taken for no result, where they may be classes as well."""

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
        if self.labels.kind.is_by_class or self.labels.kind.is_continuous:
            return {}
        table = self.match.table
        if self.absent:
            table = table[~table[self.match.id].isin(self.absent)]
        return dict(Counter(known_cells(table[column])))

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
        if found is None or found.id not in PLAIN_IDS:
            return frozenset()
        return frozenset(id_of(image, found.id, found.pattern) for image in found.images)

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
        if found.id in PLAIN_IDS:
            return [id_of(image, found.id, found.pattern) for image in found.images]
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


@dataclass(frozen=True)
class TrainSearch(CompetitionData):
    """Where the labelled part is looked for, and what is known of it.

    The sample submission is there if it is of labels.
    """

    runs: MaskRuns | None = None
    """A table of masks; its columns are no labels of images."""
    has_masks: bool = False
    """Whether there are mask files or runs, so that labels are not needed."""
    classes: Sequence[str] = ()
    """Where a submission of masks shows them."""
    listed: Collection[str] = ()
    """The paths of the images that the sample submission lists: they are to be predicted."""
    no_labels: bool = False
    """Whether masks alone are to be sent."""
    label: str | None = None
    """The column of labels, where a person named it."""
    of_rows: Collection[str] = ()
    """Columns that images share, where each has a label of its own."""
    marks: Sequence[str] = ()
    """The columns that the sample submission asks for as marks."""

    @cached_property
    def expected(self) -> Sequence[str]:
        """The value columns of the sample submission."""
        return () if self.sample is None else self.sample.values

    @cached_property
    def of_test(self) -> frozenset[str]:
        """The columns of tables of test."""
        return frozenset(column for table in self.test_tables.values() for column in table.columns)

    @cached_property
    def facts(self) -> list[str]:
        """The columns that tables of test have filled in, where the sample asks for others.

        They are known of the images to predict. One that is called as a label may have been left.
        Pictures that show what is to be sent ask for none.
        """
        if not self.expected and not pictures_to_send(self.folder):
            return []
        of_test = self.test_tables.values()
        return [
            column
            for column in sorted(self.of_test - {*self.expected})
            if not is_label_name(column)
            and any(column in one and known_cells(one[column]).nunique() > 1 for one in of_test)
        ]

    @cached_property
    def matched(self) -> list[_Matched]:
        """The tables that may be of train and name images."""
        found = (_match(self, path, table) for path, table in self.tables.items())
        return [one for one in found if one is not None]

    @cached_property
    def class_folders(self) -> ClassFolders | None:
        """The folders of classes, or None where folders are none."""
        return find_class_folders(self.folder, self.sample)

    @cached_property
    def is_by_class(self) -> bool:
        """Whether folders are classes to learn; beside masks they may be places or days.

        Of images whose masks alone are sent, nobody asks for these.
        """
        folders = self.class_folders
        if folders is None or not self.has_masks:
            return folders is not None
        names = folders.classes
        if self.sample is None and cells_of_pieces(train_masks(self.folder), folders.images):
            return False  # the same pieces of names come back in each place
        return not (self.no_labels or are_groups(names) or go_on_in_test(self.folder, names))

    @cached_property
    def why_places(self) -> str:
        """Why class folders beside masks are places; "" where they are none."""
        folders = self.class_folders
        if folders is None or not self.is_by_class or not self.has_masks or self.sample is not None:
            return ""
        return why_places(self.folder, folders.classes)


class _ColumnsRank(NamedTuple):
    """How well a table answers what is asked for, by its name and that of its column."""

    is_asked: bool
    are_shares: bool
    are_names: bool
    n_names: int
    is_counted: bool
    is_no_fact: bool


class _ImagesRank(NamedTuple):
    """How many images a table names, and how."""

    n: int
    is_row_each: bool
    n_found: int


class _Rank(NamedTuple):
    """The higher one is the better table of labels."""

    columns: _ColumnsRank
    images: _ImagesRank
    are_flags: bool


@dataclass(frozen=True)
class _Matched:
    """A table of train whose rows name images, with the labels that it has."""

    match: ImageTable
    used: Sequence[str]
    """Its columns that are no labels."""
    labels: InferredLabels | None
    is_asked: bool
    """Whether it has what the sample asks for."""
    are_shares: bool = False
    """Whether what the sample asks for is shares here, as in the sample: no counts of the same."""

    @property
    def n_names(self) -> int:
        """How many words in its name speak for a table of labels of train."""
        name = self.match.path.rpartition("/")[2]
        return int(guess_part(name) == "train") + ("labels" in name_words(name))

    @property
    def n_images(self) -> int:
        """How many images its rows name."""
        return len(self.match.paths)

    @property
    def rank(self) -> _Rank:
        """The higher one is the better table of labels."""
        labels, match = self.labels, self.match
        assert labels is not None
        columns = labels.column_names
        is_fact = all(is_fact_or_group(one) and not is_label_name(one) for one in columns)
        # Many flags are what a table is for, where places of eyes or boxes stand in others.
        are_flags = labels.kind.is_by_class and not isinstance(labels.column, str)
        # Of two tables of the same images, one with a row an image comes first.
        images = _ImagesRank(self.n_images, match.table[match.id].is_unique, match.n_found)
        # What is told in sentences is seldom learnt, whatever its table is called.
        are_names = not any(map(are_free_texts, (match.table[one] for one in columns)))
        # A table that has what the sample asks for comes before one of further facts.
        columns_rank = _ColumnsRank(
            self.is_asked, self.are_shares, are_names, self.n_names, labels.is_counted, not is_fact
        )
        return _Rank(columns_rank, images, are_flags)

    @property
    def has_label(self) -> bool:
        """Whether the sample asks for what it labels; groups, row numbers and boxes are none."""
        names, cells = [] if self.labels is None else self.labels.column_names, self.match.table
        sides = box_columns(cells)
        return self.is_asked or not all(
            is_group_name(one) or numbers_rows(one, cells[one]) or one in sides for one in names
        )


def find_train(search: TrainSearch) -> TrainPart:
    """Return the labelled part; without labels, the images that have masks.

    Raises:
        DataError: neither a table with ids and labels nor class folders were found; the message
            lists what was found.
    """
    for rule in _RULES:
        found = rule(search)
        if found is not None:
            return found
    raise no_train(search)


def _match(search: TrainSearch, path: str, table: pd.DataFrame) -> _Matched | None:
    """Return a table with the images and the labels of its rows; None where it is not of train."""
    folder, sample, runs = search.folder, search.sample, search.runs
    of_runs = None if runs is None or runs.path != path else runs
    if not may_be_train_table(path) or (search.has_masks and is_class_list(path, table)):
        return None
    match = match_of_train(folder, path, table)
    if match is None or (of_runs is not None and not of_runs.is_one_a_sample):
        return None
    if search.label is None and _lists_classes(sample, match):
        return None
    if sample is not None and search.label is None:
        of_outputs = outputs_of_probabilities(table, match.id, sample)
        if of_outputs is not None:
            return _Matched(match, [match.id], of_outputs, True)
    used = [match.id, *match.several]
    used += [name for name in table.columns if name.endswith(IN_DATA) or name in search.of_rows]
    used += _columns_of_files(folder, table)
    used += _id_of_sample(search, table)
    if sample is None and search.label is None:
        used += _columns_in_names(folder, table, match)
    used += [] if of_runs is None else of_runs.columns
    in_rows = list(search.marks) if set(search.marks) <= set(table.columns) else []
    if sample is not None and not in_rows:
        in_rows = columns_in_rows(sample.table, table, used, folder.named)
    # What the table of test has, too, is known of the images to predict.
    asked = [one for one in search.expected if one not in search.of_test]
    columns = in_rows or asked or list(search.expected)
    spelt = [column_spelt_as(one, map(str, table.columns)) for one in columns]
    asked_for = {*columns, *spelt, search.label}
    facts = [one for one in search.facts if one in table and one not in asked_for]
    facts += [one for one in _places(match) if one not in asked_for]
    holder, n_words = holder_of_words(table, used, sample)
    has_masks = search.has_masks
    evidence = {} if has_masks else label_evidence(search, path, used)
    labels = find_labels(
        table,
        [*used, *facts],
        replace(
            hints_of_sample(sample),
            columns=columns,
            classes=search.classes,
            holder=holder,
            n_words=n_words,
        ),
        by_name=has_masks,
        elsewhere=search.of_test,
        label=search.label,
        evidence=evidence,
    )
    if labels is None or (has_masks and _is_marked_by_sign(table, labels)):
        return _Matched(match, used, None, False)
    names = labels.column_names
    is_asked = bool(search.expected) and set(columns) <= set(names)
    is_asked = is_asked or (bool(search.expected) and all(spelt) and set(spelt) <= set(names))
    is_asked = is_asked or names == [holder] or _has_classes_of_sample(labels, search.expected)
    match = _match_of_label(search, match, labels)
    return _Matched(match, used, labels, is_asked, _are_shares(search, table))


def _places(match: ImageTable) -> list[str]:
    """Return the columns that tell where one image of a row lies in another one, and how large."""
    if len(match.several) < 2:
        return []
    names = [one for one in map(str, match.table) if {*name_words(one)} <= PLACE_WORDS]
    return [one for one in names if holds_numbers(match.table[one])]


def _lists_classes(sample: SampleSubmission | None, match: ImageTable) -> bool:
    """Return whether a table has one row for each class of a sample: its numbers are of these.

    By chance they are those of images, too. A column of the sample has each class several times.
    """
    table = match.table
    if sample is None or not table[match.id].str.fullmatch(r"\d+").all():
        return False
    for name in sample.values:
        sent = sample.table[name]
        classes = {*sent}
        if not 1 < len(classes) <= len(table) or numbers_of(sent) is not None or "" in classes:
            continue
        cells = (table[one][table[one] != ""] for one in map(str, table) if one != match.id)
        is_listed = any(one.is_unique and {*one} == classes for one in cells)
        if is_listed and not sent.value_counts().eq(1).any():
            return True
    return False


def _are_shares(search: TrainSearch, table: pd.DataFrame) -> bool:
    """Return whether sample and table have shares of each row in the columns that are asked for."""
    columns = search.expected
    if search.sample is None or len(columns) < 2:
        return False
    return all(adds_up(one, columns) for one in (search.sample.table, table))


def _id_of_sample(search: TrainSearch, table: pd.DataFrame) -> list[str]:
    """Return the column of a table that is the one by which rows of the sample name images.

    It is no label, whatever it holds, unless a person names it as one. What is the same in all rows
    of the sample names none.
    """
    sample = search.sample
    if sample is None or sample.id not in table.columns or sample.id == search.label:
        return []
    return [sample.id] if sample.table[sample.id].nunique() > 1 else []


def _has_classes_of_sample(labels: InferredLabels, expected: Sequence[str]) -> bool:
    """Return whether one column has the classes that columns of the sample are called as."""
    if len(expected) < 2 or not isinstance(labels.column, str):
        return False
    names = {one.lower() for one in labels.classes}
    return names in ({*map(str.lower, each)} for each in (expected, without_common_start(expected)))


def _match_of_label(search: TrainSearch, match: ImageTable, labels: InferredLabels) -> ImageTable:
    """Return the match with the images of the label, where each of several in a row has its own.

    Never the image of another side alone: `left_file` has the label `left_grade`. Where the label
    is still to be chosen, the images of all sides may be stacked.
    """
    table = match.table
    is_stacked = match.are_parts and search.label is None and bool(labels.columns)
    if not isinstance(labels.column, str) or is_stacked:
        return match
    own = file_of_label(search.folder, table, labels.column)
    # Numbers name images by chance, where others have the names of the files.
    if own is None or _all_decimal(table[own]) > _all_decimal(table[match.id]):
        return match
    if not match.several and own == match.file_column:
        return match
    other = match_images(search.folder, match.path, table, ("train", "other"), column=own)
    return other or match


def _part_of_labelled_table(search: TrainSearch) -> TrainPart | None:
    """Return the best table of labels, unless all that they name is groups and folders are classes.

    A person, or masks, make them what is asked for in any case.
    """
    labelled = [one for one in search.matched if one.labels is not None]
    if search.has_masks and search.sample is None and search.label is None:
        # A list of a few of the images with masks is a remark on these.
        fewest = HALF * len(train_masks(search.folder))
        labelled = [one for one in labelled if one.n_images >= fewest]
    if not labelled:
        return None
    are_sure = search.label is not None or search.has_masks or any(x.has_label for x in labelled)
    if not are_sure and search.class_folders is not None:
        return None  # of which the tables name patients, or number rows
    if not any(one.is_asked for one in labelled) and _are_folders_answers(search):
        return None  # of which the tables tell further facts
    best = max(labelled, key=lambda one: one.rank)
    labels = best.labels
    assert labels is not None
    rivals = [
        one.match
        for one in labelled
        if one.labels is not None
        and one.labels.column == labels.column
        and one.are_shares == best.are_shares
    ]
    others = _with_other_labels(best.match, labels.column, rivals)
    if search.sample is None and search.label is None and not others:
        others = _of_other_columns(best, labelled)
    return TrainPart(
        _as_sample_has_it(labels, search.sample), match=best.match, other_tables=others
    )


def _are_folders_answers(search: TrainSearch) -> bool:
    """Return whether the answers of the sample submission are the names of class folders.

    They are its columns, or the words in its one column. A person may ask for something else.
    """
    folders, sample = search.class_folders, search.sample
    if folders is None or sample is None or search.has_masks or search.label is not None:
        return False
    if len(sample.values) > 1:
        return set(sample.values) == set(folders.classes)
    words = set(sample.table[sample.values[0]]) - {""}
    return bool(words) and not sample.has_numbers and words <= set(folders.classes)


def _part_of_runs(search: TrainSearch) -> TrainPart | None:
    if search.runs is None or not search.runs.images:
        return None
    return train_of_masks(search, search.runs, search.listed)


def _part_of_joined_table(search: TrainSearch) -> TrainPart | None:
    if search.has_masks:
        return None
    return find_joined(search, search.class_folders, search.of_test, search.facts)


def _part_of_class_folders(search: TrainSearch) -> TrainPart | None:
    folders = search.class_folders
    if folders is None:
        return None
    doubted = ClassFolderCandidate(search.folder, folders, search.sample, search.tables)
    refuse_no_classes(doubted, BESIDE_MASKS if search.has_masks else OF_LABELS)
    if not search.is_by_class or search.why_places:
        return None
    # A table of labels beside class folders contradicts them, where a column may be the label: none
    # that is known of the images to predict, too, unless nothing is to be sent, and their labels
    # are given out. There may be a table for each folder.
    unexplained = dict.fromkeys(
        column
        for one in search.matched
        if one.labels is None and one.n_names
        for column in possible_labels(one.match.table, one.used)
        if not isinstance(column, str) or search.sample is None or column not in search.of_test
    )
    labels = replace(_labels_of_folders(folders, search.sample), columns=tuple(unexplained))
    return TrainPart(labels, folders=folders)


def _part_of_masks(search: TrainSearch) -> TrainPart | None:
    if not search.has_masks:
        return None
    found = train_of_masks(search, search.runs, search.listed)
    why = search.why_places
    return replace(found, notes=(*found.notes, why)) if why else found


def _part_of_named_classes(search: TrainSearch) -> TrainPart | None:
    named = find_named_classes(search.folder, search.sample)
    if named is None:
        return None
    refuse_no_classes(ClassFolderCandidate(search.folder, named, search.sample), BY_WORDS)
    return TrainPart(_labels_of_folders(named, search.sample), folders=named)


def _part_of_left_label(search: TrainSearch) -> TrainPart | None:
    """Return the one table that has a label because its other columns are none."""
    if search.sample is not None or search.label is not None:
        return None
    left = [
        TrainPart(of_rest, match=one.match)
        for one in search.matched
        if one.labels is None
        and (of_rest := find_left_label(one.match.table, [*one.used, *search.facts])) is not None
    ]
    return left[0] if len(left) == 1 else None


_RULES = (
    # Tables of labels, and tables of runs, whose rows are of images.
    _part_of_labelled_table,
    _part_of_runs,
    # Tables with a row for a folder of images come before classes, which such folders look like.
    _part_of_joined_table,
    _part_of_class_folders,
    # Masks alone are learnt where nothing above gives labels, too.
    _part_of_masks,
    # The last resorts: words in the names of files, and the column that is left of a table.
    _part_of_named_classes,
    _part_of_left_label,
)
"""Each returns the labelled part, or None; the first part counts."""


def _all_decimal(cells: pd.Series[str]) -> bool:
    return bool(cells.str.isdecimal().all())


_BY_SIGN = frozenset({"-1", "0", "1"})


def _is_marked_by_sign(table: pd.DataFrame, labels: InferredLabels) -> bool:
    """Return whether labels are 1, -1 and 0: lists of a class, as Pascal VOC has them beside masks.

    An image of 0 shows it, but hardly; such a list is of one class among many.
    """
    cells = set(table[labels.column]) if isinstance(labels.column, str) else set[str]()
    return "-1" in cells and cells <= _BY_SIGN


def _columns_of_files(folder: DataFolder, table: pd.DataFrame) -> list[str]:
    """Return the columns of which most cells are names or paths of images or masks that are there.

    As `masks/7.png`: such a cell leads to a file, and is no class.
    """
    names = folder.file_names
    found = []
    for column in map(str, table.columns):
        cells = [cell for cell in table[column].unique() if cell]
        n_there = sum("." in cell and cell.rpartition("/")[2] in names for cell in cells)
        if n_there and 2 * n_there >= len(cells):
            found.append(column)
    return found


def _columns_in_names(folder: DataFolder, table: pd.DataFrame, match: ImageTable) -> list[str]:
    """Return the columns whose cells begin, or end, the names of their images, and those of test.

    As `vv` of `awc00_vv.tif`: what the names of images to predict tell is asked of nobody. Never a
    column that is called as labels are.
    """
    rows = [one for one in match.images if one is not None]
    test = [one.stem for one in folder.of_part("test")]
    found = []
    for column in map(str, table.columns):
        cells = list(table[column])
        few = set(cells)
        is_of_few = 1 < len(few) <= len(cells) / 2 and "" not in few
        if column == match.id or len(rows) < len(cells) or not test or not is_of_few:
            continue
        if is_label_name(column) or min(map(len, few)) < 2:
            continue
        for begins_or_ends in (str.startswith, str.endswith):
            pairs = zip(rows, cells, strict=True)
            if all(begins_or_ends(one.stem, cell) for one, cell in pairs) and all(
                begins_or_ends(stem, tuple(few)) for stem in test
            ):
                found.append(column)
                break
    return found


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
                    f"{int(differs.any(axis=1).sum()):,} of "
                    f"{either(len(shared), 'image has', 'images have')} another "
                    f"{name} there: {first} is {other.loc[first, name]!r} in place of "
                    f"{own.loc[first, name]!r}",
                )
            )
    return tuple(found)


def _of_other_columns(best: _Matched, labelled: Sequence[_Matched]) -> tuple[tuple[str, str], ...]:
    """Return the tables with other labels of nearly all images of the best one, and which.

    They count where no word of their name, nor of their column, makes one come before the other.
    """
    images, found = best.match.paths, []
    for one in labelled:
        if one is best or one.labels is None or one.rank.columns != best.rank.columns:
            continue
        if len(one.match.paths & images) < NEARLY_ALL * len(images):
            continue
        column = one.labels.column
        if best.labels is None or column == best.labels.column or not isinstance(column, str):
            continue
        why = (
            f"it labels the same images by {column}: write label: {column}, and tasks: {{classify: "
            f"{one.labels.kind}}}, with it"
        )
        found.append((one.match.path, why))
    return tuple(found)


def find_joined(
    data: CompetitionData,
    folders: ClassFolders | None,
    elsewhere: Collection[str] = (),
    facts: Sequence[str] = (),
) -> TrainPart | None:
    """Return the images with the labels of a table that has a row for several of them, or None.

    Folders, or parts of the names of files, are the rows' keys. Where the folders could be classes
    as well, the sample submission must have a row for each such folder of test. Columns of
    `elsewhere`, those of tables of test, are no labels but where the sample asks for them, and
    those of `facts` are none at all.
    """
    sample = data.sample
    train = data.folder.train_images
    test = data.folder.of_part("test")
    found = []
    for path, table in data.tables.items():
        if not may_be_train_table(path):
            continue
        for column in table.columns:
            if not table[column].is_unique or len(table.columns) < 2:
                continue
            others = [name for name in map(str, table.columns) if name != column]
            shared = find_shared_names(train, test, table[column], others)
            if shared is None or not _are_units_of_test(shared, sample, folders):
                continue
            used = [column] if sample is None else [column, sample.id]
            labels = None
            if sample is not None:
                labels = outputs_of_probabilities(table, str(column), sample)
            rank = (labels is not None, len(set(shared.of_train)))
            if labels is None:
                none = [*used, *(one for one in facts if one in table)]
                labels = find_labels(table, none, hints_of_sample(sample), elsewhere=elsewhere)
            if labels is not None:
                found.append((rank, path, str(column), shared, labels))
    if not found:
        return None
    _, path, column, shared, labels = max(found, key=lambda one: one[0])
    table = data.tables[path]
    id_ = id_template(train)
    place = {cell: row for row, cell in enumerate(table[column])}
    kept = [row for row, name in enumerate(shared.of_train) if name in place]
    rows = table.iloc[[place[shared.of_train[row]] for row in kept]].reset_index(drop=True)
    ids = [id_of(train[row], id_, shared.train) for row in kept]
    rows = rows.assign(**{shared.template: [shared.of_train[row] for row in kept], IMAGE_ID: ids})
    join = JoinedTable(
        column if shared.template == f"{{{column}}}" else f"{column}={shared.template}",
        shared.template,
        id_,
        len(table),
        shared.test,
        shared.of_test,
    )
    images = tuple(train[row] for row in kept)
    match = ImageTable(path, rows, IMAGE_ID, images, shared.train, join)
    return TrainPart(_as_sample_has_it(labels, sample), match=match)


def _are_units_of_test(
    shared: SharedNames, sample: SampleSubmission | None, folders: ClassFolders | None
) -> bool:
    """Return whether nothing speaks for classes in place of units."""
    if folders is None:
        return True
    if sample is None or not shared.of_test:
        return False
    return set(sample.table[sample.id]) <= set(shared.of_test)


def train_of_masks(
    data: CompetitionData, runs: MaskRuns | None, listed: Collection[str] = ()
) -> TrainPart:
    """Return the images that have masks: rows of a table with further columns, or plain files."""
    folder = data.folder
    images = folder.train_images
    images = [image for image in images if image.path not in listed]
    to_predict = listed_by_test(data)
    n_before = len(images)
    images = [image for image in images if image.path not in to_predict]
    n_masked = len(set(images) - set(images_without_masks(folder))) or len(images)
    if train_masks(folder) and (runs is None or not runs.images):
        runs = None  # of a few images, perhaps, as an example
    ids = set() if runs is None else set(runs.ids)
    made = folder.path_ids.get(images[0].part) if images else None
    if runs is not None and runs.images:
        match = match_of_train(folder, runs.images, data.tables[runs.images])
        if match is not None:
            return TrainPart(None, match=match)
    found = []
    notes = []
    for path, table in data.tables.items():
        match = match_of_train(folder, path, table)
        if match is None:
            continue
        if (
            made is not None
            and not made.is_one_field
            and match.table[match.id].isin(made.ids).any()
        ):
            continue  # no pattern leads from such a cell to its image
        if not table[match.id].is_unique or match.n_found < 0.9 * n_masked:
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
        elif _has_rows_of_test(folder, match):
            continue  # its columns are joined to the images of train
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
        raise no_train(replace(data, sample=None))
    plain = plain_images(images, list(ids)) if made is None else images_of_path_ids(made)
    return TrainPart(None, plain=plain, notes=tuple(notes))


def _has_rows_of_test(folder: DataFolder, match: ImageTable) -> bool:
    """Return whether all rows of a table without an image of train are of images of test."""
    cells = match.table[match.id]
    rest = [cell for cell, image in zip(cells, match.images, strict=True) if image is None]
    of_test = [any(one.part == "test" for one in folder.named(cell)) for cell in rest]
    return bool(rest) and all(of_test)


def listed_by_test(data: CompetitionData) -> set[str]:
    """Return the paths of the images that tables of test name, in a folder shared with train."""
    found: set[str] = set()
    for path, table in data.test_tables.items():
        match = match_images(data.folder, path, table, ("test", "other", "holdout"))
        found |= {image.path for image in match.images if image} if match else set()
    return found


def _labels_of_folders(folders: ClassFolders, sample: SampleSubmission | None) -> InferredLabels:
    kind = image_kind("binary" if len(folders.classes) == 2 else "multiclass")
    why = f"each image lies in one of {plural(len(folders.classes), 'class folder')}"
    file = folders.pattern.rpartition("/")[2]
    if "{class}" in file or "{class}" not in folders.pattern:
        why = (
            f"the name of each file has one of {plural(len(folders.classes), 'word')} beside a "
            "number"
        )
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


SHOWN = 4


def _or_numbers(convert: str, sample: SampleSubmission | None) -> str:
    """Return what to write where outlines are not read and a sample asks for several numbers."""
    if sample is None or "GeoJSON" not in convert or len(sample.values) < 2:
        return ""
    numbers = sample.table[sample.values].apply(pd.to_numeric, errors="coerce")
    if not numbers.notna().all(axis=None):
        return ""
    return (
        f"\n  or, as {sample.path} asks for {plural(len(sample.values), 'number')} an image: "
        "where they are sums over the outlines, as areas, write train.csv with a row an image of "
        "train and the columns "
        f"{', '.join([sample.id, *sample.values])}, 0 where an image has no such outline"
    )


def no_train(data: CompetitionData) -> NotedError:
    """Return the error that there are no labelled images, with what was found and how to go on."""
    folder = data.folder
    named = {path for one in named_as_images(folder) for path in one.paths.values()}
    plain = {path: table for path, table in data.tables.items() if path not in named}
    seen = [
        f"{path} (columns {', '.join(map(str, table.columns[:8]))})"
        for path, table in [*plain.items()][:SHOWN]
    ]
    seen += [f"{len(plain) - SHOWN:,} more"] if len(plain) > SHOWN else []
    packed = [one for one in folder.archives if not _is_packed_example(one)]
    if packed:
        fix = f"unpack {', '.join(packed[:5])} first; images inside archives are not read"
    elif plain:
        fix = "let a column hold file names (with or without .jpg)"
    else:
        fix = "sort the images into class folders, or add a table"
    reasons = unused_records(data)
    if reasons:
        fix = (
            "write the records with the labels as a table beside the data, train_labels.csv: a row "
            f"an image, with its file and its label, several labels with ; between them; or {fix}"
        )
    unread, convert = unread_masks(folder), how_to_convert(folder)
    if convert:
        fix = f"{convert}{_or_numbers(convert, data.sample)}\n  or {fix}"
    elif unread:
        fix = (
            "write masks as PNG files into a folder called masks, each named as its image; or "
            f"{fix}"
        )
    reasons += [unread.lstrip("; ")] if unread else []
    if (by_names := how_to_read_names(folder)) and not data.tables and not convert:
        fix = f"{by_names}; or {fix}"
    if fields := fields_beside_images(folder):
        reasons.append(f"{fields}, and none of them is known to be the label")
        fix = (
            "name the field to predict: --label FIELD; or write train.csv with a row for each "
            f"image, its file and this field; or {fix}"
        )
    marked = marked_folders(folder)
    if marked is not None:
        copies, images = marked
        reasons.append(
            f"{copies} looks like marked copies of {images}: the files of one name differ in few "
            "pixels, so these folders are not taken for classes"
        )
        fix = (
            f"write train.csv with a row for each image of {images}, its file and what is to be "
            f"predicted, as the marks tell it, and move {copies} out of the data; or, where the "
            "folders are classes, write train.csv with the columns image and label"
        )
    tables_seen = f"tables: {'; '.join(seen)}" if seen else ""
    seen_all = FolderContents(tuple(reasons), tables_seen, folder.listed())
    return NotedError(seen_all, where=folder.path, fix=fix)


def _is_packed_example(path: str) -> bool:
    """Return whether an archive is called an example of what is to be sent: no labels are in it."""
    return is_called_example(path.rpartition("/")[2].partition(".")[0])
