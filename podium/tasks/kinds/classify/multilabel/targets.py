"""Labels that are sets of classes: 0 or 1 for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.truths.annotator_labels import NO_CLASSES, class_separator, match_spaces
from podium.competition.truths.labels import unknown_classes
from podium.competition.truths.targets import Lines
from podium.errors import DataError, some
from podium.tasks.kinds.classify._rows.targets import refuse_unknown

if TYPE_CHECKING:
    import pandas as pd

    from podium.competition.spec import Competition


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


def as_array(labels: pd.Series[Any], n_classes: int) -> NDArray[Any]:
    """Return uint8 `(N, C)`, or, with rows of -1 where there is no label, int64."""
    nothing = np.full(n_classes, -1)
    rows = [nothing if label is None else label for label in labels]
    dtype = np.int64 if labels.isna().any() else np.uint8
    return np.array(rows, dtype=dtype).reshape(len(rows), n_classes)


def format_label(competition: Competition, label: Any) -> str:
    """Return the names of the classes, or `NO_CLASSES`."""
    named = [name for name, is_there in zip(competition.classes, label, strict=True) if is_there]
    return class_separator(competition).join(named) or NO_CLASSES


def parse_label(competition: Competition, text: str) -> Any:
    """Return uint8 `(C,)` of the named classes; DataError: one is unknown, or none is named."""
    names = competition.label_names
    parts = [] if text.strip() == NO_CLASSES else text.split(class_separator(competition))
    named = [match_spaces(part, names) for part in parts if part.strip()]
    if parts and not named:
        raise DataError(f"there is no class in {text!r}", fix=f"write {NO_CLASSES} for none")
    for name in named:
        refuse_unknown(name, names, text)
    return np.array([name in named for name in names], dtype=np.uint8)
