"""Cells of a sample submission that list classes: the sign between two, and the word for none.

cells of the sample                                 sign   word
Circle+Square, Cross, none, none, Circle+Cross  →   +      none
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from podium.competition.infer.labels.lists import LIST_SIGNS
from podium.errors import plural

__all__ = ["ClassCells", "read_class_lists"]

_MOST_WORDS = 5
"""Cells with more words that are no classes are not understood."""
_NUMBERS = re.compile(r"[\W\d]*\d[\W\d]*")
_SIGN = r"([\W_]+|\s\w{1,3}\s)"


@dataclass(frozen=True)
class ClassCells:
    """How cells list classes."""

    sep: str | None
    """The sign that splits the cells into classes; None where none does."""
    shown: frozenset[str]
    """The classes that stand in cells."""
    words: tuple[str, ...] = ()
    """What may stand for no class, the likeliest first; `""` for a blank cell."""
    why: str = ""
    """The evidence for the first word."""
    is_sure: bool = True
    """Whether only the first word may stand for no class."""
    has_blank: bool = False
    """Whether a cell is blank."""
    rest: tuple[str, ...] = ()
    """The cells that hold no class, and are not blank."""


def read_class_lists(cells: Sequence[str], names: Collection[str], usual: str = " ") -> ClassCells:
    """Return how the cells of a column list the classes `names`.

    A sign is taken where it splits each cell that it stands in, but one, into classes. The cell
    that is left stands for no class: certain where it is the only one and several rows have it,
    beside cells of classes.

    Args:
        cells: of a sample submission.
        names: of the classes.
        usual: the sign that is tried first among those that fit equally.

    Example:
        >>> found = read_class_lists(["a+b", "none", "b", "none"], ["a", "b"])
        >>> found.sep, found.words, found.is_sure
        ('+', ('none',), True)
    """
    counts = Counter(cells)
    known, values = set(names), [cell for cell in counts if cell.strip()]
    fitting = []
    signs = _signs(values, names)
    for sign in dict.fromkeys((*signs.values(), usual, *LIST_SIGNS)):
        is_list = {cell: set(cell.split(sign)) <= known for cell in values}
        odd = [cell for cell in values if not is_list[cell]]
        if not any(is_list[cell] and sign in cell and cell not in known for cell in values):
            continue
        if any(cell in signs for cell in odd):
            continue  # classes, by another sign
        if not any(sign in cell for cell in odd) or len(odd) == 1:
            fitting.append((len(odd), sign))
    sep = min(fitting, key=lambda one: one[0])[1] if fitting else None
    parts = {cell: set(cell.split(sep)) if sep else {cell} for cell in values}
    parts = {cell: {cell} if cell in known else each for cell, each in parts.items()}
    lists = {cell: each for cell, each in parts.items() if each <= known}
    rest = [cell for cell in values if cell not in lists and cell not in signs]
    found = ClassCells(
        sep,
        frozenset(name for each in lists.values() for name in each),
        has_blank=len(values) < len(counts),
        rest=tuple(rest),
    )
    return _with_words(found, counts, n_lists=len(lists))


def _with_words(found: ClassCells, counts: Counter[str], *, n_lists: int) -> ClassCells:
    """Return the lists with the words that may stand for no class."""
    words = sorted(found.rest, key=lambda cell: -counts[cell])
    if not n_lists:
        # Of a placeholder in every row; numbers are the places of classes.
        words = [one for one in words if len(counts) == 1 and not _NUMBERS.fullmatch(one)]
    elif len(words) > 1:
        words = [one for one in words if counts[one] > 1]
    if not words or len(found.rest) > _MOST_WORDS:
        return found
    n = counts[words[0]]
    why = f"{words[0]!r} is no class and stands in {plural(n, 'cell')} of the sample"
    is_sure = len(found.rest) == 1 and n > 1 and n_lists > 0 and not found.has_blank
    others = [] if is_sure else [*words[1:], ""]
    return replace(found, words=(words[0], *others), why=why, is_sure=is_sure)


def _signs(cells: Sequence[str], names: Collection[str]) -> dict[str, str]:
    """Return what stands between the first class of a cell and another class, where it has two."""
    longest = sorted((name for name in names if name), key=len, reverse=True)
    one = "|".join(map(re.escape, longest))
    pattern = re.compile(f"(?:{one}){_SIGN}(?={one})")
    known = set(names)
    found = {cell: pattern.match(cell) for cell in cells if cell not in known and known}
    return {cell: match[1] for cell, match in found.items() if match is not None}
