"""`podium show`: a run, blend, import, pseudo-labels, a study, or an image."""

from __future__ import annotations

from typing import Annotated

import typer

from podium import cli
from podium.cli.completion import artefact_names
from podium.cli.context import open_workspace
from podium.cli.options import AsJson

EXAMPLE = "podium show joint"


def run(
    ctx: typer.Context,
    artefact: Annotated[
        str,
        typer.Argument(
            metavar="RUN|BLEND|IMPORT|PSEUDO|STUDY|IMAGE",
            help="An id, or a name.",
            autocompletion=artefact_names,
        ),
    ],
    members: Annotated[
        bool, typer.Option("--members", help="Of a blend: what each member brings to it.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show a run's scores at its start and after each phase, or a blend's members and decision.

    For a run trained without labels: its phases, its images and its last epoch.
    For a run trained with extra images: also its score with and without them.
    For an image (its id, or its file): its facts, labels and predictions.
    """
    cli.artefacts.show_artefact(*open_workspace(ctx), artefact, members=members, as_json=as_json)
