"""Whether a text beside the data says that an image without a mask file has an empty mask.

README.md: "If an image has no mask file, it contains nothing of this class."
"""

from __future__ import annotations

import re

from podium.competition.infer.files import DataFolder
from podium.competition.infer.readme.texts import SENTENCE_END, sentences_beside
from podium.competition.languages import is_called
from podium.competition.phrases import any_phrase, is_denied, plain_text

__all__ = ["readme_absent_masks"]


def readme_absent_masks(folder: DataFolder) -> str:
    """Return the text and its sentence by which a missing mask file is an empty mask; "" for none.

    A sentence speaks of a file that is not there, and of nothing in the image. One that says that
    images are not labelled tells otherwise.
    """
    for path, sentence in sentences_beside(folder, end=SENTENCE_END):
        if _says(sentence):
            return f"{path} says {' '.join(sentence.split())!r}"
    return ""


def _says(sentence: str) -> bool:
    """Return whether a sentence says so.

    That there is no mask is looked for first: what is left must say that there is nothing.
    """
    plain = plain_text(sentence)
    rest, n_found = any_phrase("no mask file").subn(" ; ", plain)
    if not n_found or any_phrase("without labels").search(rest):
        return False
    if any(is_called(word, "unlabelled") for word in re.findall(r"\w+", rest)):
        return False
    nothing = any_phrase("nothing in it", "blank").search(rest)
    return nothing is not None and not is_denied(rest, nothing.start(), words=1)
