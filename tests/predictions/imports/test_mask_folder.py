"""Folders of masks, read a part of an image at a time."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.errors import DataError
from podium.predictions.imports.mask_folder import read_mask_folder
from podium.predictions.imports.schema import ImportSchema
from podium.tasks.protocols.find import pixel_kind

BINARY = ImportSchema("segment", pixel_kind("binary"), ("1",))
LABELS = ImportSchema("segment", pixel_kind("multilabel"), ("a", "b"))
MANY = ImportSchema(
    "segment", pixel_kind("multiclass"), ("background", *(f"c{i}" for i in range(29)))
)


def test_a_large_mask_is_never_in_memory_whole(tmp_path: Path) -> None:
    side, n_channels = 1000, 30
    array = np.lib.format.open_memmap(
        tmp_path / "big.npy", "w+", dtype=np.float16, shape=(side, side, n_channels)
    )
    array[:] = 0
    array[..., 3] = 1
    array[700, 5, 3], array[700, 5, 29] = 0.25, 0.75
    del array
    predicted = read_mask_folder(tmp_path, MANY)
    n_rows = 0
    tracemalloc.start()
    for band in predicted.bands(0):
        n_rows += len(band)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert n_rows == side
    assert peak < 64 * 2**20  # as float64 the mask is 229 MiB
    whole = np.concatenate(list(predicted.bands(0)))
    assert whole[700, 5, [3, 29]].tolist() == [0.25, 0.75]
    assert whole[..., 3].sum() == side * side - 0.75


def test_files_below_folders_have_their_path_as_id(tmp_path: Path) -> None:
    for one in ("x/a", "y/a"):
        (tmp_path / one).parent.mkdir()
        Image.fromarray(np.full((2, 3), 51, np.uint8)).save(tmp_path / f"{one}.png")
    predicted = read_mask_folder(tmp_path, BINARY)
    assert (predicted.ids, predicted.dtype, predicted.row(1)) == (
        ["x/a", "y/a"],
        "uint8",
        "y/a.png",
    )
    [band] = predicted.bands(0)
    np.testing.assert_allclose(band, np.full((2, 3, 1), 0.2), atol=1e-7)


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        (np.array([[0, 255]], np.uint8), [0, 1]),
        (np.array([[0, 13107]], np.uint16), [0, 0.2]),
        (np.array([[0, 13107]], ">u2"), [0, 0.2]),
        (np.array([[False, True]]), [0, 1]),
        (np.array([[0.0, 0.5]], ">f8"), [0, 0.5]),
    ],
)
def test_arrays_of_many_kinds(tmp_path: Path, values: np.ndarray, wanted: list[float]) -> None:
    np.save(tmp_path / "a.npy", values)
    [band] = read_mask_folder(tmp_path, BINARY).bands(0)
    np.testing.assert_allclose(band.ravel(), wanted, atol=1e-7)


def test_folders_of_classes_have_the_same_images(tmp_path: Path) -> None:
    for name, ids in (("a", ["1", "2"]), ("b", ["1"])):
        (tmp_path / name).mkdir()
        for one in ids:
            Image.fromarray(np.full((2, 2), 255, np.uint8)).save(tmp_path / name / f"{one}.png")
    with pytest.raises(DataError, match="the images of a and b differ: '2'"):
        read_mask_folder(tmp_path, LABELS)
    Image.fromarray(np.zeros((2, 2), np.uint8)).save(tmp_path / "b" / "2.png")
    predicted = read_mask_folder(tmp_path, LABELS)
    assert next(predicted.bands(1))[0, 0].tolist() == [1, 0]
    with pytest.raises(DataError, match="no folder for 1 class: 'c'"):
        read_mask_folder(
            tmp_path, ImportSchema("segment", pixel_kind("multilabel"), ("a", "b", "c"))
        )


def test_whole_numbers_are_no_probabilities(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((2, 2), np.int64))
    predicted = read_mask_folder(tmp_path, BINARY)
    with pytest.raises(DataError, match="int64 is not how probabilities are kept"):
        list(predicted.bands(0))
    Image.fromarray(np.zeros((2, 2), np.uint8)).save(tmp_path / "b.png")
    with pytest.raises(DataError, match="a PNG holds no logits"):
        read_mask_folder(
            tmp_path, ImportSchema("segment", pixel_kind("binary"), ("1",), logits=True)
        )
