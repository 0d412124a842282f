"""Folders of which a text beside the data says that their images have no labels."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from tests.competition.infer.test_infer_masks import put, table


def leaves(data: Path, text: str) -> None:
    """Write class folders, images to predict, two more folders of images, and a text."""
    for kind in ("oak", "ash"):
        put(data, [f"train/{kind}/{kind}{n}.png" for n in range(8)])
    put(data, [f"test/q{n}.png" for n in range(4)])
    put(data, [f"field_extra/e{n}.png" for n in range(5)])
    put(data, [f"figures/f{n}.png" for n in range(3)])
    table(data, "sample_submission.csv", "file,tree", (f"q{n}.png,oak" for n in range(4)))
    (data / "README.md").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    "text",
    [
        "train.zip has the classes, test.zip what to classify, field_extra.zip more images without "
        "labels. The pictures in figures explain them.",
        "- `train/`: class folders\n- `field_extra/`: unlabeled images\n- `figures/`: drawings",
        "In field_extra finden Sie weitere Bilder ohne Labels.",
        "field_extra文件夹中的图片没有标签。",
    ],
    ids=["sentence", "list", "German", "Chinese"],
)
def test_images_of_a_folder_are_unlabelled_where_a_text_states_it(
    text: str, tmp_path: Path
) -> None:
    leaves(tmp_path / "data", text)
    found = infer(tmp_path / "data", tmp_path)
    samples = load_samples(found.competition, "unlabelled")
    assert {Path(one[0]).parent.name for one in samples["images"]} == {"field_extra"}
    assert len(samples) == 5
    assert any("5 images in 'field_extra' are data.unlabelled" in one for one in found.notes)
    assert found.competition.classes == ["ash", "oak"]
    assert len(load_samples(found.competition, "train")) == 16


@pytest.mark.parametrize(
    "text",
    [
        "The test images come without labels. There are more photographs in field_extra.",
        "Images without labels are no use; field_extra holds the manual.",
    ],
)
def test_other_folders_are_not(text: str, tmp_path: Path) -> None:
    leaves(tmp_path / "data", text)
    found = infer(tmp_path / "data", tmp_path)
    assert found.competition.data.unlabelled is None
    assert not any("unlabelled" in one for one in found.notes)
