"""Mask files whose classes have other signs or capitals than the rows of the sample: one class."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from podium.competition.checks.masks import check_masks
from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from podium.tasks.protocols.find import pixel_kind
from podium.workspace.layout import Workspace

HEIGHT, WIDTH = 20, 28
N_TRAIN, N_TEST = 10, 4
CLASSES = ["crack", "Pot Hole", "repair patch"]


def plane(number: int, name: str) -> NDArray[np.bool_]:
    """Return where a class is in an image: it is nowhere in some."""
    mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
    k = CLASSES.index(name)
    if (number + k) % 4:
        mask[2 + k : 9 + k, 3 + number + 2 * k : 9 + number + 2 * k] = True
    return mask


def write(data: Path, spelt: str) -> None:
    """Write images, and the masks of train by a pattern of image `{0}` and class `{1}`."""
    rng = np.random.default_rng(4)
    names = {"crack": "crack", "Pot Hole": "pot_hole", "repair patch": "repair-patch"}
    for number in range(N_TRAIN + N_TEST):
        file = data / ("train" if number < N_TRAIN else "test") / f"road_{number:02}.jpg"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (HEIGHT, WIDTH, 3), dtype=np.uint8)).save(file)
        for name in CLASSES if number < N_TRAIN else ():
            mask = data / "masks" / spelt.format(file.stem, names[name])
            mask.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.uint8(255) * plane(number, name)).save(mask)
    rows = [
        f"road_{number:02},{name},1 1"
        for number in range(N_TRAIN, N_TRAIN + N_TEST)
        for name in CLASSES
    ]
    (data / "sample_submission.csv").write_text("\n".join(["image,kind,rle", *rows]) + "\n")


@pytest.mark.parametrize("spelt", ["{0}_{1}.png", "{1}/{0}.png"])
def test_masks_are_those_of_the_classes_as_the_sample_writes_them(
    spelt: str, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    write(data, spelt)
    found = infer(data, tmp_path)
    spec = found.competition
    assert sorted(spec.classes) == sorted(CLASSES)
    assert "classes" not in spec.to_choose
    assert [one for one in found.notes if "'repair-patch' as 'repair patch'" in one]
    train = load_samples(spec, "train")
    assert len(train) == N_TRAIN
    for images, mask in zip(train["images"], train["mask"], strict=True):
        number = int(Path(images[0]).stem[-2:])
        for name, file in zip(spec.classes, mask.files, strict=True):
            drawn = np.asarray(Image.open(tmp_path / file)) > 0
            assert np.array_equal(drawn, plane(number, name)), (number, name)


def test_a_class_whose_files_are_spelt_otherwise_stops_a_check(tmp_path: Path) -> None:
    """Written by hand, as the sample has it: all its masks would be taken for empty."""
    data = tmp_path / "data"
    write(data, "{0}_{1}.png")
    spec = infer(data, tmp_path).competition
    train = spec.data.train.model_copy(update={"mask": "data/masks/{id}_{class}.png"})
    by_hand = spec.model_copy(
        update={
            "classes": CLASSES,
            "data": spec.data.model_copy(update={"train": train}),
        }
    ).at(tmp_path)
    found = check_masks(Workspace(tmp_path), by_hand, load_samples(by_hand, "train"))
    [one] = [each for each in found if "spelt otherwise" in each.title]
    assert one.level == "error"
    assert [item.partition(":")[0] for item in one.items] == ["Pot Hole", "repair patch"]
    assert "road_00_repair-patch.png" in one.items[1]


def test_a_class_without_any_file_is_a_warning_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    write(data, "{0}_{1}.png")
    for file in (data / "masks").glob("*_repair-patch.png"):
        file.unlink()
    spec = infer(data, tmp_path).competition
    train = spec.data.train.model_copy(update={"mask": "data/masks/{id}_{class}.png"})
    names = ["crack", "pot_hole", "patch"]
    by_hand = spec.model_copy(
        update={"classes": names, "data": spec.data.model_copy(update={"train": train})}
    ).at(tmp_path)
    found = check_masks(Workspace(tmp_path), by_hand, load_samples(by_hand, "train"))
    assert not [each for each in found if "spelt otherwise" in each.title]
    assert [each.items for each in found if each.title == "classes in no mask"] == [("patch",)]


def test_a_class_whose_masks_are_refused_is_not_spelt_otherwise(tmp_path: Path) -> None:
    """Its files have its very name: no mask shows it, as each shares pixels with another class."""
    data = tmp_path / "data"
    write(data, "{0}_{1}.png")
    for file in (data / "masks").glob("*_crack.png"):
        twin = file.with_name(file.name.replace("_crack", "_pot_hole"))
        Image.open(file).save(twin)
    spec = infer(data, tmp_path).competition
    train = spec.data.train.model_copy(update={"mask": "data/masks/{id}_{class}.png"})
    update = {"classes": ["crack", "pot_hole"], "tasks": {"segment": pixel_kind("multiclass")}}
    by_hand = spec.model_copy(
        update={**update, "data": spec.data.model_copy(update={"train": train})}
    ).at(tmp_path)
    found = check_masks(Workspace(tmp_path), by_hand, load_samples(by_hand, "train"))
    assert [each for each in found if each.title == "runs that are no mask"]
    assert [each for each in found if each.title == "classes in no mask"]
    assert not [each for each in found if "spelt otherwise" in each.title]
