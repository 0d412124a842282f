"""Numbers that a text gives to classes, or to outputs, as their weights in the score.

"The sample weights are 1 for normal/mild, 2 for moderate and 4 for severe."    beside the names
"Scored by log loss, weighted 2:1:1 for root, vowel and consonant."             in their order
"Root is given double weight."                                                  one of them
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from podium.competition.infer.files import DataFolder
from podium.competition.infer.readme.metrics import (
    ReadmeMetric,
    is_scored_near,
    scoring_words,
)
from podium.competition.infer.readme.texts import FULL_STOP, as_in_texts, texts_beside
from podium.competition.phrases import any_phrase, any_word, plain_signs

__all__ = ["ReadmeWeights", "find_readme_weights", "find_weighted_log_loss"]

_NEAR = 40  # letters between a list of numbers and a word of weights
_NEAR_SCORE = 400  # letters from a word of scoring to one of weights: others are of animals, too
_LONGEST_QUOTE = 100
_NUMBER = r"(?<![\w.,])\d+(?:\.\d+)?(?:/\d+)?(?=\s?%|[^\w.]|\.(?!\d)|$)"
_TIMES = {"double": 2.0, "twice": 2.0, "triple": 3.0, "thrice": 3.0, "half": 0.5}


@dataclass(frozen=True)
class ReadmeWeights:
    """Weights as a text tells them.

    Attributes:
        weights: of the names, in their order.
        path: of the text, relative to the data folder.
        quote: the words of the text.
    """

    weights: tuple[float, ...]
    path: str
    quote: str


def find_readme_weights(
    folder: DataFolder, names: Sequence[str], *, may_lack_names: bool = False
) -> ReadmeWeights | None:
    """Return the weights that a text gives to all of `names`, where they differ; None without.

    A word of weights stands in a sentence near one of scoring, and there or in the next ones a
    number beside each name, or a list of as many numbers, in the order in which the names stand
    there. One that alone counts double is weighed against 1 for each other one.

    Args:
        names: of classes or outputs; a word that only one of them has stands for it, too.
        may_lack_names: whether a list of numbers without names is of them, in their order.
    """
    spelt = _patterns(names)
    for path, text in texts_beside(folder, by_item=True):
        whole = plain_signs(unicodedata.normalize("NFKC", text))
        sentences = [one.strip() for one in FULL_STOP.split(whole) if one.strip()]
        for at, sentence in enumerate(sentences):
            before = " ".join(sentences[:at])[-_NEAR_SCORE:]
            is_of_score = scoring_words().search(f"{before} {sentence}")
            if _weight().search(sentence) is None or is_of_score is None:
                continue
            for part in _going_on(sentences[at:], len(names)):
                found = _beside_names(part, spelt) or _listed(part, spelt, may_lack_names)
                found = found or _of_one(part, spelt)
                if found and len({*found}) > 1:
                    return ReadmeWeights(tuple(found), path, _quoted(part))
    return None


def find_weighted_log_loss(folder: DataFolder) -> ReadmeMetric | None:
    """Return the log loss that a text calls weighted, as `sample weighted log losses`, or None."""
    for path, text in texts_beside(folder):
        plain = plain_signs(unicodedata.normalize("NFKC", text))
        for match in _weighted_log_loss().finditer(plain):
            if is_scored_near(plain, match):
                return ReadmeMetric("log_loss", path, match[0])
    return None


@cache
def _weighted_log_loss() -> re.Pattern[str]:
    kinds = r"(?:multi ?class |multi ?label |categorical |mean |average )*"
    losses = r"(?:log ?loss(?:es)?|logarithmic loss(?:es)?|cross entropy)"
    return re.compile(rf"(?:(?:sample|class) )?\bweighted {kinds}{losses}(?!\w)")


@cache
def _weight() -> re.Pattern[str]:
    return any_phrase("weight", "weighted", "counts more")


def _going_on(sentences: Sequence[str], n_names: int) -> Iterator[str]:
    """Yield the first sentence, and that with the next ones that have a number, or a colon before.

    A list of items is such: `the weights are:`, `1 for mild.`, `2 for severe.`
    """
    yield sentences[0]
    have_numbers = itertools.takewhile(re.compile(_NUMBER).search, sentences[1 : n_names + 1])
    for end, _ in enumerate(have_numbers, start=2):
        yield " ".join(sentences[:end])


def _patterns(names: Sequence[str]) -> list[re.Pattern[str]]:
    """Return what each name is called: by its words, or by one that no other name has."""
    words = [re.findall(r"\w+", plain_signs(as_in_texts(one))) for one in names]
    counts = Counter(word for own in words for word in {*own})
    found = []
    for own in words:
        single = [one for one in own if counts[one] == 1 and len(one) > 2 and not one.isdecimal()]
        whole = r"\W{1,3}".join(map(re.escape, own))
        is_number = whole.isdecimal()  # no name beside other numbers
        ways = [*([] if is_number or not whole else [whole]), *map(re.escape, single)]
        found.append(re.compile(rf"(?<!\w)(?:{'|'.join(ways) or '(?!)'})s?(?!\w)"))
    return found


@dataclass(frozen=True)
class _Token:
    """A number, or one of the names, in a text."""

    start: int
    end: int
    name: int | None
    number: float = 0.0


def _tokens(text: str, spelt: Sequence[re.Pattern[str]]) -> list[_Token]:
    """Return names and numbers in their order; no number within a name, nor a name in another."""
    named = [
        _Token(*match.span(), name)
        for name, pattern in enumerate(spelt)
        for match in pattern.finditer(text)
    ]
    numbers = [
        _Token(*match.span(), None, _number(match[0])) for match in re.finditer(_NUMBER, text)
    ]
    every = sorted([*named, *numbers], key=lambda one: (one.start, -one.end))
    found: list[_Token] = []
    for one in every:
        if not found or one.start >= found[-1].end:
            found.append(one)
    return found


def _number(text: str) -> float:
    above, _, below = text.partition("/")
    return float(above) / float(below or 1) if float(below or 1) else 0.0


def _beside_names(text: str, spelt: Sequence[re.Pattern[str]]) -> list[float]:
    """Return the number beside each name, all before the names or all behind them; [] without.

    Of several ways that is taken whose numbers stand nearest to their names.
    """
    n, tokens = len(spelt), _tokens(text, spelt)
    best: tuple[int, list[float]] | None = None
    for first in range(len(tokens) - 2 * n + 1):
        part = tokens[first : first + 2 * n]
        pairs = list(zip(part[::2], part[1::2], strict=True))
        is_name_first = part[0].name is not None
        named = [one if is_name_first else other for one, other in pairs]
        numbers = [other if is_name_first else one for one, other in pairs]
        if any(one.name is not None for one in numbers):
            continue
        if {one.name for one in named} != {*range(n)}:
            continue
        gap = sum(_gap(text[one.end : other.start]) for one, other in pairs)
        if best is None or gap < best[0]:
            of_name = {one.name: two.number for one, two in zip(named, numbers, strict=True)}
            best = gap, [of_name[name] for name in range(n)]
    return [] if best is None else best[1]


def _gap(between: str) -> int:
    """Return how far a number is from its name; a sign between clauses parts them."""
    return len(between) + _NEAR * len(re.findall(r"[,;.]", between))


@cache
def _list_of_numbers() -> re.Pattern[str]:
    joins = any_word("joins")
    between = rf"\s?(?:[:;,/]\s?(?:{joins}\s)?|\s{joins}\s)"
    number = r"\d+(?:\.\d+)?(?!\w|\.\d)"
    return re.compile(rf"(?<![\w.]){number}(?:{between}{number})+")


def _listed(text: str, spelt: Sequence[re.Pattern[str]], may_lack_names: bool) -> list[float]:
    """Return the numbers of a list near a word of weights, in the order of the names; or []."""
    for match in _list_of_numbers().finditer(text):
        numbers = [float(one) for one in re.findall(r"\d+(?:\.\d+)?", match[0])]
        near = text[max(0, match.start() - _NEAR) : match.end() + _NEAR]
        if len(numbers) != len(spelt) or _weight().search(near) is None:
            continue
        named = [one.name for one in _tokens(text, spelt) if one.name is not None]
        order = list(dict.fromkeys(named))
        if not order and may_lack_names:
            return numbers
        if len(order) == len(spelt):
            return [numbers[order.index(name)] for name in range(len(spelt))]
    return []


def _of_one(text: str, spelt: Sequence[re.Pattern[str]]) -> list[float]:
    """Return 2 of the one name beside `double`, 1 of each other one; [] without."""
    times = [word for word in _TIMES if re.search(rf"(?<!\w){word}(?!\w)", text)]
    named = {one.name for one in _tokens(text, spelt) if one.name is not None}
    if len(times) != 1 or len(named) != 1:
        return []
    return [_TIMES[times[0]] if name in named else 1.0 for name in range(len(spelt))]


def _quoted(text: str) -> str:
    """Return a text from the word of weights before its first number on, cut where it is long."""
    number = re.search(_NUMBER, text)
    end = len(text) if number is None else number.start()
    before = [one.start() for one in _weight().finditer(text, 0, end)]
    plain = " ".join(text[before[-1] if before else 0 :].split()).rstrip(" .;")
    return plain if len(plain) <= _LONGEST_QUOTE else f"{plain[:_LONGEST_QUOTE]}…"
