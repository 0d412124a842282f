"""`podium label import`: the answers of people become labels that every fold learns from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from podium.cli.context import opened, progress
from podium.cli.options import AsJson

EXAMPLE = "podium label import label-baseline-3fa1c2d4-answers.csv"


def run(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="Answers: a table with the columns id and label.")],
    who: Annotated[
        str | None, typer.Option(help="Who gave the answers; default: your user's name.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Take the place of other answers given before.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Keep answers as labels that every fold's training learns from, and no fold is scored by.

    folds.csv stays as it is. One wrong row, and nothing is imported. Trainings that begin from now
    on learn from them, under new ids; `-o imported_labels=false` does without.
    """
    from podium.cli.labelling.printing import print_imported
    from podium.workflows.label_importing import import_answers

    workspace, competition = opened(ctx)
    done = import_answers(
        workspace, competition, file, who=who, replace=replace, progress=progress()
    )
    print_imported(done, as_json=as_json)
