"""What keeps images together, as a README beside the data tells it: things and links of a table.

README.md: "The test images come from other fields."    →    folds.group: field
README.md: "Images of one field belong together."       →    folds.group: field
README.md: "### `copied_from` … Cards that hang together by these notes are of one hand."
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from podium.competition.infer.files import DataFolder
from podium.competition.infer.readme.texts import (
    FULL_STOP,
    SENTENCE_END,
    as_in_texts,
    sentences_beside,
    texts_as_written,
    texts_beside,
)
from podium.competition.languages import is_called, unit_phrases
from podium.competition.phrases import (
    any_phrase,
    any_word,
    is_denied,
    one_spelling,
    phrase_pattern,
    plain_signs,
    plain_text,
)
from podium.competition.spelling import UNSPACED, name_words, plain_spelling

__all__ = [
    "ThingApart",
    "column_apart",
    "day_apart",
    "place_named",
    "readme_apart",
    "readme_linked_rows",
    "starts_apart",
]

_BEHIND, _BEFORE = 3, 3  # words beside "other" of which one is the thing
_LONGEST = 80  # letters of a sentence that is shown
_LETTERS = 3  # of a word that another one may have with an ending
_STARTS = 2  # signs that words without blanks have in common
_ENDING = 6  # letters, as in Turkish `tarlalardan`


@dataclass(frozen=True)
class ThingApart:
    """A sentence by which some things are never in both train and test, or in one piece."""

    words: tuple[str, ...]
    """Of which one or several name the thing, the likelier ones first."""
    told: str
    """Which text states it, and the sentence."""
    pair: tuple[str, ...] = ()
    """Words, in their order, of what keeps images together: two things may be named there."""
    are_together: bool = False
    """Whether images of what `pair` names belong together, and are not parted by it."""


def readme_apart(folder: DataFolder) -> tuple[ThingApart, ...]:
    """Return the things that test has others of, or that keep images together, as texts state.

    As "other fields" in a sentence on test, "no patient appears in both", "split by patient", or
    "images of one microscope belong together".
    """
    found, glosses = list[ThingApart](), _glosses(folder)
    for path, sentence in sentences_beside(folder, one_spelling, end=SENTENCE_END):
        plain = plain_signs(sentence)
        for words, pair, are_together in _things(plain):
            told = " ".join(sentence.split()).strip(" #|")
            told = told if len(told) <= _LONGEST else f"{told[:_LONGEST]}…"
            glossed = [name for name, meant in glosses if _is_explained_by(meant, words)]
            called = [word for one in glossed for word in name_words(one)]
            of_pair = tuple(pair)
            told_in = f"{path} says {told!r}"
            found.append(ThingApart((*words, *called), told_in, of_pair, are_together))
    return tuple(found)


def _glosses(folder: DataFolder) -> list[tuple[str, list[str]]]:
    """Return names of fields that texts explain in brackets, each with the words that explain it.

    As in "`field_id` (plot number)", without the word for a number.
    """
    found = []
    for _, text in texts_as_written(folder):
        for match in _GLOSS.finditer(text):
            words = _words_of(plain_text(match["meant"]))
            own = [one for one in words if not is_called(one, "code", "number")]
            found.append((match["code"] or match["name"], own))
    return found


_GLOSS = re.compile(
    r"(?:`(?P<code>\w+)`|(?P<name>[A-Za-z]+(?:_\w+)+))\s*[(（](?P<meant>[^()（）]{1,30})[)）]"
)


def _is_explained_by(meant: Sequence[str], beside: Sequence[str]) -> bool:
    """Return whether a word that explains a field is one of a thing, in any script.

    Words without blanks between them go on: `圃場番号` and `圃場で` begin alike.
    """
    joined = [one for one in meant if re.search(f"[{UNSPACED}]", one)]
    if joined:
        starts = {one[:_STARTS] for one in joined if len(one) >= _STARTS}
        return any(word[:_STARTS] in starts for word in beside)
    return any(len(one) > _LETTERS and _are_named([one], beside) for one in meant)


def column_apart(column: str, things: Sequence[ThingApart]) -> str:
    """Return the text by which the images of a column's values are kept together; "" for none.

    Example:
        >>> column_apart("Field_ID", [ThingApart(("fields",), "README.md says 'other fields'")])
        "README.md says 'other fields'"
    """
    every = [plain_spelling(one) for one in name_words(column)]
    words = [one for one in every if not is_called(one, "code", "number")]
    is_told = (one.told for one in things if words and _are_named(words, one.words))
    return next(is_told, "")


def day_apart(things: Sequence[ThingApart]) -> str:
    """Return the text by which the images of a day are kept together; "" for none.

    Example:
        >>> day_apart([ThingApart(("whole", "days"), "README.md says 'split by whole days'")])
        "README.md says 'split by whole days'"
    """
    days = phrase_pattern(unit_phrases()["d"])
    return next((one.told for one in things if any(map(days.fullmatch, one.words))), "")


def place_named(column: str, words: Sequence[str]) -> int | None:
    """Return the place of the first word that names a column in a text; None where some do not.

    Example:
        >>> place_named("tree_id", ["grove", "and", "trees"]), place_named("leaf", ["tree"])
        (2, None)
    """
    every = [plain_spelling(one) for one in name_words(column)]
    own = [one for one in every if not is_called(one, "code", "number")]
    if not own or not _are_named(own, words):
        return None
    return min(n for n, word in enumerate(words) if any(_is_alike(one, word) for one in own))


def starts_apart(letters: str, things: Sequence[ThingApart]) -> bool:
    """Return whether letters before a number stand for a thing, as `t` and `tree` for trees."""
    return bool(letters) and any(
        word.startswith(letters) or _is_alike(letters, word) for one in things for word in one.words
    )


def _are_named(words: Sequence[str], beside: Sequence[str]) -> bool:
    return all(any(_is_alike(one, word) for word in beside) for one in words)


def _is_alike(word: str, other: str) -> bool:
    """Return whether a word of a text is one of a column, with an ending or without."""
    if re.search(f"[{UNSPACED}]", word):
        return word in other
    rest = len(other) - len(word)
    if len(word) >= _LETTERS and other.startswith(word):
        return rest <= (_ENDING if len(word) > _LETTERS else _LETTERS)
    stem = word[:-1]  # the last letter goes before an ending: `parcela`, `parcele`
    is_long = len(stem) > _LETTERS or (len(stem) == _LETTERS and not stem.isascii())
    return is_long and other.startswith(stem) and rest <= _LETTERS


def _things(plain: str) -> Iterator[tuple[list[str], list[str], bool]]:
    """Yield the words that may name what is apart, for each phrase of a sentence that tells it.

    With those of them that keep images together, and whether they state that these belong so.
    """
    words = _words_of(plain)
    is_of_test = any(is_called(one, "test") for one in words)
    is_of_train = any(is_called(one, "train") for one in words)
    if any(is_called(one, "column") for one in words) or ".csv" in plain:
        return  # what a table has
    phrases = any_phrase("parted by", "other ones") if is_of_test else any_phrase("parted by")
    for match in phrases.finditer(plain):
        if is_denied(plain, match.start(), words=2):
            continue
        every = _words_of(plain[match.end() :])
        behind = every[: _end_of_things(every)]
        stop = next((n for n, one in enumerate(behind) if _is_of_data(one)), len(behind))
        before = _words_of(plain[: match.start()])[-_BEFORE:]
        is_parted = any_phrase("parted by").fullmatch(match[0]) is not None
        pair = behind[:stop] if is_parted else []
        yield [one for one in (*behind[:stop], *before) if not _is_of_data(one)], pair, False
    together = any_phrase("kept together").search(plain)
    is_of_images = not any_phrase("columns").search(plain)
    if together and is_of_images and not is_denied(plain, together.start(), words=2):
        things = [one for one in words if not _is_of_data(one)]
        yield things, things, True
    both = any_phrase("in both").search(plain)
    in_both = any_phrase("both parts").search(plain) or (is_of_test and is_of_train)
    if both and in_both and re.search(any_word("negation"), plain):
        yield [one for one in words if not _is_of_data(one)], [], False


def _end_of_things(words: Sequence[str]) -> int:
    """Return how many words may name what data are parted by: further ones behind an "and"."""
    joins = (n for n, one in enumerate(words[: _BEHIND + 1]) if n and is_called(one, "joins"))
    join = next(joins, None)
    return _BEHIND if join is None else join + 1 + _BEHIND


def _is_of_data(word: str) -> bool:
    return is_called(word, "image", "train", "test", "data", "label")


@cache
def _signs() -> re.Pattern[str]:
    return re.compile(rf"[^\W\d_{UNSPACED}]+|[{UNSPACED}]+")


def _words_of(plain: str) -> list[str]:
    return _signs().findall(plain)


_MOST_SENTENCES = 12  # behind the name of the column


def readme_linked_rows(folder: DataFolder, column: str) -> str:
    """Return the text and sentence by which what a column links belongs together; "" for none.

    The sentence stands behind the name of the column, before the next heading.
    """
    name = re.compile(rf"(?<!\w){re.escape(plain_text(as_in_texts(column)))}(?!\w)")
    for path, text in texts_beside(folder, by_item=True):
        left = 0
        for item in text.split("\n"):
            if item.lstrip().startswith("#"):
                left = 0
            for sentence in FULL_STOP.split(item):
                plain = plain_signs(one_spelling(sentence))
                if name.search(plain):
                    left = _MOST_SENTENCES
                together = any_phrase("kept together").search(plain) if left else None
                if together and not is_denied(plain, together.start(), words=2):
                    told = " ".join(sentence.split()).strip(" #|")
                    told = told if len(told) <= _LONGEST else f"{told[:_LONGEST]}…"
                    return f"{path} says {told!r}"
                left -= bool(left and re.search(r"\w", plain))
    return ""
