"""What every command needs first: the workspace, its competition, and where progress goes."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from podium.errors import UsageError

if TYPE_CHECKING:
    from podium.cli.progress import Terminal
    from podium.competition.spec import Competition
    from podium.workspace.layout import Workspace

__all__ = ["Session", "opened", "program", "progress", "session"]


@dataclass(frozen=True)
class Session:
    """The global options of one call."""

    start: Path | None = None
    scratch: Path | None = None
    debug: bool = False

    def workspace(self) -> Workspace:
        """Return the workspace at or above `--workspace` (default: the current folder)."""
        from podium.workspace.layout import Workspace

        return Workspace.find(self.start, scratch=self.scratch)

    def workspace_if_any(self) -> Workspace | None:
        """Return the workspace, or None where none was named and this is none."""
        try:
            return self.workspace()
        except UsageError:
            if self.start is not None:
                raise
            return None


def session(ctx: typer.Context) -> Session:
    """Return the global options that this command was called with."""
    assert isinstance(ctx.obj, Session)
    return ctx.obj


def opened(ctx: typer.Context) -> tuple[Workspace, Competition]:
    """Return the workspace and the competition that it describes."""
    from podium.competition.spec import load_competition

    workspace = session(ctx).workspace()
    return workspace, load_competition(workspace.competition_file)


def program() -> str:
    """Return what to type for `podium` in this shell: its path where it is not on the PATH."""
    called = Path(sys.argv[0])
    if shutil.which("podium") or called.name != "podium":
        return "podium"
    return str(called.relative_to(Path.cwd()) if called.is_relative_to(Path.cwd()) else called)


def progress() -> Terminal:
    """Return the progress reporter of the command line: bars and messages on stderr."""
    from podium.cli.progress import Terminal

    return Terminal()
