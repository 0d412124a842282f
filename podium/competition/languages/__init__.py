"""Words that hosts call files, folders, columns and values by: one file a language, found by name.

A file has `WORDS`: a meaning, and its words with blanks between them. Those of `example`, `sent`,
`scoring`, `mean`, `median`, `target`, `black`, `white`, `paper`, `least`, `most`, `in order`,
`frequent`, `marked` and `random` are beginnings of words. A word counts with its accents and
without, and in a word made of two as `testbilder` or `maskimages`. In a script without blanks, one
of a part of the data counts where a name begins or ends with it. One with the sign between two
letters that do not join (U+200C, as Persian has it) counts without it, and as two words.

A file may have three more, of phrases as `podium.competition.phrases` reads them:

- `PHRASES`, what texts and names put in several words, or in one that must be whole: by meaning;
- `UNITS`, what texts call units of measure: by the unit's sign;
- `RUNS`, what texts tell by how runs of masks are counted. One with some of `RunPhrase` has all.

Where two languages have the same words, each has them: they count once.

`LETTERS` are its letters that are not ASCII, in lower case; of a language of thousands of signs
they are the commonest. They tell in which encoding a text is. `ASCII` has what people write in
place of some of them, where that is not the letter without its accent: `pruefung`.
"""

from __future__ import annotations

import functools
import importlib
import itertools
import re
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Literal, get_args

from podium.competition.spelling import NON_JOINER, UNSPACED, name_words, plain_spelling
from podium.workspace import extensions

__all__ = [
    "Meaning",
    "PhraseMeaning",
    "RunPhrase",
    "UnitName",
    "begins_as",
    "is_called",
    "letters_by_language",
    "meaning_phrases",
    "meaning_words",
    "numerals",
    "run_phrases",
    "unit_phrases",
]

Meaning = Literal[
    "train", "test", "unlabelled", "validation", "image", "mask", "label", "group", "person",
    "count", "number", "background", "void", "negation", "labelled", "class list", "colour list",
    "example", "sent", "scoring", "mean", "median", "mark", "target", "correction", "left out",
    "data", "annotator", "voter", "drawing", "first", "second", "third", "true mask", "version",
    "span start", "span end", "row", "column", "object class", "code", "joins", "numeral", "send",
    "round", "pixel", "black", "white", "paper", "none", "least", "most", "in order", "frequent",
    "marked", "how", "by", "range from", "range through", "range to", "parts", "piece",
    "to predict", "empty", "resized", "preview", "in colour", "in grey", "cut out", "heights",
    "augmented", "turned", "left side", "top side", "right side", "bottom side",
    "radius", "folder", "tag", "random", "unknown", "no result", "unit",
    "successor", "ended", "evaluation",
]  # fmt: skip
"""What a word says.

Of a file or folder: the part of the data that it is of (`train`, `test`, `unlabelled`,
`validation`), or a numbered `piece` of one, or is `to predict`, where a folder of train stands
beside it, as rows of an `evaluation` beside rows of train are; what its files are (`image`,
`mask`), or that they are others, `resized`, a `preview` of them, `in colour`, `in grey`,
`augmented`, `turned`, the things on them `cut out`, or maps of `heights`; that it names classes
(`class list`, `colour list`), or is an `example` of what is `sent`, or `random` answers, that it
has a `correction`, or what is to be `left out`. A text calls a `folder`, or a class (`tag`), so. Of
a column: that it holds a `label`, a `group`, a `person` whom other groups lie in, a `count`; a
`number` may be a name, too; or which of the `parts` of the data a row is of. Of a value of masks:
that it is `background` or `void`, as a `negation` with a word of what is `labelled` is. A word of
`empty` is of a mask without anything. Near a word of `scoring` a text names the metric, which it
may explain as a `mean` of others; a `mean` or `median` of what several people say is the truth; a
word of `mark` may as well introduce a remark, and counts only where a colon and the metric follow.
Behind the name of a column, a word of `target` marks it as what is to be predicted. A sentence with
a word to `send` is of the file to send, as one of how its numbers are to `round`; `numeral` has the
words of 1 to 6 in their order. `joins` are between the last two of a list; `pixel` is what a number
counts there.

Of several masks of an image: that an `annotator` drew it, or gave an opinion as a `voter`, or that
it is a `drawing`, the `first`, `second` or `third` one, by the beginnings of these words; a name
with `true mask` is the one to learn. `version` tells that tables follow each other. Of a file's
name, behind a part: `data`. Of columns: the `span start` and `span end` of what lies in a `row` or
a `column` of pixels, the `left side`, `top side`, `right side` and `bottom side` of a box, the
`radius` of a circle, the `object class` of an outline, the `unit` of the number beside it; a number
that is a `code` is no amount. In a list of codes a `successor` replaces one, and another one has
`ended`.
Beside a colour, `black` or `white`, `background` or `paper` tells which pixels of masks are
nothing. A label called `none` says that there is nothing, or that all is well; one called
`unknown` may be a class, and one that is a word of `no result`, or several in one, says that nobody
gave it yet. Ratings are told from the `least` to the `most`, or `in order`, where no word is of how
`frequent` they are, or of the alphabet; so they are, all in one sentence, by words of `range from`,
`range through` and `range to`. A heading with a word of `how` and of `marked`, or that one alone,
is of the metric below it; before the metric stands a word of `marked` with one of `by`.
"""


