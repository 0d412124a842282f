"""Paths with a slash in front, a sample called as test, predicted pictures, lists of files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.infer.spec import infer
from podium.errors import DataError

RNG = np.random.default_rng(4)


def photo(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(RNG.integers(0, 255, (24, 24, 3), dtype=np.uint8)).save(path)


def mask(path: Path, n_values: int = 2) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.zeros((24, 24), np.uint8)
    for value in range(1, n_values):
        pixels[4 * value : 4 * value + 4, RNG.integers(0, 12) :] = value
    Image.fromarray(pixels * (255 if n_values == 2 else 1)).save(path)


def write(path: Path, *lines: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([*lines, ""]))


def test_paths_with_a_slash_in_front_lead_to_their_files(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for number in range(1, 31):
        photo(data / f"train_images/train_images/{number}.jpg")
    for number in range(1, 13):
        photo(data / f"test_images/test_images/{number}.jpg")
    rows = [f"/train_images/{n}.jpg,{1 + n % 3}" for n in range(1, 31)]
    write(data / "train_images.csv", "image_path,label", *rows)
    paths = [f"{n},/test_images/{n}.jpg,1" for n in range(1, 13)]
    write(data / "test_images_path.csv", "id,image_path,label", *paths)
    write(data / "test_images_sample.csv", "id,label", *(f"{n},1" for n in range(1, 13)))
    found = infer(data, tmp_path)
    assert len(found.samples["train"]) == 30
    assert list(found.samples["test"]["id"]) == [str(n) for n in range(1, 13)]
    assert str(found.competition.submission.sample).endswith("test_images_sample.csv")
    assert list(found.competition.submission.columns) == ["id", "label"]


def test_predicted_pictures_beside_images_to_predict_are_not_to_be_predicted(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    for number in range(16):
        photo(data / f"train/image/{number}.png")
        mask(data / f"train/label/{number}.png")
    for number in range(6):
        photo(data / f"test/{number}.png")
        mask(data / f"test/{number}_predict.png")
    assert len(infer(data, tmp_path).samples["test"]) == 6


def test_names_of_files_are_no_names_of_classes(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for part, n in (("train", 16), ("val", 5), ("test", 6)):
        for number in range(n):
            photo(data / f"{part}/data/{part}_{number}.png")
            mask(data / f"{part}/sem_seg/{part}_{number}.png", 5)
        images = [{"id": k, "file_name": f"{part}_{k}.png"} for k in range(n)]
        kinds = [{"id": k, "name": one} for k, one in enumerate(["can", "box", "film", "wood"], 1)]
        (data / f"{part}/labels.json").write_text(
            json.dumps({"images": images, "annotations": [], "categories": kinds})
        )
    classes = infer(data, tmp_path).competition.classes
    assert not [one for one in classes if one.endswith(".png")]
    assert len(classes) == 4


def several(data: Path, cells: str) -> None:
    for number in range(24):
        photo(data / f"{'train' if number < 16 else 'test'}/{number}.png")
    names = ",".join(f"attrib_{k}" for k in range(5))
    rows = [f"{n}.png,{n % 2},{n // 2 % 2},{n // 3 % 2},{n // 4 % 2},1" for n in range(16)]
    write(data / "train.csv", f"name,{names}", *rows)
    write(
        data / "sample_submission.csv",
        f"name,{names}",
        *(f"{n}.png,{cells}" for n in range(16, 24)),
    )


@pytest.mark.parametrize(
    ("cells", "text", "asked"),
    [
        ("0,1,0,1,1", "", True),
        ("0,0,0,0,0", "", True),
        ("0.5,0.5,0.5,0.5,0.5", "", False),
        ("0,1,0,1,1", "Scored by the mean column-wise ROC AUC.", False),
    ],
)
def test_columns_of_0_and_1_may_hold_decisions(
    tmp_path: Path, cells: str, text: str, asked: bool
) -> None:
    data = tmp_path / "data"
    several(data, cells)
    if text:
        write(data / "README.md", text)
    spec = infer(data, tmp_path).competition
    assert ("submission.value" in spec.to_choose) == asked
    assert spec.submission.value == "prob"


def test_columns_of_places_are_refused_as_keypoints(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for number in range(16):
        photo(data / f"train/Images/{'dress' if number % 2 else 'blouse'}/{number}.jpg")
    for number in range(6):
        photo(data / f"test/Images/blouse/t{number}.jpg")
    names = ",".join(f"hem_{k}" for k in range(6))
    cells = ",".join(["3_6_1", "-1_-1_-1", "4_7_0"] * 2)
    rows = [
        f"Images/{'dress' if n % 2 else 'blouse'}/{n}.jpg,{'dress' if n % 2 else 'blouse'},{cells}"
        for n in range(16)
    ]
    write(data / "train/Annotations/train.csv", f"image_id,image_category,{names}", *rows)
    write(
        data / "test/test.csv",
        "image_id,kind",
        *(f"Images/blouse/t{n}.jpg,blouse" for n in range(6)),
    )
    with pytest.raises(DataError, match="look like keypoints"):
        infer(data, tmp_path)
    assert infer(data, tmp_path, label="image_category").competition.classes == ["blouse", "dress"]
