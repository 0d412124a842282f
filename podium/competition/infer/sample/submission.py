"""The format of a submission, read from the sample's header, ids and values.

Where the ids name no image, they name units of several images, which are scored as one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import pandas as pd

from podium.competition.calibrate.codec import Certainty, Estimate
from podium.competition.ids.patterns import Pattern, file_stem
from podium.competition.ids.rows import groups_of_rows, ids_of_rows
from podium.competition.infer.classes.lists import ClassCells, read_class_lists
from podium.competition.infer.evidence import OpenKey
from podium.competition.infer.files import guess_part, is_piece
from podium.competition.infer.ids.joined import find_joined_cells
from podium.competition.infer.ids.keys import common_start, find_split, without_common_start
from podium.competition.infer.labels.cells import has_fractions, numbers_of
from podium.competition.infer.labels.column_names import column_called
from podium.competition.infer.labels.kinds import InferredLabels, NumberLimits
from podium.competition.infer.labels.lists import LIST_SIGNS, SEPARATORS, unused_sign
from podium.competition.infer.labels.negatives import positive_class
from podium.competition.infer.sample.probability_columns import key_of_outputs, probability_fields
from podium.competition.infer.sample.rows import class_field, find_rows, open_rows
from podium.competition.infer.sample.spellings import as_classes
from podium.competition.languages import begins_as, is_called
from podium.competition.sections.submission import RowKind, ValueKind
from podium.competition.sections.tasks import BY_OUTPUT
from podium.competition.spelling import name_words
from podium.competition.truths.levels import level_names, levels_of_columns
from podium.competition.truths.turns import TURNS, Directions
from podium.errors import DataError, either, plural, some
from podium.tasks.protocols.find import image_kind
from podium.tasks.protocols.names import IMAGES, PIXELS
from podium.tasks.protocols.outputs import output_names

__all__ = [
    "JOINED_BY_GUESS",
    "SAMPLE_NAME",
    "Axis",
    "InferredFormat",
    "InferredUnit",
    "PixelRows",
    "SampleSubmission",
    "find_format",
    "find_unit",
    "is_like_a_sample",
    "is_sample_submission",
    "is_test_to_fill",
    "may_be_sample_submission",
    "probability_beside",
    "read_sample_submission",
    "sample_submissions",
    "slices_hint",
    "unit_names",
    "unit_of_rows",
    "unit_template",
    "with_label_columns",
    "with_metric_of_axes",
]

SAMPLE_NAME = "sample_submission.csv"
"""The usual name of a sample submission, which `is_sample_submission` knows."""
_WRITTEN_OUT = 20
"""Formats with more columns are left to the sample's header."""
_SHOWN = 5  # names of columns and of classes, in a note


Axis = Literal["row", "column"]


@dataclass(frozen=True)
class PixelRows:
    """How the rows of a sample name pixels.

    Attributes:
        signs: what stands before each of the two numbers.
        base: the first of the numbers.
        step: from each number to the next.
        counts: how many first and second numbers there are, by the image.
        cells: those of the column of values, each once.
    """

    signs: tuple[str, str]
    base: int
    step: int
    counts: Mapping[str, tuple[int, int]]
    cells: frozenset[str]

    def template(self, first: Axis) -> str:
        """Return the template of ids whose first number is that of the row, or of the column."""
        second = "column" if first == "row" else "row"
        one, two = self.signs
        return f"{{id}}{one}{{{first}}}{two}{{{second}}}"


@dataclass(frozen=True)
class SampleSubmission:
    """A sample submission: its path below the data folder, and its cells."""

    path: str
    table: pd.DataFrame
    runs: str | None = None
    """The column that holds runs in a table of train; None where none of that name does."""
    file: Mapping[str, object] = field(default_factory=dict)
    """How a file to send differs from a plain CSV, as `submission.file` has it."""
    other_file: tuple[Mapping[str, object], str] | None = None
    """Another form that fits, and why."""
    sep_of_ranks: str = ""
    """What stands between the answers of a cell that the file has in a column each."""
    lists_classes: bool = False
    """Whether a cell lists numbers that are classes of train, which are no runs."""
    letters: str | None = None
    """Where a cell has a letter for each label, the cell of none of them; None otherwise."""
    why_file: str = ""
    """Where the form is from, where a comment tells it."""
    pixels: PixelRows | None = None
    """How the rows of the file name pixels, where `table` has a row for each image."""
    order: tuple[str, ...] = ()
    """The columns as the file has them, where the ids do not stand in its first one, as they do in
    `table`; () else."""
    run_pairs: Mapping[str, object] = field(default_factory=dict)
    """`second`, `join` and `between` of `submission.rle`, where the file's runs name their ends or
    have other signs than blanks, or `counts`; `table` has them as starts and lengths."""
    why_pairs: str = ""
    """Why `run_pairs` are what they are, where `second` may be another; "" where cells show it."""
    run_parts: Mapping[str, Estimate] = field(default_factory=dict)
    """`base`, `order` and `relative` of the file's runs, as far as worked rows of train show them.
    """
    shown: tuple[str, ...] = ()
    """Cells of the one column of values, in further rows of such a file that a text shows."""
    shown_in: str = ""
    """The text that shows them."""

    @property
    def id(self) -> str:
        return str(self.table.columns[0])

    @cached_property
    def values(self) -> list[str]:
        """The columns behind the id."""
        return [str(column) for column in self.table.columns[1:]]

    @property
    def has_counts(self) -> bool:
        """Whether masks of the file are counts in turn, which tell all pixels of an image."""
        return bool(self.run_pairs.get("counts"))

    @property
    def plain_value(self) -> str | None:
        """The one column of values of a table with nothing else to convert; None otherwise."""
        is_plain = self.file.keys() <= {"sep", "header", "encoding"}
        return self.values[0] if is_plain and len(self.values) == 1 else None

    @property
    def listed(self) -> frozenset[str]:
        """What stands between blanks in the cells of the one column of values; {} of several."""
        if len(self.values) != 1:
            return frozenset()
        cells = self.table[self.values[0]].unique()
        return frozenset(word for cell in cells for word in str(cell).split())

    @cached_property
    def has_numbers(self) -> bool:
        """Whether every value is a number."""
        return all(numbers_of(self.table[column]) is not None for column in self.values)

    @cached_property
    def has_fractions(self) -> bool:
        """Whether every value is a number, and some are no whole ones."""
        found = (has_fractions(self.table[column]) for column in self.values)
        return self.has_numbers and any(found)

    def with_one_id(self, template: str, *, of: str = "image") -> SampleSubmission:
        """Return the sample with a column of ids in place of its first ones.

        Args:
            template: of the ids, as `{plate}/{well}`, which has a field for each of these columns.
            of: what the ids name, after which their column is called.
        """
        rest = self.table[self.values[len(Pattern(template).fields) - 1 :]]
        name = next(one for one in ("id", f"{of}_id", f"id of the {of}") if one not in rest)
        ids = pd.Series(ids_of_rows(self.table, template), rest.index, name=name, dtype=object)
        file = {**self.file, "id_of": template}
        return replace(self, table=pd.concat([ids, rest], axis=1), file=file)


