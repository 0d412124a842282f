"""Search the weights of a recipe's losses, and write the recipe with the best of them."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from podium.competition import metrics
from podium.competition.spec import Competition, load_competition
from podium.errors import RecipeError, UsageError, some
from podium.training.loss_search import (
    loss_weights,
    searched_weights,
    trial_metrics,
    trial_scores,
    with_default_losses,
    with_factors,
)
from podium.training.recipe import Recipe, errors_with_lines, load_recipe
from podium.training.runs.ids import run_id
from podium.training.runs.job import Job, TrainingData, require_folds
from podium.training.runs.provenance import has_unknown_start
from podium.tuning.cross_fit import describe_gain_over_recipe
from podium.tuning.loss_weights import LossSearch, LossTrial, SearchObjective, run_loss_trials
from podium.tuning.studies import open_study, storage_url
from podium.tuning.studies.samplers import pruner as pruner_named
from podium.tuning.studies.samplers import sampler as sampler_named
from podium.tuning.studies.storages import (
    HEARTBEAT_S,
    absolute_url,
    parse_storage_url,
    storage_name,
)
from podium.workflows.engines import Engine, Needs, run_workers, task_workspace, workspace_arguments
from podium.workflows.training import find_recipe
from podium.workflows.tuning.written_recipe import UNKNOWN_START_NOTE, write_recipe
from podium.workspace.documents import dumps
from podium.workspace.ids import short_digest
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = ["TunedLosses", "describe_improvement", "tune_losses", "tune_losses_on"]

WIDTH = 96
_WHOLE_WORDS: dict[str, Any] = {"break_long_words": False, "break_on_hyphens": False}


@dataclass(frozen=True)
class TunedLosses:
    """Result of a search of loss weights.

    Attributes:
        search: its trials, with the scores of the requested metrics.
        recipe: the file of the recipe with the best weights.
        study: name of the Optuna study.
        storage: its URL, without a password.
        notes: on the study, for the user.
    """

    search: LossSearch
    recipe: Path
    study: str
    storage: str
    notes: tuple[str, ...] = ()


def tune_losses(
    workspace: Workspace,
    competition: Competition,
    recipe: Path | str,
    *,
    overrides: Sequence[str] = (),
    trials: int = 20,
    folds: Sequence[int] | None = None,
    by: Sequence[str] = (),
    sampler: str = "tpe",
    pruner: str | None = None,
    storage: str | None = None,
    seed: int = 0,
    heartbeat_s: int = HEARTBEAT_S,
    on_trial_end: Callable[[str], None] | None = None,
    beside: Callable[[str], None] | None = None,
    progress: Progress = SILENT,
) -> TunedLosses:
    """Return the trials of a search, each a short training a fold, and write the best recipe.

    The recipe with the best weights is written as `<name>-losses.yaml`, see `write_recipe`; the
    overrides, whose purpose is to make the trials short, are not in it. The same call resumes after
    an interruption, and other processes and machines may work on the same study.

    Args:
        workspace: of the recipe and the runs.
        competition: to train for.
        recipe: a file, or a name of the workspace's recipes.
        overrides: changes to the recipe that make the trials short, as "phases[1].epochs=2".
        trials: total number; the first is the unchanged recipe.
        folds: on which a trial is scored; default: all, of which a pruned trial trains the first.
        by: one metric, or two, of those that `trial_metrics` returns; default: the competition's.
            Two have no pruner. The best recipe is that of the competition's metric, if it is one.
        sampler: one of `podium.tuning.studies.samplers`.
        pruner: "median", "wilcoxon" or "none"; default: "median", of two metrics "none".
        storage: URL of the database of studies; default: SQLite in the workspace.
        seed: of the sampler.
        heartbeat_s: as `open_study` has it.
        on_trial_end: called with a line for each trial of this process; default: `progress`.
        beside: called with the study's name after all checks, to run trials in other processes;
            this process runs the remaining trials.
        progress: shows a bar for each training.

    Raises:
        UsageError: there is no such fold, metric, sampler or pruner.
        RecipeError: there are no weights to search, or the overrides change the terms.
        PodiumError: the unchanged recipe cannot be trained.
    """
    file = find_recipe(workspace, recipe)
    short = with_default_losses(load_recipe(file, tuple(overrides)), competition)
    whole = with_default_losses(load_recipe(file), competition)
    own, searched = loss_weights(short, workspace.root), searched_weights(short, workspace.root)
    _refuse_other_terms(own, loss_weights(whole, workspace.root))
    data = TrainingData.load(workspace, competition)
    goal = _goal(competition, short, data, folds, by)
    study = _study_name(workspace, competition, short, file.stem, data, goal, seed)
    url = storage_url(workspace, storage)
    workspace.studies_db.parent.mkdir(parents=True, exist_ok=True)

    def train(factors: dict[str, float], fold: int) -> tuple[float, ...]:
        with errors_with_lines(file, overrides):
            return trial_scores(
                workspace,
                competition,
                with_factors(short, factors, workspace.root),
                name=f"{file.stem}-trial",
                fold=fold,
                by=goal.metrics,
                data=data,
                progress=progress,
            )

    with open_study(
        url,
        study,
        directions=goal.directions,
        sampler=sampler_named(sampler, seed=seed),
        pruner=pruner_named(_pruner(pruner, goal), n_steps=len(goal.folds)),
        heartbeat_s=heartbeat_s,
        facts={
            "kind": "losses",
            "metric": list(goal.metrics),
            "recipe": str(file),
            "folds": list(goal.folds),
        },
    ) as opened:
        if beside is not None:
            beside(study)
        search = run_loss_trials(
            opened,
            own,
            searched,
            train,
            goal=goal,
            trials=trials,
            on_trial_end=partial(
                _report_trial, goal=goal, searched=searched, say=on_trial_end or progress.say
            ),
            waiting=progress.say,
        )
        notes = (*opened.notes, *_start_notes(workspace, competition, short, data, goal.folds[0]))
    # The overrides may have changed weights, too: what was found are weights, not factors.
    own_of_whole = loss_weights(whole, workspace.root)
    best = {
        name: weight * search.best.factors.get(name, 1.0) / own_of_whole[name]
        for name, weight in own.items()
    }
    written = write_recipe(
        workspace.recipes,
        f"{file.stem}-losses",
        study,
        _provenance(search, file, study, storage_name(workspace, url)),
        dumps(with_factors(whole, best, workspace.root)),
    )
    return TunedLosses(search, written, study, _without_password(url), notes)


def _start_notes(
    workspace: Workspace, competition: Competition, recipe: Recipe, data: TrainingData, fold: int
) -> list[str]:
    """Return notes on the weights that all trials start from."""
    _, inputs = run_id(
        workspace, competition, recipe, name="trial", samples=data.samples, folds=data.folds
    )
    job = Job(workspace, competition, recipe, data, workspace.private / "trials", inputs)
    return [UNKNOWN_START_NOTE] if has_unknown_start(job, fold) else []


def tune_losses_on(
    engine: Engine,
    workspace: Workspace,
    recipe: Path | str,
    *,
    trials: int,
    workers: int | None,
    storage: str | None,
    progress: Progress,
    **options: Any,
) -> Callable[[str], None]:
    """Return what runs the trials of a study in workers of an engine, as `beside`.

    Args:
        engine: that runs them.
        workspace: of the recipe.
        recipe: as `tune_losses` has it.
        trials: total number.
        workers: how many; None: as many as the engine has room for.
        storage: as `tune_losses` has it.
        progress: gets their lines.
        options: further arguments of `tune_losses`, plain data.
    """
    file = find_recipe(workspace, recipe).resolve()
    arguments = {
        **workspace_arguments(workspace),
        "recipe": str(file),
        "options": {
            **options,
            "trials": trials,
            "storage": absolute_url(storage_url(workspace, storage)),
        },
    }
    needs = Needs.of_training(load_recipe(file, tuple(options.get("overrides", ()))))

    def beside(study: str) -> None:
        run_workers(
            engine,
            study,
            work_on_losses,
            arguments,
            folder=workspace.jobs,
            workers=workers,
            most=trials,
            needs=needs,
            progress=progress,
        )

    return beside


def work_on_losses(
    *, root: str, scratch: str | None, recipe: str, options: dict[str, Any], progress: Progress
) -> None:
    """Run trials of a search of loss weights in the process of a task.

    Args:
        root, scratch: of the workspace.
        recipe: its file.
        options: further arguments of `tune_losses`.
        progress: of the task.
    """
    workspace = task_workspace(root, scratch)
    competition = load_competition(workspace.competition_file)
    tune_losses(workspace, competition, Path(recipe), **options, progress=progress)


def _goal(
    competition: Competition,
    recipe: Recipe,
    data: TrainingData,
    folds: Sequence[int] | None,
    by: Sequence[str],
) -> SearchObjective:
    known = trial_metrics(competition, recipe)
    unknown = [name for name in by if name not in known]
    if unknown:
        raise UsageError(
            f"trials are not scored by {unknown[0]}", fix=f"choose of {', '.join(known)}"
        )
    # In the order of `known`: the competition's metric decides.
    chosen = tuple(name for name in known if name in (by or list(known)[:1]))
    numbers = data.fold_numbers if folds is None else tuple(dict.fromkeys(folds))
    require_folds(numbers, data.fold_numbers)
    return SearchObjective(chosen, tuple(known[name] for name in chosen), numbers)


def _study_name(
    workspace: Workspace,
    competition: Competition,
    recipe: Recipe,
    name: str,
    data: TrainingData,
    goal: SearchObjective,
    seed: int,
) -> str:
    """Return a name that another question has not: other data or folds are one, too."""
    trained, _ = run_id(
        workspace, competition, recipe, name=name, samples=data.samples, folds=data.folds
    )
    question = {
        "trained": trained,
        "metric": metrics.facts_of(competition),
        "by": goal.metrics,
        "folds": goal.folds,
        "seed": seed,
    }
    return f"losses-{name}-{short_digest(question)}"


def _pruner(name: str | None, goal: SearchObjective) -> str:
    if name in {"asha", "hyperband"}:
        raise UsageError(
            f"{name} halves the trials epoch by epoch, but these report by fold",
            fix="write median, wilcoxon or none",
        )
    if len(goal.metrics) == 1:
        return name or "median"
    if name not in {None, "none"}:
        raise UsageError(
            f"the pruner {name} compares one score, and trials have {len(goal.metrics)}",
            fix="leave --pruner out, or name one metric",
        )
    return "none"


def _refuse_other_terms(short: Mapping[str, float], whole: Mapping[str, float]) -> None:
    """Raise where the weights found for the trials would have no place in the recipe."""
    odd = sorted(short.keys() ^ whole.keys())
    if odd:
        raise RecipeError(
            f"with the overrides the recipe has other loss terms: {some(odd)}",
            fix="write these terms into the recipe; overrides are to make trials short",
        )


def _report_trial(
    trial: LossTrial, *, goal: SearchObjective, searched: Sequence[str], say: Callable[[str], None]
) -> None:
    weights = ", ".join(f"{name} {trial.weights[name]:.4g}" for name in searched)
    if trial.state == "complete":
        means = zip(goal.metrics, trial.means, strict=True)
        end = ", ".join(f"{name} {mean:.4f}" for name, mean in means)
    else:
        end = f"{trial.state}: {trial.reason}"
    say(f"  trial {trial.number}: {weights}: {end}")


def _provenance(search: LossSearch, file: Path, study: str, storage: str) -> str:
    """Return the comment at the top of the recipe that is written."""
    goal = search.goal
    metric, best, own = goal.metrics[0], search.best, search.own
    counts = ", ".join(f"{search.count(one)} {one}" for one in ("complete", "pruned", "failed"))
    lines = [
        f"{file.name} with the loss weights of trial {best.number} of study {study}, "
        f"{best.ended}, in {storage}.",
        f"Trials: {counts}, on fold{'s' * (len(goal.folds) > 1)} "
        f"{', '.join(map(str, goal.folds))}.",
    ]
    if search.honest is not None:
        lines.append(
            f"{metric}, honest: {search.honest:.4f}, each fold judged by the trial that the others "
            f"chose; the recipe as it stands: {own.means[0]:.4f}."
        )
    lines.append(f"{metric} of the trial itself, optimistic: {best.means[0]:.4f}.")
    if not search.is_gain_significant:
        lines.append(describe_improvement(search))
    wrapped = [part for line in lines for part in textwrap.wrap(line, WIDTH, **_WHOLE_WORDS)]
    return "".join(f"# {part}\n" for part in wrapped)


def describe_improvement(search: LossSearch) -> str:
    """Return in a sentence whether the best trial is better than the recipe by more than chance."""
    return describe_gain_over_recipe(None if search.best.is_own else search.gain)


def _without_password(url: str) -> str:
    return parse_storage_url(url).shown
