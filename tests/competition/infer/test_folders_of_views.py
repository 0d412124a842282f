"""Folders beside masks that hold a view each of the same things, and those that are classes."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from podium.competition.infer.spec import infer
from podium.errors import DataError
from tests.competition.infer.test_odd_masks import box, photo, save


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
