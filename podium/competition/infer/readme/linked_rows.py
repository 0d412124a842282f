"""Texts by which rows of a table belong together that a column of it links.

README.md: "### `copied_from` … Cards that hang together by these notes are of one hand."
"""

from __future__ import annotations

import re

from podium.competition.infer.files import DataFolder
from podium.competition.infer.readme.texts import FULL_STOP, as_in_texts, texts_beside
from podium.competition.phrases import any_phrase, is_denied, one_spelling, plain_signs, plain_text

__all__ = ["readme_linked_rows"]

_MOST_SENTENCES = 12  # behind the name of the column
_LONGEST = 80  # letters of a sentence that is shown


def readme_linked_rows(folder: DataFolder, column: str) -> str:
    """Return the text and sentence by which what a column links belongs together; "" for none.

    The sentence stands behind the name of the column, before the next heading.
    """
    name = re.compile(rf"(?<!\w){re.escape(plain_text(as_in_texts(column)))}(?!\w)")
    for path, text in texts_beside(folder, by_item=True):
        left = 0
        for item in text.split("\n"):
            if item.lstrip().startswith("#"):
                left = 0
            for sentence in FULL_STOP.split(item):
                plain = plain_signs(one_spelling(sentence))
                if name.search(plain):
                    left = _MOST_SENTENCES
                together = any_phrase("kept together").search(plain) if left else None
                if together and not is_denied(plain, together.start(), words=2):
                    told = " ".join(sentence.split()).strip(" #|")
                    told = told if len(told) <= _LONGEST else f"{told[:_LONGEST]}…"
                    return f"{path} says {told!r}"
                left -= bool(left and re.search(r"\w", plain))
    return ""
