"""Tests of masks in arrays of numpy, as in contrails: `human_pixel_masks.npy` is (H, W, 1)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.truths.mask_files import (
    MaskError,
    MaskValues,
    read_mask_file,
    read_object_numbers,
)

BINARY = MaskValues({0: 0, 1: 1, 255: 1}, are_colours=False, is_default=True)
MASK = np.random.default_rng(0).integers(0, 2, (9, 13))


@pytest.mark.parametrize("dtype", ["uint8", "int32", "int64", "bool", ">u2"])
@pytest.mark.parametrize("shape", [(9, 13), (9, 13, 1)])
def test_an_array_is_the_mask_that_a_png_of_it_is(
    tmp_path: Path, shape: tuple[int, ...], dtype: str
) -> None:
    np.save(tmp_path / "a.npy", MASK.astype(dtype).reshape(shape))
    Image.fromarray(MASK.astype(np.uint8)).save(tmp_path / "a.png")
    found = read_mask_file(tmp_path / "a.npy", BINARY)
    np.testing.assert_array_equal(found, read_mask_file(tmp_path / "a.png", BINARY))
    assert found.dtype == np.uint8


def test_numbers_of_objects_are_those_of_the_array(tmp_path: Path) -> None:
    numbers = np.random.default_rng(0).integers(0, 70_000, (9, 13))
    np.save(tmp_path / "a.npy", numbers)
    np.testing.assert_array_equal(read_object_numbers(tmp_path / "a.npy"), numbers)
    np.save(tmp_path / "a.npy", -numbers - 1)
    with pytest.raises(MaskError, match="the numbers of objects are from 1"):
        read_object_numbers(tmp_path / "a.npy")


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (MASK.astype(np.float32), "not whole numbers"),
        (np.zeros((9, 13, 3), np.uint8), "not whole numbers"),
        (np.array([{}], dtype=object), "a pickle"),
        (MASK * 7, "has values that mean nothing"),
    ],
)
def test_an_array_that_is_no_mask_is_refused(
    tmp_path: Path, array: np.ndarray, message: str
) -> None:
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(MaskError, match=message) as caught:
        read_mask_file(tmp_path / "a.npy", BINARY)
    assert caught.value.fix
    assert str(caught.value).count("a.npy") == 1


def test_an_array_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", MASK)
    content = (tmp_path / "a.npy").read_bytes()
    (tmp_path / "a.npy").write_bytes(content[:-5])
    for read in (lambda path: read_mask_file(path, BINARY), read_object_numbers):
        with pytest.raises(MaskError, match="cut off"):
            read(tmp_path / "a.npy")
    (tmp_path / "a.npy").write_bytes(content[:20])
    with pytest.raises(MaskError):
        read_mask_file(tmp_path / "a.npy", BINARY)
