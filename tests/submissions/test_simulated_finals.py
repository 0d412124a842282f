"""A small run of `benchmarks/finals.py`: what is proposed loses less than the usual choices."""

import numpy as np
import pytest
from scripts import BENCHMARKS, script


@pytest.fixture(scope="module")
def simulated():
    return script(BENCHMARKS / "finals.py")


@pytest.mark.slow
@pytest.mark.long
def test_the_proposal_loses_less_than_the_usual_choices(simulated):
    sizes = simulated.Sizes(units=500, tests=750, submitted=12, draws=100)
    found = simulated.regrets("mean_dice", 30, sizes)
    means = {name: values.mean() for name, values in found.items()}
    assert means["podium finals"] < means["two best public"]
    assert means["podium finals"] < means["best OOF twice"]


def test_regrets_are_of_the_best_that_was_submitted(simulated):
    sizes = simulated.Sizes(units=200, tests=300, submitted=6, members=6, draws=50)
    found = simulated.regrets("accuracy", 5, sizes, seed=1)
    assert all((values >= 0).all() for values in found.values())
    again = simulated.regrets("accuracy", 5, sizes, seed=1)
    assert all(np.array_equal(found[name], again[name]) for name in found)
