"""Lists of what a host does not want to be used: `withdrawn.txt`, `excluded.csv`.

The table of train is written once more without these rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from podium.competition.infer.conversions.ids.spelt_ids import plain_stem
from podium.competition.infer.conversions.tables.made_tables import MadeTable
from podium.competition.infer.encodings import read_text
from podium.competition.infer.files import DataFolder, may_be_train_table
from podium.competition.languages import is_called
from podium.errors import plural, some

__all__ = ["Exclusions", "describe_left_out", "leave_out_rows"]

_ENDS = (".txt", ".lst", ".list", "")
_LARGEST = 5_000_000  # bytes
_MOST = 0.5
"""The largest share of the rows of train that is left out."""
_KNOWN = 0.9
"""The share of a list's names at least that name rows or images."""
_BETWEEN = re.compile(r"[\s,;]+")


class Exclusions(NamedTuple):
    """A list, the table of train that it is of, and this table without its rows.

    `table` and `of_train` are None where no table has these rows: then images are listed that
    train has otherwise.
    """

    path: str
    names: list[str]
    of_train: str | None
    table: MadeTable | None


def leave_out_rows(folder: DataFolder, tables: Mapping[str, pd.DataFrame]) -> Iterator[Exclusions]:
    """Yield each list of ids that is called as what is left out, with train without these.

    A list is a text with one name a line, or a table that names a row of train in each of its own.

    Args:
        folder: with images and texts.
        tables: all, by path, without the sample submission.
    """
    for path, names in _lists(folder, tables):
        known = set(names)
        for of_train, train in tables.items():
            if of_train == path or not may_be_train_table(of_train):
                continue
            key = next((one for one in map(str, train) if _is_key(train[one], known)), None)
            if key is None:
                continue
            gone = _rows_of(train[key], known)
            rest = known - {*train[key], *map(plain_stem, train[key])}
            if len(rest) > (1 - _KNOWN) * len(known) and not all(map(folder.named, rest)):
                continue
            n = plural(int(gone.sum()), "row")
            reader = f"{of_train} without {n} that {path} names, as its name says"
            made = MadeTable((of_train, path), reader, train[~gone].reset_index(drop=True))
            yield Exclusions(path, names, of_train, made)
            break
        else:
            images = [image for one in names for image in folder.named(one)]
            if all(map(folder.named, names)) and any(one.part != "test" for one in images):
                yield Exclusions(path, names, None, None)


def _lists(
    folder: DataFolder, tables: Mapping[str, pd.DataFrame]
) -> Iterator[tuple[str, list[str]]]:
    """Yield path and names of each list that is called as what is left out."""
    for path in folder.others:
        file = folder.path / path
        if path in tables or file.suffix.lower() not in _ENDS or file.stat().st_size > _LARGEST:
            continue
        if is_called(Path(path).stem, "left out"):
            lines = (one.partition("#")[0].strip() for one in read_text(file, folder).splitlines())
            names = [one for line in lines for one in _BETWEEN.split(line) if one]
            if names:
                yield path, names
    for path, table in tables.items():
        if not is_called(Path(path).stem, "left out"):
            continue
        rest = [one for one in tables.values() if one is not table]
        for column in map(str, table):
            cells = table[column]
            if not cells.is_unique or cells.eq("").any():
                continue
            # A list without a header begins with a name.
            names = [*([column] if folder.named(column) else []), *cells]
            if any(_is_key(one[name], set(names)) for one in rest for name in map(str, one)):
                yield path, names
                break


def _rows_of(cells: pd.Series[str], names: set[str]) -> pd.Series[bool]:
    """Return which cells are named, with or without the ending of a file."""
    stems = {plain_stem(one) for one in names}
    return cells.isin(names) | cells.map(plain_stem).isin(stems)


def _is_key(cells: pd.Series[str], names: set[str]) -> bool:
    """Return whether a column names rows, of which some, and not most, are among the names."""
    if not cells.is_unique:
        return False
    n = int(_rows_of(cells, names).sum())
    return 0 < n <= _MOST * len(cells)


def describe_left_out(one: Exclusions) -> str:
    """Return a note on a list whose images train has in another way than by rows."""
    return (
        f"{one.path} lists {plural(len(one.names), 'image')} ({some(one.names, 3)}) to be left "
        "out, as its name says, and these are still used: take their files out of the folder"
    )
