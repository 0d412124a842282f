"""Train several recipes, each over one or more seeds, within one time limit.

Here, too, are the recipe's file before a training (`find_recipe`), and the figures that the loggers
of a recipe get after it (`log_figures`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev
from time import time
from typing import TYPE_CHECKING, Any

from podium.competition.spec import Competition, load_competition
from podium.errors import DataError, PodiumError, RunError, UsageError, plural, suggest
from podium.models.weights.reach import require_weights
from podium.tasks.protocols.names import ANSWERS
from podium.training.inference.prediction_sets import patterns_of_fold
from podium.training.loggers import Logger, find_loggers, open_loggers
from podium.training.recipe import load_recipe
from podium.training.runs.fold_files import Fold
from podium.training.runs.job import Deadline, Job
from podium.training.runs.status import RunOutlook
from podium.training.runs.train import CONTINUES, LOCK_WAIT_S, begin_run, plan_job, train_fold
from podium.training.starters import fitting_recipes, read_starter, starters, tasks_of
from podium.workflows.engines import (
    HERE,
    Engine,
    Flow,
    InProcess,
    Needs,
    Task,
    TaskBatch,
    TaskEnd,
    open_engine,
    run_flows,
    task_workspace,
    workspace_arguments,
)
from podium.workflows.fit_time import fit_time
from podium.workflows.suggestions.recipes import PREFIX
from podium.workspace import extensions
from podium.workspace.atomic import write_json
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

if TYPE_CHECKING:
    from podium.training.runs.train import Trained

__all__ = [
    "SeedSummary",
    "find_recipe",
    "raise_failed",
    "summarise_seeds",
    "train_recipes",
    "training",
]


@dataclass(frozen=True)
class TrainingAttempt:
    """Result of training a recipe with one seed.

    Attributes:
        recipe: as requested.
        seed: None for the recipe's own.
        trained: the run so far; None if training failed.
        error: why it failed.
    """

    recipe: str
    seed: int | None
    trained: Trained | None
    error: RunError | None = None

    @property
    def name(self) -> str:
        """The recipe and seed for messages: "tiny, seed 3"."""
        return self.recipe if self.seed is None else f"{self.recipe}, seed {self.seed}"

    def result(self) -> Trained:
        """Return what was trained.

        Raises:
            RunError: training failed.
        """
        if self.trained is None:
            raise self.error or RunError(f"{self.name} is not trained")
        return self.trained


@dataclass(frozen=True)
class SeedSummary:
    """The out-of-fold scores of a recipe's runs that differ by their seed alone.

    Attributes:
        recipe: as requested.
        task: whose scores these are.
        metric: its name.
        oof: seed → score, of the runs whose folds are all finished.
        mean: of the scores; None without any.
        std: their standard deviation with denominator n - 1, the expected deviation of another
            seed; None for fewer than two.
    """

    recipe: str
    task: str
    metric: str
    oof: dict[int, float]
    mean: float | None
    std: float | None


def train_recipes(
    workspace: Workspace,
    competition: Competition,
    recipes: Sequence[Path | str],
    *,
    overrides: tuple[str, ...] = (),
    folds: Sequence[int] | None = None,
    full: bool = False,
    seeds: Sequence[int] | None = None,
    max_time_s: float | None = None,
    fit_time_s: float | None = None,
    again: int = 0,
    on: str | Engine | None = HERE,
    progress: Progress = SILENT,
) -> list[TrainingAttempt]:
    """Return the result of each recipe and seed, in that order; finished work is kept.

    If one training fails, as by a collapse, the others continue.

    Args:
        recipes: files, relative to the current folder or the workspace, or names of the
            workspace's recipes.
        max_time_s: for all of them together; runs beyond it are left unfinished, resumable.
        fit_time_s: seconds that all of them together shall take: each gets its share, which sets
            its epochs and schedules (`fit_time`).
        on: the engine that trains the folds of all runs side by side, each a task of its own; by
            default one after the other in this process. The results are the same, to the bit with
            as many threads.

    Raises:
        UsageError: there is no such engine.
        PodiumError: as `podium.training.runs.train.train`, except RunError; every recipe is read
            before the first trains.
    """
    deadline = Deadline(max_time_s)
    files = [find_recipe(workspace, recipe) for recipe in recipes]
    resolved = [load_recipe(file, overrides) for file in files]
    requested = [(number, seed) for number in range(len(files)) for seed in seeds or (None,)]
    changes = [overrides] * len(files)
    if fit_time_s is not None:
        n_folds = None if folds is None else len(set(folds))
        for number, recipe in enumerate(resolved):
            require_weights(recipe.model, workspace.root)  # before a step is measured
            share = fit_time_s / len(requested)
            fitted = fit_time(workspace, competition, recipe, share, folds=n_folds, full=full)
            progress.say(f"{files[number].stem}: {fitted.describe()}")
            changes[number] = (*overrides, *fitted.overrides)
    left = len(requested)

    def attempt(number: int, seed: int | None) -> Flow[TrainingAttempt]:
        nonlocal left
        own = () if seed is None else (f"seed={seed}",)
        trained = error = None
        try:
            trained = yield from training(
                workspace,
                competition,
                files[number],
                overrides=(*changes[number], *own),
                folds=folds,
                full=full,
                again=again,
                deadline=deadline,
                outlook=RunOutlook(runs_after=left - 1),
                progress=progress,
            )
        except RunError as failed:
            error = failed
        left -= 1
        made = TrainingAttempt(str(recipes[number]), seed, trained, error)
        if trained is not None and not trained.missing and trained.stopped is None:
            loggers = resolved[number].loggers
            log_figures(workspace, competition, trained.run, loggers, progress=progress)
        if error is not None and left:
            progress.say(f"{made.name} failed, the rest goes on: {error}")
        return made

    with open_engine(on) as engine:
        return run_flows(engine, (attempt(*one) for one in requested), progress=progress)


def training(
    workspace: Workspace,
    competition: Competition,
    recipe_file: Path,
    *,
    overrides: tuple[str, ...] = (),
    folds: Sequence[int] | None = None,
    full: bool = False,
    again: int = 0,
    name: str | None = None,
    deadline: Deadline,
    outlook: RunOutlook | None = None,
    progress: Progress = SILENT,
) -> Flow[Trained]:
    """Train a recipe, each fold a task, and return the state of the run.

    What `podium.training.runs.train.train` does, wherever tasks run; arguments and errors are its.

    Args:
        deadline: before which the folds stop, resumably.
        outlook: of the command, for the time that is left where the folds are trained here.

    Raises:
        RunError: a fold failed. Here the next ones are not begun, elsewhere they run beside it.
    """
    with begin_run(
        workspace,
        competition,
        recipe_file,
        overrides=overrides,
        folds=folds,
        full=full,
        again=again,
        name=name,
        progress=progress,
    ) as run:
        allow_sources(run.job)
        left = deadline.left()
        planned = {
            "recipe_file": str(recipe_file.resolve()),
            "overrides": overrides,
            "name": run.job.run.name.rpartition("-")[0],
            "again": again,
            "todo": run.todo,
            "ends_at": None if left is None else time() + left,
        }
        fold_of: dict[str, Fold] = {}
        errors: list[RunError] = []

        def tasks() -> Iterator[Task]:
            for fold, around in run.left(outlook or RunOutlook()):
                if errors:
                    return
                task = _fold_task(run.job, fold, planned, around)
                fold_of[task.name] = fold
                yield task

        def ended(end: TaskEnd) -> None:
            if isinstance(end.error, RunError):
                errors.append(end.error)
            elif end.error is not None:
                raise end.error
            else:
                stopped = f"cancelled; {CONTINUES}" if end.is_cancelled else end.value
                run.end_fold(fold_of[end.name], stopped, progress)

        yield TaskBatch(tasks(), ended)
        if errors:
            raise errors[0]
        return run.conclude()


def _fold_task(job: Job, fold: Fold, planned: dict[str, Any], outlook: RunOutlook) -> Task:
    return Task(
        f"{job.run.name}.fold-{fold}",
        job.files(fold).title,
        job.workspace.jobs,
        train_one_fold,
        {
            **workspace_arguments(job.workspace),
            **planned,
            "fold": fold,
            "here": InProcess((job, outlook)),
        },
        Needs.of_training(job.recipe),
        reads=(f"{_place(job)}/*.*",),
        writes=(
            f"{_place(job)}/fold-{fold}",
            f"{_place(job)}/network.json",
            *patterns_of_fold(f"{_place(job)}/predictions/*", fold),
        ),
    )


def _place(job: Job) -> str:
    """Return the folder of a run, from that of its workspace."""
    return job.run.relative_to(job.workspace.root).as_posix()


def train_one_fold(
    *,
    root: str,
    scratch: str | None,
    recipe_file: str,
    overrides: tuple[str, ...],
    name: str,
    again: int,
    fold: Fold,
    todo: tuple[Fold, ...],
    ends_at: float | None,
    here: InProcess[tuple[Job, RunOutlook]],
    progress: Progress,
) -> str | None:
    """Train and predict a fold as a task; return why it stopped, None once done.

    Args:
        root, scratch: of the workspace.
        recipe_file, overrides, name, again: as `train` has them.
        fold, todo: of the run.
        ends_at: seconds since 1970 at which it stops, resumably; None: never.
        here: the job, which another process plans again; it waits for a predecessor that is about
            to end.
        progress: of the task.
    """
    deadline = Deadline(None if ends_at is None else max(0.0, ends_at - time()))
    if here.value is not None:
        job, outlook = here.value
    else:
        workspace, outlook = task_workspace(root, scratch), RunOutlook()
        job = plan_job(
            workspace,
            load_competition(workspace.competition_file),
            Path(recipe_file),
            overrides,
            again=again,
            name=name,
            progress=progress,
        )
    return train_fold(
        job,
        fold,
        todo=todo,
        deadline=deadline,
        outlook=outlook,
        wait_s=LOCK_WAIT_S if here.value is None else 0.0,
        progress=progress,
    )


def allow_sources(job: Job) -> None:
    """Ask, where a person sits, before tasks run the code of a workspace that was not made here."""
    for module in job.inputs.get("sources", {}):
        extensions.require_allowed(module, job.workspace.root)


def raise_failed(attempts: Sequence[TrainingAttempt]) -> None:
    """Raise what the trainings that failed ended with, all in one where they are several.

    Raises:
        RunError: a training failed.
    """
    errors = [one.error for one in attempts if one.error is not None]
    if len(errors) == 1:
        raise errors[0]
    if errors:
        each = "\n".join(map(str, errors))
        raise RunError(
            f"{len(errors)} of {plural(len(attempts), 'training')} failed\n{each}"
        ) from errors[-1]


def summarise_seeds(attempts: Sequence[TrainingAttempt]) -> list[SeedSummary]:
    """Return the scores of each recipe, task by task, over its seeds.

    Args:
        attempts: as `train_recipes` returned them for seeds.
    """
    found: list[SeedSummary] = []
    for recipe in dict.fromkeys(one.recipe for one in attempts):
        runs = {
            one.seed: one.trained
            for one in attempts
            if one.recipe == recipe and one.trained is not None and one.seed is not None
        }
        of_runs = {seed: run.scores.get("tasks", {}) for seed, run in runs.items()}
        tasks = {task: one for tasks in of_runs.values() for task, one in tasks.items()}
        for task, facts in tasks.items():
            oof = {
                seed: float(score)
                for seed, run in runs.items()
                if not run.missing and (score := of_runs[seed].get(task, {}).get("oof")) is not None
            }
            scores = list(oof.values())
            mean = fmean(scores) if scores else None
            std = stdev(scores) if len(scores) > 1 else None
            found.append(SeedSummary(recipe, task, facts["metric"], oof, mean, std))
    return found


def find_recipe(workspace: Workspace, recipe: Path | str) -> Path:
    """Return the file of a recipe: a path from here or from the workspace, or a name in `recipes/`.

    The beginning of a name that fits only one is taken for it, as that of an id is, and
    `workspace.tell` gets a line; not where it is itself the name of a recipe that podium can write.

    Raises:
        UsageError: there is no such file; the workspace's recipes are named.
    """
    own = workspace.recipes / f"{recipe}.yaml"
    for candidate in (Path(recipe), workspace.root / recipe, own):
        if candidate.is_file():
            return candidate
    known = [path.stem for path in sorted(workspace.recipes.glob("*.yaml"))]
    name = Path(recipe).stem
    what = f"there is no recipe {str(recipe)!r}"
    if name.startswith(PREFIX):
        what += ": `podium recipes suggest --write` leaves out what does not fit into its --time"
    starting = [one for one in known if one.startswith(str(recipe))] if recipe else []
    is_starter = name in {one.name for one in starters()}
    if len(starting) == 1 and not is_starter:
        if workspace.tell is not None:
            workspace.tell(f"{recipe} is taken for {starting[0]}, the only recipe that begins so")
        return workspace.recipes / f"{starting[0]}.yaml"
    unfit = _unfit_starter(name, workspace)
    if unfit is not None:
        raise UsageError(f"{what}: {unfit[0]}", where=workspace.recipes, fix=unfit[1])
    raise UsageError(what, where=workspace.recipes, fix=_way_to_recipe(name, known))


def _unfit_starter(name: str, workspace: Workspace) -> tuple[str, str] | None:
    """Return what a starter recipe predicts that the competition lacks, and what to take instead.

    None where it predicts nothing else, or is no starter.
    """
    try:
        of_recipe = tasks_of(read_starter(name))
        competition = load_competition(workspace.root)
    except (UsageError, DataError):  # what is wrong in competition.yaml other commands tell
        return None
    if of_recipe <= {*competition.tasks}:
        return None
    has = f"this competition has {_answers(competition.tasks)}"
    fitting = next(iter(fitting_recipes(workspace.recipes, competition)), None)
    take = "podium recipes suggest --write" if fitting is None else f"podium train {fitting}"
    return f"{name} predicts {_answers(of_recipe)}, and {has}", take


def _answers(tasks: Iterable[str]) -> str:
    return " and ".join(ANSWERS[one] for one in ANSWERS if one in tasks)


def _way_to_recipe(name: str, known: Sequence[str]) -> str:
    """Return how to get a recipe that is not there: print it, take a near one, or write it.

    Args:
        name: of the recipe.
        known: the names of the workspace's recipes.
    """
    with_prefix = PREFIX + name
    if with_prefix in known:
        return f"did you mean {with_prefix}?"
    if name.startswith(PREFIX) or name in {one.name for one in starters()}:
        return f"podium recipes print {name} > recipes/{name}.yaml writes it"
    if not known:
        return "podium recipes suggest --write; or write recipes/baseline.yaml"
    others = f"choose one of {', '.join(known)}, or write recipes/{name}.yaml"
    return suggest(name, known, "did you mean {}?", otherwise=others, n=3)


_FIGURES, _LOGGED = "figures", "logged.json"


def log_figures(
    workspace: Workspace,
    competition: Competition,
    run: Path,
    loggers: Sequence[str],
    *,
    progress: Progress = SILENT,
) -> None:
    """Pass every figure of `run` to those of `loggers` that accept figures.

    They are logged once: a run that has not changed since is skipped. Errors are reported and stop
    nothing, because the run is trained.

    Args:
        workspace: that contains the run.
        competition: of the workspace.
        run: its folder.
        loggers: names, as in a recipe.
        progress: gets a message for what could not be logged.
    """
    try:
        _log_changed_figures(workspace, competition, run, loggers, progress)
    except Exception as error:  # a logger may be of one's own, or its server away
        why = error if isinstance(error, PodiumError) else f"{type(error).__name__}: {error}"
        progress.say(f"the figures of {run.name} are not logged: {why}")


def _log_changed_figures(
    workspace: Workspace,
    competition: Competition,
    run: Path,
    names: Sequence[str],
    progress: Progress,
) -> None:
    kinds = zip(dict.fromkeys(names), find_loggers(names, root=workspace.root), strict=True)
    taking = [name for name, kind in kinds if kind.figure is not Logger.figure]
    record = hashlib.sha256((run / "record.json").read_bytes()).hexdigest()
    state, folder = {"record": record, "loggers": taking}, run / _FIGURES
    if not taking or _read_logged(folder / _LOGGED) == state:
        return
    from podium.reporting.export import figures_of

    folder.mkdir(exist_ok=True)
    loggers = open_loggers(taking, folder, title=f"figures of {run.name}", root=workspace.root)
    try:
        # What cannot be drawn is reported on the page.
        for heading, plot in figures_of(workspace, competition, run, problems=[]):
            title = plot.title if plot.title == heading else f"{heading}: {plot.title}"
            for logger in loggers:
                logger.figure(title, plot.figure)
    finally:
        for logger in loggers:
            logger.close()
    write_json(folder / _LOGGED, state)


def _read_logged(file: Path) -> object:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
