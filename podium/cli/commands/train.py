"""`podium train`: train a recipe over the folds; finished work is kept."""

from __future__ import annotations

from time import monotonic
from typing import Annotated

import typer

from podium.cli.context import open_workspace, progress
from podium.cli.options import (
    AsJson,
    AsJsonLines,
    MaxTime,
    On,
    Overrides,
    RecipeNames,
    parse_duration,
    parse_integers,
)
from podium.cli.tables import print_json

EXAMPLE = "podium train baseline -o optimizer.lr=3e-4 --folds 0,1 --max-time 3h"


def run(
    ctx: typer.Context,
    recipes: RecipeNames,
    override: Overrides = None,
    folds: Annotated[str | None, typer.Option(help="Only these folds: 0,1 or 0-2.")] = None,
    full: Annotated[
        bool, typer.Option(help="Also train on all rows, beside the cross-validated folds.")
    ] = False,
    seeds: Annotated[
        str | None,
        typer.Option(help="One run a seed: 42,43,44; and the mean and spread of their OOF scores."),
    ] = None,
    max_time: MaxTime = None,
    fit_time: Annotated[
        str | None,
        typer.Option(help="Set epochs and schedules so that all folds together take it: 20m, 3h."),
    ] = None,
    again: Annotated[
        int,
        typer.Option(
            min=0,
            help="1, 2, …: the run again, under another id; for other draws: --seeds.",
        ),
    ] = 0,
    on: On = "local:1",
    as_json: AsJson = False,
    as_json_lines: AsJsonLines = False,
) -> None:
    """Train each recipe over the folds and write OOF and test predictions.

    A recipe whose phases all learn without labels trains one network, to be started from: it has no
    folds and no predictions.

    The same command resumes an unfinished run and does nothing to a finished one. A training that
    diverges or collapses keeps its last good state; the other recipes and seeds go on, and the
    command ends with exit code 1.

    --fit-time measures some steps on this machine first, and then acts as the overrides that it
    prints: the run's id names what was trained.

    --on trains the folds of all runs side by side, with the same results where each has as many
    threads; `podium jobs` shows them.

    Without a terminal, progress is a line a minute. The last lines are what the runs brought, and
    two commands to go on with.
    """
    from podium.cli.trainings import TrainingEnd
    from podium.workflows.training import raise_failed, summarise_seeds, train_recipes

    workspace, competition = open_workspace(ctx)
    began = monotonic()
    chosen = parse_integers(seeds, "--seeds")
    attempts = train_recipes(
        workspace,
        competition,
        recipes,
        overrides=tuple(override or ()),
        folds=parse_integers(folds, "--folds"),
        full=full,
        seeds=chosen,
        max_time_s=parse_duration(max_time, "--max-time"),
        fit_time_s=parse_duration(fit_time, "--fit-time"),
        again=again,
        on=on,
        progress=progress(),
    )
    end = TrainingEnd(
        workspace,
        competition,
        trained=[one.trained for one in attempts if one.trained is not None],
        over_seeds=summarise_seeds(attempts) if chosen else None,
        seconds=monotonic() - began,
    )
    if as_json or as_json_lines:
        print_json(end.facts() if chosen or as_json_lines else end.facts()["runs"])
    else:
        end.print()
    raise_failed(attempts)
