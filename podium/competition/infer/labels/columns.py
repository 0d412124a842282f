"""The columns that hold the labels of a table, and the kind of labels that their cells are."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import permutations
from types import MappingProxyType

import pandas as pd

from podium.competition.infer.conversions.tables.rows.several_rows import box_columns
from podium.competition.infer.groups.repeats import is_group_name, may_only_group
from podium.competition.infer.ids.keys import without_common_start
from podium.competition.infer.labels.cells import (
    are_codes,
    are_ratings,
    hardly_repeats,
    has_fractions,
    holds_numbers,
    is_bits,
    is_partly_bits,
    known_cells,
    may_number_classes,
    numbers_of,
    sort_classes,
)
from podium.competition.infer.labels.column_names import (
    DEVICE_WORDS,
    FACT_WORDS,
    PLURALS,
    RATING_WORDS,
    REMARK_WORDS,
    SEX_WORDS,
    UNSURE_WORDS,
    column_called,
    column_spelt_as,
    is_about_the_file,
    is_about_the_label,
    is_fact_or_group,
    is_label_name,
    named_columns,
    names_parts,
)
from podium.competition.infer.labels.counted_means import find_averaged, find_counted_mean
from podium.competition.infer.labels.free_texts import are_free_texts
from podium.competition.infer.labels.kinds import InferredLabels, labels_of_bits, labels_of_column
from podium.competition.infer.labels.lists import (
    LIST_SIGNS,
    holds_lists,
    lists_few_names,
    other_signs,
    word_for_none,
)
from podium.competition.infer.labels.outputs import labels_of_outputs
from podium.competition.infer.units_of_measure import header_unit
from podium.competition.languages import is_called, meaning_words
from podium.competition.spelling import name_words
from podium.competition.truths.targets import MISSING_NUMBERS, recognised_kind
from podium.errors import DataError, either, some
from podium.tasks.protocols.find import image_kind, kind_names
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES

__all__ = [
    "PIECE",
    "SampleHints",
    "are_measured",
    "find_labels",
    "find_left_label",
    "possible_labels",
]

ALL_EVIDENCE = 3

_NUMBERED = re.compile(r"field_\d+")
"""The name of a column of a table without a header."""

PIECE = "piece_"
"""What begins the name of a column that has a piece of each image's name."""

_SHORT = 2  # letters of a word that is no evidence


@dataclass(frozen=True)
class SampleHints:
    """What a sample submission asks for, as far as it tells the labels of train.

    Attributes:
        columns: of its values; none without a sample.
        has_fractions: whether its values are fractions, as probabilities and measures are.
        has_numbers: whether its values are numbers, so that a column of words is hardly it.
        classes: where a submission of masks shows them.
        holder: the one column of train that has the words of its values; "" without.
        n_words: how many words these are, where there is a holder.
    """

    columns: Sequence[str] = ()
    has_fractions: bool = False
    has_numbers: bool = False
    classes: Sequence[str] = ()
    holder: str = ""
    n_words: int = 0


