"""`podium board`: every submission with its honest and its public score."""

from __future__ import annotations

from typing import Annotated

import typer

from podium.cli.context import opened, progress
from podium.cli.options import AsJson

EXAMPLE = "podium board --json"


def run(
    ctx: typer.Context,
    offline: Annotated[bool, typer.Option(help="Only what is already known here.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show runs, blends and submissions with their scores, and the quota that is left."""
    from podium.cli.board import print_board
    from podium.cli.finals import analysis_lines
    from podium.cli.tables import print_json
    from podium.workflows.finals import glance_of
    from podium.workflows.submitting import board_of

    workspace, competition = opened(ctx)
    view = board_of(workspace, competition, refresh=not offline, progress=progress())
    glance = glance_of(workspace, competition, view)
    if as_json:
        print_json({**view.as_dict(), "analysis": glance.as_dict()})
    else:
        print_board(view)
        for line in analysis_lines(glance) if view.rows else ():
            print(line)
