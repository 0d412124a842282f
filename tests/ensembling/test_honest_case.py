"""A small run of `benchmarks/honest.py`: where tuning over-fits, the honest score is the truth."""

from __future__ import annotations

import numpy as np
import pytest
from scripts import BENCHMARKS, script


@pytest.fixture(scope="module")
def honest():
    return script(BENCHMARKS / "honest.py")


@pytest.mark.slow
@pytest.mark.parametrize("which", [0, pytest.param(2, marks=pytest.mark.long)])
def test_the_honest_score_estimates_that_of_fresh_rows(honest, which):
    found = np.array(list(honest.scores(honest.CASES[which], seeds=12)))
    assert honest.nearer(found) >= 11
    honestly, optimistically = (found[:, :2] - found[:, 2:]).mean(axis=0)
    assert abs(honestly) < 0.05
    assert optimistically > 0.1


def test_nearer_counts_the_seeds_in_which_the_first_score_is(honest):
    assert honest.nearer(np.array([[0.5, 0.9, 0.6], [0.5, 0.6, 0.6], [0.7, 0.3, 0.6]])) == 2
