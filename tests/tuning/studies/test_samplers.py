"""Samplers: no point is drawn twice, and they find things."""

import numpy as np
import optuna
import pytest

from podium.errors import UsageError
from podium.tuning.space import CategoricalValues, NumberRange, SearchParameter, SearchSpace
from podium.tuning.studies import SAMPLERS, TrialOutcome, open_study, run_trials, sampler
from podium.tuning.studies import trials as trials_module

SPACE = SearchSpace(
    (
        SearchParameter("x", NumberRange(-1.0, 1.0)),
        SearchParameter("y", NumberRange(-1.0, 1.0)),
        SearchParameter("c", CategoricalValues(("a", "b"))),
    )
)
WITH_SLOW_GP = [pytest.param(one, marks=[pytest.mark.slow] * (one == "gp")) for one in SAMPLERS]
OPTIMUM = {"x": 0.3, "y": -0.6}


def loss(running):
    return TrialOutcome((sum((running.values[name] - at) ** 2 for name, at in OPTIMUM.items()),))


def points(study):
    return [tuple(one.params.values()) for one in study.trials]


def searched(name, trials, *, seed=0, parts=1):
    """Return the points of a study, searched in several parts, each by a sampler of its own."""
    with open_study(None, "s", directions=["minimize"], sampler=sampler(name, seed=seed)) as opened:
        for part in range(1, parts + 1):
            opened.study.sampler = sampler(name, seed=seed)
            run_trials(opened, SPACE, loss, trials=trials * part // parts)
        return points(opened.study), opened.study.best_value


@pytest.mark.parametrize("name", WITH_SLOW_GP)
def test_a_study_of_one_worker_is_the_same_every_time(name):
    assert searched(name, 14) == searched(name, 14)
    assert searched(name, 14)[0] != searched(name, 14, seed=1)[0]


@pytest.mark.parametrize("name", WITH_SLOW_GP)
def test_a_study_that_goes_on_draws_what_it_would_have_drawn(name):
    found, _ = searched(name, 15, parts=3)
    assert len(set(found)) == 15
    assert found == searched(name, 15)[0]


class Killed(BaseException):
    """Stands for SIGKILL: nothing is written about the trial."""


def killed_at(number, objective):
    def run(running):
        if running.number == number:
            raise Killed
        return objective(running)

    return run


@pytest.mark.slow
@pytest.mark.other_cases("long", every=4)
@pytest.mark.parametrize("at", [0, 3, 11])
@pytest.mark.parametrize("name", SAMPLERS)
def test_a_killed_search_goes_on_as_one_that_was_not(name, at, tmp_path, monkeypatch):
    """The killed worker's trial is found at once, and drawn and counted as it would have been."""
    url = f"sqlite:///{tmp_path}/s.db"

    def search(objective):
        chosen = sampler(name, seed=0)
        with open_study(url, "s", directions=["minimize"], sampler=chosen) as opened:
            run_trials(opened, SPACE, objective, trials=15)
            return opened.study.get_trials(deepcopy=False)

    with pytest.raises(Killed):
        search(killed_at(at, loss))
    monkeypatch.setattr(trials_module, "process_has_ended", lambda identity: bool(identity))
    every = search(loss)
    assert every[at].state.name == "FAIL"
    assert "reason" not in every[at].user_attrs
    found = [tuple(one.params.values()) for one in every if one.state.name == "COMPLETE"]
    assert found == searched(name, 15)[0]


def test_workers_of_one_seed_draw_differently():
    study = optuna.create_study(sampler=sampler("random", seed=0))
    first = SPACE.drawn(study.ask())
    study.sampler = sampler("random", seed=0)  # as another process has it
    assert SPACE.drawn(study.ask()) != first


def test_numbers_of_one_trial_are_drawn_one_after_the_other(tmp_path):
    """In a database trials are numbered otherwise than draws."""
    url = f"sqlite:///{tmp_path}/s.db"
    with open_study(url, "s", directions=["minimize"], sampler=sampler("random", seed=0)) as opened:
        for _ in range(4):
            drawn = SPACE.drawn(opened.study.ask())
            assert drawn["x"] != drawn["y"]


def test_random_draws_are_even():
    study = optuna.create_study(sampler=sampler("random", seed=0))
    drawn = [SPACE.drawn(study.ask()) for _ in range(1000)]
    counts, _ = np.histogram([one["x"] for one in drawn], bins=10, range=(-1, 1))
    # Of 1000 draws 100 ± 9.5 fall into each tenth; neighbouring seeds must not favour one.
    assert abs(counts - 100).max() < 4.5 * 9.5
    correlation = np.corrcoef([[one["x"], one["y"]] for one in drawn], rowvar=False)[0, 1]
    assert abs(correlation) < 4.5 / np.sqrt(1000)


@pytest.mark.other_cases("slow")
@pytest.mark.parametrize(
    ("name", "trials"),
    [
        ("tpe", 40),
        ("cmaes", 60),
        pytest.param("gp", 18, marks=[pytest.mark.slow, pytest.mark.long]),
    ],
)
def test_samplers_find_a_minimum_better_than_chance(name, trials):
    found = np.median([searched(name, trials, seed=seed)[1] for seed in range(3)])
    chance = np.median([searched("random", trials, seed=seed)[1] for seed in range(9)])
    assert found < chance / 2


@pytest.mark.parametrize("name", ["tpe", "nsga2", "random"])
def test_several_scores_are_searched_at_once(name):
    def both(running):
        x = running.values["x"]
        return TrialOutcome(((x - 0.5) ** 2, (x + 0.5) ** 2))

    directions = ["minimize", "minimize"]
    with open_study(None, "two", directions=directions, sampler=sampler(name, seed=0)) as opened:
        assert run_trials(opened, SPACE, both, trials=30) == 30
        assert len(opened.study.best_trials) >= 3


def test_cma_es_has_one_score():
    with (
        pytest.raises(UsageError, match="one score"),
        open_study(None, "s", directions=["minimize"] * 2, sampler=sampler("cmaes", seed=0)),
    ):
        pass


def test_unknown_names_are_refused_with_the_nearest():
    with pytest.raises(UsageError) as refused:
        sampler("TPE ", seed=0)
    assert "did you mean 'tpe'" in str(refused.value)
    with pytest.raises(UsageError, match="seed"):
        sampler("tpe", seed=-1)
