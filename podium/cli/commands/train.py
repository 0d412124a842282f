"""`podium train`: train a recipe over the folds; finished work is kept."""

from __future__ import annotations

from typing import Annotated

import typer

from podium import cli
from podium.cli.context import open_workspace
from podium.cli.options import (
    AsJson,
    AsJsonLines,
    MaxTime,
    On,
    Overrides,
    RecipeNames,
    parse_duration,
    parse_folds,
    parse_integers,
)

EXAMPLE = "podium train baseline -o optimizer.lr=3e-4 --folds 0,1 --max-time 3h"


def run(
    ctx: typer.Context,
    recipes: RecipeNames,
    override: Overrides = None,
    folds: Annotated[
        str | None, typer.Option(help="Only these folds: 0,1 or 0-2; none: with --full alone.")
    ] = None,
    full: Annotated[
        bool,
        typer.Option(help="Also train on all rows; this network helps to predict the test set."),
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

    --folds none --full trains one network on all labels and nothing else: `podium submit RUN` sends
    what it predicts, without a score of its own. Folds that are trained later go into the same run.

    --fit-time measures some steps on this machine first, and then acts as the overrides that it
    prints: the run's id names what was trained.

    --on trains the folds of all runs side by side, with the same results where each has as many
    threads; `podium jobs` shows them.

    Without a terminal, progress is a line a minute. The last lines are what the runs brought, and
    two commands to go on with.
    """
    cli.trainings.train(
        *open_workspace(ctx),
        recipes,
        overrides=tuple(override or ()),
        folds=parse_folds(folds, full=full),
        full=full,
        seeds=parse_integers(seeds, "--seeds"),
        max_time_s=parse_duration(max_time, "--max-time"),
        fit_time_s=parse_duration(fit_time, "--fit-time"),
        again=again,
        on=on,
        as_json=as_json,
        as_json_lines=as_json_lines,
    )
