"""Texts with a header and tabs, whose columns are the parts of the paths of images.

fold_0.txt   user  photo  face  age
             30@N  77.jpg 2     (4, 6)     →   image                       user …  age
fold_1.txt   31@N  78.jpg 1                    faces/30@N/face.2.77.jpg    30@N …  (4, 6)
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

import pandas as pd

from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.encodings import read_text
from podium.competition.infer.files import DataFolder
from podium.errors import DataError, plural, shortened

__all__ = ["table_of_tabbed_texts"]

_LARGEST = 100_000_000  # bytes
_FEWEST_COLUMNS, _FEWEST_ROWS = 3, 3
_MOST_WAYS = 512
_SIGN = re.compile(r"([/._\- ]+)")


def table_of_tabbed_texts(folder: DataFolder) -> MadeTable | None:
    """Return the rows of such texts with the path of the image of each; None without such.

    Texts of one header are one table, in which a row that stands in several is one. Two columns or
    more name the image of each row together, and most images have a row.

    Raises:
        DataError: most rows are such, and others name no image, or the image of another row.
    """
    images = [one.path for one in folder.images if one.part != "mask"]
    of_header: dict[tuple[str, ...], dict[str, list[list[str]]]] = defaultdict(dict)
    for path in folder.texts:
        if (folder.path / path).stat().st_size < _LARGEST:
            header, lines = _tabbed(read_text(folder.path / path, folder))
            if header:
                of_header[header][path] = lines
    for header, read in of_header.items():
        n = len(header)
        whole = [tuple(one[:n]) for lines in read.values() for one in lines if _is_row(one, n)]
        rows = [dict(zip(header, row, strict=True)) for row in dict.fromkeys(whole)]
        found = _paths(images, rows)
        if found is None or "image" in header or 2 * len(found.paths) < len(images):
            continue
        for path, lines in read.items():
            if broken := [k for k, one in enumerate(lines, 2) if not _is_row(one, n)]:
                raise DataError(
                    f"line {broken[0]} has not the {plural(n, 'cell')} of the header, as the "
                    "others have",
                    where=folder.path / path,
                    fix="write a cell for each column, with a tab between two",
                )
        _refuse_rows(folder, rows, found, set(images), next(iter(read)))
        n_without = len(images) - len(found.paths)
        rest = f"; {plural(n_without, 'image')} have no row there" if n_without else ""
        reader = (
            f"the {plural(len(rows), 'different row')} of {plural(len(read), 'text')} as "
            f"{next(iter(read))}, with the image that their columns name together{rest}"
        )
        table = pd.DataFrame(rows, columns=list(header), dtype=object)
        table = table.drop(columns=found.last)
        table.insert(0, "image", pd.Series(found.paths, dtype=object))
        return MadeTable((*read,), reader, table, sep="\t")
    return None


def _tabbed(text: str) -> tuple[tuple[str, ...], list[list[str]]]:
    """Return the header of cells between tabs, and the cells of the lines below; () without one."""
    lines = [[cell.strip() for cell in one.split("\t")] for one in text.splitlines() if one.strip()]
    header = lines[0] if lines else []
    if header and not header[-1]:
        header = header[:-1]  # a tab at the end of the line
    n = len(header)
    if n < _FEWEST_COLUMNS or "" in header or len(set(header)) < n or len(lines) <= _FEWEST_ROWS:
        return (), []
    return tuple(header), lines[1:]


def _is_row(cells: Sequence[str], n: int) -> bool:
    return len(cells) >= n and not any(cells[n:])


class _Named(NamedTuple):
    """The path that the columns of each row make, and the column that it ends with."""

    paths: list[str]
    last: str


def _paths(images: Sequence[str], rows: Sequence[Mapping[str, str]]) -> _Named | None:
    """Return the paths by the way that names the most images; None where none names most rows."""
    ends: dict[str, list[str]] = defaultdict(list)
    for path in images:
        name = path.rpartition("/")[2]
        for n in [0, *(one.end() for one in _SIGN.finditer(name))]:
            ends[name[n:]].append(path)
    known, best, most = set(images), None, len(rows) / 2
    for seed in (rows[0], rows[len(rows) // 2], rows[-1]) if rows else ():
        for column in seed:
            if 2 * sum(row[column] in ends for row in rows) <= len(rows):
                continue
            for path in ends.get(seed[column], []):
                for parts in _ways(path.removesuffix(seed[column]), column, seed):
                    found = [
                        "".join(row[one[1:]] if one[:1] == "\t" else one for one in parts)
                        for row in rows
                    ]
                    n_named = len(known.intersection(found))
                    if n_named == len(rows):
                        return _Named(found, column)
                    if n_named > most:
                        best, most = _Named(found, column), n_named
    return best


def _refuse_rows(
    folder: DataFolder,
    rows: Sequence[Mapping[str, str]],
    found: _Named,
    known: Collection[str],
    path: str,
) -> None:
    """Raise DataError where a row names no image, or one that another row has other cells of."""
    seen: set[str] = set()
    for row, image in zip(rows, found.paths, strict=True):
        if image in known and image not in seen:
            seen.add(image)
            continue
        what = "stands in two rows of other cells" if image in known else "is not there"
        raise DataError(
            f"texts as {path} name images by their columns together, and {image} {what}: the row "
            f"is {shortened(', '.join(row.values()), 120)}",
            where=folder.path,
            fix="mend or remove the row; or write train.csv with the columns image and label",
        )


def _ways(start: str, last: str, row: Mapping[str, str]) -> Iterator[list[str]]:
    """Yield the parts of a path: texts, and behind a tab the columns that have them in a row.

    Args:
        start: of the path, before what the last column has.
        last: that column.
        row: of the image.
    """
    texts = _SIGN.split(start)
    choices = [
        [
            text,
            *(f"\t{name}" for name, cell in row.items() if name != last and cell == text and cell),
        ]
        for text in texts
    ]
    for n, parts in enumerate(product(*(one[::-1] for one in choices))):
        if n >= _MOST_WAYS:
            return
        if any(one[:1] == "\t" for one in parts):
            yield [*parts, f"\t{last}"]
