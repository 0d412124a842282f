"""The host's table of which podium made another one, and the lines where its rows stand there.

A message on a row of `made/tables/train.csv` is of a file that nobody wrote: who mends it loses
that with the next `podium init`. So it names the table that was handed out, and its own lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.made_record import MadeFile, read_made, remaking
from podium.competition.tables import read_table
from podium.errors import PodiumError

__all__ = ["TableOrigin", "find_origin", "lines_in"]


@dataclass(frozen=True)
class TableOrigin:
    """What a table of `made/tables` was made of.

    Attributes:
        made: the table, relative to the workspace.
        source: the file that it was made of, or the files, as the workspace spells them.
        command: makes it again.
        lines: `(N,)`, the line of each row in the source; None: rows are not those of one table.
    """

    made: str
    source: str
    command: str
    lines: NDArray[np.int64] | None

    @property
    def fix(self) -> str:
        """Which of both tables to mend, and what to type then."""
        return f"{self.made} was made of {self.source}: mend that, then {self.command}"


def find_origin(
    root: Path, table: str, made: Sequence[MadeFile] | None = None
) -> TableOrigin | None:
    """Return what a table of the workspace was made of; None: podium did not make it.

    Args:
        root: of the workspace.
        table: as competition.yaml names it.
        made: of an init that has not recorded it yet; None: as the workspace records it.
    """
    command = remaking("DATA")
    if made is None:
        made, command = read_made(root)
    found = next((one for one in made if one.path == table), None)
    if found is None or not found.sources:
        return None
    spelt = [_spelt(root, one) for one in found.sources]
    source = spelt[0] if len(spelt) == 1 else f"{spelt[0]} and {len(spelt) - 1} more"
    lines = None
    if len(spelt) == 1:
        with suppress(PodiumError, OSError, ValueError):  # it may be no table of text
            lines = lines_in(read_table(root / table), read_table(found.sources[0]))
    return TableOrigin(table, source, command, lines)


def lines_in(rows: pd.DataFrame, source: pd.DataFrame) -> NDArray[np.int64] | None:
    """Return the line of each row in `source`, whose first one has the names of columns.

    None where some row is not there, as it was written otherwise, or the order is another one.

    Example:
        >>> source = pd.DataFrame({"id": ["a", "b", "c"], "kind": ["x", "", "y"]})
        >>> lines_in(source[source["kind"] != ""], source).tolist()
        [2, 4]
    """
    columns = list(rows.columns)
    if not set(columns) <= set(source.columns):
        return None
    others = enumerate(source[columns].itertuples(index=False, name=None), 2)
    lines = []
    for row in rows.itertuples(index=False, name=None):
        line = next((line for line, other in others if other == row), None)
        if line is None:
            return None
        lines.append(line)
    return np.array(lines, dtype=np.int64)


def _spelt(root: Path, source: Path) -> str:
    return source.relative_to(root).as_posix() if source.is_relative_to(root) else str(source)
