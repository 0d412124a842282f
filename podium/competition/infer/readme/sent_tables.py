"""The columns and rows of the file to send, as a README beside the data tells of them.

README.md: "Send a file with the columns `scan` and `kind`, separated by semicolons."  →   scan;kind
README.md: "Send one row per run, 60 rows in all."        →    a row for each case of several images
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.files import DataFolder
from podium.competition.infer.readme.texts import (
    SENTENCE_END,
    is_of_train,
    sent_pattern,
    sentences_beside,
    texts_as_written,
)
from podium.competition.languages import is_called, meaning_words
from podium.competition.phrases import any_phrase, one_spelling, plain_signs, plain_text

__all__ = ["RowOfFile", "StatedForm", "names_files", "readme_form", "readme_row"]

_QUOTED = r"[«\"'“„`‘]\s*([^«»\"'“”„`’\n]{1,40}?)\s*[»\"'”“`’]"
_BARE = r"([^\W\d](?:[\w.-]*\w)?)"
_MOST_EXAMPLES = 5  # names of files in texts
_WRAPPED = re.compile(r"\n(?!\s*(?:\n|[-*•#|>]))")
_SIGN = re.compile(r"[«\"'“„`‘(]\s*;\s*[»\"'”“`’)]")


class StatedForm(NamedTuple):
    """What texts tell of the file to send.

    Attributes:
        columns: the two of them in order; () where no text names them.
        of_columns: the text that does; "" without.
        sep: the sign between them; "" where no text tells it.
        of_sep: the text that does; "" without.
    """

    columns: tuple[str, ...]
    of_columns: str
    sep: str
    of_sep: str


def readme_form(data: CompetitionData) -> StatedForm:
    """Return the two columns of the file to send, and the sign between them, as texts tell them.

    No columns where no text tells them, or two differ. A sentence counts that is of what is sent
    and does not speak of train. The columns are those of no table: a text may speak of one of
    these.
    """
    asked, headers = sent_pattern(()), {tuple(map(str, table)) for table in data.tables.values()}
    columns, signs = dict[tuple[str, str], str](), dict[str, str]()
    for path, text in texts_as_written(data.folder):
        for sentence in SENTENCE_END.split(_WRAPPED.sub(" ", text)):
            plain = plain_text(sentence)
            if asked.search(plain) is None or is_of_train(plain):
                continue
            columns |= {one: path for one in _two_columns(sentence) if one not in headers}
            is_denied = any(is_called(one, "negation") for one in re.findall(r"\w+", plain))
            words = re.sub(r"[-_]", " ", plain)
            if not is_denied and (any_phrase("semicolon").search(words) or _SIGN.search(sentence)):
                signs[";"] = path
    if len(columns) != 1:
        columns = {}
    named, of_columns = next(iter(columns.items()), ((), ""))
    sep, of_sep = next(iter(signs.items()), ("", ""))
    return StatedForm(named, of_columns, sep, of_sep)


def _two_columns(sentence: str) -> Iterator[tuple[str, str]]:
    """Yield two names behind a word for columns, which end the list that they are.

    Example:
        >>> list(_two_columns("Send the columns scan and kind, one row each."))
        [('scan', 'kind')]
        >>> list(_two_columns("Send the columns scan, kind, size."))
        []
    """
    for word in re.finditer(r"\w+", sentence):
        if any_phrase("columns").fullmatch(plain_text(word[0])) is None:
            continue
        found = _list_of_two().match(sentence, word.end())
        if found is not None:
            first, second = (one for one in found.groups() if one is not None)
            if first != second:
                yield first, second


@cache
def _list_of_two() -> re.Pattern[str]:
    """Return the pattern of two names, with a word between them or at the end of a sentence."""
    joins = "|".join(map(re.escape, sorted(meaning_words("joins"), key=len, reverse=True)))
    word = rf"\s+(?:{joins})\s+"
    last = r"(?=\s*(?:[.:;()]|$))"
    any_end = r"(?=\s*(?:[.,:;()]|$))"
    quoted = rf"{_QUOTED}(?:{word}{_QUOTED}|\s*,\s*{_QUOTED}(?!\s*,|{word}))"
    bare = rf"{_BARE}(?:{word}{_BARE}{any_end}|\s*,\s*{_BARE}{last})"
    return re.compile(rf"[\s:,(]*(?:{quoted}|{bare})")


def names_files(folder: DataFolder, suffix: str) -> bool:
    """Return whether texts show the name of an image with this ending, and no folder before it.

    More than a few are a list of images, and no example of what they are called by. Images of
    several files have no name that a file has.

    Args:
        suffix: of those to predict, as `.png`.
    """
    if folder.channels:
        return False
    names = {one.name for one in folder.images if one.part != "mask" and one.suffix == suffix}
    shown = re.compile(rf"(?<![\w./\\-])[\w.-]+{re.escape(suffix)}(?!\w)")
    words = {word for _, text in texts_as_written(folder) for word in shown.findall(text)}
    return 0 < len(words & names) <= _MOST_EXAMPLES


_NEXT = 2  # words behind "a row for each", of which one tells what it is of


class RowOfFile(NamedTuple):
    """What a row of the file to send is of."""

    is_of_case: bool
    """Whether it is of several images, and not of each."""
    why: str


def readme_row(folder: DataFolder, *, n_cases: int, n_images: int) -> RowOfFile | None:
    """Return what a row of the file to send is of; None where no text states it, or two differ.

    A sentence counts that is of what is sent and does not speak of train. It states that there is a
    row for each case, or image, or how many rows there are.

    Args:
        n_cases: how many are to be predicted.
        n_images: of these.
    """
    asked = sent_pattern(())
    found = list[RowOfFile]()
    for path, sentence in sentences_beside(folder, one_spelling, end=SENTENCE_END):
        plain = plain_signs(sentence)
        if asked.search(plain) is None or is_of_train(sentence):
            continue
        for is_of_case, start, end in (*_each(plain), *_counted(plain, n_cases, n_images)):
            found.append(RowOfFile(is_of_case, f"{path} says {sentence[start:end]!r}"))
    return found[0] if len({one.is_of_case for one in found}) == 1 else None


def _each(plain: str) -> Iterator[tuple[bool, int, int]]:
    """Yield whether a row is of a case, and where it is told, for each "row for each"."""
    for one in any_phrase("row for each").finditer(plain):
        clause = re.match(r"[\s\w'\"]*", plain[one.end() :])
        words = [] if clause is None else [*re.finditer(r"\w+", clause[0])][:_NEXT]
        images = [word for word in words if is_called(word[0], "image")]
        cases = [word for word in words if any_phrase("case").fullmatch(word[0])]
        for word in (images or cases)[:1]:
            yield not images, one.start(), one.end() + word.end()


def _counted(plain: str, n_cases: int, n_images: int) -> Iterator[tuple[bool, int, int]]:
    """Yield whether there are as many rows as cases, and where it is told."""
    for one in _rows().finditer(plain):
        n = int(re.sub(r"\D", "", one["n"]))
        if n in (n_cases, n_images) and n_cases != n_images:
            yield n == n_cases, one.start(), one.end()


@cache
def _rows() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.,])(?P<n>\d+(?:[.,]\d{{3}})*)\s(?:{any_phrase('rows').pattern})")
