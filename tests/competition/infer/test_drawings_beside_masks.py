"""Numbered pairs of folders of images and masks, and pictures that draw masks beside them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from competition.infer.test_odd_labels import begin, put
from PIL import Image

from podium.competition.samples import load_samples

OF_FARM = 8


def orchards(data: Path, *, end: str, called: str = "drawn", place: str = "data_F") -> None:
    """Write orchards of three farms, the masks of their trees, and more pictures of each."""
    for farm in range(1, 4):
        for n in range(OF_FARM):
            name, seed = f"row{farm}{n}", farm * 50 + n
            put(data / f"{place}{farm}/images_{farm}/{name}.png", seed)
            mask = np.zeros((12, 16), np.uint8)
            mask[2 : 5 + n % 5, 3 : 8 + farm] = 255
            (data / f"{place}{farm}/masks_{farm}").mkdir(parents=True, exist_ok=True)
            Image.fromarray(mask).save(data / f"{place}{farm}/masks_{farm}/{name}_mask.png")
            put(data / f"{place}{farm}/{called}_{farm}/{name}{end}.png", 500 + seed)


def test_all_numbered_pairs_of_folders_are_of_train(tmp_path: Path) -> None:
    orchards(tmp_path / "data", end="_mask_box")
    for n in range(4):
        put(tmp_path / f"data/test/q{n}.png", 900 + n)
    found, notes = begin(tmp_path)
    train = load_samples(found, "train")
    assert len(train) == 3 * OF_FARM
    assert all("/images_" in path for files in train["images"] for path in files)
    of_masks = [
        (files[0], mask.files[0])
        for files, mask in zip(train["images"], train["mask"], strict=True)
    ]
    assert all(Path(mask).stem == f"{Path(image).stem}_mask" for image, mask in of_masks)
    assert not [one for one in found.to_choose if one.startswith("data.")]
    assert "24 pictures in" in notes
    assert "as drawings of masks are" in notes


def test_pictures_named_after_images_are_no_drawings_of_masks(tmp_path: Path) -> None:
    orchards(tmp_path / "data", end="_night", called="later")
    _, notes = begin(tmp_path)
    assert "as drawings of masks are" not in notes


def test_drawings_of_masks_are_no_images_of_class_folders(tmp_path: Path) -> None:
    orchards(tmp_path / "data", end="_mask_box", place="farm_")
    for n in range(4):
        put(tmp_path / f"data/test/q{n}.png", 900 + n)
    found, _ = begin(tmp_path)
    train = load_samples(found, "train")
    assert len(train) == 3 * OF_FARM
    assert "tasks" in found.to_choose


def stones(data: Path, *, least: int) -> None:
    """Write photos of walls, and of each person the masks of stones with maps of distances.

    Args:
        data: the folder to write.
        least: grey of the maps outside the stones.
    """
    for n in range(OF_FARM):
        put(data / f"walls/w{n}.png", n)
        for k, person in enumerate(("reader 1", "reader 2")):
            mask = np.zeros((12, 16), np.uint8)
            mask[2 : 5 + n % 5, 3 : 8 + k] = 255
            random = np.random.default_rng(50 * k + n)
            far = np.where(mask, random.integers(1, 255, mask.shape), least + mask)
            for kind, pixels in (("masks", mask), ("far", far.astype(np.uint8))):
                (data / person / kind).mkdir(parents=True, exist_ok=True)
                Image.fromarray(pixels).save(data / person / kind / f"w{n}.png")
    for n in range(4):
        put(data / f"test/q{n}.png", 900 + n)


def test_distances_inside_masks_are_no_images(tmp_path: Path) -> None:
    stones(tmp_path / "data", least=0)
    found, notes = begin(tmp_path)
    train = load_samples(found, "train")
    assert [files[0] for files in train["images"]] == [f"data/walls/w{n}.png" for n in range(8)]
    assert found.data.train.mask == "data/reader 1/masks/{id}.png"
    assert found.to_choose == ["data.train.mask"]
    assert "16 pictures in 'reader 1/far', 'reader 2/far' are not used" in notes


def test_pictures_that_show_something_outside_masks_are_no_maps_of_them(tmp_path: Path) -> None:
    stones(tmp_path / "data", least=9)
    _, notes = begin(tmp_path)
    assert "are black wherever the masks beside them are" not in notes
