"""People see any image: of any channels, of 16 bits, of several files."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.readers import IMAGE, Reader
from podium.reporting.images.thumbnails import LARGEST_PX, shrunk, thumbnail


def npy(**options: object) -> Reader:
    return Reader.of({"name": "npy", **options})


def save(path: Path, image: np.ndarray) -> Path:
    np.save(path, image)
    return path


@pytest.mark.parametrize(
    ("channels", "shown"), [(1, (0, 0, 0)), (2, (0, 0, 0)), (4, (0, 1, 2)), (7, (0, 1, 2))]
)
def test_channels_are_shown_as_grey_or_as_the_first_three(
    tmp_path: Path, channels: int, shown: tuple[int, ...]
) -> None:
    image = np.random.default_rng(0).integers(0, 4096, (20, 30, channels)).astype(np.uint16)
    reader = npy(channels=channels, dtype="uint16", range=[0, 4095])
    seen = shrunk(save(tmp_path / "a.npy", image), reader)
    assert seen.shape == (20, 30, 3)
    assert seen.dtype == np.uint8
    np.testing.assert_array_equal(seen, np.rint(image[..., list(shown)] / 4095 * 255))


def test_numbers_are_shown_in_the_range_of_the_spec(tmp_path: Path) -> None:
    image = np.array([[-2000, -1000, 0, 1000, 9000]], dtype=np.float32)[..., None]
    reader = npy(channels=1, dtype="float32", range=[-1000, 1000])
    seen = shrunk(save(tmp_path / "a.npy", image), reader)
    assert seen[0, :, 0].tolist() == [0, 0, 128, 255, 255]


def test_an_image_of_several_files_is_shown_as_one(tmp_path: Path) -> None:
    reader = npy(channels=1, dtype="uint8")
    files: list[Path | None] = [
        save(tmp_path / f"{value}.npy", np.full((8, 8, 1), value, np.uint8)) for value in (10, 200)
    ]
    seen = shrunk([files[0], None, files[1]], reader)
    assert seen[0, 0].tolist() == [10, 0, 200]


def test_a_large_image_of_sixteen_bits_is_averaged_and_not_picked(tmp_path: Path) -> None:
    stripes = np.zeros((1024, 600, 4), dtype=np.uint16)
    stripes[:, ::2] = 40_000
    reader = npy(channels=4, dtype="uint16")
    uri = thumbnail(save(tmp_path / "a.npy", stripes), reader)
    data = base64.b64decode(uri.removeprefix("data:image/webp;base64,"))
    picture = np.asarray(Image.open(io.BytesIO(data)))
    assert picture.shape == (LARGEST_PX, 150, 3)
    assert abs(picture.mean() - 20_000 / 257) < 2


def test_rgb_of_eight_bits_is_shown_as_it_is(tmp_path: Path) -> None:
    image = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    Image.fromarray(image).save(tmp_path / "a.png")
    np.testing.assert_array_equal(shrunk(tmp_path / "a.png", IMAGE), image)
    np.testing.assert_array_equal(shrunk([tmp_path / "a.png"], IMAGE), image)
