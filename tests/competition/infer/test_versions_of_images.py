"""Other versions of the images of train, which those to predict do not have."""

from __future__ import annotations

import shlex
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.checks.data import check_data
from podium.competition.checks.shared_masks import check_shared_masks
from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from podium.competition.spec import load_competition
from podium.workflows.choosing import answer
from podium.workflows.initialising import init_workspace
from podium.workspace.layout import Workspace
from tests.competition.infer.test_infer_masks import put, stripes


def versions(data: Path, *, of_test: tuple[str, ...]) -> None:
    for name in ("images", "originals"):
        put(data, [f"train/{name}/p{n}.png" for n in range(8)])
    put(data, [f"train/masks/p{n}.png" for n in range(8)], stripes([0, 255]))
    for name in of_test:
        put(data, [f"test/{name}/q{n}.png" for n in range(3)])


def test_only_the_folder_of_train_that_test_has_too_is_used(tmp_path: Path) -> None:
    versions(tmp_path / "data", of_test=("images",))

    found = infer(tmp_path / "data", tmp_path)

    train = load_samples(found.competition, "train")
    assert [one[0] for one in train["images"]] == [f"data/train/images/p{n}.png" for n in range(8)]
    assert any("originals' are not used" in note for note in found.notes)


def test_a_mask_shared_by_two_images_gives_a_note(tmp_path: Path) -> None:
    versions(tmp_path / "data", of_test=("photos",))

    found = infer(tmp_path / "data", tmp_path)

    assert len(load_samples(found.competition, "train")) == 16
    assert any("would be of several images of one name" in note for note in found.notes)
    key = "id=*/{group}.*"
    assert any(f"podium choose 'folds.group={key}' keeps" in note for note in found.notes)


@pytest.mark.parametrize("rule", ["refuse", "allow"])
def test_images_of_one_mask_in_several_folds_stop_until_they_are_grouped(
    tmp_path: Path, rule: str
) -> None:
    versions(tmp_path / "data", of_test=("photos",))
    started = init_workspace(tmp_path / "data", tmp_path)
    workspace, title = Workspace(tmp_path), "images of one mask in several folds"
    answer(workspace, ["folds.n=3", f"folds.duplicates={rule}"])
    found = load_competition(tmp_path)
    [torn] = [one for one in check_data(workspace, found, adversarial=False) if one.title == title]
    assert torn.level == ("error" if rule == "refuse" else "warning")
    assert 0 < len(torn.items) <= 8
    assert {one.count(" = ") for one in torn.items} == {1}
    answer(workspace, shlex.split(torn.mend.partition(",")[0])[2:])
    after = check_data(workspace, load_competition(tmp_path), adversarial=False)
    assert title not in [one.title for one in after]
    train = load_samples(load_competition(tmp_path), "train")
    assert sorted(train["group"]) == sorted(2 * [f"p{n}" for n in range(8)])
    assert started.notes


def test_an_empty_mask_of_several_images_parts_nothing(tmp_path: Path) -> None:
    versions(tmp_path / "data", of_test=("photos",))
    for path in (tmp_path / "data/train/masks").iterdir():
        with Image.open(path) as mask:
            blank = Image.new("L", mask.size)
        blank.save(path)
    put(tmp_path / "data", ["train/masks/p0.png"], stripes([0, 255]))
    init_workspace(tmp_path / "data", tmp_path)
    found = load_competition(tmp_path)
    train = load_samples(found, "train")
    folds = np.array(
        [0 if one[0].endswith("p0.png") else n % 2 for n, one in enumerate(train["images"])]
    )
    assert check_shared_masks(Workspace(tmp_path), found, train, folds) == []


def test_without_images_to_predict_the_size_of_the_masks_tells_the_images(tmp_path: Path) -> None:
    data = tmp_path / "data"
    put(data, [f"images/p{n}.png" for n in range(8)])
    put(data, [f"masks/p{n}.png" for n in range(8)], stripes([0, 255]))
    for n in range(8):
        with Image.open(data / f"images/p{n}.png") as image:
            beside = Image.new("RGB", (2 * image.width, image.height))
            beside.paste(image)
        (data / "collage").mkdir(exist_ok=True)
        beside.save(data / f"collage/p{n}.png")
    put(data, [f"test/q{n}.png" for n in range(3)])

    found = infer(data, tmp_path)

    train = load_samples(found.competition, "train")
    assert [one[0] for one in train["images"]] == [f"data/images/p{n}.png" for n in range(8)]
    assert any("masks have the size of these alone" in note for note in found.notes)


@pytest.mark.parametrize("names_test", [True, False])
def test_of_two_endings_the_version_that_cells_name_is_used(
    tmp_path: Path, names_test: bool
) -> None:
    data, parts = tmp_path / "data", {"train": range(20), "test": range(20, 26)}
    for part, numbers in parts.items():
        for version, ending in (("small", "png"), ("full", "jpg")):
            sides = [f"{n}_{side}" for n in numbers for side in ("a", "b")]
            # Some have no small version.
            here = sides[2:] if (part, version) == ("train", "small") else sides
            put(data, [f"{part}_{version}/{one}.{ending}" for one in here])
    rows = [f"{n},{n}_a.jpg,{n}_b.jpg,{'xyz'[n % 3]}" for n in parts["train"]]
    (data / "train.csv").write_text("\n".join(["case,first,second,kind", *rows]))
    if names_test:
        of_test = [f"{n},{n}_a.jpg,{n}_b.jpg" for n in parts["test"]]
        (data / "test.csv").write_text("\n".join(["case,first,second", *of_test]))
    sent = [f"{n},{'xyz'[n % 3]}" for n in parts["test"]]
    (data / "sample_submission.csv").write_text("\n".join(["case,kind", *sent]))

    found = infer(data, tmp_path)

    for part, numbers in parts.items():
        images = load_samples(found.competition, "train" if part == "train" else "test")["images"]
        expected = [(f"data/{part}_full/{n}_a.jpg", f"data/{part}_full/{n}_b.jpg") for n in numbers]
        assert sorted(map(tuple, images)) == sorted(expected)
    assert any("50 pictures in 'test_small', 'train_small'" in note for note in found.notes)
