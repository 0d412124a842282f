"""Every kind of label becomes groups that a figure can tell apart."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from podium.reporting.run_features import row_groups
from podium.tasks.protocols.find import image_kind


def task(kind: str, n: int = 3) -> Any:
    return SimpleNamespace(kind=image_kind(kind), label_names=[f"c{i}" for i in range(n)])


def test_classes_that_are_there_are_groups() -> None:
    groups = row_groups(np.array([2, 0, -1, 2]), task("multiclass", 5), 4)
    assert groups.names == ["c0", "c2"]
    assert groups.codes.tolist() == [1, 0, -1, 1]
    assert (groups.rest, groups.ordered) == ("no label", False)


def test_of_many_classes_the_commonest_seven_have_a_colour() -> None:
    labels = np.concatenate([np.arange(800), np.repeat([700, 5, 9, 33, 41, 90, 100], 3)])
    groups = row_groups(labels, task("multiclass", 800), len(labels))
    assert groups.names == ["c5", "c9", "c33", "c41", "c90", "c100", "c700"]
    named = [groups.names[code] if code >= 0 else None for code in groups.codes]
    for label, name in zip(labels, named, strict=True):
        assert name == (f"c{label}" if label in (5, 9, 33, 41, 90, 100, 700) else None)
    assert groups.rest == "793 other classes"


def test_a_row_of_several_labels_is_of_a_group_where_it_has_one_alone() -> None:
    labels = np.array([[1, 0, 0], [1, 1, 0], [0, 0, 0], [0, 0, 1], [-1, -1, -1]])
    groups = row_groups(labels, task("multilabel"), 5)
    assert groups.names == ["c0", "c2"]
    assert groups.codes.tolist() == [0, -1, -1, 1, -1]
    assert groups.rest == "several labels or none"


def test_values_are_cut_into_steps_of_equal_width() -> None:
    values = np.array([0.0, 1.5, np.nan, 6.0, 5.99, 3.0])
    groups = row_groups(values, task("regression"), 6)
    assert groups.codes.tolist() == [0, 1, -1, 5, 5, 3]
    assert groups.names[0] == "0 to 1"
    assert groups.names[5] == "5 to 6"
    assert groups.ordered
    flat = row_groups(np.array([2.0, 2.0, np.nan]), task("regression"), 3)
    assert (flat.codes.tolist(), flat.names) == ([0, 0, -1], ["2"])
    assert row_groups(np.full(2, np.nan), task("regression"), 2).names == []


def test_ratings_are_steps_and_rows_without_labels_are_of_no_group() -> None:
    groups = row_groups(np.array([2, 0, -1]), task("ordinal"), 3)
    assert (groups.names, groups.codes.tolist()) == (["c0", "c1", "c2"], [2, 0, -1])
    assert groups.ordered
    none = row_groups(None, task("multiclass"), 3)
    assert (none.names, none.codes.tolist()) == ([], [-1, -1, -1])
