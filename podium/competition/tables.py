"""Tables (CSV or TSV, also compressed), read as text so that ids are unchanged.

Cells are parsed by their meaning: times are numbers or ISO dates, which are the same in every
locale; classes may be listed in a table, because thousands of names do not belong in a YAML file.
"""

from __future__ import annotations

import bz2
import contextlib
import errno
import gzip
import lzma
import os
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import ValidationInfo

from podium.errors import DataError, plural, some, suggest

__all__ = ["TABLE_SUFFIXES", "class_names", "read_table", "read_times", "reading_table"]


TABLE_SUFFIXES = (".csv", ".tsv", ".csv.gz", ".csv.zip", ".tsv.gz")
_OTHER_TABLES = (".json", ".jsonl", ".ndjson", ".xlsx", ".xls", ".parquet", ".feather")
LARGEST_TABLE = "PODIUM_LARGEST_TABLE"
# Tables shrink 3 to 100 times; an archive made to fill the memory shrinks 1,000 times.
_MOST_TIMES, _ALWAYS_ALLOWED, _MOST_UNPACKED = 200, 256 << 20, 2 << 30
_SMALL = 1 << 20
"""Bytes of a table whose cells are Python's strings: asked one by one, they are twice as quick."""
_ARCHIVE_DAMAGE = (EOFError, zlib.error, zipfile.BadZipFile, gzip.BadGzipFile, lzma.LZMAError)
_OPEN: dict[str, Any] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}


def read_table(path: Path, *, where: str | None = None) -> pd.DataFrame:
    """Return the table with every cell as text, headers and cells stripped of spaces around them.

    "000123", "NA" and "None" stay as they are written (pandas would make 123 and NaN of them); a
    blank cell is `""`. SIIM's train-rle.csv is why spaces are stripped. Of several columns
    without a name, those without a cell are left out.

    Raises:
        DataError: the file is missing, empty, damaged, no table, not UTF-8, or has a header twice.
    """
    where = str(path) if where is None else where
    if path.exists() and not path.is_file():
        raise DataError("this is no file", where=where, fix="name the table")
    if path.suffix.lower() in _OTHER_TABLES:
        fix = "name the CSV file that podium init wrote of it (made/tables), or write it as CSV"
        raise DataError("this is neither CSV nor TSV", where=where, fix=fix)
    tabs = ".tsv" in path.suffixes
    try:
        with reading_table(where), _unpacked(path, where) as source:
            storage = "python" if path.stat().st_size <= _SMALL else "auto"
            with pd.option_context("mode.string_storage", storage):
                frame = pd.read_csv(
                    source,
                    sep="\t" if tabs else ",",
                    dtype=str,
                    keep_default_na=False,
                    encoding="utf-8-sig",
                    header=None,
                )
    except DataError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            raise DataError(error.message, where=where, fix=_nearest_table(path, where)) from error
        # Decimal commas, or other letters, are what the reader met first.
        if not tabs and isinstance(error.__cause__, pd.errors.ParserError | UnicodeDecodeError):
            _refuse_other_signs(_first_line(path, where), where)
        raise
    # A row with fewer cells than the header has NaN in spite of keep_default_na.
    frame = frame.fillna("").apply(lambda column: column.str.strip())
    header = [str(name) for name in frame.iloc[0]]
    if header.count("") > 1:
        # What a spreadsheet writes of columns that were formatted: commas, and nothing else.
        frame = frame.loc[:, [bool(frame[place].ne("").any()) for place in frame]]
        header = [str(name) for name in frame.iloc[0]]
    if len(header) == 1:
        _refuse_other_signs(header[0], where)
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated:
        raise DataError(f"columns stand twice: {repeated}", where=where, fix="rename one of them")
    body: pd.DataFrame = frame.iloc[1:].reset_index(drop=True)
    body.columns = pd.Index(header)
    return body


