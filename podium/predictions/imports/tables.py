"""Imported labels, read from CSV: an id column, one column a class, perhaps one of folds."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.errors import DataError, some
from podium.predictions.imports.matching import require_one_a_row
from podium.predictions.imports.schema import ImportSchema
from podium.predictions.top_k import TopK

__all__ = ["ImportedLabels", "read_fold_table", "read_id_list", "read_label_table"]


Values = NDArray[Any]


@dataclass(frozen=True)
class ImportedLabels:
    """Rows in the order of their source; values are read on demand.

    Attributes:
        path: what was read.
        ids: `(N,)`, as they stand there.
        row: returns the place of a row in the file, from its number.
        raw: returns the rows at these positions as they were given: `(n, C)` in the competition's
            order of columns, or the likeliest of thousands.
        folds: `(N,)`, what the source calls the fold of each row; None: it names none.
        label: what the source is called where it is the word of one fold model.
        notes: what was passed over.
        is_checked: whether the values come from podium, which wrote probabilities.
        is_named: whether an array of no and yes came with the names of its columns.
    """

    path: Path
    ids: list[str]
    row: Callable[[int], str]
    raw: Callable[[NDArray[np.int64]], Values | TopK]
    folds: list[str] | None = None
    label: str = ""
    notes: tuple[str, ...] = field(default=())
    is_checked: bool = False
    is_named: bool = False

    def take(self, at: NDArray[np.int64], form: ImportSchema) -> Values | TopK:
        """Return the rows `at` as probabilities, `(n, C)`.

        Raises:
            DataError: a value is none, naming its row.
        """
        raw = self.raw(at)
        if self.is_checked or isinstance(raw, TopK):
            return raw
        return form.checked(raw, lambda i: self.row(int(at[i])), self.path)


def read_id_list(path: Path, names: Sequence[str]) -> list[str]:
    """Return the ids in a text file, one a line, or of the id column of a table, in their order.

    Raises:
        DataError: the file is missing or damaged, or a table has no such column.
    """
    if path.suffix.lower() not in (".csv", ".tsv"):
        return [one.strip() for one in read_text_lines(path)]
    header, cells, _ = read_cells(path)
    return [str(one) for one in cells[id_column(header, names, path)]]


FOLD_COLUMNS = ("fold", "folds", "kfold", "fold_id")
ID_COLUMNS = (
    "id", "ids", "image_id", "image_ids", "imageid", "image", "img", "filename", "file_name",
    "file", "path", "name",
)  # fmt: skip
_ROWS_AT_ONCE = 20_000
_FIRST_ROW = 2
"""The row after the header, as a spreadsheet counts."""


def read_label_table(
    path: Path, form: ImportSchema, *, id_names: Sequence[str], n_most: int, label: str = ""
) -> ImportedLabels:
    """Return the label predictions in the CSV or TSV at `path`.

    Args:
        path: the file.
        form: the expected values.
        id_names: what the column of ids may be called beside the usual names.
        n_most: how many rows it may have: one a sample.
        label: its name, where it is of one fold model.

    Raises:
        DataError: naming file and row: it is missing or no table, has no column of ids or of a
            class, more rows than there are samples, or a cell that is no number.
    """
    header = _header(path)
    at_id = id_column(header, id_names, path, form.file_ids)
    folds_at = [i for i, one in enumerate(header) if one.lower() in FOLD_COLUMNS]
    if len(folds_at) > 1:
        raise DataError(
            f"more than one column could hold the fold: {some(header[i] for i in folds_at)}",
            where=path,
            fix="keep one of them",
        )
    others = [i for i in range(len(header)) if i != at_id and i not in folds_at]
    columns = [others[i] for i in form.columns([header[i] for i in others], path)]
    ids: list[str] = []
    folds: list[str] = []
    numbers: list[NDArray[np.float64]] = []
    lines: list[NDArray[np.int64]] = []
    for frame, at in _blocks(path, len(header)):
        ids += frame[at_id].tolist()
        lines.append(at)
        require_one_a_row(ids, n_most, lambda i: f"row {np.concatenate(lines)[i]}", path)
        folds += frame[folds_at[0]].tolist() if folds_at else []
        numbers.append(_numbers(frame, columns, header, at, path))
    if not ids:
        raise DataError("there is no row under the header", where=path)
    values, line_of = np.concatenate(numbers), np.concatenate(lines)
    unread = [header[i] for i in others if i not in columns and header[i] != ""]
    notes = (f"columns that are not read: {some(unread)}",) if unread else ()
    if folds_at:
        _require_folds(folds, line_of, path)
    return ImportedLabels(
        path,
        ids,
        lambda i: f"row {line_of[i]}",
        lambda rows: values[rows],
        [_plain_fold_name(one) for one in folds] if folds_at else None,
        label,
        notes,
    )


def read_fold_table(path: Path, id_names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return ids and what the table calls their folds, as `folds.csv` has them.

    Raises:
        DataError: it is missing, no table, or has no column of ids or of folds.
    """
    header, cells, lines = read_cells(path)
    at = [i for i, one in enumerate(header) if one.lower() in FOLD_COLUMNS]
    if len(at) != 1:
        raise DataError(
            f"no column `fold`; the columns are {some(header, 8)}",
            where=path,
            fix="give a table of id and fold",
        )
    folds = cells[at[0]]
    _require_folds(folds, lines, path)
    return cells[id_column(header, id_names, path)], [_plain_fold_name(one) for one in folds]


