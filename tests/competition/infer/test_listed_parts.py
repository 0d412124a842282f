"""Lists tell which images of one pool are to be predicted: train has none of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from competition.infer.test_odd_labels import begin, put, table

from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.errors import DataError

NAMES = [f"img{n:02}" for n in range(24)]
TEST = set(NAMES[::4])
LABELS = {name: ("cat", "dog", "hen")[n % 3] for n, name in enumerate(NAMES)}


def pool(data: Path, folder: str = "images") -> None:
    for n, name in enumerate(NAMES):
        put(data / f"{folder.format(label=LABELS[name])}/{name}.png", n)


def lines(file: Path, names: Iterable[str]) -> None:
    file.write_text("\n".join(names) + "\n", encoding="utf-8")


def stems(found: Competition, part: str) -> set[str]:
    return {Path(path).stem for (path,) in load_samples(found, part)["images"]}  # type: ignore[arg-type]


def check(found: Competition) -> None:
    assert stems(found, "test") == TEST
    assert stems(found, "train") == {*NAMES} - TEST


def test_a_list_of_all_labels_lends_no_image_to_predict_to_train(tmp_path: Path) -> None:
    pool(tmp_path / "data")
    lines(tmp_path / "data/list.txt", (f"{name} {LABELS[name]}" for name in NAMES))
    lines(tmp_path / "data/test.txt", (f"{name} {LABELS[name]}" for name in sorted(TEST)))
    found, notes = begin(tmp_path)
    check(found)
    assert "list.csv without the 6 rows of images to predict" in notes


def test_a_table_of_the_rest_is_preferred_to_one_of_all(tmp_path: Path) -> None:
    pool(tmp_path / "data")
    of_part = {"list": {*NAMES}, "trainval": {*NAMES} - TEST, "test": TEST}
    for part, names in of_part.items():
        rows = ((f"{name}.png", LABELS[name]) for name in sorted(names))
        table(tmp_path / f"data/{part}.csv", ("file", "label"), *rows)
    found, notes = begin(tmp_path)
    check(found)
    assert "trainval.csv has the others, and is used in its place" in notes


def test_a_list_beside_a_table_of_all_labels_is_test(tmp_path: Path) -> None:
    pool(tmp_path / "data")
    table(tmp_path / "data/labels.csv", ("file", "label"), *LABELS.items())
    lines(tmp_path / "data/test_list.txt", (f"{name}.png" for name in sorted(TEST)))
    lines(
        tmp_path / "data/train_val_list.txt", (f"{name}.png" for name in NAMES if name not in TEST)
    )
    check(begin(tmp_path)[0])


def test_a_list_of_validation_stands_for_test_where_there_is_none(tmp_path: Path) -> None:
    pool(tmp_path / "data")
    table(tmp_path / "data/labels.csv", ("file", "label"), *LABELS.items())
    lines(tmp_path / "data/val.txt", sorted(TEST))
    lines(tmp_path / "data/train.txt", (name for name in NAMES if name not in TEST))
    found, notes = begin(tmp_path)
    check(found)
    assert "there is no test part: the 6 images of val.txt stand for it" in notes


def test_class_folders_have_no_image_that_a_list_of_test_names(tmp_path: Path) -> None:
    pool(tmp_path / "data", "images/{label}")
    lines(tmp_path / "data/test.txt", (f"{LABELS[name]}/{name}.png" for name in sorted(TEST)))
    found, _ = begin(tmp_path)
    check(found)
    assert found.classes == ["cat", "dog", "hen"]


def test_of_numbered_splits_the_first_is_used(tmp_path: Path) -> None:
    pool(tmp_path / "data")
    lines(tmp_path / "data/labels.txt", (f"{name}.png {LABELS[name]}" for name in NAMES))
    for split in (1, 2, 3):
        test = set(NAMES[split - 1 :: 4])
        lines(tmp_path / f"data/test{split}.txt", (f"{name}.png" for name in sorted(test)))
        rest = (f"{name}.png" for name in NAMES if name not in test)
        lines(tmp_path / f"data/train{split}.txt", rest)
    found, notes = begin(tmp_path)
    check(found)
    assert "3 splits of the same images are listed" in notes


def test_a_list_of_all_images_tells_of_no_test(tmp_path: Path) -> None:
    pool(tmp_path / "data")
    table(tmp_path / "data/labels.csv", ("file", "label"), *LABELS.items())
    lines(tmp_path / "data/test_list.txt", NAMES)
    with pytest.raises(DataError, match="no images to predict"):
        begin(tmp_path)
