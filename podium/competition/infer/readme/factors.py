"""Factors between units that only texts beside the data know.

README.md: "1 SRM = 1.97 EBC", "EBC = 1.97 × SRM"    →    SRM is 1.97 EBC
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from fractions import Fraction
from itertools import permutations

from podium.competition.infer.files import DataFolder
from podium.competition.infer.readme.texts import FULL_STOP, texts_as_written
from podium.competition.infer.units_of_measure import Measure, find_measure
from podium.competition.languages import meaning_words
from podium.competition.phrases import plain_text

__all__ = ["readme_measures"]

_NUMBER = r"(?<![\w.,])\d+(?:[.,]\d+)?(?![.,]?\d)"
_TIMES = r"[×x*·⋅∙]"
_IS = r"(?:\s*[=≈≙~:→]+\s*|\s+(?:[^\W\d_]+\s+){1,3})"
_THOUSANDS = re.compile(r"[1-9]\d{0,2},\d{3}")
_MOST_UNITS = 4  # of one quantity
_DIMENSION = "as texts tell"


def readme_measures(folder: DataFolder, units: Collection[str]) -> dict[str, Measure]:
    """Return the units of cells that texts tell how many of each other they are; {} without.

    The keys are in small letters. A factor counts with its number of the first unit ("1 SRM is
    1.97 EBC") or as a product ("EBC = 1.97 × SRM"); where two differ, none does, nor one that may
    be a thousand or a fraction ("1,970"). Units that are all known need no text.
    """
    words = {one.strip().casefold() for one in units} - {""}
    if not 1 < len(words) <= _MOST_UNITS or all(map(find_measure, words)):
        return {}
    factors: dict[tuple[str, str], set[Fraction]] = {}
    for _, text in texts_as_written(folder):
        plain = re.sub(r"[`*_]{1,2}(?=\S)|(?<=\S)[`*_]{1,2}", "", plain_text(text))
        for sentence in FULL_STOP.split(re.sub(r"[^\S\n]+", " ", plain)):
            inside = [one for one in sorted(words) if plain_text(one) in sentence]
            if len(inside) < 2 or _denies(sentence):
                continue
            for one, other in permutations(inside, 2):
                for factor in _factors(sentence, plain_text(one), plain_text(other)):
                    factors.setdefault((one, other), set()).add(factor)
                    factors.setdefault((other, one), set()).add(1 / factor)
    known = {pair: next(iter(each)) for pair, each in factors.items() if len(each) == 1}
    if len(known) < len(factors):
        return {}
    first = min(words)
    found = {first: Fraction(1)}
    for _ in words:
        for (one, other), factor in known.items():
            if other in found and one not in found:
                found[one] = factor * found[other]
    if found.keys() != words:
        return {}
    return {one: Measure(_as_written(one, units), _DIMENSION, found[one]) for one in found}


def _as_written(word: str, units: Collection[str]) -> str:
    return min(one.strip() for one in units if one.strip().casefold() == word)


def _factors(sentence: str, one: str, other: str) -> Iterator[Fraction]:
    """Yield how many of the other unit one is, for each place of a sentence that tells it."""
    a, b = (rf"(?<!\w){re.escape(each)}(?!\w)" for each in (one, other))
    for match in re.finditer(rf"({_NUMBER})\s*{a}{_IS}({_NUMBER})\s*{b}", sentence):
        numbers = [_fraction(match[n]) for n in (1, 2)]
        if numbers[0] and numbers[1]:
            yield numbers[1] / numbers[0]
    products = (
        rf"{b}\s*[=≈]\s*({_NUMBER})\s*{_TIMES}\s*{a}",
        rf"{b}\s*[=≈]\s*{a}\s*{_TIMES}\s*({_NUMBER})",
    )
    for product in products:
        for match in re.finditer(product, sentence):
            if factor := _fraction(match[1]):
                yield factor


def _fraction(number: str) -> Fraction | None:
    """Return a number with a point or a comma; None where this may be one of thousands."""
    if _THOUSANDS.fullmatch(number):
        return None
    return Fraction(number.replace(",", "."))


def _denies(sentence: str) -> bool:
    words = set(re.findall(r"\w+", sentence))
    return not words.isdisjoint(map(plain_text, meaning_words("negation")))
