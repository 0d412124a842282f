"""The classes that a score counts, where a text beside the data names them or tells how many.

README.md: "The mean IoU of the classes boat and buoy."      →    water is background
           "The class water is not scored."
README.md: "The score is the mean IoU over the 3 classes."   →    3
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from podium.competition.infer.files import DataFolder
from podium.competition.infer.readme.metrics import names_in_text, scoring_words
from podium.competition.infer.readme.texts import SENTENCE_END, as_in_texts, items_as_written
from podium.competition.languages import meaning_words, numerals
from podium.competition.phrases import (
    any_phrase,
    any_word,
    bounded,
    is_denied,
    plain_signs,
    plain_text,
    words_pattern,
)
from podium.competition.spelling import UNSPACED
from podium.errors import shortened

__all__ = ["ScoredClasses", "ScoredNumber", "readme_numbers_of_classes", "readme_scored_classes"]

_LONGEST = 160  # letters of a sentence that is quoted
_SIGNS = r"[,;/&+·、・和与與及と와과]"
_SIGN_AT_END, _SIGN_NEXT = re.compile(rf"{_SIGNS}\s*$"), re.compile(rf"\s*{_SIGNS}")
# "and", "und die", "e o", in any language: nothing longer stands between two items of a list.
_SHORT_WORD = rf"(?!{any_word('negation')})[^\W\d]{{1,5}}(?:\s+|')"


@dataclass(frozen=True)
class ScoredClasses:
    """The classes that a text names as those that are scored.

    Attributes:
        names: of them, in the order of all classes.
        path: of the text.
        quote: its sentence.
    """

    names: list[str]
    path: str
    quote: str


_ALSO_IN_THE = frozenset({"no"})
"""A word of negation that is "in the" in Portuguese, as in `no conjunto de teste`."""


def readme_scored_classes(folder: DataFolder, classes: Sequence[str]) -> ScoredClasses | None:
    """Return the classes that a text scores, where these are all but one; None where none does.

    One sentence has what a metric is called, or a word of scoring, a word for classes, and a list
    of two or more of their names with nothing else in it. A sentence that denies something, or
    gives weights, tells nothing. Else a text names the one class that is left out.

    Args:
        classes: all names that masks have.
    """
    spelt = {plain_text(as_in_texts(one)): one for one in classes}
    if len(spelt) < max(3, len(classes)):
        return None
    rest = dict[str, tuple[str, str]]()
    for path, text in items_as_written(folder):
        for sentence in SENTENCE_END.split(text):
            named = {spelt[one] for one in _listed(sentence, [*spelt])}
            if len(named) == len(classes) - 1:
                return ScoredClasses(
                    [one for one in classes if one in named], path, _quoted(sentence)
                )
            if left_out := _left_out(sentence, [*spelt]):
                rest.setdefault(spelt[left_out], (path, _quoted(sentence)))
    if len(rest) != 1:
        return None
    [(name, told)] = rest.items()
    return ScoredClasses([one for one in classes if one != name], *told)


def _quoted(sentence: str) -> str:
    """Return a sentence as it is quoted."""
    return shortened(" ".join(sentence.strip(" #|>-").split()), _LONGEST)


def _listed(sentence: str, names: Sequence[str]) -> list[str]:
    """Return the names that a sentence on scoring lists; [] where it is no such, or has another."""
    written = as_in_texts(sentence)
    plain = _without_quotes(written)
    if any_phrase("classes").search(plain) is None:
        return []
    if not names_in_text(written) and scoring_words().search(plain) is None:
        return []
    if {*plain.split()} & (meaning_words("negation") - _ALSO_IN_THE):
        return []
    if any_phrase("not scored", "leave out", "counts more", "weight").search(plain):
        return []
    for items in _runs(plain, names):
        separators = [
            plain[one.end() : other.start()].strip() for one, other in itertools.pairwise(items)
        ]
        if separators and _is_whole(plain, items, separators[-1]):
            return [one[0] for one in items]
    return []


def _without_quotes(written: str) -> str:
    return re.sub(r"(?<!\w)'|'(?!\w)", " ", plain_text(written))


def _left_out(sentence: str, names: Sequence[str]) -> str:
    """Return the one class that a sentence, or a row or an item, leaves out; "" without one.

    Pixels that are not scored are no background, and neither are whole images or edges.
    """
    written = as_in_texts(sentence)
    plain = _without_quotes(written)
    named = [*_names_pattern(names).finditer(plain)]
    if len(named) != 1 or any_phrase("counts more", "weight").search(plain):
        return ""
    [name] = named
    before, behind = plain[: name.start()], plain[name.end() :]
    if _is_unscored_item(before, behind) or _is_unscored_class(before, behind):
        return name[0]
    is_of_scores = names_in_text(written) or scoring_words().search(plain)
    # Behind a comma or a word another class may follow, which masks call otherwise.
    is_ended = re.match(r"\s*(?:[.:!()]|$)", behind) is not None
    return name[0] if is_of_scores and is_ended and _is_all_but(before) else ""


def _is_unscored_item(before: str, behind: str) -> bool:
    """Return whether an item begins with a name, or a cell is one, marked as not scored."""
    remark = _REMARK.match(behind)
    begun = re.search(r"[^\W\d_]", before.rpartition("|")[2])
    if begun or remark is None or _of_pixels().search(remark["text"]):
        return False
    said = any_phrase("not scored").search(remark["text"])
    is_short = len(remark["text"].split()) <= _REMARK_WORDS
    return is_short and said is not None and not is_denied(remark["text"], said.start(), words=1)


_REMARK_WORDS = 6  # as "left out of the score"


_REMARK = re.compile(r"\s*(?:\(|\|(?:.*\|)?\s*)(?P<text>[^()|]+)(?:\)|\|?\s*$)")


def _is_unscored_class(before: str, behind: str) -> bool:
    """Return whether no more than a word for class and "is not scored" stands around a name."""
    of_class, at_end = any_phrase("classes"), rf"(?:{any_phrase('classes').pattern})\s*:?\s*$"
    if found := re.search(at_end, before):
        before = before[: found.start()]
    elif found := of_class.match(behind.lstrip()):
        behind = behind.lstrip()[found.end() :]
    said = any_phrase("not scored").search(behind)
    if said is None and scoring_words().search(behind):
        said = any_phrase("leave out").search(behind)
    if found is None or said is None or not _FEW_WORDS.fullmatch(before):
        return False
    between, after = behind[: said.start()], behind[said.end() :]
    around = {*before.split(), *between.split()}
    if _of_pixels().search(behind) or around & meaning_words("negation"):
        return False
    return _ends(between, after)


_FEW_WORDS = re.compile(r"(?:.*[,:;])?[\s\W\d]*(?:[^\W\d]+\s*)?")


def _ends(between: str, after: str) -> bool:
    """Return whether few words stand before the statement, and a sign or words of scores behind."""
    few = (re.compile(rf"\s*(?:[^\W\d]+['\s]*){{0,{n}}}") for n in (2, 5))
    has_few, has_some = (one.fullmatch(between) is not None for one in few)
    if not has_few and not (has_some and scoring_words().search(between)):
        return False
    rest = re.split(r"[.,;:!()]", after)[0].split()
    return not rest or (len(rest) <= 5 and scoring_words().search(" ".join(rest)) is not None)


def _is_all_but(before: str) -> bool:
    """Return whether what stands before a name ends in "classes except", with few words behind."""
    for found in any_phrase("all but").finditer(before):
        of_class = rf"(?:{any_phrase('classes').pattern})\W*$"
        if re.search(of_class, before[: found.start()]):
            behind = re.sub(any_phrase("classes"), " ", before[found.end() :])
            return re.fullmatch(r"\s*(?:[^\W\d]{1,5}\s+)?", behind) is not None
    return False


@cache
def _of_pixels() -> re.Pattern[str]:
    return words_pattern(meaning_words("pixel") | meaning_words("mask") | meaning_words("image"))


def _runs(plain: str, names: Sequence[str]) -> Iterator[list[re.Match[str]]]:
    """Yield the names that follow each other, with no more than a sign and short words between."""
    run = list[re.Match[str]]()
    for match in _names_pattern(names).finditer(plain):
        if run and _BETWEEN.fullmatch(plain, run[-1].end(), match.start()) is None:
            yield run
            run = []
        run.append(match)
    yield run


_BETWEEN = re.compile(rf"\s*(?:{_SIGNS}\s*(?:{_SHORT_WORD}){{0,2}}|(?:{_SHORT_WORD}){{1,2}})")


def _names_pattern(names: Sequence[str]) -> re.Pattern[str]:
    """Return the pattern of names; of letters that are written without blanks, anywhere."""
    longest = sorted(names, key=len, reverse=True)
    return re.compile(bounded("|".join(map(re.escape, longest))))


def _is_whole(plain: str, items: Sequence[re.Match[str]], last: str) -> bool:
    """Return whether a list neither begins before its first name nor goes on behind its last.

    Behind "boat and buoy" a comma begins something else; behind "boat, buoy" it may go on.

    Args:
        plain: the sentence.
        items: the names in it.
        last: what stands between the last two of them.
    """
    joins = {*meaning_words("joins"), last.split(" ")[0]}
    before, behind = plain[: items[0].start()], plain[items[-1].end() :]
    words_before, words_behind = before.split(), behind.split()
    if _SIGN_AT_END.search(before) or (words_before and words_before[-1] in joins):
        return False
    if words_behind and words_behind[0] in joins:
        return False
    is_ended = _SIGN_NEXT.match(last) is None
    return is_ended or _SIGN_NEXT.match(behind) is None


@dataclass(frozen=True)
class ScoredNumber:
    """A number of classes that a text has in a sentence on scoring.

    Attributes:
        n: of classes, two at least.
        told: which text states it, and the sentence.
    """

    n: int
    told: str


def readme_numbers_of_classes(folder: DataFolder) -> list[ScoredNumber]:
    """Return the numbers of classes in sentences that have a metric, or a word of scoring."""
    found = []
    for path, text in items_as_written(folder):
        for sentence in SENTENCE_END.split(text):
            written = as_in_texts(sentence)
            plain = plain_signs(written)
            if not names_in_text(written) and scoring_words().search(plain) is None:
                continue
            quote = shortened(" ".join(sentence.strip(" #|>-").split()), _LONGEST)
            for match in _numbered().finditer(plain):
                number = match["n"]
                n = int(number) if number.isdecimal() else numerals()[number]
                if n > 1:
                    found.append(ScoredNumber(n, f"{path} says {quote!r}"))
    return found


@cache
def _numbered() -> re.Pattern[str]:
    """Return the pattern of a number before a word for classes, with one word between at most."""
    words = "|".join(map(re.escape, sorted(numerals(), key=len, reverse=True)))
    number = rf"(?<![^\W{UNSPACED}])(?<!\d[.,-])(?P<n>{words}|[0-9]{{1,3}})"
    between = rf"(?:\s*[{UNSPACED}]{{0,2}}|\s+[^\W\d_]+\s+|\s+)"
    return re.compile(rf"{number}{between}(?:{any_phrase('classes').pattern})")
