"""Photos whose names hold a time have the label of the row nearest in time, of their station."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from podium.competition.infer.ids.times import in_utc, time_in_path, times_of_cells
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.errors import DataError
from podium.submissions.format.checking import check
from podium.submissions.format.writing import write_submission
from tests.competition.infer.test_odd_labels import begin

STATIONS = ("V20", "V31", "V44")
START = datetime(2023, 3, 14)
N_DAYS, N_TRAIN_DAYS = 24, 18  # summer time begins on the thirteenth
PARIS = ZoneInfo("Europe/Paris")
ROW = "%d/%m/%Y %H:%M"
TEXT = "Times of levels.csv are those of {}. Split the data by whole days."


def shots() -> pd.DataFrame:
    """Return station and time, in UTC, of photos near full hours; some are not there."""
    rows = [
        (station, START + timedelta(days=day, hours=hour, minutes=(7 * day + 5 * n) % 19 - 9))
        for n, station in enumerate(STATIONS)
        for day in range(N_DAYS)
        for hour in (6, 11)
        if (day + 3 * n + hour) % 7
    ]
    return pd.DataFrame(rows, columns=["station", "time"])


def level(station: str, time: datetime) -> int:
    return round(500 * STATIONS.index(station) + (time - START) / timedelta(hours=1))


def levels(step: timedelta = timedelta(hours=1)) -> pd.DataFrame:
    """Return the level of each station at each step, in UTC."""
    n = timedelta(days=N_TRAIN_DAYS) // step
    times = [START + step * one for one in range(n)]
    rows = [(station, time, level(station, time)) for time in times for station in STATIONS]
    return pd.DataFrame(rows, columns=["station", "time", "level"])


def put(data: Path, photos: pd.DataFrame, name: Callable[[str, datetime], str]) -> dict[str, str]:
    """Write photos; return the path of each by station and time."""
    found = {}
    for n, (station, time) in enumerate(photos.itertuples(index=False)):
        path = data / "photos" / f"{name(station, time)}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(n)
        Image.fromarray(rng.integers(0, 255, (9, 9, 3), dtype=np.uint8)).save(path)
        found[f"{station} {time}"] = str(path)
    return found


def nearest(photos: pd.DataFrame, rows: pd.DataFrame, limit: timedelta) -> pd.Series[float]:
    """Return the level of each photo as pandas joins it."""
    return (
        pd.merge_asof(
            photos.sort_values("time").reset_index(),
            rows.sort_values("time"),
            on="time",
            by="station",
            direction="nearest",
            tolerance=pd.Timedelta(limit),
        )
        .set_index("index")["level"]
        .sort_index()
    )


def labels(found: Competition) -> dict[str, float]:
    samples = load_samples(found, "train")
    return {one[0]: label for one, label in zip(samples["images"], samples["label"], strict=True)}


def local(time: datetime, zone: ZoneInfo = PARIS) -> str:
    return time.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone).strftime(ROW)


def hour(time: datetime) -> datetime:
    return (time + timedelta(minutes=30)).replace(minute=0)


def wide(data: Path, cells: Mapping[tuple[str, datetime], object], path: str) -> None:
    """Write a table with a row for each time of Paris, and a column for each station."""
    times = sorted({time for _, time in cells})
    lines = [
        ";".join([local(time), *(str(cells.get((one, time), "")) for one in STATIONS)])
        for time in times
    ]
    (data / path).write_text("\n".join([";".join(["when", *STATIONS]), *lines]) + "\n")


def is_of_test(time: datetime) -> bool:
    return time >= START + timedelta(days=N_TRAIN_DAYS)


def gauges(data: Path, text: str) -> dict[str, float]:
    """Write photos named in UTC and wide tables of Paris; return the label of each photo."""
    photos = shots()
    paths = put(data, photos, lambda station, time: f"{station}_{time:%Y%m%dT%H%MZ}")
    rows = levels()
    rows = rows[(rows["station"] != "V31") | (rows["time"].dt.day != 20)]  # the logger failed
    read = {(one.station, one.time.to_pydatetime()): one.level for one in rows.itertuples()}
    wide(data, read, "levels.csv")
    asked = {(one.station, hour(one.time)): 100 for one in photos.itertuples()
             if is_of_test(one.time)}  # fmt: skip
    wide(data, asked, "sample_submission.csv")
    (data / "README.md").write_text(text)
    known = nearest(photos, rows, timedelta(minutes=30))
    found = dict(zip(paths.values(), known, strict=True))
    is_known = known.notna() & ~photos["time"].map(is_of_test)
    return {path: found[path] for path, one in zip(found, is_known, strict=True) if one}


def test_a_column_for_each_station_and_the_clock_of_a_place(tmp_path: Path) -> None:
    known = gauges(tmp_path / "data", TEXT.format("Europe/Paris"))
    found, notes = begin(tmp_path)
    assert found.tasks == {"classify": "regression"}
    assert {str(tmp_path / path): one for path, one in labels(found).items()} == known
    assert found.folds.group == "day"
    assert "2 photos without a row" in notes
    assert "those of made/tables/levels.csv are Europe/Paris: README.md says" in notes


def test_a_file_to_send_is_such_a_table_with_blank_cells(tmp_path: Path) -> None:
    gauges(tmp_path / "data", TEXT.format("Europe/Paris"))
    found, _ = begin(tmp_path)
    test = load_samples(found, "test")
    numbers = np.arange(len(test)) + 0.5
    ids = list(test["id"])
    sent_file = write_submission(tmp_path / "sent.csv", found, ids, numbers)
    assert check(sent_file, found) == []
    sent = pd.read_csv(sent_file, sep=";", dtype=str, keep_default_na=False)
    shown = pd.read_csv(
        tmp_path / "data/sample_submission.csv", sep=";", dtype=str, keep_default_na=False
    )
    assert (sent == "").equals(shown == "")
    assert list(sent["when"]) == list(shown["when"])
    for path, number in zip(test["images"], numbers, strict=True):
        station, time = Path(path[0]).stem.split("_")
        row = local(hour(datetime.strptime(time, "%Y%m%dT%H%MZ")))
        assert float(sent.set_index("when").loc[row, station]) == number


def test_times_of_the_sample_show_hours_between_clocks_of_which_no_text_tells(
    tmp_path: Path,
) -> None:
    photos = shots()
    data = tmp_path / "data"
    paths = put(data, photos, lambda station, time: f"{station}/{time:%Y-%m-%d_%H-%M}")
    late = timedelta(hours=5)
    rows = levels()
    rows.assign(time=rows["time"] + late).to_csv(data / "levels.csv", index=False)
    asked = photos[photos["time"].map(is_of_test)]
    asked.assign(time=asked["time"].map(hour) + late, level=0).to_csv(
        data / "sample_submission.csv", index=False
    )
    found, notes = begin(tmp_path)
    known = nearest(photos, rows, timedelta(minutes=30))
    is_known = ~photos["time"].map(is_of_test)
    assert {str(tmp_path / path): one for path, one in labels(found).items()} == {
        path: one for path, one, is_there in zip(paths.values(), known, is_known, strict=True)
        if is_there
    }  # fmt: skip
    assert "those of levels.csv are UTC+05:00" in notes
    assert len(load_samples(found, "test")) == len(asked)


def loggers(data: Path, text: str, *, offsets: str = "utc_offset_h") -> pd.DataFrame:
    """Write photos by their cameras' clocks, a log in UTC, and ids of photos of one station."""
    photos = shots()
    hours = {"V20": -7, "V31": -8, "V44": -7}
    put(data, photos, lambda station, time: (
        f"{station}/{time + timedelta(hours=hours[station]):%Y%m%d_%H%M%S}"))  # fmt: skip
    rows = levels(timedelta(minutes=30))
    rows = rows[rows["station"] != "V44"]
    rows = rows[rows["time"].dt.day != 21]
    rows.assign(time=rows["time"].dt.strftime("%Y-%m-%dT%H:%MZ"), battery=12.5).to_csv(
        data / "log.csv", index=False
    )
    pd.DataFrame({"station": hours.keys(), offsets: hours.values()}).to_csv(
        data / "stations.csv", index=False
    )
    names = [f"V44/{one + timedelta(hours=-7):%Y%m%d_%H%M%S}"
             for one in photos["time"][photos["station"] == "V44"]]  # fmt: skip
    pd.DataFrame({"photo": names, "level": 0}).to_csv(data / "sample_submission.csv", index=False)
    (data / "README.md").write_text(text)
    return photos.assign(level=nearest(photos, rows, timedelta(minutes=8)))


