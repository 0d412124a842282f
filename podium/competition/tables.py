"""Tables (CSV or TSV, also compressed), read as text so that ids stay what they are."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from pathlib import Path

import pandas as pd

from podium.errors import DataError

__all__ = ["TABLE_SUFFIXES", "read_table"]

TABLE_SUFFIXES = (".csv", ".tsv", ".csv.gz", ".csv.zip", ".tsv.gz")


def read_table(path: Path, *, where: str | None = None) -> pd.DataFrame:
    """Return the table with every cell as text, headers and cells stripped of spaces around them.

    "000123", "NA" and "None" stay as they are written (pandas would make 123 and NaN of them); a
    blank cell is `""`. SIIM's train-rle.csv is why spaces are stripped.

    Raises:
        DataError: the file is missing, empty, damaged, no table, not UTF-8, or has a header twice.
    """
    where = str(path) if where is None else where
    tabs = ".tsv" in path.suffixes
    try:
        frame = pd.read_csv(
            path,
            sep="\t" if tabs else ",",
            dtype=str,
            keep_default_na=False,
            encoding="utf-8-sig",
            header=None,
        )
    except FileNotFoundError as cause:
        raise DataError("there is no such table", where=where, fix="mind the spelling") from cause
    except pd.errors.EmptyDataError as cause:
        raise DataError("the table is empty", where=where, fix="download it again") from cause
    except UnicodeDecodeError as cause:
        raise DataError(f"not UTF-8 text: {cause}", where=where, fix="save it as UTF-8") from cause
    except (EOFError, zlib.error, zipfile.BadZipFile, gzip.BadGzipFile) as cause:
        what = f"the archive is damaged: {cause}"
        raise DataError(what, where=where, fix="download it again") from cause
    except pd.errors.ParserError as cause:
        fix = "mend that line; cells with a separator in them stand in double quotes"
        raise DataError(f"not a table: {cause}", where=where, fix=fix) from cause
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
