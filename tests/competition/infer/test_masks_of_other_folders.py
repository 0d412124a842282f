"""Masks of test, of a field of view, and of a class each with an ending of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from competition.infer.test_odd_labels import begin, put
from PIL import Image

from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from podium.errors import DataError


def mask(path: Path, seed: int, value: int = 255) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.zeros((12, 16), np.uint8)
    top, left = seed % 6, seed % 9
    pixels[top : top + 5, left : left + 6] = value
    Image.fromarray(pixels).save(path)


def test_masks_beside_images_to_predict_are_not_to_be_predicted(tmp_path: Path) -> None:
    for part, first, n in (("train", 10, 12), ("test", 50, 4)):
        for k in range(first, first + n):
            put(tmp_path / f"data/{part}/{k}.png", k)
            mask(tmp_path / f"data/{part}/{k}_GT.png", k)
    found, notes = begin(tmp_path)
    assert set(load_samples(found, "test")["id"]) == {"50", "51", "52", "53"}
    assert len(load_samples(found, "train")) == 12
    assert "without the masks that lie beside them (4 files, as test/50_GT.png)" in notes


def test_masks_of_images_to_predict_are_not_those_of_other_images_of_their_numbers(
    tmp_path: Path,
) -> None:
    for k in range(12):
        put(tmp_path / f"data/bottle/train/good/{k:03}.png", k)
    for place, kind in enumerate(("good", "broken", "stained")):
        for k in range(4):
            put(tmp_path / f"data/bottle/test/{kind}/{k:03}.png", 50 + 10 * place + k)
            if place:
                mask(tmp_path / f"data/bottle/ground_truth/{kind}/{k:03}_mask.png", k)
    with pytest.raises(DataError, match=r"8 masks in bottle/ground_truth are of images to predict"):
        begin(tmp_path)


def test_masks_that_are_the_same_for_all_images_are_not_the_truth(tmp_path: Path) -> None:
    for k in range(12):
        put(tmp_path / f"data/images/{k:02}_h.png", k)
        mask(tmp_path / f"data/manual1/{k:02}_h.png", k)
        mask(tmp_path / f"data/mask/{k:02}_h_mask.png", 3)
    inferred = infer(tmp_path / "data", tmp_path, has_test=False)
    assert inferred.competition.data.train.mask == "data/manual1/{id}.png"
    told = "masks in 'mask' are not used: all of these are the same"
    assert any(note.startswith(told) for note in inferred.notes)
    assert not inferred.competition.to_choose


def test_an_ending_in_each_folder_of_a_class_is_the_class(tmp_path: Path) -> None:
    signs = {"MA": "1. Aneurysms", "HE": "2. Bleedings", "SE": "3. Exudates"}
    for k in range(16):
        part = "a. Training" if k < 12 else "b. Testing"
        put(tmp_path / f"data/images/{part}/I_{k:02}.jpg", k)
        for place, (short, folder) in enumerate(signs.items()):
            if short != "SE" or k % 2:
                path = f"data/Segmentation Groundtruths/{part}/{folder}/I_{k:02}_{short}.tif"
                mask(tmp_path / path, k + place, place + 1)
    found, notes = begin(tmp_path)
    assert sorted(found.classes) == ["HE", "MA", "SE"]
    assert found.data.train.mask == "data/Segmentation Groundtruths/a. Training/**/{id}_{class}.tif"
    assert len(load_samples(found, "train")) == 12
    assert "are not used" not in notes


def test_numbers_of_objects_beside_masks_of_classes_are_left_out(tmp_path: Path) -> None:
    for part, first, n in (("train", 10, 14), ("test", 50, 4)):
        for k in range(first, first + n):
            put(tmp_path / f"data/photo/{part}/{k}_image.png", k)
            if part == "test":
                continue
            classes = np.zeros((12, 16), np.uint8)
            classes[2:5, k % 8 : k % 8 + 5], classes[7:10, 3 : 5 + k % 9] = 1, 2
            objects = classes.copy()
            objects[7:10, 5:] = np.where(classes[7:10, 5:] == 2, 3 + k % 4, 0)
            for end, pixels in (("label", classes), ("inst_label", objects)):
                path = tmp_path / f"data/truth/train/{k}_{end}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(pixels).save(path)
    found, notes = begin(tmp_path)
    assert found.tasks == {"segment": "multiclass"}
    assert found.classes == ["class 1", "class 2"]
    assert str(found.data.train.mask).endswith("truth/train/{id}_label.png")
    assert "14 files as truth/train/10_inst_label.png are not used" in notes


def test_masks_in_folders_of_classes_are_found_where_ids_are_names_of_files(tmp_path: Path) -> None:
    for k in range(16):
        kind = "ill" if k % 3 == 0 else "well"
        put(tmp_path / f"data/Training/{kind}/g{k:02}.jpg", k)
        mask(tmp_path / f"data/Annotation/Disc_Masks/{kind}/g{k:02}.bmp", k)
    for k in range(4):
        put(tmp_path / f"data/Test/T{k:02}.jpg", 20 + k)
    (tmp_path / "data/README.txt").write_text(
        "Training has g00.jpg ..., Test has T00.jpg - T03.jpg"
    )
    found, _ = begin(tmp_path)
    samples = load_samples(found, "train")
    assert set(samples["id"]) == {f"g{k:02}.jpg" for k in range(16)}
    assert {f"{Path(one.files[0]).stem}.jpg" for one in samples["mask"]} == set(samples["id"])
