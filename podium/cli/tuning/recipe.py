"""`podium tune recipe`: search what a space names, by trainings that are ordinary runs."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from podium.cli.context import open_workspace, progress
from podium.cli.options import (
    AsJson,
    Overrides,
    Seed,
    parse_duration,
    parse_integers,
    worker_arguments,
)
from podium.cli.tables import number, print_json, print_table
from podium.errors import UsageError
from podium.workflows.tuning.workers import end_with_parent, run_workers

if TYPE_CHECKING:
    from podium.workflows.tuning.recipe_plan import RecipeStudy
    from podium.workflows.tuning.recipe_result import FoundRecipe, SearchTrial

EXAMPLE = "podium tune recipe base --space space.yaml --trials 100 --workers 4 --keep best:5"
SHOWN = 10


def run(
    ctx: typer.Context,
    recipe: Annotated[str, typer.Argument(help="A recipe file, or a name in recipes/.")],
    space: Annotated[
        Path, typer.Option(help="File of places of the recipe, and what is tried there.")
    ],
    trials: Annotated[int, typer.Option(min=1, help="Trainings, with those of before.")] = 20,
    workers: Annotated[int, typer.Option(min=1, help="Processes that share the cores.")] = 1,
    sampler: Annotated[str, typer.Option(help="Sampler: tpe, cmaes, gp or random.")] = "tpe",
    pruner: Annotated[
        str,
        typer.Option(
            help="Pruner of hopeless trials: median or wilcoxon after a fold, asha or hyperband "
            "after an epoch of the first fold, or none."
        ),
    ] = "median",
    folds: Annotated[
        str | None, typer.Option(help="Train and score trials on these alone: 0,1 or 0-2.")
    ] = None,
    outer_fold: Annotated[
        int | None,
        typer.Option(min=0, help="A fold that no trial uses; the winner is scored on it."),
    ] = None,
    keep: Annotated[str, typer.Option(help="Runs that stay: all, or best:5.")] = "all",
    storage: Annotated[
        str | None,
        typer.Option(help="sqlite:///FILE, journal:FILE or postgresql://USER@HOST/DB."),
    ] = None,
    max_time: Annotated[
        str | None, typer.Option(help="Stop, resumably, before this much time: 90m, 3h.")
    ] = None,
    override: Overrides = None,
    as_json: AsJson = False,
    seed: Seed = 0,
    worker: Annotated[int, typer.Option(min=0, hidden=True)] = 0,
) -> None:
    """Search a recipe's values, each trial an ordinary run, and write the best recipe.

    The same command goes on where it was interrupted; with more trials it adds to them. Overrides
    hold in every trial, and are not in the recipe that is written.
    """
    from podium.training.runs.job import Deadline
    from podium.tuning.studies.storages import without_password
    from podium.workflows.tuning.recipe_result import conclude_recipe_study
    from podium.workflows.tuning.recipe_trials import (
        begin_recipe_study,
        plan_recipe_study,
        run_recipe_trials,
    )

    deadline = Deadline(parse_duration(max_time, "--max-time"))
    if worker:
        end_with_parent()
    workspace, competition = open_workspace(ctx)
    shown = progress()
    study = plan_recipe_study(
        workspace,
        competition,
        recipe,
        space,
        overrides=tuple(override or ()),
        folds=parse_integers(folds, "--folds"),
        outer_fold=outer_fold,
        sampler=sampler,
        pruner=pruner,
        keep=_kept(keep),
        seed=seed,
        storage=storage,
        progress=shown,
    )
    if worker:
        run_recipe_trials(study, trials=trials, max_time_s=deadline.left(), told=_print_line)
        return
    if workers > 1:
        begin_recipe_study(study, progress=shown)
        left = deadline.left()
        own = {"max_time": None if left is None else f"{left:.0f}s"}
        own["storage"], secret = (storage, {}) if storage is None else without_password(storage)
        words = [worker_arguments(ctx, one + 1, **own) for one in range(workers)]
        run_workers(words, environment=secret, progress=shown)
    stopped = run_recipe_trials(study, trials=trials, max_time_s=deadline.left(), progress=shown)
    if stopped is not None:
        shown.say(stopped)
    found = conclude_recipe_study(
        study, score_outer=stopped is None, max_time_s=deadline.left(), progress=shown
    )
    _print(study, found, stopped, as_json=as_json)


def _print_line(line: str) -> None:
    print(line, flush=True)  # the parent shows it as it comes


def _kept(text: str) -> int | None:
    """Return how many runs stay, None for all.

    Example:
        >>> _kept("all"), _kept("best:5")
        (None, 5)
    """
    if text == "all":
        return None
    match = re.fullmatch(r"best:([1-9]\d*)", text)
    if match is None:
        raise UsageError(f"--keep takes all or best:5, got {text!r}", fix="write --keep best:5")
    return int(match[1])


def _print(study: RecipeStudy, found: FoundRecipe, stopped: str | None, *, as_json: bool) -> None:
    if as_json:
        print_json({**asdict(found), "stopped": stopped})
        return
    metric = found.metric
    counts = ", ".join(f"{found.count(one)} {one}" for one in ("complete", "pruned", "failed"))
    print(f"{found.study}: {len(found.trials)} trials, {counts}")
    if found.honest is not None:
        beside = "" if found.honest.own is None else f"; as it stands {number(found.honest.own)}"
        print(
            f"honest {metric} {number(found.honest.score)}{beside}: each fold scored by the trial "
            "that the other folds would have chosen; the sampler saw all folds"
        )
    print(
        f"best trial {found.best.number}: {metric} {number(found.best.score)} on all its folds "
        "together, on which it was chosen"
    )
    if found.outer is not None:
        print(
            f"fold {found.outer.fold}, which no trial saw: {metric} {number(found.outer.score)}; "
            f"the study's score is better by {found.outer.optimism:+.4f}: its optimism, as far as "
            "one fold can tell"
        )
    _print_trials(study, found)
    for note in found.notes:
        print(note)
    print(f"recipe: {found.recipe}")


def _print_trials(study: RecipeStudy, found: FoundRecipe) -> None:
    sign = -1 if study.metric.greater_is_better else 1
    ranked = sorted(
        (one for one in found.trials if one.score is not None),
        key=lambda one: (sign * (one.score or 0.0), one.number),
    )
    shown = ranked[:SHOWN]
    if found.own is not None and found.own not in shown:
        shown.append(found.own)
    names = [one.name for one in study.space.parameters]
    rows = [
        (
            f"{one.number}{_mark(one, found)}",
            *(_short(one.values.get(name)) for name in names),
            number(one.score),
            one.run if (study.workspace.runs / str(one.run)).is_dir() else "removed",
        )
        for one in shown
    ]
    print_table(("trial", *names, found.metric, "run"), rows)
    for one in [one for one in found.trials if one.state == "failed"][:3]:
        print(f"trial {one.number} failed: {one.reason}")


def _mark(one: SearchTrial, found: FoundRecipe) -> str:
    marks = ["as it stands"] if one is found.own else []
    marks += ["run before"] if one.is_warm else []
    return f" ({', '.join(marks)})" if marks else ""


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
