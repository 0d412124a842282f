"""Cells that are paths, of files whose names go on behind them."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from tests.competition.infer.test_odd_labels import begin, put, table


def flights(data: Path, *, end: str) -> None:
    """Write frames of flights, named by flight and number in a table, with an end in files."""
    rows = []
    for flight in range(12):
        part = "train" if flight < 8 else "test"
        for frame in range(0, 30, 10):
            name = f"f{flight * 37:03}ab/{frame:04}"
            put(data / f"{part}/{name}{end}.png", 10 * flight + frame)
            if part == "train":
                rows.append((name, ("kite", "stork")[(flight + frame // 10) % 2]))
    table(data / "train/labels.csv", ("flight/frame", "bird"), *rows)
    of_test = [
        (f"f{n * 37:03}ab/{frame:04}", "kite") for n in range(8, 12) for frame in (0, 10, 20)
    ]
    table(data / "sample_submission.csv", ("flight/frame", "bird"), *of_test)


@pytest.mark.parametrize("end", ["_view", ""])
def test_files_that_go_on_behind_the_path_of_a_cell_are_found(tmp_path: Path, end: str) -> None:
    flights(tmp_path / "data", end=end)

    found, notes = begin(tmp_path)

    assert found.data.train.images == f"data/train/{{flight/frame}}{end}.png"
    assert len(load_samples(found, "train")) == 24
    assert len(load_samples(found, "test")) == 12
    assert "to mend" not in notes
