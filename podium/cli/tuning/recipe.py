"""The search of a recipe on a terminal, by trainings that are ordinary runs."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from podium.cli.context import command_line, open_workspace, print_to_type, progress
from podium.cli.options import parse_duration, parse_integers
from podium.cli.tables import print_json, print_table
from podium.errors import UsageError, plural
from podium.training.runs.job import Deadline
from podium.tuning.cross_fit import describe_gain_over_recipe, paired_gain
from podium.workflows.engines import HERE, open_engine
from podium.workflows.tuning.recipe_result import conclude_recipe_study
from podium.workflows.tuning.recipe_trials import (
    plan_recipe_study,
    run_recipe_trials,
    run_recipe_workers,
)
from podium.workspace.display import number

if TYPE_CHECKING:
    from podium.workflows.tuning.recipe_plan import RecipeStudy
    from podium.workflows.tuning.recipe_result import FoundRecipe, OuterFoldScore, SearchTrial

__all__ = ["search_recipe"]

SHOWN = 10


def search_recipe(
    ctx: typer.Context,
    recipe: str,
    space: Path,
    *,
    trials: int,
    workers: int | None,
    sampler: str,
    pruner: str,
    folds: str | None,
    outer_fold: int | None,
    keep: str,
    storage: str | None,
    max_time: str | None,
    overrides: tuple[str, ...],
    as_json: bool,
    seed: int,
    on: str,
) -> None:
    """Search what a space names, each trial an ordinary run; print the trials and the recipe.

    Args:
        ctx: of the command.
        workers: processes that take trials; None: as many as the engine `on` has room for.
        on: the engine.
    """
    deadline = Deadline(parse_duration(max_time, "--max-time"))
    workspace, competition = open_workspace(ctx)
    shown = progress()
    study = plan_recipe_study(
        workspace,
        competition,
        recipe,
        space,
        overrides=overrides,
        folds=parse_integers(folds, "--folds"),
        outer_fold=outer_fold,
        sampler=sampler,
        pruner=pruner,
        keep=_kept(keep),
        seed=seed,
        storage=storage,
        progress=shown,
    )
    with open_engine(on if on != HERE else f"local:{workers or 1}") as engine:
        if engine is not None:
            run_recipe_workers(
                study,
                engine,
                space,
                trials=trials,
                workers=workers,
                max_time_s=deadline.left(),
                progress=shown,
            )
    stopped = run_recipe_trials(study, trials=trials, max_time_s=deadline.left(), progress=shown)
    if stopped is not None:
        shown.say(stopped)
    found = conclude_recipe_study(
        study, score_outer=stopped is None, max_time_s=deadline.left(), progress=shown
    )
    _print(study, found, stopped, as_json=as_json)


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
    print(f"{found.study}: {plural(len(found.trials), 'trial')}, {counts}")
    if found.honest is not None:
        beside = "" if found.honest.own is None else f"; as it stands {number(found.honest.own)}"
        print(
            f"honest {metric} {number(found.honest.score)}{beside}, means of folds: each fold "
            "scored by the trial that the other folds would have chosen; the sampler saw all folds"
        )
    print(
        f"best trial {found.best.number}: {metric} {number(found.best.score)} on all its folds "
        "together, on which it was chosen"
    )
    if found.own is not None:
        print(_describe_choice(study, found.best, found.own))
    if found.outer is not None:
        print(_describe_outer(found.outer, metric))
    _print_trials(study, found)
    for note in found.notes:
        print_to_type(note)
    print(f"recipe: {found.recipe}")
    print(f"next: {command_line('train', found.recipe.stem)}")


def _describe_choice(study: RecipeStudy, best: SearchTrial, own: SearchTrial) -> str:
    """Return in a sentence whether the best trial is better than the recipe by more than chance."""
    if best is own:
        return describe_gain_over_recipe(None)
    scores = ([one.folds[fold] for fold in study.folds] for one in (best, own))
    return describe_gain_over_recipe(
        paired_gain(*scores, greater_is_better=study.metric.greater_is_better)
    )


def _describe_outer(outer: OuterFoldScore, metric: str) -> str:
    """Return what the fold that no trial used shows of the study's score."""
    beside = f"{'better' if outer.optimism >= 0 else 'worse'} by {abs(outer.optimism):.4f}"
    return (
        f"fold {outer.fold}, which no trial saw: {metric} {number(outer.score)}; the study's score "
        f"is {beside}: its optimism, as far as one fold can tell"
    )


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
        print_to_type(f"trial {one.number} failed: {one.reason}")


def _mark(one: SearchTrial, found: FoundRecipe) -> str:
    marks = ["as it stands"] if one is found.own else []
    marks += ["run before"] if one.is_warm else []
    return f" ({', '.join(marks)})" if marks else ""


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
