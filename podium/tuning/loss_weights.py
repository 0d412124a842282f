"""Loss weights searched with Optuna: the trials of a study of short trainings, and its result.

The first trial is the recipe as it stands, every factor 1, so that the others can be compared with
it; it is never stopped. A trial trains fold after fold, and its score on each is reported to the
study, so that a hopeless one is stopped after the first.

A trial's score is the mean over its folds, not that of all rows pooled: a fold is the unit that is
reported, pruned by and compared in pairs, and a short training keeps no predictions to be pooled.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from podium.errors import PodiumError, RunError, UsageError, plural
from podium.tuning.cross_fit import honest_choice, paired_gain
from podium.tuning.space import NumberRange, SearchParameter, SearchSpace
from podium.tuning.studies import RunningTrial, TrialOutcome, TrialPruned, run_trials
from podium.tuning.studies.storages import OpenStudy
from podium.tuning.studies.trials import is_taken

if TYPE_CHECKING:
    import optuna

__all__ = ["LossSearch", "LossTrial", "SearchObjective", "run_loss_trials"]

WIDEST = 10.0
"""A weight may become so many times larger or smaller."""

NEAR = 0.95
"""Of the way to the end of its range, on the logarithmic scale, a weight is near it."""

Factors = dict[str, float]
State = Literal["complete", "pruned", "failed"]


@dataclass(frozen=True)
class SearchObjective:
    """The metrics of a search, the one that decides first, and the folds of its trials.

    Attributes:
        metrics: names.
        greater_is_better: one for each.
        folds: in the order in which a trial trains them.
    """

    metrics: tuple[str, ...]
    greater_is_better: tuple[bool, ...]
    folds: tuple[int, ...]

    @property
    def directions(self) -> tuple[str, ...]:
        """Those of the study, as Optuna names them."""
        return tuple("maximize" if one else "minimize" for one in self.greater_is_better)


@dataclass(frozen=True)
class LossTrial:
    """Trainings with one set of weights.

    Attributes:
        number: in the study.
        state: "complete" on all folds; "pruned"; or "failed".
        weights: by name, as they stood in the last phase that has them.
        factors: by which the searched ones were multiplied.
        scores: fold → a score for each metric, of the folds that were trained.
        reason: why it was pruned or failed; "" for a complete one.
        ended: when, ISO text in UTC.
    """

    number: int
    state: State
    weights: dict[str, float]
    factors: Factors
    scores: dict[int, tuple[float, ...]]
    reason: str = ""
    ended: str = ""

    @property
    def is_own(self) -> bool:
        """Whether it is the recipe as it stands."""
        return all(factor == 1 for factor in self.factors.values())

    @property
    def means(self) -> tuple[float, ...]:
        """The mean of each metric over the folds that were trained."""
        return tuple(float(one) for one in np.mean(list(self.scores.values()), axis=0))


@dataclass(frozen=True)
class LossSearch:
    """The result of a search.

    Attributes:
        goal: what its trials are scored by.
        trials: those that ended, in the order of their numbers; the recipe as it stands and at
            least this one complete.
    """

    goal: SearchObjective
    trials: tuple[LossTrial, ...]

    @cached_property
    def complete(self) -> tuple[LossTrial, ...]:
        """The trials that were scored on all folds."""
        return tuple(one for one in self.trials if one.state == "complete")

    def count(self, state: State) -> int:
        """Return how many trials ended so."""
        return sum(one.state == state for one in self.trials)

    @property
    def own(self) -> LossTrial:
        """The recipe as it stands."""
        return next(one for one in self.complete if one.is_own)

    @cached_property
    def ranked(self) -> tuple[LossTrial, ...]:
        """The complete trials by the first metric, the best first; of equal ones the earlier."""
        sign = 1 if self.goal.greater_is_better[0] else -1
        return tuple(sorted(self.complete, key=lambda one: -sign * one.means[0]))

    @property
    def best(self) -> LossTrial:
        """The best trial by the first metric."""
        return self.ranked[0]

    @cached_property
    def front(self) -> tuple[LossTrial, ...]:
        """The Pareto front: trials that no other beats in one metric without losing in another.

        The best by the first metric comes first.
        """
        signs = np.where(self.goal.greater_is_better, 1.0, -1.0)
        means = np.array([one.means for one in self.ranked]) * signs  # (T, metrics)
        as_good = np.all(means[:, None] >= means[None], axis=2)  # (T, T): the row as the column
        beaten = np.any(as_good & ~as_good.T, axis=0)
        return tuple(
            one for one, is_beaten in zip(self.ranked, beaten, strict=True) if not is_beaten
        )

    @cached_property
    def honest(self) -> float | None:
        """The score of the search by the first metric, each fold scored with the others' choice.

        None with one fold, for which there are no others.
        """
        if len(self.goal.folds) < 2:
            return None
        return honest_choice(
            self._table(self.complete), greater_is_better=self.goal.greater_is_better[0]
        )[0]

    @property
    def gain(self) -> tuple[float, float]:
        """The best trial's gain over the recipe as it stands, and its standard error over folds."""
        best, own = self._table((self.best, self.own))
        return paired_gain(best, own, greater_is_better=self.goal.greater_is_better[0])

    @property
    def is_gain_significant(self) -> bool:
        """Whether the gain is larger than its standard error; False with one fold."""
        gain, standard_error = self.gain
        return gain > standard_error

    @property
    def at_the_end(self) -> tuple[str, ...]:
        """Names of the best trial's weights near an end of their range; beyond it may be better."""
        near = NEAR * math.log(WIDEST)
        return tuple(name for name, one in self.best.factors.items() if abs(math.log(one)) > near)

    def _table(self, trials: Sequence[LossTrial]) -> NDArray[np.float64]:
        return np.array([[one.scores[fold][0] for fold in self.goal.folds] for one in trials])


