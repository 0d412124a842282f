"""Whether blank answers are to be predicted, as a README beside the data tells it.

README.md: "The column is empty for the runs that you have to predict."
"""

from __future__ import annotations

import re

from podium.competition.infer.files import DataFolder
from podium.competition.infer.readme.texts import SENTENCE_END, sentences_beside
from podium.competition.languages import begins_as, is_called
from podium.competition.phrases import any_phrase, one_spelling, plain_signs

__all__ = ["readme_blank_answers"]


def readme_blank_answers(folder: DataFolder) -> str:
    """Return which text says that what is blank is to be predicted, with its words; "" for none.

    A sentence with a negation, as of what must not be left blank, says nothing.
    """
    for path, sentence in sentences_beside(folder, one_spelling, end=SENTENCE_END):
        plain = plain_signs(sentence)
        words = re.findall(r"\w+", plain)
        if any(is_called(one, "negation") for one in words):
            continue
        asked = any(is_called(one, "to predict") or begins_as(one, "target") for one in words)
        if asked and any_phrase("blank").search(plain):
            return f"{path} says {' '.join(sentence.split())!r}"
    return ""
