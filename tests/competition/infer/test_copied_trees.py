"""A folder that holds once more what lies around it: each image is used once."""

from __future__ import annotations

import shutil
from pathlib import Path

from competition.infer.test_odd_labels import begin, put

from podium.competition.infer.conversions.parts.copied_trees import find_copied_trees
from podium.competition.samples import load_samples

CLASSES = ("cat", "dog")


def draw(data: Path, first: int = 0) -> None:
    for place, label in enumerate(CLASSES):
        for n in range(12):
            put(data / f"train/{label}/{label}{n}.png", first + 100 * place + n)
    for n in range(4):
        put(data / f"test/q{n}.png", first + 300 + n)


def files_of(tmp_path: Path) -> tuple[list[str], list[str], str]:
    found, notes = begin(tmp_path)
    train, test = (
        [str(path).removeprefix("data/") for (path,) in load_samples(found, part)["images"]]
        for part in ("train", "test")
    )
    return train, test, notes


def test_a_copy_of_all_folders_in_a_folder_of_the_same_name_is_used_once(tmp_path: Path) -> None:
    draw(tmp_path / "data/xray")
    shutil.copytree(tmp_path / "data/xray", tmp_path / "copy")
    shutil.move(tmp_path / "copy", tmp_path / "data/xray/xray")
    train, test, notes = files_of(tmp_path)
    assert (len(train), len(test)) == (24, 4)
    assert all(path.startswith("xray/xray/") for path in [*train, *test])
    assert "28 images of xray lie in xray/xray" in notes


def test_of_a_part_that_was_copied_the_whole_is_used(tmp_path: Path) -> None:
    draw(tmp_path / "data")
    for n in range(12):
        (tmp_path / "data/old/train/cat").mkdir(parents=True, exist_ok=True)
        shutil.copy(tmp_path / f"data/train/cat/cat{n}.png", tmp_path / "data/old/train/cat")
    train, test, notes = files_of(tmp_path)
    assert (len(train), len(test)) == (24, 4)
    assert not any(path.startswith("old/") for path in train)
    assert "12 images of old lie in the data folder under the same paths" in notes


def test_a_part_of_parts_in_a_folder_called_train_is_left_out(tmp_path: Path) -> None:
    """As TrainSmall/train of train: what lies in folders of parts is told by these."""
    data = tmp_path / "data"
    draw(data)
    (data / "train_small/train/cat").mkdir(parents=True)
    for n in range(5):
        shutil.copy(data / f"train/cat/cat{n}.png", data / "train_small/train/cat")
    train, test, notes = files_of(tmp_path)
    assert (len(train), len(test)) == (24, 4)
    assert not any(path.startswith("train_small/") for path in train)
    assert "5 images of train_small lie in the data folder" in notes


def test_other_images_under_the_same_paths_are_no_copies(tmp_path: Path) -> None:
    draw(tmp_path / "data")
    draw(tmp_path / "data/more", first=1000)
    train, test, notes = files_of(tmp_path)
    assert (len(train), len(test)) == (48, 8), notes


def test_images_in_the_data_folder_itself_are_no_copies_of_themselves(tmp_path: Path) -> None:
    paths = [f"{n}.png" for n in range(4)] + ["test/7.png", "test/8.png"]
    for n, path in enumerate(paths):
        put(tmp_path / path, n)
    assert find_copied_trees(tmp_path, paths) == []


def test_a_part_of_train_beside_it_is_used_once(tmp_path: Path) -> None:
    """Nor does the pattern of train and validation find it."""
    draw(tmp_path / "data")
    for label in CLASSES:
        for n in range(3):
            put(tmp_path / f"data/dev/{label}/v{label}{n}.png", 500 + n)
        (tmp_path / f"data/train_subset/{label}").mkdir(parents=True)
        for n in range(2):
            name = f"{label}/{label}{n}.png"
            shutil.copy(tmp_path / "data/train" / name, tmp_path / "data/train_subset" / name)
    train, test, notes = files_of(tmp_path)
    assert len(test) == 4
    assert {path.partition("/")[0] for path in train} == {"train"}
    assert "4 images of train_subset lie in train" in notes


def test_other_images_beside_train_are_no_copies(tmp_path: Path) -> None:
    draw(tmp_path)
    for n in range(2):
        put(tmp_path / f"train_2/cat/cat{n}.png", 700 + n)
    paths = [one.relative_to(tmp_path).as_posix() for one in tmp_path.rglob("*.png")]
    assert find_copied_trees(tmp_path, paths) == []


def older_delivery(data: Path, *, same: bool = True) -> None:
    """Write class folders, and an older delivery of some, whose folders are called otherwise."""
    for place, label in enumerate(("dents/cat", "dents/dog", "good")):
        for n in range(8):
            put(data / f"train2/{label}/{label[-3:]}{n}.png", 100 * place + n)
    for old, new in (("cat", "dents/cat"), ("normal", "good")):
        for n in range(4):
            name = f"{new[-3:]}{n}.png"
            (data / f"train1/{old}").mkdir(parents=True, exist_ok=True)
            shutil.copy(data / f"train2/{new}/{name}", data / f"train1/{old}/{name}")
    if not same:
        put(data / "train1/cat/cat0.png", 999)


def test_an_older_delivery_in_folders_of_other_names_is_left_out(tmp_path: Path) -> None:
    older_delivery(tmp_path)
    paths = [one.relative_to(tmp_path).as_posix() for one in tmp_path.rglob("*.png")]
    [tree] = find_copied_trees(tmp_path, paths)
    assert (tree.left_out, tree.kept) == ("train1", "train2")
    assert tree.files == {one for one in paths if one.startswith("train1/")}
    assert "8 images of train1 lie in train2 under the same names" in tree.note


def test_other_images_of_the_same_names_are_no_older_delivery(tmp_path: Path) -> None:
    older_delivery(tmp_path, same=False)
    paths = [one.relative_to(tmp_path).as_posix() for one in tmp_path.rglob("*.png")]
    assert find_copied_trees(tmp_path, paths) == []


def test_class_folders_of_copies_beside_images_in_one_folder_are_kept(tmp_path: Path) -> None:
    for n in range(12):
        put(tmp_path / f"train/all/p{n}.png", n)
    for n in range(8):
        target = tmp_path / f"train_sorted/{CLASSES[n % 2]}/p{n}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(tmp_path / f"train/all/p{n}.png", target)
    paths = [one.relative_to(tmp_path).as_posix() for one in tmp_path.rglob("*.png")]
    assert find_copied_trees(tmp_path, paths) == []
