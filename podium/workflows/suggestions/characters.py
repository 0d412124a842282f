"""Classes that are digits or letters, which are others, or none, where an image is flipped."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["are_characters"]

_NAMES_OF_DIGITS = frozenset(
    ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
)
_DIGITS = frozenset("0123456789")
_SAYS_CHARACTERS = re.compile(r"digit|mnist|numeral|letter|alphabet|character", re.IGNORECASE)
_WORDS = re.compile(r"[^\W\d_]+|\d+")
_FEWEST_LETTERS = 10
"""Fewer letters may be any codes, as A, B and C of a grade."""


def are_characters(classes: Sequence[str], name: str) -> bool:
    """Return whether classes are digits or letters, by their names.

    Numbers may count anything: they are digits where the classes or the competition say so, as
    `digit_3`, or where they are spelt out.

    Args:
        classes: their names.
        name: of the competition.

    Example:
        >>> are_characters(["two", "three"], ""), are_characters(["0", "1", "2"], "leaf grades")
        (True, False)
    """
    words = [_WORDS.findall(one.lower()) for one in classes]
    if not words or not all(words):
        return False
    if all(len(one) == 1 and one[0] in _NAMES_OF_DIGITS for one in words):
        return True
    last = {one[-1] for one in words}
    said = [*(" ".join(one[:-1]) for one in words if len(one) > 1), name]
    is_said = any(map(_SAYS_CHARACTERS.search, said))
    are_letters = all(len(one) == 1 and one.isalpha() for one in last)
    if are_letters and len(last) >= _FEWEST_LETTERS and all(len(one) == 1 for one in words):
        return True
    return is_said and (last <= _DIGITS or are_letters)
