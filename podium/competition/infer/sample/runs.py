"""Masks as run-length text: in tables of train, and in the sample submission.

Of a table: the column of runs, and the meaning of a row. Of the sample: its rows, ids and empty
cells.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.evidence import OpenKey
from podium.competition.infer.files import DataFolder, ImageFile, may_be_train_table
from podium.competition.infer.ids.keys import KeySplit, find_split
from podium.competition.infer.image_tables import match_images, match_of_train
from podium.competition.infer.labels.cells import sort_classes
from podium.competition.infer.sample.rows import (
    RowNames,
    class_field,
    find_numbered_rows,
    find_rows,
    open_rows,
)
from podium.competition.infer.sample.submission import InferredFormat, SampleSubmission
from podium.competition.sections.submission import OBJECT_ROW
from podium.competition.spelling import letters_of, name_words
from podium.errors import either, some, some_names
from podium.tasks.protocols.find import pixel_kind
from podium.tasks.protocols.kind import Kind

__all__ = [
    "EMPTY_CELLS",
    "EMPTY_PAIR",
    "MASK_CELLS",
    "MaskRuns",
    "answer_columns",
    "are_certain_runs",
    "are_runs",
    "find_mask_format",
    "find_runs",
    "further_cells",
    "is_runs_name",
    "key_column",
    "keys_of_rows",
    "run_areas",
    "runs_column",
    "sent_classes",
    "split_keys",
    "with_lists_of_classes",
    "with_other_ids",
    "with_plain_ids",
    "with_train_ids",
]

EMPTY_CELLS = ("", "-1", "-", "1 0", "0 0")
"""Cells of tables for an empty mask."""
_WORD = re.compile(r"[^\W\d_]{2,}")
MASK_CELLS = frozenset({"rle", "coco"})
"""Values of cells that are a mask."""
_NAMES = frozenset({"rle", "encoded", "encoding", "runs", "pixels", "segmentation", "mask"})
_CLASS_NAMES = frozenset({"class", "classes", "label", "labels", "category"})
_RUNS = re.compile(r"\d+( \d+)*")
_COUNTS = re.compile(r"[0-o]+")  # six bits a letter, from "0"
_BASE64 = re.compile(r"eN[A-Za-z0-9+/]+={0,2}")  # what zlib deflates begins so
_LEAST_COUNTS = 12
_FEWEST_BYTES = 16
_READ = 300  # cells
_MOST_CLASSES = 100
_FEWEST_LISTED = 4
_SEVERAL = 0.4  # of the images that have a mask


@dataclass(frozen=True)
class MaskRuns:
    """A table whose rows are masks."""

    path: str
    id: str
    """As `data.train.mask.id` has it: a column, or `Image_Label={id}_{class}`."""
    rle: str
    label: str | None
    classes: list[str]
    ids: tuple[str, ...]
    """The samples' ids as the table writes them, each once."""
    empty: list[str]
    """The cells of empty masks."""
    is_one_a_sample: bool
    """True where no sample has two rows: the table may hold labels of images, too."""
    why: str
    notes: list[str] = field(default_factory=list)
    are_objects: bool = False
    """True where rows are single objects: most images have several, none over another."""
    as_one_mask: str = ""
    """Why the rows of an image may be one mask together, where they seem to be objects."""
    images: str = ""
    """The table of all images that were looked at, where there is one."""
    n_missing: int = 0
    """Images of train without a row, where perhaps nobody drew theirs."""
    why_missing: str = ""
    """What tells that these may be no empty masks."""

    @property
    def kind(self) -> Kind:
        if self.are_objects:
            return pixel_kind("instance")
        return pixel_kind("multilabel" if self.classes else "binary")

    @property
    def columns(self) -> list[str]:
        """The columns that are no labels of images."""
        return [self.rle, *([] if self.label is None else [self.label])]


def is_runs_name(column: str) -> bool:
    """Return whether a column is called as those of runs are.

    Example:
        >>> [is_runs_name(one) for one in ("EncodedPixels", "rle_mask", "label")]
        [True, True, False]
    """
    return bool(_NAMES & set(name_words(column)))


