"""Phrases of many languages, as the files of `languages` write them, as patterns.

"from (pixel/index) {n} | {n} based"   →   "from 0", "from pixel 0", "0 based"

`|` is between phrases, a blank between words. A word is one of several with `/` between them, may
be left out in brackets, and has any end behind `*`. `{n}` is a number: 0, 1, or its word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from podium.competition.languages import Meaning, PhraseMeaning, meaning_phrases, meaning_words
from podium.competition.spelling import UNSPACED

__all__ = [
    "any_phrase",
    "any_word",
    "bounded",
    "goes_on",
    "is_denied",
    "number_in",
    "one_spelling",
    "phrase_pattern",
    "plain_signs",
    "plain_text",
    "words_pattern",
]

_SIGNS = str.maketrans(
    '’ʼ‘，、：（）；０１ıłđø«»“”„"「」' + "۰۱٠١،؛؟يىك",
    "''',,:();01ildo        " + "0101,;?ییک",
)
_BEGIN, _END = r"(?<!\w)", r"(?!\w)"
_NUMBER = r"(?<![\d.,/])[01](?!\d|[.,:/]\d)"


def one_spelling(text: str) -> str:
    """Return a text in small letters, each with its accents as one sign, for `plain_signs`."""
    whole = unicodedata.normalize("NFC", text.casefold())
    return "".join(sign for sign in whole if not unicodedata.combining(sign))


def plain_signs(text: str) -> str:
    """Return a text of `one_spelling` without accents and quotes, a sign for each sign.

    Example:
        >>> plain_signs("píxeles «0»")
        'pixeles  0 '
    """
    return "".join(map(_plain_sign, text)).translate(_SIGNS)


def plain_text(text: str) -> str:
    """Return a text as phrases are looked for in it: in one spelling, with plain signs."""
    return plain_signs(one_spelling(text))


@cache
def _plain_sign(sign: str) -> str:
    apart = unicodedata.normalize("NFD", sign)
    return apart[0] if all(map(unicodedata.combining, apart[1:])) else sign


def phrase_pattern(phrases: str, zero: str = "", one: str = "") -> re.Pattern[str]:
    """Return the pattern of phrases, for a text of `plain_signs`.

    Args:
        phrases: as a file of a language has them; none of "" is found.
        zero, one: words of the numbers.
    """
    found = []
    for n, phrase in enumerate(_each(phrases)):
        words = phrase.split()
        pattern = ""
        for place, word in enumerate(words):
            is_last = place == len(words) - 1
            is_optional = word.startswith("(") and word.endswith(")")
            ways = (word[1:-1] if is_optional else word).split("/")
            number = _any_number(n, zero, one, is_last=is_last)
            spelt = "|".join(_one_word(way, number) for way in ways)
            if len(ways) == 1 and not is_optional:
                pattern += spelt + ("" if is_last else r"\s+")
                continue
            blank = "" if is_last else r"\s+"
            pattern += f"(?:(?:{spelt}){blank}){'?' if is_optional else ''}"
        found.append(pattern)
    # Most phrases begin with a word: one look at where words begin is quicker than one for each.
    words = [one.removeprefix(_BEGIN) for one in found if one.startswith(_BEGIN)]
    ways = [one for one in found if not one.startswith(_BEGIN)]
    ways += [f"{_BEGIN}(?:{'|'.join(words)})"] if words else []
    return re.compile("|".join(ways) if ways else r"(?!)")


def bounded(pattern: str) -> str:
    """Return a pattern of Latin letters that begins and ends as a word does, also beside CJK ones.

    Example:
        >>> [bool(re.search(bounded("rmse"), text)) for text in ("指標rmseを", "rmsle", "mcrmse")]
        [True, False, False]
    """
    letter = rf"[^\W{UNSPACED}]"
    return rf"(?<!{letter})(?:{pattern})(?!{letter})"


def words_pattern(words: Iterable[str]) -> re.Pattern[str]:
    """Return the pattern of beginnings of words; of a script without blanks, of words anywhere.

    Example:
        >>> pattern = words_pattern(["scor", "평가지표"])
        >>> [bool(pattern.search(text)) for text in ("scored", "underscore", "이 평가 지표는")]
        [True, False, True]
    """
    each = sorted(words)
    spaced = "|".join(re.escape(one) for one in each if not _is_unspaced(one[0]))
    ways = [rf"\b(?:{spaced})"] if spaced else []
    ways += [r"\s?".join(map(re.escape, one)) for one in each if _is_unspaced(one[0])]
    return re.compile("|".join(ways) if ways else r"(?!)")


@cache
def any_phrase(*meanings: PhraseMeaning) -> re.Pattern[str]:
    """Return the pattern of phrases of any language, for a text of `plain_signs`.

    Example:
        >>> any_phrase("whole number").search("das ist eine ganze zahl")[0]
        'ganze zahl'
    """
    return phrase_pattern(" | ".join(map(meaning_phrases, meanings)))


@cache
def any_word(*meanings: Meaning) -> str:
    """Return the pattern of words of any language, whole ones, with accents and without."""
    words = {word for meaning in meanings for word in meaning_words(meaning)}
    spelt = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    return rf"(?<!\w)(?:{spelt})(?!\w)"


def is_denied(text: str, start: int, *, words: int = 0) -> bool:
    """Return whether a word of negation stands before what starts at a place of a text.

    Example:
        >>> is_denied("do not use only", 7), is_denied("not to use only", 7)
        (True, False)

    Args:
        text: of `plain_signs`.
        start: the place of the phrase.
        words: as many others may stand between at most: with 1, "not be left out" is denied, too.
    """
    return _denial(words).search(text, 0, start) is not None


@cache
def _denial(words: int) -> re.Pattern[str]:
    return re.compile(rf"{any_word('negation')}(?:\s+\w+){{0,{words}}}\s+$")


def number_in(match: re.Match[str], zero: str) -> int:
    """Return the number that a found phrase with `{n}` names."""
    named = match[str(match.lastgroup)]
    return 0 if named == "0" or named in _each(zero) else 1


def goes_on(text: str, end: int) -> bool:
    """Return whether the number at the end of a phrase begins a range, or has a unit.

    Example:
        >>> goes_on("from 0 to 255", 6), goes_on("from 1 pixel", 6), goes_on("from 0, to 2", 6)
        (True, True, False)
    """
    return _goes_on().match(text, end) is not None


@cache
def _goes_on() -> re.Pattern[str]:
    pixels = "|".join(map(re.escape, sorted(map(plain_text, meaning_words("pixel")))))
    a_range = r"(?:[\s'.…–~～]*[^\W\d_]{1,9}){0,2}[\s'.…–~～]*\d"
    return re.compile(rf"{a_range}|\s?(?:px|[%°]|{pixels})")


def _each(phrases: str) -> list[str]:
    each = (plain_text(one).strip() for one in phrases.split("|"))
    return [one for one in each if one]


def _any_number(n: int, zero: str, one: str, *, is_last: bool) -> str:
    # "from one corner" counts nothing from 1.
    end = r"(?!\s*[^\W\d_])" if is_last else ""
    ones = [_bounded(each) + end for each in _each(one)]
    ways = "|".join((_NUMBER, *map(_bounded, _each(zero)), *ones))
    return f"(?P<number{n}>{ways})"


def _one_word(word: str, number: str) -> str:
    """Return the pattern of a word, between bounds where its script has such."""
    before, counts, after = word.partition("{n}")
    if not counts:
        return _bounded(word)
    gaps = [r"\s?" if one and _is_unspaced(one) else "" for one in (before[-1:], after[:1])]
    start = _bounded(before, ends=False) if before else ""
    end = _bounded(after, begins=False) if after else ""
    return f"{start}{gaps[0]}{number}{gaps[1]}{end}"


def _bounded(word: str, *, begins: bool = True, ends: bool = True) -> str:
    """Return the pattern of letters that are no part of a longer word."""
    start = _BEGIN if begins and not _is_unspaced(word[0]) else ""
    end = _END if ends and word[-1] != "*" and not _is_unspaced(word[-1]) else ""
    return start + _letters(word) + end


def _letters(word: str) -> str:
    """Return the pattern of letters; signs that take no blanks may have a line's end between."""
    spelt = r"\w*".join(map(re.escape, word.split("*")))
    return re.sub(f"(?<=[{UNSPACED}])(?=[{UNSPACED}])", r"\\s?", spelt)


def _is_unspaced(sign: str) -> bool:
    return re.fullmatch(f"[{UNSPACED}]", sign) is not None
