"""Parquet files with a column of encoded images, written as image files and a table.

train-00000-of-00002.parquet   image: {bytes, path}, label      →   train/7.png, train.csv
test-00000-of-00001.parquet    image: {bytes, path}             →   test/1.png, test.csv
train_images.parquet           image_id, image: bytes           →   train/a7.png

Libraries of data sets write such files, in pieces of some hundred megabytes each. Images are called
as a column, or the paths of the images, name them, so that tables beside are of them; else they
have the numbers of their rows.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from podium.competition.ids.patterns import files_below
from podium.competition.infer.conversions.images.written_images import (
    WrittenImages,
    column_of_names,
    name_of_file,
    row_names,
)
from podium.competition.infer.files import FolderPart, guess_part
from podium.competition.languages import is_called
from podium.competition.tables import read_table
from podium.errors import DataError, plural
from podium.workspace.atomic import write_text
from podium.workspace.progress import SILENT, Progress

__all__ = ["cells_of", "column_cells", "write_image_columns"]

_ROWS_AT_ONCE = 64
_ENDS = {b"\x89PNG": ".png", b"\xff\xd8\xff": ".jpg", b"RIFF": ".webp", b"II*\0": ".tif"}
_ID, _PATH = "id", "path"


@dataclass(frozen=True)
class _Columns:
    """The columns of a file that holds images.

    Attributes:
        image: holds the images.
        mask: holds a mask of each; None without.
        rest: the others that hold no list and no record.
        names: by column, the names of the classes whose numbers it has.
        words: those of `rest` that hold words or whole numbers.
    """

    image: str
    mask: str | None
    rest: tuple[str, ...]
    names: dict[str, list[str]]
    words: tuple[str, ...]


def write_image_columns(
    data: Path,
    target: Path,
    expected: pd.DataFrame | None,
    tables: Sequence[str] = (),
    *,
    progress: Progress = SILENT,
) -> list[WrittenImages]:
    """Return what was written to `target`, part by part; [] where no file holds such a column.

    Args:
        data: a folder with Parquet files.
        target: a folder that is not there yet, or was written by an earlier call.
        expected: the sample submission. The ids of the test images are its first column, where
            they have none of their own and it has as many rows; classes are numbers where its
            values are.
        tables: the paths of tables beside, which will lie beside the images, too.
        progress: of the images.

    Raises:
        DataError: a file cannot be read, or a row has no image.
    """
    parts: dict[FolderPart, list[Path]] = defaultdict(list)
    for path in files_below(data, ""):
        if path.lower().endswith(".parquet"):
            parts[guess_part(Path(path).stem)].append(data / path)
    found = {part: (files, _columns(files[0])) for part, files in parts.items()}
    if all(columns is None for _, columns in found.values()):
        return []
    known = cells_of(data, tables)
    beside = frozenset(Path(path).name for path in tables)
    written = []
    for part, (files, columns) in found.items():
        if columns is not None:
            ids = expected.iloc[:, 0] if expected is not None and part == "test" else None
            names = _names(files, columns, ids, known)
            as_names = expected is not None and not _has_numbers(expected)
            written += _write_part(
                files, columns, target, part, names, beside, progress, as_names=as_names
            )
    return written


def cells_of(data: Path, tables: Sequence[str]) -> frozenset[str]:
    """Return the cells of tables; those that cannot be read are told of where they are needed."""
    found: set[str] = set()
    for path in tables:
        with contextlib.suppress(DataError):
            table = read_table(data / path)
            found.update(*(table[name] for name in table.columns))
    return frozenset(found)


def _has_numbers(expected: pd.DataFrame) -> bool:
    """Return whether every value of a sample submission is a number."""
    cells = expected.iloc[:, 1:].to_numpy(str).ravel()
    return all(str(cell).replace(".", "", 1).lstrip("-").isdecimal() for cell in cells)


def _columns(file: Path) -> _Columns | None:
    """Return the columns of a file; None where none of them holds images."""
    try:
        schema = pq.read_schema(file)
        [first] = next(pq.ParquetFile(file).iter_batches(1)).to_pylist()
    except (OSError, ValueError, StopIteration, pa.ArrowException) as error:
        what = f"the Parquet file cannot be read: {error}"
        raise DataError(what, where=file, fix="download it again") from error
    images = [name for name in schema.names if _end_of(_content(first[name]))]
    masks = [name for name in images if is_called(name, "mask")]
    plain = [name for name in images if name not in masks]
    if not plain:
        return None
    nested = (pa.types.is_nested, pa.types.is_binary, pa.types.is_large_binary)
    rest = tuple(one.name for one in schema if not any(is_such(one.type) for is_such in nested))
    words = tuple(
        one.name
        for one in schema
        if pa.types.is_integer(one.type)
        or pa.types.is_string(one.type)
        or pa.types.is_large_string(one.type)
    )
    named = _class_names(schema)
    words = tuple(one for one in words if one not in named)
    return _Columns(plain[0], masks[0] if masks else None, rest, named, words)


def _class_names(schema: pa.Schema) -> dict[str, list[str]]:
    """Return the names of classes that the file keeps for columns of their numbers."""
    try:
        told = json.loads((schema.metadata or {}).get(b"huggingface", b"{}"))
        features = told.get("info", {}).get("features", {})
        return {
            name: [str(one) for one in feature["names"]]
            for name, feature in features.items()
            if isinstance(feature, dict) and isinstance(feature.get("names"), list)
        }
    except (ValueError, AttributeError):
        return {}


def _content(cell: Any) -> bytes:
    """Return the bytes of an image in a cell; b"" where it holds something else."""
    content = cell.get("bytes") if isinstance(cell, dict) else cell
    return content if isinstance(content, bytes) else b""


def _end_of(content: bytes) -> str:
    """Return the ending of the files of such images; "" where they are of no known form."""
    return next((end for start, end in _ENDS.items() if content.startswith(start)), "")


def _rows(files: Sequence[Path], columns: _Columns) -> Iterator[tuple[Path, dict[str, Any]]]:
    read = [columns.image, *([columns.mask] if columns.mask else []), *columns.rest]
    for file in files:
        for batch in pq.ParquetFile(file).iter_batches(_ROWS_AT_ONCE, columns=read):
            for row in batch.to_pylist():
                yield file, row


def _write_part(
    files: Sequence[Path],
    columns: _Columns,
    target: Path,
    part: str,
    named: _ImageNames,
    beside: Collection[str],
    progress: Progress,
    *,
    as_names: bool,
) -> list[WrittenImages]:
    names, n = named.names, len(named.names)
    folder = target / part if columns.mask is None else target / part / "images"
    of_masks = target / part / "masks"
    for one in (folder, *([of_masks] if columns.mask else [])):
        shutil.rmtree(one, ignore_errors=True)
        one.mkdir(parents=True)
    table: dict[str, list[str]] = {named.column: [], **{name: [] for name in columns.rest}}
    with progress.bar(f"writing {part}", n) as advance:
        for name, (file, row) in zip(names, _rows(files, columns), strict=True):
            _write_image(folder / name, _content(row[columns.image]), file)
            if columns.mask is not None:
                _write_image(of_masks / name, _content(row[columns.mask]), file)
            for column in columns.rest:
                classes = columns.names.get(column, []) if as_names else []
                table[column].append(_cell(row[column], classes))
            advance(1)
    # A path is of where the image lay before.
    is_path = any("/" in one or "\\" in one for one in table[named.column])
    if is_path or named.column not in columns.rest:
        table[named.column] = names
    rows = pd.DataFrame(table, dtype=object)
    blank = [name for name in columns.rest if part == "test" and not rows[name].any()]
    rows = rows.drop(columns=blank)
    is_there = f"{part}.csv" in beside
    if not is_there or len(rows.columns) > 1:
        name = f"{part}_images.csv" if is_there else f"{part}.csv"
        write_text(target / name, rows.to_csv(index=False, lineterminator="\n"))
    where = ", ".join(file.name for file in files[:2]) + " …" * (len(files) > 2)
    note = f"{folder}: {plural(n, 'image')}, the column {columns.image} of {where}"
    reader = "images in Parquet"
    written = [WrittenImages(folder, tuple(files), reader, note)]
    if columns.mask is not None:
        note = f"{of_masks}: their masks, the column {columns.mask}"
        written.append(WrittenImages(of_masks, tuple(files), reader, note))
    return written


class _ImageNames(NamedTuple):
    """What the images of a part are called, and the column of their table that has it."""

    names: list[str]
    column: str


def _names(
    files: Sequence[Path],
    columns: _Columns,
    expected: pd.Series[str] | None,
    known: Collection[str],
) -> _ImageNames:
    """Return the names of a column or of the paths of images, or the numbers of the rows."""
    cells = {name: column_cells(files, name) for name in columns.words}
    image = pq.read_schema(files[0]).field(columns.image).type
    if pa.types.is_struct(image) and image.get_field_index(_PATH) >= 0:
        cells[f"{columns.image}.{_PATH}"] = column_cells(files, columns.image, _PATH)
    sent = frozenset[str]() if expected is None else frozenset(expected)
    found = column_of_names(cells, {*known, *sent}, sent)
    if found is None:
        n = sum(pq.read_metadata(file).num_rows for file in files)
        names = row_names(n, expected)
    else:
        names = [name_of_file(one) for one in cells[found]]
    return _ImageNames(names, found if found in columns.rest else _ID)


def column_cells(files: Sequence[Path], name: str, field: str = "") -> list[str]:
    """Return the cells of a column, or of a field of its records, as text; "" for none."""
    found = []
    for file in files:
        path = f"{name}.{field}" if field else name
        read = pq.ParquetFile(file).read(columns=[path])[name]
        cells = read.to_pylist()
        found += [cell if not field else (cell or {}).get(field) for cell in cells]
    return ["" if cell is None else str(cell) for cell in found]


def _write_image(path: Path, content: bytes, source: Path) -> None:
    end = _end_of(content)
    if not end:
        fix = "take the row out of the file"
        raise DataError(f"the row of {path.name!r} has no image", where=source, fix=fix)
    path.with_name(f"{path.name}{end}").write_bytes(content)


def _cell(value: Any, classes: Sequence[str]) -> str:
    if value is None or (classes and value == -1):
        return ""  # -1: no label, as libraries of data sets have it
    return classes[value] if classes else str(value)
