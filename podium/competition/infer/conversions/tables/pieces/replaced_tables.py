"""Tables that another one replaces, as a text states: "train_v2.csv replaces train.csv".

Or a sentence asks to use the one behind a sentence on the other, or not to use a table or the
folder that it lies in: "old/ is kept for reference, please do not use it". Or the name of a table
ends so: `labels_v1_DO_NOT_USE.csv`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

import pandas as pd

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.readme.texts import as_in_texts, sentences_beside
from podium.competition.infer.shares import NEARLY_ALL
from podium.competition.phrases import any_phrase, is_denied, plain_text

__all__ = ["ReplacedTable", "replaced_tables"]

_BEFORE_NAME = r"(?:\s+\w+){0,2}\W*$"
"""Words as "the file" between what is said of a table and its name."""


class ReplacedTable(NamedTuple):
    """A table that is not to be used, and the note on it."""

    path: str
    note: str


def replaced_tables(
    data: CompetitionData, sources: Mapping[str, str] | None = None
) -> Iterator[ReplacedTable]:
    """Yield each table that another one of the same columns replaces, as a sentence names both.

    Or as its own name tells, or that of its folder, where both have the same rows. What is to be
    used stands behind a phrase as "use only", what it replaces behind one as "instead of". Two
    readings of a sentence, or a word of negation before the phrase, tell nothing.

    Args:
        sources: paths in the data folder of tables that were written once more.
    """
    tables = data.tables
    of = {one: (sources or {}).get(one, one) for one in tables}
    sentences = [(path, " ".join(one.split())) for path, one in sentences_beside(data.folder)]
    # A host may give out a table an image: only those that a text names are compared.
    text = "\n".join(plain_text(one) for _, one in sentences)
    named = [one for one in tables if _names(text, of[one])]
    alike = [
        (one, other)
        for one in named
        for other in tables
        if one != other and set(tables[one]) == set(tables[other])
    ]
    before = [("", ""), *sentences]
    gone = set[str]()
    unused = [one for one in tables if _is_called_unused(of[one])]
    for old in unused:
        for new in [one for one in tables if one not in unused]:
            both = tables[old], tables[new]
            is_alike = set(both[0]) == set(both[1]) and _have_same_rows(*both)
            if is_alike and _have_same_rows(*both[::-1]):
                gone.add(old)
                note = f"the name of {of[old]} says so: {new} is used, and not {old}"
                yield ReplacedTable(old, note)
                break
    for old, new in alike:
        may_be_left_out = _have_same_rows(tables[old], tables[new])
        for (text, sentence), (text_before, first) in zip(sentences, before, strict=False):
            is_told = _is_replaced(sentence, of[old], of[new])
            is_told = is_told and not _is_replaced(sentence, of[new], of[old])
            if not is_told and may_be_left_out:
                is_next = text == text_before and _is_used_next(first, sentence, of[old], of[new])
                is_told = is_next or _is_left_out(sentence, of[old], of[new])
            if is_told and old not in gone and new not in gone:
                note = f"{text} says {sentence!r}: {new} is used, and not {old}"
                gone.add(old)
                yield ReplacedTable(old, note)
                break


def _is_called_unused(path: str) -> bool:
    """Return whether the name of a table, or of its folder, ends with a phrase as "do not use".

    One word, as in `blurred_dropped.csv`, may tell what was done to the rows.
    """
    place = Path(path)
    names = (" ".join(_WORD.findall(plain_text(name))) for name in (place.stem, place.parent.name))
    return any(map(_ends_with_leaving_out, names))


_WORD = re.compile(r"[^\W\d_]+")


@cache  # a host may give out a table an image, called alike but for numbers
def _ends_with_leaving_out(words: str) -> bool:
    spans = any_phrase("leave out").finditer(words) if " " in words else ()
    return any(one.end() == len(words) and " " in one[0] for one in spans)


def _have_same_rows(old: pd.DataFrame, new: pd.DataFrame) -> bool:
    """Return whether the first column of two tables has mostly the same cells."""
    first = str(old.columns[0])
    rows = {*old[first]}
    return len(rows & {*new[first]}) >= NEARLY_ALL * len(rows)


def _is_used_next(first: str, sentence: str, old: str, new: str) -> bool:
    """Return whether a sentence tells to use one table, behind one on the other table alone."""
    plain, of_first = plain_text(sentence), plain_text(first)
    if not re.search(_name(old), of_first) or re.search(_name(new), of_first):
        return False
    named = list(re.finditer(_name(new), plain))
    is_used = any(_ends_with("use only", plain[: one.start()]) for one in named)
    return is_used and not re.search(_name(old), plain)


def _is_left_out(sentence: str, old: str, new: str) -> bool:
    """Return whether a sentence tells not to use one table, or its folder, and names no other."""
    plain = plain_text(sentence)
    if not _names(plain, old) or _names(plain, new):
        return False
    spans = any_phrase("leave out").finditer(plain)
    return any(not is_denied(plain, one.start(), words=1) for one in spans)


def _names(plain: str, path: str) -> bool:
    """Return whether a text has the name of a table, or of the folder that it lies in."""
    place = Path(path).parent.name
    of_place = rf"(?<![\w./]){re.escape(plain_text(as_in_texts(place)))}/(?!\w)"
    return bool(re.search(_name(path), plain) or (place and re.search(of_place, plain)))


def _is_replaced(sentence: str, old: str, new: str) -> bool:
    """Return whether a sentence tells to use one table, and not the other one that it names."""
    plain = plain_text(sentence)
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
    return rf"(?<![\w.]){re.escape(plain_text(as_in_texts(Path(path).name)))}(?!\w)"
