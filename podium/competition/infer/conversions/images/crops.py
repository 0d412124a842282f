"""Crops of larger images as images: rows of tables with a box or a circle each, to be labelled.

train.csv: crop,sheet,x,y,w,h,species           made/images/train/c1.png
           c1,page_3.jpg,40,0,36,36,oak    →    train.csv: crop,sheet,species
           c2,page_3.jpg,80,0,36,36,pine                   c1,page_3.jpg,oak …

The sample submission names the rows, and not their images. Of a circle, as x, y and r, the crop is
the square around it.
"""

from __future__ import annotations

import re
import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from podium.competition.ids.patterns import files_below
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.images.written_images import WrittenImages, copied_tables
from podium.competition.infer.conversions.parts.samples_by_content import samples_by_content
from podium.competition.infer.conversions.tables.dialects.spreadsheets import of_other_dialect
from podium.competition.infer.conversions.tables.rows.places import (
    place_of_table,
    rows_of_places,
)
from podium.competition.infer.encodings import FoundPage, page_of_tables
from podium.competition.infer.files import DataFolder, FolderPart, guess_part
from podium.competition.infer.image_tables import match_images
from podium.competition.infer.pictures import picture_size
from podium.competition.infer.sample.submission import (
    SAMPLE_NAME,
    is_sample_submission,
    sample_submissions,
)
from podium.competition.infer.scan import scan_folder
from podium.competition.tables import TABLE_SUFFIXES, read_table
from podium.errors import DataError, plural
from podium.workspace.atomic import write_text
from podium.workspace.progress import SILENT, Progress

__all__ = ["write_crops"]

_ANY: tuple[FolderPart, ...] = ("train", "test", "other", "holdout", "unlabelled")
_AS_CORNERS = ("min", "1")
_CIRCLE = 3  # columns
_HEAD = 65_536  # bytes of a first line
_MOST_OF_PLATE = 100  # columns: more are pixels


class _Boxes(NamedTuple):
    """A table of boxes: the column that names its rows, their images, and the columns of boxes."""

    path: str
    table: pd.DataFrame
    id: str
    images: list[str]
    columns: Sequence[str]
    sources: tuple[str, ...] = ()
    """The tables that it is made of, first those with places; () where it is one of the data."""
    told: str = ""
    """What the crops are made of, for a note."""


def write_crops(
    data: Path, target: Path, *, label: str | None = None, progress: Progress = SILENT
) -> list[WrittenImages]:
    """Return what was written to `target`: crops, and tables without boxes; [] without such.

    Args:
        data: a folder with images.
        target: a folder that is not there yet, or was written by an earlier call.
        label: the columns that a person calls labels, between commas.
        progress: of the crops.

    Raises:
        DataError: a box lies outside its image, or an image cannot be read.
    """
    paths = [path for path in files_below(data, "") if path.lower().endswith(TABLE_SUFFIXES)]
    if not any(_may_have_places(data / path) for path in paths):
        return []
    folder = scan_folder(data, "")
    samples = sample_submissions(folder.tables)
    page = page_of_tables(folder)
    read = ((path, _read(folder, path, page)) for path in folder.tables)
    tables = {path: one for path, one in read if one is not None}
    expected = tables.get(samples[0]) if samples else None
    found = [
        boxes
        for path, table in tables.items()
        if path not in samples and (boxes := _boxes(folder, path, table)) is not None
    ]
    ids = {cell for one in found for cell in one.table[one.id]}
    is_asked = expected is None or set(expected.iloc[:, 0]) <= ids
    if found and expected is None:
        is_asked = any(guess_part(one.path) == "test" for one in found)
    if not found or not is_asked:
        return _write_places(folder, tables, target, label, progress)
    shutil.rmtree(target, ignore_errors=True)
    written = [_write(folder, one, target, progress) for one in found]
    used = {one.path for one in found}
    rest = [path for path in folder.tables if path not in used]
    return written + copied_tables(data, rest, target)


