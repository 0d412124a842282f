"""Copies of images without their background are masks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from podium.competition.infer.conversions.masks.cut_outs import write_cut_outs
from podium.competition.infer.scan import scan_folder
from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from podium.competition.truths.masks import truth_masks

SIZE, N_TRAIN, N_ALL = 24, 9, 13


def plane(number: int) -> NDArray[np.bool_]:
    """Return a disc, at another place for each number."""
    rows, columns = np.ogrid[:SIZE, :SIZE]
    at = np.random.default_rng(number).integers(7, SIZE - 7, 2)
    return np.hypot(rows - at[0], columns - at[1]) < 6


def pots(data: Path, *, cut: str = "train/cut", hidden: int = 0) -> None:
    """Write photographs as JPEG, and those of train as PNGs with alpha."""
    for number in range(N_ALL):
        rng = np.random.default_rng([9, number])
        pixels = rng.integers(90, 130, (SIZE, SIZE, 3)).astype(np.uint8)
        pixels[plane(number)] = (200, 120, 60)
        part = "train/photos" if number < N_TRAIN else "test/photos"
        for folder, ending in ((part, "jpg"), (cut, "png")):
            file = data / folder / f"AM{number:03}.{ending}"
            file.parent.mkdir(parents=True, exist_ok=True)
            if ending == "jpg":
                Image.fromarray(pixels).save(file, quality=92)
            elif number < N_TRAIN:
                alpha = np.where(plane(number), 255, 0).astype(np.uint8)
                alpha[0, 0] = hidden
                Image.fromarray(np.dstack([pixels, alpha])).save(file)
    rows = [f"AM{n:03},1 1" for n in range(N_TRAIN, N_ALL)]
    (data / "sample_submission.csv").write_text("\n".join(["id,rle", *rows]) + "\n")


@pytest.mark.parametrize("cut", ["train/cut", "train/masks", "cut outs"])
def test_what_is_not_transparent_is_the_mask(cut: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    pots(data, cut=cut)
    spec = infer(data, tmp_path).competition
    assert spec.tasks == {"segment": "binary"}
    train = load_samples(spec, "train")
    assert [Path(one[0]).suffix for one in train["images"]] == [".jpg"] * N_TRAIN
    assert len(load_samples(spec, "test")) == N_ALL - N_TRAIN
    for name, mask in zip(train["id"], truth_masks(spec, train), strict=True):
        assert mask is not None
        assert np.array_equal(mask > 0, plane(int(str(name)[2:])))


def test_pixels_that_are_transparent_in_part_are_noted(tmp_path: Path) -> None:
    pots(tmp_path / "data", hidden=90)
    notes = infer(tmp_path / "data", tmp_path).notes
    assert any("transparent in part: they are foreground" in note for note in notes)


def test_other_pictures_with_alpha_are_no_cut_outs(tmp_path: Path) -> None:
    data = tmp_path / "data"
    pots(data)
    for file in (data / "train/cut").iterdir():
        pixels = np.asarray(Image.open(file)).copy()
        pixels[..., :3] = 255 - pixels[..., :3]  # of another picture
        Image.fromarray(pixels).save(file)
    assert write_cut_outs(scan_folder(data, "data"), tmp_path / "masks") is None
    whole = tmp_path / "whole"
    pots(whole)
    for file in (whole / "train/cut").iterdir():  # nothing was cut away
        pixels = np.asarray(Image.open(file)).copy()
        pixels[..., 3] = 255
        Image.fromarray(pixels).save(file)
    assert write_cut_outs(scan_folder(whole, "data"), tmp_path / "masks") is None
