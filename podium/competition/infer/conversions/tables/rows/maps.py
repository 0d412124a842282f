"""Maps of places in images: tables with a row for each row of places, and a column for each column.

plate,row,1,2         plate  place  label        photos/P1.png shows the places A1, A2, B1 and B2
P1,A,0,3         →    P1     A 1    0
P1,B,,2               P1     A 2    3
                      P1     B 2    2

A blank cell is no place. Places are told by the pieces of their names: A2 is A-02, and a02. Maps
may also be a file each, called as the image is (`layouts/P1.csv`, a line for each row of places).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from podium.competition.infer.ids.pieces import text_pieces
from podium.competition.infer.labels.cells import numbers_of
from podium.competition.infer.shares import HALF, NEARLY_ALL

__all__ = [
    "JoinedMaps",
    "PlaceCell",
    "PlaceKey",
    "PlaceMap",
    "column_of_images",
    "find_map",
    "join_maps",
]

PlaceKey = tuple[str, ...]
"""The pieces of the name of a place in its image."""

_FEWEST = 2  # rows of an image, and columns
_MOST_ROWS = 100  # of an image: more are ids


class PlaceCell(NamedTuple):
    """A filled cell of a map: the line of its table, its column, and what stands there."""

    line: int
    column: str
    label: str


@dataclass(frozen=True)
class PlaceMap:
    """A table with a row for each row of places in an image, and a column for each column.

    Attributes:
        path: of the table.
        table: its cells.
        image: the column that names the image.
        row: the column that names the row of places.
        columns: those whose cells are of a place each.
    """

    path: str
    table: pd.DataFrame
    image: str
    row: str
    columns: tuple[str, ...]

    @property
    def others(self) -> list[str]:
        """The columns that tell something else of a row."""
        own = {self.image, self.row, *self.columns}
        return [one for one in map(str, self.table.columns) if one not in own]

    @property
    def is_numbered(self) -> bool:
        """Whether columns are called 1, 2, 3 …, and rows A, B, C … or 1, 2, 3 …, perhaps from 0."""
        rows = sorted({*self.table[self.row]}, key=lambda one: (len(one), one))
        letters = [chr(ord("A") + n) for n in range(len(rows))]
        return _are_numbered(self.columns) and (
            [one.upper() for one in rows] == letters or _are_numbered(rows)
        )

    def place(self, row: str, column: str) -> tuple[int, int]:
        """Return which row and which column of places, from 0, two names are of."""
        rows = sorted({*self.table[self.row]}, key=lambda one: (len(one), one))
        columns = sorted(self.columns, key=int)
        return rows.index(row), columns.index(column)

    def cells(self) -> Iterator[PlaceCell]:
        """Yield the filled cells, row by row."""
        each = self.table[list(self.columns)].itertuples(index=False)
        for line, row in enumerate(each):
            for column, cell in zip(self.columns, row, strict=True):
                if cell != "":
                    yield PlaceCell(line, column, str(cell))


def _are_numbered(names: tuple[str, ...] | list[str]) -> bool:
    numbers = [int(one) for one in names if one.isdecimal()]
    return len(numbers) == len(names) and numbers in (
        [*range(len(names))],
        [*range(1, len(names) + 1)],
    )


def column_of_images(table: pd.DataFrame, is_image: Callable[[str], bool]) -> str | None:
    """Return the first column nearly all of whose cells name images; None without."""
    for name in map(str, table.columns):
        cells = table[name].unique()
        if len(cells) and sum(map(is_image, cells)) >= NEARLY_ALL * len(cells):
            return name
    return None


def find_map(path: str, table: pd.DataFrame, is_image: Callable[[str], bool]) -> PlaceMap | None:
    """Return the map that a table may be; None where it is none for sure.

    Each row is named by an image and a second column together, whose cells recur from image to
    image. Columns are those that are called by numbers, or all others where none is; their cells
    are all numbers, or all words, unless rows and columns are called as those of a plate, where a
    cell may tell that a place has no label (`SC` among numbers). Ordinary tables with several
    labels are as these, too: what names places elsewhere tells them apart.
    """
    image = column_of_images(table, is_image) if len(table.columns) > _FEWEST + 1 else None
    if image is None or len(table) < _FEWEST or table[image].is_unique:
        return None
    rest = [one for one in map(str, table.columns) if one != image]
    numbered = [one for one in rest if one.isdecimal()]
    rows = [one for one in rest if one not in numbered and _are_rows(table, image, one)]
    if not rows:
        return None
    columns = numbered or [one for one in rest if one != rows[0]]
    kinds = {numbers_of(table[one]) is None for one in columns if table[one].ne("").any()}
    if len(columns) < _FEWEST or not kinds:
        return None
    found = PlaceMap(path, table, image, rows[0], tuple(columns))
    return found if len(kinds) == 1 or found.is_numbered else None


class JoinedMaps(NamedTuple):
    """Tables, of which maps of an image each are one, and the files of each of these, by path."""

    tables: dict[str, pd.DataFrame]
    files: dict[str, tuple[str, ...]]


def join_maps(tables: Mapping[str, pd.DataFrame], is_image: Callable[[str], bool]) -> JoinedMaps:
    """Return the tables with one for all maps of a folder that are called as an image each.

    All have the same columns: the first one names the rows of places, and the others are called by
    numbers.
    """
    folders = defaultdict[tuple[str, Sequence[str]], list[str]](list)
    for path, table in tables.items():
        row, *columns = map(str, table.columns)
        if len(columns) >= _FEWEST and _are_numbered(columns) and is_image(Path(path).stem):
            folders[path.rpartition("/")[0], (row, *columns)].append(path)
    joined, files = dict(tables), {}
    for (place, (row, *_)), paths in folders.items():
        if len(paths) < _FEWEST:
            continue
        each = [joined.pop(path) for path in paths]
        every = pd.concat(
            [one.rename(columns={row: "row"}).assign(image=Path(path).stem)
             for path, one in zip(paths, each, strict=True)],
            ignore_index=True,
        )  # fmt: skip
        name = f"{place}/*.csv".lstrip("/")
        joined[name], files[name] = every, tuple(paths)
    return JoinedMaps(joined, files)


def _are_rows(table: pd.DataFrame, image: str, column: str) -> bool:
    """Return whether a column names the rows of places: each once an image, and nearly all there.

    A name is a letter, a number or a word.
    """
    names = table[column].unique()
    if not _FEWEST <= len(names) <= _MOST_ROWS or table.duplicated([image, column]).any():
        return False
    if len(table) < HALF * len(names) * table[image].nunique():
        return False
    return all(len(text_pieces(one)) == 1 for one in names)
