"""Folders beside masks that hold a view each of the same things, and those that are classes."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from podium.competition.infer.spec import infer
from podium.errors import DataError
from tests.competition.infer.test_odd_masks import SIZE, box, photo, save


def fields(data: Path, kinds: tuple[str, ...], *, is_apart: bool) -> None:
    for number in range(20):
        for place, kind in enumerate(kinds):
            name = f"farm_{number + 50 * place * is_apart:03}_{kind}"
            photo(data / f"flights/{kind}/{name}.png", 100 * place + number)
            if is_apart:
                save(data / f"flights/masks/{name}.png", box(number + 1) * np.uint8(255))
        if not is_apart:
            path = data / f"flights/drawn/farm_{number:03}_drawn.png"
            save(path, box(number + 1) * np.uint8(255))


def test_views_of_one_place_are_no_classes(tmp_path: Path) -> None:
    data = tmp_path / "data"
    fields(data, ("optical", "radar"), is_apart=False)
    with pytest.raises(DataError, match="look like views of one thing"):
        infer(data, tmp_path, has_test=False)
    shutil.rmtree(data / "flights/optical")
    assert infer(data, tmp_path, has_test=False).competition.tasks == {"segment": "binary"}


def test_images_of_one_folder_each_are_of_a_class(tmp_path: Path) -> None:
    fields(tmp_path / "data", ("barley", "clover"), is_apart=True)
    found = infer(tmp_path / "data", tmp_path, has_test=False).competition
    assert found.classes == ["barley", "clover"]


def test_masks_and_others_beside_images_of_several_folders_are_no_classes(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for place, kind in enumerate(("A1", "A2")):
        for number in range(8):
            photo(data / f"train/{kind}/plant{number:03}_rgb.png", 100 * place + number)
            for end, value in (("label", 1 + number % 3), ("fg", 255)):
                plane = np.zeros(SIZE, np.uint8)
                plane[number : number + 4, 2 + place : 9] = value
                save(data / f"train/{kind}/plant{number:03}_{end}.png", plane)
        photo(data / f"test/{kind}/plant090_rgb.png", 900 + place)
        save(data / f"test/{kind}/plant090_fg.png", box(3) * np.uint8(255))
    with pytest.raises(DataError, match="each of 16 names has files that end with") as refused:
        infer(data, tmp_path)
    assert "named by folder, as images/A1_plant000_fg.png" in refused.value.fix
    for folder in ("train/images", "train/masks", "test/images"):
        (data / folder).mkdir()
    for path in sorted(data.rglob("*.png")):
        part, kind, _ = path.relative_to(data).parts
        stem, _, end = path.stem.rpartition("_")
        folder = {"rgb": "images", "fg": "masks" if part == "train" else ""}.get(end)
        path.rename(data / part / folder / f"{kind}_{stem}.png") if folder else path.unlink()
    assert infer(data, tmp_path).competition.tasks == {"segment": "binary"}


def test_folders_of_the_same_names_that_test_has_too_are_channels_and_no_classes(
    tmp_path: Path,
) -> None:
    """As two dates of two polarisations each: images to predict lie in folders of no class."""
    data = tmp_path / "data"
    for place, folder in enumerate(("before/HH", "before/HV", "after/HH", "after/HV")):
        for number in range(12):
            photo(data / f"train/images/{folder}/{number:03}.png", 100 * place + number)
        for number in range(4):
            photo(data / f"test/images/{folder}/{number + 40:03}.png", 500 + 10 * place + number)
    for number in range(12):
        save(data / f"train/masks/{number:03}.png", box(number + 1) * np.uint8(255))
    with pytest.raises(DataError, match="look like channels of one image, and no classes"):
        infer(data, tmp_path)