def read_cells(path: Path) -> tuple[list[str], list[list[str]], NDArray[np.int64]]:
    """Return the header, the cells of each column as text, and the number of each row."""
    header = _header(path)
    columns: list[list[str]] = [[] for _ in header]
    lines = [np.empty(0, dtype=np.int64)]
    for frame, at in _blocks(path, len(header)):
        for i, column in enumerate(columns):
            column += frame[i].tolist()
        lines.append(at)
    return header, columns, np.concatenate(lines)


def id_column(
    header: Sequence[str], names: Sequence[str], where: Path, else_names: Sequence[str] = ()
) -> int:
    """Return which column has the ids: one of `names`, else one that is called as ids usually are.

    Where there is none of either, it is one of `else_names`.

    Raises:
        DataError: there is none, or more than one.
    """
    lowered = [one.lower() for one in header]
    for name in names:
        if header.count(name) == 1:
            return header.index(name)
    at = [i for i, one in enumerate(lowered) if one in ID_COLUMNS]
    at = at or [i for i, one in enumerate(header) if one in else_names]
    if len(at) == 1:
        return at[0]
    what = "more than one column could be" if at else "no column is"
    raise DataError(
        f"{what} that of the ids; the columns are {some(header, 8)}",
        where=where,
        fix=f"name the column `{names[0] if names else 'id'}`",
    )


def read_text_lines(path: Path) -> list[str]:
    """Return the lines of a text file, without blank ones at its end."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise _not_text_error(path, error) from error
    except OSError as error:
        raise _unreadable_file(path, error) from error
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


def _header(path: Path) -> list[str]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            found = next(csv.reader(file, delimiter=_separator(path)), [])
    except UnicodeDecodeError as error:
        raise _not_text_error(path, error) from error
    except csv.Error as error:
        raise DataError(f"this is no table: {error}", where=path, fix="write a CSV") from error
    except OSError as error:
        raise _unreadable_file(path, error) from error
    header = [one.strip() for one in found]
    if not any(header):
        raise DataError("the table is empty", where=path, fix="write it again")
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        raise DataError(
            "cells are not separated by commas",
            where=path,
            fix="write the table with commas, or tabs as .tsv",
        )
    repeated = sorted({one for one in header if one and header.count(one) > 1})
    if repeated:
        raise DataError(f"columns stand twice: {some(repeated)}", where=path, fix="rename one")
    return header


def _blocks(path: Path, n_columns: int) -> Iterator[tuple[pd.DataFrame, NDArray[np.int64]]]:
    """Yield rows as text, column after column numbered from 0, each with the number of its row.

    Blank rows are passed over.
    """
    row = 1
    try:
        with pd.read_csv(
            path,
            sep=_separator(path),
            dtype=str,
            keep_default_na=False,
            encoding="utf-8-sig",
            header=None,
            # The header goes with the rows: a row with more cells than it is an error then, where a
            # header by itself would have them dropped.
            skip_blank_lines=False,
            compression=None,
            chunksize=_ROWS_AT_ONCE,
            on_bad_lines="error",
        ) as chunks:
            for chunk in chunks:
                if chunk.shape[1] != n_columns:
                    raise DataError("the header cannot be read", where=path, fix="mend its quotes")
                text = chunk.fillna("").apply(lambda column: column.str.strip())
                lines = np.arange(row, row + len(text))
                row += len(text)
                is_there = (text != "").any(axis=1).to_numpy() & (lines >= _FIRST_ROW)
                yield text[is_there], lines[is_there]
    except pd.errors.EmptyDataError:
        return
    except UnicodeDecodeError as error:
        raise _not_text_error(path, error) from error
    except OSError as error:
        raise _unreadable_file(path, error) from error
    except (ValueError, OverflowError, pd.errors.ParserError) as error:
        fix = "mend that row; cells with a comma in them stand in double quotes"
        raise DataError(f"this is no table: {str(error).strip()}", where=path, fix=fix) from error


def _numbers(
    frame: pd.DataFrame,
    columns: Sequence[int],
    header: Sequence[str],
    lines: NDArray[np.int64],
    path: Path,
) -> NDArray[np.float64]:
    """Return the cells of `columns` as numbers, `(n, C)`."""
    out = np.empty((len(frame), len(columns)), dtype=np.float64)
    for c, column in enumerate(columns):
        cells = frame[column]
        out[:, c] = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=np.float64)
        bad = np.flatnonzero(np.isnan(out[:, c]))
        if bad.size:
            i = int(bad[0])
            cell = cells.iloc[i]
            fix = "write numbers with a decimal point, one in each cell"
            if cell.endswith("%"):
                fix = "write numbers without the sign, and percentages divided by 100"
            raise DataError(
                f"row {lines[i]}, column {header[column]!r}: "
                + (f"{cell!r} is no number" if cell else "the cell is blank"),
                where=path,
                fix=fix,
            )
    return out


def _require_folds(folds: Sequence[str], lines: NDArray[np.int64], path: Path) -> None:
    blank = [int(line) for one, line in zip(folds, lines, strict=True) if one == ""]
    if blank:
        raise DataError(f"no fold in row {blank[0]}", where=path, fix="give every row its fold")


def _plain_fold_name(fold: str) -> str:
    """Return "1" for the "1.0" that pandas writes where a column had blank cells."""
    return fold.removesuffix(".0")


def _separator(path: Path) -> str:
    return "\t" if path.suffix.lower() == ".tsv" else ","


def _not_text_error(path: Path, error: Any) -> DataError:
    return DataError(f"not UTF-8 text: {error}", where=path, fix="save it as a CSV in UTF-8")


def _unreadable_file(path: Path, error: OSError) -> DataError:
    what = "there is no such file" if isinstance(error, FileNotFoundError) else str(error)
    return DataError(what, where=path, fix="mind the spelling")
