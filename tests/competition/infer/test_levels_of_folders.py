"""Class folders inside other folders: which level is the class, and which folders are none."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin


def draw(data: Path, files: Iterable[str], size: tuple[int, int] = (12, 10)) -> None:
    rng = np.random.default_rng(0)
    for file in [*files, *(f"test/x{n}.png" for n in range(6))]:
        path = data / file
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (*size, 3), dtype=np.uint8)).save(path)


BREEDS = {"cats": ("manx", "siamese"), "dogs": ("husky", "poodle", "pug")}


def test_words_that_part_each_outer_folder_are_the_classes_and_the_outer_are_offered(
    tmp_path: Path,
) -> None:
    draw(tmp_path / "data", [
        f"{outer}/{inner}/{inner}{n}.png" for outer in BREEDS for inner in BREEDS[outer]
        for n in range(5)
    ])  # fmt: skip
    found, _ = begin(tmp_path)
    assert found.classes == ["husky", "manx", "poodle", "pug", "siamese"]
    assert found.to_choose == ["data.train.images", "classes"]
    assert found.folds.group is None
    text = (tmp_path / "competition.yaml").read_text()
    assert "data/{class}/{folder}/*.png" in text
    assert "[cats, dogs]" in text


def test_patients_and_scales_inside_two_levels_of_classes_are_groups(tmp_path: Path) -> None:
    of = {"benign": ("adenosis", "fibroma"), "malignant": ("ductal", "mucinous")}
    draw(tmp_path / "data", [
        f"breast/{side}/SOB/{kind}/SOB_{kind[0]}_14-{4600 + 11 * patient}/{scale}X/{patient}{n}.png"
        for side in of for kind in of[side] for patient in range(2) for scale in (40, 100)
        for n in range(2)
    ])  # fmt: skip
    found, _ = begin(tmp_path)
    assert found.classes == ["adenosis", "ductal", "fibroma", "mucinous"]
    assert found.to_choose == ["data.train.images", "classes"]
    assert found.folds.group == "folder"
    assert load_samples(found, "train")["group"].nunique() == 8


def test_a_folder_each_inside_class_folders_is_no_class(tmp_path: Path) -> None:
    draw(tmp_path / "data", [
        f"{outer}/{outer} pictures/{n}{outer}.png" for outer in ("cat", "dog") for n in range(5)
    ])  # fmt: skip
    found, _ = begin(tmp_path)
    assert found.classes == ["cat", "dog"]
    assert not found.to_choose


def test_letters_around_folders_are_an_index(tmp_path: Path) -> None:
    draw(tmp_path / "data", [
        f"{one[0]}/{one}/{n}.png" for one in ("abbey", "airport", "canyon", "church")
        for n in range(5)
    ])  # fmt: skip
    found, _ = begin(tmp_path)
    assert found.classes == ["abbey", "airport", "canyon", "church"]
    assert not found.to_choose


def test_larger_pictures_beside_class_folders_are_of_no_class(tmp_path: Path) -> None:
    data = tmp_path / "data"
    draw(data, [f"large/large/CRC_{n}.png" for n in range(6)], size=(40, 40))
    draw(data, [
        f"tiles/tiles/{one}/{n}_{one}.png" for one in ("01_TUMOR", "02_STROMA") for n in range(8)
    ])  # fmt: skip
    found, notes = begin(tmp_path)
    assert found.classes == ["01_TUMOR", "02_STROMA"]
    assert "6 images in 'large/large' are not used" in notes


def test_a_class_folder_with_folders_inside_stays_beside_another_of_the_same_sizes(
    tmp_path: Path,
) -> None:
    draw(tmp_path / "data", [
        *(f"cat/{n}.png" for n in range(8)), *(f"dog/{'ab'[n % 2]}/{n}.png" for n in range(8)),
    ])  # fmt: skip
    found, _ = begin(tmp_path)
    assert found.classes == ["cat", "dog"]


@pytest.mark.parametrize("file", ["IMD{0}/IMD{0}_image/IMD{0}.png", "p{0}/scan.png"])
def test_a_folder_of_each_image_is_no_class(tmp_path: Path, file: str) -> None:
    files = [file.format(100 + n) for n in range(12)]
    draw(tmp_path / "data", [*files, *(one.replace("_image", "_view") for one in files)])
    with pytest.raises(DataError, match="these are no classes"):
        begin(tmp_path)


@pytest.mark.parametrize("colours", [3, 200])
def test_flat_pictures_named_as_images_with_a_word_more_are_masks(
    tmp_path: Path, colours: int
) -> None:
    data = tmp_path / "data"
    draw(data, [f"image_2/um_{n:03}.png" for n in range(10)])
    rng = np.random.default_rng(1)
    (data / "gt_image_2").mkdir()
    for n in range(10):
        values = rng.integers(0, colours, (12, 10), dtype=np.uint8)
        picture = np.stack([values, 255 - values, values], axis=-1)
        Image.fromarray(picture).save(data / f"gt_image_2/um_road_{n:03}.png")
    if colours > 16:  # pictures of a second kind, which may be a class
        assert begin(tmp_path)[0].classes == ["gt_image_2", "image_2"]
        return
    with pytest.raises(DataError, match="files in gt_image_2 look like masks of those in image_2"):
        begin(tmp_path)


@pytest.mark.parametrize("is_listed", [True, False])
def test_masks_of_the_names_of_images_with_another_suffix_are_found_and_parts_are_no_classes(
    tmp_path: Path, is_listed: bool
) -> None:
    data, rng = tmp_path / "data", np.random.default_rng(2)
    for part, n in (("train", 14), ("val", 6)):
        files = [f"{part}crop/{k}_361" for k in range(n)]
        draw(data, [f"{one}.jpg" for one in files])
        for one in files:
            mask = (rng.random((12, 10)) < 0.4).astype(np.uint8) * 255
            Image.fromarray(mask).save(data / f"{one}.png")
        if is_listed:
            lines = "".join(f"{one}.jpg {one}.png\n" for one in files)
            (data / f"{part}.txt").write_text(lines)
    found, _ = begin(tmp_path)
    assert found.tasks == {"segment": "binary"}
    samples = load_samples(found, "train")
    images = samples["images"].map(lambda one: one[0])
    assert len(images) == 20
    masks = [one.files[0] for one in samples["mask"]]
    assert masks == [one.replace(".jpg", ".png") for one in images]
