"""`podium predict`: predictions of a trained run with other views, on another split or folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from podium import cli
from podium.cli.context import open_workspace
from podium.cli.options import AsJsonLines, On, RunName, parse_integers, split_commas
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
    images: Annotated[
        Path | None,
        typer.Option(help="New images: what the run, or a blend, predicts of them is written."),
    ] = None,
    to: Annotated[
        Path | None, typer.Option(help="With --images: the file; default: predictions.csv.")
    ] = None,
    on: On = "local:1",
    as_json_lines: AsJsonLines = False,
) -> None:
    """Predict with a run's networks and keep the result as a prediction set of its own.

    With --images write what a run or a blend predicts of the images of any folder.
    """
    if images is not None:
        others = (split, tta, tta_mean, folds)
        if any(one is not None for one in others) or each_view or neighbours:
            raise UsageError("new images are predicted as the blend does", fix="use --to alone")
        cli.predictions.predict_images(*open_workspace(ctx), run_name, images=images, to=to)
        return
    if to is not None:
        raise UsageError("--to is of --images", fix="podium predict RUN --images FOLDER --to FILE")
    if each_view and tta_mean is not None:
        raise UsageError("views that stay apart have no mean", fix="leave --tta-mean out")
    cli.predictions.predict_and_print(
        *open_workspace(ctx),
        run_name,
        splits=None if split is None else split_commas(split),
        tta=None if tta is None else split_commas(tta),
        tta_mean=tta_mean,
        each_view=each_view,
        folds=parse_integers(folds, "--folds"),
        neighbours=neighbours,
        on=on,
        as_json_lines=as_json_lines,
    )
