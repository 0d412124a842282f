"""What texts tell of a number in a column of measures: that it stands for none.

README.md: "`creep_mm` = -1 means not measured."    →    -1 in creep_mm is no number
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from podium.competition.infer.files import DataFolder
from podium.competition.infer.labels.cells import numbers_of
from podium.competition.infer.readme.texts import FULL_STOP, as_in_texts, items_as_written
from podium.competition.phrases import any_phrase, plain_text
from podium.errors import shortened

__all__ = ["NotMeasured", "readme_not_measured", "sentences_of_not_measured"]

_LONGEST = 100  # letters of a sentence that is shown
_FEWEST_VALUES = 5  # others, of a column that measures something
_NUMBER = re.compile(r"(?<![\w.,/:])[-–−]?\d+(?:[.,]\d+)?(?![\w%]|[.,/:]\d)")


@dataclass(frozen=True)
class NotMeasured:
    """A number that stands for none, the text that tells so, and its words."""

    number: float
    path: str
    quote: str


def sentences_of_not_measured(folder: DataFolder) -> list[tuple[str, str]]:
    """Return path and words of the sentences beside the data that tell what was not measured.

    They are as they are written: elsewhere a minus sign is a blank.
    """
    return [
        (path, sentence)
        for path, text in items_as_written(folder)
        for line in text.splitlines()
        for sentence in FULL_STOP.split(line)
        if any_phrase("not measured").search(_plain(sentence)) is not None
    ]


def readme_not_measured(
    sentences: Sequence[tuple[str, str]], column: str, table: pd.DataFrame
) -> NotMeasured | None:
    """Return the number in the cells of a column that a text calls not measured; None without.

    One sentence has the column's name, the number, and a phrase as "not measured"; or no column's
    name, where the number is in no other column.

    Args:
        sentences: of `sentences_of_not_measured`.
        column: of the table.
        table: whose columns a sentence may name.
    """
    numbers = numbers_of(table[column]) if sentences else None
    if numbers is None or numbers.nunique() <= _FEWEST_VALUES:
        return None
    values = {float(one) for one in numbers.dropna().unique()}
    for path, sentence in sentences:
        found = {_value(one) for one in _NUMBER.findall(sentence)}
        codes = found & {min(values), max(values)}  # one amid the others is a measure
        if len(codes) != 1:
            continue
        named = [one for one in map(str, table.columns) if _names(_plain(sentence), one)]
        others = [table[one] for one in map(str, table.columns) if one != column]
        if column in named or not (named or any(_has(one, codes) for one in others)):
            words = re.sub(r"\*\*|`", "", sentence).split()
            quote = shortened(" ".join(words).strip(" #|>-*"), _LONGEST)
            return NotMeasured(codes.pop(), path, quote)
    return None


def _plain(text: str) -> str:
    return plain_text(as_in_texts(text))


def _value(text: str) -> float:
    return float(text.replace("–", "-").replace("−", "-").replace(",", "."))


def _names(plain: str, column: str) -> bool:
    spelt = re.escape(_plain(column))
    return bool(spelt) and re.search(rf"(?<![a-z0-9]){spelt}(?![a-z0-9])", plain) is not None


def _has(cells: pd.Series[str], codes: set[float]) -> bool:
    numbers = numbers_of(cells)
    return numbers is not None and bool(numbers.isin(codes).any())
