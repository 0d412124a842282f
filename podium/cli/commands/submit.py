"""`podium submit`: from a blend to a score on the board, spending one submission of the day."""

from __future__ import annotations

from typing import Annotated

import typer

from podium import cli
from podium.cli.completion import artefact_names
from podium.cli.context import open_workspace, progress
from podium.cli.options import parse_duration
from podium.errors import UsageError

EXAMPLE = (
    "podium submit --rehearse   ·   podium submit --dry-run   ·   "
    "podium submit blend-1a2b3c4d -m 'two backbones'   ·   podium submit --code pack"
)


def run(
    ctx: typer.Context,
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="[BLEND|RUN|FILE]",
            help="Default: the best that is finished, as podium status has it.",
            autocompletion=artefact_names,
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
    match_rates: Annotated[
        bool,
        typer.Option(
            "--match-rates",
            help="Thresholds or class weights by which the test set has as many of each class "
            "as out of fold.",
        ),
    ] = False,
    plain: Annotated[
        bool,
        typer.Option("--plain", help="Decide plainly, by 0.5 or argmax: of a run, too."),
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Spend the last submission of the day.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Send the same content once more.")
    ] = False,
    code: Annotated[
        bool, typer.Option("--code", help="Submit a package, or pack a blend first, as a notebook.")
    ] = False,
    accelerator: Annotated[
        str, typer.Option(help="With --code: Kaggle's name of a machine, as NvidiaTeslaT4.")
    ] = "",
    name: Annotated[
        str, typer.Option(help="With --code: part of the dataset's and the notebook's name.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the receipt as JSON.")] = False,
    wait: Annotated[
        str | None,
        typer.Option(help="How long to wait for the score; default 10m, with --code 12h."),
    ] = None,
) -> None:
    """Write the file, check it, upload it with the official client, wait for the score.

    With --code: make the package a dataset, push its notebook, wait for it, submit that version.
    """
    from podium.workflows.submission.submitting import submit, submit_package

    workspace, competition = open_workspace(ctx)
    if code and (rehearse or fold is not None):
        raise UsageError("a notebook is rehearsed another way", fix="podium pack --rehearse PACK")
    if dry_run and (rehearse or fold is not None):
        raise UsageError(
            "a rehearsal sends nothing by itself, and --dry-run writes the file to hand in instead",
            fix="leave one of them out",
        )
    if match_rates and (code or rehearse or fold is not None):
        raise UsageError(
            "rates are matched to the test set of this workspace, which a notebook and a rehearsal "
            "do not have",
            fix="leave out --match-rates",
        )
    if plain and code:
        raise UsageError(
            "a package holds a decision", fix="pack the blend that podium blend --plain makes"
        )
    if plain and match_rates:
        raise UsageError(
            "--match-rates changes the thresholds that --plain keeps", fix="leave one of them out"
        )
    if rehearse or fold is not None:
        cli.submission_files.rehearse_blend(
            workspace, competition, what, fold, plain=plain, as_json=as_json
        )
        return
    wait_s = None if wait is None else parse_duration(wait, "--wait") or 0.0
    if not code and (accelerator or name):
        option = "--accelerator" if accelerator else "--name"
        raise UsageError(f"{option} is for a notebook", fix="add --code, or leave it out")
    if code:
        receipt = submit_package(
            workspace,
            competition,
            what,
            message=message,
            name=name,
            accelerator=accelerator,
            dry_run=dry_run,
            yes=yes,
            again=again,
            wait_s=wait_s,
            progress=progress(),
        )
    else:
        receipt = submit(
            workspace,
            competition,
            what,
            message=message,
            dry_run=dry_run,
            match_rates=match_rates,
            plain=plain,
            yes=yes,
            again=again,
            wait_s=600.0 if wait_s is None else wait_s,
            progress=progress(),
        )
    cli.submission_files.print_receipt(
        workspace, competition, receipt, dry_run=dry_run, as_json=as_json
    )
