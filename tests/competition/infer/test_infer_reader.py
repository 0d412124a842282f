"""Tests of the reader that `podium init` writes: the images are read with it as they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import tifffile
from dicom_files import dicom_bytes
from PIL import Image

from podium.competition.images import read_image
from podium.competition.infer.reader import find_reader
from podium.competition.infer.spec import infer
from podium.competition.readers import Reader
from podium.competition.samples import load_samples
from podium.competition.spec import load_competition

DEEP = np.random.default_rng(0).integers(0, 4096, (20, 24)).astype(np.uint16)


def save(path: Path, pixels: np.ndarray) -> None:
    match path.suffix:
        case ".tif":
            tifffile.imwrite(path, pixels, photometric="minisblack")
        case ".dcm":
            path.write_bytes(dicom_bytes(pixels, BitsStored=12, HighBit=11))
        case ".npy":
            np.save(path, pixels.astype(np.float32) - 500)
        case ".npz":
            np.savez(path, image=pixels)
        case _:
            Image.fromarray(pixels).save(path)


@pytest.mark.parametrize(
    ("suffix", "expected", "high"),
    [
        ("tif", DEEP, 4095),  # 12 of its 16 bits are used
        ("png", DEEP, 4095),
        ("npy", DEEP.astype(np.float32) - 500, None),
        ("npz", DEEP, 65535),
        ("dcm", np.rint(DEEP / 4095 * 255), 255),
    ],
)
def test_a_folder_gets_a_reader_that_reads_it(
    tmp_path: Path, suffix: str, expected: np.ndarray, high: float | None
) -> None:
    for part, name in (("train", "im"), ("test", "te")):
        (tmp_path / "data" / part).mkdir(parents=True)
        for number in range(12):
            save(tmp_path / f"data/{part}/{name}{number}.{suffix}", DEEP)
    labels = pd.DataFrame({"image_id": [f"im{i}" for i in range(12)], "label": list("ab") * 6})
    labels.to_csv(tmp_path / "data/train.csv", index=False)
    found = infer(tmp_path / "data", tmp_path)
    (tmp_path / "competition.yaml").write_text(found.text)
    competition = load_competition(tmp_path)
    for split in ("train", "test"):
        path = tmp_path / load_samples(competition, split)["images"][0][0]
        np.testing.assert_array_equal(read_image(path, competition.reader)[..., 0], expected)
    assert competition.pixels.channels == 1
    assert competition.pixels.high == (expected.max() if high is None else high)


@pytest.mark.parametrize(
    ("name", "pixels", "expected"),
    [
        ("a.png", DEEP.astype(np.uint8), "image"),
        ("a.tif", np.zeros((9, 9), np.uint8), "image"),
        ("a.tif", np.zeros((3, 9, 9), np.uint16), {"name": "tiff", "channels": 3}),
        ("a.tif", np.zeros((7, 9, 9), np.uint8), {"name": "tiff", "channels": 1, "take": 0}),
        ("a.npz", np.zeros((9, 9, 3), np.uint8), {"name": "npy", "axes": "HWC", "channels": 3}),
        ("a.npz", np.zeros((9, 9, 8), np.uint8), {"name": "npy", "axes": "HWT", "take": 0}),
    ],
)
def test_the_form_is_that_of_the_first_file(
    tmp_path: Path, name: str, pixels: np.ndarray, expected: Any
) -> None:
    save(tmp_path / name, pixels)
    found, why = find_reader([tmp_path / name])
    if isinstance(found, dict):
        assert found.pop("dtype") == pixels.dtype
    assert found == expected
    assert why


def test_pngs_of_several_depths_and_damaged_ones_are_pictures(tmp_path: Path) -> None:
    paths = [tmp_path / "a.png", tmp_path / "b.png"]
    save(paths[0], DEEP)
    save(paths[1], DEEP.astype(np.uint8))
    assert find_reader(paths)[0] == "image"
    paths[1].write_bytes(b"")
    assert find_reader(paths)[0] == "image"
    assert find_reader(paths[1:])[0] == "image"


def test_a_file_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(b"II*\0 and no more")
    found, why = find_reader([tmp_path / "a.tif"])
    assert found == "image"
    assert "a.tif could not be read" in why
    assert find_reader([])[0] == "image"


def test_slides_of_two_forms_get_the_reader_that_reads_both(tmp_path: Path) -> None:
    colours = np.random.default_rng(1).integers(0, 256, (20, 24, 3)).astype(np.uint8)
    paths = [tmp_path / f"{number}.tiff" for number in range(3)]
    for path in paths[:2]:
        tifffile.imwrite(path, colours, photometric="rgb")
    tifffile.imwrite(paths[2], colours.transpose(2, 0, 1), photometric="minisblack")
    assert find_reader(paths[:2])[0] == "image"
    found, why = find_reader(paths)
    assert "2.tiff" in why
    for path in paths:
        np.testing.assert_array_equal(Reader.of(found).open(path).whole(), colours)