def _refuse_other_signs(header: str, where: str) -> None:
    """Raise where semicolons or tabs, and no comma, part the names of a header."""
    for sign in (";", "\t"):
        if header.count(sign) > header.count(","):
            raise DataError(
                f"cells are separated by {sign!r}, not by a comma",
                where=where,
                fix="podium init writes such a table once more, as UTF-8 with commas and decimal "
                "points: name the one in made/tables of a workspace that it made of this folder, "
                "or write it so (with tabs: as .tsv)",
            )


def _nearest_table(path: Path, where: str) -> str:
    """Return advice on a table that is not there: the file of its folder that is spelt alike."""
    beside = [one.name for one in path.parent.glob("*") if one.is_file()]
    folder = where.removesuffix(path.name)
    return suggest(path.name, beside, f"did you mean {folder}{{}}?", otherwise="mind the spelling")


def _first_line(path: Path, where: str) -> str:
    with reading_table(where), _unpacked(path, where) as source:
        if isinstance(source, Path):
            with source.open("rb") as file:
                return file.readline(_LONGEST_HEADER).decode("latin-1")
        return source.readline(_LONGEST_HEADER).decode("latin-1")


_LONGEST_HEADER = 1 << 20


@contextmanager
def reading_table(where: object) -> Iterator[None]:
    """Raise what pandas and the readers of archives raise on a table as a DataError with a fix.

    Args:
        where: names the table.

    Raises:
        DataError: it is missing, empty, damaged, no table, not UTF-8, or an archive of not one.
    """
    fix = "download it again"
    try:
        yield
    except DataError:
        raise
    except FileNotFoundError as cause:
        raise DataError("there is no such table", where=where, fix="mind the spelling") from cause
    except pd.errors.EmptyDataError as cause:
        raise DataError("the table is empty", where=where, fix=fix) from cause
    except UnicodeDecodeError as cause:
        raise DataError(f"not UTF-8 text: {cause}", where=where, fix="save it as UTF-8") from cause
    except pd.errors.ParserError as cause:
        fix = "mend that line; cells with a separator in them stand in double quotes"
        raise DataError(f"not a table: {str(cause).strip()}", where=where, fix=fix) from cause
    except ImportError as cause:  # of zstd
        what = f"its compression is not read here: {cause}"
        raise DataError(what, where=where, fix="unpack it, or compress it as .gz") from cause
    except Exception as cause:
        if isinstance(cause, OSError) and cause.errno not in (None, errno.EINVAL):
            raise  # of the disk or the mount, not of the file
        text = (str(cause).strip() or type(cause).__name__).splitlines()[0]
        if "encrypted" in text:
            what, fix = "the archive is encrypted", "unpack it with its password"
        elif "files found" in text.lower():  # pandas: none, or several
            what, fix = f"an archive holds one table: {text}", "unpack it, and name the table"
        else:
            of = "archive" if isinstance(cause, _ARCHIVE_DAMAGE) else "archive or the table"
            what = f"the {of} is damaged: {text}"
        raise DataError(what, where=where, fix=fix) from cause


@contextmanager
def _unpacked(path: Path, where: str) -> Iterator[Path | IO[bytes]]:
    """Yield what to read a table from; what unpacks to far too much is refused before it is read.

    Raises:
        DataError: it is too much, an archive does not have one file, is encrypted, or of a kind
            that is not read.
    """
    suffix = path.suffix.lower()
    if suffix == ".zip":
        with _member(path, where) as source:
            yield source
    elif suffix in _OPEN:
        with _opened(path) as source:
            n_bytes = 0
            while part := source.read(1 << 20):
                n_bytes += len(part)
                _refuse_too_much(n_bytes, path, where)
        with _opened(path) as source:
            yield source
    elif suffix in (".zst", ".tar", ".7z", ".rar"):
        what = f"tables are not read from {suffix}"
        raise DataError(what, where=where, fix="unpack it, or pack it as .gz")
    else:
        yield path


