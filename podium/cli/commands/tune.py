"""`podium tune`: decisions of a run or a blend, and of recipes losses, rates and all else."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from podium import cli
from podium.cli.context import open_workspace, session
from podium.cli.options import (
    ArtefactName,
    AsJson,
    AsJsonLines,
    MaxTime,
    On,
    Overrides,
    PhaseName,
    RecipeName,
    Seed,
    Trials,
    Workers,
    parse_bytes,
)
from podium.errors import UsageError

app = typer.Typer(no_args_is_help=True, help="Tune decisions, the weights of losses, and recipes.")


@app.command("thresholds", epilog="Example: podium tune thresholds baseline")
def _thresholds(
    ctx: typer.Context,
    artefact: ArtefactName,
    steps: Annotated[
        Path | None,
        typer.Option(help="A YAML list of steps with values to try, as docs/decide.md has it."),
    ] = None,
    trials: Trials = 50,
    raw: Annotated[
        bool,
        typer.Option("--raw", help="Take the raw maximum, not the middle of what is as good."),
    ] = False,
    as_json: AsJson = False,
    as_json_lines: AsJsonLines = False,
    seed: Seed = 0,
) -> None:
    """Fit the decision of a run or blend on the scored task, and keep it as a blend.

    Shows the honest score beside the optimistic one, and what other thresholds would have scored.

    Labels: thresholds, class weights, cut points, and the number of labels a row has. Masks: the
    threshold of a pixel or the weight of the background, smallest areas, a median filter, and when
    the classifier empties a mask. With --steps: any parameter of any step, from the file.
    """
    cli.tuning.thresholds.tune_thresholds(
        *open_workspace(ctx),
        artefact,
        steps=steps,
        trials=trials,
        seed=seed,
        raw=raw,
        as_json=as_json or as_json_lines,
    )


@app.command("losses", epilog="Example: podium tune losses joint --trials 30 -o phases[1].epochs=2")
def _losses(
    ctx: typer.Context,
    recipe: RecipeName,
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
    max_time: Annotated[str | None, typer.Option(hidden=True)] = None,
    override: Overrides = None,
    workers: Workers = None,
    on: On = "local:1",
    storage: Annotated[
        str | None,
        typer.Option(help="URL of the studies' database; default: the workspace's studies.db."),
    ] = None,
    as_json: AsJson = False,
    as_json_lines: AsJsonLines = False,
    seed: Seed = 0,
) -> None:
    """Search the weights of a recipe's losses, and write the recipe with the best of them.

    Terms, heads and unlabelled terms are weighed against each other, each trial on fold after fold.
    Overrides make the trials short; they are not in the recipe that is written. The same command
    goes on where it was interrupted.
    """
    if max_time is not None:  # as `tune recipe` has it
        raise UsageError(
            "a search of the weights of losses ends after a number of trials, not after a time",
            fix=f"type: podium tune losses {recipe} --trials {trials}; after Ctrl-C the "
            "same command goes on",
        )
    cli.tuning.losses.search_losses(
        ctx,
        recipe,
        trials=trials,
        folds=folds,
        metrics=tuple(metric or ()),
        sampler=sampler,
        pruner=pruner,
        overrides=tuple(override or ()),
        workers=workers,
        storage=storage,
        on=on,
        as_json=as_json or as_json_lines,
        seed=seed,
    )


@app.command("lr", epilog="Example: podium tune lr baseline --figure lr.svg")
def _rate(
    ctx: typer.Context,
    recipe: RecipeName,
    phase: PhaseName = None,
    steps: Annotated[int, typer.Option(min=2, help="Optimiser steps at most.")] = 100,
    low: Annotated[float, typer.Option(help="The first step's rate.")] = 1e-7,
    high: Annotated[float, typer.Option(help="The last step's rate.")] = 10.0,
    figure: Annotated[Path | None, typer.Option(help="Draw it into this SVG.")] = None,
    override: Overrides = None,
    as_json: AsJson = False,
    as_json_lines: AsJsonLines = False,
) -> None:
    """Raise the learning rate step by step until training diverges, and propose one or two rates.

    One is where the loss falls fastest; where training diverges, the other is safe. The phase
    starts from the recipe's first weights; nothing is kept and no file is changed. What is proposed
    is a start for a search, not its end: short runs on folds decide.
    """
    if figure is not None and figure.suffix != ".svg":
        raise UsageError(
            f"the figure is an SVG, and {figure} is named as something else",
            fix=f"write --figure {figure.with_suffix('.svg')}",
        )
    cli.tuning.rate_and_batch.tune_rate(
        *open_workspace(ctx),
        recipe,
        overrides=tuple(override or ()),
        phase=phase,
        steps=steps,
        low=low,
        high=high,
        figure=figure,
        as_json=as_json or as_json_lines,
    )


@app.command("batch", epilog="Example: podium tune batch strong --memory 4GB")
def _batch(
    ctx: typer.Context,
    recipe: RecipeName,
    phase: PhaseName = None,
    memory: Annotated[
        str | None,
        typer.Option(help="Of a step on a CPU, as 4GB; default: 80 % of what is free."),
    ] = None,
    start: Annotated[int, typer.Option(min=1, help="The first size.")] = 8,
    most: Annotated[int, typer.Option(min=1, help="Try none larger.")] = 1024,
    override: Overrides = None,
    as_json: AsJson = False,
    as_json_lines: AsJsonLines = False,
) -> None:
    """Try batch sizes by real steps of training, and print which are useful.

    Doubles until one does not fit, then bisects; each size runs in a process of its own, so that
    nothing of it stays. No file is changed. Another batch size needs another learning rate: `podium
    tune lr` finds it.
    """
    cli.tuning.rate_and_batch.tune_batch(
        *open_workspace(ctx),
        recipe,
        overrides=tuple(override or ()),
        phase=phase,
        start=start,
        most=most,
        memory=None if memory is None else parse_bytes(memory, "--memory"),
        as_json=as_json or as_json_lines,
    )


@app.command(
    "recipe",
    epilog="Example: podium tune recipe base --space space.yaml --trials 100 --workers 4 "
    "--keep best:5",
)
def _recipe(
    ctx: typer.Context,
    recipe: RecipeName,
    space: Annotated[
        Path | None,
        typer.Option(help="File of places of the recipe, and what is tried there; needed."),
    ] = None,
    trials: Annotated[int, typer.Option(min=1, help="Trainings, with those of before.")] = 20,
    workers: Workers = None,
    on: On = "local:1",
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
    max_time: MaxTime = None,
    override: Overrides = None,
    as_json: AsJson = False,
    as_json_lines: AsJsonLines = False,
    seed: Seed = 0,
) -> None:
    """Search a recipe's values, each trial an ordinary run, and write the best recipe.

    The same command goes on where it was interrupted; with more trials it adds to them. Overrides
    hold in every trial, and are not in the recipe that is written.
    """
    if space is None:
        raise UsageError(
            "the search needs a file of what is tried",
            fix="write the line `optimizer.lr: {low: 1e-4, high: 1e-2, log: true}` into "
            f"space.yaml, and type: podium tune recipe {recipe} --space space.yaml",
        )
    cli.tuning.recipe.search_recipe(
        ctx,
        recipe,
        space,
        trials=trials,
        workers=workers,
        sampler=sampler,
        pruner=pruner,
        folds=folds,
        outer_fold=outer_fold,
        keep=keep,
        storage=storage,
        max_time=max_time,
        overrides=tuple(override or ()),
        as_json=as_json or as_json_lines,
        seed=seed,
        on=on,
    )


@app.command("show", epilog="Example: podium tune show losses-joint-5a259cd1")
def _show(
    ctx: typer.Context,
    study: Annotated[str | None, typer.Argument(help="Its name; default: all, in a line.")] = None,
    storage: Annotated[
        str | None,
        typer.Option(
            help="sqlite:///FILE, journal:FILE or postgresql://…; default: the workspace's.",
        ),
    ] = None,
    free: Annotated[
        list[int] | None,
        typer.Option(
            metavar="TRIAL",
            help="Give up a trial that runs nowhere any more; its values are tried again.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the studies that tuning made, or of one the best trials and what mattered in them."""
    cli.tuning.show.show_studies(
        session(ctx), study, storage=storage, free=free or (), as_json=as_json
    )
