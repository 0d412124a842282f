"""How runs are counted, as a README beside the data tells it.

README.md: "Pixels are counted from 0, left to right, then top to bottom."   →   base 0, order C
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from podium.competition.calibrate.codec import Estimate
from podium.competition.infer.files import DataFolder
from podium.competition.infer.readme_texts import texts_beside

__all__ = ["contradictions", "find_readme_runs", "with_readme_runs"]

_SENTENCE = re.compile(r"(?<=[.;!?])\s+")
_ABOUT_RUNS = re.compile(
    r"\b(?:pixels?|runs?|rle|rles|run ?lengths?|encod\w*|flatten\w*|starts?|start positions?)\b"
)
_ABOUT_OTHERS = re.compile(  # what is counted or listed, too, in a sentence that has such words
    r"\b(?:class(?:es)?|labels?|categor\w+|values?|grey|gray|levels?|folds?|files?|images? (?:are"
    r"|is)|bands?|channels?|slices?|frames?|epochs?|submissions?)\b"
)
_NUMBERS = {"0": 0, "zero": 0, "1": 1, "one": 1}
_THEN = r"[\s,;]+(?:(?:and|then|next|from|afterwards|finally|,)[\s,]+){0,4}"
_ORDERS: Mapping[str, re.Pattern[str]] = {
    "C": re.compile(
        rf"left to right{_THEN}top to bottom|\b(?:row|line) by (?:row|line)\b"
        r"|\brow ?(?:major|wise)|\balong (?:the |each )?rows?\b|\bc order|\breading order"
    ),
    "F": re.compile(
        rf"top to bottom{_THEN}left to right|\bcolumn by column\b|\bcolumn ?(?:major|wise)"
        r"|\b(?:down|along) (?:the |each )?columns?\b|\bfortran|\bf order"
    ),
}
_NAMED = "(?:pixel|index|number|position)"
_BASES = (
    re.compile(r"\b(?P<base>0|zero|1|one) (?:indexed|based)\b"),
    re.compile(
        rf"\bfirst pixel (?:is|has|gets|=) (?:the )?(?:{_NAMED} )?(?:number )?(?P<base>[01])\b"
    ),
    re.compile(r"\bpixel (?P<base>[01]) (?:is|=) (?:in |at )?(?:the )?(?:top|upper|first)\b"),
    re.compile(
        r"\b(?P<base>[01]) (?:is|=) (?:the )?(?:first|top left|upper left) (?:pixel|corner)"
    ),
    re.compile(
        r"\b(?:count|number|index|start|begin)\w*(?: \w+){0,3}? "
        rf"(?:(?:from|at)(?: {_NAMED})?|with {_NAMED}) "
        r"(?P<base>0|zero|1|one)\b(?! ?(?:to|and|\.\.|…|[.,]?\d))"
    ),
)
_RELATIVE = re.compile(
    r"\b(?:relative|delta|gaps?|distance|offset|skip\w*|since|after) (?:to |from |of |the |each |"
    r"every )*(?:end|last|previous|preceding|prior|one before)|\brelative\b|\bdeltas?\b"
)


@dataclass(frozen=True)
class _Statement:
    """A value that a text names, and the words."""

    value: object
    path: str
    words: str


def find_readme_runs(folder: DataFolder) -> dict[str, Estimate]:
    """Return what the texts beside the data say of `base`, `order` and `relative` of runs.

    A part that no sentence about runs or pixels names is left out, and so is one of which two
    different values are named. A sentence about classes, values or files counts only where it names
    the order, too.
    """
    said: dict[str, list[_Statement]] = {"base": [], "order": []}
    may_be_relative = False
    for path, text in texts_beside(folder):
        before = ""
        for sentence in _SENTENCE.split(text):
            may_be_relative |= _ABOUT_RUNS.search(sentence) is not None and (
                _RELATIVE.search(sentence) is not None
            )
            if _ABOUT_RUNS.search(sentence) or (_ABOUT_RUNS.search(before) and before):
                for name, value, words in _of_sentence(sentence):
                    said[name].append(_Statement(value, path, words))
            before = sentence
    found = {
        name: Estimate(each[0].value, "likely", f"{each[0].path} says {each[0].words!r}")
        for name, each in said.items()
        if len({one.value for one in each}) == 1
    }
    if found and not may_be_relative:
        path = next(iter(found.values())).why.partition(" says ")[0]
        why = f"{path} tells how pixels are counted, and nothing of the run before"
        found["relative"] = Estimate(False, "likely", why)
    return found


def _of_sentence(sentence: str) -> Iterator[tuple[str, object, str]]:
    """Yield base and order that a sentence about runs names, with the words."""
    orders = [
        (order, match[0])
        for order, pattern in _ORDERS.items()
        for match in pattern.finditer(sentence)
    ]
    for order, words in orders:
        yield "order", order, words
    if _ABOUT_OTHERS.search(sentence) and not orders:
        return
    for pattern in _BASES:
        for match in pattern.finditer(sentence):
            yield "base", _NUMBERS[match["base"]], match[0]


def with_readme_runs(
    found: Mapping[str, Estimate], said: Mapping[str, Estimate]
) -> dict[str, Estimate]:
    """Return the estimates; where the data do not show a part, what the texts say of it."""
    return {
        name: said[name] if name in said and one.sure == "not sure" else one
        for name, one in found.items()
    }


def contradictions(found: Mapping[str, Estimate], said: Mapping[str, Estimate]) -> list[str]:
    """Return what texts say against the data, which are believed, a note for each part."""
    return [
        f"{said[name].why}, which is {name} {said[name].value}; the data show {name} {one.value} "
        f"({one.why}), and are believed: ask the host which of the two is right"
        for name, one in found.items()
        if name in said and name != "relative"
        if one.sure != "not sure" and one.value != said[name].value
    ]
