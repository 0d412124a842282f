"""A sample with the same answer in every row: a placeholder, which shows no form of answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.infer.spec import Inferred, infer
from tests.competition.infer.test_infer_masks import put, table


def competition(data: Path, header: str, labels: tuple[str, ...], sample: str) -> None:
    put(data, [f"train/p{n}.png" for n in range(12)])
    put(data, [f"test/q{n}.png" for n in range(4)])
    rows = (f"p{n},{labels[n % len(labels)]}" for n in range(12))
    table(data, "train.csv", f"id,{header}", rows)
    table(data, "sample_submission.csv", f"id,{header}", (f"q{n},{sample}" for n in range(4)))


def found_of(tmp_path: Path) -> Inferred:
    return infer(tmp_path / "data", tmp_path)


@pytest.mark.parametrize("labels", [("temple", "golf", "port"), ("1", "2", "3")], ids=" ".join)
def test_zeros_in_a_column_of_names_may_stand_for_names(
    labels: tuple[str, ...], tmp_path: Path
) -> None:
    competition(tmp_path / "data", "kind", labels, "0")

    found = found_of(tmp_path)

    assert found.competition.to_choose == ["submission.value"]
    assert found.competition.submission.value == "name"
    assert "# or value: label" in found.text


@pytest.mark.parametrize(("text", "asked"), [("", True), ("Scored by the mean AUC.\n", False)])
def test_zeros_in_columns_of_classes_may_be_decisions(
    text: str, asked: bool, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    competition(data, "A,B,C", ("1,0,1", "0,1,1", "0,0,1"), "0,0,0")
    if text:
        (data / "readme.txt").write_text(text, encoding="utf-8")

    found = found_of(tmp_path)

    assert found.competition.submission.value == "prob"
    assert ("submission.value" in found.competition.to_choose) is asked
    assert ("# or value: label" in found.text) is asked


def test_a_column_that_test_has_too_is_not_the_answer(tmp_path: Path) -> None:
    data = tmp_path / "data"
    kinds, colours = ("shirt", "sari"), ("red", "blue", "green")
    rows = [f"p{n},{kinds[n % 2]},{colours[n % 3]}" for n in range(12)]
    put(data, [f"train/p{n}.png" for n in range(12)])
    put(data, [f"test/q{n}.png" for n in range(4)])
    table(data, "train.csv", "id,kind,colour", rows)
    table(data, "test.csv", "id,kind", (f"q{n},{kinds[n % 2]}" for n in range(4)))
    sample = (f"q{n},{kinds[n % 2]},dummy" for n in range(4))
    table(data, "sample_submission.csv", "id,kind,colour", sample)

    assert found_of(tmp_path).competition.data.train.label == "colour"
