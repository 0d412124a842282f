"""Values of a label that mean that nobody gave one yet: `pending`, `?`, `chưa có`, `unknown`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from podium.competition.infer.labels.kinds import InferredLabels
from podium.competition.languages import meaning_words
from podium.competition.phrases import any_phrase, plain_text
from podium.competition.spelling import name_words

__all__ = ["LabelsWithResults", "is_called_no_result", "is_called_unknown"]

_SIGNS = re.compile(r"[(\[]?[?？]+[)\]]?")
_SHORT = re.compile(r"#?[nN][/.][aA]\.?|[kK]\.\s?[aA]\.|[sS][/.][dD]\.?|NA|NaN|nan|NULL|null")
"""What stands for "not available", "no answer" and the like; `na` and `ka` may be syllables."""
_MOST_BEHIND = 1
"""Words behind a phrase in a cell: "not read yet"."""


@dataclass(frozen=True)
class LabelsWithResults:
    """A table of train whose column of labels has values that are no results.

    Attributes:
        path: of the table with these values.
        values: that are taken for no result.
        labels: where each value is a class.
        why: what speaks for it.
        is_sure: whether no other reading fits.
    """

    path: str
    values: tuple[str, ...]
    labels: InferredLabels
    why: str
    is_sure: bool


def is_called_no_result(value: str) -> bool:
    """Return whether a value means by its word, sign or phrase alone that there is no result yet.

    Example:
        >>> [is_called_no_result(one) for one in ("Pending", "?", "N/A", "Chưa có", "not read yet")]
        [True, True, True, True, True]
        >>> [is_called_no_result(one) for one in ("unknown", "none", "na", "other", "-")]
        [False, False, False, False, False]
    """
    if _SIGNS.fullmatch(value.strip()) or _SHORT.fullmatch(value.strip()):
        return True
    words = "".join(name_words(value))
    if words in meaning_words("no result") | meaning_words("unlabelled"):
        return True
    plain = f"{_spaced(value)} "
    found = any_phrase("no result").match(plain)
    return found is not None and len(plain[found.end() :].split()) <= _MOST_BEHIND


def is_called_unknown(value: str) -> bool:
    """Return whether a value is a word for what nobody knows, which may be a class as well.

    Example:
        >>> is_called_unknown("Unknown"), is_called_unknown("unbekannt"), is_called_unknown("other")
        (True, True, False)
    """
    return "".join(name_words(value)) in meaning_words("unknown")


def _spaced(value: str) -> str:
    """Return a value as phrases are looked for in it, with blanks between its words."""
    return " ".join(re.findall(r"[\w']+", plain_text(value).replace("_", " ")))
