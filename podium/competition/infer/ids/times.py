"""Dates with a time of day, as cells and names of files write them, and the clocks they are of.

"12/03/2023 07:00", "2023-05-18T00:30Z"  and  V201_20230312T0605Z.jpg, alder/20230518_105236.jpg
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import pandas as pd

from podium.competition.infer.ids.dates import date_forms

__all__ = ["TimeInPath", "TimesOfCells", "clock_called", "in_utc", "time_in_path", "times_of_cells"]

_IN_A_PATH = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d\d)[-_. /]?(?P<m>\d\d)[-_. /]?(?P<d>\d\d)"
    r"[-_ .T/]*(?P<hour>\d\d)[-_.:h]?(?P<minute>\d\d)(?:[-_.:]?(?P<second>\d\d))?(?!\d)"
    r"(?P<zone>Z|UTC|[+-]\d{4})?(?![^\W_])"
)
_CELL = re.compile(
    r"(?P<day>\S+|\d+ \d+ \d+)(?:\s+|(?<=\d)[T_])(?P<hour>\d{1,2})[:.h](?P<minute>\d\d)"
    r"(?:[:.](?P<second>\d\d)(?:[.,]\d+)?)?\s*(?P<half>[ap]\.?m\.?)?\s*"
    r"(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d)?",
    re.IGNORECASE,
)
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+\-−–])\s*(\d{1,2})(?::?(\d\d))?", re.IGNORECASE)
_HOURS = re.compile(r"([+-]?)(\d{1,2}(?:\.\d+)?)")
_MOST_HOURS = 14  # from UTC


class TimesOfCells(NamedTuple):
    """The time of each cell; in UTC, or of a clock that the cells do not tell.

    Attributes:
        times: of the cells.
        is_utc: whether they are in UTC.
        order: of day, month and year, as `DateForm` has it.
    """

    times: pd.Series[pd.Timestamp]
    is_utc: bool
    order: str


class TimeInPath(NamedTuple):
    """A time in the path of an image, and what stands before and behind it."""

    time: datetime
    is_utc: bool
    before: str
    behind: str


def time_in_path(path: str) -> TimeInPath | None:
    """Return the last time that a path holds, in the order of year, month and day; None without.

    Example:
        >>> time_in_path("photos/V201_20230312T0605Z")
        TimeInPath(time=datetime.datetime(2023, 3, 12, 6, 5), is_utc=True, before='photos/V201_', \
behind='')
    """
    for match in reversed([*_IN_A_PATH.finditer(path)]):
        fields = [int(match[name] or 0) for name in ("y", "m", "d", "hour", "minute", "second")]
        try:
            time = datetime(*fields)  # type: ignore[arg-type]
        except ValueError:
            continue
        time -= _offset(match["zone"])
        before, behind = path[: match.start()], path[match.end() :]
        return TimeInPath(time, match["zone"] is not None, before, behind)
    return None


def times_of_cells(cells: Sequence[str]) -> list[TimesOfCells]:
    """Return the times of cells, by each form of their dates; several where no day is above 12.

    Example:
        >>> [str(one.times[0]) for one in times_of_cells(["03/04/2023 7:05 pm"])]
        ['2023-04-03 19:05:00', '2023-03-04 19:05:00']
    """
    found = [_CELL.fullmatch(cell.strip()) for cell in cells]
    known = [one for one in found if one is not None]
    zones = {one["zone"] is not None for one in known}
    if len(known) < len(found) or len(zones) != 1:
        return []
    days = [one["day"] for one in known]
    clocks = [
        timedelta(hours=_hour(one), minutes=int(one["minute"]), seconds=int(one["second"] or 0))
        - _offset(one["zone"])
        for one in known
    ]
    if any(int(one["hour"]) > 24 or int(one["minute"]) > 59 for one in known):
        return []
    each = []
    for form in date_forms(days):
        dates = ((day, form.read(day)) for day in dict.fromkeys(days))
        read = {day: pd.Timestamp(date) for day, date in dates if date is not None}
        times = [read[day] + clock for day, clock in zip(days, clocks, strict=True)]
        each.append(TimesOfCells(pd.Series(pd.DatetimeIndex(times)), True in zones, form.order))
    return each


def _hour(cell: re.Match[str]) -> int:
    hour, half = int(cell["hour"]), (cell["half"] or "").lower()
    return hour % 12 + 12 * half.startswith("p") if half else hour


def _offset(zone: str | None) -> timedelta:
    """Return how far a zone that is written behind a time is before UTC."""
    match = _OFFSET.fullmatch(zone or "")
    if match is None:
        return timedelta()
    size = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    return size if match[1] == "+" else -size


@cache
def _zones() -> dict[str, str]:
    return {one.casefold(): one for one in available_timezones() if "/" in one}


def clock_called(name: str) -> tzinfo | None:
    """Return the clock of a name, as `Europe/Paris`, `UTC+1`, `-07:00`, or hours from UTC, `-7`.

    Example:
        >>> clock_called("europe/paris"), clock_called("-7"), clock_called("alder")
        (zoneinfo.ZoneInfo(key='Europe/Paris'), datetime.timezone(datetime.timedelta(days=-1, \
seconds=61200)), None)
    """
    name = name.strip()
    if (zone := _zones().get(name.casefold())) is not None:
        return ZoneInfo(zone)
    if name.upper() in ("UTC", "GMT", "Z"):
        return UTC
    if _OFFSET.fullmatch(name) is not None and "." not in name:
        offset = _offset(name)
    elif _HOURS.fullmatch(name) is not None:
        offset = timedelta(hours=float(name))
    else:
        return None
    return timezone(offset) if abs(offset) <= timedelta(hours=_MOST_HOURS) else None


def in_utc(times: pd.Series[pd.Timestamp], clock: tzinfo) -> pd.Series[pd.Timestamp]:
    """Return times of a clock in UTC; of one that is there twice the second is that of winter.

    Example:
        >>> times = pd.Series(pd.to_datetime(["2023-03-12 07:00", "2023-03-30 08:00"]))
        >>> [f"{one:%H:%M}" for one in in_utc(times, ZoneInfo("Europe/Paris"))]
        ['06:00', '06:00']
    """
    first = np.asarray(~times.duplicated())
    aware = times.dt.tz_localize(clock, ambiguous=first, nonexistent="shift_forward")
    return aware.dt.tz_convert("UTC").dt.tz_localize(None)