def _write_places(
    folder: DataFolder,
    tables: Mapping[str, pd.DataFrame],
    target: Path,
    label: str | None,
    progress: Progress,
) -> list[WrittenImages]:
    """Return what was written of things whose labels and places stand in several tables."""

    def samples(of: Mapping[str, pd.DataFrame]) -> list[str]:
        named = sample_submissions(of)
        return named or [one.path for one in samples_by_content(CompetitionData(folder, of))]

    rows = rows_of_places(folder, tables, samples, label)
    if rows is None:
        return []
    shutil.rmtree(target, ignore_errors=True)
    written = []
    read = {*rows.used, rows.sample}
    rest = [path for path in folder.tables if path not in read]
    for part, one in rows.tables.items():
        # A table of that name may be copied beside it.
        is_taken = f"{part}.csv" in {Path(path).name for path in rest}
        path = f"{part}_places.csv" if is_taken else f"{part}.csv"
        images = [folder.named(cell)[0].path for cell in one.table[rows.image]]
        boxes = _Boxes(path, one.table, rows.id, images, rows.place, one.sources, one.reader)
        written.append(_write(folder, boxes, target, progress))
    written[0] = written[0]._replace(note="; ".join([written[0].note, *rows.notes]))
    written += copied_tables(folder.path, rest, target)
    # Its rows name crops now, which nothing else but its name would tell.
    name = Path(rows.sample).name if is_sample_submission(rows.sample) else SAMPLE_NAME
    shutil.copyfile(folder.path / rows.sample, target / name)
    sources = (folder.path / rows.sample,)
    note = f"{name} is a copy"
    if name != rows.sample:
        note += f" of {rows.sample}, which is taken as the sample submission"
    return [*written, WrittenImages(target / name, sources, "a copy", note)]


def _may_have_places(file: Path) -> bool:
    """Return whether the first line of a table names columns of a box, a circle, or a plate."""
    try:
        with file.open("rb") as opened:
            line = opened.readline(_HEAD).decode("utf-8", "replace")
    except OSError:
        return False
    names = re.split(r"[,;|\t]", line.strip())
    of_plate = {"1", "2"} <= {*names} and len(names) <= _MOST_OF_PLATE
    return of_plate or bool(place_of_table(pd.DataFrame(columns=names, dtype=object)))


def _read(folder: DataFolder, path: str, page: FoundPage) -> pd.DataFrame | None:
    try:
        return read_table(folder.path / path, where=path)
    except DataError:
        other = of_other_dialect(folder, path, page)
        return None if other is None else other.table


def _boxes(folder: DataFolder, path: str, table: pd.DataFrame) -> _Boxes | None:
    """Return the boxes of a table; None where it has none, or its rows are images."""
    columns = place_of_table(table)
    match = match_images(folder, path, table, _ANY) if columns else None
    if match is None or table[match.id].is_unique or None in match.images:
        return None
    rest = [str(one) for one in table.columns if str(one) not in (match.id, *columns)]
    named = [one for one in rest if table[one].is_unique and _are_names(list(table[one]))]
    if not named:
        return None
    images = [one.path for one in match.images if one is not None]
    return _Boxes(path, table, named[0], images, columns)


def _corners(folder: DataFolder, one: _Boxes) -> NDArray[np.int64]:
    """Return left, top, right and bottom of each box in pixels, `(N, 4)`.

    Raises:
        DataError: a box is not inside its image, or this cannot be opened.
    """
    numbers = one.table[list(one.columns)].astype(float).to_numpy(copy=True)
    sizes = {image: _size(folder, image) for image in set(one.images)}
    each = np.array([sizes[image][::-1] for image in one.images])  # widths and heights
    if len(one.columns) == _CIRCLE:
        return _squares(folder, one, numbers, each)
    if numbers.max() <= 1:  # shares of these
        numbers = numbers * np.tile(each, 2)
    if not any(sign in one.columns[0].lower() for sign in _AS_CORNERS):
        numbers[:, 2:] += numbers[:, :2]  # width and height
    boxes = np.rint(numbers).astype(np.int64)
    outside = (boxes[:, :2] < 0).any(axis=1) | (boxes[:, 2:] > each).any(axis=1)
    outside |= (boxes[:, 2:] <= boxes[:, :2]).any(axis=1)
    _refuse_outside(folder, one, outside, each, "write left, top, width and height, as x, y, w, h")
    return np.asarray(boxes, dtype=np.int64)


