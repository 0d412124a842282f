"""Predict with a run's networks, here or on an engine, where each network is a task."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from podium.competition.spec import Competition, load_competition
from podium.predictions.store.reading import Split
from podium.predictions.views import ViewSet
from podium.training.inference.prediction_sets import (
    PredictFolds,
    load_job,
    predict,
    predict_each_view,
    predict_fold,
)
from podium.training.runs.fold_files import Fold
from podium.training.runs.job import Job
from podium.training.runs.train import LOCK_WAIT_S
from podium.workflows.engines import (
    HERE,
    Engine,
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

__all__ = ["predict_sets"]


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
    on: str = HERE,
    progress: Progress = SILENT,
) -> dict[str, Path]:
    """Return the prediction sets that a run's networks make, by name: one, or one of each view.

    Arguments and errors are those of `predict` and `predict_each_view`.

    Args:
        on: the engine that predicts with the networks side by side; by default this process does,
            with one after the other.
    """
    with open_engine(on) as engine:
        elsewhere = None if engine is None else _predict_folds_on(engine, progress)
        if each_view:
            return predict_each_view(
                workspace,
                competition,
                run,
                splits=splits,
                tta=tta,
                folds=folds,
                predict_folds=elsewhere,
                progress=progress,
            )
        folder = predict(
            workspace,
            competition,
            run,
            splits=splits,
            tta=tta,
            tta_mean=tta_mean,
            folds=folds,
            predict_folds=elsewhere,
            progress=progress,
        )
    return {folder.name: folder}


def _predict_folds_on(engine: Engine, progress: Progress) -> PredictFolds:
    def predict_folds(
        job: Job, folds: Sequence[Fold], splits: Sequence[Split], views: ViewSet, root: Path
    ) -> None:
        allow_sources(job)
        tasks = [_task(job, fold, splits, views, root) for fold in folds]
        for end in run_tasks(engine, tasks, progress=progress):
            if end.error is not None:
                raise end.error

    return predict_folds


def _task(job: Job, fold: Fold, splits: Sequence[Split], views: ViewSet, root: Path) -> Task:
    workspace = job.workspace
    run = job.run.relative_to(workspace.root).as_posix()
    return Task(
        f"predict-{job.run.name}-{root.name}.fold-{fold}",
        f"predictions of {job.files(fold).title}",
        workspace.jobs,
        predict_one_fold,
        {
            **workspace_arguments(workspace),
            "run": job.run.name,
            "fold": fold,
            "splits": tuple(splits),
            "views": views,
            "folder": root.name,
        },
        Needs(cpus=1 + job.recipe.workers),
        reads=(f"{run}/*.*", f"{run}/fold-{fold}/*"),
        writes=(
            f"{run}/predictions/{root.name}/set.json",
            f"{run}/predictions/{root.name}/*/*/fold-{fold}",
        ),
    )


def predict_one_fold(
    *,
    root: str,
    scratch: str | None,
    run: str,
    fold: Fold,
    splits: tuple[Split, ...],
    views: ViewSet,
    folder: str,
    progress: Progress,
) -> None:
    """Predict with the network of a fold in the process of a task.

    Args:
        root, scratch: of the workspace.
        run: its id.
        fold: whose network.
        splits, views: which rows, and by which views.
        folder: the name of the prediction set.
        progress: of the task.
    """
    workspace = task_workspace(root, scratch)
    job = load_job(workspace, load_competition(workspace.competition_file), workspace.runs / run)
    predict_fold(
        job,
        fold,
        splits=splits,
        views=views,
        root=job.run / "predictions" / folder,
        wait_s=LOCK_WAIT_S,
        progress=progress,
    )
