"""Words that hosts call files, folders, columns and values by: one file a language, found by name.

A file has `WORDS`: a meaning, and its words with blanks between them. Those of `example`, `sent`,
`scoring`, `mean`, `target`, `black`, `white`, `paper`, `least`, `most`, `in order`,
`frequent` and `marked` are
beginnings of words. A word counts
with its accents and without, and in a word made of two as `testbilder` or `maskimages`. One with
the sign between two letters that do not join (U+200C, as Persian has it) counts without it, and as
two words.

A file may have `RUNS`, too: phrases that texts tell by how runs of masks are counted, written as
`podium.competition.infer.readme.phrases` reads them. One with some of
`RunPhrase` has all.

`LETTERS` are its letters that are not ASCII, in lower case; of a language of thousands of signs
they are the commonest. They tell in which encoding a text is.
"""

from __future__ import annotations

import functools
import importlib
import itertools
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Literal

from podium.competition.spelling import NON_JOINER, name_words, plain_spelling
from podium.workspace import extensions

__all__ = [
    "Meaning",
    "RunPhrase",
    "begins_as",
    "is_called",
    "letters_by_language",
    "meaning_words",
    "run_phrases",
]

Meaning = Literal[
    "train", "test", "unlabelled", "validation", "image", "mask", "label", "group", "person",
    "count", "number", "background", "void", "negation", "labelled", "class list", "colour list",
    "example", "sent", "scoring", "mean", "mark", "target", "correction", "left out",
    "black", "white", "paper", "none", "least", "most", "in order",
    "frequent", "marked", "how",
]  # fmt: skip
"""What a word says.

Of a file or folder: the part of the data that it is of (`train`, `test`, `unlabelled`,
`validation`), what its files are (`image`, `mask`), that it names classes (`class list`,
`colour list`), or is an `example` of what is `sent`, that it has a `correction`, or what
is to be `left out`. Of a column: that it holds a `label`, a
`group`, a `person` whom other groups lie in, a `count`; a `number` may be a name, too. Of a value
of masks: that it is `background` or `void`, as a `negation` with a word of what is `labelled` is.
Near a word of `scoring` a text names the metric, which it may explain as a `mean` of others; a word
of `mark` may as well introduce a remark, and counts only where a colon and the metric follow.
Behind the name of a column, a word of `target` marks it as what is to be predicted. Beside a
colour, `black` or `white`, `background` or `paper` tells which pixels of masks are nothing.
A label called `none` says that there is nothing, or that all is well. Ratings are told from the
`least` to the `most`, or `in order`, where no word is of
how `frequent` they are, or of the alphabet.
A heading with a word of `how` and of `marked`, or that one alone, is of the metric below it.
"""


RunPhrase = Literal[
    "zero", "one", "pixels", "others", "count", "from", "first", "rightwards", "downwards", "then",
    "and", "links", "rows", "columns", "carry", "relative", "not", "lengths", "ends",
]  # fmt: skip
"""What a phrase says of how runs are counted.

Of what: `pixels` or runs, and `others` that are counted or listed near them. Of the base: `zero`
and `one` as words; words of `count`, beside which `from` names the number; `first`, which does so
by itself. Of the order: `rightwards` and `downwards`, with `then` (one after the other), `and` or
`links` between them; `rows` and `columns`, line by line. Words that `carry` on a sentence and name
nothing.
`relative`: what may be said of runs that count from the one before. `not`: what denies a phrase or
makes it a condition. `lengths` of runs, or their starts and `ends`.
"""


@functools.cache
def meaning_words(meaning: Meaning) -> frozenset[str]:
    """Return the words of a meaning in all languages, in lower case, with accents and without.

    Example:
        >>> {"test", "prueba", "teszt"} <= meaning_words("test")
        True
    """
    found: set[str] = set()
    for language in _languages().values():
        spelt = language.WORDS.get(meaning, "").split()
        spelt = [one.replace(NON_JOINER, "") for one in spelt]
        found |= {*spelt, *map(plain_spelling, spelt)}
        found |= {one.translate(_ARABIC_KEYS) for one in found}
    return frozenset(found)


@functools.cache
def run_phrases() -> tuple[Mapping[RunPhrase, str], ...]:
    """Return the phrases of each language that has such.

    Example:
        >>> any("links nach rechts" in one["rightwards"] for one in run_phrases())
        True
    """
    return tuple(one.RUNS for one in _languages().values() if hasattr(one, "RUNS"))


@functools.cache
def letters_by_language() -> Mapping[str, frozenset[str]]:
    """Return the letters of each language that are not ASCII, in lower case.

    Example:
        >>> "ğ" in letters_by_language()["turkish"]
        True
    """
    each = _languages().items()
    return {name: frozenset(one.LETTERS) for name, one in each if hasattr(one, "LETTERS")}


@functools.cache
def _languages() -> Mapping[str, ModuleType]:
    """Return the files of this folder by name."""
    names = extensions.names(sys.modules[__name__])
    return {one: importlib.import_module(f"{__name__}.{one}") for one in names}


def is_called(name: str, *meanings: Meaning) -> bool:
    """Return whether a name of a file, folder or column has a word of one of the meanings.

    Example:
        >>> is_called("Testbilder", "test"), is_called("maski_png", "mask"), is_called("x", "mask")
        (True, True, False)
    """
    found = _spelt(tuple(name_words(name)))
    return any(not found.isdisjoint(meaning_words(one)) for one in meanings)


@functools.lru_cache(maxsize=65_536)  # folders and columns of 100,000 files repeat
def _spelt(words: tuple[str, ...]) -> frozenset[str]:
    """Return the words, two that follow each other as one, and halves as of `testbilder`."""
    found = {*words, *map("".join, itertools.pairwise(words))}
    for word in words:
        for n in range(_SHORTEST, len(word) - _SHORTEST + 1):
            first, second = word[:n].removesuffix("s"), word[n:]
            if second in _kinds_of_files() and first in _parts():
                found |= {first, second}
    return frozenset(found)


_SHORTEST = 3
_ARABIC_KEYS = str.maketrans("یک", "يك")
"""Persian letters as an Arabic keyboard writes them."""
_KINDS_OF_FILES = frozenset({"data", "daten", "set", "frames", "tiles"})


@functools.cache
def _kinds_of_files() -> frozenset[str]:
    return (
        meaning_words("image") | meaning_words("mask") | {"data", "daten", "set", "frames", "tiles"}
    )


@functools.cache
def _parts() -> frozenset[str]:
    return meaning_words("train") | meaning_words("test") | meaning_words("mask")


def begins_as(name: str, meaning: Meaning) -> bool:
    """Return whether a word of a name begins as one of a meaning does.

    Example:
        >>> begins_as("przyklad_zgloszenia", "example"), begins_as("train", "example")
        (True, False)
    """
    stems = tuple(meaning_words(meaning))
    return any(plain_spelling(word).startswith(stems) for word in name_words(name))
