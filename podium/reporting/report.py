"""`podium report`: one self-contained page about a workspace, whatever state it is in."""

from __future__ import annotations

from pathlib import Path

from podium.competition.spec import Competition
from podium.reporting.state import page_state, state_of
from podium.workspace.atomic import sweep, write_text
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress

__all__ = ["build_report"]


def build_report(
    workspace: Workspace, competition: Competition, *, progress: Progress = SILENT
) -> Path:
    """Return the page `report/index.html`; it is kept when nothing that it shows has changed.

    The page needs no other file and no network. What cannot be read (a run that is still being
    trained, predictions that were removed) is told on the page and stops nothing. What the page
    shows is kept beside it in a few words, `report/shown.json`, for the next one to tell what is
    new.

    Args:
        workspace: what the page is about.
        competition: its competition.
        progress: gets a bar while masks are looked at, and says what could not be shown.

    Raises:
        OSError: the page cannot be written.
    """
    state = state_of(workspace, competition)
    if page_state(workspace.report) == state:
        return workspace.report
    # Loading matplotlib and pandas takes a second: only when there is something to draw.
    from podium.reporting.changes import keep
    from podium.reporting.environment import printable
    from podium.reporting.page import render

    rendered = render(workspace, competition, state, progress=progress)
    for problem in rendered.problems:
        progress.say(f"  not shown: {printable(problem)}")
    if workspace.report.parent.is_dir():
        sweep(workspace.report.parent)
    write_text(workspace.report, printable(rendered.text))
    # Killed in between, the next page tells these changes again; the other way round, never.
    keep(workspace.report.parent, rendered.shown)
    return workspace.report
