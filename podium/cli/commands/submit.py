"""`podium submit`: from a blend to a score on the board, spending one submission of the day."""

from __future__ import annotations

from typing import Annotated

import typer

from podium.cli.context import opened, progress

EXAMPLE = "podium submit --dry-run   ·   podium submit blend-1a2b3c4d -m 'two backbones'"


def run(
    ctx: typer.Context,
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="[BLEND|RUN|FILE]",
            help="Default: a blend of every finished run, made when needed.",
        ),
    ] = None,
    message: Annotated[str, typer.Option("--message", "-m", help="Shown on the site.")] = "",
    dry_run: Annotated[bool, typer.Option(help="All but the upload.")] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Spend the day's last submission, or send a file again.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the receipt as JSON.")] = False,
    wait: Annotated[str, typer.Option(help="How long to wait for the score.")] = "10m",
) -> None:
    """Write the file, check it, upload it with the official client, wait for the score."""
    from podium.cli.blends import print_board
    from podium.cli.tables import number
    from podium.cli.values import duration_s
    from podium.workflows.submitting import board_of, submit

    workspace, competition = opened(ctx)
    receipt = submit(
        workspace,
        competition,
        what,
        message=message,
        dry_run=dry_run,
        yes=yes,
        wait_s=duration_s(wait, "--wait") or 0.0,
        progress=progress(),
    )
    if as_json:
        print(receipt.model_dump_json(indent=2))
        return
    print(f"{receipt.file}: {receipt.state}, public score {number(receipt.public_score)}")
    if not dry_run:
        print_board(board_of(workspace, competition, refresh=True, progress=progress()))