@dataclass(frozen=True)
class InferredFormat:
    """The `submission` part of a spec, and why."""

    value: ValueKind
    columns: dict[str, str]
    metric: str
    why_value: str
    why_metric: str
    """Why the metric is the usual one, or the text that names it."""
    notes: list[str] = field(default_factory=list)
    rows: RowKind = "image"
    id: str = "{id}"
    empty: str | None = None
    """The cell of an empty mask, or of an image without a class; None where neither is known."""
    why_empty: str = ""
    """Why the cell of an image without a class is `empty`."""
    shows_empty: bool = False
    """Whether the sample has such a cell."""
    is_blank: bool = False
    """Whether the sample shows empty masks alone, so that cells of any kind fit."""
    options: Mapping[str, tuple[object, str]] = field(default_factory=dict)
    """Options of the metric: a value and a comment each."""
    k: int | None = None
    """Maximal number of classes in a cell; None where it holds no ranking."""
    open: tuple[OpenKey, ...] = ()
    """Keys for which several readings fit."""
    open_set: str | None = None
    """The one name that cells rank and train has not: none of the classes; None without one."""
    sep: str = " "
    """Stands between the labels of a cell."""
    answers: tuple[Mapping[str, str], ...] = ()
    """The columns as a list, where a row holds an answer of each task."""
    parts: tuple[Mapping[str, object], ...] = ()
    """The metrics that make up the score of several tasks."""
    readme_names_metric: bool = False
    """Whether a text beside the data names the metric, and nothing that makes it another one."""
    metric_told: tuple[str, str] | None = None
    """The text that names the metric, and what it calls it; None where none does."""
    metric_caveat: str = ""
    """What of the text makes the metric another one, and what to write."""
    index_base: int | None = None
    """Number of the first object of an image, or of its first pixel, where ids number them."""
    index_step: int = 1
    """From the number of each pixel to the next."""
    limits: NumberLimits | None = None
    """What numbers a cell may hold; None where nothing shows it."""
    decimals: tuple[int, str] | None = None
    """The digits behind the point that the host takes, and why; None where nothing shows it."""
    directions: Directions = "degrees"
    """The unit of the directions of the file."""
    sure_rows: Certainty = "likely"
    """How sure `rows` and `id` are."""
    stated_columns: str = ""
    """The text that tells the columns, without a sample; "" where none does."""
    stated_sep: tuple[str, str] | None = None
    """The sign between the columns, and the text that tells it; None where none does."""
    form_of_train: tuple[Mapping[str, object], str] | None = None
    """How a file to send differs from a plain CSV as tables without a header do, and these."""
    stated_file: tuple[Mapping[str, object], str] | None = None
    """`submission.file` of masks as pictures, and why; None where no text tells these."""


def sample_submissions(paths: Iterable[str]) -> list[str]:
    """Return the tables that are called like sample submissions, the shortest name first.

    Names in other languages, or with words as `example_answer`, count where no other one does.

    Example:
        >>> sample_submissions(["train.csv", "data/przyklad_zgloszenia.csv"])
        ['data/przyklad_zgloszenia.csv']
        >>> sample_submissions(["example_answer.csv", "submission_format.csv"])
        ['submission_format.csv']
    """
    ordered = sorted(paths, key=len)
    usual = [path for path in ordered if is_sample_submission(path)]
    return usual or [path for path in ordered if _is_example_of_answers(path)]


def is_sample_submission(path: str) -> bool:
    """Return whether a table is called like a sample submission.

    Example:
        >>> is_sample_submission("sampleSubmission.csv"), is_sample_submission("data/train.csv")
        (True, False)
    """
    name = path.rpartition("/")[2].lower()
    return "sub" in name and re.search(r"sample|example|format|template", name) is not None


def _is_example_of_answers(path: str) -> bool:
    name = path.rpartition("/")[2]
    return begins_as(name, "example") and begins_as(name, "sent")


def may_be_sample_submission(path: str, table: pd.DataFrame) -> bool:
    """Return whether a table is called `sample` or `submission`, and its rows have equal cells."""
    words = set(name_words(file_stem(path)))
    called = {"submission", "submit"}
    rest = {one for one in words - called if not begins_as(one, "example")}
    rest = {one for one in rest if not begins_as(one, "sent")}
    if rest < words:  # `test_images_sample`
        rest = {one for one in rest if not is_called(one, "test", "image")}
    is_named = bool(words) and (not rest or "benchmark" in words)
    return (
        is_named and len(table) > 1 and all(table[one].nunique() == 1 for one in table.columns[1:])
    )


def is_like_a_sample(path: str, tables: Mapping[str, pd.DataFrame]) -> bool:
    """Return whether a table is a sample submission by what it has, whatever its name.

    Its columns are those of another table, its cells are one placeholder, and its rows are others,
    or are those that are blank there.
    """
    table = tables[path]
    columns = list(table.columns)
    if guess_part(path.rpartition("/")[2]) != "other" or len(table) < 2:
        return False
    # Several columns may name a row together, as a date and a time do.
    n_ids = next((n for n, one in enumerate(columns) if table[one].nunique() == 1), len(columns))
    ids, rest = columns[:n_ids], columns[n_ids:]
    if not ids or not rest or any(table[one].nunique() != 1 for one in rest):
        return False
    own = set(table[ids].itertuples(index=False, name=None))
    if len(own) < len(table):
        return False
    for other, one in tables.items():
        called = {name: column_called(name, one) for name in columns}
        if other == path or "" in called.values() or len({*called.values()}) < len(columns):
            continue
        if columns != [*called.values()] and (len(ids) > 1 or called[ids[0]] != ids[0]):
            continue  # ids of other things, or marks that a second table has, too
        keys, values = [called[name] for name in ids], [called[name] for name in rest]
        if any(one[name].nunique() < 2 for name in values):
            continue
        answered = one[(one[values] != "").any(axis=1)]
        if own.isdisjoint(answered[keys].itertuples(index=False, name=None)):
            return True
    return False


