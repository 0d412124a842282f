"""`podium report`: one self-contained page about the workspace."""

from __future__ import annotations

from typing import Annotated

import typer

from podium.cli.context import opened, progress

EXAMPLE = "podium report --open"


def run(
    ctx: typer.Context,
    show: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
) -> None:
    """Write report/index.html: board, curves, confusion matrix, mistakes."""
    from podium.reporting import build_report

    workspace, competition = opened(ctx)
    page = build_report(workspace, competition, progress=progress())
    print(page)
    if show:
        typer.launch(page.as_uri())
