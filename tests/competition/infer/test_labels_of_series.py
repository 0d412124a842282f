"""Labels of series of images, in a table called as labels, are those of each image of a series."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from tests.competition.infer.test_odd_labels import begin, put, table

BIRDS = ("heron", "ibis", "stork")


def _ponds(data: Path, listed: str, columns: tuple[str, ...], n_series: int = 18) -> None:
    """Write series of two or three frames of ponds, and a table with a row for each series."""
    frames, series = [], []
    for n in range(18):
        for k in range(2 + n % 2):
            put(data / f"train/{n:02}_{k}.png", n * 3 + k)
            frames.append((f"s{n:02}", f"{n:02}_{k}.png", k, 2 + n % 2))
        seen = {BIRDS[n % 3], BIRDS[n % 4 % 3]}
        marks = {bird: int(bird in seen) for bird in BIRDS}
        series.append((f"s{n:02}", *(marks.get(one, BIRDS[n % 3]) for one in columns)))
    put(data / "test/a.png", 99)
    table(data / "frames.csv", ("series", "file", "frame", "n_frames"), *frames)
    table(data / listed, ("series", *columns), *series[:n_series])


@pytest.mark.parametrize("columns", [BIRDS, ("bird",)])
def test_each_image_has_the_labels_of_its_series(tmp_path: Path, columns: tuple[str, ...]) -> None:
    _ponds(tmp_path / "data", "train_labels.csv", columns)
    found, told = begin(tmp_path)
    assert found.classes == list(BIRDS)
    assert found.folds.group == "series"
    assert len(load_samples(found, "train")) == 45
    assert "of train_labels.csv for each series" in told


@pytest.mark.parametrize(("listed", "n_series"), [("keepers.csv", 18), ("train_labels.csv", 12)])
def test_what_is_known_of_series_or_labels_some_of_them_is_not_joined(
    tmp_path: Path, listed: str, n_series: int
) -> None:
    _ponds(tmp_path / "data", listed, BIRDS, n_series)
    _, told = begin(tmp_path)
    assert f"{listed} for each" not in told
