"""Labels that stand for nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from podium.competition.languages import meaning_words
from podium.competition.spelling import name_words

__all__ = ["is_called_none", "positive_class"]

_NEGATIVE_WORDS = frozenset(
    {"no", "not", "non", "none", "false", "negative", "neg", "absent", "absence", "without"}
    | {"normal", "healthy", "benign", "good", "ok", "okay", "clean", "intact", "control", "nothing"}
    | {"background", "other", "undamaged"}
)

_NOTHING = _NEGATIVE_WORDS - {"other", "control", "background"}
"""Words of a label that says that there is nothing."""

_YES_NO_LETTERS = frozenset({frozenset("yn"), frozenset("pn"), frozenset("tf")})


def positive_class(classes: Sequence[str], column: str) -> str | None:
    """Return which of two classes a probability is of, by the names; None where these show none.

    Args:
        classes: two, in their order.
        column: of the sample submission.

    Example:
        >>> positive_class(["healthy", "sick"], "healthy_score")
        'healthy'
        >>> positive_class(["abnormal", "normal"], "target")
        'abnormal'
        >>> positive_class(["left", "right"], "target") is None
        True
    """
    words = {one: set(name_words(one)) for one in classes}
    named = [one for one in classes if words[one] and words[one] <= set(name_words(column))]
    if len(named) == 1:
        return named[0]
    letters = {frozenset(one.lower() for one in classes)} & _YES_NO_LETTERS
    negative = [
        one for one in classes if words[one] & _NEGATIVE_WORDS or (letters and one.lower() in "nf")
    ]
    if len(negative) == 1:
        return next(one for one in classes if one not in negative)
    are_numbers = all(re.fullmatch(r"-?\d+(\.\d+)?", one) for one in classes)
    return classes[-1] if are_numbers else None


def is_called_none(name: str) -> bool:
    """Return whether a label stands for nothing by its name: `none`, `0`, `-`."""
    words = set(name_words(name))
    if name == "0" or not re.search(r"\w", name):
        return True
    return bool(words & (meaning_words("none") | meaning_words("negation") | _NOTHING))
