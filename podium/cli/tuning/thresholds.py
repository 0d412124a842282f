"""`podium tune thresholds`: the decision of a run or a blend, tuned and scored honestly."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from podium.cli.context import open_workspace
from podium.cli.options import AsJson, Seed, Trials

EXAMPLE = "podium tune thresholds baseline"


def run(
    ctx: typer.Context,
    artefact: Annotated[str, typer.Argument(metavar="RUN|BLEND", help="An id, or a name.")],
    steps: Annotated[
        Path | None,
        typer.Option(help="A YAML list of steps with values to try, as docs/decide.md has it."),
    ] = None,
    trials: Trials = 50,
    raw: Annotated[
        bool,
        typer.Option("--raw", help="Take the raw maximum, not the middle of what is as good."),
    ] = False,
    as_json: AsJson = False,
    seed: Seed = 0,
) -> None:
    """Fit the decision of a run or blend on the scored task, and keep it as a blend.

    Shows the honest score beside the optimistic one, and what other thresholds would have scored.

    Labels: thresholds, class weights, cut points, and the number of labels a row has. Masks: the
    threshold of a pixel or the weight of the background, smallest areas, a median filter, and when
    the classifier empties a mask. With --steps: any parameter of any step, from the file.
    """
    from podium.cli.blends import tune_thresholds

    tune_thresholds(
        *open_workspace(ctx),
        artefact,
        steps=steps,
        trials=trials,
        seed=seed,
        raw=raw,
        as_json=as_json,
    )
