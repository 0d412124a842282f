"""How runs are counted, as a README beside the data tells it, in one of many languages.

README.md: "Pixels are counted from 0, left to right, then top to bottom."   →   base 0, order C
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise

from podium.competition.calibrate.codec import Estimate
from podium.competition.infer.files import DataFolder
from podium.competition.infer.readme.texts import SENTENCE_END, items_as_written, texts_beside
from podium.competition.languages import RunPhrase, meaning_words, run_phrases
from podium.competition.phrases import (
    goes_on,
    number_in,
    one_spelling,
    phrase_pattern,
    plain_signs,
)

__all__ = ["ReadmeRuns", "contradictions", "find_readme_runs", "with_readme_runs"]

_CLAUSE = re.compile(r"[,;:()]")
_BETWEEN = re.compile(r"[,;:()\[\]|]")
_SIZE = re.compile(r"\d\s?$")  # before a word: "96 pixels" is how large something is
_LONGEST = 2_000  # letters of a sentence; a longer text is a table
_COUNT_BEFORE, _COUNT_BEHIND = 40, 25  # letters between a word of counting and the number
_SINGLE = re.compile(r"(?<![\w.-])(\d+)(?P<sign>[-–:_~/]|\.\.)\1(?![\w-])")
_NOT_BEFORE, _NOT_BEHIND = 25, 20  # letters between a phrase and what denies it


@dataclass(frozen=True)
class ReadmeRuns:
    """What texts tell of runs.

    Attributes:
        parts: of `base`, `order` and `relative` those that they name.
        ends: where they state that runs are a start and an end, and in which words; "" where they
            do not.
        singles: the signs between two equal numbers, as in `17-17`, in a sentence on pixels: a run
            of one pixel, whose second number is the last one.
    """

    parts: dict[str, Estimate]
    ends: str = ""
    singles: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Statement:
    """A value that a text names, and the words; None where it denies one."""

    value: object
    words: str
    path: str = ""


@dataclass(frozen=True)
class _Language:
    """The patterns of a language."""

    phrases: Mapping[RunPhrase, str]

    @cached_property
    def pixels(self) -> re.Pattern[str]:
        return phrase_pattern(self.phrases["pixels"])

    @cached_property
    def count(self) -> re.Pattern[str]:
        return phrase_pattern(self.phrases["count"])

    @cached_property
    def bases(self) -> tuple[re.Pattern[str], re.Pattern[str]]:
        """Phrases that name a base beside a word of counting, and those that do by themselves."""
        zero, one = self.phrases["zero"], self.phrases["one"]
        return (
            phrase_pattern(self.phrases["from"], zero, one),
            phrase_pattern(self.phrases["first"], zero, one),
        )

    @cached_property
    def lines(self) -> dict[str, re.Pattern[str]]:
        """Phrases that name an order by its lines, which rows of a table are called by, too."""
        rows, columns = self.phrases["rows"], self.phrases["columns"]
        return {"C": phrase_pattern(rows), "F": phrase_pattern(columns)}

    @cached_property
    def directions(self) -> dict[str, re.Pattern[str]]:
        """Phrases that name an order by two directions, of which the first is the faster one."""
        names: tuple[RunPhrase, ...] = ("rightwards", "downwards", "then")
        right, down, then = (phrase_pattern(self.phrases[one]).pattern for one in names)
        link = f"{self.conjunction.pattern}|{phrase_pattern(self.phrases['links']).pattern}"
        links = rf"[\s,;]*(?:(?:{then}|{link})[\s,]*){{0,4}}"
        # Without "then", "top to bottom, left to right" may as well be how people read a page.
        steps = rf"[\s,;]*(?:(?:{link})[\s,]*){{0,2}}(?:{then})[\s,]*(?:(?:{link})[\s,]*){{0,3}}"
        return {
            "C": re.compile(rf"(?:{right}){links}(?:{down})"),
            "F": re.compile(rf"(?:{down}){steps}(?:{right})"),
        }

    @cached_property
    def without_subject(self) -> re.Pattern[str]:
        """A text that names nothing that could be counted, so that the statement goes on."""
        names: tuple[RunPhrase, ...] = (
            "carry", "and", "links", "then", "count", "rightwards", "downwards", "rows", "columns",
        )  # fmt: skip
        each = [phrase_pattern(self.phrases[name]).pattern for name in names]
        each += [re.sub(r"\(\?P<\w+>", "(?:", one.pattern) for one in self.bases]
        return re.compile(rf"\s*(?:(?:{'|'.join(each)}|[.'])\s*)*")

    @cached_property
    def conjunction(self) -> re.Pattern[str]:
        return phrase_pattern(self.phrases["and"])

    @cached_property
    def denial(self) -> re.Pattern[str]:
        return phrase_pattern(self.phrases["not"])

    def is_of_pixels(self, text: str) -> bool:
        """Return whether a text speaks of pixels or runs, not only of how many there are."""
        starts = (one.start() for one in self.pixels.finditer(text))
        return any(not _SIZE.search(text[max(0, start - 2) : start]) for start in starts)


@cache
def _languages() -> tuple[_Language, ...]:
    return tuple(map(_Language, run_phrases()))


@cache
def _in_any(name: RunPhrase) -> re.Pattern[str]:
    """Return the pattern of phrases of all languages: to know one more of these is no risk."""
    return phrase_pattern(" | ".join(one[name] for one in run_phrases()))


@cache
def _sent() -> re.Pattern[str]:
    return phrase_pattern(" | ".join(f"{word}*" for word in meaning_words("sent")))


def find_readme_runs(folder: DataFolder) -> ReadmeRuns:
    """Return what the texts beside the data tell of `base`, `order` and `relative` of runs.

    A part that no clause about runs or pixels names is left out, and so is one of which two
    different values are named, or one is denied. A clause about classes, values or files names no
    base. `ends` are those of runs of which no text states that they have lengths.
    """
    said: dict[str, list[_Statement]] = {"base": [], "order": []}
    may_be_relative = has_lengths = False
    ends: _Statement | None = None
    for path, text in texts_beside(folder, by_item=True):
        before = ""
        for words in SENTENCE_END.split(one_spelling(text)):
            sentence = plain_signs(words)
            if not sentence.strip():
                continue
            for language in _languages() if len(sentence) <= _LONGEST else ():
                for name, value, start, end in _of_sentence(sentence, before, language):
                    said[name].append(_Statement(value, " ".join(words[start:end].split()), path))
            pair = f"{before} {sentence}"
            if any(one.is_of_pixels(pair) for one in _languages()):
                joined = _BETWEEN.sub(" ", sentence)
                may_be_relative |= _in_any("relative").search(sentence) is not None
                has_lengths |= _in_any("lengths").search(sentence) is not None
                found = _in_any("ends").search(joined)
                if found is not None and any(one.is_of_pixels(sentence) for one in _languages()):
                    ends = _Statement("ends", words[found.start() : found.end()].strip(), path)
            before = sentence
    parts = {
        name: Estimate(each[0].value, "likely", f"{each[0].path} says {each[0].words!r}")
        for name, each in said.items()
        if len({one.value for one in each}) == 1 and each[0].value is not None
    }
    if parts and not may_be_relative:
        path = next(iter(parts.values())).why.partition(" says ")[0]
        why = f"{path} tells how pixels are counted, and nothing of the run before"
        parts["relative"] = Estimate(False, "likely", why)
    told = "" if ends is None or has_lengths else f"{ends.path} says {ends.words!r}"
    return ReadmeRuns(parts, told, frozenset(_signs_in_singles(folder)))


def _signs_in_singles(folder: DataFolder) -> Iterator[str]:
    """Yield the sign between two equal numbers in each sentence on pixels that has such."""
    for _, text in items_as_written(folder):  # others have no hyphens
        for words in SENTENCE_END.split(text):
            if found := _SINGLE.search(words):
                sentence = plain_signs(one_spelling(words.lower()))
                if any(one.is_of_pixels(sentence) for one in _languages()):
                    yield found["sign"]


def _of_sentence(
    sentence: str, before: str, language: _Language
) -> Iterator[tuple[str, object, int, int]]:
    """Yield base and order that a sentence about runs names, None if denied, and where."""
    orders = [
        (order, match, is_exact)
        for patterns, is_exact in ((language.directions, True), (language.lines, False))
        for order, pattern in patterns.items()
        for match in pattern.finditer(sentence)
    ]
    has_order = False
    for order, match, is_exact in orders:
        clause = _Clause.around(sentence, match, before)
        if clause.is_of_pixels(language, may_have_others=is_exact):
            if not is_exact and _sent().search(clause.text):
                continue
            has_order = True
            yield "order", None if _is_denied(sentence, match, language) else order, *match.span()
    if _in_any("others").search(sentence) and not has_order:
        return
    beside, alone = language.bases
    zero = language.phrases["zero"]
    for pattern in (beside, alone):
        for match in pattern.finditer(sentence):
            clause = _Clause.around(sentence, match, before)
            counts = [one.span() for one in language.count.finditer(sentence, *clause.near(match))]
            if not (pattern is alone or counts):
                continue
            if clause.is_of_pixels(language, may_have_others=False):
                is_open = _is_denied(sentence, match, language) or goes_on(sentence, match.end())
                base = None if is_open else number_in(match, zero)
                told = counts if pattern is beside else []
                start, end = (f(f(one) for one in (match.span(), *told[-1:])) for f in (min, max))
                yield "base", base, start, end


@dataclass(frozen=True)
class _Clause:
    """The clause of a phrase, and those before it.

    Attributes:
        text: of the clause, with the phrase.
        begins: of the clause in the sentence.
        phrase: the phrase itself.
        until: the text of the clause before the phrase.
        earlier: the clauses before, the nearest first.
        before: the sentence before.
    """

    text: str
    begins: int
    phrase: str
    until: str
    earlier: tuple[str, ...]
    before: str

    @staticmethod
    def around(sentence: str, match: re.Match[str], before: str) -> _Clause:
        """Return the clause in which a phrase stands."""
        bounds = [0, *(one.end() for one in _CLAUSE.finditer(sentence, 0, match.start()))]
        behind = _CLAUSE.search(sentence, match.end())
        end = len(sentence) if behind is None else behind.start()
        earlier = [sentence[a : b - 1] for a, b in pairwise(bounds)]
        begins = bounds[-1]
        until = sentence[begins : match.start()]
        clause = sentence[begins:end]
        return _Clause(clause, begins, match[0], until, tuple(earlier[::-1]), before)

    def near(self, match: re.Match[str]) -> tuple[int, int]:
        """Return from where and until where a word of the clause stands near the phrase."""
        end = min(match.end() + _COUNT_BEHIND, self.begins + len(self.text))
        return max(match.start() - _COUNT_BEFORE, self.begins), end

    def is_of_pixels(self, language: _Language, *, may_have_others: bool) -> bool:
        """Return whether pixels or runs are what the phrase is about.

        A clause that names neither these nor anything else goes on with what the one before names.
        """
        others = _in_any("others")
        # What follows "and" may have a subject of its own.
        joined = [one.end() for one in language.conjunction.finditer(self.until)]
        goes_on = language.without_subject.fullmatch
        if joined and not goes_on(self.until, joined[-1]):
            if not language.is_of_pixels(self.until[joined[-1] :]):
                return False
        elif not language.is_of_pixels(self.until + self.phrase) and not goes_on(self.until):
            return False
        if language.is_of_pixels(self.text):
            return may_have_others or not others.search(self.text)
        if not goes_on(self.until):
            return False
        for clause in self.earlier:
            if others.search(clause):
                return False
            if language.is_of_pixels(clause):
                return True
            if not goes_on(clause):
                return False
        return language.is_of_pixels(self.before) and not others.search(self.before)


def _is_denied(sentence: str, match: re.Match[str], language: _Language) -> bool:
    """Return whether a word beside a phrase denies it, or makes it a condition or a question."""
    if sentence.rstrip()[-1] in "?？":
        return True
    start, end = match.span()
    behind = _CLAUSE.split(sentence[end : end + _NOT_BEHIND])[0]
    found = language.denial.search
    return any(map(found, (sentence[max(0, start - _NOT_BEFORE) : start], behind))) or bool(
        found(match[0])
    )


def with_readme_runs(
    found: Mapping[str, Estimate], said: Mapping[str, Estimate]
) -> dict[str, Estimate]:
    """Return the estimates; where the data do not show a part, what the texts tell of it."""
    return {
        name: said[name] if name in said and one.sure == "not sure" else one
        for name, one in found.items()
    }


def contradictions(found: Mapping[str, Estimate], said: Mapping[str, Estimate]) -> list[str]:
    """Return what texts state against the data, which are believed, a note for each part."""
    return [
        f"{said[name].why}, which is {name} {said[name].value}; the data show {name} {one.value} "
        f"({one.why}), and are believed: ask the host which of the two is right"
        for name, one in found.items()
        if name in said and name != "relative"
        if one.sure != "not sure" and one.value != said[name].value
    ]
