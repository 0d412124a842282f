"""`podium study transfer`: one recipe from several starts, full and frozen."""

from __future__ import annotations

from typing import Annotated

import typer

from podium.cli.context import opened, progress
from podium.cli.options import AsJson, Overrides

EXAMPLE = "podium study transfer finetune --supervised hub --pretrained byol --seeds 0,1,2"


def run(
    ctx: typer.Context,
    recipe: Annotated[str, typer.Argument(help="A recipe file, or a name in recipes/.")],
    supervised: Annotated[
        str | None,
        typer.Option(help="Weights learnt with labels: hub, or what model.weights takes."),
    ] = None,
    pretrained: Annotated[
        str | None, typer.Option(help="A self-supervised run to start from: an id, or a name.")
    ] = None,
    seeds: Annotated[str, typer.Option(help="One run of each arm a seed: 0,1,2.")] = "0,1,2",
    folds: Annotated[
        str | None, typer.Option(help="Train and score these folds alone: 0,1 or 0-2.")
    ] = None,
    override: Overrides = None,
    max_time: Annotated[
        str | None, typer.Option(help="Stop, resumably, before this much time: 90m, 3h.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Train a recipe from random, supervised and self-supervised weights, and compare them.

    From each start once with everything trained (A, B, C), once with the backbone frozen (F, D, E).
    A start that is not given is left out. The same command goes on where it was interrupted and
    trains nothing twice. The table and a figure lie in studies/.
    """
    from podium.cli.studies.printing import print_study, raise_failed
    from podium.cli.values import duration_s, numbers
    from podium.workflows.studies.transfer import transfer_study

    workspace, competition = opened(ctx)
    study = transfer_study(
        workspace,
        competition,
        recipe,
        supervised=supervised,
        pretrained=pretrained,
        seeds=numbers(seeds, "--seeds") or (),
        folds=numbers(folds, "--folds"),
        overrides=tuple(override or ()),
        max_time_s=duration_s(max_time, "--max-time"),
        progress=progress(),
    )
    print_study(study, as_json=as_json)
    raise_failed(study)
