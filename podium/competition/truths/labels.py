"""Labels from the cells of a train table, or from the folder names of a pattern."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.checks.mask_facts import classes_in_masks
from podium.competition.spec import Competition
from podium.competition.truths.targets import Lines, targets_of
from podium.errors import DataError, either, some
from podium.tasks.protocols.outputs import OUTPUT_SIGN
from podium.workspace.layout import Workspace

__all__ = [
    "BITS",
    "cells_at",
    "class_counts",
    "format_range",
    "format_unknown",
    "labels_of_masks",
    "read_labels",
    "some_counts",
    "unknown_classes",
]

BITS = {"0": 0, "1": 1, "0.0": 0, "1.0": 1, "False": 0, "True": 1, "false": 0, "true": 1}
"""What cells of 0 and 1 hold."""
LACKING = "what is a class belongs there, too"
MISSPELT = "in classes, write"
IS_NO_GRADE = "which are numbers in order"
_MOST_COLUMNS = 8  # whose range, or number of unknown cells, is printed


def read_labels(
    table: pd.DataFrame,
    competition: Competition,
    lines: Lines,
    *,
    has_mask: NDArray[np.bool_] | None = None,
    complete: bool = True,
) -> tuple[list[Any], list[str]]:
    """Return the label of each row and the problems found, a sentence each.

    Labels are class indices (multiclass, binary; -1 for `open_set`), uint8 `(C,)` or, with -1 where
    a class is unknown, int8 (multilabel), floats (regression), or float64 `(C,)` with nan
    (multitarget); None where the cell holds none. A row with a mask may have no label: its cell is
    empty, or every cell of several columns is. An empty cell of a multilabel list means: none of
    the classes.

    Args:
        competition: defines the label columns, the kind of the task and the classes.
        table: the cells as text; a pattern's `{class}` is a column like any other.
        lines: the rows' lines in the file, named in the problems; None when there is no file.
        has_mask: `(N,)`, whether the row has a mask; None: none has.
        complete: whether every class must have a row.
    """
    column = competition.data.train.label
    may_lack = np.zeros(len(table), dtype=bool) if has_mask is None else has_mask
    problems: list[str] = []
    labels: list[Any]
    if isinstance(column, list):
        is_empty = may_lack & (table[column] == "").all(axis=1).to_numpy()
        known = table[column][~is_empty]
        found = targets_of(competition.kind).read_columns(
            known, competition, None if lines is None else lines[~is_empty], problems
        )
        labels = [None] * len(table)
        for row, label in zip(np.flatnonzero(~is_empty), found, strict=True):
            labels[row] = label
    else:
        cells = list(table["class" if column is None else column])
        labels = targets_of(competition.kind).read_cells(
            cells, competition, lines, problems, may_lack
        )
    if complete and not problems:
        problems += _absent(labels, competition)
    return labels, problems


def labels_of_masks(
    workspace: Workspace,
    competition: Competition,
    samples: pd.DataFrame,
    *,
    complete: bool = True,
) -> list[Any]:
    """Return the label of each sample from its mask, None where there is none.

    binary: is there any foreground? multilabel: of which classes is there any?

    Raises:
        DataError: a mask cannot be read, or, if labels must be `complete`, a class is in no mask,
            or (binary) in every one.
    """
    found = classes_in_masks(workspace, competition, samples)
    labels: list[Any] = list(found)
    if competition.kind.is_yes_no:
        labels = [None if has is None else int(has.any()) for has in found]
    problems = _absent(labels, competition) if complete else []
    if problems:
        raise DataError(f"labels that are read off the masks: {problems[0]}", where="data.train")
    return labels


def unknown_classes(
    cells: Sequence[str],
    rows: list[int],
    competition: Competition,
    lines: Lines,
    split: str = "",
) -> list[str]:
    """Return a sentence on the cells that name an unknown class, `[]` where `rows` are none.

    Args:
        cells: of the label column.
        rows: of `cells`, those that do.
        competition: with the classes.
        lines: of the cells.
        split: how a cell was split into names, where it was.
    """
    if not rows:
        return []
    known = some(competition.label_names, limit=20)
    none = competition.submission.unknown
    hint = f"; write open_set: {none} if it is none of the classes" if none in cells else ""
    if not (hint or split or competition.kind.is_yes_no):
        absent = list(dict.fromkeys(cells[row] for row in rows))
        hint = _misspelt(absent, cells, competition.label_names)
        if not hint and _are_words_among_grades(absent, competition):
            hint = f", {IS_NO_GRADE}"
        hint = hint or f"; {LACKING}: {some(absent, limit=20)}"
    return [
        f"{either(len(rows), 'row names', 'rows name')} an unknown class: "
        f"{cells_at(cells, np.array(rows), lines)}; "
        f"{split}classes has {known}{hint}"
    ]


def _are_words_among_grades(absent: Sequence[str], competition: Competition) -> bool:
    """Return whether the classes are numbers in order, and what is none of them are no numbers."""
    are_numbers = all(map(_is_number, competition.label_names))
    return competition.kind.is_ordered and are_numbers and not any(map(_is_number, absent))


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _misspelt(absent: Sequence[str], cells: Sequence[str], classes: Sequence[str]) -> str:
    """Return which classes without a row are near to what rows name instead; "" where not all are.

    Args:
        absent: what rows name and is no class.
        cells: of all rows.
        classes: as competition.yaml has them.
    """
    without_row = sorted({*classes} - {*cells})
    pairs = [(name, difflib.get_close_matches(name, without_row, n=1)) for name in absent]
    if not all(near for _, near in pairs):
        return ""
    spelt = ", ".join(f"{name!r} in place of {near[0]!r}" for name, near in pairs)
    return f"; {MISSPELT} {spelt}, which no row has"


def _absent(labels: list[Any], competition: Competition) -> list[str]:
    if competition.kind.is_continuous:
        return []
    known = [label for label in labels if label is not None]
    if competition.kind.is_by_class:
        seen = {int(c) for label in known for c in np.flatnonzero(np.asarray(label) == 1)}
    else:
        seen = set(known)
    names = competition.label_names
    absent = [name for number, name in enumerate(names) if number not in seen]
    if competition.kind.is_by_output:
        # A class that outputs share is rightly spelt where one of them has it: it is rare there.
        of_some = {names[number].partition(OUTPUT_SIGN)[2] for number in seen}
        absent = [name for name in absent if name.partition(OUTPUT_SIGN)[2] not in of_some]
    if not absent:
        return []
    return [
        f"classes without a row in train: {some(absent)}; a model cannot be trained on them: "
        "take them out of classes, or mend their names"
    ]


def cells_at(cells: Sequence[str], rows: NDArray[Any], lines: Lines) -> str:
    """Return a few of the cells at `rows`, with their lines, as text."""
    if lines is None:
        return some(dict.fromkeys(cells[row] for row in rows))
    shown = ", ".join(f"{cells[row]!r} (line {lines[row]})" for row in rows[:5])
    return shown if len(rows) <= 5 else f"{shown} and {len(rows) - 5:,} more"


def class_counts(
    competition: Competition, labels: pd.Series[Any]
) -> tuple[list[str], NDArray[np.int64]]:
    """Return the classes, and how many of `labels` each has; those of none of them count nowhere.

    Args:
        competition: with labels of classes.
        labels: as samples have them.
    """
    known = labels.dropna()
    if competition.kind.is_by_class:
        table = np.array(list(known), dtype=np.int64).reshape(-1, len(competition.classes))
        return competition.classes, (table == 1).sum(axis=0)
    names = competition.label_names
    codes = known.astype(int).to_numpy()
    return names, np.bincount(codes[codes >= 0], minlength=len(names))


def format_unknown(competition: Competition, labels: pd.Series[Any]) -> str:
    """Return how many labels of which classes are unknown where others of their row are known.

    Args:
        competition: with labels of classes.
        labels: as samples have them.

    Returns:
        "" where there are none.
    """
    known = labels.dropna()
    if not competition.kind.is_by_class or not len(known):
        return ""
    table = np.array(list(known), dtype=np.int64).reshape(-1, len(competition.classes))
    counts = (table < 0).sum(axis=0).tolist()
    return some_counts(dict(zip(competition.classes, counts, strict=True)))


def some_counts(counts: Mapping[str, int]) -> str:
    """Return the names of the highest counts with these, without those of 0.

    Example:
        >>> some_counts({"a": 3, "b": 0, "c": 1200})
        'c 1,200, a 3'
    """
    ordered = sorted(((n, name) for name, n in counts.items() if n), key=lambda one: -one[0])
    shown = [f"{name} {n:,}" for n, name in ordered[:_MOST_COLUMNS]]
    more = len(ordered) - _MOST_COLUMNS
    return ", ".join(shown + ([f"{more} more"] if more > 0 else []))


def format_range(labels: pd.Series[Any], names: Sequence[str] = ()) -> str:
    """Return how far labels that are numbers reach; of several columns, each by its name."""
    values = pd.DataFrame(list(labels.dropna()), columns=list(names) or None, dtype=float)
    each = [
        f"least {one.min():g}, median {one.median():g}, most {one.max():g}"
        + (f", {n:,} without" if (n := int(one.isna().sum())) else "")
        for _, one in values.items()
    ]
    if not names:
        return each[0]
    named = [f"{name}: {one}" for name, one in zip(names, each, strict=True)]
    more = len(named) - _MOST_COLUMNS
    return "; ".join(named[:_MOST_COLUMNS] + ([f"{more} more columns"] if more > 0 else []))
