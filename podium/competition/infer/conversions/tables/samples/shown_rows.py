"""A sample submission of the first lines of the file to send, as a text beside the data shows them.

RULES.txt: Send a file with two columns:  test/001.jpg     →   fil;art of 001.jpg, 002.jpg …
           fil;art                        test/002.jpg         submission.file: {sep: ;}
           001.jpg;great tit

Other lines may stand between the header and the rows, where it begins with a column of train that
names the images.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import dropwhile, takewhile
from typing import NamedTuple

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.readme.texts import texts_and_lists

__all__ = ["ShownSample", "find_shown_sample"]

_SEPARATORS = (";", "\t", "|", ",")
_COLUMN = re.compile(r"[^\W\d](?:[\w .%/()-]{0,38}[\w%)])?")
"""The name of a column: a few words, and no sentence."""


_FEWEST_APART = 3
"""Cells of a header that may stand apart from its rows: fewer may be a part of a sentence."""


class ShownSample(NamedTuple):
    """A sample submission, and the sign between the cells of the file to send."""

    made: MadeTable
    sep: str


def find_shown_sample(data: CompetitionData) -> ShownSample | None:
    """Return the sample of the one header with rows of images to predict that texts show, or None.

    The first cell of each row is the name of an image to predict, with or without its ending, and
    of no image to learn from. The columns are those of no table: a text may show one of these.

    Args:
        data: without a sample submission.
    """
    folder = data.folder
    test = folder.of_part("test")
    others = [one for one in folder.images if one.part not in ("test", "mask")]
    known = {name for one in others for name in (one.name, one.stem)}
    # Of one spelling of ids: all with the ending, or none.
    spellings = [[one.name for one in test], [one.stem for one in test]]
    spellings = [ids for ids in spellings if len({*ids}) == len(ids)]
    headers = {tuple(map(str, table)) for table in data.tables.values()}
    columns = {name for header in headers for name in header}
    found = []
    for path, text in texts_and_lists(folder):
        for ids in spellings:
            for sep, header, rows in _shown(text, {*ids} - known, columns):
                if tuple(header) not in headers:
                    found.append((path, sep, header, rows, ids))
    if len({(sep, *header) for _, sep, header, *_ in found}) != 1:
        return None
    path, sep, header, rows, ids = found[0]
    cells = [[name, *rows[place % len(rows)][1:]] for place, name in enumerate(ids)]
    table = pd.DataFrame(cells, columns=header, dtype=object)
    reader = f"a sample submission made of the rows that {path} shows ({sep.join(header)})"
    return ShownSample(MadeTable((path,), reader, table), sep)


def _shown(
    text: str, ids: set[str], columns: set[str]
) -> Iterator[tuple[str, list[str], list[list[str]]]]:
    """Yield sign, header and rows where rows of images, of as many cells, follow a header.

    Args:
        text: beside the data.
        ids: of images to predict.
        columns: of tables; lines may stand behind a header of several that begins with one.
    """
    lines = [line.strip().strip("`").strip() for line in text.splitlines()]
    for sep in _SEPARATORS:
        cut = [[cell.strip() for cell in line.split(sep)] for line in lines]
        for place, header in enumerate(cut[:-1]):
            if len(header) < 2 or len({*header}) < len(header):
                continue
            if not all(map(_COLUMN.fullmatch, header)) or header[0] in ids:
                continue
            is_row = partial(_is_row, n_cells=len(header), ids=ids)
            below = cut[place + 1 :]
            if header[0] in columns and len(header) >= _FEWEST_APART:
                below = list(dropwhile(partial(_has_other_cells, header), below))
            if rows := list(takewhile(is_row, below)):
                yield sep, header, rows


def _has_other_cells(header: Sequence[str], row: Sequence[str]) -> bool:
    return len(row) != len(header)


def _is_row(row: Sequence[str], *, n_cells: int, ids: set[str]) -> bool:
    return len(row) == n_cells and row[0] in ids and all(row)
