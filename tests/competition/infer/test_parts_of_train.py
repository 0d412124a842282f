"""Folders that are parts of train, and no classes; and classes that the names of files show."""

from __future__ import annotations

from pathlib import Path

import pytest
from competition.infer.test_odd_labels import begin, put, table

from podium.competition.infer.conversions.masks.object_folders import scan_data
from podium.competition.infer.conversions.parts.unlabelled_in_train import with_unlabelled_apart
from podium.competition.infer.parts.folders import find_class_folders, find_named_classes
from podium.competition.samples import load_samples
from podium.workflows.checking import check_workspace
from podium.workspace.layout import Workspace


def puts(data: Path, *paths: str) -> None:
    for n, path in enumerate(paths):
        put(data / path, n)


def named(*groups: tuple[str, range]) -> list[str]:
    """Return `train/a1.png` … of the beginnings with numbers."""
    return [f"train/{front}{n}.png" for front, numbers in groups for n in numbers]


TESTS = [f"test/{n}.png" for n in range(4)]


def test_numbered_parts_of_train_are_no_classes(tmp_path: Path) -> None:
    """The classes are the folders inside, and the pattern finds none of test."""
    data = tmp_path / "data"
    for part in ("x_train_part1_0628", "x_train_part2_0705"):
        puts(data, *(f"{part}/{label}/{part[-1]}{n}.png" for label in "ab" for n in range(5)))
    puts(data, *(f"x_test_a/c/{n}.png" for n in range(4)))
    folders = find_class_folders(scan_data(data, "data"))
    assert folders is not None
    assert folders.classes == ["a", "b"]
    assert folders.other is None
    assert folders.pattern == "x_train_part*/{class}/*.png"


def test_parts_of_which_one_is_not_sorted_are_no_classes(tmp_path: Path) -> None:
    puts(tmp_path, *(f"train1/{n}.png" for n in range(6)))
    puts(tmp_path, *(f"train2/{label}/{n}.png" for label in "ab" for n in range(6)))
    assert find_class_folders(scan_data(tmp_path, "data")) is None


def test_names_begin_with_what_folders_of_one_part_are_called(tmp_path: Path) -> None:
    data, words = tmp_path / "data", ("擦花", "漏底")
    puts(data, *(f"train1/{one}201808{30 + n}ok.png" for one in words for n in range(5)))
    puts(data, *(f"train2/all/{one}/{one}201809{30 + n}ok.png" for one in words for n in range(5)))
    puts(data, *(f"train2/none/正常201809{70 + n}ok.png" for n in range(5)), *TESTS)
    found, _ = begin(tmp_path)
    assert set(found.classes) == {*words, "正常"}


@pytest.mark.parametrize("has_test", [True, False])
@pytest.mark.parametrize(
    ("groups", "is_read"),
    [
        ((("H", range(1, 6)), ("N", range(1, 9))), True),  # each is numbered by itself
        ((("IMG", range(17, 22)), ("DSC", range(8, 14))), False),  # as cameras do
    ],
)
def test_letters_before_numbers_are_classes_where_each_counts_anew(
    tmp_path: Path, groups: tuple[tuple[str, range], ...], is_read: bool, has_test: bool
) -> None:
    puts(tmp_path, *named(*groups), *(f"test/T{n}.png" for n in range(4 if has_test else 0)))
    found = find_named_classes(scan_data(tmp_path, "data"), None)
    assert (found is not None) is is_read
    if found is not None:
        assert found.labels == [image.stem[0] for image in found.images]


def test_letters_of_test_are_no_classes(tmp_path: Path) -> None:
    puts(tmp_path, *named(("L", range(1, 6)), ("R", range(1, 6))))
    puts(tmp_path, "test/L1.png", "test/R1.png")
    assert find_named_classes(scan_data(tmp_path, "data"), None) is None


@pytest.mark.parametrize(
    ("validation", "test", "is_read"),
    [
        (("0_7", "1_7", "10_7"), ("1", "2"), True),
        (("0_7", "1_7"), ("1", "2"), False),  # patients of train alone
        (("0_7", "1_7", "10_7"), ("2_1", "3_1"), False),  # test has them, too
        ((), ("1", "2"), False),
    ],
)
def test_numbers_in_front_are_classes_where_validation_has_the_same_and_test_none(
    tmp_path: Path, validation: tuple[str, ...], test: tuple[str, ...], is_read: bool
) -> None:
    puts(tmp_path, *named(("0_", range(20, 26)), ("1_", range(20, 26)), ("10_", range(5))))
    puts(tmp_path, *(f"val/{one}.png" for one in validation), *(f"test/{one}.png" for one in test))
    found = find_named_classes(scan_data(tmp_path, "data"), None)
    assert (found is not None) is is_read
    if found is not None:
        assert (found.classes, found.pattern) == (["0", "1", "10"], "train/{class}_*.png")


def unlabelled(tmp_path: Path, *paths: str) -> list[str]:
    puts(tmp_path, *paths)
    folder, _ = with_unlabelled_apart(scan_data(tmp_path, "data"), None)
    return [one.path for one in folder.of_part("unlabelled")]


LABELLED = [f"training/labeled/{label}/{label}{n}.png" for label in "ab" for n in range(4)]


def test_unlabelled_images_inside_train_are_of_no_class(tmp_path: Path) -> None:
    rest = [f"training/unlabeled/a/u{n}.png" for n in range(4)]
    assert unlabelled(tmp_path, *LABELLED, *rest) == rest


def test_unlabelled_may_be_a_class(tmp_path: Path) -> None:
    """As of bottles without a label: images lie flat in both, or both have the same folders."""
    flat = [f"train/{one}/{n}.png" for one in ("labeled", "unlabeled") for n in range(4)]
    assert unlabelled(tmp_path / "1", *flat) == []
    both = [one.replace("/labeled/", "/unlabeled/") for one in LABELLED]
    assert unlabelled(tmp_path / "2", *LABELLED, *both) == []


@pytest.mark.parametrize("n_asked", [10, 6])
def test_images_called_unlabelled_that_the_sample_names_are_to_be_predicted(
    tmp_path: Path, n_asked: int
) -> None:
    """Where there are others, all of them may be learnt from without labels, as test may."""
    data = tmp_path / "data"
    for n in range(34):
        put(data / (f"shots/a{n}.png" if n < 24 else f"shots_unlabelled/a{n}.png"), n)
    table(data / "finds.csv", ("shot", "what"), *((f"a{n}", "xyz"[n % 3]) for n in range(24)))
    asked = [(f"a{n}", "x") for n in range(24, 24 + n_asked)]
    table(data / "example_entry.csv", ("shot", "what"), *asked)
    found, _ = begin(tmp_path)
    assert found.to_choose == []
    checked = check_workspace(Workspace(tmp_path), found, adversarial=False)
    assert not [one for one in checked if one.level == "error"]
    assert list(load_samples(found, "test")["id"]) == [name for name, _ in asked]
    assert len(load_samples(found, "train")) == 24
    has_rest = found.data.unlabelled is not None
    assert has_rest == (n_asked < 10)
    if has_rest:
        names = {Path(files[0]).stem for files in load_samples(found, "unlabelled")["images"]}
        assert names == {f"a{n}" for n in range(24, 34)}
