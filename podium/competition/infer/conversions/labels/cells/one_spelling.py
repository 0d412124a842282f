"""Classes that somebody typed in two ways, `Partido` and `partido`, `sea-lion` and `sea lion`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder, may_be_train_table
from podium.competition.infer.image_tables import match_of_train
from podium.competition.infer.readme.texts import texts_as_written
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.spelling import joined_otherwise, name_key, words_key
from podium.competition.tables import reading_table
from podium.errors import DataError, plural

__all__ = ["ONE_SPELLING", "notes_of_blanks", "with_one_spelling"]

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
        tables: all, by path, some of which may list the classes.
    """
    if sample is None or not may_be_train_table(path):
        return None
    asked = [one for one in sample.values if one in table.columns]
    spelt = dict[str, dict[str, str]]()
    for one in asked:
        sent = set(sample.table[one])
        alike = _others(table[one], sent)
        joined = _joined(CompetitionData(folder, tables), table[one].replace(alike), sent)
        spelt[one] = {other: joined.get(usual, usual) for other, usual in alike.items()} | joined
    of_images = sample.id in table.columns or match_of_train(folder, path, table) is not None
    if not any(spelt.values()) or not of_images:
        return None
    made, told = table.copy(), []
    for column, others in spelt.items():
        counts = table[column].value_counts()
        made[column] = table[column].replace(others)
        told += [
            _read_as(column, other, int(counts[other]), usual, int(counts[usual]))
            for other, usual in others.items()
        ]
    return MadeTable((path,), f"{path}{ONE_SPELLING}{'; '.join(told)}", made)


def notes_of_blanks(data: CompetitionData) -> Iterator[str]:
    """Yield a note for each table of train that has blanks around a few cells of a class.

    Cells are read without them everywhere. Blanks around many are how the table is written.
    """
    sample = data.sample
    for path, table in data.tables.items():
        asked = [] if sample is None else [one for one in sample.values if one in table.columns]
        asked = [one for one in asked if table[one].nunique() <= _MOST_CLASSES]
        is_plain = may_be_train_table(path) and path.lower().endswith(".csv")
        if not (is_plain and asked and (data.folder.path / path).is_file()):
            continue
        written = _as_written(data.folder.path / path)
        told = [one for name in asked if name in written for one in _with_blanks(written[name])]
        if told:
            yield f"{path}: {'; '.join(told)}, as blanks around a cell never count"


def _as_written(path: Path) -> pd.DataFrame:
    """Return the cells of a table with the blanks around them; none of one that is no plain CSV."""
    try:
        with reading_table(path):
            return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except DataError:  # told of where it is read
        return pd.DataFrame()


def _with_blanks(cells: pd.Series[str]) -> Iterator[str]:
    counts = Counter(cells.dropna())  # a row with fewer cells than the header has none
    for other, n in counts.items():
        usual = other.strip()
        is_word = sum(map(str.isalpha, usual)) >= _SHORTEST
        if is_word and other != usual and counts[usual] >= _MUCH_COMMONER * n:
            yield _read_as(str(cells.name), other, n, usual, counts[usual])


def _read_as(column: str, other: str, n_other: int, usual: str, n_usual: int) -> str:
    rows = plural(n_usual, "row")
    return f"{column}: {other!r} ({plural(n_other, 'row')}) is read as {usual!r} ({rows})"


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


def _joined(data: CompetitionData, cells: pd.Series[str], sent: Collection[str]) -> dict[str, str]:
    """Return the usual spelling of each class whose words other signs join in other cells."""
    counts = Counter(cell for cell in cells if cell)
    several = joined_otherwise(counts) if len(counts) <= _MOST_CLASSES else []
    if not several:
        return {}
    listed = {
        name
        for names in _names_by_source(data, list(counts), sent)
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
    data: CompetitionData, names: Sequence[str], sent: Collection[str]
) -> Iterator[list[str]]:
    """Yield those of the names that the sample, a text, or a column of distinct cells has."""
    yield [one for one in names if one in sent]
    for _, text in texts_as_written(data.folder):
        spelt = name_key(text)
        yield [
            one
            for one in names
            if re.search(rf"(?<![\w-]){re.escape(name_key(one))}(?![\w-])", spelt)
        ]
    for table in data.tables.values():
        for column in table if len(table) <= _MOST_CLASSES else ():
            cells = set(map(name_key, table[column]))
            if table[column].is_unique:
                yield [one for one in names if name_key(one) in cells]
