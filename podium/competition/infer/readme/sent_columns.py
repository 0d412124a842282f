"""The columns of the file to send and the sign between them, as a README beside the data tells.

README.md: "Send a file with the columns `scan` and `kind`, separated by semicolons."  →   scan;kind
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
    texts_as_written,
)
from podium.competition.languages import is_called, meaning_words
from podium.competition.phrases import any_phrase, plain_text

__all__ = ["StatedForm", "names_files", "readme_form"]

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
    and says nothing of train. The columns are those of no table: a text may speak of one of these.
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
