"""Tables of train in which marks tell what an image has, as spreadsheets have them.

page  round  long  notes              page  round  long  notes
7     x      x                        7     1      1
8            X     blurred     →      8     0      1     blurred
9                                     9     0      0
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import pandas as pd

from podium.competition.infer.classes.lists import read_class_lists
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder, may_be_train_table
from podium.competition.infer.ids.keys import without_common_start
from podium.competition.infer.image_tables import IN_DATA, ImageTable, match_images, match_of_train
from podium.competition.infer.labels.cells import numbers_of
from podium.competition.infer.labels.column_names import (
    FACT_WORDS,
    is_fact_or_group,
    is_label_name,
    named_columns,
)
from podium.competition.infer.labels.named_in_rows import columns_in_rows
from podium.competition.infer.parts.to_predict import listed_images
from podium.competition.infer.parts.train import TrainPart
from podium.competition.infer.sample.spellings import as_classes, spelt_as
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.spelling import letters_of, name_words
from podium.competition.truths.marks import Marks, are_signed, columns_of_marks, is_mark, read_marks
from podium.errors import DataError, either, plural, some

__all__ = ["MarkedTable", "find_marks"]

_ShowsNone = Literal["shown", "possible", "no"]
_ROUNDED = 0.01
_MANY_MARKS = 5
"""So many columns of marks show that one more is none of people or places."""


@dataclass(frozen=True)
class MarkedTable:
    """A table of train whose marks are labels."""

    path: str
    """The table as it is read: as it was made, where it was."""
    columns: tuple[str, ...]
    """Those of marks: each is a class."""
    is_asked: bool
    """Whether the sample submission shows that these columns are the labels."""
    others: tuple[str | list[str], ...] = ()
    """Other labels that fit as well: one of the columns, or some."""
    made: MadeTable | None = None
    """The table with 0 and 1; None where it has these already."""
    marked: MadeTable | None = None
    """The same without the rows that have no mark, where these may be without a label."""
    marked_path: str = ""
    n_unmarked: int = 0

    def as_labels(self, train: TrainPart) -> TrainPart:
        """Return the part with what else its labels may be."""
        labels, match = train.labels, train.match
        if labels is None or match is None or not set(self.columns) <= set(match.table.columns):
            return train
        if labels.column == list(self.columns):
            others = [one for one in self.others if one not in labels.columns]
            train = replace(train, labels=replace(labels, columns=(*labels.columns, *others)))
        elif not self.is_asked and not set(labels.column_names) & set(self.columns):
            together = (*labels.columns, list(self.columns))
            train = replace(train, labels=replace(labels, columns=together))
        if not self.marked_path or match.path != self.path:
            return train
        n = plural(self.n_unmarked, "image")
        why = f"less {n} without a mark, where nobody labelled these"
        return replace(train, other_tables=(*train.other_tables, (self.marked_path, why)))


def find_marks(data: CompetitionData, label: str | None = None) -> MarkedTable | None:
    """Return the table of train whose marks are labels, or None.

    The sample submission shows the columns: by their names, in its header or in the keys of its
    rows, or as classes in its cells. Where it does not, and nothing else is what it asks for, they
    may be labels, and so may each of them.

    Args:
        label: the column to predict, where a person names it.

    Raises:
        DataError: the sample asks for columns of marks with cells that are none.
    """
    sample = data.sample
    elsewhere = {name for one in data.test_tables.values() for name in one}
    for path, table in data.tables.items():
        match = match_of_train(data.folder, path, table)
        if not may_be_train_table(path) or match is None:
            continue
        columns = list(map(str, table.columns))
        used = [match.id, *match.several, *(one for one in columns if one.endswith(IN_DATA))]
        none = {*used, *elsewhere}
        rest = [one for one in columns if one not in none]
        found = None
        if sample is not None and label is None:
            found = _of_sample(data.folder, path, table, sample, used)
        found = found or _of_marks_alone(table, sample, rest, label)
        marks = None if found is None else read_marks(table[found.columns])
        if found is None or marks is None:
            continue
        if label is None and not found.is_asked and _are_of_a_label(table[rest], marks):
            continue
        asked = found.columns if label is None else named_columns(label, found.columns)
        cells = set(marks.bits.to_numpy().flat)
        is_plain = marks.are_bits and "" not in cells and not marks.unmarked.any()
        # Blank cells beside 0 and 1 of the sample's own columns are unknown labels.
        own = None if sample is None or not sample.has_numbers else sample.values
        if found.spelt:
            called = dict(zip(found.columns, found.spelt, strict=True))
            match = replace(match, table=match.table.rename(columns=called))
            bits = marks.bits.rename(columns=called)
            marks = replace(marks, bits=bits)
            found = replace(found, columns=list(found.spelt))
        elif is_plain or (
            marks.are_bits
            and marks.has_no
            and (
                own == found.columns
                or (sample is None and _may_be_unknown(asked, {*marks.bits[asked].to_numpy().flat}))
            )
        ):
            if found.is_asked:
                return MarkedTable(path, tuple(found.columns), is_asked=True)
            continue
        return _with_bits(found, match, marks, _to_predict(data))
    return None


def _are_of_a_label(table: pd.DataFrame, marks: Marks) -> bool:
    """Return whether rows without any mark have a label all the same, in a column called so.

    Then the marks are remarks on some of the labels, as why an eye was called ill.
    """
    called = [one for one in table if one not in marks.bits and is_label_name(str(one))]
    labelled = [one for one in called if (table[one] != "").all()]
    left_out = marks.has_no and marks.unmarked.any()
    return bool(left_out) and any(table[one].nunique() > 1 for one in labelled)


@dataclass(frozen=True)
class _FoundColumns:
    """Columns of marks, and how the sample submission shows them."""

    columns: list[str]
    is_asked: bool
    shows_none: _ShowsNone
    """Whether the sample has an image without a class, its form allows one, or neither."""
    others: Sequence[str | list[str]] = ()
    spelt: Sequence[str] = ()
    """The columns as the sample writes them in its cells; () where that is as they are called."""


def _of_sample(
    folder: DataFolder, path: str, table: pd.DataFrame, sample: SampleSubmission, used: list[str]
) -> _FoundColumns | None:
    """Return the columns of marks that the sample submission names, or None."""
    rest = [str(one) for one in table.columns if one not in used]
    alike = {letters_of(name): name for name in reversed(rest)}
    parted = without_common_start(sample.values)
    spelt = [alike.get(letters_of(name), name) for name in parted]
    for names in (sample.values, parted, spelt):
        if set(names) <= set(rest) and len(set(names)) == len(names):
            return _in_header(path, table, sample, names)
    group = columns_of_marks(table[rest])
    marks = read_marks(table[group]) if group else None
    if marks is None:
        return None
    classes = as_classes(sample.values, group)
    if classes is not None and len(group) > 1:
        return _in_header(path, table, sample, [classes[one] for one in sample.values])
    bits = table.assign(**{name: marks.bits[name].replace("", "0") for name in group})
    in_rows = columns_in_rows(sample.table, bits, used, folder.named)
    if len(in_rows) > 1 and set(in_rows) <= set(group):
        return _FoundColumns(in_rows, True, "possible")
    if len(sample.values) != 1 or len(group) < 2:
        return None
    # A class may have no mark in train.
    silent = [one for one in rest if one not in group and read_marks(table[[one, group[0]]])]
    silent = [one for one in silent if table[one].nunique() == 1]
    cells = list(sample.table[sample.values[0]])
    lists = read_class_lists(cells, [*group, *silent])
    if not lists.shown or len(lists.rest) > len(lists.words):
        return _spelt_in_cells(cells, group)
    shows_none: _ShowsNone = "shown" if lists.has_blank or lists.words else "no"
    group = [one for one in rest if one in group or (one in silent and one in lists.shown)]
    shown = [name for name in group if name in lists.shown]
    if len(shown) == len(group):
        return _FoundColumns(group, True, shows_none)
    return _FoundColumns(group, False, shows_none, (shown if len(shown) > 1 else shown[0],))


_FEWEST_ALIKE = 3


def _may_be_unknown(columns: Sequence[str], cells: Collection[str]) -> bool:
    """Return whether blank cells beside 0 and 1 are of images that nobody could judge.

    Where many columns are alike, who marked one has seen the others; two may be of two questions.
    """
    return "" in cells and len(columns) < _FEWEST_ALIKE


def _spelt_in_cells(cells: list[str], group: list[str]) -> _FoundColumns | None:
    """Return columns of marks whose names the cells of the sample write otherwise, or None."""

    def fits(names: list[str]) -> bool:
        lists = read_class_lists(cells, names)
        return bool(lists.shown) and not lists.rest

    spelt = spelt_as(group, fits)
    if spelt is None:
        return None
    return _FoundColumns(group, True, "shown" if "" in cells else "no", spelt=spelt)


def _in_header(
    path: str, table: pd.DataFrame, sample: SampleSubmission, names: Sequence[str]
) -> _FoundColumns | None:
    """Return the columns of the sample's header; DataError: some cells of marks are none."""
    cells = table[list(names)]
    marks = read_marks(cells)
    if marks is None:
        _refuse_other_cells(path, cells)
        return None
    if len(names) == 1 and (marks.has_no or not marks.unmarked.any() or not sample.has_numbers):
        return None  # two classes by their names
    if len(names) == 1:
        return _FoundColumns(list(names), True, "shown")
    return _FoundColumns(list(names), True, _shows_none(sample))