def are_runs(cells: Iterable[str], *, by_name: bool) -> bool:
    """Return whether the cells are pairs of start and length: ascending ones, unless `by_name`."""
    found = [cell for cell in cells if cell not in EMPTY_CELLS][:_READ]
    pairs = [[int(number) for number in one.split()] for one in found if _RUNS.fullmatch(one)]
    if not pairs or len(pairs) < len(found) or any(len(one) % 2 for one in pairs):
        return False
    if _are_bytes_of_images(pairs):
        return False
    return by_name or (any(len(one) > 2 for one in pairs) and all(map(_ascend, pairs)))


def _are_bytes_of_images(cells: Sequence[Sequence[int]]) -> bool:
    """Return whether all cells have the bytes of an image: as many in each, a square, in no order.

    Runs of several masks differ in number.
    """
    n = len(cells[0])
    is_square = n >= _FEWEST_BYTES and math.isqrt(n) ** 2 == n
    are_alike = len(cells) > 1 and all(len(one) == n and max(one) < 256 for one in cells)
    return is_square and are_alike and not any(map(_ascend, cells))


def _are_counts(cells: Iterable[str]) -> bool:
    """Return whether cells are COCO's compressed counts, as they are or in base64.

    Names of classes repeat, masks do not: but for the commonest cell, which may be the empty mask.
    """
    found = [cell for cell in cells if cell not in EMPTY_CELLS][:_READ]
    if not found:
        return False
    [(commonest, _)] = Counter(found).most_common(1)
    others = [cell for cell in found if cell != commonest] or found
    if len(set(others)) < 0.5 * len(others) or max(map(len, others)) < _LEAST_COUNTS:
        return False
    return all(_COUNTS.fullmatch(cell) or _BASE64.fullmatch(cell) for cell in found)


def _ascend(pairs: Sequence[int]) -> bool:
    starts, lengths = pairs[::2], pairs[1::2]
    ends = [start + length for start, length in zip(starts, lengths, strict=True)]
    return all(lengths) and all(a <= b for a, b in zip(ends[:-1], starts[1:], strict=True))


def find_runs(data: CompetitionData) -> MaskRuns | None:
    """Return the table of runs of train images with the most rows, or None.

    A table whose every image a table of test names is of no image of train.
    """
    folder = data.folder
    found = []
    of_test = {
        image.path
        for path, table in data.test_tables.items()
        for image in _images_named(folder, path, table)
    }
    for path, table in data.tables.items():
        if not may_be_train_table(path):
            continue
        runs = _of_table(folder, path, table)
        if runs is None:
            continue
        images = [image for one in runs.ids for image in folder.named(one)]
        if not images or any(image.path not in of_test for image in images):
            found.append((len(table), runs))
    return max(found, key=lambda entry: entry[0])[1] if found else None


def _images_named(folder: DataFolder, path: str, table: pd.DataFrame) -> list[ImageFile]:
    match = match_images(folder, path, table, ("test", "other", "holdout"))
    return [] if match is None else [image for image in match.images if image is not None]


def _of_table(folder: DataFolder, path: str, table: pd.DataFrame) -> MaskRuns | None:
    columns = [
        column
        for column in table.columns
        if are_runs(table[column], by_name=is_runs_name(str(column)))
        or (is_runs_name(str(column)) and _are_counts(table[column]))
    ]
    if not columns:
        return None
    rle = min(columns, key=lambda column: not is_runs_name(column))
    rest = table.drop(columns=rle)
    match = match_of_train(folder, path, rest)
    empty = [cell for cell in EMPTY_CELLS if (table[rle] == cell).any()]
    why = f"the cells of {rle} are pairs of start and length"
    notes: list[str] = []
    if match is None:
        return _of_compound(folder, path, rest, rle, empty, why, notes)
    column = match.id
    is_one_a_sample = rest[column].is_unique
    label = None if is_one_a_sample else _class_column(rest, column)
    classes = [] if label is None else sort_classes(list(rest[label]))
    if len(classes) == 1:
        label, classes = None, []
    ids = tuple(dict.fromkeys(rest[column]))
    labels = [""] * len(table) if label is None else list(rest[label])
    is_of_pairs = are_runs(table[rle], by_name=True)
    shown = _shown_objects(list(rest[column]), labels, list(table[rle])) if is_of_pairs else None
    if shown is not None:
        why = f"{why}, {shown}"
        notes.append(
            f"{path}: {shown}: they are taken for single objects (segment: instance). If the rows "
            "of an image are one mask together, write tasks: {segment: binary} (or multilabel), "
            "submission.rows: image and another metric"
        )
    return MaskRuns(
        path,
        column,
        rle,
        label,
        classes,
        ids,
        empty,
        is_one_a_sample,
        why,
        notes,
        are_objects=shown is not None,
        as_one_mask="" if shown is None else "if the rows of an image are one mask together",
    )


