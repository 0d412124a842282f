"""Whether a text beside the data tells that its tables have no header.

README.md: "All files are TSV without a header, in Shift_JIS."    →    "README.md says …"
"""

from __future__ import annotations

from podium.competition.infer.files import DataFolder
from podium.competition.infer.readme.texts import sentences_beside
from podium.competition.phrases import any_phrase, is_denied, plain_text

__all__ = ["readme_no_header"]


def readme_no_header(folder: DataFolder) -> str:
    """Return which text tells that a table has no header, and its sentence; "" without one.

    Tables of which it may not speak show by their first rows whether they have one.
    """
    for path, sentence in sentences_beside(folder):
        plain = plain_text(sentence)
        found = any_phrase("no header").search(plain)
        if found is not None and not is_denied(plain, found.start()):
            return f"{path} says {' '.join(sentence.split())!r}"
    return ""