def is_test_to_fill(path: str, tables: Mapping[str, pd.DataFrame]) -> bool:
    """Return whether a table of test is the file to send, with the answers to be filled in.

    Behind its ids are two columns or more of one same placeholder, and a table of train of just
    these columns has values there. One such column alone is told by its name; others of one value
    each may be what is known of test.
    """
    table = tables[path]
    columns = list(table.columns)
    if guess_part(path.rpartition("/")[2]) != "test" or len(table) < 2 or len(columns) < 3:
        return False
    key, *rest = columns
    if len({*table[rest].to_numpy().ravel()}) != 1 or not table[key].is_unique:
        return False
    return any(
        columns == list(one.columns)
        and all(one[name].nunique() > 1 for name in rest)
        and set(table[key]).isdisjoint(one[key])
        for other, one in tables.items()
        if other != path
    )


def read_sample_submission(path: str, table: pd.DataFrame) -> SampleSubmission | None:
    """Return the sample submission, or None when the table has no id and value columns."""
    return SampleSubmission(path, table) if len(table.columns) >= 2 and len(table) else None


def find_format(
    sample: SampleSubmission | None,
    labels: InferredLabels,
    id_column: str,
    ids: Sequence[str] = (),
) -> InferredFormat:
    """Return the format that the sample shows; without one, a table of ids and labels.

    Args:
        labels: of train.
        id_column: the column of the train table that names the images.
        ids: of the images to predict, as the competition has them.
    """
    if sample is None:
        return _without_sample(labels, id_column)
    if labels.kind.is_by_output:
        return _by_output(sample, labels, ids)
    found = _of_cells(sample, labels)
    repeats = found.rows != "image"
    rows = find_rows(list(sample.table[sample.id]), ids, labels.classes, repeats=repeats)
    if rows is None:
        return found
    names = rows.chosen.value
    if repeats:
        names = replace(names, rows=found.rows)
    elif names.rows == "image_class":
        _refuse_lone_number(sample, labels, ids)
        found = _by_class(found, sample, labels)
    notes = list(found.notes)
    if rows.chosen.against:
        notes.append(f"{sample.path}: {rows.chosen.against}: check submission.rows and id")
    return replace(
        found,
        rows=names.rows,
        id=names.id,
        notes=notes,
        open=(*found.open, *open_rows(rows)),
        sure_rows=rows.sure,
    )


def _refuse_lone_number(
    sample: SampleSubmission, labels: InferredLabels, ids: Sequence[str]
) -> None:
    """Raise where the rows of an image are of several numbers, and train has one.

    Raises:
        DataError: they are.
    """
    if not labels.kind.is_continuous or not labels.kind.is_single:
        return
    split = find_split(list(sample.table[sample.id]), set(ids).__contains__)
    ends = [] if split is None else split.names
    told = f"for each of {some(ends)}" if ends else "for each of several numbers"
    raise DataError(
        f"ids have a row {told}, and train has one number that may be meant, "
        f"{some(labels.column_names)}",
        where=sample.path,
        fix="call the columns of the table of train as these ends of ids, in a copy of the table",
    )


def _by_output(
    sample: SampleSubmission, labels: InferredLabels, ids: Sequence[str]
) -> InferredFormat:
    """Return the format of a column of each output, or of a row of each image and output."""
    outputs = output_names(labels.classes)
    metric, why_metric = _metric(labels.kind.cell, labels)
    key = key_of_outputs(sample.table, outputs)
    fields = probability_fields([one for one in sample.values if one != key], labels.classes)
    if fields:
        return _with_probabilities(sample, labels, ids, fields, key)
    if key and len(sample.values) == 2:
        names = {one: "class_name" if one == key else "value" for one in sample.values}
        ordered = {str(one): names.get(str(one), "id") for one in sample.table.columns}
        why = "a row of each image and output holds its class"
        cell = labels.kind.cell
        return InferredFormat(cell, ordered, metric, why, why_metric, rows="image_class")
    if len(sample.values) > 1:
        columns = {one: f"value[{one}]" for one in outputs}
        names = {str(one): columns.get(str(one), "id") for one in sample.table.columns}
        return InferredFormat(
            labels.kind.cell, names, metric, "a column of each output has its class", why_metric
        )
    names = {sample.id: "id", sample.values[0]: "value"}
    why = "a row of each image and output holds its class"
    found = InferredFormat(labels.kind.cell, names, metric, why, why_metric)
    return _in_rows_of_outputs(found, sample, outputs, ids)


def _with_probabilities(
    sample: SampleSubmission,
    labels: InferredLabels,
    ids: Sequence[str],
    fields: Mapping[str, str],
    key: str,
) -> InferredFormat:
    """Return the format of a probability for each class of several outputs.

    Args:
        labels: of train.
        ids: of the images to predict.
        fields: of its columns of probabilities.
        key: its column that names the output of a row; "" without.
    """
    metric, why_metric = _metric("prob", labels)
    known = {**fields, key: "class_name"}
    columns = {str(one): known.get(str(one), "id") for one in sample.table.columns}
    outputs = output_names(labels.classes)
    of_row = len(fields) < len(labels.classes)
    row = "row of each image and output" if of_row else "row of each image"
    why = f"a {row} holds a probability of each class, which sum to 1 in each output"
    found = InferredFormat("prob", columns, metric, why, why_metric)
    if key:
        return replace(found, rows="image_class")
    return _in_rows_of_outputs(found, sample, outputs, ids) if of_row else found


