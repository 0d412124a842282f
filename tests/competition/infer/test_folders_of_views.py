"""Folders beside masks that hold a view each of the same things, and those that are classes."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from podium.competition.infer.spec import infer
from podium.competition.samples import left_out_of_test, load_samples
from podium.competition.truths.masks import truth_masks
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import table
from tests.competition.infer.test_odd_masks import SIZE, box, photo, save


def fields(data: Path, kinds: tuple[str, ...], *, is_apart: bool) -> None:
    for number in range(20):
        for place, kind in enumerate(kinds):
            name = f"farm_{number + 50 * place * is_apart:03}_{kind}"
            photo(data / f"flights/{kind}/{name}.png", 100 * place + number)
            if is_apart:
                save(data / f"flights/masks/{name}.png", box(number + 1) * np.uint8(255))
        if not is_apart:
            path = data / f"flights/drawn/farm_{number:03}_drawn.png"
            save(path, box(number + 1) * np.uint8(255))


def test_views_of_one_place_are_no_classes(tmp_path: Path) -> None:
    data = tmp_path / "data"
    fields(data, ("optical", "radar"), is_apart=False)
    with pytest.raises(DataError, match="look like views of one thing"):
        infer(data, tmp_path, has_test=False)
    shutil.rmtree(data / "flights/optical")
    assert infer(data, tmp_path, has_test=False).competition.tasks == {"segment": "binary"}


def test_images_of_one_folder_each_are_of_a_class(tmp_path: Path) -> None:
    fields(tmp_path / "data", ("barley", "clover"), is_apart=True)
    found = infer(tmp_path / "data", tmp_path, has_test=False).competition
    assert found.classes == ["barley", "clover"]


def test_masks_and_others_beside_images_of_several_folders_are_no_classes(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for place, kind in enumerate(("A1", "A2")):
        for number in range(8):
            photo(data / f"train/{kind}/plant{number:03}_rgb.png", 100 * place + number)
            for end, value in (("label", 1 + number % 3), ("fg", 255)):
                plane = np.zeros(SIZE, np.uint8)
                plane[number : number + 4, 2 + place : 9] = value
                save(data / f"train/{kind}/plant{number:03}_{end}.png", plane)
        photo(data / f"test/{kind}/plant090_rgb.png", 900 + place)
        save(data / f"test/{kind}/plant090_fg.png", box(3) * np.uint8(255))
    with pytest.raises(DataError, match="each of 16 names has files that end with") as refused:
        infer(data, tmp_path)
    assert "named by folder, as images/A1_plant000_fg.png" in refused.value.fix
    for folder in ("train/images", "train/masks", "test/images"):
        (data / folder).mkdir()
    for path in sorted(data.rglob("*.png")):
        part, kind, _ = path.relative_to(data).parts
        stem, _, end = path.stem.rpartition("_")
        folder = {"rgb": "images", "fg": "masks" if part == "train" else ""}.get(end)
        path.rename(data / part / folder / f"{kind}_{stem}.png") if folder else path.unlink()
    assert infer(data, tmp_path).competition.tasks == {"segment": "binary"}


def dates_and_polarisations(data: Path, folders: tuple[str, ...], first: int) -> None:
    """Write images of four files in train and test, and masks or a table of what train has.

    Args:
        data: where to.
        folders: of the files.
        first: number of the images to predict.
    """
    for place, folder in enumerate(folders):
        for number in range(N_TRAIN):
            photo(data / f"train/images/{folder}/{number:03}.png", 100 * place + number)
        for number in range(first, first + N_TEST):
            photo(data / f"test/images/{folder}/{number:03}.png", 500 + 10 * place + number)


N_TRAIN, N_TEST = 12, 4
DATES = ("before/HH", "before/HV", "after/HH", "after/HV")
POLARISATIONS = ("HH/before", "HH/after", "HV/before", "HV/after")
NO_WORDS = ("asc/HH", "asc/HV", "desc/HH", "desc/HV")


@pytest.mark.parametrize(("folders", "first", "shown"), [
    (DATES, 40, "labels"), (POLARISATIONS, 0, "labels"), (NO_WORDS, 0, "runs"),
    (NO_WORDS, 40, "masks"), (DATES, 0, "masks"), (POLARISATIONS, 40, "nothing"),
    (NO_WORDS, 40, "rows"), (("asc", "desc"), 0, "rows"),
])  # fmt: skip
def test_files_of_one_name_in_folders_of_folders_are_one_image(
    tmp_path: Path, folders: tuple[str, ...], first: int, shown: str
) -> None:
    """As two dates of two polarisations each; one image lacks a file, and is left out."""
    data = tmp_path / "data"
    dates_and_polarisations(data, folders, first)
    lost = data / f"train/images/{min(folders)}/005.png"
    if shown != "nothing":
        lost.unlink()
    sent = [f"{number:03}" for number in range(first, first + N_TEST)]
    if shown in ("labels", "rows"):
        table(data / "train.csv", ("id", "kind"), *(
            (f"{number:03}", ("rock", "sand")[number % 2]) for number in range(N_TRAIN)
        ))  # fmt: skip
        if shown == "labels":
            table(data / "sample_submission.csv", ("id", "kind"), *((one, "rock") for one in sent))
    else:
        for number in range(N_TRAIN):
            save(data / f"train/masks/{number:03}.png", box(number + 1) * np.uint8(255))
    if shown == "runs":
        table(data / "sample_submission.csv", ("id", "rle"), *((one, "1 3") for one in sent))
    if shown == "masks":
        for one in sent:
            save(data / f"sample_submission/{one}.png", np.zeros(SIZE, np.uint8))
    found = infer(data, tmp_path).competition
    train, test = load_samples(found, "train"), load_samples(found, "test")
    known = [number for number in range(N_TRAIN) if number != 5 or shown == "nothing"]
    for samples, part, numbers in (
        (train, "train", known), (test, "test", range(first, first + N_TEST)),
    ):  # fmt: skip
        assert [{*files} for files in samples["images"]] == [
            {f"data/{part}/images/{folder}/{number:03}.png" for folder in folders}
            for number in numbers
        ]
    if shown in ("labels", "rows"):
        assert found.tasks == {"classify": "binary"}
        assert list(train["label"]) == [number % 2 for number in known]
        return
    assert found.tasks == {"segment": "binary"}
    for number, mask in zip(known, truth_masks(found, train), strict=True):
        np.testing.assert_array_equal(mask, box(number + 1))


@pytest.mark.parametrize("file", [
    "{channel}/{part}/{number}.png", "rasters/{channel}/{part}/{number}.png",
    "{part}/{channel}/{number}.png", "{part}/{number}/{channel}.png",
    "{part}/{number}_{channel}.png",
])  # fmt: skip
def test_channels_above_parts_are_read_and_a_row_is_sent_of_an_image_that_lacks_one(
    tmp_path: Path, file: str
) -> None:
    data, parts = tmp_path / "data", {"train": range(12), "test": range(40, 60)}
    for part, numbers in parts.items():
        for number in numbers:
            for channel in ("HH", "HV"):
                path = data / file.format(part=part, number=number, channel=channel)
                shade = np.random.default_rng(number).integers(0, 255, SIZE)
                save(path, shade.astype(np.uint8))
    lost = file.format(part="test", number=47, channel="HV")
    (data / lost).unlink()
    table(data / "train.csv", ("id", "kind"), *((n, ("rock", "sand")[n % 2]) for n in range(12)))
    table(data / "sample_submission.csv", ("id", "kind"), *((n, "rock") for n in parts["test"]))
    inferred = infer(data, tmp_path)
    found = inferred.competition
    assert found.data.test is not None
    assert found.data.test.exclude == ["47"]
    assert found.to_choose == []
    assert "of test lacks one of the files of an image ('47')" in "\n".join(inferred.notes)
    for part, numbers in parts.items():
        samples = load_samples(found, "train" if part == "train" else "test")
        assert {*samples["id"]} == {str(one) for one in numbers if one != 47}
        for number, files in zip(samples["id"], samples["images"], strict=True):
            assert list(files) == [
                f"data/{file.format(part=part, number=number, channel=channel)}"
                for channel in ("HH", "HV")
            ]
    assert left_out_of_test(found) == ["47"]


def test_channels_in_folders_of_folders_that_nothing_shows_are_no_classes(tmp_path: Path) -> None:
    data = tmp_path / "data"
    dates_and_polarisations(data, NO_WORDS, 40)
    for number in range(N_TRAIN):
        save(data / f"train/masks/{number:03}.png", box(number + 1) * np.uint8(255))
    with pytest.raises(DataError, match="look like channels of one image, and no classes"):
        infer(data, tmp_path)


@pytest.mark.parametrize(("name", "is_one"), [
    ("{}_asc_HH {}_asc_HV {}_desc_HH {}_desc_HV", True), ("{}/asc/HH {}/asc/HV {}/desc/HH", True),
    ("{}/left/scan-1 {}/left/scan-2 {}/right/scan-1", False),
    ("{}/2021/HH {}/2021/HV {}/2022/HH", False),
])  # fmt: skip
def test_two_words_tell_the_files_of_an_image_and_numbers_tell_photographs(
    tmp_path: Path, name: str, is_one: bool
) -> None:
    """Of photographs, or dates, of a thing each is an image, and the thing is the unit."""
    data, parts = tmp_path / "data", {"train": range(N_TRAIN), "test": range(40, 40 + N_TEST)}
    names = {part: [f"a{n}" for n in numbers] for part, numbers in parts.items()}
    for part, own in names.items():
        for number, one in enumerate(own):
            for place, file in enumerate(name.replace("{}", one).split()):
                photo(data / part / f"{file}.png", 1000 * place + 50 * (part == "test") + number)
    table(data / "train.csv", ("id", "kind"), *(
        (one, ("rock", "sand")[n % 2]) for n, one in enumerate(names["train"])
    ))  # fmt: skip
    table(data / "sample_submission.csv", ("id", "kind"), *((one, "rock") for one in names["test"]))
    found = infer(data, tmp_path).competition
    of_parts = {"train": load_samples(found, "train"), "test": load_samples(found, "test")}
    for part, samples in of_parts.items():
        files = [{*each} for each in samples["images"]]
        expected = [
            {f"data/{part}/{file}.png" for file in name.replace("{}", one).split()}
            for one in names[part]
        ]
        if is_one:
            assert files == expected
            continue
        assert set.union(*files) == set.union(*expected)
        assert found.data.train.unit is not None


def test_views_that_images_to_predict_have_too_are_no_classes_without_masks(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    for place, kind in enumerate(("optical", "radar")):
        for number in range(20):
            part = "train" if number < 14 else "test"
            photo(data / f"{part}/{kind}/farm_{number:03}_{kind}.png", 100 * place + number)
    with pytest.raises(DataError, match="views of one thing, and no classes") as refused:
        infer(data, tmp_path)
    assert "each named as farm_000" in refused.value.fix
    for number in range(14, 20):
        for kind in ("optical", "radar"):
            old = data / f"test/{kind}/farm_{number:03}_{kind}.png"
            old.rename(data / f"test/{number:03}_{kind[0]}.png")
    assert infer(data, tmp_path).competition.classes == ["optical", "radar"]
