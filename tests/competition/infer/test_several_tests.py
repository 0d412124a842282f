"""Of several folders that may be the one to predict one is, and nothing is left out in silence."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from competition.infer.test_odd_labels import begin, put, table

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.masks.object_folders import scan_data
from podium.competition.infer.conversions.parts.several_tests import with_test_of_labels_apart
from podium.competition.samples import load_samples

CLASSES = ("fir", "oak", "yew")


def classes(folder: Path, n: int, first: int) -> None:
    for place, label in enumerate(CLASSES):
        for k in range(n):
            number = first + 10 * place + k
            put(folder / f"{label}/{number}.png", number)


def parts(tmp_path: Path) -> tuple[list[str], list[str], str]:
    found, notes = begin(tmp_path)
    train, test = (
        sorted(str(path).removeprefix("data/") for (path,) in load_samples(found, part)["images"])
        for part in ("train", "test")
    )
    return train, test, notes


@pytest.mark.parametrize("name", ["seg_pred", "seg_predicción"])
def test_a_folder_to_predict_without_labels_comes_before_a_labelled_test(
    name: str, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    classes(data / "seg_train", 8, 0)
    classes(data / "seg_test", 3, 100)
    for n in range(6):
        put(data / f"{name}/{300 + n}.png", 300 + n)
    train, test, notes = parts(tmp_path)
    assert test == [f"{name}/{300 + n}.png" for n in range(6)]
    assert {path.split("/")[0] for path in train} <= {"seg_train", "seg_test"}
    assert "seg_test" in notes


def test_a_test_called_as_train_is_comes_before_another_without_labels(tmp_path: Path) -> None:
    data = tmp_path / "data"
    classes(data / "Training", 8, 0)
    classes(data / "Test", 3, 100)
    for n in range(6):
        put(data / f"test-multiple_trees/{300 + n}.png", 300 + n)
    train, test, notes = parts(tmp_path)
    assert (len(train), len(test)) == (24, 9)
    assert all(path.startswith("Test/") for path in test)
    assert "6 images in test-multiple_trees are not used" in notes


def test_the_sample_decides_which_test_is_sent(tmp_path: Path) -> None:
    data = tmp_path / "data"
    classes(data / "Training", 8, 0)
    classes(data / "Test", 3, 100)
    for n in range(6):
        put(data / f"test-multiple_trees/{300 + n}.png", 300 + n)
    rows = ((300 + n, "oak") for n in range(6))
    table(data / "sample_submission.csv", ("id", "tree"), *rows)
    _, test, _ = parts(tmp_path)
    assert test == [f"test-multiple_trees/{300 + n}.png" for n in range(6)]


def test_predicted_pictures_of_the_images_to_predict_are_not_predicted(tmp_path: Path) -> None:
    data = tmp_path / "data"
    classes(data / "train", 8, 0)
    for n in range(6):
        put(data / f"test/{300 + n}.png", 300 + n)
        put(data / f"predictions/{300 + n}.png", 400 + n)
    _, test, _ = parts(tmp_path)
    assert test == [f"test/{300 + n}.png" for n in range(6)]


def test_images_at_another_size_are_used_once(tmp_path: Path) -> None:
    data = tmp_path / "data"
    rows = []
    for n in range(24):
        put(data / f"train/{n}.png", n)
        put(data / f"trainResized/{n}.png", 100 + n)
        rows.append((n, CLASSES[n % 3]))
    for n in range(30, 36):
        put(data / f"test/{n}.png", n)
        put(data / f"testResized/{n}.png", 100 + n)
    table(data / "trainLabels.csv", ("ID", "Class"), *rows)
    table(data / "sampleSubmission.csv", ("ID", "Class"), *((n, "oak") for n in range(30, 36)))
    train, test, notes = parts(tmp_path)
    assert (len(train), len(test)) == (24, 6)
    assert all(path.startswith("test/") for path in test)
    assert "6 images in testResized are not used" in notes
    assert "24 images in trainResized are not used" in notes


def test_a_holdout_that_the_sample_names_is_predicted_too(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(36):
        part = "train_images" if n < 24 else "board_test" if n < 30 else "board_holdout"
        put(data / f"{part}/p{n}.png", n)
    table(data / "labels.csv", ("id", "tree"), *((f"p{n}", CLASSES[n % 3]) for n in range(24)))
    rows = ((f"p{n}", "oak") for n in range(24, 36))
    table(data / "sample_submission.csv", ("id", "tree"), *rows)
    train, test, notes = parts(tmp_path)
    assert (len(train), len(test)) == (24, 12)
    assert "6 images in board_holdout are to be predicted with those of test" in notes


@pytest.mark.parametrize(
    ("cells", "is_known"),
    [(["oak", "fir"] * 3, True), ([""] * 6, False), (["oak"] * 6, False)],
)
def test_a_table_of_labels_is_of_the_test_that_it_lies_beside(
    tmp_path: Path, cells: list[str], is_known: bool
) -> None:
    """Both tests have files of the same names."""
    data = tmp_path / "data"
    for fold in (0, 1):
        classes(data / f"training_data/fold_{fold}", 4, 100 * fold)
    for k, name in enumerate(("first", "final")):
        for n in range(6 + k):
            put(data / f"test_{name}_data/test_{name}_data/{n}.png", 300 + 10 * k + n)
    rows = [(f"{n}.png", one) for n, one in enumerate(cells)]
    table(data / "test_first_data/test_first_labels.csv", ("new_name", "label"), *rows)
    folder = scan_data(data, "data")
    frame = pd.DataFrame(rows, columns=["new_name", "label"])
    told = with_test_of_labels_apart(
        CompetitionData(folder, {"test_first_data/test_first_labels.csv": frame})
    )
    assert bool(told[2]) is is_known
    if is_known:
        train, test, notes = parts(tmp_path)
        assert test == [f"test_final_data/test_final_data/{n}.png" for n in range(7)]
        assert len(train) == 24
        assert "test_first_data are not used" in notes
