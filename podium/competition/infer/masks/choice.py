"""Which of several folders of masks is the truth, where all fit alike: texts and names tell it.

README.md: "her drawings (mycologist) are the ground truth"           →    train/mycologist
7_1stHO.png, 7_2ndHO.png, and no text                                 →    *_1stHO
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from podium.competition.infer.files import DataFolder
from podium.competition.infer.readme.texts import as_in_texts, sentences_beside
from podium.competition.languages import is_called, meaning_words
from podium.competition.phrases import (
    any_phrase,
    any_word,
    one_spelling,
    plain_signs,
    plain_text,
    words_pattern,
)
from podium.competition.spelling import name_words

__all__ = ["TruthChoice", "are_of_people", "find_truth"]


@dataclass(frozen=True)
class TruthChoice:
    """What texts and names tell of some folders of masks.

    Attributes:
        chosen: the folder with the truth; None where nothing tells it, or two things do.
        why: the words that tell it, and where they stand.
        against: the words that tell of another folder that it is none.
    """

    chosen: str | None = None
    why: str = ""
    against: Mapping[str, str] = field(default_factory=dict)


_Evidence = Literal["truth", "denied", "other"]

_DECIMAL = re.compile(r"\d[.,]\d|\d\s?%")
_Ordinal = Literal["first", "second", "third"]
_ORDINALS: Mapping[int, _Ordinal] = {1: "first", 2: "second", 3: "third"}
_GROUND_TRUTH = "gt"
_LONGEST = 60  # letters of a text that are shown


def are_of_people(names: Sequence[str]) -> bool:
    """Return whether names of folders, or ends of files, are those of people who drew the same.

    Example:
        >>> are_of_people(["_1stHO", "_2ndHO"]), are_of_people(["ann_A", "ann_B"])
        (True, True)
        >>> are_of_people(["cat", "dog"])
        False
    """
    plain = [name.strip("_-. ").casefold() for name in names]
    return len(set(plain)) > 1 and all(_person().fullmatch(one) for one in plain)


@cache
def _people() -> str:
    words = meaning_words("annotator") | meaning_words("drawing")
    return "|".join(map(re.escape, sorted(words)))


@cache
def _ordinal_words(*numbers: int) -> str:
    """Return the beginnings of names of the first, second or third one."""
    words = {word for one in numbers for word in meaning_words(_ORDINALS[one])}
    return "|".join(map(re.escape, sorted(words)))


@cache
def _person() -> re.Pattern[str]:
    people = _people()
    return re.compile(
        rf"(?:{people})(?:[-_ ][a-z]|[-_ ]?\d+)"
        rf"|(?:{_ordinal_words(*_ORDINALS)})(?:[-_ ]?(?:{people})s?)?"
    )


def find_truth(folder: DataFolder, names: Mapping[str, Sequence[str]]) -> TruthChoice:
    """Return which folders of masks texts beside the data, or else their names, call the truth.

    A sentence counts that names one of them, or the clauses from where it is named on where a
    sentence names several: with a word for the truth, or of scoring; or that states that it is not
    used, or is the second one. Names alone count where no text states anything of the kind.

    Args:
        names: of each folder, all that texts may call it: its last name, the end of its files.
    """
    found = _of_texts(folder, names)
    if not any(found.values()):
        return _of_names(names)
    is_true = {one: told["truth"] for one, told in found.items() if "truth" in told}
    is_none = {
        one: told.get("denied", told.get("other", ""))
        for one, told in found.items()
        if one not in is_true and told
    }
    rest = [one for one in names if one not in is_none]
    if any("denied" in found[one] for one in is_true) or len(is_true) > 1:
        return TruthChoice()
    if is_true:
        chosen, why = next(iter(is_true.items()))
        return TruthChoice(chosen, why, is_none)
    if len(rest) == 1:
        return TruthChoice(rest[0], next(iter(is_none.values())), is_none)
    return TruthChoice()


def _of_texts(
    folder: DataFolder, names: Mapping[str, Sequence[str]]
) -> dict[str, dict[_Evidence, str]]:
    """Return what texts tell of each folder, with the words that do."""
    found: dict[str, dict[_Evidence, str]] = {one: {} for one in names}
    mentions = _mentions(names)
    for path, sentence in sentences_beside(folder, one_spelling):
        for one, clauses in _by_name(sentence.strip(), mentions).items():
            for kind, clause in _evidence_of(clauses):
                shown = f"{path} says {_short(clause)!r} of {one}"
                found[one].setdefault(kind, shown)
    return found


def _mentions(names: Mapping[str, Sequence[str]]) -> Mapping[str, re.Pattern[str]]:
    """Return the pattern of what texts call each folder, for a text of `plain_signs`.

    A name that is a word for masks or images counts in a path, or at the beginning of an item.
    """
    ordinals = {one: _ordinal(each) for one, each in names.items()}
    own = len(set(ordinals.values())) == len(names)
    found = {}
    for one, each in names.items():
        ways = []
        for name in dict.fromkeys(map(as_in_texts, each)):
            spelt = re.escape(plain_text(name))
            is_word = is_called(name, "mask", "image", "label") or len(name) < _SHORTEST
            ways.append(rf"(?:(?<=/)|^){spelt}(?!\w)" if is_word else rf"(?<!\w){spelt}(?!\w)")
        number = ordinals[one]
        if own and number is not None:
            ordinal = any_phrase(_ORDINALS[number]).pattern
            ways.append(rf"(?:{ordinal})\s(?:\w+\s)?(?:{_people()})s?(?!\w)")
        found[one] = re.compile("|".join(ways))
    return found


_SHORTEST = 3


def _by_name(sentence: str, mentions: Mapping[str, re.Pattern[str]]) -> dict[str, list[str]]:
    """Return the clauses of a sentence that are of each folder which it names."""
    plain = plain_signs(sentence)
    spans = {one: match.span() for one, way in mentions.items() if (match := way.search(plain))}
    # `mask` in `mask old` is a part of another name.
    inside = {
        one
        for one, (start, end) in spans.items()
        for first, last in spans.values()
        if first <= start and end <= last and (first, last) != (start, end)
    }
    named = [one for one in spans if one not in inside]
    clauses = _clauses(sentence)
    if len(named) < 2:
        return dict.fromkeys(named, clauses)
    found: dict[str, list[str]] = defaultdict(list)
    last = ""
    for clause in clauses:
        own = [one for one in named if mentions[one].search(plain_signs(clause))]
        if len(own) > 1:
            return {}
        last = own[0] if own else last
        if last:
            found[last].append(clause)
    return found


def _clauses(sentence: str) -> list[str]:
    """Return the clauses of a sentence, without the word that begins them."""
    begins = any_phrase("clause").pattern
    ends = [one.span() for one in re.finditer(rf"[,;:()]|{begins}", plain_signs(sentence))]
    starts = [0, *(end for _, end in ends)]
    each = zip(starts, [*(start for start, _ in ends), len(sentence)], strict=True)
    return [clause for start, end in each if (clause := sentence[start:end].strip())]


def _evidence_of(clauses: Sequence[str]) -> Iterator[tuple[_Evidence, str]]:
    """Yield what clauses of a sentence tell of the folder that it names."""
    told: list[tuple[_Evidence, str]] = []
    is_unclear = any(_DECIMAL.search(clause) for clause in clauses)  # how well somebody did
    truth, compared = any_phrase("truth"), _compared()
    for clause in clauses:
        plain = plain_signs(clause)
        has_truth = [one.start() for one in truth.finditer(plain)]
        is_truth = any(not compared.search(plain[:start]) for start in has_truth)
        is_score = _scoring().search(clause) is not None
        is_used = any_phrase("used").search(plain) is not None
        is_other = any_phrase("another").search(plain) is not None
        is_scored = any_phrase("scored").search(plain) or (
            is_score and (is_used or any_phrase("against").search(plain))
        )
        if _denial().search(clause) or any_phrase("denial").search(plain):
            is_unclear |= not (is_truth or is_score or is_used)
            if is_truth or is_score or is_used:
                told.append(("denied", clause))
        elif is_truth or (is_scored and not is_other and not has_truth):
            told.append(("truth", clause))
        elif is_other:
            told.append(("other", clause))
    # "Not alpha alone, but the ground truth", "alpha has a Dice of 0.6 beside the ground truth".
    yield from ((kind, clause) for kind, clause in told if kind != "truth" or not is_unclear)


@cache
def _compared() -> re.Pattern[str]:
    return re.compile(rf"(?:{any_phrase('compared with').pattern})\s*$")


@cache
def _scoring() -> re.Pattern[str]:
    return words_pattern(meaning_words("scoring") | meaning_words("target"))


@cache
def _denial() -> re.Pattern[str]:
    return re.compile(any_word("negation"))


def _short(clause: str) -> str:
    return clause if len(clause) <= _LONGEST else f"{clause[: _LONGEST - 2]} …"


def _ordinal(names: Sequence[str]) -> int | None:
    """Return which of several people drew masks of these names, the first or another; or None."""
    for name in names:
        for number in _ORDINALS:
            if re.search(rf"(?<![a-z0-9])(?:{_ordinal_words(number)})", name.casefold()):
                return number
    numbered = re.compile(rf"(?<![a-z])(?:{_people()})[-_ ]?0*(?P<number>[123])(?!\d)")
    found = next((one for name in names if (one := numbered.search(name.casefold()))), None)
    return None if found is None else int(found["number"])


def _of_names(names: Mapping[str, Sequence[str]]) -> TruthChoice:
    """Return what names of folders and files tell: `1st_manual` of `2nd_manual`, `gt` of `other`.

    Mere numbers, as of reader1 and reader2, tell nothing.
    """
    true = [one for one, each in names.items() if _true_word(each)]
    if len(true) == 1:
        return TruthChoice(true[0], f"its name has the word {_true_word(names[true[0]])!r}")
    first = [one for one, each in names.items() if _ordinal(each) == 1]
    rest = [one for one in names if one not in first]
    is_clear = all(_is_ordinal(each) for each in names.values())
    if true or len(first) != 1 or not is_clear or not rest:
        return TruthChoice()
    return TruthChoice(first[0], f"by its name it is the first, before {', '.join(rest)}")


def _true_word(names: Sequence[str]) -> str:
    words = (word for name in names for word in name_words(name))
    true = meaning_words("true mask") | {_GROUND_TRUTH}
    return next((word for word in words if word in true), "")


def _is_ordinal(names: Sequence[str]) -> bool:
    """Return whether a name has a word of order, or is of DRIVE's kind: `manual1`."""
    return any(
        re.search(rf"(?<![a-z0-9])(?:{_ordinal_words(*_ORDINALS)})|manual[-_ ]?0?[123](?!\d)", name)
        for name in map(str.casefold, names)
    )
