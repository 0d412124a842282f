"""The image cache: the pixels of decoding, made once, shared, safe against kills and full disks."""

from __future__ import annotations

import pickle
import shutil
import time
import tracemalloc
from collections import namedtuple
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from forked import ForkedScript
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from podium.competition import cache
from podium.competition import cache as packs
from podium.competition.cache import CachedImages, open_images, open_masks, shrink
from podium.competition.images import read_bands, read_image
from podium.competition.readers.image import bands_of
from podium.competition.spec import Competition
from podium.competition.truths import pixels as bands
from podium.competition.truths.masks import MaskRef
from podium.errors import DataError
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT


class RecordingProgress:
    """A progress that records messages and the advance of bars."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.decoded = 0

    def say(self, message: str) -> None:
        self.messages.append(message)

    @contextmanager
    def bar(self, label: str, total: int) -> Iterator[object]:
        def advance(n: int) -> None:
            self.decoded += n * (label == "decoding images")

        yield advance


def spec(root: Path) -> Competition:
    return Competition.model_validate(
        {
            "name": "tiny",
            "tasks": {"classify": "multiclass"},
            "classes": ["a", "b"],
            "data": {"train": {"images": "{class}/*.png"}, "test": {"images": "test/*.png"}},
            "metric": {"name": "accuracy"},
        }
    ).at(root)


@pytest.fixture
def place(tmp_path: Path) -> tuple[Workspace, Competition, list[str]]:
    rng = np.random.default_rng(0)
    sizes = [(40, 60), (60, 40), (30, 30), (80, 80), (20, 90)]
    paths = []
    for number, (height, width) in enumerate(sizes * 3):
        paths.append(f"i{number}.png")
        pixels = rng.integers(0, 255, (height, width, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / paths[-1])
    return Workspace(tmp_path), spec(tmp_path), paths


Place = tuple[Workspace, Competition, list[str]]


def test_large_images_are_kept_in_bands_and_one_is_in_memory_at_a_time(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, competition, paths = place
    monkeypatch.setattr(cache, "_LARGE_BYTES", 5000)
    monkeypatch.setattr(bands, "_BAND_ROWS", 16)
    found = open_images(workspace, competition, paths, shorter_side=None)
    assert found.n_cached == len(paths)
    for path, image in zip(paths, found, strict=True):
        np.testing.assert_array_equal(image, np.asarray(Image.open(tmp_path / path)))

    monkeypatch.setattr(packs, "_BATCH_BYTES", 1)
    n_bytes = 2**22

    def make(number: int) -> np.ndarray:
        return np.full((1, n_bytes, 1), number, dtype=np.uint8)

    entries = [packs.PackEntry(f"{i:064d}", n_bytes, partial(make, i)) for i in range(4)]
    tracemalloc.start()
    packs.open_packs(tmp_path / "packs", entries, what="images", progress=SILENT)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1.5 * n_bytes


@pytest.mark.parametrize("side", [None, 32])
def test_cached_images_equal_decoded_ones(place: Place, side: int | None) -> None:
    workspace, competition, paths = place
    images = open_images(workspace, competition, paths, shorter_side=side)
    assert len(images) == len(paths)
    assert images.n_cached == len(paths)
    for path, image in zip(paths, images, strict=True):
        np.testing.assert_array_equal(image, shrink(read_bands(workspace.root / path), side))
        assert min(image.shape[:2]) <= (side or 80)
    assert images[-1].shape == images[len(paths) - 1].shape
    with pytest.raises(IndexError):
        images[len(paths)]


def test_images_of_the_same_pixels_are_found_whatever_their_bytes(place: Place) -> None:
    workspace, competition, paths = place
    root = workspace.root
    whole = np.array(Image.open(root / paths[3]))
    Image.open(root / paths[3]).save(root / "again.png", compress_level=0)
    Image.fromarray(whole).save(root / "again.bmp")
    whole[0, 0] ^= 1  # its row in the middle is the same
    Image.fromarray(whole).save(root / "nearly.png")
    files = [*paths, "again.png", "nearly.png", "again.bmp", paths[0]]
    images = open_images(workspace, competition, files, shorter_side=None)
    equal = [
        [j for j, other in enumerate(images) if np.array_equal(one, other)] for one in images
    ]  # by brute force
    assert images.same_pixels() == [
        list(one) for one in dict.fromkeys(map(tuple, equal)) if one[1:]
    ]
    pairs = [(one, paths[8]) for one in ("again.png", "nearly.png", "again.bmp", paths[3])]
    stacked = open_images(workspace, competition, pairs, shorter_side=None)
    assert stacked.same_pixels() == [[0, 2, 3]]


def test_a_second_opening_decodes_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace, competition, paths = place
    first = open_images(workspace, competition, paths, shorter_side=32)
    assert first.hits == 0
    monkeypatch.setattr(cache, "read_bands", None)
    monkeypatch.setattr(cache, "image_size", None)  # nor does it look how large they are
    progress = RecordingProgress()
    second = open_images(workspace, competition, paths[::-1], shorter_side=32, progress=progress)
    assert (second.hits, progress.decoded) == (len(paths), 0)
    np.testing.assert_array_equal(second[0], first[-1])


def test_content_is_the_key_not_the_name(place: Place) -> None:
    workspace, competition, paths = place
    open_images(workspace, competition, paths, shorter_side=32)
    (workspace.root / paths[0]).rename(workspace.root / "renamed.png")
    progress = RecordingProgress()
    renamed = open_images(
        workspace, competition, ["renamed.png"], shorter_side=32, progress=progress
    )
    assert (renamed.hits, progress.decoded) == (1, 0)
    Image.fromarray(np.zeros((50, 50, 3), np.uint8)).save(workspace.root / paths[1])
    changed = open_images(workspace, competition, [paths[1]], shorter_side=32)
    assert changed.hits == 0
    assert not changed[0].any()


def test_new_images_are_added_and_the_same_content_is_kept_once(place: Place) -> None:
    workspace, competition, paths = place
    open_images(workspace, competition, paths[:4], shorter_side=None)
    shutil.copy(workspace.root / paths[5], workspace.root / "copy.png")
    progress = RecordingProgress()
    images = open_images(
        workspace, competition, [*paths[:6], "copy.png"], shorter_side=None, progress=progress
    )
    assert (images.hits, progress.decoded) == (4, 2)
    np.testing.assert_array_equal(images[5], images[6])


def test_packs_are_split_and_read_together(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace, competition, paths = place
    monkeypatch.setattr(packs, "PACK_BYTES", 10_000)
    images = open_images(workspace, competition, paths, shorter_side=None)
    assert len(list(workspace.cache.rglob("*.bin"))) > 3
    for path, image in zip(paths, images, strict=True):
        np.testing.assert_array_equal(image, read_image(workspace.root / path))


def test_an_image_may_be_changed_without_changing_the_cache(place: Place) -> None:
    workspace, competition, paths = place
    images = open_images(workspace, competition, paths, shorter_side=32)
    before = images[0].copy()
    images[0][:] = 0
    np.testing.assert_array_equal(images[0], before)


def test_images_travel_to_worker_processes(place: Place) -> None:
    workspace, competition, paths = place
    images = open_images(workspace, competition, paths, shorter_side=32)
    assert len(pickle.dumps(images)) < 20_000
    copied: CachedImages = pickle.loads(pickle.dumps(images))
    np.testing.assert_array_equal(copied[3], images[3])


def test_broken_images_are_counted_and_the_good_ones_kept(place: Place) -> None:
    workspace, competition, paths = place
    for path in paths[:7]:
        content = (workspace.root / path).read_bytes()
        (workspace.root / path).write_bytes(content[: len(content) // 2])
    with pytest.raises(DataError) as caught:
        open_images(workspace, competition, paths, shorter_side=32)
    assert "7 of 15 images cannot be read" in str(caught.value)
    assert "i0.png" in str(caught.value)
    assert "and 2 more" in str(caught.value)
    assert open_images(workspace, competition, paths[7:], shorter_side=32).hits == 8


@pytest.mark.parametrize("sign", [b"(", b"'", b"[", b"\0", b"]" * 3], ids=str)
def test_an_index_whose_header_cannot_be_parsed_is_made_again(place: Place, sign: bytes) -> None:
    workspace, competition, paths = place
    first = [np.array(one) for one in open_images(workspace, competition, paths, shorter_side=32)]
    (index,) = (workspace.cache / "images").rglob("*.npy")
    index.write_bytes(index.read_bytes().replace(b"}", sign, 1))
    assert list(packs.damaged_packs(workspace.cache)) == [index]
    again = open_images(workspace, competition, paths, shorter_side=32)
    assert again.hits == 0
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)


def test_missing_images_are_counted(place: Place) -> None:
    workspace, competition, paths = place
    with pytest.raises(DataError, match="2 images are missing"):
        open_images(workspace, competition, [*paths, "x.png", "y.png"], shorter_side=32)


def test_without_room_images_are_decoded_and_reported_once(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, competition, paths = place
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(packs.shutil, "disk_usage", lambda _: usage(10, 10, 1000))
    progress = RecordingProgress()
    images = open_images(workspace, competition, paths, shorter_side=32, progress=progress)
    assert images.n_cached == 0
    assert len(progress.messages) == 1
    assert "do not fit" in progress.messages[0]
    np.testing.assert_array_equal(images[3], shrink(read_bands(workspace.root / paths[3]), 32))
    assert not list(workspace.cache.rglob("*.bin"))


def test_a_disk_that_fills_up_while_writing_costs_the_cache_only(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, competition, paths = place

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(packs.np, "save", full)
    progress = RecordingProgress()
    images = open_images(workspace, competition, paths, shorter_side=32, progress=progress)
    assert (images.n_cached, len(progress.messages)) == (0, 1)
    assert images[0].shape == shrink(read_bands(workspace.root / paths[0]), 32).shape
    monkeypatch.undo()
    assert open_images(workspace, competition, paths, shorter_side=32).n_cached == len(paths)
    assert len(list(workspace.cache.rglob("*.bin"))) == 1  # the orphan of before is gone


_BUILDER = """
import sys, time
from pathlib import Path
import numpy as np
import pandas as pd
from podium.competition import cache
from podium.competition.cache import open_images
from podium.competition.spec import load_competition
from podium.workspace.layout import Workspace
root = Path(sys.argv[1])
cache.PACK_BYTES = 1
slow = cache.read_bands
cache.read_bands = lambda *a: (time.sleep(0.02), slow(*a))[1]
names = sorted(p.name for p in root.glob("*.png"))
images = open_images(Workspace(root), load_competition(root), names, shorter_side=16)
print(images.n_cached, int(sum(int(image.sum()) for image in images)))
"""

_YAML = """
name: tiny
tasks: {classify: multiclass}
classes: [a, b]
data: {train: {images: "{class}/*.png"}, test: {images: "test/*.png"}}
metric: {name: accuracy}
"""


def _start(root: Path) -> ForkedScript:
    (root / "competition.yaml").write_text(_YAML, encoding="utf-8")
    return ForkedScript(_BUILDER, [root])


def test_two_processes_build_one_cache(place: Place) -> None:
    workspace, _, paths = place
    running = [_start(workspace.root) for _ in range(2)]
    answers = [process.communicate(timeout=60)[0].split() for process in running]
    assert answers[0] == answers[1]
    assert answers[0][0] == str(len(paths))
    assert len(list(workspace.cache.rglob("*.bin"))) == len(
        paths
    )  # PACK_BYTES = 1: a pack an image


def test_a_killed_builder_leaves_a_cache_that_the_next_one_completes(place: Place) -> None:
    workspace, competition, paths = place
    process = _start(workspace.root)
    deadline = time.monotonic() + 60
    while len(list(workspace.cache.rglob("*.npy"))) < 3 and time.monotonic() < deadline:
        time.sleep(0.005)
    process.kill()
    process.wait()
    images = open_images(workspace, competition, paths, shorter_side=16)
    assert 3 <= images.hits <= len(paths)
    for path, image in zip(paths, images, strict=True):
        np.testing.assert_array_equal(image, shrink(read_bands(workspace.root / path), 16))
    bins = {file.stem for file in workspace.cache.rglob("*.bin")}
    assert bins == {file.stem for file in workspace.cache.rglob("*.npy")}


@given(
    height=st.integers(1, 60),
    width=st.integers(1, 60),
    side=st.one_of(st.none(), st.integers(1, 70)),
)
def test_shrinking_keeps_shape_and_never_enlarges(
    height: int, width: int, side: int | None
) -> None:
    image = np.full((height, width, 3), 77, dtype=np.uint8)
    small = shrink(bands_of(Image.fromarray(image), Path()), side)
    expected = min(height, width) if side is None else min(height, width, side)
    assert min(small.shape[:2]) == expected
    assert abs(small.shape[0] * width - small.shape[1] * height) <= max(height, width)
    assert (small == 77).all()


def test_shrinking_by_a_whole_number_is_the_mean_of_each_block() -> None:
    image = np.random.default_rng(0).integers(0, 255, (12, 20, 3), dtype=np.uint8)
    blocks = image.reshape(3, 4, 5, 4, 3).astype(float).mean(axis=(1, 3))
    small = shrink(bands_of(Image.fromarray(image), Path()), 3)
    np.testing.assert_allclose(small, blocks, atol=1)


def masked(root: Path, kind: str = "multiclass") -> tuple[Workspace, Competition, pd.DataFrame]:
    """Two images of different sizes whose mask marks the red square, and one without a mask."""
    rows = []
    for name, (height, width) in {"a": (60, 90), "b": (40, 40), "c": (30, 50)}.items():
        pixels = np.zeros((height, width, 3), np.uint8)
        pixels[10:20, 12:28, 0] = 255
        (root / "images").mkdir(exist_ok=True)
        Image.fromarray(pixels).save(root / "images" / f"{name}.png")
        mask = (pixels[..., 0] > 0).astype(np.uint8)
        ref = None
        if name != "c":
            (root / "masks").mkdir(exist_ok=True)
            Image.fromarray(mask * 2).save(root / "masks" / f"{name}.png")
            ref = MaskRef(files=(f"masks/{name}.png",))
        rows.append({"id": name, "images": (f"images/{name}.png",), "mask": ref})
    competition = Competition.model_validate(
        {
            "name": "tiny",
            "tasks": {"segment": kind},
            "classes": ["a", "b"],
            "data": {
                "train": {"images": "images/*.png", "mask": "masks/{id}.png"},
                "test": {"images": "test/*.png"},
            },
            "metric": {"name": "mean_dice"},
        }
    ).at(root)
    return Workspace(root), competition, pd.DataFrame(rows)


@pytest.mark.parametrize("side", [None, 20])
def test_masks_have_the_geometry_of_their_cached_images(tmp_path: Path, side: int | None) -> None:
    workspace, competition, samples = masked(tmp_path)
    images = open_images(
        workspace, competition, [paths[0] for paths in samples["images"]], shorter_side=side
    )
    for _ in range(2):  # made, then found
        masks = open_masks(workspace, competition, samples, shorter_side=side)
        assert masks[2] is None
        for image, mask in zip(images, masks, strict=True):
            if mask is None:
                continue
            assert mask.shape == image.shape[:2]
            assert set(np.unique(mask)) == {0, 2}
            # Shrinking averages the image and picks from the mask: they agree but at edges.
            red = image[..., 0] > 127
            assert (red == (mask == 2)).mean() > 0.97
            assert red.any()


def test_windows_are_read_only_slices(tmp_path: Path) -> None:
    workspace, competition, samples = masked(tmp_path)
    images = open_images(
        workspace, competition, [paths[0] for paths in samples["images"]], shorter_side=None
    )
    masks = open_masks(workspace, competition, samples, shorter_side=None)
    for row in range(2):
        seen, mask = images.window(row), masks.window(row)
        assert mask is not None
        np.testing.assert_array_equal(seen, images[row])
        np.testing.assert_array_equal(mask, masks[row])
        assert isinstance(seen.base, np.memmap) or seen.base is not None
        for array in (seen, mask):
            with pytest.raises(ValueError, match="read-only"):
                array[0, 0] = 1
    assert masks.window(2) is None
    again = pickle.loads(pickle.dumps(masks))
    np.testing.assert_array_equal(again[1], masks[1])
    assert images.size(0) == (60, 90)


def test_a_mask_that_changes_is_read_anew(tmp_path: Path) -> None:
    workspace, competition, samples = masked(tmp_path)
    before = open_masks(workspace, competition, samples, shorter_side=None)[0]
    Image.fromarray(np.ones((60, 90), np.uint8)).save(tmp_path / "masks" / "a.png")
    after = open_masks(workspace, competition, samples, shorter_side=None)[0]
    assert before.max() == 2
    assert (after == 1).all()
