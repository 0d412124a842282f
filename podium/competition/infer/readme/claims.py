"""What single sentences of a README beside the data claim, each with the words that do.

"Cell instance segmentation challenge"                              single objects are to be found
"The column is empty for the runs that you have to predict."        blank ones are to be predicted
"If an image has no mask file, it contains nothing of this class."  such an image has an empty mask
"A photo that is not in pieces.csv shows no crack: it is blank."     so has one without a row
"A photo may have any number of tags, also none."                   blank cells are answers
"Of two assessments the most recent one counts."                    the last row of an image is it
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Set
from functools import cache
from pathlib import Path

from podium.competition.infer.files import DataFolder
from podium.competition.infer.readme.texts import (
    FULL_STOP,
    SENTENCE_END,
    as_in_texts,
    sentences_beside,
)
from podium.competition.languages import begins_as, is_called, meaning_words
from podium.competition.phrases import (
    any_phrase,
    any_word,
    is_denied,
    one_spelling,
    plain_signs,
    plain_text,
    words_pattern,
)
from podium.competition.spelling import singular, singular_words

__all__ = [
    "readme_absent_masks",
    "readme_absent_rows",
    "readme_blank_answers",
    "readme_latest_counts",
    "readme_no_classes",
    "readme_objects",
]

_NEAR = 3  # words before a phrase, of which one may deny it


def readme_objects(folder: DataFolder) -> str:
    """Return which text states that single objects are to be found, with its words; "" for none."""

    def claim(sentence: str) -> str:
        plain = plain_signs(sentence)
        found = any_phrase("single objects").finditer(plain)
        said = (one for one in found if not is_denied(plain, one.start(), words=_NEAR))
        return next((sentence[one.start() : one.end()] for one in said), "")

    return _claimed(folder, claim)


def readme_latest_counts(folder: DataFolder) -> str:
    """Return which text states that the latest of several readings counts, and how; or ""."""

    def claim(sentence: str) -> str:
        found = any_phrase("latest counts").search(plain_signs(sentence))
        return "" if found is None else sentence[found.start() : found.end()]

    return _claimed(folder, claim)


def readme_blank_answers(folder: DataFolder) -> str:
    """Return which text states that what is blank is to be predicted, with its words; "" for none.

    A sentence with a negation, as of what must not be left blank, tells nothing.
    """

    def claim(sentence: str) -> str:
        plain = plain_signs(sentence)
        words = re.findall(r"\w+", plain)
        if any(is_called(one, "negation") for one in words):
            return ""
        asked = any(is_called(one, "to predict") or begins_as(one, "target") for one in words)
        return sentence if asked and any_phrase("blank").search(plain) else ""

    return _claimed(folder, claim, end=SENTENCE_END)


def readme_absent_masks(folder: DataFolder) -> str:
    """Return the text and its sentence by which a missing mask file is an empty mask; "" for none.

    A sentence speaks of a file that is not there, and of nothing in the image. One that states that
    images are not labelled tells otherwise.
    """

    def claim(sentence: str) -> str:
        # That there is no mask is looked for first: the rest must state that there is nothing.
        rest, n_found = any_phrase("no mask file").subn(" ; ", plain_signs(sentence))
        if not n_found or any_phrase("without labels").search(rest):
            return ""
        if any(is_called(word, "unlabelled") for word in re.findall(r"\w+", rest)):
            return ""
        nothing = any_phrase("nothing in it", "blank").search(rest)
        is_said = nothing is not None and not is_denied(rest, nothing.start(), words=1)
        return sentence if is_said else ""

    return _claimed(folder, claim, end=SENTENCE_END)


def readme_absent_rows(folder: DataFolder, tables: Collection[str]) -> str:
    """Return the text and its sentence by which an image without a row is blank; "" for none.

    A sentence has the name of one of the tables with a negation near it, or states that there is no
    row and is not of the file to send, and speaks of nothing in the image. One that states that
    images are not labelled tells otherwise.
    """
    names = [re.escape(plain_text(one)) for path in tables for one in _called(folder, path)]
    if not names:
        return ""
    near = rf"(?:[^\W]+\W+){{0,{_NEAR_NAME}}}"
    absent = re.compile(
        rf"{any_word('negation')}\W+{near}(?:{'|'.join(names)})(?!\w)"
        rf"|(?<![\w.])(?:{'|'.join(names)})\W+{near}{any_word('negation')}"
    )

    def claim(sentence: str) -> str:
        rest, n_found = absent.subn(" ; ", plain_text(sentence))
        if not n_found and not any_phrase("submit").search(rest):
            rest, n_found = any_phrase("no row").subn(" ; ", rest)
        if not n_found or any_phrase("without labels").search(rest):
            return ""
        if any(is_called(word, "unlabelled") for word in re.findall(r"\w+", rest)):
            return ""
        nothing = any_phrase("nothing in it", "blank").search(plain_signs(rest))
        is_said = nothing is not None and not is_denied(rest, nothing.start(), words=1)
        return sentence if is_said else ""

    return _claimed(folder, claim, end=SENTENCE_END)


def _called(folder: DataFolder, path: str) -> Iterator[str]:
    """Yield what texts may call a table: its name, and the words that no other one begins with.

    One word may be any word of a sentence, and so may those that tell what all tables hold.
    """
    name = Path(path).name
    yield as_in_texts(name)
    words = as_in_texts(Path(path).stem).split()
    others = [as_in_texts(Path(one).stem).split() for one in folder.tables if one != path]
    for n in range(_FEWEST_WORDS, len(words) + 1):
        if all(one[:n] != words[:n] for one in others):
            yield " ".join(words[:n])


_FEWEST_WORDS = 2
_NEAR_NAME = 4
"""Words between a negation and the name of a table: "has no row in the table pieces.csv"."""


def readme_no_classes(folder: DataFolder, column: str, *, blank: bool = False) -> str:
    """Return which text states that an image may have no class, with its words; "" where none does.

    The sentence has a word for classes, or one of the column that lists them. One on images to
    predict that are "without tags" tells that these are not given out.

    Args:
        column: of train, with lists of classes.
        blank: only a sentence counts that states that such a cell is blank, too.
    """
    own = singular_words(column)

    def claim(sentence: str) -> str:
        signs = plain_signs(sentence)
        plain = re.sub(r"[,;:()]", " ", signs)
        words = re.findall(r"\w+", plain)
        of_classes = _unspaced_words().search(plain) is not None or any(
            is_called(word, "label", "tag") or singular(word) in own for word in words
        )
        found = any_phrase("maybe no class").search(plain) if of_classes else None
        if found is None and of_classes:
            found = _blank_for_none(signs, plain, own)
        if found is None and not any(is_called(one, "test", "unlabelled") for one in words):
            found = any_phrase("without classes").search(plain)
        if blank and found is not None and not _is_blank(plain):
            found = _blank_for_none(signs, plain, own) if of_classes else None
        return "" if found is None else sentence[found.start() : found.end()]

    return _claimed(folder, claim)


def _claimed(
    folder: DataFolder, claim: Callable[[str], str], *, end: re.Pattern[str] = FULL_STOP
) -> str:
    """Return the first text of which a sentence has words that are the claim, with these; or ""."""
    for path, sentence in sentences_beside(folder, one_spelling, end=end):
        if words := claim(sentence):
            return f"{path} says {' '.join(words.split())!r}"
    return ""


def _is_blank(plain: str) -> bool:
    """Return whether a sentence has a word for blank cells that it does not deny."""
    found = any_phrase("blank").search(plain)
    before = [] if found is None else re.findall(r"\w+", plain[: found.start()])[-_DENIED_WITHIN:]
    return found is not None and not any(is_called(one, "negation") for one in before)


_DENIED_WITHIN = 3
"""Words before one for blank in which "not" stands: "must not be left blank"."""


def _blank_for_none(signs: str, plain: str, own: Set[str]) -> re.Match[str] | None:
    """Return the words by which a cell is blank where there is none; None without such.

    "Blank if there is no label" may as well tell of images that nobody labelled; "no date" tells of
    something else.

    Args:
        signs: a sentence of `plain_signs`.
        plain: the same without its punctuation.
        own: words of the column.
    """
    for found in any_phrase("blank for none").finditer(plain):
        behind = re.match(r"\s*(\w+)", signs[found.end() :])
        if behind is None:
            return found
        word = behind[1]
        if singular(word) in own:
            return found
        if is_called(word, "label", "tag") and not is_called(word, "labelled"):
            return found
    return None


@cache
def _unspaced_words() -> re.Pattern[str]:
    """Return the pattern of words for classes in scripts that put no blanks between words."""
    words = (plain_text(one) for one in meaning_words("tag"))
    return words_pattern(one for one in words if re.match(r"[\u3040-\u30ff\u3400-\ud7af]", one))
