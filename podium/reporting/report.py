"""`podium report`: one self-contained page about a workspace."""

from __future__ import annotations

from pathlib import Path

from podium.competition.spec import Competition
from podium.submissions.board import board
from podium.workspace.atomic import write_text
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = ["build_report"]


def build_report(
    workspace: Workspace, competition: Competition, *, progress: Progress = SILENT
) -> Path:
    """Return the page `report/index.html`, written anew."""
    from jinja2 import Environment, PackageLoader

    templates = Environment(loader=PackageLoader("podium.reporting"), autoescape=True)
    page = templates.get_template("page.html").render(
        competition=competition, board=board(workspace, competition)
    )
    write_text(workspace.report, page)
    return workspace.report
