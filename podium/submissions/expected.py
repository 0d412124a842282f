"""The names of the rows that a sample submission has, read from the file each time they are needed.

Their number is that of the rows of a submission, which may be millions: they are never held.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from podium.errors import DataError, some
from podium.submissions.blocks import Block, read_blocks
from podium.submissions.format import KEY_SEPARATOR, Format
from podium.submissions.lines import Line, LineError

__all__ = ["SampleKeys"]


@dataclass(frozen=True)
class SampleKeys:
    """The names of the rows of the file at `path`, in order; may be gone through many times.

    Raises:
        DataError: when gone through: the file cannot be read, has no rows, or lacks a column that
            names them.
    """

    path: Path
    form: Format

    def __iter__(self) -> Iterator[str]:
        wanted = [self.form.header[i] for i in self.form.key_columns]
        try:
            yield from self._names(wanted)
        except FileNotFoundError as error:
            fix = "correct submission.sample in competition.yaml"
            raise DataError("there is no such file", where=self.path, fix=fix) from error
        except LineError as error:
            where = f"{self.path}:{error.line}"
            raise DataError(error.message, where=where, fix=error.fix) from error

    def _names(self, wanted: list[str]) -> Iterator[str]:
        n_columns, at = self._columns(wanted)
        lines = read_blocks(self.path, max(2, n_columns), longest=self.path.stat().st_size + 1)
        next(lines, None)
        n_rows = 0
        for part in lines:
            n_rows += 1
            if isinstance(part, Block):
                columns = [_stripped(part.column(i)) for i in at]
                yield from (
                    columns[0]
                    if len(at) == 1
                    else map(KEY_SEPARATOR.join, zip(*columns, strict=True))
                )
            elif part.cells:
                yield self._name(part, at, n_columns)
        if not n_rows:
            fix = "give a file with a header and rows"
            raise DataError("has no rows", where=self.path, fix=fix)

    def _columns(self, wanted: list[str]) -> tuple[int, list[int]]:
        """Return how many columns the file has, and where those stand that name a row."""
        header = next(read_blocks(self.path, 2, longest=1 << 20), None)
        names = [cell.strip() for cell in header.cells] if isinstance(header, Line) else []
        missing = [one for one in wanted if one not in names]
        if missing:
            raise DataError(
                f"has no column {some(missing)}",
                where=f"{self.path}:1",
                fix="correct submission.columns in competition.yaml",
            )
        return len(names), [names.index(one) for one in wanted]

    def _name(self, line: Line, at: list[int], n_columns: int) -> str:
        if len(line.cells) != n_columns:
            raise DataError(
                f"has {len(line.cells)} cells, the header {n_columns}",
                where=f"{self.path}:{line.number}",
                fix="quote cells that hold a comma",
            )
        return KEY_SEPARATOR.join(line.cells[i].strip() for i in at)


def _stripped(cells: list[str]) -> list[str]:
    # Most samples have no spaces, and a look at all cells together is much faster than at each.
    return [one.strip() for one in cells] if " " in "".join(cells) else cells
