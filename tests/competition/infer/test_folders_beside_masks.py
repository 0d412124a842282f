"""Folders around images and masks: data sets, patients and towns, none of which is a class."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.competition.truths.masks import truth_masks
from tests.competition.infer.test_odd_labels import begin, table
from tests.competition.infer.test_odd_masks import SIZE, box, photo, save


def drawn(number: int) -> NDArray[np.uint8]:
    found = np.zeros(SIZE, np.uint8)
    found[box(number + 1)] = 255
    return found


def pairs(data: Path, paths: Iterable[tuple[str, str]]) -> None:
    """Write images and their masks."""
    for number, (image, mask) in enumerate(paths):
        photo(data / image, number)
        save(data / mask, drawn(number))


def to_predict(data: Path, folder: str = "test") -> None:
    for number in range(3):
        photo(data / f"{folder}/q{number}.png", 100 + number)


def areas(found: Competition) -> list[int | None]:
    samples = load_samples(found, "train")
    return [
        None if mask is None else int((mask == 1).sum()) for mask in truth_masks(found, samples)
    ]


def test_a_mask_word_in_the_name_of_a_data_set_hides_no_folder_of_masks(tmp_path: Path) -> None:
    for n in range(8):  # most have no polyp, so that no look tells that these are masks
        photo(tmp_path / f"data/Polyp-SEG/images/p{n}.png", n)
        save(tmp_path / f"data/Polyp-SEG/masks/p{n}.png", drawn(n if n < 3 else 4))
    to_predict(tmp_path / "data")
    found, _ = begin(tmp_path)
    assert found.tasks == {"segment": "binary"}
    assert areas(found) == [12, 12, 12, 0, 0, 0, 0, 0]


def test_a_label_that_all_rows_share_is_none_beside_masks(tmp_path: Path) -> None:
    pairs(tmp_path / "data", [(f"images/p{n}.png", f"masks/p{n}.png") for n in range(8)])
    table(tmp_path / "data/train.csv", ("image", "label"),
          *((f"p{n}", "polyp") for n in range(8)))  # fmt: skip
    to_predict(tmp_path / "data")
    found, _ = begin(tmp_path)
    assert found.tasks == {"segment": "binary"}


def test_masks_of_no_image_beside_class_folders_are_left_out_with_a_note(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(24):
        photo(data / f"train_images/{('39', '291', '344')[n % 3]}/{1000 + n}.png", n)
    for n in range(4):
        save(data / f"train_masks/{n:03d}.png", drawn(n))
    to_predict(data, "test_images")
    found, notes = begin(tmp_path)
    assert (found.tasks, found.classes) == ({"classify": "multiclass"}, ["39", "291", "344"])
    assert "4 files in train_masks are not used" in notes


def test_face_masks_are_classes_all_the_same(tmp_path: Path) -> None:
    for n in range(24):
        photo(tmp_path / f"data/train/{('with_mask', 'no_mask')[n % 2]}/{n}.png", n)
    to_predict(tmp_path / "data")
    found, _ = begin(tmp_path)
    assert found.classes == ["no_mask", "with_mask"]


def test_folders_called_by_codes_of_patients_are_groups_beside_masks(tmp_path: Path) -> None:
    cases = [f"TCGA_{'CDH'[n % 3]}S_{4941 + 101 * n}" for n in range(5)]
    paths = [f"scans/{case}/{case}_{k}" for case in cases for k in range(4)]
    pairs(tmp_path / "data", [(f"{one}.png", f"{one}_mask.png") for one in paths])
    to_predict(tmp_path / "data")
    found, notes = begin(tmp_path)
    assert (found.tasks, found.folds.group) == ({"segment": "binary"}, "folder")
    assert "called as patients or scenes are, and no classes" in notes


def test_towns_that_validation_and_test_have_others_of_are_no_classes(tmp_path: Path) -> None:
    data = tmp_path / "data"
    paths = [f"train/{town}/{town}_{k}" for town in ("aachen", "bochum", "ulm") for k in range(4)]
    pairs(data, [(f"photos/{one}.png", f"masks/{one}_mask.png") for one in paths])
    for n, path in enumerate(("val/lindau/l", "test/berlin/b") * 3):
        photo(data / f"photos/{path}_{n}.png", 50 + n)
    found, notes = begin(tmp_path)
    assert found.tasks == {"segment": "binary"}
    assert "taken for places, and no classes" in notes


def test_diagnoses_are_classes_beside_masks(tmp_path: Path) -> None:
    paths = [f"scans/{label}/{label} ({k})" for label in ("benign", "malignant") for k in range(6)]
    pairs(tmp_path / "data", [(f"{one}.png", f"{one}_mask.png") for one in paths])
    to_predict(tmp_path / "data")
    found, _ = begin(tmp_path)
    assert found.tasks == {"classify": "binary", "segment": "binary"}


def test_a_column_of_paths_of_masks_is_no_label(tmp_path: Path) -> None:
    data, rows = tmp_path / "data", []
    for n in range(16):
        part = "train" if n < 10 else "val" if n < 12 else "test"
        image, mask = f"tiff/{part}/{n}.png", f"tiff/{part}_labels/{n}.png"
        photo(data / image, n)
        save(data / mask, drawn(n))
        rows.append((n, part, image, mask))
    table(data / "metadata.csv", ("image_id", "split", "image_path", "label_path"), *rows)
    found, _ = begin(tmp_path)
    assert found.tasks == {"segment": "binary"}
    assert areas(found) == [int((drawn(n) == 255).sum()) for n in range(12)]


def test_masks_of_an_image_by_number_are_one_mask_together_and_no_image(tmp_path: Path) -> None:
    paths = [f"scans/{label}/{label} ({k})" for label in ("benign", "normal") for k in range(6)]
    pairs(tmp_path / "data", [(f"{one}.png", f"{one}_mask.png") for one in paths])
    second = np.zeros(SIZE, np.uint8)
    second[:2] = 255
    save(tmp_path / "data/scans/benign/benign (3)_mask_1.png", second)
    to_predict(tmp_path / "data")
    found, notes = begin(tmp_path)
    whole = [int((drawn(n) == 255).sum()) for n in range(12)]
    whole[3] = int(((drawn(3) == 255) | (second == 255)).sum())
    assert areas(found) == whole
    assert "1 image has several masks" in notes


def test_a_further_file_that_is_no_number_is_no_part_of_a_mask(tmp_path: Path) -> None:
    pairs(tmp_path / "data", [(f"scans/{n}.png", f"scans/{n}_mask.png") for n in range(8)])
    save(tmp_path / "data/scans/3_mask_seen.png", np.full(SIZE, 255, np.uint8))
    to_predict(tmp_path / "data")
    found, _ = begin(tmp_path)
    assert areas(found)[3] == int((drawn(3) == 255).sum())


def test_images_and_masks_with_ends_of_their_own_and_several_kinds_of_truth(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n, name in enumerate(f"{town}_{k:03d}" for town in ("aachen", "bochum") for k in range(5)):
        where = f"train/{name[:-4]}/{name}"
        photo(data / f"left/{where}_left.png", n)
        classes = drawn(n) // 255 + 1
        save(data / f"gtFine/{where}_gtFine_labelIds.png", classes)
        save(data / f"gtFine/{where}_gtFine_instanceIds.png", classes * 7)
        save(data / f"gtFine/{where}_gtFine_color.png", np.stack([classes * 50] * 3, axis=-1))
    for n in range(3):
        photo(data / f"left/test/berlin/berlin_{n:03d}_left.png", 40 + n)
    found, notes = begin(tmp_path)
    assert found.tasks == {"segment": "multiclass"}
    samples = load_samples(found, "train")
    read = list(truth_masks(found, samples))
    assert [int((one == 2).sum()) for one in read if one is not None] == [
        int((drawn(n) == 255).sum()) for n in range(10)
    ]
    assert "gtFine/*_gtFine_instanceIds are not used" in notes
    assert load_samples(found, "test")["id"].iloc[0] == "berlin_000"


def scenes(data: Path, lines: Iterable[str], name: str = "sceneCategories.txt") -> None:
    """Write images with masks of 1, 2 and 3, and a text of lines, one an image."""
    every = np.arange(SIZE[0] * SIZE[1]).reshape(SIZE).astype(np.uint8) % 4
    for n in range(9):
        photo(data / f"images/a_{n}.png", n)
        save(data / f"masks/a_{n}.png", every)
    (data / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    to_predict(data)


def test_a_text_of_scenes_names_no_values_of_masks(tmp_path: Path) -> None:
    scenes(tmp_path / "data", (f"a_{n} {('street', 'bath', 'wood')[n % 3]}" for n in range(9)))
    found, notes = begin(tmp_path)
    assert found.to_choose == ["tasks"]  # each mask has all values, so that nothing tells
    assert "check data.train.mask_values" in notes
    for n in range(9):
        save(tmp_path / f"data/masks/a_{n}.png", np.full(SIZE, (n // 3 + 1) * (n > 0), np.uint8))
    found, notes = begin(tmp_path)
    assert (found.tasks, found.to_choose) == ({"segment": "multiclass"}, [])
    assert found.classes == ["class 1", "class 2", "class 3"]
    assert "labels are left out" in notes


def test_lists_of_a_class_with_minus_1_are_no_labels_beside_masks(tmp_path: Path) -> None:
    lines = (f"a_{n} {(' 1', '-1', ' 0')[n % 3]}" for n in range(9))
    scenes(tmp_path / "data", lines, "cat_train.txt")
    found, _ = begin(tmp_path)
    assert found.tasks == {"segment": "multiclass"}


def test_masks_in_folders_called_by_another_word_than_the_class_are_found(tmp_path: Path) -> None:
    kinds = [("01", n) for n in range(6)] + [("07", n) for n in range(6, 12)]
    pairs(
        tmp_path / "data",
        [(f"fish/fish_{k}/fish_{n:05d}.png", f"mask/mask_{k}/mask_{n:05d}.png") for k, n in kinds],
    )
    to_predict(tmp_path / "data")
    found, _ = begin(tmp_path)
    assert areas(found) == [int((drawn(n) == 255).sum()) for _, n in kinds]
