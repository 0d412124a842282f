"""Classes of a row or two that are likely slips: one letter from a class of many rows."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import PurePath

import pandas as pd

from podium.competition.spec import Competition
from podium.competition.spelling import name_key, unaccented_key
from podium.competition.tables import read_table
from podium.competition.truths.labels import class_counts
from podium.errors import plural

__all__ = ["likely_slips", "near_classes"]

_FEW = 2  # rows of a class that may be a slip
_TIMES = 10  # as many rows at least has the class that it is near to
_SHORTEST = 3  # letters of a word: codes and grades of fewer are all alike
_WORD = re.compile(r"[^\W_]+")
_ROMAN = re.compile(r"[ivxlc]+")


def likely_slips(competition: Competition, train: pd.DataFrame) -> dict[str, str]:
    """Return a sentence on each class that may be another one misspelt, by its name.

    As "'oka' (train.csv line 6) is one letter from 'oak', which has 47 rows".

    Args:
        competition: with labels of classes; of others there is none.
        train: the samples, with their labels.
    """
    if not competition.has_labels or competition.kind.is_continuous:
        return {}
    names, counts = class_counts(competition, train["label"])
    sizes = dict(zip(names, counts.tolist(), strict=True))
    near_by_name = near_classes(sizes)
    cells = _cells_of_labels(competition) if near_by_name else None
    return {
        name: f"{name!r}{_place(competition, cells, name)} is one letter from {near!r}, which has "
        f"{plural(sizes[near], 'row')}"
        for name, near in near_by_name.items()
    }


def near_classes(sizes: Mapping[str, int]) -> dict[str, str]:
    """Return the class of many rows that is one letter from each class of few, where one is.

    Names that differ by case, blanks or accents alone are left out: others name these.

    Args:
        sizes: how many rows each class has.

    Example:
        >>> near_classes({"maple": 60, "oak": 47, "oka": 1, "grade a": 50, "grade b": 1})
        {'oka': 'oak'}
    """
    few = [name for name, n in sizes.items() if 0 < n <= _FEW]
    if not few:
        return {}
    by_part = defaultdict[str, list[str]](list)
    for name, n in sizes.items():
        if n >= _TIMES:
            for part in _parts(name_key(name)):
                by_part[part].append(name)
    found = {}
    for name in few:
        alike = {near: None for part in _parts(name_key(name)) for near in by_part.get(part, ())}
        near = [
            one
            for one in alike
            if sizes[one] >= _TIMES * sizes[name]
            and unaccented_key(name) != unaccented_key(one)
            and _is_one_letter(name_key(name), name_key(one))
        ]
        if near:
            found[name] = max(near, key=sizes.__getitem__)
    return found


def _parts(name: str) -> Iterator[str]:
    """Yield a name and all that is left of it without a letter: near names share one of these."""
    yield name
    yield from {name[:at] + name[at + 1 :] for at in range(len(name))}


def _is_one_letter(name: str, other: str) -> bool:
    """Return whether one word differs, by a small letter more, less or other, or by two turned."""
    words, others = _WORD.findall(name), _WORD.findall(other)
    if len(words) != len(others) or _WORD.split(name) != _WORD.split(other):
        return False
    pairs = [(a, b) for a, b in zip(words, others, strict=True) if a != b]
    if len(pairs) != 1:
        return False
    a, b = pairs[0]
    if min(len(a), len(b)) < _SHORTEST or (_ROMAN.fullmatch(a) and _ROMAN.fullmatch(b)):
        return False
    # Digits are of codes, and a sign of a script without small letters may be a word.
    if any(unicodedata.category(sign) != "Ll" for sign in a + b):
        return False
    if len(a) != len(b):
        shorter, longer = sorted((a, b), key=len)
        return shorter in set(_parts(longer))
    at = [i for i in range(len(a)) if a[i] != b[i]]
    are_turned = len(at) == 2 and at[1] == at[0] + 1 and a[at[0]] == b[at[1]]
    return len(at) == 1 or (are_turned and a[at[1]] == b[at[0]])


def _cells_of_labels(competition: Competition) -> pd.Series[str] | None:
    """Return the cells of the one column of labels in the table of train; None without one."""
    source = competition.data.train
    if source.table is None or not isinstance(source.label, str):
        return None
    table = read_table(competition.root / source.table)
    return table.get(source.label)


def _place(competition: Competition, cells: pd.Series[str] | None, name: str) -> str:
    """Return where the table of train has a class, in brackets; "" where no cell is its name."""
    source = competition.data.train
    if cells is None or source.table is None:
        return ""
    lines = [
        str(line)
        for line, cell in enumerate(cells, start=2)
        if cell == name or name in cell.split(source.label_sep)
    ]
    called = "line" if len(lines) == 1 else "lines"
    return f" ({PurePath(source.table).name} {called} {' and '.join(lines)})" if lines else ""
