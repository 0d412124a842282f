"""Labels that are sets of classes: 0 or 1 for each, -1 where it is unknown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.truths.annotator_labels import NO_CLASSES, class_separator, match_spaces
from podium.competition.truths.labels import BITS, cells_at, unknown_classes
from podium.competition.truths.targets import MISSING_NUMBERS, Lines
from podium.errors import DataError, either, some
from podium.tasks.kinds.classify._rows import targets as of_rows
from podium.tasks.kinds.classify._rows.targets import refuse_unknown

if TYPE_CHECKING:
    import pandas as pd

    from podium.competition.spec import Competition

_UNKNOWN = frozenset({"-1", "-1.0"})
UNKNOWN_SIGN = "?"
"""What a person writes before the name of a class of which nobody knows whether it is there."""


def read_cells(
    cells: Sequence[str],
    competition: Competition,
    lines: Lines,
    problems: list[str],
    may_lack: NDArray[np.bool_],
) -> list[Any]:
    """Return uint8 `(C,)` of each cell: which classes it names.

    An empty one names none, and so does one that is the table's word for it, or `submission.empty`
    without such, if no class is called so.
    """
    word = competition.data.train.label_none
    word = competition.submission.empty if word is None else word
    index = {name: number for number, name in enumerate(competition.classes)}
    separator = competition.data.train.label_sep
    labels: list[Any] = []
    unknown: dict[int, set[str]] = {}
    for row, cell in enumerate(cells):
        label = np.zeros(len(index), dtype=np.uint8)
        named = {part.strip() for part in cell.split(separator)} - {""}
        if cell.strip() == word and cell.strip() not in index:
            named = set()
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
    problems += unknown_classes(cells, list(unknown), competition, lines, split)
    return labels


def read_columns(
    cells: pd.DataFrame, competition: Competition, lines: Lines, problems: list[str]
) -> list[Any]:
    """Return the label `(C,)` of each row of columns of 0 and 1, or of marks, one a class.

    It is uint8; int8 with -1 where a cell is unknown: -1, or blank in a column that has a 0 (in
    another one a blank cell is a 0: who marks alone what is there writes none).
    """
    is_blank = cells.isin(list(MISSING_NUMBERS))
    is_unknown = is_blank | cells.isin(list(_UNKNOWN))
    bits = cells.apply(lambda column: column.map(BITS))
    if not is_unknown.any(axis=None) or not (bits.notna() | is_unknown).all(axis=None):
        return of_rows.read_columns(cells, competition, lines, problems)
    is_zero = is_blank & ~(bits == 0).any() & bits.notna().any()
    is_unknown &= ~is_zero
    nothing = np.flatnonzero(is_unknown.all(axis=1))
    if len(nothing):
        texts = [",".join(row) for row in cells.astype(str).to_numpy()]
        problems.append(
            f"{either(len(nothing), 'row has', 'rows have')} no label in any of "
            f"{some(list(map(str, cells)))}: "
            f"{cells_at(texts, nothing, lines)}; move images without labels to data.unlabelled"
        )
        return [None] * len(cells)
    found = bits.mask(is_zero, 0).mask(is_unknown, -1).to_numpy(dtype=np.int8)
    return [row if (row < 0).any() else row.astype(np.uint8) for row in found]


def as_array(labels: pd.Series[Any], n_classes: int) -> NDArray[Any]:
    """Return uint8 `(N, C)`; int64 where some cell, or a whole label, is unknown: -1."""
    nothing = np.full(n_classes, -1)
    rows = [nothing if label is None else label for label in labels]
    found = np.array(rows, dtype=np.int64).reshape(len(rows), n_classes)
    return found if (found < 0).any() else found.astype(np.uint8)


def format_label(competition: Competition, label: Any) -> str:
    """Return the names of the classes, with "?" before those that are unknown; or `NO_CLASSES`."""
    signs = {1: "", -1: UNKNOWN_SIGN}
    named = [
        signs[int(one)] + name
        for name, one in zip(competition.classes, label, strict=True)
        if int(one) in signs
    ]
    return class_separator(competition).join(named) or NO_CLASSES


def parse_label(competition: Competition, text: str) -> Any:
    """Return `(C,)` of the named classes, -1 of those with "?" before their names.

    Raises:
        DataError: a name is of no class, none is named, or all are unknown.
    """
    names = competition.label_names
    parts = [] if text.strip() == NO_CLASSES else text.split(class_separator(competition))
    named = [match_spaces(part, names) for part in parts if part.strip()]
    if parts and not named:
        raise DataError(f"there is no class in {text!r}", fix=f"write {NO_CLASSES} for none")
    unknown = {
        match_spaces(name.removeprefix(UNKNOWN_SIGN), names)
        for name in named
        if name.startswith(UNKNOWN_SIGN) and name not in names
    }
    named = [name for name in named if name in names or not name.startswith(UNKNOWN_SIGN)]
    for name in (*named, *unknown):
        refuse_unknown(name, names, text)
    found = [-1 if name in unknown else int(name in named) for name in names]
    if set(found) == {-1}:
        raise DataError(f"no class is known in {text!r}", fix="leave the cell empty")
    return np.array(found, dtype=np.int8 if unknown else np.uint8)
