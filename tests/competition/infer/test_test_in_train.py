"""Images to predict that lie in a folder inside the one of train."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from podium.competition.infer.files import ImageFile
from podium.competition.infer.parts.test_in_train import with_test_beside_masks
from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_infer_masks import PHOTO, look, put, stripes, table

MASK = stripes([0, 255])


@pytest.mark.parametrize("inner", ["pruefung", "Prüfung/b", "prova_2", "egzamin", "test"])
def test_a_folder_of_test_inside_that_of_train_is_to_be_predicted(
    tmp_path: Path, inner: str
) -> None:
    data = tmp_path / "data"
    put(data, [f"training/a/{n}.png" for n in range(6)])
    put(data, [f"training/a/{n}_mask.png" for n in range(6)], MASK)
    put(data, [f"training/{inner}/{n}.png" for n in range(10, 13)])
    table(data, "sample_submission.csv", "id,rle", [f"{n}," for n in range(10, 13)])
    spec = look(data)[0].competition
    assert sorted(load_samples(spec, "test")["id"]) == ["10", "11", "12"]
    assert sorted(load_samples(spec, "train")["id"]) == list("012345")


def parts(paths: str) -> dict[str, str]:
    """Return the part of each path, where a mask is called so and all others are of train."""
    images = [ImageFile(one, "mask" if "mask" in one else "train") for one in paths.split()]
    return {one.path: one.part for one in with_test_beside_masks(images) if one.part != "mask"}


@pytest.mark.parametrize(
    "paths",
    [
        "train/a/1.png train/a/1_mask.png train/test/2.png train/test/2_mask.png",  # has masks
        "train/a/1.png train/a/1_mask.png train/test/1.png train/test/1_mask.png",
        "train/a/1.png train/masks/1.png train/masks/2.png train/test/2.png",
        "train/a/1.png train/masks/a/1.png train/masks/test/2.png train/test/2.png",
        "train/test/2.png train/masks/2.png",  # nothing else is of train
        "train/a/1.png train/test/2.png",  # classes of images, perhaps
        "train/val/test/2.png train/a/1.png train/a/1_mask.png",  # a test of validation
    ],
)
def test_a_folder_called_test_that_may_be_of_train_stays_so(paths: str) -> None:
    assert set(parts(paths).values()) == {"train"}


def test_images_beside_masks_in_a_folder_of_their_own_show_the_inner_test() -> None:
    found = parts("train/images/1.png train/masks/1_mask.png train/test/1.png train/test/2.png")
    assert [path for path, part in found.items() if part == "test"] == [
        "train/test/1.png",
        "train/test/2.png",
    ]


def test_another_folder_of_test_is_the_one_to_predict(tmp_path: Path) -> None:
    data = tmp_path / "data"
    every = [f"train/a/{n}.png" for n in range(6)] + [f"train/test/{n}.png" for n in range(6, 9)]
    put(data, every)
    put(data, [one.replace(".png", "_mask.png") for one in every[:6]], MASK)
    put(data, ["test/70.png", "test/71.png"], np.rot90(PHOTO, 2))
    table(data, "sample_submission.csv", "id,rle", ["70,", "71,"])
    spec = look(data)[0].competition
    assert sorted(load_samples(spec, "test")["id"]) == ["70", "71"]


LABELS = [f"{n},{'beech' if n % 2 else 'oak'}" for n in range(20)]


@pytest.mark.parametrize("sample", [[], [f"{n},oak" for n in range(7, 12)]])
@pytest.mark.parametrize("inner", ["test", "pruefung"])
def test_what_no_row_has_in_an_inner_folder_of_test_is_to_be_predicted(
    tmp_path: Path, inner: str, sample: list[str]
) -> None:
    data = tmp_path / "data"
    put(data, [f"training/{n}.png" for n in range(20)])
    put(data, [f"training/{inner}/leaf_{n:03}.png" for n in range(7, 12)])
    table(data, "labels.csv", "image,tree", LABELS)
    if sample:
        table(data, "sample.csv", "image,tree", sample)
    spec = look(data)[0].competition
    paths = [path.rpartition("/")[2] for (path,) in load_samples(spec, "test")["images"]]
    assert sorted(paths) == [f"leaf_{n:03}.png" for n in range(7, 12)]
    assert len(load_samples(spec, "train")) == 20


def test_rows_of_an_inner_folder_of_test_are_of_train(tmp_path: Path) -> None:
    data = tmp_path / "data"
    put(data, [f"training/a/{n}.png" for n in range(14)])
    put(data, [f"training/test/{n}.png" for n in range(14, 20)])
    table(data, "labels.csv", "image,tree", LABELS)
    with pytest.raises(DataError, match="no images to predict"):
        look(data)
    assert len(load_samples(infer(data, tmp_path, has_test=False).competition, "train")) == 20
