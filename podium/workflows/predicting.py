"""Predict with the networks of runs, here or on an engine, where each network is a task."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from podium.competition import metrics
from podium.competition.scores.combination import score_metric
from podium.competition.spec import Competition, load_competition
from podium.errors import RunError
from podium.predictions.store.reading import PredictionSet, Split, views_in
from podium.predictions.views import ViewSet
from podium.training.inference.prediction_sets import (
    PlannedSet,
    PredictSets,
    load_job,
    patterns_of_fold,
    predict,
    predict_each_view,
    predict_fold,
)
from podium.training.runs.fold_files import Fold
from podium.training.runs.job import Job
from podium.training.runs.record import scores_of
from podium.training.runs.soup import SoupMethod, make_soup
from podium.training.runs.train import LOCK_WAIT_S
from podium.workflows.engines import (
    HERE,
    Engine,
    InProcess,
    Needs,
    Task,
    open_engine,
    run_tasks,
    task_workspace,
    workspace_arguments,
)
from podium.workflows.training import allow_sources
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress
from podium.workspace.records import read_record

__all__ = ["SetScore", "predict_on", "predict_sets", "score_of_set", "soup_of_runs"]


@dataclass(frozen=True)
class SetScore:
    """The out-of-fold score of a prediction set, beside that of its run.

    Attributes:
        metric: of both.
        oof: of the set, with plain decisions; None: it is undefined.
        views: of the set, in words.
        run_oof: of the run's own views, over the same rows; None: it has none.
        run_views: in words.
        is_worse: whether `oof` is a worse score than `run_oof`.
    """

    metric: str
    oof: float | None
    views: str
    run_oof: float | None
    run_views: str
    is_worse: bool


def predict_sets(
    workspace: Workspace,
    competition: Competition,
    run: Path,
    *,
    each_view: bool = False,
    splits: Sequence[str] | None = None,
    tta: Sequence[str] | None = None,
    tta_mean: str | None = None,
    folds: Sequence[int] | None = None,
    on: str | Engine | None = HERE,
    progress: Progress = SILENT,
) -> dict[str, Path]:
    """Return the prediction sets that a run's networks make, by name: one, or one of each view.

    Arguments and errors are those of `predict` and `predict_each_view`.

    Args:
        on: the engine that predicts with the networks side by side; by default this process does,
            with one after the other.
    """
    with open_engine(on) as engine:
        places = (workspace, competition, run)
        if each_view:
            return predict_each_view(
                *places,
                splits=splits,
                tta=tta,
                folds=folds,
                predict_sets=predict_on(engine),
                progress=progress,
            )
        folder = predict(
            *places,
            splits=splits,
            tta=tta,
            tta_mean=tta_mean,
            folds=folds,
            predict_sets=predict_on(engine),
            progress=progress,
        )
    folder.touch()  # the set that was asked for last stands for its run, one from before, too
    return {folder.name: folder}


def score_of_set(
    workspace: Workspace, competition: Competition, run: Path, root: Path
) -> SetScore | None:
    """Return the score of a run's prediction set; None where it has no out-of-fold rows."""
    record, stored = read_record(run), PredictionSet(root)
    if "oof" not in stored.splits:
        return None
    job = load_job(workspace, competition, run)
    models = [set(stored.folds("oof", task)) for task in job.tasks]
    folds = [fold for fold in job.data.fold_numbers if all(fold in one for one in models)]
    if not folds:
        return None
    found, own = scores_of(job, root.name, folds), record.scores
    is_like = record.details.get("metric") == metrics.facts_of(competition) and (
        found["scored_rows"] == own.get("scored_rows")
    )
    mine, its = (one.get("combined", one) for one in (found, own))
    run_oof = its.get("oof") if is_like else None
    own_set = run / "predictions" / str(record.details.get("predictions"))
    oof = mine["oof"]
    worse = (
        oof is not None
        and run_oof is not None
        and score_metric(competition).is_better(run_oof, oof)
    )
    return SetScore(
        mine["metric"],
        oof,
        views_in(root).description,
        run_oof,
        views_in(own_set).description,
        worse,
    )


def soup_of_runs(
    workspace: Workspace,
    competition: Competition,
    runs: Sequence[str],
    *,
    method: SoupMethod = "greedy",
    name: str = "soup",
    on: str | Engine | None = HERE,
    progress: Progress = SILENT,
) -> Path:
    """Return the soup of runs, as `make_soup` has it.

    Args:
        on: the engine that predicts with the networks of a soup side by side.
    """
    with open_engine(on) as engine:
        return make_soup(
            workspace,
            competition,
            runs,
            method=method,
            name=name,
            predict_sets=predict_on(engine),
            progress=progress,
        )


def predict_on(engine: Engine | None) -> PredictSets:
    """Return what predicts for prediction sets on an engine, each network of each set a task."""

    def predict_planned(sets: Sequence[PlannedSet], progress: Progress) -> None:
        for end in run_tasks(engine, _tasks(sets), progress=progress):
            if end.error is not None:
                raise end.error
            if end.is_cancelled:
                raise RunError(f"{end.name} was cancelled", fix="the same command continues")

    return predict_planned


def _tasks(sets: Sequence[PlannedSet]) -> Iterator[Task]:
    for one in sets:
        allow_sources(one.job)
        workspace, run = one.job.workspace, one.job.run
        top = workspace.root.resolve()
        networks = run.resolve().relative_to(top).as_posix()
        found = one.root.resolve().relative_to(top).as_posix()
        is_hidden = any(part.startswith(".") for part in Path(networks).parts)
        for fold in one.folds:
            yield Task(
                f"predict-{run.name}-{one.root.name}.fold-{fold}",
                f"predictions of {one.job.files(fold).title}",
                workspace.jobs,
                predict_one_fold,
                {
                    **workspace_arguments(workspace),
                    "run": one.run.name,
                    "networks": networks,
                    "fold": fold,
                    "splits": one.splits,
                    "views": one.views,
                    "folder": one.root.name,
                    "here": InProcess(one.job),
                },
                Needs(cpus=1 + one.job.recipe.workers),
                reads=(f"runs/{one.run.name}/*.*", f"{networks}/*.*", f"{networks}/fold-{fold}/*"),
                # What is tried in a hidden folder is not sent to machines without this disk.
                writes=() if is_hidden else patterns_of_fold(found, fold),
            )


def predict_one_fold(
    *,
    root: str,
    scratch: str | None,
    run: str,
    networks: str,
    fold: Fold,
    splits: tuple[Split, ...],
    views: ViewSet,
    folder: str,
    here: InProcess[Job],
    progress: Progress,
) -> None:
    """Predict with the network of a fold as a task.

    Args:
        root, scratch: of the workspace.
        run: its id.
        networks: the folder of its networks, in the workspace.
        fold: whose network.
        splits, views: which rows, and by which views.
        folder: the name of the prediction set.
        here: the job, which another process loads again; it waits for a predecessor that is about
            to end.
        progress: of the task.
    """
    job = here.value
    if job is None:
        workspace = task_workspace(root, scratch)
        competition = load_competition(workspace.competition_file)
        job = load_job(workspace, competition, workspace.runs / run)
        job = replace(job, run=workspace.root / networks)
    predict_fold(
        job,
        fold,
        splits=splits,
        views=views,
        root=job.run / "predictions" / folder,
        wait_s=LOCK_WAIT_S if here.value is None else 0.0,
        progress=progress,
    )
