"""Labels that are one class: its index, read from its name (binary without names: 0 and 1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.folds.strata import Strata, read_strata
from podium.competition.truths.annotator_labels import match_spaces
from podium.competition.truths.labels import BITS, cells_at, unknown_classes
from podium.competition.truths.marks import is_mark, read_marks
from podium.competition.truths.targets import Lines
from podium.errors import DataError, either, some, suggest
from podium.tasks.protocols.names import IMAGES

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
    """Return the index of the class that each cell names; -1 for `open_set`."""
    names = competition.label_names
    index = {name: number for number, name in enumerate(names)}
    if competition.open_set is not None:
        index[competition.open_set] = -1
    labels = [index.get(cell) for cell in cells]
    if not competition.classes_of(IMAGES):
        labels = [BITS.get(cell) for cell in cells]
    empty = np.flatnonzero(np.array([cell == "" for cell in cells], dtype=bool) & ~may_lack)
    if len(empty):
        neither = "neither a label nor a mask" if may_lack.any() else "no label"
        problems.append(
            f"{either(len(empty), 'row has', 'rows have')} {neither}: "
            f"{cells_at(cells, empty, lines)}; move images without labels to data.unlabelled"
        )
    unknown = [row for row, label in enumerate(labels) if label is None and cells[row] != ""]
    problems += unknown_classes(cells, unknown, competition, lines)
    return labels


def read_columns(
    cells: pd.DataFrame, competition: Competition, lines: Lines, problems: list[str]
) -> list[Any]:
    """Return the label of each row of columns of 0 and 1, or of marks, one a class."""
    bits = cells.apply(lambda column: column.map(BITS))
    marks = read_marks(cells) if bits.isna().any(axis=None) else None
    if marks is not None:
        bits = marks.bits.apply(lambda column: column.map(BITS))
    for name in cells.columns[bits.isna().any()]:
        rows, texts = np.flatnonzero(bits[name].isna()), list(cells[name])
        # What is no mark at all comes first: it is why the marks beside it are not read.
        is_other = np.array([bool(texts[row]) and not is_mark(texts[row]) for row in rows])
        rows = rows[np.argsort(~is_other, kind="stable")]
        problems.append(
            f"column {name!r} holds 0 and 1, or one kind of mark and blank cells, got "
            f"{cells_at(texts, rows, lines)}"
        )
    if problems:
        return [None] * len(cells)
    array = bits.to_numpy(dtype=np.uint8)
    if competition.kind.is_by_class:
        return list(array)
    rows = np.flatnonzero(array.sum(axis=1) != 1)
    if len(rows):
        at = cells_at(["".join(map(str, bits)) for bits in array], rows, lines)
        problems.append(
            f"{either(len(rows), 'row does', 'rows do')} not have exactly one 1 in the label "
            f"columns: {at}"
        )
    return [int(index) for index in array.argmax(axis=1)]


def as_array(labels: pd.Series[Any], n_classes: int) -> NDArray[Any]:
    """Return int64 `(N,)`, -1 where there is no label."""
    return labels.where(labels.notna(), -1).to_numpy().astype(np.int64)


def format_label(competition: Competition, label: Any) -> str:
    """Return the name of the class."""
    if competition.open_set is not None and label == -1:
        return competition.open_set
    return competition.label_names[int(label)]


def parse_label(competition: Competition, text: str) -> Any:
    """Return the index of the named class; DataError: there is no such class."""
    names = competition.label_names
    if competition.open_set is not None and text.strip() == competition.open_set:
        return -1
    name = match_spaces(text, names)
    refuse_unknown(name, names, name)
    return names.index(name)


def refuse_unknown(name: str, names: Sequence[str], text: str) -> None:
    """Raise a DataError unless `name`, a part of `text`, is one of `names`."""
    if name not in names:
        of = "" if name == text else f" in {text!r}"
        others = f"the classes are {some(names, limit=20)}"
        raise DataError(
            f"there is no class {name!r}{of}",
            fix=suggest(name, names, "did you mean {}?", otherwise=others, n=3, any_case=True),
        )


def strata(samples: pd.DataFrame, classes: Sequence[str]) -> Strata:
    """Return the strata of the column `label`, as its values are."""
    return read_strata(samples, classes=classes)


def recognises(column: str, cells: pd.Series[str]) -> bool:
    """Return False: the values of a column identify this kind."""
    return False