def _in_rows_of_outputs(
    found: InferredFormat, sample: SampleSubmission, outputs: Sequence[str], ids: Sequence[str]
) -> InferredFormat:
    """Return the format with a row of each image and output, as ids of the sample name them."""
    rows = find_rows(list(sample.table[sample.id]), ids, outputs, repeats=False)
    if rows is None or rows.chosen.value.rows != "image_class":
        told = f"ids do not end with the outputs, {_first_names(outputs)}"
        return replace(found, notes=[f"{sample.path}: {told}: mend submission.rows and id"])
    return replace(found, rows="image_class", id=rows.chosen.value.id, sure_rows=rows.sure)


def _by_class(
    found: InferredFormat, sample: SampleSubmission, labels: InferredLabels
) -> InferredFormat:
    """Return the format of rows of an image and a class: a cell holds a probability."""
    if found.value in ("prob", "score") or not sample.has_numbers or labels.kind.is_by_column:
        return found
    why = "a row of each image and class holds how likely the class is there"
    metric, why_metric = _metric("prob", labels)
    kept = tuple(one for one in found.open if one.key not in ("submission.sep", "submission.value"))
    if not sample.has_fractions:
        other = ("label", "1 where the class is there, and 0 where it is not")
        kept = (*kept, OpenKey("submission.value", (other,)))
    return replace(
        found,
        value="prob",
        why_value=why,
        metric=metric,
        why_metric=why_metric,
        open=kept,
        sep=" ",
    )


def _of_cells(sample: SampleSubmission, labels: InferredLabels) -> InferredFormat:
    """Return the format of the cells, as if each row were of an image."""
    key = _class_key(sample, labels)
    if key is not None:
        rest = next(name for name in sample.values if name != key[0])
        found = _of_cells(SampleSubmission(sample.path, sample.table[[sample.id, rest]]), labels)
        columns = {sample.id: "id", key[0]: key[1], rest: "value"}
        ordered = {name: columns[name] for name in map(str, sample.table.columns)}
        why = "a row of each image and class holds how likely the class is there"
        if labels.kind.is_by_column:
            return replace(found, columns=ordered, rows="image_class")
        return replace(found, value="prob", columns=ordered, rows="image_class", why_value=why)
    label = _label_beside_others(sample, labels)
    if label is not None:
        return _with_other_columns(sample, labels, label)
    if len(sample.values) == 1:
        value, why, open_keys = _one_value(sample, labels)
        columns = {sample.id: "id", sample.values[0]: "value"}
        notes = _which_class(sample, labels) if value == "prob" else []
    else:
        open_keys = ()
        value, why = (
            "prob",
            f"{either(len(sample.values), 'column holds', 'columns hold')} one probability a class",
        )
        cells = dict.fromkeys(
            str(cell) for name in sample.values for cell in sample.table[name].unique()
        )
        if labels.kind.is_by_class and cells and {*cells} <= {"0", "1"}:
            only = "both and no other number" if len(cells) > 1 else f"{next(iter(cells))} alone"
            decided = ("label", f"0 or 1 a cell, as the sample holds {only}")
            open_keys = (OpenKey("submission.value", (decided,)),)
        if labels.kind.has_number_columns:
            value, why = (
                labels.kind.cell,
                f"{either(len(sample.values), 'column holds', 'columns hold')} a number each",
            )
        columns, notes = _class_columns(sample, labels)
        if notes:  # no file can be made
            open_keys = (*open_keys, OpenKey("submission.columns", ()))
        filled = [one for one in cells if one]
        if filled and not sample.has_numbers:
            notes.append(
                f"{sample.path} has {some(filled)} in its columns, and files to send "
                "hold numbers: ask the host whether it takes these"
            )
    metric, why_metric = _metric(value, labels)
    if sample.letters is not None and labels.kind.is_by_class:
        return InferredFormat(
            value,
            columns,
            metric,
            f"{why}, a letter each",
            why_metric,
            notes,
            sep="",
            empty=sample.letters,
            why_empty="train writes it so",
        )
    sep, shown, lists = _separator(sample, labels)
    if value == labels.kind.cell and labels.kind.is_by_class and not shown:
        none = "no sign splits the sample's cells into classes"
        others = tuple((sign, none) for sign in SEPARATORS if sign != sep)
        open_keys = (*open_keys, OpenKey("submission.sep", others))
    if value != "topk":
        found = InferredFormat(
            value,
            columns,
            metric,
            why,
            why_metric,
            notes,
            open=open_keys,
            sep=sep,
        )
        if labels.none:
            return _with_word(found, labels, sample)
        return found if lists is None else _with_empty(found, lists, sample)
    if sample.sep_of_ranks:
        ranked = sample.file["ranked"]
        assert isinstance(ranked, list)
        k, sep = len(ranked), sample.sep_of_ranks
    else:
        k, sep = max(len(cell.split()) for cell in sample.table[sample.values[0]]), " "
    options = {"k": (k, "the places that count: as many as a cell of the sample has")}
    strange = () if sample.sep_of_ranks else _strange_names(sample, labels)
    return InferredFormat(
        value,
        columns,
        metric,
        why,
        why_metric,
        notes,
        options=options,
        k=k,
        open_set=strange[0] if len(strange) == 1 else None,
        sep=sep,
    )


_MOST_STRANGE = 2  # names of a ranking that are none of train's


def _strange_names(sample: SampleSubmission, labels: InferredLabels) -> tuple[str, ...]:
    """Return the few names that cells rank beside those of train, as `new_whale`; () of none."""
    ranked = {name for cell in sample.table[sample.values[0]].unique() for name in cell.split()}
    strange = ranked - set(labels.classes)
    n_known = len(ranked) - len(strange)
    is_ranking = len(strange) <= _MOST_STRANGE and n_known > max(1, len(strange))
    return tuple(sorted(strange)) if is_ranking and labels.kind.is_exclusive else ()


def _label_beside_others(sample: SampleSubmission, labels: InferredLabels) -> str | None:
    """Return the one column of several that holds classes by their names, or None."""
    if len(sample.values) < 2 or _class_columns(sample, labels)[0]:
        return None
    if labels.column in sample.values and not labels.kind.is_by_column:
        return str(labels.column)  # also a number, beside columns of other answers
    found = [one for one in sample.values if set(sample.table[one]) <= set(labels.classes)]
    return found[0] if len(found) == 1 else None


_LEADERBOARDS = frozenset({"public", "private", "ignored"})
"""What a host's own table has in the column `Usage`, which nobody sends."""


