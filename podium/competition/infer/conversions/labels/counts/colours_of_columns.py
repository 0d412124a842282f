"""Which colour each column of the sample submission is, as texts and lists of colours tell it.

README.md: "red (255, 0, 0): adult males", "pups are green", "| #0000ff | adult females |".
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from podium.competition.infer.classes.colour_words import CALLED, SHADES, Colour, nearest_colour
from podium.competition.infer.files import DataFolder
from podium.competition.infer.readme.texts import SENTENCE_END, as_in_texts, sentences_beside
from podium.competition.spelling import name_words, singular

__all__ = ["colours_of_columns"]

_COLOURS = (
    rf"(?P<shade>(?:{SHADES}) ?(?:{'|'.join(CALLED)}))|(?P<word>{'|'.join(CALLED)})|"
    r"(?P<hex>#[0-9a-f]{6})|(?P<numbers>\d{1,3} ?[,;] ?\d{1,3} ?[,;] ?\d{1,3})"
)
_DENIED = re.compile(r"\b(?:not|no|never|nor|neither|without|except)\b|n['’]t\b")
_AFFIXES = frozenset({"n", "no", "num", "number", "of", "count", "counts", "total"})
_Mention = Colour | str  # a word whose colour no dot has


def colours_of_columns(
    folder: DataFolder,
    columns: Sequence[str],
    colours: Sequence[Colour],
    named: Mapping[str, str],
) -> tuple[dict[str, Colour] | None, str]:
    """Return the colour of each column, or None and why not; "" where nothing tells any.

    Args:
        columns: of the sample submission.
        colours: that were found.
        named: the names of colours (`#ff0000`) in a list that comes with the data.
    """
    patterns = {column: _pattern(column) for column in columns}
    pairs: dict[str, dict[_Mention, None]] = defaultdict(dict)
    for column, words in ((one, _words(one)) for one in columns):
        if len(words) == 1 and words[0] in CALLED:
            pairs[column][_of_word(words[0], colours)] = None
    for code, name in named.items():
        for column in columns:
            if re.fullmatch(patterns[column], as_in_texts(name)):
                pairs[column][_of_hex(code)] = None
    for _, sentence in sentences_beside(folder, end=SENTENCE_END):
        for column, colour in _pairs(sentence, patterns, colours):
            pairs[column][colour] = None
    if not pairs:
        return None, ""
    for column in columns:
        told = [*pairs.get(column, ())]
        if len(told) != 1:
            twice = f"{column} is told to be {' and '.join(map(str, told))}: nothing settles"
            return None, twice if told else f"no text tells the colour of {column}, nor"
        if told[0] not in colours:
            return None, f"no dot has the colour {told[0]} of {column}: nothing tells"
    chosen = {column: one for column in columns for one in pairs[column] if isinstance(one, tuple)}
    if len(set(chosen.values())) < len(columns):
        return None, "the texts have one colour for two columns: nothing settles"
    return chosen, ""


def _pairs(
    sentence: str, patterns: Mapping[str, str], colours: Sequence[Colour]
) -> Iterator[tuple[str, _Mention]]:
    """Yield the columns of a sentence with their colours, where the two take turns in it."""
    if _DENIED.search(sentence):
        return
    by_length = sorted(patterns.values(), key=len, reverse=True)
    every = re.compile(rf"(?<![\w#])(?:(?P<column>{'|'.join(by_length)})|{_COLOURS})(?!\w)")
    found: list[tuple[bool, str, str]] = []
    for match in every.finditer(sentence):
        kind = match.lastgroup or ""
        found.append((kind == "column", kind, match[0]))
    turns: list[tuple[bool, str | _Mention | None]] = []
    for is_column, group in groupby(found, key=lambda one: one[0]):
        each = [(kind, text) for _, kind, text in group]
        if is_column:
            called = {
                column
                for _, text in each
                for column, pattern in patterns.items()
                if re.fullmatch(pattern, text)
            }
            turns.append((True, called.pop() if len(called) == 1 else None))
        else:
            turns.append((False, _mentioned(each, colours)))
    if len(turns) % 2 or any(what is None for _, what in turns):
        return
    for one, other in zip(turns[::2], turns[1::2], strict=True):
        column, colour = (one[1], other[1]) if one[0] else (other[1], one[1])
        if isinstance(column, str) and colour is not None:
            yield column, colour


def _mentioned(each: Sequence[tuple[str, str]], colours: Sequence[Colour]) -> _Mention | None:
    """Return the one colour of words and numbers that stand beside each other, else None."""
    if any(kind == "shade" for kind, _ in each):
        exact = [one for one in each if one[0] in ("hex", "numbers")]
        if not exact:
            return None
    numbers: set[_Mention] = {
        _of_hex(text) if kind == "hex" else _of_numbers(text)
        for kind, text in each
        if kind in ("hex", "numbers")
    }
    words: set[_Mention] = {_of_word(text, colours) for kind, text in each if kind == "word"}
    told = numbers or words
    return told.pop() if len(told) == 1 else None


def _words(column: str) -> list[str]:
    """Return the words of a column but those that tell that it counts."""
    if any(sign.isdigit() for sign in column):
        return as_in_texts(column).split()
    words = name_words(column)
    return [one for one in words if one not in _AFFIXES] or words


def _pattern(column: str) -> str:
    """Return the pattern of a column's name in a text, of one thing or of several."""
    *front, last = _words(column)
    stem = singular(last) if len(last) > 2 else last
    return r"[ -]?".join(map(re.escape, [*front, stem])) + "(?:e?s)?"


def _of_hex(code: str) -> Colour:
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)


def _of_numbers(text: str) -> Colour:
    red, green, blue = map(int, re.findall(r"\d+", text))
    return red, green, blue


def _of_word(word: str, colours: Sequence[Colour]) -> _Mention:
    """Return the colour that is nearest to what a word calls so; the word where none is near."""
    return nearest_colour(word, colours) or word