def with_train_ids(runs: MaskRuns, table: pd.DataFrame, ids: Collection[str]) -> MaskRuns:
    """Return the masks with the template that leads from a cell to the ids of train."""
    column = runs.id.partition("=")[0]
    cells = list(table[column])
    if not ids or not set(runs.ids).isdisjoint(ids):
        return runs
    split = find_split(cells, frozenset(ids).__contains__, runs.classes)
    if split is None or split.is_plain:
        return runs
    known = tuple(one for one in dict.fromkeys(split.ids) if one)
    return replace(runs, id=f"{column}={split.template('{class}')}", ids=known)


def with_other_ids(runs: MaskRuns, table: pd.DataFrame, column: str) -> MaskRuns | None:
    """Return the masks with the ids of another column, one for each image; None without such."""
    if runs.id not in table or column not in table:
        return None
    pairs = table[[runs.id, column]].drop_duplicates()
    if not pairs[runs.id].is_unique or not pairs[column].is_unique:
        return None
    return replace(runs, id=column, ids=tuple(pairs[column]))


def keys_of_rows(
    runs: MaskRuns, table: pd.DataFrame, folder: DataFolder
) -> tuple[Sequence[str], Sequence[str]]:
    """Return the id of each row's image, and the class beside it ("" where a column names it)."""
    column, _, template = runs.id.partition("=")
    cells = list(table[column])
    split = split_keys(cells, folder) if template else None
    return (cells, [""] * len(cells)) if split is None else (split.ids, split.ends)


def run_areas(runs: MaskRuns, table: pd.DataFrame, folder: DataFolder) -> dict[str, dict[str, int]]:
    """Return the pixels of the runs of each class, by the stem of the image; {} without classes.

    Lengths are the same however runs are counted.
    """
    if not runs.classes:
        return {}
    ids, ends = keys_of_rows(runs, table, folder)
    labels = ends if runs.label is None else list(table[runs.label])
    found: dict[str, dict[str, int]] = {}
    for one, label, text in zip(ids, labels, table[runs.rle], strict=True):
        images = folder.named(one) if one else []
        if not images:
            continue
        areas = found.setdefault(images[0].stem, dict.fromkeys(runs.classes, 0))
        if text not in EMPTY_CELLS and _RUNS.fullmatch(text) and label in areas:
            areas[label] += sum(map(int, text.split()[1::2]))
    return found