def find_labels(
    table: pd.DataFrame,
    used: Sequence[str],
    sample: SampleHints,
    *,
    by_name: bool = False,
    elsewhere: Collection[str] = (),
    label: str | None = None,
    evidence: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> InferredLabels | None:
    """Return the labels of a train table, or None where no column looks like one.

    Args:
        used: columns that are something else (the id).
        sample: what the sample submission shows of them.
        by_name: only take a column that its name or the sample marks as a label: there are masks,
            which may be the only target.
        elsewhere: the columns of a test table: what is known of test images is no label.
        label: the column that a person named, or several with commas; no other is taken.
        evidence: the reasons for columns, as `label_evidence` returns them.

    Raises:
        DataError: a person named several columns, and they are not of one kind.
    """
    if label is not None:
        named = named_columns(label, [one for one in table.columns if one not in used])
        if len(named) > 1:
            return _labels_named(table, named)
        if not named:
            return None
        return labels_of_column(table, label, sample.has_fractions, f"{label} was named")
    possible = _possible_columns(table, used, sample, by_name, elsewhere, evidence)
    found = _first_answer(_BY_SEVERAL_COLUMNS, possible)
    possible = possible.narrowed()
    found = found or _first_answer(_BY_SAMPLE_AND_NAME, possible)
    return found if found is not None or by_name else _first_answer(_BY_CELLS, possible)


def _labels_named(table: pd.DataFrame, columns: list[str]) -> InferredLabels:
    """Return several columns that a person named: of 0 and 1, of numbers, or of classes each."""
    table = table[~table[columns].isin(list(MISSING_NUMBERS)).all(axis=1)]
    bits = [one for one in columns if is_bits(table[one]) or is_partly_bits(table[one])]
    numbers = [one for one in columns if numbers_of(table[one]) is not None]
    why = f"{some(columns)} were named"
    if len(bits) == len(columns):
        return labels_of_bits(table, columns, f"{why}, and hold 0 and 1")
    if len(numbers) == len(columns):
        return InferredLabels(_kind_of_numbers(), columns, columns, f"{why}, and hold numbers")
    measures = [one for one in numbers if has_fractions(table[one])]
    if measures:
        words = [one for one in columns if one not in numbers]
        raise DataError(
            f"{some(measures)} hold{'s' * (len(measures) == 1)} numbers, and {some(words)} words: "
            "labels of one kind are learnt in one workspace",
            fix=f"name those of one kind: --label {shlex.quote(','.join(numbers))}, or --label "
            f"{shlex.quote(','.join(words))} in another workspace",
        )
    return labels_of_outputs(table, columns, columns, f"{why}, columns of classes")


@dataclass(frozen=True)
class _Possible:
    """The columns of a table that may hold its labels, and what rules ask of them."""

    table: pd.DataFrame
    used: Sequence[str]
    sample: SampleHints
    by_name: bool
    elsewhere: Collection[str]
    evidence: Mapping[str, Sequence[str]]
    columns: list[str]
    """Without those whose every cell is the same."""
    every_bit: Collection[str]
    """The columns of 0 and 1, with those whose every cell is the same."""
    bits: list[str]
    """Those of `every_bit` that are in `columns`."""

    def narrowed(self) -> _Possible:
        """Return the columns that the sample asks for alone, where it asks for several of them."""
        # What they hold is not clear, but no other column is asked for.
        is_all = 1 < len(self.in_sample) == len(self.sample.columns)
        return replace(self, columns=self.in_sample) if is_all else self

    def labels(self, column: str, why: str) -> InferredLabels:
        """Return a column as the labels."""
        return labels_of_column(self.table, column, self.sample.has_fractions, why)

    @cached_property
    def in_sample(self) -> list[str]:
        """The columns that the sample asks for by name."""
        return [column for column in self.sample.columns if column in self.columns]

    @cached_property
    def rivals(self) -> Sequence[str]:
        """The columns that may be the label instead of another: none where a sample asks."""
        return () if self.sample.columns else self.columns

    @cached_property
    def reasons(self) -> dict[str, Sequence[str]]:
        """The evidence for each column that has some."""
        return {one: self.evidence[one] for one in self.columns if one in self.evidence}

    @cached_property
    def rated(self) -> list[str]:
        """The columns of grades, by their names and their numbers."""
        rated = [one for one in self.columns if RATING_WORDS & set(name_words(one))]
        known = {one: list(known_cells(self.table[one])) for one in rated}
        rated = [one for one in rated if are_ratings(sort_classes(known[one]))]
        # A grade of the patient is that of all his images, where each has one of its own.
        return [one for one in rated if not is_group_name(one)] or rated

    @cached_property
    def ordered(self) -> list[str]:
        """The columns; without a sample, those of whose picture it is come last but count first.

        That is known where the label is not. Without a header the label stands behind the image.
        """
        if self.sample.columns:
            return self.columns
        if self.is_bare:
            return self.columns[::-1]
        is_sex = {one: bool(SEX_WORDS & set(name_words(one))) for one in self.columns}
        return sorted(self.columns, key=lambda one: not is_sex[one])

    @cached_property
    def is_bare(self) -> bool:
        """Whether there are two columns without names; the class of many stands behind its box."""
        return sum(bool(_NUMBERED.fullmatch(str(one))) for one in self.table.columns) == 2

    @cached_property
    def place(self) -> str:
        """The place of the column of which nothing else speaks, in words."""
        return "first" if self.is_bare else "last"

    @cached_property
    def last(self) -> str | None:
        return self.ordered[-1] if self.ordered else None

    @cached_property
    def varied(self) -> list[str]:
        """The columns of numbers of which most stand once or twice."""
        return [one for one in self.ordered if hardly_repeats(self.table[one])]

    @cached_property
    def floats(self) -> list[str]:
        """The columns of fractions."""
        return [
            one
            for one in self.ordered
            if has_fractions(self.table[one]) and not are_codes(self.table[one])
        ]

    @cached_property
    def measures(self) -> list[str]:
        """The columns of numbers that are as good as the last one, where no sample asks for one."""
        return [one for one in dict.fromkeys(self.varied + self.floats) if "=" not in one]

    @cached_property
    def few(self) -> list[str]:
        """The columns of few values."""
        most = max(2, len(self.table) // 5)
        return [one for one in self.ordered if 1 < self.table[one].nunique() <= most]


def _possible_columns(
    table: pd.DataFrame,
    used: Sequence[str],
    sample: SampleHints,
    by_name: bool,
    elsewhere: Collection[str],
    evidence: Mapping[str, Sequence[str]],
) -> _Possible:
    """Return the columns that may hold labels, in the rows that have one."""
    expected = sample.columns
    # Which part a row is of is no answer, and what test lacks beside it may be known of test.
    asked = {*used, *expected}
    splits = {name for name in table.columns if name not in asked and names_parts(table[name])}
    columns = [column for column in table.columns if column not in used and column not in splits]
    columns = [
        name for name in columns if name in expected or not is_about_the_file(name, table[name])
    ]
    # What the sample asks for is the label, whatever a table of test has in its place.
    lacking = [column for column in columns if column not in elsewhere or column in expected]
    columns = lacking or columns
    if len(expected) > 1 and set(expected) <= set(columns):
        # A row with blanks alone has no label.
        is_blank = table[list(expected)].isin(list(MISSING_NUMBERS)).all(axis=1)
        table = table if is_blank.all() else table[~is_blank]
    every_bit = {column for column in columns if is_bits(table[column])}
    partly = {column for column in columns if is_partly_bits(table[column])}
    if len(expected) > 1 or len(partly) >= _FEWEST_PARTLY_KNOWN:
        every_bit |= partly & {*expected} if expected else partly
    # What is the same in every row that has it is no label, however it is called.
    one = expected if len(expected) == 1 else ()
    columns = [name for name in columns if known_cells(table[name]).nunique() > 1 or name in one]
    if not expected:
        columns = [one for one in columns if not is_about_the_label(one)] or columns
    # Sentences are classes where a file of them alone is to be sent, or nothing else is there.
    columns = [
        name for name in columns if name in one or not are_free_texts(table[name])
    ] or columns
    bits = [column for column in columns if column in every_bit]
    return _Possible(table, used, sample, by_name, elsewhere, evidence, columns, every_bit, bits)


_Rule = Callable[[_Possible], InferredLabels | None]

_FEWEST_PARTLY_KNOWN = 3
"""Columns of 0, 1 and blank cells that nobody asks for and are labels together."""


def _first_answer(rules: Sequence[_Rule], possible: _Possible) -> InferredLabels | None:
    answers = (rule(possible) for rule in rules)
    return next((one for one in answers if one is not None), None)


def _bits_of_sample(of: _Possible) -> InferredLabels | None:
    expected = of.sample.columns
    if len(expected) < 2 or not set(expected) <= set(of.every_bit):
        return None
    if not set(expected) & set(of.bits):
        return None
    why = "the sample submission asks for these columns, which hold 0 and 1"
    return labels_of_bits(of.table, list(expected), why)


def _numbers_of_sample(of: _Possible) -> InferredLabels | None:
    expected = of.sample.columns
    if len(expected) < 2:
        return None
    # One that is asked for may be the same in all rows, as the share of what no image has.
    is_asked = {*expected} <= {*of.table.columns} and {*expected} & {*of.columns}
    known = {*of.columns, *(expected if is_asked else ())}
    columns = [one for one in of.table.columns if one in known]
    return _columns_of_numbers(of.table[columns], expected)


def _numbers_called_otherwise(of: _Possible) -> InferredLabels | None:
    """Return columns of numbers that share a word, or a unit, with one column of the sample each.

    No column of the sample is there, and each is paired with another one of as many as train has.
    A word is no name: that they are paired otherwise stays possible.
    """
    expected = of.sample.columns
    if len(expected) < 2 or not of.sample.has_numbers or any(map(of.table.__contains__, expected)):
        return None
    numeric = [
        one
        for one in of.columns
        if numbers_of(of.table[one]) is not None and not is_fact_or_group(one)
    ]
    if len(numeric) != len(expected) or len(numeric) > _MOST_PAIRED:
        return None
    paired = []
    for name in expected:
        words = {word for word in name_words(name) if len(word) > _SHORT}
        near = [one for one in numeric if words & {*name_words(one)}]
        if not near and (unit := header_unit(name)) is not None:
            units = {one: header_unit(one) for one in numeric}
            near = [one for one, own in units.items() if own is not None and own[1] == unit[1]]
        if len(near) != 1:
            return None
        paired += near
    if len({*paired}) < len(expected):
        return None
    told = ", ".join(f"{own} for {name}" for own, name in zip(paired, expected, strict=True))
    orders = (list(one) for one in permutations(paired) if list(one) != paired)
    what = "calls columns otherwise, and words or units of their names pair"
    why = f"the sample submission {what} {told}"
    return InferredLabels(_kind_of_numbers(), paired, list(expected), why, columns=tuple(orders))


_MOST_PAIRED = 3
"""Columns of which each order is shown."""


def _numbers_by_numbers_of_names(of: _Possible) -> InferredLabels | None:
    """Return columns of numbers whose names have the same numbers as one of the sample each.

    `Share 0-20 mm` is `fr_0_20`. No column of the sample is there, and no two names of either have
    the same numbers. In another order than in train, or where the names are numbered one after
    another, that they are paired otherwise stays possible.
    """
    expected = of.sample.columns
    if len(expected) < 2 or not of.sample.has_numbers or any(map(of.table.__contains__, expected)):
        return None
    asked = {_numbers_in(name): name for name in expected}
    numeric = [one for one in of.columns if numbers_of(of.table[one]) is not None]
    near = [one for one in numeric if _numbers_in(one) in asked]
    own = {_numbers_in(one): one for one in near}
    if () in asked or not len(near) == len(own) == len(asked) == len(expected):
        return None
    paired = [own[_numbers_in(name)] for name in expected]
    told = ", ".join(f"{one} for {name}" for one, name in zip(paired, expected, strict=True))
    why = f"the sample submission calls columns otherwise, and numbers in their names pair {told}"
    first = [one for one, *_ in asked]
    are_counted = all(len(one) == 1 for one in asked) and first in _counted_up(len(first))
    if paired == near and not are_counted:
        return InferredLabels(_kind_of_numbers(), paired, list(expected), why)
    if len(paired) > _MOST_PAIRED:
        return None
    orders = (list(one) for one in permutations(paired) if list(one) != paired)
    return InferredLabels(_kind_of_numbers(), paired, list(expected), why, columns=tuple(orders))


def _numbers_in(name: str) -> tuple[float, ...]:
    return tuple(float(one.replace(",", ".")) for one in _NUMBER_IN_NAME.findall(name))


_NUMBER_IN_NAME = re.compile(r"\d+(?:[.,]\d+)?")


def _counted_up(n: int) -> list[list[float]]:
    """Return the numbers from 0 and those from 1, n of each."""
    return [[float(start + place) for place in range(n)] for start in (0, 1)]


def _column_of_sample_values(of: _Possible) -> InferredLabels | None:
    """Return the column whose cells are called as columns of the sample, half of them at least."""
    expected = of.sample.columns
    for column in of.columns if len(expected) > 1 else ():
        values = set(of.table[column])
        if len(values & set(expected)) >= 0.5 * len(expected) and values <= set(expected):
            why = f"the sample submission has a column for each value of {column}"
            return InferredLabels(image_kind("multiclass"), column, list(expected), why)
    return None


def _column_of_sample_names(of: _Possible) -> InferredLabels | None:
    """Return the column whose cells are, or list, the names of all columns of the sample.

    Whatever they begin with there, and however large their letters are; one name may be none.
    """
    expected = of.sample.columns
    if len(expected) < 2:
        return None
    wanted = {name.lower() for name in without_common_start(expected)}
    for column in of.columns:
        for sign in (None, *LIST_SIGNS, *other_signs()):
            cells = of.table[column][of.table[column] != ""]
            each = [[cell] if sign is None else cell.split(sign) for cell in cells]
            parts = {part.strip() for one in each for part in one} - {""}
            none = "" if sign is None else word_for_none(cells, sign)[0]
            lacks = {none.lower()} & {part.lower() for part in parts} - wanted
            if {part.lower() for part in parts} - lacks != wanted:
                continue
            none = none if lacks else ""
            parts -= {none}
            why = f"the sample submission has a column for each value of {column}"
            why += f" but {none!r}, which is no class" if none else ""
            kind = image_kind("multiclass" if sign is None else "multilabel")
            classes = sort_classes(list(parts))
            return InferredLabels(
                kind, column, classes, why, sign, none=none, is_none_sure=bool(none)
            )
    return None


def _column_of_sample(of: _Possible) -> InferredLabels | None:
    if len(of.in_sample) != 1:
        return None
    [column] = of.in_sample
    return of.labels(column, f"the sample submission asks for {column}")


def _column_spelt_as_sample(of: _Possible) -> InferredLabels | None:
    if len(of.sample.columns) != 1:
        return None
    [name] = of.sample.columns
    near = column_spelt_as(name, map(str, of.columns))
    if not near or (of.sample.has_numbers and numbers_of(of.table[near]) is None):
        return None
    return of.labels(near, f"the sample submission asks for {name}, which {near} is but for signs")


def _column_called_alike(of: _Possible) -> InferredLabels | None:
    if len(of.sample.columns) != 1:
        return None
    [name] = of.sample.columns
    near = _called_alike(name, of.table[of.columns], of.sample.has_numbers)
    if near is None:
        return None
    return of.labels(near, f"of all columns {near} is called nearest to {name}, the sample's")


def _column_of_sample_classes(of: _Possible) -> InferredLabels | None:
    for column in of.columns if of.sample.classes else ():
        if set(of.table[column]) - {""} == set(of.sample.classes):
            return of.labels(column, f"{column} holds the classes of the sample submission")
    return None


def _column_of_all_evidence(of: _Possible) -> InferredLabels | None:
    told = [one for one in of.reasons if len(of.reasons[one]) >= ALL_EVIDENCE]
    if len(told) != 1 or of.by_name:
        return None
    return of.labels(told[0], ", ".join(of.reasons[told[0]]))


def _column_by_name(of: _Possible) -> InferredLabels | None:
    """Return the column that is called as labels are, or the one that has the sample's values."""
    sides = box_columns(of.table[of.columns])  # y1 is called y, and is one of them
    named = [column for column in of.columns if is_label_name(column) and column not in sides]
    if not named:
        return None
    holder = of.sample.holder
    if holder and holder in of.columns and holder not in named and not of.by_name:
        return replace(_of_holder(of), columns=() if of.sample.n_words > 1 else tuple(named))
    found = of.labels(named[0], f"by its name, {named[0]} is the label")
    is_unsure = bool(UNSURE_WORDS & set(name_words(named[0])))
    return _with_rivals(found, of.table, of.rivals if is_unsure and not of.by_name else ())


def _column_of_sample_words(of: _Possible) -> InferredLabels | None:
    """Return the one column that has the words of the sample; one word may be of another, too."""
    holder = of.sample.holder
    if not holder or holder not in of.columns:  # a column may be called ""
        return None
    is_sure = of.sample.n_words > 1
    rivals = [] if is_sure else [one for one in of.few if not is_fact_or_group(one)]
    return replace(_of_holder(of), columns=tuple(one for one in rivals if one != holder))


def _of_holder(of: _Possible) -> InferredLabels:
    """Return the column that alone has the words of the sample as the label."""
    holder = of.sample.holder
    return of.labels(holder, f"{holder} alone has the values of the sample submission")


def _mean_of_all_opinions(of: _Possible) -> InferredLabels | None:
    rest = [one for one in map(str, of.table) if one not in of.used]
    if of.sample.columns:
        return None
    mean = _mean_of_opinions(of.table, rest, of.sample.has_fractions)
    return mean if mean is not None and mean.column in of.columns else None


def are_measured(cells: Collection[str]) -> bool:
    """Return whether cells are small numbers, of many values with gaps, which no counter has."""
    if not all(map(_SMALL_NUMBER.fullmatch, cells)):
        return False
    values = {*map(int, cells)}
    return len(values) > _MOST_NUMBERED_CLASSES and max(values) - min(values) >= len(values)


_SMALL_NUMBER = re.compile(r"0|[1-9]\d{0,2}")
_MOST_NUMBERED_CLASSES = 10


def _number_in_names(of: _Possible) -> InferredLabels | None:
    """Return the first number of many values in names of files; what else stands there is asked."""
    if of.sample.columns or not all(one.startswith(PIECE) for one in of.columns):
        return None
    found = [one for one in of.columns if are_measured(of.table[one])]
    if not found:
        return None
    other = (image_kind("multiclass"), "if the numbers are names; write classes as well")
    why = f"{found[0]} is a number in the names of files, of many values"
    rest = tuple(one for one in of.columns if one != found[0])
    return InferredLabels(image_kind("regression"), found[0], [], why, other=other, columns=rest)


def _column_that_test_lacks(of: _Possible) -> InferredLabels | None:
    if not of.elsewhere or len(of.columns) != 1:
        return None
    [column] = of.columns
    return of.labels(column, f"{column} is the only column that the test table lacks")


def _column_of_known_targets(of: _Possible) -> InferredLabels | None:
    for column in of.columns:
        if recognised_kind(column, of.table[column]) is not None:
            return of.labels(column, f"by its name, {column} is the label")
    return None


def _column_of_most_evidence(of: _Possible) -> InferredLabels | None:
    told = [one for one in of.reasons if len(of.reasons[one]) == ALL_EVIDENCE - 1]
    if len(told) != 1:
        return None
    found = of.labels(told[0], ", ".join(of.reasons[told[0]]))
    rivals = [one for one in of.columns if one != told[0] and not may_only_group(of.table[one])]
    return replace(found, columns=tuple(one for one in rivals if not is_fact_or_group(one)))


def _sides_of_a_box(of: _Possible) -> InferredLabels | None:
    """Return the four numbers of the one box of each image, where else there are facts alone."""
    sides = box_columns(of.table[of.columns])
    rest = [one for one in of.columns if one not in sides]
    is_row_an_image = any(of.table[one].is_unique for one in of.used)
    if of.sample.columns or len(sides) < _SIDES or not is_row_an_image:
        return None
    if not all(map(is_fact_or_group, rest)) or not all(holds_numbers(of.table[x]) for x in sides):
        return None
    why = f"{some(sides)} are the sides of the one box of each image"
    return InferredLabels(_kind_of_numbers(), sides, sides, why)


_SIDES = 4


def _grade_beside_two_questions(of: _Possible) -> InferredLabels | None:
    """Return a grade, or a count: beside it, two questions of yes or no are seldom labels."""
    counts = [one for one in of.columns if is_called(one, "count") and one in of.varied]
    chosen = of.rated or counts
    if not chosen or of.sample.columns:
        return None
    yes_no = [column for column in of.columns if is_bits(known_cells(of.table[column]))]
    if len(yes_no) != 2:
        return None
    found = of.labels(chosen[0], f"by its name, {chosen[0]} is the label")
    further = of.rated[1:] if of.rated else [one for one in of.columns if one not in yes_no]
    rivals = [one for one in (*further, *yes_no) if not is_fact_or_group(one)]
    rivals = [one for one in rivals if one != chosen[0]]
    return replace(found, columns=(*rivals, *([of.bits] if of.bits == yes_no else [])))


_FEW_MARKS = 2


def _columns_of_bits(of: _Possible) -> InferredLabels | None:
    if len(of.bits) < 2:
        return None
    found = labels_of_bits(
        of.table, of.bits, f"{either(len(of.bits), 'column holds', 'columns hold')} only 0 and 1"
    )
    rest = [one for one in of.rivals if one not in of.every_bit]
    # Without a header no name tells them from what else stands in a row.
    if rest and all(map(_NUMBERED.fullmatch, (*of.bits, *rest))):
        return replace(found, columns=(*rest, *of.bits))
    rest = [one for one in rest if one in of.few and not is_fact_or_group(one)]
    # Beside columns of classes, a few marks may be what is known of an image.
    return replace(found, columns=tuple(rest)) if len(of.bits) <= _FEW_MARKS * len(rest) else found


def _column_of_lists(of: _Possible) -> InferredLabels | None:
    listed = [column for column in of.columns if holds_lists(of.table[column])]
    if not listed or (of.sample.columns and listed[-1] != of.columns[-1]):
        return None
    return of.labels(listed[-1], f"the cells of {listed[-1]} hold lists of names")


def _grade(of: _Possible) -> InferredLabels | None:
    if not of.rated:
        return None
    found = of.labels(of.rated[-1], f"by its name, {of.rated[-1]} is the label")
    return _with_rivals(found, of.table, of.rivals)


def _last_column_of_varied_numbers(of: _Possible) -> InferredLabels | None:
    if of.last not in of.varied or of.sample.columns:
        return None
    found = of.labels(of.varied[-1], f"{of.last} is the {of.place} column")
    return _with_others(_with_rivals(found, of.table, of.rivals), of.measures)


def _last_column_of_fractions(of: _Possible) -> InferredLabels | None:
    if not of.floats:
        return None
    last, has_sample = of.floats[-1], bool(of.sample.columns)
    if not of.sample.has_fractions and (has_sample or last != of.last):
        return None
    found = of.labels(last, f"{last} is the {of.place} column of fractions")
    found = _with_rivals(found, of.table, of.rivals)
    return _with_others(found, of.varied + of.floats if has_sample else of.measures)


def _numbers_as_in_sample(of: _Possible) -> InferredLabels | None:
    """Return a column of numbers where the sample has such, and what has few values is words.

    Where the sample has whole numbers, and the column fractions, words may have numbers there.
    """
    measured = of.varied + of.floats
    if not (of.few and of.sample.has_numbers and measured):
        return None
    if any(numbers_of(of.table[one]) is not None for one in of.few):
        return None
    why = f"{measured[-1]} holds numbers, as the sample does"
    found = _with_others(of.labels(measured[-1], why), measured)
    if of.sample.has_fractions or measured[-1] not in of.floats:
        return found
    # The last one is the likeliest.
    words = [one for one in of.few if not (is_fact_or_group(one) or may_only_group(of.table[one]))]
    return replace(found, columns=(*found.columns, *reversed(words)))


def _column_of_lists_of_few_names(of: _Possible) -> InferredLabels | None:
    """Return a column of lists, where what has few values is known of an image or groups it."""
    lists = [column for column in of.ordered if lists_few_names(of.table[column])]
    if not lists or not all(is_fact_or_group(column) for column in of.few):
        return None
    why = f"the cells of {lists[-1]} list few names, each in several rows"
    return of.labels(lists[-1], why)


def _last_column_of_few_values(of: _Possible) -> InferredLabels | None:
    """Return the last column of few values, or the one whose cells tell that nothing was found.

    The device of an image, who used it, or a remark on some of them is the label only where nothing
    else may be.
    """
    if not of.few:
        return None
    repeated = [one for one in of.ordered if 1 < 2 * of.table[one].nunique() <= len(of.table)]
    others = [
        [
            one
            for one in each
            if not DEVICE_WORDS & set(name_words(one)) and not _are_remarks(one, of.table[one])
        ]
        for each in (of.few, repeated)
    ]
    chosen = next(filter(None, others), of.few)[-1]
    why = f"{chosen} is the {of.place} column with few values"
    cells = {one: list(known_cells(of.table[one]).unique()) for one in of.few}
    findings = [one for one in of.few if _are_findings(cells[one])]
    if len(findings) == 1 and not of.sample.columns:
        chosen = findings[0]
        why = f"cells of {chosen} say whether there is something or not"
    rivals = [one for one in of.ordered if one != chosen]
    rivals = [one for one in rivals if one in of.few or not may_only_group(of.table[one])]
    return replace(of.labels(chosen, why), columns=tuple(rivals))


def _are_remarks(column: str, cells: pd.Series[str]) -> bool:
    """Return whether some rows alone have a cell, and these are remarks by their name or length."""
    known = known_cells(cells)
    if len(known) == len(cells) or known.empty:
        return False
    n_words = known.str.split().map(len).median()
    return bool(REMARK_WORDS & set(name_words(column))) or n_words >= _WORDS_OF_A_REMARK


_WORDS_OF_A_REMARK = 4


def _column_of_a_plural(of: _Possible) -> InferredLabels | None:
    plural = [column for column in of.ordered if PLURALS & set(name_words(column))]
    return of.labels(plural[0], f"by its name, {plural[0]} is the label") if plural else None


def _last_column_of_numbers(of: _Possible) -> InferredLabels | None:
    measures = [one for one in of.varied if not is_group_name(one) and name_words(one) != ["id"]]
    if len(of.sample.columns) != 1 or not measures:
        return None
    why = f"{measures[-1]} is the last column of numbers, and the sample asks for one"
    return _with_others(of.labels(measures[-1], why), measures)


_BY_SEVERAL_COLUMNS: tuple[_Rule, ...] = (
    _bits_of_sample,
    _numbers_of_sample,
    _column_of_sample_values,
    _column_of_sample_names,
    _numbers_by_numbers_of_names,
    _numbers_called_otherwise,
)
"""Where the sample has several columns; of all columns of train, as cells may be called so."""

_BY_SAMPLE_AND_NAME: tuple[_Rule, ...] = (
    # The sample's own words come first.
    _column_of_sample,
    _column_spelt_as_sample,
    _column_called_alike,
    _column_of_sample_classes,
    # All kinds of evidence together come before a name.
    _column_of_all_evidence,
    _column_by_name,
)
"""What holds beside masks, too."""

_BY_CELLS: tuple[_Rule, ...] = (
    _column_of_sample_words,
    _mean_of_all_opinions,
    _number_in_names,
    _column_that_test_lacks,
    _column_of_known_targets,
    _column_of_most_evidence,
    # Before places and widths are taken for grades, measures or classes.
    _sides_of_a_box,
    # Before bits: two of these beside a grade are no list.
    _grade_beside_two_questions,
    _columns_of_bits,
    _column_of_lists,
    _grade,
    # From here on nothing but its place and its number of values speaks for a column.
    _last_column_of_varied_numbers,
    _last_column_of_fractions,
    _numbers_as_in_sample,
    _column_of_lists_of_few_names,
    _last_column_of_few_values,
    _column_of_a_plural,
    _last_column_of_numbers,
)
"""What cells show where neither the sample nor a name does; the surer rule comes first."""


def find_left_label(table: pd.DataFrame, used: Collection[str]) -> InferredLabels | None:
    """Return the label where nothing shows it but that other columns are none; None without one.

    Of several columns the last one, with the others as what may be it; groups, splits and, beside
    others, facts are none, nor are texts of which no two rows have the same, and lists of numbers.

    Args:
        table: of train.
        used: the columns that name images.
    """
    left = []
    for column in map(str, table.columns):
        cells = known_cells(table[column])
        is_measured = numbers_of(table[column]) is not None
        repeats = is_measured or cells.nunique() < len(cells)
        repeats &= not cells.str.fullmatch(_SEVERAL_NUMBERS).any()
        if column not in used and cells.nunique() > 1 and repeats and not is_group_name(column):
            left.append(column)
    left = [one for one in left if not names_parts(table[one])]
    chosen = [one for one in left if not is_fact_or_group(one)] or left
    if not chosen or name_words(chosen[-1]) == ["id"]:
        return None
    last = "the only column" if len(left) == 1 else "the last column"
    found = labels_of_column(
        table, chosen[-1], False, f"{chosen[-1]} is {last} that may be the label"
    )
    return replace(found, columns=tuple(one for one in left if one != chosen[-1]))


_SEVERAL_NUMBERS = r"\W*\d[\d.]*(?:[\s,;]+-?\d[\d.]*)+\W*"


def _are_findings(cells: Sequence[str]) -> bool:
    """Return whether a few words are findings: one of them stands for none.

    Any fact may have `False` or `no`, for whether something is so.
    """
    words = [set(name_words(cell)) for cell in cells]
    return 1 < len(words) <= _MOST_FINDINGS and any(one & _FOUND_NOTHING for one in words)


_MOST_FINDINGS = 6
_FOUND_NOTHING = frozenset({"negative", "neg", "normal", "healthy", "benign", "undamaged"})


def _mean_of_opinions(
    table: pd.DataFrame, columns: Sequence[str], fractions: bool
) -> InferredLabels | None:
    """Return the mean of opinions that are counted beside it, with other numbers; or None."""
    counted, averaged = find_counted_mean(table, columns), find_averaged(table, columns)
    if counted is not None:
        mean, made = counted.column, {*counted.counts, *counted.made}
        why = f"{mean} is the mean of the opinions that {counted.counts[0]} and the like count"
    elif averaged is not None:
        mean, spread, of_people = averaged
        made, why = {spread, *of_people}, f"by its name, {mean} is a mean of opinions"
    else:
        return None
    found = labels_of_column(table, mean, fractions, why)
    rivals = [one for one in columns if one != mean and one not in made]
    rivals = [one for one in rivals if holds_numbers(table[one])]
    return replace(found, columns=tuple(rivals), is_counted=True)


def _with_others(labels: InferredLabels, columns: Sequence[str]) -> InferredLabels:
    """Return the labels with the other columns of numbers, as the sample's name is of none."""
    others = [one for one in columns if one != labels.column and not is_fact_or_group(one)]
    return replace(labels, columns=tuple(dict.fromkeys((*labels.columns, *others))))


def _called_alike(wanted: str, table: pd.DataFrame, numbers: bool) -> str | None:
    """Return the one column that has a word of `wanted`, as level_cm has of level_m; None without.

    Words that stand in names of labels of any kind do not count.

    Args:
        wanted: a column of the sample submission.
        table: the columns that may be the label.
        numbers: whether the sample's values are numbers, so that a column of words is hardly it.
    """
    words = {word for word in name_words(wanted) if len(word) > _SHORT} - meaning_words("label")
    found = [
        str(column)
        for column in table.columns
        if words & set(name_words(str(column)))
        and not (numbers and numbers_of(table[column]) is None)
    ]
    return found[0] if len(found) == 1 else None


def possible_labels(table: pd.DataFrame, used: Sequence[str]) -> list[str]:
    """Return the columns that differ by row, and are no split, group or fact by their names.

    Facts of files, as hashes, are none either.
    """
    return [
        column
        for column in map(str, table.columns)
        if column not in used
        and table[column].nunique() > 1
        and not is_fact_or_group(column)
        and not is_about_the_file(column, table[column])
        and not names_parts(table[column])
    ]


def _with_rivals(
    labels: InferredLabels, table: pd.DataFrame, columns: Sequence[str]
) -> InferredLabels:
    """Return the labels with the columns of `columns` that may be the label instead.

    Nothing but a sample submission shows which of a class and a number is asked for: a column of
    words beside a number is a rival, and a column of numbers beside words; so is a column that
    numbers classes, as 0, 1, 2, beside fractions, and fractions beside it. What is seldom asked for
    is a rival of what is as seldom asked for.
    """
    own = table[str(labels.column)]
    is_fact = bool(FACT_WORDS & set(name_words(str(labels.column))))
    is_word = numbers_of(own) is None
    is_class, is_measure = may_number_classes(own), has_fractions(own)
    rivals = []
    for column in columns:
        numbers = numbers_of(table[column])
        if column == labels.column or (is_fact_or_group(column) and not is_fact):
            continue
        few = 1 < table[column].nunique() <= max(2, len(table) // 5)
        is_other = (is_class and has_fractions(table[column])) or (
            is_measure and may_number_classes(table[column]) and not is_called(column, "count")
        )
        if is_other or (numbers is not None if is_word else numbers is None and few):
            rivals.append(column)
    return replace(labels, columns=tuple(rivals))


_MEAN_WORDS = frozenset({"mean", "average", "avg", "median", "value", "true", "target", "label"})


def _columns_of_numbers(table: pd.DataFrame, expected: Sequence[str]) -> InferredLabels | None:
    """Return the columns of numbers that the sample asks for, by name or by name and one ending.

    `X4, X11` of a sample are `X4_mean, X11_mean` of train, also where there is `X4_sd` as well; or
    `sugar` is `sugar (Brix)`, the one column with its words, or `Hoehe_cm` is `Höhe (cm)`.
    """
    asked = {*expected}
    numeric = {
        str(name)
        for name in table.columns
        if holds_numbers(table[name]) or (name in asked and numbers_of(table[name]) is not None)
    }
    endings = [name[len(expected[0]) :] for name in table.columns if name.startswith(expected[0])]
    fitting = {
        end: [f"{name}{end}" for name in expected]
        for end in endings
        if all(f"{name}{end}" in numeric for name in expected)
    }
    kind = _kind_of_numbers()
    if not fitting:
        spelt = [column_spelt_as(name, map(str, table.columns)) for name in expected]
        called = spelt if all(spelt) else [column_called(name, table) for name in expected]
        numeric |= {one for one in spelt if one and numbers_of(table[one]) is not None}
        if not {*called} <= numeric or len({*called}) < len(expected):
            return None
        why = f"the sample submission asks for {some(expected)}, and {some(called)} hold numbers"
        return InferredLabels(kind, called, list(expected), why)
    if "" in fitting:
        why = "the sample submission asks for these columns, which hold numbers"
        return InferredLabels(kind, fitting[""], list(expected), why)
    usual = [end for end in fitting if _MEAN_WORDS & set(name_words(end))]
    first = usual[0] if len(usual) == 1 else next(iter(fitting))
    others = () if len(usual) == 1 else tuple(v for end, v in fitting.items() if end != first)
    why = f"the sample submission asks for these columns, which train has with {first!r} behind"
    return InferredLabels(kind, fitting[first], list(expected), why, columns=others)


def _kind_of_numbers() -> Kind:
    """Return the kind of labels that are a number in each of several columns."""
    return next(one for one in map(image_kind, kind_names(IMAGES)) if one.is_by_column)
