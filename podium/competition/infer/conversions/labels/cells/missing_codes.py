"""Cells that stand for no number: -999 among levels from 30 to 262, a sign or word among them."""

from __future__ import annotations

import pandas as pd

from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder, may_be_train_table
from podium.competition.infer.image_tables import match_if_of_train
from podium.competition.infer.labels.cells import has_fractions, numbers_of
from podium.competition.infer.readme.not_measured import (
    readme_not_measured,
    sentences_of_not_measured,
)
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.truths.targets import MISSING_NUMBERS
from podium.errors import plural

__all__ = ["without_missing_codes"]

_SMALL = (-1.0, -9.0)
_LARGE = (-99.0, -999.0, -9999.0, -99999.0, 999.0, 9999.0, 99999.0)
_FEWEST_VALUES = 10  # of a column that measures something
_FEWEST_CELLS = 2  # that have the code
_MOST_WORDS = 0.2  # of the cells of a column of numbers
_OFTENER = 3  # times as often as any other number, a code stands among measures
_GAP = 0.1
"""The share of the range of all others that lies between them and -1, at least."""


def without_missing_codes(
    folder: DataFolder, path: str, table: pd.DataFrame, sample: SampleSubmission | None
) -> MadeTable | None:
    """Return a table of train with blank cells for the codes of missing numbers; None without any.

    A code is -1, -99, 999 or the like, stands in several cells, and lies far from all other numbers
    of its column: negative among positive ones, or further from them than they from each other. So
    is -1 among fractions of which none is negative and none stands so often, and what a text calls
    not measured.
    A sign as `-` is one in the column that the sample submission has numbers for; so is a word as
    `k.A.`, the only one among many numbers, where some column with it has fractions.
    """
    columns = _columns(folder, path, table, sample)
    if not columns:
        return None
    made, told, words = table.copy(), list[str](), _words_of(table)
    sentences = sentences_of_not_measured(folder)
    for column in columns:
        called = readme_not_measured(sentences, column, table)
        code = _code_of(table[column]) if called is None else called.number
        if code is None:
            is_asked = sample is not None and sample.has_numbers and column in sample.values
            sign = _sign_of(table[column]) if is_asked else ""
            if sign := sign or words.get(column, ""):
                made[column] = table[column].replace(sign, "")
                n = int((table[column] == sign).sum())
                told.append(f"{plural(n, 'cell')} of {column} with {sign!r}, taken for no number")
            continue
        numbers = pd.to_numeric(table[column], errors="coerce")
        is_code = numbers == code
        rest = numbers[~is_code]
        made.loc[is_code, column] = ""
        told.append(
            f"{plural(int(is_code.sum()), 'cell')} of {column} with {code:g}, taken for no number, "
            + (
                f"as {called.path} says {called.quote!r}"
                if called is not None
                else f"as all others are from {rest.min():g} to {rest.max():g}"
            )
        )
    if not told:
        return None
    return MadeTable((path,), f"{path} without {'; '.join(told)}", made)


def _columns(
    folder: DataFolder, path: str, table: pd.DataFrame, sample: SampleSubmission | None
) -> list[str]:
    """Return the columns of a table of train that may have codes: all but that of its images.

    Of a table of units, which names no image, they are those that the sample asks numbers of.
    """
    columns = list(map(str, table.columns))
    match = match_if_of_train(folder, path, table)
    if match is not None:
        return [one for one in columns if one != match.id]
    if sample is None or not sample.has_numbers or not may_be_train_table(path):
        return []
    of_units = set(sample.table.columns) - set(sample.values)
    return [one for one in columns if one in sample.values] if of_units & {*columns} else []


def _sign_of(cells: pd.Series[str]) -> str:
    """Return the sign of a column of numbers that stands for none; "" where there is none."""
    others = set(cells[pd.to_numeric(cells, errors="coerce").isna()]) - {""}
    if len(others) != 1 or cells.nunique() < _FEWEST_VALUES:
        return ""
    [sign] = others
    return sign if not any(letter.isalnum() for letter in sign) else ""


def _words_of(table: pd.DataFrame) -> dict[str, str]:
    """Return the one word of columns of numbers, of those words that a column of fractions has."""
    found, of_fractions = dict[str, str](), set[str]()
    for column in map(str, table.columns):
        numbers = pd.to_numeric(table[column], errors="coerce")
        words = set(table[column][numbers.isna()]) - set(MISSING_NUMBERS)
        if len(words) != 1 or numbers.nunique() < _FEWEST_VALUES:
            continue
        [word] = words
        is_rare = int((table[column] == word).sum()) <= _MOST_WORDS * len(table)
        if is_rare and not any(letter.isdigit() for letter in word):
            found[column] = word
            of_fractions |= {word} if (numbers.dropna() % 1 != 0).any() else set()
    return {column: word for column, word in found.items() if word in of_fractions}


def _code_of(cells: pd.Series[str]) -> float | None:
    """Return the number of a column that stands for none; None where each may be meant."""
    numbers = numbers_of(cells)
    if numbers is None or numbers.nunique() < _FEWEST_VALUES:
        return None
    for code in (*_SMALL, *_LARGE):
        rest = numbers[numbers != code]
        if len(numbers) - len(rest) < _FEWEST_CELLS or rest.nunique() < _FEWEST_VALUES:
            continue
        low, high = float(rest.min()), float(rest.max())
        gap = low - code if code < low else code - high
        if code < 0:
            is_far = low >= 0 and (
                code in _LARGE
                or gap > max(1.0, _GAP * (high - low))
                or (has_fractions(cells) and _stands_out(numbers, code))
            )
        else:
            is_far = gap > high - low
        if is_far:
            return code
    return None


def _stands_out(numbers: pd.Series[float], code: float) -> bool:
    """Return whether a number of a column stands several times as often as any other one."""
    counts = numbers.value_counts()
    return bool(counts[code] >= _OFTENER * counts.drop(code).max())
