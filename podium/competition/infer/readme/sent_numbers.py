"""The numbers to send, as a README beside the data tells of them: their limits and their digits.

README.md: "Predict the cover, a number from 0 to 100."            →    range: [0, 100]
README.md: "Send the direction in whole degrees."                  →    decimals: 0
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from podium.competition.infer.files import DataFolder
from podium.competition.infer.readme.texts import (
    SENTENCE_END,
    as_in_texts,
    is_of_train,
    items_as_written,
    sent_pattern,
    sentences_beside,
)
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.languages import is_called, meaning_phrases, meaning_words, numerals
from podium.competition.phrases import any_phrase, bounded, one_spelling, plain_signs, plain_text
from podium.competition.spelling import UNSPACED

__all__ = ["readme_decimals", "readme_limits"]

_END = r"((?:0|[1-9]\d*)(?:\.\d+)?)(?![.,/]?\d)"
_SECOND = rf"(?<![.,/'])([-−]?){_END}"
_FIRST = rf"(?<![^\W{UNSPACED}])(?<![.,/'-])([-−]?){_END}"
_OF_OTHERS = ("image", "row", "person", "group", "annotator", "count", "train", "test", "column")
"""What words beside two numbers count, where these are no answers: "images 1 to 500"."""


def readme_limits(
    folder: DataFolder, columns: Sequence[str], low: float, high: float
) -> tuple[float, float, str] | None:
    """Return the least and the greatest number to predict, and which text states them.

    A sentence counts that has a range of numbers, and a column to predict, or a word for what is
    predicted or sent; it speaks neither of train nor of pixels. All numbers of train lie within the
    range and reach over a tenth of it. One that only describes these numbers is none.

    Args:
        columns: to predict. A sentence that names some of them alone tells nothing of the others.
        low, high: the least and the greatest number of train.

    Returns:
        None where no text states them, or two differ.
    """
    found = dict[tuple[float, float], str]()
    for path, text in items_as_written(folder):
        for sentence in SENTENCE_END.split(text):
            plain = plain_text(re.sub(r"[_*`|]+", " ", sentence))
            is_of_pixels = any_phrase("mask or pixel").search(plain) is not None
            if is_of_pixels or is_of_train(sentence) or not _is_of_answers(plain, columns):
                continue
            for least, most, told in _ranges(plain):
                if _holds(least, most, low, high):
                    found.setdefault((least, most), f"{path} says {told!r}")
    if len(found) != 1:
        return None
    [((least, most), why)] = found.items()
    return least, most, why


def _is_of_answers(plain: str, columns: Sequence[str]) -> bool:
    """Return whether a sentence names all columns, or none and has a word for what is sent."""
    spelt = (re.escape(plain_text(as_in_texts(one))) for one in columns)
    named = [one for one in spelt if re.search(bounded(one), plain)]
    return len(named) == len(columns) or not (named or sent_pattern(()).search(plain) is None)


def _holds(least: float, most: float, low: float, high: float) -> bool:
    """Return whether a range holds the numbers of train, and is more than what they are."""
    if not least <= low <= high <= most or high - low < 0.1 * (most - least):
        return False
    is_usual = least in (0, 1, -1) or least == -most
    return (least, most) != (low, high) or is_usual


def _ranges(plain: str) -> Iterator[tuple[float, float, str]]:
    """Yield the ends of the ranges in a sentence, and how each is written."""
    for one in _range().finditer(plain):
        parts = [part for part in one.groups() if part is not None]  # a sign, and its number
        ends = [float(parts[n + 1]) * (-1 if parts[n] else 1) for n in (0, 2)]
        words = [*re.findall(r"\w+", plain[: one.start()])[-1:]]
        words += re.findall(r"\w+", plain[one.end() :])[:1]
        is_of_others = any(is_called(word, *_OF_OTHERS) for word in words)
        if ends[0] < ends[1] and not is_of_others:
            yield ends[0], ends[1], one[0].strip()


@cache
def _range() -> re.Pattern[str]:
    """Return the pattern of a range: `0 to 100`, `[0, 1]`, `0 und 100` behind `zwischen`."""
    between = any_phrase("between").pattern
    words = [plain_text(one) for one in meaning_words("range to")]
    words += [plain_text(one.strip()) for one in meaning_phrases("between").split("|")]
    apart = "|".join(re.escape(one) for one in words if re.fullmatch(rf"[{UNSPACED}]+", one))
    spaced = "|".join(map(re.escape, map(plain_text, meaning_words("range to"))))
    first = rf"{_FIRST}\s?%?"
    ways = (
        rf"{first}(?:\s?(?:[-–—~～…]|\.{{2,3}})\s?|\s(?:{spaced})\s|\s?(?:{apart})\s?){_SECOND}",
        rf"(?:{between})\s{first}\s\w{{1,4}}\s{_SECOND}",
        rf"{first}\s\w{{1,4}}\s{_SECOND}\s?%?\s?(?:{between})",
        rf"{first}\s?[{UNSPACED}]{{1,2}}\s?{_SECOND}\s?(?:{between})",
        rf"{_FIRST}['-][^\W\d]{{1,4}}\s{_SECOND}['-][^\W\d]{{1,4}}",
        rf"\[\s?{_FIRST}\s?[,;]\s?{_SECOND}\s?\]",
    )
    # Each way has a look-behind of its own, and the longest is looked for first.
    return re.compile("|".join(f"(?:{one})" for one in reversed(ways)))


def readme_decimals(folder: DataFolder, sample: SampleSubmission | None) -> tuple[int, str] | None:
    """Return the digits behind the point of the numbers to send, and which text states them.

    A sentence counts that does not speak of train, and names what is sent: by a word for it, by the
    sample's name, or by a column of its values. The sample itself must hold no number with more
    digits.

    Args:
        sample: the sample submission; None: there is none.

    Returns:
        None where no text states them, or the sample contradicts.
    """
    if sample is None or not sample.values:
        return None
    cells = [cell for name in sample.values for cell in sample.table[name]]
    most = max((len(cell.partition(".")[2]) for cell in cells), default=0)
    asked = sent_pattern(sample.values, "round")
    for path, sentence in sentences_beside(folder, one_spelling, end=SENTENCE_END):
        plain = plain_signs(sentence)
        whole, places = any_phrase("whole number").search(plain), _places().search(plain)
        if whole is None and places is None:
            continue
        if asked.search(plain) is None or is_of_train(sentence):
            continue
        if whole is not None and most == 0:
            return 0, f"{path} says {sentence[whole.start() : whole.end()]!r}"
        if places is not None:
            told = places["n"]
            n = numerals()[told] if told in numerals() else int(told)
            if most <= n:
                return n, f"{path} says {sentence[places.start() : places.end()]!r}"
    return None


@cache
def _places() -> re.Pattern[str]:
    numbers = "|".join(("[0-9]", *map(re.escape, numerals())))
    return re.compile(rf"(?<!\w)(?P<n>{numbers})\s(?:{any_phrase('decimals').pattern})")
