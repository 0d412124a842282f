"""The search of a recipe's loss weights on a terminal, in one process or several."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from podium.cli.context import open_workspace, print_to_type, progress
from podium.cli.options import parse_integers
from podium.cli.tables import print_json, print_table
from podium.errors import plural
from podium.workflows.engines import HERE, open_engine
from podium.workflows.tuning.losses import describe_improvement, tune_losses, tune_losses_on
from podium.workspace.display import number

if TYPE_CHECKING:
    from podium.tuning.loss_weights import LossSearch, LossTrial
    from podium.workflows.tuning.losses import TunedLosses

__all__ = ["search_losses"]

SHOWN = 10


def search_losses(
    ctx: typer.Context,
    recipe: str,
    *,
    trials: int,
    folds: str | None,
    metrics: Sequence[str],
    sampler: str,
    pruner: str | None,
    overrides: tuple[str, ...],
    workers: int | None,
    storage: str | None,
    on: str,
    as_json: bool,
    seed: int,
) -> None:
    """Search the weights of a recipe's losses; print them, and where the recipe with them is.

    Args:
        ctx: of the command.
        workers: processes that take trials; None: as many as the engine `on` has room for.
        on: the engine.
    """
    workspace, competition = open_workspace(ctx)
    options: dict[str, Any] = {
        "overrides": overrides,
        "folds": parse_integers(folds, "--folds"),
        "by": tuple(metrics),
        "sampler": sampler,
        "pruner": pruner,
        "seed": seed,
    }
    shown: dict[str, Any] = {"trials": trials, "storage": storage, "progress": progress()}
    with open_engine(on if on != HERE else f"local:{workers or 1}") as engine:
        beside = None
        if engine is not None:
            beside = tune_losses_on(engine, workspace, recipe, workers=workers, **shown, **options)
        found = tune_losses(workspace, competition, recipe, beside=beside, **shown, **options)
    _print(found, as_json=as_json)


def _print(found: TunedLosses, *, as_json: bool) -> None:
    search = found.search
    if as_json:
        print_json(_as_json(found))
        return
    metric, own = search.goal.metrics[0], search.own.means[0]
    if search.honest is None:
        print(f"{metric} of the recipe as it stands: {number(own)}; one fold has no honest choice")
    else:
        print(
            f"honest {metric}: {number(search.honest)}, each fold scored by the trial that the "
            f"others chose; the recipe as it stands: {number(own)}"
        )
    best = f"trial {search.best.number}, on the folds that chose it"
    print(f"optimistic ({best}): {number(search.best.means[0])}")
    print_to_type(describe_improvement(search))
    _print_trials(search, found.study)
    if search.at_the_end:
        print_to_type(
            f"near the end of what was searched: {', '.join(search.at_the_end)}; "
            f"`podium tune losses {found.recipe.stem}` goes on from there"
        )
    for one in search.trials:
        if one.state == "failed":
            print_to_type(f"trial {one.number} failed: {one.reason}")
    for note in found.notes:
        print_to_type(note)
    print(f"recipe: {found.recipe}")


def _print_trials(search: LossSearch, study: str) -> None:
    """Print the Pareto front of two metrics, or the best trials of one; and the recipe's own."""
    goal, terms, has_front = search.goal, list(search.own.factors), len(search.goal.metrics) > 1
    shown = list(search.front if has_front else search.ranked[:SHOWN])
    shown += [] if search.own in shown else [search.own]
    folds = () if has_front else goal.folds

    def row(one: LossTrial) -> list[str]:
        notes = ["best"] if one is search.best else []
        notes += ["as it stands"] if one is search.own else []
        notes += ["not on the front"] if has_front and one not in search.front else []
        return [
            str(one.number),
            *(f"{one.weights[term]:.4g}" for term in terms),
            *(number(one.scores[fold][0]) for fold in folds),
            *(number(mean) for mean in one.means),
            ", ".join(notes),
        ]

    counts = ", ".join(f"{search.count(one)} {one}" for one in ("complete", "pruned", "failed"))
    what = "the Pareto front of " if has_front else f"the best {len(shown)} of "
    what = "" if len(shown) == len(search.trials) else what
    columns = ("trial", *terms, *(f"fold {fold}" for fold in folds), *goal.metrics, "")
    title = f"{study}: {what}{plural(len(search.trials), 'trial')} ({counts})"
    print_table(columns, [row(one) for one in shown], title=title)


def _as_json(found: TunedLosses) -> dict[str, Any]:
    search = found.search
    gain, error = search.gain
    return {
        "study": found.study,
        "storage": found.storage,
        "recipe": str(found.recipe),
        **asdict(search.goal),
        "honest": search.honest,
        "optimistic": search.best.means[0],
        "as_it_stands": search.own.means[0],
        "gain": gain,
        "gain_standard_error": error if math.isfinite(error) else None,
        "best": search.best.number,
        "front": [one.number for one in search.front],
        "trials": [asdict(one) for one in search.trials],
        "notes": list(found.notes),
    }
