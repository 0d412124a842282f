"""Lines and cells of a CSV as text, each with its place in the file.

A line without quotes is split at its commas, which is several times faster than a CSV reader and
matters where a cell holds a mask of megabytes; a line with quotes goes to the CSV reader. Blocks
hold many lines at once: their cells are located in a buffer without a loop in Python. Lines that
need a CSV reader (quotes, letters that are not ASCII, a wrong number of cells, blanks) come one by
one. `CellError` is raised for a cell that cannot be read; the functions beside it serve every kind
of cell value.
"""

from __future__ import annotations

import csv
import math
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

from podium.errors import DataError, TextError, plural, some, suggest

if TYPE_CHECKING:
    from podium.submissions.format.spec import SubmissionFormat

__all__ = [
    "MISSING",
    "SEPARATE_WITH_COMMAS",
    "CellError",
    "CsvBlock",
    "CsvLine",
    "LineError",
    "blank_answer",
    "cell_error",
    "cells_at",
    "cells_of_one",
    "class_texts",
    "has_other_separator",
    "is_count",
    "is_missing",
    "missing_answer",
    "next_line",
    "number_text",
    "of_competition",
    "parse_number",
    "read_blocks",
    "read_lines",
    "read_table",
    "refuse_other_kinds",
    "unknown_class",
    "unknown_in_list",
]


_BUFFER = 1 << 20  # a line of many small reads is slow


@dataclass(frozen=True, slots=True)
class CsvLine:
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


def read_lines(path: Path, *, longest: int, first: int = 1) -> Iterator[CsvLine]:
    """Yield the lines of the file; a blank one has no cells. A byte order mark is passed over.

    Args:
        path: a CSV in UTF-8; lines end with a newline, or a carriage return and a newline.
        longest: bytes that a line may have; more are never held in memory.
        first: the number of the first line.

    Raises:
        LineError: a line is longer, is not UTF-8, or no CSV.
        OSError: the file cannot be opened.
    """
    with path.open("rb", buffering=_BUFFER) as file:
        number = first
        refuse_other_kinds(file)
        pass_bom(file)
        while (found := next_line(file, number, longest=longest)) is not None:
            line, n_lines = found
            yield line
            number += n_lines


_ZIP = b"PK\x03\x04"
_UNPACK = "unpack it, and give the CSV"
_OTHER_KINDS = {
    b"\x1f\x8b": ("the file is a gzip archive", _UNPACK),
    _ZIP: ("the file is a ZIP archive", _UNPACK),
    b"\xd0\xcf\x11\xe0": ("the file is a workbook (xls)", "export it as CSV (UTF-8)"),
    b"PAR1": ("the file is Parquet", "write it as CSV (pandas: to_csv(…, index=False))"),
}
_OF_A_WORKBOOK = (b"[Content_Types].xml", b"docProps/", b"xl/", b"_rels/")


def refuse_other_kinds(file: BinaryIO) -> None:
    """Leave a file that was just opened at its begin.

    Raises:
        LineError: it is a pipe, or by its first bytes an archive or a workbook.
    """
    if not file.seekable():  # lines are found again by their bytes
        raise LineError("the file is a pipe", 1, "write it to a file first")
    head = file.read(64)
    file.seek(0)
    for mark, (what, fix) in _OTHER_KINDS.items():
        if head.startswith(mark):
            if mark == _ZIP and head[30:].startswith(_OF_A_WORKBOOK):
                what, fix = "the file is a workbook (xlsx)", "export it as CSV (UTF-8)"
            raise LineError(what, 1, fix)


def pass_bom(file: BinaryIO) -> None:
    """Leave a file that was just opened behind its byte order mark, if it has one."""
    if file.read(len(BOM_UTF8)) != BOM_UTF8:
        file.seek(0)


def next_line(file: BinaryIO, number: int, *, longest: int) -> tuple[CsvLine, int] | None:
    """Return the line that begins where the file is, and how many lines of text it takes.

    None at the end of the file. Arguments and errors are those of `read_lines`.
    """
    offset = file.tell()
    found = _next_line(file, number, longest)
    return None if found is None else (CsvLine(number, offset, found[0]), found[1])


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
    read = [first]

    def lines() -> Iterator[str]:
        yield first
        size = len(first)
        while raw := file.readline(longest + 1 - size):
            size += len(raw)
            read.append(_decoded(raw, number, longest, size))
            yield read[-1]

    if csv.field_size_limit() < longest:
        csv.field_size_limit(longest)
    reader = csv.reader(lines())
    try:
        cells = next(reader)
    except csv.Error as error:
        fix = "write it with a CSV library"
        raise LineError(f"the file is not a CSV: {error}", number, fix) from error
    if _is_open("".join(read)):
        fix = "close it: the file may have been cut off"
        raise LineError("a quote is never closed", number, fix)
    return cells, reader.line_num


