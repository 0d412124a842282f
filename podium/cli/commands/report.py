"""`podium report`: one self-contained page about the workspace; or a run's figures as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from podium.cli.completion import artefact_names
from podium.cli.context import open_workspace, progress
from podium.errors import UsageError

EXAMPLE = "podium report --open"


def run(
    ctx: typer.Context,
    artefact: Annotated[
        str | None,
        typer.Argument(
            metavar="[RUN|BLEND]",
            help="With --figures: whose.",
            show_default=False,
            autocompletion=artefact_names,
        ),
    ] = None,
    figures: Annotated[
        Literal["pdf", "png", "svg"] | None,
        typer.Option(help="Write each figure of RUN or BLEND to a file.", show_default=False),
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where to; default: report/ID.", show_default=False),
    ] = None,
    show: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
) -> None:
    """Write report/index.html: board, curves, confusion matrix, mistakes.

    With RUN --figures pdf the figures of a run or blend instead, a file each, as a paper takes
    them, and captions.txt beside them.
    """
    from podium.reporting import build_report, export_figures

    if figures is None and (artefact is not None or to is not None):
        what = "RUN" if artefact is not None else "--to"
        raise UsageError(f"{what} is of figures", fix="add --figures pdf, png or svg")
    if figures is not None and (artefact is None or show):
        fix = "podium report RUN --figures pdf" if artefact is None else "leave out --open"
        raise UsageError("--figures writes the files of one run or blend", fix=fix)
    workspace, competition = open_workspace(ctx)
    if figures is not None and artefact is not None:
        for file in export_figures(
            workspace, competition, artefact, form=figures, folder=to, progress=progress()
        ):
            print(file)
        return
    page = build_report(workspace, competition, progress=progress())
    print(page)
    if show:
        typer.launch(page.as_uri())
