"""Whether single objects are to be found, as a README beside the data tells it.

README.md: "Cell instance segmentation challenge"      →    tasks: {segment: instance}
"""

from __future__ import annotations

from podium.competition.infer.files import DataFolder
from podium.competition.infer.readme.texts import sentences_beside
from podium.competition.phrases import any_phrase, is_denied, one_spelling, plain_signs

__all__ = ["readme_objects"]

_NEAR = 3  # words before a phrase, of which one may deny it


def readme_objects(folder: DataFolder) -> str:
    """Return which text says that single objects are to be found, with its words; "" for none."""
    for path, sentence in sentences_beside(folder, one_spelling):
        plain = plain_signs(sentence)
        for found in any_phrase("single objects").finditer(plain):
            if not is_denied(plain, found.start(), words=_NEAR):
                return f"{path} says {sentence[found.start() : found.end()]!r}"
    return ""
