"""Commands in processes of their own, forked from one in which podium is loaded already.

A fresh Python loads podium for most of a second before it does what a test is about: to be stopped,
to be killed, to find what another one left. A fork of a process that has done nothing but import is
the same from there on: its own id, group, environment, folder and files. That a fresh Python can
do it, too, is for tests of the command line.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import warnings
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["ForkedScript"]

_LOADED = (
    "podium.cli.app",
    "podium.cli.hosting",
    "podium.cli.submission_files",
    "podium.hosting.server",
    "podium.tuning.studies",
    "podium.workflows.submission.submitting",
    "optuna",
)


class ForkedScript:
    """A script that runs in a fork, as `subprocess.Popen` would run it; its output is in files.

    Args:
        script: a file of Python, run as `__main__`, or its text.
        words: what follows it on the command line.
        env: the whole environment; default as ours.
        cwd: the working folder; default as ours.
        log: a file to which all that it prints is added.
        strict: make its warnings errors.
    """

    def __init__(
        self,
        script: Path | str,
        words: Sequence[object] = (),
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        log: Path | None = None,
        strict: bool = False,
    ) -> None:
        folder = Path(tempfile.mkdtemp(prefix="forked-"))
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self._files = (folder / "out", folder / "err") if log is None else (log, log)
        if isinstance(script, str):
            (folder / "script.py").write_text(textwrap.dedent(script), encoding="utf-8")
            script = folder / "script.py"
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(list(_LOADED))
        about = (
            str(script),
            [str(one) for one in words],
            dict(os.environ if env is None else env),
            str(cwd or Path.cwd()),
            *map(str, self._files),
            strict,
        )
        self._process = context.Process(target=_run, args=about, daemon=True)
        self._process.start()
        self.pid = self._process.pid

    @property
    def returncode(self) -> int | None:
        """The exit status, minus the signal that ended it; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit status, once there is one."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("a forked script", timeout or 0)
        return self._process.exitcode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Wait for the end; return what it printed, on stdout and on stderr."""
        self.wait(timeout)
        out, err = (file.read_text("utf-8") if file.exists() else "" for file in self._files)
        return out, err

    def printed(self) -> str:
        """Return what it has printed on stdout so far."""
        return self._files[0].read_text("utf-8") if self._files[0].exists() else ""

    def poll(self) -> int | None:
        """Return the exit status, or None while it runs."""
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """Send a signal to the process, and to none of its children."""
        if self._process.exitcode is None:
            os.kill(self._process.pid or 0, number)

    def kill(self) -> None:
        """Kill the process, and none of its children."""
        self.send_signal(signal.SIGKILL)


def _run(
    script: str,
    words: list[str],
    env: dict[str, str],
    cwd: str,
    out: str,
    err: str,
    strict: bool,
) -> None:
    os.setsid()
    for descriptor, file in ((1, out), (2, err)):
        with Path(file).open("ab") as stream:
            os.dup2(stream.fileno(), descriptor)
    if strict:
        warnings.simplefilter("error")
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    tempfile.tempdir = None
    sys.argv = [script, *words]
    runpy.run_path(script, run_name="__main__")
