"""Summaries of the studies in a storage: trials by state, the best ones, parameter importance.

Reading creates no storage where there is none, and changes nothing in a study.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from podium.errors import UsageError, suggest
from podium.tuning.cross_fit import honest_choice
from podium.tuning.studies.samplers import quiet_optuna
from podium.tuning.studies.storages import open_storage, parse_storage_url
from podium.tuning.studies.trial_digests import changed_trials, refuse_changed

if TYPE_CHECKING:
    import optuna

__all__ = [
    "ENOUGH_TRIALS",
    "Importance",
    "StudyFacts",
    "StudySummary",
    "TrialFacts",
    "damaged_studies",
    "studies_in",
    "study_in",
    "summary_of",
]

ENOUGH_TRIALS = 10
"""Complete trials below which the importance of parameters would be chance."""

_STATES = {
    "COMPLETE": "complete",
    "PRUNED": "pruned",
    "FAIL": "failed",
    "RUNNING": "running",
    "WAITING": "waiting",
}


@dataclass(frozen=True)
class StudyFacts:
    """A study in a line.

    Attributes:
        name: of the study.
        kind: what is searched: "thresholds", "losses", "recipe"; None: podium did not make it.
        metrics: what is scored, one a direction.
        directions: "maximize" or "minimize", one a metric.
        recipe: file of the recipe that is searched around; None for other kinds.
        created: when, ISO text in UTC; None: podium did not make it.
        counts: trials by how they ended: complete, pruned, failed, running, waiting.
        best: the best score of each metric, by itself; None before a trial is complete.
    """

    name: str
    kind: str | None
    metrics: tuple[str, ...]
    directions: tuple[str, ...]
    recipe: str | None
    created: str | None
    counts: dict[str, int]
    best: tuple[float | None, ...]


@dataclass(frozen=True)
class TrialFacts:
    """A trial.

    Attributes:
        number: in its study, from 0 on.
        state: complete, pruned, failed, running or waiting.
        scores: one a metric; none unless it is complete.
        values: what was drawn, by parameter.
        steps: the scores that it reported on the way, by step.
        folds: its scores on folds, by fold; none of trials that have none.
        run: id of its run; None without one.
        reason: why it was pruned or failed; of a killed worker's trial, that.
        worker: `host:pid` of the worker that runs it, or ran it.
        seconds: how long it took; of a running one, since when it runs.
    """

    number: int
    state: str
    scores: tuple[float, ...]
    values: dict[str, Any]
    steps: dict[int, float]
    folds: dict[int, float]
    run: str | None
    reason: str | None
    worker: str | None
    seconds: float | None


@dataclass(frozen=True)
class Importance:
    """The share of the variance of a metric's scores by parameter (Hutter et al. 2014).

    Attributes:
        metric: of the study.
        shares: in [0, 1], by parameter, the largest first; they sum to 1. Empty with `why_not`.
        why_not: why there are none, in a sentence; None where there are.
    """

    metric: str
    shares: dict[str, float]
    why_not: str | None = None


@dataclass(frozen=True)
class StudySummary:
    """A study with its trials.

    Attributes:
        study: in a line.
        trials: all, by number.
        best: with one metric the complete trials, the best first; with several the Pareto front:
            those that no other beats in one metric without losing in another.
        honest: the mean over the folds of the score of the trial that the other folds would have
            chosen; None with several metrics, or without scores on two folds or more.
        importance: one a metric.
    """

    study: StudyFacts
    trials: tuple[TrialFacts, ...]
    best: tuple[TrialFacts, ...]
    honest: float | None
    importance: tuple[Importance, ...]

    def in_state(self, state: str) -> tuple[TrialFacts, ...]:
        """Return the trials that are complete, pruned, failed, running or waiting."""
        return tuple(one for one in self.trials if one.state == state)


def studies_in(url: str) -> tuple[StudyFacts, ...]:
    """Return the studies that are kept at `url`, the oldest first.

    Raises:
        UsageError: the URL cannot be meant.
        RunError: the database cannot be reached, or a trial in it is not as it ended.
    """
    with _opened(url) as storage:
        if storage is None:
            return ()
        import optuna

        studies = [
            optuna.load_study(study_name=name, storage=storage)
            for name in optuna.get_all_study_names(storage)
        ]
        for one in studies:
            refuse_changed(one, parse_storage_url(url).shown)
        return tuple(_facts(one, one.get_trials(deepcopy=False)) for one in studies)


def study_in(url: str, name: str, *, now: datetime | None = None) -> StudySummary:
    """Return the study `name` that is kept at `url`.

    Args:
        url: of the storage.
        name: of the study.
        now: the local time, without zone, by which the age of a running trial is computed.

    Raises:
        UsageError: there is no such study; the near names are suggested.
        RunError: the database cannot be reached, or a trial of the study is not as it ended.
    """
    with _opened(url) as storage:
        if storage is None:
            raise _unknown(name, [])
        import optuna

        names = optuna.get_all_study_names(storage)
        if name not in names:
            raise _unknown(name, names)
        study = optuna.load_study(study_name=name, storage=storage)
        refuse_changed(study, parse_storage_url(url).shown)
        return summary_of(study, now=now)


def damaged_studies(file: Path) -> list[tuple[str, list[int]]]:
    """Return the studies of a SQLite file with trials that are not as they ended, and which.

    The file is opened to be read only. It must be a whole database of this Optuna.
    """
    import optuna

    url = f"sqlite:///file:{quote(str(file.resolve()))}?mode=ro&uri=true"
    with quiet_optuna():
        storage = optuna.storages.RDBStorage(url)
        try:
            studies = [
                optuna.load_study(study_name=name, storage=storage)
                for name in optuna.get_all_study_names(storage)
            ]
            changed = [(one.study_name, changed_trials(one.get_trials())) for one in studies]
        finally:
            storage.remove_session()
            storage.engine.dispose()
    return [(name, numbers) for name, numbers in changed if numbers]


def summary_of(study: optuna.Study, *, now: datetime | None = None) -> StudySummary:
    """Return the summary of `study`; `now` as for `study_in`."""
    found = study.get_trials(deepcopy=False)
    facts = _facts(study, found)
    again = _retries(found)
    trials = {one.number: _trial(one, now or datetime.now(), again) for one in found}
    return StudySummary(
        facts,
        tuple(trials[number] for number in sorted(trials)),
        tuple(trials[number] for number in _best(study, found)),
        _honest(facts, [one for one in trials.values() if one.state == "complete"]),
        tuple(_importance(study, found, metric, at) for at, metric in enumerate(facts.metrics)),
    )


@contextmanager
def _opened(url: str) -> Iterator[optuna.storages.BaseStorage | None]:
    """Open the storage; None where there is no file yet, which opening would make."""
    place = parse_storage_url(url)
    if place.path is not None and not place.path.is_file():
        yield None
        return
    with open_storage(url) as storage:
        yield storage


def _unknown(name: str, names: Sequence[str]) -> UsageError:
    others = f"choose one of {', '.join(names[-5:])}"
    fix = suggest(name, names, "did you mean {}?", otherwise=others, n=3, cutoff=0.5)
    if not names:
        fix = "make one first: `podium tune losses RECIPE`"
    return UsageError(f"there is no study {name!r}", fix=fix)


def _facts(study: optuna.Study, trials: Sequence[optuna.trial.FrozenTrial]) -> StudyFacts:
    attrs = study.user_attrs
    directions = tuple(one.name.lower() for one in study.directions)
    named = attrs.get("metric")
    metrics = tuple(map(str, named)) if isinstance(named, list) else ()
    if len(metrics) != len(directions):  # such as a notebook's
        metrics = tuple(study.metric_names or _numbered(len(directions)))
    states = [one.state.name for one in trials]
    complete = [one for one in trials if one.state.name == "COMPLETE"]
    return StudyFacts(
        name=study.study_name,
        kind=attrs.get("kind"),
        metrics=metrics,
        directions=directions,
        recipe=attrs.get("recipe"),
        created=attrs.get("created"),
        counts={label: states.count(state) for state, label in _STATES.items()},
        best=tuple(
            (max if direction == "maximize" else min)(
                (one.values[at] for one in complete), default=None
            )
            for at, direction in enumerate(directions)
        ),
    )


def _numbered(n: int) -> list[str]:
    return ["score"] if n == 1 else [f"score {at}" for at in range(1, n + 1)]


def _retries(trials: Sequence[optuna.trial.FrozenTrial]) -> dict[int, int]:
    """Return which trial does again what another did not end, by the number of that one."""
    histories = {one.number: one.system_attrs.get("retry_history") for one in trials}  # Optuna's
    return {history[-1]: number for number, history in histories.items() if history}


def _trial(one: optuna.trial.FrozenTrial, now: datetime, again: Mapping[int, int]) -> TrialFacts:
    attrs, state = one.user_attrs, _STATES[one.state.name]
    seconds = attrs.get("seconds")
    if seconds is None and one.datetime_start is not None and state != "waiting":
        seconds = max(0.0, ((one.datetime_complete or now) - one.datetime_start).total_seconds())
    reason = attrs.get("reason")
    if state == "failed" and reason is None:
        reason = "its worker ended without a word: it was killed, or its machine went away"
        if one.number in again:
            reason += f"; tried again as trial {again[one.number]}"
    # With several metrics Optuna takes no scores on the way: they are facts.
    steps = one.intermediate_values or attrs.get("steps", {})
    return TrialFacts(
        number=one.number,
        state=state,
        scores=tuple(one.values or ()) if state == "complete" else (),
        values=dict(attrs.get("values", one.params)),
        steps={int(step): float(score) for step, score in sorted(steps.items())},
        folds={int(fold): float(score) for fold, score in attrs.get("folds", {}).items()},
        run=attrs.get("run"),
        reason=reason,
        worker=attrs.get("worker"),
        seconds=seconds,
    )


def _best(study: optuna.Study, trials: Sequence[optuna.trial.FrozenTrial]) -> list[int]:
    if len(study.directions) > 1:
        return sorted(one.number for one in study.best_trials)
    sign = -1 if study.direction.name == "MAXIMIZE" else 1
    complete = [one for one in trials if one.state.name == "COMPLETE"]
    return [one.number for one in sorted(complete, key=lambda one: (sign * one.value, one.number))]


def _honest(facts: StudyFacts, complete: Sequence[TrialFacts]) -> float | None:
    folds = sorted({fold for one in complete for fold in one.folds})
    whole = [one for one in complete if len(one.folds) == len(folds)]
    if len(facts.metrics) > 1 or len(folds) < 2 or not whole:
        return None
    table = [[one.folds[fold] for fold in folds] for one in whole]
    is_greater_better = facts.directions[0] == "maximize"
    return honest_choice(table, greater_is_better=is_greater_better)[0]


def _importance(
    study: optuna.Study, trials: Sequence[optuna.trial.FrozenTrial], metric: str, at: int
) -> Importance:
    import optuna

    complete = [one for one in trials if one.state.name == "COMPLETE"]
    if len(complete) < ENOUGH_TRIALS:
        return Importance(metric, {}, f"importance needs {ENOUGH_TRIALS} complete trials")
    if len({one.values[at] for one in complete}) == 1:
        return Importance(metric, {}, "all trials have the same score")
    if len({name for one in complete for name in one.params}) < 2:
        return Importance(metric, {}, "importance compares two parameters or more")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            shares = optuna.importance.get_param_importances(
                study,
                evaluator=optuna.importance.FanovaImportanceEvaluator(seed=0),
                target=lambda one: one.values[at],
            )
    except (RuntimeError, ValueError) as error:
        return Importance(metric, {}, f"importance cannot be estimated: {error}")
    if not shares:
        return Importance(metric, {}, "no parameter is in all trials")
    return Importance(metric, {name: float(share) for name, share in shares.items()})
