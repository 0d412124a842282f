"""The lines of a CSV as cells, one at a time, each with its place in the file to be read again.

A line without quotes is split at its commas, which is several times faster than a CSV reader and
matters where a cell holds a mask of megabytes; a line with quotes goes to the CSV reader.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from podium.errors import DataError, some

__all__ = [
    "Line",
    "LineError",
    "cells_at",
    "next_line",
    "pass_bom",
    "read_lines",
    "read_table",
]

_BOM = b"\xef\xbb\xbf"
_BUFFER = 1 << 20  # a line of many small reads is slow


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: its number (the header is 1), its byte in the file, its cells.

    A cell in quotes may hold line breaks: then it is the number of the first of these lines.
    """

    number: int
    offset: int
    cells: list[str]


class LineError(Exception):
    """The file cannot be read on from here: what is wrong, in which line, and how to mend it."""

    def __init__(self, message: str, line: int, fix: str) -> None:
        self.message, self.line, self.fix = message, line, fix
        super().__init__(message)


def read_lines(path: Path, *, longest: int) -> Iterator[Line]:
    """Yield the lines of the file; a blank one has no cells. A byte order mark is passed over.

    Args:
        path: a CSV in UTF-8; lines end with a newline, or a carriage return and a newline.
        longest: bytes that a line may have; more are never held in memory.

    Raises:
        LineError: a line is longer, is not UTF-8, or no CSV.
        OSError: the file cannot be opened.
    """
    with path.open("rb", buffering=_BUFFER) as file:
        number = 1
        pass_bom(file)
        while (found := next_line(file, number, longest=longest)) is not None:
            line, n_lines = found
            yield line
            number += n_lines


def pass_bom(file: BinaryIO) -> None:
    """Leave a file that was just opened behind its byte order mark, if it has one."""
    if file.read(len(_BOM)) != _BOM:
        file.seek(0)


def next_line(file: BinaryIO, number: int, *, longest: int) -> tuple[Line, int] | None:
    """Return the line that begins where the file is, and how many lines of text it takes.

    None at the end of the file. Arguments and errors are those of `read_lines`.
    """
    offset = file.tell()
    found = _next_line(file, number, longest)
    return None if found is None else (Line(number, offset, found[0]), found[1])


def cells_at(file: BinaryIO, offset: int, *, longest: int) -> list[str]:
    """Return the cells of the line that begins at byte `offset` of a file read before."""
    file.seek(offset)
    found = _next_line(file, 0, longest)
    if found is None:
        raise LineError("the file ends too early", 0, "write it again")
    return found[0]


def _next_line(file: BinaryIO, number: int, longest: int) -> tuple[list[str], int] | None:
    """Return the cells of the next line and how many lines of text it takes; None at the end."""
    raw = file.readline(longest + 1)
    if not raw:
        return None
    text = _decoded(raw, number, longest)
    if '"' in text:
        return _quoted(file, text, number, longest)
    text = text.rstrip("\r\n")
    if "\r" in text:
        raise LineError(
            "lines end with a carriage return alone", number, "end each line with a newline"
        )
    return (text.split(",") if text else []), 1


def _quoted(file: BinaryIO, first: str, number: int, longest: int) -> tuple[list[str], int]:
    def lines() -> Iterator[str]:
        yield first
        size = len(first)
        while raw := file.readline(longest + 1 - size):
            size += len(raw)
            yield _decoded(raw, number, longest, size)

    if csv.field_size_limit() < longest:
        csv.field_size_limit(longest)
    reader = csv.reader(lines())
    try:
        return next(reader), reader.line_num
    except csv.Error as error:
        fix = "write it with a CSV library"
        raise LineError(f"the file is not a CSV: {error}", number, fix) from error


def _decoded(raw: bytes, number: int, longest: int, size: int = 0) -> str:
    if max(size, len(raw)) > longest:
        raise LineError(
            f"a line has more than {longest:,} characters",
            number,
            "look for a quote that is never closed",
        )
    if b"\0" in raw:
        raise LineError(
            "the file holds NUL bytes",
            number,
            "save it as UTF-8, not UTF-16; else it was damaged on its way: write it again",
        )
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise LineError("the file is not UTF-8", number, "save the file as UTF-8") from error


def read_table(path: Path) -> tuple[list[str], list[list[str]]]:
    """Return header and rows of a CSV that belongs to the competition, all cells as stripped text.

    Raises:
        DataError: it cannot be read, has no header, or a row has another number of cells.
    """
    try:
        longest = path.stat().st_size
        lines = [
            [cell.strip() for cell in line.cells]
            for line in read_lines(path, longest=longest)
            if line.cells
        ]
    except FileNotFoundError as error:
        raise DataError("there is no such file", where=path, fix="correct the path") from error
    except LineError as error:
        raise DataError(error.message, where=f"{path}:{error.line}", fix=error.fix) from error
    if not lines:
        raise DataError("is empty", where=path, fix="give a file with a header and rows")
    header, *rows = lines
    ragged = [i for i, row in enumerate(rows, start=2) if len(row) != len(header)]
    if ragged:
        raise DataError(
            f"rows with another number of cells than the header ({len(header)}): {some(ragged)}",
            where=path,
            fix="quote cells that hold a comma",
        )
    return header, rows
