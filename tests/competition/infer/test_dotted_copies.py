"""Copies of photographs with dots on things are no classes: their dots are counts of things."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from podium.competition.infer.files import scan_folder
from podium.competition.infer.parts.folders import find_class_folders
from podium.competition.infer.parts.marked_copies import marked_folders
from podium.competition.infer.spec import infer
from podium.errors import DataError

SIDE, N_TRAIN, N_TEST = 40, 10, 4
Pixels = NDArray[np.uint8]


def photo(number: int, *, test: bool = False) -> Pixels:
    rng = np.random.default_rng([7, number, test])
    return rng.integers(60, 190, (SIDE, SIDE, 3)).astype(np.uint8)


def save(file: Path, pixels: Pixels) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(file, **({"quality": 95} if file.suffix == ".jpg" else {}))


def two_folders(
    data: Path,
    first: Callable[[int], Pixels],
    second: Callable[[int], Pixels],
    *,
    names: tuple[str, str] = ("train/photos", "train/other"),
    test: str = "test",
    suffix: str = ".png",
) -> None:
    for number in range(N_TRAIN):
        save(data / names[0] / f"{number}{suffix}", first(number))
        save(data / names[1] / f"{number}{suffix}", second(number))
    for number in range(N_TEST):
        save(data / test / f"{number}{suffix}", photo(number, test=True))


def with_dot(number: int) -> Pixels:
    pixels = photo(number)
    pixels[5:9, 8:12] = (255, 0, 0)
    return pixels


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
@pytest.mark.parametrize("names", [("train/photos", "train/other"), ("train/z", "train/a")])
def test_marked_copies_are_no_classes(suffix: str, names: tuple[str, str], tmp_path: Path) -> None:
    two_folders(tmp_path, photo, with_dot, names=names, suffix=suffix)
    folder = scan_folder(tmp_path, "data")
    assert find_class_folders(folder) is None
    assert marked_folders(folder) == (names[1], names[0])


def test_a_folder_of_train_beside_test_is_no_class(tmp_path: Path) -> None:
    two_folders(
        tmp_path, photo, lambda n: photo(n + 50), names=("Train", "TrainOther"), test="Test"
    )
    assert find_class_folders(scan_folder(tmp_path, "data")) is None


def test_the_refusal_tells_of_marked_copies_whose_dots_cannot_be_read(tmp_path: Path) -> None:
    data = tmp_path / "data"
    names = ("Train", "TrainDotted")
    two_folders(data, photo, with_dot, names=names, test="Test", suffix=".jpg")
    rows = "".join(f"{n},1\n" for n in range(N_TEST))
    (data / "sample_submission.csv").write_text(f"id,count\n{rows}")
    with pytest.raises(DataError, match="TrainDotted looks like marked copies of Train:") as raised:
        infer(data, tmp_path)
    assert raised.value.fix is not None
    assert "move TrainDotted out of the data" in raised.value.fix


def scene(number: int, place: int) -> Pixels:
    """Return what a fixed camera takes: the same picture, but for a small thing of each photo."""
    pixels = photo(1_000)
    row, column = np.random.default_rng([number, place]).integers(0, SIDE - 8, 2)
    pixels[row : row + 6, column : column + 6] = (240, 240, 20 * place)
    return pixels


def glyph(number: int, place: int) -> Pixels:
    """Return something bright on black, which is the same in most pixels as any other one."""
    pixels = np.zeros((SIDE, SIDE, 3), dtype=np.uint8)
    row, column = np.random.default_rng([number, place]).integers(2, SIDE - 12, 2)
    pixels[row : row + 8, column : column + 8] = 255
    return pixels


def unseen(number: int) -> Pixels:
    """Return the photo with a message in the last bits of some pixels."""
    has_bit = np.random.default_rng(number).random((SIDE, SIDE, 1)) < 0.1
    return photo(number) ^ has_bit.astype(np.uint8)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (photo, lambda n: photo(n + 50)),
        (lambda n: scene(n, 0), lambda n: scene(n, 1)),
        (lambda n: glyph(n, 0), lambda n: glyph(n, 1)),
        (photo, unseen),
    ],
    ids=["other photographs", "a fixed camera", "on black", "hidden messages"],
)
def test_classes_whose_files_share_names_stay_classes(
    first: Callable[[int], Pixels], second: Callable[[int], Pixels], tmp_path: Path
) -> None:
    two_folders(tmp_path, first, second)
    found = find_class_folders(scan_folder(tmp_path, "data"))
    assert found is not None
    assert found.classes == ["other", "photos"]


def test_copies_that_the_sample_names_are_classes(tmp_path: Path) -> None:
    data = tmp_path / "data"
    two_folders(data, photo, with_dot, names=("train/intact", "train/broken"))
    cells = ["intact", "broken"] * N_TEST
    rows = "".join(f"{n},{cells[n]}\n" for n in range(N_TEST))
    (data / "sample_submission.csv").write_text(f"id,state\n{rows}")
    assert infer(data, tmp_path).competition.classes == ["broken", "intact"]