PhraseMeaning = Literal[
    "zero or more", "whole number", "decimals", "directions", "axes", "direction", "other metric",
    "truth",
    "used", "another", "scored", "against", "compared with", "denial", "clause", "first", "second",
    "third", "in the unit", "square", "cubic", "per", "bits", "sum of bits", "mask or pixel",
    "not scored", "maybe no class", "without classes", "row for each", "rows", "case", "columns",
    "semicolon", "blank", "blank for none", "accuracy", "balanced", "by class", "weighted",
    "quadratic", "plain metric", "how many", "weight", "counts more", "half of each", "mean of",
    "and their mean", "tolerance", "standard deviation", "divided by mean", "same class",
    "whole volume", "leave out", "use only", "instead of", "without labels",
    "no mask file", "no row", "nothing in it", "same order", "symmetric", "submit", "one for each",
    "same form", "same name", "class number", "colours", "training",
    "between", "one channel", "single objects", "both empty", "apart", "tie", "probability",
    "classes", "all but", "shown too", "main score", "other ones", "parted by", "in both",
    "both parts", "kept together", "first rows", "is the label", "latest counts", "no result",
    "nearest", "not measured", "no header", "label sets", "none of the others", "nobody labelled",
]  # fmt: skip
"""What a phrase says.

Of the numbers to send: that they are `zero or more`, or a `whole number`, or, behind a numeral, how
many `decimals` they have. That some of the data are `directions`; `direction` is what a column of
such is called; `how many` things there are. Beside a metric: that it is an `other metric`,
`weighted`, or the `plain metric` all the same; `quadratic`, of a kappa. What is `balanced`, or the
mean `by class`, of an `accuracy`, which alone may be the word for precision, too. In its sentence:
that it has a `weight`, where a number follows, or something that `counts more`, or `half of each`
score, or the `mean of` two, which some languages put behind both names (`and their mean`), a
`tolerance`, or a `standard deviation` that errors are divided by, or that they are `divided by
mean` values, that an error is `symmetric`, that it is computed `apart` for each of some groups, or
that the slices of a `whole volume` are scored together. Near a word of scoring: that some classes
count as the `same class`. Before a metric: of what only decides between equal scores (`tie`). In
its sentence: that it is `shown too`, and does not count, or is the `main score` that ranks.
In a sentence on test: that it is of `other ones` than train, or, with a negation, that some are
`in both`, `both parts` or train and test; by what the data are parted (`parted by`), or that the
images of one thing are `kept together`. Before the names of those that are scored: a word for
`classes`, or, behind it, for `all but` one.
Behind the name of a column: that its `probability` is to be sent, or that it `is the label`. Of
rows of an image: that the `latest counts`, or the one that is `nearest` in time. Of a number among
measures: that it was `not measured`. Of a value of masks: that `nobody labelled`, or knows, what is
there. Of masks: that `both empty`, truth and answer, count so much; that they are the `truth`, are
`used`, or are `another` one's; that they are `scored`, or what is sent is scored `against` them;
what they are `compared with`, which ends before the truth's name; `denial` beside words of
negation; what begins a `clause`; that a value is `not scored`; whose they are, the `first`,
`second`, `third` annotator's.
Of a unit: what
is before the name of it (`in the unit`), that it is `square` or `cubic`, or `per` another one. That
values are `bits`, or a `sum of bits`, in a sentence with a `mask or pixel`. Of images: that they
have `maybe no class`, in a sentence with a word of these, and what is `without classes`, but for
images to predict; that all in a folder are `without labels`; that there is `no mask file` of one,
or `no row` in a table, and `nothing in it`. Of the file to send: what it has a `row for each` of,
which may be a `case` of several images; that a sample has its `first rows` alone; how many `rows`,
what its `columns` are called, and that a `semicolon` is between these. Of cells of train: that they
are `blank`, or `blank for none`, where nothing but a word for classes may follow. Of what a file
lists: to `leave out` this. Before the name of a table: to `use only` that one, or another `instead
of` it; that lines are in the `same order` as its own. Of masks to send as files: to `submit` them,
`one for each` image, in the `same form` as others, which may be those of `training` (in scripts
without blanks, where no word is apart), with the `same name` as the image; that a pixel is a `class
number`, or in `colours`, or of `one channel`, or `between` two numbers, as probabilities are. Of
masks to learn: that `single objects` are to be found, each with its own. Of a file: that it
has `no header`. Beside an F score: that it compares `label sets`, those of a row. Behind a label:
that it stands for `none of the others`, and beside none.
"""


