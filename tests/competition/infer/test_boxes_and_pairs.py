"""Boxes and pairs of images are refused plainly: they are no labels of images."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from competition.infer.test_odd_labels import begin, put, table

from podium.errors import DataError


def fruits(data: Path, names: Sequence[str], sample: Sequence[str]) -> None:
    for n, name in enumerate([*names, "q1", "q2"]):
        put(data / f"{'train' if name in names else 'test'}_images/{name}.png", n)
    rows = [(name, "ab"[n % 2], n + 0.5, 3 * n + 0.5, n * n, 5 + n) for n, name in enumerate(names)]
    table(data / "train.csv", ("image", "class", "xmin", "ymin", "width", "height"), *rows)
    rows = [(name, *("0" for _ in sample)) for name in ("q1", "q2")]
    table(data / "sample_submission.csv", ("image", *sample), *rows)


BOX = ("class", "confidence", "ymin", "xmin", "ymax", "xmax")


def test_boxes_of_an_image_in_columns_are_refused(tmp_path: Path) -> None:
    fruits(tmp_path / "data", [f"f{n // 2}" for n in range(24)], BOX)
    with pytest.raises(DataError, match=r"are boxes in each of .* no boxes"):
        begin(tmp_path)


def test_one_box_an_image_is_four_numbers(tmp_path: Path) -> None:
    names = [f"f{n}" for n in range(24)]
    fruits(tmp_path / "data", names, ("xmin", "ymin", "width", "height"))
    found, _ = begin(tmp_path)
    assert found.classes == ["xmin", "ymin", "width", "height"]


@pytest.mark.parametrize("sign", ["-", "_", " "])
def test_ids_of_two_images_each_are_refused(tmp_path: Path, sign: str) -> None:
    data = tmp_path / "data"
    for n in range(24):
        put(data / f"train/F{n // 6}/p{n}_face.png", n)
    faces = [f"face{n:03}.png" for n in range(4)]
    for n, name in enumerate(faces):
        put(data / f"test/{name}", 50 + n)
    rows = [(f"{one}{sign}{other}", 0) for one in faces for other in faces if one < other]
    table(data / "sample_submission.csv", ("img_pair", "is_related"), *rows)
    with pytest.raises(DataError, match=r"of two images, as face000.png and face001.png"):
        begin(tmp_path)
