"""Rows of several images are labelled by a table that shares their key, and folders are no classes.

photos/clinical/7_c.png, photos/dermoscopy/7_d.png   lesions.csv: lesion,…   diagnoses.csv: lesion,…
"""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table

KINDS = ("BCC", "MEL", "NEV")
TRAIN, TEST = range(10, 34), range(34, 42)


def _lesions(data: Path, *, labelled: range = TRAIN) -> None:
    """Write two photographs of each lesion, and the histology of those `labelled`."""
    rows = []
    for n in (*TRAIN, *TEST):
        clinical, dermoscopy = f"clinical/{n}_c.png", f"dermoscopy/{n}_d.png"
        put(data / "photos" / clinical, n)
        put(data / "photos" / dermoscopy, n + 100)
        rows.append((n, f"P{n // 2}", clinical, dermoscopy, "train" if n in TRAIN else "test"))
    table(data / "lesions.csv", ("lesion", "patient", "by eye", "by lens", "part"), *rows)
    found = [(n, KINDS[n % 3]) for n in labelled]
    table(data / "diagnoses.csv", ("lesion", "histology"), *found[::-1])
    table(data / "sample_submission.csv", ("lesion", *KINDS), *((n, 0.3, 0.3, 0.4) for n in TEST))


@pytest.mark.parametrize("label", [None, "histology"])
def test_the_second_table_labels_rows_of_two_images(tmp_path: Path, label: str | None) -> None:
    _lesions(tmp_path / "data")
    found, told = begin(tmp_path, label)
    assert found.classes == list(KINDS)
    train = load_samples(found, "train")
    labels = {
        int(one): KINDS[label] for one, label in zip(train["id"], train["label"], strict=True)
    }
    assert labels == {n: KINDS[n % 3] for n in TRAIN}
    assert "with histology of diagnoses.csv for each lesion" in told
    assert "choose data.train.images" in told  # both photographs, or the first one alone
    assert found.folds.group == "patient"


def test_a_label_that_a_person_names_is_joined_to_rows_of_one_image(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in (*TRAIN, *TEST):
        put(data / f"{'train' if n in TRAIN else 'test'}/{n}.png", n)
    table(data / "images.csv", ("image", "owner"), *((f"{n}.png", f"o{n // 3}") for n in TRAIN))
    owners = sorted({n // 3 for n in TRAIN})
    table(data / "owners.csv", ("owner", "town"), *((f"o{n}", "AB"[n % 2]) for n in owners))
    found, _ = begin(tmp_path, "town")
    train = load_samples(found, "train")
    assert list(train["label"]) == [n // 3 % 2 for n in TRAIN]


def test_folders_are_no_classes_where_a_column_has_the_answers_of_the_sample(
    tmp_path: Path,
) -> None:
    _lesions(tmp_path / "data", labelled=TRAIN[:-3])  # of three lesions nothing is known
    with pytest.raises(DataError, match="values of histology in diagnoses"):
        begin(tmp_path)


@pytest.mark.parametrize("sent", [None, "kind"])
@pytest.mark.parametrize("key", ["", "number"])
def test_answers_of_train_in_a_table_of_their_own_are_those_of_its_rows(
    tmp_path: Path, key: str, sent: str | None
) -> None:
    data = tmp_path / "data"
    for part, numbers in (("train", TRAIN), ("test", TEST)):
        for n in numbers:
            put(data / f"{part}/p_{70_000 + 31 * n}_of_{9_000_000 + 77_777 * n}.png", n)
        rows = [(n, f"no. {n}", 9_000_000 + 77_777 * n, 70_000 + 31 * n) for n in numbers]
        table(data / f"x_{part}.csv", (key, "title", "thing", "photo"), *rows)
    answers = [(n, f"{(n % 3 + 1) * 10}") for n in TRAIN]
    table(data / "y_train.csv", (key, "kind"), *answers[::-1])
    if sent is not None:
        table(data / "sample_submission.csv", (key or "row", sent), *((n, 10) for n in TEST))
    found, told = begin(tmp_path)
    assert found.classes == ["10", "20", "30"]
    train = load_samples(found, "train")
    expected = [n % 3 for n in TRAIN]
    read = dict(zip((one[0] for one in train["images"]), train["label"], strict=True))
    paths = [f"data/train/p_{70_000 + 31 * n}_of_{9_000_000 + 77_777 * n}.png" for n in TRAIN]
    assert [read[one] for one in paths] == expected
    assert f"with kind of y_train.csv for each {key or 'row'}" in told


def test_a_table_that_labels_some_rows_of_train_alone_is_not_joined(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for part, numbers in (("train", TRAIN), ("test", TEST)):
        for n in numbers:
            put(data / f"{part}/{n}.png", n)
        rows = [(f"k{n}", f"{n}.png", "ab"[n % 2]) for n in numbers]
        table(data / f"x_{part}.csv", ("key", "file", "shelf"), *rows)
    table(data / "y_train.csv", ("key", "kind"), *((f"k{n}", n % 3) for n in TRAIN[4:]))
    _, told = begin(tmp_path)
    assert "y_train.csv for each" not in told
