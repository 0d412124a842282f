"""Masks called as a piece of their images' names, in a folder of each place: `GT/r0c1.png`."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.infer.masks.by_piece import are_pieces
from podium.competition.samples import load_samples
from podium.competition.truths.masks import truth_masks
from tests.competition.infer.test_odd_labels import begin, table

TRAIN = {"T21ABC": 20180802, "T22XYZ": 20190714, "T23KLM": 20190719}
TEST = {"T24QQQ": 20200101}
TILES = [f"r{n // 3:02}c{n % 3:02}" for n in range(9)]
COLOURS = {0: (230, 230, 230), 1: (0, 92, 230), 255: (0, 0, 0)}


def _mask(scene: str, tile: str) -> np.ndarray:
    mask = np.zeros((24, 30), np.uint8)
    n = TILES.index(tile) + ord(scene[-1])
    mask[2 + n % 5 : 9 + n % 7, 3 : 12 + n % 6] = 1
    mask[:, -2:] = 255
    return mask


def _save(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def _scenes(data: Path, kinds: tuple[str, ...], name: str = "{scene}_{day}_{tile}_{kind}") -> None:
    """Write the images of scenes, a folder for each kind, and the masks of train, but for one."""
    rng = np.random.default_rng(3)
    for part, scenes in (("train", TRAIN), ("test", TEST)):
        for scene, day in scenes.items():
            for tile in TILES:
                for kind in kinds:
                    grey = rng.integers(0, 120, (24, 30)) + 100 * (_mask(scene, tile) == 1)
                    file = name.format(scene=scene, day=day, tile=tile, kind=kind)
                    _save(data / part / scene / kind / f"{file}.png", grey.astype(np.uint8))
                if part == "train" and (scene, tile) != ("T22XYZ", "r01c01"):
                    mask = _mask(scene, tile)
                    drawn = np.zeros((24, 30, 3), np.uint8)
                    for value, colour in COLOURS.items():
                        drawn[mask == value] = colour
                    _save(data / part / scene / f"GT/{tile}.png", drawn)
    (data / "kit").mkdir()
    table(
        data / "kit/legenda.csv",
        ("valor", "classe", "R", "G", "B"),
        *((n, one, *COLOURS[n]) for n, one in ((0, "fundo"), (1, "pivo"), (255, "sem_dado"))),
        sign=";",
    )


@pytest.mark.parametrize("kinds", [("B08", "RGB"), ("RGB",)])
@pytest.mark.parametrize("has_table", [True, False])
def test_tiles_of_scenes_have_the_masks_of_their_scene(
    tmp_path: Path, kinds: tuple[str, ...], has_table: bool
) -> None:
    data = tmp_path / "data"
    _scenes(data, kinds)
    if has_table:
        rows = (
            (f"{scene}_{tile}", scene, day, part)
            for part, scenes in (("train", TRAIN), ("test", TEST))
            for scene, day in scenes.items()
            for tile in TILES
        )
        table(data / "tiles.csv", ("tile", "scene", "day", "part"), *rows)
        (data / "README.md").write_text("No scene is in both train and test.\n")
    found, _ = begin(tmp_path)
    assert found.tasks == {"segment": "binary"}
    assert found.data.train.ignore == "#000000"
    train, test = load_samples(found, "train"), load_samples(found, "test")
    wanted = {f"{s}_{t}" for s in TRAIN for t in TILES} - {"T22XYZ_r01c01"}
    assert set(train["id"]) - {"T22XYZ_r01c01"} == wanted
    assert list(test["id"]) == [f"T24QQQ_{tile}" for tile in TILES]
    for part in (train, test):
        for each, name in zip(part["images"], part["id"], strict=True):
            scene, _, tile = name.partition("_")
            assert [Path(one).parent.name for one in each] == list(kinds)
            assert all(scene in one and tile in one for one in each)
    drawn = train[train["id"] != "T22XYZ_r01c01"]
    for name, mask in zip(drawn["id"], truth_masks(found, drawn), strict=True):
        np.testing.assert_array_equal(mask, _mask(*name.split("_")))
    if has_table:
        assert found.folds.group == "scene"


@pytest.mark.parametrize("name", ["{kind}-{scene}-{tile}", "{scene}_{tile}.{kind}"])
def test_files_called_as_their_folders_are_channels(tmp_path: Path, name: str) -> None:
    data = tmp_path / "data"
    _scenes(data, ("B08", "RGB"), name)
    found, _ = begin(tmp_path)
    assert set(found.data.train.images) == {"B08", "RGB"}
    train = load_samples(found, "train")
    for files in train["images"]:
        assert [Path(one).parent.name for one in files] == ["B08", "RGB"]
        b08, rgb = (Path(one).name for one in files)
        assert b08.replace("B08", "RGB") == rgb
    assert len(load_samples(found, "test")) == len(TILES)


def test_masks_called_as_a_number_in_names_are_those_of_the_number(tmp_path: Path) -> None:
    data, rng = tmp_path / "data", np.random.default_rng(3)
    for n in range(24):
        part, name = ("train", n) if n < 18 else ("test", n)
        grey = rng.integers(0, 255, (24, 30)).astype(np.uint8)
        _save(data / part / f"images/cam_{2019 + n % 3}_{n:04}_rgb.png", grey)
        if part == "train":
            mask = np.zeros((24, 30), np.uint8)
            mask[:, : 1 + n] = 255
            _save(data / part / f"masks/{name:04}.png", mask)
    found, _ = begin(tmp_path)
    train = load_samples(found, "train")
    assert len(train) == 18
    for files, mask in zip(train["images"], truth_masks(found, train), strict=True):
        n = int(Path(files[0]).stem.split("_")[2])
        assert (mask == 1).sum() == 24 * (1 + n)


def test_the_names_of_files_to_send_are_those_in_a_zip_as_an_example(tmp_path: Path) -> None:
    data = tmp_path / "data"
    _scenes(data, ("RGB",))
    with zipfile.ZipFile(data / "kit/exemplo_submissao.zip", "w") as packed:
        for tile in TILES:
            _save(tmp_path / "blank.png", np.zeros((24, 30), np.uint8))
            packed.write(tmp_path / "blank.png", f"masks/T24QQQ_{tile}_pred.png")
    found, _ = begin(tmp_path)
    file = found.submission.file
    assert (file.kind, file.name) == ("png", "masks/{id}_pred.png")
    assert "submission.file" in found.to_choose  # blank pictures show no value of the class
    assert {"background", "foreground"} == {*file.mask_values.values()}


def test_words_without_a_place_of_their_own_are_no_pieces() -> None:
    images = [f"{scene}_{tile}" for scene in ("A", "B") for tile in TILES]
    assert are_pieces(TILES, [f"A_{tile}_x" for tile in TILES])
    assert not are_pieces(["cat", "dog", "cow"], images)
    assert not are_pieces(TILES[:3], images)  # most images have none
    assert not are_pieces(["A", "B"], images)  # a start of names is a group
    assert not are_pieces(images, images)
