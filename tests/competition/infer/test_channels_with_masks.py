"""Samples of several files whose mask is named as the sample: `sub-01_t1.png`, `sub-01_seg.png`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.samples import load_samples
from podium.competition.truths.masks import truth_masks
from tests.competition.infer.test_odd_labels import begin, table

N_TRAIN, N_TEST = 16, 6


def _mask(n: int) -> np.ndarray:
    mask = np.zeros((24, 30), np.uint8)
    mask[2 + n % 5 : 9 + n % 7, 3 : 12 + n % 6] = 1
    return mask * (n % 4 > 0)


@pytest.mark.parametrize("ends", [("t1", "t2", "flair"), ("top", "side")])
@pytest.mark.parametrize("masks", [
    "train/{}_seg.png", "train/masks/{}.png", "train/drawings/{}.png", "train_masks/{}_mask.png",
])  # fmt: skip
def test_masks_of_samples_with_several_files_are_found(
    tmp_path: Path, ends: tuple[str, ...], masks: str
) -> None:
    data, rng = tmp_path / "data", np.random.default_rng(3)
    images = "{}" if "train/{}" in masks else "images/{}"
    for n in range(N_TRAIN + N_TEST):
        part = "train" if n < N_TRAIN else "test"
        for end in ends:
            file = data / part / images.format(f"sub-{n:02}_{end}.png")
            file.parent.mkdir(parents=True, exist_ok=True)
            grey = rng.integers(0, 90, (24, 30)) + 100 * _mask(n)
            Image.fromarray(grey.astype(np.uint8)).save(file)
        if part == "train":
            file = data / masks.format(f"sub-{n:02}")
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(_mask(n) * 255).save(file)
    rows = ((f"sub-{n:02}", "1 3") for n in range(N_TRAIN, N_TRAIN + N_TEST))
    table(data / "sample_submission.csv", ("id", "rle"), *rows)
    found, _ = begin(tmp_path)
    assert found.tasks == {"segment": "binary"}
    train, test = load_samples(found, "train"), load_samples(found, "test")
    assert list(train["id"]) == [f"sub-{n:02}" for n in range(N_TRAIN)]
    assert list(test["id"]) == [f"sub-{n:02}" for n in range(N_TRAIN, N_TRAIN + N_TEST)]
    for files, name in zip(train["images"], train["id"], strict=True):
        named = {Path(file).name for file in files}
        assert named == {f"{name}_{end}.png" for end in ends}
    for n, mask in enumerate(truth_masks(found, train)):
        np.testing.assert_array_equal(mask, _mask(n))


@pytest.mark.parametrize("place", ["maski/{}.tif", "drawn/{}.png"])
def test_masks_named_as_folders_of_channels_are_found(tmp_path: Path, place: str) -> None:
    data, rng = tmp_path / "data", np.random.default_rng(3)
    names = [f"pond{n // 2:02}_{2019 + n % 2}" for n in range(N_TRAIN + N_TEST)]
    for n, name in enumerate(names):
        (data / "chips" / name).mkdir(parents=True)
        for band in ("B02", "B08"):
            grey = rng.integers(300, 900, (24, 30)) + 4_000 * _mask(n).astype(np.int64)
            Image.fromarray(grey.astype(np.uint16)).save(data / "chips" / name / f"{band}.tif")
    for n, name in enumerate(names[:N_TRAIN]):
        file = data / place.format(name)
        file.parent.mkdir(exist_ok=True)
        Image.fromarray(_mask(n)).save(file)
    (data / "sample").mkdir()
    for name in names[N_TRAIN:]:
        Image.fromarray(np.zeros((24, 30), np.uint8)).save(data / f"sample/{name}.tif")
    parts = ["train"] * N_TRAIN + ["test"] * N_TEST
    rows = (
        (name, str(n % 9 + n / 7), part)
        for n, (name, part) in enumerate(zip(names, parts, strict=True))
    )
    table(data / "chips.csv", ("chip_id", "clouds", "split"), *rows)
    found, _ = begin(tmp_path)
    assert found.tasks == {"segment": "binary"}
    assert found.submission.file.name == "{id}.tif"
    train, test = load_samples(found, "train"), load_samples(found, "test")
    assert (list(train["id"]), list(test["id"])) == (names[:N_TRAIN], names[N_TRAIN:])
    assert {Path(one).name for files in train["images"] for one in files} == {"B02.tif", "B08.tif"}
    for n, mask in enumerate(truth_masks(found, train)):
        np.testing.assert_array_equal(mask, _mask(n))
