"""What one file, or one fold model of another workspace, says of the labels of N rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.predictions.foreign.form import Form
from podium.predictions.top_k import TopK

__all__ = ["LabelsSaid", "read_id_list"]

Values = NDArray[Any]


@dataclass(frozen=True)
class LabelsSaid:
    """Rows in the order of their source; values are read when asked for.

    Attributes:
        path: what was read.
        ids: `(N,)`, as they stand there.
        row: says where the row of a number stands.
        raw: returns the rows at these positions as they were given: `(n, C)` in the competition's
            order of columns, or the likeliest of thousands.
        folds: `(N,)`, what the source calls the fold of each row; None: it does not say.
        label: what the source is called where it is the word of one fold model.
        notes: what was passed over.
        is_checked: whether the values come from podium, which wrote probabilities.
    """

    path: Path
    ids: list[str]
    row: Callable[[int], str]
    raw: Callable[[NDArray[np.int64]], Values | TopK]
    folds: list[str] | None = None
    label: str = ""
    notes: tuple[str, ...] = field(default=())
    is_checked: bool = False

    def take(self, at: NDArray[np.int64], form: Form) -> Values | TopK:
        """Return the rows `at` as probabilities, `(n, C)`.

        Raises:
            DataError: a value is none, naming its row.
        """
        raw = self.raw(at)
        if self.is_checked or isinstance(raw, TopK):
            return raw
        return form.checked(raw, lambda i: self.row(int(at[i])), self.path)


def read_id_list(path: Path, names: Sequence[str]) -> list[str]:
    """Return the ids in a text file, one a line, or of the id column of a table, in their order.

    Raises:
        DataError: the file is missing or damaged, or a table has no such column.
    """
    from podium.predictions.foreign.table import id_column, lines_of, read_cells

    if path.suffix.lower() not in (".csv", ".tsv"):
        return [one.strip() for one in lines_of(path)]
    header, cells, _ = read_cells(path, None)
    return [str(one) for one in cells[id_column(header, names, path)]]
