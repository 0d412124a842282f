"""Files in the form of the host's sample: semicolons, ids of a table, JSON, a column a class, PNGs.

What writes, reads and checks a file knows one form alone: commas, points, a column for each field
of `submission.columns`. A file of another form is written from such a text, and read from such a
copy of it, whose lines are those of the file; of JSON line n + 1 is record n, of a file without a
header the header of the copy is line 0. Of a file with a column a class, each line becomes one a
class, in the order of the columns; of one with columns in place of the last field of the id, one
for each cell that is not blank. `place_of_line` names line and column of these. Of a ZIP of PNGs
(`png_files`) a line is of no use to its author: it names the PNG.
"""

from __future__ import annotations

import ast
import atexit
import csv
import json
import re
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from itertools import chain, groupby, islice
from pathlib import Path
from threading import Lock
from typing import Any

from podium.competition.digits import DECIMAL_SIGNS, ascii_digits, digits_of, zeros_of
from podium.competition.ids.patterns import Pattern
from podium.errors import DataError, SubmissionError, plural, some
from podium.submissions.format.csv_text import LineError, cells_of_one, class_texts, read_table
from podium.submissions.format.png_files import FileFaultError, png_of_row, rows_of_pngs, write_pngs
from podium.submissions.format.spec import CLASS_FIELDS, SubmissionFormat
from podium.workspace.atomic import replacing, temporary_folder

__all__ = [
    "csv_line",
    "header_of_file",
    "in_form",
    "place_of_line",
    "plain_text",
    "plain_text_with_faults",
    "without_exponents",
]

_MARK = ","
_LONGEST = 1 << 30
_KEPT = 16
_FIELDS_OF_ROWS = frozenset({"id"}) | CLASS_FIELDS
_WITH_POINT = re.compile(r"[+-]?\d*\.\d+(?:[eE][+-]?\d+)?|[+-]?\d+\.")
_WITH_SIGN = {
    sign: re.compile(rf"[+-]?\d*{sign}\d+(?:[eE][+-]?\d+)?") for sign in (",", *DECIMAL_SIGNS)
}
_WITH_EXPONENT = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)[eE][+-]?\d+")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_NEEDS_QUOTES = re.compile('["\r\n]')
_SIZE = ("height", "width")


def csv_line(cells: Sequence[str], sep: str = _MARK) -> bytes:
    """Return one line of a CSV, with quotes where a cell needs them."""
    return _line(cells, sep).encode()


def _line(cells: Sequence[str], sep: str, end: str = "\n") -> str:
    return sep.join(_quoted(cell, sep) for cell in cells) + end


def _quoted(cell: str, sep: str) -> str:
    needs = _NEEDS_QUOTES.search(cell) or sep in cell
    return '"' + cell.replace('"', '""') + '"' if needs else cell


def without_exponents(text: str, sep: str) -> str:
    """Return a cell with its numbers as 0.00001 for 1e-05: other digits have no letter for it."""
    return sep.join(
        f"{Decimal(word):f}" if _WITH_EXPONENT.fullmatch(word) else word for word in text.split(sep)
    )


def plain_text(path: Path, form: SubmissionFormat) -> Path:
    """Return a file with the text of `path` in the one form that is read: itself, or a copy.

    Raises:
        LineError: a line cannot be read, or a mask of a ZIP.
        OSError: the file cannot be opened.
    """
    copy, faults = plain_text_with_faults(path, form)
    for fault in faults:
        raise LineError(str(fault), 0, fault.fix)
    return copy


def plain_text_with_faults(
    path: Path, form: SubmissionFormat
) -> tuple[Path, Sequence[FileFaultError]]:
    """Return what `plain_text` does, and the files of a ZIP that are no masks of the format.

    Rows of these have `UNREAD` for runs.

    Raises:
        LineError: a line cannot be read.
        OSError: the file cannot be opened.
    """
    return (path, ()) if form.file.reads_as_plain else _COPIES.of(path, form)


