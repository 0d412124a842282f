"""Rows of a log name pictures by their date and time, in any form of these."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.ids.instants import find_named_by_instants
from podium.competition.infer.scan import scan_folder
from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from podium.competition.tables import read_table

START = datetime(2026, 3, 9, 6, 45)
SHOTS = [START + timedelta(hours=2 * n + 12 * (n // 6)) for n in range(36)]
N_TRAIN = 27
NAMES = ("{:%Y%m%d_%H%M}", "cam1_{:%Y-%m-%d-%H-%M-%S}", "IMG_{:%Y%m%d%H%M%S}")


def camera(data: Path, name: str, day: str, clock: str, *, together: bool = False) -> None:
    """Write pictures, a log with hours without one, and a sample with a placeholder."""

    def row(at: datetime, value: str) -> str:
        cells = [at.strftime(day), at.strftime(clock).lstrip("0"), value]
        return ",".join([" ".join(cells[:2]), value] if together else cells)

    for n, at in enumerate(SHOTS):
        file = data / "pictures" / f"{name.format(at)}.jpg"
        file.parent.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(n)
        Image.fromarray(rng.integers(0, 255, (9, 9, 3), dtype=np.uint8)).save(file)
    head = "when,depth" if together else "day,clock,depth"
    log = [row(at, f"{n * 1.25:.2f}") for n, at in enumerate(SHOTS[:N_TRAIN])]
    log.insert(3, row(SHOTS[3] + timedelta(minutes=17), "9.5"))  # of no picture
    (data / "log.csv").write_text("\n".join([head, *log]) + "\n")
    rows = [row(at, "0") for at in SHOTS[N_TRAIN:]]
    (data / "sample_submission.csv").write_text("\n".join([head, *rows]) + "\n")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("day", "clock"), [("%d.%m.%Y", "%H:%M"), ("%Y-%m-%d", "%H:%M:%S")])
def test_a_date_and_a_time_name_a_picture(name: str, day: str, clock: str, tmp_path: Path) -> None:
    camera(tmp_path / "data", name, day, clock)
    spec = infer(tmp_path / "data", tmp_path).competition
    assert spec.tasks == {"classify": "regression"}
    train, test = load_samples(spec, "train"), load_samples(spec, "test")
    pairs = zip(train["images"], train["label"], strict=True)
    found = {Path(one[0]).stem: label for one, label in pairs}
    assert found == {name.format(at): n * 1.25 for n, at in enumerate(SHOTS[:N_TRAIN])}
    assert [Path(one[0]).stem for one in test["images"]] == [
        name.format(at) for at in SHOTS[N_TRAIN:]
    ]
    assert spec.submission is not None
    assert spec.submission.file.id_of == "{day}/{clock}"
    at = SHOTS[N_TRAIN]
    assert test["id"].iloc[0] == f"{at.strftime(day)}/{at.strftime(clock).lstrip('0')}"


def test_both_in_one_column_name_a_picture(tmp_path: Path) -> None:
    camera(tmp_path / "data", NAMES[0], "%Y-%m-%d", "%H:%M", together=True)
    spec = infer(tmp_path / "data", tmp_path).competition
    assert len(load_samples(spec, "train")) == N_TRAIN
    assert len(load_samples(spec, "test")) == len(SHOTS) - N_TRAIN


def test_dates_whose_day_may_be_the_month_name_nothing(tmp_path: Path) -> None:
    camera(tmp_path / "data", NAMES[0], "%d/%m/%Y", "%H:%M")
    folder = scan_folder(tmp_path / "data", "data")
    few = read_table(tmp_path / "data/log.csv").iloc[:9]
    assert find_named_by_instants(CompetitionData(folder, {"log.csv": few})) is None
