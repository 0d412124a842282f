"""The order of classes that are ratings by names: a text or a table that shows it.

    README: "From worst to best: P < G < VG < VG+ < NM"        grades.csv: grade, rank

Kappa is the same in the reverse order, so that `NM > VG+ > …` tells as much.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from podium.competition.infer.files import DataFolder
from podium.competition.infer.labels import numbers_of
from podium.competition.infer.readme_texts import as_in_texts, texts_beside

__all__ = ["class_order"]

_SIGNS = (r"[<‹＜≺]", r"[>›＞≻]", r"(?:→|⇒|->|=>)")


def class_order(
    folder: DataFolder, tables: Mapping[str, pd.DataFrame], classes: Sequence[str]
) -> tuple[list[str], str] | None:
    """Return the classes in order, and what shows it; None where nothing does, or two differ.

    Args:
        folder: with texts.
        tables: by path.
        classes: all of them, in any order.
    """
    found = [*_in_texts(folder, classes), *_in_tables(tables, classes)]
    if not found:
        return None
    (first, why), *others = found
    agree = all(order in (first, first[::-1]) for order, _ in others)
    return (first, why) if agree else None


def _in_texts(folder: DataFolder, classes: Sequence[str]) -> Iterator[tuple[list[str], str]]:
    names = {as_in_texts(one): one for one in classes}
    if len(names) < len(classes):
        return
    for path, text in texts_beside(folder):
        for sign in _SIGNS:
            for order in _chains(re.split(rf"\s*{sign}\s*", text), list(names)):
                yield [names[one] for one in order], f"{path} has them in this order"


def _chains(pieces: Sequence[str], names: Sequence[str]) -> Iterator[list[str]]:
    """Yield the names that follow each other in the pieces of a text, each once.

    The first one ends its piece, the last one begins it, and those between are whole pieces.
    """
    inner = len(names) - 2
    for at in range(len(pieces) - inner - 1):
        middle = list(pieces[at + 1 : at + 1 + inner])
        rest = set(names) - set(middle)
        if len(rest) != 2 or not set(middle) <= set(names):
            continue
        last_piece = pieces[at + 1 + inner]
        first = [one for one in rest if re.search(rf"(?<![\w+]){re.escape(one)}$", pieces[at])]
        last = [one for one in rest if re.match(rf"{re.escape(one)}(?![\w+])", last_piece)]
        if len(first) == len(last) == 1 and first != last:
            yield [*first, *middle, *last]


def _in_tables(
    tables: Mapping[str, pd.DataFrame], classes: Sequence[str]
) -> Iterator[tuple[list[str], str]]:
    for path, table in tables.items():
        if len(table) != len(classes):
            continue
        named = next((one for one in table if set(table[one]) == set(classes)), None)
        if named is None:
            continue
        for column in table.columns.drop([named]):
            numbers = numbers_of(table[column])
            if numbers is not None and numbers.is_unique:
                ranked = table[named].iloc[list(numbers.argsort())]
                yield list(ranked), f"{path} has their {column}"
