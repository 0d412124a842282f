"""A table of answers as people bring it back: from the sheet, by hand, or out of a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from podium.errors import DataError

__all__ = ["AnswerRow", "read_answer_rows"]

_NEEDED = ("id", "label")
_SEPARATORS = (",", ";", "\t")
"""Spreadsheets write semicolons where a comma is the decimal mark."""


@dataclass(frozen=True)
class AnswerRow:
    """A row of the table.

    Attributes:
        line: in which it begins, from 1; a quoted cell may have several.
        cells: column → cell, as it is written, with spaces around it.
        trouble: what is wrong with the row and how to mend it; None for nothing.
    """

    line: int
    cells: dict[str, str]
    trouble: tuple[str, str] | None = None

    def cell(self, column: str) -> str:
        """Return a cell without spaces around it; "" where there is none."""
        return self.cells.get(column, "").strip()


def read_answer_rows(file: Path) -> list[AnswerRow]:
    """Return the rows of a table with the columns id and label; blank lines are none.

    Commas, semicolons or tabs stand between cells: what the header has between its columns.

    Raises:
        DataError: the file is missing, empty or not UTF-8, a quote is never closed, or a column is
            missing or stands twice.
    """
    text = _text(file)
    separator = next((one for one in _SEPARATORS if _columns(text, one) >= {*_NEEDED}), ",")
    rows = _rows(text, separator, file)
    _, header = next(rows, (1, []))
    header = [name.strip() for name in header]
    missing = [name for name in _NEEDED if name not in header]
    if missing:
        raise DataError(
            f"there is no column {' and no column '.join(missing)}",
            where=f"{file}:1",
            fix="write them as the sheet of `podium label request` does: id,label",
        )
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise DataError(f"columns stand twice: {twice}", where=f"{file}:1", fix="rename one")
    return [_row(line, cells, header, separator) for line, cells in rows]


def _row(line: int, cells: list[str], header: list[str], separator: str) -> AnswerRow:
    trouble = None
    if any(cell.strip() for cell in cells[len(header) :]):
        trouble = (
            f"there are {len(cells)} cells, and {len(header)} columns",
            f"put a cell that has {separator!r} in it in double quotes",
        )
    padded = cells + [""] * (len(header) - len(cells))
    return AnswerRow(line, dict(zip(header, padded, strict=False)), trouble)


def _columns(text: str, separator: str) -> set[str]:
    first = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])
    return {name.strip() for name in first}


def _rows(text: str, separator: str, file: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not blank with the line in which it begins."""
    # Strict: else a quote that is never closed makes one cell of all that follows.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as cause:
            raise DataError(
                f"a cell cannot be read: {cause}",
                where=f"{file}:{line}",
                fix='mend the quotes of the row that begins here; one in a cell is written ""',
            ) from cause
        if any(cell.strip() for cell in cells):
            yield line, cells


def _text(file: Path) -> str:
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as cause:
        raise DataError("there is no such table", where=file, fix="mind the spelling") from cause
    except IsADirectoryError as cause:
        raise DataError(
            "this is a folder", where=file, fix="name the file of answers that the sheet gave"
        ) from cause
    except UnicodeDecodeError as cause:
        raise DataError(
            f"not UTF-8 text: {cause}",
            where=file,
            fix="save it as UTF-8 (Excel: CSV UTF-8)",
        ) from cause
    if not text.strip():
        raise DataError("the table is empty", where=file, fix="download the answers again")
    return text
