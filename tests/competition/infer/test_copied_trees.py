"""A folder that holds once more what lies around it: each image is used once."""

from __future__ import annotations

import shutil
from pathlib import Path

from competition.infer.test_odd_labels import begin, put

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


def test_other_images_under_the_same_paths_are_no_copies(tmp_path: Path) -> None:
    draw(tmp_path / "data")
    draw(tmp_path / "data/more", first=1000)
    train, test, notes = files_of(tmp_path)
    assert (len(train), len(test)) == (48, 8), notes