def test_a_table_of_stations_has_their_clocks_and_a_text_how_near_a_row_must_be(
    tmp_path: Path,
) -> None:
    photos = loggers(
        tmp_path / "data", "The level is that of the nearest reading, at most 8 minutes away."
    )
    found, notes = begin(tmp_path)
    assert {"/".join(Path(one).parts[-2:])[:-4] for one in labels(found)} == {
        f"{one.station}/{one.time - timedelta(hours=7 + (one.station == 'V31')):%Y%m%d_%H%M%S}"
        for one in photos.dropna().itertuples()
    }
    assert sorted(labels(found).values()) == sorted(photos["level"].dropna())
    assert "at most 8 min away (README.md says" in notes
    assert set(load_samples(found, "test")["id"]) == set(
        pd.read_csv(tmp_path / "data/sample_submission.csv")["photo"]
    )


def test_clocks_of_which_nothing_tells_the_right_one_are_a_question(tmp_path: Path) -> None:
    data = tmp_path / "data"
    photos = shots()
    put(data, photos, lambda station, time: f"{station}/{time:%Y%m%d_%H%M%S}")
    rows = levels()
    rows.to_csv(data / "log.csv", index=False)
    asked = photos[photos["time"].map(is_of_test)]
    names = [f"{one.station}/{one.time:%Y%m%d_%H%M%S}" for one in asked.itertuples()]
    pd.DataFrame({"photo": names, "level": 0}).to_csv(data / "sample_submission.csv", index=False)
    (data / "README.md").write_text("Clocks are those of America/Lima or of Asia/Tokyo.")
    found, notes = begin(tmp_path)
    same = nearest(photos, rows, timedelta(minutes=30))[~photos["time"].map(is_of_test)]
    assert sorted(labels(found).values()) == sorted(same)
    assert "choose data.train.table" in notes
    assert (tmp_path / "made/tables/log_nearest_2.csv").is_file()


