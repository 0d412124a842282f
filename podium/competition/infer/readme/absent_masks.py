"""Whether a text beside the data says that an image without a mask file has an empty mask.

README.md: "If an image has no mask file, it contains nothing of this class."
"""

from __future__ import annotations

import re

from podium.competition.infer.files import DataFolder
from podium.competition.infer.readme.texts import SENTENCE_END, texts_beside

__all__ = ["readme_absent_masks"]

_FILE = r"(?:masks?|annotations?|files?|pngs?)\b"
_NO_FILE = re.compile(
    rf"\b(?:no|without|lacks?|missing|not have)\s+(?:(?:a|an|any|such|its|\w+)\s+){{0,2}}?{_FILE}"
    rf"|\b{_FILE}\s+(?:\w+\s+){{0,3}}?(?:is|are)\s+(?:missing|absent|omitted|not (?:given|there))",
    re.IGNORECASE,
)
_NOTHING = re.compile(
    r"\b(?:nothing|empty|all[- ]zero|(?:background|negatives?)\s+only|only\s+background)\b"
    rf"|\b(?:contains?|has|have|with|is|are|shows?)\s+no\s+(?!(?:\w+\s+)?{_FILE})(?!label)\w+",
    re.IGNORECASE,
)
_UNKNOWN = re.compile(
    r"\b(?:un|not\s+(?:\w+\s+)?|n't\s+(?:\w+\s+)?|never\s+)(?:label|annotat|known|drawn)",
    re.IGNORECASE,
)


def readme_absent_masks(folder: DataFolder) -> str:
    """Return the text and its sentence by which a missing mask file is an empty mask; "" for none.

    A sentence speaks of a file that is not there, and of nothing in the image. One that says that
    images are not labelled tells otherwise. Only English texts are understood.

    Args:
        folder: with the texts.
    """
    for path, text in texts_beside(folder, by_item=True):
        for line in text.split("\n"):
            for sentence in SENTENCE_END.split(line):
                told = _NO_FILE.search(sentence) and _NOTHING.search(sentence)
                if told and not _UNKNOWN.search(sentence):
                    return f"{path} says {' '.join(sentence.split())!r}"
    return ""