def _with_other_columns(
    sample: SampleSubmission, labels: InferredLabels, label: str
) -> InferredFormat:
    """Return the format of a label beside columns of another sense, as `proba` or `Usage`.

    The probability of the second of two classes is written as such, and asked about. Where another
    column has one cell in every row it is written so, and asked about. Where cells differ beside a
    label that is the same in every row, as the region of each image, they are given, and taken from
    the sample; others are left out, as the leaderboard that a row counts on.
    """
    prob = probability_beside(sample, labels)
    if prob is not None:
        labels = replace(labels, kind=image_kind("multiclass"))  # its own column is no probability
    found = _of_cells(SampleSubmission(sample.path, sample.table[[sample.id, label]]), labels)
    others = [one for one in sample.values if one != label]
    same = {
        one: str(sample.table[one].iloc[0]) for one in others if sample.table[one].nunique() == 1
    }
    is_placeholder = sample.table[label].nunique() == 1 and sample.table[sample.id].is_unique
    are_given = is_placeholder and not sample.file and sample.path.lower().endswith(".csv")
    given = [one for one in others if are_given and one not in (*same, prob)]
    given = [one for one in given if not {*map(str.lower, sample.table[one])} <= _LEADERBOARDS]
    fields = {**found.columns, **{one: f"text[{cell}]" for one, cell in same.items()}}
    fields |= dict.fromkeys(given, f"file[{sample.path}]")
    columns = {str(one): fields[str(one)] for one in sample.table.columns if str(one) in fields}
    left_out = [one for one in others if one not in (*same, *given, prob)]
    notes = list(found.notes)
    if given:
        notes.append(
            f"{sample.path}: {some(given)} differs by row, and {label} does not: it is given, and "
            "each row of a file to send has it as it stands there"
        )
    if left_out:
        notes.append(
            f"{sample.path}: what stands in {some(left_out)} is not known, and is not written: "
            "mend submission.columns"
        )
    lacking = some([prob] if prob and not same else list(same))
    without = (
        found.columns,
        f"without {lacking}, for a file that is joined with another: take sample out then, as no "
        "host that has this sample takes such a file",
    )
    if prob is None:
        # A file without a column of the sample is no answer: a person names what stands there.
        commonest = {one: str(sample.table[one].mode().iloc[0]) for one in left_out}
        with_text = {**fields, **{one: f"text[{cell}]" for one, cell in commonest.items()}}
        filled_in = {str(one): with_text[str(one)] for one in sample.table.columns}
        rest = f"with {some(left_out)} the same in every row: write what stands there"
        others_of = (*((without,) if same else ()), *(((filled_in, rest),) if left_out else ()))
        opened = (OpenKey("submission.columns", others_of),) if others_of else ()
        return replace(found, columns=columns, notes=notes, open=(*found.open, *opened))
    values = {label: found.value, prob: "prob"}
    answers = [
        {"name": name, "value": values[name], "task": IMAGES}
        if name in values
        else {"name": name, "value": fields[name]}
        for name in map(str, sample.table.columns)
        if name in (*fields, prob)
    ]
    as_text = [(columns, "where it is the same in every row")] if prob in same else []
    asked = OpenKey("submission.columns", (*as_text, without))
    plain = SampleSubmission(sample.path, sample.table[[sample.id, prob]])
    notes += _which_class(plain, replace(labels, kind=image_kind("binary")))
    return replace(found, answers=tuple(answers), notes=notes, open=(*found.open, asked))


_PROBABILITY_WORDS = frozenset({"prob", "probs", "proba", "probability", "probabilities"})


def probability_beside(sample: SampleSubmission, labels: InferredLabels) -> str | None:
    """Return the column beside that of the label with the probability of the second of two classes.

    It is called so, and has numbers from 0 to 1; None without one, or where there are several.
    """
    label = _label_beside_others(sample, labels)
    kind = labels.kind
    is_of_two = len(labels.classes) == 2 and (kind.is_exclusive or kind.is_yes_no)
    if label is None or not is_of_two or _class_key(sample, labels) is not None:
        return None
    found = []
    for name in sample.values:
        numbers = numbers_of(sample.table[name])
        if name == label or numbers is None or not _PROBABILITY_WORDS & set(name_words(name)):
            continue
        if numbers.between(0, 1).all() and "" not in set(sample.table[name]):
            found.append(name)
    if len(found) != 1:
        return None
    positive = positive_class(labels.classes, found[0])
    return found[0] if positive in (None, labels.classes[-1]) else None


def _class_key(sample: SampleSubmission, labels: InferredLabels) -> tuple[str, str] | None:
    """Return the column that names the class of a row, and its field, where ids repeat."""
    if len(sample.values) != 2 or sample.table[sample.id].is_unique:
        return None
    for name in sample.values:
        cells = set(sample.table[name])
        field = class_field(cells, labels.classes)
        known = field != "class_name" or cells <= set(labels.classes)
        if known and len(cells) == len(labels.classes):
            return name, field
    return None


def _separator(
    sample: SampleSubmission, labels: InferredLabels
) -> tuple[str, bool, ClassCells | None]:
    """Return what stands between the labels of a cell, and whether the sample or train shows it.

    Cells that list classes, in a plain file, come with it.
    """
    usual, is_of_train = labels.separator or " ", labels.separator is not None
    if len(sample.values) > 1 or not labels.kind.is_by_class:
        return usual, is_of_train, None
    names = set(labels.classes)
    if not {"lists", "flags", "codes"}.isdisjoint(sample.file):
        # The file has signs of its own, or none: this one stands in no name.
        unused = unused_sign(names)
        assert unused is not None  # or its cells would not have become plain lists
        return unused, True, None
    cells = [*sample.table[sample.values[0]], *sample.shown]
    lists = read_class_lists(cells, labels.classes, usual)
    if sample.shown and lists.words:
        rows = f"the sample and in the rows that {sample.shown_in} shows"
        lists = replace(lists, why=f"{lists.words[0]!r} is no class in {rows}")
    if lists.sep is not None:
        return lists.sep, True, lists
    for sign in dict.fromkeys((usual, *LIST_SIGNS)):
        split = [cell.split(sign) for cell in cells if sign in cell]
        if split and all(part.strip() in names for parts in split for part in parts):
            return sign, True, lists
    return usual, is_of_train, lists


