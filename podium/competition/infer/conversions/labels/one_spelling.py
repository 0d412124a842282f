"""Classes that somebody typed in two ways, `Partido` and `partido`, as one."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from podium.competition.infer.conversions.tables.made_tables import MadeTable
from podium.competition.infer.files import DataFolder, may_be_train_table
from podium.competition.infer.image_tables import match_of_train
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.spelling import name_key
from podium.errors import plural

__all__ = ["with_one_spelling"]

_SHORTEST = 3  # letters: a and A may be two
_MUCH_COMMONER = 3
_MOST_CLASSES = 100


def with_one_spelling(
    folder: DataFolder, path: str, table: pd.DataFrame, sample: SampleSubmission | None
) -> MadeTable | None:
    """Return a table of train whose classes differ by more than capitals and blanks, or None.

    In the column that the sample submission asks for, words of three letters or more that differ by
    capitals or blanks alone are one class, where one spelling is three times as common as all
    others, and the sample has none of the others.

    Args:
        folder: with the images.
        path: of the table.
        table: its cells, as text.
        sample: the sample submission.
    """
    if sample is None or not may_be_train_table(path):
        return None
    asked = [one for one in sample.values if one in table.columns]
    spelt = {one: _others(table[one], set(sample.table[one])) for one in asked}
    of_images = sample.id in table.columns or match_of_train(folder, path, table) is not None
    if not any(spelt.values()) or not of_images:
        return None
    made, told = table.copy(), []
    for column, others in spelt.items():
        counts = table[column].value_counts()
        made[column] = table[column].replace(others)
        told += [
            f"{plural(int(counts[other]), 'cell')} of {column} with {other!r}, as {usual!r} "
            f"in {counts[usual]:,}"
            for other, usual in others.items()
        ]
    return MadeTable((path,), f"{path} with one spelling a class: {'; '.join(told)}", made)


def _others(cells: pd.Series[str], sent: set[str]) -> dict[str, str]:
    """Return the usual spelling of each class that is spelt otherwise."""
    counts = Counter(cell for cell in cells if cell)
    if len(counts) > _MOST_CLASSES:
        return {}
    alike: dict[str, list[str]] = {}
    for name, _ in counts.most_common():
        alike.setdefault(name_key(name), []).append(name)
    found = dict[str, str]()
    for key, (usual, *others) in alike.items():
        is_word = sum(map(str.isalpha, key)) >= _SHORTEST
        n_others = sum(counts[one] for one in others)
        if is_word and counts[usual] >= _MUCH_COMMONER * n_others and not sent & set(others):
            found |= dict.fromkeys(others, usual)
    return found
