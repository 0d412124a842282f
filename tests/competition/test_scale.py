"""Images of train and test of one size each, which differ: pieces of larger scenes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from podium.competition.checks.masks import check_masks
from podium.competition.samples import load_samples
from podium.competition.scale import SameScale, shows_same_scale
from podium.competition.spec import Competition, load_competition
from podium.training.starters.fitted import copy_starters
from podium.workspace.layout import Workspace


def save(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def competition(root: Path, *, test: tuple[int, int], **changes: object) -> Competition:
    """Return roads of 48 pixels a side, with images to predict of (height, width) `test`."""
    random = np.random.default_rng(1)
    for number in range(8):
        save(root / f"data/train/{number}.png", random.integers(0, 255, (48, 48, 3), np.uint8))
        mask = np.zeros((48, 48), np.uint8)
        mask[:, 3 * number : 3 * number + 9] = 255
        save(root / f"data/masks/{number}.png", mask)
    for number in range(5):
        save(root / f"data/test/new_{number}.png", np.zeros((*test, 3), np.uint8))
    spec = {
        "name": "pieces",
        "tasks": {"segment": "binary"},
        "data": {
            "train": {"images": "data/train/*.png", "mask": "data/masks/{stem}.png"},
            "test": {"images": "data/test/*.png"},
        },
        "metric": {"name": "mean_dice"},
        **changes,
    }
    (root / "competition.yaml").write_text(yaml.safe_dump(spec))
    return load_competition(root)


@pytest.mark.parametrize(
    ("test", "differ"), [((72, 72), True), ((30, 48), False), ((50, 50), False)]
)
def test_sizes_that_differ_by_more_than_a_little_are_of_one_scale(
    tmp_path: Path, test: tuple[int, int], differ: bool
) -> None:
    found = shows_same_scale(competition(tmp_path, test=test))
    assert found == (SameScale((48, 48), test) if differ else None)


def test_images_of_several_sizes_have_no_one_scale(tmp_path: Path) -> None:
    made = competition(tmp_path, test=(72, 72))
    Image.new("RGB", (90, 90)).save(tmp_path / "data/test/other.png")
    assert shows_same_scale(made) is None


def test_masks_of_one_size_are_resized(tmp_path: Path) -> None:
    assert shows_same_scale(competition(tmp_path, test=(72, 72), frame=[24, 24])) is None


def test_starters_and_checks_name_windows(tmp_path: Path) -> None:
    made = competition(tmp_path, test=(72, 72))
    [written] = copy_starters(tmp_path / "recipes", made)
    recipe = yaml.safe_load(written.read_text())
    assert (recipe["input"]["fit"], recipe["input"]["size"]) == ("tile", 32)
    findings = check_masks(Workspace(tmp_path), made, load_samples(made, "train"))
    [found] = [one for one in findings if "two sizes" in one.title]
    assert found.level == "warning"
    assert "72 × 72" in found.detail
    assert "1.5 times smaller" in found.detail
    assert "input.fit: tile" in found.fix


def test_starters_resize_where_sizes_are_alike(tmp_path: Path) -> None:
    made = competition(tmp_path, test=(48, 48))
    [written] = copy_starters(tmp_path / "recipes", made)
    assert yaml.safe_load(written.read_text())["input"]["fit"] == "resize"
    findings = check_masks(Workspace(tmp_path), made, load_samples(made, "train"))
    assert not any("two sizes" in one.title for one in findings)
