"""Samples of several files whose mask is named as the sample: `sub-01_t1.png`, `sub-01_seg.png`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from podium.competition.images import read_image
from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from podium.competition.truths.masks import truth_masks
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, table

N_TRAIN, N_TEST = 16, 6


def _mask(n: int) -> np.ndarray:
    mask = np.zeros((24, 30), np.uint8)
    mask[2 + n % 5 : 9 + n % 7, 3 : 12 + n % 6] = 1
    return mask * (n % 4 > 0)


@pytest.mark.parametrize("ends", [("t1", "t2", "flair"), ("top", "side")])
@pytest.mark.parametrize("masks", [
    "train/{}_seg.png", "train/masks/{}.png", "train/drawings/{}.png", "train_masks/{}_mask.png",
])  # fmt: skip
def test_masks_of_samples_with_several_files_are_found(
    tmp_path: Path, ends: tuple[str, ...], masks: str
) -> None:
    data, rng = tmp_path / "data", np.random.default_rng(3)
    images = "{}" if "train/{}" in masks else "images/{}"
    for n in range(N_TRAIN + N_TEST):
        part = "train" if n < N_TRAIN else "test"
        for end in ends:
            file = data / part / images.format(f"sub-{n:02}_{end}.png")
            file.parent.mkdir(parents=True, exist_ok=True)
            grey = rng.integers(0, 90, (24, 30)) + 100 * _mask(n)
            Image.fromarray(grey.astype(np.uint8)).save(file)
        if part == "train":
            file = data / masks.format(f"sub-{n:02}")
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(_mask(n) * 255).save(file)
    rows = ((f"sub-{n:02}", "1 3") for n in range(N_TRAIN, N_TRAIN + N_TEST))
    table(data / "sample_submission.csv", ("id", "rle"), *rows)
    found, _ = begin(tmp_path)
    assert found.tasks == {"segment": "binary"}
    train, test = load_samples(found, "train"), load_samples(found, "test")
    assert list(train["id"]) == [f"sub-{n:02}" for n in range(N_TRAIN)]
    assert list(test["id"]) == [f"sub-{n:02}" for n in range(N_TRAIN, N_TRAIN + N_TEST)]
    for files, name in zip(train["images"], train["id"], strict=True):
        named = {Path(file).name for file in files}
        assert named == {f"{name}_{end}.png" for end in ends}
    for n, mask in enumerate(truth_masks(found, train)):
        np.testing.assert_array_equal(mask, _mask(n))


@pytest.mark.parametrize("place", ["maski/{}.tif", "drawn/{}.png"])
def test_masks_named_as_folders_of_channels_are_found(tmp_path: Path, place: str) -> None:
    data, rng = tmp_path / "data", np.random.default_rng(3)
    names = [f"pond{n // 2:02}_{2019 + n % 2}" for n in range(N_TRAIN + N_TEST)]
    for n, name in enumerate(names):
        (data / "chips" / name).mkdir(parents=True)
        for band in ("B02", "B08"):
            grey = rng.integers(300, 900, (24, 30)) + 4_000 * _mask(n).astype(np.int64)
            Image.fromarray(grey.astype(np.uint16)).save(data / "chips" / name / f"{band}.tif")
    for n, name in enumerate(names[:N_TRAIN]):
        file = data / place.format(name)
        file.parent.mkdir(exist_ok=True)
        Image.fromarray(_mask(n)).save(file)
    (data / "sample").mkdir()
    for name in names[N_TRAIN:]:
        Image.fromarray(np.zeros((24, 30), np.uint8)).save(data / f"sample/{name}.tif")
    parts = ["train"] * N_TRAIN + ["test"] * N_TEST
    rows = (
        (name, str(n % 9 + n / 7), part)
        for n, (name, part) in enumerate(zip(names, parts, strict=True))
    )
    table(data / "chips.csv", ("chip_id", "clouds", "split"), *rows)
    found, _ = begin(tmp_path)
    assert found.tasks == {"segment": "binary"}
    assert found.submission.file.name == "{id}.tif"
    train, test = load_samples(found, "train"), load_samples(found, "test")
    assert (list(train["id"]), list(test["id"])) == (names[:N_TRAIN], names[N_TRAIN:])
    assert {Path(one).name for files in train["images"] for one in files} == {"B02.tif", "B08.tif"}
    for n, mask in enumerate(truth_masks(found, train)):
        np.testing.assert_array_equal(mask, _mask(n))


@pytest.mark.parametrize(("files", "first_of_test"), [
    (("B02", "B03", "B04", "B08"), N_TRAIN), (("B02", "B03", "B04", "B08"), 0),
    (("B01", "B02", "B8A"), N_TRAIN), (("band_1", "band_2"), N_TRAIN), (("1", "2", "3"), 0),
])  # fmt: skip
def test_bands_of_labelled_folders_are_channels_and_numbered_pictures_are_not(
    tmp_path: Path, files: tuple[str, ...], first_of_test: int
) -> None:
    """A folder of test may be called as one of train is: numbers begin anew in each part."""
    data, rng = tmp_path / "data", np.random.default_rng(3)
    of_part = {"train": range(N_TRAIN), "test": range(first_of_test, first_of_test + N_TEST)}
    for part, numbers in of_part.items():
        for n in numbers:
            (data / f"{part}/tile_{n:03}").mkdir(parents=True)
            for file in files:
                grey = rng.integers(0, 9000, (8, 10)).astype(np.uint16)
                Image.fromarray(grey).save(data / f"{part}/tile_{n:03}/{file}.tif")
    kinds = ("cloud", "field", "water")
    table(data / "train.csv", ("tile", "kind"), *(
        (f"tile_{n:03}", kinds[n % 3]) for n in of_part["train"]
    ))  # fmt: skip
    table(data / "sample_submission.csv", ("tile", "kind"), *(
        (f"tile_{n:03}", "cloud") for n in of_part["test"]
    ))  # fmt: skip
    found, _ = begin(tmp_path)
    train, test = load_samples(found, "train"), load_samples(found, "test")
    if files[0] == "1":
        assert (len(train), len(test)) == (3 * N_TRAIN, 3 * N_TEST)
        return
    assert found.data.train.unit is None
    for part, samples in (("train", train), ("test", test)):
        assert [tuple(one) for one in samples["images"]] == [
            tuple(f"data/{part}/tile_{n:03}/{file}.tif" for file in files) for n in of_part[part]
        ]
    assert [found.classes[one] for one in train["label"]] == [kinds[n % 3] for n in range(N_TRAIN)]
    assert list(test["id"]) == [f"tile_{n:03}" for n in of_part["test"]]


@pytest.mark.parametrize(("in_folders", "shows_what_is_sent", "has_layers"), [
    (True, True, False), (False, True, False), (True, False, False), (False, False, False),
    (False, True, True),
])  # fmt: skip
def test_rasters_with_labels_in_a_folder_of_their_own_are_channels(
    tmp_path: Path, in_folders: bool, shows_what_is_sent: bool, has_layers: bool
) -> None:
    """As DrivenData's floods and clouds: features of train and test, labels, files to send.

    Layers of a map beside them are called as the labels are, and one has as few values. Beside
    these a label lacks: the chip is left out, or has an empty one.
    """
    data, rng = tmp_path / "data", np.random.default_rng(3)
    channels = {"vh": (-30.0, -14.0), "vv": (-20.0, -2.0)}
    name = "{}/{}.tif" if in_folders else "{}_{}.tif"
    chips = [f"{'abcdefgh'[n % 8]}{'xyz'[n % 3]}{n:02}" for n in range(N_TRAIN + N_TEST)]
    lost = chips[7]
    for n, chip in enumerate(chips):
        part = "train" if n < N_TRAIN else "test"
        for channel, (low, high) in channels.items():
            file = data / f"{part}_features" / name.format(chip, channel)
            file.parent.mkdir(parents=True, exist_ok=True)
            pixels = rng.uniform(low, high, (24, 30)).astype(np.float32)
            pixels[0, :2] = low, high
            tifffile.imwrite(file, pixels)
        layers = {"water": _mask(n + 1), "height": rng.integers(0, 900, (24, 30))}
        for layer, plane in layers.items() if has_layers else ():
            (data / "auxiliary" / layer).mkdir(parents=True, exist_ok=True)
            tifffile.imwrite(data / f"auxiliary/{layer}/{chip}.tif", plane.astype(np.uint16))
        label = _mask(n)
        label[-1] = 255
        of_part = {"train": ("train_labels", label)}
        if shows_what_is_sent:
            of_part["test"] = ("submission_format", np.zeros_like(label))
        if part in of_part and not (has_layers and chip == lost):
            where, plane = of_part[part]
            (data / where).mkdir(exist_ok=True)
            tifffile.imwrite(data / where / f"{chip}.tif", plane)
    rows = (
        (f"{chip}_{one}", chip, one, 30 + k % 14 / 3)
        for k, chip in enumerate(chips[:N_TRAIN])
        for one in channels
    )
    header = ("image_id", "chip_id", "polarization", "incidence_angle")
    table(data / "train_metadata.csv", header, *rows)
    (data / "README.md").write_text("1 for water, 0 for no water and 255 where there is no data.")
    found = infer(data, tmp_path)
    spec = found.competition
    assert spec.tasks == {"segment": "binary"}
    assert spec.data.train.ignore == 255
    reader = "{name: tiff, channels: 1, dtype: float32, range: [-30.0, -2.0]}"
    assert f"reader: {reader}" in found.text, "the range is that of both channels"
    train, test = load_samples(spec, "train"), load_samples(spec, "test")
    assert spec.to_choose == (["data.train.absent"] if has_layers else [])
    assert spec.data.train.absent == ("missing" if has_layers else None)
    known = {*chips[:N_TRAIN]} - ({lost} if has_layers else set())
    assert sorted(train["id"]) == sorted(known)
    assert sorted(test["id"]) == sorted(chips[N_TRAIN:])
    for samples, part in ((train, "train"), (test, "test")):
        for files, chip in zip(samples["images"], samples["id"], strict=True):
            own = [f"data/{part}_features/{name.format(chip, one)}" for one in channels]
            assert [*files] == own
    for chip, mask in zip(train["id"], truth_masks(spec, train), strict=True):
        assert mask is not None
        truth = _mask(chips.index(chip))
        np.testing.assert_array_equal(mask[:-1] == 1, truth[:-1] == 1)
    if shows_what_is_sent:
        assert spec.submission.file.kind == "png"
        assert spec.submission.file.name == "{id}.tif"
        assert spec.submission.file.mask_values == {0: "background", 1: "foreground"}


def lights(data: Path, lost: tuple[str, ...] = ()) -> None:
    """Write fields in two lights, in a folder for each section, with masks; some files are lost."""
    rng = np.random.default_rng(3)
    for n in range(N_TRAIN + N_TEST):
        part = "train" if n < N_TRAIN else "test"
        name = f"S{n // 4}_f{n % 4}"
        folder = data / "data" / part / f"S{n // 4}"
        folder.mkdir(parents=True, exist_ok=True)
        images = {
            f"{name}_{light}.png": rng.integers(0, 90, (24, 30)) + 100 * _mask(n + 1)
            for light in ("PPL", "XPL")
        }
        if part == "train":
            images[f"{name}_GT.png"] = 255 * (_mask(n) if n % 4 else _mask(n + 1))
        for file, grey in images.items():
            if file not in lost:
                Image.fromarray(grey.astype(np.uint8)).save(folder / file)
    rows = ((f"S{n // 4}_f{n % 4}", "1 3") for n in range(N_TRAIN, N_TRAIN + N_TEST))
    table(data / "sample_submission.csv", ("id", "rle"), *rows)


def test_an_image_that_lacks_one_of_its_files_or_its_mask_is_left_out(tmp_path: Path) -> None:
    lights(tmp_path / "data", ("S1_f2_XPL.png", "S2_f1_GT.png"))
    found, notes = begin(tmp_path)
    assert found.data.train.exclude == ["S1_f2"]
    assert "1 image of train lacks one of the files of an image ('S1_f2')" in notes
    # Without a mask and without a label an image can only be left out, or be empty.
    assert (found.data.train.absent, found.to_choose[:1]) == ("missing", ["data.train.absent"])
    names = {f"S{n // 4}_f{n % 4}" for n in range(N_TRAIN)}
    assert {*load_samples(found, "train")["id"]} == names - {"S1_f2", "S2_f1"}


def test_an_image_that_lacks_a_file_is_left_out_by_its_id_alone(tmp_path: Path) -> None:
    lights(tmp_path / "data")
    found, _ = begin(tmp_path)
    (tmp_path / "data/data/train/S1/S1_f2_XPL.png").unlink()
    with pytest.raises(DataError, match=r"not one file .* 'data/data/train/S1/S1_f2_PPL.png'"):
        load_samples(found, "train")
    train = found.data.train.model_copy(update={"exclude": ["S1_f2"]})
    mended = found.model_copy(update={"data": found.data.model_copy(update={"train": train})})
    assert len(load_samples(mended, "train")) == N_TRAIN - 1


def test_bands_of_three_sizes_become_one_image_of_the_largest(tmp_path: Path) -> None:
    """As of a satellite: 60 m, 10 m and 20 m, of which the coarsest is called first."""
    data, rng = tmp_path / "data", np.random.default_rng(5)
    sides = {"B01": 8, "B04": 48, "B11": 24}
    for n in range(N_TRAIN + N_TEST):
        folder = data / ("train" if n < N_TRAIN else "test") / f"T{n:03}"
        folder.mkdir(parents=True)
        for band, side in sides.items():
            Image.fromarray(rng.integers(0, 255, (side, side)).astype(np.uint8)).save(
                folder / f"{band}.png"
            )
    rows = [(f"T{n:03}", ("forest", "crops", "water")[n % 3]) for n in range(N_TRAIN)]
    table(data / "train.csv", ("id", "cover"), *rows)
    sent = [(f"T{n:03}", "crops") for n in range(N_TRAIN, N_TRAIN + N_TEST)]
    table(data / "sample_submission.csv", ("id", "cover"), *sent)
    found, notes = begin(tmp_path)
    train = load_samples(found, "train")
    assert [Path(file).stem for file in train["images"][0]] == ["B04", "B11", "B01"]
    image = read_image([found.root / file for file in train["images"][0]], found.reader)
    assert image.shape == (48, 48, 3)
    [note] = [one for one in notes.splitlines() if "enlarged" in one]
    assert note == "B11.png, B01.png are smaller than B04.png, and enlarged to its size"
