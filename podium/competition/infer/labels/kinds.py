"""The kind of labels that the cells of a column are."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from podium.competition.infer.labels.cells import (
    are_ratings,
    hardly_repeats,
    is_measure,
    known_cells,
    numbers_of,
    sort_classes,
)
from podium.competition.infer.labels.column_names import PLURALS, RATING_WORDS
from podium.competition.infer.labels.lists import (
    find_separator,
    possible_lists,
    separator_as_written,
    separator_of_a_plural,
    split_cells,
    word_for_none,
)
from podium.competition.languages import is_called
from podium.competition.spelling import name_words
from podium.competition.truths.targets import recognised_kind
from podium.errors import plural
from podium.tasks.protocols.find import image_kind
from podium.tasks.protocols.kind import Kind

__all__ = [
    "NOT_CERTAIN",
    "InferredLabels",
    "NumberLimits",
    "as_ratings",
    "labels_of_bits",
    "labels_of_column",
    "limits_of_numbers",
]

NOT_CERTAIN = ": likely, and not certain; multiclass if they are mere names"
"""Behind the reason of ratings that no text calls so."""
_X = re.compile(r"(?<![a-z])x(?![a-z])")


@dataclass(frozen=True)
class InferredLabels:
    """The inferred target of the prediction, and the reason for it."""

    kind: Kind
    column: str | list[str]
    classes: list[str]
    why: str
    separator: str | None = None
    other: tuple[Kind, str] | None = None
    """Another kind that fits as well, and why."""
    as_lists: tuple[str, list[str]] | None = None
    """Separator and names of the lists that the cells may be as well."""
    none: str = ""
    """Of lists: a cell for no class, or a class of its own; `classes` has it then."""
    is_none_sure: bool = False
    """Whether it is sure which of both."""
    columns: tuple[str | list[str], ...] = ()
    """Other columns that may be the label, where nothing but its values shows which is."""
    is_counted: bool = False
    """Whether it is a mean of opinions that are counted beside it."""
    is_guess: bool = False
    """Whether its kind is likely, and not certain."""
    open_order: str = ""
    """Where the classes are ratings and nothing proves their order: the order that they have."""

    @property
    def column_names(self) -> list[str]:
        """The columns of the labels, one or more."""
        return [self.column] if isinstance(self.column, str) else self.column

    @property
    def rival_names(self) -> list[str]:
        """The columns that may be the label as well, each by itself."""
        each = [[one] if isinstance(one, str) else one for one in self.columns]
        return [name for names in each for name in names]

    @property
    def are_positions(self) -> bool:
        """Whether columns of numbers are coordinates by their names: each x has its y."""
        if not self.kind.is_by_column:
            return False
        names = {name.lower() for name in self.classes}
        return any(
            _X.search(name) is not None and _X.sub(lambda x: x[0].replace("x", "y"), name) in names
            for name in names
        )


def labels_of_bits(table: pd.DataFrame, columns: list[str], why: str) -> InferredLabels:
    """Return columns of 0 and 1 as the labels: one class a row, or any number of them.

    Where a cell is blank, it is any number: one class would be known to be there or not.
    """
    if (table[columns] == "").any(axis=None):
        why = f"{why}, or nothing where it is unknown, and a row may have several 1s or none"
        return InferredLabels(image_kind("multilabel"), columns, columns, why)
    sums = table[columns].astype(float).sum(axis=1)
    if bool((sums == 1).all()):
        return InferredLabels(
            image_kind("multiclass"), columns, columns, f"{why}, and every row has exactly one 1"
        )
    return InferredLabels(
        image_kind("multilabel"), columns, columns, f"{why}, and a row may have several 1s or none"
    )


def labels_of_column(table: pd.DataFrame, column: str, fractions: bool, why: str) -> InferredLabels:
    """Return one column as the labels, of the kind that its cells and its name show.

    Args:
        table: of train.
        column: one of its columns.
        fractions: whether the sample submission has fractions.
        why: the reason for the column.
    """
    cells = known_cells(table[column])
    values = cells.unique()
    kind = recognised_kind(column, cells)
    if kind is not None:
        classes = [] if kind.refuses_classes else sort_classes(list(values))
        return InferredLabels(kind, column, classes, f"{why}, and its values fit the name")
    separator, example = find_separator(cells), ""
    if separator is None and PLURALS & set(name_words(column)):
        separator, example = separator_of_a_plural(list(values))
    if separator is not None:
        parts = {part for one in split_cells(values, separator) for part in one}
        separator = separator_as_written(cells, separator)
        shown = "a space" if separator == " " else f"'{separator}'"
        reason = f"{why}, and its cells hold several names separated by {shown}{example}"
        none, is_called_so = word_for_none(cells, separator)
        if none:
            reason += f"; {none!r} stands beside no other name"
        classes = sort_classes(list(parts - {none} if is_called_so else parts))
        return InferredLabels(
            image_kind("multilabel"), column, classes, reason, separator, none=none
        )
    if is_measure(cells, fractions):
        return InferredLabels(
            image_kind("regression"), column, [], f"{why}, and its values are measures"
        )
    is_amount = is_called(column, "count")
    is_counted = is_amount and len(values) > 2 and numbers_of(cells) is not None
    step = _step_of_shares(values)
    if is_counted or step or hardly_repeats(_one_a_group(table, column)):
        other = (image_kind("multiclass"), "if the numbers are names; write classes as well")
        numbers = "by its name it counts" if is_counted else "its whole numbers hardly repeat"
        numbers = (
            f"its numbers are 0 to 100 in steps of {step}, as percents are" if step else numbers
        )
        reason = f"{why}, and {numbers}"
        return InferredLabels(image_kind("regression"), column, [], reason, other=other)
    if len(values) == 2:
        reason = f"{why}, and it has two values"
        return InferredLabels(image_kind("binary"), column, sort_classes(list(values)), reason)
    classes = sort_classes(list(values))
    if RATING_WORDS & set(name_words(column)) and are_ratings(classes):
        reason = (
            f"{why}, its values are {classes[0]} to {classes[-1]}, and by its name they ascend"
            f"{NOT_CERTAIN}"
        )
        return InferredLabels(image_kind("ordinal"), column, classes, reason, is_guess=True)
    reason = f"{why}, and every row names one of {plural(len(values), 'value')}"
    as_lists = possible_lists(cells)
    none = "" if as_lists is None else word_for_none(cells, as_lists[0])[0]
    return InferredLabels(
        image_kind("multiclass"), column, classes, reason, as_lists=as_lists, none=none
    )


_FEWEST_STEPS = 6


def _step_of_shares(values: Collection[str]) -> int:
    """Return the step of numbers that are parts of 100 in even steps, some left out; 0 else.

    They begin with 0, end with 100, and most of those between are there.
    """
    if len(values) < _FEWEST_STEPS or not all(map(str.isdecimal, values)):
        return 0
    numbers = sorted(map(int, values))
    step = math.gcd(*numbers)
    is_share = numbers[0] == 0 and numbers[-1] == 100 and 1 < step < 100
    return step if is_share and 2 * (len(numbers) - 2) > 100 // step - 1 else 0


class NumberLimits(NamedTuple):
    """The least and the greatest number that may be predicted."""

    least: float
    most: float | None
    why: str


def limits_of_numbers(
    table: pd.DataFrame,
    labels: InferredLabels,
    told: str,
    told_limits: Callable[[float, float], tuple[float, float, str] | None],
) -> NumberLimits | None:
    """Return the numbers that may be predicted, from 0 or as a text states; None where none does.

    Numbers of which none is below 0 are amounts where they are whole, where some are 0, or where a
    text states it. Places in an image may lie outside it.

    Args:
        table: of train.
        labels: of train.
        told: which text states that no number is below 0, and its words; "" where none does.
        told_limits: returns the limits that a text names for numbers of train from a least to a
            greatest one, and why.
    """
    kind = labels.kind
    if not kind.is_continuous or kind.is_circular or labels.are_positions:
        return None
    each = [numbers_of(table[column]) for column in labels.column_names]
    numbers = [one for one in each if one is not None]
    if len(numbers) < len(each):
        return None
    low, high = min(one.min() for one in numbers), max(one.max() for one in numbers)
    if (limits := told_limits(low, high)) is not None:
        return NumberLimits(*limits)
    are_amounts = [one.min() == 0 or bool((one % 1 == 0).all()) for one in numbers]
    if low < 0 or not (told or all(are_amounts)):
        return None
    return NumberLimits(0, None, f"train has none below 0{told and f', and {told}'}")


def as_ratings(labels: InferredLabels, table: pd.DataFrame, why: str) -> InferredLabels:
    """Return labels of a known competition as ratings, where they are whole numbers."""
    is_name_or_number = labels.kind.is_exclusive or labels.kind.is_continuous
    if not is_name_or_number or not isinstance(labels.column, str):
        return labels
    cells = table[labels.column]
    values = set(cells) - {""}
    if not all(re.fullmatch(r"\d+", value) for value in values):
        return labels
    classes = sort_classes(list(values))
    if not are_ratings(classes):
        return labels
    return InferredLabels(image_kind("ordinal"), labels.column, classes, f"{labels.why}, and {why}")


def _one_a_group(table: pd.DataFrame, column: str) -> pd.Series[str]:
    """Return the cells without those that a group has again, as all images of a unit have one."""
    for other in table.columns:
        if other != column and is_called(str(other), "group"):
            each = table.drop_duplicates([other, column])
            if len(each) < 0.8 * len(table):
                return each[column]
    return table[column]
