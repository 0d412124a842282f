"""`podium predict`: predictions of a trained run with other views or on another split."""

from __future__ import annotations

from typing import Annotated

import typer

from podium.cli.context import opened, progress

EXAMPLE = "podium predict baseline --tta hflip,vflip,rot90"


def run(
    ctx: typer.Context,
    run_name: Annotated[str, typer.Argument(metavar="RUN", help="A run's id, or a recipe's name.")],
    split: Annotated[
        str | None,
        typer.Option(
            help="oof, test, unlabelled (comma-separated); default: oof, and test if any."
        ),
    ] = None,
    tta: Annotated[
        str | None, typer.Option(help="Views beside the identity; default: the recipe's.")
    ] = None,
    folds: Annotated[str | None, typer.Option(help="Only these folds' networks.")] = None,
    neighbours: Annotated[
        bool,
        typer.Option(help="Also classes by the nearest training images, as a member to blend."),
    ] = False,
) -> None:
    """Predict with a run's networks and keep the result as a prediction set of its own."""
    from podium.cli.values import numbers, words
    from podium.training import predict

    workspace, competition = opened(ctx)
    trained = workspace.artefact(run_name, rooms=("runs",))
    folder = predict(
        workspace,
        competition,
        trained,
        splits=None if split is None else words(split),
        tta=None if tta is None else words(tta),
        folds=numbers(folds, "--folds"),
        progress=progress(),
    )
    print(folder)
    if neighbours:
        from podium.workflows.neighbours import neighbour_member

        print(neighbour_member(workspace, competition, trained, progress=progress()))
