"""Pictures of two values beside train and test: masks where each shows another place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.infer.conversions.masks.object_folders import scan_data

SIZE = (24, 30)


def write(data: Path, places: list[tuple[slice, slice]]) -> None:
    random = np.random.default_rng(0)
    for part, first, n in (("train", 0, 6), ("test", 6, 4)):
        for k in range(first, first + n):
            region = np.zeros(SIZE, np.uint8)
            region[places[k % len(places)]] = 255
            photo = random.integers(0, 255, (*SIZE, 3)).astype(np.uint8)
            for folder, pixels, end in (("img", photo, "jpg"), ("lab", region, "png")):
                (data / f"{part}_{folder}").mkdir(parents=True, exist_ok=True)
                Image.fromarray(pixels).save(data / f"{part}_{folder}/{k}.{end}")


def here_and_there() -> list[tuple[slice, slice]]:
    return [(slice(3 * k, 3 * k + 4), slice(5 * k, 5 * k + 7)) for k in range(5)]


def nearly_the_same() -> list[tuple[slice, slice]]:
    return [(slice(2, 22), slice(3 + k, 26 + k)) for k in range(3)]


def test_pictures_of_other_places_each_are_masks_and_test_has_labels(tmp_path: Path) -> None:
    write(tmp_path, here_and_there())

    found = scan_data(tmp_path, "data")

    assert {one.folder for one in found.of_part("mask")} == {"train_lab", "test_lab"}
    assert not found.regions
    assert [one.folder for one in found.of_part("test")] == ["test_img"] * 4


@pytest.mark.parametrize("more", ["", "labels.csv", "list.txt"])
def test_fields_of_view_are_none_and_nor_is_what_a_table_may_label(
    tmp_path: Path, more: str
) -> None:
    write(tmp_path, here_and_there() if more else nearly_the_same())
    if more:
        (tmp_path / more).write_text("image,label\n0,1\n", encoding="utf-8")

    found = scan_data(tmp_path, "data")

    assert {one.rpartition("/")[0] for one in found.regions} == {"train_lab", "test_lab"}
    assert not found.of_part("mask")


@pytest.mark.parametrize("truth", [True, False])
def test_fields_of_view_of_images_in_deeper_folders_are_none_beside_masks(
    tmp_path: Path, truth: bool
) -> None:
    random = np.random.default_rng(0)
    for part, n in (("train", 6), ("test", 4)):
        for k in range(n):
            view = np.zeros(SIZE, np.uint8)
            view[:, 3:] = 255
            shots = {
                f"images/{one}": random.integers(0, 255, (*SIZE, 3)).astype(np.uint8)
                for one in ("rgb", "nir")
            }
            drawn = {"labels/weed": np.where(random.random(SIZE) < 0.3, 255, 0).astype(np.uint8)}
            for folder, pixels in {**shots, "views": view, **(drawn if truth else {})}.items():
                if folder.startswith("labels") and part == "test":
                    continue
                (tmp_path / part / folder).mkdir(parents=True, exist_ok=True)
                end = "jpg" if "images" in folder else "png"
                Image.fromarray(pixels).save(tmp_path / part / folder / f"{part}{k}.{end}")

    found = scan_data(tmp_path, "data")

    regions = {one.rpartition("/")[0] for one in found.regions}
    assert regions == ({"train/views", "test/views"} if truth else set())
    assert {one.folder for one in found.of_part("mask")} == (
        {"train/labels/weed"} if truth else set()
    )
