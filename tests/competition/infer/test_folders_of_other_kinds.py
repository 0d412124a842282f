"""Folders, and words in names, that tell kinds of pictures: copies, views and masks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_folders_beside_masks import areas, drawn, pairs, to_predict
from tests.competition.infer.test_odd_labels import begin, put
from tests.competition.infer.test_odd_masks import SIZE, photo, save


def ids(found, part: str = "train") -> list[str]:
    return sorted(map(str, load_samples(found, part)["id"]))


@pytest.mark.parametrize("mask", ["roof.png", "mask.png"])
def test_folders_of_an_image_and_its_mask_are_the_ids(tmp_path: Path, mask: str) -> None:
    pairs(
        tmp_path / "data", [(f"train/{n:03}/image.png", f"train/{n:03}/{mask}") for n in range(8)]
    )
    for n in range(3):
        photo(tmp_path / f"data/test/{20 + n:03}/image.png", 50 + n)
    found, _ = begin(tmp_path)
    assert found.tasks == {"segment": "binary"}
    assert areas(found) == [int((drawn(n) > 0).sum()) for n in range(8)]
    assert ids(found) == [f"{n:03}" for n in range(8)]
    assert ids(found, "test") == ["020", "021", "022"]


def test_a_picture_that_test_has_too_is_no_mask(tmp_path: Path) -> None:
    for part, numbers in (("train", range(8)), ("test", range(8, 11))):
        for n in numbers:
            photo(tmp_path / f"data/{part}/{n:03}/image.png", n)
            save(tmp_path / f"data/{part}/{n:03}/area.png", drawn(n))
    with pytest.raises(DataError, match="no labels"):
        infer(tmp_path / "data", tmp_path)


def test_folders_of_train_with_other_words_are_images_and_masks(tmp_path: Path) -> None:
    pairs(tmp_path / "data", [
        (f"train_satellite/t{n}_satellite.png", f"train_kelp/t{n}_kelp.png") for n in range(8)
    ])  # fmt: skip
    for n in range(3):
        photo(tmp_path / f"data/test_satellite/u{n}_satellite.png", 50 + n)
    found, _ = begin(tmp_path)
    assert found.tasks == {"segment": "binary"}
    assert areas(found) == [int((drawn(n) > 0).sum()) for n in range(8)]
    assert len(load_samples(found, "test")) == 3


def test_masks_and_images_may_begin_otherwise(tmp_path: Path) -> None:
    pairs(tmp_path / "data", [
        (f"IMAGES/img_{n:04}.png", f"MASKS/seg_{n:04}.png") for n in range(8)
    ])  # fmt: skip
    to_predict(tmp_path / "data")
    found, _ = begin(tmp_path)
    assert found.tasks == {"segment": "binary"}
    assert areas(found) == [int((drawn(n) > 0).sum()) for n in range(8)]
    assert ids(found) == [f"{n:04}" for n in range(8)]


def test_classes_in_front_of_numbers_are_no_images_and_masks(tmp_path: Path) -> None:
    for n in range(8):
        for name in ("cat", "dog"):
            put(tmp_path / f"data/train/{name}_{n}.png", 2 * n + (name == "dog"))
    to_predict(tmp_path / "data")
    found, _ = begin(tmp_path)
    assert found.tasks == {"classify": "binary"}
    assert found.classes == ["cat", "dog"]


def test_jpeg_masks_of_small_pictures_are_found_in_a_folder_of_any_name(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for n in range(8):
        photo_of, mask = random.integers(0, 255, (48, 64, 3)).astype(np.uint8), np.zeros((48, 64))
        mask[4 + n : 30, 8 : 40 + n] = 255
        for folder, pixels in (("rgb", photo_of), ("BW", mask.astype(np.uint8))):
            path = tmp_path / f"data/{folder}/{n:03}.jpg"
            path.parent.mkdir(exist_ok=True, parents=True)
            Image.fromarray(pixels).save(path, quality=75)
    to_predict(tmp_path / "data")
    found, _ = begin(tmp_path)
    assert found.tasks == {"segment": "binary"}
    assert found.data.train.mask == "made/masks/BW/{id}.png"


def test_augmented_copies_are_left_out_with_a_note(tmp_path: Path) -> None:
    for n in range(6):
        for path in (
            f"data/images/{n:03}",
            f"aug_data/images/{n:03}_0",
            f"aug_data/images/{n:03}_1",
        ):
            photo(tmp_path / f"data/{path}.png", n)
            save(tmp_path / f"data/{path.replace('images', 'masks')}.png", drawn(n))
    to_predict(tmp_path / "data")
    found, notes = begin(tmp_path)
    assert found.tasks == {"segment": "binary"}
    assert ids(found) == [f"{n:03}" for n in range(6)]
    assert "12 images in aug_data are not used" in notes


def test_folders_called_augmented_whose_files_have_names_of_their_own_stay(tmp_path: Path) -> None:
    for n in range(6):
        put(tmp_path / f"data/train/augmented/x{n}.png", n)
        put(tmp_path / f"data/train/plain/y{n}.png", 10 + n)
    to_predict(tmp_path / "data")
    found, notes = begin(tmp_path)
    assert len(load_samples(found, "train")) == 12
    assert "not used: by their names" not in notes


def test_heights_beside_images_are_left_out_with_the_way_to_add_them(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    for n in range(6):
        photo(tmp_path / f"data/slides/image/q{n}.png", n)
        save(tmp_path / f"data/slides/mask/q{n}.png", drawn(n))
        save(tmp_path / f"data/slides/dem/q{n}.png", random.integers(0, 99, SIZE).astype(np.uint8))
    to_predict(tmp_path / "data")
    found, notes = begin(tmp_path)
    assert found.tasks == {"segment": "binary"}
    assert ids(found) == [f"q{n}" for n in range(6)]
    assert "6 files in dem of slides are not used" in notes
    assert "…/dem/{id}.png" in notes


def test_views_of_one_thing_are_refused_as_classes(tmp_path: Path) -> None:
    for n in range(6):
        for place, room in enumerate(("bath", "front", "kitchen")):
            put(tmp_path / f"data/{n}_{room}.png", 3 * n + place)
    to_predict(tmp_path / "data")
    with pytest.raises(DataError, match="views of one thing") as error:
        infer(tmp_path / "data", tmp_path)
    assert "train.csv with the columns id and label" in str(error.value)


def test_words_behind_numbers_that_are_no_grid_are_classes(tmp_path: Path) -> None:
    for n in range(18):
        put(tmp_path / f"data/train/{n}_{('bath', 'front', 'kitchen')[n % 3]}.png", n)
    to_predict(tmp_path / "data")
    assert begin(tmp_path)[0].classes == ["bath", "front", "kitchen"]


def test_what_stands_behind_a_word_for_labels_is_the_class_in_test_too(tmp_path: Path) -> None:
    for part, n_images in (("train", 18), ("test", 6)):
        for n in range(n_images):
            put(tmp_path / f"data/{part}/id_{n}_label_{n % 3}.png", n)
    found, _ = begin(tmp_path)
    assert found.classes == ["0", "1", "2"]
    assert len(load_samples(found, "train")) == 18


def test_archives_of_two_kinds_of_pictures_are_refused_as_classes(tmp_path: Path) -> None:
    for n in range(6):
        save(tmp_path / f"data/cuts/cuts/{n}.png", np.full((8, 8, 3), 9 * n, np.uint8))
        save(tmp_path / f"data/scenes/scenes/lb_{n}.png", np.full((30, 40, 3), 9 * n, np.uint8))
    to_predict(tmp_path / "data")
    with pytest.raises(DataError, match="archives of two kinds of pictures"):
        infer(tmp_path / "data", tmp_path)


def test_ranges_inside_class_folders_are_pieces_of_them(tmp_path: Path) -> None:
    for place, name in enumerate(("ABE", "ART", "BAS")):
        for first in (1, 1001):
            for n in range(3):
                path = f"{name}/{first:04}-{first + 999:04}/{name}_{first + n:05}.png"
                put(tmp_path / f"data/{path}", 20 * place + n + first % 7)
    to_predict(tmp_path / "data")
    found, _ = begin(tmp_path)
    assert found.classes == ["ABE", "ART", "BAS"]
    assert "classes" not in found.to_choose


def test_texts_that_part_folders_into_train_and_others_show_that_they_are_no_classes(
    tmp_path: Path,
) -> None:
    videos = ("bear", "boat", "camel", "swan")
    pairs(tmp_path / "data", [
        (f"JPEGImages/{one}/{n:05}.png", f"Annotations/{one}/{n:05}.png")
        for one in videos for n in range(4)
    ])  # fmt: skip
    for name, lines in (("train", videos[:3]), ("val", videos[3:])):
        text = tmp_path / f"data/ImageSets/{name}.txt"
        text.parent.mkdir(exist_ok=True)
        text.write_text("\n".join(lines) + "\n", encoding="utf-8")
    to_predict(tmp_path / "data")
    found, notes = begin(tmp_path)
    assert found.tasks == {"segment": "binary"}
    assert "tell the parts of the data by them" in notes


def test_bands_of_train_that_test_has_too_are_no_classes(tmp_path: Path) -> None:
    for part, n_images in (("train", 6), ("test", 3)):
        for n in range(n_images):
            for place, band in enumerate(("red", "nir", "blue")):
                put(tmp_path / f"data/{part}/{part}_{band}/{band}_{n}.png", 9 * n + place)
    with pytest.raises(DataError, match="no labels"):
        infer(tmp_path / "data", tmp_path)


def test_a_folder_called_images_is_no_class_beside_others(tmp_path: Path) -> None:
    for n in range(6):
        put(tmp_path / f"data/train/images/{n}.png", n)
        put(tmp_path / f"data/train/borders/{n}.png", 20 + n)
    to_predict(tmp_path / "data")
    with pytest.raises(DataError, match="no labels"):
        infer(tmp_path / "data", tmp_path)


def test_words_for_masks_in_names_are_no_classes(tmp_path: Path) -> None:
    for n in range(12):
        for kind in ("sat", "mask"):
            put(tmp_path / f"data/tiles/{100 + n // 3}_{kind}_{n % 3:02}.png", 2 * n)
    to_predict(tmp_path / "data")
    with pytest.raises(DataError, match="no labels"):
        infer(tmp_path / "data", tmp_path)


def test_faces_with_a_mask_and_without_are_classes(tmp_path: Path) -> None:
    for n in range(12):
        for place, kind in enumerate(("mask", "nomask")):
            put(tmp_path / f"data/train/{kind}_{n}.png", 2 * n + place)
    to_predict(tmp_path / "data")
    assert begin(tmp_path)[0].classes == ["mask", "nomask"]


def test_turned_copies_in_folders_of_their_classes_are_left_out(tmp_path: Path) -> None:
    for name in ("lid", "valve"):
        for n in range(6):
            put(tmp_path / f"data/parts/photos/{name}/{name}_{n}.png", n)
            put(tmp_path / f"data/parts/rotated/{name}_rotated/rot_{name}_{n}.png", 20 + n)
        path = tmp_path / f"data/parts/rotated/{name}_angles.txt"
        path.write_text("".join(f"rot_{name}_{n} {n * 7}\n" for n in range(6)), encoding="utf-8")
    for n in range(4):
        put(tmp_path / f"data/parts/blanks/{n:02}.png", 60 + n)
    to_predict(tmp_path / "data")
    found, notes = begin(tmp_path)
    assert found.data.train.images == "data/parts/photos/{class}/*.png"
    assert "12 images in parts/rotated are not used" in notes
    assert "4 images in 'parts/blanks' are not used: they are of no class" in notes


def test_a_folder_called_rotated_may_be_a_class(tmp_path: Path) -> None:
    for n in range(6):
        put(tmp_path / f"data/train/upright/page_{n}.png", n)
        put(tmp_path / f"data/train/rotated/page_{n}_90.png", 20 + n)
    to_predict(tmp_path / "data")
    found, _ = begin(tmp_path)
    assert found.classes == ["rotated", "upright"]
    assert len(load_samples(found, "train")) == 12


def test_a_folder_beside_that_of_the_classes_with_more_than_these_is_not_left_out(
    tmp_path: Path,
) -> None:
    for name in ("lid", "valve"):
        for n in range(6):
            put(tmp_path / f"data/photos/{name}/{name}_{n}.png", n)
    for n in range(7):
        put(tmp_path / f"data/others/{n:02}.png", 60 + n)
    to_predict(tmp_path / "data")
    with pytest.raises(DataError):
        begin(tmp_path)
