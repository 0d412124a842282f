"""The protocol of labels: what a kind of task does with the label of an image, from cell to array.

A kind has it as the module `targets` of its folder; what most kinds share stands in `_rows`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from podium.tasks.protocols.find import find_part, image_kind, kind_names
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES

if TYPE_CHECKING:
    import pandas as pd

    from podium.competition.folds.strata import Strata
    from podium.competition.spec import Competition

__all__ = ["MISSING_NUMBERS", "Lines", "recognised_kind", "targets_of"]

MISSING_NUMBERS = ("", "nan", "NaN", "NA", "N/A", "#N/A", "null", "NULL", "None")
"""The cells that stand for no number, as pandas, R, spreadsheets and databases write it."""

Lines = NDArray[np.int64] | None
"""The line of each row in its file, as problems name it; None where there is no file."""


class Targets(Protocol):
    """The labels of one kind. A label is an item of the column `label` of samples."""

    def read_cells(
        self,
        cells: Sequence[str],
        competition: Competition,
        lines: Lines,
        problems: list[str],
        may_lack: NDArray[np.bool_],
    ) -> list[Any]:
        """Return the label of each cell, None where it holds none; add sentences to `problems`.

        Args:
            cells: of the label column, as text.
            competition: defines the classes.
            lines: of the cells.
            problems: gets a sentence on each kind of cell that is no label.
            may_lack: `(N,)`, whether the cell may be empty.
        """
        ...

    def read_columns(
        self, cells: pd.DataFrame, competition: Competition, lines: Lines, problems: list[str]
    ) -> list[Any]:
        """Return the label of each row of several columns, one a class, as `read_cells` does."""
        ...

    def as_array(self, labels: pd.Series[Any], n_classes: int) -> NDArray[Any]:
        """Return labels as the truth `(N,)` or `(N, C)`: nan or -1 where a label is None."""
        ...

    def format_label(self, competition: Competition, label: Any) -> str:
        """Return a label, or a decision, as text that `parse_label` reads."""
        ...

    def parse_label(self, competition: Competition, text: str) -> Any:
        """Return the label that a person wrote; DataError: it is none."""
        ...

    def strata(self, samples: pd.DataFrame, classes: Sequence[str]) -> Strata:
        """Return the strata of the column `label`, which folds are balanced by."""
        ...

    def recognises(self, column: str, cells: pd.Series[str]) -> bool:
        """Return whether a column holds labels of this kind, by its name and its cells.

        It is for labels whose values alone look like those of another kind: where True, no other
        guess is made. Kinds that values identify return False.
        """
        ...


def targets_of(kind: Kind) -> Targets:
    """Return what `kind` does with labels."""
    return cast(Targets, find_part(kind, "targets"))


def recognised_kind(column: str, cells: pd.Series[str]) -> Kind | None:
    """Return the kind that recognises the labels of a column as its own, if any."""
    kinds = map(image_kind, kind_names(IMAGES))
    return next((kind for kind in kinds if targets_of(kind).recognises(column, cells)), None)