def _shows_none(sample: SampleSubmission) -> _ShowsNone:
    """Return whether rows of a sample with a column a class have none of them."""
    cells = sample.table[sample.values]
    bits = cells.apply(pd.to_numeric, errors="coerce") if sample.has_numbers else None
    if bits is None:
        marks = read_marks(cells)
        if marks is None:
            return "possible"
        bits = (marks.bits == "1").astype(float)
    is_placeholder = len(bits.drop_duplicates()) == 1
    if bool(bits.isin([0, 1]).all(axis=None)) and not is_placeholder:
        return "shown" if (bits.sum(axis=1) == 0).any() else "no"
    is_shared = bits.to_numpy().any() and bits.sum(axis=1).sub(1).abs().lt(_ROUNDED).all()
    return "no" if is_shared else "possible"


def _refuse_other_cells(path: str, cells: pd.DataFrame) -> None:
    """Raise where most cells are marks, and some are something else."""
    texts = [cell for name in cells for cell in cells[name] if cell]
    others = [cell for cell in texts if not is_mark(cell)]
    numbers = [numbers_of(cells[name]) for name in cells]
    are_numbers = all(
        one is not None or not any(cells[name]) for one, name in zip(numbers, cells, strict=True)
    )
    if are_numbers or len(cells.columns) < 2 or 2 * len(others) >= len(texts):
        return
    cells_are = (
        "1 cell is" if len(others) == 1 else f"{either(len(others), 'cell is', 'cells are')}"
    )
    found = f"{cells_are} something else: {some(dict.fromkeys(others))}"
    if not others:
        found = f"they are of several kinds: {some(dict.fromkeys(texts))}"
    raise DataError(
        f"the sample submission asks for {some(list(cells))}, which hold marks, and {found}",
        where=path,
        fix="write 1 where the class is there and 0 where it is not, then repeat podium init",
    )


