"""`podium label request`: which unlabelled images would tell most, and a sheet to label them on."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from podium.cli.context import opened, progress
from podium.cli.options import AsJson

EXAMPLE = "podium label request baseline --n 200 --by margin --diverse"


def run(
    ctx: typer.Context,
    artefact: Annotated[str, typer.Argument(metavar="RUN|BLEND", help="An id, or a name.")],
    n: Annotated[int, typer.Option("--n", min=1, help="How many images, at most.")] = 200,
    by: Annotated[
        Literal["entropy", "margin", "least-confidence", "disagreement"],
        typer.Option(help="Where the models are least sure; disagreement: of folds, or members."),
    ] = "margin",
    diverse: Annotated[
        bool, typer.Option("--diverse", help="Images that are far from each other.")
    ] = False,
    balance: Annotated[
        bool, typer.Option("--balance", help="As many of each predicted class as possible.")
    ] = False,
    repeat: Annotated[
        bool, typer.Option("--repeat", help="Also what was asked before and not answered.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write a table, thumbnails and a sheet of the unlabelled images whose labels would tell most.

    Open index.html, pick labels, download the answers, and bring them back with
    `podium label import`. What was asked or answered before is left out.
    """
    from podium.cli.labelling.printing import print_request
    from podium.workflows.label_requests import request_labels

    workspace, competition = opened(ctx)
    folder = request_labels(
        workspace,
        competition,
        artefact,
        n=n,
        rule=by,
        diverse=diverse,
        balance=balance,
        repeat=repeat,
        progress=progress(),
    )
    print_request(folder, n, as_json=as_json)
