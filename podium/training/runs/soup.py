"""Soups: a run whose network of each fold has the mean weights of other runs' networks of the fold.

    uniform   all of them
    greedy    from the best on, each run that does not make the score of the soup worse

Both are Wortsman et al. 2022 (see `models/checkpoints.py`); the choice is honest here. Which runs
are in the soup of fold k is decided by the other folds: by the mean of their scores, each of the
soup's network of that fold on that fold's held-out rows. So the rows of fold k choose nothing about
the network that predicts them, and the soup's out-of-fold score is as honest as any run's.

A soup is a run: it predicts, blends, teaches, is started from and is packed as others are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any, Literal, get_args

from podium.competition import metrics
from podium.competition.spec import Competition
from podium.errors import DataError, UsageError, some
from podium.models.trained_on import TRAINED_ON, TrainedOn
from podium.predictions.store.reading import Split
from podium.training.inference import prediction_sets
from podium.training.inference.prediction_sets import PredictSets
from podium.training.runs import record
from podium.training.runs.fold_files import Fold
from podium.training.runs.job import Job
from podium.workspace.atomic import temporary_folder
from podium.workspace.ids import short_digest
from podium.workspace.layout import Workspace
from podium.workspace.locks import hold
from podium.workspace.progress import SILENT, Progress
from podium.workspace.records import UNKNOWN_START

__all__ = ["SoupMethod", "make_soup"]

SoupMethod = Literal["uniform", "greedy"]
OOF: tuple[Split, ...] = ("oof",)


def make_soup(
    workspace: Workspace,
    competition: Competition,
    runs: Sequence[str],
    *,
    method: SoupMethod = "greedy",
    name: str = "soup",
    predict_sets: PredictSets = prediction_sets.predict_here,
    progress: Progress = SILENT,
) -> Path:
    """Return the folder of a run with the mean weights of `runs`, which predicts as the first does.

    The same runs in any order are the same soup, up to how it predicts; one that is there is kept,
    one that was interrupted is finished.

    Args:
        workspace, competition: whose.
        runs: ids or names of at least two runs of one architecture, all of whose folds are trained.
        method: "uniform" or "greedy".
        name: the first part of the run's id.
        predict_sets: that predicts; by default one network after the other.
        progress: gets what is chosen, and a bar a prediction.

    Raises:
        UsageError: fewer than two runs, one twice, or no such method.
        DataError: the networks are not of one architecture, or see images otherwise.
        RunError: a fold is not trained, or data changed since.
    """
    if method not in get_args(SoupMethod):
        raise UsageError(f"there is no soup {method!r}", fix="choose uniform or greedy")
    jobs = _ingredients(workspace, competition, runs)
    by_name = {job.run.name: job for job in jobs}
    facts = {"method": method, "of": sorted(by_name)}
    # One whose epoch was chosen by its own fold marks the soup, too.
    first = next((job for job in jobs if job.recipe.is_selected_on_fold), jobs[0])
    inputs = {**first.inputs, "soup": facts}
    inputs.pop("start", None)
    target = workspace.runs / f"{name}-{short_digest({'soup': facts})}"
    soup = Job(workspace, competition, first.recipe, first.data, target, inputs)
    with record.begun(soup):
        _finish(soup, by_name, method, predict_sets, progress)
    return target


def _finish(
    soup: Job,
    by_name: dict[str, Job],
    method: SoupMethod,
    predict_sets: PredictSets,
    progress: Progress,
) -> None:
    """Make what is missing of the soup: networks, then what they predict."""
    requested: list[Fold] = list(soup.data.fold_numbers)
    if all(job.files("full").is_done for job in by_name.values()):
        requested.append("full")
    views = prediction_sets.views_of(soup.recipe, soup.competition)
    splits = prediction_sets.splits_of(soup)
    predictions = prediction_sets.set_id(soup, splits, views, progress)
    todo = [fold for fold in requested if not record.is_finished(soup, fold, predictions)]
    if any(not soup.files(fold).is_done for fold in todo):
        chosen = _chosen(soup, by_name, method, requested, predict_sets, progress)
        for fold in todo:
            with hold(soup.files(fold).lock, what=soup.files(fold).title):
                if not soup.files(fold).is_done:
                    jobs = [by_name[one] for one in chosen[fold]]
                    _write(soup, fold, jobs)
                    started = [job.files(fold).read_done() for job in jobs]
                    unknown = any(one.get(UNKNOWN_START) for one in started)
                    facts = {UNKNOWN_START: True} if unknown else {}
                    soup.files(fold).write_done({"soup": chosen[fold], "stages": [], **facts})
    predict_sets([prediction_sets.plan_set(soup, splits, views, todo, progress)], progress)
    record.update(soup, predictions)


def _ingredients(workspace: Workspace, competition: Competition, runs: Sequence[str]) -> list[Job]:
    folders = [workspace.artefact(one, rooms=("runs",)) for one in runs]
    if len(set(folders)) < len(folders) or len(folders) < 2:
        raise UsageError(
            "a soup takes two different runs or more",
            fix="podium soup RUN RUN; the checkpoints of one run are averaged by its `ema_decay`",
        )
    jobs = [prediction_sets.load_job(workspace, competition, folder) for folder in folders]
    for job in jobs:
        for fold in job.data.fold_numbers:
            job.files(fold).read_done()
        if job.recipe.model.lora is not None:
            raise DataError(
                f"{job.run.name} learnt by LoRA: a mean of A and a mean of B are no mean of B A",
                fix="blend the runs; a soup takes networks whose weights themselves were learnt",
            )
        if _input_facts(job) != _input_facts(jobs[0]):
            raise _input_error(job.run.name, jobs[0].run.name)
    return jobs


def _input_facts(job: Job) -> tuple[Any, ...]:
    spec = job.recipe.input
    return (spec.height_width, spec.fit, spec.mean, spec.std)


def _input_error(one: str, other: str) -> DataError:
    return DataError(
        f"{one} and {other} see images otherwise: size, fit, mean or std of their `input` differ",
        fix="a soup takes runs whose networks see the same",
    )


def _chosen(
    soup: Job,
    by_name: dict[str, Job],
    method: SoupMethod,
    requested: Sequence[Fold],
    predict_sets: PredictSets,
    progress: Progress,
) -> dict[Fold, list[str]]:
    """Return which runs are in the soup of each fold."""
    if method == "uniform":
        return {fold: sorted(by_name) for fold in requested}
    place = soup.workspace.jobs.parent  # not on a scratch disk, which an engine's nodes do not see
    place.mkdir(parents=True, exist_ok=True)
    with temporary_folder("soup", place) as folder:
        tasting = _SoupScores(soup, by_name, folder, predict_sets, progress)
        chosen = {fold: _greedy(tasting, fold) for fold in requested}
    for fold, names in chosen.items():
        progress.say(f"{soup.files(fold).title}: {', '.join(names)}")
    return chosen


def _greedy(tasting: _SoupScores, fold: Fold) -> list[str]:
    """Return the runs of the soup of `fold`, by the scores on the other folds; of "full" on all."""
    held_out = [one for one in tasting.folds if one != fold]
    if not held_out:
        raise UsageError("a greedy soup needs two folds", fix="make it uniform")
    alone = {one: tasting.score((one,), held_out) for one in sorted(tasting.by_name)}
    sign = 1.0 if tasting.metric.greater_is_better else -1.0
    order = sorted(alone, key=lambda one: -sign * alone[one])
    pot, best = [order[0]], alone[order[0]]
    for one in order[1:]:
        score = tasting.score(tuple(sorted([*pot, one])), held_out)
        if sign * score >= sign * best:
            pot, best = [*pot, one], score
    return sorted(pot)


@dataclass
class _SoupScores:
    """Scores of soups in each fold, each soup made and predicted once."""

    soup: Job
    by_name: dict[str, Job]
    folder: Path
    predict_sets: PredictSets
    progress: Progress
    _scores: dict[tuple[str, ...], dict[str, float | None]] = field(default_factory=dict)

    @property
    def folds(self) -> tuple[int, ...]:
        return self.soup.data.fold_numbers

    @property
    def metric(self) -> metrics.Metric:
        return metrics.of(self.soup.competition)

    def score(self, names: tuple[str, ...], held_out: Sequence[Fold]) -> float:
        """Return the mean score of the soup of `names` over the folds `held_out`."""
        if names not in self._scores:
            self._scores[names] = self._by_fold(names)
        found = [self._scores[names].get(str(fold)) for fold in held_out]
        undefined = [str(fold) for fold, one in zip(held_out, found, strict=True) if one is None]
        if undefined:
            raise DataError(
                f"{self.metric.name} is undefined on fold {some(undefined)}: nothing chooses",
                fix="make the soup uniform",
            )
        return sum(one for one in found if one is not None) / len(held_out)

    def _by_fold(self, names: tuple[str, ...]) -> dict[str, float | None]:
        views = prediction_sets.views_of(self.soup.recipe, self.soup.competition)
        made = self.by_name[names[0]] if len(names) == 1 else self._made(names)
        root = prediction_sets.find_set(made, "oof", views, self.folds, self.progress)
        if root is None:  # the out-of-fold predictions of a run are mostly cached
            planned = prediction_sets.plan_set(
                made,
                OOF,
                views,
                self.folds,
                self.progress,
                run=self.soup.run if len(names) > 1 else None,
            )
            self.predict_sets([planned], self.progress)
            root = planned.root
        return dict(record.scores_of(made, root.name, self.folds)["folds"])

    def _made(self, names: tuple[str, ...]) -> Job:
        made = replace(self.soup, run=self.folder / short_digest(list(names)))
        for fold in self.folds:
            _write(made, fold, [self.by_name[one] for one in names])
        return made


def _write(soup: Job, fold: Fold, jobs: Sequence[Job]) -> None:
    """Write the network of a fold: the mean of those of `jobs`."""
    from podium.models import checkpoints

    states = [checkpoints.load(job.weights(fold)) for job in jobs]
    sights = [state.get("normalisation") for state in states]
    names = [f"{job.run.name}/fold-{fold}" for job in jobs]
    for sight, name in zip(sights, names, strict=True):
        if sight != sights[0]:
            raise _input_error(name, names[0])
    mean = checkpoints.mean_state([state["network"] for state in states], names)
    learnt = [TrainedOn.from_facts(state.get(TRAINED_ON)) for state in states]
    every = reduce(or_, (one or TrainedOn(is_known=False) for one in learnt))
    checkpoints.save(soup.weights(fold), {**states[0], "network": mean, TRAINED_ON: every.facts})
