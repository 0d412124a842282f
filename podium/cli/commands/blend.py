"""`podium blend`: weights and decisions over several runs, fitted and scored across folds."""

from __future__ import annotations

from typing import Annotated

import typer

from podium.cli.context import opened, progress
from podium.cli.options import AsJson, Seed, Trials

EXAMPLE = "podium blend baseline strong --method hill_climb"


def run(
    ctx: typer.Context,
    members: Annotated[
        list[str] | None, typer.Argument(help="Runs, by id or name; default: every finished run.")
    ] = None,
    method: Annotated[str, typer.Option(help="mean or hill_climb; masks: mean.")] = "hill_climb",
    name: Annotated[str, typer.Option(help="Name of the blend.")] = "blend",
    trials: Trials = 50,
    as_json: AsJson = False,
    seed: Seed = 0,
) -> None:
    """Blend runs; the honest score has weights and decisions fitted on the other folds only."""
    from podium.cli.blends import print_blend
    from podium.workflows.blending import blend_runs

    workspace, competition = opened(ctx)
    folder = blend_runs(
        workspace,
        competition,
        members or None,
        method=method,
        name=name,
        trials=trials,
        seed=seed,
        progress=progress(),
    )
    print_blend(folder, competition, as_json=as_json)
