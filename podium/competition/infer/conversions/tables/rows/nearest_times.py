"""Labels of photos by the row of a table that is nearest in time, of the same station or camera.

V201_20230312T0605Z.jpg   date_heure;V201;V214         id,id_in_data,date_heure,place,day,value
                          12/03/2023 07:00;106;54  →   12/03/2023 07:00_V201,photos/V201_…,…,106

A table has a row for each time and station, or a column for each station, or is of one alone. Times
are compared in UTC where the clocks are known: by what is written behind times, by a column of
hours from UTC in a table of stations, or by a text; times of the sample submission, whose photos
are known, show which of several it is. A photo without a row near enough has no label.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta, timezone, tzinfo
from functools import cached_property
from itertools import permutations, product
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.competition.ids.patterns import Pattern
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.ids.columns_together import ways_to_join
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.files import CUT, ImageFile
from podium.competition.infer.ids.times import (
    TimeInPath,
    clock_called,
    in_utc,
    time_in_path,
    times_of_cells,
)
from podium.competition.infer.image_tables import IN_DATA, match_images
from podium.competition.infer.labels.cells import numbers_of
from podium.competition.infer.readme.clocks import TextClock, clocks_in_texts, limit_in_texts
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.shares import HALF, NEARLY_ALL
from podium.competition.spelling import name_words
from podium.errors import plural, some

__all__ = ["DAY", "NearestRows", "find_nearest_rows"]

VALUE = "value"
"""The column of the cells of a table with a column for each station."""
DAY = "day"
"""The column of the day in the name of each photo."""

_FEWEST = 4  # photos with a label, and rows
_PROBED = 200  # images
_MOST_COLUMNS = 12  # that are looked through for times
_SIGN = "_"  # between the pieces of an id
_HALF_HOUR = timedelta(minutes=30)
_MOST_SHIFT = 14  # hours
_IN_FRONT_OF_TIME = " _-.T"

_Clock = tzinfo | None
"""Of times as they are written; None: the same as that of the others."""


class NearestRows(NamedTuple):
    """The photos of train and of test with what is known of them.

    Attributes:
        path: the table of readings.
        train: with the labels.
        others: the same by other clocks that fit as well, and why.
        test: the photos to predict; None where nothing names them.
        sample: made of one with a cell for each photo, and its form; None: another one.
        joined: one whose times and stations are a column of ids; None: as it is.
        notes: how photos and rows were joined, and how many have no label.
        stations: as paths of photos call them.
    """

    path: str
    train: MadeTable
    others: tuple[tuple[MadeTable, str], ...]
    test: MadeTable | None
    sample: tuple[MadeTable, dict[str, object]] | None
    joined: SampleSubmission | None
    notes: tuple[str, ...]
    stations: frozenset[str]


@dataclass(frozen=True)
class _Photo:
    image: ImageFile
    time: TimeInPath

    @cached_property
    def names(self) -> frozenset[str]:
        """What its path may call a station: folders, and pieces beside the time."""
        stem = self.image.path.rpartition(".")[0]
        found = {*stem.split("/")[:-1]}
        for text in (self.time.before, self.time.behind):
            last = text.rpartition("/")[2].strip(_IN_FRONT_OF_TIME)
            found |= {last, *CUT.split(last), *text.split("/")[:-1]}
        return frozenset(one.casefold() for one in found if one)


@dataclass(frozen=True)
class _Readings:
    """The rows of a table by station and time.

    Attributes:
        path: of the table.
        of_time: its columns of times.
        thing: the column of stations; "" where they have a column each, or there is one alone.
        things: the stations that photos are of.
        rows: each with its station and time, and the cells of its row, or the value of its cell.
    """

    path: str
    of_time: _TimeColumns
    thing: str
    things: tuple[str, ...]
    rows: pd.DataFrame

    @property
    def is_utc(self) -> bool:
        """Whether times are in UTC."""
        return self.of_time.is_utc

    @property
    def is_wide(self) -> bool:
        """Whether stations have a column each."""
        return not self.thing and len(self.things) > 1

    @property
    def place(self) -> str:
        """What the column of stations is called in tables that are made; "" of one alone."""
        return self.thing or "place" * self.is_wide


_THING, _TIME = "\0thing", "\0time"
"""Columns of `_Readings.rows`, as no table calls one."""


def find_nearest_rows(data: CompetitionData) -> NearestRows | None:
    """Return the photos with the labels of the rows nearest in time; None of other data.

    Nearly all photos have a time in their names, and no table names them.
    """
    images = [one for one in data.folder.images if one.part != "mask"]
    probed = images[:: len(images) // _PROBED + 1]
    named = [one for one in probed if time_in_path(one.path.rpartition(".")[0]) is not None]
    if len(named) < max(1, NEARLY_ALL * len(probed)):
        return None
    times = [time_in_path(one.path.rpartition(".")[0]) for one in images]
    pairs = zip(images, times, strict=True)
    photos = [_Photo(image, time) for image, time in pairs if time is not None]
    if len(photos) < max(_FEWEST, NEARLY_ALL * len(images)):
        return None
    if any(match_images(data.folder, *one, ("train", "other", "test"))
           for one in data.tables.items()):  # fmt: skip
        return None
    found = [
        one for path, table in data.tables.items() for one in _readings(path, table, photos, data)
    ]
    paths = dict.fromkeys(one.path for one in found)
    return _Joining(data, photos, found).rows() if len(paths) == 1 else None


class _TimeColumns(NamedTuple):
    """Columns of times: these, whether they are in UTC, and the order of day, month and year."""

    columns: tuple[str, ...]
    times: pd.Series[pd.Timestamp]
    is_utc: bool
    order: str


def _time_columns(table: pd.DataFrame) -> list[_TimeColumns]:
    """Return the columns of times: several where days and months may stand in either order."""
    names = [str(one) for one in table.columns[:_MOST_COLUMNS]]
    for columns in [*((one,) for one in names), *permutations(names, 2)]:
        first = table[list(columns)].iloc[:_FEWEST].agg(" ".join, axis=1).tolist()
        if not first or not times_of_cells(first):
            continue
        each = times_of_cells(table[list(columns)].agg(" ".join, axis=1).tolist())
        is_called = {"utc", "gmt"} & {word for one in columns for word in name_words(one)}
        if each:
            return [
                _TimeColumns(columns, one.times, one.is_utc or bool(is_called), one.order)
                for one in each
            ]
    return []


def _readings(
    path: str, table: pd.DataFrame, photos: Sequence[_Photo], data: CompetitionData
) -> list[_Readings]:
    """Return what a table may have of photos: several where its dates may be read in two ways."""
    keys = Counter(name for one in photos for name in one.names)
    found = []
    for of_time in _time_columns(table) if len(table) >= _FEWEST else ():
        columns, times = of_time.columns, of_time.times
        rest = [str(one) for one in table.columns if one not in columns]
        numbers = [one for one in rest if numbers_of(table[one]) is not None]
        each = [one for one in numbers if 0 < keys[one.casefold()] < len(photos)]
        cells = table[list(columns)].reset_index(drop=True)
        if len(each) > 1:
            of_columns = [_long(cells, one, times, table[one].tolist()) for one in each]
            long = pd.concat(of_columns, ignore_index=True)
            if _nearly_unique(long):
                # A blank cell is no reading.
                long = long[long[VALUE] != ""].reset_index(drop=True)
                found.append(_Readings(path, of_time, "", tuple(each), long))
            continue
        if not numbers:
            continue
        rows = table.reset_index(drop=True)
        own = [one for one in rest if _are_things(table[one], keys)]
        for thing in own:
            long = _long(rows, table[thing].tolist(), times)
            if _nearly_unique(long):
                named = [one for one in long[_THING].unique() if keys[str(one).casefold()]]
                found.append(_Readings(path, of_time, thing, tuple(named), long))
                break
        else:
            asked = set() if data.sample is None else {*data.sample.values}
            long = _long(rows, "", times)
            if asked & {*numbers} and _nearly_unique(long):
                found.append(_Readings(path, of_time, "", ("",), long))
    return found


def _long(
    cells: pd.DataFrame,
    thing: str | list[str],
    times: pd.Series[pd.Timestamp],
    values: list[str] | None = None,
) -> pd.DataFrame:
    """Return rows with their station and time, and a column of values where there are some."""
    found = cells.copy()
    found[_THING] = thing
    found[_TIME] = times
    if values is not None:
        found[VALUE] = values
    return found


def _are_things(cells: pd.Series[str], keys: Mapping[str, int]) -> bool:
    names = [str(one).casefold() for one in cells.unique()]
    return len(names) > 1 and sum(keys[one] > 0 for one in names) >= HALF * len(names)


def _nearly_unique(rows: pd.DataFrame) -> bool:
    """Return whether a station has one row a time, but for an hour that a clock has twice."""
    return bool(rows.duplicated([_THING, _TIME]).mean() <= 1 - NEARLY_ALL)


class _Slot(NamedTuple):
    """A cell of the sample that is of a photo: its station, its time, and its id."""

    thing: str
    time: pd.Timestamp
    id: str
    cells: Mapping[str, str]


class _Requested(NamedTuple):
    """What a sample submission asks for.

    Attributes:
        slots: by time; () where ids name photos.
        is_utc: whether their times are in UTC.
        photos: those that ids name, by id.
        made, joined: as of `NearestRows`.
        id: the column of ids.
        template: of ids, by times and stations.
    """

    slots: Sequence[_Slot]
    is_utc: bool
    photos: Mapping[str, ImageFile]
    sample: tuple[MadeTable, dict[str, object]] | None
    joined: SampleSubmission | None
    id: str
    template: str


class _Stations(NamedTuple):
    """A table with the clock of each station, these by station, and their column."""

    path: str
    clocks: Mapping[str, tzinfo]
    column: str


class _Clocks(NamedTuple):
    """Clocks of photos and of rows, and why.

    Attributes:
        images, rows: of which times are, where nothing tells it of the times themselves.
        why: what tells so.
        is_shift: whether it is so many hours, as the sample alone may show.
        by_station: whether a table with the clocks of stations tells those of photos alone.
    """

    images: _Clock
    rows: _Clock
    why: str
    is_shift: bool = False
    by_station: bool = True


@dataclass(frozen=True)
class _Joining:
    """Joins photos with rows.

    Attributes:
        data: with the sample, texts and other tables.
        photos: with their times.
        readings: of one table: several where its dates may be read in two ways.
    """

    data: CompetitionData
    photos: Sequence[_Photo]
    readings: Sequence[_Readings]

    def rows(self) -> NearestRows | None:
        """Return the joined tables; None where too few photos have a row, or a sample no photo."""
        tried: list[_Joined] = []
        for one in self.readings:
            of = _OneReading(self, one)
            asked = of.requested() if self.data.sample is not None else None
            if self.data.sample is not None and asked is None:
                continue
            each = (of.joined(asked, clocks) for clocks in of.clocks(asked))
            tried += [way for way in each if way is not None]
        if not tried:
            return None
        n_most = max(one.n_labelled for one in tried)
        fitting = [one for one in tried if one.n_labelled >= NEARLY_ALL * n_most]
        best, *rest = [one for one in fitting if not one.clocks.is_shift] or sorted(
            fitting, key=lambda one: one.apart
        )
        # Times of the sample, whose photos are known, have shown the clocks.
        is_shown = best.asked is not None and bool(best.asked.slots)
        others = [one for one in rest if not np.array_equal(one.near, best.near)]
        return best.tables(() if is_shown else others)

    @cached_property
    def stations(self) -> _Stations | None:
        """The table with the clock of each station, these, and their column."""
        names = {name for one in self.photos for name in one.names}
        for path, table in self.data.tables.items():
            thing = next(
                (
                    str(one)
                    for one in table
                    if table[one].is_unique
                    and len(table) > 1
                    and all(cell.casefold() in names for cell in table[one])
                ),
                None,
            )
            for column in map(str, table.columns) if thing is not None else ():
                words, are_hours = {*name_words(column)}, numbers_of(table[column]) is not None
                # The zone 3 is an area.
                called = {"utc", "gmt", "timezone", "tz"} | ({"zone"} if not are_hours else set())
                if not called & words:
                    continue
                clocks = [clock_called(cell) for cell in table[column]]
                known = {
                    name.casefold(): clock
                    for name, clock in zip(table[thing], clocks, strict=True)
                    if clock is not None
                }
                if len(known) == len(table):
                    return _Stations(path, known, column)
        return None


@dataclass(frozen=True)
class _Joined:
    """The photos with their rows, by one way to read dates and clocks.

    Attributes:
        of: that way.
        clocks: of photos and of rows.
        asked: what the sample asks for; None without one.
        apart: how far times of the sample are from their photos, in seconds; the median.
        near: the row of each photo, -1 without.
        sent: the photo of each id of the sample.
    """

    of: _OneReading
    clocks: _Clocks
    asked: _Requested | None
    apart: float
    near: NDArray[np.int64]
    sent: Mapping[str, int]

    @property
    def _labelled(self) -> list[int]:
        """The photos with a row."""
        return np.flatnonzero(self.near >= 0).tolist()

    @property
    def n_labelled(self) -> int:
        """How many photos have a row."""
        return len(self._labelled)

    def tables(self, others: Sequence[_Joined]) -> NearestRows:
        """Return the tables of train, also by other clocks, and of the photos to predict."""
        photos, readings = self.of.joining.photos, self.of.readings
        limit, why_limit = self.of.limit
        n_left = int((self.near < 0).sum()) - len(self._to_predict)
        notes = [self._clocks_note]
        if n_left > 0:
            bare, sent = np.flatnonzero(self.near < 0).tolist(), {*self._to_predict}
            first = next(n for n in bare if n not in sent)
            notes.append(
                f"{plural(n_left, 'photo')} without a row of {readings.path} near enough in time "
                f"{'has' if n_left == 1 else 'have'} no label, as {photos[first].image.path}"
            )
        own = f" of the same {readings.place}" if readings.place else ""
        about = f"the row{own} nearest in time to each photo, at most {_length(limit)} away"
        about = f"{readings.path} with {about} ({why_limit})"
        to_predict = self._to_predict
        test = None
        if self.asked is not None or to_predict:
            source = readings.path if self.asked is None else self._sample.path
            table = self._photos(to_predict, [*self.sent] or None)
            test = MadeTable((source,), "the photos to predict", table)
        stations = self.of.joining.stations if self.of.cameras is not None else None
        asked = self.asked
        return NearestRows(
            readings.path,
            self._train(about, stations),
            tuple((one._train(about, stations), f"where {one._clocks_note}") for one in others),
            test,
            None if asked is None else asked.sample,
            None if asked is None else asked.joined,
            tuple(notes),
            self.of.stations,
        )

    @property
    def _clocks_note(self) -> str:
        """Whose clocks the times are of, and why."""
        by_station = self.of.cameras is not None and self.clocks.by_station
        photos = "UTC" if self.of.are_utc else _name_of(self.clocks.images)
        stations = self.of.joining.stations
        if by_station and stations is not None:
            photos = f"those that {stations.column} of {stations.path} tells"
        rows = "UTC" if self.of.readings.is_utc else _name_of(self.clocks.rows)
        if not (photos or rows):
            clocks = "times of photos and of rows are taken for those of one clock"
        else:
            photos, rows = photos or "UTC", rows or "UTC"
            clocks = f"times of photos are {photos}, those of {self.of.readings.path} are {rows}"
        return ": ".join(filter(None, (clocks, self.clocks.why)))

    @property
    def _sample(self) -> SampleSubmission:
        sample = self.of.joining.data.sample
        assert sample is not None
        return sample

    @cached_property
    def _to_predict(self) -> list[int]:
        """The photos to predict: those of the sample, or behind all rows that photos are of."""
        photos = self.of.joining.photos
        if self.asked is not None:
            return [*self.sent.values()]
        if any(one.image.part == "test" for one in photos):
            return []
        labelled = [photos[n].time.time for n in self._labelled]
        return [
            n
            for n in np.flatnonzero(self.near < 0).tolist()
            if photos[n].time.time > max(labelled)
            or self.of.things[n] not in self.of.readings.things
        ]

    def _train(self, about: str, stations: _Stations | None) -> MadeTable:
        """Return the labelled photos with the cells of their rows."""
        readings = self.of.readings
        at = self._labelled
        rows = readings.rows.iloc[self.near[at]].reset_index(drop=True)
        ids = None
        if self.asked is not None and self.asked.template:
            named = rows.rename(columns={_THING: readings.place}) if readings.is_wide else rows
            template = Pattern(self.asked.template)
            fields = list(template.fields)
            cells = named[fields].to_numpy().tolist()
            own = [template.fill(dict(zip(fields, one, strict=True))) for one in cells]
            ids = own if len({*own}) == len(own) else None
        photos = self._photos(at, ids)
        rest = [one for one in rows if one not in (_THING, _TIME, *photos)]
        table = pd.concat([photos, rows[rest]], axis=1).astype(object)
        sources = (readings.path,) if stations is None else (readings.path, stations.path)
        return MadeTable(sources, about, table)

    def _photos(self, at: Sequence[int], ids: Sequence[str] | None) -> pd.DataFrame:
        """Return id, file, station and day of photos."""
        photos = [self.of.joining.photos[n] for n in at]
        name = "id" if self.asked is None else self.asked.id
        cells = {name: ids or self._ids(photos)}
        cells[f"{name}{IN_DATA}"] = [one.image.path for one in photos]
        if place := self.of.readings.place:
            cells[place] = [self.of.things[n] or "" for n in at]
        cells[DAY] = [f"{one.time.time:%Y-%m-%d}" for one in photos]
        return pd.DataFrame(cells, dtype=object)

    def _ids(self, photos: Sequence[_Photo]) -> list[str]:
        """Return ids of photos: the ends of paths that those of the sample are, or stems."""
        known = [] if self.asked is None else [*self.asked.photos]
        n_folders = known[0].count("/") if known else 0
        has_suffix = bool(known) and known[0].endswith(photos[0].image.suffix)
        paths = [one.image.path for one in photos]
        ends = ["/".join(one.split("/")[-1 - n_folders :]) for one in paths]
        ends = ends if has_suffix else [one.rpartition(".")[0] for one in ends]
        return ends if len({*ends}) == len(ends) else [one.rpartition(".")[0] for one in paths]


def _name_of(clock: _Clock) -> str:
    """Return what a clock is called; "" of an unknown one."""
    return "" if clock is None else str(clock)


def _length(limit: timedelta) -> str:
    """Return a length of time as texts have it."""
    minutes = limit / timedelta(minutes=1)
    return f"{minutes / 60:g} h" if minutes >= 120 else f"{minutes:g} min"


@dataclass(frozen=True)
class _OneReading:
    """Joins photos with one way to read a table.

    Attributes:
        joining: the photos, and all other data.
        readings: the rows.
    """

    joining: _Joining
    readings: _Readings

    @cached_property
    def things(self) -> list[str | None]:
        """The station of each photo; None where its path names none, or several."""
        if self.readings.things == ("",):
            return ["" for _ in self.joining.photos]
        named = [
            [self._known[name] for name in one.names & self._known.keys()]
            for one in self.joining.photos
        ]
        return [one[0] if len(one) == 1 else None for one in named]

    @cached_property
    def stations(self) -> frozenset[str]:
        """The stations, as paths call them."""
        folders = {name for one in self.joining.photos for name in one.image.folder.split("/")}
        return frozenset(one for one in folders if one.casefold() in self._known)

    @cached_property
    def _known(self) -> dict[str, str]:
        """All stations by their names in small letters, also those without a row."""
        stations = self.joining.stations
        others = () if stations is None else stations.clocks
        return {one.casefold(): one for one in (*others, *self.readings.things) if one}

    @cached_property
    def limit(self) -> tuple[timedelta, str]:
        """How far the nearest row may be, and why."""
        if (told := limit_in_texts(self.joining.data.folder)) is not None:
            return told
        rows = self.readings.rows.sort_values([_THING, _TIME])
        steps = rows.groupby(_THING)[_TIME].diff().dropna()
        usual = steps[steps > pd.Timedelta(0)].median()
        half = timedelta() if pd.isna(usual) else pd.Timedelta(usual).to_pytimedelta() / 2
        return half, "half of the usual step between rows"

    @cached_property
    def are_utc(self) -> bool:
        """Whether the times of photos are in UTC."""
        return all(one.time.is_utc for one in self.joining.photos)

    def photo_times(self, clocks: _Clocks) -> pd.Series[pd.Timestamp]:
        """Return the times of photos, in UTC where a clock is known."""
        photos = self.joining.photos
        times = pd.Series(pd.DatetimeIndex([one.time.time for one in photos]))
        if self.are_utc:
            return times
        if self.cameras is not None and clocks.by_station:
            of_photos = [self.cameras.get((one or "").casefold()) for one in self.things]
            for own in dict.fromkeys(filter(None, of_photos)):
                at = [n for n, one in enumerate(of_photos) if one == own]
                converted = in_utc(times.iloc[at].reset_index(drop=True), own)
                times.iloc[at] = converted.set_axis(times.index[at])
            return times
        return times if clocks.images is None else in_utc(times, clocks.images)

    @cached_property
    def cameras(self) -> Mapping[str, tzinfo] | None:
        """The clock of each station's camera, where a table has these and names do not."""
        stations = self.joining.stations
        return None if stations is None or self.are_utc else stations.clocks

    def clocks(self, asked: _Requested | None) -> list[_Clocks]:
        """Return the clocks that may be meant, the likeliest first."""
        readings, data = self.readings, self.joining.data
        known = self.are_utc or self.cameras is not None
        if known and readings.is_utc:
            return [_Clocks(None, None, "")]
        stems = [one.image.stem for one in self.joining.photos]
        stem = readings.path.rpartition("/")[2].rpartition(".")[0]
        of_table = (*readings.of_time.columns, stem, readings.path)
        told = clocks_in_texts(data.folder, stems, of_table)
        images = [TextClock(UTC, "images", "")] if known else _of(told, "images")
        rows = [TextClock(UTC, "table", "")] if readings.is_utc else _of(told, "table")
        found = [
            _Clocks(
                None if known else of_images.clock,
                None if readings.is_utc else of_rows.clock,
                "; ".join(dict.fromkeys(filter(None, (of_images.told, of_rows.told)))),
            )
            for of_images, of_rows in product(images, rows)
        ]
        same = _Clocks(None, None, "no text tells of another clock")
        if asked is not None and asked.slots:
            found += [same, *self._shifted(known)]
        found = found or [same]
        if self.cameras is not None and not any(one.rows for one in found):
            # The table of stations may tell the clock of both.
            found.append(_Clocks(None, None, "both are of the station's clock", by_station=False))
        return found

    def _shifted(self, known: bool) -> Iterator[_Clocks]:
        """Yield clocks that are hours apart, which the sample's times may show."""
        for n in range(1, 2 * _MOST_SHIFT + 1):
            for shift in (n * _HALF_HOUR, -n * _HALF_HOUR):
                clock = timezone(shift)
                why = "so the times of the sample are those of photos; where clocks change for "
                why += "summer, let a text beside the data name the place, as Europe/Paris"
                is_of_rows = known or not self.readings.is_utc
                images, rows = (None, clock) if is_of_rows else (clock, None)
                yield _Clocks(images, rows, why, is_shift=True)

    def requested(self) -> _Requested | None:
        """Return what the sample asks for; None where it does not name photos."""
        sample, readings = self.joining.data.sample, self.readings
        assert sample is not None
        columns = [sample.id, *sample.values]
        table = sample.table[columns]
        found = _time_columns(table)
        same = [one for one in found if one.order == readings.of_time.order]
        for of_time, times, is_utc, _ in same or found:
            rest = [one for one in columns if one not in of_time]
            things = {one.casefold(): one for one in readings.things}
            if len(rest) > 1 and readings.is_wide and all(one.casefold() in things for one in rest):
                return self._of_map(sample, of_time, times, is_utc, rest)
            thing = [one for one in rest if _are_of(table[one], things)]
            joined = [
                one
                for one in (*ways_to_join(sample), sample)
                if {*Pattern(str(one.file.get("id_of", f"{{{sample.id}}}"))).fields}
                == {*of_time, *thing}
            ]
            if not joined or (not thing and readings.things != ("",)):
                continue
            own = joined[0]
            cells = table.to_dict("records")
            named = (
                [things[one.casefold()] for one in table[thing[0]]] if thing else [""] * len(table)
            )
            slots = [
                _Slot(one, time, id_, {str(key): str(cell) for key, cell in row.items()})
                for one, time, id_, row in zip(named, times, own.table[own.id], cells, strict=True)
            ]
            template = str(own.file.get("id_of", f"{{{sample.id}}}"))
            is_other = own is not sample
            return _Requested(
                slots,
                is_utc or readings.is_utc,
                {},
                None,
                own if is_other else None,
                own.id,
                template,
            )
        ids = list(map(str, sample.table[sample.id]))
        photos = [self.joining.data.folder.named(one) for one in ids]
        if not all(len(one) == 1 for one in photos):
            return None
        by_id = {id_: one[0] for id_, one in zip(ids, photos, strict=True)}
        return _Requested((), False, by_id, None, None, sample.id, "")

    def _of_map(
        self,
        sample: SampleSubmission,
        of_time: Sequence[str],
        times: pd.Series[pd.Timestamp],
        is_utc: bool,
        columns: Sequence[str],
    ) -> _Requested | None:
        """Return what a sample asks for that has a column for each station."""
        things = {one.casefold(): one for one in self.readings.things}
        place = self.readings.place
        template = _SIGN.join(f"{{{one}}}" for one in (*of_time, place))
        slots, answers = [], []
        for line, row in enumerate(sample.table.to_dict("records")):
            for column in columns:
                if row[column] == "":
                    continue
                cells = {**{one: str(row[one]) for one in of_time}, place: column}
                id_ = Pattern(template).fill(cells)
                slots.append(_Slot(things[column.casefold()], times.iloc[line], id_, cells))
                answers.append(str(row[column]))
        ids = [one.id for one in slots]
        if not ids or len(set(ids)) < len(ids):
            return None
        made = pd.DataFrame({"id": ids, VALUE: answers}, dtype=object)
        reader = (
            f"{sample.path} with a row for each cell, as {some(list(columns), 3)} are columns of"
        )
        form = {"id_of": template, "pivot": list(columns)}
        sent = MadeTable((sample.path,), f"{reader} places", made), {**sample.file, **form}
        return _Requested(slots, is_utc or self.readings.is_utc, {}, sent, None, "id", template)

    def joined(self, asked: _Requested | None, clocks: _Clocks) -> _Joined | None:
        """Return the photos with their rows by these clocks; None where they do not fit."""
        times = self.photo_times(clocks)
        rows = self.readings.rows
        of_rows = rows[_TIME] if clocks.rows is None else _by_thing(rows, clocks.rows)
        limit = self.limit[0]
        near = np.full(len(times), -1)
        for thing in self.readings.things:
            at = np.flatnonzero([one == thing for one in self.things])
            own = np.flatnonzero((rows[_THING] == thing).to_numpy())
            near[at] = _nearest(times.iloc[at], of_rows.iloc[own], limit, own)
        sent: dict[str, int] = {}
        apart = 0.0
        if asked is not None and asked.slots:
            slots = pd.Series(pd.DatetimeIndex([one.time for one in asked.slots]))
            slots = (
                slots if asked.is_utc or clocks.rows is None else _in_utc_once(slots, clocks.rows)
            )
            for thing in self.readings.things:
                at = np.flatnonzero([one == thing for one in self.things])
                of_thing = [n for n, one in enumerate(asked.slots) if one.thing == thing]
                found = _nearest(slots.iloc[of_thing], times.iloc[at], limit, at).tolist()
                sent |= {asked.slots[n].id: photo for n, photo in zip(of_thing, found, strict=True)
                         if photo >= 0}  # fmt: skip
            if len(sent) < len(asked.slots) or len({*sent.values()}) < len(sent):
                return None
            own_times = times.iloc[[sent[one.id] for one in asked.slots]].reset_index(drop=True)
            apart = float((own_times - slots).dt.total_seconds().abs().median())
        elif asked is not None:
            numbers = {one.image.path: n for n, one in enumerate(self.joining.photos)}
            sent = {id_: numbers[one.path] for id_, one in asked.photos.items()
                    if one.path in numbers}  # fmt: skip
            if len(sent) < len(asked.photos):
                return None
        near[[*sent.values()]] = -1
        n = int((near >= 0).sum())
        if n < _FEWEST or n + len(sent) < HALF * len(times):
            return None
        return _Joined(self, clocks, asked, apart, near, sent)


