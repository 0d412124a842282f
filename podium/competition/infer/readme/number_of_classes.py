"""How many classes a score counts, where a text beside the data tells it.

README.md: "The score is the mean IoU over the 3 classes."    →    3
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from podium.competition.infer.files import DataFolder
from podium.competition.infer.readme.metrics import names_in_text, scoring_words
from podium.competition.infer.readme.texts import SENTENCE_END, as_in_texts, items_as_written
from podium.competition.languages import numerals
from podium.competition.phrases import any_phrase, plain_signs
from podium.competition.spelling import UNSPACED
from podium.errors import shortened

__all__ = ["ScoredNumber", "readme_numbers_of_classes"]

_LONGEST = 160  # letters of a sentence that is quoted


@dataclass(frozen=True)
class ScoredNumber:
    """A number of classes that a text has in a sentence on scoring.

    Attributes:
        n: of classes, two at least.
        told: which text says so, and the sentence.
    """

    n: int
    told: str


def readme_numbers_of_classes(folder: DataFolder) -> list[ScoredNumber]:
    """Return the numbers of classes in sentences that have a metric, or a word of scoring."""
    found = []
    for path, text in items_as_written(folder):
        for sentence in SENTENCE_END.split(text):
            written = as_in_texts(sentence)
            plain = plain_signs(written)
            if not names_in_text(written) and scoring_words().search(plain) is None:
                continue
            quote = shortened(" ".join(sentence.strip(" #|>-").split()), _LONGEST)
            for match in _numbered().finditer(plain):
                number = match["n"]
                n = int(number) if number.isdecimal() else numerals()[number]
                if n > 1:
                    found.append(ScoredNumber(n, f"{path} says {quote!r}"))
    return found


@cache
def _numbered() -> re.Pattern[str]:
    """Return the pattern of a number before a word for classes, with one word between at most."""
    words = "|".join(map(re.escape, sorted(numerals(), key=len, reverse=True)))
    number = rf"(?<![^\W{UNSPACED}])(?<!\d[.,-])(?P<n>{words}|[0-9]{{1,3}})"
    between = rf"(?:\s*[{UNSPACED}]{{0,2}}|\s+[^\W\d_]+\s+|\s+)"
    return re.compile(rf"{number}{between}(?:{any_phrase('classes').pattern})")