def run_loss_trials(
    opened: OpenStudy,
    own: Mapping[str, float],
    searched: Sequence[str],
    train: Callable[[Factors, int], tuple[float, ...]],
    *,
    goal: SearchObjective,
    trials: int,
    on_trial_end: Callable[[LossTrial], None] | None = None,
    waiting: Callable[[str], None] | None = None,
) -> LossSearch:
    """Return the trials of a study of the weights `own`, run until there are `trials` in all.

    Args:
        opened: the study, where an interrupted search goes on.
        own: name → weight of the recipe as it stands.
        searched: the names of those that are multiplied.
        train: from factors and a fold to one score for each metric of the goal, on that fold.
        goal: what trials are scored by.
        trials: how many, with those that the study already has.
        on_trial_end: called with each trial of this worker as it ended.
        waiting: as `run_trials` has it.

    Raises:
        UsageError: nothing to search, or no trial.
        PodiumError: the recipe as it stands cannot be trained; of other trials the reason is kept,
            and the study goes on.
    """
    if not searched or trials < 1:
        what = "weights to search" if not searched else f"trials in {trials}"
        raise UsageError(f"there are no {what}", fix="name two loss terms, and one trial or more")
    reach = NumberRange(1 / WIDEST, WIDEST, log=True)
    space = SearchSpace(tuple(SearchParameter(_parameter(name), reach) for name in searched))
    errors: dict[int, PodiumError] = {}

    def objective(running: RunningTrial) -> TrialOutcome:
        factors = {name: float(running.values[_parameter(name)]) for name in searched}
        running.note("weights", {name: one * factors.get(name, 1.0) for name, one in own.items()})
        try:
            return TrialOutcome(_scored(running, factors, train, goal))
        except PodiumError as error:
            errors[running.number] = error
            raise

    def ended(frozen: optuna.trial.FrozenTrial) -> None:
        trial = _read(frozen, searched)
        if trial is None:
            return
        if trial.is_own and trial.state == "failed":
            raise errors.get(trial.number) or RunError(trial.reason)
        if on_trial_end is not None:
            on_trial_end(trial)

    with opened.study_lock():
        _enqueue_own(opened.study, searched)
    run_trials(opened, space, objective, trials=trials, on_trial_end=ended, waiting=waiting)
    read = (_read(one, searched) for one in opened.study.get_trials(deepcopy=False))
    found = LossSearch(goal, tuple(one for one in read if one is not None))
    if not any(one.is_own for one in found.complete):
        raise RunError(
            f"the recipe as it stands is not among the {plural(len(found.trials), 'trial')} that "
            "ended: " + next((one.reason for one in found.trials if one.is_own), "it did not run"),
            fix="mend that, and repeat the command with one more trial",
        )
    return found


def _scored(
    running: RunningTrial,
    factors: Factors,
    train: Callable[[Factors, int], tuple[float, ...]],
    goal: SearchObjective,
) -> tuple[float, ...]:
    """Return the mean scores of a trial, fold after fold.

    Raises:
        Pruned: it is hopeless after one of its folds but the last.
    """
    is_own = all(one == 1 for one in factors.values())
    scores: dict[int, tuple[float, ...]] = {}
    for step, fold in enumerate(goal.folds):
        scores[fold] = train(factors, fold)
        running.note("folds", {str(k): one[0] for k, one in scores.items()})
        running.note("scores", {str(k): list(one) for k, one in scores.items()})
        if len(goal.metrics) > 1:  # Optuna stops no trial that is scored by two
            continue
        try:
            running.report(scores[fold][0], step)
        except TrialPruned:
            # What all others are compared with is not stopped, and after the last fold nothing is
            # saved: the trial is complete.
            if not is_own and step < len(goal.folds) - 1:
                raise TrialPruned(f"hopeless beside the others after fold {fold}") from None
    return tuple(float(one) for one in np.mean(list(scores.values()), axis=0))


def _enqueue_own(study: optuna.Study, searched: Sequence[str]) -> None:
    """Put the recipe as it stands in the queue, unless it ran, runs or waits there."""
    import optuna

    own = {_parameter(name): 1.0 for name in searched}
    given_up = optuna.trial.TrialState.FAIL
    if not any(
        own in (one.params, one.system_attrs.get("fixed_params")) and one.state != given_up
        for one in study.get_trials(deepcopy=False)
    ):
        study.enqueue_trial(own)


def _read(frozen: optuna.trial.FrozenTrial, searched: Sequence[str]) -> LossTrial | None:
    """Return a trial that ended; None for one that did not, or whose worker was lost."""
    states: dict[str, State] = {"COMPLETE": "complete", "PRUNED": "pruned", "FAIL": "failed"}
    facts: dict[str, Any] = frozen.user_attrs
    state = states.get(frozen.state.name)
    if state is None or not is_taken(frozen):
        return None
    ended = frozen.datetime_complete  # of the local clock, without saying so
    return LossTrial(
        number=frozen.number,
        state=state,
        weights=dict(facts.get("weights", {})),
        factors={name: float(frozen.params[_parameter(name)]) for name in searched},
        scores={int(fold): tuple(one) for fold, one in facts.get("scores", {}).items()},
        reason=str(facts.get("reason", "")),
        ended="" if ended is None else ended.astimezone(UTC).isoformat(timespec="seconds"),
    )


def _parameter(name: str) -> str:
    return f"factor {name}"
