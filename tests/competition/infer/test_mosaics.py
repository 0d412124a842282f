"""Tiles whose masks are drawn, and asked for, of whole scenes are put together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from podium.competition.infer.conversions.images.mosaics import write_mosaics
from podium.competition.infer.conversions.images.pixel_arrays import write_images
from podium.competition.samples import load_samples
from podium.competition.truths.masks import truth_masks
from podium.errors import DataError
from podium.workflows.initialising import init_workspace

N_SCENES, N_TRAIN = 14, 10
SIDE, STEP = 24, 16


def scene(number: int) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Return the picture of a scene and its mask; scenes have two sizes."""
    rng = np.random.default_rng(number)
    size = (SIDE + STEP, SIDE + 2 * STEP) if number % 2 else (SIDE + STEP, SIDE + STEP)
    pixels = rng.integers(0, 120, (*size, 3), dtype=np.uint8)
    mask = np.add.outer(np.arange(size[0]), np.arange(size[1])) > 30 + number
    pixels[mask] += 100
    return pixels, mask


def bay(data: Path, *, lost: int = -1, places: tuple[str, str] = ("x_off", "y_off")) -> None:
    """Write the tiles, the masks of scenes of train, and the tables; a tile may be lost."""
    rows, count = [["tile", "scene_id", *places]], 0
    for number in range(N_SCENES):
        pixels, mask = scene(number)
        part = "train" if number < N_TRAIN else "test"
        for top in range(0, pixels.shape[0] - SIDE + 1, STEP):
            for left in range(0, pixels.shape[1] - SIDE + 1, STEP):
                name = f"{(count * 37) % 1009:04}"
                count += 1
                if count == lost:
                    continue
                file = data / f"{part}_tiles/{name}.png"
                file.parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(pixels[top : top + SIDE, left : left + SIDE]).save(file)
                rows.append([name, f"SC{number}", str(left), str(top)])
        if part == "train":
            file = data / f"train_masks/SC{number}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.where(mask, 255, 0).astype(np.uint8)).save(file)
    (data / "tiles.csv").write_text("\n".join(map(",".join, rows)) + "\n")
    flights = [f"SC{n},F{n // 2},{'train' if n < N_TRAIN else 'test'}" for n in range(N_SCENES)]
    (data / "scenes.csv").write_text("\n".join(["scene_id,flight,split", *flights]) + "\n")
    ids = [f"SC{n},1 1" for n in range(N_TRAIN, N_SCENES)]
    (data / "sample_submission.csv").write_text("\n".join(["scene_id,rle", *ids]) + "\n")
    (data / "README.md").write_text(
        "Pixels are numbered from 1, column by column, from top to bottom. Score: mean Dice.\n"
        "All test scenes come from flights that are not in the training data.\n"
    )


def test_scenes_of_overlapping_tiles_are_the_images(tmp_path: Path) -> None:
    bay(tmp_path / "data")
    spec = init_workspace(tmp_path / "data", tmp_path).competition
    assert spec.tasks == {"segment": "binary"}
    assert not spec.to_choose
    assert spec.folds.group == "flight"
    train, test = (load_samples(spec, part) for part in ("train", "test"))
    assert sorted(test["id"]) == sorted(f"SC{n}" for n in range(N_TRAIN, N_SCENES))
    for row, mask in zip(train.itertuples(), truth_masks(spec, train), strict=True):
        pixels, drawn = scene(int(row.id[2:]))
        with Image.open(tmp_path / row.images[0]) as opened:
            assert np.array_equal(np.asarray(opened), pixels)
        assert mask is not None
        assert np.array_equal(mask > 0, drawn)


def test_a_pixel_of_several_tiles_is_their_mean(tmp_path: Path) -> None:
    bay(tmp_path / "data")
    tile = sorted((tmp_path / "data/train_tiles").iterdir())[0]
    rows = [one.split(",") for one in (tmp_path / "data/tiles.csv").read_text().splitlines()[1:]]
    [(name, of, left, top)] = [one for one in rows if one[0] == tile.stem]
    with Image.open(tile) as opened:
        own = np.asarray(opened).astype(np.int16)
    Image.fromarray((own + 20).astype(np.uint8)).save(tile)
    write_mosaics(tmp_path / "data", tmp_path / "made")
    with Image.open(tmp_path / f"made/train/{of}.png") as opened:
        found = np.asarray(opened).astype(np.int16)
    n = np.zeros(found.shape[:2], dtype=int)
    for _, other, x, y in rows:
        if other == of:
            n[int(y) : int(y) + SIDE, int(x) : int(x) + SIDE] += 1
    assert set(np.unique(n)) == {1, 2, 4}
    pixels, _ = scene(int(of[2:]))
    part = np.zeros(found.shape[:2], dtype=bool)
    part[int(top) : int(top) + SIDE, int(left) : int(left) + SIDE] = True
    expected = pixels + np.where(part, 20 / n, 0)[..., None]
    assert np.array_equal(found, np.rint(expected))
    assert name == tile.stem


@pytest.mark.parametrize("places", [("col", "row"), ("left", "top")])
def test_places_have_usual_names(places: tuple[str, str], tmp_path: Path) -> None:
    bay(tmp_path / "data", places=places)
    assert write_images(tmp_path / "data", tmp_path / "made")


def test_a_gap_between_tiles_is_told(tmp_path: Path) -> None:
    bay(tmp_path / "data", lost=1)
    with pytest.raises(DataError, match="SC0") as caught:
        write_mosaics(tmp_path / "data", tmp_path / "made")
    assert "tiles.csv" in f"{caught.value}"


def test_tiles_that_are_sent_themselves_stay_tiles(tmp_path: Path) -> None:
    data = tmp_path / "data"
    bay(data)
    names = [f"{one.stem},1 1" for one in sorted((data / "test_tiles").iterdir())]
    (data / "sample_submission.csv").write_text("\n".join(["tile,rle", *names]) + "\n")
    assert not write_mosaics(data, tmp_path / "made")
