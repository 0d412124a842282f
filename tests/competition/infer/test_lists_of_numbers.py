"""Cells of a sample that list numbers: classes of train, which overlap as runs, or runs."""

from __future__ import annotations

import pandas as pd
import pytest

from podium.competition.infer.sample.runs import runs_column, with_lists_of_classes
from podium.competition.infer.sample.submission import SampleSubmission

SPECIES = [str(n) for n in range(40)]


def sample_of(*cells: str, name: str = "Predicted") -> SampleSubmission:
    ids = [f"x{n}" for n in range(len(cells))]
    return SampleSubmission("sample.csv", pd.DataFrame({"Id": ids, name: cells}))


def train(values: list[str]) -> dict[str, pd.DataFrame]:
    ids = [f"y{n}" for n in range(len(values))]
    return {"train.csv": pd.DataFrame({"id": ids, "species": values})}


def test_numbers_of_classes_that_overlap_as_runs_are_a_ranking() -> None:
    sample = sample_of(*[" ".join(SPECIES[:30])] * 3)
    assert runs_column(sample) == "Predicted"
    told = with_lists_of_classes(sample, train(SPECIES * 2))
    assert told.lists_classes
    assert runs_column(told) is None


@pytest.mark.parametrize(("cells", "values", "name"), [
    (["1 2 5 3 9 1"] * 3, SPECIES * 2, "Predicted"),  # runs as they should be
    (["0 1 2 3 4 5", "0 1 2 3"], SPECIES * 2, "Predicted"),  # of different lengths
    (["0 1 2 3 2 1"] * 3, SPECIES * 2, "Predicted"),  # one twice
    (["0 1 2 3 4 99"] * 3, SPECIES * 2, "Predicted"),  # no class
    (["0 1 2 3 4 5"] * 3, SPECIES, "Predicted"),  # numbers of rows
    (["0 1 2 3 4 5"] * 3, SPECIES * 2, "rle"),
])  # fmt: skip
def test_other_numbers_stay_runs(cells: list[str], values: list[str], name: str) -> None:
    sample = sample_of(*cells, name=name)
    assert with_lists_of_classes(sample, train(values)) == sample
