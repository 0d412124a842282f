"""How many digits behind the point a host takes, as a README beside the data tells it.

README.md: "Send the direction in whole degrees."                     →    decimals: 0
"""

from __future__ import annotations

import re
from functools import cache

from podium.competition.infer.files import DataFolder
from podium.competition.infer.readme.texts import (
    SENTENCE_END,
    is_of_train,
    sent_pattern,
    sentences_beside,
)
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.languages import numerals
from podium.competition.phrases import any_phrase, one_spelling, plain_signs

__all__ = ["readme_decimals"]


def readme_decimals(folder: DataFolder, sample: SampleSubmission | None) -> tuple[int, str] | None:
    """Return the digits behind the point of the numbers to send, and which text says so.

    A sentence counts that says nothing of train, and of what is sent: a word for it, the sample's
    name, or a column of its values. The sample itself must hold no number with more digits.

    Args:
        sample: the sample submission; None: there is none.

    Returns:
        None where no text says it, or the sample contradicts.
    """
    if sample is None or not sample.values:
        return None
    cells = [cell for name in sample.values for cell in sample.table[name]]
    most = max((len(cell.partition(".")[2]) for cell in cells), default=0)
    asked = sent_pattern(sample.values, "round")
    for path, sentence in sentences_beside(folder, one_spelling, end=SENTENCE_END):
        plain = plain_signs(sentence)
        whole, places = any_phrase("whole number").search(plain), _places().search(plain)
        if whole is None and places is None:
            continue
        if asked.search(plain) is None or is_of_train(sentence):
            continue
        if whole is not None and most == 0:
            return 0, f"{path} says {sentence[whole.start() : whole.end()]!r}"
        if places is not None:
            told = places["n"]
            n = numerals()[told] if told in numerals() else int(told)
            if most <= n:
                return n, f"{path} says {sentence[places.start() : places.end()]!r}"
    return None


@cache
def _places() -> re.Pattern[str]:
    numbers = "|".join(("[0-9]", *map(re.escape, numerals())))
    return re.compile(rf"(?<!\w)(?P<n>{numbers})\s(?:{any_phrase('decimals').pattern})")