def test_a_table_that_names_photos_has_their_labels(tmp_path: Path) -> None:
    data = tmp_path / "data"
    photos = shots()
    paths = put(data, photos, lambda station, time: f"{station}_{time:%Y%m%dT%H%MZ}")
    wide(data, {(one.station, one.time.to_pydatetime()): one.level for one in
                levels().itertuples()}, "weather.csv")  # fmt: skip
    names = [Path(one).name for one in paths.values()]
    kinds = ["rain" if n % 3 else "snow" for n in range(len(names))]
    of_train = pd.DataFrame({"photo": names, "kind": kinds})
    of_train.iloc[20:].to_csv(data / "train.csv", index=False)
    of_train.iloc[:20].assign(kind="rain").to_csv(data / "sample_submission.csv", index=False)
    found, _ = begin(tmp_path)
    assert found.classes == ["rain", "snow"]


def test_quantiles_are_refused_unless_the_number_is_named(tmp_path: Path) -> None:
    data = tmp_path / "data"
    loggers(data, "Scored by the pinball loss of three quantiles.")
    sample = pd.read_csv(data / "sample_submission.csv").drop(columns="level")
    sample.assign(q10=1.0, q50=2.0, q90=3.0).to_csv(data / "sample_submission.csv", index=False)
    with pytest.raises(DataError, match="are quantiles of one number"):
        begin(tmp_path)
    found, _ = begin(tmp_path, label="level")
    assert (found.kind, found.data.train.label) == ("quantiles[0.1,0.5,0.9]", "level")


@pytest.mark.parametrize(("cell", "time"), [
    ("12/03/2023 07:00", "2023-03-12 07:00"), ("2023-03-12T07:00:30Z", "2023-03-12 07:00:30"),
    ("2023-03-12 07:00+02:00", "2023-03-12 05:00"), ("3/28/2023 7:05 PM", "2023-03-28 19:05"),
    ("28.3.2023 7h05", "2023-03-28 07:05"),
])  # fmt: skip
def test_cells_hold_times_in_many_forms(cell: str, time: str) -> None:
    assert times_of_cells([cell])[0].times[0] == pd.Timestamp(time)


@pytest.mark.parametrize("cell", ["12/03/2023", "7:05", "V20", "2023-03-12 25:99", ""])
def test_other_cells_hold_none(cell: str) -> None:
    assert times_of_cells([cell]) == []


def test_a_path_holds_a_time_in_folders_too() -> None:
    found = time_in_path("photos/V20/2023-03-12/0605_left")
    assert found is not None
    assert found.time == datetime(2023, 3, 12, 6, 5)
    assert (found.before, found.behind) == ("photos/V20/", "_left")
    assert time_in_path("photos/1234567") is None


def test_an_hour_that_a_clock_has_twice_is_two_hours_in_utc() -> None:
    cells = ["2023-10-29 02:00", "2023-10-29 02:30", "2023-10-29 02:00", "2023-10-29 02:30"]
    found = in_utc(pd.Series(pd.to_datetime(cells)), PARIS)
    assert [f"{one:%H:%M}" for one in found] == ["00:00", "00:30", "01:00", "01:30"]
