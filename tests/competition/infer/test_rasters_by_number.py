"""Rasters beside images in colour with the same numbers, and their records in a nested JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from tests.competition.infer.test_odd_labels import begin, put
from tests.competition.infer.test_rasters_beside import measured


def _loaves(data: Path, *, deep: bool = True, with_records: bool = True) -> None:
    """Write photographs of loaves, what a camera of heat saw of them, and their weights."""
    weights = {}
    for n in range(5, 205, 5):
        put(data / f"ColourPhotos/photo_{n}.png", n)
        if deep:
            measured(data / f"Heat/ir_{n}.png", n, deep=True)
        else:
            put(data / f"Heat/ir_{n}.png", n + 1000)
        weights[f"Loaf{n}"] = {"Picture": f"photo_{n}.png", "Weight": 400 + n * 37 % 83 / 7}
    put(data / "test/a.png", 999)
    if with_records:
        about = {"About": {"Bakery": "north", "Unit": "g"}, "Loaves": {"Weighed": weights}}
        (data / "weights.json").write_text(json.dumps(about))


def test_rasters_of_the_same_numbers_are_no_class(tmp_path: Path) -> None:
    _loaves(tmp_path / "data")
    found, told = begin(tmp_path)
    assert found.tasks == {"classify": "regression"}
    train = load_samples(found, "train")
    assert len(train) == 40
    assert all("ColourPhotos" in str(path) for files in train["images"] for path in files)
    assert train["label"].iloc[0] == pytest.approx(400 + 5 * 37 % 83 / 7)
    assert "40 files in Heat of the data folder are not read" in told


def test_folders_in_colour_of_the_same_numbers_are_classes(tmp_path: Path) -> None:
    _loaves(tmp_path / "data", deep=False, with_records=False)
    found, _ = begin(tmp_path)
    assert found.classes == ["ColourPhotos", "Heat"]