def _of_marks_alone(
    table: pd.DataFrame, sample: SampleSubmission | None, rest: list[str], label: str | None
) -> _FoundColumns | None:
    """Return the columns of marks that may be labels, where the sample shows no other."""
    group = _classes_of_marks(columns_of_marks(table[rest]))
    if label is not None:
        return _FoundColumns(group, True, "possible") if named_columns(label, group) else None
    if len(group) < 2 or (sample is not None and _sends_others(table[rest], sample, group)):
        return None
    # As of 0 and 1, of many columns none is a label by itself.
    return _FoundColumns(group, False, "no", () if are_signed(table[group]) else group)


def _classes_of_marks(columns: Sequence[str]) -> list[str]:
    """Return the columns of marks that may be classes: no facts, and of few of them no groups.

    Among many marks, whether it is a man is one of them, and so is `person`: what is or is not
    there is no group of images.
    """
    classes = [
        one
        for one in columns
        if not is_fact_or_group(one) or {"male", "female"} & set(name_words(one))
    ]
    if len(classes) < _MANY_MARKS:
        return classes
    return [one for one in columns if one in classes or not FACT_WORDS & set(name_words(one))]


def _sends_others(table: pd.DataFrame, sample: SampleSubmission, group: Sequence[str]) -> bool:
    """Return whether the sample may ask for something else than lists of the columns `group`."""
    if len(sample.values) > 1 or sample.has_numbers or set(sample.values) & set(table.columns):
        return True
    cells = set(sample.table[sample.values[0]]) - {""}
    others = [name for name in table.columns if name not in group]
    return bool(cells) and any(cells <= set(table[name]) for name in others)


