"""What a row of the file to send is of, as a README beside the data tells it.

README.md: "Send one row per run, 60 rows in all."        →    a row for each case of several images
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from podium.competition.infer.files import DataFolder
from podium.competition.infer.readme.texts import (
    SENTENCE_END,
    is_of_train,
    sent_pattern,
    sentences_beside,
)
from podium.competition.languages import is_called
from podium.competition.phrases import any_phrase, one_spelling, plain_signs

__all__ = ["RowOfFile", "readme_row"]

_NEXT = 2  # words behind "a row for each", of which one tells what it is of


class RowOfFile(NamedTuple):
    """What a row of the file to send is of."""

    is_of_case: bool
    """Whether it is of several images, and not of each."""
    why: str


def readme_row(folder: DataFolder, *, n_cases: int, n_images: int) -> RowOfFile | None:
    """Return what a row of the file to send is of; None where no text says it, or two differ.

    A sentence counts that is of what is sent and says nothing of train. It says that there is a row
    for each case, or image, or how many rows there are.

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
