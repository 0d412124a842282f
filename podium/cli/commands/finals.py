"""`podium finals`: which submissions to choose in the end, and what is expected of them."""

from __future__ import annotations

from typing import Annotated

import typer

from podium.cli.context import open_workspace, progress
from podium.cli.options import AsJson

EXAMPLE = "podium finals --public-share 0.3"


def run(
    ctx: typer.Context,
    n: Annotated[
        int | None, typer.Option(min=1, help="How many to choose; default: kaggle.finals.")
    ] = None,
    public_share: Annotated[
        float | None,
        typer.Option(help="Of the test set, as 0.3; default: kaggle.public_share."),
    ] = None,
    offline: Annotated[bool, typer.Option(help="Do not contact the host.")] = False,
    as_json: AsJson = False,
    seed: Annotated[int, typer.Option(min=0, help="Of the draws of test sets.")] = 0,
) -> None:
    """Propose the files for the private leaderboard, with the reason and the expected regret."""
    from podium.cli.board import print_finals
    from podium.cli.tables import print_json
    from podium.workflows.board import analyse_board
    from podium.workflows.submitting import load_board

    workspace, competition = open_workspace(ctx)
    reports = progress()
    view = load_board(workspace, competition, refresh=not offline, progress=reports)
    found = analyse_board(workspace, competition, view, public_share=public_share, n=n, seed=seed)
    if as_json:
        print_json(found.as_dict())
    else:
        print_finals(found, view, competition)
    if found.finals is None:
        from podium.errors import UsageError

        raise UsageError(f"nothing can be proposed: {found.why_not.get('finals', '')}")
