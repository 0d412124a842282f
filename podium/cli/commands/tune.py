"""`podium tune thresholds`: decision parameters of a run or a blend, scored honestly."""

from __future__ import annotations

from typing import Annotated

import typer

from podium.cli.context import opened, progress
from podium.cli.options import AsJson, Seed, Trials

app = typer.Typer(no_args_is_help=True, help="Tune decisions on out-of-fold predictions.")


@app.command("thresholds", epilog="Example: podium tune thresholds baseline")
def thresholds(
    ctx: typer.Context,
    artefact: Annotated[str, typer.Argument(metavar="RUN|BLEND", help="An id, or a name.")],
    trials: Trials = 50,
    as_json: AsJson = False,
    seed: Seed = 0,
) -> None:
    """Fit the decision of a run or blend on the scored task, and keep it as a blend.

    Labels: thresholds, or class weights. Masks: the threshold of a pixel or the weight of the
    background, smallest areas, a median filter, and when the classifier empties a mask.
    """
    from podium.cli.blends import print_blend
    from podium.workflows.blending import tune

    workspace, competition = opened(ctx)
    folder = tune(workspace, competition, artefact, trials=trials, seed=seed, progress=progress())
    print_blend(folder, competition, as_json=as_json)
