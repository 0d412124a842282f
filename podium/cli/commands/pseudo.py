"""`podium pseudo`: predictions of fold models on images without labels, kept by fold."""

from __future__ import annotations

from typing import Annotated

import typer

from podium import cli
from podium.cli.context import open_workspace, progress
from podium.cli.options import ArtefactName, AsJson, AsJsonLines, On, parse_integers, split_commas

EXAMPLE = "podium pseudo baseline --threshold 0.8"


def run(
    ctx: typer.Context,
    artefact: ArtefactName,
    threshold: Annotated[
        float,
        typer.Option(min=0.0, max=1.0, help="What is less sure counts as unknown; pixels, too."),
    ] = 0.0,
    split: Annotated[
        str, typer.Option(help="Of which images: unlabelled, test (comma-separated).")
    ] = "unlabelled",
    name: Annotated[
        str | None, typer.Option(help="Name of the pseudo-labels; default: pseudo-<its name>.")
    ] = None,
    folds: Annotated[str | None, typer.Option(help="Only these folds' models.")] = None,
    on: On = "local:1",
    as_json: AsJson = False,
    as_json_lines: AsJsonLines = False,
) -> None:
    """Write pseudo-labels by fold, for a recipe's key `pseudo`; what is missing is predicted.

    The student of fold k gets the predictions of the models of fold k, not trained on its labels.
    """
    from podium.workflows.pseudo.labelling import pseudo_label

    folder = pseudo_label(
        *open_workspace(ctx),
        artefact,
        splits=split_commas(split),
        threshold=threshold,
        folds=parse_integers(folds, "--folds"),
        name=name,
        on=on,
        progress=progress(),
    )
    cli.pseudo_labels.print_pseudo(folder, as_json=as_json or as_json_lines)
