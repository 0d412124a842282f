"""Values of a column, and folders, that a text asks not to use: a site, a camera, a day, a class.

README.md: "Images of site B were mislabelled and must not be used for training."    →    B
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from podium.competition.infer.files import DataFolder
from podium.competition.infer.readme.texts import as_in_texts, sentences_beside
from podium.competition.languages import is_called, meaning_words, run_phrases
from podium.competition.phrases import any_phrase, any_word, is_denied, plain_text
from podium.competition.spelling import name_words, singular

__all__ = ["LeavingOut", "Withdrawn", "sentences_of_leaving_out", "withdrawn_in"]

_SHORTEST = 5
"""Signs of a value with a digit, or of several words, that needs no name of its column."""
_LONGEST_WORD = 4  # letters of words such as "them" behind a phrase, which change nothing
_PARTS = re.compile(r"[,;:.!?()]")


@dataclass(frozen=True)
class LeavingOut:
    """A sentence of a text that asks to leave something out."""

    path: str
    text: str
    plain: str
    """As `plain_signs` has it."""

    @property
    def why(self) -> str:
        return f"{self.path} says {self.text.strip()!r}"


@dataclass(frozen=True)
class Withdrawn:
    """Values that a sentence asks not to use."""

    values: tuple[str, ...]
    why: str
    is_sure: bool
    """Whether the sentence has one reading: that these values are left out of training."""


def sentences_of_leaving_out(folder: DataFolder) -> list[LeavingOut]:
    """Return the sentences beside the data that have a phrase of leaving out."""
    found = []
    for path, sentence in sentences_beside(folder):
        plain = plain_text(sentence)
        if any_phrase("leave out").search(plain):
            found.append(LeavingOut(path, sentence, plain))
    return found


def withdrawn_in(
    sentences: Iterable[LeavingOut],
    values: Collection[str],
    words: Collection[str],
    *,
    alone: bool = True,
) -> Iterator[Withdrawn]:
    """Yield what sentences leave out of some values.

    Beside a value stands a word of what they are, as "site B"; else this word stands in the
    sentence, and then nothing is sure. What is asked of rows of test is none.

    Args:
        sentences: that ask to leave something out.
        values: of a column, or the names of folders.
        words: that the column, or a folder, is called by.
        alone: whether a long value with a digit, as a day, or of several words needs no such word
            beside it.
    """
    spelt = {_spelt(one): one for one in values}
    spelt.pop("", None)
    if not spelt or len(spelt) < len({*values} - {""}):
        return
    each = "|".join(map(re.escape, sorted(spelt, key=len, reverse=True)))
    value = rf"(?<!\w)(?:{each})(?!\w)"
    joined = rf"{value}(?:(?:\s*,\s*|\s+|\s*[&+/]\s*)(?:{any_word('joins')}\s+)?{value})*"
    for one in sentences:
        runs = list(re.finditer(joined, one.plain))
        kept = [run for run in runs if _is_of_column(one.plain, run, words, alone=alone)]
        if not kept:
            continue
        without = re.sub(value, lambda found: " " * len(found[0]), one.plain)
        if any(is_called(word, "test") for word in re.findall(r"\w+", without)):
            continue
        phrases = [
            found
            for found in any_phrase("leave out").finditer(without)
            if not is_denied(without, found.start(), words=1)
        ]
        if not phrases:
            continue
        run = min(kept, key=lambda run: min(_distance(run, found) for found in phrases))
        phrase = min(phrases, key=lambda found: _distance(run, found))
        named = tuple(spelt[found] for found in dict.fromkeys(re.findall(value, run[0])))
        is_beside = _is_beside(one.plain, run, words) or (alone and _is_apart(run[0]))
        # "A farm" names no site A.
        known = {each[0] for each in runs if each in kept or len(each[0]) > 2}
        is_sure = is_beside and len(known) == len(phrases) == 1
        yield Withdrawn(named, one.why, is_sure and _has_one_reading(without, run, phrase, words))


def _spelt(value: str) -> str:
    return " ".join(plain_text(as_in_texts(value)).split())


def _is_of_column(plain: str, run: re.Match[str], words: Collection[str], *, alone: bool) -> bool:
    """Return whether something tells that a value is one of the column."""
    if _is_beside(plain, run, words) or (alone and _is_apart(run[0])):
        return True
    rest = plain[: run.start()] + " " + plain[run.end() :]
    is_word = len(run[0]) > 2 and not run[0].isdecimal()
    return is_word and any(_is_word_of(one, words) for one in re.findall(r"\w+", rest))


def _is_beside(plain: str, run: re.Match[str], words: Collection[str]) -> bool:
    """Return whether a word of the column stands before values, or behind them."""
    before = re.search(r"(\w+)[\s:=#]*$", plain[: run.start()])
    after = re.match(r"\s*(\w+)", plain[run.end() :])
    return any(one is not None and _is_word_of(one[1], words) for one in (before, after))


def _is_word_of(word: str, words: Collection[str]) -> bool:
    return any(singular(word) == singular(one) or word in (f"{one}s", f"{one}es") for one in words)


def _is_apart(value: str) -> bool:
    return len(value) >= _SHORTEST and re.search(r"[\d ]", value) is not None


def _distance(run: re.Match[str], phrase: re.Match[str]) -> int:
    return max(phrase.start() - run.end(), run.start() - phrase.end(), 0)


def _has_one_reading(
    without: str, run: re.Match[str], phrase: re.Match[str], words: Collection[str]
) -> bool:
    """Return whether a sentence leaves out the values, whatever the case, and not only for a use.

    Args:
        without: the sentence without the values, sign for sign.
        run: the values.
        phrase: of leaving out.
        words: that the column is called by.
    """
    rest = without[: phrase.start()] + " " * len(phrase[0]) + without[phrase.end() :]
    if any_phrase("use only", "instead of").search(without) or _conditions().search(rest):
        return False
    if run.end() <= phrase.start():
        between = without[run.end() : phrase.start()]
        parts = [found.end() for found in _PARTS.finditer(between)]
        parts += [found.end() for found in any_phrase("clause").finditer(between)]
        # "Site B is a farm, and images without a label must not be used."
        clause = between[max(parts) :] if parts else ""
        if any(is_called(one, *_THINGS) for one in re.findall(r"\w+", clause)):
            return False
    ahead = max(phrase.end(), run.end())
    tail = _PARTS.split(without[ahead:])[0]
    left = [one for one in re.findall(r"\w+", tail) if not _is_word_of(one, words)]
    if any(is_called(one, "train") for one in left):
        return True
    return all(len(one) <= _LONGEST_WORD or is_called(one, *_THINGS) for one in left)


_THINGS = ("image", "label", "mask", "data", "group", "row", "column")


@cache
def _conditions() -> re.Pattern[str]:
    """Return the pattern of words as "if", and of others that turn the meaning of a sentence."""
    denied = {_spelt(one) for one in meaning_words("negation")}
    each = (one.strip() for runs in run_phrases() for one in runs["not"].split("|"))
    words = {_spelt(word) for one in each if one.isalpha() for word in name_words(one)} - denied
    words -= {""}
    spelt = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    return re.compile(rf"(?<!\w)(?:{spelt})(?!\w)|{any_phrase('denial').pattern}")
