"""`podium folds`: fix which row is validated in which fold."""

from __future__ import annotations

from typing import Annotated

import typer

from podium import cli
from podium.cli.context import open_workspace
from podium.cli.options import AsJson

EXAMPLE = "podium folds   ·   podium folds --group duplicates"


def run(
    ctx: typer.Context,
    redo: Annotated[bool, typer.Option(help="Make them anew; refused once runs exist.")] = False,
    group: Annotated[
        list[str] | None,
        typer.Option(
            help="Keep together what `podium check` finds: duplicates, or drift:sequence (frames "
            "of a video); repeat it for both."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make folds.csv from competition.yaml (once), and show what is in each fold."""
    cli.folds.show_folds(*open_workspace(ctx), redo=redo, group=group or (), as_json=as_json)