def _is_open(text: str) -> bool:
    """Return whether a line ends inside quotes, which Python's reader closes at a file's end."""
    if text.count('"') % 2 == 0:
        return False
    try:
        next(csv.reader([text], strict=True))
    except csv.Error as error:
        return "end of data" in str(error)
    return False


def _decoded(raw: bytes, number: int, longest: int, size: int = 0) -> str:
    if max(size, len(raw)) > longest:
        raise LineError(
            f"a line has more than {plural(longest, 'character')}",
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


@contextmanager
def of_competition(path: Path, *, missing: str = "correct the path") -> Iterator[None]:
    """Read a CSV that belongs to the competition: what is wrong with it is wrong with the data.

    Args:
        path: the file, which messages name.
        missing: how to mend that there is none.

    Raises:
        DataError: inside, the file was not there, or a line could not be read.
    """
    try:
        yield
    except FileNotFoundError as error:
        raise DataError("there is no such file", where=path, fix=missing) from error
    except LineError as error:
        raise DataError(error.message, where=f"{path}:{error.line}", fix=error.fix) from error


SEPARATE_WITH_COMMAS = "separate the cells with commas, and write numbers with points: 0.5, not 0,5"


def has_other_separator(header: list[str]) -> bool:
    """Return whether a header is one cell that semicolons or tabs divide."""
    return len(header) == 1 and any(mark in header[0] for mark in ";\t")


def cells_of_one(cell: str, signs: str = ";\t") -> list[str]:
    """Return the cells that the more frequent of other signs divides in a line that is one cell.

    Example:
        >>> cells_of_one("id;label"), cells_of_one("id")
        (['id', 'label'], ['id'])
    """
    return cell.split(max(signs, key=cell.count))


def read_table(path: Path) -> tuple[list[str], list[list[str]]]:
    """Return header and rows of a CSV that belongs to the competition, all cells as stripped text.

    Raises:
        DataError: it cannot be read, has no header, or a row has another number of cells.
    """
    with of_competition(path):
        longest = path.stat().st_size
        lines = [
            [cell.strip() for cell in line.cells]
            for line in read_lines(path, longest=longest)
            if line.cells
        ]
    if not lines:
        raise DataError("is empty", where=path, fix="give a file with a header and rows")
    header, *rows = lines
    if has_other_separator(header):
        raise DataError(
            f"the header is one cell, {header[0]!r}", where=f"{path}:1", fix=SEPARATE_WITH_COMMAS
        )
    ragged = [i for i, row in enumerate(rows, start=2) if len(row) != len(header)]
    if ragged:
        raise DataError(
            f"rows with another number of cells than the header ({len(header)}): {some(ragged)}",
            where=path,
            fix="quote cells that hold a comma",
        )
    return header, rows


BLOCK_BYTES = 1 << 19  # what the arrays made of it fit in a cache
_NEWLINE, _RETURN, _COMMA = 10, 13, 44
_ODD_LINES = 64
"""Lines that are read one by one before the next block is tried."""


@dataclass(frozen=True)
class CsvBlock:
    """Whole lines that follow one another, each with a cell for each column.

    Attributes:
        text: the lines, ASCII without quotes.
        number: of the first line; the header is 1.
        offset: of the first line, in bytes from the beginning of the file.
        bounds: int64 `(N, columns + 1)`: the cell of column c of line i is
            `text[bounds[i, c] : bounds[i, c + 1] - 1]`.
    """

    text: bytes
    number: int
    offset: int
    bounds: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.bounds)

    @property
    def data(self) -> NDArray[np.uint8]:
        """The bytes of `text`, read-only."""
        return np.frombuffer(self.text, dtype=np.uint8)

    def starts(self, column: int) -> NDArray[np.int64]:
        """Return where the cells of one column begin, `(N,)`."""
        return np.ascontiguousarray(self.bounds[:, column])

    def stops(self, column: int) -> NDArray[np.int64]:
        """Return the byte after each cell of one column, `(N,)`."""
        stops = self.bounds[:, column + 1] - 1
        if column + 2 == self.bounds.shape[1] and b"\r" in self.text:
            stops -= self.data[np.maximum(stops - 1, 0)] == _RETURN
        return np.asarray(stops)

    def column(self, column: int) -> list[str]:
        """Return the cells of one column."""
        text = self.text.decode("ascii")
        spans = zip(self.starts(column).tolist(), self.stops(column).tolist(), strict=True)
        return [text[start:stop] for start, stop in spans]

    def line(self, i: int) -> CsvLine:
        """Return line `i` as `read_lines` does."""
        ends = self.bounds[i].tolist()
        cells = self.text[ends[0] : ends[-1]].decode("ascii").rstrip("\r\n").split(",")
        return CsvLine(self.number + i, self.offset + ends[0], cells)


