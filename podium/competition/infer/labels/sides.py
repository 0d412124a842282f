"""Names of classes and outputs that are the left and the right of one thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from podium.competition.languages import meaning_words
from podium.competition.spelling import name_words
from podium.tasks.protocols.outputs import OUTPUT_SIGN, by_output

__all__ = ["pair_of_sides"]

_SHORT = (("l", "r"), ("lt", "rt"), ("li", "re"), ("os", "od"), ("izq", "der"), ("sx", "dx"))
"""Left and right in short; as `os` and `od`, the left and the right eye."""


def pair_of_sides(classes: Sequence[str]) -> tuple[str, str] | None:
    """Return a class or output of the left and the one of the right that is called so otherwise.

    None where there is no such pair. Short words are sides where all names are in such pairs.

    Args:
        classes: those of several outputs are `output=class`; columns of numbers are outputs.

    Example:
        >>> pair_of_sides(["eye_left", "eye_right", "nose"]), pair_of_sides(["li=0", "re=0"])
        (('eye_left', 'eye_right'), ('li', 're'))
    """
    of_outputs = all(OUTPUT_SIGN in one for one in classes)
    groups = [[*by_output(classes)], *by_output(classes).values()] if of_outputs else [[*classes]]
    words = dict.fromkeys(meaning_words("left side"), 0)
    words |= dict.fromkeys(meaning_words("right side"), 1)
    for names in groups:
        if pairs := _pairs(names, words):
            return pairs[0]
        for short in _SHORT:
            pairs = _pairs(names, dict(zip(short, (0, 1), strict=True)))
            if pairs and 2 * len(pairs) == len(names):
                return pairs[0]
    return None


def _pairs(names: Sequence[str], sides: Mapping[str, int]) -> list[tuple[str, str]]:
    """Return the names of the left with those of the right: other words of both are the same."""
    found: tuple[dict[tuple[str, ...], str], dict[tuple[str, ...], str]] = {}, {}
    for name in names:
        words = name_words(name)
        of_sides = [one for one in words if one in sides]
        if len(of_sides) == 1:
            found[sides[of_sides[0]]][tuple(one for one in words if one not in sides)] = name
    left, right = found
    return [(left[rest], right[rest]) for rest in left if rest in right]
