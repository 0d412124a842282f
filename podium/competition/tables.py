"""Tables (CSV or TSV, also compressed), read as text so that ids are unchanged.

Cells are parsed by their meaning: times are numbers or ISO dates, which are the same in every
locale; classes may be listed in a table, because thousands of names do not belong in a YAML file.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import ValidationInfo

from podium.errors import DataError, some

__all__ = ["TABLE_SUFFIXES", "class_names", "read_table", "read_times", "reading_table"]


TABLE_SUFFIXES = (".csv", ".tsv", ".csv.gz", ".csv.zip", ".tsv.gz")


def read_table(path: Path, *, where: str | None = None) -> pd.DataFrame:
    """Return the table with every cell as text, headers and cells stripped of spaces around them.

    "000123", "NA" and "None" stay as they are written (pandas would make 123 and NaN of them); a
    blank cell is `""`. SIIM's train-rle.csv is why spaces are stripped.

    Raises:
        DataError: the file is missing, empty, damaged, no table, not UTF-8, or has a header twice.
    """
    where = str(path) if where is None else where
    if path.exists() and not path.is_file():
        raise DataError("this is no file", where=where, fix="name the table")
    tabs = ".tsv" in path.suffixes
    with reading_table(where):
        frame = pd.read_csv(
            path,
            sep="\t" if tabs else ",",
            dtype=str,
            keep_default_na=False,
            encoding="utf-8-sig",
            header=None,
        )
    # A row with fewer cells than the header has NaN in spite of keep_default_na.
    frame = frame.fillna("").apply(lambda column: column.str.strip())
    header = [str(name) for name in frame.iloc[0]]
    for other in (";", "\t"):
        if len(header) == 1 and other in header[0]:
            what = f"cells are separated by {other!r}, not by a comma"
            raise DataError(what, where=where, fix="write the table with commas, or tabs as .tsv")
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated:
        raise DataError(f"columns stand twice: {repeated}", where=where, fix="rename one of them")
    body: pd.DataFrame = frame.iloc[1:].reset_index(drop=True)
    body.columns = pd.Index(header)
    return body


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
            what = f"the archive or the table is damaged: {text}"
        raise DataError(what, where=where, fix=fix) from cause


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
