"""Reads a submission file: rows are streamed, every fault is gathered, values become arrays."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from podium.competition.sections.submission import FileForm
from podium.errors import SubmissionError, TextError, plural, some
from podium.submissions.format.cells import Checker, ExpectedRows
from podium.submissions.format.csv_text import (
    SEPARATE_WITH_COMMAS,
    CellError,
    CsvBlock,
    CsvLine,
    LineError,
    cell_error,
    cells_of_one,
    has_other_separator,
    read_blocks,
    read_lines,
    refuse_other_kinds,
)
from podium.submissions.format.file_formats import (
    header_of_file,
    place_of_line,
    plain_text_with_faults,
)
from podium.submissions.format.png_files import png_of_row
from podium.submissions.format.problems import Problem, Problems, absent_file
from podium.submissions.format.row_names import KeyCheck, owners_of
from podium.submissions.format.spec import SubmissionFormat
from podium.submissions.values import label_value
from podium.tasks.protocols.outputs import as_flags, blocks

__all__ = [
    "CellFaults",
    "LabelChecker",
    "inspect_answers",
    "inspect_rows",
    "lines_of",
    "own_lines",
    "read_body",
    "read_labels",
    "refuse",
]

_WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff")
_LONGEST_TEXT = 1_000_000
_LONGEST_NUMBER = 64
_LONGEST_OF_PNGS = 1 << 30
_SUM_TOLERANCE = 0.01
_SHOWN_OF_HEADER = 200

Lines = TypeVar("Lines", CsvLine, CsvLine | CsvBlock)


@dataclass(frozen=True)
class CellFaults:
    """Gathers the cells of a file that cannot be read, by the kind of fault.

    Args:
        form: the format of the file.
        problems: where the faults go.
    """

    form: SubmissionFormat
    problems: Problems

    def add(
        self,
        error: CellError,
        line: int,
        *,
        row_name: str | None = None,
        cell: str = "",
        position: int | None = None,
    ) -> None:
        """Take note of one cell.

        Args:
            error: why it cannot be read.
            line: of the file, where it stands.
            row_name: the name of its row, where the message has it.
            cell: its text, shown where the error has no detail of its own.
            position: of its column; default: the error's, else that of the value.
        """
        at = error.position if position is None else position
        name = self.form.header[self.form.value_column if at is None else at]
        shown = error.at_character if error.detail else repr(cell[:40])
        self.problems.add(
            f"column {name!r}: {error.title}",
            shown if row_name is None else f"{row_name!r} {shown}",
            line=line,
            fix=error.remedy,
            level=error.level,
        )


@dataclass(frozen=True)
class SubmissionRow:
    """One row of a submission file: its line (the header is line 1), its name, its values."""

    line: int
    key: str
    values: tuple[Any, ...] | None
    """The values of the cells, in order of the classes, or of the one cell: a number, or an array
    as the value of the format has it; None where a cell could not be read."""


def read_labels(path: Path, expected: ExpectedRows) -> NDArray[Any]:
    """Return the values of the file at `path` for the samples `ids`, in their order.

    They are `(N, C)` float64 for probabilities and scores (`(N, 1)` when binary), `(N,)` int64 for
    labels and names, `(N, C)` uint8 for sets of labels and the classes of several outputs, `(N,)`
    float64 for scalars, `(N, k)` int64 for rankings (-1: none), `(N, 2)` float64 for a class and
    its confidence; N counts samples, also where a sample has a row for each class.

    Raises:
        SubmissionError: as `inspect_rows` finds them; all errors in one.
    """
    form = expected.form
    names = list(form.keys(expected.ids))
    positions = {name: position for position, name in enumerate(names)}
    value = label_value(form)
    answers = np.zeros(value.shape(form, len(expected.ids)), dtype=value.dtype(form))
    # A row of the file fills a row of this: it has all cells of a sample, or one of several.
    by_row = answers.reshape(len(names), -1)

    def visit(row: SubmissionRow) -> None:
        position = positions.get(row.key)
        if row.values is not None and position is not None:
            by_row[position] = row.values if form.wide else row.values[0]

    refuse(path, inspect_rows(path, expected, partial(LabelChecker, visit=visit)))
    return as_flags(answers, form.kind.sizes) if form.is_by_output else answers


def refuse(path: Path, problems: list[Problem]) -> None:
    """Raise one SubmissionError that holds every error among `problems`; warnings pass."""
    errors = [problem for problem in problems if problem.level == "error"]
    if errors:
        first, last = errors[0], errors[-1]
        # Each fix stands under its problem; that of the last one is the error's own.
        shown = [first.message, *(f"{path}: {_plain(problem)}" for problem in errors[1:])]
        shown[:-1] = map(_with_fix, shown[:-1], errors)
        where = path if first.line is None else f"{path}:{first.line}"
        raise SubmissionError("\n".join(shown), where=where, fix=last.fix)


def inspect_rows(
    path: Path, expected: ExpectedRows, checker_of: Callable[[ExpectedRows, Problems], Checker]
) -> list[Problem]:
    """Return every problem of the file at `path`, errors first; memory does not grow with it.

    Args:
        path: the submission file.
        expected: what it must hold.
        checker_of: returns what checks the cells of the file.
    """
    form = expected.of_file
    problems = Problems(place_of_line(path, form))
    checker = checker_of(expected, problems)
    keys = _key_check(expected, problems)
    read = read_body_in_blocks if checker.in_blocks and expected.within is None else read_body
    # A PNG that is larger than its image is told by its size, not by the length of its runs.
    longest = _LONGEST_OF_PNGS if form.file.kind == "png" else checker.longest
    lines = read(path, form, problems, longest=longest)
    checker.see(own_lines(lines, expected), keys)
    if not problems.unread:
        keys.finish()
        checker.finish()
    return problems.listed()


def inspect_answers(
    path: Path,
    expected: ExpectedRows,
    checker_of: Callable[[SubmissionFormat], Callable[[ExpectedRows, Problems], Checker]],
) -> list[Problem]:
    """Return every problem of a file with several answers a row, errors first, then by line.

    The file is gone through once for each answer, and by the checker of its own. Shape and names
    of the rows are those of the first pass.

    Args:
        path: the submission file.
        expected: what it must hold; its format has parts.
        checker_of: from the format of an answer to what returns its checker.
    """
    problems, of_answers = Problems(), expected.of_answers
    checkers = [checker_of(one.form)(one, problems) for one in of_answers]
    longest = sum(one.longest for one in checkers)
    for number, (one, checker) in enumerate(zip(of_answers, checkers, strict=True)):
        of_rows = problems if number == 0 else Problems()
        keys = _key_check(one, of_rows)
        lines = read_body(path, one.of_file, of_rows, longest=longest)
        checker.see(own_lines(lines, one), keys)
        if of_rows.unread:
            break
        if number == 0:
            keys.finish()
        checker.finish()
    found = problems.listed()
    return sorted(found, key=lambda one: (one.level != "error", one.line is None, one.line or 0))


def _key_check(expected: ExpectedRows, problems: Problems) -> KeyCheck:
    form = expected.of_file
    return KeyCheck(
        expected.rows,
        expected.rows_source,
        problems,
        may_repeat=form.rows_are_objects,
        may_be_missing=form.may_lack_rows,
        pngs=_pngs_of_keys(form) if form.file.kind == "png" else None,
    )


def _pngs_of_keys(form: SubmissionFormat) -> Callable[[str], str]:
    """Return what names the PNG that holds the row of a name."""
    owners, classes = owners_of(form), range(len(form.row_names))
    blank = [""] * max(1, len(form.classes))

    def png_of(key: str) -> str:
        for owner in owners(key):
            for index in classes if form.rows == "image_class" else [None]:
                cells = form.row_cells(owner, index, blank)
                if form.key(cells) == key:
                    return png_of_row(cells, form)
        return key

    return png_of


def own_lines(lines: Iterable[Lines], expected: ExpectedRows) -> Iterator[Lines]:
    """Yield the lines with the cells of the expected answer; as they are if there is no other."""
    for line in lines:
        if expected.within is None or not isinstance(line, CsvLine):
            yield line
        else:
            yield replace(line, cells=expected.own_cells(line.cells))


class LabelChecker:
    """Checks the cells of images: probabilities, classes, lists of them.

    Args:
        expected: what the file must hold.
        problems: where the faults go.
        visit: called with each row, also with one that cannot be read.
    """

    in_blocks = False

    def __init__(
        self,
        expected: ExpectedRows,
        problems: Problems,
        visit: Callable[[SubmissionRow], None] | None = None,
    ) -> None:
        form = expected.form
        self._form, self._problems, self._visit = form, problems, visit
        self._faults = CellFaults(form, problems)
        self._parsers = form.per_cell(label_value(form).parser)
        self._sums_to_one = _cells_of_one(form)
        self.longest = _LONGEST_TEXT + _LONGEST_NUMBER * len(form.header)
        # Each object's row repeats the answer of its image: the texts of its first row.
        self._first: dict[str, list[str]] | None = {} if expected.of_file.rows_are_objects else None

    def see(self, parts: Iterator[CsvLine | CsvBlock], keys: KeyCheck) -> None:
        """Take note of all rows; a repeated one is read, too."""
        for line in lines_of(parts):
            values = _values(line.cells, self._form, self._parsers, self._faults, line.number)
            row = SubmissionRow(line.number, self._form.key(line.cells), values)
            keys.see(row.key, row.line)
            if self._first is not None and line.cells != self._first.setdefault(
                row.key, line.cells
            ):
                self._problems.add(
                    f"column {some(self._form.answer_names)}: other answers than in the image's "
                    "first row",
                    repr(row.key),
                    line=row.line,
                    fix="write the answer of an image the same in all of its rows",
                )
            if row.values is not None:
                for cells in self._sums_to_one:
                    self._check_sum(row.values[cells], row.line)
                if self._form.kind.is_by_level and self._form.wide:
                    self._check_order(row.values, row)
            if self._visit is not None:
                self._visit(row)

    def finish(self) -> None:
        """Report nothing: a row is judged by itself."""

    def _check_order(self, quantiles: Sequence[float], row: SubmissionRow) -> None:
        for lower, upper in pairwise(quantiles):
            if lower > upper:
                self._problems.add(
                    "rows whose quantiles do not ascend with the level",
                    f"{row.key!r} {lower:g} before {upper:g}",
                    line=row.line,
                    fix="sort the quantiles of each row",
                )
                return

    def _check_sum(self, probs: Sequence[float], line: int) -> None:
        total = sum(probs)
        if abs(total - 1.0) > _SUM_TOLERANCE:
            self._problems.add(
                "rows whose probabilities do not sum to 1",
                f"{total:.3f}",
                line=line,
                fix="divide each row by its sum, unless the metric does",
                level="warning",
            )


def _cells_of_one(form: SubmissionFormat) -> list[slice]:
    """Return which cells of a row are the probabilities of classes that exclude each other."""
    if not form.wide or form.value != "prob":
        return []
    if form.kind.is_by_output and not form.has_rows_of_outputs:
        return list(blocks(form.kind.sizes))
    return [slice(None)] if form.kind.is_exclusive or form.has_rows_of_outputs else []


def lines_of(parts: Iterable[CsvLine | CsvBlock]) -> Iterator[CsvLine]:
    """Yield the lines of `parts` one by one."""
    for part in parts:
        if isinstance(part, CsvLine):
            yield part
        else:
            yield from map(part.line, range(len(part)))


def read_body(
    path: Path, form: SubmissionFormat, problems: Problems, *, longest: int
) -> Iterator[CsvLine]:
    """Yield the lines below the header that have a cell for each column.

    Args:
        path: the submission file.
        form: its format.
        problems: gets all that is wrong with encoding, header and shape.
        longest: bytes that a line may have.
    """
    read = partial(read_lines, longest=longest, first=form.file.first_line)
    yield from _body(read, path, form, problems)


def read_body_in_blocks(
    path: Path, form: SubmissionFormat, problems: Problems, *, longest: int
) -> Iterator[CsvLine | CsvBlock]:
    """Yield what `read_body` does, many lines at once where they are plain."""
    read = partial(
        read_blocks, n_columns=len(form.header), longest=longest, first=form.file.first_line
    )
    yield from _body(read, path, form, problems)


def _body(
    read: Callable[[Path], Iterator[Lines]], path: Path, form: SubmissionFormat, problems: Problems
) -> Iterator[Lines]:
    if not _is_readable(path, problems, form.file):
        return
    _see_end_of_line(path, problems, form.file)
    try:
        plain, faults = plain_text_with_faults(path, form)
        for fault in faults:
            problems.add(fault.title, fault.file, fix=fault.fix)
        lines = read(plain)
        header = next(lines, None)  # always a line of its own
        cells = header.cells if isinstance(header, CsvLine) else None
        if _header_fits(cells, form, problems):
            yield from _whole(lines, form, problems, is_left_out=bool(faults))
    except LineError as error:
        is_line = form.file.kind != "png"
        problems.stop(error.message, line=error.line if is_line else None, fix=error.fix)


def _whole(
    lines: Iterator[Lines], form: SubmissionFormat, problems: Problems, *, is_left_out: bool
) -> Iterator[Lines]:
    """Yield the lines that have a cell for each column.

    Args:
        lines: below the header.
        form: the format of the file.
        problems: gets the other lines.
        is_left_out: files of a ZIP are, of which there may be no other: that is reported.
    """
    n_columns, empty = len(form.header), True
    of = " of the header" if form.file.header else f" ({some(form.header)})"
    for line in lines:
        if isinstance(line, CsvBlock):
            empty = False
            yield line
            continue
        if not line.cells:
            problems.add("blank lines", line=line.number, level="warning", fix="remove them")
            continue
        empty = False
        if len(line.cells) != n_columns:
            problems.add(
                f"rows that have not {plural(n_columns, 'cell')}",
                f"{plural(len(line.cells), 'cell')}",
                line=line.number,
                fix=_fix_of_cells(line.cells, form, of),
            )
            continue
        yield line
    if empty and is_left_out:
        problems.unread = True
    elif empty:
        below = " below the header" if form.file.header else ""
        problems.stop(f"there are no rows{below}", fix="write one row for each id")


def _fix_of_cells(cells: Sequence[str], form: SubmissionFormat, of: str) -> str:
    """Return how to mend a row that has more or fewer cells than the header."""
    n_columns, sign = len(form.header), form.file.sign
    if len(cells) > n_columns and not any(cells[n_columns:]):
        return f"remove the {sign} at the end of the line"
    digits = [one for one in pairwise(cells[1:]) if all(map(str.isdecimal, one))]
    if len(cells) > n_columns and form.file.sep == "," and digits:
        whole, part = digits[0]
        return f"where {whole},{part} is a number, write a point in it: {whole}.{part}"
    return f"one cell for each column{of}; quote cells that hold a {sign}"


def _values(
    cells: list[str],
    form: SubmissionFormat,
    parsers: Sequence[Callable[[str], Any]],
    faults: CellFaults,
    line: int,
) -> tuple[Any, ...] | None:
    positions = form.prob_columns or {form.value_column: 0}
    found: dict[int, Any] = {}
    for position, index in positions.items():
        try:
            found[index] = parsers[index](cells[position])
        except (TextError, ValueError) as raised:
            error = cell_error(raised)
            faults.add(error, line, cell=cells[position], position=position)
            if error.level == "warning":
                found[index] = error.answer
    if len(found) < len(positions):
        return None
    return tuple(found[index] for index in sorted(found))


def _is_readable(path: Path, problems: Problems, form: FileForm) -> bool:
    try:
        with path.open("rb") as file:
            if form.kind != "png":
                refuse_other_kinds(file)
            head = file.read(4)
    except LineError as error:
        problems.stop(error.message, line=error.line, fix=error.fix)
        return False
    except FileNotFoundError:
        absent = absent_file(path)
        problems.stop(absent.message, fix=absent.fix)
        return False
    except IsADirectoryError:
        what = "a ZIP of it" if form.kind == "png" else "the CSV file"
        problems.stop("is a folder, not a file", fix=f"give {what}")
        return False
    if not head:
        header = "a header and " if form.header else ""
        mask = f"one {form.picture} for each image" if form.kind == "png" else ""
        rows = mask or f"{header}one row for each id"
        problems.stop("the file is empty", fix=f"write {rows}")
        return False
    if (form.encoding != "utf-8" and not form.has_mark) or form.kind == "png":
        return True  # what cannot be read so is told by its line
    if head.startswith(_WIDE_BOMS) or head[1:4:2] == b"\0\0" or head[::2] == b"\0\0":
        problems.stop("the file is UTF-16", line=1, fix="save the file as UTF-8")
        return False
    if form.has_mark and not head.startswith(BOM_UTF8):
        problems.add(
            "the file does not start with a byte order mark, as the host's sample does: most "
            "readers take both, and a spreadsheet may show other letters",
            line=1,
            level="warning",
            fix="save it as UTF-8 with BOM (pandas: encoding='utf-8-sig'); or write "
            "submission.file.encoding: utf-8 if the host wants none",
        )
    elif head.startswith(BOM_UTF8) and not form.has_mark:
        first = "column's name" if form.header else "id"
        problems.add(
            "the file starts with a byte order mark: pandas passes it over, other readers make it "
            + f"part of the first {first}",
            line=1,
            level="warning",
            fix="save it as UTF-8 without BOM (pandas: encoding='utf-8', not 'utf-8-sig')",
        )
    return True


def _see_end_of_line(path: Path, problems: Problems, form: FileForm) -> None:
    """Report where the first line ends otherwise than `submission.file.newline` has it.

    It is a warning, as the absence of a mark is: readers of CSV take both ends of lines, and a
    score seldom hangs on them. A host that cuts lines by itself may take one alone, and then its
    sample is the only file that shows which.
    """
    if form.newline is None or form.kind != "csv":
        return
    with path.open(encoding=form.encoding, errors="replace", newline="") as file:
        first = file.readline(_LONGEST_TEXT)
    is_crlf = first.endswith("\r\n")
    if is_crlf is (form.newline == "crlf") or not first.endswith(("\r", "\n")):
        return  # a line that is cut, or the only one, shows no end
    own, other = ("CRLF", "LF") if form.newline == "crlf" else ("LF", "CRLF")
    ends = r"\r\n" if form.newline == "crlf" else r"\n"
    problems.add(
        f"lines end with {other}, and those of the host's sample with {own}: most readers take "
        "both",
        line=1,
        level="warning",
        fix=f"write {own} (pandas: lineterminator='{ends}'), or leave submission.file.newline out "
        "if the host takes both",
    )


HEADER_MUST_BE = "the header must be"
"""Begins the message of a file whose first line names other columns."""


def _header_fits(header: list[str] | None, form: SubmissionFormat, problems: Problems) -> bool:
    if header == form.header:
        return True
    expected = _short(",".join(header_of_file(form)))
    got = _short(",".join(header or []))
    fix = _fix_of_header(header or [], form)
    problems.stop(f"{HEADER_MUST_BE} {expected}, got {got}", line=1, fix=fix)
    return False


def _fix_of_header(header: list[str], form: SubmissionFormat) -> str:
    names, stripped = header_of_file(form), [name.strip() for name in header]
    if has_other_separator(header):
        divided = cells_of_one(header[0])
        if divided == names:
            return SEPARATE_WITH_COMMAS
        return f"{SEPARATE_WITH_COMMAS}; in the header then {_fix_of_header(divided, form)}"
    if stripped == names:
        return "remove the spaces around the column names"
    if header[-1:] == [""] and header[: len(names)] == names:
        return "remove the commas at the ends of the lines"
    if header[1:] == names:
        return "drop the index column (pandas: index=False)"
    if sorted(header) == sorted(names):
        return f"bring the columns into the order {_short(','.join(names))}"
    if [name.lower() for name in stripped] == [name.lower() for name in names]:
        return f"write the names in the same case: {_short(','.join(names))}"
    if len(set(header) & set(names)) * 2 > len(names):
        missing = [name for name in names if name not in header]
        extra = [name for name in header if name not in names]
        parts = [f"add {some(missing)}"] * bool(missing) + [f"drop {some(extra)}"] * bool(extra)
        return " and ".join(parts) or "name each column once"
    return f"write {','.join(names)}"


def _short(text: str) -> str:
    return repr(text if len(text) <= _SHOWN_OF_HEADER else f"{text[:_SHOWN_OF_HEADER]}…")


def _with_fix(text: str, problem: Problem) -> str:
    return text if problem.fix is None else f"{text}\n  fix: {problem.fix}"


def _plain(problem: Problem) -> str:
    return problem.message if problem.line is None else f"line {problem.line}: {problem.message}"
