"""Pixels in the columns of Parquet files, in pieces, and rows of pixels that are no square."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from podium.competition.infer.conversions.images.numbers_as_pixels import (
    shape_of_rows,
    sizes_in_texts,
)
from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, table

HEIGHT, WIDTH = 8, 18


def pictures(n: int, seed: int, *, height: int = HEIGHT, width: int = WIDTH) -> np.ndarray:
    """Return images `(n, height, width)`, each of blots that are larger than a pixel."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    centres = rng.uniform((0, 0), (height, width), (n, 2))
    far = (y - centres[:, :1, None]) ** 2 + (x - centres[:, 1:, None]) ** 2
    return (250 * np.exp(-far / 12)).astype(np.uint8)


def piece(path: Path, names: list[str], pixels: np.ndarray, *, kind: str = "uint8") -> None:
    rows = pixels.reshape(len(pixels), -1).astype(kind)
    columns = {"image_id": names} | {str(n): rows[:, n] for n in range(rows.shape[1])}
    path.parent.mkdir(exist_ok=True)
    pq.write_table(pa.table(columns), path, row_group_size=5)


@pytest.mark.parametrize(
    ("said", "kind"),
    [("rows of 8x18 pixels", "uint8"), ("18 wide and 8 high", "int64"), ("18 × 8 px", "uint16")],
)
def test_pieces_with_a_column_a_pixel_become_the_images_of_their_ids(
    tmp_path: Path, said: str, kind: str
) -> None:
    """144 pixels are the square of 12, too: the text and the images tell otherwise."""
    data = tmp_path / "data"
    of_train, of_test = pictures(24, 1), pictures(6, 2)
    for k in range(2):
        part = slice(12 * k, 12 * k + 12)
        names = [f"Train_{n}" for n in range(24)][part]
        piece(data / f"train_image_data_{k}.parquet", names, of_train[part], kind=kind)
    piece(data / "test_image_data_0.parquet", [f"Test_{n}" for n in range(6)], of_test, kind=kind)
    table(
        data / "train.csv", ("image_id", "sign"), *((f"Train_{n}", "ab"[n % 2]) for n in range(24))
    )
    table(
        data / "sample_submission.csv",
        ("image_id", "sign"),
        *((f"Test_{n}", "a") for n in range(6)),
    )
    (data / "data.md").write_text(f"Images are stored as {said}.\n")
    found, _ = begin(tmp_path)
    train, test = load_samples(found, "train"), load_samples(found, "test")
    for samples, pixels in ((train, of_train), (test, of_test)):
        assert len(samples) == len(pixels)
        for name, [file] in zip(samples["id"], samples["images"], strict=True):
            number = int(name.partition("_")[2])
            assert np.array_equal(np.asarray(Image.open(tmp_path / file)), pixels[number])
    labels = dict(zip(train["id"], train["label"], strict=True))
    assert labels == {f"Train_{n}": n % 2 for n in range(24)}


def test_pixels_of_no_known_size_are_refused_with_the_likeliest_one(tmp_path: Path) -> None:
    pixels = pictures(20, 3, height=9, width=14)
    piece(tmp_path / "data/train.parquet", [f"t{n}" for n in range(20)], pixels)
    with pytest.raises(DataError, match=r"126 pixels are no square.* may be 9 × 14"):
        begin(tmp_path)


def test_which_number_is_the_height_is_told_by_the_images() -> None:
    for height, width in ((8, 18), (18, 8), (12, 12)):
        rows = pictures(30, 4, height=height, width=width).reshape(30, -1)
        for text in (f"{height} x {width}", f"{width}x{height}."):
            assert shape_of_rows(rows, sizes_in_texts([text]), "t") == (height, width, 1)
    colours = np.repeat(pictures(30, 5)[..., None], 3, axis=3).reshape(30, -1)
    assert shape_of_rows(colours, sizes_in_texts(["8 × 18 × 3"]), "t") == (8, 18, 3)
    noise = np.random.default_rng(0).integers(0, 255, (30, 144))
    assert shape_of_rows(noise, sizes_in_texts(["1.8 x 18", "version 3"]), "t") == (12, 12, 1)


def test_pieces_of_a_part_with_other_columns_are_refused(tmp_path: Path) -> None:
    data = tmp_path / "data"
    piece(data / "train_0.parquet", ["a"], pictures(1, 6))
    piece(data / "train_1.parquet", ["b"], pictures(1, 6, height=12))
    with pytest.raises(DataError, match=r"train_1.parquet has other columns than train_0.parquet"):
        begin(tmp_path)
