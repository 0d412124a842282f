"""Masks whose names begin otherwise than those of their images, in folders of any name."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import tifffile
from layouts.judging import readings_of
from numpy.typing import NDArray

from podium.competition.infer.conversions.masks.object_folders import scan_data
from podium.competition.samples import load_samples
from tests.competition.infer.test_odd_masks import SIZE, read, save


def drawn(number: int, values: tuple[int, ...]) -> NDArray[np.uint8]:
    """Return stripes of three of the values, which change from number to number."""
    found = np.zeros(SIZE, np.uint8)
    for n, columns in enumerate(np.array_split(np.arange(SIZE[1]), 3)):
        found[:, columns] = values[(number + 2 * n) % len(values)]
    return found


def country(data: Path, start: str, values: tuple[int, ...], *, like: str = "") -> None:
    """Write images of five bands, masks of names with this start, and facts of both parts."""
    about, random = {}, np.random.default_rng(0)
    for number in range(24):
        is_test = number >= 16
        top = "air_test" if is_test else "air_train"
        below = f"D{number % 2 + 4:03}/Z{number % 3}"
        path = data / top / below / f"img/AIR_{number:04}.tif"
        path.parent.mkdir(parents=True, exist_ok=True)
        bands = random.integers(0, 255, (*SIZE, 5)).astype(np.uint8)
        tifffile.imwrite(path, bands, photometric="minisblack", planarconfig="contig")
        about[path.stem] = {"domain": f"D{number % 2 + 4:03}", "x": 4893.5 + number, "y": 1.5}
        if not is_test:
            other = random.integers(0, 255, SIZE).astype(np.uint8) if like else None
            mask = drawn(number, values) if other is None else other
            save(data / f"land_train/{below}/{start.lower()}/{start}_{number:04}.tif", mask)
    (data / "about.json").write_text(json.dumps(about), encoding="utf-8")


@pytest.mark.parametrize("start", ["LND", "MSK", "ZZ"])
def test_masks_of_another_start_are_known_by_their_look(tmp_path: Path, start: str) -> None:
    country(tmp_path / "data", start, (1, 2, 3, 4))
    found, masks = read(tmp_path / "data")
    assert found.competition.tasks == {"segment": "multiclass"}
    assert len(masks) == 16
    for name, mask in masks.items():
        assert np.array_equal(mask, drawn(int(name[-4:]), (1, 2, 3, 4)))
    assert len(load_samples(found.competition, "test")) == 8
    assert not found.competition.to_choose


def test_pictures_of_another_start_that_are_not_flat_are_no_masks(tmp_path: Path) -> None:
    country(tmp_path / "data", "LND", (), like="photo")
    assert not scan_data(tmp_path / "data", "data").of_part("mask")


def test_numbers_that_no_mask_has_may_be_no_classes(tmp_path: Path) -> None:
    country(tmp_path / "data", "LND", (1, 2, 6, 9))
    found, _ = read(tmp_path / "data")
    assert {"classes", "data.train.mask_values"} <= {*found.competition.to_choose}
    given = readings_of(found.text)
    assert given["classes"] == [["class 1", "class 2", "class 6", "class 9"]]
    assert given["data.train.mask_values"] == [{n: f"class {n}" for n in (1, 2, 6, 9)}]
    assert len(found.competition.classes) == 9
