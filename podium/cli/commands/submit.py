"""`podium submit`: from a blend to a score on the board, spending one submission of the day."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from podium.cli.context import opened, progress

if TYPE_CHECKING:
    from podium.competition.spec import Competition
    from podium.workspace.layout import Workspace

EXAMPLE = (
    "podium submit --rehearse   ·   podium submit --dry-run   ·   "
    "podium submit blend-1a2b3c4d -m 'two backbones'"
)


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
    rehearse: Annotated[
        bool,
        typer.Option(help="Write the out-of-fold predictions instead, and score the file here."),
    ] = False,
    fold: Annotated[
        str | None, typer.Option(help="With --rehearse: of fold 0, or 0,1; default: all.")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Spend the last submission of the day.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Send the same content once more.")
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
    if rehearse or fold is not None:
        _rehearse(workspace, competition, what, fold, as_json=as_json)
        return
    receipt = submit(
        workspace,
        competition,
        what,
        message=message,
        dry_run=dry_run,
        yes=yes,
        again=again,
        wait_s=duration_s(wait, "--wait") or 0.0,
        progress=progress(),
    )
    if as_json:
        print(receipt.model_dump_json(indent=2))
        return
    sent = "" if receipt.ref is None else f" as number {receipt.ref}"
    print(f"{receipt.file}: {receipt.state}{sent}, public score {number(receipt.public_score)}")
    if not dry_run:
        print(f"receipt: submissions/{receipt.id}/receipt.json")
        print_board(board_of(workspace, competition, refresh=True, progress=progress()))


def _rehearse(
    workspace: Workspace,
    competition: Competition,
    what: str | None,
    fold: str | None,
    *,
    as_json: bool,
) -> None:
    from podium.cli.files import folds_of, print_rehearsal
    from podium.errors import UsageError
    from podium.workflows.rehearsing import rehearse
    from podium.workflows.submitting import blend_of

    if what is not None and Path(what).is_file():
        raise UsageError(
            "a blend is rehearsed, or a run", fix=f"score a file: podium check {what} --fold all"
        )
    to = progress()
    blend = blend_of(workspace, competition, what, to)
    found = rehearse(workspace, competition, blend, folds_of(fold), progress=to)
    print_rehearsal(found, as_json=as_json)
    if found.score is None:
        raise typer.Exit(2)
