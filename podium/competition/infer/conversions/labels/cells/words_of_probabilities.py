"""Columns of two words of which the file to send has how probable one is, as a text tells which.

README.md: horn  probability that it is the posterior one      horn   side        horn   side
           side  probability of "left"                         post   left    →   1      1
                                                               ant    right       0      0
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

import pandas as pd

from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder, may_be_train_table
from podium.competition.infer.image_tables import match_of_train
from podium.competition.infer.labels.cells import numbers_of
from podium.competition.infer.readme.texts import SENTENCE_END, sentences_beside
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.phrases import any_phrase, plain_text
from podium.competition.truths.marks import read_marks
from podium.errors import DataError, some

__all__ = ["with_words_of_probabilities"]

_WORDS = 2  # of a column


def with_words_of_probabilities(
    folder: DataFolder, path: str, table: pd.DataFrame, sample: SampleSubmission | None
) -> MadeTable | None:
    """Return a table of train with 1 for the word whose probability is sent, and 0; or None.

    The sample submission has fractions in several columns of the table. Each of these has 0 and 1,
    or two words, of which a text names one alone where it speaks of the probability. A blank cell
    stays one: where there is nothing, nobody can tell which word it is.

    Raises:
        DataError: no text tells which of two words is meant.
    """
    if sample is None or not sample.has_fractions or not may_be_train_table(path):
        return None
    if len(sample.values) < _WORDS or not {*sample.values} <= {*map(str, table)}:
        return None
    cells = {one: {*table[one]} - {""} for one in sample.values}
    words = {one: found for one, found in cells.items() if not found <= {"0", "1"}}
    are_words = all(
        len(found) == _WORDS and numbers_of(pd.Series(sorted(found))) is None
        for found in words.values()
    )
    if not words or not are_words or match_of_train(folder, path, table) is None:
        return None
    if any(read_marks(table[[one]]) is not None for one in words):
        return None  # "x" and "-", "yes" and "no" tell which is there
    told = _words_in_texts(folder, words)
    if untold := [one for one in words if one not in told]:
        shown = "; ".join(f"{one}: {some(sorted(words[one]))}" for one in untold)
        raise DataError(
            f"the sample submission has fractions where train has words, {shown}, and no text "
            "tells the probability of which word is sent",
            where=path,
            fix="write 1 for that word and 0 for the other one, nothing where neither is there, "
            "then repeat podium init",
        )
    bits = {
        one: table[one].map({word: str(int(word == told[one][0])) for word in found} | {"": ""})
        for one, found in words.items()
    }
    each = "; ".join(f"{word!r} of {one} ({why})" for one, (word, why) in told.items())
    reader = f"{path} with 1 for the word whose probability is to be sent, else 0: {each}"
    return MadeTable((path,), reader, table.assign(**bits))


def _words_in_texts(
    folder: DataFolder, words: Mapping[str, Collection[str]]
) -> dict[str, tuple[str, str]]:
    """Return the word of each column that texts name alone behind it, and why."""
    found = dict[str, dict[str, str]]()
    for path, sentence in sentences_beside(folder, end=SENTENCE_END):
        plain = plain_text(sentence)
        if any_phrase("probability").search(plain) is None:
            continue
        parts = re.findall(r"\w+", plain)
        for column, cells in words.items():
            called = re.findall(r"\w+", plain_text(column))
            if parts[: len(called)] != called:
                continue
            rest = parts[len(called) :]
            named = [one for one in cells if any(w.startswith(plain_text(one)) for w in rest)]
            if len(named) == 1:
                why = f"{path} says {' '.join(sentence.split())!r}"
                found.setdefault(column, {}).setdefault(named[0], why)
    return {column: next(iter(one.items())) for column, one in found.items() if len(one) == 1}