def _squares(
    folder: DataFolder, one: _Boxes, circles: NDArray[np.float64], sizes: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the squares around circles, as far as these lie in their images, `(N, 4)`.

    Args:
        folder: with the images.
        one: the table.
        circles: x and y of the centres, and the radii, `(N, 3)`, in pixels.
        sizes: widths and heights of the images, `(N, 2)`.

    Raises:
        DataError: a centre is not inside its image, or a radius is less than a pixel.
    """
    centres, radii = circles[:, :2], circles[:, 2:]
    outside = ((centres < 0) | (centres > sizes)).any(axis=1) | (radii[:, 0] < 1)
    _refuse_outside(folder, one, outside, sizes, "write centre and radius, as x, y, r")
    first, last = np.rint(centres - radii), np.rint(centres + radii)
    return np.hstack([np.maximum(first, 0), np.minimum(last, sizes)]).astype(np.int64)


def _refuse_outside(
    folder: DataFolder, one: _Boxes, outside: NDArray[np.bool_], sizes: NDArray[np.int64], fix: str
) -> None:
    """Raise where places do not lie inside their images."""
    if not outside.any():
        return
    row = int(np.flatnonzero(outside)[0])
    kind = "circle" if len(one.columns) == _CIRCLE else "box"
    line = "" if one.sources else f"line {row + 2}: "
    of_row = f" of {one.table[one.id].iloc[row]}" if one.sources else ""
    raise DataError(
        f"{line}{', '.join(one.columns)}{of_row} is no {kind} inside {one.images[row]} "
        f"({sizes[row][0]} × {sizes[row][1]} pixels), nor are {int(outside.sum()) - 1:,} more",
        where=folder.path / (one.sources[0] if one.sources else one.path),
        fix=f"{fix}, in pixels",
    )


def _are_names(cells: Sequence[str]) -> bool:
    return all(
        cell and cell not in (".", "..") and not set(cell) & set('/\\:*?"<>|') for cell in cells
    )


def _size(folder: DataFolder, path: str) -> tuple[int, int]:
    size = picture_size(folder.path / path)
    if size is None:
        what = "the image cannot be opened"
        raise DataError(what, where=folder.path / path, fix="download it again")
    return size


def _write(folder: DataFolder, one: _Boxes, target: Path, progress: Progress) -> WrittenImages:
    """Write the crops of a table, and the table without boxes."""
    part = guess_part(one.path)
    place = target / (part if part in ("train", "test", "unlabelled") else "crops")
    place.mkdir(parents=True, exist_ok=True)
    boxes, rows = _corners(folder, one), defaultdict[str, list[int]](list)
    for row, image in enumerate(one.images):
        rows[image].append(row)
    names = list(one.table[one.id])
    with progress.bar(f"writing crops of {one.path}", len(names)) as advance:
        for path, each in rows.items():
            with Image.open(folder.path / path) as opened:
                opened.load()
                for row in each:
                    left, top, right, bottom = map(int, boxes[row])
                    name = names[row].removesuffix(".png")
                    opened.crop((left, top, right, bottom)).save(place / f"{name}.png")
            advance(len(each))
    rest = [name for name in one.table.columns if name not in (one.id, *one.columns)]
    table = one.table[[one.id, *rest]]
    file = target / Path(one.path).with_suffix(".csv").name
    write_text(file, table.to_csv(index=False, lineterminator="\n"))
    of = one.sources or (one.path,)
    sources = tuple(folder.path / path for path in (*of, *rows))
    told = f"{', '.join(one.columns)} of {', '.join(of)}"
    note = f"{place}: {plural(len(names), 'crop')}, {one.told or told}"
    return WrittenImages(place, sources, "crops of larger images", note)
