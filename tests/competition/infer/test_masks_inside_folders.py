"""Masks in folders of several places, where names of images come back: never that of another."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_infer_masks import PHOTO, put, stripes

MASK = stripes([0, 255])


def of_places(data: Path, mask_of: dict[str, list[int]], where: str) -> None:
    for place in mask_of:
        put(data, [f"{place}/train/{n:04d}.png" for n in range(6)])
        put(data, [f"{place}/test/{n:04d}.png" for n in range(6, 9)])
    for place, numbers in mask_of.items():
        put(data, [where.format(place=place, n=n) for n in numbers], MASK)


def test_a_mask_in_a_folder_inside_is_of_the_image_above_it_alone(tmp_path: Path) -> None:
    of_places(
        tmp_path / "data",
        {"a": [0, 1], "b": [2, 3], "c": [4, 5]},
        "{place}/train/label/{n:04d}_label.png",
    )

    found = infer(tmp_path / "data", tmp_path).competition

    assert found.data.train.mask == "data/{folder}/train/label/{stem}_label.png"
    loaded = load_samples(found, "train")
    masks = {
        image: ref.files[0]
        for image, ref in zip(loaded["id"], loaded["mask"], strict=True)
        if ref is not None
    }
    assert set(masks.values()) == {
        f"data/{place}/train/label/{n:04d}_label.png"
        for place, numbers in (("a", (0, 1)), ("b", (2, 3)), ("c", (4, 5)))
        for n in numbers
    }
    for image, mask in masks.items():
        assert Path("data", image).parent == Path(mask).parent.parent
        assert f"{Path(image).stem}_label" == Path(mask).stem


def test_masks_that_folders_do_not_lead_to_are_refused(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for place in ("a", "b", "c"):
        put(data, [f"train/{place}/{n}.jpg" for n in range(6)])
    for place, numbers in (("a", (0, 1)), ("b", (2, 3)), ("c", (4, 5))):
        put(data, [f"masks/{place}/drawn/{n}.png" for n in numbers], MASK)
    put(data, [f"test/{n}.jpg" for n in range(3)], np.flip(PHOTO))

    with pytest.raises(DataError, match="names of images come back"):
        infer(data, tmp_path)


@pytest.mark.parametrize("seed", ["5", "6"])
def test_a_mask_as_frequent_as_its_image_is_found_whatever_the_order_of_names(
    tmp_path: Path, seed: str
) -> None:
    """Each folder has `rgb.jpg` and `labels.png`: sets of names have another order each time."""
    paths = [f"train/iid{n}/{name}" for n in range(9) for name in ("rgb.jpg", "labels.png")]
    code = (
        "from podium.competition.infer.masks.search import _masks_in_folders\n"
        f"print(len(_masks_in_folders({paths!r})))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "9"
