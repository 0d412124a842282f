"""Labels from the cells of a train table, or from the folder names of a pattern."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.checks.mask_facts import classes_in_masks
from podium.competition.spec import Competition
from podium.errors import DataError, some
from podium.workspace.layout import Workspace

__all__ = ["class_counts", "format_range", "labels_of_masks", "read_labels"]

Lines = NDArray[np.int64] | None
_BITS = {"0": 0, "1": 1, "0.0": 0, "1.0": 1, "False": 0, "True": 1, "false": 0, "true": 1}


def read_labels(
    table: pd.DataFrame,
    competition: Competition,
    lines: Lines,
    *,
    has_mask: NDArray[np.bool_] | None = None,
    complete: bool = True,
) -> tuple[list[Any], list[str]]:
    """Return the label of each row and the problems found, a sentence each.

    Labels are class indices (multiclass, binary; -1 for `open_set`), uint8 `(C,)` (multilabel) or
    floats (regression); None where the cell holds none. A row with a mask may have no label: its
    cell is empty, or every cell of several columns is. An empty cell of a multilabel column means:
    none of the classes.

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
        found = _from_bits(
            known, competition, None if lines is None else lines[~is_empty], problems
        )
        labels = [None] * len(table)
        for row, label in zip(np.flatnonzero(~is_empty), found, strict=True):
            labels[row] = label
    else:
        cells = list(table["class" if column is None else column])
        if competition.kind == "regression":
            labels = _numbers(cells, lines, problems, may_lack)
        elif competition.kind == "multilabel":
            labels = _sets(cells, competition, lines, problems)
        else:
            labels = _indices(cells, competition, lines, problems, may_lack)
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
    if competition.kind == "binary":
        labels = [None if has is None else int(has.any()) for has in found]
    problems = _absent(labels, competition) if complete else []
    if problems:
        raise DataError(f"labels that are read off the masks: {problems[0]}", where="data.train")
    return labels


def _from_bits(
    cells: pd.DataFrame, competition: Competition, lines: Lines, problems: list[str]
) -> list[Any]:
    bits = cells.apply(lambda column: column.map(_BITS))
    for name in cells.columns[bits.isna().any()]:
        rows = np.flatnonzero(bits[name].isna())
        problems.append(f"column {name!r} holds 0 and 1, got {_at(list(cells[name]), rows, lines)}")
    if problems:
        return [None] * len(cells)
    array = bits.to_numpy(dtype=np.uint8)
    if competition.kind == "multilabel":
        return list(array)
    rows = np.flatnonzero(array.sum(axis=1) != 1)
    if len(rows):
        at = _at(["".join(map(str, bits)) for bits in array], rows, lines)
        problems.append(f"{len(rows):,} rows do not have exactly one 1 in the label columns: {at}")
    return [int(index) for index in array.argmax(axis=1)]


def _numbers(
    cells: Sequence[str], lines: Lines, problems: list[str], may_lack: NDArray[np.bool_]
) -> list[Any]:
    numbers = pd.to_numeric(pd.Series(cells, dtype=str), errors="coerce").to_numpy(np.float64)
    is_lacking = may_lack & np.array([cell == "" for cell in cells], dtype=bool)
    rows = np.flatnonzero(~np.isfinite(numbers) & ~is_lacking)
    if len(rows):
        problems.append(f"{len(rows):,} labels are no numbers: {_at(cells, rows, lines)}")
    huge = np.flatnonzero(np.isfinite(numbers) & (np.abs(numbers) > np.finfo(np.float32).max))
    if len(huge):
        problems.append(
            f"{len(huge):,} labels are too large for a network (float32): {_at(cells, huge, lines)}"
        )
    return [None if lacks else number for number, lacks in zip(numbers, is_lacking, strict=True)]


def _sets(
    cells: Sequence[str], competition: Competition, lines: Lines, problems: list[str]
) -> list[Any]:
    index = {name: number for number, name in enumerate(competition.classes)}
    separator = competition.data.train.label_sep
    labels = []
    unknown: dict[int, set[str]] = {}
    for row, cell in enumerate(cells):
        label = np.zeros(len(index), dtype=np.uint8)
        named = {part.strip() for part in cell.split(separator)} - {""}
        label[[index[name] for name in named if name in index]] = 1
        labels.append(label)
        if not named <= index.keys():
            unknown[row] = named - index.keys()
    # Of a cell that is the name of a class, too, only the split explains why it is unknown.
    parts = some(sorted(set().union(*unknown.values())))
    split = (
        f"split at {separator!r} (data.train.label_sep), the cells name {parts}, which is not in "
        "classes: mend classes, or set label_sep to what stands between two labels; "
    )
    _report_unknown(cells, list(unknown), competition, lines, problems, split)
    return labels


def _indices(
    cells: Sequence[str],
    competition: Competition,
    lines: Lines,
    problems: list[str],
    may_lack: NDArray[np.bool_],
) -> list[Any]:
    names = competition.classes or ["0", "1"]
    index = {name: number for number, name in enumerate(names)}
    if competition.open_set is not None:
        index[competition.open_set] = -1
    labels = [index.get(cell) for cell in cells]
    if not competition.classes:
        labels = [_BITS.get(cell) for cell in cells]
    empty = np.flatnonzero(np.array([cell == "" for cell in cells], dtype=bool) & ~may_lack)
    if len(empty):
        neither = "neither a label nor a mask" if may_lack.any() else "no label"
        problems.append(
            f"{len(empty):,} rows have {neither}: {_at(cells, empty, lines)}; "
            "move images without labels to data.unlabelled"
        )
    unknown = [row for row, label in enumerate(labels) if label is None and cells[row] != ""]
    _report_unknown(cells, unknown, competition, lines, problems)
    return labels


def _report_unknown(
    cells: Sequence[str],
    rows: list[int],
    competition: Competition,
    lines: Lines,
    problems: list[str],
    split: str = "",
) -> None:
    if rows:
        known = some(competition.classes or ["0", "1"], limit=20)
        none = competition.submission.unknown
        hint = f"; write open_set: {none} if it is none of the classes" if none in cells else ""
        problems.append(
            f"{len(rows):,} rows name an unknown class: {_at(cells, np.array(rows), lines)}; "
            f"{split}classes has {known}{hint}"
        )


def _absent(labels: list[Any], competition: Competition) -> list[str]:
    if competition.kind == "regression":
        return []
    known = [label for label in labels if label is not None]
    if competition.kind == "multilabel":
        seen = {int(c) for label in known for c in np.flatnonzero(label)}
    else:
        seen = set(known)
    names = competition.classes or ["0", "1"]
    absent = [name for number, name in enumerate(names) if number not in seen]
    if not absent:
        return []
    return [
        f"classes without a row in train: {some(absent)}; a model cannot be trained on them: "
        "take them out of classes, or mend their names"
    ]


def _at(cells: Sequence[str], rows: NDArray[Any], lines: Lines) -> str:
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
    if competition.kind == "multilabel":
        table = np.array(list(known), dtype=np.int64).reshape(-1, len(competition.classes))
        return competition.classes, table.sum(axis=0)
    names = competition.classes or ["0", "1"]
    codes = known.astype(int).to_numpy()
    return names, np.bincount(codes[codes >= 0], minlength=len(names))


def format_range(labels: pd.Series[Any]) -> str:
    """Return how far the labels of a regression reach."""
    values = labels.astype(float)
    return f"least {values.min():g}, median {values.median():g}, most {values.max():g}"
