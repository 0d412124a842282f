"""Tables of images of which a few have two rows: by mistake, or as one was measured again.

box,apples,remark                       box,apples,remark
7,12,                              →    8,20,
8,20,                                   7,15,measured again
7,15,measured again
"""

from __future__ import annotations

import re

import pandas as pd

from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import DataFolder
from podium.competition.infer.image_tables import match_if_of_train
from podium.competition.infer.labels.lists import PLAIN_SIGN
from podium.competition.infer.readme.texts import as_in_texts, sentences_beside
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.languages import meaning_words
from podium.competition.phrases import any_phrase, plain_text, words_pattern
from podium.errors import plural, some

__all__ = ["without_repeated_rows", "without_rows_measured_again"]

_MOST = 0.1
"""The largest share of images whose row stands twice: of more, a row may be an object."""


def without_repeated_rows(
    folder: DataFolder, path: str, table: pd.DataFrame, _sample: SampleSubmission | None
) -> MadeTable | None:
    """Return a table of train without rows that are there already; None where another is meant.

    Each image has one row then, and few had two; the names of a list may be in another order.
    """
    match = match_if_of_train(folder, path, table)
    if match is None or table[match.id].is_unique:
        return None
    is_again = table.map(_in_order).duplicated()
    once = table[~is_again].reset_index(drop=True)
    if not once[match.id].is_unique:
        return None
    again = table.loc[is_again, match.id]
    if not again.is_unique or len(again) > _MOST * len(once):
        return None
    told = f"{path} without {plural(len(again), 'row')} that stood twice ({some(again, 2)})"
    return MadeTable((path,), told, once)


def without_rows_measured_again(
    folder: DataFolder, path: str, table: pd.DataFrame, _sample: SampleSubmission | None
) -> MadeTable | None:
    """Return a table of train without the rows that a later one of the image replaces, or None.

    Few images have two rows. The later one has a remark, the same for all of these and in no other
    row, and a text names that remark in a sentence that neither denies nor leaves anything out.
    """
    match = match_if_of_train(folder, path, table)
    if match is None or match.several or table[match.id].is_unique:
        return None
    is_later = table[match.id].duplicated()
    again = table.loc[is_later, match.id]
    if not again.is_unique or len(again) > _MOST * len(table):
        return None
    for column in map(str, table.columns.drop([match.id])):
        remarks = {*table.loc[is_later, column]}
        if len(remarks) != 1 or not (remark := remarks.pop()):
            continue
        if table.loc[~is_later, column].eq(remark).any() or not any(map(str.isalpha, remark)):
            continue
        if (text := _text_that_counts(folder, remark)) is None:
            continue
        is_replaced = table[match.id].duplicated(keep="last")
        told = (
            f"{path} without {plural(len(again), 'row')} of an image that has a later one "
            f"({some(again, 2)}), whose {column} is {remark!r}, as {text} tells"
        )
        return MadeTable((path,), told, table[~is_replaced].reset_index(drop=True))
    return None


def _text_that_counts(folder: DataFolder, remark: str) -> str | None:
    """Return the text with a sentence that names a remark, if each such sentence lets it count."""
    named = words_pattern([as_in_texts(remark)])
    found = [(path, one) for path, one in sentences_beside(folder) if named.search(one)]
    for _, sentence in found:
        plain = plain_text(sentence)
        denies = not meaning_words("negation").isdisjoint(re.findall(r"\w+", sentence))
        if denies or any_phrase("leave out").search(plain):
            return None
    return found[0][0] if found else None


def _in_order(cell: str) -> str:
    """Return a cell with the names of its list in alphabetical order."""
    return ";".join(sorted(PLAIN_SIGN.split(cell)))
