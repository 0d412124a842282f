"""`podium finals`: which submissions to choose in the end, and what is expected of them."""

from __future__ import annotations

from typing import Annotated

import typer

from podium import cli
from podium.cli.context import open_workspace
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
    cli.board.propose_finals(
        *open_workspace(ctx),
        n=n,
        public_share=public_share,
        offline=offline,
        seed=seed,
        as_json=as_json,
    )
