"""Tables that have a cell for each image: rows and columns name it together, as on a plate.

maps/plate_03.csv:    ,1,2        images/plate_03/A1.png, …         plate,well,label
                     A,S,R    →                                     3,A1,S
                     B,I,S                                          3,A2,R  …

A blank cell has no image. Columns are called, and cells written, as the sample submission has them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder, ImageFile
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.shares import NEARLY_ALL
from podium.competition.spelling import plain_spelling
from podium.errors import some

__all__ = ["rows_of_matrices"]

_FEWEST_ROWS = 2  # rows, and columns, of a matrix
_MOST_ROWS = 1_000  # more are those of another table
_PROBED = 40  # cells


class _Cell(NamedTuple):
    """A cell: its image, the name of that by row and column, and what stands there."""

    image: ImageFile
    name: str
    label: str


def rows_of_matrices(data: CompetitionData) -> MadeTable | None:
    """Return a row for each image that a cell of a matrix is of; None without such tables."""
    folder, tables = data.folder, data.tables
    found = {path: cells for path, one in tables.items() if (cells := _cells(folder, path, one))}
    images = [cell.image.path for each in found.values() for cell in each]
    if not found or len(set(images)) < len(images):
        return None
    places = [(cell, Path(path).stem) for path, each in found.items() for cell in each]
    columns = _columns_of_sample(places, data.sample)
    label = next(one for one in ("label", "result", "value") if one not in columns)
    labels = [cell.label for cell, _ in places]
    table = pd.DataFrame({**columns, label: labels}, dtype=object)
    reader = f"the cells of {some(list(found))} by row and column"
    return MadeTable(tuple(found), reader, table)


def _cells(folder: DataFolder, path: str, table: pd.DataFrame) -> list[_Cell]:
    """Return the cells of a table with their images; [] where it is no such matrix."""
    first, *rest = (str(name) for name in table.columns)
    keys = list(table[first])
    if len(rest) < _FEWEST_ROWS or not _FEWEST_ROWS <= len(keys) <= _MOST_ROWS:
        return []
    if len(set(keys)) < len(keys) or "" in keys:
        return []
    known = [
        (key, name, str(label))
        for name in rest
        for key, label in zip(keys, table[name], strict=True)
        if label != ""
    ]
    probe = known[:: max(1, len(known) // _PROBED)]
    if any(folder.named(label) for _, _, label in probe):
        return []  # a row of several images
    for join in _JOINS:
        n_probed = sum(_image(folder, path, join(key, name)) is not None for key, name, _ in probe)
        if 2 * n_probed < len(probe):
            continue
        named = [
            (_image(folder, path, join(key, name)), join(key, name), label)
            for key, name, label in known
        ]
        cells = [_Cell(image, name, label) for image, name, label in named if image is not None]
        if cells and len(cells) >= NEARLY_ALL * len(known):
            return cells
    return []


def _join(separator: str, *, turned: bool, width: int) -> Callable[[str, str], str]:
    def joined(row: str, column: str) -> str:
        row, column = (
            one.strip().zfill(width) if one.strip().isdecimal() else one.strip()
            for one in (row, column)
        )
        return separator.join([column, row] if turned else [row, column])

    return joined


_JOINS = tuple(
    _join(separator, turned=turned, width=width)
    for turned in (False, True)
    for width in (1, 2, 3)
    for separator in ("", "_", "-")
)


def _image(folder: DataFolder, path: str, name: str) -> ImageFile | None:
    """Return the image of a cell: in a folder called as the table is, or with its name in front.

    Or the only image of this name.
    """
    stem, called = Path(path).stem, folder.by_last_name.get(name, [])
    near = [one for one in called if _is_of(one.folder, stem)]
    for sign in ("", "_", "-", " "):
        near = near or folder.by_last_name.get(f"{stem}{sign}{name}", [])
    near = near or called
    images = {one.path: one for one in near}
    return next(iter(images.values())) if len(images) == 1 else None


def _is_of(folder: str, stem: str) -> bool:
    """Return whether a table is called as a folder is, perhaps with words in front."""
    last = plain_spelling(folder.rpartition("/")[2])
    return bool(last) and plain_spelling(stem).endswith(last)


def _columns_of_sample(
    places: Sequence[tuple[_Cell, str]], sample: SampleSubmission | None
) -> dict[str, list[str]]:
    """Return the columns that name images: two of the sample, as it writes them, or their paths."""
    wells = [cell.name for cell, _ in places]
    paths = [cell.image.path for cell, _ in places]
    stems = [cell.image.stem for cell, _ in places]
    paths = stems if len(set(stems)) == len(stems) else paths
    if sample is None:
        return {"image": paths}
    table = sample.table
    forms = {_form(one) for one in wells}
    of_well = [one for one in table.columns if {_form(cell) for cell in table[one]} <= forms]
    if not of_well or len(table.columns) < 2 or len(set(table[of_well[0]])) == len(table):
        return {"image": paths}
    numbers = [re.findall(r"\d+", stem)[-1:] for _, stem in places]
    for name in table.columns:
        cells = list(table[name])
        if name == of_well[0] or len(set(zip(cells, table[of_well[0]], strict=True))) < len(table):
            continue
        if all(map(str.isdecimal, cells)) and all(numbers):
            width = len(cells[0]) if cells[0].startswith("0") else 1
            return {
                str(name): [str(int(one)).zfill(width) for (one,) in numbers],
                str(of_well[0]): wells,
            }
        folders = [cell.image.folder.rpartition("/")[2] for cell, _ in places]
        if {_form(one) for one in cells} <= {_form(one) for one in folders}:
            return {str(name): folders, str(of_well[0]): wells}
    return {"image": paths}


def _form(text: str) -> str:
    """Return a name with A for each letter and 0 for each run of digits."""
    return re.sub(r"\d+", "0", re.sub(r"[^\W\d_]", "A", text))
