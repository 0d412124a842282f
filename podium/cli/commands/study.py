"""`podium study`: compare starts of a recipe, or recipes, over seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from podium import cli
from podium.cli.completion import run_names
from podium.cli.context import open_workspace, progress
from podium.cli.options import (
    AsJson,
    MaxTime,
    On,
    Overrides,
    RecipeName,
    RecipeNames,
    parse_duration,
    parse_integers,
)

if TYPE_CHECKING:
    from podium.workflows.studies.table import Study

ScoredFolds = Annotated[
    str | None, typer.Option(help="Train and score these folds alone: 0,1 or 0-2.")
]
_TRANSFER_EXAMPLE = (
    "podium study transfer finetune --supervised hub --pretrained byol --seeds 0,1,2"
)


def _transfer(
    ctx: typer.Context,
    recipe: RecipeName,
    supervised: Annotated[
        str | None,
        typer.Option(help="Supervised weights: hub, or any value of model.weights."),
    ] = None,
    pretrained: Annotated[
        str | None,
        typer.Option(
            help="A self-supervised run to start from: an id, or a name.", autocompletion=run_names
        ),
    ] = None,
    seeds: Annotated[str, typer.Option(help="One run of each arm a seed: 0,1,2.")] = "0,1,2",
    folds: ScoredFolds = None,
    override: Overrides = None,
    max_time: MaxTime = None,
    on: On = "local:1",
    as_json: AsJson = False,
) -> None:
    """Train a recipe from random, supervised and self-supervised weights, and compare them.

    From each start once with everything trained (A, B, C), once with the backbone frozen (F, D, E).
    A start without its option is left out. The same command goes on where it was interrupted and
    trains nothing twice. The table and a figure lie in studies/.
    """
    from podium.workflows.studies.transfer import transfer_study

    workspace, competition = open_workspace(ctx)
    study = transfer_study(
        workspace,
        competition,
        recipe,
        supervised=supervised,
        pretrained=pretrained,
        seeds=parse_integers(seeds, "--seeds") or (),
        folds=parse_integers(folds, "--folds"),
        overrides=tuple(override or ()),
        max_time_s=parse_duration(max_time, "--max-time"),
        on=on,
        progress=progress(),
    )
    _show(study, as_json=as_json)


_COMPARE_EXAMPLE = "podium study compare simclr barlow fixmatch --then finetune --minutes 20"


def _compare(
    ctx: typer.Context,
    recipes: RecipeNames,
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
    folds: ScoredFolds = None,
    max_time: MaxTime = None,
    on: On = "local:1",
    as_json: AsJson = False,
) -> None:
    """Train recipes equally long, over seeds, and order them by their mean score.

    A recipe without labels is scored by the recipe --then, trained from it. With --minutes, an
    epoch of each recipe is measured first; schedules span what follows from it. The same command
    goes on where it was interrupted. The table and a figure lie in studies/.
    """
    from podium.workflows.studies.compare import compare_study

    workspace, competition = open_workspace(ctx)
    study = compare_study(
        workspace,
        competition,
        recipes,
        epochs=epochs,
        minutes=minutes,
        then=then,
        seeds=parse_integers(seeds, "--seeds") or (),
        folds=parse_integers(folds, "--folds"),
        max_time_s=parse_duration(max_time, "--max-time"),
        on=on,
        progress=progress(),
    )
    _show(study, as_json=as_json)


def _show(study: Study, *, as_json: bool) -> None:
    """Print the table; then raise what trainings failed with."""
    cli.artefacts.print_study(study, as_json=as_json)
    cli.artefacts.raise_failed_runs(study)


app = typer.Typer(
    no_args_is_help=True, help="Compare starts of a recipe, or recipes, over seeds, in one table."
)

app.command("transfer", epilog=f"Example: {_TRANSFER_EXAMPLE}")(_transfer)
app.command("compare", epilog=f"Example: {_COMPARE_EXAMPLE}")(_compare)
