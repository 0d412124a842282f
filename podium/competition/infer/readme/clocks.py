"""What texts tell of the clocks of photos and tables, and of how far apart both may be.

"Times of the log are UTC; the cameras are on Europe/Oslo."    →    the clock of each
"the reading nearest in time, if no more than 15 minutes away"    →    15 minutes
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, timedelta, tzinfo
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo

from podium.competition.infer.files import DataFolder
from podium.competition.infer.ids.times import clock_called
from podium.competition.infer.readme.texts import FULL_STOP, items_as_written
from podium.competition.languages import is_called, unit_phrases
from podium.competition.phrases import any_phrase, phrase_pattern, plain_text
from podium.errors import shortened

__all__ = ["TextClock", "clocks_in_texts", "limit_in_texts"]

ClockOf = Literal["images", "table", "either"]

_ZONE = re.compile(r"(?<![\w/])[A-Z]\w+(?:/[A-Z][\w+-]+){1,2}")
_UTC = re.compile(r"(?<!\w)(?:UTC|GMT)(?:\s?([+\-−–]\s?\d{1,2}(?::?\d\d)?))?(?!\w)")
_SHOWN = 90  # letters of a sentence
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class TextClock:
    """A clock that a sentence names, and whose times it may be of."""

    clock: tzinfo
    of: ClockOf
    told: str
    """Which text states it, and the sentence."""

    @property
    def is_place(self) -> bool:
        """Whether it is the clock of a place, with its summer time."""
        return isinstance(self.clock, ZoneInfo)


def clocks_in_texts(
    folder: DataFolder, of_images: Collection[str], of_table: Collection[str]
) -> list[TextClock]:
    """Return the clocks that texts name, those of places first.

    Where one names the clock of a place, hours from UTC explain it, and are none themselves. A
    sentence on images, or on the table alone, tells whose clock it is.

    Args:
        folder: with the texts.
        of_images: names of images, as a sentence on them may show one.
        of_table: what the table and its column of times are called.
    """
    found = []
    for path, sentence in _sentences(folder):
        clocks = [clock_called(one) for one in _ZONE.findall(sentence)]
        hours = [clock_called(one[1] or "UTC") for one in _UTC.finditer(sentence)]
        each = [one for one in clocks if one is not None]
        each = each or [one for one in hours if one is not None]
        if not each:
            continue
        words = re.findall(r"[^\W_]+", sentence)
        has_image = any(is_called(one, "image") for one in words)
        has_image = has_image or any(one in sentence for one in of_images)
        has_table = any(re.search(rf"(?<!\w){re.escape(one)}(?!\w)", sentence) for one in of_table)
        of: ClockOf = "either" if has_image == has_table else "images" if has_image else "table"
        shown = shortened(" ".join(re.sub(r"[*`#]", "", sentence).split()), _SHOWN)
        found += [TextClock(one, of, f"{path} says {shown!r}") for one in dict.fromkeys(each)]
    places = [one for one in found if one.is_place]
    utc = [one for one in found if one.clock == UTC]
    return [*places, *utc] if places else found


def limit_in_texts(folder: DataFolder) -> tuple[timedelta, str] | None:
    """Return how far the nearest row may be, as a sentence states, and which; None without."""
    for path, sentence in _sentences(folder):
        plain = plain_text(sentence)
        near = any_phrase("nearest").search(plain)
        if near is None:
            continue
        lengths = [
            float(one["n"].replace(",", ".")) * _SECONDS[unit]
            for unit, pattern in _lengths().items()
            for one in pattern.finditer(plain)
        ]
        if len(set(lengths)) == 1:
            shown = shortened(" ".join(sentence.split()), _SHOWN)
            return timedelta(seconds=lengths[0]), f"{path} says {shown!r}"
    return None


@cache
def _lengths() -> dict[str, re.Pattern[str]]:
    """Return the patterns of a number and a unit of time, by the unit's sign."""
    named = unit_phrases()
    return {
        unit: re.compile(
            rf"(?<![\w.,:])(?P<n>\d+(?:[.,]\d+)?)[\s-]?"
            rf"(?:{unit}(?!\w)|(?:{phrase_pattern(named[unit]).pattern}))"  # type: ignore[index]
        )
        for unit in _SECONDS
    }


def _sentences(folder: DataFolder) -> Iterator[tuple[str, str]]:
    """Yield path and sentence of texts as they are written."""
    for path, text in items_as_written(folder):
        for sentence in FULL_STOP.split(text):
            yield path, sentence
