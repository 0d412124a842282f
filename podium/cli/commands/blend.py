"""`podium blend`: weights and decisions over several runs, fitted and scored across folds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from podium.cli.context import open_workspace, progress
from podium.cli.options import AsJson, Seed, Trials, split_commas
from podium.errors import DataError, RunError, UsageError

if TYPE_CHECKING:
    from podium.competition.spec import Competition
    from podium.workflows.matched_rates import ThresholdTransfer
    from podium.workspace.layout import Workspace

# By their files: importing them takes long, and --help need not.
_METHODS = sorted(
    file.stem for file in Path(__file__).parents[2].glob("ensembling/methods/[a-z]*.py")
)

EXAMPLE = "podium blend baseline strong --method hill_climb"


def run(
    ctx: typer.Context,
    members: Annotated[
        list[str] | None,
        typer.Argument(help="Runs, by id or name; default: every finished run and import."),
    ] = None,
    method: Annotated[
        str | None,
        typer.Option(
            help=f"How: {', '.join(_METHODS)}, or module:object of your own; default: hill_climb, "
            "of masks mean."
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
    trials: Trials = 50,
    as_json: AsJson = False,
    seed: Seed = 0,
) -> None:
    """Blend runs; the honest score has weights and decisions fitted on the other folds only.

    With --auto, of all methods whose honest score is within one standard error of the best the one
    that fits the fewest numbers is taken.
    """
    from podium.cli.blends import print_blend
    from podium.workflows.blending import blend_runs

    families = _families(auto, methods, method)
    workspace, competition = open_workspace(ctx)
    folder = blend_runs(
        workspace,
        competition,
        members or None,
        method=method,
        families=families,
        name=name or ("auto" if auto else "blend"),
        trials=trials,
        seed=seed,
        progress=progress(),
    )
    rates = _rates(workspace, competition, folder)
    print_blend(folder, competition, rates=rates, as_json=as_json)


def _families(auto: bool, methods: str | None, method: str | None) -> tuple[str, ...]:
    """Return the methods of which one is to be chosen; none without --auto."""
    from podium.ensembling.method import method_names

    if not auto:
        if methods is not None:
            raise UsageError("--methods names those that --auto tries", fix="add --auto")
        return ()
    if method is not None:
        raise UsageError("--auto chooses the method", fix="leave --method out, or --auto")
    return split_commas(methods) or tuple(method_names())


def _rates(
    workspace: Workspace, competition: Competition, folder: Path
) -> tuple[ThresholdTransfer, ...]:
    """Return the effect of the thresholds on the test set; nothing where it is unknown."""
    from podium.workflows.matched_rates import threshold_rates

    try:
        return threshold_rates(workspace, competition, folder, progress=progress())
    except (DataError, RunError, UsageError):  # no thresholds, or no predictions of the test set
        return ()