def _in_utc_once(times: pd.Series[pd.Timestamp], clock: tzinfo) -> pd.Series[pd.Timestamp]:
    """Return times of a sample in UTC, in which each is there once for each station."""
    each = times.drop_duplicates()
    known = dict(zip(each, in_utc(each.reset_index(drop=True), clock), strict=True))
    return times.map(known)


def _by_thing(rows: pd.DataFrame, clock: tzinfo) -> pd.Series[pd.Timestamp]:
    """Return the times of rows in UTC, where an hour may be there twice of each station."""
    found = rows[_TIME].copy()
    for _, own in rows.groupby(_THING, sort=False):
        found.loc[own.index] = in_utc(own[_TIME].reset_index(drop=True), clock).to_numpy()
    return found


def _nearest(
    times: pd.Series[pd.Timestamp],
    others: pd.Series[pd.Timestamp],
    limit: timedelta,
    names: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return the name of the nearest of other times for each time, -1 where none is near enough.

    Of two as near it is the earlier one.
    """
    if not len(times) or not len(others):
        return np.full(len(times), -1)
    order = np.argsort(others.to_numpy(), kind="stable")
    known = others.to_numpy()[order]
    own = times.to_numpy()
    behind = np.clip(np.searchsorted(known, own), 0, len(known) - 1)
    before = np.clip(behind - 1, 0, None)
    is_before = np.abs(own - known[before]) <= np.abs(known[behind] - own)
    chosen = np.where(is_before, before, behind)
    is_near = np.abs(known[chosen] - own) <= np.timedelta64(limit)
    return np.where(is_near, np.asarray(names)[order[chosen]], -1)


def _of(told: Sequence[TextClock], whose: str) -> list[TextClock]:
    """Return the clocks that texts tell of photos, or of a table: those of either where none is."""
    own = [one for one in told if one.of == whose]
    each = own or [one for one in told if one.of == "either"]
    return [*{str(one.clock): one for one in reversed(each)}.values()][::-1]


def _are_of(cells: pd.Series[str], things: Mapping[str, str]) -> bool:
    return all(str(one).casefold() in things for one in cells.unique())
