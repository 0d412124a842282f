"""Scores of a study: means, spreads and pairs against numpy, budgets by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.training.recipe import Phase, Recipe
from podium.workflows.studies.compare import epochs_in, epochs_shared
from podium.workflows.studies.table import (
    ArmScores,
    arm_difference,
    rank_arms,
    within_one_standard_error,
)


def row(name: str, *scores: float | None) -> ArmScores:
    """Return a row of seeds 0, 1, …; None for one without a score."""
    known = {seed: one for seed, one in enumerate(scores) if one is not None}
    return ArmScores(name, {}, tuple(range(len(scores))), known)


def recipe(*epochs: int) -> Recipe:
    return Recipe(phases=[Phase(name=f"p{at}", epochs=n) for at, n in enumerate(epochs)])


def test_mean_and_spread_are_those_of_a_sample() -> None:
    values = np.array([0.461, 0.44, 0.50])
    one = row("C", *values)
    assert one.mean == pytest.approx(values.mean())
    assert one.std == pytest.approx(values.std(ddof=1))
    assert one.error == pytest.approx(values.std(ddof=1) / np.sqrt(3))
    alone, none = row("C", 0.5), row("C", None)
    assert (alone.mean, alone.std, alone.error) == (0.5, None, None)
    assert (none.mean, none.std, none.left) == (None, None, (0,))


def test_a_difference_is_paired_by_seed_and_not_by_place() -> None:
    one, other = row("C", 0.5, None, 0.75, 0.8), row("A", 0.25, 0.9, 0.625)
    found = arm_difference(one, other)
    pairs = np.array([0.5 - 0.25, 0.75 - 0.625])
    assert found.by_seed == {0: 0.25, 2: 0.125}
    assert found.mean == pytest.approx(pairs.mean())
    assert found.std == pytest.approx(pairs.std(ddof=1))
    assert found.name == "C − A"
    # Seeds that move both arms alike leave no spread, however far the arms themselves spread.
    assert arm_difference(row("C", 0.3, 0.9), row("A", 0.2, 0.8)).std == pytest.approx(0)
    nothing = arm_difference(row("C", 0.5, None), row("A", None, 0.5))
    assert (nothing.by_seed, nothing.mean, nothing.std) == ({}, None, None)


def test_the_best_stands_first_and_what_is_within_its_error_is_marked() -> None:
    best = row("best", 0.7, 0.9)  # mean 0.8, std 0.1414, error 0.1
    rows = [row("far", 0.65, 0.69), row("none", None, None), best, row("near", 0.71, 0.71)]
    assert [one.name for one in rank_arms(rows, greater_is_better=True)] == [
        "best", "near", "far", "none",
    ]  # fmt: skip
    assert within_one_standard_error(rows, greater_is_better=True) == {"best", "near"}
    # Of losses the lowest is best, and its own error counts: here 0.02.
    assert rank_arms(rows, greater_is_better=False)[0].name == "far"
    assert within_one_standard_error(rows, greater_is_better=False) == {"far"}


def test_with_one_seed_nothing_is_near_but_the_best_itself() -> None:
    rows = [row("a", 0.5), row("b", 0.499999)]
    assert within_one_standard_error(rows, greater_is_better=True) == {"a"}
    assert within_one_standard_error([row("a", None)], greater_is_better=True) == set()


@given(
    st.lists(st.integers(1, 400), min_size=1, max_size=5),
    st.integers(1, 1000),
)
def test_epochs_are_shared_in_the_recipes_proportions(planned: list[int], total: int) -> None:
    found = epochs_shared(recipe(*planned), total)
    assert min(found) >= 1
    exact = [total * one / sum(planned) for one in planned]
    assert sum(found) == total or sum(found) == sum(max(1, int(one)) for one in exact) > total
    for n, one in zip(found, exact, strict=True):
        assert n == 1 or abs(n - one) < 1


def test_epochs_of_equal_time_by_hand() -> None:
    # 30 and 10 epochs of 2 s and 6 s take 120 s; in 5 minutes, 2.5 times as many.
    assert epochs_in(recipe(30, 10), 5, (2.0, 6.0)) == (75, 25)
    assert epochs_in(recipe(300), 1, (7.0,)) == (9,)  # 8.57: nine take 63 s, eight 56 s
    assert epochs_in(recipe(300), 1, (3600.0,)) == (1,)
    assert epochs_shared(recipe(5, 5, 20), 300) == (50, 50, 200)
    assert epochs_shared(recipe(5, 5, 20), 2) == (1, 1, 1)
