"""`podium folds`: fix which row is validated in which fold."""

from __future__ import annotations

from typing import Annotated

import typer

from podium.cli.context import open_workspace, progress
from podium.cli.options import AsJson
from podium.cli.tables import print_json, print_table

EXAMPLE = "podium folds"


def run(
    ctx: typer.Context,
    redo: Annotated[bool, typer.Option(help="Make them anew; refused once runs exist.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make folds.csv from competition.yaml (once), and show what is in each fold."""
    from podium.competition.folds_file import ensure_folds, folds_summary, plan_folds
    from podium.competition.samples import load_samples

    workspace, competition = open_workspace(ctx)
    samples = load_samples(competition, "train", workspace=workspace)
    folds = ensure_folds(workspace, competition, samples, redo=redo, progress=progress())
    columns, rows = folds_summary(samples, folds, competition, workspace=workspace)
    if as_json:
        print_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        print_table(columns, rows, title=str(workspace.folds_file))
        if (folds != plan_folds(competition, samples, workspace=workspace)).any():
            print(
                "note: competition.yaml would make other folds now; those of folds.csv are kept. "
                "To make them anew: podium folds --redo"
            )