def read_blocks(
    path: Path, n_columns: int, *, longest: int, first: int = 1
) -> Iterator[CsvBlock | CsvLine]:
    """Yield the lines of the file from the first on, in blocks where that can be done.

    Args:
        path: a CSV in UTF-8, as `read_lines` takes it.
        n_columns: cells that lines in blocks have, at least 2.
        longest: bytes that a line may have; more are never held in memory.
        first: the number of the first line.

    Raises:
        LineError: as `read_lines`.
        OSError: the file cannot be opened.
    """
    with path.open("rb", buffering=BLOCK_BYTES) as file:
        refuse_other_kinds(file)
        pass_bom(file)
        number, n_alone = first, 1  # the header comes alone
        while True:
            for _ in range(n_alone):
                found = next_line(file, number, longest=longest)
                if found is None:
                    return
                line, n_lines = found
                yield line
                number += n_lines
            offset = file.tell()
            while (block := _next_block(file, offset, number, n_columns)) is not None:
                yield block
                number, offset = number + len(block), offset + len(block.text)
            file.seek(offset)
            n_alone = _ODD_LINES  # what is odd rarely is so alone


def _next_block(file: BinaryIO, offset: int, number: int, n_columns: int) -> CsvBlock | None:
    """Return the regular lines from `offset` on; None where the first one is not."""
    file.seek(offset)
    text = file.read(BLOCK_BYTES)
    text = text[: _regular(text)]
    text = text[: text.rfind(b"\n") + 1]
    if not text:
        return None
    data = np.frombuffer(text, dtype=np.uint8)
    is_mark = data == _COMMA
    is_mark |= data == _NEWLINE
    ends = np.flatnonzero(is_mark)
    is_newline = data[ends] == _NEWLINE
    n_lines = int(np.count_nonzero(is_newline))
    n_whole = _n_whole(is_newline, n_lines, n_columns)
    if n_whole == 0:
        return None
    marks = ends[: n_whole * n_columns].reshape(n_whole, n_columns)
    bounds = np.empty((n_whole, n_columns + 1), dtype=np.int64)
    bounds[:, 1:] = marks + 1
    bounds[0, 0] = 0
    bounds[1:, 0] = marks[:-1, -1] + 1
    return CsvBlock(text[: int(bounds[-1, -1])], number, offset, bounds)


def _regular(text: bytes) -> int:
    """Return how many bytes at the beginning hold nothing that needs a CSV reader."""
    stops = [at for at in (text.find(b'"'), text.find(b"\0")) if at >= 0]
    if b"\r" in text and text.count(b"\r") != text.count(b"\r\n"):
        stops.append(text.find(b"\r"))
    if not text.isascii():
        stops.append(int(np.argmax(np.frombuffer(text, dtype=np.uint8) >= 128)))
    return min(stops, default=len(text))


def _n_whole(is_newline: NDArray[np.bool_], n_lines: int, n_columns: int) -> int:
    """Return how many lines at the beginning have `n_columns` cells."""
    n = min(n_lines, len(is_newline) // n_columns)
    grid = is_newline[: n * n_columns].reshape(n, n_columns)
    is_whole = grid[:, -1] & ~grid[:, :-1].any(axis=1)
    return n if is_whole.all() else int(np.argmin(is_whole))


_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?")
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "<na>"})


class CellError(TextError):
    """A cell that cannot be read: the kind of fault, and how to mend it.

    Args:
        title: the kind of fault.
        remedy: how to mend it; the first of its kind alone is made, on demand.
        detail: the fault of this one cell; default: its text.
        column: the character of the cell at which it stands, from 1; None: not known.
        position: of the cell's column in the file; None: the caller knows it.
        level: of a warning, `answer` is the value of the cell nevertheless.
    """

    def __init__(
        self,
        title: str,
        remedy: str | Callable[[], str],
        *,
        detail: str = "",
        column: int | None = None,
        position: int | None = None,
        level: Literal["error", "warning"] = "error",
        answer: Any = None,
    ) -> None:
        super().__init__(detail or title, column=column)
        self.title, self.remedy, self.detail, self.position = title, remedy, detail, position
        self.level, self.answer = level, answer


