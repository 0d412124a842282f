"""TIFF files of many channels as tifffile writes them by itself, with a page for each line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray

from podium.competition.images import image_size, read_image
from podium.competition.readers import Reader
from podium.competition.samples import load_samples
from podium.competition.truths.masks import truth_masks
from tests.competition.infer.test_odd_labels import begin
from tests.competition.infer.test_odd_masks import text

SIZE = (40, 48)
N_TRAIN, N_TEST = 12, 5
READER = Reader.of({"name": "tiff", "channels": 7, "dtype": "uint16"})


def bands(number: int, dtype: str = "int16") -> NDArray[np.int16]:
    found = np.random.default_rng(number).integers(0, 9000, (*SIZE, 7)).astype(dtype)
    found[0, :3] = np.iinfo(dtype).min
    return found


def mask(number: int) -> NDArray[np.uint8]:
    found = np.zeros(SIZE, np.uint8)
    found[8:20, number : number + 9] = number % 3 > 0
    return found


def host(data: Path, *, first: str = "satellite", second: str = "kelp") -> None:
    rows = ["tile,filename,md5_hash,filesize_bytes,type,in_train"]
    for number in range(N_TRAIN + N_TEST):
        part = "train" if number < N_TRAIN else "test"
        kinds = {first: bands(number)} | ({second: mask(number)} if part == "train" else {})
        for kind, pixels in kinds.items():
            name = f"T{number:03}_{kind}.tif"
            path = data / f"{part}_{kind}" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            tifffile.imwrite(path, pixels)
            n_bytes = path.stat().st_size
            rows.append(
                f"T{number:03},{name},{number * 7919:032x},{n_bytes},{kind},{part == 'train'}"
            )
    text(data / "metadata.csv", *rows)


@pytest.mark.parametrize("kinds", [("satellite", "kelp"), ("band", "water")])
def test_masks_beside_images_of_lines_are_masks(tmp_path: Path, kinds: tuple[str, str]) -> None:
    """The names of both are told apart by those of test, whatever comes first in the alphabet."""
    host(tmp_path / "data", first=kinds[0], second=kinds[1])
    found, _ = begin(tmp_path)
    assert found.tasks == {"segment": "binary"}
    samples = load_samples(found, "train")
    assert len(samples) == N_TRAIN
    assert len(load_samples(found, "test")) == N_TEST
    reader = found.reader
    for paths, one in zip(samples["images"], truth_masks(found, samples), strict=True):
        number = int(Path(paths[0]).name[1:4])
        assert np.array_equal(one, mask(number))
        read = read_image(tmp_path / paths[0], reader)
        assert read.shape == (*SIZE, 7)
        assert np.array_equal(read, bands(number))
    # What marks pixels without data is no value of the images.
    assert reader.pixels.low >= 0


@pytest.mark.parametrize("compression", [None, "zlib"])
def test_lines_are_read_as_tifffile_reads_them(tmp_path: Path, compression: str | None) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, bands(3, "uint16"), compression=compression)
    whole = read_image(path, READER)
    assert image_size(path, READER) == SIZE
    assert np.array_equal(whole, tifffile.imread(path))
    assert np.array_equal(READER.open(path).window(3, 5, 9, 11), whole[3:12, 5:16])


def test_a_stack_of_pictures_stays_one(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, bands(3, "uint16").transpose(2, 0, 1))
    assert image_size(path, READER) == SIZE
    assert np.array_equal(read_image(path, READER), bands(3, "uint16"))
