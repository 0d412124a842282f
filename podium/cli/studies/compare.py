"""`podium study compare`: several recipes at equal epochs or in equal time."""

from __future__ import annotations

from typing import Annotated

import typer

from podium.cli.context import opened, progress
from podium.cli.options import AsJson

EXAMPLE = "podium study compare simclr barlow fixmatch --then finetune --minutes 20"


def run(
    ctx: typer.Context,
    recipes: Annotated[list[str], typer.Argument(help="Recipe files, or names in recipes/.")],
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Of each recipe, its phases together.")
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(help="In place of epochs: how long one model of each recipe learns."),
    ] = None,
    then: Annotated[
        str | None,
        typer.Option(help="Recipe that goes on, with labels, from those that learn without."),
    ] = None,
    seeds: Annotated[str, typer.Option(help="One run of each recipe a seed: 0,1,2.")] = "0,1,2",
    folds: Annotated[
        str | None, typer.Option(help="Train and score these folds alone: 0,1 or 0-2.")
    ] = None,
    max_time: Annotated[
        str | None, typer.Option(help="Stop, resumably, before this much time: 90m, 3h.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Train recipes equally long, over seeds, and order them by their mean score.

    A recipe that learns without labels is judged by the recipe --then, trained from it. With
    --minutes, an epoch of each recipe is measured first; schedules span what follows from it. The
    same command goes on where it was interrupted. The table and a figure lie in studies/.
    """
    from podium.cli.studies.printing import print_study, raise_failed
    from podium.cli.values import duration_s, numbers
    from podium.workflows.studies.compare import compare_study

    workspace, competition = opened(ctx)
    study = compare_study(
        workspace,
        competition,
        recipes,
        epochs=epochs,
        minutes=minutes,
        then=then,
        seeds=numbers(seeds, "--seeds") or (),
        folds=numbers(folds, "--folds"),
        max_time_s=duration_s(max_time, "--max-time"),
        progress=progress(),
    )
    print_study(study, as_json=as_json)
    raise_failed(study)