def place_of_line(path: Path, form: SubmissionFormat) -> Callable[[int], str] | None:
    """Return what names the place of a line of the plain text in the file; None: its number does.

    It is called once the file was read.
    """
    if form.file.pivot:
        return lambda line: _Translation(form).place_in_pivot(path, line)
    if form.file.kind != "png":
        return None

    def png_of(line: int) -> str:
        csv.field_size_limit(_LONGEST)
        copy, _ = plain_text_with_faults(path, form)
        with copy.open(encoding="utf-8", newline="") as stream:
            cells = next(islice(csv.reader(stream), line - 1, None), None)
        return "" if cells is None else png_of_row(cells, form)

    return png_of


def header_of_file(form: SubmissionFormat) -> list[str]:
    """Return the columns of a file to send, as the host's sample has them."""
    return form.header if form.file.kind != "csv" else _Translation(form).header


def in_form(path: Path, form: SubmissionFormat) -> None:
    """Write the plain text at `path` as the host's sample has it, in its place.

    Raises:
        SubmissionError: a row has no id in the table of ids, or a letter that the encoding of the
            host's sample lacks; or a mask that cannot be a PNG.
    """
    if form.file.is_plain:
        return
    if form.file.kind == "png":
        csv.field_size_limit(_LONGEST)
        with (
            replacing(path) as temporary,
            path.open(encoding="utf-8", newline="") as source,
        ):
            write_pngs(temporary, csv.reader(source, strict=True), form)
        return
    translation = _Translation(form)
    csv.field_size_limit(_LONGEST)
    encoding = form.file.encoding
    with (
        replacing(path) as temporary,
        path.open(encoding="utf-8", newline="") as source,
        temporary.open("w", encoding=encoding, newline="") as target,
    ):
        rows = csv.reader(source, strict=True)
        try:
            if form.file.kind == "json":
                target.writelines(translation.json_text(rows))
            else:
                found = translation.outwards(rows)
                if not form.file.header:
                    next(found)
                end = "\r\n" if form.file.newline == "crlf" else "\n"
                target.writelines(_line(row, form.file.sep, end) for row in found)
        except UnicodeEncodeError as error:
            letters = error.object[error.start : error.end]
            raise SubmissionError(
                f"the letters {letters!r} cannot be written as {encoding}, which the host's sample "
                "has",
                fix="ask the host how to send them, or write submission.file.encoding: utf-8",
            ) from error
        target.flush()


