"""Several labels in one cell: the sign between them, and the word for none of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import cache

import pandas as pd

from podium.competition.infer.labels.cells import sort_classes
from podium.competition.infer.labels.negatives import is_called_none
from podium.competition.languages import run_phrases

__all__ = [
    "LIST_SIGNS",
    "PLAIN_SIGN",
    "SEPARATORS",
    "find_separator",
    "holds_lists",
    "lists_few_names",
    "other_signs",
    "possible_lists",
    "separator_as_written",
    "separator_between",
    "separator_of_a_plural",
    "signs_in_names",
    "split_cells",
    "unused_sign",
    "word_for_none",
]

SEPARATORS = ("|", ";", ",", " ")

LIST_SIGNS = ("|", ";", ",", "、", "，", "；", "｜", "،", "؛", " ")
"""Separators of lists, as scripts of Asia have them, too."""

PLAIN_SIGN = re.compile(r"\s*[;|]\s*")
"""A sign of lists that stands in no number, name or sentence."""

_OTHER_SIGNS = ("+", "&", "/", "-", "_", "・", "＋", "／", "＆")
"""They also stand in names: they separate lists only where the parts are cells elsewhere."""

_SIGNS_OF_RANGES = frozenset("/-／")  # of two numbers a fraction, or all between them

_FEWEST_NAMES = 3  # that lists by another sign have for certain

_MOSTLY_ALONE = 2 / 3  # of the names of such lists, that are cells of their own

_BY_CHANCE = 0.05

_SIGNS_OF_LISTS = frozenset(LIST_SIGNS) - {" "}

_MOST_WORDS = 2  # of a name that could be a list


def unused_sign(names: Collection[str], signs: Sequence[str] = SEPARATORS) -> str | None:
    """Return the first sign that stands in no name, to list names with; None: each does in one."""
    return next((sign for sign in signs if not any(sign in name for name in names)), None)


def find_separator(cells: pd.Series[str]) -> str | None:
    """Return the separator of several labels in a cell, or None where a cell is one label.

    "Fat Hen" and "Common wheat" are single names with a space: names that are put together from few
    parts, now one and now several, are lists. Where no part stands alone they are lists if they
    were classes of which most have one row.
    """
    unique = cells[cells != ""].unique()
    for separator in _signs_in(unique, LIST_SIGNS):
        split = split_cells(unique, separator)
        counts = {len(parts) for parts in split}
        vocabulary = {part for parts in split for part in parts}
        if len(counts) > 1 and 1 in counts and len(vocabulary) < len(unique):
            if separator == " " and (_may_be_names_of_words(split) or _has_signs(split)):
                continue
            return separator
    other = _other_separator(cells)
    if other is not None:
        sign, is_sure = other
        return sign if is_sure else None
    lists = possible_lists(cells)
    return lists[0] if lists is not None and 2 * len(unique) > len(cells) else None


@cache
def other_signs() -> tuple[str, ...]:
    """Return the signs that also stand in names, and words as " and " of all languages."""
    words = {one for each in run_phrases() for one in each["and"].split(" | ")}
    return (*_OTHER_SIGNS, *(f" {one} " for one in sorted(words)))


def _other_separator(cells: pd.Series[str]) -> tuple[str, bool] | None:
    """Return the sign, or the word, between names that are cells elsewhere, and whether it is sure.

    `D`, `M`, `P`, `D+M`, `D+P` and `M+P` are lists: three names or more, each a cell of its own and
    in three rows, and as many lists as names. Of fewer, and of numbers with a sign that may stand
    for a range or a fraction, the cells may be names as well; `red-winged` is one in any case.

    Example:
        >>> _other_separator(pd.Series(["D", "M", "P", "D+M", "D+P", "M+P"] * 2))
        ('+', True)
        >>> _other_separator(pd.Series(["red", "white", "red/white"] * 4))
        ('/', False)
        >>> _other_separator(pd.Series(["red-winged", "red", "rusty-sided"] * 4)) is None
        True
    """
    counts = Counter(cells[cells != ""])
    found = []
    for sign in _signs_in(counts, signs_in_names(counts)):
        kinds = {cell: [part.strip() for part in cell.split(sign)] for cell in counts}
        lists = {tuple(sorted(parts)) for parts in kinds.values() if len(parts) > 1}
        names = {name for parts in lists for name in parts}
        alone = names & {parts[0] for parts in kinds.values() if len(parts) == 1}
        is_blank = any("" in parts for parts in kinds.values())
        if is_blank or not lists or len(alone) < _MOSTLY_ALONE * len(names):
            continue
        if not _share_few_names([kinds[cell] for cell in cells if cell]):
            continue
        in_rows = Counter[str]()
        for cell, parts in kinds.items():
            in_rows.update(dict.fromkeys(parts, counts[cell]))
        may_be_of_range = sign in _SIGNS_OF_RANGES or sign not in other_signs()
        are_numbers = may_be_of_range and all(re.search(r"\d", one) for one in names)
        is_sure = (
            len(alone) == len(names) >= _FEWEST_NAMES
            and len(lists) >= len(names)
            and min(in_rows[name] for name in names) >= _ROWS_A_NAME
            and not are_numbers
        )
        found.append((sign, is_sure))
    return next((one for one in found if one[1]), found[0] if found else None)


def _signs_in(cells: Iterable[str], signs: Sequence[str]) -> list[str]:
    """Return the signs that stand in some cell."""
    text = "\n".join(cells)
    return [sign for sign in signs if sign in text]


def signs_in_names(cells: Iterable[str]) -> tuple[str, ...]:
    """Return what may stand in names and between them: `other_signs`, and all that cells have.

    Quotes and brackets part nothing.
    """
    found = {one for cell in cells for one in _SIGN_IN_NAME.findall(cell)}
    return (*other_signs(), *sorted(found - {*_OTHER_SIGNS, *LIST_SIGNS}))


_SIGN_IN_NAME = re.compile(r"(?<=\w)\s*([^\w\s'’\"()]{1,3})\s*(?=\w)")


def _has_signs(split: Sequence[Sequence[str]]) -> bool:
    """Return whether a part is a sign or a word between two names, as in "red + blue"."""
    between = {sign.strip() for sign in other_signs()}
    alone = {parts[0] for parts in split if len(parts) == 1}
    # A sign alone in its cell, as "-", is for none.
    parts = {part for one in split if len(one) > 1 for part in one}
    return any(part in between - alone or not re.search(r"\w", part) for part in parts)


def word_for_none(cells: pd.Series[str], sign: str) -> tuple[str, bool]:
    """Return the one name of lists that may stand for none of the others; "" without one.

    It stands beside no other name, and is called so in some language, which is returned, too; or
    all others stand beside others, and so many rows of a class would hardly all have it alone.

    Args:
        cells: of a column.
        sign: between the names of a cell.
    """
    rows = split_cells(cells[cells != ""], sign)
    beside = {name for parts in rows if len(parts) > 1 for name in parts}
    counts = Counter(parts[0] for parts in rows if len(parts) == 1 and parts[0] not in beside)
    called = [name for name in counts if is_called_none(name)]
    if len(called) == 1 and len(beside) > 1:
        return called[0], True
    if called or len(counts) != 1 or len(beside) < _FEWEST_NAMES:
        return "", False
    (name, n), *_ = counts.items()
    of_lists = sum(len(parts) > 1 for parts in rows) / max(1, len(rows) - n)
    return (name, False) if (1 - of_lists) ** n < _BY_CHANCE else ("", False)


def _may_be_names_of_words(split: Sequence[Sequence[str]]) -> bool:
    """Return whether cells may be names of one or two words, as "very thin", "thin" and "fat".

    Some word stands alone in no cell, and there are few cells for so many words. Numbers are lists,
    and so are three words.
    """
    words = {word for parts in split for word in parts}
    alone = {parts[0] for parts in split if len(parts) == 1}
    are_words = all(word[0].isalpha() for word in words) and max(map(len, split)) <= _MOST_WORDS
    return are_words and bool(words - alone) and len(split) <= 2 * len(words)


def split_cells(cells: Iterable[str], separator: str) -> list[list[str]]:
    """Return the parts of each cell, without blanks around them and without empty ones."""
    return [[part.strip() for part in cell.split(separator) if part.strip()] for cell in cells]


def separator_between(cells: Collection[str], names: Collection[str]) -> str | None:
    """Return the separator by which cells list names, and nothing else; None without one."""
    for sign in SEPARATORS:
        if {part for one in split_cells(cells, sign) for part in one} <= {*names}:
            return sign
    return None


def separator_as_written(cells: pd.Series[str], sign: str) -> str:
    """Return the sign with the blanks that stand around it everywhere, as ", "."""
    around = re.compile(rf"\s*{re.escape(sign)}\s*")
    written = {one[0] for cell in cells.unique() for one in around.finditer(cell.strip())}
    return written.pop() if len(written) == 1 else sign


def possible_lists(cells: pd.Series[str]) -> tuple[str, list[str]] | None:
    """Return the separator and the names, where classes of several words may as well list names.

    They may where each is another mixture of few names: now two and now more, or, with a blank
    between them, now one and now two.
    """
    unique = cells[cells != ""].unique()
    other = _other_separator(cells)
    if other is not None:
        parts = {part for one in split_cells(unique, other[0]) for part in one}
        return other[0], sort_classes(list(parts))
    for separator in _signs_in(unique, LIST_SIGNS):
        split = split_cells(unique, separator)
        if separator == " " and _has_signs(split):
            continue
        names = {name for parts in split for name in parts}
        has_lengths = len({len(parts) for parts in split}) > 1
        may_be_words = separator == " " and any(len(parts) == 1 for parts in split)
        if has_lengths and len(names) < len(unique) and (may_be_words or _share_few_names(split)):
            return separator, sort_classes(list(names))
    return None


def holds_lists(cells: pd.Series[str]) -> bool:
    """Return whether cells are lists of a few names by a sign that no sentence is written with."""
    return find_separator(cells) in _SIGNS_OF_LISTS and not any(" " in cell for cell in cells)


_ROWS_A_NAME = 3


def lists_few_names(cells: pd.Series[str]) -> bool:
    """Return whether cells are lists of few names."""
    separator = find_separator(cells)
    return separator is not None and _share_few_names(split_cells(cells, separator))


def _share_few_names(lists: Sequence[Sequence[str]]) -> bool:
    """Return whether names stand in three lists each on average or more.

    No name stands twice in a list, as the words of a sentence may.
    """
    names = [name for one in lists for name in one]
    is_once = all(len(set(one)) == len(one) for one in lists)
    return is_once and len(names) >= _ROWS_A_NAME * len(set(names))


def separator_of_a_plural(values: Sequence[str]) -> tuple[str | None, str]:
    """Return the separator of the labels of a column with a plural name, and the reason for it.

    By its name a cell may hold several: it is enough that a part of one is a cell elsewhere.
    """
    whole = {cell.strip() for cell in values}
    for separator in LIST_SIGNS:
        split = split_cells(values, separator)
        if separator == " " and _has_signs(split):
            continue
        for cell, parts in zip(values, split, strict=True):
            alone = [part for part in parts if part in whole]
            if len(parts) > 1 and alone:
                return separator, (
                    f": the column's name is plural, and '{alone[0]}' of '{cell}' also stands "
                    f"alone; where '{cell}' is one name, this is multiclass"
                )
    return None, ""
