"""Other versions of the images of train, which those to predict do not have."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
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