def cell_error(error: TextError | ValueError) -> CellError:
    """Return what a codec or a value of one's own raised as the fault of a cell."""
    if isinstance(error, CellError):
        return error
    fix = "write cells as the value describes them"
    if isinstance(error, ValueError):
        return CellError("cells that cannot be read", fix, detail=str(error))
    title, fix = "cells that cannot be read", error.fix or fix
    return CellError(title, fix, detail=error.message, column=error.column)


_DECIMAL_COMMA = re.compile(r"[-+]?[0-9]+,[0-9]+")


def parse_number(text: str) -> float:
    """Return the finite number in a cell.

    Raises:
        CellError: it is blank, no number, or not finite.
    """
    if text.strip().lower() in MISSING:
        raise CellError("missing values", "write a number in every cell")
    try:
        found = float(text.encode("ascii"))  # Python reads the digits of every script, hosts do not
        if "_" in text:  # Python's own way to group digits
            raise ValueError
    except ValueError as error:
        if _DECIMAL_COMMA.fullmatch(text.strip()):
            fix = f"write a point in each, as {text.strip().replace(',', '.')}"
            raise CellError("numbers with a decimal comma", fix) from error
        raise CellError("cells that are no number", "write plain numbers such as 0.25") from error
    if not math.isfinite(found):
        raise CellError("values that are not finite", "write finite numbers")
    return found


def number_text(value: Any) -> str:
    """Return the shortest text that reads back as the same number, also of a float32.

    Example:
        >>> import numpy as np
        >>> number_text(np.float32(0.1)), number_text(2)
        ('0.1', '2')
    """
    return str(value)


def class_texts(form: SubmissionFormat) -> tuple[str, ...]:
    """Return the text that stands for each class in a cell, in the order of the classes.

    It is the class's name, with `value: label` its index from 0; `form.item` may set another. A
    binary task without names has "0" and "1".
    """
    names = form.classes or ("0", "1")
    item = form.item or ("{index}" if form.value == "label" else "{label}")
    if "{number}" in item:
        return tuple(str(index + 1) for index in range(len(names)))
    if "{index}" in item or form.value == "label":
        return tuple(str(index) for index in range(len(names)))
    return names


def is_count(text: str) -> bool:
    """Return whether a cell is a number of pixels, from 1."""
    return text.isascii() and text.isdecimal() and len(text) < 10 and int(text) > 0


def is_missing(text: str) -> bool:
    """Return whether a cell is blank, or a missing value as pandas writes it."""
    return text.strip().lower() in MISSING


def missing_answer(form: SubmissionFormat) -> CellError:
    """Return the error of a cell without an answer where the format has a text for that."""
    nothing = f"write {form.empty!r}" if form.empty else "leave the cell blank (pandas: na_rep='')"
    return CellError("missing values", f"where there is no answer {nothing}")


def blank_answer(form: SubmissionFormat) -> CellError:
    """Return the error of a list with two separators in a row, or one at its ends."""
    fix = f"write one {form.sep!r} between two, none at the ends"
    return CellError("lists with a blank answer", fix)


def unknown_in_list(
    text: str, parts: Sequence[str], index: Mapping[str, int], sep: str
) -> CellError:
    """Return the error of a list in which a part is no class: that part, or another separator.

    Args:
        text: the cell.
        parts: of it, one of which at least is no class.
        index: of the classes.
        sep: stands between two of them.
    """
    for sign in (one for one in _SEPARATORS if one not in sep):
        pieces = [one.strip() for one in text.split(sign) if one.strip()]
        known = [one for one in pieces if one in index]
        rest = (one for one in pieces if one not in index)
        if len(pieces) > 1 and known and all(get_close_matches(one, index, n=1) for one in rest):
            fix = f"labels are separated by {sep!r}, not {sign!r}"
            if len(known) == len(pieces):
                fix += f": write {sep.join(pieces)!r}"
            return CellError("lists with another separator", fix)
    part = next(one for one in parts if one not in index)
    error = unknown_class(part, index)
    return CellError(error.title, error.remedy, detail="" if part == text else repr(part[:40]))


_SEPARATORS = ",;|/+&\t "


def unknown_class(text: str, index: Mapping[str, int]) -> CellError:
    """Return the error of a cell that names no class; its fix is the nearest one."""
    if text.strip() in index:
        return CellError("class names with spaces around them", "strip the cells")

    def hint() -> str:
        same = [name for name in index if name.lower() == text.lower()]
        if same:
            return f"write {same[0]!r}"
        if _NUMBER.fullmatch(text) and not any(map(_NUMBER.fullmatch, index)):
            return f"write the names of classes, not numbers: {', '.join(list(index)[:10])}"
        others = f"known are {', '.join(list(index)[:10])}"
        return suggest(text[:100], index, "did you mean {!r}?", otherwise=others)

    return CellError("unknown classes", hint)
