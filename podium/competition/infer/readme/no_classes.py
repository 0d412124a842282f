"""Whether images may have none of the classes, as a README beside the data tells it.

README.md: "A photo may have any number of tags, also none."      →    blank cells are answers
"""

from __future__ import annotations

import re
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


def readme_no_classes(folder: DataFolder, column: str) -> str:
    """Return which text says that an image may have no class, with its words; "" where none does.

    The sentence has a word for classes, or one of the column that lists them. One on images to
    predict that are "without tags" tells that these are not given out.

    Args:
        folder: of the data.
        column: of train, with lists of classes.
    """
    own = singular_words(column)
    for path, sentence in sentences_beside(folder, one_spelling):
        plain = re.sub(r"[,;:()]", " ", plain_signs(sentence))
        words = re.findall(r"\w+", plain)
        of_classes = _unspaced_words().search(plain) is not None or any(
            is_called(word, "label", "tag") or singular(word) in own for word in words
        )
        found = any_phrase("maybe no class").search(plain) if of_classes else None
        if found is None and not any(is_called(one, "test", "unlabelled") for one in words):
            found = any_phrase("without classes").search(plain)
        if found is not None:
            return f"{path} says {sentence[found.start() : found.end()]!r}"
    return ""


@cache
def _unspaced_words() -> re.Pattern[str]:
    """Return the pattern of words for classes in scripts that put no blanks between words."""
    words = (plain_text(one) for one in meaning_words("tag"))
    return words_pattern(one for one in words if re.match(r"[\u3040-\u30ff\u3400-\ud7af]", one))