def _shown_objects(ids: Sequence[str], labels: Sequence[str], texts: Sequence[str]) -> str | None:
    """Return the evidence that rows are single objects, or None where they seem to be parts.

    Several rows of an image and a class that share no pixel. The union of a few lesions is written
    in several rows, too, but of few images; whichever pixel a number means, it is one of one row.
    A row that stands twice is one object.
    """
    rows: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, label, text in dict.fromkeys(zip(ids, labels, texts, strict=True)):
        if text not in EMPTY_CELLS:
            rows[name, label].append(text)
    several = [cells for cells in rows.values() if len(cells) > 1]
    # Of many classes most have one object in an image, and few of them have several: shoes.
    n_several = len({name for (name, _), cells in rows.items() if len(cells) > 1})
    if not several or n_several < _SEVERAL * len({name for name, _ in rows}):
        return None
    if not all(map(_are_apart, several[:: max(1, len(several) // _READ)])):
        return None
    n = sum(map(len, rows.values())) / len(rows)
    of_class = " of a class" if any(labels) else ""
    return f"an image has {n:.1f} rows{of_class} on average, and none shares a pixel with another"


def _are_apart(texts: Sequence[str]) -> bool:
    """Return whether no two runs of absolute starts share a number."""
    runs = []
    for text in texts:
        numbers = [int(number) for number in text.split()]
        if not _ascend(numbers):
            return False
        runs += list(zip(numbers[::2], numbers[1::2], strict=True))
    return _ascend([number for run in sorted(runs) for number in run])


def _class_column(table: pd.DataFrame, id_column: str) -> str | None:
    for column in table.columns:
        named = _CLASS_NAMES & set(name_words(str(column)))
        few = table[column].nunique() <= _MOST_CLASSES and not (table[column] == "").any()
        if column != id_column and named and few:
            return str(column)
    return None


def _of_compound(
    folder: DataFolder,
    path: str,
    table: pd.DataFrame,
    rle: str,
    empty: list[str],
    why: str,
    notes: list[str],
) -> MaskRuns | None:
    """Return the table whose ids are of an image and a class, as `a.jpg_Fish`."""
    for column in table.columns:
        split = split_keys(list(table[column]), folder)
        if split is None or split.is_plain:
            continue
        names = sort_classes(split.names)
        template = f"{column}={split.template('{class}')}"
        why = f"{why}, and {column} names an image"
        why += " and a class" if names else ", with a fixed text"
        ids = tuple(one for one in dict.fromkeys(split.ids) if one)
        is_one_a_sample = not names and len(ids) == len(table)
        return MaskRuns(path, template, rle, None, names, ids, empty, is_one_a_sample, why, notes)
    return None


def split_keys(
    cells: Sequence[str], folder: DataFolder, classes: Sequence[str] = ()
) -> KeySplit | None:
    """Return how cells such as `a.jpg_Fish` or `a__Sky` name images, or None where they do not.

    Args:
        cells: one a row.
        folder: whose images the ids must name, more than half of them.
        classes: names that may stand beside an id.
    """
    return find_split(cells, folder.named, classes)


_PREDICTED = frozenset({"predicted", "prediction", "annotation"})
_CLASS_COLUMN_NAMES = frozenset({"class", "classid", "label", "category"})


def runs_column(sample: SampleSubmission) -> str | None:
    """Return the column of a sample submission that holds run-length text, or None.

    It holds runs in train, its name stands for them, or its cells are pairs of numbers, or it is
    called `predicted` and its cells are those of empty masks.
    """
    if sample.runs is not None:
        return sample.runs
    if sample.lists_classes:
        return None
    for column in sample.values:
        cells = sample.table[column]
        if is_runs_name(column) and (are_runs(cells, by_name=True) or _is_nothing(cells)):
            return column
        if is_runs_name(column) and _are_counts(cells):
            return column
        is_called_so = bool(_PREDICTED & set(name_words(column)))
        if is_called_so and (_is_nothing(cells) or _are_long_runs(cells)):
            return column
        if are_runs(cells, by_name=False):
            return column
        is_alone = len(sample.values) == 1
        if is_alone and are_runs(cells, by_name=True) and (cells == "1 1").all():
            return column
        if is_alone and (cells == "-").all():  # no number, no name
            return column
    return None


def with_lists_of_classes(
    sample: SampleSubmission, tables: Mapping[str, pd.DataFrame]
) -> SampleSubmission:
    """Return the sample, told that its cells list classes where they look like runs and are none.

    As `0 1 2 3 4 5`: each cell of the one column has as many numbers, no one twice, which overlap
    as runs would, and each is a cell of one column
    of the tables of train, some of whose cells stand there again.
    """
    if len(sample.values) != 1 or is_runs_name(sample.values[0]) or runs_column(sample) is None:
        return sample
    lists = [cell.split() for cell in sample.table[sample.values[0]].unique()]
    n = len(lists[0])
    if n < _FEWEST_LISTED or any(len(one) != n or len(set(one)) < n for one in lists):
        return sample
    if any(_ascend([int(number) for number in one]) for one in lists):
        return sample
    listed = {number for one in lists for number in one}
    cells: dict[str, list[str]] = defaultdict(list)
    for path, table in tables.items():
        for column in table if may_be_train_table(path) else ():
            cells[str(column)] += table[column].tolist()
    # What stands once in all tables names rows, as numbers of images do.
    are_classes = any(
        len(known := set(each)) < len(each) and listed <= known for each in cells.values()
    )
    return replace(sample, lists_classes=are_classes)


def are_certain_runs(sample: SampleSubmission) -> bool:
    """Return whether a column of the sample is called as runs are, and shows some, in pairs."""
    return any(
        is_runs_name(column)
        and not _is_nothing(sample.table[column])
        and (are_runs(sample.table[column], by_name=False) or _are_pairs(sample.table[column]))
        for column in sample.values
    )


def _are_pairs(cells: pd.Series[str]) -> bool:
    """Return whether each cell is two numbers or more, as the `1 5` of a placeholder."""
    filled = cells[~cells.isin(EMPTY_CELLS)]
    return are_runs(cells, by_name=True) and bool(filled.str.contains(r"\d\s+\d").all())


def _are_long_runs(cells: pd.Series[str]) -> bool:
    """Return whether cells are pairs of numbers, most of them several: also relative ones."""
    several = sum(len(cell.split()) > 2 for cell in cells if cell not in EMPTY_CELLS)
    return are_runs(cells, by_name=True) and several >= 0.5 * sum(~cells.isin(EMPTY_CELLS))


def _is_nothing(cells: pd.Series[str]) -> bool:
    return bool(cells.isin(EMPTY_CELLS).all())


def with_plain_ids(
    sample: SampleSubmission, folder: DataFolder, classes: Sequence[str]
) -> SampleSubmission:
    """Return the sample with an image's id in place of ids of an image and a class, each once."""
    split = split_keys(list(sample.table[sample.id]), folder, classes)
    if split is None:
        return sample
    table = sample.table.assign(**{sample.id: split.ids}).drop_duplicates(sample.id)
    return replace(sample, table=table)


def sent_classes(sample: SampleSubmission, folder: DataFolder) -> list[str]:
    """Return the names of classes that a sample of masks shows, in order; `[]` for none."""
    names: list[str] = []
    key = key_column(sample)
    if key is not None:
        names = list(dict.fromkeys(sample.table[key]))
    else:
        split = split_keys(list(sample.table[sample.id]), folder)
        names = [] if split is None else split.names
    return [] if any(name.isdecimal() for name in names) else names


def key_column(sample: SampleSubmission) -> str | None:
    """Return the column that names a row's class beside its id, or None where there is none.

    An image has a row of each class then: where every id stands once, the column is an answer. It
    is called after classes, or every image has one row of each of its cells.
    """
    if sample.table[sample.id].is_unique:
        return None
    runs = runs_column(sample)
    others = [one for one in sample.values if one != runs]
    found = [one for one in others if _is_class_name(one)]
    found = found or [one for one in others if _is_crossed(sample.table, sample.id, one)]
    return found[0] if found else None


def _is_crossed(table: pd.DataFrame, first: str, second: str) -> bool:
    """Return whether each cell of one column stands once beside each of the other's."""
    n = table[second].nunique()
    is_each = not table.duplicated([first, second]).any() and "" not in set(table[second])
    return is_each and n > 1 and n * table[first].nunique() == len(table)


def answer_columns(sample: SampleSubmission) -> list[str]:
    """Return the columns beside the runs that hold an answer for the image of their row."""
    runs = runs_column(sample)
    if runs is None or not sample.table[sample.id].is_unique:
        return []
    return [one for one in sample.values if one != runs]


def further_cells(sample: SampleSubmission) -> tuple[frozenset[str], ...]:
    """Return the cells of each column beside ids and runs that may name the class of an object."""
    runs = runs_column(sample)
    return tuple(
        frozenset(sample.table[one])
        for one in sample.values
        if one != runs and one.lower() not in _SIZES and not _SCORES & {*name_words(one)}
    )


_SIZES = frozenset({"height", "width"})
_SCORES = frozenset({"score", "confidence", "conf"})


def _areas(
    sample: SampleSubmission, columns: Collection[str], size: tuple[int, int] | None
) -> dict[str, str]:
    """Return the field of each column that has the pixels of a mask in every row."""
    if size is None:
        return {}
    area = str(size[0] * size[1])
    left = [one for one in sample.values if one not in columns]
    return {one: f"text[{area}]" for one in left if (sample.table[one] == area).all()}


def find_mask_format(
    sample: SampleSubmission | None,
    ids: Sequence[str],
    *,
    kind: Kind,
    classes: Sequence[str],
    has_empty: bool,
    size: tuple[int, int] | None = None,
) -> InferredFormat:
    """Return the format that the sample shows; without one, a row an image, or an image and class.

    Args:
        sample: the sample submission, if it is of masks.
        ids: of the images to predict, as the competition has them.
        kind: of the masks.
        classes: of the masks, `[]` for binary ones.
        has_empty: whether some masks of train are empty.
        size: (height, width) of all masks of train; None where they differ.
    """
    if kind.finds_objects:
        return _of_objects(sample, ids, kind, classes, size)
    n_classes = 1 if kind.is_yes_no else len(classes)
    if sample is None:
        by_class = n_classes > 1
        why = "there is no sample submission: runs of start and length, a row a mask"
        metric, why_metric, options = _metric(False, has_empty, n_classes)
        return InferredFormat(
            "rle",
            {"id": "id", "rle": "value"},
            metric,
            why,
            why_metric,
            rows="image_class" if by_class else "image",
            id="{id}_{class}" if by_class else "{id}",
            options=options,
        )
    column = runs_column(sample)
    assert column is not None
    metric, why_metric, options = _metric(True, has_empty, n_classes)
    columns = {sample.id: "id", column: "value"}
    notes: list[str] = []
    key = key_column(sample)
    if key is not None:
        columns[key] = class_field(set(sample.table[key]), classes)
    cells = list(sample.table[sample.id])
    other: tuple[OpenKey, ...] = ()
    if key is not None:
        other = _other_classes(list(dict.fromkeys(sample.table[key])), classes, kind)
    notes += [why for one in other for _, why in one.others]
    if key is not None and not other:
        notes += _spelt_otherwise(list(dict.fromkeys(sample.table[key])), classes)
    found = find_rows(cells, ids, classes, repeats=key is not None)
    names = RowNames("image", "{id}") if found is None else found.chosen.value
    rows = "image" if key is None and names.rows == "image" else "image_class"
    if found is not None and found.chosen.against:
        notes.append(f"{sample.path}: {found.chosen.against}: check submission.rows and id")
    columns |= _areas(sample, columns, size)
    ordered = {one: columns[one] for one in map(str, sample.table.columns) if one in columns}
    rest = [one for one in sample.values if one not in columns]
    if rest:
        notes.append(_not_understood(rest))
    if rows == "image" and n_classes > 1:
        notes.append(
            "the sample has one row an image, and the masks have "
            f"{either(n_classes, 'class', 'classes')}: mend "
            "submission.rows and submission.id"
        )
    value, why = _mask_value(sample, column)
    return InferredFormat(
        value,
        ordered,
        metric,
        why,
        why_metric,
        notes,
        rows="image_class" if rows == "image_class" else "image",
        id=names.id,
        empty=None if sample.has_counts else _empty(sample.table[column]),
        shows_empty=bool(sample.table[column].isin(EMPTY_CELLS).any()),
        is_blank=_is_nothing(sample.table[column]),
        options=options,
        open=(*other, *open_rows(found)),
        sure_rows="likely" if found is None else found.sure,
    )


def _other_classes(names: Sequence[str], classes: Sequence[str], kind: Kind) -> tuple[OpenKey, ...]:
    """Return the classes as a question, where rows have names of which some are none of them.

    Args:
        names: of the rows of the sample submission, each once.
        classes: of the masks.
        kind: of the masks.
    """
    if kind.is_yes_no and not all(one.isdecimal() for one in names):
        why = (
            f"the sample names {some_names(names)}, and the masks have one value beside 0: write "
            "masks of these classes"
        )
        return (OpenKey("tasks", (({kind.task: "multiclass"}, why),)),)
    is_named = class_field(set(names), classes) == "class_name"
    if not classes or not is_named or set(names) <= set(classes) or _are_spelt_as(names, classes):
        return ()
    n = len(classes)
    are_numbered = list(classes) == [f"class {number}" for number in range(1, n + 1)]
    told = (
        f"numbers of {either(n, 'class', 'classes')}"
        if are_numbered
        else f"classes {some_names(classes)}"
    )
    why = (
        f"the sample names {some_names(names)}, and the masks have {told}: name their values in "
        "data.train.mask_values, or write masks of these classes"
    )
    if are_numbered and len(names) < n < 2 ** len(names):
        why += (
            "; where a value is the sum of several flags, write flags.csv beside the data, with a "
            "row a flag and the columns value and flag, and repeat podium init"
        )
    return (OpenKey("classes", ((list(names), why),)),)


def _are_spelt_as(names: Sequence[str], classes: Sequence[str]) -> bool:
    """Return whether all names are classes that have other signs or capitals in masks."""
    return {letters_of(one) for one in names} <= {letters_of(one) for one in classes}


def _spelt_otherwise(names: Sequence[str], classes: Sequence[str]) -> list[str]:
    """Return that rows have names of classes that masks write otherwise, and how to go on."""
    if set(names) <= set(classes) or not _are_spelt_as(names, classes):
        return []
    of_letters = {letters_of(one): one for one in classes}
    changed = [(of_letters[letters_of(one)], one) for one in names if one not in classes]
    told = ", ".join(f"{own!r} is {name!r}" for own, name in changed[:6])
    return [
        f"the sample writes classes otherwise than the masks: {told} there: a file to send needs "
        "the names of the sample, so write the masks, or the list of their values, with these, and "
        "repeat podium init"
    ]


def _not_understood(columns: Sequence[str]) -> str:
    return (
        f"the sample's columns {', '.join(columns)} are not understood: mend submission.columns; "
        "a column that another workspace learns is taken from its file, as "
        f"{columns[0]}: 'file[../OTHER/submissions/auto.csv]'"
    )


def _of_objects(
    sample: SampleSubmission | None,
    ids: Sequence[str],
    kind: Kind,
    classes: Sequence[str],
    size: tuple[int, int] | None,
) -> InferredFormat:
    """Return the format of a row an object, with the columns of the sample."""
    why_metric = "the usual one for objects"
    if sample is None:
        why = "there is no sample submission: runs of start and length, a row an object"
        columns = {"id": "id", **({"class": "class_name"} if classes else {}), "rle": "value"}
        return InferredFormat(
            "rle", columns, kind.usual_metric, why, why_metric, rows=OBJECT_ROW, empty=""
        )
    column = runs_column(sample)
    assert column is not None
    columns, notes = _columns_of_objects(sample, column, classes, size)
    of_ids = _ids_of_objects(sample, ids)
    metric, options = kind.usual_metric, dict[str, tuple[object, str]]()
    if "conf" in columns.values():
        metric, why_metric = "mask_map", "rows say how sure they are, as average precision needs it"
        options = {"interpolation": ("101_points", "as COCO has it")}
    value, why = _mask_value(sample, column)
    return InferredFormat(
        value,
        {one: columns[one] for one in map(str, sample.table.columns) if one in columns},
        metric,
        why,
        why_metric,
        [*notes, *of_ids.notes],
        options=options,
        rows=OBJECT_ROW,
        id=of_ids.template,
        index_base=of_ids.base,
        empty=_empty(sample.table[column]),
        shows_empty=bool(sample.table[column].isin(EMPTY_CELLS).any()),
        is_blank=_is_nothing(sample.table[column]),
        open=of_ids.open,
    )


def _columns_of_objects(
    sample: SampleSubmission, column: str, classes: Sequence[str], size: tuple[int, int] | None
) -> tuple[dict[str, str], list[str]]:
    """Return what each column of the sample holds of an object, and notes on other columns.

    Args:
        column: the one of masks.
        classes: of the objects.
        size: of the images, where all have one.
    """
    columns = {sample.id: "id", column: "value"}
    others = [one for one in sample.values if one != column]
    named = [one for one in others if _is_class_name(one)]
    # Whatever a column is called: cells that are classes name them.
    of_classes = [one for one in others if set(sample.table[one]) <= set(classes)]
    by_column = next(iter((*of_classes, *named)), None) if classes else None
    if by_column is not None:
        columns[by_column] = class_field(set(sample.table[by_column]), classes)
    elif named and sample.table[named[0]].nunique() == 1:
        columns[named[0]] = f"text[{sample.table[named[0]].iloc[0]}]"
    for one in sample.values:
        if one.lower() in _SIZES:
            columns[one] = one.lower()
        elif one not in columns and _SCORES & {*name_words(one)}:
            columns[one] = "conf"
    columns |= _areas(sample, columns, size)
    notes = []
    for one in sample.values:
        shown = sample.table[one].unique()
        if one not in columns and len(sample.table) > 1 and len(shown) == 1:
            # Left out, the file would lack a column.
            columns[one] = f"text[{shown[0]}]"
            why = "" if classes else ", as the masks of train tell no class"
            notes.append(
                f"{one} is {shown[0]!r} in every row of the sample and is written so{why}: "
                "where it is more than that, mend submission.columns"
            )
    rest = [one for one in sample.values if one not in columns]
    if rest:
        notes.append(_not_understood(rest))
    if classes and by_column is None:
        notes.append("the sample has no column for the class of an object: mend submission.columns")
    return columns, notes


class _ObjectIds(NamedTuple):
    """How rows of objects are called.

    Attributes:
        template: of their ids.
        base: the number of the first object of an image; None where ids have none.
        notes: on what is not understood.
        open: the keys to choose.
    """

    template: str
    base: int | None
    notes: Sequence[str] = ()
    open: tuple[OpenKey, ...] = ()


def _ids_of_objects(sample: SampleSubmission, ids: Sequence[str]) -> _ObjectIds:
    """Return how rows of objects are called, by the sample and the ids of images to predict."""
    cells = list(sample.table[sample.id])
    found = find_rows(list(dict.fromkeys(cells)), ids, [])
    of_image = found if found is not None and found.chosen.value.rows == "image" else None
    is_whole = of_image is not None and not of_image.chosen.against
    # Where most images have one object, `_0` looks like a fixed text.
    numbered = None if is_whole else find_numbered_rows(cells, ids)
    if numbered is None and of_image is not None:
        return _ObjectIds(of_image.chosen.value.id, None)
    if numbered is None:
        note = (
            f"the sample's ids ({some(cells, 2)}) number the objects of an image, or name none: "
            "rows of objects have the image's id; find out whether the host takes that"
        )
        open_keys = OpenKey("submission.id", ()), OpenKey("submission.rows", ())
        return _ObjectIds("{id}", None, [note], open_keys)
    if numbered.in_order:
        return _ObjectIds(numbered.id, numbered.base)
    note = (
        f"the sample's ids ({some(cells, 3)}) number objects, and leave numbers of an image out: "
        f"files to send count from {numbered.base} in each image; find out whether the host takes "
        "that"
    )
    other = ("{id}", "without a number, where the host takes the id of the image")
    return _ObjectIds(numbered.id, numbered.base, [note], (OpenKey("submission.id", (other,)),))


def _mask_value(sample: SampleSubmission, column: str) -> tuple[str, str]:
    """Return what a cell of a mask holds: runs, or COCO's counts where the sample has such."""
    shown = _shown(sample.table[column])
    if sample.has_counts:
        return "rle", f"the cells of {column} are counts: they sum to the pixels of the image"
    if sample.file.get("kind") == "json" or _are_counts(sample.table[column]):
        return "coco", f"the cells of {column} are COCO's counts ({shown})"
    return "rle", f"the cells of {column} are run-length text ({shown})"


def _is_class_name(column: str) -> bool:
    return bool(_CLASS_COLUMN_NAMES & {*name_words(column), column.lower()})


def _empty(cells: pd.Series[str]) -> str:
    """Return the sample's cell of an empty mask: one of the usual ones, or its one word."""
    shown = [cell for cell in cells.unique() if cell in EMPTY_CELLS]
    shown = shown or [cell for cell in cells.unique() if _WORD.fullmatch(cell)]
    return str(shown[0]) if shown else ""


def _shown(cells: pd.Series[str]) -> str:
    shown = [one if len(one) <= 24 else f"{one[:20]} …" for one in cells.unique()[:2]]
    return ", ".join(repr(one) for one in shown)


EMPTY_PAIR = (
    "what an image, or an image and class, counts where truth and decision are empty: one, zero, "
    "or skip"
)
"""The comment of an option of metrics that score each image by itself."""


def _metric(
    is_sent: bool, has_empty: bool, n_classes: int
) -> tuple[str, str, dict[str, tuple[object, str]]]:
    """Return the metric, why, and its options with a comment each."""
    if is_sent:
        why = "the usual one for run-length submissions"
        if has_empty:
            why += ", and some masks are empty"
        elif n_classes > 1:
            why += ", and an image has an empty mask of each class that it lacks"
        return "mean_dice", why, {"empty": ("one", EMPTY_PAIR)}
    empty = "a class that neither truth nor decisions have: skip leaves it out; one, zero, error"
    background = "whether background is one of the classes that are averaged"
    options: dict[str, tuple[object, str]] = {
        "empty": ("skip", empty),
        "background": (False, background),
    }
    return "mean_iou", "the usual one for masks", options
