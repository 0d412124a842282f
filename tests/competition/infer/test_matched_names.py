"""A regular expression of a person reads labels that stand in names of images."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.errors import DataError, UsageError
from podium.workflows.initialising import init_workspace
from tests.competition.infer.test_odd_labels import put

PEOPLE = ("KA", "KL", "MK")
MOODS = ("AN", "HA", "SA")


def faces(root: Path, form: str = "{person}.{mood}{take}.{n}.png") -> Path:
    """Write nine pictures of each person, and four to predict."""
    data = root / "data"
    for n in range(27):
        person, mood, take = PEOPLE[n // 9], MOODS[n % 3], n // 3 % 3 + 1
        put(data / "faces" / form.format(person=person, mood=mood, take=take, n=n + 1), n)
    for n in range(4):
        put(data / "test" / f"new_{n}.png", 90 + n)
    return data


def begin(root: Path, expression: str, label: str | None = None) -> tuple[Competition, str]:
    made = init_workspace(root / "data", root, expression=expression, label=label)
    return made.competition, "\n".join(made.notes)


def labels_of(found: Competition) -> dict[str, str]:
    read = load_samples(found, "train")
    return {
        Path(name).name: found.classes[label]
        for name, label in zip(read["id"], read["label"], strict=True)
    }


@pytest.mark.parametrize(
    "expression", [r"\.([A-Z]+)\d", r"(?P<person>[A-Z]+)\.(?P<label>[A-Z]+)\d\.(?P<n>\d+)"]
)
def test_the_group_of_the_expression_is_the_label(tmp_path: Path, expression: str) -> None:
    faces(tmp_path)
    found, _ = begin(tmp_path, expression)
    # By hand: KA.AN1.1.png is AN.
    assert labels_of(found) == {
        f"{PEOPLE[n // 9]}.{MOODS[n % 3]}{n // 3 % 3 + 1}.{n + 1}.png": MOODS[n % 3]
        for n in range(27)
    }
    assert len(load_samples(found, "test")) == 4
    made = pd.read_csv(tmp_path / "made/tables/names.csv")
    named = ["person", "label", "n"] if "person" in expression else ["label"]
    assert [*made] == ["image", *named]


def test_another_group_is_the_label_where_a_person_names_it(tmp_path: Path) -> None:
    faces(tmp_path)
    found, _ = begin(tmp_path, r"(?P<person>[A-Z]+)\.(?P<label>[A-Z]+)\d", "person")
    assert sorted(found.classes) == sorted(PEOPLE)


def test_numbers_in_names_are_numbers_without_zeros_in_front(tmp_path: Path) -> None:
    faces(tmp_path, "{n:03}A{take}{n:02}.png")
    found, _ = begin(tmp_path, r"A(\d+)")
    assert found.tasks == {"classify": "regression"}
    assert {float(one) for one in load_samples(found, "train")["label"]} == {
        float(f"{n // 3 % 3 + 1}{n + 1:02}") for n in range(27)
    }


def test_a_group_that_is_not_there_is_a_label_of_its_own(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for n in range(20):
        put(data / "eyes" / f"Im{n:03}{'_g' if n % 2 else ''}_ACRIMA.png", n)
    put(data / "test" / "new.png", 99)
    found, _ = begin(tmp_path, r"_(g)?_?ACRIMA")
    assert labels_of(found) == {
        f"Im{n:03}{'_g' if n % 2 else ''}_ACRIMA.png": "g" if n % 2 else "none" for n in range(20)
    }


def test_images_without_a_match_are_told(tmp_path: Path) -> None:
    put(faces(tmp_path) / "faces" / "logo.png", 50)
    found, told = begin(tmp_path, r"\.([A-Z]+)\d")
    assert len(load_samples(found, "train")) == 27
    assert "1 image whose name the expression does not match has no label: 'faces/logo.png'" in told


@pytest.mark.parametrize(("expression", "what"), [
    ("([A-Z", "is no regular expression"),
    (r"\.[A-Z]+\d", "has no group in parentheses"),
    (r"-(\d)", "finds 0 of 27 names"),
    (r"\.(png)", "and 'png' as the only label"),
    (r"(?P<image>[A-Z]+)\.(?P<label>[A-Z]+)", "a group called image"),
])  # fmt: skip
def test_an_expression_that_finds_no_labels_is_refused_with_one_that_does(
    tmp_path: Path, expression: str, what: str
) -> None:
    faces(tmp_path)
    with pytest.raises(UsageError, match=what) as error:
        begin(tmp_path, expression)
    assert error.value.fix is not None
    named = error.value.fix.split("--label-from-name '")[1].split("'")[0]
    found, _ = begin(tmp_path, named)
    assert set(found.classes) == {f"{mood}{take}" for mood in MOODS for take in (1, 2, 3)}


def test_data_whose_names_alone_can_hold_labels_are_refused_with_the_option(
    tmp_path: Path,
) -> None:
    faces(tmp_path)
    with pytest.raises(DataError, match="no labels") as error:
        begin(tmp_path, "")
    assert error.value.fix is not None
    assert "as KA.AN1.1.png hold the label, repeat podium init with --label-from-name" in (
        error.value.fix
    )


@pytest.mark.parametrize(
    "names", [["001cell.png", "002cell.png", "003cell.png"], ["a_1.png", "a_2.png", "b_of_a.png"]]
)
def test_names_that_count_images_are_not_proposed_as_labels(
    names: list[str], tmp_path: Path
) -> None:
    for n, name in enumerate(names):
        put(tmp_path / "data/train" / name, n)
    with pytest.raises(DataError) as error:
        init_workspace(tmp_path / "data", tmp_path)
    assert "--label-from-name" not in str(error.value)
