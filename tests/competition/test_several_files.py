"""Tests of samples of several files: channels of a cell, slices of a volume, frames."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from podium.competition.cache import CachedImages, open_images, open_masks
from podium.competition.checks.data import check_data
from podium.competition.checks.image_facts import image_facts
from podium.competition.images import read_image, sha256_of_images
from podium.competition.samples import load_samples
from podium.competition.spec import Competition, load_competition
from podium.competition.truths.pixels import ArrayBands, EnlargedBands
from podium.errors import DataError
from podium.workspace.layout import Workspace

COLOURS = ("red", "green", "blue", "yellow")
CELLS, HEIGHT, WIDTH = ("a1", "b2", "c3", "d4"), 20, 26


def save(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def write_spec(root: Path, data: dict[str, Any], **more: Any) -> Competition:
    spec = {
        "name": "several",
        "tasks": {"classify": "multiclass"},
        "classes": ["x", "y"],
        "data": data,
        "metric": {"name": "accuracy"},
        "folds": {"n": 2},
        **more,
    }
    (root / "competition.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
    return load_competition(root)


@pytest.fixture
def cells(tmp_path: Path) -> tuple[Competition, dict[str, np.ndarray]]:
    """Cell images as in Human Protein Atlas: four grey files each. Returns the truth by id."""
    rng, truth = np.random.default_rng(0), {}
    for number, cell in enumerate(CELLS):
        truth[cell] = rng.integers(0, 256, (HEIGHT, WIDTH, 4)).astype(np.uint8)
        part = "train" if number < 3 else "test"
        for channel, colour in enumerate(COLOURS):
            save(tmp_path / f"data/{part}/{cell}_{colour}.png", truth[cell][..., channel])
    (tmp_path / "data/train.csv").write_text("Id,Target\na1,x\nb2,y\nc3,x\n")
    train = {colour: f"data/train/{{Id}}_{colour}.png" for colour in COLOURS}
    data = {
        "train": {"table": "data/train.csv", "id": "Id", "images": train, "label": "Target"},
        "test": {"images": {c: f"data/test/{{id}}_{c}.png" for c in COLOURS}},
        "reader": {"name": "image", "mode": "grey"},
    }
    return write_spec(tmp_path, data), truth


def test_channels_stand_in_the_order_of_the_mapping(cells) -> None:
    competition, truth = cells
    samples = load_samples(competition, "train")
    assert samples["images"][0] == tuple(f"data/train/a1_{colour}.png" for colour in COLOURS)
    assert competition.pixels.channels == 4
    workspace = Workspace(competition.root)
    images = open_images(workspace, competition, list(samples["images"]), shorter_side=None)
    assert images.pixels == competition.pixels
    for image, cell in zip(images, samples["id"], strict=True):
        np.testing.assert_array_equal(image, truth[cell])
        assert image.flags["WRITEABLE"]
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(images))[1], truth["b2"])
    window = images.window(2)
    np.testing.assert_array_equal(window[3:9, 4:11], truth["c3"][3:9, 4:11])
    assert window.shape == (HEIGHT, WIDTH, 4)
    assert images.size(0) == (HEIGHT, WIDTH)


def test_a_file_of_a_pattern_brings_its_other_files(cells) -> None:
    competition, truth = cells
    samples = load_samples(competition, "test")
    assert list(samples["id"]) == ["d4"]
    files = [competition.root / path for path in samples["images"][0]]
    np.testing.assert_array_equal(read_image(files, competition.reader), truth["d4"])
    (competition.root / "data/test/d4_yellow.png").unlink()
    with pytest.raises(DataError, match=r"1 image has not one file .*_yellow") as raised:
        load_samples(competition, "test")
    assert "podium choose 'data.test.exclude=[\"d4\"]'" in (raised.value.fix or "")


def test_every_missing_file_of_a_table_is_named(cells) -> None:
    competition, _ = cells
    (competition.root / "data/train/b2_green.png").unlink()
    (competition.root / "data/train/a1_yellow.png").unlink()
    with pytest.raises(DataError) as caught:
        load_samples(competition, "train")
    assert "b2_green.png' (line 3)" in caught.value.message
    assert "a1_yellow.png' (line 2)" in caught.value.message


def test_images_without_a_cache_are_the_same(cells, monkeypatch: pytest.MonkeyPatch) -> None:
    from podium.competition import cache

    competition, truth = cells
    monkeypatch.setattr(cache, "SPARE_BYTES", 10**18)  # there is never so much room
    paths = list(load_samples(competition, "train")["images"])
    images = open_images(Workspace(competition.root), competition, paths, shorter_side=None)
    assert images.n_cached == 0
    np.testing.assert_array_equal(images[0], truth["a1"])
    np.testing.assert_array_equal(images.window(0)[1:3, 2:5], truth["a1"][1:3, 2:5])


@pytest.mark.parametrize("shorter_side", [None, 10])
def test_files_of_two_sizes_are_both_named(cells, shorter_side: int | None) -> None:
    competition, _ = cells
    save(competition.root / "data/train/b2_blue.png", np.zeros((40, 52), dtype=np.uint8))
    paths = list(load_samples(competition, "train")["images"])
    with pytest.raises(DataError) as caught:
        open_images(Workspace(competition.root), competition, paths, shorter_side=shorter_side)
    assert "b2_blue.png" in str(caught.value)
    assert "b2_red.png" in str(caught.value)
    assert "40 × 52" in str(caught.value)


@pytest.mark.parametrize("shorter_side", [None, 12, 10])
@pytest.mark.parametrize("is_cached", [True, False])
def test_files_of_half_the_size_are_enlarged_to_the_first(
    cells, shorter_side: int | None, is_cached: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bilinear with edges that coincide, as cv2 does it; shrunk ones from their own pixels."""
    from podium.competition import cache

    competition, truth = cells
    blue = np.random.default_rng(1).integers(0, 256, (HEIGHT // 2, WIDTH // 2)).astype(np.uint8)
    save(competition.root / "data/train/b2_blue.png", blue)
    if not is_cached:
        monkeypatch.setattr(cache, "SPARE_BYTES", 10**18)
    paths = list(load_samples(competition, "train")["images"])
    opened = open_images(Workspace(competition.root), competition, paths, shorter_side=shorter_side)
    assert opened.n_cached == (3 if is_cached else 0)
    image = opened[1]
    height, width = image.shape[:2]
    assert (height, width) == opened.size(1) == opened[0].shape[:2]
    how = cv2.INTER_AREA if height <= HEIGHT // 2 else cv2.INTER_LINEAR
    expected = cv2.resize(blue, (width, height), interpolation=how)
    at = COLOURS.index("blue")
    assert np.abs(image[:, :, at].astype(int) - expected).max() <= 1  # cv2 rounds its weights
    window = opened.window(1)[2:9, 3:8]
    np.testing.assert_array_equal(window, image[2:9, 3:8])
    if shorter_side is None:
        rest = [n for n in range(4) if n != at]
        np.testing.assert_array_equal(image[:, :, rest], truth["b2"][:, :, rest])
        files = [competition.root / path for path in paths[1]]
        np.testing.assert_array_equal(read_image(files, competition.reader), image)


def test_the_larger_file_is_to_be_written_first(cells) -> None:
    competition, _ = cells
    first = load_samples(competition, "train")["images"][1][0]
    save(competition.root / first, np.zeros((HEIGHT // 2, WIDTH // 2), dtype=np.uint8))
    paths = list(load_samples(competition, "train")["images"])
    with pytest.raises(DataError) as caught:
        open_images(Workspace(competition.root), competition, paths, shorter_side=None)
    assert caught.value.fix is not None
    assert caught.value.fix.startswith("write the larger file first in data.")


@given(
    small=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    times=st.integers(1, 4),
    data=st.data(),
)
def test_a_window_of_an_enlarged_image_is_that_of_the_whole(
    small: tuple[int, int], times: int, data: st.DataObject
) -> None:
    height, width = small[0] * times, small[1] * times
    array = np.random.default_rng(2).random((*small, 5), dtype=np.float32)
    bands = EnlargedBands(ArrayBands(array, array.dtype), (height, width))
    whole = bands.whole()
    peer = cv2.resize(array, (width, height), interpolation=cv2.INTER_LINEAR)
    np.testing.assert_allclose(whole, peer.reshape(whole.shape), atol=2e-6)
    top, left = data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))
    bottom, right = data.draw(st.integers(top, height)), data.draw(st.integers(left, width))
    np.testing.assert_array_equal(bands[top:bottom, left:right], whole[top:bottom, left:right])


def test_the_identity_of_a_sample_is_that_of_all_its_files(cells) -> None:
    competition, _ = cells
    root, paths = competition.root, list(load_samples(competition, "train")["images"])
    workspace = Workspace(root)
    before = sha256_of_images(workspace, root, paths)
    assert len(set(before)) == 3
    save(root / "data/train/b2_yellow.png", np.zeros((HEIGHT, WIDTH), dtype=np.uint8))
    after = sha256_of_images(Workspace(root), root, paths)
    assert [one == two for one, two in zip(before, after, strict=True)] == [True, False, True]
    assert sha256_of_images(workspace, root, [paths[0][::-1]]) != before[:1]
    facts = image_facts(root, paths[0], competition.reader)
    assert facts.sha256 == before[0]
    assert (facts.width, facts.height) == (WIDTH, HEIGHT)


def test_equal_red_files_of_two_cells_are_no_duplicates(cells) -> None:
    competition, truth = cells
    for cell in ("b2", "c3"):
        save(competition.root / f"data/train/{cell}_red.png", truth["a1"][..., 0])
    findings = check_data(Workspace(competition.root), competition, adversarial=False)
    assert not [one for one in findings if "identical" in one.title]
    for colour, channel in zip(COLOURS, range(4), strict=True):
        save(competition.root / f"data/train/c3_{colour}.png", truth["a1"][..., channel])
    findings = check_data(Workspace(competition.root), competition, adversarial=False)
    assert [one.items for one in findings if "identical" in one.title]


def test_parts_of_other_files_are_refused(tmp_path: Path) -> None:
    train = {"images": {"a": "{class}/{id}_a.png", "b": "{class}/{id}_b.png"}}
    for images, message in [
        ("test/*.png", "train has the files a, b, here it has 1 file"),
        (["test/{id}_a.png", "test/{id}_b.png"], "here it has 2 files"),
        ({"b": "test/{id}_b.png", "a": "test/{id}_a.png"}, "here it has the files b, a"),
    ]:
        with pytest.raises(DataError, match=message):
            write_spec(tmp_path, {"train": train, "test": {"images": images}})


N_SLICES = {"case1": 4, "case2": 2}


def volumes(root: Path, *, edge: str = "repeat", **more: Any) -> dict[str, np.ndarray]:
    """Write two volumes of slices whose table is out of order. Returns id → slice."""
    rng, truth, rows = np.random.default_rng(1), {}, []
    for case, n in N_SLICES.items():
        for number in range(n):
            sample = f"{case}_{number}"
            truth[sample] = rng.integers(0, 2**16, (HEIGHT, WIDTH)).astype(np.uint16)
            save(root / f"data/train/{sample}.png", truth[sample])
            save(root / f"data/masks/{sample}.png", (truth[sample] > 40_000).astype(np.uint8))
            rows.append(f"{sample},{case},{number * 10},{'xy'[number % 2]}\n")
    order = rng.permutation(len(rows))
    table = "id,case,slice,label\n" + "".join(rows[i] for i in order)
    (root / "data/train.csv").write_text(table)
    source = {
        "table": "data/train.csv",
        "id": "id",
        "images": "data/train/{id}.png",
        "slices": {"volume": "case", "order": "slice", "edge": edge},
    }
    data = {
        "train": {**source, "label": "label", "mask": "data/masks/{id}.png", **more},
        "test": source,
        "reader": {"name": "image", "mode": "native", "channels": 1, "dtype": "uint16"},
    }
    write_spec(
        root,
        data,
        tasks={"classify": "multiclass", "segment": "binary"},
        folds={"scheme": "stratified_group", "group": "case", "n": 2},
        metric={"name": "mean_dice", "task": "segment"},
    )
    return truth


@pytest.mark.parametrize("shorter_side", [None, 10])
@pytest.mark.parametrize("edge", ["repeat", "zero"])
def test_a_slice_has_its_neighbours_as_channels(
    tmp_path: Path, edge: str, shorter_side: int | None
) -> None:
    truth = volumes(tmp_path, edge=edge)
    competition = load_competition(tmp_path)
    assert (competition.pixels.channels, competition.pixels.dtype) == (3, "uint16")
    samples = load_samples(competition, "train")
    workspace = Workspace(tmp_path)
    images = open_images(workspace, competition, list(samples["images"]), shorter_side=shorter_side)
    assert images.hits == 0
    kept = list(workspace.cache.rglob("*.npy"))
    assert sum(len(np.load(file)) for file in kept) == len(truth)  # each slice once
    alone = open_images(
        workspace,
        competition,
        [f"data/train/{one}.png" for one in truth],
        shorter_side=shorter_side,
    )
    of = dict(zip(truth, alone, strict=True))
    for row, sample in enumerate(samples["id"]):
        case, number = sample.split("_")
        expected = []
        for step in (-1, 0, 1):
            at = int(number) + step
            inside = 0 <= at < N_SLICES[case]
            at = min(max(at, 0), N_SLICES[case] - 1)
            expected.append(of[f"{case}_{at}"] if inside or edge == "repeat" else 0 * of[sample])
        assert images[row].dtype == np.uint16
        np.testing.assert_array_equal(images[row], np.concatenate(expected, axis=2))
        np.testing.assert_array_equal(images.window(row)[2:5, 3:9], images[row][2:5, 3:9])
    if shorter_side is None:
        np.testing.assert_array_equal(of["case1_0"][..., 0], truth["case1_0"])


@pytest.mark.parametrize("edge", ["repeat", "zero"])
def test_a_mask_is_that_of_the_middle_slice(tmp_path: Path, edge: str) -> None:
    truth = volumes(tmp_path, edge=edge, mask="data/masks/{stem}.png")
    competition = load_competition(tmp_path)
    samples = load_samples(competition, "train")
    masks = open_masks(Workspace(tmp_path), competition, samples, shorter_side=None)
    for mask, sample in zip(masks, samples["id"], strict=True):
        np.testing.assert_array_equal(mask, truth[sample] > 40_000)
    findings = check_data(Workspace(tmp_path), competition, adversarial=False)
    assert not [one for one in findings if one.level == "error"]
    assert not [one for one in findings if "identical" in one.title and "folds" in one.title]


def test_slices_need_groups(tmp_path: Path) -> None:
    volumes(tmp_path)
    spec = yaml.safe_load((tmp_path / "competition.yaml").read_text())
    spec["folds"] = {"n": 2}
    (tmp_path / "competition.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
    with pytest.raises(DataError, match=r"group: case"):
        load_competition(tmp_path)


def test_orders_that_are_none_and_that_repeat_are_named(tmp_path: Path) -> None:
    volumes(tmp_path)
    table = tmp_path / "data/train.csv"
    head, *rows = table.read_text().splitlines()
    rows = [row.replace(",10,", ",ten,") if "case1" in row else row for row in rows]
    rows = [row.replace(",30,", ",20,") for row in rows]
    table.write_text("\n".join([head, *rows]) + "\n")
    with pytest.raises(DataError) as caught:
        load_samples(load_competition(tmp_path), "train")
    assert "1 order is no numbers: 'ten'" in caught.value.message
    assert "1 row has the slice of another row of their case" in caught.value.message


def test_frames_of_bands_are_one_image(tmp_path: Path) -> None:
    """As in contrails: a folder a sample, an array (H, W, T) a band, one labelled frame."""
    rng, truth = np.random.default_rng(2), {}
    for part, sample in (("train", "x/1"), ("train", "y/2"), ("test", "3")):
        folder = tmp_path / part / sample
        folder.mkdir(parents=True)
        bands = [rng.normal(270, 10, (HEIGHT, WIDTH, 8)).astype(np.float32) for _ in range(2)]
        for number, band in zip((11, 14), bands, strict=True):
            np.save(folder / f"band_{number}.npy", band)
        truth[sample[-1]] = np.stack([band[..., 4] for band in bands], axis=-1)
    data = {
        "train": {"images": [f"train/{{class}}/{{id}}/band_{n}.npy" for n in (11, 14)]},
        "test": {"images": [f"test/{{id}}/band_{n}.npy" for n in (11, 14)]},
        "reader": {
            "name": "npy",
            "axes": "HWT",
            "take": 4,
            "dtype": "float32",
            "range": [243, 303],
        },
    }
    competition = write_spec(tmp_path, data)
    assert competition.pixels.channels == 2
    assert (competition.pixels.low, competition.pixels.high) == (243, 303)
    for split in ("train", "test"):
        samples = load_samples(competition, split)
        images: CachedImages = open_images(
            Workspace(tmp_path), competition, list(samples["images"]), shorter_side=None
        )
        for image, sample in zip(images, samples["id"], strict=True):
            np.testing.assert_array_equal(image, truth[sample])
            assert image.dtype == np.float32
