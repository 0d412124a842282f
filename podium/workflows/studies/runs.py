"""The runs of a study: ordinary ones, seed after seed, so that every arm soon has a score."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from podium.competition import metrics
from podium.competition.spec import Competition
from podium.errors import RecipeError, RunError
from podium.training.inference.prediction_sets import load_job
from podium.training.recipe import Recipe
from podium.training.runs import record
from podium.training.runs.fold_files import Fold, FoldFiles
from podium.training.runs.job import Deadline, TrainingData, predicted_tasks, require_folds
from podium.training.runs.train import Trained
from podium.workflows.engines import HERE, Engine, Flow, open_engine, run_flows
from podium.workflows.studies.table import ArmScores, Study, StudyFolder
from podium.workflows.training import training
from podium.workspace.layout import Workspace
from podium.workspace.progress import Progress
from podium.workspace.records import read_record

T = TypeVar("T")

__all__ = [
    "FROM_SCRATCH",
    "SeedResult",
    "StudyArm",
    "StudySetting",
    "refuse_unscored",
    "run_arms",
    "run_study",
    "score_run",
    "seconds_of",
]

FROM_SCRATCH = ("model.pretrained=false", "model.weights=null", "model.from=null")
"""Overrides of a start from random weights."""


@dataclass(frozen=True)
class StudySetting:
    """Settings shared by all runs of a study.

    Attributes:
        folds: to train and score.
        every_fold: all folds of the competition.
    """

    workspace: Workspace
    competition: Competition
    folds: tuple[int, ...]
    every_fold: tuple[int, ...]
    progress: Progress

    @classmethod
    def of(
        cls,
        workspace: Workspace,
        competition: Competition,
        data: TrainingData,
        folds: Sequence[int] | None,
        progress: Progress,
    ) -> StudySetting:
        """Return the setting of a study on `folds` of the data; None: on all.

        Raises:
            UsageError: there is no such fold.
        """
        wanted = tuple(sorted(set(data.fold_numbers if folds is None else folds)))
        require_folds(wanted, data.fold_numbers)
        return cls(workspace, competition, wanted, data.fold_numbers, progress)

    @property
    def metric(self) -> metrics.Metric:
        """The metric of all scores."""
        return metrics.of(self.competition)

    def train(
        self,
        file: Path,
        overrides: tuple[str, ...],
        name: str,
        deadline: Deadline,
        *,
        without_labels: bool = False,
    ) -> Flow[Trained]:
        """Train a recipe on the folds, or once if it trains without labels, each fold a task.

        Raises:
            PodiumError: as `podium.training.runs.train.train`.
        """
        return training(
            self.workspace,
            self.competition,
            file,
            overrides=overrides,
            folds=None if without_labels or self.folds == self.every_fold else self.folds,
            deadline=deadline,
            name=name,
            progress=self.progress,
        )


@dataclass(frozen=True)
class SeedResult:
    """Result of one seed of one arm.

    Attributes:
        run: that is scored.
        score: None if the time is up.
        stopped: why the study is incomplete.
        columns: columns of the table that are known now.
    """

    run: str
    score: float | None
    stopped: str | None = None
    columns: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class StudyArm:
    """A row of the table, and the function that computes its scores.

    Attributes:
        name: "A", or a recipe's.
        columns: its distinguishing columns, column → text.
        run: from a seed to its result, each fold a task; raises RunError if the training failed.
    """

    name: str
    columns: dict[str, str]
    run: Callable[[int, Deadline], Flow[SeedResult]]


def run_arms(
    arms: Sequence[StudyArm],
    seeds: Sequence[int],
    deadline: Deadline,
    *,
    known: Sequence[ArmScores] = (),
    on_change: Callable[[list[ArmScores], str | None], None],
    on: str | Engine | None = HERE,
    progress: Progress,
) -> None:
    """Run every arm with the first seed, then with the next; finished runs are not repeated.

    A training that fails leaves its place empty, and the others go on.

    Args:
        arms: in their order.
        seeds: one run of each arm for each.
        deadline: after which no run is started.
        known: rows of an earlier call, whose scores are in the table until they are computed again.
        on_change: called with the rows after each run, and why the study is incomplete, None while
            it continues.
        on: the engine that trains all arms and seeds side by side; by default they follow each
            other in this process.

    Raises:
        PodiumError: except RunError, as `podium.training.runs.train.train`; finished runs are
            kept.
    """
    earlier = {row.name: row for row in known}
    rows = {arm.name: _begin_row(arm, seeds, earlier.get(arm.name)) for arm in arms}
    stopped: str | None = None

    def run(arm: StudyArm, seed: int) -> Flow[None]:
        nonlocal stopped
        try:
            ran = yield from arm.run(seed, deadline)
        except RunError as error:
            why = str(error).partition("\n")[0]
            progress.say(f"{arm.name}, seed {seed}, failed, the rest goes on: {why}")
            row = rows[arm.name]
            rows[arm.name] = replace(row, failed={**row.failed, seed: why})
        else:
            row = rows[arm.name]
            scores = row.scores if ran.score is None else {**row.scores, seed: ran.score}
            rows[arm.name] = replace(
                row,
                columns={**row.columns, **ran.columns},
                scores=_in_order(seeds, scores),
                runs=_in_order(seeds, {**row.runs, seed: ran.run}),
            )
            stopped = stopped or ran.stopped
        on_change(list(rows.values()), stopped)

    def flows() -> Iterator[Flow[None]]:
        for seed in seeds:
            for arm in arms:
                if stopped is None:
                    yield run(arm, seed)

    with open_engine(on) as engine:
        run_flows(engine, flows(), progress=progress)


def _in_order(seeds: Sequence[int], found: dict[int, T]) -> dict[int, T]:
    """Return what was found in the order of the seeds; others, of an earlier call, come last."""
    return {seed: found[seed] for seed in dict.fromkeys([*seeds, *found]) if seed in found}


def run_study(
    folder: StudyFolder,
    study_of: Callable[[Sequence[ArmScores], str | None], Study],
    arms: Sequence[StudyArm],
    seeds: Sequence[int],
    deadline: Deadline,
    progress: Progress,
    *,
    on: str | Engine | None = HERE,
) -> Study:
    """Run every arm, keep the study after each run, draw its figure at the end, and return it.

    Args:
        folder: of the study.
        study_of: makes it of the rows so far, and of why there is more to do.
        arms, seeds, deadline, on: as of `run_arms`.

    Raises:
        PodiumError: as `run_arms`.
    """
    study = study_of((), None)

    def on_change(rows: list[ArmScores], stopped: str | None) -> None:
        nonlocal study
        study = study_of(rows, stopped)
        folder.write(study, with_figure=False)

    run_arms(
        arms,
        seeds,
        deadline,
        known=folder.known,
        on_change=on_change,
        on=on,
        progress=progress,
    )
    folder.write(study, with_figure=True)
    return study


def _begin_row(arm: StudyArm, seeds: Sequence[int], earlier: ArmScores | None) -> ArmScores:
    if earlier is None:
        return ArmScores(arm.name, dict(arm.columns), tuple(seeds))
    return replace(earlier, columns={**arm.columns, **earlier.columns}, failed={})


def refuse_unscored(recipe: Recipe, competition: Competition, name: str) -> None:
    """Raise if a recipe's network does not predict the scored task.

    Raises:
        RecipeError: it has no head for it.
    """
    task = competition.scored_task
    if task not in predicted_tasks(recipe, competition):
        raise RecipeError(
            f"{name} has no head for {task}, which is scored, so there is nothing to compare",
            where="model.heads",
            fix=f"add {task}, or leave heads out",
        )


def score_run(setting: StudySetting, trained: Trained) -> float:
    """Return the score of a run's rows of the study's folds, pooled.

    Raises:
        RunError: it is undefined, or the run has other folds, too, and cannot be read.
    """
    scores = trained.scores
    if set(trained.finished) != set(setting.folds):
        job = load_job(setting.workspace, setting.competition, trained.run)
        predictions = str(read_record(trained.run).details["predictions"])
        scores = record.scores_of(job, predictions, setting.folds)
    score = scores.get("oof")
    if score is None or not math.isfinite(score):
        raise RunError(
            f"{setting.metric.name} of {trained.run.name} is undefined on these rows",
            fix="name more folds, or give the recipe a head for the scored task",
        )
    return float(score)


def seconds_of(run: Path, folds: Sequence[Fold]) -> float:
    """Return how long the training of one model of a run took, the mean over its folds."""
    files = [FoldFiles(run, fold) for fold in folds]
    done = [one.read_done() for one in files if one.is_done]
    return sum(float(one["seconds"]) for one in done) / max(1, len(done))
