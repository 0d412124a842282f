"""`podium predict`: predictions of a trained run with other views or on another split."""

from __future__ import annotations

from typing import Annotated

import typer

from podium.cli.context import open_workspace, progress
from podium.cli.options import AsJsonLines, On, RunName, parse_integers, split_commas
from podium.cli.tables import print_json
from podium.errors import UsageError

EXAMPLE = "podium predict baseline --tta hflip,vflip,rot90"


def run(
    ctx: typer.Context,
    run_name: RunName,
    split: Annotated[
        str | None,
        typer.Option(
            help="oof, test, unlabelled (comma-separated); default: oof, and test if any."
        ),
    ] = None,
    tta: Annotated[
        str | None, typer.Option(help="Views beside the identity; default: the recipe's.")
    ] = None,
    tta_mean: Annotated[
        str | None,
        typer.Option(help="Of the views: mean, geometric, max, logits; default: the recipe's."),
    ] = None,
    each_view: Annotated[
        bool, typer.Option("--each-view", help="A prediction set of each view, to blend them.")
    ] = False,
    folds: Annotated[str | None, typer.Option(help="Only these folds' networks.")] = None,
    neighbours: Annotated[
        bool,
        typer.Option(help="Also classes by the nearest training images, as a member to blend."),
    ] = False,
    on: On = "local:1",
    as_json_lines: AsJsonLines = False,
) -> None:
    """Predict with a run's networks and keep the result as a prediction set of its own."""
    from podium.cli.trainings import next_after_predicting
    from podium.workflows.predicting import predict_sets

    if each_view and tta_mean is not None:
        raise UsageError("views that stay apart have no mean", fix="leave --tta-mean out")
    splits = split_commas(split)
    workspace, competition = open_workspace(ctx)
    trained = workspace.artefact(run_name, rooms=("runs",))
    sets = predict_sets(
        workspace,
        competition,
        trained,
        each_view=each_view,
        splits=None if split is None else splits,
        tta=None if tta is None else split_commas(tta),
        tta_mean=tta_mean,
        folds=parse_integers(folds, "--folds"),
        on=on,
        progress=progress(),
    )
    made = [*sets.values()]
    lines = [str(folder) for folder in made]
    if each_view:
        lines = [f"{name:<{max(map(len, sets))}}  {folder}" for name, folder in sets.items()]
    is_blend = each_view or neighbours
    if neighbours:
        from podium.workflows.nearest_neighbours import nearest_neighbour_member

        made.append(nearest_neighbour_member(workspace, competition, trained, progress=progress()))
        lines.append(str(made[-1]))
    following = next_after_predicting(
        workspace, trained.name, made, splits=splits, is_blend=is_blend
    )
    if as_json_lines:
        print_json({"sets": made, "next": [following]})
    else:
        print(*lines, "next:", f"  {following}", sep="\n")
