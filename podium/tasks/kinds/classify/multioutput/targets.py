"""Labels that are a class of each output: 0 or 1 for each class, -1 in an output without answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.truths.annotator_labels import class_separator, match_spaces
from podium.competition.truths.labels import cells_at
from podium.competition.truths.targets import MISSING_NUMBERS, Lines
from podium.errors import DataError, either, some
from podium.tasks.kinds.classify._rows.targets import refuse_unknown
from podium.tasks.kinds.classify.multilabel.targets import as_array
from podium.tasks.protocols.outputs import as_flags, blocks, by_output, output_sizes

if TYPE_CHECKING:
    import pandas as pd

    from podium.competition.spec import Competition

__all__ = ["as_array", "format_label", "parse_label", "read_cells", "read_columns"]


def read_columns(
    cells: pd.DataFrame, competition: Competition, lines: Lines, problems: list[str]
) -> list[Any]:
    """Return the label `(C,)` of each row of one column an output, which hold names of classes.

    It is uint8; int8 with -1 where a cell is blank, of which nobody knows the answer.
    """
    classes, sizes = by_output(competition.classes), output_sizes(competition.classes)
    found = np.full((len(cells), len(sizes)), -1)
    for at, column in enumerate(cells.columns):
        output, own = list(classes.items())[at]
        index = {name: number for number, name in enumerate(own)}
        texts = [cell.strip() for cell in cells[column]]
        found[:, at] = [index.get(text, -1) for text in texts]
        is_blank = np.array([one in MISSING_NUMBERS and one not in index for one in texts], bool)
        unknown = np.flatnonzero((found[:, at] < 0) & ~is_blank)
        if len(unknown):
            problems.append(
                f"column {str(column)!r}: {either(len(unknown), 'row names', 'rows name')} an "
                "unknown class: "
                f"{cells_at(texts, unknown, lines)}; classes has {some(own, limit=20)} of {output}"
            )
    nothing = np.flatnonzero((found < 0).all(axis=1))
    if len(nothing) and not problems:
        texts = [",".join(row) for row in cells.astype(str).to_numpy()]
        problems.append(
            f"{either(len(nothing), 'row has', 'rows have')} no class in any of "
            f"{some(list(map(str, cells)))}: "
            f"{cells_at(texts, nothing, lines)}; move images without labels to data.unlabelled"
        )
    return [_label(row, sizes) for row in found]


def _label(indices: NDArray[Any], sizes: Sequence[int]) -> NDArray[Any]:
    flags: NDArray[Any] = as_flags(indices[None], sizes)[0]
    return flags.astype(np.int8) if (flags < 0).any() else flags


def read_cells(
    cells: Sequence[str],
    competition: Competition,
    lines: Lines,
    problems: list[str],
    may_lack: NDArray[np.bool_],
) -> list[Any]:
    """Return the label `(C,)` of each cell, which names `output=class` of each output that it has.

    None where the cell is empty and may be.
    """
    found: list[Any] = [None] * len(cells)
    for row, cell in enumerate(cells):
        if cell == "" and may_lack[row]:
            continue
        try:
            found[row] = parse_label(competition, cell)
        except DataError as error:
            at = cells_at(cells, np.array([row]), lines)
            problems.append(f"{at}: {error.message}")
            break
    return found


def format_label(competition: Competition, label: Any) -> str:
    """Return the names of the classes that it has, as `colour=red`; of unknown outputs nothing."""
    named = [name for name, one in zip(competition.classes, label, strict=True) if one == 1]
    return class_separator(competition).join(named)


def parse_label(competition: Competition, text: str) -> Any:
    """Return `(C,)` of the named classes, -1 in outputs of which none is named.

    Raises:
        DataError: a name is of no class, none is named, or two are of one output.
    """
    names = competition.classes
    parts = [match_spaces(one, names) for one in text.split(class_separator(competition)) if one]
    for name in parts:
        refuse_unknown(name, names, text)
    if not parts:
        raise DataError(f"there is no class in {text!r}", fix="write one, as colour=red")
    flags = np.array([name in parts for name in names], dtype=np.int8)
    for block in blocks(output_sizes(names)):
        if flags[block].sum() > 1:
            both = [name for name in names[block] if name in parts]
            raise DataError(
                f"{text!r} names {some(both)}, which are of one output", fix="keep one of them"
            )
        if not flags[block].any():
            flags[block] = -1
    return flags if (flags < 0).any() else flags.astype(np.uint8)
