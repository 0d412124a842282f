"""Rows of a number each, whose ids end in a word of a column of train: `F7_length`."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table

N_TRAIN, N = 24, 36


def fish(data: Path, columns: tuple[str, str], *, of_sides: bool) -> None:
    """Write fish in pens, of one photo each or of one or two, with two rows of each in the sample.

    Args:
        data: the folder.
        columns: those of the two numbers in train.
        of_sides: whether a photo is called as the fish and its side.
    """
    rows = []
    for n in range(N):
        for side in ("L", "R")[: 1 + n % 2] if of_sides else ("",):
            name = f"F{n:02}" + (f"_{side}" if side else "")
            put(data / f"photos/pen{n // 6}/{name}.jpg", 2 * n + (side == "R"))
        rows.append((f"F{n:02}", f"pen{n // 6}", f"{200.5 + n}", f"{90.25 + 3 * n}"))
    table(data / "train.csv", ("fish", "pen", *columns), *rows[:N_TRAIN])
    table(data / "test.csv", ("fish", "pen"), *(row[:2] for row in rows[N_TRAIN:]))
    ends = ("length", "weight")
    sent = [(f"{row[0]}_{end}", "0") for row in rows[N_TRAIN:] for end in ends]
    table(data / "sample_submission.csv", ("ID", "Target"), *sent)


@pytest.mark.parametrize("of_sides", [True, False])
@pytest.mark.parametrize("columns", [("fork_length_mm", "weight_g"), ("length", "wet_weight")])
def test_ends_of_ids_are_the_columns_that_have_their_words(
    tmp_path: Path, columns: tuple[str, str], of_sides: bool
) -> None:
    fish(tmp_path / "data", columns, of_sides=of_sides)
    found, _ = begin(tmp_path)
    assert (str(found.tasks["classify"]), found.classes) == ("multitarget", ["length", "weight"])
    assert (found.submission.rows, found.submission.value) == ("image_class", "scalar")
    assert found.submission.id == "{id}_{class}"
    train, test = load_samples(found, "train"), load_samples(found, "test")
    for name, label in zip(train["unit"], train["label"], strict=True):
        n = int(name[1:])
        assert list(label) == pytest.approx([200.5 + n, 90.25 + 3 * n])
    if of_sides:
        assert "12 units of 18 images" in (tmp_path / "competition.yaml").read_text()
    assert {*test["unit"]} == {f"F{n:02}" for n in range(N_TRAIN, N)}
    assert len(train) == (36 if of_sides else N_TRAIN)


@pytest.mark.parametrize("columns", [("fork_length_mm", "total_length_mm"), ("measured", "scale")])
def test_rows_of_several_numbers_that_no_columns_are_called_by_are_refused(
    tmp_path: Path, columns: tuple[str, str]
) -> None:
    fish(tmp_path / "data", columns, of_sides=True)
    with pytest.raises(DataError, match="a row for each of 'length', 'weight'") as caught:
        begin(tmp_path)
    assert "call the columns of the table of train as these" in str(caught.value.fix)
