"""`podium tune losses`: the weights of a recipe's losses, searched in short trainings."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from podium.cli.context import open_workspace, progress
from podium.cli.options import AsJson, Overrides, Seed, parse_integers, worker_arguments
from podium.workflows.tuning.workers import end_with_parent, run_workers

if TYPE_CHECKING:
    from podium.tuning.loss_weights import LossSearch, LossTrial
    from podium.workflows.tuning.losses import TunedLosses

EXAMPLE = "podium tune losses joint --trials 30 -o phases[1].epochs=2"
SHOWN = 10


def run(
    ctx: typer.Context,
    recipe: Annotated[str, typer.Argument(help="A recipe file, or a name in recipes/.")],
    trials: Annotated[
        int, typer.Option(min=1, help="Of the study in all; the first is the recipe as it stands.")
    ] = 20,
    folds: Annotated[
        str | None, typer.Option(help="Score trials on these folds: 0,1 or 0-2; default: all.")
    ] = None,
    metric: Annotated[
        list[str] | None,
        typer.Option(help="Score by it; a second --metric searches a Pareto front."),
    ] = None,
    sampler: Annotated[str, typer.Option(help="tpe, gp, cmaes, random or nsga2.")] = "tpe",
    pruner: Annotated[
        str | None,
        typer.Option(help="Stops hopeless trials: median (default), wilcoxon or none."),
    ] = None,
    override: Overrides = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that share the cores.")] = 1,
    storage: Annotated[
        str | None,
        typer.Option(help="URL of the studies' database; default: the workspace's studies.db."),
    ] = None,
    worker: Annotated[int, typer.Option(hidden=True)] = 0,
    as_json: AsJson = False,
    seed: Seed = 0,
) -> None:
    """Search the weights of a recipe's losses, and write the recipe with the best of them.

    Terms, heads and unlabelled terms are weighed against each other, each trial on fold after fold.
    Overrides make the trials short; they are not in the recipe that is written. The same command
    goes on where it was interrupted.
    """
    from podium.tuning.studies.storages import without_password
    from podium.workflows.tuning.losses import tune_losses

    workspace, competition = open_workspace(ctx)
    if worker:
        end_with_parent()

    def run_all() -> None:
        url, secret = (storage, {}) if storage is None else without_password(storage)
        words = [worker_arguments(ctx, number, storage=url) for number in range(1, workers + 1)]
        run_workers(words, environment=secret, progress=progress())

    found = tune_losses(
        workspace,
        competition,
        recipe,
        overrides=tuple(override or ()),
        trials=trials,
        folds=parse_integers(folds, "--folds"),
        by=tuple(metric or ()),
        sampler=sampler,
        pruner=pruner,
        storage=storage,
        seed=seed,
        told=_print_line if worker else None,
        beside=run_all if workers > 1 else None,
        progress=progress(),
    )
    if not worker:
        _print(found, as_json=as_json)


def _print_line(line: str) -> None:
    print(line.strip(), flush=True)  # for the parent process


def _print(found: TunedLosses, *, as_json: bool) -> None:
    from podium.cli.tables import number, print_json
    from podium.workflows.tuning.losses import describe_improvement

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
    print(describe_improvement(search))
    _print_trials(search, found.study)
    if search.at_the_end:
        print(
            f"near the end of what was searched: {', '.join(search.at_the_end)}; "
            f"`podium tune losses {found.recipe.stem}` goes on from there"
        )
    for one in search.trials:
        if one.state == "failed":
            print(f"trial {one.number} failed: {one.reason}")
    for note in found.notes:
        print(note)
    print(f"recipe: {found.recipe}")


def _print_trials(search: LossSearch, study: str) -> None:
    """Print the Pareto front of two metrics, or the best trials of one; and the recipe's own."""
    from podium.cli.tables import number, print_table

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
    title = f"{study}: {what}{len(search.trials)} trials ({counts})"
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
