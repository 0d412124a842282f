"""Commands of podium, run in the process of a test."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from podium.cli.app import app

__all__ = ["podium"]


def podium(root: Path, *words: object, code: int = 0) -> str:
    """Run one command in the workspace `root`; return what it printed, on stdout and stderr.

    Its exit code must be `code`, and it must not end by an error that nobody foresaw.
    """
    done = CliRunner().invoke(app, ["-w", str(root), *(str(word) for word in words)])
    assert done.exit_code == code, f"podium {words}:\n{done.output}\n{done.exception!r}"
    assert "unexpected" not in done.output
    return done.output