def _with_bits(
    found: _FoundColumns, match: ImageTable, marks: Marks, to_predict: Collection[str]
) -> MarkedTable:
    """Return the table with 0 and 1 for marks."""
    table, columns, path = match.table, found.columns, match.path
    # A blank row is of an image without a class where no cell has no; else nobody looked at it.
    is_of_train = pd.Series(
        [one is not None and one.path not in to_predict for one in match.images], table.index
    )
    kept = ~marks.unmarked | (is_of_train & (not marks.has_no))
    n_filled = int((marks.bits[~marks.unmarked] == "").to_numpy().sum())
    bits = {name: marks.bits[name].replace("", "0") for name in columns}
    made = table.assign(**bits)[kept].reset_index(drop=True)
    unmarked = marks.unmarked & kept
    n = int(unmarked.sum())
    read = reader = f"{path} with 1 for the marks of {some(columns)}, else 0"
    if n_filled:
        reader += f", also in {plural(n_filled, 'blank cell')} beside words for no"
    if n:
        reader += f"; {plural(n, 'image')} without a mark: of none of the classes"
    if n_left := int((~kept).sum()):
        reader += f"; left out: {plural(n_left, 'row')} without a mark"
    one = MarkedTable(
        path,
        tuple(columns),
        found.is_asked,
        tuple(found.others),
        MadeTable((path,), reader, made),
        n_unmarked=n,
    )
    if not n or not _is_open(marks, found):
        return one
    rows = table.assign(**bits)[~marks.unmarked].reset_index(drop=True)
    marked = MadeTable((path,), f"{read}, less {plural(n, 'row')} without a mark", rows)
    return replace(one, marked=marked)


def _is_open(marks: Marks, found: _FoundColumns) -> bool:
    """Return whether images without a mark may be without a label.

    Where the sample has no image without a class, they may; and where each other image has one
    class, so that one class an image is what labels are.
    """
    if found.shows_none == "possible":
        return bool(((marks.bits == "1").sum(axis=1) <= 1).all())
    return found.shows_none == "no"


def _to_predict(data: CompetitionData) -> frozenset[str]:
    """Return the paths of the images that the sample or a table of test names."""
    listed = None if data.sample is None else listed_images(data.folder, data.sample)
    found = [] if listed is None else [*listed[0].images]
    for path, table in data.test_tables.items():
        match = match_images(data.folder, path, table, ("other",))
        found += [] if match is None else match.images
    return frozenset(one.path for one in found if one is not None)
