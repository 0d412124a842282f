"""Predictions in numpy's files, an npz with ids beside the values or a bare npy, and in memory.

Nothing in files is executed (objects are refused), and nothing is read before its declared shape
fits the competition. Values stay on the disk: of an npz they are unpacked into a file first.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.errors import DAMAGED_ARRAY, DataError, UsageError, plural, some
from podium.predictions.imports.matching import require_one_a_row
from podium.predictions.imports.schema import ImportSchema
from podium.predictions.imports.tables import (
    FOLD_COLUMNS,
    ImportedLabels,
    id_column,
    read_id_list,
)

__all__ = ["LabelsInMemory", "open_npy", "read_label_array", "read_labels_in_memory"]

_IDS = ("ids", "id", "image_ids", "image_id", "names", "filenames", "files", "index")
_VALUES = (
    "probs", "prob", "probabilities", "preds", "pred", "predictions", "oof", "oof_preds",
    "oof_probs", "test", "test_preds", "test_probs", "y_pred", "logits",
)  # fmt: skip
_FOLDS = ("folds", "fold")
_CLASSES = ("classes", "class_names", "columns")
_LONGEST_TEXT = 4096

Header = tuple[tuple[int, ...], np.dtype[Any]]


def read_label_array(
    path: Path,
    form: ImportSchema,
    *,
    id_names: Sequence[str],
    n_most: int,
    spool: Path,
    ids: Path | None = None,
    label: str = "",
) -> ImportedLabels:
    """Return the label predictions in the npz or npy at `path`.

    Args:
        path: an npz with arrays `ids` and `probs` (or as they are usually called) and perhaps
            `folds` and `classes`; or an npy of values.
        form: the expected values; columns that no `classes` names stand in its order.
        id_names: what the column of ids may be called in a table of them.
        n_most: how many rows it may have: one a sample.
        spool: a folder for what is unpacked; it must outlive what is returned.
        ids: a CSV or text file with the ids of the rows of an npy, in their order.
        label: its name, where it is of one fold model.

    Raises:
        DataError: naming file and row: it is missing, damaged or of Python objects, or shapes fit
            neither each other nor the competition.
        UsageError: an npy without ids, or ids beside those of an npz.
    """
    if path.suffix.lower() == ".npy":
        if ids is None:
            raise UsageError(
                "a bare npy does not say which rows it has",
                where=path,
                fix="name their ids, in the order of the rows: --ids FILE (--test-ids FILE)",
            )
        values, rows = open_npy(path), read_id_list(ids, id_names)
        require_one_a_row(rows, n_most, _place_of_row, path)
        _check_values(values.shape, values.dtype, None, form, n_most, path)
        return _labels_of(path, rows, values, form, label=label)
    if ids is not None:
        raise UsageError("an npz has ids of its own", where=path, fix="leave --ids out")
    try:
        with zipfile.ZipFile(path) as archive:
            return _of_archive(path, archive, form, n_most, spool, label)
    except OSError as error:
        what = "there is no such file" if isinstance(error, FileNotFoundError) else str(error)
        raise DataError(what, where=path, fix="mind the spelling") from error
    except DAMAGED_ARRAY as error:
        raise _damaged(path, error) from error


@dataclass(frozen=True)
class LabelsInMemory:
    """Predictions of labels that a notebook has in memory.

    Attributes:
        argument: what messages call them.
        values: a frame with a column of each class, and perhaps of ids and of folds; or an array
            `(N,)` or `(N, C)`.
        ids: `(N,)`; None: a column of the frame has them.
        folds: `(N,)`; None: a column of the frame has them, or nothing.
    """

    argument: str
    values: pd.DataFrame | NDArray[Any]
    ids: list[str] | None = None
    folds: Sequence[Any] | None = None

    def __str__(self) -> str:
        return self.argument


def read_labels_in_memory(
    given: LabelsInMemory,
    form: ImportSchema,
    *,
    id_names: Sequence[str],
    n_most: int,
    label: str = "",
) -> ImportedLabels:
    """Return predictions from memory; arguments as `read_label_array` has them.

    Raises:
        DataError: naming argument and row: no column of ids or of a class, shapes that fit neither
            each other nor the competition, or a row without a fold.
    """
    where, ids = Path(given.argument), given.ids
    folds = None if given.folds is None else _fold_names(pd.Series(given.folds), where)
    notes: tuple[str, ...] = ()
    if isinstance(given.values, pd.DataFrame):
        frame = given.values
        if frame.index.name is not None:  # ids that are the index: frame.set_index("id")
            frame = frame.reset_index()
        header = [str(one) for one in frame.columns]
        taken = [i for i, one in enumerate(header) if one.lower() in FOLD_COLUMNS]
        if folds is None and len(taken) == 1:
            folds = _fold_names(frame.iloc[:, taken[0]], where)
        if ids is None:
            taken.append(id_column(header, id_names, where, form.file_ids))
            ids = [str(one) for one in frame.iloc[:, taken[-1]]]
        others = [i for i in range(len(header)) if i not in taken]
        columns = [others[i] for i in form.columns([header[i] for i in others], where)]
        # What is no number is nan here, and refused with its row.
        numbers = [pd.to_numeric(frame.iloc[:, i], errors="coerce") for i in columns]
        values = np.column_stack([one.to_numpy(np.float64, na_value=np.nan) for one in numbers])
        unread = [header[i] for i in others if i not in columns]
        notes = (f"columns that are not read: {some(unread)}",) if unread else ()
        order: list[int] | None = list(range(len(columns)))
    else:
        values, order = given.values, None
        if ids is None:
            raise UsageError(
                "an array does not say which rows it has",
                where=where,
                fix=f"name their ids, in the order of the rows: {_IDS_OF[given.argument[:4]]}",
            )
    require_one_a_row(ids, n_most, _place_of_row, where)
    _check_values(values.shape, values.dtype, len(ids), form, n_most, where)
    if folds is not None and len(folds) != len(ids):
        raise DataError(f"{plural(len(ids), 'id')} but {plural(len(folds), 'fold')}", where=where)
    return _labels_of(where, ids, values, form, folds=folds, order=order, notes=notes, label=label)


_IDS_OF = {"oof": "ids=…", "test": "test_ids=…"}


def _fold_names(folds: pd.Series[Any], where: Path) -> list[str]:
    """Return what a column calls the folds; "1" for the 1.0 of a column with missing cells."""
    missing = np.flatnonzero(folds.isna().to_numpy())
    if missing.size:
        raise DataError(
            f"no fold in row {missing[0]} (from 0)", where=where, fix="give every row its fold"
        )
    return [str(one).removesuffix(".0") for one in folds]


def open_npy(path: Path) -> NDArray[Any]:
    """Return the array in an npy, on the disk.

    Raises:
        DataError: it is missing, damaged or of Python objects.
    """
    try:
        with path.open("rb") as file:
            shape, dtype = _header(file, path)
        _refuse_objects(dtype, path)
        n_bytes = dtype.itemsize
        for side in shape:
            n_bytes *= side
        if n_bytes > path.stat().st_size:
            raise _damaged(path, f"{path.stat().st_size} bytes are no array of {shape}")
        # An array without a value cannot be mapped; the caller refuses it.
        how: Any = "r" if n_bytes else None
        found: NDArray[Any] = np.load(path, mmap_mode=how, allow_pickle=False)
    except OSError as error:
        what = "there is no such file" if isinstance(error, FileNotFoundError) else str(error)
        raise DataError(what, where=path, fix="mind the spelling") from error
    except DAMAGED_ARRAY as error:
        raise _damaged(path, error) from error
    return found


def _of_archive(
    path: Path, archive: zipfile.ZipFile, form: ImportSchema, n_most: int, spool: Path, label: str
) -> ImportedLabels:
    headers: dict[str, Header] = {}
    for one in archive.namelist():
        if one.endswith(".npy"):
            with archive.open(one) as file:
                headers[one.removesuffix(".npy")] = _header(file, path)
    ids_at = _named(headers, _IDS)
    if ids_at is None:
        raise DataError(
            f"no array `ids`; there are {some(headers, 8)}",
            where=path,
            fix="np.savez(FILE, ids=np.array(ids, dtype=str), probs=probs)",
        )
    folds_at, classes_at = _named(headers, _FOLDS), _named(headers, _CLASSES)
    values_at = _values_at(headers, {ids_at, folds_at, classes_at}, path)
    # Some more ids are read than may be: one that stands twice is named with its rows.
    ids = _texts(archive, ids_at, headers, n_most, path, n_read=2 * n_most)
    require_one_a_row(ids, n_most, _place_of_row, path)
    shape, dtype = headers[values_at]
    _check_values(shape, dtype, len(ids), form, n_most, path)
    folds = None
    if folds_at is not None:
        folds = [one.removesuffix(".0") for one in _texts(archive, folds_at, headers, n_most, path)]
        if len(folds) != len(ids):
            raise DataError(
                f"{plural(len(ids), 'id')} but {plural(len(folds), 'fold')}", where=path
            )
    order = None
    n_columns = shape[1] if len(shape) == 2 else 1
    is_by_name = form.n_channels > 1 or n_columns > 1
    # Beside a lone probability two names are those of no and yes, and one is that of its column.
    is_by_name |= form.kind.is_yes_no and headers.get(classes_at or "", ((), None))[0] == (1,)
    if classes_at is not None and is_by_name:
        named = _texts(archive, classes_at, headers, n_columns, path)
        if form.n_channels == 1 and len(named) != n_columns:
            raise DataError(
                f"{plural(n_columns, 'column')} but {len(named)} {classes_at}",
                where=path,
                fix=f"name every column, or leave {classes_at} out",
            )
        order = form.columns([one.removesuffix(".0") for one in named], path)
    unpacked = spool / f"{len(list(spool.iterdir()))}.npy"
    n_bytes = archive.getinfo(f"{values_at}.npy").file_size
    if n_bytes > int(np.prod(shape)) * dtype.itemsize + 2**16:
        raise _damaged(path, f"{values_at} is larger than its shape {shape}")
    with archive.open(f"{values_at}.npy") as packed, unpacked.open("wb") as file:
        shutil.copyfileobj(packed, file)
    unread = [one for one in headers if one not in (ids_at, folds_at, classes_at, values_at)]
    notes = (f"arrays that are not read: {some(unread)}",) if unread else ()
    values = open_npy(unpacked)
    found = _labels_of(path, ids, values, form, folds=folds, order=order, notes=notes, label=label)
    return replace(found, is_named=form.kind.is_yes_no and order is not None)


def _labels_of(
    path: Path,
    ids: list[str],
    values: NDArray[Any],
    form: ImportSchema,
    *,
    folds: list[str] | None = None,
    order: list[int] | None = None,
    notes: tuple[str, ...] = (),
    label: str = "",
) -> ImportedLabels:
    if len(ids) != len(values):
        raise DataError(f"{plural(len(values), 'row')} but {plural(len(ids), 'id')}", where=path)

    def raw(rows: NDArray[np.int64]) -> NDArray[Any]:
        taken = np.asarray(values[rows])
        if taken.ndim == 1:
            return taken[:, None]
        return taken if order is None else taken[:, order]

    has_columns = values.ndim == 2 and values.shape[1] > 1
    is_by_class = form.n_channels > 1 or has_columns or bool(form.ratings and values.ndim == 2)
    if order is None and is_by_class and not form.kind.refuses_classes:
        notes = (*notes, "columns are taken in the order of competition.yaml's classes")
    return ImportedLabels(path, ids, _place_of_row, raw, folds, label, notes)


def _place_of_row(i: int) -> str:
    return f"row {i} (from 0)"


def _check_values(
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    n_ids: int | None,
    form: ImportSchema,
    n_most: int,
    path: Path,
) -> None:
    _refuse_objects(dtype, path)
    if dtype.kind not in "fiub":
        raise DataError(f"values are numbers, not {dtype}", where=path)
    n_rows = shape[0] if shape else 0
    if n_ids is not None and n_rows != n_ids:
        raise DataError(f"{plural(n_ids, 'id')} but values of shape {shape}", where=path)
    if not 0 < n_rows <= n_most:
        what = "there is no row" if not n_rows else f"there are more rows than samples ({n_most:,})"
        raise DataError(f"{what}: the shape is {shape}", where=path, fix="keep one row an id")
    columns = shape[1] if len(shape) == 2 else 1
    if len(shape) not in (1, 2) or columns not in form.widths:
        expected = f"(N, {form.n_channels})" if form.n_channels > 1 else "(N,) or (N, 1)"
        raise DataError(
            f"values have shape {shape}, the competition's are {expected}",
            where=path,
            fix=f"one column for each of {some(form.channels)}",
        )


def _texts(
    archive: zipfile.ZipFile,
    name: str,
    headers: Mapping[str, Header],
    n_most: int,
    path: Path,
    *,
    n_read: int = 0,
) -> list[str]:
    """Return a small array of texts or whole numbers, `(n,)`, n at most `n_most` or `n_read`."""
    shape, dtype = headers[name]
    _refuse_objects(dtype, path)
    n_read = max(n_read, n_most)
    size = len(shape) == 1 and shape[0] <= n_read and dtype.itemsize <= 4 * _LONGEST_TEXT
    if not size or dtype.kind not in "UiufS":
        raise DataError(
            f"{name} has shape {shape} of {dtype}: one text a row is meant, of {n_most:,} at most",
            where=path,
            fix="keep one row an id",
        )
    try:
        with archive.open(f"{name}.npy") as file:
            found = np.lib.format.read_array(file, allow_pickle=False)
        if dtype.kind == "S":
            found = np.char.decode(found, "utf-8")
    except DAMAGED_ARRAY as error:
        raise _damaged(path, error) from error
    return [str(one).strip() for one in found.tolist()]


def _values_at(headers: Mapping[str, Header], taken: set[str | None], path: Path) -> str:
    found = _named(headers, _VALUES)
    if found is not None:
        return found
    numbers = [
        one
        for one, (shape, dtype) in headers.items()
        if one not in taken and dtype.kind == "f" and len(shape) in (1, 2)
    ]
    if len(numbers) == 1:
        return numbers[0]
    raise DataError(
        f"no array, or more than one, could be the predictions; there are {some(headers, 8)}",
        where=path,
        fix="name the array `probs`",
    )


def _named(headers: Mapping[str, Header], names: Sequence[str]) -> str | None:
    lowered = {one.lower(): one for one in headers}
    return next((lowered[one] for one in names if one in lowered), None)


def _header(file: IO[bytes], path: Path) -> Header:
    try:
        version = np.lib.format.read_magic(file)
        read = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }.get(version)
        if read is None:
            raise _damaged(path, f"the format {version} is not known")
        shape, _, dtype = read(file)
    except DAMAGED_ARRAY as error:
        raise _damaged(path, error) from error
    return shape, dtype


def _refuse_objects(dtype: np.dtype[Any], path: Path) -> None:
    if dtype.hasobject:
        raise DataError(
            "an array holds Python objects, which are programs and not read",
            where=path,
            fix="save ids as np.array(ids, dtype=str), and values as numbers",
        )


def _damaged(path: Path, why: object) -> DataError:
    return DataError(f"this is no whole file of arrays: {why}", where=path, fix="save it again")
