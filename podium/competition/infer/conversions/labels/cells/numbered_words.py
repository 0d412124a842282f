"""Answers of a form that are a number and what it means, where the sample has the number alone.

photo,Grade of the crumb        photo,grade
7,4 - Good                  →   7,4
8,1 - Very bad                  8,1
"""

from __future__ import annotations

import re

import pandas as pd

from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder, may_be_train_table
from podium.competition.infer.image_tables import match_of_train
from podium.competition.infer.labels.cells import MOST_GRADES
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.spelling import name_words

__all__ = ["with_numbers_of_words"]

_NUMBERED = re.compile(r"(?P<number>\d+)\s*[-–—:.)=]\s*(?P<word>[^\W\d_].*)")
_FEWEST = 3


def with_numbers_of_words(
    folder: DataFolder, path: str, table: pd.DataFrame, sample: SampleSubmission | None
) -> MadeTable | None:
    """Return a table of train with the number alone of cells that have its meaning, too, or None.

    The sample submission asks for one column, of whole numbers that cells begin with. One column of
    train has all words of its name, and is called so then. Each number has one meaning, and each
    meaning one number.
    """
    if sample is None or len(sample.values) != 1 or not may_be_train_table(path):
        return None
    [asked] = sample.values
    shown, words = {*sample.table[asked]} - {""}, {*name_words(asked)}
    if not words or not shown or not all(map(str.isdecimal, shown)):
        return None
    rest = [str(one) for one in table.columns if words <= {*name_words(str(one))}]
    each = {one: _numbers(table[one]) for one in rest}
    found = {one: cells for one, cells in each.items() if cells is not None}
    if len(found) != 1 or (asked in table and asked not in found):
        return None
    [(column, numbers)] = found.items()
    match = match_of_train(folder, path, table)
    if match is None or match.id == column or not shown <= {*numbers}:
        return None
    called = "" if column == asked else f", as {asked}"
    example = next(cell for cell in table[column] if cell)
    reader = f"{path} with the number alone of {column}{called}, as {example!r} has it"
    made = table.assign(**{column: numbers}).rename(columns={column: asked})
    return MadeTable((path,), reader, made)


def _numbers(cells: pd.Series[str]) -> pd.Series[str] | None:
    """Return the numbers of cells with a meaning behind each, blank where these are; else None."""
    known = {cell: _NUMBERED.fullmatch(cell) for cell in {*cells} - {""}}
    found = {cell: (one["number"], one["word"].strip()) for cell, one in known.items() if one}
    pairs = {*found.values()}
    if len(found) < len(known) or not _FEWEST <= len(pairs) <= MOST_GRADES:
        return None
    if any(len({pair[k] for pair in pairs}) < len(pairs) for k in range(2)):
        return None
    return cells.map(lambda cell: found[cell][0] if cell else "")
