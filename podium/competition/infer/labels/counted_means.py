"""The column that is the mean of the opinions that columns beside it count.

image,c1,c2,c3,c_total,MOS,SD
7.jpg,2,0,8,10,2.6,0.84       2.6 = (1·2 + 2·0 + 3·8) / 10
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.spelling import name_words

__all__ = ["CountedMean", "find_averaged", "find_counted_mean"]

_NUMBERED = re.compile(r"(?P<name>\D*?)(?P<grade>\d{1,2})")
_FEWEST_GRADES = 3
_WHOLE = re.compile(r"\d+(?:\.0+)?")
_FRACTION = re.compile(r"-?\d+\.(?P<digits>\d+)")


@dataclass(frozen=True)
class CountedMean:
    """The mean of opinions, and the columns that it is made of."""

    column: str
    counts: tuple[str, ...]
    """One a grade, in the order of the grades."""
    made: tuple[str, ...]
    """Other columns that the counts tell: their sum, and how far opinions differ."""


def find_counted_mean(table: pd.DataFrame, columns: Sequence[str]) -> CountedMean | None:
    """Return the one column that in every row is the mean of the grades that others count; or None.

    The columns of counts are called alike, with the grade behind: `c1, c2, c3`. Each row must have
    them, and the mean as exactly as it is written, with a digit behind the point at least.

    Args:
        columns: that may be any of these.
    """
    for graded in _graded(table, columns).values():
        grades = sorted(graded)
        are_in_order = grades == list(range(grades[0], grades[0] + len(grades)))
        if len(grades) < _FEWEST_GRADES or not are_in_order:
            continue
        counts = np.stack([table[graded[one]].astype(float).to_numpy() for one in grades], axis=1)
        sums = counts.sum(axis=1)
        if not len(sums) or not (sums > 0).all():
            continue
        weights = np.asarray(grades, float)
        means = counts @ weights / sums
        rest = [one for one in columns if one not in graded.values()]
        found = [one for one in rest if _holds(table[one], means)]
        if len(found) != 1 or np.unique(means).size < 2:
            continue
        squares = (counts * (weights - means[:, None]) ** 2).sum(axis=1)
        # A spread of all opinions, or of those of a sample of people.
        of_one_less = squares / np.maximum(sums - 1, 1)
        told = [sums, *(each for one in (squares / sums, of_one_less) for each in (one, one**0.5))]
        others = [one for one in rest if one != found[0]]
        made = [one for one in others if any(_holds(table[one], each) for each in told)]
        return CountedMean(found[0], tuple(graded[one] for one in grades), tuple(made))
    return None


_MEANS = frozenset({"mean", "avg", "average", "mos"})
_OPINIONS = frozenset(
    {"rating", "ratings", "rater", "raters", "vote", "votes", "voters", "opinions", "annotators"}
)
_SPREADS = frozenset({"std", "stdv", "sd", "stddev", "stdev", "dev"})


def find_averaged(
    table: pd.DataFrame, columns: Sequence[str]
) -> tuple[str, str, tuple[str, ...]] | None:
    """Return the one mean of opinions, its deviation, and their numbers, by their names; or None.

    Mean and deviation are called alike but for a word, as `age_avg` and `age_std`, and are numbers
    in every row, with fractions; none of the deviations is below 0. A column of whole numbers is
    called after opinions, as `num_ratings`: means of pixels have none.

    Args:
        columns: that may be these.
    """
    called = {column: name_words(column) for column in columns}
    of_people = tuple(
        column
        for column, words in called.items()
        if _OPINIONS & set(words) and table[column].str.fullmatch(_WHOLE).all()
    )
    found = []
    for mean, words in called.items():
        rest = [word for word in words if word not in _MEANS]
        if not rest or len(rest) == len(words):
            continue
        for spread, others in called.items():
            same = [word for word in others if word not in _SPREADS]
            if same == rest and len(same) < len(others) and _are_averaged(table, mean, spread):
                found.append((mean, spread))
    return (*found[0], of_people) if len(found) == 1 and of_people else None


def _are_averaged(table: pd.DataFrame, mean: str, spread: str) -> bool:
    numbers = table[[mean, spread]].apply(pd.to_numeric, errors="coerce")
    has_fractions = bool((numbers % 1 != 0).any().all())
    return (
        not numbers.isna().any(axis=None) and has_fractions and bool((numbers[spread] >= 0).all())
    )


def _graded(table: pd.DataFrame, columns: Sequence[str]) -> dict[str, dict[int, str]]:
    """Return the columns of whole numbers by grade, by what stands before it."""
    found: dict[str, dict[int, str]] = {}
    for column in columns:
        parts = _NUMBERED.fullmatch(column.strip())
        if parts is not None and table[column].str.fullmatch(_WHOLE).all():
            found.setdefault(parts["name"], {})[int(parts["grade"])] = column
    return found


def _holds(cells: pd.Series[str], numbers: NDArray[np.float64]) -> bool:
    """Return whether cells are numbers, as exactly as the longest of them is written."""
    written = pd.to_numeric(cells, errors="coerce").to_numpy(float)
    ends = cells.str.extract(_FRACTION)["digits"].dropna().str.len()
    if np.isnan(written).any():
        return False
    if ends.empty:
        return bool((written == numbers).all())
    nearest = 0.5 * 10.0 ** -float(ends.max())
    return bool((np.abs(written - numbers) <= nearest + 1e-9 * np.abs(numbers)).all())