def _with_empty(
    found: InferredFormat, lists: ClassCells, sample: SampleSubmission
) -> InferredFormat:
    """Return the format with the cell of an image without a class, as far as the sample shows it.

    Args:
        found: a cell holds all classes of an image.
        lists: as the sample's cells are.
        sample: with the cells.
    """
    if sample.has_numbers and not lists.shown:
        return found  # likelihoods, or the places of classes
    if lists.words:
        first, *others = lists.words
        why = "where it is a placeholder, and an image without a class has a blank cell"
        readings = tuple((one, why if not one else f"{one!r} is no class, too") for one in others)
        asked = (OpenKey("submission.empty", readings),) if others else ()
        open_keys = (*found.open, *asked)
        return replace(found, empty=first, why_empty=lists.why, open=open_keys)
    if lists.has_blank:
        return found
    return replace(found, notes=[*found.notes, note_of_no_blank(sample)])


def with_metric_of_axes(found: InferredFormat) -> InferredFormat:
    """Return the format with the error of axes in place of that of directions, where these are."""
    of_directions, of_axes = "mean_angular_error", "mean_axial_error"
    if not TURNS[found.directions].is_of_axes or found.metric != of_directions:
        return found
    why = found.why_metric if found.readme_names_metric else "the usual one for axes"
    return replace(found, metric=of_axes, why_metric=why)


def with_blank(found: InferredFormat, sample: SampleSubmission, told: str) -> InferredFormat:
    """Return the format with a blank cell for no class, as a text tells it; "": none does."""
    note = note_of_no_blank(sample)
    if not told or note not in found.notes:
        return found
    left = [one for one in found.notes if one != note]
    return replace(found, empty="", why_empty=told, notes=left)


def note_of_no_blank(sample: SampleSubmission) -> str:
    """Return that an image without a class gets a blank cell, of which the sample has none."""
    return (
        f"an image without a class is written as a blank cell, and {sample.path} has none: where "
        "the host wants a word there, write it as submission.empty"
    )


def _with_word(
    found: InferredFormat, labels: InferredLabels, sample: SampleSubmission | None
) -> InferredFormat:
    """Return the format with the word of train for no class, as far as it may be a class.

    Where the sample has a blank cell in its place, which of both is sent is asked for.
    """
    none = labels.none
    is_list = found.value == labels.kind.cell and labels.kind.is_by_class
    first, other, why = none, "", f"{none!r} is a class of its own: choose classes with it"
    if not labels.is_none_sure and (not is_list or none in labels.classes):
        first, other, why = "", none, f"{none!r} is no class: choose classes without it"
    is_sure = labels.is_none_sure
    if is_list and first == none and sample is not None:
        cells = set(sample.table[sample.values[0]])
        if "" in cells and none not in cells:
            is_sure = False
            why = "the sample has blank cells"
    asked = OpenKey("submission.empty", ((other, why),))
    return replace(
        found,
        empty=first,
        why_empty="as train writes it" if first else "no word stands for it",
        open=found.open if is_sure else (*found.open, asked),
    )


JOINED_BY_GUESS = (
    "a row holds a label and a mask: how the two scores are joined is a guess (metric.parts)"
)


def with_label_columns(
    found: InferredFormat, sample: SampleSubmission, columns: Sequence[str], labels: InferredLabels
) -> InferredFormat:
    """Return the format of masks with the answers of `columns`, which are of the image itself.

    Args:
        found: of the masks alone.
        sample: with all columns.
        columns: of labels.
        labels: of train.
    """
    plain = SampleSubmission(sample.path, sample.table[[sample.id, *columns]])
    of_labels = _of_cells(plain, labels)
    fields = {**of_labels.columns, **found.columns}
    answers: list[Mapping[str, str]] = []
    for name in map(str, sample.table.columns):
        if name in columns:
            one = of_labels.value if fields.get(name) == "value" else fields.get(name, "value")
            answers.append({"name": name, "value": one, "task": IMAGES})
        elif found.columns.get(name) == "value":
            answers.append({"name": name, "value": found.value, "task": PIXELS})
        elif name in fields:
            answers.append({"name": name, "value": fields[name]})
    empty = {name: value for name, (value, _) in found.options.items()}
    parts: tuple[Mapping[str, object], ...] = (
        {"name": of_labels.metric, "task": IMAGES, "weight": 0.5},
        {"name": found.metric, "task": PIXELS, "weight": 0.5, **empty},
    )
    kept = [one for one in found.notes if "not understood" not in one]
    notes = [
        *kept,
        *of_labels.notes,
        JOINED_BY_GUESS,
    ]
    all_open = list(found.open)
    for asked in of_labels.open:
        others = [
            (
                [
                    {**column, "value": value} if column.get("task") == IMAGES else column
                    for column in map(dict, answers)
                ],
                why,
            )
            for value, why in asked.others
        ]
        all_open.append(OpenKey("submission.columns", tuple(others)))
    return replace(found, answers=tuple(answers), parts=parts, notes=notes, open=tuple(all_open))


def _without_sample(labels: InferredLabels, id_column: str) -> InferredFormat:
    value = labels.kind.cell
    label = labels.column if isinstance(labels.column, str) else "label"
    metric, why_metric = _metric(value, labels)
    why = "there is no sample submission: the train table's own way to write labels"
    sep = (labels.separator if labels.kind.is_by_class else None) or " "
    columns = {id_column: "id", label: "value"}
    if labels.kind.has_number_columns or labels.kind.is_by_output:  # a cell holds one of them
        several = output_names(labels.classes) if labels.kind.is_by_output else labels.classes
        columns = {id_column: "id", **{name: f"value[{name}]" for name in several}}
    found = InferredFormat(value, columns, metric, why, why_metric, sep=sep)
    return _with_word(found, labels, None) if labels.none else found


