"""Cells with a letter for each label and no sign between them, of train and of the sample.

sheet,damage          sheet,D,M,P
7,DP            →     7,1,0,1
8,RAS                 8,0,0,0      (the only word that is no code: of none of them)

Digits are letters, too, where no text scores numbers: `13` has 1 and 3, and `0` has none of them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from itertools import combinations
from math import comb

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.labels.columns.label_column import (
    first_of_train,
    label_column,
)
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder
from podium.competition.infer.readme.metrics import find_readme_metrics
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.truths.turns import COMPASS
from podium.tasks.protocols.find import image_kind
from podium.tasks.protocols.names import IMAGES

__all__ = ["sample_of_letters", "with_letters_apart"]

_FEWEST_LETTERS = 3
_ROWS_A_LETTER = 3
_PAIR = 2


@dataclass(frozen=True)
class _LetterCodes:
    letters: tuple[str, ...]
    """In the order that all codes have."""
    none: str
    """The word, or the blank cell, of no letter; "" where every cell is a code."""
    has_none: bool

    @property
    def are_digits(self) -> bool:
        return self.letters[0].isdecimal()


def with_letters_apart(
    folder: DataFolder, path: str, table: pd.DataFrame, sample: SampleSubmission | None
) -> MadeTable | None:
    """Return a table of train with a column of 0 and 1 for each letter of its codes, or None.

    The sample submission asks for the column, or it is the only one beside that of the images.
    """
    column = label_column(folder, path, table, sample)
    codes = None if column is None else _codes(table[column])
    if codes is None or (codes.are_digits and _scores_numbers(folder)):
        return None
    rest = table.drop(columns=column)
    if set(codes.letters) & set(rest.columns):
        return None
    shown = [
        set() if codes.has_none and cell == codes.none else set(cell) for cell in table[column]
    ]
    bits = {one: [str(int(one in each)) for each in shown] for one in codes.letters}
    reader = f"{path} with a column of 0 and 1 for each letter in {column}"
    if codes.has_none:
        reader += f", where {repr(codes.none) if codes.none else 'a blank cell'} is none of them"
    return MadeTable((path,), reader, rest.assign(**bits))


def _scores_numbers(folder: DataFolder) -> bool:
    """Return whether a text names a metric of numbers alone, as RMSE."""
    of_classes = find_readme_metrics(folder, image_kind("multilabel"), IMAGES)
    return not of_classes and bool(find_readme_metrics(folder, image_kind("regression"), IMAGES))


def sample_of_letters(data: CompetitionData) -> SampleSubmission | None:
    """Return the sample as one of such codes; None where its column has none in train."""
    sample = data.sample
    if sample is None or len(sample.values) != 1:
        return None
    column = sample.values[0]
    codes = first_of_train(data.tables, column, _codes)
    if codes is None or (codes.are_digits and _scores_numbers(data.folder)):
        return None
    cells = set(sample.table[column])
    rest = {cell for cell in cells if not _is_code(cell, codes.letters)}
    if codes.has_none and rest <= {codes.none}:
        return replace(sample, letters=codes.none)
    return replace(sample, letters="") if rest <= {""} and not codes.has_none else None


def _codes(cells: pd.Series[str]) -> _LetterCodes | None:
    """Return the letters of codes as `DP`; None where cells are no such codes.

    Each letter stands alone in a cell, and there are as many codes of several letters as letters:
    A, B, AB and 0 are four names, and N, E, NE … are directions. All codes have their letters in
    one order, and each once. One cell may be something else. Codes of digits rise, and have half of
    all pairs: 1, 2, 3, 6, 12 and 24 are numbers.

    Example:
        >>> _codes(pd.Series(["D", "M", "P", "DM", "DP", "MP", "none"] * 4)).letters
        ('D', 'M', 'P')
        >>> _codes(pd.Series(["A", "B", "0", "AB"] * 9)) is None
        True
    """
    counts = Counter(cells)
    letters = {one for one in counts if len(one) == 1 and one.isalpha()}
    digits = {one for one in counts if re.fullmatch(r"\d", one)} if not letters else set()
    if digits and not any("0" in one for one in counts if len(one) > 1):
        digits -= {"0"}  # of none of the others
    letters = letters or digits
    if len(letters) < _FEWEST_LETTERS or {one.casefold() for one in counts} <= COMPASS:
        return None
    several = [one for one in counts if len(one) > 1 and _is_code(one, letters)]
    rest = [one for one in counts if one not in letters and one not in several]
    if len(several) < len(letters) or len(rest) > 1:
        return None
    before = {pair for code in several for pair in combinations(code, 2)}
    codes = {*letters, *several}
    if any(cells[cells.isin(codes)].str.contains(one).sum() < _ROWS_A_LETTER for one in letters):
        return None
    order = TopologicalSorter({one: [] for one in sorted(letters)})
    for first, second in before:
        order.add(second, first)
    is_of_alphabet = all(first < second for first, second in before)
    pairs = [one for one in several if len(one) == _PAIR]
    if digits and not (is_of_alphabet and len(pairs) * _PAIR >= comb(len(letters), _PAIR)):
        return None
    try:
        ordered = sorted(letters) if is_of_alphabet else list(order.static_order())
    except CycleError:
        return None
    return _LetterCodes(tuple(ordered), rest[0] if rest else "", bool(rest))


def _is_code(cell: str, letters: Collection[str]) -> bool:
    return bool(cell) and len(set(cell)) == len(cell) and set(cell) <= set(letters)
