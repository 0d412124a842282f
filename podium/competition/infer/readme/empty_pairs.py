"""What a score of masks is where truth and answer are empty, as a text beside the data tells it.

"If neither reference nor submission has a lesion pixel, the Dice is 1."    →    "one"
"""

from __future__ import annotations

import re
from typing import NamedTuple

from podium.competition.infer.files import DataFolder
from podium.competition.infer.readme.metrics import ReadmeMetric
from podium.competition.infer.readme.texts import sentences_of
from podium.competition.phrases import any_phrase, plain_signs

__all__ = ["EmptyPair", "readme_empty_pair"]

_CLAUSE = re.compile(r"[;()]|[,:]\s|(?<=\w)\s(?:and|und|et|y|e|en|och|og|и|i)\s(?=[01])")
_NUMBER = re.compile(r"(?<![\w.,/-])([01])(?:[.,]0+)?(?![\w%/]|[.,]\d)")
_COUNTS = {"0": "zero", "1": "one"}


class EmptyPair(NamedTuple):
    """What an empty mask that is rightly sent counts, `one` or `zero`, and the words for it."""

    counts: str
    quote: str


def readme_empty_pair(folder: DataFolder, named: ReadmeMetric) -> EmptyPair | None:
    """Return what a metric counts where truth and answer are empty, or None without such words.

    They stand in the sentence of its name, or in the next one, with one number, 0 or 1, in their
    clause or in one beside it.

    Args:
        named: the metric, as a text of it names it.
    """
    sentences = sentences_of(folder, named.path)
    for n, sentence in enumerate(sentences):
        if not any(named.called in one for one in sentences[max(0, n - 1) : n + 1]):
            continue
        clauses = _CLAUSE.split(plain_signs(sentence))
        for place, clause in enumerate(clauses):
            if any_phrase("both empty").search(clause) is None:
                continue
            for near in (clause, *clauses[place + 1 : place + 2], *clauses[:place][-1:]):
                numbers = {*_NUMBER.findall(near)}
                if len(numbers) == 1:
                    return EmptyPair(_COUNTS[numbers.pop()], clause.strip())
    return None