def _one_value(
    sample: SampleSubmission, labels: InferredLabels
) -> tuple[ValueKind, str, tuple[OpenKey, ...]]:
    """Return what a cell holds, why, and `submission.value` where a placeholder leaves it open."""
    cells = sample.table[sample.values[0]]
    shown = ", ".join(repr(cell) for cell in cells.unique()[:3])
    if labels.kind.is_continuous:
        return labels.kind.cell, f"the sample holds a number, {shown}", ()
    if labels.kind.is_by_class:
        return labels.kind.cell, "a cell holds all labels of an image", ()
    if sample.sep_of_ranks and labels.kind.is_exclusive:
        why = f"the sample has a column for each place of a ranking of classes, {shown}"
        return "topk", why, ()
    if labels.kind.is_yes_no and sample.has_fractions:
        why = f"the sample holds fractions, {shown}: the probability of {labels.classes[-1]!r}"
        return "prob", why, ()
    names = set(labels.classes)
    indices = {str(number) for number in range(len(labels.classes))}
    values = set(cells)
    fitting: dict[ValueKind, str] = {}
    if values <= names:
        fitting["name"] = f"the sample holds class names as train has them, {shown}"
    elif values <= indices:
        fitting["label"] = (
            f"the sample holds numbers, {shown}: the place of the class in classes, from 0"
        )
    elif all(cell.split() and set(cell.split()) <= names for cell in values):
        fitting["topk"] = (
            f"the sample holds several class names a cell, {cells.iloc[0]!r}: the likeliest first. "
            "Where one of them means none of the others, as new_whale, write "
            "open_set with its name above classes, and take it out of them"
        )
    elif strange := _strange_names(sample, labels):
        fitting["topk"] = (
            f"the sample holds several class names a cell, {cells.iloc[0]!r}: the likeliest first. "
            f"Of these train does not have {some(strange)}"
        )
    placeholder = f"the sample holds {shown} in every row, which may be a placeholder"
    is_placeholder = len(values) == 1 and len(cells) > 1
    if is_placeholder and labels.kind.is_yes_no and values <= {"0", "1", "0.0", "1.0"}:
        fitting = {"prob": f"{placeholder} for a probability", **fitting}
    if is_placeholder and "label" in fitting and "name" not in fitting:
        as_name: dict[ValueKind, str] = {"name": f"{placeholder} for a class name"}
        # The sample's column has names in train, or numbers of classes from 1 on, so that it has
        # them in a file to send, too.
        is_first = labels.column == sample.values[0] and "prob" not in fitting
        fitting = {**as_name, **fitting} if is_first else {**fitting, **as_name}
    if not fitting:
        fitting["name"] = f"the sample holds {shown}, so class names are written as train has them"
        are_numbers = is_placeholder and all(map(str.isdecimal, names))
        if values.isdisjoint(names) and not are_numbers:
            fitting["label"] = f"{placeholder} for the place of a class in classes"
    (value, why), *others = fitting.items()
    return value, why, (OpenKey("submission.value", tuple(others)),) if others else ()


def _which_class(sample: SampleSubmission, labels: InferredLabels) -> list[str]:
    """Return a note where nothing shows which of two classes a probability is of.

    In a column that is called as labels are, 1 is usually the second class by the alphabet.
    """
    column = sample.values[0]
    if not labels.kind.is_yes_no or is_called(column, "label") or not labels.classes:
        return []
    if positive_class(labels.classes, column) is not None:
        return []
    first, second = labels.classes
    return [
        f"{column} is taken for the probability of {second!r}: where it is of {first!r}, "
        "exchange the two in classes"
    ]


def _class_columns(
    sample: SampleSubmission, labels: InferredLabels
) -> tuple[dict[str, str], list[str]]:
    """Return the class of each column, matched by name, else by name without common prefix."""
    plain = dict(zip(sample.values, sample.values, strict=True))
    stripped = dict(zip(sample.values, _without_common_prefix(sample.values), strict=True))
    parted = dict(zip(sample.values, without_common_start(sample.values), strict=True))
    spelt = as_classes(sample.values, labels.classes) or plain
    if labels.kind.is_by_level and (levels := levels_of_columns(sample.values)):
        spelt = dict(zip(sample.values, level_names(levels), strict=True))
    for names in (plain, parted, stripped, spelt):
        if set(names.values()) == set(labels.classes):
            if len(names) > _WRITTEN_OUT:
                return {}, []
            field = "value" if labels.kind.has_number_columns else "prob"
            columns = {column: f"{field}[{name}]" for column, name in names.items()}
            return {sample.id: "id", **columns}, []
    told = f"the sample's columns ({_first_names(sample.values)})"
    if not labels.classes:
        note = f"{told} are several, and {some(labels.column_names)} has no classes: "
        return {}, [f"{note}mend data.train.label, or submission.columns"]
    note = f"{told} are not the classes ({_first_names(labels.classes)}): mend submission.columns"
    return {}, [note]


