"""Tables whose rows are of train and of test by lists of the numbers of rows.

cases.csv: 40 rows     train_rows.csv: 0, 2, 4 …, test_rows.csv: 1, 6 …     →  a table of each part
"""

from __future__ import annotations

import re
from typing import NamedTuple

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.parts.part_column import rows_in_parts
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.encodings import read_text
from podium.competition.infer.files import FolderPart, guess_part
from podium.competition.infer.image_tables import names_images
from podium.errors import some

__all__ = ["TableInParts", "tables_by_row_numbers"]

_LARGEST = 100_000_000  # bytes of a list
_PARTS: tuple[FolderPart, ...] = ("train", "test", "holdout")


class TableInParts(NamedTuple):
    """A table whose rows lists part by number, these lists, and the tables of its parts by name."""

    path: str
    lists: list[str]
    tables: dict[str, MadeTable]


def tables_by_row_numbers(data: CompetitionData) -> TableInParts | None:
    """Return the tables of train and of test that lists of row numbers tell, or None without such.

    The lists, one a part and called so, have each number from 0, or from 1, to the last row of one
    table that names images, once in all. Numbers that are names of images, or end cells of a column
    of the table in other rows, tell no places.

    Args:
        data: without a sample submission.
    """
    folder = data.folder
    lists = _lists_of_numbers(data)
    numbers = [number for each in lists.values() for number in each]
    parts = [guess_part(path.rpartition("/")[2]) for path in lists]
    is_once = len({*parts}) == len(parts) and len({*numbers}) == len(numbers)
    if not {"train", "test"} <= {*parts} or not is_once or folder.of_part("test"):
        return None
    first = min(numbers)
    whole = [
        path
        for path, table in data.tables.items()
        if path not in lists and len(table) == len(numbers) and names_images(folder, table)
    ]
    is_each = first in (0, 1) and max(numbers) == first + len(numbers) - 1
    if len(whole) != 1 or not is_each or all(folder.named(str(number)) for number in numbers):
        return None
    [path] = whole
    table = data.tables[path]
    places = [str(number) for number in range(first, first + len(table))]
    # So do those in names of images, as 12 in IMG_0012.png.
    of_cells = ([re.findall(r"\d+", str(cell)) for cell in table[one]] for one in table)
    ends = ([one[-1].lstrip("0") or "0" if one else "" for one in each] for each in of_cells)
    if any({*places} <= {*each} and each != places for each in ends):
        return None
    part_of = {
        number - first: part
        for part, each in zip(parts, lists.values(), strict=True)
        for number in each
    }
    of_rows = pd.Series([part_of[n] for n in range(len(table))], index=table.index)
    told = f"by the row numbers, from {first}, in {some(sorted(lists), 3)}"
    made = {
        name: one._replace(sources=(path, *lists))
        for name, one in rows_in_parts(path, table, of_rows, told).items()
    }
    return TableInParts(path, [*lists], made)


def _lists_of_numbers(data: CompetitionData) -> dict[str, list[int]]:
    """Return the numbers in each table of one column, and each text, that is called as a part."""
    folder, tables = data.folder, data.tables
    found: dict[str, list[int]] = {}
    for path in (*tables, *folder.texts):
        if guess_part(path.rpartition("/")[2]) not in _PARTS:
            continue
        if path in tables:
            cells = [*map(str, tables[path].columns), *tables[path].iloc[:, 0]]
            cells = cells if len(tables[path].columns) == 1 else []
        else:
            file = folder.path / path
            is_short = file.stat().st_size <= _LARGEST
            cells = read_text(file, folder).split("\n") if is_short else []
        cells = [one.strip() for one in cells if one.strip()]
        rest = cells if cells and cells[0].isdecimal() else cells[1:]  # below the column's name
        if rest and all(one.isascii() and one.isdecimal() for one in rest):
            found[path] = [int(one) for one in rest]
    return found
