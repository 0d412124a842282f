"""Other versions of the images of train, which those to predict do not have."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from tests.competition.infer.test_infer_masks import put, stripes


def versions(data: Path, *, of_test: tuple[str, ...]) -> None:
    for name in ("images", "originals"):
        put(data, [f"train/{name}/p{n}.png" for n in range(8)])
    put(data, [f"train/masks/p{n}.png" for n in range(8)], stripes([0, 255]))
    for name in of_test:
        put(data, [f"test/{name}/q{n}.png" for n in range(3)])


def test_the_folder_that_images_to_predict_lie_in_is_learnt_from_alone(tmp_path: Path) -> None:
    versions(tmp_path / "data", of_test=("images",))

    found = infer(tmp_path / "data", tmp_path)

    train = load_samples(found.competition, "train")
    assert [one[0] for one in train["images"]] == [f"data/train/images/p{n}.png" for n in range(8)]
    assert any("originals' are not used" in note for note in found.notes)


@pytest.mark.parametrize("names", [("photos",)])
def test_one_mask_of_two_images_is_told_where_nothing_parts_them(
    names: tuple[str, ...], tmp_path: Path
) -> None:
    versions(tmp_path / "data", of_test=names)

    found = infer(tmp_path / "data", tmp_path)

    assert len(load_samples(found.competition, "train")) == 16
    assert any("would be of several images of one name" in note for note in found.notes)
