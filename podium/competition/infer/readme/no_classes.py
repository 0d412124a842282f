"""Whether images may have none of the classes, as a README beside the data tells it.

README.md: "A photo may have any number of tags, also none."      →    blank cells are answers
"""

from __future__ import annotations

import re
from collections.abc import Set
from functools import cache

from podium.competition.infer.files import DataFolder
from podium.competition.infer.readme.texts import sentences_beside
from podium.competition.languages import is_called, meaning_words
from podium.competition.phrases import (
    any_phrase,
    one_spelling,
    plain_signs,
    plain_text,
    words_pattern,
)
from podium.competition.spelling import singular, singular_words

__all__ = ["readme_no_classes"]


def readme_no_classes(folder: DataFolder, column: str, *, blank: bool = False) -> str:
    """Return which text says that an image may have no class, with its words; "" where none does.

    The sentence has a word for classes, or one of the column that lists them. One on images to
    predict that are "without tags" tells that these are not given out.

    Args:
        column: of train, with lists of classes.
        blank: only a sentence counts that says that such a cell is blank, too.
    """
    own = singular_words(column)
    for path, sentence in sentences_beside(folder, one_spelling):
        signs = plain_signs(sentence)
        plain = re.sub(r"[,;:()]", " ", signs)
        words = re.findall(r"\w+", plain)
        of_classes = _unspaced_words().search(plain) is not None or any(
            is_called(word, "label", "tag") or singular(word) in own for word in words
        )
        found = any_phrase("maybe no class").search(plain) if of_classes else None
        if found is None and of_classes:
            found = _blank_for_none(signs, plain, own)
        if found is None and not any(is_called(one, "test", "unlabelled") for one in words):
            found = any_phrase("without classes").search(plain)
        if blank and found is not None and not _is_blank(plain):
            found = _blank_for_none(signs, plain, own) if of_classes else None
        if found is not None:
            return f"{path} says {sentence[found.start() : found.end()]!r}"
    return ""


def _is_blank(plain: str) -> bool:
    """Return whether a sentence has a word for blank cells that it does not deny."""
    found = any_phrase("blank").search(plain)
    before = [] if found is None else re.findall(r"\w+", plain[: found.start()])[-_DENIED_WITHIN:]
    return found is not None and not any(is_called(one, "negation") for one in before)


_DENIED_WITHIN = 3
"""Words before one for blank in which "not" stands: "must not be left blank"."""


def _blank_for_none(signs: str, plain: str, own: Set[str]) -> re.Match[str] | None:
    """Return what says that a cell is blank where there is none; None where nothing does.

    "Blank if there is no label" may as well tell of images that nobody labelled; "no date" tells of
    something else.

    Args:
        signs: a sentence of `plain_signs`.
        plain: the same without its punctuation.
        own: words of the column.
    """
    for found in any_phrase("blank for none").finditer(plain):
        behind = re.match(r"\s*(\w+)", signs[found.end() :])
        if behind is None:
            return found
        word = behind[1]
        if singular(word) in own:
            return found
        if is_called(word, "label", "tag") and not is_called(word, "labelled"):
            return found
    return None


@cache
def _unspaced_words() -> re.Pattern[str]:
    """Return the pattern of words for classes in scripts that put no blanks between words."""
    words = (plain_text(one) for one in meaning_words("tag"))
    return words_pattern(one for one in words if re.match(r"[\u3040-\u30ff\u3400-\ud7af]", one))
