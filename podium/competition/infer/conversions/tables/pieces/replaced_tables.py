"""Tables that another one replaces, as a text says: "train_v2.csv replaces train.csv"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

import pandas as pd

from podium.competition.infer.files import DataFolder
from podium.competition.infer.readme.texts import as_in_texts, sentences_beside, texts_beside
from podium.competition.phrases import any_phrase, is_denied, one_spelling, plain_signs

__all__ = ["ReplacedTable", "replaced_tables"]

_BEFORE_NAME = r"(?:\s+\w+){0,2}\W*$"
"""Words as "the file" between what is said of a table and its name."""


class ReplacedTable(NamedTuple):
    """A table that is not to be used, and the note on it."""

    path: str
    note: str


def replaced_tables(
    folder: DataFolder, tables: Mapping[str, pd.DataFrame]
) -> Iterator[ReplacedTable]:
    """Yield each table that another one of the same columns replaces, as a sentence names both.

    What is to be used stands behind a phrase as "use only", what it replaces behind one as
    "instead of". Two readings of a sentence, or a word of negation before the phrase, tell nothing.

    Args:
        folder: with the texts.
        tables: all, by path, without the sample submission.
    """
    texts = [_plain(text) for _, text in texts_beside(folder, by_item=True)]
    named = [one for one in tables if any(re.search(_name(one), text) for text in texts)]
    alike = [
        (one, other)
        for one in named
        for other in named
        if one != other and set(tables[one]) == set(tables[other])
    ]
    each = sentences_beside(folder) if alike else ()
    sentences = [(path, " ".join(one.split())) for path, one in each]
    for old, new in alike:
        for text, sentence in sentences:
            if _is_replaced(sentence, old, new) and not _is_replaced(sentence, new, old):
                note = f"{text} says {sentence!r}: {new} is used, and not {old}"
                yield ReplacedTable(old, note)
                break


def _is_replaced(sentence: str, old: str, new: str) -> bool:
    """Return whether a sentence tells to use one table, and not the other one that it names."""
    plain = _plain(sentence)
    before = [
        [plain[: one.start()] for one in re.finditer(_name(path), plain)] for path in (old, new)
    ]
    if not all(before):
        return False
    of_old, of_new = before
    return any(_ends_with("instead of", one) for one in of_old) or any(
        _ends_with("use only", one) for one in of_new
    )


def _ends_with(meaning: Literal["use only", "instead of"], text: str) -> bool:
    """Return whether a text ends with such a phrase that is not denied."""
    spans = list(any_phrase(meaning).finditer(text))
    if not spans or not re.match(_BEFORE_NAME, text[spans[-1].end() :]):
        return False
    return not is_denied(text, spans[-1].start())


def _name(path: str) -> str:
    return rf"(?<![\w.]){re.escape(_plain(as_in_texts(Path(path).name)))}(?!\w)"


def _plain(text: str) -> str:
    return plain_signs(one_spelling(text))
