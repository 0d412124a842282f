"""Columns of labels that rows of the sample name by a word of theirs, and sides of one image."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from podium.competition.infer.labels.sides import pair_of_sides
from podium.competition.samples import load_samples
from podium.errors import DataError, PodiumError
from podium.predictions.views import ViewSet
from podium.training.starters.fitted import read_fitted_starter
from tests.competition.infer.test_odd_labels import begin, put, table

N_TRAIN, N_TEST = 24, 6


def knees(data: Path, columns: Sequence[str], sample: Sequence[Sequence[object]]) -> None:
    """Write radiographs, each with a grade in two columns, and a sample submission."""
    for n in range(N_TRAIN):
        put(data / f"images/k{n}.png", n)
    for n in range(N_TEST):
        put(data / f"images/t{n}.png", 50 + n)
    rows = [(f"k{n}", n % 5, n * 3 % 5) for n in range(N_TRAIN)]
    table(data / "train.csv", ("image", *columns), *rows)
    table(data / "test.csv", ("image",), *[(f"t{n}",) for n in range(N_TEST)])
    table(data / "sample_submission.csv", *sample)
    (data / "README.md").write_text("The score is the quadratic weighted kappa of all knees.\n")


BY_ID = [("knee_id", "kl"), *((f"t{n}_{side}", 2) for n in range(N_TEST) for side in ("re", "li"))]
BY_COLUMN = [
    ("image", "side", "kl"),
    *((f"t{n}", side, 2) for n in range(N_TEST) for side in ("re", "li")),
]


@pytest.mark.parametrize("sample", [BY_ID, BY_COLUMN], ids=["by id", "by column"])
def test_columns_that_end_as_rows_of_the_sample_are_its_outputs(
    tmp_path: Path, sample: Sequence[Sequence[object]]
) -> None:
    knees(tmp_path / "data", ("kl_re", "kl_li"), sample)
    found, notes = begin(tmp_path)
    assert found.kind.is_by_output
    assert "'kl_re', 'kl_li' called 're', 'li'" in notes
    assert found.to_choose == []
    labels = load_samples(found, "train").set_index("id")["label"]
    for n in range(N_TRAIN):
        named = {one for one, is_so in zip(found.classes, labels[f"k{n}"], strict=True) if is_so}
        assert named == {f"re={n % 5}", f"li={n * 3 % 5}"}
    assert found.sides


def test_columns_of_several_things_are_not_those_of_ends(tmp_path: Path) -> None:
    """`kl_re` and `pain_li` are no grade of two knees."""
    knees(tmp_path / "data", ("kl_re", "pain_li"), BY_ID)
    try:
        _, notes = begin(tmp_path)
    except DataError as error:
        notes = str(error)
    assert "called 're', 'li'" not in notes


def test_images_of_sides_are_not_flipped(tmp_path: Path) -> None:
    knees(tmp_path / "data", ("kl_re", "kl_li"), BY_ID)
    found, _ = begin(tmp_path)
    recipe, _ = read_fitted_starter("baseline", found)
    assert "hflip" not in recipe
    assert "train: photometric" in recipe
    with pytest.raises(PodiumError, match="hflip changes the answer"):
        ViewSet.of(["hflip"]).check(found.tasks)


@pytest.mark.parametrize(
    ("classes", "pair"),
    [
        (["left", "right", "up"], ("left", "right")),
        (["ojo izquierdo", "ojo derecho"], ("ojo izquierdo", "ojo derecho")),
        (["linke Hand", "rechte Hand", "Fuß"], ("linke Hand", "rechte Hand")),
        (["od=0", "od=1", "os=0", "os=1"], ("os", "od")),
        (["gaze=left", "gaze=right", "open=yes", "open=no"], ("left", "right")),
        (["l", "r", "m"], None),
        (["left lung", "right heart"], None),
        (["cat", "dog"], None),
        (["bright", "leftover"], None),
    ],
)
def test_sides_are_names_that_differ_in_left_and_right_alone(
    classes: list[str], pair: tuple[str, str] | None
) -> None:
    assert pair_of_sides(classes) == pair
