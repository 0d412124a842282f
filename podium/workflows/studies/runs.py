"""The runs of a study: ordinary ones, seed after seed, so that every arm soon has a score."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from podium.competition import metrics
from podium.competition.spec import Competition
from podium.errors import RecipeError, RunError
from podium.training.inference.prediction_sets import load_job
from podium.training.recipe import Recipe, load_recipe
from podium.training.runs import record
from podium.training.runs.fold_files import Fold, FoldFiles
from podium.training.runs.ids import run_id
from podium.training.runs.job import Deadline, TrainingData, predicted_tasks, require_folds
from podium.training.runs.train import Trained
from podium.workflows.engines import HERE, Engine, Flow, open_engine, run_flows
from podium.workflows.studies.table import ArmScores, Study, StudyFolder, unknown_start_note
from podium.workflows.training import training
from podium.workspace.layout import Workspace
from podium.workspace.progress import Progress
from podium.workspace.records import UNKNOWN_START, read_record

T = TypeVar("T")

__all__ = [
    "FROM_SCRATCH",
    "SeedResult",
    "StudyArm",
    "StudySetting",
    "refuse_unscored",
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
    """

    workspace: Workspace
    competition: Competition
    data: TrainingData
    folds: tuple[int, ...]
    progress: Progress

    @classmethod
    def of(
        cls,
        workspace: Workspace,
        competition: Competition,
        folds: Sequence[int] | None,
        progress: Progress,
    ) -> StudySetting:
        """Return the setting of a study on `folds`; None: on all.

        Raises:
            UsageError: there is no such fold.
        """
        data = TrainingData.load(workspace, competition)
        chosen = tuple(sorted(set(data.fold_numbers if folds is None else folds)))
        require_folds(chosen, data.fold_numbers)
        return cls(workspace, competition, data, chosen, progress)

    @property
    def metric(self) -> metrics.Metric:
        """The metric of all scores."""
        return metrics.of(self.competition)

    def run_id(self, file: Path, overrides: tuple[str, ...] = ()) -> str:
        """Return the id of the run that trains the recipe `file`, changed by `overrides`."""
        found, _ = run_id(
            self.workspace,
            self.competition,
            load_recipe(file, overrides),
            name=file.stem,
            samples=self.data.samples,
            folds=self.data.folds,
            progress=self.progress,
        )
        return found

    def study(
        self, folder: StudyFolder, rows: Sequence[ArmScores], stopped: str | None, **more: Any
    ) -> Study:
        """Return the study of these rows; `more` are further fields of `Study`."""
        if note := unknown_start_note(rows):
            more["notes"] = (*more.get("notes", ()), note)
        return Study(
            folder=folder.path,
            metric=self.metric.name,
            greater_is_better=self.metric.greater_is_better,
            folds=self.folds,
            rows=tuple(rows),
            stopped=stopped,
            **more,
        )

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
            folds=None if without_labels or self.folds == self.data.fold_numbers else self.folds,
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
        unknown_start: whether the run started from weights of unknown origin.
    """

    run: str
    score: float | None
    stopped: str | None = None
    columns: dict[str, str] = field(default_factory=dict)
    unknown_start: bool = False

    @classmethod
    def of(
        cls, setting: StudySetting, trained: Trained, columns: dict[str, str] | None = None
    ) -> SeedResult:
        """Return the result of a trained run; without a score where the time was up.

        Raises:
            RunError: as `score_run`.
        """
        if trained.stopped is not None:
            return cls(trained.run.name, None, trained.stopped)
        score, unknown = score_run(setting, trained), UNKNOWN_START in trained.scores
        return cls(trained.run.name, score, columns=columns or {}, unknown_start=unknown)


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
    """Run every arm with the first seed, then with the next; finished runs are not repeated.

    The study is kept after each run, and its figure is drawn at the end. A training that fails
    leaves its place empty, and the others go on.

    Args:
        folder: of the study; its scores of an earlier call are in the table until they are
            computed again.
        study_of: makes the study of the rows so far, and of why it is incomplete.
        arms: in their order.
        seeds: one run of each arm for each.
        deadline: after which no run is started.
        on: the engine that trains all arms and seeds side by side; by default they follow each
            other in this process.

    Raises:
        PodiumError: except RunError, as `podium.training.runs.train.train`; finished runs are
            kept.
    """
    earlier = {row.name: row for row in folder.known}
    rows = {arm.name: _begin_row(arm, seeds, earlier.get(arm.name)) for arm in arms}
    stopped: str | None = None
    study = study_of((), None)

    def run(arm: StudyArm, seed: int) -> Flow[None]:
        nonlocal stopped, study
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
                unknown_start=row.unknown_start or ran.unknown_start,
            )
            stopped = stopped or ran.stopped
        study = study_of(list(rows.values()), stopped)
        folder.write(study, with_figure=False)

    def flows() -> Iterator[Flow[None]]:
        for seed in seeds:
            for arm in arms:
                if stopped is None:
                    yield run(arm, seed)

    with open_engine(on) as engine:
        run_flows(engine, flows(), progress=progress)
    folder.write(study, with_figure=True)
    return study


def _in_order(seeds: Sequence[int], found: dict[int, T]) -> dict[int, T]:
    """Return what was found in the order of the seeds; others, of an earlier call, come last."""
    return {seed: found[seed] for seed in dict.fromkeys([*seeds, *found]) if seed in found}


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
