"""`podium soup`: a run with the mean weights of other runs."""

from __future__ import annotations

from typing import Annotated

import typer

from podium.cli.completion import run_names
from podium.cli.context import open_workspace, progress
from podium.cli.options import AsJsonLines, On
from podium.cli.tables import print_json

EXAMPLE = "podium soup tuned-1 tuned-2 tuned-3 --method greedy"


def run(
    ctx: typer.Context,
    runs: Annotated[
        list[str],
        typer.Argument(metavar="RUN …", help="Runs of one architecture.", autocompletion=run_names),
    ],
    method: Annotated[
        str, typer.Option(help="uniform: all of them; greedy: those that do no harm.")
    ] = "greedy",
    name: Annotated[str, typer.Option(help="Name of the run that is made.")] = "soup",
    on: On = "local:1",
    as_json_lines: AsJsonLines = False,
) -> None:
    """Average the weights of runs that started from the same ones: a run as fast as one of them.

    Which runs are in the soup of fold k is decided by the scores of the other folds.
    """
    from podium.workflows.predicting import soup_of_runs

    made = soup_of_runs(
        *open_workspace(ctx),
        runs,
        method=method,  # type: ignore[arg-type]
        name=name,
        on=on,
        progress=progress(),
    )
    if as_json_lines:
        print_json({"run": made})
    else:
        print(made)
