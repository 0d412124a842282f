"""The sheets of a workbook (`.xlsx`) as tables."""

from __future__ import annotations

import re

import pandas as pd

from podium.competition.infer.conversions.tables.dialects.spreadsheets import (
    decimals_as_points,
    with_one_header,
    without_titles,
)
from podium.competition.infer.conversions.tables.made_table import MadeTable, stem_of_table
from podium.competition.infer.files import DataFolder
from podium.errors import DataError, some

__all__ = ["sheets_of_book"]


def sheets_of_book(folder: DataFolder, path: str) -> dict[str, MadeTable]:
    """Return the tables of a workbook by name: a table for each sheet of several cells.

    Raises:
        DataError: it is damaged, or openpyxl, which reads it, is not installed.
    """
    file = folder.path / path
    save = "or save it as CSV"
    try:
        sheets = pd.read_excel(
            file, sheet_name=None, header=None, dtype=str, keep_default_na=False, engine="openpyxl"
        )
    except ImportError as error:
        raise DataError(
            "workbooks are read with openpyxl, which is not installed",
            where=path,
            fix=f"pip install 'podium-kaggle[xlsx]', {save}",
        ) from error
    except Exception as error:  # openpyxl lets through what zipfile and the XML reader raise
        what = f"the workbook cannot be read: {str(error) or type(error).__name__}"
        raise DataError(what, where=path, fix=f"open it and save it again, {save}") from error
    found = {}
    for sheet, cells in sheets.items():
        rows = [[str(cell).strip() for cell in row] for row in cells.fillna("").to_numpy()]
        rows = with_one_header(without_titles([row for row in rows if any(row)]))
        kept = [k for k in range(len(rows[0]) if rows else 0) if any(row[k] for row in rows)]
        rows = [[row[k] for k in kept] for row in rows]
        if len(rows) < 2 or len(kept) < 2 or len(set(rows[0])) < len(kept):
            continue
        name = stem_of_table(path) if len(sheets) == 1 else f"{stem_of_table(path)}_{sheet}"
        table = pd.DataFrame(rows[1:], columns=rows[0], dtype=object)
        name = re.sub(r"[^\w.-]+", "_", name)
        # A cell that is a number has a point; what was typed as text, the comma of the country.
        pointed = decimals_as_points(table)
        commas = f" (decimal commas in {some(pointed)})" if pointed else ""
        reader = f"the sheet {sheet!r}{commas} of a workbook"
        found[f"{name}.csv"] = MadeTable((path,), reader, table)
    return found