class _Copies:
    """The latest copies of files, which go with the process."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._paths: OrderedDict[tuple[object, ...], tuple[Path, list[FileFaultError]]] = (
            OrderedDict()
        )
        self._lock = Lock()
        self._n = 0

    def of(self, path: Path, form: SubmissionFormat) -> tuple[Path, list[FileFaultError]]:
        facts = path.stat()
        own: tuple[object, ...] = (
            form.file.model_dump_json(),
            tuple(form.columns.items()),
            form.sep,
        )
        if form.file.flags or form.file.codes:
            own = (*own, form.classes, form.item, form.empty)
        if form.file.kind == "png":  # of other forms cells are taken as they are
            own = (*own, str(form.kind), form.classes, form.rows, form.empty, form.rle)
        key = (path.absolute(), facts.st_ino, facts.st_mtime_ns, facts.st_size, own)
        with self._lock:
            if key not in self._paths:
                if self._folder is None:
                    stack = ExitStack()
                    atexit.register(stack.close)
                    self._folder = stack.enter_context(temporary_folder("podium-forms"))
                self._n += 1
                copy, faults = self._folder / f"{self._n}.csv", list[FileFaultError]()
                with copy.open("wb") as target:
                    target.writelines(map(csv_line, _Translation(form).rows_of(path, faults)))
                self._paths[key] = copy, faults
                while len(self._paths) > _KEPT:
                    self._paths.popitem(last=False)[1][0].unlink(missing_ok=True)
            self._paths.move_to_end(key)
            return self._paths[key]


_COPIES = _Copies()


def _id_pattern(template: str) -> Pattern:
    """Return the pattern of ids of several columns; a "/" may stand in these, unless in it, too."""
    return Pattern(template, is_path="/" in template)


@lru_cache(maxsize=4)
def _looked_up(
    table: str, column: str, fields: tuple[str, ...], _stamp: int
) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """Return the columns that a table of ids stands for, and their cells by id."""
    header, rows = read_table(Path(table))
    named = tuple(name for name in fields if name in header)
    if column not in header or not named:
        raise DataError(
            f"the table of ids needs the column {column!r} and some of {some(fields)}; it has "
            f"{some(header)}",
            where=table,
            fix="mend submission.file.lookup",
        )
    at, places = header.index(column), [header.index(name) for name in named]
    found = {row[at]: tuple(row[place] for place in places) for row in rows}
    if len(set(found.values())) < len(rows):
        raise DataError(
            f"ids, or what they stand for, are there twice: {plural(len(rows), 'row')}, "
            f"{plural(len(set(found.values())), 'meaning')}",
            where=table,
            fix="mend the table",
        )
    return named, found


@dataclass(frozen=True)
class _Translation:
    form: SubmissionFormat

    @cached_property
    def _lookup(self) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
        lookup = self.form.file.lookup
        if lookup is None:
            return (), {}
        try:
            stamp = Path(lookup.table).stat().st_mtime_ns
        except OSError:
            stamp = 0
        keys = [name for name, of in self.form.columns.items() if of in _FIELDS_OF_ROWS]
        return _looked_up(lookup.table, lookup.id, tuple(keys), stamp)

    @cached_property
    def header(self) -> list[str]:
        """The header of a CSV in the host's form."""
        lookup, named = self.form.file.lookup, self._lookup[0]
        if self.form.file.wide:
            return [*self._of_image, *self.form.file.wide.values()]
        in_place = self.form.file.ranked or self.form.file.pivot
        several = {self._cell: tuple(in_place)} if in_place else {}
        several |= {} if self._pieces is None else {self._id: self._fields_of_line}
        several |= {} if self.form.file.ids is None else {self._id: ()}
        first = [] if lookup is None else [lookup.id]
        names = (several.get(name, (name,)) for name in self.form.header if name not in named)
        return [*first, *(one for each in names for one in each)]

    @cached_property
    def _pieces(self) -> Pattern | None:
        """The columns that make up the id."""
        return _id_pattern(self.form.file.id_of) if self.form.file.id_of else None

    @cached_property
    def _fields_of_line(self) -> tuple[str, ...]:
        """The fields of the id that are columns by their names: the last of a pivot is not."""
        fields = () if self._pieces is None else self._pieces.fields
        return fields[:-1] if self.form.file.pivot else fields

    @cached_property
    def _ordered_ids(self) -> Sequence[str]:
        """The id of each row of a file that has none, by the order of another table."""
        ids = self.form.file.ids
        if ids is None:
            return ()
        header, rows = read_table(Path(ids.table))
        if ids.id not in header:
            raise DataError(
                f"the table of ids has no column {ids.id!r}; it has {some(header)}",
                where=ids.table,
                fix="mend submission.file.ids",
            )
        return [row[header.index(ids.id)] for row in rows]

    @cached_property
    def _id(self) -> str:
        """The column of the id."""
        return next((name for name, of in self.form.columns.items() if of == "id"), "")

    @cached_property
    def _of_image(self) -> list[str]:
        """The columns that stand once an image in a file with a column a class."""
        return [name for name in self.form.header if name not in (self._class, self._cell)]

    @cached_property
    def _class(self) -> str:
        """The column with the name of a row's class."""
        return next((name for name, of in self.form.columns.items() if of in CLASS_FIELDS), "")

    @cached_property
    def _cell(self) -> str:
        """The column with the answer of a row."""
        return next((name for name, of in self.form.columns.items() if of == "value"), "")

    @cached_property
    def _values(self) -> set[str]:
        """The columns that hold answers."""
        fields = self.form.columns.items()
        return {name for name, of in fields if of not in _FIELDS_OF_ROWS and "text[" not in of}

    def rows_of(self, path: Path, faults: list[FileFaultError]) -> Iterator[list[str]]:
        """Yield header and rows of a file of the host's form, as they are read.

        Args:
            path: the file.
            faults: gets those of files of a ZIP.
        """
        if self.form.file.kind == "png":
            yield from rows_of_pngs(path, self.form, faults)
            return
        if self.form.file.kind == "json":
            yield from self._records(path)
            return
        sep = self.form.file.sep
        csv.field_size_limit(_LONGEST)
        number = self.form.file.first_line
        encoding = self.form.file.encoding
        with path.open(
            encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline=""
        ) as stream:
            reader = csv.reader(stream, delimiter=sep, strict=True)
            try:
                first = next(reader, [])
                if len(first) == 1 < len(self.header):
                    why = f"cells are not separated by {sep!r}, as in the host's sample"
                    fix = f"separate the cells with {sep!r} (submission.file)"
                    if self.form.file.header and cells_of_one(first[0], ",;\t") != self.header:
                        fix += f", and write the header as {sep.join(self.header)}"
                    raise LineError(why, 1, fix)
                header = first if self.form.file.header else self.header
                if header is not first:
                    self._refuse_names(first)
                yield self.form.header if header == self.header else header
                for row in reader if header is first else chain([first], reader):
                    if header != self.header:
                        yield row
                    elif self.form.file.wide:
                        yield from self._each_class(self._plain_digits(row, number + 1), number + 1)
                    elif self.form.file.pivot:
                        yield from self._each_cell(self._plain_digits(row, number + 1), number + 1)
                    else:
                        yield self._inwards(self._plain_digits(row, number + 1), number + 1)
                    number = reader.line_num
            except csv.Error as error:
                fix = "write it with a CSV library"
                raise LineError(f"the file is not a CSV: {error}", reader.line_num, fix) from error
            except UnicodeError as error:
                name = "UTF-8" if encoding == "utf-8" else encoding
                message, fix = f"the file is not {name}", f"save the file as {name}"
                raise LineError(message, reader.line_num + 1, fix) from error

    def _refuse_names(self, first: Sequence[str]) -> None:
        """Raise where the first line of a file without a header names the columns."""
        if [cell.strip().casefold() for cell in first] == [one.casefold() for one in self.header]:
            raise LineError(
                "the first line names the columns, and the host's sample has no header",
                1,
                "leave the first line out (pandas: header=False)",
            )

    def _each_class(self, row: list[str], line: int) -> Iterator[list[str]]:
        """Yield a row a class of the row of an image; of another number of cells it is left."""
        if len(row) != len(self.header):
            yield row
            return
        cells = dict(zip(self.header, row, strict=True))
        for name, column in self.form.file.wide.items():
            cell = cells[column]
            cell = self._plain_number(cell, line)
            yield [{**cells, self._class: name, self._cell: cell}[one] for one in self.form.header]

    def _each_cell(self, row: list[str], line: int) -> Iterator[list[str]]:
        """Yield a row for each cell in the columns of a pivot that is not blank.

        Raises:
            LineError: the row has more or fewer cells than the header.
        """
        if row and len(row) != len(self.header):
            message = f"the row has {plural(len(row), 'cell')}, and there are {len(self.header)}"
            message += f" columns ({some(self.header)})"
            raise LineError(message, line, "write all of them, blank where nothing is asked for")
        cells = dict(zip(self.header, row, strict=bool(row)))
        for column in self._filled(row):
            if not column:
                yield row
                continue
            of_row = {self._last: column, self._cell: cells[column]}
            yield self._plain_cells({**cells, **of_row}, line)

    def _filled(self, row: Sequence[str]) -> list[str]:
        """Return the columns of a pivot where a row is not blank; [""] of a blank line."""
        if not row:
            return [""]
        columns = [one for one in zip(self.header, row, strict=False) if one[0] in self._pivot]
        return [name for name, cell in columns if cell.strip()]

    @cached_property
    def _pivot(self) -> frozenset[str]:
        return frozenset(self.form.file.pivot)

    @property
    def _last(self) -> str:
        """The field of the id whose values are columns."""
        return "" if self._pieces is None else self._pieces.fields[-1]

    def place_in_pivot(self, path: Path, number: int) -> str:
        """Return line and column of the cell that a line of the plain text is, by its number."""
        encoding = "utf-8-sig" if self.form.file.encoding == "utf-8" else self.form.file.encoding
        csv.field_size_limit(_LONGEST)
        n = line = first = self.form.file.first_line
        with path.open(encoding=encoding, newline="") as stream:
            reader = csv.reader(stream, delimiter=self.form.file.sep, strict=True)
            for row in islice(reader, first, None):
                for column in self._filled(row):
                    n += 1
                    if n == number:
                        return f"line {line + 1}" + f", column {column!r}" * bool(column)
                line = reader.line_num
        return f"line {number}"

    def _inwards(self, row: list[str], line: int) -> list[str]:
        """Return the cells of a row in the form that is read; of another number they are left."""
        if len(row) != len(self.header):
            return row
        return self._plain_cells(dict(zip(self.header, row, strict=True)), line)

    def _plain_cells(self, cells: dict[str, str], line: int) -> list[str]:
        """Return the cells of a row by their columns in the form that is read."""
        if self.form.file.ranked:
            cells[self._cell] = self._plain_ranking(cells, line)
        for name in self._values & cells.keys():
            if self.form.file.flags:
                cells[name] = self._plain_flags(cells[name], line)
            elif self.form.file.codes:
                cells[name] = self._plain_sum(cells[name], line)
            elif self.form.file.lists:
                cells[name] = self._plain_list(cells[name], line)
            else:
                cells[name] = self._plain_number(cells[name], line)
        lookup = self.form.file.lookup
        if lookup is not None:
            named, meanings = self._lookup
            blank = (f"{cells[lookup.id]} ({lookup.id})", *[""] * (len(named) - 1))
            cells |= zip(named, meanings.get(cells[lookup.id], blank), strict=True)
        if self._pieces is not None:
            cells[self._id] = self._pieces.fill(cells)
        if self.form.file.ids is not None:
            place = line - self.form.file.first_line - 1
            is_there = place < len(self._ordered_ids)
            cells[self._id] = self._ordered_ids[place] if is_there else f"row {place + 1}"
        return [cells[name] for name in self.form.header]

    def _plain_ranking(self, cells: Mapping[str, str], line: int) -> str:
        """Return the answers of a row, the likeliest first, with the separator between them."""
        columns = self.form.file.ranked
        each = [cells[name] for name in columns]
        filled = [cell for cell in each if cell]
        if each[: len(filled)] != filled:
            message = f"{columns[each.index('')]} is blank before another answer"
            raise LineError(message, line, "write the likeliest first, and blanks at the end only")
        cut = [cell for cell in filled if self.form.sep in cell]
        if cut:
            message = f"an answer has {self.form.sep!r} in it: {cut[0][:40]!r}"
            raise LineError(message, line, f"write one answer in each of {some(columns)}")
        return self.form.sep.join(filled) if filled else self.form.empty

    def _ranks(self, cell: str) -> dict[str, str]:
        """Return the answers of a cell by the column of their place; blank where it has fewer."""
        columns = self.form.file.ranked
        each = [] if cell == self.form.empty else cell.split(self.form.sep)
        return dict(zip(columns, [*each, *[""] * (len(columns) - len(each))], strict=True))

    def _plain_list(self, cell: str, line: int) -> str:
        """Return the labels of a list with the separator between them."""
        try:
            items = ast.literal_eval(cell.strip())
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            items = None
        if not isinstance(items, list) or not all(isinstance(one, str | int) for one in items):
            message = f"a cell is no list of labels: {cell[:40]!r}"
            raise LineError(message, line, f"write it as {self._as_list(['a', 'b'])}")
        return self.form.sep.join(map(str, items))

    def _plain_flags(self, cell: str, line: int) -> str:
        """Return the classes that have the letter for yes, with the separator between them."""
        no, yes = tuple(self.form.file.flags)
        names = class_texts(self.form)
        if len(cell) != len(names) or set(cell) - {no, yes}:
            message = f"a cell has not {no} or {yes} for each class: {cell[:40]!r}"
            raise LineError(
                message, line, f"write {plural(len(names), 'letter')}, as {no * len(names)}"
            )
        each = [name for name, one in zip(names, cell, strict=True) if one == yes]
        return self.form.sep.join(each) or self.form.empty

    def _as_flags(self, cell: str) -> str:
        """Return a letter for each class, as the host's sample has it."""
        no, yes = tuple(self.form.file.flags)
        named = self._named(cell)
        return "".join(yes if one in named else no for one in class_texts(self.form))

    def _named(self, cell: str) -> set[str]:
        """Return the classes of a cell with the separator between them."""
        return set() if cell == self.form.empty else set(cell.split(self.form.sep))

    @cached_property
    def _codes(self) -> list[tuple[str, int]]:
        """Each class with its code."""
        return list(zip(class_texts(self.form), self.form.file.codes, strict=True))

    def _plain_sum(self, cell: str, line: int) -> str:
        """Return the classes that the sum of their codes names, with the separator between them."""
        most = sum(self.form.file.codes)
        number = int(cell) if re.fullmatch(r"\d{1,18}", cell) else -1
        if number < 0 or number & ~most:
            message = f"a cell is no sum of codes of classes: {cell[:40]!r}"
            each = some([f"{code} for {name}" for name, code in self._codes])
            raise LineError(message, line, f"write the sum of {each}, or 0")
        named = [name for name, code in self._codes if number & code]
        return self.form.sep.join(named) or self.form.empty

    def _as_list(self, labels: Sequence[str]) -> str:
        """Return labels as the host's sample lists them."""
        if self.form.file.lists == "numbers":
            return f"[{', '.join(labels)}]"
        if self.form.file.lists == "json":
            return json.dumps(list(labels), ensure_ascii=False)
        return str(list(labels))

    def _plain_number(self, cell: str, line: int) -> str:
        """Return an answer without its unit, and with a decimal point."""
        unit = self.form.file.unit
        if unit and cell and not cell.endswith(unit):
            message = f"a number is without its unit: {cell[:40]!r}"
            fix = f"write {unit} behind each number, as the host's sample has it"
            raise LineError(message, line, fix)
        cell = cell.removesuffix(unit)
        return cell if self.form.file.decimal == "." else self._with_points(cell, line)

    def _with_points(self, cell: str, line: int) -> str:
        sign = self.form.file.decimal
        words = cell.split(self.form.sep)
        if any(_WITH_POINT.fullmatch(word) for word in words):
            message = f"a number has a decimal point: {cell[:40]!r}"
            signs = "decimal commas" if sign == "," else f"{sign} in its place"
            fix = f"write {signs}, as the host's sample has it (submission.file.decimal)"
            raise LineError(message, line, fix)
        return self.form.sep.join(_swapped(words, _WITH_SIGN[sign], sign, "."))

    @cached_property
    def _zeros(self) -> list[tuple[int, str, str]]:
        """The columns with digits of another script: their places, names, and the 0 of each."""
        digits = self.form.file.digits
        return [(k, name, digits[name]) for k, name in enumerate(self.header) if name in digits]

    def _plain_digits(self, row: list[str], line: int) -> list[str]:
        """Return the cells of a row of the file with digits of ASCII.

        Raises:
            LineError: a column has digits of another script than the host's sample.
        """
        if not self._zeros or len(row) != len(self.header):
            return row
        row = list(row)
        for place, name, zero in self._zeros:
            if zeros_of([row[place]]) - {zero}:
                message = f"{name} has other digits than the host's sample: {row[place][:40]!r}"
                raise LineError(message, line, f"write {digits_of(zero, ascii_digits(row[place]))}")
            row[place] = ascii_digits(row[place])
        return row

    def _with_digits(self, row: list[str]) -> list[str]:
        """Return the cells of a row of the file with the digits that the host's sample has."""
        for place, _, zero in self._zeros:
            row[place] = digits_of(zero, row[place])
        return row

    def outwards(self, rows: Iterable[list[str]]) -> Iterator[list[str]]:
        """Yield header and rows in the host's form."""
        body = iter(rows)
        names = next(body)
        yield self.header
        if self.form.file.pivot:
            each = (dict(zip(names, row, strict=True)) for row in body)
            yield from map(self._with_digits, self._lines_of_pivot(map(self._answered, each)))
            return
        named, meanings = self._lookup
        ids = {meaning: one for one, meaning in meanings.items()}
        images: dict[tuple[str, ...], dict[str, str]] = {}
        for place, row in enumerate(body):
            cells = dict(zip(names, row, strict=True))
            if self.form.file.ids is not None:
                self._refuse_order(place, cells[self._id])
            cells = self._answered(cells)
            if self.form.file.wide:
                image = images.setdefault(tuple(cells[name] for name in self._of_image), {})
                image[cells[self._class]] = cells[self._cell]
                continue
            if self.form.file.lookup is not None:
                meaning = tuple(cells[name] for name in named)
                if meaning not in ids:
                    message = f"no row of the table of ids is {some(meaning)}"
                    raise SubmissionError(message, fix="take that row out of submission.sample")
                cells[self.form.file.lookup.id] = ids[meaning]
            if self._pieces is not None:
                pieces = self._pieces.match(cells[self._id])
                if pieces is None:
                    message = f"the id {cells[self._id]!r} is not as {self._pieces.text}"
                    raise SubmissionError(message, fix="mend submission.file.id_of")
                cells |= pieces
            if self.form.file.ranked:
                cells |= self._ranks(cells[self._cell])
            yield self._with_digits([cells[name] for name in self.header])
        for first, answers in images.items():
            lacking = [name for name in self.form.file.wide if name not in answers]
            if lacking:
                message = f"{first[0]} has no row of {some(lacking)}, which is a column of the file"
                raise SubmissionError(message, fix="mend submission.file.wide or submission.sample")
            yield self._with_digits([*first, *(answers[name] for name in self.form.file.wide)])

    def _answered(self, cells: Mapping[str, str]) -> dict[str, str]:
        """Return the cells of a row with its answers as the host's sample writes them."""
        cells = dict(cells)
        if self.form.file.decimal != ".":
            sign = self.form.file.decimal
            for name in self._values:
                words = cells[name].split(self.form.sep)
                cells[name] = self.form.sep.join(_swapped(words, _WITH_POINT, ".", sign))
        for name in self._values if self.form.file.flags else ():
            cells[name] = self._as_flags(cells[name])
        for name in self._values if self.form.file.codes else ():
            named = self._named(cells[name])
            cells[name] = str(sum(code for one, code in self._codes if one in named))
        for name in self._values if self.form.file.lists else ():
            is_list = self.form.value == "labels"
            labels = cells[name].split(self.form.sep) if is_list else [cells[name]]
            cells[name] = self._as_list([one for one in labels if one])
        for name in self._values if self.form.file.unit else ():
            cells[name] += self.form.file.unit
        return cells

    def _lines_of_pivot(self, rows: Iterable[Mapping[str, str]]) -> Iterator[list[str]]:
        """Yield a line for the rows that differ in the last field of their ids alone.

        Raises:
            SubmissionError: such rows do not follow each other, or an id has no column.
        """
        seen = set[tuple[str, ...]]()
        each = ((*self._line_and_column(cells), cells[self._cell]) for cells in rows)
        for line, of_line in groupby(each, key=lambda one: one[0]):
            if line in seen:
                message = f"rows of {some(line)} are apart, and are one line of the file"
                raise SubmissionError(message, fix="put them together in submission.sample")
            seen.add(line)
            cells = dict.fromkeys(self.form.file.pivot, "")
            cells |= {column: cell for _, column, cell in of_line}
            cells |= zip(self._of_line, line, strict=True)
            yield [cells[name] for name in self.header]

    def _line_and_column(self, cells: Mapping[str, str]) -> tuple[tuple[str, ...], str]:
        """Return the cells of the line that a row is in, and its column of a pivot.

        Of two columns that may end an id, as 2 and 12 may end A12, it is the longer one.

        Raises:
            SubmissionError: no column ends the id, or the rest is not as `id_of`.
        """
        id_, template = cells[self._id], self.form.file.id_of
        at = template.rindex("{")
        rest, last = _id_pattern(template[:at]), Pattern(template[at:])
        for column in sorted(self.form.file.pivot, key=len, reverse=True):
            end = last.fill({self._last: column})
            pieces = rest.match(id_.removesuffix(end)) if id_.endswith(end) else None
            if pieces is not None:
                of_line = {**cells, **pieces}
                return tuple(of_line[name] for name in self._of_line), column
        raise SubmissionError(
            f"the id {id_!r} is not as {template}, with one of {some(self.form.file.pivot)} for "
            f"{self._last}",
            fix="mend submission.file.id_of or pivot",
        )

    @cached_property
    def _of_line(self) -> list[str]:
        """The columns of a file with a pivot that are none of it."""
        return [name for name in self.header if name not in self._pivot]

    def _refuse_order(self, place: int, name: str) -> None:
        """Raise where a row of a file without ids is not the row of this place."""
        if self._ordered_ids[place : place + 1] != [name]:
            table = getattr(self.form.file.ids, "table", "")
            message = f"row {place + 1} is {name}, which is another row of {table}"
            raise SubmissionError(message, fix="give submission.sample the ids in that order")

    def json_text(self, rows: Iterable[list[str]]) -> Iterator[str]:
        """Yield the text of a JSON list, or of answers by id, a row a line."""
        body = self.outwards(rows)
        header = next(body)
        begin, end = "{}" if self.form.file.by_id else "[]"
        start = f"{begin}\n"
        for row in body:
            record = {
                name: self._as_json(name, cell) for name, cell in zip(header, row, strict=True)
            }
            if self._counts is not None:
                height, width = (record.pop(name) for name in self._size_names)
                size = [int(height), int(width)]
                record[self._counts] = {"size": size, "counts": record[self._counts]}
            text = json.dumps(record, ensure_ascii=False)
            if self.form.file.by_id:
                key, answer = self._by_id(record)
                text = f"{json.dumps(key, ensure_ascii=False)}: {answer}"
            yield start + text
            start = ",\n"
        yield f"\n{end}\n" if start == ",\n" else f"{begin}{end}\n"

    def _by_id(self, record: dict[str, Any]) -> tuple[str, str]:
        """Return the id of a record, and its answer as JSON: alone, or by name of several."""
        rest = dict(record)
        key = _text_of(rest.pop(self._id))
        answer = next(iter(rest.values())) if len(rest) == 1 else rest
        return key, json.dumps(answer, ensure_ascii=False)

    def _as_json(self, name: str, cell: str) -> Any:
        is_text = name in self.form.file.as_text or name == self._counts
        return cell if is_text or not _NUMBER.fullmatch(cell) else json.loads(cell)

    @cached_property
    def _counts(self) -> str | None:
        """The column whose cells are the counts of a mask: with its size they are an object."""
        has_size = set(_SIZE) <= set(self.form.columns.values())
        found = [name for name, of in self.form.columns.items() if of == "value"]
        return found[0] if self.form.value == "coco" and found and has_size else None

    @cached_property
    def _size_names(self) -> list[str]:
        of = {field: name for name, field in self.form.columns.items()}
        return [of[name] for name in _SIZE]

    def _records(self, path: Path) -> Iterator[list[str]]:
        by_id = self.form.file.by_id
        what = "answers by their ids" if by_id else "list of records"
        fix = f"write {'' if by_id else 'a '}{what}, as the host's sample has it"
        try:
            content = json.loads(path.read_bytes(), object_pairs_hook=_once if by_id else None)
        except _RepeatedError as error:
            message = f"{error} stands there more than once"
            raise LineError(message, 1, "write one answer an id") from error
        except (ValueError, RecursionError) as error:
            raise LineError(f"the file is no JSON: {error}", 1, fix) from error
        if by_id and isinstance(content, dict):
            answer = next(name for name in self.form.header if name != self._id)
            content = [
                {self._id: key, **(one if isinstance(one, dict) else {answer: one})}
                for key, one in content.items()
            ]
        elif by_id:
            raise LineError(f"the file has no {what}", 1, fix)
        if not isinstance(content, list) or not all(isinstance(one, dict) for one in content):
            raise LineError("the file is no list of records", 1, fix)
        yield self.form.header
        for number, record in enumerate(content, start=1):
            if self._counts is not None:
                record = dict(record)
                inner = record.get(self._counts)
                if not isinstance(inner, dict) or {"size", "counts"} - inner.keys():
                    message = f"{self._counts} of record {number} has not size and counts"
                    raise LineError(
                        message, number + 1, 'write {"size": [height, width], "counts": …}'
                    )
                record[self._counts] = inner["counts"]
                record |= zip(self._size_names, inner["size"], strict=False)
            other = sorted(set(record) ^ set(self.form.header))
            if other:
                message = f"record {number} lacks, or has too much, {some(other)}"
                raise LineError(message, number + 1, f"write {', '.join(self.form.header)}")
            yield [_text_of(record[name]) for name in self.form.header]


def _swapped(words: Sequence[str], of: re.Pattern[str], old: str, new: str) -> list[str]:
    return [word.replace(old, new) if of.fullmatch(word) else word for word in words]


class _RepeatedError(ValueError):
    """A key that an object of JSON has twice."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the pairs of an object of JSON.

    Raises:
        _RepeatedError: a key stands there twice.
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        [(key, _)] = Counter(key for key, _ in pairs).most_common(1)
        raise _RepeatedError(repr(key))
    return found


def _text_of(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)
