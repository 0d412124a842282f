"""`podium blend`: weights and decisions over several runs, fitted and scored across folds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from podium import cli
from podium.cli.completion import member_names, part_names
from podium.cli.context import open_workspace
from podium.cli.options import AsJson, AsJsonLines, On, Seed, Trials, split_commas
from podium.errors import UsageError

# By their files: importing them takes long, and --help need not.
_METHODS = sorted(
    file.stem for file in Path(__file__).parents[2].glob("ensembling/methods/[a-z]*.py")
)

EXAMPLE = "podium blend baseline strong --method hill_climb"


def run(
    ctx: typer.Context,
    members: Annotated[
        list[str] | None,
        typer.Argument(
            help="Runs, by id or name; default: every finished run and import.",
            autocompletion=member_names,
        ),
    ] = None,
    method: Annotated[
        str | None,
        typer.Option(
            help=f"How: {', '.join(_METHODS)}, or module:object of your own; default: hill_climb, "
            "of masks mean.",
            autocompletion=part_names("ensembling/methods"),
        ),
    ] = None,
    auto: Annotated[
        bool, typer.Option("--auto", help="Try the methods, and choose one by honest scores.")
    ] = False,
    methods: Annotated[
        str | None,
        typer.Option(help="Those that --auto tries: mean,hill_climb; default: all but your own."),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Name of the blend; default: blend, or auto.")
    ] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="Decide plainly, by 0.5 or argmax: tune nothing.")
    ] = False,
    trials: Trials = 50,
    on: On = "local:1",
    as_json: AsJson = False,
    as_json_lines: AsJsonLines = False,
    seed: Seed = 0,
) -> None:
    """Blend runs; the honest score has weights and decisions fitted on the other folds only.

    With --auto, of all methods whose honest score is within one standard error of the best the one
    that fits the fewest numbers is taken.
    """
    if on != "local:1" and not auto:
        raise UsageError("--on fits the methods of --auto side by side", fix="add --auto")
    if methods is not None and not auto:
        raise UsageError("--methods names those that --auto tries", fix="add --auto")
    if method is not None and auto:
        raise UsageError("--auto chooses the method", fix="leave --method out, or --auto")
    cli.blends.blend_members(
        *open_workspace(ctx),
        members or None,
        method=method,
        families=split_commas(methods) if auto else None,
        name=name or ("auto" if auto else "blend"),
        plain=plain,
        trials=trials,
        on=on,
        seed=seed,
        as_json=as_json or as_json_lines,
    )
