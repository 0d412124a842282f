"""Parquet files with a column a pixel, perhaps in pieces, written as image files and a table.

train_image_data_0.parquet   image_id, 0, 1, … 1119     →   train/Train_0.png
train_image_data_1.parquet   image_id, 0, 1, … 1119     →   train/Train_60.png
train.csv                    image_id, vowel            →   a copy

Pixels are whole numbers, and are read some rows at a time. Images are called as a column names
each once, so that tables beside are of them; else they have the numbers of their rows.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from podium.competition.ids.patterns import files_below
from podium.competition.infer.conversions.images.image_columns import cells_of, column_cells
from podium.competition.infer.conversions.images.numbers_as_pixels import (
    FEWEST_PIXELS,
    PIXEL,
    save_pixels,
    scales,
    shape_of_rows,
)
from podium.competition.infer.conversions.images.written_images import (
    WrittenImages,
    column_of_names,
    name_of_file,
    row_names,
)
from podium.competition.infer.files import guess_part
from podium.errors import DataError, plural, some
from podium.workspace.atomic import write_text
from podium.workspace.progress import SILENT, Progress

__all__ = ["write_pixel_columns"]

_PIXELS_AT_ONCE = 1 << 26  # a column costs as much for a few rows as for a thousand
_ID = "id"


class _Pieces(NamedTuple):
    """The files of a part, the columns of their pixels, and the others that hold no list."""

    files: list[Path]
    pixels: list[str]
    rest: list[str]


def write_pixel_columns(
    data: Path,
    target: Path,
    expected: pd.DataFrame | None,
    tables: Sequence[str],
    told: Sequence[tuple[int, int]],
    *,
    progress: Progress = SILENT,
) -> list[WrittenImages]:
    """Return what was written to `target`, part by part; [] where no file has such columns.

    Args:
        data: a folder with Parquet files.
        target: a folder that is not there yet, or was written by an earlier call.
        expected: the sample submission, whose first column names test images that have no name.
        tables: the paths of tables beside, which will lie beside the images, too.
        told: sizes that texts tell.
        progress: of the images.

    Raises:
        DataError: pieces of a part have other columns, or no size is known.
    """
    parts = _parts(data)
    if not parts:
        return []
    known, beside = cells_of(data, tables), {Path(path).name for path in tables}
    ends = {name: np.array(_ends(one)) for name, one in parts.items()}
    scale = scales(ends)
    written = []
    for part, one in parts.items():
        shape = shape_of_rows(next(_rows(one)), told, where=str(one.files[0]))
        shape_of_files = shape[:2] if shape[2] == 1 else shape
        cells = {name: column_cells(one.files, name) for name in one.rest}
        ids = None if expected is None or part != "test" else expected.iloc[:, 0]
        sent = frozenset[str]() if ids is None else frozenset(ids)
        named = column_of_names(cells, known | sent, sent)
        n = sum(pq.read_metadata(file).num_rows for file in one.files)
        names = row_names(n, ids) if named is None else list(map(name_of_file, cells[named]))
        folder = target / part
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        with progress.bar(f"writing {part}", n) as advance:
            each = iter(names)
            for rows in _rows(one):
                for pixels in rows.reshape(-1, *shape_of_files):
                    save_pixels(folder / next(each), pixels, scale[part])
                    advance(1)
        table = pd.DataFrame(
            {named or _ID: names, **{k: v for k, v in cells.items() if k != named}}
        )
        is_there = f"{part}.csv" in beside
        if not is_there or len(table.columns) > 1:
            name = f"{part}_images.csv" if is_there else f"{part}.csv"
            write_text(target / name, table.to_csv(index=False, lineterminator="\n"))
        note = (
            f"{folder}: {plural(n, 'image')}, {shape[0]} pixels high and {shape[1]} wide, the "
            "rows of "
            f"{some([file.name for file in one.files], 2)}{scale[part].note}"
        )
        written.append(WrittenImages(folder, tuple(one.files), "a column a pixel in Parquet", note))
    return written


def _parts(data: Path) -> dict[str, _Pieces]:
    """Return the pieces of train and of test that have a column of whole numbers a pixel."""
    found: dict[str, _Pieces] = {}
    for path in files_below(data, ""):
        if not path.lower().endswith(".parquet"):
            continue
        schema = pq.read_schema(data / path)
        pixels = [
            one.name
            for one in schema
            if PIXEL.fullmatch(one.name) and pa.types.is_integer(one.type)
        ]
        if len(pixels) < FEWEST_PIXELS:
            continue
        others = {one.name for one in schema if pa.types.is_nested(one.type)}.union(pixels)
        rest = [name for name in schema.names if name not in others]
        part = guess_part(path.rpartition("/")[2])
        name = "train" if part == "other" else str(part)
        first = found.setdefault(name, _Pieces([], pixels, rest))
        if (first.pixels, first.rest) != (pixels, rest):
            raise DataError(
                f"{path} has other columns than {first.files[0].name}, which is of {name}, too",
                where=data / path,
                fix="take one of them out of the folder, or write both with the same columns",
            )
        first.files.append(data / path)
    return found


def _rows(one: _Pieces) -> Iterator[NDArray[Any]]:
    """Yield pixels `(n, H·W·C)` of some rows at a time."""
    n_rows = max(1, _PIXELS_AT_ONCE // len(one.pixels))
    for file in one.files:
        for batch in pq.ParquetFile(file).iter_batches(n_rows, columns=one.pixels):
            columns = (batch.column(name).to_numpy(zero_copy_only=False) for name in one.pixels)
            yield np.stack(list(columns), axis=1)


def _ends(one: _Pieces) -> list[int]:
    """Return the least and the highest pixel; those of bytes are in their range anyway."""
    types = {pq.read_schema(file).field(name).type for file in one.files for name in one.pixels[:1]}
    if types == {pa.uint8()}:
        return [0, 255]
    each = [(int(np.nanmin(rows)), int(np.nanmax(rows))) for rows in _rows(one)]
    return [min(low for low, _ in each), max(high for _, high in each)]
