"""Boxes and pairs of images are refused plainly: they are no labels of images."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
from competition.infer.test_odd_labels import begin, put, table

from podium.competition.infer.conversions.labels.unpredicted import refuse_boxes_in_cells
from podium.competition.infer.conversions.masks.object_folders import scan_data
from podium.competition.infer.sample.submission import SampleSubmission
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


@pytest.mark.parametrize(
    "keys", [("x", "y", "width", "height"), ("x_min", "y_min", "x_max", "y_max")]
)
def test_lists_of_boxes_of_frames_that_columns_name_together_are_refused(
    tmp_path: Path, keys: tuple[str, ...]
) -> None:
    data, rows = tmp_path / "data", []
    for n in range(24):
        put(data / f"train_images/clip_{n // 8}/{n % 8}.png", n)
        boxes = [dict(zip(keys, (3 + k, 2, 9, 8), strict=True)) for k in range(n % 3)]
        rows.append((n // 8, n % 8, f"{n // 8}-{n % 8}", f'"{boxes}"'))
    table(data / "train.csv", ("clip", "frame", "name", "found"), *rows)
    table(data / "test.csv", ("clip", "frame", "name"), *[(3, n, f"3-{n}") for n in range(3)])
    sample = [(n, "0.5 0 0 9 9") for n in range(3)]
    table(data / "sample_submission.csv", ("index", "found"), *sample)
    with pytest.raises(DataError, match=r"cells of found are lists of boxes.* no boxes"):
        begin(tmp_path)


def test_outlines_in_lists_are_no_boxes(tmp_path: Path) -> None:
    """A record with the points of its outline is more than a box."""
    cells = pd.Series([str([{"bbox": [1, 2, 3, 4], "points": [[1, 2], [3, 2], [3, 4]]}])] * 4)
    sample = SampleSubmission("s.csv", pd.DataFrame({"image": ["q1"], "found": [""]}))
    for n in range(4):
        put(tmp_path / f"train/f{n}.png", n)
    frame = pd.DataFrame({"image": [f"f{n}" for n in range(4)], "found": cells})
    folder = scan_data(tmp_path, "data")
    refuse_boxes_in_cells(folder, {"train.csv": frame}, sample)
    frame["found"] = str([{"bbox": [1, 2, 3, 4]}])
    with pytest.raises(DataError, match="lists of boxes"):
        refuse_boxes_in_cells(folder, {"train.csv": frame}, sample)