def _first_names(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")


def _without_common_prefix(names: Sequence[str]) -> list[str]:
    length = min(len(common_start(names)), min(map(len, names)) - 1)
    return [name[length:] for name in names]


def _metric(value: ValueKind, labels: InferredLabels) -> tuple[str, str]:
    kind = labels.kind
    if kind.is_continuous:
        return kind.usual_metric, "the usual one for numbers"
    if kind.is_ordered:
        return kind.usual_metric, "the usual one for ratings"
    if value == "prob":
        if kind.is_exclusive or kind.is_by_output:
            end = BY_OUTPUT if kind.is_by_output else ""
            return f"log_loss{end}", "the usual one for a probability of each class"
        return "auc", "the usual one for probabilities"
    if value == "topk":
        return "map_at_k", "the usual one for rankings"
    if kind.is_by_output:
        return kind.usual_metric, "the usual one for a class of each of several outputs"
    return kind.usual_metric, (
        f"the usual one for {'lists of labels' if kind.is_by_class else 'one label an image'}"
    )


_FEWEST_SLICES = 8
_KEYS_OF_VOLUMES = ("id={group}_*", "id={group}/*", "id=*/{group}_*", "id=*/{group}/*")
_SLICE = re.compile(r"(?P<volume>.+?)_(?:slice_?|z)?(?P<number>\d{2,})")


@dataclass(frozen=True)
class InferredUnit:
    """As `data.train.unit` has it."""

    template: str
    why: str
    differs: str = ""
    """The evidence that images of one unit have several labels; "" where they have one."""


def find_unit(
    sample: SampleSubmission,
    train: pd.DataFrame,
    test: pd.DataFrame,
    test_id: str | None,
    labels: InferredLabels,
) -> InferredUnit | None:
    """Return the unit that the sample's ids name, where they name no image; None where unknown.

    Args:
        sample: of labels.
        train, test: the tables, one row an image.
        test_id: the column that names the images of test.
        labels: of train.
    """
    ids = list(dict.fromkeys(sample.table[sample.id]))
    if test_id is not None and test_id in test.columns and set(ids) & set(test[test_id]):
        return None
    shared = [column for column in test.columns if column in train.columns]
    template = None
    for column in shared:
        if set(ids) <= set(test[column]) and test[column].nunique() < len(test):
            template = str(column)
    template = template or unit_template(ids, test[shared])
    names = output_names(labels.classes) if labels.kind.is_by_output else labels.classes
    n_units = len(ids)
    if template is None:
        template = _unit_of_classes(ids, test[shared], names)
        n_units = 0 if template is None else test[template].nunique()
    if template is None:
        return None
    n = f"{plural(n_units, 'unit')} of {plural(len(test), 'image')}"
    why = f"what a row of the sample is of ({some(ids, 2)}): {n}"
    return InferredUnit(template, why, _differing(train, template, labels))


def _unit_of_classes(ids: Sequence[str], test: pd.DataFrame, names: Sequence[str]) -> str | None:
    """Return the column whose cells, each with each name, are the ids, as `study7_C1`; or None.

    The names are those of classes or outputs.
    """
    for column in map(str, test):
        if test[column].nunique() < len(test):
            rows = find_rows(ids, list(test[column].unique()), names)
            if rows is not None and rows.chosen.value.rows != "image" and not rows.chosen.against:
                return column
    return None


def unit_of_rows(
    asked: Sequence[str] | None,
    train: pd.DataFrame,
    test: pd.DataFrame,
    column: str,
    labels: InferredLabels,
) -> InferredUnit | None:
    """Return the unit that a row of a table was, which listed its images; None: another is asked.

    Args:
        asked: the sample's ids; None without one.
        train, test, labels: as `find_unit` has them.
        column: the one that names such a row.
    """
    units = set(test[column])
    if asked is not None and 2 * len(units.intersection(asked)) <= len(set(asked)):
        return None
    why = (
        f"what a row of the tables is of: {plural(len(units), 'unit')} of "
        f"{plural(len(test), 'image')} to predict"
    )
    return InferredUnit(column, why, _differing(train, column, labels))


def unit_template(ids: Sequence[str], table: pd.DataFrame) -> str | None:
    """Return of which columns of `table` the ids are made, as `{patient}_{side}`, or None.

    Example:
        >>> table = pd.DataFrame({"patient": ["1", "1", "2"], "side": ["L", "R", "L"]})
        >>> unit_template(["1_L", "1_R", "2_L"], table)
        '{patient}_{side}'
    """
    found = find_joined_cells(ids, table, only_plain=True)
    return None if found is None else found.template


def unit_names(unit: InferredUnit, table: pd.DataFrame) -> list[str]:
    """Return the names of the units of a table's rows, each once."""
    if unit.template in table.columns:
        return list(dict.fromkeys(table[unit.template]))
    rows = [{str(k): v for k, v in row.items()} for row in table.to_dict("records")]
    return list(dict.fromkeys(unit.template.format(**row) for row in rows))


def _differing(train: pd.DataFrame, template: str, labels: InferredLabels) -> str:
    if not (labels.kind.is_thresholded or labels.kind.is_ordered):
        return ""
    fields = [template] if template in train.columns else re.findall(r"\{([^{}]+)\}", template)
    fields = fields or [template]
    several = train.groupby(fields)[labels.column_names].nunique() > 1
    n = int(several.any(axis=1).sum())
    return f"images of {plural(n, 'unit')} have several labels" if n else ""


def _parts_alike(ids: Sequence[str], key: str, names: Sequence[str]) -> bool:
    """Return whether a key of `folds.group` parts the ids as the volumes' names do."""
    groups = groups_of_rows(pd.DataFrame({"id": list(ids)}), key, strict=False)
    if None in groups:
        return False
    codes, of_names = (pd.factorize(pd.Series(one))[0].tolist() for one in (groups, names))
    return bool(codes == of_names)


def _is_part(name: str) -> bool:
    """Return whether a name has only words for parts of data."""
    return all(
        is_called(word, "train", "validation", "test", "unlabelled") for word in name_words(name)
    )


def slices_hint(ids: Sequence[str], labels: Sequence[object] = ()) -> str:
    """Return a note where ids number the slices of volumes, else "".

    One name for all images is how a camera or a class folder counts; and names that are the
    classes', each of one label, are no volumes either.

    Example:
        >>> slices_hint([f"case{k}_slice_{n:04d}" for k in (1, 2) for n in range(1, 80)])[:26]
        "ids ('case1_slice_0001', '"
    """
    found = [_SLICE.fullmatch(one.rpartition(".")[0] or one) for one in ids]
    if len(found) < 20 or not all(found):
        return ""
    volumes: dict[str, set[int]] = {}
    for one in found:
        if one is not None:
            volumes.setdefault(one["volume"], set()).add(int(one["number"]))
    # A volume's numbers follow each other; those of photographs are any.
    for numbers in volumes.values():
        if len(numbers) < _FEWEST_SLICES or max(numbers) - min(numbers) >= 2 * len(numbers):
            return ""
    # `train_0001` and `val_0001` are numbered within their parts, and `part_2/7` in its piece.
    if len(volumes) < 2 or any(map(_is_part, volumes)):
        return ""
    if all(is_piece(name.partition("/")[0]) for name in volumes):
        return ""
    of_volume: dict[str, set[str]] = {name: set() for name in volumes}
    for one, label in zip(found, labels, strict=False):
        if one is not None:
            of_volume[one["volume"]].add(str(label))
    together = {label for several in of_volume.values() for label in several}
    if len(together) == len(volumes) and all(len(one) == 1 for one in of_volume.values()):
        return ""
    names = [one["volume"] for one in found if one is not None]
    key = next((one for one in _KEYS_OF_VOLUMES if _parts_alike(ids, one, names)), None)
    group = "folds.group" if key is None else f"folds: {{scheme: stratified_group, group: '{key}'}}"
    return (
        f"ids ({some(list(ids), 2)}) look like slices of {plural(len(volumes), 'volume')}: keep "
        "a volume in one fold "
        f"({group}), let a network see neighbours (data.train.slices), and where "
        "whole volumes are scored name them in data.train.unit"
    )
