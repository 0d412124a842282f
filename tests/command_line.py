"""Commands of podium, run in the process of a test or in one of their own."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from typer.testing import CliRunner

from podium.cli.app import app

__all__ = ["finished", "podium", "start", "wait_for"]

T = TypeVar("T")


def podium(root: Path, *words: object, code: int = 0) -> str:
    """Run one command in the workspace `root`; return what it printed, on stdout and stderr.

    Its exit code must be `code`, and it must not end by an error that nobody foresaw. The workspace
    stands in the environment, so that commands that are shown stand as they would inside it.
    """
    named = {"PODIUM_WORKSPACE": str(root)}
    done = CliRunner().invoke(app, [str(word) for word in words], env=named)
    assert done.exit_code == code, f"podium {words}:\n{done.output}\n{done.exception!r}"
    assert "unexpected" not in done.output
    return done.output


def start(
    root: Path,
    *words: str,
    env: Mapping[str, str],
    program: Sequence[str] = (sys.executable, "-m", "podium"),
) -> subprocess.Popen[str]:
    """Start a command in the workspace `root`, in a process and a group of its own."""
    return subprocess.Popen(
        [*program, "-w", str(root), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env=env,
    )


def finished(process: subprocess.Popen[str], seconds: float = 900.0) -> str:
    """Return what a command printed, once it has ended well."""
    output, _ = process.communicate(timeout=seconds)
    assert process.returncode == 0, output
    return output


def wait_for(condition: Callable[[], T], seconds: float = 600.0) -> T:
    """Return what `condition` returns, once that is true; fail where it is not in time."""
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until
        time.sleep(0.05)
    return found
