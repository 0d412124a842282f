"""`podium board`: every submission with its honest and its public score."""

from __future__ import annotations

from typing import Annotated

import typer

from podium import cli
from podium.cli.context import open_workspace
from podium.cli.options import AsJson, parse_duration
from podium.errors import UsageError

EXAMPLE = "podium board --json   ·   podium board --watch --every 10m"


def run(
    ctx: typer.Context,
    offline: Annotated[bool, typer.Option(help="Do not contact the host.")] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Refresh repeatedly, and print changes.")
    ] = False,
    every: Annotated[str, typer.Option(help="With --watch: interval of refreshes.")] = "10m",
    show_all: Annotated[
        bool, typer.Option("--all", help="All runs and submissions; default: the best and latest.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show runs, blends and submissions with their scores and ranks, and the quota that is left."""
    workspace, competition = open_workspace(ctx)
    if watch and offline:
        raise UsageError("--watch needs the host, which --offline forbids", fix="leave one out")
    every_s = parse_duration(every, "--every") or 0.0
    if watch:
        cli.board.watch_board(workspace, competition, every_s=every_s, as_json=as_json)
    else:
        cli.board.show_board(
            workspace, competition, offline=offline, show_all=show_all, as_json=as_json
        )