@contextmanager
def _member(path: Path, where: str) -> Iterator[IO[bytes]]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [one for one in archive.infolist() if not one.is_dir()]
            if len(members) != 1:
                what = f"an archive holds one table, this one has {plural(len(members), 'file')}"
                raise DataError(what, where=where, fix="unpack it and name the table")
            _refuse_too_much(members[0].file_size, path, where)
            with archive.open(members[0]) as source:
                yield source
    except (RuntimeError, NotImplementedError) as cause:  # a password, an unknown compression
        what = f"the archive cannot be unpacked: {cause}"
        raise DataError(what, where=where, fix="unpack it by hand") from cause
    except OSError as cause:
        if cause.errno == errno.EINVAL:  # its directory names a place before its beginning
            raise EOFError(str(cause)) from cause
        raise


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    with _OPEN[path.suffix.lower()](path) as source:
        try:
            yield source
        except OSError as cause:
            if cause.errno is None:  # bz2 has no error of its own for damage
                raise EOFError(str(cause)) from cause
            raise


def _refuse_too_much(n_bytes: int, path: Path, where: str) -> None:
    most = min(max(_MOST_TIMES * path.stat().st_size, _ALWAYS_ALLOWED), _MOST_UNPACKED)
    with contextlib.suppress(ValueError):
        most = int(os.environ.get(LARGEST_TABLE, ""))
    if n_bytes > most:
        raise DataError(
            f"it unpacks to more than {most:,} bytes, from {path.stat().st_size:,}",
            where=where,
            fix=f"if you trust it, set {LARGEST_TABLE} to more bytes, or unpack it by hand",
        )


_NUMBER = re.compile(r"0|[1-9]\d*")


def class_names(source: Mapping[str, Any], info: ValidationInfo) -> list[str]:
    """Return the classes that `{table, column}` names, in order, without `open_set` and blanks.

    Args:
        source: the mapping in the place of the list.
        info: its context has the folder of `competition.yaml` as "root".

    Raises:
        ValueError: another key, no such table or column, or no folder to look for it in.
    """
    if set(source) != {"table", "column"}:
        raise ValueError("write a list of names, or {table: data/train.csv, column: label}")
    root = (info.context or {}).get("root")
    if root is None:
        raise ValueError("the classes of a table are read with the file: use load_competition")
    column = str(source["column"])
    try:
        table = read_table(Path(root) / str(source["table"]), where=str(source["table"]))
    except DataError as error:
        raise ValueError(str(error)) from None
    if column not in table.columns:
        raise ValueError(
            f"{source['table']} has no column {column!r}; it has {list(table.columns)}"
        )
    return sorted_names(set(table[column]) - {"", info.data.get("open_set")})


def sorted_names(names: set[str]) -> list[str]:
    """Return the names in ascending order: by number, where all of them are whole numbers.

    Example:
        >>> sorted_names({"10", "9", "100"}), sorted_names({"10", "9", "x"})
        (['9', '10', '100'], ['10', '9', 'x'])
    """
    if all(_NUMBER.fullmatch(name) for name in names):
        return sorted(names, key=int)
    return sorted(names)


def read_times(values: pd.Series[Any]) -> NDArray[Any]:
    """Return numbers, or ISO dates as nanoseconds, in an array that sorts in time order.

    Raises:
        DataError: a value is neither.
    """
    if pd.api.types.is_datetime64_any_dtype(values):
        return values.to_numpy(dtype="datetime64[ns]").astype(np.int64)
    numbers = pd.to_numeric(values, errors="coerce")
    if np.isfinite(numbers.to_numpy(dtype=float)).all():
        return np.asarray(numbers)
    dates = pd.to_datetime(values.astype(str), errors="coerce", format="ISO8601", utc=True)
    if dates.isna().any():
        bad = values[dates.isna() & numbers.isna()]
        raise DataError(
            f"{values.name}: not numbers or ISO dates: {some(bad if len(bad) else values)}",
            fix="write dates as 2024-03-31 or 2024-03-31T12:00, or give a column of numbers",
        )
    return dates.dt.tz_localize(None).to_numpy(dtype="datetime64[ns]").astype(np.int64)
