"""Classes that somebody typed in two ways, `Partido` and `partido`, `sea-lion` and `sea lion`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

import pandas as pd

from podium.competition.infer.conversions.tables.made_tables import MadeTable
from podium.competition.infer.files import DataFolder, may_be_train_table
from podium.competition.infer.image_tables import match_of_train
from podium.competition.infer.readme.texts import texts_as_written
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.spelling import joined_otherwise, name_key, words_key
from podium.errors import plural

__all__ = ["ONE_SPELLING", "with_one_spelling"]

ONE_SPELLING = " with one spelling a class: "
"""Stands between a table and the spellings in what is told of it."""

_SHORTEST = 3  # letters: a and A may be two
_MUCH_COMMONER = 3
_MOST_CLASSES = 100


def with_one_spelling(
    folder: DataFolder,
    path: str,
    table: pd.DataFrame,
    sample: SampleSubmission | None,
    *,
    tables: Mapping[str, pd.DataFrame],
) -> MadeTable | None:
    """Return a table of train whose classes differ by more than capitals and blanks, or None.

    In the column that the sample submission asks for, words of three letters or more that differ by
    capitals or blanks alone are one class, where one spelling is three times as common as all
    others, and the sample has none of the others. Words that other signs join are one class where
    a list of all classes has one of the spellings alone, or the sample and most of the cells have.

    Args:
        folder: with the images.
        path: of the table.
        table: its cells, as text.
        sample: the sample submission.
        tables: all, by path, some of which may list the classes.
    """
    if sample is None or not may_be_train_table(path):
        return None
    asked = [one for one in sample.values if one in table.columns]
    spelt = dict[str, dict[str, str]]()
    for one in asked:
        sent = set(sample.table[one])
        alike = _others(table[one], sent)
        joined = _joined(table[one].replace(alike), sent, folder, tables)
        spelt[one] = {other: joined.get(usual, usual) for other, usual in alike.items()} | joined
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
    return MadeTable((path,), f"{path}{ONE_SPELLING}{'; '.join(told)}", made)


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


def _joined(
    cells: pd.Series[str],
    sent: Collection[str],
    folder: DataFolder,
    tables: Mapping[str, pd.DataFrame],
) -> dict[str, str]:
    """Return the usual spelling of each class whose words other signs join in other cells."""
    counts = Counter(cell for cell in cells if cell)
    several = joined_otherwise(counts) if len(counts) <= _MOST_CLASSES else []
    if not several:
        return {}
    listed = {
        name
        for names in _names_by_source(list(counts), sent, folder, tables)
        if set(map(words_key, names)) == set(map(words_key, counts))
        for name in names
    }
    found = dict[str, str]()
    for each in several:
        shown = [one for one in each if one in listed or one in sent]
        if len(shown) != 1:
            continue
        [usual] = shown
        others = [one for one in each if one != usual]
        # The sample may repeat the first cell of train, and that may be the slip.
        if usual in listed or counts[usual] >= _MUCH_COMMONER * sum(counts[one] for one in others):
            found |= dict.fromkeys(others, usual)
    return found


def _names_by_source(
    names: Sequence[str],
    sent: Collection[str],
    folder: DataFolder,
    tables: Mapping[str, pd.DataFrame],
) -> Iterator[list[str]]:
    """Yield those of the names that the sample, a text, or a column of distinct cells has."""
    yield [one for one in names if one in sent]
    for _, text in texts_as_written(folder):
        spelt = name_key(text)
        yield [
            one
            for one in names
            if re.search(rf"(?<![\w-]){re.escape(name_key(one))}(?![\w-])", spelt)
        ]
    for table in tables.values():
        for column in table if len(table) <= _MOST_CLASSES else ():
            cells = set(map(name_key, table[column]))
            if table[column].is_unique:
                yield [one for one in names if name_key(one) in cells]
