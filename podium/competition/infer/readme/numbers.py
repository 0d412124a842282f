"""Whole numbers that a README scores as numbers: ages and counts, which look like classes."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from podium.competition.infer.files import DataFolder
from podium.competition.infer.labels.cells import (
    MOST_GRADES,
    are_codes,
    known_cells,
    may_number_classes,
    numbers_of,
    sort_classes,
)
from podium.competition.infer.labels.column_names import is_label_name
from podium.competition.infer.labels.kinds import InferredLabels
from podium.competition.infer.readme.metrics import find_readme_metrics
from podium.competition.languages import meaning_words
from podium.competition.spelling import name_words
from podium.tasks.protocols.find import image_kind
from podium.tasks.protocols.names import IMAGES

__all__ = ["as_likely_numbers", "as_readme_classes", "as_readme_numbers"]

_NUMBERS = image_kind("regression")
_FEWEST_NUMBERS = 3  # of two, one may be the other's lack


def as_readme_numbers(
    folder: DataFolder, labels: InferredLabels, table: pd.DataFrame
) -> InferredLabels:
    """Return the labels as numbers, where a text names a metric of numbers and none of classes.

    They are one of several classes until then, each a number. Where no text names a metric, numbers
    are another reading of them, unless the column is called as classes are, or its values have no
    gap as these.

    Args:
        labels: of `table`.
        table: of train.
    """
    if not _are_numbered(labels, table):
        return labels
    if find_readme_metrics(folder, labels.kind, IMAGES):
        return labels
    named = find_readme_metrics(folder, _NUMBERS, IMAGES)
    if not named:
        return _with_other_reading(labels, table)
    why = f"{named[0].path} scores by {named[0].called!r}, which is of numbers"
    return _as_numbers(labels, why)


def as_readme_classes(
    folder: DataFolder, labels: InferredLabels, table: pd.DataFrame
) -> InferredLabels:
    """Return numbers as classes, where a text names a metric of classes and none of numbers.

    As codes of types, 4.1 and 5.2, are. They have few values, each in several rows.

    Args:
        folder, labels, table: as of `as_readme_numbers`.
    """
    kind = labels.kind
    if not kind.is_continuous or kind.is_circular or not isinstance(labels.column, str):
        return labels
    known = known_cells(table[labels.column])
    if not _FEWEST_NUMBERS <= known.nunique() <= len(known) // 3:
        return labels
    classes = image_kind("multiclass")
    named = find_readme_metrics(folder, classes, IMAGES)
    if not named or find_readme_metrics(folder, kind, IMAGES):
        return labels
    why = f"{labels.column} names classes, as {named[0].path} scores by {named[0].called!r}"
    values = sort_classes(list(known.unique()))
    return replace(labels, kind=classes, classes=values, why=why, other=None)


def as_likely_numbers(
    folder: DataFolder, labels: InferredLabels, table: pd.DataFrame
) -> InferredLabels:
    """Return the labels as numbers, where a text scores them so, or they have many values.

    For a draft, which a person completes: a text may score many values as classes.

    Args:
        folder, labels, table: as of `as_readme_numbers`.
    """
    found = as_readme_numbers(folder, labels, table)
    if not found.kind.is_exclusive or not _are_numbered(labels, table):
        return found
    n = len(labels.classes)
    if n <= MOST_GRADES or find_readme_metrics(folder, labels.kind, IMAGES):
        return labels
    return _as_numbers(labels, f"they are {n:,}; {labels.kind}, if each names a class")


def _are_numbered(labels: InferredLabels, table: pd.DataFrame) -> bool:
    """Return whether labels are one of several classes, each a number."""
    kind = labels.kind
    if not kind.is_exclusive or kind.is_ordered or not isinstance(labels.column, str):
        return False
    return len(labels.classes) >= _FEWEST_NUMBERS and numbers_of(table[labels.column]) is not None


def _with_other_reading(labels: InferredLabels, table: pd.DataFrame) -> InferredLabels:
    """Return the labels with numbers as another reading, where nothing shows classes."""
    assert isinstance(labels.column, str)
    is_class = is_label_name(labels.column) or meaning_words("code") & {*name_words(labels.column)}
    cells = table[labels.column]
    if is_class or may_number_classes(cells) or are_codes(cells) or labels.other is not None:
        return labels
    why = (
        "if the numbers are amounts; leave classes out, and write metric: {name: rmse} or another, "
        "and submission.value: scalar"
    )
    return replace(labels, other=(_NUMBERS, why))


def _as_numbers(labels: InferredLabels, told: str) -> InferredLabels:
    why = f"{labels.column} holds numbers, and {told}"
    return replace(
        labels, kind=_NUMBERS, classes=[], why=why, other=None, as_lists=None, open_order=""
    )
