"""Image files that were written of other data: what they are made of, and what they are called."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from podium.competition.ids.patterns import bare_name
from podium.competition.infer.shares import NEARLY_ALL
from podium.competition.languages import is_called
from podium.competition.spelling import name_words

__all__ = ["WrittenImages", "column_of_names", "copied_tables", "name_of_file", "row_names"]

_ID = "id"
_NAMES = frozenset(
    {"id", "ids", "uid", "uuid", "imageid", "key", "name", "names", "path", "paths"}
    | {"file", "files", "filename", "filenames", "filepath"}
)
_FILES = frozenset({"file", "files", "filename", "filenames", "filepath", "path", "paths"})
_LONGEST = 120  # signs of a name: a longer one is a text


class WrittenImages(NamedTuple):
    """Images of a part as files: their folder, or a file beside, what it is made of, a note."""

    path: Path
    sources: tuple[Path, ...]
    reader: str
    note: str


def copied_tables(data: Path, tables: Sequence[str], target: Path) -> list[WrittenImages]:
    """Copy tables beside the images, and return them."""
    written = []
    for path in tables:
        file = target / Path(path).name
        shutil.copyfile(data / path, file)
        written.append(WrittenImages(file, (data / path,), "a copy", f"{file.name} is a copy"))
    return written


def row_names(n: int, expected: pd.Series[str] | None) -> list[str]:
    """Return the ids of a sample submission, where there is one an image; else row numbers."""
    each = [] if expected is None else [str(one) for one in dict.fromkeys(expected)]
    if len(each) == n:
        return each
    return [str(row) for row in range(n)]


def column_of_names(
    columns: Mapping[str, Sequence[str]],
    known: Collection[str] = frozenset(),
    sent: Collection[str] = frozenset(),
) -> str | None:
    """Return the column that names the images of rows; None where none does.

    Its cells are names of files, each once. It is called so (`image_id`, `file_name`), or other
    tables have its cells. What only is called so is none where a sample submission has another id
    for each of as many rows: these stand in the order of the rows then.

    Args:
        columns: the cells of each, words or whole numbers.
        known: cells of tables beside, and of the sample submission.
        sent: the ids of the sample submission.

    Example:
        >>> column_of_names({"farm": ["a", "a"], "month": ["3", "4"], "image_id": ["x", "y"]})
        'image_id'
    """
    found = []
    bare = {name_of_file(one) for one in known}
    for column, cells in columns.items():
        names = [name_of_file(one) for one in cells]
        if len(set(names)) < len(names) or not all(map(_is_name, names)):
            continue
        is_known = sum(one in bare for one in names) >= NEARLY_ALL * len(names)
        words = set(name_words(column))
        of_images = bool(words & _FILES) or is_called(column, "image")
        is_named = of_images or bool(words & _NAMES)
        is_own = is_named and (column == _ID or len(set(sent)) != len(names))
        are_words = not all(map(str.isdecimal, names))
        if (is_known and (is_named or are_words)) or is_own:
            found.append((is_known, column == _ID, of_images, is_named, column))
    return max(found, key=lambda one: one[:-1])[-1] if found else None


def name_of_file(cell: str) -> str:
    """Return the name of a file without its folders and the ending of images.

    Example:
        >>> name_of_file("photos/7.5.jpg"), name_of_file("7.5")
        ('7.5', '7.5')
    """
    return bare_name(cell.replace("\\", "/"))


def _is_name(name: str) -> bool:
    return 0 < len(name) <= _LONGEST and name.isprintable() and not name.startswith(".")
