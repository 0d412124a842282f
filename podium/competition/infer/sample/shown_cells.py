"""Cells of the file to send that texts show in a few rows, below the header of the sample."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from itertools import takewhile

from podium.competition.infer.files import DataFolder
from podium.competition.infer.readme.texts import texts_and_lists
from podium.competition.infer.sample.submission import SampleSubmission

__all__ = ["shown_cells"]

_FEWEST = 2  # rows below a header
_LONGEST = 10_000  # letters of a row: a longer line is a page without breaks


def shown_cells(folder: DataFolder, sample: SampleSubmission) -> tuple[str, tuple[str, ...]]:
    """Return the text that shows rows of the file to send, and their cells; ("", ()) without.

    They stand below the very header of a plain sample with one column of values, two or more. What
    no row has, as the word for none of the classes in a sample of one placeholder, they may show.

    Args:
        folder: of the data.
        sample: whose header no table of train has: its rows would be shown alike.
    """
    if sample.plain_value is None or len(sample.table.columns) != len(sample.values) + 1:
        return "", ()
    sep = str(sample.file.get("sep", ","))
    header = list(sample.order or map(str, sample.table.columns))
    place = header.index(sample.plain_value)
    for path, text in texts_and_lists(folder):
        rows = [_cells(line, sep) for line in text.splitlines()]
        for n, row in enumerate(rows):
            if row != header:
                continue
            below = list(takewhile(lambda one: len(one) == len(header), rows[n + 1 :]))
            if len(below) >= _FEWEST and all(one != header for one in below):
                return path, tuple(one[place] for one in below)
    return "", ()


def _cells(line: str, sep: str) -> Sequence[str]:
    """Return the cells of a line of a table; its signs of code around it do not count."""
    line = line.strip().strip("`").strip()
    if len(line) > _LONGEST:
        return []
    return [one.strip() for one in next(csv.reader([line], delimiter=sep), [])]
