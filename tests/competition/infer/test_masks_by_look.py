"""Masks in folders that no word calls so: each is named and sized as an image is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from podium.competition.calibrate.calibration import calibrate
from podium.competition.infer.conversions.masks.object_folders import scan_data
from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from podium.competition.truths.masks import truth_masks
from tests.competition.infer.test_odd_labels import begin, table
from tests.competition.infer.test_odd_masks import SIZE, box, photo, save

WORDS = ("water", "bog", "road")
CODES = (10, 20, 40)
LISTED = [(0, "background"), *zip(CODES, WORDS, strict=True)]


def drawn(number: int) -> NDArray[np.uint8]:
    found = np.zeros(SIZE, np.uint8)
    for value in CODES:
        found[box(number + 1, shift=value)] = value
    return found


def bands(path: Path, number: int) -> None:
    """Write an image of four bands of 16 bits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(number).integers(0, 4096, (*SIZE, 4)).astype(np.uint16)
    tifffile.imwrite(path, pixels, photometric="minisblack", planarconfig="contig")


def read(tmp_path: Path) -> tuple[dict[str, NDArray[np.uint8]], str]:
    found, notes = begin(tmp_path)
    assert found.tasks == {"segment": "multiclass"}
    assert len(load_samples(found, "test")) == 8
    samples = load_samples(found, "train")
    paths = [Path(one[0]).relative_to("data").as_posix() for one in samples["images"]]
    masks = zip(paths, truth_masks(found, samples), strict=True)
    return {path: mask for path, mask in masks if mask is not None}, notes


def assert_drawn(masks: dict[str, NDArray[np.uint8]], wanted: dict[str, int]) -> None:
    order = np.zeros(256, np.uint8)
    order[list(CODES)] = [1, 2, 3]
    assert masks.keys() == wanted.keys()
    assert all(np.array_equal(masks[name], order[drawn(n)]) for name, n in wanted.items())


@pytest.mark.parametrize("form", ["bands", "photo", "palette", "flat"])
@pytest.mark.parametrize("tree", [
    "{part}/{area}/{kind}/r_{n}",
    "{part}/{kind}/{area}_{n}",
    "{part}/{kind}/{area}/r_{n}",
    "{kind}/{part}/{area}_{n}",
])  # fmt: skip
def test_masks_in_a_folder_of_any_name(tmp_path: Path, tree: str, form: str) -> None:
    data, wanted, rows = tmp_path / "data", {}, []
    for area, n in ((area, n) for area in ("north", "south", "kust") for n in range(8)):
        part, number = "test" if area == "kust" else "train", 8 * len(area) + n
        path = tree.format(part=part, area=area, kind="bilder", n=n)
        end = ".tif" if form == "bands" else ".png"
        (bands if form == "bands" else photo)(data / f"{path}{end}", 100 * len(area) + n)
        if part == "train":
            mask = data / f"{tree.format(part=part, area=area, kind='tolkning', n=n)}.png"
            pixels = drawn(number)
            save(mask, pixels)
            if form == "palette":
                image = Image.fromarray(pixels, "P")
                image.putpalette([5, 9, 40] * 256)
                image.save(mask)
            if form == "flat":
                save(mask, np.stack([pixels] * 3, axis=-1))
            wanted[f"{path}{end}"] = number
        name = f"{area}_{n}" if "{area}_" in tree else f"{area}/r_{n}"
        rows += [(name, one, "") for one in WORDS if part == "test"]
    table(data / "sample_submission.csv", ("id", "class", "rle"), *rows)
    table(data / "classes.csv", ("code", "class"), *LISTED)
    masks, notes = read(tmp_path)
    assert_drawn(masks, wanted)
    assert "to mend" not in notes


