"""Tests of readers of the user's own: every part of podium uses the pixels that they return."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
import yaml

from podium.competition.cache import open_images, open_masks
from podium.competition.checks.data import check_data
from podium.competition.checks.mask_facts import read_mask_facts
from podium.competition.images import image_size, read_image
from podium.competition.readers import IMAGE, Reader
from podium.competition.samples import load_samples
from podium.competition.spec import Competition, load_competition
from podium.competition.truths.masks import truth_masks
from podium.errors import DataError
from podium.reporting.images.thumbnails import shrunk
from podium.submissions.format.mask_sizes import sizes_of_test
from podium.workspace.extensions import refresh
from podium.workspace.layout import Workspace

READER = """\
import numpy as np
from my_scale import SCALE

def read(path):
    with path.with_suffix(".log").open("a") as log:
        log.write("read\\n")
    grey = np.load(path)
    return np.repeat((grey * SCALE).astype(np.uint8)[..., None], 3, axis=2)
"""
HEIGHT, WIDTH, N = 24, 30, 6


@pytest.fixture
def made(tmp_path: Path) -> tuple[Workspace, Competition]:
    """A competition of float arrays in [0, 1], which are no image files, with masks in PNG."""
    from PIL import Image

    rng = np.random.default_rng(0)
    for split in ("train", "test", "masks"):
        (tmp_path / "data" / split).mkdir(parents=True)
    for number in range(N):
        for split in ("train", "test"):
            np.save(tmp_path / f"data/{split}/{number}.npy", rng.random((HEIGHT, WIDTH)))
        mask = rng.integers(0, 2, (HEIGHT, WIDTH)).astype(np.uint8)
        Image.fromarray(mask).save(tmp_path / f"data/masks/{number}.png")
    (tmp_path / "my_reader.py").write_text(READER)
    (tmp_path / "my_scale.py").write_text("SCALE = 255\n")
    spec = {
        "name": "arrays",
        "tasks": {"segment": "binary"},
        "data": {
            "train": {"images": "data/train/*.npy", "mask": "data/masks/{id}.png"},
            "test": {"images": "data/test/*.npy"},
            "reader": "my_reader:read",
        },
        "folds": {"n": 2, "balance": "coverage"},
        "metric": {"name": "mean_dice"},
    }
    (tmp_path / "competition.yaml").write_text(yaml.safe_dump(spec))
    return Workspace(tmp_path), load_competition(tmp_path)


def expected(file: Path, scale: int = 255) -> np.ndarray:
    return np.repeat((np.load(file) * scale).astype(np.uint8)[..., None], 3, axis=2)


def n_reads(folder: Path) -> int:
    return sum(len(log.read_text().splitlines()) for log in folder.rglob("*.log"))


def paths_of(competition: Competition) -> list[str]:
    return [paths[0] for paths in load_samples(competition, "train")["images"]]


def test_training_gets_the_pixels_of_the_reader(made) -> None:
    workspace, competition = made
    paths = paths_of(competition)
    images = open_images(workspace, competition, paths, shorter_side=None)
    for path, image in zip(paths, images, strict=True):
        np.testing.assert_array_equal(image, expected(competition.root / path))
    other = pickle.loads(pickle.dumps(images))
    np.testing.assert_array_equal(other[0], images[0])


def test_the_cache_keeps_what_was_read_until_the_reader_s_code_changes(made) -> None:
    workspace, competition = made
    paths = paths_of(competition)
    open_images(workspace, competition, paths, shorter_side=None)
    before = n_reads(workspace.root)
    assert open_images(workspace, competition, paths, shorter_side=None).hits == N
    assert n_reads(workspace.root) <= before + 5  # sizes, of a few
    (workspace.root / "my_scale.py").write_text("SCALE = 100\n")
    refresh(workspace.root)
    images = open_images(workspace, competition, paths, shorter_side=None)
    assert images.hits == 0
    np.testing.assert_array_equal(images[0], expected(competition.root / paths[0], 100))


def test_sizes_are_those_of_the_decoded_images_and_read_once(made) -> None:
    workspace, competition = made
    file = competition.root / paths_of(competition)[0]
    sizes = [image_size(file, competition.reader) for _ in range(3)]
    assert sizes == [(HEIGHT, WIDTH)] * 3
    assert n_reads(workspace.root) == 1
    with pytest.raises(DataError, match="no image can be read"):
        image_size(file.with_name("missing.npy"), competition.reader)
    assert sizes_of_test(competition).of("0") == (HEIGHT, WIDTH)


def test_masks_lie_on_what_is_read(made) -> None:
    workspace, competition = made
    samples = load_samples(competition, "train")
    facts = read_mask_facts(workspace, competition, samples)
    assert (facts.sizes == (HEIGHT, WIDTH)).all()
    assert truth_masks(competition, samples)[0].shape == (HEIGHT, WIDTH)
    masks = open_masks(workspace, competition, samples, shorter_side=12)
    assert masks[0].shape == (12, 15)


def test_the_facts_of_masks_are_found_anew_when_the_reader_changes(made) -> None:
    """One that turns its images makes their masks wrong."""
    workspace, competition = made
    samples = load_samples(competition, "train")
    read_mask_facts(workspace, competition, samples)
    turned = READER.replace("axis=2)", "axis=2).swapaxes(0, 1)")
    (workspace.root / "my_reader.py").write_text(turned)
    refresh(workspace.root)
    with pytest.raises(DataError, match="height and width are swapped"):
        read_mask_facts(workspace, competition, samples)


def test_checks_and_reports_read_with_it(made) -> None:
    workspace, competition = made
    findings = check_data(workspace, competition, adversarial=False)
    assert not [one for one in findings if one.level == "error"]
    file = competition.root / paths_of(competition)[0]
    np.testing.assert_array_equal(shrunk(file, competition.reader), expected(file))


@pytest.mark.parametrize(
    ("body", "message", "fix"),
    [
        ("    return 1 / 0", "ZeroDivisionError: division by zero", "my_reader.py:3, or the file"),
        ("    read()", "missing 1 required positional argument", "my_reader.py:3, or the file"),
        ("    return None", "returns a NoneType of this file, not uint8 (H, W, 3)", "0 … 255"),
        ("    return np.zeros((4, 5))", "returns float64 (4, 5)", "one scale for all files"),
        ("    return np.zeros((4, 0, 3), np.uint8)", "returns uint8 (4, 0, 3)", "three channels"),
        ("    open('/nowhere/table')", "FileNotFoundError", "my_reader.py:3, or the file"),
    ],
)
def test_a_reader_that_fails_is_reported_with_the_image(
    body: str, message: str, fix: str, made
) -> None:
    workspace, competition = made
    text = f"def read(path):\n    import numpy as np\n{body}\n"
    (workspace.root / "my_reader.py").write_text(text)
    refresh(workspace.root)
    file = competition.root / paths_of(competition)[0]
    with pytest.raises(DataError) as caught:
        read_image(file, competition.reader)
    assert caught.value.where == str(file)
    assert message in caught.value.message
    assert fix in str(caught.value.fix)


def test_a_missing_image_is_reported_by_every_reader(made) -> None:
    _, competition = made
    with pytest.raises(DataError, match="the image is missing"):
        read_image(competition.root / "data/train/none.npy", competition.reader)


def test_a_reader_that_cannot_be_loaded_is_reported_once(made) -> None:
    workspace, competition = made
    (workspace.root / "my_reader.py").write_text("read = 3\n")
    refresh(workspace.root)
    with pytest.raises(DataError, match="is of type int, not a function") as caught:
        open_images(workspace, competition, paths_of(competition), shorter_side=None)
    assert caught.value.where == "my_reader.py:1"
    errors = [one for one in check_data(workspace, competition) if one.level == "error"]
    assert [one.title for one in errors] == ["the reader cannot be used"]


def test_an_unknown_reader_is_refused_with_its_line(made) -> None:
    workspace, _ = made
    text = workspace.competition_file.read_text().replace("my_reader:read", "imagee")
    workspace.competition_file.write_text(text)
    line = text.splitlines().index("  reader: imagee") + 1
    with pytest.raises(DataError, match=r"among the readers\n  fix: write image, or") as caught:
        load_competition(workspace.root)
    assert f"competition.yaml:{line}" in str(caught.value)


def test_a_reader_is_named_by_its_code(made, tmp_path: Path) -> None:
    _, competition = made
    assert IMAGE.identity == "image"
    other = tmp_path / "other"
    other.mkdir()
    (other / "my_reader.py").write_text("def read(path): ...\n")
    ours, theirs = competition.reader, Reader("my_reader:read", other)
    assert ours.identity != theirs.identity
    assert ours.identity.startswith("own-")
