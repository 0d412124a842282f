"""`podium board`: every submission with its honest and its public score."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from podium.cli.context import open_workspace, progress
from podium.cli.options import AsJson

if TYPE_CHECKING:
    from podium.submissions.board.view import BoardView

EXAMPLE = "podium board --json   ·   podium board --watch --every 10m"


def run(
    ctx: typer.Context,
    offline: Annotated[bool, typer.Option(help="Do not contact the host.")] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Refresh repeatedly, and print changes.")
    ] = False,
    every: Annotated[str, typer.Option(help="With --watch: interval of refreshes.")] = "10m",
    as_json: AsJson = False,
) -> None:
    """Show runs, blends and submissions with their scores and ranks, and the quota that is left."""
    from podium.cli.board import analysis_lines, print_board
    from podium.cli.options import parse_duration
    from podium.cli.tables import print_json
    from podium.errors import UsageError
    from podium.workflows.board import analyse_board_or_explain
    from podium.workflows.submitting import load_board

    workspace, competition = open_workspace(ctx)
    if watch and offline:
        raise UsageError("--watch needs the host, which --offline forbids", fix="leave one out")
    every_s = parse_duration(every, "--every") or 0.0
    if not watch:
        view = load_board(workspace, competition, refresh=not offline, progress=progress())
        glance = analyse_board_or_explain(workspace, competition, view)
        if as_json:
            print_json({**view.as_dict(), "analysis": glance.as_dict()})
        else:
            print_board(view)
            for line in analysis_lines(glance) if view.rows else ():
                print(line)
        return
    from podium.workflows.board import watch_board

    if not as_json:
        print_board(load_board(workspace, competition, refresh=False))
    tell = _print_changes_json if as_json else _print_changes
    watch_board(workspace, competition, every_s=every_s, tell=tell, complain=progress().say)


def _print_changes(changes: list[str], view: BoardView) -> None:
    for sentence in changes:
        print(f"{(view.asked or '')[:16].replace('T', ' ')}  {sentence}", flush=True)


def _print_changes_json(changes: list[str], view: BoardView) -> None:
    """Print one line, so that a script reads it as it comes."""
    import json

    line = {"at": view.asked, "changes": changes, "quota_left": view.quota_left, "own": view.own}
    print(json.dumps(line, ensure_ascii=False), flush=True)
