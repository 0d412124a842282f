"""The search of loss weights: its start, the trials that it stops, and its report of the winner."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.errors import DataError, RunError, UsageError
from podium.tuning.loss_weights import (
    WIDEST,
    LossSearch,
    LossTrial,
    SearchObjective,
    run_loss_trials,
)
from podium.tuning.studies import open_study
from podium.tuning.studies.samplers import PRUNERS, pruner, sampler
from podium.tuning.studies.storages import OpenStudy

OWN = {"classify.ce": 1.0, "segment.weight": 0.5, "segment.dice": 2.0}
SEARCHED = ("segment.weight", "segment.dice")
GOAL = SearchObjective(("mean_dice",), (True,), (0, 2, 3))
BOTH = SearchObjective(("mean_dice", "log_loss"), (True, False), (0, 1))


def hill(factors: dict[str, float], fold: int) -> float:
    """Highest where the head's factor is 3 and Dice's 0.5; the folds are not alike."""
    head, dice = (math.log(factors[name]) for name in SEARCHED)
    return 0.1 * fold - (head - math.log(3)) ** 2 - (dice - math.log(0.5)) ** 2


@dataclass
class Trainings:
    """The trainings: factors and fold of each, in order."""

    score: Callable[[dict[str, float], int], float] = hill
    calls: list[tuple[dict[str, float], int]] = field(default_factory=list)

    def __call__(self, factors: dict[str, float], fold: int) -> tuple[float, ...]:
        self.calls.append((factors, fold))
        return (self.score(factors, fold),)


@contextmanager
def study(
    url: str | None = None, goal: SearchObjective = GOAL, stop: str = "none"
) -> Iterator[OpenStudy]:
    with open_study(
        url,
        "losses",
        directions=goal.directions,
        sampler=sampler("tpe", seed=0),
        pruner=pruner(stop, n_steps=len(goal.folds)),
        heartbeat_s=1,
    ) as opened:
        yield opened


def search(
    train: Callable[[dict[str, float], int], tuple[float, ...]],
    *,
    trials: int = 6,
    goal: SearchObjective = GOAL,
    url: str | None = None,
    stop: str = "none",
) -> LossSearch:
    with study(url, goal, stop) as opened:
        return run_loss_trials(opened, OWN, SEARCHED, train, goal=goal, trials=trials)


def test_the_recipe_as_it_stands_is_the_first_trial() -> None:
    train = Trainings()
    found = search(train, trials=4)
    assert len(found.trials) == 4
    assert found.own is found.trials[0]
    assert found.own.weights == OWN
    assert train.calls[:3] == [(dict.fromkeys(SEARCHED, 1.0), fold) for fold in GOAL.folds]
    assert found.own.scores == {k: (hill(dict.fromkeys(SEARCHED, 1.0), k),) for k in GOAL.folds}
    assert [one.is_own for one in search(Trainings(), trials=1).trials] == [True]


def test_only_the_searched_weights_move_and_within_bounds() -> None:
    found = search(Trainings(), trials=30)
    for trial in found.trials:
        assert trial.weights["classify.ce"] == 1.0
        for name in SEARCHED:
            assert 1 / WIDEST <= trial.factors[name] <= WIDEST
            assert trial.weights[name] == pytest.approx(OWN[name] * trial.factors[name])
    assert found.best.means[0] > found.own.means[0] / 4  # both are below 0


def test_a_trials_score_is_the_mean_over_its_folds_and_each_is_kept() -> None:
    with study() as opened:
        found = run_loss_trials(opened, OWN, SEARCHED, Trainings(), goal=GOAL, trials=3)
        for trial, kept in zip(found.trials, opened.study.trials, strict=True):
            expected = {k: hill(trial.factors, k) for k in GOAL.folds}
            assert kept.value == pytest.approx(np.mean(list(expected.values())))
            assert kept.user_attrs["folds"] == {str(k): one for k, one in expected.items()}
            assert kept.intermediate_values == dict(enumerate(expected.values()))


def test_a_hopeless_trial_is_stopped_after_its_first_fold() -> None:
    train = Trainings()
    found = search(train, trials=25, stop="median")
    assert 0 < found.count("pruned") < 20
    assert found.count("complete") + found.count("pruned") == 25
    for trial in found.trials:
        trained = [fold for factors, fold in train.calls if factors == trial.factors]
        if trial.state == "pruned":
            assert len(trained) < len(GOAL.folds)
            assert trial.reason == f"hopeless beside the others after fold {trained[-1]}"
            assert set(trial.scores) == set(trained)
    # By hand: the first that was stopped is worse on fold 0 than the median of those before.
    first = next(one for one in found.trials if one.state == "pruned")
    before = [one.scores[0][0] for one in found.trials[: first.number] if one.state == "complete"]
    assert first.scores[0][0] < np.median(before)


@pytest.mark.parametrize("stop", PRUNERS)
def test_every_pruner_leaves_the_good_trials(stop: str) -> None:
    folds = SearchObjective(("mean_dice",), (True,), (0, 1, 2, 3, 4))
    found = search(Trainings(), trials=20, goal=folds, stop=stop)
    assert found.count("complete") + found.count("pruned") == 20
    assert (found.count("pruned") > 0) == (stop != "none")
    best = max(sum(hill(one.factors, k) for k in folds.folds) for one in found.trials)
    assert found.best.means[0] == pytest.approx(best / 5)


def test_the_recipe_as_it_stands_is_never_stopped() -> None:
    def bad_own(factors: dict[str, float], fold: int) -> float:
        return -100.0 if set(factors.values()) == {1.0} else hill(factors, fold)

    with study(stop="median") as opened:
        for _ in range(6):  # others end before it
            opened.study.enqueue_trial({f"factor {name}": 3.0 for name in SEARCHED})
        found = run_loss_trials(opened, OWN, SEARCHED, Trainings(bad_own), goal=GOAL, trials=8)
    assert found.own.number == 6
    assert found.own.state == "complete"


def test_a_trial_with_all_folds_is_complete() -> None:
    def late(factors: dict[str, float], fold: int) -> float:
        """Every trial is worse than the ones before, but on its last fold alone."""
        train.calls.append((factors, fold))
        return -float(len(train.calls)) if fold == GOAL.folds[-1] else -10.0 * len(train.calls)

    train = Trainings(late)
    found = search(
        train, trials=8, goal=SearchObjective(("mean_dice",), (True,), (3,)), stop="median"
    )
    assert found.count("complete") == 8


def test_an_interrupted_search_goes_on_where_it_was(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'studies.db'}"
    train = Trainings()

    def interrupted(factors: dict[str, float], fold: int) -> tuple[float, ...]:
        if len(train.calls) == 7:
            raise KeyboardInterrupt
        return train(factors, fold)

    with pytest.raises(KeyboardInterrupt):
        search(interrupted, trials=5, url=url)
    for _ in range(2):
        found = search(train, trials=5, url=url)
    # The trial that was stopped on its second fold asks for its first again: to keep what was
    # trained is not the study's business.
    assert len(train.calls) == 5 * 3 + 1
    assert train.calls[6] == train.calls[7]
    assert found.count("complete") == len(found.trials) == 5
    assert len({tuple(one.factors.values()) for one in found.trials}) == 5  # none drawn twice


def test_a_trial_that_fails_is_kept_with_its_reason() -> None:
    def diverging(factors: dict[str, float], fold: int) -> float:
        if factors["segment.dice"] > 2:
            raise RunError("the loss became nan", where=f"fold {fold}")
        return hill(factors, fold)

    found = search(Trainings(diverging), trials=15)
    failed = [one for one in found.trials if one.state == "failed"]
    assert failed
    assert found.count("complete") == 15 - len(failed)
    assert {one.reason for one in failed} == {"fold 0: the loss became nan"}
    assert all(one.factors["segment.dice"] > 2 for one in failed)


def test_what_the_recipe_itself_fails_of_ends_the_search(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'studies.db'}"
    train = Trainings()

    def broken(factors: dict[str, float], fold: int) -> float:
        raise DataError("undefined on these rows", where=f"fold {fold}")

    with pytest.raises(DataError, match="fold 0: undefined on these rows"):
        search(Trainings(broken), trials=5, url=url)
    found = search(train, trials=5, url=url)  # mended: it is tried again
    assert found.own.number == 1
    assert (found.count("failed"), found.count("complete")) == (1, 4)


def test_two_metrics_give_a_front_and_stop_nothing() -> None:
    def train(factors: dict[str, float], fold: int) -> tuple[float, float]:
        return hill(factors, fold), abs(math.log(factors["segment.dice"]))

    found = search(train, trials=20, goal=BOTH, stop="none")  # type: ignore[arg-type]
    assert found.count("complete") == 20
    points = [(-one.means[0], one.means[1]) for one in found.complete]
    expected = {
        one.number
        for one, p in zip(found.complete, points, strict=True)
        if not any(q != p and q[0] <= p[0] and q[1] <= p[1] for q in points)
    }
    assert {one.number for one in found.front} == expected
    assert found.front[0] is found.best
    assert found.own.number in expected  # nothing has a smaller second score than 0


@st.composite
def searches(draw: st.DrawFn) -> LossSearch:
    n_metrics, n_folds = draw(st.integers(1, 2)), draw(st.integers(1, 3))
    score = st.integers(0, 3).map(float)
    goal = SearchObjective(
        tuple("ab"[:n_metrics]),
        tuple(draw(st.booleans()) for _ in range(n_metrics)),
        tuple(range(n_folds)),
    )
    trials = [
        LossTrial(
            number,
            "complete",
            OWN,
            dict.fromkeys(SEARCHED, 1.0 if number == 0 else 2.0),
            {k: tuple(draw(score) for _ in range(n_metrics)) for k in range(n_folds)},
        )
        for number in range(draw(st.integers(1, 6)))
    ]
    return LossSearch(goal, tuple(trials))


@given(found=searches())
def test_the_front_is_what_nothing_beats(found: LossSearch) -> None:
    def better(one: LossTrial, other: LossTrial) -> bool:
        signs = [1 if greater else -1 for greater in found.goal.greater_is_better]
        pairs = [(s * a, s * b) for s, a, b in zip(signs, one.means, other.means, strict=True)]
        return all(a >= b for a, b in pairs) and any(a > b for a, b in pairs)

    front = [one for one in found.trials if not any(better(o, one) for o in found.trials)]
    assert {one.number for one in found.front} == {one.number for one in front}
    sign = 1 if found.goal.greater_is_better[0] else -1
    top = max(sign * one.means[0] for one in found.trials)
    assert sign * found.front[0].means[0] == sign * found.best.means[0] == top


@given(found=searches())
def test_the_winner_is_compared_with_the_recipe_fold_by_fold(found: LossSearch) -> None:
    gain, error = found.gain
    sign = 1 if found.goal.greater_is_better[0] else -1
    own, best = found.own.scores, found.best.scores
    each = [sign * (best[fold][0] - own[fold][0]) for fold in found.goal.folds]
    assert gain == pytest.approx(np.mean(each))
    if len(each) < 2:
        assert error == math.inf
        assert found.honest is None
        assert not found.is_gain_significant
    else:
        assert error == pytest.approx(np.std(each, ddof=1) / math.sqrt(len(each)))
        assert found.honest is not None
        assert sign * found.honest <= sign * found.best.means[0] + 1e-9  # never the happier one


def test_a_weight_near_the_end_of_its_range_is_named() -> None:
    def of(**factors: float) -> LossSearch:
        given = {f"segment.{name}": one for name, one in factors.items()}
        return LossSearch(GOAL, (LossTrial(0, "complete", {}, given, {0: (1.0,)}),))

    assert of(weight=9.5, dice=0.105).at_the_end == ("segment.weight", "segment.dice")
    assert of(weight=8.0, dice=0.2).at_the_end == ()


@pytest.mark.parametrize(("searched", "trials"), [((), 3), (SEARCHED, 0)])
def test_nothing_to_search_is_refused(searched: tuple[str, ...], trials: int) -> None:
    with study() as opened, pytest.raises(UsageError, match="there are no"):
        run_loss_trials(opened, OWN, searched, Trainings(), goal=GOAL, trials=trials)
