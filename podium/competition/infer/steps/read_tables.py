"""The step that reads the tables of a data folder, in any dialect, and writes others as CSV."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.dialects.other_digits import (
    OtherDigits,
    in_ascii_digits,
)
from podium.competition.infer.conversions.tables.dialects.spreadsheets import (
    IdsToPredict,
    ids_of_units,
    ids_to_predict,
    of_other_dialect,
    with_decimal_points,
    with_header,
    without_index,
)
from podium.competition.infer.conversions.tables.dialects.workbooks import sheets_of_book
from podium.competition.infer.conversions.tables.made_table import (
    MadeTable,
    name_of_copy,
    stem_of_table,
)
from podium.competition.infer.encodings import FoundPage, page_of_tables
from podium.competition.infer.files import DataFolder, is_test_table, named_as_images
from podium.competition.infer.readme.headers import readme_no_header
from podium.competition.infer.sample.submission import is_sample_submission
from podium.competition.infer.sources import Sources
from podium.competition.infer.steps.samples import SpeltTables, with_sample_apart
from podium.competition.made_files import MADE
from podium.competition.tables import read_table
from podium.errors import DataError, plural

__all__ = ["with_tables"]


def with_tables(found: Sources) -> Sources:
    """Return the sources with their tables; of other dialects and books, those that are made.

    Where there is nothing to predict, a sample submission is one by its name alone.
    """
    folder, read = found.folder, _read_files(found.folder)
    sheets, no_books = _read_books(replace(found, tables=read.tables))
    of_sheets = {path: one.table for path, one in sheets.items()}
    digits = in_ascii_digits(replace(found, tables=read.tables | of_sheets))
    found, files = _write_files(found.with_note(*read.notes), read, digits)
    found = found.with_note(*read.left_out.values(), *no_books)
    found, books = _write_sheets(found, sheets, digits)
    bare = {
        path: one.sep
        for path, one in files.spelt.items()
        if not one.header and len(one.table.columns) == _ID_AND_LABEL
    }
    found = replace(found, bare=bare)
    spelt = SpeltTables(folder, files.spelt | books.spelt, files.lost | books.lost)
    return with_sample_apart(found, files.tables | books.tables, spelt)


@dataclass(frozen=True)
class _ReadFiles:
    """The tables of a data folder, as their files are."""

    tables: dict[str, pd.DataFrame]
    own: dict[str, MadeTable]
    """Those that are to be written again, as they have other signs."""
    left_out: dict[str, str]
    """Notes on files that are none."""
    notes: list[str]


@dataclass(frozen=True)
class _Written:
    """Tables by the path that they are read from, of the data or of the workspace.

    Attributes:
        tables: all.
        spelt: those that were written in the signs of podium, as they were.
        lost: of these, columns whose digits cannot be written back, each with a cell.
    """

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    spelt: dict[str, MadeTable] = field(default_factory=dict)
    lost: dict[str, Mapping[str, str]] = field(default_factory=dict)


def _read_files(folder: DataFolder) -> _ReadFiles:
    """Return the tables of a folder that are files of their own."""
    read = _ReadFiles({}, {}, {}, [])
    of_images = {path: one for one in named_as_images(folder) for path in one.paths.values()}
    page: FoundPage | None = None
    for path in folder.tables:
        try:
            table = read_table(folder.path / path, where=path)
        except DataError as error:
            page = page or page_of_tables(folder)
            other = of_other_dialect(folder, path, page)
            if other is None:
                what = str(of_images.get(path, error.where))
                read.left_out.setdefault(what, f"left out {what}: {error.message}")
                continue
        else:
            read.tables[path] = table
            numbered = without_index(folder, path, table)
            other = numbered or _in_own_signs(folder, path, table)
            if numbered is not None and is_sample_submission(path):
                read.notes.append(
                    f"files to send are written without the first column of {path}: ask the host "
                    "whether it must be there"
                )
        if other is not None:
            read.own[path], read.tables[path] = other, other.table
    without_header = _rows_without_header(CompetitionData(folder, read.tables), read.own, page)
    for path, other in without_header.items():
        read.own[path], read.tables[path] = other, other.table
        read.left_out.pop(path, None)
    for path, table in read.tables.items():
        if not is_sample_submission(path):
            read.tables[path] = _without_blank_rows(path, table, read.own)
    return read


def _read_books(data: CompetitionData) -> tuple[dict[str, MadeTable], list[str]]:
    """Return the sheets of workbooks by the paths to write them to, and notes on other books.

    Raises:
        DataError: a book cannot be read, and no other file is a table.
    """
    folder = data.folder
    sheets: dict[str, MadeTable] = {}
    notes = []
    n_called = Counter(map(stem_of_table, folder.books))
    for path in folder.books:
        # Workbooks of one name in several folders are told by these.
        where = path.rpartition("/")[0] if n_called[stem_of_table(path)] > 1 else ""
        start = re.sub(r"[^\w./-]+", "_", f"{where}/") if where else ""
        try:
            for name, sheet in sheets_of_book(folder, path).items():
                sheets[f"{MADE}/tables/{start}{name}"] = sheet
        except DataError as error:
            if all(map(is_sample_submission, (*data.tables, *sheets))):
                raise DataError(error.message, where=folder.path / path, fix=error.fix) from error
            notes.append(f"left out {path}: {error.message}: {error.fix}")
    return sheets, notes


def _write_files(
    found: Sources, read: _ReadFiles, digits: Mapping[str, OtherDigits]
) -> tuple[Sources, _Written]:
    """Write the tables with other signs or other digits; return the sources with them, and all."""
    written = _Written()
    for path, table in read.tables.items():
        other = _with_digits(path, table, read.own.get(path), digits.get(path))
        if other is None:
            written.tables[path] = table
            continue
        found, made = found.written(name_of_copy(path), other)
        written.tables[made], written.spelt[made] = other.table, other
        if path in digits and digits[path].lost:
            written.lost[made] = digits[path].lost
        found = found.with_note(f"{made} is {path}, which has {other.reader}")
    return found, written


def _write_sheets(
    found: Sources, sheets: Mapping[str, MadeTable], digits: Mapping[str, OtherDigits]
) -> tuple[Sources, _Written]:
    """Write the sheets of workbooks; return the sources with them, and all as tables."""
    written = _Written()
    for made, sheet in sheets.items():
        if made in digits:
            sheet = _of_digits(sheet, digits[made])
        name = made.removeprefix(f"{MADE}/tables/")
        found, _ = found.written(name, sheet)
        written.tables[made] = sheet.table
        if sheet.digits:
            written.spelt[made] = sheet
        if made in digits and digits[made].lost:
            written.lost[made] = digits[made].lost
        found = found.with_note(f"{made} is {sheet.reader}, {sheet.sources[0]}")
        if is_sample_submission(name):
            found = found.with_note(
                f"files to send are written as CSV, and {sheet.sources[0]} is a workbook: ask the "
                "host whether it takes these"
            )
    return found, written


def _without_blank_rows(path: str, table: pd.DataFrame, own: dict[str, MadeTable]) -> pd.DataFrame:
    """Return a table without rows that have no cell; it is one of `own` where there were such."""
    is_blank = table.isin([""]).all(axis=1)
    if is_blank.all() or not is_blank.any():
        return table
    sep = "\t" if ".tsv" in path.lower() else ","
    base = own.get(path) or MadeTable((path,), "", table, sep)
    n = int(is_blank.sum())
    told = f"{plural(n, 'row')} without a cell, which {'is' if n == 1 else 'are'} left out"
    rest = table[~is_blank].reset_index(drop=True)
    own[path] = base._replace(reader=", ".join(filter(None, (base.reader, told))), table=rest)
    return rest


def _with_digits(
    path: str, table: pd.DataFrame, own: MadeTable | None, digits: OtherDigits | None
) -> MadeTable | None:
    """Return a table that is to be written, as it has other signs, other digits or both; or None.

    Args:
        own: the table, where it has other signs.
        digits: the table, where it has other digits.
    """
    if digits is None:
        return own
    sep = "\t" if ".tsv" in path.lower() else ","
    return _of_digits(MadeTable((path,), "", table, sep) if own is None else own, digits)


def _of_digits(base: MadeTable, digits: OtherDigits) -> MadeTable:
    return base._replace(
        reader=", ".join(filter(None, (base.reader, digits.reader))),
        table=digits.table,
        decimal=base.decimal or digits.decimal,
        digits=digits.zeros,
    )


def _rows_without_header(
    data: CompetitionData, own: Mapping[str, MadeTable], page: FoundPage | None
) -> dict[str, MadeTable]:
    """Return the tables whose first row has an id of what is to be predicted, as all others have.

    Or of units of a few images each, as the names of these begin; or any id, where a text tells
    that tables have no header. These are known when all tables are read. Such a table may have the
    same cell twice in its first row, and so be in none of the `tables`.

    Args:
        data: with the tables that were read.
        own: those of them that have other signs.
        page: the encoding of a table that is not UTF-8; None where all are.
    """
    folder, tables = data.folder, data.tables
    units, is_told = ids_of_units(folder), bool(readme_no_header(folder))
    asked = [*ids_to_predict(data), *units]
    found = {}
    for path in folder.tables if asked or is_told else ():
        known = own.get(path)
        # A table of test has ids of its own, among which its first row may be.
        ids = units if is_test_table(path) and not is_sample_submission(path) else asked
        if known is not None and not known.header:
            continue
        cells = [*map(str, tables[path])] if path in tables else _first_cells(folder.path / path)
        if len(cells) == 1:
            cells = re.split(_SIGNS, cells[0])
        if not is_told and all(one.cells.isdisjoint(cells) for one in ids):
            continue
        other = None
        if path in tables and known is None:
            other = _in_own_signs(folder, path, tables[path], ids, is_told=is_told)
        if other is None:
            utf8 = FoundPage("utf-8")
            other = of_other_dialect(folder, path, page or utf8, ids, is_told=is_told)
        if other is not None and not other.header:
            found[path] = other
    return found


_SIGNS = r"\s*[;,|\t]\s*|\s+"
_LONGEST_ROW = 1 << 16


def _first_cells(file: Path) -> list[str]:
    """Return the cells of the first line of a file, as any of the usual signs part them."""
    try:
        with file.open("rb") as source:
            line = source.readline(_LONGEST_ROW)
    except OSError:
        return []
    return re.split(_SIGNS, line.decode("latin-1").strip())


def _in_own_signs(
    folder: DataFolder,
    path: str,
    table: pd.DataFrame,
    ids: Sequence[IdsToPredict] = (),
    *,
    is_told: bool = False,
) -> MadeTable | None:
    """Return a table without a header, or with tabs and decimal commas, as others are; or None.

    Args:
        table: its cells, as they are.
        ids: that rows without a header may have in place of names of images.
        is_told: whether a text tells that tables have no header.
    """
    bare = with_header(folder, path, table, ids, is_told=is_told)
    if bare is not None and len(table.columns) == 1:
        # An answer may be blank in each row: `7.png` and a tab.
        other = of_other_dialect(folder, path, FoundPage("utf-8"), ids, is_told=is_told)
        return bare if other is None or other.header else other
    if bare is None and _has_title(table):
        return of_other_dialect(folder, path, FoundPage("utf-8"), ids, is_told=is_told)
    if bare is None and ";" in str(table.columns[0]):
        # The comma of `7.png;0,5` parts cells, too, where no header tells otherwise.
        other = of_other_dialect(folder, path, FoundPage("utf-8"), ids, is_told=is_told)
        return None if other is None or other.header else other
    if bare is None and len(table.columns) == 1 and " " in str(table.columns[0]).strip():
        other = of_other_dialect(folder, path, FoundPage("utf-8"), ids, is_told=is_told)
        if other is not None and not other.header:
            return other  # blanks part the cells of `7.png  0.5  mono`
    pointed = with_decimal_points(path, table if bare is None else bare.table)
    if bare is None or pointed is None:
        return bare or pointed
    return pointed._replace(reader=f"{pointed.reader}, {bare.reader}", header=False)


def _has_title(table: pd.DataFrame) -> bool:
    """Return whether a title stands where the names of columns would be."""
    names = [str(name) for name in table.columns]
    if len(names) == 1:
        return bool(table.iloc[:, 0].str.contains(r";|\t|\|").mean() > _MOST)
    rest = [name for name in names[1:] if name and not name.startswith("Unnamed")]
    return bool(names[0]) and not rest and len(table) > 1


_MOST = 0.5
_ID_AND_LABEL = 2  # columns
