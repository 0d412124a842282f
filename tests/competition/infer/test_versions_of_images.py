"""Other versions of the images of train, which those to predict do not have."""

from __future__ import annotations

from pathlib import Path

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
