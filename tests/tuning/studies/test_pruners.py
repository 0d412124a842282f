"""Pruners: what is hopeless stops, and what leads never does."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.errors import UsageError
from podium.tuning.space import NumberRange, SearchParameter, SearchSpace
from podium.tuning.studies import PRUNERS, TrialOutcome, open_study, pruner, run_trials

SPACE = SearchSpace((SearchParameter("x", NumberRange(0.0, 1.0)),))


def reported_steps(name, curves, *, direction="maximize"):
    """Return, for each trial, how many of its scores were reported before it stopped."""
    n_steps = len(curves[0])
    reported = []

    def objective(running):
        curve = curves[running.number]
        reported.append(0)
        for step, score in enumerate(curve):
            reported[-1] += 1
            running.report(score, step)
        return TrialOutcome((sum(curve) / n_steps,))

    with open_study(
        None, "s", directions=[direction], pruner=pruner(name, n_steps=n_steps)
    ) as opened:
        run_trials(opened, SPACE, objective, trials=len(curves))
        states = [one.state.name for one in opened.study.trials]
    assert all(
        n == n_steps for n, state in zip(reported, states, strict=True) if state == "COMPLETE"
    )
    return reported


def test_the_median_stops_a_trial_after_its_first_step():
    level = [[0.5] * 5] * 5
    assert reported_steps("median", [*level, [0.4] * 5, [0.6] * 5]) == [5] * 5 + [1, 5]
    assert reported_steps("median", [*level, [0.6] * 5, [0.4] * 5], direction="minimize")[5:] == [
        1,
        5,
    ]


def test_wilcoxon_stops_after_four_of_five_folds_that_are_worse():
    best = [0.5, 0.6, 0.7, 0.8, 0.9]
    worse = [one - 0.05 - 0.01 * i for i, one in enumerate(best)]
    assert reported_steps("wilcoxon", [best, worse]) == [5, 4]  # 2⁻⁴ = 0.0625 < 0.1 < 2⁻³
    mixed = [one + (-0.1 if i % 2 else 0.2) for i, one in enumerate(best)]
    assert reported_steps("wilcoxon", [best, mixed]) == [5, 5]


@pytest.mark.parametrize("n_steps", [3, 4])
def test_wilcoxon_can_stop_before_the_last_of_few_folds(n_steps):
    best = [0.9, 0.8, 0.7, 0.6][:n_steps]
    worse = [one - 0.05 - 0.01 * i for i, one in enumerate(best)]
    assert reported_steps("wilcoxon", [best, worse]) == [n_steps, n_steps - 1]


def test_asha_keeps_the_better_half_at_each_rung():
    # Rungs of halving end at steps 1, 2 and 4; the first trial of a rung is promoted.
    curves = [[value] * 5 for value in (0.5, 0.4, 0.6, 0.3, 0.7)]
    assert reported_steps("asha", curves) == [5, 2, 5, 2, 5]


def test_hyperband_stops_at_the_rungs_of_halving_but_some_trials_later():
    curves = [[float(value)] * 8 for value in np.random.default_rng(0).permutation(40)]
    halved, several = (Counter(reported_steps(name, curves)) for name in ("asha", "hyperband"))
    assert set(halved) == set(several) == {2, 3, 5, 8}
    assert 0 < several[2] < halved[2] / 2


def test_none_stops_nothing():
    assert reported_steps("none", [[float(-i)] * 3 for i in range(8)]) == [3] * 8


@pytest.mark.parametrize("name", PRUNERS)
@given(
    others=st.lists(st.lists(st.floats(0, 1), min_size=4, max_size=4), min_size=6, max_size=10),
    n_steps=st.just(4),
)
@settings(max_examples=10, deadline=None)
def test_a_trial_that_leads_at_every_step_is_never_stopped(name, others, n_steps):
    assert reported_steps(name, [*others, [2.0] * n_steps])[-1] == n_steps


def test_unknown_names_and_no_steps_are_refused():
    with pytest.raises(UsageError) as refused:
        pruner("medain", n_steps=5)
    assert "did you mean 'median'" in str(refused.value)
    with pytest.raises(UsageError, match="at least 1 step"):
        pruner("median", n_steps=0)
