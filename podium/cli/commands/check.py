"""`podium check`: the data, or a submission file, before either costs anything."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from podium import cli
from podium.cli.completion import class_names, part_names
from podium.cli.context import open_workspace, session
from podium.cli.options import AsJson
from podium.errors import UsageError

if TYPE_CHECKING:
    from podium.submissions.format.problems import Problem

EXAMPLE = (
    "podium check   (the data)   ·   podium check submission.csv   (a submission)   ·   "
    "podium check s.csv --preset severstal   (without a workspace)"
)


def run(
    ctx: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="A submission file; without it, the data.")
    ] = None,
    adversarial: Annotated[
        bool, typer.Option(help="Also train a classifier of train against test images.")
    ] = True,
    fold: Annotated[
        str | None,
        typer.Option(help="FILE is of the train samples of fold 0, of 0,1 or of all: score it."),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            help="FILE is for this competition; no workspace is needed.",
            autocompletion=part_names("competition/presets"),
        ),
    ] = None,
    sample: Annotated[
        Path | None, typer.Option(help="With --preset: the sample submission, which has the ids.")
    ] = None,
    size: Annotated[
        str | None, typer.Option(help="With --preset: height and width of masks, as 256x1600.")
    ] = None,
    classes: Annotated[
        str | None,
        typer.Option(
            help="With --preset: cat,dog; how many; or a file of names.", autocompletion=class_names
        ),
    ] = None,
    show_all: Annotated[
        bool, typer.Option("--all", help="Every finding in full, with every file's name.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check the data folder, or with FILE a submission, and print how to mend each problem."""
    of_preset = {"--sample": sample, "--size": size, "--classes": classes}
    options = {"--fold": fold, "--preset": preset, **of_preset}
    named = [name for name, value in options.items() if value is not None]
    if file is None and named:
        raise UsageError(f"{named[0]} is about a submission file", fix="name the file, too")
    if preset is None and (alone := [name for name in named if name in of_preset]):
        raise UsageError(f"{alone[0]} needs --preset", fix="`podium presets` lists them")
    if fold is not None and preset is not None:
        raise UsageError("a preset has no folds", fix="drop --preset in a workspace")
    if file is None:
        cli.findings.check_data(
            *open_workspace(ctx), adversarial=adversarial, show_all=show_all, as_json=as_json
        )
        return
    if show_all:
        raise UsageError("--all is about the data: of a file every problem is printed")
    if fold is None and not file.exists():
        cli.file_problems.print_absent(
            file, session(ctx).workspace() if preset is None else None, as_json=as_json
        )
        raise typer.Exit(2)
    found: list[Problem]
    if preset is not None:
        found = cli.submission_files.check_by_preset(
            file, preset, sample=sample, size=size, classes=classes, as_json=as_json
        )
    elif fold is not None:
        found = cli.submission_files.check_on_fold(
            *open_workspace(ctx), file, fold, as_json=as_json
        )
    else:
        found = cli.submission_files.check_file(*open_workspace(ctx), file, as_json=as_json)
    if any(problem.level == "error" for problem in found):
        raise typer.Exit(2)
