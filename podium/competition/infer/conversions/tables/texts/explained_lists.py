"""A list of images below a text that explains it, whose lines may lack their last cells.

1st column: number of the film             image  class of abnormality  field_3  field_4
2nd column: class of abnormality     →     f01    CIRC                  535      197
f01 CIRC 535 197                           f02    NORM
f02 NORM
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from podium.competition.infer.files import DataFolder

__all__ = ["table_of_explained_list"]

_MOST_CELLS = 12
_MOST_WORDS = 6  # of the name of a column
_COLUMN = re.compile(
    r"(?P<number>\d{1,2})(?:st|nd|rd|th)?\s+column\b\s*[:=-]?\s*(?P<text>.*)", re.I
)


def table_of_explained_list(folder: DataFolder, lines: Sequence[str]) -> pd.DataFrame | None:
    """Return the table of the lines below an explanation, or None where they are no list.

    Each of these lines begins with the name of an image, no line above does, and each image of the
    folder that may be of train has a line. Cells are words; a shorter line lacks the last ones.
    A line that stands twice counts once.
    Columns are called as lines above call them by their number, or as the words of the last of
    these where there is one for each column behind the images, else after their number.

    Args:
        lines: of the text, without blank ones.
    """
    first = next((n for n, line in enumerate(lines) if folder.named(line.split()[0])), 0)
    rows = [line.split() for line in dict.fromkeys(lines[first:])]
    if first == 0 or not 2 <= min(map(len, rows)) <= max(map(len, rows)) <= _MOST_CELLS:
        return None
    named = [folder.named(row[0]) for row in rows]
    listed = {one[0].path for one in named if len(one) == 1}
    every = {one.path for one in folder.of_part("train", "other")}
    if not all(len(one) == 1 for one in named) or not every or listed != every:
        return None
    width = max(map(len, rows))
    called = _names(lines[:first])
    names = ["image", *(called.get(n, f"field_{n}") for n in range(2, width + 1))]
    header = lines[first - 1].split()
    is_header = len(header) == width - 1 and min(map(len, rows)) == width
    if is_header and not any(map(_is_number, header)):
        names = ["image", *header]
    if len(set(names)) < width:
        names = ["image", *(f"field_{n}" for n in range(2, width + 1))]
    cells = [[*row, *[""] * (width - len(row))] for row in rows]
    return pd.DataFrame(cells, columns=names, dtype=object)


def _is_number(text: str) -> bool:
    return text.lstrip("+-").replace(".", "", 1).isdecimal()


def _names(lines: Sequence[str]) -> dict[int, str]:
    """Return what the columns of these numbers are called: `3rd column: class of the tumour`."""
    found = dict[int, str]()
    for n, line in enumerate(lines):
        parts = _COLUMN.fullmatch(line.strip())
        if parts is None:
            continue
        # What is called may stand in the next line.
        text = parts["text"] or (lines[n + 1].strip() if n + 1 < len(lines) else "")
        name = re.split(r"[:;(,]", text)[0].strip(" .")
        if name and len(name.split()) <= _MOST_WORDS:
            found.setdefault(int(parts["number"]), name)
    return found
