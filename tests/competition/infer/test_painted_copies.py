"""Copies of images in which people painted, or drew around things, are masks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from podium.competition.infer.conversions.masks.painted_copies import write_painted_copies
from podium.competition.infer.scan import scan_folder
from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from podium.competition.truths.masks import truth_masks

SIDE, N_TRAIN, N_ALL = 32, 8, 11
RED, BLUE = (255, 0, 0), (0, 0, 255)


def disc(number: int, place: int = 0) -> NDArray[np.bool_]:
    rows, columns = np.ogrid[:SIDE, :SIDE]
    at = np.random.default_rng([number, place]).integers(7, SIDE - 7, 2)
    return (rows - at[0]) ** 2 + (columns - at[1]) ** 2 < 36


def outline(plane: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return plane & ~ndimage.binary_erosion(plane)


def photos(data: Path, *, lines: bool = False, second: bool = False, same: str = "photos") -> None:
    """Write photographs, and for those of train a copy with painted discs."""
    for number in range(N_ALL):
        rng = np.random.default_rng([5, number])
        pixels = rng.integers(40, 200, (SIDE, SIDE, 3)).astype(np.uint8)
        part = "train" if number < N_TRAIN else "test"
        copy = pixels.copy()
        for place, colour in enumerate((RED, BLUE)[: 1 + second]):
            plane = disc(number, place)
            copy[outline(plane) if lines else plane] = colour
        for folder, each in ((same, pixels), ("marked", copy)):
            file = data / part / folder / f"{number:02}.png"
            if folder == same or number < N_TRAIN:
                file.parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(each).save(file)
    rows = [f"{n:02},1 1" for n in range(N_TRAIN, N_ALL)]
    (data / "sample_submission.csv").write_text("\n".join(["id,rle", *rows]) + "\n")


@pytest.mark.parametrize("lines", [False, True])
def test_what_is_painted_or_drawn_around_is_the_mask(lines: bool, tmp_path: Path) -> None:
    photos(tmp_path / "data", lines=lines)
    found = infer(tmp_path / "data", tmp_path)
    spec = found.competition
    assert spec.tasks == {"segment": "binary"}
    assert any("what is painted '#ff0000'" in note for note in found.notes)
    assert any("what the lines enclose" in note for note in found.notes) == lines
    train = load_samples(spec, "train")
    assert len(train) == N_TRAIN
    assert len(load_samples(spec, "test")) == N_ALL - N_TRAIN
    for name, mask in zip(train["id"], truth_masks(spec, train), strict=True):
        assert mask is not None
        assert np.array_equal(mask > 0, disc(int(name)))


def test_two_colours_are_two_classes_whose_names_nothing_shows(tmp_path: Path) -> None:
    photos(tmp_path / "data", second=True)
    found = write_painted_copies(scan_folder(tmp_path / "data", "data"), tmp_path / "masks")
    assert found is not None
    _, outlines = found
    assert outlines.unnamed
    assert dict(outlines.names.named) == {0: "background", 1: "#0000ff", 2: "#ff0000"}
    for number in range(N_TRAIN):
        mask = np.asarray(Image.open(tmp_path / f"masks/{number:02}.png"))
        blue = disc(number, 1)
        assert np.array_equal(mask == 1, blue)
        assert np.array_equal(mask == 2, disc(number) & ~blue)


def test_other_pictures_of_the_same_names_are_no_painted_copies(tmp_path: Path) -> None:
    data = tmp_path / "data"
    photos(data)
    for file in (data / "train/marked").iterdir():
        pixels = np.asarray(Image.open(data / "train/photos" / file.name))
        Image.fromarray(255 - pixels).save(file)
    assert write_painted_copies(scan_folder(data, "data"), tmp_path / "masks") is None


def test_copies_are_left_alone_where_labels_are_asked_for(tmp_path: Path) -> None:
    data = tmp_path / "data"
    photos(data)
    rows = [f"{n:02},x" for n in range(N_TRAIN, N_ALL)]
    (data / "sample_submission.csv").write_text("\n".join(["id,label", *rows]) + "\n")
    rows = [f"{n:02},{'xy'[n % 2]}" for n in range(N_TRAIN)]
    (data / "train.csv").write_text("\n".join(["id,label", *rows]) + "\n")
    assert infer(data, tmp_path).competition.tasks == {"classify": "binary"}
