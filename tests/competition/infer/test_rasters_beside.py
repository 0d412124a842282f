"""Rasters of another kind beside images in colour: the images in colour are used."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from competition.infer.test_odd_labels import begin, put, table
from PIL import Image

from podium.competition.samples import load_samples

SIZE = (12, 16)
N_TRAIN = 24


def measured(path: Path, seed: int, *, deep: bool = False) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    values = np.random.default_rng(seed).uniform(500, 40_000, SIZE)
    if deep:
        Image.fromarray(values.astype(np.uint16)).save(path)
    else:
        tifffile.imwrite(path, values.astype(np.float32))


def reefs(data: Path, *, images: str = "photos", beside: str = "sonar") -> None:
    """Write photographs of reefs, what a sonar measured there, and masks of corals."""
    for part, n, first in (("train", N_TRAIN, 0), ("test", 6, 100)):
        for k in range(first, first + n):
            put(data / f"{images}/{part}/reef{k}.tif", k)
            measured(data / f"{beside}/{part}/reef{k}.tif", k)
            if part == "train":
                mask = np.zeros(SIZE, np.uint8)
                mask[2 : 5 + k % 5, 3:9] = 1
                (data / "masks/train").mkdir(parents=True, exist_ok=True)
                Image.fromarray(mask).save(data / f"masks/train/reef{k}.tif")


def paths(tmp_path: Path) -> tuple[set[str], str]:
    found, notes = begin(tmp_path)
    parts = (load_samples(found, part) for part in ("train", "test"))
    return {str(one) for part in parts for files in part["images"] for one in files}, notes


def test_images_lie_in_the_folder_in_colour_beside_masks(tmp_path: Path) -> None:
    reefs(tmp_path / "data")
    found, notes = paths(tmp_path)
    assert len(found) == N_TRAIN + 6
    assert all(path.startswith("data/photos/") for path in found)
    assert "30 files in sonar of the data folder are not read" in notes
    assert load_samples(begin(tmp_path)[0], "train")["mask"].notna().all()


@pytest.mark.parametrize("images", ["optics", "photos"])
def test_two_folders_in_colour_are_both_read(tmp_path: Path, images: str) -> None:
    data = tmp_path / "data"
    for k in range(N_TRAIN):
        put(data / f"train/{images}/{k}.png", k)
        put(data / f"train/night/{k}.png", 500 + k)
    for k in range(4):
        put(data / f"test/q{k}.png", 900 + k)
    found, notes = paths(tmp_path)
    assert len(found) == 2 * N_TRAIN + 4
    assert "are not read" not in notes


def test_rasters_called_as_images_are_read(tmp_path: Path) -> None:
    data = tmp_path / "data"
    reefs(data, images="rgb preview", beside="images")
    _, notes = begin(tmp_path)
    assert "are not read" not in notes


def cups(data: Path, *, colour: str = "colour") -> None:
    """Write a folder for each cup and kind of picture, and its price."""
    for part, n, first in (("train", N_TRAIN, 0), ("test", 6, 100)):
        for k in range(first, first + n):
            put(data / f"{part}/{colour}/cup{k}/seen.png", k)
            put(data / f"{part}/depth_{colour}/cup{k}/drawn.png", 500 + k)
            measured(data / f"{part}/depth/cup{k}/raw.png", k, deep=True)
    rows = ((f"cup{k}", f"{k * 7 % 40 + k / 7:.3f}") for k in range(N_TRAIN))
    table(data / "prices.csv", ("cup", "price"), *rows)
    rows = ((f"cup{k}", "0") for k in range(100, 106))
    table(data / "sample_submission.csv", ("cup", "price"), *rows)


@pytest.mark.parametrize("colour", ["colour", "rgb"])
def test_a_picture_in_colour_is_the_image_of_a_folder_beside_its_depth(
    tmp_path: Path, colour: str
) -> None:
    cups(tmp_path / "data", colour=colour)
    found, notes = paths(tmp_path)
    assert len(found) == N_TRAIN + 6
    assert all(f"/{colour}/" in path for path in found)
    assert "are rasters of another kind" in notes


def test_a_folder_of_masks_of_many_objects_is_no_raster(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for part, n in (("train", N_TRAIN), ("test", 6)):
        for k in range(n):
            put(data / f"{part}/images/{part}{k}.png", k)
            objects = np.zeros(SIZE, np.uint16)
            objects[::4, ::4] = np.arange(1, 13).reshape(3, 4)
            if part == "train":
                (data / "train/cells").mkdir(parents=True, exist_ok=True)
                Image.fromarray(objects).save(data / f"train/cells/{part}{k}.png")
    _, notes = begin(tmp_path)
    assert "are not read" not in notes