UnitName = Literal[
    "um", "mm", "cm", "dm", "m", "km", "inch", "ft", "ug", "mg", "g", "kg", "s", "min", "h", "d",
    "ul", "ml", "cl", "dl", "l", "ha", "%", "share", "°C", "°F", "K",
]  # fmt: skip
"""The sign of a unit that languages have words for."""


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
        >>> {"test", "prueba", "teszt", "prüfung", "prufung", "pruefung"} <= meaning_words("test")
        True
    """
    found: set[str] = set()
    for language in _languages().values():
        spelt = language.WORDS.get(meaning, "").split()
        spelt = [one.replace(NON_JOINER, "") for one in spelt]
        ascii_signs = str.maketrans({**_ASCII, **getattr(language, "ASCII", {})})
        found |= {*spelt, *map(plain_spelling, spelt)}
        found |= {plain_spelling(one.translate(ascii_signs)) for one in spelt}
        found |= {one.translate(_ARABIC_KEYS) for one in found}
    return frozenset(found)


@functools.cache
def numerals() -> Mapping[str, int]:
    """Return the numbers from 1 on that languages have words for.

    Example:
        >>> numerals()["three"]
        3
    """
    each = [one.WORDS.get("numeral", "").split() for one in _languages().values()]
    return {word: n for words in each for n, word in enumerate(words, 1)}


@functools.cache
def meaning_phrases(meaning: PhraseMeaning) -> str:
    """Return the phrases of a meaning in all languages, each once.

    Example:
        >>> "nombre/nombres" in meaning_phrases("whole number")
        True
    """
    return _joined("PHRASES", meaning)


@functools.cache
def unit_phrases() -> Mapping[UnitName, str]:
    """Return what units are called in all languages, by their signs.

    Example:
        >>> "zoll" in unit_phrases()["inch"], "毫米" in unit_phrases()["mm"]
        (True, True)
    """
    return {unit: _joined("UNITS", unit) for unit in get_args(UnitName)}


def _joined(table: str, key: str) -> str:
    each = [getattr(one, table, {}).get(key, "") for one in _languages().values()]
    phrases = (phrase.strip() for one in each for phrase in one.split("|"))
    return " | ".join(dict.fromkeys(filter(None, phrases)))


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


@functools.lru_cache(maxsize=65_536)  # folders and columns of 100,000 files repeat
def is_called(name: str, *meanings: Meaning) -> bool:
    """Return whether a name of a file, folder or column has a word of one of the meanings.

    Example:
        >>> is_called("Testbilder", "test"), is_called("maski_png", "mask"), is_called("x", "mask")
        (True, True, False)
    """
    found = _spelt(tuple(name_words(name)))
    return any(not found.isdisjoint(meaning_words(one)) for one in meanings)


@functools.lru_cache(maxsize=65_536)
def _spelt(words: tuple[str, ...]) -> frozenset[str]:
    """Return the words, two that follow each other as one, and halves as of `testbilder`.

    Of `测试集A`, whose script has no blanks, what it begins and ends with.
    """
    found = {*words, *map("".join, itertools.pairwise(words))}
    for word in words:
        for run in _OF_UNSPACED_SCRIPT.findall(word):
            ends = {piece for n in range(1, len(run) + 1) for piece in (run[:n], run[-n:])}
            found |= ends & (_parts() | meaning_words("validation"))
        for n in range(_SHORTEST, len(word) - _SHORTEST + 1):
            first, second = word[:n].removesuffix("s"), word[n:]
            if second in _kinds_of_files() and first in _parts():
                found |= {first, second}
    return frozenset(found)


_SHORTEST = 3
_OF_UNSPACED_SCRIPT = re.compile(f"[{UNSPACED}]+")
_ASCII = {"ł": "l", "đ": "d", "ı": "i", "ø": "o", "æ": "ae", "œ": "oe"}
"""Letters that are no other one with an accent, as people write them without."""
_ARABIC_KEYS = str.maketrans("یک", "يك")
"""Persian letters as an Arabic keyboard writes them."""


@functools.cache
def _kinds_of_files() -> frozenset[str]:
    return meaning_words("image") | meaning_words("mask") | meaning_words("data")


@functools.cache
def _parts() -> frozenset[str]:
    return meaning_words("train") | meaning_words("test") | meaning_words("mask")


@functools.lru_cache(maxsize=65_536)
def begins_as(name: str, meaning: Meaning) -> bool:
    """Return whether a word of a name begins as one of a meaning does.

    Example:
        >>> begins_as("przyklad_zgloszenia", "example"), begins_as("train", "example")
        (True, False)
    """
    stems = tuple(meaning_words(meaning))
    return any(plain_spelling(word).startswith(stems) for word in name_words(name))
