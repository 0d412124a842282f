"""An image that lies in the folder of each of its classes."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
from competition.infer.test_odd_labels import begin, put, table

from podium.competition.samples import load_samples
from podium.errors import DataError

NAMES = ("car", "cat", "dog", "tree")


def draw(tmp_path: Path, labels: dict[str, list[str]], sample: str) -> None:
    data = tmp_path / "data"
    for n, (image, names) in enumerate(labels.items()):
        put(data / f"train/{names[0]}/{image}.png", n)
        for name in names[1:]:
            (data / f"train/{name}").mkdir(exist_ok=True)
            shutil.copy(data / f"train/{names[0]}/{image}.png", data / f"train/{name}/{image}.png")
    for n in range(6):
        put(data / f"test/q{n}.png", 100 + n)
    table(data / "sample_submission.csv", ("id", "tags"), *((f"q{n}", sample) for n in range(6)))


@pytest.mark.parametrize(("sample", "sep"), [("cat dog", " "), ("cat|dog", "|")])
def test_copies_in_several_class_folders_are_several_labels(
    sample: str, sep: str, tmp_path: Path
) -> None:
    drawn = random.Random(0)
    labels = {f"p{n}": drawn.sample(NAMES, drawn.randint(1, 3)) for n in range(24)}
    draw(tmp_path, labels, sample)
    found, notes = begin(tmp_path)
    assert found.tasks == {"classify": "multilabel"}
    assert (found.submission.value, found.submission.sep) == ("labels", sep)
    assert "not used" not in notes
    samples = load_samples(found, "train")
    assert len(samples) == 24
    for path, label in zip(samples["id"], samples["label"], strict=True):
        assert label.tolist() == [name in labels[Path(path).stem] for name in NAMES]


def test_other_images_of_one_name_stay_of_one_class(tmp_path: Path) -> None:
    data = tmp_path / "data"
    draw(tmp_path, {f"p{n}": [NAMES[n % 4]] for n in range(24)}, "cat")
    for n in range(24):
        put(data / f"train/{NAMES[(n + 1) % 4]}/p{n}.png", 200 + n)
    assert begin(tmp_path)[0].tasks == {"classify": "multiclass"}
    assert not (tmp_path / "made").exists()


def test_an_image_copied_by_mistake_makes_no_lists(tmp_path: Path) -> None:
    labels = {f"p{n}": [NAMES[n % 4]] for n in range(24)}
    draw(tmp_path, {**labels, "p5": ["cat", "dog"]}, "cat")
    assert begin(tmp_path)[0].tasks == {"classify": "multiclass"}


def test_class_folders_with_the_same_images_are_refused(tmp_path: Path) -> None:
    """One folder was copied in place of the other: there is nothing to learn."""
    draw(tmp_path, {f"p{n}": ["cat", "dog"] for n in range(12)}, "cat")
    with pytest.raises(DataError, match="lies in every class folder") as refused:
        begin(tmp_path)
    assert str(refused.value.where).endswith("data/train")


def test_copies_of_a_few_images_in_a_folder_of_their_own_are_left_out(tmp_path: Path) -> None:
    """As `trainingSample`, which has some of the images of `trainingSet` to begin with."""
    data = tmp_path / "data"
    for n in range(40):
        put(data / f"trainingSet/trainingSet/{n % 4}/img_{n}.png", n)
    for n in range(12):
        copy = data / f"trainingSample/trainingSample/{n % 4}/img_{n}.png"
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(data / f"trainingSet/trainingSet/{n % 4}/img_{n}.png", copy)
    for n in range(6):
        put(data / f"testSet/testSet/q{n}.png", 100 + n)

    found, notes = begin(tmp_path)

    train = load_samples(found, "train")
    assert found.classes == ["0", "1", "2", "3"]
    assert sorted(one[0] for one in train["images"]) == sorted(
        f"data/trainingSet/trainingSet/{n % 4}/img_{n}.png" for n in range(40)
    )
    assert "12 images of trainingSample lie in trainingSet" in notes
