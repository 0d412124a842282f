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


def bays(data: Path, parts: tuple[tuple[str, int], ...], *, beside: str = "sonar") -> None:
    """Write photographs of bays by part, what a sonar measured there, and masks to learn from."""
    for part, n in parts:
        for k in range(n):
            put(data / f"{part}/images/{part}_{k:02}.png", 40 * len(part) + k)
            measured(data / f"{part}/{beside}/{part}_{k:02}.tif", 40 * len(part) + k)
            mask = np.zeros(SIZE, np.uint8)
            mask[2 : 5 + k % 5, 3:9] = 1
            if part != "test" and part != "unlabelled":
                (data / f"{part}/masks").mkdir(parents=True, exist_ok=True)
                Image.fromarray(mask).save(data / f"{part}/masks/{part}_{k:02}.png")


def flat(path: Path) -> None:
    """Write what was measured where nothing is: fewer values than masks may have."""
    values = np.zeros(SIZE, np.float32)
    values[:2, :3] = np.random.default_rng(5).uniform(1, 9, (2, 3))
    tifffile.imwrite(path, values)


@pytest.mark.parametrize("odd", ["test", "train", "unlabelled"])
def test_what_a_folder_of_one_part_is_that_of_its_name_is_in_the_others(
    tmp_path: Path, odd: str
) -> None:
    data = tmp_path / "data"
    bays(data, (("train", N_TRAIN), ("test", 6), ("unlabelled", 8)))
    for path in sorted((data / odd / "sonar").iterdir())[:2]:
        flat(path)
    (data / odd / f"sonar/{odd}_05.tif").unlink()  # not each image was measured
    found, notes = begin(tmp_path)
    for part in ("train", "test", "unlabelled"):
        files = {str(one) for each in load_samples(found, part)["images"] for one in each}
        assert files == {
            one.relative_to(tmp_path).as_posix() for one in (data / part / "images").iterdir()
        }
        assert f"files in sonar of {part} are not read: they are rasters" in notes


@pytest.mark.parametrize("name", ["sketches", "previews"])
@pytest.mark.parametrize("end", ["", "_drawn"])
def test_images_of_test_lie_where_those_of_train_do(tmp_path: Path, name: str, end: str) -> None:
    data = tmp_path / "data"
    bays(data, (("train", N_TRAIN), ("test", 6)))
    for k in range(6):
        put(data / f"test/{name}/test_{k:02}{end}.png", 700 + k)
    found, notes = paths(tmp_path)
    assert len(found) == N_TRAIN + 6
    assert all("/images/" in path for path in found)
    assert f"6 files in {name} of test are not read" in notes


def test_other_images_in_folders_of_test_are_read(tmp_path: Path) -> None:
    data = tmp_path / "data"
    bays(data, (("train", N_TRAIN), ("test", 6)))
    for k in range(6):
        put(data / f"test/later/late_{k:02}.png", 700 + k)
    found, _ = paths(tmp_path)
    assert len(found) == N_TRAIN + 12


def test_folders_of_test_that_a_table_names_are_read(tmp_path: Path) -> None:
    data = tmp_path / "data"
    bays(data, (("train", N_TRAIN), ("test", 6)))
    for k in range(6):
        put(data / f"test/later/test_{k:02}.png", 700 + k)
    each = [f"{name}/test_{k:02}.png" for name in ("images", "later") for k in range(6)]
    table(data / "test.csv", ("file", "n"), *((one, k) for k, one in enumerate(each)))
    found, notes = paths(tmp_path)
    assert len(found) == N_TRAIN + 12
    assert "in later of test are not read" not in notes
