"""Pictures without a row in the table of train: found, and nothing that is meant to have none."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from podium.competition.checks.data import check_data
from podium.competition.checks.unlisted_images import check_unlisted_images
from podium.competition.samples import load_samples
from podium.competition.spec import load_competition
from podium.competition.truths.masks import MaskRef
from podium.workspace.layout import Workspace

SPEC = """\
name: planted
tasks: {classify: multiclass}
classes: [cat, dog]
data:
  train: {table: train.csv, id: id, images: "train/{id}.png", label: label}
  test: {id: "{name}", images: "test/{name}.png"}
metric: {name: accuracy}
"""
IDS = [f"a_{n:02d}" for n in range(8)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A competition of eight train images, of which `a_03` has lost its row."""
    for n, name in enumerate([*(f"train/{one}" for one in IDS), "test/t0"]):
        file = tmp_path / f"{name}.png"
        file.parent.mkdir(exist_ok=True)
        Image.new("RGB", (16, 16), (20 * n, 255 - 20 * n, 9)).save(file)
    rows = [f"{one},{'cat' if n % 2 else 'dog'}\n" for n, one in enumerate(IDS) if n != 3]
    (tmp_path / "train.csv").write_text("id,label\n" + "".join(rows))
    (tmp_path / "folds.csv").write_text("id,fold\n" + "".join(f"{one},0\n" for one in IDS))
    (tmp_path / "competition.yaml").write_text(SPEC)
    return tmp_path


def found(folder: Path) -> list[str]:
    findings = check_data(Workspace(folder), load_competition(folder), adversarial=False)
    return [one.detail.partition(":")[0] for one in findings if "without a row" in one.title]


def test_a_picture_whose_row_was_lost_is_named(folder: Path) -> None:
    assert found(folder) == ["1 picture of train has no row in train.csv, as a_03.png"]
    Image.new("RGB", (16, 16)).save(folder / "train/a_08.png")
    assert found(folder) == ["2 pictures of train have no row in train.csv, as a_03.png"]


@pytest.mark.parametrize("why", ["a list", "a table", "unlabelled", "test", "excluded"])
def test_a_picture_that_is_meant_to_have_no_row_is_not(folder: Path, why: str) -> None:
    spec, at_end = SPEC, "label: label}"
    if why == "a list":
        (folder / "later.txt").write_text("train/a_03.png\n")
    elif why == "a table":
        (folder / "later.csv").write_text("name,year\na_03,2020\n")
    elif why == "unlabelled":
        spec = SPEC.replace(
            "  test:", '  unlabelled: {id: "{id}", images: "train/{id}.png"}\n  test:'
        )
    elif why == "test":
        (folder / "test/t0.png").rename(folder / "train/t0.png")
        spec = SPEC.replace("test/{name}", "train/t{name}")
    else:
        (folder / "train.csv").write_text(f"{(folder / 'train.csv').read_text()}a_03,cat\n")
        spec = SPEC.replace(at_end, "label: label, exclude: [a_03]}")
    (folder / "competition.yaml").write_text(spec)
    assert found(folder) == []


def test_pictures_of_another_form_beside_the_images_are_not(folder: Path) -> None:
    (folder / "train/a_03.png").unlink()
    for name in ("a_01_mask.png", "overview.png", "a_20.jpg"):
        Image.new("RGB", (16, 16)).save(folder / "train" / name)
    assert found(folder) == []


def test_masks_that_no_image_has_are_no_pictures_without_a_row(folder: Path) -> None:
    competition = load_competition(folder)
    parts = {one: load_samples(competition, one) for one in ("train", "test")}
    (folder / "masks").mkdir()
    for name in IDS:
        Image.new("L", (16, 16)).save(folder / f"masks/{name}.png")
    parts["train"]["mask"] = [MaskRef(("masks/a_00.png",))] * len(parts["train"])
    (found,) = check_unlisted_images(competition, parts)
    assert found.items == ("train/a_03.png",)
