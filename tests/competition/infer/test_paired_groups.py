"""Two columns that a text names together as what groups rows: trees, and the groves they are in."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.infer.spec import Inferred
from podium.competition.samples import load_samples
from tests.competition.infer.test_odd_labels import put, table
from tests.competition.infer.test_things_apart import infer

BY_BOTH = "Folds must be split by grove and by tree."


def read(
    root: Path, text: str, *, anew: bool = True, test: str = "", trees: int = 4, shots: int = 3
) -> Inferred:
    """Return what is inferred of photographs of the trees of six groves, in mixed order.

    Args:
        root: of the workspace.
        text: beside the data.
        anew: whether the numbers of trees begin anew in each grove.
        test: groves of the rows to predict: "same", or none are known.
        trees: of a grove.
        shots: of a tree.
    """
    data, rows = root / "data", []
    for k in range(6 * trees * shots):
        grove, tree = k % 6, k // 6 % trees
        number = tree + 1 if anew else grove * trees + tree + 1
        rows.append((f"i{k:03}.png", f"G{grove}", str(number), "abc"[(k * 7 + k // 5) % 3]))
        put(data / "train" / f"i{k:03}.png", k)
    table(data / "train.csv", ("photo", "grove", "tree", "label"), *rows)
    for k in range(12):
        put(data / "test" / f"n{k:02}.png", 500 + k)
    if test:
        known = [(f"n{k:02}.png", f"G{k % 6}", str(90 + k // 6)) for k in range(12)]
        table(data / "test.csv", ("photo", "grove", "tree"), *known)
    (data / "README.md").write_text(text, encoding="utf-8")
    return infer(data, root)


def open_groups(found: Inferred) -> list[str]:
    return [one for one in found.notes if "choose folds.group" in one]


@pytest.mark.parametrize("text", [
    BY_BOTH,
    "Folds must be split by grove and tree.",
    "Images of one tree of one grove belong together.",
    "Die Folds werden getrennt nach grove und nach tree gebildet.",
])  # fmt: skip
def test_numbers_that_begin_anew_name_a_tree_with_its_grove(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, text)
    folds = found.competition.folds
    assert (folds.scheme, folds.group) == ("stratified_group", "grove_tree")
    assert open_groups(found) != []
    assert "# or group: grove" in found.text
    rows = load_samples(found.competition, "train")
    assert rows["group"].nunique() == 24
    assert rows.groupby("group").size().eq(3).all()


def test_where_each_tree_is_of_one_grove_the_grove_keeps_both_apart(tmp_path: Path) -> None:
    found = read(tmp_path, BY_BOTH, anew=False)
    assert found.competition.folds.group == "grove"
    assert "# or group: tree" in found.text
    assert open_groups(found) != []


def test_images_of_one_tree_of_a_grove_are_those_of_the_tree(tmp_path: Path) -> None:
    text = "Images of one tree of one grove belong together."
    found = read(tmp_path, text, anew=False)
    assert found.competition.folds.group == "tree"
    assert "# or group: grove" in found.text


@pytest.mark.parametrize(("text", "group"), [
    ("Images of one grove belong together.", "grove"),
    ("Folds must be split by grove.", "grove"),
    ("No grove and no tree appears in both train and test.", "grove"),
])  # fmt: skip
def test_one_thing_that_a_text_names_stays_the_group(tmp_path: Path, text: str, group: str) -> None:
    found = read(tmp_path, text, anew=False)
    assert found.competition.folds.group == group
    assert open_groups(found) == []


def test_groves_that_test_has_too_are_no_group_and_the_trees_of_each_are(tmp_path: Path) -> None:
    found = read(tmp_path, BY_BOTH, test="same")
    assert found.competition.folds.group == "grove_tree"
    assert open_groups(found) == []
