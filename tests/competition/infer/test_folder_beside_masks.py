"""One folder of images beside those of train with masks: they may be those to predict."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table

POOLS = "coral_train/reefs", "Second_Dive"


def reefs(data: Path, *, n: int = 12, outlined: bool = True, first: int = 500) -> None:
    """Write reefs with outlines of sponges, or with classes, and images of a second dive.

    Args:
        data: the folder.
        n: images of the second dive.
        outlined: whether each image of train has the outline of a sponge.
        first: the number of the first image of the second dive.
    """
    for k in range(20):
        put(data / POOLS[0] / f"{k:04d}.jpg", k)
        about = {"label": "sponge", "points": [[2, 2], [9, 2 + k % 3], [6, 9]]}
        records = {
            "version": "4.5.6", "flags": {}, "imagePath": f"{k:04d}.jpg", "imageData": None,
            "imageHeight": 12, "imageWidth": 16,
            "shapes": [{**about, "group_id": None, "shape_type": "polygon", "flags": {}}],
        }  # fmt: skip
        if outlined:
            file = data / f"coral_train/outlines/{k:04d}.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(records), encoding="utf-8")
    for k in range(n):
        put(data / POOLS[1] / f"{first + k:04d}.jpg", 100 + k)


def test_the_one_folder_beside_images_with_masks_is_to_predict_unlabelled_or_empty(
    tmp_path: Path,
) -> None:
    reefs(tmp_path / "data")
    found, told = begin(tmp_path)
    files = {one for (one,) in load_samples(found, "test")["images"]}
    assert files == {f"data/Second_Dive/{500 + k:04d}.jpg" for k in range(12)}
    assert len(load_samples(found, "train")) == 20
    assert found.to_choose == ["data.test", "data.train.images", "data.train.absent"]
    assert "Second_Dive is taken for the images to predict: no others have no mask" in told


def test_so_it_is_beside_images_whose_masks_are_files(tmp_path: Path) -> None:
    data = tmp_path / "data"
    reefs(data, outlined=False)
    for k in range(20):
        values = np.zeros((12, 16), np.uint8)
        values[2 : 9 - k % 3, 3:11] = 255
        file = data / f"coral_train/masks/{k:04d}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(values).save(file)
    found, _ = begin(tmp_path)
    files = {one for (one,) in load_samples(found, "test")["images"]}
    assert files == {f"data/Second_Dive/{500 + k:04d}.jpg" for k in range(12)}
    assert "data.test" in found.to_choose


def test_few_images_and_those_called_as_images_of_train_are_not_predicted(tmp_path: Path) -> None:
    for n, first in ((4, 500), (12, 8)):
        root = tmp_path / str(n)
        reefs(root / "data", n=n, first=first)
        with pytest.raises(DataError, match=r"no images to predict|no labels"):
            begin(root)


def test_a_folder_that_a_table_tells_of_is_not_predicted(tmp_path: Path) -> None:
    data = tmp_path / "data"
    reefs(data)
    rows = [(f"{500 + k:04d}.jpg", k % 4) for k in range(12)]
    table(data / "depths.csv", ("file", "depth"), *rows)
    with pytest.raises(DataError, match="no images to predict"):
        begin(tmp_path)


def test_a_folder_beside_images_without_a_mask_is_not_predicted(tmp_path: Path) -> None:
    reefs(tmp_path / "data", outlined=False)
    with pytest.raises(DataError):
        begin(tmp_path)