def test_the_folders_of_classes_with_files_of_the_same_names_are_no_masks(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for number in range(24):
        photo(data / f"train/cat/{number:02}.png", number)
        photo(data / f"train/dog/{number:02}.png", 100 + number)
        photo(data / f"test/{number:02}.png", 200 + number)
    found, _ = begin(tmp_path)
    assert found.tasks == {"classify": "binary"}


@pytest.mark.parametrize("masks", ["facit", "masks", "tolkning"])
@pytest.mark.parametrize("header", ["pixlar", "rle"])
def test_the_one_blank_column_of_a_sample_is_of_masks(
    tmp_path: Path, header: str, masks: str
) -> None:
    data = tmp_path / "data"
    for number in range(24):
        part = "train" if number < 16 else "test"
        bands(data / part / f"bilder/r_{number}.tif", number)
        if part == "train":
            save(data / f"train/{masks}/r_{number}.png", drawn(number))
    rows = [(f"r_{n}/{code}", "") for n in range(16, 24) for code in CODES]
    table(data / "sample_submission.csv", ("id", header), *rows)
    table(data / "klasser.csv", ("kod", "klass"), *LISTED)
    found, _ = begin(tmp_path)
    assert found.tasks == {"segment": "multiclass"}
    assert found.classes == ["10", "20", "40"]
    assert list(found.submission.columns) == ["id", header]


def test_calibrate_knows_ids_of_areas_with_a_class(tmp_path: Path) -> None:
    data, rows = tmp_path / "data", []
    for area, n in ((area, n) for area in ("north", "south", "kust") for n in range(8)):
        part = "test" if area == "kust" else "train"
        bands(data / part / area / f"bilder/r_{n}.tif", 100 * len(area) + n)
        if part == "train":
            save(data / part / area / f"tolkning/r_{n}.png", drawn(8 * len(area) + n))
        rows += [(f"{area}/r_{n}/{code}", "") for code in CODES if part == "test"]
    table(data / "sample_submission.csv", ("id", "pixlar"), *rows)
    found, _ = begin(tmp_path)
    assert found.classes == ["10", "20", "40"]
    assert not [note for note in calibrate(found).notes if "the sample's ids" in note]


@pytest.mark.parametrize("form", ["blank", "own colours", "in test, too"])
def test_blank_pictures_drawings_and_what_test_has_too_are_no_masks(
    tmp_path: Path, form: str
) -> None:
    data, kinds = tmp_path / "data", ("scratch", "clean")
    for number in range(24):
        parts = ("train", "test") if form == "in test, too" else ("train",)
        for part in parts:
            photo(data / part / kinds[0] / f"{number:02}.png", number)
            pixels = np.full(SIZE, 90, np.uint8) if form == "blank" else drawn(number)
            if form == "own colours":
                pixels = np.stack([pixels // 4 + 3 * number] * 3, axis=-1)
            save(data / part / kinds[1] / f"{number:02}.png", pixels)
        if form != "in test, too":
            photo(data / f"test/{100 + number}.png", 200 + number)
    if form == "in test, too":
        table(data / "train.csv", ("id", "label"), *((f"{n:02}", "ab"[n % 2]) for n in range(24)))
    found, _ = begin(tmp_path)
    assert "segment" not in found.tasks


def test_flat_drawings_beside_photos_are_no_masks_where_the_sample_has_labels(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    for number in range(24):
        photo(data / f"train/photo/{number:02}.png", number)
        save(data / f"train/sketch/{number:02}.png", drawn(number))
        photo(data / f"test/{100 + number}.png", 200 + number)
    rows = [(100 + number, "photo") for number in range(24)]
    table(data / "sample_submission.csv", ("id", "label"), *rows)
    found, _ = begin(tmp_path)
    assert found.tasks == {"classify": "binary"}
    assert found.classes == ["photo", "sketch"]


def test_folders_of_masks_called_as_the_classes_of_the_sample_are_a_mask_each(
    tmp_path: Path,
) -> None:
    data, truth = tmp_path / "data", {}
    for n in range(16):
        name, rng = f"L{n:03}", np.random.default_rng(n)
        pixels = rng.integers(0, 255, (20, 24, 3)).astype(np.uint8)
        (data / "train/img").mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(data / f"train/img/{name}.png")
        for number, kind in enumerate(("leaf", "lesion")):
            mask = np.zeros((20, 24), np.uint8)
            mask[2 + n % 5 : 14 - 5 * number, 3 : 9 + n % 7] = 255
            (data / "train" / kind).mkdir(exist_ok=True)
            Image.fromarray(mask).save(data / f"train/{kind}/{name}.png")
            truth[name, kind] = mask > 0
    for n in range(16, 20):
        pixels = np.random.default_rng(n).integers(0, 255, (20, 24, 3)).astype(np.uint8)
        (data / "test").mkdir(exist_ok=True)
        Image.fromarray(pixels).save(data / f"test/L{n:03}.png")
    rows = [f"L{n:03}_{kind},1 4" for n in range(16, 20) for kind in ("leaf", "lesion")]
    (data / "sample_submission.csv").write_text("\n".join(["id,rle", *rows]) + "\n")
    found, _ = begin(tmp_path)
    assert (found.tasks, found.classes) == ({"segment": "multilabel"}, ["leaf", "lesion"])
    samples = load_samples(found, "train")
    for name, mask in zip(samples["id"], truth_masks(found, samples), strict=True):
        assert mask is not None
        for number, kind in enumerate(found.classes):
            assert np.array_equal(mask[..., number] > 0, truth[name, kind])


def test_folders_of_several_people_beside_the_folder_of_train_are_a_question(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    for n in range(8):
        photo(data / f"train pics/s{n}.jpg", n)
        for person in range(3):
            if (n + person) % 4:
                save(data / f"P{person}_x/s{n}_cut_map.png", drawn(n + person))
    for n in range(8, 12):
        photo(data / f"test_pics/s{n}.jpg", n)

    found, _ = begin(tmp_path)

    assert "data.train.mask" in found.to_choose
    text = infer(data, tmp_path).text
    assert all(f"data/P{person}_x/{{id}}_cut_map.png" in text for person in range(3))


@pytest.mark.parametrize("other", ["ground", "masks of ground"])
def test_masks_called_so_with_a_letter_behind_the_number_come_before_those_by_look(
    tmp_path: Path, other: str
) -> None:
    data = tmp_path / "data"
    for n in range(12):
        photo(data / f"fields_200/{n:03d}.jpg", n)
        save(data / f"fields_masks_200/{n:03d}m.png", drawn(n))
        save(data / f"{other}_200/{n:03d}.png", box(n) * np.uint8(255))
    for n in range(20, 24):
        photo(data / f"test/{n:03d}.jpg", n)

    found, _ = begin(tmp_path)

    called = "data/fields_masks_200/{id}m.png"
    assert found.to_choose == ["data.train.mask"]
    assert found.data.train.mask == called or other != "ground"
    assert f"data/{other}_200/{{id}}.png" in infer(data, tmp_path).text
    assert called in infer(data, tmp_path).text
    assert len(load_samples(found, "test")) == 4


def test_masks_with_other_letters_behind_their_numbers_keep_the_names_that_they_have(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    for n in range(12):
        side = "am"[n % 2]
        photo(data / f"fields/{n:03d}{side}.jpg", n)
        save(data / f"masks/{n:03d}{side}.png", drawn(n))
    photo(data / "test/040a.jpg", 40)

    assert begin(tmp_path)[0].data.train.mask == "data/masks/{id}.png"


@pytest.mark.parametrize("drawings", ["label_pictures/p{:02}.png", "labels/p{:02}_vis.png"])
def test_masks_beside_images_come_before_the_drawings_of_a_few_of_them(
    tmp_path: Path, drawings: str
) -> None:
    """`train/7.png` of `train/7.jpg` is the mask, and six pictures in colours show some of them."""
    data, colours = tmp_path / "data", np.zeros((256, 3), np.uint8)
    colours[list(CODES)] = [[0, 0, 250], [250, 0, 0], [250, 250, 0]]
    for number in range(24):
        photo(data / f"train/p{number:02}.jpg", number)
        save(data / f"train/p{number:02}.png", drawn(number))
        if number < 6:
            save(data / drawings.format(number), colours[drawn(number)])
    for number in range(8):
        photo(data / f"test/q{number}.jpg", 100 + number)
    table(data / "classes.csv", ("code", "class"), *LISTED)
    masks, notes = read(tmp_path)
    assert_drawn(masks, {f"train/p{number:02}.jpg": number for number in range(24)})
    assert "those of train/{id}.png were taken" in notes


def test_as_many_masks_in_a_folder_that_is_called_so_are_the_only_ones(tmp_path: Path) -> None:
    """Flat pictures beside the images are then no masks: nothing but their look would show it."""
    data = tmp_path / "data"
    for number in range(24):
        photo(data / f"train/p{number:02}.jpg", number)
        save(data / f"train/p{number:02}.png", drawn(number))
        save(data / f"masks/p{number:02}.png", drawn(number + 1))
    scanned = scan_data(data, "data")
    assert not scanned.masks_by_look
    assert {one.folder for one in scanned.of_part("mask")} == {"masks"}
