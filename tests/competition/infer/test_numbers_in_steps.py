"""Numbers from 0 to 100 in even steps are percents, and other round numbers are names."""

from __future__ import annotations

import pandas as pd
import pytest

from podium.competition.infer.labels.kinds import labels_of_column


def kind_of(values: list[int]) -> str:
    table = pd.DataFrame({"image": [f"{n}.png" for n in range(5 * len(values))]})
    table["extent"] = [str(values[n % len(values)]) for n in range(len(table))]
    return labels_of_column(table, "extent", False, "it is asked for").kind


@pytest.mark.parametrize("values", [[*range(0, 101, 10)], [0, 20, 40, 60, 80, 100]])
def test_percents_in_steps_are_numbers(values: list[int]) -> None:
    assert kind_of(values) == "regression"


def test_a_step_that_no_image_has_may_be_missing() -> None:
    assert kind_of([0, 10, 20, 30, 50, 70, 80, 90, 100]) == "regression"


@pytest.mark.parametrize(
    "values",
    [
        [5, 10, 20, 50, 100, 200, 500],  # notes of a bank
        [0, 45, 90, 135, 180, 225],  # turns
        [0, 1, 2, 3, 4, 5, 6],
        [0, 5, 10, 20, 50, 100],  # most steps are missing
        [0, 50, 100],
    ],
)
def test_other_round_numbers_are_names(values: list[int]) -> None:
    assert kind_of(values) == "multiclass"
