"""Labels that are missing, as texts tell it: values that are no result yet, folders without any.

README.md: "Images whose finding is `open` have not been read yet."   →    no result
README.md: "The finding is rust, scab, or unknown."                   →    a class
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from podium.competition.infer.files import DataFolder
from podium.competition.infer.readme.texts import (
    FULL_STOP,
    SENTENCE_END,
    as_in_texts,
    sentences_beside,
    texts_beside,
)
from podium.competition.languages import is_called
from podium.competition.phrases import any_phrase, one_spelling, plain_signs, plain_text
from podium.competition.spelling import UNSPACED, name_words, singular
from podium.errors import shortened

__all__ = [
    "FoldersWithoutLabels",
    "readme_class",
    "readme_no_result",
    "readme_unlabelled",
    "sentences_of_no_result",
]

_LONGEST = 120  # letters of a sentence that is shown
_SHORTEST = 3
"""Letters of a value that a sentence may name without the column right before it."""
_FEWEST = 2  # other classes that stand beside one that is a class


def sentences_of_no_result(folder: DataFolder) -> list[tuple[str, str]]:
    """Return path and words of the sentences beside the data by which there is no result."""
    every = sentences_beside(folder, one_spelling, end=SENTENCE_END)
    return [(path, one) for path, one in every if _states_no_result(plain_signs(one))]


def readme_no_result(
    sentences: Sequence[tuple[str, str]],
    value: str,
    column: str,
    *,
    others: Collection[str] = (),
) -> str:
    """Return which text states that a value of a column is no result yet, with its words; or "".

    Args:
        sentences: of `sentences_of_no_result`; without the value they must state it, too.
        value: of the column.
        column: of train; a sentence that names it, or calls it a label, speaks of its value.
        others: values; a sentence that names one of these, too, may be of that one.
    """
    if not sentences:
        return ""
    beside = [*filter(None, map(_pattern_of, others))]
    pattern, words = _pattern_of(value), [*map(plain_text, name_words(column))]
    if pattern is None:
        return ""
    for path, sentence in sentences:
        plain = plain_signs(sentence)
        rest, n_found = pattern.subn(" ; ", plain)
        if not n_found or not _states_no_result(rest) or any(one.search(rest) for one in beside):
            continue
        if _is_named(plain, pattern, words, is_short=value.isascii() and len(value) < _SHORTEST):
            shown = shortened(" ".join(sentence.split()).strip(" #|>-"), _LONGEST)
            return f"{path} says {shown!r}"
    return ""


def readme_class(folder: DataFolder, value: str, others: Collection[str]) -> bool:
    """Return whether a text names a value among the other classes, and not as no result.

    One sentence has it beside half of them, or it begins an item as they do.

    Args:
        folder: of the data.
        value: of the labels.
        others: all other values.
    """
    pattern, beside = _pattern_of(value), [*filter(None, map(_pattern_of, others))]
    fewest = max(_FEWEST, (len(others) + 1) // 2)
    if pattern is None or len(others) < _FEWEST:
        return False
    own, begun = set[str](), dict[str, set[int]]()
    for path, sentence in sentences_beside(folder, one_spelling, end=FULL_STOP):
        plain = plain_signs(sentence)
        bare = re.sub(r"^[\W\d]+", "", plain)
        begun.setdefault(path, set()).update(n for n, one in enumerate(beside) if one.match(bare))
        rest, n_found = pattern.subn(" ; ", plain)
        if not n_found or _states_no_result(rest) or any_phrase("leave out").search(rest):
            continue
        if sum(one.search(rest) is not None for one in beside) >= fewest:
            return True
        if pattern.match(bare):
            own.add(path)
    return any(len(begun[path]) >= fewest for path in own)


def _pattern_of(value: str) -> re.Pattern[str] | None:
    """Return the pattern of a value in a text of `plain_signs`; None of one without a letter."""
    spelt = " ".join(plain_text(as_in_texts(value)).split())
    if not re.search(r"\w", spelt):
        return None
    letter = rf"[^\W{UNSPACED}]"
    return re.compile(rf"(?<!{letter}){re.escape(spelt)}(?!{letter})")


def _states_no_result(plain: str) -> bool:
    return (
        any_phrase("no result", "without labels").search(plain) is not None
        or any(is_called(one, "unlabelled") for one in re.findall(r"\w+", plain))
    )  # fmt: skip


def _is_named(
    plain: str, pattern: re.Pattern[str], words: Collection[str], *, is_short: bool
) -> bool:
    """Return whether a sentence names a value as one of a column, or of the labels."""
    if not is_short:
        named = re.findall(rf"[^\W{UNSPACED}]+|[{UNSPACED}]+", plain)
        columns = {*map(singular, words)}
        return any(singular(one) in columns for one in named) or any(
            is_called(one, "label", "tag", "image") for one in named
        )
    before = "|".join(map(re.escape, words))
    return (
        re.search(rf"(?<!\w)(?:{before})\W+(?:\w+\W+){{0,2}}{pattern.pattern}", plain) is not None
    )


_CLAUSE = re.compile(rf"{SENTENCE_END.pattern}|(?<=[,;，；、])")


class FoldersWithoutLabels(NamedTuple):
    """Folders whose images have no label, and which text states it of the first, with its words."""

    folders: tuple[str, ...]
    told: str


def readme_unlabelled(folder: DataFolder, folders: Collection[str]) -> FoldersWithoutLabels | None:
    """Return those of some folders whose images have no labels, as a text states; or None.

    A clause has the name of the folder, or of the archive that it was in, and such words.

    Args:
        folders: by their paths, that are of no part of the data.
    """
    names = {path: plain_signs(as_in_texts(path.rpartition("/")[2])).strip() for path in folders}
    # "images without labels" may be any.
    names = {
        path: name
        for path, name in names.items()
        if not all(is_called(word, "image", "data") for word in name.split())
    }
    found: dict[str, str] = {}
    for text_path, text in texts_beside(folder, by_item=True):
        for clause in _CLAUSE.split(one_spelling(text)):
            plain = plain_signs(clause or "")
            words = re.findall(r"\w+", plain)
            if not (
                any_phrase("without labels").search(plain)
                or any(is_called(one, "unlabelled") for one in words)
            ):
                continue
            for path, name in names.items():
                if re.search(rf"(?<!\w){re.escape(name)}(?![^\W\u3040-\ud7af])", plain):
                    found.setdefault(path, f"{text_path} says {clause.strip()[:_LONGEST_FOLDER]!r}")
    return FoldersWithoutLabels(tuple(found), next(iter(found.values()))) if found else None


_LONGEST_FOLDER = 80  # letters of a clause that is shown
