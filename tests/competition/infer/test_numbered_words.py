"""Answers of a form, as `4 - Good`, of which the sample has the number alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from tests.competition.infer.test_odd_labels import begin, put, table

WORDS = ("1 - Very bad", "2 - Bad", "3 - Fair", "4 - Good", "5 - Excellent")


def slices(data: Path, *, column: str, shown: str, words: tuple[str, ...]) -> None:
    for n in range(36):
        put(data / f"photos/P{n:03}.png", n)
    rows = [(f"P{n:03}", words[n % len(words)], "abcd"[n // 5 % 4]) for n in range(30)]
    table(data / "answers.csv", ("Code of the photo", column, "oven"), *rows)
    table(data / "sample.csv", ("photo", "grade"), *((f"P{n:03}", shown) for n in range(30, 36)))
    (data / "README.md").write_text("Metric: quadratic weighted kappa.\n")


@pytest.mark.parametrize("column", ["grade", "Grade of the crumb"])
def test_the_number_before_a_meaning_is_the_grade(tmp_path: Path, column: str) -> None:
    slices(tmp_path / "data", column=column, shown="3", words=WORDS)
    found, notes = begin(tmp_path)
    assert (found.tasks, found.classes) == ({"classify": "ordinal"}, ["1", "2", "3", "4", "5"])
    assert not {"classes", "data.train.label"} & {*found.to_choose}
    samples = load_samples(found, "train")
    read = dict(zip(samples["id"], samples["label"].map(int), strict=True))
    assert read == {f"P{n:03}": n % 5 for n in range(30)}
    assert f"with the number alone of {column}" in notes


@pytest.mark.parametrize(("shown", "words"), [
    ("7", WORDS),  # no number of train
    ("Fair", WORDS),
    ("3", (*WORDS, "3 - Good")),  # two meanings, and two numbers
    ("3", (*WORDS, "none")),
])  # fmt: skip
def test_numbers_that_are_not_those_of_the_sample_stay_with_their_words(
    tmp_path: Path, shown: str, words: tuple[str, ...]
) -> None:
    slices(tmp_path / "data", column="grade", shown=shown, words=words)
    _, notes = begin(tmp_path)
    assert "with the number alone" not in notes
